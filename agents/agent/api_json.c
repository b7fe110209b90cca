#include <stdio.h>
#include <string.h>

#include "agents/agent/api_parts.h"
#include "agents/agent/cases.h"
#include "agents/agent/directory.h"
#include "agents/agent/outbox.h"
#include "agents/agent/said.h"
#include "broker/lib/json.h"
#include "proto/civil.h"
#include "proto/message.h"

/* ---- requests */

static enum sk_error
wrong_type(struct asking *ask, const char *name, const char *want)
{
	return fault_set(&ask->fault, SK_FIELD_INVALID, name, "want %s", want);
}

enum sk_error
ask_string(struct asking *ask, const char *name, const char **out)
{
	const json_t *value = json_object_get(ask->request, name);

	if (value == NULL)
		return SK_OK;
	if (!json_is_string(value))
		return wrong_type(ask, name, "text");
	*out = json_string_value(value);
	return SK_OK;
}

enum sk_error
ask_number(struct asking *ask, const char *name, uint64_t *out)
{
	const json_t *value = json_object_get(ask->request, name);

	if (value == NULL)
		return SK_OK;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return wrong_type(ask, name, "a whole number");
	*out = (uint64_t)json_integer_value(value);
	return SK_OK;
}

enum sk_error
ask_flag(struct asking *ask, const char *name, bool *out)
{
	const json_t *value = json_object_get(ask->request, name);

	if (value == NULL)
		return SK_OK;
	if (!json_is_boolean(value))
		return wrong_type(ask, name, "true or false");
	*out = json_is_true(value);
	return SK_OK;
}

enum sk_error
ask_ref(struct asking *ask, const char *name, struct envelope_ref *out)
{
	const char *text = NULL;
	enum sk_error rc;

	if ((rc = ask_string(ask, name, &text)) != SK_OK || text == NULL)
		return rc;
	if (ref_parse(text, out) != SK_OK)
		return wrong_type(ask, name,
		    "a reference such as 12-0011223344556677-9");
	return SK_OK;
}

enum sk_error
ask_case(struct asking *ask, struct case_card *card, bool *given)
{
	const char *text = NULL;
	enum sk_error rc;

	*given = false;
	if ((rc = ask_string(ask, "case", &text)) != SK_OK || text == NULL)
		return rc;
	*given = true;
	return cases_find(ask->api->agent->archive, text, card, &ask->fault);
}

enum sk_error
ask_only(struct asking *ask, const char *const *names)
{
	const char *key;
	json_t *value;
	bool known;

	json_object_foreach((json_t *)(uintptr_t)ask->request, key, value) {
		known = strcmp(key, "do") == 0;
		for (size_t i = 0; !known && names[i] != NULL; i++)
			known = strcmp(key, names[i]) == 0;
		if (!known)
			return fault_set(&ask->fault, SK_FIELD_UNKNOWN, key,
			    NULL);
	}
	return SK_OK;
}

/* ---- answers */

json_t *
json_error(const struct fault *fault)
{
	return json_pack("{s:b, s:{s:s, s:i, s:s, s:s, s:s, s:s}}",
	    "ok", 0, "error",
	    "code", error_name(fault->code), "number", (int)fault->code,
	    "field", fault->field, "text", error_text_nl(fault->code),
	    "text_en", error_text(fault->code), "hint", fault->hint);
}

json_t *
json_ref(const struct envelope_ref *ref)
{
	char text[REF_TEXT_MAX];

	if (ref_is_none(ref))
		return json_null();
	ref_text(ref, text);
	return json_string(text);
}

json_t *
json_instant(int64_t instant)
{
	char text[CIVIL_INSTANT_TEXT_MAX];

	civil_instant_text(instant, text);
	return json_string(text);
}

json_t *
json_date(int32_t date)
{
	char text[CIVIL_DATE_TEXT_MAX];

	civil_date_text(date, text);
	return json_string(text);
}

const char *
kind_label(Sk__Kind kind)
{
	const struct kind_info *info = kind_info(kind);

	return info == NULL ? "NOTICE" : info->name;
}

const char *
kind_label_nl(Sk__Kind kind)
{
	const struct kind_info *info = kind_info(kind);

	return info == NULL ? "bericht van de broker" : info->dutch;
}

const char *
enum_label(const ProtobufCEnumDescriptor *descriptor, uint32_t number)
{
	const ProtobufCEnumValue *value =
	    protobuf_c_enum_descriptor_get_value(descriptor, (int)number);

	return value == NULL ? "?" : value->name;
}

