/*
 * fixture.h - a small region in one process: an enrolment key, a court, an
 * access team, two providers, each an agent with an archive of its own, and a
 * broker's part played by hand.
 */
#ifndef TESTS_AGENTS_FIXTURE_H
#define TESTS_AGENTS_FIXTURE_H

#include <ftw.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agents/agent/agent.h"
#include "agents/agent/cases.h"
#include "agents/agent/compose.h"
#include "agents/agent/directory.h"
#include "agents/agent/inbox.h"
#include "agents/agent/outbox.h"
#include "agents/agent/receive.h"
#include "agents/agent/show.h"
#include "proto/chain.h"

#define ORIGIN "ijsselland/test/1"
#define NOW 1774000000000LL	/* 2026-03-20 */
#define MEMBERS 4
#define STATEMENTS_MAX 16

enum { COURT = 0, TEAM = 1, PROVIDER = 2, OTHER = 3 };

struct signed_statement {
	uint8_t body[STATEMENT_BYTES_MAX];
	uint8_t signature[SIGNATURE_SIZE];
	size_t size;
};

struct world {
	char dir[64];
	uint8_t founding[DIGEST_SIZE];
	uint8_t enrol_public[32], enrol_secret[64];
	uint8_t link_public[32];	/* the broker's; nobody dials it */
	uint8_t sign_public[32], sign_secret[64];	/* the broker's */
	struct statement_head head;
	size_t statements;
	struct signed_statement statement[STATEMENTS_MAX];
	struct agent agent[MEMBERS];
	uint8_t *memory[MEMBERS][2];
	uint64_t position, mailbox[MEMBERS];
};

static inline int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void
make_dir(char *dir, size_t size)
{
	snprintf(dir, size, "/tmp/schakel-agent.XXXXXX");
	assert_non_null(mkdtemp(dir));
}

