/*
 * figures.h - counting for the learning system: what each event adds to the
 * seventeen groups of figures, and what of them may be shown.
 *
 * Integers alone: counts, and how often each number of days. Pure: the host
 * walks the journal once, keeps one memory a case and one a family, and feeds
 * each event to the cells that it belongs to. Event and memory are read, so
 * that one event may go to several cells; figures_remember follows once.
 */
#ifndef CORE_FIGURES_H
#define CORE_FIGURES_H

#include "broker/core/case.h"
#include "broker/core/catalogue.h"
#include "broker/core/figures_list.h"
#include "broker/core/policy.h"
#include "proto/message.h"

#define FIGURE_GROUPS 17u
#define FIGURES_DAYS_MAX 400u	/* what is more counts as this */
#define FIGURES_SHOWN_MIN 5u	/* less is not shown: it could be someone */

enum figure {
#define X(name, group, sort, of, nl, en) FIGURE_##name,
	FIGURE_LIST(X)
#undef X
	FIGURE_COUNT
};
enum spread {
#define X(name, group, nl, en) SPREAD_##name,
	SPREAD_LIST(X)
#undef X
	SPREAD_COUNT
};
enum figure_sort { FIGURE_WHOLE, FIGURE_PART, FIGURE_SUBSET, FIGURE_THING };

struct figure_info {
	const char *id, *nl, *en;
	uint8_t group;
	enum figure_sort sort;
	enum figure of;
};
struct figure_gap {
	uint8_t group;
	const char *nl, *why_nl, *en, *why_en;
};
const struct figure_info *figure_info(enum figure figure);
const struct figure_info *spread_info(enum spread spread);	/* sort, of: unused */
const char *figure_group_nl(unsigned group);
const char *figure_group_en(unsigned group);
const struct figure_gap *figure_gaps(size_t *n);

/* Zeroed is empty. */
struct figures {
	uint32_t count[FIGURE_COUNT];
	uint32_t spread[SPREAD_COUNT][FIGURES_DAYS_MAX + 1];
};

/* What a case's figures need of its past; zeroed before its opening. */
struct figures_case {
	uint32_t municipality;
	uint32_t messages, refusals, corrections;
	uint64_t owner, provider;	/* of its last handoff */
	int32_t order_date, received_date, triaged_date, analysed_date,
	    referred_date, accepted_date, started_date, crisis_date,
	    escalated_date;
	uint32_t court_goals;		/* bit (1 << number) */
	uint16_t offers;		/* since the last acceptance */
	uint8_t theme, domains, problem_owners, advice, moves;
	uint8_t ended, failed, closed;
	uint8_t voided;			/* entered in error: the host says so */
	/* as it stands: */
	uint8_t state, escalation, priority, vulnerability, participants,
	    directed, unacknowledged, waits;
	int32_t waits_since[CASE_HANDOFFS_MAX];
	uint64_t waits_for[CASE_HANDOFFS_MAX];
};

/* One family, over its cases; zeroed before the first. */
#define FIGURES_STARTS_MAX 16u
struct figures_family {
	int32_t start[FIGURES_STARTS_MAX];	/* the last so many */
	uint8_t starts;
};

/* What a later CORRECTION made of a message: it counts as put right. */
struct figures_right {
	bool removed, has_date, has_reason;
	int32_t date;
	int32_t reason;			/* Sk__DeclineReason */
	uint8_t goal[32];		/* Sk__GoalStatus by number; 0: as said */
};

struct figures_event {
	Sk__EventKind event;
	int64_t instant;
	const struct case_row *before;	/* NULL: an opening, or no case */
	const struct case_row *after;	/* NULL: reached no case */
	Sk__Role role;			/* of the sender */
	uint64_t sender;
	/* an envelope; NULL where it could not be read, facts also when erased */
	const struct header *header;
	const Sk__Facts *facts;
	const Sk__Effects *effects;
	enum sk_error refusal;		/* SK_OK: accepted */
	uint32_t fields;		/* filled in, as the host counts them */
	/* a deadline: */
	Sk__DeadlineKind deadline;
	bool breach;
	const Sk__Policy *policy;
	const struct catalogue *catalogue;	/* NULL: the policy alone */
	const struct figures_right *right;	/* NULL: as it was said */
};

/* A quarter, "2026Q1": its first and last day, of Amsterdam. */
struct figures_period {
	int32_t from, to;
};
bool figures_period_parse(const char *text, struct figures_period *period);
/* Does this instant fall in it? */
bool figures_in_period(const struct figures_period *period, int64_t instant);

/* Count one event. past is as before it; family NULL: not known. Of a case
 * that was entered in error its messages count alone. */
void figures_feed(struct figures *figures, const struct figures_case *past,
    const struct figures_family *family, const struct figures_event *event);
/* The memory becomes what it is after the event. */
void figures_remember(struct figures_case *past,
    struct figures_family *family, const struct figures_event *event);
/* Mail that went out again after an interruption: of no case. */
void figures_resent(struct figures *figures, uint32_t messages);
/* The ten that wait longest, out of all that wait: once all stand. */
void figures_oldest(struct figures *figures);
/* Which provider the event is of; 0: none. */
uint64_t figures_provider(const struct figures_case *past,
    const struct figures_event *event);
/* Count how a case stands at the end of this day. provider 0: all that wait. */
void figures_stand(struct figures *figures, const struct figures_case *now,
    int32_t today, uint64_t provider);
/* What the catalogue leaves open. */
void figures_coverage(struct figures *figures, const Sk__Policy *policy);

/* What it leaves open by municipality on that day, and how fresh the word on
 * its places is. */
void figures_places(struct figures *figures, const struct catalogue *catalogue,
    const Sk__Policy *policy, int32_t today);

uint32_t spread_total(const uint32_t spread[FIGURES_DAYS_MAX + 1]);
/* The smallest number that this share of all does not pass. 0 for none. */
uint32_t spread_at(const uint32_t spread[FIGURES_DAYS_MAX + 1],
    unsigned percent);

/* ---- what may be shown */
enum shown {
	SHOWN,
	SHOWN_FEW,		/* 1 to 4: "<5" */
	SHOWN_NOT		/* another could be found from it: "." */
};
/*
 * Hide what is few in a list, and as much beside it that none of it follows
 * from the whole; also the whole when nothing else is left to hide. What was
 * hidden stays so. Did anything change?
 */
bool figures_hide(const uint32_t *count, enum shown *shown, size_t n,
    uint32_t whole_count, enum shown *whole);
/* The same within one cell: parts of a whole, and what is left of it. */
bool figures_hide_within(const uint32_t count[FIGURE_COUNT],
    enum shown shown[FIGURE_COUNT]);

#endif
