#include "world.h"

static struct world w;

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

#define PARTICIPANT(i) "header.recipients[" #i "].participant"

/* ---- the catalogue of the tests */

static Sk__Provider provider_a, provider_b;
static Sk__Offering offering[4];
static Sk__Rules rules;
static Sk__Policy policy;

static void
use_catalogue(void)
{
	static Sk__Provider *providers[] = { &provider_a, &provider_b };
	static Sk__Offering *offerings[4];
	static char *codes[] = { (char *)(uintptr_t)"LIGHT-1",
		(char *)(uintptr_t)"SPEC-1", (char *)(uintptr_t)"RES-1",
		(char *)(uintptr_t)"OFF-1" };
	static const Sk__Level levels[] = { SK__LEVEL__LIGHT,
		SK__LEVEL__SPECIALIST, SK__LEVEL__RESIDENTIAL,
		SK__LEVEL__AMBULANT };

	sk__provider__init(&provider_a);
	sk__provider__init(&provider_b);
	provider_a.agb = w.member[HELP_A].current.code;
	provider_b.agb = w.member[HELP_B].current.code;
	for (size_t i = 0; i < 4; i++) {
		sk__offering__init(&offering[i]);
		offering[i].code = codes[i];
		offering[i].provider = provider_a.agb;
		offering[i].has_level = 1;
		offering[i].level = levels[i];
		offerings[i] = &offering[i];
	}
	sk__rules__init(&rules);
	sk__policy__init(&policy);
	policy.rules = &rules;
	policy.providers = providers;
	policy.n_providers = 2;
	policy.offerings = offerings;
	policy.n_offerings = 4;
	w.policy = &policy;
	assert_int_equal(policy_check(&policy, NULL), SK_OK);
}

static Sk__Facts *
referral_of(const char *code)
{
	Sk__Facts *f = good_facts(&w, K(REFERRAL));

	f->referral->offering = text(&w, code);
	return f;
}

static Sk__Facts *
route_of(Sk__Route route)
{
	Sk__Facts *f = good_facts(&w, K(ROUTE_DECISION));

	f->route_decision->main = route;
	return f;
}

static Sk__Facts *
order_in(const char *municipality)
{
	Sk__Facts *f = good_facts(&w, K(COURT_ORDER));

	f->court_order->municipality = text(&w, municipality);
	return f;
}

/* ---- who may say what to whom */

/* rule: R36 */
static void
test_a_court_that_goes_to_a_provider_is_told_the_team(void **state)
{
	(void)state;
	REFUSED(&w, SK_ROUTE_VIA_ACCESS, "header.recipients", TEAM,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { HELP_A });
	REFUSED(&w, SK_ROUTE_VIA_ACCESS, "header.recipients", TEAM,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM, HELP_A });
	REFUSED(&w, SK_ROUTE_VIA_ACCESS, "header.recipients", OTHER_TEAM,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { HELP_A },
	    .facts = order_in("0166"));
	bring_to(&w, S(ROUTED));
	REFUSED(&w, SK_ROUTE_VIA_ACCESS, "header.kind", TEAM,
	    .kind = K(REFERRAL), .sender = COURT, .to = { HELP_A });
	REFUSED(&w, SK_ROUTE_VIA_ACCESS, "header.kind", 0,
	    .kind = K(REFERRAL), .sender = OTHER_COURT, .to = { HELP_A });
	REFUSED(&w, SK_ROUTE_VIA_ACCESS, "header.kind", 0,
	    .kind = K(REFERRAL), .sender = COURT, .to = { HELP_A },
	    .other_case = true);
}

/* rule: R1 rule: R77 */
static void
test_an_order_goes_to_the_team_of_the_municipality(void **state)
{
	(void)state;
	REFUSED(&w, SK_TEAM_WRONG, PARTICIPANT(1), TEAM,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { OTHER_TEAM });
	REFUSED(&w, SK_TEAM_WRONG, PARTICIPANT(2), TEAM,
	    .kind = K(COURT_ORDER), .sender = COURT,
	    .to = { TEAM, OTHER_TEAM });
	REFUSED(&w, SK_MUNICIPALITY_UNKNOWN, "facts.court_order.municipality",
	    0, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = order_in("0363"));
	REFUSED(&w, SK_FIELD_INVALID, "facts.court_order.municipality", 0,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = order_in("193"));
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", TEAM,
	    .kind = K(COURT_ORDER), .sender = COURT);
	REFUSED(&w, SK_RECIPIENT_WRONG, PARTICIPANT(2), TEAM,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM, CERTIFIED });
}

