#include "broker/lib/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "broker/lib/file.h"

#define BYTES_START ((size_t)16 << 20)
#define BYTES_MAX ((size_t)1 << 40)
/* Growth waits for the end of a transaction, so the map must have room for
 * the largest one. The map is sparse: room costs neither memory nor disk. */
#define BYTES_ROOM ((size_t)256 << 20)
/* A scratch store has its room on disk before it is used. */
#define SCRATCH_ROOM ((size_t)64 << 20)
#define OWNER_TRIES 10
#define OWNER_PAUSE_NS 10000000

struct store_cursor {
	struct store_txn *txn;
	struct store_cursor *next;
	MDB_cursor *cursor;	/* NULL once the transaction has ended */
	unsigned table;
};

struct store_txn {
	struct store *store;
	MDB_txn *txn;
	struct store_cursor *cursors;
	enum sk_error failed;
	bool writes;
};

struct table {
	MDB_dbi dbi;
	bool integer_keys;
};

struct store {
	MDB_env *env;
	struct table *tables;
	unsigned n;
	const struct store_table *wanted;	/* the caller's, for store_rewrite */
	unsigned tables_max;
	int owner;		/* holds the flock, -1 for a reader */
	bool read_only;
	bool scratch;
	size_t bytes_max;
	unsigned active;	/* transactions of ours that use the map */
	enum sk_error broken;	/* a commit failed: nothing more is written */
	struct store_txn writer;
	/* The common reader keeps its slot between uses; a second one at the
	 * same time is made and thrown away. */
	struct store_txn reader;
	MDB_txn *idle_reader;
	char path[PATH_MAX];
};

int (*store_inject)(const char *operation);

static int
inject(const char *operation)
{
	return store_inject == NULL ? 0 : store_inject(operation);
}

static enum sk_error
from_mdb(int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return SK_OK;
	case MDB_NOTFOUND:
		return SK_NOT_FOUND;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
	case ENOSPC:
	case EDQUOT:
		return SK_STORE_FULL;
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_INCOMPATIBLE:
		return SK_STORE_FORMAT;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_KEYEXIST:
		return SK_STORE_CORRUPT;
	case MDB_READERS_FULL:
		return SK_STORE_BUSY;
	case ENOMEM:
		return SK_NO_MEMORY;
	default:
		return SK_STORE_IO;
	}
}

/* ---- opening */

static void
pause_for_owner(void)
{
	struct timespec pause = { 0, OWNER_PAUSE_NS };

	nanosleep(&pause, NULL);
}

/* A reader looks at the lock by taking it for a moment, so a writer that
 * meets it tries again before it believes that there is another writer. */
static enum sk_error
take_owner(struct store *store)
{
	char path[PATH_MAX];

	file_path(path, sizeof(path), store->path, "owner");
	store->owner = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (store->owner < 0)
		return from_mdb(errno);
	for (int i = 0; i < OWNER_TRIES; i++) {
		if (flock(store->owner, LOCK_EX | LOCK_NB) == 0)
			return SK_OK;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return SK_STORE_IO;
		inject("wait");
		pause_for_owner();
	}
	return SK_STORE_BUSY;
}

static enum sk_error
look_for_owner(const struct store *store)
{
	enum sk_error code = SK_OK;
	char path[PATH_MAX];
	int fd;

	file_path(path, sizeof(path), store->path, "owner");
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return errno == ENOENT ? SK_OK : SK_STORE_IO;
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		code = errno == EWOULDBLOCK ? SK_STORE_BUSY : SK_STORE_IO;
	close(fd);
	return code;
}

static enum sk_error
sync_dir(const char *path, const char *name)
{
	enum sk_error code = SK_OK;
	char dir[PATH_MAX];
	int fd;

	file_path(dir, sizeof(dir), path, name);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		code = SK_STORE_IO;
	if (fd >= 0)
		close(fd);
	return code;
}

/* LMDB syncs its file but not the file's name: without this a first commit
 * could vanish as a whole with the power. */
static enum sk_error
sync_names(const struct store *store)
{
	/* A parent that we may not read is not where we made a directory. */
	sync_dir(store->path, "..");
	return sync_dir(store->path, ".");
}

static size_t
page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t
whole_pages(size_t bytes)
{
	return bytes / page_bytes() * page_bytes();
}

