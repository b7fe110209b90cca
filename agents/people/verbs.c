/*
 * verbs.c - the tables. A new verb is a row here and, when it asks for
 * something new, a tell_ function.
 */
#include "agents/people/verbs.h"

#include <stddef.h>
#include <string.h>

#include "agents/people/prove.h"
#include "agents/people/pseudonym.h"
#include "agents/people/tell.h"
#include "proto/envelope.pb-c.h"

#define MUST true
#define MAY false
#define CODES(name) &sk__##name##__descriptor

/* clang-format off: the columns are the point */
const struct option sending_options[] = {
	/* name           place        path            type            must  codes  fixed  form */
	{ "case",         IN_REQUEST,  "case",         OF_TEXT,        MAY,  NULL,  NULL,  "ZAAK" },
	{ "reply-to",     IN_REQUEST,  "reply_to",     OF_TEXT,        MAY,  NULL,  NULL,  "KENMERK" },
	{ "to",           IN_REQUEST,  "to",           OF_NUMBERS,     MAY,  NULL,  NULL,  "DEELNEMER" },
	{ "date",         IN_REQUEST,  "event_date",   OF_DATE,        MAY,  NULL,  NULL,  "DATUM" },
	{ "on-behalf-of", IN_REQUEST,  "on_behalf_of", OF_NUMBER,      MAY,  NULL,  NULL,  "MEDEWERKER" },
	{ "wait",         IN_REQUEST,  "wait_ms",      OF_NUMBER,      MAY,  NULL,  NULL,  "MS" },
	{ "text",         IN_SECTIONS, NULL,           OF_ANY_SECTION, MAY,  NULL,  NULL,  "ONDERDEEL=TEKST" },
	{ "section",      IN_SECTIONS, NULL,           OF_ANY_SECTION, MAY,  NULL,  NULL,  "ONDERDEEL=TEKST" },
	{ "personalia",   IN_SECTIONS, "PERSONALIA",   OF_SECTION,     MAY,  NULL,  NULL,  "TEKST" },
	{ "question",     IN_SECTIONS, "QUESTION",     OF_SECTION,     MAY,  NULL,  NULL,  "TEKST" },
	{ "situation",    IN_SECTIONS, "SITUATION",    OF_SECTION,     MAY,  NULL,  NULL,  "TEKST" },
	{ "goals",        IN_SECTIONS, "GOALS",        OF_SECTION,     MAY,  NULL,  NULL,  "TEKST" },
	{ "done",         IN_SECTIONS, "WHAT_WAS_DONE",OF_SECTION,     MAY,  NULL,  NULL,  "TEKST" },
	{ "family-view",  IN_SECTIONS, "FAMILY_VIEW",  OF_SECTION,     MAY,  NULL,  NULL,  "TEKST" },
	{ "child-view",   IN_SECTIONS, "CHILD_VIEW",   OF_SECTION,     MAY,  NULL,  NULL,  "TEKST" },
	{ "advice-text",  IN_SECTIONS, "ADVICE",       OF_SECTION,     MAY,  NULL,  NULL,  "TEKST" },
	{ "explanation",  IN_SECTIONS, "EXPLANATION",  OF_SECTION,     MAY,  NULL,  NULL,  "TEKST" },
	{ 0 },
};

static const struct option order[] = {
	{ "municipality", IN_FACTS, "municipality",    OF_TEXT,   MUST, NULL,         NULL,           "CBS-CODE" },
	{ "child",        IN_FACTS, "persons",         OF_PERSON, MUST, NULL,         "CHILD",        "[VERSIE:]PSEUDONIEM" },
	{ "parent",       IN_FACTS, "persons",         OF_PERSON, MAY,  NULL,         "PARENT",       "[VERSIE:]PSEUDONIEM:consent|no-consent" },
	{ "theme",        IN_FACTS, "theme",           OF_CODE,   MUST, CODES(theme), NULL,           "THEMA" },
	{ "goal",         IN_FACTS, "goals",           OF_GOAL,   MUST, NULL,         "SET_BY_COURT", "NUMMER:DATUM" },
	{ "hearing",      IN_FACTS, "hearing_date",    OF_DATE,   MAY,  NULL,         NULL,           "DATUM" },
	{ "reference",    IN_FACTS, "order_reference", OF_HEX,    MAY,  NULL,         NULL,           "HEX" },
	{ "date",         IN_REQUEST, "event_date",    OF_DATE,   MUST, NULL,         NULL,           "DATUM" },
	{ 0 },
};

