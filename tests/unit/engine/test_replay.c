/*
 * The auditor's host, erasure, and what goes out.
 */
#include "tests/unit/engine/bench.h"

static void
whole_main_line(void)
{
	for (size_t i = 0; i < MAIN_LINE; i++) {
		bench_step(i);
		if (i % 4 == 2)
			assert_int_not_equal(SAY(.kind = K(HEARING_NOTICE),
			    .sender = TEAM, .to = { COURT }), SK_OK);
		bench_commit();
	}
}

static void
test_a_whole_journal_decides_the_same_again(void **state)
{
	struct replay_report report;
	struct mailbox_state box;
	size_t envelopes, deadlines;

	(void)state;
	whole_main_line();
	w.row.number = 0;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	bench_commit();
	b.now += 90 * DAY_MS;
	OK(engine_tick(b.engine, b.now));
	engine_mailbox(b.engine, TEAM, &box);
	engine_stored(b.engine, TEAM, box.next - 1);
	bench_commit();
	bench_replays(&report);
	envelopes = bench_count_from(0, SK__EVENT_KIND__ENVELOPE_EVENT);
	deadlines = bench_count_from(0, SK__EVENT_KIND__DEADLINE_EVENT);
	assert_true(deadlines > 5);
	assert_int_equal(report.decided_again, envelopes + deadlines);
	assert_int_equal(report.cases, 2);
	assert_int_equal(report.carried, 0);
	assert_int_equal(report.erased, 0);
	assert_true(report.handoffs > 15);
}

static void
test_a_reply_to_what_came_later_is_replayed_as_it_was(void **state)
{
	struct replay_report report;
	struct message m = { .kind = K(RECEIPT_OF), .sender = TEAM,
		.to = { COURT } };

	(void)state;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	m.reply_to = w.log[0].ref;
	m.reply_to.id.number = w.last_number + 2;	/* the notice below */
	assert_int_equal(bench_say(m), SK_REPLY_WRONG);
	SAID(.kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM });
	assert_true(ref_equal(&w.log[1].ref, &m.reply_to));
	bench_commit();
	bench_replays(&report);
}

/* ---- a journal that was tampered with */

/* The last entry once more as the next, with other effects. */
static void
forge(uint64_t like, bool accepted)
{
	static uint8_t bytes[LEAF_BYTES_MAX], copy[LEAF_BYTES_MAX];
	static uint8_t parts_bytes[JOURNAL_PARTS_MAX];
	Sk__Outcome outcome = SK__OUTCOME__INIT;
	uint8_t packed[256], hash[DIGEST_SIZE];
	struct envelope_id id = { .boot = { 9 }, .number = 9 };
	struct append append = { 0 };
	struct parts parts = { 0 };
	struct leaf leaf;
	struct span span;
	uint64_t position;
	size_t size;

	OK(journal_leaf(b.journal, like, &span));
	memcpy(copy, span.bytes, span.size);
	OK(leaf_decode(copy, span.size, &leaf));
	outcome.has_accepted = 1;
	outcome.accepted = accepted;
	leaf.outcome = (struct span){ packed,
		sk__outcome__pack(&outcome, packed) };
	leaf.effects = (struct span){ NULL, 0 };
	leaf.cases = 0;
	memset(leaf.closed_commitment, 0, DIGEST_SIZE);
	leaf.number++;
	leaf.first_number = leaf.number;
	OK(leaf_encode(&leaf, bytes, &size));
	parts.facts = (struct span){ "", 0 };
	append.leaf = (struct span){ bytes, size };
	append.sender = leaf.sender;
	append.number = leaf.number;
	append.opens_submit = true;
	append.count = 1;
	append.id = &id;
	OK(parts_encode(&parts, parts_bytes, sizeof(parts_bytes), &size));
	append.parts = (struct span){ parts_bytes, size };
	OK(journal_begin(b.journal));
	OK(journal_append(b.journal, &append, leaf.instant, &position, hash));
	OK(journal_commit(b.journal));
}

static void
expect_difference_in(uint64_t position, const char *what)
{
	struct replay_report report;
	struct fault fault = { 0 };

	bench_remove(bench_path("scratch"));
	OK(engine_replay(b.journal, bench_path("scratch"), &report, &fault));
	assert_int_equal(report.differences, 1);
	assert_int_equal(report.first_difference, position);
	if (strstr(report.what, what) == NULL)
		fail_msg("not \"%s\" but \"%s\"", what, report.what);
}

static void
expect_difference(uint64_t position)
{
	expect_difference_in(position, "outcome");
}

static void
test_replay_notices_an_entry_that_was_decided_otherwise(void **state)
{
	uint64_t like;

	(void)state;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	bench_commit();
	like = b.answer.receipt[0].position;
	forge(like, true);	/* its id was used before: never accepted */
	expect_difference(like + 1);
}

