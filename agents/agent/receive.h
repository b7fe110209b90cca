/*
 * receive.h - deliveries: verified before anything of them can be shown.
 */
#ifndef AGENT_RECEIVE_H
#define AGENT_RECEIVE_H

#include "agents/agent/agent.h"
#include "proto/session.pb-c.h"

/*
 * Keep one delivery, or know it for a repeat. What does not verify is kept as
 * trouble with a code and words, with nothing of it shown: it fills its
 * mailbox number like any other. *taken says whether it was new. A message
 * that the organisation must confirm is confirmed here, in the same commit.
 * SK_MALFORMED for what is no delivery at all; errors of the archive come out
 * of archive_settle. Takes agent->scratch.
 */
enum sk_error receive_deliver(struct agent *agent, const Sk__Deliver *deliver,
    bool *taken);

/*
 * The directory has grown: a message that came before the statement which
 * vouches for its key verifies now. Takes agent->scratch.
 */
void receive_again(struct agent *agent);

/*
 * Everything that can be checked without opening the seal: the sender's key
 * by the own directory, provenance, header, facts, that I am a recipient, the
 * case. header and facts (in scratch) are filled when SK_OK.
 */
enum sk_error receive_verify(struct agent *agent, const Sk__Deliver *deliver,
    struct header *header, Sk__Facts **facts, struct fault *fault);

/*
 * Which kinds are confirmed by themselves, as receipts by the organisation;
 * without names: what has a term for it. SK_CONFIG for a kind that is not, or
 * that takes a person.
 */
enum sk_error receive_receipts(struct agent *agent, char *const *names,
    size_t n, struct fault *fault);

#endif
