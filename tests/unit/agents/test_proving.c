#include "tests/unit/agents/line.h"
#include "tests/unit/agents/log.h"

#include <limits.h>

#include "agents/agent/evidence.h"

#define SHOWN_SIZE 120u	/* covers the positions that receipt_frame gives */

static void
give_checkpoint(struct line *line, const struct log *log, uint64_t from,
    uint64_t size)
{
	Sk__Frame frame = SK__FRAME__INIT;
	struct shown_note shown;

	log_show(log, from, size, &shown);
	frame.checkpoint = &shown.message;
	give(line, &frame, 0);
}

static uint64_t
kept_size(struct line *line)
{
	struct checkpoint kept = { .size = 0 };
	struct span note;

	evidence_kept(line->agent, &note, &kept);
	archive_settle(line->agent->archive);
	return kept.size;
}

static void
greet(struct line *line, const struct log *log, uint64_t from, uint64_t size)
{
	Sk__Welcome w = good_welcome(line);
	struct shown_note shown;

	uplink_connected(line->uplink, 0);
	assert_true(uplink_push(line->uplink, 0));
	log_show(log, from, size, &shown);
	w.checkpoint = &shown.message;
	w.journal_size = size;
	welcome(line, &w, 0);
}

/* ---- checkpoints */

static void
test_hello_shows_the_checkpoint_that_welcome_left(void **state)
{
	struct line *line = *state;
	uint8_t note[CHECKPOINT_NOTE_MAX];
	const Sk__Hello *hello;
	struct log log;
	size_t size;

	log_init(&log, line->world, 1);
	size = log_note(&log, 40, note);
	greet(line, &log, 0, 40);
	assert_int_equal(uplink_state(line->uplink), UPLINK_UP);
	assert_false(frame_at(line, 0)->hello->has_checkpoint);
	uplink_disconnected(line->uplink);
	greet(line, &log, 40, 41);
	hello = frame_at(line, 1)->hello;
	assert_int_equal(hello->checkpoint.len, size);
	assert_memory_equal(hello->checkpoint.data, note, size);
	assert_int_equal(kept_size(line), 41);
}

static void
test_checkpoints_of_a_session_follow_each_other(void **state)
{
	struct line *line = *state;
	struct log log;

	log_init(&log, line->world, 1);
	greet(line, &log, 0, 40);
	for (uint64_t size = 41; size < 60; size++)
		give_checkpoint(line, &log, size - 1, size);
	assert_int_equal(kept_size(line), 59);
	assert_int_equal(uplink_state(line->uplink), UPLINK_UP);
}

static void
test_badly_signed_checkpoint_ends_the_session_and_is_no_fork(void **state)
{
	struct line *line = *state;
	Sk__Frame frame = SK__FRAME__INIT;
	struct shown_note shown;
	struct log log;

	log_init(&log, line->world, 1);
	greet(line, &log, 0, 40);
	log_show(&log, 40, 50, &shown);
	shown.note[shown.message.note.len - 9] ^= 1;
	frame.checkpoint = &shown.message;
	give(line, &frame, 0);
	assert_int_equal(uplink_state(line->uplink), UPLINK_HELD);
	assert_false(line->agent->forked);
	assert_int_equal(kept_size(line), 40);
	/* in WELCOME as well, and nothing of that is taken */
	assert_true(uplink_push(line->uplink, UPLINK_HOLD_MS));
	{
		Sk__Welcome w = good_welcome(line);

		w.checkpoint = &shown.message;
		w.journal_size = 50;
		w.mailbox_journal = 2;
		welcome(line, &w, UPLINK_HOLD_MS);
	}
	assert_int_equal(uplink_state(line->uplink), UPLINK_HELD);
	assert_int_equal(archive_meta(line->agent->archive)->mailbox_journal,
	    1);
}

static void
test_fewer_entries_than_the_checkpoint_is_a_rollback(void **state)
{
	struct line *line = *state;
	Sk__Welcome w;
	struct log log;

	log_init(&log, line->world, 1);
	greet(line, &log, 0, 40);
	uplink_disconnected(line->uplink);
	uplink_connected(line->uplink, 0);
	uplink_push(line->uplink, 0);
	w = good_welcome(line);
	w.journal_size = 39;
	welcome(line, &w, 0);
	assert_int_equal(uplink_state(line->uplink), UPLINK_STOPPED);
	assert_false(line->agent->forked);	/* nobody signed it */
}