/*
 * A file that was cut short still opens, and reading past its end is a
 * signal, not an error. LMDB itself may leave the file short by pages that it
 * took at the end and did not need, so a writer fills it up after each commit,
 * and when it opens one that a crash left short by no more than that.
 */
#define SHORT_PAGES_MAX 4096u

static enum sk_error
whole_file(const struct store *store, bool fill, uint64_t short_max)
{
	struct stat file;
	MDB_envinfo info;
	MDB_stat stat;
	uint64_t pages, wanted;
	int fd;

	if (mdb_env_get_fd(store->env, &fd) != 0 || fstat(fd, &file) != 0 ||
	    mdb_env_info(store->env, &info) != 0 ||
	    mdb_env_stat(store->env, &stat) != 0)
		return SK_STORE_IO;
	pages = (uint64_t)file.st_size / stat.ms_psize;
	wanted = (uint64_t)info.me_last_pgno + 1;
	/* A new environment is not in the file yet. */
	if (info.me_last_txnid == 0 || pages >= wanted)
		return SK_OK;
	if (!fill || wanted - pages > short_max)
		return SK_STORE_CORRUPT;
	return ftruncate(fd, (off_t)(wanted * stat.ms_psize)) == 0 ? SK_OK :
	    SK_STORE_IO;
}

/* A scratch store is written through its map, where a full disk is a signal
 * and not an error: the blocks are taken first. */
static enum sk_error
reserve(const struct store *store)
{
	MDB_envinfo info;
	int fd, rc;

	if (mdb_env_get_fd(store->env, &fd) != 0 ||
	    mdb_env_info(store->env, &info) != 0)
		return SK_STORE_IO;
	if ((rc = inject("reserve")) == 0)
		rc = posix_fallocate(fd, 0, (off_t)info.me_mapsize);
	return from_mdb(rc);
}

static enum sk_error
open_env(struct store *store, const struct store_options *options)
{
	unsigned flags = MDB_NOTLS | (options->read_only ? MDB_RDONLY : 0u) |
	    (options->scratch ? MDB_NOSYNC | MDB_WRITEMAP : 0u);
	size_t start = options->bytes_start;
	enum sk_error code;
	int dead, rc;

	if ((rc = inject("open")) != 0 || (rc = mdb_env_create(&store->env)) != 0)
		return from_mdb(rc);
	if ((rc = mdb_env_set_maxdbs(store->env, options->tables_max)) != 0)
		return from_mdb(rc);
	if (start == 0)
		start = BYTES_START;
	if (start > store->bytes_max)
		start = store->bytes_max;
	/* A reader takes the size that the last writer left in the file. */
	if (!options->read_only &&
	    (rc = mdb_env_set_mapsize(store->env, whole_pages(start))) != 0)
		return from_mdb(rc);
	rc = mdb_env_open(store->env, store->path, flags, 0600);
	if (rc == ENOENT && options->read_only)
		return SK_NOT_FOUND;
	if (rc != 0)
		return from_mdb(rc);
	/* Slots of readers that died keep old pages from being used again. */
	mdb_reader_check(store->env, &dead);
	if (store->scratch && (code = reserve(store)) != SK_OK)
		return code;
	return whole_file(store, !store->read_only, SHORT_PAGES_MAX);
}

static enum sk_error
open_table(const struct store *store, MDB_txn *txn,
    const struct store_table *wanted, struct table *table)
{
	unsigned want = wanted->integer_keys ? MDB_INTEGERKEY : 0u, have = 0;
	int rc;

	table->integer_keys = wanted->integer_keys;
	rc = mdb_dbi_open(txn, wanted->name,
	    want | (store->read_only ? 0u : MDB_CREATE), &table->dbi);
	if (rc == MDB_NOTFOUND)
		return SK_STORE_FORMAT;
	if (rc != 0)
		return from_mdb(rc);
	/* LMDB keeps silent when an existing table has other keys. */
	if ((rc = mdb_dbi_flags(txn, table->dbi, &have)) != 0)
		return from_mdb(rc);
	return have == want ? SK_OK : SK_STORE_FORMAT;
}

