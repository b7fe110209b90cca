#include "agents/agent/agent.h"

#include "proto/restore.h"

int64_t
agent_now(struct agent *agent)
{
	if (!agent->test)
		return clock_now(&agent->clock);
	/* Before the broker has spoken for the first time any date will do:
	 * nothing leaves before it has. */
	if (archive_meta(agent->archive)->now == 0)
		return clock_now(&agent->clock);
	return archive_meta(agent->archive)->now;
}

void
agent_heard_time(struct agent *agent, int64_t now)
{
	struct meta *meta = archive_meta(agent->archive);

	if (!agent->test || now <= meta->now)
		return;
	meta->now = now;
	archive_touch(agent->archive);
}

bool
agent_knows_origin(const struct agent *agent, const char *origin)
{
	return origin_is_of(origin, agent_origin(agent), 1);
}
