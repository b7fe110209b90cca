/*
 * Sessions, intake and dispatch on a broker built by hand: frames go in by
 * intake_frame, and come out of the session's queue. Where a peer has to be
 * there, it is one, over a link on 127.0.0.1.
 */
#include "tests/unit/engine/bench.h"

#include <poll.h>

#include "broker/edge/internal.h"

#define PATIENCE_MS 20000

static struct broker broker;
static Sk__BrokerConfig config;
static struct seal_key link_key;
static uint8_t frame_bytes[FRAME_ARENA];

static uint64_t
admit(void *context, const uint8_t key[32])
{
	(void)context;
	return engine_by_link_key(b.engine, key, civil_date_at(b.now));
}

static int
edge_setup(void **state)
{
	struct link_server_options options = { .address =
		"tcp://127.0.0.1:*", .admit = admit };
	struct fault fault;

	if (bench_setup(state) != 0)
		return -1;
	memset(&broker, 0, sizeof(broker));
	sk__broker_config__init(&config);
	config.batch_max = 1024;
	broker.config = &config;
	broker.journal = b.journal;
	broker.engine = b.engine;
	arena_init(&broker.frame, frame_bytes, sizeof(frame_bytes));
	clock_init_test(&broker.clock, b.now);
	bench_box_key(&link_key);
	memcpy(options.public_key, link_key.public_key, 32);
	memcpy(options.secret_key, link_key.secret_key, 32);
	log_open("test", LOG_ERROR);
	return link_server_open(&options, &broker.link, &fault) == SK_OK ? 0 :
	    -1;
}

static int
edge_teardown(void **state)
{
	session_free_all(&broker);
	link_server_close(broker.link);
	return bench_teardown(state);
}

#define edge_test(function) \
	cmocka_unit_test_setup_teardown(function, edge_setup, edge_teardown)

/* ---- frames in */

static struct link_peer
peer_of(uint8_t number)
{
	return (struct link_peer){ .id = { 0, 1, 2, 3, number },
		.id_size = 5 };
}

static void
put_frame(uint8_t peer, uint64_t participant, const Sk__Frame *frame)
{
	static uint8_t bytes[4u << 20];
	struct link_peer from = peer_of(peer);
	size_t size = sk__frame__get_packed_size(frame);

	assert_true(size <= sizeof(bytes));
	sk__frame__pack(frame, bytes);
	OK(intake_frame(&broker, &from, participant,
	    (struct span){ bytes, size }));
}

struct hello_said {
	uint8_t peer, boot;
	uint64_t participant, stored, last_position, credit;
	const char *origin;
};

static void
fill_hello(struct hello_said h, Sk__Hello *hello, uint8_t boot[BOOT_SIZE])
{
	sk__hello__init(hello);
	memset(boot, h.boot, BOOT_SIZE);
	hello->has_protocol_min = hello->has_protocol_max =
	    hello->has_participant = hello->has_boot =
	    hello->has_mailbox_journal = hello->has_mailbox_stored =
	    hello->has_credit_messages = hello->has_credit_bytes =
	    hello->has_directory_count = 1;
	hello->protocol_min = hello->protocol_max = 1;
	hello->participant = h.participant;
	hello->boot = bench_bytes(boot, BOOT_SIZE);
	hello->mailbox_journal = 1;
	hello->mailbox_stored = h.stored;
	hello->credit_messages = h.credit == 0 ? 1000 : h.credit;
	hello->credit_bytes = 64u << 20;
	hello->directory_count = engine_statement_count(b.engine);
	hello->has_last_position = h.last_position != 0;
	hello->last_position = h.last_position;
	hello->origin = (char *)(uintptr_t)(h.origin != NULL ? h.origin :
	    journal_founding(b.journal)->origin);
}

static struct session *
say_hello(struct hello_said h)
{
	Sk__Frame frame = SK__FRAME__INIT;
	uint8_t boot[BOOT_SIZE];
	struct link_peer peer = peer_of(h.peer);
	Sk__Hello hello;

	fill_hello(h, &hello, boot);
	frame.hello = &hello;
	put_frame(h.peer, h.participant, &frame);
	return session_by_peer(&broker, &peer);
}
#define HELLO(...) say_hello((struct hello_said){ __VA_ARGS__ })

