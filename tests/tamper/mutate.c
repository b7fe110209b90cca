#include "tests/tamper/mutate.h"

#include "proto/leaf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const how_name[HOWS] = {
	"flip", "delete", "swap", "repeat over", "repeat new", "truncate",
	"cut", "forge", "rewrite", "roll back", "unsign", "swap keys",
	"erase", "revive", "replace",
};

bool
mutation_needs_note(const struct mutation *m)
{
	return m->how == REWRITE || m->how == ROLL_BACK;
}

/* ---- drawing */

static bool
same_value(const struct row *a, const struct row *b)
{
	return a->value_size == b->value_size &&
	    memcmp(a->value, b->value, a->value_size) == 0;
}

static bool
names(const struct row *row, const char *name)
{
	return row->key_size == strlen(name) &&
	    memcmp(row->key, name, row->key_size) == 0;
}

/*
 * What nobody can find out, and why that is no harm: the bytes of a key under
 * which nothing lies yet; a checkpoint taken away that a later one covers.
 */
static bool
leaves_no_trace(const struct ground *g, const struct mutation *m)
{
	const struct rows *rows = &g->rows[m->table];
	const struct row *changed = &rows->row[m->how == REPEAT_OVER ? m->b :
	    m->a];

	if (m->table == CHECKPOINTS && m->how == DELETE)
		return m->a + 1 != rows->n;
	/* A projection's own secret, and what a writer still has to redo. */
	if (m->table == KEYS_META && (names(changed, "secret") ||
	    names(changed, "erased")))
		return true;
	/* One erasure more is one that a crash cut short. */
	if (m->table == OUT_META && m->how == FLIP &&
	    m->amount == (changed->key_size + changed->value_size) * 8 - 8)
		return (changed->value[changed->value_size - 1] & 1) == 0;
	if (m->table != KEYS)
		return false;
	switch (m->how) {
	case FLIP:
		return m->amount >= rows->row[m->a].key_size * 8 &&
		    !g->used[m->a];
	case SWAP:
		return !g->used[m->a] && !g->used[m->b];
	case REPEAT_OVER:
		return !g->used[m->b];
	default:
		return false;
	}
}

static bool
draw_row(struct ground *g, struct mutation *m)
{
	const struct rows *rows = &g->rows[m->table];
	const struct row *a, *b;

	m->a = (size_t)draw(g, rows->n);
	m->b = (size_t)draw(g, rows->n);
	if (m->how == SWAP && m->a > m->b) {	/* it is one swap */
		size_t other = m->a;

		m->a = m->b;
		m->b = other;
	}
	a = &rows->row[m->a];
	b = &rows->row[m->b];
	switch (m->how) {
	case FLIP:
		m->b = 0;
		m->amount = draw(g, (a->key_size + a->value_size) * 8);
		return true;
	case TRUNCATE:
		m->b = 0;
		m->amount = draw(g, a->value_size + 1);
		return m->amount < a->value_size;
	case SWAP:
	case REPEAT_OVER:
		return !same_value(a, b);
	case REPEAT_NEW:
		m->b = 0;
		/* A name that nobody asks for is nobody's. */
		return m->table != META && m->table != KEYS_META &&
		    m->table != OUT_META;
	default:
		m->b = 0;
		return true;
	}
}

