/*
 * api_say.c - what people write and read: send and show.
 */
#include <stdio.h>
#include <string.h>

#include "agents/agent/api_parts.h"
#include "agents/agent/cases.h"
#include "agents/agent/compose.h"
#include "agents/agent/duty.h"
#include "agents/agent/inbox.h"
#include "agents/agent/outbox.h"
#include "agents/agent/said.h"
#include "agents/agent/show.h"
#include "broker/lib/json.h"
#include "proto/civil.h"

#define WAITERS_MAX 128u	/* cases that one WAITING_QUERY asks about */

static const char *const send_fields[] = { "kind", "case", "reply_to", "to",
	"event_date", "facts", "sections", "marks", "parents_informed",
	"overrides", "on_behalf_of", "wait_ms", NULL };

static const ProtobufCFieldDescriptor *
facts_field(Sk__Kind kind)
{
	return protobuf_c_message_descriptor_get_field(&sk__facts__descriptor,
	    (unsigned)kind + 100);
}

static enum sk_error
read_kind(struct asking *ask, struct draft *draft)
{
	const char *name = NULL;
	enum sk_error rc;

	if ((rc = ask_string(ask, "kind", &name)) != SK_OK)
		return rc;
	if (name == NULL)
		return fault_set(&ask->fault, SK_FIELD_MISSING, "kind", NULL);
	if ((draft->info = kind_by_name(name)) == NULL)
		return fault_set(&ask->fault, SK_KIND_UNKNOWN, "kind",
		    "TRIAGE is one");
	if ((rc = ask_number(ask, "on_behalf_of", &draft->on_behalf_of)) !=
	    SK_OK)
		return rc;
	draft->person = ask->user->person;
	return people_may_send(ask->api->agent->people, ask->user,
	    draft->info, draft->on_behalf_of, api_today(ask), &ask->fault);
}

/* Whoever stands in for who answers for the case says so, also when it was
 * forgotten. */
static void
stand_in(struct asking *ask, struct draft *draft)
{
	struct agent *agent = ask->api->agent;
	const struct duty_of of = { draft->case_ref, draft->reply_to };
	uint64_t responsible;

	if (draft->on_behalf_of != 0 || ref_is_none(&draft->case_ref))
		return;
	responsible = duty_responsible(agent->archive, &of);
	if (responsible != 0 && responsible != ask->user->person &&
	    people_is_absent(agent->people, responsible, api_today(ask)) &&
	    people_stands_in(agent->people, ask->user, responsible,
	    api_today(ask)))
		draft->on_behalf_of = responsible;
}

static enum sk_error
read_to(struct asking *ask, struct draft *draft)
{
	const json_t *to = json_object_get(ask->request, "to"), *value;

	if (to == NULL)
		return SK_OK;
	if (!json_is_array(to) || json_array_size(to) == 0 ||
	    json_array_size(to) >= RECIPIENTS_MAX)
		return fault_set(&ask->fault, SK_FIELD_INVALID, "to",
		    "1 to %u participant numbers", RECIPIENTS_MAX - 1);
	for (size_t i = 0; i < json_array_size(to); i++) {
		value = json_array_get(to, i);
		if (!json_is_integer(value) || json_integer_value(value) <= 0)
			return fault_set(&ask->fault, SK_FIELD_INVALID, "to",
			    "participant numbers from 1");
		draft->recipient[draft->recipients++] =
		    (uint64_t)json_integer_value(value);
	}
	return SK_OK;
}

static enum sk_error
read_address(struct asking *ask, struct draft *draft)
{
	const char *date = NULL;
	struct case_card card;
	bool given;
	enum sk_error rc;

	if ((rc = ask_case(ask, &card, &given)) != SK_OK ||
	    (rc = ask_ref(ask, "reply_to", &draft->reply_to)) != SK_OK ||
	    (rc = read_to(ask, draft)) != SK_OK ||
	    (rc = ask_string(ask, "event_date", &date)) != SK_OK)
		return rc;
	if (given)
		draft->case_ref = card.ref;
	if (date == NULL)
		return SK_OK;
	draft->has_event_date = true;
	if (!civil_date_parse(date, &draft->event_date))
		return fault_set(&ask->fault, SK_DATE_INVALID, "event_date",
		    "want a date such as 2026-03-31");
	return SK_OK;
}

