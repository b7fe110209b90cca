/*
 * backup.c - a copy of a live journal, or a copy brought up to date: rows as
 * they lie, without keys; the keys as a set of their own, made anew each time,
 * so that a key that was erased is not in it.
 */
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/admin/admin.h"
#include "broker/journal/copy.h"
#include "broker/lib/file.h"
#include "proto/bytes.h"

#define KEYS_AT_ONCE 1024u

struct backup {
	const struct options *options;
	const char *dir;
	struct journal *journal;
	uint64_t had, end;	/* entries before, and at the end */
	uint8_t root[DIGEST_SIZE];
	uint8_t founding[DIGEST_SIZE];
	ProtobufCBinaryData ticket;
	uint8_t ticket_bytes[64];
	uint64_t position;	/* of the command */
	uint64_t keys;
	uint64_t lines;		/* of erasures.log, done in the keys */
};

static bool
exists(const char *dir, const char *name)
{
	char path[PATH_MAX];

	file_path(path, sizeof(path), dir, name);
	return access(path, F_OK) == 0;
}

/* What there is, or the founding entry alone. */
static enum sk_error
open_copy(struct backup *b, struct fault *fault)
{
	Sk__ControlAnswer *status = NULL;
	enum sk_error rc = ask_status(b->options, &status, fault);

	if (rc == SK_OK)
		rc = copy_open(b->dir, &b->journal, fault);
	/* Nothing yet, or what a kill left before the first commit. */
	if (rc == SK_NOT_FOUND && (rc = copy_found(b->dir, (struct span){
	    status->status->founding_leaf.data,
	    status->status->founding_leaf.len }, fault)) == SK_OK)
		rc = copy_open(b->dir, &b->journal, fault);
	if (rc == SK_OK && (status->status->founding.len != DIGEST_SIZE ||
	    memcmp(status->status->founding.data,
	    journal_founding(b->journal)->digest, DIGEST_SIZE) != 0))
		rc = fault_set(fault, SK_STORE_MISMATCH, b->dir,
		    "a copy of another journal");
	answer_free(status);
	if (rc != SK_OK)
		return rc;
	memcpy(b->founding, journal_founding(b->journal)->digest, DIGEST_SIZE);
	b->had = journal_size(b->journal);
	return SK_OK;
}

static enum sk_error
begin(struct backup *b, struct fault *fault)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__Backup backup = SK__BACKUP__INIT;
	Sk__ControlAnswer *answer = NULL;
	uint8_t root[DIGEST_SIZE];
	enum sk_error rc;

	rc = journal_root(b->journal, b->had, root);
	journal_read_end(b->journal);
	if (rc != SK_OK)
		return fault_set(fault, rc, b->dir, "its tree");
	backup.has_have_size = backup.has_have_root = backup.has_keys = 1;
	backup.have_size = b->had;
	backup.have_root = (ProtobufCBinaryData){ DIGEST_SIZE, root };
	backup.keys = b->options->keys != NULL;
	command.backup = &backup;
	if ((rc = ask_command(b->options, &command, &answer, fault)) != SK_OK)
		return rc;
	if (answer->ticket.len == 0 ||
	    answer->ticket.len > sizeof(b->ticket_bytes))
		rc = fault_set(fault, SK_MALFORMED, "answer.ticket", NULL);
	else
		memcpy(b->ticket_bytes, answer->ticket.data,
		    answer->ticket.len);
	b->ticket = (ProtobufCBinaryData){ answer->ticket.len,
		b->ticket_bytes };
	b->position = answer->position;
	answer_free(answer);
	return rc;
}

static enum sk_error
ask_rows(const struct backup *b, uint64_t from, bool beside,
    Sk__ControlAnswer **answer, struct fault *fault)
{
	Sk__ControlRequest request = SK__CONTROL_REQUEST__INIT;
	Sk__AskRows rows = SK__ASK_ROWS__INIT;

	rows.has_ticket = rows.has_from = rows.has_beside = 1;
	rows.ticket = b->ticket;
	rows.from = from;
	rows.beside = beside;
	request.rows = &rows;
	return ask_question(b->options, &request, answer, fault);
}

static enum sk_error
ask_erasures(const struct backup *b, uint64_t from,
    Sk__ControlAnswer **answer, struct fault *fault)
{
	Sk__ControlRequest request = SK__CONTROL_REQUEST__INIT;
	Sk__AskRows rows = SK__ASK_ROWS__INIT;

	rows.has_ticket = rows.has_from = rows.has_erasures = 1;
	rows.ticket = b->ticket;
	rows.from = from;
	rows.erasures = 1;
	request.rows = &rows;
	return ask_question(b->options, &request, answer, fault);
}

