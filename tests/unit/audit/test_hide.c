/*
 * Six reports on one quarter laid beside each other: whoever adds and
 * subtracts finds no count of 1 to 4. Small countries, drawn at random, and an
 * attacker that tries every other way in which the sums could have come about.
 */
#include "agents/audit/figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PLACES 6u
#define REGIONS 3u
#define COURTS 2u
#define COUNTRIES 3000u
#define F FIGURE_CONFERENCES	/* a whole without parts */

static struct report report;
static uint64_t state;

static uint32_t
draw(uint32_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 2685821657736338717ull) >> 33) % below;
}

static void
add_cells(enum by by, size_t n)
{
	struct table *t = &report.table[by];

	t->cell = calloc(n, sizeof(*t->cell));
	assert_non_null(t->cell);
	for (size_t i = 0; i < n; i++) {
		t->cell[i] = calloc(1, sizeof(**t->cell));
		assert_non_null(t->cell[i]);
		t->cell[i]->id = i + 1;
	}
	t->cells = t->room = n;
}

static uint32_t *
count_of(enum by by, size_t i)
{
	return &report.table[by].cell[i]->figures.count[F];
}

static enum shown
shown_of(enum by by, size_t i)
{
	return report.table[by].cell[i]->shown[F];
}

static size_t
court_of(size_t place)
{
	/* the second region lies under both courts */
	return place < 3 ? 0 : 1;
}

static void
found(void)
{
	memset(&report, 0, sizeof(report));
	add_cells(BY_AREA, PLACES);
	add_cells(BY_MUNICIPALITY, PLACES);
	add_cells(BY_REGION, REGIONS);
	add_cells(BY_COURT, COURTS);
	add_cells(BY_PROVIDER, 3);
	add_cells(BY_THEME, 2);
	report.link = calloc(PLACES, sizeof(*report.link));
	assert_non_null(report.link);
	report.links = report.link_room = PLACES;
	for (size_t i = 0; i < PLACES; i++) {
		struct link *link = &report.link[i];

		link->municipality = link->of[BY_MUNICIPALITY] =
		    link->of[BY_AREA] = i + 1;
		link->of[BY_REGION] = i / 2 + 1;
		link->of[BY_COURT] = court_of(i) + 1;
	}
}

static void
happen(size_t place, uint32_t n)
{
	report.all.figures.count[F] += n;
	*count_of(BY_MUNICIPALITY, place) += n;
	*count_of(BY_AREA, place) += n;
	*count_of(BY_REGION, place / 2) += n;
	*count_of(BY_COURT, court_of(place)) += n;
	for (uint32_t i = 0; i < n; i++) {
		++*count_of(BY_PROVIDER, draw(3));
		++*count_of(BY_THEME, draw(2));
	}
}

static void
clear(void)
{
	for (int by = 0; by < BYS; by++) {
		for (size_t i = 0; i < report.table[by].cells; i++)
			free(report.table[by].cell[i]);
		free(report.table[by].cell);
	}
	free(report.link);
}

/* Could it have been so many more, as far as its cell tells? */
static bool
could_be(enum shown shown, uint32_t count, int more)
{
	int n = (int)count + more;

	if (more == 0)
		return true;
	return shown != SHOWN && n >= 1 &&
	    (shown == SHOWN_NOT || n < (int)FIGURES_SHOWN_MIN);
}

/* The same many more in a table that is not about places. */
static bool
could_add_up(enum by by, int more)
{
	bool could = more == 0;

	for (size_t i = 0; i < report.table[by].cells; i++)
		could = could || could_be(shown_of(by, i), *count_of(by, i),
		    more);
	return could;
}

static bool
is_possible(const int more[PLACES])
{
	int all = 0, region[REGIONS] = { 0 }, court[COURTS] = { 0 };

	for (size_t i = 0; i < PLACES; i++) {
		all += more[i];
		region[i / 2] += more[i];
		court[court_of(i)] += more[i];
		if (!could_be(shown_of(BY_MUNICIPALITY, i),
		    *count_of(BY_MUNICIPALITY, i), more[i]) ||
		    !could_be(shown_of(BY_AREA, i), *count_of(BY_AREA, i),
		    more[i]))
			return false;
	}
	for (size_t i = 0; i < REGIONS; i++)
		if (!could_be(shown_of(BY_REGION, i), *count_of(BY_REGION, i),
		    region[i]))
			return false;
	for (size_t i = 0; i < COURTS; i++)
		if (!could_be(shown_of(BY_COURT, i), *count_of(BY_COURT, i),
		    court[i]))
			return false;
	return could_be(report.all.shown[F], report.all.figures.count[F],
	    all) && could_add_up(BY_PROVIDER, all) &&
	    could_add_up(BY_THEME, all);
}

/* Is there another way in which this place has another count? */
static bool
is_open(size_t place)
{
	int more[PLACES];

	for (unsigned way = 0; way < 3 * 3 * 3 * 3 * 3 * 3; way++) {
		unsigned left = way;

		for (size_t i = 0; i < PLACES; i++, left /= 3)
			more[i] = (int)(left % 3) - 1;
		if (more[place] != 0 && is_possible(more))
			return true;
	}
	return false;
}

static void
test_no_count_of_1_to_4_follows_from_reports_by_other_keys(void **unused)
{
	uint64_t few = 0, told = 0;

	(void)unused;
	state = 77;
	for (unsigned country = 0; country < COUNTRIES; country++) {
		found();
		for (size_t i = 0; i < PLACES; i++)
			happen(i, draw(2) == 0 ? draw(6) : draw(40));
		assert_int_equal(figures_hide_all(&report), SK_OK);
		for (size_t i = 0; i < PLACES; i++) {
			uint32_t n = *count_of(BY_MUNICIPALITY, i);

			told += shown_of(BY_MUNICIPALITY, i) == SHOWN;
			if (n == 0 || n >= FIGURES_SHOWN_MIN)
				continue;
			few++;
			assert_int_not_equal(shown_of(BY_MUNICIPALITY, i),
			    SHOWN);
			if (!is_open(i))
				fail_msg("country %u, place %zu: %u", country,
				    i, n);
		}
		clear();
	}
	assert_true(few > 100);
	assert_true(told > 100);	/* and yet it tells something */
}

/* Nearly a court's whole district is a region: what is left of it is one
 * municipality, which only the two reports together tell. */
static void
test_what_a_court_has_beside_a_region_is_hidden_too(void **unused)
{
	static const uint32_t n[PLACES] = { 20, 20, 3, 30, 20, 20 };

	(void)unused;
	state = 5;
	found();
	for (size_t i = 0; i < PLACES; i++)
		happen(i, n[i]);
	assert_int_equal(figures_hide_all(&report), SK_OK);
	assert_true(is_open(2));
	/* the court or the region beside it, or both */
	assert_true(shown_of(BY_COURT, 0) != SHOWN ||
	    shown_of(BY_REGION, 0) != SHOWN);
	clear();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_no_count_of_1_to_4_follows_from_reports_by_other_keys),
		cmocka_unit_test(
		    test_what_a_court_has_beside_a_region_is_hidden_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
