/*
 * copy.c - entries as they lie, out of one journal and into another.
 */
#include "broker/journal/copy.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/journal/founding.h"
#include "broker/journal/internal.h"
#include "broker/lib/file.h"
#include "proto/arena.h"
#include "proto/control.pb-c.h"
#include "proto/message.h"
#include "proto/note.h"
#include "proto/wire.h"

/* A header, an outcome or a command, and its digests. */
#define COPY_ARENA (512u * 1024)

/* What lies beside an entry; empty: nothing. */
static enum sk_error
row_of(struct journal *journal, unsigned table, uint64_t position,
    struct span *value)
{
	enum sk_error rc;

	*value = (struct span){ NULL, 0 };
	rc = journal_row(journal, table, position, value);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

static enum sk_error
note_of(struct journal *journal, uint64_t size, struct span *value)
{
	struct store_txn *txn;
	enum sk_error rc;

	*value = (struct span){ NULL, 0 };
	if ((rc = journal_reader(journal, &txn)) != SK_OK)
		return rc;
	rc = store_get(txn, CHECKPOINTS, SPAN_U64(size), value);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

/* The row in `sent` names the first of a SUBMIT alone. */
static enum sk_error
submit_count(struct journal *journal, struct span bytes, uint64_t *count)
{
	uint64_t first_number, first_position, envelopes;
	struct leaf leaf;
	enum sk_error rc;

	*count = 0;
	if ((rc = leaf_decode(bytes.bytes, bytes.size, &leaf)) != SK_OK ||
	    leaf.kind != SK__EVENT_KIND__ENVELOPE_EVENT)
		return rc;
	rc = journal_submit_of(journal, leaf.sender, leaf.number,
	    &first_number, &first_position, &envelopes);
	if (rc == SK_OK && first_number == leaf.number)
		*count = envelopes;
	return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
}

enum sk_error
copy_read(struct journal *journal, uint64_t position, struct copied *out)
{
	enum sk_error rc;

	memset(out, 0, sizeof(*out));
	out->position = position;
	rc = journal_leaf(journal, position, &out->leaf);
	if (rc == SK_OK)
		rc = row_of(journal, SEALED, position, &out->sealed);
	if (rc == SK_OK)
		rc = row_of(journal, VAULT, position, &out->row);
	if (rc == SK_OK)
		rc = note_of(journal, position + 1, &out->note);
	if (rc == SK_OK)
		rc = submit_count(journal, out->leaf, &out->submit_count);
	return rc;
}

/* ---- what the look-up rows say follows from the leaf */

struct derived {
	struct append append;
	struct header header;
	struct arena arena;
	uint8_t bytes[COPY_ARENA];
};

static void
derive_envelope(struct derived *d, const struct leaf *leaf, uint64_t count)
{
	ProtobufCMessage *message = NULL;
	const Sk__Outcome *outcome = NULL;
	struct append *append = &d->append;

	append->sender = leaf->sender;
	append->number = leaf->number;
	append->opens_submit = count != 0;
	append->count = count;
	if (wire_decode(&sk__outcome__descriptor, "outcome",
	    leaf->outcome.bytes, leaf->outcome.size, LEAF_BYTES_MAX,
	    &d->arena, &message, NULL) == SK_OK)
		outcome = (const Sk__Outcome *)message;
	if (outcome != NULL && outcome->accepted)
		append->case_number = outcome->case_number;
	if (leaf->header_whole && header_decode(leaf->header.bytes,
	    leaf->header.size, &d->arena, &d->header, NULL) == SK_OK &&
	    (outcome == NULL || outcome->code != SK_ENVELOPE_REPEATED))
		append->id = &d->header.id;
}

static void
derive_command(struct derived *d, const struct leaf *leaf)
{
	ProtobufCMessage *message = NULL;
	const Sk__SignedCommand *command;

	if (wire_decode(&sk__signed_command__descriptor, "command",
	    leaf->body.bytes, leaf->body.size, LEAF_BYTES_MAX, &d->arena,
	    &message, NULL) != SK_OK)
		return;
	command = (const Sk__SignedCommand *)message;
	if (command->n_approvals == 0 ||
	    command->approvals[0]->key_id.len != DIGEST_SIZE)
		return;
	d->append.operator_key_id = command->approvals[0]->key_id.data;
	d->append.sequence = command->approvals[0]->sequence;
}

enum sk_error
copy_append(struct journal *journal, const struct copied *in)
{
	static struct derived d;
	uint8_t hash[DIGEST_SIZE];
	struct leaf leaf;
	uint64_t position;
	enum sk_error rc;

	if (in->position != journal_size(journal))
		return SK_STORE_MISMATCH;
	rc = leaf_decode(in->leaf.bytes, in->leaf.size, &leaf);
	if (rc != SK_OK)
		return rc;
	memset(&d.append, 0, sizeof(d.append));
	arena_init(&d.arena, d.bytes, sizeof(d.bytes));
	d.append.leaf = in->leaf;
	d.append.as_it_lies = true;
	d.append.sealed = in->sealed;
	d.append.parts = in->row;
	if (leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT)
		derive_envelope(&d, &leaf, in->submit_count);
	else if (leaf.kind == SK__EVENT_KIND__CONTROL_EVENT ||
	    leaf.kind == SK__EVENT_KIND__RESTORE_EVENT)
		derive_command(&d, &leaf);
	rc = journal_append(journal, &d.append, leaf.instant, &position, hash);
	if (rc != SK_OK || in->note.size == 0)
		return rc;
	rc = journal_keep_checkpoint(journal, in->note);
	return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
}

enum sk_error
copy_cosignatures(struct journal *from, struct journal *to, uint64_t size)
{
	struct cosigned row = { .size = 0 };
	uint64_t participant = 0;
	enum sk_error rc;

	while ((rc = journal_cosigned_from(from, row.size, participant,
	    &row)) == SK_OK && row.size <= size) {
		rc = journal_cosign(to, row.size, row.participant, row.line);
		if (rc != SK_OK)
			break;
		participant = row.participant + 1;
	}
	journal_read_end(from);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

enum sk_error
copy_beside(struct journal *journal, uint64_t position, uint8_t *beside)
{
	struct span sealed, row;
	enum sk_error rc;

	*beside = 0;
	rc = row_of(journal, SEALED, position, &sealed);
	if (rc == SK_OK)
		rc = row_of(journal, VAULT, position, &row);
	if (rc != SK_OK)
		return rc;
	*beside = (uint8_t)((sealed.size != 0 ? COPY_SEALED : 0) |
	    (row.size != 0 ? COPY_ROW : 0));
	return SK_OK;
}

enum sk_error
copy_prune(struct journal *journal, uint64_t position, uint8_t keep)
{
	uint8_t beside;
	enum sk_error rc;

	if (journal->write == NULL)
		return SK_STORE_IO;
	rc = copy_beside(journal, position, &beside);
	if (rc == SK_OK && (beside & COPY_SEALED) != 0 &&
	    (keep & COPY_SEALED) == 0)
		rc = segments_delete(journal, SEALED, position);
	if (rc == SK_OK && (beside & COPY_ROW) != 0 && (keep & COPY_ROW) == 0)
		rc = segments_delete(journal, VAULT, position);
	return rc;
}

/* ---- the whole of it, hashed anew */

#define READ_AT_ONCE 4096u	/* entries in one read transaction */

static enum sk_error
hash_all(struct journal *journal, struct tree_edge *edge, uint64_t size,
    struct fault *fault)
{
	uint8_t hash[DIGEST_SIZE], there[DIGEST_SIZE];
	struct store_txn *txn;
	struct span leaf;
	enum sk_error rc = SK_OK;

	while (rc == SK_OK && edge->size < size) {
		rc = journal_leaf(journal, edge->size, &leaf);
		if (rc != SK_OK)
			break;
		digest_leaf(hash, leaf.bytes, leaf.size);
		rc = journal_reader(journal, &txn);
		if (rc == SK_OK)
			rc = tree_leaf(txn, TILES, edge->size, there);
		if (rc == SK_OK && memcmp(hash, there, DIGEST_SIZE) != 0)
			rc = SK_STORE_CORRUPT;
		if (rc != SK_OK)
			break;
		tree_edge_add(edge, hash);
		if (edge->size % READ_AT_ONCE == 0)
			journal_read_end(journal);
	}
	journal_read_end(journal);
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, "entry", "%llu",
	    (unsigned long long)edge->size);
}

enum sk_error
copy_verify(struct journal *journal, uint64_t *size,
    uint8_t root[DIGEST_SIZE], struct fault *fault)
{
	struct checkpoint checkpoint;
	struct tree_edge edge = { 0 };
	enum sk_error rc;

	rc = evidence_last(journal, &checkpoint);
	if (rc != SK_OK)
		return fault_set(fault, rc, "checkpoint", rc == SK_NOT_FOUND ?
		    "no entry is under a checkpoint" :
		    "the last checkpoint does not hold");
	if (checkpoint.size > journal_size(journal))
		return fault_set(fault, SK_STORE_CORRUPT, "entry", "%llu",
		    (unsigned long long)journal_size(journal));
	if ((rc = hash_all(journal, &edge, checkpoint.size, fault)) != SK_OK)
		return rc;
	tree_edge_root(&edge, root);
	*size = edge.size;
	if (memcmp(root, checkpoint.root, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_STORE_CORRUPT, "checkpoint",
		    "another root than was signed");
	return SK_OK;
}

enum sk_error
copy_found(const char *path, struct span founding_leaf, struct fault *fault)
{
	struct founding founding;
	enum sk_error rc;

	rc = founding_read(founding_leaf, &founding, fault);
	return rc == SK_OK ? journal_make_entries(path, founding_leaf, fault) :
	    rc;
}

enum sk_error
copy_open(const char *path, struct journal **journal, struct fault *fault)
{
	struct journal *new;

	if ((new = calloc(1, sizeof(*new))) == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	new->no_keys = true;
	return journal_open_with(new, path, NULL, journal, fault);
}

/* ---- keys */

struct key_set {
	struct store *store;
};

enum sk_error
copy_keys_read(struct journal *journal, uint64_t from, struct key_row *rows,
    size_t room, size_t *n)
{
	return vault_read(journal->vault, from, rows, room, n);
}

enum sk_error
copy_keys_mark(struct journal *journal, uint64_t *lines)
{
	*lines = 0;
	return journal->vault == NULL ? SK_OK :
	    vault_mark(journal->vault, lines);
}

enum sk_error
copy_keys_make(const char *path, const uint8_t founding[DIGEST_SIZE],
    struct key_set **out)
{
	struct key_set *set = calloc(1, sizeof(*set));
	enum sk_error rc;

	*out = NULL;
	if (set == NULL)
		return SK_NO_MEMORY;
	rc = vault_make(path, founding);
	if (rc == SK_OK)
		rc = vault_open_store(path, &set->store);
	if (rc == SK_OK)
		*out = set;
	else
		copy_keys_close(set);
	return rc;
}

enum sk_error
copy_keys_put(struct key_set *set, const struct key_row *rows, size_t n)
{
	return vault_write(set->store, rows, n);
}

enum sk_error
copy_keys_end(struct key_set *set, uint64_t cases_mark, uint64_t days_mark,
    uint64_t lines)
{
	return vault_write_marks(set->store, cases_mark, days_mark, lines);
}

void
copy_keys_close(struct key_set *set)
{
	if (set != NULL)
		store_close(set->store);
	free(set);
}

enum sk_error
copy_erasures_read(struct journal *journal, uint64_t from, void *bytes,
    size_t room, size_t *n)
{
	ssize_t got;

	*n = 0;
	if (journal->erasures < 0)
		return SK_OK;
	got = pread(journal->erasures, bytes, room, (off_t)from);
	if (got < 0)
		return SK_STORE_IO;
	*n = (size_t)got;
	return SK_OK;
}