static void
test_only_the_right_role_says_a_kind(void **state)
{
	(void)state;
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0,
	    .kind = K(COURT_ORDER), .sender = TEAM, .to = { TEAM });
	bring_to(&w, S(STARTED));
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0,
	    .kind = K(CLOSE), .sender = HELP_A, .to = { TEAM });
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0,
	    .kind = K(TRIAGE), .sender = COURT, .to = { TEAM });
	REFUSED(&w, SK_SENDER_REVOKED, "header", 0,
	    .kind = K(START), .sender = GONE, .to = { TEAM });
	REFUSED(&w, SK_SENDER_REVOKED, "header", 0,
	    .kind = K(START), .sender = 99, .to = { TEAM });
}

static void
test_strangers_learn_nothing_of_a_case(void **state)
{
	(void)state;
	REFUSED(&w, SK_CASE_UNKNOWN, "header.case_ref", 0,
	    .kind = K(TRIAGE), .sender = TEAM);
	bring_to(&w, S(STARTED));
	REFUSED(&w, SK_CASE_UNKNOWN, "header.case_ref", 0,
	    .kind = K(TRIAGE), .sender = TEAM, .other_case = true);
	REFUSED(&w, SK_NOT_A_PARTICIPANT, "header.case_ref", 0,
	    .kind = K(TRIAGE), .sender = OTHER_TEAM);
	REFUSED(&w, SK_NOT_A_PARTICIPANT, "header.case_ref", 0,
	    .kind = K(START), .sender = HELP_B, .to = { TEAM });
	REFUSED(&w, SK_NOT_A_PARTICIPANT, "header.case_ref", 0,
	    .kind = K(OPENED), .sender = HELP_B);
	REFUSED(&w, SK_NOT_A_PARTICIPANT, "header.case_ref", 0,
	    .kind = K(HEARING_NOTICE), .sender = OTHER_COURT, .to = { TEAM });
}

static void
test_every_recipient_is_checked(void **state)
{
	(void)state;
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", 0,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .own_copies_less = 1);
	bring_to(&w, S(ROUTED));
	REFUSED(&w, SK_RECIPIENT_UNKNOWN, PARTICIPANT(1), 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { 99 });
	REFUSED(&w, SK_RECIPIENT_UNKNOWN, PARTICIPANT(1), 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { GONE });
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", 0,
	    .kind = K(REFERRAL), .sender = TEAM);
	REFUSED(&w, SK_RECIPIENT_WRONG, PARTICIPANT(2), 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A, HELP_B });
	REFUSED(&w, SK_RECIPIENT_WRONG, PARTICIPANT(2), 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A, COURT });
	REFUSED(&w, SK_RECIPIENT_WRONG, PARTICIPANT(2), 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A, OTHER_TEAM });
	REFUSED(&w, SK_RECIPIENT_WRONG, PARTICIPANT(1), 0,
	    .kind = K(TRIAGE), .sender = TEAM, .to = { COURT });
	REFUSED(&w, SK_RECIPIENT_WRONG, PARTICIPANT(1), 0,
	    .kind = K(FAMILY_PLAN), .sender = TEAM, .to = { HELP_A });
	REFUSED(&w, SK_KEY_NOT_CURRENT, "header.recipients[1].key_id", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .bad_key_of = HELP_A);
	REFUSED(&w, SK_KEY_NOT_CURRENT, "header.recipients[0].key_id", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .bad_key_of = TEAM);
}

static void
test_an_enrolment_ends_with_its_last_day(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	w.member[HELP_A].current.valid_to = today(&w) - 1;
	REFUSED(&w, SK_RECIPIENT_UNKNOWN, PARTICIPANT(1), 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	w.member[HELP_A].current.valid_to = today(&w);
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	pass_days(&w, 1);
	REFUSED(&w, SK_SENDER_REVOKED, "header", 0,
	    .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
}

/* rule: R36 */
static void
test_the_team_reads_all_that_others_say(void **state)
{
	struct envelope_ref start;

	(void)state;
	bring_to(&w, S(STARTED));
	REFUSED(&w, SK_RECIPIENT_WRONG, PARTICIPANT(1), TEAM,
	    .kind = K(PROGRESS_REPORT), .sender = HELP_A, .to = { COURT });
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", TEAM,
	    .kind = K(PROGRESS_REPORT), .sender = HELP_A);
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", TEAM,
	    .kind = K(STOP), .sender = HELP_A, .to = { COURT });
	REFUSED(&w, SK_RECIPIENT_WRONG, PARTICIPANT(1), TEAM,
	    .kind = K(HEARING_NOTICE), .sender = COURT, .to = { HELP_A });
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", TEAM,
	    .kind = K(HEARING_NOTICE), .sender = COURT);
	start = last_to(&w, COURT, K(START));
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", TEAM,
	    .kind = K(RECEIPT_OF), .sender = COURT, .to = { HELP_A },
	    .reply_to = start);
	ACCEPTED(&w, .kind = K(RECEIPT_OF), .sender = COURT,
	    .to = { HELP_A, TEAM }, .reply_to = start);
}

