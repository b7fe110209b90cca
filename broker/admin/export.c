/*
 * export.c - the entries of a live journal, through the broker, into a
 * journal directory of their own. Every look is itself journalled with person
 * and ground; the copy ends where the first look began.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/admin/admin.h"
#include "broker/journal/journal.h"
#include "proto/message.h"
#include "proto/wire.h"

#define LOOK_COUNT 10000u

struct copy {
	const struct options *options;
	struct journal *journal;
	uint64_t end;		/* entries to copy */
	uint64_t next;
	struct arena arena;
	uint8_t bytes[256 * 1024];
	/* of the SUBMIT at hand, known from its last entry on: the first is
	 * told apart because numbers of a sender are contiguous */
	uint64_t submit_left;
	struct erasure erased[JOURNAL_ERASURES_MAX];
	size_t n_erased;
};

static enum sk_error
look(struct copy *copy, Sk__ControlAnswer **answer, struct fault *fault)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__Look ask = SK__LOOK__INIT;

	ask.has_from = ask.has_count = ask.has_person = 1;
	ask.from = copy->next;
	ask.count = LOOK_COUNT;
	if (copy->end - copy->next < LOOK_COUNT)
		ask.count = (uint32_t)(copy->end - copy->next);
	ask.person = copy->options->person;
	ask.ground = (char *)(uintptr_t)copy->options->ground;
	command.look = &ask;
	return ask_command(copy->options, &command, answer, fault);
}

/* How many envelopes the SUBMIT has that begins at entries[i]; 0: its end is
 * not in this answer. */
static uint64_t
submit_count(const Sk__ControlAnswer *answer, size_t i)
{
	struct leaf leaf;

	for (; i < answer->n_entries; i++) {
		const ProtobufCBinaryData *bytes = &answer->entries[i]->leaf;

		if (leaf_decode(bytes->data, bytes->len, &leaf) != SK_OK ||
		    leaf.kind != SK__EVENT_KIND__ENVELOPE_EVENT)
			return 0;
		if (leaf.closes_submit)
			return leaf.count;
	}
	return 0;
}

static void
append_envelope(struct copy *copy, const struct leaf *leaf,
    struct append *append, struct header *header)
{
	ProtobufCMessage *outcome = NULL;
	const Sk__Outcome *told = NULL;

	append->sender = leaf->sender;
	append->number = leaf->number;
	arena_reset(&copy->arena);
	if (wire_decode(&sk__outcome__descriptor, "outcome",
	    leaf->outcome.bytes, leaf->outcome.size, LEAF_BYTES_MAX,
	    &copy->arena, &outcome, NULL) == SK_OK)
		told = (const Sk__Outcome *)outcome;
	if (told != NULL && told->accepted)
		append->case_number = told->case_number;
	if (leaf->header_whole && header_decode(leaf->header.bytes,
	    leaf->header.size, &copy->arena, header, NULL) == SK_OK &&
	    (told == NULL || told->code != SK_ENVELOPE_REPEATED))
		append->id = &header->id;
}

static void
append_command(struct copy *copy, const struct leaf *leaf,
    struct append *append)
{
	ProtobufCMessage *message = NULL;
	const Sk__SignedCommand *command;

	arena_reset(&copy->arena);
	if (wire_decode(&sk__signed_command__descriptor, "command",
	    leaf->body.bytes, leaf->body.size, LEAF_BYTES_MAX, &copy->arena,
	    &message, NULL) != SK_OK)
		return;
	command = (const Sk__SignedCommand *)message;
	if (command->n_approvals == 0 ||
	    command->approvals[0]->key_id.len != DIGEST_SIZE)
		return;
	append->operator_key_id = command->approvals[0]->key_id.data;
	append->sequence = command->approvals[0]->sequence;
}

