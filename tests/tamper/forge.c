/*
 * forge.c - what somebody does who has the machine, and perhaps the signing
 * key, and goes about it thoroughly.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/journal/journal.h"
#include "broker/journal/tree.h"
#include "proto/leaf.h"
#include "tests/tamper/mutate.h"

#define INSTANT_AT 16u		/* of a leaf: behind format and kind */

/* ---- from some entry on */

/* At which entry a row of the journal stands. */
static uint64_t
position_of(enum table table, const struct row *row)
{
	return table == SENT || table == IDS || table == COMMANDS ?
	    be64_get(row->value) : row_number(row);
}

static void
remove_from(const struct ground *g, struct store_txn *txn, enum table table,
    uint64_t first)
{
	const struct rows *rows = &g->rows[table];

	for (size_t i = 0; i < rows->n; i++)
		if (position_of(table, &rows->row[i]) >= first)
			(void)store_del(txn, table, (struct span){
			    rows->row[i].key, rows->row[i].key_size });
}

static void
remove_all(const struct ground *g, struct store_txn *txn, enum table table)
{
	for (size_t i = 0; i < g->rows[table].n; i++)
		(void)store_del(txn, table, (struct span){
		    g->rows[table].row[i].key, g->rows[table].row[i].key_size });
}

/* The i-th leaf, those from `from` on as much later as that says. */
static struct span
leaf_at(const struct ground *g, uint64_t i, uint64_t from, uint64_t later,
    uint8_t bytes[LEAF_BYTES_MAX])
{
	const struct row *row = &g->rows[ENTRIES].row[i];

	memcpy(bytes, row->value, row->value_size);
	if (i >= from)
		be64_put(bytes + INSTANT_AT,
		    be64_get(bytes + INSTANT_AT) + later);
	return (struct span){ bytes, row->value_size };
}

static void
put_note(const struct ground *g, struct store_txn *txn, uint64_t row,
    const struct checkpoint *checkpoint, const struct note_key *key,
    const uint8_t secret[64])
{
	uint8_t bytes[CHECKPOINT_NOTE_MAX];
	struct writer w;

	(void)g;
	writer_init(&w, bytes, sizeof(bytes));
	need(checkpoint_sign(&w, checkpoint, key, secret) == SK_OK &&
	    writer_done(&w), "sign");
	(void)store_put(txn, CHECKPOINTS, SPAN_U64(row),
	    (struct span){ bytes, w.size }, PUT_ANY, NULL);
}

static void
sign_anew(const struct ground *g, struct store_txn *txn,
    const struct tree *tree)
{
	struct checkpoint checkpoint = { .size = tree_size(tree) };

	strcpy(checkpoint.origin, g->key.name);
	tree_root(tree, checkpoint.root);
	put_note(g, txn, checkpoint.size, &checkpoint, &g->key, g->secret);
}

/* Entries and tree over the first so many, and, from `from` on, the
 * checkpoints that stood there. */
static void
build(const struct ground *g, struct store_txn *txn, uint64_t size,
    uint64_t from, uint64_t later)
{
	const struct rows *notes = &g->rows[CHECKPOINTS];
	uint8_t *bytes = malloc(LEAF_BYTES_MAX), hash[DIGEST_SIZE];
	struct tree *tree;
	size_t note = 0;

	remove_all(g, txn, TILES);
	need(bytes != NULL && tree_open(txn, TILES, 0, &tree) == SK_OK, "tree");
	for (uint64_t i = 0; i < size; i++) {
		struct span leaf = leaf_at(g, i, from, later, bytes);

		(void)store_put(txn, ENTRIES, SPAN_U64(i), leaf, PUT_ANY,
		    NULL);
		digest_leaf(hash, leaf.bytes, leaf.size);
		need(tree_append(tree, txn, hash) == SK_OK, "append");
		while (note < notes->n &&
		    row_number(&notes->row[note]) < tree_size(tree))
			note++;
		if (i >= from && note < notes->n &&
		    row_number(&notes->row[note]) == tree_size(tree))
			sign_anew(g, txn, tree);
	}
	need(tree_flush(tree, txn) == SK_OK, "flush");
	tree_close(tree);
	free(bytes);
}

void
forge_rewrite(const struct ground *g, const struct mutation *m)
{
	struct store *store;
	struct store_txn *txn = ground_write(g, ENTRIES, &store);

	build(g, txn, g->rows[ENTRIES].n, m->a, m->amount);
	ground_commit(store, txn);
}

/* The epoch of the last start among the first so many entries. */
static void
put_epoch(const struct ground *g, struct store_txn *txn, uint64_t size)
{
	const struct row *last = &g->rows[ENTRIES].row[size - 1];
	uint8_t epoch[8];
	struct leaf leaf;

	need(leaf_decode(last->value, last->value_size, &leaf) == SK_OK,
	    "leaf");
	be64_put(epoch, leaf.epoch);
	(void)store_put(txn, META, (struct span){ "epoch", 5 },
	    (struct span){ epoch, sizeof(epoch) }, PUT_ANY, NULL);
}

void
forge_roll_back(const struct ground *g, uint64_t size)
{
	static const enum table tables[] = { ENTRIES, SEALED, VAULT, SENT, IDS,
	    COMMANDS };
	struct store *store;
	struct store_txn *txn = ground_write(g, ENTRIES, &store);

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		remove_from(g, txn, tables[i], size);
	remove_from(g, txn, CHECKPOINTS, size + 1);
	build(g, txn, size, UINT64_MAX, 0);
	put_epoch(g, txn, size);
	ground_commit(store, txn);
}

/* The checkpoints stay: 0 entries alone, 1 with what lies beside them, 2 with
 * the tree made to fit as well. */