static enum sk_error
append(struct journal *journal, const Sk__CopiedEntry *entry)
{
	const struct copied copied = {
		.position = entry->position,
		.leaf = { entry->leaf.data, entry->leaf.len },
		.sealed = { entry->sealed.data, entry->sealed.len },
		.row = { entry->row.data, entry->row.len },
		.note = { entry->note.data, entry->note.len },
		.submit_count = entry->submit_count,
	};

	return copy_append(journal, &copied);
}

static enum sk_error
take_chunk(struct backup *b, struct fault *fault)
{
	uint64_t from = journal_size(b->journal);
	Sk__ControlAnswer *answer = NULL;
	enum sk_error rc = ask_rows(b, from, false, &answer, fault);

	if (rc != SK_OK)
		return rc;
	b->end = answer->backup_size;
	if (answer->n_copied == 0 && from < b->end)
		rc = SK_STORE_CORRUPT;
	if (rc == SK_OK && answer->n_copied > 0)
		rc = journal_begin(b->journal);
	for (size_t i = 0; i < answer->n_copied && rc == SK_OK; i++)
		rc = append(b->journal, answer->copied[i]);
	if (rc == SK_OK && answer->n_copied > 0)
		rc = journal_commit(b->journal);
	else
		journal_abort(b->journal);
	answer_free(answer);
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, b->dir,
	    "what came from position %llu on does not fit",
	    (unsigned long long)from);
}

/* What was erased since the copy was made is erased in it too. */
static enum sk_error
prune_chunk(struct backup *b, uint64_t *from, struct fault *fault)
{
	Sk__ControlAnswer *answer = NULL;
	enum sk_error rc = ask_rows(b, *from, true, &answer, fault);

	if (rc != SK_OK)
		return rc;
	if (answer->beside.len == 0)
		rc = SK_MALFORMED;
	if (rc == SK_OK)
		rc = journal_begin(b->journal);
	for (size_t i = 0; i < answer->beside.len && rc == SK_OK &&
	    *from < b->had; i++)
		rc = copy_prune(b->journal, (*from)++, answer->beside.data[i]);
	if (rc == SK_OK)
		rc = journal_commit(b->journal);
	else
		journal_abort(b->journal);
	answer_free(answer);
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, b->dir, NULL);
}

static enum sk_error
copy_entries(struct backup *b, struct fault *fault)
{
	uint64_t pruned = 1;
	enum sk_error rc;

	do
		rc = take_chunk(b, fault);
	while (rc == SK_OK && journal_size(b->journal) < b->end);
	while (rc == SK_OK && pruned < b->had)
		rc = prune_chunk(b, &pruned, fault);
	return rc;
}

static enum sk_error
gather_erasures(struct backup *b, FILE *file, struct fault *fault)
{
	Sk__ControlAnswer *answer = NULL;
	uint64_t from = 0;
	size_t n;
	enum sk_error rc;

	do {
		if ((rc = ask_erasures(b, from, &answer, fault)) != SK_OK)
			break;
		n = answer->erasures.len;
		if (n > 0 && fwrite(answer->erasures.data, 1, n, file) != n)
			rc = fault_set(fault, SK_NO_MEMORY, "erasures.log",
			    NULL);
		from += n;
		answer_free(answer);
	} while (rc == SK_OK && n > 0);
	return rc;
}

/* What says which keys must not come back goes along with the entries. */
static enum sk_error
copy_erasures(struct backup *b, struct fault *fault)
{
	char path[PATH_MAX], *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	enum sk_error rc;

	if (file == NULL)
		return fault_set(fault, SK_NO_MEMORY, b->dir, NULL);
	rc = gather_erasures(b, file, fault);
	if (fclose(file) != 0 && rc == SK_OK)
		rc = fault_set(fault, SK_NO_MEMORY, b->dir, NULL);
	file_path(path, sizeof(path), b->dir, "erasures.log");
	if (rc == SK_OK)
		rc = file_write(path, text, size, 0600, fault);
	free(text);
	return rc;
}

/* ---- what witnesses signed */

#define LATE_SIZES 1024u	/* a witness may sign for a size behind another's */
#define TAIL_ROWS 256u

/* A witness signs for ever larger sizes, each at its own pace: rows that are
 * new since the last copy lie above what the slowest of them had signed. */
