/*
 * What does not come in an envelope: terms, mailboxes, commands; and that a
 * refusal leaves no trace.
 */
#include "tests/unit/engine/bench.h"

/* ---- refusals */

/* Every row of the state but the participants' numbers. */
struct rows {
	uint8_t digest[STATE_TABLES][DIGEST_SIZE];
};

static void
rows_digest(unsigned table, uint8_t digest[DIGEST_SIZE])
{
	static uint8_t plain[1 << 16];
	struct store_cursor *cursor;
	struct span key, value;
	struct case_row row;
	size_t size;

	OK(state_txn(b.engine));
	memset(digest, 0, DIGEST_SIZE);
	OK(store_cursor_open(b.engine->txn, table, &cursor));
	while (store_next(cursor, &key, &value) == SK_OK) {
		struct span parts[3] = { { digest, DIGEST_SIZE }, key };
		uint8_t next[DIGEST_SIZE];

		bench_plain(b.engine, table, key, value, plain, &size);
		if (table == STATE_CASES) {
			memcpy(&row, plain, offsetof(struct case_row,
			    participant));
			row.last_entry = 0;	/* the refusal itself */
			memcpy(plain, &row, offsetof(struct case_row,
			    participant));
		}
		parts[2] = (struct span){ plain, size };
		digest_spans(next, parts, 3);
		memcpy(digest, next, DIGEST_SIZE);
	}
	store_cursor_close(cursor);
}

static void
look_at(struct rows *rows)
{
	memset(rows, 0, sizeof(*rows));
	for (unsigned table = STATE_CASES; table < STATE_TABLES; table++)
		if (table != STATE_PARTIES)
			rows_digest(table, rows->digest[table]);
}

static void
test_a_refusal_leaves_no_trace(void **state)
{
	struct rows before, after;
	struct mailbox_state box, now;
	enum sk_error code;

	(void)state;
	/* but for the day on which what reached no case is erased */
	w.row.ref = (struct envelope_ref){ COURT, { { 7 }, 7 } };
	assert_int_equal(SAY(.kind = K(TRIAGE), .sender = TEAM),
	    SK_CASE_UNKNOWN);
	for (size_t step = 0; step < 12; step++) {
		bench_step(step);
		bench_commit();
		look_at(&before);
		engine_mailbox(b.engine, TEAM, &box);
		/* by who takes part, by a stranger, with wrong facts */
		code = SAY(.kind = K(TRIAGE), .sender = COURT, .to = { TEAM });
		assert_int_equal(code, SK_ROLE_WRONG);
		code = SAY(.kind = K(TRIAGE), .sender = OTHER_TEAM,
		    .to = { TEAM });
		assert_int_equal(code, SK_NOT_A_PARTICIPANT);
		code = SAY(.kind = K(TRIAGE), .sender = TEAM,
		    .date = today(&w) + 9);
		assert_int_equal(code, SK_DATE_INVALID);
		code = SAY(.kind = K(TRIAGE), .sender = TEAM,
		    .to = { OTHER_TEAM });
		assert_int_equal(code, SK_RECIPIENT_WRONG);
		bench_commit();
		look_at(&after);
		for (unsigned table = 0; table < STATE_TABLES; table++)
			assert_memory_equal(before.digest[table],
			    after.digest[table], DIGEST_SIZE);
		engine_mailbox(b.engine, TEAM, &now);
		assert_memory_equal(&box, &now, sizeof(box));
	}
}

/* ---- terms */

static const Sk__DeadlineBody *
deadline_at(uint64_t position)
{
	ProtobufCMessage *message = NULL;
	struct leaf leaf;

	if (bench_kind_at(position, &leaf) != SK__EVENT_KIND__DEADLINE_EVENT)
		return NULL;
	OK(wire_decode(&sk__deadline_body__descriptor, "", leaf.body.bytes,
	    leaf.body.size, LEAF_BYTES_MAX, &b.answers, &message, NULL));
	return (const Sk__DeadlineBody *)(const void *)message;
}

