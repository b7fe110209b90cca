/*
 * quarter.c - a quarter is closed: its figures, which an auditor counted and
 * operators signed, become entries that stay when cases are erased.
 */
#include "broker/engine/internal.h"

#include <string.h>

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
		return SK_OK;
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
