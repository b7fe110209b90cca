/*
 * archive.c - a closed year on its way out of the journal (archive.h).
 */
#include "broker/journal/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/journal/internal.h"
#include "broker/lib/file.h"
#include "proto/civil.h"

#define NAME_ARCHIVE ((struct span){ "archive", 7 })
#define MAKING ".new"

void (*journal_archiving)(const char *step);

static void
step(const char *name)
{
	if (journal_archiving != NULL)
		journal_archiving(name);
}

/* ---- which year */

static int
year_at(int64_t instant)
{
	return civil_split(civil_date_at(instant)).year;
}

static enum sk_error
instant_of(struct journal *journal, uint64_t position, int64_t *instant)
{
	struct span bytes;
	struct leaf leaf;
	enum sk_error rc = journal_leaf(journal, position, &bytes);

	if (rc == SK_OK)
		rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
	*instant = rc == SK_OK ? leaf.instant : 0;
	return rc;
}

/* The first entry from an instant on: instants never go back. */
static enum sk_error
first_from(struct journal *journal, int64_t instant, uint64_t *position)
{
	uint64_t low = journal->archived_end;
	uint64_t high = journal_size(journal), middle;
	int64_t there;
	enum sk_error rc = SK_OK;

	while (low < high && rc == SK_OK) {
		middle = low + (high - low) / 2;
		rc = instant_of(journal, middle, &there);
		if (rc == SK_OK && there < instant)
			low = middle + 1;
		else
			high = middle;
	}
	*position = low;
	return rc;
}

enum sk_error
archive_check(struct journal *journal, int year, int64_t now,
    struct segment_info *info, struct fault *fault)
{
	static const char field[] = "command.archive.year";
	int64_t first;
	enum sk_error rc;

	memset(info, 0, sizeof(*info));
	info->year = year;
	info->from = journal->archived_end;
	if (journal->archive.phase != ARCHIVE_NONE)
		return fault_set(fault, SK_YEAR_NOT_NEXT, field,
		    "%d is under way", journal->archive.info.year);
	if (journal->segments == JOURNAL_SEGMENTS_MAX)
		return fault_set(fault, SK_YEAR_NOT_NEXT, field,
		    "at most %u years", JOURNAL_SEGMENTS_MAX);
	rc = instant_of(journal, info->from, &first);
	if (rc == SK_NOT_FOUND || (rc == SK_OK && year_at(now) <= year))
		return fault_set(fault, SK_YEAR_RUNS, field,
		    "a year before %d", year_at(now));
	if (rc == SK_OK && year_at(first) != year)
		return fault_set(fault, SK_YEAR_NOT_NEXT, field, "%d is",
		    year_at(first));
	if (rc == SK_OK)
		rc = first_from(journal, civil_day_start(civil_date(year + 1,
		    1, 1)), &info->to);
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, "journal", NULL);
}

enum sk_error
archive_begin(struct journal *journal, const struct segment_info *info)
{
	uint8_t record[SEGMENT_RECORD];
	enum sk_error rc;

	segment_encode(info, record);
	rc = journal_begin(journal);
	if (rc == SK_OK)
		rc = store_put(journal->write, META, NAME_ARCHIVE,
		    (struct span){ record, sizeof(record) }, PUT_ANY, NULL);
	if (rc != SK_OK)
		return rc;
	journal->archive = (struct archive){ .phase = ARCHIVE_COPYING,
		.info = *info, .at = info->from };
	return SK_OK;
}

void
archive_state(const struct journal *journal, struct archive_state *state)
{
	*state = (struct archive_state){ .phase = journal->archive.phase,
		.info = journal->archive.info, .at = journal->archive.at };
}

enum sk_error
archive_open(struct journal *journal, struct fault *fault)
{
	struct archive *a = &journal->archive;
	struct store_txn *txn;
	struct span record;
	enum sk_error rc;

	if ((rc = journal_reader(journal, &txn)) != SK_OK)
		return fault_set(fault, rc, "archive", NULL);
	rc = store_get(txn, META, NAME_ARCHIVE, &record);
	if (rc == SK_OK && !segment_decode(record, &a->info))
		rc = SK_STORE_CORRUPT;
	if (rc == SK_OK) {
		a->phase = a->info.to <= journal->archived_end ?
		    ARCHIVE_REMOVING : ARCHIVE_COPYING;
		a->at = a->info.from;
	}
	journal_read_end(journal);
	return rc == SK_OK || rc == SK_NOT_FOUND ? SK_OK :
	    fault_set(fault, rc, "archive", "what is under way");
}

