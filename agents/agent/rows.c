#include "agents/agent/rows.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define ROW_VERSION 1u
#define INBOX_VERSION 2u	/* with what erased it and what was settled */
#define ROW_RESTORED 2u	/* knows of journals before this one */

void
id_key(uint8_t key[ID_KEY_SIZE], const struct envelope_id *id)
{
	memcpy(key, id->boot, BOOT_SIZE);
	be64_put(key + BOOT_SIZE, id->number);
}

void
id_from_key(struct envelope_id *id, const uint8_t key[ID_KEY_SIZE])
{
	memcpy(id->boot, key, BOOT_SIZE);
	id->number = be64_get(key + BOOT_SIZE);
}

void
ref_key(uint8_t key[REF_KEY_SIZE], const struct envelope_ref *ref)
{
	be64_put(key, ref->participant);
	id_key(key + 8, &ref->id);
}

void
ref_from_key(struct envelope_ref *ref, const uint8_t key[REF_KEY_SIZE])
{
	ref->participant = be64_get(key);
	id_from_key(&ref->id, key + 8);
}

static void
write_ref(struct writer *w, const struct envelope_ref *ref)
{
	uint8_t key[REF_KEY_SIZE];

	ref_key(key, ref);
	write_raw(w, key, sizeof(key));
}

static void
read_ref(struct reader *r, struct envelope_ref *ref)
{
	const uint8_t *key = read_raw(r, REF_KEY_SIZE);

	if (key != NULL)
		ref_from_key(ref, key);
}

static void
read_copy(struct reader *r, uint8_t *out, size_t size)
{
	const uint8_t *bytes = read_raw(r, size);

	if (bytes != NULL)
		memcpy(out, bytes, size);
}

static void
write_string(struct writer *w, const char *text)
{
	write_var(w, text, strlen(text));
}

static void
read_string(struct reader *r, char *out, size_t size_max)
{
	size_t size;
	const uint8_t *bytes = read_var(r, &size);

	if (bytes == NULL)
		return;
	if (size >= size_max) {
		r->failed = true;
		return;
	}
	memcpy(out, bytes, size);
	out[size] = '\0';
}

static struct writer
row_begin_as(uint8_t *bytes, uint64_t version)
{
	struct writer w;

	writer_init(&w, bytes, ROW_BYTES_MAX);
	write_u64(&w, version);
	return w;
}

static struct writer
row_begin(uint8_t *bytes)
{
	return row_begin_as(bytes, ROW_VERSION);
}

static size_t
row_end(const struct writer *w)
{
	/* Every field has a bound and their sum fits: ours alone to get wrong. */
	assert(writer_done(w));
	return w->size;
}

/* A row of this version, or of one before it. */
static struct reader
row_open_as(struct span bytes, uint64_t last, uint64_t *version)
{
	struct reader r;

	reader_init(&r, bytes.bytes, bytes.size);
	*version = read_u64(&r);
	if (*version < ROW_VERSION || *version > last)
		r.failed = true;
	return r;
}

static struct reader
row_open(struct span bytes)
{
	uint64_t version;

	return row_open_as(bytes, ROW_VERSION, &version);
}

static enum sk_error
row_close(const struct reader *r)
{
	return reader_done(r) ? SK_OK : SK_STORE_CORRUPT;
}

size_t
meta_encode(const struct meta *row, uint8_t *bytes)
{
	struct writer w = row_begin_as(bytes, ROW_RESTORED);

	write_raw(&w, row->founding, DIGEST_SIZE);
	write_string(&w, row->origin);
	write_u64(&w, row->participant);
	write_u64(&w, row->last_number);
	write_raw(&w, row->last_link, DIGEST_SIZE);
	write_u64(&w, row->last_position);
	write_u64(&w, row->mailbox_journal);
	write_u64(&w, row->mailbox_stored);
	write_u64(&w, row->directory_count);
	write_u64(&w, row->head.serial);
	write_raw(&w, row->head.digest, DIGEST_SIZE);
	write_i64(&w, row->now);
	write_u64(&w, row->next_sequence);
	write_u64(&w, row->next_arrival);
	write_u64(&w, row->unopened);
	write_u64(&w, row->former_last);
	return row_end(&w);
}

enum sk_error
meta_decode(struct span bytes, struct meta *row)
{
	uint64_t version;
	struct reader r = row_open_as(bytes, ROW_RESTORED, &version);

	memset(row, 0, sizeof(*row));
	read_copy(&r, row->founding, DIGEST_SIZE);
	read_string(&r, row->origin, sizeof(row->origin));
	row->participant = read_u64(&r);
	row->last_number = read_u64(&r);
	read_copy(&r, row->last_link, DIGEST_SIZE);
	row->last_position = read_u64(&r);
	row->mailbox_journal = read_u64(&r);
	row->mailbox_stored = read_u64(&r);
	row->directory_count = read_u64(&r);
	row->head.serial = read_u64(&r);
	read_copy(&r, row->head.digest, DIGEST_SIZE);
	row->now = read_i64(&r);
	row->next_sequence = read_u64(&r);
	row->next_arrival = read_u64(&r);
	row->unopened = read_u64(&r);
	if (version >= 2)
		row->former_last = read_u64(&r);
	return row_close(&r);
}

