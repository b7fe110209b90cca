/*
 * Effects that no build has written: a stored entry that was damaged must not
 * damage the rows.
 */
#include "world.h"

static struct world w;
static Sk__Effects open_effects;
static Sk__ClosedEffects closed_effects;
static Sk__Opening opening;
static Sk__Ref ref;
static Sk__EnvelopeId id;
static Sk__ParticipantChange participant;
static Sk__HandoffChange handoff;
static Sk__TimerChange timer;
static Sk__Person person_row;
static Sk__GoalRow goal_row;
static Sk__DomainAnswer domain;
static uint8_t bytes[32];
static char municipality[] = "0193";

static int
start_over(void **state)
{
	static Sk__ParticipantChange *participants[] = { &participant };
	static Sk__HandoffChange *handoffs[] = { &handoff };
	static Sk__TimerChange *timers[] = { &timer };

	(void)state;
	world_init(&w);
	bring_to(&w, S(OFFERED));
	sk__effects__init(&open_effects);
	sk__closed_effects__init(&closed_effects);
	sk__opening__init(&opening);
	sk__ref__init(&ref);
	sk__envelope_id__init(&id);
	sk__participant_change__init(&participant);
	sk__handoff_change__init(&handoff);
	sk__timer_change__init(&timer);
	sk__person__init(&person_row);
	sk__goal_row__init(&goal_row);
	sk__domain_answer__init(&domain);
	id.has_boot = id.has_number = ref.has_participant = 1;
	id.boot = (ProtobufCBinaryData){ 8, bytes };
	id.number = 1;
	ref.participant = TEAM;
	ref.id = &id;
	open_effects.has_case_number = 1;
	open_effects.case_number = w.row.number;
	open_effects.participants = participants;
	open_effects.handoffs = handoffs;
	open_effects.timers = timers;
	participant.has_participant = participant.has_role = 1;
	participant.participant = HELP_B;
	participant.role = SK__ROLE__PROVIDER;
	handoff.has_index = handoff.has_status = handoff.has_provider = 1;
	handoff.index = 2;
	handoff.status = SK__HANDOFF_STATUS__OFFER_OPEN;
	handoff.provider = HELP_B;
	handoff.referral = &ref;
	timer.has_kind = timer.has_handoff = timer.has_breach = 1;
	timer.kind = SK__DEADLINE_KIND__COURT_REPORT_DUE;
	timer.breach = 1;
	return 0;
}

static enum sk_error
try(void)
{
	return evolve(&w.row, &w.closed, &open_effects, &closed_effects);
}

/* ---- open effects */

static void
another_case(void)
{
	open_effects.case_number++;
}

static void
no_state(void)
{
	open_effects.has_state = 1;
	open_effects.state = (Sk__CaseState)0;
}

static void
far_state(void)
{
	open_effects.has_state = 1;
	open_effects.state = (Sk__CaseState)13;
}

static void
no_owner(void)
{
	open_effects.has_owner = 1;
	open_effects.owner = 0;
}

static void
opened_twice(void)
{
	open_effects.opening = &opening;
	opening.ref = &ref;
	opening.municipality = municipality;
}

static void
no_participant(void)
{
	open_effects.n_participants = 1;
	participant.participant = 0;
}

static void
far_role(void)
{
	open_effects.n_participants = 1;
	participant.role = (Sk__Role)77;
}

static void
crowded(void)
{
	open_effects.n_participants = 1;
	w.row.participants = CASE_PARTICIPANTS_MAX;
}

static void
handoff_gap(void)
{
	open_effects.n_handoffs = 1;
	handoff.index = 3;
}

static void
handoff_zero(void)
{
	open_effects.n_handoffs = 1;
	handoff.index = 0;
}

static void
handoff_full(void)
{
	open_effects.n_handoffs = 1;
	w.row.handoffs = CASE_HANDOFFS_MAX;
	handoff.index = CASE_HANDOFFS_MAX + 1;
}

static void
handoff_nobody(void)
{
	open_effects.n_handoffs = 1;
	handoff.provider = 0;
}