static void
deliver_notice(struct line *line, uint64_t number)
{
	Sk__Deliveries deliveries = SK__DELIVERIES__INIT;
	Sk__Deliver deliver = SK__DELIVER__INIT, *list[1] = { &deliver };
	Sk__Notice notice = SK__NOTICE__INIT;
	Sk__Frame frame = SK__FRAME__INIT;

	notice.has_kind = 1;
	notice.kind = SK__NOTICE_KIND__DEADLINE_WARNING;
	deliver.has_mailbox_number = deliver.has_position = 1;
	deliver.mailbox_number = number;
	deliver.position = 8 + number;
	deliver.notice = &notice;
	deliveries.n_deliveries = 1;
	deliveries.deliveries = list;
	frame.deliveries = &deliveries;
	give(line, &frame, 0);
}

/* Nothing is sent; what comes in is taken and acknowledged. */
static void
assert_only_receives(struct line *line, uint64_t number)
{
	size_t before = line->frames;

	assert_int_equal(uplink_state(line->uplink), UPLINK_UP);
	queue(line, 1);
	assert_false(uplink_push(line->uplink, 0));
	deliver_notice(line, number);
	assert_true(uplink_push(line->uplink, 0));
	assert_int_equal(line->frames, before + 1);
	assert_int_equal(frame_at(line, before)->ack->stored, number);
	assert_int_equal(inbox_count(line->agent->archive), number);
}

static void
test_after_a_fork_nothing_is_sent_and_all_is_received(void **state)
{
	struct line *line = *state;
	const struct uplink_wire wire = { take, line };
	struct log log, other;

	log_init(&log, line->world, 1);
	log_init(&other, line->world, 2);
	greet(line, &log, 0, 40);
	give_checkpoint(line, &other, 40, 50);
	assert_true(line->agent->forked);
	assert_only_receives(line, 1);
	/* one is enough: what comes after it is not looked at */
	give_checkpoint(line, &other, 50, 51);
	assert_int_equal(kept_size(line), 40);
	/* a new start, a new session: still */
	uplink_close(line->uplink);
	uplink_open(line->agent, &wire, &line->uplink);
	line->agent->forked = false;
	evidence_open(line->agent);
	greet(line, &other, 40, 50);
	assert_only_receives(line, 2);
	assert_int_equal(outbox_count(line->agent->archive), 2);
}

static void
test_fork_in_welcome_is_found_before_anything_is_sent(void **state)
{
	struct line *line = *state;
	struct log log, other;

	log_init(&log, line->world, 1);
	log_init(&other, line->world, 2);
	greet(line, &log, 0, 40);
	uplink_disconnected(line->uplink);
	queue(line, 1);
	greet(line, &other, 40, 41);
	assert_true(line->agent->forked);
	assert_false(uplink_push(line->uplink, 0));
}

/* ---- proofs */

struct asked {
	struct log log;
	Sk__Proof proof;
	uint8_t note[CHECKPOINT_NOTE_MAX], leaf[DIGEST_SIZE];
	uint8_t path[TLOG_PATH_MAX][DIGEST_SIZE];
	ProtobufCBinaryData paths[TLOG_PATH_MAX + 1];
	size_t ticket;
};

#define ASKED_POSITION 101u

/* Up with a checkpoint of SHOWN_SIZE, and a proof of 101 asked for. */
static void
ask_proof(struct line *line, struct asked *asked)
{
	size_t before;

	if (uplink_state(line->uplink) != UPLINK_UP) {
		log_init(&asked->log, line->world, 1);
		greet(line, &asked->log, 0, SHOWN_SIZE);
	}
	before = line->frames;
	assert_int_equal(uplink_prove(line->uplink, ASKED_POSITION,
	    asked->log.leaf[ASKED_POSITION], &asked->ticket), SK_OK);
	assert_true(uplink_push(line->uplink, 0));
	assert_int_equal(frame_at(line, before)->prove->position,
	    ASKED_POSITION);
	assert_null(uplink_proven(line->uplink, asked->ticket));
}