void
forge_cut(const struct ground *g, const struct mutation *m)
{
	uint64_t size = g->rows[ENTRIES].n - m->amount;
	struct store *store;
	struct store_txn *txn = ground_write(g, ENTRIES, &store);

	remove_from(g, txn, ENTRIES, size);
	for (enum table t = SEALED; m->a > 0 && t <= COMMANDS; t++)
		remove_from(g, txn, t, size);
	if (m->a > 1) {
		build(g, txn, size, UINT64_MAX, 0);
		put_epoch(g, txn, size);
	}
	ground_commit(store, txn);
}

void
forge_unsign(const struct ground *g)
{
	struct store *store;
	struct store_txn *txn = ground_write(g, CHECKPOINTS, &store);

	remove_all(g, txn, CHECKPOINTS);
	ground_commit(store, txn);
}

/* 0 by another key; 1 another root, 2 another size, 3 another origin, all by
 * the right key; 4 another root under the signature that was there. */
void
forge_checkpoint(const struct ground *g, const struct mutation *m)
{
	const struct row *row = &g->rows[CHECKPOINTS].row[m->b];
	uint8_t public_key[32], secret[64], *bytes;
	struct checkpoint checkpoint;
	struct note_key key = g->key;
	struct note note;
	struct store *store;
	struct store_txn *txn = ground_write(g, CHECKPOINTS, &store);

	need(checkpoint_open(&checkpoint, &note, row->value, row->value_size,
	    &g->key) == SK_OK, "checkpoint");
	crypto_sign_keypair(public_key, secret);
	if (m->a == 0)
		need(note_key_init(&key, g->key.name, NOTE_ED25519,
		    public_key) == SK_OK, "key");
	else
		memcpy(secret, g->secret, sizeof(secret));
	if (m->a == 1)
		checkpoint.root[m->amount / 8] ^=
		    (uint8_t)(1u << m->amount % 8);
	if (m->a == 2)
		checkpoint.size += 1 + m->amount;
	if (m->a == 3)
		checkpoint.origin[m->amount % strlen(checkpoint.origin)] ^= 1;
	if (m->a == 4) {
		bytes = malloc(row->value_size);
		need(bytes != NULL, "memory");
		memcpy(bytes, row->value, row->value_size);
		/* A letter of the root's line: the last line of the text. */
		bytes[note.text.size - 2 - m->amount % 43] ^= 1;
		(void)store_put(txn, CHECKPOINTS, (struct span){ row->key, 8 },
		    (struct span){ bytes, row->value_size }, PUT_ANY, NULL);
		free(bytes);
	} else {
		put_note(g, txn, row_number(row), &checkpoint, &key, secret);
	}
	ground_commit(store, txn);
}

/* ---- erasures */

void
forge_erase(const struct ground *g, const struct mutation *m)
{
	const struct erasure erasure = { .position = m->a,
		.case_number = mutation_erased_case(g, m), .ground = 1 };
	struct journal *journal;
	struct fault fault = { 0 };

	need(journal_open(g->work, NULL, false, &journal, &fault) == SK_OK &&
	    journal_erase(journal, &erasure, 1) == SK_OK, "erase");
	journal_close(journal);
}

void
forge_revive(const struct ground *g, const struct mutation *m)
{
	const struct row *row = &g->rows[KEYS].row[m->a];
	struct store *store;
	struct store_txn *txn = ground_write(g, KEYS, &store);
	uint8_t key[32];

	memset(key, (int)(1 + m->amount % 255), sizeof(key));
	(void)store_put(txn, ground_number(KEYS), (struct span){ row->key,
	    row->key_size }, (struct span){ key, sizeof(key) }, PUT_ANY, NULL);
	ground_commit(store, txn);
}

/* ---- an archived year */

/* A row of it in the journal as well, and not the same: as if removing had
 * been cut short. */
static void
leave_row(const struct ground *g, const struct mutation *m)
{
	const struct row *row = &g->rows[OUT_ENTRIES].row[m->b];
	const uint64_t number = row_number(row);
	uint8_t *value = malloc(row->value_size);
	struct store *store;
	struct store_txn *txn = ground_write(g, ENTRIES, &store);

	need(value != NULL, "memory");
	memcpy(value, row->value, row->value_size);
	value[m->amount % row->value_size] ^= 0x40;
	(void)store_put(txn, ENTRIES, SPAN_U64(number), (struct span){ value,
	    row->value_size }, PUT_ANY, NULL);
	ground_commit(store, txn);
	free(value);
}

/* One bit of what the journal says of its years. */
static void
turn_list(const struct ground *g, const struct mutation *m)
{
	static const char name[] = "segments";
	const struct span key = { name, sizeof(name) - 1 };
	uint8_t bytes[4096];
	struct span list;
	struct store *store;
	struct store_txn *txn = ground_write(g, META, &store);

	need(store_get(txn, META, key, &list) == SK_OK && list.size > 0 &&
	    list.size <= sizeof(bytes), "the list of years");
	memcpy(bytes, list.bytes, list.size);
	list.bytes = bytes;
	/* The count of erasures at its end: REPLACE with an older one. */
	bytes[m->amount % (list.size - 8)] ^= (uint8_t)(1u << m->amount % 8);
	(void)store_put(txn, META, key, list, PUT_ANY, NULL);
	ground_commit(store, txn);
}

void
forge_replace(const struct ground *g, const struct mutation *m)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/" SEGMENT "/data.mdb", g->work);
	switch (m->a) {
	case 0:
		need(unlink(path) == 0, path);
		break;
	case 1:
		ground_copy_environment(g, "older", SEGMENT);
		break;
	case 2:
		need(truncate(path, (off_t)(m->amount * 16)) == 0, path);
		break;
	case 3:
		leave_row(g, m);
		break;
	default:
		turn_list(g, m);
		break;
	}
}
