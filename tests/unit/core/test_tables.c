#include "world.h"

static struct world w;

static const struct { uint64_t participant; Sk__Role role; } speakers[] = {
	{ TEAM, SK__ROLE__ACCESS }, { HELP_A, SK__ROLE__PROVIDER },
	{ COURT, SK__ROLE__COURT }, { CERTIFIED, SK__ROLE__GI },
	{ PROTECTION, SK__ROLE__RVDK }, { EXPERTS, SK__ROLE__RET },
	{ EXPERTISE, SK__ROLE__BOEG }, { AUDIT, SK__ROLE__AUDITOR },
	{ REGIONAL, SK__ROLE__REGION },
};
#define SPEAKERS (sizeof(speakers) / sizeof(speakers[0]))

/* Three offers beside each other, so that every answer finds one that can be
 * answered in that way; a hearing, and in STARTED a request. */
static void
bring_richly_to(Sk__CaseState state)
{
	static const uint64_t helpers[] = { HELP_A, HELP_B, HELP_C };

	world_init(&w);
	bring_to(&w, state < S(OFFERED) || state > S(STARTED) ? state :
	    S(ROUTED));
	if (state >= S(OFFERED) && state <= S(STARTED)) {
		for (size_t i = 0; i < 3; i++)
			ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM,
			    .to = { helpers[i] });
		if (state > S(OFFERED))
			ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_C,
			    .to = { TEAM });
		if (state == S(WAITING))
			ACCEPTED(&w, .kind = K(WAIT_PLACE), .sender = HELP_A,
			    .to = { TEAM });
		else if (state > S(OFFERED))
			ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A,
			    .to = { TEAM });
		if (state == S(STARTED))
			ACCEPTED(&w, .kind = K(START), .sender = HELP_A,
			    .to = { TEAM, COURT });
	}
	if (state < S(CLOSED))
		ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT,
		    .to = { TEAM });
	if (state == S(STARTED))
		ACCEPTED(&w, .kind = K(HEARING_REPORT_REQUEST), .sender = TEAM,
		    .to = { HELP_A });
	assert_int_equal(w.row.state, state);
}

/* Also those of other roles take part here: only their role stops them. */
static void
let_take_part(uint64_t participant, Sk__Role role)
{
	struct case_participant *p;

	if (case_has_participant(&w.row, participant))
		return;
	p = &w.row.participant[w.row.participants++];
	p->participant = participant;
	p->role = (uint8_t)role;
}

#define FRESH (EXPERTS + 50)	/* a provider that was not asked yet */

static struct message
natural(Sk__Kind kind, uint64_t sender)
{
	return natural_message(&w, kind, sender,
	    kind == K(HEARING_REPORT_REQUEST) ? (uint64_t)HELP_A : FRESH);
}

static bool
in_table(Sk__CaseState state, Sk__Kind kind, Sk__Role role)
{
	size_t n;
	const struct transition *t = rules_transitions(&n);

	for (size_t i = 0; i < n; i++)
		if (t[i].kind == kind && (t[i].role == 0 || t[i].role == role) &&
		    (t[i].state == state ||
		    (t[i].state == 0 && state < S(CLOSED))))
			return true;
	return false;
}

/* Kinds that need something to have happened, each tried by tests of its own:
 * here they only have to be refused where the table has no row. */
static bool
has_a_gate(Sk__Kind kind)
{
	switch (kind) {
	case K(TRANSFER_TAKEN):
	case K(VOID):
	case K(WITHDRAW):
	case K(PAUSE):
	case K(RESUME):
	case K(CHANGE_REQUEST):
	case K(CHANGE_ANSWER):
	case K(INVESTIGATE):
	case K(CONSULT_ANSWER):
	case K(INFORMATION_ANSWER):
	case K(CONTACT_ATTEMPT):
	case K(DIRECTOR_CHANGE):
	case K(DIRECTOR_ACCEPT):
	case K(RET_REQUEST):
	case K(RET_ADVICE):
	case K(BOEG_REQUEST):
	case K(BOEG_ADVICE):
	case K(CRISIS_TAKEN):
	case K(CRISIS_REVIEW):
	case K(LINK_PERSON):
	case K(CORRECTION):
	case K(SIDE_TAKEN):
	case K(OFFERING_PROPOSAL):
	case K(OFFERING_DECISION):
	case K(CAPACITY_UPDATE):
	case K(CONSENT_ANSWER):
	case K(ERASURE_ANSWER):
	case K(ERASURE_DONE):
	case K(RESEAL):
		return true;
	default:
		return false;
	}
}

