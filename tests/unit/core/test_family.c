/*
 * Which family a case belongs to, and what its cases together come to.
 */
#include "world.h"

static struct world w;

#define H(name) SK__HANDOFF_STATUS__##name

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

/* Who has this pseudonym was met before, in this family, as this child. */
static void
known(size_t i, uint8_t fill, uint64_t family, uint64_t child)
{
	w.known[i] = (struct known){ fill, { family, child } };
}

static const Sk__Effects *
opened(void)
{
	struct message m = { .kind = K(COURT_ORDER), .sender = COURT,
		.to = { TEAM } };

	/* the child is 1, its parents 2 and 3 */
	assert_int_equal(decide_message(&w, &m)->refusal.code, SK_OK);
	return w.decision.open;
}

/* rule: R41 */
static void
test_a_child_that_nobody_knows_is_a_family_of_its_own(void **state)
{
	(void)state;
	w.row.number = 6;
	assert_int_equal(opened()->family, 7);
	assert_int_equal(opened()->child, 7);
	assert_int_equal(opened()->n_family_joined, 0);
}

/* rule: R41 */
static void
test_a_case_joins_the_family_of_its_child_or_of_a_parent(void **state)
{
	(void)state;
	w.row.number = 6;
	known(0, 1, 2, 3);
	assert_int_equal(opened()->family, 2);
	assert_int_equal(opened()->child, 3);
	known(0, 3, 2, 3);	/* a parent, who was a child there once */
	assert_int_equal(opened()->family, 2);
	assert_int_equal(opened()->child, 7);
}

/* rule: R41 */
static void
test_families_that_turn_out_to_be_one_are_joined(void **state)
{
	const Sk__Effects *open;

	(void)state;
	w.row.number = 6;
	known(0, 1, 4, 4);
	known(1, 2, 2, 0);
	known(2, 3, 5, 0);
	open = opened();
	assert_int_equal(open->family, 2);
	assert_int_equal(open->child, 4);
	assert_int_equal(open->n_family_joined, 2);
	assert_int_equal(open->family_joined[0], 4);
	assert_int_equal(open->family_joined[1], 5);
}

static Sk__Facts *
linked(int former, int now)
{
	Sk__Facts *f = good_facts(&w, K(LINK_PERSON));

	f->link_person->former = bytes_of(&w, former, 32);
	f->link_person->person->pseudonym = bytes_of(&w, now, 32);
	return f;
}

/* rule: R41 */
static void
test_a_child_that_has_a_number_now_may_be_one_that_was_known(void **state)
{
	(void)state;
	w.row.number = 6;
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	known(0, 9, 2, 3);
	ACCEPTED(&w, .kind = K(LINK_PERSON), .sender = TEAM,
	    .facts = linked(1, 9));
	assert_int_equal(w.decision.open->family, 2);
	assert_int_equal(w.decision.open->family_joined[0], 7);
	assert_int_equal(w.decision.open->child, 3);
	assert_int_equal(w.decision.open->child_joined, 7);
	assert_int_equal(w.row.family, 2);
	assert_int_equal(w.row.child, 3);
	/* and a parent whom nobody knew changes nothing of that */
	ACCEPTED(&w, .kind = K(LINK_PERSON), .sender = TEAM,
	    .facts = linked(2, 10));
	assert_false(w.decision.open->has_family);
	REFUSED(&w, SK_PERSON_NOT_IN_CASE, "facts.link_person.former", 0,
	    .kind = K(LINK_PERSON), .sender = TEAM, .facts = linked(1, 9));
}

static void
test_where_a_case_is_erased_replay_believes_the_entry(void **state)
{
	static uint64_t joined[] = { 5 };
	Sk__Effects told = SK__EFFECTS__INIT;

	(void)state;
	w.row.number = 6;
	told.has_family = told.has_child = 1;
	told.family = told.child = 4;
	told.n_family_joined = 1;
	told.family_joined = joined;
	w.told = &told;
	assert_int_equal(opened()->family, 4);
	assert_int_equal(opened()->child, 4);
	assert_int_equal(opened()->family_joined[0], 5);
}

