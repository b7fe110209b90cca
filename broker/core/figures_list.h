/*
 * figures_list.h - every figure once: its name, its group of the seventeen,
 * what it is a part of, and its words.
 *
 * WHOLE stands by itself. Figures that are PART of one whole exclude each
 * other; a SUBSET does not. THING counts no children: it is never withheld.
 */
#ifndef CORE_FIGURES_LIST_H
#define CORE_FIGURES_LIST_H

/* clang-format off: the columns are the point */
#define FIGURE_LIST(X) \
/* 1 days from order to start */ \
X(FIRST_STARTS,      1, WHOLE,  FIRST_STARTS,   "eerste start van hulp na een beschikking",       "first starts of help after an order") \
X(START_14,          1, PART,   FIRST_STARTS,   "binnen 14 dagen",                                "within 14 days") \
X(START_28,          1, PART,   FIRST_STARTS,   "na 15 tot en met 28 dagen",                      "after 15 to 28 days") \
X(START_LATE,        1, PART,   FIRST_STARTS,   "na meer dan 28 dagen",                           "after more than 28 days") \
X(START_WARNED,      1, WHOLE,  START_WARNED,   "waarschuwing op dag 14",                         "warned on day 14") \
X(START_BREACHED,    1, WHOLE,  START_BREACHED, "termijn van 28 dagen verstreken zonder start",   "past 28 days without a start") \
/* 2 days per leg */ \
X(OPENED,            2, WHOLE,  OPENED,         "nieuwe zaken",                                   "new cases") \
X(OPENED_ORDER,      2, PART,   OPENED,         "met een beschikking",                            "by a court order") \
X(OPENED_REQUEST,    2, PART,   OPENED,         "door een aanmelding",                            "by a request") \
X(OPENED_SIGNAL,     2, PART,   OPENED,         "door een signaal",                               "by a signal") \
X(OPENED_ASSIGNMENT, 2, PART,   OPENED,         "door een verzoek om toewijzing",                 "by a request for assignment") \
/* 3 waiting */ \
X(WAITING,           3, WHOLE,  WAITING,        "wachtplekken aan het eind van de periode",       "places waited for at the end of the period") \
X(WAITING_CLASS_1,   3, PART,   WAITING,        "klasse 1: crisis",                               "class 1: crisis") \
X(WAITING_CLASS_2,   3, PART,   WAITING,        "klasse 2: veiligheid of verergering",            "class 2: safety or getting worse") \
X(WAITING_CLASS_3,   3, PART,   WAITING,        "klasse 3: meer leefgebieden",                    "class 3: several domains") \
X(WAITING_CLASS_4,   3, PART,   WAITING,        "klasse 4: overig of onbekend",                   "class 4: other or not known") \
X(VULNERABLE,        3, WHOLE,  VULNERABLE,     "wachtenden naar kwetsbaarheid",                  "who waits by vulnerability") \
X(VULNERABLE_LOW,    3, PART,   VULNERABLE,     "kwetsbaarheid 0 en 1",                           "vulnerability 0 and 1") \
X(VULNERABLE_MIDDLE, 3, PART,   VULNERABLE,     "kwetsbaarheid 2 tot en met 4",                   "vulnerability 2 to 4") \
X(VULNERABLE_HIGH,   3, PART,   VULNERABLE,     "kwetsbaarheid 5 en hoger",                       "vulnerability 5 and higher") \
X(WAIT_PLACES,       3, WHOLE,  WAIT_PLACES,    "wachtplekken gegeven of verlengd",               "places to wait given or prolonged") \
X(BRIDGED,           3, SUBSET, WAIT_PLACES,    "met overbruggingshulp",                          "with help in between") \
/* 4 offers */ \
X(OFFERS,            4, WHOLE,  OFFERS,         "verwijzingen",                                   "referrals") \
X(OFFERED_LOW,        4, PART,  OFFERS,         "bij 0 en 1 leefgebied",                          "with 0 and 1 domains") \
X(OFFERED_MIDDLE,     4, PART,  OFFERS,         "bij 2 en 3 leefgebieden",                        "with 2 and 3 domains") \
X(OFFERED_HIGH,       4, PART,  OFFERS,         "bij 4 en meer leefgebieden",                     "with 4 domains and more") \
X(OFFERS_PARTNER,     4, SUBSET, OFFERS,         "aan een kernpartner",                            "to a core partner") \
X(OFFERS_PILOT,       4, SUBSET, OFFERS,         "voor een proef",                                 "for a pilot") \
X(OFFERS_FARTHER,     4, SUBSET, OFFERS,         "verder van huis dan nodig, met reden",           "farther from home than need be, for a reason") \
X(OFFERS_WIDER,       4, SUBSET, OFFERS,         "ruimer georganiseerd, met reden",                "of a wider scale, for a reason") \
X(ACCEPTED,          4, WHOLE,  ACCEPTED,       "geaccepteerd",                                   "accepted") \
X(LAPSED,            4, WHOLE,  LAPSED,         "verlopen zonder antwoord",                       "lapsed without an answer") \
X(WITHDRAWN,         4, WHOLE,  WITHDRAWN,      "ingetrokken",                                    "withdrawn") \
X(DECLINED,          4, WHOLE,  DECLINED,       "afgewezen",                                      "declined") \
X(DECLINE_CAPACITY,  4, PART,   DECLINED,       "geen plaats",                                    "no capacity") \
X(DECLINE_NO_MATCH,  4, PART,   DECLINED,       "past niet",                                      "no match") \
X(DECLINE_CONTRACT,  4, PART,   DECLINED,       "buiten contract",                                "outside the contract") \
X(DECLINE_ELSEWHERE, 4, PART,   DECLINED,       "hoort elders",                                   "belongs elsewhere") \
X(DECLINE_SAFETY,    4, PART,   DECLINED,       "veiligheid",                                     "safety") \
X(DECLINE_STACKING,  4, PART,   DECLINED,       "stapeling",                                      "stacking") \
X(DECLINE_AGE,       4, PART,   DECLINED,       "leeftijd",                                       "age limit") \
X(DECLINE_OTHER,     4, PART,   DECLINED,       "anders of onbekend",                             "other or not known") \
X(DECLINED_PARTNER,   4, SUBSET, DECLINED,       "door een kernpartner",                           "by a core partner") \
X(DECLINED_PILOT,     4, SUBSET, DECLINED,       "voor een proef",                                 "for a pilot") \
X(PASSED_ON,          4, SUBSET, DECLINED,       "daarna doorgegeven aan de volgende kernpartner", "passed on to the next core partner") \
X(COMPLEXITY,        4, WHOLE,  COMPLEXITY,     "afgewezen naar zwaarte",                         "declined by complexity") \
X(COMPLEXITY_LOW,    4, PART,   COMPLEXITY,     "bij 0 en 1 leefgebied",                          "with 0 and 1 domains") \
X(COMPLEXITY_MIDDLE, 4, PART,   COMPLEXITY,     "bij 2 en 3 leefgebieden",                        "with 2 and 3 domains") \
X(COMPLEXITY_HIGH,   4, PART,   COMPLEXITY,     "bij 4 en meer leefgebieden",                     "with 4 domains and more") \
/* 5 route mix */ \
X(ROUTES,            5, WHOLE,  ROUTES,         "routebesluiten",                                 "route decisions") \
X(ROUTE_LOCAL,       5, PART,   ROUTES,         "lokale basis",                                   "local base") \
X(ROUTE_WMO,         5, PART,   ROUTES,         "Wmo",                                            "social support act") \
X(ROUTE_MEDIATOR,    5, PART,   ROUTES,         "mediator",                                       "mediator") \
X(ROUTE_SELF,        5, PART,   ROUTES,         "zelf betaald",                                   "self-funded") \
X(ROUTE_ADULT,       5, PART,   ROUTES,         "hulp voor volwassenen",                          "adult care") \
X(ROUTE_AMBULANT,    5, PART,   ROUTES,         "jeugdhulp ambulant",                             "youth help, ambulant") \
X(ROUTE_SPECIALIST,  5, PART,   ROUTES,         "jeugdhulp specialistisch",                       "youth help, specialist") \
X(ROUTE_RESIDENTIAL, 5, PART,   ROUTES,         "jeugdhulp met verblijf",                         "youth help, residential") \
X(ROUTE_COMPULSORY,  5, PART,   ROUTES,         "gedwongen kader",                                "compulsory") \
X(ROUTE_WLZ,         5, PART,   ROUTES,         "Wlz",                                            "long-term care act") \
X(ROUTE_NONE,        5, PART,   ROUTES,         "geen actie of onbekend",                         "no action or not known") \
X(TURNED_LIGHTER,    5, WHOLE,  TURNED_LIGHTER, "door aanbieder omgebogen naar lichter aanbod",   "turned to lighter help by the provider") \
/* 6 triage and analysis */ \
X(TRIAGES,           6, WHOLE,  TRIAGES,        "brede uitvragen",                                "broad triages") \
X(DOMAIN_SAFETY,     6, SUBSET, TRIAGES,        "veiligheid",                                     "safety") \
X(DOMAIN_PARENTING,  6, SUBSET, TRIAGES,        "opvoeding",                                      "parenting") \
X(DOMAIN_DEVELOPMENT,6, SUBSET, TRIAGES,        "ontwikkeling",                                   "development") \
X(DOMAIN_PHYSICAL,   6, SUBSET, TRIAGES,        "lichamelijke gezondheid",                        "physical health") \
X(DOMAIN_MENTAL,     6, SUBSET, TRIAGES,        "psychische gezondheid",                          "mental health") \
X(DOMAIN_DISABILITY, 6, SUBSET, TRIAGES,        "beperking van een ouder",                        "a parent's disability") \
X(DOMAIN_SEPARATION, 6, SUBSET, TRIAGES,        "scheiding en conflict",                          "separation and conflict") \
X(DOMAIN_DEBT,       6, SUBSET, TRIAGES,        "inkomen en schulden",                            "income and debt") \
X(DOMAIN_HOUSING,    6, SUBSET, TRIAGES,        "wonen",                                          "housing") \
X(DOMAIN_WORK,       6, SUBSET, TRIAGES,        "werk en dagbesteding",                           "work and daytime") \
X(DOMAIN_SCHOOL,     6, SUBSET, TRIAGES,        "school",                                         "school") \
X(DOMAIN_LIFESTYLE,  6, SUBSET, TRIAGES,        "leefstijl",                                      "lifestyle") \
X(DOMAIN_CARER,      6, SUBSET, TRIAGES,        "overbelaste verzorger",                          "overloaded carer") \
X(DOMAIN_NETWORK,    6, SUBSET, TRIAGES,        "netwerk",                                        "network") \
X(FROM_SEPARATION,   6, SUBSET, TRIAGES,        "als gevolg van een scheiding",                   "as a symptom of a separation") \
X(ANALYSES,          6, WHOLE,  ANALYSES,       "verklarende analyses",                           "explanatory analyses") \
X(GATES,             6, WHOLE,  GATES,          "door een poort tegengehouden",                   "held by a gate") \
X(GATE_TRIAGE,       6, PART,   GATES,          "brede uitvraag ontbreekt",                       "triage missing") \
X(GATE_ANALYSIS,     6, PART,   GATES,          "verklarende analyse ontbreekt",                  "analysis missing") \
X(GATE_ROUTE,        6, PART,   GATES,          "routebesluit ontbreekt",                         "route decision missing") \
X(GATE_PLAN,         6, PART,   GATES,          "gezinsplan ontbreekt of bestaat al",             "plan missing or there already") \
X(GATE_CONSENT,      6, PART,   GATES,          "toestemming of instemming ontbreekt",            "consent or agreement missing") \
X(GATE_WEIGHING,     6, PART,   GATES,          "afweging of reden ontbreekt",                    "consideration or reason missing") \
X(GATE_QUALIFIED,     6, PART,  GATES,          "aanbieder niet gekwalificeerd",                  "provider not qualified") \
X(GATE_OTHER,        6, PART,   GATES,          "andere poort",                                   "another gate") \
X(OVERRIDES,         6, WHOLE,  OVERRIDES,      "poorten met reden gepasseerd",                   "gates passed for a reason") \
X(OVERRIDE_URGENT,   6, PART,   OVERRIDES,      "spoed",                                          "urgent") \
X(OVERRIDE_TAILORED, 6, PART,   OVERRIDES,      "maatwerk",                                       "tailor-made") \
X(OVERRIDE_FAMILY,   6, PART,   OVERRIDES,      "wens van het gezin",                             "the family's wish") \
X(OVERRIDE_JUDGED,   6, PART,   OVERRIDES,      "professioneel oordeel",                          "professional judgement") \
X(OVERRIDE_KNOWN,    6, PART,   OVERRIDES,      "elders bekend",                                  "known elsewhere") \
X(WEIGHED,           6, WHOLE,  WEIGHED,        "routebesluiten met afweging",                    "route decisions with a consideration") \
X(OWNER_MISMATCH,    6, SUBSET, WEIGHED,        "probleemeigenaar van de uitvraag niet geholpen", "problem owner of the triage not helped") \
/* 7 hops */ \
X(STARTS,            7, WHOLE,  STARTS,         "starts van hulp",                                "starts of help") \
X(PARALLEL,          7, SUBSET, STARTS,         "naast andere hulp die loopt",                    "beside other help that runs") \
X(HOPPED,             7, SUBSET, STARTS,         "kort na hulp van een ander die niet slaagde",    "soon after help of another that failed") \
X(STARTS_PILOT,       7, SUBSET, STARTS,         "in een proef",                                   "in a pilot") \
X(STARTS_WEEKEND,     7, SUBSET, STARTS,         "ook in het weekend",                             "also at weekends") \
X(FAILED,            7, WHOLE,  FAILED,         "hulp die niet slaagde",                          "help that failed") \
X(REANALYSED,        7, WHOLE,  REANALYSED,     "nieuwe analyse na hulp die niet slaagde",        "analysis anew after help that failed") \
X(FIRST_ENDED,       7, WHOLE,  FIRST_ENDED,    "eerste hulp van een zaak beëindigd",             "first help of a case ended") \
X(FIRST_MATCHED,     7, SUBSET, FIRST_ENDED,    "in een keer goed",                               "right the first time") \
X(CONFERENCES,        7, WHOLE, CONFERENCES,    "casusoverleggen",                                "case conferences") \
/* 8 ends */ \
X(ENDS,              8, WHOLE,  ENDS,           "hulp beëindigd",                                 "help ended") \
X(END_PLANNED,       8, PART,   ENDS,           "volgens plan",                                   "as planned") \
X(END_GOOD,          8, PART,   ENDS,           "goed genoeg",                                    "good enough") \
X(END_CLIENT,        8, PART,   ENDS,           "voortijdig door de cliënt",                      "early by the client") \
X(END_PROVIDER,      8, PART,   ENDS,           "voortijdig door de aanbieder",                   "early by the provider") \
X(END_AGREED,        8, PART,   ENDS,           "voortijdig in overleg",                          "early in agreement") \
X(END_EXTERNAL,      8, PART,   ENDS,           "externe omstandigheden",                         "external") \
X(END_MUNICIPALITY,  8, PART,   ENDS,           "door de gemeente",                               "by the municipality") \
X(END_OTHER,         8, PART,   ENDS,           "andere aanbieder",                               "another provider") \
X(END_DOMAIN,        8, PART,   ENDS,           "ander domein",                                   "another domain") \
X(END_DEATH,         8, PART,   ENDS,           "overlijden",                                     "death") \
X(END_NO_SHOW,       8, PART,   ENDS,           "cliënt verschijnt niet, of onbekend",            "client does not show, or not known") \
X(ENDS_PILOT,         8, SUBSET, ENDS,           "in een proef",                                   "in a pilot") \
X(PILOT_WELL,         8, SUBSET, ENDS,           "in een proef, volgens plan of goed genoeg",      "in a pilot, as planned or good enough") \
X(COURT_GOALS,       8, WHOLE,  COURT_GOALS,    "doelen van de rechtbank met eindstand",          "court's goals with a final status") \
X(COURT_REACHED,     8, PART,   COURT_GOALS,    "bereikt",                                        "reached") \
X(COURT_PARTLY,      8, PART,   COURT_GOALS,    "deels bereikt",                                  "partly reached") \
X(COURT_NOT,         8, PART,   COURT_GOALS,    "niet bereikt",                                   "not reached") \
X(ACCESS_GOALS,      8, WHOLE,  ACCESS_GOALS,   "doelen van de toegang met eindstand",            "access team's goals with a final status") \
X(ACCESS_REACHED,    8, PART,   ACCESS_GOALS,   "bereikt",                                        "reached") \
X(ACCESS_PARTLY,     8, PART,   ACCESS_GOALS,   "deels bereikt",                                  "partly reached") \
X(ACCESS_NOT,        8, PART,   ACCESS_GOALS,   "niet bereikt",                                   "not reached") \
X(CLOSED,            8, WHOLE,  CLOSED,         "zaken gesloten",                                 "cases closed") \
X(CLOSED_LIGHT,       8, SUBSET, CLOSED,         "langs een andere, lichtere weg",                 "by another, lighter route") \
X(RETURNED,          8, SUBSET, OPENED,         "terug binnen 12 maanden na een gesloten zaak",   "back within 12 months of a closed case") \
/* 9 home or not */ \
X(PLACED,            9, WHOLE,  PLACED,         "starts naar plaats van hulp",                    "starts by place of help") \
X(PLACE_HOME,        9, PART,   PLACED,         "thuis of in de buurt",                           "at home or near it") \
X(PLACE_FOSTER,      9, PART,   PLACED,         "pleeggezin",                                     "foster family") \
X(PLACE_FAMILY,      9, PART,   PLACED,         "gezinshuis",                                     "family home") \
X(PLACE_FACILITY,    9, PART,   PLACED,         "instelling",                                     "facility") \
X(PLACE_CLOSED,      9, PART,   PLACED,         "gesloten jeugdhulp",                             "closed help") \
X(PLACE_UNKNOWN,     9, PART,   PLACED,         "plaats niet in de catalogus",                    "place not in the catalogue") \
X(SCALED,             9, WHOLE, SCALED,         "starts naar schaal van het aanbod",              "starts by scale of the offering") \
X(SCALE_LOCAL,        9, PART,  SCALED,         "lokaal",                                         "local") \
X(SCALE_REGIONAL,     9, PART,  SCALED,         "regionaal",                                      "regional") \
X(SCALE_SUPRA,        9, PART,  SCALED,         "bovenregionaal",                                 "supra-regional") \
X(SCALE_PROVINCE,     9, PART,  SCALED,         "provinciaal",                                    "provincial") \
X(SCALE_NATIONAL,     9, PART,  SCALED,         "landelijk",                                      "national") \
X(SCALE_UNKNOWN,      9, PART,  SCALED,         "schaal niet in de catalogus",                    "scale not in the catalogue") \
X(OWN_AREA,           9, SUBSET, STARTS,         "in eigen gebied",                                "in the own area") \
X(MOVED,             9, SUBSET, STARTS,         "ongeplande verplaatsing",                        "unplanned move") \
X(CRISIS_STARTS,     9, SUBSET, STARTS,         "start tijdens een crisis",                       "start in a crisis") \
X(CRISES,            9, WHOLE,  CRISES,         "crisismeldingen",                                "crisis alerts") \
X(CRISES_TAKEN,      9, WHOLE,  CRISES_TAKEN,   "crisis opgepakt",                                "crisis taken up") \
X(REVIEWED,          9, WHOLE,  REVIEWED,       "terugblik op de crisis",                         "crisis looked back on") \
X(REVIEWED_7,        9, SUBSET, REVIEWED,       "binnen 7 dagen",                                 "within 7 days") \
X(ANALYSIS_28,       9, WHOLE,  ANALYSIS_28,    "analyse binnen 28 dagen na een crisis",          "analysis within 28 days of a crisis") \
X(REVIEW_BREACHED,   9, WHOLE,  REVIEW_BREACHED, "terugblik niet op tijd",                        "not looked back on in time") \
X(ANALYSIS_BREACHED, 9, WHOLE,  ANALYSIS_BREACHED, "analyse na crisis niet op tijd",              "analysis after a crisis not in time") \
/* 10 escalations */ \
X(STUCK,            10, WHOLE,  STUCK,          "vastgelopen",                                    "stuck") \
X(STUCK_NOW,        10, WHOLE,  STUCK_NOW,      "vastgelopen aan het eind van de periode",        "stuck at the end of the period") \
X(RET_ASKED,        10, WHOLE,  RET_ASKED,      "expertteam gevraagd",                            "expert team asked") \
X(RET_ADVISED,      10, WHOLE,  RET_ADVISED,    "advies van het expertteam",                      "advice of the expert team") \
X(RET_TAILORED,      10, SUBSET, RET_ADVISED,    "met een maatwerkplan",                           "with a tailor-made plan") \
X(RET_CLOSED,        10, SUBSET, RET_ADVISED,    "voor gesloten jeugdhulp",                        "for closed help") \
X(BOEG_ASKED,       10, WHOLE,  BOEG_ASKED,     "expertisenetwerk gevraagd",                      "wider network asked") \
X(BOEG_ADVISED,     10, WHOLE,  BOEG_ADVISED,   "advies van het expertisenetwerk",                "advice of the wider network") \
X(TAKEN_AFTER_ALL,  10, WHOLE,  TAKEN_AFTER_ALL, "alsnog een plek gevonden",                      "taken after all") \
X(CLOSED_STUCK,      10, WHOLE, CLOSED_STUCK,   "gesloten zonder plek",                           "closed without a place") \
X(LESSONS,          10, WHOLE,  LESSONS,        "lessen",                                         "lessons") \
X(LESSON_COOPERATION, 10, SUBSET, LESSONS,      "samenwerking",                                   "cooperation") \
X(LESSON_CAPACITY,  10, SUBSET, LESSONS,        "capaciteit",                                     "capacity") \
X(LESSON_ANALYSIS,  10, SUBSET, LESSONS,        "eerder analyseren",                              "earlier analysis") \
X(LESSON_DIRECTION, 10, SUBSET, LESSONS,        "regie",                                          "direction") \
X(LESSON_TAILORED,  10, SUBSET, LESSONS,        "maatwerk",                                       "tailor-made") \
X(LESSON_FINANCE,   10, SUBSET, LESSONS,        "financiering",                                   "finance") \
/* 11 hearing reports */ \
X(REPORTS_ASKED,    11, WHOLE,  REPORTS_ASKED,  "zittingsrapporten gevraagd",                     "hearing reports asked for") \
X(REPORTS,          11, WHOLE,  REPORTS,        "zittingsrapporten",                              "hearing reports") \
X(REPORTS_ON_TIME,  11, SUBSET, REPORTS,        "op tijd",                                        "on time") \
X(REPORT_BREACHED,  11, WHOLE,  REPORT_BREACHED, "termijn van het zittingsrapport verstreken",    "past the term of the hearing report") \
X(ADVICE,           11, WHOLE,  ADVICE,         "rapporten met advies",                           "reports with advice") \
X(ADVICE_CONTINUE,  11, PART,   ADVICE,         "doorgaan",                                       "continue") \
X(ADVICE_CHANGE,    11, PART,   ADVICE,         "veranderen",                                     "change") \
X(ADVICE_STOP,      11, PART,   ADVICE,         "stoppen",                                        "stop") \
X(ADVICE_OTHER,     11, PART,   ADVICE,         "ander aanbod",                                   "another offering") \
X(COURT_REPORTS,    11, WHOLE,  COURT_REPORTS,  "rapporten aan de rechtbank",                     "reports to the court") \
X(FOLLOWED,         11, SUBSET, COURT_REPORTS,  "advies van de aanbieder overgenomen",            "advice of the provider taken over") \
/* 12 coverage */ \
X(CELLS,            12, THING,  CELLS,          "cellen thema x niveau in de catalogus",          "cells theme x level of the catalogue") \
X(CELLS_EMPTY,      12, THING,  CELLS,          "zonder aanbod",                                  "without an offering") \
X(UNMET,            12, WHOLE,  UNMET,          "onvervulde hulpvragen",                          "needs that were not met") \
X(UNMET_NOT_OFFERED, 12, PART,  UNMET,          "niet aangeboden",                                "not offered") \
X(UNMET_TRIED,      12, PART,   UNMET,          "al geprobeerd",                                  "tried already") \
X(UNMET_SPECIALISM, 12, PART,   UNMET,          "specialisme nodig",                              "needs a specialism") \
X(UNMET_SAFETY,     12, PART,   UNMET,          "veiligheid nodig",                               "needs safety") \
X(UNMET_CAPACITY,   12, PART,   UNMET,          "geen plaats of onbekend",                        "no capacity or not known") \
X(UNMET_FOUND,      12, WHOLE,  UNMET_FOUND,    "gezocht en niet in de catalogus",                "looked for and not in the catalogue") \
X(UNMET_NOTHING,    12, PART,   UNMET_FOUND,    "niets gevonden",                                 "nothing found") \
X(UNMET_FULL,       12, PART,   UNMET_FOUND,    "geen plaats vrij",                               "no place free") \
X(UNMET_UNWANTED,   12, PART,   UNMET_FOUND,    "alleen wat niet gewenst is of onbekend",         "only what is not wanted, or not known") \
X(LOCAL_CELLS,      12, THING,  LOCAL_CELLS,    "cellen gemeente x thema x niveau",               "cells municipality x theme x level") \
X(LOCAL_EMPTY,      12, THING,  LOCAL_CELLS,    "zonder aanbod",                                  "without an offering") \
X(OFFERINGS,        12, THING,  OFFERINGS,      "aanbod in de catalogus",                         "offerings in the catalogue") \
X(PLACES_FRESH,     12, THING,  OFFERINGS,      "met een verse opgave van plaatsen",              "whose places were told of late") \
X(PLACES_OLD,       12, THING,  OFFERINGS,      "te oude opgave: telt als onbekend",              "told too long ago: counts as not known") \
X(PLACES_UNTOLD,    12, THING,  OFFERINGS,      "nooit opgegeven",                                "never told") \
/* 13 direction */ \
X(OPEN_CASES,       13, WHOLE,  OPEN_CASES,     "open zaken aan het eind van de periode",         "open cases at the end of the period") \
X(SHARED,           13, SUBSET, OPEN_CASES,     "met twee of meer deelnemers",                    "with two participants or more") \
X(UNDIRECTED,       13, SUBSET, SHARED,         "zonder regievoerder (hoort 0 te zijn)",          "without a director (should be 0)") \
X(DIRECTOR_CHANGES, 13, WHOLE,  DIRECTOR_CHANGES, "wisselingen van regie",                        "changes of director") \
X(INVOLVED,         13, WHOLE,  INVOLVED,       "meldingen van betrokkenheid",                    "involvement notices") \
X(UNACKNOWLEDGED,   13, WHOLE,  UNACKNOWLEDGED, "melding nog niet bevestigd, eind van de periode", "notices not acknowledged, end of the period") \
/* 14 participation */ \
X(PLANS,            14, WHOLE,  PLANS,          "gezinsplannen",                                  "family plans") \
X(PLAN_PARENTS,     14, SUBSET, PLANS,          "ouders akkoord",                                 "parents agreed") \
X(PLAN_CHILD,       14, SUBSET, PLANS,          "kind akkoord",                                   "child agreed") \
X(PLAN_NETWORK,     14, SUBSET, PLANS,          "eigen netwerk akkoord",                          "own network agreed") \
X(PLAN_WAIVED,      14, SUBSET, PLANS,          "zonder instemming van een partij",               "without a party's agreement") \
X(PLAN_INFORMAL,    14, SUBSET, PLANS,          "met informele hulp in het plan",                 "with informal help in the plan") \
X(PLAN_GOOD_ENOUGH, 14, SUBSET, PLANS,          "die zeggen wanneer het goed genoeg is",          "that say when it is good enough") \
X(WARNED_CHILD,     14, SUBSET, PLANS,          "kind als probleem gezien",                       "the child seen as the problem") \
X(WARNED_OWNERS,    14, SUBSET, PLANS,          "alle doelen bij professionals",                  "all goals with professionals") \
X(VIEWABLE,         14, WHOLE,  VIEWABLE,       "verslagen waarin het kind kan spreken",          "reports in which the child may speak") \
X(CHILD_VIEW,       14, SUBSET, VIEWABLE,       "met de kijk van het kind",                       "with the child's view") \
X(PARENTS_TOLD,     14, WHOLE,  PARENTS_TOLD,   "ouders geïnformeerd",                            "parents informed") \
X(PARENTS_NOT_TOLD, 14, WHOLE,  PARENTS_NOT_TOLD, "ouders met reden niet geïnformeerd",           "parents not informed, for a reason") \
X(FEEDBACKS,        14, WHOLE,  FEEDBACKS,      "terugkoppelingen",                               "feedback given") \
X(FEEDBACK_CHILD,    14, PART,  FEEDBACKS,      "van een kind",                                   "of a child") \
X(FEEDBACK_PARENT,   14, PART,  FEEDBACKS,      "van een ouder",                                  "of a parent") \
X(FEEDBACK_PROFESSIONAL, 14, PART,  FEEDBACKS,      "van een professional",                           "of a professional") \
X(FEEDBACK_NETWORK,  14, PART,  FEEDBACKS,      "van het netwerk of onbekend",                    "of the network or not known") \
X(STORIES,          14, WHOLE,  STORIES,        "verhalen",                                       "stories") \
X(STORY_CHILD,      14, PART,   STORIES,        "door een kind",                                  "by a child") \
X(STORY_PARENT,     14, PART,   STORIES,        "door een ouder",                                 "by a parent") \
X(STORY_PROFESSIONAL, 14, PART, STORIES,        "door een professional",                          "by a professional") \
X(STORY_NETWORK,    14, PART,   STORIES,        "door het netwerk of onbekend",                   "by the network or not known") \
/* 15 burden */ \
X(MESSAGES,         15, WHOLE,  MESSAGES,       "berichten",                                      "messages") \
X(ANSWERS,          15, WHOLE,  ANSWERS,        "ingevulde velden",                               "fields filled in") \
X(REFUSALS,         15, WHOLE,  REFUSALS,       "geweigerde berichten",                           "messages refused") \
X(CORRECTIONS,      15, WHOLE,  CORRECTIONS,    "correcties",                                     "corrections") \
X(TAKEN_BACK,        15, SUBSET, CORRECTIONS,    "een bericht teruggenomen",                       "a message taken back") \
X(VOIDED,            15, WHOLE, VOIDED,         "zaken die ten onrechte geopend waren",           "cases opened in error") \
X(ASKED,             15, WHOLE, ASKED,          "gegevens opgevraagd",                            "data asked for") \
X(ASKED_KNOWN,       15, SUBSET, ASKED,          "al bekend, door de broker aangewezen",           "known already, named by the broker") \
X(ASKED_AGAIN,       15, SUBSET, ASKED,          "opnieuw gevraagd",                               "asked again") \
/* 16 delivery */ \
X(UNDELIVERABLE,    16, WHOLE,  UNDELIVERABLE,  "niet op tijd opgehaald",                         "not fetched in time") \
X(RESENT,            16, WHOLE, RESENT,         "opnieuw bezorgd na een onderbreking",            "delivered again after an interruption") \
X(DUPLICATES,       16, WHOLE,  DUPLICATES,     "dubbele berichten weggelaten",                   "duplicates dropped") \
X(RECEIPTS_LATE,    16, WHOLE,  RECEIPTS_LATE,  "ontvangst te laat bevestigd",                    "receipts late") \
X(NOT_OURS,         16, WHOLE,  NOT_OURS,       "gemeld bij de verkeerde gemeente",               "reached the wrong municipality") \
X(TRANSFERRED,      16, WHOLE,  TRANSFERRED,    "overgenomen door de juiste gemeente",            "taken by the right municipality") \
/* 17 principles */ \
X(PRINCIPLED,       17, WHOLE,  PRINCIPLED,     "routebesluiten die een principe noemen",         "route decisions that name a principle") \
X(PRINCIPLE_1,      17, SUBSET, PRINCIPLED,     "1 kwetsbaarste kind eerst",                      "1 the most vulnerable first") \
X(PRINCIPLE_2,      17, SUBSET, PRINCIPLED,     "2 normaliseren",                                 "2 normalise") \
X(PRINCIPLE_3,      17, SUBSET, PRINCIPLED,     "3 passende zorg",                                "3 matched care") \
X(PRINCIPLE_4,      17, SUBSET, PRINCIPLED,     "4 gebiedsgericht",                               "4 area based") \
X(PRINCIPLE_5,      17, SUBSET, PRINCIPLED,     "5 zo thuis mogelijk",                            "5 as home as possible") \
X(PRINCIPLE_6,      17, SUBSET, PRINCIPLED,     "6 lerend",                                       "6 learning")

