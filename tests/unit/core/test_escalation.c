/*
 * Crisis, and what becomes of a case that nobody takes.
 */
#include "world.h"

static struct world w;

#define D(name) SK__DEADLINE_KIND__##name
#define E(name) SK__ESCALATION__##name
#define TERM_OF(kind) case_timer_of(&w.row, D(kind), 0)

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static void
expect_workdays(Sk__DeadlineKind kind, int days)
{
	struct civil_holidays none = { false, false };
	const struct case_timer *t = case_timer_of(&w.row, kind, 0);

	assert_non_null(t);
	assert_int_equal(t->breach,
	    civil_day_end(civil_add_workdays(today(&w), days, &none)));
}

static void
join(uint64_t participant)
{
	Sk__Facts *f = good_facts(&w, K(INVOLVEMENT_NOTICE));

	f->involvement_notice->participant = participant;
	ACCEPTED(&w, .kind = K(INVOLVEMENT_NOTICE), .sender = TEAM,
	    .to = { COURT, participant, w.row.handoffs > 0 ? HELP_A : 0 },
	    .facts = f);
}

/* ---- stuck */

/* rule: R64 */
static void
test_what_all_declined_is_stuck_at_once_and_stays_the_teams(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	assert_int_equal(w.row.escalation, E(NOT_ESCALATED));
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_B, .to = { TEAM });
	assert_int_equal(w.row.escalation, E(CASE_STUCK));
	assert_int_equal(w.row.owner, TEAM);
	expect_workdays(D(STUCK_DUE), 10);
}

/* rule: R64 */
static void
test_an_offer_that_lapses_leaves_it_stuck_too(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	fire(&w, D(ANSWER_DUE), 1, true);
	assert_int_equal(w.row.escalation, E(CASE_STUCK));
	/* and a new offer takes the reminder away, not the memory */
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	assert_null(TERM_OF(STUCK_DUE));
	assert_int_equal(w.row.escalation, E(CASE_STUCK));
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_B, .to = { TEAM });
	assert_int_equal(w.row.escalation, E(NOT_ESCALATED));
	assert_int_equal(w.row.escalated, E(CASE_STUCK));
}

/* rule: R65 */
static void
test_stuck_reminds_and_then_proposes_the_expert_team(void **state)
{
	const struct decision *d;

	(void)state;
	bring_to(&w, S(ROUTED));
	ACCEPTED(&w, .kind = K(STUCK), .sender = TEAM);
	d = fire(&w, D(STUCK_DUE), 0, false);
	assert_int_equal(d->open->notice->kind,
	    SK__NOTICE_KIND__DEADLINE_WARNING);
	assert_true(posted_to(d, TEAM));
	d = fire(&w, D(STUCK_DUE), 0, true);
	assert_int_equal(d->open->notice->kind, SK__NOTICE_KIND__PROPOSE_RET);
	assert_true(posted_to(d, TEAM));
	assert_null(TERM_OF(STUCK_DUE));
}

/* ---- the experts */

static void
advise(uint64_t who, Sk__Kind kind, Sk__Kind asked)
{
	ACCEPTED(&w, .kind = kind, .sender = who, .to = { TEAM },
	    .reply_to = last_to(&w, who, asked));
}

/* rule: R66 */
static void
test_the_expert_team_advises_within_its_term(void **state)
{
	const struct decision *d;

	(void)state;
	bring_to(&w, S(ROUTED));
	ACCEPTED(&w, .kind = K(STUCK), .sender = TEAM);
	ACCEPTED(&w, .kind = K(RET_REQUEST), .sender = TEAM,
	    .to = { EXPERTS });
	assert_true(case_has_participant(&w.row, EXPERTS));
	assert_null(TERM_OF(STUCK_DUE));
	expect_workdays(D(RET_ADVICE_DUE), 10);
	REFUSED(&w, SK_REQUEST_PENDING, "header.kind", 0,
	    .kind = K(RET_REQUEST), .sender = TEAM, .to = { EXPERTS });
	d = fire(&w, D(RET_ADVICE_DUE), 0, true);
	assert_true(posted_to(d, EXPERTS));
	assert_true(posted_to(d, TEAM));
	advise(EXPERTS, K(RET_ADVICE), K(RET_REQUEST));
	assert_int_equal(w.row.escalation, E(RET_ADVISED));
	assert_int_equal(w.row.ret_advice_date, today(&w));
}