static void
test_a_term_fires_once_and_never_early(void **state)
{
	int64_t due;
	uint64_t size;

	(void)state;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	engine_delivered(b.engine, TEAM, 1);
	engine_stored(b.engine, TEAM, 1);	/* so that the mailbox is silent */
	bench_commit();
	for (unsigned fired = 0; fired < 5; fired++) {
		due = engine_next_timer(b.engine);
		size = journal_size(b.journal);
		b.now = due - 1;
		OK(engine_tick(b.engine, b.now));
		assert_int_equal(journal_size(b.journal), size);
		b.now = due;
		OK(engine_tick(b.engine, b.now));
		assert_int_equal(bench_count_from(size,
		    SK__EVENT_KIND__DEADLINE_EVENT), 1);
		assert_int_equal(deadline_at(size)->due, due);
		OK(engine_tick(b.engine, b.now));
		assert_int_equal(journal_size(b.journal), size + 1);
		for (uint64_t p = 1; (p = engine_next_posted(b.engine)) != 0; ) {
			struct mailbox_state box;

			engine_mailbox(b.engine, p, &box);
			engine_stored(b.engine, p, box.next - 1);
		}
		bench_commit();
	}
	assert_int_equal(engine_next_timer(b.engine), INT64_MAX);
}

static void
test_after_a_stop_terms_fire_late_and_in_order(void **state)
{
	const Sk__DeadlineBody *body;
	int64_t last = 0;
	uint64_t from;
	size_t fired = 0;
	struct replay_report report;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
		b.now += DAY_MS;
	}
	bench_commit();
	bench_close();
	b.now += 60 * DAY_MS;
	bench_open();
	from = journal_size(b.journal);
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	for (uint64_t i = from; i < journal_size(b.journal); i++) {
		if ((body = deadline_at(i)) == NULL)
			continue;
		assert_true(body->due >= last);
		last = body->due;
		fired++;
	}
	/* warning, breach, triage, receipt and its reminder, and back to the
	 * court: each once */
	assert_int_equal(fired, 5 * 6);
	assert_int_equal(engine_next_timer(b.engine), INT64_MAX);
	OK(engine_tick(b.engine, b.now + 100 * DAY_MS));
	assert_int_equal(journal_size(b.journal), from + 30);
	bench_replays(&report);
	assert_int_equal(report.cases, 5);
}

static void
test_one_tick_fires_no_more_than_its_bound(void **state)
{
	uint64_t from, n;
	size_t ticks = 0;

	(void)state;
	for (size_t i = 0; i < 160; i++) {
		SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
		bench_forget();
	}
	bench_commit();
	b.now += 60 * DAY_MS;
	from = journal_size(b.journal);
	do {
		n = journal_size(b.journal);
		OK(engine_tick(b.engine, b.now));
		assert_true(journal_size(b.journal) - n <= TIMERS_PER_TICK);
		bench_commit();
		ticks++;
	} while (engine_next_timer(b.engine) <= b.now);
	assert_int_equal(journal_size(b.journal), from + 160 * 6);
	assert_int_equal(ticks, 2);
}

/* ---- mailboxes */

static const Sk__Notice *
notice_in(uint64_t participant, uint64_t number)
{
	Sk__Deliver *d = NULL;

	OK(engine_delivery(b.engine, participant, number, &b.answers, &d));
	return d->notice;
}

