/*
 * tlog.h - proofs about a Merkle tree of RFC 6962, of any size, and the file
 * that carries one (c2sp.org/tlog-proof@v1).
 *
 * A proof holds or it does not: there is no error in between, whatever the
 * bytes are.
 */
#ifndef PROTO_TLOG_H
#define PROTO_TLOG_H

#include "proto/lines.h"
#include "proto/note.h"

#define TLOG_PATH_MAX 64u		/* a tree of 2^64 - 1 leaves */
#define TLOG_CONSISTENCY_MAX 65u
#define TLOG_EXTRA_MAX 65536u		/* bytes beside a proof */
#define TLOG_PROOF_MAX (64 + BASE64_SIZE(TLOG_EXTRA_MAX) + \
	TLOG_PATH_MAX * DIGEST_LINE_SIZE + NOTE_BYTES_MAX)

/* The root of a tree without leaves. */
void tlog_empty_root(uint8_t root[DIGEST_SIZE]);

/* The root to which a path leads; false when it has not the one length that
 * it must have for (index, size). */
bool tlog_climb(uint8_t root[DIGEST_SIZE], const uint8_t leaf[DIGEST_SIZE],
    uint64_t index, uint64_t size, const uint8_t (*path)[DIGEST_SIZE],
    size_t n);
/* Is the leaf with this hash at index in the tree with this root? */
bool tlog_includes(const uint8_t root[DIGEST_SIZE], uint64_t size,
    uint64_t index, const uint8_t leaf[DIGEST_SIZE],
    const uint8_t (*path)[DIGEST_SIZE], size_t n);
/*
 * Is the tree of old_size leaves the beginning of the one of new_size?
 * Everything begins with the empty tree; the same size needs the same root;
 * both have an empty proof.
 */
bool tlog_is_consistent(uint64_t old_size,
    const uint8_t old_root[DIGEST_SIZE], uint64_t new_size,
    const uint8_t new_root[DIGEST_SIZE], const uint8_t (*proof)[DIGEST_SIZE],
    size_t n);

struct tlog_proof {
	uint64_t index;
	size_t n;
	uint8_t path[TLOG_PATH_MAX][DIGEST_SIZE];
	struct span extra;	/* base64, in the file; empty: none. Nobody
				 * vouches for it. */
	struct span checkpoint;	/* the whole note */
};

/* Points into bytes; the checkpoint is not looked at yet. SK_OVERSIZED,
 * SK_VERSION_UNKNOWN, SK_MALFORMED. */
enum sk_error tlog_proof_parse(struct tlog_proof *proof, const void *bytes,
    size_t size);
/* The bytes beside the proof; SK_NOT_FOUND when there are none. */
enum sk_error tlog_proof_extra(const struct tlog_proof *proof, uint8_t *out,
    size_t out_max, size_t *size);
/* extra is taken from its own argument, as bytes. */
void tlog_proof_write(struct writer *w, const struct tlog_proof *proof,
    struct span extra);
/*
 * Does the proof hold for the leaf with this hash in the log of this key?
 * What note_open, note_check and checkpoint_open refuse, with "checkpoint" as
 * field; SK_SIGNATURE_WRONG with "path" when the path leads elsewhere. The
 * checkpoint is filled for the caller to compare with others.
 */
enum sk_error tlog_proof_check(const struct tlog_proof *proof,
    const uint8_t leaf[DIGEST_SIZE], const struct note_key *key,
    struct checkpoint *checkpoint, struct note *note, struct fault *fault);

#endif
