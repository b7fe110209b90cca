/*
 * tell_message.c - one opened message: who, when, what, facts and sections.
 */
#include <stdio.h>
#include <string.h>

#include "agents/people/ask.h"
#include "agents/people/screen.h"
#include "agents/people/tell.h"

#define KEY_WIDTH 24
#define HEX_LONG 32	/* from here on a digest, of which the start is enough */
#define HEX_SHOWN 16
#define DEEP_MAX 4	/* facts are no deeper; JSON from a socket may be */

static void tell_value(const json_t *value, unsigned depth);

static void
tell_string(const char *text)
{
	size_t size = strlen(text);

	if (size >= HEX_LONG && strspn(text, "0123456789abcdef") == size)
		printf("%.*s..", HEX_SHOWN, text);
	else
		screen_text(stdout, screen_word(text));
}

/* One object on a line: "nummer 1, gesteld door rechtbank". */
static void
tell_object(const json_t *object, unsigned depth)
{
	const json_t *value;
	const char *key;
	bool more = false;

	json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
		fputs(more ? ", " : "", stdout);
		screen_text(stdout, screen_word(key));
		fputs(" ", stdout);
		tell_value(value, depth + 1);
		more = true;
	}
}

static void
tell_value(const json_t *value, unsigned depth)
{
	const json_t *item;
	size_t i;

	if (depth > DEEP_MAX) {
		fputs("..", stdout);
	} else if (json_is_string(value)) {
		tell_string(json_string_value(value));
	} else if (json_is_integer(value)) {
		printf("%lld", (long long)json_integer_value(value));
	} else if (json_is_boolean(value)) {
		fputs(json_is_true(value) ? "ja" : "nee", stdout);
	} else if (json_is_object(value)) {
		tell_object(value, depth);
	} else if (json_is_array(value)) {
		json_array_foreach (value, i, item) {
			if (json_is_object(item))
				printf("\n    ");
			else if (i > 0)
				fputs(", ", stdout);
			tell_value(item, depth + 1);
		}
	}
}

static void
tell_head(const json_t *message)
{
	char text[SCREEN_INSTANT_MAX];

	screen_text(stdout, screen_string(message, "kind_nl"));
	fputs(" van ", stdout);
	screen_text(stdout, screen_string(message, "from_name"));
	fputs(", ", stdout);
	screen_text(stdout, screen_instant(screen_string(message, "instant"),
	    text));
	fputs(", zaak ", stdout);
	screen_text(stdout, screen_string(message, "case"));
	fputs(" / ", stdout);
	screen_text(stdout, screen_string(message, "kind"));
	fputs("\n", stdout);
	if (*screen_string(message, "event_date") != '\0') {
		fputs("  ", stdout);
		screen_cell(stdout, "datum", KEY_WIDTH);
		screen_text(stdout, screen_string(message, "event_date"));
		fputs("\n", stdout);
	}
}

static void
tell_sections(const json_t *sections)
{
	const json_t *text;
	const char *name;

	json_object_foreach ((json_t *)(uintptr_t)sections, name, text) {
		fputs("\n", stdout);
		screen_text(stdout, screen_word(name));
		fputs(" / ", stdout);
		screen_text(stdout, name);
		fputs("\n", stdout);
		if (json_is_string(text))
			screen_block(stdout, json_string_value(text), "  ");
	}
}

static void
tell_overrides(const json_t *overrides)
{
	const json_t *row;
	size_t i;

	json_array_foreach (overrides, i, row) {
		fputs("  ", stdout);
		screen_cell(stdout, "toch gedaan", KEY_WIDTH);
		screen_text(stdout, screen_string(row, "text"));
		fputs(": ", stdout);
		screen_text(stdout, screen_word(screen_string(row,
		    "reason")));
		fputs(" / override of ", stdout);
		screen_text(stdout, screen_string(row, "gate"));
		fputs("\n", stdout);
	}
}

int
tell_message(const struct call *call, const json_t *answer)
{
	const json_t *message = json_object_get(answer, "message"), *value;
	const json_t *facts = json_object_get(message, "facts");
	const json_t *from = json_object_get(message, "provenance");
	const char *key;

	(void)call;
	tell_head(message);
	json_object_foreach ((json_t *)(uintptr_t)facts, key, value) {
		fputs("  ", stdout);
		if (json_is_object(json_array_get(value, 0)))
			screen_text(stdout, screen_word(key));
		else
			screen_cell(stdout, screen_word(key), KEY_WIDTH);
		tell_value(value, 0);
		fputs("\n", stdout);
	}
	tell_overrides(json_object_get(message, "overrides"));
	tell_sections(json_object_get(message, "sections"));
	if (json_is_object(from)) {
		printf("\nondertekend door deelnemer %lld, bericht %lld, regel "
		    "%lld van het journaal / signed, in the journal\n  ",
		    (long long)json_integer_value(json_object_get(from,
		    "sender")), (long long)json_integer_value(
		    json_object_get(from, "number")),
		    (long long)json_integer_value(json_object_get(from,
		    "position")));
		screen_text(stdout, screen_string(from, "leaf_hash"));
		fputs("\n", stdout);
	}
	return EXIT_DONE;
}