static enum sk_error
open_tables(struct store *store, const struct store_table *tables, unsigned n)
{
	enum sk_error code = SK_OK;
	MDB_txn *txn;
	int rc;

	if ((store->tables = calloc(n + 1, sizeof(struct table))) == NULL)
		return SK_NO_MEMORY;
	rc = mdb_txn_begin(store->env, NULL, store->read_only ? MDB_RDONLY : 0u,
	    &txn);
	if (rc != 0)
		return from_mdb(rc);
	for (unsigned i = 0; i < n && code == SK_OK; i++)
		code = open_table(store, txn, &tables[i], &store->tables[i]);
	if (code != SK_OK)
		mdb_txn_abort(txn);
	else
		code = from_mdb(mdb_txn_commit(txn));
	store->n = n;
	return code;
}

static void remove_copy(const struct store *store);
static int wipe_old(const struct store *store);

static enum sk_error
open_all(struct store *store, const struct store_options *options,
    const struct store_table *tables, size_t n)
{
	struct stat st;
	enum sk_error code;

	if (options->read_only) {
		if (stat(store->path, &st) < 0)
			return errno == ENOENT ? SK_NOT_FOUND : SK_STORE_IO;
		code = look_for_owner(store);
	} else {
		if (file_make_dir(store->path, 0700, NULL) != SK_OK)
			return SK_STORE_IO;
		code = take_owner(store);
		/* What a crash left of a rewriting. */
		if (code == SK_OK)
			remove_copy(store);
		if (code == SK_OK && wipe_old(store) != 0)
			code = SK_STORE_IO;
	}
	if (code == SK_OK)
		code = open_env(store, options);
	if (code == SK_OK)
		code = open_tables(store, tables, (unsigned)n);
	if (code == SK_OK && !options->read_only)
		code = sync_names(store);
	return code;
}

enum sk_error
store_open(const struct store_options *options,
    const struct store_table *tables, size_t n, struct store **out)
{
	struct store *store;
	enum sk_error code;

	*out = NULL;
	assert(n <= options->tables_max);
	/* LMDB and owner both need room for a name behind the path. */
	if (strlen(options->path) + sizeof("/data.mdb") > PATH_MAX)
		return SK_STORE_IO;
	if ((store = calloc(1, sizeof(*store))) == NULL)
		return SK_NO_MEMORY;
	store->owner = -1;
	store->read_only = options->read_only;
	store->scratch = options->scratch;
	store->wanted = tables;
	store->tables_max = options->tables_max;
	store->bytes_max = options->bytes_max == 0 ? BYTES_MAX :
	    options->bytes_max;
	snprintf(store->path, sizeof(store->path), "%s", options->path);
	if ((code = open_all(store, options, tables, n)) != SK_OK) {
		store_close(store);
		return code;
	}
	*out = store;
	return SK_OK;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	if (store->writer.txn != NULL)
		store_abort(&store->writer);
	if (store->reader.txn != NULL)
		store_abort(&store->reader);
	assert(store->active == 0);
	if (store->idle_reader != NULL)
		mdb_txn_abort(store->idle_reader);
	if (store->env != NULL)
		mdb_env_close(store->env);
	if (store->owner >= 0)
		close(store->owner);
	free(store->tables);
	free(store);
}

/* ---- transactions */

/* Only between transactions: LMDB moves the map, readers' pointers with it. */
static enum sk_error
grow(struct store *store)
{
	size_t room = store->scratch ? SCRATCH_ROOM : BYTES_ROOM;
	size_t size, used;
	MDB_envinfo info;

	if (store->active > 0 || mdb_env_info(store->env, &info) != 0)
		return SK_OK;
	size = info.me_mapsize;
	used = (info.me_last_pgno + 1) * page_bytes();
	while (size < store->bytes_max &&
	    (used > size / 2 || size - used < room))
		size = size > store->bytes_max / 2 ? store->bytes_max : size * 2;
	/* When it does not go, the transaction finds out by a full map. */
	if (whole_pages(size) <= info.me_mapsize ||
	    mdb_env_set_mapsize(store->env, whole_pages(size)) != 0 ||
	    !store->scratch)
		return SK_OK;
	return reserve(store);
}

/* Begin, or take up the idle reader again. What another process did to the
 * map or to the table of readers is adopted once. */
static int
begin(struct store *store, unsigned flags, MDB_txn **txn)
{
	int dead, rc = 0;

	for (int i = 0; i < 2; i++) {
		rc = *txn != NULL ? mdb_txn_renew(*txn) :
		    mdb_txn_begin(store->env, NULL, flags, txn);
		if (rc == MDB_MAP_RESIZED && store->active == 0)
			mdb_env_set_mapsize(store->env, 0);
		else if (rc == MDB_READERS_FULL)
			mdb_reader_check(store->env, &dead);
		else
			break;
	}
	return rc;
}

