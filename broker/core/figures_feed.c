/*
 * What each event adds to the figures.
 */
#include "broker/core/figures.h"

#include <string.h>

#define H(name) SK__HANDOFF_STATUS__##name
#define ADD(name) (c->figures->count[FIGURE_##name]++)
#define YEAR_DAYS 365
#define OLDEST 10u
#define REVIEW_DAYS 7
#define ANALYSIS_DAYS 28
#define ORDER_GOAL_DAYS 14
#define ORDER_LIMIT_DAYS 28

static const struct case_row no_row;

/* One event on its way into one cell. */
struct counting {
	struct figures *figures;
	const struct figures_case *past;
	const struct figures_family *family;
	const struct figures_event *event;
	const struct case_row *before, *after;	/* never NULL */
	const Sk__Facts *facts;		/* NULL: erased */
	int32_t today, date;		/* the day of the event itself */
};

/* A coded answer as the figure that belongs to it: they lie in order from
 * first; what is not known counts as the last. */
static void
add_coded(struct counting *c, enum figure first, enum figure last,
    bool has, int code)
{
	if (!has || code < 1 || code > (int)last - (int)first + 1)
		c->figures->count[last]++;
	else
		c->figures->count[(int)first + code - 1]++;
}

static void
spread(struct counting *c, enum spread which, int64_t n)
{
	if (n < 0)
		n = 0;
	if (n > FIGURES_DAYS_MAX)
		n = FIGURES_DAYS_MAX;
	c->figures->spread[which][n]++;
}

