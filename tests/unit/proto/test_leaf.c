#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/leaf.h"
#include "proto/wire.h"

static uint8_t bytes[LEAF_BYTES_MAX + 1], large[LEAF_BYTES_MAX];

static struct leaf
make_envelope(void)
{
	struct leaf leaf = {
		.format = LEAF_FORMAT,
		.kind = SK__EVENT_KIND__ENVELOPE_EVENT,
		.instant = -5, .epoch = 3, .sender = 12, .number = 44,
		.header_whole = true, .header = { "header", 6 },
		.closes_submit = true, .first_number = 40, .count = 5,
		.outcome = { "outcome", 7 }, .effects = { "effects", 7 },
		.rules_version = 1, .policy_version = 2, .cases = 2,
		.touched = { { 8, 0 }, { 9, 77 } },
	};

	memset(leaf.key_id, 1, DIGEST_SIZE);
	memset(leaf.commitment, 2, DIGEST_SIZE);
	memset(leaf.sealed_digest, 3, DIGEST_SIZE);
	memset(leaf.link, 4, DIGEST_SIZE);
	memset(leaf.signature, 5, sizeof(leaf.signature));
	memset(leaf.closed_commitment, 6, DIGEST_SIZE);
	digest_bytes(leaf.header_digest, "header", 6);
	return leaf;
}

static struct leaf
make_event(Sk__EventKind kind)
{
	return (struct leaf){ .format = LEAF_FORMAT, .kind = kind,
	    .instant = 1, .epoch = 1, .body = { "body", 4 } };
}

static void
assert_span_equal(struct span a, struct span b)
{
	assert_int_equal(a.size, b.size);
	if (a.size > 0)
		assert_memory_equal(a.bytes, b.bytes, a.size);
}

/* Encoded, decoded and encoded again: the same bytes, and what they say. */
static void
assert_survives(const struct leaf *leaf)
{
	uint8_t *again = malloc(LEAF_BYTES_MAX);
	struct leaf back;
	size_t size, again_size;

	assert_int_equal(leaf_encode(leaf, bytes, &size), SK_OK);
	assert_int_equal(leaf_decode(bytes, size, &back), SK_OK);
	assert_int_equal(back.kind, leaf->kind);
	assert_true(back.instant == leaf->instant);
	assert_int_equal(back.header_whole, leaf->header_whole);
	assert_memory_equal(back.header_digest, leaf->header_digest,
	    DIGEST_SIZE);
	assert_span_equal(back.header, leaf->header);
	assert_span_equal(back.body, leaf->body);
	assert_span_equal(back.outcome, leaf->outcome);
	assert_span_equal(back.effects, leaf->effects);
	assert_int_equal(back.cases, leaf->cases);
	assert_memory_equal(back.touched, leaf->touched,
	    sizeof(back.touched));
	assert_int_equal(leaf_encode(&back, again, &again_size), SK_OK);
	assert_int_equal(again_size, size);
	assert_memory_equal(again, bytes, size);
	free(again);
}

static void
test_a_leaf_of_each_kind_survives(void **state)
{
	struct leaf leaf = make_envelope();

	(void)state;
	assert_survives(&leaf);
	leaf.closes_submit = false;
	assert_survives(&leaf);
	leaf.header_whole = false;
	leaf.header = (struct span){ NULL, 0 };
	leaf.cases = 0;
	memset(leaf.touched, 0, sizeof(leaf.touched));
	assert_survives(&leaf);
	for (int kind = SK__EVENT_KIND__FOUNDING;
	    kind <= (int)SK__EVENT_KIND__STARTED_EVENT; kind++) {
		if (kind == SK__EVENT_KIND__ENVELOPE_EVENT)
			continue;
		leaf = make_event((Sk__EventKind)kind);
		assert_survives(&leaf);
	}
}

static void
test_no_prefix_of_a_leaf_is_a_leaf(void **state)
{
	struct leaf leaf = make_envelope(), back;
	size_t size;

	(void)state;
	assert_int_equal(leaf_encode(&leaf, bytes, &size), SK_OK);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(leaf_decode(bytes, i, &back),
		    SK_STORE_CORRUPT);
	bytes[size] = 0;
	assert_int_equal(leaf_decode(bytes, size + 1, &back),
	    SK_STORE_CORRUPT);
}

