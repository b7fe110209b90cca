/*
 * init.h - how a participant comes in: `schakel-agent init, join, rotate`.
 *
 * A directory holds keys/, request, invitation, rotation and store/.
 */
#ifndef AGENT_INIT_H
#define AGENT_INIT_H

#include "proto/error.h"
#include "proto/statement.h"

/* Make three key pairs and a request; words: WORDS_TEXT_MAX. */
enum sk_error init_make(const char *dir, const char *name, const char *code,
    Sk__Role role, char *words, struct fault *fault);
/* Take an invitation that answers our request; keep it. */
enum sk_error init_join(const char *dir, const char *invitation, char *words,
    struct fault *fault);
/*
 * New keys, and a statement signed with the old signing key that they replace
 * the old ones: dir/rotation, two lines of hex, body and signature, for
 * `schakel-admin enter --statement`. The old sealing key goes to keys/retired.
 * The agent must not run meanwhile. One that a stop cut short is finished by
 * the next call, under the statement that it wrote.
 */
enum sk_error init_rotate(const char *dir, struct fault *fault);

#endif
