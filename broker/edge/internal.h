/*
 * internal.h - the edge's own structures, for the files of this folder.
 *
 * broker.c    open, the turn of the loop      session.c   who is connected
 * intake.c    frames in                       dispatch.c  frames out
 * commands.c  the control socket             backup.c    what a copy asks for
 * scrub.c     the journal read again           resend.c    after a restore
 * archive.c   a year moved out
 */
#ifndef EDGE_INTERNAL_H
#define EDGE_INTERNAL_H

#include "broker/core/policy.h"
#include "broker/edge/edge.h"
#include "broker/lib/control.h"
#include "broker/lib/link.h"
#include "broker/lib/log.h"
#include "broker/lib/loop.h"
#include "proto/ids.h"

/* A frame on its way to a peer. */
struct out {
	struct out *next;
	size_t size;
	uint8_t bytes[];
};

/* A delivery under way: sent, or held because one of its case is. */
struct flight {
	uint64_t number, case_number;
	bool sent;
};

struct session {
	struct link_peer peer;
	uint64_t participant;
	uint8_t boot[BOOT_SIZE];
	uint64_t epoch;

	struct out *out_first, **out_last;
	size_t outs, outs_bytes;

	uint64_t taken_messages, taken_bytes;	/* of its SUBMITs, since HELLO */
	int64_t rate_second;
	uint64_t credit_messages, credit_bytes;	/* what it takes, totals */
	uint64_t sent_messages, sent_bytes;
	uint64_t next;		/* mailbox number to look at */
	struct flight flight[SESSION_WINDOW];
	size_t flights;
	uint64_t directory_next;	/* statement to send */
	uint64_t fetch_next;	/* own number to send again; 0: none */
	uint64_t shown_size;	/* of the checkpoint that it keeps; 0: none */
	int64_t shown_ticks;
	int64_t cosigned_ticks;		/* of its last cosignature; 0: none */

	uint32_t rate_count;	/* in rate_second */
	int64_t said_since;	/* ticks: rejections in the log, of this minute */
	uint32_t said;
	bool told;		/* that it has reported */
	bool former;		/* came with the origin of a journal before this */
	bool closing;		/* drop once its queue is out */
	bool stopped;		/* more to send than its queue took */
	bool receipted;		/* receipts since the checkpoint shown */
};

/* Who evicts whom: two boot ids under one key. */
struct contest {
	uint64_t participant;
	uint8_t boot[BOOT_SIZE];	/* of the live or last session */
	unsigned takeovers;
	int64_t first, held_until;	/* ticks */
};
#define CONTESTS_MAX 64

/* A peer that was told to go: its connection is closed once it has had the
 * time to hear why. */
struct farewell {
	struct link_peer peer;
	int64_t due;		/* ticks; 0: a free place */
	unsigned tries;
};
#define FAREWELLS_MAX 64
#define FAREWELL_MS 500
#define FAREWELL_TRIES 5	/* the link may not be certain whose it is */

/* A control answer that waits for the commit. */
struct reply {
	struct reply *next;
	struct control_client *client;
	uint8_t *bytes;
	size_t size;
};

#define FRAME_ARENA (2u << 20)
#define ANSWER_ARENA (24u << 20)

#define BACKUP_TICKET_SIZE 16
#define BACKUP_TICKET_MS (60 * 60 * 1000)
#define BACKUP_ROWS_BYTES (2u << 20)	/* of one answer */

/* Where the reading again stands. */
struct scrubbing {
	uint64_t position;
	uint64_t passes;
	uint64_t wrong;
	uint64_t first_wrong;
	char what[96];
	int64_t due;		/* ticks */
};

/* A year that is moved out. */
struct archiving {
	int64_t due;		/* ticks */
	uint64_t held;		/* times that it was begun anew */
	char waits[512];	/* what for; empty: for nothing */
};

struct broker {
	const Sk__BrokerConfig *config;
	struct clock_source clock;
	struct loop *loop;
	struct journal *journal;
	struct engine *engine;
	char quarter_open[QUARTER_NAME_SIZE];	/* as status told it */
	int32_t quarter_told;		/* the day on which the log did */
	struct link_server *link;
	struct control_server *control;

	struct session **sessions;
	size_t n_sessions, sessions_max;
	uint64_t epochs;
	struct contest contest[CONTESTS_MAX];
	struct farewell farewell[FAREWELLS_MAX];

