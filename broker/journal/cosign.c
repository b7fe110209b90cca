/*
 * cosign.c - what witnesses signed: lines of c2sp.org/tlog-cosignature beside
 * the checkpoints, one a witness and size.
 */
#include <string.h>

#include "broker/journal/internal.h"

#define KEY_SIZE 16u

static struct span
row_key(uint64_t size, uint64_t participant, uint8_t key[KEY_SIZE])
{
	be64_put(key, size);
	be64_put(key + 8, participant);
	return (struct span){ key, KEY_SIZE };
}

enum sk_error
journal_cosign(struct journal *journal, uint64_t size, uint64_t participant,
    struct span line)
{
	uint8_t key[KEY_SIZE];
	enum sk_error rc;

	if (line.size > NOTE_LINE_MAX)
		return SK_OVERSIZED;
	if ((rc = journal_begin(journal)) != SK_OK)
		return rc;
	return store_put(journal->write, COSIGNATURES, row_key(size,
	    participant, key), line, PUT_ANY, NULL);
}

bool
journal_in_batch(const struct journal *journal)
{
	return journal->write != NULL;
}

static enum sk_error
take_row(enum sk_error rc, struct span key, struct cosigned *out)
{
	if (rc != SK_OK)
		return rc;
	if (key.size != KEY_SIZE)
		return SK_STORE_CORRUPT;
	out->size = be64_get(key.bytes);
	out->participant = be64_get((const uint8_t *)key.bytes + 8);
	return SK_OK;
}

enum sk_error
journal_cosigned_from(struct journal *journal, uint64_t size,
    uint64_t participant, struct cosigned *out)
{
	struct store_cursor *cursor;
	struct store_txn *txn;
	uint8_t wanted[KEY_SIZE];
	struct span key = { NULL, 0 };
	enum sk_error rc;

	if ((rc = journal_reader(journal, &txn)) != SK_OK ||
	    (rc = store_cursor_open(txn, COSIGNATURES, &cursor)) != SK_OK)
		return rc;
	rc = store_seek_ge(cursor, row_key(size, participant, wanted), &key,
	    &out->line);
	rc = take_row(rc, key, out);
	store_cursor_close(cursor);
	return rc;
}

enum sk_error
journal_cosigned_to(struct journal *journal, uint64_t size,
    uint64_t participant, struct cosigned *out)
{
	struct store_cursor *cursor;
	struct store_txn *txn;
	uint8_t wanted[KEY_SIZE];
	struct span key = { NULL, 0 };
	enum sk_error rc;

	if ((rc = journal_reader(journal, &txn)) != SK_OK ||
	    (rc = store_cursor_open(txn, COSIGNATURES, &cursor)) != SK_OK)
		return rc;
	rc = store_seek_le(cursor, row_key(size, participant, wanted), &key,
	    &out->line);
	rc = take_row(rc, key, out);
	store_cursor_close(cursor);
	return rc;
}

enum sk_error
journal_witnessed_note(struct journal *journal, uint64_t size,
    struct span note, uint8_t *out, size_t *out_size, size_t max)
{
	struct cosigned row;
	uint64_t after = 0;
	enum sk_error rc;

	if (note.size > max)
		return SK_OVERSIZED;
	memcpy(out, note.bytes, note.size);
	*out_size = note.size;
	while ((rc = journal_cosigned_from(journal, size, after, &row)) ==
	    SK_OK && row.size == size) {
		if (*out_size + row.line.size > max)
			return SK_OVERSIZED;
		memcpy(out + *out_size, row.line.bytes, row.line.size);
		*out_size += row.line.size;
		if (row.participant == UINT64_MAX)
			break;
		after = row.participant + 1;
	}
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}
