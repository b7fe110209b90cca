#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "broker/lib/clock.h"

static void
test_a_test_clock_stands_still_until_it_is_stepped(void **state)
{
	struct clock_source clock;

	(void)state;
	clock_init_test(&clock, 1000);
	assert_int_equal(clock_now(&clock), 1000);
	assert_int_equal(clock_now(&clock), 1000);
	assert_int_equal(clock_step(&clock, 1000), SK_OK);
	assert_int_equal(clock_step(&clock, 2000), SK_OK);
	assert_int_equal(clock_now(&clock), 2000);
	assert_int_equal(clock_step(&clock, 1999), SK_CLOCK);
	assert_int_equal(clock_now(&clock), 2000);
	/* Years at once are no jump: it was told to. */
	assert_int_equal(clock_step(&clock, 2000000000000), SK_OK);
	assert_int_equal(clock_now(&clock), 2000000000000);
	assert_false(clock_is_held(&clock));
}

static void
test_a_real_clock_cannot_be_stepped(void **state)
{
	struct clock_source clock;

	(void)state;
	clock_init_real(&clock);
	assert_int_equal(clock_step(&clock, INT64_MAX), SK_NOT_A_TEST_JOURNAL);
	assert_true(clock_now(&clock) > 1600000000000);
	assert_false(clock_is_held(&clock));
}

/* The wall clock cannot be moved here, so the prediction is: the same jump. */
static void
test_a_jump_past_the_limit_holds_until_it_is_confirmed(void **state)
{
	static const struct { int64_t ahead; bool held; } cases[] = {
		{ 0, false },
		{ CLOCK_JUMP_MS - 5000, false },
		{ -(CLOCK_JUMP_MS - 5000), false },
		{ CLOCK_JUMP_MS + 5000, true },
		{ -(CLOCK_JUMP_MS + 5000), true },
		{ INT32_MAX, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct clock_source clock;

		clock_init_real(&clock);
		clock.wall_base -= cases[i].ahead;
		clock_now(&clock);
		assert_int_equal(clock_is_held(&clock), cases[i].held);
		clock_confirm(&clock);
		clock_now(&clock);
		assert_false(clock_is_held(&clock));
	}
}

static void
test_a_clock_that_came_back_stays_held(void **state)
{
	struct clock_source clock;

	(void)state;
	clock_init_real(&clock);
	clock.wall_base -= 2 * CLOCK_JUMP_MS;
	clock_now(&clock);
	assert_true(clock_is_held(&clock));
	clock.wall_base += 2 * CLOCK_JUMP_MS;
	clock_now(&clock);
	assert_true(clock_is_held(&clock));
}

static void
test_small_steps_do_not_add_up_to_a_jump(void **state)
{
	struct clock_source clock;

	(void)state;
	clock_init_real(&clock);
	for (int i = 0; i < 10; i++) {
		clock.wall_base -= CLOCK_JUMP_MS / 2;
		clock_now(&clock);
		assert_false(clock_is_held(&clock));
	}
}

static void
test_ticks_never_go_back(void **state)
{
	int64_t last = clock_ticks();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t ticks = clock_ticks();

		assert_true(ticks >= last);
		last = ticks;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_test_clock_stands_still_until_it_is_stepped),
		cmocka_unit_test(test_a_real_clock_cannot_be_stepped),
		cmocka_unit_test(test_a_jump_past_the_limit_holds_until_it_is_confirmed),
		cmocka_unit_test(test_a_clock_that_came_back_stays_held),
		cmocka_unit_test(test_small_steps_do_not_add_up_to_a_jump),
		cmocka_unit_test(test_ticks_never_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
