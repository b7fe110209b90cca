#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/journal/tree.h"
#include "tests/unit/lib/scratch.h"

enum { TILES };

/* Past 256 there are two levels; past 65,536 three. The example of the
 * specification has 70,000. */
#define SMALL 300u
#define LARGE 70000u

static const struct store_table tables[] = { { "tiles", true } };

/* The hash of leaf i, of which no test needs the bytes. */
static void
leaf_of(uint8_t leaf[DIGEST_SIZE], uint64_t i)
{
	digest_leaf(leaf, &i, sizeof(i));
}

/* ---- the recursion of RFC 6962 section 2.1, each range hashed once */

static struct range {
	bool known;
	uint8_t root[DIGEST_SIZE];
} ranges[SMALL][SMALL + 1];

static size_t
split(size_t n)
{
	size_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

static const uint8_t *
mth(size_t start, size_t end)
{
	struct range *range = &ranges[start][end];
	size_t k;

	if (!range->known && end - start == 1) {
		leaf_of(range->root, start);
	} else if (!range->known) {
		k = start + split(end - start);
		digest_node(range->root, mth(start, k), mth(k, end));
	}
	range->known = true;
	return range->root;
}

struct path {
	size_t n;
	uint8_t node[TLOG_CONSISTENCY_MAX][DIGEST_SIZE];
};

static void
add(struct path *path, size_t start, size_t end)
{
	memcpy(path->node[path->n++], mth(start, end), DIGEST_SIZE);
}

static void
path_of(struct path *path, size_t index, size_t start, size_t end)
{
	size_t k;

	if (end - start == 1)
		return;
	k = start + split(end - start);
	if (index < k) {
		path_of(path, index, start, k);
		add(path, k, end);
	} else {
		path_of(path, index, k, end);
		add(path, start, k);
	}
}

static void
subproof(struct path *path, size_t m, size_t start, size_t end, bool known)
{
	size_t k;

	if (m == end) {
		if (!known)
			add(path, start, end);
		return;
	}
	k = start + split(end - start);
	if (m <= k) {
		subproof(path, m, start, k, known);
		add(path, k, end);
	} else {
		subproof(path, m, k, end, false);
		add(path, start, k);
	}
}

/* ---- a store with a tree */

struct world {
	struct store *store;
	struct store_txn *txn;
	struct tree *tree;
};

static void
begin(struct world *w)
{
	assert_int_equal(store_write(w->store, &w->txn), SK_OK);
}

static void
open_world(struct world *w, void **state, uint64_t size)
{
	struct store_options options = {
		.path = scratch_path(state, "store"), .tables_max = 1 };

	assert_int_equal(store_open(&options, tables, 1, &w->store), SK_OK);
	begin(w);
	assert_int_equal(tree_open(w->txn, TILES, size, &w->tree), SK_OK);
}

static void
close_world(struct world *w)
{
	tree_close(w->tree);
	store_abort(w->txn);
	store_close(w->store);
}

static void
append(struct world *w, uint64_t n)
{
	uint8_t leaf[DIGEST_SIZE];

	while (n-- > 0) {
		leaf_of(leaf, tree_size(w->tree));
		assert_int_equal(tree_append(w->tree, w->txn, leaf), SK_OK);
	}
}

static void
flush(struct world *w)
{
	assert_int_equal(tree_flush(w->tree, w->txn), SK_OK);
}

static void
commit(struct world *w)
{
	assert_int_equal(store_commit(w->txn), SK_OK);
	begin(w);
}

/* ---- growing and reading, against the recursion */

static void
check_proofs(struct world *w, size_t n)
{
	uint8_t got[TLOG_CONSISTENCY_MAX][DIGEST_SIZE];
	size_t got_n;

	for (size_t i = 0; i < n; i++) {
		struct path path = { 0 };

		path_of(&path, i, 0, n);
		assert_int_equal(tree_inclusion(w->txn, TILES, i, n, got,
		    &got_n), SK_OK);
		assert_int_equal(got_n, path.n);
		assert_memory_equal(got, path.node, path.n * DIGEST_SIZE);
	}
	for (size_t m = 0; m <= n; m++) {
		struct path path = { 0 };

		if (m > 0)
			subproof(&path, m, 0, n, true);
		assert_int_equal(tree_consistency(w->txn, TILES, m, n, got,
		    &got_n), SK_OK);
		assert_int_equal(got_n, path.n);
		assert_memory_equal(got, path.node, path.n * DIGEST_SIZE);
	}
}

static void
test_every_size_up_to_300_is_the_tree_of_the_standard(void **state)
{
	uint8_t root[DIGEST_SIZE];
	struct world w;

	open_world(&w, state, 0);
	for (size_t n = 1; n <= SMALL; n++) {
		append(&w, 1);
		flush(&w);
		tree_root(w.tree, root);
		assert_memory_equal(root, mth(0, n), DIGEST_SIZE);
		assert_int_equal(tree_size(w.tree), n);
		check_proofs(&w, n);
	}
	/* The rows are now those of size 300: older sizes read the same. */
	for (size_t n = 1; n <= SMALL; n++) {
		assert_int_equal(tree_root_at(w.txn, TILES, n, root), SK_OK);
		assert_memory_equal(root, mth(0, n), DIGEST_SIZE);
		if (n % 7 == 0 || (n & (n - 1)) == 0)
			check_proofs(&w, n);
	}
	close_world(&w);
}

/* What is loaded again has the same root and grows the same way. */
static void
test_a_reload_at_every_size_equals(void **state)
{
	uint8_t root[DIGEST_SIZE], leaf[DIGEST_SIZE];
	struct tree *again;
	struct world w;

	open_world(&w, state, 0);
	for (size_t n = 0; n <= SMALL; n++) {
		assert_int_equal(tree_open(w.txn, TILES, n, &again), SK_OK);
		assert_int_equal(tree_size(again), n);
		tree_root(again, root);
		if (n > 0)
			assert_memory_equal(root, mth(0, n), DIGEST_SIZE);
		tree_close(w.tree);
		w.tree = again;
		if (n == SMALL)
			break;
		leaf_of(leaf, n);
		assert_int_equal(tree_append(w.tree, w.txn, leaf), SK_OK);
		flush(&w);
	}
	close_world(&w);
}

static void
test_the_empty_tree_has_no_rows_and_no_proofs(void **state)
{
	uint8_t root[DIGEST_SIZE], empty[DIGEST_SIZE];
	uint8_t path[TLOG_CONSISTENCY_MAX][DIGEST_SIZE];
	struct world w;
	uint64_t rows;
	size_t n = 9;

	open_world(&w, state, 0);
	flush(&w);
	tlog_empty_root(empty);
	tree_root(w.tree, root);
	assert_memory_equal(root, empty, DIGEST_SIZE);
	assert_int_equal(tree_root_at(w.txn, TILES, 0, root), SK_OK);
	assert_memory_equal(root, empty, DIGEST_SIZE);
	assert_int_equal(store_count(w.txn, TILES, &rows), SK_OK);
	assert_int_equal(rows, 0);
	assert_int_equal(tree_inclusion(w.txn, TILES, 0, 0, path, &n),
	    SK_NOT_FOUND);
	assert_int_equal(tree_consistency(w.txn, TILES, 0, 0, path, &n),
	    SK_OK);
	assert_int_equal(n, 0);
	assert_int_equal(tree_consistency(w.txn, TILES, 1, 0, path, &n),
	    SK_NOT_FOUND);
	close_world(&w);
}

/* ---- three levels, in batches, over commits */

static uint64_t
next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static void
fill(struct world *w, uint64_t size)
{
	uint64_t seed = 1;

	while (tree_size(w->tree) < size) {
		uint64_t n = 1 + next(&seed) % 1500;

		append(w, n < size - tree_size(w->tree) ? n :
		    size - tree_size(w->tree));
		flush(w);
	}
	commit(w);
}

static void
check_pair(struct world *w, uint64_t m, uint64_t n)
{
	uint8_t old_root[DIGEST_SIZE], new_root[DIGEST_SIZE];
	uint8_t path[TLOG_CONSISTENCY_MAX][DIGEST_SIZE], leaf[DIGEST_SIZE];
	const uint8_t (*nodes)[DIGEST_SIZE] =
	    (const uint8_t (*)[DIGEST_SIZE])path;
	size_t size;

	assert_int_equal(tree_root_at(w->txn, TILES, m, old_root), SK_OK);
	assert_int_equal(tree_root_at(w->txn, TILES, n, new_root), SK_OK);
	assert_int_equal(tree_consistency(w->txn, TILES, m, n, path, &size),
	    SK_OK);
	assert_true(tlog_is_consistent(m, old_root, n, new_root, nodes,
	    size));
	leaf_of(leaf, m - 1);
	assert_int_equal(tree_inclusion(w->txn, TILES, m - 1, n, path, &size),
	    SK_OK);
	assert_true(tlog_includes(new_root, n, m - 1, leaf, nodes, size));
	assert_int_equal(tree_leaf(w->txn, TILES, m - 1, path[0]), SK_OK);
	assert_memory_equal(path[0], leaf, DIGEST_SIZE);
}

static void
test_proofs_reach_over_three_levels(void **state)
{
	static const uint64_t edges[] = { 1, 2, 255, 256, 257, 511, 512, 513,
		65535, 65536, 65537, 65792, LARGE - 1, LARGE };
	size_t n = sizeof(edges) / sizeof(edges[0]);
	uint8_t root[DIGEST_SIZE], stored[DIGEST_SIZE];
	uint64_t seed = 2;
	struct world w;

	open_world(&w, state, 0);
	fill(&w, LARGE);
	tree_root(w.tree, root);
	assert_int_equal(tree_root_at(w.txn, TILES, LARGE, stored), SK_OK);
	assert_memory_equal(root, stored, DIGEST_SIZE);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i; j < n; j++)
			check_pair(&w, edges[i], edges[j]);
	}
	for (int i = 0; i < 50; i++) {
		uint64_t size = 1 + next(&seed) % LARGE;

		check_pair(&w, 1 + next(&seed) % size, size);
	}
	assert_int_equal(tree_reload(w.tree, w.txn, LARGE), SK_OK);
	tree_root(w.tree, stored);
	assert_memory_equal(root, stored, DIGEST_SIZE);
	close_world(&w);
}

