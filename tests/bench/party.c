#include "tests/bench/party.h"

#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/raw.h"

#define RECEIPTED 1
#define DELIVERED 2
#define PATIENCE 30.0	/* seconds without any progress */
#define CREDIT_MESSAGES 4096
#define CREDIT_BYTES (UINT64_C(64) << 20)
#define SCRATCH (FRAME_BYTES_MAX * 2)

static void
fail(const char *what, enum sk_error rc, const struct fault *fault)
{
	char why[320];

	snprintf(why, sizeof(why), "%s %s %s", error_name(rc),
	    fault == NULL ? "" : fault->field,
	    fault == NULL ? "" : fault->hint);
	bench_fail(what, why);
}

void
party_draw(struct party *party, uint64_t number, Sk__Role role)
{
	memset(party, 0, sizeof(*party));
	party->number = number;
	party->role = role;
	if (link_keypair(party->keys.link, party->link_secret) != SK_OK ||
	    crypto_sign_keypair(party->keys.sign, party->sign_secret) != 0 ||
	    crypto_box_keypair(party->keys.seal, party->seal_secret) != 0)
		fail("keys", SK_CRYPTO, NULL);
	randombytes_buf(party->boot, sizeof(party->boot));
	party->next_id = 1;
}

/* ---- envelopes */

static struct span
encode(const ProtobufCMessage *message, struct arena *arena)
{
	uint8_t *bytes;
	size_t size;

	if (wire_encode(message, arena, &bytes, &size) != SK_OK)
		fail("encode", SK_NO_MEMORY, NULL);
	return (struct span){ bytes, size };
}

/* Every section that the kind must have, with so many characters. */
static struct span
write_content(const struct kind_info *info, size_t body, Sk__Facts *facts,
    struct arena *arena)
{
	Sk__Content content = SK__CONTENT__INIT;

	content.has_version = 1;
	content.version = MESSAGE_VERSION;
	for (unsigned section = 1; section < 32; section++) {
		Sk__SectionText *text;
		Sk__SectionLength *length;

		if ((info->sections_must >> section & 1) == 0)
			continue;
		text = arena_new(arena, Sk__SectionText,
		    sk__section_text__init);
		length = arena_new(arena, Sk__SectionLength,
		    sk__section_length__init);
		text->has_section = length->has_section = 1;
		text->section = length->section = (Sk__Section)section;
		text->text = arena_take(arena, body + 1);
		memset(text->text, 'w', body);
		length->has_characters = 1;
		length->characters = (uint32_t)body;
		arena_append(arena, &content.n_sections,
		    (void ***)(void *)&content.sections, text);
		arena_append(arena, &facts->n_sections,
		    (void ***)(void *)&facts->sections, length);
	}
	if (content.n_sections == 0)
		return (struct span){ NULL, 0 };
	return encode(&content.base, arena);
}

static void
fill_header(struct party *sender, const struct letter *letter,
    struct header *header)
{
	const struct party *reader[2] = { sender, letter->recipient };

	memset(header, 0, sizeof(*header));
	header->info = kind_info(letter->kind);
	memcpy(header->id.boot, sender->boot, BOOT_SIZE);
	header->id.number = sender->next_id++;
	header->case_ref = letter->case_ref;
	if (header->info->opens_case) {
		header->case_ref.participant = sender->number;
		header->case_ref.id = header->id;
	}
	header->reply_to = letter->reply_to;
	header->person = 1;
	header->written_at = letter->now;
	header->has_event_date = header->info->dated;
	header->event_date = header->info->dated ? letter->event_date : 0;
	for (size_t i = 0; i < 2 && reader[i] != NULL; i++) {
		header->recipient[i].participant = reader[i]->number;
		digest_key_id(header->recipient[i].key_id,
		    reader[i]->keys.seal);
		header->recipients++;
	}
}

static void
keep(struct envelope *envelope, struct span header, struct span facts,
    size_t sealed_size)
{
	uint8_t *to = malloc(header.size + facts.size + sealed_size);

	if (to == NULL)
		fail("envelope", SK_NO_MEMORY, NULL);
	envelope->memory = to;
	memcpy(to, header.bytes, header.size);
	memcpy(to + header.size, facts.bytes, facts.size);
	envelope->header = (struct span){ to, header.size };
	envelope->facts = (struct span){ to + header.size, facts.size };
	envelope->sealed = (struct span){ to + header.size + facts.size,
		sealed_size };
}

static void
seal(const struct party *sender, const struct letter *letter,
    struct span plain, struct envelope *envelope)
{
	uint8_t key[2][32], header_digest[DIGEST_SIZE];
	uint8_t commitment[DIGEST_SIZE], sealed_digest[DIGEST_SIZE];
	size_t size = envelope->sealed.size;
	enum sk_error rc;

