/*
 * link_internal.h - what the two sides of the link share.
 */
#ifndef LIB_LINK_INTERNAL_H
#define LIB_LINK_INTERNAL_H

#include <zmq.h>

#include "broker/lib/link.h"

#define LINK_ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define LINK_ZAP_DOMAIN "schakel"
/* Debian's header hides this one behind the draft API; 4.3.4 has it. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/* ---- the context: opened by the first, ended by the last */
void *link_context_open(void);		/* NULL: no memory or descriptors */
void link_context_close(void);

/* A socket of this type with no linger; NULL when there is none. */
void *link_socket(int type);
/* Options that both sides set alike. */
bool link_set_common(void *socket, const char *address);
bool link_set_int(void *socket, int option, int value);
bool link_is_tcp(const char *address);
int link_fd(void *socket);

/* The next frame of one part, in message; others are drained and dropped.
 * False when nothing waits. */
bool link_receive_single(void *socket, zmq_msg_t *message);
/* Take the parts that follow message off the socket. */
void link_drain(void *socket, zmq_msg_t *message);

/* ---- the monitor of a socket (v1 events) */
struct link_note {
	uint16_t event;
	int32_t value;
};
/* A PAIR that hears of `socket`; NULL on failure. */
void *link_monitor_open(void *socket);
void link_monitor_close(void *socket, void *monitor);
bool link_monitor_next(void *monitor, struct link_note *note);

/* ---- ZAP: who may enter */
struct link_zap;
struct link_zap *link_zap_open(const struct link_server_options *options);
void link_zap_close(struct link_zap *zap);
int link_zap_fd(const struct link_zap *zap);
/* Answer all requests that wait. */
void link_zap_service(struct link_zap *zap);
void link_zap_count(struct link_zap *zap, const char *address);
size_t link_zap_strangers(const struct link_zap *zap,
    struct link_stranger *out, size_t max);
/* The text in User-Id and back. */
#define LINK_USER_ID_MAX 96
void link_user_id(char text[LINK_USER_ID_MAX], uint64_t participant,
    const uint8_t link_key[32]);
bool link_user_parse(const char *text, uint64_t *participant,
    uint8_t link_key[32]);

#endif