/* A plan joins that of another case: by its reference, or by its number as the
 * broker named it, also where this organisation takes no part in it (R31). */
static enum sk_error
read_joins(struct asking *ask, json_t *given)
{
	const char *text = json_string_value(json_object_get(given, "joins"));
	struct archive *archive = ask->api->agent->archive;
	char boot[2 * BOOT_SIZE + 1];
	struct envelope_ref ref = { 0 };
	struct case_card card;
	uint64_t journal, number;
	enum sk_error rc = SK_OK;

	if (text == NULL)
		return SK_OK;
	if (ref_parse(text, &ref) != SK_OK) {
		if (case_parse(text, &journal, &number) != SK_OK)
			return fault_set(&ask->fault, SK_FIELD_INVALID,
			    "facts.family_plan.joins",
			    "want a case number such as 1-42-67, or a reference");
		rc = journal != archive_meta(archive)->mailbox_journal ?
		    SK_CASE_UNKNOWN : cases_by_number(archive, number, &card);
		if (rc == SK_OK)
			ref = card.ref;
		else
			rc = said_case(archive, number, &ref);
	}
	if (rc != SK_OK)
		return fault_set(&ask->fault, rc, "facts.family_plan.joins",
		    NULL);
	for (size_t i = 0; i < BOOT_SIZE; i++)
		snprintf(boot + 2 * i, 3, "%02x", ref.id.boot[i]);
	json_object_set_new(given, "joins", json_pack("{s:I, s:{s:s, s:I}}",
	    "participant", (json_int_t)ref.participant, "id", "boot", boot,
	    "number", (json_int_t)ref.id.number));
	return SK_OK;
}

/* The facts of this kind, as they stand in the message of all facts, so that
 * a fault here has the path that the broker would give. */
static enum sk_error
read_facts(struct asking *ask, struct draft *draft)
{
	json_t *given = json_object_get(ask->request, "facts");
	json_t *overrides = json_object_get(ask->request, "overrides");
	json_t *informed = json_object_get(ask->request, "parents_informed");
	json_t *all = json_object();
	ProtobufCMessage *message = NULL;
	enum sk_error rc;

	if (given != NULL && !json_is_object(given)) {
		json_decref(all);
		return fault_set(&ask->fault, SK_FIELD_INVALID, "facts",
		    "want an object");
	}
	if (draft->info->kind == SK__KIND__FAMILY_PLAN &&
	    (rc = read_joins(ask, given)) != SK_OK) {
		json_decref(all);
		return rc;
	}
	json_object_set_new(all, facts_field(draft->info->kind)->name,
	    given == NULL ? json_object() : json_incref(given));
	if (overrides != NULL)
		json_object_set(all, "overrides", overrides);
	if (informed != NULL)
		json_object_set(all, "parents_informed", informed);
	rc = json_to_message(all, "facts", &sk__facts__descriptor,
	    &ask->api->agent->scratch, &message, &ask->fault);
	json_decref(all);
	draft->facts = (Sk__Facts *)message;
	return rc;
}

static enum sk_error
add_section(struct asking *ask, Sk__Content *content, void ***items,
    const char *name, const json_t *value)
{
	struct arena *arena = &ask->api->agent->scratch;
	const ProtobufCEnumValue *section =
	    protobuf_c_enum_descriptor_get_value_by_name(
	    &sk__section__descriptor, name);
	Sk__SectionText *text;
	char path[96];

	snprintf(path, sizeof(path), "sections.%.64s", name);
	if (section == NULL)
		return fault_set(&ask->fault, SK_FIELD_UNKNOWN, path,
		    "SITUATION is one");
	if (!json_is_string(value) ||
	    strlen(json_string_value(value)) != json_string_length(value))
		return fault_set(&ask->fault, SK_TEXT_INVALID, path,
		    "want text");
	text = arena_new(arena, Sk__SectionText, sk__section_text__init);
	if (text == NULL || arena_append(arena, &content->n_sections, items,
	    text) != 0 || (text->text = arena_string(arena,
	    json_string_value(value))) == NULL)
		return fault_set(&ask->fault, SK_OVERSIZED, path, NULL);
	text->has_section = 1;
	text->section = (Sk__Section)section->value;
	return SK_OK;
}

