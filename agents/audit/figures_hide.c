/*
 * What six reports on one quarter may show together. Each table adds up to the
 * same whole, and the municipalities of a region, a court and an area add up
 * to it: whoever lays the reports beside each other may subtract. Sums are
 * looked at one by one first, then all at once: what they determine together
 * is found by elimination, and one more count of that sum is hidden.
 *
 * Over two elements, as each count stands in the sums with 1 or -1 and in at
 * most two of them that do not follow from others: such sums determine the
 * same over any field.
 */
#include "agents/audit/figures.h"

#include <stdlib.h>
#include <string.h>

#define ENDLESS INT32_MAX

/* What a reader can tell of a count: "<5" is 1 to 4, "." at least 1. */
struct range {
	int32_t low, high;
	uint32_t by;		/* the sum that narrowed it last */
};
struct addend {
	struct range *range;
	int sign;
};

struct sums {
	struct report *report;
	struct cell **cell;		/* the whole, then all tables' */
	size_t cells, words, rows, row_words;
	size_t first[BYS];		/* of each table */
	enum by *whole_by;		/* of each sum: whose cells are the whole */
	uint64_t *row;			/* of each sum, its cells as bits */
	uint64_t *work, *from;		/* eliminated; of which rows it is */
	uint64_t *mask;
	size_t *twin;			/* another cell that is the same; 0 */
	struct range *range;		/* by cell, then by figure */
	struct addend *term;
	/* of one sum */
	uint32_t *count;
	enum shown *shown;
	size_t *at;
};

static bool
has_bit(const uint64_t *bits, size_t i)
{
	return (bits[i / 64] >> (i % 64) & 1) != 0;
}

