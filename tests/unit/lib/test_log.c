#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/lib/log.h"

static int pipe_fds[2], stderr_before;
static char caught[16384];

static void
catch_stderr(void)
{
	assert_int_equal(pipe2(pipe_fds, O_NONBLOCK), 0);
	stderr_before = dup(STDERR_FILENO);
	assert_int_equal(dup2(pipe_fds[1], STDERR_FILENO), STDERR_FILENO);
}

/* What was logged since catch_stderr; stderr is as it was. */
static const char *
caught_text(void)
{
	ssize_t n = read(pipe_fds[0], caught, sizeof(caught) - 1);

	dup2(stderr_before, STDERR_FILENO);
	close(stderr_before);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	caught[n < 0 ? 0 : n] = '\0';
	return caught;
}

static unsigned
lines_in(const char *text)
{
	unsigned n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static void
test_a_line_has_instant_program_level_event_and_detail(void **state)
{
	const char *text;

	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_open("schakel-test", LOG_INFO);
	catch_stderr();
	log_event(LOG_INFO, "session opened", "participant=%d", 7);
	text = caught_text();
	assert_int_equal(text[4], '-');
	assert_int_equal(text[10], 'T');
	assert_non_null(strstr(text,
	    "Z schakel-test info: session opened participant=7\n"));
	assert_int_equal(lines_in(text), 1);
}

static void
test_what_is_below_the_level_is_not_said(void **state)
{
	(void)state;
	log_open("t", LOG_WARN);
	catch_stderr();
	log_event(LOG_DEBUG, "debug", NULL);
	log_event(LOG_INFO, "info", NULL);
	log_event(LOG_WARN, "warned", NULL);
	log_event(LOG_ERROR, "failed", NULL);
	assert_null(strstr(caught_text(), "t info:"));
	assert_non_null(strstr(caught, "t warn: warned\n"));
	assert_non_null(strstr(caught, "t error: failed\n"));
	assert_int_equal(lines_in(caught), 2);
}

static void
test_nothing_that_a_peer_sends_breaks_the_line(void **state)
{
	(void)state;
	log_open("t", LOG_INFO);
	catch_stderr();
	log_event(LOG_INFO, "refused", "text=%s",
	    "a\nb\r\x1b[2J \"q\" \\ \x7f \xc3\xa9");
	assert_non_null(strstr(caught_text(), "refused text=a\\x0ab\\x0d"
	    "\\x1b[2J \\\"q\\\" \\\\ \\x7f \\xc3\\xa9\n"));
	assert_int_equal(lines_in(caught), 1);
}

static void
test_a_detail_is_cut_at_its_limit_and_says_so(void **state)
{
	static const size_t sizes[] = { 1023, 1024, 5000 };
	char text[5001];

	(void)state;
	log_open("t", LOG_INFO);
	for (size_t i = 0; i < 3; i++) {
		memset(text, '\n', sizeof(text));
		text[sizes[i]] = '\0';
		catch_stderr();
		log_event(LOG_INFO, "long", "%s", text);
		assert_int_equal(lines_in(caught_text()), 1);
		assert_int_equal(strstr(caught, "...\n") != NULL, i > 0);
		assert_int_equal(strlen(strstr(caught, "\\x0a")),
		    1023 * 4 + (i > 0 ? 4 : 1));
	}
}

static void
test_a_stderr_that_takes_nothing_stops_no_one(void **state)
{
	char fill[4096] = { 0 };

	(void)state;
	log_open("t", LOG_INFO);
	catch_stderr();
	while (write(pipe_fds[1], fill, sizeof(fill)) > 0)
		;
	errno = EXDEV;
	log_event(LOG_INFO, "lost", NULL);
	assert_int_equal(errno, EXDEV);
	caught_text();
}

static void
test_the_journal_gets_a_priority_instead_of_an_instant(void **state)
{
	static const struct { enum log_level level; const char *start; } cases[] = {
		{ LOG_ERROR, "<3>t error: x\n" },
		{ LOG_WARN, "<4>t warn: x\n" },
		{ LOG_INFO, "<6>t info: x\n" },
		{ LOG_DEBUG, "<7>t debug: x\n" },
	};
	char stream[64];
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		catch_stderr();
		assert_int_equal(fstat(STDERR_FILENO, &st), 0);
		snprintf(stream, sizeof(stream), "%llu:%llu",
		    (unsigned long long)st.st_dev,
		    (unsigned long long)st.st_ino);
		setenv("JOURNAL_STREAM", stream, 1);
		log_open("t", LOG_DEBUG);
		log_event(cases[i].level, "x", NULL);
		assert_string_equal(caught_text(), cases[i].start);
	}
}

static void
test_a_stream_that_is_not_the_journals_gets_an_instant(void **state)
{
	static const char *const streams[] = { "1:1", "", "x", "12" };

	(void)state;
	for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++) {
		setenv("JOURNAL_STREAM", streams[i], 1);
		catch_stderr();
		log_open("t", LOG_DEBUG);
		log_event(LOG_INFO, "x", NULL);
		assert_int_not_equal(caught_text()[0], '<');
	}
	unsetenv("JOURNAL_STREAM");
}

static void
test_levels_have_names(void **state)
{
	static const struct { const char *name; int level; } cases[] = {
		{ "error", LOG_ERROR }, { "warn", LOG_WARN },
		{ "info", LOG_INFO }, { "debug", LOG_DEBUG },
		{ "", -1 }, { "Info", -1 }, { "information", -1 },
	};
	enum log_level level;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int rc = log_level_by_name(cases[i].name, &level);

		assert_int_equal(rc, cases[i].level < 0 ? -1 : 0);
		if (rc == 0)
			assert_int_equal(level, cases[i].level);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_has_instant_program_level_event_and_detail),
		cmocka_unit_test(test_what_is_below_the_level_is_not_said),
		cmocka_unit_test(test_nothing_that_a_peer_sends_breaks_the_line),
		cmocka_unit_test(test_a_detail_is_cut_at_its_limit_and_says_so),
		cmocka_unit_test(test_a_stderr_that_takes_nothing_stops_no_one),
		cmocka_unit_test(test_the_journal_gets_a_priority_instead_of_an_instant),
		cmocka_unit_test(test_a_stream_that_is_not_the_journals_gets_an_instant),
		cmocka_unit_test(test_levels_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
