#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "proto/civil.h"

static const struct civil_holidays plain, all = { true, true };

static int32_t
date(const char *text)
{
	int32_t parsed = 0;

	if (!civil_date_parse(text, &parsed))
		fail_msg("no date: %s", text);
	return parsed;
}

static int64_t
instant(const char *text)
{
	int64_t parsed = 0;

	if (!civil_instant_parse(text, &parsed))
		fail_msg("no instant: %s", text);
	return parsed;
}

static void
test_every_date_of_three_centuries_splits_and_joins(void **state)
{
	struct civil_day before = { 1899, 12, 31 };
	char text[CIVIL_DATE_TEXT_MAX];
	int32_t back;

	(void)state;
	for (int32_t d = CIVIL_DATE_MIN; d <= CIVIL_DATE_MAX; d++) {
		struct civil_day s = civil_split(d);

		assert_int_equal(civil_date(s.year, s.month, s.day), d);
		assert_true(civil_date_valid(s.year, s.month, s.day));
		assert_true(s.day == before.day + 1 || s.day == 1);
		assert_int_equal(civil_weekday(d), (d + 25567) % 7);
		civil_date_text(d, text);
		assert_true(civil_date_parse(text, &back) && back == d);
		assert_int_equal(civil_date_at(civil_day_start(d)), d);
		assert_int_equal(civil_date_at(civil_day_start(d) - 1), d - 1);
		assert_true(civil_day_end(d) == civil_day_start(d + 1));
		before = s;
	}
	assert_int_equal(CIVIL_DATE_MIN, date("1900-01-01"));
	assert_int_equal(CIVIL_DATE_MAX, date("2199-12-31"));
	assert_int_equal(0, date("1970-01-01"));
	assert_int_equal(civil_weekday(0), 3);	/* a Thursday */
}

