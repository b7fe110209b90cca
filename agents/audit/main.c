/*
 * schakel-audit - does a journal hold, what happened in a case, would it be
 * decided the same again, and how is any of that proved to others?
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/audit/audit.h"

static const struct subcommand {
	const char *name;
	enum verdict_code (*run)(struct journal *journal,
	    const struct request *request);
	bool opens;		/* run is given the journal in DIR */
	size_t more_min, more_max;	/* arguments behind the first */
	const char *arguments;
	const char *what;
} subcommands[] = {
	{ "verify", audit_verify, true, 0, 0, "DIR [--key VKEY]",
	    "every digest, signature, chain, row, tile and checkpoint" },
	{ "timeline", audit_timeline, true, 0, 0,
	    "DIR --case CASE | --family CASE | --participant P [--html FILE]",
	    "what happened in one case, one family, or to one participant" },
	{ "access", audit_access, true, 0, 0,
	    "DIR [--case CASE] [--participant P]",
	    "who looked at what, on whose behalf and on what ground" },
	{ "replay", audit_replay, true, 0, 0, "DIR [--scratch DIR]",
	    "decide everything again and compare" },
	{ "prove", audit_prove, true, 1, 1, "DIR SEQ --out FILE [--entry FILE]",
	    "a proof of one entry, for whoever has the key" },
	{ "check", audit_check, false, 0, 0,
	    "FILE --key VKEY [--entry FILE | --leaf HEX]",
	    "does a proof hold? without a journal" },
	{ "consistency", audit_consistency, false, 1, AUDIT_ARGUMENTS_MAX,
	    "DIR NOTE.. | NOTE NOTE --key VKEY",
	    "is this what others were shown?" },
	{ "vkey", audit_vkey, true, 0, 0, "DIR",
	    "the key under which the journal signs" },
	{ "export", audit_export, true, 1, 1, "--public | --auditor DIR OUT",
	    "checkpoint and hashes for anybody, or all of it for an auditor" },
	{ "look", audit_look, false, 0, 0,
	    "OUT --agent SOCKET --ground GROUND --dossier NUMBER",
	    "a live journal through an auditor's agent, for the others here" },
	{ "diff", audit_diff, false, 1, 1, "DIR DIR",
	    "where two journals part" },
	{ "figures", audit_figures, true, 0, 0,
	    "DIR --by KEY --period 2026Q1 [--json | --csv | --html FILE |\n"
	    "                --close FILE]",
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
"SYNOPSIS\n");
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		printf("    schakel-audit %-11s %s\n", subcommands[i].name,
		    subcommands[i].arguments);
	printf(
"\n"
"DESCRIPTION\n"
"    DIR is the directory of a journal whose broker is stopped, or one that\n"
"    `schakel-admin export` wrote. Nothing in it is changed. Names and\n"
"    numbers are shown; facts and sealed text never are. Without any keys,\n"
"    what lies in the vault is counted as closed; one key that is gone among\n"
"    others is wrong.\n"
"\n");
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		printf("    %-11s %s\n", subcommands[i].name,
		    subcommands[i].what);
	printf(
"\n"
"OPTIONS\n"
"    --keys KEYS        the key environment, when it is not DIR/keys\n"
"    --key VKEY         the log's key as others gave it; verify then asks for\n"
"                       a checkpoint by it\n"
"    --case CASE        a case by its number, or as people write it: journal,\n"
"                       number, check digits\n"
"    --family CASE      every case of the family that this case is of\n"
"    --participant P    a participant by its number\n"
"    --by KEY           figures: area, municipality, region, court, provider\n"
"                       or theme\n"
"    --period QUARTER   figures: as 2026Q1, its days those of Amsterdam\n"
"    --html FILE        a page with a drawn time line, or with plots\n"
"    --scratch DIR      where a state may be built (TMPDIR, else /tmp)\n"
"    --out FILE         where prove writes\n"
"    --entry FILE       the entry's bytes: prove writes, check reads them\n"
"    --leaf HEX         the entry's hash, as its receipt says\n"
"    --witness VKEY     check: a witness whose signature counts; repeat it\n"
"    --quorum N         check: so many of them, else all\n"
"    --agent SOCKET     look: the socket of the auditor's agent\n"
"    --ground GROUND    look: SUPERVISION, PERIODIC_AUDIT, COMPLAINT,\n"
"                       DATA_SUBJECT or INCIDENT\n"
"    --dossier NUMBER   look: of the auditor's own file\n"
"    --public           hashes only\n"
"    --auditor          the entries too, without keys, in a new directory\n"
"    --json             for programs\n"
"    --csv              figures: for a spreadsheet\n"
"    --close FILE       figures: what schakel-admin close-quarter signs;\n"
    "                       --by all for all six keys\n"
"    --help             this text\n"
"\n"
"FIGURES\n"
"    Counts of 1 to 4 are shown as <5, and what they would follow from as a\n"
"    point. No pseudonym and no case number stands in any figure.\n"
"\n"
"EXIT STATUS\n"
"    0  it holds\n"
"    1  it does not hold; the first wrong entry is named\n"
"    2  it could not be looked at\n"
"\n"
"SEE ALSO\n"
"    schakel-admin(8), schakel-broker(8)\n");
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

/* An option that is a text stands in *text_of. */
static enum verdict_code
take_option(int option, struct request *request)
{
	const struct {
		int option;
		const char **text;
	} texts[] = {
		{ 'k', &request->keys }, { 'c', &request->case_text },
		{ 's', &request->scratch }, { 'K', &request->vkey },
		{ 'o', &request->out }, { 'e', &request->entry },
		{ 'l', &request->leaf }, { 'H', &request->html },
		{ 'f', &request->family_text }, { 'b', &request->by },
		{ 'q', &request->period }, { 'C', &request->close },
		{ 'a', &request->agent }, { 'g', &request->ground },
		{ 'd', &request->dossier },
	};

	if (option == 'p' && !read_participant(optarg, &request->participant))
		return audit_usage("--participant is een nummer",
		    "--participant is a number");
	if (option == 'w' && request->n_witness < AUDIT_ARGUMENTS_MAX)
		request->witness[request->n_witness++] = optarg;
	if (option == 'Q' && !read_participant(optarg, &request->quorum))
		return audit_usage("--quorum is een getal",
		    "--quorum is a number");
	if (option == 'j')
		request->json = true;
	if (option == 'P')
		request->public_only = true;
	if (option == 'A')
		request->auditor = true;
	if (option == 'v')
		request->csv = true;
	if (option == '?')
		return audit_usage("onbekende optie", "unknown option");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].option == option)
			*texts[i].text = optarg;
	return AUDIT_HOLDS;
}

