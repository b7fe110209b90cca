#include "broker/journal/vault.h"

#include <sodium.h>
#include <stdlib.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/journal/copy.h"
#include "broker/lib/store.h"
#include "proto/bytes.h"
#include "proto/civil.h"

_Static_assert(VAULT_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES &&
    VAULT_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
    VAULT_OVERHEAD == VAULT_NONCE_SIZE +
    crypto_aead_xchacha20poly1305_ietf_ABYTES, "sizes of the cipher");

#define DAY_BIT (1ULL << 63)
#define SLOTS 1024u	/* direct-mapped; dense case numbers spread evenly */
#define NONCES 64u	/* drawn at once: one system call for so many rows */
/* Case numbers are dense, so a leap past this is damage, not growth. */
#define LEAP_MAX (16u * JOURNAL_KEY_BLOCK)

enum { KEYS, META };
static const struct store_table tables[] = {
	[KEYS] = { "keys", true },	/* number -> 32-byte key, empty: destroyed */
	[META] = { "meta", false },	/* name -> founding, format, marks */
};

#define TEXT(string) ((struct span){ string, sizeof(string) - 1 })
#define NAME_FOUNDING TEXT("founding")
#define NAME_FORMAT TEXT("format")
/* The highest number ever made, of cases and of days. */
#define NAME_CASES TEXT("cases")
#define NAME_DAYS TEXT("days")
#define NAME_SECRET TEXT("secret")	/* since the family index */
#define NAME_ERASED TEXT("erased")	/* lines of erasures.log that are done */

/* Everything secret lies in this one, locked and wiped by libsodium. */
struct secrets {
	uint64_t number[SLOTS];	/* 0: empty */
	uint8_t key[SLOTS][VAULT_KEY_SIZE];
	uint8_t made[VAULT_KEY_SIZE];
	uint8_t own[VAULT_KEY_SIZE];
};

struct vault {
	struct store *store;
	struct secrets *secrets;
	uint64_t cases;		/* marks */
	uint64_t days;
	size_t nonces;		/* left in the buffer */
	uint8_t nonce[NONCES][VAULT_NONCE_SIZE];
};

