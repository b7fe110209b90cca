/*
 * api_look.c - what the API tells: status, boxes, cases, directory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/agent/api_parts.h"
#include "agents/agent/cases.h"
#include "agents/agent/directory.h"
#include "agents/agent/duty.h"
#include "agents/agent/evidence.h"
#include "agents/agent/hook.h"
#include "agents/agent/inbox.h"
#include "agents/agent/joiner.h"
#include "agents/agent/outbox.h"
#include "agents/agent/work.h"
#include "proto/civil.h"
#include "proto/message.h"

static void
put_self(struct agent *agent, json_t *answer)
{
	struct member member;

	json_object_set_new(answer, "participant",
	    json_integer((json_int_t)agent_self(agent)));
	if (directory_member(agent->archive, agent_self(agent), &member) !=
	    SK_OK)
		return;
	json_object_set_new(answer, "role",
	    json_string(role_name(member.current.role)));
	json_object_set_new(answer, "role_nl",
	    json_string(role_dutch(member.current.role)));
	json_object_set_new(answer, "name", json_string(member.current.name));
}

/* A fork is why nothing is sent, connected or not. */
static void
put_link(struct api *api, json_t *answer)
{
	bool connected = uplink_state(api->uplink) == UPLINK_UP;
	const char *dutch, *english;
	struct checkpoint kept;
	struct span note;

	json_object_set_new(answer, "connected", json_boolean(connected));
	json_object_set_new(answer, "forked",
	    json_boolean(api->agent->forked));
	if (api->agent->forked)
		evidence_why(&dutch, &english);
	else
		uplink_why(api->uplink, &dutch, &english);
	if (api->agent->forked || !connected) {
		json_object_set_new(answer, "why", json_string(dutch));
		json_object_set_new(answer, "why_en", json_string(english));
	}
	if (evidence_kept(api->agent, &note, &kept) == SK_OK)
		json_object_set_new(answer, "checkpoint",
		    json_integer((json_int_t)kept.size));
}

/* Of who has to be told that there is work. */
static void
put_hook(struct agent *agent, json_t *answer)
{
	struct hook_state state;

	if (agent->hook == NULL)
		return;
	hook_look(agent->hook, &state);
	json_object_set_new(answer, "hook", json_pack("{s:I, s:I, s:s}",
	    "waiting", (json_int_t)state.waiting, "failed",
	    (json_int_t)state.failed, "last", state.last));
}

enum sk_error
api_status(struct asking *ask)
{
	struct agent *agent = ask->api->agent;
	const struct meta *meta = archive_meta(agent->archive);
	json_t *out = ask->answer;
	char boot[2 * BOOT_SIZE + 1];

	for (size_t i = 0; i < BOOT_SIZE; i++)
		snprintf(boot + 2 * i, 3, "%02x", agent->boot[i]);
	put_self(agent, out);
	json_object_set_new(out, "origin",
	    json_string(agent_origin(agent)));
	json_object_set_new(out, "test", json_boolean(agent->test));
	put_link(ask->api, out);
	json_object_set_new(out, "now", json_instant(agent_now(agent)));
	json_object_set_new(out, "today",
	    json_date(civil_date_at(agent_now(agent))));
	json_object_set_new(out, "outbox",
	    json_integer((json_int_t)outbox_count(agent->archive)));
	json_object_set_new(out, "reseals",
	    json_integer((json_int_t)joiner_count(agent)));
	json_object_set_new(out, "inbox",
	    json_integer((json_int_t)inbox_count(agent->archive)));
	json_object_set_new(out, "unopened",
	    json_integer((json_int_t)meta->unopened));
	json_object_set_new(out, "directory_serial",
	    json_integer((json_int_t)meta->head.serial));
	json_object_set_new(out, "last_number",
	    json_integer((json_int_t)meta->last_number));
	json_object_set_new(out, "last_position",
	    json_integer((json_int_t)meta->last_position));
	json_object_set_new(out, "boot", json_string(boot));
	put_hook(agent, out);
	if (ask->user != NULL) {
		json_object_set_new(out, "person",
		    json_integer((json_int_t)ask->user->person));
		if (ask->user->name != NULL)
			json_object_set_new(out, "person_name",
			    json_string(ask->user->name));
	}
	return SK_OK;
}

