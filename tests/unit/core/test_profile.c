#include "broker/core/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "broker/core/match.h"
#include "broker/core/policy.h"
#include "proto/civil.h"

/* Two towns, of which one merges into the other; two partners; one area. */
static Sk__Municipality small, large;
static Sk__Qualification qualification;
static Sk__Provider first, second;
static Sk__Offering offering, another;
static Sk__PartnerGroup group, other_group;
static Sk__Area area, other_area;
static Sk__RoleName team, experts;
static Sk__Policy policy;

static Sk__Municipality *municipalities[] = { &small, &large };
static Sk__Provider *providers[] = { &first, &second };
static Sk__Offering *offerings[] = { &offering, &another };
static Sk__PartnerGroup *groups[] = { &group, &other_group };
static Sk__Area *areas[] = { &area, &other_area };
static Sk__RoleName *roles[] = { &team, &experts };
static char *members[GROUP_MEMBERS_MAX + 1], *contacts[2], *towns[2],
    *combines[COMBINES_MAX + 1], *where[2];

static char code_small[] = "0148", code_large[] = "0193", agb_first[] =
    "42420001", agb_second[] = "42420002", nobody[] = "42429999",
    nowhere[] = "9999", word[] = "woord", group_code[] = "kern",
    other_group_code[] = "rand", area_code[] = "noord",
    other_area_code[] = "zuid", offering_code[] = "thuis",
    another_code[] = "logeren", product[] = "45B17", out_product[] = "43A03",
    unknown_product[] = "45Z99", empty[] = "", open_product[] = "50A00";

static void
describe_offerings(void)
{
	sk__offering__init(&offering);
	sk__offering__init(&another);
	offering.code = offering_code;
	another.code = another_code;
	offering.provider = another.provider = agb_first;
	offering.has_level = another.has_level = 1;
	offering.level = SK__LEVEL__AMBULANT;
	another.level = SK__LEVEL__RESIDENTIAL;
	offering.product = product;
	another.product = out_product;
	offering.has_place = another.has_place = 1;
	offering.place = SK__PLACE__HOME;
	another.place = SK__PLACE__FOSTER;
	offering.combines_with = combines;
	offering.n_combines_with = 1;
	combines[0] = another_code;
	another.municipalities = where;
	another.n_municipalities = 1;
	where[0] = code_large;
	policy.offerings = offerings;
	policy.n_offerings = 2;
}

static void
describe_groups(void)
{
	sk__partner_group__init(&group);
	sk__partner_group__init(&other_group);
	group.code = group_code;
	other_group.code = other_group_code;
	group.has_from_level = other_group.has_from_level = 1;
	group.from_level = SK__LEVEL__SPECIALIST;
	other_group.from_level = SK__LEVEL__LIGHT;
	group.members = other_group.members = members;
	group.n_members = other_group.n_members = 2;
	members[0] = agb_first;
	members[1] = agb_second;
	sk__area__init(&area);
	sk__area__init(&other_area);
	area.code = area_code;
	other_area.code = other_area_code;
	area.municipalities = other_area.municipalities = towns;
	area.n_municipalities = other_area.n_municipalities = 1;
	towns[0] = code_large;
	area.contacts = contacts;
	area.n_contacts = 1;
	contacts[0] = agb_second;
	area.safety = agb_first;
	policy.groups = groups;
	policy.areas = areas;
	policy.n_groups = policy.n_areas = 2;
}

static int
start_over(void **state)
{
	(void)state;
	sk__policy__init(&policy);
	sk__municipality__init(&small);
	sk__municipality__init(&large);
	small.code = code_small;
	large.code = code_large;
	small.has_until_date = large.has_from_date = 1;
	small.until_date = civil_date(2026, 12, 31);
	large.from_date = civil_date(2015, 1, 1);
	small.successor = code_large;
	policy.municipalities = municipalities;
	sk__provider__init(&first);
	sk__provider__init(&second);
	sk__qualification__init(&qualification);
	first.agb = agb_first;
	second.agb = agb_second;
	first.qualification = &qualification;
	qualification.statement = word;
	qualification.has_from_date = qualification.has_until_date = 1;
	qualification.from_date = civil_date(2026, 1, 1);
	qualification.until_date = civil_date(2026, 6, 30);
	policy.providers = providers;
	policy.n_municipalities = policy.n_providers = 2;
	describe_offerings();
	describe_groups();
	sk__role_name__init(&team);
	sk__role_name__init(&experts);
	team.has_role = experts.has_role = 1;
	team.role = SK__ROLE__ACCESS;
	experts.role = SK__ROLE__RET;
	team.name = experts.name = word;
	policy.roles = roles;
	policy.n_roles = 2;
	return 0;
}

