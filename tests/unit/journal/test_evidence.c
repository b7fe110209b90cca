/*
 * The tree and the checkpoints as they come with the journal's commits,
 * through crashes, aborted batches and copies.
 */
#include <errno.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "broker/journal/journal.h"
#include "proto/civil.h"
#include "proto/note.h"

#define NOON 1774000000000	/* 2026-03-20 */
#define ORIGIN "proef.regio/test/1"
#define ENTRIES_MAX 700u
#define CRASHED 7

/* One journal, and beside it the leaf hashes that it was given. */
struct world {
	char dir[64];
	struct journal *journal;
	struct fault fault;
	uint8_t public_key[32], secret[64];
	struct note_key key;
	uint8_t leaf[ENTRIES_MAX][DIGEST_SIZE];
	uint64_t size;
};

static void
found(const char *dir, uint8_t public_key[32], struct fault *fault)
{
	ProtobufCBinaryData key = { 32, public_key };
	Sk__FoundingBody body = SK__FOUNDING_BODY__INIT;

	body.name = (char *)(uintptr_t)"proef.regio";
	body.origin = (char *)(uintptr_t)ORIGIN;
	body.has_number = body.has_test = body.has_instant = 1;
	body.number = 1;
	body.test = 1;
	body.instant = NOON;
	body.has_broker_link_key = body.has_broker_sign_key =
	    body.has_enrolment_key = 1;
	body.broker_link_key = body.broker_sign_key = body.enrolment_key = key;
	body.n_operator_keys = 1;
	body.operator_keys = &key;
	assert_int_equal(journal_found(dir, &body, fault), SK_OK);
}

static void
reopen(struct world *w, bool signing)
{
	journal_close(w->journal);
	w->journal = NULL;
	assert_int_equal(journal_open(w->dir, NULL, false, &w->journal,
	    &w->fault), SK_OK);
	if (signing)
		journal_sign_with(w->journal, w->secret);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct span founding;

	strcpy(w->dir, "/tmp/test_evidence_XXXXXX");
	if (mkdtemp(w->dir) == NULL || sodium_init() < 0)
		return -1;
	crypto_sign_keypair(w->public_key, w->secret);
	assert_int_equal(note_key_init(&w->key, ORIGIN, NOTE_ED25519,
	    w->public_key), SK_OK);
	found(w->dir, w->public_key, &w->fault);
	reopen(w, true);
	assert_int_equal(journal_leaf(w->journal, 0, &founding), SK_OK);
	digest_leaf(w->leaf[0], founding.bytes, founding.size);
	w->size = 1;
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	char command[128];

	journal_close(w->journal);
	snprintf(command, sizeof(command), "rm -r %s", w->dir);
	assert_int_equal(system(command), 0);
	free(w);
	return 0;
}

static size_t
leaf_text(uint64_t position, char bytes[64])
{
	return (size_t)snprintf(bytes, 64, "entry %llu of a journal of a test",
	    (unsigned long long)position);
}

/* What another process appended. */
static void
know(struct world *w, unsigned n)
{
	char bytes[64];

	for (unsigned i = 0; i < n; i++, w->size++)
		digest_leaf(w->leaf[w->size], bytes, leaf_text(w->size,
		    bytes));
}

static void
append(struct world *w, unsigned n)
{
	char bytes[64];
	struct append in = { .leaf.bytes = bytes };
	uint64_t position;

	assert_int_equal(journal_begin(w->journal), SK_OK);
	for (unsigned i = 0; i < n; i++) {
		in.leaf.size = leaf_text(w->size, bytes);
		assert_int_equal(journal_append(w->journal, &in, NOON,
		    &position, w->leaf[w->size]), SK_OK);
		assert_int_equal(position, w->size++);
	}
}

static void
commit(struct world *w, unsigned n)
{
	append(w, n);
	assert_int_equal(journal_commit(w->journal), SK_OK);
}