static void
write_receipt(struct writer *w, const struct own_row *row)
{
	write_u64(w, row->first_number);
	write_u64(w, row->position);
	write_i64(w, row->instant);
	write_raw(w, row->leaf_hash, DIGEST_SIZE);
	write_u64(w, row->accepted);
	write_u64(w, row->case_number);
	write_u64(w, row->code);
	write_string(w, row->field);
	write_string(w, row->hint);
	write_u64(w, row->use_participant);
	write_u64(w, row->first_position);
}

static void
read_receipt(struct reader *r, struct own_row *row)
{
	row->first_number = read_u64(r);
	row->position = read_u64(r);
	row->instant = read_i64(r);
	read_copy(r, row->leaf_hash, DIGEST_SIZE);
	row->accepted = read_u64(r) != 0;
	row->case_number = read_u64(r);
	row->code = (uint32_t)read_u64(r);
	read_string(r, row->field, sizeof(row->field));
	read_string(r, row->hint, sizeof(row->hint));
	row->use_participant = read_u64(r);
	row->first_position = read_u64(r);
}

size_t
own_encode(const struct own_row *row, uint8_t *bytes)
{
	struct writer w = row_begin_as(bytes, ROW_RESTORED);
	uint8_t id[ID_KEY_SIZE];

	id_key(id, &row->id);
	write_raw(&w, id, sizeof(id));
	write_u64(&w, row->sequence);
	write_u64(&w, row->number);
	write_u64(&w, (uint64_t)row->kind);
	write_ref(&w, &row->case_ref);
	write_ref(&w, &row->reply_to);
	write_u64(&w, row->person);
	write_u64(&w, row->on_behalf_of);
	write_i64(&w, row->written_at);
	write_i64(&w, row->event_date);
	write_u64(&w, row->has_event_date);
	write_u64(&w, row->recipients);
	for (size_t i = 0; i < row->recipients; i++)
		write_u64(&w, row->recipient[i]);
	write_u64(&w, row->bytes);
	write_receipt(&w, row);
	id_key(id, &row->replaced_by);
	write_raw(&w, id, sizeof(id));
	write_u64(&w, row->journal);
	return row_end(&w);
}

enum sk_error
own_decode(struct span bytes, struct own_row *row)
{
	uint64_t version;
	struct reader r = row_open_as(bytes, ROW_RESTORED, &version);
	const uint8_t *id;

	memset(row, 0, sizeof(*row));
	if ((id = read_raw(&r, ID_KEY_SIZE)) != NULL)
		id_from_key(&row->id, id);
	row->sequence = read_u64(&r);
	row->number = read_u64(&r);
	row->kind = (Sk__Kind)read_u64(&r);
	read_ref(&r, &row->case_ref);
	read_ref(&r, &row->reply_to);
	row->person = read_u64(&r);
	row->on_behalf_of = read_u64(&r);
	row->written_at = read_i64(&r);
	row->event_date = (int32_t)read_i64(&r);
	row->has_event_date = read_u64(&r) != 0;
	row->recipients = read_u64(&r);
	if (row->recipients > RECIPIENTS_MAX)
		return SK_STORE_CORRUPT;
	for (size_t i = 0; i < row->recipients; i++)
		row->recipient[i] = read_u64(&r);
	row->bytes = (uint32_t)read_u64(&r);
	read_receipt(&r, row);
	if ((id = read_raw(&r, ID_KEY_SIZE)) != NULL)
		id_from_key(&row->replaced_by, id);
	if (version >= 2)
		row->journal = read_u64(&r);
	return row_close(&r);
}

size_t
link_encode(const struct link_row *row, uint8_t *bytes)
{
	struct writer w = row_begin(bytes);

	write_u64(&w, row->count);
	write_raw(&w, row->previous, DIGEST_SIZE);
	write_raw(&w, row->link, DIGEST_SIZE);
	write_raw(&w, row->key_id, DIGEST_SIZE);
	write_raw(&w, row->signature, SIGNATURE_SIZE);
	return row_end(&w);
}

