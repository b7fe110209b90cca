/*
 * The court orders and announces; it reaches the child's help by way of the
 * access team of the child's municipality and no other.
 */
#include "broker/core/decide.h"

#include <stdio.h>

/* Older orders are for a new order to repeat. */
#define ORDER_AGE_DAYS_MAX 1827	/* five years */

#define ORDER "facts.court_order."

/* No other team than the child's may be among the recipients. */
static enum sk_error
check_team(struct deciding *d)
{
	const struct header *header = d->event->header;
	const struct member *member;

	if (d->municipality == 0)
		return REFUSE(d, SK_FIELD_INVALID, ORDER "municipality",
		    "a CBS code of four digits");
	if (d->owner == 0)
		return refuse_municipality(d, d->municipality,
		    ORDER "municipality");
	if (header->recipients > CASE_PARTICIPANTS_MAX)
		return REFUSE(d, SK_CASE_FULL, "header.recipients",
		    "at most %d take part", CASE_PARTICIPANTS_MAX);
	for (size_t i = 0; i < header->recipients; i++) {
		uint64_t participant = header->recipient[i].participant;
		char field[96];

		member = decide_member(d, participant);
		if (participant == d->owner || member == NULL ||
		    member->current.role != SK__ROLE__ACCESS)
			continue;
		d->decision->use_participant = d->owner;
		snprintf(field, sizeof(field),
		    "header.recipients[%zu].participant", i);
		return REFUSE(d, SK_TEAM_WRONG, field,
		    "the team of municipality %04u", (unsigned)d->municipality);
	}
	return SK_OK;
}

static enum sk_error
check_hearing(struct deciding *d, int32_t hearing_date, int32_t order_date,
    const char *field)
{
	char text[CIVIL_DATE_TEXT_MAX];

	if (hearing_date >= order_date)
		return SK_OK;
	civil_date_text(order_date, text);
	return REFUSE(d, SK_DATE_INVALID, field,
	    "not before the order of %s", text);
}

static enum sk_error
check_order_dates(struct deciding *d)
{
	const Sk__CourtOrderFacts *order = d->event->facts->court_order;
	int32_t date = d->event->header->event_date;

	if (!d->event->header->has_event_date)
		return REFUSE(d, SK_FIELD_MISSING, "header.event_date",
		    "the date of the order");
	/* one day ahead: an order of this night, an agent's clock */
	if (date > d->today + 1 || date < d->today - ORDER_AGE_DAYS_MAX)
		return REFUSE(d, SK_DATE_INVALID, "header.event_date",
		    "an order of the last five years");
	if (!order->has_hearing_date)
		return SK_OK;
	return check_hearing(d, order->hearing_date, date,
	    ORDER "hearing_date");
}

static enum sk_error
check_order_goals(struct deciding *d, const Sk__CourtOrderFacts *order)
{
	uint64_t seen = 0;
	char field[96];

	if (order->n_goals == 0)
		return REFUSE(d, SK_FIELD_MISSING, ORDER "goals",
		    "at least one goal");
	for (size_t i = 0; i < order->n_goals; i++) {
		const Sk__Goal *goal = order->goals[i];

		snprintf(field, sizeof(field), ORDER "goals[%zu]", i);
		if (goal->number < 1 || goal->number > CASE_GOALS_MAX ||
		    (seen >> goal->number & 1) != 0)
			return REFUSE(d, SK_FIELD_INVALID, field,
			    "a number from 1 to %d, each once", CASE_GOALS_MAX);
		if (goal->has_setter &&
		    goal->setter != SK__GOAL_SETTER__SET_BY_COURT)
			return REFUSE(d, SK_FIELD_INVALID, field,
			    "goals of an order are set by the court");
		seen |= UINT64_C(1) << goal->number;
	}
	return SK_OK;
}

static enum sk_error
check_order_persons(struct deciding *d, const Sk__CourtOrderFacts *order)
{
	size_t children = 0;

	for (size_t i = 0; i < order->n_persons; i++)
		if (order->persons[i]->role == SK__PERSON_ROLE__CHILD)
			children++;
	if (children != 1)
		return REFUSE(d, SK_FIELD_INVALID, ORDER "persons",
		    "exactly one child");
	if (order->n_persons > CASE_PERSONS_MAX)
		return REFUSE(d, SK_CASE_FULL, ORDER "persons",
		    "at most %d persons", CASE_PERSONS_MAX);
	return SK_OK;
}

static void
close_over(struct deciding *d, const Sk__CourtOrderFacts *order)
{
	Sk__ClosedEffects *closed = effects_closed(d);

	if (closed == NULL)
		return;
	closed->n_persons = order->n_persons;
	closed->persons = order->persons;
	closed->has_theme = order->has_theme;
	closed->theme = order->theme;
	closed->has_order_reference = order->has_order_reference;
	closed->order_reference = order->order_reference;
	for (size_t i = 0; i < order->n_goals; i++)
		effect_goal(d, order->goals[i], SK__GOAL_SETTER__SET_BY_COURT,
		    true);
}

/* Where courts refer direct, in a pilot, providers see the order at once. */
static void
effect_providers(struct deciding *d)
{
	const struct header *header = d->event->header;
	const struct member *member;

	for (size_t i = 0; i < header->recipients; i++) {
		uint64_t participant = header->recipient[i].participant;

		member = decide_member(d, participant);
		if (member->current.role == SK__ROLE__PROVIDER)
			effect_participant(d, participant, SK__ROLE__PROVIDER);
	}
}

