#include "broker/journal/tree.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX 64u	/* whole trees that a tree of any size is made of */
#define LEVEL_SHIFT 56u

/* The last tile of a level: hashes that no full tile holds yet. */
struct partial {
	unsigned width;
	bool changed;
	uint8_t hashes[TREE_TILE_SIZE];
};

struct tree {
	unsigned table;
	uint64_t size;
	/* edge[h] is the whole tree of height h where bit h of size is set. */
	uint8_t edge[NODES_MAX][DIGEST_SIZE];
	struct partial partial[TREE_LEVELS];
};

/* Where to read: what every question needs. */
struct view {
	struct store_txn *txn;
	unsigned table;
};

static uint64_t
row_key(unsigned level, uint64_t index)
{
	return (uint64_t)level << LEVEL_SHIFT | index;
}

/* Hashes that stand at a level in a tree of this size. */
static uint64_t
hashes_at(uint64_t size, unsigned level)
{
	return size >> (TREE_TILE_HEIGHT * level);
}

static unsigned
width_of(uint64_t size, unsigned level, uint64_t index)
{
	uint64_t all = hashes_at(size, level);
	uint64_t first = index * TREE_TILE_WIDTH;

	if (first >= all)
		return 0;
	return all - first < TREE_TILE_WIDTH ? (unsigned)(all - first) :
	    TREE_TILE_WIDTH;
}

/* The largest power of two below n, as an exponent; n > 1. */
static unsigned
split_height(uint64_t n)
{
	return 63u - (unsigned)__builtin_clzll(n - 1);
}

/* ---- hashing */

/* The root over 2^height hashes in a row. */
static void
fold(uint8_t root[DIGEST_SIZE], const uint8_t *hashes, unsigned height)
{
	uint8_t node[TREE_TILE_WIDTH / 2][DIGEST_SIZE];
	size_t n = (size_t)1 << height;

	assert(height <= TREE_TILE_HEIGHT);
	if (height == 0) {
		memcpy(root, hashes, DIGEST_SIZE);
		return;
	}
	for (size_t i = 0; i < n; i += 2)
		digest_node(node[i / 2], hashes + i * DIGEST_SIZE,
		    hashes + (i + 1) * DIGEST_SIZE);
	while ((n /= 2) > 1) {
		for (size_t i = 0; i < n; i += 2)
			digest_node(node[i / 2], node[i], node[i + 1]);
	}
	memcpy(root, node[0], DIGEST_SIZE);
}

/* ---- opening */

static enum sk_error
read_row(const struct view *view, unsigned level, uint64_t index,
    struct span *row)
{
	uint64_t key = row_key(level, index);
	enum sk_error rc;

	rc = store_get(view->txn, view->table, SPAN_U64(key), row);
	if (rc != SK_OK)
		return rc;
	return row->size == 0 || row->size % DIGEST_SIZE != 0 ||
	    row->size > TREE_TILE_SIZE ? SK_STORE_CORRUPT : SK_OK;
}

static enum sk_error
load_partial(struct tree *tree, const struct view *view, unsigned level)
{
	uint64_t index = hashes_at(tree->size, level) / TREE_TILE_WIDTH;
	struct partial *partial = &tree->partial[level];
	struct span row;
	enum sk_error rc;

	partial->changed = false;
	partial->width = (unsigned)(hashes_at(tree->size, level) %
	    TREE_TILE_WIDTH);
	rc = read_row(view, level, index, &row);
	if (rc == SK_NOT_FOUND)
		return partial->width == 0 ? SK_OK : SK_STORE_CORRUPT;
	if (rc != SK_OK)
		return rc;
	/* More than size asks for is as wrong as less. */
	if (row.size != (size_t)partial->width * DIGEST_SIZE)
		return SK_STORE_CORRUPT;
	memcpy(partial->hashes, row.bytes, row.size);
	return SK_OK;
}

/* The whole trees within a level's partial tile, largest first. */
static void
load_edge(struct tree *tree, unsigned level)
{
	const struct partial *partial = &tree->partial[level];
	unsigned at = 0;

	for (unsigned h = TREE_TILE_HEIGHT; h-- > 0;) {
		if ((partial->width >> h & 1) == 0)
			continue;
		fold(tree->edge[level * TREE_TILE_HEIGHT + h],
		    partial->hashes + at * DIGEST_SIZE, h);
		at += 1u << h;
	}
}

