/*
 * link.h - ZeroMQ with CURVE: the broker's ROUTER and an agent's DEALER.
 *
 * Everyone who reaches a link_server callback has proved the key: the ZAP
 * handler answers from the caller's table, and the socket is not bound before
 * it answers. Identity is the key of the connection (User-Id), never a field.
 * One ZeroMQ context a process; all calls belong to the loop thread.
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

/* A fresh CURVE pair (binary). */
enum sk_error link_keypair(uint8_t public_key[32], uint8_t secret_key[32]);

/* ---- the broker's side */
struct link_server;

/* A connection: ROUTER's own routing id, 5 bytes in libzmq 4.3.4. */
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

enum sk_error link_server_open(const struct link_server_options *options,
    struct link_server **server, struct fault *fault);
void link_server_close(struct link_server *server);
/* The bound endpoint, with the real port. */
const char *link_server_endpoint(const struct link_server *server);
/* File descriptors to poll (edge-triggered, ZMQ_FD): up to 3. After any is
 * readable, and after every send, call link_server_service. */
size_t link_server_fds(const struct link_server *server, int fds[3]);
/* Answer ZAP requests and read the monitor; counts strangers. Call every turn. */
void link_server_service(struct link_server *server);

/*
 * The next frame, SK_NOT_FOUND when none waits. participant comes from the
 * key of the connection. bytes point into the server's message until the next
 * call. Frames that are not one part, or too large, never come out.
 */
enum sk_error link_server_receive(struct link_server *server,
    struct link_peer *peer, uint64_t *participant, struct span *frame);
/* SK_OK, SK_TIMEOUT when its queue is full (keep the frame, try later),
 * SK_NOT_CONNECTED when it is gone. Never blocks. */
enum sk_error link_server_send(struct link_server *server,
    const struct link_peer *peer, const void *bytes, size_t size);
/* Close this peer's connection by shutting down its descriptor, when known. */
void link_server_drop(struct link_server *server, const struct link_peer *peer);

struct link_stranger {
	char address[64];	/* ip, without port; "other" past LINK_STRANGERS_MAX */
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
/* Read the monitor: what happened since, LINK_EVENT_NONE when nothing. */
enum link_event link_client_event(struct link_client *client);
enum sk_error link_client_receive(struct link_client *client,
    struct span *frame);
enum sk_error link_client_send(struct link_client *client, const void *bytes,
    size_t size);

#endif