static void
open_case(struct deciding *d, const Sk__CourtOrderFacts *order)
{
	Sk__Effects *open = d->decision->open;
	int32_t date = d->event->header->event_date;

	effect_opening(d, order->municipality, date);
	open->has_owner = open->has_director = open->has_court = 1;
	open->owner = open->director = d->owner;
	open->court = d->event->sender;
	family_opens(d, order->persons, order->n_persons);
	effect_participant(d, d->event->sender, SK__ROLE__COURT);
	effect_participant(d, d->owner, SK__ROLE__ACCESS);
	effect_providers(d);
	deadline_set_order(d, date);
	if (!order->has_hearing_date)
		return;
	open->has_hearing_date = 1;
	open->hearing_date = order->hearing_date;
	deadline_begin(d, SK__DEADLINE_KIND__HEARING_REPORT_DUE, 0,
	    order->hearing_date);
}

enum sk_error
decide_court_order(struct deciding *d)
{
	const Sk__CourtOrderFacts *order = d->event->facts->court_order;
	enum sk_error rc;

	if (d->row != NULL)
		return REFUSE(d, SK_STATE_WRONG, "header.case_ref",
		    "an order opens a case of its own");
	d->rule = rules_transition(SK__CASE_STATE__CASE_NEW, d->kind, d->role);
	if ((rc = check_team(d)) != SK_OK ||
	    (rc = decide_recipients(d)) != SK_OK ||
	    (rc = check_order_dates(d)) != SK_OK ||
	    (rc = check_order_persons(d, order)) != SK_OK ||
	    (rc = check_order_goals(d, order)) != SK_OK)
		return rc;
	open_case(d, order);
	close_over(d, order);
	return decide_unborn(d, order->persons, order->n_persons,
	    ORDER "persons");
}

enum sk_error
decide_hearing_notice(struct deciding *d)
{
	const Sk__HearingNoticeFacts *notice = d->event->facts->hearing_notice;
	Sk__Effects *open = d->decision->open;
	enum sk_error rc;

	if ((rc = check_hearing(d, notice->hearing_date, d->row->order_date,
	    "facts.hearing_notice.hearing_date")) != SK_OK)
		return rc;
	open->has_hearing_date = 1;
	open->hearing_date = notice->hearing_date;
	deadline_begin(d, SK__DEADLINE_KIND__HEARING_REPORT_DUE, 0,
	    notice->hearing_date);
	return SK_OK;
}

/* ---- what becomes of an order */

/* New goals have numbers that the case does not have yet: what was ordered
 * before stays as it was ordered. */
static enum sk_error
check_new_goals(struct deciding *d, const Sk__OrderExtendedFacts *extended)
{
	const struct case_closed *closed = decide_closed(d);
	char field[96];

	for (size_t i = 0; closed != NULL && i < extended->n_goals; i++)
		for (size_t j = 0; j < closed->goals; j++) {
			if (closed->goal[j].number !=
			    extended->goals[i]->number)
				continue;
			snprintf(field, sizeof(field),
			    "facts.order_extended.goals[%zu].number", i);
			return REFUSE(d, SK_FIELD_INVALID, field,
			    "goal %u was set before",
			    (unsigned)closed->goal[j].number);
		}
	return SK_OK;
}

/* The order goes on until a later hearing, with what it adds. */
enum sk_error
decide_order_extended(struct deciding *d)
{
	const Sk__OrderExtendedFacts *extended =
	    d->event->facts->order_extended;
	Sk__Effects *open = d->decision->open;
	int32_t last = d->row->hearing_date > d->row->order_date ?
	    d->row->hearing_date : d->row->order_date;
	enum sk_error rc;

	if ((rc = decide_date_past(d)) != SK_OK ||
	    (rc = check_new_goals(d, extended)) != SK_OK)
		return rc;
	if (extended->hearing_date <= last)
		return REFUSE(d, SK_DATE_INVALID,
		    "facts.order_extended.hearing_date",
		    "later than the hearing that there is");
	open->has_hearing_date = 1;
	open->hearing_date = extended->hearing_date;
	deadline_begin(d, SK__DEADLINE_KIND__HEARING_REPORT_DUE, 0,
	    extended->hearing_date);
	for (size_t i = 0; i < extended->n_goals; i++)
		effect_goal(d, extended->goals[i],
		    SK__GOAL_SETTER__SET_BY_COURT, true);
	return SK_OK;
}

/*
 * The order is gone: its terms end and the court leaves. The case stays with
 * the team, whose goals the court's become, and help may go on by agreement.
 */
enum sk_error
decide_order_withdrawn(struct deciding *d)
{
	const struct case_closed *closed = decide_closed(d);
	Sk__Effects *open = d->decision->open;
	Sk__Goal goal = SK__GOAL__INIT;
	enum sk_error rc;

	if ((rc = decide_date_past(d)) != SK_OK)
		return rc;
	open->has_order_withdrawn = open->order_withdrawn = 1;
	open->has_court = open->has_hearing_date = 1;
	open->court = 0;
	open->hearing_date = 0;
	effect_leaves(d, d->event->sender);
	effect_timer_clear(d, SK__DEADLINE_KIND__ORDER_START, 0);
	effect_timer_clear(d, SK__DEADLINE_KIND__HEARING_REPORT_DUE, 0);
	effect_timer_clear(d, SK__DEADLINE_KIND__COURT_REPORT_DUE, 0);
	for (size_t i = 0; closed != NULL && i < closed->goals; i++) {
		if (closed->goal[i].setter != SK__GOAL_SETTER__SET_BY_COURT)
			continue;
		goal.number = closed->goal[i].number;
		effect_goal(d, &goal, SK__GOAL_SETTER__SET_BY_ACCESS, false);
	}
	return SK_OK;
}
