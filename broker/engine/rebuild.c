/*
 * rebuild.c - the projection thrown away and made again from the truth, and
 * held against the one that the broker lived on.
 */
#include "broker/engine/internal.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct rebuild {
	struct engine *was, *is;
	rebuild_tell *tell;
	void *context;
	struct rebuild_report *report;
	enum state_table table;
};

static void
differ(struct rebuild *r, struct span key, const char *what)
{
	char row[2 * 64 + 1] = "";
	size_t n = key.size > 64 ? 64 : key.size;
	uint64_t number;

	r->report->differences++;
	if (key.size == sizeof(number)) {
		memcpy(&number, key.bytes, sizeof(number));
		snprintf(row, sizeof(row), "%llu", (unsigned long long)number);
	} else {
		sodium_bin2hex(row, sizeof(row), key.bytes, n);
	}
	r->tell(r->context, engine_table_name(r->table), row, what);
}

/* Under its case's key a row looks otherwise each time. */
static bool
same_closed(struct rebuild *r, struct span key, struct span a, struct span b)
{
	uint8_t one[ROW_BYTES_MAX], two[ROW_BYTES_MAX];
	size_t one_size = 0, two_size = 0;
	uint64_t number;
	enum sk_error rc_one, rc_two;
	bool same;

	if (key.size != sizeof(number) || a.size > sizeof(one) ||
	    b.size > sizeof(two))
		return false;
	memcpy(&number, key.bytes, sizeof(number));
	rc_one = journal_open_row(r->is->journal, number, key, a, one,
	    &one_size);
	rc_two = journal_open_row(r->is->journal, number, key, b, two,
	    &two_size);
	same = rc_one == rc_two && (rc_one == SK_ERASED ||
	    (rc_one == SK_OK && one_size == two_size &&
	    memcmp(one, two, one_size) == 0));
	sodium_memzero(one, sizeof(one));
	sodium_memzero(two, sizeof(two));
	return same;
}

static bool
same_row(struct rebuild *r, struct span key, struct span a, struct span b)
{
	if (r->table == STATE_CLOSED)
		return same_closed(r, key, a, b);
	return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

/* Every row of one store that the other has not, or has otherwise. */
static enum sk_error
walk_table(struct rebuild *r, struct engine *from, struct engine *other,
    bool compare, const char *absent)
{
	struct store_cursor *cursor;
	struct span key, value, there;
	enum sk_error rc, found;

	if ((rc = state_txn(from)) != SK_OK || (rc = state_txn(other)) != SK_OK)
		return rc;
	rc = store_cursor_open(from->txn, r->table, &cursor);
	if (rc != SK_OK)
		return rc;
	rc = store_seek_ge(cursor, (struct span){ NULL, 0 }, &key, &value);
	for (; rc == SK_OK; rc = store_next(cursor, &key, &value)) {
		found = store_get(other->txn, r->table, key, &there);
		if (found == SK_NOT_FOUND)
			differ(r, key, absent);
		else if (found != SK_OK)
			rc = found;
		else if (compare && !same_row(r, key, value, there))
			differ(r, key, "anders / another value");
		if (rc != SK_OK)
			break;
		r->report->rows += compare;
	}
	store_cursor_close(cursor);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

static enum sk_error
compare(struct rebuild *r)
{
	enum sk_error rc = SK_OK;

	for (int i = 0; i < STATE_TABLES && rc == SK_OK; i++) {
		r->table = (enum state_table)i;
		rc = walk_table(r, r->is, r->was, true,
		    "ontbrak / was missing");
		if (rc == SK_OK)
			rc = walk_table(r, r->was, r->is, false,
			    "hoort er niet / does not belong");
	}
	return rc;
}

enum sk_error
engine_rebuild(struct journal *journal, const char *state_path,
    const char *new_path, rebuild_tell *tell, void *context,
    struct rebuild_report *report, struct fault *fault)
{
	struct rebuild r = { .tell = tell, .context = context,
		.report = report };
	bool fresh = false;
	enum sk_error rc;

	memset(report, 0, sizeof(*report));
	report->entries = journal_size(journal);
	rc = engine_make(journal, new_path, false, &r.is, &fresh);
	if (rc == SK_OK && !fresh)
		rc = SK_STORE_MISMATCH;	/* it must be made here */
	if (rc == SK_OK)
		rc = engine_catch_up(r.is);
	if (rc == SK_OK)
		rc = engine_open(journal, state_path, &r.was, NULL, fault);
	if (rc == SK_OK)
		rc = compare(&r);
	if (rc != SK_OK && (fault == NULL || fault->code == SK_OK))
		fault_set(fault, rc, "state", NULL);
	journal_read_end(journal);
	engine_discard(r.was);
	engine_discard(r.is);
	return rc;
}
