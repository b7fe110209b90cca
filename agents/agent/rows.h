/*
 * rows.h - the rows of the agent's archive, as values and as bytes.
 */
#ifndef AGENT_ROWS_H
#define AGENT_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/bytes.h"
#include "proto/chain.h"
#include "proto/ids.h"
#include "proto/statement.h"
#include "proto/wire.h"

#define ID_KEY_SIZE 16
#define REF_KEY_SIZE 24
#define CASE_KNOWN_MAX 32	/* participants of a case that an agent remembers */
#define ROW_BYTES_MAX 4096
#define TROUBLE_TEXT_MAX 264

/* Where this agent stands with its journal. */
struct meta {
	uint8_t founding[DIGEST_SIZE];
	char origin[96];		/* of the journal that goes on now */
	uint64_t participant;
	uint64_t last_number;		/* of mine, with a receipt of it */
	uint8_t last_link[DIGEST_SIZE];	/* of that number's SUBMIT */
	uint64_t last_position;		/* highest I was told of */
	uint64_t mailbox_journal;	/* n */
	uint64_t mailbox_stored;	/* all up to here are stored */
	uint64_t directory_count;
	struct statement_head head;
	int64_t now;			/* a test journal's clock */
	uint64_t next_sequence;		/* of the outbox */
	uint64_t next_arrival;		/* of the inbox */
	uint64_t unopened;
	uint64_t former_last;		/* of mine, with a receipt of any journal */
};

/* What I said, in the outbox or sent. */
struct own_row {
	struct envelope_id id;
	uint64_t sequence;	/* in the outbox; 0: out of it */
	uint64_t number;	/* 0: no receipt yet */
	Sk__Kind kind;
	struct envelope_ref case_ref;
	struct envelope_ref reply_to;
	uint64_t person, on_behalf_of;
	int64_t written_at;
	int32_t event_date;
	uint32_t bytes;		/* packed envelope */
	size_t recipients;
	uint64_t recipient[RECIPIENTS_MAX];
	/* its receipt: */
	uint64_t first_number;	/* of its SUBMIT */
	uint64_t position;
	int64_t instant;
	uint8_t leaf_hash[DIGEST_SIZE];
	bool has_event_date;
	bool accepted;
	uint32_t code;
	uint64_t case_number;
	char field[96];
	char hint[160];
	uint64_t use_participant;
	uint64_t first_position;
	struct envelope_id replaced_by;	/* sealed anew; number 0: no */
	uint64_t journal;	/* n of the receipt; 0: of the first */
};

/* A SUBMIT of mine that the broker took. */
struct link_row {
	uint64_t count;
	uint8_t previous[DIGEST_SIZE];
	uint8_t link[DIGEST_SIZE];
	uint8_t key_id[DIGEST_SIZE];
	uint8_t signature[SIGNATURE_SIZE];
};

/* What was delivered to me. */
struct inbox_row {
	uint64_t arrival;
	uint64_t mailbox_number;
	uint64_t position;
	int64_t instant;
	uint8_t leaf_hash[DIGEST_SIZE];
	uint64_t case_number;
	struct envelope_ref case_ref;
	struct envelope_ref ref;	/* none for a notice */
	uint64_t number;		/* in the sender's chain */
	Sk__Kind kind;			/* 0: a notice */
	struct envelope_ref reply_to;
	int64_t written_at;
	int32_t event_date;
	bool has_event_date;
	int64_t opened_at;		/* 0: not yet */
	uint32_t trouble;		/* error code; 0: it verified */
	char trouble_text[TROUBLE_TEXT_MAX];
	/* a notice: */
	uint32_t notice_kind, deadline;
	int64_t due;
	bool late;
	struct envelope_ref about;
	uint64_t about_participant;
	uint32_t settled;		/* Sk__SettledAs of that notice */
	/* what is erased, or the notice of it: */
	uint64_t erased_by;		/* the entry that says so; 0: not told */
	uint32_t erased_ground;		/* Sk__ErasureGround; 0: not told */
};