static enum sk_error
cosigned_from(struct backup *b, uint64_t *from)
{
	struct cosigned row;
	uint64_t size = UINT64_MAX, participant = UINT64_MAX, n = 0;
	enum sk_error rc = SK_OK;

	*from = 0;
	for (; n < TAIL_ROWS; n++) {
		rc = journal_cosigned_to(b->journal, size, participant, &row);
		if (rc != SK_OK)
			break;
		*from = row.size;
		size = row.participant == 0 ? row.size - 1 : row.size;
		participant = row.participant - 1;
	}
	journal_read_end(b->journal);
	*from = n < TAIL_ROWS || *from < LATE_SIZES ? 0 : *from - LATE_SIZES;
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

static enum sk_error
ask_cosigned(const struct backup *b, uint64_t from, uint64_t participant,
    Sk__ControlAnswer **answer, struct fault *fault)
{
	Sk__ControlRequest request = SK__CONTROL_REQUEST__INIT;
	Sk__AskRows rows = SK__ASK_ROWS__INIT;

	rows.has_ticket = rows.has_from = rows.has_cosignatures =
	    rows.has_participant = 1;
	rows.ticket = b->ticket;
	rows.from = from;
	rows.participant = participant;
	rows.cosignatures = 1;
	request.rows = &rows;
	return ask_question(b->options, &request, answer, fault);
}

/* They lie under checkpoints that are in the copy by now. */
static enum sk_error
take_cosignatures(struct backup *b, struct fault *fault)
{
	Sk__ControlAnswer *answer = NULL;
	uint64_t from = 0, participant = 0;
	size_t n = 0;
	enum sk_error rc = cosigned_from(b, &from);

	if (rc != SK_OK)
		return fault_set(fault, rc, b->dir, "its cosignatures");
	do {
		if ((rc = ask_cosigned(b, from, participant, &answer,
		    fault)) != SK_OK || (n = answer->n_cosigned) == 0)
			break;
		rc = journal_begin(b->journal);
		for (size_t i = 0; rc == SK_OK && i < n; i++) {
			const Sk__CosignedRow *row = answer->cosigned[i];

			rc = journal_cosign(b->journal, row->size,
			    row->participant, (struct span){ row->line.data,
			    row->line.len });
			from = row->size;
			participant = row->participant + 1;
		}
		if (rc == SK_OK)
			rc = journal_commit(b->journal);
		else
			journal_abort(b->journal);
		answer_free(answer);
		answer = NULL;
		if (rc != SK_OK)
			fault_set(fault, rc, b->dir, "its cosignatures");
	} while (rc == SK_OK && participant != 0);
	answer_free(answer);
	return rc;
}

static enum sk_error
verify(struct backup *b, struct fault *fault)
{
	uint64_t size = 0;
	enum sk_error rc;

	if ((rc = copy_verify(b->journal, &size, b->root, fault)) != SK_OK)
		return rc;
	return size == b->end ? SK_OK : fault_set(fault, SK_STORE_CORRUPT,
	    b->dir, "its last checkpoint covers %llu of %llu entries",
	    (unsigned long long)size, (unsigned long long)b->end);
}

/* ---- keys */

static enum sk_error
take_keys(struct backup *b, struct key_set *set, uint64_t *from, bool *more,
    struct fault *fault)
{
	Sk__ControlRequest request = SK__CONTROL_REQUEST__INIT;
	Sk__AskKeys ask = SK__ASK_KEYS__INIT;
	static struct key_row rows[KEYS_AT_ONCE];
	Sk__ControlAnswer *answer = NULL;
	size_t n = 0;
	enum sk_error rc;

	ask.has_ticket = ask.has_from = 1;
	ask.ticket = b->ticket;
	ask.from = *from;
	request.keys = &ask;
	if ((rc = ask_question(b->options, &request, &answer, fault)) != SK_OK)
		return rc;
	if (answer->keys != NULL && answer->keys->n_rows <= KEYS_AT_ONCE)
		n = answer->keys->n_rows;
	*more = n > 0;
	if (*from == 1 && answer->keys != NULL)
		b->lines = answer->keys->erasures;
	for (size_t i = 0; i < n && rc == SK_OK; i++) {
		const Sk__KeyRow *given = answer->keys->rows[i];

		if ((given->key.len != sizeof(rows[i].key) &&
		    given->key.len != 0) || given->number < *from) {
			rc = SK_MALFORMED;
			break;
		}
		rows[i].number = given->number;
		rows[i].destroyed = given->key.len == 0;
		if (given->key.len != 0)
			memcpy(rows[i].key, given->key.data,
			    sizeof(rows[i].key));
		if (given->key.len != 0)
			sodium_memzero(given->key.data, given->key.len);
		*from = given->number + 1;
		b->keys++;
	}
	if (rc == SK_OK && n > 0)
		rc = copy_keys_put(set, rows, n);
	if (rc == SK_OK && !*more && answer->keys != NULL)
		rc = copy_keys_end(set, answer->keys->cases_mark,
		    answer->keys->days_mark, b->lines);
	sodium_memzero(rows, sizeof(rows));
	answer_free(answer);
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, b->options->keys,
	    "keys from %llu on", (unsigned long long)*from);
}

