/*
 * What the figures are called, the quarter that they are of, and what of them
 * may be shown. What they count is in figures_feed.c.
 */
#include "broker/core/figures.h"

#include <string.h>

static const struct figure_info figures[] = {
#define X(name, group, sort, of, nl, en) \
	[FIGURE_##name] = { #name, nl, en, group, FIGURE_##sort, FIGURE_##of },
	FIGURE_LIST(X)
#undef X
};
static const struct figure_info spreads[] = {
#define X(name, group, nl, en) \
	[SPREAD_##name] = { #name, nl, en, group, FIGURE_WHOLE, 0 },
	SPREAD_LIST(X)
#undef X
};
static const struct figure_gap gaps[] = {
#define X(group, nl, why_nl, en, why_en) { group, nl, why_nl, en, why_en },
	FIGURE_GAP_LIST(X)
#undef X
};
static const char *const groups[FIGURE_GROUPS + 1][2] = {
#define X(group, nl, en) [group] = { nl, en },
	FIGURE_GROUP_LIST(X)
#undef X
};

const struct figure_info *
figure_info(enum figure figure)
{
	return &figures[figure];
}

const struct figure_info *
spread_info(enum spread spread)
{
	return &spreads[spread];
}

const char *
figure_group_nl(unsigned group)
{
	return groups[group][0];
}

const char *
figure_group_en(unsigned group)
{
	return groups[group][1];
}

const struct figure_gap *
figure_gaps(size_t *n)
{
	*n = sizeof(gaps) / sizeof(gaps[0]);
	return gaps;
}

/* ---- the quarter */

bool
figures_period_parse(const char *text, struct figures_period *period)
{
	int year = 0, quarter;

	if (strlen(text) != 6 || text[4] != 'Q' || text[5] < '1' ||
	    text[5] > '4')
		return false;
	for (int i = 0; i < 4; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		year = year * 10 + (text[i] - '0');
	}
	if (year < 1970 || year > 2199)
		return false;
	quarter = text[5] - '0';
	period->from = civil_date(year, quarter * 3 - 2, 1);
	period->to = (quarter == 4 ? civil_date(year + 1, 1, 1) :
	    civil_date(year, quarter * 3 + 1, 1)) - 1;
	return true;
}

bool
figures_in_period(const struct figures_period *period, int64_t instant)
{
	int32_t date = civil_date_at(instant);

	return date >= period->from && date <= period->to;
}

/* ---- spreads */

uint32_t
spread_total(const uint32_t spread[FIGURES_DAYS_MAX + 1])
{
	uint32_t total = 0;

	for (size_t i = 0; i <= FIGURES_DAYS_MAX; i++)
		total += spread[i];
	return total;
}

uint32_t
spread_at(const uint32_t spread[FIGURES_DAYS_MAX + 1], unsigned percent)
{
	uint64_t total = spread_total(spread), seen = 0;

	if (total == 0)
		return 0;
	for (uint32_t i = 0; i <= FIGURES_DAYS_MAX; i++) {
		seen += spread[i];
		if (seen * 100 >= total * percent)
			return i;
	}
	return FIGURES_DAYS_MAX;
}

/* ---- what may be shown */

static bool
is_few(uint32_t count)
{
	return count > 0 && count < FIGURES_SHOWN_MIN;
}

static bool
hide(uint32_t count, enum shown *shown, enum shown as)
{
	if (*shown != SHOWN || count == 0)
		return false;
	*shown = is_few(count) ? SHOWN_FEW : as;
	return true;
}

/* What is hidden of a list, together. */
struct hidden {
	uint32_t cells, few, sum;
	size_t least;		/* index of the smallest that is shown */
	bool has_least;
};

static struct hidden
look(const uint32_t *count, const enum shown *shown, size_t n)
{
	struct hidden h = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (shown[i] != SHOWN) {
			h.cells++;
			h.few += shown[i] == SHOWN_FEW;
			h.sum += count[i];
		} else if (count[i] > 0 &&
		    (!h.has_least || count[i] < count[h.least])) {
			h.least = i;
			h.has_least = true;
		}
	}
	return h;
}

/* With the whole shown, does what is hidden follow from the rest? A nought is
 * shown, so one that is few is 1 to 4, and any other hidden one 5 or more:
 * what adds up to the least or the most that it can has told each of them. */
static bool
follows(const struct hidden *h)
{
	const uint32_t most = FIGURES_SHOWN_MIN - 1;
	const uint32_t least = h->few + (h->cells - h->few) *
	    FIGURES_SHOWN_MIN;

	return h->cells == 1 || (h->cells > 1 &&
	    (h->sum < FIGURES_SHOWN_MIN || h->sum == least ||
	    (h->few == h->cells && h->sum == h->cells * most)));
}

bool
figures_hide(const uint32_t *count, enum shown *shown, size_t n,
    uint32_t whole_count, enum shown *whole)
{
	bool changed = false;
	struct hidden h;

	if (is_few(whole_count))
		changed = hide(whole_count, whole, SHOWN_FEW);
	for (size_t i = 0; i < n; i++)
		if (is_few(count[i]))
			changed = hide(count[i], &shown[i], SHOWN_FEW) ||
			    changed;
	for (;;) {
		h = look(count, shown, n);
		if (*whole == SHOWN ? !follows(&h) :
		    h.cells > 0 || !h.has_least)
			return changed;
		changed = true;
		if (h.has_least)
			shown[h.least] = SHOWN_NOT;
		else
			hide(whole_count, whole, SHOWN_NOT);
	}
}

/* The parts of one whole follow it in the list. */
static bool
hide_parts_of(const uint32_t *count, enum shown *shown, enum figure whole)
{
	const size_t first = (size_t)whole + 1;
	size_t n = 0;

	while (first + n < FIGURE_COUNT &&
	    figures[first + n].sort == FIGURE_PART &&
	    figures[first + n].of == whole)
		n++;
	return n > 0 && figures_hide(count + first, shown + first, n,
	    count[whole], &shown[whole]);
}

/* Figures that are equal, or the one of which follows from the other. */
static bool
hide_equals(const uint32_t *count, enum shown *shown)
{
	static const enum figure equal[][2] = {
		{ FIGURE_WAITING, FIGURE_VULNERABLE },
		{ FIGURE_DECLINED, FIGURE_COMPLEXITY },
		{ FIGURE_STARTS, FIGURE_PLACED },
		{ FIGURE_STARTS, FIGURE_SCALED },
		{ FIGURE_REPORTS, FIGURE_ADVICE },
	};
	bool changed = false, end_hidden = false;

	for (size_t i = 0; i < sizeof(equal) / sizeof(equal[0]); i++) {
		enum figure a = equal[i][0], b = equal[i][1];

		if (shown[a] != SHOWN)
			changed = hide(count[b], &shown[b], SHOWN_NOT) || changed;
		if (shown[b] != SHOWN)
			changed = hide(count[a], &shown[a], SHOWN_NOT) || changed;
	}
	/* what failed is the sum of some of the end reasons */
	for (size_t i = FIGURE_ENDS; i <= FIGURE_END_NO_SHOW; i++)
		end_hidden = end_hidden || shown[i] != SHOWN;
	if (end_hidden)
		changed = hide(count[FIGURE_FAILED], &shown[FIGURE_FAILED],
		    SHOWN_NOT) || changed;
	return changed;
}

bool
figures_hide_within(const uint32_t count[FIGURE_COUNT],
    enum shown shown[FIGURE_COUNT])
{
	bool changed = false;

	for (size_t i = 0; i < FIGURE_COUNT; i++) {
		enum figure of = figures[i].of;

		if (figures[i].sort == FIGURE_THING)
			continue;
		if (is_few(count[i]) || (figures[i].sort == FIGURE_SUBSET &&
		    count[i] <= count[of] && is_few(count[of] - count[i])))
			changed = hide(count[i], &shown[i], SHOWN_NOT) ||
			    changed;
		if (figures[i].sort == FIGURE_WHOLE)
			changed = hide_parts_of(count, shown, (enum figure)i) ||
			    changed;
	}
	return hide_equals(count, shown) || changed;
}
