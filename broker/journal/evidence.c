/*
 * evidence.c - the tree over the entries and the signed checkpoint of each
 * commit: both stand in the transaction whose entries they cover.
 */
#include <string.h>

#include "broker/journal/internal.h"

enum sk_error
evidence_found(struct store_txn *txn, const uint8_t leaf[DIGEST_SIZE])
{
	struct tree *tree = NULL;
	enum sk_error rc;

	if ((rc = tree_open(txn, TILES, 0, &tree)) != SK_OK)
		return rc;
	if ((rc = tree_append(tree, txn, leaf)) == SK_OK)
		rc = tree_flush(tree, txn);
	tree_close(tree);
	return rc;
}

/* The last checkpoint that the store has, opened. */
static enum sk_error
last_checkpoint(const struct journal *journal, struct store_txn *txn,
    struct checkpoint *checkpoint)
{
	struct store_cursor *cursor;
	struct note_key key;
	struct note opened;
	struct span size, note;
	uint64_t at = 0;
	enum sk_error rc;

	rc = store_cursor_open(txn, CHECKPOINTS, &cursor);
	if (rc != SK_OK)
		return rc;
	rc = store_seek_le(cursor, (struct span){ NULL, 0 }, &size, &note);
	if (rc == SK_OK) {
		memcpy(&at, size.bytes, sizeof(at));
		rc = journal_log_key(journal, at, &key);
	}
	if (rc == SK_OK) {
		rc = checkpoint_open(checkpoint, &opened, note.bytes,
		    note.size, &key);
		if (rc != SK_OK || checkpoint->size != at)
			rc = SK_STORE_CORRUPT;
	}
	store_cursor_close(cursor);
	return rc;
}

enum sk_error
evidence_last(struct journal *journal, struct checkpoint *checkpoint)
{
	struct store_txn *txn;
	enum sk_error rc = journal_reader(journal, &txn);

	return rc == SK_OK ? last_checkpoint(journal, txn, checkpoint) : rc;
}

/* An edge that was altered as a whole hashes to itself: only what was signed
 * shows it. A copy may have entries behind its last checkpoint. */
static enum sk_error
check_signed(const struct journal *journal, struct store_txn *txn)
{
	struct checkpoint checkpoint;
	uint8_t root[DIGEST_SIZE];
	enum sk_error rc;

	rc = last_checkpoint(journal, txn, &checkpoint);
	if (rc != SK_OK)
		return rc == SK_NOT_FOUND ? SK_OK : rc;
	if (checkpoint.size > journal->size)
		return SK_STORE_CORRUPT;
	if (checkpoint.size == journal->size)
		tree_root(journal->tree, root);
	else
		rc = tree_root_at(txn, TILES, checkpoint.size, root);
	if (rc == SK_OK && memcmp(root, checkpoint.root, DIGEST_SIZE) != 0)
		rc = SK_STORE_CORRUPT;
	return rc;
}

enum sk_error
evidence_open(struct journal *journal, struct store_txn *txn)
{
	enum sk_error rc;

	rc = tree_open(txn, TILES, journal->size, &journal->tree);
	return rc == SK_OK ? check_signed(journal, txn) : rc;
}

void
evidence_close(struct journal *journal)
{
	tree_close(journal->tree);
	journal->tree = NULL;
	signing_close(journal);
}

/* After this the tree is what the store has; a tree that cannot be read back
 * makes the journal one to reopen. */
void
evidence_abort(struct journal *journal)
{
	struct store_txn *txn;
	enum sk_error rc;

	signing_abort(journal);
	charters_abort(journal);
	if ((rc = journal_reader(journal, &txn)) == SK_OK)
		rc = tree_reload(journal->tree, txn, journal->committed);
	journal_read_end(journal);
	if (rc != SK_OK)
		journal->commit_error = rc;
}

static enum sk_error
sign_checkpoint(struct journal *journal)
{
	struct checkpoint checkpoint = { .size = journal->size };
	uint8_t bytes[CHECKPOINT_NOTE_MAX];
	const uint8_t *secret = signing_secret(journal, journal->size);
	uint64_t size = journal->size;
	struct note_key key;
	struct writer w;
	enum sk_error rc;

	memcpy(checkpoint.origin, journal->founding.origin,
	    sizeof(journal->founding.origin));
	tree_root(journal->tree, checkpoint.root);
	writer_init(&w, bytes, sizeof(bytes));
	if (secret == NULL)
		return SK_CRYPTO;
	if ((rc = journal_log_key(journal, size, &key)) != SK_OK ||
	    (rc = checkpoint_sign(&w, &checkpoint, &key, secret)) != SK_OK)
		return rc;
	if (!writer_done(&w))
		return SK_OVERSIZED;
	return store_put(journal->write, CHECKPOINTS, SPAN_U64(size),
	    (struct span){ bytes, w.size }, PUT_APPEND, NULL);
}