enum sk_error
api_receipt(struct asking *ask)
{
	struct agent *agent = ask->api->agent;
	struct envelope_ref ref = { 0 };
	struct own_row row;
	enum sk_error rc;

	if ((rc = ask_ref(ask, "ref", &ref)) != SK_OK)
		return rc;
	if (ref.participant != agent_self(agent) ||
	    own_get_last(agent->archive, &ref.id, &row) != SK_OK)
		return fault_set(&ask->fault, SK_NOT_FOUND, "ref",
		    "no such message of ours");
	put_sent(agent, ask->answer, &row);
	return SK_OK;
}

/* ---- lists */

struct listing {
	struct agent *agent;
	json_t *rows;
	bool unopened;
	const struct envelope_ref *of_case;	/* NULL: any */
	uint64_t matches, skip;
	/* notices and receipts in the answer: read once they were listed */
	uint64_t notice[64];
	size_t notices;
};

static bool
list_outbox(void *context, uint64_t sequence, const struct envelope_id *id)
{
	struct listing *list = context;
	struct own_row row;

	(void)sequence;
	if (own_get(list->agent->archive, id, &row) != SK_OK)
		return true;
	if (list->of_case != NULL && !ref_equal(list->of_case, &row.case_ref))
		return true;
	json_array_append_new(list->rows, json_own_row(list->agent, &row));
	return json_array_size(list->rows) < API_ROWS_MAX;
}

enum sk_error
api_outbox(struct asking *ask)
{
	struct listing list = {
		.agent = ask->api->agent,
		.rows = json_array(),
	};

	json_object_set_new(ask->answer, "messages", list.rows);
	return outbox_walk(list.agent->archive, 0, list_outbox, &list);
}

static bool
matches(const struct listing *list, const struct inbox_row *row)
{
	if (list->unopened && row->opened_at != 0)
		return false;
	return list->of_case == NULL ||
	    ref_equal(list->of_case, &row->case_ref);
}

static bool
count_inbox(void *context, const struct inbox_row *row)
{
	struct listing *list = context;

	list->matches += matches(list, row);
	return true;
}

static bool
list_inbox(void *context, const struct inbox_row *row)
{
	struct listing *list = context;

	if (!matches(list, row))
		return true;
	if (list->skip > 0) {
		list->skip--;
		return true;
	}
	json_array_append_new(list->rows, json_inbox_row(list->agent, row));
	if ((row->kind == 0 || row->kind == SK__KIND__RECEIPT_OF) &&
	    row->opened_at == 0 && row->trouble == 0 &&
	    list->notices < sizeof(list->notice) / sizeof(list->notice[0]))
		list->notice[list->notices++] = row->arrival;
	return true;
}

/* A notice or a receipt is read where it is listed: nothing is in it. */
static void
notices_read(struct listing *list, uint64_t person)
{
	struct inbox_row row;

	for (size_t i = 0; i < list->notices; i++)
		if (inbox_get(list->agent->archive, list->notice[i], &row) ==
		    SK_OK)
			inbox_opened(list->agent->archive, &row, person,
			    agent_now(list->agent));
}

/* A message that was put right names what did so. */
static void
link_corrections(json_t *rows)
{
	json_t *row, *other;
	const char *corrects;
	size_t i, j;

	json_array_foreach (rows, i, row) {
		corrects = json_string_value(json_object_get(row, "corrects"));
		if (corrects == NULL)
			continue;
		json_array_foreach (rows, j, other) {
			const char *ref = json_string_value(
			    json_object_get(other, "ref"));

			if (ref != NULL && strcmp(ref, corrects) == 0)
				json_object_set(other, "corrected_by",
				    json_object_get(row, "ref"));
		}
	}
}

