/*
 * wire.c - what comes in frames: the frame, the envelope and its parts.
 */
#include <string.h>

#include "proto/chain.h"
#include "proto/message.h"
#include "proto/seal.h"
#include "proto/session.pb-c.h"
#include "tests/fuzz/fuzz.h"

/* What was taken is written, taken again, and written the same. */
static void
again(const ProtobufCMessage *message, size_t size_max)
{
	struct arena *arena = fuzz_arena_beside();
	ProtobufCMessage *second;
	uint8_t *bytes, *bytes2;
	size_t size, size2;

	if (wire_encode(message, arena, &bytes, &size) != SK_OK)
		return;		/* the budget is spent */
	if (size > size_max)
		return;		/* varints may be longer than what was read */
	if (wire_decode(message->descriptor, "again", bytes, size, size_max,
	    arena, &second, NULL) != SK_OK) {
		MUST(arena->mark_failed > 0);
		return;
	}
	if (wire_encode(second, arena, &bytes2, &size2) != SK_OK)
		return;
	MUST(size == size2 && memcmp(bytes, bytes2, size) == 0);
}

void
fuzz_frame(const uint8_t *bytes, size_t size)
{
	struct arena *arena = fuzz_arena();
	ProtobufCMessage *message = NULL;
	struct fault fault = { 0 };
	enum sk_error rc;

	rc = wire_decode(&sk__frame__descriptor, "frame", bytes, size,
	    FRAME_BYTES_MAX, arena, &message, &fault);
	MUST(rc == SK_OK || fault.code == rc);
	MUST(arena->used <= arena->size);
	if (rc == SK_OK)
		again(message, FRAME_BYTES_MAX);
}

static void
one_header(const void *bytes, size_t size, struct header *header)
{
	struct arena *arena = fuzz_arena();
	struct header second;
	struct fault fault = { 0 };
	uint8_t *written;
	size_t written_size;
	enum sk_error rc;

	memset(header, 0, sizeof(*header));
	rc = header_decode(bytes, size, arena, header, &fault);
	MUST(rc == SK_OK || fault.code == rc);
	if (rc != SK_OK) {
		header->info = NULL;
		return;
	}
	/* What came in may go out, and comes in the same. */
	arena = fuzz_arena_beside();
	MUST(header_encode(header, arena, &written, &written_size, &fault) ==
	    SK_OK);
	memset(&second, 0, sizeof(second));
	MUST(header_decode(written, written_size, fuzz_arena(), &second,
	    &fault) == SK_OK);
	MUST(memcmp(header, &second, sizeof(second)) == 0);
}

void
fuzz_header(const uint8_t *bytes, size_t size)
{
	struct header header;

	one_header(bytes, size, &header);
}

static void
one_facts(const struct kind_info *info, const void *bytes, size_t size)
{
	struct arena *arena = fuzz_arena();
	struct fault fault = { 0 };
	Sk__Facts *facts;
	enum sk_error rc;

	rc = facts_decode(info, bytes, size, arena, &facts, &fault);
	MUST(rc == SK_OK || fault.code == rc);
	if (rc != SK_OK)
		return;
	MUST(facts_check(info, facts, &fault) == SK_OK);
	again(&facts->base, FACTS_BYTES_MAX);
}

/* First two bytes: which kind. */
void
fuzz_facts(const uint8_t *bytes, size_t size)
{
	if (size < 2)
		return;
	one_facts(kind_at(((size_t)bytes[0] << 8 | bytes[1]) %
	    kind_count()),
	    bytes + 2, size - 2);
}

static void
one_seal(const uint8_t *sealed, size_t size, size_t n)
{
	static uint8_t plain[SEALED_BYTES_MAX * 4];
	static const struct seal_key key = { { 9 }, { 1 } };
	static const uint8_t digest[DIGEST_SIZE];
	size_t plain_size = 0;

	/* Nobody seals to this key by chance. */
	if (size <= sizeof(plain))
		MUST(seal_open(&key, n - 1, n, digest, digest, sealed, size,
		    plain, &plain_size) != SK_OK);
}

/* First byte: how many recipients. */
void
fuzz_seal(const uint8_t *bytes, size_t size)
{
	if (size > 0)
		one_seal(bytes + 1, size - 1, 1 + bytes[0] % RECIPIENTS_MAX);
}

static void
keep(uint8_t *copy, const ProtobufCBinaryData *bytes)
{
	if (bytes->len > 0)
		memcpy(copy, bytes->data, bytes->len);
}

void
fuzz_envelope(const uint8_t *bytes, size_t size)
{
	struct arena *arena = fuzz_arena();
	ProtobufCMessage *message = NULL;
	static uint8_t copy[3][FRAME_BYTES_MAX];
	const Sk__Envelope *v;
	struct header header;
	size_t n[3];

	if (wire_decode(&sk__envelope__descriptor, "envelope", bytes, size,
	    FRAME_BYTES_MAX, arena, &message, NULL) != SK_OK)
		return;
	v = (const Sk__Envelope *)message;
	n[0] = v->header.len;
	n[1] = v->facts.len;
	n[2] = v->sealed.len;
	keep(copy[0], &v->header);
	keep(copy[1], &v->facts);
	keep(copy[2], &v->sealed);
	one_header(copy[0], n[0], &header);
	if (header.info == NULL)
		return;
	one_facts(header.info, copy[1], n[1]);
	if (header.recipients > 0)
		one_seal(copy[2], n[2], header.recipients);
}

void
fuzz_content(const uint8_t *bytes, size_t size)
{
	struct arena *arena = fuzz_arena();
	Sk__Content *content;
	Sk__Facts facts = SK__FACTS__INIT;
	struct fault fault = { 0 };
	enum sk_error rc;

	rc = content_decode(bytes, size, arena, &content, &fault);
	MUST(rc == SK_OK || fault.code == rc);
	if (rc != SK_OK)
		return;
	MUST(content_check(&facts, content, &fault) != SK_OK ||
	    content->n_sections == 0);
	again(&content->base, SEALED_BYTES_MAX);
}

/* A Deliver, as an agent checks it before it shows anything. */
void
fuzz_provenance(const uint8_t *bytes, size_t size)
{
	static const uint8_t key[32] = { 3 };
	struct arena *arena = fuzz_arena();
	ProtobufCMessage *message = NULL;
	const Sk__Deliver *deliver;
	struct fault fault = { 0 };

	if (wire_decode(&sk__deliver__descriptor, "deliver", bytes, size,
	    FRAME_BYTES_MAX, arena, &message, NULL) != SK_OK)
		return;
	deliver = (const Sk__Deliver *)message;
	/* Nobody signed for this key. */
	MUST(chain_check_provenance(deliver->provenance, deliver->envelope,
	    key, &fault) != SK_OK);
}
