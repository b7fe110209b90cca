#include "broker/lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A path is worth most at its end: that is what stays when it is too long. */
static enum sk_error
complain(struct fault *fault, enum sk_error code, const char *path,
    const char *why)
{
	char shown[sizeof(fault->field)];
	size_t size = strlen(path);

	if (size < sizeof(shown))
		memcpy(shown, path, size + 1);
	else
		snprintf(shown, sizeof(shown), "...%s",
		    path + size - (sizeof(shown) - 4));
	return fault_set(fault, code, shown, "%s", why);
}

static enum sk_error
complain_errno(struct fault *fault, const char *path)
{
	return complain(fault, SK_FILE_IO, path, strerror(errno));
}

/* 0 when the file ends within size_max bytes, 1 when it goes on, -1 errno. */
static int
read_all(int fd, uint8_t *buffer, size_t size_max, size_t *size)
{
	uint8_t more;
	ssize_t n;

	*size = 0;
	for (;;) {
		bool full = *size == size_max;

		n = read(fd, full ? &more : buffer + *size,
		    full ? 1 : size_max - *size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -1 : 0;
		if (full)
			return 1;
		*size += (size_t)n;
	}
}

static int
write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

enum sk_error
file_read(const char *path, void *buffer, size_t size_max, size_t *size,
    struct fault *fault)
{
	uint8_t *bytes = buffer;
	enum sk_error code = SK_OK;
	int fd, rc;

	*size = 0;
	if (size_max == 0)
		return complain(fault, SK_OVERSIZED, path, "no room at all");
	bytes[0] = '\0';
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return complain_errno(fault, path);
	rc = read_all(fd, bytes, size_max - 1, size);
	if (rc < 0)
		code = complain_errno(fault, path);
	else if (rc > 0)
		code = fault_set(fault, SK_OVERSIZED, path,
		    "want at most %zu bytes", size_max - 1);
	close(fd);
	if (code != SK_OK)
		*size = 0;
	bytes[*size] = '\0';
	return code;
}

/* The name of a file is only durable once its directory is synced. */
static int
sync_parent(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	int fd, rc;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (slash == NULL)
		snprintf(dir, sizeof(dir), ".");
	else
		slash[slash == dir ? 1 : 0] = '\0';
	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

/* The whole content in a synced file beside path; temporary gets its name. */
static int
write_beside(const char *path, const void *bytes, size_t size, unsigned mode,
    char temporary[PATH_MAX])
{
	int fd, rc, saved;

	if (snprintf(temporary, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX) {
		temporary[0] = '\0';
		errno = ENAMETOOLONG;
		return -1;
	}
	if ((fd = mkostemp(temporary, O_CLOEXEC)) < 0) {
		temporary[0] = '\0';
		return -1;
	}
	rc = write_all(fd, bytes, size);
	if (rc == 0)
		rc = fchmod(fd, (mode_t)mode);
	if (rc == 0)
		rc = fsync(fd);
	saved = errno;
	if (close(fd) < 0 && rc == 0)
		return -1;
	errno = saved;
	return rc;
}

enum sk_error
file_write(const char *path, const void *bytes, size_t size, unsigned mode,
    struct fault *fault)
{
	char temporary[PATH_MAX];
	enum sk_error code = SK_OK;

	if (write_beside(path, bytes, size, mode, temporary) < 0 ||
	    rename(temporary, path) < 0) {
		code = complain_errno(fault, path);
		if (temporary[0] != '\0')
			unlink(temporary);
	} else if (sync_parent(path) < 0)
		code = complain_errno(fault, path);
	return code;
}

enum sk_error
file_rename(const char *from, const char *to, struct fault *fault)
{
	if (rename(from, to) < 0 || sync_parent(to) < 0)
		return complain_errno(fault, to);
	return SK_OK;
}

enum sk_error
file_exchange(const char *one, const char *other, struct fault *fault)
{
	if (renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) < 0 ||
	    sync_parent(other) < 0)
		return complain_errno(fault, other);
	return SK_OK;
}

#define WIPE_BYTES ((size_t)1 << 20)

static int
write_zeros(int fd)
{
	uint8_t *zeros = calloc(1, WIPE_BYTES);
	struct stat st;
	off_t at = 0;
	ssize_t n = 0;

	if (zeros == NULL || fstat(fd, &st) < 0) {
		free(zeros);
		return zeros == NULL ? ENOMEM : errno;
	}
	while (at < st.st_size && n >= 0) {
		n = pwrite(fd, zeros, st.st_size - at < (off_t)WIPE_BYTES ?
		    (size_t)(st.st_size - at) : WIPE_BYTES, at);
		at += n;
	}
	free(zeros);
	if (n < 0)
		return errno;
	return fdatasync(fd) < 0 ? errno : 0;
}

int
file_wipe(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW), rc;

	if (fd < 0)
		return errno == ENOENT ? 0 : errno;
	rc = write_zeros(fd);
	close(fd);
	if (rc != 0)
		return rc;
	return unlink(path) < 0 ? errno : 0;
}

static enum sk_error
check_secret_mode(int fd, const char *path, struct fault *fault)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return complain_errno(fault, path);
	if (!S_ISREG(st.st_mode))
		return complain(fault, SK_FILE_IO, path, "want a plain file");
	if ((st.st_mode & 077) != 0)
		return fault_set(fault, SK_FILE_MODE, path,
		    "want mode 0600, it has %04o", (unsigned)(st.st_mode & 07777));
	return SK_OK;
}

