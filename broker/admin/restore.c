/*
 * restore.c - a backup becomes the journal again, under the next n: offline,
 * signed by operators. It is made beside the place where it will stand and put
 * there in one step, so that a kill leaves nothing or all of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "broker/admin/admin.h"
#include "broker/journal/copy.h"
#include "broker/lib/file.h"
#include "proto/arena.h"
#include "proto/command.h"
#include "proto/wire.h"

#define COPY_AT_ONCE 4096u	/* entries in one commit */
#define KEYS_AT_ONCE 1024u
#define LIFE_MS (24LL * 60 * 60 * 1000)

struct restoring {
	const struct options *options;
	const char *to;
	char made[PATH_MAX];
	struct journal *from, *copy;
	uint64_t size;			/* m */
	uint8_t root[DIGEST_SIZE];
	uint64_t cases;			/* that the entries opened */
	int64_t instant;		/* of the last entry */
	size_t n_operators;
	struct {
		struct sign_key key;
		uint8_t id[DIGEST_SIZE];
		uint64_t next;		/* sequence number */
	} operator[OPERATORS_MAX];
};

/* ---- what is there already */

static void
remove_files(const char *dir, const char *name)
{
	static const char *const names[] = { "data.mdb", "lock.mdb", "owner" };
	char path[PATH_MAX], file[PATH_MAX];

	file_path(path, sizeof(path), dir, name);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		file_path(file, sizeof(file), path, names[i]);
		unlink(file);
	}
	rmdir(path);
}

/* What an earlier try left; it is ours by its name, and no journal yet. */
static void
clear_made(const struct restoring *r)
{
	char path[PATH_MAX];

	remove_files(r->made, "journal");
	remove_files(r->made, "keys");
	file_path(path, sizeof(path), r->made, "erasures.log");
	unlink(path);
	rmdir(r->made);
}

static enum sk_error
read_operators(struct restoring *r, struct fault *fault)
{
	enum sk_error rc = SK_OK;

	r->n_operators = r->options->n_operators;
	for (size_t i = 0; i < r->n_operators && rc == SK_OK; i++) {
		rc = key_read_sign(r->options->operators[i],
		    &r->operator[i].key, fault);
		digest_key_id(r->operator[i].id,
		    r->operator[i].key.public_key);
		r->operator[i].next = 1;
	}
	return rc;
}

static enum sk_error
open_backup(struct restoring *r, struct fault *fault)
{
	struct key_counts keys;
	enum sk_error rc;

	rc = journal_open(r->options->from, r->options->keys, true, &r->from,
	    fault);
	if (rc == SK_OK)
		rc = copy_verify(r->from, &r->size, r->root, fault);
	if (rc == SK_OK && (rc = journal_key_counts(r->from, &keys)) == SK_OK &&
	    !keys.there)
		rc = fault_set(fault, SK_NOT_FOUND, "--keys",
		    "the set of keys that goes with this backup");
	return rc;
}

/* ---- entries */

/* Sequence numbers go on; numbers of cases are held against the keys. */
static void
look_at(struct restoring *r, const struct leaf *leaf)
{
	static uint8_t memory[512 * 1024];
	ProtobufCMessage *message;
	struct arena arena;

	arena_init(&arena, memory, sizeof(memory));
	r->instant = leaf->instant;
	for (size_t i = 0; i < leaf->cases; i++)
		if (leaf->touched[i].number > r->cases)
			r->cases = leaf->touched[i].number;
	if ((leaf->kind != SK__EVENT_KIND__CONTROL_EVENT &&
	    leaf->kind != SK__EVENT_KIND__RESTORE_EVENT) || wire_decode(
	    &sk__signed_command__descriptor, "command", leaf->body.bytes,
	    leaf->body.size, LEAF_BYTES_MAX, &arena, &message, NULL) != SK_OK)
		return;
	for (size_t k = 0; k < ((Sk__SignedCommand *)message)->n_approvals;
	    k++) {
		const Sk__Approval *approval =
		    ((Sk__SignedCommand *)message)->approvals[k];

		for (size_t i = 0; i < r->n_operators; i++)
			if (approval->key_id.len == DIGEST_SIZE && memcmp(
			    approval->key_id.data, r->operator[i].id,
			    DIGEST_SIZE) == 0)
				r->operator[i].next = approval->sequence + 1;
	}
}

