#include "tests/unit/agents/line.h"

/* ---- greeting */

static void
test_hello_says_what_is_held(void **state)
{
	struct line *line = *state;
	const Sk__Hello *hello;

	assert_false(uplink_push(line->uplink, 0));
	uplink_connected(line->uplink, 0);
	assert_true(uplink_push(line->uplink, 0));
	hello = frame_at(line, 0)->hello;
	assert_non_null(hello);
	assert_int_equal(hello->participant, 1);
	assert_string_equal(hello->origin, ORIGIN);
	assert_int_equal(hello->directory_count, MEMBERS);
	assert_memory_equal(hello->boot.data, line->agent->boot, BOOT_SIZE);
	assert_false(hello->has_last_position);
}

static void
test_hello_comes_again_when_no_welcome_comes(void **state)
{
	struct line *line = *state;
	const char *dutch, *english;

	uplink_connected(line->uplink, 1000);
	uplink_push(line->uplink, 1000);
	assert_int_equal(uplink_due(line->uplink), 1000 + UPLINK_HELLO_MS);
	assert_false(uplink_push(line->uplink, 1000 + UPLINK_HELLO_MS - 1));
	assert_true(uplink_push(line->uplink, 1000 + UPLINK_HELLO_MS));
	assert_int_equal(line->frames, 2);
	uplink_why(line->uplink, &dutch, &english);
	assert_non_null(strstr(english, "does not answer"));
	assert_non_null(strstr(dutch, "antwoordt niet"));
}

static void
test_refused_key_is_said_in_words(void **state)
{
	struct line *line = *state;
	const char *dutch, *english;

	uplink_refused(line->uplink);
	uplink_unreachable(line->uplink);	/* says less */
	uplink_why(line->uplink, &dutch, &english);
	assert_non_null(strstr(english, "did not accept this key"));
	assert_int_equal(uplink_state(line->uplink), UPLINK_DOWN);
}

/* ---- what WELCOME must agree with */

enum wrong { GOOD, ORIGIN_OTHER, FOUNDING_OTHER, TEST_OTHER, LOWER_NUMBER,
	FEWER_ENTRIES, LOWER_MAILBOX, FEWER_STATEMENTS, LOWER_SERIAL,
	LINK_OTHER, HEAD_OTHER };

static void
make_wrong(Sk__Welcome *w, enum wrong wrong)
{
	static uint8_t other[DIGEST_SIZE];

	switch (wrong) {
	case GOOD: break;
	case ORIGIN_OTHER: w->origin = (char *)(uintptr_t)"x/test/1"; break;
	case FOUNDING_OTHER: w->founding.data = other; break;
	case TEST_OTHER: w->test = 0; break;
	case LOWER_NUMBER: w->last_number--; break;
	case FEWER_ENTRIES: w->journal_size--; break;
	case LOWER_MAILBOX: w->next_mailbox_number--; break;
	case FEWER_STATEMENTS: w->directory_count--; break;
	case LOWER_SERIAL: w->directory_serial--; break;
	case LINK_OTHER: w->last_link.data = other; break;
	case HEAD_OTHER: w->directory_head.data = other; break;
	}
}

