#include "agents/agent/show.h"

#include <sodium.h>
#include <string.h>

#include "agents/agent/compose.h"
#include "agents/agent/household.h"
#include "agents/agent/inbox.h"
#include "agents/agent/outbox.h"
#include "agents/agent/receive.h"
#include "broker/lib/log.h"
#include "proto/chain.h"
#include "proto/seal.h"

static enum sk_error
find_me(struct agent *agent, const struct header *header, size_t *index,
    const struct seal_key **key)
{
	for (size_t i = 0; i < header->recipients; i++) {
		if (header->recipient[i].participant != agent_self(agent))
			continue;
		*index = i;
		*key = identity_seal_key(&agent->identity,
		    header->recipient[i].key_id);
		return *key == NULL ? SK_KEY_NOT_CURRENT : SK_OK;
	}
	return SK_RECIPIENT_WRONG;
}

enum sk_error
show_open_seal(struct agent *agent, const struct header *header,
    const Sk__Envelope *envelope, Sk__Content **content, struct fault *fault)
{
	uint8_t header_digest[DIGEST_SIZE], commitment[DIGEST_SIZE];
	const struct seal_key *key = NULL;
	size_t index = 0, size;
	uint8_t *plain;
	enum sk_error rc;

	*content = NULL;
	if (envelope->sealed.len == 0)
		return SK_OK;
	if (envelope->nonce.len != NONCE_SIZE)
		return fault_set(fault, SK_SEAL_BROKEN, "sealed", NULL);
	if ((rc = find_me(agent, header, &index, &key)) != SK_OK)
		return fault_set(fault, rc, "header.recipients",
		    "sealed to a key that is not here");
	plain = arena_take(&agent->scratch, envelope->sealed.len);
	if (plain == NULL)
		return fault_set(fault, SK_NO_MEMORY, "sealed", NULL);
	digest_bytes(header_digest, envelope->header.data,
	    envelope->header.len);
	chain_commitment(commitment, envelope->nonce.data,
	    envelope->facts.data, envelope->facts.len);
	rc = seal_open(key, index, header->recipients, header_digest,
	    commitment, envelope->sealed.data, envelope->sealed.len, plain,
	    &size);
	if (rc != SK_OK)
		return fault_set(fault, rc, "sealed", NULL);
	return content_decode(plain, size, &agent->scratch, content, fault);
}

/* The very bytes that their sender sealed and signed for. */
static enum sk_error
open_whole(struct agent *agent, const Sk__Envelope *envelope,
    const struct header *header, const ProtobufCBinaryData *key,
    Sk__Content **content, struct fault *fault)
{
	uint8_t header_digest[DIGEST_SIZE], commitment[DIGEST_SIZE];
	uint8_t *plain;
	size_t size;

	if (key->len != SEAL_KEY_SIZE || envelope->sealed.len == 0)
		return fault_set(fault, SK_SEAL_BROKEN, "content.key", NULL);
	plain = arena_take(&agent->scratch, envelope->sealed.len);
	if (plain == NULL)
		return fault_set(fault, SK_NO_MEMORY, "original", NULL);
	digest_bytes(header_digest, envelope->header.data,
	    envelope->header.len);
	chain_commitment(commitment, envelope->nonce.data,
	    envelope->facts.data, envelope->facts.len);
	if (seal_open_with(key->data, header->recipients, header_digest,
	    commitment, envelope->sealed.data, envelope->sealed.len, plain,
	    &size) != SK_OK)
		return fault_set(fault, SK_SEAL_BROKEN, "original.sealed",
		    "not by the key that came with it");
	return content_decode(plain, size, &agent->scratch, content, fault);
}

/* As long as their sender declared them; that they are its words rests on who
 * sealed them anew. */
static enum sk_error
check_part(const Sk__Facts *facts, const Sk__Content *part,
    struct fault *fault)
{
	for (size_t i = 0; part != NULL && i < part->n_sections; i++) {
		const Sk__SectionText *s = part->sections[i];
		const Sk__SectionLength *length = NULL;

		for (size_t j = 0; j < facts->n_sections; j++)
			if (facts->sections[j]->section == s->section)
				length = facts->sections[j];
		if (length == NULL || wire_text_characters(s->text,
		    strlen(s->text)) != length->characters)
			return fault_set(fault, SK_CONTENT_MISMATCH,
			    "content.sections", "%s: not as its sender "
			    "declared it", section_name(s->section));
	}
	return SK_OK;
}

