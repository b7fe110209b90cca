#include "broker/lib/control.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker/lib/clock.h"
#include "broker/lib/log.h"

#define SIZE_BYTES 4
#define FIRST_STEP 4096u	/* memory grows from here as bytes arrive */
#define ACCEPTS_A_TURN 16
#define BACKLOG 16

/* A message on its way in: its size, then its bytes. */
struct incoming {
	uint8_t head[SIZE_BYTES];
	size_t head_have;
	uint8_t *body;
	size_t have, room, size;
};

struct control_client {
	struct control_server *server;
	struct control_client *next;
	int fd;
	uid_t uid;
	struct incoming in;
	uint8_t *out;
	size_t out_size, out_at;
	bool owed;	/* the handler has its request and has not answered */
	bool inside;	/* the handler runs: it must find the client alive */
	bool broken;	/* close it as soon as no one stands in it */
};

struct control_server {
	struct loop *loop;
	int fd;
	int spare;	/* given up to turn a caller away when none are left */
	control_handler handler;
	control_gone gone;
	void *context;
	struct control_client *clients;
	unsigned n;
	dev_t device;
	ino_t inode;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

enum progress { WAITING, COMPLETE, ENDED };

static void
put_size(uint8_t head[SIZE_BYTES], size_t size)
{
	for (int i = 0; i < SIZE_BYTES; i++)
		head[i] = (uint8_t)(size >> (24 - 8 * i));
}

static size_t
get_size(const uint8_t head[SIZE_BYTES])
{
	size_t size = 0;

	for (int i = 0; i < SIZE_BYTES; i++)
		size = size << 8 | head[i];
	return size;
}

/* ---- taking a message in, for both ends */

static void
incoming_clear(struct incoming *in)
{
	/* Keys of a backup, and what people write, come by here. */
	if (in->body != NULL)
		explicit_bzero(in->body, in->room);
	free(in->body);
	*in = (struct incoming){ .body = NULL };
}

/* What is announced costs nothing: only bytes that came make room for as many
 * again. */
static bool
incoming_grow(struct incoming *in)
{
	size_t room = in->room == 0 ? FIRST_STEP : 2 * in->room;
	uint8_t *body;

	if (room > in->size)
		room = in->size == 0 ? 1 : in->size;
	if ((body = malloc(room)) == NULL)
		return false;
	/* Not realloc: it leaves what it moved behind. */
	if (in->body != NULL) {
		memcpy(body, in->body, in->room);
		explicit_bzero(in->body, in->room);
		free(in->body);
	}
	in->body = body;
	in->room = room;
	return true;
}

/* recv of what is there: > 0, 0 at the end or an error, -1 when it must wait. */
static ssize_t
receive(int fd, void *bytes, size_t size)
{
	ssize_t n;

	do
		n = recv(fd, bytes, size, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? -1 : 0;
	return n;
}

static enum progress
incoming_head(struct incoming *in, int fd)
{
	while (in->head_have < SIZE_BYTES) {
		ssize_t n = receive(fd, in->head + in->head_have,
		    SIZE_BYTES - in->head_have);

		if (n <= 0)
			return n < 0 ? WAITING : ENDED;
		in->head_have += (size_t)n;
	}
	in->size = get_size(in->head);
	return in->size > CONTROL_BYTES_MAX ? ENDED : COMPLETE;
}

static enum progress
incoming_read(struct incoming *in, int fd)
{
	enum progress progress = incoming_head(in, fd);

	if (progress != COMPLETE)
		return progress;
	if (in->body == NULL && !incoming_grow(in))
		return ENDED;
	while (in->have < in->size) {
		ssize_t n;

		if (in->have == in->room && !incoming_grow(in))
			return ENDED;
		n = receive(fd, in->body + in->have, in->room - in->have);
		if (n <= 0)
			return n < 0 ? WAITING : ENDED;
		in->have += (size_t)n;
	}
	return COMPLETE;
}

/* ---- server: one client */

/* An answer may hold keys, or what a person reads: none of it stays. */
static void
out_clear(struct control_client *client)
{
	if (client->out != NULL)
		explicit_bzero(client->out, client->out_size);
	free(client->out);
	client->out = NULL;
}

static void
drop_client(struct control_client *client)
{
	struct control_server *server = client->server;
	struct control_client **link = &server->clients;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	server->n--;
	loop_forget(server->loop, client->fd);
	close(client->fd);
	if (client->owed && server->gone != NULL) {
		client->owed = false;	/* too late to answer */
		server->gone(server->context, client);
	}
	incoming_clear(&client->in);
	out_clear(client);
	free(client);
}

/* While it waits for its answer a client is watched for hanging up only, so
 * that what it sends ahead stays in the kernel, which has a bound. A client
 * that just closed its sending side still gets its answer. */
static void
watch_client(struct control_client *client)
{
	uint32_t events = client->out != NULL ? EPOLLOUT :
	    client->owed ? 0u : EPOLLIN;

	if (loop_change(client->server->loop, client->fd, events) != SK_OK)
		client->broken = true;
}

static void
flush(struct control_client *client)
{
	while (client->out_at < client->out_size) {
		ssize_t n = send(client->fd, client->out + client->out_at,
		    client->out_size - client->out_at,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n < 0) {
			client->broken = true;
			return;
		}
		client->out_at += (size_t)n;
	}
	out_clear(client);
}

static void
serve_request(struct control_client *client)
{
	struct control_server *server = client->server;
	struct incoming in = client->in;

	client->in = (struct incoming){ .body = NULL };
	client->owed = true;
	client->inside = true;
	server->handler(server->context, client, client->uid,
	    (struct span){ in.body, in.size });
	client->inside = false;
	incoming_clear(&in);
}

static void
client_ready(void *context, int fd, uint32_t events)
{
	struct control_client *client = context;
	enum progress progress;

	if (client->out != NULL) {
		flush(client);
	} else if (client->owed) {
		client->broken = (events & (EPOLLHUP | EPOLLERR)) != 0;
	} else {
		/* One request a turn: the next client is not kept waiting. */
		progress = incoming_read(&client->in, fd);
		if (progress == COMPLETE)
			serve_request(client);
		else if (progress == ENDED)
			client->broken = true;
	}
	if (!client->broken)
		watch_client(client);
	if (client->broken)
		drop_client(client);
}

void
control_answer(struct control_client *client, const void *bytes, size_t size)
{
	assert(client->owed);
	client->owed = false;
	if (size > CONTROL_BYTES_MAX)
		log_event(LOG_ERROR, "answer dropped", "size=%zu max=%u", size,
		    CONTROL_BYTES_MAX);
	else
		client->out = malloc(SIZE_BYTES + size);
	if (client->out == NULL) {
		client->broken = true;
	} else {
		put_size(client->out, size);
		if (size > 0)
			memcpy(client->out + SIZE_BYTES, bytes, size);
		client->out_size = SIZE_BYTES + size;
		client->out_at = 0;
		flush(client);
	}
	if (client->inside)
		return;
	if (!client->broken)
		watch_client(client);
	if (client->broken)
		drop_client(client);
}

/* ---- server: coming and going */

static enum sk_error
add_client(struct control_server *server, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	struct control_client *client;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return SK_NETWORK;
	if ((client = calloc(1, sizeof(*client))) == NULL)
		return SK_NO_MEMORY;
	client->server = server;
	client->fd = fd;
	client->uid = peer.uid;
	if (loop_watch(server->loop, fd, EPOLLIN, client_ready, client) !=
	    SK_OK) {
		free(client);
		return SK_NO_MEMORY;
	}
	client->next = server->clients;
	server->clients = client;
	server->n++;
	return SK_OK;
}

/* Without this a waiting caller would keep the loop turning for nothing. */
static void
turn_away(struct control_server *server)
{
	int fd;

	close(server->spare);
	fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	log_event(LOG_WARN, "control client turned away", "reason=descriptors");
}

static void
accept_clients(void *context, int listening, uint32_t events)
{
	struct control_server *server = context;

	(void)events;
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		int fd = accept4(listening, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE)
				turn_away(server);
			return;
		}
		if (server->n >= CONTROL_CLIENTS_MAX) {
			log_event(LOG_WARN, "control client turned away",
			    "clients=%u", server->n);
			close(fd);
		} else if (add_client(server, fd) != SK_OK) {
			close(fd);
		}
	}
}

