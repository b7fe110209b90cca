#include "proto/message.h"

#include <stdio.h>
#include <string.h>

#include "proto/civil.h"
#include "proto/fault.h"

#define HEADER_VERSION_FIELD 1u
#define HEADER_KIND_FIELD 3u
#define TRACEPARENT_SIZE 55u

/* Paths are put together when there is a fault to name. */
static enum sk_error
check_id(const Sk__EnvelopeId *message, const char *path,
    struct envelope_id *id, struct fault *fault)
{
	if (message == NULL)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s.id", path);
	if (!message->has_boot)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s.id.boot",
		    path);
	if (message->boot.len != BOOT_SIZE)
		return fault_at(fault, SK_FIELD_INVALID, "8 bytes",
		    "%s.id.boot", path);
	if (!message->has_number)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s.id.number",
		    path);
	if (message->number == 0)
		return fault_at(fault, SK_FIELD_INVALID, "1 or more",
		    "%s.id.number", path);
	memcpy(id->boot, message->boot.data, BOOT_SIZE);
	id->number = message->number;
	return SK_OK;
}

static enum sk_error
check_participant(int has, uint64_t participant, const char *path,
    struct fault *fault)
{
	if (!has)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s.participant",
		    path);
	if (participant == 0)
		return fault_at(fault, SK_FIELD_INVALID, "1 or more",
		    "%s.participant", path);
	return SK_OK;
}

static enum sk_error
check_ref(const Sk__Ref *message, const char *path, struct envelope_ref *ref,
    struct fault *fault)
{
	enum sk_error rc;

	if (message == NULL)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s", path);
	rc = check_participant(message->has_participant, message->participant,
	    path, fault);
	if (rc != SK_OK)
		return rc;
	ref->participant = message->participant;
	return check_id(message->id, path, &ref->id, fault);
}

static enum sk_error
check_kind(const Sk__Header *message, struct header *header,
    struct fault *fault)
{
	if (!message->has_version)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "header.version");
	if (message->version != MESSAGE_VERSION)
		return fault_at(fault, SK_VERSION_UNKNOWN, "1 to 1",
		    "header.version");
	if (!message->has_kind)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "header.kind");
	header->info = kind_info(message->kind);
	if (header->info == NULL)
		return fault_at(fault, SK_KIND_UNKNOWN, NULL, "header.kind");
	return SK_OK;
}

static enum sk_error
check_names(const Sk__Header *message, struct header *header,
    struct fault *fault)
{
	enum sk_error rc;

	if ((rc = check_id(message->id, "header", &header->id, fault)) !=
	    SK_OK)
		return rc;
	rc = check_ref(message->case_ref, "header.case_ref", &header->case_ref,
	    fault);
	if (rc != SK_OK)
		return rc;
	/* An opening names the case by its own id: nobody can open a case
	 * under the name of another envelope. What is about no case does so
	 * too, and so can never be taken into one. */
	if (kind_names_itself(header->info) &&
	    (header->case_ref.id.number != header->id.number ||
	    memcmp(header->case_ref.id.boot, header->id.boot, BOOT_SIZE) != 0))
		return fault_at(fault, SK_FIELD_INVALID,
		    "the id of the envelope itself", "header.case_ref.id");
	if (message->reply_to == NULL && !header->info->replies)
		return SK_OK;
	return check_ref(message->reply_to, "header.reply_to",
	    &header->reply_to, fault);
}

static enum sk_error
wrong_recipient(struct fault *fault, enum sk_error code, const char *hint,
    size_t index, const char *field)
{
	return fault_at(fault, code, hint, "header.recipients[%zu].%s", index,
	    field);
}

static enum sk_error
check_recipient(const Sk__Recipient *message, size_t index,
    struct header *header, struct fault *fault)
{
	if (!message->has_participant)
		return wrong_recipient(fault, SK_FIELD_MISSING, NULL, index,
		    "participant");
	if (message->participant == 0)
		return wrong_recipient(fault, SK_FIELD_INVALID, "1 or more",
		    index, "participant");
	for (size_t i = 0; i < index; i++)
		if (header->recipient[i].participant == message->participant)
			return wrong_recipient(fault, SK_FIELD_INVALID,
			    "each recipient once", index, "participant");
	if (!message->has_key_id)
		return wrong_recipient(fault, SK_FIELD_MISSING, NULL, index,
		    "key_id");
	if (message->key_id.len != DIGEST_SIZE)
		return wrong_recipient(fault, SK_FIELD_INVALID, "32 bytes",
		    index, "key_id");
	header->recipient[index].participant = message->participant;
	memcpy(header->recipient[index].key_id, message->key_id.data,
	    DIGEST_SIZE);
	return SK_OK;
}

