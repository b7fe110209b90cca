/*
 * quarter.c - a quarter is closed: its figures, which an auditor counted and
 * operators signed, become entries that stay when cases are erased.
 */
#include "broker/engine/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/policy.h"
#include "broker/core/quarter.h"
#include "proto/civil.h"

#define QUARTER_TEXT 6
#define KEY_SIZE (QUARTER_TEXT + 3)

struct closed_row {
	uint64_t position, parts;
};

static struct span
key_of(const Sk__QuarterFigures *figures, uint32_t part,
    uint8_t key[KEY_SIZE])
{
	memcpy(key, figures->quarter, QUARTER_TEXT);
	key[QUARTER_TEXT] = (uint8_t)figures->by;
	key[QUARTER_TEXT + 1] = (uint8_t)(part >> 8);
	key[QUARTER_TEXT + 2] = (uint8_t)part;
	return (struct span){ key, KEY_SIZE };
}

static enum sk_error
find(struct engine *engine, const Sk__QuarterFigures *figures, uint32_t part,
    struct closed_row *row)
{
	uint8_t key[KEY_SIZE];
	struct span value;
	enum sk_error rc = state_txn(engine);

	if (rc == SK_OK)
		rc = store_get(engine->txn, STATE_QUARTERS,
		    key_of(figures, part, key), &value);
	if (rc == SK_OK && value.size != sizeof(*row))
		rc = SK_STORE_CORRUPT;
	if (rc == SK_OK)
		memcpy(row, value.bytes, sizeof(*row));
	return rc;
}

/* ---- does erasing wait for it? */

/* Of each key the parts stand in the journal, up to the last. */
static bool
is_closed(struct engine *engine, const char *quarter)
{
	Sk__QuarterFigures figures = SK__QUARTER_FIGURES__INIT;
	struct closed_row row;

	figures.quarter = (char *)(uintptr_t)quarter;
	for (int by = SK__QUARTER_BY__COUNTED_BY_AREA;
	    by <= SK__QUARTER_BY__COUNTED_BY_THEME; by++) {
		figures.by = (Sk__QuarterBy)by;
		if (find(engine, &figures, 1, &row) != SK_OK ||
		    find(engine, &figures, (uint32_t)row.parts, &row) != SK_OK)
			return false;
	}
	return true;
}

bool
engine_quarter_waits(struct engine *engine, int64_t now,
    char quarter[QUARTER_NAME_SIZE], int64_t *until)
{
	const int32_t days = (int32_t)policy_term(engine->policy, 0,
	    TERM_QUARTER_WAIT_DAYS), today = civil_date_at(now);
	const struct civil_day day = civil_split(today);
	const int32_t last = civil_date(day.year,
	    (day.month - 1) / 3 * 3 + 1, 1) - 1;
	const struct civil_day of = civil_split(last);

	if (today - last > days ||
	    civil_date_at(journal_founding(engine->journal)->instant) > last)
		return false;
	snprintf(quarter, QUARTER_NAME_SIZE, "%04uQ%u",
	    (unsigned)of.year % 10000u, (unsigned)(of.month - 1) / 3u % 4u +
	    1u);
	*until = civil_day_end(last + days);
	return !is_closed(engine, quarter);
}

/* ---- what the entries themselves say of it */

/* The first entry from an instant on: instants never go back. */
static enum sk_error
first_from(struct engine *engine, int64_t instant, uint64_t *position)
{
	uint64_t low = 0, high = journal_size(engine->journal);
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc = SK_OK;

	while (low < high && rc == SK_OK) {
		uint64_t middle = low + (high - low) / 2;

		rc = journal_leaf(engine->journal, middle, &bytes);
		if (rc == SK_OK)
			rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
		if (rc == SK_OK && leaf.instant < instant)
			low = middle + 1;
		else
			high = middle;
	}
	*position = low;
	return rc;
}

/* With room of its own: what is judged may lie in the engine's. */
struct counting {
	struct figures figures;
	struct arena arena;
	uint8_t bytes[4 * LEAF_BYTES_MAX];
};

/* Messages and what was refused: told by the entries alone, whatever was
 * erased or put right since. */
static enum sk_error
count_entry(struct engine *engine, uint64_t position,
    struct counting *counting)
{
	const struct figures_case none = { 0 };
	struct figures_event event = { 0 };
	ProtobufCMessage *message = NULL;
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc = journal_leaf(engine->journal, position, &bytes);

