/*
 * daemon.h - one running agent: loop, link, session, local API.
 */
#ifndef AGENT_DAEMON_H
#define AGENT_DAEMON_H

#include "agents/agent/agent.h"
#include "broker/lib/config.pb-c.h"

#define AGENT_VERSION "1.0"

struct daemon;

enum sk_error daemon_open(const Sk__AgentConfig *config,
    struct daemon **daemon, struct fault *fault);
/* Until SIGTERM or SIGINT, or until the store fails. */
enum sk_error daemon_run(struct daemon *daemon);
void daemon_close(struct daemon *daemon);

#endif
