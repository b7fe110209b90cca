/*
 * cases.h - what this agent knows of its cases: the opener's reference of
 * each, the dense number that the broker gave it, who takes part, and the
 * messages in the order of the journal.
 */
#ifndef AGENT_CASES_H
#define AGENT_CASES_H

#include "agents/agent/archive.h"

/* SK_CASE_UNKNOWN. */
enum sk_error cases_get(struct archive *archive,
    const struct envelope_ref *ref, struct case_card *card);
enum sk_error cases_by_number(struct archive *archive, uint64_t number,
    struct case_card *card);
/* As people write it: a ref, or "1-42-67". */
enum sk_error cases_find(struct archive *archive, const char *text,
    struct case_card *card, struct fault *fault);
void cases_put(struct archive *archive, const struct case_card *card);

/*
 * The card of this case, made when it is new. number 0: not told. SK_MALFORMED
 * when the broker's number disagrees with the reference kept under it: the
 * sender's header is signed, the number is not.
 */
enum sk_error cases_join(struct archive *archive,
    const struct envelope_ref *ref, uint64_t number, struct case_card *card);
/* Remember that these take part; past CASE_KNOWN_MAX they are left out. */
void cases_add_participant(struct case_card *card, uint64_t participant);

/* A message of this case stands at this position. Counts it once. */
struct timeline_entry {
	uint64_t position;
	bool out;
	uint64_t arrival;	/* in */
	struct envelope_id id;	/* out */
};
bool cases_has_message(struct archive *archive,
    const struct envelope_ref *ref, uint64_t position);
void cases_add_message(struct archive *archive, struct case_card *card,
    const struct timeline_entry *entry, Sk__Kind kind, int64_t instant);

/* In order of position, until visit says false. visit must not write. */
typedef bool (*timeline_visit)(void *context,
    const struct timeline_entry *entry);
enum sk_error cases_timeline(struct archive *archive,
    const struct envelope_ref *ref, timeline_visit visit, void *context);
typedef bool (*case_visit)(void *context, const struct case_card *card);
enum sk_error cases_walk(struct archive *archive, case_visit visit,
    void *context);

/*
 * ---- after a restore: the positions from `kept` on mean other entries now.
 *
 * What stood there waits under CASES_FORMER | position until the broker tells
 * where it stands (cases_forget takes one away), and cases that this agent
 * knows from there on alone have no number until then.
 */
#define CASES_FORMER (UINT64_C(1) << 62)
enum sk_error cases_restored(struct archive *archive, uint64_t kept);
void cases_forget(struct archive *archive, const struct envelope_ref *ref,
    uint64_t position);

#endif
