#include "tests/unit/agents/log.h"

#include <limits.h>
#include <sys/stat.h>

#include "agents/agent/evidence.h"
#include "broker/lib/file.h"

struct stand {
	struct world *world;
	struct agent *agent;
	struct log log, other;	/* two histories under one key */
};

static int
setup(void **state)
{
	struct stand *stand = calloc(1, sizeof(*stand));

	world_setup((void **)&stand->world);
	stand->agent = &stand->world->agent[COURT];
	log_init(&stand->log, stand->world, 1);
	log_init(&stand->other, stand->world, 2);
	*state = stand;
	return 0;
}

static int
teardown(void **state)
{
	struct stand *stand = *state;

	world_teardown((void **)&stand->world);
	free(stand);
	return 0;
}

/* What the agent makes of it, on disk when this returns. */
static enum sk_error
show(struct stand *stand, const struct log *log, uint64_t from,
    uint64_t size)
{
	struct shown_note shown;
	struct fault fault = { 0 };
	enum sk_error rc;

	log_show(log, from, size, &shown);
	rc = evidence_take(stand->agent, &shown.message, &fault);
	assert_int_equal(fault.code, rc);
	assert_int_equal(archive_settle(stand->agent->archive), SK_OK);
	return rc;
}

static uint64_t
kept_size(struct stand *stand)
{
	struct checkpoint kept;
	struct span note;

	if (evidence_kept(stand->agent, &note, &kept) != SK_OK)
		return 0;
	archive_settle(stand->agent->archive);
	return kept.size;
}

/* As at the daemon's next start. */
static void
restart(struct stand *stand)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", archive_path(stand->agent->archive));
	archive_close(stand->agent->archive);
	stand->agent->forked = false;
	assert_int_equal(archive_open(path, &stand->agent->archive, NULL),
	    SK_OK);
	evidence_open(stand->agent);
}

/* ---- what goes on */

static void
test_first_checkpoint_is_taken_as_it_is(void **state)
{
	struct stand *stand = *state;

	assert_int_equal(kept_size(stand), 0);
	assert_int_equal(show(stand, &stand->log, 0, 7), SK_OK);
	assert_int_equal(kept_size(stand), 7);
	restart(stand);
	assert_int_equal(kept_size(stand), 7);
	assert_false(stand->agent->forked);
}

static void
test_every_growth_is_followed(void **state)
{
	struct stand *stand = *state;
	uint64_t at = 1;

	assert_int_equal(show(stand, &stand->log, 0, 1), SK_OK);
	for (uint64_t step = 0; at + step <= LOG_MAX; step++) {
		assert_int_equal(show(stand, &stand->log, at, at + step),
		    SK_OK);
		at += step;
		assert_int_equal(kept_size(stand), at);
	}
	assert_false(stand->agent->forked);
}

/* A note that others signed as well is still the broker's. */
static void
test_cosigned_checkpoint_is_kept_whole(void **state)
{
	struct stand *stand = *state;
	uint8_t note[2 * CHECKPOINT_NOTE_MAX], pub[32], secret[64];
	struct shown_note shown;
	struct note_key key;
	struct note opened;
	struct span kept;
	struct writer w;

	crypto_sign_keypair(pub, secret);
	assert_int_equal(note_key_init(&key, "getuige", NOTE_COSIGNATURE, pub),
	    SK_OK);
	log_show(&stand->log, 0, 5, &shown);
	writer_init(&w, note, sizeof(note));
	write_raw(&w, shown.message.note.data, shown.message.note.len);
	assert_int_equal(note_open(&opened, note, w.size), SK_OK);
	assert_int_equal(note_sign(&w, opened.text, &key, secret, 1774000000),
	    SK_OK);
	shown.message.note = (ProtobufCBinaryData){ w.size, note };
	assert_int_equal(evidence_take(stand->agent, &shown.message, NULL),
	    SK_OK);
	assert_int_equal(archive_settle(stand->agent->archive), SK_OK);
	assert_int_equal(evidence_kept(stand->agent, &kept, NULL), SK_OK);
	assert_int_equal(kept.size, w.size);
	assert_memory_equal(kept.bytes, note, w.size);
}

/* ---- what ends a session and is no fork */

enum wrong { SIGNATURE_BENT, KEY_OTHER, ORIGIN_OTHER, EMPTY_TREE, CUT,
	FROM_OTHER, HASH_SHORT, HASHES_MANY, NO_NOTE };

