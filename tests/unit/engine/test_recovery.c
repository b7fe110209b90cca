/*
 * What an agent may say of a journal that is lost: its receipts of before are
 * its own word, and the backup bounds them.
 */
#include "tests/unit/engine/bench.h"

/* Operators let the journal go on as the next from all that stands here. */
static void
restore(void)
{
	static uint8_t bytes[LEAF_BYTES_MAX], body[LEAF_BYTES_MAX];
	Sk__Command command = SK__COMMAND__INIT;
	Sk__Restore to = SK__RESTORE__INIT;
	struct append append = { 0 };
	struct leaf leaf = { .format = LEAF_FORMAT, .instant = b.now,
		.kind = SK__EVENT_KIND__RESTORE_EVENT };
	Sk__SignedCommand *command_signed;
	uint8_t root[DIGEST_SIZE], hash[DIGEST_SIZE];
	uint64_t position;
	size_t size;

	OK(journal_root(b.journal, journal_size(b.journal), root));
	to.has_number = to.has_size = to.has_root = 1;
	to.number = journal_founding(b.journal)->number + 1;
	to.size = journal_size(b.journal);
	to.root = bench_bytes(root, DIGEST_SIZE);
	command.restore = &to;
	command_signed = bench_sign_command(&command, 1, b.now + DAY_MS);
	leaf.epoch = journal_epoch(b.journal);
	leaf.body = (struct span){ body,
		sk__signed_command__pack(command_signed, body) };
	OK(leaf_encode(&leaf, bytes, &size));
	append.leaf = (struct span){ bytes, size };
	append.operator_key_id = command_signed->approvals[0]->key_id.data;
	append.sequence = command_signed->approvals[0]->sequence;
	OK(journal_begin(b.journal));
	OK(journal_append(b.journal, &append, b.now, &position, hash));
	OK(journal_commit(b.journal));
	bench_close();
	bench_open();
	assert_true(engine_in_recovery(b.engine));
}

static enum sk_error
resend(const Sk__Submit *submit, uint64_t position, int64_t instant)
{
	static uint8_t hash[DIGEST_SIZE];
	Sk__Outcome outcome = SK__OUTCOME__INIT;
	Sk__Receipt receipt = SK__RECEIPT__INIT, *list = &receipt;
	Sk__Resend said = SK__RESEND__INIT;

	outcome.has_accepted = outcome.accepted = 1;
	receipt.has_number = receipt.has_position = receipt.has_instant =
	    receipt.has_leaf_hash = 1;
	receipt.number = submit->first_number;
	receipt.position = position;
	receipt.instant = instant;
	receipt.leaf_hash = bench_bytes(hash, DIGEST_SIZE);
	receipt.outcome = &outcome;
	said.has_journal = 1;
	said.journal = 1;
	said.submit = (Sk__Submit *)(uintptr_t)submit;
	said.n_receipts = 1;
	said.receipts = &list;
	OK(engine_resend(b.engine, TEAM, b.now, &said, &b.answers,
	    &b.answer));
	return b.answer.code;
}

static void
test_what_was_lost_was_not_said_before_the_backup(void **state)
{
	const int64_t kept = b.now;
	uint8_t link[DIGEST_SIZE];
	struct letter *l;
	Sk__Submit *submit;
	uint64_t lost;

	(void)state;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	bench_commit();
	lost = journal_size(b.journal);
	b.now += 30 * DAY_MS;
	restore();
	l = COMPOSE(.kind = K(TRIAGE), .sender = TEAM);
	submit = bench_submission(TEAM, &l, 1, link);
	assert_int_equal(resend(submit, lost - 1, kept), SK_FIELD_INVALID);
	assert_string_equal(b.answer.fault.field, "resend.receipts.position");
	assert_int_equal(resend(submit, lost, kept - 1), SK_FIELD_INVALID);
	assert_string_equal(b.answer.fault.field, "resend.receipts.instant");
	assert_int_equal(resend(submit, lost, b.now + 1), SK_FIELD_INVALID);
	OK(resend(submit, lost, kept));
	assert_int_equal(engine_staged(b.engine, TEAM),
	    submit->first_number);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_what_was_lost_was_not_said_before_the_backup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
