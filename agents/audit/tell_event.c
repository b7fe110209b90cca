#include "agents/audit/tell.h"

#include <inttypes.h>

#include "agents/audit/words.h"
#include "proto/civil.h"
#include "proto/control.pb-c.h"
#include "proto/charter.h"
#include "proto/wire.h"

/* m, and both instants: of the state that was gone back to, and of now. */
static void
tell_restore(const struct teller *t, const Sk__Restore *restore,
    const struct entry *entry, json_t *told)
{
	char then[CIVIL_INSTANT_TEXT_MAX] = "?", now[CIVIL_INSTANT_TEXT_MAX];
	struct span bytes;
	struct leaf last;

	if (restore->size > 0 && journal_leaf(t->journal, restore->size - 1,
	    &bytes) == SK_OK && leaf_decode(bytes.bytes, bytes.size, &last) ==
	    SK_OK)
		civil_local_text(last.instant, then);
	civil_local_text(entry->leaf.instant, now);
	tell_more(told, "journaal %" PRIu64 " gaat verder vanaf regel %" PRIu64
	    ", stand van %s, hersteld %s / journal goes on from entry %" PRIu64
	    ", as of %s, restored %s", restore->number, restore->size, then,
	    now, restore->size, then, now);
	json_object_set_new(told, "restore", json_pack("{s:I, s:I, s:s, s:s}",
	    "journal", (json_int_t)restore->number, "position",
	    (json_int_t)restore->size, "as_of", then, "restored", now));
}

/* Which of its parts a command has is what it does. */
static void
tell_command(const struct teller *t, const struct entry *entry, json_t *told)
{
	const Sk__SignedCommand *said = (const Sk__SignedCommand *)entry->body;
	const ProtobufCMessageDescriptor *d = &sk__command__descriptor;
	uint8_t memory[LEAF_BYTES_MAX];
	ProtobufCMessage *command = NULL;
	const struct word *word;
	struct arena arena;

	arena_init(&arena, memory, sizeof(memory));
	if (wire_decode(d, "command", said->command.data, said->command.len,
	    LEAF_BYTES_MAX, &arena, &command, NULL) != SK_OK)
		return;
	for (unsigned i = 0; i < d->n_fields; i++) {
		const void *part = (const char *)command + d->fields[i].offset;

		if (*(void *const *)part != NULL &&
		    (word = words_command(d->fields[i].id)) != NULL)
			tell_more(told, "%s / %s", word->dutch, word->english);
	}
	if (((const Sk__Command *)command)->restore != NULL)
		tell_restore(t, ((const Sk__Command *)command)->restore,
		    entry, told);
}

static void
tell_charter(const struct charter_change *c, json_t *told)
{
	tell_more(told, "%s / %s", words_dutch(WORDS_STATEMENT, (int)c->type),
	    words_english(WORDS_STATEMENT, (int)c->type));
	tell_more(told, "nr %" PRIu64 ", %s / %s", c->generation,
	    words_dutch(WORDS_BROKER_REASON, (int)c->reason),
	    words_english(WORDS_BROKER_REASON, (int)c->reason));
	if (c->type == CHARTER_OPERATORS)
		tell_more(told, "%zu beheerders / operators", c->operators);
}

static void
tell_statement(const struct teller *t, const struct entry *entry,
    json_t *told)
{
	const Sk__Statement *said = (const Sk__Statement *)entry->body;
	char name[BOOK_NAME_MAX];
	struct charter_change change;
	struct statement s;

	if (charter_decode(said->body.data, said->body.len, &change, NULL) ==
	    SK_OK) {
		tell_charter(&change, told);
		return;
	}
	if (statement_decode(said->body.data, said->body.len, &s, NULL) !=
	    SK_OK)
		return;
	tell_more(told, "%s / %s", words_dutch(WORDS_STATEMENT, (int)s.type),
	    words_english(WORDS_STATEMENT, (int)s.type));
	if (s.type == STATEMENT_BROKER) {
		tell_more(told, "sleutels nr %" PRIu64 ", %s / keys number, "
		    "%s", s.generation,
		    words_dutch(WORDS_BROKER_REASON, (int)s.reason),
		    words_english(WORDS_BROKER_REASON, (int)s.reason));
		return;
	}
	book_name(&t->book, s.participant, name);
	tell_more(told, "van %s / of", name);
}

static void
tell_days(const Sk__DaysErasedBody *body, json_t *told)
{
	char day[CIVIL_DATE_TEXT_MAX];

	civil_date_text(body->until_day, day);
	tell_more(told, "geweigerde berichten tot en met %s / refused "
	    "messages up to that day", day);
}

static void
tell_unsigned(const struct teller *t, const Sk__UnsignedBody *body,
    json_t *told)
{
	enum sk_error code = (enum sk_error)body->code;
	char name[BOOK_NAME_MAX];

	book_name(&t->book, body->participant, name);
	tell_more(told, "van %s, %" PRIu64 " bytes: %s / %s", name, body->size,
	    error_text_nl(code), error_text(code));
	if (body->more > 0)
		tell_more(told, "en %" PRIu64 " meer / and more", body->more);
}

void
tell_own_event(const struct teller *t, const struct entry *entry,
    json_t *told)
{
	switch (entry->leaf.kind) {
	case SK__EVENT_KIND__CONTROL_EVENT:
	case SK__EVENT_KIND__RESTORE_EVENT:
		tell_command(t, entry, told);
		break;
	case SK__EVENT_KIND__DIRECTORY_EVENT:
		tell_statement(t, entry, told);
		break;
	case SK__EVENT_KIND__DAYS_ERASED_EVENT:
		tell_days((const Sk__DaysErasedBody *)entry->body, told);
		break;
	case SK__EVENT_KIND__UNSIGNED_EVENT:
		tell_unsigned(t, (const Sk__UnsignedBody *)entry->body, told);
		break;
	default:
		break;
	}
}