/* RFC 6962 section 2.1, as it is written there. */
static void
root_of(uint8_t (*leaf)[DIGEST_SIZE], uint64_t n, uint8_t root[DIGEST_SIZE])
{
	uint8_t left[DIGEST_SIZE], right[DIGEST_SIZE];
	uint64_t k = 1;

	if (n == 1) {
		memcpy(root, leaf[0], DIGEST_SIZE);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	root_of(leaf, k, left);
	root_of(leaf + k, n - k, right);
	digest_node(root, left, right);
}

static void
open_note(struct world *w, struct span note, struct checkpoint *checkpoint)
{
	struct note opened;

	assert_int_equal(checkpoint_open(checkpoint, &opened, note.bytes,
	    note.size, &w->key), SK_OK);
}

/* The last checkpoint is over exactly so many entries, and right. */
static void
last_covers(struct world *w, uint64_t want)
{
	struct checkpoint checkpoint;
	uint8_t root[DIGEST_SIZE];
	struct span note;
	uint64_t size;

	assert_int_equal(journal_checkpoint(w->journal, UINT64_MAX, &size,
	    &note), SK_OK);
	open_note(w, note, &checkpoint);
	assert_int_equal(size, want);
	assert_int_equal(checkpoint.size, want);
	assert_string_equal(checkpoint.origin, ORIGIN);
	root_of(w->leaf, want, root);
	assert_memory_equal(checkpoint.root, root, DIGEST_SIZE);
	assert_int_equal(journal_root(w->journal, want, root), SK_OK);
	assert_memory_equal(checkpoint.root, root, DIGEST_SIZE);
	journal_read_end(w->journal);
}

static void
nothing_is_signed(struct world *w)
{
	struct span note;
	uint64_t size;

	assert_int_equal(journal_checkpoint(w->journal, UINT64_MAX, &size,
	    &note), SK_NOT_FOUND);
	assert_int_equal(journal_checkpoint_from(w->journal, 0, &size, &note),
	    SK_NOT_FOUND);
	journal_read_end(w->journal);
}

static uint64_t
checkpoints(struct world *w)
{
	struct journal_counts counts;

	assert_int_equal(journal_counts(w->journal, &counts), SK_OK);
	journal_read_end(w->journal);
	return counts.checkpoints;
}

/* ---- commits */

static void
test_a_founded_journal_has_a_tree_and_no_checkpoint(void **state)
{
	struct world *w = *state;
	uint8_t root[DIGEST_SIZE];

	nothing_is_signed(w);
	assert_int_equal(journal_root(w->journal, 1, root), SK_OK);
	assert_memory_equal(root, w->leaf[0], DIGEST_SIZE);
}

static void
test_every_commit_carries_one_checkpoint_over_all_of_it(void **state)
{
	static const unsigned batches[] = { 1, 2, 3, 1, 64, 185, 255, 1 };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++) {
		commit(w, batches[i]);
		last_covers(w, w->size);
		assert_int_equal(checkpoints(w), i + 1);
		if (i % 3 == 2)
			reopen(w, true);
	}
}

static void
test_a_commit_without_entries_signs_nothing(void **state)
{
	struct world *w = *state;

	commit(w, 2);
	assert_int_equal(journal_begin(w->journal), SK_OK);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	assert_int_equal(checkpoints(w), 1);
	last_covers(w, 3);
}

static void
test_without_a_key_the_tree_grows_and_nothing_is_signed(void **state)
{
	struct world *w = *state;

	reopen(w, false);
	commit(w, 300);
	nothing_is_signed(w);
	/* Signing begins with the next commit, over all that is there. */
	reopen(w, true);
	commit(w, 1);
	last_covers(w, 302);
	assert_int_equal(checkpoints(w), 1);
}

static void
test_checkpoints_are_found_from_either_side(void **state)
{
	const struct {
		uint64_t asked, at_most, from;	/* 0: none */
	} cases[] = {
		{ 0, 0, 3 }, { 2, 0, 3 }, { 3, 3, 3 }, { 4, 3, 8 },
		{ 8, 8, 8 }, { 9, 8, 0 }, { UINT64_MAX, 8, 0 },
	};
	struct world *w = *state;
	struct span note;
	uint64_t size;

	commit(w, 2);
	commit(w, 5);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size = 0;
		assert_int_equal(journal_checkpoint(w->journal, cases[i].asked,
		    &size, &note), cases[i].at_most ? SK_OK : SK_NOT_FOUND);
		assert_int_equal(size, cases[i].at_most);
		size = 0;
		assert_int_equal(journal_checkpoint_from(w->journal,
		    cases[i].asked, &size, &note),
		    cases[i].from ? SK_OK : SK_NOT_FOUND);
		assert_int_equal(size, cases[i].from);
	}
}

