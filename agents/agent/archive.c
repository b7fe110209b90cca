#include "agents/agent/archive.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The map may grow to this; sealed parts are at most 64 KiB each. */
#define ARCHIVE_BYTES_START ((size_t)64 << 20)

struct archive {
	char path[PATH_MAX];
	struct store *store;
	struct store_txn *writing;
	struct store_txn *reading;
	enum sk_error failed;	/* sticky, also when no transaction opened */
	bool touched;		/* meta differs from its row */
	bool renew;		/* the file is to be written anew */
	struct meta meta;
};

static const struct store_table tables[ARCHIVE_TABLES] = {
	[TABLE_META] = { "meta", false },
	[TABLE_OUTBOX] = { "outbox", true },
	[TABLE_OWN] = { "own", false },
	[TABLE_OWN_BODY] = { "own_body", false },
	[TABLE_SENT] = { "sent", true },
	[TABLE_LINKS] = { "links", true },
	[TABLE_INBOX] = { "inbox", true },
	[TABLE_INBOX_BODY] = { "inbox_body", true },
	[TABLE_BY_REF] = { "by_ref", false },
	[TABLE_NOTICES] = { "notices", true },
	[TABLE_AHEAD] = { "ahead", true },
	[TABLE_OPENERS] = { "openers", false },
	[TABLE_CASES] = { "cases", false },
	[TABLE_CASE_NUMBERS] = { "case_numbers", true },
	[TABLE_TIMELINE] = { "timeline", false },
	[TABLE_MEMBERS] = { "members", true },
	[TABLE_KEYS] = { "keys", false },
	[TABLE_STATEMENTS] = { "statements", true },
	[TABLE_FORKS] = { "forks", false },
	[TABLE_EVIDENCE] = { "evidence", false },
	[TABLE_ANSWERS] = { "answers", false },
	[TABLE_DUTY] = { "duty", false },
	[TABLE_CALLS] = { "calls", true },
	[TABLE_RESEAL] = { "reseal", false },
	[TABLE_SAID] = { "said", false },
	[TABLE_NAMED] = { "named", true },
	[TABLE_ERASED] = { "erased", false },
};

static const struct span state_key = { "state", 5 };
static const struct span format_key = { "format", 6 };
static const struct span renew_key = { "renew", 5 };

/* The transaction to read in: the open write if there is one, so that a turn
 * sees its own rows. A thread may hold one transaction at a time. */
static struct store_txn *
to_read(struct archive *archive)
{
	enum sk_error rc;

	if (archive->writing != NULL)
		return archive->writing;
	if (archive->reading == NULL &&
	    (rc = store_read(archive->store, &archive->reading)) != SK_OK) {
		archive->reading = NULL;
		archive->failed = rc;
	}
	return archive->reading;
}

static struct store_txn *
to_write(struct archive *archive)
{
	enum sk_error rc;

	if (archive->writing != NULL || archive->failed != SK_OK)
		return archive->writing;
	store_abort(archive->reading);
	archive->reading = NULL;
	if ((rc = store_write(archive->store, &archive->writing)) != SK_OK) {
		archive->writing = NULL;
		archive->failed = rc;
	}
	return archive->writing;
}

static enum sk_error
load_meta(struct archive *archive)
{
	struct span value;
	enum sk_error rc;

	rc = archive_get(archive, TABLE_META, state_key, &value);
	if (rc == SK_OK)
		return meta_decode(value, &archive->meta);
	if (rc != SK_NOT_FOUND)
		return rc;
	memset(&archive->meta, 0, sizeof(archive->meta));
	archive->meta.next_sequence = 1;
	archive->meta.next_arrival = 1;
	return SK_OK;
}

static enum sk_error
check_format(struct archive *archive, struct fault *fault)
{
	uint8_t format[8];
	struct span value;
	enum sk_error rc;

	rc = archive_get(archive, TABLE_META, format_key, &value);
	if (rc == SK_NOT_FOUND) {
		be64_put(format, ARCHIVE_FORMAT);
		archive_put(archive, TABLE_META, format_key,
		    (struct span){ format, sizeof(format) });
		return archive_settle(archive);
	}
	if (rc != SK_OK)
		return rc;
	if (value.size != 8 || be64_get(value.bytes) != ARCHIVE_FORMAT)
		return fault_set(fault, SK_STORE_FORMAT, "store",
		    "this build reads format %u", ARCHIVE_FORMAT);
	return SK_OK;
}

static enum sk_error
renew_again(struct archive *archive)
{
	struct span value;
	enum sk_error rc;

	rc = archive_get(archive, TABLE_META, renew_key, &value);
	archive->renew = rc == SK_OK;
	return rc == SK_OK ? archive_settle(archive) :
	    rc == SK_NOT_FOUND ? SK_OK : rc;
}

