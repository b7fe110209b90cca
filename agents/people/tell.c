#include "agents/people/tell.h"

#include <stdio.h>
#include <string.h>

#include "agents/people/ask.h"
#include "agents/people/screen.h"

/* Widths in a terminal of 100 columns, a reference behind them uncut. */
#define WHEN_WIDTH 16
#define KIND_WIDTH 24
#define CASE_WIDTH 10
#define NAME_WIDTH 34
#define ROLE_WIDTH 20
#define STATE_WIDTH 9

static json_int_t
number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void
cell(const json_t *object, const char *key, size_t width)
{
	screen_cell(stdout, screen_string(object, key), width);
}

static void
when(const json_t *object, const char *key)
{
	char text[SCREEN_INSTANT_MAX];

	screen_cell(stdout, screen_instant(screen_string(object, key), text),
	    WHEN_WIDTH);
}

static void
line(const json_t *object, const char *key)
{
	screen_text(stdout, screen_string(object, key));
}

/* "geen" instead of a table without rows. */
static bool
is_empty(const json_t *list)
{
	if (json_array_size(list) > 0)
		return false;
	puts("geen / none");
	return true;
}

/* Connected or not: nothing is sent, and a person has to look. */
static void
tell_fork(const json_t *answer)
{
	fputs("ER WORDT NIETS VERZONDEN: ", stdout);
	line(answer, "why");
	fputs(" / NOTHING IS SENT: ", stdout);
	line(answer, "why_en");
	fputs("\n", stdout);
}

/* Who should know that there is work, and does not. */
static void
tell_hook(const json_t *hook)
{
	if (!json_is_object(hook) || number(hook, "waiting") +
	    number(hook, "failed") == 0)
		return;
	printf("waarschuwingen: %lld wachten, %lld NIET GELUKT",
	    (long long)number(hook, "waiting"),
	    (long long)number(hook, "failed"));
	printf(" / calls: %lld wait, %lld FAILED",
	    (long long)number(hook, "waiting"),
	    (long long)number(hook, "failed"));
	if (*screen_string(hook, "last") != '\0') {
		fputs(", ", stdout);
		line(hook, "last");
	}
	fputs("\n", stdout);
}

int
tell_status(const struct call *call, const json_t *answer)
{
	char now[SCREEN_INSTANT_MAX];

	(void)call;
	line(answer, "name");
	fputs(" (", stdout);
	line(answer, "role_nl");
	printf("), deelnemer %lld, ", (long long)number(answer, "participant"));
	line(answer, "origin");
	puts(json_is_true(json_object_get(answer, "test")) ?
	    " (test)" : "");
	if (json_is_true(json_object_get(answer, "connected")))
		fputs("verbonden / connected", stdout);
	else if (json_is_true(json_object_get(answer, "forked")))
		fputs("NIET VERBONDEN / NOT CONNECTED", stdout);
	else {
		fputs("NIET VERBONDEN: ", stdout);
		line(answer, "why");
		fputs(" / NOT CONNECTED: ", stdout);
		line(answer, "why_en");
	}
	printf(", %s\n", screen_instant(screen_string(answer, "now"), now));
	if (json_is_true(json_object_get(answer, "forked")))
		tell_fork(answer);
	printf("postvak %lld, ongeopend %lld, onderweg %lld / inbox %lld, "
	    "unopened %lld, under way %lld\n",
	    (long long)number(answer, "inbox"),
	    (long long)number(answer, "unopened"),
	    (long long)number(answer, "outbox"),
	    (long long)number(answer, "inbox"),
	    (long long)number(answer, "unopened"),
	    (long long)number(answer, "outbox"));
	tell_hook(json_object_get(answer, "hook"));
	return EXIT_DONE;
}

/* What the rules say of it all the same, and where the answer lies already. */
static void
tell_said(const json_t *outcome)
{
	const json_t *warnings = json_object_get(outcome, "warnings");
	const json_t *known = json_object_get(outcome, "known"), *row;
	size_t i;

	json_array_foreach (warnings, i, row) {
		fputs("  LET OP: ", stdout);
		line(row, "text");
		fputs(" / NOTE: ", stdout);
		line(row, "text_en");
		fputs("\n", stdout);
	}
	json_array_foreach (known, i, row) {
		fputs("  al bekend / known already: ", stdout);
		screen_text(stdout, screen_word(screen_string(row, "what")));
		if (json_is_true(json_object_get(row, "yours")))
			fputs(", hier / here: ", stdout);
		else
			printf(", bij deelnemer / at participant %lld: ",
			    (long long)number(row, "holder"));
		line(row, "ref");
		fputs("\n", stdout);
	}
}