/* The last full tile below, against the hash of it that stands above. */
static enum sk_error
check_edge(const struct tree *tree, const struct view *view, unsigned level)
{
	uint64_t full = hashes_at(tree->size, level) / TREE_TILE_WIDTH;

	if (full == 0)
		return SK_OK;
	return tree_check_tile(view->txn, view->table, tree->size, level,
	    full - 1);
}

enum sk_error
tree_reload(struct tree *tree, struct store_txn *txn, uint64_t size)
{
	struct view view = { txn, tree->table };
	enum sk_error rc = SK_OK;

	tree->size = size;
	for (unsigned l = 0; l < TREE_LEVELS && rc == SK_OK; l++) {
		if ((rc = load_partial(tree, &view, l)) == SK_OK)
			rc = check_edge(tree, &view, l);
		if (rc == SK_OK)
			load_edge(tree, l);
	}
	return rc;
}

enum sk_error
tree_open(struct store_txn *txn, unsigned table, uint64_t size,
    struct tree **out)
{
	struct tree *tree = calloc(1, sizeof(*tree));
	enum sk_error rc;

	*out = NULL;
	if (tree == NULL)
		return SK_NO_MEMORY;
	tree->table = table;
	if ((rc = tree_reload(tree, txn, size)) != SK_OK) {
		tree_close(tree);
		return rc;
	}
	*out = tree;
	return SK_OK;
}

void
tree_close(struct tree *tree)
{
	free(tree);
}

uint64_t
tree_size(const struct tree *tree)
{
	return tree->size;
}

/* ---- growing */

static enum sk_error
write_row(struct tree *tree, struct store_txn *txn, unsigned level,
    uint64_t index)
{
	struct partial *partial = &tree->partial[level];
	uint64_t key = row_key(level, index);

	partial->changed = false;
	return store_put(txn, tree->table, SPAN_U64(key),
	    (struct span){ partial->hashes,
	    (size_t)partial->width * DIGEST_SIZE }, PUT_ANY, NULL);
}

/* hash is the next one of its level; at is its index there. */
static enum sk_error
push(struct tree *tree, struct store_txn *txn, unsigned level, uint64_t at,
    const uint8_t hash[DIGEST_SIZE])
{
	struct partial *partial = &tree->partial[level];
	enum sk_error rc;

	assert(partial->width == at % TREE_TILE_WIDTH);
	memcpy(partial->hashes + (size_t)partial->width * DIGEST_SIZE, hash,
	    DIGEST_SIZE);
	partial->width++;
	partial->changed = true;
	if (partial->width < TREE_TILE_WIDTH)
		return SK_OK;
	rc = write_row(tree, txn, level, at / TREE_TILE_WIDTH);
	partial->width = 0;
	return rc;
}

enum sk_error
tree_append(struct tree *tree, struct store_txn *txn,
    const uint8_t leaf[DIGEST_SIZE])
{
	uint8_t node[DIGEST_SIZE];
	enum sk_error rc;
	unsigned h;

	assert(tree->size < UINT64_MAX);
	memcpy(node, leaf, DIGEST_SIZE);
	rc = push(tree, txn, 0, tree->size, node);
	/* Like adding one to size: each whole tree that is carried makes one
	 * of the next height, and every eighth height is a level of tiles. */
	for (h = 0; rc == SK_OK && (tree->size >> h & 1) != 0;) {
		digest_node(node, tree->edge[h], node);
		h++;
		if (h % TREE_TILE_HEIGHT == 0)
			rc = push(tree, txn, h / TREE_TILE_HEIGHT,
			    tree->size >> h, node);
	}
	if (rc != SK_OK)
		return rc;
	memcpy(tree->edge[h], node, DIGEST_SIZE);
	tree->size++;
	return SK_OK;
}

enum sk_error
tree_flush(struct tree *tree, struct store_txn *txn)
{
	enum sk_error rc = SK_OK;

	for (unsigned l = 0; l < TREE_LEVELS && rc == SK_OK; l++) {
		if (tree->partial[l].changed)
			rc = write_row(tree, txn, l, hashes_at(tree->size, l) /
			    TREE_TILE_WIDTH);
	}
	return rc;
}

void
tree_root(const struct tree *tree, uint8_t root[DIGEST_SIZE])
{
	unsigned h;

	if (tree->size == 0) {
		tlog_empty_root(root);
		return;
	}
	h = (unsigned)__builtin_ctzll(tree->size);
	memcpy(root, tree->edge[h], DIGEST_SIZE);
	while (++h < NODES_MAX) {
		if ((tree->size >> h & 1) != 0)
			digest_node(root, tree->edge[h], root);
	}
}

