#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "broker/journal/journal.h"
#include "broker/lib/store.h"
#include "proto/civil.h"

#define NOON 1774000000000	/* 2026-03-20 */

/* One directory a test, one journal open in it. */
struct world {
	char dir[64];
	char other[80];
	struct journal *journal;
	struct fault fault;
	uint8_t hash[DIGEST_SIZE];
	uint64_t position;
	uint8_t buffer[JOURNAL_PARTS_MAX];
};

static uint8_t some_key[32] = { 7 };

static void
fill_body(Sk__FoundingBody *body, char *origin)
{
	static ProtobufCBinaryData operators[2] = {
		{ 32, some_key }, { 32, some_key } };
	ProtobufCBinaryData key = { 32, some_key };

	sk__founding_body__init(body);
	body->name = (char *)(uintptr_t)"proef.regio";
	body->has_number = body->has_test = body->has_instant = 1;
	body->number = 1;
	body->test = 1;
	body->origin = origin;
	body->instant = NOON;
	body->has_broker_link_key = body->has_broker_sign_key =
	    body->has_enrolment_key = 1;
	body->broker_link_key = body->broker_sign_key =
	    body->enrolment_key = key;
	body->n_operator_keys = 2;
	body->operator_keys = operators;
}

static enum sk_error
found(const char *dir, int64_t instant, struct fault *fault)
{
	char origin[] = "proef.regio/test/1";
	Sk__FoundingBody body;

	fill_body(&body, origin);
	body.instant = instant;
	return journal_found(dir, &body, fault);
}

