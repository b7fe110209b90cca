#include "broker/lib/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define EVENTS_MAX 64	/* a turn; what is left stays ready for the next */

struct watch {
	loop_handler handler;	/* NULL: not watched */
	void *context;
	uint32_t generation;	/* tells a late event from one of its successor */
};

struct loop {
	int epoll;
	int signals;
	bool stopping;
	sigset_t mask_before;
	struct watch *watches;	/* by descriptor */
	size_t n;
};

static enum sk_error
from_errno(void)
{
	switch (errno) {
	case ENOMEM:
	case ENOSPC:
	case EMFILE:
	case ENFILE:
		return SK_NO_MEMORY;
	default:
		return SK_USAGE;
	}
}

static void
take_signal(void *context, int fd, uint32_t events)
{
	struct loop *loop = context;
	struct signalfd_siginfo info;

	(void)events;
	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		loop->stopping = true;
}

static enum sk_error
open_signals(struct loop *loop)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t mask;

	sigaction(SIGPIPE, &ignore, NULL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	pthread_sigmask(SIG_BLOCK, &mask, &loop->mask_before);
	loop->signals = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
	if (loop->signals < 0)
		return from_errno();
	return loop_watch(loop, loop->signals, EPOLLIN, take_signal, loop);
}

enum sk_error
loop_open(struct loop **out)
{
	struct loop *loop;
	enum sk_error code;

	*out = NULL;
	if ((loop = calloc(1, sizeof(*loop))) == NULL)
		return SK_NO_MEMORY;
	loop->signals = -1;
	pthread_sigmask(SIG_BLOCK, NULL, &loop->mask_before);
	if ((loop->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
		code = from_errno();
	else
		code = open_signals(loop);
	if (code != SK_OK) {
		loop_close(loop);
		return code;
	}
	*out = loop;
	return SK_OK;
}

void
loop_close(struct loop *loop)
{
	if (loop == NULL)
		return;
	if (loop->signals >= 0)
		close(loop->signals);
	if (loop->epoll >= 0)
		close(loop->epoll);
	pthread_sigmask(SIG_SETMASK, &loop->mask_before, NULL);
	free(loop->watches);
	free(loop);
}

static enum sk_error
make_room(struct loop *loop, size_t fd)
{
	size_t n = loop->n == 0 ? 32 : loop->n;
	struct watch *watches;

	if (fd < loop->n)
		return SK_OK;
	while (n <= fd)
		n *= 2;
	if ((watches = realloc(loop->watches, n * sizeof(*watches))) == NULL)
		return SK_NO_MEMORY;
	memset(watches + loop->n, 0, (n - loop->n) * sizeof(*watches));
	loop->watches = watches;
	loop->n = n;
	return SK_OK;
}

static enum sk_error
control(struct loop *loop, int op, int fd, uint32_t events,
    uint32_t generation)
{
	struct epoll_event event = { .events = events };

	event.data.u64 = (uint64_t)generation << 32 | (uint32_t)fd;
	return epoll_ctl(loop->epoll, op, fd, &event) < 0 ? from_errno() :
	    SK_OK;
}

enum sk_error
loop_watch(struct loop *loop, int fd, uint32_t events, loop_handler handler,
    void *context)
{
	struct watch *watch;
	enum sk_error code;

	if (fd < 0)
		return SK_USAGE;
	if ((code = make_room(loop, (size_t)fd)) != SK_OK)
		return code;
	watch = &loop->watches[fd];
	code = control(loop, EPOLL_CTL_ADD, fd, events, watch->generation + 1);
	if (code != SK_OK)
		return code;
	watch->generation++;
	watch->handler = handler;
	watch->context = context;
	return SK_OK;
}

static bool
is_watched(const struct loop *loop, int fd)
{
	return fd >= 0 && (size_t)fd < loop->n &&
	    loop->watches[fd].handler != NULL;
}

enum sk_error
loop_change(struct loop *loop, int fd, uint32_t events)
{
	if (!is_watched(loop, fd))
		return SK_USAGE;
	return control(loop, EPOLL_CTL_MOD, fd, events,
	    loop->watches[fd].generation);
}

void
loop_forget(struct loop *loop, int fd)
{
	if (!is_watched(loop, fd))
		return;
	/* It fails on a descriptor that was closed already: gone as well. */
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
	loop->watches[fd].handler = NULL;
	loop->watches[fd].context = NULL;
}

bool
loop_stopping(const struct loop *loop)
{
	return loop->stopping;
}

void
loop_stop(struct loop *loop)
{
	loop->stopping = true;
}

/* An earlier handler of this turn may have forgotten this descriptor, or even
 * closed it and watched another under its number. */
static void
run_handler(struct loop *loop, const struct epoll_event *event)
{
	int fd = (int)(event->data.u64 & UINT32_MAX);
	struct watch watch;

	if (!is_watched(loop, fd))
		return;
	watch = loop->watches[fd];
	if (watch.generation == (uint32_t)(event->data.u64 >> 32))
		watch.handler(watch.context, fd, event->events);
}

enum sk_error
loop_turn(struct loop *loop, int timeout_ms)
{
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_wait(loop->epoll, events, EVENTS_MAX, timeout_ms);

	if (n < 0)
		return errno == EINTR ? SK_OK : from_errno();
	for (int i = 0; i < n; i++)
		run_handler(loop, &events[i]);
	return SK_OK;
}
