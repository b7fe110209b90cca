#include "agents/agent/outbox.h"

#include <stdio.h>
#include <string.h>

#include "agents/agent/cases.h"
#include "agents/agent/said.h"
#include "proto/chain.h"
#include "proto/message.h"

#define ENVELOPE_BYTES_MAX \
	(HEADER_BYTES_MAX + NONCE_SIZE + FACTS_BYTES_MAX + SEALED_BYTES_MAX + 64)

static void
own_put(struct archive *archive, const struct own_row *row)
{
	uint8_t key[ID_KEY_SIZE], bytes[ROW_BYTES_MAX];

	id_key(key, &row->id);
	archive_put(archive, TABLE_OWN, (struct span){ key, sizeof(key) },
	    (struct span){ bytes, own_encode(row, bytes) });
}

static void
body_put(struct archive *archive, const struct envelope_id *id,
    struct span envelope)
{
	uint8_t key[ID_KEY_SIZE];

	id_key(key, id);
	archive_put(archive, TABLE_OWN_BODY, (struct span){ key, sizeof(key) },
	    envelope);
}

void
outbox_add(struct archive *archive, struct own_row *row, struct span envelope)
{
	struct meta *meta = archive_meta(archive);
	uint8_t key[ID_KEY_SIZE];

	row->sequence = meta->next_sequence++;
	row->bytes = (uint32_t)envelope.size;
	archive_touch(archive);
	id_key(key, &row->id);
	archive_put(archive, TABLE_OUTBOX, SPAN_U64(row->sequence),
	    (struct span){ key, sizeof(key) });
	own_put(archive, row);
	body_put(archive, &row->id, envelope);
}

struct outbox_walking {
	outbox_visit visit;
	void *context;
	enum sk_error rc;
};

static bool
outbox_row(void *context, struct span key, struct span value)
{
	struct outbox_walking *walk = context;
	struct envelope_id id;
	uint64_t sequence;

	if (key.size != sizeof(sequence) || value.size != ID_KEY_SIZE) {
		walk->rc = SK_STORE_CORRUPT;
		return false;
	}
	memcpy(&sequence, key.bytes, sizeof(sequence));
	id_from_key(&id, value.bytes);
	return walk->visit(walk->context, sequence, &id);
}

enum sk_error
outbox_walk(struct archive *archive, uint64_t from, outbox_visit visit,
    void *context)
{
	struct outbox_walking walk = { visit, context, SK_OK };
	enum sk_error rc;

	rc = archive_walk(archive, TABLE_OUTBOX, SPAN_U64(from), outbox_row,
	    &walk);
	return rc == SK_OK ? walk.rc : rc;
}

uint64_t
outbox_count(struct archive *archive)
{
	return archive_count(archive, TABLE_OUTBOX);
}

enum sk_error
own_get(struct archive *archive, const struct envelope_id *id,
    struct own_row *row)
{
	uint8_t key[ID_KEY_SIZE];
	struct span value;
	enum sk_error rc;

	id_key(key, id);
	rc = archive_get(archive, TABLE_OWN, (struct span){ key, sizeof(key) },
	    &value);
	return rc == SK_OK ? own_decode(value, row) : rc;
}

enum sk_error
own_by_number(struct archive *archive, uint64_t number, struct own_row *row)
{
	struct envelope_id id;
	struct span value;
	enum sk_error rc;

	rc = archive_get(archive, TABLE_SENT, SPAN_U64(number), &value);
	if (rc != SK_OK)
		return rc;
	if (value.size != ID_KEY_SIZE)
		return SK_STORE_CORRUPT;
	id_from_key(&id, value.bytes);
	return own_get(archive, &id, row);
}

enum sk_error
own_envelope(struct archive *archive, const struct envelope_id *id,
    struct arena *arena, Sk__Envelope **envelope)
{
	uint8_t key[ID_KEY_SIZE];
	ProtobufCMessage *message;
	struct span value;
	enum sk_error rc;