/* Where fields of make_envelope() lie. */
enum {
	AT_FORMAT = 7, AT_KIND = 15, AT_NUMBER = 47,
	AT_WHOLE = 87, AT_HEADER = 88, AT_CLOSES = 96 + 64 + 7,
	AT_FIRST = AT_CLOSES + 8, AT_COUNT = AT_FIRST + 8,
	AT_SIGNATURE_SIZE = AT_COUNT + 1 + 32 + 1,
	AT_CASES = AT_SIGNATURE_SIZE + 1 + 64 + 9 + 9 + 32 + 16 + 7,
};

static void
test_one_entry_has_one_form(void **state)
{
	static const struct { size_t at; uint8_t value; } cases[] = {
		{ AT_FORMAT, 0 }, { AT_FORMAT, 2 }, { AT_KIND, 0 },
		{ AT_KIND, 9 }, { AT_WHOLE, 2 }, { AT_CLOSES, 2 },
		{ AT_NUMBER, 43 }, { AT_NUMBER, 45 }, { AT_FIRST, 0 },
		{ AT_COUNT, 0 }, { AT_COUNT, 4 }, { AT_COUNT, 6 },
		{ AT_COUNT, 65 }, { AT_SIGNATURE_SIZE, 63 },
		{ AT_CASES, 1 }, { AT_CASES, LEAF_CASES_MAX + 1 },
		{ AT_CASES - 7, 0x80 },
	};
	struct leaf leaf = make_envelope(), back;
	uint8_t was;
	size_t size;

	(void)state;
	assert_int_equal(leaf_encode(&leaf, bytes, &size), SK_OK);
	assert_int_equal(bytes[AT_CASES], 2);
	assert_int_equal(bytes[AT_SIGNATURE_SIZE], 64);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		was = bytes[cases[i].at];
		bytes[cases[i].at] = cases[i].value;
		if (leaf_decode(bytes, size, &back) != SK_STORE_CORRUPT)
			fail_msg("case %zu was taken", i);
		bytes[cases[i].at] = was;
	}
	assert_int_equal(leaf_decode(bytes, size, &back), SK_OK);
}

/* A flag or a kind that reads like another one would give two forms. */
static void
test_flags_and_kinds_have_no_second_value(void **state)
{
	struct leaf leaf = make_envelope(), back;
	size_t size, closes;

	(void)state;
	leaf.header_whole = leaf.closes_submit = false;
	leaf.header = (struct span){ NULL, 0 };
	assert_int_equal(leaf_encode(&leaf, bytes, &size), SK_OK);
	closes = AT_WHOLE + 1 + 3 * DIGEST_SIZE + 7;
	bytes[AT_WHOLE] = 2;
	assert_int_equal(leaf_decode(bytes, size, &back), SK_STORE_CORRUPT);
	bytes[AT_WHOLE] = 0;
	bytes[closes] = 2;
	assert_int_equal(leaf_decode(bytes, size, &back), SK_STORE_CORRUPT);
	bytes[closes] = 0;
	assert_int_equal(leaf_decode(bytes, size, &back), SK_OK);

	leaf = make_event(SK__EVENT_KIND__FOUNDING);
	assert_int_equal(leaf_encode(&leaf, bytes, &size), SK_OK);
	bytes[AT_KIND] = 0;
	assert_int_equal(leaf_decode(bytes, size, &back), SK_STORE_CORRUPT);
	bytes[AT_KIND] = SK__EVENT_KIND__MERGER_EVENT + 1;
	assert_int_equal(leaf_decode(bytes, size, &back), SK_STORE_CORRUPT);
}

