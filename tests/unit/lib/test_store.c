#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "broker/lib/store.h"
#include "tests/unit/lib/scratch.h"

enum { NUMBERS, TEXTS, TABLES };

static const struct store_table tables[TABLES] = {
	{ "numbers", true },
	{ "texts", false },
};

static const char *fail_operation;
static int fail_code, fail_after;

static int
injected(const char *operation)
{
	if (fail_operation == NULL || strcmp(operation, fail_operation) != 0)
		return 0;
	return fail_after-- == 0 ? fail_code : 0;
}

static enum sk_error
open_sized(void **state, bool read_only, size_t start, size_t max,
    struct store **store)
{
	char path[PATH_MAX];
	struct store_options options = { .path = path, .tables_max = 4,
	    .bytes_start = start, .bytes_max = max, .read_only = read_only };

	snprintf(path, sizeof(path), "%s/store", (const char *)*state);
	return store_open(&options, tables, TABLES, store);
}

static struct store *
open_store(void **state)
{
	struct store *store;

	assert_int_equal(open_sized(state, false, 0, 0, &store), SK_OK);
	return store;
}

static struct store_txn *
begin(struct store *store)
{
	struct store_txn *txn;

	assert_int_equal(store_write(store, &txn), SK_OK);
	return txn;
}

static struct span
text(const char *string)
{
	return (struct span){ string, strlen(string) };
}

static enum sk_error
put(struct store_txn *txn, uint64_t key, const char *value, enum store_put how)
{
	return store_put(txn, NUMBERS, SPAN_U64(key), text(value), how, NULL);
}

static enum sk_error
get(struct store_txn *txn, uint64_t key, struct span *value)
{
	return store_get(txn, NUMBERS, SPAN_U64(key), value);
}

static void
fill(struct store *store, const uint64_t *keys, size_t n)
{
	struct store_txn *txn = begin(store);

	for (size_t i = 0; i < n; i++)
		assert_int_equal(put(txn, keys[i], "x", PUT_ANY), SK_OK);
	assert_int_equal(store_commit(txn), SK_OK);
}

static uint64_t
count(struct store *store)
{
	struct store_txn *txn;
	uint64_t n;

	assert_int_equal(store_read(store, &txn), SK_OK);
	assert_int_equal(store_count(txn, NUMBERS, &n), SK_OK);
	store_abort(txn);
	return n;
}

static void
assert_span(struct span span, const char *want)
{
	assert_int_equal(span.size, strlen(want));
	assert_memory_equal(span.bytes, want, span.size);
}