	id_key(key, id);
	rc = archive_get(archive, TABLE_OWN_BODY,
	    (struct span){ key, sizeof(key) }, &value);
	if (rc != SK_OK)
		return rc;
	rc = wire_decode(&sk__envelope__descriptor, "envelope", value.bytes,
	    value.size, ENVELOPE_BYTES_MAX, arena, &message, NULL);
	if (rc == SK_NO_MEMORY)
		return rc;
	if (rc != SK_OK)
		return SK_STORE_CORRUPT;
	*envelope = (Sk__Envelope *)message;
	return chain_is_remains(*envelope) ? SK_ERASED : SK_OK;
}

#define REPLACED_MAX 16	/* rotations in a row of one message's recipients */

void
own_replaced(struct archive *archive, struct own_row *row,
    const struct envelope_id *by)
{
	row->replaced_by = *by;
	own_put(archive, row);
}

enum sk_error
own_get_last(struct archive *archive, const struct envelope_id *id,
    struct own_row *row)
{
	struct envelope_id next = *id;
	enum sk_error rc = SK_NOT_FOUND;

	for (int i = 0; i < REPLACED_MAX; i++) {
		rc = own_get(archive, &next, row);
		if (rc != SK_OK || row->replaced_by.number == 0)
			break;
		next = row->replaced_by;
	}
	return rc;
}

void
own_restore(struct archive *archive, const struct own_row *row,
    struct span envelope)
{
	own_put(archive, row);
	body_put(archive, &row->id, envelope);
}

static void
copy_outcome(struct own_row *row, const Sk__Outcome *outcome)
{
	row->accepted = outcome->accepted;
	row->case_number = outcome->case_number;
	row->code = outcome->code;
	snprintf(row->field, sizeof(row->field), "%s",
	    outcome->field == NULL ? "" : outcome->field);
	snprintf(row->hint, sizeof(row->hint), "%s",
	    outcome->hint == NULL ? "" : outcome->hint);
	row->use_participant = outcome->use_participant;
	row->first_position = outcome->first_position;
}

/* What the catalogue answered stays beside the question. */
static enum sk_error
keep_answer(struct archive *archive, const struct own_row *row,
    const Sk__CatalogueAnswer *answer)
{
	uint8_t key[ID_KEY_SIZE], bytes[CATALOGUE_ANSWER_BYTES_MAX];

	if (answer == NULL)
		return SK_OK;
	if (sk__catalogue_answer__get_packed_size(answer) > sizeof(bytes))
		return SK_OVERSIZED;
	id_key(key, &row->id);
	archive_put(archive, TABLE_ANSWERS, (struct span){ key, sizeof(key) },
	    (struct span){ bytes, sk__catalogue_answer__pack(answer, bytes) });
	return SK_OK;
}

enum sk_error
own_answer(struct archive *archive, const struct envelope_id *id,
    struct arena *arena, Sk__CatalogueAnswer **answer)
{
	ProtobufCMessage *message = NULL;
	uint8_t key[ID_KEY_SIZE];
	struct span value;
	enum sk_error rc;

	id_key(key, id);
	rc = archive_get(archive, TABLE_ANSWERS,
	    (struct span){ key, sizeof(key) }, &value);
	if (rc == SK_OK)
		rc = wire_decode(&sk__catalogue_answer__descriptor, "answer",
		    value.bytes, value.size, CATALOGUE_ANSWER_BYTES_MAX, arena,
		    &message, NULL);
	*answer = (Sk__CatalogueAnswer *)message;
	return rc;
}

/* Its place in the case. A refused opening opened nothing. */
static void
into_case(struct archive *archive, const struct own_row *row)
{
	struct timeline_entry entry = {
		.position = row->position,
		.out = true,
		.id = row->id,
	};
	const struct kind_info *info = kind_info(row->kind);
	struct case_card card;

	if (ref_is_none(&row->case_ref) ||
	    (info != NULL && kind_has_no_case(info)))
		return;
	if (!row->accepted &&
	    cases_get(archive, &row->case_ref, &card) != SK_OK)
		return;
	/* A number that disagrees was the broker's mistake; the case is named
	 * by its reference either way. */
	if (cases_join(archive, &row->case_ref,
	    row->accepted ? row->case_number : 0, &card) != SK_OK &&
	    cases_join(archive, &row->case_ref, 0, &card) != SK_OK)
		return;
	if (row->accepted)
		for (size_t i = 0; i < row->recipients; i++)
			cases_add_participant(&card, row->recipient[i]);
	cases_add_message(archive, &card, &entry, row->kind, row->instant);
}

