#include "broker/lib/clock.h"

#include <assert.h>
#include <time.h>

static int64_t
read_ms(clockid_t id)
{
	struct timespec now;
	int rc = clock_gettime(id, &now);

	assert(rc == 0);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
take_base(struct clock_source *clock, int64_t wall)
{
	clock->wall_base = wall;
	clock->boot_base = read_ms(CLOCK_BOOTTIME);
}

void
clock_init_real(struct clock_source *clock)
{
	*clock = (struct clock_source){ .test = false };
	take_base(clock, read_ms(CLOCK_REALTIME));
}

void
clock_init_test(struct clock_source *clock, int64_t now)
{
	*clock = (struct clock_source){ .test = true, .test_now = now };
}

int64_t
clock_now(struct clock_source *clock)
{
	int64_t wall, ahead;

	if (clock->test)
		return clock->test_now;
	wall = read_ms(CLOCK_REALTIME);
	/* CLOCK_BOOTTIME runs on in suspend, so that sleep is not a jump. */
	ahead = wall - clock->wall_base -
	    (read_ms(CLOCK_BOOTTIME) - clock->boot_base);
	if (ahead > CLOCK_JUMP_MS || ahead < -CLOCK_JUMP_MS)
		clock->held = true;
	else if (!clock->held)
		/* A clock that is steered in small steps is a good clock: only
		 * what it did since the last look counts. */
		take_base(clock, wall);
	return wall;
}

bool
clock_is_held(const struct clock_source *clock)
{
	return clock->held;
}

void
clock_confirm(struct clock_source *clock)
{
	if (clock->test)
		return;
	take_base(clock, read_ms(CLOCK_REALTIME));
	clock->held = false;
}

enum sk_error
clock_step(struct clock_source *clock, int64_t to)
{
	if (!clock->test)
		return SK_NOT_A_TEST_JOURNAL;
	if (to < clock->test_now)
		return SK_CLOCK;
	clock->test_now = to;
	return SK_OK;
}

int64_t
clock_ticks(void)
{
	return read_ms(CLOCK_MONOTONIC);
}
