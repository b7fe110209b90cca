/*
 * evidence.c - the journal's checkpoints as agents see them: each is shown
 * with the proof that it begins with the one before, so that a broker which
 * tells two agents two histories is found out by either.
 */
#include <string.h>

#include "broker/edge/internal.h"
#include "proto/message.h"
#include "proto/note.h"

/* Signed in a journal that this one goes on from, of more than it kept? */
static bool
is_lost(const struct broker *broker, const struct checkpoint *kept)
{
	const struct founding *founding = journal_founding(broker->journal);
	size_t restores = journal_restores(broker->journal);
	char origin[ORIGIN_MAX];

	for (size_t i = 0; i < restores; i++)
		if (kept->size > journal_restored_at(broker->journal, i) &&
		    origin_with(founding->origin, founding->number -
		    (restores - i), origin) == SK_OK &&
		    strcmp(kept->origin, origin) == 0)
			return true;
	return false;
}

/* A checkpoint of ours, under the key that we had at its size. */
static enum sk_error
open_own(const struct broker *broker, ProtobufCBinaryData bytes,
    struct checkpoint *kept, bool *lost)
{
	struct note note;
	struct note_key key;
	enum sk_error rc;

	if ((rc = note_open(&note, bytes.data, bytes.len)) != SK_OK ||
	    (rc = checkpoint_parse(kept, note.text)) != SK_OK)
		return rc;
	*lost = is_lost(broker, kept);
	if (*lost || (rc = journal_log_key(broker->journal, kept->size,
	    &key)) != SK_OK)
		return rc;
	return checkpoint_open(kept, &note, bytes.data, bytes.len, &key);
}

/* We signed it and do not know it: nothing may be signed on top of this. */
static enum sk_error
roll_back(struct broker *broker, uint64_t size, struct fault *fault)
{
	log_event(LOG_ERROR, "an agent keeps a checkpoint that this journal "
	    "does not lead to, intake stops", "size=%llu entries=%llu",
	    (unsigned long long)size,
	    (unsigned long long)journal_size(broker->journal));
	broker->rolled_back = true;
	return fault_set(fault, SK_ROLLBACK, "hello.checkpoint",
	    "this journal has %llu entries",
	    (unsigned long long)journal_size(broker->journal));
}

enum sk_error
evidence_hello(struct broker *broker, const Sk__Hello *hello, uint64_t *size,
    struct fault *fault)
{
	struct checkpoint kept;
	uint8_t root[DIGEST_SIZE];
	bool lost = false;
	enum sk_error rc;

	*size = 0;
	if (hello->checkpoint.len == 0)
		return SK_OK;
	if (open_own(broker, hello->checkpoint, &kept, &lost) != SK_OK)
		return fault_set(fault, SK_SIGNATURE_WRONG, "hello.checkpoint",
		    "a checkpoint that this broker signed");
	/* Of what the restore did not keep nothing can be said. */
	if (lost)
		return SK_OK;
	if (kept.size == 0 || kept.size > journal_size(broker->journal))
		return roll_back(broker, kept.size, fault);
	rc = journal_root(broker->journal, kept.size, root);
	journal_read_end(broker->journal);
	if (rc != SK_OK)
		return fault_set(fault, rc, "tiles", NULL);
	if (memcmp(root, kept.root, DIGEST_SIZE) != 0)
		return roll_back(broker, kept.size, fault);
	*size = kept.size;
	return SK_OK;
}

static enum sk_error
copy_hashes(struct arena *arena, const uint8_t (*hashes)[DIGEST_SIZE],
    size_t n, size_t *n_out, ProtobufCBinaryData **out)
{
	ProtobufCBinaryData *items;

	*n_out = n;
	if (n == 0)
		return SK_OK;
	if ((items = arena_take(arena, n * sizeof(*items))) == NULL)
		return SK_NO_MEMORY;
	for (size_t i = 0; i < n; i++) {
		items[i].len = DIGEST_SIZE;
		items[i].data = arena_copy(arena, hashes[i], DIGEST_SIZE);
		if (items[i].data == NULL)
			return SK_NO_MEMORY;
	}
	*out = items;
	return SK_OK;
}

static enum sk_error
copy_note(struct arena *arena, struct span note, protobuf_c_boolean *has,
    ProtobufCBinaryData *out)
{
	*has = 1;
	out->len = note.size;
	out->data = arena_copy(arena, note.bytes, note.size);
	return out->data == NULL ? SK_NO_MEMORY : SK_OK;
}

static enum sk_error
fill_checkpoint(struct broker *broker, uint64_t from, uint64_t size,
    struct span note, Sk__Checkpoint **out)
{
	Sk__Checkpoint *checkpoint = arena_new(&broker->frame, Sk__Checkpoint,
	    sk__checkpoint__init);
	uint8_t proof[TLOG_CONSISTENCY_MAX][DIGEST_SIZE];
	size_t n = 0;
	enum sk_error rc;

