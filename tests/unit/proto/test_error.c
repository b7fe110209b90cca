#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "proto/error.h"
#include "proto/error.pb-c.h"
#include "proto/fault.h"

static const enum sk_error codes[] = {
#define X(name, number, nl, en) SK_##name,
	SK_ERROR_LIST(X)
#undef X
};

#define CODES (sizeof(codes) / sizeof(codes[0]))

static void
test_every_error_has_its_own_number_name_and_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < CODES; i++) {
		assert_true(strlen(error_name(codes[i])) > 0);
		assert_true(strlen(error_text(codes[i])) > 0);
		assert_true(strlen(error_text_nl(codes[i])) > 0);
		for (size_t j = 0; j < i; j++) {
			assert_int_not_equal(codes[i], codes[j]);
			assert_string_not_equal(error_name(codes[i]),
			    error_name(codes[j]));
		}
	}
}

static void
test_the_schema_has_every_error_under_its_number(void **state)
{
	const ProtobufCEnumDescriptor *d = &sk__error__descriptor;
	char name[64];

	(void)state;
	for (size_t i = 0; i < CODES; i++) {
		const ProtobufCEnumValue *value =
		    protobuf_c_enum_descriptor_get_value(d, (int)codes[i]);

		snprintf(name, sizeof(name), "E_%s", error_name(codes[i]));
		if (value == NULL)
			fail_msg("error.proto lacks %s", name);
		assert_string_equal(value->name, name);
	}
}

static void
test_the_schema_has_no_error_of_its_own(void **state)
{
	const ProtobufCEnumDescriptor *d = &sk__error__descriptor;

	(void)state;
	assert_int_equal(d->n_values, CODES);
	assert_int_equal(d->n_value_names, CODES);
	for (unsigned i = 0; i < d->n_values; i++)
		assert_string_equal(d->values[i].name + 2,
		    error_name((enum sk_error)d->values[i].value));
}

static void
test_refusals_are_the_numbers_that_travel(void **state)
{
	(void)state;
	for (size_t i = 0; i < CODES; i++)
		assert_int_equal(error_is_refusal(codes[i]) != 0,
		    codes[i] >= 1 && codes[i] <= 199);
}

static void
test_an_unknown_error_has_words_too(void **state)
{
	(void)state;
	assert_string_equal(error_name((enum sk_error)9999), "UNKNOWN");
	assert_non_null(error_text((enum sk_error)9999));
	assert_non_null(error_text_nl((enum sk_error)9999));
}

static void
test_a_fault_keeps_code_field_and_hint_within_bounds(void **state)
{
	char path_long[300];
	struct fault fault;

	(void)state;
	memset(path_long, 'x', sizeof(path_long) - 1);
	path_long[sizeof(path_long) - 1] = '\0';
	assert_int_equal(fault_set(&fault, SK_FIELD_INVALID, "a.b", "%d", 7),
	    SK_FIELD_INVALID);
	assert_int_equal(fault.code, SK_FIELD_INVALID);
	assert_string_equal(fault.field, "a.b");
	assert_string_equal(fault.hint, "7");
	fault_set(&fault, SK_OVERSIZED, NULL, NULL);
	assert_string_equal(fault.field, "");
	assert_string_equal(fault.hint, "");
	fault_set(&fault, SK_OVERSIZED, path_long, "%s", path_long);
	assert_int_equal(strlen(fault.field), sizeof(fault.field) - 1);
	assert_int_equal(strlen(fault.hint), sizeof(fault.hint) - 1);
	assert_int_equal(fault_set(NULL, SK_OVERSIZED, "a", NULL),
	    SK_OVERSIZED);
}

static void
test_a_hint_with_a_percent_sign_is_taken_as_it_is(void **state)
{
	struct fault fault;

	(void)state;
	fault_at(&fault, SK_FIELD_INVALID, "at most 100%s", "a[%zu].b",
	    (size_t)3);
	assert_string_equal(fault.field, "a[3].b");
	assert_string_equal(fault.hint, "at most 100%s");
	fault_at(&fault, SK_FIELD_INVALID, NULL, "a");
	assert_string_equal(fault.hint, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_error_has_its_own_number_name_and_texts),
		cmocka_unit_test(
		    test_the_schema_has_every_error_under_its_number),
		cmocka_unit_test(test_the_schema_has_no_error_of_its_own),
		cmocka_unit_test(test_refusals_are_the_numbers_that_travel),
		cmocka_unit_test(test_an_unknown_error_has_words_too),
		cmocka_unit_test(
		    test_a_fault_keeps_code_field_and_hint_within_bounds),
		cmocka_unit_test(
		    test_a_hint_with_a_percent_sign_is_taken_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
