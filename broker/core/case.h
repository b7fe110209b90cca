/*
 * case.h - what the broker knows of one case: a child in one order or request.
 *
 * The open row follows from open effects alone, the closed row from closed
 * effects alone; the latter is kept under the case's key and gone with it.
 * Both are plain values: zeroed is empty, copied by assignment.
 */
#ifndef CORE_CASE_H
#define CORE_CASE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/ids.h"
#include "proto/journal.pb-c.h"

#define CASE_PARTICIPANTS_MAX 24
#define CASE_HANDOFFS_MAX 32
#define CASE_TIMERS_MAX 63
#define CASE_GOALS_MAX 32
#define CASE_PERSONS_MAX 8
#define CASE_DOMAINS 14
#define CASE_ATTEMPTS_MAX 4
#define CASE_OFFERING_MAX 32	/* characters of its code */
#define CASE_PURPOSES 7
#define CASE_HOUSEHOLDS_MAX 8
#define CASE_QUESTIONS_MAX 8	/* that wait for their answer */

/* Receipts that a participant owes. */
#define OWES_INVOLVEMENT 1u	/* R32 */
#define OWES_CRISIS 2u		/* R59 */

struct case_participant {
	uint64_t participant;
	uint8_t role;		/* Sk__Role */
	uint8_t left;
	uint8_t owes;		/* OWES_ bits */
	uint8_t erasure_said;	/* Sk__ErasureSaid, its own statement */
};

/* One offer to one provider (R64: several a case, each its own record). */
struct case_handoff {
	struct envelope_ref referral;
	uint64_t provider;
	int32_t date;		/* of its status: intake, expected, start, end */
	uint8_t status;		/* Sk__HandoffStatus */
	uint8_t level;		/* Sk__Level */
	uint8_t place;		/* Sk__Place, 0: not said */
	uint8_t attempts;	/* days on which contact was sought (R63) */
	uint8_t months;		/* that its offering lasts at most; 0: not said */
	int32_t attempt_date[CASE_ATTEMPTS_MAX];
	int32_t waits_since;	/* 0: does not wait */
	uint8_t in_touch;	/* declined what is hard, stays subscribed (R69) */
	int32_t start_date;	/* help began; 0: not yet */
	uint8_t category;	/* of its product (JZ21); 0: not known */
	uint8_t unplanned;	/* ended otherwise than as planned (R44) */
	uint8_t hop, parallel;	/* R43 */
	uint8_t takes_over;	/* from help that ran (R42) */
	char offering[CASE_OFFERING_MAX + 1];
};

struct case_timer {
	int64_t warn, breach;	/* instants; 0: none, or has fired */
	uint8_t kind;		/* Sk__DeadlineKind */
	uint8_t handoff;	/* index from 1; 0: of the whole case */
	uint8_t late;		/* was past when it was set */
};

struct case_row {
	uint64_t number;
	struct envelope_ref ref;	/* {opener, opening envelope} */
	uint64_t owner;			/* never 0 */
	uint64_t director;		/* regievoerder */
	uint64_t court;			/* 0: no order */
	uint64_t last_entry;		/* position + 1 of its last entry */
	uint64_t family, child;		/* as recorded: see family.h */
	uint32_t municipality;		/* CBS code */
	int32_t order_date, hearing_date, triage_date, analysis_date,
	    plan_date, report_due_date, reported_date, court_reported_date;
	struct envelope_ref report_request;
	struct envelope_ref involvement_notice, change_request, crisis_alert;
	struct envelope_ref plan_of;	/* none: a plan of its own (R31) */
	uint64_t crisis_owner, transfer_to, director_proposed;
	uint32_t transfer_municipality;
	int32_t crisis_date, crisis_reviewed_date, escalation_date,
	    ret_advice_date, lesson_date, conference_date;
	uint8_t crisis;			/* Sk__Crisis */
	uint8_t escalation;		/* Sk__Escalation, now */
	uint8_t escalated;		/* the furthest that it came */
	uint8_t priority;		/* class 1 first to 4 last; 0: not known */
	uint8_t vulnerability;
	uint8_t state;			/* Sk__CaseState */
	struct envelope_ref erasure_request;	/* the last; pending or granted */
	uint8_t erasure_asked;		/* Sk__ErasureGround; 0: none waits */
	uint8_t erasure_granted;	/* the same, once granted */
	uint8_t erased;			/* the same: it has no content */
	struct {			/* by slot; of no request: free */
		struct envelope_ref request;
		uint64_t holder;	/* who is to answer */
	} question[CASE_QUESTIONS_MAX];
	uint8_t participants, handoffs, timers;
	struct case_participant participant[CASE_PARTICIPANTS_MAX];
	struct case_handoff handoff[CASE_HANDOFFS_MAX];
	struct case_timer timer[CASE_TIMERS_MAX];
};

struct case_goal {
	int32_t due_date;
	uint8_t number, setter, status;
};
struct case_closed {
	uint8_t theme, ground, route;
	uint8_t goals, persons;
	uint8_t domain[CASE_DOMAINS + 1];	/* Sk__Answer by Sk__LifeDomain */
	uint8_t owner[CASE_DOMAINS + 1];	/* Sk__ProblemOwner */
	uint8_t order_reference[16];
	uint16_t support;	/* of the analysis, bit (1 << Sk__LifeDomain) */
	uint8_t agreed;		/* to the plan, bit (1 << Sk__PlanParty) */
	uint16_t side, side_taken;	/* routes, bit (1 << Sk__Route) (R18) */
	uint8_t waiver, risk_of_worsening, closed_advised, reanalysis_due;
	uint8_t failures;	/* ends that failed, in a row (R44) */
	uint8_t moves;		/* unplanned, out of home (R61) */
	uint8_t good_enough;	/* the plan says when it is (R54) */
	int32_t failed_date;
	struct case_goal goal[CASE_GOALS_MAX];
	struct {
		uint8_t pseudonym[32];
		uint32_t secret_version;
		uint8_t role, consent, has_consent;
		uint8_t authority;	/* Sk__Authority, 0: not said */
		uint8_t authority_ground;
		uint8_t household;	/* 0: not said */
		uint8_t secret_address;
		uint8_t unborn;
		int32_t birth_date;	/* expected while unborn; 0: not said */
		struct {
			int32_t date;
			uint8_t state;	/* Sk__ConsentState, 0: not said */
			uint8_t ground;
		} stated[CASE_PURPOSES + 1];	/* by Sk__ConsentPurpose */
	} person[CASE_PERSONS_MAX];
};

bool case_is_closed(const struct case_row *row);
/* A danger that was reported and has not passed. */
bool case_in_crisis(const struct case_row *row);
/* How many life domains the triage answered with yes. */
unsigned case_domains(const struct case_closed *closed);
/* Does it take part now? */
bool case_has_participant(const struct case_row *row, uint64_t participant);
/* Its latest handoff, NULL for none; index from 1 in *index when given. */
const struct case_handoff *case_handoff_of(const struct case_row *row,
    uint64_t provider, unsigned *index);
const struct case_handoff *case_handoff_by_referral(const struct case_row *row,
    const struct envelope_ref *referral, unsigned *index);
/* A term that runs, NULL for none. */
const struct case_timer *case_timer_of(const struct case_row *row,
    Sk__DeadlineKind kind, unsigned handoff);
const char *case_state_name(Sk__CaseState state);	/* "ROUTED" */
const char *case_state_dutch(Sk__CaseState state);

#endif
