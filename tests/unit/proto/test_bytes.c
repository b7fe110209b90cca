#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/bytes.h"

static void
test_what_is_written_is_read_back(void **state)
{
	uint8_t bytes[128];
	struct writer w;
	struct reader r;
	const uint8_t *var;
	size_t size;

	(void)state;
	writer_init(&w, bytes, sizeof(bytes));
	write_label(&w, "schakel/test/v1");
	write_u64(&w, UINT64_MAX - 1);
	write_i64(&w, -2);
	write_var(&w, "abc", 3);
	write_var(&w, NULL, 0);
	write_raw(&w, "xyz", 3);
	assert_true(writer_done(&w));
	assert_int_equal(w.size, 16 + 8 + 8 + 5 + 2 + 3);

	reader_init(&r, bytes, w.size);
	read_label(&r, "schakel/test/v1");
	assert_true(read_u64(&r) == UINT64_MAX - 1);
	assert_true(read_i64(&r) == -2);
	var = read_var(&r, &size);
	assert_int_equal(size, 3);
	assert_memory_equal(var, "abc", 3);
	assert_non_null(read_var(&r, &size));
	assert_int_equal(size, 0);
	assert_false(reader_done(&r));
	assert_memory_equal(read_raw(&r, 3), "xyz", 3);
	assert_true(reader_done(&r));
}

static void
test_integers_stand_big_endian(void **state)
{
	uint8_t bytes[8];

	(void)state;
	be64_put(bytes, 0x0102030405060708u);
	assert_memory_equal(bytes, "\1\2\3\4\5\6\7\10", 8);
	assert_true(be64_get(bytes) == 0x0102030405060708u);
}

static void
test_a_writer_never_passes_its_end(void **state)
{
	uint8_t bytes[16];
	struct writer w;

	(void)state;
	memset(bytes, 0xee, sizeof(bytes));
	writer_init(&w, bytes, 8);
	write_u64(&w, 1);
	assert_true(writer_done(&w));
	write_raw(&w, "a", 1);
	assert_false(writer_done(&w));
	assert_int_equal(bytes[8], 0xee);

	/* The failure stays, also for what would fit. */
	writer_init(&w, bytes, 4);
	write_u64(&w, 1);
	write_raw(&w, "a", 1);
	assert_false(writer_done(&w));
	assert_int_equal(w.size, 0);
}

static void
test_a_variable_field_ends_at_65535_bytes(void **state)
{
	uint8_t *field = calloc(1, VAR_SIZE_MAX + 1);
	uint8_t *bytes = calloc(1, VAR_SIZE_MAX + 16);
	struct writer w;
	struct reader r;
	size_t size;

	(void)state;
	writer_init(&w, bytes, VAR_SIZE_MAX + 16);
	write_var(&w, field, VAR_SIZE_MAX);
	assert_true(writer_done(&w));
	reader_init(&r, bytes, w.size);
	assert_non_null(read_var(&r, &size));
	assert_int_equal(size, VAR_SIZE_MAX);
	assert_true(reader_done(&r));

	writer_init(&w, bytes, VAR_SIZE_MAX + 16);
	write_var(&w, field, VAR_SIZE_MAX + 1);
	assert_false(writer_done(&w));
	free(field);
	free(bytes);
}

static void
test_a_reader_never_passes_its_end(void **state)
{
	static const uint8_t bytes[] = { 0, 3, 'a', 'b' };
	struct reader r;
	size_t size = 9;

	(void)state;
	reader_init(&r, bytes, sizeof(bytes));
	assert_null(read_var(&r, &size));
	assert_int_equal(size, 0);
	assert_false(reader_done(&r));
	assert_true(read_u64(&r) == 0);
	assert_null(read_raw(&r, 0));

	reader_init(&r, bytes, 1);
	assert_null(read_var(&r, &size));
	reader_init(&r, NULL, 0);
	assert_true(reader_done(&r));
	assert_null(read_raw(&r, 1));
	assert_false(reader_done(&r));
}

static void
test_another_label_fails(void **state)
{
	static const char *const cases[] = { "schakel/a/v2", "schakel/a/v",
	    "schakel/a/v11" };
	struct reader r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reader_init(&r, cases[i], strlen(cases[i]) + 1);
		read_label(&r, "schakel/a/v1");
		assert_false(reader_done(&r));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read_back),
		cmocka_unit_test(test_integers_stand_big_endian),
		cmocka_unit_test(test_a_writer_never_passes_its_end),
		cmocka_unit_test(test_a_variable_field_ends_at_65535_bytes),
		cmocka_unit_test(test_a_reader_never_passes_its_end),
		cmocka_unit_test(test_another_label_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
