/*
 * The index from person to family to cases: it follows the journal, can be
 * made again, names nobody, and forgets with the case.
 */
#include "tests/unit/engine/bench.h"

/* An order on one child (first) and its parents. */
static Sk__Facts *
order_on(const int *fills, size_t n)
{
	Sk__Facts *f = good_facts(&w, K(COURT_ORDER));

	f->court_order->n_persons = 0;
	for (size_t i = 0; i < n; i++)
		ADD(&w, &f->court_order->n_persons, &f->court_order->persons,
		    person(&w, i == 0 ? SK__PERSON_ROLE__CHILD :
		    SK__PERSON_ROLE__PARENT, fills[i], true));
	return f;
}
#define ORDER(...) do { \
	const int fills_[] = { __VA_ARGS__ }; \
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM }, \
	    .facts = order_on(fills_, sizeof(fills_) / sizeof(int))); \
} while (0)

static void
expect(uint64_t case_number, uint64_t family, uint64_t child)
{
	struct view view = { .row = &b.engine->row };

	OK(row_load(b.engine, case_number, &b.engine->row));
	b.engine->view_failed = SK_OK;
	family_see(b.engine, &view);
	OK(b.engine->view_failed);
	assert_int_equal(view.family_number, family);
	assert_int_equal(view.child_number, child);
}

/* The same journal on a fresh state, and decided again. */
static void
expect_made_again(void)
{
	struct replay_report report;
	struct engine *again = NULL;
	struct fault fault = { 0 };

	bench_commit();
	bench_remove(bench_path("again"));
	OK(engine_open(b.journal, bench_path("again"), &again, NULL, &fault));
	OK(state_txn(b.engine));
	OK(state_txn(again));
	bench_same_table(b.engine, again, STATE_CASES);
	for (unsigned i = 0; i < 4; i++)
		bench_same_table(b.engine, again, STATE_FAMILIES + i);
	engine_close(again);
	bench_replays(&report);
}

static void
three_households(void)
{
	ORDER(11, 2, 3);	/* 1 */
	ORDER(12, 3, 4);	/* 2: a half brother */
	ORDER(13, 5, 6);	/* 3: another family */
	ORDER(11, 2, 3);	/* 4: the first child again */
}

/* rule: R31, R41 */
static void
test_children_of_one_parent_are_one_family_with_several_households(void **state)
{
	(void)state;
	three_households();
	expect(1, 1, 1);
	expect(2, 1, 2);
	expect(3, 3, 3);
	expect(4, 1, 1);
	expect_made_again();
}

/* rule: R41 */
static void
test_families_that_turn_out_to_be_one_go_on_as_one(void **state)
{
	const struct family *family;

	(void)state;
	three_households();
	ORDER(15, 8, 9);	/* 5 */
	ORDER(14, 6, 8);	/* 6: joins 3 and 5 */
	expect(5, 3, 5);
	ORDER(16, 4, 5);	/* 7: and those with 1 */
	for (uint64_t i = 1; i <= 7; i++)
		expect(i, 1, i == 4 ? 1 : i);
	family = family_view(b.engine, 1, 7);
	assert_int_equal(family->cases, 6);
	assert_int_equal(family->family_case[0].number, 6);
	assert_int_equal(family->family_case[5].number, 1);
	ORDER(17, 9);		/* 8: by a name that came in with 5 */
	expect(8, 1, 8);
	expect_made_again();
}

static Sk__Facts *
linked(int former, int now)
{
	Sk__Facts *f = good_facts(&w, K(LINK_PERSON));

	f->link_person->former = bytes_of(&w, former, 32);
	f->link_person->person->pseudonym = bytes_of(&w, now, 32);
	f->link_person->person->secret_version = 1;
	return f;
}