static void
bend(struct stand *stand, enum wrong wrong, struct shown_note *shown)
{
	struct log log = stand->log;
	uint8_t pub[32], secret[64];
	struct checkpoint empty = { .origin = ORIGIN };
	struct writer w;
	uint8_t *at;

	switch (wrong) {
	case SIGNATURE_BENT:
		at = &shown->note[shown->message.note.len - 8];
		*at = *at == 'A' ? 'B' : 'A';	/* it stays base64 */
		break;
	case KEY_OTHER:
		crypto_sign_keypair(pub, secret);
		note_key_init(&log.key, ORIGIN, NOTE_ED25519, pub);
		log.secret_key = secret;
		log_show(&log, 20, 30, shown);
		break;
	case ORIGIN_OTHER:
		note_key_init(&log.key, "elders/test/1", NOTE_ED25519,
		    stand->world->sign_public);
		log_show(&log, 20, 30, shown);
		break;
	case EMPTY_TREE:
		tlog_empty_root(empty.root);
		writer_init(&w, shown->note, sizeof(shown->note));
		checkpoint_sign(&w, &empty, &log.key, log.secret_key);
		shown->message.note.len = w.size;
		break;
	case CUT: shown->message.note.len--; break;
	case FROM_OTHER: shown->message.from_size--; break;
	case HASH_SHORT: shown->consistency[0].len--; break;
	case HASHES_MANY:
		shown->message.n_consistency = TLOG_CONSISTENCY_MAX + 1;
		break;
	case NO_NOTE: shown->message.note.len = 0; break;
	}
}

static void
test_what_does_not_verify_changes_nothing(void **state)
{
	struct stand *stand = *state;
	static const struct { enum wrong wrong; enum sk_error code; } cases[] = {
		{ SIGNATURE_BENT, SK_SIGNATURE_WRONG },
		{ KEY_OTHER, SK_SIGNATURE_WRONG },
		{ ORIGIN_OTHER, SK_SIGNATURE_WRONG },
		{ EMPTY_TREE, SK_MALFORMED },
		{ CUT, SK_MALFORMED },
		{ FROM_OTHER, SK_MALFORMED },
		{ HASH_SHORT, SK_MALFORMED },
		{ HASHES_MANY, SK_MALFORMED },
		{ NO_NOTE, SK_MALFORMED },
	};
	struct shown_note shown;

	assert_int_equal(show(stand, &stand->log, 0, 20), SK_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		log_show(&stand->log, 20, 30, &shown);
		bend(stand, cases[i].wrong, &shown);
		assert_int_equal(evidence_take(stand->agent, &shown.message,
		    NULL), cases[i].code);
		assert_false(archive_is_dirty(stand->agent->archive));
		assert_false(stand->agent->forked);
		assert_int_equal(kept_size(stand), 20);
	}
	assert_int_equal(show(stand, &stand->log, 20, 30), SK_OK);
}

static void
test_first_checkpoint_needs_no_proof_and_has_none(void **state)
{
	struct stand *stand = *state;

	assert_int_equal(show(stand, &stand->log, 3, 7), SK_MALFORMED);
	assert_int_equal(kept_size(stand), 0);
	assert_false(stand->agent->forked);
}

/* ---- forks */

static void
assert_file(struct stand *stand, const char *name, const void *bytes,
    size_t size)
{
	char path[PATH_MAX], text[16384];
	struct stat status;
	size_t found;

	file_path(path, sizeof(path), archive_path(stand->agent->archive),
	    name);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(file_read(path, text, sizeof(text), &found, NULL),
	    SK_OK);
	if (bytes == NULL)
		return;
	assert_int_equal(found, size);
	assert_memory_equal(text, bytes, size);
}

struct fork_case {
	uint64_t kept, from, size;
	bool same;		/* the same history, only smaller */
	enum sk_error code;
};

static const struct fork_case forks[] = {
	{ 20, 20, 30, false, SK_CHAIN_FORK },	/* another history, grown */
	{ 20, 20, 20, false, SK_CHAIN_FORK },	/* another of the same size */
	{ 20, 0, 20, false, SK_CHAIN_FORK },	/* whatever it says it is from */
	{ 20, 20, 19, true, SK_ROLLBACK },	/* less than was signed */
	{ 20, 0, 19, false, SK_ROLLBACK },
	{ 1, 1, 2, false, SK_CHAIN_FORK },	/* from the smallest on */
	{ 16, 16, 32, false, SK_CHAIN_FORK },	/* whole trees */
};

