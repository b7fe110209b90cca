/*
 * hook.h - telling a person that there is work: a program or a mail, of which
 * kind and of which case, and nothing else.
 *
 * What is to be told stands in the archive before it is told, and is told at
 * least once: it leaves the archive with the NOTIFIED that says so. One call
 * runs at a time, in a session of its own, for a bounded time; one that fails
 * is tried again, ever later, and given up after so many attempts, which the
 * journal, the log and the status say.
 */
#ifndef AGENT_HOOK_H
#define AGENT_HOOK_H

#include "agents/agent/agent.h"
#include "broker/lib/config.pb-c.h"
#include "broker/lib/loop.h"

#define HOOK_TIMEOUT_S 30
#define HOOK_TIMEOUT_S_MAX 600
#define HOOK_ATTEMPTS 10
#define HOOK_ATTEMPTS_MAX 100
#define HOOK_RETRY_MS 5000		/* after the first failure; then doubled */
#define HOOK_RETRY_MS_MAX 3600000
#define HOOK_CALLS_MAX 10000		/* that wait; of these, work is dropped */

struct hook;

/* SK_CONFIG names the field. config NULL: no hook, *hook is NULL. */
enum sk_error hook_open(struct agent *agent, const Sk__AgentHook *config,
    struct loop *loop, struct hook **hook, struct fault *fault);
/* A call that runs is killed; it is made again at the next start. */
void hook_close(struct hook *hook);

/* This came in: queue what has to be told of it. All that follow take a NULL
 * hook. */
void hook_queue(struct hook *hook, const struct inbox_row *row);
/* Before a commit: has the running call ended? Takes agent->scratch. */
void hook_reap(struct hook *hook, int64_t ticks);
/* After a commit: start the next one that is due. Writes nothing. */
void hook_start(struct hook *hook, int64_t ticks);
/* When to reap or start next; INT64_MAX: never. */
int64_t hook_due(const struct hook *hook);

struct hook_state {
	uint64_t waiting, failed;
	const char *last;	/* why the last one failed; "" for none */
};
void hook_look(struct hook *hook, struct hook_state *state);

#endif
