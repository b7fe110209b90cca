/*
 * inbox.h - what was delivered to this agent, in order of arrival.
 */
#ifndef AGENT_INBOX_H
#define AGENT_INBOX_H

#include "agents/agent/archive.h"
#include "proto/session.pb-c.h"

/* Give row its arrival and keep it with its packed Deliver. One that verified
 * takes the place of one that did not under the same reference. */
void inbox_add(struct archive *archive, struct inbox_row *row,
    struct span deliver);
/* SK_NOT_FOUND. */
enum sk_error inbox_get(struct archive *archive, uint64_t arrival,
    struct inbox_row *row);
enum sk_error inbox_by_ref(struct archive *archive,
    const struct envelope_ref *ref, struct inbox_row *row);
/* Its bytes go; that it came, when, and what erased it, stays. */
void inbox_erase(struct archive *archive, uint64_t arrival,
    const struct inbox_row *notice);
bool inbox_has_notice(struct archive *archive, uint64_t position);
/* The delivery as received, decoded into the arena. */
enum sk_error inbox_deliver(struct archive *archive, uint64_t arrival,
    struct arena *arena, Sk__Deliver **deliver);
uint64_t inbox_count(struct archive *archive);
typedef bool (*inbox_visit)(void *context, const struct inbox_row *row);
enum sk_error inbox_walk(struct archive *archive, inbox_visit visit,
    void *context);

/* The same delivery verifies now: in the place of what it was. */
void inbox_cleared(struct archive *archive, const struct inbox_row *row);

/* First look by anyone: opened_at is set and the counts go down. What did not
 * verify was looked at and not opened; when it does it is to be looked at
 * again, and both are taken back. */
void inbox_looked(struct archive *archive, struct inbox_row *row, int64_t now);
void inbox_look_again(struct archive *archive, struct inbox_row *row);
/* The same for what can be read. Says whether it is this person's first. */
bool inbox_opened(struct archive *archive, struct inbox_row *row,
    uint64_t person, int64_t now);

/* Mailbox numbers: was this one stored before? Mark it; the cumulative number
 * moves over what is contiguous. */
bool inbox_has_number(struct archive *archive, uint64_t number);
void inbox_mark_number(struct archive *archive, uint64_t number);

#endif
