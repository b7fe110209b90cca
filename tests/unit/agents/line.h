/*
 * line.h - the court's agent in a session: what it sends, and a broker's
 * answers by hand.
 */
#ifndef TESTS_AGENTS_LINE_H
#define TESTS_AGENTS_LINE_H

#include "tests/unit/agents/fixture.h"

#include "agents/agent/session.h"

#define FRAMES_MAX 32

/* What the court's agent sent, and a broker's answers by hand. */
struct line {
	struct world *world;
	struct agent *agent;
	struct uplink *uplink;
	enum sk_error refuse;	/* what sending answers */
	size_t frames;
	uint8_t *bytes[FRAMES_MAX];
	size_t size[FRAMES_MAX];
	uint8_t memory[1 << 20];
	struct arena arena;
};

static inline enum sk_error
take(void *context, const void *bytes, size_t size)
{
	struct line *line = context;

	if (line->refuse != SK_OK)
		return line->refuse;
	assert_true(line->frames < FRAMES_MAX);
	line->bytes[line->frames] = malloc(size);
	memcpy(line->bytes[line->frames], bytes, size);
	line->size[line->frames++] = size;
	return SK_OK;
}

static inline int
setup(void **state)
{
	struct line *line = calloc(1, sizeof(*line));
	const struct uplink_wire wire = { take, line };

	world_setup((void **)&line->world);
	line->agent = &line->world->agent[COURT];
	arena_init(&line->arena, line->memory, sizeof(line->memory));
	assert_int_equal(uplink_open(line->agent, &wire, &line->uplink),
	    SK_OK);
	*state = line;
	return 0;
}

static inline int
teardown(void **state)
{
	struct line *line = *state;

	uplink_close(line->uplink);
	for (size_t i = 0; i < line->frames; i++)
		free(line->bytes[i]);
	world_teardown((void **)&line->world);
	free(line);
	return 0;
}

static inline const Sk__Frame *
frame_at(struct line *line, size_t index)
{
	ProtobufCMessage *message;

	assert_true(index < line->frames);
	arena_reset(&line->arena);
	assert_int_equal(wire_decode(&sk__frame__descriptor, "frame",
	    line->bytes[index], line->size[index], FRAME_BYTES_MAX,
	    &line->arena, &message, NULL), SK_OK);
	return (const Sk__Frame *)message;
}

static inline void
give(struct line *line, const Sk__Frame *frame, int64_t ticks)
{
	uint8_t *bytes = malloc(sk__frame__get_packed_size(frame));
	size_t size = sk__frame__pack(frame, bytes);

	uplink_receive(line->uplink, (struct span){ bytes, size }, ticks);
	free(bytes);
	assert_int_equal(archive_settle(line->agent->archive), SK_OK);
}

static inline Sk__Welcome
good_welcome(struct line *line)
{
	struct meta *meta = archive_meta(line->agent->archive);
	Sk__Welcome w = SK__WELCOME__INIT;

	w.has_epoch = w.has_founding = w.has_last_number = 1;
	w.has_last_link = w.has_mailbox_journal = 1;
	w.has_next_mailbox_number = w.has_journal_size = 1;
	w.has_directory_count = w.has_directory_serial = 1;
	w.has_directory_head = w.has_now = w.has_test = 1;
	w.has_credit_messages = w.has_credit_bytes = 1;
	w.origin = (char *)(uintptr_t)ORIGIN;
	w.founding = (ProtobufCBinaryData){ DIGEST_SIZE,
		line->world->founding };
	w.last_number = meta->last_number;
	w.last_link = (ProtobufCBinaryData){ DIGEST_SIZE, meta->last_link };
	w.mailbox_journal = 1;
	w.next_mailbox_number = meta->mailbox_stored + 1;
	w.journal_size = meta->last_position + 1;
	w.directory_count = meta->directory_count;
	w.directory_serial = meta->head.serial;
	w.directory_head = (ProtobufCBinaryData){ DIGEST_SIZE,
		meta->head.digest };
	w.now = NOW;
	w.test = 1;
	w.credit_messages = 1000;
	w.credit_bytes = 1 << 24;
	return w;
}

static inline void
welcome(struct line *line, Sk__Welcome *w, int64_t ticks)
{
	Sk__Frame frame = SK__FRAME__INIT;

	frame.welcome = w;
	give(line, &frame, ticks);
}

/* Connected and welcomed at 0; the HELLO is frame 0. */
static inline void
come_up(struct line *line)
{
	Sk__Welcome w = good_welcome(line);

	uplink_connected(line->uplink, 0);
	assert_true(uplink_push(line->uplink, 0));
	welcome(line, &w, 0);
	assert_int_equal(uplink_state(line->uplink), UPLINK_UP);
}

static inline void
queue(struct line *line, size_t n)
{
	struct own_row row;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(order_send(line->world, &row, NULL), SK_OK);
}

/* Receipts as the broker gives them for frame `index`. */
static inline void
receipt_frame(struct line *line, size_t index, uint64_t skew)
{
	static Sk__Receipt receipt[SUBMIT_ENVELOPES_MAX];
	static Sk__Receipt *list[SUBMIT_ENVELOPES_MAX];
	static uint8_t leaf[DIGEST_SIZE];
	Sk__Receipts receipts = SK__RECEIPTS__INIT;
	Sk__Outcome outcome = SK__OUTCOME__INIT;
	Sk__Frame frame = SK__FRAME__INIT;
	const Sk__Submit *submit = frame_at(line, index)->submit;

	assert_non_null(submit);
	outcome.has_accepted = outcome.accepted = 1;
	for (size_t i = 0; i < submit->n_envelopes; i++) {
		sk__receipt__init(&receipt[i]);
		receipt[i].has_number = receipt[i].has_position = 1;
		receipt[i].has_instant = receipt[i].has_leaf_hash = 1;
		receipt[i].number = submit->first_number + i + skew;
		receipt[i].position = 100 + receipt[i].number;
		receipt[i].instant = NOW;
		receipt[i].leaf_hash =
		    (ProtobufCBinaryData){ DIGEST_SIZE, leaf };
		receipt[i].outcome = &outcome;
		list[i] = &receipt[i];
	}
	receipts.n_receipts = submit->n_envelopes;
	receipts.receipts = list;
	frame.receipts = &receipts;
	give(line, &frame, 0);
}

#endif
