/*
 * The catalogue and what it answers: which help fits, in what order, and why
 * the rest does not.
 */
#include <stdio.h>

#include "broker/core/match.h"
#include "world.h"

/* Texts of a message are not const in protobuf-c. */
#define TEXT(string) ((char *)(uintptr_t)(string))

#define CODES 40
#define TODAY 20500	/* 2026-02-16 */

static Sk__Policy policy;
static Sk__Offering offering[CODES];
static Sk__Offering *offerings[CODES];
static Sk__Provider provider[4];
static Sk__Provider *providers[4];
static Sk__Qualification qualification[4];
static Sk__PartnerGroup group;
static Sk__PartnerGroup *groups[] = { &group };
static Sk__Area area;
static Sk__Area *areas[] = { &area };
static char codes[CODES][8];
static char *zwolle[] = { TEXT("0193") }, *kampen[] = { TEXT("0166") };
static char *agb[] = { TEXT("42420001"), TEXT("42420002"), TEXT("42420003"), TEXT("42420004") };
static char *partners[] = { TEXT("42420003"), TEXT("42420001") };
static char *contacts[] = { TEXT("42420002") };
static Sk__LifeDomain safety[] = { SK__LIFE_DOMAIN__SAFETY };
static Sk__LifeDomain parenting[] = { SK__LIFE_DOMAIN__PARENTING };

static struct match_query query;
static struct matching matching;
static struct arena arena;
static uint8_t memory[65536];
static Sk__CatalogueAnswer *answer;

/* One more offering: at home, regional, by the first provider, for all. */
static Sk__Offering *
offer(const char *code, Sk__Level level)
{
	size_t i = policy.n_offerings++;
	Sk__Offering *o = &offering[i];

	assert_true(i < CODES);
	sk__offering__init(o);
	strcpy(codes[i], code);
	o->code = codes[i];
	o->provider = agb[0];
	o->has_level = o->has_place = o->has_scale = 1;
	o->level = level;
	o->place = SK__PLACE__HOME;
	o->scale = SK__SCALE__REGIONAL;
	return o;
}

static int
start_over(void **state)
{
	(void)state;
	sk__policy__init(&policy);
	for (size_t i = 0; i < 4; i++) {
		sk__provider__init(&provider[i]);
		sk__qualification__init(&qualification[i]);
		provider[i].agb = agb[i];
		providers[i] = &provider[i];
	}
	for (size_t i = 0; i < CODES; i++)
		offerings[i] = &offering[i];
	policy.providers = providers;
	policy.n_providers = 4;
	policy.offerings = offerings;
	query = (struct match_query){ .municipality = ZWOLLE,
		.level = SK__LEVEL__SPECIALIST, .age = 9, .date = TODAY,
		.today = TODAY };
	matching = (struct matching){ .policy = &policy, .fresh_days = 14 };
	return 0;
}

static void
ask(void)
{
	arena_init(&arena, memory, sizeof(memory));
	answer = match_answer(&matching, &query, &arena);
	assert_non_null(answer);
}

static void
expect_order(const char *first, const char *second)
{
	ask();
	assert_int_equal(answer->n_matches, 2);
	assert_string_equal(answer->matches[0]->offering, first);
	assert_string_equal(answer->matches[1]->offering, second);
}

static void
expect_dropped(Sk__DropReason reason)
{
	ask();
	assert_int_equal(answer->n_matches, 0);
	assert_int_equal(answer->n_dropped, 1);
	assert_int_equal(answer->dropped[0]->reason, reason);
}

static bool
says(const Sk__Match *match, Sk__MatchCode code)
{
	for (size_t i = 0; i < match->n_why; i++)
		if (match->why[i] == code)
			return true;
	return false;
}
#define SAYS(i, name) assert_true(says(answer->matches[i], \
	SK__MATCH_CODE__##name))

static void
set_places(Sk__Offering *o, uint32_t places, int32_t date)
{
	o->has_capacity = o->has_capacity_date = 1;
	o->capacity = places;
	o->capacity_date = date;
}

/* ---- the order */

