/*
 * Municipality to region and court by the policy that held; access teams and
 * providers by their enrolment.
 */
#include "agents/audit/figures.h"
#include "proto/text.h"

#include <stdlib.h>
#include <string.h>

#define CODES 10000u	/* CBS codes have four digits */
#define NAMES_MAX 512u

struct keys {
	enum by by;
	uint16_t of[CODES];		/* municipality -> name; 0: look up */
	char name[NAMES_MAX][CELL_NAME_MAX];	/* from 1 */
	size_t names;
};

static const struct by_info bys[BYS] = {
	[BY_AREA] = { "area", "gebied (lokale toegang)", "area (access team)" },
	[BY_MUNICIPALITY] = { "municipality", "gemeente", "municipality" },
	[BY_REGION] = { "region", "jeugdregio", "youth region" },
	[BY_COURT] = { "court", "rechtbank", "court" },
	[BY_PROVIDER] = { "provider", "aanbieder", "provider" },
	[BY_THEME] = { "theme", "thema", "theme" },
};

const struct by_info *
by_info(enum by by)
{
	return &bys[by];
}

bool
by_parse(const char *text, enum by *by)
{
	for (int i = 0; i < BYS; i++) {
		if (strcmp(bys[i].name, text) != 0)
			continue;
		*by = (enum by)i;
		return true;
	}
	return false;
}

struct keys *
keys_make(enum by by)
{
	struct keys *keys = calloc(1, sizeof(*keys));

	if (keys != NULL)
		keys->by = by;
	return keys;
}

void
keys_free(struct keys *keys)
{
	free(keys);
}

void
keys_forget(struct keys *keys)
{
	memset(keys->of, 0, sizeof(keys->of));
}

static const Sk__Municipality *
find(const Sk__Policy *policy, uint32_t municipality)
{
	for (size_t i = 0; policy != NULL && i < policy->n_municipalities; i++)
		if (policy_municipality(policy->municipalities[i]->code) ==
		    municipality)
			return policy->municipalities[i];
	return NULL;
}

static const char *
court_name(const Sk__Policy *policy, const char *corv_id)
{
	for (size_t i = 0; corv_id != NULL && i < policy->n_courts; i++)
		if (strcmp(policy->courts[i]->corv_id, corv_id) == 0 &&
		    policy->courts[i]->name != NULL)
			return policy->courts[i]->name;
	return corv_id;
}

/* 0 when it has no name or there are too many. */
static uint16_t
intern(struct keys *keys, const char *name)
{
	if (name == NULL || *name == '\0')
		return 0;
	for (size_t i = 1; i <= keys->names; i++)
		if (strncmp(keys->name[i], name, CELL_NAME_MAX - 1) == 0)
			return (uint16_t)i;
	if (keys->names + 1 == NAMES_MAX)
		return 0;
	snprintf(keys->name[++keys->names], CELL_NAME_MAX, "%s", name);
	return (uint16_t)keys->names;
}

static uint64_t
by_policy(struct keys *keys, uint32_t municipality, const Sk__Policy *policy)
{
	const Sk__Municipality *m;

	if (municipality == 0 || municipality >= CODES)
		return 0;
	if (keys->of[municipality] == 0 &&
	    (m = find(policy, municipality)) != NULL)
		keys->of[municipality] = intern(keys, keys->by == BY_REGION ?
		    m->youth_region : court_name(policy, m->court));
	return keys->of[municipality];
}

uint64_t
keys_of(struct keys *keys, const struct figures_case *now, uint64_t provider,
    const Sk__Policy *policy)
{
	switch (keys->by) {
	case BY_AREA:
		return now->owner;
	case BY_MUNICIPALITY:
		return now->municipality;
	case BY_PROVIDER:
		return provider;
	case BY_THEME:
		return now->theme;
	default:
		return by_policy(keys, now->municipality, policy);
	}
}

void
keys_name(const struct keys *keys, uint64_t id, const struct engine *engine,
    const Sk__Policy *policy, char name[CELL_NAME_MAX])
{
	static const char *const themes[] = { "", "scheiding / separation",
		"ander thema / other theme" };
	const Sk__Municipality *m = NULL;
	const struct member *member;

	snprintf(name, CELL_NAME_MAX, "%s", "onbekend / not known");
	if (id == 0)
		return;
	if (keys->by == BY_AREA || keys->by == BY_PROVIDER) {
		member = engine_member(engine, id);
		if (member != NULL)
			snprintf(name, CELL_NAME_MAX, "%s (%llu)",
			    member->current.name, (unsigned long long)id);
	} else if (keys->by == BY_THEME) {
		if (id < sizeof(themes) / sizeof(themes[0]))
			snprintf(name, CELL_NAME_MAX, "%s", themes[id]);
	} else if (keys->by == BY_MUNICIPALITY) {
		m = find(policy, (uint32_t)id);
		snprintf(name, CELL_NAME_MAX, "%04u %.80s", (unsigned)id,
		    m == NULL || m->name == NULL ? "?" : m->name);
	} else
		snprintf(name, CELL_NAME_MAX, "%s", keys->name[id]);
	/* A name must not steer the terminal or the page of who looks. */
	text_tame(name);
}