/* In the table, and yet not everything that is needed can be there. */
static bool
wants_more(Sk__CaseState state, Sk__Kind kind, uint64_t sender)
{
	const struct envelope_ref reply = natural_reply(&w, kind, sender);

	if (has_a_gate(kind))
		return true;
	if (kind == K(HEARING_REPORT))
		return state != S(STARTED);
	if (kind == K(CLOSE))
		return state >= S(ACCEPTED) && state <= S(STARTED);
	return kind_info(kind)->replies && ref_is_none(&reply);
}

static bool
any_provider_may(Sk__Kind kind, uint64_t sender)
{
	static const uint64_t helpers[] = { HELP_A, HELP_B, HELP_C };
	struct message m;

	if (sender != HELP_A) {
		m = natural(kind, sender);
		return decide_message(&w, &m)->refusal.code == SK_OK;
	}
	for (size_t i = 0; i < 3; i++) {
		m = natural(kind, helpers[i]);
		if (decide_message(&w, &m)->refusal.code == SK_OK)
			return true;
		arena_reset(&w.facts_arena);
	}
	return false;
}

static void
walk(Sk__CaseState state, Sk__Kind kind, size_t speaker)
{
	uint64_t sender = speakers[speaker].participant;
	Sk__Role role = speakers[speaker].role;
	bool accepted, due;

	enrol(&w, FRESH, SK__ROLE__PROVIDER, "42420099");
	let_take_part(sender, role);
	accepted = any_provider_may(kind, sender);
	arena_reset(&w.facts_arena);
	due = kind_names_itself(kind_info(kind)) ? rules_role_may(kind, role) :
	    in_table(state, kind, role) && !wants_more(state, kind, sender);
	if (accepted == due || (has_a_gate(kind) &&
	    (in_table(state, kind, role) ||
	    kind_has_no_case(kind_info(kind)))))
		return;
	print_error("%s in %s by %s: %s %s %s\n", kind_info(kind)->name,
	    case_state_name(state), role_name(role),
	    accepted ? "accepted" : "refused",
	    error_name(w.decision.refusal.code), w.decision.refusal.field);
	fail();
}

static void
test_what_is_not_in_the_table_is_refused_and_leaves_no_trace(void **state)
{
	static struct case_row row;

	(void)state;
	for (Sk__CaseState s = S(NEW); s <= S(CLOSED_OTHER_ROUTE); s++) {
		bring_richly_to(s);
		memcpy(&row, &w.row, sizeof(row));
		for (size_t k = 0; k < kind_count(); k++)
			for (size_t r = 0; r < SPEAKERS; r++) {
				memcpy(&w.row, &row, sizeof(row));
				walk(s, kind_at(k)->kind, r);
			}
	}
}

static void
test_every_kind_has_a_row_and_receivers(void **state)
{
	(void)state;
	for (size_t k = 0; k < kind_count(); k++) {
		Sk__Kind kind = kind_at(k)->kind;
		bool may = false, receives = false;

		for (Sk__Role r = SK__ROLE__ACCESS; r <= SK__ROLE__BROKER; r++) {
			may = may || rules_role_may(kind, r);
			receives = receives || rules_role_receives(kind, r);
		}
		assert_true(may);
		assert_int_equal(receives, !kind_is_own_record(kind) &&
		    kind != K(CATALOGUE_QUERY) && kind != K(CAPACITY_UPDATE) &&
		    kind != K(AUDIT_LOOK) && kind != K(WAITING_QUERY));
	}
	assert_false(rules_role_receives((Sk__Kind)0, SK__ROLE__ACCESS));
	assert_false(rules_role_receives((Sk__Kind)99, SK__ROLE__ACCESS));
}

static void
test_mandatory_recipients_may_receive(void **state)
{
	size_t n;
	const struct transition *t = rules_transitions(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		if (t[i].to != 0)
			assert_true(rules_role_receives(t[i].kind, t[i].to));
		/* nothing follows a closed case */
		if (t[i].state >= S(CLOSED))
			assert_int_equal(t[i].next, 0);
	}
}

static void
test_every_state_has_its_names(void **state)
{
	(void)state;
	for (Sk__CaseState s = S(NEW); s <= S(VOID); s++) {
		assert_string_not_equal(case_state_name(s), "?");
		assert_string_not_equal(case_state_dutch(s), "?");
	}
	assert_string_equal(case_state_name(S(ROUTED)), "ROUTED");
	assert_string_equal(case_state_name((Sk__CaseState)0), "?");
	assert_string_equal(case_state_dutch((Sk__CaseState)99), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_is_not_in_the_table_is_refused_and_leaves_no_trace),
		cmocka_unit_test(test_every_kind_has_a_row_and_receivers),
		cmocka_unit_test(test_mandatory_recipients_may_receive),
		cmocka_unit_test(test_every_state_has_its_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
