/*
 * copy.h - entries from one journal into another as they lie: leaves, sealed
 * parts, vault rows still under their keys, checkpoints. A backup, a restore
 * and an archive are made of these, so that no key has to be at hand.
 */
#ifndef JOURNAL_COPY_H
#define JOURNAL_COPY_H

#include "broker/journal/journal.h"

/* One entry as it lies. Spans as journal_leaf gives them. */
struct copied {
	uint64_t position;
	struct span leaf;
	struct span sealed;	/* the row, closed; empty: none, or erased */
	struct span row;	/* of the vault, closed; empty: none, or erased */
	struct span note;	/* the checkpoint of position + 1 entries; empty: none */
	uint64_t submit_count;	/* envelopes, of the first of a SUBMIT; else 0 */
};

/* Make the entries' environment under path with this leaf at position 0, and
 * no keys: SK_STORE_MISMATCH where a journal is. */
enum sk_error copy_found(const char *path, struct span founding_leaf,
    struct fault *fault);
/* A writer without keys. Batches, sizes and reading as of any journal; what
 * lies in the vault is SK_ERASED here. */
enum sk_error copy_open(const char *path, struct journal **journal,
    struct fault *fault);

/* SK_NOT_FOUND past the end. */
enum sk_error copy_read(struct journal *journal, uint64_t position,
    struct copied *out);
/*
 * The next entry into the open batch: its position must be the journal's size
 * (SK_STORE_MISMATCH). Look-up rows are made from the leaf, the tree grows,
 * and a checkpoint is taken over when it verifies over this very tree:
 * SK_STORE_CORRUPT, or what checkpoint_open says.
 */
enum sk_error copy_append(struct journal *journal, const struct copied *in);
/* What witnesses signed for sizes up to this one, in the open batch; their
 * checkpoints are in the copy already. */
enum sk_error copy_cosignatures(struct journal *from, struct journal *to,
    uint64_t size);
/* What lies beside an entry: COPY_SEALED | COPY_ROW. */
#define COPY_SEALED 1u
#define COPY_ROW 2u
enum sk_error copy_beside(struct journal *journal, uint64_t position,
    uint8_t *beside);
/* In the open batch: what is not in `keep` was erased at the original, and
 * goes here too. */
enum sk_error copy_prune(struct journal *journal, uint64_t position,
    uint8_t keep);

/*
 * Hash every entry up to the last checkpoint anew, and hold the root against
 * what was signed. SK_NOT_FOUND: no checkpoint; SK_STORE_CORRUPT names the
 * first entry that the tree does not have, in the fault.
 */
enum sk_error copy_verify(struct journal *journal, uint64_t *size,
    uint8_t root[DIGEST_SIZE], struct fault *fault);

/* ---- the keys, a set of their own */

struct key_row {
	uint64_t number;
	bool destroyed;		/* the row stays, without a key */
	uint8_t key[32];
};
/* The next keys from a number on, in order; *n 0: no more. */
enum sk_error copy_keys_read(struct journal *journal, uint64_t from,
    struct key_row *rows, size_t room, size_t *n);
/* How many lines of erasures.log this set has carried out. Asked before the
 * rows, so that a copy knows of too few rather than too many. */
enum sk_error copy_keys_mark(struct journal *journal, uint64_t *lines);
struct key_set;
/* A new set at path, which must not exist. */
enum sk_error copy_keys_make(const char *path,
    const uint8_t founding[DIGEST_SIZE], struct key_set **set);
enum sk_error copy_keys_put(struct key_set *set, const struct key_row *rows,
    size_t n);
/* The marks of journal_key_counts; synced when this returns SK_OK. */
enum sk_error copy_keys_end(struct key_set *set, uint64_t cases_mark,
    uint64_t days_mark, uint64_t lines);
void copy_keys_close(struct key_set *set);

/*
 * erasures.log from an offset on, at most room bytes; *n 0: to its end. What
 * is told is synced.
 */
enum sk_error copy_erasures_read(struct journal *journal, uint64_t from,
    void *bytes, size_t room, size_t *n);

#endif