static void
test_what_is_not_fetched_goes_back_once(void **state)
{
	const Sk__Notice *notice;
	struct mailbox_state box;
	struct envelope_ref order;
	int64_t due = b.now + 5 * DAY_MS;

	(void)state;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	order = w.log[0].ref;
	SAID(.kind = K(RECEIPT_OF), .sender = TEAM, .to = { COURT });
	SAID(.kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM });
	bench_commit();
	/* the court keeps up with its own mailbox */
	engine_stored(b.engine, COURT, 1);
	bench_commit();
	b.now = due - 1;
	OK(engine_tick(b.engine, b.now));
	engine_mailbox(b.engine, COURT, &box);
	assert_int_equal(box.next, 2);
	b.now = due;
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	engine_mailbox(b.engine, COURT, &box);
	assert_int_equal(box.next, 4);	/* one for each of both */
	notice = notice_in(COURT, 2);
	assert_non_null(notice);
	assert_int_equal(notice->kind, SK__NOTICE_KIND__UNDELIVERABLE);
	assert_int_equal(notice->participant, TEAM);
	assert_int_equal(notice->due, due);
	assert_int_equal(notice->about->id->number, order.id.number);
	/* the notices themselves are nobody's to have back */
	b.now += 3 * DAY_MS;
	OK(engine_tick(b.engine, b.now));
	engine_mailbox(b.engine, COURT, &box);
	assert_int_equal(box.next, 4);
	/* and the rows still wait for the team */
	assert_null(notice_in(TEAM, 1));
}

static void
test_the_mailbox_timer_moves_on_with_what_is_stored(void **state)
{
	int64_t first = b.now + 5 * DAY_MS;
	struct mailbox_state box;

	(void)state;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	b.now += DAY_MS;
	SAID(.kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM });
	bench_commit();
	assert_int_equal(party_find(b.engine, TEAM)->row.overdue_at, first);
	engine_stored(b.engine, TEAM, 1);
	bench_commit();
	assert_int_equal(party_find(b.engine, TEAM)->row.overdue_at,
	    first + DAY_MS);
	assert_int_equal(party_find(b.engine, TEAM)->row.overdue_number, 2);
	/* stored in the turn in which it would go back */
	b.now = first + DAY_MS;
	engine_stored(b.engine, TEAM, 2);
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	assert_int_equal(party_find(b.engine, TEAM)->row.overdue_at, 0);
	engine_mailbox(b.engine, COURT, &box);
	for (uint64_t i = 1; i < box.next; i++)
		assert_int_not_equal(notice_in(COURT, i)->kind,
		    SK__NOTICE_KIND__UNDELIVERABLE);
}

static void
test_progress_is_one_entry_a_mailbox_and_commit(void **state)
{
	ProtobufCMessage *message = NULL;
	const Sk__MailboxBody *body;
	struct mailbox_state box;
	struct leaf leaf;
	uint64_t from;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	bench_commit();
	from = journal_size(b.journal);
	engine_delivered(b.engine, TEAM, 1);
	engine_stored(b.engine, TEAM, 2);
	engine_delivered(b.engine, TEAM, 4);
	engine_stored(b.engine, TEAM, 3);
	engine_stored(b.engine, TEAM, 1);	/* older */
	engine_stored(b.engine, TEAM, 5);	/* beyond */
	engine_stored(b.engine, TEAM, UINT64_MAX);
	engine_delivered(b.engine, COURT, 1);	/* empty */
	engine_stored(b.engine, 77, 1);		/* nobody */
	assert_true(engine_has_progress(b.engine));
	assert_false(engine_has_entries(b.engine));
	bench_commit();
	assert_false(engine_has_progress(b.engine));
	assert_int_equal(journal_size(b.journal), from + 1);
	assert_int_equal(bench_kind_at(from, &leaf),
	    SK__EVENT_KIND__MAILBOX_EVENT);
	OK(wire_decode(&sk__mailbox_body__descriptor, "", leaf.body.bytes,
	    leaf.body.size, LEAF_BYTES_MAX, &b.answers, &message, NULL));
	body = (const Sk__MailboxBody *)(const void *)message;
	assert_int_equal(body->delivered, 4);
	assert_int_equal(body->stored, 3);
	engine_mailbox(b.engine, TEAM, &box);
	assert_int_equal(box.stored, 3);
	assert_int_equal(box.next, 5);
	engine_stored(b.engine, TEAM, 3);	/* said before */
	assert_false(engine_has_progress(b.engine));
}

/* ---- commands */

static enum sk_error
step_clock(int64_t to)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__StepClock step = SK__STEP_CLOCK__INIT;

	step.has_to = 1;
	step.to = to;
	command.step_clock = &step;
	return bench_command(&command);
}