/* ---- proofs */

static void
check_inclusion(struct world *w, uint64_t position, uint64_t size)
{
	uint8_t path[TLOG_PATH_MAX][DIGEST_SIZE], root[DIGEST_SIZE];
	size_t n;

	assert_int_equal(journal_inclusion(w->journal, position, size, path,
	    &n), SK_OK);
	root_of(w->leaf, size, root);
	assert_true(tlog_includes(root, size, position, w->leaf[position],
	    (const uint8_t (*)[DIGEST_SIZE])path, n));
	assert_false(tlog_includes(root, size, position,
	    w->leaf[position == 0 ? 1 : 0],
	    (const uint8_t (*)[DIGEST_SIZE])path, n));
}

static void
check_consistency(struct world *w, uint64_t old_size, uint64_t new_size)
{
	uint8_t proof[TLOG_CONSISTENCY_MAX][DIGEST_SIZE];
	uint8_t old_root[DIGEST_SIZE], new_root[DIGEST_SIZE];
	size_t n;

	assert_int_equal(journal_consistency(w->journal, old_size, new_size,
	    proof, &n), SK_OK);
	root_of(w->leaf, old_size, old_root);
	root_of(w->leaf, new_size, new_root);
	assert_true(tlog_is_consistent(old_size, old_root, new_size, new_root,
	    (const uint8_t (*)[DIGEST_SIZE])proof, n));
	old_root[7] ^= 1;
	assert_false(tlog_is_consistent(old_size, old_root, new_size,
	    new_root, (const uint8_t (*)[DIGEST_SIZE])proof, n));
}

static void
test_entries_are_proved_under_any_size(void **state)
{
	static const uint64_t sizes[] = { 2, 3, 7, 255, 256, 257, 300 };
	struct world *w = *state;
	uint8_t path[TLOG_PATH_MAX][DIGEST_SIZE];
	size_t n;

	for (unsigned i = 0; i < 13; i++)
		commit(w, 23);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (uint64_t p = 0; p < sizes[i]; p += 1 + p / 5)
			check_inclusion(w, p, sizes[i]);
	assert_int_equal(journal_inclusion(w->journal, 300, 300, path, &n),
	    SK_NOT_FOUND);
}

static void
test_each_checkpoint_leads_to_each_later_one(void **state)
{
	struct world *w = *state;
	uint8_t proof[TLOG_CONSISTENCY_MAX][DIGEST_SIZE];
	uint64_t old_size = 0, new_size;
	struct span note;
	size_t n;

	for (unsigned i = 0; i < 24; i++)
		commit(w, 1 + i);
	while (journal_checkpoint_from(w->journal, old_size + 1, &old_size,
	    &note) == SK_OK)
		for (new_size = old_size; journal_checkpoint_from(w->journal,
		    new_size, &new_size, &note) == SK_OK; new_size++)
			check_consistency(w, old_size, new_size);
	assert_int_equal(old_size, w->size);
	assert_int_equal(journal_consistency(w->journal, 9, 8, proof, &n),
	    SK_NOT_FOUND);
}

static void
test_an_open_batch_is_proved_from_within(void **state)
{
	struct world *w = *state;

	commit(w, 255);
	append(w, 3);
	/* Full tiles are there; what is not flushed yet is not asked for. */
	check_inclusion(w, 100, 256);
	last_covers(w, 256);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	check_inclusion(w, 258, 259);
}

/* ---- what goes wrong */

static void
test_an_aborted_batch_leaves_the_tree_of_the_last_commit(void **state)
{
	static const unsigned given_up[] = { 1, 5, 300 };
	struct world *w = *state;
	uint64_t before;

	for (size_t i = 0; i < 3; i++) {
		commit(w, 40);
		before = w->size;
		append(w, given_up[i]);
		journal_abort(w->journal);
		w->size = before;
		assert_int_equal(journal_size(w->journal), before);
		last_covers(w, before);
		assert_int_equal(checkpoints(w), 2 * i + 1);
		commit(w, 60);
		last_covers(w, before + 60);
	}
}

