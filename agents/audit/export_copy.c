/*
 * export_copy.c - a stopped journal or a backup, whole, for one auditor:
 * entries, what lies beside them as it lies, checkpoints, what witnesses
 * signed, and what was erased. No key goes along: who may read facts too is
 * given the keys apart.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/audit/audit.h"
#include "broker/journal/copy.h"
#include "broker/lib/file.h"

#define COPY_AT_ONCE 1000u	/* entries in one batch */
#define COPY_CHUNK (64u * 1024)	/* bytes of erasures.log at a time */

struct auditor_copy {
	struct journal *from, *to;
	const char *out;
	uint8_t root[DIGEST_SIZE];
	bool is_signed;
};

/* A directory that is there is somebody's: nothing is written into it. */
static enum sk_error
found(struct auditor_copy *c, struct fault *fault)
{
	struct copied first;
	enum sk_error rc;

	if (mkdir(c->out, 0700) != 0)
		return fault_set(fault, SK_FILE_IO, c->out, "%s",
		    strerror(errno));
	if ((rc = copy_read(c->from, 0, &first)) != SK_OK)
		return fault_set(fault, rc, "entry", "0");
	rc = copy_found(c->out, first.leaf, fault);
	return rc == SK_OK ? copy_open(c->out, &c->to, fault) : rc;
}

static enum sk_error
copy_batch(struct auditor_copy *c, uint64_t size, struct fault *fault)
{
	uint64_t position = journal_size(c->to), end = position + COPY_AT_ONCE;
	struct copied copied;
	enum sk_error rc = journal_begin(c->to);

	for (; rc == SK_OK && position < size && position < end; position++) {
		rc = copy_read(c->from, position, &copied);
		if (rc == SK_OK)
			rc = copy_append(c->to, &copied);
		if (rc != SK_OK)
			fault_set(fault, rc, "entry", "%" PRIu64
			    ": schakel-audit verify", position);
	}
	journal_read_end(c->from);
	if (rc == SK_OK)
		rc = journal_commit(c->to);
	else
		journal_abort(c->to);
	return rc == SK_OK || fault->code != SK_OK ? rc :
	    fault_set(fault, rc, c->out, NULL);
}

/* They lie under checkpoints that are in the copy by now. */
static enum sk_error
copy_witnesses(struct auditor_copy *c, struct fault *fault)
{
	enum sk_error rc = journal_begin(c->to);

	if (rc == SK_OK)
		rc = copy_cosignatures(c->from, c->to, journal_size(c->to));
	if (rc == SK_OK)
		rc = journal_commit(c->to);
	else
		journal_abort(c->to);
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, "cosignatures",
	    NULL);
}

static enum sk_error
copy_erasures(struct auditor_copy *c, struct fault *fault)
{
	static char bytes[COPY_CHUNK];
	char path[PATH_MAX];
	uint64_t at = 0;
	size_t n = 0;
	int fd = -1;
	enum sk_error rc;

	file_path(path, sizeof(path), c->out, "erasures.log");
	while ((rc = copy_erasures_read(c->from, at, bytes, sizeof(bytes),
	    &n)) == SK_OK && n > 0) {
		if (fd < 0)
			fd = open(path, O_WRONLY | O_CREAT | O_EXCL |
			    O_CLOEXEC, 0600);
		if (fd < 0 || write(fd, bytes, n) != (ssize_t)n) {
			rc = SK_FILE_IO;
			break;
		}
		at += n;
	}
	if (fd >= 0 && (fsync(fd) != 0 || close(fd) != 0) && rc == SK_OK)
		rc = SK_FILE_IO;
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, path, "%s",
	    strerror(errno));
}

/* Hashed anew from the copy's own disk, against what was signed. */
static enum sk_error
check(struct auditor_copy *c, struct fault *fault)
{
	uint64_t size;
	enum sk_error rc = copy_verify(c->to, &size, c->root, fault);

	c->is_signed = rc == SK_OK;
	if (rc == SK_NOT_FOUND)
		rc = journal_root(c->to, journal_size(c->to), c->root);
	journal_read_end(c->to);
	return rc;
}

static enum sk_error
copy_all(struct auditor_copy *c, struct fault *fault)
{
	uint64_t size = journal_size(c->from);
	enum sk_error rc = found(c, fault);

	while (rc == SK_OK && journal_size(c->to) < size)
		rc = copy_batch(c, size, fault);
	if (rc == SK_OK)
		rc = copy_witnesses(c, fault);
	if (rc == SK_OK)
		rc = copy_erasures(c, fault);
	return rc == SK_OK ? check(c, fault) : rc;
}

enum verdict_code
audit_export_copy(struct journal *journal, const struct request *request)
{
	struct auditor_copy c = { .from = journal, .out = request->more[0] };
	char root[2 * DIGEST_SIZE + 1] = "";
	struct fault fault = { 0 };
	uint64_t size = journal_size(journal);
	enum sk_error rc = copy_all(&c, &fault);

	journal_close(c.to);
	if (rc != SK_OK) {
		audit_blind(request->dir, &fault);
		return rc == SK_STORE_CORRUPT ? AUDIT_WRONG : AUDIT_BLIND;
	}
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		sprintf(root + 2 * i, "%02x", c.root[i]);
	if (request->json)
		audit_print_json(json_pack("{s:I, s:s, s:b, s:s}", "entries",
		    (json_int_t)size, "root", root, "signed", c.is_signed,
		    "directory", c.out));
	else
		printf("%s: %" PRIu64 " regels, zonder sleutels; nagerekend, "
		    "wortel %s\n%s: %" PRIu64 " entries, without keys; "
		    "verified, root %s\n", c.out, size, root, c.out, size,
		    root);
	return AUDIT_HOLDS;
}