static enum sk_error
read_sections(struct asking *ask, struct draft *draft)
{
	json_t *given = json_object_get(ask->request, "sections"), *value;
	void **items = NULL;
	Sk__Content *content;
	const char *name;
	enum sk_error rc = SK_OK;

	if (given == NULL || json_object_size(given) == 0)
		return SK_OK;
	content = arena_new(&ask->api->agent->scratch, Sk__Content,
	    sk__content__init);
	if (content == NULL)
		return fault_set(&ask->fault, SK_NO_MEMORY, "sections", NULL);
	content->has_version = 1;
	content->version = MESSAGE_VERSION;
	json_object_foreach(given, name, value)
		if ((rc = add_section(ask, content, &items, name, value)) !=
		    SK_OK)
			return rc;
	content->sections = (Sk__SectionText **)items;
	draft->content = content;
	return SK_OK;
}

static enum sk_error
wrong_mark(struct asking *ask, const char *path)
{
	return fault_set(&ask->fault, SK_FIELD_INVALID, path,
	    "households 1 to 8, as [2]");
}

static enum sk_error
read_households(struct asking *ask, const json_t *given, const char *path,
    uint32_t *households)
{
	json_int_t number;

	if (given == NULL)
		return SK_OK;
	if (!json_is_array(given))
		return wrong_mark(ask, path);
	for (size_t i = 0; i < json_array_size(given); i++) {
		number = json_integer_value(json_array_get(given, i));
		if (number < 1 || number > 8)
			return wrong_mark(ask, path);
		*households |= 1u << number;
	}
	return SK_OK;
}

/* "marks": {"PERSONALIA": {"withheld_from": [2], "address_of": [1]}} */
static enum sk_error
read_marks(struct asking *ask, struct draft *draft)
{
	json_t *given = json_object_get(ask->request, "marks"), *value;
	const ProtobufCEnumValue *section;
	const char *name;
	char path[96];
	enum sk_error rc;

	if (given != NULL && !json_is_object(given))
		return fault_set(&ask->fault, SK_FIELD_INVALID, "marks",
		    "want an object");
	json_object_foreach(given, name, value) {
		section = protobuf_c_enum_descriptor_get_value_by_name(
		    &sk__section__descriptor, name);
		snprintf(path, sizeof(path), "marks.%.64s", name);
		if (section == NULL || section->value >= SECTIONS_MAX ||
		    !json_is_object(value))
			return fault_set(&ask->fault, SK_FIELD_UNKNOWN, path,
			    "PERSONALIA is one");
		if ((rc = read_households(ask, json_object_get(value,
		    "withheld_from"), path,
		    &draft->withheld_from[section->value])) != SK_OK ||
		    (rc = read_households(ask, json_object_get(value,
		    "address_of"), path,
		    &draft->address_of[section->value])) != SK_OK)
			return rc;
	}
	return SK_OK;
}

/* ---- who waits */

struct waiters {
	struct agent *agent;
	size_t n;
	struct {
		struct envelope_ref ref;
		int64_t since;
	} one[WAITERS_MAX];
	int64_t since;		/* of the case at hand; 0: nobody waits */
	bool ended;
};

static void
see_wait(struct waiters *w, Sk__Kind kind, int64_t instant)
{
	if (kind == SK__KIND__WAIT_PLACE && w->since == 0)
		w->since = instant;
	w->ended = w->ended || kind == SK__KIND__CLOSE ||
	    kind == SK__KIND__VOID;
}