static void
acknowledge(uint8_t peer, uint64_t participant, uint64_t stored,
    uint64_t credit)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Ack ack = SK__ACK__INIT;

	ack.has_mailbox_journal = ack.has_stored = 1;
	ack.mailbox_journal = 1;
	ack.stored = stored;
	ack.has_credit_messages = credit != 0;
	ack.credit_messages = credit;
	frame.ack = &ack;
	put_frame(peer, participant, &frame);
}

/* ---- frames out */

/* The oldest frame of the queue; NULL when there is none. */
static const Sk__Frame *
take(struct session *session)
{
	struct out *out = session->out_first;
	ProtobufCMessage *message = NULL;

	if (out == NULL)
		return NULL;
	OK(wire_decode(&sk__frame__descriptor, "frame", out->bytes, out->size,
	    FRAME_BYTES_MAX, &b.answers, &message, NULL));
	session->out_first = out->next;
	if (session->out_first == NULL)
		session->out_last = &session->out_first;
	session->outs--;
	session->outs_bytes -= out->size;
	free(out);
	return (const Sk__Frame *)(const void *)message;
}

static void
take_all(struct session *session)
{
	while (take(session) != NULL)
		;
}

/* Dispatch, and the mailbox numbers that come out. */
static size_t
delivered(struct session *session, uint64_t numbers[512])
{
	const Sk__Frame *frame;
	size_t n = 0;

	OK(dispatch_session(&broker, session));
	while ((frame = take(session)) != NULL) {
		assert_non_null(frame->deliveries);
		for (size_t i = 0; i < frame->deliveries->n_deliveries; i++)
			numbers[n++] = frame->deliveries->deliveries[i]
			    ->mailbox_number;
	}
	return n;
}

static void
orders(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
		w.said = 1;
		bench_forget();
	}
	bench_commit();
}

/* ---- HELLO */

static void
test_a_hello_is_welcomed_with_what_the_broker_knows(void **state)
{
	struct session *session;
	const Sk__Frame *frame;

	(void)state;
	orders(2);
	session = HELLO(.peer = 1, .boot = 1, .participant = TEAM);
	assert_non_null(session);
	frame = take(session);
	assert_non_null(frame->welcome);
	assert_int_equal(frame->welcome->last_number, 0);
	assert_int_equal(frame->welcome->next_mailbox_number, 3);
	assert_int_equal(frame->welcome->epoch, 1);
	assert_true(frame->welcome->test);
	assert_int_equal(frame->welcome->limits->submit_envelopes, 64);
	assert_int_equal(frame->welcome->directory_count,
	    engine_statement_count(b.engine));
}

static void
test_a_hello_that_does_not_fit_opens_no_session(void **state)
{
	(void)state;
	orders(2);
	assert_null(HELLO(.peer = 1, .participant = TEAM,
	    .origin = "veld/test/9"));
	assert_null(HELLO(.peer = 1, .participant = TEAM,
	    .last_position = journal_size(b.journal)));
	/* rows that were never in this mailbox */
	assert_null(HELLO(.peer = 1, .participant = TEAM, .stored = 3));
	assert_null(HELLO(.peer = 1, .participant = TEAM,
	    .stored = UINT64_MAX));
	assert_non_null(HELLO(.peer = 1, .participant = TEAM, .stored = 2));
	assert_int_equal(broker.n_sessions, 1);
	OK(dispatch_all(&broker));
}

static void
test_a_second_hello_on_a_connection_starts_over(void **state)
{
	struct session *session;
	uint64_t numbers[512];

	(void)state;
	orders(3);
	session = HELLO(.peer = 1, .boot = 1, .participant = TEAM);
	take_all(session);
	assert_int_equal(delivered(session, numbers), 3);
	session = HELLO(.peer = 1, .boot = 1, .participant = TEAM);
	assert_int_equal(broker.n_sessions, 1);
	take_all(session);
	assert_int_equal(delivered(session, numbers), 3);
}

