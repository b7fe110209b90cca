/*
 * The profiles in ops/regions, as the broker would take them. Run from the
 * top of the tree.
 */
#include "broker/core/policy.h"
#include "broker/core/profile.h"
#include "broker/lib/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { IJSSELLAND, AMSTERDAM, TWENTE, NIJMEGEN, IJSSELLAND_2012, NATIONAL,
	PROFILES };

static const struct {
	const char *path;
	size_t municipalities, courts, providers, offerings, groups, areas;
} profiles[PROFILES] = {
/* clang-format off: the columns are the point */
	[IJSSELLAND]      = { "ops/regions/ijsselland.yaml",       11,  1,  7, 15, 0,  0 },
	[AMSTERDAM]       = { "ops/regions/amsterdam.yaml",         4,  1, 12, 15, 1, 10 },
	[TWENTE]          = { "ops/regions/twente.yaml",           14,  1, 10, 17, 1,  3 },
	[NIJMEGEN]        = { "ops/regions/nijmegen.yaml",          7,  2,  8, 12, 1,  3 },
	[IJSSELLAND_2012] = { "ops/regions/ijsselland-2012.yaml",  13,  2,  8, 13, 0,  4 },
	[NATIONAL]        = { "ops/regions/nederland.yaml",       342, 11,  0,  0, 0,  0 },
/* clang-format on */
};

static uint8_t memory[PROFILES][1u << 20];
static const Sk__Policy *policies[PROFILES];

static int
read_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < PROFILES; i++) {
		ProtobufCMessage *message = NULL;
		struct yaml_fault fault = { 0 };
		struct arena arena;

		arena_init(&arena, memory[i], sizeof(memory[i]));
		if (yaml_read(profiles[i].path, &sk__policy__descriptor,
		    &arena, &message, NULL, &fault) != SK_OK)
			fail_msg("%s", fault.text);
		policies[i] = (const Sk__Policy *)message;
	}
	return 0;
}

static const Sk__Municipality *
find_national(const char *code)
{
	const Sk__Policy *national = policies[NATIONAL];

	for (size_t i = 0; i < national->n_municipalities; i++)
		if (strcmp(national->municipalities[i]->code, code) == 0)
			return national->municipalities[i];
	return NULL;
}

static bool
has_court(const Sk__Policy *policy, const char *corv_id)
{
	for (size_t i = 0; i < policy->n_courts; i++)
		if (strcmp(policy->courts[i]->corv_id, corv_id) == 0)
			return true;
	return false;
}

static void
test_every_profile_reads_and_does_not_contradict_itself(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	for (size_t i = 0; i < PROFILES; i++) {
		const Sk__Policy *policy = policies[i];

		if (policy_check(policy, &fault) != SK_OK)
			fail_msg("%s: %s: %s", profiles[i].path, fault.field,
			    fault.hint);
		assert_int_equal(policy->n_municipalities,
		    profiles[i].municipalities);
		assert_int_equal(policy->n_courts, profiles[i].courts);
		assert_int_equal(policy->n_providers, profiles[i].providers);
		assert_int_equal(policy->n_offerings, profiles[i].offerings);
		assert_int_equal(policy->n_groups, profiles[i].groups);
		assert_int_equal(policy->n_areas, profiles[i].areas);
		assert_true(policy->n_sources > 0);
	}
}

static void
test_municipalities_stand_once_by_code_under_a_court_of_the_profile(
    void **state)
{
	(void)state;
	for (size_t i = 0; i < PROFILES; i++) {
		const Sk__Policy *policy = policies[i];
		const char *last = "";

		for (size_t k = 0; k < policy->n_municipalities; k++) {
			const Sk__Municipality *m = policy->municipalities[k];

			assert_int_equal(strspn(m->code, "0123456789"), 4);
			assert_int_equal(strlen(m->code), 4);
			if (strcmp(last, m->code) >= 0)
				fail_msg("%s after %s", m->code, last);
			if (!has_court(policy, m->court))
				fail_msg("%s: no court %s", m->code, m->court);
			assert_true(m->name != NULL && m->province != NULL &&
			    m->youth_region != NULL);
			last = m->code;
		}
	}
}

