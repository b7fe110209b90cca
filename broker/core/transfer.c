/*
 * To the right municipality, with an owner at every moment; and putting right
 * what was said wrongly, which the journal keeps beside it.
 */
#include "broker/core/decide.h"

#include <string.h>

#include "broker/core/profile.h"

#define D(name) SK__DEADLINE_KIND__##name
#define K(name) SK__KIND__##name
#define WHOLE_CASE 0u

enum sk_error
decide_not_mine(struct deciding *d)
{
	const char *municipality = d->event->facts->not_mine->municipality;
	const char *field = "facts.not_mine.municipality";
	uint32_t code = policy_municipality(municipality);
	Sk__Effects *open = d->decision->open;
	uint64_t team = decide_team(d, code);

	if (d->row->transfer_to != 0)
		return REFUSE(d, SK_REQUEST_PENDING, "header.kind",
		    "a TRANSFER_TAKEN by participant %llu",
		    (unsigned long long)d->row->transfer_to);
	if (team == 0)
		return refuse_municipality(d, code, field);
	if (team == d->owner)
		return REFUSE(d, SK_FIELD_INVALID, field,
		    "the municipality of another team");
	if (!decide_has_recipient(d, team)) {
		d->decision->use_participant = team;
		return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients",
		    "the team of municipality %04u", (unsigned)code);
	}
	open->has_transfer_to = 1;
	open->transfer_to = team;
	open->transfer_municipality = d->event->facts->not_mine->municipality;
	effect_participant(d, team, SK__ROLE__ACCESS);
	deadline_begin(d, D(TRANSFER_DUE), WHOLE_CASE, d->today);
	return SK_OK;
}

/* Whoever takes it owns it from this moment; until then the old team does. */
enum sk_error
decide_transfer_taken(struct deciding *d)
{
	Sk__Effects *open = d->decision->open;
	uint32_t successor;
	char *municipality;
	enum sk_error rc;

	if (d->row->transfer_to == 0 ||
	    d->row->transfer_to != d->event->sender)
		return REFUSE(d, SK_TRANSFER_MISSING, "header.kind",
		    "a NOT_MINE to this team first");
	if ((rc = decide_all_told(d, "all who take part: the team changes")) !=
	    SK_OK)
		return rc;
	/* merged into another while it was on its way */
	successor = profile_successor(d->view->policy,
	    d->row->transfer_municipality, d->today);
	municipality = effect_municipality(d, successor != 0 ? successor :
	    d->row->transfer_municipality);
	open->municipality = municipality;
	open->has_owner = open->has_transfer_to = 1;
	open->owner = d->event->sender;
	open->transfer_to = 0;
	if (d->row->director == d->owner) {
		open->has_director = 1;
		open->director = d->event->sender;
	} else if (d->row->director_proposed == d->owner) {
		open->has_director_proposed = 1;
		open->director_proposed = 0;
		effect_timer_clear(d, D(DIRECTOR_DUE), WHOLE_CASE);
	}
	effect_leaves(d, d->owner);
	effect_timer_clear(d, D(TRANSFER_DUE), WHOLE_CASE);
	return SK_OK;
}

/* ---- said wrongly */

enum sk_error
decide_void(struct deciding *d)
{
	enum sk_error rc;

	if (d->event->sender != d->owner &&
	    d->event->sender != d->row->ref.participant)
		return REFUSE(d, SK_NOT_A_PARTICIPANT, "header.case_ref",
		    "who opened the case, or its team");
	if (d->row->handoffs > 0)
		return REFUSE(d, SK_VOID_TOO_LATE, "header.kind",
		    "a CLOSE: %u offers were made",
		    (unsigned)d->row->handoffs);
	if ((rc = decide_all_told(d, "all who take part: the case ends")) !=
	    SK_OK)
		return rc;
	effect_state(d, d->rule->next);
	decide_ends(d);
	return SK_OK;
}

/* A child without a number has one now: the same person (LinkPerson). */
enum sk_error
decide_link_person(struct deciding *d)
{
	Sk__LinkPersonFacts *link = d->event->facts->link_person;
	const struct case_closed *closed = decide_closed(d);
	bool found = false, is_child = false;

	for (size_t i = 0; closed != NULL && !found && i < closed->persons;
	    i++) {
		found = memcmp(closed->person[i].pseudonym, link->former.data,
		    sizeof(closed->person[i].pseudonym)) == 0;
		is_child = closed->person[i].role == SK__PERSON_ROLE__CHILD;
	}
	if (!found)
		return REFUSE(d, SK_PERSON_NOT_IN_CASE,
		    "facts.link_person.former", "a person of this case");
	effect_link(d, link);
	/* who has a number was born */
	if (is_child)
		effect_timer_clear(d, SK__DEADLINE_KIND__BIRTH_DUE, 0);
	family_links(d, link->person, is_child);
	return SK_OK;
}
