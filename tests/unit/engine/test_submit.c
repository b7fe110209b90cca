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

static void
same_answer(const struct submit_answer *a, const struct submit_answer *c)
{
	assert_int_equal(a->code, c->code);
	assert_int_equal(a->first_number, c->first_number);
	assert_int_equal(a->count, c->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_int_equal(a->receipt[i].position,
		    c->receipt[i].position);
		assert_int_equal(a->receipt[i].instant, c->receipt[i].instant);
		assert_memory_equal(a->receipt[i].leaf_hash,
		    c->receipt[i].leaf_hash, DIGEST_SIZE);
		assert_int_equal(a->receipt[i].outcome.size,
		    c->receipt[i].outcome.size);
		assert_memory_equal(a->receipt[i].outcome.bytes,
		    c->receipt[i].outcome.bytes, a->receipt[i].outcome.size);
	}
}

static void
test_what_is_sent_again_gets_its_first_answer(void **state)
{
	struct letter *l[3];
	struct submit_answer first;
	Sk__Submit *submit;
	uint64_t size;

	(void)state;
	l[0] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	l[1] = COMPOSE(.kind = K(TRIAGE), .sender = COURT, .to = { TEAM },
	    .other_case = true);
	l[2] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
	    .to = { HELP_A, TEAM });
	submit = bench_send(COURT, l, 3);
	first = b.answer;
	assert_true(bench_outcome(0)->accepted);
	assert_false(bench_outcome(1)->accepted);
	assert_int_equal(bench_outcome(2)->code, SK_ROUTE_VIA_ACCESS);
	assert_int_equal(bench_outcome(2)->use_participant, TEAM);
	size = journal_size(b.journal);
	/* in the same batch, after the commit, later, after a restart */
	for (unsigned i = 0; i < 4; i++) {
		OK(bench_hand_in(COURT, submit));
		same_answer(&first, &b.answer);
		assert_int_equal(journal_size(b.journal), size);
		bench_commit();
		b.now += DAY_MS;
		if (i == 2) {
			bench_close();
			bench_open();
			size++;
		}
	}
}

static void
test_other_content_under_taken_numbers_is_a_fork(void **state)
{
	struct letter *l[2];
	struct actor *court = bench_actor(COURT), before = *court, after;
	uint8_t link[DIGEST_SIZE];
	Sk__Submit *other;
	uint64_t size;

	(void)state;
	l[0] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	l[1] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	bench_send(COURT, l, 1);
	after = *court;
	size = journal_size(b.journal);
	*court = before;
	other = bench_submission(COURT, &l[1], 1, link);
	assert_int_equal(bench_hand_in(COURT, other), SK_CHAIN_FORK);
	/* batched anew over what was taken, and past it */
	other = bench_submission(COURT, l, 2, link);
	assert_int_equal(bench_hand_in(COURT, other), SK_CHAIN_FORK);
	assert_int_equal(journal_size(b.journal), size);
	/* the link did not move: the next one is taken */
	*court = after;
	bench_send(COURT, &l[1], 1);
	assert_true(bench_outcome(0)->accepted);
}

static void
test_a_part_of_a_submit_that_was_taken_is_a_fork(void **state)
{
	struct letter *l[2];
	struct actor *court = bench_actor(COURT), before = *court;
	uint8_t link[DIGEST_SIZE];

	(void)state;
	for (size_t i = 0; i < 2; i++)
		l[i] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
		    .to = { TEAM });
	bench_send(COURT, l, 2);
	*court = before;
	assert_int_equal(bench_hand_in(COURT, bench_submission(COURT, l, 1,
	    link)), SK_CHAIN_FORK);
	court->last_number = 1;
	assert_int_equal(bench_hand_in(COURT, bench_submission(COURT, &l[1], 1,
	    link)), SK_CHAIN_FORK);
}

