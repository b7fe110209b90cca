/*
 * keys.c - the broker's own keys: which it signs with and is reached under,
 * and how others take their place.
 *
 * KEYS/sign.key and link.key are in use; sign.key.next and link.key.next wait
 * for the statement that names them. KEYS/next.statement is such a statement
 * for a broker that does not run, or cannot: its key was lost.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/edge/internal.h"
#include "broker/lib/file.h"
#include "proto/charter.h"
#include "proto/leaf.h"
#include "proto/statement.h"

#define PATH_SIZE 4096

static void
key_path(const struct broker *broker, const char *name, char path[PATH_SIZE])
{
	file_path(path, PATH_SIZE, broker->config->keys, name);
}

static const struct broker_key *
newest(const struct broker *broker)
{
	const struct broker_key *keys;
	size_t n = journal_broker_keys(broker->journal, &keys);

	return &keys[n - 1];
}

/* Absent is no error here: which is needed, keys_check says. */
static enum sk_error
load_sign(struct broker *broker, const char *name, struct fault *fault)
{
	uint8_t secret[64];
	char path[PATH_SIZE];
	enum sk_error rc;

	key_path(broker, name, path);
	if (access(path, F_OK) != 0)
		return SK_OK;
	rc = file_read_secret(path, secret, sizeof(secret), fault);
	if (rc == SK_OK)
		journal_sign_with(broker->journal, secret);
	sodium_memzero(secret, sizeof(secret));
	return rc;
}

enum sk_error
keys_open(struct broker *broker, struct fault *fault)
{
	enum sk_error rc = load_sign(broker, "sign.key.next", fault);

	return rc == SK_OK ? load_sign(broker, "sign.key", fault) : rc;
}

/* An operator makes the next pair while the broker runs. */
void
keys_refresh(struct broker *broker)
{
	struct fault fault = { 0 };
	char path[PATH_SIZE];

	key_path(broker, "sign.key.next", path);
	if (access(path, F_OK) == 0 && keys_open(broker, &fault) != SK_OK)
		log_event(LOG_ERROR, "the next signing key cannot be read",
		    "path=%s code=%s", fault.field, error_name(fault.code));
}

enum sk_error
keys_check(const struct broker *broker, struct fault *fault)
{
	char path[PATH_SIZE];

	if (journal_can_sign(broker->journal, newest(broker)->sign))
		return SK_OK;
	key_path(broker, "sign.key", path);
	return fault_set(fault, SK_STORE_MISMATCH, path, "the signing key that "
	    "the journal names; lost: schakel-admin(8), KEYS");
}

enum sk_error
keys_load_link(const struct broker *broker, uint8_t public_key[32],
    uint8_t secret_key[32], struct fault *fault)
{
	static const char *const names[] = { "link.key", "link.key.next" };
	char path[PATH_SIZE];
	enum sk_error rc = SK_OK;

	for (size_t i = 0; i < 2 && rc == SK_OK; i++) {
		key_path(broker, names[i], path);
		if (i > 0 && access(path, F_OK) != 0)
			break;
		rc = file_read_secret(path, secret_key, 32, fault);
		if (rc == SK_OK &&
		    crypto_scalarmult_base(public_key, secret_key) == 0 &&
		    memcmp(public_key, newest(broker)->link, 32) == 0)
			return SK_OK;
	}
	sodium_memzero(secret_key, 32);
	return rc != SK_OK ? rc : fault_set(fault, SK_STORE_MISMATCH, path,
	    "the link key that the journal names");
}

/* ---- who signs for the region */

static enum sk_error
read_change(struct broker *broker, uint64_t position, Sk__Statement **out)
{
	ProtobufCMessage *message = NULL;
	struct span bytes;
	struct leaf leaf;
	enum sk_error rc;

	rc = journal_leaf(broker->journal, position, &bytes);
	if (rc == SK_OK)
		rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
	if (rc == SK_OK)
		rc = wire_decode(&sk__statement__descriptor, "statement",
		    leaf.body.bytes, leaf.body.size, LEAF_BYTES_MAX,
		    &broker->frame, &message, NULL);
	*out = (Sk__Statement *)message;
	return rc;
}

enum sk_error
keys_welcome(struct broker *broker, Sk__Welcome *welcome)
{
	const size_t n = journal_charters(broker->journal) - 1;
	Sk__Statement **list;
	struct span founding;
	enum sk_error rc;

	if (n == 0)
		return SK_OK;
	if ((list = arena_take(&broker->frame, n * sizeof(*list))) == NULL)
		return SK_NO_MEMORY;
	rc = journal_leaf(broker->journal, 0, &founding);
	if (rc == SK_OK && !welcome->has_founding_leaf) {
		welcome->founding_leaf.len = founding.size;
		welcome->founding_leaf.data = arena_copy(&broker->frame,
		    founding.bytes, founding.size);
		welcome->has_founding_leaf = 1;
		if (welcome->founding_leaf.data == NULL)
			rc = SK_NO_MEMORY;
	}
	for (size_t i = 0; i < n && rc == SK_OK; i++)
		rc = read_change(broker, journal_chartered_at(broker->journal,
		    i + 1), &list[i]);
	welcome->n_charters = n;
	welcome->charters = list;
	journal_read_end(broker->journal);
	return rc;
}

