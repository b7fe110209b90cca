/*
 * witness.h - this agent as a witness of the broker's journal, when it has a
 * key for it (keys/witness.key): every checkpoint that it keeps goes on from
 * the one before, and it signs that (C2SP cosignature/v1).
 */
#ifndef AGENT_WITNESS_H
#define AGENT_WITNESS_H

#include "proto/note.h"
#include "proto/session.pb-c.h"

struct agent;

#define WITNESS_MS 4000	/* at least so long between two */

struct witness {
	struct note_key key;
	uint8_t secret[64];
	bool signs;
	uint64_t signed_size;	/* in this session */
	int64_t signed_ticks;	/* 0: not yet */
};

/* A key under this name, and keys/witness.vkey to hand to the region. Never
 * overwrites. */
enum sk_error witness_make(const char *keys, const char *name,
    char vkey[NOTE_VKEY_MAX + 1], struct fault *fault);
/* Nothing to do without a key. */
enum sk_error witness_open(struct witness *witness, const char *keys,
    struct fault *fault);
void witness_clear(struct witness *witness);
/* A new session: what was signed may not have arrived. */
void witness_again(struct witness *witness);
/* Is there something to sign, and when at the earliest (ticks)? INT64_MAX: no. */
int64_t witness_due(struct agent *agent, int64_t ticks);
/* The line under the checkpoint that is kept, on disk. frame points into
 * line. SK_NOT_FOUND: nothing. */
enum sk_error witness_sign(struct agent *agent, int64_t ticks,
    Sk__Cosignature *frame, uint8_t line[NOTE_LINE_MAX]);

#endif
