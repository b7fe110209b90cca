/*
 * Corners of the care: what is refused there, and what must not be left
 * behind.
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

/* ---- overrides */

/* rule: R48 */
static void
test_nobody_overrides_namelessly(void **state)
{
	struct message m = { .kind = K(REFERRAL), .sender = TEAM,
		.to = { HELP_A } };
	struct event event = { .kind = SK__EVENT_KIND__ENVELOPE_EVENT,
		.sender = TEAM, .header = &w.header };
	Sk__Override override = SK__OVERRIDE__INIT;
	Sk__Override *overrides[] = { &override };
	Sk__Facts *f;
	struct view view;

	(void)state;
	bring_to(&w, S(ROUTED));
	override.has_gate = override.has_reason = 1;
	override.gate = SK_DOMAIN_MISMATCH;
	f = good_facts(&w, K(REFERRAL));
	f->overrides = overrides;
	f->n_overrides = 1;
	make_header(&w, &m);
	w.header.person = 0;
	event.facts = f;
	event.instant = w.now;
	view = world_view(&w, false);
	arena_reset(&w.arena);
	decide(&view, &event, &w.arena, &w.decision);
	assert_int_equal(w.decision.refusal.code, SK_FIELD_MISSING);
	assert_string_equal(w.decision.refusal.field, "header.person");
}

/* ---- entry */

static Sk__Facts *
entry(void)
{
	return good_facts(&w, K(ACCESS_REQUEST));
}

/* rule: R41 */
static void
test_a_case_is_one_child_somewhere(void **state)
{
	Sk__Facts *f = entry();

	(void)state;
	f->access_request->municipality = text(&w, "19");
	REFUSED(&w, SK_FIELD_INVALID, "facts.access_request.municipality", 0,
	    .kind = K(ACCESS_REQUEST), .sender = TEAM, .facts = f);
	f = entry();
	f->access_request->persons[0]->role = SK__PERSON_ROLE__PARENT;
	REFUSED(&w, SK_FIELD_INVALID, "facts", 0,
	    .kind = K(ACCESS_REQUEST), .sender = TEAM, .facts = f);
	f = good_facts(&w, K(SIGNAL));
	f->signal->has_ground = 0;
	REFUSED(&w, SK_GROUND_MISSING, "facts.signal.ground", 0,
	    .kind = K(SIGNAL), .sender = HELP_A, .to = { TEAM }, .facts = f);
}

/* rule: R77 */
static void
test_a_case_goes_to_a_team_that_there_is(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(NEW));
	f = good_facts(&w, K(NOT_MINE));
	f->not_mine->municipality = text(&w, "0999");
	REFUSED(&w, SK_MUNICIPALITY_UNKNOWN, "facts.not_mine.municipality", 0,
	    .kind = K(NOT_MINE), .sender = TEAM, .facts = f);
}

static void
test_only_who_opened_it_or_owns_it_voids_a_case(void **state)
{
	(void)state;
	ACCEPTED(&w, .kind = K(ACCESS_REQUEST), .sender = TEAM);
	ACCEPTED(&w, .kind = K(CONSULT), .sender = TEAM, .to = { CERTIFIED });
	REFUSED(&w, SK_NOT_A_PARTICIPANT, "header.case_ref", 0,
	    .kind = K(VOID), .sender = CERTIFIED, .to = { TEAM });
	ACCEPTED(&w, .kind = K(VOID), .sender = TEAM, .to = { CERTIFIED });
	ACCEPTED(&w, .kind = K(SIGNAL), .sender = CERTIFIED, .to = { TEAM });
	ACCEPTED(&w, .kind = K(VOID), .sender = CERTIFIED, .to = { TEAM });
}

/* ---- who takes part */

static Sk__Facts *
involved(uint64_t participant)
{
	Sk__Facts *f = good_facts(&w, K(INVOLVEMENT_NOTICE));

	f->involvement_notice->participant = participant;
	return f;
}

/* rule: R32 */
static void
test_only_who_there_is_comes_in_and_helpers_by_referral(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	REFUSED(&w, SK_RECIPIENT_UNKNOWN,
	    "facts.involvement_notice.participant", 0,
	    .kind = K(INVOLVEMENT_NOTICE), .sender = TEAM, .to = { COURT },
	    .facts = involved(GONE));
	REFUSED(&w, SK_RECIPIENT_WRONG,
	    "facts.involvement_notice.participant", 0,
	    .kind = K(INVOLVEMENT_NOTICE), .sender = TEAM, .to = { COURT },
	    .facts = involved(HELP_C));
}

