/*
 * catalogue.c - what was proposed, decided and told of offerings: rows of the
 * state, and the same in memory, by code.
 *
 * Few entries change it, many read it: it is read from the state again after
 * a change, when it is first asked for.
 */
#include "broker/engine/internal.h"

#include <stdlib.h>
#include <string.h>

/* A row is unpacked in so many times its bytes, and never in less than a
 * page of a few lists. */
#define UNPACKED_TIMES 24u
#define UNPACKED_MIN 2048u

static struct span
key_of(const char *code)
{
	return (struct span){ code, strlen(code) };
}

static enum sk_error
decode_row(struct span bytes, struct arena *arena, Sk__CatalogueRow **row)
{
	ProtobufCMessage *message = NULL;
	enum sk_error rc = wire_decode(&sk__catalogue_row__descriptor,
	    "catalogue", bytes.bytes, bytes.size, LEAF_BYTES_MAX, arena,
	    &message, NULL);

	*row = (Sk__CatalogueRow *)message;
	if (rc == SK_OK && (*row)->code == NULL)
		rc = SK_STORE_CORRUPT;
	return rc == SK_OK || rc == SK_NO_MEMORY ? rc : SK_STORE_CORRUPT;
}

/* ---- a change takes effect */

static enum sk_error
apply_change(struct engine *engine, const Sk__CatalogueChange *change)
{
	Sk__CatalogueRow *row;
	struct span value;
	uint8_t *bytes;
	size_t size;
	enum sk_error rc;

	if (change->code == NULL || *change->code == '\0')
		return SK_STORE_CORRUPT;
	rc = store_get(engine->txn, STATE_CATALOGUE, key_of(change->code),
	    &value);
	if (rc == SK_OK)
		rc = decode_row(value, &engine->arena, &row);
	else if (rc == SK_NOT_FOUND)
		rc = (row = arena_new(&engine->arena, Sk__CatalogueRow,
		    sk__catalogue_row__init)) == NULL ? SK_NO_MEMORY : SK_OK;
	if (rc == SK_OK)
		rc = catalogue_evolve(row, change, &engine->arena);
	if (rc == SK_OK)
		rc = wire_encode(&row->base, &engine->arena, &bytes, &size);
	if (rc != SK_OK)
		return rc;
	return store_put(engine->txn, STATE_CATALOGUE, key_of(change->code),
	    (struct span){ bytes, size }, PUT_ANY, NULL);
}

enum sk_error
catalogue_apply(struct engine *engine, const Sk__Effects *effects)
{
	enum sk_error rc = state_txn(engine);

	for (size_t i = 0; i < effects->n_catalogue && rc == SK_OK; i++)
		rc = apply_change(engine, effects->catalogue[i]);
	if (rc != SK_OK || effects->n_catalogue == 0)
		return rc;
	engine->meta.catalogue_version = effects->catalogue_version;
	engine->catalogue_known = false;
	return SK_OK;
}

/* ---- and is read */

struct reading {
	size_t rows, bytes;
};

static enum sk_error
measure(struct engine *engine, struct reading *r)
{
	struct store_cursor *cursor = NULL;
	struct span key, value;
	enum sk_error rc;

	memset(r, 0, sizeof(*r));
	rc = store_cursor_open(engine->txn, STATE_CATALOGUE, &cursor);
	if (rc != SK_OK)
		return rc;
	rc = store_seek_ge(cursor, (struct span){ NULL, 0 }, &key, &value);
	for (; rc == SK_OK; rc = store_next(cursor, &key, &value)) {
		r->rows++;
		r->bytes += value.size * UNPACKED_TIMES + UNPACKED_MIN;
	}
	store_cursor_close(cursor);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

static enum sk_error
read_rows(struct engine *engine, const Sk__CatalogueRow **rows, size_t n,
    struct arena *arena)
{
	struct store_cursor *cursor = NULL;
	Sk__CatalogueRow *row;
	struct span key, value;
	enum sk_error rc;

	rc = store_cursor_open(engine->txn, STATE_CATALOGUE, &cursor);
	if (rc != SK_OK)
		return rc;
	rc = store_seek_ge(cursor, (struct span){ NULL, 0 }, &key, &value);
	for (size_t i = 0; i < n && rc == SK_OK; i++) {
		if ((rc = decode_row(value, arena, &row)) != SK_OK)
			break;
		rows[i] = row;
		rc = store_next(cursor, &key, &value);
	}
	store_cursor_close(cursor);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

enum sk_error
catalogue_read(struct engine *engine)
{
	const Sk__CatalogueRow **rows;
	struct reading r;
	struct arena arena;
	enum sk_error rc;
	void *memory;
	size_t list;

	if (engine->catalogue_known)
		return SK_OK;
	if ((rc = state_txn(engine)) != SK_OK ||
	    (rc = measure(engine, &r)) != SK_OK)
		return rc;
	list = (r.rows + 1) * sizeof(*rows);
	if ((memory = malloc(list + r.bytes)) == NULL)
		return SK_NO_MEMORY;
	rows = memory;
	arena_init(&arena, (uint8_t *)memory + list, r.bytes);
	if ((rc = read_rows(engine, rows, r.rows, &arena)) != SK_OK) {
		free(memory);
		return rc;
	}
	free(engine->catalogue_memory);
	engine->catalogue_memory = memory;
	engine->catalogue = (struct catalogue){ .row = rows, .rows = r.rows,
		.version = engine->meta.catalogue_version };
	engine->catalogue_known = true;
	return SK_OK;
}
