#include "tests/unit/engine/bench.h"

static void
test_every_receipt_names_its_leaf(void **state)
{
	struct letter *l[3];
	struct span bytes;
	uint8_t hash[DIGEST_SIZE];
	uint64_t from = journal_size(b.journal);

	(void)state;
	for (size_t i = 0; i < 3; i++)
		l[i] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
		    .to = { TEAM });
	bench_send(COURT, l, 3);
	bench_commit();
	assert_int_equal(b.answer.first_number, 1);
	assert_int_equal(b.answer.count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(b.answer.receipt[i].position, from + i);
		assert_int_equal(b.answer.receipt[i].instant, b.now);
		OK(journal_leaf(b.journal, from + i, &bytes));
		digest_leaf(hash, bytes.bytes, bytes.size);
		assert_memory_equal(hash, b.answer.receipt[i].leaf_hash,
		    DIGEST_SIZE);
		assert_true(bench_outcome(i)->accepted);
		assert_int_equal(bench_outcome(i)->case_number, i + 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_every_receipt_names_its_leaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
