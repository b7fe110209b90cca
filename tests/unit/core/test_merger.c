/*
 * Municipalities that merge: who speaks for them on which day, and what
 * becomes of their open cases.
 */
#include "world.h"

static struct world w;

static Sk__Municipality zwolle, kampen;
static Sk__Municipality *both[] = { &zwolle, &kampen };
static Sk__Court first_court, second_court;
static Sk__Court *courts[] = { &first_court, &second_court };
static Sk__Policy policy;

static uint64_t
by_code(void *context, Sk__Role role, const char *code, int32_t date)
{
	(void)context;
	(void)date;
	if (role != SK__ROLE__COURT)
		return 0;
	return strcmp(code, "00000001") == 0 ? COURT :
	    strcmp(code, "00000002") == 0 ? OTHER_COURT : 0;
}

/* Zwolle is part of Kampen from the day after this one. */
static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	sk__municipality__init(&zwolle);
	sk__municipality__init(&kampen);
	sk__court__init(&first_court);
	sk__court__init(&second_court);
	sk__policy__init(&policy);
	zwolle.code = (char *)(uintptr_t)"0193";
	zwolle.court = (char *)(uintptr_t)"AR0001";
	zwolle.has_until_date = 1;
	zwolle.until_date = today(&w) + 30;
	zwolle.successor = (char *)(uintptr_t)"0166";
	kampen.code = (char *)(uintptr_t)"0166";
	kampen.court = (char *)(uintptr_t)"AR0001";
	first_court.corv_id = (char *)(uintptr_t)"AR0001";
	first_court.oin = (char *)(uintptr_t)"00000001";
	second_court.corv_id = (char *)(uintptr_t)"AR0002";
	second_court.oin = (char *)(uintptr_t)"00000002";
	policy.n_municipalities = policy.n_courts = 2;
	policy.municipalities = both;
	policy.courts = courts;
	w.policy = &policy;
	return 0;
}

static const struct decision *
merge(void)
{
	struct event event = { .kind = SK__EVENT_KIND__MERGER_EVENT,
		.instant = w.now };
	struct view view = world_view(&w, false);

	view.participant = by_code;
	arena_reset(&w.arena);
	decide(&view, &event, &w.arena, &w.decision);
	if (w.decision.refusal.code == SK_OK)
		take_effect(&w, false);
	return &w.decision;
}

/* rule: R77 */
static void
test_an_open_case_goes_to_the_successors_team_and_its_terms_run_on(void **state)
{
	const struct decision *d;
	struct case_row before;

	(void)state;
	bring_to(&w, S(STARTED));
	pass_days(&w, 30);	/* the last day */
	assert_int_equal(merge()->refusal.code, SK_STATE_WRONG);
	pass_days(&w, 1);
	before = w.row;
	d = merge();
	assert_int_equal(d->refusal.code, SK_OK);
	assert_string_equal(d->open->municipality, "0166");
	assert_int_equal(w.row.municipality, KAMPEN);
	assert_int_equal(w.row.owner, OTHER_TEAM);
	assert_int_equal(w.row.director, OTHER_TEAM);
	assert_int_equal(w.row.court, COURT);
	assert_false(case_has_participant(&w.row, TEAM));
	assert_true(case_has_participant(&w.row, OTHER_TEAM));
	assert_int_equal(w.row.timers, before.timers);
	assert_memory_equal(w.row.timer, before.timer, sizeof(before.timer));
	assert_int_equal(d->open->notice->kind,
	    SK__NOTICE_KIND__MUNICIPALITY_MERGED);
	assert_int_equal(d->open->notice->participant, OTHER_TEAM);
	assert_true(posted_to(d, TEAM));
	assert_true(posted_to(d, OTHER_TEAM));
	assert_true(posted_to(d, HELP_A));
	/* once: it is of another municipality now */
	assert_int_equal(merge()->refusal.code, SK_STATE_WRONG);
}