static void
set_bit(uint64_t *bits, size_t i)
{
	bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* ---- the sums */

static size_t
index_of(const struct sums *s, enum by by, uint64_t id)
{
	const struct table *t = &s->report->table[by];
	size_t low = 0, high = t->cells;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->cell[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return s->first[by] + low;
}

static size_t
root_of(size_t *root, size_t i)
{
	while (root[i] != i)
		i = root[i] = root[root[i]];
	return i;
}

/* Municipalities and cells of another key that hang together have one sum;
 * mostly that is one region and all of its municipalities. */
static void
add_linked(struct sums *s, enum by by, size_t *root)
{
	const struct report *r = s->report;

	for (size_t i = 0; i < s->cells; i++)
		root[i] = i;
	for (size_t i = 0; i < r->links; i++) {
		size_t a = root_of(root, index_of(s, BY_MUNICIPALITY,
		    r->link[i].municipality));
		size_t b = root_of(root, index_of(s, by, r->link[i].of[by]));

		root[a] = b;
	}
	for (size_t i = s->first[by]; i < s->first[by] + r->table[by].cells;
	    i++) {
		uint64_t *row = &s->row[s->rows * s->words];
		size_t mine = root_of(root, i), n = 0, other = 0;
		bool done = false;

		for (size_t k = s->first[by]; k < i && !done; k++)
			done = root_of(root, k) == mine;
		if (done)
			continue;
		for (size_t k = 1; k < s->cells; k++) {
			if (root_of(root, k) != mine)
				continue;
			set_bit(row, k);
			n++;
			other = k == i ? other : k;
		}
		if (n == 2) {
			s->twin[i] = other;
			s->twin[other] = i;
			memset(row, 0, s->words * sizeof(*row));
		} else if (n > 1)
			s->whole_by[s->rows++] = by;
		else
			memset(row, 0, s->words * sizeof(*row));
	}
}

/* Does all of this region lie under this court alone? */
static bool
lies_under(const struct report *r, uint64_t region, uint64_t court)
{
	bool some = false;

	for (size_t i = 0; i < r->links; i++) {
		if (r->link[i].of[BY_REGION] != region)
			continue;
		if (r->link[i].of[BY_COURT] != court)
			return false;
		some = true;
	}
	return some;
}

/* A court is also the sum of the regions that lie under it, and of what is
 * left of those that lie under two. Where a municipality itself does there is
 * no such sum. */
static void
add_court(struct sums *s, size_t i)
{
	const struct report *r = s->report;
	uint64_t *row = &s->row[s->rows * s->words];
	const uint64_t court = s->cell[i]->id;
	bool sums_up = true;

	set_bit(row, i);
	for (size_t k = 0; k < r->links; k++) {
		const struct link *link = &r->link[k];

		for (size_t m = 0; m < r->links && sums_up; m++)
			sums_up = r->link[m].municipality !=
			    link->municipality || link->of[BY_COURT] != court ||
			    (r->link[m].of[BY_COURT] == court &&
			    r->link[m].of[BY_REGION] == link->of[BY_REGION]);
		if (link->of[BY_COURT] != court)
			continue;
		if (lies_under(r, link->of[BY_REGION], court))
			set_bit(row, index_of(s, BY_REGION,
			    link->of[BY_REGION]));
		else
			set_bit(row, index_of(s, BY_MUNICIPALITY,
			    link->municipality));
	}
	if (sums_up)
		s->whole_by[s->rows++] = BY_COURT;
	else
		memset(row, 0, s->words * sizeof(*row));
}

static void
add_whole(struct sums *s, enum by by)
{
	uint64_t *row = &s->row[s->rows * s->words];

	s->whole_by[s->rows++] = BYS;
	set_bit(row, 0);
	for (size_t i = 0; i < s->report->table[by].cells; i++)
		set_bit(row, s->first[by] + i);
}

static enum sk_error
sums_make(struct sums *s, struct report *r)
{
	size_t most = BYS + r->table[BY_COURT].cells, *root;

	s->report = r;
	s->cells = 1;
	for (int by = 0; by < BYS; by++) {
		s->first[by] = s->cells;
		s->cells += r->table[by].cells;
	}
	most += r->table[BY_REGION].cells + r->table[BY_COURT].cells +
	    r->table[BY_AREA].cells;
	s->words = s->cells / 64 + 1;
	s->row_words = most / 64 + 1;
	s->cell = calloc(s->cells, sizeof(*s->cell));
	s->row = calloc((most + 1) * s->words, sizeof(*s->row));
	s->work = calloc((most + 1) * s->words, sizeof(*s->work));
	s->from = calloc((most + 1) * s->row_words, sizeof(*s->from));
	s->whole_by = calloc(most + 1, sizeof(*s->whole_by));
	s->mask = calloc(s->words, sizeof(*s->mask));
	s->twin = calloc(s->cells, sizeof(*s->twin));
	s->count = calloc(s->cells, sizeof(*s->count));
	s->shown = calloc(s->cells, sizeof(*s->shown));
	s->at = calloc(s->cells, sizeof(*s->at));
	s->range = calloc(s->cells * FIGURE_COUNT, sizeof(*s->range));
	s->term = calloc(s->cells + FIGURE_COUNT, sizeof(*s->term));
	root = calloc(s->cells, sizeof(*root));
	if (s->cell == NULL || s->row == NULL || s->work == NULL ||
	    s->from == NULL || s->mask == NULL || s->twin == NULL ||
	    s->count == NULL || s->shown == NULL || s->at == NULL ||
	    s->whole_by == NULL || s->range == NULL || s->term == NULL || root == NULL) {
		free(root);
		return SK_NO_MEMORY;
	}
	s->cell[0] = &r->all;
	for (int by = 0; by < BYS; by++) {
		if (r->table[by].cells > 0)
			memcpy(&s->cell[s->first[by]], r->table[by].cell,
			    r->table[by].cells * sizeof(*s->cell));
		add_whole(s, (enum by)by);
	}
	add_linked(s, BY_REGION, root);
	add_linked(s, BY_COURT, root);
	add_linked(s, BY_AREA, root);
	for (size_t i = 0; i < r->table[BY_COURT].cells; i++)
		add_court(s, s->first[BY_COURT] + i);
	free(root);
	return SK_OK;
}

static void
sums_free(struct sums *s)
{
	free(s->cell);
	free(s->row);
	free(s->work);
	free(s->from);
	free(s->mask);
	free(s->twin);
	free(s->count);
	free(s->shown);
	free(s->at);
	free(s->whole_by);
	free(s->range);
	free(s->term);
}

/* ---- one sum */

/* Is it the whole of this sum: the total, or a region of municipalities? */
static bool
is_whole(const struct sums *s, size_t row, size_t i)
{
	const enum by by = s->whole_by[row];

	return i == 0 || (by != BYS && i >= s->first[by] &&
	    i < s->first[by] + s->report->table[by].cells);
}

/* Parts on one side and their whole, which may stand in several cells, on the
 * other. */
static bool
hide_sum(struct sums *s, size_t row, enum figure f)
{
	const uint64_t *bits = &s->row[row * s->words];
	enum shown whole = SHOWN, before;
	uint32_t whole_count = 0, least = UINT32_MAX;
	size_t n = 0, at_least = 0;
	bool changed;

	for (size_t i = 0; i < s->cells; i++) {
		struct cell *cell = s->cell[i];
		uint32_t count = cell->figures.count[f];

		if (!has_bit(bits, i))
			continue;
		if (!is_whole(s, row, i)) {
			s->at[n] = i;
			s->count[n] = count;
			s->shown[n++] = cell->shown[f];
			continue;
		}
		whole_count += count;
		if (cell->shown[f] != SHOWN)
			whole = cell->shown[f];
		else if (count > 0 && count < least) {
			least = count;
			at_least = i;
		}
	}
	before = whole;
	changed = figures_hide(s->count, s->shown, n, whole_count, &whole);
	for (size_t i = 0; i < n; i++)
		s->cell[s->at[i]]->shown[f] = s->shown[i];
	if (before == SHOWN && whole != SHOWN && least != UINT32_MAX)
		s->cell[at_least]->shown[f] =
		    least < FIGURES_SHOWN_MIN ? SHOWN_FEW : SHOWN_NOT;
	return changed;
}

/* ---- all sums at once */

static size_t
only_bit(const uint64_t *bits, size_t words)
{
	size_t found = 0, n = 0;

	for (size_t i = 0; i < words && n < 2; i++) {
		if (bits[i] == 0)
			continue;
		n += (bits[i] & (bits[i] - 1)) == 0 ? 1 : 2;
		found = i * 64 + (size_t)__builtin_ctzll(bits[i]);
	}
	return n == 1 ? found : SIZE_MAX;
}

static size_t
first_bit(const uint64_t *bits, size_t words)
{
	for (size_t i = 0; i < words; i++)
		if (bits[i] != 0)
			return i * 64 + (size_t)__builtin_ctzll(bits[i]);
	return SIZE_MAX;
}

static void
add_to(uint64_t *to, const uint64_t *bits, size_t words)
{
	for (size_t i = 0; i < words; i++)
		to[i] ^= bits[i];
}

/* Only what is hidden is unknown. False: nothing is. */
static bool
eliminate(struct sums *s, enum figure f)
{
	size_t hidden = 0;

	memset(s->mask, 0, s->words * sizeof(*s->mask));
	for (size_t i = 0; i < s->cells; i++)
		if (s->cell[i]->shown[f] != SHOWN) {
			set_bit(s->mask, i);
			hidden++;
		}
	if (hidden == 0)
		return false;
	memset(s->from, 0, s->rows * s->row_words * sizeof(*s->from));
	for (size_t r = 0; r < s->rows; r++) {
		for (size_t i = 0; i < s->words; i++)
			s->work[r * s->words + i] = s->mask[i] &
			    s->row[r * s->words + i];
		set_bit(&s->from[r * s->row_words], r);
	}
	for (size_t r = 0; r < s->rows; r++) {
		const uint64_t *mine = &s->work[r * s->words];
		size_t pivot = first_bit(mine, s->words);

		for (size_t k = 0; k < s->rows && pivot != SIZE_MAX; k++) {
			if (k == r || !has_bit(&s->work[k * s->words], pivot))
				continue;
			add_to(&s->work[k * s->words], mine, s->words);
			add_to(&s->from[k * s->row_words],
			    &s->from[r * s->row_words], s->row_words);
		}
	}
	return true;
}

/* The smallest count is missed least, the total most. */
static uint64_t
loss_of(size_t cell, uint32_t count)
{
	return (uint64_t)(cell == 0) << 32 | count;
}

/* One more of the counts by which this row tells its only unknown. */
static bool
hide_another(struct sums *s, size_t row, enum figure f)
{
	uint64_t loss = UINT64_MAX;
	size_t least = SIZE_MAX;

	memset(s->mask, 0, s->words * sizeof(*s->mask));
	for (size_t r = 0; r < s->rows; r++)
		if (has_bit(&s->from[row * s->row_words], r))
			add_to(s->mask, &s->row[r * s->words], s->words);
	for (size_t i = 0; i < s->cells; i++) {
		uint32_t count = s->cell[i]->figures.count[f];

		if (!has_bit(s->mask, i) || count == 0 ||
		    s->cell[i]->shown[f] != SHOWN ||
		    loss_of(i, count) >= loss)
			continue;
		least = i;
		loss = loss_of(i, count);
	}
	if (least == SIZE_MAX)
		return false;
	s->cell[least]->shown[f] = s->cell[least]->figures.count[f] <
	    FIGURES_SHOWN_MIN ? SHOWN_FEW : SHOWN_NOT;
	return true;
}

static bool
hide_determined(struct sums *s, enum figure f)
{
	bool changed = false, again = true;

	while (again && eliminate(s, f)) {
		again = false;
		for (size_t r = 0; r < s->rows; r++)
			if (only_bit(&s->work[r * s->words], s->words) !=
			    SIZE_MAX)
				again = hide_another(s, r, f) || again;
		changed = changed || again;
	}
	return changed;
}

/* A municipality with an area of its own is one count in two tables. */
static bool
hide_twins(struct sums *s, enum figure f)
{
	bool changed = false;

	for (size_t i = 1; i < s->cells; i++) {
		struct cell *other = s->cell[s->twin[i]];

		if (s->twin[i] == 0 || s->cell[i]->shown[f] == SHOWN ||
		    other->shown[f] != SHOWN)
			continue;
		other->shown[f] = s->cell[i]->shown[f];
		changed = true;
	}
	return changed;
}

static bool
hide_figure(struct sums *s, enum figure f)
{
	bool changed = false;

	for (size_t r = 0; r < s->rows; r++)
		changed = hide_sum(s, r, f) || changed;
	changed = hide_twins(s, f) || changed;
	return hide_determined(s, f) || changed;
}

/* ---- what each sum leaves for each of its terms */

/* Sums within a cell, of a whole and its parts, are numbered behind the rows. */
static uint32_t
number_of(size_t row, enum figure f)
{
	return (uint32_t)(row * FIGURE_COUNT + f);
}

static size_t
terms_of(struct sums *s, uint32_t number)
{
	const size_t row = number / FIGURE_COUNT, f = number % FIGURE_COUNT;
	size_t n = 0, cell = row - s->rows;

	if (row < s->rows) {
		for (size_t i = 0; i < s->cells; i++)
			if (has_bit(&s->row[row * s->words], i))
				s->term[n++] = (struct addend){
				    &s->range[i * FIGURE_COUNT + f],
				    is_whole(s, row, i) ? -1 : 1 };
		return n;
	}
	s->term[n++] = (struct addend){ &s->range[cell * FIGURE_COUNT + f], -1 };
	for (size_t k = f + 1; k < FIGURE_COUNT &&
	    figure_info((enum figure)k)->sort == FIGURE_PART &&
	    figure_info((enum figure)k)->of == (enum figure)f; k++)
		s->term[n++] = (struct addend){
		    &s->range[cell * FIGURE_COUNT + k], 1 };
	return n == 1 ? 0 : n;
}

/* All terms with their signs add up to 0. */
struct span_of {
	int64_t low, high;
	unsigned no_low, no_high;	/* terms without an end there */
};

static void
take_term(struct span_of *all, const struct addend *t, int times)
{
	int32_t low = t->sign > 0 ? t->range->low : -t->range->high;
	int32_t high = t->sign > 0 ? t->range->high : -t->range->low;

	if (low == -ENDLESS)
		all->no_low += (unsigned)times;
	else
		all->low += (int64_t)times * low;
	if (high == ENDLESS)
		all->no_high += (unsigned)times;
	else
		all->high += (int64_t)times * high;
}

static bool
narrow_term(const struct addend *t, struct span_of rest, uint32_t number)
{
	struct range *r = t->range, before = *r;

	take_term(&rest, t, -1);
	if (t->sign > 0 ? rest.no_high == 0 : rest.no_low == 0) {
		int64_t low = t->sign > 0 ? -rest.high : rest.low;

		if (low > r->low)
			r->low = (int32_t)low;
	}
	if (t->sign > 0 ? rest.no_low == 0 : rest.no_high == 0) {
		int64_t high = t->sign > 0 ? -rest.low : rest.high;

		if (high < r->high)
			r->high = (int32_t)high;
	}
	if (r->low == before.low && r->high == before.high)
		return false;
	r->by = number;
	return true;
}

static bool
narrow(struct sums *s, uint32_t number)
{
	const size_t n = terms_of(s, number);
	struct span_of all = { 0 };
	bool changed = false;

	for (size_t i = 0; i < n; i++)
		take_term(&all, &s->term[i], 1);
	for (size_t i = 0; i < n; i++)
		if (s->term[i].range->low != s->term[i].range->high)
			changed = narrow_term(&s->term[i], all, number) ||
			    changed;
	return changed;
}

static void
begin_ranges(struct sums *s)
{
	for (size_t i = 0; i < s->cells; i++)
		for (size_t f = 0; f < FIGURE_COUNT; f++) {
			struct range *r = &s->range[i * FIGURE_COUNT + f];
			int32_t n = (int32_t)s->cell[i]->figures.count[f];

			r->by = 0;
			r->low = s->cell[i]->shown[f] == SHOWN ? n : 1;
			r->high = s->cell[i]->shown[f] == SHOWN ? n :
			    s->cell[i]->shown[f] == SHOWN_NOT ? ENDLESS :
			    (int32_t)FIGURES_SHOWN_MIN - 1;
		}
}

static void
narrow_all(struct sums *s)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t f = 0; f < FIGURE_COUNT; f++) {
			const struct figure_info *info =
			    figure_info((enum figure)f);

			for (size_t r = 0; info->sort != FIGURE_THING &&
			    r < s->rows; r++)
				changed = narrow(s, number_of(r,
				    (enum figure)f)) || changed;
			for (size_t i = 0; info->sort == FIGURE_WHOLE &&
			    i < s->cells; i++)
				changed = narrow(s, number_of(s->rows + i,
				    (enum figure)f)) || changed;
		}
	}
}