static void
test_every_region_says_of_its_municipalities_what_the_directory_says(
    void **state)
{
	(void)state;
	for (size_t i = 0; i < NATIONAL; i++)
		for (size_t k = 0; k < policies[i]->n_municipalities; k++) {
			const Sk__Municipality *m =
			    policies[i]->municipalities[k];
			const Sk__Municipality *n = find_national(m->code);

			if (n == NULL)
				fail_msg("%s is not in the directory", m->code);
			assert_string_equal(m->name, n->name);
			assert_string_equal(m->province, n->province);
			assert_string_equal(m->youth_region, n->youth_region);
			assert_string_equal(m->court, n->court);
		}
}

/* From the social base to closed, with nothing missing between (R16). */
static void
test_every_region_offers_the_whole_span(void **state)
{
	(void)state;
	for (size_t i = 0; i < NATIONAL; i++) {
		uint32_t levels = 0, places = 0;
		bool base = false;

		for (size_t k = 0; k < policies[i]->n_offerings; k++) {
			const Sk__Offering *o = policies[i]->offerings[k];

			levels |= 1u << o->level;
			places |= 1u << (o->has_place ? o->place : 0);
			base = base || o->has_social_base;
			/* only the social base is not assigned and paid */
			assert_true(o->has_social_base ==
			    (o->product == NULL));
		}
		assert_true(base);
		assert_int_equal(levels, 0x3e);
		assert_true((places & 1u << SK__PLACE__HOME) != 0);
		assert_true((places & 1u << SK__PLACE__FOSTER) != 0);
		assert_true((places & 1u << SK__PLACE__FAMILY_HOME) != 0);
		assert_true((places & 1u << SK__PLACE__CLOSED_PLACE) != 0);
	}
}

