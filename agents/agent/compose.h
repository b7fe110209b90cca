/*
 * compose.h - from what a person wrote to an envelope in the outbox.
 */
#ifndef AGENT_COMPOSE_H
#define AGENT_COMPOSE_H

#include "agents/agent/address.h"

/*
 * Check everything that the broker and the recipients will check, seal, and
 * put the final bytes in the outbox; they are durable after archive_settle.
 * Takes agent->scratch. *row says what became of it.
 */
enum sk_error compose(struct agent *agent, struct draft *draft,
    struct own_row *row, struct fault *fault);

#endif