/* The counts that the specification gives for 70,000. */
static void
test_the_tiles_are_those_of_the_specification(void **state)
{
	struct span hashes;
	struct world w;

	open_world(&w, state, 0);
	fill(&w, LARGE);
	assert_int_equal(tree_tiles(LARGE, 0), 274);
	assert_int_equal(tree_tiles(LARGE, 1), 2);
	assert_int_equal(tree_tiles(LARGE, 2), 1);
	assert_int_equal(tree_tiles(LARGE, 3), 0);
	assert_int_equal(tree_tiles(LARGE, 8), 0);
	assert_int_equal(tree_tiles(256, 0), 1);
	assert_int_equal(tree_tiles(256, 1), 1);
	assert_int_equal(tree_tile(w.txn, TILES, LARGE, 0, 273, &hashes),
	    SK_OK);
	assert_int_equal(hashes.size, 112 * DIGEST_SIZE);
	assert_int_equal(tree_tile(w.txn, TILES, LARGE, 1, 1, &hashes),
	    SK_OK);
	assert_int_equal(hashes.size, 17 * DIGEST_SIZE);
	assert_int_equal(tree_tile(w.txn, TILES, LARGE, 2, 0, &hashes),
	    SK_OK);
	assert_int_equal(hashes.size, DIGEST_SIZE);
	/* As an older size showed it. */
	assert_int_equal(tree_tile(w.txn, TILES, 65536 + 5, 0, 256, &hashes),
	    SK_OK);
	assert_int_equal(hashes.size, 5 * DIGEST_SIZE);
	assert_int_equal(tree_tile(w.txn, TILES, LARGE, 0, 274, &hashes),
	    SK_NOT_FOUND);
	for (unsigned l = 0; l < TREE_LEVELS; l++) {
		for (uint64_t i = 0; i < tree_tiles(LARGE, l); i++)
			assert_int_equal(tree_check_tile(w.txn, TILES, LARGE,
			    l, i), SK_OK);
	}
	close_world(&w);
}