static const struct option triage[] = {
	{ "ground", IN_FACTS, "ground",            OF_CODE,   MUST, CODES(ground), NULL, "GROND" },
	{ "domain", IN_FACTS, "domains",           OF_DOMAIN, MAY,  NULL,          NULL, "LEEFGEBIED=ANTWOORD[:WIE]" },
	{ "others", IN_FACTS, "domains",           OF_OTHERS, MAY,  NULL,          NULL, "NO|NOT_KNOWN" },
	{ "risk",   IN_FACTS, "risk_of_worsening", OF_YES,    MAY,  NULL,          NULL, NULL },
	{ 0 },
};

static const struct option analysis[] = {
	{ "support",    IN_FACTS, "support",    OF_CODES,  MUST, CODES(life_domain), NULL, "LEEFGEBIED,.." },
	{ "authors",    IN_FACTS, "authors",    OF_NUMBER, MUST, NULL,               NULL, "AANTAL" },
	{ "hypotheses", IN_FACTS, "hypotheses", OF_NUMBER, MUST, NULL,               NULL, "AANTAL" },
	{ 0 },
};

static const struct option route[] = {
	{ "main",               IN_FACTS, "main",               OF_CODE,  MUST, CODES(route), NULL, "ROUTE" },
	{ "side",               IN_FACTS, "side",               OF_CODES, MAY,  CODES(route), NULL, "ROUTE,.." },
	{ "local-insufficient", IN_FACTS, "local_insufficient", OF_YES,   MAY,  NULL,         NULL, NULL },
	{ 0 },
};

static const struct option plan[] = {
	{ "goal",   IN_FACTS, "goals",  OF_GOAL,  MAY,  NULL,              "SET_BY_ACCESS", "NUMMER:DATUM" },
	{ "agreed", IN_FACTS, "agreed", OF_CODES, MUST, CODES(plan_party), NULL,            "WIE,.." },
	{ "waiver", IN_FACTS, "waiver", OF_YES,   MAY,  NULL,              NULL,            NULL },
	{ 0 },
};

static const struct option refer[] = {
	{ "to",       IN_REQUEST, "to",          OF_NUMBERS, MUST, NULL, NULL, "DEELNEMER" },
	{ "offering", IN_FACTS,   "offering",    OF_TEXT,    MUST, NULL, NULL, "AANBOD" },
	{ "wanted",   IN_FACTS,   "wanted_date", OF_DATE,    MAY,  NULL, NULL, "DATUM" },
	{ 0 },
};

static const struct option accept_it[] = {
	{ "intake", IN_FACTS, "intake_date", OF_DATE, MUST, NULL, NULL, "DATUM" },
	{ 0 },
};

static const struct option decline[] = {
	{ "reason", IN_FACTS, "reason", OF_CODE, MUST, CODES(decline_reason), NULL, "REDEN" },
	{ 0 },
};

static const struct option wait_place[] = {
	{ "expected", IN_FACTS, "expected_date", OF_DATE, MUST, NULL, NULL, "DATUM" },
	{ "bridge",   IN_FACTS, "bridge_help",   OF_YES,  MUST, NULL, NULL, NULL },
	{ 0 },
};

static const struct option nothing[] = {
	{ 0 },
};

static const struct option report[] = {
	{ "goal-status", IN_FACTS, "goals", OF_GOAL_STATE, MAY, CODES(goal_status), NULL, "NUMMER=STAND" },
	{ 0 },
};

static const struct option hearing[] = {
	{ "hearing", IN_FACTS, "hearing_date", OF_DATE, MUST, NULL, NULL, "DATUM" },
	{ 0 },
};

static const struct option ask_report[] = {
	{ "due", IN_FACTS, "due_date", OF_DATE, MUST, NULL, NULL, "DATUM" },
	{ 0 },
};

static const struct option court_report[] = {
	{ "goal-status", IN_FACTS, "goals",    OF_GOAL_STATE, MUST, CODES(goal_status), NULL, "NUMMER=STAND" },
	{ "advice",      IN_FACTS, "advice",   OF_CODE,       MUST, CODES(advice),      NULL, "ADVIES" },
	{ "offering",    IN_FACTS, "offering", OF_TEXT,       MAY,  NULL,               NULL, "AANBOD" },
	{ 0 },
};

static const struct option stop[] = {
	{ "reason",      IN_FACTS, "reason", OF_CODE,       MUST, CODES(end_reason),  NULL, "REDEN" },
	{ "goal-status", IN_FACTS, "goals",  OF_GOAL_STATE, MAY,  CODES(goal_status), NULL, "NUMMER=STAND" },
	{ 0 },
};

