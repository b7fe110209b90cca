/*
 * write - a tree, its checkpoints and all its proofs as files, for programs
 * that are not ours to check (README of this folder: the head of check.go).
 *
 * usage: write DIR
 *
 * With every proof stands our own verdict, 1 or 0: some are altered, and
 * tools must refuse those too.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/journal/tree.h"

#define ORIGIN "regio-oost/test/1"
#define SMALL 300u	/* every size up to here, every proof */
#define LARGE 70000u	/* three levels of tiles, some proofs */
#define SAMPLES 200u
#define TIME 1790000000u

struct writer_of {
	const char *dir;
	struct store *store;
	struct store_txn *txn;
	struct tree *tree;
	struct note_key log, witness;
	uint8_t log_secret[64], witness_secret[64];
	uint64_t seed;
};

static void
need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "write: %s\n", what);
	exit(1);
}

static uint64_t
next(struct writer_of *w)
{
	w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
	return w->seed >> 33;
}

static FILE *
open_file(const struct writer_of *w, const char *name)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	for (char *at = path + strlen(w->dir) + 1; *at != '\0'; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		need(mkdir(path, 0777) == 0 || errno == EEXIST, path);
		*at = '/';
	}
	file = fopen(path, "w");
	need(file != NULL, path);
	return file;
}

static void
close_file(FILE *file)
{
	need(ferror(file) == 0 && fclose(file) == 0, "cannot write");
}

static void
put_file(const struct writer_of *w, const char *name, const void *bytes,
    size_t size)
{
	FILE *file = open_file(w, name);

	fwrite(bytes, 1, size, file);
	close_file(file);
}

/* ---- the log */

static size_t
leaf_bytes(char bytes[64], uint64_t i)
{
	return (size_t)snprintf(bytes, 64, "entry %llu of a test journal",
	    (unsigned long long)i);
}

static void
leaf_of(uint8_t leaf[DIGEST_SIZE], uint64_t i)
{
	char bytes[64];

	digest_leaf(leaf, bytes, leaf_bytes(bytes, i));
}

static void
make_key(const struct writer_of *w, struct note_key *key, uint8_t secret[64],
    const char *name, enum note_type type)
{
	char vkey[NOTE_VKEY_MAX + 2], file[64];
	uint8_t public_key[32];

	crypto_sign_keypair(public_key, secret);
	need(note_key_init(key, name, type, public_key) == SK_OK, "key");
	note_key_format(key, vkey);
	strcat(vkey, "\n");
	snprintf(file, sizeof(file), "%s.vkey",
	    type == NOTE_ED25519 ? "log" : "witness");
	put_file(w, file, vkey, strlen(vkey));
}

static void
open_log(struct writer_of *w)
{
	static const struct store_table tables[] = { { "tiles", true } };
	char path[512];
	struct store_options options = { .path = path, .tables_max = 1 };

	snprintf(path, sizeof(path), "%s/store", w->dir);
	need(store_open(&options, tables, 1, &w->store) == SK_OK &&
	    store_write(w->store, &w->txn) == SK_OK &&
	    tree_open(w->txn, 0, 0, &w->tree) == SK_OK, "store");
	make_key(w, &w->log, w->log_secret, ORIGIN, NOTE_ED25519);
	make_key(w, &w->witness, w->witness_secret, "gemeente-west/witness",
	    NOTE_COSIGNATURE);
}

static void
grow(struct writer_of *w, uint64_t size)
{
	uint8_t leaf[DIGEST_SIZE];

	while (tree_size(w->tree) < size) {
		leaf_of(leaf, tree_size(w->tree));
		need(tree_append(w->tree, w->txn, leaf) == SK_OK, "append");
	}
	need(tree_flush(w->tree, w->txn) == SK_OK, "flush");
}

/* ---- notes */

static size_t
make_checkpoint(struct writer_of *w, char *bytes, size_t size_max)
{
	struct checkpoint c = { .origin = ORIGIN,
	    .size = tree_size(w->tree) };
	struct writer out;

	tree_root(w->tree, c.root);
	writer_init(&out, bytes, size_max);
	need(checkpoint_sign(&out, &c, &w->log, w->log_secret) == SK_OK,
	    "sign");
	return out.size;
}

