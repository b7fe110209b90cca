/*
 * internal.h - the engine's own structures, for the files of this folder.
 *
 * engine.c   open, catch-up, commit         apply.c    entries into the state
 * rows.c     the state's rows               party.c    participants in memory
 * submit.c   envelopes                      events.c   deadlines, commands
 * delivery.c what goes out                  replay.c   the auditor's host
 * merger.c   municipalities that merge  held.c     who holds what
 * catalogue.c  offerings that changed
 * watch.c    for who counts                family.c   who belongs together
 * rebuild.c  the state made again          recovery.c after a restore
 * erase.c    what has no content any more
 * quarter.c  figures that stay
 */
#ifndef ENGINE_INTERNAL_H
#define ENGINE_INTERNAL_H

#include "broker/core/rules.h"
#include "broker/engine/engine.h"

enum state_table {
	STATE_META,	/* one row: struct state_meta */
	STATE_CASES,	/* case number -> case_row, trimmed */
	STATE_CLOSED,	/* case number -> case_closed under the case's key */
	STATE_MAILBOX,	/* participant || number, BE -> position, case */
	STATE_TIMERS,	/* struct timer_key -> nothing */
	STATE_PARTIES,	/* participant -> struct party_row */
	STATE_STATEMENTS,	/* index -> position */
	STATE_OPERATORS,	/* key id -> next sequence */
	STATE_CATALOGUE,	/* code of an offering -> packed CatalogueRow */
	STATE_FAMILIES,	/* family.c has these four */
	STATE_CHILDREN,
	STATE_PERSONS,
	STATE_NAMED,
	STATE_QUARTERS,	/* quarter, by, part -> position, parts */
	STATE_CONFLICTS,	/* position -> sender, number (recovery.c) */
	STATE_TABLES
};

/* What binds the projection to its journal. */
struct state_meta {
	uint64_t format;
	uint64_t size;			/* entries evolved */
	uint64_t cases;
	uint64_t statements;
	uint64_t policy_position;	/* + 1; 0: none */
	uint64_t policy_version;
	uint64_t catalogue_version;
	/* what reached no case: the timer of its oldest day that is kept */
	int64_t days_due;		/* 0: none runs */
	int64_t days_next, days_last;	/* that day; the last with such entries */
	uint64_t days_from;		/* entries before it are done with */
	struct statement_head head;
	uint64_t recovery;		/* 1: between restore and its end */
	uint64_t restored_at;		/* position of the last restore; 0: none */
	uint8_t founding[DIGEST_SIZE];
	uint8_t last_leaf[DIGEST_SIZE];	/* leaf hash at size - 1 */
};

/* A participant: its enrolment, chain and mailbox. Kept in memory, written
 * with the state's own commits. */
struct party_row {
	struct member member;
	struct sender_state sender;
	struct mailbox_state box;
	uint64_t reported;	/* up to here rows went back as undeliverable */
	uint64_t overdue_number;	/* oldest envelope after that and stored */
	int64_t overdue_at;	/* when it is, 0: none waits and no timer runs */
};
struct party {
	uint64_t participant;
	struct party_row row;
	bool dirty;		/* the row differs from the state's */
	bool posted;		/* listed in engine->posted */
	bool progress;		/* box figures wait for an entry */
	uint64_t again;		/* went out once more, not in an entry yet */
	uint64_t delivered, stored;	/* those figures */
	/* in recovery: */
	bool heard;
	uint64_t former_last;		/* what it says it has a receipt for */
	uint64_t staged;		/* its numbers wait up to here; 0: none */
	uint8_t staged_link[DIGEST_SIZE];
	uint64_t waiting;		/* envelopes */
};

/* Recent SUBMITs as their deliveries prove them, so that a delivery needs no
 * other entries and hashes nothing twice. */
#define PROOF_CACHE 32
struct proof_cache {
	uint64_t sender, first_number;
	uint8_t previous_link[DIGEST_SIZE];
	uint8_t signature[64];
	struct digest_tree tree;
};

#define POLICY_ARENA (2u * 1024 * 1024)	/* a profile of 342 municipalities takes a tenth */
/* As much and some more: a leaf of empty messages unpacks to thirty times its
 * size. Pages that nothing touched cost nothing. */
#define ENTRY_ARENA (POLICY_ARENA + 512u * 1024)
/* What of a command leaves room for signatures and outcome in a leaf. */
#define COMMAND_BYTES_MAX (LEAF_BYTES_MAX - 4096u)
#define ROW_BYTES_MAX (sizeof(struct case_closed) + 64)

#define NONCE_POOL 4096
#define ERASING_MAX JOURNAL_ERASURES_MAX

/* How far the cases were looked at for merged municipalities, and for which
 * day, policy and participants. */