static void
test_missing_numbers_are_a_gap(void **state)
{
	struct letter *l = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
	    .to = { TEAM });
	uint64_t size = journal_size(b.journal);

	(void)state;
	bench_actor(COURT)->last_number = 1;
	bench_send(COURT, &l, 1);
	assert_int_equal(b.answer.code, SK_CHAIN_GAP);
	assert_string_equal(b.answer.fault.hint, "go on from 1");
	assert_int_equal(journal_size(b.journal), size);
}

static void
test_a_bad_signature_leaves_a_trace_and_moves_nothing(void **state)
{
	struct letter *l = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
	    .to = { TEAM });
	struct sender_state before, after;
	uint8_t link[DIGEST_SIZE];
	Sk__Submit *submit = bench_submission(COURT, &l, 1, link);
	uint64_t from = journal_size(b.journal);
	struct leaf leaf;

	(void)state;
	engine_sender(b.engine, COURT, &before);
	submit->signature.data[5] ^= 1;
	assert_int_equal(bench_hand_in(COURT, submit), SK_SIGNATURE_WRONG);
	bench_commit();
	assert_int_equal(journal_size(b.journal), from + 1);
	assert_int_equal(bench_kind_at(from, &leaf),
	    SK__EVENT_KIND__UNSIGNED_EVENT);
	engine_sender(b.engine, COURT, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	/* signed by a key that is not the member's */
	submit->signature.data[5] ^= 1;
	submit->key_id.data[0] ^= 1;
	assert_int_equal(bench_hand_in(COURT, submit), SK_SIGNATURE_WRONG);
	assert_string_equal(b.answer.fault.field, "submit.key_id");
	/* and as it should be */
	submit->key_id.data[0] ^= 1;
	OK(bench_hand_in(COURT, submit));
	assert_true(bench_outcome(0)->accepted);
}

static void
test_unsigned_bytes_are_counted_past_a_bound(void **state)
{
	struct letter *l = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
	    .to = { TEAM });
	uint8_t link[DIGEST_SIZE];
	Sk__Submit *submit = bench_submission(COURT, &l, 1, link);
	uint64_t from = journal_size(b.journal);
	ProtobufCMessage *message = NULL;
	struct leaf leaf;

	(void)state;
	submit->signature.data[5] ^= 1;
	for (unsigned i = 0; i < UNSIGNED_PER_HOUR + 7; i++)
		bench_hand_in(COURT, submit);
	bench_commit();
	assert_int_equal(journal_size(b.journal), from + UNSIGNED_PER_HOUR);
	b.now += 3600000;
	bench_hand_in(COURT, submit);
	assert_int_equal(journal_size(b.journal), from + UNSIGNED_PER_HOUR + 1);
	bench_kind_at(from + UNSIGNED_PER_HOUR, &leaf);
	OK(wire_decode(&sk__unsigned_body__descriptor, "", leaf.body.bytes,
	    leaf.body.size, LEAF_BYTES_MAX, &b.answers, &message, NULL));
	assert_int_equal(((Sk__UnsignedBody *)(void *)message)->more, 7);
	assert_int_equal(((Sk__UnsignedBody *)(void *)message)->participant,
	    COURT);
}

static void
test_an_envelope_that_does_not_decode_has_its_place(void **state)
{
	static const uint8_t junk[] = "geen bericht";
	struct letter *l[3];
	struct leaf leaf;
	uint64_t from = journal_size(b.journal);
	Sk__Deliver *own = NULL;
	Sk__Receipt *receipt = NULL;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		l[i] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
		    .to = { TEAM });
	l[0]->envelope.header = bench_bytes(junk, sizeof(junk));
	l[1]->envelope.header = bench_bytes(NULL, 0);
	l[1]->envelope.facts = l[1]->envelope.sealed = bench_bytes(NULL, 0);
	bench_send(COURT, l, 3);
	bench_commit();
	assert_int_equal(b.answer.count, 3);
	assert_false(bench_outcome(0)->accepted);
	assert_false(bench_outcome(1)->accepted);
	assert_true(bench_outcome(2)->accepted);
	bench_kind_at(from, &leaf);
	assert_false(leaf.header_whole);
	assert_int_equal(leaf.header.size, 0);
	assert_int_equal(leaf.cases, 0);
	/* and comes back whole to its sender */
	OK(engine_own(b.engine, COURT, 1, &b.answers, &own, &receipt));
	assert_int_equal(own->envelope->header.len, sizeof(junk));
	assert_memory_equal(own->envelope->header.data, junk, sizeof(junk));
	assert_int_equal(receipt->outcome->code, bench_outcome(0)->code);
	OK(engine_own(b.engine, COURT, 2, &b.answers, &own, &receipt));
	assert_int_equal(own->envelope->header.len, 0);
	assert_int_equal(engine_own(b.engine, COURT, 4, &b.answers, &own,
	    &receipt), SK_NOT_FOUND);
}

