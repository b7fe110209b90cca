#include "tests/tamper/ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/audit/entry.h"
#include "broker/journal/vault.h"
#include "broker/lib/file.h"

#define ENVIRONMENT_BYTES_MAX ((size_t)64 << 20)

const char *const table_name[TABLES] = {
	"entries", "sealed", "vault", "sent", "ids", "commands", "meta",
	"tiles", "checkpoints", "keys", "keys' meta", "year's entries",
	"year's sealed", "year's vault", "year's meta",
};

static const struct store_table journal_tables[] = {
	{ "entries", true }, { "sealed", true }, { "vault", true },
	{ "sent", false }, { "ids", false }, { "commands", false },
	{ "meta", false }, { "tiles", true }, { "checkpoints", true },
};
static const struct store_table key_tables[] = {
	{ "keys", true }, { "meta", false },
};
static const struct store_table out_tables[] = {
	{ "entries", true }, { "sealed", true }, { "vault", true },
	{ "meta", false },
};

/* Where a table lies: its environment, with all tables of that. */
static const struct environment {
	const char *name;
	enum table first, end;
	const struct store_table *tables;
} environments[] = {
	{ "journal", ENTRIES, KEYS, journal_tables },
	{ "keys", KEYS, OUT_ENTRIES, key_tables },
	{ SEGMENT, OUT_ENTRIES, TABLES, out_tables },
};

static const struct environment *
environment_of(enum table table)
{
	const struct environment *e = environments;

	while (table >= e->end)
		e++;
	return e;
}

void
need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "tamper: %s\n", what);
	exit(1);
}

uint64_t
draw(struct ground *ground, uint64_t n)
{
	ground->seed = ground->seed * 6364136223846793005u +
	    1442695040888963407u;
	return (ground->seed >> 33) % n;
}

bool
table_has_integer_keys(enum table table)
{
	const struct environment *e = environment_of(table);

	return e->tables[table - e->first].integer_keys;
}

bool
table_is_out(enum table table)
{
	return table >= OUT_ENTRIES;
}

uint64_t
row_number(const struct row *row)
{
	uint64_t number;

	memcpy(&number, row->key, sizeof(number));
	return number;
}

/* ---- copies */

static void
copy_file(const char *from, const char *to)
{
	char *bytes = malloc(ENVIRONMENT_BYTES_MAX);
	struct fault fault = { 0 };
	size_t size;
	FILE *file;

	need(bytes != NULL, "memory");
	need(file_read(from, bytes, ENVIRONMENT_BYTES_MAX, &size, &fault) ==
	    SK_OK, from);
	/* Not synced: a copy that a power cut takes is made again. */
	file = fopen(to, "w");
	need(file != NULL && fwrite(bytes, 1, size, file) == size &&
	    fclose(file) == 0, to);
	free(bytes);
}

void
ground_copy_environment(const struct ground *ground, const char *name,
    const char *environment)
{
	static const char *const rest[] = { "lock.mdb", "owner" };
	char from[512], to[512];

	snprintf(to, sizeof(to), "%s/%s", ground->work, environment);
	(void)mkdir(to, 0700);
	for (size_t i = 0; i < 2; i++) {
		snprintf(to, sizeof(to), "%s/%s/%s", ground->work, environment,
		    rest[i]);
		(void)unlink(to);
	}
	snprintf(from, sizeof(from), "%s/%s/%s/data.mdb", ground->made, name,
	    environment);
	snprintf(to, sizeof(to), "%s/%s/data.mdb", ground->work, environment);
	copy_file(from, to);
}

void
ground_copy(const struct ground *ground, const char *name)
{
	char log[512];

	ground_copy_environment(ground, name, "journal");
	ground_copy_environment(ground, name, "keys");
	if (strcmp(name, "archived") == 0)
		ground_copy_environment(ground, name, SEGMENT);
	/* What a mutation erased is in none of the next. */
	snprintf(log, sizeof(log), "%s/erasures.log", ground->work);
	(void)unlink(log);
	snprintf(log, sizeof(log), "%s/%s/erasures.log", ground->made, name);
	if (access(log, F_OK) == 0) {
		char to[512];

		snprintf(to, sizeof(to), "%s/erasures.log", ground->work);
		copy_file(log, to);
	}
}

/* ---- rows */

unsigned
ground_number(enum table table)
{
	return (unsigned)(table - environment_of(table)->first);
}

static struct store *
open_environment(const struct ground *ground, enum table table)
{
	const struct environment *e = environment_of(table);
	const size_t n = (size_t)(e->end - e->first);
	struct store_options options = { .tables_max = (unsigned)n };
	struct store *store;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", ground->work, e->name);
	options.path = path;
	need(store_open(&options, e->tables, n, &store) == SK_OK, path);
	return store;
}

