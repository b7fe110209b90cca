/*
 * The provider answers, starts, reports on and ends its own handoffs, and
 * nobody else's.
 */
#include "broker/core/decide.h"

#define H(name) SK__HANDOFF_STATUS__##name
#define IS(name) (1u << SK__HANDOFF_STATUS__##name)

/* Find the sender's handoff; it must have one of these statuses. */
static enum sk_error
check_handoff(struct deciding *d, unsigned statuses,
    const struct case_handoff **handoff, unsigned *index)
{
	enum sk_error rc;

	if ((rc = decide_handoff(d, handoff, index)) != SK_OK)
		return rc;
	if ((statuses >> (*handoff)->status & 1) == 0)
		return REFUSE(d, SK_STATE_WRONG, "header.reply_to",
		    "not in what became of this referral");
	return SK_OK;
}

static enum sk_error
check_not_before(struct deciding *d, int32_t date, int32_t first,
    const char *field, const char *what)
{
	char text[CIVIL_DATE_TEXT_MAX];

	if (date >= first)
		return SK_OK;
	civil_date_text(first, text);
	return REFUSE(d, SK_DATE_INVALID, field, "not before the %s of %s",
	    what, text);
}

/* An answer says more than a receipt, so it ends both terms. */
static void
become(struct deciding *d, unsigned index, Sk__HandoffStatus status,
    int32_t date)
{
	Sk__CaseState rest = d->rule->next != 0 ? d->rule->next :
	    d->row->state;

	effect_state(d, handoff_settle(d->row, index, status, rest));
	effect_handoff(d, index, status, date);
	effect_timer_clear(d, SK__DEADLINE_KIND__ANSWER_DUE, index);
	effect_timer_clear(d, SK__DEADLINE_KIND__RECEIPT_DUE, index);
	effect_timer_clear(d, SK__DEADLINE_KIND__RELOOK_DUE, index);
	if (status == H(HELP_ENDED))
		effect_timer_clear(d, SK__DEADLINE_KIND__REVIEW_DUE, index);
}

/* The change that become made. */
static Sk__HandoffChange *
change_of(struct deciding *d, unsigned index)
{
	Sk__Effects *open = d->decision->open;

	for (size_t i = 0; i < open->n_handoffs; i++)
		if (open->handoffs[i]->index == index)
			return open->handoffs[i];
	return NULL;	/* spent: the end of decide refuses */
}

enum sk_error
decide_accept(struct deciding *d)
{
	const Sk__AcceptFacts *accept = d->event->facts->accept;
	const struct case_handoff *handoff;
	unsigned index = 0;
	enum sk_error rc;

	if ((rc = check_handoff(d, IS(OFFER_OPEN) | IS(HELP_WAITING), &handoff,
	    &index)) != SK_OK)
		return rc;
	if (accept->has_intake_date && (rc = check_not_before(d,
	    accept->intake_date, d->row->order_date,
	    "facts.accept.intake_date", "order")) != SK_OK)
		return rc;
	become(d, index, H(OFFER_ACCEPTED),
	    accept->has_intake_date ? accept->intake_date : d->today);
	escalate_taken(d);
	return SK_OK;
}

/* Who declines what is hard stays subscribed, also when it is tense (R69). */
static void
keep_in_touch(struct deciding *d, unsigned index)
{
	Sk__Effects *open = d->decision->open;

	for (size_t i = 0; i < open->n_handoffs; i++)
		if (open->handoffs[i]->index == index)
			open->handoffs[i]->has_in_touch =
			    open->handoffs[i]->in_touch = 1;
}

/* Also after it accepted: better a late no than help that never comes. */
enum sk_error
decide_decline(struct deciding *d)
{
	const struct case_handoff *handoff;
	unsigned index = 0;
	enum sk_error rc;

	if ((rc = check_handoff(d, IS(OFFER_OPEN) | IS(OFFER_ACCEPTED) |
	    IS(HELP_WAITING), &handoff, &index)) != SK_OK ||
	    (rc = gate_decline(d)) != SK_OK)
		return rc;
	become(d, index, H(OFFER_DECLINED), d->today);
	if (gate_is_complex(d))
		keep_in_touch(d, index);
	involve_leaves(d, d->event->sender);
	escalate_if_no_taker(d, index, H(OFFER_DECLINED));
	offering_next_partner(d, index);
	return SK_OK;
}

