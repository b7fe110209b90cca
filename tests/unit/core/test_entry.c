/*
 * Cases without an order, their way to the right municipality, and what was
 * said wrongly.
 */
#include "world.h"

static struct world w;

#define D(name) SK__DEADLINE_KIND__##name
#define TERM_OF(kind) case_timer_of(&w.row, D(kind), 0)

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static Sk__Facts *
request(const char *municipality)
{
	Sk__Facts *f = good_facts(&w, K(ACCESS_REQUEST));

	f->access_request->municipality = text(&w, municipality);
	f->access_request->theme = SK__THEME__OTHER_THEME;
	return f;
}

/* rule: R1 */
static void
test_the_access_team_opens_a_case_of_its_own(void **state)
{
	(void)state;
	ACCEPTED(&w, .kind = K(ACCESS_REQUEST), .sender = TEAM);
	assert_int_equal(w.row.owner, TEAM);
	assert_int_equal(w.row.director, TEAM);
	assert_int_equal(w.row.court, 0);
	assert_int_equal(w.row.participants, 1);
	assert_int_equal(w.row.state, S(NEW));
	assert_int_equal(w.closed.ground, SK__GROUND__HELP_REQUEST);
	assert_non_null(TERM_OF(TRIAGE_DUE));
	assert_null(TERM_OF(RECEIPT_DUE));
	assert_null(TERM_OF(ORDER_START));
	REFUSED(&w, SK_TEAM_WRONG, "facts.access_request.municipality",
	    OTHER_TEAM, .kind = K(ACCESS_REQUEST), .sender = TEAM,
	    .facts = request("0166"));
	REFUSED(&w, SK_MUNICIPALITY_UNKNOWN,
	    "facts.access_request.municipality", 0,
	    .kind = K(ACCESS_REQUEST), .sender = TEAM,
	    .facts = request("0999"));
}

/* rule: R1 */
static void
test_a_case_without_a_court_goes_its_whole_way(void **state)
{
	Sk__Facts *f;

	(void)state;
	ACCEPTED(&w, .kind = K(ACCESS_REQUEST), .sender = TEAM,
	    .facts = request("0193"));
	ACCEPTED(&w, .kind = K(TRIAGE), .sender = TEAM);
	ACCEPTED(&w, .kind = K(ANALYSIS), .sender = TEAM);
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM });
	f = good_facts(&w, K(STOP));
	f->stop->n_goals = 1;
	f->stop->goals[0] = goal_state(&w, 2, SK__GOAL_STATUS__REACHED);
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM },
	    .facts = f);
	ACCEPTED(&w, .kind = K(CLOSE), .sender = TEAM);
	assert_int_equal(w.row.state, S(CLOSED));
}

/* rule: R13 */
static void
test_a_signal_reaches_the_team_of_the_child(void **state)
{
	(void)state;
	ACCEPTED(&w, .kind = K(SIGNAL), .sender = CERTIFIED, .to = { TEAM });
	assert_true(posted_to(&w.decision, TEAM));
	assert_int_equal(w.row.owner, TEAM);
	assert_true(case_has_participant(&w.row, CERTIFIED));
	assert_non_null(TERM_OF(RECEIPT_DUE));
	assert_true(posted_to(fire(&w, D(RECEIPT_DUE), 0, true), CERTIFIED));
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", TEAM,
	    .kind = K(SIGNAL), .sender = HELP_A);
	REFUSED(&w, SK_RECIPIENT_WRONG, "header.recipients[1].participant", 0,
	    .kind = K(SIGNAL), .sender = HELP_A, .to = { OTHER_TEAM, TEAM });
}