/* ---- reading */

/* What a reader asks for must be there. */
static enum sk_error
absent_is_corrupt(enum sk_error rc)
{
	return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
}

/* The whole tree of this height that is the index-th of its kind. */
static enum sk_error
read_node(const struct view *view, unsigned height, uint64_t index,
    uint8_t node[DIGEST_SIZE])
{
	unsigned level = height / TREE_TILE_HEIGHT;
	unsigned in_tile = height % TREE_TILE_HEIGHT;
	uint64_t first = index << in_tile;
	size_t from = (size_t)(first % TREE_TILE_WIDTH) * DIGEST_SIZE;
	struct span row;
	enum sk_error rc;

	rc = read_row(view, level, first / TREE_TILE_WIDTH, &row);
	if (rc != SK_OK)
		return absent_is_corrupt(rc);
	if (row.size < from + ((size_t)DIGEST_SIZE << in_tile))
		return SK_STORE_CORRUPT;
	fold(node, (const uint8_t *)row.bytes + from, in_tile);
	return SK_OK;
}

/*
 * The root over leaves [start, end), where start is where a tree of that size
 * can begin: whole trees from left to right, then joined from the right.
 */
static enum sk_error
read_range(const struct view *view, uint64_t start, uint64_t end,
    uint8_t root[DIGEST_SIZE])
{
	uint8_t node[NODES_MAX][DIGEST_SIZE];
	enum sk_error rc;
	size_t n = 0;

	assert(start < end);
	do {
		unsigned h = 63u - (unsigned)__builtin_clzll(end - start);

		if ((rc = read_node(view, h, start >> h, node[n])) != SK_OK)
			return rc;
		n++;
		start += (uint64_t)1 << h;
	} while (start < end);
	memcpy(root, node[n - 1], DIGEST_SIZE);
	for (size_t i = n - 1; i > 0; i--)
		digest_node(root, node[i - 1], root);
	return SK_OK;
}

static void
reverse(uint8_t (*list)[DIGEST_SIZE], size_t n)
{
	uint8_t other[DIGEST_SIZE];

	for (size_t i = 0; i < n / 2; i++) {
		memcpy(other, list[i], DIGEST_SIZE);
		memcpy(list[i], list[n - 1 - i], DIGEST_SIZE);
		memcpy(list[n - 1 - i], other, DIGEST_SIZE);
	}
}

enum sk_error
tree_root_at(struct store_txn *txn, unsigned table, uint64_t size,
    uint8_t root[DIGEST_SIZE])
{
	struct view view = { txn, table };

	if (size == 0) {
		tlog_empty_root(root);
		return SK_OK;
	}
	return read_range(&view, 0, size, root);
}

enum sk_error
tree_leaf(struct store_txn *txn, unsigned table, uint64_t position,
    uint8_t leaf[DIGEST_SIZE])
{
	struct view view = { txn, table };

	return read_node(&view, 0, position, leaf);
}

/* PATH of RFC 6962 section 2.1.1, from the root down, then turned. */
enum sk_error
tree_inclusion(struct store_txn *txn, unsigned table, uint64_t index,
    uint64_t size, uint8_t path[TLOG_PATH_MAX][DIGEST_SIZE], size_t *n)
{
	struct view view = { txn, table };
	uint64_t start = 0, end = size;
	enum sk_error rc = SK_OK;

	*n = 0;
	if (index >= size)
		return SK_NOT_FOUND;
	while (end - start > 1 && rc == SK_OK) {
		uint64_t middle = start +
		    ((uint64_t)1 << split_height(end - start));

		if (index < middle) {
			rc = read_range(&view, middle, end, path[(*n)++]);
			end = middle;
		} else {
			rc = read_range(&view, start, middle, path[(*n)++]);
			start = middle;
		}
	}
	reverse(path, *n);
	return rc;
}

