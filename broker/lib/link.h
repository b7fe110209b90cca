/*
 * link.h - ZeroMQ with CURVE: the broker's ROUTER and an agent's DEALER.
 *
 * Everyone who reaches a link_server callback has proved the key: the ZAP
 * handler answers from the caller's table, and the socket is not bound before
 * it answers. Identity is the key of the connection (User-Id), never a field.
 * One ZeroMQ context a process; all calls belong to the loop thread. Secret
 * keys are read during open only: wipe yours when it returns.
 *
 * Waiting. ZMQ_FD signals that ZeroMQ has commands for a socket, not that a
 * frame waits, and any call on the socket may swallow the signal. So before a
 * loop sleeps, every turn, whatever woke it, and after the last send:
 *     link_server_service(server);
 *     while (link_server_receive(..) == SK_OK) ..
 *     send what waits; when link_server_waits, once more from the top
 * and for a client link_client_event until LINK_EVENT_NONE, then
 * link_client_receive until SK_NOT_FOUND. A full queue (SK_TIMEOUT) that has
 * room again wakes the same descriptors.
 */
#ifndef LIB_LINK_H
#define LIB_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/digest.h"
#include "proto/error.h"

#define LINK_HWM 64		/* frames queued a peer, each way */
#define LINK_HANDSHAKE_MS 5000
#define LINK_HEARTBEAT_MS 10000
#define LINK_HEARTBEAT_TIMEOUT_MS 30000
#define LINK_HEARTBEAT_TTL_MS 60000
#define LINK_STRANGERS_MAX 256	/* addresses counted; the rest as one */
#define LINK_RECONNECT_MS 100	/* first wait: this to twice this, at random */
#define LINK_RECONNECT_MAX_MS 5000
#define LINK_CONNECT_MS 10000	/* for TCP to connect */

/* A fresh CURVE pair (binary). */
enum sk_error link_keypair(uint8_t public_key[32], uint8_t secret_key[32]);

/* ---- the broker's side */
struct link_server;

/* A connection: ROUTER's own routing id, 5 bytes in libzmq 4.3.4. A peer that
 * names itself (ZMQ_ROUTING_ID) is not heard. */
struct link_peer {
	uint8_t id[16];
	uint8_t id_size;
};

struct link_server_options {
	const char *address;		/* tcp://127.0.0.1:7300, port * for any */
	uint8_t public_key[32];
	uint8_t secret_key[32];
	/* Which participant has this link key now? 0: nobody. */
	uint64_t (*admit)(void *context, const uint8_t link_key[32]);
	void *context;
};

/* One server a process. The address is tcp:// only: SK_CONFIG for another
 * transport, SK_NETWORK when it cannot be bound. Raises the soft limit of open
 * files to the hard one, for a descriptor goes with each connection. */
enum sk_error link_server_open(const struct link_server_options *options,
    struct link_server **server, struct fault *fault);
void link_server_close(struct link_server *server);
/* The bound endpoint, with the real port. */
const char *link_server_endpoint(const struct link_server *server);
/* File descriptors to poll for reading, up to 3; see Waiting. */
size_t link_server_fds(const struct link_server *server, int fds[3]);
/* Answer ZAP requests and read the monitor; counts strangers. Call every turn. */
void link_server_service(struct link_server *server);
/* Services, and says whether a frame waits: sleep only when none does. */
bool link_server_waits(struct link_server *server);

/*
 * The next frame, SK_NOT_FOUND when none waits. participant comes from the
 * key of the connection. bytes point into the server's message until the next
 * call. Frames that are not one part, or too large, never come out.
 */
enum sk_error link_server_receive(struct link_server *server,
    struct link_peer *peer, uint64_t *participant, struct span *frame);
/* The link key that the connection of the last received frame proved. */
void link_server_key(const struct link_server *server, uint8_t link_key[32]);
/* SK_OK, SK_TIMEOUT when its queue is full (keep the frame, try later),
 * SK_NOT_CONNECTED when it is gone. Never blocks. */
enum sk_error link_server_send(struct link_server *server,
    const struct link_peer *peer, const void *bytes, size_t size);
/*
 * Close this peer's connection by shutting down its descriptor. Only when the
 * monitor vouches that the descriptor is still this peer's; in the second after
 * an unknown connection had the same number nothing happens, and a later call
 * succeeds. Frames that are under way may still come out.
 */
void link_server_drop(struct link_server *server, const struct link_peer *peer);

/* Handshakes that failed, by address. out has room for LINK_STRANGERS_MAX + 1
 * to get them all; returns how many were written. */
struct link_stranger {
	/* ip, without port; "other" past LINK_STRANGERS_MAX; "unknown" when
	 * the connection had gone before its address could be asked */
	char address[64];
	uint64_t count;
};
size_t link_server_strangers(const struct link_server *server,
    struct link_stranger *out, size_t max);

/* ---- an agent's side */
struct link_client;
struct link_client_options {
	const char *address;
	uint8_t server_key[32];
	uint8_t public_key[32];
	uint8_t secret_key[32];
};
enum link_event { LINK_EVENT_NONE, LINK_EVENT_CONNECTED, LINK_EVENT_DISCONNECTED,
	LINK_EVENT_REFUSED, /* handshake failed: wrong key on one side */
	LINK_EVENT_UNREACHABLE };

enum sk_error link_client_open(const struct link_client_options *options,
    struct link_client **client, struct fault *fault);
void link_client_close(struct link_client *client);
size_t link_client_fds(const struct link_client *client, int fds[3]);
/* Read the monitor: the next thing that happened, LINK_EVENT_NONE when nothing
 * more. After LINK_EVENT_REFUSED the client dials again by itself. */
enum link_event link_client_event(struct link_client *client);
/* Dial anew, and expect this key of the server (CURVE public). */
void link_client_expect(struct link_client *client,
    const uint8_t server_key[32]);
/* As link_server_receive. */
enum sk_error link_client_receive(struct link_client *client,
    struct span *frame);
/* SK_TIMEOUT when the queue is full, SK_NOT_CONNECTED before
 * LINK_EVENT_CONNECTED was read and after LINK_EVENT_DISCONNECTED. What was
 * queued when a connection breaks is lost, never sent on the next one. */
enum sk_error link_client_send(struct link_client *client, const void *bytes,
    size_t size);

#endif
