/*
 * options.c - what the messages of the main line ask: a row an option.
 */
#include "agents/people/options.h"

#include <stddef.h>

/* clang-format off: the columns are the point */
const struct option options_order[] = {
	{ "municipality", IN_FACTS, "municipality",    OF_TEXT,   MUST, NULL,         NULL,           "CBS-CODE" },
	{ "child",        IN_FACTS, "persons",         OF_PERSON, MUST, NULL,         "CHILD",        "[VERSIE:]PSEUDONIEM[:DATUM]" },
	{ "parent",       IN_FACTS, "persons",         OF_PERSON, MAY,  NULL,         "PARENT",       "[VERSIE:]PSEUDONIEM:consent|no-consent" },
	{ "theme",        IN_FACTS, "theme",           OF_CODE,   MUST, CODES(theme), NULL,           "THEMA" },
	{ "goal",         IN_FACTS, "goals",           OF_GOAL,   MUST, NULL,         "SET_BY_COURT", "NUMMER:DATUM" },
	{ "hearing",      IN_FACTS, "hearing_date",    OF_DATE,   MAY,  NULL,         NULL,           "DATUM" },
	{ "reference",    IN_FACTS, "order_reference", OF_HEX,    MAY,  NULL,         NULL,           "HEX" },
	{ "date",         IN_REQUEST, "event_date",    OF_DATE,   MUST, NULL,         NULL,           "DATUM" },
	{ 0 },
};

const struct option options_triage[] = {
	{ "ground", IN_FACTS, "ground",            OF_CODE,   MUST, CODES(ground), NULL, "GROND" },
	{ "domain", IN_FACTS, "domains",           OF_DOMAIN, MAY,  NULL,          NULL, "LEEFGEBIED=ANTWOORD[:WIE]" },
	{ "others", IN_FACTS, "domains",           OF_OTHERS, MAY,  NULL,          NULL, "NO|NOT_KNOWN" },
	{ "risk",   IN_FACTS, "risk_of_worsening", OF_YES,    MAY,  NULL,          NULL, NULL },
	{ "underlying", IN_FACTS, "underlying",    OF_CODE,   MAY,  CODES(life_domain), NULL, "LEEFGEBIED" },
	{ 0 },
};

const struct option options_analysis[] = {
	{ "support",    IN_FACTS, "support",    OF_CODES,  MUST, CODES(life_domain), NULL, "LEEFGEBIED,.." },
	{ "authors",    IN_FACTS, "authors",    OF_NUMBER, MUST, NULL,               NULL, "AANTAL" },
	{ "hypotheses", IN_FACTS, "hypotheses", OF_NUMBER, MUST, NULL,               NULL, "AANTAL" },
	{ 0 },
};

const struct option options_route[] = {
	{ "main",               IN_FACTS, "main",               OF_CODE,  MUST, CODES(route), NULL, "ROUTE" },
	{ "side",               IN_FACTS, "side",               OF_CODES, MAY,  CODES(route), NULL, "ROUTE,.." },
	{ "local-insufficient", IN_FACTS, "local_insufficient", OF_YES,   MAY,  NULL,         NULL, NULL },
	{ "local-reason",       IN_FACTS, "local_insufficient_reason", OF_CODE, MAY, CODES(local_reason), NULL, "REDEN" },
	{ "needed",             IN_FACTS, "consideration.needed",      OF_CODES, MAY, CODES(life_domain), NULL, "LEEFGEBIED,.." },
	{ "problems",           IN_FACTS, "consideration.problems",    OF_CODES, MAY, CODES(problem_owner), NULL, "WIE,.." },
	{ "systemic",           IN_FACTS, "consideration.systemic",    OF_YES_NO, MAY, NULL,         NULL, "YES|NO" },
	{ "moment",             IN_FACTS, "consideration.moment",      OF_DAY,  MAY, NULL,          NULL, "DATUM" },
	{ "adult-help",         IN_FACTS, "consideration.adult_help",  OF_CODE,  MAY, CODES(answer), NULL, "ANTWOORD" },
	{ "wlz-checked",        IN_FACTS, "consideration.wlz_checked", OF_YES,   MAY, NULL,          NULL, NULL },
	{ "principles",         IN_FACTS, "principles",         OF_CODES, MAY,  CODES(principle), NULL, "UITGANGSPUNT,.." },
	{ 0 },
};

const struct option options_plan[] = {
	{ "goal",   IN_FACTS, "goals",  OF_GOAL,  MAY,  NULL,              "SET_BY_ACCESS", "NUMMER:DATUM[:VAN-WIE[:VOOR-WIE]]" },
	{ "agreed", IN_FACTS, "agreed", OF_CODES, MUST, CODES(plan_party), NULL,            "WIE,.." },
	{ "waiver", IN_FACTS, "waiver", OF_YES,   MAY,  NULL,              NULL,            NULL },
	{ "joins",  IN_FACTS, "joins",  OF_CASE,  MAY,  NULL,              NULL,            "ZAAK" },
	{ "tailor-made", IN_FACTS, "tailor_made", OF_YES, MAY, NULL,       NULL,            NULL },
	{ "informal",    IN_FACTS, "informal",    OF_CODES, MAY, CODES(informal), NULL,     "WIE,.." },
	{ "good-enough", IN_FACTS, "good_enough", OF_YES, MAY, NULL,       NULL,            NULL },
	{ 0 },
};

