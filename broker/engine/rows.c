/*
 * rows.c - the rows of the state environment.
 *
 * The last case that was looked at stays in memory: an event reads its row
 * to decide and again to take effect.
 *
 * The state is a projection: rows are plain structs in host order, and
 * STATE_FORMAT changes with any of them.
 */
#include "broker/engine/internal.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum sk_error
state_txn(struct engine *engine)
{
	if (engine->txn != NULL)
		return SK_OK;
	return store_write(engine->state, &engine->txn);
}

/* Only the used part of each array is stored: a young case is 250 bytes. */
struct row_parts {
	struct span span[4];
};

static struct row_parts
row_parts(struct case_row *row)
{
	return (struct row_parts){ {
	    { row, offsetof(struct case_row, participant) },
	    { row->participant, row->participants * sizeof(row->participant[0]) },
	    { row->handoff, row->handoffs * sizeof(row->handoff[0]) },
	    { row->timer, row->timers * sizeof(row->timer[0]) } } };
}

static bool
row_counts_fit(const struct case_row *row)
{
	return row->participants <= CASE_PARTICIPANTS_MAX &&
	    row->handoffs <= CASE_HANDOFFS_MAX && row->timers <= CASE_TIMERS_MAX;
}

enum sk_error
row_load(struct engine *engine, uint64_t case_number, struct case_row *row)
{
	const size_t fixed = offsetof(struct case_row, participant);
	struct span value;
	struct row_parts parts;
	enum sk_error rc;
	size_t at = 0;

	if (engine->row_kept && engine->row.number == case_number) {
		if (row != &engine->row)
			*row = engine->row;
		return SK_OK;
	}
	if (row == &engine->row)
		engine->row_kept = false;
	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	if ((rc = store_get(engine->txn, STATE_CASES, SPAN_U64(case_number),
	    &value)) != SK_OK)
		return rc;
	memset(row, 0, sizeof(*row));
	if (value.size < fixed)
		return SK_STORE_CORRUPT;
	memcpy(row, value.bytes, fixed);
	if (!row_counts_fit(row))
		return SK_STORE_CORRUPT;
	parts = row_parts(row);
	for (size_t i = 0; i < 4; i++) {
		if (value.size - at < parts.span[i].size)
			return SK_STORE_CORRUPT;
		memcpy((void *)(uintptr_t)parts.span[i].bytes,
		    (const uint8_t *)value.bytes + at, parts.span[i].size);
		at += parts.span[i].size;
	}
	if (at != value.size)
		return SK_STORE_CORRUPT;
	if (row == &engine->row)
		engine->row_kept = true;
	return SK_OK;
}

enum sk_error
row_store(struct engine *engine, const struct case_row *row)
{
	uint8_t bytes[sizeof(struct case_row)];
	struct case_row copy = *row;
	struct row_parts parts = row_parts(&copy);
	uint64_t number = row->number;
	size_t size = 0;
	enum sk_error rc;

	assert(row_counts_fit(row));
	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	if (row != &engine->row)
		engine->row = *row;
	engine->row_kept = true;
	for (size_t i = 0; i < 4; i++) {
		memcpy(bytes + size, parts.span[i].bytes, parts.span[i].size);
		size += parts.span[i].size;
	}
	return store_put(engine->txn, STATE_CASES, SPAN_U64(number),
	    (struct span){ bytes, size }, PUT_ANY, NULL);
}

/* Closed rows that were looked at lately: each costs a decrypting else. */
#define CLOSED_KEPT 1024u

struct closed_kept {
	uint64_t number;	/* of its case; 0: empty */
	struct case_closed closed;
};

static struct closed_kept *
kept(struct engine *engine, uint64_t case_number)
{
	if (engine->closed_kept == NULL)
		engine->closed_kept = calloc(CLOSED_KEPT,
		    sizeof(*engine->closed_kept));
	if (engine->closed_kept == NULL)
		return NULL;	/* it can do without */
	return &engine->closed_kept[case_number % CLOSED_KEPT];
}

static void
keep_closed(struct engine *engine, uint64_t case_number,
    const struct case_closed *closed)
{
	struct closed_kept *slot = kept(engine, case_number);

	if (slot == NULL)
		return;
	slot->number = case_number;
	slot->closed = *closed;
}

void
closed_forget(struct engine *engine, uint64_t case_number)
{
	struct closed_kept *slot = kept(engine, case_number);

	if (slot != NULL && slot->number == case_number)
		sodium_memzero(slot, sizeof(*slot));
}

