#include "proto/digest.h"

/* Small inputs, many times a message: the context of the older interface is a
 * plain value, where the newer one costs as much as the hash itself. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

#include "proto/wire.h"

#define HMAC_BLOCK 64

static void
add(SHA256_CTX *ctx, const void *bytes, size_t size)
{
	if (size > 0)
		SHA256_Update(ctx, bytes, size);
}

static void
add_spans(SHA256_CTX *ctx, const struct span *spans, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(ctx, spans[i].bytes, spans[i].size);
}

void
digest_spans(uint8_t out[DIGEST_SIZE], const struct span *spans, size_t n)
{
	SHA256_CTX ctx;

	SHA256_Init(&ctx);
	add_spans(&ctx, spans, n);
	SHA256_Final(out, &ctx);
}

void
digest_bytes(uint8_t out[DIGEST_SIZE], const void *bytes, size_t size)
{
	digest_spans(out, &(struct span){ bytes, size }, 1);
}

void
digest_labelled(uint8_t out[DIGEST_SIZE], const char *label,
    const struct span *spans, size_t n)
{
	SHA256_CTX ctx;

	SHA256_Init(&ctx);
	add(&ctx, label, strlen(label) + 1);
	add_spans(&ctx, spans, n);
	SHA256_Final(out, &ctx);
}

/* RFC 2104 in its own words: two passes over SHA-256. */
void
digest_hmac_spans(uint8_t out[DIGEST_SIZE], const void *key, size_t key_size,
    const char *label, const struct span *spans, size_t n)
{
	uint8_t block[HMAC_BLOCK] = { 0 };
	uint8_t inner[DIGEST_SIZE];
	SHA256_CTX ctx;

	if (key_size > HMAC_BLOCK)
		digest_bytes(block, key, key_size);
	else if (key_size > 0)
		memcpy(block, key, key_size);
	for (size_t i = 0; i < HMAC_BLOCK; i++)
		block[i] ^= 0x36;
	SHA256_Init(&ctx);
	add(&ctx, block, sizeof(block));
	add(&ctx, label, strlen(label) + 1);
	add_spans(&ctx, spans, n);
	SHA256_Final(inner, &ctx);
	for (size_t i = 0; i < HMAC_BLOCK; i++)
		block[i] ^= 0x36 ^ 0x5c;
	digest_spans(out, (struct span[]){ { block, sizeof(block) },
	    { inner, sizeof(inner) } }, 2);
	explicit_bzero(block, sizeof(block));
	explicit_bzero(&ctx, sizeof(ctx));
}

void
digest_hmac(uint8_t out[DIGEST_SIZE], const void *key, size_t key_size,
    const char *label, const void *bytes, size_t size)
{
	digest_hmac_spans(out, key, key_size, label,
	    &(struct span){ bytes, size }, 1);
}

void
digest_key_id(uint8_t out[DIGEST_SIZE], const uint8_t key[32])
{
	digest_bytes(out, key, 32);
}

void
digest_leaf(uint8_t out[DIGEST_SIZE], const void *leaf, size_t size)
{
	digest_spans(out, (struct span[]){ { "\x00", 1 }, { leaf, size } }, 2);
}

void
digest_node(uint8_t out[DIGEST_SIZE], const uint8_t left[DIGEST_SIZE],
    const uint8_t right[DIGEST_SIZE])
{
	digest_spans(out, (struct span[]){ { "\x01", 1 },
	    { left, DIGEST_SIZE }, { right, DIGEST_SIZE } }, 3);
}

/*
 * Level by level: neighbours make a node, a last one without a neighbour goes
 * up as it is. That is the tree of RFC 6962 section 2.1, whose left half is
 * always the largest power of two.
 */
void
digest_tree_build(struct digest_tree *tree, const uint8_t (*e)[DIGEST_SIZE],
    size_t n)
{
	size_t at = 0, count = n;

	assert(n >= 1 && n <= SUBMIT_ENVELOPES_MAX);
	tree->n = n;
	for (size_t i = 0; i < n; i++)
		digest_leaf(tree->node[i], e[i], DIGEST_SIZE);
	while (count > 1) {
		uint8_t (*up)[DIGEST_SIZE] = &tree->node[at + count];

		for (size_t i = 0; i + 1 < count; i += 2)
			digest_node(up[i / 2], tree->node[at + i],
			    tree->node[at + i + 1]);
		if (count % 2 == 1)
			memcpy(up[count / 2], tree->node[at + count - 1],
			    DIGEST_SIZE);
		at += count;
		count = (count + 1) / 2;
	}
	tree->root = tree->node[at];
}

size_t
digest_tree_walk(const struct digest_tree *tree, size_t index,
    const uint8_t *path[TREE_PATH_MAX])
{
	size_t at = 0, depth = 0;

	assert(index < tree->n);
	for (size_t count = tree->n; count > 1; count = (count + 1) / 2) {
		if ((index ^ 1) < count)
			path[depth++] = tree->node[at + (index ^ 1)];
		at += count;
		index /= 2;
	}
	return depth;
}

void
digest_tree_root(uint8_t root[DIGEST_SIZE],
    const uint8_t (*e)[DIGEST_SIZE], size_t n)
{
	struct digest_tree tree;

	digest_tree_build(&tree, e, n);
	memcpy(root, tree.root, DIGEST_SIZE);
}

void
digest_tree_path(const uint8_t (*e)[DIGEST_SIZE], size_t n, size_t index,
    uint8_t path[TREE_PATH_MAX][DIGEST_SIZE], size_t *path_size)
{
	const uint8_t *nodes[TREE_PATH_MAX];
	struct digest_tree tree;

	digest_tree_build(&tree, e, n);
	*path_size = digest_tree_walk(&tree, index, nodes);
	for (size_t i = 0; i < *path_size; i++)
		memcpy(path[i], nodes[i], DIGEST_SIZE);
}

/* RFC 9162 section 2.1.3.2. */
enum sk_error
digest_tree_climb(uint8_t root[DIGEST_SIZE], const uint8_t e[DIGEST_SIZE],
    size_t n, size_t index, const uint8_t (*path)[DIGEST_SIZE],
    size_t path_size)
{
	size_t at = index, last = n - 1;

	if (n < 1 || n > SUBMIT_ENVELOPES_MAX || index >= n)
		return SK_SIGNATURE_WRONG;
	digest_leaf(root, e, DIGEST_SIZE);
	for (size_t i = 0; i < path_size; i++) {
		if (last == 0)
			return SK_SIGNATURE_WRONG;
		if ((at & 1) != 0 || at == last) {
			digest_node(root, path[i], root);
			while ((at & 1) == 0 && at != 0) {
				at >>= 1;
				last >>= 1;
			}
		} else {
			digest_node(root, root, path[i]);
		}
		at >>= 1;
		last >>= 1;
	}
	return last == 0 ? SK_OK : SK_SIGNATURE_WRONG;
}