static const char *crash_at;

/* As when the power fails: nothing is closed, nothing written back. */
static int
crash(const char *operation)
{
	if (strcmp(operation, crash_at) == 0)
		_exit(CRASHED);
	return 0;
}

static int
break_off(const char *operation)
{
	return strcmp(operation, crash_at) == 0 ? EIO : 0;
}

/* LMDB is not to be taken through a fork: the child opens it for itself. */
static void
commit_in_a_process_that_falls(struct world *w, unsigned n)
{
	pid_t child;
	int status;

	journal_close(w->journal);
	w->journal = NULL;
	if ((child = fork()) == 0) {
		reopen(w, true);
		append(w, n);
		store_inject = crash;
		(void)journal_commit(w->journal);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), CRASHED);
	reopen(w, true);
}

static void
test_a_crash_leaves_all_of_a_commit_or_nothing(void **state)
{
	static const struct {
		const char *at;
		bool there;
	} cases[] = { { "commit", false }, { "committed", true },
	    { "put", false } };
	struct world *w = *state;

	commit(w, 250);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		crash_at = cases[i].at;
		commit_in_a_process_that_falls(w, 20);
		if (cases[i].there)
			know(w, 20);
		assert_int_equal(journal_size(w->journal), w->size);
		last_covers(w, w->size);
		commit(w, 3);
		last_covers(w, w->size);
	}
}

static void
test_a_commit_that_failed_is_known_after_reopening(void **state)
{
	static const char *const at[] = { "commit", "committed" };
	struct world *w = *state;
	uint64_t before;

	commit(w, 10);
	for (size_t i = 0; i < 2; i++) {
		before = w->size;
		append(w, 7);
		crash_at = at[i];
		store_inject = break_off;
		assert_int_equal(journal_commit(w->journal), SK_STORE_IO);
		store_inject = NULL;
		reopen(w, true);
		w->size = i == 0 ? before : before + 7;
		last_covers(w, w->size);
		commit(w, 1);
		last_covers(w, w->size);
	}
}

static int puts_left;

static int
full_disk(const char *operation)
{
	return strcmp(operation, "put") == 0 && puts_left-- == 0 ? ENOSPC : 0;
}

/* The first append of a batch breaks off where a tile becomes full; what was
 * there stands, and the journal goes on. */
static void
test_an_append_that_broke_off_is_not_in_the_tree(void **state)
{
	struct append in = { 0 };
	struct world *w = *state;
	uint8_t hash[DIGEST_SIZE];
	char bytes[64];
	uint64_t position;

	commit(w, 254);		/* one more fills the tile */
	in.leaf = (struct span){ bytes, leaf_text(w->size, bytes) };
	assert_int_equal(journal_begin(w->journal), SK_OK);
	puts_left = 1;		/* the entry, and then the tile */
	store_inject = full_disk;
	assert_int_equal(journal_append(w->journal, &in, NOON, &position,
	    hash), SK_STORE_FULL);
	store_inject = NULL;
	assert_int_equal(journal_commit(w->journal), SK_STORE_FULL);
	commit(w, 3);
	last_covers(w, 258);
	reopen(w, true);
	last_covers(w, 258);
}

static void
test_a_failed_put_of_the_checkpoint_fails_the_commit(void **state)
{
	struct world *w = *state;

	commit(w, 3);
	append(w, 2);
	crash_at = "put";
	store_inject = break_off;	/* the tile, then the checkpoint */
	assert_int_not_equal(journal_commit(w->journal), SK_OK);
	store_inject = NULL;
	reopen(w, true);
	last_covers(w, 4);
}

/* The rows of a table of a journal that is closed. */
static struct store_txn *
touch(struct world *w, const struct store_table *table, struct store **store)
{
	struct store_options options = { .tables_max = 16 };
	struct store_txn *txn;
	char path[96];

	journal_close(w->journal);
	w->journal = NULL;
	snprintf(path, sizeof(path), "%s/journal", w->dir);
	options.path = path;
	assert_int_equal(store_open(&options, table, 1, store), SK_OK);
	assert_int_equal(store_write(*store, &txn), SK_OK);
	return txn;
}