static bool
see_wait_row(void *context, const struct timeline_entry *entry)
{
	struct waiters *w = context;
	struct inbox_row in;
	struct own_row out;

	if (entry->out) {
		if (own_get(w->agent->archive, &entry->id, &out) == SK_OK &&
		    out.accepted)
			see_wait(w, out.kind, out.instant);
	} else if (inbox_get(w->agent->archive, entry->arrival, &in) == SK_OK &&
	    in.trouble == 0) {
		see_wait(w, in.kind, in.instant);
	}
	return true;
}

/* Past the bound the shortest wait gives way. */
static bool
see_case(void *context, const struct case_card *card)
{
	struct waiters *w = context;
	size_t at = w->n;

	w->since = 0;
	w->ended = false;
	cases_timeline(w->agent->archive, &card->ref, see_wait_row, w);
	if (w->since == 0 || w->ended)
		return true;
	if (w->n == WAITERS_MAX) {
		at = 0;
		for (size_t i = 1; i < w->n; i++)
			if (w->one[i].since > w->one[at].since)
				at = i;
		if (w->one[at].since <= w->since)
			return true;
	} else {
		w->n++;
	}
	w->one[at].ref = card->ref;
	w->one[at].since = w->since;
	return true;
}

/* The cases in which someone may wait, as far as is known here; the broker
 * knows who does, and in which order. */
static enum sk_error
fill_waiting(struct asking *ask, struct draft *draft)
{
	static struct waiters w;
	struct arena *arena = &ask->api->agent->scratch;
	Sk__WaitingQueryFacts *query;
	Sk__Ref *ref;

	if (draft->info->kind != SK__KIND__WAITING_QUERY ||
	    (query = draft->facts->waiting_query) == NULL ||
	    query->n_cases > 0)
		return SK_OK;
	memset(&w, 0, sizeof(w));
	w.agent = ask->api->agent;
	cases_walk(w.agent->archive, see_case, &w);
	for (size_t i = 0; i < w.n; i++)
		if ((ref = ref_to_message(&w.one[i].ref, arena)) == NULL ||
		    arena_append(arena, &query->n_cases,
		    (void ***)(void *)&query->cases, ref) != 0)
			return fault_set(&ask->fault, SK_NO_MEMORY, "", NULL);
	return SK_OK;
}

enum sk_error
api_send(struct asking *ask)
{
	struct draft draft = { 0 };
	struct own_row row;
	uint64_t wait_ms = 0;
	enum sk_error rc;

	arena_reset(&ask->api->agent->scratch);
	if ((rc = ask_only(ask, send_fields)) != SK_OK ||
	    (rc = ask_number(ask, "wait_ms", &wait_ms)) != SK_OK ||
	    (rc = read_kind(ask, &draft)) != SK_OK ||
	    (rc = read_address(ask, &draft)) != SK_OK ||
	    (rc = read_facts(ask, &draft)) != SK_OK ||
	    (rc = fill_waiting(ask, &draft)) != SK_OK ||
	    (rc = read_sections(ask, &draft)) != SK_OK ||
	    (rc = read_marks(ask, &draft)) != SK_OK)
		goto done;
	stand_in(ask, &draft);
	if ((rc = compose(ask->api->agent, &draft, &row, &ask->fault)) !=
	    SK_OK)
		goto done;
	put_sent(ask->api->agent, ask->answer, &row);
	if (wait_ms == 0)
		goto done;
	if (wait_ms > API_WAIT_MS_MAX)
		wait_ms = API_WAIT_MS_MAX;
	ask->wait.what = WAIT_RECEIPT;
	ask->wait.id = row.id;
	ask->wait.queued_is_fine = true;
	ask->wait.until = clock_ticks() + (int64_t)wait_ms;
done:
	show_clear(ask->api->agent);
	return rc;
}

/* ---- show */