struct merger_look {
	uint64_t next;		/* case; 0: all were */
	int32_t date;
	uint64_t policy_version, statements;
};

struct engine {
	int64_t ticked;			/* the last instant at which terms fired */
	struct journal *journal;
	struct store *state;
	struct store_txn *txn;		/* open over batches */
	struct state_meta meta;
	int64_t state_ticks;		/* of the last state commit */
	uint64_t state_size;		/* meta.size at that commit */
	int64_t last_instant;		/* journal time never runs backwards */

	struct party **parties;		/* sorted by participant */
	size_t n_parties;
	uint64_t posted[PARTIES_MAX];
	size_t n_posted;
	size_t n_progress;

	Sk__Policy *policy;		/* NULL: defaults alone */
	struct arena policy_arena;	/* malloced */
	struct catalogue catalogue;	/* of the state, when known */
	void *catalogue_memory;		/* malloced */

	uint64_t entries_in_batch;
	enum sk_error failed;		/* a call broke off: no commit any more */
	int64_t unsigned_hour;		/* bounds UNSIGNED entries */
	unsigned unsigned_count;
	uint64_t unsigned_more;

	char *staging_path;		/* what was sent again and waits */
	struct store *staging;		/* NULL: nothing yet */
	struct store_txn *staging_txn;
	unsigned staging_puts;

	struct proof_cache proofs[PROOF_CACHE];
	unsigned proof_next;
	uint8_t nonces[NONCE_POOL];	/* drawn, not yet used */
	size_t nonces_left;

	/* scratch of the entry at hand */
	struct arena arena;
	uint8_t arena_bytes[ENTRY_ARENA];
	uint8_t leaf[LEAF_BYTES_MAX];
	uint8_t parts[LEAF_BYTES_MAX * 3];
	struct case_row row;		/* and the last case, see rows.c */
	struct case_closed closed;
	struct closed_kept *closed_kept;	/* rows.c; NULL: none yet */
	struct recent *recent;		/* recent.c; NULL: none yet */
	struct family family;		/* the last that decide asked for */
	uint8_t person_key[32];		/* under which persons are hashed */
	enum sk_error view_failed;	/* what decide asked could not be read */
	const Sk__Effects *told;	/* in replay, see struct view */
	struct merger_look merger;
	struct held_index held;		/* the last that decide asked for */
	struct case_row other;		/* the same, named by its reference */
	struct told_erased told_erased[TOLD_ERASED_MAX];
	size_t n_told_erased;
	struct erasure erasing[ERASING_MAX];	/* committed with this batch */
	size_t n_erasing;

	bool scratch;			/* no commit of its state need last */
	bool catalogue_known;
	bool row_kept;
	bool has_closed;
	bool carries_out;		/* erasures: the broker's, not a replay */
};

/* What an envelope was told before a restore; a deadline that falls in between
 * has its instant alone. instant 0: none of it. */
struct former {
	uint64_t journal, position;
	int64_t instant;
	uint32_t code;			/* its refusal; 0: it was accepted */
	bool erased;			/* its sender has digests alone */
	const char *field, *hint;	/* of that */
	uint64_t use_participant;
};

/* One decision on its way into the journal, or out of it again. */
struct verdict {
	struct decision decision;
	uint64_t case_number;		/* 0: reached no case */
	uint64_t link_case;		/* case whose entries it joins; 0 none */
	uint64_t first_position;	/* ENVELOPE_REPEATED */
	struct former former;
	bool id_usable;			/* header decoded, id not seen before */
	struct header header;
	bool header_whole;
	uint8_t *outcome, *effects, *closed;	/* packed, in engine->arena */
	size_t outcome_size, effects_size, closed_size;
};

/* engine.c */
/* scratch: the state is the auditor's, and thrown away. */
enum sk_error engine_make(struct journal *journal, const char *state_path,
    bool scratch, struct engine **engine, bool *rebuilt);
void engine_discard(struct engine *engine);
/* Evolve what the journal has and the state has not. */
enum sk_error engine_catch_up(struct engine *engine);
const char *engine_table_name(enum state_table table);
enum sk_error state_commit(struct engine *engine);

/* rows.c */
enum sk_error state_txn(struct engine *engine);
enum sk_error row_load(struct engine *engine, uint64_t case_number,
    struct case_row *row);
enum sk_error row_store(struct engine *engine, const struct case_row *row);
/* *found false: none, or erased. */
enum sk_error closed_load(struct engine *engine, uint64_t case_number,
    struct case_closed *closed, bool *found);
enum sk_error closed_store(struct engine *engine, uint64_t case_number,
    const struct case_closed *closed);
void closed_forget(struct engine *engine, uint64_t case_number);
void closed_close(struct engine *engine);

/* Envelopes that were taken a moment ago, as received. Found ones are valid
 * until the next recent_keep; the parts have no closed effects. */