static inline void
remove_dir(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Sign with the enrolment key as the next in the chain. */
static inline void
world_sign(struct world *world, struct statement *s)
{
	struct signed_statement *out = &world->statement[world->statements++];

	memcpy(s->founding, world->founding, DIGEST_SIZE);
	s->serial = world->head.serial + 1;
	memcpy(s->previous, world->head.digest, DIGEST_SIZE);
	assert_int_equal(statement_encode(s, out->body, &out->size), SK_OK);
	assert_int_equal(statement_sign(out->signature, out->body, out->size,
	    world->enrol_secret), SK_OK);
	world->head.serial = s->serial;
	statement_digest(world->head.digest, out->body, out->size);
}

static inline void
world_enrol(struct world *world, unsigned who, Sk__Role role,
    const char *name, uint32_t area)
{
	struct statement s = { .type = STATEMENT_ENROL };

	s.participant = who + 1;
	s.role = role;
	snprintf(s.name, sizeof(s.name), "%s", name);
	snprintf(s.code, sizeof(s.code), "4242000%u", who);
	if (area != 0)
		s.area[s.areas++] = area;
	s.valid_from = 18262;	/* 2020-01-01 */
	s.valid_to = 25567;	/* 2040-01-01 */
	identity_public(&world->agent[who].identity, &s.keys);
	world_sign(world, &s);
}

static inline struct directory_trust
world_trust(const struct world *world)
{
	return (struct directory_trust){ world->founding,
		world->enrol_public, world->link_public, world->sign_public };
}

static inline enum sk_error
world_apply(struct world *world, unsigned who, size_t index,
    const struct signed_statement *s)
{
	const struct directory_trust trust = world_trust(world);
	Sk__Statement statement = SK__STATEMENT__INIT;

	statement.has_body = statement.has_signature = 1;
	statement.body = (ProtobufCBinaryData){ s->size,
		(uint8_t *)(uintptr_t)s->body };
	statement.signature = (ProtobufCBinaryData){ SIGNATURE_SIZE,
		(uint8_t *)(uintptr_t)s->signature };
	return directory_apply(world->agent[who].archive, &trust, index,
	    &statement, NULL);
}

static inline void
world_tell(struct world *world, unsigned who)
{
	struct meta *meta = archive_meta(world->agent[who].archive);

	while (meta->directory_count < world->statements)
		assert_int_equal(world_apply(world, who, meta->directory_count,
		    &world->statement[meta->directory_count]), SK_OK);
	assert_int_equal(archive_settle(world->agent[who].archive), SK_OK);
}

static inline void
agent_make(struct world *world, unsigned who)
{
	struct agent *agent = &world->agent[who];
	struct invitation *invitation = &agent->identity.invitation;
	struct meta *meta;
	char path[128];

	assert_int_equal(identity_draw(&agent->identity), SK_OK);
	invitation->participant = who + 1;
	snprintf(invitation->origin, sizeof(invitation->origin), ORIGIN);
	memcpy(invitation->founding, world->founding, DIGEST_SIZE);
	memcpy(invitation->enrolment_key, world->enrol_public, 32);
	memcpy(invitation->broker_sign_key, world->sign_public, 32);
	invitation->test = true;
	agent->test = true;
	agent->next_id = 1;
	randombytes_buf(agent->boot, sizeof(agent->boot));
	assert_int_equal(receive_receipts(agent, NULL, 0, NULL), SK_OK);
	for (size_t i = 0; i < 2; i++) {
		world->memory[who][i] = malloc(SCRATCH_BYTES);
		assert_non_null(world->memory[who][i]);
	}
	arena_init(&agent->frame, world->memory[who][0], SCRATCH_BYTES);
	arena_init(&agent->scratch, world->memory[who][1], SCRATCH_BYTES);
	clock_init_real(&agent->clock);
	snprintf(path, sizeof(path), "%s/%u", world->dir, who);
	assert_int_equal(archive_open(path, &agent->archive, NULL), SK_OK);
	meta = archive_meta(agent->archive);
	meta->participant = who + 1;
	memcpy(meta->founding, world->founding, DIGEST_SIZE);
	snprintf(meta->origin, sizeof(meta->origin), ORIGIN);
	chain_first_link(meta->last_link, world->founding, who + 1);
	meta->mailbox_journal = 1;
	meta->now = NOW;
	archive_touch(agent->archive);
	assert_int_equal(archive_settle(agent->archive), SK_OK);
}

static inline struct world *
world_make(void)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	assert_true(sodium_init() >= 0);
	make_dir(world->dir, sizeof(world->dir));
	randombytes_buf(world->founding, DIGEST_SIZE);
	crypto_sign_keypair(world->enrol_public, world->enrol_secret);
	crypto_sign_keypair(world->sign_public, world->sign_secret);
	world->position = 10;
	for (unsigned who = 0; who < MEMBERS; who++)
		agent_make(world, who);
	world_enrol(world, COURT, SK__ROLE__COURT, "Rechtbank", 0);
	world_enrol(world, TEAM, SK__ROLE__ACCESS, "Toegang", 193);
	world_enrol(world, PROVIDER, SK__ROLE__PROVIDER, "Veerstoep", 0);
	world_enrol(world, OTHER, SK__ROLE__PROVIDER, "Ander", 0);
	return world;
}

/* Nobody was told who takes part. */
static inline int
world_untold(void **state)
{
	*state = world_make();
	return 0;
}

static inline int
world_setup(void **state)
{
	struct world *world = world_make();

	for (unsigned who = 0; who < MEMBERS; who++)
		world_tell(world, who);
	*state = world;
	return 0;
}

static inline int
world_teardown(void **state)
{
	struct world *world = *state;

	for (unsigned who = 0; who < MEMBERS; who++) {
		archive_close(world->agent[who].archive);
		free(world->memory[who][0]);
		free(world->memory[who][1]);
	}
	remove_dir(world->dir);
	free(world);
	return 0;
}

/* ---- a court order, as the court writes it */

struct order {
	Sk__Facts facts;
	Sk__CourtOrderFacts order;
	Sk__Person person[3];
	Sk__Person *persons[3];
	Sk__Goal goal;
	Sk__Goal *goals[1];
	Sk__Content content;
	Sk__SectionText text[2];
	Sk__SectionText *texts[2];
	uint8_t bytes[4][32];
	struct draft draft;
};

