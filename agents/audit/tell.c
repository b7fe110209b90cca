#include "agents/audit/tell.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agents/audit/words.h"
#include "broker/core/case.h"
#include "proto/civil.h"
#include "proto/text.h"

/* For programs: the value's own name. */
static const char *
name_of(const ProtobufCEnumDescriptor *descriptor, int value)
{
	const ProtobufCEnumValue *found =
	    protobuf_c_enum_descriptor_get_value(descriptor, value);

	return found == NULL ? "?" : found->name;
}

void
tell_more(json_t *told, const char *format, ...)
{
	json_t *happened = json_object_get(told, "happened");
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	/* Texts in an entry must not steer the terminal of who looks. */
	text_tame(text);
	json_array_append_new(happened, json_string(text));
}

/* ---- what came of it */

static void
tell_changes(const struct teller *t, const Sk__Effects *effects, json_t *told)
{
	char name[BOOK_NAME_MAX];

	for (size_t i = 0; i < effects->n_participants; i++) {
		const Sk__ParticipantChange *c = effects->participants[i];

		book_name(&t->book, c->participant, name);
		if (c->has_erasure_said)
			continue;	/* its statement, no change */
		tell_more(told, "%s %s / %s", name, c->left ? "neemt niet "
		    "meer deel" : "neemt deel", c->left ? "leaves" : "takes "
		    "part");
	}
	for (size_t i = 0; i < effects->n_handoffs; i++) {
		const Sk__HandoffChange *c = effects->handoffs[i];

		/* To whom stands in the change that makes the offer. */
		book_name(&t->book, c->provider, name);
		if (c->unplanned)
			tell_more(told, "aanbod %" PRIu32 " eindigde anders "
			    "dan gepland / ended unplanned", c->index);
		if (c->hop)
			tell_more(told, "aanbod %" PRIu32 " begint kort na "
			    "hulp die mislukte / a hop", c->index);
		if (c->parallel)
			tell_more(told, "aanbod %" PRIu32 " begint naast hulp "
			    "die loopt / runs beside other help", c->index);
		tell_more(told, "aanbod %" PRIu32 "%s%s: %s / %s", c->index,
		    c->has_provider ? " aan " : "", c->has_provider ? name : "",
		    words_dutch(WORDS_HANDOFF, (int)c->status),
		    words_english(WORDS_HANDOFF, (int)c->status));
	}
}

/* A term ends at 24:00: people say the day before that instant. A warning
 * comes with the start of its day. */
static void
day_text(int64_t instant, bool end, char text[CIVIL_INSTANT_TEXT_MAX])
{
	civil_local_text(end ? instant - 1 : instant, text);
	text[strcspn(text, " ")] = '\0';
}

static void
tell_timers(const Sk__Effects *effects, json_t *told)
{
	char warn[CIVIL_INSTANT_TEXT_MAX], breach[CIVIL_INSTANT_TEXT_MAX];

	for (size_t i = 0; i < effects->n_timers; i++) {
		const Sk__TimerChange *c = effects->timers[i];
		const char *nl = words_dutch(WORDS_DEADLINE, (int)c->kind);
		const char *en = words_english(WORDS_DEADLINE, (int)c->kind);

		day_text(c->warn, false, warn);
		day_text(c->breach, true, breach);
		if (c->cleared)
			tell_more(told, "termijn %s vervalt / %s cleared", nl,
			    en);
		else if (c->breach != 0)
			tell_more(told, "termijn %s t/m %s%s / %s runs until",
			    nl, breach, c->late ? ", al verstreken" : "", en);
		else if (c->warn != 0)
			tell_more(told, "termijn %s waarschuwt %s / %s warns",
			    nl, warn, en);
	}
}