/* rule: R41 */
static void
test_an_unborn_child_is_linked_once_it_has_a_number(void **state)
{
	(void)state;
	ORDER(11, 2);		/* 1 */
	ORDER(99, 7);		/* 2: drawn at random */
	expect(2, 2, 2);
	SAID(.kind = K(LINK_PERSON), .sender = TEAM, .facts = linked(99, 11));
	expect(2, 1, 1);
	ORDER(99, 7);		/* 3: the old name still leads there */
	expect(3, 1, 1);
	ORDER(12, 7);		/* 4 */
	expect(4, 1, 4);
	expect_made_again();
}

static size_t
count_rows(unsigned table)
{
	uint64_t n = 0;

	OK(state_txn(b.engine));
	OK(store_count(b.engine->txn, table, &n));
	return (size_t)n;
}

static void
test_no_pseudonym_stands_in_the_state(void **state)
{
	static uint8_t bytes[1 << 20];
	uint8_t pseudonym[32];
	char path[PATH_SIZE * 2];
	FILE *file;
	size_t n, total = 0;

	(void)state;
	ORDER(0xab, 0xac);
	bench_commit();
	file_path(path, sizeof(path), bench_path("state"), "data.mdb");
	assert_non_null(file = fopen(path, "rb"));
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0) {
		total += n;
		for (int fill = 0xab; fill <= 0xac; fill++) {
			memset(pseudonym, fill, sizeof(pseudonym));
			assert_null(memmem(bytes, n, pseudonym, 16));
		}
	}
	fclose(file);
	assert_true(total > 0);
	assert_int_equal(count_rows(STATE_PERSONS), 2);
}

/* rule: R76 */
static void
test_what_an_erased_case_named_leads_nowhere(void **state)
{
	struct replay_report report;

	(void)state;
	three_households();
	ORDER(14, 6);		/* 5, through case 3 alone */
	bench_commit();
	OK(bench_destroy_key(3));
	OK(family_forget(b.engine, 3));
	OK(family_forget(b.engine, 3));
	OK(family_forget(b.engine, 77));
	assert_int_equal(count_rows(STATE_PERSONS), 11);
	ORDER(13, 5);		/* 6: nobody knows them any more */
	expect(6, 6, 6);
	ORDER(17, 6);		/* 7: whom case 5 named too */
	expect(7, 3, 7);
	bench_commit();
	bench_replays(&report);
	assert_int_equal(report.erased, 1);
	expect_made_again();
}

/* rule: R76 */
static void
test_what_an_erased_case_joined_stays_joined_in_replay(void **state)
{
	(void)state;
	three_households();
	ORDER(14, 4, 5);	/* 5 joins 3 with 1 */
	ORDER(18, 14);		/* 6: a child of that child */
	bench_commit();
	OK(bench_destroy_key(1));
	OK(family_forget(b.engine, 1));
	OK(bench_destroy_key(5));
	OK(family_forget(b.engine, 5));
	for (uint64_t i = 1; i <= 6; i++)
		expect(i, 1, i == 4 ? 1 : i);
	expect_made_again();
}

static void
test_of_a_family_past_its_bound_the_newest_cases_stand(void **state)
{
	const struct family *family;
	const int many = FAMILY_CASES_MAX + 6;

	(void)state;
	for (int i = 0; i < many; i++) {
		ORDER(100 + i, 2);
		bench_commit();
		bench_forget();
		w.said = 0;
	}
	family = family_view(b.engine, 1, 0);
	assert_int_equal(family->cases, FAMILY_CASES_MAX);
	assert_int_equal(family->family_case[0].number, many);
	assert_int_equal(family->family_case[FAMILY_CASES_MAX - 1].number, 7);
	expect(1, 1, 1);
	expect_made_again();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_children_of_one_parent_are_one_family_with_several_households),
		bench_test(test_families_that_turn_out_to_be_one_go_on_as_one),
		bench_test(test_an_unborn_child_is_linked_once_it_has_a_number),
		bench_test(test_no_pseudonym_stands_in_the_state),
		bench_test(test_what_an_erased_case_named_leads_nowhere),
		bench_test(test_what_an_erased_case_joined_stays_joined_in_replay),
		bench_test(test_of_a_family_past_its_bound_the_newest_cases_stand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
