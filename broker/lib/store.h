/*
 * store.h - LMDB behind a wrapper that hides its operating states.
 *
 * Map full grows the map (up to bytes_max) by closing nothing: growth happens
 * between transactions, and a write that meets MDB_MAP_FULL fails with
 * SK_STORE_FULL, leaving the transaction to be aborted. Errors in a
 * transaction are sticky: puts and dels after the first failure do nothing,
 * and store_commit reports it. Default flags: two barriers a commit.
 */
#ifndef LIB_STORE_H
#define LIB_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/digest.h"
#include "proto/error.h"

#define STORE_KEY_MAX 511	/* bytes, LMDB's own limit */

struct store;	/* one environment */
struct store_txn;

struct store_options {
	const char *path;	/* a directory; made with 0700 when absent and writable */
	unsigned tables_max;
	size_t bytes_start;	/* first map size; grown as needed; 0: 16 MiB */
	size_t bytes_max;	/* 0: 1 TiB */
	bool read_only;
	bool scratch;	/* thrown away after use: its commits are not synced,
			 * and its blocks are taken on disk as the map grows */
};

/* Tables are numbered by the caller from 0 in the order of names. integer
 * keys are uint64 in host order (MDB_INTEGERKEY): the fast kind. */
struct store_table {
	const char *name;
	bool integer_keys;
};

/* SK_STORE_BUSY when another process has it open for writing (an flock on
 * path/owner). read_only takes no such lock but needs that no writer has it.
 * SK_STORE_IO, SK_STORE_FORMAT; SK_NOT_FOUND for a reader where nothing is. */
enum sk_error store_open(const struct store_options *options,
    const struct store_table *tables, size_t n, struct store **store);
void store_close(struct store *store);

/* One write transaction at a time, and readers: SK_STORE_BUSY past 126 of all
 * processes together. Growth waits for the moment when a write begins and no
 * reader of this process is open, so readers should not stay. */
enum sk_error store_write(struct store *store, struct store_txn **txn);
enum sk_error store_read(struct store *store, struct store_txn **txn);
/* Synced when this returns SK_OK. Frees txn also when it fails. A commit that
 * failed on the disk leaves the store closed to writers: store_write gives
 * the same error until it is opened anew. */
enum sk_error store_commit(struct store_txn *txn);
void store_abort(struct store_txn *txn);	/* accepts NULL; ends readers too */
enum sk_error store_failed(const struct store_txn *txn);	/* the sticky error */

enum store_put { PUT_ANY, PUT_NEW, PUT_APPEND };
/* PUT_NEW: SK_ENVELOPE_REPEATED never; an existing key is SK_STORE_CORRUPT
 * unless *existed is given, then it is set and nothing written. */
enum sk_error store_put(struct store_txn *txn, unsigned table, struct span key,
    struct span value, enum store_put how, bool *existed);
/* value points into the map, valid until the transaction writes or ends.
 * SK_NOT_FOUND is not sticky. */
enum sk_error store_get(struct store_txn *txn, unsigned table, struct span key,
    struct span *value);
enum sk_error store_del(struct store_txn *txn, unsigned table, struct span key);

/* Ordered walk. seek_ge: the first key >= key; seek_le: the last key <= key;
 * key empty: the first, the last. store_next before any seek is the first.
 * Keys and values are not aligned: memcpy numbers out of them. A cursor may
 * be closed before or after its transaction ends. */
struct store_cursor;
enum sk_error store_cursor_open(struct store_txn *txn, unsigned table,
    struct store_cursor **cursor);
void store_cursor_close(struct store_cursor *cursor);
enum sk_error store_seek_ge(struct store_cursor *cursor, struct span key,
    struct span *found, struct span *value);
enum sk_error store_seek_le(struct store_cursor *cursor, struct span key,
    struct span *found, struct span *value);
enum sk_error store_next(struct store_cursor *cursor, struct span *key,
    struct span *value);

enum sk_error store_count(struct store_txn *txn, unsigned table, uint64_t *n);
/*
 * Write the whole file anew, row by row, put it in place of the old one and
 * write zeros over that: what was deleted stood in pages that LMDB would use
 * again some day, and in their gaps. No transaction may be open:
 * SK_STORE_BUSY. tables of store_open must have lasted. A crash leaves the
 * old file or the new one. SK_STORE_FULL leaves the old one and a store that
 * can be used; any other error may leave it closed until it is opened anew.
 * What a file system or a disk keeps of blocks that it wrote elsewhere is
 * beyond this.
 */
enum sk_error store_rewrite(struct store *store);
/* Bytes free on the file system under the store. */
uint64_t store_disk_free(const struct store *store);

/* uint64 keys in host order, for integer tables. */
#define SPAN_U64(variable) ((struct span){ &(variable), sizeof(uint64_t) })

/* Fault injection for tests, NULL in production: called before "open", "put",
 * "del" and "commit", as "committed" after a commit that is on disk, and
 * before the "copy", the "rename" and the "wipe" of store_rewrite. What
 * it returns, an errno or a code of LMDB, takes the place of the outcome. As
 * "wait" it is told only that another process holds the owner's lock. */
extern int (*store_inject)(const char *operation);

#endif
