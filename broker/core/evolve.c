/*
 * Mechanical: what effects say, the rows become. No rule stands here, so that
 * every entry ever written can be read by every later build.
 */
#include <string.h>

#include "broker/core/policy.h"
#include "broker/core/rules.h"

static enum sk_error
open_case(struct case_row *row, const Sk__Effects *open)
{
	const Sk__Opening *opening = open->opening;

	if (row->number != 0 || !open->has_case_number ||
	    open->case_number == 0 ||
	    !ref_from_message(opening->ref, &row->ref))
		return SK_STORE_CORRUPT;
	row->number = open->case_number;
	row->municipality = policy_municipality(opening->municipality);
	row->order_date = opening->order_date;
	return row->municipality != 0 ? SK_OK : SK_STORE_CORRUPT;
}

static enum sk_error
apply_values(struct case_row *row, const Sk__Effects *open)
{
	if (open->has_state) {
		if (open->state < SK__CASE_STATE__CASE_NEW ||
		    open->state > SK__CASE_STATE__CASE_VOID)
			return SK_STORE_CORRUPT;
		row->state = (uint8_t)open->state;
	}
#define APPLY(name) \
	if (open->has_##name) \
		row->name = open->name
	APPLY(owner);
	APPLY(director);
	APPLY(court);
	APPLY(hearing_date);
	APPLY(order_date);
	APPLY(triage_date);
	APPLY(analysis_date);
	APPLY(plan_date);
	APPLY(report_due_date);
	APPLY(reported_date);
	APPLY(court_reported_date);
	APPLY(crisis_date);
	APPLY(crisis_owner);
	APPLY(crisis_reviewed_date);
	APPLY(escalation_date);
	APPLY(ret_advice_date);
	APPLY(lesson_date);
	APPLY(conference_date);
	APPLY(transfer_to);
	APPLY(director_proposed);
	APPLY(family);
	APPLY(child);
#undef APPLY
	if (open->report_request != NULL &&
	    !ref_from_message(open->report_request, &row->report_request))
		return SK_STORE_CORRUPT;
	return SK_OK;
}

static bool
apply_ref(const Sk__Ref *message, struct envelope_ref *ref)
{
	return message == NULL || ref_from_message(message, ref);
}

static bool
apply_place(const char *municipality, uint32_t *code)
{
	if (municipality == NULL)
		return true;
	*code = policy_municipality(municipality);
	return *code != 0;
}

/* What lies over the states: crisis, escalation, transfer, what is asked. */
static enum sk_error
apply_overlays(struct case_row *row, const Sk__Effects *open)
{
	/* a plan of its own joins no other any more (R31) */
	if (open->has_plan_date)
		memset(&row->plan_of, 0, sizeof(row->plan_of));
	if (!apply_ref(open->involvement_notice, &row->involvement_notice) ||
	    !apply_ref(open->change_request, &row->change_request) ||
	    !apply_ref(open->crisis_alert, &row->crisis_alert) ||
	    !apply_ref(open->plan_of, &row->plan_of) ||
	    !apply_place(open->municipality, &row->municipality) ||
	    !apply_place(open->transfer_municipality,
	    &row->transfer_municipality))
		return SK_STORE_CORRUPT;
	if (open->has_change_answered && open->change_answered)
		memset(&row->change_request, 0, sizeof(row->change_request));
	if (open->has_crisis) {
		if (open->crisis > SK__CRISIS__CRISIS_OVER)
			return SK_STORE_CORRUPT;
		row->crisis = (uint8_t)open->crisis;
	}
	if (open->has_escalation) {
		if (open->escalation > SK__ESCALATION__BOEG_ADVISED)
			return SK_STORE_CORRUPT;
		row->escalation = (uint8_t)open->escalation;
		if (row->escalation > row->escalated)
			row->escalated = row->escalation;
	}
	if (open->priority != NULL) {
		row->priority = (uint8_t)open->priority->rank;
		row->vulnerability = (uint8_t)open->priority->vulnerability;
	}
	return SK_OK;
}

/* Questions that wait for their answer, each in its slot. */
static enum sk_error
apply_question(struct case_row *row, const Sk__Effects *open)
{
	const Sk__Question *question = open->question;
	uint32_t settled = open->question_settled;

	if (open->has_question_settled) {
		if (settled < 1 || settled > CASE_QUESTIONS_MAX)
			return SK_STORE_CORRUPT;
		memset(&row->question[settled - 1], 0,
		    sizeof(row->question[0]));
	}
	if (question == NULL)
		return SK_OK;
	if (question->slot < 1 || question->slot > CASE_QUESTIONS_MAX ||
	    question->request == NULL || !apply_ref(question->request,
	    &row->question[question->slot - 1].request))
		return SK_STORE_CORRUPT;
	row->question[question->slot - 1].holder = question->holder;
	return SK_OK;
}

static bool
is_ground(Sk__ErasureGround ground)
{
	return ground >= SK__ERASURE_GROUND__DESTRUCTION_REQUESTED &&
	    ground <= SK__ERASURE_GROUND__ENTERED_IN_ERROR;
}

static enum sk_error
apply_erasure(struct case_row *row, const Sk__Effects *open)
{
	if (open->erasure_asked != NULL) {
		if (!apply_ref(open->erasure_asked->request,
		    &row->erasure_request) ||
		    !is_ground(open->erasure_asked->ground))
			return SK_STORE_CORRUPT;
		row->erasure_asked = (uint8_t)open->erasure_asked->ground;
		row->erasure_granted = 0;
	}
	if (open->has_erasure_granted) {
		row->erasure_granted = open->erasure_granted ?
		    row->erasure_asked : 0;
		row->erasure_asked = 0;
	}
	if (open->erasure != NULL) {
		if (!is_ground(open->erasure->ground))
			return SK_STORE_CORRUPT;
		row->erased = (uint8_t)open->erasure->ground;
		row->erasure_asked = 0;
	}
	return SK_OK;
}

static enum sk_error
apply_participant(struct case_row *row, const Sk__ParticipantChange *change)
{
	struct case_participant *p;
	size_t i;

	if (change->participant == 0 || change->role < SK__ROLE__ACCESS ||
	    change->role > SK__ROLE__CHILDCARE)
		return SK_STORE_CORRUPT;
	for (i = 0; i < row->participants; i++)
		if (row->participant[i].participant == change->participant)
			break;
	/* who left a full case makes room */
	if (i == CASE_PARTICIPANTS_MAX) {
		for (i = 0; i < row->participants; i++)
			if (row->participant[i].left)
				break;
		if (i == row->participants)
			return SK_STORE_CORRUPT;
		row->participant[i].owes = 0;
	}
	if (i == row->participants)
		row->participants++;
	p = &row->participant[i];
	p->participant = change->participant;
	p->role = (uint8_t)change->role;
	p->left = change->has_left && change->left;
	if (change->has_owes)
		p->owes = (uint8_t)change->owes;
	if (change->has_erasure_said)
		p->erasure_said = (uint8_t)change->erasure_said;
	return SK_OK;
}

/* What the family's other cases are told of it. */
static void
apply_course(struct case_handoff *handoff, const Sk__HandoffChange *change)
{
	if (change->offering != NULL &&
	    strlen(change->offering) <= CASE_OFFERING_MAX) {
		memset(handoff->offering, 0, sizeof(handoff->offering));
		memcpy(handoff->offering, change->offering,
		    strlen(change->offering));
	}
	if (change->has_category)
		handoff->category = (uint8_t)change->category;
	if (change->has_start_date)
		handoff->start_date = change->start_date;
	if (change->has_unplanned)
		handoff->unplanned = change->unplanned != 0;
	if (change->has_hop)
		handoff->hop = change->hop != 0;
	if (change->has_parallel)
		handoff->parallel = change->parallel != 0;
	if (change->has_takes_over)
		handoff->takes_over = change->takes_over != 0;
}

static enum sk_error
apply_handoff(struct case_row *row, const Sk__HandoffChange *change)
{
	struct case_handoff *handoff;
	bool is_new = change->index == row->handoffs + 1u;

	if (change->index < 1 || change->index > CASE_HANDOFFS_MAX ||
	    change->index > row->handoffs + 1u ||
	    change->status < SK__HANDOFF_STATUS__OFFER_OPEN ||
	    change->status > SK__HANDOFF_STATUS__OFFER_WITHDRAWN)
		return SK_STORE_CORRUPT;
	if (is_new && (change->provider == 0 || change->referral == NULL))
		return SK_STORE_CORRUPT;
	handoff = &row->handoff[change->index - 1];
	if (change->referral != NULL &&
	    !ref_from_message(change->referral, &handoff->referral))
		return SK_STORE_CORRUPT;
	if (is_new)
		row->handoffs++;
	if (change->has_provider)
		handoff->provider = change->provider;
	if (change->has_date)
		handoff->date = change->date;
	if (change->has_level)
		handoff->level = (uint8_t)change->level;
	if (change->has_place)
		handoff->place = (uint8_t)change->place;
	if (change->has_months_max)
		handoff->months = (uint8_t)change->months_max;
	handoff->in_touch = change->has_in_touch && change->in_touch;
	if (change->has_waits_since)
		handoff->waits_since = change->waits_since;
	apply_course(handoff, change);
	if (change->has_attempt_date && handoff->attempts < CASE_ATTEMPTS_MAX)
		handoff->attempt_date[handoff->attempts++] =
		    change->attempt_date;
	handoff->status = (uint8_t)change->status;
	return SK_OK;
}

/* Order is kept, so that the same entries always give the same bytes. */
static void
remove_timer(struct case_row *row, size_t i)
{
	row->timers--;
	memmove(&row->timer[i], &row->timer[i + 1],
	    (row->timers - i) * sizeof(row->timer[0]));
	memset(&row->timer[row->timers], 0, sizeof(row->timer[0]));
}

static enum sk_error
apply_timer(struct case_row *row, const Sk__TimerChange *change)
{
	struct case_timer *timer;
	size_t i;

	if (change->kind < SK__DEADLINE_KIND__ORDER_START ||
	    change->kind > SK__DEADLINE_KIND__BIRTH_DUE ||
	    change->handoff > CASE_HANDOFFS_MAX)
		return SK_STORE_CORRUPT;
	for (i = 0; i < row->timers; i++)
		if (row->timer[i].kind == change->kind &&
		    row->timer[i].handoff == change->handoff)
			break;
	if (change->has_cleared && change->cleared) {
		if (i == row->timers)
			return SK_STORE_CORRUPT;
		remove_timer(row, i);
		return SK_OK;
	}
	if (i == CASE_TIMERS_MAX)
		return SK_STORE_CORRUPT;
	if (i == row->timers)
		row->timers++;
	timer = &row->timer[i];
	timer->kind = (uint8_t)change->kind;
	timer->handoff = (uint8_t)change->handoff;
	timer->warn = change->warn;
	timer->breach = change->breach;
	timer->late = change->has_late && change->late;
	return SK_OK;
}

static enum sk_error
apply_lists(struct case_row *row, const Sk__Effects *open)
{
	enum sk_error rc = SK_OK;

	for (size_t i = 0; rc == SK_OK && i < open->n_participants; i++)
		rc = apply_participant(row, open->participants[i]);
	for (size_t i = 0; rc == SK_OK && i < open->n_handoffs; i++)
		rc = apply_handoff(row, open->handoffs[i]);
	for (size_t i = 0; rc == SK_OK && i < open->n_timers; i++)
		rc = apply_timer(row, open->timers[i]);
	return rc;
}

/* ---- the closed row */

static enum sk_error
apply_persons(struct case_closed *closed, const Sk__ClosedEffects *effects)
{
	if (effects->n_persons > (size_t)CASE_PERSONS_MAX - closed->persons)
		return SK_STORE_CORRUPT;
	for (size_t i = 0; i < effects->n_persons; i++) {
		const Sk__Person *person = effects->persons[i];
		size_t at = closed->persons;

		if (person->pseudonym.len !=
		    sizeof(closed->person[at].pseudonym))
			return SK_STORE_CORRUPT;
		memcpy(closed->person[at].pseudonym, person->pseudonym.data,
		    person->pseudonym.len);
		closed->person[at].secret_version = person->secret_version;
		closed->person[at].role = (uint8_t)person->role;
		closed->person[at].has_consent = person->has_consent != 0;
		closed->person[at].consent = person->has_consent &&
		    person->consent;
		closed->person[at].authority = (uint8_t)(person->has_authority ?
		    person->authority : 0);
		closed->person[at].authority_ground =
		    (uint8_t)(person->has_authority_ground ?
		    person->authority_ground : 0);
		closed->person[at].household = (uint8_t)(person->has_household ?
		    person->household : 0);
		closed->person[at].secret_address =
		    person->has_secret_address && person->secret_address;
		closed->person[at].unborn =
		    person->has_expected_birth_date != 0;
		closed->person[at].birth_date =
		    person->has_expected_birth_date ?
		    person->expected_birth_date : 0;
		closed->persons++;
	}
	return SK_OK;
}

static enum sk_error
apply_goal(struct case_closed *closed, const Sk__GoalRow *change)
{
	struct case_goal *goal;
	size_t i;

	if (change->number < 1 || change->number > CASE_GOALS_MAX)
		return SK_STORE_CORRUPT;
	for (i = 0; i < closed->goals; i++)
		if (closed->goal[i].number == change->number)
			break;
	if (i == CASE_GOALS_MAX)
		return SK_STORE_CORRUPT;
	if (i == closed->goals)
		closed->goals++;
	goal = &closed->goal[i];
	goal->number = (uint8_t)change->number;
	if (change->has_setter)
		goal->setter = (uint8_t)change->setter;
	if (change->has_due_date)
		goal->due_date = change->due_date;
	if (change->has_status)
		goal->status = (uint8_t)change->status;
	return SK_OK;
}

static enum sk_error
apply_domains(struct case_closed *closed, const Sk__ClosedEffects *effects)
{
	if (effects->n_domains == 0)
		return SK_OK;
	/* a triage is whole: nothing of an older one shines through */
	memset(closed->domain, 0, sizeof(closed->domain));
	memset(closed->owner, 0, sizeof(closed->owner));
	for (size_t i = 0; i < effects->n_domains; i++) {
		const Sk__DomainAnswer *d = effects->domains[i];

		if (d->domain < 1 || d->domain > CASE_DOMAINS)
			return SK_STORE_CORRUPT;
		closed->domain[d->domain] = (uint8_t)d->answer;
		closed->owner[d->domain] = d->has_owner ? (uint8_t)d->owner : 0;
	}
	return SK_OK;
}

/* Lists of a message that is whole in itself: nothing of an older one stays. */
static enum sk_error
apply_masks(struct case_closed *closed, const Sk__ClosedEffects *effects)
{
	if (effects->n_support > 0)
		closed->support = 0;
	for (size_t i = 0; i < effects->n_support; i++) {
		if (effects->support[i] < 1 ||
		    effects->support[i] > CASE_DOMAINS)
			return SK_STORE_CORRUPT;
		closed->support = (uint16_t)(closed->support |
		    1u << effects->support[i]);
	}
	if (effects->n_agreed > 0)
		closed->agreed = 0;
	for (size_t i = 0; i < effects->n_agreed; i++) {
		if (effects->agreed[i] < 1 || effects->agreed[i] > 7)
			return SK_STORE_CORRUPT;
		closed->agreed = (uint8_t)(closed->agreed |
		    1u << effects->agreed[i]);
	}
	return SK_OK;
}

static void
apply_counts(struct case_closed *closed, const Sk__ClosedEffects *effects)
{
#define APPLY(name) \
	if (effects->has_##name) \
		closed->name = (uint8_t)effects->name
	APPLY(waiver);
	APPLY(risk_of_worsening);
	APPLY(closed_advised);
	APPLY(reanalysis_due);
	APPLY(failures);
	APPLY(moves);
	APPLY(good_enough);
#undef APPLY
	if (effects->has_failed_date)
		closed->failed_date = effects->failed_date;
}

static enum sk_error
apply_link(struct case_closed *closed, const Sk__PersonLink *link)
{
	size_t size = sizeof(closed->person[0].pseudonym);

	if (link->former.len != size || link->person == NULL ||
	    link->person->pseudonym.len != size)
		return SK_STORE_CORRUPT;
	for (size_t i = 0; i < closed->persons; i++) {
		if (memcmp(closed->person[i].pseudonym, link->former.data,
		    size) != 0)
			continue;
		memcpy(closed->person[i].pseudonym,
		    link->person->pseudonym.data, size);
		closed->person[i].secret_version =
		    link->person->secret_version;
		/* who has a number was born */
		closed->person[i].unborn = 0;
		return SK_OK;
	}
	return SK_STORE_CORRUPT;
}

/* A route decision is whole: nothing of an older one's side routes stays. */
static enum sk_error
apply_sides(struct case_closed *closed, const Sk__ClosedEffects *effects)
{
	if (effects->has_route)
		closed->side = closed->side_taken = 0;
	for (size_t i = 0; i < effects->n_side; i++) {
		if (effects->side[i] < 1 || effects->side[i] > 15)
			return SK_STORE_CORRUPT;
		closed->side = (uint16_t)(closed->side |
		    1u << effects->side[i]);
	}
	if (!effects->has_side_taken)
		return SK_OK;
	if (effects->side_taken < 1 || effects->side_taken > 15)
		return SK_STORE_CORRUPT;
	closed->side_taken = (uint16_t)(closed->side_taken |
	    1u << effects->side_taken);
	return SK_OK;
}

static size_t
person_index(const struct case_closed *closed,
    const ProtobufCBinaryData *pseudonym)
{
	size_t i = 0;

	while (i < closed->persons && (pseudonym->len !=
	    sizeof(closed->person[i].pseudonym) ||
	    memcmp(closed->person[i].pseudonym, pseudonym->data,
	    pseudonym->len) != 0))
		i++;
	return i;
}

/* Only what it says changes. */
static enum sk_error
apply_person_change(struct case_closed *closed,
    const Sk__PersonChangeFacts *change)
{
	size_t i = person_index(closed, &change->pseudonym);

	if (i == closed->persons)
		return SK_STORE_CORRUPT;
	if (change->has_authority)
		closed->person[i].authority = (uint8_t)change->authority;
	if (change->has_authority)
		closed->person[i].authority_ground =
		    (uint8_t)(change->has_authority_ground ?
		    change->authority_ground : 0);
	if (change->has_household)
		closed->person[i].household = (uint8_t)change->household;
	if (change->has_secret_address)
		closed->person[i].secret_address = change->secret_address != 0;
	if (change->has_expected_birth_date)
		closed->person[i].birth_date = change->expected_birth_date;
	if (change->has_birth_date) {
		closed->person[i].birth_date = change->birth_date;
		closed->person[i].unborn = 0;
	}
	return SK_OK;
}

static enum sk_error
apply_consent(struct case_closed *closed, const Sk__ConsentRow *row)
{
	size_t i = person_index(closed, &row->pseudonym);

	if (i == closed->persons || row->purpose < 1 ||
	    row->purpose > CASE_PURPOSES)
		return SK_STORE_CORRUPT;
	closed->person[i].stated[row->purpose].state = (uint8_t)row->state;
	closed->person[i].stated[row->purpose].ground =
	    (uint8_t)(row->has_ground ? row->ground : 0);
	closed->person[i].stated[row->purpose].date = row->date;
	return SK_OK;
}

static enum sk_error
apply_closed(struct case_closed *closed, const Sk__ClosedEffects *effects)
{
	enum sk_error rc;

	if ((rc = apply_persons(closed, effects)) != SK_OK ||
	    (rc = apply_domains(closed, effects)) != SK_OK ||
	    (rc = apply_masks(closed, effects)) != SK_OK ||
	    (rc = apply_sides(closed, effects)) != SK_OK)
		return rc;
	for (size_t i = 0; rc == SK_OK && i < effects->n_goals; i++)
		rc = apply_goal(closed, effects->goals[i]);
	for (size_t i = 0; rc == SK_OK && i < effects->n_links; i++)
		rc = apply_link(closed, effects->links[i]);
	for (size_t i = 0; rc == SK_OK && i < effects->n_person_changes; i++)
		rc = apply_person_change(closed, effects->person_changes[i]);
	for (size_t i = 0; rc == SK_OK && i < effects->n_consents; i++)
		rc = apply_consent(closed, effects->consents[i]);
	apply_counts(closed, effects);
	if (effects->has_theme)
		closed->theme = (uint8_t)effects->theme;
	if (effects->has_ground)
		closed->ground = (uint8_t)effects->ground;
	if (effects->has_route)
		closed->route = (uint8_t)effects->route;
	if (!effects->has_order_reference)
		return rc;
	if (effects->order_reference.len != sizeof(closed->order_reference))
		return SK_STORE_CORRUPT;
	memcpy(closed->order_reference, effects->order_reference.data,
	    sizeof(closed->order_reference));
	return rc;
}

enum sk_error
evolve(struct case_row *row, struct case_closed *closed,
    const Sk__Effects *open, const Sk__ClosedEffects *closed_effects)
{
	enum sk_error rc;

	if (open->opening != NULL && (rc = open_case(row, open)) != SK_OK)
		return rc;
	if (row->number == 0 || open->case_number != row->number)
		return SK_STORE_CORRUPT;
	if ((rc = apply_values(row, open)) != SK_OK ||
	    (rc = apply_overlays(row, open)) != SK_OK ||
	    (rc = apply_question(row, open)) != SK_OK ||
	    (rc = apply_erasure(row, open)) != SK_OK ||
	    (rc = apply_lists(row, open)) != SK_OK)
		return rc;
	if (row->owner == 0 || row->state == 0)
		return SK_STORE_CORRUPT;
	if (closed == NULL || closed_effects == NULL)
		return SK_OK;
	return apply_closed(closed, closed_effects);
}
