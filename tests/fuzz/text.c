/*
 * text.c - notes, checkpoints, cosignatures, keys, proofs; requests and
 * invitations: what people and witnesses send as text.
 */
#include <string.h>

#include "proto/note.h"
#include "proto/statement.h"
#include "proto/tlog.h"
#include "tests/fuzz/fuzz.h"

/* A key that signed nothing. */
static const struct note_key *
strange_key(enum note_type type)
{
	static const uint8_t bytes[32] = { 3 };
	static struct note_key key;

	MUST(note_key_init(&key, "regio/test/1", type, bytes) == SK_OK);
	return &key;
}

static void
one_checkpoint(struct span text)
{
	static uint8_t written[NOTE_BYTES_MAX * 2];
	struct checkpoint checkpoint;
	struct writer w;

	if (checkpoint_parse(&checkpoint, text) != SK_OK)
		return;
	writer_init(&w, written, sizeof(written));
	checkpoint_write(&w, &checkpoint);
	MUST(writer_done(&w));
	MUST(w.size == text.size &&
	    memcmp(written, text.bytes, text.size) == 0);
}

void
fuzz_note(const uint8_t *bytes, size_t size)
{
	struct checkpoint checkpoint;
	struct note note;
	uint64_t when;

	if (note_open(&note, bytes, size) != SK_OK)
		return;
	MUST(note.n <= NOTE_SIGNATURES_MAX);
	MUST(note.text.size + note.lines.size <= size);
	MUST(note_check(&note, strange_key(NOTE_ED25519), NULL) != SK_OK);
	MUST(note_check(&note, strange_key(NOTE_COSIGNATURE), &when) != SK_OK);
	one_checkpoint(note.text);
	MUST(checkpoint_open(&checkpoint, &note, bytes, size,
	    strange_key(NOTE_ED25519)) != SK_OK);
}

/* Lines that a witness sends under a text that we know. */
void
fuzz_cosignature(const uint8_t *bytes, size_t size)
{
	static const char text[] = "regio/test/1\n5\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
	struct note note;
	uint64_t when;

	if (note_open_lines(&note, (struct span){ (const uint8_t *)text,
	    sizeof(text) - 1 }, (struct span){ bytes, size }) != SK_OK)
		return;
	MUST(note.n <= NOTE_SIGNATURES_MAX);
	MUST(note_check(&note, strange_key(NOTE_COSIGNATURE), &when) != SK_OK);
}

void
fuzz_vkey(const uint8_t *bytes, size_t size)
{
	char written[NOTE_VKEY_MAX + 1];
	struct note_key key;

	if (note_key_parse(&key, (struct span){ bytes, size }) != SK_OK)
		return;
	note_key_format(&key, written);
	MUST(strlen(written) == size && memcmp(written, bytes, size) == 0);
}

void
fuzz_proof(const uint8_t *bytes, size_t size)
{
	static uint8_t extra[TLOG_EXTRA_MAX], written[TLOG_PROOF_MAX + 64];
	static const uint8_t leaf[DIGEST_SIZE];
	static struct tlog_proof proof;
	struct checkpoint checkpoint;
	struct fault fault = { 0 };
	struct note note;
	struct writer w;
	size_t n = 0;

	if (tlog_proof_parse(&proof, bytes, size) != SK_OK)
		return;
	MUST(proof.n <= TLOG_PATH_MAX);
	if (tlog_proof_extra(&proof, extra, sizeof(extra), &n) != SK_OK)
		n = 0;
	writer_init(&w, written, sizeof(written));
	tlog_proof_write(&w, &proof, (struct span){ extra, n });
	MUST(writer_done(&w));
	MUST(w.size == size && memcmp(written, bytes, size) == 0);
	MUST(tlog_proof_check(&proof, leaf, strange_key(NOTE_ED25519),
	    &checkpoint, &note, &fault) != SK_OK);
}

void
fuzz_request(const uint8_t *bytes, size_t size)
{
	struct enrol_request request;
	struct fault fault = { 0 };
	enum sk_error rc;

	rc = request_decode((const char *)bytes, size, &request, &fault);
	MUST(rc == SK_OK || fault.code == rc);
	if (rc == SK_OK)
		MUST(strlen(request.name) <= STATEMENT_NAME_MAX &&
		    strlen(request.code) <= STATEMENT_CODE_MAX);
}

void
fuzz_invitation(const uint8_t *bytes, size_t size)
{
	struct invitation invitation, second;
	char text[INVITATION_TEXT_MAX];
	struct fault fault = { 0 };
	enum sk_error rc;

	memset(&invitation, 0, sizeof(invitation));
	memset(&second, 0, sizeof(second));
	rc = invitation_decode((const char *)bytes, size, &invitation, &fault);
	MUST(rc == SK_OK || fault.code == rc);
	if (rc != SK_OK)
		return;
	MUST(invitation_encode(&invitation, text) == SK_OK);
	MUST(invitation_decode(text, strlen(text), &second, &fault) == SK_OK);
	MUST(memcmp(invitation.digest, second.digest, DIGEST_SIZE) == 0);
}