static enum sk_error
copy_one(struct restoring *r, uint64_t position)
{
	struct copied copied;
	struct leaf leaf;
	enum sk_error rc;

	if ((rc = copy_read(r->from, position, &copied)) != SK_OK ||
	    (rc = leaf_decode(copied.leaf.bytes, copied.leaf.size, &leaf)) !=
	    SK_OK)
		return rc;
	look_at(r, &leaf);
	return position == 0 ? SK_OK : copy_append(r->copy, &copied);
}

static enum sk_error
copy_entries(struct restoring *r, struct fault *fault)
{
	struct span founding;
	uint64_t position = 0;
	enum sk_error rc;

	rc = journal_leaf(r->from, 0, &founding);
	if (rc == SK_OK)
		rc = copy_found(r->made, founding, fault);
	journal_read_end(r->from);
	if (rc == SK_OK)
		rc = copy_open(r->made, &r->copy, fault);
	while (rc == SK_OK && position < r->size) {
		rc = journal_begin(r->copy);
		do
			if (rc == SK_OK)
				rc = copy_one(r, position++);
		while (rc == SK_OK && position < r->size &&
		    position % COPY_AT_ONCE != 0);
		journal_read_end(r->from);
		if (rc == SK_OK)
			rc = journal_commit(r->copy);
	}
	if (rc == SK_OK && (rc = journal_begin(r->copy)) == SK_OK) {
		rc = copy_cosignatures(r->from, r->copy, r->size);
		if (rc == SK_OK)
			rc = journal_commit(r->copy);
	}
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, r->made,
	    "position %llu", (unsigned long long)position);
}

/* ---- keys */

static enum sk_error
put_keys(struct restoring *r, struct key_set *set)
{
	static struct key_row rows[KEYS_AT_ONCE];
	uint64_t from = 1;
	size_t n = 0;
	enum sk_error rc;

	do {
		rc = copy_keys_read(r->from, from, rows, KEYS_AT_ONCE, &n);
		if (rc == SK_OK && n > 0)
			rc = copy_keys_put(set, rows, n);
		if (n > 0)
			from = rows[n - 1].number + 1;
	} while (rc == SK_OK && n > 0);
	sodium_memzero(rows, sizeof(rows));
	return rc;
}

static enum sk_error
copy_keys(struct restoring *r, struct fault *fault)
{
	char path[PATH_MAX];
	struct key_set *set = NULL;
	struct key_counts keys;
	uint64_t lines = 0;
	enum sk_error rc;

	if ((rc = journal_key_counts(r->from, &keys)) != SK_OK)
		return fault_set(fault, rc, "--keys", NULL);
	/* A case whose key is not in the set could never be read again. */
	if (keys.cases_mark < r->cases)
		return fault_set(fault, SK_STORE_MISMATCH, "--keys",
		    "a set that is not older than the backup: it has keys up "
		    "to case %llu of %llu", (unsigned long long)keys.cases_mark,
		    (unsigned long long)r->cases);
	file_path(path, sizeof(path), r->made, "keys");
	rc = copy_keys_mark(r->from, &lines);
	if (rc == SK_OK)
		rc = copy_keys_make(path, journal_founding(r->from)->digest,
		    &set);
	if (rc == SK_OK)
		rc = put_keys(r, set);
	if (rc == SK_OK)
		rc = copy_keys_end(set, keys.cases_mark, keys.days_mark, lines);
	copy_keys_close(set);
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, path, NULL);
}

static uint64_t
count_lines(const char *text, size_t size)
{
	uint64_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += text[i] == '\n';
	return n;
}

/* Keys that were destroyed by erasures which the list does not have: the
 * broker would not start on it. */
static enum sk_error
check_list(struct restoring *r, uint64_t lines, struct fault *fault)
{
	uint64_t mark = 0;
	enum sk_error rc = copy_keys_mark(r->from, &mark);

	if (rc != SK_OK)
		return fault_set(fault, rc, "--keys", NULL);
	return lines >= mark ? SK_OK : fault_set(fault, SK_STORE_MISMATCH,
	    "--file", "an erasures.log that is not older than the keys: it "
	    "has %llu erasures of %llu", (unsigned long long)lines,
	    (unsigned long long)mark);
}

