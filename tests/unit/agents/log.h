/*
 * log.h - a broker's journal as its leaf hashes alone: roots, proofs of
 * consistency and of inclusion by the recursive text of RFC 6962, and signed
 * checkpoints of it.
 */
#ifndef TESTS_AGENTS_LOG_H
#define TESTS_AGENTS_LOG_H

#include "tests/unit/agents/fixture.h"

#include "proto/tlog.h"

#define LOG_MAX 300u

struct log {
	uint8_t leaf[LOG_MAX][DIGEST_SIZE];
	const uint8_t *secret_key;
	struct note_key key;
};

/* What a Checkpoint frame holds, and where its parts stand. */
struct shown_note {
	Sk__Checkpoint message;
	uint8_t note[CHECKPOINT_NOTE_MAX];
	uint8_t hash[TLOG_CONSISTENCY_MAX + 1][DIGEST_SIZE];
	ProtobufCBinaryData consistency[TLOG_CONSISTENCY_MAX + 1];
};

/* seed tells one history from another. */
static inline void
log_init(struct log *log, const struct world *world, uint8_t seed)
{
	uint8_t bytes[2] = { seed, 0 };

	for (unsigned i = 0; i < LOG_MAX; i++) {
		bytes[1] = (uint8_t)i;
		digest_leaf(log->leaf[i], bytes, sizeof(bytes));
		bytes[0] ^= (uint8_t)(i / 255);
	}
	log->secret_key = world->sign_secret;
	assert_int_equal(note_key_init(&log->key, ORIGIN, NOTE_ED25519,
	    world->sign_public), SK_OK);
}

static inline uint64_t
log_split(uint64_t n)
{
	uint64_t k = 1;

	while (2 * k < n)
		k *= 2;
	return k;
}

static inline void
log_root(const struct log *log, uint64_t from, uint64_t n,
    uint8_t root[DIGEST_SIZE])
{
	uint8_t left[DIGEST_SIZE], right[DIGEST_SIZE];
	uint64_t k;

	if (n == 1) {
		memcpy(root, log->leaf[from], DIGEST_SIZE);
		return;
	}
	k = log_split(n);
	log_root(log, from, k, left);
	log_root(log, from + k, n - k, right);
	digest_node(root, left, right);
}

/* SUBPROOF(m, D[n], whole) */
static inline size_t
log_consistency(const struct log *log, uint64_t from, uint64_t m, uint64_t n,
    bool whole, uint8_t (*out)[DIGEST_SIZE])
{
	uint64_t k;
	size_t used;

	if (m == n) {
		if (!whole)
			log_root(log, from, n, out[0]);
		return whole ? 0 : 1;
	}
	k = log_split(n);
	if (m <= k) {
		used = log_consistency(log, from, m, k, whole, out);
		log_root(log, from + k, n - k, out[used]);
	} else {
		used = log_consistency(log, from + k, m - k, n - k, false,
		    out);
		log_root(log, from, k, out[used]);
	}
	return used + 1;
}

/* PATH(m, D[n]) */
static inline size_t
log_path(const struct log *log, uint64_t from, uint64_t m, uint64_t n,
    uint8_t (*out)[DIGEST_SIZE])
{
	uint64_t k;
	size_t used;

	if (n == 1)
		return 0;
	k = log_split(n);
	if (m < k) {
		used = log_path(log, from, m, k, out);
		log_root(log, from + k, n - k, out[used]);
	} else {
		used = log_path(log, from + k, m - k, n - k, out);
		log_root(log, from, k, out[used]);
	}
	return used + 1;
}

static inline size_t
log_note(const struct log *log, uint64_t size,
    uint8_t note[CHECKPOINT_NOTE_MAX])
{
	struct checkpoint checkpoint = { .size = size };
	struct writer w;

	snprintf(checkpoint.origin, sizeof(checkpoint.origin), "%s",
	    log->key.name);
	log_root(log, 0, size, checkpoint.root);
	writer_init(&w, note, CHECKPOINT_NOTE_MAX);
	assert_int_equal(checkpoint_sign(&w, &checkpoint, &log->key,
	    log->secret_key), SK_OK);
	return w.size;
}

static inline void
log_show(const struct log *log, uint64_t from, uint64_t size,
    struct shown_note *shown)
{
	memset(shown, 0, sizeof(*shown));
	sk__checkpoint__init(&shown->message);
	shown->message.has_note = shown->message.has_from_size = 1;
	shown->message.from_size = from;
	shown->message.note = (ProtobufCBinaryData){
		log_note(log, size, shown->note), shown->note };
	if (from > 0 && from <= size)
		shown->message.n_consistency = log_consistency(log, 0, from,
		    size, true, shown->hash);
	for (size_t i = 0; i <= TLOG_CONSISTENCY_MAX; i++)
		shown->consistency[i] = (ProtobufCBinaryData){ DIGEST_SIZE,
			shown->hash[i] };
	shown->message.consistency = shown->consistency;
}

#endif
