/*
 * joiner.h - what waits to be sealed anew: for who came in later, and for a
 * recipient whose key was no longer current. In the archive, so that a restart
 * forgets none of it.
 *
 * Whoever takes part from now on is told what came before by the team of the
 * case: a provider whose help runs, a certified institution, who thinks along,
 * the expert teams, the team that took the case over or that the municipality
 * was merged into.
 */
#ifndef AGENT_JOINER_H
#define AGENT_JOINER_H

#include "agents/agent/agent.h"
#include "agents/agent/rows.h"
#include "proto/session.pb-c.h"

#define JOINER_MESSAGES_MAX 256	/* of one case for one joiner, the newest */
#define JOINER_TURN_MAX 16	/* sealed anew in one turn */

/* A message of mine was accepted: does someone come in by it? */
void joiner_hear_own(struct agent *agent, const struct own_row *row);
/* A delivery verified: the same; header is NULL for a notice. Takes
 * agent->scratch. */
void joiner_hear_in(struct agent *agent, const struct inbox_row *row,
    const struct header *header);
/* Whom this notice of involvement names, and whether that one leaves; 0 when it
 * cannot be read here. */
uint64_t joiner_named(struct agent *agent, const struct envelope_ref *ref,
    bool *left);
/* Refused because a key is not current: again with the next statement. */
void joiner_wait_for_key(struct agent *agent, const struct envelope_id *id);

/* Seal anew what waits; `keys`: also what waits for keys. Takes
 * agent->scratch. Says whether more is left for the next turn. */
bool joiner_work(struct agent *agent, bool keys);
uint64_t joiner_count(struct agent *agent);

#endif