/* rule: R36 */
static void
test_a_referral_that_reached_the_provider_first_starts_no_care(void **state)
{
	(void)state;
	ACCEPTED(&w, .kind = K(REQUEST_ASSIGNMENT), .sender = HELP_A,
	    .to = { TEAM });
	assert_int_equal(w.row.owner, TEAM);
	assert_int_equal(w.row.handoffs, 0);
	assert_non_null(TERM_OF(ASSIGNMENT_DUE));
	REFUSED(&w, SK_STATE_WRONG, "header.kind", 0, .kind = K(START),
	    .sender = HELP_A, .to = { TEAM }, .reply_to = w.row.ref);
	ACCEPTED(&w, .kind = K(TRIAGE), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	assert_null(TERM_OF(ASSIGNMENT_DUE));
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
}

/* ---- to the right municipality */

/* rule: R77 */
static void
test_a_case_goes_to_the_right_municipality_with_an_owner_all_the_way(
    void **state)
{
	(void)state;
	bring_to(&w, S(TRIAGED));
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", OTHER_TEAM,
	    .kind = K(NOT_MINE), .sender = TEAM);
	ACCEPTED(&w, .kind = K(NOT_MINE), .sender = TEAM,
	    .to = { OTHER_TEAM });
	assert_int_equal(w.row.owner, TEAM);
	assert_int_equal(w.row.transfer_to, OTHER_TEAM);
	assert_non_null(TERM_OF(TRANSFER_DUE));
	REFUSED(&w, SK_TEAM_WRONG, "header.kind", TEAM,
	    .kind = K(ANALYSIS), .sender = OTHER_TEAM, .to = { TEAM });
	ACCEPTED(&w, .kind = K(ANALYSIS), .sender = TEAM);
	REFUSED(&w, SK_REQUEST_PENDING, "header.kind", 0,
	    .kind = K(NOT_MINE), .sender = TEAM, .to = { OTHER_TEAM });
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", COURT,
	    .kind = K(TRANSFER_TAKEN), .sender = OTHER_TEAM, .to = { TEAM });
	ACCEPTED(&w, .kind = K(TRANSFER_TAKEN), .sender = OTHER_TEAM,
	    .to = { TEAM, COURT });
	assert_int_equal(w.row.owner, OTHER_TEAM);
	assert_int_equal(w.row.director, OTHER_TEAM);
	assert_int_equal(w.row.municipality, KAMPEN);
	assert_false(case_has_participant(&w.row, TEAM));
	assert_null(TERM_OF(TRANSFER_DUE));
	REFUSED(&w, SK_NOT_A_PARTICIPANT, "header.case_ref", 0,
	    .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = OTHER_TEAM);
	/* and no one takes it twice */
	REFUSED(&w, SK_TRANSFER_MISSING, "header.kind", 0,
	    .kind = K(TRANSFER_TAKEN), .sender = OTHER_TEAM, .to = { COURT },
	    .reply_to = last_to(&w, OTHER_TEAM, K(NOT_MINE)));
}

/* rule: R77 */
static void
test_a_transfer_that_is_not_taken_comes_back_in_two_weeks(void **state)
{
	struct civil_holidays none = { false, false };
	const struct decision *d;
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(NEW));
	f = good_facts(&w, K(NOT_MINE));
	f->not_mine->municipality = text(&w, "0193");
	REFUSED(&w, SK_FIELD_INVALID, "facts.not_mine.municipality", 0,
	    .kind = K(NOT_MINE), .sender = TEAM, .facts = f);
	ACCEPTED(&w, .kind = K(NOT_MINE), .sender = TEAM,
	    .to = { OTHER_TEAM });
	assert_int_equal(TERM_OF(TRANSFER_DUE)->breach, civil_day_end(
	    civil_add_workdays(today(&w), 10, &none)));
	d = fire(&w, D(TRANSFER_DUE), 0, true);
	assert_true(posted_to(d, TEAM));
	assert_true(posted_to(d, OTHER_TEAM));
	assert_int_equal(w.row.owner, TEAM);
}

/* rule: R77 */
static void
test_nobody_takes_what_was_not_offered(void **state)
{
	(void)state;
	bring_to(&w, S(NEW));
	REFUSED(&w, SK_REPLY_WRONG, "header.reply_to", 0,
	    .kind = K(TRANSFER_TAKEN), .sender = TEAM, .to = { COURT },
	    .reply_to = w.row.ref);
}

/* ---- said wrongly */