static void
test_welcome_that_disagrees_stops_the_session(void **state)
{
	struct line *line = *state;
	struct meta *meta = archive_meta(line->agent->archive);
	static const struct { enum wrong wrong; const char *word; } cases[] = {
		{ ORIGIN_OTHER, "another journal" },
		{ FOUNDING_OTHER, "another journal" },
		{ TEST_OTHER, "test journal" },
		{ LOWER_NUMBER, "ROLLBACK" }, { FEWER_ENTRIES, "ROLLBACK" },
		{ LOWER_MAILBOX, "ROLLBACK" },
		{ FEWER_STATEMENTS, "ROLLBACK" },
		{ LOWER_SERIAL, "ROLLBACK" },
		{ LINK_OTHER, "another chain" },
		{ HEAD_OTHER, "another directory" },
	};
	const struct uplink_wire wire = { take, line };
	const char *dutch, *english;

	meta->last_number = 5;
	meta->last_position = 50;
	meta->mailbox_stored = 3;
	archive_touch(line->agent->archive);
	archive_settle(line->agent->archive);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		Sk__Welcome w = good_welcome(line);

		uplink_close(line->uplink);
		uplink_open(line->agent, &wire, &line->uplink);
		uplink_connected(line->uplink, 0);
		uplink_push(line->uplink, 0);
		make_wrong(&w, cases[i].wrong);
		welcome(line, &w, 0);
		assert_int_equal(uplink_state(line->uplink), UPLINK_STOPPED);
		uplink_why(line->uplink, &dutch, &english);
		assert_non_null(strstr(english, cases[i].word));
		/* and it stays so, whatever the link does */
		uplink_disconnected(line->uplink);
		uplink_connected(line->uplink, 0);
		assert_false(uplink_push(line->uplink, INT64_MAX));
	}
	/* the same without a mistake is taken */
	uplink_close(line->uplink);
	uplink_open(line->agent, &wire, &line->uplink);
	come_up(line);
}

static void
test_test_journal_gives_the_time(void **state)
{
	struct line *line = *state;
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Pong pong = SK__PONG__INIT;

	come_up(line);
	assert_int_equal(agent_now(line->agent), NOW);
	pong.has_now = 1;
	pong.now = NOW + DAY_MS;
	frame.pong = &pong;
	give(line, &frame, 0);
	assert_int_equal(agent_now(line->agent), NOW + DAY_MS);
	pong.now = NOW;		/* time never runs back */
	give(line, &frame, 0);
	assert_int_equal(agent_now(line->agent), NOW + DAY_MS);
}

/* ---- SUBMIT */

static void
test_submit_holds_at_most_64(void **state)
{
	struct line *line = *state;

	queue(line, SUBMIT_ENVELOPES_MAX + 1);
	come_up(line);
	assert_true(uplink_push(line->uplink, 0));
	assert_int_equal(line->frames, 3);
	assert_int_equal(frame_at(line, 1)->submit->n_envelopes,
	    SUBMIT_ENVELOPES_MAX);
	assert_int_equal(frame_at(line, 1)->submit->first_number, 1);
	assert_int_equal(frame_at(line, 2)->submit->n_envelopes, 1);
	assert_int_equal(frame_at(line, 2)->submit->first_number,
	    SUBMIT_ENVELOPES_MAX + 1);
}

/* The broker's check: e, root, link after the last, signature. */
static void
test_each_submit_links_to_the_one_before(void **state)
{
	struct line *line = *state;
	uint8_t link[DIGEST_SIZE], digest[3][DIGEST_SIZE], root[DIGEST_SIZE];
	uint8_t e[SUBMIT_ENVELOPES_MAX][DIGEST_SIZE];

	queue(line, 70);
	come_up(line);
	uplink_push(line->uplink, 0);
	chain_first_link(link, line->world->founding, 1);
	for (size_t f = 1; f < line->frames; f++) {
		const Sk__Submit *submit = frame_at(line, f)->submit;

		for (size_t i = 0; i < submit->n_envelopes; i++) {
			const Sk__Envelope *v = submit->envelopes[i];

			chain_envelope(v->header.data, v->header.len,
			    v->nonce.data, v->facts.data, v->facts.len,
			    v->sealed.data, v->sealed.len, digest[0],
			    digest[1], digest[2], e[i]);
		}
		digest_tree_root(root, (const uint8_t (*)[DIGEST_SIZE])e,
		    submit->n_envelopes);
		chain_next_link(link, link, submit->first_number,
		    submit->n_envelopes, root);
		assert_int_equal(chain_verify(submit->signature.data, ORIGIN,
		    1, line->agent->identity.sign_public, link), SK_OK);
	}
	assert_int_equal(line->frames, 3);
}