/* rule: R77 */
static void
test_another_districts_court_comes_in_unless_a_hearing_is_set(void **state)
{
	(void)state;
	for (int hearing = 0; hearing < 2; hearing++) {
		start_over(NULL);
		kampen.court = (char *)(uintptr_t)"AR0002";
		bring_to(&w, S(STARTED));
		if (hearing)
			ACCEPTED(&w, .kind = K(HEARING_NOTICE),
			    .sender = COURT, .to = { TEAM });
		pass_days(&w, 31);
		assert_int_equal(merge()->refusal.code, SK_OK);
		assert_int_equal(w.row.court, hearing ? COURT : OTHER_COURT);
		assert_int_equal(case_has_participant(&w.row, COURT),
		    hearing);
	}
}

/* rule: R77 */
static void
test_a_transfer_to_the_successor_is_done_by_the_merger(void **state)
{
	(void)state;
	bring_to(&w, S(TRIAGED));
	ACCEPTED(&w, .kind = K(NOT_MINE), .sender = TEAM,
	    .to = { OTHER_TEAM });
	pass_days(&w, 31);
	assert_int_equal(merge()->refusal.code, SK_OK);
	assert_int_equal(w.row.transfer_to, 0);
	assert_null(case_timer_of(&w.row, SK__DEADLINE_KIND__TRANSFER_DUE,
	    0));
	REFUSED(&w, SK_TRANSFER_MISSING, "header.kind", 0,
	    .kind = K(TRANSFER_TAKEN), .sender = OTHER_TEAM,
	    .to = { COURT });
}

static void
test_a_full_case_has_room_for_the_team_that_comes(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	for (uint64_t i = 2; i < CASE_PARTICIPANTS_MAX; i++) {
		enrol(&w, 60 + i, SK__ROLE__GI, "42429999");
		ACCEPTED(&w, .kind = K(CONSULT), .sender = TEAM,
		    .to = { 60 + i });
	}
	assert_int_equal(w.row.participants, CASE_PARTICIPANTS_MAX);
	pass_days(&w, 31);
	assert_int_equal(merge()->refusal.code, SK_OK);
	assert_int_equal(w.row.participants, CASE_PARTICIPANTS_MAX);
	assert_int_equal(w.row.owner, OTHER_TEAM);
	assert_true(case_has_participant(&w.row, OTHER_TEAM));
}

static void
test_a_closed_case_stays_where_it_was(void **state)
{
	(void)state;
	bring_to(&w, S(CLOSED));
	pass_days(&w, 31);
	assert_int_equal(merge()->refusal.code, SK_CASE_CLOSED);
	w.row.number = 0;
	assert_int_equal(merge()->refusal.code, SK_CASE_UNKNOWN);
}

/* rule: R77 */
static void
test_a_new_order_for_the_old_code_is_told_the_new_one(void **state)
{
	(void)state;
	pass_days(&w, 30);
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	world_init(&w);
	w.policy = &policy;
	pass_days(&w, 31);
	REFUSED(&w, SK_MUNICIPALITY_UNKNOWN, "facts.court_order.municipality",
	    OTHER_TEAM, .kind = K(COURT_ORDER), .sender = COURT,
	    .to = { TEAM });
	assert_non_null(strstr(w.decision.refusal.hint, "0166"));
	/* nor before its first day, or where it left the region */
	zwolle.successor = NULL;
	REFUSED(&w, SK_MUNICIPALITY_UNKNOWN, "facts.court_order.municipality",
	    0, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	zwolle.has_until_date = 0;
	zwolle.has_from_date = 1;
	zwolle.from_date = today(&w) + 1;
	REFUSED(&w, SK_MUNICIPALITY_UNKNOWN, "facts.court_order.municipality",
	    0, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	pass_days(&w, 1);
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_an_open_case_goes_to_the_successors_team_and_its_terms_run_on),
		T(test_another_districts_court_comes_in_unless_a_hearing_is_set),
		T(test_a_transfer_to_the_successor_is_done_by_the_merger),
		T(test_a_full_case_has_room_for_the_team_that_comes),
		T(test_a_closed_case_stays_where_it_was),
		T(test_a_new_order_for_the_old_code_is_told_the_new_one),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
