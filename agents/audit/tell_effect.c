#include "agents/audit/tell.h"

#include <inttypes.h>

#include "agents/audit/words.h"
#include "proto/civil.h"
#include "proto/error.h"

static void
tell_date(const struct effect_words *words, int32_t date, json_t *told)
{
	char day[CIVIL_DATE_TEXT_MAX];

	if (date == 0)
		return;
	civil_date_text(date, day);
	tell_more(told, "%s %s / %s", words->dutch, day, words->english);
}

static void
tell_party(const struct teller *t, const struct effect_words *words,
    uint64_t participant, json_t *told)
{
	char name[BOOK_NAME_MAX];

	if (participant == 0) {
		tell_more(told, "%s: niemand meer / %s: nobody any more",
		    words->dutch, words->english);
		return;
	}
	book_name(&t->book, participant, name);
	tell_more(told, "%s %s / %s", words->dutch, name, words->english);
}

static void
tell_value(const struct teller *t, const struct effect_words *words,
    const void *value, json_t *told)
{
	const char *text;
	int word;

	switch (words->how) {
	case TELL_DATE:
		tell_date(words, *(const int32_t *)value, told);
		break;
	case TELL_PARTY:
		tell_party(t, words, *(const uint64_t *)value, told);
		break;
	case TELL_NUMBER:
		tell_more(told, "%s %" PRIu64 " / %s", words->dutch,
		    *(const uint64_t *)value, words->english);
		break;
	case TELL_TEXT:
		text = *(const char *const *)value;
		tell_more(told, "%s %s / %s", words->dutch, text,
		    words->english);
		break;
	case TELL_WORD:
		word = *(const int *)value;
		tell_more(told, "%s: %s / %s: %s", words->dutch,
		    words_dutch(words->list, word), words->english,
		    words_english(words->list, word));
		break;
	case TELL_MARK:
		tell_more(told, "%s / %s", words->dutch, words->english);
		break;
	case TELL_APART:
		break;
	}
}

/* Scalars have a flag of their own; messages and texts are there or NULL. */
static bool
is_there(const Sk__Effects *effects, const ProtobufCFieldDescriptor *field)
{
	const char *base = (const char *)effects;

	if (field->type == PROTOBUF_C_TYPE_MESSAGE ||
	    field->type == PROTOBUF_C_TYPE_STRING)
		return *(void *const *)(const void *)(base + field->offset) !=
		    NULL;
	if (!*(const protobuf_c_boolean *)(const void *)(base +
	    field->quantifier_offset))
		return false;
	return field->type != PROTOBUF_C_TYPE_BOOL ||
	    *(const protobuf_c_boolean *)(const void *)(base + field->offset);
}

/* ---- those that are more than one value */

static void
tell_catalogue(const Sk__Effects *effects, json_t *told)
{
	for (size_t i = 0; i < effects->n_catalogue; i++) {
		const Sk__CatalogueChange *c = effects->catalogue[i];
		const char *code = c->code == NULL ? "?" : c->code;

		tell_more(told, "catalogus, %s: %s / catalogue: %s", code,
		    words_dutch(WORDS_CATALOGUE, (int)c->step),
		    words_english(WORDS_CATALOGUE, (int)c->step));
		for (size_t j = 0; j < c->n_municipalities; j++)
			tell_more(told, "%s voor gemeente %s / for "
			    "municipality", code, c->municipalities[j]);
		if (c->has_places)
			tell_more(told, "%s: %" PRIu32 " plekken / places",
			    code, c->places);
	}
	if (effects->looked != NULL)
		tell_more(told, "inzage in het journaal, dossier %s: regels / "
		    "looks into the journal, file %s: entries %" PRIu64
		    " - %" PRIu64, effects->looked->dossier,
		    effects->looked->dossier, effects->looked->from,
		    effects->looked->from + effects->looked->count - 1);
	if (effects->unmet == NULL)
		return;
	tell_more(told, "onvervulde vraag in gemeente %s, %s: %s / unmet "
	    "need, %s: %s", effects->unmet->municipality == NULL ? "?" :
	    effects->unmet->municipality,
	    words_dutch(WORDS_LEVEL, (int)effects->unmet->level),
	    words_dutch(WORDS_UNMET, (int)effects->unmet->reason),
	    words_english(WORDS_LEVEL, (int)effects->unmet->level),
	    words_english(WORDS_UNMET, (int)effects->unmet->reason));
}

static void
tell_overrides(const Sk__Effects *effects, json_t *told)
{
	for (size_t i = 0; i < effects->n_overrides; i++) {
		const Sk__OverrideUsed *c = effects->overrides[i];
		enum sk_error gate = (enum sk_error)c->gate;

		tell_more(told, "afgeweken van %s (%s), %s, persoon %" PRIu64
		    " / override of %s, %s", error_name(gate),
		    error_text_nl(gate),
		    words_dutch(WORDS_OVERRIDE, (int)c->reason), c->person,
		    error_text(gate),
		    words_english(WORDS_OVERRIDE, (int)c->reason));
	}
}

void
tell_each_effect(const struct teller *t, const Sk__Effects *effects,
    json_t *told)
{
	const ProtobufCMessageDescriptor *d = &sk__effects__descriptor;
	char name[BOOK_NAME_MAX];

	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &d->fields[i];
		const struct effect_words *words = words_effect(field->id);

		if (words != NULL && words->how != TELL_APART &&
		    is_there(effects, field))
			tell_value(t, words, (const char *)effects +
			    field->offset, told);
	}
	tell_catalogue(effects, told);
	tell_overrides(effects, told);
	for (size_t i = 0; i < effects->n_warnings; i++)
		tell_more(told, "let op: %s / warning: %s",
		    words_dutch(WORDS_WARNING, (int)effects->warnings[i]),
		    words_english(WORDS_WARNING, (int)effects->warnings[i]));
	if (effects->has_question_settled)
		tell_more(told, "vraag afgedaan / question settled");
	if (effects->priority != NULL)
		tell_more(told, "voorrang %" PRIu32 " van 4 / priority",
		    effects->priority->rank);
	if (effects->resealed != NULL) {
		book_name(&t->book, effects->resealed->participant, name);
		tell_more(told, "regel %" PRIu64 " opnieuw verzegeld voor %s "
		    "/ entry resealed to", effects->resealed->position, name);
	}
}