/* rule: R46 */
static void
test_a_question_is_asked_of_someone(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", 0,
	    .kind = K(CONSULT), .sender = TEAM);
}

static Sk__Facts *
director(uint64_t who)
{
	Sk__Facts *f = good_facts(&w, K(DIRECTOR_CHANGE));

	f->director_change->director = who;
	return f;
}

static void
propose(uint64_t who)
{
	ACCEPTED(&w, .kind = K(DIRECTOR_CHANGE), .sender = TEAM, .to = { who },
	    .facts = director(who));
}

/* rule: R33 */
static void
test_a_court_does_not_direct_nor_who_was_not_asked(void **state)
{
	struct envelope_ref first;

	(void)state;
	bring_to(&w, S(STARTED));
	REFUSED(&w, SK_RECIPIENT_WRONG, "facts.director_change.director", 0,
	    .kind = K(DIRECTOR_CHANGE), .sender = TEAM,
	    .facts = director(COURT));
	REFUSED(&w, SK_RECIPIENT_WRONG, "facts.director_change.director", 0,
	    .kind = K(DIRECTOR_CHANGE), .sender = TEAM,
	    .facts = director(HELP_B));
	propose(HELP_A);
	first = last_to(&w, HELP_A, K(DIRECTOR_CHANGE));
	ACCEPTED(&w, .kind = K(DIRECTOR_CHANGE), .sender = TEAM,
	    .facts = director(TEAM));
	REFUSED(&w, SK_NOTHING_PENDING, "header.reply_to", 0,
	    .kind = K(DIRECTOR_ACCEPT), .sender = HELP_A, .to = { TEAM },
	    .reply_to = first);
}

static void
accept_direction(uint64_t who)
{
	propose(who);
	ACCEPTED(&w, .kind = K(DIRECTOR_ACCEPT), .sender = who,
	    .to = { TEAM });
	assert_int_equal(w.row.director, who);
}

/* rule: R34 */
static void
test_however_a_director_goes_the_team_directs_again(void **state)
{
	(void)state;
	bring_to(&w, S(ACCEPTED));
	accept_direction(HELP_A);
	ACCEPTED(&w, .kind = K(WITHDRAW), .sender = TEAM, .to = { HELP_A });
	assert_int_equal(w.row.director, TEAM);
	world_init(&w);
	bring_to(&w, S(ACCEPTED));
	accept_direction(HELP_A);
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	assert_int_equal(w.row.director, TEAM);
	world_init(&w);
	bring_to(&w, S(OFFERED));
	accept_direction(HELP_A);
	fire(&w, D(ANSWER_DUE), 1, true);
	assert_int_equal(w.row.director, TEAM);
	world_init(&w);
	bring_to(&w, S(ROUTED));
	ACCEPTED(&w, .kind = K(CONSULT), .sender = TEAM, .to = { HELP_C });
	accept_direction(HELP_C);
	ACCEPTED(&w, .kind = K(CONSULT_ANSWER), .sender = HELP_C,
	    .to = { TEAM });
	assert_int_equal(w.row.director, TEAM);
	ACCEPTED(&w, .kind = K(CONSULT), .sender = TEAM, .to = { CERTIFIED });
	accept_direction(CERTIFIED);
	ACCEPTED(&w, .kind = K(INVOLVEMENT_NOTICE), .sender = TEAM,
	    .to = { COURT, CERTIFIED }, .facts = ({
	    Sk__Facts *f = involved(CERTIFIED);
	    f->involvement_notice->has_left = 1;
	    f->involvement_notice->left = 1;
	    f; }));
	assert_int_equal(w.row.director, TEAM);
}

/* rule: R77 */
static void
test_a_team_that_goes_is_no_longer_asked_to_direct(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	accept_direction(HELP_A);
	ACCEPTED(&w, .kind = K(DIRECTOR_CHANGE), .sender = HELP_A,
	    .to = { TEAM }, .facts = director(TEAM));
	assert_int_equal(w.row.director_proposed, TEAM);
	ACCEPTED(&w, .kind = K(NOT_MINE), .sender = TEAM,
	    .to = { OTHER_TEAM });
	ACCEPTED(&w, .kind = K(TRANSFER_TAKEN), .sender = OTHER_TEAM,
	    .to = { TEAM, COURT, HELP_A });
	assert_int_equal(w.row.director_proposed, 0);
	assert_null(TERM_OF(DIRECTOR_DUE));
	assert_int_equal(w.row.director, HELP_A);
}

/* ---- on its way */

static void
test_only_what_was_offered_is_withdrawn(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(CONSULT), .sender = TEAM, .to = { HELP_B });
	REFUSED(&w, SK_HANDOFF_UNKNOWN, "header.recipients", 0,
	    .kind = K(WITHDRAW), .sender = TEAM, .to = { HELP_B });
}

