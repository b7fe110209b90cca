#include "agents/agent/extract.h"

#include <stdlib.h>
#include <string.h>

#include "agents/agent/cases.h"
#include "agents/agent/compose.h"
#include "agents/agent/directory.h"
#include "agents/agent/inbox.h"
#include "agents/agent/outbox.h"
#include "agents/agent/show.h"
#include "broker/lib/json.h"
#include "proto/civil.h"
#include "proto/message.h"

#define K(name) SK__KIND__##name
#define LEFT_OUT_MAX 4096

/* One reading of a case. */
struct reading {
	struct agent *agent;
	struct extract *extract;
	struct arena arena;
	enum sk_error rc;
	/* answers to what was left out are left out with it */
	struct envelope_ref *left_out;
	size_t left_outs;
};

/* A message as it lies in the archive. */
struct read_message {
	Sk__Kind kind;
	struct envelope_ref ref, reply_to;
	int64_t instant;
	int32_t event_date;
	bool has_event_date;
	const Sk__Envelope *envelope;
	const Sk__Deliver *deliver;	/* of what came in; NULL: own */
	struct header header;
	Sk__Facts *facts;
	Sk__Content *content;
};

/* ---- which messages */

static bool
is_of_the_machine(Sk__Kind kind)
{
	return kind == K(RECEIPT_OF) || kind == K(OPENED) ||
	    kind == K(CONTENT_MISMATCH_FOUND);
}

/* Important facts and circumstances of the child and its care (BW 1:377c). */
static bool
is_important(Sk__Kind kind)
{
	return kind == K(START) || kind == K(PAUSE) || kind == K(RESUME) ||
	    kind == K(STOP) || kind == K(PROGRESS_REPORT) ||
	    kind == K(HEARING_REPORT);
}

static bool
is_own(const struct extract *extract, const ProtobufCBinaryData *pseudonym)
{
	const struct household_person *person = household_person(
	    &extract->persons, pseudonym->data, pseudonym->len);

	return person == extract->parent ||
	    (person != NULL && person->role == SK__PERSON_ROLE__CHILD);
}

/* Is it about somebody of another household? */
static bool
is_about_another(const struct extract *extract, const Sk__Facts *facts)
{
	if (facts->person_change != NULL)
		return !is_own(extract, &facts->person_change->pseudonym);
	if (facts->consent_change != NULL)
		return !is_own(extract, &facts->consent_change->pseudonym);
	if (facts->extract_made != NULL)
		return !is_own(extract, &facts->extract_made->pseudonym);
	if (facts->link_person != NULL)
		return !is_own(extract,
		    &facts->link_person->person->pseudonym);
	return false;
}

static bool
may_see(const struct reading *reading, const Sk__SectionLength *section)
{
	const struct extract *extract = reading->extract;

	if (extract->ground == SK__EXTRACT_GROUND__PARENT_ON_REQUEST &&
	    section->section != SK__SECTION__WHAT_WAS_DONE)
		return false;
	return household_may_see(&extract->persons,
	    extract->parent->household, section);
}

/* All that it says is withheld: that it was said is left out too. */
static bool
is_withheld_whole(const struct reading *reading, const Sk__Facts *facts)
{
	const struct extract *extract = reading->extract;

	if (facts->n_sections == 0)
		return false;
	for (size_t i = 0; i < facts->n_sections; i++)
		if (household_may_see(&extract->persons,
		    extract->parent->household, facts->sections[i]) ||
		    facts->sections[i]->n_withheld_from == 0)
			return false;
	return true;
}

static bool
answers_left_out(const struct reading *reading,
    const struct envelope_ref *reply_to)
{
	for (size_t i = 0; !ref_is_none(reply_to) && i < reading->left_outs;
	    i++)
		if (ref_equal(&reading->left_out[i], reply_to))
			return true;
	return false;
}

static bool
leaves_out(struct reading *reading, const struct read_message *m)
{
	if (!answers_left_out(reading, &m->reply_to) &&
	    !is_about_another(reading->extract, m->facts) &&
	    !is_withheld_whole(reading, m->facts))
		return false;
	if (reading->left_outs == LEFT_OUT_MAX)
		reading->rc = SK_OVERSIZED;
	else
		reading->left_out[reading->left_outs++] = m->ref;
	return true;
}

/* ---- what of them */

