/*
 * Gates of the field. A hard one stands whoever asks: triage, analysis (a
 * crisis aside), qualification, director, the way by the access team, consent,
 * and the order of escalation. A soft one a professional may pass, who then
 * says why and is recorded (R48).
 */
#include "broker/core/decide.h"
#include "broker/core/match.h"

#include <string.h>

#define L(name) SK__LEVEL__##name
#define P(name) SK__PLACE__##name
#define OFFERING "facts.referral.offering"
#define ALTERNATIVES "facts.referral.alternatives"

static const enum sk_error soft_gates[] = { SK_CONSIDERATION_MISSING,
	SK_LOCAL_REASON_MISSING, SK_ALTERNATIVES_MISSING, SK_PLACE_SKIPPED,
	SK_PLAN_MISSING, SK_PLAN_NOT_AGREED, SK_PLAN_EXISTS,
	SK_DOMAIN_MISMATCH, SK_CONFERENCE_MISSING, SK_ATTEMPTS_MISSING,
	SK_CONTRIBUTION_MISSING, SK_LESSON_MISSING, SK_STACKED_HELP,
	SK_HANDOVER_MISSING, SK_PARENTS_NOT_INFORMED, SK_SCALE_SKIPPED,
	SK_SIDE_NEEDS_OPEN };

bool
gate_is_soft(enum sk_error code)
{
	for (size_t i = 0; i < sizeof(soft_gates) / sizeof(soft_gates[0]); i++)
		if (soft_gates[i] == code)
			return true;
	return false;
}

/* Also one that is not met today: nobody learns to send them along. */
enum sk_error
gate_overrides_allowed(struct deciding *d)
{
	const Sk__Facts *facts = d->event->facts;

	if (facts == NULL || facts->n_overrides == 0)
		return SK_OK;
	for (size_t i = 0; i < facts->n_overrides; i++)
		if (!gate_is_soft((enum sk_error)facts->overrides[i]->gate))
			return REFUSE(d, SK_OVERRIDE_REFUSED,
			    "facts.overrides", "gate %u is not a soft one",
			    facts->overrides[i]->gate);
	if (d->event->header->person == 0)
		return REFUSE(d, SK_FIELD_MISSING, "header.person",
		    "the professional who passes a gate");
	return SK_OK;
}

bool
gate_passed(struct deciding *d, enum sk_error code)
{
	const Sk__Facts *facts = d->event->facts;

	for (size_t i = 0; facts != NULL && i < facts->n_overrides; i++) {
		if (facts->overrides[i]->gate != (uint32_t)code)
			continue;
		effect_override(d, facts->overrides[i]);
		return true;
	}
	return false;
}

/* ---- the route */

static bool
is_complete(const Sk__Consideration *c)
{
	return c->n_needed > 0 && c->n_problems > 0 && c->has_systemic &&
	    c->has_moment && c->has_adult_help && c->has_wlz_checked &&
	    c->wlz_checked;
}

/* The six questions of the weighing (R9); an answer that was begun is to be
 * finished wherever one is. */
static enum sk_error
check_consideration(struct deciding *d, const Sk__RouteDecisionFacts *route)
{
	if (route->consideration == NULL &&
	    !decide_term(d, TERM_CONSIDERATION_NEEDED))
		return SK_OK;
	if ((route->consideration != NULL &&
	    is_complete(route->consideration)) ||
	    gate_passed(d, SK_CONSIDERATION_MISSING))
		return SK_OK;
	return REFUSE(d, SK_CONSIDERATION_MISSING,
	    "facts.route_decision.consideration",
	    "needed, problems, systemic, moment, adult_help, wlz_checked");
}

static bool
is_heavy(Sk__Route route)
{
	return route == SK__ROUTE__YOUTH_SPECIALIST ||
	    route == SK__ROUTE__YOUTH_RESIDENTIAL ||
	    route == SK__ROUTE__COMPULSORY;
}