/* Spreads: how often each number from 0 to 400, and median and p90 of it. */
#define SPREAD_LIST(X) \
X(ORDER_START,       1, "dagen van beschikking tot start",              "days from order to start") \
X(LEG_RECEIPT,       2, "dagen tot ontvangst",                          "days to receipt") \
X(LEG_TRIAGE,        2, "dagen daarna tot brede uitvraag",              "days from there to triage") \
X(LEG_ANALYSIS,      2, "dagen daarna tot verklarende analyse",         "days from there to analysis") \
X(LEG_REFERRAL,      2, "dagen daarna tot verwijzing",                  "days from there to referral") \
X(LEG_ACCEPT,        2, "dagen daarna tot acceptatie",                  "days from there to acceptance") \
X(LEG_START,         2, "dagen daarna tot start",                       "days from there to start") \
X(WAITED,            3, "dagen gewacht, eind van de periode",           "days waited, end of the period") \
X(OLDEST,             3, "dagen gewacht door de tien langst wachtenden", "days waited by the ten that wait longest") \
X(WAITED_1,           3, "dagen gewacht in klasse 1",                  "days waited in class 1") \
X(WAITED_2,           3, "dagen gewacht in klasse 2",                  "days waited in class 2") \
X(WAITED_3,           3, "dagen gewacht in klasse 3",                  "days waited in class 3") \
X(WAITED_4,           3, "dagen gewacht in klasse 4",                  "days waited in class 4") \
X(WAITED_LOW,         3, "dagen gewacht bij kwetsbaarheid 0 en 1",     "days waited at vulnerability 0 and 1") \
X(WAITED_MIDDLE,      3, "dagen gewacht bij kwetsbaarheid 2 tot en met 4", "days waited at vulnerability 2 to 4") \
X(WAITED_HIGH,        3, "dagen gewacht bij kwetsbaarheid 5 en hoger", "days waited at vulnerability 5 and higher") \
X(OFFERS_NEEDED,     4, "verwijzingen tot acceptatie",                  "referrals until accepted") \
X(TRIAGE_AGE,        6, "leeftijd van de uitvraag bij verwijzing, dagen", "age of the triage at referral, days") \
X(ANALYSIS_AGE,      6, "leeftijd van de analyse bij verwijzing, dagen", "age of the analysis at referral, days") \
X(DOMAINS,           6, "leefgebieden per uitvraag",                    "domains in a triage") \
X(HOPS_12,           7, "starts per gezin in 12 maanden",               "starts a family in 12 months") \
X(HOPS_24,           7, "starts per gezin in 24 maanden",               "starts a family in 24 months") \
X(HELP_DAYS,          8, "dagen hulp, van start tot einde",            "days of help, from start to end") \
X(MOVES,             9, "ongeplande verplaatsingen per gesloten zaak",  "unplanned moves a closed case") \
X(STUCK_RET,        10, "dagen van vastlopen tot expertteam",           "days from stuck to expert team") \
X(RET_ADVICE,       10, "dagen van vraag tot advies expertteam",        "days from question to advice of the team") \
X(RET_BOEG,         10, "dagen van expertteam tot expertisenetwerk",    "days from expert team to wider network") \
X(BEFORE_HEARING,   11, "dagen tussen rapport en zitting",              "days from report to hearing") \
X(REPORT_LENGTH,    11, "lengte van het rapport in honderden tekens",   "length of the report in hundreds of characters") \
X(FEEDBACK_SCORE,   14, "cijfer van het gezin, 1 tot 5",                "score by the family, 1 to 5") \
X(CASE_MESSAGES,    15, "berichten per gesloten zaak",                  "messages a closed case") \
X(CASE_REFUSALS,     15, "geweigerde berichten per gesloten zaak",     "messages refused a closed case") \
X(CASE_CORRECTIONS,  15, "correcties per gesloten zaak",               "corrections a closed case")