	memcpy(key[0], sender->keys.seal, 32);
	if (letter->recipient != NULL)
		memcpy(key[1], letter->recipient->keys.seal, 32);
	digest_bytes(header_digest, envelope->header.bytes,
	    envelope->header.size);
	chain_commitment(commitment, envelope->nonce, envelope->facts.bytes,
	    envelope->facts.size);
	if (size > 0 && (rc = seal_close((const uint8_t (*)[32])key,
	    letter->recipient == NULL ? 1 : 2, header_digest, commitment,
	    plain.bytes, plain.size, (uint8_t *)(uintptr_t)
	    envelope->sealed.bytes, &size)) != SK_OK)
		fail("seal", rc, NULL);
	digest_bytes(sealed_digest, envelope->sealed.bytes, size);
	chain_e(envelope->e, header_digest, commitment, sealed_digest);
}

void
party_write(struct party *sender, const struct letter *letter,
    struct envelope *envelope)
{
	static uint8_t memory[SCRATCH];
	struct header header;
	struct arena arena;
	struct fault fault = { 0 };
	struct span plain, facts_span;
	uint8_t *bytes;
	size_t size;
	Sk__Facts facts = *letter->facts;
	enum sk_error rc;

	arena_init(&arena, memory, sizeof(memory));
	fill_header(sender, letter, &header);
	facts.has_version = 1;
	facts.version = MESSAGE_VERSION;
	plain = write_content(header.info, letter->body, &facts, &arena);
	if ((rc = facts_check(header.info, &facts, &fault)) != SK_OK ||
	    (rc = header_encode(&header, &arena, &bytes, &size,
	    &fault)) != SK_OK)
		fail(header.info->name, rc, &fault);
	facts_span = encode(&facts.base, &arena);
	keep(envelope, (struct span){ bytes, size }, facts_span,
	    plain.size == 0 ? 0 : seal_size(plain.size, header.recipients));
	envelope->id = header.id;
	randombytes_buf(envelope->nonce, sizeof(envelope->nonce));
	seal(sender, letter, plain, envelope);
}

void
envelope_clear(struct envelope *envelope)
{
	free(envelope->memory);
	memset(envelope, 0, sizeof(*envelope));
}

/* ---- frames out */

static ProtobufCBinaryData
data(const void *bytes, size_t size)
{
	return (ProtobufCBinaryData){ size, (uint8_t *)(uintptr_t)bytes };
}

static void
send_frame(struct party *party, const Sk__Frame *frame)
{
	static uint8_t memory[SCRATCH];
	struct arena arena;
	struct span bytes;
	enum sk_error rc;

	arena_init(&arena, memory, sizeof(memory));
	bytes = encode(&frame->base, &arena);
	/* The window is smaller than the queue: it is never full. */
	if ((rc = link_client_send(party->client, bytes.bytes, bytes.size)) !=
	    SK_OK)
		fail("send", rc, NULL);
}

static void
submit(struct party *party, const struct envelope *envelopes, size_t n)
{
	Sk__Envelope part[SUBMIT_ENVELOPES_MAX], *parts[SUBMIT_ENVELOPES_MAX];
	uint8_t e[SUBMIT_ENVELOPES_MAX][DIGEST_SIZE], root[DIGEST_SIZE];
	uint8_t key_id[DIGEST_SIZE], signature[SIGNATURE_SIZE];
	Sk__Submit message = SK__SUBMIT__INIT;
	Sk__Frame frame = SK__FRAME__INIT;

	for (size_t i = 0; i < n; i++) {
		const struct envelope *from = &envelopes[i];

		sk__envelope__init(&part[i]);
		part[i].has_header = part[i].has_nonce = 1;
		part[i].has_facts = 1;
		part[i].has_sealed = from->sealed.size > 0;
		part[i].header = data(from->header.bytes, from->header.size);
		part[i].nonce = data(from->nonce, NONCE_SIZE);
		part[i].facts = data(from->facts.bytes, from->facts.size);
		part[i].sealed = data(from->sealed.bytes, from->sealed.size);
		parts[i] = &part[i];
		memcpy(e[i], from->e, DIGEST_SIZE);
	}
	digest_tree_root(root, (const uint8_t (*)[DIGEST_SIZE])e, n);
	chain_next_link(party->last_link, party->last_link,
	    party->last_number + 1, n, root);
	chain_sign(signature, party->origin, party->number, party->keys.sign,
	    party->sign_secret, party->last_link);
	digest_key_id(key_id, party->keys.sign);
	message.has_first_number = 1;
	message.first_number = party->last_number + 1;
	message.n_envelopes = n;
	message.envelopes = parts;
	message.has_key_id = message.has_signature = 1;
	message.key_id = data(key_id, sizeof(key_id));
	message.signature = data(signature, sizeof(signature));
	frame.submit = &message;
	send_frame(party, &frame);
	party->last_number += n;
	party->submitted += n;
}