/* ---- the copy that is being made */

static void
close_copy(struct archive *a)
{
	store_abort(a->write);
	a->write = NULL;
	store_close(a->store);
	a->store = NULL;
}

void
archive_close(struct journal *journal)
{
	close_copy(&journal->archive);
}

/* Files of ours alone, by their names. */
static void
remove_copy(const struct journal *journal, const char *suffix)
{
	static const char *const names[] = { "data.mdb", "lock.mdb", "owner" };
	char dir[PATH_MAX], file[PATH_MAX];

	segment_path(journal, journal->archive.info.year, suffix, dir);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		file_path(file, sizeof(file), dir, names[i]);
		(void)unlink(file);
	}
	(void)rmdir(dir);
}

static void
begin_again(struct journal *journal)
{
	struct archive *a = &journal->archive;

	close_copy(a);
	remove_copy(journal, MAKING);
	a->phase = ARCHIVE_COPYING;
	a->at = a->info.from;
}

static enum sk_error
open_copy(struct journal *journal)
{
	char path[PATH_MAX];

	segment_path(journal, journal->archive.info.year, MAKING, path);
	return segment_store(path, false, &journal->archive.store);
}

static enum sk_error
sync_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool synced = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return synced ? SK_OK : SK_STORE_IO;
}

void
archive_delete(struct journal *journal, unsigned table, uint64_t position)
{
	struct archive *a = &journal->archive;

	if (a->store == NULL || position < a->info.from ||
	    position >= a->info.to)
		return;
	if (a->write == NULL && store_write(a->store, &a->write) != SK_OK)
		begin_again(journal);
	else
		(void)store_del(a->write, table, SPAN_U64(position));
}

void
archive_settle(struct journal *journal, bool commit)
{
	struct archive *a = &journal->archive;
	struct store_txn *write = a->write;

	a->write = NULL;
	if (write == NULL)
		return;
	if (!commit)
		store_abort(write);
	else if (store_commit(write) != SK_OK)
		begin_again(journal);
}

/* ---- copying */

static enum sk_error
copy_row(struct journal *journal, struct store_txn *txn, unsigned table,
    uint64_t position)
{
	struct span value;
	enum sk_error rc = journal_row(journal, table, position, &value);

	if (rc == SK_NOT_FOUND && table != ENTRIES)
		return SK_OK;
	return rc != SK_OK ? rc : store_put(txn, table, SPAN_U64(position),
	    value, PUT_APPEND, NULL);
}

/* All of it is read back, by a store that did not write it. */
static enum sk_error
copied(struct journal *journal)
{
	struct archive *a = &journal->archive;
	struct checkpoint checkpoint;
	struct note_key key;
	struct note opened;
	struct span note;
	enum sk_error rc;

	step("copied");
	close_copy(a);
	rc = open_copy(journal);
	if (rc == SK_OK)
		rc = journal_checkpoint_from(journal, a->info.to,
		    &a->signed_size, &note);
	if (rc == SK_OK)
		rc = journal_log_key(journal, a->signed_size, &key);
	if (rc == SK_OK)
		rc = checkpoint_open(&checkpoint, &opened, note.bytes,
		    note.size, &key);
	if (rc == SK_OK && checkpoint.size != a->signed_size)
		rc = SK_STORE_CORRUPT;
	if (rc != SK_OK)
		return rc;
	memcpy(a->signed_root, checkpoint.root, DIGEST_SIZE);
	memset(&a->edge, 0, sizeof(a->edge));
	a->at = 0;
	a->phase = ARCHIVE_CHECKING;
	return SK_OK;
}

