/*
 * Every decision names what it was taken by.
 */
#include "bench.h"

/* rule: R76 */
static void
test_every_decision_names_the_policy_that_it_used(void **state)
{
	Sk__Policy policy = SK__POLICY__INIT;
	Sk__Rules rules = SK__RULES__INIT;
	struct leaf leaf;
	uint64_t first;

	(void)state;
	policy.region = (char *)(uintptr_t)"veld";
	policy.rules = &rules;
	OK(bench_set_policy(&policy, 0));
	bench_commit();
	first = journal_size(b.journal);
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	bench_commit();
	assert_int_equal(bench_kind_at(first, &leaf),
	    SK__EVENT_KIND__ENVELOPE_EVENT);
	assert_int_equal(leaf.policy_version, 1);
	OK(bench_set_policy(&policy, 1));
	bench_commit();
	first = journal_size(b.journal);
	SAID(.kind = K(TRIAGE), .sender = TEAM);
	bench_commit();
	assert_int_equal(bench_kind_at(first, &leaf),
	    SK__EVENT_KIND__ENVELOPE_EVENT);
	assert_int_equal(leaf.policy_version, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_every_decision_names_the_policy_that_it_used,
		    bench_setup, bench_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