static void
test_who_said_no_is_not_told_more_of_the_family(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	REFUSED(&w, SK_RECIPIENT_WRONG, PARTICIPANT(1), 0,
	    .kind = K(FAMILY_PLAN), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(RECEIPT_OF), .sender = TEAM, .to = { HELP_A });
}

/* ---- replies */

static void
test_an_answer_names_what_it_answers(void **state)
{
	struct envelope_ref none = { 77, { { 1 }, 1 } }, order, own;

	(void)state;
	bring_to(&w, S(OFFERED));
	order = w.row.ref;
	own = last_to(&w, HELP_A, K(REFERRAL));
	REFUSED(&w, SK_REPLY_WRONG, "header.reply_to", 0,
	    .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM },
	    .reply_to = none);
	REFUSED(&w, SK_REPLY_WRONG, "header.reply_to", 0,
	    .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM },
	    .reply_to = order);
	/* nor does B answer what was sent to A */
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	REFUSED(&w, SK_REPLY_WRONG, "header.reply_to", 0,
	    .kind = K(ACCEPT), .sender = HELP_B, .to = { TEAM },
	    .reply_to = own);
	/* one's own message is not received */
	REFUSED(&w, SK_REPLY_WRONG, "header.reply_to", 0,
	    .kind = K(RECEIPT_OF), .sender = TEAM, .reply_to = own);
	REFUSED(&w, SK_REPLY_WRONG, "header.reply_to", 0,
	    .kind = K(OPENED), .sender = TEAM, .reply_to = own);
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", COURT,
	    .kind = K(RECEIPT_OF), .sender = TEAM, .reply_to = order);
	REFUSED(&w, SK_RECIPIENT_WRONG, PARTICIPANT(1), 0,
	    .kind = K(OPENED), .sender = TEAM, .to = { COURT },
	    .reply_to = order);
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", COURT,
	    .kind = K(CONTENT_MISMATCH_FOUND), .sender = TEAM,
	    .reply_to = order);
}

static void
test_a_receipt_is_not_confirmed(void **state)
{
	struct envelope_ref receipt;

	(void)state;
	bring_to(&w, S(NEW));
	ACCEPTED(&w, .kind = K(RECEIPT_OF), .sender = TEAM, .to = { COURT });
	receipt = last_to(&w, COURT, K(RECEIPT_OF));
	REFUSED(&w, SK_REPLY_WRONG, "header.reply_to", 0,
	    .kind = K(RECEIPT_OF), .sender = COURT, .to = { TEAM },
	    .reply_to = receipt);
}

static void
test_a_message_of_another_case_is_not_answered_here(void **state)
{
	struct envelope_ref other;

	(void)state;
	bring_to(&w, S(OFFERED));
	other = last_to(&w, HELP_A, K(REFERRAL));
	bring_to(&w, S(OFFERED));
	REFUSED(&w, SK_REPLY_WRONG, "header.reply_to", 0,
	    .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM },
	    .reply_to = other);
}

/* ---- the life cycle */

