/*
 * options_catalogue.c - what the messages about the catalogue ask: a row an
 * option.
 */
#include "agents/people/options.h"

#include <stddef.h>

/* clang-format off: the columns are the point */
const struct option options_catalogue[] = {
	{ "municipality", IN_FACTS, "municipality", OF_TEXT,   MUST, NULL,               NULL, "CBS-CODE" },
	{ "domain",       IN_FACTS, "domains",      OF_CODES,  MAY,  CODES(life_domain), NULL, "LEEFGEBIED,.." },
	{ "level",        IN_FACTS, "level",        OF_CODE,   MAY,  CODES(level),       NULL, "ZWAARTE" },
	{ "place",        IN_FACTS, "place",        OF_CODE,   MAY,  CODES(place),       NULL, "PLEK" },
	{ "refused",      IN_FACTS, "refused",      OF_CODES,  MAY,  CODES(place),       NULL, "PLEK,.." },
	{ "age",          IN_FACTS, "age",          OF_NUMBER, MAY,  NULL,               NULL, "JAREN" },
	{ "theme",        IN_FACTS, "theme",        OF_CODE,   MAY,  CODES(theme),       NULL, "THEMA" },
	{ "weekend",      IN_FACTS, "weekend",      OF_YES,    MAY,  NULL,               NULL, NULL },
	{ "running",      IN_FACTS, "running",      OF_TEXTS,  MAY,  NULL,               NULL, "AANBOD,.." },
	{ "must-combine", IN_FACTS, "must_combine", OF_YES,    MAY,  NULL,               NULL, NULL },
	{ "no-pilots",    IN_FACTS, "no_pilots",    OF_YES,    MAY,  NULL,               NULL, NULL },
	{ "from",         IN_FACTS, "date",         OF_DATE,   MAY,  NULL,               NULL, "DATUM" },
	{ 0 },
};

const struct option options_propose[] = {
	{ "to",           IN_REQUEST, "to",                     OF_NUMBERS, MUST, NULL,               NULL, "DEELNEMER" },
	{ "offering",     IN_FACTS,   "offering.code",          OF_TEXT,    MUST, NULL,               NULL, "AANBOD" },
	{ "name",         IN_FACTS,   "offering.name",          OF_TEXT,    MUST, NULL,               NULL, "NAAM" },
	{ "level",        IN_FACTS,   "offering.level",         OF_CODE,    MUST, CODES(level),       NULL, "ZWAARTE" },
	{ "product",      IN_FACTS,   "offering.product",       OF_TEXT,    MAY,  NULL,               NULL, "PRODUCTCODE" },
	{ "theme",        IN_FACTS,   "offering.theme",         OF_CODE,    MAY,  CODES(theme),       NULL, "THEMA" },
	{ "weekend",      IN_FACTS,   "offering.weekend",       OF_YES,     MAY,  NULL,               NULL, NULL },
	{ "place",        IN_FACTS,   "offering.place",         OF_CODE,    MAY,  CODES(place),       NULL, "PLEK" },
	{ "domain",       IN_FACTS,   "offering.domains",       OF_CODES,   MAY,  CODES(life_domain), NULL, "LEEFGEBIED,.." },
	{ "scale",        IN_FACTS,   "offering.scale",         OF_CODE,    MAY,  CODES(scale),       NULL, "SCHAAL" },
	{ "social-base",  IN_FACTS,   "offering.social_base",   OF_CODE,    MAY,  CODES(base_kind),   NULL, "SOORT" },
	{ "age-from",     IN_FACTS,   "offering.age_from",      OF_NUMBER,  MAY,  NULL,               NULL, "JAREN" },
	{ "age-until",    IN_FACTS,   "offering.age_until",     OF_NUMBER,  MAY,  NULL,               NULL, "JAREN" },
	{ "municipality", IN_FACTS,   "offering.municipalities", OF_TEXTS,  MAY,  NULL,               NULL, "CBS-CODE,.." },
	{ "combines",     IN_FACTS,   "offering.combines_with", OF_TEXTS,   MAY,  NULL,               NULL, "AANBOD,.." },
	{ "months",       IN_FACTS,   "offering.months_max",    OF_NUMBER,  MAY,  NULL,               NULL, "MAANDEN" },
	{ "pilot",        IN_FACTS,   "offering.pilot",         OF_YES,     MAY,  NULL,               NULL, NULL },
	{ 0 },
};

const struct option options_decide_offering[] = {
	{ "no",    IN_FACTS, "accepted",   OF_NO_ELSE_YES, MAY, NULL, NULL, NULL },
	{ "from",  IN_FACTS, "from_date",  OF_DATE,        MAY, NULL, NULL, "DATUM" },
	{ "until", IN_FACTS, "until_date", OF_DATE,        MAY, NULL, NULL, "DATUM" },
	{ 0 },
};

const struct option options_capacity[] = {
	{ "places", IN_FACTS, "offerings", OF_PLACES, MUST, NULL, NULL, "AANBOD=AANTAL" },
	{ 0 },
};

const struct option options_side_taken[] = {
	{ "route",     IN_FACTS, "route",     OF_CODE, MUST, CODES(route), NULL, "ROUTE" },
	{ "fell-away", IN_FACTS, "fell_away", OF_YES,  MAY,  NULL,         NULL, NULL },
	{ 0 },
};
/* clang-format on */
