/*
 * reseal.h - a message that was refused because a recipient's key is not
 * current goes out again, sealed to the present keys, as a new envelope.
 */
#ifndef AGENT_RESEAL_H
#define AGENT_RESEAL_H

#include "agents/agent/agent.h"

/*
 * True when there is nothing left to do for it: sealed anew, or impossible.
 * False while the directory holds no other key for any of its recipients.
 * Takes agent->scratch.
 */
bool reseal_message(struct agent *agent, const struct envelope_id *id);

#endif
