/*
 * The access team: broad triage, analysis, route, plan, closing.
 */
#include "broker/core/decide.h"

#include <stdio.h>

static const char *
domain_name(unsigned domain)
{
	static const char *const names[CASE_DOMAINS + 1] = { "", "SAFETY",
		"PARENTING", "DEVELOPMENT", "PHYSICAL_HEALTH", "MENTAL_HEALTH",
		"PARENT_DISABILITY", "SEPARATION_CONFLICT", "INCOME_DEBT",
		"HOUSING", "WORK_DAYTIME", "SCHOOL_DOMAIN", "LIFESTYLE",
		"CARER_OVERLOAD", "NETWORK" };

	return names[domain];
}

/* Look wider than youth care: each life domain has an answer, "not known"
 * among them (R3). */
static enum sk_error
check_domains(struct deciding *d, const Sk__TriageFacts *triage)
{
	unsigned answered = 0;

	for (size_t i = 0; i < triage->n_domains; i++)
		if (triage->domains[i]->domain <= CASE_DOMAINS)
			answered |= 1u << triage->domains[i]->domain;
	for (unsigned domain = 1; domain <= CASE_DOMAINS; domain++)
		if ((answered >> domain & 1) == 0)
			return REFUSE(d, SK_TRIAGE_INCOMPLETE,
			    "facts.triage.domains", "an answer for %s",
			    domain_name(domain));
	return SK_OK;
}

/* What is not grave today and may become so comes first too (R10, R56). */
static void
set_priority(struct deciding *d, const Sk__TriageFacts *triage)
{
	struct case_closed now = { 0 };

	for (size_t i = 0; i < triage->n_domains; i++)
		if (triage->domains[i]->domain <= CASE_DOMAINS)
			now.domain[triage->domains[i]->domain] =
			    (uint8_t)triage->domains[i]->answer;
	now.ground = (uint8_t)triage->ground;
	now.risk_of_worsening = triage->risk_of_worsening != 0;
	effect_priority(d, &now, case_in_crisis(d->row));
}

enum sk_error
decide_triage(struct deciding *d)
{
	const Sk__TriageFacts *triage = d->event->facts->triage;
	Sk__Effects *open = d->decision->open;
	Sk__ClosedEffects *closed;
	enum sk_error rc;

	if ((rc = decide_date_past(d)) != SK_OK)
		return rc;
	if (!triage->has_ground)
		return REFUSE(d, SK_GROUND_MISSING, "facts.triage.ground",
		    "help that is asked, safety, or an order");
	if ((rc = check_domains(d, triage)) != SK_OK)
		return rc;
	effect_state(d, d->rule->next);
	open->has_triage_date = 1;
	open->triage_date = decide_date(d);
	effect_timer_clear(d, SK__DEADLINE_KIND__TRIAGE_DUE, 0);
	if ((closed = effects_closed(d)) == NULL)
		return SK_OK;	/* spent: the end of decide refuses */
	closed->has_ground = triage->has_ground;
	closed->ground = triage->ground;
	closed->n_domains = triage->n_domains;
	closed->domains = triage->domains;
	closed->has_risk_of_worsening = 1;
	closed->risk_of_worsening = triage->risk_of_worsening;
	set_priority(d, triage);
	return SK_OK;
}

enum sk_error
decide_analysis(struct deciding *d)
{
	const Sk__AnalysisFacts *analysis = d->event->facts->analysis;
	Sk__Effects *open = d->decision->open;
	Sk__ClosedEffects *closed;
	enum sk_error rc;

	if ((rc = decide_date_past(d)) != SK_OK)
		return rc;
	effect_state(d, d->rule->next);
	open->has_analysis_date = 1;
	open->analysis_date = decide_date(d);
	effect_timer_clear(d, SK__DEADLINE_KIND__ANALYSIS_DUE, 0);
	if ((closed = effects_closed(d)) == NULL)
		return SK_OK;
	closed->n_support = analysis->n_support;
	closed->support = analysis->support;
	closed->has_reanalysis_due = 1;	/* renewed (R44) */
	closed->reanalysis_due = 0;
	return SK_OK;
}

