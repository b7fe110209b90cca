/*
 * segment.c - where the entries of archived years lie, and the one way to them.
 *
 * The journal's list says which positions lie in which segment; a segment says
 * the same of itself, with F, so that another one in its place is found out
 * before anything is read from it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/journal/internal.h"
#include "broker/lib/file.h"
#include "proto/bytes.h"

/* The first three are numbered as in the journal. */
enum { OWN_META = VAULT + 1, SEGMENT_TABLES };
static const struct store_table tables[SEGMENT_TABLES] = {
	[ENTRIES] = { "entries", true },
	[SEALED] = { "sealed", true },
	[VAULT] = { "vault", true },
	[OWN_META] = { "meta", false },
};

#define NAME_FORMAT ((struct span){ "format", 6 })
#define NAME_LIST ((struct span){ "segments", 8 })
#define NAME_SEGMENT ((struct span){ "segment", 7 })
#define OWN_SIZE (DIGEST_SIZE + SEGMENT_RECORD)

const struct segment_info *
journal_segment(const struct journal *journal, size_t i)
{
	return i < journal->segments ? &journal->segment[i].info : NULL;
}

/* ---- what is said of one */

void
segment_encode(const struct segment_info *info,
    uint8_t record[SEGMENT_RECORD])
{
	struct writer w;

	writer_init(&w, record, SEGMENT_RECORD);
	write_u64(&w, (uint64_t)info->year);
	write_u64(&w, info->from);
	write_u64(&w, info->to);
	write_raw(&w, info->root, DIGEST_SIZE);
	write_u64(&w, info->changes);
}

bool
segment_decode(struct span record, struct segment_info *info)
{
	struct reader r;
	uint64_t year;

	reader_init(&r, record.bytes, record.size);
	year = read_u64(&r);
	info->from = read_u64(&r);
	info->to = read_u64(&r);
	read_into(&r, info->root, DIGEST_SIZE);
	info->changes = read_u64(&r);
	info->year = year > 9999 ? 0 : (int)year;
	return reader_done(&r) && year <= 9999 && info->from > 0 &&
	    info->from < info->to;
}

void
segment_path(const struct journal *journal, int year, const char *suffix,
    char path[PATH_MAX])
{
	char name[64];

	snprintf(name, sizeof(name), "segments/%d%s", year, suffix);
	file_path(path, PATH_MAX, journal->path, name);
}

enum sk_error
segment_store(const char *path, bool read_only, struct store **store)
{
	const struct store_options options = {
		.path = path,
		.tables_max = SEGMENT_TABLES,
		.read_only = read_only,
	};

	return store_open(&options, tables, SEGMENT_TABLES, store);
}

enum sk_error
segment_sign(const struct journal *journal, const struct segment_info *info,
    struct store_txn *txn)
{
	uint8_t own[OWN_SIZE];

	memcpy(own, journal->founding.digest, DIGEST_SIZE);
	segment_encode(info, own + DIGEST_SIZE);
	return store_put(txn, OWN_META, NAME_SEGMENT,
	    (struct span){ own, sizeof(own) }, PUT_ANY, NULL);
}

/* ---- opening */

static enum sk_error
wrong(struct fault *fault, int year, const char *what)
{
	return fault_set(fault, SK_SEGMENT_WRONG, "segments", "%d: %s", year,
	    what);
}

/* Is it the one that the list means? own: as it says of itself. */
static enum sk_error
compare(struct journal *journal, const struct segment_info *info,
    struct span own, struct fault *fault)
{
	struct segment_info said;

