/*
 * A quarter's figures as entries of the journal: written for operators to
 * sign, and read again when what they count is erased.
 */
#include "agents/audit/figures.h"

#include <stdlib.h>
#include <string.h>

#include "broker/lib/file.h"
#include "proto/bytes.h"
#include "proto/wire.h"

#define CLOSED_ARENA (4u << 20)

_Static_assert((int)BY_THEME + 1 == SK__QUARTER_BY__COUNTED_BY_THEME,
    "the keys stand in one order");

/* One part, with room for what its rows point to. */
struct part {
	Sk__QuarterFigures figures;
	Sk__QuarterRow rows[QUARTER_ROWS_MAX], *row[QUARTER_ROWS_MAX];
	uint32_t count[QUARTER_ROWS_MAX][FIGURE_COUNT];
	uint32_t median[QUARTER_ROWS_MAX][SPREAD_COUNT];
	uint32_t p90[QUARTER_ROWS_MAX][SPREAD_COUNT];
	char *figure[FIGURE_COUNT], *spread[SPREAD_COUNT];
	uint8_t bytes[LEAF_BYTES_MAX];
};

/* ---- to entries */

static void
fill_spread(const uint32_t *spread, uint32_t *median, uint32_t *p90)
{
	uint32_t total = spread_total(spread);

	*median = *p90 = total == 0 ? QUARTER_NOT : QUARTER_FEW;
	if (total < FIGURES_SHOWN_MIN)
		return;
	*median = spread_at(spread, 50) + QUARTER_FROM;
	*p90 = spread_at(spread, 90) + QUARTER_FROM;
}

static uint32_t
number_of(const struct cell *cell, enum figure figure)
{
	if (cell->shown[figure] == SHOWN_FEW)
		return QUARTER_FEW;
	return cell->shown[figure] == SHOWN_NOT ? QUARTER_NOT :
	    cell->figures.count[figure] + QUARTER_FROM;
}

static void
fill_row(struct part *p, size_t i, const struct cell *cell, bool of_all)
{
	Sk__QuarterRow *row = p->row[i] = &p->rows[i];

	sk__quarter_row__init(row);
	row->name = of_all ? NULL : (char *)(uintptr_t)cell->name;
	row->n_counts = FIGURE_COUNT;
	row->counts = p->count[i];
	row->n_medians = row->n_p90s = SPREAD_COUNT;
	row->medians = p->median[i];
	row->p90s = p->p90[i];
	for (int f = 0; f < FIGURE_COUNT; f++)
		p->count[i][f] = number_of(cell, (enum figure)f);
	for (int s = 0; s < SPREAD_COUNT; s++)
		fill_spread(cell->figures.spread[s], &p->median[i][s],
		    &p->p90[i][s]);
}

static uint32_t
parts_of(const struct report *r)
{
	return (uint32_t)(r->cells / QUARTER_ROWS_MAX + 1);
}

static void
fill_names(struct part *p)
{
	p->figures.n_figures = FIGURE_COUNT;
	p->figures.figures = p->figure;
	p->figures.n_spreads = SPREAD_COUNT;
	p->figures.spreads = p->spread;
	for (int f = 0; f < FIGURE_COUNT; f++)
		p->figure[f] = (char *)(uintptr_t)
		    figure_info((enum figure)f)->id;
	for (int s = 0; s < SPREAD_COUNT; s++)
		p->spread[s] = (char *)(uintptr_t)
		    spread_info((enum spread)s)->id;
}

/* number from 1; packed in p->bytes. */
static size_t
fill_part(struct part *p, const struct report *r, uint32_t number,
    uint64_t erased)
{
	size_t at = (number - 1) * (size_t)QUARTER_ROWS_MAX;
	Sk__QuarterFigures *q = &p->figures;

	sk__quarter_figures__init(q);
	q->quarter = (char *)(uintptr_t)r->quarter;
	q->has_by = q->has_part = q->has_parts = q->has_erased = 1;
	q->by = (Sk__QuarterBy)(r->by + 1);
	q->part = number;
	q->parts = parts_of(r);
	q->erased = erased;
	q->has_counted = 1;
	q->counted = r->counted;
	fill_names(p);
	q->rows = p->row;
	for (; q->n_rows < QUARTER_ROWS_MAX && at <= r->cells; at++)
		fill_row(p, q->n_rows++, at == 0 ? &r->all : r->cell[at - 1],
		    at == 0);
	/* bounded by the assertion in broker/core/quarter.c */
	return sk__quarter_figures__pack(q, p->bytes);
}

