#include "agents/agent/inbox.h"

#include <string.h>

#include "agents/agent/cases.h"

static void
row_put(struct archive *archive, const struct inbox_row *row)
{
	uint8_t bytes[ROW_BYTES_MAX];

	archive_put(archive, TABLE_INBOX, SPAN_U64(row->arrival),
	    (struct span){ bytes, inbox_encode(row, bytes) });
}

void
inbox_add(struct archive *archive, struct inbox_row *row, struct span deliver)
{
	struct meta *meta = archive_meta(archive);
	uint8_t key[REF_KEY_SIZE], arrival[8];
	struct inbox_row before;

	row->arrival = meta->next_arrival++;
	if (row->opened_at == 0)
		meta->unopened++;
	if (row->position > meta->last_position)
		meta->last_position = row->position;
	archive_touch(archive);
	archive_put(archive, TABLE_INBOX_BODY, SPAN_U64(row->arrival),
	    deliver);
	row_put(archive, row);
	be64_put(arrival, row->arrival);
	if (ref_is_none(&row->ref)) {
		archive_put(archive, TABLE_NOTICES, SPAN_U64(row->position),
		    (struct span){ arrival, sizeof(arrival) });
		return;
	}
	/* What did not verify must not stand in the way of what does. */
	if (row->trouble != 0 && row->trouble != SK_ERASED &&
	    inbox_by_ref(archive, &row->ref, &before) == SK_OK)
		return;
	ref_key(key, &row->ref);
	archive_put(archive, TABLE_BY_REF, (struct span){ key, sizeof(key) },
	    (struct span){ arrival, sizeof(arrival) });
}

void
inbox_cleared(struct archive *archive, const struct inbox_row *row)
{
	uint8_t key[REF_KEY_SIZE], arrival[8];

	row_put(archive, row);
	ref_key(key, &row->ref);
	be64_put(arrival, row->arrival);
	archive_put(archive, TABLE_BY_REF, (struct span){ key, sizeof(key) },
	    (struct span){ arrival, sizeof(arrival) });
}

enum sk_error
inbox_get(struct archive *archive, uint64_t arrival, struct inbox_row *row)
{
	struct span value;
	enum sk_error rc;

	rc = archive_get(archive, TABLE_INBOX, SPAN_U64(arrival), &value);
	return rc == SK_OK ? inbox_decode(value, row) : rc;
}

enum sk_error
inbox_by_ref(struct archive *archive, const struct envelope_ref *ref,
    struct inbox_row *row)
{
	uint8_t key[REF_KEY_SIZE];
	struct span value;
	enum sk_error rc;

	ref_key(key, ref);
	rc = archive_get(archive, TABLE_BY_REF,
	    (struct span){ key, sizeof(key) }, &value);
	if (rc != SK_OK)
		return rc;
	if (value.size != 8)
		return SK_STORE_CORRUPT;
	return inbox_get(archive, be64_get(value.bytes), row);
}

void
inbox_erase(struct archive *archive, uint64_t arrival,
    const struct inbox_row *notice)
{
	struct inbox_row row;

	if (inbox_get(archive, arrival, &row) != SK_OK || row.kind == 0)
		return;
	archive_del(archive, TABLE_INBOX_BODY, SPAN_U64(arrival));
	row.trouble = SK_ERASED;
	row.trouble_text[0] = '\0';
	row.erased_by = notice->position;
	row.erased_ground = notice->erased_ground;
	row_put(archive, &row);
}

bool
inbox_has_notice(struct archive *archive, uint64_t position)
{
	struct span value;

	return archive_get(archive, TABLE_NOTICES, SPAN_U64(position),
	    &value) == SK_OK;
}