enum sk_error
api_inbox(struct asking *ask)
{
	struct listing list = { .agent = ask->api->agent };
	struct case_card card;
	uint64_t limit = API_ROWS_MAX;
	bool given;
	enum sk_error rc;

	if ((rc = ask_flag(ask, "unopened", &list.unopened)) != SK_OK ||
	    (rc = ask_number(ask, "limit", &limit)) != SK_OK ||
	    (rc = ask_case(ask, &card, &given)) != SK_OK)
		return rc;
	if (limit > API_ROWS_MAX)
		limit = API_ROWS_MAX;
	list.of_case = given ? &card.ref : NULL;
	list.rows = json_array();
	json_object_set_new(ask->answer, "messages", list.rows);
	rc = inbox_walk(list.agent->archive, count_inbox, &list);
	if (list.matches > limit)
		list.skip = list.matches - limit;
	json_object_set_new(ask->answer, "left_out",
	    json_integer((json_int_t)list.skip));
	if (rc == SK_OK)
		rc = inbox_walk(list.agent->archive, list_inbox, &list);
	link_corrections(list.rows);
	if (rc == SK_OK)
		notices_read(&list, ask->user->person);
	return rc;
}

static bool
list_timeline(void *context, const struct timeline_entry *entry)
{
	struct listing *list = context;
	struct inbox_row in;
	struct own_row out;
	json_t *row = NULL;

	if (entry->out) {
		if (own_get(list->agent->archive, &entry->id, &out) == SK_OK)
			row = json_own_row(list->agent, &out);
	} else if (inbox_get(list->agent->archive, entry->arrival, &in) ==
	    SK_OK) {
		row = json_inbox_row(list->agent, &in);
	}
	if (row == NULL)
		return true;
	json_object_set_new(row, "direction",
	    json_string(entry->out ? "out" : "in"));
	json_array_append_new(list->rows, row);
	return json_array_size(list->rows) < API_ROWS_MAX;
}

static json_t *
json_participants(struct agent *agent, const struct case_card *card)
{
	json_t *out = json_array(), *row;
	struct member member;

	for (size_t i = 0; i < card->participants; i++) {
		row = json_pack("{s:I}", "participant",
		    (json_int_t)card->participant[i]);
		if (directory_member(agent->archive, card->participant[i],
		    &member) == SK_OK) {
			json_object_set_new(row, "name",
			    json_string(member.current.name));
			json_object_set_new(row, "role",
			    json_string(role_name(member.current.role)));
			json_object_set_new(row, "role_nl",
			    json_string(role_dutch(member.current.role)));
		}
		json_array_append_new(out, row);
	}
	return out;
}

/* Who answers for it here, and what is urgent, as far as this agent knows. */
static void
put_standing(struct agent *agent, json_t *answer,
    const struct case_card *card)
{
	const struct duty_of of = { .case_ref = card->ref };
	struct work_case work;
	struct duty_row duty;

	duty_get(agent->archive, &of, &duty);
	put_duty(agent, answer, &duty);
	work_look(agent, card, &work);
	put_work(agent, answer, &work);
}

enum sk_error
api_case(struct asking *ask)
{
	struct listing list = { .agent = ask->api->agent };
	struct case_card card;
	size_t receipted;
	json_t *row;
	bool given;
	enum sk_error rc;

	if ((rc = ask_case(ask, &card, &given)) != SK_OK)
		return rc;
	if (!given)
		return fault_set(&ask->fault, SK_FIELD_MISSING, "case", NULL);
	put_case(list.agent, ask->answer, &card.ref, card.number);
	json_object_set_new(ask->answer, "participants",
	    json_participants(list.agent, &card));
	put_standing(list.agent, ask->answer, &card);
	list.rows = json_array();
	list.of_case = &card.ref;
	json_object_set_new(ask->answer, "messages", list.rows);
	rc = cases_timeline(list.agent->archive, &card.ref, list_timeline,
	    &list);
	link_corrections(list.rows);
	/* What waits in the outbox has no position yet and comes last. */
	receipted = json_array_size(list.rows);
	if (rc == SK_OK && receipted < API_ROWS_MAX)
		rc = outbox_walk(list.agent->archive, 0, list_outbox, &list);
	while ((row = json_array_get(list.rows, receipted++)) != NULL)
		json_object_set_new(row, "direction", json_string("out"));
	return rc;
}

