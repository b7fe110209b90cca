#include "proto/note.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "proto/lines.h"
#include "proto/wire.h"

#define DASH "\xe2\x80\x94 "	/* U+2014 and a blank */
#define DASH_SIZE 4u
#define HEAD_MAX (sizeof("cosignature/v1\ntime \n") - 1 + DECIMAL_MAX)

static bool
starts(struct span text, const char *with, size_t size)
{
	return text.size >= size && memcmp(text.bytes, with, size) == 0;
}

static struct span
skip(struct span text, size_t size)
{
	return (struct span){ (const char *)text.bytes + size,
	    text.size - size };
}

/* ---- names */

/* Unicode's White_Space beyond ASCII, as UTF-8. */
static const char *const blanks[] = {
	"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80",
	"\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84",
	"\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
	"\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9",
	"\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
};

static bool
name_is_valid(struct span name)
{
	const uint8_t *at = name.bytes;

	if (name.size == 0 || !wire_text_is_utf8(name.bytes, name.size))
		return false;
	for (size_t i = 0; i < name.size; i++) {
		if (at[i] <= ' ' || at[i] == '+')
			return false;
	}
	for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
		if (memmem(name.bytes, name.size, blanks[i],
		    strlen(blanks[i])) != NULL)
			return false;
	}
	return true;
}

/* ---- keys */

static void
key_id(const struct note_key *key, uint8_t id[NOTE_KEY_ID_SIZE])
{
	uint8_t digest[DIGEST_SIZE], type = (uint8_t)key->type;

	digest_spans(digest, (struct span[]){ { key->name, strlen(key->name) },
	    { "\n", 1 }, { &type, 1 }, { key->public_key, 32 } }, 4);
	memcpy(id, digest, NOTE_KEY_ID_SIZE);
}

enum sk_error
note_key_init(struct note_key *key, const char *name, enum note_type type,
    const uint8_t public_key[32])
{
	size_t size = strlen(name);

	if (size > NOTE_NAME_MAX ||
	    !name_is_valid((struct span){ name, size }))
		return SK_FIELD_INVALID;
	memset(key, 0, sizeof(*key));
	memcpy(key->name, name, size + 1);
	key->type = type;
	memcpy(key->public_key, public_key, 32);
	key_id(key, key->id);
	return SK_OK;
}

