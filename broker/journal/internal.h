/*
 * internal.h - the journal's own structure, for the files of this folder.
 */
#ifndef JOURNAL_INTERNAL_H
#define JOURNAL_INTERNAL_H

#include <limits.h>
#include <sys/types.h>

#include "broker/journal/archive.h"
#include "broker/journal/journal.h"
#include "broker/journal/tree.h"
#include "broker/journal/vault.h"
#include "proto/note.h"

enum { ENTRIES, SEALED, VAULT, SENT, IDS, COMMANDS, META, TILES,
	CHECKPOINTS, COSIGNATURES };

#define SIGN_SECRETS 2	/* the broker's key, and one that takes its place */

/* Where reading stands in a table whose keys are positions: no row lies from
 * `from` up to `at`, and there lies value. */
struct walk {
	struct store_cursor *cursor;	/* NULL: nothing was read yet */
	uint64_t from, at;
	struct span value;		/* bytes NULL: nothing lies behind */
};

/* An archived year. A writer holds it as it holds the journal itself. */
struct segment {
	struct segment_info info;
	struct store *store;
	struct store_txn *read;		/* held until journal_read_end */
	struct store_cursor *walk[VAULT + 1];
	struct store_txn *write;	/* of an erasure */
};

/* A year that is being moved out. */
struct archive {
	enum archive_phase phase;
	struct segment_info info;
	uint64_t at;			/* the next position to look at */
	struct store *store;		/* being made */
	struct store_txn *write;	/* of an erasure, in that */
	struct tree_edge edge;		/* checking: over what was read back */
	uint64_t signed_size;		/* of the checkpoint that covers it */
	uint8_t signed_root[DIGEST_SIZE];
};

struct journal {
	char path[PATH_MAX];
	struct store *store;
	struct vault *vault;		/* NULL: a reader without keys */
	struct store_txn *write;	/* the open batch */
	struct store_txn *read;		/* held until journal_read_end */
	struct walk walk[VAULT + 1];	/* of read, by table */
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
	struct segment segment[JOURNAL_SEGMENTS_MAX];
	size_t segments, segment_last;	/* how many, and the one read last */
	uint64_t archived_end;		/* 1 up to below this lie in them */
	bool segments_read;		/* in one of them, since read_end */
	bool segment_older;		/* than the journal knows it to be */
	struct archive archive;
	uint8_t closed[JOURNAL_PARTS_MAX + VAULT_OVERHEAD];
	uint8_t opened[JOURNAL_PARTS_MAX];	/* the last sealed part */
};

/* The open batch, or a read transaction held until journal_read_end. */
enum sk_error journal_reader(struct journal *journal, struct store_txn **txn);
/* The row of a position in ENTRIES, SEALED or VAULT, wherever it lies: the one
 * place that knows. */
enum sk_error journal_row(struct journal *journal, unsigned table,
    uint64_t position, struct span *value);

/* segment.c */
#define SEGMENT_RECORD 64u
enum sk_error segments_open(struct journal *journal, struct store_txn *txn,
    struct fault *fault);
void segments_close(struct journal *journal);
enum sk_error segments_row(struct journal *journal, unsigned table,
    uint64_t position, struct span *value);
void segments_read_end(struct journal *journal);
/* *n counts the rows of the journal's own table; on return those of all, and
 * none twice. */
enum sk_error segments_count(struct journal *journal, struct store_txn *txn,
    unsigned table, uint64_t *n);
/* The next position from *at on that has a row; in the open transaction. */
enum sk_error segments_next(struct journal *journal, unsigned table,
    uint64_t *at);
/* In the open transaction, wherever the row lies, and while it is copied.
 * SK_NOT_FOUND: nowhere. */
enum sk_error segments_delete(struct journal *journal, unsigned table,
    uint64_t position);
/* What was deleted in segments, on their disks before the journal's own. */
enum sk_error segments_commit(struct journal *journal);
void segments_abort(struct journal *journal);
/* segments/NAME under the journal, with a name behind it; "" for too long. */
void segment_path(const struct journal *journal, int year, const char *suffix,
    char path[PATH_MAX]);
void segment_encode(const struct segment_info *info,
    uint8_t record[SEGMENT_RECORD]);
bool segment_decode(struct span record, struct segment_info *info);
/* The next one, as it lies; counts once the list that names it is on disk. */
enum sk_error segment_attach(struct journal *journal,
    const struct segment_info *info, struct fault *fault);
void segment_detach(struct segment *segment);
/* In txn: the list of all, those attached included. */
enum sk_error segments_put_list(const struct journal *journal,
    struct store_txn *txn, size_t n);
/* An environment of rows that is being made, without a name yet. */
enum sk_error segment_store(const char *path, bool read_only,
    struct store **store);
/* What it says of itself. */
enum sk_error segment_sign(const struct journal *journal,
    const struct segment_info *info, struct store_txn *txn);

/* archive.c */
/* What a crash left under way goes on. */
enum sk_error archive_open(struct journal *journal, struct fault *fault);
void archive_close(struct journal *journal);
/* An erasure reaches the copy that is being made, too. */
void archive_delete(struct journal *journal, unsigned table,
    uint64_t position);
void archive_settle(struct journal *journal, bool commit);

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