static void
handoff_nameless(void)
{
	open_effects.n_handoffs = 1;
	handoff.referral = NULL;
}

static void
handoff_bad_ref(void)
{
	open_effects.n_handoffs = 1;
	id.boot.len = 7;
}

static void
far_status(void)
{
	open_effects.n_handoffs = 1;
	handoff.status = (Sk__HandoffStatus)10;
}

static void
far_timer(void)
{
	open_effects.n_timers = 1;
	timer.kind = (Sk__DeadlineKind)99;
}

static void
timer_handoff(void)
{
	open_effects.n_timers = 1;
	timer.handoff = CASE_HANDOFFS_MAX + 1;
}

static void
timers_full(void)
{
	open_effects.n_timers = 1;
	w.row.timers = CASE_TIMERS_MAX;
}

static void
cleared_twice(void)
{
	open_effects.n_timers = 1;
	timer.has_cleared = timer.cleared = 1;
}

static void
bad_request(void)
{
	open_effects.report_request = &ref;
	ref.id = NULL;
}

/* ---- closed effects */

static Sk__Person *persons[] = { &person_row };
static Sk__GoalRow *goals[] = { &goal_row };
static Sk__DomainAnswer *domains[] = { &domain };

static void
short_pseudonym(void)
{
	closed_effects.n_persons = 1;
	closed_effects.persons = persons;
	person_row.pseudonym = (ProtobufCBinaryData){ 31, bytes };
}

static void
persons_full(void)
{
	closed_effects.n_persons = 1;
	closed_effects.persons = persons;
	w.closed.persons = CASE_PERSONS_MAX;
}

static void
goal_zero(void)
{
	closed_effects.n_goals = 1;
	closed_effects.goals = goals;
}

static void
far_goal(void)
{
	closed_effects.n_goals = 1;
	closed_effects.goals = goals;
	goal_row.number = CASE_GOALS_MAX + 1;
}

static void
far_domain(void)
{
	closed_effects.n_domains = 1;
	closed_effects.domains = domains;
	domain.domain = (Sk__LifeDomain)15;
}

static void
domain_zero(void)
{
	closed_effects.n_domains = 1;
	closed_effects.domains = domains;
	domain.domain = (Sk__LifeDomain)0;
}

static void
short_reference(void)
{
	closed_effects.has_order_reference = 1;
	closed_effects.order_reference = (ProtobufCBinaryData){ 15, bytes };
}

static void
test_damaged_effects_are_corrupt(void **state)
{
	static void (*const spoil[])(void) = { another_case, no_state,
		far_state, no_owner, opened_twice, no_participant, far_role,
		crowded, handoff_gap, handoff_zero, handoff_full,
		handoff_nobody, handoff_nameless, handoff_bad_ref, far_status,
		far_timer, timer_handoff, timers_full, cleared_twice,
		bad_request, short_pseudonym, persons_full, goal_zero,
		far_goal, far_domain, domain_zero, short_reference };

	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		start_over(state);
		assert_int_equal(try(), SK_OK);
		start_over(state);
		spoil[i]();
		assert_int_equal(try(), SK_STORE_CORRUPT);
	}
}

static void
test_an_opening_needs_a_number_a_name_and_a_place(void **state)
{
	for (int spoiled = 0; spoiled < 4; spoiled++) {
		start_over(state);
		memset(&w.row, 0, sizeof(w.row));
		opened_twice();
		open_effects.has_state = open_effects.has_owner = 1;
		open_effects.state = S(NEW);
		open_effects.owner = TEAM;
		open_effects.case_number = spoiled == 1 ? 0 : 7;
		if (spoiled == 2)
			opening.ref = NULL;
		if (spoiled == 3)
			opening.municipality = NULL;
		assert_int_equal(try(), spoiled == 0 ? SK_OK :
		    SK_STORE_CORRUPT);
		if (spoiled == 0)
			assert_int_equal(w.row.number, 7);
	}
}

static void
test_effects_of_no_case_are_corrupt(void **state)
{
	(void)state;
	memset(&w.row, 0, sizeof(w.row));
	assert_int_equal(try(), SK_STORE_CORRUPT);
}