/* SUBPROOF of RFC 6962 section 2.1.2, from the root down, then turned. */
enum sk_error
tree_consistency(struct store_txn *txn, unsigned table, uint64_t old_size,
    uint64_t new_size, uint8_t proof[TLOG_CONSISTENCY_MAX][DIGEST_SIZE],
    size_t *n)
{
	struct view view = { txn, table };
	uint64_t start = 0, end = new_size;
	enum sk_error rc = SK_OK;

	*n = 0;
	if (old_size > new_size)
		return SK_NOT_FOUND;
	if (old_size == 0)
		return SK_OK;
	while (end != old_size && rc == SK_OK) {
		uint64_t middle = start +
		    ((uint64_t)1 << split_height(end - start));

		if (old_size <= middle) {
			rc = read_range(&view, middle, end, proof[(*n)++]);
			end = middle;
		} else {
			rc = read_range(&view, start, middle, proof[(*n)++]);
			start = middle;
		}
	}
	/* A reader who holds the old root knows this node when it is all. */
	if (start > 0 && rc == SK_OK)
		rc = read_range(&view, start, end, proof[(*n)++]);
	reverse(proof, *n);
	return rc;
}

/* ---- tiles */

uint64_t
tree_tiles(uint64_t size, unsigned level)
{
	uint64_t all = level < TREE_LEVELS ? hashes_at(size, level) : 0;

	return all / TREE_TILE_WIDTH + (all % TREE_TILE_WIDTH != 0);
}

enum sk_error
tree_tile(struct store_txn *txn, unsigned table, uint64_t size,
    unsigned level, uint64_t index, struct span *hashes)
{
	struct view view = { txn, table };
	struct span row;
	enum sk_error rc;
	size_t width;

	*hashes = (struct span){ NULL, 0 };
	if (index >= tree_tiles(size, level))
		return SK_NOT_FOUND;
	width = (size_t)width_of(size, level, index) * DIGEST_SIZE;
	if ((rc = read_row(&view, level, index, &row)) != SK_OK)
		return absent_is_corrupt(rc);
	if (row.size < width)
		return SK_STORE_CORRUPT;
	*hashes = (struct span){ row.bytes, width };
	return SK_OK;
}

void
tree_tile_path(char path[TREE_PATH_SIZE], unsigned level, uint64_t index,
    unsigned width)
{
	unsigned part[7], parts = 0;	/* 1000^7 > 2^64 */
	int n = snprintf(path, TREE_PATH_SIZE, "tile/%u/", level);

	do {
		part[parts++] = (unsigned)(index % 1000);
		index /= 1000;
	} while (index > 0);
	while (parts-- > 0)
		n += snprintf(path + n, TREE_PATH_SIZE - (size_t)n,
		    parts > 0 ? "x%03u/" : "%03u", part[parts]);
	if (width < TREE_TILE_WIDTH)
		n += snprintf(path + n, TREE_PATH_SIZE - (size_t)n, ".p/%u",
		    width);
	assert((size_t)n < TREE_PATH_SIZE);
}

enum sk_error
tree_check_tile(struct store_txn *txn, unsigned table, uint64_t size,
    unsigned level, uint64_t index)
{
	struct view view = { txn, table };
	uint8_t root[DIGEST_SIZE], above[DIGEST_SIZE];
	struct span row;
	enum sk_error rc;

	if (index >= tree_tiles(size, level))
		return SK_NOT_FOUND;
	if ((rc = read_row(&view, level, index, &row)) != SK_OK)
		return absent_is_corrupt(rc);
	if (row.size != (size_t)width_of(size, level, index) * DIGEST_SIZE)
		return SK_STORE_CORRUPT;
	if (row.size < TREE_TILE_SIZE)
		return SK_OK;
	fold(root, row.bytes, TREE_TILE_HEIGHT);
	rc = read_node(&view, (level + 1) * TREE_TILE_HEIGHT, index, above);
	if (rc != SK_OK)
		return rc;
	return memcmp(root, above, DIGEST_SIZE) == 0 ? SK_OK :
	    SK_STORE_CORRUPT;
}

/* ---- hashed anew, without any store */

void
tree_edge_add(struct tree_edge *edge, const uint8_t leaf[DIGEST_SIZE])
{
	uint8_t hash[DIGEST_SIZE];
	unsigned level = 0;

	memcpy(hash, leaf, DIGEST_SIZE);
	for (; (edge->size >> level & 1) != 0; level++)
		digest_node(hash, edge->node[level], hash);
	memcpy(edge->node[level], hash, DIGEST_SIZE);
	edge->size++;
}

void
tree_edge_root(const struct tree_edge *edge, uint8_t root[DIGEST_SIZE])
{
	bool any = false;

	for (unsigned level = 0; level < 64; level++) {
		if ((edge->size >> level & 1) == 0)
			continue;
		if (any)
			digest_node(root, edge->node[level], root);
		else
			memcpy(root, edge->node[level], DIGEST_SIZE);
		any = true;
	}
}