static void
test_a_session_that_closes_does_not_hide_its_successor(void **state)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Bye bye = SK__BYE__INIT;
	Sk__Ping ping = SK__PING__INIT;
	struct session *session;

	(void)state;
	HELLO(.peer = 1, .boot = 1, .participant = TEAM);
	frame.bye = &bye;
	put_frame(1, TEAM, &frame);
	session = HELLO(.peer = 1, .boot = 2, .participant = TEAM);
	assert_non_null(session);
	take_all(session);
	frame.bye = NULL;
	frame.ping = &ping;
	ping.has_token = 1;
	ping.token = 77;
	put_frame(1, TEAM, &frame);
	assert_int_equal(take(session)->pong->token, 77);
}

/* ---- frames */

static void
test_what_an_agent_never_sends_is_not_taken(void **state)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Pong pong = SK__PONG__INIT;
	Sk__Ping ping = SK__PING__INIT;
	struct session *session = HELLO(.peer = 1, .boot = 1,
	    .participant = TEAM);

	(void)state;
	take_all(session);
	frame.ping = &ping;
	frame.pong = &pong;
	put_frame(1, TEAM, &frame);
	assert_int_equal(take(session)->rejected->code, SK_FRAME_UNEXPECTED);
	frame.ping = NULL;
	put_frame(1, TEAM, &frame);
	assert_int_equal(take(session)->bye->code, SK_FRAME_UNEXPECTED);
	assert_true(session->closing);
}

static void
test_a_frame_without_session_is_answered_to_nobody(void **state)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Ping ping = SK__PING__INIT;

	(void)state;
	frame.ping = &ping;
	put_frame(1, TEAM, &frame);
	/* nor is one under the session of another */
	HELLO(.peer = 2, .boot = 1, .participant = COURT);
	put_frame(2, TEAM, &frame);
	assert_int_equal(broker.n_sessions, 1);
}

static void
test_a_frame_that_unpacks_past_its_memory_is_too_large(void **state)
{
	static uint8_t bytes[FRAME_BYTES_MAX];
	struct link_peer peer = peer_of(1);
	struct session *session = HELLO(.peer = 1, .boot = 1,
	    .participant = TEAM);
	const Sk__Frame *frame;
	size_t at = 0;

	(void)state;
	take_all(session);
	bytes[at++] = 0x12;	/* submit */
	bytes[at++] = 0x80 | (200000 & 0x7f);
	bytes[at++] = 0x80 | (200000 >> 7 & 0x7f);
	bytes[at++] = 200000 >> 14;
	for (size_t i = 0; i < 200000; i += 2) {
		bytes[at++] = 0x12;	/* an empty envelope */
		bytes[at++] = 0;
	}
	OK(intake_frame(&broker, &peer, TEAM, (struct span){ bytes, at }));
	frame = take(session);
	assert_int_equal(frame->rejected->code, SK_OVERSIZED);
	OK(intake_frame(&broker, &peer, TEAM, (struct span){ bytes, 3 }));
	assert_int_equal(take(session)->rejected->code, SK_TRUNCATED);
	assert_false(session->closing);
}

static void
put_submit(uint8_t peer, uint64_t sender)
{
	struct actor *actor = bench_actor(sender);
	struct letter *l = COMPOSE(.kind = K(COURT_ORDER), .sender = sender,
	    .to = { TEAM });
	Sk__Frame frame = SK__FRAME__INIT;
	uint8_t link[DIGEST_SIZE];

	frame.submit = bench_submission(sender, &l, 1, link);
	put_frame(peer, sender, &frame);
	actor->last_number++;
	memcpy(actor->last_link, link, DIGEST_SIZE);
	bench_forget();
}

static void
test_a_sender_may_use_its_credit_in_one_turn(void **state)
{
	struct session *session = HELLO(.peer = 1, .boot = 1,
	    .participant = COURT);
	const Sk__Frame *frame;

	(void)state;
	take_all(session);
	for (unsigned i = 0; i < SUBMIT_CREDIT_MESSAGES; i++)
		put_submit(1, COURT);
	assert_false(session->closing);
	assert_int_equal(session->outs, SUBMIT_CREDIT_MESSAGES);
	bench_commit();
	for (unsigned i = 1; i <= SUBMIT_CREDIT_MESSAGES; i++) {
		frame = take(session);
		assert_int_equal(frame->receipts->receipts[0]->number, i);
		assert_true(frame->receipts->receipts[0]->outcome->accepted);
		assert_int_equal(frame->receipts->credit_messages,
		    i + SUBMIT_CREDIT_MESSAGES);
		bench_forget();
	}
}