/* The entry before which the note of a kept checkpoint must reach. */
static bool
draw_history(struct ground *g, struct mutation *m)
{
	const struct rows *notes = &g->rows[CHECKPOINTS];
	uint64_t entries = g->rows[ENTRIES].n;

	switch (m->how) {
	case CUT:
		m->a = (size_t)draw(g, CUT_WAYS);
		m->amount = 1 + draw(g, entries - 1);
		return true;
	case FORGE:
		m->a = (size_t)draw(g, FORGE_WAYS);
		m->b = (size_t)draw(g, notes->n);
		m->amount = draw(g, 256);
		return true;
	case REWRITE:
		m->a = (size_t)(1 + draw(g, entries - 1));
		m->b = (size_t)draw(g, notes->n);
		m->amount = 1 + draw(g, 1000);
		return row_number(&notes->row[m->b]) > m->a;
	case ROLL_BACK:
		m->a = (size_t)draw(g, notes->n);
		m->b = (size_t)draw(g, notes->n);
		m->amount = row_number(&notes->row[m->a]);
		return m->b > m->a;
	case ERASE:	/* as if an entry had said so */
		m->a = (size_t)draw(g, entries);
		return mutation_erased_case(g, m) != 0;
	case REPLACE:
		m->a = (size_t)draw(g, REPLACE_WAYS);
		m->b = (size_t)draw(g, g->rows[OUT_ENTRIES].n);
		m->amount = draw(g, 1u << 12);
		return m->a > 1 || (m->b = 0, m->amount = 0, true);
	case REVIVE:	/* what an entry says was erased has a key again */
		m->a = (size_t)draw(g, g->rows[KEYS].n);
		m->amount = draw(g, 1000);
		return g->rows[KEYS].row[m->a].value_size == 0;
	default:
		return true;
	}
}

/* The case of this entry, where it still has its key. */
uint64_t
mutation_erased_case(const struct ground *g, const struct mutation *m)
{
	const struct row *entry = &g->rows[ENTRIES].row[m->a];
	const struct rows *keys = &g->rows[KEYS];
	uint64_t number;
	struct leaf leaf;

	if (leaf_decode(entry->value, entry->value_size, &leaf) != SK_OK)
		return 0;
	number = leaf_parts_case(&leaf);
	for (size_t i = 0; i < keys->n; i++)
		if (row_number(&keys->row[i]) == number &&
		    (!g->used[i] || keys->row[i].value_size == 0))
			return 0;
	return number;
}

bool
mutation_draw(struct ground *g, enum how how, enum table table,
    struct mutation *m)
{
	memset(m, 0, sizeof(*m));
	m->how = how;
	m->table = how <= TRUNCATE ? table : how == CUT ? ENTRIES :
	    how == SWAP_KEYS || how == REVIVE ? KEYS : how == ERASE ? VAULT :
	    how == REPLACE ? OUT_ENTRIES : CHECKPOINTS;
	if (how <= TRUNCATE ? !draw_row(g, m) : !draw_history(g, m))
		return false;
	if (how <= TRUNCATE && leaves_no_trace(g, m))
		return false;
	snprintf(m->text, sizeof(m->text), "%s %s %zu %zu %" PRIu64,
	    how_name[how], table_name[m->table], m->a, m->b, m->amount);
	return true;
}

/* ---- what it makes wrong first */

static uint64_t
smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Of a table whose rows are the entries', by number. */
static uint64_t
first_of_rows(const struct ground *g, const struct mutation *m)
{
	const struct row *a = &g->rows[m->table].row[m->a];
	const struct row *b = &g->rows[m->table].row[m->b];
	uint64_t moved = row_number(a);

	switch (m->how) {
	case FLIP:	/* of its number: gone from here, come there */
		if (m->amount < 64)
			moved ^= (uint64_t)1 << m->amount;
		return smaller(moved, row_number(a));
	case SWAP:
		return smaller(row_number(a), row_number(b));
	case REPEAT_OVER:
		return row_number(b);
	default:
		return row_number(a);
	}
}

bool
mutation_first_wrong(const struct ground *g, const struct mutation *m,
    uint64_t *position)
{
	const struct rows *entries = &g->rows[ENTRIES];

	if (m->how == CUT) {
		*position = entries->n - m->amount;
		return true;
	}
	if (m->how == REPEAT_NEW) {
		*position = entries->n;
		return m->table == ENTRIES;
	}
	if (m->how > TRUNCATE || (m->table > VAULT &&
	    m->table != OUT_ENTRIES && m->table != OUT_SEALED &&
	    m->table != OUT_VAULT))
		return false;
	/* A number that is not one of the year's is a row too many there. */
	*position = first_of_rows(g, m);
	return true;
}