/* Specialist help is organised when local help is not enough (R12). */
static enum sk_error
check_local(struct deciding *d, const Sk__RouteDecisionFacts *route)
{
	if (!is_heavy(route->main) || !decide_term(d, TERM_LOCAL_REASON_NEEDED) ||
	    (route->local_insufficient &&
	    route->has_local_insufficient_reason) ||
	    gate_passed(d, SK_LOCAL_REASON_MISSING))
		return SK_OK;
	return REFUSE(d, SK_LOCAL_REASON_MISSING,
	    "facts.route_decision.local_insufficient_reason",
	    "why local help is not enough");
}

enum sk_error
gate_route(struct deciding *d)
{
	const Sk__RouteDecisionFacts *route = d->event->facts->route_decision;
	enum sk_error rc;

	if ((rc = check_consideration(d, route)) != SK_OK)
		return rc;
	return check_local(d, route);
}

/* ---- the referral */

/* When the child's failures were last talked over: in any of its cases. */
struct talked {
	int32_t conference, ret;
};

static struct talked
talked_over(struct deciding *d)
{
	const struct family *family = decide_family(d);
	struct talked last = { d->row->conference_date,
		d->row->ret_advice_date };

	for (size_t i = 0; family != NULL && i < family->cases; i++) {
		const struct family_case *c = &family->family_case[i];

		if (c->child != d->child)
			continue;
		if (c->conference_date > last.conference)
			last.conference = c->conference_date;
		if (c->ret_advice_date > last.ret)
			last.ret = c->ret_advice_date;
	}
	return last;
}

/* In all cases of the child; entries of older rules say it of their own
 * case alone. */
static struct failures
count_failures(struct deciding *d, const struct case_closed *closed)
{
	const struct child_help all = decide_child(d);
	struct failures f = child_failures(&all);

	if (f.in_a_row < closed->failures) {
		f.in_a_row = closed->failures;
		f.elsewhere = false;
	}
	if (f.in_a_row > 0 && !f.elsewhere && closed->failed_date > f.last)
		f.last = closed->failed_date;
	return f;
}

/*
 * After an end that failed the next help is chosen anew (R44): an analysis,
 * the second time a conference, the third time the expert team; whichever of
 * the child's cases it failed in. A crisis goes first, and its analysis
 * follows.
 */
static enum sk_error
check_failures(struct deciding *d, const struct case_closed *closed)
{
	const struct failures f = count_failures(d, closed);
	const struct talked talked = talked_over(d);

	if ((closed->reanalysis_due || (f.in_a_row > 0 && f.elsewhere &&
	    d->row->analysis_date < f.last)) && !case_in_crisis(d->row))
		return REFUSE(d, SK_REANALYSIS_REQUIRED, "header.kind",
		    "an ANALYSIS after the help that failed");
	if (f.in_a_row >= decide_term(d, TERM_FAILURES_TO_RET) &&
	    talked.ret < f.last)
		return REFUSE(d, SK_RET_MISSING, "header.kind",
		    "a RET_REQUEST: help failed %u times", f.in_a_row);
	if (f.in_a_row >= decide_term(d, TERM_FAILURES_TO_CONFERENCE) &&
	    talked.conference < f.last && talked.ret < f.last &&
	    !gate_passed(d, SK_CONFERENCE_MISSING))
		return REFUSE(d, SK_CONFERENCE_MISSING, "header.kind",
		    "a CASE_CONFERENCE: help failed %u times", f.in_a_row);
	return SK_OK;
}

/* What is offered helps with something that the analysis named (R8). A
 * catalogue that does not say what its help is for matches all. */
static enum sk_error
check_domains(struct deciding *d, const struct case_closed *closed,
    const Sk__Offering *offering)
{
	uint32_t domains = match_domains(offering);

	if (domains == 0 || closed->support == 0 ||
	    (domains & closed->support) != 0 ||
	    gate_passed(d, SK_DOMAIN_MISMATCH))
		return SK_OK;
	return REFUSE(d, SK_DOMAIN_MISMATCH, OFFERING,
	    "help on a domain that the ANALYSIS named");
}

