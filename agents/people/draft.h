/*
 * draft.h - from options on the command line to one request to the agent.
 */
#ifndef PEOPLE_DRAFT_H
#define PEOPLE_DRAFT_H

#include "agents/people/verbs.h"

#define WAIT_MS_DEFAULT 10000

struct draft {
	const struct verb *verb;
	json_t *request, *facts, *sections;
	json_t *others;		/* the answer for every other domain */
	bool stdin_taken;
};

/* SK_NO_MEMORY. Cleared with draft_clear, also after a failure. */
enum sk_error draft_init(struct draft *draft, const struct verb *verb,
    struct fault *fault);
void draft_clear(struct draft *draft);
/* One option with its value (NULL for those that take none). */
enum sk_error draft_take(struct draft *draft, const struct option *option,
    const char *value, struct fault *fault);
enum sk_error draft_take_operand(struct draft *draft, const char *value,
    struct fault *fault);
/* All that must be there is there. */
enum sk_error draft_finish(struct draft *draft, struct fault *fault);

#endif