struct store_txn *
ground_write(const struct ground *ground, enum table table,
    struct store **store)
{
	struct store_txn *txn;

	*store = open_environment(ground, table);
	need(store_write(*store, &txn) == SK_OK, "write");
	return txn;
}

void
ground_commit(struct store *store, struct store_txn *txn)
{
	need(store_commit(txn) == SK_OK, "commit");
	store_close(store);
}

static void
keep_row(struct rows *rows, struct span key, struct span value)
{
	struct row *row;

	rows->row = reallocarray(rows->row, rows->n + 1, sizeof(*row));
	need(rows->row != NULL && key.size <= STORE_KEY_MAX, "memory");
	row = &rows->row[rows->n++];
	memcpy(row->key, key.bytes, key.size);
	row->key_size = key.size;
	row->value = malloc(value.size + 1);
	need(row->value != NULL, "memory");
	memcpy(row->value, value.bytes, value.size);
	row->value_size = value.size;
}

static void
load_rows(struct ground *ground, enum table table)
{
	struct store *store = open_environment(ground, table);
	struct store_cursor *cursor;
	struct store_txn *txn;
	struct span key, value;

	need(store_read(store, &txn) == SK_OK && store_cursor_open(txn,
	    ground_number(table), &cursor) == SK_OK, "read");
	while (store_next(cursor, &key, &value) == SK_OK)
		keep_row(&ground->rows[table], key, value);
	store_cursor_close(cursor);
	store_abort(txn);
	store_close(store);
	need(ground->rows[table].n > 0, "a table of the journal is empty");
}

/* ---- which keys matter */

static void
mark_used(struct ground *ground, uint64_t number)
{
	const struct rows *keys = &ground->rows[KEYS];

	for (size_t i = 0; i < keys->n; i++)
		if (row_number(&keys->row[i]) == number)
			ground->used[i] = true;
}

/* Keys are made in blocks ahead of their use: what nothing lies under proves
 * nothing, whatever its bytes are. */
static void
find_used(struct ground *ground)
{
	struct entry *entry = malloc(sizeof(*entry));
	struct fault fault = { 0 };
	struct journal *journal;
	uint64_t size, number;
	bool there;

	ground->used = calloc(ground->rows[KEYS].n, sizeof(bool));
	need(entry != NULL && ground->used != NULL, "memory");
	need(journal_open(ground->work, NULL, true, &journal, &fault) == SK_OK,
	    "the journal that was made does not open");
	size = journal_size(journal);
	for (uint64_t i = 0; i < size; i++) {
		need(entry_read(journal, i, entry, &fault) == SK_OK &&
		    journal_has_parts(journal, i, &there) == SK_OK, "entry");
		if (entry->leaf.kind == SK__EVENT_KIND__DAYS_ERASED_EVENT ||
		    (entry->effects != NULL && entry->effects->erasure !=
		    NULL))
			ground->erased_by = i + 1;
		number = leaf_parts_case(&entry->leaf);
		if (there)
			mark_used(ground, number != 0 ? number :
			    vault_day_number(entry->leaf.instant));
	}
	need(note_key_init(&ground->key, journal_founding(journal)->origin,
	    NOTE_ED25519, journal_founding(journal)->broker_sign_key) == SK_OK,
	    "key");
	note_key_format(&ground->key, ground->vkey);
	journal_close(journal);
	free(entry);
}

void
ground_open(struct ground *ground, const char *made, const char *work,
    uint64_t seed)
{
	struct fault fault = { 0 };
	char path[512];

	memset(ground, 0, sizeof(*ground));
	ground->made = made;
	ground->seed = seed;
	snprintf(ground->work, sizeof(ground->work), "%s", work);
	(void)mkdir(work, 0700);
	snprintf(path, sizeof(path), "%s/segments", work);
	(void)mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/sign.key", made);
	need(file_read_secret(path, ground->secret, sizeof(ground->secret),
	    &fault) == SK_OK, path);
	ground_copy(ground, "archived");
	for (enum table t = OUT_ENTRIES; t < TABLES; t++)
		load_rows(ground, t);
	ground_copy(ground, "journal");
	for (enum table t = ENTRIES; t < OUT_ENTRIES; t++)
		load_rows(ground, t);
	find_used(ground);
}

void
ground_close(struct ground *ground)
{
	for (enum table t = ENTRIES; t < TABLES; t++) {
		for (size_t i = 0; i < ground->rows[t].n; i++)
			free(ground->rows[t].row[i].value);
		free(ground->rows[t].row);
	}
	free(ground->used);
}