/* What was erased since the backup stays erased: the newest list there is. */
static enum sk_error
copy_erasures(struct restoring *r, struct fault *fault)
{
	char from[PATH_MAX], to[PATH_MAX], block[65536];
	FILE *in, *out = NULL;
	uint64_t lines = 0;
	size_t n;
	enum sk_error rc = SK_OK;

	if (r->options->file == NULL)
		file_path(from, sizeof(from), r->options->from,
		    "erasures.log");
	file_path(to, sizeof(to), r->made, "erasures.log");
	in = fopen(r->options->file != NULL ? r->options->file : from, "r");
	if (in == NULL && (errno != ENOENT || r->options->file != NULL))
		return fault_set(fault, SK_FILE_IO, "erasures.log", "%s",
		    strerror(errno));
	if (in == NULL)
		return check_list(r, 0, fault);
	if ((out = fopen(to, "w")) == NULL)
		rc = SK_FILE_IO;
	while (rc == SK_OK && (n = fread(block, 1, sizeof(block), in)) > 0)
		if (fwrite(block, 1, n, out) != n)
			rc = SK_FILE_IO;
		else
			lines += count_lines(block, n);
	if (rc == SK_OK && (ferror(in) || fflush(out) != 0 ||
	    fsync(fileno(out)) != 0))
		rc = SK_FILE_IO;
	if (rc != SK_OK)
		fault_set(fault, rc, to, "%s", strerror(errno));
	if (out != NULL)
		fclose(out);
	fclose(in);
	/* Its first line is its head. */
	return rc != SK_OK ? rc : check_list(r, lines == 0 ? 0 : lines - 1,
	    fault);
}

/* ---- the restore entry */

static int64_t
now_ms(const struct restoring *r)
{
	struct timespec now;
	int64_t ms;

	/* A test journal's clock stands where it stood. */
	if (journal_founding(r->copy)->test)
		return r->instant;
	clock_gettime(CLOCK_REALTIME, &now);
	ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	return ms > r->instant ? ms : r->instant;
}

static enum sk_error
sign(struct restoring *r, Sk__SignedCommand *command, Sk__Approval *approvals,
    Sk__Approval **list, uint8_t signatures[][64])
{
	enum sk_error rc = SK_OK;

	for (size_t i = 0; i < r->n_operators && rc == SK_OK; i++) {
		Sk__Approval *approval = &approvals[i];

		sk__approval__init(approval);
		approval->has_key_id = approval->has_sequence =
		    approval->has_signature = 1;
		approval->key_id = (ProtobufCBinaryData){ DIGEST_SIZE,
			r->operator[i].id };
		approval->sequence = r->operator[i].next;
		approval->signature = (ProtobufCBinaryData){ 64,
			signatures[i] };
		rc = command_sign(signatures[i],
		    journal_founding(r->copy)->origin,
		    r->operator[i].key.public_key,
		    r->operator[i].key.secret_key, r->operator[i].next,
		    command->not_after, command->command.data,
		    command->command.len);
		list[i] = approval;
	}
	command->n_approvals = r->n_operators;
	command->approvals = list;
	return rc;
}

static enum sk_error
append_leaf(struct restoring *r, struct span body, int64_t instant)
{
	static uint8_t bytes[LEAF_BYTES_MAX];
	struct leaf leaf = { .format = LEAF_FORMAT,
		.kind = SK__EVENT_KIND__RESTORE_EVENT, .instant = instant,
		.epoch = journal_epoch(r->copy), .body = body };
	struct copied copied = { .position = r->size };
	enum sk_error rc;

	rc = leaf_encode(&leaf, bytes, &copied.leaf.size);
	copied.leaf.bytes = bytes;
	if (rc == SK_OK)
		rc = journal_begin(r->copy);
	if (rc == SK_OK)
		rc = copy_append(r->copy, &copied);
	return rc == SK_OK ? journal_commit(r->copy) : rc;
}