static void
test_what_cannot_be_now_says_so(void **state)
{
	(void)state;
	bring_to(&w, S(NEW));
	REFUSED(&w, SK_STATE_WRONG, "header.kind", 0,
	    .kind = K(ANALYSIS), .sender = TEAM);
	REFUSED(&w, SK_STATE_WRONG, "header.kind", 0,
	    .kind = K(ROUTE_DECISION), .sender = TEAM);
	bring_to(&w, S(OFFERED));
	REFUSED(&w, SK_STATE_WRONG, "header.kind", 0,
	    .kind = K(START), .sender = HELP_A, .to = { TEAM });
	bring_to(&w, S(ACCEPTED));
	REFUSED(&w, SK_STATE_WRONG, "header.reply_to", 0,
	    .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	bring_to(&w, S(ENDED));
	REFUSED(&w, SK_STATE_WRONG, "header.kind", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	bring_to(&w, S(STARTED));
	REFUSED(&w, SK_STATE_WRONG, "header.reply_to", 0,
	    .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
}

static void
test_a_closed_case_takes_receipts_only(void **state)
{
	static const Sk__CaseState closed[] = { S(CLOSED),
		S(CLOSED_OTHER_ROUTE) };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		bring_to(&w, closed[i]);
		REFUSED(&w, SK_CASE_CLOSED, "header.case_ref", 0,
		    .kind = K(TRIAGE), .sender = TEAM);
		REFUSED(&w, SK_CASE_CLOSED, "header.case_ref", 0,
		    .kind = K(HEARING_NOTICE), .sender = COURT,
		    .to = { TEAM });
		REFUSED(&w, SK_CASE_CLOSED, "header.case_ref", 0,
		    .kind = K(CLOSE), .sender = TEAM, .to = { COURT });
		ACCEPTED(&w, .kind = K(RECEIPT_OF), .sender = COURT,
		    .to = { TEAM });
	}
}

/* rule: R3 */
static void
test_a_triage_answers_every_domain(void **state)
{
	char *hint = w.decision.refusal.hint;

	(void)state;
	bring_to(&w, S(NEW));
	for (size_t missing = 0; missing < CASE_DOMAINS; missing++) {
		Sk__Facts *f = good_facts(&w, K(TRIAGE));

		f->triage->domains[missing] =
		    f->triage->domains[CASE_DOMAINS - 1];
		f->triage->n_domains = CASE_DOMAINS - 1;
		REFUSED(&w, SK_TRIAGE_INCOMPLETE, "facts.triage.domains", 0,
		    .kind = K(TRIAGE), .sender = TEAM, .facts = f);
		if (missing == 8)
			assert_non_null(strstr(hint, "HOUSING"));
	}
	assert_non_null(strstr(hint, "NETWORK"));
}

/* rule: R2 rule: R7 rule: R14 rule: R20 */
static void
test_no_referral_before_its_gates(void **state)
{
	(void)state;
	use_catalogue();
	bring_to(&w, S(NEW));
	REFUSED(&w, SK_TRIAGE_MISSING, "header.kind", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(TRIAGE), .sender = TEAM);
	REFUSED(&w, SK_ROUTE_MISSING, "header.kind", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .facts = route_of(SK__ROUTE__YOUTH_SPECIALIST));
	REFUSED(&w, SK_ANALYSIS_MISSING, "facts.referral.offering", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = referral_of("SPEC-1"));
	REFUSED(&w, SK_PLAN_MISSING, "header.kind", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = referral_of("LIGHT-1"));
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	ACCEPTED(&w, .kind = K(ANALYSIS), .sender = TEAM);
	REFUSED(&w, SK_ROUTE_MISSING, "facts.referral.offering", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = referral_of("RES-1"));
	REFUSED(&w, SK_OFFERING_UNKNOWN, "facts.referral.offering", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = referral_of("NONE"));
	REFUSED(&w, SK_OFFERING_NOT_OF_PROVIDER, "facts.referral.offering", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B },
	    .facts = referral_of("SPEC-1"));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = referral_of("SPEC-1"));
	assert_int_equal(w.row.handoff[0].level, SK__LEVEL__SPECIALIST);
	REFUSED(&w, SK_HANDOFF_OPEN, "header.recipients", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = referral_of("SPEC-1"));
}

