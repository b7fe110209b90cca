/*
 * Of a unit test's functions only those that show the rule, named in
 * SK_PLANT_ONLY with commas between them.
 */
#include "tests/rules/plant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TESTS_MAX 256

int __real__cmocka_run_group_tests(const char *name,
    const struct CMUnitTest *tests, size_t n, CMFixtureFunction setup,
    CMFixtureFunction teardown);
int __wrap__cmocka_run_group_tests(const char *name,
    const struct CMUnitTest *tests, size_t n, CMFixtureFunction setup,
    CMFixtureFunction teardown);

static bool
is_listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = list; at != NULL;
	    at = strchr(at, ',') == NULL ? NULL : strchr(at, ',') + 1)
		if (strncmp(at, name, n) == 0 &&
		    (at[n] == ',' || at[n] == '\0'))
			return true;
	return false;
}

int
__wrap__cmocka_run_group_tests(const char *name,
    const struct CMUnitTest *tests, size_t n, CMFixtureFunction setup,
    CMFixtureFunction teardown)
{
	const char *only = getenv("SK_PLANT_ONLY");
	struct CMUnitTest chosen[TESTS_MAX];
	size_t found = 0;

	if (only == NULL)
		return __real__cmocka_run_group_tests(name, tests, n, setup,
		    teardown);
	for (size_t i = 0; i < n && found < TESTS_MAX; i++)
		if (is_listed(only, tests[i].name))
			chosen[found++] = tests[i];
	if (found == 0)
		return 0;
	return __real__cmocka_run_group_tests(name, chosen, found, setup,
	    teardown);
}
