#include "agents/agent/compose.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "agents/agent/cases.h"
#include "agents/agent/charters.h"
#include "agents/agent/directory.h"
#include "agents/agent/household.h"
#include "agents/agent/outbox.h"
#include "proto/chain.h"

static enum sk_error
mark(struct agent *agent, uint32_t households, size_t *n, uint32_t **numbers)
{
	*n = 0;
	if (households == 0)
		return SK_OK;
	*numbers = arena_take(&agent->scratch, 32 * sizeof(**numbers));
	if (*numbers == NULL)
		return SK_NO_MEMORY;
	for (uint32_t i = 0; i < 32; i++)
		if ((households >> i & 1) != 0)
			(*numbers)[(*n)++] = i;
	return SK_OK;
}

/* Declare what the sealed part will hold: section and length, and who of the
 * family does not get to see it. */
static enum sk_error
declare_sections(struct agent *agent, struct draft *draft, struct fault *fault)
{
	Sk__Content *content = draft->content;
	void **items = NULL;
	Sk__SectionLength *length;
	const char *text;

	draft->facts->n_sections = 0;
	for (size_t i = 0; content != NULL && i < content->n_sections; i++) {
		length = arena_new(&agent->scratch, Sk__SectionLength,
		    sk__section_length__init);
		if (length == NULL || arena_append(&agent->scratch,
		    &draft->facts->n_sections, &items, length) != 0)
			return fault_set(fault, SK_NO_MEMORY, "sections",
			    NULL);
		text = content->sections[i]->text;
		length->has_section = length->has_characters = 1;
		length->section = content->sections[i]->section;
		length->characters = (uint32_t)wire_text_characters(text,
		    strlen(text));
		if ((unsigned)length->section < SECTIONS_MAX && (mark(agent,
		    draft->withheld_from[length->section],
		    &length->n_withheld_from, &length->withheld_from) !=
		    SK_OK || mark(agent, draft->address_of[length->section],
		    &length->n_address_of, &length->address_of) != SK_OK))
			return fault_set(fault, SK_NO_MEMORY, "marks", NULL);
	}
	draft->facts->sections = (Sk__SectionLength **)items;
	draft->facts->has_version = 1;
	draft->facts->version = MESSAGE_VERSION;
	return SK_OK;
}

/* An address that must not be known is marked before it is sealed. */
static enum sk_error
check_marks(struct agent *agent, const struct draft *draft,
    struct fault *fault)
{
	struct household_persons persons = { 0 };
	Sk__Section section;
	enum sk_error rc = SK_OK;

	/* what is sealed anew was marked by its sender */
	if (draft->content == NULL || draft->info->kind == SK__KIND__RESEAL)
		return SK_OK;
	if (draft->info->opens_case)
		household_hear(&persons, draft->facts);
	else
		rc = household_of_case(agent, &draft->case_ref, &persons);
	if (rc != SK_OK)
		return fault_set(fault, rc, "case", NULL);
	return household_check(&persons, draft->facts, draft->content,
	    &section, fault);
}

static enum sk_error
pack_facts(struct agent *agent, struct draft *draft, struct span *facts,
    struct fault *fault)
{
	uint8_t *bytes;
	enum sk_error rc;

	if ((rc = declare_sections(agent, draft, fault)) != SK_OK ||
	    (rc = facts_check(draft->info, draft->facts, fault)) != SK_OK ||
	    (rc = content_check(draft->facts, draft->content, fault)) !=
	    SK_OK || (rc = check_marks(agent, draft, fault)) != SK_OK)
		return rc;
	rc = wire_encode(&draft->facts->base, &agent->scratch, &bytes,
	    &facts->size);
	if (rc != SK_OK)
		return fault_set(fault, rc, "facts", NULL);
	facts->bytes = bytes;
	if (facts->size > FACTS_BYTES_MAX)
		return fault_set(fault, SK_OVERSIZED, "facts",
		    "at most %u bytes", FACTS_BYTES_MAX);
	return SK_OK;
}

/* The sealing key of a recipient, vouched for by the directory. */
static enum sk_error
key_of(struct agent *agent, uint64_t participant, size_t index,
    uint8_t key[32], struct fault *fault)
{
	struct member member;
	char path[32];
	enum sk_error rc;

	if (participant == agent_self(agent)) {
		memcpy(key, agent->identity.seal.public_key, 32);
		return SK_OK;
	}
	snprintf(path, sizeof(path), "to[%zu]", index);
	rc = charters_wait(agent->archive) ? SK_RECIPIENT_UNKNOWN :
	    directory_member(agent->archive, participant, &member);
	if (rc == SK_OK && !member_is_current(&member,
	    civil_date_at(agent_now(agent))))
		rc = SK_RECIPIENT_UNKNOWN;
	if (rc != SK_OK)
		return fault_set(fault, rc, path, "participant %llu is not "
		    "in the directory now", (unsigned long long)participant);
	memcpy(key, member.current.keys.seal, 32);
	return SK_OK;
}

static enum sk_error
make_header(struct agent *agent, const struct draft *draft,
    struct header *header, uint8_t keys[RECIPIENTS_MAX][32],
    struct fault *fault)
{
	enum sk_error rc = SK_OK;