static void
fork_once(struct stand *stand, const struct fork_case *c)
{
	const struct log *log = c->same ? &stand->log : &stand->other;
	uint8_t kept[CHECKPOINT_NOTE_MAX];
	size_t kept_bytes = log_note(&stand->log, c->kept, kept);
	struct shown_note shown;

	assert_int_equal(show(stand, &stand->log, 0, c->kept), SK_OK);
	assert_int_equal(show(stand, log, c->from, c->size), c->code);
	assert_true(stand->agent->forked);
	assert_int_equal(kept_size(stand), c->kept);
	log_show(log, c->from, c->size, &shown);
	assert_file(stand, "fork/kept", kept, kept_bytes);
	assert_file(stand, "fork/shown", shown.note, shown.message.note.len);
	assert_file(stand, "fork/proof", NULL, 0);
	restart(stand);
	assert_true(stand->agent->forked);
	assert_int_equal(kept_size(stand), c->kept);
}

static void
test_fork_is_kept_and_holds_after_a_restart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forks) / sizeof(forks[0]); i++) {
		void *stand;

		setup(&stand);
		fork_once(stand, &forks[i]);
		teardown(&stand);
	}
}

static void
test_proof_that_fails_is_kept_with_the_notes(void **state)
{
	struct stand *stand = *state;
	char want[4096];
	struct shown_note shown;
	struct writer w;

	assert_int_equal(show(stand, &stand->log, 0, 20), SK_OK);
	assert_int_equal(show(stand, &stand->other, 20, 30), SK_CHAIN_FORK);
	log_show(&stand->other, 20, 30, &shown);
	writer_init(&w, want, sizeof(want));
	write_text(&w, "CHAIN_FORK\nfrom 20\n");
	for (size_t i = 0; i < shown.message.n_consistency; i++) {
		write_base64(&w, shown.hash[i], DIGEST_SIZE);
		write_text(&w, "\n");
	}
	assert_file(stand, "fork/proof", want, w.size);
}

static void
test_right_history_with_a_wrong_proof_is_a_fork_too(void **state)
{
	struct stand *stand = *state;
	struct shown_note shown;

	assert_int_equal(show(stand, &stand->log, 0, 20), SK_OK);
	log_show(&stand->log, 20, 30, &shown);
	shown.hash[0][0] ^= 1;
	assert_int_equal(evidence_take(stand->agent, &shown.message, NULL),
	    SK_CHAIN_FORK);
	assert_true(stand->agent->forked);
}

/* The commit failed, or someone took the files away: either of them holds. */
static void
test_files_alone_hold_and_rows_alone_hold(void **state)
{
	struct stand *stand = *state;
	char path[PATH_MAX];
	struct shown_note shown;

	assert_int_equal(show(stand, &stand->log, 0, 20), SK_OK);
	log_show(&stand->other, 20, 30, &shown);
	evidence_take(stand->agent, &shown.message, NULL);
	archive_abandon(stand->agent->archive);
	restart(stand);
	assert_true(stand->agent->forked);

	assert_int_equal(show(stand, &stand->other, 20, 30), SK_CHAIN_FORK);
	file_path(path, sizeof(path), archive_path(stand->agent->archive),
	    "fork");
	remove_dir(path);
	restart(stand);
	assert_true(stand->agent->forked);
	assert_file(stand, "fork/shown", NULL, 0);	/* there again */
}

static void
test_proofs_note_is_compared_without_being_kept(void **state)
{
	struct stand *stand = *state;
	static const struct {
		bool same;
		uint64_t size;
		enum sk_error code;
		bool forked;
	} cases[] = {
		{ true, 20, SK_OK, false },
		{ true, 21, SK_OK, false },
		{ true, 19, SK_ROLLBACK, false },	/* an old one again */
		{ false, 21, SK_OK, false },	/* a later proof finds out */
		{ false, 20, SK_CHAIN_FORK, true },
	};

	assert_int_equal(show(stand, &stand->log, 0, 20), SK_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct log *log = cases[i].same ? &stand->log :
		    &stand->other;
		uint8_t note[CHECKPOINT_NOTE_MAX];
		struct span bytes = { note, log_note(log, cases[i].size,
		    note) };
		struct checkpoint checkpoint = { .size = cases[i].size };

		log_root(log, 0, cases[i].size, checkpoint.root);
		assert_int_equal(evidence_compare(stand->agent, bytes,
		    &checkpoint, NULL), cases[i].code);
		assert_int_equal(stand->agent->forked, cases[i].forked);
		archive_settle(stand->agent->archive);
		assert_int_equal(kept_size(stand), 20);
	}
}