enum sk_error
evidence_commit(struct journal *journal)
{
	enum sk_error rc;

	if (journal->size == journal->committed)
		return SK_OK;
	rc = tree_flush(journal->tree, journal->write);
	if (rc == SK_OK && journal->signs)
		rc = sign_checkpoint(journal);
	return rc;
}

enum sk_error
journal_keep_checkpoint(struct journal *journal, struct span note)
{
	struct checkpoint checkpoint;
	struct note opened;
	struct note_key key;
	uint8_t root[DIGEST_SIZE];
	enum sk_error rc;

	if (journal->write == NULL)
		return SK_STORE_IO;
	if ((rc = journal_log_key(journal, journal->size, &key)) != SK_OK ||
	    (rc = checkpoint_open(&checkpoint, &opened, note.bytes, note.size,
	    &key)) != SK_OK)
		return rc;
	if (checkpoint.size != journal->size)
		return SK_NOT_FOUND;
	tree_root(journal->tree, root);
	if (memcmp(root, checkpoint.root, DIGEST_SIZE) != 0)
		return SK_STORE_CORRUPT;
	return store_put(journal->write, CHECKPOINTS,
	    SPAN_U64(checkpoint.size), note, PUT_APPEND, NULL);
}

/* ---- reading */

enum sk_error
journal_checkpoint(struct journal *journal, uint64_t size_max,
    uint64_t *size, struct span *note)
{
	struct store_cursor *cursor;
	struct store_txn *txn;
	struct span key;
	enum sk_error rc;

	if ((rc = journal_reader(journal, &txn)) != SK_OK ||
	    (rc = store_cursor_open(txn, CHECKPOINTS, &cursor)) != SK_OK)
		return rc;
	rc = store_seek_le(cursor, SPAN_U64(size_max), &key, note);
	if (rc == SK_OK)
		memcpy(size, key.bytes, sizeof(*size));
	store_cursor_close(cursor);
	return rc;
}

enum sk_error
journal_checkpoint_from(struct journal *journal, uint64_t size_min,
    uint64_t *size, struct span *note)
{
	struct store_cursor *cursor;
	struct store_txn *txn;
	struct span key;
	enum sk_error rc;

	if ((rc = journal_reader(journal, &txn)) != SK_OK ||
	    (rc = store_cursor_open(txn, CHECKPOINTS, &cursor)) != SK_OK)
		return rc;
	rc = store_seek_ge(cursor, SPAN_U64(size_min), &key, note);
	if (rc == SK_OK)
		memcpy(size, key.bytes, sizeof(*size));
	store_cursor_close(cursor);
	return rc;
}

enum sk_error
journal_root(struct journal *journal, uint64_t size,
    uint8_t root[DIGEST_SIZE])
{
	struct store_txn *txn;
	enum sk_error rc;

	if ((rc = journal_reader(journal, &txn)) != SK_OK)
		return rc;
	return tree_root_at(txn, TILES, size, root);
}

enum sk_error
journal_inclusion(struct journal *journal, uint64_t position, uint64_t size,
    uint8_t path[TLOG_PATH_MAX][DIGEST_SIZE], size_t *n)
{
	struct store_txn *txn;
	enum sk_error rc;

	if ((rc = journal_reader(journal, &txn)) != SK_OK)
		return rc;
	return tree_inclusion(txn, TILES, position, size, path, n);
}

enum sk_error
journal_consistency(struct journal *journal, uint64_t old_size,
    uint64_t new_size, uint8_t proof[TLOG_CONSISTENCY_MAX][DIGEST_SIZE],
    size_t *n)
{
	struct store_txn *txn;
	enum sk_error rc;

	if ((rc = journal_reader(journal, &txn)) != SK_OK)
		return rc;
	return tree_consistency(txn, TILES, old_size, new_size, proof, n);
}

enum sk_error
journal_tile(struct journal *journal, uint64_t size, unsigned level,
    uint64_t index, struct span *hashes)
{
	struct store_txn *txn;
	enum sk_error rc;

	if ((rc = journal_reader(journal, &txn)) != SK_OK)
		return rc;
	return tree_tile(txn, TILES, size, level, index, hashes);
}

enum sk_error
journal_check_tile(struct journal *journal, unsigned level, uint64_t index)
{
	struct store_txn *txn;
	enum sk_error rc;

	if ((rc = journal_reader(journal, &txn)) != SK_OK)
		return rc;
	return tree_check_tile(txn, TILES, journal->size, level, index);
}