/* ---- the route */

static bool
is_youth_help(Sk__Route route)
{
	return route == SK__ROUTE__YOUTH_AMBULANT ||
	    route == SK__ROUTE__YOUTH_SPECIALIST ||
	    route == SK__ROUTE__YOUTH_RESIDENTIAL ||
	    route == SK__ROUTE__COMPULSORY;
}

static const struct transition *
row_to(const struct deciding *d, Sk__CaseState next)
{
	const struct transition *t;
	size_t n;

	t = rules_transitions(&n);
	for (size_t i = 0; i < n; i++)
		if (t[i].state == d->rule->state && t[i].kind == d->kind &&
		    t[i].role == d->role && t[i].next == next)
			return &t[i];
	return NULL;
}

enum sk_error
decide_route_decision(struct deciding *d)
{
	Sk__Route route = d->event->facts->route_decision->main;
	Sk__ClosedEffects *closed;
	enum sk_error rc;

	if (is_youth_help(route)) {
		/* beside an offer or help that runs: other help may take
		 * over from it before it ends (R42) */
		if (d->rule->next != 0)
			d->rule = row_to(d, SK__CASE_STATE__CASE_ROUTED);
		rc = consent_route(d, route);
		if (rc == SK_OK)
			rc = gate_route(d);
	} else {
		d->rule = row_to(d, SK__CASE_STATE__CASE_CLOSED_OTHER_ROUTE);
		rc = decide_all_told(d,
		    "all who take part: the case ends here");
	}
	if (rc != SK_OK)
		return rc;
	if (d->rule == NULL)
		return REFUSE(d, SK_STATE_WRONG, "header.kind",
		    "not in state %s", case_state_name(d->row->state));
	effect_state(d, d->rule->next);
	if (!is_youth_help(route))
		decide_ends(d);
	else
		effect_timer_clear(d, SK__DEADLINE_KIND__ASSIGNMENT_DUE, 0);
	if ((closed = effects_closed(d)) == NULL)
		return SK_OK;
	closed->has_route = 1;
	closed->route = route;
	closed->n_side = d->event->facts->route_decision->n_side;
	closed->side = d->event->facts->route_decision->side;
	return SK_OK;
}

/* The offer is complete only when each side route has a taker (R18). */
enum sk_error
decide_side_taken(struct deciding *d)
{
	const Sk__SideTakenFacts *side = d->event->facts->side_taken;
	const struct case_closed *before = decide_closed(d);
	Sk__ClosedEffects *closed;

	if (before != NULL && (before->side & ~before->side_taken &
	    1u << (side->route & 15)) == 0)
		return REFUSE(d, SK_NOTHING_PENDING, "facts.side_taken.route",
		    "a side route that has no taker yet");
	if ((closed = effects_closed(d)) == NULL)
		return SK_OK;
	closed->has_side_taken = 1;
	closed->side_taken = side->route;
	return SK_OK;
}

/* ---- the plan */

static const struct case_goal *
goal_in_case(const struct deciding *d, uint32_t number)
{
	const struct case_closed *closed = decide_closed(d);

	for (size_t i = 0; closed != NULL && i < closed->goals; i++)
		if (closed->goal[i].number == number)
			return &closed->goal[i];
	return NULL;
}

static enum sk_error
check_plan_goals(struct deciding *d, const Sk__FamilyPlanFacts *plan)
{
	const struct case_goal *known;
	uint64_t seen = 0;
	char field[96];

	for (size_t i = 0; i < plan->n_goals; i++) {
		const Sk__Goal *goal = plan->goals[i];

		snprintf(field, sizeof(field), "facts.family_plan.goals[%zu]",
		    i);
		if (goal->number < 1 || goal->number > CASE_GOALS_MAX ||
		    (seen >> goal->number & 1) != 0)
			return REFUSE(d, SK_FIELD_INVALID, field,
			    "a number from 1 to %d, each once", CASE_GOALS_MAX);
		known = goal_in_case(d, goal->number);
		if (known != NULL &&
		    known->setter == SK__GOAL_SETTER__SET_BY_COURT)
			return REFUSE(d, SK_FIELD_INVALID, field,
			    "goal %u is the court's", goal->number);
		seen |= UINT64_C(1) << goal->number;
	}
	return SK_OK;
}