static void
test_replay_notices_a_deadline_that_did_not_run(void **state)
{
	Sk__DeadlineBody body = SK__DEADLINE_BODY__INIT;
	static uint8_t bytes[LEAF_BYTES_MAX];
	uint8_t packed[128], hash[DIGEST_SIZE];
	struct append append = { 0 };
	struct leaf leaf = { .format = LEAF_FORMAT,
		.kind = SK__EVENT_KIND__DEADLINE_EVENT,
		.rules_version = RULES_VERSION };
	Sk__Outcome outcome = SK__OUTCOME__INIT;
	uint8_t outcome_bytes[32];
	uint64_t position;
	size_t size;

	(void)state;
	bench_bring_to(K(TRIAGE));
	body.has_case_number = body.has_kind = body.has_breach =
	    body.has_due = 1;
	body.case_number = 1;
	body.kind = SK__DEADLINE_KIND__TRIAGE_DUE;	/* cleared by now */
	body.breach = 1;
	body.due = b.now;
	leaf.instant = b.now;
	leaf.body = (struct span){ packed,
		sk__deadline_body__pack(&body, packed) };
	outcome.has_accepted = outcome.accepted = 1;
	leaf.outcome = (struct span){ outcome_bytes,
		sk__outcome__pack(&outcome, outcome_bytes) };
	OK(leaf_encode(&leaf, bytes, &size));
	append.leaf = (struct span){ bytes, size };
	OK(journal_begin(b.journal));
	OK(journal_append(b.journal, &append, b.now, &position, hash));
	OK(journal_commit(b.journal));
	expect_difference(position);
}

/* A refusal of an id used before reaches no case; as one of the case's own
 * entries it would stand in its timeline, or one could be left out of it. */
static void
test_replay_notices_an_entry_in_another_history(void **state)
{
	static uint8_t bytes[LEAF_BYTES_MAX], copy[LEAF_BYTES_MAX];
	static uint8_t parts_bytes[JOURNAL_PARTS_MAX];
	struct letter *l = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
	    .to = { TEAM });
	struct envelope_id id = { .boot = { 9 }, .number = 9 };
	uint8_t hash[DIGEST_SIZE];
	struct append append = { .opens_submit = true, .count = 1 };
	struct parts parts = { 0 };
	struct leaf leaf;
	struct span span;
	uint64_t position;
	size_t size;

	(void)state;
	bench_send(COURT, &l, 1);
	bench_send(COURT, &l, 1);
	assert_int_equal(bench_outcome(0)->code, SK_ENVELOPE_REPEATED);
	bench_commit();
	OK(journal_leaf(b.journal, b.answer.receipt[0].position, &span));
	memcpy(copy, span.bytes, span.size);
	OK(leaf_decode(copy, span.size, &leaf));
	assert_int_equal(leaf.cases, 0);
	leaf.cases = 1;
	leaf.touched[0].number = 1;
	leaf.touched[0].previous = b.answer.receipt[0].position;
	leaf.number = leaf.first_number = leaf.number + 1;
	OK(leaf_encode(&leaf, bytes, &size));
	parts.facts = (struct span){ l->envelope.facts.data,
		l->envelope.facts.len };
	OK(parts_encode(&parts, parts_bytes, sizeof(parts_bytes),
	    &append.parts.size));
	append.parts.bytes = parts_bytes;
	append.leaf = (struct span){ bytes, size };
	append.parts_case = 1;
	append.sender = COURT;
	append.number = leaf.number;
	append.id = &id;
	OK(journal_begin(b.journal));
	OK(journal_append(b.journal, &append, leaf.instant, &position, hash));
	OK(journal_commit(b.journal));
	expect_difference_in(position, "history");
}

static void
test_replay_notices_a_mailbox_that_was_given_up_early(void **state)
{
	Sk__DeadlineBody body = SK__DEADLINE_BODY__INIT;
	uint8_t packed[128];
	struct verdict *verdict;
	uint64_t position;

	(void)state;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	bench_commit();
	body.has_kind = body.has_breach = body.has_due = body.has_participant =
	    body.has_mailbox_number = body.has_case_number = 1;
	body.kind = SK__DEADLINE_KIND__DELIVERY_DUE;
	body.breach = 1;
	body.due = b.now;	/* days too soon */
	body.participant = TEAM;
	body.mailbox_number = 1;
	body.case_number = 1;
	arena_reset(&b.engine->arena);
	verdict = arena_take(&b.engine->arena, sizeof(*verdict));
	OK(verdict_deadline(b.engine, b.now, &body, verdict));
	OK(verdict_pack(b.engine, verdict));
	OK(append_event(b.engine, SK__EVENT_KIND__DEADLINE_EVENT, b.now,
	    (struct span){ packed, sk__deadline_body__pack(&body, packed) },
	    verdict, NULL, &position));
	bench_commit();
	expect_difference_in(position, "the term of a mailbox");
}