static bool
was_considered(const Sk__ReferralFacts *referral, Sk__Place place)
{
	for (size_t i = 0; i < referral->n_alternatives; i++)
		if (referral->alternatives[i] == place)
			return true;
	return false;
}

/* As few children out of home as possible: alternatives, and a specialist's
 * view on safety (R24). */
static enum sk_error
check_alternatives(struct deciding *d, Sk__Place place)
{
	const Sk__ReferralFacts *referral = d->event->facts->referral;
	uint32_t needed = decide_term(d, TERM_ALTERNATIVES_MIN), found = 0;

	for (Sk__Place p = P(HOME); p < place; p++)
		found += was_considered(referral, p);
	if (needed > (uint32_t)place - 1)	/* no more than there are */
		needed = (uint32_t)place - 1;
	if ((found >= needed && referral->safety_view) ||
	    gate_passed(d, SK_ALTERNATIVES_MISSING))
		return SK_OK;
	return REFUSE(d, SK_ALTERNATIVES_MISSING, found < needed ?
	    ALTERNATIVES : "facts.referral.safety_view",
	    "%u places nearer to home, and a view on safety", needed);
}

/* Foster family, family home, facility, closed: in that order (R25). */
static enum sk_error
check_order(struct deciding *d, Sk__Place place)
{
	const Sk__ReferralFacts *referral = d->event->facts->referral;

	for (Sk__Place p = P(FOSTER); p < place; p++) {
		if (was_considered(referral, p) || referral->has_skipped ||
		    gate_passed(d, SK_PLACE_SKIPPED))
			continue;
		return REFUSE(d, SK_PLACE_SKIPPED, ALTERNATIVES,
		    "place %d comes first, or say why not", (int)p);
	}
	return SK_OK;
}

/* Closed help only on the expert team's advice, or in a crisis that is looked
 * back on within days (R62, R60). */
static enum sk_error
check_closed_place(struct deciding *d, const struct case_closed *closed,
    Sk__Place place)
{
	int32_t looked = d->row->crisis_reviewed_date > d->row->crisis_date ?
	    d->row->crisis_reviewed_date : d->row->crisis_date;

	if (place != P(CLOSED_PLACE) || closed->closed_advised)
		return SK_OK;
	if (case_in_crisis(d->row) && d->today - looked <=
	    (int32_t)decide_term(d, TERM_CRISIS_REVIEW_DAYS))
		return SK_OK;
	return REFUSE(d, SK_RET_MISSING, OFFERING,
	    "a RET_ADVICE for closed help, or a crisis that was looked back"
	    " on in time");
}

static enum sk_error
check_moves(struct deciding *d, const struct case_closed *closed)
{
	if (closed->moves < decide_term(d, TERM_MOVES_TO_RET) ||
	    d->row->escalated >= SK__ESCALATION__RET_ADVISED)
		return SK_OK;
	return REFUSE(d, SK_RET_MISSING, OFFERING,
	    "a RET_REQUEST: moved %u times unplanned", closed->moves);
}

static enum sk_error
check_out_of_home(struct deciding *d, const struct case_closed *closed,
    Sk__Place place)
{
	enum sk_error rc;

	if (place < P(FOSTER))
		return SK_OK;
	if ((rc = check_closed_place(d, closed, place)) != SK_OK ||
	    (rc = check_moves(d, closed)) != SK_OK ||
	    (rc = check_alternatives(d, place)) != SK_OK)
		return rc;
	return check_order(d, place);
}

