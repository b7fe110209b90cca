/*
 * What an entry with a quarter's figures may hold.
 */
#include "broker/core/quarter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/civil.h"
#include "proto/journal.pb-c.h"

static Sk__QuarterFigures q;
static Sk__QuarterRow rows[QUARTER_ROWS_MAX + 1], *row[QUARTER_ROWS_MAX + 1];
static uint32_t counts[QUARTER_ROWS_MAX + 1][2], median[1], p90[1];
static char name[QUARTER_NAME_MAX + 2];
static char *figure[] = { (char *)(uintptr_t)"STARTS",
	(char *)(uintptr_t)"CELLS_EMPTY" };
static char *spread[] = { (char *)(uintptr_t)"ORDER_START" };

static int
setup(void **state)
{
	(void)state;
	memset(counts, 0, sizeof(counts));
	median[0] = p90[0] = QUARTER_NOT;
	strcpy(name, "een gemeente");
	sk__quarter_figures__init(&q);
	q.quarter = (char *)(uintptr_t)"2026Q1";
	q.has_by = q.has_part = q.has_parts = 1;
	q.by = SK__QUARTER_BY__COUNTED_BY_MUNICIPALITY;
	q.part = q.parts = 1;
	q.n_figures = 2;
	q.figures = figure;
	q.n_spreads = 1;
	q.spreads = spread;
	q.n_rows = 2;
	q.rows = row;
	for (size_t i = 0; i <= QUARTER_ROWS_MAX; i++) {
		row[i] = &rows[i];
		sk__quarter_row__init(row[i]);
		row[i]->name = i == 0 ? NULL : name;
		row[i]->n_counts = 2;
		row[i]->counts = counts[i];
		row[i]->n_medians = row[i]->n_p90s = 1;
		row[i]->medians = median;
		row[i]->p90s = p90;
	}
	return 0;
}

static enum sk_error
checked(const char *field)
{
	struct fault fault = { 0 };
	enum sk_error rc = quarter_check(&q, civil_date(2026, 4, 1), &fault);

	assert_int_equal(rc, fault.code);
	if (rc != SK_OK)
		assert_string_equal(fault.field, field);
	return rc;
}
#define HOLDS() assert_int_equal(checked(""), SK_OK)
#define NOT(code, field) \
	assert_int_equal(checked("command.close_quarter." field), code)

static void
test_a_count_of_1_to_4_never_stands_in_an_entry(void **state)
{
	(void)state;
	for (uint32_t n = 0; n <= 6; n++) {
		counts[1][0] = QUARTER_FROM + n;
		if (n >= 1 && n < FIGURES_SHOWN_MIN)
			NOT(SK_FIELD_INVALID, "rows.counts");
		else
			HOLDS();
	}
	counts[1][0] = QUARTER_FEW;
	HOLDS();
	counts[1][0] = QUARTER_NOT;
	HOLDS();
	counts[0][1] = QUARTER_FROM + 3;	/* of things, not of children */
	HOLDS();
}

static void
test_a_quarter_is_closed_from_its_first_day_after(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	HOLDS();
	assert_int_equal(quarter_check(&q, civil_date(2026, 3, 31), &fault),
	    SK_QUARTER_RUNS);
	q.quarter = (char *)(uintptr_t)"2026Q2";
	NOT(SK_QUARTER_RUNS, "quarter");
	q.quarter = (char *)(uintptr_t)"2026q1";
	NOT(SK_FIELD_INVALID, "quarter");
	q.quarter = NULL;
	NOT(SK_FIELD_INVALID, "quarter");
}

static void
test_its_parts_rows_and_names_have_their_limits(void **state)
{
	(void)state;
	q.has_by = 0;
	NOT(SK_FIELD_MISSING, "by");
	q.has_by = 1;
	q.n_rows = QUARTER_ROWS_MAX;
	HOLDS();
	q.n_rows++;
	NOT(SK_FIELD_INVALID, "rows");
	q.n_rows = 0;
	NOT(SK_FIELD_INVALID, "rows");
	q.n_rows = 2;
	memset(name, 'n', QUARTER_NAME_MAX);
	HOLDS();
	name[QUARTER_NAME_MAX] = 'n';
	NOT(SK_FIELD_INVALID, "rows.name");
	strcpy(name, "een\033gemeente");
	NOT(SK_FIELD_INVALID, "rows.name");
	strcpy(name, "een gemeente");
	q.part = 2;
	NOT(SK_FIELD_INVALID, "part");
	q.parts = 2;
	NOT(SK_FIELD_INVALID, "rows.name");	/* of all: in part 1 alone */
	row[0]->name = name;
	q.parts = QUARTER_PARTS_MAX;
	HOLDS();
	q.parts++;
	NOT(SK_FIELD_INVALID, "part");
	q.part = 0;
	NOT(SK_FIELD_INVALID, "part");
}

static void
test_a_row_has_one_number_a_figure_of_this_build(void **state)
{
	static char *unknown[] = { (char *)(uintptr_t)"STARTS",
		(char *)(uintptr_t)"NO_SUCH_FIGURE" };

	(void)state;
	row[1]->n_counts = 1;
	NOT(SK_FIELD_INVALID, "rows");
	row[1]->n_counts = 2;
	row[1]->n_p90s = 0;
	NOT(SK_FIELD_INVALID, "rows");
	row[1]->n_p90s = 1;
	median[0] = QUARTER_FROM + FIGURES_DAYS_MAX;
	HOLDS();
	median[0]++;
	NOT(SK_FIELD_INVALID, "rows.medians");
	median[0] = 0;
	q.figures = unknown;
	NOT(SK_FIELD_INVALID, "figures");
	q.n_figures = 0;
	NOT(SK_FIELD_INVALID, "figures");
}

static void
test_a_row_whose_parts_do_not_add_up_is_refused(void **state)
{
	static char *parts[] = { (char *)(uintptr_t)"WEIGHED",
		(char *)(uintptr_t)"OWNER_MISMATCH" };
	static char *sum[] = { (char *)(uintptr_t)"ADVICE",
		(char *)(uintptr_t)"ADVICE_STOP" };

	(void)state;
	q.figures = parts;	/* a subset may be less */
	counts[1][0] = QUARTER_FROM + 9;
	counts[1][1] = QUARTER_FROM + 6;
	HOLDS();
	q.figures = sum;
	NOT(SK_FIELD_INVALID, "rows.counts");
	counts[1][1] = QUARTER_FROM + 9;
	HOLDS();
	counts[1][1] = QUARTER_NOT;	/* at least 1 */
	HOLDS();
	counts[1][0] = QUARTER_FROM;
	NOT(SK_FIELD_INVALID, "rows.counts");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    test_a_count_of_1_to_4_never_stands_in_an_entry, setup),
		cmocka_unit_test_setup(
		    test_a_quarter_is_closed_from_its_first_day_after, setup),
		cmocka_unit_test_setup(
		    test_its_parts_rows_and_names_have_their_limits, setup),
		cmocka_unit_test_setup(
		    test_a_row_whose_parts_do_not_add_up_is_refused, setup),
		cmocka_unit_test_setup(
		    test_a_row_has_one_number_a_figure_of_this_build, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
