/*
 * fuzz.h - one harness a decoder of hostile bytes.
 *
 * A target is given bytes and must come back: what it decodes it checks
 * against what it writes, and aborts when the two disagree. Beside the
 * sanitizers its heap is watched: past heap_max at any moment is a finding,
 * so that a decoder cannot be talked into memory.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/arena.h"

struct fuzz_target {
	const char *name;
	void (*run)(const uint8_t *bytes, size_t size);
	size_t size_max;	/* longer inputs are cut */
	size_t heap_max;	/* bytes alive at once, all libraries together */
};
extern const struct fuzz_target fuzz_targets[];
extern const size_t fuzz_targets_n;
const struct fuzz_target *fuzz_target_by_name(const char *name);
/* Run once, within the budget. */
void fuzz_run(const struct fuzz_target *target, const uint8_t *bytes,
    size_t size);

/* A disagreement: what a fuzzer is there to find. */
#define MUST(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, \
		    __LINE__, #condition); \
		abort(); \
	} \
} while (0)

/* The budget of one frame, as the daemons have it; empty at each call. */
struct arena *fuzz_arena(void);
/* Two of them, when what was decoded has to outlive something else. */
struct arena *fuzz_arena_beside(void);

/* wire.c */
void fuzz_frame(const uint8_t *bytes, size_t size);
void fuzz_envelope(const uint8_t *bytes, size_t size);
void fuzz_header(const uint8_t *bytes, size_t size);
void fuzz_facts(const uint8_t *bytes, size_t size);
void fuzz_content(const uint8_t *bytes, size_t size);
void fuzz_provenance(const uint8_t *bytes, size_t size);
void fuzz_seal(const uint8_t *bytes, size_t size);
/* record.c */
void fuzz_leaf(const uint8_t *bytes, size_t size);
void fuzz_parts(const uint8_t *bytes, size_t size);
void fuzz_statement(const uint8_t *bytes, size_t size);
void fuzz_control(const uint8_t *bytes, size_t size);
void fuzz_restore(const uint8_t *bytes, size_t size);
/* text.c */
void fuzz_note(const uint8_t *bytes, size_t size);
void fuzz_cosignature(const uint8_t *bytes, size_t size);
void fuzz_vkey(const uint8_t *bytes, size_t size);
void fuzz_proof(const uint8_t *bytes, size_t size);
void fuzz_request(const uint8_t *bytes, size_t size);
void fuzz_invitation(const uint8_t *bytes, size_t size);
/* config.c */
void fuzz_policy(const uint8_t *bytes, size_t size);
void fuzz_users(const uint8_t *bytes, size_t size);
void fuzz_json(const uint8_t *bytes, size_t size);
/* broker.c */
void fuzz_submit(const uint8_t *bytes, size_t size);
/* agent.c */
void fuzz_uplink(const uint8_t *bytes, size_t size);
void fuzz_api(const uint8_t *bytes, size_t size);

#endif
