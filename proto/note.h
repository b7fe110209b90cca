/*
 * note.h - signed notes, checkpoints and cosignatures (c2sp.org/signed-note,
 * tlog-checkpoint, tlog-cosignature): the form in which a journal is signed,
 * so that tools which are not ours can check it.
 *
 * What a note says counts only once a known key has been found under it:
 * note_open looks at the grammar alone, note_check at one key.
 */
#ifndef PROTO_NOTE_H
#define PROTO_NOTE_H

#include "proto/bytes.h"
#include "proto/chain.h"
#include "proto/digest.h"

#define NOTE_BYTES_MAX 131072u		/* a whole note */
#define NOTE_SIGNATURES_MAX 64u		/* the standard asks for 16 */
#define NOTE_NAME_MAX 255u		/* of a key of ours; others go unread */
#define NOTE_KEY_ID_SIZE 4u
#define NOTE_VKEY_MAX (NOTE_NAME_MAX + 1 + 8 + 1 + 44)
#define NOTE_TIME_MAX ((uint64_t)INT64_MAX)
/* Of a line: name, key id, instant and signature. */
#define NOTE_LINE_MAX (4 + NOTE_NAME_MAX + 1 + 104 + 1)
#define COSIGNED_TEXT_MAX 4096u
#define CHECKPOINT_ORIGIN_MAX 255u
/* Of a checkpoint without extensions, signed by one key. */
#define CHECKPOINT_NOTE_MAX \
	(CHECKPOINT_ORIGIN_MAX + 1 + 21 + 45 + 1 + NOTE_LINE_MAX)

enum note_type {
	NOTE_ED25519 = 0x01,		/* over the text */
	NOTE_COSIGNATURE = 0x04,	/* Ed25519 over instant and checkpoint */
};

/* What a verifier knows: a vkey. */
struct note_key {
	char name[NOTE_NAME_MAX + 1];
	enum note_type type;
	uint8_t id[NOTE_KEY_ID_SIZE];
	uint8_t public_key[32];
};

/* SK_FIELD_INVALID when name is empty, too long, not UTF-8, or holds a blank,
 * a plus or a control character. Computes id. */
enum sk_error note_key_init(struct note_key *key, const char *name,
    enum note_type type, const uint8_t public_key[32]);
/* From `name+hex+base64`: SK_MALFORMED; SK_KIND_UNKNOWN for another type of
 * key; SK_SIGNATURE_WRONG when the id is not this key's. */
enum sk_error note_key_parse(struct note_key *key, struct span vkey);
void note_key_format(const struct note_key *key, char vkey[NOTE_VKEY_MAX + 1]);

struct note_signature {
	struct span name;		/* in the note */
	uint8_t id[NOTE_KEY_ID_SIZE];
	size_t size;			/* of the signature, behind its id */
	uint8_t bytes[8 + SIGNATURE_SIZE];	/* as much of it as fits */
};

struct note {
	struct span text;		/* with its last newline */
	struct span lines;		/* the signature lines */
	size_t n;
	struct note_signature signature[NOTE_SIGNATURES_MAX];
};

/* Points into bytes. SK_OVERSIZED, SK_TEXT_INVALID, SK_MALFORMED. */
enum sk_error note_open(struct note *note, const void *bytes, size_t size);
/* Signature lines that came without their text, as a witness sends them. */
enum sk_error note_open_lines(struct note *note, struct span text,
    struct span lines);
/*
 * Did key sign? SK_NOT_FOUND when no line is its, SK_SIGNATURE_WRONG when any
 * line that bears its name and id does not verify. For a cosignature *time
 * (may be NULL) is the latest instant signed, in seconds of POSIX.
 */
enum sk_error note_check(const struct note *note, const struct note_key *key,
    uint64_t *time);
/*
 * How many of these keys signed, the same public key counted once; who (may
 * be NULL) says which. A wrong line by any of them is SK_SIGNATURE_WRONG.
 */
enum sk_error note_check_all(const struct note *note,
    const struct note_key *keys, size_t n, size_t *signed_by, bool *who);

/* The text and the empty line behind it. */
void note_write_text(struct writer *w, struct span text);
/* One signature line over text. A cosignature needs a time, up to
 * NOTE_TIME_MAX; a plain signature has none (0). */
enum sk_error note_sign(struct writer *w, struct span text,
    const struct note_key *key, const uint8_t secret_key[64], uint64_t time);

/* ---- checkpoints */
struct checkpoint {
	char origin[CHECKPOINT_ORIGIN_MAX + 1];
	uint64_t size;
	uint8_t root[DIGEST_SIZE];
	struct span extensions;	/* whole lines, in the text; none is usual */
};

/* SK_MALFORMED, SK_OVERSIZED (a longer origin than any of ours). */
enum sk_error checkpoint_parse(struct checkpoint *checkpoint,
    struct span text);
/* The body alone. */
void checkpoint_write(struct writer *w, const struct checkpoint *checkpoint);
/* The whole note, signed by the log's key: what is stored and sent. */
enum sk_error checkpoint_sign(struct writer *w,
    const struct checkpoint *checkpoint, const struct note_key *key,
    const uint8_t secret_key[64]);
/*
 * Open, check the log's signature, read the body, compare the origin with the
 * key's name: SK_ORIGIN_WRONG. note is filled for further keys to be checked.
 */
enum sk_error checkpoint_open(struct checkpoint *checkpoint,
    struct note *note, const void *bytes, size_t size,
    const struct note_key *key);

#endif