const struct option options_refer[] = {
	{ "to",       IN_REQUEST, "to",          OF_NUMBERS, MUST, NULL, NULL, "DEELNEMER" },
	{ "offering", IN_FACTS,   "offering",    OF_TEXT,    MUST, NULL, NULL, "AANBOD" },
	{ "wanted",   IN_FACTS,   "wanted_date", OF_DATE,    MAY,  NULL, NULL, "DATUM" },
	{ "alternatives", IN_FACTS, "alternatives", OF_CODES, MAY, CODES(place), NULL, "PLEK,.." },
	{ "safety-view",  IN_FACTS, "safety_view",  OF_YES,   MAY, NULL, NULL, NULL },
	{ "skipped",      IN_FACTS, "skipped",      OF_CODE,  MAY, CODES(override_reason), NULL, "REDEN" },
	{ "wider",        IN_FACTS, "wider",        OF_CODE,  MAY, CODES(local_reason), NULL, "REDEN" },
	{ "age",          IN_FACTS, "age",          OF_NUMBER, MAY, NULL, NULL, "JAREN" },
	{ "match",        IN_FACTS, "match",        OF_REF,   MAY, NULL, NULL, "KENMERK" },
	{ "follows",      IN_FACTS, "follows",      OF_REF,   MAY, NULL, NULL, "KENMERK" },
	{ 0 },
};

const struct option options_accept[] = {
	{ "intake", IN_FACTS, "intake_date", OF_DATE, MUST, NULL, NULL, "DATUM" },
	{ 0 },
};

const struct option options_decline[] = {
	{ "reason", IN_FACTS, "reason", OF_CODE, MUST, CODES(decline_reason), NULL, "REDEN" },
	{ "contribution", IN_FACTS, "contribution", OF_CODE, MAY, CODES(contribution), NULL, "BIJDRAGE" },
	{ "offering",     IN_FACTS, "offering",     OF_TEXT, MAY, NULL, NULL, "AANBOD" },
	{ 0 },
};

const struct option options_wait_place[] = {
	{ "expected", IN_FACTS, "expected_date", OF_DATE, MUST, NULL, NULL, "DATUM" },
	{ "bridge",   IN_FACTS, "bridge_help",   OF_YES,  MUST, NULL, NULL, NULL },
	{ "bridge-by", IN_FACTS, "bridge",       OF_CODE, MAY, CODES(bridge_help), NULL, "WIE" },
	{ 0 },
};

const struct option options_nothing[] = {
	{ 0 },
};

const struct option options_start[] = {
	{ "unplanned-move", IN_FACTS, "unplanned_move", OF_YES, MAY, NULL, NULL, NULL },
	{ "until",          IN_FACTS, "until_date",     OF_DATE, MAY, NULL, NULL, "DATUM" },
	{ 0 },
};

const struct option options_report[] = {
	{ "goal-status", IN_FACTS, "goals", OF_GOAL_STATE, MAY, CODES(goal_status), NULL, "NUMMER=STAND" },
	{ 0 },
};

const struct option options_hearing[] = {
	{ "hearing", IN_FACTS, "hearing_date", OF_DATE, MUST, NULL, NULL, "DATUM" },
	{ 0 },
};

const struct option options_ask_report[] = {
	{ "due", IN_FACTS, "due_date", OF_DATE, MUST, NULL, NULL, "DATUM" },
	{ 0 },
};

const struct option options_court_report[] = {
	{ "goal-status", IN_FACTS, "goals",    OF_GOAL_STATE, MUST, CODES(goal_status), NULL, "NUMMER=STAND" },
	{ "advice",      IN_FACTS, "advice",   OF_CODE,       MUST, CODES(advice),      NULL, "ADVIES" },
	{ "offering",    IN_FACTS, "offering", OF_TEXT,       MAY,  NULL,               NULL, "AANBOD" },
	{ 0 },
};

const struct option options_stop[] = {
	{ "reason",      IN_FACTS, "reason", OF_CODE,       MUST, CODES(end_reason),  NULL, "REDEN" },
	{ "goal-status", IN_FACTS, "goals",  OF_GOAL_STATE, MAY,  CODES(goal_status), NULL, "NUMMER=STAND" },
	{ 0 },
};

const struct option options_close[] = {
	{ "network", IN_FACTS, "handed_to_network", OF_YES, MAY, NULL, NULL, NULL },
	{ 0 },
};

const struct option options_send[] = {
	{ "kind",  IN_REQUEST, "kind",  OF_CODE,  MUST, CODES(kind), NULL, "SOORT" },
	{ "facts", IN_FACTS,   NULL,    OF_FACTS, MAY,  NULL,        NULL, "JSON" },
	{ 0 },
};
/* clang-format on */