/* rule: R2 */
static void
test_a_triage_grows_too_old(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	pass_days(&w, 180);
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	pass_days(&w, 1);
	REFUSED(&w, SK_TRIAGE_MISSING, "header.kind", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	ACCEPTED(&w, .kind = K(TRIAGE), .sender = TEAM);
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
}

static Sk__Facts *
order_with_consent(bool second_parent)
{
	Sk__Facts *f = good_facts(&w, K(COURT_ORDER));

	f->court_order->persons[2]->consent = second_parent;
	return f;
}

/* rule: R38 */
static void
test_a_separation_route_needs_both_parents(void **state)
{
	(void)state;
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = order_with_consent(false));
	ACCEPTED(&w, .kind = K(TRIAGE), .sender = TEAM);
	REFUSED(&w, SK_CONSENT_MISSING, "facts.route_decision.main", 0,
	    .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .facts = route_of(SK__ROUTE__YOUTH_AMBULANT));
	use_catalogue();
	rules.has_both_parents_consent = 1;
	rules.both_parents_consent = 0;
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .facts = route_of(SK__ROUTE__YOUTH_AMBULANT));
	rules.has_both_parents_consent = 0;
	/* a measure does not wait for consent; other help is not the court's */
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .facts = route_of(SK__ROUTE__COMPULSORY));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM, .to = { COURT },
	    .facts = route_of(SK__ROUTE__MEDIATOR));
	w.policy = NULL;
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = order_with_consent(true));
	ACCEPTED(&w, .kind = K(TRIAGE), .sender = TEAM);
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .facts = route_of(SK__ROUTE__YOUTH_AMBULANT));
}

/* rule: R14 */
static void
test_another_route_is_told_to_all(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	/* who never helped need not know */
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM, .to = { COURT },
	    .facts = route_of(SK__ROUTE__WLZ));
	bring_to(&w, S(ENDED));
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", COURT,
	    .kind = K(ROUTE_DECISION), .sender = TEAM, .to = { HELP_A },
	    .facts = route_of(SK__ROUTE__WLZ));
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", HELP_A,
	    .kind = K(ROUTE_DECISION), .sender = TEAM, .to = { COURT },
	    .facts = route_of(SK__ROUTE__WLZ));
	/* who left the network cannot be told */
	w.member[HELP_A].revoked = true;
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM, .to = { COURT },
	    .facts = route_of(SK__ROUTE__WLZ));
}

/* rule: R57 */
static void
test_nobody_waits_without_bridge_help(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(OFFERED));
	f = good_facts(&w, K(WAIT_PLACE));
	f->wait_place->bridge_help = 0;
	REFUSED(&w, SK_FIELD_INVALID, "facts.wait_place.bridge_help", 0,
	    .kind = K(WAIT_PLACE), .sender = HELP_A, .to = { TEAM },
	    .facts = f);
}

/* rule: R51 */
static void
test_help_ends_as_planned_when_every_goal_has_an_end(void **state)
{
	static const Sk__EndReason ends[] = { SK__END_REASON__AS_PLANNED,
		SK__END_REASON__GOOD_ENOUGH };
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(STARTED));
	for (size_t i = 0; i < 2; i++) {
		f = good_facts(&w, K(STOP));
		f->stop->reason = ends[i];
		f->stop->n_goals = 1;
		REFUSED(&w, SK_GOALS_NOT_FINAL, "facts.stop.goals", 0,
		    .kind = K(STOP), .sender = HELP_A, .to = { TEAM },
		    .facts = f);
		assert_non_null(strstr(w.decision.refusal.hint, "goal 2"));
	}
	f = good_facts(&w, K(STOP));
	f->stop->goals[1]->number = 3;
	REFUSED(&w, SK_FIELD_INVALID, "facts.stop.goals[1].number", 0,
	    .kind = K(STOP), .sender = HELP_A, .to = { TEAM }, .facts = f);
	f = good_facts(&w, K(STOP));
	f->stop->reason = SK__END_REASON__EARLY_BY_CLIENT;
	f->stop->n_goals = 0;
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM },
	    .facts = f);
}

/* rule: R51 */
static void
test_a_goal_of_the_court_is_not_the_plans(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(TRIAGED));
	f = good_facts(&w, K(FAMILY_PLAN));
	f->family_plan->goals[0]->number = 1;
	REFUSED(&w, SK_FIELD_INVALID, "facts.family_plan.goals[0]", 0,
	    .kind = K(FAMILY_PLAN), .sender = TEAM, .facts = f);
}

static void
test_a_case_closes_when_no_help_runs_and_the_court_is_told(void **state)
{
	static const Sk__CaseState running[] = { S(ACCEPTED), S(WAITING),
		S(STARTED) };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		bring_to(&w, running[i]);
		REFUSED(&w, SK_HELP_STILL_RUNS, "header.kind", 0,
		    .kind = K(CLOSE), .sender = TEAM, .to = { COURT });
	}
	bring_to(&w, S(OFFERED));
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", HELP_A,
	    .kind = K(CLOSE), .sender = TEAM, .to = { COURT });
	bring_to(&w, S(ENDED));
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", COURT,
	    .kind = K(CLOSE), .sender = TEAM, .to = { HELP_A });
}

