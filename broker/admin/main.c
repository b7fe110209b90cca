/*
 * main.c - schakel-admin: the verbs and their options.
 */
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/admin/admin.h"

static const struct verb {
	const char *name;
	int (*run)(const struct options *);
	const char *what;
} verbs[] = {
	{ "enrolment-key", verb_enrolment_key,
	    "FILE: make the region's enrolment key (not on the broker's machine)" },
	{ "operator-key", verb_operator_key, "FILE: make an operator's key" },
	{ "found", verb_found, "--journal DIR --keys DIR --name NAME "
	    "--enrolment-pub FILE --operator FILE.pub.. [--test]" },
	{ "enrol", verb_enrol, "--request FILE --participant N --area CODES "
	    "--from DATE --until DATE --words WORDS --enrolment-key FILE "
	    "--address tcp://.. --out INVITATION" },
	{ "revoke", verb_revoke,
	    "--participant N --reason left|lost|stolen|error --enrolment-key FILE" },
	{ "broker-keys", verb_broker_keys, "--keys DIR [sign]: make the broker's "
	    "next keys, beside those in use" },
	{ "renew-broker", verb_renew_broker, "--file next.pub --words WORDS "
	    "--reason planned|lost|stolen --enrolment-key FILE [--out FILE] "
	    "[--journal DIR]" },
	{ "operators", verb_operators, "[--add FILE.pub].. [--remove FILE.pub].. "
	    "--reason planned|lost|stolen: who are operators; without a change: "
	    "list them" },
	{ "renew-region", verb_renew_region, "--file NEW.pub --words WORDS "
	    "--reason planned|lost|stolen [--enrolment-key OLD]: the region "
	    "has another enrolment key" },
	{ "enter", verb_enter, "--statement FILE: a rotation by a participant" },
	{ "policy", verb_policy, "--file PROFILE.yaml: replace the policy" },
	{ "step", verb_step, "--to INSTANT: move a test clock" },
	{ "status", verb_status, "what the broker is doing" },
	{ "drain", verb_drain, "stop the broker in order" },
	{ "confirm-clock", verb_confirm_clock, "the clock is right, go on" },
	{ "erase", verb_erase, "CASE --ground GROUND [--request-position N]: the "
	    "case has no content from here on" },
	{ "archive", verb_archive, "YEAR: a year that is over goes into an "
	    "environment of its own, verified" },
	{ "close-quarter", verb_close_quarter, "FILE..: the figures of a quarter, "
	    "as schakel-audit figures --close wrote them, stay for good" },
	{ "export", verb_export,
	    "--out DIR --person N --ground TEXT: entries for an auditor" },
	{ "backup", verb_backup, "DIR [--keys DIR]: copy the journal while "
	    "it runs, or bring a copy up to date; its keys apart" },
	{ "restore", verb_restore, "--from BACKUP --keys SET --journal DIR "
	    "[--file erasures.log]: the next journal, from a backup" },
	{ "recovery", verb_recovery, "[--end [--absent P].. [--erase-later CASE].. | --settle "
	    "POSITION --as again|arranged|not-needed]: what a restored journal waits for" },
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static int
usage(FILE *file)
{
	fputs("usage: schakel-admin VERB [options]\n"
	    "  --control SOCKET   the broker's control socket\n"
	    "  --operator FILE    sign with this key (twice on a real journal)\n"
	    "  --json             answer as JSON\n\n", file);
	for (size_t i = 0; i < VERBS; i++)
		fprintf(file, "  %-14s %s\n", verbs[i].name, verbs[i].what);
	return file == stdout ? EXIT_SUCCESS : 2;
}

int
admin_fail(const struct options *options, const struct fault *fault)
{
	if (options->json)
		printf("{\"ok\": false, \"code\": \"%s\", \"field\": \"%s\"}\n",
		    error_name(fault->code), fault->field);
	fprintf(stderr, "schakel-admin: %s / %s (%s)%s%s%s%s\n",
	    error_text_nl(fault->code), error_text(fault->code),
	    error_name(fault->code), fault->field[0] != '\0' ? ": " : "",
	    fault->field, fault->hint[0] != '\0' ? ": " : "", fault->hint);
	return EXIT_FAILURE;
}

enum long_only { OPT_NUMBER = 256, OPT_TEST, OPT_JSON, OPT_PARTICIPANT,
	OPT_PERSON, OPT_OPERATOR, OPT_HELP, OPT_END, OPT_ABSENT, OPT_SETTLE,
	OPT_ERASE_LATER, OPT_ADD, OPT_REMOVE,
	OPT_TEXT };

/* Options that are plain text, by their place in struct options. */
static const struct {
	const char *name;
	size_t offset;
} texts[] = {
	{ "control", offsetof(struct options, control) },
	{ "journal", offsetof(struct options, journal) },
	{ "keys", offsetof(struct options, keys) },
	{ "name", offsetof(struct options, name) },
	{ "enrolment-key", offsetof(struct options, enrolment_key) },
	{ "enrolment-pub", offsetof(struct options, enrolment_pub) },
	{ "request", offsetof(struct options, request) },
	{ "words", offsetof(struct options, words) },
	{ "area", offsetof(struct options, area) },
	{ "from", offsetof(struct options, from) },
	{ "until", offsetof(struct options, until) },
	{ "address", offsetof(struct options, address) },
	{ "out", offsetof(struct options, out) },
	{ "file", offsetof(struct options, file) },
	{ "to", offsetof(struct options, to) },
	{ "ground", offsetof(struct options, ground) },
	{ "statement", offsetof(struct options, statement) },
	{ "reason", offsetof(struct options, reason) },
	{ "request-position", offsetof(struct options, request_position) },
	{ "as", offsetof(struct options, as) },
};
#define TEXTS (sizeof(texts) / sizeof(texts[0]))

static bool
read_number(const char *text, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0';
}

static bool
take_file(const char *files[OPERATORS_MAX], size_t *n, const char *value)
{
	if (*n == OPERATORS_MAX)
		return false;
	files[(*n)++] = value;
	return true;
}

static bool
take_option(struct options *options, int c, const char *value)
{
	if (c >= OPT_TEXT && c < OPT_TEXT + (int)TEXTS) {
		*(const char **)(void *)((char *)options +
		    texts[c - OPT_TEXT].offset) = value;
		return true;
	}
	switch (c) {
	case OPT_NUMBER:
		return read_number(value, &options->number);
	case OPT_PARTICIPANT:
		return read_number(value, &options->participant);
	case OPT_PERSON:
		return read_number(value, &options->person);
	case OPT_SETTLE:
		return read_number(value, &options->settle);
	case OPT_ABSENT:
		return options->n_absent < ABSENT_MAX && read_number(value,
		    &options->absent[options->n_absent++]);
	case OPT_ERASE_LATER:
		return options->n_erase_later < ABSENT_MAX && read_number(
		    value, &options->erase_later[options->n_erase_later++]);
	case OPT_END:
		options->end = true;
		return true;
	case OPT_TEST:
		options->test = true;
		return true;
	case OPT_JSON:
		options->json = true;
		return true;
	case OPT_OPERATOR:
		return take_file(options->operators, &options->n_operators,
		    value);
	case OPT_ADD:
		return take_file(options->add, &options->n_add, value);
	case OPT_REMOVE:
		return take_file(options->remove, &options->n_remove, value);
	default:
		return false;
	}
}

#define FLAGS 12u	/* options that are no plain text */

static bool
read_options(int argc, char **argv, struct options *options)
{
	struct option longs[TEXTS + FLAGS + 1] = {
		{ "number", required_argument, NULL, OPT_NUMBER },
		{ "participant", required_argument, NULL, OPT_PARTICIPANT },
		{ "person", required_argument, NULL, OPT_PERSON },
		{ "operator", required_argument, NULL, OPT_OPERATOR },
		{ "test", no_argument, NULL, OPT_TEST },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "end", no_argument, NULL, OPT_END },
		{ "absent", required_argument, NULL, OPT_ABSENT },
		{ "settle", required_argument, NULL, OPT_SETTLE },
		{ "add", required_argument, NULL, OPT_ADD },
		{ "remove", required_argument, NULL, OPT_REMOVE },
		{ "erase-later", required_argument, NULL, OPT_ERASE_LATER },
	};
	int c;

	for (size_t i = 0; i < TEXTS; i++)
		longs[FLAGS + i] = (struct option){ texts[i].name,
			required_argument, NULL, OPT_TEXT + (int)i };
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if (!take_option(options, c, optarg))
			return false;
	options->rest = argv + optind;
	options->n_rest = argc - optind;
	return true;
}

int
main(int argc, char **argv)
{
	struct options options = { .number = 1 };

	umask(0077);
	if (sodium_init() < 0)
		return EXIT_FAILURE;
	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0))
		return usage(stdout);
	if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
		puts("schakel-admin 0.1.0");
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; argc >= 2 && i < VERBS; i++) {
		if (strcmp(argv[1], verbs[i].name) != 0)
			continue;
		if (!read_options(argc - 1, argv + 1, &options))
			return usage(stderr);
		return verbs[i].run(&options);
	}
	return usage(stderr);
}
