/*
 * What was said wrongly is put right by who said it: the journal keeps both,
 * and state, terms and figures follow from here on.
 *
 * Only that is done over whose effects can be restated exactly, while nothing
 * stands on it. All else is recorded as a text, or refused with what to send
 * instead: a new triage takes the place of the old one by itself.
 */
#include "broker/core/decide.h"

#define D(name) SK__DEADLINE_KIND__##name
#define H(name) SK__HANDOFF_STATUS__##name
#define K(name) SK__KIND__##name
#define S(name) SK__CASE_STATE__CASE_##name
#define WHOLE_CASE 0u

static enum sk_error
too_late(struct deciding *d, const char *instead)
{
	return REFUSE(d, SK_CORRECTION_TOO_LATE, "header.reply_to", "%s",
	    instead);
}

/* The sender's last handoff, when it is the last of the case: no later offer
 * stands on it. */
static const struct case_handoff *
last_handoff(struct deciding *d, unsigned *index)
{
	const struct case_handoff *handoff = case_handoff_of(d->row,
	    d->event->sender, index);

	return handoff != NULL && *index == d->row->handoffs ? handoff : NULL;
}

/* ---- taken back */

static bool
another_helps(const struct case_row *row, unsigned but)
{
	for (unsigned i = 0; i < row->handoffs; i++)
		if (i + 1 != but && handoff_helps(row->handoff[i].status))
			return true;
	return false;
}

/* Help has not begun: the order's clock runs again from its day. */
static enum sk_error
take_back_start(struct deciding *d)
{
	const struct case_handoff *handoff;
	Sk__HandoffChange *change;
	unsigned index = 0;

	handoff = last_handoff(d, &index);
	if (handoff == NULL || handoff->status != H(HELP_STARTED) ||
	    !ref_is_none(&d->row->report_request))
		return too_late(d, "a STOP: others have built on this start");
	effect_state(d, handoff_settle(d->row, index, H(OFFER_ACCEPTED),
	    S(ACCEPTED)));
	change = effect_handoff(d, index, H(OFFER_ACCEPTED), d->today);
	if (change != NULL)
		change->has_start_date = 1;	/* 0: none */
	if (d->row->order_date != 0 && d->row->court != 0 &&
	    !another_helps(d->row, index))
		deadline_set_order(d, d->row->order_date);
	return SK_OK;
}

/* Help goes on as if it had not ended. */
static enum sk_error
take_back_stop(struct deciding *d)
{
	const struct case_closed *before = decide_closed(d);
	const struct case_handoff *handoff;
	Sk__HandoffChange *change;
	Sk__ClosedEffects *closed;
	unsigned index = 0;

	handoff = last_handoff(d, &index);
	if (handoff == NULL || handoff->status != H(HELP_ENDED))
		return too_late(d, "a new REFERRAL: others have built on this "
		    "end");
	effect_state(d, handoff_settle(d->row, index, H(HELP_STARTED),
	    S(STARTED)));
	change = effect_handoff(d, index, H(HELP_STARTED),
	    handoff->start_date);
	if (change == NULL || !handoff->unplanned)
		return SK_OK;
	change->has_unplanned = 1;	/* it did not fail after all */
	if (before == NULL || before->failures == 0 ||
	    (closed = effects_closed(d)) == NULL)
		return SK_OK;
	closed->has_failures = closed->has_reanalysis_due = 1;
	closed->failures = before->failures - 1u;
	return SK_OK;
}

static enum sk_error
take_back_alert(struct deciding *d)
{
	Sk__Effects *open = d->decision->open;

	if (d->row->crisis != SK__CRISIS__CRISIS_OPEN ||
	    !ref_equal(&d->row->crisis_alert, &d->event->header->reply_to))
		return too_late(d, "a CRISIS_REVIEW: it was taken");
	open->has_crisis = 1;
	open->crisis = SK__CRISIS__CRISIS_NONE;
	for (size_t i = 0; i < d->row->participants; i++)
		if ((d->row->participant[i].owes & OWES_CRISIS) != 0)
			effect_owes(d, &d->row->participant[i],
			    d->row->participant[i].owes & ~OWES_CRISIS);
	effect_timer_clear(d, D(CRISIS_ANSWER_DUE), WHOLE_CASE);
	effect_timer_clear(d, D(CRISIS_OWNER_DUE), WHOLE_CASE);
	effect_timer_clear(d, D(CRISIS_REVIEW_DUE), WHOLE_CASE);
	effect_priority(d, decide_closed(d), false);
	return SK_OK;
}

