/*
 * evidence.h - the broker's checkpoints as this agent keeps them: each must
 * begin with the one before, so that a broker which rewrites its journal, or
 * tells two agents two of them, is found out by either.
 *
 * A checkpoint that is signed with the broker's key and does not go on from
 * the one kept is a fork. Both notes and the proof that fails are kept, in the
 * archive and as files in store/fork, and nothing is sent any more, also after
 * a restart, until an operator runs `schakel-agent clear-fork`. What comes in
 * is still taken and shown: its senders vouch for it, not the broker.
 */
#ifndef AGENT_EVIDENCE_H
#define AGENT_EVIDENCE_H

#include "agents/agent/agent.h"
#include "proto/note.h"
#include "proto/session.pb-c.h"

/* The broker's key as a verifier of this note knows it. */
enum sk_error evidence_key(struct agent *agent, struct span note,
    struct note_key *key);

/* Was a fork found before? Sets agent->forked, says so, and writes the files
 * that are missing. */
void evidence_open(struct agent *agent);
/* Why nothing is sent. */
void evidence_why(const char **dutch, const char **english);

/* The journal goes on from `kept` entries under another name (adopt.c): what is
 * kept of more than that goes aside, as at clear-fork. */
enum sk_error evidence_restored(struct agent *agent, uint64_t kept);

/* The note that is kept, until the next write; SK_NOT_FOUND. checkpoint (may
 * be NULL) is its body. */
enum sk_error evidence_kept(struct agent *agent, struct span *note,
    struct checkpoint *checkpoint);

/*
 * A checkpoint by the broker: kept with the next commit when it goes on from
 * the one that is. Else a fault, and when the broker signed it all the same
 * (SK_ROLLBACK: smaller; SK_CHAIN_FORK: another tree) agent->forked is set.
 */
enum sk_error evidence_take(struct agent *agent,
    const Sk__Checkpoint *shown, struct fault *fault);

/* A checkpoint that came without a proof of consistency, already opened:
 * SK_ROLLBACK when it is smaller than the one kept, which may be an old one
 * shown again; SK_CHAIN_FORK and agent->forked for another tree of its size. */
enum sk_error evidence_compare(struct agent *agent, struct span note,
    const struct checkpoint *checkpoint, struct fault *fault);

/*
 * The agent in dir may send again; the evidence stays under another name,
 * which kept_as gets: dir/store/fork.1 and so on. forget: the checkpoint that
 * was kept goes there too, fork or not, and the next one is taken as the first.
 * The agent must not run meanwhile. SK_NOT_FOUND when there is nothing to do.
 */
enum sk_error evidence_clear(const char *dir, bool forget, char *kept_as,
    size_t kept_as_max, struct fault *fault);

#endif
