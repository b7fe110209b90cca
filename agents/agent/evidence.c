#include "agents/agent/evidence.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agents/agent/broker_keys.h"
#include "broker/lib/file.h"
#include "broker/lib/log.h"
#include "proto/tlog.h"

#define PROOF_TEXT_MAX (128u + TLOG_CONSISTENCY_MAX * DIGEST_LINE_SIZE)
#define CLEARED_MAX 1000u	/* forks of one agent, with their evidence */

/* What is kept of a fork: rows fork/NAME and files of these names. */
enum part { PART_KEPT, PART_SHOWN, PART_PROOF, PARTS };
static const char *const part_names[PARTS] = { "kept", "shown", "proof" };

static const struct span checkpoint_key = { "checkpoint", 10 };

/* Is a line under this note by this key? What it is worth is asked later. */
static bool
bears(struct span bytes, const struct note_key *key)
{
	struct note note;

	if (note_open(&note, bytes.bytes, bytes.size) != SK_OK)
		return false;
	for (size_t i = 0; i < note.n; i++)
		if (memcmp(note.signature[i].id, key->id,
		    sizeof(key->id)) == 0)
			return true;
	return false;
}

enum sk_error
evidence_key(struct agent *agent, struct span note, struct note_key *key)
{
	const char *origin = agent_origin(agent);
	const struct directory_trust trust = agent_trust(agent);
	struct note_key former;
	struct broker_keys keys;
	struct span kept;
	enum sk_error rc;

	if ((rc = broker_keys_load(agent->archive, &trust, &keys)) != SK_OK ||
	    (rc = note_key_init(key, origin, NOTE_ED25519, keys.sign)) != SK_OK)
		return rc;
	if (!keys.has_former || bears(note, key))
		return SK_OK;
	/* What was signed for the entry that names the new key may come after
	 * it. Once the new key was seen the old one counts no more. */
	if (evidence_kept(agent, &kept, NULL) == SK_OK && bears(kept, key))
		return SK_OK;
	rc = note_key_init(&former, origin, NOTE_ED25519, keys.former_sign);
	if (rc == SK_OK && bears(note, &former))
		*key = former;
	return rc;
}

void
evidence_why(const char **dutch, const char **english)
{
	*dutch = "FORK: de broker tekende een journaal dat niet doorgaat op "
	    "wat hij eerder tekende; er wordt niets meer verzonden. Het "
	    "bewijs staat in de map fork van de opslag. Bel de beheerder van "
	    "de broker; daarna: schakel-agent clear-fork";
	*english = "FORK: the broker signed a journal that does not go on "
	    "from what it signed before; nothing is sent any more. The "
	    "evidence is in fork in the store's directory. Call the broker's "
	    "operator; then: schakel-agent clear-fork";
}

/* ---- what is kept */

enum sk_error
evidence_kept(struct agent *agent, struct span *bytes,
    struct checkpoint *checkpoint)
{
	struct note note;
	enum sk_error rc;

	rc = archive_get(agent->archive, TABLE_EVIDENCE, checkpoint_key,
	    bytes);
	if (rc != SK_OK || checkpoint == NULL)
		return rc;
	/* It was opened with the broker's key before it was kept. */
	if (note_open(&note, bytes->bytes, bytes->size) != SK_OK ||
	    checkpoint_parse(checkpoint, note.text) != SK_OK)
		return SK_STORE_CORRUPT;
	return SK_OK;
}

static void
keep(struct agent *agent, struct span note)
{
	archive_put(agent->archive, TABLE_EVIDENCE, checkpoint_key, note);
}

/* ---- forks */

static size_t
row_name(char name[32], unsigned cleared, enum part part)
{
	int n = cleared == 0 ?
	    snprintf(name, 32, "fork/%s", part_names[part]) :
	    snprintf(name, 32, "cleared/%u/%s", cleared, part_names[part]);

	return (size_t)n;
}

static enum sk_error
part_get(struct archive *archive, enum part part, struct span *value)
{
	char name[32];
	size_t size = row_name(name, 0, part);

	return archive_get(archive, TABLE_EVIDENCE,
	    (struct span){ name, size }, value);
}

static void
fork_path(char path[PATH_MAX], const char *store, enum part part)
{
	char name[16];

	snprintf(name, sizeof(name), "fork/%s", part_names[part]);
	file_path(path, PATH_MAX, store, name);
}

static bool
has_files(const char *store)
{
	char path[PATH_MAX];

	fork_path(path, store, PART_SHOWN);
	return access(path, F_OK) == 0;
}