enum sk_error
link_decode(struct span bytes, struct link_row *row)
{
	struct reader r = row_open(bytes);

	memset(row, 0, sizeof(*row));
	row->count = read_u64(&r);
	read_copy(&r, row->previous, DIGEST_SIZE);
	read_copy(&r, row->link, DIGEST_SIZE);
	read_copy(&r, row->key_id, DIGEST_SIZE);
	read_copy(&r, row->signature, SIGNATURE_SIZE);
	return row_close(&r);
}

static void
write_notice(struct writer *w, const struct inbox_row *row)
{
	write_u64(w, row->notice_kind);
	write_u64(w, row->deadline);
	write_i64(w, row->due);
	write_u64(w, row->late);
	write_ref(w, &row->about);
	write_u64(w, row->about_participant);
}

static void
read_notice(struct reader *r, struct inbox_row *row)
{
	row->notice_kind = (uint32_t)read_u64(r);
	row->deadline = (uint32_t)read_u64(r);
	row->due = read_i64(r);
	row->late = read_u64(r) != 0;
	read_ref(r, &row->about);
	row->about_participant = read_u64(r);
}

size_t
inbox_encode(const struct inbox_row *row, uint8_t *bytes)
{
	struct writer w = row_begin_as(bytes, INBOX_VERSION);

	write_u64(&w, row->arrival);
	write_u64(&w, row->mailbox_number);
	write_u64(&w, row->position);
	write_i64(&w, row->instant);
	write_raw(&w, row->leaf_hash, DIGEST_SIZE);
	write_u64(&w, row->case_number);
	write_ref(&w, &row->case_ref);
	write_ref(&w, &row->ref);
	write_u64(&w, row->number);
	write_u64(&w, (uint64_t)row->kind);
	write_ref(&w, &row->reply_to);
	write_i64(&w, row->written_at);
	write_i64(&w, row->event_date);
	write_u64(&w, row->has_event_date);
	write_i64(&w, row->opened_at);
	write_u64(&w, row->trouble);
	write_string(&w, row->trouble_text);
	write_notice(&w, row);
	write_u64(&w, row->settled);
	write_u64(&w, row->erased_by);
	write_u64(&w, row->erased_ground);
	return row_end(&w);
}

enum sk_error
inbox_decode(struct span bytes, struct inbox_row *row)
{
	uint64_t version;
	struct reader r = row_open_as(bytes, INBOX_VERSION, &version);

	memset(row, 0, sizeof(*row));
	row->arrival = read_u64(&r);
	row->mailbox_number = read_u64(&r);
	row->position = read_u64(&r);
	row->instant = read_i64(&r);
	read_copy(&r, row->leaf_hash, DIGEST_SIZE);
	row->case_number = read_u64(&r);
	read_ref(&r, &row->case_ref);
	read_ref(&r, &row->ref);
	row->number = read_u64(&r);
	row->kind = (Sk__Kind)read_u64(&r);
	read_ref(&r, &row->reply_to);
	row->written_at = read_i64(&r);
	row->event_date = (int32_t)read_i64(&r);
	row->has_event_date = read_u64(&r) != 0;
	row->opened_at = read_i64(&r);
	row->trouble = (uint32_t)read_u64(&r);
	read_string(&r, row->trouble_text, sizeof(row->trouble_text));
	read_notice(&r, row);
	if (version >= INBOX_VERSION) {
		row->settled = (uint32_t)read_u64(&r);
		row->erased_by = read_u64(&r);
		row->erased_ground = (uint32_t)read_u64(&r);
	}
	return row_close(&r);
}

size_t
card_encode(const struct case_card *row, uint8_t *bytes)
{
	struct writer w = row_begin(bytes);

	write_ref(&w, &row->ref);
	write_u64(&w, row->number);
	write_u64(&w, row->messages);
	write_u64(&w, row->unopened);
	write_i64(&w, row->last_instant);
	write_u64(&w, row->last_position);
	write_u64(&w, (uint64_t)row->last_kind);
	write_u64(&w, row->participants);
	for (size_t i = 0; i < row->participants; i++)
		write_u64(&w, row->participant[i]);
	return row_end(&w);
}

enum sk_error
card_decode(struct span bytes, struct case_card *row)
{
	struct reader r = row_open(bytes);

	memset(row, 0, sizeof(*row));
	read_ref(&r, &row->ref);
	row->number = read_u64(&r);
	row->messages = read_u64(&r);
	row->unopened = read_u64(&r);
	row->last_instant = read_i64(&r);
	row->last_position = read_u64(&r);
	row->last_kind = (Sk__Kind)read_u64(&r);
	row->participants = read_u64(&r);
	if (row->participants > CASE_KNOWN_MAX)
		return SK_STORE_CORRUPT;
	for (size_t i = 0; i < row->participants; i++)
		row->participant[i] = read_u64(&r);
	return row_close(&r);
}