/* Lower case alone: a key has one vkey. */
static int
hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool
hex_id(struct span text, uint8_t id[NOTE_KEY_ID_SIZE])
{
	const char *at = text.bytes;

	if (text.size != 2 * NOTE_KEY_ID_SIZE)
		return false;
	for (size_t i = 0; i < NOTE_KEY_ID_SIZE; i++) {
		int high = hex_value(at[2 * i]), low = hex_value(at[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		id[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* Name, hex and base64 of a vkey; base64 may hold a plus too. */
static bool
split_vkey(struct span vkey, struct span part[3])
{
	for (int i = 0; i < 2; i++) {
		const char *plus = vkey.size == 0 ? NULL :
		    memchr(vkey.bytes, '+', vkey.size);

		if (plus == NULL)
			return false;
		part[i] = (struct span){ vkey.bytes,
		    (size_t)(plus - (const char *)vkey.bytes) };
		vkey = skip(vkey, part[i].size + 1);
	}
	part[2] = vkey;
	return true;
}

enum sk_error
note_key_parse(struct note_key *key, struct span vkey)
{
	uint8_t id[NOTE_KEY_ID_SIZE], bytes[1 + 32];
	char name[NOTE_NAME_MAX + 1];
	struct span part[3];
	enum sk_error rc;
	size_t size;

	if (!split_vkey(vkey, part) || part[0].size > NOTE_NAME_MAX ||
	    memchr(part[0].bytes, '\0', part[0].size) != NULL ||
	    !hex_id(part[1], id) ||
	    !lines_base64(part[2], bytes, sizeof(bytes), &size))
		return SK_MALFORMED;
	if (bytes[0] != NOTE_ED25519 && bytes[0] != NOTE_COSIGNATURE)
		return SK_KIND_UNKNOWN;
	if (size != sizeof(bytes))
		return SK_MALFORMED;
	memcpy(name, part[0].bytes, part[0].size);
	name[part[0].size] = '\0';
	rc = note_key_init(key, name, (enum note_type)bytes[0], bytes + 1);
	if (rc != SK_OK)
		return SK_MALFORMED;
	return memcmp(id, key->id, sizeof(id)) == 0 ? SK_OK :
	    SK_SIGNATURE_WRONG;
}

void
note_key_format(const struct note_key *key, char vkey[NOTE_VKEY_MAX + 1])
{
	uint8_t type = (uint8_t)key->type, bytes[1 + 32];
	char hex[2 * NOTE_KEY_ID_SIZE + 1];
	struct writer w;

	bytes[0] = type;
	memcpy(bytes + 1, key->public_key, 32);
	sodium_bin2hex(hex, sizeof(hex), key->id, sizeof(key->id));
	writer_init(&w, vkey, NOTE_VKEY_MAX + 1);
	write_text(&w, key->name);
	write_text(&w, "+");
	write_text(&w, hex);
	write_text(&w, "+");
	write_base64(&w, bytes, sizeof(bytes));
	write_raw(&w, "", 1);
	assert(writer_done(&w));
}

/* ---- opening */

static enum sk_error
check_text(struct span bytes)
{
	const uint8_t *at = bytes.bytes;

	if (!wire_text_is_utf8(bytes.bytes, bytes.size))
		return SK_TEXT_INVALID;
	for (size_t i = 0; i < bytes.size; i++) {
		if (at[i] < ' ' && at[i] != '\n')
			return SK_TEXT_INVALID;
	}
	return SK_OK;
}

static bool
parse_line(struct span line, struct note_signature *signature)
{
	uint8_t bytes[NOTE_KEY_ID_SIZE + sizeof(signature->bytes)] = { 0 };
	const char *blank;
	size_t size;

	if (!starts(line, DASH, DASH_SIZE))
		return false;
	line = skip(line, DASH_SIZE);
	if ((blank = memchr(line.bytes, ' ', line.size)) == NULL)
		return false;
	signature->name = (struct span){ line.bytes,
	    (size_t)(blank - (const char *)line.bytes) };
	line = skip(line, signature->name.size + 1);
	if (!name_is_valid(signature->name) ||
	    !lines_base64(line, bytes, sizeof(bytes), &size) ||
	    size <= NOTE_KEY_ID_SIZE)
		return false;
	memcpy(signature->id, bytes, NOTE_KEY_ID_SIZE);
	memcpy(signature->bytes, bytes + NOTE_KEY_ID_SIZE,
	    sizeof(signature->bytes));
	signature->size = size - NOTE_KEY_ID_SIZE;
	return true;
}

static enum sk_error
parse_lines(struct note *note)
{
	struct span rest = note->lines, line;

	note->n = 0;
	if (rest.size == 0)
		return SK_MALFORMED;
	while (rest.size > 0) {
		if (!lines_next(&rest, &line))
			return SK_MALFORMED;
		if (note->n == NOTE_SIGNATURES_MAX)
			return SK_OVERSIZED;
		if (!parse_line(line, &note->signature[note->n++]))
			return SK_MALFORMED;
	}
	return SK_OK;
}

/* Where the last empty line stands: the newline that ends the text. */
static const char *
end_of_text(const char *bytes, size_t size)
{
	for (size_t i = size; i >= 2; i--) {
		if (bytes[i - 1] == '\n' && bytes[i - 2] == '\n')
			return bytes + i - 1;
	}
	return NULL;
}

enum sk_error
note_open(struct note *note, const void *bytes, size_t size)
{
	struct span whole = { bytes, size };
	const char *end;
	enum sk_error rc;

	note->n = 0;
	if (size > NOTE_BYTES_MAX)
		return SK_OVERSIZED;
	if (size == 0)
		return SK_MALFORMED;
	if ((rc = check_text(whole)) != SK_OK)
		return rc;
	if ((end = end_of_text(bytes, size)) == NULL)
		return SK_MALFORMED;
	note->text = (struct span){ bytes, (size_t)(end - (const char *)bytes) };
	note->lines = skip(whole, note->text.size + 1);
	return parse_lines(note);
}

enum sk_error
note_open_lines(struct note *note, struct span text, struct span lines)
{
	enum sk_error rc;

	note->n = 0;
	if (lines.size > NOTE_BYTES_MAX || text.size > NOTE_BYTES_MAX)
		return SK_OVERSIZED;
	if (lines.size == 0)
		return SK_MALFORMED;
	if ((rc = check_text(lines)) != SK_OK)
		return rc;
	note->text = text;
	note->lines = lines;
	return parse_lines(note);
}

/* ---- checking */

/* What a cosigner signs: two lines, then the whole text. */
static bool
cosigned_bytes(struct writer *w, uint8_t *bytes, size_t size_max,
    struct span text, uint64_t time)
{
	writer_init(w, bytes, size_max);
	write_text(w, "cosignature/v1\ntime ");
	write_decimal(w, time);
	write_text(w, "\n");
	write_raw(w, text.bytes, text.size);
	return writer_done(w);
}

static bool
verify_cosignature(const struct note *note,
    const struct note_signature *signature, const struct note_key *key,
    uint64_t *time)
{
	uint8_t bytes[HEAD_MAX + COSIGNED_TEXT_MAX];
	struct writer w;

	*time = be64_get(signature->bytes);
	return signature->size == 8 + SIGNATURE_SIZE &&
	    *time <= NOTE_TIME_MAX &&
	    note->text.size <= COSIGNED_TEXT_MAX &&
	    cosigned_bytes(&w, bytes, sizeof(bytes), note->text, *time) &&
	    crypto_sign_verify_detached(signature->bytes + 8, bytes, w.size,
	    key->public_key) == 0;
}

static bool
verify(const struct note *note, const struct note_signature *signature,
    const struct note_key *key, uint64_t *time)
{
	if (key->type == NOTE_COSIGNATURE)
		return verify_cosignature(note, signature, key, time);
	*time = 0;
	return signature->size == SIGNATURE_SIZE &&
	    crypto_sign_verify_detached(signature->bytes, note->text.bytes,
	    note->text.size, key->public_key) == 0;
}

/* A line that shares only the name or only the id is another key's. */
static bool
is_by(const struct note_signature *signature, const struct note_key *key)
{
	return signature->name.size == strlen(key->name) &&
	    memcmp(signature->name.bytes, key->name,
	    signature->name.size) == 0 &&
	    memcmp(signature->id, key->id, NOTE_KEY_ID_SIZE) == 0;
}

enum sk_error
note_check(const struct note *note, const struct note_key *key,
    uint64_t *time)
{
	uint64_t latest = 0, at;
	bool found = false;

	for (size_t i = 0; i < note->n; i++) {
		if (!is_by(&note->signature[i], key))
			continue;
		if (!verify(note, &note->signature[i], key, &at))
			return SK_SIGNATURE_WRONG;
		if (at > latest)
			latest = at;
		found = true;
	}
	if (time != NULL)
		*time = latest;
	return found ? SK_OK : SK_NOT_FOUND;
}

static bool
is_repeated(const struct note_key *keys, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (memcmp(keys[j].public_key, keys[i].public_key, 32) == 0)
			return true;
	}
	return false;
}

enum sk_error
note_check_all(const struct note *note, const struct note_key *keys, size_t n,
    size_t *signed_by, bool *who)
{
	*signed_by = 0;
	for (size_t i = 0; i < n; i++) {
		enum sk_error rc = is_repeated(keys, i) ? SK_NOT_FOUND :
		    note_check(note, &keys[i], NULL);

		if (rc != SK_OK && rc != SK_NOT_FOUND)
			return rc;
		*signed_by += rc == SK_OK;
		if (who != NULL)
			who[i] = rc == SK_OK;
	}
	return SK_OK;
}

/* ---- signing */

void
note_write_text(struct writer *w, struct span text)
{
	write_raw(w, text.bytes, text.size);
	write_text(w, "\n");
}

static enum sk_error
sign(struct span text, const struct note_key *key,
    const uint8_t secret_key[64], uint64_t time, uint8_t *out)
{
	uint8_t bytes[HEAD_MAX + COSIGNED_TEXT_MAX];
	struct writer w;

	if (key->type == NOTE_COSIGNATURE) {
		if (time > NOTE_TIME_MAX)
			return SK_CLOCK;
		if (text.size > COSIGNED_TEXT_MAX ||
		    !cosigned_bytes(&w, bytes, sizeof(bytes), text, time))
			return SK_OVERSIZED;
		be64_put(out, time);
		text = (struct span){ bytes, w.size };
		out += 8;
	}
	return crypto_sign_detached(out, NULL, text.bytes, text.size,
	    secret_key) == 0 ? SK_OK : SK_CRYPTO;
}

enum sk_error
note_sign(struct writer *w, struct span text, const struct note_key *key,
    const uint8_t secret_key[64], uint64_t time)
{
	uint8_t line[NOTE_KEY_ID_SIZE + 8 + SIGNATURE_SIZE];
	size_t size = sizeof(line) - (key->type == NOTE_COSIGNATURE ? 0u : 8u);
	enum sk_error rc;

	/* What does not end its last line could not be opened again. */
	if (text.size == 0 ||
	    ((const char *)text.bytes)[text.size - 1] != '\n' ||
	    check_text(text) != SK_OK)
		return SK_TEXT_INVALID;
	memcpy(line, key->id, NOTE_KEY_ID_SIZE);
	rc = sign(text, key, secret_key, time, line + NOTE_KEY_ID_SIZE);
	if (rc != SK_OK)
		return rc;
	write_text(w, DASH);
	write_text(w, key->name);
	write_text(w, " ");
	write_base64(w, line, size);
	write_text(w, "\n");
	return writer_done(w) ? SK_OK : SK_OVERSIZED;
}

/* ---- checkpoints */

static bool
check_extensions(struct span rest)
{
	struct span line;

	while (rest.size > 0) {
		if (!lines_next(&rest, &line) || line.size == 0)
			return false;
	}
	return true;
}

enum sk_error
checkpoint_parse(struct checkpoint *checkpoint, struct span text)
{
	struct span origin, size, root;

	memset(checkpoint, 0, sizeof(*checkpoint));
	if (!lines_next(&text, &origin) || !lines_next(&text, &size) ||
	    !lines_next(&text, &root) || origin.size == 0 ||
	    memchr(origin.bytes, '\0', origin.size) != NULL ||
	    !lines_decimal(size, &checkpoint->size) ||
	    !lines_digest(root, checkpoint->root) || !check_extensions(text))
		return SK_MALFORMED;
	if (origin.size > CHECKPOINT_ORIGIN_MAX)
		return SK_OVERSIZED;
	memcpy(checkpoint->origin, origin.bytes, origin.size);
	checkpoint->extensions = text;
	return SK_OK;
}

void
checkpoint_write(struct writer *w, const struct checkpoint *checkpoint)
{
	write_text(w, checkpoint->origin);
	write_text(w, "\n");
	write_decimal(w, checkpoint->size);
	write_text(w, "\n");
	write_base64(w, checkpoint->root, DIGEST_SIZE);
	write_text(w, "\n");
	write_raw(w, checkpoint->extensions.bytes, checkpoint->extensions.size);
}

enum sk_error
checkpoint_sign(struct writer *w, const struct checkpoint *checkpoint,
    const struct note_key *key, const uint8_t secret_key[64])
{
	size_t from = w->size;
	struct span text;

	checkpoint_write(w, checkpoint);
	if (!writer_done(w))
		return SK_OVERSIZED;
	text = (struct span){ w->bytes + from, w->size - from };
	write_text(w, "\n");
	return note_sign(w, text, key, secret_key, 0);
}

enum sk_error
checkpoint_open(struct checkpoint *checkpoint, struct note *note,
    const void *bytes, size_t size, const struct note_key *key)
{
	enum sk_error rc;

	if ((rc = note_open(note, bytes, size)) != SK_OK ||
	    (rc = note_check(note, key, NULL)) != SK_OK ||
	    (rc = checkpoint_parse(checkpoint, note->text)) != SK_OK)
		return rc;
	return strcmp(checkpoint->origin, key->name) == 0 ? SK_OK :
	    SK_ORIGIN_WRONG;
}
