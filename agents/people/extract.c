#include "agents/people/extract.h"

#include <stdio.h>
#include <string.h>

#include "agents/people/ask.h"
#include "agents/people/draft.h"
#include "agents/people/screen.h"

/* ---- a page: every text escaped, nothing loaded from elsewhere */

static void
html(const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", stdout);
			break;
		case '<':
			fputs("&lt;", stdout);
			break;
		case '>':
			fputs("&gt;", stdout);
			break;
		case '"':
			fputs("&quot;", stdout);
			break;
		default:
			putchar(*text);
		}
}

static void
html_value(const json_t *value)
{
	char number[32];
	const char *key;
	json_t *inside;
	size_t i;

	if (json_is_string(value)) {
		html(screen_word(json_string_value(value)));
	} else if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%lld",
		    (long long)json_integer_value(value));
		html(number);
	} else if (json_is_boolean(value)) {
		html(json_is_true(value) ? "ja" : "nee");
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, inside) {
			if (i > 0)
				fputs("; ", stdout);
			html_value(inside);
		}
	} else {
		i = 0;
		json_object_foreach((json_t *)(uintptr_t)value, key, inside) {
			if (i++ > 0)
				fputs(", ", stdout);
			html(screen_word(key));
			fputs(" ", stdout);
			html_value(inside);
		}
	}
}

static void
html_message(const json_t *message)
{
	json_t *sections = json_object_get(message, "sections"), *text;
	const char *name;

	fputs("<article><h2>", stdout);
	html(screen_string(message, "date"));
	fputs(" &ndash; ", stdout);
	html(screen_string(message, "kind_nl"));
	fputs("</h2><p>", stdout);
	html(screen_string(message, "from"));
	fputs("</p><p>", stdout);
	html_value(json_object_get(message, "facts"));
	fputs("</p>", stdout);
	json_object_foreach(sections, name, text) {
		fputs("<h3>", stdout);
		html(screen_word(name));
		fputs("</h3><p class=\"t\">", stdout);
		html(json_string_value(text));
		fputs("</p>", stdout);
	}
	fputs("</article>\n", stdout);
}

static void
tell_html(const json_t *extract)
{
	const json_t *message;
	size_t i;

	fputs("<!DOCTYPE html>\n<html lang=\"nl\"><head>"
	    "<meta charset=\"utf-8\"><title>Uittreksel</title><style>"
	    "body{font-family:sans-serif;max-width:45em;margin:2em auto}"
	    ".t{white-space:pre-wrap}</style></head><body>\n"
	    "<h1>Uittreksel van zaak ", stdout);
	html(screen_string(extract, "case"));
	fputs("</h1><p>", stdout);
	html(screen_word(screen_string(extract, "ground")));
	fputs("; gemaakt op ", stdout);
	html(screen_string(extract, "made_on"));
	fputs(" door ", stdout);
	html(screen_string(extract, "made_by"));
	fputs("</p>\n<p>", stdout);
	html_value(json_object_get(extract, "persons"));
	fputs("</p>\n", stdout);
	json_array_foreach (json_object_get(extract, "messages"), i, message) {
		html_message(message);
	}
	fputs("</body></html>\n", stdout);
}

/* ---- text */

static void
text_value(const json_t *value)
{
	const char *key;
	json_t *inside;
	size_t i;

	if (json_is_string(value)) {
		screen_text(stdout, screen_word(json_string_value(value)));
	} else if (json_is_integer(value)) {
		printf("%lld", (long long)json_integer_value(value));
	} else if (json_is_boolean(value)) {
		fputs(json_is_true(value) ? "ja" : "nee", stdout);
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, inside) {
			fputs(i > 0 ? "; " : "", stdout);
			text_value(inside);
		}
	} else {
		i = 0;
		json_object_foreach((json_t *)(uintptr_t)value, key, inside) {
			fputs(i++ > 0 ? ", " : "", stdout);
			screen_text(stdout, screen_word(key));
			fputs(" ", stdout);
			text_value(inside);
		}
	}
}

static void
tell_text(const json_t *extract)
{
	json_t *message, *text;
	const char *name;
	size_t i;

	fputs("uittreksel van zaak / extract of case ", stdout);
	screen_text(stdout, screen_string(extract, "case"));
	fputs("\n  ", stdout);
	screen_text(stdout, screen_word(screen_string(extract, "ground")));
	fputs("\n  ", stdout);
	text_value(json_object_get(extract, "persons"));
	fputs("\n", stdout);
	json_array_foreach(json_object_get(extract, "messages"), i, message) {
		fputs("\n", stdout);
		screen_text(stdout, screen_string(message, "date"));
		fputs("  ", stdout);
		screen_text(stdout, screen_string(message, "kind_nl"));
		fputs("  ", stdout);
		screen_text(stdout, screen_string(message, "from"));
		fputs("\n  ", stdout);
		text_value(json_object_get(message, "facts"));
		fputs("\n", stdout);
		json_object_foreach(json_object_get(message, "sections"),
		    name, text) {
			fputs("  ", stdout);
			screen_text(stdout, screen_word(name));
			fputs("\n", stdout);
			screen_block(stdout, json_string_value(text), "    ");
		}
	}
}

int
extract_run(const struct call *call, struct draft *draft)
{
	bool page = json_is_true(json_object_get(draft->request, "html"));
	json_t *answer = NULL, *extract;
	struct fault fault = { 0 };
	int code = EXIT_DONE;

	/* How it looks is no business of the agent's. */
	json_object_del(draft->request, "html");
	if (ask(call, draft->request, &answer, &fault) != SK_OK) {
		ask_tell_fault(&fault);
		return EXIT_NO_USE;
	}
	extract = json_object_get(answer, "extract");
	if (call->json) {
		json_dumpf(extract != NULL ? extract : answer, stdout,
		    JSON_INDENT(2) | JSON_ENSURE_ASCII);
		fputs("\n", stdout);
	} else if (extract == NULL) {
		ask_tell_error(json_object_get(answer, "error"));
	} else if (page) {
		tell_html(extract);
	} else {
		tell_text(extract);
	}
	if (extract == NULL)
		code = EXIT_REFUSED;
	json_decref(answer);
	return code;
}