/* Beside the rows, so that an operator can take them along as they are. */
static void
write_files(const char *store, const struct span parts[PARTS])
{
	char path[PATH_MAX];
	struct fault fault = { 0 };
	enum sk_error rc;

	file_path(path, sizeof(path), store, "fork");
	rc = file_make_dir(path, 0700, &fault);
	/* shown is the last: with it all are there. */
	for (unsigned i = 0; rc == SK_OK && i < PARTS; i++) {
		enum part part = (enum part)((i + PART_PROOF) % PARTS);

		fork_path(path, store, part);
		rc = file_write(path, parts[part].bytes, parts[part].size,
		    0600, &fault);
	}
	if (rc != SK_OK)
		log_event(LOG_ERROR, "evidence of the fork not written",
		    "code=%s path=%s hint=%s", error_name(rc), fault.field,
		    fault.hint);
}

/* The proof that fails, in lines: anyone can try it again by hand. */
static size_t
proof_text(char text[PROOF_TEXT_MAX], enum sk_error code, uint64_t from,
    const uint8_t (*hashes)[DIGEST_SIZE], size_t n)
{
	struct writer w;

	writer_init(&w, text, PROOF_TEXT_MAX);
	write_text(&w, error_name(code));
	write_text(&w, "\nfrom ");
	write_decimal(&w, from);
	write_text(&w, "\n");
	for (size_t i = 0; i < n; i++) {
		write_base64(&w, hashes[i], DIGEST_SIZE);
		write_text(&w, "\n");
	}
	return w.size;
}

/*
 * The files first, and synced: should the commit fail after them, they alone
 * hold the agent at its next start.
 */
static enum sk_error
keep_fork(struct agent *agent, enum sk_error code, struct span kept,
    struct span shown, struct span proof)
{
	const struct span parts[PARTS] = { kept, shown, proof };
	char name[32];

	agent->forked = true;
	log_event(LOG_ERROR, code == SK_ROLLBACK ?
	    "FORK: ROLLBACK: the broker signed less than it signed before, "
	    "nothing is sent any more" :
	    "FORK: the broker signed two journals, nothing is sent any more",
	    "evidence=%s/fork code=%s", archive_path(agent->archive),
	    error_name(code));
	write_files(archive_path(agent->archive), parts);
	for (unsigned i = 0; i < PARTS; i++) {
		size_t size = row_name(name, 0, (enum part)i);

		archive_put(agent->archive, TABLE_EVIDENCE,
		    (struct span){ name, size }, parts[i]);
	}
	return code;
}

/* kept points into the map, which moves with the first write: a copy. */
static enum sk_error
fork_found(struct agent *agent, enum sk_error code, struct span kept,
    struct span shown, uint64_t from, const uint8_t (*hashes)[DIGEST_SIZE],
    size_t n)
{
	char text[PROOF_TEXT_MAX];
	size_t size = proof_text(text, code, from, hashes, n);
	uint8_t *copy;

	arena_reset(&agent->scratch);
	copy = arena_copy(&agent->scratch, kept.bytes, kept.size);
	if (copy == NULL) {
		agent->forked = true;
		return SK_NO_MEMORY;
	}
	return keep_fork(agent, code, (struct span){ copy, kept.size }, shown,
	    (struct span){ text, size });
}

/* Says whether a fork was found; the files stand there again if it can be. */
static bool
look_back(struct archive *archive)
{
	const char *store = archive_path(archive);
	struct span parts[PARTS];
	bool rows = true;

	for (unsigned i = 0; rows && i < PARTS; i++)
		rows = part_get(archive, (enum part)i, &parts[i]) == SK_OK;
	if (rows && !has_files(store))
		write_files(store, parts);
	return rows || has_files(store);
}

void
evidence_open(struct agent *agent)
{
	agent->forked = look_back(agent->archive);
	if (agent->forked)
		log_event(LOG_ERROR, "FORK: found before, nothing is sent "
		    "until an operator clears it", "evidence=%s/fork",
		    archive_path(agent->archive));
}

/* ---- what the broker shows */

static enum sk_error
copy_proof(const Sk__Checkpoint *shown,
    uint8_t hashes[TLOG_CONSISTENCY_MAX][DIGEST_SIZE], struct fault *fault)
{
	if (shown->n_consistency > TLOG_CONSISTENCY_MAX)
		return fault_set(fault, SK_MALFORMED,
		    "checkpoint.consistency", "at most %u digests",
		    TLOG_CONSISTENCY_MAX);
	for (size_t i = 0; i < shown->n_consistency; i++) {
		if (shown->consistency[i].len != DIGEST_SIZE)
			return fault_set(fault, SK_MALFORMED,
			    "checkpoint.consistency", "digests of %d bytes",
			    DIGEST_SIZE);
		memcpy(hashes[i], shown->consistency[i].data, DIGEST_SIZE);
	}
	return SK_OK;
}

