#include "tests/unit/agents/fixture.h"

#include "agents/agent/joiner.h"
#include "agents/agent/reseal.h"
#include "proto/seal.h"

static void
test_what_the_court_seals_the_access_team_opens(void **state)
{
	struct world *world = *state;
	struct agent *team = &world->agent[TEAM];
	struct own_row row;
	struct envelope_ref ref;
	struct shown shown;
	struct handed h;

	assert_int_equal(order_send(world, &row, NULL), SK_OK);
	assert_int_equal(row.recipients, 2);
	assert_int_equal(row.recipient[0], TEAM + 1);
	assert_int_equal(row.recipient[1], COURT + 1);
	hand(world, COURT, envelope_of(&world->agent[COURT], &row), &row, TEAM,
	    &h);
	assert_true(deliver_to(world, TEAM, &h));
	ref = (struct envelope_ref){ COURT + 1, row.id };
	assert_int_equal(show_message(team, &ref, 12, 0, &shown, NULL), SK_OK);
	assert_int_equal(shown.content->n_sections, 2);
	assert_string_equal(shown.content->sections[1]->text,
	    "Wat is er nodig?");
	assert_string_equal(shown.facts->court_order->municipality, "0193");
	assert_int_equal(shown.header.person, 7);
	show_clear(team);
}

static void
test_writer_can_read_the_own_copy(void **state)
{
	struct world *world = *state;
	struct agent *court = &world->agent[COURT];
	struct own_row row;
	struct shown shown;
	struct envelope_ref ref;

	assert_int_equal(order_send(world, &row, NULL), SK_OK);
	ref = (struct envelope_ref){ COURT + 1, row.id };
	assert_int_equal(show_message(court, &ref, 7, 0, &shown, NULL), SK_OK);
	assert_true(shown.own);
	assert_string_equal(shown.content->sections[0]->text, "Kind A");
	/* no OPENED for what is one's own */
	assert_int_equal(outbox_count(court->archive), 1);
}

struct last_kind {
	struct agent *agent;
	struct own_row row;
};

static bool
see(void *context, uint64_t sequence, const struct envelope_id *id)
{
	struct last_kind *last = context;

	(void)sequence;
	return own_get(last->agent->archive, id, &last->row) == SK_OK;
}

static struct own_row
last_in_outbox(struct agent *agent)
{
	struct last_kind last = { .agent = agent };

	assert_int_equal(outbox_walk(agent->archive, 0, see, &last), SK_OK);
	return last.row;
}

static void
test_court_order_is_confirmed_by_the_organisation(void **state)
{
	struct world *world = *state;
	struct own_row row, receipt;
	struct handed h;

	order_send(world, &row, NULL);
	hand(world, COURT, envelope_of(&world->agent[COURT], &row), &row, TEAM,
	    &h);
	deliver_to(world, TEAM, &h);
	assert_int_equal(outbox_count(world->agent[TEAM].archive), 1);
	receipt = last_in_outbox(&world->agent[TEAM]);
	assert_int_equal(receipt.kind, SK__KIND__RECEIPT_OF);
	assert_int_equal(receipt.person, 0);
	assert_int_equal(receipt.recipient[0], COURT + 1);
}

static void
test_opening_is_told_once_a_person(void **state)
{
	struct world *world = *state;
	struct agent *team = &world->agent[TEAM];
	struct own_row row, opened;
	struct envelope_ref ref;
	struct shown shown;
	struct handed h;
	static const struct { uint64_t person; uint64_t outbox; } looks[] = {
		{ 12, 2 }, { 12, 2 }, { 13, 3 },
	};

	order_send(world, &row, NULL);
	hand(world, COURT, envelope_of(&world->agent[COURT], &row), &row, TEAM,
	    &h);
	deliver_to(world, TEAM, &h);
	assert_int_equal(archive_meta(team->archive)->unopened, 1);
	ref = (struct envelope_ref){ COURT + 1, row.id };
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		assert_int_equal(show_message(team, &ref, looks[i].person, 0,
		    &shown, NULL), SK_OK);
		assert_int_equal(outbox_count(team->archive),
		    looks[i].outbox);
		assert_int_equal(archive_meta(team->archive)->unopened, 0);
	}
	opened = last_in_outbox(team);
	assert_int_equal(opened.kind, SK__KIND__OPENED);
	assert_int_equal(opened.person, 13);
	assert_int_equal(opened.recipients, 1);	/* a record of one's own */
}

/* ---- what does not verify */

