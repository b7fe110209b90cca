/*
 * Who waits, questions that wait for an answer, a child that is not born yet,
 * a reason that was told wrongly.
 */
#include "world.h"

#define D(name) SK__DEADLINE_KIND__##name
#define UNBORN 1	/* fills of their pseudonyms */
#define NAMED 9

static struct world w;

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

/* ---- who waits */

static Sk__Facts *
who_waits(bool ours)
{
	Sk__Facts *f = good_facts(&w, K(WAITING_QUERY));
	Sk__WaitingQueryFacts *q = f->waiting_query;
	struct envelope_ref ref = w.row.ref;

	*q = (Sk__WaitingQueryFacts)SK__WAITING_QUERY_FACTS__INIT;
	if (!ours)
		ref.id.number += 1000;
	ADD(&w, &q->n_cases, &q->cases, ref_to_message(&ref,
	    &w.facts_arena));
	return f;
}

/* rule: R56, R58 */
static void
test_who_waits_is_told_to_its_provider_and_its_team_alone(void **state)
{
	const Sk__WaitingRow *row;

	(void)state;
	bring_to(&w, S(WAITING));
	w.now += 90 * DAY_MS;
	for (int i = 0; i < 2; i++) {
		ACCEPTED(&w, .kind = K(WAITING_QUERY),
		    .sender = i == 0 ? TEAM : HELP_A, .facts = who_waits(true));
		assert_int_equal(w.decision.open->n_postings, 0);
		assert_int_equal(w.decision.waiting->n_rows, 1);
		row = w.decision.waiting->rows[0];
		assert_int_equal(row->asked, 0);
		assert_int_equal(row->provider, HELP_A);
		assert_int_equal(row->days, 90);
		assert_int_equal(row->rank, w.row.priority);
		assert_int_equal(row->vulnerability, w.row.vulnerability);
		/* 3 terms of 28 days */
		assert_int_equal(row->weight, w.row.vulnerability + 3);
	}
	ACCEPTED(&w, .kind = K(WAITING_QUERY), .sender = HELP_B,
	    .facts = who_waits(true));
	assert_int_equal(w.decision.waiting->n_rows, 0);
	ACCEPTED(&w, .kind = K(WAITING_QUERY), .sender = OTHER_TEAM,
	    .facts = who_waits(true));
	assert_int_equal(w.decision.waiting->n_rows, 0);
	ACCEPTED(&w, .kind = K(WAITING_QUERY), .sender = TEAM,
	    .facts = who_waits(false));
	assert_int_equal(w.decision.waiting->n_rows, 0);
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0,
	    .kind = K(WAITING_QUERY), .sender = COURT, .facts = who_waits(true));
}

/* ---- a question that waits for its answer */

static Sk__Facts *
question(void)
{
	Sk__Facts *f = good_facts(&w, K(INFORMATION_REQUEST));

	f->information_request->n_sections = 0;
	f->information_request->n_records = 1;
	f->information_request->records = made(arena_take(&w.facts_arena,
	    sizeof(*f->information_request->records)));
	f->information_request->records[0] = K(TRIAGE);
	return f;
}

static void
ask(void)
{
	static struct held_index index;

	memset(&index, 0, sizeof(index));
	index.record[K(TRIAGE)] = (struct held){ .ref = { TEAM, { { 1 }, 1 } },
		.position = 3 };
	w.held = &index;
	ACCEPTED(&w, .kind = K(INFORMATION_REQUEST), .sender = HELP_A,
	    .to = { TEAM }, .facts = question());
}

/* rule: R35 */
static void
test_a_question_has_a_term_a_reminder_and_an_end(void **state)
{
	const struct decision *d;

	(void)state;
	bring_to(&w, S(STARTED));
	ask();
	assert_non_null(case_timer_of(&w.row, D(INFORMATION_DUE), 1));
	d = fire(&w, D(INFORMATION_DUE), 1, false);
	assert_true(posted_to(d, TEAM));
	assert_false(posted_to(d, HELP_A));
	d = fire(&w, D(INFORMATION_DUE), 1, true);
	assert_true(posted_to(d, TEAM));
	assert_true(posted_to(d, HELP_A));
	assert_int_equal(d->open->notice->participant, TEAM);
	assert_null(case_timer_of(&w.row, D(INFORMATION_DUE), 1));
	assert_true(ref_is_none(&w.row.question[0].request));
}

/* rule: R35 */
static void
test_an_answer_ends_the_term_of_its_question_alone(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ask();
	ask();
	ACCEPTED(&w, .kind = K(INFORMATION_ANSWER), .sender = TEAM,
	    .to = { HELP_A }, .reply_to = w.row.question[1].request);
	assert_non_null(case_timer_of(&w.row, D(INFORMATION_DUE), 1));
	assert_null(case_timer_of(&w.row, D(INFORMATION_DUE), 2));
	assert_true(ref_is_none(&w.row.question[1].request));
	ask();		/* takes the free place */
	assert_non_null(case_timer_of(&w.row, D(INFORMATION_DUE), 2));
}

/* rule: R35 */
static void
test_so_many_questions_wait_and_no_more(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	for (int i = 0; i < CASE_QUESTIONS_MAX; i++)
		ask();
	REFUSED(&w, SK_QUESTIONS_OPEN, "header.kind", 0,
	    .kind = K(INFORMATION_REQUEST), .sender = HELP_A, .to = { TEAM },
	    .facts = question());
	ACCEPTED(&w, .kind = K(INFORMATION_ANSWER), .sender = TEAM,
	    .to = { HELP_A }, .reply_to = w.row.question[4].request);
	ask();
	/* what ends the help ends no question */
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM, COURT });
	assert_non_null(case_timer_of(&w.row, D(INFORMATION_DUE), 1));
}