/* rule: R23, R25 */
static void
test_what_is_nearer_to_home_comes_first(void **state)
{
	(void)state;
	offer("a", SK__LEVEL__SPECIALIST)->place = SK__PLACE__FACILITY;
	offer("b", SK__LEVEL__SPECIALIST)->place = SK__PLACE__FOSTER;
	expect_order("b", "a");
	offering[1].place = SK__PLACE__CLOSED_PLACE;
	expect_order("a", "b");
	offering[1].place = SK__PLACE__SCHOOL_PLACE;
	expect_order("b", "a");
	SAYS(0, AT_OR_NEAR_HOME);
	assert_false(says(answer->matches[1], SK__MATCH_CODE__AT_OR_NEAR_HOME));
}

/* rule: R22 */
static void
test_at_one_distance_the_narrower_scale_comes_first(void **state)
{
	(void)state;
	offer("a", SK__LEVEL__SPECIALIST);
	offer("b", SK__LEVEL__SPECIALIST)->scale = SK__SCALE__LOCAL;
	expect_order("b", "a");
	SAYS(0, LOCAL_OFFER);
	offering[0].place = SK__PLACE__HOME;
	offering[1].place = SK__PLACE__AREA_PLACE;	/* home goes before scale */
	expect_order("a", "b");
}

/* rule: R28 */
static void
test_the_fixed_contact_of_the_area_comes_first(void **state)
{
	(void)state;
	sk__area__init(&area);
	area.municipalities = zwolle;
	area.contacts = contacts;
	area.n_municipalities = area.n_contacts = 1;
	policy.areas = areas;
	policy.n_areas = 1;
	offer("a", SK__LEVEL__SPECIALIST);
	offer("b", SK__LEVEL__SPECIALIST)->provider = agb[1];
	expect_order("b", "a");
	SAYS(0, AREA_CONTACT);
	query.municipality = KAMPEN;	/* of another area */
	expect_order("a", "b");
}

static void
have_partners(void)
{
	sk__partner_group__init(&group);
	group.code = TEXT("kern");
	group.has_from_level = 1;
	group.from_level = SK__LEVEL__SPECIALIST;
	group.members = partners;
	group.n_members = 2;
	policy.groups = groups;
	policy.n_groups = 1;
}

/* rule: R27 */
static void
test_core_partners_come_in_the_order_of_their_group(void **state)
{
	(void)state;
	have_partners();
	offer("a", SK__LEVEL__SPECIALIST)->provider = agb[1];	/* in no group */
	offer("b", SK__LEVEL__SPECIALIST)->provider = agb[0];
	offer("c", SK__LEVEL__SPECIALIST)->provider = agb[2];
	ask();
	assert_int_equal(answer->n_matches, 3);
	assert_string_equal(answer->matches[0]->offering, "c");
	assert_string_equal(answer->matches[1]->offering, "b");
	assert_string_equal(answer->matches[2]->offering, "a");
	SAYS(1, CORE_PARTNER);
	group.from_level = SK__LEVEL__RESIDENTIAL;	/* not for this level */
	ask();
	assert_string_equal(answer->matches[0]->offering, "a");
}

/* rule: R19 */
static void
test_what_combines_with_what_runs_comes_first(void **state)
{
	static char *running[] = { TEXT("run") }, *b[] = { TEXT("b") };

	(void)state;
	offer("a", SK__LEVEL__SPECIALIST);
	offer("b", SK__LEVEL__SPECIALIST)->combines_with = running;
	offering[1].n_combines_with = 1;
	query.running = running;
	query.n_running = 1;
	expect_order("b", "a");
	SAYS(0, COMBINES);
	/* said by the other of the two */
	offering[1].n_combines_with = 0;
	offer("run", SK__LEVEL__AMBULANT)->combines_with = b;
	offering[2].n_combines_with = 1;
	expect_order("b", "a");
	query.must_combine = true;
	ask();
	assert_int_equal(answer->n_matches, 1);
	assert_int_equal(answer->dropped[0]->reason,
	    SK__DROP_REASON__DOES_NOT_COMBINE);
}

static void
test_places_that_are_known_come_before_those_that_are_not(void **state)
{
	(void)state;
	offer("a", SK__LEVEL__SPECIALIST);
	set_places(offer("b", SK__LEVEL__SPECIALIST), 3, TODAY - 14);
	expect_order("b", "a");
	SAYS(0, PLACES_FREE);
	SAYS(1, CAPACITY_UNKNOWN);
	assert_int_equal(answer->matches[0]->places, 3);
	/* a day older it is not known any more, and nought is not full */
	set_places(&offering[1], 0, TODAY - 15);
	expect_order("a", "b");
	SAYS(1, CAPACITY_UNKNOWN);
	assert_false(answer->matches[1]->has_places);
	assert_int_equal(answer->matches[1]->places_date, TODAY - 15);
}