static enum sk_error
complain(struct fault *fault, enum sk_error code, const char *path,
    const char *why)
{
	return fault_set(fault, code, path, "%s", why);
}

static enum sk_error
address_of(const char *path, struct sockaddr_un *address, struct fault *fault)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (path[0] == '\0' || strlen(path) >= sizeof(address->sun_path))
		return fault_set(fault, SK_CONFIG, path,
		    "want a socket path of 1 to %zu bytes",
		    sizeof(address->sun_path) - 1);
	memcpy(address->sun_path, path, strlen(path) + 1);
	return SK_OK;
}

/* Only a socket on which no one answers is taken away. */
static enum sk_error
clear_path(const struct sockaddr_un *address, struct fault *fault)
{
	const char *path = address->sun_path;
	struct stat st;
	int fd, rc, why;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? SK_OK :
		    complain(fault, SK_FILE_IO, path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return complain(fault, SK_FILE_IO, path,
		    "exists and is not a socket");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return complain(fault, SK_NETWORK, path, strerror(errno));
	rc = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	why = errno;
	close(fd);
	if (rc == 0 || why == EAGAIN)
		return complain(fault, SK_STORE_BUSY, path,
		    "another process answers on this socket");
	if (why != ECONNREFUSED || unlink(path) < 0)
		return complain(fault, SK_FILE_IO, path,
		    strerror(why != ECONNREFUSED ? why : errno));
	return SK_OK;
}

static enum sk_error
bind_path(struct control_server *server, const struct sockaddr_un *address,
    unsigned mode, struct fault *fault)
{
	struct stat st;
	mode_t before;
	int rc;

	server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (server->fd < 0)
		return complain(fault, SK_NETWORK, address->sun_path,
		    strerror(errno));
	/* By umask, not chmod: it is never open wider, not even for a moment. */
	before = umask((mode_t)(~mode & 0777));
	rc = bind(server->fd, (const struct sockaddr *)address,
	    sizeof(*address));
	umask(before);
	if (rc < 0 || stat(address->sun_path, &st) < 0)
		return complain(fault, SK_FILE_IO, address->sun_path,
		    strerror(errno));
	snprintf(server->path, sizeof(server->path), "%s", address->sun_path);
	server->device = st.st_dev;
	server->inode = st.st_ino;
	if (listen(server->fd, BACKLOG) < 0)
		return complain(fault, SK_NETWORK, address->sun_path,
		    strerror(errno));
	return SK_OK;
}

enum sk_error
control_listen(struct loop *loop, const char *path, unsigned mode,
    control_handler handler, control_gone gone, void *context,
    struct control_server **out, struct fault *fault)
{
	struct control_server *server;
	struct sockaddr_un address;
	enum sk_error code;

	*out = NULL;
	if ((code = address_of(path, &address, fault)) != SK_OK ||
	    (code = clear_path(&address, fault)) != SK_OK)
		return code;
	if ((server = calloc(1, sizeof(*server))) == NULL)
		return complain(fault, SK_NO_MEMORY, path, "no memory");
	server->loop = loop;
	server->fd = -1;
	server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	server->handler = handler;
	server->gone = gone;
	server->context = context;
	code = bind_path(server, &address, mode, fault);
	if (code == SK_OK && (code = loop_watch(loop, server->fd, EPOLLIN,
	    accept_clients, server)) != SK_OK)
		complain(fault, code, path, "cannot be watched");
	if (code != SK_OK) {
		control_close(server);
		return code;
	}
	*out = server;
	return SK_OK;
}

void
control_close(struct control_server *server)
{
	struct stat st;

	if (server == NULL)
		return;
	while (server->clients != NULL)
		drop_client(server->clients);
	/* A successor may have its own socket under this name by now. */
	if (server->path[0] != '\0' && lstat(server->path, &st) == 0 &&
	    st.st_dev == server->device && st.st_ino == server->inode)
		unlink(server->path);
	if (server->fd >= 0) {
		loop_forget(server->loop, server->fd);
		close(server->fd);
	}
	if (server->spare >= 0)
		close(server->spare);
	free(server);
}

/* ---- client */

/* Unix sockets know no connect in progress: with its queue full, connect
 * waits for as long as it may send. */
static int
connect_within(int fd, const struct sockaddr_un *address, int timeout_ms)
{
	struct timeval limit = { .tv_sec = timeout_ms / 1000,
	    .tv_usec = timeout_ms % 1000 * 1000 };

	if (timeout_ms >= 0 && limit.tv_sec == 0 && limit.tv_usec == 0)
		limit.tv_usec = 1;	/* 0 would be for ever */
	if (timeout_ms >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
	    sizeof(limit)) < 0)
		return -1;
	return connect(fd, (const struct sockaddr *)address, sizeof(*address));
}