static enum sk_error
take_back_change(struct deciding *d)
{
	unsigned index = 0;

	if (!ref_equal(&d->row->change_request, &d->event->header->reply_to))
		return too_late(d, "a new CHANGE_REQUEST: it was answered");
	d->decision->open->has_change_answered = 1;
	d->decision->open->change_answered = 1;
	case_handoff_of(d->row, d->event->sender, &index);
	effect_timer_clear(d, D(CHANGE_ANSWER_DUE), index);
	effect_timer_clear(d, D(CHANGE_ANSWER_DUE), WHOLE_CASE);
	return SK_OK;
}

static enum sk_error
take_back_transfer(struct deciding *d)
{
	Sk__Effects *open = d->decision->open;

	if (d->row->transfer_to == 0 || d->event->sender != d->owner)
		return too_late(d, "a NOT_MINE by the team that has it now");
	effect_leaves(d, d->row->transfer_to);
	open->has_transfer_to = 1;
	open->transfer_to = 0;
	effect_timer_clear(d, D(TRANSFER_DUE), WHOLE_CASE);
	return SK_OK;
}

/* clang-format off: the columns are the point */
static const struct {
	Sk__Kind kind;
	enum sk_error (*take_back)(struct deciding *d);
	const char *instead;	/* when it is not taken back */
} backs[] = {
	{ K(START),              take_back_start,    NULL },
	{ K(STOP),               take_back_stop,     NULL },
	{ K(CRISIS_ALERT),       take_back_alert,    NULL },
	{ K(CHANGE_REQUEST),     take_back_change,   NULL },
	{ K(NOT_MINE),           take_back_transfer, NULL },
	{ K(COURT_ORDER),        NULL,               "a VOID" },
	{ K(ACCESS_REQUEST),     NULL,               "a VOID" },
	{ K(SIGNAL),             NULL,               "a VOID" },
	{ K(REQUEST_ASSIGNMENT), NULL,               "a VOID" },
	{ K(TRIAGE),             NULL,               "a new TRIAGE, which takes its place" },
	{ K(ANALYSIS),           NULL,               "a new ANALYSIS, which takes its place" },
	{ K(ROUTE_DECISION),     NULL,               "a new ROUTE_DECISION, which takes its place" },
	{ K(REFERRAL),           NULL,               "a WITHDRAW" },
	{ K(ACCEPT),             NULL,               "a DECLINE" },
	{ K(DECLINE),            NULL,               "a new REFERRAL" },
	{ K(WAIT_PLACE),         NULL,               "an ACCEPT, a START or a DECLINE" },
};
/* clang-format on */

static enum sk_error
take_back(struct deciding *d)
{
	Sk__Kind kind = d->view->replied.kind;

	for (size_t i = 0; i < sizeof(backs) / sizeof(backs[0]); i++) {
		if (backs[i].kind != kind)
			continue;
		return backs[i].take_back != NULL ? backs[i].take_back(d) :
		    too_late(d, backs[i].instead);
	}
	return SK_OK;	/* it moved nothing: what was said is taken back */
}

/* ---- said again */

static enum sk_error
check_day(struct deciding *d, int32_t date, int32_t first)
{
	char from[CIVIL_DATE_TEXT_MAX], to[CIVIL_DATE_TEXT_MAX];

	if (date <= d->today && date >= first)
		return SK_OK;
	civil_date_text(first, from);
	civil_date_text(d->today, to);
	return REFUSE(d, SK_DATE_INVALID, "facts.correction.right_date",
	    "%s to %s", from, to);
}