static void
reopen(struct world *w)
{
	journal_close(w->journal);
	w->journal = NULL;
	assert_int_equal(journal_open(w->dir, NULL, false, &w->journal,
	    &w->fault), SK_OK);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	strcpy(w->dir, "/tmp/test_journal_XXXXXX");
	if (mkdtemp(w->dir) == NULL)
		return -1;
	snprintf(w->other, sizeof(w->other), "%s/other", w->dir);
	assert_int_equal(found(w->dir, NOON, &w->fault), SK_OK);
	reopen(w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	char command[128];

	journal_close(w->journal);
	snprintf(command, sizeof(command), "rm -r %s", w->dir);
	assert_int_equal(system(command), 0);
	free(w);
	return 0;
}

static struct span
text(const char *bytes)
{
	return (struct span){ bytes, strlen(bytes) };
}

static bool
is(struct span span, const char *bytes)
{
	return span.size == strlen(bytes) &&
	    memcmp(span.bytes, bytes, span.size) == 0;
}

/* Append one envelope entry whose parts hold these facts. */
static enum sk_error
append(struct world *w, const char *leaf, const char *facts,
    uint64_t case_number)
{
	struct parts parts = { .facts = text(facts) };
	uint8_t bytes[512];
	struct append in = { .leaf = text(leaf), .sealed = text("sealed"),
		.parts_case = case_number, .parts = { bytes, 0 } };

	assert_int_equal(parts_encode(&parts, bytes, sizeof(bytes),
	    &in.parts.size), SK_OK);
	assert_int_equal(journal_begin(w->journal), SK_OK);
	return journal_append(w->journal, &in, NOON, &w->position, w->hash);
}

/* The key alone: no entry of this journal says so. */
static enum sk_error
destroy_key(struct journal *journal, uint64_t case_number)
{
	const struct erasure erasure = { .position = UINT64_MAX / 2,
		.case_number = case_number };

	return journal_erase(journal, &erasure, 1);
}

static enum sk_error
read_parts(struct world *w, uint64_t position, uint64_t case_number,
    struct parts *parts)
{
	return journal_parts(w->journal, position, case_number, NOON,
	    w->buffer, sizeof(w->buffer), parts);
}

static void
test_founding_entry_is_position_zero_and_names_the_journal(void **state)
{
	struct world *w = *state;
	const struct founding *f = journal_founding(w->journal);
	struct span leaf;
	struct leaf decoded;
	uint8_t digest[DIGEST_SIZE];

	assert_int_equal(journal_size(w->journal), 1);
	assert_int_equal(journal_epoch(w->journal), 0);
	assert_string_equal(f->origin, "proef.regio/test/1");
	assert_true(f->test);
	assert_int_equal(f->operators, 2);
	assert_memory_equal(f->operator_key[1], some_key, 32);
	assert_int_equal(journal_leaf(w->journal, 0, &leaf), SK_OK);
	assert_int_equal(leaf_decode(leaf.bytes, leaf.size, &decoded), SK_OK);
	assert_int_equal(decoded.kind, SK__EVENT_KIND__FOUNDING);
	digest_leaf(digest, leaf.bytes, leaf.size);
	assert_memory_equal(digest, f->digest, DIGEST_SIZE);
}

static void
test_founding_twice_is_refused(void **state)
{
	struct world *w = *state;

	journal_close(w->journal);
	w->journal = NULL;
	assert_int_equal(found(w->dir, NOON, &w->fault), SK_STORE_MISMATCH);
	reopen(w);
	assert_int_equal(journal_size(w->journal), 1);
}

static void
test_wrong_founding_bodies_are_refused_by_field(void **state)
{
	struct world *w = *state;
	char origin[] = "proef.regio/test/1", real[] = "proef.regio/journal/1";
	char capital[] = "Proef", long_name[80];
	Sk__FoundingBody good, body;
	ProtobufCBinaryData operators[17], short_key = { 31, some_key };

	memset(long_name, 'a', sizeof(long_name));
	long_name[64] = '\0';
	for (size_t i = 0; i < 17; i++)
		operators[i] = (ProtobufCBinaryData){ 32, some_key };
	fill_body(&good, origin);
	body = good;
	body.origin = real;
	assert_int_equal(journal_found(w->other, &body, &w->fault),
	    SK_FIELD_INVALID);
	assert_string_equal(w->fault.field, "founding.origin");
	body = good;
	body.name = capital;
	assert_int_equal(journal_found(w->other, &body, &w->fault),
	    SK_FIELD_INVALID);
	body.name = long_name;
	assert_int_equal(journal_found(w->other, &body, &w->fault),
	    SK_FIELD_INVALID);
	assert_string_equal(w->fault.field, "founding.name");
	body = good;
	body.enrolment_key = short_key;
	assert_int_equal(journal_found(w->other, &body, &w->fault),
	    SK_FIELD_INVALID);
	body = good;
	body.operator_keys = operators;
	body.n_operator_keys = 17;
	assert_int_equal(journal_found(w->other, &body, &w->fault),
	    SK_FIELD_INVALID);
	body.n_operator_keys = 16;
	assert_int_equal(journal_found(w->other, &body, &w->fault), SK_OK);
	assert_int_equal(access(w->other, F_OK), 0);
}

static void
test_what_is_committed_is_read_back_after_reopening(void **state)
{
	struct world *w = *state;
	struct span span;
	struct parts parts;
	uint8_t digest[DIGEST_SIZE];

	assert_int_equal(append(w, "leaf one", "facts one", 1), SK_OK);
	assert_int_equal(w->position, 1);
	digest_leaf(digest, "leaf one", 8);
	assert_memory_equal(w->hash, digest, DIGEST_SIZE);
	assert_int_equal(append(w, "leaf two", "facts two", 0), SK_OK);
	/* The open batch is seen by its own process. */
	assert_int_equal(journal_size(w->journal), 3);
	assert_int_equal(journal_leaf(w->journal, 2, &span), SK_OK);
	assert_true(is(span, "leaf two"));
	assert_int_equal(journal_commit(w->journal), SK_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(journal_leaf(w->journal, 1, &span), SK_OK);
		assert_true(is(span, "leaf one"));
		assert_int_equal(journal_sealed(w->journal, 1, 1, NOON, &span),
		    SK_OK);
		assert_true(is(span, "sealed"));
		assert_int_equal(read_parts(w, 1, 1, &parts), SK_OK);
		assert_true(is(parts.facts, "facts one"));
		assert_int_equal(read_parts(w, 2, 0, &parts), SK_OK);
		assert_true(is(parts.facts, "facts two"));
		assert_int_equal(journal_leaf(w->journal, 3, &span),
		    SK_NOT_FOUND);
		journal_read_end(w->journal);
		reopen(w);
		assert_int_equal(journal_size(w->journal), 3);
	}
}

static void
test_aborted_batch_leaves_no_trace(void **state)
{
	struct world *w = *state;
	struct span span;

	assert_int_equal(append(w, "leaf", "facts", 1), SK_OK);
	journal_abort(w->journal);
	assert_int_equal(journal_size(w->journal), 1);
	assert_int_equal(journal_leaf(w->journal, 1, &span), SK_NOT_FOUND);
	assert_int_equal(append(w, "again", "facts", 1), SK_OK);
	assert_int_equal(w->position, 1);
	assert_int_equal(journal_commit(w->journal), SK_OK);
}

static void
test_failed_append_spoils_the_whole_batch(void **state)
{
	struct world *w = *state;
	struct append empty = { .leaf = { "", 0 } };

	assert_int_equal(append(w, "leaf", "facts", 1), SK_OK);
	assert_int_equal(journal_append(w->journal, &empty, NOON,
	    &w->position, w->hash), SK_OVERSIZED);
	assert_int_equal(journal_begin(w->journal), SK_OVERSIZED);
	assert_int_equal(journal_commit(w->journal), SK_OVERSIZED);
	reopen(w);
	assert_int_equal(journal_size(w->journal), 1);
}

/* ---- failures of the disk, injected */

static const char *fail_at;
static int fail_after;

static int
fail_at_nth(const char *operation)
{
	if (fail_at != NULL && strcmp(operation, fail_at) == 0 &&
	    fail_after-- == 0)
		return EIO;
	return 0;
}

static void
test_failed_commit_leaves_nothing_half(void **state)
{
	struct world *w = *state;
	struct span span;
	uint64_t position;

	assert_int_equal(append(w, "kept", "facts", 1), SK_OK);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	store_inject = fail_at_nth;
	assert_int_equal(append(w, "one", "facts", 1), SK_OK);
	assert_int_equal(append(w, "two", "facts", 2), SK_OK);
	fail_at = "commit";
	fail_after = 0;
	assert_int_equal(journal_commit(w->journal), SK_STORE_IO);
	store_inject = NULL;
	/* Never retried in place. */
	assert_int_equal(journal_begin(w->journal), SK_STORE_IO);
	assert_int_equal(journal_commit(w->journal), SK_STORE_IO);
	assert_int_equal(journal_size(w->journal), 2);
	reopen(w);
	assert_int_equal(journal_size(w->journal), 2);
	assert_int_equal(journal_leaf(w->journal, 1, &span), SK_OK);
	assert_true(is(span, "kept"));
	assert_int_equal(journal_leaf(w->journal, 2, &span), SK_NOT_FOUND);
	assert_int_equal(journal_sealed(w->journal, 2, 1, NOON, &span),
	    SK_NOT_FOUND);
	assert_int_equal(journal_sent(w->journal, 9, 1, &position),
	    SK_NOT_FOUND);
}

/* The commit reached the disk, its answer did not: all is there. */
static void
test_commit_that_fails_after_the_disk_had_it_left_all(void **state)
{
	struct world *w = *state;
	struct parts parts;

	assert_int_equal(append(w, "one", "facts", 1), SK_OK);
	assert_int_equal(append(w, "two", "facts", 2), SK_OK);
	store_inject = fail_at_nth;
	fail_at = "committed";
	fail_after = 0;
	assert_int_equal(journal_commit(w->journal), SK_STORE_IO);
	store_inject = NULL;
	reopen(w);
	assert_int_equal(journal_size(w->journal), 3);
	assert_int_equal(read_parts(w, 2, 2, &parts), SK_OK);
}

static void
test_every_failed_write_spoils_its_batch(void **state)
{
	struct world *w = *state;
	int writes = 0;

	assert_int_equal(append(w, "first", "facts", 1), SK_OK);
	journal_abort(w->journal);
	store_inject = fail_at_nth;
	for (;; writes++) {
		fail_at = "put";
		fail_after = writes;
		if (append(w, "leaf", "facts", 1) == SK_OK)
			break;
		assert_int_equal(journal_commit(w->journal), SK_STORE_IO);
		assert_int_equal(journal_size(w->journal), 1);
	}
	store_inject = NULL;
	/* entry, sealed part, vault row */
	assert_int_equal(writes, 3);
	assert_int_equal(journal_commit(w->journal), SK_OK);
}

/* A block of keys that did not reach the disk serves nothing. */
static void
test_failed_key_block_spoils_the_batch_and_can_be_made_again(void **state)
{
	struct world *w = *state;
	struct parts parts;

	store_inject = fail_at_nth;
	fail_at = "commit";
	fail_after = 0;
	assert_int_equal(append(w, "leaf", "facts", 1), SK_STORE_IO);
	store_inject = NULL;
	assert_int_equal(journal_commit(w->journal), SK_STORE_IO);
	reopen(w);
	assert_int_equal(append(w, "leaf", "facts", 1), SK_OK);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	reopen(w);
	assert_int_equal(read_parts(w, 1, 1, &parts), SK_OK);
}

static void
test_second_writer_and_a_reader_beside_a_writer_are_busy(void **state)
{
	struct world *w = *state;
	struct journal *second;

	assert_int_equal(journal_open(w->dir, NULL, false, &second,
	    &w->fault), SK_STORE_BUSY);
	assert_int_equal(journal_open(w->dir, NULL, true, &second,
	    &w->fault), SK_STORE_BUSY);
}

static void
test_no_journal_is_not_found_and_makes_nothing(void **state)
{
	struct world *w = *state;
	struct journal *none;

	assert_int_equal(journal_open(w->other, NULL, false, &none,
	    &w->fault), SK_NOT_FOUND);
	assert_int_not_equal(access(w->other, F_OK), 0);
}

static void
test_keys_of_another_journal_are_refused(void **state)
{
	struct world *w = *state;
	struct journal *none;
	char keys[96];

	assert_int_equal(found(w->other, NOON + 1, &w->fault), SK_OK);
	journal_close(w->journal);
	w->journal = NULL;
	snprintf(keys, sizeof(keys), "%s/keys", w->other);
	assert_int_equal(journal_open(w->dir, keys, false, &none, &w->fault),
	    SK_STORE_MISMATCH);
	assert_int_equal(journal_open(w->dir, keys, true, &none, &w->fault),
	    SK_STORE_MISMATCH);
}

static void
test_writer_without_keys_stops_and_reader_reads_erased(void **state)
{
	struct world *w = *state;
	struct parts parts;
	struct span leaf;

	assert_int_equal(append(w, "leaf", "facts", 1), SK_OK);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	journal_close(w->journal);
	w->journal = NULL;
	assert_int_equal(journal_open(w->dir, w->other, false, &w->journal,
	    &w->fault), SK_NOT_FOUND);
	assert_int_equal(journal_open(w->dir, w->other, true, &w->journal,
	    &w->fault), SK_OK);
	assert_int_equal(journal_leaf(w->journal, 1, &leaf), SK_OK);
	assert_int_equal(read_parts(w, 1, 1, &parts), SK_ERASED);
}

static void
test_deleted_key_stays_deleted(void **state)
{
	struct world *w = *state;
	struct parts parts;
	uint8_t key[32];

	assert_int_equal(append(w, "leaf", "facts", 5), SK_OK);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	assert_int_equal(destroy_key(w->journal, 5), SK_OK);
	assert_int_equal(destroy_key(w->journal, 5), SK_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(read_parts(w, 1, 5, &parts), SK_ERASED);
		assert_int_equal(journal_case_key(w->journal, 5, key),
		    SK_ERASED);
		assert_int_equal(append(w, "more", "facts", 5), SK_ERASED);
		journal_abort(w->journal);
		/* Its neighbour was made in the same block and lives. */
		assert_int_equal(journal_case_key(w->journal, 6, key), SK_OK);
		reopen(w);
	}
}

/* The block is on disk before the entry that needs it: a crash between the
 * two leaves keys that nothing uses yet, and they serve afterwards. */
static void
test_keys_outlive_a_crash_before_their_first_use(void **state)
{
	struct world *w = *state;
	struct parts parts;
	uint8_t before[32], after[32];

	assert_int_equal(append(w, "lost", "facts", 1), SK_OK);
	assert_int_equal(journal_case_key(w->journal, 256, before), SK_OK);
	journal_abort(w->journal);
	reopen(w);
	assert_int_equal(journal_case_key(w->journal, 256, after), SK_OK);
	assert_memory_equal(before, after, 32);
	assert_int_equal(append(w, "kept", "facts", 1), SK_OK);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	assert_int_equal(read_parts(w, 1, 1, &parts), SK_OK);
}

static void
test_case_numbers_past_a_block_get_the_next(void **state)
{
	struct world *w = *state;
	struct parts parts;
	uint8_t key[32], other[32];

	for (uint64_t number = 1; number <= 3 * JOURNAL_KEY_BLOCK; number++)
		assert_int_equal(journal_case_key(w->journal, number, key),
		    SK_OK);
	/* 1 and 1025 share a slot of the cache. */
	assert_int_equal(append(w, "leaf", "facts", 1), SK_OK);
	assert_int_equal(append(w, "leaf", "facts", 1025), SK_OK);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	assert_int_equal(read_parts(w, 1, 1, &parts), SK_OK);
	assert_int_equal(read_parts(w, 2, 1025, &parts), SK_OK);
	assert_int_equal(read_parts(w, 1, 1025, &parts), SK_STORE_CORRUPT);
	assert_int_equal(journal_case_key(w->journal, 1, key), SK_OK);
	assert_int_equal(journal_case_key(w->journal, 1025, other), SK_OK);
	assert_memory_not_equal(key, other, 32);
	/* Numbers are dense: a leap is damage. */
	assert_int_equal(journal_case_key(w->journal, 1u << 20, key),
	    SK_STORE_CORRUPT);
	assert_int_equal(journal_case_key(w->journal, 0, key), SK_NOT_FOUND);
}

static void
test_parts_without_a_case_lie_under_the_key_of_their_day(void **state)
{
	struct world *w = *state;
	struct parts parts;

	assert_int_equal(append(w, "leaf", "facts", 0), SK_OK);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	assert_int_equal(journal_parts(w->journal, 1, 0, NOON, w->buffer,
	    sizeof(w->buffer), &parts), SK_OK);
	/* Any instant of that civil day opens it, no other day does. */
	assert_int_equal(journal_parts(w->journal, 1, 0,
	    civil_day_start(civil_date_at(NOON)), w->buffer,
	    sizeof(w->buffer), &parts), SK_OK);
	assert_int_equal(journal_parts(w->journal, 1, 0, NOON + DAY_MS,
	    w->buffer, sizeof(w->buffer), &parts), SK_STORE_CORRUPT);
	assert_int_equal(journal_parts(w->journal, 1, 0, NOON - DAY_MS,
	    w->buffer, sizeof(w->buffer), &parts), SK_ERASED);
	assert_int_equal(journal_parts(w->journal, 1, 0, NOON, w->buffer, 8,
	    &parts), SK_OVERSIZED);
}

static void
test_submit_is_found_by_any_of_its_numbers(void **state)
{
	struct world *w = *state;
	uint64_t first_number, first_position, count;

	assert_int_equal(journal_begin(w->journal), SK_OK);
	for (uint64_t n = 1; n <= 5; n++) {
		struct append in = { .leaf = text("leaf"), .sender = 9,
			.number = n, .opens_submit = n == 1 || n == 3,
			.count = n < 3 ? 2 : 3 };

		assert_int_equal(journal_append(w->journal, &in, NOON,
		    &w->position, w->hash), SK_OK);
	}
	for (int i = 0; i < 2; i++) {
		for (uint64_t n = 1; n <= 5; n++) {
			assert_int_equal(journal_sent(w->journal, 9, n,
			    &w->position), SK_OK);
			assert_int_equal(w->position, n);
			assert_int_equal(journal_submit_of(w->journal, 9, n,
			    &first_number, &first_position, &count), SK_OK);
			assert_int_equal(first_number, n < 3 ? 1 : 3);
			assert_int_equal(first_position, first_number);
			assert_int_equal(count, n < 3 ? 2 : 3);
		}
		assert_int_equal(journal_sent(w->journal, 9, 0, &w->position),
		    SK_NOT_FOUND);
		assert_int_equal(journal_sent(w->journal, 9, 6, &w->position),
		    SK_NOT_FOUND);
		assert_int_equal(journal_sent(w->journal, 8, 1, &w->position),
		    SK_NOT_FOUND);
		assert_int_equal(journal_sent(w->journal, 10, 1,
		    &w->position), SK_NOT_FOUND);
		assert_int_equal(journal_commit(w->journal), SK_OK);
	}
}

static void
test_ids_and_commands_are_found_and_never_taken_twice(void **state)
{
	struct world *w = *state;
	struct envelope_id id = { "bootboot", 3 }, other = { "bootboot", 4 };
	struct append in = { .leaf = text("leaf"), .sender = 9, .number = 1,
		.opens_submit = true, .count = 1, .id = &id, .case_number = 2,
		.operator_key_id = some_key, .sequence = 77 };
	struct journal_counts counts;
	uint64_t position, case_number;

	assert_int_equal(journal_begin(w->journal), SK_OK);
	assert_int_equal(journal_append(w->journal, &in, NOON, &w->position,
	    w->hash), SK_OK);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	assert_int_equal(journal_id(w->journal, 9, &id, &position,
	    &case_number), SK_OK);
	assert_int_equal(position, 1);
	assert_int_equal(case_number, 2);
	assert_int_equal(journal_id(w->journal, 9, &other, &position,
	    &case_number), SK_NOT_FOUND);
	assert_int_equal(journal_id(w->journal, 8, &id, &position,
	    &case_number), SK_NOT_FOUND);
	assert_int_equal(journal_command(w->journal, some_key, 77,
	    &position), SK_OK);
	assert_int_equal(position, 1);
	assert_int_equal(journal_command(w->journal, some_key, 78,
	    &position), SK_NOT_FOUND);
	assert_int_equal(journal_counts(w->journal, &counts), SK_OK);
	assert_int_equal(counts.sent, 1);
	assert_int_equal(counts.ids, 1);
	assert_int_equal(counts.commands, 1);
	assert_int_equal(counts.sealed + counts.parts, 0);
	/* The engine asks first; a second one is our own damage. */
	assert_int_equal(journal_begin(w->journal), SK_OK);
	assert_int_equal(journal_append(w->journal, &in, NOON, &w->position,
	    w->hash), SK_STORE_CORRUPT);
	journal_abort(w->journal);
}

static void
test_epoch_is_committed_with_the_next_batch(void **state)
{
	struct world *w = *state;

	journal_next_epoch(w->journal);
	assert_int_equal(journal_epoch(w->journal), 1);
	reopen(w);
	assert_int_equal(journal_epoch(w->journal), 0);
	journal_next_epoch(w->journal);
	assert_int_equal(append(w, "leaf", "facts", 1), SK_OK);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	reopen(w);
	assert_int_equal(journal_epoch(w->journal), 1);
}

static void
test_largest_leaf_fits_and_one_byte_more_does_not(void **state)
{
	struct world *w = *state;
	uint8_t *bytes = calloc(1, JOURNAL_PARTS_MAX + 1);
	struct append in = { .leaf = { bytes, LEAF_BYTES_MAX } };
	struct span leaf;

	assert_int_equal(journal_begin(w->journal), SK_OK);
	assert_int_equal(journal_append(w->journal, &in, NOON, &w->position,
	    w->hash), SK_OK);
	assert_int_equal(journal_commit(w->journal), SK_OK);
	assert_int_equal(journal_leaf(w->journal, 1, &leaf), SK_OK);
	assert_int_equal(leaf.size, LEAF_BYTES_MAX);
	journal_read_end(w->journal);
	assert_int_equal(journal_begin(w->journal), SK_OK);
	in.leaf.size = LEAF_BYTES_MAX + 1;
	assert_int_equal(journal_append(w->journal, &in, NOON, &w->position,
	    w->hash), SK_OVERSIZED);
	journal_abort(w->journal);
	in.leaf.size = 1;
	in.parts = (struct span){ bytes, JOURNAL_PARTS_MAX };
	assert_int_equal(journal_begin(w->journal), SK_OK);
	assert_int_equal(journal_append(w->journal, &in, NOON, &w->position,
	    w->hash), SK_OK);
	in.parts.size++;
	assert_int_equal(journal_append(w->journal, &in, NOON, &w->position,
	    w->hash), SK_OVERSIZED);
	journal_abort(w->journal);
	free(bytes);
}

static void
test_rows_of_other_stores_open_only_in_their_place(void **state)
{
	struct world *w = *state;
	uint8_t closed[64], plain[64], place[JOURNAL_ASSOCIATED_MAX + 1] = { 1 };
	struct span here = { place, JOURNAL_ASSOCIATED_MAX };
	size_t size, back;

	assert_int_equal(journal_close_row(w->journal, 3, here, text("row"),
	    closed, &size), SK_OK);
	assert_int_equal(size, 3 + JOURNAL_ROW_OVERHEAD);
	assert_int_equal(journal_open_row(w->journal, 3, here,
	    (struct span){ closed, size }, plain, &back), SK_OK);
	assert_true(is((struct span){ plain, back }, "row"));
	assert_int_equal(journal_open_row(w->journal, 4, here,
	    (struct span){ closed, size }, plain, &back), SK_STORE_CORRUPT);
	assert_int_equal(journal_open_row(w->journal, 3, here,
	    (struct span){ closed, 39 }, plain, &back), SK_STORE_CORRUPT);
	here.size--;
	assert_int_equal(journal_open_row(w->journal, 3, here,
	    (struct span){ closed, size }, plain, &back), SK_STORE_CORRUPT);
	here.size += 2;
	assert_int_equal(journal_close_row(w->journal, 3, here, text("row"),
	    closed, &size), SK_OVERSIZED);
	assert_int_equal(destroy_key(w->journal, 3), SK_OK);
	here.size--;
	assert_int_equal(journal_open_row(w->journal, 3, here,
	    (struct span){ closed, size }, plain, &back), SK_ERASED);
	assert_int_equal(journal_close_row(w->journal, 3, here, text("row"),
	    closed, &size), SK_ERASED);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_founding_entry_is_position_zero_and_names_the_journal),
		T(test_founding_twice_is_refused),
		T(test_wrong_founding_bodies_are_refused_by_field),
		T(test_what_is_committed_is_read_back_after_reopening),
		T(test_aborted_batch_leaves_no_trace),
		T(test_failed_append_spoils_the_whole_batch),
		T(test_failed_commit_leaves_nothing_half),
		T(test_commit_that_fails_after_the_disk_had_it_left_all),
		T(test_every_failed_write_spoils_its_batch),
		T(test_failed_key_block_spoils_the_batch_and_can_be_made_again),
		T(test_second_writer_and_a_reader_beside_a_writer_are_busy),
		T(test_no_journal_is_not_found_and_makes_nothing),
		T(test_keys_of_another_journal_are_refused),
		T(test_writer_without_keys_stops_and_reader_reads_erased),
		T(test_deleted_key_stays_deleted),
		T(test_keys_outlive_a_crash_before_their_first_use),
		T(test_case_numbers_past_a_block_get_the_next),
		T(test_parts_without_a_case_lie_under_the_key_of_their_day),
		T(test_submit_is_found_by_any_of_its_numbers),
		T(test_ids_and_commands_are_found_and_never_taken_twice),
		T(test_epoch_is_committed_with_the_next_batch),
		T(test_largest_leaf_fits_and_one_byte_more_does_not),
		T(test_rows_of_other_stores_open_only_in_their_place),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
