/*
 * Erasure: who asks, who decides and by when, and on what grounds it is
 * carried out (Jeugdwet 7.3.8, 7.3.9; AVG art. 17).
 */
#include "world.h"

#include "proto/civil.h"

#define D(name) SK__DEADLINE_KIND__##name
#define G(name) SK__ERASURE_GROUND__##name

static struct world w;

static int
setup(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static Sk__Facts *
request(Sk__ErasureGround ground, int32_t date)
{
	Sk__Facts *f = good_facts(&w, K(ERASURE_REQUEST));

	f->erasure_request->ground = ground;
	f->erasure_request->requested_date = date;
	return f;
}

static Sk__Facts *
refusal(Sk__ErasureRefusal why, const char *statute)
{
	Sk__Facts *f = good_facts(&w, K(ERASURE_ANSWER));

	f->erasure_answer->granted = 0;
	f->erasure_answer->has_refusal = 1;
	f->erasure_answer->refusal = why;
	f->erasure_answer->statute = statute == NULL ? NULL :
	    arena_string(&w.facts_arena, statute);
	return f;
}

static const struct decision *
erase(Sk__ErasureGround ground, bool by_request)
{
	struct event event = { .kind = SK__EVENT_KIND__ERASE_EVENT,
		.instant = w.now, .ground = ground };
	struct view view;

	if (by_request)
		event.request = w.row.erasure_request;
	memset(&w.replied, 0, sizeof(w.replied));
	view = world_view(&w, false);
	arena_reset(&w.arena);
	decide(&view, &event, &w.arena, &w.decision);
	if (w.decision.refusal.code == SK_OK)
		take_effect(&w, false);
	return &w.decision;
}

#define ERASED_BY(...) \
	assert_int_equal(erase(__VA_ARGS__)->refusal.code, SK_OK)
#define NOT_ERASED_BY(code_, field_, ...) do { \
	assert_int_equal(erase(__VA_ARGS__)->refusal.code, (code_)); \
	assert_string_equal(w.decision.refusal.field, (field_)); \
} while (0)

static void
ask(void)
{
	ACCEPTED(&w, .kind = K(ERASURE_REQUEST), .sender = TEAM);
}

static void
test_a_request_is_answered_within_three_calendar_months(void **state)
{
	static const struct { struct civil_day asked, last; } days[] = {
		{ { 2026, 2, 16 }, { 2026, 5, 16 } },
		{ { 2025, 11, 30 }, { 2026, 2, 28 } },
		{ { 2025, 11, 28 }, { 2026, 2, 28 } },
		{ { 2025, 12, 31 }, { 2026, 3, 31 } },
		{ { 2026, 1, 31 }, { 2026, 4, 30 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		const struct civil_day *a = &days[i].asked, *z = &days[i].last;

		setup(state);
		w.now = civil_day_start(civil_date(2026, 2, 16));
		bring_to(&w, S(CLOSED));
		ACCEPTED(&w, .kind = K(ERASURE_REQUEST), .sender = COURT,
		    .to = { TEAM }, .facts = request(G(RIGHT_TO_ERASURE),
		    civil_date(a->year, a->month, a->day)));
		assert_int_equal(case_timer_of(&w.row, D(ERASURE_ANSWER_DUE),
		    0)->breach, civil_day_end(civil_date(z->year, z->month,
		    z->day)));
	}
	fire(&w, D(ERASURE_ANSWER_DUE), 0, true);
	assert_int_equal(w.decision.open->notice->kind,
	    SK__NOTICE_KIND__DEADLINE_BREACH);
	assert_int_equal(w.decision.open->postings[0]->participant, TEAM);
	/* late is not never */
	assert_int_equal(w.row.erasure_asked, G(RIGHT_TO_ERASURE));
}

static void
test_the_team_of_the_case_decides_and_nobody_else(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(ERASURE_REQUEST), .sender = HELP_A,
	    .to = { TEAM });
	REFUSED(&w, SK_REQUEST_PENDING, "header.kind", 0,
	    .kind = K(ERASURE_REQUEST), .sender = TEAM);
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0,
	    .kind = K(ERASURE_ANSWER), .sender = HELP_A, .to = { TEAM });
	REFUSED(&w, SK_DATE_INVALID, "facts.erasure_request.requested_date", 0,
	    .kind = K(ERASURE_REQUEST), .sender = COURT, .to = { TEAM },
	    .facts = (ACCEPTED(&w, .kind = K(ERASURE_ANSWER), .sender = TEAM,
	    .to = { HELP_A }, .facts = refusal(
	    SK__ERASURE_REFUSAL__INTEREST_OF_ANOTHER, NULL)),
	    request(G(RIGHT_TO_ERASURE), today(&w) + 1)));
	assert_int_equal(w.row.erasure_granted, 0);
	assert_null(case_timer_of(&w.row, D(ERASURE_ANSWER_DUE), 0));
	REFUSED(&w, SK_NOTHING_PENDING, "header.reply_to", 0,
	    .kind = K(ERASURE_ANSWER), .sender = TEAM, .to = { HELP_A });
}

