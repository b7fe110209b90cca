#include "tests/figures/play.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/civil.h"
#include "tests/figures/field.h"

#define PROFILE "ops/regions/nederland.yaml"

static struct script *scripts;
static struct thread *threads;
static char regions[REGIONS_MAX][96];
static size_t n_regions;
static const char *plant_path;	/* NULL: nowhere */

size_t
play_regions(void)
{
	return n_regions;
}

const char *
play_region(size_t index)
{
	return regions[index];
}

double
play_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint8_t
region_of(size_t municipality)
{
	const char *name = field_region(municipality);

	for (size_t i = 0; i < n_regions; i++)
		if (strcmp(regions[i], name) == 0)
			return (uint8_t)i;
	if (n_regions == REGIONS_MAX)
		field_die("regions", "too many");
	snprintf(regions[n_regions], sizeof(regions[0]), "%s", name);
	return (uint8_t)n_regions++;
}

static int
by_sender(const void *a, const void *b)
{
	const struct letter *x = a, *y = b;

	if (x->sender != y->sender)
		return x->sender < y->sender ? -1 : 1;
	return x->script < y->script ? -1 : x->script > y->script;
}

void
play_plant(const char *path)
{
	plant_path = path;
}

static void
plant_case(FILE *out, const struct script *s)
{
	const char *code, *name, *court;

	field_names(s->municipality, &code, &name, &court);
	fprintf(out, "{\"municipality\": \"%s %s\", \"region\": \"%s\", "
	    "\"court\": \"%s\", \"theme\": \"%s\", \"steps\": [", code, name,
	    regions[s->region], court, s->theme == SK__THEME__SEPARATION ?
	    "scheiding / separation" : "ander thema / other theme");
	for (size_t i = 0; i < s->steps; i++)
		fprintf(out, "%s{\"day\": %d, \"kind\": \"%s\", \"code\": %u, "
		    "\"refused\": %s}", i == 0 ? "" : ", ", s->step[i].day,
		    kind_info((Sk__Kind)s->step[i].kind)->name,
		    s->step[i].code, s->step[i].refused ? "true" : "false");
	fputs("]}\n", out);
}

static void
plant(uint32_t cases)
{
	FILE *out = plant_path == NULL ? NULL : fopen(plant_path, "we");

	if (plant_path == NULL)
		return;
	for (uint32_t i = 0; out != NULL && i < cases; i++)
		plant_case(out, &scripts[i]);
	if (out == NULL || (ferror(out) | fclose(out)) != 0)
		field_die(plant_path, "cannot be written");
}

/* `submits` of them become one commit, 0: all of the day. */
static uint64_t
play_day(int32_t day, uint32_t cases, unsigned submits, struct letter *letters)
{
	unsigned sent = 0;
	size_t n = 0;

	for (uint32_t i = 0; i < cases; i++) {
		struct script *s = &scripts[i];

		if (s->next == s->steps || s->step[s->next].day != day)
			continue;
		letters[n].script = s;
		letters[n].thread = &threads[i];
		letters[n].step = &s->step[s->next++];
		letters[n].sender = field_sender(s, letters[n].step);
		n++;
	}
	qsort(letters, n, sizeof(*letters), by_sender);
	for (size_t i = 0, k; i < n; i += k) {
		for (k = 1; i + k < n && k < SUBMIT_ENVELOPES_MAX &&
		    letters[i + k].sender == letters[i].sender; k++)
			;
		field_send(&letters[i], k);
		if (++sent == submits) {
			field_commit();
			sent = 0;
		}
	}
	field_commit();
	return n;
}

void
play(const char *dir, uint32_t cases, unsigned submits,
    struct tallies *tallies)
{
	const int32_t first = civil_date(FIRST_YEAR, 1, 2);
	const int32_t last = civil_date(FIRST_YEAR + QUARTERS / 4,
	    QUARTERS % 4 * 3 + 1, 1) - 1;
	struct letter *letters = calloc(cases, sizeof(*letters));
	uint64_t messages = 0;
	double from = play_clock();

	scripts = calloc(cases, sizeof(*scripts));
	threads = calloc(cases, sizeof(*threads));
	if (letters == NULL || scripts == NULL || threads == NULL)
		field_die("cases", "no memory");
	field_open(dir, PROFILE, first - 1);
	for (uint32_t i = 0; i < cases; i++) {
		uint16_t m = (uint16_t)(i % field_municipalities());

		script_write(&scripts[i], m, region_of(m), first, last);
		if (tallies != NULL)
			script_tally(&scripts[i], tallies);
	}
	plant(cases);
	for (int32_t day = first; day <= last; day++) {
		field_day(day);
		messages += play_day(day, cases, submits, letters);
	}
	printf("  %u zaken, %" PRIu64 " berichten, %" PRIu64 " regels in %.0f s"
	    " / cases, messages, entries\n", cases, messages, field_entries(),
	    play_clock() - from);
	field_close();
	free(letters);
	free(scripts);
	free(threads);
}