void recent_keep(struct engine *engine, uint64_t position,
    const uint8_t leaf_hash[DIGEST_SIZE], const Sk__Envelope *envelope);
bool recent_find(const struct engine *engine, uint64_t position,
    const uint8_t leaf_hash[DIGEST_SIZE], struct span *header,
    struct parts *parts, struct span *sealed);
void recent_forget(struct engine *engine);
void recent_close(struct engine *engine);

struct timer_key {
	int64_t due;
	uint64_t subject;	/* case, or participant for DELIVERY_DUE */
	uint8_t kind, handoff, breach;
};
#define TIMER_KEY_SIZE 19
enum sk_error timer_set(struct engine *engine, const struct timer_key *key);
enum sk_error timer_clear(struct engine *engine, const struct timer_key *key);
/* SK_NOT_FOUND: no timer runs. */
enum sk_error timer_first(struct engine *engine, struct timer_key *key);
/* The first that does not wait for a quarter to be closed at that instant.
 * *until: when those that do go on; INT64_MAX: none waits. */
enum sk_error timer_first_free(struct engine *engine, int64_t now,
    struct timer_key *key, int64_t *until);
enum sk_error timers_follow(struct engine *engine, const struct case_row *from,
    const struct case_row *to);
enum sk_error mailbox_put(struct engine *engine, uint64_t participant,
    uint64_t number, uint64_t position, uint64_t case_number);

/* party.c */
struct party *party_find(const struct engine *engine, uint64_t participant);
struct party *party_make(struct engine *engine, uint64_t participant);
uint64_t party_by_code(void *engine, Sk__Role role, const char *code,
    int32_t date);
uint64_t party_access_team(void *engine, uint32_t municipality, int32_t date);
const struct member *party_member(void *engine, uint64_t participant);
enum sk_error party_load_all(struct engine *engine);
enum sk_error party_store_dirty(struct engine *engine);
void party_free_all(struct engine *engine);
void party_mark_posted(struct engine *engine, struct party *party);

/* family.c */
/* What an entry says of family and persons. closed is the case's row after
 * it, NULL when it named nobody or is erased. */
enum sk_error family_follow(struct engine *engine, const Sk__Effects *effects,
    const struct case_closed *closed);
/* The callbacks of struct view, and its numbers of view->row. */
bool family_person(void *engine, const uint8_t pseudonym[32],
    uint32_t secret_version, struct person_found *found);
const struct case_row *family_other(void *engine,
    const struct envelope_ref *ref);
const struct family *family_view(void *engine, uint64_t family,
    uint64_t but_case);
void family_see(struct engine *engine, struct view *view);
/* Does a family that these effects name hold a case that is erased by now?
 * What its persons led to cannot be found again then. */
enum sk_error family_told(struct engine *engine, const Sk__Effects *effects,
    bool *told);
/* The persons whom this case named lead nowhere any more: part of its
 * erasure, and may be done twice. Its numbers stay. */
enum sk_error family_forget(struct engine *engine, uint64_t case_number);

/* held.c: struct view's, of engine->row */
const struct held_index *held_view(void *engine, uint64_t asker);

/* merger.c */
enum sk_error verdict_merger(struct engine *engine, int64_t instant,
    const Sk__MergerBody *body, struct verdict *verdict);
enum sk_error merger_tick(struct engine *engine, int64_t now);
/* When there is something to look at; INT64_MAX: never. */
int64_t merger_due(const struct engine *engine);

/* erase.c */
/* An entry with an erasure took effect: its case has no closed row. */
enum sk_error erase_applied(struct engine *engine, uint64_t position,
    uint64_t case_number, Sk__ErasureGround ground);
/* The body of a DAYS_ERASED_EVENT, and of what starts its timer: an envelope
 * that reached no case. */
enum sk_error erase_days_applied(struct engine *engine, uint64_t position,
    const Sk__DaysErasedBody *body);
enum sk_error erase_days_begin(struct engine *engine, int64_t instant);
/* Is it the timer of those days? Then let it fire. */
bool erase_is_timer(const struct timer_key *key);
enum sk_error erase_fire(struct engine *engine, int64_t now);
/* What committed entries say, before the state says that it was done. */
enum sk_error erase_carry_out(struct engine *engine);
enum sk_error verdict_erase(struct engine *engine, int64_t instant,
    const Sk__EraseBody *body, struct verdict *verdict);
enum sk_error erase_check(struct engine *engine, const Sk__Erase *command,
    int64_t now, struct fault *fault);
/* By which entry, and on what ground, is what lies beside the entry at
 * position gone? *ground 0: by none of this journal. */
enum sk_error erase_found(struct engine *engine, uint64_t case_number,
    uint64_t position, uint64_t *by, Sk__ErasureGround *ground);