/* Signed by the broker, and not empty: an empty tree says nothing and would
 * be kept as something. */
static enum sk_error
open_shown(struct agent *agent, struct span bytes, struct checkpoint *is,
    struct fault *fault)
{
	struct note_key key;
	struct note note;
	enum sk_error rc = evidence_key(agent, bytes, &key);

	if (rc == SK_OK)
		rc = checkpoint_open(is, &note, bytes.bytes, bytes.size, &key);
	if (rc == SK_NOT_FOUND)
		rc = SK_SIGNATURE_WRONG;	/* by others only */
	if (rc == SK_OK && is->size == 0)
		rc = SK_MALFORMED;
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, "checkpoint.note",
	    "a checkpoint under the broker's key");
}

static enum sk_error
go_on(struct agent *agent, const Sk__Checkpoint *shown, struct span bytes,
    const struct checkpoint *is, struct fault *fault)
{
	uint8_t hashes[TLOG_CONSISTENCY_MAX][DIGEST_SIZE];
	const uint8_t (*proof)[DIGEST_SIZE] =
	    (const uint8_t (*)[DIGEST_SIZE])hashes;
	struct checkpoint was;
	struct span kept;
	enum sk_error rc = evidence_kept(agent, &kept, &was);

	if (rc != SK_OK)
		return fault_set(fault, rc, "checkpoint", NULL);
	rc = evidence_compare(agent, bytes, is, fault);
	if (rc == SK_ROLLBACK)
		return fork_found(agent, rc, kept, bytes, shown->from_size,
		    proof, 0);
	if (rc != SK_OK || is->size == was.size)
		return rc;
	if (shown->from_size != was.size)
		return fault_set(fault, SK_MALFORMED, "checkpoint.from_size",
		    "%llu", (unsigned long long)was.size);
	if ((rc = copy_proof(shown, hashes, fault)) != SK_OK)
		return rc;
	if (!tlog_is_consistent(was.size, was.root, is->size, is->root, proof,
	    shown->n_consistency))
		return fork_found(agent, fault_set(fault, SK_CHAIN_FORK,
		    "checkpoint.consistency", NULL), kept, bytes, was.size,
		    proof, shown->n_consistency);
	keep(agent, bytes);
	return SK_OK;
}

enum sk_error
evidence_take(struct agent *agent, const Sk__Checkpoint *shown,
    struct fault *fault)
{
	struct span bytes = { shown->note.data, shown->note.len }, kept;
	struct checkpoint is;
	enum sk_error rc;

	if ((rc = open_shown(agent, bytes, &is, fault)) != SK_OK)
		return rc;
	rc = evidence_kept(agent, &kept, NULL);
	if (rc == SK_OK)
		return go_on(agent, shown, bytes, &is, fault);
	if (rc != SK_NOT_FOUND)
		return fault_set(fault, rc, "checkpoint", NULL);
	if (shown->from_size != 0 || shown->n_consistency != 0)
		return fault_set(fault, SK_MALFORMED, "checkpoint.from_size",
		    "0: none is kept here");
	keep(agent, bytes);
	return SK_OK;
}

enum sk_error
evidence_compare(struct agent *agent, struct span note,
    const struct checkpoint *is, struct fault *fault)
{
	struct checkpoint was;
	struct span kept;
	enum sk_error rc = evidence_kept(agent, &kept, &was);

	if (rc != SK_OK)
		return rc == SK_NOT_FOUND ? SK_OK :
		    fault_set(fault, rc, "checkpoint", NULL);
	if (is->size < was.size)
		return fault_set(fault, SK_ROLLBACK, "checkpoint.note",
		    "at least %llu entries", (unsigned long long)was.size);
	if (is->size == was.size &&
	    memcmp(is->root, was.root, DIGEST_SIZE) != 0)
		return fork_found(agent, fault_set(fault, SK_CHAIN_FORK,
		    "checkpoint.note", "another tree of %llu entries",
		    (unsigned long long)was.size), kept, note, was.size, NULL,
		    0);
	return SK_OK;
}

/* ---- an operator's word */

static bool
is_taken(struct archive *archive, const char *store, unsigned n)
{
	char name[32], file[32], path[PATH_MAX];
	struct span value;
	size_t size = row_name(name, n, PART_KEPT);

	snprintf(file, sizeof(file), "fork.%u", n);
	file_path(path, sizeof(path), store, file);
	return access(path, F_OK) == 0 || archive_get(archive, TABLE_EVIDENCE,
	    (struct span){ name, size }, &value) == SK_OK;
}

