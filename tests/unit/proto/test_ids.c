#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "proto/ids.h"

static const struct envelope_ref example = { .participant = 12,
	.id = { .boot = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77 },
	.number = 9 } };

static _Alignas(16) uint8_t memory[1024];

static void
test_a_ref_has_one_spelling(void **state)
{
	static const char *const wrong[] = {
		"", "12", "12-0011223344556677", "12-0011223344556677-",
		"12-0011223344556677-0", "0-0011223344556677-9",
		"012-0011223344556677-9", "12-0011223344556677-09",
		"+12-0011223344556677-9", "12-00112233445566-9",
		"12-001122334455667788-9", "12-001122334455667G-9",
		"12-00112233445566AA-9", "12-0011223344556677-9 ",
		" 12-0011223344556677-9", "12--0011223344556677-9",
		"18446744073709551616-0011223344556677-9",
		"99999999999999999999-0011223344556677-9",
	};
	struct envelope_ref ref;
	char text[REF_TEXT_MAX];

	(void)state;
	ref_text(&example, text);
	assert_string_equal(text, "12-0011223344556677-9");
	assert_int_equal(ref_parse(text, &ref), SK_OK);
	assert_true(ref_equal(&ref, &example));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(ref_parse(wrong[i], &ref), SK_FIELD_INVALID);
	assert_true(ref_equal(&ref, &example));
}

static void
test_the_largest_ref_fits(void **state)
{
	struct envelope_ref ref = { .participant = UINT64_MAX,
		.id.number = UINT64_MAX }, back;
	char text[REF_TEXT_MAX];

	(void)state;
	memset(ref.id.boot, 0xff, BOOT_SIZE);
	ref_text(&ref, text);
	assert_string_equal(text,
	    "18446744073709551615-ffffffffffffffff-18446744073709551615");
	assert_int_equal(ref_parse(text, &back), SK_OK);
	assert_true(ref_equal(&ref, &back));
}

static void
test_refs_differ_in_every_part(void **state)
{
	struct envelope_ref other = example, none = { 0 };

	(void)state;
	assert_true(ref_is_none(&none));
	assert_false(ref_is_none(&example));
	other.participant++;
	assert_false(ref_equal(&example, &other));
	other = example;
	other.id.number++;
	assert_false(ref_equal(&example, &other));
	other = example;
	other.id.boot[7] ^= 1;
	assert_false(ref_equal(&example, &other));
}

static void
test_a_ref_survives_its_message(void **state)
{
	struct envelope_ref back;
	struct arena arena;
	Sk__Ref *message;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	message = ref_to_message(&example, &arena);
	assert_true(ref_from_message(message, &back));
	assert_true(ref_equal(&example, &back));
	for (size_t size = 0; size < arena.used; size++) {
		struct arena tight;

		arena_init(&tight, memory, size);
		assert_null(ref_to_message(&example, &tight));
	}
}

static void
test_a_message_with_a_part_missing_is_no_ref(void **state)
{
	struct envelope_ref ref;
	struct arena arena;
	Sk__Ref *message;

	(void)state;
	assert_false(ref_from_message(NULL, &ref));
	for (int part = 0; part < 7; part++) {
		arena_init(&arena, memory, sizeof(memory));
		message = ref_to_message(&example, &arena);
		switch (part) {
		case 0: message->id = NULL; break;
		case 1: message->has_participant = 0; break;
		case 2: message->participant = 0; break;
		case 3: message->id->has_boot = 0; break;
		case 4: message->id->boot.len = BOOT_SIZE - 1; break;
		case 5: message->id->has_number = 0; break;
		default: message->id->number = 0; break;
		}
		assert_false(ref_from_message(message, &ref));
		assert_true(ref_is_none(&ref));
	}
}

static void
test_case_numbers_carry_check_digits(void **state)
{
	static const struct {
		uint64_t n, number;
		const char *text;
	} cases[] = {
		/* 98 - 14200 mod 97; 98 - 1100 mod 97; the largest there is */
		{ 1, 42, "1-42-60" },
		{ 1, 1, "1-1-65" },
		{ UINT64_MAX, UINT64_MAX,
		    "18446744073709551615-18446744073709551615-67" },
	};
	char text[CASE_TEXT_MAX];
	uint64_t n, number;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		case_text(cases[i].n, cases[i].number, text);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(case_parse(text, &n, &number), SK_OK);
		assert_true(n == cases[i].n && number == cases[i].number);
	}
}

static void
test_one_wrong_digit_or_two_swapped_are_noticed(void **state)
{
	char text[CASE_TEXT_MAX], good[CASE_TEXT_MAX];
	uint64_t n, number;
	size_t size;

	(void)state;
	case_text(3, 90417, good);
	size = strlen(good);
	for (size_t i = 0; i < size; i++)
		for (char c = '0'; c <= '9'; c++) {
			strcpy(text, good);
			text[i] = c;
			if (strcmp(text, good) != 0)
				assert_int_equal(case_parse(text, &n, &number),
				    SK_FIELD_INVALID);
		}
	for (size_t i = 0; i + 1 < size; i++) {
		strcpy(text, good);
		text[i] = good[i + 1];
		text[i + 1] = good[i];
		if (strcmp(text, good) != 0)
			assert_int_equal(case_parse(text, &n, &number),
			    SK_FIELD_INVALID);
	}
}

static void
test_a_case_number_has_one_spelling(void **state)
{
	static const char *const wrong[] = { "", "1", "1-42", "1-42-", "1-42-6",
		"1-42-600", "1-42-60 ", "01-42-60", "1-042-60", "0-42-60",
		"1-0-67", "1--42-60", "-1-42-60", "1-42-ab",
		"18446744073709551616-1-00" };
	uint64_t n, number;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(case_parse(wrong[i], &n, &number),
		    SK_FIELD_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_ref_has_one_spelling),
		cmocka_unit_test(test_the_largest_ref_fits),
		cmocka_unit_test(test_refs_differ_in_every_part),
		cmocka_unit_test(test_a_ref_survives_its_message),
		cmocka_unit_test(test_a_message_with_a_part_missing_is_no_ref),
		cmocka_unit_test(test_case_numbers_carry_check_digits),
		cmocka_unit_test(
		    test_one_wrong_digit_or_two_swapped_are_noticed),
		cmocka_unit_test(test_a_case_number_has_one_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