static void
test_a_tile_lies_where_the_specification_says(void **state)
{
	static const struct {
		unsigned level;
		uint64_t index;
		unsigned width;
		const char *path;
	} cases[] = {
		{ 0, 0, 256, "tile/0/000" },
		{ 0, 273, 112, "tile/0/273.p/112" },
		{ 2, 1234067, 256, "tile/2/x001/x234/067" },
		{ 1, 1000, 1, "tile/1/x001/000.p/1" },
		{ 0, ((uint64_t)1 << 56) - 1, 255,
		    "tile/0/x072/x057/x594/x037/x927/935.p/255" },
	};
	char path[TREE_PATH_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tree_tile_path(path, cases[i].level, cases[i].index,
		    cases[i].width);
		assert_string_equal(path, cases[i].path);
	}
}

/* ---- what a batch costs */

static unsigned rows_put;
static int fail_at;	/* 0: never */

static int
injected(const char *operation)
{
	if (strcmp(operation, "put") != 0)
		return 0;
	rows_put++;
	return fail_at > 0 && (int)rows_put == fail_at ? EIO : 0;
}

static void
test_a_batch_writes_few_rows(void **state)
{
	static const struct {
		uint64_t from, n;
		unsigned rows;
	} cases[] = {
		{ 0, 1, 1 },		/* the first partial tile */
		{ 1, 64, 1 },
		{ 65, 191, 2 },		/* full, and the level above */
		{ 256, 1, 1 },
		{ 257, 256, 3 },	/* full, next partial, above */
		{ 513, 1023, 5 },	/* four full ones end there, above */
		{ 1536, 64000, 252 },	/* 250, the one above them full too,
					 * and the first of the third level */
	};
	struct world w;

	open_world(&w, state, 0);
	store_inject = injected;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(tree_size(w.tree), cases[i].from);
		rows_put = 0;
		append(&w, cases[i].n);
		flush(&w);
		assert_int_equal(rows_put, cases[i].rows);
		/* Nothing changed, nothing is written. */
		rows_put = 0;
		flush(&w);
		assert_int_equal(rows_put, 0);
	}
	store_inject = NULL;
	close_world(&w);
}

