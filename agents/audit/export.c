/*
 * export.c - what anybody may have: the last checkpoint and the hashes under
 * it, laid out as c2sp.org/tlog-tiles. No entry is among it.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agents/audit/audit.h"
#include "broker/journal/tree.h"
#include "broker/lib/file.h"

struct publication {
	struct journal *journal;
	const char *out;
	struct checkpoint checkpoint;
	struct span note;
	uint64_t tiles;
};

/* Signed by the log's key, and the tree leads to it: what does not is not
 * published. */
static enum sk_error
find_checkpoint(struct publication *p, const struct request *request,
    struct fault *fault)
{
	struct note_key key;
	uint8_t root[DIGEST_SIZE];
	struct note note;
	uint64_t size = 0;
	enum sk_error rc;

	rc = audit_last_note(p->journal, request, &size, &p->note, &key);
	if (rc != SK_OK)
		return fault_set(fault, rc, "checkpoint",
		    "this journal is not signed: there is nothing to publish");
	rc = checkpoint_open(&p->checkpoint, &note, p->note.bytes,
	    p->note.size, &key);
	if (rc == SK_OK && p->checkpoint.size == size)
		rc = journal_root(p->journal, size, root);
	if (rc != SK_OK || p->checkpoint.size != size ||
	    memcmp(root, p->checkpoint.root, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_STORE_CORRUPT, "checkpoint",
		    "the tree does not lead to it: schakel-audit verify");
	return SK_OK;
}

/* OUT and the directories of a path in it. */
static enum sk_error
make_place(const char *out, const char *name, char path[PATH_MAX],
    struct fault *fault)
{
	char dir[PATH_MAX];

	file_path(path, PATH_MAX, out, name);
	if (path[0] == '\0')
		return fault_set(fault, SK_FILE_IO, out,
		    "the path is too long");
	strcpy(dir, path);
	for (char *at = dir + strlen(out) + 1; *at != '\0'; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(dir, 0755) != 0 && errno != EEXIST)
			return fault_set(fault, SK_FILE_IO, dir, "%s",
			    strerror(errno));
		*at = '/';
	}
	return SK_OK;
}

static enum sk_error
write_tile(struct publication *p, unsigned level, uint64_t index,
    struct fault *fault)
{
	char name[TREE_PATH_SIZE], path[PATH_MAX];
	struct span hashes;
	enum sk_error rc;

	rc = journal_check_tile(p->journal, level, index);
	if (rc == SK_OK)
		rc = journal_tile(p->journal, p->checkpoint.size, level, index,
		    &hashes);
	if (rc != SK_OK)
		return fault_set(fault, rc, "tiles", "tile %" PRIu64
		    " at level %u: schakel-audit verify", index, level);
	tree_tile_path(name, level, index,
	    (unsigned)(hashes.size / DIGEST_SIZE));
	if ((rc = make_place(p->out, name, path, fault)) != SK_OK)
		return rc;
	p->tiles++;
	return file_write(path, hashes.bytes, hashes.size, 0644, fault);
}

/* The checkpoint last: while it is not there the rest is no log. */
static enum sk_error
write_all(struct publication *p, struct fault *fault)
{
	char path[PATH_MAX];
	enum sk_error rc = SK_OK;

	if (mkdir(p->out, 0755) != 0)
		return fault_set(fault, SK_FILE_IO, p->out, "%s",
		    strerror(errno));
	for (unsigned l = 0; l < TREE_LEVELS; l++) {
		uint64_t tiles = tree_tiles(p->checkpoint.size, l);

		for (uint64_t i = 0; i < tiles && rc == SK_OK; i++)
			rc = write_tile(p, l, i, fault);
	}
	if (rc == SK_OK)
		rc = make_place(p->out, "checkpoint", path, fault);
	if (rc == SK_OK)
		rc = file_write(path, p->note.bytes, p->note.size, 0644,
		    fault);
	return rc;
}

enum verdict_code
audit_export(struct journal *journal, const struct request *request)
{
	struct publication p = { .journal = journal, .out = request->more[0] };
	struct fault fault = { 0 };
	struct note_key key;
	enum verdict_code code;
	enum sk_error rc;

	if (request->public_only == request->auditor)
		return audit_usage("geef --public, of --auditor voor een kopie "
		    "met de regels", "give --public, or --auditor for a copy "
		    "with the entries");
	if (request->auditor)
		return audit_export_copy(journal, request);
	if ((code = audit_log_key(journal, request, &key)) != AUDIT_HOLDS)
		return code;
	rc = find_checkpoint(&p, request, &fault);
	if (rc == SK_OK)
		rc = write_all(&p, &fault);
	journal_read_end(journal);
	if (rc == SK_STORE_CORRUPT)
		return audit_wrong(request, fault.hint);
	if (rc != SK_OK)
		return audit_blind(request->dir, &fault);
	if (request->json)
		audit_print_json(json_pack("{s:s, s:I, s:I, s:s}", "origin",
		    p.checkpoint.origin, "size",
		    (json_int_t)p.checkpoint.size, "tiles",
		    (json_int_t)p.tiles, "directory", p.out));
	else
		printf("%s: controlepunt van %" PRIu64 " regels, %" PRIu64
		    " tegels\n%s: checkpoint of %" PRIu64 " entries, %" PRIu64
		    " tiles\n", p.out, p.checkpoint.size, p.tiles, p.out,
		    p.checkpoint.size, p.tiles);
	return AUDIT_HOLDS;
}
