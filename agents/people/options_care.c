/*
 * options_care.c - what the messages beside the main line ask: entry,
 * transfer, change, direction, crisis, escalation, learning.
 */
#include "agents/people/options.h"

#include <stddef.h>

/* clang-format off: the columns are the point */
#define WHOSE \
	{ "municipality", IN_FACTS, "municipality", OF_TEXT,   MUST, NULL, NULL,     "CBS-CODE" }, \
	{ "child",        IN_FACTS, "persons",      OF_PERSON, MUST, NULL, "CHILD",  "[VERSIE:]PSEUDONIEM[:DATUM]" }, \
	{ "parent",       IN_FACTS, "persons",      OF_PERSON, MAY,  NULL, "PARENT", "[VERSIE:]PSEUDONIEM:consent|no-consent" }

const struct option options_request_access[] = {
	WHOSE,
	{ "ground", IN_FACTS, "ground", OF_CODE, MUST, CODES(ground), NULL, "GROND" },
	{ "theme",  IN_FACTS, "theme",  OF_CODE, MUST, CODES(theme),  NULL, "THEMA" },
	{ 0 },
};

const struct option options_signal[] = {
	WHOSE,
	{ "ground", IN_FACTS, "ground", OF_CODE, MUST, CODES(ground), NULL, "GROND" },
	{ 0 },
};

const struct option options_request_assignment[] = {
	WHOSE,
	{ "referrer", IN_FACTS, "referrer", OF_CODE, MUST, CODES(referrer), NULL, "VERWIJZER" },
	{ "offering", IN_FACTS, "offering", OF_TEXT, MUST, NULL,            NULL, "AANBOD" },
	{ 0 },
};

const struct option options_not_mine[] = {
	{ "municipality", IN_FACTS, "municipality", OF_TEXT, MUST, NULL, NULL, "CBS-CODE" },
	{ 0 },
};

const struct option options_extend_order[] = {
	{ "hearing", IN_FACTS,   "hearing_date", OF_DATE, MUST, NULL, NULL,           "DATUM" },
	{ "goal",    IN_FACTS,   "goals",        OF_GOAL, MAY,  NULL, "SET_BY_COURT", "NUMMER:DATUM" },
	{ "date",    IN_REQUEST, "event_date",   OF_DATE, MUST, NULL, NULL,           "DATUM" },
	{ 0 },
};

const struct option options_withdraw_order[] = {
	{ "help-ends", IN_FACTS,   "help_may_go_on", OF_NO_ELSE_YES, MAY,  NULL, NULL, NULL },
	{ "date",      IN_REQUEST, "event_date",     OF_DATE,        MUST, NULL, NULL, "DATUM" },
	{ 0 },
};

const struct option options_withdraw[] = {
	{ "to",     IN_REQUEST, "to",     OF_NUMBERS, MAY,  NULL,              NULL, "DEELNEMER" },
	{ "reason", IN_FACTS,   "reason", OF_CODE,    MUST, CODES(end_reason), NULL, "REDEN" },
	{ 0 },
};

const struct option options_pause[] = {
	{ "expected", IN_FACTS, "expected_date", OF_DATE, MUST, NULL, NULL, "DATUM" },
	{ 0 },
};

const struct option options_change_request[] = {
	{ "wanted-change", IN_FACTS, "wanted",      OF_CODE, MUST, CODES(change_wanted), NULL, "WIJZIGING" },
	{ "offering",      IN_FACTS, "offering",    OF_TEXT, MAY,  NULL,                 NULL, "AANBOD" },
	{ "wanted",        IN_FACTS, "wanted_date", OF_DATE, MAY,  NULL,                 NULL, "DATUM" },
	{ 0 },
};

const struct option options_change_answer[] = {
	{ "verdict", IN_FACTS, "verdict", OF_CODE, MUST, CODES(change_verdict), NULL, "BESLUIT" },
	{ 0 },
};

const struct option options_investigate[] = {
	{ "until", IN_FACTS, "until_date", OF_DATE, MUST, NULL, NULL, "DATUM" },
	{ 0 },
};

const struct option options_notice[] = {
	{ "participant", IN_FACTS, "participant", OF_NUMBER,      MUST, NULL, NULL, "DEELNEMER" },
	{ "left",        IN_FACTS, "left",        OF_YES_ELSE_NO, MAY,  NULL, NULL, NULL },
	{ 0 },
};

const struct option options_director[] = {
	{ "director", IN_FACTS, "director", OF_NUMBER, MUST, NULL, NULL, "DEELNEMER" },
	{ 0 },
};