/* Nothing of it is in the copy; its key was made here with its block. */
static void
note_erasure(struct copy *copy, const struct leaf *leaf, uint64_t position)
{
	struct erasure *e = &copy->erased[copy->n_erased];
	ProtobufCMessage *message = NULL;
	const Sk__Effects *effects;

	arena_reset(&copy->arena);
	if (copy->n_erased == JOURNAL_ERASURES_MAX)
		return;		/* the chunk ends before it */
	memset(e, 0, sizeof(*e));
	e->position = position;
	if (leaf->kind == SK__EVENT_KIND__DAYS_ERASED_EVENT &&
	    wire_decode(&sk__days_erased_body__descriptor, "erased",
	    leaf->body.bytes, leaf->body.size, LEAF_BYTES_MAX, &copy->arena,
	    &message, NULL) == SK_OK) {
		e->until_day = ((Sk__DaysErasedBody *)message)->until_day;
		copy->n_erased++;
	} else if (leaf->effects.size > 0 && wire_decode(
	    &sk__effects__descriptor, "effects", leaf->effects.bytes,
	    leaf->effects.size, LEAF_BYTES_MAX, &copy->arena, &message,
	    NULL) == SK_OK) {
		effects = (const Sk__Effects *)message;
		if (effects->erasure == NULL)
			return;
		e->case_number = effects->case_number;
		e->ground = effects->erasure->ground;
		copy->n_erased++;
	}
}

/* *wait: a SUBMIT that the next answer will hold whole. */
static enum sk_error
copy_entry(struct copy *copy, const Sk__ControlAnswer *answer, size_t i,
    bool *wait, struct fault *fault)
{
	const Sk__ExportedEntry *entry = answer->entries[i];
	struct append append = { .leaf = { entry->leaf.data, entry->leaf.len },
		.sealed = { entry->sealed.data, entry->sealed.len },
		.parts = { entry->parts.data, entry->parts.len } };
	uint8_t hash[DIGEST_SIZE];
	struct header header;
	struct leaf leaf;
	uint64_t position;
	enum sk_error rc;

	if ((rc = leaf_decode(entry->leaf.data, entry->leaf.len, &leaf)) != SK_OK)
		return fault_set(fault, rc, "export", "position %llu",
		    (unsigned long long)entry->position);
	if (leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT) {
		if (copy->submit_left == 0) {
			append.opens_submit = true;
			append.count = submit_count(answer, i);
			copy->submit_left = append.count;
			*wait = append.count == 0;
			if (*wait)
				return SK_OK;
		}
		copy->submit_left--;
		append_envelope(copy, &leaf, &append, &header);
	} else if (leaf.kind == SK__EVENT_KIND__CONTROL_EVENT) {
		append_command(copy, &leaf, &append);
	}
	append.parts_case = leaf_parts_case(&leaf);
	note_erasure(copy, &leaf, entry->position);
	rc = journal_append(copy->journal, &append, leaf.instant, &position,
	    hash);
	if (rc == SK_OK && position != entry->position)
		rc = SK_STORE_CORRUPT;
	return rc == SK_OK ? rc : fault_set(fault, rc, "export",
	    "position %llu", (unsigned long long)entry->position);
}

/* What witnesses signed at the size that the copy has by now, and the
 * checkpoint that they signed. */
static enum sk_error
copy_witnesses(struct copy *copy, const Sk__ControlAnswer *answer,
    size_t *next)
{
	const uint64_t size = journal_size(copy->journal);
	enum sk_error rc = SK_OK;

	for (; rc == SK_OK && *next < answer->n_cosigned &&
	    answer->cosigned[*next]->size <= size; (*next)++) {
		const Sk__CosignedRow *row = answer->cosigned[*next];

		if (row->size < size)
			return SK_STORE_CORRUPT;
		if (row->note.len > 0)
			rc = journal_keep_checkpoint(copy->journal,
			    (struct span){ row->note.data, row->note.len });
		if (rc == SK_OK)
			rc = journal_cosign(copy->journal, row->size,
			    row->participant, (struct span){ row->line.data,
			    row->line.len });
	}
	return rc;
}

/* Of another size it covers entries that come in the next answer; of one that
 * witnesses signed it is there. */