static json_t *
json_facts(Sk__Kind kind, const Sk__Facts *all)
{
	const ProtobufCFieldDescriptor *field = facts_field(kind);
	const ProtobufCMessage *facts = NULL;

	if (all == NULL || field == NULL)
		return json_object();
	memcpy(&facts, (const uint8_t *)all + field->offset,
	    sizeof(facts));
	return facts == NULL ? json_object() : json_from_message(facts);
}

static json_t *
json_sections(const Sk__Content *content)
{
	json_t *out = json_object();

	for (size_t i = 0; content != NULL && i < content->n_sections; i++)
		json_object_set_new(out,
		    section_name(content->sections[i]->section),
		    json_string(content->sections[i]->text));
	return out;
}

static json_t *
json_provenance(struct agent *agent, const struct shown *shown)
{
	const uint8_t *leaf = shown->own ? shown->out.leaf_hash :
	    shown->in.leaf_hash;
	char hex[2 * DIGEST_SIZE + 1];

	for (size_t i = 0; i < DIGEST_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", leaf[i]);
	return json_pack("{s:I, s:I, s:I, s:s}", "sender",
	    (json_int_t)(shown->own ? agent_self(agent) :
	    shown->in.ref.participant), "number",
	    (json_int_t)(shown->own ? shown->out.number : shown->in.number),
	    "position", (json_int_t)(shown->own ? shown->out.position :
	    shown->in.position), "leaf_hash", hex);
}

/* What was sealed anew: its sender, what it is, and on whose word. */
static json_t *
json_original(const struct shown *shown)
{
	const struct kind_info *info = shown->original.info;
	json_t *out = json_pack("{s:s, s:s, s:b}", "kind", info->name,
	    "kind_nl", info->dutch, "whole",
	    (int)shown->facts->reseal->whole);

	json_object_set_new(out, "ref", json_ref(&shown->header.reply_to));
	json_object_set_new(out, "from", json_integer(
	    (json_int_t)shown->header.reply_to.participant));
	json_object_set_new(out, "facts", json_facts(info->kind,
	    shown->original_facts));
	return out;
}

enum sk_error
api_show(struct asking *ask)
{
	struct agent *agent = ask->api->agent;
	struct envelope_ref ref = { 0 };
	struct shown shown;
	uint64_t on_behalf_of = 0;
	json_t *message;
	enum sk_error rc;

	if ((rc = ask_ref(ask, "ref", &ref)) != SK_OK ||
	    (rc = ask_number(ask, "on_behalf_of", &on_behalf_of)) != SK_OK)
		return rc;
	if (on_behalf_of != 0 && !people_stands_in(agent->people, ask->user,
	    on_behalf_of, api_today(ask)))
		return fault_set(&ask->fault, SK_MANDATE_MISSING,
		    "on_behalf_of", NULL);
	if (ref_is_none(&ref))
		return fault_set(&ask->fault, SK_FIELD_MISSING, "ref", NULL);
	rc = show_message(agent, &ref, ask->user->person, on_behalf_of, &shown,
	    &ask->fault);
	if (rc != SK_OK)
		goto done;
	message = shown.own ? json_own_row(agent, &shown.out) :
	    json_inbox_row(agent, &shown.in);
	json_object_set_new(message, "direction",
	    json_string(shown.own ? "out" : "in"));
	json_object_set_new(message, "person",
	    json_integer((json_int_t)shown.header.person));
	if (shown.header.on_behalf_of != 0)
		json_object_set_new(message, "on_behalf_of",
		    json_integer((json_int_t)shown.header.on_behalf_of));
	json_object_set_new(message, "facts", json_facts(
	    shown.header.info->kind, shown.facts));
	if (shown.notice != NULL)
		json_object_set_new(message, "notice",
		    json_from_message(&shown.notice->base));
	json_object_set_new(message, "sections",
	    json_sections(shown.content));
	if (shown.original.info != NULL)
		json_object_set_new(message, "original",
		    json_original(&shown));
	json_object_set_new(message, "provenance",
	    json_provenance(agent, &shown));
	json_object_set_new(ask->answer, "message", message);
done:
	show_clear(agent);
	return rc;
}
