/*
 * api_extract.c - an extract for a parent, and the record that it was made.
 */
#include <string.h>

#include "agents/agent/api_parts.h"
#include "agents/agent/cases.h"
#include "agents/agent/compose.h"
#include "agents/agent/directory.h"
#include "agents/agent/extract.h"
#include "agents/agent/show.h"
#include "proto/civil.h"

static const char *const extract_fields[] = { "case", "parent", "on_request",
	"on_behalf_of", NULL };

/* The child and this parent, as they are known now. */
static json_t *
json_persons(const struct extract *extract)
{
	json_t *out = json_array(), *row;

	for (size_t i = 0; i < extract->persons.n; i++) {
		const struct household_person *p = &extract->persons.person[i];

		if (p != extract->parent &&
		    p->role != SK__PERSON_ROLE__CHILD)
			continue;
		row = json_pack("{s:s}", "role", enum_label(
		    &sk__person_role__descriptor, (uint32_t)p->role));
		if (p->authority != 0)
			json_object_set_new(row, "authority", json_string(
			    enum_label(&sk__authority__descriptor,
			    (uint32_t)p->authority)));
		json_array_append_new(out, row);
	}
	return out;
}

/* Without its record no extract leaves: both are one commit. */
static enum sk_error
record(struct asking *ask, const struct envelope_ref *case_ref,
    const struct extract *extract, uint64_t on_behalf_of, struct own_row *row)
{
	Sk__ExtractMadeFacts made = SK__EXTRACT_MADE_FACTS__INIT;
	Sk__Facts facts = SK__FACTS__INIT;
	struct draft draft = {
		.info = kind_info(SK__KIND__EXTRACT_MADE),
		.case_ref = *case_ref,
		.person = ask->user->person,
		.on_behalf_of = on_behalf_of,
		.facts = &facts,
	};

	made.has_pseudonym = made.has_ground = made.has_messages = 1;
	made.pseudonym.len = PSEUDONYM_BYTES;
	made.pseudonym.data =
	    (uint8_t *)(uintptr_t)extract->parent->pseudonym;
	made.ground = extract->ground;
	made.messages = extract->messages;
	facts.extract_made = &made;
	arena_reset(&ask->api->agent->scratch);
	return compose(ask->api->agent, &draft, row, &ask->fault);
}

static void
fill_answer(struct asking *ask, const struct case_card *card, uint64_t n,
    const struct extract *extract)
{
	struct agent *agent = ask->api->agent;
	json_t *out = json_object();
	struct member member;

	put_case(agent, out, &card->ref, card->number);
	json_object_del(out, "case_ref");
	json_object_set_new(out, "parent", json_integer((json_int_t)n));
	json_object_set_new(out, "ground", json_string(enum_label(
	    &sk__extract_ground__descriptor, (uint32_t)extract->ground)));
	json_object_set_new(out, "made_on",
	    json_date(civil_date_at(agent_now(agent))));
	if (directory_member(agent->archive, agent_self(agent), &member) ==
	    SK_OK)
		json_object_set_new(out, "made_by",
		    json_string(member.current.name));
	json_object_set_new(out, "persons", json_persons(extract));
	json_object_set(out, "messages", extract->rows);
	json_object_set_new(ask->answer, "extract", out);
}

enum sk_error
api_extract(struct asking *ask)
{
	struct extract extract = { 0 };
	struct case_card card;
	struct own_row row;
	uint64_t n = 0, on_behalf_of = 0;
	bool given, on_request = false;
	enum sk_error rc;

	if ((rc = ask_only(ask, extract_fields)) != SK_OK ||
	    (rc = ask_case(ask, &card, &given)) != SK_OK ||
	    (rc = ask_number(ask, "parent", &n)) != SK_OK ||
	    (rc = ask_flag(ask, "on_request", &on_request)) != SK_OK ||
	    (rc = ask_number(ask, "on_behalf_of", &on_behalf_of)) != SK_OK ||
	    (rc = people_may_send(ask->api->agent->people, ask->user,
	    kind_info(SK__KIND__EXTRACT_MADE), on_behalf_of, api_today(ask),
	    &ask->fault)) != SK_OK)
		return rc;
	if (!given)
		return fault_set(&ask->fault, SK_FIELD_MISSING, "case", NULL);
	extract.rows = json_array();
	rc = extract_case(ask->api->agent, &card.ref, n, on_request, &extract,
	    &ask->fault);
	if (rc == SK_OK)
		rc = record(ask, &card.ref, &extract, on_behalf_of, &row);
	if (rc == SK_OK)
		fill_answer(ask, &card, n, &extract);
	json_decref(extract.rows);
	show_clear(ask->api->agent);
	return rc;
}