/* ---- doing it */

static struct span
key_of(const struct row *row)
{
	return (struct span){ row->key, row->key_size };
}

static struct span
value_of(const struct row *row)
{
	return (struct span){ row->value, row->value_size };
}

static void
flip(struct store_txn *txn, unsigned number, const struct row *row,
    uint64_t bit)
{
	uint8_t key[STORE_KEY_MAX], *value = malloc(row->value_size + 1);
	size_t at = (size_t)bit / 8;

	need(value != NULL, "memory");
	memcpy(key, row->key, row->key_size);
	memcpy(value, row->value, row->value_size);
	if (at < row->key_size)
		key[at] ^= (uint8_t)(1u << bit % 8);
	else
		value[at - row->key_size] ^= (uint8_t)(1u << bit % 8);
	(void)store_del(txn, number, key_of(row));
	(void)store_put(txn, number, (struct span){ key, row->key_size },
	    (struct span){ value, row->value_size }, PUT_ANY, NULL);
	free(value);
}

/* Behind the last row; a key of bytes with its last byte turned. */
static void
repeat_new(struct store_txn *txn, const struct rows *rows,
    const struct mutation *m)
{
	const struct row *row = &rows->row[m->a];
	uint8_t key[STORE_KEY_MAX];
	uint64_t number = row_number(&rows->row[rows->n - 1]) + 1;

	memcpy(key, row->key, row->key_size);
	if (table_has_integer_keys(m->table))
		memcpy(key, &number, sizeof(number));
	else
		key[row->key_size - 1] ^= 0xff;
	(void)store_put(txn, ground_number(m->table),
	    (struct span){ key, row->key_size }, value_of(row), PUT_ANY, NULL);
}

static void
apply_row(const struct ground *g, const struct mutation *m)
{
	const struct rows *rows = &g->rows[m->table];
	const struct row *a = &rows->row[m->a], *b = &rows->row[m->b];
	unsigned number = ground_number(m->table);
	struct store *store;
	struct store_txn *txn = ground_write(g, m->table, &store);

	switch (m->how) {
	case FLIP:
		flip(txn, number, a, m->amount);
		break;
	case DELETE:
		(void)store_del(txn, number, key_of(a));
		break;
	case SWAP:
		(void)store_put(txn, number, key_of(a), value_of(b), PUT_ANY,
		    NULL);
		(void)store_put(txn, number, key_of(b), value_of(a), PUT_ANY,
		    NULL);
		break;
	case REPEAT_OVER:
		(void)store_put(txn, number, key_of(b), value_of(a), PUT_ANY,
		    NULL);
		break;
	case REPEAT_NEW:
		repeat_new(txn, rows, m);
		break;
	default:
		(void)store_put(txn, number, key_of(a), (struct span){
		    a->value, (size_t)m->amount }, PUT_ANY, NULL);
		break;
	}
	ground_commit(store, txn);
}

/* The same founding, other keys: what lies under them does not open. */
static void
swap_keys(const struct ground *g)
{
	ground_copy_environment(g, "export", "keys");
}

void
mutation_apply(const struct ground *g, const struct mutation *m)
{
	switch (m->how) {
	case CUT:
		forge_cut(g, m);
		break;
	case FORGE:
		forge_checkpoint(g, m);
		break;
	case REWRITE:
		forge_rewrite(g, m);
		break;
	case ROLL_BACK:
		forge_roll_back(g, m->amount);
		break;
	case UNSIGN:
		forge_unsign(g);
		break;
	case SWAP_KEYS:
		swap_keys(g);
		break;
	case ERASE:
		forge_erase(g, m);
		break;
	case REVIVE:
		forge_revive(g, m);
		break;
	case REPLACE:
		forge_replace(g, m);
		break;
	default:
		apply_row(g, m);
		break;
	}
}