/* rule: R49 */
static void
test_replay_notices_a_term_that_never_fired(void **state)
{
	struct replay_report report;

	(void)state;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	bench_commit();
	bench_replays(&report);
	b.now += 60 * DAY_MS;	/* and no engine_tick */
	SAID(.kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM });
	bench_commit();
	expect_difference_in(journal_size(b.journal) - 1, "did not fire");
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	bench_replays(&report);
}

static void
test_replay_wants_a_scratch_of_its_own(void **state)
{
	struct replay_report report;
	struct fault fault = { 0 };

	(void)state;
	bench_replays(&report);
	/* what replay left is not a state: it holds no row that binds it */
	bench_copy_store(bench_path("state"), bench_path("full"));
	assert_int_equal(engine_replay(b.journal, bench_path("full"), &report,
	    &fault), SK_STORE_MISMATCH);
}

/* ---- erasure */

static void
test_an_erased_case_is_counted_and_still_answered(void **state)
{
	struct replay_report report;
	Sk__Deliver *d = NULL;
	struct mailbox_state box;
	uint64_t in_case;

	(void)state;
	whole_main_line();
	bench_replays(&report);
	in_case = bench_count_from(0, SK__EVENT_KIND__ENVELOPE_EVENT);
	OK(bench_destroy_key(1));
	bench_replays(&report);
	assert_int_equal(report.erased, in_case);
	/* its rows are delivered as erased, and fill their numbers */
	OK(engine_delivery(b.engine, TEAM, 1, &b.answers, &d));
	assert_true(d->erased);
	assert_true(chain_is_remains(d->envelope));
	assert_int_equal(d->envelope->facts.len, 0);
	assert_false(d->has_erased_by);	/* no entry says so */
	assert_non_null(d->provenance);
	/* a closed case is still answered: that may not stop the broker */
	engine_mailbox(b.engine, COURT, &box);
	SAID(.kind = K(RECEIPT_OF), .sender = COURT, .to = { TEAM });
	SAID(.kind = K(OPENED), .sender = HELP_A);
	bench_commit();
	bench_replays(&report);
	assert_int_equal(report.erased, in_case + 2);
	bench_close();
	bench_remove(bench_path("state"));
	bench_open();
	bench_replays(&report);
}

static void
test_refusals_that_rest_on_what_was_erased_are_counted(void **state)
{
	struct replay_report report;
	struct message m = { .kind = K(PROGRESS_REPORT), .sender = HELP_A,
		.to = { TEAM } };
	Sk__Facts *f;

	(void)state;
	bench_bring_to(K(START));
	f = good_facts(&w, K(PROGRESS_REPORT));
	f->progress_report->goals[0]->number = 31;	/* no such goal */
	m.facts = f;
	assert_int_equal(bench_say(m), SK_FIELD_INVALID);
	bench_commit();
	bench_replays(&report);
	assert_int_equal(report.erased, 0);
	OK(bench_destroy_key(1));
	bench_replays(&report);
}

static void
test_work_goes_on_in_a_case_whose_key_is_gone(void **state)
{
	struct replay_report report;

	(void)state;
	bench_bring_to(K(FAMILY_PLAN));
	OK(bench_destroy_key(1));
	SAID(.kind = K(TRIAGE), .sender = TEAM);
	SAID(.kind = K(ROUTE_DECISION), .sender = TEAM, .to = { COURT });
	bench_commit();
	bench_close();
	bench_open();
	bench_replays(&report);
}

/* ---- what goes out */

static void
test_every_delivery_proves_who_said_it(void **state)
{
	struct letter *l[7];
	struct fault fault = { 0 };
	Sk__Deliver *d = NULL;
	struct mailbox_state box;

	(void)state;
	/* chains of 7, 1 and 3 */
	for (size_t n = 0; n < 3; n++) {
		size_t count = (const size_t[]){ 7, 1, 3 }[n];

		for (size_t i = 0; i < count; i++)
			l[i] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
			    .to = { TEAM });
		bench_send(COURT, l, count);
	}
	bench_commit();
	engine_mailbox(b.engine, TEAM, &box);
	assert_int_equal(box.next, 12);
	for (unsigned round = 0; round < 2; round++) {
		for (uint64_t i = 1; i < box.next; i++) {
			OK(engine_delivery(b.engine, TEAM, i, &b.answers, &d));
			assert_int_equal(d->mailbox_number, i);
			assert_int_equal(d->case_number, i);
			assert_int_equal(d->case_ref->participant, COURT);
			if (chain_check_provenance(d->provenance, d->envelope,
			    bench_actor(COURT)->sign.public_key, &fault) !=
			    SK_OK)
				fail_msg("%llu: %s %s", (unsigned long long)i,
				    fault.field, fault.hint);
		}
		/* again without the cache of a running broker */
		bench_close();
		bench_open();
	}
	assert_int_equal(engine_delivery(b.engine, TEAM, box.next, &b.answers,
	    &d), SK_NOT_FOUND);
	assert_int_equal(engine_delivery(b.engine, TEAM, 0, &b.answers, &d),
	    SK_NOT_FOUND);
}