static void
tell_notice(const struct teller *t, const Sk__Notice *notice, json_t *told)
{
	char name[BOOK_NAME_MAX];

	book_name(&t->book, notice->participant, name);
	tell_more(told, "melding %s%s%s%s%s / %s%s%s",
	    words_dutch(WORDS_NOTICE, (int)notice->kind),
	    notice->has_deadline ? ", " : "", notice->has_deadline ?
	    words_dutch(WORDS_DEADLINE, (int)notice->deadline) : "",
	    notice->participant != 0 ? ", bij " : "",
	    notice->participant != 0 ? name : "",
	    words_english(WORDS_NOTICE, (int)notice->kind),
	    notice->has_deadline ? ", " : "", notice->has_deadline ?
	    words_english(WORDS_DEADLINE, (int)notice->deadline) : "");
}

/* A family and a child go by the number of their first case. */
static void
tell_family(const Sk__Effects *effects, json_t *told)
{
	if (effects->has_family && effects->family != effects->case_number)
		tell_more(told, "gezin van zaak %" PRIu64 " / family of case",
		    effects->family);
	for (size_t i = 0; i < effects->n_family_joined; i++)
		tell_more(told, "gezin van zaak %" PRIu64 " is hetzelfde gezin"
		    " / turns out to be the same family",
		    effects->family_joined[i]);
	if (effects->has_child && effects->child != effects->case_number)
		tell_more(told, "kind van zaak %" PRIu64 " / child of case",
		    effects->child);
	if (effects->has_child_joined)
		tell_more(told, "kind van zaak %" PRIu64 " is hetzelfde kind / "
		    "turns out to be the same child", effects->child_joined);
	if (effects->has_returns_after)
		tell_more(told, "terug na de hulp in zaak %" PRIu64
		    " / returns after the help of case",
		    effects->returns_after);
	if (effects->information != NULL)
		tell_more(told, "gevraagd %" PRIu32 ", genoemd %" PRIu32
		    ", eerder gevraagd %" PRIu32 " / asked, named, asked "
		    "again", effects->information->asked,
		    effects->information->named, effects->information->again);
	if (effects->plan_of != NULL)
		tell_more(told, "sluit aan bij het plan van het gezin / joins "
		    "the family's plan");
}

static void
tell_erasure(const struct teller *t, const Sk__Effects *effects, json_t *told)
{
	char name[BOOK_NAME_MAX];
	int ground;

	for (size_t i = 0; i < effects->n_participants; i++) {
		const Sk__ParticipantChange *c = effects->participants[i];

		if (!c->has_erasure_said)
			continue;
		book_name(&t->book, c->participant, name);
		tell_more(told, "%s verklaart: %s / its own statement: %s",
		    name, words_dutch(WORDS_SAID, (int)c->erasure_said),
		    words_english(WORDS_SAID, (int)c->erasure_said));
	}
	if (effects->erasure_asked != NULL) {
		ground = (int)effects->erasure_asked->ground;
		tell_more(told, "verzoek om wissen: %s / asked to erase: %s",
		    words_dutch(WORDS_GROUND, ground),
		    words_english(WORDS_GROUND, ground));
	}
	if (effects->has_erasure_granted)
		tell_more(told, "verzoek om wissen %s / request %s",
		    effects->erasure_granted ? "ingewilligd" : "geweigerd",
		    effects->erasure_granted ? "granted" : "refused");
	if (effects->erasure == NULL)
		return;
	ground = (int)effects->erasure->ground;
	tell_more(told, "gewist: %s / erased: %s",
	    words_dutch(WORDS_GROUND, ground),
	    words_english(WORDS_GROUND, ground));
	json_object_set_new(told, "erased", json_string(name_of(
	    &sk__erasure_ground__descriptor, ground)));
}