/* Where families turned out to be one while each had a plan, the older case's
 * is the plan. */
static bool
is_the_plan(const struct case_row *row, const struct family_case *other,
    const struct envelope_ref *joins)
{
	return ref_is_none(joins) && row->plan_date != 0 &&
	    ref_is_none(&row->plan_of) && row->number < other->number;
}

/*
 * One family, one team, one plan (R31): where the family has a plan already
 * this case joins it, and is told which one that is.
 */
static enum sk_error
check_one_plan(struct deciding *d, const Sk__FamilyPlanFacts *plan)
{
	const struct family *family = decide_family(d);
	const struct family_case *found = NULL;
	struct envelope_ref joins = { 0 };

	if (plan->joins != NULL && !ref_from_message(plan->joins, &joins))
		return REFUSE(d, SK_FIELD_INVALID, "facts.family_plan.joins",
		    "the reference of a case");
	if (family == NULL)
		return SK_OK;
	if ((found = family_plan(family)) == NULL && !ref_is_none(&joins))
		return REFUSE(d, SK_PLAN_MISSING, "facts.family_plan.joins",
		    "an open case of this family with a plan");
	if (found == NULL || ref_equal(&joins, &found->ref) ||
	    is_the_plan(d->row, found, &joins) ||
	    gate_passed(d, SK_PLAN_EXISTS))
		return SK_OK;
	d->decision->use_participant = found->owner;
	d->decision->use_case = found->number;
	d->decision->use_case_ref = found->ref;
	return REFUSE(d, SK_PLAN_EXISTS, "facts.family_plan.joins",
	    "the plan of case %llu", (unsigned long long)found->number);
}

/*
 * Who directs the family's plan directs the case that joins it, where it takes
 * part there (R33, R34); it said yes to that plan. Else the team of this case
 * keeps the direction of it.
 */
static void
follow_director(struct deciding *d)
{
	const struct family *family = decide_family(d);
	const struct family_case *plan = family == NULL ? NULL :
	    family_plan(family);

	if (plan == NULL || plan->director == d->row->director ||
	    decide_member(d, plan->director) == NULL ||
	    !case_has_participant(d->row, plan->director))
		return;
	involve_direct(d, plan->director);
}

/* The breakthrough method is each municipality's to take up (R68); where the
 * experts advised a plan of its own nobody has to ask. */
static enum sk_error
check_tailor_made(struct deciding *d, const Sk__FamilyPlanFacts *plan)
{
	if (!plan->tailor_made || decide_term(d, TERM_TAILOR_MADE_PLANS) ||
	    d->row->escalated >= SK__ESCALATION__RET_ADVISED)
		return SK_OK;
	return REFUSE(d, SK_FIELD_INVALID, "facts.family_plan.tailor_made",
	    "a municipality that works by that method, or a RET_ADVICE");
}

/* The child is too often seen as the problem: adults have it, and all that is
 * done is done with the child (R5). */
static bool
helps_the_child_alone(const struct deciding *d,
    const Sk__FamilyPlanFacts *plan)
{
	const struct case_closed *closed = decide_closed(d);
	bool adults = false;

	for (size_t i = 1; closed != NULL && i <= CASE_DOMAINS; i++) {
		if (closed->domain[i] != SK__ANSWER__YES)
			continue;
		if (closed->owner[i] == SK__PROBLEM_OWNER__OWNER_CHILD)
			return false;
		adults = true;
	}
	for (size_t i = 0; i < plan->n_goals; i++)
		if (!plan->goals[i]->has_helps ||
		    plan->goals[i]->helps != SK__PROBLEM_OWNER__OWNER_CHILD)
			return false;
	return adults && plan->n_goals > 0;
}

/* Responsibility stays where it belongs (R38). A goal that does not say whose
 * it is says nothing against its plan. */