/* Writers are kept out with this field; an auditor still gets to look. */
static void
only_a_reader_opens(struct world *w, const char *field)
{
	assert_int_equal(journal_open(w->dir, NULL, false, &w->journal,
	    &w->fault), SK_STORE_CORRUPT);
	assert_string_equal(w->fault.field, field);
	assert_int_equal(journal_open(w->dir, NULL, true, &w->journal,
	    &w->fault), SK_OK);
}

static void
test_an_altered_tile_keeps_the_writer_out(void **state)
{
	static const struct store_table tiles = { "tiles", true };
	struct world *w = *state;
	uint8_t bytes[4 * DIGEST_SIZE];
	struct store *store;
	struct store_txn *txn;
	struct span row;
	uint64_t first = 0;

	commit(w, 3);
	txn = touch(w, &tiles, &store);
	assert_int_equal(store_get(txn, 0, SPAN_U64(first), &row), SK_OK);
	assert_int_equal(row.size, sizeof(bytes));
	memcpy(bytes, row.bytes, sizeof(bytes));
	assert_int_equal(store_put(txn, 0, SPAN_U64(first), (struct span){
	    bytes, sizeof(bytes) - DIGEST_SIZE }, PUT_ANY, NULL), SK_OK);
	assert_int_equal(store_commit(txn), SK_OK);
	store_close(store);
	only_a_reader_opens(w, "tiles");
}

static void
test_a_gap_and_a_leaf_too_large_are_found_by_readers_alone(void **state)
{
	static const struct store_table entries = { "entries", true };
	static uint8_t large[LEAF_BYTES_MAX + 1];
	struct world *w = *state;
	struct store *store;
	struct store_txn *txn;
	struct span leaf;
	uint64_t gap = 2, third = 3;

	commit(w, 3);
	txn = touch(w, &entries, &store);
	assert_int_equal(store_del(txn, 0, SPAN_U64(gap)), SK_OK);
	assert_int_equal(store_put(txn, 0, SPAN_U64(third), (struct span){
	    large, sizeof(large) }, PUT_ANY, NULL), SK_OK);
	assert_int_equal(store_commit(txn), SK_OK);
	store_close(store);
	only_a_reader_opens(w, "");
	assert_int_equal(journal_size(w->journal), 4);
	assert_int_equal(journal_leaf(w->journal, 1, &leaf), SK_OK);
	assert_int_equal(journal_leaf(w->journal, 2, &leaf), SK_STORE_CORRUPT);
	assert_int_equal(journal_leaf(w->journal, 3, &leaf), SK_STORE_CORRUPT);
	assert_int_equal(journal_leaf(w->journal, 4, &leaf), SK_NOT_FOUND);
}

/* ---- copies */

static size_t
make_note(struct world *w, uint64_t size, const uint8_t root[DIGEST_SIZE],
    uint8_t bytes[CHECKPOINT_NOTE_MAX])
{
	struct checkpoint checkpoint = { .size = size };
	struct writer out;

	strcpy(checkpoint.origin, ORIGIN);
	memcpy(checkpoint.root, root, DIGEST_SIZE);
	writer_init(&out, bytes, CHECKPOINT_NOTE_MAX);
	assert_int_equal(checkpoint_sign(&out, &checkpoint, &w->key,
	    w->secret), SK_OK);
	assert_true(writer_done(&out));
	return out.size;
}

static void
test_a_copy_takes_over_only_the_checkpoint_of_its_size(void **state)
{
	struct world *w = *state;
	uint8_t bytes[CHECKPOINT_NOTE_MAX], root[DIGEST_SIZE];
	struct span note = { bytes, 0 };

	reopen(w, false);
	assert_int_equal(journal_keep_checkpoint(w->journal, note),
	    SK_STORE_IO);
	append(w, 9);
	root_of(w->leaf, 9, root);
	note.size = make_note(w, 9, root, bytes);
	assert_int_equal(journal_keep_checkpoint(w->journal, note),
	    SK_NOT_FOUND);
	note.size = make_note(w, 10, root, bytes);
	assert_int_equal(journal_keep_checkpoint(w->journal, note),
	    SK_STORE_CORRUPT);
	root_of(w->leaf, 10, root);
	note.size = make_note(w, 10, root, bytes);
	bytes[note.size - 6] ^= 1;
	assert_int_not_equal(journal_keep_checkpoint(w->journal, note), SK_OK);
	bytes[note.size - 6] ^= 1;
	assert_int_equal(journal_keep_checkpoint(w->journal, note), SK_OK);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	last_covers(w, 10);
}

