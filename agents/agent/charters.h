/*
 * charters.h - who signs for the region, as this agent knows it: the enrolment
 * key of the invitation, and each change since that its signers of before
 * vouch for (PROTOCOL.md, Directory). What was known once is never forgotten.
 */
#ifndef AGENT_CHARTERS_H
#define AGENT_CHARTERS_H

#include "agents/agent/directory.h"
#include "proto/charter.h"

#define CHARTERS_MAX 64u	/* as the broker's journal: JOURNAL_CHARTERS_MAX */

struct charters {
	size_t n;		/* generations known; 0: the invitation's alone */
	uint64_t in_directory;	/* of those, reached by the directory's chain */
	struct charter charter;	/* the newest */
	struct {
		uint8_t digest[DIGEST_SIZE];	/* zero: as founded */
		uint8_t enrolment_key[32];
	} generation[CHARTERS_MAX];
};

enum sk_error charters_load(struct archive *archive,
    struct charters *charters);
/* The enrolment key that signs the directory's next statement. */
const uint8_t *charters_key(const struct charters *charters,
    const struct directory_trust *trust);
/* The newest that is known. */
const uint8_t *charters_newest(const struct charters *charters,
    const struct directory_trust *trust);
/* Has the directory not come yet to a change that is known? Until then nobody
 * is vouched for: a stolen key may have signed what stands in between. */
bool charters_wait(struct archive *archive);

/*
 * All that WELCOME lists, oldest first. SK_CHAIN_FORK: another change than the
 * one that is known; SK_KEY_NOT_VOUCHED: the old key was lost and nobody at
 * this agent has said that the new one is right (charters_trust); any other
 * error: it does not follow. Then nothing changed.
 */
enum sk_error charters_follow(struct archive *archive,
    const struct directory_trust *trust, struct span founding_leaf,
    Sk__Statement *const *statements, size_t n, struct fault *fault);
/* One at its place in the directory, of which *head goes on. */
enum sk_error charters_enter(struct archive *archive,
    const struct directory_trust *trust, const Sk__Statement *statement,
    struct statement_head *head, struct fault *fault);

/* STORE/enrolment.pub: the enrolment key that people at this agent compared,
 * by its eight words. words NULL or others: SK_STATEMENT_WRONG, with the
 * file's in the hint. */
enum sk_error charters_trust(const char *store, const char *path,
    const char *words, struct fault *fault);

#endif