static void
test_a_full_queue_ends_that_session_alone(void **state)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Ping ping = SK__PING__INIT;
	struct session *slow = HELLO(.peer = 1, .boot = 1,
	    .participant = TEAM);
	struct session *other = HELLO(.peer = 2, .boot = 1,
	    .participant = COURT);

	(void)state;
	take_all(slow);
	take_all(other);
	frame.ping = &ping;
	for (unsigned i = 0; i < SESSION_OUT_MAX; i++)
		put_frame(1, TEAM, &frame);
	assert_false(slow->closing);
	put_frame(1, TEAM, &frame);
	assert_true(slow->closing);
	assert_int_equal(slow->outs, 0);
	put_frame(2, COURT, &frame);
	assert_false(other->closing);
	assert_non_null(take(other)->pong);
	session_flush_all(&broker);	/* that peer is gone as well */
	assert_int_equal(broker.n_sessions, 1);
}

static void
test_nothing_is_taken_while_intake_holds(void **state)
{
	struct session *session = HELLO(.peer = 1, .boot = 1,
	    .participant = COURT);
	uint64_t size = journal_size(b.journal);
	const Sk__Frame *frame;

	(void)state;
	take_all(session);
	for (unsigned i = 0; i < 2; i++) {
		broker.disk_low = i == 0;
		broker.draining = i == 1;
		put_submit(1, COURT);
		bench_actor(COURT)->last_number = 0;
		frame = take(session);
		assert_int_equal(frame->rejected->code,
		    i == 0 ? SK_INTAKE_HELD : SK_DRAINING);
		assert_true(frame->rejected->not_before > b.now);
		assert_int_equal(frame->rejected->last_number, 0);
	}
	assert_int_equal(journal_size(b.journal), size);
}

static void
test_past_its_rate_a_sender_is_throttled(void **state)
{
	struct session *session = HELLO(.peer = 1, .boot = 1,
	    .participant = COURT);
	unsigned taken = 0, throttled = 0;
	const Sk__Frame *frame;

	(void)state;
	take_all(session);
	config.rate_per_second = 64;
	/* a second may turn once underneath */
	for (unsigned i = 0; i < 130 && throttled == 0; i++) {
		struct actor before = *bench_actor(COURT);

		put_submit(1, COURT);
		frame = take(session);
		if (frame->receipts != NULL) {
			taken++;
			continue;
		}
		assert_int_equal(frame->rejected->code, SK_THROTTLED);
		*bench_actor(COURT) = before;
		throttled++;
	}
	assert_int_equal(throttled, 1);
	assert_true(taken >= 64);
	assert_int_equal(party_find(b.engine, COURT)->row.sender.last_number,
	    taken);
}

static void
test_a_submit_larger_than_the_rate_has_its_turn(void **state)
{
	struct session *session = HELLO(.peer = 1, .boot = 1,
	    .participant = COURT);
	Sk__Frame frame = SK__FRAME__INIT;
	uint8_t link[DIGEST_SIZE];
	struct letter *l[5];

	(void)state;
	take_all(session);
	config.rate_per_second = 2;
	for (size_t i = 0; i < 5; i++)
		l[i] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
		    .to = { TEAM });
	frame.submit = bench_submission(COURT, l, 5, link);
	put_frame(1, COURT, &frame);
	assert_int_equal(take(session)->receipts->n_receipts, 5);
}

/* ---- deliveries */

