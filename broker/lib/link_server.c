#include "broker/lib/link_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/lib/clock.h"
#include "proto/wire.h"

#define ROUTER_ID_SIZE 5	/* zero and a counter, libzmq 4.3.4 */
#define BACKLOG 1024		/* every agent at once, after a restart */
#define FILES_MAX 65536
/* After this long, with the queue seen empty since, no frame of a closed
 * connection can still come out. */
#define STALE_MS 1000

/*
 * A descriptor as the monitor saw it. ZeroMQ closes one and the kernel gives
 * its number to the next connection at once, while frames of the first still
 * wait: a frame's ZMQ_SRCFD alone does not say whose it is now.
 */
struct slot {
	bool open;
	bool claimed;		/* a frame of `peer` was read from it */
	bool has_former;	/* the connection before it had spoken */
	uint32_t peer;
	uint32_t former;
	int64_t doubt_from;	/* ticks of the last close of one that had not, 0 none */
	char address[INET6_ADDRSTRLEN];
};

struct link_server {
	void *router;
	void *monitor;
	struct link_zap *zap;
	zmq_msg_t message;
	bool failed;		/* the next DISCONNECTED is of a failed handshake */
	int64_t empty_at;	/* ticks when the queue was last seen empty */
	struct slot *slot;	/* by descriptor */
	size_t slots;
	uint8_t link_key[32];
	char endpoint[128];
};

static struct slot *
slot_of(struct link_server *server, int fd)
{
	struct slot *grown;
	size_t slots;

	if (fd < 0 || fd >= FILES_MAX)
		return NULL;
	if ((size_t)fd >= server->slots) {
		slots = ((size_t)fd / 64 + 1) * 64;
		if ((grown = realloc(server->slot,
		    slots * sizeof(*grown))) == NULL)
			return NULL;
		memset(grown + server->slots, 0,
		    (slots - server->slots) * sizeof(*grown));
		server->slot = grown;
		server->slots = slots;
	}
	return &server->slot[fd];
}

/* The peer may have gone already, and its number be another's: then the
 * address is that one's or none, and a count lands there. */
static void
ask_address(int fd, char address[INET6_ADDRSTRLEN])
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	const void *from = NULL;

	memset(&peer, 0, sizeof(peer));
	if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0) {
		if (peer.ss_family == AF_INET)
			from = &((struct sockaddr_in *)&peer)->sin_addr;
		else if (peer.ss_family == AF_INET6)
			from = &((struct sockaddr_in6 *)&peer)->sin6_addr;
	}
	if (from == NULL || inet_ntop(peer.ss_family, from, address,
	    INET6_ADDRSTRLEN) == NULL)
		strcpy(address, "unknown");
}

static void
accepted(struct link_server *server, int fd)
{
	struct slot *slot;

	if ((slot = slot_of(server, fd)) == NULL)
		return;
	slot->open = true;
	slot->claimed = false;
	ask_address(fd, slot->address);
}

static void
disconnected(struct link_server *server, int fd)
{
	struct slot *slot = slot_of(server, fd);

	/* ZeroMQ's one thread tells of a failed handshake and closes in one
	 * go, so the two stand together here. What ZAP denied was counted
	 * when it was, and has no failure before its close. */
	if (server->failed)
		link_zap_count(server->zap, slot != NULL && slot->open ?
		    slot->address : "unknown");
	if (slot != NULL && slot->open) {
		slot->open = false;
		if (slot->claimed) {
			slot->has_former = true;
			slot->former = slot->peer;
		} else if (!server->failed) {
			slot->has_former = false;
			slot->doubt_from = clock_ticks();
		}
	}
	server->failed = false;
}

static void
read_monitor(struct link_server *server)
{
	struct link_note note;

	while (link_monitor_next(server->monitor, &note))
		switch (note.event) {
		case ZMQ_EVENT_ACCEPTED:
			accepted(server, note.value);
			break;
		case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
		case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
			server->failed = true;
			break;
		case ZMQ_EVENT_DISCONNECTED:
		case ZMQ_EVENT_CLOSED:
			disconnected(server, note.value);
			break;
		default:
			break;
		}
}