size_t
known_key_encode(const struct known_key *row, uint8_t *bytes)
{
	struct writer w = row_begin(bytes);

	write_u64(&w, row->participant);
	write_u64(&w, (uint64_t)row->use);
	write_raw(&w, row->key, sizeof(row->key));
	write_raw(&w, row->statement, DIGEST_SIZE);
	write_u64(&w, row->revoked);
	return row_end(&w);
}

enum sk_error
known_key_decode(struct span bytes, struct known_key *row)
{
	struct reader r = row_open(bytes);

	memset(row, 0, sizeof(*row));
	row->participant = read_u64(&r);
	row->use = (enum key_use)read_u64(&r);
	read_copy(&r, row->key, sizeof(row->key));
	read_copy(&r, row->statement, DIGEST_SIZE);
	row->revoked = read_u64(&r) != 0;
	return row_close(&r);
}

size_t
member_encode(const struct member *row, uint8_t *bytes)
{
	struct writer w = row_begin(bytes);
	struct statement enrolment = row->current;
	size_t size = 0;

	write_raw(&w, row->digest, DIGEST_SIZE);
	write_raw(&w, row->enrolment, DIGEST_SIZE);
	write_u64(&w, row->revoked);
	write_u64(&w, (uint64_t)row->current.type);
	write_u64(&w, row->current.generation);
	write_raw(&w, row->current.replaces, DIGEST_SIZE);
	write_u64(&w, row->current.reason);
	/* The body has every other field, whatever the last statement was. */
	enrolment.type = STATEMENT_ENROL;
	if (statement_encode(&enrolment, bytes + row_end(&w), &size) != SK_OK)
		return 0;
	return w.size + size;
}

enum sk_error
member_decode(struct span bytes, struct member *row)
{
	struct reader r = row_open(bytes);
	uint64_t type, generation, reason;
	uint8_t replaces[DIGEST_SIZE] = { 0 };

	memset(row, 0, sizeof(*row));
	read_copy(&r, row->digest, DIGEST_SIZE);
	read_copy(&r, row->enrolment, DIGEST_SIZE);
	row->revoked = read_u64(&r) != 0;
	type = read_u64(&r);
	generation = read_u64(&r);
	read_copy(&r, replaces, DIGEST_SIZE);
	reason = read_u64(&r);
	if (r.failed || statement_decode(r.bytes + r.at, r.size - r.at,
	    &row->current, NULL) != SK_OK)
		return SK_STORE_CORRUPT;
	row->current.type = (enum statement_type)type;
	row->current.generation = generation;
	row->current.reason = reason;
	memcpy(row->current.replaces, replaces, DIGEST_SIZE);
	return SK_OK;
}

size_t
duty_encode(const struct duty_row *row, uint8_t *bytes)
{
	struct writer w = row_begin(bytes);

	write_u64(&w, row->responsible);
	write_i64(&w, row->since);
	write_u64(&w, row->proposed);
	write_u64(&w, row->proposed_by);
	write_i64(&w, row->proposed_at);
	write_string(&w, row->note);
	return row_end(&w);
}

enum sk_error
duty_decode(struct span bytes, struct duty_row *row)
{
	struct reader r = row_open(bytes);

	memset(row, 0, sizeof(*row));
	row->responsible = read_u64(&r);
	row->since = read_i64(&r);
	row->proposed = read_u64(&r);
	row->proposed_by = read_u64(&r);
	row->proposed_at = read_i64(&r);
	read_string(&r, row->note, sizeof(row->note));
	return row_close(&r);
}

size_t
call_encode(const struct call_row *row, uint8_t *bytes)
{
	struct writer w = row_begin(bytes);

	write_u64(&w, (uint64_t)row->of);
	write_u64(&w, (uint64_t)row->kind);
	write_u64(&w, row->notice_kind);
	write_ref(&w, &row->case_ref);
	write_u64(&w, row->case_number);
	write_ref(&w, &row->about);
	write_u64(&w, row->position);
	write_u64(&w, row->attempts);
	write_i64(&w, row->not_before);
	write_u64(&w, row->out_of_hours);
	write_u64(&w, row->failed);
	return row_end(&w);
}

enum sk_error
call_decode(struct span bytes, struct call_row *row)
{
	struct reader r = row_open(bytes);

	memset(row, 0, sizeof(*row));
	row->of = (enum call_of)read_u64(&r);
	row->kind = (Sk__Kind)read_u64(&r);
	row->notice_kind = (uint32_t)read_u64(&r);
	read_ref(&r, &row->case_ref);
	row->case_number = read_u64(&r);
	read_ref(&r, &row->about);
	row->position = read_u64(&r);
	row->attempts = read_u64(&r);
	row->not_before = read_i64(&r);
	row->out_of_hours = read_u64(&r) != 0;
	row->failed = read_u64(&r) != 0;
	return row_close(&r);
}
