#include "broker/core/products.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
test_every_code_of_the_table_is_found_and_the_order_is_strict(void **state)
{
	(void)state;
	for (size_t i = 0; i < PRODUCTS; i++) {
		const struct product *product = product_at(i);

		assert_int_equal(strlen(product->code), PRODUCT_CODE_SIZE);
		assert_ptr_equal(product_find(product->code), product);
		if (i > 0)
			assert_true(strcmp(product_at(i - 1)->code,
			    product->code) < 0);
	}
	assert_null(product_at(PRODUCTS));
}

static void
test_what_is_no_code_of_the_list_is_not_found(void **state)
{
	static const char *const codes[] = { "", "0", "45A5", "45A511", "45a51",
		"45A76", "39A01", "53A07", "54A54", "99Z99", "45A51 " };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_null(product_find(codes[i]));
		assert_int_equal(product_stay(codes[i]), PRODUCT_STAY_UNKNOWN);
		assert_false(product_is_out_of_home(codes[i]));
	}
	assert_null(product_find(NULL));
	assert_false(product_is_out_of_home(NULL));
}

static void
test_products_know_where_the_child_sleeps(void **state)
{
	static const struct {
		const char *code;
		uint8_t category, form;
		enum product_stay stay;
	} cases[] = {
		{ "40A00", 0, 0, PRODUCT_STAY_UNKNOWN },	/* a heading */
		{ "41B03", 41, 3, PRODUCT_AT_HOME },	/* day care */
		{ "42A01", 42, 0, PRODUCT_STAY_UNKNOWN },	/* transport */
		{ "43A03", 43, 11, PRODUCT_OUT_OF_HOME },	/* foster care */
		{ "43A04", 43, 12, PRODUCT_OUT_OF_HOME },	/* family home */
		{ "43A06", 43, 13, PRODUCT_OUT_OF_HOME },	/* closed */
		{ "44A35", 44, 14, PRODUCT_OUT_OF_HOME },
		{ "45A51", 45, 2, PRODUCT_AT_HOME },
		{ "45A75", 45, 0, PRODUCT_AT_HOME },	/* by its words */
		{ "45B11", 45, 1, PRODUCT_AT_HOME },	/* local team */
		{ "46A01", 46, 2, PRODUCT_AT_HOME },	/* crisis, at home */
		{ "46A05", 46, 11, PRODUCT_OUT_OF_HOME },	/* crisis, foster */
		/* a supervision order is no foster care, whatever its number */
		{ "48A01", 48, 11, PRODUCT_STAY_UNKNOWN },
		{ "50A00", 50, 0, PRODUCT_STAY_UNKNOWN },
		{ "53A06", 53, 2, PRODUCT_AT_HOME },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct product *product = product_find(cases[i].code);

		if (product == NULL)
			fail_msg("no %s", cases[i].code);
		assert_int_equal(product->category, cases[i].category);
		assert_int_equal(product->form, cases[i].form);
		assert_int_equal(product_stay(cases[i].code), cases[i].stay);
		assert_int_equal(product_is_out_of_home(cases[i].code),
		    cases[i].stay == PRODUCT_OUT_OF_HOME);
	}
}

static void
test_the_list_counts_what_its_publisher_counts(void **state)
{
	size_t stays[3] = { 0 };

	(void)state;
	for (size_t i = 0; i < PRODUCTS; i++) {
		assert_true(product_at(i)->stay < 3);
		stays[product_at(i)->stay]++;
	}
	assert_int_equal(stays[PRODUCT_AT_HOME], 159);
	assert_int_equal(stays[PRODUCT_OUT_OF_HOME], 176);
	assert_int_equal(stays[PRODUCT_STAY_UNKNOWN], 115);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_code_of_the_table_is_found_and_the_order_is_strict),
		cmocka_unit_test(test_what_is_no_code_of_the_list_is_not_found),
		cmocka_unit_test(test_products_know_where_the_child_sleeps),
		cmocka_unit_test(test_the_list_counts_what_its_publisher_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