static void
test_receipts_empty_the_outbox_and_move_the_link(void **state)
{
	struct line *line = *state;
	struct meta *meta = archive_meta(line->agent->archive);
	struct link_row link;

	queue(line, 3);
	come_up(line);
	uplink_push(line->uplink, 0);
	receipt_frame(line, 1, 0);
	assert_int_equal(outbox_count(line->agent->archive), 0);
	assert_int_equal(meta->last_number, 3);
	assert_int_equal(meta->last_position, 103);
	assert_int_equal(own_link(line->agent->archive, 1, &link), SK_OK);
	assert_int_equal(link.count, 3);
	assert_memory_equal(link.link, meta->last_link, DIGEST_SIZE);
	assert_false(uplink_push(line->uplink, 0));
}

static void
test_receipts_of_another_batch_are_not_taken(void **state)
{
	struct line *line = *state;

	queue(line, 3);
	come_up(line);
	uplink_push(line->uplink, 0);
	receipt_frame(line, 1, 1);
	assert_int_equal(outbox_count(line->agent->archive), 3);
	assert_int_equal(archive_meta(line->agent->archive)->last_number, 0);
	assert_int_equal(uplink_state(line->uplink), UPLINK_GREETING);
}

static void
test_credit_bounds_what_is_sent(void **state)
{
	struct line *line = *state;
	Sk__Welcome w = good_welcome(line);
	Sk__Receipts receipts = SK__RECEIPTS__INIT;
	Sk__Frame frame = SK__FRAME__INIT;

	queue(line, 5);
	uplink_connected(line->uplink, 0);
	uplink_push(line->uplink, 0);
	w.credit_messages = 2;
	welcome(line, &w, 0);
	uplink_push(line->uplink, 0);
	assert_int_equal(line->frames, 2);
	assert_int_equal(frame_at(line, 1)->submit->n_envelopes, 2);
	receipts.has_credit_messages = 1;
	receipts.credit_messages = 3;
	frame.receipts = &receipts;
	give(line, &frame, 0);
	uplink_push(line->uplink, 0);
	assert_int_equal(line->frames, 3);
	assert_int_equal(frame_at(line, 2)->submit->n_envelopes, 1);
	receipts.credit_messages = 1;	/* a lower total changes nothing */
	give(line, &frame, 0);
	assert_false(uplink_push(line->uplink, 0));
}

static void
test_in_flight_is_bounded(void **state)
{
	struct line *line = *state;

	queue(line, SUBMIT_ENVELOPES_MAX * (UPLINK_IN_FLIGHT_MAX + 1));
	come_up(line);
	while (uplink_push(line->uplink, 0))
		;
	assert_int_equal(line->frames, 1 + UPLINK_IN_FLIGHT_MAX);
	receipt_frame(line, 1, 0);
	while (uplink_push(line->uplink, 0))
		;
	assert_int_equal(line->frames, 2 + UPLINK_IN_FLIGHT_MAX);
}

static void
test_full_queue_loses_nothing(void **state)
{
	struct line *line = *state;

	queue(line, 2);
	come_up(line);
	line->refuse = SK_TIMEOUT;
	assert_false(uplink_push(line->uplink, 0));
	line->refuse = SK_OK;
	assert_true(uplink_push(line->uplink, 0));
	assert_int_equal(frame_at(line, 1)->submit->first_number, 1);
	assert_int_equal(frame_at(line, 1)->submit->n_envelopes, 2);
}

static void
test_what_welcome_does_not_cover_is_batched_anew(void **state)
{
	struct line *line = *state;

	queue(line, 2);
	come_up(line);
	uplink_push(line->uplink, 0);
	queue(line, 1);
	uplink_disconnected(line->uplink);
	come_up(line);
	uplink_push(line->uplink, 0);
	assert_int_equal(line->frames, 4);
	assert_int_equal(frame_at(line, 3)->submit->first_number, 1);
	assert_int_equal(frame_at(line, 3)->submit->n_envelopes, 3);
}

