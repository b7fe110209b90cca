/*
 * digest.h - SHA-256, HMAC and the RFC 6962 tree hash over few leaves.
 */
#ifndef PROTO_DIGEST_H
#define PROTO_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "proto/error.h"

#define DIGEST_SIZE 32
#define NONCE_SIZE 16

struct span {
	const void *bytes;
	size_t size;
};

/* SHA-256 over n spans, one after the other. */
void digest_spans(uint8_t out[DIGEST_SIZE], const struct span *spans, size_t n);
void digest_bytes(uint8_t out[DIGEST_SIZE], const void *bytes, size_t size);
/* label stands first with its zero byte. */
void digest_labelled(uint8_t out[DIGEST_SIZE], const char *label,
    const struct span *spans, size_t n);
/* HMAC-SHA-256(key, label || 0 || bytes). */
void digest_hmac(uint8_t out[DIGEST_SIZE], const void *key, size_t key_size,
    const char *label, const void *bytes, size_t size);
/* The same over n spans. */
void digest_hmac_spans(uint8_t out[DIGEST_SIZE], const void *key,
    size_t key_size, const char *label, const struct span *spans, size_t n);
/* SHA-256(public key). */
void digest_key_id(uint8_t out[DIGEST_SIZE], const uint8_t key[32]);
/* RFC 6962: SHA-256(0x00 || leaf), SHA-256(0x01 || left || right). */
void digest_leaf(uint8_t out[DIGEST_SIZE], const void *leaf, size_t size);
void digest_node(uint8_t out[DIGEST_SIZE], const uint8_t left[DIGEST_SIZE],
    const uint8_t right[DIGEST_SIZE]);

/*
 * The tree over the e of a SUBMIT: its leaves are the e themselves, hashed as
 * RFC 6962 leaves (0x00 || e). n is 1 to 64. path has room for 6 digests.
 */
#define TREE_PATH_MAX 6
#define TREE_NODES_MAX 130	/* 64 leaves and what stands on them */

/* A tree built once, for as many paths as it has leaves. Not to be copied:
 * root points into it. */
struct digest_tree {
	size_t n;
	const uint8_t *root;
	uint8_t node[TREE_NODES_MAX][DIGEST_SIZE];
};
void digest_tree_build(struct digest_tree *tree,
    const uint8_t (*e)[DIGEST_SIZE], size_t n);
/* The path of a leaf, leaf upwards, pointing into the tree; its length. */
size_t digest_tree_walk(const struct digest_tree *tree, size_t index,
    const uint8_t *path[TREE_PATH_MAX]);
void digest_tree_root(uint8_t root[DIGEST_SIZE],
    const uint8_t (*e)[DIGEST_SIZE], size_t n);
void digest_tree_path(const uint8_t (*e)[DIGEST_SIZE], size_t n, size_t index,
    uint8_t path[TREE_PATH_MAX][DIGEST_SIZE], size_t *path_size);
/* Root from one e and its path; SK_SIGNATURE_WRONG when the path has the
 * wrong length for (n, index). */
enum sk_error digest_tree_climb(uint8_t root[DIGEST_SIZE],
    const uint8_t e[DIGEST_SIZE], size_t n, size_t index,
    const uint8_t (*path)[DIGEST_SIZE], size_t path_size);

#endif