/* ---- a child that is not born yet */

static Sk__Facts *
expected(int32_t date)
{
	Sk__Facts *f = good_facts(&w, K(COURT_ORDER));
	Sk__Person *child = f->court_order->persons[0];

	child->secret_version = 0;
	child->has_expected_birth_date = 1;
	child->expected_birth_date = date;
	return f;
}

static Sk__Facts *
birth(int32_t expected_date, int32_t date)
{
	Sk__Facts *f = good_facts(&w, K(PERSON_CHANGE));
	Sk__PersonChangeFacts *c = f->person_change;

	*c = (Sk__PersonChangeFacts)SK__PERSON_CHANGE_FACTS__INIT;
	c->has_pseudonym = 1;
	c->pseudonym = bytes_of(&w, UNBORN, 32);
	c->has_expected_birth_date = expected_date != 0;
	c->expected_birth_date = expected_date;
	c->has_birth_date = date != 0;
	c->birth_date = date;
	return f;
}

/* rule: R41 */
static void
test_an_unborn_child_has_its_day_and_its_birth_is_asked_for(void **state)
{
	int32_t day = today(&w) + 60;
	const struct decision *d;

	(void)state;
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = expected(day));
	assert_true(w.closed.person[0].unborn);
	assert_int_equal(w.closed.person[0].birth_date, day);
	/* another day moves the term */
	ACCEPTED(&w, .kind = K(PERSON_CHANGE), .sender = TEAM,
	    .facts = birth(day + 7, 0));
	assert_int_equal(case_timer_of(&w.row, D(BIRTH_DUE), 0)->breach,
	    civil_day_end(day + 7 + 14));
	d = fire(&w, D(BIRTH_DUE), 0, true);
	assert_true(posted_to(d, TEAM));
	ACCEPTED(&w, .kind = K(PERSON_CHANGE), .sender = TEAM,
	    .facts = birth(0, day + 9));
	assert_false(w.closed.person[0].unborn);
	assert_int_equal(w.closed.person[0].birth_date, day + 9);
	REFUSED(&w, SK_FIELD_UNEXPECTED, "facts.person_change.birth_date", 0,
	    .kind = K(PERSON_CHANGE), .sender = TEAM, .facts = birth(0, day));
}

/* rule: R41 */
static void
test_who_has_a_number_was_born(void **state)
{
	Sk__Facts *f;

	(void)state;
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = expected(today(&w) + 60));
	f = good_facts(&w, K(LINK_PERSON));
	f->link_person->former = bytes_of(&w, UNBORN, 32);
	f->link_person->person = person(&w, SK__PERSON_ROLE__CHILD, NAMED,
	    false);
	ACCEPTED(&w, .kind = K(LINK_PERSON), .sender = TEAM, .facts = f);
	assert_false(w.closed.person[0].unborn);
	assert_null(case_timer_of(&w.row, D(BIRTH_DUE), 0));
}

/* rule: R41 */
static void
test_a_day_that_cannot_be_expected_is_refused(void **state)
{
	static const int days[] = { -29, 301 };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		REFUSED(&w, SK_DATE_INVALID, "facts.court_order.persons", 0,
		    .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
		    .facts = expected(today(&w) + days[i]));
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = expected(today(&w) + 300));
	REFUSED(&w, SK_DATE_INVALID, "facts.person_change.birth_date", 0,
	    .kind = K(PERSON_CHANGE), .sender = TEAM,
	    .facts = birth(0, today(&w) + 1));
	REFUSED(&w, SK_DATE_INVALID,
	    "facts.person_change.expected_birth_date", 0,
	    .kind = K(PERSON_CHANGE), .sender = TEAM,
	    .facts = birth(today(&w) + 301, 0));
}

/* ---- a reason that was told wrongly */

static Sk__Facts *
another_reason(void)
{
	Sk__Facts *f = good_facts(&w, K(CORRECTION));

	*f->correction = (Sk__CorrectionFacts)SK__CORRECTION_FACTS__INIT;
	f->correction->has_removed = 1;
	f->correction->has_right_reason = 1;
	f->correction->right_reason = SK__DECLINE_REASON__NO_MATCH;
	return f;
}

/* rule: R69, R82 */
static void
test_the_reason_of_a_decline_is_put_right_by_who_declined(void **state)
{
	struct envelope_ref no;

	(void)state;
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	no = last_to(&w, TEAM, K(DECLINE));
	ACCEPTED(&w, .kind = K(CORRECTION), .sender = HELP_A, .to = { TEAM },
	    .reply_to = no, .facts = another_reason());
	/* of nothing else than a DECLINE, and of one's own */
	REFUSED(&w, SK_CORRECTION_WRONG, "facts.correction.right_reason", 0,
	    .kind = K(CORRECTION), .sender = TEAM,
	    .reply_to = last_to(&w, HELP_A, K(REFERRAL)),
	    .facts = another_reason());
	REFUSED(&w, SK_CORRECTION_WRONG, "header.reply_to", 0,
	    .kind = K(CORRECTION), .sender = TEAM, .reply_to = no,
	    .facts = another_reason());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_who_waits_is_told_to_its_provider_and_its_team_alone),
		T(test_a_question_has_a_term_a_reminder_and_an_end),
		T(test_an_answer_ends_the_term_of_its_question_alone),
		T(test_so_many_questions_wait_and_no_more),
		T(test_an_unborn_child_has_its_day_and_its_birth_is_asked_for),
		T(test_who_has_a_number_was_born),
		T(test_a_day_that_cannot_be_expected_is_refused),
		T(test_the_reason_of_a_decline_is_put_right_by_who_declined),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
