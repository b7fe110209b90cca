#include "broker/core/decide.h"

static void *
made(struct deciding *d, void *thing)
{
	if (thing == NULL)
		d->spent = true;
	return thing;
}

#define NEW(d, type, init) ((type *)made((d), arena_new((d)->arena, type, init)))
#define APPEND(d, n, items, item) \
	append((d), (n), (void ***)(void *)(items), (item))

static void
append(struct deciding *d, size_t *n, void ***items, void *item)
{
	if (item == NULL || arena_append(d->arena, n, items, item) != 0)
		d->spent = true;
}

bool
effects_begin(struct deciding *d)
{
	d->decision->open = NEW(d, Sk__Effects, sk__effects__init);
	if (d->decision->open == NULL)
		return false;
	if (d->row != NULL) {
		d->decision->open->has_case_number = 1;
		d->decision->open->case_number = d->row->number;
	}
	return true;
}

Sk__ClosedEffects *
effects_closed(struct deciding *d)
{
	if (d->decision->closed == NULL)
		d->decision->closed = NEW(d, Sk__ClosedEffects,
		    sk__closed_effects__init);
	return d->decision->closed;
}

void
effect_state(struct deciding *d, Sk__CaseState state)
{
	Sk__Effects *open = d->decision->open;

	if (state == 0 || (d->row != NULL && d->row->state == state))
		return;
	open->has_state = 1;
	open->state = state;
}

Sk__Ref *
effect_ref(struct deciding *d, const struct envelope_ref *ref)
{
	return made(d, ref_to_message(ref, d->arena));
}

void
effect_opening(struct deciding *d, const char *municipality,
    int32_t order_date)
{
	Sk__Effects *open = d->decision->open;
	Sk__Opening *opening = NEW(d, Sk__Opening, sk__opening__init);

	if (opening == NULL)
		return;
	opening->ref = effect_ref(d, &d->event->header->case_ref);
	opening->municipality = made(d, arena_string(d->arena, municipality));
	opening->has_order_date = 1;
	opening->order_date = order_date;
	open->opening = opening;
	open->has_case_number = 1;
	open->case_number = d->view->next_case_number;
	effect_state(d, d->rule->next);
}

void
effect_participant(struct deciding *d, uint64_t participant, Sk__Role role)
{
	Sk__Effects *open = d->decision->open;
	Sk__ParticipantChange *change;

	if (d->row != NULL && case_has_participant(d->row, participant))
		return;
	change = NEW(d, Sk__ParticipantChange, sk__participant_change__init);
	if (change == NULL)
		return;
	change->has_participant = 1;
	change->participant = participant;
	change->has_role = 1;
	change->role = role;
	APPEND(d, &open->n_participants, &open->participants, change);
}

Sk__HandoffChange *
effect_handoff(struct deciding *d, unsigned index, Sk__HandoffStatus status,
    int32_t date)
{
	Sk__Effects *open = d->decision->open;
	Sk__HandoffChange *change = NEW(d, Sk__HandoffChange,
	    sk__handoff_change__init);

	if (change == NULL)
		return NULL;
	change->has_index = 1;
	change->index = index;
	change->has_status = 1;
	change->status = status;
	change->has_date = 1;
	change->date = date;
	APPEND(d, &open->n_handoffs, &open->handoffs, change);
	return change;
}

void
effect_timer_change(struct deciding *d, const Sk__TimerChange *change)
{
	Sk__Effects *open = d->decision->open;
	Sk__TimerChange *copy = NEW(d, Sk__TimerChange, sk__timer_change__init);

	if (copy == NULL)
		return;
	*copy = *change;
	APPEND(d, &open->n_timers, &open->timers, copy);
}

void
effect_timer(struct deciding *d, Sk__DeadlineKind kind, unsigned handoff,
    int64_t warn, int64_t breach)
{
	Sk__TimerChange change = SK__TIMER_CHANGE__INIT;

	change.has_kind = 1;
	change.kind = kind;
	change.has_handoff = 1;
	change.handoff = handoff;
	change.has_warn = 1;
	change.warn = warn;
	change.has_breach = 1;
	change.breach = breach;
	change.has_late = 1;
	change.late = breach <= d->event->instant ||
	    (warn != 0 && warn <= d->event->instant);
	effect_timer_change(d, &change);
}

void
effect_timer_clear(struct deciding *d, Sk__DeadlineKind kind, unsigned handoff)
{
	Sk__TimerChange change = SK__TIMER_CHANGE__INIT;

	if (case_timer_of(d->row, kind, handoff) == NULL)
		return;
	change.has_kind = 1;
	change.kind = kind;
	change.has_handoff = 1;
	change.handoff = handoff;
	change.has_cleared = 1;
	change.cleared = 1;
	effect_timer_change(d, &change);
}

void
effect_timers_clear(struct deciding *d)
{
	for (size_t i = 0; i < d->row->timers; i++)
		effect_timer_clear(d, d->row->timer[i].kind,
		    d->row->timer[i].handoff);
}

void
effect_post(struct deciding *d, uint64_t participant)
{
	Sk__Effects *open = d->decision->open;
	Sk__Posting *posting;

	if (participant == 0)
		return;
	for (size_t i = 0; i < open->n_postings; i++)
		if (open->postings[i]->participant == participant)
			return;
	posting = NEW(d, Sk__Posting, sk__posting__init);
	if (posting == NULL)
		return;
	posting->has_participant = 1;
	posting->participant = participant;
	APPEND(d, &open->n_postings, &open->postings, posting);
}

void
effect_post_recipients(struct deciding *d)
{
	const struct header *header = d->event->header;

	for (size_t i = 0; i < header->recipients; i++)
		if (header->recipient[i].participant != d->event->sender)
			effect_post(d, header->recipient[i].participant);
}
