/*
 * address.h - to whom a message goes and what it answers, where its writer
 * did not say.
 */
#ifndef AGENT_ADDRESS_H
#define AGENT_ADDRESS_H

#include "agents/agent/agent.h"

#define SECTIONS_MAX 16

/* A message as a person or a program wrote it. */
struct draft {
	const struct kind_info *info;
	struct envelope_ref case_ref;	/* none: an opening, or of reply_to */
	struct envelope_ref reply_to;	/* none: filled where the kind allows */
	uint64_t person;		/* 0: the organisation itself */
	uint64_t on_behalf_of;
	int32_t event_date;
	bool has_event_date;
	size_t recipients;		/* 0: filled */
	uint64_t recipient[RECIPIENTS_MAX];
	Sk__Facts *facts;		/* version and sections are filled */
	Sk__Content *content;		/* NULL: nothing sealed */
	/* by section: households, bit (1 << number) */
	uint32_t withheld_from[SECTIONS_MAX], address_of[SECTIONS_MAX];
};

/*
 * Fill case, reply-to and recipients; the own copy comes last.
 * SK_CASE_UNKNOWN, SK_REPLY_WRONG, SK_RECIPIENT_MISSING,
 * SK_MUNICIPALITY_UNKNOWN with what would be right.
 */
enum sk_error address_fill(struct agent *agent, struct draft *draft,
    struct fault *fault);

#endif