/* Since the first time that this offer had to wait. */
static void
keep_waiting(struct deciding *d, const struct case_handoff *handoff,
    unsigned index)
{
	Sk__Effects *open = d->decision->open;

	for (size_t i = 0; i < open->n_handoffs; i++) {
		if (open->handoffs[i]->index != index ||
		    handoff->waits_since != 0)
			continue;
		open->handoffs[i]->has_waits_since = 1;
		open->handoffs[i]->waits_since = d->today;
	}
}

enum sk_error
decide_wait_place(struct deciding *d)
{
	const Sk__WaitPlaceFacts *place = d->event->facts->wait_place;
	const struct case_handoff *handoff;
	unsigned index = 0;
	enum sk_error rc;

	if ((rc = check_handoff(d, IS(OFFER_OPEN) | IS(OFFER_ACCEPTED) |
	    IS(HELP_WAITING), &handoff, &index)) != SK_OK)
		return rc;
	if (!place->bridge_help)	/* R57 */
		return REFUSE(d, SK_FIELD_INVALID,
		    "facts.wait_place.bridge_help",
		    "nobody waits without help in between");
	become(d, index, H(HELP_WAITING),
	    place->has_expected_date ? place->expected_date : 0);
	keep_waiting(d, handoff, index);
	deadline_begin(d, SK__DEADLINE_KIND__RELOOK_DUE, index, d->today);
	escalate_taken(d);
	return SK_OK;
}

/* A child that moves again unplanned is for the expert team (R61). */
static void
count_move(struct deciding *d, const struct case_handoff *handoff)
{
	const struct case_closed *before = decide_closed(d);
	Sk__ClosedEffects *closed;

	if (!d->event->facts->start->unplanned_move || before == NULL ||
	    handoff->place < SK__PLACE__FOSTER || before->moves == UINT8_MAX ||
	    (closed = effects_closed(d)) == NULL)
		return;
	closed->has_moves = 1;
	closed->moves = before->moves + 1u;
	if (closed->moves >= decide_term(d, TERM_MOVES_TO_RET))
		escalate_stuck(d);
}

/* So many months later, on the last day of a month that is too short. */
static int32_t
months_after(int32_t date, unsigned months)
{
	struct civil_day day = civil_split(date);
	int month = day.month - 1 + (int)months;
	int year = day.year + month / 12;

	month = month % 12 + 1;
	while (!civil_date_valid(year, month, day.day))
		day.day--;
	return civil_date(year, month, day.day);
}

/* Help is for a time (R53): as planned, and no longer than its offering is
 * for, or than the region has it (R52). */
static enum sk_error
plan_end(struct deciding *d, const struct case_handoff *handoff,
    int32_t *end)
{
	const Sk__StartFacts *start = d->event->facts->start;
	uint32_t months = handoff->months != 0 ? handoff->months :
	    decide_term(d, TERM_HELP_MONTHS_MAX);
	char text[CIVIL_DATE_TEXT_MAX];

	*end = months_after(decide_date(d), months);
	if (!start->has_until_date)
		return SK_OK;
	if (start->until_date > *end || start->until_date < decide_date(d)) {
		civil_date_text(*end, text);
		return REFUSE(d, SK_DATE_INVALID, "facts.start.until_date",
		    "from the start to %s", text);
	}
	*end = start->until_date;
	return SK_OK;
}

static void
begin_course(struct deciding *d, unsigned index)
{
	Sk__HandoffChange *change = change_of(d, index);

	if (change == NULL)
		return;
	change->has_start_date = 1;
	change->start_date = decide_date(d);
	family_starts(d, index, change);
}

enum sk_error
decide_start(struct deciding *d)
{
	const struct case_handoff *handoff;
	unsigned index = 0;
	int32_t end = 0;
	enum sk_error rc;

	if ((rc = check_handoff(d, IS(OFFER_ACCEPTED) | IS(HELP_WAITING),
	    &handoff, &index)) != SK_OK ||
	    (rc = decide_date_past(d)) != SK_OK ||
	    (rc = plan_end(d, handoff, &end)) != SK_OK ||
	    (rc = gate_start(d)) != SK_OK)
		return rc;
	become(d, index, H(HELP_STARTED), decide_date(d));
	deadline_set_review(d, index, decide_date(d), end);
	begin_course(d, index);
	effect_timer_clear(d, SK__DEADLINE_KIND__ORDER_START, 0);
	involve_due(d, d->event->sender);
	count_move(d, handoff);
	return SK_OK;
}