static const struct option close_it[] = {
	{ "network", IN_FACTS, "handed_to_network", OF_YES, MAY, NULL, NULL, NULL },
	{ 0 },
};

static const struct option send_it[] = {
	{ "kind",  IN_REQUEST, "kind",  OF_CODE,  MUST, CODES(kind), NULL, "SOORT" },
	{ "facts", IN_FACTS,   NULL,    OF_FACTS, MAY,  NULL,        NULL, "JSON" },
	{ 0 },
};

static const struct option inbox[] = {
	{ "unopened", IN_REQUEST, "unopened", OF_YES,  MAY, NULL, NULL, NULL },
	{ "case",     IN_REQUEST, "case",     OF_TEXT, MAY, NULL, NULL, "ZAAK" },
	{ 0 },
};

static const struct option directory[] = {
	{ "role",         IN_REQUEST, "role",         OF_CODE, MAY, CODES(role), NULL, "ROL" },
	{ "municipality", IN_REQUEST, "municipality", OF_TEXT, MAY, NULL,        NULL, "CBS-CODE" },
	{ 0 },
};

static const struct option wait_for[] = {
	{ "inbox",     IN_REQUEST, "inbox",        OF_NUMBER,  MAY, NULL, NULL, "AANTAL" },
	{ "receipted", IN_REQUEST, "receipted",    OF_TEXT,    MAY, NULL, NULL, "KENMERK" },
	{ "connected", IN_REQUEST, "connected",    OF_YES,     MAY, NULL, NULL, NULL },
	{ "idle",      IN_REQUEST, "idle",         OF_YES,     MAY, NULL, NULL, NULL },
	{ "until",     IN_REQUEST, "now_at_least", OF_INSTANT, MAY, NULL, NULL, "TIJDSTIP" },
	{ "timeout",   IN_REQUEST, "timeout_ms",   OF_NUMBER,  MAY, NULL, NULL, "MS" },
	{ 0 },
};

static const struct option prove[] = {
	{ "out",     IN_REQUEST, "out",        OF_TEXT,   MAY, NULL, NULL, "BESTAND" },
	{ "timeout", IN_REQUEST, "timeout_ms", OF_NUMBER, MAY, NULL, NULL, "MS" },
	{ 0 },
};

static const struct option pseudonym[] = {
	{ "secret",  IN_REQUEST, "secret",  OF_TEXT,   MAY, NULL, NULL, "BESTAND" },
	{ "version", IN_REQUEST, "version", OF_NUMBER, MAY, NULL, NULL, "VERSIE" },
	{ "random",  IN_REQUEST, "random",  OF_YES,    MAY, NULL, NULL, NULL },
	{ 0 },
};

