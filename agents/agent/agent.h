/*
 * agent.h - what the parts of one running agent share.
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include "agents/agent/archive.h"
#include "agents/agent/directory.h"
#include "agents/agent/identity.h"
#include "agents/agent/people.h"
#include "agents/agent/witness.h"
#include "broker/lib/clock.h"
#include "proto/arena.h"
#include "proto/civil.h"

/* Decoding one frame of 256 KiB, or building one. Untouched until used. */
#define SCRATCH_BYTES ((size_t)3 << 20)

struct agent {
	struct identity identity;
	struct archive *archive;
	struct people *people;		/* NULL: no users file */
	struct hook *hook;		/* NULL: nobody is told */
	uint64_t receipts[2];		/* bit a kind: confirmed by itself */
	struct clock_source clock;
	bool test;			/* civil time is the broker's */
	struct witness witness;		/* one that signs nothing is usual */
	bool dossier_is_said, own_dossier;	/* else by its role: erase.h */
	bool forked;			/* nothing is sent: evidence.h */
	uint8_t boot[BOOT_SIZE];	/* of this daemon start */
	uint64_t next_id;		/* running in this boot */
	/* Two budgets: `frame` holds what is being worked on, `scratch` is
	 * taken by whoever works on it and reset by whoever starts. */
	struct arena frame, scratch;
};

/* Civil time: this machine's, on a test journal the broker's. */
int64_t agent_now(struct agent *agent);
/* The broker told its instant; on a test journal that is the time. */
void agent_heard_time(struct agent *agent, int64_t now);
/* The journal's name, since the last restore that this agent followed. */
static inline const char *
agent_origin(const struct agent *agent)
{
	return archive_meta(agent->archive)->origin;
}
/* Has the journal gone by that name, as far as this agent knows? */
bool agent_knows_origin(const struct agent *agent, const char *origin);
/* What vouches for others, and for the broker. */
static inline struct directory_trust
agent_trust(const struct agent *agent)
{
	const struct invitation *invitation = &agent->identity.invitation;

	return (struct directory_trust){ invitation->founding,
		invitation->enrolment_key, invitation->broker_link_key,
		invitation->broker_sign_key };
}

static inline uint64_t
agent_self(const struct agent *agent)
{
	return agent->identity.invitation.participant;
}

#endif