static void
test_a_copy_comes_to_the_epoch_of_the_starts_in_it(void **state)
{
	struct world *w = *state;
	uint8_t bytes[LEAF_BYTES_MAX], hash[DIGEST_SIZE];
	struct leaf leaf = { .format = LEAF_FORMAT, .instant = NOON,
		.kind = SK__EVENT_KIND__STARTED_EVENT, .epoch = 4,
		.body = { "", 0 } };
	struct append in = { .leaf.bytes = bytes };
	uint64_t position;

	assert_int_equal(leaf_encode(&leaf, bytes, &in.leaf.size), SK_OK);
	assert_int_equal(journal_begin(w->journal), SK_OK);
	assert_int_equal(journal_append(w->journal, &in, NOON, &position,
	    hash), SK_OK);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	reopen(w, false);
	assert_int_equal(journal_epoch(w->journal), 4);
}

/* The key alone: no entry of this journal says so. */
static enum sk_error
destroy_key(struct journal *journal, uint64_t case_number)
{
	const struct erasure erasure = { .position = UINT64_MAX / 2,
		.case_number = case_number };

	return journal_erase(journal, &erasure, 1);
}

static void
test_keys_are_counted_against_what_was_made(void **state)
{
	struct world *w = *state;
	struct key_counts counts;
	uint8_t key[32];

	assert_int_equal(journal_key_counts(w->journal, &counts), SK_OK);
	assert_true(counts.there);
	assert_int_equal(counts.cases + counts.days + counts.cases_mark, 0);
	assert_int_equal(journal_case_key(w->journal, 1, key), SK_OK);
	assert_int_equal(journal_key_counts(w->journal, &counts), SK_OK);
	assert_int_equal(counts.cases, JOURNAL_KEY_BLOCK);
	assert_int_equal(counts.cases_mark, JOURNAL_KEY_BLOCK);
	assert_int_equal(destroy_key(w->journal, 1), SK_OK);
	assert_int_equal(journal_key_counts(w->journal, &counts), SK_OK);
	assert_int_equal(counts.cases, JOURNAL_KEY_BLOCK);
	assert_int_equal(counts.destroyed, 1);
	assert_int_equal(counts.last_case, JOURNAL_KEY_BLOCK);
	assert_int_equal(counts.cases_mark, JOURNAL_KEY_BLOCK);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_a_founded_journal_has_a_tree_and_no_checkpoint),
		T(test_every_commit_carries_one_checkpoint_over_all_of_it),
		T(test_a_commit_without_entries_signs_nothing),
		T(test_without_a_key_the_tree_grows_and_nothing_is_signed),
		T(test_checkpoints_are_found_from_either_side),
		T(test_entries_are_proved_under_any_size),
		T(test_each_checkpoint_leads_to_each_later_one),
		T(test_an_open_batch_is_proved_from_within),
		T(test_an_aborted_batch_leaves_the_tree_of_the_last_commit),
		T(test_a_crash_leaves_all_of_a_commit_or_nothing),
		T(test_a_commit_that_failed_is_known_after_reopening),
		T(test_an_append_that_broke_off_is_not_in_the_tree),
		T(test_a_failed_put_of_the_checkpoint_fails_the_commit),
		T(test_an_altered_tile_keeps_the_writer_out),
		T(test_a_gap_and_a_leaf_too_large_are_found_by_readers_alone),
		T(test_a_copy_takes_over_only_the_checkpoint_of_its_size),
		T(test_a_copy_comes_to_the_epoch_of_the_starts_in_it),
		T(test_keys_are_counted_against_what_was_made),
	};

	return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