static void
test_missing_receipts_are_asked_for_by_greeting(void **state)
{
	struct line *line = *state;

	queue(line, 1);
	come_up(line);
	uplink_push(line->uplink, 0);
	assert_int_equal(uplink_due(line->uplink), UPLINK_RECEIPT_MS);
	assert_true(uplink_push(line->uplink, UPLINK_RECEIPT_MS));
	assert_non_null(frame_at(line, 2)->hello);
}

static void
test_rejection_waits_and_greets_again(void **state)
{
	struct line *line = *state;
	static const struct { enum sk_error code; int64_t wait_ms; } cases[] = {
		{ SK_CHAIN_GAP, 1000 }, { SK_CHAIN_FORK, 1000 },
		{ SK_SIGNATURE_WRONG, UPLINK_HELLO_MS },
	};

	queue(line, 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		Sk__Rejected rejected = SK__REJECTED__INIT;
		Sk__Frame frame = SK__FRAME__INIT;
		size_t before;

		come_up(line);
		uplink_push(line->uplink, 0);
		rejected.has_code = 1;
		rejected.code = cases[i].code;
		frame.rejected = &rejected;
		give(line, &frame, 0);
		before = line->frames;
		assert_false(uplink_push(line->uplink, cases[i].wait_ms - 1));
		assert_true(uplink_push(line->uplink, cases[i].wait_ms));
		assert_non_null(frame_at(line, before)->hello);
		uplink_disconnected(line->uplink);
	}
	assert_int_equal(outbox_count(line->agent->archive), 1);
}

static void
test_bye_holds_or_stops(void **state)
{
	struct line *line = *state;
	static const struct { enum sk_error code; enum uplink_state state; }
	    cases[] = {
		{ SK_SESSION_CONTESTED, UPLINK_HELD },
		{ SK_NOT_ENROLLED, UPLINK_HELD },
		{ SK_SENDER_REVOKED, UPLINK_HELD },
		{ SK_SESSION_REPLACED, UPLINK_HELD },
		{ SK_ROLLBACK, UPLINK_STOPPED },
		{ SK_ORIGIN_WRONG, UPLINK_STOPPED },
	};
	const struct uplink_wire wire = { take, line };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		Sk__Frame frame = SK__FRAME__INIT;
		Sk__Bye bye = SK__BYE__INIT;

		uplink_close(line->uplink);
		uplink_open(line->agent, &wire, &line->uplink);
		come_up(line);
		bye.has_code = 1;
		bye.code = cases[i].code;
		frame.bye = &bye;
		give(line, &frame, 0);
		assert_int_equal(uplink_state(line->uplink), cases[i].state);
		assert_false(uplink_push(line->uplink, UPLINK_HOLD_MS - 1));
		assert_int_equal(uplink_push(line->uplink, UPLINK_HOLD_MS),
		    cases[i].state == UPLINK_HELD);
	}
}

static void
test_failed_commit_acknowledges_nothing(void **state)
{
	struct line *line = *state;
	size_t before;

	come_up(line);
	before = line->frames;
	line->uplink->acknowledge = true;
	uplink_lost(line->uplink, 0);
	assert_false(uplink_push(line->uplink, 0));
	assert_int_equal(line->frames, before);
}

static void
test_garbage_is_no_frame(void **state)
{
	struct line *line = *state;
	uint8_t bytes[64];

	come_up(line);
	for (int i = 0; i < 200; i++) {
		randombytes_buf(bytes, sizeof(bytes));
		bytes[0] = 0xff;
		uplink_receive(line->uplink,
		    (struct span){ bytes, sizeof(bytes) }, 0);
	}
	assert_int_equal(uplink_state(line->uplink), UPLINK_UP);
}

/* ---- deliveries */

