/*
 * On danger all who take part are responsible until one of them takes it
 * (R59), and what was done in haste is looked back on (R60).
 */
#include "broker/core/decide.h"

#include <string.h>

#define D(name) SK__DEADLINE_KIND__##name
#define WHOLE_CASE 0u

/* The safety specialist of an area in the child's municipality; 0: none, or
 * not enrolled. */
static uint64_t
safety_of(const struct deciding *d, const Sk__Area *area)
{
	if (area->safety == NULL || d->view->participant == NULL)
		return 0;
	for (size_t i = 0; i < area->n_municipalities; i++)
		if (policy_municipality(area->municipalities[i]) ==
		    d->municipality)
			return d->view->participant(d->view->context,
			    SK__ROLE__PROVIDER, area->safety, d->today);
	return 0;
}

bool
decide_is_safety(const struct deciding *d, uint64_t participant)
{
	const Sk__Policy *policy = d->view->policy;

	for (size_t i = 0; policy != NULL && i < policy->n_areas; i++)
		if (participant != 0 &&
		    safety_of(d, policy->areas[i]) == participant)
			return true;
	return false;
}

/* Danger is for the specialists of the area too, who come in by it. */
static enum sk_error
tell_safety(struct deciding *d)
{
	const Sk__Policy *policy = d->view->policy;

	for (size_t i = 0; policy != NULL && i < policy->n_areas; i++) {
		uint64_t safety = safety_of(d, policy->areas[i]);

		if (safety == 0 || safety == d->event->sender)
			continue;
		if (!decide_has_recipient(d, safety)) {
			d->decision->use_participant = safety;
			return REFUSE(d, SK_RECIPIENT_MISSING,
			    "header.recipients",
			    "the safety specialist of area %.32s",
			    policy->areas[i]->code);
		}
		effect_participant(d, safety, SK__ROLE__PROVIDER);
	}
	return SK_OK;
}

/* Who came in by the alert alone goes when the crisis has passed. */
static void
safety_leaves(struct deciding *d)
{
	for (size_t i = 0; i < d->row->participants; i++) {
		uint64_t participant = d->row->participant[i].participant;

		if (!d->row->participant[i].left &&
		    participant != d->row->ref.participant &&
		    case_handoff_of(d->row, participant, NULL) == NULL &&
		    decide_is_safety(d, participant)) {
			effect_leaves(d, participant);
			involve_leaves(d, participant);
		}
	}
}

enum sk_error
decide_crisis_alert(struct deciding *d)
{
	struct envelope_ref self = { d->event->sender, d->event->header->id };
	Sk__Effects *open = d->decision->open;
	enum sk_error rc;

	if (d->row->crisis == SK__CRISIS__CRISIS_OPEN)
		return REFUSE(d, SK_REQUEST_PENDING, "header.kind",
		    "a CRISIS_TAKEN: an alert is open already");
	if ((rc = decide_all_told(d, "all who take part: danger")) != SK_OK ||
	    (rc = tell_safety(d)) != SK_OK)
		return rc;
	open->has_crisis = open->has_crisis_date = open->has_crisis_owner = 1;
	open->crisis = SK__CRISIS__CRISIS_OPEN;
	open->crisis_date = d->today;
	open->crisis_owner = 0;
	open->crisis_alert = effect_ref(d, &self);
	effect_owed_by_recipients(d, OWES_CRISIS);
	deadline_begin(d, D(CRISIS_ANSWER_DUE), WHOLE_CASE, d->today);
	deadline_begin(d, D(CRISIS_OWNER_DUE), WHOLE_CASE, d->today);
	deadline_begin(d, D(CRISIS_REVIEW_DUE), WHOLE_CASE, d->today);
	effect_priority(d, decide_closed(d), true);
	return SK_OK;
}

enum sk_error
decide_crisis_taken(struct deciding *d)
{
	Sk__Effects *open = d->decision->open;
	enum sk_error rc;

	if (d->row->crisis != SK__CRISIS__CRISIS_OPEN)
		return REFUSE(d, SK_CRISIS_MISSING, "header.kind",
		    "a CRISIS_ALERT that nobody took");
	if ((rc = decide_all_told(d, "all who were alerted")) != SK_OK)
		return rc;
	open->has_crisis = open->has_crisis_owner = 1;
	open->crisis = SK__CRISIS__CRISIS_OWNED;
	open->crisis_owner = d->event->sender;
	effect_timer_clear(d, D(CRISIS_OWNER_DUE), WHOLE_CASE);
	return SK_OK;
}

enum sk_error
decide_crisis_review(struct deciding *d)
{
	Sk__Effects *open = d->decision->open;

	if (!case_in_crisis(d->row))
		return REFUSE(d, SK_CRISIS_MISSING, "header.kind",
		    "a CRISIS_ALERT first");
	open->has_crisis_reviewed_date = 1;
	open->crisis_reviewed_date = d->today;
	effect_timer_clear(d, D(CRISIS_REVIEW_DUE), WHOLE_CASE);
	if (!d->event->facts->crisis_review->over) {
		/* and again, until it has passed */
		deadline_begin(d, D(CRISIS_REVIEW_DUE), WHOLE_CASE, d->today);
		return SK_OK;
	}
	open->has_crisis = 1;
	open->crisis = SK__CRISIS__CRISIS_OVER;
	safety_leaves(d);
	effect_timer_clear(d, D(CRISIS_ANSWER_DUE), WHOLE_CASE);
	effect_timer_clear(d, D(CRISIS_OWNER_DUE), WHOLE_CASE);
	effect_priority(d, decide_closed(d), false);
	return SK_OK;
}
