/*
 * look.c - an auditor's session reads the live journal: what an accepted
 * AUDIT_LOOK of its own opened, entries as they lie, a frame at a time. That
 * message is itself an entry, with person and ground; the keys stay here.
 */
#include <string.h>

#include "broker/edge/internal.h"
#include "broker/journal/copy.h"
#include "proto/civil.h"
#include "proto/message.h"

#define LOOK_FRAME 100000u	/* and one more entry, in a frame */

struct opened {
	uint64_t from, end;
	int64_t instant;
};

/* Its own, accepted, of the last hour, by who is an auditor today. */
static bool
find_look(struct broker *broker, const struct session *session,
    uint64_t position, struct opened *opened)
{
	const int64_t now = clock_now(&broker->clock);
	const struct member *member = engine_member(broker->engine,
	    session->participant);
	ProtobufCMessage *message = NULL;
	const Sk__AuditLookFacts *looked;
	struct span bytes;
	struct leaf leaf;

	if (member == NULL || !member_is_current(member, civil_date_at(now)) ||
	    member->current.role != SK__ROLE__AUDITOR ||
	    position >= journal_committed(broker->journal) ||
	    journal_leaf(broker->journal, position, &bytes) != SK_OK ||
	    leaf_decode(bytes.bytes, bytes.size, &leaf) != SK_OK ||
	    leaf.kind != SK__EVENT_KIND__ENVELOPE_EVENT ||
	    leaf.sender != session->participant || leaf.effects.size == 0 ||
	    wire_decode(&sk__effects__descriptor, "effects",
	    leaf.effects.bytes, leaf.effects.size, LEAF_BYTES_MAX,
	    &broker->frame, &message, NULL) != SK_OK)
		return false;
	looked = ((const Sk__Effects *)message)->looked;
	if (looked == NULL || now - leaf.instant > LOOK_LIFE_MS)
		return false;
	opened->from = looked->from;
	opened->end = looked->from + looked->count;
	opened->instant = leaf.instant;
	return true;
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
add_row(struct broker *broker, uint64_t position, Sk__LookRows *rows,
    size_t *bytes)
{
	struct arena *arena = &broker->frame;
	Sk__LookRow *row = arena_new(arena, Sk__LookRow, sk__look_row__init);
	struct copied copied;
	enum sk_error rc;

	if (row == NULL)
		return SK_NO_MEMORY;
	if ((rc = copy_read(broker->journal, position, &copied)) != SK_OK)
		return rc;
	row->has_position = 1;
	row->position = position;
	row->has_submit_count = copied.submit_count != 0;
	row->submit_count = copied.submit_count;
	if ((rc = take(arena, copied.leaf, &row->has_leaf, &row->leaf)) !=
	    SK_OK || (rc = take(arena, copied.sealed, &row->has_sealed,
	    &row->sealed)) != SK_OK || (rc = take(arena, copied.row,
	    &row->has_row, &row->row)) != SK_OK || (rc = take(arena,
	    copied.note, &row->has_note, &row->note)) != SK_OK)
		return rc;
	*bytes += copied.leaf.size + copied.sealed.size + copied.row.size +
	    copied.note.size + 64;
	return arena_append(arena, &rows->n_rows, (void ***)&rows->rows, row)
	    == 0 ? SK_OK : SK_NO_MEMORY;
}

enum sk_error
look_ask(struct broker *broker, struct session *session,
    const Sk__AskLook *ask)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__LookRows rows = SK__LOOK_ROWS__INIT;
	struct opened opened = { 0, 0, 0 };
	uint64_t size = 0, position = ask->from;
	struct span note;
	size_t bytes = 0;
	enum sk_error rc = SK_OK;

	rows.has_look = rows.has_from = rows.has_size = 1;
	rows.look = ask->look;
	rows.from = ask->from;
	if (!find_look(broker, session, ask->look, &opened) ||
	    position < opened.from || position > opened.end) {
		rows.has_code = 1;
		rows.code = SK_NOT_A_PARTICIPANT;
	} else {
		rc = journal_checkpoint(broker->journal,
		    journal_committed(broker->journal), &size, &note);
	}
	for (; rc == SK_OK && position < opened.end && position < size &&
	    bytes < LOOK_FRAME; position++)
		rc = add_row(broker, position, &rows, &bytes);
	journal_read_end(broker->journal);
	if (rc != SK_OK)
		return rc;
	rows.size = size;
	frame.look_rows = &rows;
	session_queue(broker, session, &frame);
	return SK_OK;
}
