/*
 * schakel - the command line of the people at an agent.
 *
 * What it knows of the field stands in the tables of verbs.c; who may say
 * what is decided by the agent and the broker, and the person is whoever runs
 * it, by the uid on the socket.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agents/people/ask.h"
#include "agents/people/draft.h"
#include "agents/people/screen.h"
#include "proto/message.h"

/* ---- help */

static void
help_option(const struct option *option)
{
	printf("  --%s%s%s%s\n", option->name,
	    option->form == NULL ? "" : " ",
	    option->form == NULL ? "" : option->form,
	    option->must ? "   (verplicht / mandatory)" : "");
	for (unsigned i = 0; option->codes != NULL &&
	    i < option->codes->n_values; i++)
		printf("      %-24s %s\n", option->codes->values[i].name,
		    screen_word(option->codes->values[i].name));
}

static void
help_sections(const struct kind_info *info)
{
	for (int section = 1; info != NULL && section < 32; section++) {
		uint32_t bit = 1u << section;
		const char *name = section_name((Sk__Section)section);

		if (((info->sections_must | info->sections_may) & bit) != 0)
			printf("  onderdeel / section %-14s %s%s\n", name,
			    screen_word(name), (info->sections_must & bit) !=
			    0 ? "   (verplicht / mandatory)" : "");
	}
}

static void
help_domains(void)
{
	const ProtobufCEnumDescriptor *all = &sk__life_domain__descriptor;

	puts("  leefgebieden / life domains:");
	for (unsigned i = 0; i < all->n_values; i++)
		printf("      %-24s %s\n", all->values[i].name,
		    screen_word(all->values[i].name));
}

static int
help_verb(const struct verb *verb)
{
	printf("schakel %s (%s): %s / %s\n", verb->name, verb->dutch, verb->nl,
	    verb->en);
	if (verb->operand != NULL)
		printf("  %s%s\n", verb->operand,
		    verb->operand_must ? "   (verplicht / mandatory)" : "");
	for (const struct option *o = verb->options; o->name != NULL; o++)
		help_option(o);
	if (verb->kind == NULL)
		return EXIT_DONE;
	if (strcmp(verb->kind, "TRIAGE") == 0)
		help_domains();
	help_sections(kind_by_name(verb->kind));
	for (const struct option *o = sending_options; o->name != NULL; o++)
		if (verb_option(verb, o->name) == o)
			help_option(o);
	return EXIT_DONE;
}

static int
help(FILE *file)
{
	const struct verb *verb;

	fputs("schakel [--socket PAD] OPDRACHT [opties] [--json]\n"
	    "  --socket PAD  de socket van de agent, anders SCHAKEL_SOCKET / "
	    "the agent's socket\n"
	    "  --json        antwoord voor programma's / answer for programs\n"
	    "  schakel OPDRACHT --help\n"
	    "  Een tekst is de tekst zelf, @bestand of - voor stdin / a text "
	    "is itself, @file or -\n\n", file);
	for (size_t i = 0; (verb = verb_at(i)) != NULL; i++)
		fprintf(file, "  %-15s %-16s %s / %s\n", verb->name,
		    verb->dutch, verb->nl, verb->en);
	fputs("\nEinde / exit: 0 gedaan / done, 1 geweigerd / refused, "
	    "2 gebruik of geen agent / usage or no agent\n", file);
	return file == stdout ? EXIT_DONE : EXIT_NO_USE;
}

/* ---- one verb */

/* The day on which it happened is today where nothing else is said; an
 * order has its own date, which starts a clock. */
static enum sk_error
fill_date(const struct call *call, struct draft *draft, struct fault *fault)
{
	const struct kind_info *info = kind_by_name(
	    screen_string(draft->request, "kind"));
	json_t *request, *answer = NULL;
	enum sk_error rc;

	if (info == NULL || !info->dated || info->opens_case ||
	    json_object_get(draft->request, "event_date") != NULL)
		return SK_OK;
	request = json_pack("{s:s}", "do", "status");
	rc = ask(call, request, &answer, fault);
	if (rc == SK_OK && *screen_string(answer, "today") != '\0')
		json_object_set(draft->request, "event_date",
		    json_object_get(answer, "today"));
	json_decref(request);
	json_decref(answer);
	return rc;
}

static int
give_up(const struct fault *fault)
{
	ask_tell_fault(fault);
	return EXIT_NO_USE;
}

