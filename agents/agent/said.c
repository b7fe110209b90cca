#include "agents/agent/said.h"

#include "agents/agent/api_parts.h"
#include "agents/agent/household.h"
#include "broker/lib/json.h"
#include "proto/message.h"

enum sk_error
said_keep(struct archive *archive, const struct envelope_id *id,
    const Sk__Outcome *outcome)
{
	Sk__Outcome said = SK__OUTCOME__INIT;
	uint8_t key[ID_KEY_SIZE], ref_bytes[REF_KEY_SIZE];
	uint8_t bytes[SAID_BYTES_MAX];
	struct envelope_ref ref;

	said.n_warnings = outcome->n_warnings;
	said.warnings = outcome->warnings;
	said.n_known = outcome->n_known;
	said.known = outcome->known;
	said.waiting = outcome->waiting;
	said.has_use_case = outcome->has_use_case;
	said.use_case = outcome->use_case;
	said.use_case_ref = outcome->use_case_ref;
	if (said.n_warnings + said.n_known == 0 && said.waiting == NULL &&
	    !said.has_use_case)
		return SK_OK;
	if (sk__outcome__get_packed_size(&said) > sizeof(bytes))
		return SK_OVERSIZED;
	id_key(key, id);
	archive_put(archive, TABLE_SAID, (struct span){ key, sizeof(key) },
	    (struct span){ bytes, sk__outcome__pack(&said, bytes) });
	if (said.has_use_case && ref_from_message(said.use_case_ref, &ref)) {
		ref_key(ref_bytes, &ref);
		archive_put(archive, TABLE_NAMED, SPAN_U64(said.use_case),
		    (struct span){ ref_bytes, sizeof(ref_bytes) });
	}
	return SK_OK;
}

enum sk_error
said_get(struct archive *archive, const struct envelope_id *id,
    struct arena *arena, Sk__Outcome **said)
{
	ProtobufCMessage *message = NULL;
	uint8_t key[ID_KEY_SIZE];
	struct span value;
	enum sk_error rc;

	id_key(key, id);
	rc = archive_get(archive, TABLE_SAID, (struct span){ key, sizeof(key) },
	    &value);
	if (rc == SK_OK)
		rc = wire_decode(&sk__outcome__descriptor, "said", value.bytes,
		    value.size, SAID_BYTES_MAX, arena, &message, NULL);
	*said = (Sk__Outcome *)message;
	return rc;
}

void
said_erase(struct archive *archive, const struct envelope_id *id)
{
	uint8_t key[ID_KEY_SIZE];

	id_key(key, id);
	archive_del(archive, TABLE_SAID, (struct span){ key, sizeof(key) });
}

enum sk_error
said_case(struct archive *archive, uint64_t number, struct envelope_ref *ref)
{
	struct span value;
	enum sk_error rc;

	rc = archive_get(archive, TABLE_NAMED, SPAN_U64(number), &value);
	if (rc != SK_OK)
		return rc == SK_NOT_FOUND ? SK_CASE_UNKNOWN : rc;
	if (value.size != REF_KEY_SIZE)
		return SK_STORE_CORRUPT;
	ref_from_key(ref, value.bytes);
	return SK_OK;
}

/* ---- as JSON */

static json_t *
json_warnings(const Sk__Outcome *said)
{
	json_t *out = json_array();

	for (size_t i = 0; i < said->n_warnings; i++)
		json_array_append_new(out, json_pack("{s:s, s:s, s:s}",
		    "code", enum_label(&sk__warning__descriptor,
		    said->warnings[i]), "text",
		    warning_dutch(said->warnings[i]), "text_en",
		    warning_english(said->warnings[i])));
	return out;
}

static json_t *
json_known(const Sk__Outcome *said)
{
	json_t *out = json_array(), *row;
	struct envelope_ref ref;

	for (size_t i = 0; i < said->n_known; i++) {
		const Sk__KnownRecord *known = said->known[i];

		row = json_pack("{s:s, s:I, s:b}", "what", known->has_section ?
		    section_name(known->section) : kind_label(known->record),
		    "holder", (json_int_t)known->holder, "yours",
		    (int)known->yours);
		if (ref_from_message(known->ref, &ref))
			json_object_set_new(row, "ref", json_ref(&ref));
		json_array_append_new(out, row);
	}
	return out;
}

/* The case that row i of the answer is about: its place in the question. */
static void
put_asked(struct agent *agent, json_t *out, const Sk__WaitingQueryFacts *query,
    uint32_t asked)
{
	struct envelope_ref ref;

	if (query != NULL && asked < query->n_cases &&
	    ref_from_message(query->cases[asked], &ref))
		put_case(agent, out, &ref, 0);
}