static int32_t
later(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

/* Where the time went: since the last step that is known. */
static void
leg(struct counting *c, enum spread which, int32_t reached)
{
	const struct figures_case *p = c->past;
	int32_t last;

	if (p->order_date == 0 || reached != 0)
		return;
	last = later(later(p->order_date, p->received_date),
	    later(p->triaged_date, p->analysed_date));
	last = later(last, later(p->referred_date, p->accepted_date));
	spread(c, which, c->date - last);
}

static const struct case_handoff *
handoff_of_sender(const struct counting *c)
{
	return case_handoff_of(c->before, c->event->sender, NULL);
}

/* What was offered, as the catalogue has it; NULL: not in it. */
static const Sk__Offering *
offering_of(const struct counting *c, const struct case_handoff *handoff,
    struct catalogue_item *item)
{
	if (handoff == NULL || handoff->offering[0] == '\0' ||
	    !catalogue_find(c->event->catalogue, c->event->policy,
	    handoff->offering, item))
		return NULL;
	return item->offering;
}

static bool
is_pilot(const struct counting *c, const struct case_handoff *handoff)
{
	struct catalogue_item item;
	const Sk__Offering *offering = offering_of(c, handoff, &item);

	return offering != NULL && offering->has_pilot && offering->pilot;
}

/* One of those who are responsible together (R27), at this level. */
static bool
is_partner(const struct counting *c, const struct case_handoff *handoff)
{
	const Sk__Policy *policy = c->event->policy;
	struct catalogue_item item;
	const Sk__Offering *offering = offering_of(c, handoff, &item);

	for (size_t i = 0; offering != NULL && offering->provider != NULL &&
	    policy != NULL && i < policy->n_groups; i++) {
		const Sk__PartnerGroup *group = policy->groups[i];

		for (size_t k = 0; (unsigned)group->from_level <=
		    handoff->level && k < group->n_members; k++)
			if (strcmp(group->members[k], offering->provider) == 0)
				return true;
	}
	return false;
}

/* By the life domains that the triage found (R82). */
static void
add_complexity(struct counting *c, enum figure low)
{
	c->figures->count[(unsigned)low + (c->past->domains < 2 ? 0u :
	    c->past->domains < 4 ? 1u : 2u)]++;
}

/* ---- entry, triage, route, plan */

static void
feed_opening(struct counting *c)
{
	ADD(OPENED);
	switch (c->event->header->info->kind) {
	case SK__KIND__COURT_ORDER:
		ADD(OPENED_ORDER);
		break;
	case SK__KIND__ACCESS_REQUEST:
		ADD(OPENED_REQUEST);
		break;
	case SK__KIND__SIGNAL:
		ADD(OPENED_SIGNAL);
		break;
	default:
		ADD(OPENED_ASSIGNMENT);
	}
	if (c->event->effects != NULL && c->event->effects->returns_after != 0)
		ADD(RETURNED);
}

static bool
is_receipt_of_order(const struct counting *c)
{
	return c->event->sender == c->after->owner &&
	    ref_equal(&c->event->header->reply_to, &c->after->ref);
}

static void
feed_receipt(struct counting *c)
{
	if (is_receipt_of_order(c))
		leg(c, SPREAD_LEG_RECEIPT, c->past->received_date);
}

static void
feed_triage(struct counting *c)
{
	unsigned found = 0;

	ADD(TRIAGES);
	leg(c, SPREAD_LEG_TRIAGE, c->past->triaged_date);
	if (c->facts == NULL)
		return;
	if (c->facts->triage->underlying ==
	    SK__LIFE_DOMAIN__SEPARATION_CONFLICT)
		ADD(FROM_SEPARATION);
	for (size_t i = 0; i < c->facts->triage->n_domains; i++) {
		const Sk__DomainAnswer *d = c->facts->triage->domains[i];

		if (d->answer != SK__ANSWER__YES || d->domain < 1 ||
		    d->domain > CASE_DOMAINS)
			continue;
		c->figures->count[FIGURE_DOMAIN_SAFETY + d->domain - 1]++;
		found++;
	}
	spread(c, SPREAD_DOMAINS, found);
}

static void
feed_analysis(struct counting *c)
{
	const struct figures_case *p = c->past;

	ADD(ANALYSES);
	leg(c, SPREAD_LEG_ANALYSIS, p->analysed_date);
	if (p->failed)
		ADD(REANALYSED);
	if (p->crisis_date != 0 && p->analysed_date < p->crisis_date &&
	    c->date - p->crisis_date <= ANALYSIS_DAYS)
		ADD(ANALYSIS_28);
}

static void
feed_consideration(struct counting *c, const Sk__Consideration *weighing)
{
	unsigned helped = 0;

	ADD(WEIGHED);
	for (size_t i = 0; i < weighing->n_problems; i++)
		helped |= 1u << (weighing->problems[i] & 7);
	if ((c->past->problem_owners & ~helped) != 0)
		ADD(OWNER_MISMATCH);
}

static void
feed_principles(struct counting *c, const Sk__RouteDecisionFacts *route)
{
	unsigned named = 0;

	for (size_t i = 0; i < route->n_principles; i++)
		if (route->principles[i] >= 1 && route->principles[i] <= 6)
			named |= 1u << route->principles[i];
	if (named != 0)
		ADD(PRINCIPLED);
	for (unsigned i = 1; i <= 6; i++)
		if ((named >> i & 1) != 0)
			c->figures->count[FIGURE_PRINCIPLE_1 + i - 1]++;
}

static void
feed_route(struct counting *c)
{
	const Sk__RouteDecisionFacts *route = c->facts == NULL ? NULL :
	    c->facts->route_decision;

	ADD(ROUTES);
	add_coded(c, FIGURE_ROUTE_LOCAL, FIGURE_ROUTE_NONE,
	    route != NULL, route == NULL ? 0 : (int)route->main);
	if (route == NULL)
		return;
	if (route->consideration != NULL)
		feed_consideration(c, route->consideration);
	feed_principles(c, route);
}

static void
feed_warnings(struct counting *c)
{
	const Sk__Effects *effects = c->event->effects;

	for (size_t i = 0; effects != NULL && i < effects->n_warnings; i++)
		if (effects->warnings[i] ==
		    SK__WARNING__HELPS_THE_CHILD_ALONE)
			ADD(WARNED_CHILD);
		else if (effects->warnings[i] ==
		    SK__WARNING__OWNED_BY_PROFESSIONALS)
			ADD(WARNED_OWNERS);
}

static void
feed_plan(struct counting *c)
{
	const Sk__FamilyPlanFacts *plan;
	unsigned agreed = 0;

	ADD(PLANS);
	if (c->facts == NULL)
		return;
	plan = c->facts->family_plan;
	for (size_t i = 0; i < plan->n_agreed; i++)
		agreed |= 1u << (plan->agreed[i] & 7);
	if ((agreed >> SK__PLAN_PARTY__PLAN_PARENTS & 1) != 0)
		ADD(PLAN_PARENTS);
	if ((agreed >> SK__PLAN_PARTY__PLAN_CHILD & 1) != 0)
		ADD(PLAN_CHILD);
	if ((agreed >> SK__PLAN_PARTY__PLAN_NETWORK & 1) != 0)
		ADD(PLAN_NETWORK);
	if (plan->waiver)
		ADD(PLAN_WAIVED);
	if (plan->n_informal > 0)
		ADD(PLAN_INFORMAL);
	if (plan->good_enough)
		ADD(PLAN_GOOD_ENOUGH);
	feed_warnings(c);
}

/* ---- offers */

static void
feed_referral(struct counting *c)
{
	const Sk__ReferralFacts *facts = c->facts == NULL ? NULL :
	    c->facts->referral;
	const struct case_handoff *handoff = c->after->handoffs == 0 ? NULL :
	    &c->after->handoff[c->after->handoffs - 1];

	ADD(OFFERS);
	add_complexity(c, FIGURE_OFFERED_LOW);
	c->figures->count[FIGURE_OFFERS_PARTNER] += is_partner(c, handoff);
	c->figures->count[FIGURE_OFFERS_PILOT] += is_pilot(c, handoff);
	if (facts != NULL && facts->has_skipped)
		ADD(OFFERS_FARTHER);
	if (facts != NULL && facts->has_wider)
		ADD(OFFERS_WIDER);
	leg(c, SPREAD_LEG_REFERRAL, c->past->referred_date);
	if (c->after->triage_date != 0)
		spread(c, SPREAD_TRIAGE_AGE,
		    c->today - c->after->triage_date);
	if (c->after->analysis_date != 0)
		spread(c, SPREAD_ANALYSIS_AGE,
		    c->today - c->after->analysis_date);
}

static void
feed_accept(struct counting *c)
{
	ADD(ACCEPTED);
	leg(c, SPREAD_LEG_ACCEPT, c->past->accepted_date);
	if (c->past->offers > 0)
		spread(c, SPREAD_OFFERS_NEEDED, c->past->offers);
}

static void
feed_decline(struct counting *c)
{
	const Sk__DeclineFacts *decline = c->facts == NULL ? NULL :
	    c->facts->decline;
	const struct case_handoff *handoff = handoff_of_sender(c);
	const Sk__Offering *instead = NULL;

	int reason = decline == NULL ? 0 : (int)decline->reason;

	if (c->event->right != NULL && c->event->right->has_reason)
		reason = c->event->right->reason;
	ADD(DECLINED);
	add_coded(c, FIGURE_DECLINE_CAPACITY, FIGURE_DECLINE_OTHER, true,
	    reason);
	c->figures->count[FIGURE_DECLINED_PARTNER] += is_partner(c, handoff);
	c->figures->count[FIGURE_DECLINED_PILOT] += is_pilot(c, handoff);
	if (c->event->effects != NULL && c->event->effects->notice != NULL &&
	    c->event->effects->notice->kind ==
	    SK__NOTICE_KIND__NEXT_PARTNER)
		ADD(PASSED_ON);
	ADD(COMPLEXITY);
	add_complexity(c, FIGURE_COMPLEXITY_LOW);
	if (decline != NULL && decline->offering != NULL &&
	    c->event->policy != NULL)
		instead = policy_offering(c->event->policy, decline->offering);
	if (instead != NULL && handoff != NULL && instead->has_level &&
	    (int)instead->level < (int)handoff->level)
		ADD(TURNED_LIGHTER);
}

static void
feed_wait(struct counting *c)
{
	ADD(WAIT_PLACES);
	if (c->facts != NULL && c->facts->wait_place->bridge_help)
		ADD(BRIDGED);
}

/* ---- help */

static void
feed_first_start(struct counting *c)
{
	int32_t days = c->date - c->past->order_date;

	if (c->past->order_date == 0 || c->past->started_date != 0)
		return;
	ADD(FIRST_STARTS);
	spread(c, SPREAD_ORDER_START, days);
	if (days <= ORDER_GOAL_DAYS)
		ADD(START_14);
	else if (days <= ORDER_LIMIT_DAYS)
		ADD(START_28);
	else
		ADD(START_LATE);
	leg(c, SPREAD_LEG_START, 0);
}

static void
feed_place(struct counting *c, const struct case_handoff *handoff)
{
	ADD(PLACED);
	if (handoff == NULL || handoff->place == 0)
		ADD(PLACE_UNKNOWN);
	else if (handoff->place < SK__PLACE__FOSTER)
		ADD(PLACE_HOME);
	else
		add_coded(c, FIGURE_PLACE_FOSTER, FIGURE_PLACE_CLOSED, true,
		    handoff->place - SK__PLACE__FOSTER + 1);
}

static uint32_t
starts_since(const struct figures_family *family, int32_t date)
{
	uint32_t n = 0;

	for (size_t i = 0; i < family->starts; i++)
		n += family->start[i] > date;
	return n;
}

/* In the municipality's own area: help that is organised there, or of who is
 * its fixed contact (R28). */
static bool
is_own_area(const struct counting *c, const Sk__Offering *o)
{
	const Sk__Policy *policy = c->event->policy;
	bool is_here = o->scale == SK__SCALE__LOCAL;

	for (size_t i = 0; i < o->n_municipalities; i++)
		is_here = is_here || (o->n_municipalities == 1 &&
		    policy_municipality(o->municipalities[i]) ==
		    c->after->municipality);
	for (size_t i = 0; policy != NULL && i < policy->n_areas; i++) {
		const Sk__Area *area = policy->areas[i];
		bool lies = false;

		for (size_t k = 0; k < area->n_municipalities; k++)
			lies = lies || policy_municipality(
			    area->municipalities[k]) == c->after->municipality;
		for (size_t k = 0; lies && o->provider != NULL &&
		    k < area->n_contacts; k++)
			is_here = is_here ||
			    strcmp(area->contacts[k], o->provider) == 0;
	}
	return is_here;
}

static void
feed_offering(struct counting *c, const struct case_handoff *handoff)
{
	struct catalogue_item item;
	const Sk__Offering *o = offering_of(c, handoff, &item);

	ADD(SCALED);
	add_coded(c, FIGURE_SCALE_LOCAL, FIGURE_SCALE_UNKNOWN,
	    o != NULL && o->has_scale, o == NULL ? 0 : (int)o->scale);
	if (o == NULL)
		return;
	c->figures->count[FIGURE_STARTS_PILOT] += o->pilot != 0;
	c->figures->count[FIGURE_STARTS_WEEKEND] += o->weekend != 0;
	c->figures->count[FIGURE_OWN_AREA] += is_own_area(c, o);
}

static void
feed_start(struct counting *c)
{
	const struct case_handoff *now = case_handoff_of(c->after,
	    c->event->sender, NULL);

	ADD(STARTS);
	if (now != NULL && now->parallel)
		ADD(PARALLEL);
	if (now != NULL && now->hop)
		ADD(HOPPED);
	if (case_in_crisis(c->after))
		ADD(CRISIS_STARTS);
	if (c->facts != NULL && c->facts->start->unplanned_move)
		ADD(MOVED);
	feed_place(c, handoff_of_sender(c));
	feed_offering(c, handoff_of_sender(c));
	feed_first_start(c);
	if (c->family == NULL)
		return;
	spread(c, SPREAD_HOPS_12,
	    1 + starts_since(c->family, c->date - YEAR_DAYS));
	spread(c, SPREAD_HOPS_24,
	    1 + starts_since(c->family, c->date - 2 * YEAR_DAYS));
}

static bool
went_well(const Sk__StopFacts *stop)
{
	return stop->reason == SK__END_REASON__AS_PLANNED ||
	    stop->reason == SK__END_REASON__GOOD_ENOUGH;
}

static bool
has_failed(const Sk__StopFacts *stop)
{
	return !went_well(stop) && stop->reason != SK__END_REASON__DEATH;
}

static void
feed_goals(struct counting *c, const Sk__StopFacts *stop)
{
	const struct figures_right *right = c->event->right;

	for (size_t i = 0; i < stop->n_goals; i++) {
		const Sk__GoalState *goal = stop->goals[i];
		bool of_court = goal->number < 32 &&
		    (c->past->court_goals >> goal->number & 1) != 0;
		enum figure whole = of_court ? FIGURE_COURT_GOALS :
		    FIGURE_ACCESS_GOALS;
		int status = (int)goal->status;

		if (right != NULL && goal->number < 32 &&
		    right->goal[goal->number] != 0)
			status = right->goal[goal->number];
		if (status < SK__GOAL_STATUS__REACHED ||
		    status > SK__GOAL_STATUS__NOT_REACHED)
			continue;
		c->figures->count[whole]++;
		c->figures->count[(int)whole + 1 + status -
		    SK__GOAL_STATUS__REACHED]++;
	}
}

static void
feed_stop(struct counting *c)
{
	const Sk__StopFacts *stop = c->facts == NULL ? NULL : c->facts->stop;
	const struct case_handoff *handoff = handoff_of_sender(c);
	bool pilot = is_pilot(c, handoff);

	ADD(ENDS);
	c->figures->count[FIGURE_ENDS_PILOT] += pilot;
	if (handoff != NULL && handoff->start_date != 0)
		spread(c, SPREAD_HELP_DAYS, c->date - handoff->start_date);
	add_coded(c, FIGURE_END_PLANNED, FIGURE_END_NO_SHOW, stop != NULL,
	    stop == NULL ? 0 : (int)stop->reason);
	if (stop == NULL)
		return;
	if (has_failed(stop))
		ADD(FAILED);
	if (pilot && went_well(stop))
		ADD(PILOT_WELL);
	if (c->past->ended == 0) {
		ADD(FIRST_ENDED);
		if (went_well(stop))
			ADD(FIRST_MATCHED);
	}
	feed_goals(c, stop);
}

/* Help whose provider left, which the team ended by a WITHDRAW; NULL: none. */
static const struct case_handoff *
left_behind(const struct figures_event *event)
{
	const struct case_row *before = event->before, *after = event->after;

	if (before == NULL || after == NULL)
		return NULL;
	for (size_t i = 0; i < before->handoffs && i < after->handoffs; i++)
		if (before->handoff[i].status != H(HELP_ENDED) &&
		    after->handoff[i].status == H(HELP_ENDED))
			return &after->handoff[i];
	return NULL;
}

static void
feed_withdraw(struct counting *c)
{
	const struct case_handoff *handoff = left_behind(c->event);
	const Sk__WithdrawFacts *withdraw = c->facts == NULL ? NULL :
	    c->facts->withdraw;

	if (handoff == NULL)
		return;
	ADD(ENDS);
	if (handoff->start_date != 0)
		spread(c, SPREAD_HELP_DAYS, c->date - handoff->start_date);
	add_coded(c, FIGURE_END_PLANNED, FIGURE_END_NO_SHOW, withdraw != NULL,
	    withdraw == NULL ? 0 : (int)withdraw->reason);
	if (withdraw == NULL)
		return;
	if (withdraw->reason != SK__END_REASON__DEATH)
		ADD(FAILED);
	if (c->past->ended == 0)
		ADD(FIRST_ENDED);
}

/* ---- reports */

static void
feed_hearing_report(struct counting *c)
{
	uint64_t characters = 0;

	ADD(REPORTS);
	if (c->before->report_due_date != 0 &&
	    c->today <= c->before->report_due_date)
		ADD(REPORTS_ON_TIME);
	if (c->before->hearing_date != 0)
		spread(c, SPREAD_BEFORE_HEARING,
		    c->before->hearing_date - c->today);
	if (c->facts == NULL)
		return;
	for (size_t i = 0; i < c->facts->n_sections; i++)
		characters += c->facts->sections[i]->characters;
	spread(c, SPREAD_REPORT_LENGTH, (int64_t)((characters + 99) / 100));
	ADD(ADVICE);
	add_coded(c, FIGURE_ADVICE_CONTINUE, FIGURE_ADVICE_OTHER, true,
	    (int)c->facts->hearing_report->advice);
}

static void
feed_court_report(struct counting *c)
{
	ADD(COURT_REPORTS);
	if (c->facts != NULL && c->past->advice != 0 &&
	    (int)c->facts->court_report->advice == c->past->advice)
		ADD(FOLLOWED);
}

static void
feed_child_view(struct counting *c)
{
	const uint32_t bit = 1u << SK__SECTION__CHILD_VIEW;
	const struct kind_info *info = c->event->header->info;

	if (((info->sections_must | info->sections_may) & bit) == 0 ||
	    c->facts == NULL)
		return;
	ADD(VIEWABLE);
	for (size_t i = 0; i < c->facts->n_sections; i++)
		if (c->facts->sections[i]->section ==
		    SK__SECTION__CHILD_VIEW &&
		    c->facts->sections[i]->characters > 0) {
			ADD(CHILD_VIEW);
			return;
		}
}

/* ---- crisis, escalation, learning */

static void
feed_crisis_review(struct counting *c)
{
	ADD(REVIEWED);
	if (c->past->crisis_date != 0 &&
	    c->today - c->past->crisis_date <= REVIEW_DAYS)
		ADD(REVIEWED_7);
}

static void
feed_ret_advice(struct counting *c)
{
	if (c->facts == NULL)
		return;
	c->figures->count[FIGURE_RET_TAILORED] +=
	    c->facts->ret_advice->tailor_made_plan != 0;
	c->figures->count[FIGURE_RET_CLOSED] +=
	    c->facts->ret_advice->closed_placement != 0;
}

static void
feed_lesson(struct counting *c)
{
	unsigned themes = 0;

	ADD(LESSONS);
	if (c->facts == NULL)
		return;
	for (size_t i = 0; i < c->facts->lesson->n_themes; i++)
		themes |= 1u << (c->facts->lesson->themes[i] & 7);
	for (unsigned i = 1; i <= 6; i++)
		if ((themes >> i & 1) != 0)
			c->figures->count[FIGURE_LESSON_COOPERATION + i - 1]++;
}

static void
feed_unmet(struct counting *c)
{
	const Sk__UnmetNeedFacts *unmet = c->facts == NULL ? NULL :
	    c->facts->unmet_need;

	ADD(UNMET);
	add_coded(c, FIGURE_UNMET_NOT_OFFERED, FIGURE_UNMET_CAPACITY,
	    unmet != NULL && unmet->has_reason,
	    unmet == NULL ? 0 : (int)unmet->reason);
}

/* What the catalogue itself could not answer; mostly of no case (R17). */
static void
feed_unmet_found(struct counting *c)
{
	const Sk__UnmetFound *unmet = c->event->effects == NULL ? NULL :
	    c->event->effects->unmet;

	if (unmet == NULL)
		return;
	ADD(UNMET_FOUND);
	add_coded(c, FIGURE_UNMET_NOTHING, FIGURE_UNMET_UNWANTED,
	    unmet->has_reason, (int)unmet->reason);
}

static void
feed_informed(struct counting *c)
{
	if (c->facts == NULL || c->facts->parents_informed == NULL)
		return;
	if (c->facts->parents_informed->has_not_informed)
		ADD(PARENTS_NOT_TOLD);
	else
		ADD(PARENTS_TOLD);
}

static void
feed_story(struct counting *c)
{
	ADD(STORIES);
	add_coded(c, FIGURE_STORY_CHILD, FIGURE_STORY_NETWORK,
	    c->facts != NULL,
	    c->facts == NULL ? 0 : (int)c->facts->story->teller);
}

static void
feed_feedback(struct counting *c)
{
	ADD(FEEDBACKS);
	add_coded(c, FIGURE_FEEDBACK_CHILD, FIGURE_FEEDBACK_NETWORK,
	    c->facts != NULL,
	    c->facts == NULL ? 0 : (int)c->facts->feedback->teller);
	if (c->facts != NULL && c->facts->feedback->has_score)
		spread(c, SPREAD_FEEDBACK_SCORE, c->facts->feedback->score);
}

static void
feed_correction(struct counting *c)
{
	ADD(CORRECTIONS);
	if (c->facts != NULL && c->facts->correction->removed)
		ADD(TAKEN_BACK);
}

/* Asked once (R35): each item of a question counts. */
static void
feed_information(struct counting *c)
{
	const Sk__Information *i = c->event->effects == NULL ? NULL :
	    c->event->effects->information;

	if (i == NULL)
		return;
	c->figures->count[FIGURE_ASKED] += i->asked;
	c->figures->count[FIGURE_ASKED_KNOWN] += i->named;
	c->figures->count[FIGURE_ASKED_AGAIN] += i->again;
}

/* Steps of the ladder show in the row, whoever took them. */
static void
feed_escalation(struct counting *c)
{
	unsigned from = c->before->escalation, to = c->after->escalation;
	int64_t days = c->today - c->before->escalation_date;

	if (from == to)
		return;
	if (to == SK__ESCALATION__NOT_ESCALATED)
		ADD(TAKEN_AFTER_ALL);
	else if (from == SK__ESCALATION__NOT_ESCALATED &&
	    to == SK__ESCALATION__CASE_STUCK)
		ADD(STUCK);
	if (to == SK__ESCALATION__RET_ASKED) {
		ADD(RET_ASKED);
		if (from == SK__ESCALATION__CASE_STUCK)
			spread(c, SPREAD_STUCK_RET, days);
	} else if (to == SK__ESCALATION__RET_ADVISED) {
		ADD(RET_ADVISED);
		if (from == SK__ESCALATION__RET_ASKED)
			spread(c, SPREAD_RET_ADVICE, days);
	} else if (to == SK__ESCALATION__BOEG_ASKED) {
		ADD(BOEG_ASKED);
		spread(c, SPREAD_RET_BOEG,
		    c->today - c->before->ret_advice_date);
	} else if (to == SK__ESCALATION__BOEG_ADVISED)
		ADD(BOEG_ADVISED);
}

/* ---- what any change of the row adds */

static bool
has_ended(const struct case_row *row)
{
	return row->state == SK__CASE_STATE__CASE_CLOSED ||
	    row->state == SK__CASE_STATE__CASE_CLOSED_OTHER_ROUTE;
}

static void
feed_changes(struct counting *c)
{
	const struct case_row *a = c->before, *b = c->after;

	feed_escalation(c);
	if (a->number != 0 && a->director != b->director)
		ADD(DIRECTOR_CHANGES);
	for (size_t i = 0; i < a->handoffs && i < b->handoffs; i++) {
		if (a->handoff[i].status == b->handoff[i].status)
			continue;
		if (b->handoff[i].status == H(OFFER_LAPSED))
			ADD(LAPSED);
		if (b->handoff[i].status == H(OFFER_WITHDRAWN))
			ADD(WITHDRAWN);
	}
	if (!has_ended(a) && has_ended(b)) {
		ADD(CLOSED);
		if (b->state == SK__CASE_STATE__CASE_CLOSED_OTHER_ROUTE)
			ADD(CLOSED_LIGHT);
		if (a->escalation != SK__ESCALATION__NOT_ESCALATED)
			ADD(CLOSED_STUCK);
		spread(c, SPREAD_CASE_MESSAGES, c->past->messages + 1);
		spread(c, SPREAD_CASE_REFUSALS, c->past->refusals);
		spread(c, SPREAD_CASE_CORRECTIONS, c->past->corrections);
		spread(c, SPREAD_MOVES, c->past->moves);
	}
}

static void
feed_overrides(struct counting *c)
{
	const Sk__Effects *effects = c->event->effects;

	for (size_t i = 0; effects != NULL && i < effects->n_overrides; i++) {
		ADD(OVERRIDES);
		add_coded(c, FIGURE_OVERRIDE_URGENT, FIGURE_OVERRIDE_KNOWN,
		    true, (int)effects->overrides[i]->reason);
	}
}

static enum figure
gate_of(enum sk_error code)
{
	switch (code) {
	case SK_TRIAGE_MISSING:
	case SK_TRIAGE_INCOMPLETE:
		return FIGURE_GATE_TRIAGE;
	case SK_ANALYSIS_MISSING:
	case SK_REANALYSIS_REQUIRED:
		return FIGURE_GATE_ANALYSIS;
	case SK_ROUTE_MISSING:
	case SK_ROUTE_VIA_ACCESS:
		return FIGURE_GATE_ROUTE;
	case SK_PLAN_MISSING:
	case SK_PLAN_EXISTS:
		return FIGURE_GATE_PLAN;
	case SK_CONSENT_MISSING:
	case SK_PLAN_NOT_AGREED:
		return FIGURE_GATE_CONSENT;
	case SK_CONSIDERATION_MISSING:
	case SK_LOCAL_REASON_MISSING:
	case SK_ALTERNATIVES_MISSING:
	case SK_PLACE_SKIPPED:
		return FIGURE_GATE_WEIGHING;
	case SK_PROVIDER_NOT_QUALIFIED:
		return FIGURE_GATE_QUALIFIED;
	case SK_CONFERENCE_MISSING:
	case SK_RET_MISSING:
	case SK_DOMAIN_MISMATCH:
	case SK_ATTEMPTS_MISSING:
	case SK_LESSON_MISSING:
	case SK_GROUND_MISSING:
	case SK_DIRECTOR_MISSING:
	case SK_CONTRIBUTION_MISSING:
	case SK_ESCALATION_ORDER:
		return FIGURE_GATE_OTHER;
	default:
		return FIGURE_COUNT;
	}
}

static void
feed_refusal(struct counting *c)
{
	enum figure gate = gate_of(c->event->refusal);

	if (c->event->refusal == SK_ENVELOPE_REPEATED) {
		ADD(DUPLICATES);
		return;
	}
	ADD(REFUSALS);
	if (gate == FIGURE_COUNT)
		return;
	ADD(GATES);
	c->figures->count[gate]++;
}

static void
feed_deadline(struct counting *c)
{
	switch (c->event->deadline) {
	case SK__DEADLINE_KIND__ORDER_START:
		if (c->event->breach)
			ADD(START_BREACHED);
		else
			ADD(START_WARNED);
		break;
	case SK__DEADLINE_KIND__RECEIPT_DUE:
		ADD(RECEIPTS_LATE);
		break;
	case SK__DEADLINE_KIND__DELIVERY_DUE:
		ADD(UNDELIVERABLE);
		break;
	case SK__DEADLINE_KIND__HEARING_REPORT_DUE:
		if (c->event->breach)
			ADD(REPORT_BREACHED);
		break;
	case SK__DEADLINE_KIND__CRISIS_REVIEW_DUE:
		if (c->event->breach)
			ADD(REVIEW_BREACHED);
		break;
	case SK__DEADLINE_KIND__ANALYSIS_DUE:
		if (c->event->breach)
			ADD(ANALYSIS_BREACHED);
		break;
	default:
		break;
	}
}

/* ---- by kind */

static const struct {
	Sk__Kind kind;
	enum figure count;			/* when there is no feed */
	void (*feed)(struct counting *c);	/* NULL: the count alone */
} feeds[] = {
	{ SK__KIND__RECEIPT_OF, 0, feed_receipt },
	{ SK__KIND__TRIAGE, 0, feed_triage },
	{ SK__KIND__ANALYSIS, 0, feed_analysis },
	{ SK__KIND__ROUTE_DECISION, 0, feed_route },
	{ SK__KIND__FAMILY_PLAN, 0, feed_plan },
	{ SK__KIND__REFERRAL, 0, feed_referral },
	{ SK__KIND__ACCEPT, 0, feed_accept },
	{ SK__KIND__DECLINE, 0, feed_decline },
	{ SK__KIND__WAIT_PLACE, 0, feed_wait },
	{ SK__KIND__START, 0, feed_start },
	{ SK__KIND__STOP, 0, feed_stop },
	{ SK__KIND__WITHDRAW, 0, feed_withdraw },
	{ SK__KIND__HEARING_REPORT_REQUEST, FIGURE_REPORTS_ASKED, NULL },
	{ SK__KIND__HEARING_REPORT, 0, feed_hearing_report },
	{ SK__KIND__COURT_REPORT, 0, feed_court_report },
	{ SK__KIND__CRISIS_ALERT, FIGURE_CRISES, NULL },
	{ SK__KIND__CRISIS_TAKEN, FIGURE_CRISES_TAKEN, NULL },
	{ SK__KIND__CRISIS_REVIEW, 0, feed_crisis_review },
	{ SK__KIND__RET_ADVICE, 0, feed_ret_advice },
	{ SK__KIND__CASE_CONFERENCE, FIGURE_CONFERENCES, NULL },
	{ SK__KIND__INFORMATION_REQUEST, 0, feed_information },
	{ SK__KIND__LESSON, 0, feed_lesson },
	{ SK__KIND__UNMET_NEED, 0, feed_unmet },
	{ SK__KIND__INVOLVEMENT_NOTICE, FIGURE_INVOLVED, NULL },
	{ SK__KIND__FEEDBACK, 0, feed_feedback },
	{ SK__KIND__STORY, 0, feed_story },
	{ SK__KIND__CORRECTION, 0, feed_correction },
	{ SK__KIND__NOT_MINE, FIGURE_NOT_OURS, NULL },
	{ SK__KIND__TRANSFER_TAKEN, FIGURE_TRANSFERRED, NULL },
};

static void
feed_kind(struct counting *c)
{
	Sk__Kind kind = c->event->header->info->kind;

	if (c->event->header->info->opens_case)
		feed_opening(c);
	for (size_t i = 0; i < sizeof(feeds) / sizeof(feeds[0]); i++) {
		if (feeds[i].kind != kind)
			continue;
		if (feeds[i].feed != NULL)
			feeds[i].feed(c);
		else
			c->figures->count[feeds[i].count]++;
	}
	feed_child_view(c);
}

/* The day that the event itself names, or else that of its entry. */
static int32_t
date_of(const struct figures_event *event)
{
	if (event->right != NULL && event->right->has_date)
		return event->right->date;
	if (event->header != NULL && event->header->has_event_date)
		return event->header->event_date;
	return civil_date_at(event->instant);
}

/* Was it taken back since? Then it was never said. */
static bool
is_taken_back(const struct figures_event *event)
{
	return event->right != NULL && event->right->removed;
}

void
figures_feed(struct figures *figures, const struct figures_case *past,
    const struct figures_family *family, const struct figures_event *event)
{
	struct counting counting = { figures, past, family, event,
		event->before != NULL ? event->before : &no_row,
		event->after != NULL ? event->after : &no_row,
		event->facts, civil_date_at(event->instant), date_of(event) };
	struct counting *c = &counting;

	if (event->event == SK__EVENT_KIND__ENVELOPE_EVENT) {
		ADD(MESSAGES);
		figures->count[FIGURE_ANSWERS] += event->fields;
	} else if (event->event == SK__EVENT_KIND__DEADLINE_EVENT &&
	    !past->voided)
		feed_deadline(c);
	if (event->refusal != SK_OK) {
		feed_refusal(c);
		return;
	}
	if (past->voided) {
		if (c->after->state == SK__CASE_STATE__CASE_VOID &&
		    c->before->state != c->after->state)
			ADD(VOIDED);
		return;
	}
	feed_unmet_found(c);
	if (event->after == NULL)
		return;
	if (event->header != NULL && !is_taken_back(event)) {
		feed_informed(c);
		feed_kind(c);
	}
	feed_changes(c);
	feed_overrides(c);
}

/* ---- the memory */

static void
remember_triage(struct figures_case *past, const Sk__TriageFacts *triage)
{
	past->domains = past->problem_owners = 0;
	for (size_t i = 0; i < triage->n_domains; i++) {
		const Sk__DomainAnswer *d = triage->domains[i];

		if (d->answer != SK__ANSWER__YES)
			continue;
		past->domains++;
		if (d->has_owner)
			past->problem_owners = (uint8_t)(past->problem_owners |
			    1u << (d->owner & 7));
	}
}

static void
remember_opening(struct figures_case *past, const struct figures_event *event)
{
	const Sk__CourtOrderFacts *order;

	past->order_date = event->right != NULL && event->right->has_date ?
	    event->right->date : event->after->order_date;
	if (event->facts == NULL)
		return;
	if ((order = event->facts->court_order) != NULL) {
		past->theme = (uint8_t)order->theme;
		for (size_t i = 0; i < order->n_goals; i++)
			if (order->goals[i]->number < 32)
				past->court_goals |=
				    1u << order->goals[i]->number;
	} else if (event->facts->access_request != NULL &&
	    event->facts->access_request->has_theme)
		past->theme = (uint8_t)event->facts->access_request->theme;
}

static void
first(int32_t *date, int32_t today)
{
	if (*date == 0)
		*date = today;
}

static void
remember_start(struct figures_case *past, struct figures_family *family,
    const struct figures_event *event, int32_t date)
{
	first(&past->started_date, date);
	if (event->facts != NULL && event->facts->start->unplanned_move &&
	    past->moves < UINT8_MAX)
		past->moves++;
	if (family == NULL)
		return;
	if (family->starts == FIGURES_STARTS_MAX) {
		memmove(&family->start[0], &family->start[1],
		    (FIGURES_STARTS_MAX - 1) * sizeof(family->start[0]));
		family->starts--;
	}
	family->start[family->starts++] = date;
}

static void
remember_offer(struct figures_case *past, const struct figures_event *event,
    int32_t date)
{
	if (event->header->info->kind == SK__KIND__REFERRAL) {
		first(&past->referred_date, date);
		past->offers++;
		past->provider = figures_provider(past, event);
		return;
	}
	first(&past->accepted_date, date);
	past->offers = 0;
}

static void
remember_kind(struct figures_case *past, struct figures_family *family,
    const struct figures_event *event, int32_t date)
{
	const Sk__Facts *facts = event->facts;

	switch (event->header->info->kind) {
	case SK__KIND__RECEIPT_OF:
		if (event->sender == event->after->owner &&
		    ref_equal(&event->header->reply_to, &event->after->ref))
			first(&past->received_date, date);
		break;
	case SK__KIND__TRIAGE:
		first(&past->triaged_date, date);
		if (facts != NULL)
			remember_triage(past, facts->triage);
		break;
	case SK__KIND__ANALYSIS:
		past->analysed_date = date;
		past->failed = 0;
		break;
	case SK__KIND__REFERRAL:
	case SK__KIND__ACCEPT:
		remember_offer(past, event, date);
		break;
	case SK__KIND__START:
		remember_start(past, family, event, date);
		break;
	case SK__KIND__STOP:
		past->ended = 1;
		past->failed = facts != NULL && has_failed(facts->stop);
		break;
	case SK__KIND__WITHDRAW:
		if (left_behind(event) == NULL)
			break;
		past->ended = 1;
		past->failed = facts != NULL && facts->withdraw->reason !=
		    SK__END_REASON__DEATH;
		break;
	case SK__KIND__HEARING_REPORT:
		past->advice = facts == NULL ? 0 :
		    (uint8_t)facts->hearing_report->advice;
		break;
	case SK__KIND__CRISIS_ALERT:
		past->crisis_date = date;
		break;
	case SK__KIND__CORRECTION:
		past->corrections++;
		break;
	default:
		break;
	}
}

static void
remember_row(struct figures_case *past, const struct case_row *row)
{
	past->municipality = row->municipality;
	past->owner = row->owner;
	past->state = row->state;
	past->escalation = row->escalation;
	past->priority = row->priority;
	past->vulnerability = row->vulnerability;
	past->participants = past->directed = past->unacknowledged = 0;
	for (size_t i = 0; i < row->participants; i++) {
		const struct case_participant *p = &row->participant[i];

		if (p->left)
			continue;
		past->participants++;
		past->directed |= p->participant == row->director;
		past->unacknowledged = (uint8_t)(past->unacknowledged +
		    ((p->owes & OWES_INVOLVEMENT) != 0));
	}
	past->waits = 0;
	for (size_t i = 0; i < row->handoffs; i++) {
		if (row->handoff[i].status != H(HELP_WAITING))
			continue;
		past->waits_since[past->waits] = row->handoff[i].waits_since;
		past->waits_for[past->waits++] = row->handoff[i].provider;
	}
}

void
figures_remember(struct figures_case *past, struct figures_family *family,
    const struct figures_event *event)
{
	if (event->event == SK__EVENT_KIND__ENVELOPE_EVENT)
		past->messages++;
	past->refusals += event->refusal != SK_OK &&
	    event->refusal != SK_ENVELOPE_REPEATED;
	if (event->refusal != SK_OK || event->after == NULL)
		return;
	if (event->header != NULL && !is_taken_back(event)) {
		if (event->header->info->opens_case)
			remember_opening(past, event);
		remember_kind(past, family, event, date_of(event));
	}
	remember_row(past, event->after);
	past->closed = has_ended(event->after);
}

uint64_t
figures_provider(const struct figures_case *past,
    const struct figures_event *event)
{
	const struct case_row *a = event->before != NULL ? event->before :
	    &no_row, *b = event->after;

	if (event->role == SK__ROLE__PROVIDER)
		return event->sender;
	if (b == NULL)
		return past->provider;
	if (b->handoffs > a->handoffs)
		return b->handoff[b->handoffs - 1].provider;
	for (size_t i = 0; i < b->handoffs; i++)
		if (a->handoff[i].status != b->handoff[i].status)
			return b->handoff[i].provider;
	return past->provider;
}

/* ---- how it stands */

static void
stand_waiting(struct figures *figures, const struct figures_case *now,
    int32_t today, size_t i)
{
	struct counting counting = { .figures = figures };
	struct counting *c = &counting;
	const unsigned rank = now->priority >= 1 && now->priority <= 4 ?
	    now->priority - 1u : 3u;
	const unsigned weight = now->vulnerability < 2 ? 0u :
	    now->vulnerability < 5 ? 1u : 2u;
	const int32_t days = today - now->waits_since[i];

	ADD(WAITING);
	ADD(VULNERABLE);
	figures->count[FIGURE_WAITING_CLASS_1 + rank]++;
	figures->count[FIGURE_VULNERABLE_LOW + weight]++;
	spread(c, SPREAD_WAITED, days);
	spread(c, (enum spread)(SPREAD_WAITED_1 + rank), days);
	spread(c, (enum spread)(SPREAD_WAITED_LOW + weight), days);
}

void
figures_oldest(struct figures *figures)
{
	uint32_t left = OLDEST;

	for (size_t i = FIGURES_DAYS_MAX + 1; i-- > 0 && left > 0;) {
		uint32_t n = figures->spread[SPREAD_WAITED][i];

		n = n < left ? n : left;
		figures->spread[SPREAD_OLDEST][i] = n;
		left -= n;
	}
}

void
figures_resent(struct figures *figures, uint32_t messages)
{
	figures->count[FIGURE_RESENT] += messages;
}

void
figures_stand(struct figures *figures, const struct figures_case *now,
    int32_t today, uint64_t provider)
{
	struct counting counting = { .figures = figures };
	struct counting *c = &counting;

	if (now->state == 0 || now->state >= SK__CASE_STATE__CASE_CLOSED ||
	    now->voided)
		return;
	for (size_t i = 0; i < now->waits; i++)
		if (provider == 0 || now->waits_for[i] == provider)
			stand_waiting(figures, now, today, i);
	if (provider != 0 && now->provider != provider)
		return;
	ADD(OPEN_CASES);
	if (now->participants >= 2) {
		ADD(SHARED);
		if (!now->directed)
			ADD(UNDIRECTED);
	}
	figures->count[FIGURE_UNACKNOWLEDGED] += now->unacknowledged;
	if (now->escalation != SK__ESCALATION__NOT_ESCALATED)
		ADD(STUCK_NOW);
}

void
figures_coverage(struct figures *figures, const Sk__Policy *policy)
{
	bool filled[3][6] = { { false } };

	for (size_t i = 0; policy != NULL && i < policy->n_offerings; i++) {
		const Sk__Offering *o = policy->offerings[i];

		if (o->level < 1 || o->level > 5)
			continue;
		for (unsigned theme = 1; theme <= 2; theme++)
			if (!o->has_theme || (unsigned)o->theme == theme)
				filled[theme][o->level] = true;
	}
	for (unsigned theme = 1; theme <= 2; theme++) {
		for (unsigned level = 1; level <= 5; level++) {
			figures->count[FIGURE_CELLS]++;
			if (!filled[theme][level])
				figures->count[FIGURE_CELLS_EMPTY]++;
		}
	}
}

static void
count_cells(struct figures *figures, const struct catalogue *catalogue,
    const Sk__Policy *policy, uint32_t municipality, int32_t today)
{
	bool filled[3][6] = { { false } };
	struct catalogue_item item;
	size_t at = 0;

	while (catalogue_next(catalogue, policy, &at, &item)) {
		const Sk__Offering *o = item.offering;

		if (o->level < 1 || o->level > 5 ||
		    !catalogue_is_for(&item, municipality) ||
		    !catalogue_holds(&item, municipality, today))
			continue;
		for (unsigned theme = 1; theme <= 2; theme++)
			if (!o->has_theme || (unsigned)o->theme == theme)
				filled[theme][o->level] = true;
	}
	for (unsigned theme = 1; theme <= 2; theme++)
		for (unsigned level = 1; level <= 5; level++) {
			figures->count[FIGURE_LOCAL_CELLS]++;
			if (!filled[theme][level])
				figures->count[FIGURE_LOCAL_EMPTY]++;
		}
}

void
figures_places(struct figures *figures, const struct catalogue *catalogue,
    const Sk__Policy *policy, int32_t today)
{
	const int32_t fresh = (int32_t)policy_term(policy, 0,
	    TERM_CAPACITY_FRESH_DAYS);
	struct catalogue_item item;
	uint32_t places;
	int32_t date;
	size_t at = 0;

	while (catalogue_next(catalogue, policy, &at, &item)) {
		if (!catalogue_holds(&item, 0, today))
			continue;
		figures->count[FIGURE_OFFERINGS]++;
		if (!catalogue_places(&item, &places, &date))
			figures->count[FIGURE_PLACES_UNTOLD]++;
		else if (today - date > fresh)
			figures->count[FIGURE_PLACES_OLD]++;
		else
			figures->count[FIGURE_PLACES_FRESH]++;
	}
	for (size_t i = 0; policy != NULL && i < policy->n_municipalities; i++)
		count_cells(figures, catalogue, policy, policy_municipality(
		    policy->municipalities[i]->code), today);
}
