#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <pthread.h>

#include "proto/digest.h"
#include "proto/wire.h"

static void
hex(char text[65], const uint8_t digest[DIGEST_SIZE])
{
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

static void
fill(uint8_t (*e)[DIGEST_SIZE], size_t n)
{
	for (size_t i = 0; i < n; i++)
		memset(e[i], (int)i + 1, DIGEST_SIZE);
}

static void
test_sha256_is_the_one_of_fips_180(void **state)
{
	uint8_t digest[DIGEST_SIZE];
	char text[65];

	(void)state;
	digest_bytes(digest, "abc", 3);
	hex(text, digest);
	assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	digest_bytes(digest, NULL, 0);
	hex(text, digest);
	assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
}

static void
test_spans_and_labels_are_one_run_of_bytes(void **state)
{
	uint8_t whole[DIGEST_SIZE], parts[DIGEST_SIZE], labelled[DIGEST_SIZE];
	const struct span spans[] = { { "a\0b", 3 }, { "", 0 }, { NULL, 0 },
	    { "c", 1 } };

	(void)state;
	digest_bytes(whole, "a\0bc", 4);
	digest_spans(parts, spans, 4);
	digest_labelled(labelled, "a", &(struct span){ "bc", 2 }, 1);
	assert_memory_equal(whole, parts, DIGEST_SIZE);
	assert_memory_equal(whole, labelled, DIGEST_SIZE);
}

/* Ours always has a label, which no published vector has: here the definition
 * in its own terms, in tests/vectors another implementation's word. */
static void
test_hmac_is_two_passes_of_rfc_2104(void **state)
{
	static const size_t key_sizes[] = { 0, 16, 64, 65, 100 };
	uint8_t key[100], block[64], inner[DIGEST_SIZE];
	uint8_t want[DIGEST_SIZE], got[DIGEST_SIZE];

	(void)state;
	memset(key, 0x5a, sizeof(key));
	for (size_t i = 0; i < 5; i++) {
		memset(block, 0, sizeof(block));
		if (key_sizes[i] > 64)
			digest_bytes(block, key, key_sizes[i]);
		else
			memcpy(block, key, key_sizes[i]);
		for (size_t b = 0; b < 64; b++)
			block[b] ^= 0x36;
		digest_spans(inner, (struct span[]){ { block, 64 },
		    { "what\0bytes", 10 } }, 2);
		for (size_t b = 0; b < 64; b++)
			block[b] ^= 0x36 ^ 0x5c;
		digest_spans(want, (struct span[]){ { block, 64 },
		    { inner, DIGEST_SIZE } }, 2);
		digest_hmac(got, key, key_sizes[i], "what", "bytes", 5);
		assert_memory_equal(got, want, DIGEST_SIZE);
	}
}

static void
test_every_leaf_climbs_to_the_root(void **state)
{
	uint8_t e[SUBMIT_ENVELOPES_MAX][DIGEST_SIZE];
	uint8_t path[TREE_PATH_MAX][DIGEST_SIZE];
	uint8_t root[DIGEST_SIZE], climbed[DIGEST_SIZE];
	size_t size;

	(void)state;
	fill(e, SUBMIT_ENVELOPES_MAX);
	for (size_t n = 1; n <= SUBMIT_ENVELOPES_MAX; n++) {
		digest_tree_root(root, e, n);
		for (size_t i = 0; i < n; i++) {
			digest_tree_path(e, n, i, path, &size);
			assert_int_equal(digest_tree_climb(climbed, e[i], n, i,
			    path, size), SK_OK);
			assert_memory_equal(climbed, root, DIGEST_SIZE);
		}
	}
}

static void
test_a_path_of_wrong_length_is_refused(void **state)
{
	uint8_t e[SUBMIT_ENVELOPES_MAX][DIGEST_SIZE];
	uint8_t path[TREE_PATH_MAX + 1][DIGEST_SIZE] = { { 0 } };
	uint8_t root[DIGEST_SIZE];
	size_t size;

	(void)state;
	fill(e, SUBMIT_ENVELOPES_MAX);
	for (size_t n = 1; n <= SUBMIT_ENVELOPES_MAX; n++) {
		for (size_t i = 0; i < n; i++) {
			digest_tree_path(e, n, i, path, &size);
			for (size_t other = 0; other <= TREE_PATH_MAX + 1;
			    other++)
				assert_int_equal(digest_tree_climb(root, e[i],
				    n, i, path, other), other == size ?
				    SK_OK : SK_SIGNATURE_WRONG);
		}
	}
	assert_int_equal(digest_tree_climb(root, e[0], 0, 0, path, 0),
	    SK_SIGNATURE_WRONG);
	assert_int_equal(digest_tree_climb(root, e[0], 65, 0, path, 6),
	    SK_SIGNATURE_WRONG);
	assert_int_equal(digest_tree_climb(root, e[0], 4, 4, path, 2),
	    SK_SIGNATURE_WRONG);
}

static void
test_a_changed_leaf_climbs_elsewhere(void **state)
{
	uint8_t e[7][DIGEST_SIZE], path[TREE_PATH_MAX][DIGEST_SIZE];
	uint8_t root[DIGEST_SIZE], climbed[DIGEST_SIZE];
	size_t size;

	(void)state;
	fill(e, 7);
	digest_tree_root(root, e, 7);
	digest_tree_path(e, 7, 3, path, &size);
	e[3][0] ^= 1;
	assert_int_equal(digest_tree_climb(climbed, e[3], 7, 3, path, size),
	    SK_OK);
	assert_memory_not_equal(climbed, root, DIGEST_SIZE);
}

static void *
hash_in_a_thread(void *out)
{
	digest_bytes(out, "abc", 3);
	return NULL;
}

static void
test_each_thread_has_a_context_of_its_own(void **state)
{
	uint8_t want[DIGEST_SIZE], got[4][DIGEST_SIZE];
	pthread_t threads[4];

	(void)state;
	digest_bytes(want, "abc", 3);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
		    hash_in_a_thread, got[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_memory_equal(got[i], want, DIGEST_SIZE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256_is_the_one_of_fips_180),
		cmocka_unit_test(test_spans_and_labels_are_one_run_of_bytes),
		cmocka_unit_test(test_hmac_is_two_passes_of_rfc_2104),
		cmocka_unit_test(test_every_leaf_climbs_to_the_root),
		cmocka_unit_test(test_a_path_of_wrong_length_is_refused),
		cmocka_unit_test(test_a_changed_leaf_climbs_elsewhere),
		cmocka_unit_test(test_each_thread_has_a_context_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