static void
test_delivery_is_acknowledged_after_the_commit(void **state)
{
	struct line *line = *state;
	Sk__Deliveries deliveries = SK__DELIVERIES__INIT;
	Sk__Deliver deliver = SK__DELIVER__INIT, *list[1] = { &deliver };
	Sk__Notice notice = SK__NOTICE__INIT;
	Sk__Frame frame = SK__FRAME__INIT;
	const Sk__Ack *ack;

	come_up(line);
	notice.has_kind = 1;
	notice.kind = SK__NOTICE_KIND__DEADLINE_WARNING;
	deliver.has_mailbox_number = deliver.has_position = 1;
	deliver.mailbox_number = 1;
	deliver.position = 9;
	deliver.notice = &notice;
	deliveries.n_deliveries = 1;
	deliveries.deliveries = list;
	frame.deliveries = &deliveries;
	give(line, &frame, 0);
	assert_true(uplink_push(line->uplink, 0));
	ack = frame_at(line, 1)->ack;
	assert_int_equal(ack->stored, 1);
	assert_int_equal(ack->mailbox_journal, 1);
	assert_int_equal(ack->credit_messages, 1 + UPLINK_WINDOW_MESSAGES);
}

/* ---- FETCH, after an older backup */

struct taken {
	Sk__Envelope *envelope;
	uint8_t previous[DIGEST_SIZE], link[DIGEST_SIZE];
	uint8_t signature[SIGNATURE_SIZE];
};

/* n messages that the broker has and the archive does not know as sent. */
static void
fetched_frame(struct line *line, struct taken *taken, size_t n, bool spoiled)
{
	static Sk__Deliver own[8];
	static Sk__Provenance provenance[8];
	static Sk__Receipt receipt[8];
	static uint8_t leaf[DIGEST_SIZE];
	Sk__Deliver *owns[8];
	Sk__Receipt *receipts[8];
	Sk__Outcome outcome = SK__OUTCOME__INIT;
	Sk__Fetched fetched = SK__FETCHED__INIT;
	Sk__Frame frame = SK__FRAME__INIT;

	outcome.has_accepted = outcome.accepted = 1;
	for (size_t i = 0; i < n; i++) {
		Sk__Provenance *p = &provenance[i];

		sk__deliver__init(&own[i]);
		sk__provenance__init(p);
		sk__receipt__init(&receipt[i]);
		own[i].envelope = taken[i].envelope;
		own[i].provenance = p;
		p->has_sender = p->has_number = p->has_first_number = 1;
		p->has_count = p->has_previous_link = p->has_key_id = 1;
		p->has_signature = 1;
		p->sender = 1;
		p->number = p->first_number = i + 1;
		p->count = 1;
		p->origin = (char *)(uintptr_t)ORIGIN;
		p->previous_link = (ProtobufCBinaryData){ DIGEST_SIZE,
			taken[i].previous };
		p->key_id = (ProtobufCBinaryData){ DIGEST_SIZE,
			line->agent->identity.sign_id };
		p->signature = (ProtobufCBinaryData){ SIGNATURE_SIZE,
			taken[i].signature };
		receipt[i].has_number = receipt[i].has_position = 1;
		receipt[i].has_instant = receipt[i].has_leaf_hash = 1;
		receipt[i].number = i + 1;
		receipt[i].position = 60 + i;
		receipt[i].instant = NOW;
		receipt[i].leaf_hash =
		    (ProtobufCBinaryData){ DIGEST_SIZE, leaf };
		receipt[i].outcome = &outcome;
		owns[i] = &own[i];
		receipts[i] = &receipt[i];
	}
	if (spoiled)
		taken[n - 1].signature[3] ^= 1;
	fetched.n_own = fetched.n_receipts = n;
	fetched.own = owns;
	fetched.receipts = receipts;
	fetched.has_last = fetched.last = 1;
	frame.fetched = &fetched;
	give(line, &frame, 0);
}

#define TAKEN 3

static void
take_all(struct line *line, struct taken *taken)
{
	uint8_t link[DIGEST_SIZE];
	struct own_row row;

	chain_first_link(link, line->world->founding, 1);
	arena_reset(&line->arena);
	for (size_t i = 0; i < TAKEN; i++) {
		order_send(line->world, &row, NULL);
		own_envelope(line->agent->archive, &row.id, &line->arena,
		    &taken[i].envelope);
		memcpy(taken[i].previous, link, DIGEST_SIZE);
		sign_alone(line->agent, taken[i].envelope, i + 1,
		    taken[i].previous, taken[i].link, taken[i].signature);
		memcpy(link, taken[i].link, DIGEST_SIZE);
	}
}

