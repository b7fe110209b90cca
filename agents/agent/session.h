/*
 * session.h - the uplink's own structures, for uplink.c and its parts:
 * welcome.c (HELLO, WELCOME, FETCH), submit.c (SUBMIT, receipts) and
 * proving.c (checkpoints, proofs).
 */
#ifndef AGENT_SESSION_H
#define AGENT_SESSION_H

#include "agents/agent/uplink.h"
#include "proto/chain.h"

#define WHY_MAX 320

/* A SUBMIT without its receipts. */
struct flight {
	uint64_t first_number;
	size_t count;
	struct envelope_id id[SUBMIT_ENVELOPES_MAX];
	struct link_row link;
	int64_t sent_at;	/* ticks */
};

/* Taking back what the broker has of me and I do not know of. */
struct fetching {
	uint64_t next;		/* number expected */
	uint64_t target;	/* last number and link by WELCOME */
	uint8_t target_link[DIGEST_SIZE];
	uint8_t link[DIGEST_SIZE];	/* so far */
	bool ask;		/* Fetch is to be sent */
	uint64_t first_number;	/* of the SUBMIT at hand */
	size_t count, have;
	uint8_t e[SUBMIT_ENVELOPES_MAX][DIGEST_SIZE];
	struct link_row row;
};

/* A proof that someone here waits for. */
struct proving {
	bool used, sent, done;
	struct proven proven;
};

/* Entries of the journal that someone here waits for. */
struct looking {
	bool used, sent, done;
	uint64_t look, from;
	struct looked looked;
};

struct uplink {
	struct agent *agent;
	struct uplink_wire wire;
	enum uplink_state state;
	bool connected;
	bool greet;		/* HELLO is to be sent */
	bool acknowledge;	/* ACK is to be sent */
	bool recovery;		/* the broker takes what it lost, nothing else */
	bool draining;		/* no more SUBMIT in this session */
	int64_t due;		/* ticks: greet again, or stop holding */
	unsigned silent;	/* HELLOs without an answer */
	char why[WHY_MAX], why_nl[WHY_MAX];
	bool reseal_more;	/* more waits to be sealed anew */
	/* sending */
	uint64_t next_number;
	uint8_t link[DIGEST_SIZE];
	uint64_t next_sequence;	/* in the outbox */
	size_t flights;
	struct flight flight[UPLINK_IN_FLIGHT_MAX];
	uint64_t credit_messages, credit_bytes;
	uint64_t sent_messages, sent_bytes;
	/* receiving, since HELLO */
	uint64_t taken_messages, taken_bytes;
	struct fetching fetching;
	struct proving proving[UPLINK_PROVES_MAX];
	struct looking looking;
};

/* uplink.c */
enum sk_error session_send(struct uplink *uplink, const Sk__Frame *frame,
    size_t *size);
/* A person has to look: nothing is sent any more. */
void session_stop(struct uplink *uplink, enum sk_error code,
    const char *dutch, const char *english);
/* The same, for who signs for the region cannot be followed. */
void session_charter_stop(struct uplink *uplink, enum sk_error code);
/* Wait, then greet again. dutch and english say why. */
void session_hold(struct uplink *uplink, int64_t until, const char *dutch,
    const char *english);
/* Greet again at once: what is under way is in doubt. */
void session_resync(struct uplink *uplink);
/* The chain is known to its end: go on from there. */
void session_go_on(struct uplink *uplink);

/* welcome.c */
bool welcome_send_hello(struct uplink *uplink, int64_t ticks);
void welcome_take(struct uplink *uplink, const Sk__Welcome *welcome,
    int64_t ticks);
bool welcome_send_fetch(struct uplink *uplink);
void welcome_fetched(struct uplink *uplink, const Sk__Fetched *fetched,
    int64_t ticks);

/* proving.c */
/* False: the session ended. NULL is none, and fine. */
bool proving_checkpoint(struct uplink *uplink, const Sk__Checkpoint *shown,
    int64_t ticks);
/* A session begins: what has no answer yet is asked again. */
void proving_again(struct uplink *uplink);
bool proving_send(struct uplink *uplink);
void proving_take(struct uplink *uplink, const Sk__Proof *proof);

/* looking.c */
bool looking_send(struct uplink *uplink);
void looking_take(struct uplink *uplink, const Sk__LookRows *rows);

/* adopt.c */
/* WELCOME of a journal that goes on from the one that this agent knows. */
void adopt(struct uplink *uplink, const Sk__Welcome *welcome);
/* Statements that the broker lost and this agent has? */
bool adopt_brings_statements(const struct uplink *uplink,
    const Sk__Welcome *welcome);
void adopt_tell_statements(struct uplink *uplink, uint64_t first);
/* Send again what lies behind the backup; says whether it sent anything. */
bool adopt_resend(struct uplink *uplink, int64_t ticks);
void adopt_staged(struct uplink *uplink, const Sk__Staged *staged);

/* submit.c */
/* The SUBMIT of the envelopes in flight, linked and signed, in the frame's
 * arena. */
enum sk_error submit_fill(struct uplink *uplink, struct flight *flight,
    Sk__Submit *submit, Sk__Envelope **envelopes);
bool submit_send(struct uplink *uplink, int64_t ticks);
void submit_receipts(struct uplink *uplink, const Sk__Receipts *receipts);
/* The directory has grown: seal anew what was refused for an old key. */
void submit_reseal(struct uplink *uplink);
void submit_rejected(struct uplink *uplink, const Sk__Rejected *rejected,
    int64_t ticks);

#endif
