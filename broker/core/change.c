/*
 * What happens to a handoff on its way: withdrawn, looked into, paused,
 * changed, sought contact for.
 */
#include "broker/core/decide.h"

#define D(name) SK__DEADLINE_KIND__##name
#define H(name) SK__HANDOFF_STATUS__##name
#define S(name) SK__CASE_STATE__CASE_##name
#define WHOLE_CASE 0u

static enum sk_error
check_status(struct deciding *d, Sk__HandoffStatus status,
    const struct case_handoff **handoff, unsigned *index)
{
	enum sk_error rc;

	if ((rc = decide_handoff(d, handoff, index)) != SK_OK)
		return rc;
	if ((*handoff)->status != status)
		return REFUSE(d, SK_STATE_WRONG, "header.reply_to",
		    "not in what became of this referral");
	return SK_OK;
}

/* Help that its provider left behind when it left has ended, and not as
 * planned: who would say what became of the goals is gone. */
static enum sk_error
end_left_behind(struct deciding *d, unsigned index)
{
	Sk__EndReason reason = d->event->facts->withdraw->reason;

	if (reason == SK__END_REASON__AS_PLANNED ||
	    reason == SK__END_REASON__GOOD_ENOUGH)
		return REFUSE(d, SK_FIELD_INVALID, "facts.withdraw.reason",
		    "not as planned: the provider left while it helped");
	effect_state(d, handoff_settle(d->row, index, H(HELP_ENDED),
	    S(ENDED)));
	effect_handoff(d, index, H(HELP_ENDED), d->today);
	effect_handoff_timers_clear(d, index);
	decide_help_ended(d, index, reason);
	return SK_OK;
}

enum sk_error
decide_withdraw(struct deciding *d)
{
	uint64_t provider = decide_recipient_provider(d);
	const struct case_handoff *handoff, *left;
	unsigned index = 0;
	enum sk_error rc;

	left = provider == 0 ? decide_left_behind(d, &index) : NULL;
	if (left != NULL && handoff_helps(left->status)) {
		if ((rc = end_left_behind(d, index)) == SK_OK)
			involve_leaves(d, left->provider);
		return rc;
	}
	if (left != NULL)
		provider = left->provider;
	handoff = left != NULL ? left : case_handoff_of(d->row, provider,
	    &index);
	if (handoff == NULL || !handoff_is_live(handoff->status))
		return REFUSE(d, SK_HANDOFF_UNKNOWN, "header.recipients",
		    "a provider with an offer that runs");
	if (handoff->status == H(HELP_STARTED) ||
	    handoff->status == H(HELP_PAUSED))
		return REFUSE(d, SK_STATE_WRONG, "header.kind",
		    "a STOP by the provider: help has started");
	effect_state(d, handoff_settle(d->row, index, H(OFFER_WITHDRAWN),
	    d->rule->next != 0 ? d->rule->next : S(ROUTED)));
	effect_handoff(d, index, H(OFFER_WITHDRAWN), d->today);
	effect_handoff_timers_clear(d, index);
	involve_leaves(d, provider);
	return SK_OK;
}

/*
 * Looking into it holds the answer, at most eight weeks and never past the
 * day on which help is due.
 */
enum sk_error
decide_investigate(struct deciding *d)
{
	int32_t until = d->event->facts->investigate->until_date, last;
	const struct case_handoff *handoff;
	char text[CIVIL_DATE_TEXT_MAX];
	unsigned index = 0;
	enum sk_error rc;

	if ((rc = check_status(d, H(OFFER_OPEN), &handoff, &index)) != SK_OK)
		return rc;
	last = handoff->date +
	    (int32_t)decide_term(d, TERM_INVESTIGATE_DAYS_MAX);
	if (d->row->order_date != 0 && d->row->order_date +
	    (int32_t)decide_term(d, TERM_ORDER_BREACH_DAYS) < last)
		last = d->row->order_date +
		    (int32_t)decide_term(d, TERM_ORDER_BREACH_DAYS);
	if (until < d->today || until > last) {
		civil_date_text(last, text);
		return REFUSE(d, SK_DATE_INVALID,
		    "facts.investigate.until_date",
		    "from today to %s", text);
	}
	effect_timer_clear(d, D(RECEIPT_DUE), index);
	effect_timer(d, D(ANSWER_DUE), index, 0, civil_day_end(until));
	return SK_OK;
}