enum sk_error
archive_open(const char *path, struct archive **out, struct fault *fault)
{
	struct store_options options = {
		.path = path,
		.tables_max = ARCHIVE_TABLES,
		.bytes_start = ARCHIVE_BYTES_START,
	};
	struct archive *archive;
	enum sk_error rc;

	*out = NULL;
	if ((archive = calloc(1, sizeof(*archive))) == NULL)
		return fault_set(fault, SK_NO_MEMORY, "store", NULL);
	snprintf(archive->path, sizeof(archive->path), "%s", path);
	rc = store_open(&options, tables, ARCHIVE_TABLES, &archive->store);
	if (rc != SK_OK) {
		fault_set(fault, rc, "store", "%s: %s", path, error_text(rc));
		goto done;
	}
	if ((rc = check_format(archive, fault)) != SK_OK)
		goto done;
	if ((rc = load_meta(archive)) == SK_OK)
		rc = renew_again(archive);
	if (rc != SK_OK)
		fault_set(fault, rc, "store", "%s: %s", path, error_text(rc));
done:
	if (rc != SK_OK)
		archive_close(archive);
	else
		*out = archive;
	return rc;
}

void
archive_close(struct archive *archive)
{
	if (archive == NULL)
		return;
	store_abort(archive->writing);
	store_abort(archive->reading);
	store_close(archive->store);
	free(archive);
}

const char *
archive_path(const struct archive *archive)
{
	return archive->path;
}

struct meta *
archive_meta(struct archive *archive)
{
	return &archive->meta;
}

void
archive_touch(struct archive *archive)
{
	archive->touched = true;
}

void
archive_renew(struct archive *archive)
{
	archive->renew = true;
	archive_put(archive, TABLE_META, renew_key, (struct span){ "", 1 });
}

/* The row goes last: what a crash cut short is begun again. */
static enum sk_error
renew(struct archive *archive)
{
	enum sk_error rc;

	store_abort(archive->reading);
	archive->reading = NULL;
	if ((rc = store_rewrite(archive->store)) != SK_OK)
		return rc;
	archive->renew = false;
	archive_del(archive, TABLE_META, renew_key);
	return archive_settle(archive);
}

bool
archive_is_dirty(const struct archive *archive)
{
	return archive->touched || archive->writing != NULL;
}

void
archive_abandon(struct archive *archive)
{
	store_abort(archive->writing);
	store_abort(archive->reading);
	archive->writing = archive->reading = NULL;
	archive->touched = false;
	archive->renew = false;
	archive->failed = SK_OK;
	archive->failed = load_meta(archive);
}

enum sk_error
archive_settle(struct archive *archive)
{
	uint8_t bytes[ROW_BYTES_MAX];
	enum sk_error rc;

	if (archive->touched)
		archive_put(archive, TABLE_META, state_key,
		    (struct span){ bytes, meta_encode(&archive->meta, bytes) });
	rc = archive->failed;
	if (archive->writing != NULL && rc == SK_OK) {
		rc = store_commit(archive->writing);
		archive->writing = NULL;	/* commit frees it, also when it fails */
	}
	archive->touched = false;
	if (rc != SK_OK)
		archive_abandon(archive);
	store_abort(archive->reading);
	archive->reading = NULL;
	return rc == SK_OK && archive->renew ? renew(archive) : rc;
}

enum sk_error
archive_get(struct archive *archive, enum archive_table table, struct span key,
    struct span *value)
{
	struct store_txn *txn = to_read(archive);

	*value = (struct span){ NULL, 0 };
	if (txn == NULL)
		return archive->failed;
	return store_get(txn, table, key, value);
}

void
archive_put(struct archive *archive, enum archive_table table,
    struct span key, struct span value)
{
	struct store_txn *txn = to_write(archive);
	enum sk_error rc;

	if (txn == NULL)
		return;
	rc = store_put(txn, table, key, value, PUT_ANY, NULL);
	if (rc != SK_OK && archive->failed == SK_OK)
		archive->failed = rc;
}

void
archive_del(struct archive *archive, enum archive_table table, struct span key)
{
	struct store_txn *txn = to_write(archive);
	enum sk_error rc;

	if (txn == NULL)
		return;
	rc = store_del(txn, table, key);
	if (rc != SK_OK && rc != SK_NOT_FOUND && archive->failed == SK_OK)
		archive->failed = rc;
}

uint64_t
archive_count(struct archive *archive, enum archive_table table)
{
	struct store_txn *txn = to_read(archive);
	uint64_t n = 0;

	if (txn == NULL || store_count(txn, table, &n) != SK_OK)
		return 0;
	return n;
}

enum sk_error
archive_walk(struct archive *archive, enum archive_table table,
    struct span from, archive_visit visit, void *context)
{
	struct store_txn *txn = to_read(archive);
	struct store_cursor *cursor = NULL;
	struct span key, value;
	enum sk_error rc;

	if (txn == NULL)
		return archive->failed;
	if ((rc = store_cursor_open(txn, table, &cursor)) != SK_OK)
		return rc;
	rc = store_seek_ge(cursor, from, &key, &value);
	while (rc == SK_OK && visit(context, key, value))
		rc = store_next(cursor, &key, &value);
	store_cursor_close(cursor);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}