static void
acknowledge(struct party *party)
{
	Sk__Ack ack = SK__ACK__INIT;
	Sk__Frame frame = SK__FRAME__INIT;

	ack.has_mailbox_journal = ack.has_stored = 1;
	ack.mailbox_journal = party->mailbox_journal;
	ack.stored = party->stored;
	ack.has_credit_messages = ack.has_credit_bytes = 1;
	ack.credit_messages = party->taken_messages + CREDIT_MESSAGES;
	ack.credit_bytes = party->taken_bytes + CREDIT_BYTES;
	frame.ack = &ack;
	send_frame(party, &frame);
	party->acknowledged = party->stored;
}

static void
hello(struct party *party)
{
	Sk__Hello message = SK__HELLO__INIT;
	Sk__Frame frame = SK__FRAME__INIT;

	message.has_protocol_min = message.has_protocol_max = 1;
	message.protocol_min = message.protocol_max = 1;
	message.has_participant = message.has_boot = 1;
	message.participant = party->number;
	message.boot = data(party->boot, BOOT_SIZE);
	message.has_last_receipt = message.has_last_link = 1;
	message.last_link = data(party->last_link, DIGEST_SIZE);
	message.origin = party->origin;
	message.has_credit_messages = message.has_credit_bytes = 1;
	message.credit_messages = CREDIT_MESSAGES;
	message.credit_bytes = CREDIT_BYTES;
	frame.hello = &message;
	send_frame(party, &frame);
}

/* ---- frames in */

static void
complete(struct flow *flow, uint64_t number, uint8_t bit)
{
	uint8_t whole = flow->recipient == NULL ? RECEIPTED :
	    RECEIPTED | DELIVERED;
	size_t i;

	if (number < flow->first_number ||
	    number >= flow->first_number + flow->sent)
		return;
	i = (size_t)(number - flow->first_number);
	if (flow->state[i] == whole)
		return;
	flow->state[i] |= bit;
	if (flow->state[i] == whole)
		flow->latency[flow->done++] = bench_seconds() -
		    flow->sent_at[i];
}

static void
take_receipts(struct party *party, struct flow *flow,
    const Sk__Receipts *receipts)
{
	if (receipts->has_credit_messages)
		party->credit = receipts->credit_messages;
	for (size_t i = 0; i < receipts->n_receipts; i++) {
		const Sk__Receipt *receipt = receipts->receipts[i];
		const Sk__Outcome *outcome = receipt->outcome;

		if (outcome == NULL || !outcome->accepted) {
			struct fault fault;

			fault_set(&fault, outcome == NULL ? SK_MALFORMED :
			    (enum sk_error)outcome->code,
			    outcome == NULL ? "" : outcome->field, "%s",
			    outcome == NULL || outcome->hint == NULL ? "" :
			    outcome->hint);
			fail("refused", fault.code, &fault);
		}
		if (flow != NULL && flow->sender == party)
			complete(flow, receipt->number, RECEIPTED);
	}
}

static void
verify(const struct flow *flow, const Sk__Deliver *deliver)
{
	struct fault fault = { 0 };
	enum sk_error rc;

	rc = chain_check_provenance(deliver->provenance, deliver->envelope,
	    flow->sender->keys.sign, &fault);
	if (rc != SK_OK)
		fail("provenance", rc, &fault);
}

static void
take_deliveries(struct party *party, struct flow *flow,
    const Sk__Deliveries *deliveries, size_t size)
{
	party->taken_bytes += size;
	for (size_t i = 0; i < deliveries->n_deliveries; i++) {
		const Sk__Deliver *deliver = deliveries->deliveries[i];

		if (deliver->mailbox_number != party->stored + 1)
			bench_fail("delivery", "a gap in the mailbox");
		party->stored++;
		party->taken_messages++;
		if (flow == NULL || flow->recipient != party ||
		    deliver->provenance == NULL)
			continue;
		if (party->stored % VERIFY_EVERY == 0)
			verify(flow, deliver);
		complete(flow, deliver->provenance->number, DELIVERED);
	}
}

static void
take_welcome(struct party *party, const Sk__Welcome *welcome)
{
	party->welcome = true;
	party->last_number = welcome->last_number;
	if (welcome->last_link.len == DIGEST_SIZE)
		memcpy(party->last_link, welcome->last_link.data,
		    DIGEST_SIZE);
	party->credit = welcome->credit_messages;
	party->mailbox_journal = welcome->mailbox_journal;
}

