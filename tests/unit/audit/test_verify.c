/*
 * What a broker that forges its own journal could try, held against verify: it
 * appends and signs as it likes, but has no operator's key.
 */
#include "tests/unit/engine/bench.h"

#include "agents/audit/verify.h"

static struct verify_report report;

static bool
holds(void)
{
	struct fault fault = { 0 };

	OK(verify_journal(b.journal, &report, &fault));
	return report.holds;
}

static void
expect_wrong(const char *what)
{
	assert_false(holds());
	if (strstr(report.what, what) == NULL)
		fail_msg("not \"%s\" but \"%s\"", what, report.what);
}

/* Into the journal past the engine, which would not write it. */
static void
forge(struct leaf *leaf, const struct append *extra)
{
	static uint8_t bytes[LEAF_BYTES_MAX];
	struct append append = { 0 };
	uint8_t hash[DIGEST_SIZE];
	uint64_t position;
	size_t size;

	if (extra != NULL)
		append = *extra;
	leaf->format = LEAF_FORMAT;
	leaf->instant = b.now;
	leaf->epoch = journal_epoch(b.journal);
	leaf->rules_version = RULES_VERSION;
	OK(leaf_encode(leaf, bytes, &size));
	append.leaf = (struct span){ bytes, size };
	OK(journal_begin(b.journal));
	OK(journal_append(b.journal, &append, b.now, &position, hash));
	OK(journal_commit(b.journal));
}

/* A command as it stands in the journal, accepted. */
static void
forge_command(const Sk__SignedCommand *command)
{
	static uint8_t bytes[LEAF_BYTES_MAX], packed[32];
	struct append extra = { .operator_key_id =
		command->approvals[0]->key_id.data,
		.sequence = command->approvals[0]->sequence };
	Sk__Outcome outcome = SK__OUTCOME__INIT;
	struct leaf leaf = { .kind = SK__EVENT_KIND__CONTROL_EVENT };

	outcome.has_accepted = outcome.accepted = 1;
	leaf.body = (struct span){ bytes,
		sk__signed_command__pack(command, bytes) };
	leaf.outcome = (struct span){ packed,
		sk__outcome__pack(&outcome, packed) };
	forge(&leaf, &extra);
}

static void
take_look(Sk__Command *command)
{
	static Sk__Look look;

	sk__command__init(command);
	sk__look__init(&look);
	look.has_person = 1;
	look.person = 1;
	look.ground = (char *)(uintptr_t)"toezicht";
	command->look = &look;
}

/* ---- operators */

static void
test_a_command_of_two_operators_holds(void **state)
{
	Sk__Command command;

	(void)state;
	take_look(&command);
	assert_int_equal(bench_command(&command), SK_OK);
	bench_commit();
	assert_true(holds());
}

static void
test_one_operator_is_no_two(void **state)
{
	Sk__Command command;

	(void)state;
	take_look(&command);
	forge_command(bench_sign_command(&command, 1, b.now + DAY_MS));
	expect_wrong("1 operators signed");
}

static void
test_one_operator_who_signs_twice_is_no_two(void **state)
{
	Sk__SignedCommand *one, *other;
	Sk__Command command;

	(void)state;
	take_look(&command);
	one = bench_sign_command(&command, 1, b.now + DAY_MS);
	b.sequence[0]++;
	other = bench_sign_command(&command, 1, b.now + DAY_MS);
	OK(arena_append(&b.letters, &one->n_approvals,
	    (void ***)(void *)&one->approvals, other->approvals[0]));
	forge_command(one);
	expect_wrong("1 operators signed");
}

static void
test_the_clock_of_a_real_journal_is_not_stepped(void **state)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__StepClock step = SK__STEP_CLOCK__INIT;

	(void)state;
	step.has_to = 1;
	step.to = b.now + DAY_MS;
	command.step_clock = &step;
	forge_command(bench_sign_command(&command, OPERATORS,
	    b.now + DAY_MS));
	expect_wrong("clock of a real journal");
}

/* ---- what commands bring */

static void
make_figures(Sk__QuarterFigures *q)
{
	sk__quarter_figures__init(q);
	q->quarter = (char *)(uintptr_t)"2025Q1";
	q->has_part = q->has_parts = 1;
	q->part = q->parts = 1;
}

static void
forge_quarter(Sk__QuarterFigures *q)
{
	static uint8_t bytes[256];
	struct leaf leaf = { .kind = SK__EVENT_KIND__QUARTER_CLOSED };

	leaf.body = (struct span){ bytes,
		sk__quarter_figures__pack(q, bytes) };
	forge(&leaf, NULL);
}

static void
test_figures_that_no_operator_closed_are_found(void **state)
{
	Sk__QuarterFigures q;

	(void)state;
	make_figures(&q);
	forge_quarter(&q);
	expect_wrong("only a command brings it");
}

static void
test_other_figures_than_the_operators_signed_are_found(void **state)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__QuarterFigures q;

	(void)state;
	make_figures(&q);
	command.close_quarter = &q;
	forge_command(bench_sign_command(&command, OPERATORS,
	    b.now + DAY_MS));
	q.quarter = (char *)(uintptr_t)"2025Q2";
	forge_quarter(&q);
	expect_wrong("not what the command before it asks for");
}

static void
test_what_a_command_asks_for_cannot_be_left_out(void **state)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__QuarterFigures q;

	(void)state;
	make_figures(&q);
	command.close_quarter = &q;
	forge_command(bench_sign_command(&command, OPERATORS,
	    b.now + DAY_MS));
	expect_wrong("ends before what this command asks for");
}

/* ---- the policy that held */

static void
test_an_entry_under_a_policy_that_did_not_hold_is_found(void **state)
{
	struct leaf leaf = { .kind = SK__EVENT_KIND__UNSIGNED_EVENT,
		.policy_version = 1 };
	Sk__UnsignedBody body = SK__UNSIGNED_BODY__INIT;
	static uint8_t bytes[64];

	(void)state;
	body.has_participant = 1;
	body.participant = COURT;
	leaf.body = (struct span){ bytes,
		sk__unsigned_body__pack(&body, bytes) };
	forge(&leaf, NULL);
	expect_wrong("it names policy 1, and 0 held");
}

static void
test_entries_under_each_policy_hold(void **state)
{
	Sk__Policy policy = SK__POLICY__INIT;

	(void)state;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	policy.region = (char *)(uintptr_t)"veld";
	assert_int_equal(bench_set_policy(&policy, 0), SK_OK);
	SAID(.kind = K(TRIAGE), .sender = TEAM);
	bench_commit();
	assert_true(holds());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test_real(test_a_command_of_two_operators_holds),
		bench_test_real(test_one_operator_is_no_two),
		bench_test_real(test_one_operator_who_signs_twice_is_no_two),
		bench_test_real(
		    test_the_clock_of_a_real_journal_is_not_stepped),
		bench_test_real(test_figures_that_no_operator_closed_are_found),
		bench_test_real(
		    test_other_figures_than_the_operators_signed_are_found),
		bench_test_real(
		    test_what_a_command_asks_for_cannot_be_left_out),
		bench_test(
		    test_an_entry_under_a_policy_that_did_not_hold_is_found),
		bench_test(test_entries_under_each_policy_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