static enum sk_error
open_store(const char *path, bool read_only, struct store **store)
{
	struct store_options options = {
		.path = path,
		.tables_max = sizeof(tables) / sizeof(tables[0]),
		.read_only = read_only,
	};

	return store_open(&options, tables, sizeof(tables) / sizeof(tables[0]),
	    store);
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

/* absent is 0. */
static enum sk_error
get_u64(struct store_txn *txn, struct span name, uint64_t *value)
{
	struct span found;
	enum sk_error rc;

	*value = 0;
	rc = store_get(txn, META, name, &found);
	if (rc == SK_NOT_FOUND)
		return SK_OK;
	if (rc != SK_OK)
		return rc;
	if (found.size != 8)
		return SK_STORE_CORRUPT;
	*value = be64_get(found.bytes);
	return SK_OK;
}

enum sk_error
vault_make(const char *path, const uint8_t founding[DIGEST_SIZE])
{
	struct store *store;
	struct store_txn *txn = NULL;
	uint64_t keys;
	enum sk_error rc;

	if ((rc = open_store(path, false, &store)) != SK_OK)
		return rc;
	if ((rc = store_write(store, &txn)) != SK_OK)
		goto done;
	if ((rc = store_count(txn, KEYS, &keys)) != SK_OK)
		goto done;
	/* A founding that a crash cut short left no key: it may be redone. */
	if (keys != 0) {
		rc = SK_STORE_MISMATCH;
		goto done;
	}
	(void)store_put(txn, META, NAME_FOUNDING,
	    (struct span){ founding, DIGEST_SIZE }, PUT_ANY, NULL);
	put_u64(txn, NAME_FORMAT, JOURNAL_FORMAT);
	rc = store_commit(txn);
	txn = NULL;
done:
	store_abort(txn);
	store_close(store);
	return rc;
}

static enum sk_error
read_meta(struct vault *vault, const uint8_t founding[DIGEST_SIZE])
{
	struct store_txn *txn;
	struct span found;
	uint64_t format;
	enum sk_error rc;

	if ((rc = store_read(vault->store, &txn)) != SK_OK)
		return rc;
	if ((rc = get_u64(txn, NAME_FORMAT, &format)) != SK_OK)
		goto done;
	if (format != JOURNAL_FORMAT) {
		rc = SK_STORE_FORMAT;
		goto done;
	}
	rc = store_get(txn, META, NAME_FOUNDING, &found);
	if (rc == SK_NOT_FOUND || (rc == SK_OK && (found.size != DIGEST_SIZE ||
	    memcmp(found.bytes, founding, DIGEST_SIZE) != 0)))
		rc = SK_STORE_MISMATCH;
	if (rc != SK_OK)
		goto done;
	if ((rc = get_u64(txn, NAME_CASES, &vault->cases)) != SK_OK)
		goto done;
	rc = get_u64(txn, NAME_DAYS, &vault->days);
done:
	store_abort(txn);
	return rc;
}

/* Drawn where there is none yet, synced before anything rests on it. */
static enum sk_error
read_secret(struct vault *vault, bool read_only)
{
	struct store_txn *txn;
	struct span found;
	uint8_t *own = vault->secrets->own;
	enum sk_error rc;

	if ((rc = store_read(vault->store, &txn)) != SK_OK)
		return rc;
	rc = store_get(txn, META, NAME_SECRET, &found);
	if (rc == SK_OK && found.size != VAULT_KEY_SIZE)
		rc = SK_STORE_CORRUPT;
	if (rc == SK_OK)
		memcpy(own, found.bytes, VAULT_KEY_SIZE);
	store_abort(txn);
	if (rc != SK_NOT_FOUND)
		return rc;
	randombytes_buf(own, VAULT_KEY_SIZE);
	if (read_only)
		return SK_OK;
	if ((rc = store_write(vault->store, &txn)) != SK_OK)
		return rc;
	(void)store_put(txn, META, NAME_SECRET,
	    (struct span){ own, VAULT_KEY_SIZE }, PUT_ANY, NULL);
	return store_commit(txn);
}

const uint8_t *
vault_secret(const struct vault *vault)
{
	return vault == NULL ? NULL : vault->secrets->own;
}

/* Whoever reads these reads every case. */
static enum sk_error
check_mode(const char *path)
{
	char file[PATH_MAX];
	struct stat st;

	snprintf(file, sizeof(file), "%s/data.mdb", path);
	return stat(file, &st) == 0 && (st.st_mode & 077) != 0 ?
	    SK_FILE_MODE : SK_OK;
}

enum sk_error
vault_open(const char *path, const uint8_t founding[DIGEST_SIZE],
    bool read_only, struct vault **vault)
{
	struct vault *new;
	enum sk_error rc = SK_NO_MEMORY;

	if (sodium_init() < 0)
		return SK_CRYPTO;
	if ((new = calloc(1, sizeof(*new))) == NULL)
		return SK_NO_MEMORY;
	if ((new->secrets = sodium_malloc(sizeof(*new->secrets))) == NULL)
		goto done;
	memset(new->secrets, 0, sizeof(*new->secrets));
	if ((rc = check_mode(path)) != SK_OK ||
	    (rc = open_store(path, read_only, &new->store)) != SK_OK)
		goto done;
	rc = read_meta(new, founding);
	if (rc == SK_OK)
		rc = read_secret(new, read_only);
done:
	if (rc != SK_OK) {
		vault_close(new);
		return rc;
	}
	*vault = new;
	return SK_OK;
}

void
vault_close(struct vault *vault)
{
	if (vault == NULL)
		return;
	store_close(vault->store);
	sodium_free(vault->secrets);	/* wipes */
	free(vault);
}

uint64_t
vault_day_number(int64_t instant)
{
	return DAY_BIT | (uint32_t)civil_date_at(instant);
}

static size_t
slot_of(uint64_t number)
{
	return number % SLOTS;
}

enum sk_error
vault_find(struct vault *vault, uint64_t number, const uint8_t **key)
{
	struct secrets *secrets;
	struct store_txn *txn;
	struct span found;
	size_t slot = slot_of(number);
	enum sk_error rc;

	if (vault == NULL || number == 0)
		return SK_ERASED;
	secrets = vault->secrets;
	if (secrets->number[slot] == number) {
		*key = secrets->key[slot];
		return SK_OK;
	}
	if ((rc = store_read(vault->store, &txn)) != SK_OK)
		return rc;
	rc = store_get(txn, KEYS, SPAN_U64(number), &found);
	if (rc == SK_NOT_FOUND || (rc == SK_OK && found.size == 0))
		rc = SK_ERASED;
	else if (rc == SK_OK && found.size != VAULT_KEY_SIZE)
		rc = SK_STORE_CORRUPT;
	if (rc == SK_OK) {
		memcpy(secrets->key[slot], found.bytes, VAULT_KEY_SIZE);
		secrets->number[slot] = number;
		*key = secrets->key[slot];
	}
	store_abort(txn);
	return rc;
}

/* Make the keys first..last and move their mark, in one synced commit. */
static enum sk_error
make_block(struct vault *vault, uint64_t first, uint64_t last,
    struct span mark)
{
	struct store_txn *txn;
	uint8_t *key = vault->secrets->made;
	enum sk_error rc;

	if ((rc = store_write(vault->store, &txn)) != SK_OK)
		return rc;
	for (uint64_t number = first; number <= last; number++) {
		randombytes_buf(key, VAULT_KEY_SIZE);
		(void)store_put(txn, KEYS, SPAN_U64(number),
		    (struct span){ key, VAULT_KEY_SIZE }, PUT_NEW, NULL);
	}
	sodium_memzero(key, VAULT_KEY_SIZE);
	put_u64(txn, mark, last);
	return store_commit(txn);
}

enum sk_error
vault_need(struct vault *vault, uint64_t number, const uint8_t **key)
{
	bool day = (number & DAY_BIT) != 0;
	uint64_t mark, first, last;
	enum sk_error rc;

	if (vault == NULL || number == 0)
		return SK_ERASED;
	mark = day ? vault->days : vault->cases;
	/* At or below the mark it was made once, or passed over for ever. */
	if (number <= mark)
		return vault_find(vault, number, key);
	if (day) {
		first = number;
		last = number + JOURNAL_DAY_BLOCK - 1;
	} else {
		if (number - mark > LEAP_MAX)
			return SK_STORE_CORRUPT;
		first = mark + 1;
		last = (number + JOURNAL_KEY_BLOCK - 1) / JOURNAL_KEY_BLOCK *
		    JOURNAL_KEY_BLOCK;
	}
	if ((rc = make_block(vault, first, last,
	    day ? NAME_DAYS : NAME_CASES)) != SK_OK)
		return rc;
	*(day ? &vault->days : &vault->cases) = last;
	return vault_find(vault, number, key);
}

static void
forget(struct vault *vault, uint64_t number)
{
	size_t slot = slot_of(number);

	if (vault->secrets->number[slot] != number)
		return;
	vault->secrets->number[slot] = 0;
	sodium_memzero(vault->secrets->key[slot], VAULT_KEY_SIZE);
}

/* Errors are sticky in txn. */
static void
destroy(struct vault *vault, struct store_txn *txn, uint64_t number,
    bool *any)
{
	struct span found;

	forget(vault, number);
	if (store_get(txn, KEYS, SPAN_U64(number), &found) != SK_OK ||
	    found.size == 0)
		return;
	*any = true;
	(void)store_put(txn, KEYS, SPAN_U64(number), (struct span){ "", 0 },
	    PUT_ANY, NULL);
}

static enum sk_error
destroy_days(struct vault *vault, struct store_txn *txn, uint64_t last,
    bool *any)
{
	uint64_t number = DAY_BIT;
	struct store_cursor *cursor;
	struct span key, value;
	enum sk_error rc;

	/* A cursor does not outlast a write that moves its page. */
	while ((rc = store_cursor_open(txn, KEYS, &cursor)) == SK_OK) {
		rc = store_seek_ge(cursor, SPAN_U64(number), &key, &value);
		if (rc == SK_OK)
			memcpy(&number, key.bytes, sizeof(number));
		store_cursor_close(cursor);
		if (rc != SK_OK || number > last)
			break;
		destroy(vault, txn, number++, any);
	}
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

enum sk_error
vault_destroy(struct vault *vault, const uint64_t *numbers, size_t n,
    uint64_t day)
{
	enum sk_error rc = SK_OK;
	struct store_txn *txn;
	bool any = false;

	if (vault == NULL)
		return SK_OK;
	if ((rc = store_write(vault->store, &txn)) != SK_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		destroy(vault, txn, numbers[i], &any);
	if (day != 0)
		rc = destroy_days(vault, txn, day, &any);
	if (rc != SK_OK || !any) {
		store_abort(txn);
		txn = NULL;
	}
	if (txn != NULL)
		rc = store_commit(txn);
	/* Also where the rows are empty already: a crash may have come between
	 * this commit and the rewriting. */
	return rc == SK_OK ? store_rewrite(vault->store) : rc;
}

enum sk_error
vault_mark(struct vault *vault, uint64_t *lines)
{
	struct store_txn *txn;
	enum sk_error rc;

	if ((rc = store_read(vault->store, &txn)) != SK_OK)
		return rc;
	rc = get_u64(txn, NAME_ERASED, lines);
	store_abort(txn);
	return rc;
}

enum sk_error
vault_set_mark(struct vault *vault, uint64_t lines)
{
	struct store_txn *txn;
	enum sk_error rc;

	if ((rc = store_write(vault->store, &txn)) != SK_OK)
		return rc;
	put_u64(txn, NAME_ERASED, lines);
	return store_commit(txn);
}

static enum sk_error
row_number(struct span row, struct span key, uint64_t *number)
{
	memcpy(number, row.bytes, sizeof(*number));
	if (*number == 0 || (key.size != 0 && key.size != VAULT_KEY_SIZE))
		return SK_STORE_CORRUPT;
	return SK_OK;
}

enum sk_error
vault_walk(struct vault *vault, vault_visit *visit, void *context)
{
	struct store_cursor *cursor;
	struct store_txn *txn;
	struct span row, key;
	uint64_t number;
	enum sk_error rc;

	if (vault == NULL)
		return SK_OK;
	if ((rc = store_read(vault->store, &txn)) != SK_OK)
		return rc;
	if ((rc = store_cursor_open(txn, KEYS, &cursor)) == SK_OK) {
		while ((rc = store_next(cursor, &row, &key)) == SK_OK &&
		    (rc = row_number(row, key, &number)) == SK_OK &&
		    visit(context, number, key.size == 0))
			;
		store_cursor_close(cursor);
	}
	store_abort(txn);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

static bool
count_key(void *context, uint64_t number, bool destroyed)
{
	struct key_counts *counts = context;

	counts->destroyed += destroyed;
	if ((number & DAY_BIT) != 0) {
		counts->days++;
		counts->last_day = number;
	} else {
		counts->cases++;
		counts->last_case = number;
	}
	return true;
}

enum sk_error
vault_counts(struct vault *vault, struct key_counts *counts)
{
	if (vault == NULL)
		return SK_OK;
	counts->there = true;
	counts->cases_mark = vault->cases;
	counts->days_mark = vault->days;
	return vault_walk(vault, count_key, counts);
}

/* ---- rows, for a copy */

enum sk_error
vault_open_store(const char *path, struct store **store)
{
	return open_store(path, false, store);
}

enum sk_error
vault_read(struct vault *vault, uint64_t from, struct key_row *rows,
    size_t room, size_t *n)
{
	struct store_cursor *cursor;
	struct store_txn *txn;
	struct span number, key;
	enum sk_error rc;

	*n = 0;
	if (vault == NULL)
		return SK_OK;
	if ((rc = store_read(vault->store, &txn)) != SK_OK)
		return rc;
	if ((rc = store_cursor_open(txn, KEYS, &cursor)) == SK_OK) {
		rc = store_seek_ge(cursor, SPAN_U64(from), &number, &key);
		while (rc == SK_OK && *n < room) {
			rc = row_number(number, key, &rows[*n].number);
			if (rc != SK_OK)
				break;
			rows[*n].destroyed = key.size == 0;
			if (key.size != 0)
				memcpy(rows[*n].key, key.bytes,
				    VAULT_KEY_SIZE);
			(*n)++;
			rc = store_next(cursor, &number, &key);
		}
		store_cursor_close(cursor);
	}
	store_abort(txn);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

enum sk_error
vault_write(struct store *store, const struct key_row *rows, size_t n)
{
	struct store_txn *txn;
	enum sk_error rc;

	if ((rc = store_write(store, &txn)) != SK_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		(void)store_put(txn, KEYS, SPAN_U64(rows[i].number),
		    (struct span){ rows[i].key, rows[i].destroyed ? 0 :
		    VAULT_KEY_SIZE }, PUT_NEW, NULL);
	return store_commit(txn);
}

enum sk_error
vault_write_marks(struct store *store, uint64_t cases_mark,
    uint64_t days_mark, uint64_t lines)
{
	struct store_txn *txn;
	enum sk_error rc;

	if ((rc = store_write(store, &txn)) != SK_OK)
		return rc;
	put_u64(txn, NAME_CASES, cases_mark);
	put_u64(txn, NAME_DAYS, days_mark);
	put_u64(txn, NAME_ERASED, lines);
	return store_commit(txn);
}

static const uint8_t *
next_nonce(struct vault *vault)
{
	if (vault->nonces == 0) {
		randombytes_buf(vault->nonce, sizeof(vault->nonce));
		vault->nonces = NONCES;
	}
	return vault->nonce[--vault->nonces];
}

enum sk_error
vault_seal(struct vault *vault, const uint8_t key[VAULT_KEY_SIZE],
    struct span associated, struct span plain, uint8_t *out, size_t *size)
{
	unsigned long long closed_size;

	memcpy(out, next_nonce(vault), VAULT_NONCE_SIZE);
	if (crypto_aead_xchacha20poly1305_ietf_encrypt(out + VAULT_NONCE_SIZE,
	    &closed_size, plain.bytes, plain.size, associated.bytes,
	    associated.size, NULL, out, key) != 0)
		return SK_CRYPTO;
	*size = VAULT_NONCE_SIZE + (size_t)closed_size;
	return SK_OK;
}

enum sk_error
vault_unseal(const uint8_t key[VAULT_KEY_SIZE], struct span associated,
    struct span closed, uint8_t *out, size_t *size)
{
	const uint8_t *bytes = closed.bytes;
	unsigned long long plain_size;

	if (closed.size < VAULT_OVERHEAD)
		return SK_STORE_CORRUPT;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, &plain_size, NULL,
	    bytes + VAULT_NONCE_SIZE, closed.size - VAULT_NONCE_SIZE,
	    associated.bytes, associated.size, bytes, key) != 0)
		return SK_STORE_CORRUPT;
	*size = (size_t)plain_size;
	return SK_OK;
}
