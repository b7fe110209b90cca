/*
 * loop.h - one poll loop a daemon: descriptors, a timeout, signals.
 *
 * epoll underneath. Handlers run on the loop's thread, one at a time.
 */
#ifndef LIB_LOOP_H
#define LIB_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/error.h"

struct loop;
typedef void (*loop_handler)(void *context, int fd, uint32_t events);

enum sk_error loop_open(struct loop **loop);
void loop_close(struct loop *loop);
/* events: EPOLLIN, EPOLLOUT; edge-triggered when EPOLLET is given. SK_USAGE
 * when fd is watched already or cannot be. */
enum sk_error loop_watch(struct loop *loop, int fd, uint32_t events,
    loop_handler handler, void *context);
enum sk_error loop_change(struct loop *loop, int fd, uint32_t events);
/* Any fd, at any time, in a handler too: no late event of it comes after. Call
 * it before close. */
void loop_forget(struct loop *loop, int fd);
/* SIGTERM and SIGINT set this; SIGPIPE is ignored. */
bool loop_stopping(const struct loop *loop);
void loop_stop(struct loop *loop);
/* One turn: wait up to timeout_ms (-1: until something happens) and run the
 * handlers of what is ready. */
enum sk_error loop_turn(struct loop *loop, int timeout_ms);

#endif