enum sk_error
inbox_deliver(struct archive *archive, uint64_t arrival, struct arena *arena,
    Sk__Deliver **deliver)
{
	ProtobufCMessage *message;
	struct span value;
	enum sk_error rc;

	rc = archive_get(archive, TABLE_INBOX_BODY, SPAN_U64(arrival), &value);
	if (rc != SK_OK)
		return rc;
	rc = wire_decode(&sk__deliver__descriptor, "deliver", value.bytes,
	    value.size, FRAME_BYTES_MAX, arena, &message, NULL);
	if (rc == SK_NO_MEMORY)
		return rc;
	if (rc != SK_OK)
		return SK_STORE_CORRUPT;
	*deliver = (Sk__Deliver *)message;
	return SK_OK;
}

uint64_t
inbox_count(struct archive *archive)
{
	return archive_count(archive, TABLE_INBOX);
}

struct inbox_walking {
	inbox_visit visit;
	void *context;
	enum sk_error rc;
};

static bool
inbox_row_of(void *context, struct span key, struct span value)
{
	struct inbox_walking *walk = context;
	struct inbox_row row;

	(void)key;
	if ((walk->rc = inbox_decode(value, &row)) != SK_OK)
		return false;
	return walk->visit(walk->context, &row);
}

enum sk_error
inbox_walk(struct archive *archive, inbox_visit visit, void *context)
{
	struct inbox_walking walk = { visit, context, SK_OK };
	enum sk_error rc;

	rc = archive_walk(archive, TABLE_INBOX, (struct span){ NULL, 0 },
	    inbox_row_of, &walk);
	return rc == SK_OK ? walk.rc : rc;
}

void
inbox_looked(struct archive *archive, struct inbox_row *row, int64_t now)
{
	struct meta *meta = archive_meta(archive);
	struct case_card card;

	if (row->opened_at != 0)
		return;
	row->opened_at = now;
	row_put(archive, row);
	if (meta->unopened > 0)
		meta->unopened--;
	archive_touch(archive);
	if (cases_get(archive, &row->case_ref, &card) == SK_OK &&
	    card.unopened > 0) {
		card.unopened--;
		cases_put(archive, &card);
	}
}

void
inbox_look_again(struct archive *archive, struct inbox_row *row)
{
	struct case_card card;

	if (row->opened_at == 0)
		return;
	row->opened_at = 0;
	row_put(archive, row);
	archive_meta(archive)->unopened++;
	archive_touch(archive);
	if (cases_has_message(archive, &row->case_ref, row->position) &&
	    cases_get(archive, &row->case_ref, &card) == SK_OK) {
		card.unopened++;
		cases_put(archive, &card);
	}
}

bool
inbox_opened(struct archive *archive, struct inbox_row *row, uint64_t person,
    int64_t now)
{
	uint8_t key[16], instant[8];
	struct span value;

	inbox_looked(archive, row, now);
	be64_put(key, row->arrival);
	be64_put(key + 8, person);
	if (archive_get(archive, TABLE_OPENERS,
	    (struct span){ key, sizeof(key) }, &value) == SK_OK)
		return false;
	be64_put(instant, (uint64_t)now);
	archive_put(archive, TABLE_OPENERS, (struct span){ key, sizeof(key) },
	    (struct span){ instant, sizeof(instant) });
	return true;
}

bool
inbox_has_number(struct archive *archive, uint64_t number)
{
	struct span value;

	return number <= archive_meta(archive)->mailbox_stored ||
	    archive_get(archive, TABLE_AHEAD, SPAN_U64(number), &value) ==
	    SK_OK;
}

void
inbox_mark_number(struct archive *archive, uint64_t number)
{
	struct meta *meta = archive_meta(archive);
	struct span value;
	uint64_t next;

	archive_touch(archive);
	if (number != meta->mailbox_stored + 1) {
		archive_put(archive, TABLE_AHEAD, SPAN_U64(number),
		    (struct span){ "", 1 });
		return;
	}
	meta->mailbox_stored = number;
	for (next = number + 1; archive_get(archive, TABLE_AHEAD,
	    SPAN_U64(next), &value) == SK_OK; next++) {
		archive_del(archive, TABLE_AHEAD, SPAN_U64(next));
		meta->mailbox_stored = next;
	}
}