/* rule: R66 */
static void
test_only_team_and_youth_protection_call_the_experts(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(STUCK), .sender = TEAM);
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0, .kind = K(RET_REQUEST),
	    .sender = HELP_A, .to = { TEAM, EXPERTS });
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0, .kind = K(RET_REQUEST),
	    .sender = COURT, .to = { TEAM, EXPERTS });
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", 0,
	    .kind = K(RET_REQUEST), .sender = TEAM);
	world_init(&w);
	bring_to(&w, S(ROUTED));
	join(CERTIFIED);
	ACCEPTED(&w, .kind = K(STUCK), .sender = CERTIFIED, .to = { TEAM });
	ACCEPTED(&w, .kind = K(RET_REQUEST), .sender = CERTIFIED,
	    .to = { TEAM, EXPERTS });
}

/* rule: R67 */
static void
test_the_levels_come_in_their_order(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(ROUTED));
	REFUSED(&w, SK_ESCALATION_ORDER, "header.kind", 0,
	    .kind = K(RET_REQUEST), .sender = TEAM, .to = { EXPERTS });
	ACCEPTED(&w, .kind = K(STUCK), .sender = TEAM);
	REFUSED(&w, SK_ESCALATION_ORDER, "header.kind", 0, .kind = K(STUCK),
	    .sender = TEAM);
	ACCEPTED(&w, .kind = K(RET_REQUEST), .sender = TEAM,
	    .to = { EXPERTS });
	REFUSED(&w, SK_ESCALATION_ORDER, "header.kind", 0,
	    .kind = K(BOEG_REQUEST), .sender = EXPERTS,
	    .to = { TEAM, EXPERTISE });
	advise(EXPERTS, K(RET_ADVICE), K(RET_REQUEST));
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0, .kind = K(BOEG_REQUEST),
	    .sender = TEAM, .to = { EXPERTISE });
	f = good_facts(&w, K(BOEG_REQUEST));
	f->boeg_request->follow_up_failed = 0;
	REFUSED(&w, SK_ESCALATION_ORDER,
	    "facts.boeg_request.follow_up_failed", 0,
	    .kind = K(BOEG_REQUEST), .sender = EXPERTS,
	    .to = { TEAM, EXPERTISE }, .facts = f);
	ACCEPTED(&w, .kind = K(BOEG_REQUEST), .sender = EXPERTS,
	    .to = { TEAM, EXPERTISE });
	expect_workdays(D(BOEG_ADVICE_DUE), 20);
	advise(EXPERTISE, K(BOEG_ADVICE), K(BOEG_REQUEST));
	assert_int_equal(w.row.escalation, E(BOEG_ADVISED));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
}

/* rule: R66 */
static void
test_experts_advise_on_what_they_were_asked_and_no_more(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	ACCEPTED(&w, .kind = K(STUCK), .sender = TEAM);
	ACCEPTED(&w, .kind = K(RET_REQUEST), .sender = TEAM,
	    .to = { EXPERTS });
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0, .kind = K(CLOSE),
	    .sender = EXPERTS, .to = { TEAM, COURT });
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0, .kind = K(REFERRAL),
	    .sender = EXPERTS, .to = { TEAM, HELP_A });
	REFUSED(&w, SK_REPLY_WRONG, "header.reply_to", 0,
	    .kind = K(RET_ADVICE), .sender = EXPERTS, .to = { TEAM },
	    .reply_to = w.row.ref);
}

static Sk__Facts *
tailor_made(void)
{
	Sk__Facts *f = good_facts(&w, K(FAMILY_PLAN));

	f->family_plan->has_tailor_made = f->family_plan->tailor_made = 1;
	return f;
}
#define MAKE_TO_MEASURE() .kind = K(FAMILY_PLAN), .sender = TEAM, \
	.facts = tailor_made()