/* Could a frame with this descriptor be one of an earlier connection? */
static bool
is_certain(const struct link_server *server, const struct slot *slot,
    uint32_t peer)
{
	/* ROUTER counts upwards: who came after the one that last spoke here
	 * is the one that is here now. */
	if (slot->has_former)
		return (int32_t)(peer - slot->former) > 0;
	return slot->doubt_from == 0 ||
	    server->empty_at > slot->doubt_from + STALE_MS;
}

static void
claim(struct link_server *server, uint32_t peer, int fd)
{
	struct slot *slot;

	if ((slot = slot_of(server, fd)) == NULL ||
	    (slot->open && slot->claimed && slot->peer == peer))
		return;
	read_monitor(server);
	if (!slot->open || slot->claimed || !is_certain(server, slot, peer))
		return;
	slot->claimed = true;
	slot->peer = peer;
}

static uint32_t
peer_number(const struct link_peer *peer)
{
	uint32_t number;

	memcpy(&number, peer->id + 1, sizeof(number));
	return ntohl(number);
}

static bool
peer_from_id(zmq_msg_t *id, struct link_peer *peer)
{
	const uint8_t *bytes = zmq_msg_data(id);

	if (zmq_msg_size(id) != ROUTER_ID_SIZE || bytes[0] != 0)
		return false;
	memset(peer, 0, sizeof(*peer));
	memcpy(peer->id, bytes, ROUTER_ID_SIZE);
	peer->id_size = ROUTER_ID_SIZE;
	return true;
}

static bool
take_frame(struct link_server *server, struct link_peer *peer,
    uint64_t *participant)
{
	zmq_msg_t *message = &server->message;
	bool known = peer_from_id(message, peer);

	if (!zmq_msg_more(message) ||
	    zmq_msg_recv(message, server->router, ZMQ_DONTWAIT) < 0)
		return false;
	if (zmq_msg_more(message)) {
		link_drain(server->router, message);
		return false;
	}
	if (!known || zmq_msg_size(message) > FRAME_BYTES_MAX ||
	    !link_user_parse(zmq_msg_gets(message, "User-Id"), participant,
	    server->link_key))
		return false;
	claim(server, peer_number(peer), zmq_msg_get(message, ZMQ_SRCFD));
	return true;
}

enum sk_error
link_server_receive(struct link_server *server, struct link_peer *peer,
    uint64_t *participant, struct span *frame)
{
	int rc;

	while ((rc = zmq_msg_recv(&server->message, server->router,
	    ZMQ_DONTWAIT)) >= 0 || zmq_errno() == EINTR) {
		if (rc < 0 || !take_frame(server, peer, participant))
			continue;
		frame->bytes = zmq_msg_data(&server->message);
		frame->size = zmq_msg_size(&server->message);
		return SK_OK;
	}
	server->empty_at = clock_ticks();
	return SK_NOT_FOUND;
}

void
link_server_key(const struct link_server *server, uint8_t link_key[32])
{
	memcpy(link_key, server->link_key, 32);
}

enum sk_error
link_server_send(struct link_server *server, const struct link_peer *peer,
    const void *bytes, size_t size)
{
	int rc;

	if (size > FRAME_BYTES_MAX)
		return SK_OVERSIZED;
	do
		rc = zmq_send(server->router, peer->id, peer->id_size,
		    ZMQ_SNDMORE | ZMQ_DONTWAIT);
	while (rc < 0 && zmq_errno() == EINTR);
	if (rc < 0)
		return zmq_errno() == EAGAIN ? SK_TIMEOUT : SK_NOT_CONNECTED;
	/* ROUTER has chosen the peer and has room: this cannot wait. */
	do
		rc = zmq_send(server->router, bytes, size, ZMQ_DONTWAIT);
	while (rc < 0 && zmq_errno() == EINTR);
	return rc < 0 ? SK_NOT_CONNECTED : SK_OK;
}

/*
 * dup first, look second: the duplicate holds whatever connection has the
 * number now, and ZeroMQ tells of a close before it closes. So when the
 * monitor still vouches for the slot after the dup, the duplicate is this
 * peer's, whatever happens to the number meanwhile.
 */
