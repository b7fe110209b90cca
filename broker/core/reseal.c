/*
 * What came before, for who comes in later: sealed anew by one who can read
 * it. Which kinds a role gets is one table for both ends (proto/kinds.c); what
 * stands here is who takes part.
 */
#include "broker/core/decide.h"

/* The one who came in: any but the sender, and the team only when it is the
 * team that is new. */
static uint64_t
joiner(const struct deciding *d)
{
	const struct header *header = d->event->header;
	uint64_t found = 0;

	for (size_t i = 0; i < header->recipients; i++) {
		uint64_t participant = header->recipient[i].participant;

		if (participant == d->event->sender ||
		    (participant == d->owner && found != 0))
			continue;
		if (found != 0 && found != d->owner)
			return 0;	/* one at a time */
		found = participant;
	}
	return found;
}

/* A provider that was only asked, or turned away, is not told of the family:
 * its help runs, or it thinks along. */
static bool
is_involved(const struct deciding *d, uint64_t participant)
{
	const struct case_handoff *handoff = case_handoff_of(d->row,
	    participant, NULL);

	return case_has_participant(d->row, participant) &&
	    (handoff == NULL || handoff_runs(handoff->status) ||
	    handoff_helps(handoff->status));
}

enum sk_error
decide_reseal(struct deciding *d)
{
	const Sk__ResealFacts *reseal = d->event->facts->reseal;
	const struct replied *replied = &d->view->replied;
	uint64_t participant = joiner(d);
	const struct member *member;
	Sk__Resealed *resealed;

	if (!decide_term(d, TERM_RESEAL_TO_JOINERS))
		return REFUSE(d, SK_RESEAL_REFUSED, "header.kind",
		    "not in this region");
	if (participant == 0 || (member = decide_member(d, participant)) ==
	    NULL)
		return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients",
		    "one who came in later");
	if (reseal->kind != replied->kind)
		return REFUSE(d, SK_FIELD_INVALID, "facts.reseal.kind",
		    "the kind of the message that reply_to names");
	if (!kind_reseals_to(replied->kind, member->current.role) ||
	    !is_involved(d, participant))
		return REFUSE(d, SK_RESEAL_REFUSED, "header.recipients",
		    "who takes part, and what its role needs");
	resealed = arena_new(d->arena, Sk__Resealed, sk__resealed__init);
	if (resealed == NULL) {
		d->spent = true;
		return SK_OK;
	}
	resealed->has_participant = resealed->has_position =
	    resealed->has_kind = 1;
	resealed->participant = participant;
	resealed->position = replied->position;
	resealed->kind = replied->kind;
	d->decision->open->resealed = resealed;
	return SK_OK;
}
