/*
 * journal.h - the append-only record of everything that was decided on.
 *
 * Entries are numbered from 0 (the founding entry) without gaps. One process
 * writes, under an epoch; any number reads. All calls belong to the loop
 * thread. LMDB stays inside journal.c and vault.c.
 *
 * Tables of the environment `journal` (keys grow at a right edge only):
 *   entries  position            -> leaf bytes
 *   sealed   position            -> nonce 24 || XChaCha20-Poly1305 of the
 *                                   sealed bytes as received
 *   vault    position            -> the same of the parts
 *   sent     sender || first number (BE) -> position of the first || count, u64 BE each
 *   ids      sender || boot || number (BE) -> position || case number, u64 BE each
 *   commands operator key id || sequence (BE) -> position
 *   meta     name                -> F, format, epoch, broker-key/N, segments,
 *                                   archive: the move that is under way
 *   tiles    level << 56 | index -> up to 256 hashes (C2SP tlog-tiles)
 *   checkpoints  size            -> signed note (C2SP tlog-checkpoint)
 *   cosignatures size || participant (BE) -> a witness's line under that note
 * Environment `keys`: case number, or day | 1<<63 -> 32-byte key, empty when
 * it was destroyed; F; how many lines of erasures.log are done; and a secret
 * that is no key (journal_person_key).
 *
 * A closed year may be moved out (archive.h): the rows of its entries in
 * entries, sealed and vault stand in an environment of their own under
 * segments/YEAR, under the same positions. All calls here read through to it:
 * where an entry lies is nobody's concern but segment.c's. The founding entry,
 * tiles, checkpoints and look-up rows stay where they are, and so do the keys.
 *
 * What lies beside an entry is under the key of its case, or of its day when it
 * reached no case, bound to its place by F || label || position. LMDB leaves
 * deleted rows in pages until it uses them again, so what makes an erasure is
 * the key: its environment is written anew, however large the journal is.
 *
 * To change what is stored:
 * 1. A leaf never changes: a new LEAF_FORMAT is added beside the old one, and
 *    leaf_decode reads both for ever.
 * 2. A new table may be added at the end of the list in journal.c; a journal
 *    without it is one in which it is empty. No table is renumbered, renamed
 *    or given another kind of key.
 * 3. Any other change raises JOURNAL_FORMAT. journal_open then still reads
 *    the format before it, and schakel-admin export writes the new one; until
 *    that is so the number does not go up.
 * 4. A journal of the old format goes into tests/regress/ first, with a test
 *    that opens it and verifies it.
 */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/lib/store.h"
#include "proto/ids.h"
#include "proto/leaf.h"
#include "proto/charter.h"
#include "proto/note.h"
#include "proto/restore.h"
#include "proto/tlog.h"

#define JOURNAL_FORMAT 2u
#define JOURNAL_FORMAT_SEGMENTS 3u	/* since a year was moved out of it */
#define JOURNAL_RESTORES_MAX 64	/* of one journal, in all its life */
#define JOURNAL_KEY_BLOCK 256	/* keys synced together before any is used */
#define JOURNAL_DAY_BLOCK 7	/* the same for days */
#define JOURNAL_PARTS_MAX (3 * LEAF_BYTES_MAX)	/* plain, of one entry */
#define JOURNAL_ROW_OVERHEAD 40u	/* what journal_close_row adds */
#define JOURNAL_ASSOCIATED_MAX 64u	/* bytes that bind a row to its place */

struct journal;

/* What the founding entry says, kept in memory. */
struct founding {
	char name[64];
	char origin[96];
	uint64_t number;	/* n */
	bool test;
	uint8_t digest[DIGEST_SIZE];	/* F */
	uint8_t broker_link_key[32];
	uint8_t broker_sign_key[32];
	uint8_t enrolment_key[32];
	uint8_t operator_key[16][32];
	size_t operators;
	int64_t instant;
};

/* Make journal and key environment under path with this founding body
 * (packed FoundingBody), the entry at position 0. Refuses an existing one:
 * SK_STORE_MISMATCH. */
enum sk_error journal_found(const char *path, const Sk__FoundingBody *body,
    struct fault *fault);

/* SK_NOT_FOUND when there is none; SK_STORE_BUSY, SK_STORE_MISMATCH when the
 * key environment belongs to another; SK_STORE_FORMAT; SK_SEGMENT_MISSING or
 * SK_SEGMENT_WRONG, which names the year. keys_path NULL: path/keys. A reader
 * (audit) sets read_only; keys may then be absent, and so may entries: a
 * writer gets SK_STORE_CORRUPT. */