static void
make_proof(struct asked *asked, const struct log *log, uint64_t size)
{
	sk__proof__init(&asked->proof);
	asked->proof.has_position = asked->proof.has_leaf_hash = 1;
	asked->proof.has_note = 1;
	asked->proof.position = ASKED_POSITION;
	memcpy(asked->leaf, asked->log.leaf[ASKED_POSITION], DIGEST_SIZE);
	asked->proof.leaf_hash =
	    (ProtobufCBinaryData){ DIGEST_SIZE, asked->leaf };
	asked->proof.note = (ProtobufCBinaryData){
		log_note(log, size, asked->note), asked->note };
	asked->proof.n_path = log_path(log, 0, ASKED_POSITION, size,
	    asked->path);
	for (size_t i = 0; i <= TLOG_PATH_MAX; i++)
		asked->paths[i] = (ProtobufCBinaryData){ DIGEST_SIZE,
			asked->path[i < TLOG_PATH_MAX ? i : 0] };
	asked->proof.path = asked->paths;
}

static const struct proven *
answer(struct line *line, struct asked *asked)
{
	Sk__Frame frame = SK__FRAME__INIT;
	const struct proven *proven;

	frame.proof = &asked->proof;
	give(line, &frame, 0);
	proven = uplink_proven(line->uplink, asked->ticket);
	assert_non_null(proven);
	return proven;
}

/* As someone would who has the file and the vkey, and no broker. */
static void
assert_file_holds(const struct proven *proven, const struct asked *asked)
{
	uint8_t leaf[DIGEST_SIZE + 1];
	struct tlog_proof proof;
	struct checkpoint checkpoint;
	struct note_key key;
	struct note note;
	size_t size;

	assert_int_equal(note_key_parse(&key, (struct span){ proven->vkey,
	    strlen(proven->vkey) }), SK_OK);
	assert_int_equal(tlog_proof_parse(&proof, proven->file,
	    strlen(proven->file)), SK_OK);
	assert_int_equal(proof.index, ASKED_POSITION);
	assert_int_equal(tlog_proof_extra(&proof, leaf, sizeof(leaf), &size),
	    SK_OK);
	assert_int_equal(size, DIGEST_SIZE);
	assert_memory_equal(leaf, asked->log.leaf[ASKED_POSITION],
	    DIGEST_SIZE);
	assert_int_equal(tlog_proof_check(&proof, leaf, &key, &checkpoint,
	    &note, NULL), SK_OK);
	assert_int_equal(checkpoint.size, proven->size);
}

static void
test_proof_is_checked_and_written_as_a_file(void **state)
{
	struct line *line = *state;
	const struct proven *proven;
	struct asked asked;

	for (uint64_t size = SHOWN_SIZE; size < SHOWN_SIZE + 2; size++) {
		ask_proof(line, &asked);
		make_proof(&asked, &asked.log, size);
		proven = answer(line, &asked);
		assert_int_equal(proven->fault.code, SK_OK);
		assert_int_equal(proven->size, size);
		assert_file_holds(proven, &asked);
		uplink_prove_end(line->uplink, asked.ticket);
	}
	assert_int_equal(kept_size(line), SHOWN_SIZE);
}

enum flaw { CODE, LEAF_OTHER, LEAF_SHORT, PATH_BENT, PATH_SHORT, PATH_LONG,
	HASH_SHORT, NOTE_BENT, NOTE_NONE, NOTE_OLD, TREE_OTHER };

static void
spoil(struct asked *asked, enum flaw flaw)
{
	struct log other = asked->log;

	switch (flaw) {
	case CODE:
		asked->proof.has_code = 1;
		asked->proof.code = SK_NOT_A_PARTICIPANT;
		break;
	case LEAF_OTHER: asked->leaf[0] ^= 1; break;
	case LEAF_SHORT: asked->proof.leaf_hash.len--; break;
	case PATH_BENT: asked->path[1][0] ^= 1; break;
	case PATH_SHORT: asked->proof.n_path--; break;
	case PATH_LONG: asked->proof.n_path = TLOG_PATH_MAX + 1; break;
	case HASH_SHORT: asked->paths[0].len--; break;
	case NOTE_BENT: asked->note[5] ^= 1; break;
	case NOTE_NONE: asked->proof.note.len = 0; break;
	case NOTE_OLD: make_proof(asked, &asked->log, SHOWN_SIZE - 1); break;
	case TREE_OTHER:
		/* the entry is there, and another beside it is not the same */
		other.leaf[3][0] ^= 1;
		make_proof(asked, &other, SHOWN_SIZE);
		break;
	}
}

