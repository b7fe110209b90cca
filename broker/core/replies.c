/*
 * What answers a message: receipts by the organisation, openings by a person,
 * complaints about sealed content. None of them moves the case.
 */
#include "broker/core/decide.h"

#define K(name) SK__KIND__##name
#define WHOLE_CASE 0u

/* Of what a kind can be the answer; 0: of anything. */
static Sk__Kind
answers(Sk__Kind kind)
{
	switch (kind) {
	case K(ACCEPT):
	case K(DECLINE):
	case K(WAIT_PLACE):
	case K(INVESTIGATE):
		return K(REFERRAL);
	case K(CHANGE_ANSWER):
		return K(CHANGE_REQUEST);
	case K(ERASURE_ANSWER):
		return K(ERASURE_REQUEST);
	case K(CONSULT_ANSWER):
		return K(CONSULT);
	case K(RET_ADVICE):
		return K(RET_REQUEST);
	case K(BOEG_ADVICE):
		return K(BOEG_REQUEST);
	case K(DIRECTOR_ACCEPT):
		return K(DIRECTOR_CHANGE);
	case K(INFORMATION_ANSWER):
		return K(INFORMATION_REQUEST);
	case K(TRANSFER_TAKEN):
		return K(NOT_MINE);
	case K(HEARING_REPORT):
		return K(HEARING_REPORT_REQUEST);
	case K(CONSENT_ANSWER):
		return K(CONSENT_CHANGE);
	default:
		return 0;
	}
}

/* Someone else's message that was sent to the sender of this one. */
static bool
was_received(const struct deciding *d)
{
	const struct replied *replied = &d->view->replied;

	return !ref_is_none(&d->event->header->reply_to) &&
	    replied->sent_to_me && replied->sender != d->event->sender;
}

/* A provider that was not asked reports to nobody's request, or to another
 * kind of message: say what is missing, not what is wrong with the answer. */
static enum sk_error
check_asked(struct deciding *d)
{
	if (d->kind == K(HEARING_REPORT) &&
	    (ref_is_none(&d->row->report_request) || !was_received(d) ||
	    d->view->replied.kind != K(HEARING_REPORT_REQUEST)))
		return REFUSE(d, SK_REPORT_NOT_ASKED, "header.reply_to",
		    "a HEARING_REPORT_REQUEST to this provider first");
	return SK_OK;
}

enum sk_error
decide_reply(struct deciding *d)
{
	const struct header *header = d->event->header;
	const struct replied *replied = &d->view->replied;
	Sk__Kind wanted = answers(d->kind);
	enum sk_error rc;

	if (ref_is_none(&header->reply_to)) {
		if (!header->info->replies)
			return SK_OK;
		return REFUSE(d, SK_REPLY_WRONG, "header.reply_to",
		    "the message that this answers");
	}
	if ((rc = check_asked(d)) != SK_OK)
		return rc;
	if (!replied->known || replied->case_number != d->row->number ||
	    (!replied->sent_to_me && replied->sender != d->event->sender))
		return REFUSE(d, SK_REPLY_WRONG, "header.reply_to",
		    "a message of this case to or from the sender");
	/* a director that heard of a withdrawal itself answers its own message,
	 * as a team does that a person asked to erase */
	if (wanted != 0 && (replied->kind != wanted ||
	    (!was_received(d) && d->kind != K(CONSENT_ANSWER) &&
	    d->kind != K(ERASURE_ANSWER))))
		return REFUSE(d, SK_REPLY_WRONG, "header.reply_to",
		    "a message to the sender that this kind can answer");
	return SK_OK;
}

static enum sk_error
check_received(struct deciding *d)
{
	if (was_received(d))
		return SK_OK;
	return REFUSE(d, SK_REPLY_WRONG, "header.reply_to",
	    "a message that was sent to the sender of this one");
}

enum sk_error
decide_receipt_of(struct deciding *d)
{
	const struct envelope_ref *reply_to = &d->event->header->reply_to;
	Sk__Kind kind = d->view->replied.kind;
	const struct case_handoff *handoff;
	unsigned index;
	enum sk_error rc;

	if ((rc = check_received(d)) != SK_OK)
		return rc;
	/* Two agents must not thank each other for ever. */
	if (kind == K(RECEIPT_OF) || kind_is_own_record(kind))
		return REFUSE(d, SK_REPLY_WRONG, "header.reply_to",
		    "a receipt is not confirmed by another");
	if (ref_equal(reply_to, &d->row->ref)) {
		/* a provider in a direct order does not receive for the team */
		if (d->event->sender == d->owner)
			effect_timer_clear(d, SK__DEADLINE_KIND__RECEIPT_DUE,
			    WHOLE_CASE);
		return SK_OK;
	}
	/* R59: that a machine has it helps nobody in danger */
	if (kind == K(CRISIS_ALERT) && d->event->header->person == 0)
		return REFUSE(d, SK_PERSON_NEEDED, "header.person",
		    "the person who read the alert");
	if (ref_equal(reply_to, &d->row->involvement_notice))
		involve_receipt(d, OWES_INVOLVEMENT,
		    SK__DEADLINE_KIND__INVOLVEMENT_DUE);
	else if (ref_equal(reply_to, &d->row->crisis_alert))
		involve_receipt(d, OWES_CRISIS,
		    SK__DEADLINE_KIND__CRISIS_ANSWER_DUE);
	handoff = case_handoff_by_referral(d->row, reply_to, &index);
	if (handoff != NULL && handoff->provider == d->event->sender)
		effect_timer_clear(d, SK__DEADLINE_KIND__RECEIPT_DUE, index);
	return SK_OK;
}

enum sk_error
decide_opened(struct deciding *d)
{
	return check_received(d);
}

enum sk_error
decide_content_mismatch(struct deciding *d)
{
	return check_received(d);
}