/* ---- when the store fails, and when it was changed */

static void
test_an_aborted_batch_leaves_the_tree_of_the_last_commit(void **state)
{
	uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
	struct world w;

	open_world(&w, state, 0);
	append(&w, 250);
	flush(&w);
	commit(&w);
	tree_root(w.tree, before);
	append(&w, 700);
	flush(&w);
	store_abort(w.txn);
	begin(&w);
	assert_int_equal(tree_reload(w.tree, w.txn, 250), SK_OK);
	tree_root(w.tree, after);
	assert_memory_equal(before, after, DIGEST_SIZE);
	append(&w, 50);
	flush(&w);
	tree_root(w.tree, after);
	assert_memory_equal(after, mth(0, 300), DIGEST_SIZE);
	close_world(&w);
}

static void
test_a_failed_write_is_reported(void **state)
{
	uint8_t leaf[DIGEST_SIZE] = { 0 };
	struct world w;

	open_world(&w, state, 0);
	append(&w, 255);
	store_inject = injected;
	rows_put = 0;
	fail_at = 1;
	assert_int_equal(tree_append(w.tree, w.txn, leaf), SK_STORE_IO);
	assert_int_equal(store_failed(w.txn), SK_STORE_IO);
	store_abort(w.txn);
	begin(&w);
	assert_int_equal(tree_reload(w.tree, w.txn, 0), SK_OK);
	append(&w, 3);
	rows_put = 0;
	assert_int_equal(tree_flush(w.tree, w.txn), SK_STORE_IO);
	fail_at = 0;
	store_inject = NULL;
	close_world(&w);
}

static void
put_row(struct world *w, uint64_t key, const void *bytes, size_t size)
{
	assert_int_equal(store_put(w->txn, TILES, SPAN_U64(key),
	    (struct span){ bytes, size }, PUT_ANY, NULL), SK_OK);
}

static size_t
copy_row(struct world *w, uint64_t key, uint8_t row[TREE_TILE_SIZE + 64])
{
	struct span value;

	assert_int_equal(store_get(w->txn, TILES, SPAN_U64(key), &value),
	    SK_OK);
	memcpy(row, value.bytes, value.size);
	return value.size;
}

/* Does loading notice, or is the root another one? */
static bool
is_noticed(struct world *w, uint64_t size, const uint8_t root[DIGEST_SIZE])
{
	uint8_t loaded[DIGEST_SIZE];
	struct tree *tree;
	enum sk_error rc = tree_open(w->txn, TILES, size, &tree);

	if (rc != SK_OK) {
		assert_int_equal(rc, SK_STORE_CORRUPT);
		return true;
	}
	tree_root(tree, loaded);
	tree_close(tree);
	return memcmp(loaded, root, DIGEST_SIZE) != 0;
}

static void
test_an_altered_edge_is_noticed(void **state)
{
	/* Of 600 leaves: two full tiles, 88 leaves, two hashes above. */
	static const uint64_t keys[] = { 1, 2, (uint64_t)1 << 56 };
	uint8_t row[TREE_TILE_SIZE + 64] = { 0 }, root[DIGEST_SIZE];
	struct world w;

	open_world(&w, state, 0);
	append(&w, 600);
	flush(&w);
	tree_root(w.tree, root);
	assert_false(is_noticed(&w, 600, root));
	for (size_t i = 0; i < 3; i++) {
		size_t size = copy_row(&w, keys[i], row);

		for (size_t at = 0; at < size; at += 13) {
			row[at] ^= 1;
			put_row(&w, keys[i], row, size);
			assert_true(is_noticed(&w, 600, root));
			row[at] ^= 1;
		}
		put_row(&w, keys[i], row, size - 1);
		assert_true(is_noticed(&w, 600, root));
		put_row(&w, keys[i], row, size - DIGEST_SIZE);
		assert_true(is_noticed(&w, 600, root));
		put_row(&w, keys[i], row, size + DIGEST_SIZE);
		assert_true(is_noticed(&w, 600, root));
		assert_int_equal(store_del(w.txn, TILES, SPAN_U64(keys[i])),
		    SK_OK);
		assert_true(is_noticed(&w, 600, root));
		put_row(&w, keys[i], row, size);
		assert_false(is_noticed(&w, 600, root));
	}
	/* A journal that is shorter, or longer, than its tree. */
	for (uint64_t size = 512; size < 700; size++) {
		if (size != 600)
			assert_true(is_noticed(&w, size, root));
	}
	close_world(&w);
}

