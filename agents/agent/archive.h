/*
 * archive.h - all that an agent keeps: one LMDB environment.
 *
 * Whatever one turn of the loop writes is one commit: the first write opens
 * the transaction, archive_settle commits it. Only after that may an answer,
 * an acknowledgement or a SUBMIT leave. Write errors are sticky and come out
 * of archive_settle, so that a writer need not ask after every row.
 *
 * Tables (integers in keys are big-endian unless the table is integer-keyed):
 *   meta          "state"                -> struct meta
 *   outbox        sequence (integer)     -> boot 8 || number
 *   own           boot 8 || number       -> struct own_row
 *   own_body      boot 8 || number       -> packed Envelope, as sent
 *   sent          number (integer)       -> boot 8 || number
 *   links         first number (integer) -> count, previous link, link, key id, signature
 *   inbox         arrival (integer)      -> struct inbox_row
 *   inbox_body    arrival (integer)      -> packed Deliver, as received
 *   by_ref        participant || boot || number -> arrival
 *   notices       position (integer)     -> arrival
 *   ahead         mailbox number (integer) -> nothing: stored, but not yet contiguous
 *   openers       arrival || person      -> instant
 *   cases         participant || boot || number -> struct case_card
 *   case_numbers  dense number (integer) -> participant || boot || number
 *   timeline      case || position       -> 'i' || arrival, or 'o' || boot || number
 *   members       participant (integer)  -> struct member
 *   keys          key id                 -> struct known_key
 *   statements    index (integer)        -> packed Statement
 *   forks         digest                 -> packed Statement that contradicts another
 *   reseal        joiner || participant || boot || number -> nothing: waits to be sealed anew
 *   evidence      "checkpoint"           -> the broker's last signed note
 *                 "fork/" kept, shown, proof -> of a fork (evidence.h)
 *                 "cleared/" n "/" ...   -> the same once an operator cleared it
 *   duty          'c' || case, or 'm' || message -> struct duty_row
 *   said          boot 8 || number       -> packed Outcome: what it said beside yes or no
 *   named         dense number (integer) -> participant || boot || number, of others' cases
 *   calls         2 * position + 1, + 1 for the contact of the night (integer)
 *                 -> struct call_row, for the hook
 *   erased        case                   -> n || position || ground: told to erase it
 * To change a row: write a new version beside the old in rows.c, keep reading
 * the old one, and raise ARCHIVE_FORMAT only when that cannot be done.
 */
#ifndef AGENT_ARCHIVE_H
#define AGENT_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "agents/agent/rows.h"
#include "broker/lib/store.h"
#include "proto/digest.h"
#include "proto/error.h"

#define ARCHIVE_FORMAT 1u

enum archive_table {
	TABLE_META, TABLE_OUTBOX, TABLE_OWN, TABLE_OWN_BODY, TABLE_SENT,
	TABLE_LINKS, TABLE_INBOX, TABLE_INBOX_BODY, TABLE_BY_REF,
	TABLE_NOTICES, TABLE_AHEAD, TABLE_OPENERS, TABLE_CASES,
	TABLE_CASE_NUMBERS, TABLE_TIMELINE, TABLE_MEMBERS, TABLE_KEYS,
	TABLE_STATEMENTS, TABLE_FORKS, TABLE_EVIDENCE, TABLE_DUTY, TABLE_CALLS,
	TABLE_ANSWERS, TABLE_RESEAL, TABLE_SAID, TABLE_NAMED, TABLE_ERASED,
	ARCHIVE_TABLES
};

struct archive;

/* SK_STORE_BUSY when another agent runs on it, SK_STORE_FORMAT. */
enum sk_error archive_open(const char *path, struct archive **archive,
    struct fault *fault);
void archive_close(struct archive *archive);
const char *archive_path(const struct archive *archive);

/* The one row that changes with nearly everything: change it in place, it is
 * written with the next commit. After a failed commit it is as on disk. */
struct meta *archive_meta(struct archive *archive);
/* Mark the meta row as changed. */
void archive_touch(struct archive *archive);
/* Did anything change since the last settle? */
bool archive_is_dirty(const struct archive *archive);
/* Commit what this turn wrote. On failure all of it is gone. */
enum sk_error archive_settle(struct archive *archive);
/* After the next settle the file is written anew, without what was deleted:
 * also when a crash comes between. The time goes with what is kept. */
void archive_renew(struct archive *archive);
/* Forget what was written since the last settle. */
void archive_abandon(struct archive *archive);

/* Spans point into the map until the next write or settle. */
enum sk_error archive_get(struct archive *archive, enum archive_table table,
    struct span key, struct span *value);
void archive_put(struct archive *archive, enum archive_table table,
    struct span key, struct span value);
void archive_del(struct archive *archive, enum archive_table table,
    struct span key);
uint64_t archive_count(struct archive *archive, enum archive_table table);
/* Visit rows from the first key >= from, in order, until visit says false.
 * visit must not write. */
typedef bool (*archive_visit)(void *context, struct span key,
    struct span value);
enum sk_error archive_walk(struct archive *archive, enum archive_table table,
    struct span from, archive_visit visit, void *context);

#endif
