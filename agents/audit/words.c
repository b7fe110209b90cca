#include "agents/audit/words.h"

#include "proto/charter.h"

/* clang-format off: the columns are the point */
#define D(name) SK__DEADLINE_KIND__##name
static const struct word deadlines[] = {
	{ D(ORDER_START), "start hulp na beschikking", "help begins after the order" },
	{ D(TRIAGE_DUE), "brede uitvraag", "triage" },
	{ D(ANSWER_DUE), "antwoord op aanbod", "answer to the offer" },
	{ D(RECEIPT_DUE), "ontvangstbevestiging", "receipt" },
	{ D(HEARING_REPORT_DUE), "zittingsrapport", "hearing report" },
	{ D(COURT_REPORT_DUE), "rapport aan de rechtbank", "court report" },
	{ D(DELIVERY_DUE), "ophalen uit postvak", "fetching from the mailbox" },
	{ D(ANALYSIS_DUE), "uitgestelde analyse", "postponed analysis" },
	{ D(CRISIS_ANSWER_DUE), "bevestiging van crisismelding", "receipt of the crisis alert" },
	{ D(CRISIS_OWNER_DUE), "crisis oppakken", "taking up the crisis" },
	{ D(CRISIS_REVIEW_DUE), "terugblik op crisis", "looking back on the crisis" },
	{ D(RELOOK_DUE), "herbeoordeling van wachtende", "another look at who waits" },
	{ D(STUCK_DUE), "vastgelopen zaak", "a case that is stuck" },
	{ D(RET_ADVICE_DUE), "advies van het expertteam", "advice of the expert team" },
	{ D(BOEG_ADVICE_DUE), "advies van het expertisenetwerk", "advice of the expertise network" },
	{ D(TRANSFER_DUE), "overname door andere gemeente", "taking over by another municipality" },
	{ D(DIRECTOR_DUE), "aanvaarding van de regie", "accepting the direction" },
	{ D(CHANGE_ANSWER_DUE), "antwoord op wijzigingsverzoek", "answer to a request for change" },
	{ D(CONSULT_DUE), "antwoord op consultatie", "answer to a consultation" },
	{ D(INVOLVEMENT_DUE), "melding van betrokkenheid", "notice of involvement" },
	{ D(ERASURE_ANSWER_DUE), "antwoord op wisverzoek", "answer to a request to erase" },
	{ D(RETENTION_DUE), "einde van het bewaren", "end of retention" },
	{ D(ASSIGNMENT_DUE), "antwoord op verzoek om toewijzing", "answer to a request for assignment" },
	{ D(REVIEW_DUE), "evaluatie van de hulp", "review of the help" },
	{ D(FAMILY_WARNING), "samenloop van hulp in het gezin", "help that runs together in the family" },
	{ D(INFORMATION_DUE), "antwoord op vraag om informatie", "answer to a question of what is known" },
	{ D(BIRTH_DUE), "geboorte van het verwachte kind", "birth of the expected child" },
	{ D(CONSENT_DUE), "antwoord op intrekking van toestemming", "answer to consent taken back" },
	{ 0, NULL, NULL },
};
#undef D
#define N(name) SK__NOTICE_KIND__##name
static const struct word notices[] = {
	{ N(DEADLINE_WARNING), "waarschuwing", "warning" },
	{ N(DEADLINE_BREACH), "termijn overschreden", "deadline passed" },
	{ N(UNDELIVERABLE), "niet opgehaald", "not fetched" },
	{ N(OFFER_EXPIRED), "aanbod verlopen", "offer expired" },
	{ N(RELOOK), "kijk opnieuw naar wie wacht", "look again at who waits" },
	{ N(ERASE), "de zaak is gewist, doe hetzelfde", "the case is erased, do the same" },
	{ N(PROPOSE_RET), "voorstel: schakel het expertteam in", "proposal: call the expert team" },
	{ N(REVIEW), "kijk samen terug en vooruit", "look back and ahead together" },
	{ N(NEXT_PARTNER), "volgende kernpartner", "next core partner" },
	{ N(PARALLEL_HELP), "een ander helpt dit kind al", "another helps this child already" },
	{ N(HELP_HOPS), "eerdere hulp aan dit kind mislukte pas", "earlier help of this child failed not long ago" },
	{ N(SETTLED), "bericht van voor het herstel is afgehandeld", "message of before the restore was settled" },
	{ N(MUNICIPALITY_MERGED), "gemeente is opgegaan in een andere", "municipality was merged into another" },
	{ 0, NULL, NULL },
};
#undef N
#define H(name) SK__HANDOFF_STATUS__##name
static const struct word handoffs[] = {
	{ H(OFFER_OPEN), "aangeboden", "offered" },
	{ H(OFFER_ACCEPTED), "aanvaard", "accepted" },
	{ H(OFFER_DECLINED), "afgewezen", "declined" },
	{ H(OFFER_LAPSED), "vervallen", "lapsed" },
	{ H(HELP_WAITING), "wachtplek", "waiting place" },
	{ H(HELP_STARTED), "hulp gestart", "help started" },
	{ H(HELP_ENDED), "hulp geëindigd", "help ended" },
	{ H(HELP_PAUSED), "hulp onderbroken", "help paused" },
	{ H(OFFER_WITHDRAWN), "ingetrokken", "withdrawn" },
	{ 0, NULL, NULL },
};
#undef H
#define G(name) SK__ERASURE_GROUND__##name
static const struct word grounds[] = {
	{ G(DESTRUCTION_REQUESTED), "vernietiging op verzoek (Jeugdwet 7.3.9)", "destruction on request" },
	{ G(RIGHT_TO_ERASURE), "recht op gegevenswissing (AVG art. 17)", "right to erasure (GDPR art. 17)" },
	{ G(RETENTION_ENDED), "einde van de bewaartermijn", "end of the retention term" },
	{ G(ENTERED_IN_ERROR), "ten onrechte ingevoerd", "entered in error" },
	{ 0, NULL, NULL },
};
#undef G
static const struct word said[] = {
	{ SK__ERASURE_SAID__COPY_ERASED, "afschrift gewist", "copy erased" },
	{ SK__ERASURE_SAID__OWN_DOSSIER_KEPT, "eigen dossier blijft bewaard", "keeps a dossier of its own" },
	{ 0, NULL, NULL },
};
static const struct word crises[] = {
	{ SK__CRISIS__CRISIS_NONE, "geen crisis", "no crisis" },
	{ SK__CRISIS__CRISIS_OPEN, "crisis gemeld", "crisis open" },
	{ SK__CRISIS__CRISIS_OWNED, "crisis opgepakt", "crisis taken up" },
	{ SK__CRISIS__CRISIS_OVER, "crisis voorbij", "crisis over" },
	{ 0, NULL, NULL },
};
static const struct word escalations[] = {
	{ SK__ESCALATION__NOT_ESCALATED, "niet opgeschaald", "not escalated" },
	{ SK__ESCALATION__CASE_STUCK, "vastgelopen", "stuck" },
	{ SK__ESCALATION__RET_ASKED, "expertteam gevraagd", "expert team asked" },
	{ SK__ESCALATION__RET_ADVISED, "expertteam adviseerde", "expert team advised" },
	{ SK__ESCALATION__BOEG_ASKED, "expertisenetwerk gevraagd", "expertise network asked" },
	{ SK__ESCALATION__BOEG_ADVISED, "expertisenetwerk adviseerde", "expertise network advised" },
	{ 0, NULL, NULL },
};
static const struct word overrides[] = {
	{ SK__OVERRIDE_REASON__URGENT, "spoed", "urgent" },
	{ SK__OVERRIDE_REASON__TAILOR_MADE, "maatwerk", "tailor-made" },
	{ SK__OVERRIDE_REASON__FAMILY_WISH, "wens van het gezin", "wish of the family" },
	{ SK__OVERRIDE_REASON__PROFESSIONAL_JUDGEMENT, "professioneel oordeel", "professional judgement" },
	{ SK__OVERRIDE_REASON__KNOWN_ELSEWHERE, "elders al bekend", "known elsewhere" },
	{ 0, NULL, NULL },
};
static const struct word catalogue[] = {
	{ SK__CATALOGUE_STEP__OFFERING_PROPOSED, "voorgesteld", "proposed" },
	{ SK__CATALOGUE_STEP__OFFERING_ACCEPTED, "opgenomen", "accepted" },
	{ SK__CATALOGUE_STEP__OFFERING_REFUSED, "niet of niet meer opgenomen", "not accepted, or no longer" },
	{ SK__CATALOGUE_STEP__CAPACITY_TOLD, "plekken gemeld", "places told" },
	{ 0, NULL, NULL },
};
static const struct word unmet[] = {
	{ SK__UNMET_REASON__NOTHING_FOUND, "niets gevonden", "nothing found" },
	{ SK__UNMET_REASON__NO_PLACE_FREE, "geen plek vrij", "no place free" },
	{ SK__UNMET_REASON__ONLY_UNWANTED, "alleen wat niet gewenst is", "only what is not wanted" },
	{ 0, NULL, NULL },
};
static const struct word levels[] = {
	{ SK__LEVEL__LIGHT, "licht", "light" },
	{ SK__LEVEL__AMBULANT, "ambulant", "ambulant" },
	{ SK__LEVEL__SPECIALIST, "specialistisch", "specialist" },
	{ SK__LEVEL__RESIDENTIAL, "verblijf", "residential" },
	{ SK__LEVEL__COMPULSORY_LEVEL, "gedwongen", "compulsory" },
	{ 0, NULL, NULL },
};
static const struct word warnings[] = {
	{ SK__WARNING__HELPS_THE_CHILD_ALONE, "de doelen helpen alleen het kind", "the goals help the child alone" },
	{ SK__WARNING__OWNED_BY_PROFESSIONALS, "geen doel is van het gezin zelf", "no goal is the family's own" },
	{ SK__WARNING__GOOD_ENOUGH_NOT_NAMED, "geen plan zegt wanneer het goed genoeg is", "no plan says when it is good enough" },
	{ 0, NULL, NULL },
};
static const struct word statements[] = {
	{ STATEMENT_ENROL, "inschrijving", "enrolment" },
	{ STATEMENT_ROTATE, "nieuwe sleutels", "new keys" },
	{ STATEMENT_REVOKE, "intrekking", "revocation" },
	{ STATEMENT_BROKER, "nieuwe sleutels van de broker", "new keys of the broker" },
	{ CHARTER_OPERATORS, "andere beheerders", "other operators" },
	{ CHARTER_REGION, "nieuwe sleutel van de regio", "new enrolment key" },
	{ 0, NULL, NULL },
};
static const struct word broker_reasons[] = {
	{ BROKER_PLANNED, "gepland", "planned" },
	{ BROKER_LOST, "sleutel verloren", "key lost" },
	{ BROKER_STOLEN, "sleutel gestolen", "key stolen" },
	{ 0, NULL, NULL },
};