static void
test_one_delivery_of_a_case_is_under_way_and_others_flow(void **state)
{
	struct session *session;
	struct mailbox_state box;
	uint64_t numbers[512];

	(void)state;
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	SAID(.kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM });
	SAID(.kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM });
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	bench_commit();
	session = HELLO(.peer = 1, .boot = 1, .participant = TEAM);
	take_all(session);
	assert_int_equal(delivered(session, numbers), 2);
	assert_int_equal(numbers[0], 1);
	assert_int_equal(numbers[1], 4);
	assert_int_equal(dispatch_sent(session), 1);
	engine_mailbox(b.engine, TEAM, &box);
	assert_int_equal(box.delivered, 1);
	assert_int_equal(delivered(session, numbers), 0);
	/* what is held back cannot be acknowledged */
	acknowledge(1, TEAM, 4, 0);
	assert_int_equal(session->flights, 4);
	acknowledge(1, TEAM, 1, 0);
	assert_int_equal(session->flights, 3);
	assert_int_equal(delivered(session, numbers), 1);
	assert_int_equal(numbers[0], 2);
	acknowledge(1, TEAM, 2, 0);
	assert_int_equal(delivered(session, numbers), 1);
	assert_int_equal(numbers[0], 3);
	assert_int_equal(dispatch_sent(session), 4);
	acknowledge(1, TEAM, 4, 0);
	assert_int_equal(session->flights, 0);
	bench_commit();
	engine_mailbox(b.engine, TEAM, &box);
	assert_int_equal(box.delivered, 4);
	assert_int_equal(box.stored, 4);
}

static void
test_deliveries_stay_within_credit_and_window(void **state)
{
	struct session *session;
	uint64_t numbers[512];
	size_t n = 0;

	(void)state;
	orders(SESSION_WINDOW + 40);
	session = HELLO(.peer = 1, .boot = 1, .participant = TEAM,
	    .credit = 5);
	take_all(session);
	assert_int_equal(delivered(session, numbers), 5);
	assert_int_equal(delivered(session, numbers), 0);
	acknowledge(1, TEAM, 0, 7);	/* a total, not more of it */
	assert_int_equal(delivered(session, numbers), 2);
	acknowledge(1, TEAM, 0, 6);	/* an older one does no harm */
	assert_int_equal(delivered(session, numbers), 0);
	acknowledge(1, TEAM, 0, 5000);
	for (n = 7;;) {
		size_t more = delivered(session, numbers);

		n += more;
		bench_forget();
		if (more == 0)
			break;
	}
	assert_int_equal(n, SESSION_WINDOW);
	acknowledge(1, TEAM, 10, 0);
	assert_int_equal(delivered(session, numbers), 10);
	assert_int_equal(numbers[0], SESSION_WINDOW + 1);
}

static void
test_dispatch_stored_keeps_what_is_still_out(void **state)
{
	struct session session = { .next = 6, .flights = 3, .flight = {
		{ 2, 1, true }, { 4, 2, false }, { 5, 3, true } } };

	(void)state;
	assert_int_equal(dispatch_sent(&session), 3);
	dispatch_stored(&session, 1);
	assert_int_equal(session.flights, 3);
	dispatch_stored(&session, 4);
	assert_int_equal(session.flights, 1);
	assert_int_equal(session.flight[0].number, 5);
	assert_int_equal(dispatch_sent(&session), 5);
	dispatch_stored(&session, 9);
	assert_int_equal(session.flights, 0);
}

static void
test_a_long_fetch_goes_on_as_the_queue_empties(void **state)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Fetch fetch = SK__FETCH__INIT;
	struct session *session;
	const Sk__Frame *out;
	uint64_t next = 1;
	bool last = false;
	unsigned turns = 0;

	(void)state;
	orders(400);
	session = HELLO(.peer = 1, .boot = 1, .participant = COURT);
	take_all(session);
	fetch.has_from_number = 1;
	fetch.from_number = 0;
	frame.fetch = &fetch;
	put_frame(1, COURT, &frame);
	while (!last) {
		OK(dispatch_session(&broker, session));
		assert_int_equal(session->stopped, session->fetch_next != 0);
		assert_false(dispatch_goes_on(&broker));	/* no room */
		while ((out = take(session)) != NULL) {
			for (size_t i = 0; i < out->fetched->n_own; i++)
				assert_int_equal(out->fetched->receipts[i]
				    ->number, next++);
			last = out->fetched->last;
			bench_forget();
		}
		assert_int_equal(dispatch_goes_on(&broker), !last);
		turns++;
	}
	assert_int_equal(next, 401);
	assert_true(turns > 1);
}