enum sk_error erase_append(struct engine *engine, int64_t now,
    const Sk__Erase *command, uint64_t commanded);

/* quarter.c: figures of a quarter that operators close, at that instant. */
enum sk_error quarter_judge(struct engine *engine,
    const Sk__QuarterFigures *figures, int64_t instant, struct fault *fault);
enum sk_error quarter_append(struct engine *engine, int64_t instant,
    const Sk__QuarterFigures *figures);
enum sk_error quarter_apply(struct engine *engine, uint64_t position,
    const Sk__QuarterFigures *figures);

/* apply.c: an entry that is in the journal (or the open batch) takes effect.
 * effects and closed are already unpacked, or NULL to be read from the leaf
 * and the vault. */
enum sk_error apply_entry(struct engine *engine, uint64_t position,
    const struct leaf *leaf, const uint8_t leaf_hash[DIGEST_SIZE],
    const Sk__Effects *effects, const Sk__ClosedEffects *closed);
/* The mailbox's timer moves to its oldest envelope that is still out. */
enum sk_error apply_watch(struct engine *engine, struct party *party);
/* body: a packed SignedCommand that sets a policy. */
enum sk_error apply_policy(struct engine *engine, struct span body);

/* catalogue.c */
enum sk_error catalogue_apply(struct engine *engine,
    const Sk__Effects *effects);
/* engine->catalogue is as the state has it. */
enum sk_error catalogue_read(struct engine *engine);

/* submit.c and events.c share these */
enum sk_error engine_view(struct engine *engine, struct view *view);
/* Load engine->row and engine->closed for a case. */
enum sk_error engine_load_case(struct engine *engine, uint64_t case_number);
/* Fill posting numbers, pack outcome and effects. */
enum sk_error verdict_pack(struct engine *engine, struct verdict *verdict);
/* Decide one envelope; the part that replay shares. */
enum sk_error verdict_envelope(struct engine *engine, uint64_t sender,
    int64_t instant, struct span header, struct span facts, size_t sealed_size,
    uint64_t self_position, struct verdict *verdict);
enum sk_error verdict_deadline(struct engine *engine, int64_t instant,
    const Sk__DeadlineBody *body, struct verdict *verdict);
/* What was delivered and stored since the last such entry becomes one. */
enum sk_error append_progress(struct engine *engine, int64_t now,
    struct party *party);
/* Append one entry of the broker's own and let it take effect. */
enum sk_error append_event(struct engine *engine, Sk__EventKind kind,
    int64_t instant, struct span body, struct verdict *verdict,
    const struct append *extra, uint64_t *position);
int64_t engine_instant(struct engine *engine, int64_t now);
/* One SUBMIT, or with former (one an envelope) what is sent again. */
enum sk_error submit_take(struct engine *engine, uint64_t participant,
    int64_t now, const Sk__Submit *submit, const struct former *former,
    struct arena *arena, struct submit_answer *answer);
/* again: sent again after a restore, so that digests alone will do. */
enum sk_error submit_shape(const Sk__Submit *submit, bool again,
    struct fault *fault);
enum sk_error submit_signed(struct engine *engine, struct party *party,
    const Sk__Submit *submit, const uint8_t link[DIGEST_SIZE],
    struct fault *fault);
/* Fire what was due by then, as of then. */
enum sk_error events_tick_former(struct engine *engine, int64_t now,
    int64_t then);
enum sk_error events_statement(struct engine *engine, int64_t now,
    const Sk__Statement *statement, struct fault *fault);

/* recovery.c */
/* What it was told in the journal before goes before what is decided now. */
void recovery_former(struct verdict *verdict, const struct former *former);
/* The same from a journalled outcome, for replay. */
void recovery_read(const Sk__Outcome *outcome, struct former *former);
enum sk_error recovery_begin(struct engine *engine, uint64_t position);
/* A refused envelope behind a restore: is it one for the operators? */
enum sk_error recovery_conflict(struct engine *engine, uint64_t position,
    const struct leaf *leaf);
enum sk_error recovery_settle(struct engine *engine, uint64_t position);
/* What its sender is told of it: effects of the command's own entry. */
enum sk_error recovery_tell_settled(struct engine *engine,
    const Sk__Settle *settle, Sk__Effects **open);
enum sk_error recovery_check_end(struct engine *engine,
    const Sk__EndRecovery *end, struct fault *fault);
enum sk_error recovery_check_settle(struct engine *engine,
    const Sk__Settle *settle, struct fault *fault);
/* Decide all that waits; committed on the way. */
enum sk_error recovery_decide(struct engine *engine, int64_t now);
enum sk_error recovery_open(struct engine *engine, const char *state_path);
void recovery_close(struct engine *engine);
/* Every call that appends ends here: half of one must not be committed. */
enum sk_error engine_done(struct engine *engine, enum sk_error rc);

#endif
