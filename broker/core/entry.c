/*
 * A case without an order: a family that asks, a signal, or a provider whom
 * someone else's referral reached first. Each goes to the access team of the
 * child's municipality and starts no care by itself.
 */
#include "broker/core/decide.h"

#include <stdio.h>

#define D(name) SK__DEADLINE_KIND__##name
#define WHOLE_CASE 0u

struct entry {
	const char *municipality, *field, *persons_field;
	Sk__Person **persons;
	size_t n_persons;
};

static void
read_entry(const struct deciding *d, struct entry *entry)
{
	const Sk__Facts *facts = d->event->facts;

#define READ(part) *entry = (struct entry){ facts->part->municipality, \
	"facts." #part ".municipality", "facts." #part ".persons", \
	facts->part->persons, facts->part->n_persons }
	if (d->kind == SK__KIND__ACCESS_REQUEST)
		READ(access_request);
	else if (d->kind == SK__KIND__SIGNAL)
		READ(signal);
	else
		READ(request_assignment);
#undef READ
}

const char *
entry_municipality(const struct deciding *d)
{
	struct entry entry;

	if (d->kind == SK__KIND__COURT_ORDER)
		return d->event->facts->court_order->municipality;
	read_entry(d, &entry);
	return entry.municipality;
}

Sk__Person **
entry_persons(const struct deciding *d, size_t *n)
{
	struct entry entry;

	if (d->kind == SK__KIND__COURT_ORDER) {
		*n = d->event->facts->court_order->n_persons;
		return d->event->facts->court_order->persons;
	}
	read_entry(d, &entry);
	*n = entry.n_persons;
	return entry.persons;
}

static enum sk_error
check_team(struct deciding *d, const struct entry *entry)
{
	if (d->municipality == 0)
		return REFUSE(d, SK_FIELD_INVALID, entry->field,
		    "a CBS code of four digits");
	if (d->owner == 0)
		return refuse_municipality(d, d->municipality, entry->field);
	if (d->kind == SK__KIND__ACCESS_REQUEST &&
	    d->role == SK__ROLE__ACCESS && d->event->sender != d->owner) {
		d->decision->use_participant = d->owner;
		return REFUSE(d, SK_TEAM_WRONG, entry->field,
		    "the team of municipality %04u, by a SIGNAL",
		    (unsigned)d->municipality);
	}
	return SK_OK;
}

static enum sk_error
check_persons(struct deciding *d, const struct entry *entry)
{
	size_t children = 0;

	for (size_t i = 0; i < entry->n_persons; i++)
		if (entry->persons[i]->role == SK__PERSON_ROLE__CHILD)
			children++;
	if (children != 1 || entry->n_persons > CASE_PERSONS_MAX)
		return REFUSE(d, SK_FIELD_INVALID, "facts", "exactly one "
		    "child, at most %d persons", CASE_PERSONS_MAX);
	return SK_OK;
}

/* Government steps in when parents ask or safety is at stake (R6). */
static enum sk_error
check_ground(struct deciding *d)
{
	const Sk__Facts *facts = d->event->facts;

	if (d->kind == SK__KIND__ACCESS_REQUEST &&
	    (!facts->access_request->has_ground ||
	    facts->access_request->ground ==
	    SK__GROUND__COURT_ORDER_GROUND))
		return REFUSE(d, SK_GROUND_MISSING,
		    "facts.access_request.ground",
		    "a family that asks, or safety; a court sends an order");
	if (d->kind == SK__KIND__SIGNAL && !facts->signal->has_ground)
		return REFUSE(d, SK_GROUND_MISSING, "facts.signal.ground",
		    "a family that asks, or safety");
	return SK_OK;
}

static void
open_case(struct deciding *d, const struct entry *entry)
{
	Sk__Effects *open = d->decision->open;

	effect_opening(d, entry->municipality, 0);
	open->has_owner = open->has_director = 1;
	open->owner = open->director = d->owner;
	family_opens(d, entry->persons, entry->n_persons);
	effect_participant(d, d->owner, SK__ROLE__ACCESS);
	if (d->event->sender != d->owner)
		effect_participant(d, d->event->sender, d->role);
	deadline_begin(d, D(TRIAGE_DUE), WHOLE_CASE, d->today);
	if (d->event->sender != d->owner)
		deadline_begin(d, D(RECEIPT_DUE), WHOLE_CASE, d->today);
	if (d->kind == SK__KIND__REQUEST_ASSIGNMENT)
		deadline_begin(d, D(ASSIGNMENT_DUE), WHOLE_CASE, d->today);
}

static void
close_over(struct deciding *d, const struct entry *entry)
{
	const Sk__Facts *facts = d->event->facts;
	Sk__ClosedEffects *closed = effects_closed(d);

	if (closed == NULL)
		return;
	closed->n_persons = entry->n_persons;
	closed->persons = entry->persons;
	if (d->kind == SK__KIND__ACCESS_REQUEST) {
		closed->has_theme = facts->access_request->has_theme;
		closed->theme = facts->access_request->theme;
		closed->has_ground = 1;
		closed->ground = facts->access_request->ground;
	} else if (d->kind == SK__KIND__SIGNAL) {
		closed->has_ground = 1;
		closed->ground = facts->signal->ground;
	}
}

enum sk_error
decide_entry(struct deciding *d)
{
	struct entry entry;
	enum sk_error rc;

	if (d->row != NULL)
		return REFUSE(d, SK_STATE_WRONG, "header.case_ref",
		    "this opens a case of its own");
	d->rule = rules_transition(SK__CASE_STATE__CASE_NEW, d->kind, d->role);
	read_entry(d, &entry);
	if ((rc = check_team(d, &entry)) != SK_OK ||
	    (rc = decide_recipients(d)) != SK_OK ||
	    (rc = check_ground(d)) != SK_OK ||
	    (rc = check_persons(d, &entry)) != SK_OK)
		return rc;
	open_case(d, &entry);
	close_over(d, &entry);
	return decide_unborn(d, entry.persons, entry.n_persons,
	    entry.persons_field);
}
