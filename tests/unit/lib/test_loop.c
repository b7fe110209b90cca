#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/lib/loop.h"

struct probe {
	struct loop *loop;
	int fd;
	int forgets[2];		/* descriptors to forget when it runs; -1 none */
	bool replaces;		/* close them, and watch another in their place */
	struct probe *heir;
	unsigned runs;
	uint32_t events;
};

static int
setup(void **state)
{
	struct loop *loop;

	if (loop_open(&loop) != SK_OK)
		return -1;
	*state = loop;
	return 0;
}

static int
teardown(void **state)
{
	loop_close(*state);
	return 0;
}

static void
run(void *context, int fd, uint32_t events)
{
	struct probe *probe = context;

	assert_int_equal(fd, probe->fd);
	probe->runs++;
	probe->events = events;
	for (int i = 0; i < 2; i++) {
		int other = probe->forgets[i];

		if (other < 0)
			continue;
		loop_forget(probe->loop, other);
		probe->forgets[i] = -1;
		if (!probe->replaces)
			continue;
		close(other);
		probe->heir->fd = eventfd(0, 0);
		assert_int_equal(probe->heir->fd, other);
		assert_int_equal(loop_watch(probe->loop, probe->heir->fd,
		    EPOLLIN, run, probe->heir), SK_OK);
	}
}

/* A descriptor that is ready to read from the start. */
static void
probe_open(struct probe *probe, struct loop *loop)
{
	*probe = (struct probe){ .loop = loop, .fd = eventfd(1, 0),
	    .forgets = { -1, -1 } };
	assert_true(probe->fd >= 0);
	assert_int_equal(loop_watch(loop, probe->fd, EPOLLIN, run, probe),
	    SK_OK);
}

static void
probe_close(struct probe *probe)
{
	loop_forget(probe->loop, probe->fd);
	close(probe->fd);
}

static void
test_a_turn_runs_what_is_ready_and_only_that(void **state)
{
	struct probe ready, quiet;
	uint64_t n;

	probe_open(&ready, *state);
	probe_open(&quiet, *state);
	assert_int_equal(read(quiet.fd, &n, sizeof(n)), sizeof(n));
	assert_int_equal(loop_turn(*state, 0), SK_OK);
	assert_int_equal(ready.runs, 1);
	assert_int_equal(ready.events, EPOLLIN);
	assert_int_equal(quiet.runs, 0);
	probe_close(&ready);
	assert_int_equal(loop_turn(*state, 0), SK_OK);
	assert_int_equal(ready.runs, 1);
	probe_close(&quiet);
}

static void
test_edge_triggered_runs_once_an_edge(void **state)
{
	struct probe probe;

	probe_open(&probe, *state);
	assert_int_equal(loop_change(*state, probe.fd, EPOLLIN | EPOLLET),
	    SK_OK);
	loop_turn(*state, 0);
	loop_turn(*state, 0);
	assert_int_equal(probe.runs, 1);
	assert_int_equal(loop_change(*state, probe.fd, EPOLLOUT), SK_OK);
	loop_turn(*state, 0);
	assert_int_equal(probe.events, EPOLLOUT);
	assert_int_equal(loop_change(*state, probe.fd, 0), SK_OK);
	loop_turn(*state, 0);
	assert_int_equal(probe.runs, 2);
	probe_close(&probe);
}

/* Whichever of three ready ones runs first forgets the other two. */
static void
test_a_forgotten_descriptor_gets_no_event_of_this_turn(void **state)
{
	struct probe probes[3];
	unsigned runs = 0;

	for (int i = 0; i < 3; i++)
		probe_open(&probes[i], *state);
	for (int i = 0; i < 3; i++) {
		probes[i].forgets[0] = probes[(i + 1) % 3].fd;
		probes[i].forgets[1] = probes[(i + 2) % 3].fd;
	}
	assert_int_equal(loop_turn(*state, 0), SK_OK);
	for (int i = 0; i < 3; i++)
		runs += probes[i].runs;
	assert_int_equal(runs, 1);
	for (int i = 0; i < 3; i++)
		probe_close(&probes[i]);
}