static enum sk_error
copy_checkpoint(struct copy *copy, const Sk__ControlAnswer *answer)
{
	struct span note = { answer->checkpoint.data, answer->checkpoint.len };
	uint64_t size = 0;
	struct span kept;
	enum sk_error rc;

	if (note.size == 0 || (journal_checkpoint(copy->journal,
	    journal_size(copy->journal), &size, &kept) == SK_OK &&
	    size == journal_size(copy->journal)))
		return SK_OK;
	rc = journal_keep_checkpoint(copy->journal, note);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

static enum sk_error
copy_chunk(struct copy *copy, struct fault *fault)
{
	Sk__ControlAnswer *answer = NULL;
	uint64_t before = copy->next;
	size_t cosigned = 0;
	bool wait = false;
	enum sk_error rc;

	if ((rc = look(copy, &answer, fault)) != SK_OK)
		return rc;
	rc = journal_begin(copy->journal);
	for (size_t i = 0; i < answer->n_entries && rc == SK_OK && !wait &&
	    copy->n_erased < JOURNAL_ERASURES_MAX; i++) {
		rc = copy_entry(copy, answer, i, &wait, fault);
		if (rc == SK_OK && !wait) {
			copy->next++;
			rc = copy_witnesses(copy, answer, &cosigned);
		}
	}
	if (rc == SK_OK)
		rc = copy_checkpoint(copy, answer);
	if (rc == SK_OK)
		rc = journal_commit(copy->journal);
	else
		journal_abort(copy->journal);
	if (rc == SK_OK)
		rc = journal_erase(copy->journal, copy->erased,
		    copy->n_erased);
	copy->n_erased = 0;
	if (rc == SK_OK && copy->next == before)
		rc = fault_set(fault, SK_STORE_CORRUPT, "export",
		    "nothing came from position %llu",
		    (unsigned long long)before);
	answer_free(answer);
	return rc;
}

/* The same founding body makes the same entry at position 0. */
static enum sk_error
found_copy(struct copy *copy, struct fault *fault)
{
	ProtobufCMessage *message = NULL;
	Sk__ControlAnswer *answer = NULL;
	struct leaf leaf;
	enum sk_error rc = ask_status(copy->options, &answer, fault);

	if (rc != SK_OK)
		return rc;
	copy->end = answer->status->entries;
	copy->next = 1;
	if (leaf_decode(answer->status->founding_leaf.data,
	    answer->status->founding_leaf.len, &leaf) != SK_OK ||
	    wire_decode(&sk__founding_body__descriptor, "founding",
	    leaf.body.bytes, leaf.body.size, LEAF_BYTES_MAX, &copy->arena,
	    &message, fault) != SK_OK)
		rc = fault_set(fault, SK_MALFORMED, "status.founding_leaf",
		    NULL);
	else
		rc = journal_found(copy->options->out,
		    (const Sk__FoundingBody *)message, fault);
	answer_free(answer);
	if (rc == SK_OK)
		rc = journal_open(copy->options->out, NULL, false,
		    &copy->journal, fault);
	return rc;
}

int
verb_export(const struct options *options)
{
	static struct copy copy;
	struct fault fault = { 0 };
	enum sk_error rc;

	copy.options = options;
	arena_init(&copy.arena, copy.bytes, sizeof(copy.bytes));
	if (options->out == NULL || options->person == 0 ||
	    options->ground == NULL) {
		fault_set(&fault, SK_USAGE, "export",
		    "--out DIR, --person N and --ground TEXT");
		return admin_fail(options, &fault);
	}
	rc = found_copy(&copy, &fault);
	while (rc == SK_OK && copy.next < copy.end)
		rc = copy_chunk(&copy, &fault);
	journal_close(copy.journal);
	if (rc != SK_OK)
		return admin_fail(options, &fault);
	printf("%s: %llu regels / entries\n", options->out,
	    (unsigned long long)copy.next);
	return EXIT_SUCCESS;
}