enum sk_error
gate_referral(struct deciding *d, const Sk__Offering *offering)
{
	const struct case_closed *closed = decide_closed(d);
	enum sk_error rc;

	if (closed == NULL)
		return SK_OK;
	if ((rc = check_failures(d, closed)) != SK_OK || offering == NULL)
		return rc;
	if ((rc = check_domains(d, closed, offering)) != SK_OK)
		return rc;
	return check_out_of_home(d, closed, match_place(offering));
}

/* ---- start and end of help */

/*
 * The plan is made together (R37). The team agrees by sending it, the
 * provider by starting on it; the parents, and the child where it is asked,
 * stand in the plan, or the plan says why not.
 */
enum sk_error
gate_start(struct deciding *d)
{
	const struct case_closed *closed = decide_closed(d);

	if (closed == NULL || closed->waiver ||
	    (closed->agreed >> SK__PLAN_PARTY__PLAN_PARENTS & 1) != 0 ||
	    gate_passed(d, SK_PLAN_NOT_AGREED))
		return SK_OK;
	return REFUSE(d, SK_PLAN_NOT_AGREED, "header.kind",
	    "a FAMILY_PLAN that the parents agree to, or a waiver");
}

/* The helper persists when the door stays closed (R63). */
enum sk_error
gate_stop(struct deciding *d, const struct case_handoff *handoff)
{
	uint32_t needed = decide_term(d, TERM_CONTACT_ATTEMPTS_MIN);

	if (needed > CASE_ATTEMPTS_MAX)
		needed = CASE_ATTEMPTS_MAX;
	if (d->event->facts->stop->reason !=
	    SK__END_REASON__CLIENT_DOES_NOT_SHOW ||
	    handoff->attempts >= needed || gate_passed(d, SK_ATTEMPTS_MISSING))
		return SK_OK;
	return REFUSE(d, SK_ATTEMPTS_MISSING, "facts.stop.reason",
	    "CONTACT_ATTEMPT on %u days", needed);
}

bool
gate_is_complex(const struct deciding *d)
{
	const struct case_closed *closed = decide_closed(d);
	uint32_t complex = decide_term(d, TERM_COMPLEX_DOMAINS);

	return d->row->escalated >= SK__ESCALATION__RET_ASKED ||
	    case_in_crisis(d->row) || (closed != NULL && complex != 0 &&
	    case_domains(closed) >= complex);
}

/* Who declines what is hard brings something all the same (R69). */
enum sk_error
gate_decline(struct deciding *d)
{
	const Sk__DeclineFacts *decline = d->event->facts->decline;

	if (!gate_is_complex(d))
		return SK_OK;
	if ((decline->has_contribution && (decline->contribution !=
	    SK__CONTRIBUTION__ALTERNATIVE_OFFERING ||
	    decline->offering != NULL)) ||
	    gate_passed(d, SK_CONTRIBUTION_MISSING))
		return SK_OK;
	return REFUSE(d, SK_CONTRIBUTION_MISSING, "facts.decline.contribution",
	    "what this provider brings, or an offering instead");
}

/* Adult care, mediation, support act: each has somebody (R18). */
static enum sk_error
check_sides(struct deciding *d)
{
	const struct case_closed *closed = decide_closed(d);

	if (closed == NULL || (closed->side & ~closed->side_taken) == 0 ||
	    gate_passed(d, SK_SIDE_NEEDS_OPEN))
		return SK_OK;
	return REFUSE(d, SK_SIDE_NEEDS_OPEN, "header.kind",
	    "a SIDE_TAKEN for each side route of the decision");
}

/* A case that went to the expert team leaves something learned (R70). */
enum sk_error
gate_close(struct deciding *d)
{
	enum sk_error rc;

	if ((rc = check_sides(d)) != SK_OK)
		return rc;
	if (d->row->escalated < SK__ESCALATION__RET_ASKED ||
	    d->row->lesson_date != 0 || gate_passed(d, SK_LESSON_MISSING))
		return SK_OK;
	return REFUSE(d, SK_LESSON_MISSING, "header.kind", "a LESSON first");
}