const struct words words_lists[WORDS_LISTS] = {
	[WORDS_DEADLINE] = { &sk__deadline_kind__descriptor, 0, 0, deadlines },
	[WORDS_NOTICE] = { &sk__notice_kind__descriptor, 0, 0, notices },
	[WORDS_HANDOFF] = { &sk__handoff_status__descriptor, 0, 0, handoffs },
	[WORDS_GROUND] = { &sk__erasure_ground__descriptor, 0, 0, grounds },
	[WORDS_SAID] = { &sk__erasure_said__descriptor, 0, 0, said },
	[WORDS_CRISIS] = { &sk__crisis__descriptor, 0, 0, crises },
	[WORDS_ESCALATION] = { &sk__escalation__descriptor, 0, 0, escalations },
	[WORDS_OVERRIDE] = { &sk__override_reason__descriptor, 0, 0, overrides },
	[WORDS_CATALOGUE] = { &sk__catalogue_step__descriptor, 0, 0, catalogue },
	[WORDS_UNMET] = { &sk__unmet_reason__descriptor, 0, 0, unmet },
	[WORDS_LEVEL] = { &sk__level__descriptor, 0, 0, levels },
	[WORDS_WARNING] = { &sk__warning__descriptor, 0, 0, warnings },
	[WORDS_STATEMENT] = { NULL, STATEMENT_ENROL, CHARTER_REGION, statements },
	[WORDS_BROKER_REASON] = { NULL, BROKER_PLANNED, BROKER_STOLEN, broker_reasons },
};