static void
test_proof_with_a_flaw_is_refused(void **state)
{
	struct line *line = *state;
	static const struct { enum flaw flaw; enum sk_error code; } cases[] = {
		{ CODE, SK_NOT_A_PARTICIPANT },
		{ LEAF_OTHER, SK_SIGNATURE_WRONG },
		{ LEAF_SHORT, SK_SIGNATURE_WRONG },
		{ PATH_BENT, SK_SIGNATURE_WRONG },
		{ PATH_SHORT, SK_SIGNATURE_WRONG },
		{ PATH_LONG, SK_MALFORMED },
		{ HASH_SHORT, SK_MALFORMED },
		{ NOTE_BENT, SK_SIGNATURE_WRONG },
		{ NOTE_NONE, SK_MALFORMED },
		{ NOTE_OLD, SK_ROLLBACK },
		{ TREE_OTHER, SK_CHAIN_FORK },
	};
	const struct proven *proven;
	struct asked asked;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask_proof(line, &asked);
		make_proof(&asked, &asked.log, SHOWN_SIZE);
		spoil(&asked, cases[i].flaw);
		proven = answer(line, &asked);
		assert_int_equal(proven->fault.code, cases[i].code);
		assert_null(proven->file);
		assert_int_equal(line->agent->forked,
		    cases[i].flaw == TREE_OTHER);
		uplink_prove_end(line->uplink, asked.ticket);
	}
}

static void
test_proof_is_asked_again_after_a_reconnection(void **state)
{
	struct line *line = *state;
	struct asked asked;
	size_t before;

	ask_proof(line, &asked);
	uplink_disconnected(line->uplink);
	greet(line, &asked.log, SHOWN_SIZE, SHOWN_SIZE + 1);
	before = line->frames;
	assert_true(uplink_push(line->uplink, 0));
	assert_int_equal(frame_at(line, before)->prove->position,
	    ASKED_POSITION);
	assert_false(uplink_push(line->uplink, 0));
}

static void
test_proofs_under_way_are_bounded(void **state)
{
	struct line *line = *state;
	uint8_t leaf[DIGEST_SIZE] = { 0 };
	size_t ticket;
	struct log log;

	assert_int_equal(uplink_prove(line->uplink, 1, leaf, &ticket),
	    SK_NOT_CONNECTED);
	log_init(&log, line->world, 1);
	greet(line, &log, 0, SHOWN_SIZE);
	for (size_t i = 0; i < UPLINK_PROVES_MAX; i++)
		assert_int_equal(uplink_prove(line->uplink, i, leaf, &ticket),
		    SK_OK);
	assert_int_equal(uplink_prove(line->uplink, 1, leaf, &ticket),
	    SK_THROTTLED);
	uplink_prove_end(line->uplink, 5);
	assert_int_equal(uplink_prove(line->uplink, 1, leaf, &ticket), SK_OK);
	assert_int_equal(ticket, 5);
}

/* Of another position, or asked by nobody. */
static void
test_proof_that_nobody_asked_for_is_nothing(void **state)
{
	struct line *line = *state;
	Sk__Frame frame = SK__FRAME__INIT;
	struct asked asked;

	ask_proof(line, &asked);
	make_proof(&asked, &asked.log, SHOWN_SIZE);
	asked.proof.position++;
	frame.proof = &asked.proof;
	give(line, &frame, 0);
	assert_null(uplink_proven(line->uplink, asked.ticket));
	uplink_prove_end(line->uplink, asked.ticket);
	asked.proof.position--;
	give(line, &frame, 0);
	assert_int_equal(uplink_state(line->uplink), UPLINK_UP);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_hello_shows_the_checkpoint_that_welcome_left),
		TEST(test_checkpoints_of_a_session_follow_each_other),
		TEST(test_badly_signed_checkpoint_ends_the_session_and_is_no_fork),
		TEST(test_fewer_entries_than_the_checkpoint_is_a_rollback),
		TEST(test_after_a_fork_nothing_is_sent_and_all_is_received),
		TEST(test_fork_in_welcome_is_found_before_anything_is_sent),
		TEST(test_proof_is_checked_and_written_as_a_file),
		TEST(test_proof_with_a_flaw_is_refused),
		TEST(test_proof_is_asked_again_after_a_reconnection),
		TEST(test_proofs_under_way_are_bounded),
		TEST(test_proof_that_nobody_asked_for_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