static void
test_only_ones_own_words_are_corrected(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(CORRECTION), .sender = HELP_A, .to = { TEAM },
	    .reply_to = last_by(&w, HELP_A));
	REFUSED(&w, SK_CORRECTION_WRONG, "header.reply_to", 0,
	    .kind = K(CORRECTION), .sender = HELP_A, .to = { TEAM },
	    .reply_to = last_to(&w, HELP_A, K(REFERRAL)));
	assert_int_equal(w.row.state, S(STARTED));
}

static struct envelope_ref
last_of(Sk__Kind kind)
{
	for (size_t i = w.said; i > 0; i--)
		if (w.log[i - 1].kind == kind && w.log[i - 1].sender == TEAM)
			return w.log[i - 1].ref;
	return (struct envelope_ref){ 0 };
}

static struct envelope_ref
said_by(uint64_t sender, Sk__Kind kind)
{
	for (size_t i = w.said; i > 0; i--)
		if (w.log[i - 1].kind == kind &&
		    w.log[i - 1].sender == sender)
			return w.log[i - 1].ref;
	return (struct envelope_ref){ 0 };
}

static Sk__Facts *
taken_back(void)
{
	Sk__Facts *f = good_facts(&w, K(CORRECTION));

	f->correction->has_removed = f->correction->removed = 1;
	return f;
}

static Sk__Facts *
on_day(int32_t date)
{
	Sk__Facts *f = good_facts(&w, K(CORRECTION));

	f->correction->has_right_date = 1;
	f->correction->right_date = date;
	return f;
}

/* iJw, case E: a start that was sent in error is taken back and sent again. */
static void
test_a_start_is_taken_back_and_said_again(void **state)
{
	int32_t today;

	(void)state;
	bring_to(&w, S(STARTED));
	assert_null(TERM_OF(ORDER_START));
	ACCEPTED(&w, .kind = K(CORRECTION), .sender = HELP_A, .to = { TEAM },
	    .reply_to = said_by(HELP_A, K(START)), .facts = taken_back());
	assert_int_equal(w.row.state, S(ACCEPTED));
	assert_int_equal(w.row.handoff[0].start_date, 0);
	assert_non_null(TERM_OF(ORDER_START));
	assert_int_equal(TERM_OF(ORDER_START)->breach,
	    civil_day_end(w.row.order_date + 28));
	w.now += 2 * DAY_MS;
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A,
	    .to = { TEAM, COURT });
	assert_int_equal(w.row.state, S(STARTED));
	assert_null(TERM_OF(ORDER_START));
	today = civil_date_at(w.now);
	ACCEPTED(&w, .kind = K(CORRECTION), .sender = HELP_A, .to = { TEAM },
	    .reply_to = said_by(HELP_A, K(START)), .facts = on_day(today - 1));
	assert_int_equal(w.row.handoff[0].start_date, today - 1);
	REFUSED(&w, SK_DATE_INVALID, "facts.correction.right_date", 0,
	    .kind = K(CORRECTION), .sender = HELP_A, .to = { TEAM },
	    .reply_to = said_by(HELP_A, K(START)), .facts = on_day(today + 1));
}

/* iJw, case F: an end. */
static void
test_an_end_is_taken_back_until_another_builds_on_it(void **state)
{
	struct envelope_ref end;

	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM });
	end = said_by(HELP_A, K(STOP));
	REFUSED(&w, SK_CORRECTION_TOO_LATE, "header.reply_to", 0,
	    .kind = K(CORRECTION), .sender = HELP_A, .to = { TEAM },
	    .reply_to = said_by(HELP_A, K(START)), .facts = taken_back());
	ACCEPTED(&w, .kind = K(CORRECTION), .sender = HELP_A, .to = { TEAM },
	    .reply_to = end, .facts = taken_back());
	assert_int_equal(w.row.state, S(STARTED));
	assert_int_equal(w.row.handoff[0].status,
	    SK__HANDOFF_STATUS__HELP_STARTED);
	assert_int_equal(w.row.handoff[0].unplanned, 0);
	REFUSED(&w, SK_CORRECTION_TOO_LATE, "header.reply_to", 0,
	    .kind = K(CORRECTION), .sender = HELP_A, .to = { TEAM },
	    .reply_to = end, .facts = taken_back());
}