/* ---- and what is done when one is told */

static bool
hide_least_of(struct sums *s, uint32_t number)
{
	const size_t n = terms_of(s, number);
	size_t least = SIZE_MAX;
	uint64_t loss = UINT64_MAX;
	uint32_t count = 0;

	for (size_t i = 0; i < n; i++) {
		size_t at = (size_t)(s->term[i].range - s->range);
		const struct cell *cell = s->cell[at / FIGURE_COUNT];
		size_t f = at % FIGURE_COUNT;

		if (cell->shown[f] != SHOWN || cell->figures.count[f] == 0 ||
		    loss_of(at / FIGURE_COUNT, cell->figures.count[f]) >=
		    loss)
			continue;
		least = at;
		count = cell->figures.count[f];
		loss = loss_of(at / FIGURE_COUNT, count);
	}
	if (least == SIZE_MAX)
		return false;
	s->cell[least / FIGURE_COUNT]->shown[least % FIGURE_COUNT] =
	    count < FIGURES_SHOWN_MIN ? SHOWN_FEW : SHOWN_NOT;
	return true;
}

/* "." says less than "<5". */
static bool
say_less(struct sums *s, uint32_t number)
{
	const size_t n = terms_of(s, number);
	bool changed = false;

	for (size_t i = 0; i < n; i++) {
		size_t at = (size_t)(s->term[i].range - s->range);
		enum shown *shown = &s->cell[at / FIGURE_COUNT]->shown[
		    at % FIGURE_COUNT];

		if (*shown != SHOWN_FEW)
			continue;
		*shown = SHOWN_NOT;
		changed = true;
	}
	return changed;
}

