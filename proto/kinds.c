#include "proto/message.h"

#include <strings.h>

#define BIT(section) (1u << SK__SECTION__##section)
#define REPORT_MUST (BIT(WHAT_WAS_DONE) | BIT(FAMILY_VIEW) | BIT(ADVICE))
#define REPORT_MAY (BIT(CHILD_VIEW) | BIT(SITUATION))
#define VIEWS (BIT(FAMILY_VIEW) | BIT(CHILD_VIEW))
#define ANY_SECTION 0x3feu	/* 1 to 9 */
#define KIND(name) SK__KIND__##name, #name

static const struct kind_info kinds[] = {
/* clang-format off: the columns are the point */
	/* kind                      Dutch                              opens  replies dated  sealed        sections: must                            may */
	{ KIND(COURT_ORDER),            "beschikking",                     true,  false,  true,  SEALED_MUST,  BIT(PERSONALIA) | BIT(QUESTION),          BIT(SITUATION) },
	{ KIND(TRIAGE),                 "brede uitvraag",                  false, false,  true,  SEALED_MUST,  BIT(SITUATION),                           0 },
	{ KIND(ANALYSIS),               "brede verklarende analyse",       false, false,  true,  SEALED_MUST,  BIT(EXPLANATION),                         BIT(SITUATION) },
	{ KIND(ROUTE_DECISION),         "routebesluit",                    false, false,  true,  SEALED_MUST,  BIT(EXPLANATION),                         0 },
	{ KIND(FAMILY_PLAN),            "gezinsplan",                      false, false,  true,  SEALED_MUST,  BIT(GOALS),                               VIEWS },
	{ KIND(REFERRAL),               "verwijzing",                      false, false,  false, SEALED_MUST,  BIT(PERSONALIA) | BIT(QUESTION),          BIT(SITUATION) | BIT(GOALS) },
	{ KIND(RECEIPT_OF),             "ontvangstbevestiging",            false, true,   false, SEALED_NEVER, 0,                                        0 },
	{ KIND(ACCEPT),                 "acceptatie",                      false, true,   false, SEALED_MAY,   0,                                        BIT(EXPLANATION) },
	{ KIND(DECLINE),                "afwijzing",                       false, true,   false, SEALED_MUST,  BIT(EXPLANATION),                         0 },
	{ KIND(WAIT_PLACE),             "wachtplek",                       false, true,   false, SEALED_MAY,   0,                                        BIT(EXPLANATION) },
	{ KIND(START),                  "start zorg",                      false, true,   true,  SEALED_MAY,   0,                                        BIT(EXPLANATION) },
	{ KIND(PROGRESS_REPORT),        "voortgangsbericht",               false, true,   false, SEALED_MUST,  BIT(WHAT_WAS_DONE),                       VIEWS },
	{ KIND(HEARING_NOTICE),         "aankondiging zitting",            false, false,  false, SEALED_MAY,   0,                                        BIT(EXPLANATION) },
	{ KIND(HEARING_REPORT_REQUEST), "verzoek zittingsrapport",         false, false,  false, SEALED_MAY,   0,                                        BIT(EXPLANATION) },
	{ KIND(HEARING_REPORT),         "zittingsrapport",                 false, true,   false, SEALED_MUST,  REPORT_MUST,                              REPORT_MAY },
	{ KIND(COURT_REPORT),           "rapport aan de rechtbank",        false, false,  false, SEALED_MUST,  REPORT_MUST,                              REPORT_MAY },
	{ KIND(STOP),                   "einde zorg",                      false, true,   true,  SEALED_MUST,  BIT(EXPLANATION),                         0 },
	{ KIND(CLOSE),                  "afsluiting",                      false, false,  false, SEALED_MAY,   0,                                        BIT(EXPLANATION) },
	{ KIND(OPENED),                 "geopend door een persoon",        false, true,   false, SEALED_NEVER, 0,                                        0 },
	{ KIND(CONTENT_MISMATCH_FOUND), "inhoud wijkt af",                 false, true,   false, SEALED_NEVER, 0,                                        0 },
	{ KIND(ACCESS_REQUEST),           "aanmelding bij de toegang",       true,  false,  false, SEALED_MUST,  BIT(PERSONALIA) | BIT(QUESTION),           BIT(SITUATION) },
	{ KIND(SIGNAL),                   "signaal",                         true,  false,  false, SEALED_MUST,  BIT(PERSONALIA) | BIT(SITUATION),          0 },
	{ KIND(NOT_MINE),                 "niet onze gemeente",              false, false,  false, SEALED_MUST,  BIT(EXPLANATION),                          BIT(PERSONALIA) | BIT(QUESTION) | BIT(SITUATION) },
	{ KIND(TRANSFER_TAKEN),           "overname",                        false, true,   false, SEALED_NEVER, 0,                                         0 },
	{ KIND(WITHDRAW),                 "intrekking",                      false, false,  false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(PAUSE),                    "onderbreking",                    false, true,   true,  SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(RESUME),                   "hervatting",                      false, true,   true,  SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(CHANGE_REQUEST),           "verzoek om wijziging",            false, true,   false, SEALED_MUST,  BIT(EXPLANATION),                          BIT(FAMILY_VIEW) },
	{ KIND(CHANGE_ANSWER),            "antwoord op wijziging",           false, true,   false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(INVESTIGATE),              "in onderzoek",                    false, true,   false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(REQUEST_ASSIGNMENT),       "verzoek om toewijzing",           true,  false,  false, SEALED_MUST,  BIT(PERSONALIA) | BIT(QUESTION),           BIT(SITUATION) },
	{ KIND(CONSULT),                  "consultatievraag",                false, false,  false, SEALED_MUST,  BIT(QUESTION),                             BIT(SITUATION) },
	{ KIND(CONSULT_ANSWER),           "consultatieantwoord",             false, true,   false, SEALED_MUST,  BIT(ADVICE),                               0 },
	{ KIND(INVOLVEMENT_NOTICE),       "melding van betrokkenheid",       false, false,  false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(DIRECTOR_CHANGE),          "voorstel regievoerder",           false, false,  false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(DIRECTOR_ACCEPT),          "aanvaarding regie",               false, true,   false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(STUCK),                    "vastgelopen",                     false, false,  false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(RET_REQUEST),              "vraag aan het expertteam",        false, false,  false, SEALED_MUST,  BIT(QUESTION),                             BIT(SITUATION) | BIT(PERSONALIA) | VIEWS },
	{ KIND(RET_ADVICE),               "advies van het expertteam",       false, true,   false, SEALED_MUST,  BIT(ADVICE),                               BIT(EXPLANATION) },
	{ KIND(BOEG_REQUEST),             "vraag aan het expertisenetwerk",  false, false,  false, SEALED_MUST,  BIT(QUESTION),                             BIT(SITUATION) | BIT(PERSONALIA) | VIEWS },
	{ KIND(BOEG_ADVICE),              "advies van het expertisenetwerk", false, true,   false, SEALED_MUST,  BIT(ADVICE),                               BIT(EXPLANATION) },
	{ KIND(LESSON),                   "les",                             false, false,  false, SEALED_MUST,  BIT(EXPLANATION),                          VIEWS },
	{ KIND(STORY),                    "verhaal",                         false, false,  false, SEALED_MUST,  BIT(SITUATION),                            0 },
	{ KIND(FEEDBACK),                 "terugkoppeling van het gezin",    false, false,  false, SEALED_MAY,   0,                                         VIEWS },
	{ KIND(CORRECTION),               "correctie",                       false, true,   false, SEALED_MUST,  BIT(EXPLANATION),                          0 },
	{ KIND(VOID),                     "ten onrechte geopend",            false, false,  false, SEALED_MUST,  BIT(EXPLANATION),                          0 },
	{ KIND(LINK_PERSON),              "koppeling persoon",               false, false,  false, SEALED_MAY,   0,                                         BIT(PERSONALIA) },
	{ KIND(UNMET_NEED),               "onvervulde hulpvraag",            false, false,  false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(CRISIS_ALERT),             "crisismelding",                   false, false,  false, SEALED_MUST,  BIT(SITUATION),                            0 },
	{ KIND(CRISIS_TAKEN),             "crisis opgepakt",                 false, false,  false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(CRISIS_REVIEW),            "terugblik op de crisis",          false, false,  false, SEALED_MUST,  BIT(EXPLANATION),                          VIEWS },
	{ KIND(CONTACT_ATTEMPT),          "contactpoging",                   false, false,  false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(CASE_CONFERENCE),          "casusoverleg",                    false, false,  true,  SEALED_MUST,  BIT(EXPLANATION),                          VIEWS },
	{ KIND(INFORMATION_REQUEST),      "vraag om informatie",             false, false,  false, SEALED_NEVER, 0,                                         0 },
	{ KIND(INFORMATION_ANSWER),       "antwoord op vraag om informatie", false, true,   false, SEALED_MAY,   0,                                         VIEWS | BIT(PERSONALIA) | BIT(QUESTION) | BIT(SITUATION) | BIT(GOALS) | BIT(WHAT_WAS_DONE) | BIT(ADVICE) | BIT(EXPLANATION) },
	{ KIND(CATALOGUE_QUERY),          "vraag aan de catalogus",          false, false,  false, SEALED_NEVER, 0,                                         0 },
	{ KIND(OFFERING_PROPOSAL),        "voorstel voor aanbod",            false, false,  false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(OFFERING_DECISION),        "besluit over aanbod",             false, true,   false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(CAPACITY_UPDATE),          "stand van de capaciteit",         false, false,  true,  SEALED_NEVER, 0,                                         0 },
	{ KIND(SIDE_TAKEN),               "nevenroute opgepakt",             false, false,  false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(PERSON_CHANGE),            "wijziging van persoon",           false, false,  true,  SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(CONSENT_CHANGE),           "toestemming of intrekking",       false, false,  true,  SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(EXTRACT_MADE),             "uittreksel voor een ouder",       false, false,  false, SEALED_NEVER, 0,                                         0 },
	{ KIND(RESEAL),                   "opnieuw verzegeld",               false, true,   false, SEALED_MUST,  0,                                         ANY_SECTION },
	{ KIND(CONSENT_ANSWER),           "antwoord op intrekking",          false, true,   false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(ASSIGNED),                 "toegedeeld",                      false, false,  false, SEALED_NEVER, 0,                                        0 },
	{ KIND(NOTIFIED),                 "medewerker gewaarschuwd",         false, false,  false, SEALED_NEVER, 0,                                        0 },
	{ KIND(ERASURE_REQUEST),          "verzoek om wissen",               false, false,  false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(ERASURE_ANSWER),           "antwoord op verzoek om wissen",   false, true,   false, SEALED_MAY,   0,                                         BIT(EXPLANATION) },
	{ KIND(ERASURE_DONE),             "verklaring over het wissen",      false, false,  false, SEALED_NEVER, 0,                                         0 },
	{ KIND(AUDIT_LOOK),               "inzage in het journaal",          false, false,  false, SEALED_NEVER, 0,                                         0 },
	{ KIND(ORDER_EXTENDED),           "verlenging van de beschikking",   false, false,  true,  SEALED_MUST,  BIT(EXPLANATION),                          BIT(QUESTION) },
	{ KIND(ORDER_WITHDRAWN),          "intrekking van de beschikking",   false, false,  true,  SEALED_MUST,  BIT(EXPLANATION),                          0 },
	{ KIND(WAITING_QUERY),            "vraag wie er wacht",              false, false,  false, SEALED_NEVER, 0,                                         0 },
/* clang-format on */
};

