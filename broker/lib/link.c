#include "broker/lib/link_internal.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "proto/wire.h"

/*
 * The sockets of one process: a ROUTER or a few DEALERs with two ends of a
 * monitor each, and the ZAP handler. Connections are not sockets.
 */
#define SOCKETS_MAX 64
/* What CURVE adds to a frame: command name, nonce, flags, authenticator.
 * ZMQ_MAXMSGSIZE counts it, our limit does not. */
#define CURVE_OVERHEAD 33

static void *context;
static unsigned context_users;

enum sk_error
link_keypair(uint8_t public_key[32], uint8_t secret_key[32])
{
	if (sodium_init() < 0)
		return SK_CRYPTO;
	return crypto_box_keypair(public_key, secret_key) == 0 ? SK_OK :
	    SK_CRYPTO;
}

void *
link_context_open(void)
{
	if (context == NULL) {
		if ((context = zmq_ctx_new()) == NULL)
			return NULL;
		zmq_ctx_set(context, ZMQ_IO_THREADS, 1);
		zmq_ctx_set(context, ZMQ_MAX_SOCKETS, SOCKETS_MAX);
	}
	context_users++;
	return context;
}

void
link_context_close(void)
{
	if (--context_users > 0)
		return;
	while (zmq_ctx_term(context) != 0 && zmq_errno() == EINTR)
		;
	context = NULL;
}

bool
link_is_tcp(const char *address)
{
	return address != NULL && strncmp(address, "tcp://", 6) == 0;
}

bool
link_set_int(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0;
}

void *
link_socket(int type)
{
	void *socket;

	if ((socket = zmq_socket(context, type)) == NULL)
		return NULL;
	if (!link_set_int(socket, ZMQ_LINGER, 0)) {
		zmq_close(socket);
		return NULL;
	}
	return socket;
}

bool
link_set_common(void *socket, const char *address)
{
	int64_t size_max = FRAME_BYTES_MAX + CURVE_OVERHEAD;

	/* Only where it is asked for: with it an IPv4 peer is named ::ffff:. */
	if (strchr(address, '[') != NULL &&
	    !link_set_int(socket, ZMQ_IPV6, 1))
		return false;
	return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &size_max,
	    sizeof(size_max)) == 0 &&
	    link_set_int(socket, ZMQ_HANDSHAKE_IVL, LINK_HANDSHAKE_MS) &&
	    link_set_int(socket, ZMQ_HEARTBEAT_IVL, LINK_HEARTBEAT_MS) &&
	    link_set_int(socket, ZMQ_HEARTBEAT_TIMEOUT,
	    LINK_HEARTBEAT_TIMEOUT_MS) &&
	    link_set_int(socket, ZMQ_HEARTBEAT_TTL, LINK_HEARTBEAT_TTL_MS) &&
	    link_set_int(socket, ZMQ_SNDHWM, LINK_HWM) &&
	    link_set_int(socket, ZMQ_RCVHWM, LINK_HWM);
}

int
link_fd(void *socket)
{
	int fd = -1;
	size_t size = sizeof(fd);

	if (zmq_getsockopt(socket, ZMQ_FD, &fd, &size) != 0)
		return -1;
	return fd;
}

void
link_drain(void *socket, zmq_msg_t *message)
{
	while (zmq_msg_more(message))
		if (zmq_msg_recv(message, socket, ZMQ_DONTWAIT) < 0)
			return;
}

static bool
receive(void *socket, zmq_msg_t *message)
{
	int rc;

	do
		rc = zmq_msg_recv(message, socket, ZMQ_DONTWAIT);
	while (rc < 0 && zmq_errno() == EINTR);
	return rc >= 0;
}

bool
link_receive_single(void *socket, zmq_msg_t *message)
{
	while (receive(socket, message)) {
		if (!zmq_msg_more(message) &&
		    zmq_msg_size(message) <= FRAME_BYTES_MAX)
			return true;
		link_drain(socket, message);
	}
	return false;
}

void *
link_monitor_open(void *socket)
{
	static unsigned opened;
	char name[48];
	void *monitor;

	snprintf(name, sizeof(name), "inproc://schakel.monitor.%u", opened++);
	if (zmq_socket_monitor(socket, name, ZMQ_EVENT_ALL) != 0)
		return NULL;
	/* Without a bound: a full monitor would block ZeroMQ's own thread, and
	 * with it every peer. It is read each turn. */
	if ((monitor = link_socket(ZMQ_PAIR)) == NULL ||
	    !link_set_int(monitor, ZMQ_RCVHWM, 0) ||
	    zmq_connect(monitor, name) != 0) {
		link_monitor_close(socket, monitor);
		return NULL;
	}
	return monitor;
}

void
link_monitor_close(void *socket, void *monitor)
{
	zmq_socket_monitor(socket, NULL, 0);
	if (monitor != NULL)
		zmq_close(monitor);
}

bool
link_monitor_next(void *monitor, struct link_note *note)
{
	zmq_msg_t message;
	bool found = false;

	zmq_msg_init(&message);
	while (!found && receive(monitor, &message)) {
		found = zmq_msg_size(&message) == 6;
		if (found) {
			const uint8_t *bytes = zmq_msg_data(&message);

			memcpy(&note->event, bytes, sizeof(note->event));
			memcpy(&note->value, bytes + 2, sizeof(note->value));
		}
		link_drain(monitor, &message);
	}
	zmq_msg_close(&message);
	return found;
}