static void
shut(struct link_server *server, size_t fd, uint32_t peer)
{
	struct slot *slot;
	int held;

	if ((held = fcntl((int)fd, F_DUPFD_CLOEXEC, 0)) < 0)
		return;
	read_monitor(server);
	slot = &server->slot[fd];
	if (slot->open && slot->claimed && slot->peer == peer)
		shutdown(held, SHUT_RDWR);
	close(held);
}

void
link_server_drop(struct link_server *server, const struct link_peer *peer)
{
	uint32_t number = peer_number(peer);

	for (size_t fd = 0; fd < server->slots; fd++) {
		const struct slot *slot = &server->slot[fd];

		if (slot->open && slot->claimed && slot->peer == number) {
			shut(server, fd, number);
			return;
		}
	}
}

void
link_server_service(struct link_server *server)
{
	link_zap_service(server->zap);
	read_monitor(server);
}

bool
link_server_waits(struct link_server *server)
{
	int events = 0;
	size_t size = sizeof(events);

	link_server_service(server);
	return zmq_getsockopt(server->router, ZMQ_EVENTS, &events, &size) == 0 &&
	    (events & ZMQ_POLLIN) != 0;
}

size_t
link_server_fds(const struct link_server *server, int fds[3])
{
	fds[0] = link_fd(server->router);
	fds[1] = link_zap_fd(server->zap);
	fds[2] = link_fd(server->monitor);
	return 3;
}

size_t
link_server_strangers(const struct link_server *server,
    struct link_stranger *out, size_t max)
{
	return link_zap_strangers(server->zap, out, max);
}

const char *
link_server_endpoint(const struct link_server *server)
{
	return server->endpoint;
}

static void
raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max < FILES_MAX ? limit.rlim_max :
	    FILES_MAX;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static bool
set_up_router(void *router, const struct link_server_options *options)
{
	return link_set_common(router, options->address) &&
	    link_set_int(router, ZMQ_CURVE_SERVER, 1) &&
	    zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, options->secret_key,
	    32) == 0 &&
	    zmq_setsockopt(router, ZMQ_ZAP_DOMAIN, LINK_ZAP_DOMAIN,
	    strlen(LINK_ZAP_DOMAIN)) == 0 &&
	    /* Without it libzmq lets everyone in when no handler answers. */
	    link_set_int(router, ZMQ_ZAP_ENFORCE_DOMAIN, 1) &&
	    link_set_int(router, ZMQ_ROUTER_MANDATORY, 1) &&
	    link_set_int(router, ZMQ_BACKLOG, BACKLOG);
}

enum sk_error
link_server_open(const struct link_server_options *options,
    struct link_server **out, struct fault *fault)
{
	struct link_server *server;
	size_t size = sizeof(server->endpoint);

	*out = NULL;
	if (!link_is_tcp(options->address))
		return fault_set(fault, SK_CONFIG, "listen",
		    "want tcp://address:port");
	if (link_context_open() == NULL)
		return fault_set(fault, SK_NO_MEMORY, NULL, NULL);
	if ((server = calloc(1, sizeof(*server))) == NULL) {
		link_context_close();
		return fault_set(fault, SK_NO_MEMORY, NULL, NULL);
	}
	raise_files();
	zmq_msg_init(&server->message);
	/* The judge before the door. */
	if ((server->zap = link_zap_open(options)) == NULL ||
	    (server->router = link_socket(ZMQ_ROUTER)) == NULL ||
	    !set_up_router(server->router, options) ||
	    (server->monitor = link_monitor_open(server->router)) == NULL ||
	    zmq_bind(server->router, options->address) != 0 ||
	    zmq_getsockopt(server->router, ZMQ_LAST_ENDPOINT,
	    server->endpoint, &size) != 0) {
		fault_set(fault, SK_NETWORK, "listen", "cannot bind %s: %s",
		    options->address, zmq_strerror(zmq_errno()));
		link_server_close(server);
		return SK_NETWORK;
	}
	*out = server;
	return SK_OK;
}

void
link_server_close(struct link_server *server)
{
	if (server == NULL)
		return;
	zmq_msg_close(&server->message);
	if (server->monitor != NULL)
		link_monitor_close(server->router, server->monitor);
	if (server->router != NULL)
		zmq_close(server->router);
	link_zap_close(server->zap);
	free(server->slot);
	free(server);
	link_context_close();
}
