/*
 * extract.h - what one parent may read of a case. The household of another
 * parent is left out completely: who lives there, what is marked as withheld,
 * its address, and what was only about it.
 */
#ifndef AGENT_EXTRACT_H
#define AGENT_EXTRACT_H

#include <jansson.h>

#include "agents/agent/household.h"

struct extract {
	const struct household_person *parent;	/* in persons */
	struct household_persons persons;
	Sk__ExtractGround ground;
	uint32_t messages;
	json_t *rows;		/* an array of messages, owned by the caller */
};

/*
 * Read the case for its n-th parent. With authority: its messages (Jeugdwet
 * 7.3.10). Without: what is important about the child's care, when on_request
 * (BW 1:377c). SK_NOT_FOUND, SK_FIELD_MISSING.
 */
enum sk_error extract_case(struct agent *agent,
    const struct envelope_ref *case_ref, uint64_t n, bool on_request,
    struct extract *extract, struct fault *fault);

#endif
