/*
 * broker_keys.h - under which keys the broker is reached and believed: those
 * of the invitation, until a statement in the directory, signed by the
 * region's enrolment key, names others.
 */
#ifndef AGENT_BROKER_KEYS_H
#define AGENT_BROKER_KEYS_H

#include "agents/agent/directory.h"

struct broker_keys {
	uint64_t generation;	/* 1: of the invitation */
	uint64_t reason;	/* broker_reason; 0 for the first */
	uint8_t link[32], sign[32];
	bool has_former;	/* those before them, when nobody stole those */
	uint8_t former_link[32], former_sign[32];
};

enum sk_error broker_keys_load(struct archive *archive,
    const struct directory_trust *trust, struct broker_keys *keys);
/* A statement about the broker; those behind it in the directory's chain are
 * the caller's. *head goes on. */
enum sk_error broker_keys_apply(struct archive *archive,
    const struct directory_trust *trust, const Sk__Statement *statement,
    struct statement_head *head, struct fault *fault);

/*
 * Link keys that the broker may have now, the likeliest first; at most three.
 * The last may come from STORE/broker.statement: a statement that reached an
 * agent by hand because it was away when the broker changed its link key. It
 * vouches for a connection only; what is believed stands in the directory.
 */
#define BROKER_LINKS_MAX 3
size_t broker_keys_links(struct archive *archive,
    const struct directory_trust *trust,
    uint8_t links[BROKER_LINKS_MAX][32]);

#endif
