/*
 * The profiles in ops/regions, as the broker would take them. Run from the
 * top of the tree.
 */
#include "broker/core/policy.h"
#include "broker/lib/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *path;
	size_t municipalities, courts, providers, offerings;
} profiles[] = {
	{ "ops/regions/ijsselland.yaml", 11, 1, 4, 9 },
	{ "ops/regions/nederland.yaml", 342, 11, 0, 0 },
};

#define PROFILES (sizeof(profiles) / sizeof(profiles[0]))

static uint8_t memory[4u << 20];

/* The policy lies in memory until the next call. */
static const Sk__Policy *
read_profile(const char *path)
{
	ProtobufCMessage *message = NULL;
	struct yaml_fault fault = { 0 };
	struct arena arena;

	arena_init(&arena, memory, sizeof(memory));
	if (yaml_read(path, &sk__policy__descriptor, &arena, &message, NULL,
	    &fault) != SK_OK)
		fail_msg("%s", fault.text);
	return (const Sk__Policy *)message;
}

static bool
has_court(const Sk__Policy *policy, const char *corv_id)
{
	for (size_t i = 0; i < policy->n_courts; i++)
		if (strcmp(policy->courts[i]->corv_id, corv_id) == 0)
			return true;
	return false;
}

static void
test_every_profile_reads_and_does_not_contradict_itself(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	for (size_t i = 0; i < PROFILES; i++) {
		const Sk__Policy *policy = read_profile(profiles[i].path);

		if (policy_check(policy, &fault) != SK_OK)
			fail_msg("%s: %s: %s", profiles[i].path, fault.field,
			    fault.hint);
		assert_int_equal(policy->n_municipalities,
		    profiles[i].municipalities);
		assert_int_equal(policy->n_courts, profiles[i].courts);
		assert_int_equal(policy->n_providers, profiles[i].providers);
		assert_int_equal(policy->n_offerings, profiles[i].offerings);
		assert_true(policy->n_sources > 0);
	}
}

static void
test_municipalities_stand_once_by_code_under_a_court_of_the_profile(
    void **state)
{
	(void)state;
	for (size_t i = 0; i < PROFILES; i++) {
		const Sk__Policy *policy = read_profile(profiles[i].path);
		const char *last = "";

		for (size_t k = 0; k < policy->n_municipalities; k++) {
			const Sk__Municipality *m = policy->municipalities[k];

			assert_int_equal(strspn(m->code, "0123456789"), 4);
			assert_int_equal(strlen(m->code), 4);
			if (strcmp(last, m->code) >= 0)
				fail_msg("%s after %s", m->code, last);
			if (!has_court(policy, m->court))
				fail_msg("%s: no court %s", m->code, m->court);
			assert_true(m->name != NULL && m->province != NULL &&
			    m->youth_region != NULL);
			last = m->code;
		}
	}
}

/* A region is not a district: these three lie under two courts. */
static void
test_three_regions_straddle_a_border_between_courts(void **state)
{
	static const struct {
		const char *region, *code, *court;
	} cases[] = {
		{ "Food Valley", "0228", "AR0050" },		/* Ede */
		{ "Food Valley", "0345", "AR0042" },		/* Veenendaal */
		{ "Rijk van Nijmegen", "0268", "AR0050" },	/* Nijmegen */
		{ "Rijk van Nijmegen", "0944", "AR0047" },	/* Mook en Middelaar */
		{ "Midden Brabant", "0855", "AR0049" },		/* Tilburg */
		{ "Midden Brabant", "0797", "AR0048" },		/* Heusden */
	};
	const Sk__Policy *policy = read_profile(profiles[1].path);
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t k = 0; k < policy->n_municipalities; k++) {
			const Sk__Municipality *m = policy->municipalities[k];

			if (strcmp(m->code, cases[i].code) != 0)
				continue;
			assert_string_equal(m->youth_region, cases[i].region);
			assert_string_equal(m->court, cases[i].court);
			found++;
		}
	assert_int_equal(found, sizeof(cases) / sizeof(cases[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_profile_reads_and_does_not_contradict_itself),
		cmocka_unit_test(
		    test_municipalities_stand_once_by_code_under_a_court_of_the_profile),
		cmocka_unit_test(
		    test_three_regions_straddle_a_border_between_courts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
