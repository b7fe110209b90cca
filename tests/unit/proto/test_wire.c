#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/envelope.pb-c.h"
#include "proto/session.pb-c.h"
#include "proto/wire.h"

static _Alignas(16) uint8_t memory[65536];

struct bad {
	const ProtobufCMessageDescriptor *descriptor;
	const char *bytes;
	size_t size;
	enum sk_error code;
	const char *field;
};

#define BAD(type, text, code, field) \
	{ &sk__##type##__descriptor, text, sizeof(text) - 1, SK_##code, field }

static enum sk_error
decode(const ProtobufCMessageDescriptor *descriptor, const void *bytes,
    size_t size, struct fault *fault)
{
	ProtobufCMessage *message;
	struct arena arena;

	memset(fault, 0, sizeof(*fault));
	arena_init(&arena, memory, sizeof(memory));
	return wire_decode(descriptor, "m", bytes, size, 4096, &arena,
	    &message, fault);
}

static void
check_table(const struct bad *bad, size_t n)
{
	struct fault fault;

	for (size_t i = 0; i < n; i++) {
		enum sk_error code = decode(bad[i].descriptor, bad[i].bytes,
		    bad[i].size, &fault);

		if (code != bad[i].code || strcmp(fault.field, bad[i].field) != 0)
			fail_msg("row %zu: %s at %s, want %s at %s", i,
			    error_name(code), fault.field,
			    error_name(bad[i].code), bad[i].field);
		assert_int_equal(fault.code, code);
	}
}

static void
test_every_fault_names_its_field(void **state)
{
	static const struct bad bad[] = {
		/* clang-format off: the columns are the point */
		BAD(facts, "\x08", TRUNCATED, "m.version"),
		BAD(facts, "\x08\x80", TRUNCATED, "m.version"),
		BAD(facts, "\x80", TRUNCATED, "m"),
		BAD(facts, "\x12\x05\x08\x01", TRUNCATED, "m.sections[0]"),
		BAD(facts, "\x12\x01\x08", TRUNCATED, "m.sections[0].section"),
		BAD(facts, "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", TRUNCATED, "m.sections[0]"),
		BAD(facts, "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", MALFORMED, "m.sections[0]"),
		BAD(facts, "\x00", MALFORMED, "m"),		/* field 0 */
		BAD(facts, "\x0b", MALFORMED, "m"),		/* a group */
		BAD(facts, "\x0c", MALFORMED, "m"),
		BAD(facts, "\x0e", MALFORMED, "m"),
		BAD(facts, "\x0f", MALFORMED, "m"),
		BAD(facts, "\xff\xff\xff\xff\x7f", MALFORMED, "m"),	/* past 2^29 */
		BAD(facts, "\x88\x80\x80\x80\x80\x00\x01", MALFORMED, "m"),
		BAD(facts, "\x78\x01", FIELD_UNKNOWN, "m.15"),
		BAD(facts, "\xf8\xff\xff\xff\x0f\x01", FIELD_UNKNOWN, "m.536870911"),
		BAD(facts, "\x12\x00\x12\x02\x78\x01", FIELD_UNKNOWN, "m.sections[1].15"),
		BAD(facts, "\x0a\x01\x01", FIELD_INVALID, "m.version"),	/* wire type */
		BAD(facts, "\x0d\x01\x00\x00\x00", FIELD_INVALID, "m.version"),
		BAD(facts, "\x09\x01\x00\x00\x00\x00\x00\x00\x00", FIELD_INVALID, "m.version"),
		BAD(facts, "\x10\x01", FIELD_INVALID, "m.sections[0]"),
		BAD(facts, "\x08\x01\x08\x01", FIELD_INVALID, "m.version"),	/* twice */
		BAD(facts, "\xb2\x06\x00\xb2\x06\x00", FIELD_INVALID, "m.triage"),
		BAD(facts, "\x08\x80\x80\x80\x80\x10", FIELD_INVALID, "m.version"),	/* 2^32 */
		BAD(facts, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", FIELD_INVALID, "m.version"),
		BAD(facts, "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", FIELD_INVALID, "m.version"),
		BAD(facts, "\xb2\x06\x06\x12\x00\x12\x02\x10\x04", FIELD_INVALID, "m.triage.domains[1].answer"),
		BAD(facts, "\xb2\x06\x04\x12\x02\x10\x00", FIELD_INVALID, "m.triage.domains[0].answer"),
		BAD(facts, "\xb2\x06\x0d\x12\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", FIELD_INVALID, "m.triage.domains[0].answer"),
		BAD(facts, "\xb2\x06\x08\x12\x06\x10\x81\x80\x80\x80\x10", FIELD_INVALID, "m.triage.domains[0].answer"),
		BAD(facts, "\xb2\x06\x02\x18\x02", FIELD_INVALID, "m.triage.risk_of_worsening"),
		BAD(analysis_facts, "\x0a\x02\x01\x02", MALFORMED, "m.support[0]"),	/* packed */
		BAD(analysis_facts, "\x08\x01\x08\x0f", FIELD_INVALID, "m.support[1]"),
		BAD(referral_facts, "\x0a\x02" "A\xff", TEXT_INVALID, "m.offering"),
		BAD(referral_facts, "\x0a\x03" "A\0B", TEXT_INVALID, "m.offering"),
		BAD(referral_facts, "\x0a\x05" "AB", TRUNCATED, "m.offering"),
		BAD(referral_facts, "\x10\x80\x80\x80\x80\x10", FIELD_INVALID, "m.wanted_date"),
		/* clang-format on */
	};

	(void)state;
	check_table(bad, sizeof(bad) / sizeof(bad[0]));
}

static void
test_what_is_good_is_decoded(void **state)
{
	static const uint8_t bytes[] = "\x08\x01\x12\x04\x08\x03\x10\x07"
	    "\xb2\x06\x08\x12\x04\x08\x05\x10\x02\x18\x01";
	ProtobufCMessage *message;
	struct arena arena;
	struct fault fault;
	const Sk__Facts *facts;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	assert_int_equal(wire_decode(&sk__facts__descriptor, "facts", bytes,
	    sizeof(bytes) - 1, FACTS_BYTES_MAX, &arena, &message, &fault),
	    SK_OK);
	facts = (const Sk__Facts *)(void *)message;
	assert_int_equal(facts->version, 1);
	assert_int_equal(facts->sections[0]->section, SK__SECTION__SITUATION);
	assert_int_equal(facts->sections[0]->characters, 7);
	assert_int_equal(facts->triage->domains[0]->answer, SK__ANSWER__NO);
	assert_true(facts->triage->risk_of_worsening);
	assert_true((uint8_t *)message >= memory &&
	    (uint8_t *)message < memory + sizeof(memory));
}

static void
test_the_largest_values_of_each_type_pass(void **state)
{
	struct fault fault;

	(void)state;
	assert_int_equal(decode(&sk__facts__descriptor,
	    "\x08\xff\xff\xff\xff\x0f", 6, &fault), SK_OK);
	assert_int_equal(decode(&sk__envelope_id__descriptor,
	    "\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, &fault),
	    SK_OK);
	assert_int_equal(decode(&sk__header__descriptor,
	    "\x48\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
	    "\x50\xff\xff\xff\xff\x0f", 17, &fault), SK_OK);
	assert_int_equal(decode(&sk__triage_facts__descriptor, "\x18\x00", 2,
	    &fault), SK_OK);
	assert_int_equal(decode(&sk__facts__descriptor, NULL, 0, &fault),
	    SK_OK);
}

static void
test_the_size_limit_is_inclusive(void **state)
{
	static const uint8_t bytes[] = "\x08\x01";
	ProtobufCMessage *message;
	struct arena arena;
	struct fault fault;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	assert_int_equal(wire_decode(&sk__facts__descriptor, "facts", bytes, 2,
	    2, &arena, &message, &fault), SK_OK);
	assert_int_equal(wire_decode(&sk__facts__descriptor, "facts", bytes, 2,
	    1, &arena, &message, &fault), SK_OVERSIZED);
	assert_string_equal(fault.field, "facts");
	assert_string_equal(fault.hint, "at most 1 bytes");
	assert_null(message);
	assert_int_equal(wire_decode(&sk__facts__descriptor, "facts", bytes, 2,
	    1, &arena, &message, NULL), SK_OVERSIZED);
}

/* A message that holds itself: our schemas have none as deep as the limit. */
static ProtobufCMessageDescriptor nested;
struct nested {
	ProtobufCMessage base;
	struct nested *inner;
};
static const ProtobufCFieldDescriptor nested_field = {
	.name = "inner", .id = 1, .label = PROTOBUF_C_LABEL_OPTIONAL,
	.type = PROTOBUF_C_TYPE_MESSAGE,
	.offset = offsetof(struct nested, inner), .descriptor = &nested,
};
static const ProtobufCIntRange nested_ranges[] = { { 1, 0 }, { 0, 1 } };

static void
test_nesting_ends_at_the_limit(void **state)
{
	uint8_t bytes[64];
	struct fault fault;
	size_t size = 0;

	(void)state;
	nested = (ProtobufCMessageDescriptor){
		.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
		.name = "Nested", .sizeof_message = sizeof(struct nested),
		.n_fields = 1, .fields = &nested_field,
		.n_field_ranges = 1, .field_ranges = nested_ranges,
	};
	for (int depth = 1; depth < WIRE_DEPTH_MAX; depth++) {
		memmove(bytes + 2, bytes, size);
		bytes[0] = 0x0a;
		bytes[1] = (uint8_t)size;
		size += 2;
	}
	assert_int_equal(decode(&nested, bytes, size, &fault), SK_OK);
	memmove(bytes + 2, bytes, size);
	bytes[1] = (uint8_t)size;
	assert_int_equal(decode(&nested, bytes, size + 2, &fault),
	    SK_MALFORMED);
	assert_string_equal(fault.field, "m.inner.inner.inner.inner.inner."
	    "inner.inner.inner");
}

static void
test_a_spent_arena_is_our_own_limit_and_not_the_sender_s_fault(void **state)
{
	static const uint8_t bytes[] = "\x08\x01\x12\x04\x08\x03\x10\x07"
	    "\xb2\x06\x08\x12\x04\x08\x05\x10\x02\x18\x01";
	ProtobufCMessage *message;
	struct arena arena;
	struct fault fault;
	size_t need;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	assert_int_equal(wire_decode(&sk__facts__descriptor, "facts", bytes,
	    sizeof(bytes) - 1, 100, &arena, &message, &fault), SK_OK);
	need = arena.used;
	for (size_t size = 0; size <= need; size++) {
		uint8_t *exact = malloc(size + 1);	/* for the sanitizer */

		arena_init(&arena, exact, size);
		assert_int_equal(wire_decode(&sk__facts__descriptor, "facts",
		    bytes, sizeof(bytes) - 1, 100, &arena, &message, &fault),
		    size < need ? SK_NO_MEMORY : SK_OK);
		assert_true(size == need || message == NULL);
		free(exact);
	}
}

static void
test_an_earlier_mark_of_the_arena_is_kept(void **state)
{
	ProtobufCMessage *message;
	struct arena arena;
	struct fault fault;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	assert_null(arena_take(&arena, sizeof(memory) + 1));
	assert_int_equal(wire_decode(&sk__facts__descriptor, "facts",
	    "\x08\x01", 2, 100, &arena, &message, &fault), SK_OK);
	assert_int_equal(arena.mark_failed, sizeof(memory) + 1);
}

static void
test_encode_is_what_decode_reads(void **state)
{
	Sk__EnvelopeId id = SK__ENVELOPE_ID__INIT;
	struct arena arena;
	uint8_t *bytes;
	size_t size;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	id.has_number = 1;
	id.number = 300;
	assert_int_equal(wire_encode(&id.base, &arena, &bytes, &size), SK_OK);
	assert_int_equal(size, 3);
	assert_memory_equal(bytes, "\x10\xac\x02", 3);
	id.has_number = 0;
	assert_int_equal(wire_encode(&id.base, &arena, &bytes, &size), SK_OK);
	assert_int_equal(size, 0);
	assert_non_null(bytes);
	id.has_number = 1;
	arena_init(&arena, memory, 2);
	assert_int_equal(wire_encode(&id.base, &arena, &bytes, &size),
	    SK_NO_MEMORY);
}

static void
test_peek_finds_a_number_behind_what_it_does_not_know(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		bool found;
		uint64_t value;
	} cases[] = {
		{ "\x08\x07", 2, true, 7 },
		{ "\xfa\x7f\x02zz\x08\x07", 7, true, 7 },
		{ "\x79" "12345678" "\x7d" "1234" "\x70\x81\x01\x08\x09", 19,
		    true, 9 },
		{ "\x08\x07\x08\x08", 4, true, 7 },
		{ "\x0a\x01\x07", 3, false, 0 },
		{ "\x7a\x05zz\x08\x07", 6, false, 0 },
		{ "\x7b\x08\x07", 3, false, 0 },
		{ "\x08", 1, false, 0 },
		{ "", 0, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 0;

		assert_int_equal(wire_peek(cases[i].bytes, cases[i].size, 1,
		    &value), cases[i].found);
		assert_int_equal(value, cases[i].value);
	}
}

static void
test_utf8_is_well_formed_or_refused(void **state)
{
	static const struct { const char *text; size_t size; int good; } cases[] = {
		{ "", 0, 1 }, { "gezin", 5, 1 }, { "\xc3\xab", 2, 1 },
		{ "\xc2\x80", 2, 1 }, { "\xdf\xbf", 2, 1 },
		{ "\xe0\xa0\x80", 3, 1 }, { "\xef\xbf\xbf", 3, 1 },
		{ "\xed\x9f\xbf", 3, 1 }, { "\xee\x80\x80", 3, 1 },
		{ "\xf0\x90\x80\x80", 4, 1 }, { "\xf4\x8f\xbf\xbf", 4, 1 },
		{ "\0", 1, 0 }, { "a\0b", 3, 0 }, { "\x80", 1, 0 },
		{ "\xc0\x80", 2, 0 }, { "\xc1\xbf", 2, 0 },	/* overlong */
		{ "\xe0\x9f\xbf", 3, 0 }, { "\xf0\x8f\xbf\xbf", 4, 0 },
		{ "\xed\xa0\x80", 3, 0 }, { "\xed\xbf\xbf", 3, 0 },	/* surrogates */
		{ "\xf4\x90\x80\x80", 4, 0 }, { "\xf5\x80\x80\x80", 4, 0 },
		{ "\xff", 1, 0 }, { "\xc3", 1, 0 }, { "\xe2\x82", 2, 0 },
		{ "\xf0\x9f\x98", 3, 0 }, { "\xc3\xc3", 2, 0 },
		{ "\xe2\x82\x41", 3, 0 }, { "\xf0\x9f\x98\x41", 4, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(wire_text_is_utf8(cases[i].text,
		    cases[i].size), cases[i].good);
	assert_int_equal(wire_text_characters("", 0), 0);
	assert_int_equal(wire_text_characters("a\xc3\xab\xe2\x82\xac"
	    "\xf0\x9f\x98\x80", 10), 4);
}

/* A fixed sequence: the same bytes in every run. */
static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void
test_bytes_changed_at_random_never_do_harm(void **state)
{
	static const uint8_t good[] = "\x08\x01\x12\x04\x08\x03\x10\x07"
	    "\xb2\x06\x08\x12\x04\x08\x05\x10\x02\x18\x01"
	    "\xd2\x06\x06\x0a\x04" "AB-1";
	uint8_t bytes[sizeof(good) - 1];
	struct fault fault;
	uint32_t seed = 7;
	size_t taken = 0;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		size_t size = sizeof(bytes) - next_random(&seed) % 3 * 2;
		uint8_t *exact;

		memcpy(bytes, good, sizeof(bytes));
		for (uint32_t n = next_random(&seed) % 4; n > 0; n--)
			bytes[next_random(&seed) % sizeof(bytes)] =
			    (uint8_t)next_random(&seed);
		exact = malloc(size);
		memcpy(exact, bytes, size);
		taken += decode(&sk__facts__descriptor, exact, size,
		    &fault) == SK_OK;
		free(exact);
	}
	assert_true(taken > 1000 && taken < 199000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_fault_names_its_field),
		cmocka_unit_test(test_what_is_good_is_decoded),
		cmocka_unit_test(test_the_largest_values_of_each_type_pass),
		cmocka_unit_test(test_the_size_limit_is_inclusive),
		cmocka_unit_test(test_nesting_ends_at_the_limit),
		cmocka_unit_test(
		    test_a_spent_arena_is_our_own_limit_and_not_the_sender_s_fault),
		cmocka_unit_test(test_an_earlier_mark_of_the_arena_is_kept),
		cmocka_unit_test(test_encode_is_what_decode_reads),
		cmocka_unit_test(
		    test_peek_finds_a_number_behind_what_it_does_not_know),
		cmocka_unit_test(test_utf8_is_well_formed_or_refused),
		cmocka_unit_test(test_bytes_changed_at_random_never_do_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
