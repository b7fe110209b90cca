/*
 * schakel-audit - does a journal hold, what happened in a case, and would it
 * be decided the same again?
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/audit/audit.h"

static const struct subcommand {
	const char *name;
	enum verdict_code (*run)(struct journal *journal,
	    const struct request *request);
	const char *what;
} subcommands[] = {
	{ "verify", audit_verify,
	    "digests, signatures, chains and links of every entry" },
	{ "timeline", audit_timeline,
	    "what happened in one case, or to one participant" },
	{ "replay", audit_replay,
	    "decide everything again and compare" },
	{ "figures", audit_figures,
	    "what a quarter shows, for those who learn from it" },
};

#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static void
help(void)
{
	printf(
"SCHAKEL-AUDIT(1)\n"
"\n"
"NAME\n"
"    schakel-audit - look into a journal that was stopped or exported\n"
"\n"
"SYNOPSIS\n"
"    schakel-audit verify   DIR [--keys KEYS] [--json]\n"
"    schakel-audit timeline DIR --case N|1-42-67 [--keys KEYS] [--json]\n"
"    schakel-audit timeline DIR --participant P [--keys KEYS] [--json]\n"
"    schakel-audit replay   DIR [--keys KEYS] [--scratch DIR] [--json]\n"
"    schakel-audit figures  DIR --by KEY --period 2026Q1 [--keys KEYS]\n"
"                           [--scratch DIR] [--json | --csv | --html FILE]\n"
"\n"
"DESCRIPTION\n"
"    DIR is the directory of a journal whose broker is stopped, or one that\n"
"    `schakel-admin export` wrote. Nothing in it is changed. Names and\n"
"    numbers are shown; facts and sealed text never are. Without keys, what\n"
"    lies in the vault is counted as erased.\n"
"\n");
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		printf("    %-10s %s\n", subcommands[i].name,
		    subcommands[i].what);
	printf(
"\n"
"OPTIONS\n"
"    --keys KEYS        the key environment, when it is not DIR/keys\n"
"    --case CASE        a case by its number, or as people write it: journal,\n"
"                       number, check digits\n"
"    --participant P    a participant by its number\n"
"    --scratch DIR      where state may be built (TMPDIR, else /tmp)\n"
"    --by KEY           area, municipality, region, court, provider or theme\n"
"    --period QUARTER   as 2026Q1, its days those of Amsterdam\n"
"    --json             for programs\n"
"    --csv              for a spreadsheet\n"
"    --html FILE        one page with plots, for a council\n"
"\n"
"FIGURES\n"
"    Counts of 1 to 4 are shown as <5, and what they would follow from as a\n"
"    point. No pseudonym and no case number stands in any figure.\n"
"    --help             this text\n"
"\n"
"EXIT STATUS\n"
"    0  it holds\n"
"    1  it does not hold; the first wrong entry is named\n"
"    2  it could not be looked at\n"
"\n"
"SEE ALSO\n"
"    schakel-admin(1), schakel-broker(1)\n");
}

static enum verdict_code
usage(const char *nl, const char *en)
{
	fprintf(stderr, "schakel-audit: %s / %s\n"
	    "schakel-audit --help\n", nl, en);
	return AUDIT_BLIND;
}

enum verdict_code
audit_blind(const char *subject, const struct fault *fault)
{
	if (fault->code == SK_STORE_BUSY)
		fprintf(stderr, "schakel-audit: %s: de broker heeft dit "
		    "journaal open; maak een kopie met `schakel-admin export` "
		    "en bekijk die\n"
		    "schakel-audit: %s: the broker has this journal open; "
		    "make a copy with `schakel-admin export` and look at "
		    "that\n", subject, subject);
	else
		fprintf(stderr, "schakel-audit: %s: %s / %s%s%s%s%s\n", subject,
		    error_text_nl(fault->code), error_text(fault->code),
		    fault->field[0] == '\0' ? "" : ": ", fault->field,
		    fault->hint[0] == '\0' ? "" : ": ", fault->hint);
	return AUDIT_BLIND;
}

void
audit_print_json(json_t *json)
{
	if (json == NULL)
		return;
	json_dumpf(json, stdout, JSON_INDENT(2));
	printf("\n");
	json_decref(json);
}

static bool
read_participant(const char *text, uint64_t *participant)
{
	char *end;

	errno = 0;
	*participant = strtoull(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *text != '-' &&
	    *participant != 0;
}

/* AUDIT_HOLDS: go on. *asked is set when only the help was wanted. */
static enum verdict_code
read_options(int argc, char **argv, struct request *request, bool *asked)
{
	static const struct option options[] = {
		{ "keys", required_argument, NULL, 'k' },
		{ "case", required_argument, NULL, 'c' },
		{ "participant", required_argument, NULL, 'p' },
		{ "scratch", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "by", required_argument, NULL, 'b' },
		{ "period", required_argument, NULL, 'q' },
		{ "csv", no_argument, NULL, 'v' },
		{ "html", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'k':
			request->keys = optarg;
			break;
		case 'c':
			request->case_text = optarg;
			break;
		case 'p':
			if (!read_participant(optarg, &request->participant))
				return usage("--participant is een nummer",
				    "--participant is a number");
			break;
		case 's':
			request->scratch = optarg;
			break;
		case 'j':
			request->json = true;
			break;
		case 'b':
			request->by = optarg;
			break;
		case 'q':
			request->period = optarg;
			break;
		case 'v':
			request->csv = true;
			break;
		case 'w':
			request->html = optarg;
			break;
		case 'h':
			*asked = true;
			help();
			return AUDIT_HOLDS;
		default:
			return usage("onbekende optie", "unknown option");
		}
	}
	return AUDIT_HOLDS;
}