/* Its provider is enrolled no more: nobody else can say that it ended. */
/* rule: R64 */
static void
test_what_a_provider_left_behind_the_team_ends(void **state)
{
	struct envelope_ref referral;
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(STARTED));
	referral = w.row.handoff[0].referral;
	/* while it is there it says so itself */
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", 0,
	    .kind = K(WITHDRAW), .sender = TEAM, .reply_to = referral);
	w.member[HELP_A].revoked = true;
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", 0,
	    .kind = K(WITHDRAW), .sender = TEAM);
	f = good_facts(&w, K(WITHDRAW));
	f->withdraw->reason = SK__END_REASON__GOOD_ENOUGH;
	REFUSED(&w, SK_FIELD_INVALID, "facts.withdraw.reason", 0,
	    .kind = K(WITHDRAW), .sender = TEAM, .reply_to = referral,
	    .facts = f);
	f = good_facts(&w, K(WITHDRAW));
	f->withdraw->reason = SK__END_REASON__EARLY_BY_PROVIDER;
	ACCEPTED(&w, .kind = K(WITHDRAW), .sender = TEAM,
	    .reply_to = referral, .facts = f);
	assert_int_equal(w.row.state, S(ENDED));
	assert_int_equal(w.row.handoff[0].status,
	    SK__HANDOFF_STATUS__HELP_ENDED);
	assert_int_equal(w.row.director, TEAM);
	assert_null(TERM_OF(REVIEW_DUE));
	assert_true(w.closed.reanalysis_due);
}

/* rule: R64 */
static void
test_an_offer_to_who_left_is_withdrawn_by_its_referral(void **state)
{
	struct envelope_ref referral;

	(void)state;
	bring_to(&w, S(OFFERED));
	referral = w.row.handoff[0].referral;
	w.member[HELP_A].revoked = true;
	ACCEPTED(&w, .kind = K(WITHDRAW), .sender = TEAM,
	    .reply_to = referral);
	assert_int_equal(w.row.state, S(ROUTED));
	assert_int_equal(w.row.handoff[0].status,
	    SK__HANDOFF_STATUS__OFFER_WITHDRAWN);
}

static void
test_a_pause_has_an_end_to_come(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(STARTED));
	f = good_facts(&w, K(PAUSE));
	f->pause->expected_date = today(&w);
	REFUSED(&w, SK_DATE_INVALID, "facts.pause.expected_date", 0,
	    .kind = K(PAUSE), .sender = HELP_A, .to = { TEAM }, .facts = f);
}

/* rule: R49 */
static void
test_looking_into_it_is_also_a_receipt(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(INVESTIGATE), .sender = HELP_A, .to = { TEAM });
	assert_null(case_timer_of(&w.row, D(RECEIPT_DUE), 1));
}

static void
test_a_change_is_of_help_that_runs_to_help_that_there_is(void **state)
{
	static Sk__Offering offering;
	Sk__Offering *offerings[] = { &offering };
	Sk__Policy policy = SK__POLICY__INIT;
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(STARTED));
	sk__offering__init(&offering);
	offering.code = (char *)(uintptr_t)"OFF-1";
	policy.offerings = offerings;
	policy.n_offerings = 1;
	w.policy = &policy;
	f = good_facts(&w, K(CHANGE_REQUEST));
	f->change_request->offering = text(&w, "OFF-2");
	REFUSED(&w, SK_OFFERING_UNKNOWN, "facts.change_request.offering", 0,
	    .kind = K(CHANGE_REQUEST), .sender = HELP_A, .to = { TEAM },
	    .facts = f);
	w.policy = NULL;
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	REFUSED(&w, SK_STATE_WRONG, "header.reply_to", 0,
	    .kind = K(CHANGE_REQUEST), .sender = HELP_B, .to = { TEAM });
	REFUSED(&w, SK_STATE_WRONG, "header.kind", 0,
	    .kind = K(CONTACT_ATTEMPT), .sender = HELP_B, .to = { TEAM });
}

/* rule: R63 */
static void
test_contact_is_sought_on_days_that_have_been(void **state)
{
	static const int days[] = { 1, -1 };	/* after today; before the order */
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(STARTED));
	for (size_t i = 0; i < 2; i++) {
		f = good_facts(&w, K(CONTACT_ATTEMPT));
		f->contact_attempt->date = today(&w) + days[i];
		REFUSED(&w, SK_DATE_INVALID, "facts.contact_attempt.date", 0,
		    .kind = K(CONTACT_ATTEMPT), .sender = HELP_A,
		    .to = { TEAM }, .facts = f);
	}
	/* and more days than are counted do no harm */
	for (int i = 0; i <= CASE_ATTEMPTS_MAX; i++) {
		ACCEPTED(&w, .kind = K(CONTACT_ATTEMPT), .sender = HELP_A,
		    .to = { TEAM });
		pass_days(&w, 1);
	}
	assert_int_equal(w.row.handoff[0].attempts, CASE_ATTEMPTS_MAX);
}

