/*
 * uplink.h - the session with the broker (PROTOCOL.md, Session): HELLO,
 * WELCOME, SUBMIT and receipts, deliveries and ACK, the directory, FETCH.
 *
 * The caller's turn: uplink_receive, then archive_settle, then uplink_push;
 * nothing leaves before what it rests on is on disk.
 */
#ifndef AGENT_UPLINK_H
#define AGENT_UPLINK_H

#include "agents/agent/agent.h"
#include "proto/note.h"
#include "proto/session.pb-c.h"

#define UPLINK_IN_FLIGHT_MAX 4	/* SUBMITs */
#define UPLINK_HELLO_MS 5000	/* a WELCOME must come within this */
#define UPLINK_RECEIPT_MS 30000	/* and receipts within this */
#define UPLINK_HOLD_MS 60000	/* back off when the broker refuses us */
#define UPLINK_WINDOW_MESSAGES 256	/* deliveries that I take ahead */
#define UPLINK_WINDOW_BYTES (4u << 20)
#define UPLINK_FRAMES_PER_TURN 32
#define UPLINK_PROVES_MAX 64	/* proofs asked for at a time */

enum uplink_state {
	UPLINK_DOWN,		/* no connection */
	UPLINK_GREETING,	/* HELLO sent */
	UPLINK_FETCHING,	/* taking back what I sent and do not know */
	UPLINK_UP,
	UPLINK_HELD,		/* wait, then greet again */
	UPLINK_STOPPED		/* a person has to look: rollback, fork, origin */
};

struct uplink;
/* How frames leave: link_client_send, or a test's. */
struct uplink_wire {
	enum sk_error (*send)(void *context, const void *bytes, size_t size);
	void *context;
};

enum sk_error uplink_open(struct agent *agent, const struct uplink_wire *wire,
    struct uplink **uplink);
void uplink_close(struct uplink *uplink);

/* What the link reports. */
void uplink_connected(struct uplink *uplink, int64_t ticks);
void uplink_disconnected(struct uplink *uplink);
void uplink_refused(struct uplink *uplink);
void uplink_unreachable(struct uplink *uplink);
/* One frame. */
void uplink_receive(struct uplink *uplink, struct span frame, int64_t ticks);
/* After a commit: acknowledge, submit, greet. Says whether it sent anything. */
bool uplink_push(struct uplink *uplink, int64_t ticks);
/* The commit failed: what was received in this turn was not. */
void uplink_lost(struct uplink *uplink, int64_t ticks);
/* When to call uplink_push next; INT64_MAX: only when something happens. */
int64_t uplink_due(const struct uplink *uplink);

/* What became of a proof that was asked for. */
struct proven {
	struct fault fault;	/* code SK_OK: it holds */
	uint64_t position;
	uint8_t leaf_hash[DIGEST_SIZE];
	uint64_t size;		/* entries under the checkpoint */
	char vkey[NOTE_VKEY_MAX + 1];
	char *file;		/* c2sp.org/tlog-proof, with an end */
};

/*
 * Ask the broker to prove that the entry with this hash stands at position.
 * SK_NOT_CONNECTED; SK_THROTTLED past UPLINK_PROVES_MAX. The ticket is given
 * back with uplink_prove_end.
 */
enum sk_error uplink_prove(struct uplink *uplink, uint64_t position,
    const uint8_t leaf_hash[DIGEST_SIZE], size_t *ticket);
/* NULL while there is no answer. */
const struct proven *uplink_proven(const struct uplink *uplink,
    size_t ticket);
void uplink_prove_end(struct uplink *uplink, size_t ticket);

/* What came of a look into the journal. */
struct looked {
	enum sk_error code;	/* SK_NOT_A_PARTICIPANT: it was not opened */
	uint8_t *rows;		/* a packed LookRows */
	size_t size;
};
/*
 * An auditor's: the entries from here on that its accepted AUDIT_LOOK at this
 * position opened. One at a time, else SK_THROTTLED; SK_NOT_CONNECTED. Given
 * back with uplink_look_end.
 */
enum sk_error uplink_look(struct uplink *uplink, uint64_t look,
    uint64_t from);
const struct looked *uplink_looked(const struct uplink *uplink);
void uplink_look_end(struct uplink *uplink);

enum uplink_state uplink_state(const struct uplink *uplink);
/* Why not connected, in words; empty when it is. */
void uplink_why(const struct uplink *uplink, const char **dutch,
    const char **english);

#endif