static void
test_an_id_is_used_once(void **state)
{
	struct letter *l[2];
	uint64_t first;

	(void)state;
	l[0] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	w.last_number--;
	l[1] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	bench_send(COURT, l, 1);
	first = b.answer.receipt[0].position;
	bench_send(COURT, l, 1);	/* numbered anew */
	assert_int_equal(bench_outcome(0)->code, SK_ENVELOPE_REPEATED);
	assert_int_equal(bench_outcome(0)->first_position, first);
	/* within one SUBMIT, also after a refusal */
	w.last_number = 100;
	l[0] = COMPOSE(.kind = K(TRIAGE), .sender = COURT, .to = { TEAM },
	    .other_case = true);
	w.last_number = 100;
	l[1] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	bench_send(COURT, l, 2);
	assert_int_equal(bench_outcome(0)->code, SK_ROLE_WRONG);
	assert_int_equal(bench_outcome(1)->code, SK_ENVELOPE_REPEATED);
	assert_int_equal(bench_outcome(1)->first_position,
	    b.answer.receipt[0].position);
	/* another's ids are its own */
	bench_commit();
}

static void
test_an_opening_names_itself(void **state)
{
	struct letter *l;
	struct message m = { .kind = K(COURT_ORDER), .sender = COURT,
		.to = { TEAM } };

	(void)state;
	make_header(&w, &m);
	w.header.case_ref.participant = TEAM;
	l = bench_letter(&w.header, good_facts(&w, K(COURT_ORDER)));
	bench_send(COURT, &l, 1);
	assert_int_equal(bench_outcome(0)->code, SK_FIELD_INVALID);
	assert_string_equal(bench_outcome(0)->field,
	    "header.case_ref.participant");
}

static void
test_only_the_opening_names_the_case(void **state)
{
	struct envelope_ref opening, triage;

	(void)state;
	bench_bring_to(K(TRIAGE));
	opening = w.row.ref;
	triage = w.log[w.said - 1].ref;
	w.row.ref = triage;
	assert_int_equal(SAY(.kind = K(ANALYSIS), .sender = TEAM),
	    SK_CASE_UNKNOWN);
	w.row.ref = opening;
	w.row.ref.id.number += 50;
	assert_int_equal(SAY(.kind = K(ANALYSIS), .sender = TEAM),
	    SK_CASE_UNKNOWN);
	w.row.ref = opening;
	SAID(.kind = K(ANALYSIS), .sender = TEAM);
}

static void
test_nothing_is_taken_that_could_not_be_fetched_again(void **state)
{
	static uint8_t zeros[TAKEN_SEALED_BYTES + 1];
	struct letter *l = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
	    .to = { TEAM });
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Fetched fetched = SK__FETCHED__INIT;
	Sk__Deliver *own = NULL;
	Sk__Receipt *receipt = NULL;
	uint64_t size = journal_size(b.journal);

	(void)state;
	l->envelope.header = bench_bytes(zeros, TAKEN_HEADER_BYTES);
	l->envelope.facts = bench_bytes(zeros, TAKEN_FACTS_BYTES);
	l->envelope.sealed = bench_bytes(zeros, TAKEN_SEALED_BYTES + 1);
	bench_send(COURT, &l, 1);
	assert_int_equal(b.answer.code, SK_OVERSIZED);
	assert_int_equal(journal_size(b.journal), size);
	l->envelope.sealed.len--;
	bench_send(COURT, &l, 1);
	bench_commit();
	assert_int_equal(bench_outcome(0)->accepted, false);
	OK(engine_own(b.engine, COURT, 1, &b.answers, &own, &receipt));
	fetched.n_own = fetched.n_receipts = 1;
	fetched.own = &own;
	fetched.receipts = &receipt;
	frame.fetched = &fetched;
	/* two of them fit the bundle that dispatch makes */
	assert_true(sk__frame__get_packed_size(&frame) < 100000);
}