enum sk_error
store_write(struct store *store, struct store_txn **out)
{
	struct store_txn *txn = &store->writer;
	enum sk_error code;
	int rc;

	*out = NULL;
	assert(!store->read_only && txn->txn == NULL);
	if (store->broken != SK_OK)
		return store->broken;
	if ((code = grow(store)) != SK_OK)
		return code;
	if ((rc = begin(store, 0, &txn->txn)) != 0) {
		txn->txn = NULL;
		return from_mdb(rc);
	}
	txn->store = store;
	txn->writes = true;
	txn->failed = SK_OK;
	store->active++;
	*out = txn;
	return SK_OK;
}

enum sk_error
store_read(struct store *store, struct store_txn **out)
{
	struct store_txn *txn = &store->reader;
	MDB_txn *inner = NULL;
	int rc;

	*out = NULL;
	if (store->env == NULL)	/* a rewriting broke off */
		return store->broken;
	if (txn->txn != NULL) {
		if ((txn = calloc(1, sizeof(*txn))) == NULL)
			return SK_NO_MEMORY;
	} else {
		inner = store->idle_reader;
	}
	if ((rc = begin(store, MDB_RDONLY, &inner)) != 0) {
		if (txn != &store->reader)
			free(txn);
		return from_mdb(rc);
	}
	if (txn == &store->reader)
		store->idle_reader = NULL;
	txn->store = store;
	txn->txn = inner;
	txn->writes = false;
	txn->failed = SK_OK;
	store->active++;
	*out = txn;
	return SK_OK;
}

/* LMDB frees a writer's cursors with it; ours stay the caller's to close. */
static void
close_cursors(struct store_txn *txn)
{
	struct store_cursor *cursor;

	while ((cursor = txn->cursors) != NULL) {
		txn->cursors = cursor->next;
		mdb_cursor_close(cursor->cursor);
		cursor->cursor = NULL;
		cursor->txn = NULL;
	}
}

static void
end_reader(struct store_txn *txn)
{
	struct store *store = txn->store;

	if (txn != &store->reader) {
		mdb_txn_abort(txn->txn);
		free(txn);
		return;
	}
	mdb_txn_reset(txn->txn);
	store->idle_reader = txn->txn;
	txn->txn = NULL;
}

static int
commit_inner(struct store_txn *txn)
{
	MDB_txn *inner = txn->txn;
	int rc;

	txn->txn = NULL;
	if ((rc = inject("commit")) != 0) {
		mdb_txn_abort(inner);
		return rc;
	}
	if ((rc = mdb_txn_commit(inner)) != 0)
		return rc;
	return inject("committed");
}

enum sk_error
store_commit(struct store_txn *txn)
{
	enum sk_error code = txn->failed;
	struct store *store = txn->store;
	int rc;

	if (code != SK_OK || !txn->writes) {
		store_abort(txn);
		return code;
	}
	close_cursors(txn);
	store->active--;
	rc = commit_inner(txn);
	code = from_mdb(rc);
	if (code == SK_OK)	/* it is on disk whatever this says */
		(void)whole_file(store, true, UINT64_MAX);
	/* After a failed write or sync no one knows what the disk holds, and a
	 * second sync may lie: only opening anew shows it. A full map is found
	 * before anything is written. */
	if (code != SK_OK && rc != MDB_MAP_FULL && rc != MDB_TXN_FULL)
		store->broken = code;
	return code;
}

void
store_abort(struct store_txn *txn)
{
	if (txn == NULL)
		return;
	close_cursors(txn);
	txn->store->active--;
	if (txn->writes) {
		mdb_txn_abort(txn->txn);
		txn->txn = NULL;
	} else {
		end_reader(txn);
	}
}

enum sk_error
store_failed(const struct store_txn *txn)
{
	return txn->failed;
}

/* ---- rows */

static MDB_dbi
table_of(const struct store_txn *txn, unsigned table)
{
	assert(table < txn->store->n);
	return txn->store->tables[table].dbi;
}

/* LMDB compares integer keys of another size without noticing. */
static bool
key_fits(const struct store_txn *txn, unsigned table, struct span key)
{
	assert(table < txn->store->n);
	if (txn->store->tables[table].integer_keys)
		return key.size == sizeof(uint64_t);
	return key.size > 0 && key.size <= STORE_KEY_MAX;
}