static const struct verb verbs[] = {
	/* name            Dutch            kind                      operand     must   options       tell            run             what for */
	{ "status",        "stand",         NULL,                     NULL,       false, nothing,      tell_status,    NULL,           "hoe staat het ervoor", "how things stand" },
	{ "inbox",         "postvak",       NULL,                     NULL,       false, inbox,        tell_inbox,     NULL,           "wat is er binnengekomen, oudste eerst", "what came in, oldest first" },
	{ "show",          "toon",          NULL,                     "ref",      true,  nothing,      tell_message,   NULL,           "open een bericht", "open a message" },
	{ "case",          "zaak",          NULL,                     "case",     true,  nothing,      tell_case,      NULL,           "alles in een zaak", "all in a case" },
	{ "cases",         "zaken",         NULL,                     NULL,       false, nothing,      tell_cases,     NULL,           "alle zaken", "all cases" },
	{ "outbox",        "uit",           NULL,                     NULL,       false, nothing,      tell_outbox,    NULL,           "wat is er verstuurd", "what was sent" },
	{ "receipt",       "bewijs",        NULL,                     "ref",      true,  nothing,      tell_sent,      NULL,           "het ontvangstbewijs van een bericht", "the receipt of a message" },
	{ "prove",         "bewijs-regel",  NULL,                     "ref",      true,  prove,        NULL,           prove_run,      "bewijs dat een bericht in het journaal staat", "proof that a message is in the journal" },
	{ "directory",     "adressen",      NULL,                     NULL,       false, directory,    tell_directory, NULL,           "wie doet er mee", "who takes part" },
	{ "wait",          "wacht",         NULL,                     NULL,       false, wait_for,     tell_wait,      NULL,           "wacht tot iets er is", "wait until something is there" },
	{ "pseudonym",     "pseudoniem",    NULL,                     NULL,       false, pseudonym,    NULL,           pseudonym_run,  "pseudoniem van een BSN, dat op stdin staat", "pseudonym of a BSN on stdin" },

	{ "order",         "beschikking",   "COURT_ORDER",            NULL,       false, order,        tell_sent,      NULL,           "rechtbank: een kind naar de lokale toegang", "court: a child to its access team" },
	{ "triage",        "uitvraag",      "TRIAGE",                 "case",     false, triage,       tell_sent,      NULL,           "alle veertien leefgebieden", "all fourteen life domains" },
	{ "analysis",      "analyse",       "ANALYSIS",               "case",     false, analysis,     tell_sent,      NULL,           "brede verklarende analyse", "broad explanatory analysis" },
	{ "route",         "routebesluit",  "ROUTE_DECISION",         "case",     false, route,        tell_sent,      NULL,           "welke hulp, of geen", "which kind of help, or none" },
	{ "plan",          "gezinsplan",    "FAMILY_PLAN",            "case",     false, plan,         tell_sent,      NULL,           "doelen en wie instemt", "goals and who agrees" },
	{ "refer",         "verwijs",       "REFERRAL",               "case",     false, refer,        tell_sent,      NULL,           "bied een zaak aan", "offer a case to a provider" },
	{ "confirm",       "bevestig",      "RECEIPT_OF",             "reply_to", true,  nothing,      tell_sent,      NULL,           "wij hebben het", "we have it" },
	{ "accept",        "accepteer",     "ACCEPT",                 "case",     false, accept_it,    tell_sent,      NULL,           "neem een verwijzing aan", "accept a referral" },
	{ "decline",       "wijs-af",       "DECLINE",                "case",     false, decline,      tell_sent,      NULL,           "wijs een verwijzing af", "decline a referral" },
	{ "wait-place",    "wachtplek",     "WAIT_PLACE",             "case",     false, wait_place,   tell_sent,      NULL,           "aangenomen, later te beginnen", "accepted, to begin later" },
	{ "start",         "begin",         "START",                  "case",     false, nothing,      tell_sent,      NULL,           "de hulp is begonnen", "help has begun" },
	{ "report",        "voortgang",     "PROGRESS_REPORT",        "case",     false, report,       tell_sent,      NULL,           "hoe het gaat", "how it goes" },
	{ "hearing",       "zitting",       "HEARING_NOTICE",         "case",     false, hearing,      tell_sent,      NULL,           "rechtbank: er komt een zitting", "court: a hearing is coming" },
	{ "ask-report",    "vraag-rapport", "HEARING_REPORT_REQUEST", "case",     false, ask_report,   tell_sent,      NULL,           "vraag de aanbieder een zittingsrapport", "ask the provider for a hearing report" },
	{ "hearing-report","zittingsrapport","HEARING_REPORT",        "case",     false, court_report, tell_sent,      NULL,           "het zittingsrapport", "the hearing report" },
	{ "court-report",  "rapport",       "COURT_REPORT",           "case",     false, court_report, tell_sent,      NULL,           "het rapport aan de rechtbank", "the report to the court" },
	{ "stop",          "einde",         "STOP",                   "case",     false, stop,         tell_sent,      NULL,           "de hulp is geëindigd", "help has ended" },
	{ "close",         "sluit",         "CLOSE",                  "case",     false, close_it,     tell_sent,      NULL,           "sluit de zaak", "close the case" },
	{ "send",          "stuur",         "",                       "case",     false, send_it,      tell_sent,      NULL,           "elke soort, met feiten als JSON", "any kind, facts as JSON" },
	{ 0 },
};
/* clang-format on */

const struct verb *
verb_at(size_t index)
{
	return index < sizeof(verbs) / sizeof(verbs[0]) &&
	    verbs[index].name != NULL ? &verbs[index] : NULL;
}

const struct verb *
verb_by_name(const char *name)
{
	const struct verb *verb;

	for (size_t i = 0; (verb = verb_at(i)) != NULL; i++)
		if (strcmp(name, verb->name) == 0 ||
		    strcmp(name, verb->dutch) == 0)
			return verb;
	return NULL;
}

static const struct option *
find(const struct option *options, const char *name)
{
	for (; options->name != NULL; options++)
		if (strcmp(options->name, name) == 0)
			return options;
	return NULL;
}

const struct option *
verb_option(const struct verb *verb, const char *name)
{
	const struct option *option = find(verb->options, name);

	if (option == NULL && verb->kind != NULL)
		option = find(sending_options, name);
	return option;
}