/* ---- terms end with what they waited for */

static void
answer(uint64_t who, Sk__Kind kind, Sk__Kind asked, uint64_t also)
{
	ACCEPTED(&w, .kind = kind, .sender = who, .to = { TEAM, also },
	    .reply_to = last_to(&w, who, asked));
}

/* rule: R66 rule: R67 */
static void
test_terms_of_experts_end_with_their_advice(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(ROUTED));
	ACCEPTED(&w, .kind = K(STUCK), .sender = TEAM);
	ACCEPTED(&w, .kind = K(RET_REQUEST), .sender = TEAM,
	    .to = { EXPERTS });
	answer(EXPERTS, K(RET_ADVICE), K(RET_REQUEST), 0);
	assert_null(TERM_OF(RET_ADVICE_DUE));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	f = good_facts(&w, K(DECLINE));
	f->decline->has_contribution = 1;
	f->decline->contribution = SK__CONTRIBUTION__THINKS_ALONG;
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM },
	    .facts = f);
	assert_non_null(TERM_OF(STUCK_DUE));
	ACCEPTED(&w, .kind = K(BOEG_REQUEST), .sender = EXPERTS,
	    .to = { TEAM, EXPERTISE });
	assert_null(TERM_OF(STUCK_DUE));
	REFUSED(&w, SK_REQUEST_PENDING, "header.kind", 0,
	    .kind = K(BOEG_REQUEST), .sender = EXPERTS,
	    .to = { TEAM, EXPERTISE });
	w.closed.closed_advised = 0;
	answer(EXPERTISE, K(BOEG_ADVICE), K(BOEG_REQUEST), EXPERTS);
	assert_null(TERM_OF(BOEG_ADVICE_DUE));
	assert_int_equal(w.closed.closed_advised, 1);
}

/* rule: R64 */
static void
test_a_taker_ends_the_reminder_also_with_a_waiting_place(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(STUCK), .sender = TEAM);
	assert_non_null(TERM_OF(STUCK_DUE));
	ACCEPTED(&w, .kind = K(WAIT_PLACE), .sender = HELP_A, .to = { TEAM });
	assert_null(TERM_OF(STUCK_DUE));
	assert_int_equal(w.row.escalation, SK__ESCALATION__NOT_ESCALATED);
}

/* rule: R59 */
static void
test_the_terms_of_a_crisis_end_with_it(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(CRISIS_ALERT), .sender = TEAM,
	    .to = { COURT, HELP_A });
	ACCEPTED(&w, .kind = K(CRISIS_TAKEN), .sender = HELP_A,
	    .to = { TEAM, COURT });
	assert_null(TERM_OF(CRISIS_OWNER_DUE));
	ACCEPTED(&w, .kind = K(CRISIS_REVIEW), .sender = TEAM);
	assert_null(TERM_OF(CRISIS_ANSWER_DUE));
	assert_null(TERM_OF(CRISIS_REVIEW_DUE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_nobody_overrides_namelessly),
		T(test_a_case_is_one_child_somewhere),
		T(test_a_case_goes_to_a_team_that_there_is),
		T(test_only_who_opened_it_or_owns_it_voids_a_case),
		T(test_only_who_there_is_comes_in_and_helpers_by_referral),
		T(test_a_question_is_asked_of_someone),
		T(test_a_court_does_not_direct_nor_who_was_not_asked),
		T(test_however_a_director_goes_the_team_directs_again),
		T(test_a_team_that_goes_is_no_longer_asked_to_direct),
		T(test_only_what_was_offered_is_withdrawn),
		T(test_what_a_provider_left_behind_the_team_ends),
		T(test_an_offer_to_who_left_is_withdrawn_by_its_referral),
		T(test_a_pause_has_an_end_to_come),
		T(test_looking_into_it_is_also_a_receipt),
		T(test_a_change_is_of_help_that_runs_to_help_that_there_is),
		T(test_contact_is_sought_on_days_that_have_been),
		T(test_terms_of_experts_end_with_their_advice),
		T(test_a_taker_ends_the_reminder_also_with_a_waiting_place),
		T(test_the_terms_of_a_crisis_end_with_it),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
