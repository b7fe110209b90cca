/*
 * engine.h - events in, decisions out, a batch a commit.
 *
 * One engine has one journal (the truth) and one `state` environment (the
 * projection). Broker, simulator and the auditor's replay are hosts of this
 * same engine. Nothing that a call reports may leave the process before
 * engine_commit has returned SK_OK. All calls belong to one thread.
 *
 * Any error but a refusal from a call that appends means that the batch is
 * lost: the host must stop acknowledging and reopen; it never retries.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "broker/journal/journal.h"
#include "proto/arena.h"
#include "proto/control.pb-c.h"
#include "proto/session.pb-c.h"
#include "proto/statement.h"
#include "proto/wire.h"

/* The state's own format and the version of evolve: another means rebuild. */
#define STATE_FORMAT 12u
#define STATE_COMMIT_MS 100
#define STATE_COMMIT_ENTRIES 4096
/* Of a state that is thrown away: commits bound memory and keep nothing. */
#define SCRATCH_COMMIT_ENTRIES (8 * STATE_COMMIT_ENTRIES)
#define UNSIGNED_PER_HOUR 60	/* entries; the rest is counted in the next */
#define PARTIES_MAX 4096u
#define TIMERS_PER_TICK 512
#define MERGER_LOOKS_PER_TICK 4096	/* cases */
#define MERGERS_PER_TICK 256
#define HELD_LOOKS_MAX 256	/* entries of a case, the newest */
/* What of one envelope is journalled when it is refused as too large: past
 * these it is no envelope, and its SUBMIT takes no number. */
#define TAKEN_HEADER_BYTES (2 * HEADER_BYTES_MAX)
#define TAKEN_FACTS_BYTES (2 * FACTS_BYTES_MAX)
#define TAKEN_SEALED_BYTES (SEALED_BYTES_MAX + 4096u)

#define TOLD_ERASED_MAX 256
struct told_erased {
	uint64_t case_number, participant;
	uint64_t journal, position;	/* where it was told */
	Sk__ErasureGround ground;
};

struct engine;

/* The journal stays the caller's and must outlive the engine. state_path is a
 * directory of its own; what does not match the journal is rebuilt, and
 * *rebuilt (may be NULL) says so. */
enum sk_error engine_open(struct journal *journal, const char *state_path,
    struct engine **engine, bool *rebuilt, struct fault *fault);
/* Commits the state; accepts NULL. */
void engine_close(struct engine *engine);

/* ---- events in */

/* Journal a broker start under the next epoch. */
enum sk_error engine_start(struct engine *engine, int64_t now,
    const char *version);

struct submit_answer {
	enum sk_error code;		/* SK_OK: taken (or taken before) */
	struct fault fault;
	uint64_t first_number;
	size_t count;
	struct {
		uint64_t position;
		int64_t instant;
		uint8_t leaf_hash[DIGEST_SIZE];
		struct span outcome;	/* packed Outcome, in the arena */
	} receipt[SUBMIT_ENVELOPES_MAX];
};
/*
 * One SUBMIT of a participant whose key the link has proved. code is a
 * refusal of the whole SUBMIT: link unchanged, no number used. The return
 * value is SK_OK or an error of the batch. Outcomes lie in arena.
 */
enum sk_error engine_submit(struct engine *engine, uint64_t participant,
    int64_t now, const Sk__Submit *submit, struct arena *arena,
    struct submit_answer *answer);

/*
 * ---- after a restore (FORMATS section 9)
 *
 * In recovery nothing is delivered, no timer fires and engine_submit is not
 * called. Participants report with engine_heard and send again what the backup
 * has not with engine_resend; it waits, outside the journal, until operators
 * end the recovery by a command, and is then decided in the order of the old
 * positions, at the old instants, timers firing in between as they did.
 * Afterwards engine_resend decides at once.
 */
bool engine_in_recovery(const struct engine *engine);
/* HELLO: the highest number that it has a receipt for, of any journal. */
void engine_heard(struct engine *engine, uint64_t participant,
    uint64_t former_last);
/* HELLO: a case that a journal before this one told it to erase. One that
 * takes part in a case which stands here with its content is believed: the
 * case is listed until it is erased again, at most TOLD_ERASED_MAX of them.
 * Says whether it is listed now for the first time. */
bool engine_told_erased(struct engine *engine, uint64_t participant,
    const Sk__ErasureDone *done, struct told_erased *row);