enum sk_error journal_open(const char *path, const char *keys_path,
    bool read_only, struct journal **journal, struct fault *fault);
void journal_close(struct journal *journal);
/* name, origin and n are those of the journal that goes on here: behind a
 * restore (FORMATS section 9) the next n under the same F. */
const struct founding *journal_founding(const struct journal *journal);
/* How often it was restored, and where the i-th restore entry stands, from 0. */
size_t journal_restores(const struct journal *journal);
uint64_t journal_restored_at(const struct journal *journal, size_t i);
/* Under which origin the entry at this position was made. */
void journal_origin(const struct journal *journal, uint64_t position,
    char origin[ORIGIN_MAX]);
/* Entries so far, those of the open batch included. */
uint64_t journal_size(const struct journal *journal);
/* Those that are on disk, under the last checkpoint. */
uint64_t journal_committed(const struct journal *journal);
uint64_t journal_epoch(const struct journal *journal);
/* Writer: take the next epoch (committed with the next batch). */
void journal_next_epoch(struct journal *journal);
uint64_t journal_disk_free(const struct journal *journal);

/*
 * Writer: from now on every commit carries a checkpoint, signed by the Ed25519
 * key that the broker has there. The last two that were given are kept; a
 * commit for which neither is right fails with SK_CRYPTO. Without any the tree
 * grows and nothing is signed, as in a copy.
 */
void journal_sign_with(struct journal *journal, const uint8_t secret_key[64]);
bool journal_can_sign(const struct journal *journal,
    const uint8_t public_key[32]);

/* The broker's keys, oldest first: those of the founding entry, then those of
 * each statement about the broker. */
#define JOURNAL_BROKER_KEYS_MAX 64u
struct broker_key {
	uint64_t generation;	/* from 1 */
	uint64_t reason;	/* broker_reason; 0: founded with */
	uint64_t position;	/* of its statement */
	uint64_t from_size;	/* signs checkpoints of this size and more */
	uint8_t link[32], sign[32];
};
size_t journal_broker_keys(const struct journal *journal,
    const struct broker_key **keys);
const struct broker_key *journal_broker_key(const struct journal *journal,
    uint64_t size);
/* What verifies a checkpoint of this size. */
enum sk_error journal_log_key(const struct journal *journal, uint64_t size,
    struct note_key *key);

/* Who signs for the region as the entry at this position is made: enrolment key
 * and operators, behind all changes before it. */
#define JOURNAL_CHARTERS_MAX 64u	/* founded with, and changes */
const struct charter *journal_charter(const struct journal *journal,
    uint64_t position);
/* How many there have been, 1 with no change; and where the i-th stands. */
size_t journal_charters(const struct journal *journal);
uint64_t journal_chartered_at(const struct journal *journal, size_t i);

/* One entry to append. */
struct append {
	struct span leaf;
	struct span sealed;	/* as received; empty: none */
	struct span parts;	/* parts_encode'd, plain; empty: none */
	bool as_it_lies;	/* sealed and parts are rows, closed already */
	uint64_t parts_case;	/* whose key: leaf_parts_case; 0: the day's */
	uint64_t case_number;	/* that the id leads to; 0: refused */
	/* envelopes: */
	uint64_t sender, number;	/* number 0: not an envelope */
	bool opens_submit;	/* first of its SUBMIT: writes `sent` */
	uint64_t count;
	const struct envelope_id *id;	/* NULL: header unreadable or id repeated */
	/* control commands: */
	const uint8_t *operator_key_id;
	uint64_t sequence;
};

/* ---- closed years in environments of their own */
#define JOURNAL_SEGMENTS_MAX 64u
struct segment_info {
	int year;		/* civil, of all its entries */
	uint64_t from, to;	/* positions, to exclusive */
	uint8_t root[DIGEST_SIZE];	/* of the tree of size `to` */
	uint64_t changes;	/* erasures that reached into it */
};
/* The i-th, oldest first; NULL past the end. They follow on one another, and
 * the first begins at position 1. */
const struct segment_info *journal_segment(const struct journal *journal,
    size_t i);

/* Open a batch (a write transaction), if none is open. */
enum sk_error journal_begin(struct journal *journal);
/* Sticky: after an error the batch can only be aborted. leaf_hash is filled. */
enum sk_error journal_append(struct journal *journal, const struct append *in,
    int64_t instant, uint64_t *position, uint8_t leaf_hash[DIGEST_SIZE]);
