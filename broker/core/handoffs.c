/*
 * Each offer to a provider is a handoff of its own, several a case (R64).
 */
#include "broker/core/decide.h"

#define H(name) SK__HANDOFF_STATUS__##name
#define S(name) SK__CASE_STATE__CASE_##name

bool
handoff_runs(Sk__HandoffStatus status)
{
	return status == H(OFFER_ACCEPTED) || status == H(HELP_WAITING) ||
	    handoff_helps(status);
}

bool
handoff_helps(Sk__HandoffStatus status)
{
	return status == H(HELP_STARTED) || status == H(HELP_PAUSED);
}

bool
handoff_is_live(Sk__HandoffStatus status)
{
	return status == H(OFFER_OPEN) || handoff_runs(status);
}

bool
handoff_came_to_nothing(const struct case_row *row, uint64_t provider)
{
	const struct case_handoff *handoff = case_handoff_of(row, provider,
	    NULL);

	return handoff != NULL && !handoff->in_touch &&
	    (handoff->status == H(OFFER_DECLINED) ||
	    handoff->status == H(OFFER_LAPSED) ||
	    handoff->status == H(OFFER_WITHDRAWN));
}

const struct case_handoff *
decide_left_behind(const struct deciding *d, unsigned *index)
{
	const struct case_handoff *handoff = NULL;

	if (!ref_is_none(&d->event->header->reply_to))
		handoff = case_handoff_by_referral(d->row,
		    &d->event->header->reply_to, index);
	if (handoff == NULL || !handoff_is_live(handoff->status) ||
	    decide_member(d, handoff->provider) != NULL)
		return NULL;
	return handoff;
}

static Sk__CaseState
state_of(Sk__HandoffStatus status)
{
	switch (status) {
	case H(OFFER_OPEN):
		return S(OFFERED);
	case H(OFFER_ACCEPTED):
		return S(ACCEPTED);
	case H(HELP_WAITING):
		return S(WAITING);
	case H(HELP_STARTED):
	case H(HELP_PAUSED):
		return S(STARTED);
	default:
		return 0;
	}
}

/* States stand in the order of the life cycle: the furthest one counts. */
Sk__CaseState
handoff_settle(const struct case_row *row, unsigned index,
    Sk__HandoffStatus status, Sk__CaseState rest)
{
	Sk__CaseState furthest = state_of(status), state;

	for (unsigned i = 0; i < row->handoffs; i++) {
		if (i + 1 == index)
			continue;
		state = state_of(row->handoff[i].status);
		if (state > furthest)
			furthest = state;
	}
	return furthest != 0 ? furthest : rest;
}

enum sk_error
decide_handoff(struct deciding *d, const struct case_handoff **handoff,
    unsigned *index)
{
	const struct envelope_ref *reply_to = &d->event->header->reply_to;

	*handoff = NULL;
	if (!ref_is_none(reply_to))
		*handoff = case_handoff_by_referral(d->row, reply_to, index);
	if (*handoff == NULL)
		*handoff = case_handoff_of(d->row, d->event->sender, index);
	if (*handoff == NULL || (*handoff)->provider != d->event->sender)
		return REFUSE(d, SK_HANDOFF_UNKNOWN, "header.case_ref",
		    "a referral to this provider in this case");
	return SK_OK;
}