static inline void
order_person(struct order *order, size_t i, Sk__PersonRole role)
{
	sk__person__init(&order->person[i]);
	order->person[i].has_role = 1;
	order->person[i].role = role;
	order->person[i].has_secret_version = 1;
	order->person[i].secret_version = 1;
	order->person[i].has_pseudonym = 1;
	order->person[i].pseudonym =
	    (ProtobufCBinaryData){ 32, order->bytes[i] };
	order->person[i].has_consent = role == SK__PERSON_ROLE__PARENT;
	order->person[i].consent = 1;
	order->persons[i] = &order->person[i];
}

static inline void
order_section(struct order *order, size_t i, Sk__Section section,
    const char *text)
{
	sk__section_text__init(&order->text[i]);
	order->text[i].has_section = 1;
	order->text[i].section = section;
	order->text[i].text = (char *)(uintptr_t)text;
	order->texts[i] = &order->text[i];
}

static inline void
order_make(struct order *order)
{
	memset(order, 0, sizeof(*order));
	for (size_t i = 0; i < 4; i++)
		memset(order->bytes[i], (int)i + 1, 32);
	sk__facts__init(&order->facts);
	sk__court_order_facts__init(&order->order);
	order->facts.court_order = &order->order;
	order->order.municipality = (char *)(uintptr_t)"0193";
	order->order.has_order_reference = 1;
	order->order.order_reference =
	    (ProtobufCBinaryData){ 16, order->bytes[3] };
	order_person(order, 0, SK__PERSON_ROLE__CHILD);
	order_person(order, 1, SK__PERSON_ROLE__PARENT);
	order_person(order, 2, SK__PERSON_ROLE__PARENT);
	order->order.n_persons = 3;
	order->order.persons = order->persons;
	order->order.has_theme = 1;
	order->order.theme = SK__THEME__SEPARATION;
	sk__goal__init(&order->goal);
	order->goal.has_number = order->goal.has_setter = 1;
	order->goal.number = 1;
	order->goal.setter = SK__GOAL_SETTER__SET_BY_COURT;
	order->goal.has_due_date = 1;
	order->goal.due_date = 20800;
	order->goals[0] = &order->goal;
	order->order.n_goals = 1;
	order->order.goals = order->goals;
	sk__content__init(&order->content);
	order->content.has_version = 1;
	order->content.version = 1;
	order_section(order, 0, SK__SECTION__PERSONALIA, "Kind A");
	order_section(order, 1, SK__SECTION__QUESTION, "Wat is er nodig?");
	order->content.n_sections = 2;
	order->content.sections = order->texts;
	order->draft.info = kind_info(SK__KIND__COURT_ORDER);
	order->draft.person = 7;
	order->draft.has_event_date = true;
	order->draft.event_date = 20532;
	order->draft.facts = &order->facts;
	order->draft.content = &order->content;
}

static inline enum sk_error
order_send(struct world *world, struct own_row *row, struct fault *fault)
{
	struct agent *court = &world->agent[COURT];
	struct order order;
	enum sk_error rc;

	order_make(&order);
	arena_reset(&court->scratch);
	rc = compose(court, &order.draft, row, fault);
	if (rc == SK_OK)
		assert_int_equal(archive_settle(court->archive), SK_OK);
	return rc;
}

/* ---- the broker's part: one envelope a SUBMIT, number 1 each time */

struct handed {
	Sk__Deliver deliver;
	Sk__Provenance provenance;
	Sk__Ref case_ref;
	Sk__EnvelopeId case_id;
	Sk__Envelope *envelope;
	uint8_t previous[DIGEST_SIZE], signature[SIGNATURE_SIZE];
	uint8_t leaf[DIGEST_SIZE], boot[BOOT_SIZE];
};