static void
test_an_erased_case_goes_on_without_its_closed_row(void **state)
{
	(void)state;
	goal_zero();
	assert_int_equal(evolve(&w.row, NULL, &open_effects, &closed_effects),
	    SK_OK);
	assert_int_equal(evolve(&w.row, &w.closed, &open_effects, NULL), SK_OK);
}

static void
test_a_case_decides_on_when_its_closed_row_is_erased(void **state)
{
	static const Sk__Kind kinds[] = { K(TRIAGE), K(FAMILY_PLAN) };
	struct message m;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct event event = { .kind = SK__EVENT_KIND__ENVELOPE_EVENT,
			.instant = w.now, .sender = TEAM,
			.header = &w.header };
		struct view view = world_view(&w, false);

		m = (struct message){ .kind = kinds[i], .sender = TEAM };
		make_header(&w, &m);
		event.facts = good_facts(&w, kinds[i]);
		view.closed = NULL;
		arena_reset(&w.arena);
		decide(&view, &event, &w.arena, &w.decision);
		assert_int_equal(w.decision.refusal.code, SK_OK);
	}
}

static void
test_a_participant_leaves_and_comes_back(void **state)
{
	(void)state;
	open_effects.n_participants = 1;
	participant.participant = HELP_A;
	participant.has_left = participant.left = 1;
	assert_int_equal(try(), SK_OK);
	assert_false(case_has_participant(&w.row, HELP_A));
	participant.left = 0;
	assert_int_equal(try(), SK_OK);
	assert_true(case_has_participant(&w.row, HELP_A));
	assert_int_equal(w.row.participants, 3);
}

static void
test_who_left_may_still_confirm_what_it_was_sent(void **state)
{
	(void)state;
	open_effects.n_participants = 1;
	participant.participant = HELP_A;
	participant.has_left = participant.left = 1;
	assert_int_equal(try(), SK_OK);
	REFUSED(&w, SK_NOT_A_PARTICIPANT, "header.case_ref", 0,
	    .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(OPENED), .sender = HELP_A);
	ACCEPTED(&w, .kind = K(RECEIPT_OF), .sender = HELP_A, .to = { TEAM });
}

static void
test_a_new_triage_replaces_the_old_one(void **state)
{
	(void)state;
	assert_int_equal(w.closed.owner[2],
	    SK__PROBLEM_OWNER__OWNER_RELATION);
	closed_effects.n_domains = 1;
	closed_effects.domains = domains;
	domain.domain = SK__LIFE_DOMAIN__SAFETY;
	domain.answer = SK__ANSWER__NO;
	assert_int_equal(try(), SK_OK);
	assert_int_equal(w.closed.domain[1], SK__ANSWER__NO);
	assert_int_equal(w.closed.domain[2], 0);
	assert_int_equal(w.closed.owner[2], 0);
}

static void
test_handoffs_are_found_by_provider_and_referral(void **state)
{
	unsigned index = 0;

	(void)state;
	assert_ptr_equal(case_handoff_of(&w.row, HELP_A, &index),
	    &w.row.handoff[0]);
	assert_int_equal(index, 1);
	assert_null(case_handoff_of(&w.row, HELP_B, NULL));
	index = 0;
	assert_ptr_equal(case_handoff_by_referral(&w.row,
	    &w.row.handoff[0].referral, &index), &w.row.handoff[0]);
	assert_int_equal(index, 1);
	assert_null(case_handoff_by_referral(&w.row, &w.row.ref, NULL));
	assert_false(case_has_participant(&w.row, HELP_B));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_damaged_effects_are_corrupt),
		T(test_an_opening_needs_a_number_a_name_and_a_place),
		T(test_effects_of_no_case_are_corrupt),
		T(test_an_erased_case_goes_on_without_its_closed_row),
		T(test_a_case_decides_on_when_its_closed_row_is_erased),
		T(test_a_participant_leaves_and_comes_back),
		T(test_who_left_may_still_confirm_what_it_was_sent),
		T(test_a_new_triage_replaces_the_old_one),
		T(test_handoffs_are_found_by_provider_and_referral),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