enum sk_error
show_open_reseal(struct agent *agent, const Sk__Deliver *deliver,
    const Sk__Content *sealed, struct header *original, Sk__Facts **facts,
    Sk__Content **content, struct fault *fault)
{
	const Sk__Envelope *envelope = deliver->original;
	enum sk_error rc;

	if (envelope == NULL || sealed == NULL)
		return fault_set(fault, SK_ERASED, "original", NULL);
	rc = header_decode(envelope->header.data, envelope->header.len,
	    &agent->scratch, original, fault);
	if (rc == SK_OK)
		rc = facts_decode(original->info, envelope->facts.data,
		    envelope->facts.len, &agent->scratch, facts, fault);
	if (rc != SK_OK)
		return rc;
	if (!sealed->has_key) {
		*content = (Sk__Content *)(uintptr_t)sealed;
		return check_part(*facts, sealed, fault);
	}
	rc = open_whole(agent, envelope, original, &sealed->key, content,
	    fault);
	return rc != SK_OK ? rc : content_check(*facts, *content, fault);
}

/* An answer by the machine on behalf of a person: no text, no sealed part. */
static void
tell(struct agent *agent, const struct inbox_row *row, Sk__Kind kind,
    Sk__Facts *facts, uint64_t person, uint64_t on_behalf_of)
{
	struct draft draft = {
		.info = kind_info(kind),
		.case_ref = row->case_ref,
		.reply_to = row->ref,
		.person = person,
		.on_behalf_of = on_behalf_of,
		.facts = facts,
	};
	struct own_row own;
	struct fault fault = { 0 };

	if (compose(agent, &draft, &own, &fault) != SK_OK)
		log_event(LOG_WARN, "answer not written",
		    "kind=%s arrival=%llu code=%s field=%s", draft.info->name,
		    (unsigned long long)row->arrival, error_name(fault.code),
		    fault.field);
}

static bool
deserves_opening(Sk__Kind kind)
{
	return kind != SK__KIND__RECEIPT_OF && kind != SK__KIND__OPENED &&
	    kind != SK__KIND__CONTENT_MISMATCH_FOUND &&
	    !kind_has_no_case(kind_info(kind));
}

static void
note_opened(struct agent *agent, struct inbox_row *row, uint64_t person,
    uint64_t on_behalf_of)
{
	Sk__OpenedFacts opened = SK__OPENED_FACTS__INIT;
	Sk__Facts facts = SK__FACTS__INIT;

	if (!inbox_opened(agent->archive, row, person, agent_now(agent)) ||
	    row->kind == 0 || !deserves_opening(row->kind))
		return;
	facts.opened = &opened;
	tell(agent, row, SK__KIND__OPENED, &facts, person, on_behalf_of);
}

/* The section that differs, and what was found in it. */
static void
tell_mismatch(struct agent *agent, const struct inbox_row *row,
    const Sk__Facts *declared, const Sk__Content *content, uint64_t person)
{
	Sk__ContentMismatchFacts mismatch = SK__CONTENT_MISMATCH_FACTS__INIT;
	Sk__Facts facts = SK__FACTS__INIT;
	const char *text = NULL;
	bool differs = false;

	mismatch.has_section = mismatch.has_found_characters = 1;
	mismatch.section = SK__SECTION__PERSONALIA;
	for (size_t i = 0; !differs && i < declared->n_sections; i++) {
		text = "";
		mismatch.section = declared->sections[i]->section;
		for (size_t j = 0; content != NULL && j < content->n_sections;
		    j++)
			if (content->sections[j]->section == mismatch.section &&
			    content->sections[j]->text != NULL)
				text = content->sections[j]->text;
		mismatch.found_characters =
		    (uint32_t)wire_text_characters(text, strlen(text));
		differs = mismatch.found_characters !=
		    declared->sections[i]->characters;
	}
	if (!differs && content != NULL && content->n_sections > 0)
		mismatch.section = content->sections[0]->section;
	facts.content_mismatch_found = &mismatch;
	tell(agent, row, SK__KIND__CONTENT_MISMATCH_FOUND, &facts, person, 0);
}

/* What is not withheld from the other household and should be: its sender
 * learns of it, and the reader reads on. */