static void
test_a_submit_of_wrong_shape_takes_no_number(void **state)
{
	struct letter *l[SUBMIT_ENVELOPES_MAX + 1];
	uint8_t link[DIGEST_SIZE];
	Sk__Submit *submit;
	uint64_t size = journal_size(b.journal);

	(void)state;
	for (size_t i = 0; i <= SUBMIT_ENVELOPES_MAX; i++)
		l[i] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
		    .to = { TEAM });
	submit = bench_submission(COURT, l, SUBMIT_ENVELOPES_MAX, link);
	OK(arena_append(&b.letters, &submit->n_envelopes,
	    (void ***)(void *)&submit->envelopes, &l[64]->envelope));
	assert_int_equal(bench_hand_in(COURT, submit), SK_FIELD_INVALID);
	submit->n_envelopes = 0;
	assert_int_equal(bench_hand_in(COURT, submit), SK_FIELD_INVALID);
	submit->n_envelopes = 1;
	submit->first_number = UINT64_MAX;
	assert_int_equal(bench_hand_in(COURT, submit), SK_FIELD_INVALID);
	submit->first_number = 0;
	assert_int_equal(bench_hand_in(COURT, submit), SK_FIELD_MISSING);
	submit->first_number = 1;
	submit->signature.len = 63;
	assert_int_equal(bench_hand_in(COURT, submit), SK_FIELD_INVALID);
	submit->signature.len = 64;
	submit->key_id.len = 31;
	assert_int_equal(bench_hand_in(COURT, submit), SK_FIELD_INVALID);
	submit->key_id.len = 32;
	l[0]->envelope.nonce.len = 15;
	assert_int_equal(bench_hand_in(COURT, submit), SK_FIELD_INVALID);
	assert_int_equal(journal_size(b.journal), size);
}

static void
test_the_largest_submit_is_taken_whole(void **state)
{
	struct letter *l[SUBMIT_ENVELOPES_MAX];
	Sk__Frame frame = SK__FRAME__INIT;

	(void)state;
	for (size_t i = 0; i < SUBMIT_ENVELOPES_MAX; i++) {
		struct message m = { .kind = K(COURT_ORDER), .sender = COURT,
			.to = { TEAM } };
		Sk__Facts *f = good_facts(&w, K(COURT_ORDER));

		/* as many goals as a case may have */
		for (uint32_t g = 2; i % 8 == 0 && g <= CASE_GOALS_MAX; g++)
			ADD(&w, &f->court_order->n_goals, &f->court_order->goals,
			    goal(&w, g, SK__GOAL_SETTER__SET_BY_COURT));
		m.facts = f;
		l[i] = bench_compose(m);
		/* and sealed parts that fill the frame */
		if (i >= 11)
			continue;
		l[i]->envelope.sealed.len = seal_size(16383, 2);
		l[i]->envelope.sealed.data = made(arena_take(&b.letters,
		    l[i]->envelope.sealed.len));
	}
	frame.submit = bench_send(COURT, l, SUBMIT_ENVELOPES_MAX);
	assert_in_range(sk__frame__get_packed_size(&frame), 245000,
	    FRAME_BYTES_MAX);
	bench_commit();
	assert_int_equal(b.answer.count, SUBMIT_ENVELOPES_MAX);
	assert_true(bench_outcome(63)->accepted);
	assert_int_equal(bench_outcome(63)->case_number, engine_cases(b.engine));
}