static void
test_the_largest_refused_envelopes_can_be_fetched(void **state)
{
	static uint8_t zeros[TAKEN_SEALED_BYTES];
	struct letter *l[2];
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Fetch fetch = SK__FETCH__INIT;
	struct session *session;
	size_t n = 0;

	(void)state;
	for (size_t round = 0; round < 4; round++) {
		for (size_t i = 0; i < 2; i++) {
			l[i] = COMPOSE(.kind = K(COURT_ORDER),
			    .sender = COURT, .to = { TEAM });
			l[i]->envelope.header = bench_bytes(zeros,
			    TAKEN_HEADER_BYTES);
			l[i]->envelope.facts = bench_bytes(zeros,
			    TAKEN_FACTS_BYTES);
			l[i]->envelope.sealed = bench_bytes(zeros,
			    TAKEN_SEALED_BYTES);
		}
		bench_send(COURT, l, 2);
		assert_false(bench_outcome(1)->accepted);
	}
	bench_commit();
	session = HELLO(.peer = 1, .boot = 1, .participant = COURT);
	take_all(session);
	frame.fetch = &fetch;
	put_frame(1, COURT, &frame);
	OK(dispatch_session(&broker, session));
	for (const Sk__Frame *out; (out = take(session)) != NULL; ) {
		n += out->fetched->n_own;
		bench_forget();
	}
	assert_int_equal(n, 8);
}

static void
test_a_revoked_participant_loses_its_session(void **state)
{
	struct session *session = HELLO(.peer = 1, .boot = 1,
	    .participant = HELP_A);

	(void)state;
	take_all(session);
	OK(bench_revoke(HELP_A));
	bench_commit();
	broker.directory_changed = true;
	OK(dispatch_all(&broker));
	assert_true(session->closing);
	assert_int_equal(take(session)->bye->code, SK_SENDER_REVOKED);
	assert_null(HELLO(.peer = 2, .boot = 1, .participant = HELP_A));
}

static struct link_peer
absent_peer(uint8_t number)
{
	return (struct link_peer){ .id = { 0, 0, 0, 9, number },
		.id_size = 5 };
}

static bool
is_leaving(const struct link_peer *peer)
{
	for (size_t i = 0; i < FAREWELLS_MAX; i++)
		if (broker.farewell[i].due != 0 && memcmp(
		    broker.farewell[i].peer.id, peer->id, 5) == 0)
			return true;
	return false;
}

static void
test_who_is_told_to_go_has_its_time_and_the_oldest_goes_first(void **state)
{
	struct link_peer first = absent_peer(0), last =
	    absent_peer(FAREWELLS_MAX);

	(void)state;
	assert_int_equal(session_farewell_due(&broker), INT64_MAX);
	for (uint8_t i = 0; i < FAREWELLS_MAX; i++) {
		struct link_peer peer = absent_peer(i);

		/* Said twice, it still leaves once. */
		peer_bye(&broker, &peer, SK_SENDER_REVOKED, NULL);
		peer_bye(&broker, &peer, SK_SENDER_REVOKED, NULL);
		broker.farewell[i].due += i;
	}
	assert_true(is_leaving(&first));
	/* One more than there is room for: the first need not wait longer. */
	peer_bye(&broker, &last, SK_SENDER_REVOKED, NULL);
	assert_true(is_leaving(&last));
	assert_false(is_leaving(&first));
	/* Others are told as well and stay. */
	peer_bye(&broker, &first, SK_FRAME_UNEXPECTED, NULL);
	assert_false(is_leaving(&first));
	for (unsigned i = 0; i < FAREWELL_TRIES; i++) {
		assert_true(session_farewell_due(&broker) < INT64_MAX);
		session_farewells(&broker, INT64_MAX - FAREWELL_MS);
		session_farewells(&broker, 0);	/* before its time: nothing */
		for (size_t j = 0; j < FAREWELLS_MAX; j++)
			if (broker.farewell[j].due != 0)
				broker.farewell[j].due = 1;
	}
	assert_int_equal(session_farewell_due(&broker), INT64_MAX);
}