static enum verdict_code
run(const struct subcommand *subcommand, const struct request *request)
{
	struct journal *journal;
	struct fault fault = { 0 };
	enum verdict_code code;
	enum sk_error rc;

	rc = journal_open(request->dir, request->keys, true, &journal, &fault);
	if (rc == SK_STORE_CORRUPT) {
		audit_blind(request->dir, &fault);
		if (request->json)
			audit_print_json(json_pack("{s:b, s:{s:n, s:s+}}",
			    "holds", 0, "first_wrong", "position", "what",
			    fault.hint, ""));
		return AUDIT_WRONG;
	}
	if (rc != SK_OK)
		return audit_blind(request->dir, &fault);
	code = subcommand->run(journal, request);
	journal_close(journal);
	/* A report that did not get out is no report. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fault_set(&fault, SK_FILE_IO, "stdout", NULL);
		return audit_blind(request->dir, &fault);
	}
	return code;
}

int
main(int argc, char **argv)
{
	struct request request = { 0 };
	bool asked = false;
	enum verdict_code code;

	code = read_options(argc, argv, &request, &asked);
	if (code != AUDIT_HOLDS || asked)
		return (int)code;
	if (argc - optind != 2)
		return (int)usage("geef een opdracht en een map",
		    "give a subcommand and a directory");
	request.dir = argv[optind + 1];
	for (size_t i = 0; i < SUBCOMMANDS; i++) {
		if (strcmp(argv[optind], subcommands[i].name) != 0)
			continue;
		if (subcommands[i].run == audit_timeline &&
		    (request.case_text == NULL) == (request.participant == 0))
			return (int)usage("geef --case of --participant",
			    "give either --case or --participant");
		if (subcommands[i].run == audit_figures &&
		    (request.by == NULL || request.period == NULL))
			return (int)usage("geef --by en --period",
			    "give --by and --period");
		if (request.json + request.csv + (request.html != NULL) > 1)
			return (int)usage("kies --json, --csv of --html",
			    "choose one of --json, --csv and --html");
		return (int)run(&subcommands[i], &request);
	}
	return (int)usage("onbekende opdracht", "unknown subcommand");
}
