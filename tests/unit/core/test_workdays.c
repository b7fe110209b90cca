/*
 * Working days from 2015 to 2035 against a list that was made another way.
 */
#include "world.h"
#include "workdays_table.h"

#define FREE_DAYS (sizeof(free_days) / sizeof(free_days[0]))
#define DAYS (366 * (WORKDAYS_LAST - WORKDAYS_FIRST + 1))

/* The calendar as the list has it, for one choice. */
static bool workday[DAYS];
static int32_t first, days;

static void
fill(const struct civil_holidays *choice)
{
	int32_t date;

	first = civil_date(WORKDAYS_FIRST, 1, 1);
	days = civil_date(WORKDAYS_LAST + 1, 1, 1) - first;
	for (int32_t i = 0; i < days; i++)	/* 1 January 2015: Thursday */
		workday[i] = (i + 3) % 7 < 5;
	for (size_t i = 0; i < FREE_DAYS; i++) {
		assert_true(civil_date_parse(free_days[i].date, &date));
		if (free_days[i].why == FREE ||
		    (free_days[i].why == GOOD_FRIDAY && choice->good_friday) ||
		    (free_days[i].why == FIFTH_OF_MAY &&
		    choice->liberation_day_yearly))
			workday[date - first] = false;
	}
}

static const struct civil_holidays choices[] = { { false, false },
	{ true, false }, { false, true }, { true, true } };

static void
test_every_day_is_a_working_day_or_not_as_the_list_says(void **state)
{
	char text[CIVIL_DATE_TEXT_MAX];

	(void)state;
	for (size_t c = 0; c < 4; c++) {
		fill(&choices[c]);
		for (int32_t i = 0; i < days; i++) {
			civil_date_text(first + i, text);
			if (civil_is_workday(first + i, &choices[c]) !=
			    workday[i])
				fail_msg("%s, choice %zu", text, c);
		}
	}
}

/* Count on the list, day by day. */
static int32_t
counted(int32_t at, int n)
{
	int step = n < 0 ? -1 : 1;

	for (; n != 0; n -= step)
		do
			at += step;
		while (!workday[at]);
	return at;
}

static void
test_terms_in_working_days_end_as_the_list_says(void **state)
{
	static const int terms[] = { -20, -15, -10, -5, -1, 0, 1, 2, 3, 5, 7,
		10, 15, 20, 40 };

	(void)state;
	for (size_t c = 0; c < 4; c++) {
		fill(&choices[c]);
		for (int32_t i = 60; i < days - 90; i++)
			for (size_t t = 0; t < sizeof(terms) / sizeof(int); t++)
				assert_int_equal(civil_add_workdays(first + i,
				    terms[t], &choices[c]),
				    first + counted(i, terms[t]));
	}
}

/* A few that anyone can look up. */
static void
test_the_list_itself_knows_known_days(void **state)
{
	static const char *const known[] = { "2015-04-06", "2016-03-28",
		"2018-05-10", "2024-05-20", "2025-05-05", "2025-04-26",
		"2026-04-27", "2027-05-06", "2035-03-26", "2019-04-22" };
	bool found;

	(void)state;
	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
		found = false;
		for (size_t i = 0; i < FREE_DAYS; i++)
			found = found || (free_days[i].why == FREE &&
			    strcmp(free_days[i].date, known[k]) == 0);
		if (!found)
			fail_msg("%s", known[k]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_day_is_a_working_day_or_not_as_the_list_says),
		cmocka_unit_test(
		    test_terms_in_working_days_end_as_the_list_says),
		cmocka_unit_test(test_the_list_itself_knows_known_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