static const struct {
	Sk__Role role;
	const char *name;
	const char *dutch;
} roles[] = {
	{ SK__ROLE__ACCESS, "ACCESS", "lokale toegang" },
	{ SK__ROLE__PROVIDER, "PROVIDER", "jeugdhulpaanbieder" },
	{ SK__ROLE__COURT, "COURT", "griffie" },
	{ SK__ROLE__GI, "GI", "gecertificeerde instelling" },
	{ SK__ROLE__RVDK, "RVDK", "Raad voor de Kinderbescherming" },
	{ SK__ROLE__RET, "RET", "regionaal expertteam" },
	{ SK__ROLE__BOEG, "BOEG", "bovenregionaal expertisenetwerk" },
	{ SK__ROLE__AUDITOR, "AUDITOR", "auditor" },
	{ SK__ROLE__REGION, "REGION", "regio" },
	{ SK__ROLE__BROKER, "BROKER", "broker" },
	{ SK__ROLE__SCHOOL, "SCHOOL", "school" },
	{ SK__ROLE__SPORT, "SPORT", "sportvereniging" },
	{ SK__ROLE__CHILDCARE, "CHILDCARE", "kinderopvang" },
};

#define ROLES (sizeof(roles) / sizeof(roles[0]))

size_t
kind_count(void)
{
	return sizeof(kinds) / sizeof(kinds[0]);
}