/* rule: R50 */
static void
test_a_report_follows_a_request_follows_a_hearing(void **state)
{
	struct envelope_ref referral;
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(STARTED));
	referral = last_to(&w, HELP_A, K(REFERRAL));
	REFUSED(&w, SK_HEARING_MISSING, "header.kind", 0,
	    .kind = K(HEARING_REPORT_REQUEST), .sender = TEAM,
	    .to = { HELP_A });
	REFUSED(&w, SK_REPORT_NOT_ASKED, "header.reply_to", 0,
	    .kind = K(HEARING_REPORT), .sender = HELP_A, .to = { TEAM },
	    .reply_to = referral);
	ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT,
	    .to = { TEAM });
	f = good_facts(&w, K(HEARING_REPORT_REQUEST));
	f->hearing_report_request->due_date = w.row.hearing_date + 1;
	REFUSED(&w, SK_DATE_INVALID, "facts.hearing_report_request.due_date",
	    0, .kind = K(HEARING_REPORT_REQUEST), .sender = TEAM,
	    .to = { HELP_A }, .facts = f);
	f = good_facts(&w, K(HEARING_REPORT_REQUEST));
	f->hearing_report_request->due_date = w.row.hearing_date;
	ACCEPTED(&w, .kind = K(HEARING_REPORT_REQUEST), .sender = TEAM,
	    .to = { HELP_A }, .facts = f);
	REFUSED(&w, SK_REPORT_NOT_ASKED, "header.reply_to", 0,
	    .kind = K(HEARING_REPORT), .sender = HELP_A, .to = { TEAM },
	    .reply_to = referral);
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM });
	/* asked while it helped, so it may still report */
	ACCEPTED(&w, .kind = K(HEARING_REPORT), .sender = HELP_A,
	    .to = { TEAM });
}

static void
test_a_report_is_asked_of_who_helps(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT,
	    .to = { TEAM });
	REFUSED(&w, SK_RECIPIENT_WRONG, PARTICIPANT(1), 0,
	    .kind = K(HEARING_REPORT_REQUEST), .sender = TEAM,
	    .to = { HELP_B });
	REFUSED(&w, SK_RECIPIENT_WRONG, PARTICIPANT(2), 0,
	    .kind = K(HEARING_REPORT_REQUEST), .sender = TEAM,
	    .to = { HELP_A, HELP_B });
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", COURT,
	    .kind = K(COURT_REPORT), .sender = TEAM);
}

/* rule: R50 */
static void
test_a_report_for_a_hearing_is_short(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT,
	    .to = { TEAM });
	ACCEPTED(&w, .kind = K(HEARING_REPORT_REQUEST), .sender = TEAM,
	    .to = { HELP_A });
	for (int more = 1; more >= 0; more--) {
		f = good_facts(&w, K(HEARING_REPORT));
		assert_int_equal(f->n_sections, 3);
		for (size_t i = 0; i < 3; i++)
			f->sections[i]->characters = 2000;
		f->sections[2]->characters += (uint32_t)more;
		if (more)
			REFUSED(&w, SK_CONTENT_TOO_LONG, "facts.sections", 0,
			    .kind = K(HEARING_REPORT), .sender = HELP_A,
			    .to = { TEAM }, .facts = f);
		else
			ACCEPTED(&w, .kind = K(HEARING_REPORT),
			    .sender = HELP_A, .to = { TEAM }, .facts = f);
	}
	f = good_facts(&w, K(COURT_REPORT));
	f->sections[0]->characters = 6001;
	REFUSED(&w, SK_CONTENT_TOO_LONG, "facts.sections", 0,
	    .kind = K(COURT_REPORT), .sender = TEAM, .to = { COURT },
	    .facts = f);
	use_catalogue();
	f = good_facts(&w, K(COURT_REPORT));
	f->court_report->advice = SK__ADVICE__ADVISE_OTHER_OFFERING;
	f->court_report->offering = text(&w, "NONE");
	REFUSED(&w, SK_OFFERING_UNKNOWN, "facts.court_report.offering", 0,
	    .kind = K(COURT_REPORT), .sender = TEAM, .to = { COURT },
	    .facts = f);
}