static inline void
sign_alone(const struct agent *sender, const Sk__Envelope *v,
    uint64_t number, uint8_t previous[DIGEST_SIZE],
    uint8_t link[DIGEST_SIZE], uint8_t signature[SIGNATURE_SIZE])
{
	uint8_t digest[3][DIGEST_SIZE], e[1][DIGEST_SIZE], root[DIGEST_SIZE];

	chain_envelope(v->header.data, v->header.len, v->nonce.data,
	    v->facts.data, v->facts.len, v->sealed.data, v->sealed.len,
	    digest[0], digest[1], digest[2], e[0]);
	digest_tree_root(root, (const uint8_t (*)[DIGEST_SIZE])e, 1);
	chain_next_link(link, previous, number, 1, root);
	assert_int_equal(chain_sign(signature, ORIGIN, agent_self(sender),
	    sender->identity.sign_public, sender->identity.sign_secret, link),
	    SK_OK);
}

/* A delivery of this envelope to `to`, as a broker makes it. */
static inline void
hand(struct world *world, unsigned from, Sk__Envelope *envelope,
    const struct own_row *row, unsigned to, struct handed *h)
{
	struct agent *sender = &world->agent[from];
	uint8_t link[DIGEST_SIZE];

	memset(h, 0, sizeof(*h));
	sk__deliver__init(&h->deliver);
	sk__provenance__init(&h->provenance);
	sk__ref__init(&h->case_ref);
	sk__envelope_id__init(&h->case_id);
	h->envelope = envelope;
	h->deliver.has_mailbox_number = h->deliver.has_position = 1;
	h->deliver.has_instant = h->deliver.has_leaf_hash = 1;
	h->deliver.has_case_number = 1;
	h->deliver.mailbox_number = ++world->mailbox[to];
	h->deliver.position = ++world->position;
	h->deliver.instant = NOW;
	h->deliver.leaf_hash = (ProtobufCBinaryData){ DIGEST_SIZE, h->leaf };
	h->deliver.case_number = 1;
	memcpy(h->boot, row->case_ref.id.boot, BOOT_SIZE);
	h->case_id.has_boot = h->case_id.has_number = 1;
	h->case_id.boot = (ProtobufCBinaryData){ BOOT_SIZE, h->boot };
	h->case_id.number = row->case_ref.id.number;
	h->case_ref.has_participant = 1;
	h->case_ref.participant = row->case_ref.participant;
	h->case_ref.id = &h->case_id;
	h->deliver.case_ref = &h->case_ref;
	h->deliver.envelope = envelope;
	h->deliver.provenance = &h->provenance;
	chain_first_link(h->previous, world->founding, agent_self(sender));
	sign_alone(sender, envelope, 1, h->previous, link, h->signature);
	h->provenance.has_sender = h->provenance.has_number = 1;
	h->provenance.has_first_number = h->provenance.has_count = 1;
	h->provenance.has_previous_link = h->provenance.has_key_id = 1;
	h->provenance.has_signature = 1;
	h->provenance.sender = agent_self(sender);
	h->provenance.number = h->provenance.first_number = 1;
	h->provenance.count = 1;
	h->provenance.origin = (char *)(uintptr_t)ORIGIN;
	h->provenance.previous_link =
	    (ProtobufCBinaryData){ DIGEST_SIZE, h->previous };
	h->provenance.key_id = (ProtobufCBinaryData){ DIGEST_SIZE,
		sender->identity.sign_id };
	h->provenance.signature =
	    (ProtobufCBinaryData){ SIGNATURE_SIZE, h->signature };
}

/* Its envelope, in the sender's frame arena. */
static inline Sk__Envelope *
envelope_of(struct agent *agent, const struct own_row *row)
{
	Sk__Envelope *envelope = NULL;

	arena_reset(&agent->frame);
	assert_int_equal(own_envelope(agent->archive, &row->id, &agent->frame,
	    &envelope), SK_OK);
	return envelope;
}

static inline bool
deliver_to(struct world *world, unsigned to, struct handed *h)
{
	bool taken = false;

	assert_int_equal(receive_deliver(&world->agent[to], &h->deliver,
	    &taken), SK_OK);
	assert_int_equal(archive_settle(world->agent[to].archive), SK_OK);
	return taken;
}

#endif