static enum sk_error
check_recipients(const Sk__Header *message, struct header *header,
    struct fault *fault)
{
	enum sk_error rc = SK_OK;

	if (message->n_recipients == 0)
		return fault_at(fault, SK_FIELD_MISSING, NULL,
		    "header.recipients");
	if (message->n_recipients > RECIPIENTS_MAX)
		return fault_at(fault, SK_FIELD_INVALID, "at most 32",
		    "header.recipients");
	for (size_t i = 0; rc == SK_OK && i < message->n_recipients; i++)
		rc = check_recipient(message->recipients[i], i, header, fault);
	header->recipients = message->n_recipients;
	return rc;
}

static enum sk_error
check_persons(const Sk__Header *message, struct header *header,
    struct fault *fault)
{
	if (message->has_person && message->person == 0)
		return fault_at(fault, SK_FIELD_INVALID, "1 or more",
		    "header.person");
	if (message->has_on_behalf_of && message->on_behalf_of == 0)
		return fault_at(fault, SK_FIELD_INVALID, "1 or more",
		    "header.on_behalf_of");
	/* A substitute is a person, and so is who opens. */
	if (!message->has_person && (message->has_on_behalf_of ||
	    header->info->kind == SK__KIND__OPENED))
		return fault_at(fault, SK_FIELD_MISSING, NULL, "header.person");
	header->person = message->has_person ? message->person : 0;
	header->on_behalf_of = message->has_on_behalf_of ?
	    message->on_behalf_of : 0;
	return SK_OK;
}

static enum sk_error
check_dates(const Sk__Header *message, struct header *header,
    struct fault *fault)
{
	if (!message->has_written_at)
		return fault_at(fault, SK_FIELD_MISSING, NULL,
		    "header.written_at");
	if (message->written_at < civil_day_start(CIVIL_DATE_MIN) ||
	    message->written_at >= civil_day_end(CIVIL_DATE_MAX))
		return fault_at(fault, SK_DATE_INVALID, "1900 to 2199",
		    "header.written_at");
	header->written_at = message->written_at;
	if (!message->has_event_date)
		return !header->info->dated ? SK_OK : fault_at(fault,
		    SK_FIELD_MISSING, NULL, "header.event_date");
	if (message->event_date < CIVIL_DATE_MIN ||
	    message->event_date > CIVIL_DATE_MAX)
		return fault_at(fault, SK_DATE_INVALID, "1900 to 2199",
		    "header.event_date");
	header->has_event_date = true;
	header->event_date = message->event_date;
	return SK_OK;
}

static bool
is_hex(const char *text, size_t size)
{
	bool zero = true;

	for (size_t i = 0; i < size; i++) {
		if ((text[i] < '0' || text[i] > '9') &&
		    (text[i] < 'a' || text[i] > 'f'))
			return false;
		zero = zero && text[i] == '0';
	}
	return !zero;
}

/* W3C Trace Context, version 00: ids in lower case and not all zero. */
static bool
is_traceparent(const char *text)
{
	return strlen(text) == TRACEPARENT_SIZE &&
	    strncmp(text, "00-", 3) == 0 && is_hex(text + 3, 32) &&
	    text[35] == '-' && is_hex(text + 36, 16) && text[52] == '-' &&
	    (strcmp(text + 53, "00") == 0 || is_hex(text + 53, 2));
}

static enum sk_error
check_rest(const Sk__Header *message, struct fault *fault)
{
	if (message->n_attachments > 0)
		return fault_at(fault, SK_FIELD_UNEXPECTED,
		    "attachments are reserved", "header.attachments[0]");
	if (message->traceparent != NULL &&
	    !is_traceparent(message->traceparent))
		return fault_at(fault, SK_FIELD_INVALID,
		    "00-(32 hex)-(16 hex)-(2 hex), lower case",
		    "header.traceparent");
	return SK_OK;
}

static enum sk_error
check_header(const Sk__Header *message, struct header *header,
    struct fault *fault)
{
	enum sk_error rc;

	memset(header, 0, sizeof(*header));
	if ((rc = check_kind(message, header, fault)) != SK_OK ||
	    (rc = check_names(message, header, fault)) != SK_OK ||
	    (rc = check_recipients(message, header, fault)) != SK_OK ||
	    (rc = check_persons(message, header, fault)) != SK_OK ||
	    (rc = check_dates(message, header, fault)) != SK_OK)
		return rc;
	return check_rest(message, fault);
}

/* A later version may have fields and kinds that are unknown here: the
 * version is what its sender must be told about. */