/* All parts of one key behind each other. */
static size_t
fill_file(struct part *p, const struct report *r, uint8_t *file)
{
	size_t size = 0;

	for (uint32_t n = 1; n <= parts_of(r); n++) {
		size_t part = fill_part(p, r, n, r->erased + r->erased_before);

		be64_put(file + size, part);
		memcpy(file + size + 8, p->bytes, part);
		size += 8 + part;
	}
	return size;
}

enum sk_error
figures_close(struct report *r, bool every_key, const char *path,
    struct fault *fault)
{
	const enum by first = every_key ? BY_AREA : r->by;
	const enum by last = every_key ? BY_THEME : r->by;
	uint32_t parts = 0, most = 0;
	size_t size = 0;
	struct part *p = malloc(sizeof(*p));
	uint8_t *file;
	enum sk_error rc = SK_OK;

	for (int by = (int)first; by <= (int)last; by++) {
		report_choose(r, (enum by)by);
		parts += parts_of(r);
		most = parts_of(r) > most ? parts_of(r) : most;
	}
	/* the end of the file is room of its own */
	file = malloc(((size_t)parts + 1) * ((size_t)LEAF_BYTES_MAX + 8));
	if (p == NULL || file == NULL)
		rc = fault_set(fault, SK_NO_MEMORY, "", NULL);
	else if (!r->over)	/* a copy may end within the quarter */
		rc = fault_set(fault, SK_QUARTER_RUNS, "--period",
		    "this journal has no entry of after it");
	else if (most > QUARTER_PARTS_MAX)
		rc = fault_set(fault, SK_OVERSIZED, "--close", "at most %u "
		    "rows", QUARTER_PARTS_MAX * QUARTER_ROWS_MAX - 1);
	for (int by = (int)first; by <= (int)last && rc == SK_OK; by++) {
		report_choose(r, (enum by)by);
		size += fill_file(p, r, file + size);
	}
	if (rc == SK_OK)
		rc = file_write(path, file, size, 0600, fault);
	free(file);
	free(p);
	return rc;
}

/* ---- and from entries */

enum sk_error
figures_closed_keep(struct report *r, const struct observation *seen)
{
	const Sk__QuarterFigures *q = seen->quarter;
	struct closed *c = &r->closed;
	uint32_t at;

	if ((int)q->by != (int)r->by + 1 || q->quarter == NULL ||
	    strcmp(q->quarter, r->quarter) != 0)
		return SK_OK;
	at = q->part - 1;
	if (at >= QUARTER_PARTS_MAX || q->parts > QUARTER_PARTS_MAX ||
	    c->part[at] != NULL)
		return SK_STORE_CORRUPT;
	c->part[at] = malloc(sk__quarter_figures__get_packed_size(q));
	if (c->part[at] == NULL)
		return SK_NO_MEMORY;
	c->size[at] = sk__quarter_figures__pack(q, c->part[at]);
	c->parts = q->parts;
	c->erased = q->erased;
	if (c->have++ == 0)
		c->position = seen->position;
	return SK_OK;
}

static bool
same(const struct report *r, struct part *p)
{
	const struct closed *c = &r->closed;

	for (uint32_t n = 1; n <= c->parts; n++) {
		size_t size = parts_of(r) != c->parts ? 0 :
		    fill_part(p, r, n, c->erased);

		if (size != c->size[n - 1] ||
		    memcmp(p->bytes, c->part[n - 1], size) != 0)
			return false;
	}
	return true;
}

/* A spread of which median and p90 are these: halves of ten, which is all
 * that an entry tells. */