enum sk_error
own_receipted(struct archive *archive, struct own_row *row,
    const Sk__Receipt *receipt, uint64_t first_number)
{
	struct meta *meta = archive_meta(archive);
	uint8_t key[ID_KEY_SIZE];
	enum sk_error rc;

	if (!receipt->has_number || receipt->number == 0 ||
	    !receipt->has_position || !receipt->has_instant ||
	    receipt->outcome == NULL ||
	    receipt->leaf_hash.len != DIGEST_SIZE)
		return SK_MALFORMED;
	if (row->number != 0 && row->number != receipt->number)
		return SK_MALFORMED;
	/* Again, unless it stands elsewhere since a restore. */
	if (row->number != 0 && (row->number <= meta->last_number ||
	    memcmp(row->leaf_hash, receipt->leaf_hash.data, DIGEST_SIZE) == 0))
		return SK_OK;
	if (row->number != 0)
		cases_forget(archive, &row->case_ref, row->position);
	row->journal = meta->mailbox_journal;
	if ((rc = keep_answer(archive, row, receipt->outcome->catalogue)) !=
	    SK_OK || (rc = said_keep(archive, &row->id, receipt->outcome)) !=
	    SK_OK)
		return rc;
	if (row->sequence != 0)
		archive_del(archive, TABLE_OUTBOX, SPAN_U64(row->sequence));
	row->sequence = 0;
	row->number = receipt->number;
	row->first_number = first_number;
	row->position = receipt->position;
	row->instant = receipt->instant;
	memcpy(row->leaf_hash, receipt->leaf_hash.data, DIGEST_SIZE);
	copy_outcome(row, receipt->outcome);
	own_put(archive, row);
	id_key(key, &row->id);
	archive_put(archive, TABLE_SENT, SPAN_U64(row->number),
	    (struct span){ key, sizeof(key) });
	if (row->position > meta->last_position) {
		meta->last_position = row->position;
		archive_touch(archive);
	}
	into_case(archive, row);
	return SK_OK;
}

void
own_erase(struct archive *archive, const struct envelope_id *id,
    struct arena *arena)
{
	uint8_t e[DIGEST_SIZE], header[DIGEST_SIZE], digests[2][DIGEST_SIZE];
	uint8_t bytes[HEADER_BYTES_MAX + 2 * DIGEST_SIZE + 16];
	Sk__Envelope left = SK__ENVELOPE__INIT, *v;
	struct own_row row;

	arena_reset(arena);
	if (own_get(archive, id, &row) != SK_OK || row.sequence != 0 ||
	    own_envelope(archive, id, arena, &v) != SK_OK)
		return;
	chain_envelope(v->header.data, v->header.len, v->nonce.data,
	    v->facts.data, v->facts.len, v->sealed.data, v->sealed.len, header,
	    digests[0], digests[1], e);
	left.has_header = left.has_commitment = left.has_sealed_digest = 1;
	left.header = v->header;
	left.commitment.data = digests[0];
	left.sealed_digest.data = digests[1];
	left.commitment.len = left.sealed_digest.len = DIGEST_SIZE;
	body_put(archive, id, (struct span){ bytes,
	    sk__envelope__pack(&left, bytes) });
	said_erase(archive, id);
}

void
own_link_put(struct archive *archive, uint64_t first_number,
    const struct link_row *link)
{
	uint8_t bytes[ROW_BYTES_MAX];

	archive_put(archive, TABLE_LINKS, SPAN_U64(first_number),
	    (struct span){ bytes, link_encode(link, bytes) });
}

enum sk_error
own_link(struct archive *archive, uint64_t first_number, struct link_row *link)
{
	struct span value;
	enum sk_error rc;

	rc = archive_get(archive, TABLE_LINKS, SPAN_U64(first_number), &value);
	return rc == SK_OK ? link_decode(value, link) : rc;
}