void
put_case(struct agent *agent, json_t *row, const struct envelope_ref *ref,
    uint64_t number)
{
	char text[CASE_TEXT_MAX];
	struct case_card card;

	if (number == 0 && !ref_is_none(ref) &&
	    cases_get(agent->archive, ref, &card) == SK_OK)
		number = card.number;
	if (number != 0) {
		case_text(archive_meta(agent->archive)->mailbox_journal,
		    number, text);
		json_object_set_new(row, "case", json_string(text));
	}
	json_object_set_new(row, "case_ref", json_ref(ref));
}

static void
put_from(struct agent *agent, json_t *row, uint64_t from)
{
	struct member member;

	json_object_set_new(row, "from", json_integer((json_int_t)from));
	if (from == 0) {
		json_object_set_new(row, "from_name", json_string("broker"));
		json_object_set_new(row, "from_role", json_string("BROKER"));
	} else if (directory_member(agent->archive, from, &member) == SK_OK) {
		json_object_set_new(row, "from_name",
		    json_string(member.current.name));
		json_object_set_new(row, "from_role",
		    json_string(role_name(member.current.role)));
	}
}

static json_t *
json_notice(const struct inbox_row *row)
{
	json_t *notice = json_pack("{s:s, s:b, s:I}",
	    "kind", enum_label(&sk__notice_kind__descriptor, row->notice_kind),
	    "late", row->late, "participant",
	    (json_int_t)row->about_participant);

	if (row->deadline != 0)
		json_object_set_new(notice, "deadline", json_string(
		    enum_label(&sk__deadline_kind__descriptor, row->deadline)));
	if (row->due != 0)
		json_object_set_new(notice, "due", json_instant(row->due));
	if (row->settled != 0)
		json_object_set_new(notice, "settled", json_string(
		    enum_label(&sk__settled_as__descriptor, row->settled)));
	json_object_set_new(notice, "about", json_ref(&row->about));
	return notice;
}

json_t *
json_inbox_row(struct agent *agent, const struct inbox_row *row)
{
	json_t *out = json_object();

	json_object_set_new(out, "ref", json_ref(&row->ref));
	json_object_set_new(out, "kind", json_string(kind_label(row->kind)));
	json_object_set_new(out, "kind_nl",
	    json_string(kind_label_nl(row->kind)));
	put_case(agent, out, &row->case_ref, row->case_number);
	put_from(agent, out, row->ref.participant);
	json_object_set_new(out, "position",
	    json_integer((json_int_t)row->position));
	json_object_set_new(out, "instant", json_instant(row->instant));
	if (!ref_is_none(&row->reply_to))
		json_object_set_new(out, "reply_to", json_ref(&row->reply_to));
	if (row->kind == SK__KIND__CORRECTION)
		json_object_set_new(out, "corrects", json_ref(&row->reply_to));
	if (row->written_at != 0)
		json_object_set_new(out, "written_at",
		    json_instant(row->written_at));
	if (row->has_event_date)
		json_object_set_new(out, "event_date",
		    json_date(row->event_date));
	if (row->opened_at != 0)
		json_object_set_new(out, "opened_at",
		    json_instant(row->opened_at));
	if (row->notice_kind != 0)
		json_object_set_new(out, "notice", json_notice(row));
	put_overrides_in(agent, out, row);
	if (row->erased_ground != 0)
		json_object_set_new(out, "erased", json_pack("{s:I, s:s}",
		    "entry", (json_int_t)row->erased_by, "ground",
		    enum_label(&sk__erasure_ground__descriptor,
		    row->erased_ground)));
	if (row->trouble != 0)
		json_object_set_new(out, "trouble", json_pack(
		    "{s:s, s:s, s:s, s:s}", "code",
		    error_name((enum sk_error)row->trouble), "text",
		    error_text_nl((enum sk_error)row->trouble), "text_en",
		    error_text((enum sk_error)row->trouble), "hint",
		    row->trouble_text));
	return out;
}

static const char *
state_label(const struct own_row *row)
{
	if (row->number == 0)
		return "QUEUED";
	return row->accepted ? "RECEIPTED" : "REFUSED";
}

static json_t *
json_to(const struct own_row *row)
{
	json_t *to = json_array();

	for (size_t i = 0; i < row->recipients; i++)
		json_array_append_new(to,
		    json_integer((json_int_t)row->recipient[i]));
	return to;
}

