/*
 * Municipalities merge in the middle of open cases: from the first day on the
 * successor's access team owns each of them (R77). Terms run on as they were.
 */
#include "broker/core/decide.h"

#include <string.h>

#include "broker/core/profile.h"

#define D(name) SK__DEADLINE_KIND__##name
#define WHOLE_CASE 0u

uint64_t
decide_team(const struct deciding *d, uint32_t municipality)
{
	enum membership now = profile_membership(d->view->policy,
	    municipality, d->today);

	return now == MEMBER_NOT_YET || now == MEMBER_ENDED ? 0 :
	    d->view->access_team(d->view->context, municipality, d->today);
}

enum sk_error
refuse_municipality(struct deciding *d, uint32_t municipality,
    const char *field)
{
	uint32_t successor = profile_successor(d->view->policy, municipality,
	    d->today);

	switch (profile_membership(d->view->policy, municipality, d->today)) {
	case MEMBER_NOT_YET:
		return REFUSE(d, SK_MUNICIPALITY_UNKNOWN, field,
		    "%04u is not there yet on this day",
		    (unsigned)municipality);
	case MEMBER_ENDED:
		if (successor == 0)
			return REFUSE(d, SK_MUNICIPALITY_UNKNOWN, field,
			    "%04u is no member of this region any more",
			    (unsigned)municipality);
		d->decision->use_participant = decide_team(d, successor);
		return REFUSE(d, SK_MUNICIPALITY_UNKNOWN, field,
		    "%04u: what was %04u is part of it now",
		    (unsigned)successor, (unsigned)municipality);
	default:
		return REFUSE(d, SK_MUNICIPALITY_UNKNOWN, field,
		    "no access team has %04u in its area",
		    (unsigned)municipality);
	}
}

/* ---- a case moves */

static const char *
court_of(const struct deciding *d, uint32_t municipality, int32_t date)
{
	const Sk__Policy *policy = d->view->policy;
	const Sk__Municipality *m = profile_member(policy, municipality,
	    date);

	for (size_t i = 0; m != NULL && m->court != NULL &&
	    i < policy->n_courts; i++)
		if (policy->courts[i]->corv_id != NULL &&
		    strcmp(policy->courts[i]->corv_id, m->court) == 0)
			return policy->courts[i]->oin;
	return NULL;
}

/*
 * Into another district: its court takes over the case, unless a hearing was
 * announced by the one that has it, which then keeps it.
 */
static void
move_court(struct deciding *d, uint32_t successor)
{
	const char *oin = court_of(d, successor, d->today);
	const Sk__Municipality *m;
	uint64_t court;

	if (d->row->court == 0 || d->row->hearing_date >= d->today ||
	    oin == NULL || d->view->participant == NULL)
		return;
	m = profile_municipality(d->view->policy, d->municipality);
	if (m != NULL && m->court != NULL && strcmp(m->court, profile_member(
	    d->view->policy, successor, d->today)->court) == 0)
		return;		/* the same district */
	court = d->view->participant(d->view->context, SK__ROLE__COURT, oin,
	    d->today);
	if (court == 0 || court == d->row->court)
		return;
	effect_leaves(d, d->row->court);
	effect_participant(d, court, SK__ROLE__COURT);
	d->decision->open->has_court = 1;
	d->decision->open->court = court;
}

static void
move_owner(struct deciding *d, uint64_t team)
{
	Sk__Effects *open = d->decision->open;

	if (d->row->transfer_to == team) {
		open->has_transfer_to = 1;
		open->transfer_to = 0;
		effect_timer_clear(d, D(TRANSFER_DUE), WHOLE_CASE);
	}
	if (team == d->owner)
		return;
	open->has_owner = 1;
	open->owner = team;
	if (d->row->director == d->owner)
		involve_direct(d, team);
	else if (d->row->director_proposed == d->owner)
		involve_direct(d, d->row->director);
	if (d->row->crisis_owner == d->owner) {
		open->has_crisis_owner = 1;
		open->crisis_owner = team;
	}
	/* first out, then in: a full case has its place again */
	effect_leaves(d, d->owner);
	effect_participant(d, team, SK__ROLE__ACCESS);
}

static void
tell_everyone(struct deciding *d, uint64_t team)
{
	Sk__Notice *n = arena_new(d->arena, Sk__Notice, sk__notice__init);

	if (n == NULL) {
		d->spent = true;
		return;
	}
	n->has_kind = n->has_participant = 1;
	n->kind = SK__NOTICE_KIND__MUNICIPALITY_MERGED;
	n->about = effect_ref(d, &d->row->ref);
	n->participant = team;
	d->decision->open->notice = n;
	effect_post(d, d->owner);
	effect_post(d, team);
	for (size_t i = 0; i < d->row->participants; i++)
		if (!d->row->participant[i].left && !handoff_came_to_nothing(
		    d->row, d->row->participant[i].participant))
			effect_post(d, d->row->participant[i].participant);
	if (d->decision->open->has_court)
		effect_post(d, d->decision->open->court);
}

enum sk_error
decide_merger(struct deciding *d)
{
	uint32_t successor;
	uint64_t team;

	if (d->row == NULL)
		return REFUSE(d, SK_CASE_UNKNOWN, "merger.case_number", NULL);
	if (case_is_closed(d->row))
		return REFUSE(d, SK_CASE_CLOSED, "merger.case_number", NULL);
	d->owner = d->row->owner;
	d->municipality = d->row->municipality;
	successor = profile_successor(d->view->policy, d->municipality,
	    d->today);
	if (successor == 0 || successor == d->municipality)
		return REFUSE(d, SK_STATE_WRONG, "merger.municipality",
		    "%04u has not been merged into another",
		    (unsigned)d->municipality);
	if ((team = decide_team(d, successor)) == 0)
		return refuse_municipality(d, successor, "merger.successor");
	d->decision->open->municipality = effect_municipality(d, successor);
	move_owner(d, team);
	move_court(d, successor);
	tell_everyone(d, team);
	return SK_OK;
}
