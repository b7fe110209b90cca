#include "agents/audit/entry.h"

#include <string.h>

#include "proto/control.pb-c.h"
#include "proto/charter.h"
#include "proto/wire.h"

static const struct event_info {
	Sk__EventKind kind;
	const ProtobufCMessageDescriptor *body;
	const char *name;
	const char *dutch;
} events[] = {
	{ SK__EVENT_KIND__FOUNDING, &sk__founding_body__descriptor,
	    "FOUNDING", "oprichting" },
	{ SK__EVENT_KIND__ENVELOPE_EVENT, NULL,
	    "ENVELOPE", "onleesbaar bericht" },
	{ SK__EVENT_KIND__DEADLINE_EVENT, &sk__deadline_body__descriptor,
	    "DEADLINE", "termijn" },
	{ SK__EVENT_KIND__MAILBOX_EVENT, &sk__mailbox_body__descriptor,
	    "MAILBOX", "bezorging" },
	{ SK__EVENT_KIND__DIRECTORY_EVENT, &sk__statement__descriptor,
	    "DIRECTORY", "deelnemerslijst" },
	{ SK__EVENT_KIND__CONTROL_EVENT, &sk__signed_command__descriptor,
	    "CONTROL", "opdracht van beheerder" },
	{ SK__EVENT_KIND__UNSIGNED_EVENT, &sk__unsigned_body__descriptor,
	    "UNSIGNED", "niet ondertekend" },
	{ SK__EVENT_KIND__STARTED_EVENT, &sk__started_body__descriptor,
	    "STARTED", "start van de broker" },
	{ SK__EVENT_KIND__QUARTER_CLOSED, &sk__quarter_figures__descriptor,
	    "QUARTER", "cijfers van een kwartaal" },
	{ SK__EVENT_KIND__RESTORE_EVENT, &sk__signed_command__descriptor,
	    "RESTORE", "herstel uit een reservekopie" },
	{ SK__EVENT_KIND__ERASE_EVENT, &sk__erase_body__descriptor,
	    "ERASE", "zaak gewist" },
	{ SK__EVENT_KIND__DAYS_ERASED_EVENT, &sk__days_erased_body__descriptor,
	    "DAYS_ERASED", "geweigerde berichten gewist" },
	{ SK__EVENT_KIND__MERGER_EVENT, &sk__merger_body__descriptor,
	    "MERGER", "herindeling van gemeenten" },
};

static const struct event_info *
event_info(Sk__EventKind kind)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i].kind == kind)
			return &events[i];
	return NULL;
}

static enum sk_error
part(struct entry *entry, const char *name, struct span bytes,
    const ProtobufCMessageDescriptor *descriptor,
    const ProtobufCMessage **message, struct fault *fault)
{
	ProtobufCMessage *decoded;

	if (wire_decode(descriptor, name, bytes.bytes, bytes.size,
	    LEAF_BYTES_MAX, &entry->arena, &decoded, fault) != SK_OK) {
		fault->code = SK_STORE_CORRUPT;
		return SK_STORE_CORRUPT;
	}
	*message = decoded;
	return SK_OK;
}

static enum sk_error
decode_parts(struct entry *entry, struct fault *fault)
{
	const struct leaf *leaf = &entry->leaf;
	const struct event_info *info = event_info(leaf->kind);
	const ProtobufCMessage *message;
	enum sk_error rc;

	if (info == NULL)
		return fault_set(fault, SK_STORE_CORRUPT, "kind", NULL);
	if (leaf->header_whole && header_decode(leaf->header.bytes,
	    leaf->header.size, &entry->arena, &entry->header, fault) != SK_OK) {
		fault->code = SK_STORE_CORRUPT;
		return SK_STORE_CORRUPT;
	}
	if (info->body != NULL && (rc = part(entry, "body", leaf->body,
	    info->body, &entry->body, fault)) != SK_OK)
		return rc;
	if (leaf->outcome.size != 0) {
		if ((rc = part(entry, "outcome", leaf->outcome,
		    &sk__outcome__descriptor, &message, fault)) != SK_OK)
			return rc;
		entry->outcome = (const Sk__Outcome *)message;
	}
	if (leaf->effects.size != 0) {
		if ((rc = part(entry, "effects", leaf->effects,
		    &sk__effects__descriptor, &message, fault)) != SK_OK)
			return rc;
		entry->effects = (const Sk__Effects *)message;
	}
	return SK_OK;
}

enum sk_error
entry_read(struct journal *journal, uint64_t position, struct entry *entry,
    struct fault *fault)
{
	struct span bytes;
	enum sk_error rc;

	entry->position = position;
	entry->outcome = NULL;
	entry->effects = NULL;
	entry->body = NULL;
	arena_init(&entry->arena, entry->memory, sizeof(entry->memory));
	if ((rc = journal_leaf(journal, position, &bytes)) != SK_OK)
		return fault_set(fault, rc, "leaf",
		    "there is no entry at this position, or no leaf");
	memcpy(entry->bytes, bytes.bytes, bytes.size);
	digest_leaf(entry->hash, entry->bytes, bytes.size);
	if (leaf_decode(entry->bytes, bytes.size, &entry->leaf) != SK_OK)
		return fault_set(fault, SK_STORE_CORRUPT, "leaf",
		    "the leaf does not decode");
	return decode_parts(entry, fault);
}

const char *
entry_dutch(const struct entry *entry)
{
	const struct event_info *info = event_info(entry->leaf.kind);

	if (entry->leaf.header_whole)
		return entry->header.info->dutch;
	return info == NULL ? "?" : info->dutch;
}

const char *
entry_name(const struct entry *entry)
{
	const struct event_info *info = event_info(entry->leaf.kind);

	if (entry->leaf.header_whole)
		return entry->header.info->name;
	return info == NULL ? "?" : info->name;
}

uint64_t
entry_case(const struct entry *entry)
{
	if (entry->outcome != NULL && entry->outcome->has_case_number)
		return entry->outcome->case_number;
	return 0;
}

bool
entry_refused(const struct entry *entry)
{
	return entry->outcome != NULL && !entry->outcome->accepted;
}

bool
entry_touches(const struct entry *entry, uint64_t case_number)
{
	for (size_t i = 0; i < entry->leaf.cases; i++)
		if (entry->leaf.touched[i].number == case_number)
			return true;
	return false;
}

bool
entry_statement(const struct entry *entry, uint64_t *participant)
{
	const Sk__Statement *said = (const Sk__Statement *)entry->body;
	struct statement statement;

	if (entry->leaf.kind != SK__EVENT_KIND__DIRECTORY_EVENT)
		return false;
	/* Of nobody in particular, as one about the broker. */
	*participant = 0;
	if (charter_is_change(said->body.data, said->body.len))
		return true;
	if (statement_decode(said->body.data, said->body.len, &statement,
	    NULL) != SK_OK)
		return false;
	*participant = statement.participant;
	return true;
}

bool
entry_words(Sk__EventKind kind, const char **name, const char **dutch)
{
	const struct event_info *info = event_info(kind);

	if (info == NULL)
		return false;
	*name = info->name;
	*dutch = info->dutch;
	return true;
}