static void
tell_effects(const struct teller *t, const Sk__Effects *effects, json_t *told)
{
	char name[BOOK_NAME_MAX];

	if (effects->opening != NULL)
		tell_more(told, "opent de zaak, gemeente %s / opens the case",
		    effects->opening->municipality == NULL ? "?" :
		    effects->opening->municipality);
	tell_family(effects, told);
	if (effects->has_state) {
		tell_more(told, "stand %s / %s",
		    case_state_dutch(effects->state),
		    case_state_name(effects->state));
		json_object_set_new(told, "state",
		    json_string(case_state_name(effects->state)));
	}
	if (effects->has_court && effects->opening == NULL) {
		book_name(&t->book, effects->court, name);
		tell_more(told, "rechtbank %s / court", name);
	}
	if (effects->has_owner) {
		book_name(&t->book, effects->owner, name);
		tell_more(told, "eigenaar %s / owner", name);
		json_object_set_new(told, "owner",
		    json_integer((json_int_t)effects->owner));
	}
	if (effects->has_director) {
		book_name(&t->book, effects->director, name);
		tell_more(told, "regie %s / director", name);
		json_object_set_new(told, "director",
		    json_integer((json_int_t)effects->director));
	}
	tell_each_effect(t, effects, told);
	tell_changes(t, effects, told);
	tell_erasure(t, effects, told);
	tell_timers(effects, told);
	if (effects->notice != NULL)
		tell_notice(t, effects->notice, told);
	for (size_t i = 0; i < effects->n_postings; i++) {
		/* Another's mailbox is none of its own records. */
		if (t->participant != 0 &&
		    effects->postings[i]->participant != t->participant)
			continue;
		book_name(&t->book, effects->postings[i]->participant, name);
		tell_more(told, "postvak %s nr %" PRIu64 " / posted", name,
		    effects->postings[i]->number);
	}
}

/* ---- who, to whom, what */

static void
tell_envelope(const struct teller *t, const struct entry *entry, json_t *told)
{
	const struct header *header = &entry->header;
	char name[BOOK_NAME_MAX];
	uint64_t position, case_number;
	json_t *to = json_object_get(told, "to");

	book_name(&t->book, entry->leaf.sender, name);
	json_object_set_new(told, "from", json_pack("{s:I, s:s}",
	    "participant", (json_int_t)entry->leaf.sender, "name", name));
	if (!entry->leaf.header_whole)
		return;
	for (size_t i = 0; i < header->recipients; i++) {
		if (header->recipient[i].participant == entry->leaf.sender)
			continue;	/* the sender's own copy */
		book_name(&t->book, header->recipient[i].participant, name);
		json_array_append_new(to, json_pack("{s:I, s:s}",
		    "participant",
		    (json_int_t)header->recipient[i].participant,
		    "name", name));
	}
	if (header->person != 0)
		tell_more(told, "persoon %" PRIu64 " / person",
		    header->person);
	if (header->on_behalf_of != 0)
		tell_more(told, "namens persoon %" PRIu64 " / on behalf of",
		    header->on_behalf_of);
	if (!ref_is_none(&header->reply_to) && journal_id(t->journal,
	    header->reply_to.participant, &header->reply_to.id, &position,
	    &case_number) == SK_OK)
		tell_more(told, "bij regel %" PRIu64 " / about entry",
		    position);
}

static void
tell_deadline(const struct teller *t, const struct entry *entry, json_t *told)
{
	const Sk__DeadlineBody *body = (const Sk__DeadlineBody *)entry->body;
	char due[CIVIL_INSTANT_TEXT_MAX], name[BOOK_NAME_MAX];

	day_text(body->due, body->breach, due);
	tell_more(told, "termijn %s, %s: %s / %s %s",
	    words_dutch(WORDS_DEADLINE, (int)body->kind), due,
	    body->breach ? "verstreken" : "waarschuwing",
	    words_english(WORDS_DEADLINE, (int)body->kind),
	    body->breach ? "passed" : "warning");
	json_object_set_new(told, "deadline", json_pack("{s:s, s:b}", "kind",
	    name_of(&sk__deadline_kind__descriptor, (int)body->kind),
	    "breach", body->breach));
	if (body->participant == 0)
		return;
	book_name(&t->book, body->participant, name);
	tell_more(told, "postvak %s nr %" PRIu64 " niet opgehaald / not "
	    "fetched", name, body->mailbox_number);
}