const struct option options_director_accept[] = {
	{ "refuse", IN_FACTS, "accepted", OF_NO_ELSE_YES, MAY, NULL, NULL, NULL },
	{ 0 },
};

const struct option options_consult[] = {
	{ "to", IN_REQUEST, "to", OF_NUMBERS, MUST, NULL, NULL, "DEELNEMER" },
	{ 0 },
};

const struct option options_ret_request[] = {
	{ "to",     IN_REQUEST, "to",     OF_NUMBERS, MUST, NULL,                NULL, "EXPERTTEAM" },
	{ "reason", IN_FACTS,   "reason", OF_CODE,    MUST, CODES(stuck_reason), NULL, "REDEN" },
	{ 0 },
};

const struct option options_stuck[] = {
	{ "reason", IN_FACTS, "reason", OF_CODE, MUST, CODES(stuck_reason), NULL, "REDEN" },
	{ 0 },
};

const struct option options_ret_advice[] = {
	{ "tailor-made", IN_FACTS, "tailor_made_plan", OF_YES_ELSE_NO, MAY, NULL, NULL, NULL },
	{ "closed",      IN_FACTS, "closed_placement", OF_YES_ELSE_NO, MAY, NULL, NULL, NULL },
	{ 0 },
};

const struct option options_boeg_request[] = {
	{ "to",     IN_REQUEST, "to",             OF_NUMBERS,     MUST, NULL, NULL, "NETWERK" },
	{ "failed", IN_FACTS,   "follow_up_failed", OF_YES_ELSE_NO, MAY, NULL, NULL, NULL },
	{ 0 },
};

const struct option options_ask[] = {
	{ "sections", IN_FACTS, "sections", OF_CODES, MAY, CODES(section), NULL, "ONDERDEEL,.." },
	{ "records",  IN_FACTS, "records",  OF_CODES, MAY, CODES(kind),    NULL, "SOORT,.." },
	{ 0 },
};

const struct option options_tell[] = {
	{ "withheld", IN_FACTS, "withheld", OF_YES, MAY, NULL, NULL, NULL },
	{ 0 },
};

const struct option options_waiting[] = {
	{ "cases", IN_FACTS, "cases", OF_REFS, MAY, NULL, NULL, "KENMERK,.." },
	{ 0 },
};

const struct option options_lesson[] = {
	{ "themes", IN_FACTS, "themes", OF_CODES, MUST, CODES(lesson_theme), NULL, "THEMA,.." },
	{ 0 },
};

const struct option options_story[] = {
	{ "teller", IN_FACTS, "teller", OF_CODE, MUST, CODES(story_teller), NULL, "WIE" },
	{ 0 },
};

const struct option options_feedback[] = {
	{ "teller", IN_FACTS, "teller", OF_CODE,   MUST, CODES(story_teller), NULL, "WIE" },
	{ "score",  IN_FACTS, "score",  OF_NUMBER, MAY,  NULL,                NULL, "1-5" },
	{ 0 },
};

const struct option options_correct[] = {
	{ "removed",     IN_FACTS, "removed",    OF_YES_ELSE_NO, MAY, NULL,               NULL, NULL },
	{ "right-date",  IN_FACTS, "right_date", OF_DATE,        MAY, NULL,               NULL, "DATUM" },
	{ "goal-status", IN_FACTS, "goals",      OF_GOAL_STATE,  MAY, CODES(goal_status), NULL, "NUMMER=STAND" },
	{ "right-reason", IN_FACTS, "right_reason", OF_CODE,     MAY, CODES(decline_reason), NULL, "REDEN" },
	{ 0 },
};

const struct option options_link_person[] = {
	{ "former", IN_FACTS, "former", OF_HEX,        MUST, NULL, NULL, "PSEUDONIEM" },
	{ "person", IN_FACTS, "person", OF_ONE_PERSON, MUST, NULL, NULL, "CHILD|PARENT:[VERSIE:]PSEUDONIEM" },
	{ 0 },
};

const struct option options_unmet_need[] = {
	{ "domain", IN_FACTS, "domain", OF_CODE, MUST, CODES(life_domain),  NULL, "LEEFGEBIED" },
	{ "place",  IN_FACTS, "place",  OF_CODE, MAY,  CODES(place),        NULL, "PLEK" },
	{ "reason", IN_FACTS, "reason", OF_CODE, MAY,  CODES(local_reason), NULL, "REDEN" },
	{ 0 },
};