static enum sk_error
append_restore(struct restoring *r, struct fault *fault)
{
	Sk__Restore restore = SK__RESTORE__INIT;
	Sk__Command command = SK__COMMAND__INIT;
	Sk__SignedCommand signed_command = SK__SIGNED_COMMAND__INIT;
	Sk__Approval approvals[OPERATORS_MAX], *list[OPERATORS_MAX];
	uint8_t signatures[OPERATORS_MAX][64], packed[512], body[4096];
	const int64_t instant = now_ms(r);
	enum sk_error rc;

	restore.has_number = restore.has_size = restore.has_root = 1;
	restore.number = journal_founding(r->copy)->number + 1;
	restore.size = r->size;
	restore.root = (ProtobufCBinaryData){ DIGEST_SIZE, r->root };
	command.restore = &restore;
	signed_command.has_command = signed_command.has_not_after = 1;
	signed_command.command = (ProtobufCBinaryData){
		sk__command__pack(&command, packed), packed };
	signed_command.not_after = instant + LIFE_MS;
	rc = sign(r, &signed_command, approvals, list, signatures);
	if (rc == SK_OK && sk__signed_command__get_packed_size(
	    &signed_command) > sizeof(body))
		rc = SK_OVERSIZED;
	if (rc == SK_OK)
		rc = append_leaf(r, (struct span){ body,
		    sk__signed_command__pack(&signed_command, body) },
		    instant);
	if (rc == SK_SECOND_OPERATOR || rc == SK_OPERATOR_UNKNOWN)
		return fault_set(fault, rc, "--operator", journal_founding(
		    r->copy)->test ? "one operator of the founding entry" :
		    "two operators of the founding entry");
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, "restore", NULL);
}

static enum sk_error
put_in_place(struct restoring *r, struct fault *fault)
{
	journal_close(r->copy);
	r->copy = NULL;
	if (rename(r->made, r->to) != 0)
		return fault_set(fault, SK_FILE_IO, r->to, "%s",
		    strerror(errno));
	return SK_OK;
}

static int
tell(const struct restoring *r, uint64_t number)
{
	if (r->options->json)
		printf("{\"ok\": true, \"entries\": %llu, \"number\": %llu}\n",
		    (unsigned long long)r->size, (unsigned long long)number);
	else
		printf("%s: journaal %llu gaat door na %llu regels; start de "
		    "broker, en sluit het herstel af met schakel-admin "
		    "recovery --end\n"
		    "%s: journal %llu goes on behind %llu entries; start the "
		    "broker, and end the recovery with schakel-admin recovery "
		    "--end\n", r->to, (unsigned long long)number,
		    (unsigned long long)r->size, r->to,
		    (unsigned long long)number, (unsigned long long)r->size);
	return EXIT_SUCCESS;
}

int
verb_restore(const struct options *options)
{
	static struct restoring r;
	struct fault fault = { 0 };
	uint64_t number = 0;
	enum sk_error rc = SK_OK;

	r.options = options;
	r.to = options->journal;
	if (options->from == NULL || options->keys == NULL || r.to == NULL ||
	    options->n_operators == 0)
		rc = fault_set(&fault, SK_USAGE, "restore", "--from BACKUP "
		    "--keys SET --journal DIR --operator FILE..");
	else if (access(r.to, F_OK) == 0)
		rc = fault_set(&fault, SK_STORE_MISMATCH, r.to,
		    "something is there: move it away first");
	if (rc != SK_OK)
		return admin_fail(options, &fault);
	snprintf(r.made, sizeof(r.made), "%s.restoring", r.to);
	clear_made(&r);
	if ((rc = read_operators(&r, &fault)) == SK_OK &&
	    (rc = open_backup(&r, &fault)) == SK_OK &&
	    (rc = copy_entries(&r, &fault)) == SK_OK &&
	    (rc = copy_keys(&r, &fault)) == SK_OK &&
	    (rc = copy_erasures(&r, &fault)) == SK_OK &&
	    (rc = append_restore(&r, &fault)) == SK_OK) {
		number = journal_founding(r.copy)->number;
		rc = put_in_place(&r, &fault);
	}
	journal_close(r.copy);
	journal_close(r.from);
	sodium_memzero(r.operator, sizeof(r.operator));
	if (rc == SK_OK)
		return tell(&r, number);
	clear_made(&r);
	return admin_fail(options, &fault);
}