/* Any other sum that one of the terms stands in. */
static bool
hide_beyond(struct sums *s, uint32_t number, enum figure f)
{
	(void)number;
	for (size_t r = s->rows; r-- > 0;)
		if (hide_least_of(s, number_of(r, f)))
			return true;
	for (size_t i = 0; i < s->cells; i++)
		if (say_less(s, number_of(s->rows + i,
		    figure_info(f)->of)))
			return true;
	return false;
}

static bool
hide_told(struct sums *s)
{
	bool changed = false;

	begin_ranges(s);
	narrow_all(s);
	for (size_t at = 0; at < s->cells * FIGURE_COUNT; at++) {
		const struct cell *cell = s->cell[at / FIGURE_COUNT];
		const size_t f = at % FIGURE_COUNT;
		const uint32_t by = s->range[at].by;

		if (cell->shown[f] == SHOWN || figure_info((enum figure)f)->
		    sort == FIGURE_THING || cell->figures.count[f] >=
		    FIGURES_SHOWN_MIN || s->range[at].low != s->range[at].high)
			continue;
		changed = hide_least_of(s, by) || say_less(s, by) ||
		    hide_beyond(s, by, (enum figure)f) || changed;
	}
	return changed;
}

static bool
hide_sums(struct sums *s)
{
	bool changed = false;

	for (size_t i = 0; i < s->cells; i++)
		changed = figures_hide_within(s->cell[i]->figures.count,
		    s->cell[i]->shown) || changed;
	for (int f = 0; f < FIGURE_COUNT; f++)
		if (figure_info((enum figure)f)->sort != FIGURE_THING)
			changed = hide_figure(s, (enum figure)f) || changed;
	return changed;
}

enum sk_error
figures_hide_all(struct report *r)
{
	struct sums s = { 0 };
	enum sk_error rc = sums_make(&s, r);
	bool changed = rc == SK_OK;

	/* Over and over, as what is hidden in a row asks for more in a column;
	 * each round hides something, so it ends. */
	while (changed) {
		while (hide_sums(&s))
			;
		changed = hide_told(&s);
	}
	sums_free(&s);
	return rc;
}
