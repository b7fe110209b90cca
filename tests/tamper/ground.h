/*
 * ground.h - the journal that is touched: its rows as they were made, and a
 * place where copies of it lie.
 *
 * Rows are changed through LMDB, as one who has the machine would: pages that
 * are no database any more are LMDB's to refuse, not the auditor's.
 */
#ifndef TAMPER_GROUND_H
#define TAMPER_GROUND_H

#include "broker/lib/store.h"
#include "proto/note.h"

/* Those of the journal, from KEYS on of its key environment, and from
 * OUT_ENTRIES on of the year that went out of another one. */
enum table {
	ENTRIES, SEALED, VAULT, SENT, IDS, COMMANDS, META, TILES, CHECKPOINTS,
	KEYS, KEYS_META, OUT_ENTRIES, OUT_SEALED, OUT_VAULT, OUT_META, TABLES
};

struct row {
	uint8_t key[STORE_KEY_MAX];
	size_t key_size;
	uint8_t *value;
	size_t value_size;
};

struct rows {
	struct row *row;
	size_t n;
};

struct ground {
	/* DIR with journal, export, sign.key; archived, and older: the year in
	 * it as it was before an erasure */
	const char *made;
	char work[256];			/* the copy at hand */
	struct rows rows[TABLES];
	bool *used;			/* keys under which parts lie */
	uint64_t erased_by;		/* entries up to the last that erases */
	uint8_t secret[64];		/* that signs the checkpoints */
	struct note_key key;		/* of the log */
	char vkey[NOTE_VKEY_MAX + 1];
	uint64_t seed;
};

/* What cannot be is the end of the run. */
void need(bool ok, const char *what);
/* From 0 up to below n. */
uint64_t draw(struct ground *ground, uint64_t n);

extern const char *const table_name[TABLES];
bool table_has_integer_keys(enum table table);

void ground_open(struct ground *ground, const char *made, const char *work,
    uint64_t seed);
void ground_close(struct ground *ground);
bool table_is_out(enum table table);
/* work becomes a fresh copy of made/<name>, of "archived" with its year. */
void ground_copy(const struct ground *ground, const char *name);
/* One environment of it: "journal", "keys" or SEGMENT. */
#define SEGMENT "segments/2026"
void ground_copy_environment(const struct ground *ground, const char *name,
    const char *environment);
uint64_t row_number(const struct row *row);	/* of an integer key */

/* The environment in work that holds this table, open for writing. Its tables
 * are numbered as above; at keeps what is told apart. */
struct store_txn *ground_write(const struct ground *ground, enum table table,
    struct store **store);
void ground_commit(struct store *store, struct store_txn *txn);
unsigned ground_number(enum table table);	/* in its environment */

#endif
