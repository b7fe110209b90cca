/*
 * figures DIR AUDIT: made-up cases across the country through the engine,
 * decided again, counted, and compared with the tally of the script.
 *
 * CASES=n for fewer, SEED=n for others.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/figures/field.h"
#include "tests/figures/play.h"

#define CASES 10000u
#define SECONDS_MAX 5.0
#define PYTHON "/usr/bin/python3"
#define LOOKED_AT "2026Q2"	/* the quarter that scripts look at */

static struct tallies tallies;
static uint32_t cases = CASES;

/* ---- what the programs say */

static json_t *
ask(const char *text, double *took)
{
	json_error_t error;
	double from = play_clock();
	FILE *out = popen(text, "re");
	json_t *answer = out == NULL ? NULL : json_loadf(out, 0, &error);

	if (out == NULL || pclose(out) != 0 || answer == NULL)
		field_die(text, "failed");
	*took = play_clock() - from;
	return answer;
}

static const json_t *
count_of(const json_t *report, enum figure figure)
{
	const struct figure_info *info = figure_info(figure);
	const json_t *group = json_array_get(json_object_get(report,
	    "groups"), info->group - 1), *item;
	size_t i;

	json_array_foreach(json_object_get(group, "counts"), i, item)
		if (strcmp(json_string_value(json_object_get(item, "id")),
		    info->id) == 0)
			return item;
	field_die(info->id, "is not in the report");
	return NULL;
}

/* What is shown is right, what is few is not shown. */
static size_t
compare(const char *where, enum figure figure, const json_t *shown,
    uint32_t wanted)
{
	const char *text = shown == NULL ? "0" : json_string_value(shown);
	bool is_few = wanted > 0 && wanted < FIGURES_SHOWN_MIN;
	bool fits = shown == NULL ? wanted == 0 : json_is_integer(shown) ?
	    json_integer_value(shown) == wanted && !is_few :
	    text != NULL && (strcmp(text, ".") == 0 || is_few);

	if (fits)
		return 0;
	fprintf(stderr, "figures: %s %s: told %lld%s, tallied %u\n", where,
	    figure_info(figure)->id, (long long)json_integer_value(shown),
	    text == NULL ? "" : text, wanted);
	return 1;
}

static size_t
compare_quarter(const json_t *report, int q, const char *quarter,
    size_t *compared)
{
	size_t wrong = 0;

	for (int i = 0; i < FIGURE_COUNT; i++) {
		enum figure f = (enum figure)i;
		const json_t *item, *rows;

		if (!tally_knows(f))
			continue;
		item = count_of(report, f);
		rows = json_object_get(item, "rows");
		wrong += compare(quarter, f, json_object_get(item, "all"),
		    tallies.all[q].count[f]);
		for (size_t r = 0; r < play_regions(); r++)
			wrong += compare(play_region(r), f,
			    json_object_get(rows, play_region(r)),
			    tallies.region[q][r].count[f]);
		*compared += 1 + play_regions();
	}
	return wrong;
}

static size_t
compare_median(const json_t *report, int q)
{
	const json_t *group = json_array_get(json_object_get(report,
	    "groups"), 0);
	const json_t *item = json_array_get(json_object_get(group,
	    "spreads"), 0);
	json_int_t told = json_integer_value(json_object_get(
	    json_object_get(item, "all"), "median"));

	if (tallies.all[q].count[FIGURE_FIRST_STARTS] < FIGURES_SHOWN_MIN ||
	    told == tally_median(&tallies.all[q]))
		return 0;
	fprintf(stderr, "figures: median %lld, tallied %u\n", (long long)told,
	    tally_median(&tallies.all[q]));
	return 1;
}

/* Each quarter by region; the slowest counts. */
static size_t
compare_all(const char *audit, const char *dir, double *slowest,
    size_t *groups)
{
	char text[1024], quarter[24];
	size_t wrong = 0, compared = 0;
	double took;

	for (int q = 0; q < QUARTERS; q++) {
		json_t *report;

		snprintf(quarter, sizeof(quarter), "%dQ%d",
		    FIRST_YEAR + q / 4, q % 4 + 1);
		snprintf(text, sizeof(text), "%s figures %s/journal --by "
		    "region --period %s --scratch %s --json", audit, dir,
		    quarter, dir);
		report = ask(text, &took);
		*slowest = took > *slowest ? took : *slowest;
		*groups = json_array_size(json_object_get(report, "groups"));
		wrong += compare_quarter(report, q, quarter, &compared);
		wrong += compare_median(report, q);
		json_decref(report);
	}
	printf("  %zu tellingen vergeleken, %zu verschillen / counts compared,"
	    " differences\n", compared, wrong);
	return wrong;
}

static bool
replays(const char *audit, const char *dir)
{
	char text[1024];
	json_t *report;
	json_int_t differences;
	double took;

	snprintf(text, sizeof(text), "%s replay %s/journal --scratch %s --json",
	    audit, dir, dir);
	report = ask(text, &took);
	differences = json_integer_value(json_object_get(report,
	    "differences"));
	printf("  %lld regels opnieuw beslist in %.0f s, %lld verschillen / "
	    "entries replayed, differences\n", (long long)json_integer_value(
	    json_object_get(report, "entries")), took,
	    (long long)differences);
	json_decref(report);
	return differences == 0;
}

/* Counted again and attacked by scripts that share nothing with the counting:
 * they say themselves what is wrong. */
static bool
holds_against_scripts(const char *audit, const char *dir)
{
	char text[2048];
	bool holds;

	snprintf(text, sizeof(text), PYTHON " tests/figures/recount.py %s "
	    "%s/journal %s %s/planted " LOOKED_AT, audit, dir, dir, dir);
	holds = system(text) == 0;
	snprintf(text, sizeof(text), PYTHON " tests/figures/attack.py %s "
	    "%s/journal %s ops/regions/nederland.yaml " LOOKED_AT, audit, dir,
	    dir);
	return system(text) == 0 && holds;
}

int
main(int argc, char **argv)
{
	const char *n = getenv("CASES"), *seed = getenv("SEED");
	char planted[1024];
	double slowest = 0;
	size_t groups = 0;
	bool holds;

	if (argc != 3) {
		fprintf(stderr, "figures DIR AUDIT\n");
		return 2;
	}
	if (n != NULL)
		cases = (uint32_t)strtoul(n, NULL, 10);
	if (cases == 0)
		field_die("CASES", "a number from 1");
	draw_seed(seed == NULL ? 1 : strtoull(seed, NULL, 10));
	snprintf(planted, sizeof(planted), "%s/planted", argv[1]);
	play_plant(planted);
	play(argv[1], cases, 0, &tallies);
	holds = replays(argv[2], argv[1]);
	holds = compare_all(argv[2], argv[1], &slowest, &groups) == 0 && holds;
	fflush(stdout);
	holds = holds_against_scripts(argv[2], argv[1]) && holds;
	holds = holds && groups == FIGURE_GROUPS && slowest < SECONDS_MAX;
	printf("figures%s: cases=%u groups=%zu seconds=%.1f\n",
	    cases < CASES ? "-shrunk" : "", cases, groups, slowest);
	return holds ? 0 : 1;
}
