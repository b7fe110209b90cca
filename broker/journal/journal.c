#include "broker/journal/journal.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/journal/founding.h"
#include "broker/journal/internal.h"
#include "broker/lib/file.h"
#include "proto/bytes.h"

/* New tables go at the end; journal.h has the procedure. */
static const struct store_table tables[] = {
	[ENTRIES] = { "entries", true },
	[SEALED] = { "sealed", true },
	[VAULT] = { "vault", true },
	[SENT] = { "sent", false },
	[IDS] = { "ids", false },
	[COMMANDS] = { "commands", false },
	[META] = { "meta", false },
	[TILES] = { "tiles", true },
	[CHECKPOINTS] = { "checkpoints", true },
	[COSIGNATURES] = { "cosignatures", false },
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))
/* A map is address space, not disk: room for the largest batch at once. */
#define MAP_BYTES_START ((size_t)1 << 30)

#define TEXT(string) ((struct span){ string, sizeof(string) - 1 })
#define NAME_FOUNDING TEXT("founding")
#define NAME_FORMAT TEXT("format")
#define NAME_EPOCH TEXT("epoch")

#define SENT_KEY 16u
#define ID_KEY (8u + BOOT_SIZE + 8u)
#define COMMAND_KEY (DIGEST_SIZE + 8u)

/* What stands before the place of a row, so that a ciphertext moved from one
 * table to another does not open. */
static const char row_label[] = "schakel/row/v1";
static const char parts_label[] = "schakel/parts/v1";
static const char sealed_label[] = "schakel/sealed/v1";
#define PLACE_MAX (DIGEST_SIZE + sizeof(row_label) + JOURNAL_ASSOCIATED_MAX)

/* ---- opening */

static enum sk_error
join(char out[PATH_MAX], const char *dir, const char *name,
    struct fault *fault)
{
	int n = snprintf(out, PATH_MAX, "%s/%s", dir, name);

	if (n < 0 || n >= PATH_MAX)
		return fault_set(fault, SK_FILE_IO, dir, "the path is too long");
	return SK_OK;
}

/* Is there an LMDB environment in this directory? Asked first, so that a
 * mistyped path makes nothing. */
static bool
environment_exists(const char *dir)
{
	char path[PATH_MAX];

	return join(path, dir, "data.mdb", NULL) == SK_OK &&
	    access(path, F_OK) == 0;
}

static enum sk_error
open_store(const char *path, bool read_only, struct store **store)
{
	struct store_options options = {
		.path = path,
		.tables_max = TABLES,
		.bytes_start = MAP_BYTES_START,
		.read_only = read_only,
	};

	return store_open(&options, tables, TABLES, store);
}

static void
put_u64(struct store_txn *txn, struct span name, uint64_t value)
{
	uint8_t bytes[8];

	be64_put(bytes, value);
	/* Sticky: the commit reports it. */
	(void)store_put(txn, META, name, (struct span){ bytes, sizeof(bytes) },
	    PUT_ANY, NULL);
}

static enum sk_error
get_u64(struct store_txn *txn, struct span name, uint64_t *value)
{
	struct span found;
	enum sk_error rc;

	if ((rc = store_get(txn, META, name, &found)) != SK_OK)
		return rc;
	if (found.size != 8)
		return SK_STORE_CORRUPT;
	*value = be64_get(found.bytes);
	return SK_OK;
}

static enum sk_error
write_founding(struct store *store, const uint8_t *leaf, size_t size,
    const uint8_t digest[DIGEST_SIZE])
{
	struct store_txn *txn;
	uint64_t position = 0, entries;
	enum sk_error rc;

	if ((rc = store_write(store, &txn)) != SK_OK)
		return rc;
	if ((rc = store_count(txn, ENTRIES, &entries)) != SK_OK ||
	    entries != 0) {
		store_abort(txn);
		return rc != SK_OK ? rc : SK_STORE_MISMATCH;
	}
	(void)store_put(txn, ENTRIES, SPAN_U64(position),
	    (struct span){ leaf, size }, PUT_APPEND, NULL);
	(void)store_put(txn, META, NAME_FOUNDING,
	    (struct span){ digest, DIGEST_SIZE }, PUT_ANY, NULL);
	put_u64(txn, NAME_FORMAT, JOURNAL_FORMAT);
	put_u64(txn, NAME_EPOCH, 0);
	(void)evidence_found(txn, digest);
	return store_commit(txn);
}

/* Refused when it holds an entry; the rest of a founding that a crash cut
 * short is no journal yet. keys_path NULL: none are made. */