static void
look_for_address(struct agent *agent, const struct inbox_row *row,
    const struct shown *shown, uint64_t person)
{
	Sk__ContentMismatchFacts mismatch = SK__CONTENT_MISMATCH_FACTS__INIT;
	Sk__Facts facts = SK__FACTS__INIT;
	struct household_persons persons;
	struct fault fault = { 0 };

	if (row->opened_at != 0 || shown->content == NULL ||
	    shown->original.info != NULL ||
	    household_of_case(agent, &row->case_ref, &persons) != SK_OK ||
	    household_check(&persons, shown->facts, shown->content,
	    &mismatch.section, &fault) == SK_OK)
		return;
	log_event(LOG_WARN, "an address is not marked",
	    "arrival=%llu sender=%llu field=%s",
	    (unsigned long long)row->arrival,
	    (unsigned long long)row->ref.participant, fault.field);
	mismatch.has_section = 1;
	facts.content_mismatch_found = &mismatch;
	tell(agent, row, SK__KIND__CONTENT_MISMATCH_FOUND, &facts, person, 0);
}

static enum sk_error
show_own(struct agent *agent, const struct envelope_ref *ref,
    struct shown *shown, struct fault *fault)
{
	Sk__Envelope *envelope;
	enum sk_error rc;

	shown->own = true;
	rc = own_get(agent->archive, &ref->id, &shown->out);
	if (rc == SK_OK) {
		rc = own_envelope(agent->archive, &ref->id, &agent->scratch,
		    &envelope);
	}
	if (rc != SK_OK)
		return fault_set(fault, rc, "ref", NULL);
	rc = header_decode(envelope->header.data, envelope->header.len,
	    &agent->scratch, &shown->header, fault);
	if (rc == SK_OK)
		rc = facts_decode(shown->header.info, envelope->facts.data,
		    envelope->facts.len, &agent->scratch, &shown->facts,
		    fault);
	if (rc == SK_OK)
		rc = show_open_seal(agent, &shown->header, envelope,
		    &shown->content, fault);
	return rc;
}

static enum sk_error
show_received(struct agent *agent, uint64_t person, uint64_t on_behalf_of,
    struct shown *shown, struct fault *fault)
{
	struct inbox_row *row = &shown->in;
	Sk__Deliver *deliver;
	enum sk_error rc;

	if (row->trouble != 0) {
		/* Looked at, though there is nothing to see. */
		inbox_looked(agent->archive, row, agent_now(agent));
		return fault_set(fault, (enum sk_error)row->trouble, "",
		    "%s", row->trouble_text);
	}
	rc = inbox_deliver(agent->archive, row->arrival, &agent->scratch,
	    &deliver);
	if (rc != SK_OK)
		return fault_set(fault, rc, "ref", NULL);
	rc = receive_verify(agent, deliver, &shown->header, &shown->facts,
	    fault);
	if (rc != SK_OK)
		return rc;
	shown->notice = deliver->notice;
	rc = show_open_seal(agent, &shown->header, deliver->envelope,
	    &shown->content, fault);
	if (rc == SK_OK)
		rc = content_check(shown->facts, shown->content, fault);
	if (rc == SK_OK && shown->facts->reseal != NULL)
		rc = show_open_reseal(agent, deliver, shown->content,
		    &shown->original, &shown->original_facts,
		    &shown->content, fault);
	if (rc == SK_CONTENT_MISMATCH) {
		log_event(LOG_WARN, "content differs from its facts",
		    "arrival=%llu sender=%llu field=%s",
		    (unsigned long long)row->arrival,
		    (unsigned long long)row->ref.participant, fault->field);
		tell_mismatch(agent, row, shown->facts, shown->content,
		    person);
	}
	if (rc != SK_OK)
		return rc;
	look_for_address(agent, row, shown, person);
	note_opened(agent, row, person, on_behalf_of);
	return SK_OK;
}

enum sk_error
show_message(struct agent *agent, const struct envelope_ref *ref,
    uint64_t person, uint64_t on_behalf_of, struct shown *shown,
    struct fault *fault)
{
	enum sk_error rc;

	memset(shown, 0, sizeof(*shown));
	arena_reset(&agent->scratch);
	if (ref->participant == agent_self(agent))
		return show_own(agent, ref, shown, fault);
	rc = inbox_by_ref(agent->archive, ref, &shown->in);
	if (rc != SK_OK)
		return fault_set(fault, rc, "ref", "no such message here");
	return show_received(agent, person, on_behalf_of, shown, fault);
}

void
show_clear(struct agent *agent)
{
	sodium_memzero(agent->scratch.base, agent->scratch.used);
	arena_reset(&agent->scratch);
}