enum sk_error
decide_pause(struct deciding *d)
{
	const struct case_handoff *handoff;
	unsigned index = 0;
	enum sk_error rc;

	if ((rc = check_status(d, H(HELP_STARTED), &handoff, &index)) !=
	    SK_OK || (rc = decide_date_past(d)) != SK_OK)
		return rc;
	if (d->event->facts->pause->expected_date <= d->today)
		return REFUSE(d, SK_DATE_INVALID, "facts.pause.expected_date",
		    "a day to come, on which help goes on");
	effect_handoff(d, index, H(HELP_PAUSED), handoff->date);
	return SK_OK;
}

enum sk_error
decide_resume(struct deciding *d)
{
	const struct case_handoff *handoff;
	unsigned index = 0;
	enum sk_error rc;

	if ((rc = check_status(d, H(HELP_PAUSED), &handoff, &index)) !=
	    SK_OK || (rc = decide_date_past(d)) != SK_OK)
		return rc;
	/* the day of the start stays: from there its length is counted */
	effect_handoff(d, index, H(HELP_STARTED), handoff->date);
	return SK_OK;
}

/* ---- another help than was assigned */

enum sk_error
decide_change_request(struct deciding *d)
{
	const Sk__ChangeRequestFacts *change = d->event->facts->change_request;
	struct envelope_ref self = { d->event->sender, d->event->header->id };
	const Sk__Policy *policy = d->view->policy;
	const struct case_handoff *handoff;
	unsigned index = 0;
	enum sk_error rc;

	if ((rc = decide_handoff(d, &handoff, &index)) != SK_OK)
		return rc;
	if (handoff->status != H(HELP_STARTED) &&
	    handoff->status != H(HELP_PAUSED))
		return REFUSE(d, SK_STATE_WRONG, "header.reply_to",
		    "help that has started");
	if (!ref_is_none(&d->row->change_request))
		return REFUSE(d, SK_REQUEST_PENDING, "header.kind",
		    "a CHANGE_ANSWER to the request before");
	if (change->offering != NULL && policy != NULL &&
	    policy->n_offerings > 0 &&
	    policy_offering(policy, change->offering) == NULL)
		return REFUSE(d, SK_OFFERING_UNKNOWN,
		    "facts.change_request.offering",
		    "an offering of the region's catalogue");
	d->decision->open->change_request = effect_ref(d, &self);
	deadline_begin(d, D(CHANGE_ANSWER_DUE), WHOLE_CASE, d->today);
	return SK_OK;
}

enum sk_error
decide_change_answer(struct deciding *d)
{
	Sk__Effects *open = d->decision->open;

	if (ref_is_none(&d->row->change_request) ||
	    !ref_equal(&d->event->header->reply_to, &d->row->change_request))
		return REFUSE(d, SK_NOTHING_PENDING, "header.reply_to",
		    "the CHANGE_REQUEST that waits for an answer");
	if (d->event->facts->change_answer->verdict ==
	    SK__CHANGE_VERDICT__CHANGE_INVESTIGATED) {
		effect_timer(d, D(CHANGE_ANSWER_DUE), WHOLE_CASE, 0,
		    civil_day_end(d->today +
		    (int32_t)decide_term(d, TERM_INVESTIGATE_DAYS_MAX)));
		return SK_OK;
	}
	open->has_change_answered = open->change_answered = 1;
	effect_timer_clear(d, D(CHANGE_ANSWER_DUE), WHOLE_CASE);
	return SK_OK;
}

/* ---- the door stays closed (R63) */

enum sk_error
decide_contact_attempt(struct deciding *d)
{
	int32_t date = d->event->facts->contact_attempt->date;
	const struct case_handoff *handoff;
	Sk__HandoffChange *change;
	unsigned index = 0;
	enum sk_error rc;

	if ((rc = decide_handoff(d, &handoff, &index)) != SK_OK)
		return rc;
	if (!handoff_runs(handoff->status))
		return REFUSE(d, SK_STATE_WRONG, "header.kind",
		    "help that was accepted");
	if (date > d->today || date < d->row->order_date)
		return REFUSE(d, SK_DATE_INVALID,
		    "facts.contact_attempt.date", "a day in this case so far");
	for (size_t i = 0; i < handoff->attempts; i++)
		if (handoff->attempt_date[i] == date)
			return SK_OK;	/* twice a day counts once */
	if (d->event->facts->contact_attempt->reached ||
	    handoff->attempts == CASE_ATTEMPTS_MAX)
		return SK_OK;
	change = effect_handoff(d, index, handoff->status, handoff->date);
	if (change == NULL)
		return SK_OK;
	change->has_attempt_date = 1;
	change->attempt_date = date;
	return SK_OK;
}

/* What is told for the record and for the figures moves nothing. */
enum sk_error
decide_recorded(struct deciding *d)
{
	(void)d;
	return SK_OK;
}