static enum sk_error
copy_some(struct journal *journal, uint64_t max, uint64_t low_bytes)
{
	struct archive *a = &journal->archive;
	struct store_txn *txn;
	enum sk_error rc = SK_OK;

	if (a->store == NULL) {
		step("make");
		remove_copy(journal, MAKING);
		rc = open_copy(journal);
	}
	if (rc == SK_OK && store_disk_free(a->store) < low_bytes)
		rc = SK_STORE_FULL;
	if (rc != SK_OK || (rc = store_write(a->store, &txn)) != SK_OK)
		return rc;
	for (; rc == SK_OK && max > 0 && a->at < a->info.to; max--) {
		for (unsigned table = ENTRIES; table <= VAULT && rc == SK_OK;
		    table++)
			rc = copy_row(journal, txn, table, a->at);
		a->at += rc == SK_OK;
	}
	if (rc == SK_OK)
		rc = store_commit(txn);
	else
		store_abort(txn);
	return rc == SK_OK && a->at == a->info.to ? copied(journal) : rc;
}

/* ---- checking */

static enum sk_error
same_row(struct journal *journal, struct store_txn *txn, unsigned table,
    uint64_t position)
{
	struct span value, copy;
	enum sk_error rc = journal_row(journal, table, position, &value);

	if (rc != SK_OK && rc != SK_NOT_FOUND)
		return rc;
	if (store_get(txn, table, SPAN_U64(position), &copy) != rc)
		return SK_STORE_CORRUPT;
	return rc == SK_NOT_FOUND || (copy.size == value.size &&
	    memcmp(copy.bytes, value.bytes, value.size) == 0) ? SK_OK :
	    SK_STORE_CORRUPT;
}

/* The leaf's hash by the tree, and of what is moved by the copy as well. */
static enum sk_error
check_one(struct journal *journal, struct store_txn *tree,
    struct store_txn *copy)
{
	struct archive *a = &journal->archive;
	uint8_t hash[DIGEST_SIZE], there[DIGEST_SIZE];
	struct span leaf;
	enum sk_error rc = tree_leaf(tree, TILES, a->at, hash);

	if (rc == SK_OK && a->at >= a->info.from && a->at < a->info.to) {
		rc = store_get(copy, ENTRIES, SPAN_U64(a->at), &leaf);
		if (rc != SK_OK)
			return SK_STORE_CORRUPT;
		digest_leaf(there, leaf.bytes, leaf.size);
		if (memcmp(hash, there, DIGEST_SIZE) != 0)
			return SK_STORE_CORRUPT;
		rc = same_row(journal, copy, SEALED, a->at);
		if (rc == SK_OK)
			rc = same_row(journal, copy, VAULT, a->at);
	}
	if (rc != SK_OK)
		return rc;
	tree_edge_add(&a->edge, hash);
	a->at++;
	if (a->at == a->info.to)
		tree_edge_root(&a->edge, a->info.root);
	return SK_OK;
}

/* It takes its name: from here on it is one, and nobody reads it yet. */
static enum sk_error
name_copy(struct journal *journal)
{
	struct archive *a = &journal->archive;
	char made[PATH_MAX], path[PATH_MAX], dir[PATH_MAX];
	struct store_txn *txn;
	enum sk_error rc;

	if ((rc = store_write(a->store, &txn)) != SK_OK)
		return rc;
	rc = segment_sign(journal, &a->info, txn);
	if (rc == SK_OK)
		rc = store_commit(txn);
	else
		store_abort(txn);
	if (rc != SK_OK)
		return rc;
	close_copy(a);
	segment_path(journal, a->info.year, MAKING, made);
	segment_path(journal, a->info.year, "", path);
	file_path(dir, sizeof(dir), journal->path, "segments");
	/* Under this name there may be what a crash left before the list. */
	remove_copy(journal, "");
	if (rename(made, path) != 0)
		return SK_STORE_IO;
	rc = sync_path(dir);
	return rc == SK_OK ? sync_path(journal->path) : rc;
}