/* The record of a refusal names one of two grounds. */
static void
test_a_refusal_names_its_ground_and_twenty_years_are_none(void **state)
{
	static const struct {
		Sk__ErasureRefusal why;
		const char *statute;
		enum sk_error code;
	} answers[] = {
		{ SK__ERASURE_REFUSAL__INTEREST_OF_ANOTHER, NULL, SK_OK },
		{ SK__ERASURE_REFUSAL__NAMED_STATUTE, "AWR-52", SK_OK },
		{ SK__ERASURE_REFUSAL__NAMED_STATUTE, NULL, SK_FIELD_MISSING },
		{ SK__ERASURE_REFUSAL__NAMED_STATUTE, "Jeugdwet-7.3.8",
		    SK_FIELD_INVALID },
		{ SK__ERASURE_REFUSAL__INTEREST_OF_ANOTHER, "AWR-52",
		    SK_FIELD_UNEXPECTED },
	};
	const struct kind_info *info = kind_info(K(ERASURE_ANSWER));
	struct fault fault;
	Sk__Facts *f;

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_int_equal(facts_check(info, refusal(answers[i].why,
		    answers[i].statute), &fault), answers[i].code);
	f = good_facts(&w, K(ERASURE_ANSWER));
	f->erasure_answer->granted = 0;
	assert_int_equal(facts_check(info, f, &fault), SK_FIELD_MISSING);
	f = request(G(RETENTION_ENDED), today(&w));
	assert_int_equal(facts_check(kind_info(K(ERASURE_REQUEST)), f,
	    &fault), SK_FIELD_INVALID);
}

static void
test_what_was_granted_is_erased_and_all_who_have_a_copy_are_told(void **state)
{
	(void)state;
	bring_to(&w, S(CLOSED));
	ask();
	NOT_ERASED_BY(SK_ERASURE_NOT_GRANTED, "erase.request",
	    G(DESTRUCTION_REQUESTED), true);
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", COURT,
	    .kind = K(ERASURE_ANSWER), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(ERASURE_ANSWER), .sender = TEAM,
	    .to = { COURT, HELP_A });
	NOT_ERASED_BY(SK_ERASURE_NOT_GRANTED, "erase.request",
	    G(RIGHT_TO_ERASURE), true);
	NOT_ERASED_BY(SK_ERASURE_NOT_GRANTED, "erase.request",
	    G(DESTRUCTION_REQUESTED), false);
	NOT_ERASED_BY(SK_FIELD_INVALID, "erase.ground", 0, true);
	ERASED_BY(G(DESTRUCTION_REQUESTED), true);
	assert_int_equal(w.row.erased, G(DESTRUCTION_REQUESTED));
	assert_int_equal(w.row.timers, 0);
	assert_int_equal(w.decision.open->notice->kind,
	    SK__NOTICE_KIND__ERASE);
	assert_int_equal(w.decision.open->n_postings, 3);
	NOT_ERASED_BY(SK_ERASED, "erase.case_number",
	    G(DESTRUCTION_REQUESTED), true);
}

static void
test_a_case_that_runs_is_not_erased(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ask();
	ACCEPTED(&w, .kind = K(ERASURE_ANSWER), .sender = TEAM,
	    .to = { COURT, HELP_A });
	NOT_ERASED_BY(SK_ERASURE_NOT_GRANTED, "erase.case_number",
	    G(DESTRUCTION_REQUESTED), true);
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(CLOSE), .sender = TEAM, .to = { COURT, HELP_A });
	ERASED_BY(G(DESTRUCTION_REQUESTED), true);
}

static void
test_entered_in_error_is_what_its_opener_called_void(void **state)
{
	(void)state;
	bring_to(&w, S(CLOSED));
	NOT_ERASED_BY(SK_ERASURE_NOT_GRANTED, "erase.ground",
	    G(ENTERED_IN_ERROR), false);
	setup(state);
	bring_to(&w, S(TRIAGED));
	ACCEPTED(&w, .kind = K(VOID), .sender = TEAM, .to = { COURT });
	ERASED_BY(G(ENTERED_IN_ERROR), false);
}