/* Durable when this returns SK_OK. After any error the process must stop
 * acknowledging and reopen (DESIGN section 7); nothing was appended or all. */
enum sk_error journal_commit(struct journal *journal);
void journal_abort(struct journal *journal);
/* A copy takes over the original's checkpoint of exactly its size, in the open
 * batch. Checked: signature, origin, root. SK_NOT_FOUND for another size. */
enum sk_error journal_keep_checkpoint(struct journal *journal,
    struct span note);

/*
 * Reading sees the open batch of this process too. Spans are valid until the
 * next begin, append, commit, abort or journal_read_end.
 */
enum sk_error journal_leaf(struct journal *journal, uint64_t position,
    struct span *leaf);		/* SK_NOT_FOUND past the end; a gap or a leaf
				 * that is too large is SK_STORE_CORRUPT */
/* case_number (0: none) and instant as at append. SK_NOT_FOUND: none, or
 * erased; SK_ERASED: there, but its key is gone; SK_STORE_CORRUPT when it does
 * not decrypt. Valid until the next journal_sealed, too. */
enum sk_error journal_sealed(struct journal *journal, uint64_t position,
    uint64_t case_number, int64_t instant, struct span *sealed);
/* Decrypted into buffer; case_number as at append. SK_ERASED when the key or
 * the row is gone, SK_STORE_CORRUPT when it does not decrypt. */
enum sk_error journal_parts(struct journal *journal, uint64_t position,
    uint64_t case_number, int64_t instant, uint8_t *buffer, size_t size_max,
    struct parts *parts);
/* Was the key of an entry's parts destroyed? case_number 0: that of its day. */
bool journal_key_is_gone(struct journal *journal, uint64_t case_number,
    int64_t instant);
/* How many bytes it opens to. SK_NOT_FOUND: none, or erased. */
enum sk_error journal_sealed_size(struct journal *journal, uint64_t position,
    size_t *size);
/* Is there a row of parts, of a sealed part, at this position, whether it
 * opens or not? */
enum sk_error journal_has_parts(struct journal *journal, uint64_t position,
    bool *there);
enum sk_error journal_has_sealed(struct journal *journal, uint64_t position,
    bool *there);
/* The first position of (sender, number): SK_NOT_FOUND. */
enum sk_error journal_sent(struct journal *journal, uint64_t sender,
    uint64_t number, uint64_t *position);
/* A SUBMIT by its first number as it was taken. */
enum sk_error journal_submit_of(struct journal *journal, uint64_t sender,
    uint64_t number, uint64_t *first_number, uint64_t *first_position,
    uint64_t *count);
enum sk_error journal_id(struct journal *journal, uint64_t sender,
    const struct envelope_id *id, uint64_t *position, uint64_t *case_number);
enum sk_error journal_command(struct journal *journal,
    const uint8_t key_id[DIGEST_SIZE], uint64_t sequence, uint64_t *position);
/* How many rows lie beside the entries: an auditor who found every row that
 * the entries ask for knows from these that there is none besides. */
struct journal_counts {
	uint64_t entries, sealed, parts, sent, ids, commands, tiles, checkpoints,
	    cosignatures;
};
enum sk_error journal_counts(struct journal *journal,
    struct journal_counts *counts);
void journal_read_end(struct journal *journal);

/* ---- evidence: the tree of RFC 6962 over the leaves */
/* The last signed checkpoint of a size up to size_max; SK_NOT_FOUND. */
enum sk_error journal_checkpoint(struct journal *journal, uint64_t size_max,
    uint64_t *size, struct span *note);
/* The first one of a size from size_min on. */
enum sk_error journal_checkpoint_from(struct journal *journal,
    uint64_t size_min, uint64_t *size, struct span *note);
enum sk_error journal_root(struct journal *journal, uint64_t size,
    uint8_t root[DIGEST_SIZE]);
enum sk_error journal_inclusion(struct journal *journal, uint64_t position,
    uint64_t size, uint8_t path[TLOG_PATH_MAX][DIGEST_SIZE], size_t *n);
enum sk_error journal_consistency(struct journal *journal, uint64_t old_size,
    uint64_t new_size, uint8_t proof[TLOG_CONSISTENCY_MAX][DIGEST_SIZE],
    size_t *n);
/* A tile as a tree of this size shows it, for a public export. */
enum sk_error journal_tile(struct journal *journal, uint64_t size,
    unsigned level, uint64_t index, struct span *hashes);