/* A set is two files: nothing else is taken away. Keys of cases that were
 * erased since stand in an old one: it does not lie about in free blocks. */
static enum sk_error
remove_set(const char *path, struct fault *fault)
{
	static const char *const names[] = { "data.mdb", "lock.mdb", "owner" };
	char file[PATH_MAX];
	int rc = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && rc == 0;
	    i++) {
		file_path(file, sizeof(file), path, names[i]);
		rc = file_wipe(file);
	}
	if (rc != 0)
		return fault_set(fault, SK_FILE_IO, file, "%s", strerror(rc));
	rmdir(path);
	return SK_OK;
}

/* The new set takes the place of the old one in one step. */
static enum sk_error
replace_set(const char *made, const char *path, struct fault *fault)
{
	enum sk_error rc;

	if (access(path, F_OK) != 0)
		return file_rename(made, path, fault);
	rc = file_exchange(made, path, fault);
	return rc == SK_OK ? remove_set(made, fault) : rc;
}

static enum sk_error
copy_keys(struct backup *b, struct fault *fault)
{
	char made[PATH_MAX];
	struct key_set *set = NULL;
	uint64_t from = 1;
	bool more = true;
	enum sk_error rc;

	if (b->options->keys == NULL)
		return SK_OK;
	snprintf(made, sizeof(made), "%s.new", b->options->keys);
	if (access(b->options->keys, F_OK) == 0 &&
	    !exists(b->options->keys, "data.mdb"))
		return fault_set(fault, SK_STORE_MISMATCH, b->options->keys,
		    "something else is there");
	if ((rc = remove_set(made, fault)) != SK_OK)
		return rc;
	if ((rc = copy_keys_make(made, b->founding, &set)) != SK_OK)
		return fault_set(fault, rc, made, NULL);
	while (rc == SK_OK && more)
		rc = take_keys(b, set, &from, &more, fault);
	copy_keys_close(set);
	if (rc == SK_OK)
		rc = replace_set(made, b->options->keys, fault);
	return rc;
}

static int
tell(const struct backup *b)
{
	char root[65];

	sodium_bin2hex(root, sizeof(root), b->root, DIGEST_SIZE);
	if (b->options->json) {
		printf("{\"ok\": true, \"position\": %llu, \"entries\": %llu, "
		    "\"had\": %llu, \"root\": \"%s\", \"keys\": %llu}\n",
		    (unsigned long long)b->position,
		    (unsigned long long)b->end, (unsigned long long)b->had,
		    root, (unsigned long long)b->keys);
		return EXIT_SUCCESS;
	}
	printf("%s: %llu regels, waarvan %llu nieuw; nagerekend, wortel %s\n"
	    "%s: %llu entries, %llu of them new; verified, root %s\n",
	    b->dir, (unsigned long long)b->end,
	    (unsigned long long)(b->end - b->had), root, b->dir,
	    (unsigned long long)b->end, (unsigned long long)(b->end - b->had),
	    root);
	if (b->options->keys != NULL)
		printf("%s: %llu sleutels / keys\n", b->options->keys,
		    (unsigned long long)b->keys);
	return EXIT_SUCCESS;
}

int
verb_backup(const struct options *options)
{
	struct backup b = { .options = options };
	struct fault fault = { 0 };
	enum sk_error rc;

	if (options->n_rest != 1) {
		fault_set(&fault, SK_USAGE, "backup", "DIR [--keys DIR]");
		return admin_fail(options, &fault);
	}
	b.dir = options->rest[0];
	if ((rc = open_copy(&b, &fault)) == SK_OK &&
	    (rc = begin(&b, &fault)) == SK_OK &&
	    (rc = copy_entries(&b, &fault)) == SK_OK &&
	    (rc = take_cosignatures(&b, &fault)) == SK_OK &&
	    (rc = verify(&b, &fault)) == SK_OK &&
	    (rc = copy_keys(&b, &fault)) == SK_OK)
		rc = copy_erasures(&b, &fault);
	journal_close(b.journal);
	return rc == SK_OK ? tell(&b) : admin_fail(options, &fault);
}
