#include "tests/audit-speed/append.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/journal/internal.h"
#include "tests/figures/field.h"

#define ROUNDS 9
#define CASES 1000u
#define SEALED_BYTES 1280	/* a report of 600 bytes, padded, for two */

/* The linker puts these before the journal's own (audit-speed.mk): the half
 * that is compared with goes without tree and checkpoint. */
static bool bare;
enum sk_error __real_tree_append(struct tree *tree, struct store_txn *txn,
    const uint8_t leaf[DIGEST_SIZE]);
enum sk_error __wrap_tree_append(struct tree *tree, struct store_txn *txn,
    const uint8_t leaf[DIGEST_SIZE]);
enum sk_error __real_evidence_commit(struct journal *journal);
enum sk_error __wrap_evidence_commit(struct journal *journal);

enum sk_error
__wrap_tree_append(struct tree *tree, struct store_txn *txn,
    const uint8_t leaf[DIGEST_SIZE])
{
	return bare ? SK_OK : __real_tree_append(tree, txn, leaf);
}

enum sk_error
__wrap_evidence_commit(struct journal *journal)
{
	return bare ? SK_OK : __real_evidence_commit(journal);
}

static void
check(const char *what, enum sk_error rc)
{
	if (rc != SK_OK)
		field_die(what, error_name(rc));
}

/* ---- the entries, taken from a real journal */

struct sample {
	uint8_t *leaf, *sealed, *parts;
	size_t leaf_size, sealed_size, parts_size;
};
static struct sample *samples;

static uint8_t *
copy(struct span span, size_t *size)
{
	uint8_t *bytes = malloc(span.size + 1);

	if (bytes == NULL)
		field_die("append", "no memory");
	if (span.size > 0)
		memcpy(bytes, span.bytes, span.size);
	*size = span.size;
	return bytes;
}

static void
take_samples(const char *dir, size_t entries)
{
	static const uint8_t parts[256], sealed[SEALED_BYTES];
	struct journal *from;
	struct span leaf;
	struct fault fault = { 0 };
	char path[512];

	snprintf(path, sizeof(path), "%s/journal", dir);
	check(path, journal_open(path, NULL, true, &from, &fault));
	if ((samples = calloc(entries, sizeof(*samples))) == NULL)
		field_die("append", "no memory");
	if (journal_size(from) <= entries)
		field_die(path, "too few entries");
	for (size_t i = 0; i < entries; i++) {
		check("leaf", journal_leaf(from, i + 1, &leaf));
		samples[i].leaf = copy(leaf, &samples[i].leaf_size);
		samples[i].sealed = copy((struct span){ sealed,
		    sizeof(sealed) }, &samples[i].sealed_size);
		samples[i].parts = copy((struct span){ parts, sizeof(parts) },
		    &samples[i].parts_size);
	}
	journal_close(from);
}

static void
free_samples(size_t entries)
{
	for (size_t i = 0; i < entries; i++) {
		free(samples[i].leaf);
		free(samples[i].sealed);
		free(samples[i].parts);
	}
	free(samples);
}

/* ---- the two journals */

struct scratch {
	struct journal *journal;
	size_t next;
	double seconds;		/* of processor time, this round */
};

static double
processor(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
scratch_open(struct scratch *scratch, const char *dir, const char *name)
{
	Sk__FoundingBody body = SK__FOUNDING_BODY__INIT;
	uint8_t key[32], secret[64];
	ProtobufCBinaryData bytes = { 32, key };
	struct fault fault = { 0 };
	char path[512];

	crypto_sign_keypair(key, secret);
	body.name = (char *)(uintptr_t)"maat";
	body.origin = (char *)(uintptr_t)"maat/test/1";
	body.has_number = body.has_test = body.has_instant = 1;
	body.number = 1;
	body.test = 1;
	body.instant = INT64_C(1767225600000);
	body.has_broker_link_key = body.has_broker_sign_key = 1;
	body.has_enrolment_key = 1;
	body.broker_link_key = body.broker_sign_key = body.enrolment_key =
	    bytes;
	body.n_operator_keys = 1;
	body.operator_keys = &bytes;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	bare = false;
	check(path, journal_found(path, &body, &fault));
	check(path, journal_open(path, NULL, false, &scratch->journal, &fault));
	journal_sign_with(scratch->journal, secret);
}

static void
append_batch(struct scratch *scratch, size_t batch, bool without)
{
	double from = processor();

	bare = without;
	check("begin", journal_begin(scratch->journal));
	for (size_t i = 0; i < batch; i++) {
		const struct sample *s = &samples[scratch->next];
		uint64_t number = scratch->next + 1, position;
		struct envelope_id id = { .number = number };
		uint8_t hash[DIGEST_SIZE];
		struct append in = {
			.leaf = { s->leaf, s->leaf_size },
			.sealed = { s->sealed, s->sealed_size },
			.parts = { s->parts, s->parts_size },
			.case_number = 1 + scratch->next % CASES,
			.parts_case = 1 + scratch->next % CASES,
			.sender = 10, .number = number,
			.opens_submit = i == 0, .count = batch, .id = &id,
		};

		check("append", journal_append(scratch->journal, &in,
		    INT64_C(1767225600000), &position, hash));
		scratch->next++;
	}
	check("commit", journal_commit(scratch->journal));
	scratch->seconds += processor() - from;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
append_cost(const char *dir, size_t entries, size_t batch)
{
	struct scratch with = { 0 }, without = { 0 };
	double ratio[ROUNDS];
	size_t turns = entries / ROUNDS / batch;
	char name[32];

	if (turns == 0)
		field_die("append", "too few entries for a round");
	take_samples(dir, entries);
	snprintf(name, sizeof(name), "with-%zu", batch);
	scratch_open(&with, dir, name);
	snprintf(name, sizeof(name), "without-%zu", batch);
	scratch_open(&without, dir, name);
	for (int round = 0; round < ROUNDS; round++) {
		with.seconds = without.seconds = 0;
		for (size_t i = 0; i < turns; i++) {
			append_batch(i % 2 ? &with : &without, batch, i % 2 == 0);
			append_batch(i % 2 ? &without : &with, batch, i % 2 == 1);
		}
		ratio[round] = with.seconds / without.seconds - 1;
	}
	journal_close(with.journal);
	bare = true;
	journal_close(without.journal);
	bare = false;
	free_samples(entries);
	qsort(ratio, ROUNDS, sizeof(ratio[0]), by_size);
	return ratio[ROUNDS / 2];
}