static bool
owned_by_professionals(const Sk__FamilyPlanFacts *plan)
{
	for (size_t i = 0; i < plan->n_goals; i++)
		if (!plan->goals[i]->has_owner || plan->goals[i]->owner <
		    SK__GOAL_OWNER__OWNED_BY_PROVIDER)
			return false;
	return plan->n_goals > 0;
}

static void
warn_of_plan(struct deciding *d, const Sk__FamilyPlanFacts *plan)
{
	if (helps_the_child_alone(d, plan))
		effect_warning(d, SK__WARNING__HELPS_THE_CHILD_ALONE);
	if (owned_by_professionals(plan))
		effect_warning(d, SK__WARNING__OWNED_BY_PROFESSIONALS);
}

enum sk_error
decide_family_plan(struct deciding *d)
{
	const Sk__FamilyPlanFacts *plan = d->event->facts->family_plan;
	Sk__Effects *open = d->decision->open;
	Sk__ClosedEffects *closed;
	enum sk_error rc;

	if ((rc = decide_date_past(d)) != SK_OK ||
	    (rc = check_plan_goals(d, plan)) != SK_OK ||
	    (rc = check_tailor_made(d, plan)) != SK_OK ||
	    (rc = check_one_plan(d, plan)) != SK_OK)
		return rc;
	warn_of_plan(d, plan);
	open->plan_of = plan->joins;
	if (plan->joins != NULL)
		follow_director(d);
	open->has_plan_date = 1;
	open->plan_date = decide_date(d);
	if ((closed = effects_closed(d)) == NULL)
		return SK_OK;
	closed->n_agreed = plan->n_agreed;
	closed->agreed = plan->agreed;
	closed->has_waiver = closed->has_good_enough = 1;
	closed->waiver = plan->waiver;
	closed->good_enough = plan->good_enough;
	for (size_t i = 0; i < plan->n_goals; i++)
		effect_goal(d, plan->goals[i], SK__GOAL_SETTER__SET_BY_ACCESS,
		    goal_in_case(d, plan->goals[i]->number) == NULL);
	return SK_OK;
}

/* ---- the end */

/* The court reads that its case is closed, and nobody answers an offer that
 * lapsed unseen. */
static enum sk_error
check_close_told(struct deciding *d)
{
	for (size_t i = 0; i < d->row->handoffs; i++) {
		uint64_t provider = d->row->handoff[i].provider;

		if (d->row->handoff[i].status !=
		    SK__HANDOFF_STATUS__OFFER_OPEN ||
		    decide_member(d, provider) == NULL ||
		    decide_has_recipient(d, provider))
			continue;
		d->decision->use_participant = provider;
		return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients",
		    "the provider whose offer lapses");
	}
	if (d->row->court == 0 || decide_member(d, d->row->court) == NULL ||
	    decide_has_recipient(d, d->row->court))
		return SK_OK;
	d->decision->use_participant = d->row->court;
	return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients",
	    "the court of the case");
}

enum sk_error
decide_close(struct deciding *d)
{
	enum sk_error rc;

	for (size_t i = 0; i < d->row->handoffs; i++)
		if (handoff_runs(d->row->handoff[i].status))
			return REFUSE(d, SK_HELP_STILL_RUNS, "header.kind",
			    "a STOP or DECLINE by participant %llu first",
			    (unsigned long long)d->row->handoff[i].provider);
	if ((rc = check_close_told(d)) != SK_OK ||
	    (rc = gate_close(d)) != SK_OK)
		return rc;
	effect_state(d, d->rule->next);
	for (unsigned i = 0; i < d->row->handoffs; i++)
		if (d->row->handoff[i].status == SK__HANDOFF_STATUS__OFFER_OPEN)
			effect_handoff(d, i + 1,
			    SK__HANDOFF_STATUS__OFFER_LAPSED, d->today);
	decide_ends(d);
	return SK_OK;
}

/* ---- who looks into the journal */

/* Person and ground stand in the leaf, which outlives the day's key: who
 * looked is told for as long as there is a journal (NEN 7513). */
enum sk_error
decide_audit_look(struct deciding *d)
{
	d->decision->open->looked = d->event->facts->audit_look;
	return SK_OK;
}
