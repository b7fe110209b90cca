/*
 * vault.h - the keys under which parts lie, one a case and one a day, and
 * sealing with them.
 *
 * Keys are made in blocks that are synced before any key of them is used, so
 * that no entry can outlive a crash that its key did not. Of a key that was
 * destroyed the row stays, empty: it is never made again, and an auditor can
 * hold it against the entry that says why.
 */
#ifndef JOURNAL_VAULT_H
#define JOURNAL_VAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/digest.h"
#include "proto/error.h"

#define VAULT_KEY_SIZE 32
#define VAULT_NONCE_SIZE 24
#define VAULT_OVERHEAD 40u	/* nonce and tag */

struct store;
struct vault;
struct key_counts;	/* journal.h */

/* Make the environment of the journal with founding digest F. One that holds
 * keys already is refused: SK_STORE_MISMATCH. */
enum sk_error vault_make(const char *path,
    const uint8_t founding[DIGEST_SIZE]);
/* SK_STORE_MISMATCH beside another journal, SK_STORE_FORMAT, SK_STORE_BUSY. */
enum sk_error vault_open(const char *path, const uint8_t founding[DIGEST_SIZE],
    bool read_only, struct vault **vault);
void vault_close(struct vault *vault);

/*
 * The number of a key: a case's is its case number, a day's has the top bit
 * set. *key lies in locked memory until the next call.
 */
uint64_t vault_day_number(int64_t instant);
/* vault NULL, or a key that is not there: SK_ERASED. */
enum sk_error vault_find(struct vault *vault, uint64_t number,
    const uint8_t **key);
/* Makes it, and its block, when it was never made. SK_ERASED when deleted. */
enum sk_error vault_need(struct vault *vault, uint64_t number,
    const uint8_t **key);
/* 32 bytes that are nothing's key, drawn once for this environment; a reader
 * of an older one draws its own. NULL for vault NULL. */
const uint8_t *vault_secret(const struct vault *vault);
/* vault NULL leaves counts alone. SK_STORE_CORRUPT for a key of another size
 * or without a number. */
enum sk_error vault_counts(struct vault *vault, struct key_counts *counts);
/*
 * Destroy the keys of these numbers for ever, and those of all days up to and
 * with day (0: none), and write the environment anew without them. Synced.
 * SK_OK also when they were gone; a number that was never made is left alone.
 */
enum sk_error vault_destroy(struct vault *vault, const uint64_t *numbers,
    size_t n, uint64_t day);
/* Each row in order; visit says false to stop. */
typedef bool vault_visit(void *context, uint64_t number, bool destroyed);
enum sk_error vault_walk(struct vault *vault, vault_visit *visit,
    void *context);
/* How many lines of erasures.log are done. It lies beside the keys, so that
 * an older copy of these asks for what was erased since. */
enum sk_error vault_mark(struct vault *vault, uint64_t *lines);
enum sk_error vault_set_mark(struct vault *vault, uint64_t lines);

/* ---- a set of keys as rows, for a copy of it (copy.h) */
struct key_row;
enum sk_error vault_read(struct vault *vault, uint64_t from,
    struct key_row *rows, size_t room, size_t *n);
enum sk_error vault_open_store(const char *path, struct store **store);
enum sk_error vault_write(struct store *store, const struct key_row *rows,
    size_t n);
enum sk_error vault_write_marks(struct store *store, uint64_t cases_mark,
    uint64_t days_mark, uint64_t lines);

/* nonce || XChaCha20-Poly1305; out has room for size + VAULT_OVERHEAD. */
enum sk_error vault_seal(struct vault *vault,
    const uint8_t key[VAULT_KEY_SIZE], struct span associated,
    struct span plain, uint8_t *out, size_t *size);
/* out has room for closed.size - VAULT_OVERHEAD. SK_STORE_CORRUPT. */
enum sk_error vault_unseal(const uint8_t key[VAULT_KEY_SIZE],
    struct span associated, struct span closed, uint8_t *out, size_t *size);

#endif
