#include "world.h"

static Sk__Rules region, town;
static Sk__Municipality zwolle, kampen;
static Sk__Provider provider, second;
static Sk__Offering offering, another;
static Sk__Municipality *municipalities[] = { &zwolle, &kampen };
static Sk__Provider *providers[] = { &provider, &second };
static Sk__Offering *offerings[] = { &offering, &another };
static Sk__Policy policy;

static char zwolle_code[5], kampen_code[5], agb[9], second_agb[9], code[16],
    another_code[16], wanted[9];

static int
start_over(void **state)
{
	(void)state;
	sk__rules__init(&region);
	sk__rules__init(&town);
	sk__municipality__init(&zwolle);
	sk__municipality__init(&kampen);
	sk__provider__init(&provider);
	sk__provider__init(&second);
	sk__offering__init(&offering);
	sk__offering__init(&another);
	sk__policy__init(&policy);
	zwolle.code = strcpy(zwolle_code, "0193");
	kampen.code = strcpy(kampen_code, "0166");
	zwolle.rules = &town;
	provider.agb = strcpy(agb, "42420001");
	second.agb = strcpy(second_agb, "65656055");
	offering.code = strcpy(code, "OFF-1");
	another.code = strcpy(another_code, "OFF-2");
	offering.provider = another.provider = strcpy(wanted, "42420001");
	offering.has_level = another.has_level = 1;
	offering.level = another.level = SK__LEVEL__AMBULANT;
	policy.rules = &region;
	policy.municipalities = municipalities;
	policy.n_municipalities = 2;
	policy.providers = providers;
	policy.n_providers = 2;
	policy.offerings = offerings;
	policy.n_offerings = 2;
	return 0;
}

/* rule: R75 */
static void
test_the_defaults_are_those_of_the_field(void **state)
{
	static const uint32_t due[TERMS] = { 14, 28, 5, 3, 5, 7, 15, 5, 5, 5,
		180, 6000, 0, 1, 0, 0, 0, 4, 24, 7, 28, 2, 3, 2, 3, 2, 28, 5, 10,
		10, 20, 10, 5, 5, 5, 5, 56, 2, 28, 0,
		14, 6, 50, 90, 183, 365, 1, 0, 1, 5, 0, 90, 90, 3, 1,
		3, 5, 14, 2, 14 };
	const Sk__Policy empty = SK__POLICY__INIT;

	(void)state;
	for (enum term t = 0; t < TERMS; t++) {
		assert_int_equal(policy_term(NULL, 0, t), due[t]);
		assert_int_equal(policy_term(NULL, ZWOLLE, t), due[t]);
		assert_int_equal(policy_term(&empty, ZWOLLE, t), due[t]);
		assert_int_equal(policy_term(&policy, ZWOLLE, t), due[t]);
	}
	assert_int_equal(policy_check(&empty, NULL), SK_OK);
}

/* rule: R75, R76 */
static void
test_a_municipality_stands_above_its_region(void **state)
{
	(void)state;
	region.has_triage_due_workdays = town.has_triage_due_workdays = 1;
	region.triage_due_workdays = 8;
	town.triage_due_workdays = 2;
	assert_int_equal(policy_term(&policy, ZWOLLE,
	    TERM_TRIAGE_DUE_WORKDAYS), 2);
	assert_int_equal(policy_term(&policy, KAMPEN,
	    TERM_TRIAGE_DUE_WORKDAYS), 8);
	assert_int_equal(policy_term(&policy, 9999,
	    TERM_TRIAGE_DUE_WORKDAYS), 8);
	assert_int_equal(policy_term(&policy, 0,
	    TERM_TRIAGE_DUE_WORKDAYS), 8);
	/* a choice can also be undone below */
	region.has_both_parents_consent = town.has_both_parents_consent = 1;
	town.both_parents_consent = 1;
	assert_int_equal(policy_term(&policy, KAMPEN,
	    TERM_BOTH_PARENTS_CONSENT), 0);
	assert_int_equal(policy_term(&policy, ZWOLLE,
	    TERM_BOTH_PARENTS_CONSENT), 1);
}

static void
test_holidays_are_a_choice(void **state)
{
	struct civil_holidays choice = policy_holidays(NULL, ZWOLLE);

	(void)state;
	assert_false(choice.good_friday);
	assert_false(choice.liberation_day_yearly);
	region.has_good_friday_is_holiday = region.good_friday_is_holiday = 1;
	town.has_liberation_day_yearly = town.liberation_day_yearly = 1;
	choice = policy_holidays(&policy, ZWOLLE);
	assert_true(choice.good_friday);
	assert_true(choice.liberation_day_yearly);
	choice = policy_holidays(&policy, KAMPEN);
	assert_true(choice.good_friday);
	assert_false(choice.liberation_day_yearly);
}

static void
test_offerings_are_found_by_code(void **state)
{
	(void)state;
	assert_ptr_equal(policy_offering(&policy, "OFF-2"), &another);
	assert_null(policy_offering(&policy, "OFF-3"));
	assert_null(policy_offering(&policy, NULL));
	assert_null(policy_offering(NULL, "OFF-1"));
}