/* ---- what it says */

static void
test_a_municipality_is_a_member_from_its_first_day_to_its_last(void **state)
{
	(void)state;
	assert_ptr_equal(profile_member(&policy, 148,
	    civil_date(2026, 12, 31)), &small);
	assert_null(profile_member(&policy, 148, civil_date(2027, 1, 1)));
	assert_null(profile_member(&policy, 193, civil_date(2014, 12, 31)));
	assert_ptr_equal(profile_member(&policy, 193, civil_date(2015, 1, 1)),
	    &large);
	assert_null(profile_member(&policy, 9999, 0));
	assert_null(profile_member(&policy, 0, 0));
	assert_null(profile_member(NULL, 193, 0));
}

static void
test_a_merged_municipality_is_followed_to_its_successor(void **state)
{
	(void)state;
	assert_int_equal(profile_successor(&policy, 148,
	    civil_date(2026, 12, 31)), 148);
	assert_int_equal(profile_successor(&policy, 148,
	    civil_date(2027, 1, 1)), 193);
	assert_int_equal(profile_successor(&policy, 193,
	    civil_date(2027, 1, 1)), 193);
	assert_int_equal(profile_successor(&policy, 193,
	    civil_date(2014, 1, 1)), 0);
	assert_int_equal(profile_successor(NULL, 193, 0), 0);
	/* never checked, and in a ring: it ends all the same */
	large.has_until_date = 1;
	large.until_date = small.until_date;
	large.successor = code_small;
	assert_int_equal(profile_successor(&policy, 148,
	    civil_date(2027, 1, 1)), 0);
}

static void
test_a_provider_is_qualified_while_its_statement_holds(void **state)
{
	(void)state;
	assert_false(profile_is_qualified(&first, civil_date(2025, 12, 31)));
	assert_true(profile_is_qualified(&first, civil_date(2026, 1, 1)));
	assert_true(profile_is_qualified(&first, civil_date(2026, 6, 30)));
	assert_false(profile_is_qualified(&first, civil_date(2026, 7, 1)));
	assert_true(profile_is_qualified(&second, 0));
	qualification.has_suspended = qualification.suspended = 1;
	assert_false(profile_is_qualified(&first, civil_date(2026, 1, 1)));
	assert_ptr_equal(profile_provider(&policy, agb_second), &second);
	assert_null(profile_provider(&policy, nobody));
}

static void
test_a_group_answers_from_its_level_up(void **state)
{
	(void)state;
	policy.n_groups = 1;
	assert_null(profile_group(&policy, agb_first, SK__LEVEL__AMBULANT));
	assert_ptr_equal(profile_group(&policy, agb_first,
	    SK__LEVEL__SPECIALIST), &group);
	assert_null(profile_group(&policy, nobody, SK__LEVEL__SPECIALIST));
	assert_null(profile_group(NULL, agb_first, SK__LEVEL__SPECIALIST));
}

static void
test_an_area_has_its_fixed_contacts(void **state)
{
	(void)state;
	assert_true(profile_is_area_contact(&policy, 193, agb_second));
	assert_false(profile_is_area_contact(&policy, 148, agb_second));
	assert_false(profile_is_area_contact(&policy, 193, agb_first));
	assert_false(profile_is_area_contact(NULL, 193, agb_second));
}

/* ---- contradictions, each with its place */

#define SPOIL(name, ...) static void name(void) { __VA_ARGS__; }
SPOIL(left_before_it_came, small.has_from_date = 1;
    small.from_date = small.until_date + 1)
SPOIL(came_before_1900, large.from_date = CIVIL_DATE_MIN - 1)
SPOIL(left_after_2199, small.until_date = CIVIL_DATE_MAX + 1)
SPOIL(merged_without_a_date, small.has_until_date = 0)
SPOIL(merged_into_itself, small.successor = code_small)
SPOIL(merged_into_no_one, small.successor = nowhere)
SPOIL(merged_into_nothing, small.successor = empty)
SPOIL(merged_into_one_that_left, large.has_until_date = 1;
    large.until_date = small.until_date)
