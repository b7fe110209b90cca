/*
 * tree.h - the Merkle tree over the entries (RFC 6962), kept as the tiles of
 * c2sp.org/tlog-tiles in a table of the store.
 *
 * A tile is up to 256 hashes of one level in a row: leaf hashes at level 0,
 * above it the hashes of whole tiles of the level below. Its row is keyed by
 * level << 56 | index (an integer key), its value is the hashes, 32 bytes
 * each, as they stand in a public tile. The last tile of a level is partial
 * and written again once a batch; a full one never changes.
 *
 * Appending hashes one node an entry and, once in 256, writes a row. Nothing
 * is read back: the right edge, 64 nodes and 8 partial tiles (68 KiB), stays
 * in memory. Reading, for proofs at any size up to that of the transaction,
 * goes by the rows alone, so that an auditor's process does it as well.
 *
 * To change what is stored: never. These bytes are public and follow from
 * the entries; another hash would be another table.
 */
#ifndef JOURNAL_TREE_H
#define JOURNAL_TREE_H

#include "broker/lib/store.h"
#include "proto/tlog.h"

#define TREE_TILE_HEIGHT 8u
#define TREE_TILE_WIDTH 256u
#define TREE_TILE_SIZE (TREE_TILE_WIDTH * DIGEST_SIZE)
#define TREE_LEVELS 8u
/* tile/7/x072/x057/x594/x037/x927/935.p/255 and its zero byte. */
#define TREE_PATH_SIZE 64u

struct tree;

/* ---- growing, by the one that writes */

/*
 * Take the right edge of the tree of this many entries from its tiles: at
 * most 8 rows are read, at most 2,300 nodes hashed. SK_STORE_CORRUPT when a
 * tile is absent, has another width than size asks for, or (along the edge)
 * does not hash to what stands above it. Compare tree_root with the last
 * checkpoint: only that shows an edge that was altered as a whole.
 */
enum sk_error tree_open(struct store_txn *txn, unsigned table, uint64_t size,
    struct tree **tree);
void tree_close(struct tree *tree);
/* The same into an open tree, after a transaction that was aborted. The tree
 * must not be used when this fails. */
enum sk_error tree_reload(struct tree *tree, struct store_txn *txn,
    uint64_t size);
uint64_t tree_size(const struct tree *tree);
/* Writes a row only when a tile is full. After an error (sticky in txn) the
 * tree is ahead of the store: reload or close it. */
enum sk_error tree_append(struct tree *tree, struct store_txn *txn,
    const uint8_t leaf[DIGEST_SIZE]);
/* Write the partial tiles that changed: once, before the commit. */
enum sk_error tree_flush(struct tree *tree, struct store_txn *txn);
/* Root over all that was appended, without reading: at most 63 nodes. */
void tree_root(const struct tree *tree, uint8_t root[DIGEST_SIZE]);

/*
 * ---- reading. size is any up to what was flushed; what is not there is
 * SK_STORE_CORRUPT, a question that has no answer (index >= size, old_size >
 * new_size) SK_NOT_FOUND.
 */
enum sk_error tree_root_at(struct store_txn *txn, unsigned table,
    uint64_t size, uint8_t root[DIGEST_SIZE]);
/* The leaf hash at a position. */
enum sk_error tree_leaf(struct store_txn *txn, unsigned table,
    uint64_t position, uint8_t leaf[DIGEST_SIZE]);
enum sk_error tree_inclusion(struct store_txn *txn, unsigned table,
    uint64_t index, uint64_t size, uint8_t path[TLOG_PATH_MAX][DIGEST_SIZE],
    size_t *n);
enum sk_error tree_consistency(struct store_txn *txn, unsigned table,
    uint64_t old_size, uint64_t new_size,
    uint8_t proof[TLOG_CONSISTENCY_MAX][DIGEST_SIZE], size_t *n);

/* ---- hashed anew, without any store: roots of the perfect trees that the
 * leaves so far make up. Begins as zeros. */
struct tree_edge {
	uint64_t size;
	uint8_t node[64][DIGEST_SIZE];
};
void tree_edge_add(struct tree_edge *edge, const uint8_t leaf[DIGEST_SIZE]);
/* Of no leaves: left alone. */
void tree_edge_root(const struct tree_edge *edge, uint8_t root[DIGEST_SIZE]);

/* ---- tiles, for export and scrub */

/* How many tiles a tree of this size has at a level, the partial one too. */
uint64_t tree_tiles(uint64_t size, unsigned level);
/* The hashes of one as a tree of this size shows it, in the store. */
enum sk_error tree_tile(struct store_txn *txn, unsigned table, uint64_t size,
    unsigned level, uint64_t index, struct span *hashes);
/* Where a public tile lies: tile/<L>/<N>, with .p/<W> for width < 256. */
void tree_tile_path(char path[TREE_PATH_SIZE], unsigned level, uint64_t index,
    unsigned width);
/*
 * One tile of the tree of exactly this size: its width, and, when it is full,
 * that it hashes to what stands above it. Together with the leaves at level 0
 * and the root, all tiles so checked are the tree. SK_STORE_CORRUPT.
 */
enum sk_error tree_check_tile(struct store_txn *txn, unsigned table,
    uint64_t size, unsigned level, uint64_t index);

#endif