static void
test_a_handler_may_forget_itself(void **state)
{
	struct probe probe;

	probe_open(&probe, *state);
	probe.forgets[0] = probe.fd;
	loop_turn(*state, 0);
	loop_turn(*state, 0);
	assert_int_equal(probe.runs, 1);
	loop_forget(*state, probe.fd);
	probe_close(&probe);
}

static void
test_a_late_event_never_reaches_the_heir_of_a_number(void **state)
{
	struct probe probes[2], heir = { .loop = *state, .forgets = { -1, -1 } };
	int first;

	for (int i = 0; i < 2; i++)
		probe_open(&probes[i], *state);
	for (int i = 0; i < 2; i++) {
		probes[i].forgets[0] = probes[1 - i].fd;
		probes[i].replaces = true;
		probes[i].heir = &heir;
	}
	assert_int_equal(loop_turn(*state, 0), SK_OK);
	assert_int_equal(probes[0].runs + probes[1].runs, 1);
	assert_int_equal(heir.runs, 0);
	first = probes[0].runs == 1 ? 0 : 1;
	probe_close(&probes[first]);
	probe_close(&heir);
}

static void
test_more_than_fits_one_turn_is_served_in_the_next(void **state)
{
	struct probe probes[200];
	unsigned turns = 0, served = 0;

	for (int i = 0; i < 200; i++) {
		probe_open(&probes[i], *state);
		probes[i].forgets[0] = probes[i].fd;
	}
	while (served < 200 && turns++ < 10) {
		served = 0;
		assert_int_equal(loop_turn(*state, 0), SK_OK);
		for (int i = 0; i < 200; i++)
			served += probes[i].runs;
	}
	assert_int_equal(served, 200);
	for (int i = 0; i < 200; i++)
		probe_close(&probes[i]);
}

static void
test_what_cannot_be_watched_is_said(void **state)
{
	struct probe probe;
	int file = open("/dev/null", O_RDONLY);

	probe_open(&probe, *state);
	assert_int_equal(loop_watch(*state, probe.fd, EPOLLIN, run, &probe),
	    SK_USAGE);
	assert_int_equal(loop_watch(*state, -1, EPOLLIN, run, &probe),
	    SK_USAGE);
	assert_int_equal(loop_watch(*state, file, EPOLLIN, run, &probe),
	    SK_USAGE);
	assert_int_equal(loop_watch(*state, 1000, EPOLLIN, run, &probe),
	    SK_USAGE);
	assert_int_equal(loop_change(*state, file, EPOLLIN), SK_USAGE);
	assert_int_equal(loop_change(*state, -1, EPOLLIN), SK_USAGE);
	loop_forget(*state, -1);
	loop_forget(*state, 100000);
	/* The first watch is untouched by the failed second. */
	loop_turn(*state, 0);
	assert_int_equal(probe.runs, 1);
	close(file);
	probe_close(&probe);
}

static void
test_signals_ask_to_stop(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct loop *loop;

		assert_int_equal(loop_open(&loop), SK_OK);
		assert_false(loop_stopping(loop));
		assert_int_equal(kill(getpid(), signals[i]), 0);
		assert_int_equal(loop_turn(loop, 1000), SK_OK);
		assert_true(loop_stopping(loop));
		loop_close(loop);
	}
}

static void
test_a_stop_is_asked_for_by_call_too(void **state)
{
	loop_stop(*state);
	assert_true(loop_stopping(*state));
	/* SIGPIPE does nothing any more. */
	assert_int_equal(raise(SIGPIPE), 0);
	loop_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
		T(test_a_turn_runs_what_is_ready_and_only_that),
		T(test_edge_triggered_runs_once_an_edge),
		T(test_a_forgotten_descriptor_gets_no_event_of_this_turn),
		T(test_a_handler_may_forget_itself),
		T(test_a_late_event_never_reaches_the_heir_of_a_number),
		T(test_more_than_fits_one_turn_is_served_in_the_next),
		T(test_what_cannot_be_watched_is_said),
		cmocka_unit_test(test_signals_ask_to_stop),
		T(test_a_stop_is_asked_for_by_call_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