/* One line: exactly 2 * size digits, then nothing but an end of line. */
static bool
decode_secret(const char *text, size_t text_size, uint8_t *secret, size_t size)
{
	size_t decoded;

	if (text_size > 0 && text[text_size - 1] == '\n')
		text_size--;
	return text_size == 2 * size &&
	    sodium_hex2bin(secret, size, text, text_size, NULL, &decoded,
	    NULL) == 0 && decoded == size;
}

enum sk_error
file_read_secret(const char *path, uint8_t *secret, size_t size,
    struct fault *fault)
{
	char text[2 * FILE_SECRET_MAX + 1];
	enum sk_error code;
	size_t text_size;
	int fd, rc;

	if (size > FILE_SECRET_MAX)
		return complain(fault, SK_OVERSIZED, path, "no such long secret");
	/* O_NONBLOCK: a pipe in its place must not hold up the start. */
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
		return complain_errno(fault, path);
	if ((code = check_secret_mode(fd, path, fault)) != SK_OK)
		goto done;
	rc = read_all(fd, (uint8_t *)text, 2 * size + 1, &text_size);
	if (rc < 0) {
		code = complain_errno(fault, path);
	} else if (rc > 0 || !decode_secret(text, text_size, secret, size)) {
		sodium_memzero(secret, size);
		code = fault_set(fault, SK_CONFIG, path,
		    "want one line of %zu hexadecimal digits", 2 * size);
	}
	sodium_memzero(text, sizeof(text));
done:
	close(fd);
	return code;
}

enum sk_error
file_write_secret(const char *path, const uint8_t *secret, size_t size,
    struct fault *fault)
{
	char text[2 * FILE_SECRET_MAX + 2], temporary[PATH_MAX];
	enum sk_error code = SK_OK;

	if (size > FILE_SECRET_MAX)
		return complain(fault, SK_OVERSIZED, path, "no such long secret");
	sodium_bin2hex(text, sizeof(text), secret, size);
	text[2 * size] = '\n';
	/* link, not rename: it fails on an existing name instead of replacing. */
	if (write_beside(path, text, 2 * size + 1, 0600, temporary) < 0 ||
	    link(temporary, path) < 0) {
		code = errno == EEXIST ? complain(fault, SK_FILE_IO, path,
		    "exists already, and a key is never overwritten") :
		    complain_errno(fault, path);
	}
	if (temporary[0] != '\0')
		unlink(temporary);
	if (code == SK_OK && sync_parent(path) < 0)
		code = complain_errno(fault, path);
	sodium_memzero(text, sizeof(text));
	return code;
}

static int
make_one_dir(const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return -1;
	if (stat(path, &st) < 0)
		return -1;
	if (S_ISDIR(st.st_mode))
		return 0;
	errno = ENOTDIR;
	return -1;
}

enum sk_error
file_make_dir(const char *path, unsigned mode, struct fault *fault)
{
	char part[PATH_MAX];
	size_t size = strlen(path);

	if (size == 0 || size >= sizeof(part)) {
		errno = size == 0 ? ENOENT : ENAMETOOLONG;
		return complain_errno(fault, path);
	}
	memcpy(part, path, size + 1);
	while (size > 1 && part[size - 1] == '/')
		part[--size] = '\0';
	for (char *slash = strchr(part + 1, '/'); slash != NULL;
	    slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (make_one_dir(part, 0755) < 0)
			return complain_errno(fault, path);
		*slash = '/';
	}
	if (make_one_dir(part, (mode_t)mode) < 0)
		return complain_errno(fault, path);
	return SK_OK;
}

void
file_path(char *out, size_t size, const char *dir, const char *name)
{
	int n;

	if (name[0] == '/' || dir[0] == '\0')
		n = snprintf(out, size, "%s", name);
	else
		n = snprintf(out, size, "%s%s%s", dir,
		    dir[strlen(dir) - 1] == '/' ? "" : "/", name);
	/* Half a path may well be the name of another file. */
	if ((n < 0 || (size_t)n >= size) && size > 0)
		out[0] = '\0';
}