static void
test_leap_years_are_gregorian(void **state)
{
	static const struct { int year; bool leap; } cases[] = {
		{ 1900, false }, { 1904, true }, { 2000, true },
		{ 2023, false }, { 2024, true }, { 2026, false },
		{ 2100, false }, { 2196, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(civil_date_valid(cases[i].year, 2, 29),
		    cases[i].leap);
		assert_int_equal(civil_date(cases[i].year, 3, 1) -
		    civil_date(cases[i].year, 2, 28), cases[i].leap ? 2 : 1);
	}
}

static void
test_what_is_no_date_is_refused(void **state)
{
	static const char *const wrong[] = { "", "2026-02-29", "2026-13-01",
		"2026-00-01", "2026-01-00", "2026-01-32", "2026-04-31",
		"1899-12-31", "2200-01-01", "2026-1-1", "26-01-01",
		"2026-01-01 ", " 2026-01-01", "2026/01/01", "2026-01-1x",
		"20260101", "+026-01-01", "02026-01-01" };
	int32_t d = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(civil_date_parse(wrong[i], &d));
	assert_int_equal(d, 7);
	assert_false(civil_date_valid(2026, INT32_MAX, 1));
	assert_false(civil_date_valid(2026, 1, INT32_MIN));
	assert_false(civil_date_valid(INT32_MIN, 1, 1));
}

static void
test_summer_time_changes_at_one_utc_on_its_sundays(void **state)
{
	static const struct { const char *at, *local; } cases[] = {
		{ "2026-03-29T00:59:59.999Z", "29-03-2026 01:59" },
		{ "2026-03-29T01:00:00.000Z", "29-03-2026 03:00" },
		{ "2026-10-25T00:59:59.999Z", "25-10-2026 02:59" },
		{ "2026-10-25T01:00:00.000Z", "25-10-2026 02:00" },
		{ "2024-03-31T00:59:59.999Z", "31-03-2024 01:59" },
		{ "2024-03-31T01:00:00.000Z", "31-03-2024 03:00" },
		{ "2024-10-27T01:00:00.000Z", "27-10-2024 02:00" },
		/* until 1995 it ended in September */
		{ "1995-09-24T00:59:59.999Z", "24-09-1995 02:59" },
		{ "1995-09-24T01:00:00.000Z", "24-09-1995 02:00" },
		{ "1996-10-27T00:59:59.999Z", "27-10-1996 02:59" },
		{ "1981-03-29T01:00:00.000Z", "29-03-1981 03:00" },
		/* before 1981 standard time alone */
		{ "1980-07-01T12:00:00.000Z", "01-07-1980 13:00" },
		{ "2025-12-31T22:59:59.999Z", "31-12-2025 23:59" },
		{ "2025-12-31T23:00:00.000Z", "01-01-2026 00:00" },
	};
	char text[CIVIL_INSTANT_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		civil_local_text(instant(cases[i].at), text);
		assert_string_equal(text, cases[i].local);
	}
}

static void
test_days_last_23_24_or_25_hours(void **state)
{
	static const struct {
		const char *day, *start, *end;
	} cases[] = {
		{ "2026-03-28", "2026-03-27T23:00:00.000Z", "2026-03-28T23:00:00.000Z" },
		{ "2026-03-29", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z" },
		{ "2026-07-01", "2026-06-30T22:00:00.000Z", "2026-07-01T22:00:00.000Z" },
		{ "2026-10-25", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z" },
		{ "2026-10-26", "2026-10-25T23:00:00.000Z", "2026-10-26T23:00:00.000Z" },
	};
	char text[CIVIL_INSTANT_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		civil_instant_text(civil_day_start(date(cases[i].day)), text);
		assert_string_equal(text, cases[i].start);
		civil_instant_text(civil_day_end(date(cases[i].day)), text);
		assert_string_equal(text, cases[i].end);
	}
}

static void
test_easter_is_that_of_the_almanac(void **state)
{
	static const char *const easter[] = {
		"2015-04-05", "2016-03-27", "2017-04-16", "2018-04-01",
		"2019-04-21", "2020-04-12", "2021-04-04", "2022-04-17",
		"2023-04-09", "2024-03-31", "2025-04-20", "2026-04-05",
		"2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21",
		"2031-04-13", "2032-03-28", "2033-04-17", "2034-04-09",
		"2035-03-25",
		/* the edges of the computus */
		"1954-04-18", "1981-04-19", "2038-04-25", "2049-04-18",
		"2076-04-19", "2106-04-18",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(easter) / sizeof(easter[0]); i++) {
		int32_t d = date(easter[i]);

		assert_int_equal(civil_easter(civil_split(d).year), d);
	}
	for (int year = 1900; year < 2200; year++)
		assert_int_equal(civil_weekday(civil_easter(year)), 6);
}

static void
test_holidays_are_those_of_the_netherlands(void **state)
{
	static const struct { const char *day; bool plain, all; } cases[] = {
		{ "2026-01-01", true, true }, { "2026-01-02", false, false },
		{ "2026-04-03", false, true },	/* Good Friday */
		{ "2026-04-04", false, false },
		{ "2026-04-05", true, true }, { "2026-04-06", true, true },
		{ "2026-04-27", true, true },
		{ "2025-04-27", false, false },	/* a Sunday: */
		{ "2025-04-26", true, true },
		{ "2014-04-26", true, true },	/* the first King's day */
		{ "2014-04-30", false, false },
		{ "2013-04-30", true, true }, { "2013-04-27", false, false },
		{ "2006-04-29", true, true }, { "2006-04-30", false, false },
		{ "2025-05-05", true, true },	/* lustrum */
		{ "2026-05-05", false, true }, { "2030-05-05", true, true },
		{ "2026-05-14", true, true },	/* Ascension */
		{ "2026-05-15", false, false },
		{ "2026-05-24", true, true }, { "2026-05-25", true, true },
		{ "2026-12-24", false, false }, { "2026-12-25", true, true },
		{ "2026-12-26", true, true }, { "2026-12-31", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(civil_is_holiday(date(cases[i].day), &plain),
		    cases[i].plain);
		assert_int_equal(civil_is_holiday(date(cases[i].day), &all),
		    cases[i].all);
	}
}

static void
test_working_days_skip_weekends_and_holidays(void **state)
{
	static const struct { const char *from; int n; const char *to; } cases[] = {
		{ "2026-03-02", 0, "2026-03-02" },
		{ "2026-03-02", 1, "2026-03-03" },
		{ "2026-03-02", 5, "2026-03-09" },
		{ "2026-03-07", 1, "2026-03-09" },	/* from a Saturday */
		{ "2026-03-09", -1, "2026-03-06" },
		{ "2026-03-09", -5, "2026-03-02" },
		/* across New Year: Thursday 1 January does not count */
		{ "2025-12-31", 1, "2026-01-02" },
		{ "2025-12-24", 3, "2025-12-31" },	/* 29, 30, 31 */
		{ "2025-12-24", 4, "2026-01-02" },
		{ "2025-12-24", 5, "2026-01-05" },
		{ "2026-01-05", -5, "2025-12-24" },
		/* across Easter */
		{ "2026-04-02", 1, "2026-04-03" },
		{ "2026-04-02", 2, "2026-04-07" },
		/* the lead time of a hearing report */
		{ "2026-06-15", -15, "2026-05-22" },
		{ "2199-12-31", 5, "2199-12-31" },	/* stops at the edge */
		{ "1900-01-01", -5, "1900-01-01" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(civil_add_workdays(date(cases[i].from),
		    cases[i].n, &plain), date(cases[i].to));
	assert_int_equal(civil_add_workdays(date("2026-04-02"), 1, &all),
	    date("2026-04-07"));
	assert_int_equal(civil_add_workdays(0, INT32_MAX, &plain),
	    CIVIL_DATE_MAX);
	assert_int_equal(civil_add_workdays(0, INT32_MIN, &plain),
	    CIVIL_DATE_MIN);
	assert_false(civil_is_workday(date("2026-03-07"), &plain));
	assert_true(civil_is_workday(date("2026-03-06"), &plain));
}

static void
test_instants_have_one_text_and_milliseconds_may_be_left_out(void **state)
{
	static const char *const wrong[] = { "", "2026-03-31",
		"2026-03-31T23:59:59.999", "2026-03-31T24:00:00.000Z",
		"2026-03-31T23:60:00.000Z", "2026-03-31T23:59:60.000Z",
		"2026-03-31T23:59:59.99Z", "2026-03-31T23:59:59.Z",
		"2026-03-31 23:59:59.999Z", "2026-03-31T23:59:59.999Zx",
		"2026-03-31T23:59:59+02:00", "2026-02-29T00:00:00Z" };
	char text[CIVIL_INSTANT_TEXT_MAX];
	int64_t at = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(civil_instant_parse(wrong[i], &at));
	assert_int_equal(at, 7);
	civil_instant_text(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000Z");
	civil_instant_text(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
	civil_instant_text(instant("2026-03-31T23:59:59.999Z"), text);
	assert_string_equal(text, "2026-03-31T23:59:59.999Z");
	assert_int_equal(instant("1970-01-01T00:00:01Z"), 1000);
}

static void
test_wild_values_do_not_overflow(void **state)
{
	char text[CIVIL_INSTANT_TEXT_MAX];

	(void)state;
	assert_true(civil_date_at(INT64_MAX) > CIVIL_DATE_MAX);
	assert_true(civil_date_at(INT64_MIN) < CIVIL_DATE_MIN);
	assert_true(civil_day_start(INT32_MAX) > civil_day_start(0));
	assert_true(civil_day_end(INT32_MAX) > civil_day_start(0));
	assert_true(civil_day_start(INT32_MIN) < civil_day_start(0));
	civil_instant_text(INT64_MAX, text);
	civil_instant_text(INT64_MIN, text);
	civil_local_text(INT64_MAX, text);
	civil_local_text(INT64_MIN, text);
	civil_date_text(INT32_MAX, text);
	civil_date_text(INT32_MIN, text);
	(void)civil_weekday(INT32_MAX);
	assert_in_range(civil_weekday(INT32_MIN), 0, 6);
}

static void
test_a_month_without_that_day_ends_on_its_last(void **state)
{
	static const struct { struct civil_day from; int n; struct civil_day to; }
	    t[] = {
		{ { 2026, 2, 16 }, 3, { 2026, 5, 16 } },
		{ { 2025, 11, 30 }, 3, { 2026, 2, 28 } },
		{ { 2027, 11, 29 }, 3, { 2028, 2, 29 } },
		{ { 2027, 11, 30 }, 3, { 2028, 2, 29 } },
		{ { 2026, 5, 31 }, 1, { 2026, 6, 30 } },
		{ { 2026, 12, 31 }, 12, { 2027, 12, 31 } },
		{ { 2026, 7, 31 }, 0, { 2026, 7, 31 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(civil_add_months(civil_date(t[i].from.year,
		    t[i].from.month, t[i].from.day), t[i].n),
		    civil_date(t[i].to.year, t[i].to.month, t[i].to.day));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_date_of_three_centuries_splits_and_joins),
		cmocka_unit_test(test_leap_years_are_gregorian),
		cmocka_unit_test(test_what_is_no_date_is_refused),
		cmocka_unit_test(test_a_month_without_that_day_ends_on_its_last),
		cmocka_unit_test(
		    test_summer_time_changes_at_one_utc_on_its_sundays),
		cmocka_unit_test(test_days_last_23_24_or_25_hours),
		cmocka_unit_test(test_easter_is_that_of_the_almanac),
		cmocka_unit_test(test_holidays_are_those_of_the_netherlands),
		cmocka_unit_test(test_working_days_skip_weekends_and_holidays),
		cmocka_unit_test(
		    test_instants_have_one_text_and_milliseconds_may_be_left_out),
		cmocka_unit_test(test_wild_values_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