	struct reply *replies;
	enum sk_error failed;		/* a command broke its batch off */
	int64_t progress_since;		/* ticks; 0: none waits */
	int64_t state_since;		/* ticks of the last commit with entries */
	int64_t disk_checked;
	bool disk_low, draining, clock_was_held;
	int64_t drain_said;		/* ticks; 0: not yet */
	uint64_t cosigned[POLICY_WITNESSES_MAX];	/* highest, by the policy's order */
	uint64_t witnessed_size;	/* entries that a quorum vouches for */
	uint32_t witness_policy;	/* version that those follow */
	int32_t looked_date;		/* on which validities were looked at */
	bool witness_alert;
	bool rolled_back;		/* shown a checkpoint that we do not know */
	bool tell_time;			/* the test clock was stepped */
	bool directory_changed;
	bool evidence_waits;		/* a checkpoint is to be shown later */
	bool ticket_keys;		/* the backup under way has them too */

	/* the backup under way */
	uint8_t ticket[BACKUP_TICKET_SIZE];
	int64_t ticket_until;		/* ticks; 0: none */
	uint64_t backup_size;		/* 0: not yet known */

	struct scrubbing scrub;
	struct archiving archive;

	struct arena frame;
	uint8_t *frame_bytes;
};

/* session.c: those that close are not found */
struct session *session_by_peer(struct broker *broker,
    const struct link_peer *peer);
struct session *session_of(struct broker *broker, uint64_t participant);
/* NULL when out of memory. Replaces an older session of this participant. */
struct session *session_open(struct broker *broker,
    const struct link_peer *peer, uint64_t participant,
    const uint8_t boot[BOOT_SIZE]);
void session_close(struct broker *broker, struct session *session);
/* Queue a frame; the session is closed when its queue is full. */
void session_queue(struct broker *broker, struct session *session,
    const Sk__Frame *frame);
/* Say why and close. */
void session_bye(struct broker *broker, struct session *session,
    enum sk_error code, const char *text);
/* Bye to a peer that has no session. */
void peer_bye(struct broker *broker, const struct link_peer *peer,
    enum sk_error code, const char *text);
/* Close the connections of those that were told to go. */
void session_farewells(struct broker *broker, int64_t ticks);
/* Ticks of the next of them; INT64_MAX: none. */
int64_t session_farewell_due(const struct broker *broker);
/* May this boot id take over now? SK_SESSION_CONTESTED. */
enum sk_error session_contest(struct broker *broker, uint64_t participant,
    const uint8_t boot[BOOT_SIZE]);
void session_flush_all(struct broker *broker);
void session_free_all(struct broker *broker);

/* intake.c */
enum sk_error intake_frame(struct broker *broker,
    const struct link_peer *peer, uint64_t participant, struct span frame);
/* Why nothing is taken now: SK_OK when it is. */
enum sk_error intake_state(const struct broker *broker);

/* keys.c */
/* Before the first commit: what is there to sign with. */
enum sk_error keys_open(struct broker *broker, struct fault *fault);
/* A next key that came since. */
void keys_refresh(struct broker *broker);
/* The statement beside the keys, if one waits, becomes an entry. */
enum sk_error keys_enter_waiting(struct broker *broker, struct fault *fault);
/* Is the key there that the journal names? */
enum sk_error keys_check(const struct broker *broker, struct fault *fault);
/* After the commit: a key that was named takes its place. */
void keys_settle(struct broker *broker);
/* Every change of who signs for the region, for a WELCOME. */
enum sk_error keys_welcome(struct broker *broker, Sk__Welcome *welcome);
/* secret_key is the caller's to wipe. */
enum sk_error keys_load_link(const struct broker *broker,
    uint8_t public_key[32], uint8_t secret_key[32], struct fault *fault);

/* evidence.c */
/* What an agent keeps of this journal: SK_ROLLBACK when we know less or
 * otherwise, which stops intake. *size is 0 when it keeps none. */
/* look.c: entries for an auditor, as an accepted AUDIT_LOOK opened them. */
#define LOOK_LIFE_MS 3600000
enum sk_error look_ask(struct broker *broker, struct session *session,
    const Sk__AskLook *ask);

#define ERASURES_TOLD_MAX 64	/* of one HELLO that are looked at */
enum sk_error evidence_hello(struct broker *broker, const Sk__Hello *hello,
    uint64_t *size, struct fault *fault);