/* ---- what they come to */

static struct case_row
case_with(uint64_t number, size_t n, ...)
{
	struct case_row row = { .number = number, .owner = TEAM,
		.director = TEAM, .state = S(STARTED) };
	va_list ap;

	va_start(ap, n);
	for (size_t i = 0; i < n; i++) {
		struct case_handoff *h = &row.handoff[row.handoffs++];

		h->provider = HELP_A;
		h->status = (uint8_t)va_arg(ap, int);
		h->date = va_arg(ap, int);
		h->unplanned = (uint8_t)va_arg(ap, int);
	}
	va_end(ap);
	return row;
}

/* rule: R44 */
static void
test_failures_count_in_a_row_over_all_cases_of_the_child(void **state)
{
	struct case_row first = case_with(2, 2, H(HELP_ENDED), 100, 1,
	    H(HELP_ENDED), 200, 0);
	struct case_row second = case_with(5, 3, H(HELP_ENDED), 300, 1,
	    H(OFFER_DECLINED), 310, 0, H(HELP_ENDED), 400, 1);
	struct case_row sibling = case_with(6, 1, H(HELP_ENDED), 500, 1);
	struct failures found;

	(void)state;
	family_add(&w.family, &sibling, 6);
	family_add(&w.family, &second, 2);
	family_add(&w.family, &first, 2);
	found = family_failures(&w.family, 2);
	assert_int_equal(found.in_a_row, 2);
	assert_int_equal(found.last, 400);
	assert_int_equal(family_failures(&w.family, 6).in_a_row, 1);
	assert_int_equal(family_failures(&w.family, 9).in_a_row, 0);
	/* what went well on that very day, in a later case, ends the row */
	second.handoff[2].date = 300;
	second.handoff[2].unplanned = 0;
	memset(&w.family, 0, sizeof(w.family));
	family_add(&w.family, &second, 2);
	family_add(&w.family, &first, 2);
	assert_int_equal(family_failures(&w.family, 2).in_a_row, 0);
}

/* rule: R55 */
static void
test_a_family_that_comes_back_within_a_year_is_told_apart(void **state)
{
	struct case_row before = case_with(2, 1, H(HELP_ENDED),
	    today(&w) - 365, 0);

	(void)state;
	w.row.number = 6;
	known(0, 2, 2, 0);
	family_add(&w.family, &before, 2);
	assert_int_equal(opened()->returns_after, 2);
	w.family.help[0].handoff.date--;
	assert_false(opened()->has_returns_after);
	w.family.help[0].handoff.date++;
	w.family.help[0].handoff.status = H(HELP_STARTED);
	assert_false(opened()->has_returns_after);
}

static void
test_a_family_is_as_large_as_its_bound(void **state)
{
	struct case_row row = case_with(1, 3, H(HELP_ENDED), 1, 0,
	    H(HELP_ENDED), 2, 0, H(HELP_STARTED), 3, 0);

	(void)state;
	for (uint64_t i = 0; i < FAMILY_CASES_MAX + 1; i++) {
		row.number = 1000 - i;
		family_add(&w.family, &row, 1);
	}
	assert_int_equal(w.family.cases, FAMILY_CASES_MAX);
	assert_int_equal(w.family.helps, FAMILY_HELPS_MAX);
	/* the newest handoff of a case comes first */
	assert_int_equal(w.family.help[0].index, 3);
	assert_int_equal(w.family.help[0].handoff.status, H(HELP_STARTED));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_a_child_that_nobody_knows_is_a_family_of_its_own),
		T(test_a_case_joins_the_family_of_its_child_or_of_a_parent),
		T(test_families_that_turn_out_to_be_one_are_joined),
		T(test_a_child_that_has_a_number_now_may_be_one_that_was_known),
		T(test_where_a_case_is_erased_replay_believes_the_entry),
		T(test_failures_count_in_a_row_over_all_cases_of_the_child),
		T(test_a_family_that_comes_back_within_a_year_is_told_apart),
		T(test_a_family_is_as_large_as_its_bound),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