static void
test_what_is_equal_stands_by_its_code(void **state)
{
	(void)state;
	offer("b", SK__LEVEL__SPECIALIST);
	offer("a", SK__LEVEL__SPECIALIST);
	expect_order("a", "b");
}

/* rule: R30 */
static void
test_pilots_are_kept_apart_at_the_end(void **state)
{
	(void)state;
	offer("a", SK__LEVEL__SPECIALIST)->has_pilot = 1;
	offering[0].pilot = 1;
	offer("b", SK__LEVEL__SPECIALIST)->place = SK__PLACE__FACILITY;
	expect_order("b", "a");
	SAYS(1, PILOT_OFFER);
	query.no_pilots = true;
	ask();
	assert_int_equal(answer->n_matches, 1);
	assert_int_equal(answer->dropped[0]->reason,
	    SK__DROP_REASON__PILOT_NOT_WANTED);
}

/* rule: R15, R29 */
static void
test_the_social_base_is_answered_beside_care_with_its_route(void **state)
{
	(void)state;
	offer("a", SK__LEVEL__LIGHT)->has_social_base = 1;
	offering[0].social_base = SK__BASE_KIND__OWN_MENTOR;
	offer("b", SK__LEVEL__SPECIALIST)->place = SK__PLACE__FACILITY;
	expect_order("b", "a");	/* what was asked for first */
	assert_int_equal(answer->matches[0]->route,
	    SK__ROUTE__YOUTH_SPECIALIST);
	assert_int_equal(answer->matches[1]->route, SK__ROUTE__LOCAL_BASE);
	SAYS(1, SOCIAL_BASE_OFFER);
	assert_false(answer->has_unmet);
}

/* rule: R29 */
static void
test_the_protection_table_is_named_before_compulsory_care(void **state)
{
	(void)state;
	offer("a", SK__LEVEL__LIGHT)->has_social_base = 1;
	offering[0].social_base = SK__BASE_KIND__PROTECTION_TABLE;
	offering[0].domains = safety;
	offering[0].n_domains = 1;
	query.level = SK__LEVEL__COMPULSORY_LEVEL;
	query.domains = 1u << SK__LIFE_DOMAIN__PARENTING;
	ask();
	assert_int_equal(answer->n_matches, 1);
	SAYS(0, ASK_FOR_COUNSEL);
}

/* ---- what drops out, and why */

/* rule: R15 */
static void
test_each_that_drops_out_has_its_reason(void **state)
{
	Sk__Offering *o;

	(void)state;
	o = offer("a", SK__LEVEL__AMBULANT);
	expect_dropped(SK__DROP_REASON__WRONG_LEVEL);
	o->level = SK__LEVEL__SPECIALIST;
	o->domains = safety;
	o->n_domains = 1;
	query.domains = 1u << SK__LIFE_DOMAIN__PARENTING;
	expect_dropped(SK__DROP_REASON__WRONG_DOMAIN);
	o->domains = parenting;
	query.theme = SK__THEME__SEPARATION;
	o->has_theme = 1;
	o->theme = SK__THEME__OTHER_THEME;
	expect_dropped(SK__DROP_REASON__WRONG_THEME);
	o->has_theme = 0;
	o->municipalities = kampen;
	o->n_municipalities = 1;
	expect_dropped(SK__DROP_REASON__OTHER_AREA);
	o->municipalities = zwolle;
	query.refused = 1u << SK__PLACE__HOME;
	expect_dropped(SK__DROP_REASON__PLACE_REFUSED);
	assert_int_equal(answer->unmet, SK__UNMET_REASON__ONLY_UNWANTED);
	query.refused = 0;
	query.weekend = true;
	expect_dropped(SK__DROP_REASON__NO_WEEKEND);
	o->has_weekend = o->weekend = 1;
	query.running = &o->code;
	query.n_running = 1;
	expect_dropped(SK__DROP_REASON__RUNS_ALREADY);
	query.n_running = 0;
	set_places(o, 0, TODAY);
	expect_dropped(SK__DROP_REASON__NO_CAPACITY);
	assert_int_equal(answer->unmet, SK__UNMET_REASON__NO_PLACE_FREE);
	set_places(o, 1, TODAY);
	ask();
	assert_int_equal(answer->n_matches, 1);
	assert_false(answer->has_unmet);
}