/* ---- a statement that waits beside the keys */

static enum sk_error
read_statement(const char *path, uint8_t *body, size_t *size,
    uint8_t signature[64], struct fault *fault)
{
	static char text[STATEMENT_BYTES_MAX * 2 + 256];
	const char *end = NULL;
	size_t length = 0, signed_size = 0;
	enum sk_error rc;

	rc = file_read(path, text, sizeof(text), &length, fault);
	if (rc != SK_OK)
		return rc;
	if (sodium_hex2bin(body, STATEMENT_BYTES_MAX, text, length, NULL, size,
	    &end) != 0 || *end != '\n' || sodium_hex2bin(signature, 64,
	    end + 1, strcspn(end + 1, "\n"), NULL, &signed_size, NULL) != 0 ||
	    signed_size != 64)
		return fault_set(fault, SK_MALFORMED, path,
		    "two lines of hex: statement and signature");
	return SK_OK;
}

/* Is it in the journal already? A crash may have come before its removal. */
static bool
is_entered(const struct broker *broker, const uint8_t *body, size_t size)
{
	static struct statement s;
	struct charter_change change;

	if (charter_decode(body, size, &change, NULL) == SK_OK)
		return change.generation <= journal_charter(broker->journal,
		    journal_size(broker->journal))->generation;
	return statement_decode(body, size, &s, NULL) == SK_OK &&
	    s.type == STATEMENT_BROKER &&
	    s.generation <= newest(broker)->generation;
}

enum sk_error
keys_enter_waiting(struct broker *broker, struct fault *fault)
{
	static uint8_t body[STATEMENT_BYTES_MAX];
	uint8_t signature[64];
	Sk__Statement statement = SK__STATEMENT__INIT;
	char path[PATH_SIZE];
	size_t size = 0;
	enum sk_error rc;

	key_path(broker, "next.statement", path);
	if (access(path, F_OK) != 0)
		return SK_OK;
	rc = read_statement(path, body, &size, signature, fault);
	if (rc != SK_OK || is_entered(broker, body, size))
		return rc;
	statement.has_body = statement.has_signature = 1;
	statement.body = (ProtobufCBinaryData){ size, body };
	statement.signature = (ProtobufCBinaryData){ 64, signature };
	return engine_enter(broker->engine, clock_now(&broker->clock),
	    &statement, fault);
}

/* ---- after the commit */

static void
take_over(const struct broker *broker, const char *name)
{
	char from[PATH_SIZE], to[PATH_SIZE], next[64];
	struct fault fault = { 0 };

	snprintf(next, sizeof(next), "%s.next", name);
	key_path(broker, next, from);
	key_path(broker, name, to);
	if (access(from, F_OK) == 0 && file_rename(from, to, &fault) != SK_OK)
		log_event(LOG_ERROR, "a new key keeps its old name",
		    "path=%s error=%s", from, fault.hint);
}

/* Does this file hold the key that the journal names last? */
static bool
is_next(const struct broker *broker)
{
	uint8_t secret[64], public_key[32];
	char path[PATH_SIZE];
	struct fault fault = { 0 };
	bool same;

	key_path(broker, "sign.key.next", path);
	if (access(path, F_OK) != 0 ||
	    file_read_secret(path, secret, sizeof(secret), &fault) != SK_OK)
		return false;
	same = crypto_sign_ed25519_sk_to_pk(public_key, secret) == 0 &&
	    memcmp(public_key, newest(broker)->sign, 32) == 0;
	sodium_memzero(secret, sizeof(secret));
	return same;
}

/* What waited and is in the journal now waits no longer. */
static void
remove_waiting(const struct broker *broker)
{
	static uint8_t body[STATEMENT_BYTES_MAX];
	uint8_t signature[64];
	struct fault fault = { 0 };
	char path[PATH_SIZE];
	size_t size = 0;

	key_path(broker, "next.statement", path);
	if (access(path, F_OK) == 0 && read_statement(path, body, &size,
	    signature, &fault) == SK_OK && is_entered(broker, body, size))
		unlink(path);
}

void
keys_settle(struct broker *broker)
{
	remove_waiting(broker);
	if (!is_next(broker))
		return;
	take_over(broker, "sign.key");
	take_over(broker, "link.key");
	log_event(LOG_WARN, "the broker has other keys",
	    "generation=%llu from_size=%llu link=\"after a restart\"",
	    (unsigned long long)newest(broker)->generation,
	    (unsigned long long)newest(broker)->from_size);
}