/* rule: R68 */
static void
test_a_plan_to_measure_is_for_who_works_that_way_or_was_advised(void **state)
{
	Sk__Rules rules = SK__RULES__INIT;
	Sk__Policy policy = SK__POLICY__INIT;

	(void)state;
	bring_to(&w, S(ROUTED));
	REFUSED(&w, SK_FIELD_INVALID, "facts.family_plan.tailor_made", 0,
	    MAKE_TO_MEASURE());
	rules.has_tailor_made_plans = rules.tailor_made_plans = 1;
	policy.rules = &rules;
	w.policy = &policy;
	ACCEPTED(&w, MAKE_TO_MEASURE());
	w.policy = NULL;
	ACCEPTED(&w, .kind = K(STUCK), .sender = TEAM);
	ACCEPTED(&w, .kind = K(RET_REQUEST), .sender = TEAM,
	    .to = { EXPERTS });
	advise(EXPERTS, K(RET_ADVICE), K(RET_REQUEST));
	ACCEPTED(&w, MAKE_TO_MEASURE());
}

/* ---- crisis */

static void
alert(void)
{
	bring_to(&w, S(STARTED));
	join(CERTIFIED);
	ACCEPTED(&w, .kind = K(CRISIS_ALERT), .sender = HELP_A,
	    .to = { TEAM, COURT, CERTIFIED });
}

/* rule: R59 */
static void
test_danger_is_told_to_all_who_take_part(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	join(CERTIFIED);
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", CERTIFIED,
	    .kind = K(CRISIS_ALERT), .sender = HELP_A, .to = { TEAM, COURT });
	ACCEPTED(&w, .kind = K(CRISIS_ALERT), .sender = HELP_A,
	    .to = { TEAM, COURT, CERTIFIED });
	assert_true(posted_to(&w.decision, CERTIFIED));
	assert_int_equal(w.row.crisis, SK__CRISIS__CRISIS_OPEN);
	assert_int_equal(w.row.priority, 1);
	assert_int_equal(TERM_OF(CRISIS_ANSWER_DUE)->breach,
	    w.now + 4 * 3600000);
	assert_int_equal(TERM_OF(CRISIS_OWNER_DUE)->breach,
	    w.now + 24 * 3600000);
	REFUSED(&w, SK_REQUEST_PENDING, "header.kind", 0,
	    .kind = K(CRISIS_ALERT), .sender = TEAM,
	    .to = { HELP_A, COURT, CERTIFIED });
}

static void
confirm(uint64_t who)
{
	struct envelope_ref last = last_to(&w, who, K(CRISIS_ALERT));

	ACCEPTED(&w, .kind = K(RECEIPT_OF), .sender = who,
	    .to = { HELP_A, who == TEAM ? 0 : TEAM }, .reply_to = last);
}

/* rule: R59 */
static void
test_a_machine_does_not_confirm_an_alert(void **state)
{
	(void)state;
	alert();
	REFUSED(&w, SK_PERSON_NEEDED, "header.person", 0, .kind = K(RECEIPT_OF),
	    .sender = TEAM, .to = { HELP_A }, .no_person = true,
	    .reply_to = last_to(&w, TEAM, K(CRISIS_ALERT)));
	confirm(TEAM);
}

/* rule: R72 */
static void
test_who_does_a_case_is_recorded_by_any_who_takes_part(void **state)
{
	Sk__CaseState before;

	(void)state;
	alert();
	before = w.row.state;
	ACCEPTED(&w, .kind = K(ASSIGNED), .sender = TEAM);
	ACCEPTED(&w, .kind = K(ASSIGNED), .sender = COURT);
	ACCEPTED(&w, .kind = K(NOTIFIED), .sender = TEAM, .no_person = true);
	assert_int_equal(w.row.state, before);
	REFUSED(&w, SK_NOT_A_PARTICIPANT, "header.case_ref", 0,
	    .kind = K(ASSIGNED), .sender = EXPERTISE);
	REFUSED(&w, SK_RECIPIENT_WRONG, "header.recipients[1].participant", 0,
	    .kind = K(ASSIGNED), .sender = COURT, .to = { TEAM });
}