static void
write_cosigned(struct writer_of *w, const char *bytes, size_t size,
    const char *name)
{
	char all[2 * CHECKPOINT_NOTE_MAX];
	struct writer out;
	struct note note;

	need(note_open(&note, bytes, size) == SK_OK, "open");
	writer_init(&out, all, sizeof(all));
	write_raw(&out, bytes, size);
	need(note_sign(&out, note.text, &w->witness, w->witness_secret,
	    TIME + tree_size(w->tree)) == SK_OK, "cosign");
	put_file(w, name, all, out.size);
}

/* A bit of the text, or a character of the signature that counts. */
static void
write_altered(struct writer_of *w, const char *bytes, size_t size,
    FILE *verdicts)
{
	char altered[CHECKPOINT_NOTE_MAX], name[64];
	const char *signature = memmem(bytes, size, "\n\n", 2);
	size_t text = (size_t)(signature - bytes);
	struct checkpoint checkpoint;
	struct note note;

	for (int i = 0; i < 2; i++) {
		size_t at = i == 0 ? next(w) % text :
		    size - 10 - next(w) % 80;

		memcpy(altered, bytes, size);
		if (i == 0)
			altered[at] = (char)(altered[at] ^ 1 << next(w) % 7);
		else
			altered[at] = altered[at] == 'x' ? 'y' : 'x';
		snprintf(name, sizeof(name), "altered-%llu-%d",
		    (unsigned long long)tree_size(w->tree), i);
		put_file(w, name, altered, size);
		fprintf(verdicts, "%s %d\n", name, checkpoint_open(&checkpoint,
		    &note, altered, size, &w->log) == SK_OK);
	}
}

/* ---- proofs */

struct proof {
	uint64_t old, size;	/* a leaf's index, or an old size */
	size_t n;
	uint8_t node[TLOG_CONSISTENCY_MAX + 1][DIGEST_SIZE];
};

static void
write_line(FILE *file, const struct proof *p, bool holds)
{
	char line[64 + (TLOG_CONSISTENCY_MAX + 1) * DIGEST_LINE_SIZE];
	struct writer out;

	writer_init(&out, line, sizeof(line));
	write_text(&out, holds ? "1 " : "0 ");
	write_decimal(&out, p->size);
	write_text(&out, " ");
	write_decimal(&out, p->old);
	for (size_t i = 0; i < p->n; i++) {
		write_text(&out, " ");
		write_base64(&out, p->node[i], DIGEST_SIZE);
	}
	write_text(&out, "\n");
	fwrite(line, 1, out.size, file);
}

static void
inclusion_line(struct writer_of *w, FILE *file, const struct proof *p)
{
	uint8_t root[DIGEST_SIZE], leaf[DIGEST_SIZE];

	need(tree_root_at(w->txn, 0, p->size, root) == SK_OK, "root");
	leaf_of(leaf, p->old);
	write_line(file, p, tlog_includes(root, p->size, p->old, leaf,
	    (const uint8_t (*)[DIGEST_SIZE])p->node, p->n));
}

static void
consistency_line(struct writer_of *w, FILE *file, const struct proof *p)
{
	uint8_t root[DIGEST_SIZE], old_root[DIGEST_SIZE];

	need(tree_root_at(w->txn, 0, p->size, root) == SK_OK &&
	    tree_root_at(w->txn, 0, p->old, old_root) == SK_OK, "root");
	write_line(file, p, tlog_is_consistent(p->old, old_root, p->size,
	    root, (const uint8_t (*)[DIGEST_SIZE])p->node, p->n));
}

/* The same proof with something wrong. */
static void
alter(struct writer_of *w, struct proof *p)
{
	unsigned how = (unsigned)next(w) % 3;

	if (how == 0 && p->n > 0)
		p->node[next(w) % p->n][next(w) % DIGEST_SIZE] ^= 0x40;
	else if (how == 1 && p->n > 0)
		p->n--;
	else
		memset(p->node[p->n++], 7, DIGEST_SIZE);
}

