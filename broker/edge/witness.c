/*
 * witness.c - agents of other organisations that sign with us: each says that
 * what it saw goes on from what it saw before (c2sp.org/tlog-witness). The
 * policy names them and how many it takes; without them for a day is an
 * alert, never a stop.
 */
#include <string.h>

#include "broker/edge/internal.h"
#include "proto/note.h"

#define FUTURE_S 60u	/* a witness's clock may be ahead by this */

static const Sk__Witness *
find_witness(const struct broker *broker, uint64_t participant, size_t *index)
{
	const Sk__Policy *policy = engine_policy(broker->engine);

	for (size_t i = 0; policy != NULL && i < policy->n_witnesses; i++)
		if (policy->witnesses[i]->participant == participant) {
			*index = i;
			return policy->witnesses[i];
		}
	return NULL;
}

/* Does this line sign our checkpoint of that size under the witness's key? */
static enum sk_error
check_line(struct broker *broker, const Sk__Witness *witness, uint64_t size,
    struct span line)
{
	const uint64_t now = (uint64_t)clock_now(&broker->clock) / 1000;
	struct note ours, theirs;
	struct note_key key;
	struct span bytes;
	uint64_t found = 0, time = 0;
	enum sk_error rc;

	if ((rc = note_key_parse(&key, (struct span){ witness->vkey,
	    strlen(witness->vkey) })) != SK_OK ||
	    (rc = journal_checkpoint(broker->journal, size, &found, &bytes)) !=
	    SK_OK)
		return rc;
	if (found != size)
		return SK_NOT_FOUND;
	if ((rc = note_open(&ours, bytes.bytes, bytes.size)) != SK_OK ||
	    (rc = note_open_lines(&theirs, ours.text, line)) != SK_OK ||
	    (rc = note_check(&theirs, &key, &time)) != SK_OK)
		return rc;
	return theirs.n == 1 && time <= now + FUTURE_S ? SK_OK :
	    SK_FIELD_INVALID;
}

/* A witness that signed for a size signed for all before it. So the size that
 * `quorum` of them vouch for is the quorum-th of their highest. */
static void
settle(struct broker *broker)
{
	const Sk__Policy *policy = engine_policy(broker->engine);
	size_t n = policy == NULL ? 0 : policy->n_witnesses;
	uint64_t sorted[POLICY_WITNESSES_MAX];

	broker->witnessed_size = 0;
	if (n == 0 || policy->witness_quorum == 0)
		return;
	memcpy(sorted, broker->cosigned, n * sizeof(sorted[0]));
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			if (sorted[j] > sorted[i]) {
				uint64_t swap = sorted[i];

				sorted[i] = sorted[j];
				sorted[j] = swap;
			}
	broker->witnessed_size = sorted[policy->witness_quorum - 1];
}

enum sk_error
witness_take(struct broker *broker, struct session *session,
    const Sk__Cosignature *given)
{
	struct span line = { given->line.data, given->line.len };
	const Sk__Witness *witness;
	size_t index = 0;
	enum sk_error rc;

	witness = find_witness(broker, session->participant, &index);
	if (witness == NULL)
		return SK_OK;	/* the policy may have changed meanwhile */
	if (session->cosigned_ticks != 0 && clock_ticks() -
	    session->cosigned_ticks < WITNESS_MIN_MS)
		return SK_OK;
	rc = check_line(broker, witness, given->size, line);
	if (rc == SK_OK && given->size > broker->cosigned[index]) {
		rc = journal_cosign(broker->journal, given->size,
		    session->participant, line);
		if (rc != SK_OK)
			return rc;
		session->cosigned_ticks = clock_ticks();
		broker->cosigned[index] = given->size;
		settle(broker);
		return SK_OK;
	}
	journal_read_end(broker->journal);
	if (rc != SK_OK)
		log_event(LOG_WARN, "cosignature not taken",
		    "participant=%llu size=%llu code=%s",
		    (unsigned long long)session->participant,
		    (unsigned long long)given->size, error_name(rc));
	return SK_OK;
}

/* ---- for copies */

static enum sk_error
take_row(struct broker *broker, const struct cosigned *row, bool note,
    struct arena *arena, Sk__ControlAnswer *answer, size_t *bytes)
{
	Sk__CosignedRow *out = arena_new(arena, Sk__CosignedRow,
	    sk__cosigned_row__init);
	struct span checkpoint;
	uint64_t size = 0;
	enum sk_error rc;