static Sk__SignedCommand *
drain(size_t operators, int64_t not_after)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__DrainCommand body = SK__DRAIN_COMMAND__INIT;

	command.drain = &body;
	return bench_sign_command(&command, operators, not_after);
}

static void
test_a_used_sequence_number_gets_its_first_answer(void **state)
{
	Sk__SignedCommand *command = drain(1, b.now + 1000);
	uint64_t position, size;

	(void)state;
	OK(bench_tell(command));
	assert_false(b.told.first_answer);
	assert_non_null(b.told.command);
	position = b.told.position;
	bench_commit();
	size = journal_size(b.journal);
	b.now += DAY_MS;	/* long expired, and still answered */
	OK(bench_tell(command));
	assert_true(b.told.first_answer);
	assert_null(b.told.command);
	assert_int_equal(b.told.position, position);
	assert_int_equal(journal_size(b.journal), size);
	/* a refused one too */
	assert_int_equal(step_clock(b.now - 1), SK_CLOCK);
	position = b.told.position;
	b.sequence[0]--;
	assert_int_equal(step_clock(b.now + 5), SK_CLOCK);
	assert_true(b.told.first_answer);
	assert_int_equal(b.told.position, position);
}

static void
test_only_current_commands_of_operators_are_taken(void **state)
{
	Sk__SignedCommand *command;
	uint64_t size = journal_size(b.journal), next = b.sequence[0];

	(void)state;
	command = drain(1, b.now - 1);
	assert_int_equal(bench_tell(command), SK_COMMAND_EXPIRED);
	command = drain(1, b.now);
	command->approvals[0]->signature.data[7] ^= 1;
	assert_int_equal(bench_tell(command), SK_SIGNATURE_WRONG);
	command = drain(1, b.now);
	command->approvals[0]->key_id.data[7] ^= 1;
	assert_int_equal(bench_tell(command), SK_OPERATOR_UNKNOWN);
	b.sequence[0] = next;	/* that one's is 1 */
	command = drain(1, b.now);
	command->n_approvals = 0;
	assert_int_equal(bench_tell(command), SK_SECOND_OPERATOR);
	b.sequence[0] = next + 3;
	assert_int_equal(bench_tell(drain(1, b.now)), SK_SEQUENCE_USED);
	command = drain(1, b.now);
	command->command.len = COMMAND_BYTES_MAX + 1;
	assert_int_equal(bench_tell(command), SK_OVERSIZED);
	assert_int_equal(journal_size(b.journal), size);
	OK(bench_tell(drain(1, b.now)));
	assert_int_equal(journal_size(b.journal), size + 1);
}

static void
test_a_real_journal_asks_for_two_operators(void **state)
{
	Sk__SignedCommand *command;
	Sk__Approval *first;

	(void)state;
	assert_int_equal(bench_tell(drain(1, b.now)), SK_SECOND_OPERATOR);
	command = drain(2, b.now);
	command->approvals[1] = command->approvals[0];
	assert_int_equal(bench_tell(command), SK_SECOND_OPERATOR);
	command = drain(2, b.now);
	OK(bench_tell(command));
	/* sent again, with the signatures the other way round */
	first = command->approvals[0];
	command->approvals[0] = command->approvals[1];
	command->approvals[1] = first;
	OK(bench_tell(command));
	assert_true(b.told.first_answer);
	b.sequence[0] = engine_operator_next(b.engine, first->key_id.data);
	b.sequence[1] = engine_operator_next(b.engine,
	    command->approvals[0]->key_id.data);
	assert_int_equal(step_clock(b.now + 1), SK_NOT_A_TEST_JOURNAL);
}

static void
test_the_test_clock_goes_forward_within_the_calendar(void **state)
{
	(void)state;
	OK(step_clock(b.now + 1));
	assert_int_equal(step_clock(b.now - 1), SK_CLOCK);
	assert_int_equal(step_clock(INT64_MAX), SK_DATE_INVALID);
}

