/*
 * rules.h - the rules of the field as two pure functions.
 *
 * decide says what an event does; evolve does it. No clock, no malloc, no
 * I/O, no globals that change: time is a field of the event, effects are data
 * in the caller's arena. decide may change between versions, evolve reads
 * every effect ever written.
 */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include "broker/core/case.h"
#include "broker/core/catalogue.h"
#include "broker/core/family.h"
#include "broker/core/policy.h"
#include "proto/arena.h"
#include "proto/error.h"
#include "proto/message.h"
#include "proto/policy.pb-c.h"
#include "proto/statement.h"

#define RULES_VERSION 14u

/* What a reply-to names, looked up by the engine. */
struct replied {
	bool known;
	Sk__Kind kind;
	uint64_t sender;
	uint64_t case_number;
	uint64_t position;	/* where it stands in the journal */
	bool sent_to_me;	/* the event's sender was among its recipients */
};

/* Where a case holds something, and whether it was asked for before (R35). */
struct held {
	struct envelope_ref ref;	/* the latest that has it; none: nobody */
	uint64_t position;
	bool yours;			/* sent to who asks now, or by it */
	bool asked;
};
#define HELD_SECTIONS 32	/* by Sk__Section */
#define HELD_RECORDS 128	/* by Sk__Kind */
struct held_index {
	struct held section[HELD_SECTIONS], record[HELD_RECORDS];
};

/* What decide may look at: the state, read only. */
struct view {
	const struct case_row *row;		/* NULL: no such case (or an opening) */
	const struct case_closed *closed;	/* NULL: none, or erased */
	const Sk__Policy *policy;		/* NULL: defaults */
	uint64_t policy_version;
	const struct catalogue *catalogue;	/* NULL: the policy alone */
	uint64_t next_case_number;
	struct replied replied;
	/* Who is this participant? NULL: not enrolled. */
	const struct member *(*member)(void *context, uint64_t participant);
	/* The access team of this municipality on this date; 0: none. */
	uint64_t (*access_team)(void *context, uint32_t municipality, int32_t date);
	/* Who has this code (OIN, AGB) in this role on this date? 0: nobody.
	 * NULL: not known here. */
	uint64_t (*participant)(void *context, Sk__Role role, const char *code,
	    int32_t date);
	/* Where was this person met before? False: nowhere. NULL: not known
	 * here. */
	bool (*person)(void *context, const uint8_t pseudonym[32],
	    uint32_t secret_version, struct person_found *found);
	/* The cases of a family but this one; valid during the decision. NULL:
	 * no such family. */
	const struct family *(*family)(void *context, uint64_t family,
	    uint64_t but_case);
	/* What the case at hand holds, looked up for who asks. NULL: not known
	 * here. */
	const struct held_index *(*held)(void *context, uint64_t asker);
	/* The case that this reference names, whoever takes part in it; valid
	 * until the next call. NULL: none. NULL here: not known here. */
	const struct case_row *(*other)(void *context,
	    const struct envelope_ref *ref);
	/* What a case and its child's first case go by now, since families
	 * and children turned out to be one. */
	uint64_t family_number, child_number;	/* of row; 0: none */
	/* Replay: the effects of the entry at hand, where a case of its family
	 * is erased by now. NULL otherwise. */
	const Sk__Effects *told;
	void *context;
};

struct event {
	Sk__EventKind kind;	/* ENVELOPE_, DEADLINE_, MERGER_, ERASE_EVENT */
	int64_t instant;
	/* an envelope: */
	uint64_t sender;
	const struct header *header;
	const Sk__Facts *facts;
	/* a deadline: */
	Sk__DeadlineKind deadline;
	unsigned handoff;
	bool breach;
	int64_t due;
	/* an erasure that operators command: */
	Sk__ErasureGround ground;
	struct envelope_ref request;	/* that it carries out; may be none */
	/* DELIVERY_DUE: the row that was not fetched */
	uint64_t late_recipient;
	struct envelope_ref undelivered;
	uint64_t undelivered_sender;
};

struct decision {
	struct fault refusal;		/* code SK_OK: accepted */
	uint64_t use_participant;	/* whom to address instead; 0: nobody */
	uint64_t use_case;		/* which case to name; 0: none */
	struct envelope_ref use_case_ref;
	Sk__Effects *open;		/* never NULL when accepted; postings name
					 * participants, the engine adds numbers */
	Sk__ClosedEffects *closed;	/* NULL: none */
	Sk__CatalogueAnswer *answer;	/* of a CATALOGUE_QUERY; NULL: none */
	Sk__WaitingAnswer *waiting;	/* of a WAITING_QUERY; NULL: none */
};

/*
 * Effects lie in the arena and may point into the event's facts.
 * Never fails: a refusal is a decision. SK_NO_MEMORY as refusal code would be
 * a bug of the caller's arena (64 KiB is enough for every event).
 */
void decide(const struct view *view, const struct event *event,
    struct arena *arena, struct decision *decision);

/* What a warning says, in English; never NULL. */
const char *rules_warning_text(Sk__Warning warning);

/* row may be empty for an opening; *row and *closed (NULL: erased) become what
 * they are after. SK_STORE_CORRUPT for effects that no build has written. */
enum sk_error evolve(struct case_row *row, struct case_closed *closed,
    const Sk__Effects *open, const Sk__ClosedEffects *closed_effects);

/* ---- the tables, for tests and generated documents */

/*
 * What is in no row is refused. The first row that fits holds; two rows with
 * the same first three columns differ by what the facts say (a route of youth
 * help or another). Where several offers run beside each other the case keeps
 * the furthest state that any of them has reached.
 */
struct transition {
	Sk__CaseState state;	/* 0: every state that is not closed */
	Sk__Kind kind;
	Sk__Role role;		/* who may; 0: every role */
	Sk__Role to;		/* mandatory recipient's role; 0: whoever takes part */
	Sk__CaseState next;	/* 0: stays */
};
const struct transition *rules_transitions(size_t *n);
/* The row that holds, NULL for none. */
const struct transition *rules_transition(Sk__CaseState state, Sk__Kind kind,
    Sk__Role role);
/* May this role say this kind in any state? */
bool rules_role_may(Sk__Kind kind, Sk__Role role);
/* May this kind go to a recipient in this role? */
bool rules_role_receives(Sk__Kind kind, Sk__Role role);

/* When a term ends; TERMS stands for none. Days of the order are those of the
 * calendar, a breach comes after the end of its day. */
enum deadline_unit {
	DAYS_AFTER, WORKDAYS_AFTER, WORKDAYS_BEFORE, HOURS_AFTER,
	PERCENT_OF_HELP,	/* of the planned duration */
	MONTHS_AFTER
};
struct deadline_rule {
	Sk__DeadlineKind kind;
	enum deadline_unit unit;
	enum term warn, breach;
	const char *from;	/* what it is counted from, for the manual */
	const char *told;	/* who is told of its end */
};
const struct deadline_rule *rules_deadlines(size_t *n);
const struct deadline_rule *rules_deadline(Sk__DeadlineKind kind);

#endif