/* The order's clock starts on another day; a term that runs follows. */
static enum sk_error
right_order(struct deciding *d, int32_t date)
{
	enum sk_error rc = check_day(d, date, CIVIL_DATE_MIN);

	if (rc != SK_OK)
		return rc;
	if (d->row->hearing_date != 0 && date > d->row->hearing_date)
		return REFUSE(d, SK_DATE_INVALID,
		    "facts.correction.right_date", "not after the hearing");
	d->decision->open->has_order_date = 1;
	d->decision->open->order_date = date;
	if (case_timer_of(d->row, D(ORDER_START), WHOLE_CASE) != NULL)
		deadline_set_order(d, date);
	return SK_OK;
}

static enum sk_error
right_course(struct deciding *d, int32_t date)
{
	bool start = d->view->replied.kind == K(START);
	const struct case_handoff *handoff;
	Sk__HandoffChange *change;
	unsigned index = 0;
	enum sk_error rc;

	handoff = last_handoff(d, &index);
	if (handoff == NULL || handoff->status !=
	    (start ? H(HELP_STARTED) : H(HELP_ENDED)))
		return too_late(d, start ? "a STOP with its date" :
		    "nothing: others have built on this end");
	if ((rc = check_day(d, date, start ? d->row->order_date :
	    handoff->start_date)) != SK_OK)
		return rc;
	change = effect_handoff(d, index, handoff->status, date);
	if (change != NULL && start) {
		change->has_start_date = 1;
		change->start_date = date;
	}
	return SK_OK;
}

static enum sk_error
right_date(struct deciding *d, int32_t date)
{
	switch (d->view->replied.kind) {
	case K(COURT_ORDER):
		return right_order(d, date);
	case K(START):
	case K(STOP):
		return right_course(d, date);
	default:
		return REFUSE(d, SK_CORRECTION_WRONG,
		    "facts.correction.right_date",
		    "the date of a START, a STOP or a COURT_ORDER");
	}
}

static enum sk_error
right_goals(struct deciding *d, const Sk__CorrectionFacts *facts)
{
	Sk__Kind kind = d->view->replied.kind;
	enum sk_error rc;

	if (kind != K(PROGRESS_REPORT) && kind != K(HEARING_REPORT) &&
	    kind != K(COURT_REPORT) && kind != K(STOP))
		return REFUSE(d, SK_CORRECTION_WRONG,
		    "facts.correction.goals", "the goals of a report or STOP");
	rc = decide_goals_known(d, facts->goals, facts->n_goals,
	    "facts.correction.goals");
	if (rc == SK_OK)
		effect_goal_states(d, facts->goals, facts->n_goals);
	return rc;
}

/* Why it was declined moves nothing but the figures: also when all is over. */
static enum sk_error
right_reason(struct deciding *d)
{
	if (d->view->replied.kind == K(DECLINE))
		return SK_OK;
	return REFUSE(d, SK_CORRECTION_WRONG, "facts.correction.right_reason",
	    "the reason of a DECLINE");
}

enum sk_error
decide_correction(struct deciding *d)
{
	const Sk__CorrectionFacts *facts = d->event->facts->correction;
	const struct replied *replied = &d->view->replied;
	enum sk_error rc = SK_OK;

	if (replied->sender != d->event->sender ||
	    replied->kind == K(RECEIPT_OF) ||
	    kind_is_own_record(replied->kind) ||
	    replied->kind == K(CORRECTION))
		return REFUSE(d, SK_CORRECTION_WRONG, "header.reply_to",
		    "a message of one's own that has content");
	if (facts->removed && (facts->has_right_date || facts->n_goals > 0 ||
	    facts->has_right_reason))
		return REFUSE(d, SK_CORRECTION_WRONG,
		    "facts.correction.removed", "taken back, or said again");
	if (facts->has_right_reason && (rc = right_reason(d)) != SK_OK)
		return rc;
	if (case_is_closed(d->row))
		return facts->has_right_date || facts->n_goals > 0 ?
		    too_late(d, "its text alone: the case has ended") : SK_OK;
	if (facts->removed)
		return take_back(d);
	if (facts->has_right_date)
		rc = right_date(d, facts->right_date);
	if (rc == SK_OK && facts->n_goals > 0)
		rc = right_goals(d, facts);
	return rc;
}
