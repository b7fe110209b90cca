#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/lines.h"

static struct span
text(const char *string)
{
	return (struct span){ string, strlen(string) };
}

static void
test_a_line_ends_with_a_newline_or_is_none(void **state)
{
	struct span rest = text("one\n\nthree"), line;

	(void)state;
	assert_true(lines_next(&rest, &line));
	assert_int_equal(line.size, 3);
	assert_true(lines_next(&rest, &line));
	assert_int_equal(line.size, 0);
	assert_false(lines_next(&rest, &line));
	assert_int_equal(rest.size, 5);
	rest = (struct span){ NULL, 0 };
	assert_false(lines_next(&rest, &line));
}

static void
test_a_number_has_one_form(void **state)
{
	static const struct {
		const char *text;
		bool valid;
		uint64_t value;
	} cases[] = {
		{ "0", true, 0 },
		{ "7", true, 7 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "184467440737095516150", false, 0 },
		{ "", false, 0 },
		{ "00", false, 0 },
		{ "01", false, 0 },
		{ "+1", false, 0 },
		{ "-1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "1x", false, 0 },
		{ "0x1", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 0;

		assert_int_equal(lines_decimal(text(cases[i].text), &value),
		    cases[i].valid);
		assert_true(value == cases[i].value);
	}
}

static void
test_base64_has_one_form(void **state)
{
	static const struct {
		const char *text;
		bool valid;
		size_t size;
	} cases[] = {
		{ "AA==", true, 1 },
		{ "AAA=", true, 2 },
		{ "AAAA", true, 3 },
		{ "", false, 0 },
		{ "A", false, 0 },
		{ "AAA", false, 0 },
		{ "AB==", false, 0 },	/* bits behind the end */
		{ "AAB=", false, 0 },
		{ "AA==AAAA", false, 0 },
		{ "AA=A", false, 0 },
		{ "====", false, 0 },
		{ "AA A", false, 0 },
		{ "AA\nA", false, 0 },
		{ "AA-_", false, 0 },	/* the other alphabet */
	};
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(lines_base64(text(cases[i].text), NULL, 0,
		    &size), cases[i].valid);
		if (cases[i].valid)
			assert_int_equal(size, cases[i].size);
	}
}

static void
test_base64_has_64_characters(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char line[] = "AAAA";
	size_t size;

	(void)state;
	for (int c = 0; c < 256; c++) {
		line[1] = (char)c;
		assert_int_equal(lines_base64((struct span){ line, 4 }, NULL,
		    0, &size), c != 0 && strchr(alphabet, c) != NULL);
	}
}

/* Around the block of 48 bytes in which it is read and written. */
static void
test_base64_of_every_size_comes_back(void **state)
{
	uint8_t bytes[200], back[200];
	char line[BASE64_SIZE(200)];
	struct writer w;
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + 200);
	for (size_t n = 1; n <= sizeof(bytes); n++) {
		writer_init(&w, line, sizeof(line));
		write_base64(&w, bytes, n);
		assert_true(writer_done(&w));
		assert_int_equal(w.size, BASE64_SIZE(n));
		memset(back, 0, sizeof(back));
		assert_true(lines_base64((struct span){ line, w.size }, back,
		    n < 100 ? n : 100, &size));
		assert_int_equal(size, n);
		assert_memory_equal(back, bytes, n < 100 ? n : 100);
		assert_int_equal(back[100], 0);
	}
	/* Padding may stand at the end alone, also of a block. */
	memset(line, 'A', sizeof(line));
	line[63] = '=';
	assert_false(lines_base64((struct span){ line, 128 }, NULL, 0, &size));
}

static void
test_a_digest_is_32_bytes(void **state)
{
	uint8_t digest[DIGEST_SIZE] = { 0xff };
	char line[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

	(void)state;
	assert_true(lines_digest(text(line), digest));
	assert_int_equal(digest[0], 0);
	line[43] = 'A';	/* 33 bytes */
	assert_false(lines_digest(text(line), digest));
	line[42] = line[43] = '=';	/* 31 */
	assert_false(lines_digest(text(line), digest));
	assert_false(lines_digest((struct span){ line, 40 }, digest));
	assert_false(lines_digest((struct span){ NULL, 0 }, digest));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_ends_with_a_newline_or_is_none),
		cmocka_unit_test(test_a_number_has_one_form),
		cmocka_unit_test(test_base64_has_one_form),
		cmocka_unit_test(test_base64_has_64_characters),
		cmocka_unit_test(test_base64_of_every_size_comes_back),
		cmocka_unit_test(test_a_digest_is_32_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
