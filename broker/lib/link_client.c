#include "broker/lib/link_internal.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "proto/wire.h"

struct link_client {
	void *dealer;
	void *monitor;
	int timer;		/* to dial again */
	uint32_t wait_ms;	/* before the next dial */
	bool connected;
	bool refused;		/* its DISCONNECTED says nothing new */
	zmq_msg_t message;
	char address[256];
};

static uint32_t
first_wait_ms(void)
{
	return LINK_RECONNECT_MS + randombytes_uniform(LINK_RECONNECT_MS);
}

static bool
set_up_dealer(void *dealer, const struct link_client_options *options)
{
	return link_set_common(dealer, options->address) &&
	    zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, options->server_key,
	    32) == 0 &&
	    zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, options->public_key,
	    32) == 0 &&
	    zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, options->secret_key,
	    32) == 0 &&
	    /* Nothing is queued for a connection that is not there. */
	    link_set_int(dealer, ZMQ_IMMEDIATE, 1) &&
	    link_set_int(dealer, ZMQ_CONNECT_TIMEOUT, LINK_CONNECT_MS) &&
	    link_set_int(dealer, ZMQ_RECONNECT_IVL, (int)first_wait_ms()) &&
	    link_set_int(dealer, ZMQ_RECONNECT_IVL_MAX, LINK_RECONNECT_MAX_MS);
}

enum sk_error
link_client_open(const struct link_client_options *options,
    struct link_client **out, struct fault *fault)
{
	struct link_client *client;

	*out = NULL;
	if (!link_is_tcp(options->address) ||
	    strlen(options->address) >= sizeof(client->address))
		return fault_set(fault, SK_CONFIG, "broker",
		    "want tcp://host:port");
	if (sodium_init() < 0)
		return fault_set(fault, SK_CRYPTO, NULL, NULL);
	if (link_context_open() == NULL)
		return fault_set(fault, SK_NO_MEMORY, NULL, NULL);
	if ((client = calloc(1, sizeof(*client))) == NULL) {
		link_context_close();
		return fault_set(fault, SK_NO_MEMORY, NULL, NULL);
	}
	zmq_msg_init(&client->message);
	strcpy(client->address, options->address);
	client->wait_ms = first_wait_ms();
	client->timer = timerfd_create(CLOCK_MONOTONIC,
	    TFD_NONBLOCK | TFD_CLOEXEC);
	if (client->timer < 0 ||
	    (client->dealer = link_socket(ZMQ_DEALER)) == NULL ||
	    !set_up_dealer(client->dealer, options) ||
	    (client->monitor = link_monitor_open(client->dealer)) == NULL ||
	    zmq_connect(client->dealer, client->address) != 0) {
		fault_set(fault, SK_NETWORK, "broker", "cannot use %s: %s",
		    options->address, zmq_strerror(zmq_errno()));
		link_client_close(client);
		return SK_NETWORK;
	}
	*out = client;
	return SK_OK;
}

void
link_client_close(struct link_client *client)
{
	if (client == NULL)
		return;
	zmq_msg_close(&client->message);
	if (client->monitor != NULL)
		link_monitor_close(client->dealer, client->monitor);
	if (client->dealer != NULL)
		zmq_close(client->dealer);
	if (client->timer >= 0)
		close(client->timer);
	free(client);
	link_context_close();
}

size_t
link_client_fds(const struct link_client *client, int fds[3])
{
	fds[0] = link_fd(client->dealer);
	fds[1] = link_fd(client->monitor);
	fds[2] = client->timer;
	return 3;
}

static void
set_timer(struct link_client *client, uint32_t ms)
{
	struct itimerspec when;

	memset(&when, 0, sizeof(when));
	when.it_value.tv_sec = ms / 1000;
	when.it_value.tv_nsec = (long)(ms % 1000) * 1000000;
	timerfd_settime(client->timer, 0, &when, NULL);
}

/*
 * libzmq ends a connection for good when the other side answers a handshake
 * with an error, and never dials again. But a key that is not admitted today
 * may be enrolled tomorrow, so this does, waiting longer each time.
 */
static void
dial_later(struct link_client *client)
{
	set_timer(client, client->wait_ms);
	client->wait_ms *= 2;
	if (client->wait_ms > LINK_RECONNECT_MAX_MS)
		client->wait_ms = LINK_RECONNECT_MAX_MS -
		    randombytes_uniform(LINK_RECONNECT_MAX_MS / 4);
}

static void
dial_when_due(struct link_client *client)
{
	uint64_t times;

	if (read(client->timer, &times, sizeof(times)) != sizeof(times))
		return;
	zmq_disconnect(client->dealer, client->address);
	zmq_connect(client->dealer, client->address);
}

static enum link_event
event_of(struct link_client *client, const struct link_note *note)
{
	bool was = client->connected;

	switch (note->event) {
	case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
		client->connected = true;
		client->refused = false;
		client->wait_ms = first_wait_ms();
		set_timer(client, 0);
		return LINK_EVENT_CONNECTED;
	case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
	case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
		dial_later(client);
		/* FALLTHROUGH */
	case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
		was = client->refused;
		client->refused = true;
		return was ? LINK_EVENT_NONE : LINK_EVENT_REFUSED;
	case ZMQ_EVENT_DISCONNECTED:
		client->connected = false;
		client->refused = false;
		/* ZeroMQ dials again by itself, but not after bytes that
		 * break its protocol. */
		if (was)
			set_timer(client, 2 * LINK_RECONNECT_MAX_MS);
		return was ? LINK_EVENT_DISCONNECTED : LINK_EVENT_NONE;
	case ZMQ_EVENT_CLOSED:
		return LINK_EVENT_UNREACHABLE;
	default:
		return LINK_EVENT_NONE;
	}
}

enum link_event
link_client_event(struct link_client *client)
{
	struct link_note note;
	enum link_event event;

	while (link_monitor_next(client->monitor, &note))
		if ((event = event_of(client, &note)) != LINK_EVENT_NONE)
			return event;
	/* Last, so that a connection that came about meanwhile is not cut. */
	dial_when_due(client);
	return LINK_EVENT_NONE;
}

void
link_client_expect(struct link_client *client, const uint8_t server_key[32])
{
	zmq_setsockopt(client->dealer, ZMQ_CURVE_SERVERKEY, server_key, 32);
	zmq_disconnect(client->dealer, client->address);
	zmq_connect(client->dealer, client->address);
}

enum sk_error
link_client_receive(struct link_client *client, struct span *frame)
{
	if (!link_receive_single(client->dealer, &client->message))
		return SK_NOT_FOUND;
	frame->bytes = zmq_msg_data(&client->message);
	frame->size = zmq_msg_size(&client->message);
	return SK_OK;
}

enum sk_error
link_client_send(struct link_client *client, const void *bytes, size_t size)
{
	int rc;

	if (size > FRAME_BYTES_MAX)
		return SK_OVERSIZED;
	if (!client->connected)
		return SK_NOT_CONNECTED;
	do
		rc = zmq_send(client->dealer, bytes, size, ZMQ_DONTWAIT);
	while (rc < 0 && zmq_errno() == EINTR);
	if (rc >= 0)
		return SK_OK;
	return zmq_errno() == EAGAIN ? SK_TIMEOUT : SK_NOT_CONNECTED;
}
