/*
 * internal.h - the journal's own structure, for the files of this folder.
 */
#ifndef JOURNAL_INTERNAL_H
#define JOURNAL_INTERNAL_H

#include <sys/types.h>

#include "broker/journal/journal.h"
#include "broker/journal/tree.h"
#include "broker/journal/vault.h"
#include "proto/note.h"

enum { ENTRIES, SEALED, VAULT, SENT, IDS, COMMANDS, META, TILES,
	CHECKPOINTS, COSIGNATURES };

#define SIGN_SECRETS 2	/* the broker's key, and one that takes its place */

struct journal {
	struct store *store;
	struct vault *vault;		/* NULL: a reader without keys */
	struct store_txn *write;	/* the open batch */
	struct store_txn *read;		/* held until journal_read_end */
	/* of read, by table: a walk finds the next row on the page at hand */
	struct store_cursor *walk[VAULT + 1];
	enum sk_error batch_error;	/* sticky until the batch is aborted */
	enum sk_error commit_error;	/* a commit failed: reopen */
	bool read_only;
	bool epoch_taken;		/* not yet committed */
	uint64_t epoch;
	uint64_t size;			/* the open batch included */
	uint64_t committed;
	struct founding founding;
	struct tree *tree;		/* of the writer */
	uint64_t first_number;		/* n of the founding entry */
	uint64_t restored[JOURNAL_RESTORES_MAX];	/* positions */
	size_t restores, restores_committed;
	bool signs;			/* with these keys */
	struct sign_secret {
		uint8_t public_key[32], secret[64];
	} sign_secret[SIGN_SECRETS];
	size_t broker_keys;
	struct broker_key broker_key[JOURNAL_BROKER_KEYS_MAX];
	size_t charters;
	struct chartered {
		uint64_t position;
		struct charter charter;
	} chartered[JOURNAL_CHARTERS_MAX];
	bool no_keys;			/* a copy: it opens nothing */
	int erasures;			/* erasures.log, -1: a reader's */
	struct erasure *erased;		/* its lines, by position */
	size_t n_erased, erased_room;
	uint64_t log_lines;
	off_t again_from;		/* the first line to redo; 0: none */
	uint8_t closed[JOURNAL_PARTS_MAX + VAULT_OVERHEAD];
	uint8_t opened[JOURNAL_PARTS_MAX];	/* the last sealed part */
};

/* The open batch, or a read transaction held until journal_read_end. */
enum sk_error journal_reader(struct journal *journal, struct store_txn **txn);

/* signing.c */
enum sk_error signing_open(struct journal *journal, struct store_txn *txn);
/* An entry that was appended may name a new key. */
enum sk_error signing_follow(struct journal *journal, struct span leaf,
    uint64_t position);
void signing_abort(struct journal *journal);
/* NULL: the key for this size is not here. */
const uint8_t *signing_secret(const struct journal *journal, uint64_t size);
void signing_close(struct journal *journal);

/* charters.c, in the same way */
enum sk_error charters_open(struct journal *journal, struct store_txn *txn);
enum sk_error charters_follow(struct journal *journal, struct span leaf,
    uint64_t position);
void charters_abort(struct journal *journal);

/* journal.c: the entries alone; SK_STORE_MISMATCH where some are. */
enum sk_error journal_make_entries(const char *path, struct span leaf,
    struct fault *fault);
enum sk_error journal_open_with(struct journal *new, const char *path,
    const char *keys_path, struct journal **journal, struct fault *fault);

/* restore.c */
/* Take over which entries are restores, from the store. */
enum sk_error restore_open(struct journal *journal, struct store_txn *txn,
    struct fault *fault);
/* One is appended: its operators, its size and its root are checked. */
enum sk_error restore_follow(struct journal *journal, struct span leaf);
void restore_abort(struct journal *journal);

/* erasure.c */
enum sk_error erasure_open(struct journal *journal, const char *path,
    struct fault *fault);
void erasure_close(struct journal *journal);

/* evidence.c */
/* The last checkpoint, opened under the key and the name that it must have. */
enum sk_error evidence_last(struct journal *journal,
    struct checkpoint *checkpoint);
/* The first leaf of a tree; errors are sticky in txn. */
enum sk_error evidence_found(struct store_txn *txn,
    const uint8_t leaf[DIGEST_SIZE]);
enum sk_error evidence_open(struct journal *journal, struct store_txn *txn);
/* Tiles and checkpoint of the open batch; errors are sticky in it. */
enum sk_error evidence_commit(struct journal *journal);
void evidence_abort(struct journal *journal);
void evidence_close(struct journal *journal);

#endif