/* What I know of a case. */
struct case_card {
	struct envelope_ref ref;
	uint64_t number;	/* dense; 0: not told yet */
	uint64_t messages;	/* in its timeline */
	uint64_t unopened;
	int64_t last_instant;
	uint64_t last_position;
	Sk__Kind last_kind;
	size_t participants;
	uint64_t participant[CASE_KNOWN_MAX];
};

/* A public key that an unbroken chain of statements vouched for. */
enum key_use { KEY_SIGN = 1, KEY_SEAL = 2 };
struct known_key {
	uint64_t participant;
	enum key_use use;
	uint8_t key[32];
	uint8_t statement[DIGEST_SIZE];	/* that it stands in */
	bool revoked;
};

/* Who of this organisation answers for a case, or for one message of it. */
#define DUTY_NOTE_MAX 501
struct duty_row {
	uint64_t responsible;	/* 0: nobody yet */
	int64_t since;
	uint64_t proposed;	/* who is asked to take it over; 0: nobody */
	uint64_t proposed_by;
	int64_t proposed_at;
	char note[DUTY_NOTE_MAX];	/* of the hand-over; stays here */
};

/* Someone is to be told that there is work. */
enum call_of { CALL_WORK = 1, CALL_DEADLINE = 2, CALL_CRISIS = 3 };
struct call_row {
	enum call_of of;
	Sk__Kind kind;			/* of the message; 0: a notice */
	uint32_t notice_kind;
	struct envelope_ref case_ref;
	uint64_t case_number;
	struct envelope_ref about;	/* the message; none: a notice */
	uint64_t position;		/* of the notice or message */
	uint64_t attempts;
	int64_t not_before;		/* wall clock, ms; 0: at once */
	bool out_of_hours;		/* goes to that contact */
	bool failed;			/* given up */
};

/* Keys in tables. */
void id_key(uint8_t key[ID_KEY_SIZE], const struct envelope_id *id);
void id_from_key(struct envelope_id *id, const uint8_t key[ID_KEY_SIZE]);
void ref_key(uint8_t key[REF_KEY_SIZE], const struct envelope_ref *ref);
void ref_from_key(struct envelope_ref *ref, const uint8_t key[REF_KEY_SIZE]);

/* Bytes: ROW_BYTES_MAX. Encoding cannot fail: every field is bounded. Decoding
 * is SK_STORE_CORRUPT for anything else than what encode wrote. */
size_t meta_encode(const struct meta *row, uint8_t *bytes);
enum sk_error meta_decode(struct span bytes, struct meta *row);
size_t own_encode(const struct own_row *row, uint8_t *bytes);
enum sk_error own_decode(struct span bytes, struct own_row *row);
size_t link_encode(const struct link_row *row, uint8_t *bytes);
enum sk_error link_decode(struct span bytes, struct link_row *row);
size_t inbox_encode(const struct inbox_row *row, uint8_t *bytes);
enum sk_error inbox_decode(struct span bytes, struct inbox_row *row);
size_t card_encode(const struct case_card *row, uint8_t *bytes);
enum sk_error card_decode(struct span bytes, struct case_card *row);
size_t known_key_encode(const struct known_key *row, uint8_t *bytes);
enum sk_error known_key_decode(struct span bytes, struct known_key *row);
size_t duty_encode(const struct duty_row *row, uint8_t *bytes);
enum sk_error duty_decode(struct span bytes, struct duty_row *row);
size_t call_encode(const struct call_row *row, uint8_t *bytes);
enum sk_error call_decode(struct span bytes, struct call_row *row);
/* bytes: STATEMENT_BYTES_MAX + ROW_BYTES_MAX; 0 when the statement does not
 * encode. */
size_t member_encode(const struct member *row, uint8_t *bytes);
enum sk_error member_decode(struct span bytes, struct member *row);

#endif