/* AUDIT_HOLDS: go on. *asked is set when only the help was wanted. */
static enum verdict_code
read_options(int argc, char **argv, struct request *request, bool *asked)
{
	static const struct option options[] = {
		{ "keys", required_argument, NULL, 'k' },
		{ "key", required_argument, NULL, 'K' },
		{ "case", required_argument, NULL, 'c' },
		{ "family", required_argument, NULL, 'f' },
		{ "participant", required_argument, NULL, 'p' },
		{ "html", required_argument, NULL, 'H' },
		{ "scratch", required_argument, NULL, 's' },
		{ "out", required_argument, NULL, 'o' },
		{ "entry", required_argument, NULL, 'e' },
		{ "leaf", required_argument, NULL, 'l' },
		{ "public", no_argument, NULL, 'P' },
		{ "auditor", no_argument, NULL, 'A' },
		{ "json", no_argument, NULL, 'j' },
		{ "by", required_argument, NULL, 'b' },
		{ "period", required_argument, NULL, 'q' },
		{ "csv", no_argument, NULL, 'v' },
		{ "close", required_argument, NULL, 'C' },
		{ "witness", required_argument, NULL, 'w' },
		{ "agent", required_argument, NULL, 'a' },
		{ "ground", required_argument, NULL, 'g' },
		{ "dossier", required_argument, NULL, 'd' },
		{ "quorum", required_argument, NULL, 'Q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	enum verdict_code code = AUDIT_HOLDS;
	int option;

	while (code == AUDIT_HOLDS &&
	    (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h') {
			*asked = true;
			help();
			return AUDIT_HOLDS;
		}
		code = take_option(option, request);
	}
	return code;
}

static enum verdict_code
run(const struct subcommand *subcommand, const struct request *request)
{
	struct journal *journal = NULL;
	struct fault fault = { 0 };
	enum verdict_code code = AUDIT_HOLDS;

	if (subcommand->opens)
		code = audit_open(request->dir, request, &journal);
	if (code == AUDIT_HOLDS)
		code = subcommand->run(journal, request);
	journal_close(journal);
	/* A report that did not get out is no report. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fault_set(&fault, SK_FILE_IO, "stdout", NULL);
		return audit_blind(request->dir, &fault);
	}
	return code;
}

static const struct subcommand *
find_subcommand(const char *name)
{
	for (size_t i = 0; name != NULL && i < SUBCOMMANDS; i++)
		if (strcmp(name, subcommands[i].name) == 0)
			return &subcommands[i];
	return NULL;
}

int
main(int argc, char **argv)
{
	const struct subcommand *subcommand;
	struct request request = { 0 };
	bool asked = false;
	enum verdict_code code;

	code = read_options(argc, argv, &request, &asked);
	if (code != AUDIT_HOLDS || asked)
		return (int)code;
	if ((subcommand = find_subcommand(argv[optind])) == NULL)
		return (int)audit_usage("onbekende opdracht",
		    "unknown subcommand");
	request.dir = argv[++optind];
	if (request.dir == NULL || (size_t)(argc - optind - 1) <
	    subcommand->more_min || (size_t)(argc - optind - 1) >
	    subcommand->more_max)
		return (int)audit_usage("verkeerd aantal argumenten",
		    subcommand->arguments);
	while (++optind < argc)
		request.more[request.n_more++] = argv[optind];
	if (subcommand->run == audit_timeline &&
	    (request.case_text != NULL) + (request.family_text != NULL) +
	    (request.participant != 0) != 1)
		return (int)audit_usage("geef --case, --family of "
		    "--participant", "give one of --case, --family and "
		    "--participant");
	if (subcommand->run == audit_figures &&
	    (request.by == NULL || request.period == NULL))
		return (int)audit_usage("geef --by en --period",
		    "give --by and --period");
	if (request.json + request.csv + (request.html != NULL) +
	    (request.close != NULL) > 1 && subcommand->run == audit_figures)
		return (int)audit_usage("kies --json, --csv, --html of --close",
		    "choose one of --json, --csv, --html and --close");
	return (int)run(subcommand, &request);
}