/* The list is the moment at which it is read. *own: the journal's error. */
static enum sk_error
adopt(struct journal *journal, enum sk_error *own, struct fault *fault)
{
	struct archive *a = &journal->archive;
	struct store_txn *txn;
	enum sk_error rc;

	step("checked");
	if ((rc = name_copy(journal)) != SK_OK)
		return rc;
	step("named");
	if ((rc = segment_attach(journal, &a->info, fault)) != SK_OK)
		return rc;
	rc = store_write(journal->store, &txn);
	if (rc == SK_OK) {
		rc = segments_put_list(journal, txn, journal->segments + 1);
		if (rc == SK_OK)
			rc = store_commit(txn);
		else
			store_abort(txn);
	}
	if ((*own = rc) != SK_OK) {
		segment_detach(&journal->segment[journal->segments]);
		return rc;
	}
	step("listed");
	journal->segments++;
	journal->archived_end = a->info.to;
	a->phase = ARCHIVE_REMOVING;
	a->at = a->info.from;
	return SK_OK;
}

static enum sk_error
check_some(struct journal *journal, uint64_t max, enum sk_error *own,
    struct fault *fault)
{
	struct archive *a = &journal->archive;
	struct store_txn *tree, *copy;
	uint8_t root[DIGEST_SIZE];
	enum sk_error rc;

	if ((rc = journal_reader(journal, &tree)) != SK_OK ||
	    (rc = store_read(a->store, &copy)) != SK_OK)
		return rc;
	for (; rc == SK_OK && max > 0 && a->at < a->signed_size; max--)
		rc = check_one(journal, tree, copy);
	store_abort(copy);
	journal_read_end(journal);
	if (rc != SK_OK)
		return fault_set(fault, rc, "entry", "%llu",
		    (unsigned long long)a->at);
	if (a->at < a->signed_size)
		return SK_OK;
	tree_edge_root(&a->edge, root);
	if (memcmp(root, a->signed_root, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_STORE_CORRUPT, "checkpoint",
		    "another root than was signed");
	return adopt(journal, own, fault);
}

/* ---- removing */

/* The lowest of those that are left; past the last of them when there is
 * none. */
static enum sk_error
lowest_left(struct store_txn *txn, uint64_t to, uint64_t *low)
{
	struct store_cursor *cursor;
	struct span key, value;
	uint64_t first = 1;
	enum sk_error rc = store_cursor_open(txn, ENTRIES, &cursor);

	*low = to;
	if (rc != SK_OK)
		return rc;
	rc = store_seek_ge(cursor, SPAN_U64(first), &key, &value);
	if (rc == SK_OK)
		memcpy(low, key.bytes, sizeof(*low));
	store_cursor_close(cursor);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

static enum sk_error
remove_some(struct journal *journal, uint64_t max)
{
	struct archive *a = &journal->archive;
	struct store_txn *txn;
	uint64_t at = 0;
	enum sk_error rc;

	if ((rc = store_write(journal->store, &txn)) != SK_OK)
		return rc;
	rc = lowest_left(txn, a->info.to, &at);
	for (; rc == SK_OK && max > 0 && at < a->info.to; max--, at++)
		for (unsigned table = ENTRIES; table <= VAULT; table++)
			(void)store_del(txn, table, SPAN_U64(at));
	/* Errors but that of absence are sticky. */
	if (rc == SK_OK && at >= a->info.to)
		(void)store_del(txn, META, NAME_ARCHIVE);
	if (rc == SK_OK)
		rc = store_commit(txn);
	else
		store_abort(txn);
	if (rc != SK_OK)
		return rc;
	a->at = at;
	step("removed");
	if (at >= a->info.to)
		memset(a, 0, sizeof(*a));
	return SK_OK;
}

enum sk_error
archive_step(struct journal *journal, uint64_t entries_max,
    uint64_t low_bytes, struct fault *fault)
{
	struct archive *a = &journal->archive;
	enum sk_error rc = SK_OK, own = SK_OK;

	memset(fault, 0, sizeof(*fault));
	if (a->phase == ARCHIVE_NONE)
		return SK_OK;
	if (journal->write != NULL)
		return SK_STORE_BUSY;
	journal_read_end(journal);
	if (a->phase == ARCHIVE_REMOVING)
		return remove_some(journal, entries_max);
	rc = a->phase == ARCHIVE_COPYING ?
	    copy_some(journal, entries_max, low_bytes) :
	    check_some(journal, entries_max, &own, fault);
	journal_read_end(journal);
	if (rc == SK_OK || own != SK_OK)
		return own;
	if (fault->code == SK_OK)
		fault_set(fault, rc, "segments", "%d", a->info.year);
	begin_again(journal);
	return SK_OK;
}