/* What cannot be shown, or has no entry in the journal, and why. */
#define FIGURE_GAP_LIST(X) \
X( 3, "wie de tien zijn die het langst wachten",  "elk van hen is een enkel kind; hun dagen staan er als groep", "who the ten are that wait longest", "each is a single child; their days stand as of a group") \
X( 9, "afstand in kilometers",           "adressen komen niet bij de broker; schaal en eigen gebied staan er wel", "distance in kilometres", "the broker sees no address; scale and own area are told") \
X( 9, "plaatsingen per 1.000 kinderen",  "hoeveel kinderen er wonen staat niet in het journaal", "placements per 1,000 children", "how many children live there is not in the journal") \
X(11, "wat de rechtbank met het advies deed",    "geen bericht meldt de uitspraak",                     "what the court did with the advice", "no message tells the ruling")

#define FIGURE_GROUP_LIST(X) \
X( 1, "Van beschikking tot start",            "From order to start") \
X( 2, "Dagen per stap",                       "Days per leg") \
X( 3, "Wachten",                              "Waiting") \
X( 4, "Verwijzingen en afwijzingen",          "Offers and declines") \
X( 5, "Waar de hulp vandaan komt",            "Route mix") \
X( 6, "Brede uitvraag en analyse",            "Triage and analysis") \
X( 7, "Wisselingen van hulp",                 "Hops") \
X( 8, "Hoe hulp eindigt",                     "How help ends") \
X( 9, "Thuis of uit huis, en crisis",         "Home or out of home, and crisis") \
X(10, "Vastgelopen en opgeschaald",           "Escalations") \
X(11, "Zittingsrapporten",                    "Hearing reports") \
X(12, "Dekking van het aanbod",               "Coverage") \
X(13, "Regie",                                "Direction") \
X(14, "Meedoen van kind en ouders",           "Participation") \
X(15, "Last van berichten",                   "Burden") \
X(16, "Bezorging",                            "Delivery") \
X(17, "Principes in besluiten",               "Principles in decisions")
/* clang-format on */

#endif