/* ---- an operator's word */

/* evidence_clear wants DIR/store: a link stands in for the agent's own. */
static enum sk_error
clear(struct stand *stand, bool forget, char kept_as[PATH_MAX])
{
	char link[PATH_MAX], store[PATH_MAX];
	enum sk_error rc;

	snprintf(store, sizeof(store), "%s",
	    archive_path(stand->agent->archive));
	snprintf(link, sizeof(link), "%s/store", stand->world->dir);
	if (access(link, F_OK) != 0)
		assert_int_equal(symlink(store, link), 0);
	archive_close(stand->agent->archive);
	rc = evidence_clear(stand->world->dir, forget, kept_as, PATH_MAX,
	    NULL);
	assert_int_equal(archive_open(store, &stand->agent->archive, NULL),
	    SK_OK);
	evidence_open(stand->agent);
	return rc;
}

static void
test_cleared_fork_lets_go_and_keeps_its_evidence(void **state)
{
	struct stand *stand = *state;
	char kept_as[PATH_MAX];

	assert_int_equal(clear(stand, false, kept_as), SK_NOT_FOUND);
	assert_int_equal(show(stand, &stand->log, 0, 20), SK_OK);
	assert_int_equal(show(stand, &stand->other, 20, 30), SK_CHAIN_FORK);
	assert_int_equal(clear(stand, false, kept_as), SK_OK);
	assert_non_null(strstr(kept_as, "/store/fork.1"));
	assert_false(stand->agent->forked);
	assert_file(stand, "fork.1/shown", NULL, 0);
	/* what was kept is still the measure */
	assert_int_equal(kept_size(stand), 20);
	assert_int_equal(show(stand, &stand->log, 20, 25), SK_OK);
	assert_int_equal(show(stand, &stand->other, 25, 30), SK_CHAIN_FORK);
	assert_int_equal(clear(stand, true, kept_as), SK_OK);
	assert_non_null(strstr(kept_as, "/store/fork.2"));
	assert_file(stand, "fork.1/shown", NULL, 0);
	/* and forgotten only when that is said */
	assert_int_equal(kept_size(stand), 0);
	assert_int_equal(show(stand, &stand->other, 0, 30), SK_OK);
}

/* A first checkpoint that was a lie: the true broker is refused for it. */
static void
test_checkpoint_is_forgotten_without_a_fork_and_stays_beside(void **state)
{
	struct stand *stand = *state;
	uint8_t note[CHECKPOINT_NOTE_MAX];
	char kept_as[PATH_MAX];
	size_t size = log_note(&stand->other, 20, note);

	assert_int_equal(clear(stand, true, kept_as), SK_NOT_FOUND);
	assert_int_equal(show(stand, &stand->other, 0, 20), SK_OK);
	assert_int_equal(clear(stand, true, kept_as), SK_OK);
	assert_int_equal(kept_size(stand), 0);
	assert_file(stand, "fork.1/kept", note, size);
	assert_int_equal(show(stand, &stand->log, 0, 30), SK_OK);
	assert_int_equal(show(stand, &stand->other, 30, 40), SK_CHAIN_FORK);
	assert_int_equal(clear(stand, false, kept_as), SK_OK);
	assert_non_null(strstr(kept_as, "/store/fork.2"));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_first_checkpoint_is_taken_as_it_is),
		TEST(test_every_growth_is_followed),
		TEST(test_cosigned_checkpoint_is_kept_whole),
		TEST(test_what_does_not_verify_changes_nothing),
		TEST(test_first_checkpoint_needs_no_proof_and_has_none),
		cmocka_unit_test(test_fork_is_kept_and_holds_after_a_restart),
		TEST(test_proof_that_fails_is_kept_with_the_notes),
		TEST(test_right_history_with_a_wrong_proof_is_a_fork_too),
		TEST(test_files_alone_hold_and_rows_alone_hold),
		TEST(test_proofs_note_is_compared_without_being_kept),
		TEST(test_cleared_fork_lets_go_and_keeps_its_evidence),
		TEST(test_checkpoint_is_forgotten_without_a_fork_and_stays_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