	if (own.size != OWN_SIZE || !segment_decode((struct span){
	    (const uint8_t *)own.bytes + DIGEST_SIZE, SEGMENT_RECORD }, &said))
		return wrong(fault, info->year, "it does not say what it is");
	if (memcmp(own.bytes, journal->founding.digest, DIGEST_SIZE) != 0)
		return wrong(fault, info->year,
		    "it belongs to another journal");
	if (said.year != info->year || said.from != info->from ||
	    said.to != info->to ||
	    memcmp(said.root, info->root, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_SEGMENT_WRONG, "segments",
		    "%d: another one stands in its place, of %d with entries "
		    "%llu to %llu", info->year, said.year,
		    (unsigned long long)said.from,
		    (unsigned long long)said.to - 1);
	if (said.changes < info->changes &&
	    (journal->read_only || journal->no_keys))
		return fault_set(fault, SK_SEGMENT_WRONG, "segments",
		    "%d: an older copy, %llu erasures reached into it and %llu "
		    "were carried out", info->year,
		    (unsigned long long)said.changes,
		    (unsigned long long)info->changes);
	/* One more is an erasure that a crash cut short, and is done again. */
	if (said.changes > info->changes + 1)
		return wrong(fault, info->year, "erasures reached into it "
		    "that the journal does not know of");
	/* What was erased since the copy is erased in it again. */
	if (said.changes < info->changes)
		journal->segment_older = true;
	return SK_OK;
}

static enum sk_error
look_into(struct journal *journal, struct segment *segment,
    struct fault *fault)
{
	const struct segment_info *info = &segment->info;
	struct store_txn *txn;
	struct span own;
	uint64_t entries = 0;
	enum sk_error rc;

	if ((rc = store_read(segment->store, &txn)) != SK_OK)
		return fault_set(fault, rc, "segments", "%d", info->year);
	rc = store_get(txn, OWN_META, NAME_SEGMENT, &own);
	rc = rc == SK_OK ? compare(journal, info, own, fault) :
	    wrong(fault, info->year, "it does not say what it is");
	/* A reader goes and finds out which is wrong. */
	if (rc == SK_OK && !journal->read_only &&
	    (store_count(txn, ENTRIES, &entries) != SK_OK ||
	    entries != info->to - info->from))
		rc = wrong(fault, info->year, "entries are missing in it");
	store_abort(txn);
	return rc;
}

enum sk_error
segment_attach(struct journal *journal, const struct segment_info *info,
    struct fault *fault)
{
	struct segment *segment = &journal->segment[journal->segments];
	char path[PATH_MAX], data[PATH_MAX];
	enum sk_error rc;

	memset(segment, 0, sizeof(*segment));
	segment->info = *info;
	segment_path(journal, info->year, "", path);
	segment_path(journal, info->year, "/data.mdb", data);
	if (access(data, F_OK) != 0)
		return fault_set(fault, SK_SEGMENT_MISSING, "segments",
		    "%d with entries %llu to %llu is not there: bring it back, "
		    "or restore a backup", info->year,
		    (unsigned long long)info->from,
		    (unsigned long long)info->to - 1);
	rc = segment_store(path, journal->read_only, &segment->store);
	if (rc == SK_STORE_CORRUPT || rc == SK_STORE_FORMAT ||
	    rc == SK_NOT_FOUND)
		return wrong(fault, info->year, "it is damaged");
	if (rc != SK_OK)
		return fault_set(fault, rc, "segments", "%d", info->year);
	if ((rc = look_into(journal, segment, fault)) != SK_OK)
		segment_detach(segment);
	return rc;
}

static void
end_reading(struct segment *segment)
{
	for (unsigned table = 0; table <= VAULT; table++) {
		store_cursor_close(segment->walk[table]);
		segment->walk[table] = NULL;
	}
	store_abort(segment->read);
	segment->read = NULL;
}

void
segment_detach(struct segment *segment)
{
	end_reading(segment);
	store_abort(segment->write);
	segment->write = NULL;
	store_close(segment->store);
	segment->store = NULL;
}

enum sk_error
segments_open(struct journal *journal, struct store_txn *txn,
    struct fault *fault)
{
	struct segment_info info;
	struct span list;
	enum sk_error rc;