void
closed_close(struct engine *engine)
{
	if (engine->closed_kept != NULL)
		sodium_memzero(engine->closed_kept,
		    CLOSED_KEPT * sizeof(*engine->closed_kept));
	free(engine->closed_kept);
	engine->closed_kept = NULL;
}

/* Most of a row is room that the case never took: zeros at its end stay out. */
static size_t
closed_size(const struct case_closed *closed)
{
	const uint8_t *bytes = (const uint8_t *)closed;
	size_t size = sizeof(*closed);

	while (size > 1 && bytes[size - 1] == 0)
		size--;
	return size;
}

enum sk_error
closed_load(struct engine *engine, uint64_t case_number,
    struct case_closed *closed, bool *found)
{
	const struct closed_kept *slot = kept(engine, case_number);
	uint8_t plain[ROW_BYTES_MAX];
	struct span value;
	enum sk_error rc;
	size_t size = 0;

	*found = slot != NULL && slot->number == case_number;
	if (*found) {
		*closed = slot->closed;
		return SK_OK;
	}
	memset(closed, 0, sizeof(*closed));
	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	rc = store_get(engine->txn, STATE_CLOSED, SPAN_U64(case_number), &value);
	if (rc == SK_NOT_FOUND)
		return SK_OK;
	if (rc != SK_OK)
		return rc;
	if (value.size > sizeof(plain))
		return SK_STORE_CORRUPT;
	rc = journal_open_row(engine->journal, case_number,
	    SPAN_U64(case_number), value, plain, &size);
	if (rc == SK_ERASED)
		return SK_OK;
	if (rc != SK_OK)
		return rc;
	if (size == 0 || size > sizeof(*closed))
		return SK_STORE_CORRUPT;
	memcpy(closed, plain, size);
	sodium_memzero(plain, sizeof(plain));
	*found = true;
	keep_closed(engine, case_number, closed);
	return SK_OK;
}

enum sk_error
closed_store(struct engine *engine, uint64_t case_number,
    const struct case_closed *closed)
{
	uint8_t bytes[ROW_BYTES_MAX];
	size_t size = 0;
	enum sk_error rc;

	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	closed_forget(engine, case_number);
	rc = journal_close_row(engine->journal, case_number,
	    SPAN_U64(case_number),
	    (struct span){ closed, closed_size(closed) }, bytes, &size);
	if (rc == SK_ERASED)
		return SK_OK;
	if (rc != SK_OK)
		return rc;
	rc = store_put(engine->txn, STATE_CLOSED, SPAN_U64(case_number),
	    (struct span){ bytes, size }, PUT_ANY, NULL);
	if (rc == SK_OK)
		keep_closed(engine, case_number, closed);
	return rc;
}

/* ---- timers: keys sort by instant */

static struct span
timer_pack(const struct timer_key *key, uint8_t bytes[TIMER_KEY_SIZE])
{
	/* The sign bit is turned, so that instants before 1970 sort first. */
	be64_put(bytes, (uint64_t)key->due ^ (1ULL << 63));
	be64_put(bytes + 8, key->subject);
	bytes[16] = key->kind;
	bytes[17] = key->handoff;
	bytes[18] = key->breach;
	return (struct span){ bytes, TIMER_KEY_SIZE };
}

enum sk_error
timer_set(struct engine *engine, const struct timer_key *key)
{
	uint8_t bytes[TIMER_KEY_SIZE];
	enum sk_error rc = state_txn(engine);

	if (rc != SK_OK)
		return rc;
	return store_put(engine->txn, STATE_TIMERS, timer_pack(key, bytes),
	    (struct span){ "", 0 }, PUT_ANY, NULL);
}