static const Sk__WaitingQueryFacts *
question_of(struct agent *agent, const struct own_row *row,
    struct arena *arena)
{
	Sk__Envelope *envelope;
	Sk__Facts *facts;

	if (own_envelope(agent->archive, &row->id, arena, &envelope) != SK_OK ||
	    facts_decode(kind_info(row->kind), envelope->facts.data,
	    envelope->facts.len, arena, &facts, NULL) != SK_OK)
		return NULL;
	return facts->waiting_query;
}

static json_t *
json_waiting(struct agent *agent, const struct own_row *row,
    const Sk__WaitingAnswer *answer, struct arena *arena)
{
	const Sk__WaitingQueryFacts *query = question_of(agent, row, arena);
	json_t *out = json_object(), *rows = json_array(), *item;

	for (size_t i = 0; i < answer->n_rows; i++) {
		const Sk__WaitingRow *w = answer->rows[i];

		item = json_pack("{s:I, s:o, s:I, s:I, s:I, s:I, s:I}",
		    "provider", (json_int_t)w->provider, "since",
		    json_date(w->since_date), "days", (json_int_t)w->days,
		    "class", (json_int_t)w->rank, "needs",
		    (json_int_t)w->vulnerability, "class_now",
		    (json_int_t)w->rank_now, "weight", (json_int_t)w->weight);
		put_asked(agent, item, query, w->asked);
		json_array_append_new(rows, item);
	}
	json_object_set_new(out, "rows", rows);
	json_object_set_new(out, "more", json_integer((json_int_t)answer->more));
	return out;
}

void
put_said(struct agent *agent, json_t *outcome, const struct own_row *row)
{
	struct envelope_ref ref = { 0 };
	char text[CASE_TEXT_MAX];
	struct arena arena;
	Sk__Outcome *said;

	if (household_arena(&arena) != SK_OK)
		return;
	if (said_get(agent->archive, &row->id, &arena, &said) != SK_OK)
		goto done;
	if (said->n_warnings > 0)
		json_object_set_new(outcome, "warnings", json_warnings(said));
	if (said->n_known > 0)
		json_object_set_new(outcome, "known", json_known(said));
	if (said->waiting != NULL)
		json_object_set_new(outcome, "waiting", json_waiting(agent,
		    row, said->waiting, &arena));
	if (said->has_use_case && ref_from_message(said->use_case_ref, &ref)) {
		case_text(row->journal != 0 ? row->journal :
		    archive_meta(agent->archive)->mailbox_journal,
		    said->use_case, text);
		json_object_set_new(outcome, "use_case", json_string(text));
		json_object_set_new(outcome, "use_case_ref", json_ref(&ref));
	}
done:
	household_arena_clear(&arena);
}

void
put_overrides(json_t *row, const Sk__Facts *facts)
{
	json_t *out;

	if (facts == NULL || facts->n_overrides == 0)
		return;
	out = json_array();
	for (size_t i = 0; i < facts->n_overrides; i++) {
		enum sk_error gate = (enum sk_error)facts->overrides[i]->gate;

		json_array_append_new(out, json_pack("{s:s, s:s, s:s, s:s}",
		    "gate", error_name(gate), "text", error_text_nl(gate),
		    "text_en", error_text(gate), "reason",
		    enum_label(&sk__override_reason__descriptor,
		    facts->overrides[i]->reason)));
	}
	json_object_set_new(row, "overrides", out);
}

static void
put_overrides_of(json_t *out, Sk__Kind kind, const Sk__Envelope *envelope,
    struct arena *arena)
{
	const struct kind_info *info = kind_info(kind);
	Sk__Facts *facts;

	if (info != NULL && envelope != NULL && facts_decode(info,
	    envelope->facts.data, envelope->facts.len, arena, &facts, NULL) ==
	    SK_OK)
		put_overrides(out, facts);
}

void
put_overrides_in(struct agent *agent, json_t *out, const struct inbox_row *row)
{
	Sk__Deliver *deliver;
	struct arena arena;

	if (row->kind == 0 || row->trouble != 0 ||
	    household_arena(&arena) != SK_OK)
		return;
	if (inbox_deliver(agent->archive, row->arrival, &arena, &deliver) ==
	    SK_OK)
		put_overrides_of(out, row->kind, deliver->envelope, &arena);
	household_arena_clear(&arena);
}

void
put_overrides_own(struct agent *agent, json_t *out, const struct own_row *row)
{
	Sk__Envelope *envelope;
	struct arena arena;

	if (household_arena(&arena) != SK_OK)
		return;
	if (own_envelope(agent->archive, &row->id, &arena, &envelope) == SK_OK)
		put_overrides_of(out, row->kind, envelope, &arena);
	household_arena_clear(&arena);
}
