#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/lib/notify.h"

/* A manager that listens at this path; '@' for an abstract one. */
static int
listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	memcpy(at.sun_path, path, strlen(path));
	if (path[0] == '@')
		at.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&at,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(path))), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
	return fd;
}

static void
assert_hears(int fd, const char *text)
{
	char heard[64] = "";

	assert_int_equal(recv(fd, heard, sizeof(heard) - 1, MSG_DONTWAIT),
	    strlen(text));
	assert_string_equal(heard, text);
}

static void
test_a_manager_hears_when_it_is_up_and_when_it_goes(void **state)
{
	char dir[] = "/tmp/schakel-notify.XXXXXX", path[64], abstract[64];
	const char *const paths[] = { path, abstract };

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/notify", dir);
	snprintf(abstract, sizeof(abstract), "@%s", dir);
	for (size_t i = 0; i < 2; i++) {
		int fd = listen_at(paths[i]);

		assert_true(notify_ready());
		assert_hears(fd, "READY=1");
		assert_true(notify_stopping());
		assert_hears(fd, "STOPPING=1");
		close(fd);
	}
	unlink(path);
	rmdir(dir);
}

static void
test_nobody_who_asked_is_no_fault(void **state)
{
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_false(notify_ready());
	setenv("NOTIFY_SOCKET", "relative", 1);
	assert_false(notify_ready());
	setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
	assert_false(notify_ready());
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	setenv("NOTIFY_SOCKET", path, 1);
	assert_false(notify_ready());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_manager_hears_when_it_is_up_and_when_it_goes),
		cmocka_unit_test(test_nobody_who_asked_is_no_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