/* Under another name. Files alone may hold an agent: then there is no row. */
static enum sk_error
move_row(struct archive *archive, struct span from, struct span to)
{
	static uint8_t bytes[NOTE_BYTES_MAX];
	struct span value;

	if (archive_get(archive, TABLE_EVIDENCE, from, &value) != SK_OK)
		return SK_OK;
	if (value.size > sizeof(bytes))
		return SK_STORE_CORRUPT;
	memcpy(bytes, value.bytes, value.size);
	archive_put(archive, TABLE_EVIDENCE, to,
	    (struct span){ bytes, value.size });
	archive_del(archive, TABLE_EVIDENCE, from);
	return SK_OK;
}

static enum sk_error
rename_row(struct archive *archive, enum part part, unsigned n)
{
	char from[32], to[32];
	size_t from_size = row_name(from, 0, part);
	size_t to_size = row_name(to, n, part);

	return move_row(archive, (struct span){ from, from_size },
	    (struct span){ to, to_size });
}

static enum sk_error
clear_rows(struct archive *archive, bool forget, unsigned n)
{
	enum sk_error rc = SK_OK;

	for (unsigned i = 0; rc == SK_OK && i < PARTS; i++)
		rc = rename_row(archive, (enum part)i, n);
	if (forget)
		archive_del(archive, TABLE_EVIDENCE, checkpoint_key);
	return rc == SK_OK ? archive_settle(archive) : rc;
}

/* Without a fork: what was kept goes to the same place, by itself. */
static enum sk_error
put_aside(struct archive *archive, const char *dir, unsigned n,
    struct fault *fault)
{
	char path[PATH_MAX], name[32];
	struct span note;
	size_t size = row_name(name, n, PART_KEPT);
	enum sk_error rc;

	rc = archive_get(archive, TABLE_EVIDENCE, checkpoint_key, &note);
	if (rc != SK_OK)
		return fault_set(fault, rc, "store",
		    "no fork and no checkpoint is kept here");
	file_path(path, sizeof(path), dir, part_names[PART_KEPT]);
	if ((rc = file_make_dir(dir, 0700, fault)) != SK_OK ||
	    (rc = file_write(path, note.bytes, note.size, 0600, fault)) !=
	    SK_OK)
		return rc;
	return move_row(archive, checkpoint_key, (struct span){ name, size });
}

static enum sk_error
clear(struct archive *archive, const char *store, bool forget, char *kept_as,
    size_t kept_as_max, struct fault *fault)
{
	char from[PATH_MAX], file[32];
	bool forked = look_back(archive);
	unsigned n = 1;
	enum sk_error rc = SK_OK;

	if (!forked && !forget)
		return fault_set(fault, SK_NOT_FOUND, "store",
		    "no fork was found here");
	while (n < CLEARED_MAX && is_taken(archive, store, n))
		n++;
	snprintf(file, sizeof(file), "fork.%u", n);
	file_path(kept_as, kept_as_max, store, file);
	file_path(from, sizeof(from), store, "fork");
	if (!forked)
		rc = put_aside(archive, kept_as, n, fault);
	if (rc != SK_OK)
		return rc;
	if ((rc = clear_rows(archive, forget, n)) != SK_OK)
		return fault_set(fault, rc, "store", NULL);
	/* Until the files have their other name the agent stays held. */
	return has_files(store) ? file_rename(from, kept_as, fault) : SK_OK;
}

enum sk_error
evidence_restored(struct agent *agent, uint64_t kept)
{
	struct checkpoint checkpoint;
	char name[32];
	struct span note;
	unsigned n = 1;
	size_t size;

	if (evidence_kept(agent, &note, &checkpoint) != SK_OK ||
	    checkpoint.size <= kept)
		return SK_OK;
	while (n < CLEARED_MAX && is_taken(agent->archive,
	    archive_path(agent->archive), n))
		n++;
	size = row_name(name, n, PART_KEPT);
	return move_row(agent->archive, checkpoint_key,
	    (struct span){ name, size });
}

enum sk_error
evidence_clear(const char *dir, bool forget, char *kept_as,
    size_t kept_as_max, struct fault *fault)
{
	char store[PATH_MAX];
	struct archive *archive = NULL;
	enum sk_error rc;

	file_path(store, sizeof(store), dir, "store");
	if (access(store, F_OK) != 0)
		return fault_set(fault, SK_NOT_FOUND, "store",
		    "%.140s is not there", store);
	if ((rc = archive_open(store, &archive, fault)) != SK_OK)
		return rc;
	rc = clear(archive, store, forget, kept_as, kept_as_max, fault);
	archive_close(archive);
	return rc;
}