	if (rc == SK_OK)
		rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
	if (rc != SK_OK || leaf.kind != SK__EVENT_KIND__ENVELOPE_EVENT)
		return rc;
	arena_reset(&counting->arena);
	rc = wire_decode(&sk__outcome__descriptor, "outcome",
	    leaf.outcome.bytes, leaf.outcome.size, LEAF_BYTES_MAX,
	    &counting->arena, &message, NULL);
	if (rc != SK_OK)
		return SK_STORE_CORRUPT;
	event.event = leaf.kind;
	event.instant = leaf.instant;
	if (!((Sk__Outcome *)message)->accepted)
		event.refusal = (enum sk_error)((Sk__Outcome *)message)->code;
	figures_feed(&counting->figures, &none, NULL, &event);
	return SK_OK;
}

static bool
fits(uint32_t told, uint32_t counted)
{
	if (told >= QUARTER_FROM)
		return told - QUARTER_FROM == counted;
	return counted > 0 &&
	    (told == QUARTER_NOT || counted < FIGURES_SHOWN_MIN);
}

static void
compare(const Sk__QuarterFigures *figures, const struct figures *counted,
    struct fault *fault)
{
	bool has_messages = false;

	for (size_t i = 0; i < figures->n_figures; i++) {
		enum figure f = figure_named(figures->figures[i]);

		has_messages = has_messages || f == FIGURE_MESSAGES;

		if ((f != FIGURE_MESSAGES && f != FIGURE_REFUSALS &&
		    f != FIGURE_DUPLICATES &&
		    figure_info(f)->of != FIGURE_GATES) ||
		    fits(figures->rows[0]->counts[i], counted->count[f]))
			continue;
		fault_set(fault, SK_FIELD_INVALID,
		    "command.close_quarter.rows.counts", "%s: not what the "
		    "entries of the quarter say; count again",
		    figures->figures[i]);
		return;
	}
	if (!has_messages)
		fault_set(fault, SK_FIELD_MISSING,
		    "command.close_quarter.figures", "MESSAGES");
}

/* Part 1 has the row of all together. */
static enum sk_error
check_counts(struct engine *engine, const Sk__QuarterFigures *figures,
    struct fault *fault)
{
	struct counting *counting = calloc(1, sizeof(*counting));
	struct figures_period period;
	uint64_t from = 0, to = 0;
	enum sk_error rc = counting == NULL ? SK_NO_MEMORY : SK_OK;

	if (rc == SK_OK)
		arena_init(&counting->arena, counting->bytes,
		    sizeof(counting->bytes));
	if (rc == SK_OK && figures_period_parse(figures->quarter, &period)) {
		rc = first_from(engine, civil_day_start(period.from), &from);
		if (rc == SK_OK)
			rc = first_from(engine, civil_day_end(period.to),
			    &to);
	}
	for (; from < to && rc == SK_OK; from++)
		rc = count_entry(engine, from, counting);
	if (rc == SK_OK)
		compare(figures, &counting->figures, fault);
	free(counting);
	return rc;
}

enum sk_error
quarter_judge(struct engine *engine, const Sk__QuarterFigures *figures,
    int64_t instant, struct fault *fault)
{
	struct closed_row row;
	enum sk_error rc;

	if (quarter_check(figures, civil_date_at(instant), fault) != SK_OK)
		return SK_OK;
	rc = find(engine, figures, figures->part, &row);
	if (rc == SK_OK)
		fault_set(fault, SK_QUARTER_IS_CLOSED,
		    "command.close_quarter", "at %llu",
		    (unsigned long long)row.position);
	if (rc != SK_NOT_FOUND)
		return rc;
	if (figures->part == 1)
		return check_counts(engine, figures, fault);
	rc = find(engine, figures, figures->part - 1, &row);
	if (rc == SK_NOT_FOUND || (rc == SK_OK && row.parts != figures->parts))
		fault_set(fault, SK_FIELD_INVALID,
		    "command.close_quarter.part", "each after the one before "
		    "it, with the same number of parts");
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

enum sk_error
quarter_append(struct engine *engine, int64_t instant,
    const Sk__QuarterFigures *figures)
{
	struct verdict verdict = { 0 };
	uint8_t *bytes;
	size_t size;
	enum sk_error rc;

	arena_reset(&engine->arena);
	rc = wire_encode(&figures->base, &engine->arena, &bytes, &size);
	if (rc != SK_OK)
		return rc;
	return append_event(engine, SK__EVENT_KIND__QUARTER_CLOSED, instant,
	    (struct span){ bytes, size }, &verdict, NULL, NULL);
}

enum sk_error
quarter_apply(struct engine *engine, uint64_t position,
    const Sk__QuarterFigures *figures)
{
	const struct closed_row row = { position, figures->parts };
	uint8_t key[KEY_SIZE];
	enum sk_error rc;

	if (figures->quarter == NULL ||
	    strlen(figures->quarter) != QUARTER_TEXT)
		return SK_STORE_CORRUPT;
	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	return store_put(engine->txn, STATE_QUARTERS,
	    key_of(figures, figures->part, key),
	    (struct span){ &row, sizeof(row) }, PUT_ANY, NULL);
}