/* rule: R59 */
static void
test_an_alert_waits_for_the_receipt_of_each(void **state)
{
	const struct decision *d;

	(void)state;
	alert();
	confirm(TEAM);
	confirm(COURT);
	d = fire(&w, D(CRISIS_ANSWER_DUE), 0, true);
	assert_true(posted_to(d, CERTIFIED));
	assert_true(posted_to(d, TEAM));
	assert_false(posted_to(d, COURT));
	world_init(&w);
	alert();
	confirm(TEAM);
	confirm(COURT);
	confirm(CERTIFIED);
	assert_null(TERM_OF(CRISIS_ANSWER_DUE));
	assert_non_null(TERM_OF(CRISIS_OWNER_DUE));
}

/* rule: R59 */
static void
test_an_alert_stays_open_for_all_until_one_takes_it(void **state)
{
	const struct decision *d;

	(void)state;
	alert();
	d = fire(&w, D(CRISIS_OWNER_DUE), 0, true);
	assert_true(posted_to(d, TEAM));
	assert_true(posted_to(d, COURT));
	assert_true(posted_to(d, HELP_A));
	assert_true(posted_to(d, CERTIFIED));
	assert_int_equal(w.row.crisis, SK__CRISIS__CRISIS_OPEN);
	ACCEPTED(&w, .kind = K(CRISIS_TAKEN), .sender = CERTIFIED,
	    .to = { TEAM, COURT, HELP_A });
	assert_int_equal(w.row.crisis, SK__CRISIS__CRISIS_OWNED);
	assert_int_equal(w.row.crisis_owner, CERTIFIED);
	REFUSED(&w, SK_CRISIS_MISSING, "header.kind", 0,
	    .kind = K(CRISIS_TAKEN), .sender = TEAM,
	    .to = { CERTIFIED, COURT, HELP_A });
}

static void
look_back(bool over)
{
	Sk__Facts *f = good_facts(&w, K(CRISIS_REVIEW));

	f->crisis_review->over = over;
	ACCEPTED(&w, .kind = K(CRISIS_REVIEW), .sender = TEAM, .facts = f);
}

/* rule: R60 */
static void
test_haste_is_looked_back_on_within_a_week(void **state)
{
	(void)state;
	alert();
	assert_int_equal(TERM_OF(CRISIS_REVIEW_DUE)->breach,
	    civil_day_end(today(&w) + 7));
	pass_days(&w, 3);
	look_back(false);
	assert_int_equal(TERM_OF(CRISIS_REVIEW_DUE)->breach,
	    civil_day_end(today(&w) + 7));
	look_back(true);
	assert_int_equal(w.row.crisis, SK__CRISIS__CRISIS_OVER);
	assert_null(TERM_OF(CRISIS_REVIEW_DUE));
	assert_null(TERM_OF(CRISIS_OWNER_DUE));
	assert_int_equal(w.row.priority, 2);
	REFUSED(&w, SK_CRISIS_MISSING, "header.kind", 0,
	    .kind = K(CRISIS_REVIEW), .sender = TEAM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_what_all_declined_is_stuck_at_once_and_stays_the_teams),
		T(test_an_offer_that_lapses_leaves_it_stuck_too),
		T(test_stuck_reminds_and_then_proposes_the_expert_team),
		T(test_the_expert_team_advises_within_its_term),
		T(test_only_team_and_youth_protection_call_the_experts),
		T(test_the_levels_come_in_their_order),
		T(test_experts_advise_on_what_they_were_asked_and_no_more),
		T(test_a_plan_to_measure_is_for_who_works_that_way_or_was_advised),
		T(test_danger_is_told_to_all_who_take_part),
		T(test_a_machine_does_not_confirm_an_alert),
		T(test_who_does_a_case_is_recorded_by_any_who_takes_part),
		T(test_an_alert_waits_for_the_receipt_of_each),
		T(test_an_alert_stays_open_for_all_until_one_takes_it),
		T(test_haste_is_looked_back_on_within_a_week),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