static void
test_what_is_delivered_opens_for_its_recipient_alone(void **state)
{
	uint8_t header[DIGEST_SIZE], commitment[DIGEST_SIZE],
	    sealed[DIGEST_SIZE], e[DIGEST_SIZE];
	uint8_t plain[1024];
	const Sk__Envelope *v;
	Sk__Deliver *d = NULL;
	size_t size;

	(void)state;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	bench_commit();
	OK(engine_delivery(b.engine, TEAM, 1, &b.answers, &d));
	v = d->envelope;
	chain_envelope(v->header.data, v->header.len, v->nonce.data,
	    v->facts.data, v->facts.len, v->sealed.data, v->sealed.len, header,
	    commitment, sealed, e);
	OK(seal_open(&bench_actor(TEAM)->seal, 1, 2, header, commitment,
	    v->sealed.data, v->sealed.len, plain, &size));
	assert_int_equal(size, 100);
	assert_int_equal(seal_open(&bench_actor(OTHER_TEAM)->seal, 1, 2,
	    header, commitment, v->sealed.data, v->sealed.len, plain, &size),
	    SK_SEAL_BROKEN);
}

static void
test_an_agent_gets_its_own_records_with_their_receipts(void **state)
{
	Sk__Deliver *own = NULL;
	Sk__Receipt *receipt = NULL;
	struct letter *l[3];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		l[i] = COMPOSE(.kind = i == 1 ? K(TRIAGE) : K(COURT_ORDER),
		    .sender = COURT, .to = { TEAM }, .other_case = true);
	bench_send(COURT, l, 3);
	bench_commit();
	for (uint64_t i = 1; i <= 3; i++) {
		const Sk__Outcome *first = bench_outcome(i - 1);

		OK(engine_own(b.engine, COURT, i, &b.answers, &own, &receipt));
		assert_int_equal(receipt->number, i);
		assert_int_equal(receipt->position,
		    b.answer.receipt[i - 1].position);
		assert_memory_equal(receipt->leaf_hash.data,
		    b.answer.receipt[i - 1].leaf_hash, DIGEST_SIZE);
		assert_int_equal(receipt->outcome->accepted, first->accepted);
		assert_int_equal(own->envelope->sealed.len,
		    l[i - 1]->envelope.sealed.len);
		OK(chain_check_provenance(own->provenance, own->envelope,
		    bench_actor(COURT)->sign.public_key, NULL));
	}
	assert_int_equal(engine_own(b.engine, TEAM, 1, &b.answers, &own,
	    &receipt), SK_NOT_FOUND);
}

static void
test_mailboxes_that_were_filled_before_a_stop_are_news(void **state)
{
	bool seen = false;
	uint64_t participant;

	(void)state;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	bench_commit();
	bench_close();
	bench_open();
	while ((participant = engine_next_posted(b.engine)) != 0)
		seen = seen || participant == TEAM;
	assert_true(seen);
	SAID(.kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM });
	assert_int_equal(engine_next_posted(b.engine), TEAM);
	assert_int_equal(engine_next_posted(b.engine), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_a_whole_journal_decides_the_same_again),
		bench_test(test_a_reply_to_what_came_later_is_replayed_as_it_was),
		bench_test(test_replay_notices_an_entry_that_was_decided_otherwise),
		bench_test(test_replay_notices_a_deadline_that_did_not_run),
		bench_test(test_replay_notices_an_entry_in_another_history),
		bench_test(
		    test_replay_notices_a_mailbox_that_was_given_up_early),
		bench_test(test_replay_notices_a_term_that_never_fired),
		bench_test(test_replay_wants_a_scratch_of_its_own),
		bench_test(test_an_erased_case_is_counted_and_still_answered),
		bench_test(test_refusals_that_rest_on_what_was_erased_are_counted),
		bench_test(test_work_goes_on_in_a_case_whose_key_is_gone),
		bench_test(test_every_delivery_proves_who_said_it),
		bench_test(test_what_is_delivered_opens_for_its_recipient_alone),
		bench_test(test_an_agent_gets_its_own_records_with_their_receipts),
		bench_test(test_mailboxes_that_were_filled_before_a_stop_are_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
