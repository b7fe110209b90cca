#include "agents/agent/reseal.h"

#include <string.h>

#include "agents/agent/compose.h"
#include "agents/agent/directory.h"
#include "agents/agent/outbox.h"
#include "agents/agent/show.h"
#include "broker/lib/log.h"

/* Without another key the new envelope would meet the same refusal. */
static bool
has_other_key(struct agent *agent, const struct header *header)
{
	uint8_t key_id[DIGEST_SIZE];
	struct member member;

	for (size_t i = 0; i < header->recipients; i++) {
		if (header->recipient[i].participant == agent_self(agent))
			memcpy(key_id, agent->identity.seal_id, DIGEST_SIZE);
		else if (directory_member(agent->archive,
		    header->recipient[i].participant, &member) == SK_OK)
			digest_key_id(key_id, member.current.keys.seal);
		else
			continue;
		if (memcmp(key_id, header->recipient[i].key_id,
		    DIGEST_SIZE) != 0)
			return true;
	}
	return false;
}

static void
fill_draft(struct agent *agent, const struct header *header,
    struct draft *draft)
{
	memset(draft, 0, sizeof(*draft));
	draft->info = header->info;
	if (!header->info->opens_case)
		draft->case_ref = header->case_ref;
	draft->reply_to = header->reply_to;
	draft->person = header->person;
	draft->on_behalf_of = header->on_behalf_of;
	draft->event_date = header->event_date;
	draft->has_event_date = header->has_event_date;
	for (size_t i = 0; i < header->recipients; i++)
		if (header->recipient[i].participant != agent_self(agent))
			draft->recipient[draft->recipients++] =
			    header->recipient[i].participant;
}

/* What one household did not get to see stays so. */
static void
keep_marks(struct draft *draft)
{
	for (size_t i = 0; i < draft->facts->n_sections; i++) {
		const Sk__SectionLength *s = draft->facts->sections[i];

		for (size_t j = 0; j < s->n_withheld_from; j++)
			draft->withheld_from[s->section] |=
			    1u << s->withheld_from[j];
		for (size_t j = 0; j < s->n_address_of; j++)
			draft->address_of[s->section] |=
			    1u << s->address_of[j];
	}
}

static enum sk_error
read_back(struct agent *agent, const struct envelope_id *id,
    struct header *header, struct draft *draft)
{
	Sk__Envelope *envelope;
	enum sk_error rc;

	rc = own_envelope(agent->archive, id, &agent->scratch, &envelope);
	if (rc == SK_OK)
		rc = header_decode(envelope->header.data,
		    envelope->header.len, &agent->scratch, header, NULL);
	if (rc != SK_OK)
		return rc;
	fill_draft(agent, header, draft);
	rc = facts_decode(header->info, envelope->facts.data,
	    envelope->facts.len, &agent->scratch, &draft->facts, NULL);
	if (rc == SK_OK)
		keep_marks(draft);
	if (rc == SK_OK)
		rc = show_open_seal(agent, header, envelope, &draft->content,
		    NULL);
	return rc;
}

bool
reseal_message(struct agent *agent, const struct envelope_id *id)
{
	struct own_row row = { .number = 0 }, anew;
	struct header header;
	struct draft draft;
	bool done = true;
	enum sk_error rc;

	arena_reset(&agent->scratch);
	if ((rc = own_get(agent->archive, id, &row)) == SK_OK)
		rc = read_back(agent, id, &header, &draft);
	if (rc == SK_OK && !has_other_key(agent, &header)) {
		done = false;
	} else if (rc == SK_OK) {
		rc = compose(agent, &draft, &anew, NULL);
		if (rc == SK_OK)
			own_replaced(agent->archive, &row, &anew.id);
	}
	if (rc != SK_OK)
		log_event(LOG_WARN, "not sealed anew", "number=%llu code=%s",
		    (unsigned long long)row.number, error_name(rc));
	else if (done)
		log_event(LOG_INFO, "sealed anew", "number=%llu",
		    (unsigned long long)row.number);
	show_clear(agent);
	return done;
}