/* One tile of the tree of the present size against what stands above it. */
enum sk_error journal_check_tile(struct journal *journal, unsigned level,
    uint64_t index);

/* ---- witnesses (C2SP tlog-cosignature) */
struct cosigned {
	uint64_t size, participant;
	struct span line;	/* with its newline */
};
/* In the open batch, which this opens; the caller has checked the line. */
enum sk_error journal_cosign(struct journal *journal, uint64_t size,
    uint64_t participant, struct span line);
/* The first row from (size, participant) on, and the last up to it. */
enum sk_error journal_cosigned_from(struct journal *journal, uint64_t size,
    uint64_t participant, struct cosigned *out);
enum sk_error journal_cosigned_to(struct journal *journal, uint64_t size,
    uint64_t participant, struct cosigned *out);
/* The checkpoint of this size with all that witnesses signed under it. */
enum sk_error journal_witnessed_note(struct journal *journal, uint64_t size,
    struct span note, uint8_t *out, size_t *out_size, size_t max);
/* Is a batch open, with something in it or not? */
bool journal_in_batch(const struct journal *journal);

/* ---- the vault's keys */
/* What the key environment holds: an auditor knows from this whether a key
 * was taken away, or put in between. */
struct key_counts {
	bool there;	/* a reader may be without; then all is zero */
	uint64_t cases, days;	/* rows, those of destroyed keys included */
	uint64_t destroyed;	/* of both */
	uint64_t last_case, last_day;	/* the highest of them */
	/* The highest ever made: keys come in blocks, case numbers without
	 * gaps, and one that was destroyed keeps its row. */
	uint64_t cases_mark, days_mark;
};
enum sk_error journal_key_counts(struct journal *journal,
    struct key_counts *counts);
/* A case's key, synced on disk before this returns. SK_ERASED when deleted. */
enum sk_error journal_case_key(struct journal *journal, uint64_t case_number,
    uint8_t key[32]);
/* The key environment's own secret, under which a projection may hash what it
 * looks persons up by. Without keys one that holds until the journal is
 * closed: there is nobody to look up then. */
void journal_person_key(struct journal *journal, uint8_t key[32]);
/* Each key's row in order, days behind cases: number is a case's or
 * JOURNAL_DAY | day. visit says false to stop. */
#define JOURNAL_DAY (UINT64_C(1) << 63)
typedef bool journal_key_visit(void *context, uint64_t number,
    bool destroyed);
enum sk_error journal_keys_walk(struct journal *journal,
    journal_key_visit *visit, void *context);
/* Seal and open small rows of other stores under a case's key. associated
 * binds the row to its place. out has room for size + 40. */
enum sk_error journal_close_row(struct journal *journal, uint64_t case_number,
    struct span associated, struct span plain, uint8_t *out, size_t *size);
enum sk_error journal_open_row(struct journal *journal, uint64_t case_number,
    struct span associated, struct span closed, uint8_t *out, size_t *size);

/* ---- erasure (FORMATS section 9): erasure.c */

#define JOURNAL_ERASURES_MAX 1024	/* in one go */

/* What an entry says is to be erased: a case, or what reached no case on the
 * days up to and with until_day. */
struct erasure {
	uint64_t position;	/* of that entry */
	uint64_t case_number;	/* 0: days */
	int32_t until_day;
	uint64_t from, to;	/* days: entries of which the last were not yet
				 * erased, and the first that is later */
	uint32_t ground;	/* Sk__ErasureGround, for the log */
};
/*
 * Carry out what committed entries say: erasures.log is synced, then the keys
 * destroyed and their environment written anew, then the rows beside the
 * entries deleted, then the mark set. Each step may run twice; after an error
 * the rest is done at the next opening. No batch may be open.
 */
enum sk_error journal_erase(struct journal *journal,
    const struct erasure *erasures, size_t n);
/* Writer, before anything is read by it: carry out again what stands in
 * erasures.log behind the mark. *again (may be NULL): how many. */
enum sk_error journal_erase_again(struct journal *journal, size_t *again,
    struct fault *fault);
/* Does erasures.log hold this one? */
bool journal_is_erased(const struct journal *journal,
    const struct erasure *erasure);
/* What erased the days that the entry at position is of, if it reached no
 * case. */
bool journal_days_erased(const struct journal *journal, uint64_t position,
    struct erasure *erasure);

/* Tests: called before each step, by its name. */
extern void (*journal_erasing)(const char *step);

#endif