/* Does the agent know the key under the last checkpoint? */
bool evidence_may_show(const struct broker *broker,
    const struct session *session);
/* The last checkpoint with its proof from session->shown_size, in the frame's
 * arena; NULL when there is none newer. */
enum sk_error evidence_checkpoint(struct broker *broker,
    struct session *session, Sk__Checkpoint **out);
/* Show it to who was sent receipts, at most once in CHECKPOINT_MS. */
enum sk_error evidence_dispatch(struct broker *broker,
    struct session *session);
enum sk_error evidence_prove(struct broker *broker, struct session *session,
    uint64_t position);

/* resend.c */
/* Has this journal gone by that origin? */
bool resend_knows_origin(const struct broker *broker, const char *origin);
/* What an agent of a journal before this one has to see of it. */
enum sk_error resend_welcome(struct broker *broker, Sk__Welcome *welcome);
enum sk_error resend_take(struct broker *broker, struct session *session,
    const Sk__Resend *resend, size_t size);
enum sk_error resend_known(struct broker *broker, struct session *session,
    const Sk__Directory *known);
/* Say it in the log when all that this participant has is here. */
void resend_reported(struct broker *broker, struct session *session);
/* The recovery ended: every session begins anew. */
void resend_end(struct broker *broker);

/* intake.c, for resend.c */
void intake_rejected(struct broker *broker, struct session *session,
    uint64_t first_number, const struct fault *fault, int64_t not_before);
enum sk_error intake_receipts(struct broker *broker, struct session *session,
    const struct submit_answer *answer);

/* witness.c */
#define WITNESS_MIN_MS 2000	/* between two cosignatures of a session */
#define WITNESS_ALERT_MS INT64_C(86400000)
#define WITNESS_LOOK_BACK 1000u	/* rows at a start, for each witness */
enum sk_error witness_take(struct broker *broker, struct session *session,
    const Sk__Cosignature *given);
/* What stands in the journal, for the witnesses of the present policy. */
void witness_look(struct broker *broker);
/* Rows from (from, participant) on for sizes up to `to`, as many as fit in an
 * answer; notes: with the checkpoint that they signed. */
enum sk_error witness_rows(struct broker *broker, uint64_t from,
    uint64_t participant, uint64_t to, bool notes, struct arena *arena,
    Sk__ControlAnswer *answer);
/* Once a second: is what stands witnessed? */
void witness_watch(struct broker *broker);

/* dispatch.c */
enum sk_error dispatch_session(struct broker *broker, struct session *session);
enum sk_error dispatch_all(struct broker *broker);
/* Is there more to send, and room? */
bool dispatch_goes_on(const struct broker *broker);
/* All up to here were sent. */
uint64_t dispatch_sent(const struct session *session);
void dispatch_stored(struct session *session, uint64_t stored);

/* backup.c */
/* The command was taken: its answer gets the ticket. */
enum sk_error backup_begin(struct broker *broker, const Sk__Backup *backup,
    struct arena *arena, Sk__ControlAnswer *answer);
enum sk_error backup_rows(struct broker *broker, const Sk__AskRows *ask,
    struct arena *arena, Sk__ControlAnswer *answer, struct fault *fault);
enum sk_error backup_keys(struct broker *broker, const Sk__AskKeys *ask,
    struct arena *arena, Sk__ControlAnswer *answer, struct fault *fault);

/* scrub.c */
/* Look at what is due; never while there is traffic. */
void scrub_turn(struct broker *broker, int64_t ticks);
/* Ticks when there is more to look at; INT64_MAX: never. */
int64_t scrub_due(const struct broker *broker);

/* archive.c */
/* A step of the move, when it is due; behind the commit, with no batch open. */
enum sk_error archive_turn(struct broker *broker, int64_t ticks, bool busy);
/* Ticks when there is more to do; INT64_MAX: nothing is under way. */
int64_t archive_due(const struct broker *broker);
enum sk_error archive_status(const struct broker *broker, struct arena *arena,
    Sk__BrokerStatus *status);

/* commands.c */
void commands_handle(void *broker, struct control_client *client, uid_t uid,
    struct span request);
void commands_gone(void *broker, struct control_client *client);
void commands_flush(struct broker *broker);
/* Those whose batch was not committed are never sent. */
void commands_discard(struct broker *broker);

#endif