static void
test_a_leaf_ends_at_65535_bytes(void **state)
{
	struct leaf leaf = make_event(SK__EVENT_KIND__CONTROL_EVENT), back;
	size_t size, rest;

	(void)state;
	assert_int_equal(leaf_encode(&leaf, bytes, &size), SK_OK);
	rest = LEAF_BYTES_MAX - size;
	leaf.effects = (struct span){ large, rest };
	assert_int_equal(leaf_encode(&leaf, bytes, &size), SK_OK);
	assert_int_equal(size, LEAF_BYTES_MAX);
	assert_int_equal(leaf_decode(bytes, size, &back), SK_OK);
	leaf.effects.size++;
	assert_int_equal(leaf_encode(&leaf, bytes, &size), SK_OVERSIZED);
	assert_int_equal(leaf_decode(bytes, LEAF_BYTES_MAX + 1, &back),
	    SK_STORE_CORRUPT);
}

static void
test_a_leaf_touches_at_most_16_cases(void **state)
{
	struct leaf leaf = make_event(SK__EVENT_KIND__MAILBOX_EVENT), back;
	size_t size;

	(void)state;
	leaf.cases = LEAF_CASES_MAX;
	assert_survives(&leaf);
	leaf.cases++;
	assert_int_equal(leaf_encode(&leaf, bytes, &size), SK_OVERSIZED);
	/* One more, well formed but for the number of them. */
	leaf.cases = LEAF_CASES_MAX;
	assert_int_equal(leaf_encode(&leaf, bytes, &size), SK_OK);
	bytes[size - LEAF_CASES_MAX * 16 - 1]++;
	memset(bytes + size, 0, 16);
	assert_int_equal(leaf_decode(bytes, size + 16, &back),
	    SK_STORE_CORRUPT);
}

static void
test_a_whole_header_ends_at_4096_bytes(void **state)
{
	struct leaf leaf = make_envelope(), back;
	size_t size;

	(void)state;
	leaf.header = (struct span){ large, HEADER_BYTES_MAX };
	digest_bytes(leaf.header_digest, large, HEADER_BYTES_MAX);
	assert_survives(&leaf);
	leaf.header.size++;
	assert_int_equal(leaf_encode(&leaf, bytes, &size), SK_OVERSIZED);
	leaf.header.size--;
	assert_int_equal(leaf_encode(&leaf, bytes, &size), SK_OK);
	memmove(bytes + AT_HEADER + 3, bytes + AT_HEADER + 2,
	    size - AT_HEADER - 2);
	bytes[AT_HEADER + 1]++;
	assert_int_equal(leaf_decode(bytes, size + 1, &back),
	    SK_STORE_CORRUPT);
}

static void
test_parts_survive_and_no_prefix_does(void **state)
{
	struct parts parts = { .nonce = { 1 }, .facts = { "facts", 5 },
	    .closed_nonce = { 2 }, .header = { "header", 6 } }, back;
	uint8_t out[128];
	size_t size;

	(void)state;
	assert_int_equal(parts_encode(&parts, out, sizeof(out), &size), SK_OK);
	assert_int_equal(size, 16 + 7 + 16 + 2 + 8);
	assert_int_equal(parts_decode(out, size, &back), SK_OK);
	assert_memory_equal(back.nonce, parts.nonce, NONCE_SIZE);
	assert_memory_equal(back.closed_nonce, parts.closed_nonce, NONCE_SIZE);
	assert_span_equal(back.facts, parts.facts);
	assert_span_equal(back.closed, parts.closed);
	assert_span_equal(back.header, parts.header);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(parts_decode(out, i, &back),
		    SK_STORE_CORRUPT);
	assert_int_equal(parts_decode(out, size + 1, &back), SK_STORE_CORRUPT);
	assert_int_equal(parts_encode(&parts, out, size, &size), SK_OK);
	assert_int_equal(parts_encode(&parts, out, size - 1, &size),
	    SK_OVERSIZED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_leaf_of_each_kind_survives),
		cmocka_unit_test(test_no_prefix_of_a_leaf_is_a_leaf),
		cmocka_unit_test(test_one_entry_has_one_form),
		cmocka_unit_test(test_flags_and_kinds_have_no_second_value),
		cmocka_unit_test(test_a_leaf_ends_at_65535_bytes),
		cmocka_unit_test(test_a_leaf_touches_at_most_16_cases),
		cmocka_unit_test(test_a_whole_header_ends_at_4096_bytes),
		cmocka_unit_test(test_parts_survive_and_no_prefix_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