static void
inclusion(struct writer_of *w, FILE *file, uint64_t index, uint64_t size)
{
	struct proof p = { .old = index, .size = size };

	need(tree_inclusion(w->txn, 0, index, size, p.node, &p.n) == SK_OK,
	    "inclusion");
	inclusion_line(w, file, &p);
	if (next(w) % 16 == 0) {
		alter(w, &p);
		inclusion_line(w, file, &p);
	}
}

static void
consistency(struct writer_of *w, FILE *file, uint64_t old, uint64_t size)
{
	struct proof p = { .old = old, .size = size };

	need(tree_consistency(w->txn, 0, old, size, p.node, &p.n) == SK_OK,
	    "consistency");
	consistency_line(w, file, &p);
	if (next(w) % 16 == 0) {
		alter(w, &p);
		consistency_line(w, file, &p);
	}
}

static void
write_proof_file(struct writer_of *w, const char *note, size_t note_size)
{
	uint64_t size = tree_size(w->tree);
	struct tlog_proof proof = { .index = next(w) % size,
	    .checkpoint = { note, note_size } };
	char leaf[64], bytes[8192], name[64];
	struct writer out;

	need(tree_inclusion(w->txn, 0, proof.index, size, proof.path,
	    &proof.n) == SK_OK, "proof");
	writer_init(&out, bytes, sizeof(bytes));
	tlog_proof_write(&out, &proof,
	    (struct span){ leaf, leaf_bytes(leaf, proof.index) });
	need(writer_done(&out), "proof");
	snprintf(name, sizeof(name), "proof-%llu.tlog-proof",
	    (unsigned long long)size);
	put_file(w, name, bytes, out.size);
}

/* The tiles as this size shows them. */
static void
write_tiles(struct writer_of *w)
{
	uint64_t size = tree_size(w->tree);
	char path[TREE_PATH_SIZE];
	struct span hashes;

	for (unsigned l = 0; l < TREE_LEVELS; l++) {
		for (uint64_t i = 0; i < tree_tiles(size, l); i++) {
			need(tree_tile(w->txn, 0, size, l, i, &hashes) ==
			    SK_OK, "tile");
			tree_tile_path(path, l, i,
			    (unsigned)(hashes.size / DIGEST_SIZE));
			put_file(w, path, hashes.bytes, hashes.size);
		}
	}
}

static void
write_size(struct writer_of *w, FILE *verdicts)
{
	uint64_t size = tree_size(w->tree);
	char bytes[CHECKPOINT_NOTE_MAX], name[64];
	size_t n = make_checkpoint(w, bytes, sizeof(bytes));

	snprintf(name, sizeof(name), "checkpoint-%llu",
	    (unsigned long long)size);
	put_file(w, name, bytes, n);
	snprintf(name, sizeof(name), "cosigned-%llu",
	    (unsigned long long)size);
	write_cosigned(w, bytes, n, name);
	write_altered(w, bytes, n, verdicts);
	write_proof_file(w, bytes, n);
	write_tiles(w);
}

static void
write_large(struct writer_of *w, FILE *verdicts, FILE *included,
    FILE *consistent)
{
	grow(w, LARGE);
	write_size(w, verdicts);
	for (unsigned i = 0; i < SAMPLES; i++) {
		inclusion(w, included, next(w) % LARGE, LARGE);
		consistency(w, consistent, 1 + next(w) % SMALL, LARGE);
	}
}

int
main(int argc, char **argv)
{
	struct writer_of w = { .dir = argv[1], .seed = 1 };
	FILE *verdicts, *included, *consistent;

	need(argc == 2, "usage: write DIR");
	need(sodium_init() >= 0, "libsodium");
	open_log(&w);
	verdicts = open_file(&w, "verdicts");
	included = open_file(&w, "inclusion");
	consistent = open_file(&w, "consistency");
	for (uint64_t size = 1; size <= SMALL; size++) {
		grow(&w, size);
		write_size(&w, verdicts);
		for (uint64_t i = 0; i < size; i++)
			inclusion(&w, included, i, size);
		for (uint64_t m = 1; m <= size; m++)
			consistency(&w, consistent, m, size);
	}
	write_large(&w, verdicts, included, consistent);
	close_file(verdicts);
	close_file(included);
	close_file(consistent);
	tree_close(w.tree);
	store_abort(w.txn);
	store_close(w.store);
	return 0;
}
