/*
 * said.h - what the broker said beside yes or no to a message of ours:
 * warnings, what the case holds already of what was asked, who waits, which
 * case has the family's plan. It is kept with the message.
 */
#ifndef AGENT_SAID_H
#define AGENT_SAID_H

#include <jansson.h>

#include "agents/agent/agent.h"
#include "agents/agent/inbox.h"
#include "agents/agent/outbox.h"

/* Packed: 64 of them and their receipts fit a frame. */
#define SAID_BYTES_MAX CATALOGUE_ANSWER_BYTES_MAX

/* Nothing is kept where nothing was said. SK_OVERSIZED. */
enum sk_error said_keep(struct archive *archive, const struct envelope_id *id,
    const Sk__Outcome *outcome);
/* SK_NOT_FOUND. */
enum sk_error said_get(struct archive *archive, const struct envelope_id *id,
    struct arena *arena, Sk__Outcome **said);
void said_erase(struct archive *archive, const struct envelope_id *id);
/* The reference of a case in which we take no part, once a refusal named its
 * number. SK_CASE_UNKNOWN. */
enum sk_error said_case(struct archive *archive, uint64_t number,
    struct envelope_ref *ref);

/* ---- as JSON */

/* "warnings", "known", "waiting", "use_case" of what the broker made of it. */
void put_said(struct agent *agent, json_t *outcome, const struct own_row *row);
/* "overrides": which soft gates its writer passed, and why (R48). */
void put_overrides(json_t *row, const Sk__Facts *facts);
void put_overrides_in(struct agent *agent, json_t *out,
    const struct inbox_row *row);
void put_overrides_own(struct agent *agent, json_t *out,
    const struct own_row *row);

#endif