static void
test_a_refused_command_is_journalled(void **state)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__DrainCommand body = SK__DRAIN_COMMAND__INIT;
	Sk__ConfirmClock confirm = SK__CONFIRM_CLOCK__INIT;
	Sk__Look look = SK__LOOK__INIT;
	uint64_t from = journal_size(b.journal);

	(void)state;
	assert_int_equal(bench_command(&command), SK_FIELD_INVALID);
	command.drain = &body;
	command.confirm_clock = &confirm;
	assert_int_equal(bench_command(&command), SK_FIELD_INVALID);
	command.drain = NULL;
	command.confirm_clock = NULL;
	command.look = &look;
	assert_int_equal(bench_command(&command), SK_FIELD_MISSING);
	assert_int_equal(bench_count_from(from, SK__EVENT_KIND__CONTROL_EVENT),
	    3);
	look.has_person = 1;
	look.person = 4;
	look.ground = (char *)(uintptr_t)"dossier 12";
	OK(bench_command(&command));
}

static void
test_a_policy_replaces_the_one_that_it_names(void **state)
{
	Sk__Policy policy = SK__POLICY__INIT;
	Sk__Rules rules = SK__RULES__INIT;

	(void)state;
	policy.region = (char *)(uintptr_t)"veld";
	policy.rules = &rules;
	rules.has_undeliverable_days = 1;
	rules.undeliverable_days = 9;
	assert_int_equal(bench_set_policy(&policy, 1), SK_POLICY_ORDER);
	OK(bench_set_policy(&policy, 0));
	assert_int_equal(engine_policy_version(b.engine), 1);
	assert_int_equal(bench_set_policy(&policy, 0), SK_POLICY_ORDER);
	rules.undeliverable_days = 2;
	OK(bench_set_policy(&policy, 1));
	bench_commit();
	bench_close();
	bench_open();
	assert_int_equal(engine_policy_version(b.engine), 2);
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	assert_int_equal(party_find(b.engine, TEAM)->row.overdue_at,
	    b.now + 2 * DAY_MS);
	/* what runs keeps its date */
	rules.undeliverable_days = 20;
	OK(bench_set_policy(&policy, 2));
	bench_commit();
	assert_int_equal(party_find(b.engine, TEAM)->row.overdue_at,
	    b.now + 2 * DAY_MS);
}

static void
test_a_policy_as_large_as_a_command_may_be_is_taken(void **state)
{
	enum { SOURCES = 30000 };
	static char *sources[SOURCES];
	Sk__Policy policy = SK__POLICY__INIT;
	struct replay_report report;

	(void)state;
	for (size_t i = 0; i < SOURCES; i++)
		sources[i] = (char *)(uintptr_t)"";
	policy.region = (char *)(uintptr_t)"veld";
	policy.sources = sources;
	policy.n_sources = SOURCES;
	OK(bench_set_policy(&policy, 0));
	bench_commit();
	bench_close();
	bench_open();
	assert_int_equal(b.engine->policy->n_sources, SOURCES);
	bench_replays(&report);
}

/* ---- the directory */

static void
test_statements_come_in_their_order(void **state)
{
	struct actor *actor = bench_actor(HELP_A);
	struct statement s = { .type = STATEMENT_REVOKE,
		.participant = HELP_A, .reason = 1 };
	uint64_t count = engine_statement_count(b.engine);
	Sk__Statement *statement = NULL;

	(void)state;
	memcpy(s.replaces, actor->statement, DIGEST_SIZE);
	b.head.serial++;
	assert_int_equal(bench_state(&s, actor), SK_STATEMENT_ORDER);
	b.head.serial--;
	b.head.digest[0] ^= 1;
	assert_int_equal(bench_state(&s, actor), SK_STATEMENT_ORDER);
	b.head.digest[0] ^= 1;
	assert_int_equal(engine_statement_count(b.engine), count);
	OK(bench_state(&s, actor));
	assert_int_equal(engine_statement_count(b.engine), count + 1);
	assert_true(engine_member(b.engine, HELP_A)->revoked);
	OK(engine_statement(b.engine, count, &b.answers, &statement));
	assert_int_equal(statement->signature.len, 64);
	assert_int_equal(engine_statement(b.engine, count + 1, &b.answers,
	    &statement), SK_NOT_FOUND);
	assert_int_equal(engine_by_link_key(b.engine, actor->link.public_key,
	    today(&w)), 0);
}