static void
begin_fetch(struct line *line, struct taken *taken)
{
	Sk__Welcome w;

	take_all(line, taken);
	uplink_connected(line->uplink, 0);
	uplink_push(line->uplink, 0);
	w = good_welcome(line);
	w.last_number = TAKEN;
	w.last_link.data = taken[TAKEN - 1].link;
	w.journal_size = 100;
	welcome(line, &w, 0);
	assert_int_equal(uplink_state(line->uplink), UPLINK_FETCHING);
	assert_true(uplink_push(line->uplink, 0));
}

static void
test_own_messages_are_taken_back_before_anything_is_numbered(void **state)
{
	struct line *line = *state;
	struct meta *meta = archive_meta(line->agent->archive);
	struct taken taken[TAKEN];

	begin_fetch(line, taken);
	assert_int_equal(line->frames, 2);	/* no SUBMIT yet */
	{
		static uint8_t memory[4096];
		struct arena saved = line->arena;

		/* keep the envelopes: look at the frame elsewhere */
		arena_init(&line->arena, memory, sizeof(memory));
		assert_int_equal(frame_at(line, 1)->fetch->from_number, 1);
		line->arena = saved;
	}
	fetched_frame(line, taken, TAKEN, false);
	assert_int_equal(uplink_state(line->uplink), UPLINK_UP);
	assert_int_equal(outbox_count(line->agent->archive), 0);
	assert_int_equal(meta->last_number, TAKEN);
	assert_memory_equal(meta->last_link, taken[TAKEN - 1].link,
	    DIGEST_SIZE);
	queue(line, 1);
	uplink_push(line->uplink, 0);
	assert_int_equal(frame_at(line, 2)->submit->first_number, TAKEN + 1);
}

static void
test_fetched_message_that_is_not_mine_stops_the_session(void **state)
{
	struct line *line = *state;
	struct taken taken[TAKEN];

	begin_fetch(line, taken);
	fetched_frame(line, taken, TAKEN, true);
	assert_int_equal(uplink_state(line->uplink), UPLINK_STOPPED);
}

static void
test_fetched_chain_that_ends_early_stops_the_session(void **state)
{
	struct line *line = *state;
	struct taken taken[TAKEN];

	begin_fetch(line, taken);
	fetched_frame(line, taken, TAKEN - 1, false);
	assert_int_equal(uplink_state(line->uplink), UPLINK_STOPPED);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_hello_says_what_is_held),
		TEST(test_hello_comes_again_when_no_welcome_comes),
		TEST(test_refused_key_is_said_in_words),
		TEST(test_welcome_that_disagrees_stops_the_session),
		TEST(test_test_journal_gives_the_time),
		TEST(test_submit_holds_at_most_64),
		TEST(test_each_submit_links_to_the_one_before),
		TEST(test_receipts_empty_the_outbox_and_move_the_link),
		TEST(test_receipts_of_another_batch_are_not_taken),
		TEST(test_credit_bounds_what_is_sent),
		TEST(test_in_flight_is_bounded),
		TEST(test_full_queue_loses_nothing),
		TEST(test_what_welcome_does_not_cover_is_batched_anew),
		TEST(test_missing_receipts_are_asked_for_by_greeting),
		TEST(test_rejection_waits_and_greets_again),
		TEST(test_bye_holds_or_stops),
		TEST(test_failed_commit_acknowledges_nothing),
		TEST(test_garbage_is_no_frame),
		TEST(test_delivery_is_acknowledged_after_the_commit),
		TEST(test_own_messages_are_taken_back_before_anything_is_numbered),
		TEST(test_fetched_message_that_is_not_mine_stops_the_session),
		TEST(test_fetched_chain_that_ends_early_stops_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