static MDB_val
val_of(struct span span)
{
	return (MDB_val){ span.size, (void *)(uintptr_t)span.bytes };
}

static struct span
span_of(MDB_val val)
{
	return (struct span){ val.mv_data, val.mv_size };
}

/* Everything but a plain "not there" makes the transaction fail for good. */
static enum sk_error
keep(struct store_txn *txn, int rc)
{
	enum sk_error code = from_mdb(rc);

	if (code != SK_OK && code != SK_NOT_FOUND && txn->failed == SK_OK)
		txn->failed = code;
	return code;
}

enum sk_error
store_put(struct store_txn *txn, unsigned table, struct span key,
    struct span value, enum store_put how, bool *existed)
{
	MDB_val k = val_of(key), v = val_of(value);
	unsigned flags = how == PUT_APPEND ? MDB_APPEND :
	    how == PUT_NEW ? MDB_NOOVERWRITE : 0u;
	int rc;

	assert(txn->writes && key_fits(txn, table, key));
	if (existed != NULL)
		*existed = false;
	if (txn->failed != SK_OK)
		return txn->failed;
	if ((rc = inject("put")) == 0)
		rc = mdb_put(txn->txn, table_of(txn, table), &k, &v, flags);
	if (rc == MDB_KEYEXIST && how == PUT_NEW && existed != NULL) {
		*existed = true;
		return SK_OK;
	}
	return keep(txn, rc);
}

enum sk_error
store_get(struct store_txn *txn, unsigned table, struct span key,
    struct span *value)
{
	MDB_val k = val_of(key), v = { 0, NULL };
	enum sk_error code;

	*value = (struct span){ NULL, 0 };
	if (txn->failed != SK_OK)
		return txn->failed;
	/* No row can have such a key. */
	if (!key_fits(txn, table, key))
		return SK_NOT_FOUND;
	code = keep(txn, mdb_get(txn->txn, table_of(txn, table), &k, &v));
	if (code == SK_OK)
		*value = span_of(v);
	return code;
}

enum sk_error
store_del(struct store_txn *txn, unsigned table, struct span key)
{
	MDB_val k = val_of(key);
	int rc;

	assert(txn->writes);
	if (txn->failed != SK_OK)
		return txn->failed;
	if (!key_fits(txn, table, key))
		return SK_NOT_FOUND;
	if ((rc = inject("del")) == 0)
		rc = mdb_del(txn->txn, table_of(txn, table), &k, NULL);
	return keep(txn, rc);
}

enum sk_error
store_count(struct store_txn *txn, unsigned table, uint64_t *n)
{
	enum sk_error code;
	MDB_stat st = { 0 };

	*n = 0;
	if (txn->failed != SK_OK)
		return txn->failed;
	code = keep(txn, mdb_stat(txn->txn, table_of(txn, table), &st));
	if (code == SK_OK)
		*n = st.ms_entries;
	return code;
}

uint64_t
store_disk_free(const struct store *store)
{
	struct statvfs fs;

	if (statvfs(store->path, &fs) < 0)
		return 0;
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}

/* ---- walking */

enum sk_error
store_cursor_open(struct store_txn *txn, unsigned table,
    struct store_cursor **out)
{
	struct store_cursor *cursor;
	enum sk_error code;

	*out = NULL;
	if (txn->failed != SK_OK)
		return txn->failed;
	if ((cursor = calloc(1, sizeof(*cursor))) == NULL)
		return SK_NO_MEMORY;
	code = keep(txn, mdb_cursor_open(txn->txn, table_of(txn, table),
	    &cursor->cursor));
	if (code != SK_OK) {
		free(cursor);
		return code;
	}
	cursor->txn = txn;
	cursor->table = table;
	cursor->next = txn->cursors;
	txn->cursors = cursor;
	*out = cursor;
	return SK_OK;
}

void
store_cursor_close(struct store_cursor *cursor)
{
	struct store_cursor **link;

	if (cursor == NULL)
		return;
	if (cursor->txn != NULL) {
		link = &cursor->txn->cursors;
		while (*link != cursor)
			link = &(*link)->next;
		*link = cursor->next;
		mdb_cursor_close(cursor->cursor);
	}
	free(cursor);
}

