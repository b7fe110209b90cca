/*
 * What an entry with a quarter's figures may hold. Few is never a number in
 * it: an entry stays for good, and is open to all who read the journal.
 */
#include "broker/core/quarter.h"

#include <string.h>

#include "proto/leaf.h"

/* A number takes its tag and five bytes at most, a name of a figure 32. */
_Static_assert(QUARTER_ROWS_MAX * ((FIGURE_COUNT + 2 * SPREAD_COUNT) * 6 +
    QUARTER_NAME_MAX + 8) + (FIGURE_COUNT + SPREAD_COUNT) * 32 <
    LEAF_BYTES_MAX - 4096u, "a part fits one command");

#define WRONG(fault, path, ...) \
	fault_set(fault, SK_FIELD_INVALID, "command.close_quarter." path, \
	    __VA_ARGS__)

enum figure
figure_named(const char *name)
{
	for (int f = 0; f < FIGURE_COUNT; f++)
		if (strcmp(figure_info((enum figure)f)->id, name) == 0)
			return (enum figure)f;
	return FIGURE_COUNT;
}

enum spread
spread_named(const char *name)
{
	for (int s = 0; s < SPREAD_COUNT; s++)
		if (strcmp(spread_info((enum spread)s)->id, name) == 0)
			return (enum spread)s;
	return SPREAD_COUNT;
}

static enum sk_error
check_names(const Sk__QuarterFigures *q, struct fault *fault)
{
	if (q->n_figures == 0 || q->n_figures > FIGURE_COUNT)
		return WRONG(fault, "figures", "1 to %d", FIGURE_COUNT);
	if (q->n_spreads > SPREAD_COUNT)
		return WRONG(fault, "spreads", "at most %d", SPREAD_COUNT);
	for (size_t i = 0; i < q->n_figures; i++)
		if (figure_named(q->figures[i]) == FIGURE_COUNT)
			return WRONG(fault, "figures", "a figure of this build");
	for (size_t i = 0; i < q->n_spreads; i++)
		if (spread_named(q->spreads[i]) == SPREAD_COUNT)
			return WRONG(fault, "spreads", "a spread of this build");
	return SK_OK;
}

static bool
name_holds(const char *name)
{
	size_t size = strlen(name);

	if (size == 0 || size > QUARTER_NAME_MAX)
		return false;
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
			return false;
	return true;
}

static bool
could_be_someone(const Sk__QuarterFigures *q, const Sk__QuarterRow *row,
    size_t i)
{
	return row->counts[i] > QUARTER_FROM &&
	    row->counts[i] < QUARTER_FROM + FIGURES_SHOWN_MIN &&
	    figure_info(figure_named(q->figures[i]))->sort != FIGURE_THING;
}

/* A whole that is told is its parts: those that are told, and at least 1 for
 * each that is not. */
static bool
adds_up(const Sk__QuarterFigures *q, const Sk__QuarterRow *row, size_t whole)
{
	const enum figure of = figure_named(q->figures[whole]);
	uint64_t sum = 0, hidden = 0;
	size_t parts = 0;

	for (size_t i = 0; i < q->n_figures; i++) {
		const struct figure_info *info =
		    figure_info(figure_named(q->figures[i]));

		if (info->sort != FIGURE_PART || info->of != of)
			continue;
		parts++;
		if (row->counts[i] < QUARTER_FROM)
			hidden++;
		else
			sum += row->counts[i] - QUARTER_FROM;
	}
	if (parts == 0 || row->counts[whole] < QUARTER_FROM)
		return true;
	return hidden == 0 ? sum == row->counts[whole] - QUARTER_FROM :
	    sum + hidden <= row->counts[whole] - QUARTER_FROM;
}

static enum sk_error
check_row(const Sk__QuarterFigures *q, size_t at, struct fault *fault)
{
	const Sk__QuarterRow *row = q->rows[at];
	bool of_all = q->part == 1 && at == 0;

	if ((row->name == NULL) != of_all ||
	    (row->name != NULL && !name_holds(row->name)))
		return WRONG(fault, "rows.name", "row %zu: up to %u printable "
		    "bytes; none in the first row of part 1 alone", at,
		    QUARTER_NAME_MAX);
	if (row->n_counts != q->n_figures || row->n_medians != q->n_spreads ||
	    row->n_p90s != q->n_spreads)
		return WRONG(fault, "rows", "row %zu: one number a figure, two "
		    "a spread", at);
	for (size_t i = 0; i < row->n_counts; i++)
		if (could_be_someone(q, row, i))
			return WRONG(fault, "rows.counts", "row %zu, %s: 1 to "
			    "%u is not told", at, q->figures[i],
			    FIGURES_SHOWN_MIN - 1);
	for (size_t i = 0; i < row->n_counts; i++)
		if (!adds_up(q, row, i))
			return WRONG(fault, "rows.counts", "row %zu, %s: its "
			    "parts add up to something else", at,
			    q->figures[i]);
	for (size_t i = 0; i < row->n_medians; i++)
		if (row->medians[i] > QUARTER_FROM + FIGURES_DAYS_MAX ||
		    row->p90s[i] > QUARTER_FROM + FIGURES_DAYS_MAX)
			return WRONG(fault, "rows.medians", "row %zu, %s: up "
			    "to %u", at, q->spreads[i], FIGURES_DAYS_MAX);
	return SK_OK;
}

enum sk_error
quarter_check(const Sk__QuarterFigures *q, int32_t today, struct fault *fault)
{
	struct figures_period period;
	enum sk_error rc;

	if (q->quarter == NULL ||
	    !figures_period_parse(q->quarter, &period))
		return WRONG(fault, "quarter", "as 2026Q1");
	if (today <= period.to)
		return fault_set(fault, SK_QUARTER_RUNS,
		    "command.close_quarter.quarter", NULL);
	if (!q->has_by)
		return fault_set(fault, SK_FIELD_MISSING,
		    "command.close_quarter.by", NULL);
	if (q->part == 0 || q->part > q->parts ||
	    q->parts > QUARTER_PARTS_MAX)
		return WRONG(fault, "part", "1 to parts, at most %u",
		    QUARTER_PARTS_MAX);
	if (q->n_rows == 0 || q->n_rows > QUARTER_ROWS_MAX)
		return WRONG(fault, "rows", "1 to %u", QUARTER_ROWS_MAX);
	rc = check_names(q, fault);
	for (size_t i = 0; i < q->n_rows && rc == SK_OK; i++)
		rc = check_row(q, i, fault);
	return rc;
}