	rc = store_get(txn, META, NAME_LIST, &list);
	if (rc == SK_NOT_FOUND)
		return SK_OK;
	if (rc == SK_OK && (list.size % SEGMENT_RECORD != 0 ||
	    list.size / SEGMENT_RECORD > JOURNAL_SEGMENTS_MAX))
		rc = SK_STORE_CORRUPT;
	for (size_t at = 0; rc == SK_OK && at < list.size;
	    at += SEGMENT_RECORD) {
		if (!segment_decode((struct span){ (const uint8_t *)list.bytes +
		    at, SEGMENT_RECORD }, &info) ||
		    info.from != journal->archived_end) {
			rc = SK_STORE_CORRUPT;
			break;
		}
		rc = segment_attach(journal, &info, fault);
		if (rc != SK_OK)
			return rc;
		journal->segments++;
		journal->archived_end = info.to;
	}
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, "segments",
	    "the list of them does not hold");
}

void
segments_close(struct journal *journal)
{
	for (size_t i = 0; i < journal->segments; i++)
		segment_detach(&journal->segment[i]);
	journal->segments = 0;
}

enum sk_error
segments_put_list(const struct journal *journal, struct store_txn *txn,
    size_t n)
{
	uint8_t list[JOURNAL_SEGMENTS_MAX * SEGMENT_RECORD], format[8];

	be64_put(format, JOURNAL_FORMAT_SEGMENTS);
	(void)store_put(txn, META, NAME_FORMAT, (struct span){ format,
	    sizeof(format) }, PUT_ANY, NULL);
	for (size_t i = 0; i < n; i++)
		segment_encode(&journal->segment[i].info,
		    list + i * SEGMENT_RECORD);
	return store_put(txn, META, NAME_LIST, (struct span){ list,
	    n * SEGMENT_RECORD }, PUT_ANY, NULL);
}

/* ---- reading */

/* They follow on one another from 1 up to below archived_end. */
static struct segment *
segment_of(struct journal *journal, uint64_t position)
{
	size_t i = journal->segment_last;

	if (i >= journal->segments ||
	    position < journal->segment[i].info.from ||
	    position >= journal->segment[i].info.to)
		for (i = 0; position >= journal->segment[i].info.to; i++)
			;
	journal->segment_last = i;
	return &journal->segment[i];
}

static enum sk_error
walk_of(struct journal *journal, struct segment *segment, unsigned table,
    struct store_cursor **walk)
{
	enum sk_error rc;

	journal->segments_read = true;
	if (segment->read == NULL &&
	    (rc = store_read(segment->store, &segment->read)) != SK_OK)
		return rc;
	if (segment->walk[table] == NULL &&
	    (rc = store_cursor_open(segment->read, table,
	    &segment->walk[table])) != SK_OK)
		return rc;
	*walk = segment->walk[table];
	return SK_OK;
}

enum sk_error
segments_row(struct journal *journal, unsigned table, uint64_t position,
    struct span *value)
{
	struct segment *segment = segment_of(journal, position);
	struct store_cursor *walk;
	struct span key;
	enum sk_error rc;

	*value = (struct span){ NULL, 0 };
	if ((rc = walk_of(journal, segment, table, &walk)) != SK_OK ||
	    (rc = store_seek_ge(walk, SPAN_U64(position), &key, value)) !=
	    SK_OK)
		return rc;
	if (memcmp(key.bytes, &position, sizeof(position)) == 0)
		return SK_OK;
	*value = (struct span){ NULL, 0 };	/* that of a later one */
	return SK_NOT_FOUND;
}

void
segments_read_end(struct journal *journal)
{
	for (size_t i = 0; journal->segments_read && i < journal->segments;
	    i++)
		end_reading(&journal->segment[i]);
	journal->segments_read = false;
}

/* What a crash left in the journal of what had been moved: the same row twice
 * counts once, another one is a row too many. */