static void
test_contests_of_more_than_there_is_room_for_forget_the_oldest(void **state)
{
	static const uint8_t boot[BOOT_SIZE] = { 1 };

	(void)state;
	for (uint64_t p = 1; p <= CONTESTS_MAX; p++) {
		OK(session_contest(&broker, 1000 + p, boot));
		broker.contest[p - 1].first = (int64_t)p;
	}
	assert_int_equal(broker.contest[0].participant, 1001);
	OK(session_contest(&broker, 5000, boot));
	assert_int_equal(broker.contest[0].participant, 5000);
	assert_int_equal(broker.contest[1].participant, 1002);
	assert_int_equal(broker.contest[CONTESTS_MAX - 1].participant,
	    1000 + CONTESTS_MAX);
}

static void
test_rejections_fill_no_log(void **state)
{
	struct session *session = HELLO(.peer = 1, .boot = 1,
	    .participant = COURT);
	struct fault fault = { .code = SK_MALFORMED };

	(void)state;
	for (uint32_t i = 1; i <= REJECTED_SAID_MAX + 5; i++) {
		intake_rejected(&broker, session, 1, &fault, 0);
		assert_int_equal(session->said, i);
	}
	/* A minute later they are told as a number, and it starts over. */
	session->said_since -= REJECTED_SAID_MS;
	intake_rejected(&broker, session, 1, &fault, 0);
	assert_int_equal(session->said, 1);
}

/* ---- takeovers, between peers that are there */

struct caller {
	struct link_client *link;
	bool connected, welcomed;
	uint32_t bye;		/* its code */
};

static void
call_in(struct caller *caller, uint64_t participant)
{
	struct link_client_options options = { .address =
		link_server_endpoint(broker.link) };
	const struct actor *actor = bench_actor(participant);
	struct fault fault;

	memset(caller, 0, sizeof(*caller));
	memcpy(options.server_key, link_key.public_key, 32);
	memcpy(options.public_key, actor->link.public_key, 32);
	memcpy(options.secret_key, actor->link.secret_key, 32);
	OK(link_client_open(&options, &caller->link, &fault));
}

static void
serve(void)
{
	struct link_peer peer;
	uint64_t participant;
	struct span frame;

	link_server_service(broker.link);
	while (link_server_receive(broker.link, &peer, &participant, &frame) ==
	    SK_OK)
		OK(intake_frame(&broker, &peer, participant, frame));
	session_flush_all(&broker);
	link_server_service(broker.link);
}

static void
listen_to(struct caller *caller)
{
	ProtobufCMessage *message;
	const Sk__Frame *frame;
	struct span bytes;
	enum link_event event;

	while ((event = link_client_event(caller->link)) != LINK_EVENT_NONE)
		caller->connected = event == LINK_EVENT_CONNECTED;
	while (link_client_receive(caller->link, &bytes) == SK_OK) {
		OK(wire_decode(&sk__frame__descriptor, "frame", bytes.bytes,
		    bytes.size, FRAME_BYTES_MAX, &b.answers, &message, NULL));
		frame = (const Sk__Frame *)(const void *)message;
		caller->welcomed = caller->welcomed || frame->welcome != NULL;
		if (frame->bye != NULL)
			caller->bye = frame->bye->code;
	}
}

static void
wait_a_little(struct caller *callers, size_t n)
{
	struct pollfd fds[32];
	nfds_t used = 0;
	int got[3];

	for (size_t i = 0; i <= n; i++) {
		size_t count = i == n ? link_server_fds(broker.link, got) :
		    link_client_fds(callers[i].link, got);

		for (size_t k = 0; k < count; k++)
			fds[used++] = (struct pollfd){ got[k], POLLIN, 0 };
	}
	poll(fds, used, 50);
}

#define UNTIL(callers, n, condition) do { \
	int64_t until_ = clock_ticks() + PATIENCE_MS; \
	for (;;) { \
		serve(); \
		for (size_t i_ = 0; i_ < (n); i_++) \
			listen_to(&(callers)[i_]); \
		if (condition) \
			break; \
		if (clock_ticks() > until_) \
			fail_msg("never: %s", #condition); \
		wait_a_little((callers), (n)); \
	} } while (0)

