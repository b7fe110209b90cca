/*
 * control.h - length-prefixed messages over a Unix stream socket, for the
 * broker's control socket and the agent's local API.
 *
 * A message is uint32 big-endian size, then that many bytes. The caller's uid
 * comes from SO_PEERCRED.
 */
#ifndef LIB_CONTROL_H
#define LIB_CONTROL_H

#include <stdint.h>
#include <sys/types.h>

#include "broker/lib/loop.h"
#include "proto/digest.h"
#include "proto/error.h"

#define CONTROL_BYTES_MAX (16u << 20)
#define CONTROL_CLIENTS_MAX 64

/* ---- server: one answer a request, in order */
struct control_server;
struct control_client;		/* one connection; gone when the peer hangs up */
/* Handle one request, which is valid during the call. Answer now with
 * control_answer, or keep client and answer later; control_gone tells when
 * that client went away meanwhile (by control_close too). Once answered,
 * client is no longer the handler's. */
typedef void (*control_handler)(void *context, struct control_client *client,
    uid_t uid, struct span request);
typedef void (*control_gone)(void *context, struct control_client *client);

/* Removes a stale socket file; SK_STORE_BUSY when someone answers on it. */
enum sk_error control_listen(struct loop *loop, const char *path,
    unsigned mode, control_handler handler, control_gone gone, void *context,
    struct control_server **server, struct fault *fault);
void control_close(struct control_server *server);	/* not from a handler */
void control_answer(struct control_client *client, const void *bytes,
    size_t size);

/* ---- client: blocking, for command lines. timeout_ms bounds each call; a
 * negative one is no bound. SK_TIMEOUT, SK_NOT_CONNECTED. After either of
 * them in control_ask the connection is of no use: close it. */
enum sk_error control_connect(const char *path, int timeout_ms, int *fd,
    struct fault *fault);
/* *answer is malloced, freed by the caller. */
enum sk_error control_ask(int fd, const void *request, size_t size,
    int timeout_ms, uint8_t **answer, size_t *answer_size,
    struct fault *fault);

#endif
