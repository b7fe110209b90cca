/*
 * tell_work.c - who does what, and what comes first.
 */
#include <stdio.h>
#include <string.h>

#include "agents/people/ask.h"
#include "agents/people/screen.h"
#include "agents/people/tell.h"

#define URGENCY_WIDTH 14
#define CASE_WIDTH 10
#define WHEN_WIDTH 16
#define WHAT_WIDTH 34

/* "7 Ria", or "niemand". */
static void
tell_person(const json_t *row, const char *key)
{
	json_t *person = json_object_get(row, key);
	char name[48];

	if (!json_is_integer(person)) {
		fputs("niemand / nobody", stdout);
		return;
	}
	printf("%lld ", (long long)json_integer_value(person));
	snprintf(name, sizeof(name), "%s_name", key);
	screen_text(stdout, screen_string(row, name));
}

/* Who answers for a crisis when the office is closed. */
static void
tell_contact(const json_t *row)
{
	const json_t *contact = json_object_get(row, "out_of_hours");

	if (!json_is_object(contact))
		return;
	fputs("    buiten kantooruren / out of hours: ", stdout);
	tell_person(contact, "person");
	fputs(" ", stdout);
	screen_text(stdout, screen_string(contact, "telephone"));
	fputs("\n", stdout);
}

static void
tell_handed(const json_t *row)
{
	if (!json_is_integer(json_object_get(row, "proposed")))
		return;
	fputs("    overgedragen door / handed over by ", stdout);
	tell_person(row, "proposed_by");
	fputs(" aan / to ", stdout);
	tell_person(row, "proposed");
	if (*screen_string(row, "note") != '\0') {
		fputs(": ", stdout);
		screen_text(stdout, screen_string(row, "note"));
	}
	fputs("\n", stdout);
}

static void
tell_item(const json_t *row)
{
	const char *deadline = screen_string(row, "deadline");
	char text[SCREEN_INSTANT_MAX];

	screen_cell(stdout, screen_word(screen_string(row, "urgency")),
	    URGENCY_WIDTH);
	screen_cell(stdout, screen_string(row, "case"), CASE_WIDTH);
	screen_cell(stdout, screen_instant(screen_string(row, "since"), text),
	    WHEN_WIDTH);
	screen_cell(stdout, *deadline != '\0' ? screen_word(deadline) :
	    screen_string(row, "kind_nl"), WHAT_WIDTH);
	tell_person(row, "responsible");
	fputs("\n", stdout);
	tell_handed(row);
	tell_contact(row);
}

int
tell_work(const struct call *call, const json_t *answer)
{
	const json_t *work = json_object_get(answer, "work"), *row;
	size_t i;

	(void)call;
	if (json_array_size(work) == 0)
		puts("niets te doen / nothing to do");
	json_array_foreach (work, i, row) {
		tell_item(row);
	}
	return EXIT_DONE;
}

int
tell_duty(const struct call *call, const json_t *answer)
{
	const json_t *n = json_object_get(answer, "handed");

	(void)call;
	if (n == NULL)
		n = json_object_get(answer, "taken");
	if (*screen_string(answer, "case") != '\0') {
		fputs("zaak / case ", stdout);
		screen_text(stdout, screen_string(answer, "case"));
		fputs(": ", stdout);
		tell_person(answer, "responsible");
		fputs("\n", stdout);
		tell_handed(answer);
	} else {
		printf("%lld zaken of berichten / cases or messages\n",
		    (long long)json_integer_value(n));
	}
	return EXIT_DONE;
}

/* "klasse 2, 6 leefgebieden en risico's, 41 dagen" */
static void
tell_reason(const json_t *row)
{
	json_int_t rank = json_integer_value(json_object_get(row, "class"));
	json_int_t now = json_integer_value(json_object_get(row, "class_now"));
	json_int_t needs = json_integer_value(json_object_get(row, "needs"));
	json_int_t weight = json_integer_value(json_object_get(row, "weight"));

	if (rank == 0)
		fputs("geen uitvraag bekend / no triage known", stdout);
	else
		printf("klasse / class %lld, %lld leefgebieden en risico's / "
		    "domains and risks", (long long)rank, (long long)needs);
	if (weight > needs)
		printf("; door het wachten weegt het / by its wait it weighs "
		    "%lld", (long long)weight);
	if (rank != 0 && now < rank)
		printf(", in klasse / class %lld", (long long)now);
	putchar('\n');
}

int
tell_waiting(const struct call *call, const json_t *answer)
{
	const json_t *waiting = json_object_get(json_object_get(
	    json_object_get(answer, "receipt"), "outcome"), "waiting");
	const json_t *rows = json_object_get(waiting, "rows"), *row;
	json_int_t more = json_integer_value(json_object_get(waiting, "more"));
	size_t i;

	if (waiting == NULL)
		return tell_sent(call, answer);
	if (json_array_size(rows) == 0)
		puts("niemand wacht / nobody waits");
	json_array_foreach (rows, i, row) {
		printf("%2zu ", i + 1);
		screen_cell(stdout, screen_string(row, "case"), CASE_WIDTH);
		printf("sinds / since %s, %lld dagen / days, aanbieder / "
		    "provider %lld: ", screen_string(row, "since"),
		    (long long)json_integer_value(json_object_get(row, "days")),
		    (long long)json_integer_value(json_object_get(row,
		    "provider")));
		tell_reason(row);
	}
	if (more > 0)
		printf("   en nog %lld / and %lld more\n", (long long)more,
		    (long long)more);
	return EXIT_DONE;
}

void
tell_standing(const json_t *row)
{
	const json_t *terms = json_object_get(row, "deadlines"), *term;
	char text[SCREEN_INSTANT_MAX];
	size_t i;

	if (json_object_get(row, "urgency") == NULL)
		return;
	fputs("  stand, voor zover hier bekend / state, as known here: ",
	    stdout);
	screen_text(stdout, screen_string(row, "state_nl"));
	if (json_object_get(row, "director") != NULL)
		printf("; regie / director: deelnemer %lld",
		    (long long)json_integer_value(json_object_get(row,
		    "director")));
	fputs("\n  doet de zaak / answers for it: ", stdout);
	tell_person(row, "responsible");
	fputs("\n", stdout);
	tell_handed(row);
	if (json_object_get(row, "crisis") != NULL)
		puts(json_is_true(json_object_get(row, "crisis_taken")) ?
		    "  CRISIS, opgepakt / taken" :
		    "  CRISIS, niet opgepakt / not taken");
	tell_contact(row);
	json_array_foreach (terms, i, term) {
		printf("  %s: ", screen_word(screen_string(term, "kind")));
		screen_text(stdout, screen_word(screen_string(term,
		    "deadline")));
		printf(", t/m %s%s\n", screen_last_day(screen_string(term,
		    "due"), text), json_is_true(json_object_get(term, "open")) ?
		    "" : " (sindsdien is geschreven / written since)");
	}
}