const struct kind_info *
kind_at(size_t index)
{
	return index < kind_count() ? &kinds[index] : NULL;
}

const struct kind_info *
kind_info(Sk__Kind kind)
{
	for (size_t i = 0; i < kind_count(); i++)
		if (kinds[i].kind == kind)
			return &kinds[i];
	return NULL;
}

bool
kind_has_no_case(const struct kind_info *info)
{
	return (info->kind >= SK__KIND__CATALOGUE_QUERY &&
	    info->kind <= SK__KIND__CAPACITY_UPDATE) ||
	    info->kind == SK__KIND__WAITING_QUERY ||
	    info->kind == SK__KIND__AUDIT_LOOK;
}

bool
kind_names_itself(const struct kind_info *info)
{
	return info->opens_case || kind_has_no_case(info);
}

const struct kind_info *
kind_by_name(const char *name)
{
	for (size_t i = 0; i < kind_count(); i++)
		if (strcasecmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

bool
kind_is_own_record(Sk__Kind kind)
{
	return kind == SK__KIND__OPENED || kind == SK__KIND__ASSIGNED ||
	    kind == SK__KIND__NOTIFIED;
}
#define R(role) (1u << SK__ROLE__##role)
#define TEAM R(ACCESS)
#define CARE (TEAM | R(PROVIDER) | R(GI))
#define ADVISERS (R(RET) | R(BOEG))

/* clang-format off: the columns are the point */
static const struct {
	Sk__Kind kind;
	uint32_t roles;
} reseals[] = {
	{ SK__KIND__COURT_ORDER,        TEAM | R(GI) },
	{ SK__KIND__ACCESS_REQUEST,     TEAM | R(GI) },
	{ SK__KIND__SIGNAL,             TEAM | R(GI) },
	{ SK__KIND__REQUEST_ASSIGNMENT, TEAM },
	{ SK__KIND__TRIAGE,             CARE | ADVISERS },
	{ SK__KIND__ANALYSIS,           CARE | ADVISERS },
	{ SK__KIND__ROUTE_DECISION,     TEAM | R(GI) },
	{ SK__KIND__FAMILY_PLAN,        CARE | ADVISERS },
	{ SK__KIND__REFERRAL,           TEAM },
	{ SK__KIND__ACCEPT,             TEAM },
	{ SK__KIND__DECLINE,            TEAM },
	{ SK__KIND__WAIT_PLACE,         TEAM },
	{ SK__KIND__START,              TEAM },
	{ SK__KIND__PROGRESS_REPORT,    TEAM | R(GI) | ADVISERS },
	{ SK__KIND__HEARING_REPORT,     TEAM },
	{ SK__KIND__COURT_REPORT,       TEAM },
	{ SK__KIND__STOP,               TEAM | R(GI) | ADVISERS },
	{ SK__KIND__PERSON_CHANGE,      CARE },
	{ SK__KIND__CONSENT_CHANGE,     CARE },
	{ SK__KIND__RET_REQUEST,        TEAM | R(BOEG) },
	{ SK__KIND__RET_ADVICE,         TEAM | R(BOEG) },
	{ SK__KIND__BOEG_ADVICE,        TEAM },
	{ SK__KIND__CASE_CONFERENCE,    CARE | ADVISERS },
};
/* clang-format on */

bool
kind_reseals_to(Sk__Kind kind, Sk__Role role)
{
	for (size_t i = 0; i < sizeof(reseals) / sizeof(reseals[0]); i++)
		if (reseals[i].kind == kind)
			return role > 0 && role < 32 &&
			    (reseals[i].roles >> role & 1) != 0;
	return false;
}
#undef R

/* clang-format off: the columns are the point */
static const struct {
	Sk__Warning warning;
	const char *dutch, *english;
} warnings[] = {
	{ SK__WARNING__HELPS_THE_CHILD_ALONE,
	  "de problemen zijn van volwassenen, en elk doel helpt het kind",
	  "the problems are adults', and every goal helps the child" },
	{ SK__WARNING__OWNED_BY_PROFESSIONALS,
	  "geen doel is van het gezin, zijn netwerk of de sociale basis",
	  "no goal is owned by the family, its network or the social base" },
	{ SK__WARNING__GOOD_ENOUGH_NOT_NAMED,
	  "geen plan van deze zaak zegt wanneer het goed genoeg is",
	  "no plan of this case says when it is good enough" },
};
/* clang-format on */

#define WARNINGS (sizeof(warnings) / sizeof(warnings[0]))

const char *
warning_english(Sk__Warning warning)
{
	for (size_t i = 0; i < WARNINGS; i++)
		if (warnings[i].warning == warning)
			return warnings[i].english;
	return "a warning that this build does not know";
}

const char *
warning_dutch(Sk__Warning warning)
{
	for (size_t i = 0; i < WARNINGS; i++)
		if (warnings[i].warning == warning)
			return warnings[i].dutch;
	return "een waarschuwing die deze versie niet kent";
}

const char *
section_name(Sk__Section section)
{
	const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
	    &sk__section__descriptor, (int)section);

	return value == NULL ? "?" : value->name;
}

const char *
role_name(Sk__Role role)
{
	for (size_t i = 0; i < ROLES; i++)
		if (roles[i].role == role)
			return roles[i].name;
	return "?";
}

const char *
role_dutch(Sk__Role role)
{
	for (size_t i = 0; i < ROLES; i++)
		if (roles[i].role == role)
			return roles[i].dutch;
	return "?";
}

bool
role_by_name(const char *name, Sk__Role *role)
{
	for (size_t i = 0; i < ROLES; i++)
		if (strcasecmp(roles[i].name, name) == 0) {
			*role = roles[i].role;
			return true;
		}
	return false;
}