static bool
list_case(void *context, const struct case_card *card)
{
	struct listing *list = context;
	json_t *row = json_object();

	put_case(list->agent, row, &card->ref, card->number);
	json_object_set_new(row, "opener",
	    json_integer((json_int_t)card->ref.participant));
	json_object_set_new(row, "messages",
	    json_integer((json_int_t)card->messages));
	json_object_set_new(row, "unopened",
	    json_integer((json_int_t)card->unopened));
	if (card->last_instant != 0) {
		json_object_set_new(row, "last_instant",
		    json_instant(card->last_instant));
		json_object_set_new(row, "last_kind",
		    json_string(kind_label(card->last_kind)));
		json_object_set_new(row, "last_kind_nl",
		    json_string(kind_label_nl(card->last_kind)));
	}
	json_array_append_new(list->rows, row);
	return json_array_size(list->rows) < API_ROWS_MAX;
}

enum sk_error
api_cases(struct asking *ask)
{
	struct listing list = {
		.agent = ask->api->agent,
		.rows = json_array(),
	};

	json_object_set_new(ask->answer, "cases", list.rows);
	return cases_walk(list.agent->archive, list_case, &list);
}

/* ---- directory */

struct member_listing {
	json_t *rows;
	int32_t today;
	Sk__Role role;		/* 0: any */
	uint32_t municipality;	/* 0: any */
};

static bool
list_member(void *context, const struct member *member)
{
	struct member_listing *list = context;
	const struct statement *s = &member->current;
	json_t *areas, *row;

	if ((list->role != 0 && s->role != list->role) ||
	    (list->municipality != 0 &&
	    !member_serves(member, list->municipality)))
		return true;
	areas = json_array();
	for (size_t i = 0; i < s->areas; i++)
		json_array_append_new(areas,
		    json_sprintf("%04u", (unsigned)s->area[i]));
	row = json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:b}",
	    "participant", (json_int_t)s->participant,
	    "role", role_name(s->role), "role_nl", role_dutch(s->role),
	    "name", s->name, "code", s->code, "areas", areas,
	    "valid_from", json_date(s->valid_from),
	    "valid_to", json_date(s->valid_to),
	    "current", member_is_current(member, list->today));
	json_array_append_new(list->rows, row);
	return json_array_size(list->rows) < API_ROWS_MAX;
}

enum sk_error
api_directory(struct asking *ask)
{
	struct agent *agent = ask->api->agent;
	struct member_listing list = {
		.rows = json_array(),
		.today = civil_date_at(agent_now(agent)),
	};
	const char *role = NULL, *municipality = NULL;
	enum sk_error rc;

	json_object_set_new(ask->answer, "members", list.rows);
	if ((rc = ask_string(ask, "role", &role)) != SK_OK ||
	    (rc = ask_string(ask, "municipality", &municipality)) != SK_OK)
		return rc;
	if (role != NULL && !role_by_name(role, &list.role))
		return fault_set(&ask->fault, SK_FIELD_INVALID, "role",
		    "ACCESS, PROVIDER, COURT, GI, RVDK, RET, BOEG, AUDITOR or "
		    "REGION");
	if (municipality != NULL) {
		list.municipality = (uint32_t)strtoul(municipality, NULL, 10);
		if (list.municipality == 0)
			return fault_set(&ask->fault, SK_FIELD_INVALID,
			    "municipality", "a CBS code such as 0193");
	}
	return directory_walk(agent->archive, list_member, &list);
}
