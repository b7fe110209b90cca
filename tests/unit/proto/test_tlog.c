#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sodium.h>

#include "proto/tlog.h"

/*
 * A tree in the words of RFC 6962 section 2.1, by recursion: slow, and too
 * plain to be wrong. What the module says is held against it.
 */
#define SIZE_MAX_TESTED 300u

static uint8_t leaves[SIZE_MAX_TESTED][DIGEST_SIZE];
static uint8_t roots[SIZE_MAX_TESTED + 1][DIGEST_SIZE];

static size_t
split(size_t n)
{
	size_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

/* Each range is hashed once, or this would take longer than all the rest. */
static struct range {
	bool known;
	uint8_t root[DIGEST_SIZE];
} ranges[SIZE_MAX_TESTED][SIZE_MAX_TESTED + 1];

static void
mth(uint8_t out[DIGEST_SIZE], size_t start, size_t end)
{
	struct range *range = &ranges[start][end];
	uint8_t left[DIGEST_SIZE], right[DIGEST_SIZE];
	size_t k;

	if (end - start == 1) {
		memcpy(out, leaves[start], DIGEST_SIZE);
		return;
	}
	if (!range->known) {
		k = start + split(end - start);
		mth(left, start, k);
		mth(right, k, end);
		digest_node(range->root, left, right);
		range->known = true;
	}
	memcpy(out, range->root, DIGEST_SIZE);
}

struct path {
	size_t n;
	uint8_t node[TLOG_CONSISTENCY_MAX][DIGEST_SIZE];
};

static void
add(struct path *path, size_t start, size_t end)
{
	mth(path->node[path->n++], start, end);
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

static const uint8_t (*
nodes(const struct path *path))[DIGEST_SIZE]
{
	return (const uint8_t (*)[DIGEST_SIZE])path->node;
}

static int
grow(void **state)
{
	(void)state;
	if (sodium_init() < 0)
		return -1;
	for (size_t i = 0; i < SIZE_MAX_TESTED; i++)
		digest_leaf(leaves[i], &i, sizeof(i));
	tlog_empty_root(roots[0]);
	for (size_t i = 1; i <= SIZE_MAX_TESTED; i++)
		mth(roots[i], 0, i);
	return 0;
}

/* ---- inclusion */

/* No other length, place, size, leaf or root passes. */
static void
check_neighbours(const struct path *path, size_t i, size_t n)
{
	struct path longer = *path;
	uint8_t other[DIGEST_SIZE];

	memcpy(other, leaves[i], DIGEST_SIZE);
	other[31] ^= 1;
	assert_false(tlog_includes(roots[n], n, i, other, nodes(path),
	    path->n));
	assert_false(tlog_includes(other, n, i, leaves[i], nodes(path),
	    path->n));
	if (n > 1)
		assert_false(tlog_includes(roots[n], n, i ^ 1, leaves[i],
		    nodes(path), path->n));
	longer.n++;
	assert_false(tlog_includes(roots[n], n, i, leaves[i], nodes(&longer),
	    longer.n));
	if (path->n == 0)
		return;
	assert_false(tlog_includes(roots[n], n, i, leaves[i], nodes(path),
	    path->n - 1));
	longer.node[(i + n) % path->n][i % DIGEST_SIZE] ^= 0x80;
	assert_false(tlog_includes(roots[n], n, i, leaves[i], nodes(&longer),
	    path->n));
}

static void
test_every_inclusion_up_to_300_holds_and_nothing_else(void **state)
{
	(void)state;
	for (size_t n = 1; n <= SIZE_MAX_TESTED; n++) {
		for (size_t i = 0; i < n; i++) {
			struct path path = { 0 };

			path_of(&path, i, 0, n);
			assert_true(tlog_includes(roots[n], n, i, leaves[i],
			    nodes(&path), path.n));
			check_neighbours(&path, i, n);
		}
		assert_false(tlog_includes(roots[n], n, n, leaves[0], NULL,
		    0));
	}
	assert_false(tlog_includes(roots[0], 0, 0, leaves[0], NULL, 0));
}

/* ---- consistency */

static void
check_consistency(size_t m, size_t n)
{
	struct path path = { 0 };
	uint8_t other[DIGEST_SIZE];

	if (m > 0)
		subproof(&path, m, 0, n, true);
	assert_true(tlog_is_consistent(m, roots[m], n, roots[n],
	    nodes(&path), path.n));
	memcpy(other, roots[m], DIGEST_SIZE);
	other[0] ^= 1;
	assert_false(tlog_is_consistent(m, other, n, roots[n], nodes(&path),
	    path.n));
	path.n++;
	assert_false(tlog_is_consistent(m, roots[m], n, roots[n],
	    nodes(&path), path.n));
	path.n--;
	if (m == 0)
		return;
	memcpy(other, roots[n], DIGEST_SIZE);
	other[0] ^= 1;
	assert_false(tlog_is_consistent(m, roots[m], n, other, nodes(&path),
	    path.n));
	if (path.n == 0)
		return;
	assert_false(tlog_is_consistent(m, roots[m], n, roots[n],
	    nodes(&path), path.n - 1));
	path.node[(m + n) % path.n][m % DIGEST_SIZE] ^= 1;
	assert_false(tlog_is_consistent(m, roots[m], n, roots[n],
	    nodes(&path), path.n));
}

static void
test_every_consistency_up_to_300_holds_and_nothing_else(void **state)
{
	(void)state;
	for (size_t n = 0; n <= SIZE_MAX_TESTED; n++) {
		for (size_t m = 0; m <= n; m++)
			check_consistency(m, n);
		assert_false(tlog_is_consistent(n + 1, roots[n], n, roots[n],
		    NULL, 0));
	}
}

static void
test_an_empty_tree_has_the_root_of_no_bytes(void **state)
{
	uint8_t other[DIGEST_SIZE] = { 1 };

	(void)state;
	assert_false(tlog_is_consistent(0, other, 0, other, NULL, 0));
	assert_false(tlog_is_consistent(0, other, 5, roots[5], NULL, 0));
	assert_true(tlog_is_consistent(0, roots[0], 0, roots[0], NULL, 0));
}

/* ---- sizes that no test can build: sides made by the same hash upwards */

static void
test_a_path_in_the_largest_tree_has_64_nodes(void **state)
{
	uint8_t root[DIGEST_SIZE], path[TLOG_PATH_MAX + 1][DIGEST_SIZE];
	const uint8_t (*nodes_of)[DIGEST_SIZE] =
	    (const uint8_t (*)[DIGEST_SIZE])path;

	(void)state;
	for (size_t i = 0; i <= TLOG_PATH_MAX; i++)
		memset(path[i], (int)i, DIGEST_SIZE);
	assert_true(tlog_climb(root, leaves[0], 0, UINT64_MAX, nodes_of, 64));
	assert_false(tlog_climb(root, leaves[0], 0, UINT64_MAX, nodes_of, 63));
	assert_false(tlog_climb(root, leaves[0], 0, UINT64_MAX, nodes_of, 65));
	/* The last leaf of 2^64 - 1 has only left neighbours: one a bit. */
	assert_true(tlog_climb(root, leaves[0], UINT64_MAX - 1, UINT64_MAX,
	    nodes_of, 63));
	assert_false(tlog_climb(root, leaves[0], UINT64_MAX, UINT64_MAX,
	    nodes_of, 63));
	assert_true(tlog_climb(root, leaves[0], (uint64_t)1 << 63,
	    ((uint64_t)1 << 63) + 1, nodes_of, 1));
}

static void
test_sizes_at_the_end_of_the_range_end(void **state)
{
	uint8_t proof[TLOG_CONSISTENCY_MAX + 1][DIGEST_SIZE] = { { 0 } };
	const uint8_t (*nodes_of)[DIGEST_SIZE] =
	    (const uint8_t (*)[DIGEST_SIZE])proof;
	uint8_t root[DIGEST_SIZE];

	(void)state;
	for (size_t n = 0; n <= TLOG_CONSISTENCY_MAX + 1; n++) {
		assert_false(tlog_is_consistent(UINT64_MAX - 1, roots[1],
		    UINT64_MAX, roots[2], nodes_of, n));
		assert_false(tlog_is_consistent((uint64_t)1 << 63, roots[1],
		    UINT64_MAX, roots[2], nodes_of, n));
		assert_false(tlog_is_consistent(1, roots[1], UINT64_MAX,
		    roots[2], nodes_of, n));
	}
	/* 2^63 leaves and one more: the old root and one neighbour. */
	digest_node(root, roots[1], proof[0]);
	assert_true(tlog_is_consistent((uint64_t)1 << 63, roots[1],
	    ((uint64_t)1 << 63) + 1, root, nodes_of, 1));
}

/* ---- the file */

#define HASH "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"
#define BODY "\nexample.com/log\n"

static void
test_a_proof_file_has_one_form(void **state)
{
	static const struct {
		const char *file;
		enum sk_error rc;
		uint64_t index;
		size_t n;
	} cases[] = {
		{ "c2sp.org/tlog-proof@v1\nindex 7\n" HASH HASH BODY, SK_OK,
		    7, 2 },
		{ "c2sp.org/tlog-proof@v1\nindex 0\n" BODY, SK_OK, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nextra AA==\nindex 0\n" BODY, SK_OK,
		    0, 0 },
		{ "c2sp.org/tlog-proof@v1\nindex 18446744073709551615\n" BODY,
		    SK_OK, UINT64_MAX, 0 },
		{ "c2sp.org/tlog-proof@v2\nindex 0\n" BODY,
		    SK_VERSION_UNKNOWN, 0, 0 },
		{ "", SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1", SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\n", SK_MALFORMED, 0, 0 },
		{ "C2SP.org/tlog-proof@v1\nindex 0\n" BODY, SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1 \nindex 0\n" BODY,
		    SK_VERSION_UNKNOWN, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nindex 0\n", SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nindex 0\n\n", SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nindex 0\n" HASH, SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nindex\n" BODY, SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nindex \n" BODY, SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nindex 01\n" BODY, SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nindex  1\n" BODY, SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nindex -1\n" BODY, SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nindex 18446744073709551616\n" BODY,
		    SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nextra \nindex 0\n" BODY,
		    SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nextra A\nindex 0\n" BODY,
		    SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nextra AA==\nextra AA==\nindex 0\n"
		    BODY, SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nindex 0\nextra AA==\n" BODY,
		    SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n" BODY,
		    SK_MALFORMED, 0, 0 },
		{ "c2sp.org/tlog-proof@v1\r\nindex 0\n" BODY,
		    SK_VERSION_UNKNOWN, 0, 0 },
	};
	struct tlog_proof proof;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(tlog_proof_parse(&proof, cases[i].file,
		    strlen(cases[i].file)), cases[i].rc);
		if (cases[i].rc != SK_OK)
			continue;
		assert_true(proof.index == cases[i].index);
		assert_int_equal(proof.n, cases[i].n);
		assert_int_equal(proof.checkpoint.size, strlen(BODY) - 1);
	}
}

static void
test_a_proof_file_has_at_most_64_hashes(void **state)
{
	char *file = malloc(TLOG_PROOF_MAX + 1);
	struct tlog_proof proof;
	struct writer w;

	(void)state;
	for (size_t n = TLOG_PATH_MAX; n <= TLOG_PATH_MAX + 1; n++) {
		writer_init(&w, file, TLOG_PROOF_MAX);
		write_text(&w, "c2sp.org/tlog-proof@v1\nindex 0\n");
		for (size_t i = 0; i < n; i++)
			write_text(&w, HASH);
		write_text(&w, BODY);
		assert_int_equal(tlog_proof_parse(&proof, file, w.size),
		    n <= TLOG_PATH_MAX ? SK_OK : SK_MALFORMED);
	}
	assert_int_equal(tlog_proof_parse(&proof, file, TLOG_PROOF_MAX + 1),
	    SK_OVERSIZED);
	free(file);
}

static void
test_what_stands_beside_a_proof_has_a_bound(void **state)
{
	static uint8_t extra[TLOG_EXTRA_MAX + 1], back[TLOG_EXTRA_MAX];
	struct tlog_proof proof = { .checkpoint = { "x\n", 2 } }, parsed;
	char *file = malloc(TLOG_PROOF_MAX);
	struct writer w;
	size_t size;

	(void)state;
	randombytes_buf(extra, sizeof(extra));
	writer_init(&w, file, TLOG_PROOF_MAX);
	tlog_proof_write(&w, &proof, (struct span){ extra, TLOG_EXTRA_MAX });
	assert_true(writer_done(&w));
	assert_int_equal(tlog_proof_parse(&parsed, file, w.size), SK_OK);
	assert_int_equal(tlog_proof_extra(&parsed, back, sizeof(back), &size),
	    SK_OK);
	assert_int_equal(size, TLOG_EXTRA_MAX);
	assert_memory_equal(back, extra, size);
	assert_int_equal(tlog_proof_extra(&parsed, back, sizeof(back) - 1,
	    &size), SK_OVERSIZED);
	writer_init(&w, file, TLOG_PROOF_MAX);
	tlog_proof_write(&w, &proof,
	    (struct span){ extra, TLOG_EXTRA_MAX + 1 });
	assert_int_equal(tlog_proof_parse(&parsed, file, w.size),
	    SK_MALFORMED);
	writer_init(&w, file, TLOG_PROOF_MAX);
	tlog_proof_write(&w, &proof, (struct span){ NULL, 0 });
	assert_int_equal(tlog_proof_parse(&parsed, file, w.size), SK_OK);
	assert_int_equal(tlog_proof_extra(&parsed, back, sizeof(back), &size),
	    SK_NOT_FOUND);
	free(file);
}

/* ---- the whole: a file, a key, and nothing else */

struct log {
	struct note_key key;
	uint8_t secret[64];
};

static void
make_log(struct log *log, const char *origin, uint8_t first)
{
	uint8_t public_key[32], seed[32] = { first };

	crypto_sign_seed_keypair(public_key, log->secret, seed);
	assert_int_equal(note_key_init(&log->key, origin, NOTE_ED25519,
	    public_key), SK_OK);
}

static size_t
proof_file(char *file, size_t size_max, const struct log *log, size_t index,
    size_t size)
{
	struct checkpoint c = { .size = size };
	struct tlog_proof proof = { .index = index };
	char note[CHECKPOINT_NOTE_MAX];
	struct path path = { 0 };
	struct writer w;

	strcpy(c.origin, log->key.name);
	memcpy(c.root, roots[size], DIGEST_SIZE);
	writer_init(&w, note, sizeof(note));
	assert_int_equal(checkpoint_sign(&w, &c, &log->key, log->secret),
	    SK_OK);
	path_of(&path, index, 0, size);
	proof.n = path.n;
	memcpy(proof.path, path.node, path.n * DIGEST_SIZE);
	proof.checkpoint = (struct span){ note, w.size };
	writer_init(&w, file, size_max);
	tlog_proof_write(&w, &proof, (struct span){ "leaf", 4 });
	assert_true(writer_done(&w));
	return w.size;
}

static enum sk_error
check(const char *file, size_t size, const uint8_t leaf[DIGEST_SIZE],
    const struct log *log, struct fault *fault)
{
	struct checkpoint checkpoint;
	struct tlog_proof proof;
	enum sk_error rc;
	struct note note;

	memset(fault, 0, sizeof(*fault));
	if ((rc = tlog_proof_parse(&proof, file, size)) != SK_OK)
		return rc;
	return tlog_proof_check(&proof, leaf, &log->key, &checkpoint, &note,
	    fault);
}

static void
test_a_proof_holds_for_its_leaf_and_its_log_alone(void **state)
{
	struct log ours, other_key, other_name;
	struct fault fault;
	char file[4096];
	size_t n;

	(void)state;
	make_log(&ours, "regio-oost/journal/1", 1);
	make_log(&other_key, "regio-oost/journal/1", 2);
	make_log(&other_name, "regio-west/journal/1", 1);
	n = proof_file(file, sizeof(file), &ours, 211, 300);
	assert_int_equal(check(file, n, leaves[211], &ours, &fault), SK_OK);
	assert_int_equal(check(file, n, leaves[210], &ours, &fault),
	    SK_SIGNATURE_WRONG);
	assert_string_equal(fault.field, "path");
	assert_int_equal(check(file, n, leaves[211], &other_key, &fault),
	    SK_NOT_FOUND);
	assert_string_equal(fault.field, "checkpoint");
	assert_int_equal(check(file, n, leaves[211], &other_name, &fault),
	    SK_NOT_FOUND);
}

static void
test_no_flipped_bit_of_a_proof_file_still_holds(void **state)
{
	struct fault fault;
	char file[4096];
	struct log ours;
	size_t n, extra;

	(void)state;
	make_log(&ours, "regio-oost/journal/1", 1);
	n = proof_file(file, sizeof(file), &ours, 5, 11);
	/* Nobody vouches for the extra bytes: the one line left out. */
	extra = strlen("c2sp.org/tlog-proof@v1\n");
	for (size_t bit = 0; bit < n * 8; bit++) {
		if (bit / 8 >= extra && bit / 8 < extra + 15)
			continue;
		file[bit / 8] = (char)(file[bit / 8] ^ 1 << bit % 8);
		assert_int_not_equal(check(file, n, leaves[5], &ours, &fault),
		    SK_OK);
		file[bit / 8] = (char)(file[bit / 8] ^ 1 << bit % 8);
	}
	assert_int_equal(check(file, n, leaves[5], &ours, &fault), SK_OK);
	for (size_t i = 0; i < n; i++)
		assert_int_not_equal(check(file, i, leaves[5], &ours, &fault),
		    SK_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_inclusion_up_to_300_holds_and_nothing_else),
		cmocka_unit_test(test_every_consistency_up_to_300_holds_and_nothing_else),
		cmocka_unit_test(test_an_empty_tree_has_the_root_of_no_bytes),
		cmocka_unit_test(test_a_path_in_the_largest_tree_has_64_nodes),
		cmocka_unit_test(test_sizes_at_the_end_of_the_range_end),
		cmocka_unit_test(test_a_proof_file_has_one_form),
		cmocka_unit_test(test_a_proof_file_has_at_most_64_hashes),
		cmocka_unit_test(test_what_stands_beside_a_proof_has_a_bound),
		cmocka_unit_test(test_a_proof_holds_for_its_leaf_and_its_log_alone),
		cmocka_unit_test(test_no_flipped_bit_of_a_proof_file_still_holds),
	};

	return cmocka_run_group_tests(tests, grow, NULL);
}