static bool
all_tiles_hold(struct world *w, uint64_t size)
{
	for (unsigned l = 0; l < TREE_LEVELS; l++) {
		for (uint64_t i = 0; i < tree_tiles(size, l); i++) {
			enum sk_error rc = tree_check_tile(w->txn, TILES,
			    size, l, i);

			if (rc == SK_STORE_CORRUPT)
				return false;
			assert_int_equal(rc, SK_OK);
		}
	}
	return true;
}

static void
test_an_altered_tile_anywhere_is_found(void **state)
{
	uint8_t row[TREE_TILE_SIZE + 64] = { 0 };
	uint64_t seed = 3;
	struct world w;

	open_world(&w, state, 0);
	append(&w, 3000);
	flush(&w);
	assert_true(all_tiles_hold(&w, 3000));
	for (uint64_t key = 0; key < 3000 / TREE_TILE_WIDTH; key++) {
		size_t size = copy_row(&w, key, row);
		size_t bit = next(&seed) % (size * 8);

		row[bit / 8] ^= (uint8_t)(1 << bit % 8);
		put_row(&w, key, row, size);
		assert_false(all_tiles_hold(&w, 3000));
		row[bit / 8] ^= (uint8_t)(1 << bit % 8);
		put_row(&w, key, row, size - DIGEST_SIZE);
		assert_false(all_tiles_hold(&w, 3000));
		assert_int_equal(store_del(w.txn, TILES, SPAN_U64(key)),
		    SK_OK);
		assert_false(all_tiles_hold(&w, 3000));
		put_row(&w, key, row, size);
	}
	assert_true(all_tiles_hold(&w, 3000));
	close_world(&w);
}

static void
test_reading_past_the_tree_or_a_broken_row_is_an_error(void **state)
{
	uint8_t path[TLOG_CONSISTENCY_MAX][DIGEST_SIZE], row[70] = { 0 };
	uint64_t key = 0;
	struct world w;
	size_t n;

	open_world(&w, state, 0);
	append(&w, 300);
	flush(&w);
	assert_int_equal(tree_inclusion(w.txn, TILES, 5, 301, path, &n),
	    SK_STORE_CORRUPT);
	assert_int_equal(tree_inclusion(w.txn, TILES, 5, UINT64_MAX, path,
	    &n), SK_STORE_CORRUPT);
	assert_int_equal(tree_consistency(w.txn, TILES, 5, UINT64_MAX, path,
	    &n), SK_STORE_CORRUPT);
	assert_int_equal(tree_inclusion(w.txn, TILES, 300, 300, path, &n),
	    SK_NOT_FOUND);
	assert_int_equal(tree_leaf(w.txn, TILES, 300, path[0]),
	    SK_STORE_CORRUPT);
	assert_int_equal(tree_root_at(w.txn, TILES, 512, path[0]),
	    SK_STORE_CORRUPT);
	/* A row of half a hash, and one larger than a tile. */
	put_row(&w, key, row, sizeof(row));
	assert_int_equal(tree_leaf(w.txn, TILES, 0, path[0]),
	    SK_STORE_CORRUPT);
	close_world(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_every_size_up_to_300_is_the_tree_of_the_standard),
		scratch_test(test_a_reload_at_every_size_equals),
		scratch_test(test_the_empty_tree_has_no_rows_and_no_proofs),
		scratch_test(test_proofs_reach_over_three_levels),
		scratch_test(test_the_tiles_are_those_of_the_specification),
		cmocka_unit_test(test_a_tile_lies_where_the_specification_says),
		scratch_test(test_a_batch_writes_few_rows),
		scratch_test(test_an_aborted_batch_leaves_the_tree_of_the_last_commit),
		scratch_test(test_a_failed_write_is_reported),
		scratch_test(test_an_altered_edge_is_noticed),
		scratch_test(test_an_altered_tile_anywhere_is_found),
		scratch_test(test_reading_past_the_tree_or_a_broken_row_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