static enum sk_error
peek_header(const void *bytes, size_t size, struct fault *fault)
{
	uint64_t value;

	if (wire_peek(bytes, size, HEADER_VERSION_FIELD, &value) &&
	    value != MESSAGE_VERSION)
		return fault_at(fault, SK_VERSION_UNKNOWN, "1 to 1",
		    "header.version");
	if (wire_peek(bytes, size, HEADER_KIND_FIELD, &value) &&
	    (value > INT32_MAX || kind_info((Sk__Kind)value) == NULL))
		return fault_at(fault, SK_KIND_UNKNOWN, NULL, "header.kind");
	return SK_OK;
}

enum sk_error
header_decode(const void *bytes, size_t size, struct arena *arena,
    struct header *header, struct fault *fault)
{
	ProtobufCMessage *message;
	enum sk_error rc;

	memset(header, 0, sizeof(*header));
	if (size <= HEADER_BYTES_MAX &&
	    (rc = peek_header(bytes, size, fault)) != SK_OK)
		return rc;
	rc = wire_decode(&sk__header__descriptor, "header", bytes, size,
	    HEADER_BYTES_MAX, arena, &message, fault);
	if (rc != SK_OK)
		return rc;
	return check_header((const Sk__Header *)(void *)message, header, fault);
}

static enum sk_error
put_recipients(const struct header *header, struct arena *arena,
    Sk__Header *message, struct fault *fault)
{
	void **items = NULL;
	Sk__Recipient *r;

	if (header->recipients > RECIPIENTS_MAX)
		return fault_at(fault, SK_FIELD_INVALID, "at most 32",
		    "header.recipients");
	for (size_t i = 0; i < header->recipients; i++) {
		r = arena_new(arena, Sk__Recipient, sk__recipient__init);
		if (r == NULL ||
		    arena_append(arena, &message->n_recipients, &items, r) != 0)
			return fault_at(fault, SK_NO_MEMORY, NULL, "header");
		r->has_participant = 1;
		r->participant = header->recipient[i].participant;
		r->has_key_id = 1;
		r->key_id.len = DIGEST_SIZE;
		r->key_id.data = arena_copy(arena, header->recipient[i].key_id,
		    DIGEST_SIZE);
		if (r->key_id.data == NULL)
			return fault_at(fault, SK_NO_MEMORY, NULL, "header");
	}
	message->recipients = (Sk__Recipient **)items;
	return SK_OK;
}

/* reply_to NULL stays NULL when there is none. */
static enum sk_error
put_names(const struct header *header, struct arena *arena,
    Sk__Header *message, struct fault *fault)
{
	const struct envelope_ref own = { .participant = 1, .id = header->id };
	Sk__Ref *ref = ref_to_message(&own, arena);

	message->case_ref = ref_to_message(&header->case_ref, arena);
	if (!ref_is_none(&header->reply_to)) {
		message->reply_to = ref_to_message(&header->reply_to, arena);
		if (message->reply_to == NULL)
			return fault_at(fault, SK_NO_MEMORY, NULL, "header");
	}
	if (ref == NULL || message->case_ref == NULL)
		return fault_at(fault, SK_NO_MEMORY, NULL, "header");
	message->id = ref->id;
	return SK_OK;
}

static enum sk_error
put_header(const struct header *header, struct arena *arena,
    Sk__Header *message, struct fault *fault)
{
	enum sk_error rc;

	if (header->info == NULL)
		return fault_at(fault, SK_KIND_UNKNOWN, NULL, "header.kind");
	sk__header__init(message);
	message->has_version = 1;
	message->version = MESSAGE_VERSION;
	message->has_kind = 1;
	message->kind = header->info->kind;
	message->has_person = header->person != 0;
	message->person = header->person;
	message->has_on_behalf_of = header->on_behalf_of != 0;
	message->on_behalf_of = header->on_behalf_of;
	message->has_written_at = 1;
	message->written_at = header->written_at;
	message->has_event_date = header->has_event_date;
	message->event_date = header->event_date;
	if ((rc = put_names(header, arena, message, fault)) != SK_OK)
		return rc;
	return put_recipients(header, arena, message, fault);
}

enum sk_error
header_encode(const struct header *header, struct arena *arena,
    uint8_t **bytes, size_t *size, struct fault *fault)
{
	struct header checked;
	Sk__Header message;
	enum sk_error rc;

	if ((rc = put_header(header, arena, &message, fault)) != SK_OK ||
	    (rc = check_header(&message, &checked, fault)) != SK_OK)
		return rc;
	if ((rc = wire_encode(&message.base, arena, bytes, size)) != SK_OK)
		return fault_set(fault, rc, "header", NULL);
	if (*size > HEADER_BYTES_MAX)
		return fault_at(fault, SK_OVERSIZED, NULL, "header");
	return SK_OK;
}