static void
test_a_municipality_is_four_digits(void **state)
{
	(void)state;
	assert_int_equal(policy_municipality("0193"), 193);
	assert_int_equal(policy_municipality("1999"), 1999);
	assert_int_equal(policy_municipality("193"), 0);
	assert_int_equal(policy_municipality("00193"), 0);
	assert_int_equal(policy_municipality("01a3"), 0);
	assert_int_equal(policy_municipality(""), 0);
	assert_int_equal(policy_municipality(NULL), 0);
}

/* ---- contradictions, each with its place */

static void
warn_after_breach(void)
{
	region.has_order_warning_days = 1;
	region.order_warning_days = 28;
}

static void
breach_before_warning(void)
{
	town.has_order_breach_days = 1;
	town.order_breach_days = 14;
}

static void
remind_at_expiry(void)
{
	region.has_answer_reminder_workdays = 1;
	region.answer_reminder_workdays = 7;
}

static void
no_days(void)
{
	region.has_triage_due_workdays = 1;
	region.triage_due_workdays = 0;
}

static void
too_many_days(void)
{
	town.has_receipt_due_workdays = 1;
	town.receipt_due_workdays = 3661;
}

static void
too_long(void)
{
	region.has_report_characters_max = 1;
	region.report_characters_max = 57344;
}

static void
bad_code(void)
{
	strcpy(kampen_code, "166");
}

static void
same_town(void)
{
	strcpy(kampen_code, "0193");
}

static void
same_provider(void)
{
	strcpy(second_agb, agb);
}

static void
no_agb(void)
{
	second.agb = NULL;
}

static void
same_offering(void)
{
	strcpy(another_code, "OFF-1");
}

static void
no_such_provider(void)
{
	strcpy(wanted, "42429999");
}

static void
no_provider(void)
{
	another.provider = NULL;
}

static void
no_level(void)
{
	another.has_level = 0;
}

static void
no_offering_code(void)
{
	another.code = NULL;
}

static void
test_a_policy_that_contradicts_itself_is_refused(void **state)
{
	static const struct {
		void (*spoil)(void);
		const char *field;
	} cases[] = {
		{ warn_after_breach, "rules.order_warning_days" },
		{ breach_before_warning,
		    "municipalities[0].rules.order_warning_days" },
		{ remind_at_expiry, "rules.answer_reminder_workdays" },
		{ no_days, "rules.triage_due_workdays" },
		{ too_many_days,
		    "municipalities[0].rules.receipt_due_workdays" },
		{ too_long, "rules.report_characters_max" },
		{ bad_code, "municipalities[1].code" },
		{ same_town, "municipalities[1].code" },
		{ same_provider, "providers[1].agb" },
		{ no_agb, "providers[1].agb" },
		{ same_offering, "offerings[1].code" },
		{ no_such_provider, "offerings[0].provider" },
		{ no_provider, "offerings[1].provider" },
		{ no_level, "offerings[1].level" },
		{ no_offering_code, "offerings[1].code" },
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
test_terms_at_their_edges_are_good(void **state)
{
	(void)state;
	region.has_order_warning_days = region.has_order_breach_days = 1;
	region.order_warning_days = 3659;
	region.order_breach_days = 3660;
	region.has_report_characters_max = 1;
	region.report_characters_max = 57343;
	town.has_receipt_due_workdays = 1;
	town.receipt_due_workdays = 1;
	assert_int_equal(policy_check(&policy, NULL), SK_OK);
}

static void
test_as_many_witnesses_as_there_is_room_for_and_no_more(void **state)
{
	static Sk__Witness witness[POLICY_WITNESSES_MAX + 1];
	static Sk__Witness *list[POLICY_WITNESSES_MAX + 1];
	struct fault fault = { 0 };

	(void)state;
	for (size_t i = 0; i <= POLICY_WITNESSES_MAX; i++) {
		sk__witness__init(&witness[i]);
		witness[i].has_participant = 1;
		witness[i].participant = 100 + i;
		witness[i].vkey = (char *)(uintptr_t)"one+00000000+AA";
		list[i] = &witness[i];
	}
	policy.witnesses = list;
	policy.n_witnesses = POLICY_WITNESSES_MAX;
	assert_int_equal(policy_check(&policy, &fault), SK_OK);
	policy.n_witnesses = POLICY_WITNESSES_MAX + 1;
	assert_int_equal(policy_check(&policy, &fault), SK_POLICY_WRONG);
	assert_string_equal(fault.field, "policy.witnesses");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_the_defaults_are_those_of_the_field),
		T(test_a_municipality_stands_above_its_region),
		T(test_holidays_are_a_choice),
		T(test_offerings_are_found_by_code),
		T(test_a_municipality_is_four_digits),
		T(test_a_policy_that_contradicts_itself_is_refused),
		T(test_terms_at_their_edges_are_good),
		T(test_as_many_witnesses_as_there_is_room_for_and_no_more),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