/* rule: R26 */
static void
test_an_age_fits_from_its_first_to_its_last_year(void **state)
{
	static const struct { int age; bool fits; } ages[] = { { -1, true },
		{ 11, false }, { 12, true }, { 20, true }, { 21, false } };
	Sk__Offering *o;

	(void)state;
	o = offer("a", SK__LEVEL__SPECIALIST);
	o->has_age_from = o->has_age_until = 1;
	o->age_from = 12;
	o->age_until = 20;
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
		query.age = ages[i].age;
		ask();
		assert_int_equal(answer->n_matches, ages[i].fits);
		if (!ages[i].fits)
			assert_int_equal(answer->dropped[0]->reason,
			    SK__DROP_REASON__AGE_OUTSIDE);
	}
}

/* rule: R20 */
static void
test_only_providers_that_qualify_today_are_found(void **state)
{
	Sk__Qualification *q = &qualification[0];

	(void)state;
	offer("a", SK__LEVEL__SPECIALIST);
	provider[0].qualification = q;
	q->has_from_date = 1;
	q->from_date = TODAY + 1;
	expect_dropped(SK__DROP_REASON__NOT_QUALIFIED);
	q->from_date = TODAY;
	ask();
	assert_int_equal(answer->n_matches, 1);
	q->has_until_date = 1;
	q->until_date = TODAY - 1;
	expect_dropped(SK__DROP_REASON__QUALIFICATION_EXPIRED);
	q->has_suspended = q->suspended = 1;
	expect_dropped(SK__DROP_REASON__PROVIDER_SUSPENDED);
	offering[0].provider = TEXT("99999999");	/* whom the region does not name */
	expect_dropped(SK__DROP_REASON__NOT_QUALIFIED);
}

/* rule: R17 */
static void
test_nothing_found_or_only_what_is_not_wanted_is_an_unmet_need(void **state)
{
	(void)state;
	ask();
	assert_true(answer->has_unmet);
	assert_int_equal(answer->unmet, SK__UNMET_REASON__NOTHING_FOUND);
	offer("a", SK__LEVEL__SPECIALIST)->place = SK__PLACE__FACILITY;
	query.place = SK__PLACE__FOSTER;
	ask();
	assert_int_equal(answer->n_matches, 1);
	SAYS(0, FARTHER_THAN_WANTED);
	assert_int_equal(answer->unmet, SK__UNMET_REASON__ONLY_UNWANTED);
	query.place = SK__PLACE__FACILITY;
	ask();
	assert_false(answer->has_unmet);
}

static void
test_an_answer_is_bounded_and_says_how_many_more_there_are(void **state)
{
	uint8_t *bytes;
	char code[8];
	size_t size;

	(void)state;
	for (unsigned i = 0; i < MATCHES_MAX + 1; i++) {
		snprintf(code, sizeof(code), "m%02u", 20 - i);
		offer(code, SK__LEVEL__SPECIALIST);
	}
	for (unsigned i = 0; i < DROPPED_MAX + 1; i++) {
		snprintf(code, sizeof(code), "d%02u", i);
		offer(code, SK__LEVEL__AMBULANT);
		offering[MATCHES_MAX + 1 + i].municipalities = kampen;
	}
	policy.offerings[MATCHES_MAX + 1 + DROPPED_MAX]->level =
	    SK__LEVEL__SPECIALIST;	/* the one that comes nearest */
	policy.offerings[MATCHES_MAX + 1 + DROPPED_MAX]->n_municipalities = 1;
	ask();
	assert_int_equal(answer->n_matches, MATCHES_MAX);
	assert_int_equal(answer->more_matches, 1);
	assert_string_equal(answer->matches[0]->offering, "m08");
	assert_string_equal(answer->matches[MATCHES_MAX - 1]->offering, "m19");
	assert_int_equal(answer->n_dropped, DROPPED_MAX);
	assert_int_equal(answer->more_dropped, 1);
	assert_string_equal(answer->dropped[0]->offering, "d24");
	/* 64 of them, the most that one SUBMIT asks for, fit a frame */
	assert_int_equal(wire_encode(&answer->base, &arena, &bytes, &size),
	    SK_OK);
	assert_true(size < CATALOGUE_ANSWER_BYTES_MAX);
}