static void
test_what_the_broker_keeps_goes_after_its_term_by_itself(void **state)
{
	(void)state;
	bring_to(&w, S(CLOSED));
	assert_int_equal(case_timer_of(&w.row, D(RETENTION_DUE), 0)->breach,
	    civil_day_end(today(&w) + 90));
	NOT_ERASED_BY(SK_ERASURE_NOT_GRANTED, "erase.ground",
	    G(RETENTION_ENDED), false);
	fire(&w, D(RETENTION_DUE), 0, true);
	assert_int_equal(w.row.erased, G(RETENTION_ENDED));
	/* participants hold the dossier: they are told nothing */
	assert_null(w.decision.open->notice);
	assert_int_equal(w.decision.open->n_postings, 0);
}

static void
test_a_person_who_asked_is_answered_also_when_the_case_ends_first(
    void **state)
{
	int64_t due;

	(void)state;
	bring_to(&w, S(ENDED));
	ask();
	due = case_timer_of(&w.row, D(ERASURE_ANSWER_DUE), 0)->breach;
	ACCEPTED(&w, .kind = K(CLOSE), .sender = TEAM, .to = { COURT, HELP_A });
	assert_int_equal(case_timer_of(&w.row, D(ERASURE_ANSWER_DUE),
	    0)->breach, due);
	assert_int_equal(w.row.timers, 2);
}

static void
test_the_brokers_own_term_waits_for_who_asked_to_erase(void **state)
{
	int64_t due;

	(void)state;
	bring_to(&w, S(CLOSED));
	ask();
	due = case_timer_of(&w.row, D(ERASURE_ANSWER_DUE), 0)->breach;
	fire(&w, D(RETENTION_DUE), 0, true);
	assert_int_equal(w.row.erased, 0);
	/* again a whole term, and the answer is due as it was */
	assert_int_equal(case_timer_of(&w.row, D(RETENTION_DUE), 0)->breach,
	    civil_day_end(civil_date_at(w.now - 1) + 90));
	assert_int_equal(case_timer_of(&w.row, D(ERASURE_ANSWER_DUE),
	    0)->breach, due);
	/* also while operators have yet to carry out what was granted */
	ACCEPTED(&w, .kind = K(ERASURE_ANSWER), .sender = TEAM,
	    .to = { COURT, HELP_A });
	fire(&w, D(RETENTION_DUE), 0, true);
	assert_int_equal(w.row.erased, 0);
	ERASED_BY(G(DESTRUCTION_REQUESTED), true);
}

static void
test_what_was_refused_goes_when_the_brokers_term_ends(void **state)
{
	(void)state;
	bring_to(&w, S(CLOSED));
	ask();
	ACCEPTED(&w, .kind = K(ERASURE_ANSWER), .sender = TEAM,
	    .facts = refusal(SK__ERASURE_REFUSAL__INTEREST_OF_ANOTHER, NULL));
	fire(&w, D(RETENTION_DUE), 0, true);
	assert_int_equal(w.row.erased, G(RETENTION_ENDED));
}

static void
test_nothing_more_is_said_of_the_child_in_an_erased_case(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(CLOSED));
	REFUSED(&w, SK_STATE_WRONG, "header.kind", 0, .kind = K(ERASURE_DONE),
	    .sender = HELP_A, .to = { TEAM });
	fire(&w, D(RETENTION_DUE), 0, true);
	REFUSED(&w, SK_ERASED, "header.case_ref", 0, .kind = K(STORY),
	    .sender = TEAM);
	REFUSED(&w, SK_ERASED, "header.case_ref", 0,
	    .kind = K(ERASURE_REQUEST), .sender = TEAM);
	f = good_facts(&w, K(ERASURE_DONE));
	f->erasure_done->said = SK__ERASURE_SAID__OWN_DOSSIER_KEPT;
	ACCEPTED(&w, .kind = K(ERASURE_DONE), .sender = HELP_A, .to = { TEAM },
	    .facts = f);
	for (size_t i = 0; i < w.row.participants; i++)
		assert_int_equal(w.row.participant[i].erasure_said,
		    w.row.participant[i].participant == HELP_A ?
		    SK__ERASURE_SAID__OWN_DOSSIER_KEPT : 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, setup)
		T(test_a_request_is_answered_within_three_calendar_months),
		T(test_the_team_of_the_case_decides_and_nobody_else),
		T(test_a_refusal_names_its_ground_and_twenty_years_are_none),
		T(test_what_was_granted_is_erased_and_all_who_have_a_copy_are_told),
		T(test_a_case_that_runs_is_not_erased),
		T(test_entered_in_error_is_what_its_opener_called_void),
		T(test_what_the_broker_keeps_goes_after_its_term_by_itself),
		T(test_a_person_who_asked_is_answered_also_when_the_case_ends_first),
		T(test_the_brokers_own_term_waits_for_who_asked_to_erase),
		T(test_what_was_refused_goes_when_the_brokers_term_ends),
		T(test_nothing_more_is_said_of_the_child_in_an_erased_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