static void
test_facts_of_empty_messages_are_refused_by_their_rule(void **state)
{
	struct letter *l = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
	    .to = { TEAM });
	uint8_t *facts = made(arena_take(&b.letters, FACTS_BYTES_MAX));
	size_t at = 0, inner;
	struct replay_report report;

	(void)state;
	/* version 1, court_order of persons without any field */
	facts[at++] = 0x08;
	facts[at++] = 0x01;
	inner = FACTS_BYTES_MAX - 8;
	inner -= inner % 2;
	facts[at++] = 0xaa;	/* 101, length-delimited */
	facts[at++] = 0x06;
	facts[at++] = (uint8_t)(inner & 0x7f) | 0x80;
	facts[at++] = (uint8_t)(inner >> 7);
	for (size_t i = 0; i < inner; i += 2) {
		facts[at++] = 0x1a;
		facts[at++] = 0x00;
	}
	l->envelope.facts = bench_bytes(facts, at);
	bench_send(COURT, &l, 1);
	bench_commit();
	assert_false(bench_outcome(0)->accepted);
	assert_true(error_is_refusal((enum sk_error)bench_outcome(0)->code));
	bench_replays(&report);
}

static void
test_a_revoked_sender_is_not_heard(void **state)
{
	struct letter *l;

	(void)state;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	OK(bench_revoke(COURT));
	l = COMPOSE(.kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM });
	bench_send(COURT, &l, 1);
	assert_int_equal(b.answer.code, SK_SENDER_REVOKED);
	assert_int_equal(engine_submit(b.engine, 77, b.now,
	    bench_submission(COURT, &l, 1, (uint8_t[DIGEST_SIZE]){ 0 }),
	    &b.answers, &b.answer), SK_OK);
	assert_int_equal(b.answer.code, SK_SENDER_REVOKED);
}

static void
test_a_case_is_a_chain_of_entries(void **state)
{
	uint64_t previous = 0;
	struct leaf leaf;
	size_t entries = 0;

	(void)state;
	bench_bring_to(K(REFERRAL));
	/* a refusal by who takes part stands in it, a stranger's does not */
	assert_int_equal(SAY(.kind = K(CLOSE), .sender = COURT, .to = { TEAM }),
	    SK_ROLE_WRONG);
	assert_int_equal(SAY(.kind = K(TRIAGE), .sender = OTHER_TEAM,
	    .to = { TEAM }), SK_NOT_A_PARTICIPANT);
	bench_commit();
	for (uint64_t i = 0; i < journal_size(b.journal); i++) {
		if (bench_kind_at(i, &leaf) != SK__EVENT_KIND__ENVELOPE_EVENT ||
		    leaf.cases == 0)
			continue;
		assert_int_equal(leaf.touched[0].number, 1);
		assert_int_equal(leaf.touched[0].previous, previous);
		previous = i + 1;
		entries++;
	}
	assert_int_equal(entries, 9);
	OK(row_load(b.engine, 1, &w.row));
	assert_int_equal(w.row.last_entry, previous);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_every_receipt_names_its_leaf),
		bench_test(test_what_is_sent_again_gets_its_first_answer),
		bench_test(test_other_content_under_taken_numbers_is_a_fork),
		bench_test(test_a_part_of_a_submit_that_was_taken_is_a_fork),
		bench_test(test_missing_numbers_are_a_gap),
		bench_test(test_a_bad_signature_leaves_a_trace_and_moves_nothing),
		bench_test(test_unsigned_bytes_are_counted_past_a_bound),
		bench_test(test_an_envelope_that_does_not_decode_has_its_place),
		bench_test(test_an_id_is_used_once),
		bench_test(test_an_opening_names_itself),
		bench_test(test_only_the_opening_names_the_case),
		bench_test(test_nothing_is_taken_that_could_not_be_fetched_again),
		bench_test(test_a_submit_of_wrong_shape_takes_no_number),
		bench_test(test_the_largest_submit_is_taken_whole),
		bench_test(test_facts_of_empty_messages_are_refused_by_their_rule),
		bench_test(test_a_revoked_sender_is_not_heard),
		bench_test(test_a_case_is_a_chain_of_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