enum spoil { HEADER, NONCE, FACTS, SEALED, SIGNATURE, PREVIOUS, NUMBER,
	FOREIGN_ORIGIN, CASE_REF, NO_PROVENANCE, OTHER_SENDER,
	MYSELF };

static void
spoil(struct handed *h, enum spoil what)
{
	switch (what) {
	case HEADER: h->envelope->header.data[5] ^= 1; break;
	case NONCE: h->envelope->nonce.data[0] ^= 1; break;
	case FACTS: h->envelope->facts.data[1] ^= 1; break;
	case SEALED: h->envelope->sealed.data[100] ^= 1; break;
	case SIGNATURE: h->signature[7] ^= 1; break;
	case PREVIOUS: h->previous[0] ^= 1; break;
	case NUMBER: h->provenance.number = 2; break;
	case FOREIGN_ORIGIN:
		h->provenance.origin = (char *)(uintptr_t)"elders/journal/1";
		break;
	case CASE_REF: h->case_id.number++; break;
	case NO_PROVENANCE: h->deliver.provenance = NULL; break;
	case OTHER_SENDER: h->provenance.sender = PROVIDER + 1; break;
	case MYSELF: h->provenance.sender = TEAM + 1; break;
	}
}

static void
test_what_does_not_verify_is_kept_as_trouble_and_never_shown(void **state)
{
	struct world *world = *state;
	struct agent *team = &world->agent[TEAM];
	static const struct { enum spoil what; enum sk_error code; } cases[] = {
		{ HEADER, SK_SIGNATURE_WRONG }, { NONCE, SK_SIGNATURE_WRONG },
		{ FACTS, SK_SIGNATURE_WRONG }, { SEALED, SK_SIGNATURE_WRONG },
		{ SIGNATURE, SK_SIGNATURE_WRONG },
		{ PREVIOUS, SK_SIGNATURE_WRONG }, { NUMBER, SK_FIELD_INVALID },
		{ FOREIGN_ORIGIN, SK_ORIGIN_WRONG },
		{ CASE_REF, SK_CASE_UNKNOWN },
		{ NO_PROVENANCE, SK_FIELD_MISSING },
		{ OTHER_SENDER, SK_KEY_NOT_VOUCHED },
		{ MYSELF, SK_KEY_NOT_VOUCHED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct envelope_ref ref;
		struct inbox_row in;
		struct shown shown;
		struct own_row row;
		struct handed h;

		order_send(world, &row, NULL);
		hand(world, COURT, envelope_of(&world->agent[COURT], &row),
		    &row, TEAM, &h);
		spoil(&h, cases[i].what);
		assert_true(deliver_to(world, TEAM, &h));
		assert_int_equal(inbox_get(team->archive, i + 1, &in), SK_OK);
		assert_int_equal(in.trouble, cases[i].code);
		/* it fills its number, and nothing is confirmed */
		assert_int_equal(archive_meta(team->archive)->mailbox_stored,
		    i + 1);
		assert_int_equal(outbox_count(team->archive), 0);
		ref = (struct envelope_ref){ COURT + 1, row.id };
		assert_int_not_equal(show_message(team, &ref, 12, 0, &shown,
		    NULL), SK_OK);
		assert_null(shown.content);
		assert_null(shown.facts);
	}
}

static void
test_true_message_takes_the_place_of_a_forged_one(void **state)
{
	struct world *world = *state;
	struct agent *team = &world->agent[TEAM];
	struct envelope_ref ref;
	struct inbox_row in;
	struct own_row row;
	struct handed h;

	order_send(world, &row, NULL);
	ref = (struct envelope_ref){ COURT + 1, row.id };
	hand(world, COURT, envelope_of(&world->agent[COURT], &row), &row, TEAM,
	    &h);
	spoil(&h, SEALED);
	assert_true(deliver_to(world, TEAM, &h));
	for (int again = 0; again < 2; again++) {
		hand(world, COURT, envelope_of(&world->agent[COURT], &row),
		    &row, TEAM, &h);
		assert_int_equal(deliver_to(world, TEAM, &h), again == 0);
		assert_int_equal(inbox_by_ref(team->archive, &ref, &in),
		    SK_OK);
		assert_int_equal(in.trouble, 0);
	}
	/* and a forged one after it is no second message */
	hand(world, COURT, envelope_of(&world->agent[COURT], &row), &row, TEAM,
	    &h);
	spoil(&h, SEALED);
	assert_false(deliver_to(world, TEAM, &h));
	assert_int_equal(archive_meta(team->archive)->mailbox_stored, 4);
}

static void
test_repeat_under_its_number_changes_nothing(void **state)
{
	struct world *world = *state;
	struct own_row row;
	struct handed h;

	order_send(world, &row, NULL);
	hand(world, COURT, envelope_of(&world->agent[COURT], &row), &row, TEAM,
	    &h);
	assert_true(deliver_to(world, TEAM, &h));
	assert_false(deliver_to(world, TEAM, &h));
	assert_int_equal(inbox_count(world->agent[TEAM].archive), 1);
	assert_int_equal(outbox_count(world->agent[TEAM].archive), 1);
}

static void
test_message_for_others_is_not_shown(void **state)
{
	struct world *world = *state;
	struct inbox_row in;
	struct own_row row;
	struct handed h;

	order_send(world, &row, NULL);
	hand(world, COURT, envelope_of(&world->agent[COURT], &row), &row,
	    PROVIDER, &h);
	assert_true(deliver_to(world, PROVIDER, &h));
	assert_int_equal(inbox_get(world->agent[PROVIDER].archive, 1, &in),
	    SK_OK);
	assert_int_equal(in.trouble, SK_RECIPIENT_WRONG);
}

static void
test_number_of_another_case_is_trouble(void **state)
{
	struct world *world = *state;
	struct inbox_row in;
	struct own_row row;
	struct handed h;

	for (int i = 0; i < 2; i++) {
		order_send(world, &row, NULL);
		hand(world, COURT, envelope_of(&world->agent[COURT], &row),
		    &row, TEAM, &h);
		deliver_to(world, TEAM, &h);	/* both as case 1 */
	}
	assert_int_equal(inbox_get(world->agent[TEAM].archive, 2, &in), SK_OK);
	assert_int_equal(in.trouble, SK_CASE_UNKNOWN);
}

static void
test_erased_row_fills_its_number(void **state)
{
	uint8_t header[DIGEST_SIZE], commitment[DIGEST_SIZE];
	uint8_t sealed[DIGEST_SIZE], e[DIGEST_SIZE];
	Sk__Envelope left = SK__ENVELOPE__INIT, *whole;
	struct world *world = *state;
	struct inbox_row in;
	struct own_row row;
	struct handed h;

	order_send(world, &row, NULL);
	hand(world, COURT, envelope_of(&world->agent[COURT], &row), &row, TEAM,
	    &h);
	whole = h.deliver.envelope;
	chain_envelope(whole->header.data, whole->header.len,
	    whole->nonce.data, whole->facts.data, whole->facts.len,
	    whole->sealed.data, whole->sealed.len, header, commitment, sealed,
	    e);
	left.has_header = left.has_commitment = left.has_sealed_digest = 1;
	left.header = whole->header;
	left.commitment.data = commitment;
	left.sealed_digest.data = sealed;
	left.commitment.len = left.sealed_digest.len = DIGEST_SIZE;
	h.deliver.envelope = &left;
	/* Without the word it is no message, and nothing is shown of it. */
	assert_true(deliver_to(world, TEAM, &h));
	assert_int_equal(inbox_get(world->agent[TEAM].archive, 1, &in), SK_OK);
	assert_int_equal(in.trouble, SK_MALFORMED);
	/* Nor of what its sender did not sign. */
	h.deliver.has_erased = h.deliver.erased = 1;
	h.deliver.has_erased_by = h.deliver.has_erased_ground = 1;
	h.deliver.erased_by = 99;
	h.deliver.erased_ground = SK__ERASURE_GROUND__ENTERED_IN_ERROR;
	commitment[3] ^= 1;
	h.deliver.mailbox_number++;
	assert_true(deliver_to(world, TEAM, &h));
	assert_int_equal(inbox_get(world->agent[TEAM].archive, 2, &in), SK_OK);
	assert_int_equal(in.trouble, SK_SIGNATURE_WRONG);
	commitment[3] ^= 1;
	h.deliver.mailbox_number++;
	assert_true(deliver_to(world, TEAM, &h));
	assert_int_equal(inbox_get(world->agent[TEAM].archive, 3, &in), SK_OK);
	assert_int_equal(in.trouble, SK_ERASED);
	assert_int_equal(in.kind, SK__KIND__COURT_ORDER);
	assert_int_equal(in.ref.participant, COURT + 1);
	assert_int_equal(in.ref.id.number, row.id.number);
	assert_int_equal(in.erased_by, 99);
	assert_int_equal(in.erased_ground,
	    SK__ERASURE_GROUND__ENTERED_IN_ERROR);
	/* Told again, it is one message still. */
	h.deliver.mailbox_number++;
	assert_false(deliver_to(world, TEAM, &h));
	assert_int_equal(archive_meta(world->agent[TEAM].archive)->
	    mailbox_stored, 4);
}

static void
test_notice_is_kept_once_by_its_position(void **state)
{
	struct world *world = *state;
	struct archive *archive = world->agent[TEAM].archive;
	Sk__Notice notice = SK__NOTICE__INIT;
	Sk__Deliver deliver = SK__DELIVER__INIT;
	struct handed h = { .deliver = deliver };
	struct inbox_row in;

	notice.has_kind = 1;
	notice.kind = SK__NOTICE_KIND__DEADLINE_BREACH;
	notice.has_due = 1;
	notice.due = NOW;
	h.deliver.notice = &notice;
	h.deliver.has_mailbox_number = h.deliver.has_position = 1;
	h.deliver.position = 77;
	for (uint64_t number = 1; number <= 2; number++) {
		h.deliver.mailbox_number = number;
		assert_int_equal(deliver_to(world, TEAM, &h), number == 1);
	}
	assert_int_equal(inbox_count(archive), 1);
	assert_int_equal(archive_meta(archive)->mailbox_stored, 2);
	assert_int_equal(inbox_get(archive, 1, &in), SK_OK);
	assert_int_equal(in.kind, 0);
	assert_int_equal(in.due, NOW);
}

static void
test_delivery_without_number_is_no_delivery(void **state)
{
	struct world *world = *state;
	Sk__Deliver deliver = SK__DELIVER__INIT;
	Sk__Notice notice = SK__NOTICE__INIT;
	bool taken;

	deliver.notice = &notice;
	deliver.has_position = 1;
	assert_int_equal(receive_deliver(&world->agent[TEAM], &deliver,
	    &taken), SK_MALFORMED);
	deliver.has_mailbox_number = 1;	/* 0 */
	assert_int_equal(receive_deliver(&world->agent[TEAM], &deliver,
	    &taken), SK_MALFORMED);
	assert_false(taken);
}

/* Its statement may come after the message that needs it. */
static void
test_message_before_its_statement_verifies_when_that_comes(void **state)
{
	struct world *world = *state;
	struct agent *team = &world->agent[TEAM];
	struct inbox_row in;
	struct own_row row;
	struct handed h;

	for (unsigned who = 0; who < MEMBERS; who++)
		if (who != TEAM)
			world_tell(world, who);
	order_send(world, &row, NULL);
	hand(world, COURT, envelope_of(&world->agent[COURT], &row), &row, TEAM,
	    &h);
	assert_true(deliver_to(world, TEAM, &h));
	assert_int_equal(inbox_get(team->archive, 1, &in), SK_OK);
	assert_int_equal(in.trouble, SK_KEY_NOT_VOUCHED);
	world_tell(world, TEAM);
	receive_again(team);
	assert_int_equal(inbox_get(team->archive, 1, &in), SK_OK);
	assert_int_equal(in.trouble, 0);
	assert_int_equal(outbox_count(team->archive), 1);	/* confirmed */
}

/* Looked at in vain it was not opened: it is there to be opened now. */
static void
test_what_was_looked_at_in_vain_is_unopened_when_it_verifies(void **state)
{
	struct world *world = *state;
	struct agent *team = &world->agent[TEAM];
	struct fault fault = { 0 };
	struct inbox_row in;
	struct case_card card;
	struct own_row row;
	struct shown shown;
	struct handed h;

	for (unsigned who = 0; who < MEMBERS; who++)
		if (who != TEAM)
			world_tell(world, who);
	order_send(world, &row, NULL);
	hand(world, COURT, envelope_of(&world->agent[COURT], &row), &row, TEAM,
	    &h);
	assert_true(deliver_to(world, TEAM, &h));
	assert_int_equal(inbox_get(team->archive, 1, &in), SK_OK);
	assert_int_equal(show_message(team, &in.ref, 7, 0, &shown, &fault),
	    SK_KEY_NOT_VOUCHED);
	assert_int_equal(archive_meta(team->archive)->unopened, 0);
	world_tell(world, TEAM);
	receive_again(team);
	assert_int_equal(inbox_get(team->archive, 1, &in), SK_OK);
	assert_int_equal(in.opened_at, 0);
	assert_int_equal(archive_meta(team->archive)->unopened, 1);
	assert_int_equal(cases_get(team->archive, &in.case_ref, &card), SK_OK);
	assert_int_equal(card.unopened, 1);
	assert_int_equal(show_message(team, &in.ref, 7, 0, &shown, &fault),
	    SK_OK);
	/* its receipt, and that this person opened it */
	assert_int_equal(outbox_count(team->archive), 2);
}

/* However many others of whom nobody vouches stand before it. */
static void
test_no_number_of_unvouched_messages_keeps_one_from_verifying(void **state)
{
	struct world *world = *state;
	struct agent *team = &world->agent[TEAM];
	uint8_t nobody[DIGEST_SIZE] = { 9 };
	struct inbox_row in;
	struct own_row row;
	struct handed h;

	for (unsigned who = 0; who < MEMBERS; who++)
		if (who != TEAM)
			world_tell(world, who);
	order_send(world, &row, NULL);
	for (unsigned i = 0; i <= 64; i++) {
		hand(world, COURT, envelope_of(&world->agent[COURT], &row),
		    &row, TEAM, &h);
		if (i < 64)
			h.provenance.key_id.data = nobody;
		assert_true(deliver_to(world, TEAM, &h));
	}
	world_tell(world, TEAM);
	receive_again(team);
	assert_int_equal(inbox_get(team->archive, 64, &in), SK_OK);
	assert_int_equal(in.trouble, SK_KEY_NOT_VOUCHED);
	assert_int_equal(inbox_get(team->archive, 65, &in), SK_OK);
	assert_int_equal(in.trouble, 0);
}

/* Whoever comes in by it is told what came before, also then. */
static void
test_who_comes_in_by_what_verifies_later_is_told_what_was(void **state)
{
	struct world *world = *state;
	struct agent *team = &world->agent[TEAM];
	Sk__CaseConferenceFacts talk = SK__CASE_CONFERENCE_FACTS__INIT;
	Sk__AcceptFacts accept = SK__ACCEPT_FACTS__INIT;
	Sk__Facts facts = SK__FACTS__INIT;
	struct draft draft = { .info = kind_info(SK__KIND__CASE_CONFERENCE),
		.recipient = { TEAM + 1 }, .recipients = 1, .facts = &facts,
		.person = 1, .has_event_date = true, .event_date = 20500 };
	struct fault fault = { 0 };
	struct own_row order, row;
	struct order words;
	struct case_card card;
	struct inbox_row in;
	struct handed h;

	for (unsigned who = 0; who < MEMBERS; who++)
		if (who != TEAM)
			world_tell(world, who);
	for (size_t i = 0; i < 2; i++)	/* court and team, no provider yet */
		assert_int_equal(world_apply(world, TEAM, i,
		    &world->statement[i]), SK_OK);
	order_send(world, &order, NULL);
	hand(world, COURT, envelope_of(&world->agent[COURT], &order), &order,
	    TEAM, &h);
	assert_true(deliver_to(world, TEAM, &h));
	draft.case_ref = order.case_ref;
	facts.case_conference = &talk;
	talk.has_parties = talk.has_parents = talk.parents = 1;
	talk.parties = 2;
	order_make(&words);
	order_section(&words, 0, SK__SECTION__EXPLANATION, "Samen besproken.");
	order_section(&words, 1, SK__SECTION__FAMILY_VIEW, "Graag snel hulp.");
	draft.content = &words.content;
	arena_reset(&world->agent[COURT].scratch);
	if (compose(&world->agent[COURT], &draft, &row, &fault) != SK_OK)
		fail_msg("%s %s", fault.field, fault.hint);
	hand(world, COURT, envelope_of(&world->agent[COURT], &row), &row,
	    TEAM, &h);
	assert_true(deliver_to(world, TEAM, &h));
	facts = (Sk__Facts)SK__FACTS__INIT;
	accept.has_intake_date = 1;
	accept.intake_date = 20550;
	facts.accept = &accept;
	draft.info = kind_info(SK__KIND__ACCEPT);
	draft.content = NULL;
	/* the referral, of which this test needs no more than its name */
	draft.reply_to = (struct envelope_ref){ TEAM + 1, order.id };
	memset(&in, 0, sizeof(in));
	in.kind = SK__KIND__REFERRAL;
	in.ref = draft.reply_to;
	in.case_ref = order.case_ref;
	inbox_add(world->agent[PROVIDER].archive, &in,
	    (struct span){ "", 1 });
	assert_int_equal(cases_join(world->agent[PROVIDER].archive,
	    &in.case_ref, 1, &card), SK_OK);
	arena_reset(&world->agent[PROVIDER].scratch);
	if (compose(&world->agent[PROVIDER], &draft, &row, &fault) != SK_OK)
		fail_msg("%s %s", fault.field, fault.hint);
	hand(world, PROVIDER, envelope_of(&world->agent[PROVIDER], &row), &row,
	    TEAM, &h);
	assert_true(deliver_to(world, TEAM, &h));
	assert_int_equal(inbox_get(team->archive, 3, &in), SK_OK);
	assert_int_equal(in.trouble, SK_KEY_NOT_VOUCHED);
	assert_int_equal(joiner_count(team), 0);
	world_tell(world, TEAM);
	receive_again(team);
	assert_int_equal(inbox_get(team->archive, 3, &in), SK_OK);
	assert_int_equal(in.trouble, 0);
	assert_int_equal(joiner_count(team), 1);
}

/* ---- content against facts */

/* An envelope whose facts declare what its seal does not hold. */
static void
forge_declaration(struct agent *court, struct own_row *row,
    Sk__Envelope *envelope)
{
	uint8_t header[DIGEST_SIZE], facts[DIGEST_SIZE], keys[2][32];
	uint8_t *plain = NULL, *packed, *sealed;
	size_t plain_size, size;
	Sk__Facts *decoded;
	struct order order;

	order_make(&order);
	assert_int_equal(facts_decode(kind_info(row->kind),
	    envelope->facts.data, envelope->facts.len, &court->frame, &decoded,
	    NULL), SK_OK);
	decoded->sections[1]->characters = 5;
	wire_encode(&decoded->base, &court->frame, &packed, &size);
	envelope->facts = (ProtobufCBinaryData){ size, packed };
	wire_encode(&order.content.base, &court->frame, &plain, &plain_size);
	digest_bytes(header, envelope->header.data, envelope->header.len);
	chain_commitment(facts, envelope->nonce.data, packed, size);
	memcpy(keys[0], court[TEAM - COURT].identity.seal.public_key, 32);
	memcpy(keys[1], court->identity.seal.public_key, 32);
	sealed = arena_take(&court->frame, seal_size(plain_size, 2));
	assert_int_equal(seal_close((const uint8_t (*)[32])keys, 2, header,
	    facts, plain, plain_size, sealed, &size), SK_OK);
	envelope->sealed = (ProtobufCBinaryData){ size, sealed };
}

static void
test_false_declaration_is_told_and_not_shown(void **state)
{
	struct world *world = *state;
	struct agent *team = &world->agent[TEAM];
	Sk__Envelope *envelope;
	struct envelope_ref ref;
	struct own_row row, told;
	struct shown shown;
	struct fault fault;
	struct handed h;

	order_send(world, &row, NULL);
	envelope = envelope_of(&world->agent[COURT], &row);
	forge_declaration(&world->agent[COURT], &row, envelope);
	hand(world, COURT, envelope, &row, TEAM, &h);
	deliver_to(world, TEAM, &h);
	ref = (struct envelope_ref){ COURT + 1, row.id };
	assert_int_equal(show_message(team, &ref, 12, 0, &shown, &fault),
	    SK_CONTENT_MISMATCH);
	told = last_in_outbox(team);
	assert_int_equal(told.kind, SK__KIND__CONTENT_MISMATCH_FOUND);
	assert_int_equal(told.recipient[0], COURT + 1);
	assert_int_equal(told.person, 12);
}

static void
test_seal_for_a_retired_key_still_opens(void **state)
{
	struct world *world = *state;
	struct agent *team = &world->agent[TEAM];
	struct identity *identity = &team->identity;
	struct envelope_ref ref;
	struct own_row row;
	struct shown shown;
	struct handed h;
	struct identity fresh;

	order_send(world, &row, NULL);
	hand(world, COURT, envelope_of(&world->agent[COURT], &row), &row, TEAM,
	    &h);
	deliver_to(world, TEAM, &h);
	identity->retired = 1;
	identity->retired_key[0].key = identity->seal;
	memcpy(identity->retired_key[0].id, identity->seal_id, DIGEST_SIZE);
	identity_draw(&fresh);
	identity->seal = fresh.seal;
	memcpy(identity->seal_id, fresh.seal_id, DIGEST_SIZE);
	ref = (struct envelope_ref){ COURT + 1, row.id };
	assert_int_equal(show_message(team, &ref, 12, 0, &shown, NULL), SK_OK);
	/* but not once that key is gone too */
	identity->retired = 0;
	assert_int_equal(show_message(team, &ref, 12, 0, &shown, NULL),
	    SK_KEY_NOT_CURRENT);
}

/* The team rotates after the court sealed; the court hears of it later. */
static void
test_message_for_an_old_key_is_sealed_anew_once_the_new_is_vouched(
    void **state)
{
	struct world *world = *state;
	struct agent *court = &world->agent[COURT], *team = &world->agent[TEAM];
	struct signed_statement *out = &world->statement[world->statements];
	struct statement s = { .type = STATEMENT_ROTATE };
	struct identity old = team->identity;
	struct own_row row, anew;
	struct member member;
	struct shown shown;
	struct handed h;

	order_send(world, &row, NULL);
	assert_false(reseal_message(court, &row.id));
	assert_int_equal(outbox_count(court->archive), 1);
	directory_member(court->archive, TEAM + 1, &member);
	identity_draw(&team->identity);
	team->identity.invitation = old.invitation;
	memcpy(s.founding, world->founding, DIGEST_SIZE);
	s.participant = TEAM + 1;
	s.generation = 2;
	memcpy(s.replaces, member.digest, DIGEST_SIZE);
	identity_public(&team->identity, &s.keys);
	statement_encode(&s, out->body, &out->size);
	statement_sign(out->signature, out->body, out->size, old.sign_secret);
	world->statements++;
	world_tell(world, COURT);
	assert_true(reseal_message(court, &row.id));
	assert_int_equal(archive_settle(court->archive), SK_OK);
	assert_int_equal(own_get_last(court->archive, &row.id, &anew), SK_OK);
	assert_int_not_equal(anew.id.number, row.id.number);
	hand(world, COURT, envelope_of(court, &anew), &anew, TEAM, &h);
	assert_true(deliver_to(world, TEAM, &h));
	assert_int_equal(show_message(team, &(struct envelope_ref){ COURT + 1,
	    anew.id }, 12, 0, &shown, NULL), SK_OK);
	assert_string_equal(shown.content->sections[0]->text, "Kind A");
	assert_int_equal(shown.header.person, 7);
}

/* What waits to be sealed anew is on disk: a restart forgets none of it. */
static void
test_what_waits_to_be_sealed_anew_outlives_a_restart(void **state)
{
	struct world *world = *state;
	struct agent *court = &world->agent[COURT];
	char path[256];
	struct own_row row;

	order_send(world, &row, NULL);
	joiner_wait_for_key(court, &row.id);
	assert_int_equal(archive_settle(court->archive), SK_OK);
	snprintf(path, sizeof(path), "%s", archive_path(court->archive));
	archive_close(court->archive);
	assert_int_equal(archive_open(path, &court->archive, NULL), SK_OK);
	assert_int_equal(joiner_count(court), 1);
	/* no other key is vouched for yet */
	assert_false(joiner_work(court, true));
	assert_int_equal(joiner_count(court), 1);
	assert_false(joiner_work(court, false));
	assert_int_equal(joiner_count(court), 1);
}

/* ---- what a writer may get wrong */

enum mistake { NONE, CARRIAGE_RETURN, CONTROL, LONG_TEXT, NO_SECTION,
	NO_MUNICIPALITY, NO_TEAM, UNKNOWN_RECIPIENT, NO_DATE, A_CASE };

static enum sk_error
send_with(struct world *world, enum mistake mistake, struct fault *fault)
{
	static char text[SEAL_PLAIN_MAX + 1];
	struct agent *court = &world->agent[COURT];
	struct order order;
	struct own_row row;

	order_make(&order);
	memset(text, 'a', sizeof(text) - 1);
	if (mistake == CARRIAGE_RETURN)
		order.text[0].text = (char *)(uintptr_t)"a\r\nb";
	else if (mistake == CONTROL)
		order.text[0].text = (char *)(uintptr_t)"a\x01";
	else if (mistake == LONG_TEXT)
		order.text[0].text = text;
	else if (mistake == NO_SECTION)
		order.content.n_sections = 1;
	else if (mistake == NO_MUNICIPALITY)
		order.order.municipality = NULL;
	else if (mistake == NO_TEAM)
		order.order.municipality = (char *)(uintptr_t)"0150";
	else if (mistake == NO_DATE)
		order.draft.has_event_date = false;
	else if (mistake == A_CASE)
		order.draft.case_ref = (struct envelope_ref){ 1, { { 1 }, 1 } };
	if (mistake == UNKNOWN_RECIPIENT)
		order.draft.recipient[order.draft.recipients++] = 99;
	arena_reset(&court->scratch);
	return compose(court, &order.draft, &row, fault);
}

static void
test_mistake_leaves_no_trace_in_the_outbox(void **state)
{
	struct world *world = *state;
	static const struct { enum mistake mistake; enum sk_error code; }
	    cases[] = {
		{ CARRIAGE_RETURN, SK_TEXT_INVALID },
		{ CONTROL, SK_TEXT_INVALID }, { LONG_TEXT, SK_OVERSIZED },
		{ NO_SECTION, SK_SECTION_MISSING },
		{ NO_MUNICIPALITY, SK_FIELD_MISSING },
		{ NO_TEAM, SK_MUNICIPALITY_UNKNOWN },
		{ UNKNOWN_RECIPIENT, SK_RECIPIENT_UNKNOWN },
		{ NO_DATE, SK_FIELD_MISSING }, { A_CASE, SK_FIELD_UNEXPECTED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault fault = { 0 };

		assert_int_equal(send_with(world, cases[i].mistake, &fault),
		    cases[i].code);
		assert_int_equal(fault.code, cases[i].code);
		assert_string_not_equal(fault.field, "");
		assert_int_equal(outbox_count(world->agent[COURT].archive), 0);
	}
	assert_int_equal(send_with(world, NONE, NULL), SK_OK);
}

/* Content is packed as version, then each section with its tag and length. */
static void
test_longest_content_fits_and_one_more_does_not(void **state)
{
	struct world *world = *state;
	struct agent *court = &world->agent[COURT];
	static char text[SEAL_PLAIN_MAX + 1];
	struct order order;
	struct own_row row;
	size_t rest;

	for (int over = 0; over <= 1; over++) {
		order_make(&order);
		memset(text, 0, sizeof(text));
		memset(text, 'a', 50000);
		order.text[0].text = text;
		rest = SEAL_PLAIN_MAX -
		    sk__content__get_packed_size(&order.content);
		memset(text + 50000, 'a', rest + (size_t)over);
		assert_int_equal(sk__content__get_packed_size(&order.content),
		    SEAL_PLAIN_MAX + (size_t)over);
		arena_reset(&court->scratch);
		assert_int_equal(compose(court, &order.draft, &row, NULL),
		    over ? SK_OVERSIZED : SK_OK);
	}
}

static void
test_recipients_end_at_their_limit(void **state)
{
	struct world *world = *state;
	struct agent *court = &world->agent[COURT];
	struct order order;
	struct own_row row;
	struct fault fault;

	order_make(&order);
	for (size_t i = 0; i < RECIPIENTS_MAX; i++)
		order.draft.recipient[order.draft.recipients++] = 100 + i;
	arena_reset(&court->scratch);
	assert_int_equal(compose(court, &order.draft, &row, &fault),
	    SK_FIELD_INVALID);
	assert_string_equal(fault.field, "to");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_what_the_court_seals_the_access_team_opens),
		TEST(test_writer_can_read_the_own_copy),
		TEST(test_court_order_is_confirmed_by_the_organisation),
		TEST(test_opening_is_told_once_a_person),
		TEST(test_what_does_not_verify_is_kept_as_trouble_and_never_shown),
		TEST(test_true_message_takes_the_place_of_a_forged_one),
		TEST(test_repeat_under_its_number_changes_nothing),
		TEST(test_message_for_others_is_not_shown),
		TEST(test_number_of_another_case_is_trouble),
		TEST(test_erased_row_fills_its_number),
		TEST(test_notice_is_kept_once_by_its_position),
		TEST(test_delivery_without_number_is_no_delivery),
		cmocka_unit_test_setup_teardown(
		    test_message_before_its_statement_verifies_when_that_comes,
		    world_untold, world_teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_was_looked_at_in_vain_is_unopened_when_it_verifies,
		    world_untold, world_teardown),
		cmocka_unit_test_setup_teardown(
		    test_no_number_of_unvouched_messages_keeps_one_from_verifying,
		    world_untold, world_teardown),
		cmocka_unit_test_setup_teardown(
		    test_who_comes_in_by_what_verifies_later_is_told_what_was,
		    world_untold, world_teardown),
		TEST(test_false_declaration_is_told_and_not_shown),
		TEST(test_seal_for_a_retired_key_still_opens),
		TEST(test_message_for_an_old_key_is_sealed_anew_once_the_new_is_vouched),
		TEST(test_what_waits_to_be_sealed_anew_outlives_a_restart),
		TEST(test_mistake_leaves_no_trace_in_the_outbox),
		TEST(test_longest_content_fits_and_one_more_does_not),
		TEST(test_recipients_end_at_their_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
