/*
 * api.h - the local API: JSON over a Unix socket (control.h frames), one
 * object a request and an answer.
 *
 * Every answer waits for the commit of its turn: what it says is on disk.
 */
#ifndef AGENT_API_H
#define AGENT_API_H

#include "agents/agent/agent.h"
#include "agents/agent/uplink.h"
#include "broker/lib/loop.h"

#define API_WAIT_MS 10000	/* when a request names no timeout */
#define API_WAIT_MS_MAX 600000
#define API_ROWS_MAX 10000	/* messages in one answer, the newest */

struct api;

enum sk_error api_open(struct agent *agent, struct uplink *uplink,
    struct loop *loop, const char *path, struct api **api,
    struct fault *fault);
void api_close(struct api *api);
/* After archive_settle said rc: send the answers, look at who waits. */
void api_settled(struct api *api, enum sk_error rc, int64_t ticks);
/* When to call api_settled next at the latest; INT64_MAX: nobody waits. */
int64_t api_due(const struct api *api);

#endif