static int
step(struct store_cursor *cursor, MDB_cursor_op op, MDB_val *key,
    MDB_val *value)
{
	assert(cursor->txn != NULL);
	return mdb_cursor_get(cursor->cursor, key, value, op);
}

/* What a step found, or empty spans. */
static enum sk_error
found_by(struct store_cursor *cursor, int rc, const MDB_val *k,
    const MDB_val *v, struct span *key, struct span *value)
{
	*key = rc == 0 ? span_of(*k) : (struct span){ NULL, 0 };
	*value = rc == 0 ? span_of(*v) : (struct span){ NULL, 0 };
	return keep(cursor->txn, rc);
}

enum sk_error
store_seek_ge(struct store_cursor *cursor, struct span key,
    struct span *found, struct span *value)
{
	MDB_val k = val_of(key), v = { 0, NULL };
	int rc;

	assert(key.size == 0 || key_fits(cursor->txn, cursor->table, key));
	rc = step(cursor, key.size == 0 ? MDB_FIRST : MDB_SET_RANGE, &k, &v);
	return found_by(cursor, rc, &k, &v, found, value);
}

enum sk_error
store_seek_le(struct store_cursor *cursor, struct span key,
    struct span *found, struct span *value)
{
	MDB_val k = val_of(key), v = { 0, NULL };
	int rc = MDB_NOTFOUND;

	assert(key.size == 0 || key_fits(cursor->txn, cursor->table, key));
	if (key.size > 0)
		rc = step(cursor, MDB_SET_RANGE, &k, &v);
	if (rc == MDB_NOTFOUND)
		rc = step(cursor, MDB_LAST, &k, &v);
	else if (rc == 0 && (k.mv_size != key.size ||
	    memcmp(k.mv_data, key.bytes, key.size) != 0))
		rc = step(cursor, MDB_PREV, &k, &v);
	return found_by(cursor, rc, &k, &v, found, value);
}

enum sk_error
store_next(struct store_cursor *cursor, struct span *key, struct span *value)
{
	MDB_val k = { 0, NULL }, v = { 0, NULL };
	int rc = step(cursor, MDB_NEXT, &k, &v);

	return found_by(cursor, rc, &k, &v, key, value);
}

/* ---- writing the file anew */

#define COPY_NAME "copy"
#define OLD_NAME "old.mdb"	/* the old file, until it is wiped */
#define COPY_ROWS 4096		/* of the copy, a commit */

