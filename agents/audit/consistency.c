/*
 * consistency.c - does this journal lead to what others were shown? A journal
 * that was written anew and signed again with the right key holds in itself;
 * any checkpoint that an agent or a witness kept tells.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agents/audit/audit.h"
#include "broker/lib/file.h"
#include "agents/audit/grow.h"

/* A note on whether it says of the journal what the entries say. */
static enum verdict_code
read_note(const struct request *request, const char *path,
    const struct note_key *key, struct checkpoint *checkpoint)
{
	struct fault fault = { 0 };
	struct note note;
	enum verdict_code code;
	enum sk_error rc;
	char what[512];
	void *bytes;
	size_t size;

	code = audit_read(path, NOTE_BYTES_MAX, &bytes, &size);
	if (code != AUDIT_HOLDS)
		return code;
	rc = checkpoint_open(checkpoint, &note, bytes, size, key);
	/* It pointed into the file. */
	checkpoint->extensions = (struct span){ NULL, 0 };
	free(bytes);
	if (rc == SK_OK)
		return AUDIT_HOLDS;
	if (rc == SK_SIGNATURE_WRONG || rc == SK_NOT_FOUND ||
	    rc == SK_ORIGIN_WRONG) {
		snprintf(what, sizeof(what), "%s: %s", path,
		    rc == SK_SIGNATURE_WRONG ? "a forged checkpoint, its "
		    "signature does not verify" : "a checkpoint of another "
		    "log, or by another key");
		return audit_wrong(request, what);
	}
	fault_set(&fault, rc, "", "a checkpoint as c2sp.org/tlog-checkpoint");
	return audit_blind(path, &fault);
}

/* From the entries alone: the tree's tiles may have been written anew. */
static enum sk_error
root_of(struct journal *journal, uint64_t size, uint8_t root[DIGEST_SIZE])
{
	struct grow grow = { 0 };
	uint8_t hash[DIGEST_SIZE];
	struct span leaf;
	enum sk_error rc;

	for (uint64_t i = 0; i < size; i++) {
		if ((rc = journal_leaf(journal, i, &leaf)) != SK_OK)
			return rc;
		digest_leaf(hash, leaf.bytes, leaf.size);
		(void)grow_add(&grow, hash, NULL);
	}
	grow_root(&grow, root);
	return SK_OK;
}

static enum verdict_code
one_note(struct journal *journal, const struct request *request,
    const char *path, const struct note_key *key)
{
	struct fault fault = { 0 };
	struct checkpoint checkpoint;
	uint8_t root[DIGEST_SIZE];
	enum verdict_code code;
	enum sk_error rc;
	char what[512];

	code = read_note(request, path, key, &checkpoint);
	if (code != AUDIT_HOLDS)
		return code;
	if (checkpoint.size > journal_size(journal)) {
		snprintf(what, sizeof(what), "%s: a checkpoint of %" PRIu64
		    " entries, and the journal has %" PRIu64, path,
		    checkpoint.size, journal_size(journal));
		return audit_wrong(request, what);
	}
	rc = root_of(journal, checkpoint.size, root);
	if (rc == SK_STORE_CORRUPT)
		return audit_wrong(request, "an entry is missing");
	if (rc != SK_OK) {
		fault_set(&fault, rc, "", NULL);
		return audit_blind(request->dir, &fault);
	}
	if (memcmp(root, checkpoint.root, DIGEST_SIZE) != 0) {
		snprintf(what, sizeof(what), "%s: the first %" PRIu64
		    " entries are not those that were signed then: the journal "
		    "was written anew", path, checkpoint.size);
		return audit_wrong(request, what);
	}
	return AUDIT_HOLDS;
}

/* The key that the broker had at the note's size; what is no note is told by
 * who reads it next. */
static void
key_of_note(const struct journal *journal, const char *path,
    struct note_key *key)
{
	static uint8_t bytes[NOTE_BYTES_MAX];
	struct checkpoint checkpoint;
	struct note note;
	struct fault fault = { 0 };
	size_t size = 0;

	if (file_read(path, bytes, sizeof(bytes), &size, &fault) == SK_OK &&
	    note_open(&note, bytes, size) == SK_OK &&
	    checkpoint_parse(&checkpoint, note.text) == SK_OK)
		(void)journal_log_key(journal, checkpoint.size, key);
}

static enum verdict_code
against_journal(struct journal *journal, const struct request *request)
{
	struct note_key key;
	enum verdict_code code = audit_log_key(journal, request, &key);

	for (size_t i = 0; i < request->n_more && code == AUDIT_HOLDS; i++) {
		key_of_note(journal, request->more[i], &key);
		code = one_note(journal, request, request->more[i], &key);
	}
	journal_read_end(journal);
	return code;
}

/* Two notes of one size settle it by themselves; of two sizes only a journal
 * tells. */
static enum verdict_code
note_with_note(const struct request *request)
{
	struct fault fault = { 0 };
	struct checkpoint a, b;
	struct note_key key;
	enum verdict_code code;

	if (request->n_more != 1)
		return audit_usage("geef een journaal, of twee controlepunten",
		    "give a journal, or two checkpoints");
	if ((code = audit_log_key(NULL, request, &key)) != AUDIT_HOLDS ||
	    (code = read_note(request, request->dir, &key, &a)) !=
	    AUDIT_HOLDS || (code = read_note(request, request->more[0], &key,
	    &b)) != AUDIT_HOLDS)
		return code;
	if (a.size == b.size && memcmp(a.root, b.root, DIGEST_SIZE) == 0)
		return AUDIT_HOLDS;
	if (a.size == b.size)
		return audit_wrong(request, "two histories under one key: a "
		    "fork, keep both files");
	fault_set(&fault, SK_USAGE, "", "checkpoints of %" PRIu64 " and %"
	    PRIu64 " entries: give the journal as well", a.size, b.size);
	return audit_blind(request->dir, &fault);
}

static bool
is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) != 0 || S_ISDIR(status.st_mode);
}

enum verdict_code
audit_consistency(struct journal *journal, const struct request *request)
{
	enum verdict_code code;

	if (is_directory(request->dir)) {
		code = audit_open(request->dir, request, &journal);
		if (code != AUDIT_HOLDS)
			return code;
		code = against_journal(journal, request);
		journal_close(journal);
	} else {
		code = note_with_note(request);
	}
	if (code != AUDIT_HOLDS)
		return code;
	if (request->json)
		audit_print_json(json_pack("{s:b, s:n}", "holds", 1,
		    "first_wrong"));
	else
		printf("Het is een en dezelfde geschiedenis.\n"
		    "It is one and the same history.\n");
	return AUDIT_HOLDS;
}
