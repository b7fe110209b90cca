/*
 * tell_catalogue.c - what the catalogue answers, as a table: best first, why
 * each stands there, and what dropped out and why.
 */
#include <stdio.h>
#include <string.h>

#include "agents/people/ask.h"
#include "agents/people/screen.h"
#include "agents/people/tell.h"

#define OFFERING_WIDTH 24
#define PROVIDER_WIDTH 10
#define ROUTE_WIDTH 22
#define PLACE_WIDTH 18

static void
word_cell(const json_t *row, const char *key, size_t width)
{
	screen_cell(stdout, screen_word(screen_string(row, key)), width);
}

static void
tell_places(const json_t *match)
{
	const json_t *places = json_object_get(match, "places");
	char text[16];

	if (places == NULL)
		snprintf(text, sizeof(text), "?");
	else
		snprintf(text, sizeof(text), "%lld",
		    (long long)json_integer_value(places));
	screen_cell(stdout, text, 6);
}

static void
tell_match(size_t rank, const json_t *match)
{
	const json_t *why = json_object_get(match, "why"), *code;
	size_t i;

	printf("%2zu ", rank);
	screen_cell(stdout, screen_string(match, "offering"), OFFERING_WIDTH);
	screen_cell(stdout, screen_string(match, "provider"), PROVIDER_WIDTH);
	word_cell(match, "route", ROUTE_WIDTH);
	word_cell(match, "place", PLACE_WIDTH);
	tell_places(match);
	json_array_foreach (why, i, code) {
		fputs(i == 0 ? "" : ", ", stdout);
		screen_text(stdout, screen_word(json_string_value(code)));
	}
	putchar('\n');
}

static void
tell_more(const json_t *answer, const char *key)
{
	json_int_t more = json_integer_value(json_object_get(answer, key));

	if (more > 0)
		printf("   en nog %lld / and %lld more\n", (long long)more,
		    (long long)more);
}

static void
tell_matches(const json_t *answer)
{
	const json_t *matches = json_object_get(answer, "matches"), *match;
	size_t i;

	if (json_array_size(matches) == 0) {
		puts("geen passend aanbod / no offering fits");
		return;
	}
	fputs("   ", stdout);
	screen_cell(stdout, "aanbod", OFFERING_WIDTH);
	screen_cell(stdout, "aanbieder", PROVIDER_WIDTH);
	screen_cell(stdout, "route", ROUTE_WIDTH);
	screen_cell(stdout, "plek", PLACE_WIDTH);
	screen_cell(stdout, "vrij", 6);
	puts("waarom / why");
	json_array_foreach (matches, i, match) {
		tell_match(i + 1, match);
	}
	tell_more(answer, "more_matches");
}

static void
tell_dropped(const json_t *answer)
{
	const json_t *dropped = json_object_get(answer, "dropped"), *drop;
	size_t i;

	if (json_array_size(dropped) == 0)
		return;
	puts("valt af / dropped out:");
	json_array_foreach (dropped, i, drop) {
		fputs("   ", stdout);
		screen_cell(stdout, screen_string(drop, "offering"),
		    OFFERING_WIDTH);
		screen_text(stdout, screen_word(screen_string(drop,
		    "reason")));
		putchar('\n');
	}
	tell_more(answer, "more_dropped");
}

int
tell_catalogue(const struct call *call, const json_t *answer)
{
	const json_t *catalogue = json_object_get(json_object_get(
	    json_object_get(answer, "receipt"), "outcome"), "catalogue");

	if (catalogue == NULL)
		return tell_sent(call, answer);
	tell_matches(catalogue);
	tell_dropped(catalogue);
	if (json_object_get(catalogue, "unmet") != NULL) {
		fputs("vastgelegd als onvervulde hulpvraag / recorded as an "
		    "unmet need: ", stdout);
		screen_text(stdout, screen_word(screen_string(catalogue,
		    "unmet")));
		putchar('\n');
	}
	printf("beleid / policy %lld, catalogus / catalogue %lld, kenmerk / "
	    "reference ", (long long)json_integer_value(json_object_get(
	    catalogue, "policy_version")), (long long)json_integer_value(
	    json_object_get(catalogue, "catalogue_version")));
	screen_text(stdout, screen_string(answer, "ref"));
	putchar('\n');
	return EXIT_DONE;
}