#define APART(field, nl, en) { field, TELL_APART, 0, nl, en }
static const struct effect_words effects[] = {
	APART(1, "zaak", "case"),
	APART(2, "opent de zaak", "opens the case"),
	APART(3, "stand", "state"),
	APART(4, "eigenaar", "owner"),
	APART(5, "regie", "director"),
	APART(6, "rechtbank", "court"),
	{ 7, TELL_DATE, 0, "zitting", "hearing" },
	{ 8, TELL_DATE, 0, "brede uitvraag gedaan", "triage done" },
	{ 9, TELL_DATE, 0, "verklarende analyse gedaan", "analysis done" },
	{ 10, TELL_DATE, 0, "gezinsplan", "family plan" },
	{ 11, TELL_DATE, 0, "rapport gevraagd tegen", "report asked by" },
	{ 12, TELL_MARK, 0, "verzoek om rapport staat open", "request for a report stands" },
	{ 13, TELL_DATE, 0, "gerapporteerd", "reported" },
	APART(16, "deelnemers", "participants"),
	APART(17, "aanbod", "offers"),
	APART(18, "termijnen", "deadlines"),
	APART(19, "postvak", "posted"),
	APART(20, "melding", "notice"),
	{ 21, TELL_DATE, 0, "aan de rechtbank gerapporteerd", "reported to the court" },
	APART(22, "afgeweken", "override"),
	{ 23, TELL_WORD, WORDS_CRISIS, "crisis", "crisis" },
	{ 24, TELL_DATE, 0, "crisis van", "crisis of" },
	{ 25, TELL_PARTY, 0, "crisis opgepakt door", "crisis taken up by" },
	{ 26, TELL_DATE, 0, "op crisis teruggekeken", "crisis looked back on" },
	{ 27, TELL_WORD, WORDS_ESCALATION, "opschaling", "escalation" },
	{ 28, TELL_DATE, 0, "opgeschaald", "escalated" },
	{ 29, TELL_DATE, 0, "les getrokken", "lesson drawn" },
	{ 30, TELL_DATE, 0, "overleg", "conference" },
	{ 31, TELL_PARTY, 0, "overname voorgesteld aan", "transfer proposed to" },
	{ 32, TELL_TEXT, 0, "gemeente van overname", "municipality of the transfer" },
	{ 33, TELL_TEXT, 0, "gemeente", "municipality" },
	{ 34, TELL_PARTY, 0, "regie voorgesteld aan", "direction proposed to" },
	APART(35, "voorrang", "priority"),
	{ 36, TELL_MARK, 0, "melding van betrokkenheid", "notice of involvement" },
	{ 37, TELL_MARK, 0, "wijziging gevraagd", "change asked for" },
	{ 38, TELL_MARK, 0, "wijzigingsverzoek beantwoord", "request for change answered" },
	{ 39, TELL_MARK, 0, "crisis gemeld", "crisis alert" },
	{ 40, TELL_DATE, 0, "advies van het expertteam", "advice of the expert team" },
	APART(41, "sluit aan bij het plan van het gezin", "joins the family's plan"),
	APART(42, "gezin van zaak", "family of case"),
	APART(43, "kind van zaak", "child of case"),
	APART(44, "hetzelfde gezin", "the same family"),
	APART(45, "hetzelfde kind", "the same child"),
	APART(46, "terug na hulp", "returns after help"),
	APART(47, "gevraagde gegevens", "information asked for"),
	APART(48, "catalogus", "catalogue"),
	APART(49, "onvervulde vraag", "unmet need"),
	{ 50, TELL_NUMBER, 0, "catalogus, versie", "catalogue, version" },
	APART(54, "opnieuw verzegeld", "resealed"),
	{ 60, TELL_DATE, 0, "beschikking, verbeterd", "order, corrected" },
	APART(64, "gewist", "erased"),
	APART(65, "verzoek om wissen", "asked to erase"),
	APART(66, "verzoek om wissen beantwoord", "request to erase answered"),
	APART(67, "inzage in het journaal", "look into the journal"),
	APART(72, "let op", "warning"),
	{ 73, TELL_MARK, 0, "de rechtbank trekt zich terug", "the court withdraws" },
	{ 77, TELL_MARK, 0, "vraag die op antwoord wacht", "a question that waits for an answer" },
	APART(78, "vraag afgedaan", "question settled"),
	{ 79, TELL_MARK, 0, "ook gemeld in een andere zaak van het kind", "told in another case of the child too" },
};