	if (out == NULL)
		return SK_NO_MEMORY;
	out->has_size = out->has_participant = out->has_line = 1;
	out->size = row->size;
	out->participant = row->participant;
	out->line.len = row->line.size;
	out->line.data = arena_copy(arena, row->line.bytes, row->line.size);
	*bytes += row->line.size + 64;
	if (note) {
		rc = journal_checkpoint(broker->journal, row->size, &size,
		    &checkpoint);
		if (rc != SK_OK || size != row->size)
			return rc != SK_OK ? rc : SK_STORE_CORRUPT;
		out->has_note = 1;
		out->note.len = checkpoint.size;
		out->note.data = arena_copy(arena, checkpoint.bytes,
		    checkpoint.size);
		*bytes += checkpoint.size;
	}
	if (out->line.data == NULL || (note && out->note.data == NULL))
		return SK_NO_MEMORY;
	return arena_append(arena, &answer->n_cosigned,
	    (void ***)&answer->cosigned, out) == 0 ? SK_OK : SK_NO_MEMORY;
}

enum sk_error
witness_rows(struct broker *broker, uint64_t from, uint64_t participant,
    uint64_t to, bool notes, struct arena *arena, Sk__ControlAnswer *answer)
{
	struct cosigned row = { .size = 0 };
	uint64_t noted = 0;
	size_t bytes = 0;
	enum sk_error rc = SK_OK;

	while (rc == SK_OK && bytes < BACKUP_ROWS_BYTES) {
		rc = journal_cosigned_from(broker->journal, from, participant,
		    &row);
		if (rc != SK_OK || row.size > to)
			break;
		rc = take_row(broker, &row, notes && row.size != noted, arena,
		    answer, &bytes);
		noted = from = row.size;
		participant = row.participant + 1;
		/* Past the highest number there is none of this size. */
		if (participant == 0)
			from++;
	}
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

/* ---- what stands, after a start and after a change of policy */

/* Is this row signed by the key that the policy gives its witness now? One of
 * a key before it vouches for nothing any more: it may have been stolen. */
static bool
is_present(struct broker *broker, const struct note_key *key,
    const struct cosigned *row)
{
	struct note ours, theirs;
	struct span bytes;
	uint64_t size = 0;

	return journal_checkpoint(broker->journal, row->size, &size, &bytes) ==
	    SK_OK && size == row->size &&
	    note_open(&ours, bytes.bytes, bytes.size) == SK_OK &&
	    note_open_lines(&theirs, ours.text, row->line) == SK_OK &&
	    note_check(&theirs, key, NULL) == SK_OK;
}

static uint64_t
last_of(struct broker *broker, const Sk__Witness *witness)
{
	const uint64_t participant = witness->participant;
	struct cosigned row;
	struct note_key key;
	uint64_t size = UINT64_MAX;

	if (note_key_parse(&key, (struct span){ witness->vkey,
	    strlen(witness->vkey) }) != SK_OK)
		return 0;
	for (unsigned i = 0; i < WITNESS_LOOK_BACK; i++) {
		if (journal_cosigned_to(broker->journal, size, participant,
		    &row) != SK_OK)
			return 0;
		if (row.participant == participant &&
		    is_present(broker, &key, &row))
			return row.size;
		/* Its own row of that size would have been found first. */
		if (row.size == 0)
			return 0;
		size = row.participant > participant ? row.size : row.size - 1;
		if (row.participant > participant)
			size--;
	}
	return 0;
}

void
witness_look(struct broker *broker)
{
	const Sk__Policy *policy = engine_policy(broker->engine);

	memset(broker->cosigned, 0, sizeof(broker->cosigned));
	for (size_t i = 0; policy != NULL && i < policy->n_witnesses; i++)
		broker->cosigned[i] = last_of(broker, policy->witnesses[i]);
	journal_read_end(broker->journal);
	broker->witness_policy = engine_policy_version(broker->engine);
	settle(broker);
}

/* Since when is what stands now without witnesses enough? 0: it is not. */
static int64_t
unwitnessed_since(struct broker *broker)
{
	struct span note, bytes;
	struct leaf leaf;
	uint64_t size = 0;
	int64_t since = 0;

	if (journal_checkpoint_from(broker->journal,
	    broker->witnessed_size + 1, &size, &note) == SK_OK &&
	    journal_leaf(broker->journal, size - 1, &bytes) == SK_OK &&
	    leaf_decode(bytes.bytes, bytes.size, &leaf) == SK_OK)
		since = leaf.instant;
	journal_read_end(broker->journal);
	return since;
}

void
witness_watch(struct broker *broker)
{
	const Sk__Policy *policy = engine_policy(broker->engine);
	bool alert = false;
	int64_t since;

	if (broker->witness_policy != engine_policy_version(broker->engine))
		witness_look(broker);
	if (policy != NULL && policy->witness_quorum > 0) {
		since = unwitnessed_since(broker);
		alert = since != 0 && clock_now(&broker->clock) - since >=
		    WITNESS_ALERT_MS;
	}
	if (alert != broker->witness_alert)
		log_event(alert ? LOG_ERROR : LOG_INFO, alert ?
		    "no checkpoint with witnesses enough for a day" :
		    "witnesses enough again", "witnessed=%llu entries=%llu",
		    (unsigned long long)broker->witnessed_size,
		    (unsigned long long)journal_committed(broker->journal));
	broker->witness_alert = alert;
}