static void
test_what_each_source_text_asks_stands_in_its_profile(void **state)
{
	static const struct {
		size_t profile;
		uint32_t municipality;
		enum term term;
		uint32_t value;
	} cases[] = {
		{ IJSSELLAND, 193, TERM_ORDER_WARNING_DAYS, 14 },
		{ IJSSELLAND, 193, TERM_ORDER_BREACH_DAYS, 28 },
		{ AMSTERDAM, 363, TERM_CONSIDERATION_NEEDED, 1 },
		{ AMSTERDAM, 363, TERM_ALTERNATIVES_MIN, 3 },
		{ TWENTE, 153, TERM_LOCAL_REASON_NEEDED, 1 },
		{ TWENTE, 153, TERM_CRISIS_ANALYSIS_DAYS, 21 },
		{ NIJMEGEN, 268, TERM_TAILOR_MADE_PLANS, 1 },
		{ NIJMEGEN, 225, TERM_TAILOR_MADE_PLANS, 0 },
		{ NIJMEGEN, 268, TERM_BOEG_ADVICE_WORKDAYS, 20 },
		{ IJSSELLAND, 193, TERM_TRIAGE_MAX_AGE_DAYS, 180 },
		{ IJSSELLAND, 193, TERM_HEARING_REPORT_LEAD_WORKDAYS, 15 },
		{ IJSSELLAND, 193, TERM_REPORT_CHARACTERS_MAX, 6000 },
		{ IJSSELLAND, 193, TERM_COURT_REFERS_DIRECT, 0 },
		{ IJSSELLAND, 193, TERM_BOTH_PARENTS_CONSENT, 1 },
		{ AMSTERDAM, 363, TERM_COMPLEX_DOMAINS, 3 },
		{ AMSTERDAM, 363, TERM_AGEING_DAYS, 42 },
		{ AMSTERDAM, 363, TERM_RELOOK_DAYS, 28 },
		{ AMSTERDAM, 384, TERM_CRISIS_ANSWER_HOURS, 4 },
		{ AMSTERDAM, 384, TERM_CRISIS_OWNER_HOURS, 24 },
		{ AMSTERDAM, 451, TERM_CONTACT_ATTEMPTS_MIN, 4 },
		{ AMSTERDAM, 437, TERM_CONSULT_WORKDAYS, 3 },
		{ TWENTE, 153, TERM_CONSIDERATION_NEEDED, 1 },
		{ TWENTE, 153, TERM_DIRECTOR_DOMAINS, 2 },
		{ TWENTE, 153, TERM_DIRECTOR_WORKDAYS, 3 },
		{ TWENTE, 141, TERM_FAILURES_TO_CONFERENCE, 2 },
		{ TWENTE, 141, TERM_FAILURES_TO_RET, 3 },
		{ TWENTE, 1774, TERM_INVOLVEMENT_WORKDAYS, 3 },
		{ NIJMEGEN, 268, TERM_STUCK_REMINDER_WORKDAYS, 5 },
		{ NIJMEGEN, 268, TERM_STUCK_PROPOSAL_WORKDAYS, 10 },
		{ NIJMEGEN, 268, TERM_RET_ADVICE_WORKDAYS, 10 },
		{ NIJMEGEN, 944, TERM_CRISIS_REVIEW_DAYS, 5 },
		{ NIJMEGEN, 944, TERM_CRISIS_ANALYSIS_DAYS, 28 },
		{ NIJMEGEN, 944, TERM_MOVES_TO_RET, 2 },
		{ NIJMEGEN, 944, TERM_COMPLEX_DOMAINS, 2 },
		{ IJSSELLAND_2012, 193, TERM_DIRECTOR_WORKDAYS, 3 },
		{ IJSSELLAND_2012, 193, TERM_TRIAGE_DUE_WORKDAYS, 3 },
		{ IJSSELLAND_2012, 193, TERM_ANSWER_EXPIRES_WORKDAYS, 5 },
		{ IJSSELLAND_2012, 193, TERM_LOCAL_REASON_NEEDED, 1 },
		{ IJSSELLAND_2012, 193, TERM_INVOLVEMENT_WORKDAYS, 3 },
	};
	const Sk__Policy *amsterdam = policies[AMSTERDAM];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(policy_term(policies[cases[i].profile],
		    cases[i].municipality, cases[i].term), cases[i].value);
	assert_int_equal(amsterdam->groups[0]->n_members, 10);
	assert_ptr_equal(profile_group(amsterdam, "42420110",
	    SK__LEVEL__SPECIALIST), amsterdam->groups[0]);
	assert_null(profile_group(amsterdam, "42420111",
	    SK__LEVEL__SPECIALIST));
}

/* What the text calls those who take part; no region has another's word for
 * its experts. */
static void
test_each_region_has_the_names_of_its_text(void **state)
{
	static const struct {
		size_t profile;
		Sk__Role role;
		const char *name;
	} cases[] = {
/* clang-format off: the columns are the point */
		{ IJSSELLAND,      SK__ROLE__ACCESS,   "gemeentelijke toegang" },
		{ IJSSELLAND,      SK__ROLE__COURT,    "rechtbank" },
		{ AMSTERDAM,       SK__ROLE__ACCESS,   "lokaal team" },
		{ AMSTERDAM,       SK__ROLE__PROVIDER, "jeugdhulpspecialist" },
		{ AMSTERDAM,       SK__ROLE__GI,       "veiligheidsspecialist" },
		{ TWENTE,          SK__ROLE__ACCESS,   "lokaal toegangsteam" },
		{ TWENTE,          SK__ROLE__PROVIDER, "specialistische jeugdhulp" },
		{ NIJMEGEN,        SK__ROLE__ACCESS,   "lokaal team" },
		{ NIJMEGEN,        SK__ROLE__GI,       "jeugdbescherming" },
		{ NIJMEGEN,        SK__ROLE__RET,      "Regionaal Expert Team (RET)" },
		{ NIJMEGEN,        SK__ROLE__BOEG,     "Bovenregionaal Expertisenetwerk Gelderland (BOEG)" },
		{ IJSSELLAND_2012, SK__ROLE__PROVIDER, "instelling voor opvoed- en opgroeiondersteuning" },
		{ IJSSELLAND_2012, SK__ROLE__REGION,   "samenwerking IJsselland+" },
/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const Sk__Policy *policy = policies[cases[i].profile];
		const char *found = NULL;

		for (size_t k = 0; k < policy->n_roles; k++)
			if (policy->roles[k]->role == cases[i].role)
				found = policy->roles[k]->name;
		assert_non_null(found);
		assert_string_equal(found, cases[i].name);
	}
}