static void
greet(struct caller *caller, uint64_t participant, uint8_t boot_fill)
{
	uint8_t boot[BOOT_SIZE], bytes[1024];
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Hello hello;

	fill_hello((struct hello_said){ .boot = boot_fill,
		.participant = participant }, &hello, boot);
	frame.hello = &hello;
	assert_true(sk__frame__get_packed_size(&frame) <= sizeof(bytes));
	OK(link_client_send(caller->link, bytes,
	    sk__frame__pack(&frame, bytes)));
}

static void
test_two_agents_that_evict_each_other_are_both_held(void **state)
{
	struct caller callers[4];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		call_in(&callers[i], TEAM);
		UNTIL(callers, i + 1, callers[i].connected);
		greet(&callers[i], TEAM, (uint8_t)(i + 1));
		UNTIL(callers, i + 1, callers[i].welcomed || callers[i].bye);
		if (i > 0)
			UNTIL(callers, i + 1, callers[i - 1].bye != 0);
	}
	assert_int_equal(callers[0].bye, SK_SESSION_REPLACED);
	assert_int_equal(callers[1].bye, SK_SESSION_REPLACED);
	/* the third takeover ends both */
	assert_int_equal(callers[2].bye, SK_SESSION_CONTESTED);
	assert_int_equal(callers[3].bye, SK_SESSION_CONTESTED);
	assert_false(callers[3].welcomed);
	assert_int_equal(broker.n_sessions, 0);
	/* for a while neither comes in, and others do */
	callers[2].bye = 0;
	greet(&callers[2], TEAM, 3);
	UNTIL(callers, 4, callers[2].bye == SK_SESSION_CONTESTED);
	assert_non_null(HELLO(.peer = 9, .boot = 1, .participant = COURT));
	for (size_t i = 0; i < 4; i++)
		link_client_close(callers[i].link);
}

static void
test_an_agent_that_starts_again_and_again_is_let_in(void **state)
{
	(void)state;
	/* peers that are not there: nobody is evicted */
	for (uint8_t i = 1; i < 20; i++)
		assert_non_null(HELLO(.peer = i, .boot = i,
		    .participant = TEAM));
	session_flush_all(&broker);
	assert_int_equal(broker.n_sessions, 0);
	/* nor does one boot id contest itself */
	for (uint8_t i = 1; i < 20; i++)
		assert_non_null(HELLO(.peer = i, .boot = 7,
		    .participant = TEAM));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		edge_test(test_a_hello_is_welcomed_with_what_the_broker_knows),
		edge_test(test_a_hello_that_does_not_fit_opens_no_session),
		edge_test(test_a_second_hello_on_a_connection_starts_over),
		edge_test(test_a_session_that_closes_does_not_hide_its_successor),
		edge_test(test_what_an_agent_never_sends_is_not_taken),
		edge_test(test_a_frame_without_session_is_answered_to_nobody),
		edge_test(test_a_frame_that_unpacks_past_its_memory_is_too_large),
		edge_test(test_a_sender_may_use_its_credit_in_one_turn),
		edge_test(test_a_full_queue_ends_that_session_alone),
		edge_test(test_nothing_is_taken_while_intake_holds),
		edge_test(test_past_its_rate_a_sender_is_throttled),
		edge_test(test_a_submit_larger_than_the_rate_has_its_turn),
		edge_test(test_one_delivery_of_a_case_is_under_way_and_others_flow),
		edge_test(test_deliveries_stay_within_credit_and_window),
		edge_test(test_dispatch_stored_keeps_what_is_still_out),
		edge_test(test_a_long_fetch_goes_on_as_the_queue_empties),
		edge_test(test_the_largest_refused_envelopes_can_be_fetched),
		edge_test(test_a_revoked_participant_loses_its_session),
		edge_test(test_who_is_told_to_go_has_its_time_and_the_oldest_goes_first),
		edge_test(test_contests_of_more_than_there_is_room_for_forget_the_oldest),
		edge_test(test_rejections_fill_no_log),
		edge_test(test_two_agents_that_evict_each_other_are_both_held),
		edge_test(test_an_agent_that_starts_again_and_again_is_let_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