static void
test_a_provider_acts_on_its_own_handoffs_only(void **state)
{
	(void)state;
	use_catalogue();
	rules.has_court_refers_direct = rules.court_refers_direct = 1;
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT,
	    .to = { TEAM, HELP_B });
	ACCEPTED(&w, .kind = K(TRIAGE), .sender = TEAM);
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM, .to = { HELP_B });
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	REFUSED(&w, SK_HANDOFF_UNKNOWN, "header.case_ref", 0,
	    .kind = K(START), .sender = HELP_B, .to = { TEAM },
	    .reply_to = w.row.ref);
}

/* ---- dates */

static void
test_dates_stay_within_reason(void **state)
{
	int32_t day = today(&w);
	Sk__Facts *f;

	(void)state;
	REFUSED(&w, SK_DATE_INVALID, "header.event_date", 0,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .date = day + 2);
	REFUSED(&w, SK_DATE_INVALID, "header.event_date", 0,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .date = day - 1828);
	f = good_facts(&w, K(COURT_ORDER));
	f->court_order->has_hearing_date = 1;
	f->court_order->hearing_date = day - 1;
	REFUSED(&w, SK_DATE_INVALID, "facts.court_order.hearing_date", 0,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = f);
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .date = day - 1827);
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .date = day + 1);
	f = good_facts(&w, K(HEARING_NOTICE));
	f->hearing_notice->hearing_date = day;
	REFUSED(&w, SK_DATE_INVALID, "facts.hearing_notice.hearing_date", 0,
	    .kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM },
	    .facts = f);
	REFUSED(&w, SK_DATE_INVALID, "header.event_date", 0,
	    .kind = K(TRIAGE), .sender = TEAM, .date = day + 1);
	bring_to(&w, S(OFFERED));
	f = good_facts(&w, K(ACCEPT));
	f->accept->intake_date = w.row.order_date - 1;
	REFUSED(&w, SK_DATE_INVALID, "facts.accept.intake_date", 0,
	    .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM }, .facts = f);
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	REFUSED(&w, SK_DATE_INVALID, "header.event_date", 0,
	    .kind = K(START), .sender = HELP_A, .to = { TEAM },
	    .date = day + 1);
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM });
	REFUSED(&w, SK_DATE_INVALID, "header.event_date", 0,
	    .kind = K(STOP), .sender = HELP_A, .to = { TEAM },
	    .date = day + 1);
	REFUSED(&w, SK_DATE_INVALID, "header.event_date", 0,
	    .kind = K(STOP), .sender = HELP_A, .to = { TEAM },
	    .date = day - 1);
}

/* ---- facts that did not pass through facts_decode */

static void
test_absent_facts_are_refused(void **state)
{
	Sk__Facts none = SK__FACTS__INIT;
	struct message m = { .kind = K(COURT_ORDER), .sender = COURT,
		.to = { TEAM }, .facts = &none };

	(void)state;
	assert_int_equal(decide_message(&w, &m)->refusal.code,
	    SK_FIELD_MISSING);
	assert_string_equal(w.decision.refusal.field, "facts.court_order");
	bring_to(&w, S(NEW));
	m = (struct message){ .kind = K(TRIAGE), .sender = TEAM,
		.facts = &none };
	assert_int_equal(decide_message(&w, &m)->refusal.code,
	    SK_FIELD_MISSING);
	assert_string_equal(w.decision.refusal.field, "facts.triage");
}

/* rule: R41 */
static void
test_an_order_has_one_child_and_goals_of_the_court(void **state)
{
	Sk__Facts *f;

	(void)state;
	f = good_facts(&w, K(COURT_ORDER));
	f->court_order->persons[1]->role = SK__PERSON_ROLE__CHILD;
	REFUSED(&w, SK_FIELD_INVALID, "facts.court_order.persons", 0,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = f);
	f = good_facts(&w, K(COURT_ORDER));
	f->court_order->n_goals = 0;
	REFUSED(&w, SK_FIELD_MISSING, "facts.court_order.goals", 0,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = f);
	f = good_facts(&w, K(COURT_ORDER));
	f->court_order->goals[0]->setter = SK__GOAL_SETTER__SET_BY_ACCESS;
	REFUSED(&w, SK_FIELD_INVALID, "facts.court_order.goals[0]", 0,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = f);
	f = good_facts(&w, K(COURT_ORDER));
	for (int i = 0; i < 6; i++)
		ADD(&w, &f->court_order->n_persons, &f->court_order->persons,
		    person(&w, SK__PERSON_ROLE__PARENT, 20 + i, true));
	REFUSED(&w, SK_CASE_FULL, "facts.court_order.persons", 0,
	    .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = f);
}

