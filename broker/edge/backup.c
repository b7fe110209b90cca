/*
 * backup.c - what a copy asks for while the broker runs: rows as they lie, a
 * bounded answer at a time, each in a read transaction of its own. The journal
 * only grows, so entries below a size are the same in every answer.
 */
#include <sodium.h>
#include <string.h>

#include "broker/edge/internal.h"
#include "broker/journal/copy.h"
#include "proto/message.h"

#define BESIDE_MAX (1u << 20)
#define KEYS_MAX 1024u

enum sk_error
backup_begin(struct broker *broker, const Sk__Backup *backup,
    struct arena *arena, Sk__ControlAnswer *answer)
{
	randombytes_buf(broker->ticket, BACKUP_TICKET_SIZE);
	broker->ticket_until = clock_ticks() + BACKUP_TICKET_MS;
	broker->ticket_keys = backup->keys;
	/* Known once this very command is on the disk. */
	broker->backup_size = 0;
	answer->ticket.data = arena_copy(arena, broker->ticket,
	    BACKUP_TICKET_SIZE);
	if (answer->ticket.data == NULL)
		return SK_NO_MEMORY;
	answer->has_ticket = 1;
	answer->ticket.len = BACKUP_TICKET_SIZE;
	log_event(LOG_INFO, "backup begins", "from=%llu keys=%d",
	    (unsigned long long)backup->have_size, backup->keys != 0);
	return SK_OK;
}

static enum sk_error
check_ticket(const struct broker *broker, const ProtobufCBinaryData *ticket,
    struct fault *fault)
{
	if (broker->ticket_until == 0 || clock_ticks() > broker->ticket_until ||
	    ticket->len != BACKUP_TICKET_SIZE || sodium_memcmp(ticket->data,
	    broker->ticket, BACKUP_TICKET_SIZE) != 0)
		return fault_set(fault, SK_BACKUP_TICKET, "ticket",
		    "one backup at a time, within an hour");
	return SK_OK;
}

static enum sk_error
take(struct arena *arena, struct span span, protobuf_c_boolean *has,
    ProtobufCBinaryData *out)
{
	if (span.size == 0)
		return SK_OK;
	*has = 1;
	out->len = span.size;
	out->data = arena_copy(arena, span.bytes, span.size);
	return out->data == NULL ? SK_NO_MEMORY : SK_OK;
}

static enum sk_error
take_entry(struct broker *broker, uint64_t position, struct arena *arena,
    Sk__ControlAnswer *answer, size_t *bytes)
{
	Sk__CopiedEntry *entry = arena_new(arena, Sk__CopiedEntry,
	    sk__copied_entry__init);
	struct copied copied;
	enum sk_error rc;

	if (entry == NULL)
		return SK_NO_MEMORY;
	if ((rc = copy_read(broker->journal, position, &copied)) != SK_OK)
		return rc;
	entry->has_position = 1;
	entry->position = position;
	entry->has_submit_count = copied.submit_count != 0;
	entry->submit_count = copied.submit_count;
	if ((rc = take(arena, copied.leaf, &entry->has_leaf,
	    &entry->leaf)) != SK_OK ||
	    (rc = take(arena, copied.sealed, &entry->has_sealed,
	    &entry->sealed)) != SK_OK ||
	    (rc = take(arena, copied.row, &entry->has_row,
	    &entry->row)) != SK_OK ||
	    (rc = take(arena, copied.note, &entry->has_note,
	    &entry->note)) != SK_OK)
		return rc;
	*bytes += copied.leaf.size + copied.sealed.size + copied.row.size +
	    copied.note.size + 64;
	return arena_append(arena, &answer->n_copied,
	    (void ***)&answer->copied, entry) == 0 ? SK_OK : SK_NO_MEMORY;
}

static enum sk_error
take_beside(struct broker *broker, uint64_t from, struct arena *arena,
    Sk__ControlAnswer *answer)
{
	uint64_t n = broker->backup_size - from;
	uint8_t *beside;
	enum sk_error rc = SK_OK;

	if (n > BESIDE_MAX)
		n = BESIDE_MAX;
	if ((beside = arena_take(arena, (size_t)n + 1)) == NULL)
		return SK_NO_MEMORY;
	for (uint64_t i = 0; i < n && rc == SK_OK; i++)
		rc = copy_beside(broker->journal, from + i, &beside[i]);
	answer->has_beside = 1;
	answer->beside.data = beside;
	answer->beside.len = (size_t)n;
	return rc;
}

