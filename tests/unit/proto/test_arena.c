#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "proto/arena.h"
#include "proto/envelope.pb-c.h"

static _Alignas(16) uint8_t memory[4096];

static void
test_what_is_taken_is_zeroed_and_aligned(void **state)
{
	struct arena arena;

	(void)state;
	memset(memory, 0xff, sizeof(memory));
	arena_init(&arena, memory + 1, sizeof(memory) - 1);
	for (size_t size = 0; size < 40; size++) {
		uint8_t *taken = arena_take(&arena, size);

		assert_non_null(taken);
		assert_int_equal((uintptr_t)taken % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(taken[i], 0);
	}
}

static void
test_two_takes_of_nothing_are_two_places(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	assert_ptr_not_equal(arena_take(&arena, 0), arena_take(&arena, 0));
}

static void
test_the_budget_ends_exactly_at_its_size(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, memory, 64);
	assert_null(arena_take(&arena, 65));
	assert_int_equal(arena.mark_failed, 65);
	assert_non_null(arena_take(&arena, 64));
	assert_null(arena_take(&arena, 1));
	assert_int_equal(arena.mark_failed, 65);
	arena_reset(&arena);
	assert_int_equal(arena.mark_failed, 0);
	assert_non_null(arena_take(&arena, 64));
}

static void
test_a_size_that_overflows_does_not_fit(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	assert_non_null(arena_take(&arena, 1));
	assert_null(arena_take(&arena, SIZE_MAX));
	assert_null(arena_take(&arena, SIZE_MAX - 15));
	arena_init(&arena, NULL, 100);
	assert_null(arena_take(&arena, 1));
}

static void
test_copies_are_copies(void **state)
{
	struct arena arena;
	char text[] = "wachtplek";
	char *copy;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	copy = arena_string(&arena, text);
	text[0] = 'W';
	assert_string_equal(copy, "wachtplek");
	assert_memory_equal(arena_copy(&arena, "\0\1", 2), "\0\1", 2);
	assert_non_null(arena_copy(&arena, NULL, 0));
	arena_init(&arena, memory, 4);
	assert_null(arena_string(&arena, text));
	assert_null(arena_copy(&arena, text, 5));
}

static void
test_appended_items_keep_their_order_while_others_grow(void **state)
{
	static int item[100];
	void **a = NULL, **b = NULL;
	size_t na = 0, nb = 0;
	struct arena arena;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	for (size_t i = 0; i < 50; i++) {
		assert_int_equal(arena_append(&arena, &na, &a, &item[i]), 0);
		assert_int_equal(arena_append(&arena, &nb, &b, &item[99 - i]),
		    0);
	}
	assert_int_equal(na, 50);
	for (size_t i = 0; i < 50; i++) {
		assert_ptr_equal(a[i], &item[i]);
		assert_ptr_equal(b[i], &item[99 - i]);
	}
}

static void
test_an_array_that_unpack_made_grows_without_being_overrun(void **state)
{
	int item[8];
	struct arena arena;
	void **items, **unpacked;
	uint8_t *neighbour;
	size_t n = 5;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	items = unpacked = arena_take(&arena, n * sizeof(*items));
	neighbour = arena_take(&arena, 32);
	for (size_t i = 0; i < n; i++)
		items[i] = &item[i];
	for (size_t i = 5; i < 8; i++)
		assert_int_equal(arena_append(&arena, &n, &items, &item[i]),
		    0);
	assert_ptr_not_equal(items, unpacked);
	for (size_t i = 0; i < 8; i++)
		assert_ptr_equal(items[i], &item[i]);
	for (size_t i = 0; i < 32; i++)
		assert_int_equal(neighbour[i], 0);
}

static void
test_an_append_past_the_budget_changes_nothing(void **state)
{
	struct arena arena;
	void **items = NULL;
	size_t n = 0;
	int item;

	(void)state;
	arena_init(&arena, memory, 16 + 4 * sizeof(void *));
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(arena_append(&arena, &n, &items, &item), 0);
	assert_int_equal(arena_append(&arena, &n, &items, &item), -1);
	assert_int_equal(n, 4);
}

static void
test_a_new_message_is_initialised(void **state)
{
	struct arena arena;
	Sk__Ref *ref;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	ref = arena_new(&arena, Sk__Ref, sk__ref__init);
	assert_ptr_equal(ref->base.descriptor, &sk__ref__descriptor);
	arena_init(&arena, memory, 1);
	assert_null(arena_new(&arena, Sk__Ref, sk__ref__init));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_taken_is_zeroed_and_aligned),
		cmocka_unit_test(test_two_takes_of_nothing_are_two_places),
		cmocka_unit_test(test_the_budget_ends_exactly_at_its_size),
		cmocka_unit_test(test_a_size_that_overflows_does_not_fit),
		cmocka_unit_test(test_copies_are_copies),
		cmocka_unit_test(
		    test_appended_items_keep_their_order_while_others_grow),
		cmocka_unit_test(
		    test_an_array_that_unpack_made_grows_without_being_overrun),
		cmocka_unit_test(
		    test_an_append_past_the_budget_changes_nothing),
		cmocka_unit_test(test_a_new_message_is_initialised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