/* The index-th that still stands; false past the last. */
bool engine_told_erased_at(struct engine *engine, size_t index,
    struct told_erased *row);
/* In recovery answer->count is 0, and engine_staged says up to where its
 * envelopes are here. A rejection is in answer->code. */
enum sk_error engine_resend(struct engine *engine, uint64_t participant,
    int64_t now, const Sk__Resend *resend, struct arena *arena,
    struct submit_answer *answer);
uint64_t engine_staged(const struct engine *engine, uint64_t participant);
/* How many of its envelopes wait, and has it all been said? */
bool engine_reported(const struct engine *engine, uint64_t participant,
    uint64_t *waiting);
/* Statements that an agent has and the backup has not: what follows is
 * journalled, the rest left alone. *taken says how many. */
enum sk_error engine_known(struct engine *engine, int64_t now,
    const Sk__Directory *known, size_t *taken);
/* The index-th envelope that was accepted before a restore and not after it,
 * and that no operator has settled. SK_NOT_FOUND past the last. */
enum sk_error engine_conflict(struct engine *engine, size_t index,
    uint64_t *position, uint64_t *sender, uint64_t *number);

/* Cumulative, remembered; becomes one entry a mailbox at the next commit.
 * Numbers beyond the mailbox are ignored. */
void engine_delivered(struct engine *engine, uint64_t participant,
    uint64_t number);
void engine_stored(struct engine *engine, uint64_t participant,
    uint64_t number);

/* A row goes out: one that was delivered before counts, and rides with the
 * mailbox's next entry. */
void engine_sent_again(struct engine *engine, uint64_t participant,
    uint64_t number);

struct command_answer {
	enum sk_error code;
	struct fault fault;
	uint64_t position;
	bool first_answer;	/* the sequence number had been used */
	Sk__Command *command;	/* decoded, when it was accepted now; in arena */
};
/* A statement that no command brought: one that waited beside the keys of a
 * broker that could not run. The caller commits. */
enum sk_error engine_enter(struct engine *engine, int64_t now,
    const Sk__Statement *statement, struct fault *fault);
enum sk_error engine_command(struct engine *engine, int64_t now,
    const Sk__SignedCommand *signed_command, struct arena *arena,
    struct command_answer *answer);

/* Fire what is due, at most TIMERS_PER_TICK; and move cases of merged
 * municipalities, at most MERGERS_PER_TICK. */
enum sk_error engine_tick(struct engine *engine, int64_t now);
/* Earliest running timer; INT64_MAX when none. */
int64_t engine_next_timer(struct engine *engine);
#define QUARTER_NAME_SIZE 7u
/* Is the last quarter over and not closed by every key? Then erasing waits,
 * at most quarter_wait_days (policy): *until. */
bool engine_quarter_waits(struct engine *engine, int64_t now,
    char quarter[QUARTER_NAME_SIZE], int64_t *until);

/* Does the open batch hold entries? Do acknowledgements wait for company? */
bool engine_has_entries(const struct engine *engine);
bool engine_has_progress(const struct engine *engine);
/* Durable when this returns SK_OK. ticks is clock_ticks() of the host, for
 * the state's own commits. */
enum sk_error engine_commit(struct engine *engine, int64_t now, int64_t ticks);

/* ---- what the edge reads, after a commit */

/* Iterate over participants whose mailbox grew since the last call; 0: none. */
uint64_t engine_next_posted(struct engine *engine);

struct sender_state {
	uint64_t last_number;
	uint8_t last_link[DIGEST_SIZE];
};
struct mailbox_state {
	uint64_t next;		/* number of the next row */
	uint64_t delivered;	/* cumulative */
	uint64_t stored;	/* cumulative */
};
/* NULL when not enrolled. Valid until the next event. */
const struct member *engine_member(const struct engine *engine,
    uint64_t participant);
bool engine_sender(const struct engine *engine, uint64_t participant,
    struct sender_state *sender);
bool engine_mailbox(const struct engine *engine, uint64_t participant,
    struct mailbox_state *mailbox);
/* Who has this link key, current on this date? 0: nobody. */
uint64_t engine_by_link_key(const struct engine *engine,
    const uint8_t link_key[32], int32_t date);
/* The i-th participant, 0 past the end. */
uint64_t engine_participant_at(const struct engine *engine, size_t index);