/* ---- limits, each at its edge */

static void
offer_and_decline(uint64_t provider)
{
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { provider });
	ACCEPTED(&w, .kind = K(DECLINE), .sender = provider, .to = { TEAM });
}

static void
test_a_case_holds_so_many_offers(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	for (int i = 0; i < CASE_HANDOFFS_MAX; i++)
		offer_and_decline(HELP_A);
	REFUSED(&w, SK_CASE_FULL, "header.case_ref", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
}

static void
test_a_case_holds_so_many_participants(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	for (uint64_t i = 2; i < CASE_PARTICIPANTS_MAX; i++) {
		enrol(&w, 60 + i, SK__ROLE__PROVIDER, "42429999");
		offer_and_decline(60 + i);
	}
	assert_int_equal(w.row.participants, CASE_PARTICIPANTS_MAX);
	REFUSED(&w, SK_CASE_FULL, "header.case_ref", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	offer_and_decline(62);
}

static void
test_a_case_holds_so_many_terms(void **state)
{
	Sk__Facts *f;
	uint64_t i;

	(void)state;
	bring_to(&w, S(ROUTED));
	for (i = 0; i < 17; i++) {
		enrol(&w, 60 + i, SK__ROLE__PROVIDER, "42429999");
		ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM,
		    .to = { 60 + i });
	}
	REFUSED(&w, SK_CASE_FULL, "header.case_ref", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	/* there is room for every term of the whole case beside these */
	f = good_facts(&w, K(HEARING_NOTICE));
	ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM },
	    .facts = f);
	assert_int_equal(w.row.timers, 34 + 3);
}

static void
test_a_spent_arena_is_a_refusal_not_a_crash(void **state)
{
	static const size_t sizes[] = { 0, 64, 200, 400, 800, 1200 };
	struct message m = { .kind = K(COURT_ORDER), .sender = COURT,
		.to = { TEAM } };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		arena_init(&w.arena, w.memory, sizes[i]);
		assert_int_equal(decide_message(&w, &m)->refusal.code,
		    SK_NO_MEMORY);
		arena_reset(&w.facts_arena);
	}
}

static void
test_an_unknown_event_is_refused(void **state)
{
	struct event event = { .kind = SK__EVENT_KIND__FOUNDING,
		.instant = w.now };
	struct view view = world_view(&w, true);

	(void)state;
	decide(&view, &event, &w.arena, &w.decision);
	assert_int_equal(w.decision.refusal.code, SK_KIND_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_a_court_that_goes_to_a_provider_is_told_the_team),
		T(test_an_order_goes_to_the_team_of_the_municipality),
		T(test_only_the_right_role_says_a_kind),
		T(test_strangers_learn_nothing_of_a_case),
		T(test_every_recipient_is_checked),
		T(test_an_enrolment_ends_with_its_last_day),
		T(test_the_team_reads_all_that_others_say),
		T(test_who_said_no_is_not_told_more_of_the_family),
		T(test_an_answer_names_what_it_answers),
		T(test_a_receipt_is_not_confirmed),
		T(test_a_message_of_another_case_is_not_answered_here),
		T(test_what_cannot_be_now_says_so),
		T(test_a_closed_case_takes_receipts_only),
		T(test_a_triage_answers_every_domain),
		T(test_no_referral_before_its_gates),
		T(test_a_triage_grows_too_old),
		T(test_a_separation_route_needs_both_parents),
		T(test_another_route_is_told_to_all),
		T(test_nobody_waits_without_bridge_help),
		T(test_help_ends_as_planned_when_every_goal_has_an_end),
		T(test_a_goal_of_the_court_is_not_the_plans),
		T(test_a_case_closes_when_no_help_runs_and_the_court_is_told),
		T(test_a_report_follows_a_request_follows_a_hearing),
		T(test_a_report_is_asked_of_who_helps),
		T(test_a_report_for_a_hearing_is_short),
		T(test_a_provider_acts_on_its_own_handoffs_only),
		T(test_dates_stay_within_reason),
		T(test_absent_facts_are_refused),
		T(test_an_order_has_one_child_and_goals_of_the_court),
		T(test_a_case_holds_so_many_offers),
		T(test_a_case_holds_so_many_participants),
		T(test_a_case_holds_so_many_terms),
		T(test_a_spent_arena_is_a_refusal_not_a_crash),
		T(test_an_unknown_event_is_refused),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
