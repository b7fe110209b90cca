#include "tests/unit/agents/fixture.h"

struct open {
	char dir[64];
	struct archive *archive;
};

static int
setup(void **state)
{
	struct open *open = calloc(1, sizeof(*open));

	make_dir(open->dir, sizeof(open->dir));
	assert_int_equal(archive_open(open->dir, &open->archive, NULL), SK_OK);
	*state = open;
	return 0;
}

static int
teardown(void **state)
{
	struct open *open = *state;

	archive_close(open->archive);
	remove_dir(open->dir);
	free(open);
	return 0;
}

static void
again(struct open *open)
{
	archive_close(open->archive);
	assert_int_equal(archive_open(open->dir, &open->archive, NULL), SK_OK);
}

static struct own_row
some_own(uint64_t number)
{
	struct own_row row = { .id.number = number,
		.kind = SK__KIND__COURT_ORDER, .case_ref.participant = 1,
		.case_ref.id.number = number, .written_at = NOW,
		.recipients = 2, .recipient = { 2, 1 } };

	return row;
}

static void
test_rows_come_back_as_they_were(void **state)
{
	struct own_row own = some_own(9), own_back;
	struct inbox_row in = { .arrival = 3, .position = UINT64_MAX,
		.instant = -1, .kind = SK__KIND__TRIAGE, .opened_at = NOW,
		.trouble = SK_SEAL_BROKEN, .trouble_text = "sealed" }, in_back;
	struct case_card card = { .number = 4, .participants = CASE_KNOWN_MAX },
	    card_back;
	struct link_row link = { .count = 64 }, link_back;
	struct known_key key = { .participant = 2, .use = KEY_SEAL,
		.revoked = true }, key_back;
	struct meta meta = { .participant = 1, .origin = ORIGIN,
		.now = NOW }, meta_back;
	uint8_t bytes[ROW_BYTES_MAX];

	(void)state;
	snprintf(own.hint, sizeof(own.hint), "want this");
#define BACK(row, encode, decode) do { \
	size_t n = encode(&row, bytes); \
	assert_int_equal(decode((struct span){ bytes, n }, &row##_back), \
	    SK_OK); \
	assert_memory_equal(&row, &row##_back, sizeof(row)); \
	for (size_t cut = 0; cut < n; cut++) \
		assert_int_equal(decode((struct span){ bytes, cut }, \
		    &row##_back), SK_STORE_CORRUPT); \
} while (0)
	BACK(own, own_encode, own_decode);
	BACK(in, inbox_encode, inbox_decode);
	BACK(card, card_encode, card_decode);
	BACK(link, link_encode, link_decode);
	BACK(key, known_key_encode, known_key_decode);
	BACK(meta, meta_encode, meta_decode);
}

static void
test_widest_row_fits(void **state)
{
	struct own_row own = { .recipients = RECIPIENTS_MAX };
	struct inbox_row in = { .arrival = 1 };
	uint8_t bytes[ROW_BYTES_MAX];

	(void)state;
	memset(own.field, 'x', sizeof(own.field) - 1);
	memset(own.hint, 'x', sizeof(own.hint) - 1);
	memset(in.trouble_text, 'x', sizeof(in.trouble_text) - 1);
	assert_true(own_encode(&own, bytes) <= ROW_BYTES_MAX);
	assert_true(inbox_encode(&in, bytes) <= ROW_BYTES_MAX);
}

static void
test_row_with_too_many_recipients_is_corrupt(void **state)
{
	struct own_row row = { .recipients = 1 };
	uint8_t bytes[ROW_BYTES_MAX];
	size_t n = own_encode(&row, bytes);
	/* version, id, sequence, number, kind, two refs, three times eight and
	 * date and its flag stand before the count */
	size_t at = 8 + 16 + 24 + 48 + 40;

	(void)state;
	assert_int_equal(be64_get(bytes + at), 1);
	be64_put(bytes + at, RECIPIENTS_MAX + 1);
	assert_int_equal(own_decode((struct span){ bytes, n }, &row),
	    SK_STORE_CORRUPT);
}

static void
test_what_was_settled_is_there_after_a_restart(void **state)
{
	struct open *open = *state;
	struct own_row row = some_own(1), back;

	outbox_add(open->archive, &row, (struct span){ "body", 4 });
	assert_int_equal(archive_settle(open->archive), SK_OK);
	again(open);
	assert_int_equal(own_get(open->archive, &row.id, &back), SK_OK);
	assert_int_equal(back.sequence, 1);
	assert_int_equal(outbox_count(open->archive), 1);
	assert_int_equal(archive_meta(open->archive)->next_sequence, 2);
}

static void
test_what_was_abandoned_never_was(void **state)
{
	struct open *open = *state;
	struct own_row row = some_own(1), back;

	outbox_add(open->archive, &row, (struct span){ "body", 4 });
	archive_abandon(open->archive);
	assert_int_equal(own_get(open->archive, &row.id, &back), SK_NOT_FOUND);
	assert_int_equal(archive_meta(open->archive)->next_sequence, 1);
	assert_false(archive_is_dirty(open->archive));
}

static void
test_a_turn_sees_its_own_rows(void **state)
{
	struct open *open = *state;
	struct own_row row = some_own(1), back;

	assert_int_equal(outbox_count(open->archive), 0);
	outbox_add(open->archive, &row, (struct span){ "body", 4 });
	assert_int_equal(own_get(open->archive, &row.id, &back), SK_OK);
	assert_int_equal(outbox_count(open->archive), 1);
}

static void
test_second_agent_on_one_archive_is_refused(void **state)
{
	struct open *open = *state;
	struct archive *second;

	assert_int_equal(archive_open(open->dir, &second, NULL),
	    SK_STORE_BUSY);
	assert_null(second);
}

static void
test_mailbox_number_moves_over_what_is_contiguous(void **state)
{
	struct open *open = *state;
	static const struct { uint64_t number, stored; } steps[] = {
		{ 2, 0 }, { 4, 0 }, { 1, 2 }, { 3, 4 }, { 5, 5 },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		assert_false(inbox_has_number(open->archive,
		    steps[i].number));
		inbox_mark_number(open->archive, steps[i].number);
		assert_true(inbox_has_number(open->archive, steps[i].number));
		assert_int_equal(archive_meta(open->archive)->mailbox_stored,
		    steps[i].stored);
	}
	assert_int_equal(archive_count(open->archive, TABLE_AHEAD), 0);
}

static Sk__Receipt *
some_receipt(uint64_t number, Sk__Outcome *outcome, uint8_t *leaf)
{
	static Sk__Receipt receipt;

	sk__receipt__init(&receipt);
	sk__outcome__init(outcome);
	outcome->has_accepted = outcome->has_case_number = 1;
	outcome->accepted = 1;
	outcome->case_number = 17;
	receipt.has_number = receipt.has_position = 1;
	receipt.has_instant = receipt.has_leaf_hash = 1;
	receipt.number = number;
	receipt.position = 40;
	receipt.instant = NOW;
	receipt.leaf_hash = (ProtobufCBinaryData){ DIGEST_SIZE, leaf };
	receipt.outcome = outcome;
	return &receipt;
}

static void
test_receipt_takes_a_message_out_of_the_outbox_once(void **state)
{
	struct open *open = *state;
	struct own_row row = some_own(1), back;
	uint8_t leaf[DIGEST_SIZE] = { 9 };
	struct case_card card;
	Sk__Outcome outcome;

	outbox_add(open->archive, &row, (struct span){ "body", 4 });
	for (int i = 0; i < 2; i++) {
		assert_int_equal(own_receipted(open->archive, &row,
		    some_receipt(5, &outcome, leaf), 5), SK_OK);
		assert_int_equal(outbox_count(open->archive), 0);
		assert_int_equal(cases_by_number(open->archive, 17, &card),
		    SK_OK);
		assert_int_equal(card.messages, 1);
	}
	assert_int_equal(own_by_number(open->archive, 5, &back), SK_OK);
	assert_int_equal(back.position, 40);
	assert_int_equal(own_receipted(open->archive, &row,
	    some_receipt(6, &outcome, leaf), 6), SK_MALFORMED);
}

static void
test_refused_opening_opens_no_case(void **state)
{
	struct open *open = *state;
	struct own_row row = some_own(1);
	uint8_t leaf[DIGEST_SIZE] = { 9 };
	struct case_card card;
	Sk__Outcome outcome;
	Sk__Receipt *receipt = some_receipt(1, &outcome, leaf);

	outcome.accepted = 0;
	outcome.has_case_number = 0;
	outcome.case_number = 0;
	outcome.has_code = 1;
	outcome.code = SK_ROUTE_VIA_ACCESS;
	outbox_add(open->archive, &row, (struct span){ "body", 4 });
	assert_int_equal(own_receipted(open->archive, &row, receipt, 1), SK_OK);
	assert_int_equal(row.code, SK_ROUTE_VIA_ACCESS);
	assert_int_equal(cases_get(open->archive, &row.case_ref, &card),
	    SK_CASE_UNKNOWN);
}

static void
test_a_number_names_one_case_for_ever(void **state)
{
	struct open *open = *state;
	struct envelope_ref a = { 1, { { 1 }, 1 } }, b = { 1, { { 1 }, 2 } };
	struct case_card card;

	assert_int_equal(cases_join(open->archive, &a, 3, &card), SK_OK);
	assert_int_equal(cases_join(open->archive, &a, 3, &card), SK_OK);
	assert_int_equal(cases_join(open->archive, &a, 4, &card),
	    SK_MALFORMED);
	assert_int_equal(cases_join(open->archive, &b, 3, &card),
	    SK_MALFORMED);
	assert_int_equal(cases_join(open->archive, &b, 0, &card), SK_OK);
	assert_int_equal(card.number, 0);
}

static void
test_case_is_found_as_people_write_it(void **state)
{
	struct open *open = *state;
	struct envelope_ref ref = { 1, { { 1 }, 1 } };
	char number[CASE_TEXT_MAX], text[REF_TEXT_MAX];
	struct case_card card;
	struct fault fault;

	archive_meta(open->archive)->mailbox_journal = 1;
	cases_join(open->archive, &ref, 42, &card);
	case_text(1, 42, number);
	ref_text(&ref, text);
	assert_int_equal(cases_find(open->archive, number, &card, &fault),
	    SK_OK);
	assert_int_equal(cases_find(open->archive, text, &card, &fault), SK_OK);
	case_text(2, 42, number);	/* of another journal */
	assert_int_equal(cases_find(open->archive, number, &card, &fault),
	    SK_CASE_UNKNOWN);
	assert_int_equal(cases_find(open->archive, "1-42-00", &card, &fault),
	    SK_FIELD_INVALID);
	assert_string_equal(fault.field, "case");
}

static bool
collect(void *context, const struct timeline_entry *entry)
{
	uint64_t **at = context;

	*(*at)++ = entry->position;
	return true;
}

static void
test_timeline_is_in_order_of_position_and_of_one_case(void **state)
{
	struct open *open = *state;
	struct envelope_ref a = { 1, { { 1 }, 1 } }, b = { 1, { { 1 }, 2 } };
	uint64_t seen[8] = { 0 }, *at = seen;
	struct case_card card_a, card_b;
	static const uint64_t positions[] = { 300, 2, 70000 };

	cases_join(open->archive, &a, 1, &card_a);
	cases_join(open->archive, &b, 2, &card_b);
	for (size_t i = 0; i < 3; i++)
		cases_add_message(open->archive, &card_a,
		    &(struct timeline_entry){ .position = positions[i],
		    .arrival = i + 1 }, SK__KIND__TRIAGE, NOW);
	cases_add_message(open->archive, &card_b, &(struct timeline_entry){
	    .position = 50, .arrival = 9 }, SK__KIND__TRIAGE, NOW);
	assert_int_equal(cases_timeline(open->archive, &a, collect, &at),
	    SK_OK);
	assert_int_equal(at - seen, 3);
	assert_true(seen[0] == 2 && seen[1] == 300 && seen[2] == 70000);
	assert_int_equal(card_a.last_position, 70000);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_come_back_as_they_were),
		cmocka_unit_test(test_widest_row_fits),
		cmocka_unit_test(test_row_with_too_many_recipients_is_corrupt),
		TEST(test_what_was_settled_is_there_after_a_restart),
		TEST(test_what_was_abandoned_never_was),
		TEST(test_a_turn_sees_its_own_rows),
		TEST(test_second_agent_on_one_archive_is_refused),
		TEST(test_mailbox_number_moves_over_what_is_contiguous),
		TEST(test_receipt_takes_a_message_out_of_the_outbox_once),
		TEST(test_refused_opening_opens_no_case),
		TEST(test_a_number_names_one_case_for_ever),
		TEST(test_case_is_found_as_people_write_it),
		TEST(test_timeline_is_in_order_of_position_and_of_one_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