/* Position and case of a mailbox row; SK_NOT_FOUND. */
enum sk_error engine_mailbox_row(struct engine *engine, uint64_t participant,
    uint64_t number, uint64_t *position, uint64_t *case_number);
/* A mailbox row as a frame part; everything in arena. */
enum sk_error engine_delivery(struct engine *engine, uint64_t participant,
    uint64_t number, struct arena *arena, Sk__Deliver **deliver);
/* An own envelope and its receipt, for FETCH; SK_NOT_FOUND past the last. */
enum sk_error engine_own(struct engine *engine, uint64_t participant,
    uint64_t number, struct arena *arena, Sk__Deliver **own,
    Sk__Receipt **receipt);
uint64_t engine_statement_count(const struct engine *engine);
struct statement_head engine_statement_head(const struct engine *engine);
enum sk_error engine_statement(struct engine *engine, uint64_t index,
    struct arena *arena, Sk__Statement **statement);
/* NULL: defaults alone. Until the next policy. */
const Sk__Policy *engine_policy(const struct engine *engine);
uint32_t engine_policy_version(const struct engine *engine);
uint64_t engine_cases(const struct engine *engine);
/* Instant of the last entry: journal time goes on from here. */
int64_t engine_last_instant(const struct engine *engine);
uint64_t engine_operator_next(struct engine *engine,
    const uint8_t key_id[DIGEST_SIZE]);

/* ---- the projection made again */

struct rebuild_report {
	uint64_t entries;
	uint64_t rows;		/* compared, of the new one */
	uint64_t differences;
};
typedef void rebuild_tell(void *context, const char *table, const char *row,
    const char *what);
/*
 * Evolve the whole journal into a fresh state under new_path, which must not
 * exist, and hold it row by row against the one at state_path, caught up
 * first. Each row that differs is told. Both are left closed where they are.
 */
enum sk_error engine_rebuild(struct journal *journal, const char *state_path,
    const char *new_path, rebuild_tell *tell, void *context,
    struct rebuild_report *report, struct fault *fault);

/* ---- the auditor's host */

struct replay_report {
	uint64_t entries;
	uint64_t decided_again;	/* envelopes and deadlines decided anew */
	uint64_t handoffs;	/* mailbox rows that the entries posted */
	uint64_t cases;
	uint64_t carried;	/* another rules version */
	uint64_t erased;	/* the facts are gone */
	uint64_t differences;
	uint64_t first_difference;	/* its position */
	char what[160];		/* and what differed */
};
/* Decide the whole journal again on a fresh state under scratch_path, which
 * must not exist; left for the caller to remove. */
enum sk_error engine_replay(struct journal *journal, const char *scratch_path,
    struct replay_report *report, struct fault *fault);

/* One entry as it took effect, for who counts and does not decide. All of it
 * is read during the call alone. */
struct case_row;
struct catalogue;
struct header;
struct observation {
	uint64_t position;
	int64_t instant;
	Sk__EventKind event;
	uint64_t case_number;		/* 0: touched no case */
	const struct case_row *before, *after;	/* NULL: none */
	uint64_t sender;		/* of an envelope */
	const struct member *member;	/* who that is */
	const struct header *header;	/* NULL: unreadable or no envelope */
	const Sk__Facts *facts;		/* NULL: none, unreadable or erased */
	bool erased;
	const Sk__Effects *effects;	/* NULL: none */
	const Sk__Outcome *outcome;	/* NULL: none */
	const Sk__DeadlineBody *deadline;	/* NULL: no deadline */
	const struct catalogue *catalogue;	/* with what became of it */
	const Sk__QuarterFigures *quarter;	/* NULL: none closed */
	const Sk__MailboxBody *mailbox;		/* NULL: nothing was fetched */
	const Sk__Policy *policy;	/* that held; NULL: defaults */
};
typedef void observe_fn(void *context, const struct engine *engine,
    const struct observation *seen);
/* What puts right or closes, without a state and in order: CORRECTION and VOID
 * that were accepted, with header, facts and case, and quarters that were
 * closed. For who has to know before it counts what came earlier. */
enum sk_error engine_find_corrections(struct journal *journal,
    observe_fn *observe, void *context, struct fault *fault);
/* Walk the whole journal once on a fresh state, deciding nothing again.
 * scratch_path as for engine_replay. The last call of all has event 0 and
 * tells the policy at the end. */
enum sk_error engine_watch(struct journal *journal, const char *scratch_path,
    observe_fn *observe, void *context, struct fault *fault);

#endif
