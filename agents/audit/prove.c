/*
 * prove.c - one entry proved to whoever has the log's key and nothing else,
 * as c2sp.org/tlog-proof, and such a proof checked without a journal.
 */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/audit/audit.h"
#include "broker/lib/file.h"

#define LEAF_HEX (2 * DIGEST_SIZE)

struct proving {
	uint64_t position;
	uint64_t size;			/* of the checkpoint */
	uint8_t hash[DIGEST_SIZE];	/* of the leaf */
	char hex[LEAF_HEX + 1];
	struct tlog_proof proof;
};

static bool
read_position(const char *text, uint64_t *position)
{
	char *end;

	errno = 0;
	*position = strtoull(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *text != '-';
}

/* ---- prove */

static enum sk_error
gather(struct journal *journal, const struct request *request,
    struct proving *p, struct note_key *key, struct span *leaf,
    struct fault *fault)
{
	enum sk_error rc;

	rc = audit_last_note(journal, request, &p->size, &p->proof.checkpoint,
	    key);
	if (rc != SK_OK)
		return fault_set(fault, rc, "checkpoint",
		    "this journal is not signed: nothing can be proved of it");
	if (p->position >= p->size)
		return fault_set(fault, SK_NOT_FOUND, "SEQ",
		    "the last checkpoint covers %" PRIu64 " entries, from 0",
		    p->size);
	if ((rc = journal_leaf(journal, p->position, leaf)) != SK_OK)
		return fault_set(fault, rc, "SEQ", NULL);
	digest_leaf(p->hash, leaf->bytes, leaf->size);
	sodium_bin2hex(p->hex, sizeof(p->hex), p->hash, DIGEST_SIZE);
	p->proof.index = p->position;
	rc = journal_inclusion(journal, p->position, p->size, p->proof.path,
	    &p->proof.n);
	return rc == SK_OK ? rc : fault_set(fault, rc, "tiles", NULL);
}

/* The leaf's hash goes along, so that the file can be checked alone; whose
 * entry that is, a receipt says. */
static enum sk_error
write_proof(const struct proving *p, const char *path, struct fault *fault)
{
	uint8_t *bytes = malloc(TLOG_PROOF_MAX);
	struct writer w;
	enum sk_error rc;

	if (bytes == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	writer_init(&w, bytes, TLOG_PROOF_MAX);
	tlog_proof_write(&w, &p->proof, (struct span){ p->hash, DIGEST_SIZE });
	rc = writer_done(&w) ? file_write(path, bytes, w.size, 0644, fault) :
	    fault_set(fault, SK_OVERSIZED, path, NULL);
	free(bytes);
	return rc;
}

static enum verdict_code
prove(struct journal *journal, const struct request *request,
    struct proving *p, struct note_key *key)
{
	struct checkpoint checkpoint;
	struct fault fault = { 0 };
	struct span leaf = { NULL, 0 };
	struct note note;
	enum sk_error rc;

	if ((rc = gather(journal, request, p, key, &leaf, &fault)) == SK_STORE_CORRUPT)
		return audit_wrong(request, "the tree has no path to this "
		    "entry");
	if (rc != SK_OK)
		return audit_blind(request->dir, &fault);
	/* What does not hold is not handed out. */
	if (tlog_proof_check(&p->proof, p->hash, key, &checkpoint, &note,
	    &fault) != SK_OK)
		return audit_wrong(request, "the entry is not the one under "
		    "the checkpoint: schakel-audit verify");
	if (write_proof(p, request->out, &fault) != SK_OK)
		return audit_blind(request->out, &fault);
	if (request->entry != NULL && file_write(request->entry, leaf.bytes,
	    leaf.size, 0600, &fault) != SK_OK)
		return audit_blind(request->entry, &fault);
	return AUDIT_HOLDS;
}

enum verdict_code
audit_prove(struct journal *journal, const struct request *request)
{
	struct proving p = { 0 };
	struct note_key key;
	enum verdict_code code;

	if (request->out == NULL || !read_position(request->more[0],
	    &p.position))
		return audit_usage("geef het nummer van de regel, en --out",
		    "give the entry's position, and --out");
	if ((code = audit_log_key(journal, request, &key)) != AUDIT_HOLDS)
		return code;
	code = prove(journal, request, &p, &key);
	journal_read_end(journal);
	if (code != AUDIT_HOLDS)
		return code;
	if (request->json)
		audit_print_json(json_pack("{s:b, s:s, s:I, s:I, s:s, s:s}",
		    "holds", 1, "origin", key.name, "position",
		    (json_int_t)p.position, "size", (json_int_t)p.size,
		    "leaf", p.hex, "file", request->out));
	else
		printf("%s: bewijs van regel %" PRIu64 " onder %" PRIu64
		    " regels\n%s: proof of entry %" PRIu64 " under %" PRIu64
		    " entries, leaf %s\n", request->out, p.position, p.size,
		    request->out, p.position, p.size, p.hex);
	return AUDIT_HOLDS;
}

/* ---- check */

/* The leaf's hash: from its bytes, as hex from a receipt, or as the proof
 * itself says. */
static enum verdict_code
leaf_hash(const struct request *request, struct proving *p)
{
	struct fault fault = { 0 };
	enum verdict_code code;
	void *bytes;
	size_t size;

	if (request->entry != NULL) {
		code = audit_read(request->entry, LEAF_BYTES_MAX, &bytes,
		    &size);
		if (code == AUDIT_HOLDS)
			digest_leaf(p->hash, bytes, size);
		free(bytes);
		return code;
	}
	if (request->leaf != NULL) {
		if (sodium_hex2bin(p->hash, DIGEST_SIZE, request->leaf,
		    strlen(request->leaf), NULL, &size, NULL) == 0 &&
		    size == DIGEST_SIZE && strlen(request->leaf) == LEAF_HEX)
			return AUDIT_HOLDS;
		return audit_usage("--leaf is een digest van 64 hextekens",
		    "--leaf is a digest of 64 hex digits");
	}
	if (tlog_proof_extra(&p->proof, p->hash, DIGEST_SIZE,
	    &size) == SK_OK && size == DIGEST_SIZE)
		return AUDIT_HOLDS;
	fault_set(&fault, SK_FIELD_MISSING, "extra", "the proof does not name "
	    "the entry's hash: give --leaf or --entry");
	return audit_blind(request->dir, &fault);
}

static void
tell_check(const struct request *request, const struct proving *p,
    const struct checkpoint *checkpoint)
{
	bool named = request->entry != NULL || request->leaf != NULL;

	if (request->json) {
		audit_print_json(json_pack("{s:b, s:s, s:I, s:I, s:s, s:b}",
		    "holds", 1, "origin", checkpoint->origin, "position",
		    (json_int_t)p->proof.index, "size",
		    (json_int_t)checkpoint->size, "leaf", p->hex,
		    "leaf_given", (int)named));
		return;
	}
	printf("Het bewijs klopt: regel %" PRIu64 " van %" PRIu64 " in %s.\n"
	    "The proof holds: entry %" PRIu64 " of %" PRIu64 " in %s.\n"
	    "leaf %s\n", p->proof.index, checkpoint->size, checkpoint->origin,
	    p->proof.index, checkpoint->size, checkpoint->origin, p->hex);
	if (!named)
		printf("Vergelijk dit met het ontvangstbewijs (of geef "
		    "--leaf).\nCompare this with the receipt (or give "
		    "--leaf).\n");
}

/* Did so many of the witnesses that were asked for sign it too? */
static enum verdict_code
check_witnesses(const struct request *request, const struct note *note)
{
	struct note_key keys[AUDIT_ARGUMENTS_MAX];
	const size_t wanted = request->quorum == 0 ? request->n_witness :
	    (size_t)request->quorum;
	size_t found = 0;
	char what[128];
	enum sk_error rc;

	for (size_t i = 0; i < request->n_witness; i++)
		if (note_key_parse(&keys[i], (struct span){
		    request->witness[i], strlen(request->witness[i]) }) !=
		    SK_OK || keys[i].type != NOTE_COSIGNATURE)
			return audit_usage("--witness is geen sleutel van een "
			    "getuige", "--witness is no witness's key");
	if (wanted > request->n_witness)
		return audit_usage("--quorum is meer dan er --witness is",
		    "--quorum is more than there are --witness");
	rc = note_check_all(note, keys, request->n_witness, &found, NULL);
	if (rc == SK_OK && found >= wanted)
		return AUDIT_HOLDS;
	snprintf(what, sizeof(what), "checkpoint: %zu of %zu witnesses signed "
	    "it", found, wanted);
	return audit_wrong(request, what);
}

static enum verdict_code
check(const struct request *request, const struct note_key *key,
    const void *bytes, size_t size)
{
	struct checkpoint checkpoint;
	struct proving p = { 0 };
	struct fault fault = { 0 };
	struct note note;
	enum verdict_code code;
	enum sk_error rc;
	char what[320];

	if ((rc = tlog_proof_parse(&p.proof, bytes, size)) != SK_OK) {
		fault_set(&fault, rc, "", "a proof as c2sp.org/tlog-proof@v1");
		return audit_blind(request->dir, &fault);
	}
	if ((code = leaf_hash(request, &p)) != AUDIT_HOLDS)
		return code;
	sodium_bin2hex(p.hex, sizeof(p.hex), p.hash, DIGEST_SIZE);
	rc = tlog_proof_check(&p.proof, p.hash, key, &checkpoint, &note,
	    &fault);
	if (rc != SK_OK) {
		snprintf(what, sizeof(what), "%s: %s", fault.field,
		    rc == SK_NOT_FOUND ? "not signed by this key: a proof of "
		    "another log" : strcmp(fault.field, "path") == 0 ?
		    "it does not lead from this entry to the checkpoint" :
		    error_text(rc));
		return audit_wrong(request, what);
	}
	if ((code = check_witnesses(request, &note)) != AUDIT_HOLDS)
		return code;
	tell_check(request, &p, &checkpoint);
	return AUDIT_HOLDS;
}

enum verdict_code
audit_check(struct journal *journal, const struct request *request)
{
	struct note_key key;
	enum verdict_code code;
	void *bytes = NULL;
	size_t size = 0;

	(void)journal;
	if (request->entry != NULL && request->leaf != NULL)
		return audit_usage("geef --entry of --leaf",
		    "give either --entry or --leaf");
	if ((code = audit_log_key(NULL, request, &key)) != AUDIT_HOLDS)
		return code;
	code = audit_read(request->dir, TLOG_PROOF_MAX, &bytes, &size);
	if (code == AUDIT_HOLDS)
		code = check(request, &key, bytes, size);
	free(bytes);
	return code;
}

/* ---- vkey */

/* All that the broker has had, oldest first, and from which size on. */
static json_t *
former_keys(const struct journal *journal)
{
	json_t *list = json_array();
	const struct broker_key *keys;
	size_t n = journal_broker_keys(journal, &keys);
	char vkey[NOTE_VKEY_MAX + 1];
	struct note_key key;

	for (size_t i = 0; list != NULL && i < n; i++) {
		if (note_key_init(&key, journal_founding(journal)->origin,
		    NOTE_ED25519, keys[i].sign) != SK_OK)
			continue;
		note_key_format(&key, vkey);
		json_array_append_new(list, json_pack("{s:s, s:I}", "vkey",
		    vkey, "from_size", (json_int_t)keys[i].from_size));
	}
	return list;
}

enum verdict_code
audit_vkey(struct journal *journal, const struct request *request)
{
	char vkey[NOTE_VKEY_MAX + 1];
	struct note_key key;
	enum verdict_code code;

	if ((code = audit_log_key(journal, request, &key)) != AUDIT_HOLDS)
		return code;
	note_key_format(&key, vkey);
	if (request->json)
		audit_print_json(json_pack("{s:s, s:s, s:o}", "origin",
		    key.name, "vkey", vkey, "keys", former_keys(journal)));
	else
		printf("%s\n", vkey);
	return AUDIT_HOLDS;
}
