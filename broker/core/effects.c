#include <stdio.h>

#include "broker/core/decide.h"
#include "broker/core/waiting.h"

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
effect_handoff_timers_clear(struct deciding *d, unsigned handoff)
{
	for (size_t i = 0; i < d->row->timers; i++)
		if (d->row->timer[i].handoff == handoff &&
		    d->row->timer[i].kind !=
		    SK__DEADLINE_KIND__INFORMATION_DUE)
			effect_timer_clear(d, d->row->timer[i].kind, handoff);
}

/* Once, however often the same gate is met in one message. */
void
effect_override(struct deciding *d, const Sk__Override *override)
{
	Sk__Effects *open = d->decision->open;
	Sk__OverrideUsed *used;

	for (size_t i = 0; i < open->n_overrides; i++)
		if (open->overrides[i]->gate == override->gate)
			return;
	used = NEW(d, Sk__OverrideUsed, sk__override_used__init);
	if (used == NULL)
		return;
	used->has_gate = used->has_reason = used->has_person = 1;
	used->gate = override->gate;
	used->reason = override->reason;
	used->person = d->event->header->person;
	APPEND(d, &open->n_overrides, &open->overrides, used);
}

void
effect_priority(struct deciding *d, const struct case_closed *closed,
    bool crisis)
{
	Sk__PriorityChange *change;
	struct waiting_need need;

	if (closed == NULL)
		return;
	change = NEW(d, Sk__PriorityChange, sk__priority_change__init);
	if (change == NULL)
		return;
	need = waiting_need(closed, crisis);
	change->has_rank = change->has_vulnerability = 1;
	change->rank = need.rank;
	change->vulnerability = need.vulnerability;
	d->decision->open->priority = change;
}

void
effect_warning(struct deciding *d, Sk__Warning warning)
{
	Sk__Effects *open = d->decision->open;
	Sk__Warning *list = arena_take(d->arena,
	    (open->n_warnings + 1) * sizeof(*list));

	if (list == NULL) {
		d->spent = true;
		return;
	}
	for (size_t i = 0; i < open->n_warnings; i++)
		list[i] = open->warnings[i];
	list[open->n_warnings++] = warning;
	open->warnings = list;
}

const char *
rules_warning_text(Sk__Warning warning)
{
	return warning_english(warning);
}

/* The change of this participant in this decision, made when there is none. */
static Sk__ParticipantChange *
change_of(struct deciding *d, uint64_t participant)
{
	Sk__Effects *open = d->decision->open;
	Sk__ParticipantChange *change;
	const struct case_participant *p = NULL;

	for (size_t i = 0; i < open->n_participants; i++)
		if (open->participants[i]->participant == participant)
			return open->participants[i];
	for (size_t i = 0; i < d->row->participants; i++)
		if (d->row->participant[i].participant == participant)
			p = &d->row->participant[i];
	if (p == NULL)
		return NULL;
	change = NEW(d, Sk__ParticipantChange, sk__participant_change__init);
	if (change == NULL)
		return NULL;
	change->has_participant = change->has_role = change->has_left = 1;
	change->participant = participant;
	change->role = p->role;
	change->left = p->left;
	APPEND(d, &open->n_participants, &open->participants, change);
	return change;
}

void
effect_owed_by_recipients(struct deciding *d, unsigned owes)
{
	const struct header *header = d->event->header;
	Sk__ParticipantChange *change;
	unsigned before;

	for (size_t i = 0; i < header->recipients; i++) {
		uint64_t participant = header->recipient[i].participant;

		if (participant == d->event->sender ||
		    (change = change_of(d, participant)) == NULL)
			continue;
		before = 0;
		for (size_t j = 0; j < d->row->participants; j++)
			if (d->row->participant[j].participant == participant)
				before = d->row->participant[j].owes;
		change->has_owes = 1;
		change->owes = before | owes;
	}
}

void
effect_owes(struct deciding *d, const struct case_participant *p,
    unsigned owes)
{
	Sk__ParticipantChange *change = change_of(d, p->participant);

	if (change == NULL)
		return;
	change->has_owes = 1;
	change->owes = owes;
}

void
effect_erasure_said(struct deciding *d, Sk__ErasureSaid said)
{
	Sk__ParticipantChange *change = change_of(d, d->event->sender);

	if (change == NULL)
		return;
	change->has_erasure_said = 1;
	change->erasure_said = said;
}

void
effect_leaves(struct deciding *d, uint64_t participant)
{
	Sk__ParticipantChange *change = change_of(d, participant);

	if (change == NULL)
		return;
	change->has_left = change->left = 1;
	change->has_owes = 1;
	change->owes = 0;
}

void
effect_joining_recipients(struct deciding *d, Sk__Role role)
{
	const struct header *header = d->event->header;
	const struct member *member;

	for (size_t i = 0; i < header->recipients; i++) {
		member = decide_member(d, header->recipient[i].participant);
		if (member != NULL && member->current.role == role)
			effect_participant(d, header->recipient[i].participant,
			    role);
	}
}

char *
effect_municipality(struct deciding *d, uint32_t municipality)
{
	char code[8];

	snprintf(code, sizeof(code), "%04u", (unsigned)municipality % 10000);
	return made(d, arena_string(d->arena, code));
}

void
effect_link(struct deciding *d, Sk__LinkPersonFacts *link)
{
	Sk__ClosedEffects *closed = effects_closed(d);
	Sk__PersonLink *row = NEW(d, Sk__PersonLink, sk__person_link__init);

	if (closed == NULL || row == NULL)
		return;
	row->has_former = 1;
	row->former = link->former;
	row->person = link->person;
	APPEND(d, &closed->n_links, &closed->links, row);
}

void
effect_person_change(struct deciding *d, Sk__PersonChangeFacts *change)
{
	Sk__ClosedEffects *closed = effects_closed(d);

	if (closed != NULL)
		APPEND(d, &closed->n_person_changes, &closed->person_changes,
		    change);
}

void
effect_consent(struct deciding *d, const Sk__ConsentChangeFacts *change,
    Sk__ConsentPurpose purpose)
{
	Sk__ClosedEffects *closed = effects_closed(d);
	Sk__ConsentRow *row = NEW(d, Sk__ConsentRow, sk__consent_row__init);

	if (closed == NULL || row == NULL)
		return;
	row->has_pseudonym = row->has_purpose = row->has_state =
	    row->has_date = 1;
	row->pseudonym = change->pseudonym;
	row->purpose = purpose;
	row->state = change->state;
	row->has_ground = change->has_ground;
	row->ground = change->ground;
	row->date = decide_date(d);
	APPEND(d, &closed->n_consents, &closed->consents, row);
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
effect_post_elsewhere(struct deciding *d, uint64_t participant,
    uint64_t case_number)
{
	Sk__Effects *open = d->decision->open;
	size_t n = open->n_postings;

	effect_post(d, participant);
	if (open->n_postings == n)
		return;		/* told already, of this case */
	open->postings[n]->has_case_number = 1;
	open->postings[n]->case_number = case_number;
}

void
effect_post_recipients(struct deciding *d)
{
	const struct header *header = d->event->header;

	for (size_t i = 0; i < header->recipients; i++)
		if (header->recipient[i].participant != d->event->sender)
			effect_post(d, header->recipient[i].participant);
}