	if (checkpoint == NULL)
		return SK_NO_MEMORY;
	checkpoint->has_from_size = 1;
	checkpoint->from_size = from;
	rc = copy_note(&broker->frame, note, &checkpoint->has_note,
	    &checkpoint->note);
	if (rc == SK_OK && from > 0)
		rc = journal_consistency(broker->journal, from, size, proof, &n);
	if (rc == SK_OK)
		rc = copy_hashes(&broker->frame,
		    (const uint8_t (*)[DIGEST_SIZE])proof, n,
		    &checkpoint->n_consistency, &checkpoint->consistency);
	*out = checkpoint;
	return rc;
}

/* A checkpoint under a key that the agent has not been told of yet is worth
 * nothing to it. */
bool
evidence_may_show(const struct broker *broker, const struct session *session)
{
	const struct broker_key *keys;

	return journal_broker_keys(broker->journal, &keys) == 1 ||
	    session->directory_next >= engine_statement_count(broker->engine);
}

enum sk_error
evidence_checkpoint(struct broker *broker, struct session *session,
    Sk__Checkpoint **out)
{
	struct span note;
	uint64_t size = 0;
	enum sk_error rc;

	*out = NULL;
	rc = journal_checkpoint(broker->journal, UINT64_MAX, &size, &note);
	if (rc == SK_OK && size > session->shown_size)
		rc = fill_checkpoint(broker, session->shown_size, size, note,
		    out);
	journal_read_end(broker->journal);
	if (rc == SK_OK && *out != NULL) {
		session->shown_size = size;
		session->shown_ticks = clock_ticks();
		session->receipted = false;
	}
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

enum sk_error
evidence_dispatch(struct broker *broker, struct session *session)
{
	Sk__Frame frame = SK__FRAME__INIT;
	enum sk_error rc;

	if (!session->receipted || session->closing ||
	    !evidence_may_show(broker, session))
		return SK_OK;
	if (clock_ticks() - session->shown_ticks < CHECKPOINT_MS) {
		broker->evidence_waits = true;
		return SK_OK;
	}
	arena_reset(&broker->frame);
	rc = evidence_checkpoint(broker, session, &frame.checkpoint);
	if (rc == SK_OK && frame.checkpoint != NULL)
		session_queue(broker, session, &frame);
	return rc;
}

/* ---- proofs of single entries */

/* Sent by this participant, or to it. */
static enum sk_error
check_own(struct broker *broker, uint64_t participant, uint64_t position,
    uint8_t leaf_hash[DIGEST_SIZE])
{
	struct header *header = arena_take(&broker->frame, sizeof(*header));
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc;

	if (header == NULL)
		return SK_NO_MEMORY;
	rc = journal_leaf(broker->journal, position, &bytes);
	if (rc != SK_OK || leaf_decode(bytes.bytes, bytes.size, &leaf) != SK_OK ||
	    leaf.kind != SK__EVENT_KIND__ENVELOPE_EVENT)
		return SK_NOT_A_PARTICIPANT;
	digest_leaf(leaf_hash, bytes.bytes, bytes.size);
	if (leaf.sender == participant)
		return SK_OK;
	if (!leaf.header_whole || header_decode(leaf.header.bytes,
	    leaf.header.size, &broker->frame, header, NULL) != SK_OK)
		return SK_NOT_A_PARTICIPANT;
	for (size_t i = 0; i < header->recipients; i++)
		if (header->recipient[i].participant == participant)
			return SK_OK;
	return SK_NOT_A_PARTICIPANT;
}

static enum sk_error
fill_proof(struct broker *broker, uint64_t position,
    const uint8_t leaf_hash[DIGEST_SIZE], Sk__Proof *proof)
{
	uint8_t path[TLOG_PATH_MAX][DIGEST_SIZE];
	struct span note;
	uint64_t size = 0;
	size_t n = 0;
	enum sk_error rc;

	rc = journal_checkpoint(broker->journal, UINT64_MAX, &size, &note);
	if (rc == SK_OK)
		rc = copy_note(&broker->frame, note, &proof->has_note,
		    &proof->note);
	if (rc == SK_OK)
		rc = journal_inclusion(broker->journal, position, size, path,
		    &n);
	if (rc == SK_OK)
		rc = copy_hashes(&broker->frame,
		    (const uint8_t (*)[DIGEST_SIZE])path, n, &proof->n_path,
		    &proof->path);
	if (rc == SK_OK)
		rc = copy_note(&broker->frame,
		    (struct span){ leaf_hash, DIGEST_SIZE },
		    &proof->has_leaf_hash, &proof->leaf_hash);
	return rc;
}

enum sk_error
evidence_prove(struct broker *broker, struct session *session,
    uint64_t position)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Proof proof = SK__PROOF__INIT;
	uint8_t leaf_hash[DIGEST_SIZE];
	enum sk_error rc;

	rc = check_own(broker, session->participant, position, leaf_hash);
	if (rc == SK_OK)
		rc = fill_proof(broker, position, leaf_hash, &proof);
	journal_read_end(broker->journal);
	/* Not yet under a checkpoint: the batch is open. Ask again. */
	if (rc != SK_OK && rc != SK_NOT_A_PARTICIPANT && rc != SK_NOT_FOUND)
		return rc;
	proof.has_position = 1;
	proof.position = position;
	proof.has_code = rc != SK_OK;
	proof.code = rc == SK_OK ? 0 : SK_NOT_A_PARTICIPANT;
	frame.proof = &proof;
	session_queue(broker, session, &frame);
	return SK_OK;
}