static bool
is_hex_of_another(const struct extract *extract, const json_t *pseudonym)
{
	const char *text = json_string_value(pseudonym);
	char hex[2 * PSEUDONYM_BYTES + 1];

	for (size_t i = 0; text != NULL && i < extract->persons.n; i++) {
		const struct household_person *p = &extract->persons.person[i];

		if (p != extract->parent &&
		    p->role != SK__PERSON_ROLE__CHILD)
			continue;
		for (size_t j = 0; j < PSEUDONYM_BYTES; j++)
			snprintf(hex + 2 * j, 3, "%02x", p->pseudonym[j]);
		if (strcmp(hex, text) == 0)
			return false;
	}
	return true;
}

/* Persons of another household go, wherever they stand. A pseudonym means
 * nothing to a reader: own ones go as well. */
static void
strip(const struct extract *extract, json_t *value)
{
	json_t *inside;
	const char *key;
	void *next;
	size_t i;

	if (json_is_array(value)) {
		for (i = json_array_size(value); i-- > 0;) {
			json_t *pseudonym;

			inside = json_array_get(value, i);
			pseudonym = json_object_get(inside, "pseudonym");
			if (pseudonym != NULL &&
			    is_hex_of_another(extract, pseudonym))
				json_array_remove(value, i);
			else
				strip(extract, inside);
		}
		return;
	}
	if (!json_is_object(value))
		return;
	json_object_del(value, "pseudonym");
	json_object_del(value, "secret_version");
	json_object_del(value, "former");
	json_object_foreach_safe(value, next, key, inside)
		strip(extract, inside);
}

static json_t *
facts_of(const struct extract *extract, const struct read_message *m)
{
	const ProtobufCFieldDescriptor *field =
	    protobuf_c_message_descriptor_get_field(&sk__facts__descriptor,
	    (unsigned)m->kind + 100);
	const ProtobufCMessage *facts = NULL;
	json_t *out;

	if (field != NULL)
		memcpy(&facts, (const uint8_t *)m->facts + field->offset,
		    sizeof(facts));
	out = facts == NULL ? json_object() : json_from_message(facts);
	strip(extract, out);
	return out;
}

static json_t *
sections_of(const struct reading *reading, const struct read_message *m)
{
	json_t *out = json_object();

	for (size_t i = 0; i < m->facts->n_sections; i++) {
		const Sk__SectionLength *s = m->facts->sections[i];

		for (size_t j = 0; m->content != NULL &&
		    j < m->content->n_sections; j++)
			if (m->content->sections[j]->section == s->section &&
			    may_see(reading, s))
				json_object_set_new(out,
				    section_name(s->section), json_string(
				    m->content->sections[j]->text));
	}
	return out;
}

static json_t *
row_of(const struct reading *reading, const struct read_message *m)
{
	char day[CIVIL_DATE_TEXT_MAX];
	struct member member;
	json_t *row;

	civil_date_text(m->has_event_date ? m->event_date :
	    civil_date_at(m->instant), day);
	row = json_pack("{s:s, s:s, s:s}", "kind", kind_info(m->kind)->name,
	    "kind_nl", kind_info(m->kind)->dutch, "date", day);
	if (directory_member(reading->agent->archive, m->ref.participant,
	    &member) == SK_OK)
		json_object_set_new(row, "from",
		    json_string(member.current.name));
	json_object_set_new(row, "facts", facts_of(reading->extract, m));
	json_object_set_new(row, "sections", sections_of(reading, m));
	return row;
}

/* ---- the way through the case */

static enum sk_error
open_message(struct reading *reading, struct read_message *m)
{
	const Sk__Envelope *e = m->envelope;
	enum sk_error rc;

	rc = header_decode(e->header.data, e->header.len, &reading->arena,
	    &m->header, NULL);
	if (rc == SK_OK)
		rc = facts_decode(m->header.info, e->facts.data, e->facts.len,
		    &reading->arena, &m->facts, NULL);
	if (rc != SK_OK)
		return rc;
	arena_reset(&reading->agent->scratch);
	rc = show_open_seal(reading->agent, &m->header, e, &m->content, NULL);
	if (rc != SK_OK || m->facts->reseal == NULL)
		return rc;
	/* what came before this organisation did */
	rc = show_open_reseal(reading->agent, m->deliver, m->content,
	    &m->header, &m->facts, &m->content, NULL);
	if (rc != SK_OK)
		return rc;
	m->kind = m->header.info->kind;
	m->ref = m->reply_to;
	m->reply_to = m->header.reply_to;
	m->instant = m->header.written_at;
	m->event_date = m->header.event_date;
	m->has_event_date = m->header.has_event_date;
	return SK_OK;
}