static enum sk_error
rotate(struct actor *actor, const uint8_t link_key[32])
{
	uint8_t body[STATEMENT_BYTES_MAX], signature[64];
	struct statement s = { .type = STATEMENT_ROTATE,
		.participant = actor->participant,
		.generation = actor->generation + 1 };
	size_t size;

	memcpy(s.founding, journal_founding(b.journal)->digest, DIGEST_SIZE);
	memcpy(s.replaces, actor->statement, DIGEST_SIZE);
	bench_keys_of(actor, &s.keys);
	memcpy(s.keys.link, link_key, 32);
	OK(statement_encode(&s, body, &size));
	OK(statement_sign(signature, body, size, actor->sign.secret_key));
	return bench_enter(body, size, signature);
}

static void
test_nobody_takes_the_link_key_of_another(void **state)
{
	uint8_t fresh[32];
	struct seal_key key;

	(void)state;
	assert_int_equal(rotate(bench_actor(HELP_A),
	    bench_actor(COURT)->link.public_key), SK_STATEMENT_WRONG);
	bench_box_key(&key);
	memcpy(fresh, key.public_key, 32);
	OK(rotate(bench_actor(HELP_A), fresh));
	assert_int_equal(engine_by_link_key(b.engine, fresh, today(&w)),
	    HELP_A);
	assert_int_equal(engine_by_link_key(b.engine,
	    bench_actor(COURT)->link.public_key, today(&w)), COURT);
}

static void
test_as_many_participants_as_there_may_be(void **state)
{
	struct statement s = { .type = STATEMENT_ENROL,
		.role = SK__ROLE__PROVIDER, .name = "een van velen",
		.code = "1", .valid_from = 0, .valid_to = BENCH_VALID_TO,
		.generation = 1 };
	struct actor actor = { 0 };
	size_t n = b.actors;

	(void)state;
	bench_sign_key(&actor.sign);
	bench_box_key(&actor.seal);
	bench_keys_of(&actor, &s.keys);
	for (; n < PARTIES_MAX; n++) {
		s.participant = 1000 + (n * 7919) % 100003;
		memcpy(s.keys.link, &n, sizeof(n));
		OK(bench_state(&s, &actor));
		bench_forget();
	}
	bench_commit();
	s.participant = 999999;
	memcpy(s.keys.link, &n, sizeof(n));
	assert_int_equal(bench_state(&s, &actor), SK_STATEMENT_WRONG);
	bench_close();
	bench_open();
	assert_int_equal(b.engine->n_parties, PARTIES_MAX);
	for (n = 0; engine_next_posted(b.engine) != 0; n++)
		;
	assert_int_equal(n, PARTIES_MAX);
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_a_refusal_leaves_no_trace),
		bench_test(test_a_term_fires_once_and_never_early),
		bench_test(test_after_a_stop_terms_fire_late_and_in_order),
		bench_test(test_one_tick_fires_no_more_than_its_bound),
		bench_test(test_what_is_not_fetched_goes_back_once),
		bench_test(test_the_mailbox_timer_moves_on_with_what_is_stored),
		bench_test(test_progress_is_one_entry_a_mailbox_and_commit),
		bench_test(test_a_used_sequence_number_gets_its_first_answer),
		bench_test(test_only_current_commands_of_operators_are_taken),
		bench_test_real(test_a_real_journal_asks_for_two_operators),
		bench_test(test_the_test_clock_goes_forward_within_the_calendar),
		bench_test(test_a_refused_command_is_journalled),
		bench_test(test_a_policy_replaces_the_one_that_it_names),
		bench_test(test_a_policy_as_large_as_a_command_may_be_is_taken),
		bench_test(test_statements_come_in_their_order),
		bench_test(test_nobody_takes_the_link_key_of_another),
		bench_test(test_as_many_participants_as_there_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