static enum sk_error
take_erasures(struct broker *broker, uint64_t from, struct arena *arena,
    Sk__ControlAnswer *answer)
{
	uint8_t *bytes = arena_take(arena, BACKUP_ROWS_BYTES);
	size_t n = 0;
	enum sk_error rc;

	if (bytes == NULL)
		return SK_NO_MEMORY;
	rc = copy_erasures_read(broker->journal, from, bytes,
	    BACKUP_ROWS_BYTES, &n);
	answer->has_erasures = 1;
	answer->erasures.data = bytes;
	answer->erasures.len = n;
	return rc;
}

enum sk_error
backup_rows(struct broker *broker, const Sk__AskRows *ask,
    struct arena *arena, Sk__ControlAnswer *answer, struct fault *fault)
{
	uint64_t position = ask->from;
	struct span note;
	size_t bytes = 0;
	enum sk_error rc;

	if ((rc = check_ticket(broker, &ask->ticket, fault)) != SK_OK)
		return rc;
	if (broker->backup_size == 0 && (rc = journal_checkpoint(
	    broker->journal, journal_committed(broker->journal),
	    &broker->backup_size, &note)) != SK_OK)
		return rc;
	answer->has_backup_size = 1;
	answer->backup_size = broker->backup_size;
	if (ask->cosignatures) {
		rc = witness_rows(broker, ask->from, ask->participant,
		    broker->backup_size, false, arena, answer);
		journal_read_end(broker->journal);
		return rc;
	}
	if (ask->erasures)
		return take_erasures(broker, ask->from, arena, answer);
	if (ask->beside && position < broker->backup_size)
		rc = take_beside(broker, position, arena, answer);
	while (rc == SK_OK && !ask->beside &&
	    position < broker->backup_size && bytes < BACKUP_ROWS_BYTES)
		rc = take_entry(broker, position++, arena, answer, &bytes);
	journal_read_end(broker->journal);
	return rc;
}

enum sk_error
backup_keys(struct broker *broker, const Sk__AskKeys *ask,
    struct arena *arena, Sk__ControlAnswer *answer, struct fault *fault)
{
	struct key_row *rows = arena_take(arena, KEYS_MAX * sizeof(*rows));
	Sk__KeyRows *keys = arena_new(arena, Sk__KeyRows, sk__key_rows__init);
	struct key_counts counts;
	uint64_t lines = 0;
	size_t n = 0;
	enum sk_error rc;

	if (rows == NULL || keys == NULL)
		return SK_NO_MEMORY;
	if ((rc = check_ticket(broker, &ask->ticket, fault)) != SK_OK)
		return rc;
	if (!broker->ticket_keys)
		return fault_set(fault, SK_BACKUP_TICKET, "ticket",
		    "this backup was not signed for with its keys");
	rc = copy_keys_mark(broker->journal, &lines);
	if (rc == SK_OK)
		rc = copy_keys_read(broker->journal, ask->from, rows, KEYS_MAX,
		    &n);
	if (rc == SK_OK)
		rc = journal_key_counts(broker->journal, &counts);
	for (size_t i = 0; i < n && rc == SK_OK; i++) {
		Sk__KeyRow *row = arena_new(arena, Sk__KeyRow,
		    sk__key_row__init);

		if (row == NULL)
			return SK_NO_MEMORY;
		row->has_number = row->has_key = 1;
		row->number = rows[i].number;
		row->key = (ProtobufCBinaryData){ rows[i].destroyed ? 0 :
			sizeof(rows[i].key), rows[i].key };
		if (arena_append(arena, &keys->n_rows, (void ***)&keys->rows,
		    row) != 0)
			rc = SK_NO_MEMORY;
	}
	if (rc != SK_OK)
		return rc;
	keys->has_cases_mark = keys->has_days_mark = keys->has_erasures = 1;
	keys->erasures = lines;
	keys->cases_mark = counts.cases_mark;
	keys->days_mark = counts.days_mark;
	answer->keys = keys;
	return SK_OK;
}