static bool
names_member(size_t profile, const char *name)
{
	const Sk__Policy *policy = policies[profile];

	for (size_t i = 0; i < policy->n_municipalities; i++)
		if (strcmp(policy->municipalities[i]->name, name) == 0)
			return true;
	return false;
}

/* Who the texts name by name (R77). */
static void
test_the_members_that_a_text_names_stand_in_its_profile(void **state)
{
	static const struct {
		size_t profile;
		const char *name[11];
	} cases[] = {
		{ AMSTERDAM, { "Amsterdam", "Diemen", "Uithoorn",
			"Ouder-Amstel" } },
		{ IJSSELLAND_2012, { "Zwolle", "Kampen", "Zwartewaterland",
			"Steenwijkerland", "Staphorst", "Hardenberg", "Ommen",
			"Dalfsen", "Raalte", "Olst-Wijhe" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t k = 0; cases[i].name[k] != NULL; k++)
			if (!names_member(cases[i].profile, cases[i].name[k]))
				fail_msg("%s: no %s",
				    profiles[cases[i].profile].path,
				    cases[i].name[k]);
	assert_false(names_member(IJSSELLAND_2012, "Deventer"));
	assert_true(names_member(IJSSELLAND, "Deventer"));
}

static const Sk__Offering *
offered(size_t profile, Sk__BaseKind base, const char *product)
{
	const Sk__Policy *policy = policies[profile];

	for (size_t i = 0; i < policy->n_offerings; i++) {
		const Sk__Offering *o = policy->offerings[i];

		if (product == NULL ? o->has_social_base &&
		    o->social_base == base : o->product != NULL &&
		    strcmp(o->product, product) == 0)
			return o;
	}
	return NULL;
}

/* The help that a text asks for by name (R26, R29, R80). */
static void
test_the_help_that_a_text_names_is_offered(void **state)
{
	static const Sk__BaseKind twente[] = {
		SK__BASE_KIND__GP_YOUTH_WORKER, SK__BASE_KIND__EDUCATION_CARE,
		SK__BASE_KIND__YOUTH_HEALTH, SK__BASE_KIND__MULTI_PROBLEM_TEAM,
		SK__BASE_KIND__OWN_MENTOR, SK__BASE_KIND__LIVED_EXPERIENCE,
		SK__BASE_KIND__EARLY_HELP, SK__BASE_KIND__SEPARATION_TABLE,
		SK__BASE_KIND__PROTECTION_TABLE };
	const Sk__Offering *weekend = offered(NIJMEGEN, 0, "43A62");
	bool school = false;

	(void)state;
	for (size_t i = 0; i < sizeof(twente) / sizeof(twente[0]); i++)
		assert_non_null(offered(TWENTE, twente[i], NULL));
	assert_non_null(weekend);
	assert_true(weekend->weekend);
	assert_int_equal(weekend->age_until, 20);	/* to the 21st birthday */
	assert_int_equal(offered(NIJMEGEN, 0, "43A10")->age_until, 20);
	for (size_t i = 0; i < policies[AMSTERDAM]->n_areas; i++)
		school = school || policies[AMSTERDAM]->areas[i]->school_site;
	assert_true(school);
	/* the breakthrough method is a municipality's to take up */
	assert_int_equal(offered(NIJMEGEN, 0, "50A00")->n_municipalities, 1);
}

/* The text of 2012 names ten; those who looked on came and went (R77). */
static void
test_membership_in_2012_has_dates(void **state)
{
	const Sk__Policy *policy = policies[IJSSELLAND_2012];
	size_t members = 0;

	(void)state;
	for (size_t i = 0; i < policy->n_municipalities; i++)
		members += profile_member(policy, policy_municipality(
		    policy->municipalities[i]->code),
		    civil_date(2026, 3, 2)) != NULL;
	assert_int_equal(members, 10);
	assert_non_null(profile_member(policy, 244, civil_date(2014, 12, 31)));
	assert_null(profile_member(policy, 244, civil_date(2015, 1, 1)));
	assert_null(profile_member(policy, 150, civil_date(2014, 1, 1)));
}

#define TOGETHER_MAX 128

/* One broker may serve them all: their codes do not collide, and all that
 * they name is in the directory. */
static void
test_the_five_together_with_the_directory_hold_as_one(void **state)
{
	static Sk__Provider *providers[TOGETHER_MAX];
	static Sk__Offering *offerings[TOGETHER_MAX];
	static Sk__PartnerGroup *groups[TOGETHER_MAX];
	static Sk__Area *areas[TOGETHER_MAX];
	Sk__Policy all = *policies[NATIONAL];
	struct fault fault = { 0 };

	(void)state;
	all.providers = providers;
	all.offerings = offerings;
	all.groups = groups;
	all.areas = areas;
	for (size_t i = 0; i < NATIONAL; i++) {
#define JOIN(list) do {							\
	assert_true(all.n_##list + policies[i]->n_##list <= TOGETHER_MAX); \
	for (size_t k = 0; k < policies[i]->n_##list; k++)		\
		all.list[all.n_##list++] = policies[i]->list[k];	\
} while (0)
		JOIN(providers);
		JOIN(offerings);
		JOIN(groups);
		JOIN(areas);
#undef JOIN
	}
	if (policy_check(&all, &fault) != SK_OK)
		fail_msg("%s: %s", fault.field, fault.hint);
	assert_int_equal(all.n_municipalities, 342);
}

/* A region is not a district: these three lie under two courts. */
static void
test_three_regions_straddle_a_border_between_courts(void **state)
{
	static const struct {
		const char *region, *code, *court;
	} cases[] = {
		{ "Food Valley", "0228", "AR0050" },		/* Ede */
		{ "Food Valley", "0345", "AR0042" },		/* Veenendaal */
		{ "Rijk van Nijmegen", "0268", "AR0050" },	/* Nijmegen */
		{ "Rijk van Nijmegen", "0944", "AR0047" },	/* Mook en Middelaar */
		{ "Midden Brabant", "0855", "AR0049" },		/* Tilburg */
		{ "Midden Brabant", "0797", "AR0048" },		/* Heusden */
	};
	const Sk__Policy *policy = policies[NATIONAL];
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t k = 0; k < policy->n_municipalities; k++) {
			const Sk__Municipality *m = policy->municipalities[k];

			if (strcmp(m->code, cases[i].code) != 0)
				continue;
			assert_string_equal(m->youth_region, cases[i].region);
			assert_string_equal(m->court, cases[i].court);
			found++;
		}
	assert_int_equal(found, sizeof(cases) / sizeof(cases[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_profile_reads_and_does_not_contradict_itself),
		cmocka_unit_test(
		    test_municipalities_stand_once_by_code_under_a_court_of_the_profile),
		cmocka_unit_test(
		    test_every_region_says_of_its_municipalities_what_the_directory_says),
		cmocka_unit_test(test_every_region_offers_the_whole_span),
		cmocka_unit_test(
		    test_what_each_source_text_asks_stands_in_its_profile),
		cmocka_unit_test(test_each_region_has_the_names_of_its_text),
		cmocka_unit_test(
		    test_the_members_that_a_text_names_stand_in_its_profile),
		cmocka_unit_test(test_the_help_that_a_text_names_is_offered),
		cmocka_unit_test(test_membership_in_2012_has_dates),
		cmocka_unit_test(
		    test_the_five_together_with_the_directory_hold_as_one),
		cmocka_unit_test(
		    test_three_regions_straddle_a_border_between_courts),
	};

	return cmocka_run_group_tests(tests, read_all, NULL);
}