int
tell_sent(const struct call *call, const json_t *answer)
{
	const json_t *receipt = json_object_get(answer, "receipt");
	const char *state = screen_string(answer, "state");
	char text[SCREEN_INSTANT_MAX];

	if (strcmp(state, "REFUSED") == 0) {
		ask_tell_refusal(call, json_object_get(receipt, "outcome"));
		return EXIT_REFUSED;
	}
	if (strcmp(state, "RECEIPTED") == 0) {
		printf("bevestigd / receipted: zaak ");
		line(receipt, "case");
		printf(", regel %lld, %s", (long long)number(receipt,
		    "position"), screen_instant(screen_string(receipt,
		    "instant"), text));
	} else {
		fputs("bewaard, wordt verzonden / stored, will be sent",
		    stdout);
	}
	fputs("\n  kenmerk / reference: ", stdout);
	line(answer, "ref");
	fputs("\n", stdout);
	tell_said(json_object_get(receipt, "outcome"));
	return EXIT_DONE;
}

/* What a notice says, in the place of a sender. */
static void
tell_notice(const json_t *notice)
{
	char due[SCREEN_INSTANT_MAX];

	screen_text(stdout, screen_word(screen_string(notice, "kind")));
	if (json_object_get(notice, "settled") != NULL) {
		fputs(": ", stdout);
		screen_text(stdout, screen_word(screen_string(notice,
		    "settled")));
		fputs(" ", stdout);
		line(notice, "about");
	}
	if (json_object_get(notice, "due") == NULL)
		return;
	fputs(": ", stdout);
	screen_text(stdout, screen_word(screen_string(notice, "deadline")));
	fputs(", t/m ", stdout);
	screen_text(stdout, screen_last_day(screen_string(notice, "due"),
	    due));
	if (json_is_true(json_object_get(notice, "late")))
		fputs(" (was al voorbij / already past)", stdout);
}

/* Which soft gates its writer passed (R48): nobody has to open it for that. */
static void
tell_passed(const json_t *overrides)
{
	const json_t *row;
	size_t i;

	json_array_foreach (overrides, i, row) {
		fputs(i == 0 ? " TOCH GEDAAN / overridden: " : ", ", stdout);
		line(row, "gate");
		fputs(" (", stdout);
		screen_text(stdout, screen_word(screen_string(row, "reason")));
		fputs(")", stdout);
	}
}

static void
tell_erased(const json_t *message)
{
	const json_t *erased = json_object_get(message, "erased");

	fputs("gewist / erased", stdout);
	if (!json_is_object(erased))
		return;
	printf(" (regel / entry %lld): ", (long long)number(erased, "entry"));
	screen_text(stdout, screen_word(screen_string(erased, "ground")));
}

static void
tell_row(const json_t *message, const char *mark)
{
	const json_t *notice = json_object_get(message, "notice");
	const json_t *trouble = json_object_get(message, "trouble");

	printf("%s ", mark);
	when(message, "instant");
	if (json_is_object(trouble) && strcmp(screen_string(trouble, "code"),
	    "ERASED") == 0) {
		cell(message, "kind_nl", KIND_WIDTH);
		cell(message, "case", CASE_WIDTH);
		cell(message, "from_name", NAME_WIDTH);
		tell_erased(message);
	} else if (json_is_object(trouble)) {
		screen_cell(stdout, "NIET GELDIG / NOT VALID", KIND_WIDTH);
		cell(message, "case", CASE_WIDTH);
		line(trouble, "code");
		fputs(": ", stdout);
		line(trouble, "text");
	} else if (json_is_object(notice)) {
		screen_cell(stdout, "melding / notice", KIND_WIDTH);
		cell(message, "case", CASE_WIDTH);
		tell_notice(notice);
	} else {
		cell(message, "kind_nl", KIND_WIDTH);
		cell(message, "case", CASE_WIDTH);
		cell(message, "from_name", NAME_WIDTH);
		line(message, "ref");
		if (json_object_get(message, "corrects") != NULL) {
			fputs(" zet recht / corrects ", stdout);
			line(message, "corrects");
		}
		if (json_object_get(message, "corrected_by") != NULL) {
			fputs(" RECHTGEZET door / corrected by ", stdout);
			line(message, "corrected_by");
		}
		tell_passed(json_object_get(message, "overrides"));
	}
	fputs("\n", stdout);
}