enum sk_error
control_connect(const char *path, int timeout_ms, int *fd,
    struct fault *fault)
{
	struct sockaddr_un address;
	enum sk_error code;

	*fd = -1;
	if ((code = address_of(path, &address, fault)) != SK_OK)
		return code;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return complain(fault, SK_NETWORK, path, strerror(errno));
	if (connect_within(*fd, &address, timeout_ms) == 0)
		return SK_OK;
	code = errno == EAGAIN ? SK_TIMEOUT : SK_NOT_CONNECTED;
	complain(fault, code, path, code == SK_TIMEOUT ?
	    "too busy to answer" : strerror(errno));
	close(*fd);
	*fd = -1;
	return code;
}

/* Wait for events until the deadline (clock_ticks; negative: for ever). */
static enum sk_error
wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd pollfd = { .fd = fd, .events = events };
	int64_t left = -1;
	int rc;

	do {
		if (deadline >= 0 && (left = deadline - clock_ticks()) < 0)
			left = 0;
		rc = poll(&pollfd, 1, (int)left);
	} while (rc < 0 && errno == EINTR);
	if (rc == 0)
		return SK_TIMEOUT;
	return rc < 0 ? SK_NETWORK : SK_OK;
}

static enum sk_error
send_all(int fd, const uint8_t *bytes, size_t size, int64_t deadline)
{
	enum sk_error code;

	while (size > 0) {
		ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0) {
			bytes += n;
			size -= (size_t)n;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if ((code = wait_for(fd, POLLOUT, deadline)) != SK_OK)
				return code;
		} else if (errno != EINTR) {
			return SK_NOT_CONNECTED;
		}
	}
	return SK_OK;
}

