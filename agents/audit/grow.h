/*
 * grow.h - the tree of RFC 6962 over leaf hashes as they come, from nothing
 * but them: what tiles and checkpoints are held against.
 */
#ifndef AUDIT_GROW_H
#define AUDIT_GROW_H

#include <stdint.h>

#include "broker/journal/tree.h"
#include "proto/digest.h"

struct grow {
	uint64_t size;
	/* Whole trees, by height, where that bit of size is set. */
	uint8_t edge[64][DIGEST_SIZE];
};

/* Take one leaf hash. done (may be NULL) is given the nodes that it completes
 * at the levels of the tiles, the leaf itself first; their number is
 * returned: the k-th is hash number size / 256^k - 1 of level k. */
unsigned grow_add(struct grow *grow, const uint8_t leaf[DIGEST_SIZE],
    uint8_t (*done)[DIGEST_SIZE]);
void grow_root(const struct grow *grow, uint8_t root[DIGEST_SIZE]);

#endif