/* A notice says it all in its row, so that nothing of it is left to open. */
static bool
is_unopened(const json_t *message)
{
	return json_object_get(message, "opened_at") == NULL &&
	    !json_is_object(json_object_get(message, "notice"));
}

int
tell_inbox(const struct call *call, const json_t *answer)
{
	const json_t *messages = json_object_get(answer, "messages"), *message;
	bool marked = false;
	const char *mark;
	size_t i;

	(void)call;
	if (is_empty(messages))
		return EXIT_DONE;
	json_array_foreach (messages, i, message) {
		mark = !is_unopened(message) ? " " : marked ? "*" : ">";
		marked = marked || *mark == '>';
		tell_row(message, mark);
	}
	if (marked)
		puts("> oudste ongeopende, * ongeopend / oldest unopened, "
		    "unopened");
	return EXIT_DONE;
}

int
tell_outbox(const struct call *call, const json_t *answer)
{
	const json_t *messages = json_object_get(answer, "messages"), *message;
	size_t i;

	(void)call;
	if (is_empty(messages))
		return EXIT_DONE;
	json_array_foreach (messages, i, message) {
		when(message, "written_at");
		cell(message, "kind_nl", KIND_WIDTH);
		cell(message, "case", CASE_WIDTH);
		screen_cell(stdout, screen_word(screen_string(message,
		    "state")), STATE_WIDTH);
		line(message, "ref");
		fputs("\n", stdout);
	}
	return EXIT_DONE;
}

int
tell_case(const struct call *call, const json_t *answer)
{
	const json_t *participants = json_object_get(answer, "participants");
	const json_t *messages = json_object_get(answer, "messages"), *row;
	size_t i;

	(void)call;
	fputs("zaak / case ", stdout);
	line(answer, "case");
	fputs("\n", stdout);
	json_array_foreach (participants, i, row) {
		printf("  %-6lld ", (long long)number(row, "participant"));
		cell(row, "name", NAME_WIDTH);
		screen_text(stdout, screen_word(screen_string(row, "role")));
		fputs("\n", stdout);
	}
	tell_standing(answer);
	json_array_foreach (messages, i, row) {
		bool is_out = strcmp(screen_string(row, "direction"),
		    "out") == 0;

		tell_row(row, is_out ? "<-" : "->");
	}
	puts("-> ontvangen, <- verzonden / received, sent");
	return EXIT_DONE;
}

int
tell_cases(const struct call *call, const json_t *answer)
{
	const json_t *cases = json_object_get(answer, "cases"), *row;
	size_t i;

	(void)call;
	if (is_empty(cases))
		return EXIT_DONE;
	json_array_foreach (cases, i, row) {
		cell(row, "case", CASE_WIDTH);
		when(row, "last_instant");
		screen_cell(stdout, screen_word(screen_string(row,
		    "last_kind")), KIND_WIDTH);
		printf("%lld berichten / messages, %lld ongeopend / unopened\n",
		    (long long)number(row, "messages"),
		    (long long)number(row, "unopened"));
	}
	return EXIT_DONE;
}

static void
tell_areas(const json_t *areas)
{
	const json_t *area;
	size_t i;

	json_array_foreach (areas, i, area) {
		screen_text(stdout, json_string_value(area));
		fputs(" ", stdout);
	}
}

int
tell_directory(const struct call *call, const json_t *answer)
{
	const json_t *members = json_object_get(answer, "members"), *row;
	size_t i;

	(void)call;
	if (is_empty(members))
		return EXIT_DONE;
	json_array_foreach (members, i, row) {
		printf("%6lld ", (long long)number(row, "participant"));
		cell(row, "role_nl", ROLE_WIDTH);
		cell(row, "name", NAME_WIDTH);
		cell(row, "code", ROLE_WIDTH);
		tell_areas(json_object_get(row, "areas"));
		puts(json_is_false(json_object_get(row, "current")) ?
		    "niet meer / no longer" : "");
	}
	return EXIT_DONE;
}

int
tell_wait(const struct call *call, const json_t *answer)
{
	(void)call;
	(void)answer;
	puts("klaar / done");
	return EXIT_DONE;
}
