/*
 * notify.h - what a service manager wants to know (sd_notify(3)), without its
 * library: one datagram to the socket that NOTIFY_SOCKET names.
 */
#ifndef LIB_NOTIFY_H
#define LIB_NOTIFY_H

#include <stdbool.h>

/* Up: whoever waits for this service may start. False when nobody asked, or
 * the socket cannot be reached; neither is a reason not to go on. */
bool notify_ready(void);
/* On the way out. */
bool notify_stopping(void);

#endif