const struct option options_erasure_request[] = {
	{ "ground",    IN_FACTS, "ground",         OF_CODE, MUST, CODES(erasure_ground), NULL, "GROND" },
	{ "requested", IN_FACTS, "requested_date", OF_DATE, MUST, NULL,                  NULL, "DATUM" },
	{ 0 },
};

const struct option options_erasure_answer[] = {
	{ "refuse",  IN_FACTS, "granted", OF_NO_ELSE_YES, MAY, NULL,                   NULL, NULL },
	{ "refusal", IN_FACTS, "refusal", OF_CODE,        MAY, CODES(erasure_refusal), NULL, "GROND" },
	{ "statute", IN_FACTS, "statute", OF_TEXT,        MAY, NULL,                   NULL, "WETSARTIKEL" },
	{ 0 },
};

const struct option options_erasure_done[] = {
	{ "said", IN_FACTS, "said", OF_CODE, MUST, CODES(erasure_said), NULL, "VERKLARING" },
	{ 0 },
};

const struct option options_audit_look[] = {
	{ "from",    IN_FACTS, "from",    OF_NUMBER, MUST, NULL,               NULL, "REGEL" },
	{ "count",   IN_FACTS, "count",   OF_NUMBER, MUST, NULL,               NULL, "AANTAL" },
	{ "ground",  IN_FACTS, "ground",  OF_CODE,   MUST, CODES(look_ground), NULL, "GROND" },
	{ "dossier", IN_FACTS, "dossier", OF_TEXT,   MUST, NULL,               NULL, "NUMMER" },
	{ 0 },
};

const struct option options_crisis[] = {
	{ "crisis", IN_FACTS, "crisis", OF_CODE, MUST, CODES(crisis_kind), NULL, "CRISIS" },
	{ 0 },
};

const struct option options_crisis_review[] = {
	{ "over", IN_FACTS, "over", OF_YES_ELSE_NO, MAY, NULL, NULL, NULL },
	{ 0 },
};

const struct option options_contact_attempt[] = {
	{ "date",    IN_FACTS, "date",    OF_DATE,        MUST, NULL, NULL, "DATUM" },
	{ "reached", IN_FACTS, "reached", OF_YES_ELSE_NO, MAY,  NULL, NULL, NULL },
	{ 0 },
};

const struct option options_conference[] = {
	{ "parties", IN_FACTS, "parties", OF_NUMBER,      MUST, NULL, NULL, "AANTAL" },
	{ "parents", IN_FACTS, "parents", OF_YES_ELSE_NO, MAY,  NULL, NULL, NULL },
	{ 0 },
};

const struct option options_person[] = {
	{ "person",           IN_FACTS, "pseudonym",        OF_HEX,    MUST, NULL,                    NULL, "PSEUDONIEM" },
	{ "authority",        IN_FACTS, "authority",        OF_CODE,   MAY,  CODES(authority),        NULL, "GEZAG" },
	{ "authority-ground", IN_FACTS, "authority_ground", OF_CODE,   MAY,  CODES(authority_ground), NULL, "GROND" },
	{ "household",        IN_FACTS, "household",        OF_NUMBER, MAY,  NULL,                    NULL, "HUISHOUDEN" },
	{ "secret-address",   IN_FACTS, "secret_address",   OF_YES_NO, MAY,  NULL,                    NULL, "YES|NO" },
	{ "expected",         IN_FACTS, "expected_birth_date", OF_DATE, MAY, NULL,                    NULL, "DATUM" },
	{ "born",             IN_FACTS, "birth_date",       OF_DATE,   MAY,  NULL,                    NULL, "DATUM" },
	{ 0 },
};

const struct option options_consent[] = {
	{ "person",   IN_FACTS, "pseudonym", OF_HEX,   MUST, NULL,                   NULL, "PSEUDONIEM" },
	{ "purposes", IN_FACTS, "purposes",  OF_CODES, MUST, CODES(consent_purpose), NULL, "DOEL,.." },
	{ "state",    IN_FACTS, "state",     OF_CODE,  MUST, CODES(consent_state),   NULL, "TOESTEMMING" },
	{ "ground",   IN_FACTS, "ground",    OF_CODE,  MAY,  CODES(consent_ground),  NULL, "GROND" },
	{ 0 },
};

const struct option options_consent_answer[] = {
	{ "verdict", IN_FACTS, "verdict", OF_CODE, MUST, CODES(consent_verdict), NULL, "BESLUIT" },
	{ "ground",  IN_FACTS, "ground",  OF_CODE, MAY,  CODES(consent_ground),  NULL, "GROND" },
	{ 0 },
};
/* clang-format on */
