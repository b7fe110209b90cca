/*
 * erase.h - a case is erased, and what this agent keeps of it goes too.
 */
#ifndef AGENT_ERASE_H
#define AGENT_ERASE_H

#include "agents/agent/agent.h"
#include "proto/session.pb-c.h"

/*
 * The broker's notice that this case is erased came. It is believed no
 * further than what a participant has signed: an ERASURE_ANSWER that grants a
 * request, or the VOID of a case that was opened in error. Without either
 * nothing happens and a warning is logged, unless nothing is left here anyway.
 *
 * An organisation with a dossier of its own (Jeugdwet 7.3.8: twenty years)
 * keeps what it has, and says so. Others lose the bytes of every message of
 * the case, sent and received; what it was and when stays, and the digests of
 * what it sent, so that its chain can still be followed and sent again. The store is
 * written anew at the next archive_settle, and the statement (ERASURE_DONE)
 * leaves only after that.
 */
void erase_case(struct agent *agent, const struct inbox_row *notice);

/*
 * The journal was restored from a backup: erasures before `kept` stand in it,
 * later ones are told to the broker in each HELLO, until it tells them again.
 * At most ERASURES_TOLD_MAX, into list.
 */
#define ERASURES_TOLD_MAX 64
void erase_restored(struct agent *agent, uint64_t journal, uint64_t kept);
size_t erase_list(struct agent *agent, struct arena *arena,
    Sk__ErasureDone *list[ERASURES_TOLD_MAX]);

#endif
