#include "broker/lib/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static bool
notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t size;
	bool sent;
	int fd;

	if (path == NULL || (path[0] != '/' && path[0] != '@') ||
	    (size = strlen(path)) >= sizeof(to.sun_path))
		return false;
	memcpy(to.sun_path, path, size);
	if (path[0] == '@')		/* an abstract one has no zero byte */
		to.sun_path[0] = '\0';
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
		return false;
	sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (const struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)) ==
	    (ssize_t)strlen(state);
	close(fd);
	return sent;
}

bool
notify_ready(void)
{
	return notify("READY=1");
}

bool
notify_stopping(void)
{
	return notify("STOPPING=1");
}