enum sk_error
timer_clear(struct engine *engine, const struct timer_key *key)
{
	uint8_t bytes[TIMER_KEY_SIZE];
	enum sk_error rc = state_txn(engine);

	if (rc != SK_OK)
		return rc;
	rc = store_del(engine->txn, STATE_TIMERS, timer_pack(key, bytes));
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

static void
timer_unpack(struct timer_key *key, const uint8_t *bytes)
{
	key->due = (int64_t)(be64_get(bytes) ^ (1ULL << 63));
	key->subject = be64_get(bytes + 8);
	key->kind = bytes[16];
	key->handoff = bytes[17];
	key->breach = bytes[18];
}

/* Does erasing what is past its term wait? What reached no case does not: no
 * figure counts what it said. */
static bool
timer_waits(const struct timer_key *key)
{
	return key->kind == SK__DEADLINE_KIND__RETENTION_DUE &&
	    key->subject != 0;
}

static enum sk_error
timer_find(struct engine *engine, bool all, struct timer_key *key, bool *waits)
{
	struct store_cursor *cursor = NULL;
	struct span found, value;
	enum sk_error rc;

	*waits = false;

	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	if ((rc = store_cursor_open(engine->txn, STATE_TIMERS, &cursor)) != SK_OK)
		return rc;
	rc = store_seek_ge(cursor, (struct span){ NULL, 0 }, &found, &value);
	for (; rc == SK_OK; rc = store_next(cursor, &found, &value)) {
		if (found.size != TIMER_KEY_SIZE) {
			rc = SK_STORE_CORRUPT;
			break;
		}
		timer_unpack(key, found.bytes);
		if (all || !timer_waits(key))
			break;
		*waits = true;
	}
	store_cursor_close(cursor);
	return rc;
}

enum sk_error
timer_first(struct engine *engine, struct timer_key *key)
{
	bool waits;

	return timer_find(engine, true, key, &waits);
}

enum sk_error
timer_first_free(struct engine *engine, int64_t now, struct timer_key *key,
    int64_t *until)
{
	char quarter[QUARTER_NAME_SIZE];
	int64_t waits_until = INT64_MAX;
	bool open = engine_quarter_waits(engine, now, quarter, &waits_until);
	bool waits;
	enum sk_error rc = timer_find(engine, !open, key, &waits);

	*until = waits ? waits_until : INT64_MAX;
	return rc;
}

static bool
timer_in(const struct case_row *row, const struct case_timer *timer,
    bool breach)
{
	for (size_t i = 0; i < row->timers; i++)
		if (row->timer[i].kind == timer->kind &&
		    row->timer[i].handoff == timer->handoff &&
		    (breach ? row->timer[i].breach == timer->breach
			    : row->timer[i].warn == timer->warn))
			return true;
	return false;
}

/* Set or clear the timers that `a` has and `b` has not. */
static enum sk_error
timers_differ(struct engine *engine, const struct case_row *a,
    const struct case_row *b, enum sk_error (*act)(struct engine *,
    const struct timer_key *))
{
	enum sk_error rc = SK_OK;

	for (size_t i = 0; i < a->timers && rc == SK_OK; i++) {
		const struct case_timer *timer = &a->timer[i];
		struct timer_key key = { timer->warn, a->number, timer->kind,
			timer->handoff, 0 };

		if (timer->warn != 0 && !timer_in(b, timer, false))
			rc = act(engine, &key);
		key.due = timer->breach;
		key.breach = 1;
		if (rc == SK_OK && timer->breach != 0 && !timer_in(b, timer, true))
			rc = act(engine, &key);
	}
	return rc;
}

enum sk_error
timers_follow(struct engine *engine, const struct case_row *from,
    const struct case_row *to)
{
	enum sk_error rc;

	if ((rc = timers_differ(engine, from, to, timer_clear)) != SK_OK)
		return rc;
	return timers_differ(engine, to, from, timer_set);
}

/* ---- mailboxes */

static struct span
mailbox_key(uint64_t participant, uint64_t number, uint8_t bytes[16])
{
	be64_put(bytes, participant);
	be64_put(bytes + 8, number);
	return (struct span){ bytes, 16 };
}

enum sk_error
mailbox_put(struct engine *engine, uint64_t participant, uint64_t number,
    uint64_t position, uint64_t case_number)
{
	uint8_t key[16];
	uint64_t value[2] = { position, case_number };
	enum sk_error rc;

	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	return store_put(engine->txn, STATE_MAILBOX,
	    mailbox_key(participant, number, key),
	    (struct span){ value, sizeof(value) }, PUT_ANY, NULL);
}

enum sk_error
engine_mailbox_row(struct engine *engine, uint64_t participant,
    uint64_t number, uint64_t *position, uint64_t *case_number)
{
	uint8_t key[16];
	uint64_t value[2];
	struct span found;
	enum sk_error rc;

	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	rc = store_get(engine->txn, STATE_MAILBOX,
	    mailbox_key(participant, number, key), &found);
	if (rc != SK_OK)
		return rc;
	if (found.size != sizeof(value))
		return SK_STORE_CORRUPT;
	memcpy(value, found.bytes, sizeof(value));
	*position = value[0];
	*case_number = value[1];
	return SK_OK;
}