/* ---- the next of the core partners */

static const char *asked;

static bool
was_asked(const void *context, const char *code)
{
	(void)context;
	return asked != NULL && strcmp(asked, code) == 0;
}

static const char *
next_after(const char *code)
{
	return match_next_partner(&matching, code, SK__LEVEL__SPECIALIST,
	    ZWOLLE, TODAY, was_asked, NULL);
}

/* rule: R27 */
static void
test_what_a_partner_declines_goes_to_the_next_never_into_nothing(void **state)
{
	(void)state;
	have_partners();
	asked = NULL;
	offer("a", SK__LEVEL__SPECIALIST)->provider = agb[0];
	offer("c", SK__LEVEL__SPECIALIST)->provider = agb[2];
	assert_string_equal(next_after(agb[2]), agb[0]);
	assert_string_equal(next_after(agb[0]), agb[2]);	/* from the top */
	assert_null(next_after(agb[1]));	/* in no group */
	asked = agb[0];
	assert_null(next_after(agb[2]));
	asked = NULL;
	offering[0].municipalities = kampen;
	offering[0].n_municipalities = 1;
	assert_null(next_after(agb[2]));	/* has nothing here */
}

/* ---- rows of the catalogue */

static Sk__CatalogueRow row;
static Sk__CatalogueChange change;
static const Sk__CatalogueRow *rows[] = { &row };
static struct catalogue catalogue = { rows, 1, 5 };
static Sk__Ref proposal = SK__REF__INIT;

static void
evolved(Sk__CatalogueStep step)
{
	change.has_step = 1;
	change.step = step;
	assert_int_equal(catalogue_evolve(&row, &change, &arena), SK_OK);
}

static void
propose_it(void)
{
	static Sk__Offering proposed;

	arena_init(&arena, memory, sizeof(memory));
	sk__catalogue_row__init(&row);
	sk__catalogue_change__init(&change);
	sk__offering__init(&proposed);
	proposed.code = change.code = TEXT("new");
	proposed.provider = agb[3];
	proposed.has_level = 1;
	proposed.level = SK__LEVEL__SPECIALIST;
	change.offering = &proposed;
	change.proposal = &proposal;
	evolved(SK__CATALOGUE_STEP__OFFERING_PROPOSED);
	matching.catalogue = &catalogue;
}

static bool
holds(uint32_t municipality, int32_t date)
{
	struct catalogue_item item;

	assert_true(catalogue_find(&catalogue, &policy, "new", &item));
	return catalogue_holds(&item, municipality, date);
}

/* rule: R21 */
static void
test_a_proposal_counts_where_and_while_it_was_accepted(void **state)
{
	(void)state;
	propose_it();
	ask();
	assert_int_equal(answer->n_matches + answer->n_dropped, 0);
	change.municipalities = zwolle;
	change.n_municipalities = 1;
	change.has_from_date = change.has_until_date = 1;
	change.from_date = TODAY;
	change.until_date = TODAY + 9;
	evolved(SK__CATALOGUE_STEP__OFFERING_ACCEPTED);
	assert_true(holds(ZWOLLE, TODAY));
	assert_true(holds(ZWOLLE, TODAY + 9));
	assert_false(holds(ZWOLLE, TODAY - 1));
	assert_false(holds(ZWOLLE, TODAY + 10));
	assert_false(holds(KAMPEN, TODAY));
	/* another municipality, with dates of its own */
	change.municipalities = kampen;
	change.from_date = TODAY + 5;
	evolved(SK__CATALOGUE_STEP__OFFERING_ACCEPTED);
	assert_true(holds(ZWOLLE, TODAY));
	assert_false(holds(KAMPEN, TODAY));
	assert_true(holds(KAMPEN, TODAY + 5));
	/* and decided away by the first */
	change.municipalities = zwolle;
	evolved(SK__CATALOGUE_STEP__OFFERING_REFUSED);
	assert_false(holds(ZWOLLE, TODAY));
	assert_true(holds(KAMPEN, TODAY + 5));
	query.municipality = ZWOLLE;
	expect_dropped(SK__DROP_REASON__OTHER_AREA);
	/* the region speaks for all */
	change.n_municipalities = 0;
	change.has_from_date = change.has_until_date = 0;
	evolved(SK__CATALOGUE_STEP__OFFERING_ACCEPTED);
	assert_true(holds(ZWOLLE, TODAY));
	evolved(SK__CATALOGUE_STEP__OFFERING_REFUSED);
	assert_int_equal(row.n_decided, 0);
}