static void
take_message(struct reading *reading, struct read_message *m)
{
	struct extract *extract = reading->extract;

	if (m->envelope == NULL || is_of_the_machine(m->kind) ||
	    kind_info(m->kind) == NULL)
		return;
	reading->rc = open_message(reading, m);
	if (reading->rc == SK_OK && !leaves_out(reading, m) &&
	    reading->rc == SK_OK &&
	    (extract->ground == SK__EXTRACT_GROUND__PARENT_WITH_AUTHORITY ||
	    is_important(m->kind))) {
		json_array_append_new(extract->rows, row_of(reading, m));
		extract->messages++;
	}
	show_clear(reading->agent);
}

static bool
read_row(void *context, const struct timeline_entry *entry)
{
	struct reading *reading = context;
	struct archive *archive = reading->agent->archive;
	struct read_message m = { 0 };
	Sk__Envelope *envelope = NULL;
	Sk__Deliver *deliver;
	struct inbox_row in;
	struct own_row out;

	arena_reset(&reading->arena);
	if (entry->out && own_get(archive, &entry->id, &out) == SK_OK &&
	    out.accepted && out.kind != K(RESEAL) && own_envelope(archive, &entry->id,
	    &reading->arena, &envelope) == SK_OK) {
		m.kind = out.kind;
		m.ref.participant = agent_self(reading->agent);
		m.ref.id = out.id;
		m.reply_to = out.reply_to;
		m.instant = out.instant;
		m.event_date = out.event_date;
		m.has_event_date = out.has_event_date;
		m.envelope = envelope;
	} else if (!entry->out && inbox_get(archive, entry->arrival, &in) ==
	    SK_OK && in.trouble == 0 && in.kind != 0 &&
	    inbox_deliver(archive, entry->arrival, &reading->arena,
	    &deliver) == SK_OK) {
		m.kind = in.kind;
		m.ref = in.ref;
		m.reply_to = in.reply_to;
		m.instant = in.instant;
		m.event_date = in.event_date;
		m.has_event_date = in.has_event_date;
		m.envelope = deliver->envelope;
		m.deliver = deliver;
	}
	take_message(reading, &m);
	return reading->rc == SK_OK;
}

/* Who does not decide over the child, or of whom nobody looked it up, gets
 * what is important, and only when asked for. */
static enum sk_error
find_ground(struct extract *extract, bool on_request, struct fault *fault)
{
	Sk__Authority authority = extract->parent->authority;

	extract->ground = authority == SK__AUTHORITY__HAS_AUTHORITY ||
	    authority == SK__AUTHORITY__SHARED_AUTHORITY ?
	    SK__EXTRACT_GROUND__PARENT_WITH_AUTHORITY :
	    SK__EXTRACT_GROUND__PARENT_ON_REQUEST;
	if (extract->ground == SK__EXTRACT_GROUND__PARENT_WITH_AUTHORITY ||
	    on_request)
		return SK_OK;
	return fault_set(fault, SK_FIELD_MISSING, "on_request",
	    "this parent has no authority here: what is important, when "
	    "asked for (BW 1:377c)");
}

enum sk_error
extract_case(struct agent *agent, const struct envelope_ref *case_ref,
    uint64_t n, bool on_request, struct extract *extract, struct fault *fault)
{
	struct reading reading = { .agent = agent, .extract = extract };
	enum sk_error rc;

	rc = household_of_case(agent, case_ref, &extract->persons);
	if (rc != SK_OK)
		return fault_set(fault, rc, "case", NULL);
	extract->parent = household_parent(&extract->persons, n);
	if (n == 0 || extract->parent == NULL)
		return fault_set(fault, SK_NOT_FOUND, "parent",
		    "a parent of this case, from 1");
	if ((rc = find_ground(extract, on_request, fault)) != SK_OK)
		return rc;
	reading.left_out = calloc(LEFT_OUT_MAX, sizeof(*reading.left_out));
	rc = reading.left_out == NULL ? SK_NO_MEMORY :
	    household_arena(&reading.arena);
	if (rc == SK_OK) {
		rc = cases_timeline(agent->archive, case_ref, read_row,
		    &reading);
		household_arena_clear(&reading.arena);
	}
	free(reading.left_out);
	if (rc == SK_OK)
		rc = reading.rc;
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, "case", NULL);
}