/* rule: R49 */
static void
test_the_clock_of_an_order_follows_its_right_date(void **state)
{
	int32_t date;

	(void)state;
	bring_to(&w, S(TRIAGED));
	date = w.row.order_date;
	ACCEPTED(&w, .kind = K(CORRECTION), .sender = COURT, .to = { TEAM },
	    .reply_to = w.row.ref, .facts = on_day(date - 5));
	assert_int_equal(w.row.order_date, date - 5);
	assert_int_equal(TERM_OF(ORDER_START)->breach,
	    civil_day_end(date - 5 + 28));
}

/* rule: R59 */
static void
test_an_alert_in_error_is_taken_back_until_it_is_taken(void **state)
{
	(void)state;
	bring_to(&w, S(TRIAGED));
	ACCEPTED(&w, .kind = K(CRISIS_ALERT), .sender = TEAM,
	    .to = { COURT });
	ACCEPTED(&w, .kind = K(CORRECTION), .sender = TEAM, .to = { COURT },
	    .reply_to = said_by(TEAM, K(CRISIS_ALERT)), .facts = taken_back());
	assert_int_equal(w.row.crisis, SK__CRISIS__CRISIS_NONE);
	assert_null(TERM_OF(CRISIS_ANSWER_DUE));
	assert_null(TERM_OF(CRISIS_OWNER_DUE));
	assert_null(TERM_OF(CRISIS_REVIEW_DUE));
	ACCEPTED(&w, .kind = K(CRISIS_ALERT), .sender = TEAM,
	    .to = { COURT });
	ACCEPTED(&w, .kind = K(CRISIS_TAKEN), .sender = TEAM,
	    .to = { COURT });
	REFUSED(&w, SK_CORRECTION_TOO_LATE, "header.reply_to", 0,
	    .kind = K(CORRECTION), .sender = TEAM, .to = { COURT },
	    .reply_to = said_by(TEAM, K(CRISIS_ALERT)), .facts = taken_back());
}

static Sk__Facts *
for_another_reason(void)
{
	Sk__Facts *f = good_facts(&w, K(CORRECTION));

	f->correction->has_right_reason = 1;
	f->correction->right_reason = SK__DECLINE_REASON__AGE_LIMIT;
	return f;
}

/* It moves no term and no state: the figures alone count it. */
static void
test_the_reason_of_a_decline_is_put_right_and_of_nothing_else(void **state)
{
	Sk__Facts *both;

	(void)state;
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(CORRECTION), .sender = HELP_A, .to = { TEAM },
	    .reply_to = last_of(K(DECLINE)), .facts = for_another_reason());
	assert_false(w.decision.open->has_state);
	assert_int_equal(w.decision.open->n_timers, 0);
	REFUSED(&w, SK_CORRECTION_WRONG, "facts.correction.right_reason", 0,
	    .kind = K(CORRECTION), .sender = TEAM,
	    .reply_to = last_of(K(TRIAGE)), .facts = for_another_reason());
	both = for_another_reason();
	both->correction->removed = 1;
	REFUSED(&w, SK_CORRECTION_WRONG, "facts.correction.removed", 0,
	    .kind = K(CORRECTION), .sender = HELP_A, .to = { TEAM },
	    .reply_to = last_of(K(DECLINE)), .facts = both);
}

static void
test_what_has_an_answer_of_its_own_is_not_taken_back(void **state)
{
	Sk__Facts *both;

	(void)state;
	bring_to(&w, S(OFFERED));
	REFUSED(&w, SK_CORRECTION_TOO_LATE, "header.reply_to", 0,
	    .kind = K(CORRECTION), .sender = TEAM,
	    .reply_to = last_of(K(TRIAGE)), .facts = taken_back());
	REFUSED(&w, SK_CORRECTION_WRONG, "facts.correction.right_date", 0,
	    .kind = K(CORRECTION), .sender = TEAM,
	    .reply_to = last_of(K(TRIAGE)), .facts = on_day(20000));
	both = on_day(20000);
	both->correction->removed = 1;
	REFUSED(&w, SK_CORRECTION_WRONG, "facts.correction.removed", 0,
	    .kind = K(CORRECTION), .sender = TEAM,
	    .reply_to = last_of(K(TRIAGE)), .facts = both);
}

