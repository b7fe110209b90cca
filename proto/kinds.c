#include "proto/message.h"

#include <strings.h>

#define BIT(section) (1u << SK__SECTION__##section)
#define REPORT_MUST (BIT(WHAT_WAS_DONE) | BIT(FAMILY_VIEW) | BIT(ADVICE))
#define REPORT_MAY (BIT(CHILD_VIEW) | BIT(SITUATION))
#define VIEWS (BIT(FAMILY_VIEW) | BIT(CHILD_VIEW))
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

const struct kind_info *
kind_by_name(const char *name)
{
	for (size_t i = 0; i < kind_count(); i++)
		if (strcasecmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
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