static void
test_the_last_word_on_places_is_the_newest(void **state)
{
	struct catalogue_item item;
	uint32_t places = 9;
	int32_t date = 0;

	(void)state;
	propose_it();
	change.places = 4;
	change.places_date = TODAY - 3;
	evolved(SK__CATALOGUE_STEP__CAPACITY_TOLD);
	assert_true(catalogue_find(&catalogue, &policy, "new", &item));
	assert_true(catalogue_places(&item, &places, &date));
	assert_int_equal(places, 4);
	/* the profile was made later than that was told */
	offer("new", SK__LEVEL__SPECIALIST);
	set_places(&offering[0], 7, TODAY - 2);
	assert_true(catalogue_find(&catalogue, &policy, "new", &item));
	assert_false(item.proposed);
	assert_true(catalogue_places(&item, &places, &date));
	assert_int_equal(places, 7);
	set_places(&offering[0], 7, TODAY - 4);
	assert_true(catalogue_places(&item, &places, &date));
	assert_int_equal(places, 4);
	assert_int_equal(date, TODAY - 3);
}

static void
test_a_change_that_no_build_wrote_is_corrupt(void **state)
{
	static char list[DECIDED_FOR_MAX + 1][5];
	char *many[DECIDED_FOR_MAX + 1];

	(void)state;
	propose_it();
	for (unsigned i = 0; i <= DECIDED_FOR_MAX; i++) {
		snprintf(list[i], sizeof(list[i]), "%04u", 1000 + i);
		many[i] = list[i];
	}
	change.municipalities = many;
	change.n_municipalities = DECIDED_FOR_MAX;
	evolved(SK__CATALOGUE_STEP__OFFERING_ACCEPTED);
	change.n_municipalities++;
	assert_int_equal(catalogue_evolve(&row, &change, &arena),
	    SK_STORE_CORRUPT);
	sk__catalogue_row__init(&row);
	assert_int_equal(catalogue_evolve(&row, &change, &arena),
	    SK_STORE_CORRUPT);	/* a decision on nothing */
	change.step = (Sk__CatalogueStep)9;
	assert_int_equal(catalogue_evolve(&row, &change, &arena),
	    SK_STORE_CORRUPT);
	change.code = NULL;
	assert_int_equal(catalogue_evolve(&row, &change, &arena),
	    SK_STORE_CORRUPT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_what_is_nearer_to_home_comes_first),
		T(test_at_one_distance_the_narrower_scale_comes_first),
		T(test_the_fixed_contact_of_the_area_comes_first),
		T(test_core_partners_come_in_the_order_of_their_group),
		T(test_what_combines_with_what_runs_comes_first),
		T(test_places_that_are_known_come_before_those_that_are_not),
		T(test_what_is_equal_stands_by_its_code),
		T(test_pilots_are_kept_apart_at_the_end),
		T(test_the_social_base_is_answered_beside_care_with_its_route),
		T(test_the_protection_table_is_named_before_compulsory_care),
		T(test_each_that_drops_out_has_its_reason),
		T(test_an_age_fits_from_its_first_to_its_last_year),
		T(test_only_providers_that_qualify_today_are_found),
		T(test_nothing_found_or_only_what_is_not_wanted_is_an_unmet_need),
		T(test_an_answer_is_bounded_and_says_how_many_more_there_are),
		T(test_what_a_partner_declines_goes_to_the_next_never_into_nothing),
		T(test_a_proposal_counts_where_and_while_it_was_accepted),
		T(test_the_last_word_on_places_is_the_newest),
		T(test_a_change_that_no_build_wrote_is_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
