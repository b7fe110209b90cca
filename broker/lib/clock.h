/*
 * clock.h - the one place where a daemon asks what time it is.
 */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/error.h"

#define CLOCK_JUMP_MS 60000	/* more than this from the prediction: held */

struct clock_source {
	bool test;		/* stepped by hand */
	int64_t test_now;
	int64_t wall_base, boot_base;	/* the pair taken at the last good look */
	bool held;
};

/* Real: CLOCK_REALTIME checked against CLOCK_BOOTTIME. */
void clock_init_real(struct clock_source *clock);
/* Test: stands still until stepped. */
void clock_init_test(struct clock_source *clock, int64_t now);
/* Instant now, ms UTC. Once the wall clock moves more than CLOCK_JUMP_MS from
 * what boot time predicts, held stays set until clock_confirm. */
int64_t clock_now(struct clock_source *clock);
bool clock_is_held(const struct clock_source *clock);
void clock_confirm(struct clock_source *clock);
/* SK_NOT_A_TEST_JOURNAL on a real clock, SK_CLOCK backwards. */
enum sk_error clock_step(struct clock_source *clock, int64_t to);
/* Monotone ms for intervals, unrelated to civil time. */
int64_t clock_ticks(void);

#endif