static void
take_spread(uint32_t *spread, uint32_t median, uint32_t p90)
{
	if (median == QUARTER_FEW)
		spread[0] = 1;
	if (median < QUARTER_FROM || p90 < QUARTER_FROM)
		return;
	spread[median - QUARTER_FROM] += FIGURES_SHOWN_MIN;
	spread[p90 - QUARTER_FROM] += FIGURES_SHOWN_MIN;
}

/* What is hidden counts as one, so that it is not nothing. */
static void
take_row(struct cell *cell, const Sk__QuarterFigures *q,
    const Sk__QuarterRow *row)
{
	if (row->name != NULL)
		snprintf(cell->name, sizeof(cell->name), "%s", row->name);
	for (size_t i = 0; i < q->n_figures; i++) {
		enum figure f = figure_named(q->figures[i]);
		uint32_t n = row->counts[i];

		cell->shown[f] = n == QUARTER_FEW ? SHOWN_FEW :
		    n == QUARTER_NOT ? SHOWN_NOT : SHOWN;
		cell->figures.count[f] = n < QUARTER_FROM ? 1 :
		    n - QUARTER_FROM;
	}
	for (size_t i = 0; i < q->n_spreads; i++)
		take_spread(cell->figures.spread[spread_named(q->spreads[i])],
		    row->medians[i], row->p90s[i]);
}

static enum sk_error
take_part(struct report *r, const Sk__QuarterFigures *q)
{
	struct table *t = &r->table[r->by];
	struct fault fault;
	struct cell *cell;

	/* what the broker let in fits */
	if (quarter_check(q, r->period.to + 1, &fault) != SK_OK)
		return SK_STORE_CORRUPT;
	for (size_t i = 0; i < q->n_rows; i++) {
		if (q->rows[i]->name == NULL) {
			take_row(&r->all, q, q->rows[i]);
			continue;
		}
		if ((cell = calloc(1, sizeof(*cell))) == NULL)
			return SK_NO_MEMORY;
		take_row(cell, q, q->rows[i]);
		t->cell[t->cells++] = cell;
	}
	return SK_OK;
}

static enum sk_error
take_parts(struct report *r, uint8_t *memory)
{
	const struct closed *c = &r->closed;
	ProtobufCMessage *message = NULL;
	struct arena arena;
	enum sk_error rc = SK_OK;

	for (uint32_t n = 0; n < c->parts && rc == SK_OK; n++) {
		arena_init(&arena, memory, CLOSED_ARENA);
		rc = wire_decode(&sk__quarter_figures__descriptor, "quarter",
		    c->part[n], c->size[n], LEAF_BYTES_MAX, &arena, &message,
		    NULL);
		if (rc == SK_OK)
			rc = take_part(r, (Sk__QuarterFigures *)message);
	}
	return rc;
}

static enum sk_error
take_over(struct report *r)
{
	size_t room = (size_t)r->closed.parts * QUARTER_ROWS_MAX;
	struct table *t = &r->table[r->by];
	uint8_t *memory = malloc(CLOSED_ARENA);
	struct cell **cell = calloc(room, sizeof(*cell));
	enum sk_error rc = SK_NO_MEMORY;

	if (memory != NULL && cell != NULL) {
		for (size_t i = 0; i < t->cells; i++)
			free(t->cell[i]);
		free(t->cell);
		t->cell = cell;
		t->cells = 0;
		t->room = room;
		memset(&r->all.figures, 0, sizeof(r->all.figures));
		rc = take_parts(r, memory);
		report_choose(r, r->by);
	} else
		free(cell);
	free(memory);
	return rc;
}

enum sk_error
figures_closed_settle(struct report *r)
{
	const struct closed *c = &r->closed;
	struct part *p;

	if (c->have == 0 || c->have != c->parts)
		return SK_OK;
	if (r->erased + r->erased_before > c->erased) {
		r->source = CLOSED;
		return take_over(r);
	}
	if ((p = malloc(sizeof(*p))) == NULL)
		return SK_NO_MEMORY;
	r->source = same(r, p) ? COUNTED_SAME : COUNTED_OTHERWISE;
	free(p);
	return SK_OK;
}

void
figures_closed_clear(struct report *r)
{
	for (size_t i = 0; i < QUARTER_PARTS_MAX; i++)
		free(r->closed.part[i]);
}