static enum sk_error
make_environments(const char *entries_path, const char *keys_path,
    struct span leaf, struct fault *fault)
{
	uint8_t digest[DIGEST_SIZE];
	struct store *store = NULL;
	struct store_txn *txn;
	uint64_t entries = 0;
	enum sk_error rc;

	if ((rc = open_store(entries_path, false, &store)) != SK_OK)
		return fault_set(fault, rc, entries_path, NULL);
	if ((rc = store_read(store, &txn)) == SK_OK) {
		rc = store_count(txn, ENTRIES, &entries);
		store_abort(txn);
	}
	if (rc == SK_OK && entries != 0)
		rc = fault_set(fault, SK_STORE_MISMATCH, entries_path,
		    "there is a journal here already");
	digest_leaf(digest, leaf.bytes, leaf.size);
	/* Keys first: a journal that exists has its key environment. */
	if (rc == SK_OK && keys_path != NULL &&
	    (rc = vault_make(keys_path, digest)) != SK_OK)
		fault_set(fault, rc, keys_path,
		    rc == SK_STORE_MISMATCH ? "it holds keys already" : NULL);
	if (rc == SK_OK && (rc = write_founding(store, leaf.bytes, leaf.size,
	    digest)) != SK_OK)
		fault_set(fault, rc, entries_path, NULL);
	store_close(store);
	return rc;
}

static enum sk_error
make_journal(const char *path, bool with_keys, struct span leaf,
    struct fault *fault)
{
	char entries_path[PATH_MAX], keys_path[PATH_MAX];
	enum sk_error rc;

	if ((rc = join(entries_path, path, "journal", fault)) != SK_OK ||
	    (rc = join(keys_path, path, "keys", fault)) != SK_OK ||
	    (rc = file_make_dir(path, 0700, fault)) != SK_OK)
		return rc;
	return make_environments(entries_path, with_keys ? keys_path : NULL,
	    leaf, fault);
}

enum sk_error
journal_make_entries(const char *path, struct span leaf, struct fault *fault)
{
	return make_journal(path, false, leaf, fault);
}

enum sk_error
journal_found(const char *path, const Sk__FoundingBody *body,
    struct fault *fault)
{
	struct founding founding;
	uint8_t *leaf;
	size_t size;
	enum sk_error rc;