SPOIL(merged_into_one_to_come, large.from_date = small.until_date + 2)
SPOIL(signed_nothing, qualification.statement = NULL)
SPOIL(signed_without_a_date, qualification.has_from_date = 0)
SPOIL(lapsed_before_it_held,
    qualification.until_date = qualification.from_date - 1)
SPOIL(no_such_product, another.product = unknown_product)
SPOIL(product_with_stay_at_home, another.place = SK__PLACE__HOME)
SPOIL(product_without_stay_in_foster_care, offering.place = SK__PLACE__FOSTER)
SPOIL(product_with_stay_and_no_place, another.has_place = 0;
    another.level = SK__LEVEL__COMPULSORY_LEVEL)
SPOIL(product_without_stay_and_no_place, offering.has_place = 0;
    offering.level = SK__LEVEL__RESIDENTIAL)
SPOIL(older_than_help_goes, offering.has_age_until = 1;
    offering.age_until = AGE_MAX + 1)
SPOIL(from_past_until, offering.has_age_from = offering.has_age_until = 1;
    offering.age_from = 13; offering.age_until = 12)
SPOIL(from_past_all, offering.has_age_from = 1;
    offering.age_from = AGE_MAX + 1)
SPOIL(no_months, offering.has_months_max = 1; offering.months_max = 0)
SPOIL(too_many_months, offering.has_months_max = 1;
    offering.months_max = MONTHS_MAX + 1)
SPOIL(capacity_of_no_day, another.has_capacity = 1; another.capacity = 3)
SPOIL(day_of_no_capacity, another.has_capacity_date = 1;
    another.capacity_date = 20000)
SPOIL(too_much_capacity, another.has_capacity = 1;
    another.capacity = CAPACITY_MAX + 1)
SPOIL(social_base_in_foster_care, another.has_social_base = 1;
    another.social_base = SK__BASE_KIND__OWN_MENTOR)
SPOIL(combines_with_nothing, combines[0] = word)
SPOIL(combines_with_itself, combines[0] = offering_code)
SPOIL(combines_with_too_much,
    offering.n_combines_with = COMBINES_MAX + 1)
SPOIL(offered_nowhere, where[0] = nowhere)
SPOIL(offered_twice, another.n_municipalities = 2; where[1] = code_large)
SPOIL(group_without_code, other_group.code = NULL)
SPOIL(group_twice, other_group.code = group_code)
SPOIL(group_without_level, group.has_from_level = 0)
SPOIL(group_of_one, group.n_members = 1)
SPOIL(group_of_too_many, group.n_members = GROUP_MEMBERS_MAX + 1)
SPOIL(member_who_is_no_provider, members[1] = nobody)
SPOIL(member_twice, members[1] = agb_first)
SPOIL(area_without_code, other_area.code = empty)
SPOIL(area_twice, other_area.code = area_code)
SPOIL(area_in_no_town, other_area.n_municipalities = 0)
SPOIL(area_elsewhere, towns[0] = nowhere)
SPOIL(contact_who_is_no_provider, contacts[0] = nobody)
SPOIL(safety_who_is_no_provider, area.safety = nobody)
SPOIL(name_of_no_role, experts.has_role = 0)
SPOIL(role_twice, experts.role = SK__ROLE__ACCESS)
SPOIL(role_without_name, experts.name = empty)