static enum sk_error
receive_all(struct incoming *in, int fd, int64_t deadline)
{
	enum progress progress;
	enum sk_error code;

	while ((progress = incoming_read(in, fd)) == WAITING)
		if ((code = wait_for(fd, POLLIN, deadline)) != SK_OK)
			return code;
	return progress == COMPLETE ? SK_OK : SK_NOT_CONNECTED;
}

enum sk_error
control_ask(int fd, const void *request, size_t size, int timeout_ms,
    uint8_t **answer, size_t *answer_size, struct fault *fault)
{
	int64_t deadline = timeout_ms < 0 ? -1 : clock_ticks() + timeout_ms;
	struct incoming in = { .body = NULL };
	uint8_t head[SIZE_BYTES];
	enum sk_error code;

	*answer = NULL;
	*answer_size = 0;
	if (size > CONTROL_BYTES_MAX)
		return fault_set(fault, SK_OVERSIZED, "",
		    "want a request of at most %u bytes", CONTROL_BYTES_MAX);
	put_size(head, size);
	code = send_all(fd, head, sizeof(head), deadline);
	if (code == SK_OK)
		code = send_all(fd, request, size, deadline);
	if (code == SK_OK)
		code = receive_all(&in, fd, deadline);
	if (code != SK_OK) {
		incoming_clear(&in);
		return fault_set(fault, code, "", code == SK_TIMEOUT ?
		    "no answer within %d ms" : "the other side hung up",
		    timeout_ms);
	}
	*answer = in.body;
	*answer_size = in.size;
	return SK_OK;
}
