/*
 * party.h - a participant that speaks the session protocol as fast as it can:
 * envelopes made and sealed ahead, signed when they go.
 */
#ifndef BENCH_PARTY_H
#define BENCH_PARTY_H

#include "broker/lib/link.h"
#include "proto/chain.h"
#include "proto/ids.h"
#include "proto/message.h"
#include "proto/seal.h"
#include "proto/session.pb-c.h"
#include "proto/statement.h"

#define PARTIES 3
#define VERIFY_EVERY 64	/* deliveries whose signature is checked */

/* Ready to go: header, facts and sealed lie in memory. */
struct envelope {
	uint8_t *memory;
	struct span header, facts, sealed;
	uint8_t nonce[NONCE_SIZE];
	uint8_t e[DIGEST_SIZE];
	struct envelope_id id;
};

struct party {
	uint64_t number;
	Sk__Role role;
	struct participant_keys keys;
	uint8_t link_secret[32];
	uint8_t sign_secret[64];
	uint8_t seal_secret[32];
	struct link_client *client;
	uint8_t boot[BOOT_SIZE];
	uint64_t next_id;
	/* of the session: */
	bool welcome;
	char origin[96];
	uint64_t last_number;
	uint8_t last_link[DIGEST_SIZE];
	uint64_t credit;	/* envelopes that I may send, since HELLO */
	uint64_t submitted;
	uint64_t mailbox_journal;
	uint64_t stored;
	uint64_t taken_messages, taken_bytes;
	uint64_t acknowledged;
};

/* What a flow waits for. */
struct flow {
	struct party *sender;
	struct party *recipient;	/* NULL: nobody but the sender reads it */
	struct envelope *envelopes;
	size_t n;
	size_t in_flight;		/* at most */
	/* the course of it: */
	uint64_t first_number;
	size_t sent, done;
	uint8_t *state;			/* bits RECEIPTED, DELIVERED */
	double *sent_at;
	double *latency;		/* of each that is done, in order of completion */
};

void party_draw(struct party *party, uint64_t number, Sk__Role role);
/* HELLO and wait for WELCOME. */
void party_join(struct party parties[PARTIES], struct party *party,
    const char *address, const uint8_t broker_key[32], const char *origin,
    const uint8_t founding[DIGEST_SIZE]);

struct letter {
	Sk__Kind kind;
	struct envelope_ref case_ref;	/* none: opens one */
	struct envelope_ref reply_to;
	const Sk__Facts *facts;		/* version and sections are filled in */
	const struct party *recipient;	/* NULL: the sender alone */
	size_t body;			/* characters in each section */
	int64_t now;
	int32_t event_date;
};
/* Header, facts, seal and digests: all but number and signature. */
void party_write(struct party *sender, const struct letter *letter,
    struct envelope *envelope);
void envelope_clear(struct envelope *envelope);

/* Send all, in SUBMITs of what the window has room for, until each has its
 * receipt and was delivered and acknowledged. Seconds that it took. */
double flow_run(struct party parties[PARTIES], struct flow *flow);

#endif