static void
test_what_is_committed_is_there_after_opening_again(void **state)
{
	struct store *store = open_store(state);
	struct store_txn *txn = begin(store);
	struct span value;
	struct stat st;

	assert_int_equal(put(txn, 1, "one", PUT_ANY), SK_OK);
	assert_int_equal(store_put(txn, TEXTS, text("k"), text(""), PUT_ANY,
	    NULL), SK_OK);
	assert_int_equal(store_commit(txn), SK_OK);
	store_close(store);
	store = open_store(state);
	assert_int_equal(store_read(store, &txn), SK_OK);
	assert_int_equal(get(txn, 1, &value), SK_OK);
	assert_span(value, "one");
	assert_int_equal(store_get(txn, TEXTS, text("k"), &value), SK_OK);
	assert_int_equal(value.size, 0);
	assert_int_equal(store_commit(txn), SK_OK);
	assert_true(store_disk_free(store) > 0);
	store_close(store);
	store_close(NULL);
	store_abort(NULL);
	assert_int_equal(stat(scratch_path(state, "store"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(scratch_path(state, "store/data.mdb"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(scratch_path(state, "store/owner"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* Read by a signal it was, once: lost pages must be an error at opening. */
static void
test_a_file_that_was_cut_short_does_not_open_for_reading(void **state)
{
	struct store *store = open_store(state);
	struct store_options options = { .tables_max = TABLES,
		.read_only = true };
	uint64_t keys[512];
	char path[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < 512; i++)
		keys[i] = i;
	fill(store, keys, 512);
	store_close(store);
	snprintf(path, sizeof(path), "%s",
	    scratch_path(state, "store/data.mdb"));
	assert_int_equal(stat(path, &st), 0);
	options.path = scratch_path(state, "store");
	assert_int_equal(store_open(&options, tables, TABLES, &store), SK_OK);
	store_close(store);
	assert_int_equal(truncate(path, st.st_size - 1), 0);
	assert_int_equal(store_open(&options, tables, TABLES, &store),
	    SK_STORE_CORRUPT);
}

static void
test_what_is_aborted_never_was(void **state)
{
	struct store *store = open_store(state);
	struct store_txn *txn = begin(store);
	struct span value;

	assert_int_equal(put(txn, 1, "one", PUT_ANY), SK_OK);
	assert_int_equal(get(txn, 1, &value), SK_OK);
	store_abort(txn);
	assert_int_equal(count(store), 0);
	store_close(store);
}

static void
test_closing_takes_back_what_is_open(void **state)
{
	struct store *store = open_store(state);
	struct store_txn *reader;

	assert_int_equal(put(begin(store), 1, "one", PUT_ANY), SK_OK);
	assert_int_equal(store_read(store, &reader), SK_OK);
	store_close(store);
	store = open_store(state);
	assert_int_equal(count(store), 0);
	store_close(store);
}

static void
test_an_absent_row_is_no_failure(void **state)
{
	struct store *store = open_store(state);
	struct store_txn *txn = begin(store);
	char long_key[STORE_KEY_MAX + 1] = { 0 };
	struct span value;

	assert_int_equal(get(txn, 9, &value), SK_NOT_FOUND);
	assert_null(value.bytes);
	assert_int_equal(store_del(txn, TEXTS, text("a")), SK_NOT_FOUND);
	/* Keys that no row can have. */
	assert_int_equal(store_get(txn, TEXTS, text(""), &value),
	    SK_NOT_FOUND);
	assert_int_equal(store_get(txn, TEXTS, (struct span){ long_key,
	    sizeof(long_key) }, &value), SK_NOT_FOUND);
	assert_int_equal(store_get(txn, NUMBERS, text("1234"), &value),
	    SK_NOT_FOUND);
	assert_int_equal(store_del(txn, NUMBERS, text("1234")), SK_NOT_FOUND);
	assert_int_equal(store_failed(txn), SK_OK);
	assert_int_equal(store_put(txn, TEXTS, (struct span){ long_key,
	    STORE_KEY_MAX }, text("v"), PUT_ANY, NULL), SK_OK);
	assert_int_equal(store_commit(txn), SK_OK);
	store_close(store);
}

static void
test_a_deleted_row_is_gone(void **state)
{
	struct store *store = open_store(state);
	uint64_t key = 2;
	struct store_txn *txn;
	struct span value;

	fill(store, (uint64_t[]){ 1, 2, 3 }, 3);
	txn = begin(store);
	assert_int_equal(store_del(txn, NUMBERS, SPAN_U64(key)), SK_OK);
	assert_int_equal(get(txn, 2, &value), SK_NOT_FOUND);
	assert_int_equal(store_commit(txn), SK_OK);
	assert_int_equal(count(store), 2);
	store_close(store);
}

static void
test_a_new_key_says_when_it_existed(void **state)
{
	struct store *store = open_store(state);
	struct store_txn *txn = begin(store);
	struct span value;
	uint64_t key = 1;
	bool existed = true;

	assert_int_equal(store_put(txn, NUMBERS, SPAN_U64(key), text("a"),
	    PUT_NEW, &existed), SK_OK);
	assert_false(existed);
	assert_int_equal(store_put(txn, NUMBERS, SPAN_U64(key), text("b"),
	    PUT_NEW, &existed), SK_OK);
	assert_true(existed);
	assert_int_equal(get(txn, 1, &value), SK_OK);
	assert_span(value, "a");
	assert_int_equal(put(txn, 1, "c", PUT_ANY), SK_OK);
	assert_int_equal(get(txn, 1, &value), SK_OK);
	assert_span(value, "c");
	assert_int_equal(store_commit(txn), SK_OK);
	store_close(store);
}

static void
test_a_collision_nobody_expects_fails_the_transaction(void **state)
{
	static const struct { uint64_t key; enum store_put how; } cases[] = {
		{ 5, PUT_NEW },
		{ 5, PUT_APPEND },
		{ 4, PUT_APPEND },
	};
	struct store *store = open_store(state);

	fill(store, (uint64_t[]){ 5 }, 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct store_txn *txn = begin(store);

		assert_int_equal(put(txn, cases[i].key, "y", cases[i].how),
		    SK_STORE_CORRUPT);
		assert_int_equal(store_commit(txn), SK_STORE_CORRUPT);
	}
	assert_int_equal(count(store), 1);
	/* The store itself is well. */
	fill(store, (uint64_t[]){ 6 }, 1);
	store_close(store);
}

static void
test_after_a_failure_nothing_more_happens(void **state)
{
	static const struct { const char *operation; int code; int want; } cases[] = {
		{ "put", MDB_MAP_FULL, SK_STORE_FULL },
		{ "put", MDB_TXN_FULL, SK_STORE_FULL },
		{ "put", ENOSPC, SK_STORE_FULL },
		{ "put", EDQUOT, SK_STORE_FULL },
		{ "put", EIO, SK_STORE_IO },
		{ "put", MDB_PANIC, SK_STORE_IO },
		{ "put", MDB_CORRUPTED, SK_STORE_CORRUPT },
		{ "put", MDB_PAGE_NOTFOUND, SK_STORE_CORRUPT },
		{ "put", ENOMEM, SK_NO_MEMORY },
		{ "del", EIO, SK_STORE_IO },
	};
	struct store *store = open_store(state);
	uint64_t key = 1, n;

	fill(store, &key, 1);
	store_inject = injected;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct store_txn *txn = begin(store);
		struct store_cursor *cursor;
		struct span value;

		fail_operation = NULL;
		assert_int_equal(put(txn, 10, "before", PUT_ANY), SK_OK);
		fail_operation = cases[i].operation;
		fail_code = cases[i].code;
		fail_after = 0;
		put(txn, 11, "fails", PUT_ANY);
		store_del(txn, NUMBERS, SPAN_U64(key));
		assert_int_equal(store_failed(txn), cases[i].want);
		assert_int_equal(put(txn, 12, "after", PUT_ANY), cases[i].want);
		assert_int_equal(store_del(txn, NUMBERS, SPAN_U64(key)),
		    cases[i].want);
		assert_int_equal(get(txn, 1, &value), cases[i].want);
		assert_int_equal(store_count(txn, NUMBERS, &n), cases[i].want);
		assert_int_equal(store_cursor_open(txn, NUMBERS, &cursor),
		    cases[i].want);
		assert_int_equal(store_commit(txn), cases[i].want);
		assert_int_equal(count(store), 1);
	}
	store_inject = NULL;
	store_close(store);
}

static void
test_a_commit_that_failed_on_disk_closes_the_store_to_writers(void **state)
{
	static const struct {
		const char *operation;
		int code;
		enum sk_error want;
		bool writes_on;
		uint64_t kept;
	} cases[] = {
		{ "commit", EIO, SK_STORE_IO, false, 1 },
		{ "commit", ENOSPC, SK_STORE_FULL, false, 1 },
		{ "commit", MDB_PANIC, SK_STORE_IO, false, 1 },
		{ "commit", MDB_MAP_FULL, SK_STORE_FULL, true, 1 },
		/* On disk, but no one was told: a resend finds it. */
		{ "committed", EIO, SK_STORE_IO, false, 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct store *store = open_store(state);
		struct store_txn *txn = begin(store);
		uint64_t key = 100 + i;

		store_del(txn, NUMBERS, SPAN_U64(key));
		assert_int_equal(store_commit(txn), SK_OK);
		assert_int_equal(count(store), 0);
		fill(store, &key, 1);
		txn = begin(store);
		assert_int_equal(put(txn, 1, "x", PUT_ANY), SK_OK);
		fail_operation = cases[i].operation;
		fail_code = cases[i].code;
		fail_after = 0;
		store_inject = injected;
		assert_int_equal(store_commit(txn), cases[i].want);
		store_inject = NULL;
		assert_int_equal(store_write(store, &txn),
		    cases[i].writes_on ? SK_OK : cases[i].want);
		store_abort(txn);
		/* Reading goes on, and opening anew shows what is there. */
		assert_int_equal(count(store), cases[i].kept);
		store_close(store);
		store = open_store(state);
		assert_int_equal(count(store), cases[i].kept);
		txn = begin(store);
		assert_int_equal(store_del(txn, NUMBERS, SPAN_U64(key)), SK_OK);
		assert_int_equal(store_commit(txn), SK_OK);
		store_close(store);
	}
}

static void
test_opening_fails_with_a_word_for_it(void **state)
{
	static const struct { int code; enum sk_error want; } cases[] = {
		{ MDB_INVALID, SK_STORE_FORMAT },
		{ MDB_VERSION_MISMATCH, SK_STORE_FORMAT },
		{ MDB_CORRUPTED, SK_STORE_CORRUPT },
		{ EIO, SK_STORE_IO },
		{ ENOSPC, SK_STORE_FULL },
		{ EACCES, SK_STORE_IO },
		{ ENOMEM, SK_NO_MEMORY },
	};
	struct store *store;

	store_inject = injected;
	fail_operation = "open";
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fail_code = cases[i].code;
		fail_after = 0;
		assert_int_equal(open_sized(state, false, 0, 0, &store),
		    cases[i].want);
		assert_null(store);
	}
	store_inject = NULL;
	/* None of them left a lock behind. */
	store_close(open_store(state));
}

static void
test_a_file_that_is_no_store_is_another_format(void **state)
{
	struct store *store;
	char junk[8192];
	int fd;

	memset(junk, 'j', sizeof(junk));
	assert_int_equal(mkdir(scratch_path(state, "store"), 0700), 0);
	fd = open(scratch_path(state, "store/data.mdb"), O_CREAT | O_WRONLY,
	    0600);
	assert_int_equal(write(fd, junk, sizeof(junk)), sizeof(junk));
	close(fd);
	assert_int_equal(open_sized(state, false, 0, 0, &store),
	    SK_STORE_FORMAT);
}

static void
test_tables_with_other_keys_are_another_format(void **state)
{
	const struct store_table swapped[] = { { "numbers", false } };
	const struct store_table more[] = { { "numbers", true },
	    { "absent", true } };
	char path[PATH_MAX];
	struct store_options options = { .path = path, .tables_max = 4 };
	struct store *store;

	snprintf(path, sizeof(path), "%s/store", (const char *)*state);
	store_close(open_store(state));
	assert_int_equal(store_open(&options, swapped, 1, &store),
	    SK_STORE_FORMAT);
	options.read_only = true;
	assert_int_equal(store_open(&options, more, 2, &store),
	    SK_STORE_FORMAT);
	assert_int_equal(store_open(&options, more, 1, &store), SK_OK);
	store_close(store);
}

static void
test_one_writer_at_a_time(void **state)
{
	struct store *store = open_store(state), *second;

	assert_int_equal(open_sized(state, false, 0, 0, &second),
	    SK_STORE_BUSY);
	assert_int_equal(open_sized(state, true, 0, 0, &second),
	    SK_STORE_BUSY);
	assert_null(second);
	store_close(store);
	store_close(open_store(state));
}

static void
test_a_dead_writer_leaves_no_lock(void **state)
{
	struct store *store;
	int status, ready[2];
	pid_t child;
	char byte;

	assert_int_equal(pipe(ready), 0);
	if ((child = fork()) == 0) {
		struct store_txn *txn = begin(open_store(state));

		put(txn, 1, "x", PUT_ANY);
		if (write(ready[1], "r", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	store = open_store(state);
	fill(store, (uint64_t[]){ 2 }, 1);
	assert_int_equal(count(store), 1);
	store_close(store);
	close(ready[0]);
	close(ready[1]);
}

static void
test_a_reader_reads_what_no_one_writes(void **state)
{
	struct store *store;

	assert_int_equal(open_sized(state, true, 0, 0, &store), SK_NOT_FOUND);
	assert_int_equal(mkdir(scratch_path(state, "store"), 0700), 0);
	assert_int_equal(open_sized(state, true, 0, 0, &store), SK_NOT_FOUND);
	store = open_store(state);
	fill(store, (uint64_t[]){ 1, 2 }, 2);
	store_close(store);
	assert_int_equal(open_sized(state, true, 0, 0, &store), SK_OK);
	assert_int_equal(count(store), 2);
	/* A reader is in no one's way. */
	store_close(store);
	/* A copy without its lock files reads as well. */
	assert_int_equal(unlink(scratch_path(state, "store/owner")), 0);
	assert_int_equal(unlink(scratch_path(state, "store/lock.mdb")), 0);
	assert_int_equal(open_sized(state, true, 0, 0, &store), SK_OK);
	assert_int_equal(count(store), 2);
	store_close(store);
}

static int looking;

static int
stop_looking(const char *operation)
{
	if (strcmp(operation, "wait") == 0)
		flock(looking, LOCK_UN);
	return 0;
}

static void
test_a_look_at_the_lock_does_not_stop_a_writer(void **state)
{
	struct store *store;

	store_close(open_store(state));
	looking = open(scratch_path(state, "store/owner"), O_RDONLY);
	assert_int_equal(flock(looking, LOCK_SH), 0);
	assert_int_equal(open_sized(state, false, 0, 0, &store), SK_STORE_BUSY);
	store_inject = stop_looking;
	assert_int_equal(open_sized(state, false, 0, 0, &store), SK_OK);
	store_inject = NULL;
	store_close(store);
	close(looking);
}

static void
test_the_map_grows_between_transactions(void **state)
{
	static char block[65536];
	struct span value = { block, sizeof(block) };
	struct store_txn *txn;
	struct store *store;

	/* 32 MiB go through a map that began with 1 MiB. */
	assert_int_equal(open_sized(state, false, 1 << 20, 0, &store), SK_OK);
	for (uint64_t key = 0; key < 512; key++) {
		txn = begin(store);
		assert_int_equal(store_put(txn, NUMBERS, SPAN_U64(key), value,
		    PUT_APPEND, NULL), SK_OK);
		if (key % 16 != 15) {
			store_abort(txn);
			continue;
		}
		for (uint64_t more = key * 100; more < key * 100 + 16; more++)
			assert_int_equal(store_put(txn, TEXTS, SPAN_U64(more),
			    value, PUT_ANY, NULL), SK_OK);
		assert_int_equal(store_commit(txn), SK_OK);
	}
	assert_int_equal(count(store), 32);
	store_close(store);
	assert_int_equal(open_sized(state, false, 1 << 20, 0, &store), SK_OK);
	assert_int_equal(count(store), 32);
	store_close(store);
}

/* The bound is hard: what does not fit fails, and what is there stays. */
static void
test_a_store_at_its_bound_is_full_and_stays_usable(void **state)
{
	static char block[65536];
	struct span value = { block, sizeof(block) }, got;
	enum sk_error code = SK_OK;
	struct store_txn *txn;
	struct store *store;
	uint64_t key = 0;

	assert_int_equal(open_sized(state, false, 64 << 20, 1 << 20, &store),
	    SK_OK);
	while (code == SK_OK && key < 100) {
		txn = begin(store);
		code = store_put(txn, NUMBERS, SPAN_U64(key), value,
		    PUT_APPEND, NULL);
		assert_int_equal(store_commit(txn), code);
		key++;
	}
	assert_int_equal(code, SK_STORE_FULL);
	assert_in_range(key, 8, 15);
	assert_int_equal(count(store), key - 1);
	/* Erasing goes on, and makes room again. */
	txn = begin(store);
	for (uint64_t old = 0; old < 4; old++)
		assert_int_equal(store_del(txn, NUMBERS, SPAN_U64(old)), SK_OK);
	assert_int_equal(store_commit(txn), SK_OK);
	for (int i = 0; i < 2; i++) {
		txn = begin(store);
		assert_int_equal(get(txn, 0, &got), i == 0 ? SK_NOT_FOUND :
		    SK_OK);
		assert_int_equal(put(txn, 0, "x", PUT_ANY), SK_OK);
		assert_int_equal(store_commit(txn), SK_OK);
	}
	store_close(store);
}

static void
test_readers_see_what_was_there_when_they_began(void **state)
{
	struct store *store = open_store(state);
	struct store_txn *first, *second, *third;
	struct span value;
	uint64_t n;

	fill(store, (uint64_t[]){ 1 }, 1);
	assert_int_equal(store_read(store, &first), SK_OK);
	fill(store, (uint64_t[]){ 2 }, 1);
	assert_int_equal(store_read(store, &second), SK_OK);
	assert_int_equal(store_read(store, &third), SK_OK);
	assert_int_equal(store_count(first, NUMBERS, &n), SK_OK);
	assert_int_equal(n, 1);
	assert_int_equal(get(second, 2, &value), SK_OK);
	store_abort(first);
	/* The common one is taken up again, and sees the newest. */
	assert_int_equal(store_read(store, &first), SK_OK);
	assert_int_equal(store_count(first, NUMBERS, &n), SK_OK);
	assert_int_equal(n, 2);
	store_abort(third);
	store_abort(first);
	store_abort(second);
	store_close(store);
}

/* An open reader holds growth up, it does not lose its footing. */
static void
test_the_map_stays_while_a_reader_is_open(void **state)
{
	static char block[65536];
	struct span value = { block, sizeof(block) }, seen;
	struct store_txn *reader, *txn;
	struct store *store;

	memset(block, 'b', sizeof(block));
	assert_int_equal(open_sized(state, false, 0, 8 << 20, &store), SK_OK);
	txn = begin(store);
	assert_int_equal(put(txn, 0, "first", PUT_ANY), SK_OK);
	assert_int_equal(store_commit(txn), SK_OK);
	assert_int_equal(store_read(store, &reader), SK_OK);
	assert_int_equal(get(reader, 0, &seen), SK_OK);
	for (uint64_t key = 1; key < 40; key++) {
		txn = begin(store);
		assert_int_equal(store_put(txn, NUMBERS, SPAN_U64(key), value,
		    PUT_ANY, NULL), SK_OK);
		assert_int_equal(store_commit(txn), SK_OK);
	}
	assert_span(seen, "first");
	store_abort(reader);
	store_close(store);
}

static void
grow_in_a_child(void **state, size_t bytes, uint64_t rows)
{
	static char block[65536];
	struct span value = { block, sizeof(block) };
	struct store_txn *txn;
	struct store *store;
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (open_sized(state, false, bytes, bytes, &store) != SK_OK ||
		    store_write(store, &txn) != SK_OK)
			_exit(1);
		for (uint64_t key = 0; key < rows; key++)
			store_put(txn, NUMBERS, SPAN_U64(key), value, PUT_ANY,
			    NULL);
		_exit(store_commit(txn) == SK_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
test_a_map_that_another_process_grew_is_adopted(void **state)
{
	struct store *store;

	grow_in_a_child(state, 1 << 20, 1);
	assert_int_equal(open_sized(state, true, 0, 0, &store), SK_OK);
	assert_int_equal(count(store), 1);
	grow_in_a_child(state, 64 << 20, 200);
	assert_int_equal(count(store), 200);
	store_close(store);
}

static void
test_one_reader_too_many_is_told_that_it_is_busy(void **state)
{
	struct store_txn *readers[127];
	struct store *store = open_store(state);

	for (int i = 0; i < 127; i++)
		assert_int_equal(store_read(store, &readers[i]),
		    i < 126 ? SK_OK : SK_STORE_BUSY);
	for (int i = 0; i < 126; i++)
		store_abort(readers[i]);
	assert_int_equal(count(store), 0);
	store_close(store);
}

static uint64_t
number_of(struct span key)
{
	uint64_t number;

	assert_int_equal(key.size, sizeof(number));
	memcpy(&number, key.bytes, sizeof(number));
	return number;
}

static void
test_seeking_finds_the_nearest_key_on_its_side(void **state)
{
	static const struct { uint64_t key, ge, le; } cases[] = {
		/* 0: none */
		{ 1, 10, 0 }, { 9, 10, 0 }, { 10, 10, 10 }, { 11, 20, 10 },
		{ 19, 20, 10 }, { 20, 20, 20 }, { 299, 300, 20 },
		{ 300, 300, 300 }, { 301, 0, 300 }, { UINT64_MAX, 0, 300 },
	};
	struct store *store = open_store(state);
	struct store_cursor *cursor;
	struct store_txn *txn;
	struct span key, value;

	fill(store, (uint64_t[]){ 300, 10, 20 }, 3);
	assert_int_equal(store_read(store, &txn), SK_OK);
	assert_int_equal(store_cursor_open(txn, NUMBERS, &cursor), SK_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t at = cases[i].key;
		enum sk_error code;

		code = store_seek_ge(cursor, SPAN_U64(at), &key, &value);
		assert_int_equal(code, cases[i].ge == 0 ? SK_NOT_FOUND : SK_OK);
		if (code == SK_OK)
			assert_int_equal(number_of(key), cases[i].ge);
		else
			assert_int_equal(key.size, 0);
		code = store_seek_le(cursor, SPAN_U64(at), &key, &value);
		assert_int_equal(code, cases[i].le == 0 ? SK_NOT_FOUND : SK_OK);
		if (code == SK_OK)
			assert_int_equal(number_of(key), cases[i].le);
	}
	store_cursor_close(cursor);
	store_abort(txn);
	store_close(store);
}

static void
test_a_walk_goes_over_every_row_in_order(void **state)
{
	static const uint64_t want[] = { 1, 2, 256, 65536 };
	struct store *store = open_store(state);
	struct span key, value, none = { NULL, 0 };
	struct store_cursor *cursor;
	struct store_txn *txn;

	fill(store, (uint64_t[]){ 65536, 2, 256, 1 }, 4);
	assert_int_equal(store_read(store, &txn), SK_OK);
	assert_int_equal(store_cursor_open(txn, NUMBERS, &cursor), SK_OK);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(store_next(cursor, &key, &value), SK_OK);
		assert_int_equal(number_of(key), want[i]);
		assert_span(value, "x");
	}
	assert_int_equal(store_next(cursor, &key, &value), SK_NOT_FOUND);
	assert_int_equal(store_seek_ge(cursor, none, &key, &value), SK_OK);
	assert_int_equal(number_of(key), 1);
	assert_int_equal(store_next(cursor, &key, &value), SK_OK);
	assert_int_equal(number_of(key), 2);
	assert_int_equal(store_seek_le(cursor, none, &key, &value), SK_OK);
	assert_int_equal(number_of(key), 65536);
	store_cursor_close(cursor);
	store_abort(txn);
	store_close(store);
}

static void
test_an_empty_table_has_no_first_and_no_last(void **state)
{
	struct store *store = open_store(state);
	struct span key, value, none = { NULL, 0 };
	struct store_cursor *cursor;
	struct store_txn *txn;

	assert_int_equal(store_read(store, &txn), SK_OK);
	assert_int_equal(store_cursor_open(txn, TEXTS, &cursor), SK_OK);
	assert_int_equal(store_seek_ge(cursor, none, &key, &value),
	    SK_NOT_FOUND);
	assert_int_equal(store_seek_le(cursor, none, &key, &value),
	    SK_NOT_FOUND);
	assert_int_equal(store_seek_le(cursor, text("a"), &key, &value),
	    SK_NOT_FOUND);
	assert_int_equal(store_next(cursor, &key, &value), SK_NOT_FOUND);
	assert_int_equal(store_failed(txn), SK_OK);
	store_cursor_close(cursor);
	store_abort(txn);
	store_close(store);
}

static void
test_a_cursor_may_outlive_its_transaction(void **state)
{
	struct store *store = open_store(state);
	struct store_cursor *cursors[4];
	struct span key, value;
	struct store_txn *txn;

	fill(store, (uint64_t[]){ 1, 2 }, 2);
	txn = begin(store);
	for (int i = 0; i < 4; i++)
		assert_int_equal(store_cursor_open(txn, NUMBERS, &cursors[i]),
		    SK_OK);
	store_cursor_close(cursors[1]);
	assert_int_equal(store_next(cursors[0], &key, &value), SK_OK);
	assert_int_equal(store_commit(txn), SK_OK);
	store_cursor_close(cursors[0]);
	store_cursor_close(cursors[2]);
	store_cursor_close(cursors[3]);
	assert_int_equal(store_read(store, &txn), SK_OK);
	assert_int_equal(store_cursor_open(txn, NUMBERS, &cursors[0]), SK_OK);
	store_abort(txn);
	store_cursor_close(cursors[0]);
	store_cursor_close(NULL);
	store_close(store);
}

static void
test_a_path_that_cannot_be_made_is_a_disk_error(void **state)
{
	char path[PATH_MAX + 16];
	struct store_options options = { .path = path, .tables_max = 4 };
	struct store *store;
	int fd;

	fd = open(scratch_path(state, "file"), O_CREAT | O_WRONLY, 0600);
	close(fd);
	snprintf(path, sizeof(path), "%s/file/store", (const char *)*state);
	assert_int_equal(store_open(&options, tables, TABLES, &store),
	    SK_STORE_IO);
	memset(path, 'p', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(store_open(&options, tables, TABLES, &store),
	    SK_STORE_IO);
}

/* ---- writing the file anew */

/* Do these bytes stand anywhere in a file of the store? */
static bool
stands_in(void **state, const char *name, const char *bytes)
{
	static char all[8 << 20];
	char path[PATH_MAX];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "%s/store/%s", (const char *)*state,
	    name);
	if ((fd = open(path, O_RDONLY)) < 0)
		return false;
	size = read(fd, all, sizeof(all));
	close(fd);
	assert_true(size >= 0 && (size_t)size < sizeof(all));
	return memmem(all, (size_t)size, bytes, strlen(bytes)) != NULL;
}

#define SECRET "what nobody may find again"

static void
fill_and_delete(struct store *store)
{
	static const uint64_t keys[] = { 1, 2, 3, 4, 5 };
	uint64_t secret = 6;
	struct store_txn *txn;

	fill(store, keys, 5);
	txn = begin(store);
	assert_int_equal(put(txn, secret, SECRET, PUT_ANY), SK_OK);
	assert_int_equal(store_put(txn, TEXTS, text("a"), text("b"), PUT_ANY,
	    NULL), SK_OK);
	assert_int_equal(store_commit(txn), SK_OK);
	txn = begin(store);
	assert_int_equal(store_del(txn, NUMBERS, SPAN_U64(secret)), SK_OK);
	assert_int_equal(store_commit(txn), SK_OK);
}

static void
test_what_was_deleted_is_found_until_the_file_is_written_anew(void **state)
{
	struct store *store = open_store(state);
	struct store_txn *txn;
	struct span value;

	fill_and_delete(store);
	assert_true(stands_in(state, "data.mdb", SECRET));
	assert_int_equal(store_rewrite(store), SK_OK);
	assert_false(stands_in(state, "data.mdb", SECRET));
	assert_int_equal(count(store), 5);
	txn = begin(store);
	assert_int_equal(store_get(txn, TEXTS, text("a"), &value), SK_OK);
	assert_span(value, "b");
	assert_int_equal(put(txn, 9, "more", PUT_APPEND), SK_OK);
	assert_int_equal(store_rewrite(store), SK_STORE_BUSY);
	assert_int_equal(store_commit(txn), SK_OK);
	store_close(store);
	store = open_store(state);
	assert_int_equal(count(store), 6);
	store_close(store);
}

/* A crash at each step leaves a store that opens with all its rows, and the
 * next opening wipes what an old file still holds. */
static void
test_a_rewriting_that_breaks_off_leaves_all_rows(void **state)
{
	static const char *const steps[] = { "copy", "rename", "wipe", "open" };
	struct store *store = open_store(state);

	fill_and_delete(store);
	store_close(store);
	for (size_t i = 0; i < 4; i++) {
		store = open_store(state);
		fail_operation = steps[i];
		fail_code = i == 0 ? ENOSPC : EIO;
		fail_after = 0;
		store_inject = injected;
		assert_int_equal(store_rewrite(store), i == 0 ?
		    SK_STORE_FULL : SK_STORE_IO);
		store_inject = NULL;
		fail_operation = NULL;
		if (i == 0)	/* nothing happened */
			assert_int_equal(count(store), 5);
		store_close(store);
		if (i == 2)
			assert_true(stands_in(state, "old.mdb", SECRET));
	}
	store = open_store(state);
	assert_int_equal(count(store), 5);
	assert_false(stands_in(state, "data.mdb", SECRET));
	assert_false(stands_in(state, "old.mdb", "x"));
	store_close(store);
}

/* More rows than one commit of the copy takes, and a row of many pages. */
static void
test_a_large_store_is_written_anew_whole(void **state)
{
	static char large[300000];
	struct store *store = open_store(state);
	struct store_txn *txn = begin(store);
	struct span value;

	memset(large, 'l', sizeof(large));
	for (uint64_t i = 0; i < 10000; i++)
		assert_int_equal(put(txn, i, "row", PUT_APPEND), SK_OK);
	assert_int_equal(store_put(txn, TEXTS, text("large"),
	    (struct span){ large, sizeof(large) }, PUT_ANY, NULL), SK_OK);
	assert_int_equal(store_commit(txn), SK_OK);
	assert_int_equal(store_rewrite(store), SK_OK);
	assert_int_equal(count(store), 10000);
	txn = begin(store);
	assert_int_equal(store_get(txn, TEXTS, text("large"), &value), SK_OK);
	assert_int_equal(value.size, sizeof(large));
	assert_memory_equal(value.bytes, large, sizeof(large));
	store_abort(txn);
	store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_what_is_committed_is_there_after_opening_again),
		scratch_test(
		    test_a_file_that_was_cut_short_does_not_open_for_reading),
		scratch_test(test_what_is_aborted_never_was),
		scratch_test(test_closing_takes_back_what_is_open),
		scratch_test(test_an_absent_row_is_no_failure),
		scratch_test(test_a_deleted_row_is_gone),
		scratch_test(test_a_new_key_says_when_it_existed),
		scratch_test(test_a_collision_nobody_expects_fails_the_transaction),
		scratch_test(test_after_a_failure_nothing_more_happens),
		scratch_test(test_a_commit_that_failed_on_disk_closes_the_store_to_writers),
		scratch_test(test_opening_fails_with_a_word_for_it),
		scratch_test(test_a_file_that_is_no_store_is_another_format),
		scratch_test(test_tables_with_other_keys_are_another_format),
		scratch_test(test_one_writer_at_a_time),
		scratch_test(test_a_dead_writer_leaves_no_lock),
		scratch_test(test_a_reader_reads_what_no_one_writes),
		scratch_test(test_a_look_at_the_lock_does_not_stop_a_writer),
		scratch_test(test_the_map_grows_between_transactions),
		scratch_test(test_a_store_at_its_bound_is_full_and_stays_usable),
		scratch_test(test_readers_see_what_was_there_when_they_began),
		scratch_test(test_the_map_stays_while_a_reader_is_open),
		scratch_test(test_a_map_that_another_process_grew_is_adopted),
		scratch_test(test_one_reader_too_many_is_told_that_it_is_busy),
		scratch_test(test_seeking_finds_the_nearest_key_on_its_side),
		scratch_test(test_a_walk_goes_over_every_row_in_order),
		scratch_test(test_an_empty_table_has_no_first_and_no_last),
		scratch_test(test_a_cursor_may_outlive_its_transaction),
		scratch_test(test_a_path_that_cannot_be_made_is_a_disk_error),
		scratch_test(
		    test_what_was_deleted_is_found_until_the_file_is_written_anew),
		scratch_test(test_a_rewriting_that_breaks_off_leaves_all_rows),
		scratch_test(test_a_large_store_is_written_anew_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