	if ((rc = founding_check(body, &founding, fault)) != SK_OK)
		return rc;
	if ((leaf = malloc(LEAF_BYTES_MAX)) == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	if ((rc = founding_leaf(body, leaf, &size)) != SK_OK)
		fault_set(fault, rc, "founding", NULL);
	else
		rc = make_journal(path, true, (struct span){ leaf, size },
		    fault);
	free(leaf);
	return rc;
}

/* Size from the right edge: entries are numbered without gaps, and a count
 * that says otherwise is damage; a reader goes and finds out where. Of those
 * that lie in segments none is counted, nor what is left of them here. */
static enum sk_error
read_size(struct journal *journal, struct store_txn *txn)
{
	struct store_cursor *cursor;
	struct span key, value;
	uint64_t last, count, low = 1;
	enum sk_error rc;

	if ((rc = store_cursor_open(txn, ENTRIES, &cursor)) != SK_OK)
		return rc;
	if (journal->archived_end > 1 && store_seek_ge(cursor, SPAN_U64(low),
	    &key, &value) == SK_OK)
		memcpy(&low, key.bytes, sizeof(low));
	rc = store_seek_le(cursor, (struct span){ NULL, 0 }, &key, &value);
	if (rc == SK_OK) {
		memcpy(&last, key.bytes, sizeof(last));
		rc = store_count(txn, ENTRIES, &count);
		if (rc == SK_OK && (last == UINT64_MAX ||
		    ((count != last + 2 - low || low > journal->archived_end ||
		    last + 1 < journal->archived_end) &&
		    !journal->read_only)))
			rc = SK_STORE_CORRUPT;
		journal->size = journal->committed = last + 1;
	}
	store_cursor_close(cursor);
	return rc;
}

static enum sk_error
read_head(struct journal *journal, struct store_txn *txn, struct fault *fault)
{
	struct span found;
	uint64_t format, zero = 0;
	enum sk_error rc;

	rc = get_u64(txn, NAME_FORMAT, &format);
	if (rc == SK_NOT_FOUND)
		return fault_set(fault, rc, "", "nothing was founded here");
	if (rc == SK_OK && format != JOURNAL_FORMAT &&
	    format != JOURNAL_FORMAT_SEGMENTS)
		return fault_set(fault, SK_STORE_FORMAT, "",
		    "format %llu, this build reads %u and %u",
		    (unsigned long long)format, JOURNAL_FORMAT,
		    JOURNAL_FORMAT_SEGMENTS);
	if (rc != SK_OK || (rc = get_u64(txn, NAME_EPOCH,
	    &journal->epoch)) != SK_OK || (rc = store_get(txn, ENTRIES,
	    SPAN_U64(zero), &found)) != SK_OK)
		return fault_set(fault, rc == SK_NOT_FOUND ? SK_STORE_CORRUPT :
		    rc, "", "the journal's head does not hold");
	if ((rc = founding_read(found, &journal->founding, fault)) != SK_OK)
		return rc;
	if (store_get(txn, META, NAME_FOUNDING, &found) != SK_OK ||
	    found.size != DIGEST_SIZE || memcmp(found.bytes,
	    journal->founding.digest, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_STORE_CORRUPT, "entry 0",
		    "the founding entry is not the one that was founded");
	if ((rc = segments_open(journal, txn, fault)) != SK_OK)
		return rc;
	if ((format == JOURNAL_FORMAT_SEGMENTS) != (journal->segments > 0))
		return fault_set(fault, SK_STORE_CORRUPT, "segments",
		    "the list of them and the format do not agree");
	if ((rc = read_size(journal, txn)) != SK_OK)
		return fault_set(fault, rc == SK_NOT_FOUND ? SK_STORE_CORRUPT :
		    rc, "", "the journal's head does not hold");
	if ((rc = charters_open(journal, txn)) != SK_OK)
		return fault_set(fault, rc, "charter", NULL);
	return restore_open(journal, txn, fault);
}

static enum sk_error
open_keys(struct journal *journal, const char *path, struct fault *fault)
{
	enum sk_error rc;

	if (!environment_exists(path)) {
		if (journal->read_only)
			return SK_OK;
		/* Made anew they would stand empty beside rows under lost
		 * keys: an operator has to bring the right ones. */
		return fault_set(fault, SK_NOT_FOUND, path,
		    "the journal's keys are missing");
	}
	if ((rc = vault_open(path, journal->founding.digest,
	    journal->read_only, &journal->vault)) != SK_OK)
		fault_set(fault, rc, path, rc == SK_STORE_MISMATCH ?
		    "these keys belong to another journal" : NULL);
	return rc;
}

static enum sk_error
open_both(struct journal *journal, const char *path, const char *keys_path,
    struct fault *fault)
{
	char entries_path[PATH_MAX], own_keys[PATH_MAX];
	struct store_txn *txn;
	enum sk_error rc;

	if ((rc = join(entries_path, path, "journal", fault)) != SK_OK ||
	    (rc = join(own_keys, path, "keys", fault)) != SK_OK)
		return rc;
	snprintf(journal->path, sizeof(journal->path), "%s", path);
	if (!environment_exists(entries_path))
		return fault_set(fault, SK_NOT_FOUND, path,
		    "there is no journal here");
	if ((rc = open_store(entries_path, journal->read_only,
	    &journal->store)) != SK_OK ||
	    (rc = store_read(journal->store, &txn)) != SK_OK)
		return fault_set(fault, rc, entries_path, NULL);
	rc = read_head(journal, txn, fault);
	if (rc == SK_OK && (rc = signing_open(journal, txn)) != SK_OK)
		fault_set(fault, rc, "broker-key", NULL);
	if (rc == SK_OK && !journal->read_only &&
	    (rc = evidence_open(journal, txn)) != SK_OK)
		fault_set(fault, rc, "tiles", "the tree over the entries does "
		    "not hold: schakel-audit verify");
	journal_read_end(journal);
	store_abort(txn);
	if (rc != SK_OK || journal->no_keys)
		return rc;
	return open_keys(journal, keys_path == NULL ? own_keys : keys_path,
	    fault);
}

enum sk_error
journal_open(const char *path, const char *keys_path, bool read_only,
    struct journal **journal, struct fault *fault)
{
	struct journal *new;

	if ((new = calloc(1, sizeof(*new))) == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	new->read_only = read_only;
	return journal_open_with(new, path, keys_path, journal, fault);
}

enum sk_error
journal_open_with(struct journal *new, const char *path,
    const char *keys_path, struct journal **journal, struct fault *fault)
{
	enum sk_error rc;

	new->erasures = -1;
	new->archived_end = 1;
	rc = open_both(new, path, keys_path, fault);
	if (rc == SK_OK && !new->read_only && !new->no_keys)
		rc = erasure_open(new, path, fault);
	if (rc == SK_OK && !new->read_only && !new->no_keys)
		rc = archive_open(new, fault);
	if (rc != SK_OK) {
		journal_close(new);
		return rc;
	}
	*journal = new;
	return SK_OK;
}

void
journal_close(struct journal *journal)
{
	if (journal == NULL)
		return;
	journal_abort(journal);
	journal_read_end(journal);
	evidence_close(journal);
	erasure_close(journal);
	vault_close(journal->vault);
	archive_close(journal);
	segments_close(journal);
	store_close(journal->store);
	free(journal);
}

const struct founding *
journal_founding(const struct journal *journal)
{
	return &journal->founding;
}

uint64_t
journal_size(const struct journal *journal)
{
	return journal->size;
}

uint64_t
journal_committed(const struct journal *journal)
{
	return journal->committed;
}

uint64_t
journal_epoch(const struct journal *journal)
{
	return journal->epoch;
}

void
journal_next_epoch(struct journal *journal)
{
	journal->epoch++;
	journal->epoch_taken = true;
}

uint64_t
journal_disk_free(const struct journal *journal)
{
	return store_disk_free(journal->store);
}

/* ---- writing */

enum sk_error
journal_begin(struct journal *journal)
{
	if (journal->write != NULL)
		return journal->batch_error;
	if (journal->commit_error != SK_OK)
		return journal->commit_error;
	/* The map may move now, and a thread holds one transaction. */
	journal_read_end(journal);
	return store_write(journal->store, &journal->write);
}

static enum sk_error
find_key(struct journal *journal, uint64_t case_number, int64_t instant,
    bool make, const uint8_t **key)
{
	uint64_t number = case_number != 0 ? case_number :
	    vault_day_number(instant);

	if (make && !journal->read_only)
		return vault_need(journal->vault, number, key);
	return vault_find(journal->vault, number, key);
}

bool
journal_key_is_gone(struct journal *journal, uint64_t case_number,
    int64_t instant)
{
	const uint8_t *key;

	return find_key(journal, case_number, instant, false, &key) ==
	    SK_ERASED;
}

/* F || label || place: a row copied elsewhere does not open. */
static enum sk_error
row_place(const struct journal *journal, const char *label,
    struct span associated, uint8_t *place, struct span *out)
{
	struct writer w;

	writer_init(&w, place, PLACE_MAX);
	write_raw(&w, journal->founding.digest, DIGEST_SIZE);
	write_label(&w, label);
	write_raw(&w, associated.bytes, associated.size);
	if (!writer_done(&w))
		return SK_OVERSIZED;
	*out = (struct span){ place, w.size };
	return SK_OK;
}

static enum sk_error
position_place(const struct journal *journal, unsigned table,
    uint64_t position, uint8_t *place, struct span *out)
{
	uint8_t at[8];

	be64_put(at, position);
	return row_place(journal, table == SEALED ? sealed_label : parts_label,
	    (struct span){ at, sizeof(at) }, place, out);
}

/* What lies beside an entry, under the key of its case or day. */
static enum sk_error
append_closed(struct journal *journal, const struct append *in,
    unsigned table, struct span plain, int64_t instant, uint64_t position)
{
	uint8_t place[PLACE_MAX];
	struct span bound;
	const uint8_t *key;
	size_t size;
	enum sk_error rc;

	if (plain.size == 0)
		return SK_OK;
	if (in->as_it_lies)
		return store_put(journal->write, table, SPAN_U64(position),
		    plain, PUT_APPEND, NULL);
	if (plain.size > JOURNAL_PARTS_MAX)
		return SK_OVERSIZED;
	if ((rc = find_key(journal, in->parts_case, instant, true,
	    &key)) != SK_OK || (rc = position_place(journal, table, position,
	    place, &bound)) != SK_OK || (rc = vault_seal(journal->vault, key,
	    bound, plain, journal->closed, &size)) != SK_OK)
		return rc;
	return store_put(journal->write, table, SPAN_U64(position),
	    (struct span){ journal->closed, size }, PUT_APPEND, NULL);
}

static struct span
sent_key(uint64_t sender, uint64_t number, uint8_t key[SENT_KEY])
{
	be64_put(key, sender);
	be64_put(key + 8, number);
	return (struct span){ key, SENT_KEY };
}

static struct span
id_key(uint64_t sender, const struct envelope_id *id, uint8_t key[ID_KEY])
{
	be64_put(key, sender);
	memcpy(key + 8, id->boot, BOOT_SIZE);
	be64_put(key + 8 + BOOT_SIZE, id->number);
	return (struct span){ key, ID_KEY };
}

static struct span
command_key(const uint8_t key_id[DIGEST_SIZE], uint64_t sequence,
    uint8_t key[COMMAND_KEY])
{
	memcpy(key, key_id, DIGEST_SIZE);
	be64_put(key + DIGEST_SIZE, sequence);
	return (struct span){ key, COMMAND_KEY };
}

/* The look-up rows beside an entry. What is there already is damage: the
 * engine asked before it appended. */
static enum sk_error
append_rows(struct journal *journal, const struct append *in,
    uint64_t position)
{
	uint8_t key[COMMAND_KEY], pair[16];
	struct span two = { pair, sizeof(pair) };
	enum sk_error rc = SK_OK;

	be64_put(pair, position);
	if (in->number != 0 && in->opens_submit) {
		be64_put(pair + 8, in->count);
		rc = store_put(journal->write, SENT, sent_key(in->sender,
		    in->number, key), two, PUT_NEW, NULL);
	}
	if (rc == SK_OK && in->number != 0 && in->id != NULL) {
		be64_put(pair + 8, in->case_number);
		rc = store_put(journal->write, IDS, id_key(in->sender, in->id,
		    key), two, PUT_NEW, NULL);
	}
	if (rc == SK_OK && in->operator_key_id != NULL)
		rc = store_put(journal->write, COMMANDS,
		    command_key(in->operator_key_id, in->sequence, key),
		    (struct span){ pair, 8 }, PUT_NEW, NULL);
	return rc;
}

/* A copy comes to the epoch of each start that it takes over; the broker's
 * own start stands in the epoch that it has taken. */
static void
follow_epoch(struct journal *journal, struct span bytes)
{
	struct leaf leaf;

	if (bytes.size < 16 || be64_get((const uint8_t *)bytes.bytes + 8) !=
	    SK__EVENT_KIND__STARTED_EVENT ||
	    leaf_decode(bytes.bytes, bytes.size, &leaf) != SK_OK ||
	    leaf.epoch <= journal->epoch)
		return;
	journal->epoch = leaf.epoch;
	journal->epoch_taken = true;
}

enum sk_error
journal_append(struct journal *journal, const struct append *in,
    int64_t instant, uint64_t *position, uint8_t leaf_hash[DIGEST_SIZE])
{
	uint64_t at = journal->size;
	enum sk_error rc;

	if (journal->write == NULL)
		return SK_STORE_IO;
	if (journal->batch_error != SK_OK)
		return journal->batch_error;
	if (in->leaf.size == 0 || in->leaf.size > LEAF_BYTES_MAX)
		rc = SK_OVERSIZED;
	else
		rc = store_put(journal->write, ENTRIES, SPAN_U64(at), in->leaf,
		    PUT_APPEND, NULL);
	if (rc == SK_OK)
		rc = append_closed(journal, in, SEALED, in->sealed, instant,
		    at);
	if (rc == SK_OK)
		rc = append_closed(journal, in, VAULT, in->parts, instant, at);
	if (rc == SK_OK)
		rc = append_rows(journal, in, at);
	if (rc == SK_OK)
		rc = restore_follow(journal, in->leaf);
	digest_leaf(leaf_hash, in->leaf.bytes, in->leaf.size);
	if (rc == SK_OK)
		rc = signing_follow(journal, in->leaf, at);
	if (rc == SK_OK)
		rc = charters_follow(journal, in->leaf, at);
	if (rc == SK_OK)
		rc = tree_append(journal->tree, journal->write, leaf_hash);
	if (rc != SK_OK) {
		journal->batch_error = rc;
		return rc;
	}
	follow_epoch(journal, in->leaf);
	*position = at;
	journal->size++;
	return SK_OK;
}

enum sk_error
journal_commit(struct journal *journal)
{
	enum sk_error rc;

	if (journal->write == NULL)
		return journal->commit_error;
	if ((rc = journal->batch_error) != SK_OK) {
		journal_abort(journal);
		return rc;
	}
	if (journal->epoch_taken)
		put_u64(journal->write, NAME_EPOCH, journal->epoch);
	rc = evidence_commit(journal);
	if (rc == SK_OK)
		rc = segments_commit(journal);
	if (rc == SK_OK)
		rc = store_commit(journal->write);
	else
		store_abort(journal->write);
	journal->write = NULL;	/* commit frees it, also when it fails */
	if (rc != SK_OK) {
		/* What the disk holds is not known: only reopening tells. */
		journal->commit_error = rc;
		journal->size = journal->committed;
		return rc;
	}
	journal->committed = journal->size;
	journal->restores_committed = journal->restores;
	journal->epoch_taken = false;
	return SK_OK;
}

void
journal_abort(struct journal *journal)
{
	/* An append that broke off is not in the size, and half in the tree. */
	const bool touched = journal->write != NULL &&
	    (journal->size != journal->committed ||
	    journal->batch_error != SK_OK);

	store_abort(journal->write);
	segments_abort(journal);
	journal->write = NULL;
	journal->batch_error = SK_OK;
	if (touched) {
		journal->size = journal->committed;
		restore_abort(journal);
		evidence_abort(journal);
	}
}

/* ---- reading */

enum sk_error
journal_reader(struct journal *journal, struct store_txn **txn)
{
	enum sk_error rc;

	if (journal->write != NULL) {
		*txn = journal->write;
		return SK_OK;
	}
	if (journal->read == NULL &&
	    (rc = store_read(journal->store, &journal->read)) != SK_OK)
		return rc;
	*txn = journal->read;
	return SK_OK;
}

void
journal_read_end(struct journal *journal)
{
	for (unsigned table = 0; table <= VAULT; table++) {
		store_cursor_close(journal->walk[table].cursor);
		journal->walk[table].cursor = NULL;
	}
	store_abort(journal->read);
	journal->read = NULL;
	segments_read_end(journal);
}

static enum sk_error
find(struct journal *journal, unsigned table, struct span key,
    struct span *value)
{
	struct store_txn *txn;
	enum sk_error rc;

	if ((rc = journal_reader(journal, &txn)) != SK_OK)
		return rc;
	return store_get(txn, table, key, value);
}

/* Move to the first row at or past position. */
static enum sk_error
walk_to(struct journal *journal, unsigned table, uint64_t position)
{
	struct walk *walk = &journal->walk[table];
	bool fresh = walk->cursor == NULL;
	struct store_txn *txn;
	struct span key;
	enum sk_error rc;

	if ((rc = journal_reader(journal, &txn)) != SK_OK || (fresh &&
	    (rc = store_cursor_open(txn, table, &walk->cursor)) != SK_OK))
		return rc;
	if (!fresh && walk->value.bytes != NULL && position == walk->at + 1)
		rc = store_next(walk->cursor, &key, &walk->value);
	else
		rc = store_seek_ge(walk->cursor, SPAN_U64(position), &key,
		    &walk->value);
	walk->from = position;
	walk->at = UINT64_MAX;
	if (rc == SK_OK)
		memcpy(&walk->at, key.bytes, sizeof(walk->at));
	else
		walk->value = (struct span){ NULL, 0 };
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

enum sk_error
journal_row(struct journal *journal, unsigned table, uint64_t position,
    struct span *value)
{
	struct walk *walk = &journal->walk[table];
	enum sk_error rc;

	if (position != 0 && position < journal->archived_end)
		return segments_row(journal, table, position, value);
	if (journal->write != NULL)
		return find(journal, table, SPAN_U64(position), value);
	*value = (struct span){ NULL, 0 };
	if ((walk->cursor == NULL || position < walk->from ||
	    position > walk->at) &&
	    (rc = walk_to(journal, table, position)) != SK_OK)
		return rc;
	if (position != walk->at || walk->value.bytes == NULL)
		return SK_NOT_FOUND;
	*value = walk->value;
	return SK_OK;
}

enum sk_error
journal_leaf(struct journal *journal, uint64_t position, struct span *leaf)
{
	enum sk_error rc;

	rc = journal_row(journal, ENTRIES, position, leaf);
	/* Who copies it out has room for a leaf, whatever lies here. */
	if ((rc == SK_NOT_FOUND && position < journal->size) ||
	    (rc == SK_OK && leaf->size > LEAF_BYTES_MAX))
		return SK_STORE_CORRUPT;
	return rc;
}

/* Decrypt the row of this table. SK_NOT_FOUND: there is none. */
static enum sk_error
open_closed(struct journal *journal, unsigned table, uint64_t position,
    uint64_t case_number, int64_t instant, uint8_t *buffer, size_t size_max,
    size_t *size)
{
	uint8_t place[PLACE_MAX];
	struct span closed, bound;
	const uint8_t *key;
	enum sk_error rc;

	if ((rc = journal_row(journal, table, position, &closed)) != SK_OK ||
	    (rc = find_key(journal, case_number, instant, false, &key)) !=
	    SK_OK || (rc = position_place(journal, table, position, place,
	    &bound)) != SK_OK)
		return rc;
	if (closed.size < VAULT_OVERHEAD)
		return SK_STORE_CORRUPT;
	if (closed.size - VAULT_OVERHEAD > size_max)
		return SK_OVERSIZED;
	return vault_unseal(key, bound, closed, buffer, size);
}

enum sk_error
journal_sealed(struct journal *journal, uint64_t position,
    uint64_t case_number, int64_t instant, struct span *sealed)
{
	size_t size = 0;
	enum sk_error rc;

	rc = open_closed(journal, SEALED, position, case_number, instant,
	    journal->opened, sizeof(journal->opened), &size);
	*sealed = (struct span){ journal->opened, size };
	return rc;
}

enum sk_error
journal_sealed_size(struct journal *journal, uint64_t position, size_t *size)
{
	struct span closed;
	enum sk_error rc;

	*size = 0;
	if ((rc = journal_row(journal, SEALED, position, &closed)) != SK_OK)
		return rc;
	if (closed.size < VAULT_OVERHEAD)
		return SK_STORE_CORRUPT;
	*size = closed.size - VAULT_OVERHEAD;
	return SK_OK;
}

enum sk_error
journal_parts(struct journal *journal, uint64_t position,
    uint64_t case_number, int64_t instant, uint8_t *buffer, size_t size_max,
    struct parts *parts)
{
	size_t size = 0;
	enum sk_error rc;

	rc = open_closed(journal, VAULT, position, case_number, instant,
	    buffer, size_max, &size);
	if (rc == SK_NOT_FOUND)
		return SK_ERASED;
	return rc == SK_OK ? parts_decode(buffer, size, parts) : rc;
}

static enum sk_error
has_row(struct journal *journal, unsigned table, uint64_t position,
    bool *there)
{
	struct span closed;
	enum sk_error rc;

	rc = journal_row(journal, table, position, &closed);
	*there = rc == SK_OK;
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

enum sk_error
journal_has_parts(struct journal *journal, uint64_t position, bool *there)
{
	return has_row(journal, VAULT, position, there);
}

enum sk_error
journal_has_sealed(struct journal *journal, uint64_t position, bool *there)
{
	return has_row(journal, SEALED, position, there);
}

/* The row in sent of the SUBMIT from first on: is number in it? */
static enum sk_error
submit_row(struct span value, uint64_t first, uint64_t number,
    uint64_t *first_number, uint64_t *first_position, uint64_t *count)
{
	if (value.size != 16)
		return SK_STORE_CORRUPT;
	*first_number = first;
	*first_position = be64_get(value.bytes);
	*count = be64_get((const uint8_t *)value.bytes + 8);
	return number - first < *count ? SK_OK : SK_NOT_FOUND;
}

enum sk_error
journal_submit_of(struct journal *journal, uint64_t sender, uint64_t number,
    uint64_t *first_number, uint64_t *first_position, uint64_t *count)
{
	uint8_t key[SENT_KEY];
	struct store_cursor *cursor;
	struct store_txn *txn;
	struct span found, value;
	enum sk_error rc;

	/* Most ask by the first number, which is the row's own. */
	if (find(journal, SENT, sent_key(sender, number, key), &value) ==
	    SK_OK)
		return submit_row(value, number, number, first_number,
		    first_position, count);
	if ((rc = journal_reader(journal, &txn)) != SK_OK ||
	    (rc = store_cursor_open(txn, SENT, &cursor)) != SK_OK)
		return rc;
	rc = store_seek_le(cursor, sent_key(sender, number, key), &found,
	    &value);
	if (rc == SK_OK && found.size != SENT_KEY)
		rc = SK_STORE_CORRUPT;
	else if (rc == SK_OK && be64_get(found.bytes) != sender)
		rc = SK_NOT_FOUND;
	else if (rc == SK_OK)
		rc = submit_row(value,
		    be64_get((const uint8_t *)found.bytes + 8), number,
		    first_number, first_position, count);
	store_cursor_close(cursor);
	return rc;
}

enum sk_error
journal_sent(struct journal *journal, uint64_t sender, uint64_t number,
    uint64_t *position)
{
	uint64_t first_number, first_position, count;
	enum sk_error rc;

	if ((rc = journal_submit_of(journal, sender, number, &first_number,
	    &first_position, &count)) != SK_OK)
		return rc;
	*position = first_position + (number - first_number);
	return SK_OK;
}

enum sk_error
journal_id(struct journal *journal, uint64_t sender,
    const struct envelope_id *id, uint64_t *position, uint64_t *case_number)
{
	uint8_t key[ID_KEY];
	struct span value;
	enum sk_error rc;

	if ((rc = find(journal, IDS, id_key(sender, id, key),
	    &value)) != SK_OK)
		return rc;
	if (value.size != 16)
		return SK_STORE_CORRUPT;
	*position = be64_get(value.bytes);
	*case_number = be64_get((const uint8_t *)value.bytes + 8);
	return SK_OK;
}

enum sk_error
journal_command(struct journal *journal, const uint8_t key_id[DIGEST_SIZE],
    uint64_t sequence, uint64_t *position)
{
	uint8_t key[COMMAND_KEY];
	struct span value;
	enum sk_error rc;

	if ((rc = find(journal, COMMANDS, command_key(key_id, sequence, key),
	    &value)) != SK_OK)
		return rc;
	if (value.size != 8)
		return SK_STORE_CORRUPT;
	*position = be64_get(value.bytes);
	return SK_OK;
}

enum sk_error
journal_counts(struct journal *journal, struct journal_counts *counts)
{
	const struct {
		unsigned table;
		uint64_t *n;
	} asked[] = {
		{ ENTRIES, &counts->entries },
		{ SEALED, &counts->sealed }, { VAULT, &counts->parts },
		{ SENT, &counts->sent }, { IDS, &counts->ids },
		{ COMMANDS, &counts->commands },
		{ TILES, &counts->tiles },
		{ CHECKPOINTS, &counts->checkpoints },
		{ COSIGNATURES, &counts->cosignatures },
	};
	struct store_txn *txn;
	enum sk_error rc;

	rc = journal_reader(journal, &txn);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]) &&
	    rc == SK_OK; i++) {
		rc = store_count(txn, asked[i].table, asked[i].n);
		if (rc == SK_OK && asked[i].table <= VAULT)
			rc = segments_count(journal, txn, asked[i].table,
			    asked[i].n);
	}
	return rc;
}

/* ---- keys, for rows of other stores */

enum sk_error
journal_case_key(struct journal *journal, uint64_t case_number,
    uint8_t key[32])
{
	const uint8_t *found;
	enum sk_error rc;

	if (case_number == 0)
		return SK_NOT_FOUND;
	if ((rc = find_key(journal, case_number, 0, true, &found)) != SK_OK)
		return rc;
	memcpy(key, found, VAULT_KEY_SIZE);
	return SK_OK;
}

void
journal_person_key(struct journal *journal, uint8_t key[32])
{
	const uint8_t *secret = vault_secret(journal->vault);

	if (secret == NULL)
		randombytes_buf(key, 32);
	else
		memcpy(key, secret, 32);
}

enum sk_error
journal_key_counts(struct journal *journal, struct key_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	return vault_counts(journal->vault, counts);
}

enum sk_error
journal_keys_walk(struct journal *journal, journal_key_visit *visit,
    void *context)
{
	return vault_walk(journal->vault, visit, context);
}

enum sk_error
journal_close_row(struct journal *journal, uint64_t case_number,
    struct span associated, struct span plain, uint8_t *out, size_t *size)
{
	uint8_t place[PLACE_MAX];
	struct span bound;
	const uint8_t *key;
	enum sk_error rc;

	if (case_number == 0)
		return SK_NOT_FOUND;
	if ((rc = row_place(journal, row_label, associated, place,
	    &bound)) != SK_OK ||
	    (rc = find_key(journal, case_number, 0, true, &key)) != SK_OK)
		return rc;
	return vault_seal(journal->vault, key, bound, plain, out, size);
}

enum sk_error
journal_open_row(struct journal *journal, uint64_t case_number,
    struct span associated, struct span closed, uint8_t *out, size_t *size)
{
	uint8_t place[PLACE_MAX];
	struct span bound;
	const uint8_t *key;
	enum sk_error rc;

	if (case_number == 0)
		return SK_NOT_FOUND;
	if ((rc = row_place(journal, row_label, associated, place,
	    &bound)) != SK_OK ||
	    (rc = find_key(journal, case_number, 0, false, &key)) != SK_OK)
		return rc;
	return vault_unseal(key, bound, closed, out, size);
}
