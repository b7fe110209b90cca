/*
 * verbs.c - the tables. A new verb is a row here and, when it asks for
 * something new, a tell_ function.
 */
#include "agents/people/verbs.h"

#include <stddef.h>
#include <string.h>

#include "agents/people/options.h"
#include "agents/people/extract.h"
#include "agents/people/prove.h"
#include "agents/people/pseudonym.h"
#include "agents/people/tell.h"

/* clang-format off: the columns are the point */
const struct option sending_options[] = {
	/* name           place        path            type            must  codes  fixed  form */
	{ "case",         IN_REQUEST,  "case",         OF_TEXT,        MAY,  NULL,  NULL,  "ZAAK" },
	{ "reply-to",     IN_REQUEST,  "reply_to",     OF_TEXT,        MAY,  NULL,  NULL,  "KENMERK" },
	{ "to",           IN_REQUEST,  "to",           OF_NUMBERS,     MAY,  NULL,  NULL,  "DEELNEMER" },
	{ "date",         IN_REQUEST,  "event_date",   OF_DATE,        MAY,  NULL,  NULL,  "DATUM" },
	{ "on-behalf-of", IN_REQUEST,  "on_behalf_of", OF_NUMBER,      MAY,  NULL,  NULL,  "MEDEWERKER" },
	{ "wait",         IN_REQUEST,  "wait_ms",      OF_NUMBER,      MAY,  NULL,  NULL,  "MS" },
	{ "override",     IN_REQUEST,  "overrides",    OF_OVERRIDE,    MAY,  CODES(override_reason), NULL, "POORT=REDEN" },
	{ "text",         IN_SECTIONS, NULL,           OF_ANY_SECTION, MAY,  NULL,  NULL,  "ONDERDEEL=TEKST" },
	{ "section",      IN_SECTIONS, NULL,           OF_ANY_SECTION, MAY,  NULL,  NULL,  "ONDERDEEL=TEKST" },
	{ "informed",     IN_REQUEST,  "parents_informed.who",  OF_CODE, MAY, CODES(informed_who), NULL, "WIE" },
	{ "informed-on",  IN_REQUEST,  "parents_informed.date", OF_DATE, MAY, NULL, NULL, "DATUM" },
	{ "informed-how", IN_REQUEST,  "parents_informed.how",  OF_CODE, MAY, CODES(informed_how), NULL, "HOE" },
	{ "not-informed", IN_REQUEST,  "parents_informed.not_informed", OF_CODE, MAY, CODES(not_informed), NULL, "REDEN" },
	{ "withhold",     IN_REQUEST,  "marks",        OF_MARKS,       MAY,  NULL,  "withheld_from", "ONDERDEEL=HUISHOUDEN,.." },
	{ "address",      IN_REQUEST,  "marks",        OF_MARKS,       MAY,  NULL,  "address_of", "ONDERDEEL=HUISHOUDEN,.." },
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

static const struct option assign[] = {
	{ "person", IN_REQUEST, "person", OF_NUMBER, MAY, NULL, NULL, "MEDEWERKER" },
	{ "ref",    IN_REQUEST, "ref",    OF_TEXT,   MAY, NULL, NULL, "KENMERK" },
	{ 0 },
};

static const struct option hand_over[] = {
	{ "person",       IN_REQUEST, "person",       OF_NUMBER, MUST, NULL, NULL, "MEDEWERKER" },
	{ "note",         IN_REQUEST, "note",         OF_TEXT,   MAY,  NULL, NULL, "TEKST" },
	{ "all",          IN_REQUEST, "all",          OF_YES,    MAY,  NULL, NULL, NULL },
	{ "ref",          IN_REQUEST, "ref",          OF_TEXT,   MAY,  NULL, NULL, "KENMERK" },
	{ "on-behalf-of", IN_REQUEST, "on_behalf_of", OF_NUMBER, MAY,  NULL, NULL, "MEDEWERKER" },
	{ 0 },
};

static const struct option take[] = {
	{ "refuse", IN_REQUEST, "refuse", OF_YES,  MAY, NULL, NULL, NULL },
	{ "all",    IN_REQUEST, "all",    OF_YES,  MAY, NULL, NULL, NULL },
	{ "ref",    IN_REQUEST, "ref",    OF_TEXT, MAY, NULL, NULL, "KENMERK" },
	{ 0 },
};

static const struct option work[] = {
	{ "of", IN_REQUEST, "of", OF_TEXT, MAY, NULL, NULL, "mine|unassigned|all" },
	{ 0 },
};

static const struct option extract[] = {
	{ "case",         IN_REQUEST, "case",         OF_TEXT,   MUST, NULL, NULL, "ZAAK" },
	{ "parent",       IN_REQUEST, "parent",       OF_NUMBER, MUST, NULL, NULL, "NUMMER" },
	{ "on-request",   IN_REQUEST, "on_request",   OF_YES,    MAY,  NULL, NULL, NULL },
	{ "on-behalf-of", IN_REQUEST, "on_behalf_of", OF_NUMBER, MAY,  NULL, NULL, "MEDEWERKER" },
	{ "html",         IN_REQUEST, "html",         OF_YES,    MAY,  NULL, NULL, NULL },
	{ 0 },
};

static const struct verb verbs[] = {
	/* name                 Dutch                 kind                      operand     must   options                     tell            run            what for */
	{ "status",             "stand",              NULL,                     NULL,       false, options_nothing,            tell_status,    NULL,          "hoe staat het ervoor", "how things stand" },
	{ "inbox",              "postvak",            NULL,                     NULL,       false, inbox,                      tell_inbox,     NULL,          "wat is er binnengekomen, oudste eerst", "what came in, oldest first" },
	{ "show",               "toon",               NULL,                     "ref",      true,  options_nothing,            tell_message,   NULL,          "open een bericht", "open a message" },
	{ "case",               "zaak",               NULL,                     "case",     true,  options_nothing,            tell_case,      NULL,          "alles in een zaak", "all in a case" },
	{ "cases",              "zaken",              NULL,                     NULL,       false, options_nothing,            tell_cases,     NULL,          "alle zaken", "all cases" },
	{ "outbox",             "uit",                NULL,                     NULL,       false, options_nothing,            tell_outbox,    NULL,          "wat is er verstuurd", "what was sent" },
	{ "receipt",            "bewijs",             NULL,                     "ref",      true,  options_nothing,            tell_sent,      NULL,          "het ontvangstbewijs van een bericht", "the receipt of a message" },
	{ "prove",              "bewijs-regel",       NULL,                     "ref",      true,  prove,                      NULL,           prove_run,     "bewijs dat een bericht in het journaal staat", "proof that a message is in the journal" },
	{ "extract",            "uittreksel",         NULL,                     NULL,       false, extract,                    NULL,           extract_run,   "wat een ouder van een zaak mag lezen", "what a parent may read of a case" },
	{ "directory",          "adressen",           NULL,                     NULL,       false, directory,                  tell_directory, NULL,          "wie doet er mee", "who takes part" },
	{ "wait",               "wacht",              NULL,                     NULL,       false, wait_for,                   tell_wait,      NULL,          "wacht tot iets er is", "wait until something is there" },
	{ "work",               "werk",               NULL,                     NULL,       false, work,                       tell_work,      NULL,         "wat er te doen is, dringendste eerst", "what there is to do, most urgent first" },
	{ "assign",             "wijs-toe",           NULL,                     "case",     false, assign,                     tell_duty,      NULL,         "wie een zaak of bericht doet, anders uzelf", "who does a case or message, else yourself" },
	{ "hand-over",          "draag-over",         NULL,                     "case",     false, hand_over,                  tell_duty,      NULL,         "vraag een collega een zaak over te nemen", "ask a colleague to take a case over" },
	{ "take",               "neem-aan",           NULL,                     "case",     false, take,                       tell_duty,      NULL,         "neem aan wat u is overgedragen, of weiger", "take what was handed to you, or refuse" },
	{ "pseudonym",          "pseudoniem",         NULL,                     NULL,       false, pseudonym,                  NULL,           pseudonym_run, "pseudoniem van een BSN, dat op stdin staat", "pseudonym of a BSN on stdin" },

	{ "order",              "beschikking",        "COURT_ORDER",            NULL,       false, options_order,              tell_sent,      NULL,          "rechtbank: een kind naar de lokale toegang", "court: a child to its access team" },
	{ "triage",             "uitvraag",           "TRIAGE",                 "case",     false, options_triage,             tell_sent,      NULL,          "alle veertien leefgebieden", "all fourteen life domains" },
	{ "analysis",           "analyse",            "ANALYSIS",               "case",     false, options_analysis,           tell_sent,      NULL,          "brede verklarende analyse", "broad explanatory analysis" },
	{ "route",              "routebesluit",       "ROUTE_DECISION",         "case",     false, options_route,              tell_sent,      NULL,          "welke hulp, of geen", "which kind of help, or none" },
	{ "plan",               "gezinsplan",         "FAMILY_PLAN",            "case",     false, options_plan,               tell_sent,      NULL,          "doelen en wie instemt", "goals and who agrees" },
	{ "refer",              "verwijs",            "REFERRAL",               "case",     false, options_refer,              tell_sent,      NULL,          "bied een zaak aan", "offer a case to a provider" },
	{ "confirm",            "bevestig",           "RECEIPT_OF",             "reply_to", true,  options_nothing,            tell_sent,      NULL,          "wij hebben het", "we have it" },
	{ "accept",             "accepteer",          "ACCEPT",                 "case",     false, options_accept,             tell_sent,      NULL,          "neem een verwijzing aan", "accept a referral" },
	{ "decline",            "wijs-af",            "DECLINE",                "case",     false, options_decline,            tell_sent,      NULL,          "wijs een verwijzing af", "decline a referral" },
	{ "wait-place",         "wachtplek",          "WAIT_PLACE",             "case",     false, options_wait_place,         tell_sent,      NULL,          "aangenomen, later te beginnen", "accepted, to begin later" },
	{ "start",              "begin",              "START",                  "case",     false, options_start,              tell_sent,      NULL,          "de hulp is begonnen", "help has begun" },
	{ "report",             "voortgang",          "PROGRESS_REPORT",        "case",     false, options_report,             tell_sent,      NULL,          "hoe het gaat", "how it goes" },
	{ "hearing",            "zitting",            "HEARING_NOTICE",         "case",     false, options_hearing,            tell_sent,      NULL,          "rechtbank: er komt een zitting", "court: a hearing is coming" },
	{ "ask-report",         "vraag-rapport",      "HEARING_REPORT_REQUEST", "case",     false, options_ask_report,         tell_sent,      NULL,          "vraag de aanbieder een zittingsrapport", "ask the provider for a hearing report" },
	{ "hearing-report",     "zittingsrapport",    "HEARING_REPORT",         "case",     false, options_court_report,       tell_sent,      NULL,          "het zittingsrapport", "the hearing report" },
	{ "court-report",       "rapport",            "COURT_REPORT",           "case",     false, options_court_report,       tell_sent,      NULL,          "het rapport aan de rechtbank", "the report to the court" },
	{ "stop",               "einde",              "STOP",                   "case",     false, options_stop,               tell_sent,      NULL,          "de hulp is geëindigd", "help has ended" },
	{ "close",              "sluit",              "CLOSE",                  "case",     false, options_close,              tell_sent,      NULL,          "sluit de zaak", "close the case" },
	{ "request-access",     "aanmelding",         "ACCESS_REQUEST",         NULL,       false, options_request_access,     tell_sent,      NULL,          "meld een kind aan bij de lokale toegang", "bring a child to its access team" },
	{ "signal",             "signaal",            "SIGNAL",                 NULL,       false, options_signal,             tell_sent,      NULL,          "een zorg om een kind, zonder verwijzing", "a worry about a child, without a referral" },
	{ "request-assignment", "toewijzing",         "REQUEST_ASSIGNMENT",     NULL,       false, options_request_assignment, tell_sent,      NULL,          "aanbieder: een verwijzing kwam hier het eerst", "provider: a referral came here first" },
	{ "not-mine",           "niet-hier",          "NOT_MINE",               "case",     false, options_not_mine,           tell_sent,      NULL,          "het kind hoort bij een andere gemeente", "the child belongs to another municipality" },
	{ "take-over",          "neem-over",          "TRANSFER_TAKEN",         "case",     false, options_nothing,            tell_sent,      NULL,          "neem een zaak van een andere gemeente over", "take over a case of another municipality" },
	{ "withdraw",           "trek-in",            "WITHDRAW",               "case",     false, options_withdraw,           tell_sent,      NULL,          "trek een verwijzing in", "withdraw a referral" },
	{ "investigate",        "onderzoek",          "INVESTIGATE",            "case",     false, options_investigate,        tell_sent,      NULL,          "het antwoord op een verwijzing komt later", "the answer to a referral comes later" },
	{ "pause",              "onderbreek",         "PAUSE",                  "case",     false, options_pause,              tell_sent,      NULL,          "de hulp ligt stil", "help is interrupted" },
	{ "resume",             "hervat",             "RESUME",                 "case",     false, options_nothing,            tell_sent,      NULL,          "de hulp gaat door", "help goes on" },
	{ "change-request",     "wijziging",          "CHANGE_REQUEST",         "case",     false, options_change_request,     tell_sent,      NULL,          "aanbieder: vraag andere hulp", "provider: ask for other help" },
	{ "change-answer",      "antwoord-wijziging", "CHANGE_ANSWER",          "case",     false, options_change_answer,      tell_sent,      NULL,          "antwoord op een wijziging", "answer a change" },
	{ "contact-attempt",    "contactpoging",      "CONTACT_ATTEMPT",        "case",     false, options_contact_attempt,    tell_sent,      NULL,          "er is contact gezocht", "contact was sought" },
	{ "consult",            "raadpleeg",          "CONSULT",                "case",     false, options_consult,            tell_sent,      NULL,          "vraag een ander om mee te denken", "ask another to think along" },
	{ "consult-answer",     "meedenken",          "CONSULT_ANSWER",         "case",     false, options_nothing,            tell_sent,      NULL,          "antwoord op een vraag om mee te denken", "answer a question to think along" },
	{ "notice",             "betrokken",          "INVOLVEMENT_NOTICE",     "case",     false, options_notice,             tell_sent,      NULL,          "wie erbij komt of weggaat", "who joins or leaves" },
	{ "director",           "regie",              "DIRECTOR_CHANGE",        "case",     false, options_director,           tell_sent,      NULL,          "stel een regievoerder voor", "propose a director" },
	{ "director-accept",    "aanvaard-regie",     "DIRECTOR_ACCEPT",        "case",     false, options_director_accept,    tell_sent,      NULL,          "aanvaard de regie, of weiger", "take the direction, or refuse" },
	{ "crisis",             "crisismelding",      "CRISIS_ALERT",           "case",     false, options_crisis,             tell_sent,      NULL,          "gevaar: aan allen in de zaak", "danger: to all in the case" },
	{ "crisis-taken",       "crisis-opgepakt",    "CRISIS_TAKEN",           "case",     false, options_nothing,            tell_sent,      NULL,          "wij pakken de crisis op", "we take the crisis" },
	{ "crisis-review",      "crisis-terugblik",   "CRISIS_REVIEW",          "case",     false, options_crisis_review,      tell_sent,      NULL,          "terugblik na een crisis", "look back after a crisis" },
	{ "stuck",              "vastgelopen",        "STUCK",                  "case",     false, options_stuck,              tell_sent,      NULL,          "er is geen passende hulp", "no help fits" },
	{ "ret-request",        "vraag-expertteam",   "RET_REQUEST",            "case",     false, options_ret_request,        tell_sent,      NULL,          "vraag het regionaal expertteam", "ask the regional expert team" },
	{ "ret-advice",         "advies-expertteam",  "RET_ADVICE",             "case",     false, options_ret_advice,         tell_sent,      NULL,          "advies van het expertteam", "advice of the expert team" },
	{ "boeg-request",       "vraag-netwerk",      "BOEG_REQUEST",           "case",     false, options_boeg_request,       tell_sent,      NULL,          "vraag het expertisenetwerk", "ask the expertise network" },
	{ "boeg-advice",        "advies-netwerk",     "BOEG_ADVICE",            "case",     false, options_ret_advice,         tell_sent,      NULL,          "advies van het expertisenetwerk", "advice of the expertise network" },
	{ "conference",         "casusoverleg",       "CASE_CONFERENCE",        "case",     false, options_conference,         tell_sent,      NULL,          "casusoverleg met allen", "a case conference" },
	{ "ask",                "vraag",              "INFORMATION_REQUEST",    "case",     false, options_ask,                tell_sent,      NULL,          "vraag wat de zaak al heeft", "ask for what the case has" },
	{ "tell",               "antwoord",           "INFORMATION_ANSWER",     "case",     false, options_tell,               tell_sent,      NULL,          "antwoord op een vraag om informatie", "answer a question for information" },
	{ "person",             "persoon",            "PERSON_CHANGE",          "case",     false, options_person,             tell_sent,      NULL,          "gezag, huishouden of geheim adres van een persoon", "authority, household or secret address of a person" },
	{ "consent",            "toestemming",        "CONSENT_CHANGE",         "case",     false, options_consent,            tell_sent,      NULL,          "toestemming, of de intrekking ervan", "consent, or its withdrawal" },
	{ "consent-answer",     "antwoord-intrekking","CONSENT_ANSWER",         "case",     false, options_consent_answer,     tell_sent,      NULL,          "regievoerder: wat er na een intrekking gebeurt", "director: what happens after a withdrawal" },
	{ "lesson",             "les",                "LESSON",                 "case",     false, options_lesson,             tell_sent,      NULL,          "wat ervan te leren is", "what is to be learned" },
	{ "story",              "verhaal",            "STORY",                  "case",     false, options_story,              tell_sent,      NULL,          "een verhaal bij de cijfers", "a story beside the figures" },
	{ "feedback",           "terugkoppeling",     "FEEDBACK",               "case",     false, options_feedback,           tell_sent,      NULL,          "wat het gezin ervan vond", "what the family thought" },
	{ "unmet-need",         "onvervuld",          "UNMET_NEED",             "case",     false, options_unmet_need,         tell_sent,      NULL,          "er is geen passend aanbod", "no offering fits" },
	{ "link-person",        "koppel",             "LINK_PERSON",            "case",     false, options_link_person,        tell_sent,      NULL,          "een kind kreeg een nummer", "a child got a number" },
	{ "correct",            "corrigeer",          "CORRECTION",             "reply_to", true,  options_correct,            tell_sent,      NULL,          "zet een eigen bericht recht", "put one's own message right" },
	{ "extend-order",       "verleng",            "ORDER_EXTENDED",         "case",     false, options_extend_order,       tell_sent,      NULL,          "rechtbank: verleng de beschikking", "court: extend the order" },
	{ "withdraw-order",     "trek-beschikking-in", "ORDER_WITHDRAWN",       "case",     false, options_withdraw_order,     tell_sent,      NULL,          "rechtbank: trek de beschikking in", "court: withdraw the order" },
	{ "void",               "ten-onrechte",       "VOID",                   "case",     false, options_nothing,            tell_sent,      NULL,          "de zaak is ten onrechte geopend", "the case was opened in error" },
	{ "erasure-request",    "wisverzoek",         "ERASURE_REQUEST",        "case",     false, options_erasure_request,    tell_sent,      NULL,          "iemand vraagt zijn dossier te wissen", "a person asks to erase the dossier" },
	{ "erasure-answer",     "wisbesluit",         "ERASURE_ANSWER",         "case",     false, options_erasure_answer,     tell_sent,      NULL,          "het besluit op zo'n verzoek", "what was decided on that" },
	{ "erasure-done",       "wisverklaring",      "ERASURE_DONE",           "case",     false, options_erasure_done,       tell_sent,      NULL,          "wat met het eigen afschrift gebeurde", "what became of one's own copy" },
	{ "audit-look",         "inzage-journaal",    "AUDIT_LOOK",             NULL,       false, options_audit_look,         tell_sent,      NULL,          "toezicht: open regels van het journaal (schakel-audit look)", "auditor: open entries of the journal (schakel-audit look)" },

	{ "catalogue",          "catalogus",          "CATALOGUE_QUERY",        NULL,       false, options_catalogue,          tell_catalogue, NULL,          "welke hulp is er, en waarom", "which help there is, and why" },
	{ "waiting",            "wachtlijst",         "WAITING_QUERY",          NULL,       false, options_waiting,            tell_waiting,   NULL,          "wie er wacht, wie eerst komt, en waarom", "who waits, who comes first, and why" },
	{ "propose",            "stel-voor",          "OFFERING_PROPOSAL",      NULL,       false, options_propose,            tell_sent,      NULL,          "aanbieder: stel aanbod voor", "provider: propose an offering" },
	{ "decide-offering",    "besluit-aanbod",     "OFFERING_DECISION",      "reply_to", true,  options_decide_offering,    tell_sent,      NULL,          "besluit over voorgesteld aanbod", "decide on a proposed offering" },
	{ "capacity",           "capaciteit",         "CAPACITY_UPDATE",        NULL,       false, options_capacity,           tell_sent,      NULL,          "aanbieder: hoeveel plaatsen vrij zijn", "provider: how many places are free" },
	{ "side-taken",         "nevenroute",         "SIDE_TAKEN",             "case",     false, options_side_taken,         tell_sent,      NULL,          "iemand pakt een nevenroute op", "a side route has a taker" },

	{ "send",               "stuur",              "",                       "case",     false, options_send,               tell_sent,      NULL,          "elke soort, met feiten als JSON", "any kind, facts as JSON" },
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

bool
option_is_flag(const struct option *option)
{
	return option->type == OF_YES || option->type == OF_YES_ELSE_NO ||
	    option->type == OF_NO_ELSE_YES;
}

const struct option *
verb_option(const struct verb *verb, const char *name)
{
	const struct option *option = find(verb->options, name);

	if (option == NULL && verb->kind != NULL)
		option = find(sending_options, name);
	return option;
}
