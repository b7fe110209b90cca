/*
 * hook_run.h - one program, run apart: its own session, no descriptors of
 * ours, no environment but a path, its input given before it starts.
 */
#ifndef AGENT_HOOK_RUN_H
#define AGENT_HOOK_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "proto/error.h"

#define HOOK_ARGS_MAX 16
#define HOOK_INPUT_MAX 2048	/* fits a pipe */

/* argv ends in NULL; input "" is an empty one. *pidfd becomes readable when it
 * has ended. SK_FILE_IO when it does not start. */
enum sk_error hook_run(char *const argv[], const char *input, pid_t *pid,
    int *pidfd);
/* Its whole session, and wait for it: it was not asked to go, but killed. */
void hook_kill(pid_t pid);

#endif