/* The exit code of an answer that is passed on as it is. */
static int
tell_json(const json_t *answer)
{
	json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	fputs("\n", stdout);
	return json_is_true(json_object_get(answer, "ok")) &&
	    strcmp(screen_string(answer, "state"), "REFUSED") != 0 ?
	    EXIT_DONE : EXIT_REFUSED;
}

static int
ask_and_tell(const struct call *call, struct draft *draft)
{
	struct fault fault = { 0 };
	json_t *answer = NULL;
	int code;

	if (draft->verb->run != NULL)
		return draft->verb->run(call, draft);
	if (fill_date(call, draft, &fault) != SK_OK ||
	    ask(call, draft->request, &answer, &fault) != SK_OK) {
		code = give_up(&fault);
	} else if (call->json) {
		code = tell_json(answer);
	} else if (!json_is_true(json_object_get(answer, "ok"))) {
		ask_tell_error(json_object_get(answer, "error"));
		code = EXIT_REFUSED;
	} else {
		code = draft->verb->tell(call, answer);
	}
	json_decref(answer);
	return code;
}

/* ---- the command line */

/* Options before and behind the verb that are for all: 1 taken, 0 not one of
 * them, -1 without its value. */
static int
take_common(struct call *call, char **argv, int *i)
{
	const char *arg = argv[*i];

	if (strcmp(arg, "--json") == 0) {
		call->json = true;
		return 1;
	}
	if (strncmp(arg, "--socket=", 9) == 0) {
		call->socket = arg + 9;
		return 1;
	}
	if (strcmp(arg, "--socket") != 0)
		return 0;
	if (argv[*i + 1] == NULL)
		return -1;
	call->socket = argv[++*i];
	return 1;
}

static enum sk_error
take_option(struct draft *draft, char **argv, int *i, struct fault *fault)
{
	char *name = argv[*i] + 2, *value = strchr(name, '=');
	const struct option *option;

	if (value != NULL)
		*value++ = '\0';
	option = verb_option(draft->verb, name);
	if (option == NULL)
		return fault_set(fault, SK_USAGE, argv[*i],
		    "see schakel %s --help", draft->verb->name);
	if (option_is_flag(option)) {
		if (value != NULL)
			return fault_set(fault, SK_USAGE, argv[*i],
			    "no value");
	} else if (value == NULL && (value = argv[++*i]) == NULL) {
		return fault_set(fault, SK_USAGE, name, "%s", option->form);
	}
	return draft_take(draft, option, value, fault);
}

static int
run_verb(struct call *call, const struct verb *verb, char **argv)
{
	struct fault fault = { 0 };
	struct draft draft;
	enum sk_error rc = draft_init(&draft, verb, &fault);
	int code, taken;

	for (int i = 0; rc == SK_OK && argv[i] != NULL; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			draft_clear(&draft);
			return help_verb(verb);
		}
		if ((taken = take_common(call, argv, &i)) > 0)
			continue;
		if (taken < 0)
			rc = fault_set(&fault, SK_USAGE, "--socket", "PAD");
		else if (strncmp(argv[i], "--", 2) == 0 && argv[i][2] != '\0')
			rc = take_option(&draft, argv, &i, &fault);
		else
			rc = draft_take_operand(&draft, argv[i], &fault);
	}
	if (rc == SK_OK)
		rc = draft_finish(&draft, &fault);
	code = rc == SK_OK ? ask_and_tell(call, &draft) : give_up(&fault);
	draft_clear(&draft);
	return code;
}

int
main(int argc, char **argv)
{
	struct call call = { .socket = getenv("SCHAKEL_SOCKET") };
	const struct verb *verb;
	int i = 1, taken;

	(void)argc;
	umask(0077);
	if (sodium_init() < 0)
		return EXIT_NO_USE;
	while (argv[i] != NULL && (taken = take_common(&call, argv, &i)) != 0) {
		if (taken < 0)
			return help(stderr);
		i++;
	}
	if (argv[i] == NULL)
		return help(stderr);
	if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "help") == 0)
		return argv[i + 1] != NULL && (verb = verb_by_name(
		    argv[i + 1])) != NULL ? help_verb(verb) : help(stdout);
	if (strcmp(argv[i], "--version") == 0) {
		puts("schakel 0.1.0");
		return EXIT_DONE;
	}
	if ((verb = verb_by_name(argv[i])) == NULL)
		return help(stderr);
	i = run_verb(&call, verb, argv + i + 1);
	return fflush(stdout) == 0 && !ferror(stdout) ? i : EXIT_REFUSED;
}