static enum sk_error
count_twice(struct journal *journal, struct store_txn *txn, unsigned table,
    uint64_t *twice)
{
	struct store_cursor *cursor;
	struct span key, value, there;
	uint64_t at = 1;
	enum sk_error rc;

	*twice = 0;
	if ((rc = store_cursor_open(txn, table, &cursor)) != SK_OK)
		return rc;
	rc = store_seek_ge(cursor, SPAN_U64(at), &key, &value);
	while (rc == SK_OK) {
		memcpy(&at, key.bytes, sizeof(at));
		if (at >= journal->archived_end)
			break;
		if (segments_row(journal, table, at, &there) == SK_OK &&
		    there.size == value.size &&
		    memcmp(there.bytes, value.bytes, value.size) == 0)
			(*twice)++;
		rc = store_next(cursor, &key, &value);
	}
	store_cursor_close(cursor);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

enum sk_error
segments_count(struct journal *journal, struct store_txn *txn, unsigned table,
    uint64_t *n)
{
	uint64_t rows;
	enum sk_error rc = SK_OK;

	if (journal->segments == 0)
		return SK_OK;
	rc = count_twice(journal, txn, table, &rows);
	*n -= rows;
	for (size_t i = 0; i < journal->segments && rc == SK_OK; i++) {
		struct segment *segment = &journal->segment[i];
		struct store_cursor *walk;

		rc = walk_of(journal, segment, table, &walk);
		if (rc == SK_OK)
			rc = store_count(segment->read, table, &rows);
		*n += rc == SK_OK ? rows : 0;
	}
	return rc;
}

enum sk_error
segments_next(struct journal *journal, unsigned table, uint64_t *at)
{
	struct store_cursor *cursor;
	struct span key, value;
	enum sk_error rc;

	*at += *at == 0 && journal->segments > 0;	/* nothing lies at 0 */
	while (*at < journal->archived_end && journal->segments > 0) {
		struct segment *segment = segment_of(journal, *at);

		rc = walk_of(journal, segment, table, &cursor);
		if (rc == SK_OK)
			rc = store_seek_ge(cursor, SPAN_U64(*at), &key,
			    &value);
		if (rc != SK_OK && rc != SK_NOT_FOUND)
			return rc;
		if (rc == SK_OK)
			memcpy(at, key.bytes, sizeof(*at));
		if (rc == SK_OK && *at < segment->info.to)
			return SK_OK;
		*at = segment->info.to;
	}
	rc = store_cursor_open(journal->write, table, &cursor);
	if (rc != SK_OK)
		return rc;
	if ((rc = store_seek_ge(cursor, SPAN_U64(*at), &key, &value)) == SK_OK)
		memcpy(at, key.bytes, sizeof(*at));
	store_cursor_close(cursor);
	return rc;
}

/* ---- erasing */

enum sk_error
segments_delete(struct journal *journal, unsigned table, uint64_t position)
{
	struct segment *segment;
	enum sk_error rc;

	/* Until it is removed a row that was moved lies here as well; errors
	 * but that of absence are sticky in the transaction. */
	rc = store_del(journal->write, table, SPAN_U64(position));
	archive_delete(journal, table, position);
	if (position == 0 || position >= journal->archived_end ||
	    (rc != SK_OK && rc != SK_NOT_FOUND))
		return rc;
	segment = segment_of(journal, position);
	if (segment->write == NULL) {
		/* Its map is as large as its file, and grows before a
		 * transaction when nobody reads. */
		end_reading(segment);
		rc = store_write(segment->store, &segment->write);
	}
	if (segment->write == NULL)
		return rc;
	return store_del(segment->write, table, SPAN_U64(position));
}

/* Each says one more than the list did, also when it had said so before a
 * crash; the list follows. One that says less would be an older copy. */
enum sk_error
segments_commit(struct journal *journal)
{
	bool any = false;
	enum sk_error rc = SK_OK;

	for (size_t i = 0; i < journal->segments && rc == SK_OK; i++) {
		struct segment *segment = &journal->segment[i];

		if (segment->write == NULL)
			continue;
		any = true;
		segment->info.changes++;
		rc = segment_sign(journal, &segment->info, segment->write);
		if (rc == SK_OK)
			rc = store_commit(segment->write);
		else
			store_abort(segment->write);
		segment->write = NULL;
	}
	archive_settle(journal, rc == SK_OK);
	return rc != SK_OK || !any ? rc :
	    segments_put_list(journal, journal->write, journal->segments);
}

void
segments_abort(struct journal *journal)
{
	for (size_t i = 0; i < journal->segments; i++) {
		store_abort(journal->segment[i].write);
		journal->segment[i].write = NULL;
	}
	archive_settle(journal, false);
}