	memset(header, 0, sizeof(*header));
	header->info = draft->info;
	memcpy(header->id.boot, agent->boot, BOOT_SIZE);
	header->id.number = agent->next_id;
	header->case_ref = draft->case_ref;
	if (kind_names_itself(draft->info)) {
		header->case_ref.participant = agent_self(agent);
		header->case_ref.id = header->id;
	}
	header->reply_to = draft->reply_to;
	header->person = draft->person;
	header->on_behalf_of = draft->on_behalf_of;
	header->written_at = agent_now(agent);
	header->event_date = draft->event_date;
	header->has_event_date = draft->has_event_date;
	header->recipients = draft->recipients;
	for (size_t i = 0; rc == SK_OK && i < draft->recipients; i++) {
		header->recipient[i].participant = draft->recipient[i];
		rc = key_of(agent, draft->recipient[i], i, keys[i], fault);
		if (rc == SK_OK)
			digest_key_id(header->recipient[i].key_id, keys[i]);
	}
	return rc;
}

static enum sk_error
seal_content(struct agent *agent, const struct draft *draft,
    Sk__Envelope *envelope, uint8_t keys[RECIPIENTS_MAX][32],
    struct fault *fault)
{
	uint8_t header_digest[DIGEST_SIZE], commitment[DIGEST_SIZE];
	uint8_t *plain = NULL, *sealed;
	size_t plain_size = 0, size;
	enum sk_error rc;

	if (draft->content == NULL || (draft->content->n_sections == 0 &&
	    !draft->content->has_key))
		return SK_OK;
	rc = wire_encode(&draft->content->base, &agent->scratch, &plain,
	    &plain_size);
	if (rc != SK_OK)
		return fault_set(fault, rc, "sections", NULL);
	size = seal_size(plain_size, draft->recipients);
	if (size == 0 || size > SEALED_BYTES_MAX) {
		rc = fault_set(fault, SK_OVERSIZED, "sections",
		    "at most %u bytes together", SEAL_PLAIN_MAX);
		goto done;
	}
	if ((sealed = arena_take(&agent->scratch, size)) == NULL) {
		rc = fault_set(fault, SK_NO_MEMORY, "sections", NULL);
		goto done;
	}
	digest_bytes(header_digest, envelope->header.data,
	    envelope->header.len);
	chain_commitment(commitment, envelope->nonce.data,
	    envelope->facts.data, envelope->facts.len);
	rc = seal_close((const uint8_t (*)[32])keys, draft->recipients,
	    header_digest, commitment, plain, plain_size, sealed, &size);
	if (rc != SK_OK)
		fault_set(fault, rc, "sections", NULL);
	envelope->sealed.data = sealed;
	envelope->sealed.len = size;
done:
	sodium_memzero(plain, plain_size);
	return rc;
}

static void
fill_row(const struct header *header, struct own_row *row)
{
	memset(row, 0, sizeof(*row));
	row->id = header->id;
	row->kind = header->info->kind;
	row->case_ref = header->case_ref;
	row->reply_to = header->reply_to;
	row->person = header->person;
	row->on_behalf_of = header->on_behalf_of;
	row->written_at = header->written_at;
	row->event_date = header->event_date;
	row->has_event_date = header->has_event_date;
	row->recipients = header->recipients;
	for (size_t i = 0; i < header->recipients; i++)
		row->recipient[i] = header->recipient[i].participant;
}

/* The case that an opening opens is known here at once, so that what follows
 * it can be written before its receipt has come. */
static enum sk_error
remember_case(struct agent *agent, const struct own_row *row)
{
	struct case_card card;
	enum sk_error rc;

	rc = cases_join(agent->archive, &row->case_ref, 0, &card);
	if (rc != SK_OK)
		return rc;
	for (size_t i = 0; i < row->recipients; i++)
		cases_add_participant(&card, row->recipient[i]);
	cases_put(agent->archive, &card);
	return SK_OK;
}

static enum sk_error
put_out(struct agent *agent, const struct header *header,
    Sk__Envelope *envelope, struct own_row *row, struct fault *fault)
{
	struct span packed;
	uint8_t *bytes;
	enum sk_error rc;

	envelope->has_header = envelope->has_nonce = 1;
	envelope->has_facts = envelope->has_sealed = 1;
	rc = wire_encode(&envelope->base, &agent->scratch, &bytes,
	    &packed.size);
	if (rc != SK_OK)
		return fault_set(fault, rc, "envelope", NULL);
	packed.bytes = bytes;
	fill_row(header, row);
	if (header->info->opens_case &&
	    (rc = remember_case(agent, row)) != SK_OK)
		return fault_set(fault, rc, "case", NULL);
	outbox_add(agent->archive, row, packed);
	agent->next_id++;
	return SK_OK;
}

enum sk_error
compose(struct agent *agent, struct draft *draft, struct own_row *row,
    struct fault *fault)
{
	Sk__Envelope envelope = SK__ENVELOPE__INIT;
	uint8_t nonce[NONCE_SIZE], keys[RECIPIENTS_MAX][32];
	struct header header;
	struct span facts;
	enum sk_error rc;

	if ((rc = address_fill(agent, draft, fault)) != SK_OK ||
	    (rc = pack_facts(agent, draft, &facts, fault)) != SK_OK ||
	    (rc = make_header(agent, draft, &header, keys, fault)) != SK_OK)
		return rc;
	rc = header_encode(&header, &agent->scratch, &envelope.header.data,
	    &envelope.header.len, fault);
	if (rc != SK_OK)
		return rc;
	randombytes_buf(nonce, sizeof(nonce));
	envelope.nonce.data = nonce;
	envelope.nonce.len = sizeof(nonce);
	envelope.facts.data = (uint8_t *)(uintptr_t)facts.bytes;
	envelope.facts.len = facts.size;
	rc = seal_content(agent, draft, &envelope, keys, fault);
	if (rc != SK_OK)
		return rc;
	return put_out(agent, &header, &envelope, row, fault);
}
