#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/lib/link_internal.h"
#include "proto/wire.h"

#define PATIENCE_MS 20000
#define FRAMES_MAX 4096

struct pair {
	uint8_t public_key[32];
	uint8_t secret_key[32];
};

/* The server with its table of keys, and what it heard. */
struct hall {
	struct link_server *server;
	struct pair keys;
	struct pair member[2];		/* participants 11 and 12 */
	bool revoked;			/* 11 */
	size_t frames;
	struct {
		struct link_peer peer;
		uint64_t participant;
		size_t size;
		char text[16];
		uint8_t link_key[32];
	} frame[FRAMES_MAX];
	size_t clients;
	struct {
		struct link_client *link;
		enum link_event last;
		unsigned seen[LINK_EVENT_UNREACHABLE + 1];
		size_t frames;
	} client[4];
};

static int64_t
ticks(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t
admit(void *context, const uint8_t link_key[32])
{
	const struct hall *hall = context;

	for (unsigned i = 0; i < 2; i++)
		if (memcmp(link_key, hall->member[i].public_key, 32) == 0)
			return i == 0 && hall->revoked ? 0 : 11 + i;
	return 0;
}

static void
hear(struct hall *hall)
{
	struct link_peer peer;
	uint64_t participant;
	struct span frame;

	link_server_service(hall->server);
	while (link_server_receive(hall->server, &peer, &participant,
	    &frame) == SK_OK) {
		assert_true(hall->frames < FRAMES_MAX);
		hall->frame[hall->frames].peer = peer;
		hall->frame[hall->frames].participant = participant;
		hall->frame[hall->frames].size = frame.size;
		snprintf(hall->frame[hall->frames].text, 16, "%.*s",
		    frame.size < 15 ? (int)frame.size : 15,
		    (const char *)frame.bytes);
		link_server_key(hall->server,
		    hall->frame[hall->frames].link_key);
		hall->frames++;
	}
	link_server_service(hall->server);
}

static void
hear_clients(struct hall *hall)
{
	struct span frame;
	enum link_event event;

	for (size_t i = 0; i < hall->clients; i++) {
		while ((event = link_client_event(hall->client[i].link)) !=
		    LINK_EVENT_NONE) {
			hall->client[i].last = event;
			hall->client[i].seen[event]++;
		}
		while (link_client_receive(hall->client[i].link, &frame) ==
		    SK_OK)
			hall->client[i].frames++;
	}
}

/* One turn of a loop: everything is read, then wait for a descriptor. */
static void
turn(struct hall *hall, int wait_ms)
{
	struct pollfd poll_fd[15];
	int fds[3];
	nfds_t n = 0;

	hear(hall);
	hear_clients(hall);
	for (size_t i = 0; i <= hall->clients; i++) {
		size_t count = i == hall->clients ?
		    link_server_fds(hall->server, fds) :
		    link_client_fds(hall->client[i].link, fds);

		for (size_t j = 0; j < count; j++) {
			assert_true(fds[j] >= 0);
			poll_fd[n].fd = fds[j];
			poll_fd[n++].events = POLLIN;
		}
	}
	poll(poll_fd, n, wait_ms);
	hear(hall);
	hear_clients(hall);
}

/* Turns until the condition holds; fails when patience ends. The wait is long,
 * so a wake-up that goes missing shows as a slow test. */
#define TURN_UNTIL(hall, condition) do { \
	int64_t until_ = ticks() + PATIENCE_MS; \
	while (!(condition)) { \
		if (ticks() > until_) \
			fail_msg("never: %s", #condition); \
		turn((hall), 250); \
	} } while (0)

static int
set_up(void **state)
{
	struct hall *hall = calloc(1, sizeof(*hall));
	struct link_server_options options;
	struct fault fault;

	if (hall == NULL)
		return -1;
	link_keypair(hall->keys.public_key, hall->keys.secret_key);
	for (unsigned i = 0; i < 2; i++)
		link_keypair(hall->member[i].public_key,
		    hall->member[i].secret_key);
	memset(&options, 0, sizeof(options));
	options.address = "tcp://127.0.0.1:*";
	memcpy(options.public_key, hall->keys.public_key, 32);
	memcpy(options.secret_key, hall->keys.secret_key, 32);
	options.admit = admit;
	options.context = hall;
	*state = hall;
	return link_server_open(&options, &hall->server, &fault) == SK_OK ?
	    0 : -1;
}

static int
tear_down(void **state)
{
	struct hall *hall = *state;

	for (size_t i = 0; i < hall->clients; i++)
		link_client_close(hall->client[i].link);
	link_server_close(hall->server);
	free(hall);
	return 0;
}

static size_t
join(struct hall *hall, const struct pair *keys, const uint8_t server_key[32])
{
	struct link_client_options options;

	memset(&options, 0, sizeof(options));
	options.address = link_server_endpoint(hall->server);
	memcpy(options.server_key, server_key, 32);
	memcpy(options.public_key, keys->public_key, 32);
	memcpy(options.secret_key, keys->secret_key, 32);
	assert_int_equal(link_client_open(&options,
	    &hall->client[hall->clients].link, NULL), SK_OK);
	return hall->clients++;
}

static size_t
join_connected(struct hall *hall, unsigned member)
{
	size_t client = join(hall, &hall->member[member],
	    hall->keys.public_key);

	TURN_UNTIL(hall, hall->client[client].last == LINK_EVENT_CONNECTED);
	return client;
}

static void
say(struct hall *hall, size_t client, const char *text)
{
	assert_int_equal(link_client_send(hall->client[client].link, text,
	    strlen(text)), SK_OK);
}

static uint64_t
strangers_at(struct hall *hall, const char *address)
{
	struct link_stranger stranger[LINK_STRANGERS_MAX + 1];
	size_t n = link_server_strangers(hall->server, stranger,
	    LINK_STRANGERS_MAX + 1);

	for (size_t i = 0; i < n; i++)
		if (strcmp(stranger[i].address, address) == 0)
			return stranger[i].count;
	return 0;
}

/* A DEALER in a context of its own, that does what link_client never does. */
struct stranger {
	void *context;
	void *socket;
};

static void
stranger_open(struct stranger *stranger, struct hall *hall,
    const struct pair *keys, const char *routing_id)
{
	int linger = 0;

	stranger->context = zmq_ctx_new();
	stranger->socket = zmq_socket(stranger->context, ZMQ_DEALER);
	zmq_setsockopt(stranger->socket, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_setsockopt(stranger->socket, ZMQ_CURVE_SERVERKEY,
	    hall->keys.public_key, 32);
	zmq_setsockopt(stranger->socket, ZMQ_CURVE_PUBLICKEY,
	    keys->public_key, 32);
	zmq_setsockopt(stranger->socket, ZMQ_CURVE_SECRETKEY,
	    keys->secret_key, 32);
	if (routing_id != NULL)
		zmq_setsockopt(stranger->socket, ZMQ_ROUTING_ID, routing_id,
		    strlen(routing_id));
	assert_int_equal(zmq_connect(stranger->socket,
	    link_server_endpoint(hall->server)), 0);
}

static void
stranger_close(struct stranger *stranger)
{
	zmq_close(stranger->socket);
	zmq_ctx_term(stranger->context);
}

static void
test_known_key_gets_through_with_its_number(void **state)
{
	struct hall *hall = *state;
	size_t client = join_connected(hall, 0);

	say(hall, client, "hallo");
	TURN_UNTIL(hall, hall->frames == 1);
	assert_int_equal(hall->frame[0].participant, 11);
	assert_string_equal(hall->frame[0].text, "hallo");
	assert_memory_equal(hall->frame[0].link_key,
	    hall->member[0].public_key, 32);
	assert_int_equal(link_server_send(hall->server, &hall->frame[0].peer,
	    "dag", 3), SK_OK);
	TURN_UNTIL(hall, hall->client[client].frames == 1);
	assert_int_equal(strangers_at(hall, "127.0.0.1"), 0);
}

/* A send takes the signal of a frame that came just before it. A loop that
 * trusts the descriptor alone then sleeps beside a waiting frame. */
static void
test_frame_that_waits_is_known_after_a_send_took_its_signal(void **state)
{
	struct hall *hall = *state;
	size_t client = join_connected(hall, 0);
	struct pollfd router = { .events = POLLIN };
	int fds[3];

	say(hall, client, "a");
	TURN_UNTIL(hall, hall->frames == 1);
	assert_false(link_server_waits(hall->server));
	link_server_fds(hall->server, fds);
	router.fd = fds[0];
	say(hall, client, "b");
	assert_int_equal(poll(&router, 1, PATIENCE_MS), 1);
	assert_int_equal(link_server_send(hall->server, &hall->frame[0].peer,
	    "x", 1), SK_OK);
	for (int64_t end = ticks() + PATIENCE_MS; ticks() < end &&
	    !link_server_waits(hall->server);)
		poll(&router, 1, 1);
	assert_true(link_server_waits(hall->server));
	hear(hall);
	assert_int_equal(hall->frames, 2);
	assert_false(link_server_waits(hall->server));
}

static void
test_two_peers_are_told_apart(void **state)
{
	struct hall *hall = *state;
	size_t first = join_connected(hall, 0);
	size_t second = join_connected(hall, 1);

	say(hall, second, "b");
	TURN_UNTIL(hall, hall->frames == 1);
	say(hall, first, "a");
	TURN_UNTIL(hall, hall->frames == 2);
	assert_int_equal(hall->frame[0].participant, 12);
	assert_int_equal(hall->frame[1].participant, 11);
	link_server_send(hall->server, &hall->frame[0].peer, "x", 1);
	TURN_UNTIL(hall, hall->client[second].frames == 1);
	assert_int_equal(hall->client[first].frames, 0);
}

static void
test_unknown_key_gets_nowhere_and_is_counted_once_a_try(void **state)
{
	struct hall *hall = *state;
	struct pair keys;
	size_t client;

	link_keypair(keys.public_key, keys.secret_key);
	client = join(hall, &keys, hall->keys.public_key);
	TURN_UNTIL(hall, hall->client[client].last == LINK_EVENT_REFUSED);
	assert_int_equal(strangers_at(hall, "127.0.0.1"), 1);
	assert_int_equal(link_client_send(hall->client[client].link, "x", 1),
	    SK_NOT_CONNECTED);
	/* It dials again: one try more is one count more. */
	TURN_UNTIL(hall, hall->client[client].seen[LINK_EVENT_REFUSED] >= 3);
	TURN_UNTIL(hall, strangers_at(hall, "127.0.0.1") >=
	    hall->client[client].seen[LINK_EVENT_REFUSED]);
	assert_int_equal(strangers_at(hall, "127.0.0.1"),
	    hall->client[client].seen[LINK_EVENT_REFUSED]);
	assert_int_equal(strangers_at(hall, "unknown"), 0);
	assert_int_equal(hall->client[client].seen[LINK_EVENT_CONNECTED], 0);
	assert_int_equal(hall->frames, 0);
}

static void
test_wrong_server_key_gets_nowhere_and_is_counted(void **state)
{
	struct hall *hall = *state;
	size_t client = join(hall, &hall->member[0],
	    hall->member[1].public_key);

	TURN_UNTIL(hall, hall->client[client].last == LINK_EVENT_REFUSED);
	/* One that has gone before its address could be asked is "unknown". */
	TURN_UNTIL(hall, strangers_at(hall, "127.0.0.1") >= 1);
	assert_int_equal(hall->client[client].seen[LINK_EVENT_CONNECTED], 0);
}

static void
test_key_admitted_later_gets_in_by_itself(void **state)
{
	struct hall *hall = *state;
	size_t client;

	hall->revoked = true;
	client = join(hall, &hall->member[0], hall->keys.public_key);
	TURN_UNTIL(hall, hall->client[client].last == LINK_EVENT_REFUSED);
	hall->revoked = false;
	TURN_UNTIL(hall, hall->client[client].last == LINK_EVENT_CONNECTED);
}

static void
test_revocation_takes_effect_at_the_next_handshake(void **state)
{
	struct hall *hall = *state;
	size_t client = join_connected(hall, 0);

	say(hall, client, "1");
	TURN_UNTIL(hall, hall->frames == 1);
	hall->revoked = true;
	link_server_drop(hall->server, &hall->frame[0].peer);
	TURN_UNTIL(hall, hall->client[client].last == LINK_EVENT_REFUSED);
	assert_int_equal(hall->client[client].seen[LINK_EVENT_CONNECTED], 1);
}

static void
test_drop_closes_that_peer_and_no_other(void **state)
{
	struct hall *hall = *state;
	size_t first = join_connected(hall, 0);
	size_t second = join_connected(hall, 1);

	say(hall, first, "a");
	TURN_UNTIL(hall, hall->frames == 1);
	say(hall, second, "b");
	TURN_UNTIL(hall, hall->frames == 2);
	link_server_drop(hall->server, &hall->frame[0].peer);
	TURN_UNTIL(hall,
	    hall->client[first].seen[LINK_EVENT_DISCONNECTED] == 1);
	TURN_UNTIL(hall, hall->client[first].seen[LINK_EVENT_CONNECTED] == 2);
	assert_int_equal(link_server_send(hall->server, &hall->frame[0].peer,
	    "x", 1), SK_NOT_CONNECTED);
	/* The new connection has the old one's descriptor: the old name must
	 * not reach it. */
	say(hall, first, "c");
	TURN_UNTIL(hall, hall->frames == 3);
	link_server_drop(hall->server, &hall->frame[0].peer);
	say(hall, first, "d");
	TURN_UNTIL(hall, hall->frames == 4);
	assert_int_equal(hall->client[first].seen[LINK_EVENT_DISCONNECTED], 1);
	assert_int_equal(hall->client[second].seen[LINK_EVENT_DISCONNECTED],
	    0);
	/* And the new name does. */
	link_server_drop(hall->server, &hall->frame[3].peer);
	TURN_UNTIL(hall,
	    hall->client[first].seen[LINK_EVENT_DISCONNECTED] == 2);
	assert_int_equal(strangers_at(hall, "127.0.0.1"), 0);
}

static void
test_frame_at_the_bound_passes(void **state)
{
	struct hall *hall = *state;
	size_t client = join_connected(hall, 0);
	char *big = calloc(1, FRAME_BYTES_MAX + 1);

	assert_int_equal(link_client_send(hall->client[client].link, big,
	    FRAME_BYTES_MAX + 1), SK_OVERSIZED);
	assert_int_equal(link_client_send(hall->client[client].link, big,
	    FRAME_BYTES_MAX), SK_OK);
	TURN_UNTIL(hall, hall->frames == 1);
	assert_int_equal(hall->frame[0].size, FRAME_BYTES_MAX);
	assert_int_equal(link_server_send(hall->server, &hall->frame[0].peer,
	    big, FRAME_BYTES_MAX + 1), SK_OVERSIZED);
	free(big);
}

static void
test_oversized_frame_costs_only_its_sender(void **state)
{
	struct hall *hall = *state;
	size_t client = join_connected(hall, 1);
	struct stranger stranger;
	char *big = calloc(1, FRAME_BYTES_MAX + 1);
	int hwm_reached = 0;

	stranger_open(&stranger, hall, &hall->member[0], NULL);
	zmq_send(stranger.socket, "first", 5, 0);
	TURN_UNTIL(hall, hall->frames == 1);
	zmq_send(stranger.socket, big, FRAME_BYTES_MAX + 1, 0);
	TURN_UNTIL(hall, link_server_send(hall->server, &hall->frame[0].peer,
	    "x", 1) == SK_NOT_CONNECTED || hwm_reached++ > 10000);
	assert_true(hwm_reached < 10000);
	say(hall, client, "still here");
	TURN_UNTIL(hall, hall->frames >= 2 &&
	    hall->frame[hall->frames - 1].participant == 12);
	for (size_t i = 0; i < hall->frames; i++)
		assert_true(hall->frame[i].size <= 16);
	assert_int_equal(hall->client[client].seen[LINK_EVENT_DISCONNECTED],
	    0);
	free(big);
	stranger_close(&stranger);
}

static void
test_frames_of_more_parts_are_not_heard(void **state)
{
	struct hall *hall = *state;
	struct stranger stranger;

	stranger_open(&stranger, hall, &hall->member[0], NULL);
	zmq_send(stranger.socket, "one", 3, ZMQ_SNDMORE);
	zmq_send(stranger.socket, "two", 3, ZMQ_SNDMORE);
	zmq_send(stranger.socket, "three", 5, 0);
	zmq_send(stranger.socket, "whole", 5, 0);
	TURN_UNTIL(hall, hall->frames == 1);
	assert_string_equal(hall->frame[0].text, "whole");
	stranger_close(&stranger);
}

static void
test_peer_that_names_itself_is_not_heard(void **state)
{
	struct hall *hall = *state;
	size_t client;
	struct stranger stranger;

	stranger_open(&stranger, hall, &hall->member[0], "a name of my own");
	zmq_send(stranger.socket, "one", 3, 0);
	client = join_connected(hall, 1);
	say(hall, client, "two");
	TURN_UNTIL(hall, hall->frames == 1);
	assert_string_equal(hall->frame[0].text, "two");
	stranger_close(&stranger);
}

static void
test_full_queue_says_so_and_has_room_again(void **state)
{
	struct hall *hall = *state;
	struct stranger stranger;
	char *big = calloc(1, FRAME_BYTES_MAX);
	enum sk_error rc = SK_OK;
	int sent = 0, received = 0, rcvtimeo;

	stranger_open(&stranger, hall, &hall->member[0], NULL);
	zmq_send(stranger.socket, "x", 1, 0);
	TURN_UNTIL(hall, hall->frames == 1);
	/* It never reads: its queue, ours and the kernel's fill up. */
	while (sent < 5000 && rc != SK_TIMEOUT) {
		rc = link_server_send(hall->server, &hall->frame[0].peer, big,
		    FRAME_BYTES_MAX);
		if (rc == SK_OK)
			sent++;
		else
			turn(hall, 50);
	}
	assert_int_equal(rc, SK_TIMEOUT);
	assert_true(sent >= LINK_HWM);
	rcvtimeo = 100;
	zmq_setsockopt(stranger.socket, ZMQ_RCVTIMEO, &rcvtimeo,
	    sizeof(rcvtimeo));
	while (zmq_recv(stranger.socket, big, FRAME_BYTES_MAX, 0) >= 0)
		received++;
	TURN_UNTIL(hall, link_server_send(hall->server,
	    &hall->frame[0].peer, "y", 1) == SK_OK);
	while (zmq_recv(stranger.socket, big, FRAME_BYTES_MAX, 0) >= 0)
		received++;
	/* What was taken is there, what was not is not. */
	assert_int_equal(received, sent + 1);
	free(big);
	stranger_close(&stranger);
}

static void
test_dead_port_is_unreachable(void **state)
{
	struct hall *hall = *state;
	struct link_client_options options;
	struct pair keys;

	link_keypair(keys.public_key, keys.secret_key);
	memset(&options, 0, sizeof(options));
	options.address = "tcp://127.0.0.1:1";
	memcpy(options.server_key, hall->keys.public_key, 32);
	memcpy(options.public_key, keys.public_key, 32);
	memcpy(options.secret_key, keys.secret_key, 32);
	assert_int_equal(link_client_open(&options, &hall->client[0].link,
	    NULL), SK_OK);
	hall->clients = 1;
	TURN_UNTIL(hall, hall->client[0].last == LINK_EVENT_UNREACHABLE);
}

static void
test_other_transports_are_refused(void **state)
{
	static const char *const addresses[] = { "inproc://x", "ipc:///x",
		"127.0.0.1:7300", "udp://127.0.0.1:7300", "", NULL };
	struct link_server_options server_options;
	struct link_client_options client_options;
	struct link_server *server;
	struct link_client *client;
	struct fault fault;

	(void)state;
	memset(&server_options, 0, sizeof(server_options));
	memset(&client_options, 0, sizeof(client_options));
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		server_options.address = client_options.address =
		    addresses[i];
		assert_int_equal(link_server_open(&server_options, &server,
		    &fault), SK_CONFIG);
		assert_null(server);
		assert_int_equal(link_client_open(&client_options, &client,
		    &fault), SK_CONFIG);
		assert_null(client);
	}
	server_options.address = "tcp://192.0.2.1:1";
	server_options.admit = admit;
	assert_int_equal(link_server_open(&server_options, &server, &fault),
	    SK_NETWORK);
	assert_non_null(strstr(fault.hint, "192.0.2.1"));
}

static void
test_strangers_past_the_bound_are_one(void **state)
{
	struct link_server_options options;
	struct link_stranger stranger[LINK_STRANGERS_MAX + 1];
	struct link_zap *zap;
	char address[32];

	(void)state;
	memset(&options, 0, sizeof(options));
	assert_non_null(link_context_open());
	assert_non_null(zap = link_zap_open(&options));
	for (unsigned i = 0; i < LINK_STRANGERS_MAX + 5; i++) {
		snprintf(address, sizeof(address), "192.0.2.%u", i);
		link_zap_count(zap, address);
		link_zap_count(zap, address);
	}
	assert_int_equal(link_zap_strangers(zap, stranger, 3), 3);
	assert_int_equal(link_zap_strangers(zap, stranger,
	    LINK_STRANGERS_MAX + 1), LINK_STRANGERS_MAX + 1);
	assert_int_equal(stranger[0].count, 2);
	assert_string_equal(stranger[LINK_STRANGERS_MAX].address, "other");
	assert_int_equal(stranger[LINK_STRANGERS_MAX].count, 10);
	link_zap_close(zap);
	link_context_close();
}

static void
test_user_id_comes_back_as_it_went(void **state)
{
	char text[LINK_USER_ID_MAX];
	uint8_t key[32], back[32];
	uint64_t participant;

	(void)state;
	memset(key, 0xa5, sizeof(key));
	link_user_id(text, UINT64_MAX, key);
	assert_true(link_user_parse(text, &participant, back));
	assert_true(participant == UINT64_MAX);
	assert_memory_equal(key, back, 32);
	assert_false(link_user_parse(NULL, &participant, back));
	assert_false(link_user_parse("", &participant, back));
	assert_false(link_user_parse("7", &participant, back));
	assert_false(link_user_parse("7 abcd", &participant, back));
	assert_false(link_user_parse("0 x", &participant, back));
}

#define IN_HALL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HALL(test_known_key_gets_through_with_its_number),
		IN_HALL(test_frame_that_waits_is_known_after_a_send_took_its_signal),
		IN_HALL(test_two_peers_are_told_apart),
		IN_HALL(test_unknown_key_gets_nowhere_and_is_counted_once_a_try),
		IN_HALL(test_wrong_server_key_gets_nowhere_and_is_counted),
		IN_HALL(test_key_admitted_later_gets_in_by_itself),
		IN_HALL(test_revocation_takes_effect_at_the_next_handshake),
		IN_HALL(test_drop_closes_that_peer_and_no_other),
		IN_HALL(test_frame_at_the_bound_passes),
		IN_HALL(test_oversized_frame_costs_only_its_sender),
		IN_HALL(test_frames_of_more_parts_are_not_heard),
		IN_HALL(test_peer_that_names_itself_is_not_heard),
		IN_HALL(test_full_queue_says_so_and_has_room_again),
		IN_HALL(test_dead_port_is_unreachable),
		cmocka_unit_test(test_other_transports_are_refused),
		cmocka_unit_test(test_strangers_past_the_bound_are_one),
		cmocka_unit_test(test_user_id_comes_back_as_it_went),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