static json_t *
json_outcome(const struct own_row *row)
{
	json_t *out = json_pack("{s:b}", "accepted", row->accepted);
	enum sk_error code = (enum sk_error)row->code;

	if (row->case_number != 0)
		json_object_set_new(out, "case_number",
		    json_integer((json_int_t)row->case_number));
	if (row->accepted)
		return out;
	json_object_set_new(out, "code", json_string(error_name(code)));
	json_object_set_new(out, "number", json_integer(code));
	json_object_set_new(out, "field", json_string(row->field));
	json_object_set_new(out, "hint", json_string(row->hint));
	json_object_set_new(out, "text", json_string(error_text_nl(code)));
	json_object_set_new(out, "text_en", json_string(error_text(code)));
	if (row->use_participant != 0)
		json_object_set_new(out, "use_participant",
		    json_integer((json_int_t)row->use_participant));
	if (row->first_position != 0)
		json_object_set_new(out, "first_position",
		    json_integer((json_int_t)row->first_position));
	return out;
}

static json_t *
json_receipt(struct agent *agent, const struct own_row *row)
{
	json_t *out = json_object(), *outcome;
	Sk__CatalogueAnswer *answer;
	char hex[2 * DIGEST_SIZE + 1], text[CASE_TEXT_MAX];

	for (size_t i = 0; i < DIGEST_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", row->leaf_hash[i]);
	json_object_set_new(out, "number",
	    json_integer((json_int_t)row->number));
	json_object_set_new(out, "position",
	    json_integer((json_int_t)row->position));
	json_object_set_new(out, "instant", json_instant(row->instant));
	json_object_set_new(out, "leaf_hash", json_string(hex));
	if (row->case_number != 0) {
		case_text(archive_meta(agent->archive)->mailbox_journal,
		    row->case_number, text);
		json_object_set_new(out, "case", json_string(text));
	}
	outcome = json_outcome(row);
	if (row->kind == SK__KIND__CATALOGUE_QUERY && own_answer(agent->archive,
	    &row->id, &agent->scratch, &answer) == SK_OK)
		json_object_set_new(outcome, "catalogue",
		    json_from_message(&answer->base));
	put_said(agent, outcome, row);
	json_object_set_new(out, "outcome", outcome);
	return out;
}

void
put_sent(struct agent *agent, json_t *answer, const struct own_row *row)
{
	struct envelope_ref ref = { agent_self(agent), row->id };

	json_object_set_new(answer, "ref", json_ref(&ref));
	put_case(agent, answer, &row->case_ref, row->case_number);
	json_object_set_new(answer, "to", json_to(row));
	json_object_set_new(answer, "state", json_string(state_label(row)));
	if (row->replaced_by.number != 0) {
		ref.id = row->replaced_by;
		json_object_set_new(answer, "replaced_by", json_ref(&ref));
	}
	if (row->number != 0)
		json_object_set_new(answer, "receipt",
		    json_receipt(agent, row));
}

json_t *
json_own_row(struct agent *agent, const struct own_row *row)
{
	json_t *out = json_object();

	put_sent(agent, out, row);
	json_object_set_new(out, "kind", json_string(kind_label(row->kind)));
	json_object_set_new(out, "kind_nl",
	    json_string(kind_label_nl(row->kind)));
	put_from(agent, out, agent_self(agent));
	json_object_set_new(out, "written_at", json_instant(row->written_at));
	json_object_set_new(out, "person",
	    json_integer((json_int_t)row->person));
	if (row->on_behalf_of != 0)
		json_object_set_new(out, "on_behalf_of",
		    json_integer((json_int_t)row->on_behalf_of));
	if (!ref_is_none(&row->reply_to))
		json_object_set_new(out, "reply_to", json_ref(&row->reply_to));
	if (row->kind == SK__KIND__CORRECTION)
		json_object_set_new(out, "corrects", json_ref(&row->reply_to));
	if (row->has_event_date)
		json_object_set_new(out, "event_date",
		    json_date(row->event_date));
	put_overrides_own(agent, out, row);
	if (row->number != 0) {
		json_object_set_new(out, "number",
		    json_integer((json_int_t)row->number));
		json_object_set_new(out, "position",
		    json_integer((json_int_t)row->position));
		json_object_set_new(out, "instant",
		    json_instant(row->instant));
	}
	return out;
}