/* Both instants of what was decided as of before a restore. */
static void
tell_former(const Sk__Outcome *outcome, json_t *told)
{
	char then[CIVIL_INSTANT_TEXT_MAX];

	if (outcome->former_instant == 0)
		return;
	civil_local_text(outcome->former_instant, then);
	if (outcome->former_journal != 0)
		tell_more(told, "opnieuw verzonden na herstel: eerst regel %"
		    PRIu64 " van journaal %" PRIu64 ", %s / sent again after "
		    "a restore", outcome->former_position,
		    outcome->former_journal, then);
	else
		tell_more(told, "na herstel, naar de stand van %s / after a "
		    "restore, as of then", then);
}

static void
tell_refusal(const struct entry *entry, json_t *told)
{
	const Sk__Outcome *outcome = entry->outcome;
	enum sk_error code = (enum sk_error)outcome->code;
	const char *field = outcome->field == NULL ? "" : outcome->field;

	json_object_set_new(told, "refused", json_pack("{s:s, s:i, s:s}",
	    "code", error_name(code), "number", (int)code, "field", field));
	tell_more(told, "geweigerd %s%s%s: %s / %s", error_name(code),
	    *field == '\0' ? "" : " ", field, error_text_nl(code),
	    error_text(code));
	if (outcome->has_first_position)
		tell_more(told, "eerder op regel %" PRIu64 " / first at",
		    outcome->first_position);
	if (outcome->has_use_participant)
		tell_more(told, "gebruik deelnemer %" PRIu64 " / use",
		    outcome->use_participant);
}

json_t *
tell_entry(const struct teller *t, const struct entry *entry)
{
	char at[CIVIL_INSTANT_TEXT_MAX], local[CIVIL_INSTANT_TEXT_MAX];
	char number[CASE_TEXT_MAX];
	json_t *told;

	civil_instant_text(entry->leaf.instant, at);
	civil_local_text(entry->leaf.instant, local);
	told = json_pack("{s:I, s:s, s:s, s:s, s:s, s:n, s:[], s:n, s:n, s:n, "
	    "s:n, s:n, s:n, s:[]}",
	    "position", (json_int_t)entry->position, "at", at, "local", local,
	    "kind", entry_name(entry), "kind_nl", entry_dutch(entry), "from",
	    "to", "case", "refused", "deadline", "state", "owner", "director",
	    "happened");
	if (told == NULL)
		return NULL;
	if (entry->leaf.cases > 0) {
		case_text(t->founding->number, entry->leaf.touched[0].number,
		    number);
		json_object_set_new(told, "case", json_string(number));
	}
	if (entry->leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT)
		tell_envelope(t, entry, told);
	if (entry->leaf.kind == SK__EVENT_KIND__DEADLINE_EVENT)
		tell_deadline(t, entry, told);
	tell_own_event(t, entry, told);
	if (entry->outcome != NULL) {
		tell_former(entry->outcome, told);
		if (entry_refused(entry))
			tell_refusal(entry, told);
	}
	if (entry->effects != NULL)
		tell_effects(t, entry->effects, told);
	return told;
}

/* ---- as text */

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

void
tell_print(const json_t *told)
{
	const json_t *from = json_object_get(told, "from");
	const json_t *to = json_object_get(told, "to");
	const json_t *happened = json_object_get(told, "happened");
	const char *number = text_of(told, "case");
	json_t *item;
	size_t i;

	if (*number == '\0')
		number = "-";
	printf("%s  #%-6" JSON_INTEGER_FORMAT " %-13s %s", text_of(told,
	    "local"), json_integer_value(json_object_get(told, "position")),
	    number, json_is_object(from) ?
	    text_of(from, "name") : "broker");
	json_array_foreach((json_t *)(uintptr_t)to, i, item)
		printf("%s%s", i == 0 ? " -> " : ", ", text_of(item, "name"));
	printf("  %s / %s", text_of(told, "kind_nl"), text_of(told, "kind"));
	json_array_foreach((json_t *)(uintptr_t)happened, i, item)
		printf("%s%s", i == 0 ? ": " : "; ", json_string_value(item));
	printf("\n");
}
