/*
 * Erasure: who asks, who decides, and what is left. The grounds are a closed
 * list (Jeugdwet 7.3.9, AVG art. 17, the end of the broker's own term, entered
 * in error). A request is answered by the team that owns the case, within
 * three calendar months; what it grants operators carry out. The end of the
 * broker's term comes by itself: participants hold the dossier.
 */
#include "broker/core/decide.h"

#define D(name) SK__DEADLINE_KIND__##name
#define G(name) SK__ERASURE_GROUND__##name
#define WHOLE_CASE 0u

void
decide_ends(struct deciding *d)
{
	const struct case_timer *answer = case_timer_of(d->row,
	    D(ERASURE_ANSWER_DUE), WHOLE_CASE);

	effect_timers_clear(d);
	/* a person who asked is answered, also when the case ends first */
	if (answer != NULL)
		effect_timer(d, D(ERASURE_ANSWER_DUE), WHOLE_CASE,
		    answer->warn, answer->breach);
	deadline_begin(d, D(RETENTION_DUE), WHOLE_CASE, d->today);
}

enum sk_error
decide_erasure_request(struct deciding *d)
{
	const Sk__ErasureRequestFacts *facts =
	    d->event->facts->erasure_request;
	struct envelope_ref self = { d->event->sender, d->event->header->id };
	Sk__Effects *open = d->decision->open;

	if (d->row->erasure_asked != 0)
		return REFUSE(d, SK_REQUEST_PENDING, "header.kind",
		    "an ERASURE_ANSWER to the request before");
	if (facts->requested_date > d->today)
		return REFUSE(d, SK_DATE_INVALID,
		    "facts.erasure_request.requested_date", "not to come");
	open->erasure_asked = arena_new(d->arena, Sk__ErasureAsked,
	    sk__erasure_asked__init);
	if (open->erasure_asked == NULL) {
		d->spent = true;
		return SK_OK;
	}
	open->erasure_asked->request = effect_ref(d, &self);
	open->erasure_asked->has_ground = 1;
	open->erasure_asked->ground = facts->ground;
	deadline_begin(d, D(ERASURE_ANSWER_DUE), WHOLE_CASE,
	    facts->requested_date);
	return SK_OK;
}

/* Every copy is to go, also at who left or was turned away. */
static enum sk_error
check_all_copies(struct deciding *d)
{
	for (size_t i = 0; i < d->row->participants; i++) {
		uint64_t participant = d->row->participant[i].participant;

		if (decide_member(d, participant) == NULL ||
		    decide_has_recipient(d, participant))
			continue;
		d->decision->use_participant = participant;
		return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients",
		    "all who have a copy, also who left");
	}
	return SK_OK;
}

enum sk_error
decide_erasure_answer(struct deciding *d)
{
	bool granted = d->event->facts->erasure_answer->granted;
	Sk__Effects *open = d->decision->open;
	enum sk_error rc;

	if (d->row->erasure_asked == 0 || !ref_equal(
	    &d->event->header->reply_to, &d->row->erasure_request))
		return REFUSE(d, SK_NOTHING_PENDING, "header.reply_to",
		    "the ERASURE_REQUEST that waits for an answer");
	if (granted && (rc = check_all_copies(d)) != SK_OK)
		return rc;
	open->has_erasure_granted = 1;
	open->erasure_granted = granted;
	effect_timer_clear(d, D(ERASURE_ANSWER_DUE), WHOLE_CASE);
	return SK_OK;
}

/* A participant's own word on its copy; nobody here can check it. */
enum sk_error
decide_erasure_done(struct deciding *d)
{
	if (d->row->erased == 0)
		return REFUSE(d, SK_STATE_WRONG, "header.kind",
		    "a case that was erased");
	effect_erasure_said(d, d->event->facts->erasure_done->said);
	return SK_OK;
}

/* ---- what is carried out */

void
erase_case(struct deciding *d, Sk__ErasureGround ground)
{
	Sk__Erasure *erasure = arena_new(d->arena, Sk__Erasure,
	    sk__erasure__init);

	if (erasure == NULL) {
		d->spent = true;
		return;
	}
	erasure->has_ground = 1;
	erasure->ground = ground;
	if (!ref_is_none(&d->event->request))
		erasure->request = effect_ref(d, &d->event->request);
	d->decision->open->erasure = erasure;
	effect_timers_clear(d);
}

static enum sk_error
not_granted(struct deciding *d, const char *field, const char *hint)
{
	return REFUSE(d, SK_ERASURE_NOT_GRANTED, field, "%s", hint);
}

static enum sk_error
check_ground(struct deciding *d)
{
	const struct event *event = d->event;

	switch (event->ground) {
	case G(DESTRUCTION_REQUESTED):
	case G(RIGHT_TO_ERASURE):
		if (d->row->erasure_granted != event->ground ||
		    !ref_equal(&event->request, &d->row->erasure_request))
			return not_granted(d, "erase.request",
			    "a request on this ground that the team granted");
		return SK_OK;
	case G(ENTERED_IN_ERROR):
		if (d->row->state != SK__CASE_STATE__CASE_VOID)
			return not_granted(d, "erase.ground",
			    "a VOID by who opened it");
		return SK_OK;
	case G(RETENTION_ENDED):	/* it comes by itself */
		if (case_timer_of(d->row, D(RETENTION_DUE), WHOLE_CASE) !=
		    NULL)
			return not_granted(d, "erase.ground",
			    "the term still runs");
		return SK_OK;
	default:
		return REFUSE(d, SK_FIELD_INVALID, "erase.ground",
		    "a ground of the closed list");
	}
}

/* All who have a copy are told to do the same; but what the broker keeps no
 * longer is theirs to keep. */
static void
tell_copies(struct deciding *d)
{
	Sk__Notice *notice = arena_new(d->arena, Sk__Notice, sk__notice__init);

	if (notice == NULL) {
		d->spent = true;
		return;
	}
	notice->has_kind = 1;
	notice->kind = SK__NOTICE_KIND__ERASE;
	notice->has_ground = 1;
	notice->ground = d->event->ground;
	notice->about = effect_ref(d, ref_is_none(&d->event->request) ?
	    &d->row->ref : &d->event->request);
	d->decision->open->notice = notice;
	for (size_t i = 0; i < d->row->participants; i++)
		if (d->view->member(d->view->context,
		    d->row->participant[i].participant) != NULL)
			effect_post(d, d->row->participant[i].participant);
}

enum sk_error
decide_erase(struct deciding *d)
{
	enum sk_error rc;

	if (d->row == NULL)
		return REFUSE(d, SK_CASE_UNKNOWN, "erase.case_number", NULL);
	if (d->row->erased != 0)
		return REFUSE(d, SK_ERASED, "erase.case_number", NULL);
	if (!case_is_closed(d->row))
		return not_granted(d, "erase.case_number",
		    "a case that has ended: close it first");
	if ((rc = check_ground(d)) != SK_OK)
		return rc;
	erase_case(d, d->event->ground);
	if (d->event->ground != G(RETENTION_ENDED))
		tell_copies(d);
	return SK_OK;
}
