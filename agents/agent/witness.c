#include "agents/agent/witness.h"

#include <limits.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "agents/agent/evidence.h"
#include "broker/lib/file.h"

enum sk_error
witness_make(const char *keys, const char *name, char vkey[NOTE_VKEY_MAX + 1],
    struct fault *fault)
{
	uint8_t public_key[32], secret[64];
	char path[PATH_MAX], line[NOTE_VKEY_MAX + 2];
	struct note_key key;
	size_t size;
	enum sk_error rc;

	crypto_sign_keypair(public_key, secret);
	rc = note_key_init(&key, name, NOTE_COSIGNATURE, public_key);
	if (rc != SK_OK) {
		sodium_memzero(secret, sizeof(secret));
		return fault_set(fault, rc, "--name", "a name without blanks or "
		    "a plus, of your own domain: example.nl/w1");
	}
	file_path(path, sizeof(path), keys, "witness.key");
	rc = file_write_secret(path, secret, sizeof(secret), fault);
	sodium_memzero(secret, sizeof(secret));
	if (rc != SK_OK)
		return rc;
	note_key_format(&key, vkey);
	size = strlen(vkey);
	memcpy(line, vkey, size);
	line[size] = '\n';
	file_path(path, sizeof(path), keys, "witness.vkey");
	return file_write(path, line, size + 1, 0644, fault);
}

enum sk_error
witness_open(struct witness *witness, const char *keys, struct fault *fault)
{
	char path[PATH_MAX], vkey[NOTE_VKEY_MAX + 2];
	size_t size = 0;
	enum sk_error rc;

	memset(witness, 0, sizeof(*witness));
	file_path(path, sizeof(path), keys, "witness.key");
	if (access(path, F_OK) != 0)
		return SK_OK;
	rc = file_read_secret(path, witness->secret, 64, fault);
	file_path(path, sizeof(path), keys, "witness.vkey");
	if (rc == SK_OK)
		rc = file_read(path, vkey, sizeof(vkey), &size, fault);
	if (rc != SK_OK)
		return rc;
	while (size > 0 && vkey[size - 1] == '\n')
		size--;
	if (note_key_parse(&witness->key, (struct span){ vkey, size }) !=
	    SK_OK || witness->key.type != NOTE_COSIGNATURE ||
	    memcmp(witness->key.public_key, witness->secret + 32, 32) != 0)
		return fault_set(fault, SK_CONFIG, path, "the vkey of the "
		    "witness.key beside it");
	witness->signs = true;
	return SK_OK;
}

void
witness_clear(struct witness *witness)
{
	sodium_memzero(witness, sizeof(*witness));
}

void
witness_again(struct witness *witness)
{
	witness->signed_size = 0;
	witness->signed_ticks = 0;
}

int64_t
witness_due(struct agent *agent, int64_t ticks)
{
	const struct witness *witness = &agent->witness;
	struct checkpoint kept;
	struct span note;

	if (!witness->signs || agent->forked ||
	    evidence_kept(agent, &note, &kept) != SK_OK ||
	    kept.size <= witness->signed_size)
		return INT64_MAX;
	return witness->signed_ticks == 0 ? ticks :
	    witness->signed_ticks + WITNESS_MS;
}

enum sk_error
witness_sign(struct agent *agent, int64_t ticks, Sk__Cosignature *frame,
    uint8_t line[NOTE_LINE_MAX])
{
	struct witness *witness = &agent->witness;
	const int64_t now = agent_now(agent);
	struct checkpoint kept;
	struct span bytes;
	struct note note;
	struct writer w;
	enum sk_error rc;

	if (witness_due(agent, ticks) > ticks)
		return SK_NOT_FOUND;
	if ((rc = evidence_kept(agent, &bytes, &kept)) != SK_OK ||
	    (rc = note_open(&note, bytes.bytes, bytes.size)) != SK_OK)
		return rc;
	writer_init(&w, line, NOTE_LINE_MAX);
	rc = note_sign(&w, note.text, &witness->key, witness->secret,
	    (uint64_t)now / 1000);
	if (rc != SK_OK || !writer_done(&w))
		return rc != SK_OK ? rc : SK_OVERSIZED;
	witness->signed_size = kept.size;
	witness->signed_ticks = ticks;
	frame->has_size = frame->has_line = 1;
	frame->size = kept.size;
	frame->line = (ProtobufCBinaryData){ w.size, line };
	return SK_OK;
}
