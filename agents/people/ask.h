/*
 * ask.h - the agent's local API from a command line, and how its refusals
 * are said.
 */
#ifndef PEOPLE_ASK_H
#define PEOPLE_ASK_H

#include "agents/people/verbs.h"

enum exit_code { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_NO_USE = 2 };

/* *answer is a new reference, also when the agent says no ("ok": false).
 * SK_NOT_CONNECTED and the like when there is no agent. */
enum sk_error ask(const struct call *call, const json_t *request,
    json_t **answer, struct fault *fault);

/* On stderr: Dutch, English, code, field, hint; whom to use instead. */
void ask_tell_fault(const struct fault *fault);
/* The "error" of an answer. */
void ask_tell_error(const json_t *error);
/* The outcome in a receipt; asks the directory for the name of whom to use
 * instead. */
void ask_tell_refusal(const struct call *call, const json_t *outcome);

#endif
