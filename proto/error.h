/*
 * error.h - the one error enum of Schakel, with its texts.
 *
 * 1 to 199 travel on the wire and stand in the journal: refusals, each with a
 * field path. Their numbers never change and are never used again. 200 and up
 * are local: a library, the disk, an operator's file.
 */
#ifndef PROTO_ERROR_H
#define PROTO_ERROR_H

#include <stddef.h>

/* clang-format off: the columns are the point */
/*  name                 number  for screens (Dutch)                                     for logs and English screens */
#define SK_ERROR_LIST(X) \
X(OK,                       0, "in orde",                                                "ok") \
/* the bytes */ \
X(OVERSIZED,                1, "groter dan is toegestaan",                               "larger than the limit") \
X(TRUNCATED,                2, "het bericht breekt af",                                  "ends before its end") \
X(MALFORMED,                3, "geen geldig bericht",                                    "not a valid message") \
X(VERSION_UNKNOWN,          4, "onbekende versie",                                       "a version this broker does not know") \
X(KIND_UNKNOWN,             5, "onbekende berichtsoort",                                 "a kind that is not in the catalogue") \
X(FIELD_UNKNOWN,            6, "onbekend veld",                                          "an unknown field") \
X(FIELD_MISSING,            7, "een verplicht veld ontbreekt",                           "a mandatory field is missing") \
X(FIELD_INVALID,            8, "een veld heeft een ongeldige waarde",                    "a field has a value outside its range or grammar") \
X(TEXT_INVALID,             9, "tekst is geen geldige UTF-8 (NFC, LF)",                  "text is not valid UTF-8, NFC, LF") \
X(DATE_INVALID,            10, "datum buiten bereik",                                    "a date outside its range") \
X(FIELD_UNEXPECTED,        11, "dit veld hoort niet bij deze berichtsoort",              "a field that does not belong to this kind") \
/* the sender */ \
X(SIGNATURE_WRONG,         20, "handtekening klopt niet",                                "the signature does not verify") \
X(CHAIN_GAP,               21, "er ontbreken berichten in de reeks van de afzender",     "numbers are missing in the sender's chain") \
X(CHAIN_FORK,              22, "de reeks van de afzender is gesplitst",                  "two chains under one sender") \
X(ENVELOPE_REPEATED,       23, "dit bericht is al eerder ontvangen",                     "this envelope id was used before") \
X(SENDER_REVOKED,          24, "de afzender is ingetrokken",                             "the sender's enrolment was revoked or has ended") \
X(KEY_NOT_CURRENT,         25, "sleutel van de ontvanger is niet meer geldig",           "a recipient's sealing key is not current") \
X(THROTTLED,               26, "te veel berichten, probeer het later",                   "past the sender's rate") \
/* who may say what to whom */ \
X(ROLE_WRONG,              40, "deze rol mag dit bericht niet sturen",                   "this role may not send this kind") \
X(CASE_UNKNOWN,            41, "zaak is niet bekend",                                    "no such case") \
X(NOT_A_PARTICIPANT,       42, "u neemt geen deel aan deze zaak",                        "the sender takes no part in this case") \
X(RECIPIENT_UNKNOWN,       43, "ontvanger is niet bekend",                               "no such recipient") \
X(RECIPIENT_WRONG,         44, "dit bericht is niet voor deze ontvanger",                "this kind may not go to this recipient") \
X(RECIPIENT_MISSING,       45, "een verplichte ontvanger ontbreekt",                     "a mandatory recipient is missing") \
X(ROUTE_VIA_ACCESS,        46, "verwijs via de lokale toegang van het kind",             "goes by way of the access team of the child's municipality") \
X(TEAM_WRONG,              47, "dit is niet de lokale toegang van deze gemeente",        "not the access team of the child's municipality") \
X(MUNICIPALITY_UNKNOWN,    48, "geen lokale toegang voor deze gemeente",                 "no access team serves this municipality") \
X(REPLY_WRONG,             49, "dit antwoordt op een bericht dat hier niet bij hoort",   "reply-to names no message that this can answer") \
/* the life cycle and the gates */ \
X(STATE_WRONG,             60, "dit kan niet in de huidige stand van de zaak",           "not possible in the state that the case is in") \
X(CASE_CLOSED,             61, "de zaak is gesloten",                                    "the case is closed") \
X(TRIAGE_MISSING,          62, "brede uitvraag ontbreekt of is te oud",                  "the broad triage is absent or too old") \
X(TRIAGE_INCOMPLETE,       63, "niet alle leefgebieden zijn beantwoord",                 "not every life domain is answered") \
X(ANALYSIS_MISSING,        64, "verklarende analyse ontbreekt",                          "the explanatory analysis is missing") \
X(ROUTE_MISSING,           65, "routebesluit ontbreekt",                                 "no route decision allows this") \
X(PLAN_MISSING,            66, "gezinsplan ontbreekt",                                   "there is no family plan yet") \
X(OFFERING_UNKNOWN,        67, "aanbod staat niet in de catalogus",                      "the offering is not in the catalogue of this region") \
X(OFFERING_NOT_OF_PROVIDER,68, "dit aanbod is niet van deze aanbieder",                  "the offering is another provider's") \
X(HANDOFF_UNKNOWN,         69, "geen aanbod aan deze aanbieder in deze zaak",            "no handoff of this provider in this case") \
X(HANDOFF_OPEN,            70, "er loopt al een aanbod aan deze aanbieder",              "an offer to this provider is still open") \
X(GOALS_NOT_FINAL,         71, "niet elk doel heeft een eindstand",                      "a goal has no final status") \
X(HELP_STILL_RUNS,         72, "er loopt nog hulp in deze zaak",                         "help still runs in this case") \
X(HEARING_MISSING,         73, "er is geen zitting aangekondigd",                        "no hearing was announced") \
X(REPORT_NOT_ASKED,        74, "er is geen zittingsrapport gevraagd",                    "no hearing report was asked for") \
X(CONSENT_MISSING,         75, "toestemming van een ouder ontbreekt",                    "a parent's consent is missing") \
X(CONTENT_TOO_LONG,        76, "een onderdeel is langer dan is toegestaan",              "a section is longer than its limit") \
X(SECTION_MISSING,         77, "een verplicht onderdeel ontbreekt",                      "a mandatory section is missing") \
X(CASE_FULL,               78, "zaak heeft te veel deelnemers of aanbiedingen",          "the case is at a limit of its size") \
X(REANALYSIS_REQUIRED,      79, "na een mislukt einde eerst een nieuwe analyse",          "after an end that failed a renewed analysis comes first") \
X(CONFERENCE_MISSING,       80, "na een tweede mislukking eerst een casusoverleg",        "after a second failure a case conference comes first") \
X(RET_MISSING,              81, "advies van het expertteam ontbreekt",                    "the expert team has not advised") \
X(CONSIDERATION_MISSING,    82, "afweging ontbreekt of is niet volledig",                 "the consideration is missing or incomplete") \
X(LOCAL_REASON_MISSING,     83, "reden dat lokaal niet volstaat ontbreekt",               "the reason why local help is not enough is missing") \
X(ALTERNATIVES_MISSING,     84, "alternatieven of veiligheidsoordeel ontbreken",          "alternatives to a placement, or the safety view, are missing") \
X(PLACE_SKIPPED,            85, "een plek dichter bij huis is overgeslagen",              "a place nearer to home was skipped without a reason") \
X(PLAN_NOT_AGREED,          86, "niet iedereen stemt in met het plan",                    "not everyone agrees to the plan") \
X(DOMAIN_MISMATCH,          87, "aanbod past niet bij de analyse",                        "the offering matches no domain of the analysis") \
X(ATTEMPTS_MISSING,         88, "te weinig contactpogingen",                              "too few contact attempts on different days") \
X(LESSON_MISSING,           89, "eerst een les van deze vastgelopen zaak",                "an escalated case closes with a lesson") \
/* the session */ \
X(NOT_ENROLLED,            90, "niet toegelaten door de broker",                         "the broker did not accept this key") \
X(FRAME_UNEXPECTED,        91, "dit kan nu niet in deze verbinding",                     "a frame that does not belong here in a session") \
X(PROTOCOL_RANGE,          92, "geen gedeelde protocolversie",                           "no protocol version in common") \
X(SESSION_REPLACED,        93, "een andere verbinding met deze sleutel nam het over",    "a newer session under this key took over") \
X(SESSION_CONTESTED,       94, "twee agents gebruiken dezelfde sleutel",                 "two agents use one key") \
X(INTAKE_HELD,             95, "de broker neemt nu niets aan",                           "intake is held: disk or clock, see the broker's status") \
X(DRAINING,                96, "de broker wordt gestopt",                                "the broker is draining") \
X(ROLLBACK,                97, "de broker kent minder dan deze agent",                   "the broker knows less than this agent was told before") \
X(ORIGIN_WRONG,            98, "een ander journaal dan waarvoor is aangemeld",           "another journal than the one enrolled for") \
/* the recipient */ \
X(CONTENT_MISMATCH,       110, "inhoud wijkt af van wat is opgegeven",                   "sealed content differs from what the facts declare") \
X(SEAL_BROKEN,            111, "verzegeling klopt niet",                                 "the seal does not open") \
X(KEY_NOT_VOUCHED,        112, "geen ononderbroken verklaring voor deze sleutel",        "no unbroken chain of statements vouches for this key") \
X(ERASED,                 113, "gewist",                                                 "erased") \
/* control commands and the directory */ \
X(OPERATOR_UNKNOWN,       120, "onbekende beheerder",                                    "no such operator") \
X(SEQUENCE_USED,          121, "volgnummer van beheerder al gebruikt",                   "the operator's sequence number was used before") \
X(COMMAND_EXPIRED,        122, "opdracht is verlopen",                                   "the command is past its not-after instant") \
X(SECOND_OPERATOR,        123, "tweede beheerder moet ook tekenen",                      "a second operator has to sign") \
X(STATEMENT_ORDER,        124, "verklaring sluit niet aan op de vorige",                 "the statement does not follow the previous one") \
X(STATEMENT_WRONG,        125, "verklaring is niet geldig",                              "the statement is not valid") \
X(POLICY_ORDER,           126, "beleid vervangt niet de huidige versie",                 "the policy does not replace the current version") \
X(POLICY_WRONG,           127, "beleid spreekt zichzelf tegen",                          "the policy contradicts itself") \
X(NOT_A_TEST_JOURNAL,     128, "alleen op een testjournaal",                             "only on a test journal") \
X(PERSON_UNKNOWN,         129, "deze gebruiker staat niet in het gebruikersbestand",     "this user is not in the users file") \
X(MANDATE_MISSING,        130, "geen mandaat voor deze handeling",                       "this user has no mandate for this") \
X(ERASURE_NOT_GRANTED,    131, "voor dit wissen is geen grond vastgelegd",               "nothing on record grants this erasure") \
X(IN_RECOVERY,            135, "het journaal wordt hersteld uit een reservekopie",          "the journal is being restored from a backup") \
X(RECOVERY_CONFLICT,      136, "kon na herstel niet opnieuw worden aanvaard; bij de beheerders", "could not be accepted again after a restore; with the operators") \
X(BACKUP_TICKET,          137, "deze reservekopie is verlopen; vraag haar opnieuw aan",      "this backup's ticket is over; ask for it again") \
/* the rules of the care, further */ \
X(GROUND_MISSING,          140, "grond voor hulp ontbreekt",                              "the ground for help is missing") \
X(DIRECTOR_MISSING,        141, "er is geen regievoerder",                                "no one who takes part is director") \
X(PLAN_EXISTS,             142, "dit gezin heeft al een plan",                            "this family has a plan already") \
X(CONTRIBUTION_MISSING,    143, "bijdrage of alternatief ontbreekt",                      "a complex case is declined with a contribution or alternative") \
X(OVERRIDE_REFUSED,        144, "van deze regel kan niet worden afgeweken",               "a hard gate cannot be overridden") \
X(ESCALATION_ORDER,        145, "de stappen van opschaling gaan in volgorde",             "escalation goes one step after another") \
X(CRISIS_MISSING,          146, "er is geen crisis gemeld",                               "no crisis was reported") \
X(TRANSFER_MISSING,        147, "er is geen overdracht aangevraagd",                      "no transfer is under way") \
X(REQUEST_PENDING,         148, "er loopt al een verzoek",                                "a request is pending already") \
X(NOTHING_PENDING,         149, "er is niets dat op antwoord wacht",                      "nothing waits for this answer") \
X(CORRECTION_WRONG,        150, "alleen een eigen bericht kan worden gecorrigeerd",       "only a message of one's own can be corrected") \
X(VOID_TOO_LATE,           151, "er is al hulp aangeboden: niet meer te schrappen",       "help was offered already: close the case instead") \
X(PERSON_NOT_IN_CASE,      152, "deze persoon hoort niet bij de zaak",                    "this person is not in the case") \
X(PROVIDER_NOT_QUALIFIED,  158, "deze aanbieder is niet gekwalificeerd",                  "this provider is not qualified") \
X(SCALE_SKIPPED,           159, "aanbod dat kleinschaliger is georganiseerd is overgeslagen", "help of a narrower scale was passed by without a reason") \
X(AGE_OUTSIDE,             160, "de leeftijd valt buiten dit aanbod",                     "the age is outside the limits of the offering") \
X(OFFERING_NOT_HERE,       161, "dit aanbod geldt niet voor deze gemeente of datum",      "the offering is not for this municipality or date") \
X(SIDE_NEEDS_OPEN,         162, "een nevenroute heeft nog niemand die hem oppakt",        "a side route has no taker yet") \
X(STACKED_HELP,           153, "zulke hulp loopt al bij dit kind",                       "help of this kind runs for this child already") \
X(HANDOVER_MISSING,       154, "de hulp die overneemt is nog niet begonnen",             "the help that takes over has not started") \
X(ADDRESS_NOT_MARKED,      163, "een geheim adres is niet afgeschermd",                   "a secret address stands in a section that is not withheld") \
X(PARENTS_NOT_INFORMED,    164, "ouders zijn niet geïnformeerd en er staat geen reden",   "the parents were not informed, and no reason says why") \
X(RESEAL_REFUSED,          165, "dit bericht gaat niet naar wie later komt",              "this message does not go to who comes in later") \
X(PERSON_NEEDED,           169, "dit bevestigt een persoon, geen machine",                "a person answers this, not a machine") \
X(CORRECTION_TOO_LATE,     170, "hierop is al voortgebouwd",                              "later messages stand on this one") \
X(QUARTER_RUNS,            173, "dit kwartaal is nog niet voorbij",                       "this quarter is not over yet") \
X(QUARTER_IS_CLOSED,       174, "dit kwartaal is al afgesloten",                          "this quarter is closed already") \
X(QUARTER_OPEN,            175, "sluit eerst de cijfers van het vorige kwartaal af",      "the figures of the quarter before are not closed yet") \
X(YEAR_RUNS,              180, "dit jaar is nog niet voorbij",                           "this year is not over yet") \
X(YEAR_NOT_NEXT,          181, "dit jaar is niet aan de beurt om te archiveren",         "this is not the year that is archived next") \
X(QUESTIONS_OPEN,          182, "te veel vragen in deze zaak wachten nog op antwoord",          "too many questions of this case still wait for an answer") \
/* local: never on the wire */ \
X(NOT_FOUND,              200, "niet gevonden",                                          "not found") \
X(STORE_FULL,             201, "opslag is vol",                                          "the store is full") \
X(STORE_IO,               202, "opslag geeft een fout",                                  "the disk or the store failed") \
X(STORE_CORRUPT,          203, "opslag is beschadigd",                                   "the store holds what it cannot hold") \
X(STORE_FORMAT,           204, "opslag heeft een ander formaat",                         "the store has another format") \
X(STORE_BUSY,             205, "een ander proces gebruikt deze opslag",                  "another process uses this store") \
X(STORE_MISMATCH,         206, "deze opslag hoort bij een ander journaal",               "this store belongs to another journal") \
X(SEGMENT_MISSING,        207, "een gearchiveerd jaar ontbreekt",                        "an archived year is missing") \
X(SEGMENT_WRONG,          208, "een gearchiveerd jaar is niet wat het moet zijn",        "an archived year is not what it has to be") \
X(CONFIG,                 210, "fout in de configuratie",                                "an error in the configuration") \
X(FILE_MODE,              211, "bestandsrechten zijn te ruim",                           "a key file that others can read") \
X(FILE_IO,                212, "bestand kan niet worden gelezen of geschreven",          "a file cannot be read or written") \
X(USAGE,                  213, "onjuist gebruik",                                        "wrong usage") \
X(NO_MEMORY,              214, "geheugen is op",                                         "out of memory") \
X(NETWORK,                215, "netwerkfout",                                            "the network failed") \
X(CRYPTO,                 216, "cryptografische bewerking mislukt",                      "a cryptographic operation failed") \
X(CLOCK,                  217, "klok is niet te vertrouwen",                             "the clock cannot be trusted") \
X(TIMEOUT,                218, "geen antwoord binnen de tijd",                           "no answer in time") \
X(NOT_CONNECTED,          219, "geen verbinding",                                        "not connected")
/* clang-format on */

enum sk_error {
#define X(name, number, nl, en) SK_##name = number,
	SK_ERROR_LIST(X)
#undef X
};

/* What is wrong and where: field is a path such as "facts.referral.offering",
 * empty when the whole is meant. hint says what would be right, in English. */
struct fault {
	enum sk_error code;
	char field[96];
	char hint[160];
};

/* The name without SK_, e.g. "TRIAGE_MISSING"; never NULL. */
const char *error_name(enum sk_error code);
/* SK_OK when there is no such name. */
enum sk_error error_by_name(const char *name);
/* One sentence for logs, English; never NULL. */
const char *error_text(enum sk_error code);
/* The same for screens, Dutch; never NULL. */
const char *error_text_nl(enum sk_error code);
/* Can this code stand on the wire? */
int error_is_refusal(enum sk_error code);

/* Fill *fault (may be NULL) and return code, so that callers can
 * `return fault_set(...)`. hint is a printf format, NULL for none. */
enum sk_error fault_set(struct fault *fault, enum sk_error code,
    const char *field, const char *hint, ...)
    __attribute__((format(printf, 4, 5)));

#endif
