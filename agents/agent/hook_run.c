#include "agents/agent/hook_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

static int
prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attr,
    int in)
{
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	if ((rc = posix_spawn_file_actions_adddup2(actions, in,
	    STDIN_FILENO)) != 0 ||
	    (rc = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO,
	    "/dev/null", O_WRONLY, 0)) != 0 ||
	    (rc = posix_spawn_file_actions_addopen(actions, STDERR_FILENO,
	    "/dev/null", O_WRONLY, 0)) != 0 ||
	    (rc = posix_spawn_file_actions_addclosefrom_np(actions,
	    STDERR_FILENO + 1)) != 0 ||
	    (rc = posix_spawnattr_setsigmask(attr, &none)) != 0 ||
	    (rc = posix_spawnattr_setsigdefault(attr, &all)) != 0)
		return rc;
	return posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSID |
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int
spawn(char *const argv[], int in, pid_t *pid)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
	    lang[] = "LANG=C.UTF-8";
	char *const env[] = { path, lang, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int rc;

	if ((rc = posix_spawn_file_actions_init(&actions)) != 0)
		return rc;
	if ((rc = posix_spawnattr_init(&attr)) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return rc;
	}
	if ((rc = prepare(&actions, &attr, in)) == 0)
		rc = posix_spawn(pid, argv[0], &actions, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

enum sk_error
hook_run(char *const argv[], const char *input, pid_t *pid, int *pidfd)
{
	size_t size = strlen(input);
	int ends[2];
	bool told;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return SK_FILE_IO;
	/* It fits the pipe: nobody has to read for this to return. */
	told = write(ends[1], input, size) == (ssize_t)size;
	close(ends[1]);
	if (!told || spawn(argv, ends[0], pid) != 0) {
		close(ends[0]);
		return SK_FILE_IO;
	}
	close(ends[0]);
	if ((*pidfd = pidfd_open(*pid, 0)) >= 0)
		return SK_OK;
	hook_kill(*pid);
	return SK_FILE_IO;
}

void
hook_kill(pid_t pid)
{
	/* The session is there before the program is: posix_spawn made it. */
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}
