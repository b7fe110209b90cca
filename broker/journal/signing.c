/*
 * signing.c - under which key a checkpoint of which size is signed: the one
 * that the founding entry names, then the one of each statement about the
 * broker that the region's enrolment key signed (PROTOCOL.md, Directory).
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "broker/journal/internal.h"
#include "proto/session.pb-c.h"
#include "proto/statement.h"
#include "proto/wire.h"

#define ROW_SIZE (4 * 8 + 2 * 32)
#define NAME_MAX_SIZE 32

static struct span
row_name(uint64_t generation, char name[NAME_MAX_SIZE])
{
	int n = snprintf(name, NAME_MAX_SIZE, "broker-key/%llu",
	    (unsigned long long)generation);

	return (struct span){ name, (size_t)n };
}

static size_t
row_encode(const struct broker_key *key, uint8_t row[ROW_SIZE])
{
	struct writer w;

	writer_init(&w, row, ROW_SIZE);
	write_u64(&w, key->generation);
	write_u64(&w, key->reason);
	write_u64(&w, key->position);
	write_u64(&w, key->from_size);
	write_raw(&w, key->link, 32);
	write_raw(&w, key->sign, 32);
	return w.size;
}

static bool
row_decode(struct span row, struct broker_key *key)
{
	struct reader r;

	reader_init(&r, row.bytes, row.size);
	key->generation = read_u64(&r);
	key->reason = read_u64(&r);
	key->position = read_u64(&r);
	key->from_size = read_u64(&r);
	read_into(&r, key->link, 32);
	read_into(&r, key->sign, 32);
	return reader_done(&r);
}

enum sk_error
signing_open(struct journal *journal, struct store_txn *txn)
{
	const struct founding *founding = &journal->founding;
	char name[NAME_MAX_SIZE];
	struct broker_key *key = &journal->broker_key[0];
	struct span row;
	enum sk_error rc = SK_OK;

	memset(key, 0, sizeof(*key));
	key->generation = 1;
	memcpy(key->link, founding->broker_link_key, 32);
	memcpy(key->sign, founding->broker_sign_key, 32);
	for (journal->broker_keys = 1;
	    journal->broker_keys < JOURNAL_BROKER_KEYS_MAX;
	    journal->broker_keys++) {
		const uint64_t generation = journal->broker_keys + 1;

		rc = store_get(txn, META, row_name(generation, name), &row);
		if (rc != SK_OK)
			break;
		if (!row_decode(row, &key[journal->broker_keys]) ||
		    key[journal->broker_keys].generation != generation)
			return SK_STORE_CORRUPT;
	}
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

void
signing_abort(struct journal *journal)
{
	while (journal->broker_keys > 1 &&
	    journal->broker_key[journal->broker_keys - 1].position >=
	    journal->committed)
		journal->broker_keys--;
}

/* The statement in a leaf that is one about the broker. */
static bool
find_statement(struct span bytes, struct statement *s)
{
	uint8_t memory[STATEMENT_BYTES_MAX + 1024];
	ProtobufCMessage *message = NULL;
	struct arena arena;
	struct leaf leaf;

	if (bytes.size < 16 || be64_get((const uint8_t *)bytes.bytes + 8) !=
	    SK__EVENT_KIND__DIRECTORY_EVENT ||
	    leaf_decode(bytes.bytes, bytes.size, &leaf) != SK_OK)
		return false;
	arena_init(&arena, memory, sizeof(memory));
	return wire_decode(&sk__statement__descriptor, "statement",
	    leaf.body.bytes, leaf.body.size, sizeof(memory), &arena, &message,
	    NULL) == SK_OK &&
	    statement_decode(((Sk__Statement *)message)->body.data,
	    ((Sk__Statement *)message)->body.len, s, NULL) == SK_OK &&
	    s->type == STATEMENT_BROKER;
}

enum sk_error
signing_follow(struct journal *journal, struct span bytes, uint64_t position)
{
	static struct statement s;
	struct broker_key *key;
	uint8_t row[ROW_SIZE];
	char name[NAME_MAX_SIZE];

	if (!find_statement(bytes, &s))
		return SK_OK;
	if (journal->broker_keys == JOURNAL_BROKER_KEYS_MAX)
		return SK_STORE_FULL;
	key = &journal->broker_key[journal->broker_keys];
	key->generation = s.generation;
	key->reason = s.reason;
	key->position = position;
	/* A key that nobody stole signs for its successor. */
	key->from_size = s.reason == BROKER_PLANNED ? position + 2 :
	    position + 1;
	memcpy(key->link, s.keys.link, 32);
	memcpy(key->sign, s.keys.sign, 32);
	journal->broker_keys++;
	return store_put(journal->write, META, row_name(s.generation, name),
	    (struct span){ row, row_encode(key, row) }, PUT_NEW, NULL);
}

/* ---- asking */

size_t
journal_broker_keys(const struct journal *journal,
    const struct broker_key **keys)
{
	*keys = journal->broker_key;
	return journal->broker_keys;
}

const struct broker_key *
journal_broker_key(const struct journal *journal, uint64_t size)
{
	size_t at = journal->broker_keys - 1;

	while (at > 0 && journal->broker_key[at].from_size > size)
		at--;
	return &journal->broker_key[at];
}

enum sk_error
journal_log_key(const struct journal *journal, uint64_t size,
    struct note_key *key)
{
	char origin[ORIGIN_MAX];

	/* The name of the journal in which the last entry under it stands. */
	journal_origin(journal, size == 0 ? 0 : size - 1, origin);
	return note_key_init(key, origin, NOTE_ED25519,
	    journal_broker_key(journal, size)->sign);
}

/* ---- secrets */

void
journal_sign_with(struct journal *journal, const uint8_t secret_key[64])
{
	struct sign_secret *secrets = journal->sign_secret;

	/* Locked if the system lets us: never in a swap file. */
	(void)sodium_mlock(secrets, sizeof(journal->sign_secret));
	/* The older of two goes: it has signed its last. */
	secrets[1] = secrets[0];
	memcpy(secrets[0].secret, secret_key, 64);
	crypto_sign_ed25519_sk_to_pk(secrets[0].public_key, secret_key);
	journal->signs = true;
}

const uint8_t *
signing_secret(const struct journal *journal, uint64_t size)
{
	const uint8_t *key = journal_broker_key(journal, size)->sign;

	for (size_t i = 0; i < SIGN_SECRETS; i++)
		if (memcmp(journal->sign_secret[i].public_key, key, 32) == 0)
			return journal->sign_secret[i].secret;
	return NULL;
}

bool
journal_can_sign(const struct journal *journal, const uint8_t public_key[32])
{
	for (size_t i = 0; i < SIGN_SECRETS; i++)
		if (memcmp(journal->sign_secret[i].public_key, public_key,
		    32) == 0)
			return true;
	return false;
}

void
signing_close(struct journal *journal)
{
	sodium_munlock(journal->sign_secret, sizeof(journal->sign_secret));
}