/* A copy that a crash left half is nobody's. */
static void
remove_copy(const struct store *store)
{
	static const char *const names[] = { "data.mdb", "lock.mdb" };
	char dir[PATH_MAX], path[PATH_MAX];

	file_path(dir, sizeof(dir), store->path, COPY_NAME);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		file_path(path, sizeof(path), dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

static int
copy_some(MDB_env *env, MDB_dbi dbi, MDB_cursor *from, MDB_val *key,
    MDB_val *value, bool *end)
{
	MDB_txn *txn;
	int rc;

	if ((rc = mdb_txn_begin(env, NULL, 0, &txn)) != 0)
		return rc;
	for (unsigned i = 0; i < COPY_ROWS && rc == 0; i++) {
		rc = mdb_put(txn, dbi, key, value, MDB_APPEND);
		if (rc == 0)
			rc = mdb_cursor_get(from, key, value, MDB_NEXT);
	}
	if (rc != 0 && rc != MDB_NOTFOUND) {
		mdb_txn_abort(txn);
		return rc;
	}
	*end = rc == MDB_NOTFOUND;
	return mdb_txn_commit(txn);
}

static int
copy_table(const struct store *store, MDB_txn *old, unsigned n, MDB_env *env)
{
	const struct store_table *wanted = &store->wanted[n];
	MDB_val key, value;
	MDB_cursor *from;
	MDB_txn *txn;
	MDB_dbi dbi;
	bool end = false;
	int rc;

	if ((rc = mdb_txn_begin(env, NULL, 0, &txn)) != 0)
		return rc;
	rc = mdb_dbi_open(txn, wanted->name, MDB_CREATE |
	    (wanted->integer_keys ? MDB_INTEGERKEY : 0u), &dbi);
	if (rc != 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	if ((rc = mdb_txn_commit(txn)) != 0 ||
	    (rc = mdb_cursor_open(old, store->tables[n].dbi, &from)) != 0)
		return rc;
	rc = mdb_cursor_get(from, &key, &value, MDB_FIRST);
	while (rc == 0 && !end)
		rc = copy_some(env, dbi, from, &key, &value, &end);
	mdb_cursor_close(from);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* Row by row into pages that never held another one: a copy of whole pages
 * would take along what was deleted in them. */
static int
copy_tables(struct store *store, const char *dir, size_t bytes)
{
	MDB_env *env = NULL;
	MDB_txn *old = NULL;
	int rc;

	if ((rc = mdb_env_create(&env)) != 0)
		return rc;
	if ((rc = mdb_env_set_maxdbs(env, store->tables_max)) != 0 ||
	    (rc = mdb_env_set_mapsize(env, bytes)) != 0 ||
	    (rc = mdb_env_open(env, dir, MDB_NOTLS | MDB_NOSYNC, 0600)) != 0 ||
	    (rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &old)) != 0)
		goto done;
	for (unsigned i = 0; i < store->n && rc == 0; i++)
		rc = copy_table(store, old, i, env);
	if (rc == 0)
		rc = mdb_env_sync(env, 1);
done:
	if (old != NULL)
		mdb_txn_abort(old);
	mdb_env_close(env);
	return rc;
}

/* The old file under its second name, also after a crash; one that is still
 * the store itself was not replaced yet. */
static int
wipe_old(const struct store *store)
{
	char path[PATH_MAX], data[PATH_MAX];
	struct stat old, now;

	file_path(path, sizeof(path), store->path, OLD_NAME);
	file_path(data, sizeof(data), store->path, "data.mdb");
	if (stat(path, &old) < 0)
		return errno == ENOENT ? 0 : errno;
	if (stat(data, &now) < 0)
		return errno;
	if (old.st_dev != now.st_dev || old.st_ino != now.st_ino)
		return file_wipe(path);
	return unlink(path) < 0 ? errno : 0;
}

/* The copy takes the name; from here on only the copy is opened. */
static int
swap_files(struct store *store, const char *from)
{
	char to[PATH_MAX], old[PATH_MAX];
	int rc;

	file_path(to, sizeof(to), store->path, "data.mdb");
	file_path(old, sizeof(old), store->path, OLD_NAME);
	if (link(to, old) < 0)
		return errno;
	mdb_env_close(store->env);
	store->env = NULL;
	if ((rc = inject("rename")) == 0 && rename(from, to) < 0)
		rc = errno;
	if (rc == 0 && sync_dir(store->path, ".") != SK_OK)
		rc = EIO;
	if (rc == 0 && (rc = inject("wipe")) == 0)
		rc = wipe_old(store);
	return rc;
}

static enum sk_error
open_again(struct store *store, size_t bytes)
{
	const struct store_options options = { .path = store->path,
		.tables_max = store->tables_max, .bytes_start = bytes };
	enum sk_error code;

	free(store->tables);
	store->tables = NULL;
	code = open_env(store, &options);
	if (code == SK_OK)
		code = open_tables(store, store->wanted, store->n);
	if (code != SK_OK && store->env != NULL) {
		mdb_env_close(store->env);
		store->env = NULL;
	}
	return code;
}

enum sk_error
store_rewrite(struct store *store)
{
	char dir[PATH_MAX], file[PATH_MAX];
	enum sk_error code;
	MDB_envinfo info;
	int rc;

	assert(!store->read_only);
	if (store->broken != SK_OK)
		return store->broken;
	if (store->active > 0)
		return SK_STORE_BUSY;
	if (store->idle_reader != NULL)
		mdb_txn_abort(store->idle_reader);
	store->idle_reader = NULL;
	remove_copy(store);
	file_path(dir, sizeof(dir), store->path, COPY_NAME);
	file_path(file, sizeof(file), dir, "data.mdb");
	if (file[0] == '\0' || file_make_dir(dir, 0700, NULL) != SK_OK ||
	    mdb_env_info(store->env, &info) != 0)
		return SK_STORE_IO;
	if ((rc = inject("copy")) == 0)
		rc = copy_tables(store, dir, info.me_mapsize);
	if (rc != 0) {	/* nothing has happened to the store itself */
		remove_copy(store);
		return from_mdb(rc);
	}
	rc = swap_files(store, file);
	remove_copy(store);
	code = rc == 0 ? open_again(store, info.me_mapsize) : from_mdb(rc);
	if (code != SK_OK)
		store->broken = code;
	return code;
}