/* The numbers of the fields of Command (proto/control.proto). */
static const struct word commands[] = {
	{ 1, "klok verzetten", "step the clock" },
	{ 2, "beleid vaststellen", "set the policy" },
	{ 3, "leeglopen en stoppen", "drain" },
	{ 4, "verklaring over een deelnemer", "statement about a participant" },
	{ 5, "klok bevestigen", "confirm the clock" },
	{ 6, "regels inzien", "read entries" },
	{ 7, "zaak wissen", "erase a case" },
	{ 13, "reservekopie", "backup" },
	{ 17, "jaar archiveren", "archive a year" },
	{ 14, "herstel", "restore" },
	{ 15, "herstel afronden", "end the recovery" },
	{ 27, "cijfers van een kwartaal vastleggen", "keep the figures of a quarter" },
	{ 16, "bericht van voor het herstel afdoen", "settle a message from before the restore" },
};
/* clang-format on */

static const struct word *
find(enum words_of list, int value)
{
	const struct word *word = words_lists[list].word;

	while (word->dutch != NULL && word->value != value)
		word++;
	return word->dutch == NULL ? NULL : word;
}

const char *
words_dutch(enum words_of list, int value)
{
	const struct word *word = find(list, value);

	return word == NULL ? "?" : word->dutch;
}

const char *
words_english(enum words_of list, int value)
{
	const struct word *word = find(list, value);

	return word == NULL ? "?" : word->english;
}

const struct effect_words *
words_effect(unsigned field)
{
	for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++)
		if (effects[i].field == field)
			return &effects[i];
	return NULL;
}

const struct word *
words_command(unsigned field)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].value == (int)field)
			return &commands[i];
	return NULL;
}