static void
take_frame(struct party *party, struct flow *flow, struct span bytes)
{
	Sk__Frame *frame = sk__frame__unpack(NULL, bytes.size, bytes.bytes);

	if (frame == NULL)
		bench_fail("frame", "does not decode");
	if (frame->welcome != NULL)
		take_welcome(party, frame->welcome);
	if (frame->receipts != NULL)
		take_receipts(party, flow, frame->receipts);
	if (frame->deliveries != NULL)
		take_deliveries(party, flow, frame->deliveries, bytes.size);
	if (frame->rejected != NULL)
		bench_fail("rejected", error_name(
		    (enum sk_error)frame->rejected->code));
	if (frame->bye != NULL)
		bench_fail("bye", error_name((enum sk_error)frame->bye->code));
	sk__frame__free_unpacked(frame, NULL);
}

static bool
pump_one(struct party *party, struct flow *flow)
{
	bool progress = false;
	enum link_event event;
	struct span bytes;

	while ((event = link_client_event(party->client)) !=
	    LINK_EVENT_NONE) {
		if (event == LINK_EVENT_DISCONNECTED ||
		    event == LINK_EVENT_REFUSED)
			bench_fail("link", "the broker closed it");
		if (event == LINK_EVENT_CONNECTED)
			hello(party);
		progress = true;
	}
	while (link_client_receive(party->client, &bytes) == SK_OK) {
		take_frame(party, flow, bytes);
		progress = true;
	}
	if (party->stored > party->acknowledged) {
		acknowledge(party);
		progress = true;
	}
	return progress;
}

static bool
pump(struct party parties[PARTIES], struct flow *flow)
{
	bool progress = false;

	for (size_t i = 0; i < PARTIES; i++)
		if (parties[i].client != NULL && pump_one(&parties[i], flow))
			progress = true;
	return progress;
}

static void
sleep_on_links(const struct party parties[PARTIES])
{
	struct pollfd fds[PARTIES * 3];
	nfds_t n = 0;

	for (size_t i = 0; i < PARTIES; i++) {
		int fd[3];
		size_t count;

		if (parties[i].client == NULL)
			continue;
		count = link_client_fds(parties[i].client, fd);
		for (size_t j = 0; j < count; j++)
			fds[n++] = (struct pollfd){ fd[j], POLLIN, 0 };
	}
	poll(fds, n, 1000);
}

void
party_join(struct party parties[PARTIES], struct party *party,
    const char *address, const uint8_t broker_key[32], const char *origin,
    const uint8_t founding[DIGEST_SIZE])
{
	struct link_client_options options = { .address = address };
	struct fault fault = { 0 };
	double from = bench_seconds();
	enum sk_error rc;

	memcpy(options.server_key, broker_key, 32);
	memcpy(options.public_key, party->keys.link, 32);
	memcpy(options.secret_key, party->link_secret, 32);
	snprintf(party->origin, sizeof(party->origin), "%s", origin);
	chain_first_link(party->last_link, founding, party->number);
	if ((rc = link_client_open(&options, &party->client, &fault)) != SK_OK)
		fail("link", rc, &fault);
	while (!party->welcome) {
		if (bench_seconds() > from + PATIENCE)
			bench_fail("link", "no WELCOME");
		if (!pump(parties, NULL))
			sleep_on_links(parties);
	}
}

/* ---- a flow */

static bool
refill(struct flow *flow)
{
	struct party *sender = flow->sender;
	bool sent = false;

	while (flow->sent < flow->n && flow->sent - flow->done <
	    flow->in_flight && sender->submitted < sender->credit) {
		size_t room = flow->in_flight - (flow->sent - flow->done);
		double now;

		if (room > SUBMIT_ENVELOPES_MAX)
			room = SUBMIT_ENVELOPES_MAX;
		if (room > flow->n - flow->sent)
			room = flow->n - flow->sent;
		if (room > sender->credit - sender->submitted)
			room = sender->credit - sender->submitted;
		now = bench_seconds();
		for (size_t i = 0; i < room; i++)
			flow->sent_at[flow->sent + i] = now;
		submit(sender, flow->envelopes + flow->sent, room);
		flow->sent += room;
		sent = true;
	}
	return sent;
}

double
flow_run(struct party parties[PARTIES], struct flow *flow)
{
	double from, last;

	flow->first_number = flow->sender->last_number + 1;
	flow->sent = flow->done = 0;
	flow->state = calloc(flow->n, 1);
	flow->sent_at = calloc(flow->n, sizeof(double));
	flow->latency = calloc(flow->n, sizeof(double));
	if (flow->state == NULL || flow->sent_at == NULL ||
	    flow->latency == NULL)
		fail("flow", SK_NO_MEMORY, NULL);
	from = last = bench_seconds();
	while (flow->done < flow->n) {
		bool sent = refill(flow);

		if (pump(parties, flow) || sent) {
			last = bench_seconds();
			continue;
		}
		if (bench_seconds() > last + PATIENCE)
			bench_fail("flow", "no progress");
		sleep_on_links(parties);
	}
	last = bench_seconds();
	free(flow->state);
	free(flow->sent_at);
	return last - from;
}
