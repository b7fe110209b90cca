#include "broker/journal/founding.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/arena.h"
#include "proto/wire.h"

#define BODY_MAX 4096u

static bool
name_is_good(const char *name)
{
	size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-");

	return size > 0 && name[size] == '\0' &&
	    size < sizeof(((struct founding *)NULL)->name);
}

static enum sk_error
take_key(const char *field, const ProtobufCBinaryData *key, uint8_t out[32],
    struct fault *fault)
{
	if (key->len != 32)
		return fault_set(fault, SK_FIELD_INVALID, field,
		    "a key has 32 bytes");
	memcpy(out, key->data, 32);
	return SK_OK;
}

static enum sk_error
take_keys(const Sk__FoundingBody *body, struct founding *out,
    struct fault *fault)
{
	enum sk_error rc;

	if ((rc = take_key("founding.broker_link_key", &body->broker_link_key,
	    out->broker_link_key, fault)) != SK_OK ||
	    (rc = take_key("founding.broker_sign_key", &body->broker_sign_key,
	    out->broker_sign_key, fault)) != SK_OK ||
	    (rc = take_key("founding.enrolment_key", &body->enrolment_key,
	    out->enrolment_key, fault)) != SK_OK)
		return rc;
	if (body->n_operator_keys == 0 ||
	    body->n_operator_keys > FOUNDING_OPERATORS_MAX)
		return fault_set(fault, SK_FIELD_INVALID,
		    "founding.operator_keys", "from 1 to %d operators",
		    FOUNDING_OPERATORS_MAX);
	for (size_t i = 0; i < body->n_operator_keys; i++)
		if ((rc = take_key("founding.operator_keys",
		    &body->operator_keys[i], out->operator_key[i],
		    fault)) != SK_OK)
			return rc;
	out->operators = body->n_operator_keys;
	return SK_OK;
}

enum sk_error
founding_check(const Sk__FoundingBody *body, struct founding *founding,
    struct fault *fault)
{
	char origin[sizeof(founding->origin)];

	if (body->name == NULL || !name_is_good(body->name))
		return fault_set(fault, SK_FIELD_INVALID, "founding.name",
		    "lower-case letters, digits, dot and hyphen, at most %zu",
		    sizeof(founding->name) - 1);
	if (!body->has_number || body->number == 0)
		return fault_set(fault, SK_FIELD_MISSING, "founding.number",
		    "journals are numbered from 1");
	if (!body->has_instant)
		return fault_set(fault, SK_FIELD_MISSING, "founding.instant",
		    NULL);
	snprintf(origin, sizeof(origin), "%s/%s/%" PRIu64, body->name,
	    body->test ? "test" : "journal", body->number);
	if (body->origin == NULL || strcmp(body->origin, origin) != 0)
		return fault_set(fault, SK_FIELD_INVALID, "founding.origin",
		    "for this name and number it is %s", origin);
	strcpy(founding->name, body->name);
	strcpy(founding->origin, origin);
	founding->number = body->number;
	founding->test = body->test;
	founding->instant = body->instant;
	return take_keys(body, founding, fault);
}

enum sk_error
founding_leaf(const Sk__FoundingBody *body, uint8_t *bytes, size_t *size)
{
	uint8_t packed[BODY_MAX];
	struct leaf leaf = {
		.format = LEAF_FORMAT,
		.kind = SK__EVENT_KIND__FOUNDING,
		.instant = body->instant,
	};

	if (sk__founding_body__get_packed_size(body) > sizeof(packed))
		return SK_OVERSIZED;
	leaf.body.bytes = packed;
	leaf.body.size = sk__founding_body__pack(body, packed);
	return leaf_encode(&leaf, bytes, size);
}

enum sk_error
founding_read(struct span bytes, struct founding *founding,
    struct fault *fault)
{
	uint8_t memory[2 * BODY_MAX];
	struct arena arena;
	struct leaf leaf;
	ProtobufCMessage *body;

	if (leaf_decode(bytes.bytes, bytes.size, &leaf) != SK_OK ||
	    leaf.kind != SK__EVENT_KIND__FOUNDING)
		return fault_set(fault, SK_STORE_CORRUPT, "entry 0",
		    "position 0 is not a founding entry");
	arena_init(&arena, memory, sizeof(memory));
	if (wire_decode(&sk__founding_body__descriptor, "founding",
	    leaf.body.bytes, leaf.body.size, BODY_MAX, &arena, &body,
	    fault) != SK_OK ||
	    founding_check((const Sk__FoundingBody *)body, founding,
	    fault) != SK_OK)
		return fault_set(fault, SK_STORE_CORRUPT, "entry 0",
		    "the founding entry does not hold");
	digest_leaf(founding->digest, bytes.bytes, bytes.size);
	return SK_OK;
}