/* A court reads no triage, so none by way of a correction; nor does a
 * provider whose offer came to nothing. */
static void
test_a_correction_goes_no_further_than_what_it_corrects(void **state)
{
	struct envelope_ref triage;

	(void)state;
	bring_to(&w, S(OFFERED));
	triage = last_of(K(TRIAGE));
	REFUSED(&w, SK_RECIPIENT_WRONG, "header.recipients[1].participant", 0,
	    .kind = K(CORRECTION), .sender = TEAM, .to = { COURT },
	    .reply_to = triage);
	ACCEPTED(&w, .kind = K(CORRECTION), .sender = TEAM, .to = { HELP_A },
	    .reply_to = triage);
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	REFUSED(&w, SK_RECIPIENT_WRONG, "header.recipients[1].participant", 0,
	    .kind = K(CORRECTION), .sender = TEAM, .to = { HELP_A },
	    .reply_to = triage);
	ACCEPTED(&w, .kind = K(CORRECTION), .sender = TEAM, .to = { COURT },
	    .reply_to = last_of(K(ROUTE_DECISION)));
}

static void
test_a_case_opened_in_error_is_void_before_any_offer(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", COURT,
	    .kind = K(VOID), .sender = TEAM);
	ACCEPTED(&w, .kind = K(VOID), .sender = TEAM, .to = { COURT });
	assert_int_equal(w.row.state, S(VOID));
	assert_int_equal(w.row.timers, 1);
	assert_int_equal(w.row.timer[0].kind,
	    SK__DEADLINE_KIND__RETENTION_DUE);
	REFUSED(&w, SK_CASE_CLOSED, "header.case_ref", 0, .kind = K(TRIAGE),
	    .sender = TEAM);
	ACCEPTED(&w, .kind = K(RECEIPT_OF), .sender = COURT, .to = { TEAM });
	world_init(&w);
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	REFUSED(&w, SK_VOID_TOO_LATE, "header.kind", 0, .kind = K(VOID),
	    .sender = TEAM, .to = { COURT });
}

static void
test_a_child_gets_its_number_later(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(NEW));
	f = good_facts(&w, K(LINK_PERSON));
	f->link_person->former = bytes_of(&w, 9, 32);
	REFUSED(&w, SK_PERSON_NOT_IN_CASE, "facts.link_person.former", 0,
	    .kind = K(LINK_PERSON), .sender = TEAM, .facts = f);
	f = good_facts(&w, K(LINK_PERSON));
	f->link_person->person->pseudonym = bytes_of(&w, 9, 32);
	f->link_person->person->secret_version = 4;
	ACCEPTED(&w, .kind = K(LINK_PERSON), .sender = TEAM, .facts = f);
	assert_int_equal(w.closed.person[0].pseudonym[31], 9);
	assert_int_equal(w.closed.person[0].secret_version, 4);
	assert_int_equal(w.closed.persons, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_the_access_team_opens_a_case_of_its_own),
		T(test_a_case_without_a_court_goes_its_whole_way),
		T(test_a_signal_reaches_the_team_of_the_child),
		T(test_a_referral_that_reached_the_provider_first_starts_no_care),
		T(test_a_case_goes_to_the_right_municipality_with_an_owner_all_the_way),
		T(test_a_transfer_that_is_not_taken_comes_back_in_two_weeks),
		T(test_nobody_takes_what_was_not_offered),
		T(test_only_ones_own_words_are_corrected),
		T(test_a_start_is_taken_back_and_said_again),
		T(test_an_end_is_taken_back_until_another_builds_on_it),
		T(test_the_clock_of_an_order_follows_its_right_date),
		T(test_the_reason_of_a_decline_is_put_right_and_of_nothing_else),
		T(test_an_alert_in_error_is_taken_back_until_it_is_taken),
		T(test_what_has_an_answer_of_its_own_is_not_taken_back),
		T(test_a_correction_goes_no_further_than_what_it_corrects),
		T(test_a_case_opened_in_error_is_void_before_any_offer),
		T(test_a_child_gets_its_number_later),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