static void
test_a_profile_that_contradicts_itself_is_refused(void **state)
{
	static const struct {
		void (*spoil)(void);
		const char *field;
	} cases[] = {
/* clang-format off: the columns are the point */
		{ left_before_it_came,       "municipalities[0].until_date" },
		{ came_before_1900,          "municipalities[1].from_date" },
		{ left_after_2199,           "municipalities[0].until_date" },
		{ merged_without_a_date,     "municipalities[0].successor" },
		{ merged_into_itself,        "municipalities[0].successor" },
		{ merged_into_no_one,        "municipalities[0].successor" },
		{ merged_into_nothing,       "municipalities[0].successor" },
		{ merged_into_one_that_left, "municipalities[0].successor" },
		{ merged_into_one_to_come,   "municipalities[0].successor" },
		{ signed_nothing,            "providers[0].qualification.statement" },
		{ signed_without_a_date,     "providers[0].qualification.from_date" },
		{ lapsed_before_it_held,     "providers[0].qualification.until_date" },
		{ no_such_product,           "offerings[1].product" },
		{ product_with_stay_at_home, "offerings[1].place" },
		{ product_without_stay_in_foster_care, "offerings[0].place" },
		{ product_with_stay_and_no_place, "offerings[1].place" },
		{ product_without_stay_and_no_place, "offerings[0].place" },
		{ older_than_help_goes,      "offerings[0].age_until" },
		{ from_past_until,           "offerings[0].age_from" },
		{ from_past_all,             "offerings[0].age_from" },
		{ no_months,                 "offerings[0].months_max" },
		{ too_many_months,           "offerings[0].months_max" },
		{ capacity_of_no_day,        "offerings[1].capacity_date" },
		{ day_of_no_capacity,        "offerings[1].capacity_date" },
		{ too_much_capacity,         "offerings[1].capacity" },
		{ social_base_in_foster_care, "offerings[1].social_base" },
		{ combines_with_nothing,     "offerings[0].combines_with[0]" },
		{ combines_with_itself,      "offerings[0].combines_with[0]" },
		{ combines_with_too_much,    "offerings[0].combines_with" },
		{ offered_nowhere,           "offerings[1].municipalities[0]" },
		{ offered_twice,             "offerings[1].municipalities[1]" },
		{ group_without_code,        "groups[1].code" },
		{ group_twice,               "groups[1].code" },
		{ group_without_level,       "groups[0].from_level" },
		{ group_of_one,              "groups[0].members" },
		{ group_of_too_many,         "groups[0].members" },
		{ member_who_is_no_provider, "groups[0].members[1]" },
		{ member_twice,              "groups[0].members[1]" },
		{ area_without_code,         "areas[1].code" },
		{ area_twice,                "areas[1].code" },
		{ area_in_no_town,           "areas[1].municipalities" },
		{ area_elsewhere,            "areas[0].municipalities[0]" },
		{ contact_who_is_no_provider, "areas[0].contacts[0]" },
		{ safety_who_is_no_provider, "areas[0].safety" },
		{ name_of_no_role,           "roles[1].role" },
		{ role_twice,                "roles[1].role" },
		{ role_without_name,         "roles[1].name" },
/* clang-format on */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault fault = { 0 };

		start_over(state);
		assert_int_equal(policy_check(&policy, &fault), SK_OK);
		cases[i].spoil();
		assert_int_equal(policy_check(&policy, &fault),
		    SK_POLICY_WRONG);
		assert_string_equal(fault.field, cases[i].field);
		assert_true(fault.hint[0] != '\0');
	}
}

static void
test_what_lies_at_an_edge_is_good(void **state)
{
	(void)state;
	large.has_from_date = 1;
	large.from_date = small.until_date + 1;
	small.has_from_date = 1;
	small.from_date = small.until_date;
	qualification.until_date = qualification.from_date;
	offering.has_age_from = offering.has_age_until = 1;
	offering.age_from = offering.age_until = AGE_MAX;
	offering.has_months_max = 1;
	offering.months_max = MONTHS_MAX;
	another.has_capacity = another.has_capacity_date = 1;
	another.capacity = CAPACITY_MAX;
	another.capacity_date = CIVIL_DATE_MAX;
	/* the list leaves open where the child is: so may the profile */
	offering.product = open_product;
	/* without a place the level says where */
	another.has_place = offering.has_place = 0;
	assert_int_equal(policy_check(&policy, NULL), SK_OK);
	offering.has_place = 1;
	offering.product = NULL;
	offering.place = SK__PLACE__FOSTER;
	assert_int_equal(policy_check(&policy, NULL), SK_OK);
}

/* What the profile takes for out of home is what the gates take for it. */
static void
test_a_place_left_to_the_level_is_the_one_of_the_gates(void **state)
{
	(void)state;
	another.has_place = 0;
	for (int level = SK__LEVEL__LIGHT; level <= SK__LEVEL__COMPULSORY_LEVEL;
	    level++) {
		another.level = (Sk__Level)level;
		assert_int_equal(policy_check(&policy, NULL) == SK_OK,
		    match_place(&another) >= SK__PLACE__FOSTER);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_a_municipality_is_a_member_from_its_first_day_to_its_last),
		T(test_a_merged_municipality_is_followed_to_its_successor),
		T(test_a_provider_is_qualified_while_its_statement_holds),
		T(test_a_group_answers_from_its_level_up),
		T(test_an_area_has_its_fixed_contacts),
		T(test_a_profile_that_contradicts_itself_is_refused),
		T(test_what_lies_at_an_edge_is_good),
		T(test_a_place_left_to_the_level_is_the_one_of_the_gates),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