enum sk_error
decide_progress_report(struct deciding *d)
{
	const Sk__ProgressReportFacts *report = d->event->facts->progress_report;
	const struct case_handoff *handoff;
	unsigned index = 0;
	enum sk_error rc;

	if ((rc = check_handoff(d, IS(HELP_STARTED) | IS(HELP_PAUSED), &handoff,
	    &index)) != SK_OK ||
	    (rc = decide_goals_known(d, report->goals, report->n_goals,
	    "facts.progress_report.goals")) != SK_OK)
		return rc;
	effect_goal_states(d, report->goals, report->n_goals);
	return SK_OK;
}

static bool
went_well(Sk__EndReason reason)
{
	return reason == SK__END_REASON__AS_PLANNED ||
	    reason == SK__END_REASON__GOOD_ENOUGH;
}

/* Only death is no failure of the help; so much the family's other cases see
 * of an end, and not its reason. */
static void
end_course(struct deciding *d, unsigned index, Sk__EndReason reason)
{
	Sk__HandoffChange *change = change_of(d, index);

	if (change == NULL || went_well(reason) ||
	    reason == SK__END_REASON__DEATH)
		return;
	change->has_unplanned = change->unplanned = 1;
}

static unsigned
failures_before(struct deciding *d)
{
	const struct child_help all = decide_child(d);

	return child_failures(&all).in_a_row;
}

/*
 * Help that ends otherwise than as planned or good enough has failed, whoever
 * ended it (R44); only death is no failure of the help.
 */
static void
count_failure(struct deciding *d, Sk__EndReason reason)
{
	const struct case_closed *before = decide_closed(d);
	bool well = went_well(reason);
	Sk__ClosedEffects *closed;

	if (before == NULL || reason == SK__END_REASON__DEATH ||
	    (closed = effects_closed(d)) == NULL)
		return;
	closed->has_failures = closed->has_reanalysis_due = 1;
	closed->failures = well ? 0 : before->failures +
	    (before->failures < UINT8_MAX ? 1u : 0u);
	closed->reanalysis_due = !well;
	if (well)
		return;
	closed->has_failed_date = 1;
	closed->failed_date = d->today;
	if (failures_before(d) + 1 >= decide_term(d, TERM_FAILURES_TO_RET) ||
	    closed->failures >= decide_term(d, TERM_FAILURES_TO_RET))
		escalate_stuck(d);
}

void
decide_help_ended(struct deciding *d, unsigned index, Sk__EndReason reason)
{
	end_course(d, index, reason);
	count_failure(d, reason);
}

enum sk_error
decide_stop(struct deciding *d)
{
	const Sk__StopFacts *stop = d->event->facts->stop;
	const struct case_handoff *handoff;
	unsigned index = 0;
	enum sk_error rc;

	if ((rc = check_handoff(d, IS(HELP_STARTED) | IS(HELP_PAUSED), &handoff,
	    &index)) != SK_OK ||
	    (rc = decide_date_past(d)) != SK_OK ||
	    (rc = check_not_before(d, decide_date(d), handoff->date,
	    "header.event_date", "start")) != SK_OK ||
	    (rc = decide_goals_known(d, stop->goals, stop->n_goals,
	    "facts.stop.goals")) != SK_OK)
		return rc;
	if ((stop->reason == SK__END_REASON__AS_PLANNED ||
	    stop->reason == SK__END_REASON__GOOD_ENOUGH) &&
	    (rc = decide_goals_final(d, stop->goals, stop->n_goals,
	    "facts.stop.goals")) != SK_OK)
		return rc;
	if ((rc = gate_stop(d, handoff)) != SK_OK ||
	    (rc = gate_handover(d, index)) != SK_OK)
		return rc;
	if (stop->reason == SK__END_REASON__GOOD_ENOUGH &&
	    decide_closed(d) != NULL && !decide_closed(d)->good_enough)
		effect_warning(d, SK__WARNING__GOOD_ENOUGH_NOT_NAMED);
	become(d, index, H(HELP_ENDED), decide_date(d));
	effect_goal_states(d, stop->goals, stop->n_goals);
	decide_help_ended(d, index, stop->reason);
	involve_due(d, d->event->sender);
	involve_leaves(d, d->event->sender);
	return SK_OK;
}
