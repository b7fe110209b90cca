/*
 * any_facts.h - good facts of a kind by its descriptor alone: every field
 * there, with the first value that it can have. For kinds whose facts have no
 * rules among each other; tests change what they mean to say.
 */
#ifndef TESTS_PROTO_ANY_FACTS_H
#define TESTS_PROTO_ANY_FACTS_H

#include <string.h>

#include "proto/message.h"

#define ANY_DATE 20500	/* 2026-02-16 */

static inline void *any_message(struct arena *arena,
    const ProtobufCMessageDescriptor *descriptor);

static inline void
any_value(struct arena *arena, const ProtobufCFieldDescriptor *field,
    char *at)
{
	const ProtobufCEnumDescriptor *values = field->descriptor;
	ProtobufCBinaryData bytes = { 32, NULL };
	void *pointer;
	int32_t number = 2;

	switch (field->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
		pointer = any_message(arena, field->descriptor);
		memcpy(at, &pointer, sizeof(pointer));
		return;
	case PROTOBUF_C_TYPE_STRING:
		pointer = arena_string(arena, strncmp(field->name,
		    "municipalit", 11) == 0 ? "0193" : "OFF-1");
		memcpy(at, &pointer, sizeof(pointer));
		return;
	case PROTOBUF_C_TYPE_BYTES:
		bytes.data = arena_take(arena, bytes.len);
		memset(bytes.data, 1, bytes.len);
		memcpy(at, &bytes, sizeof(bytes));
		return;
	case PROTOBUF_C_TYPE_UINT64:
		memcpy(at, &(uint64_t){ 2 }, sizeof(uint64_t));
		return;
	case PROTOBUF_C_TYPE_ENUM:
		number = values->values[0].value;
		break;
	case PROTOBUF_C_TYPE_BOOL:
		number = 1;
		break;
	case PROTOBUF_C_TYPE_SINT32:
		number = ANY_DATE;
		break;
	default:
		break;
	}
	memcpy(at, &number, sizeof(number));
}

static inline size_t
any_size(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
	case PROTOBUF_C_TYPE_STRING:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_UINT64:
		return sizeof(uint64_t);
	default:
		return sizeof(uint32_t);
	}
}

/* Fields that go only with another value than the first. */
static inline void
any_without(ProtobufCMessage *message)
{
	if (message->descriptor == &sk__person__descriptor) {
		((Sk__Person *)(void *)message)->has_authority = 0;
		((Sk__Person *)(void *)message)->has_authority_ground = 0;
		((Sk__Person *)(void *)message)->has_expected_birth_date = 0;
	} else if (message->descriptor ==
	    &sk__person_change_facts__descriptor) {
		((Sk__PersonChangeFacts *)(void *)message)->has_birth_date = 0;
		((Sk__PersonChangeFacts *)(void *)message)->
		    has_expected_birth_date = 0;
	} else if (message->descriptor ==
	    &sk__waiting_query_facts__descriptor) {
		/* a reference has an id of its own size */
		((Sk__WaitingQueryFacts *)(void *)message)->n_cases = 0;
	} else if (message->descriptor ==
	    &sk__consent_change_facts__descriptor) {
		((Sk__ConsentChangeFacts *)(void *)message)->has_ground = 0;
	} else if (message->descriptor ==
	    &sk__consent_answer_facts__descriptor) {
		((Sk__ConsentAnswerFacts *)(void *)message)->has_ground = 0;
	}
}

static inline void *
any_message(struct arena *arena, const ProtobufCMessageDescriptor *descriptor)
{
	char *message = arena_take(arena, descriptor->sizeof_message);
	void *items;

	descriptor->message_init((ProtobufCMessage *)(void *)message);
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];

		if (field->label != PROTOBUF_C_LABEL_REPEATED) {
			any_value(arena, field, message + field->offset);
			if (field->quantifier_offset != 0)
				memcpy(message + field->quantifier_offset,
				    &(protobuf_c_boolean){ 1 },
				    sizeof(protobuf_c_boolean));
			continue;
		}
		items = arena_take(arena, any_size(field));
		any_value(arena, field, items);
		memcpy(message + field->offset, &items, sizeof(items));
		memcpy(message + field->quantifier_offset, &(size_t){ 1 },
		    sizeof(size_t));
	}
	any_without((ProtobufCMessage *)(void *)message);
	return message;
}

/* Put the part of this kind into facts. */
static inline void
any_facts(struct arena *arena, Sk__Kind kind, Sk__Facts *facts)
{
	const ProtobufCFieldDescriptor *field =
	    protobuf_c_message_descriptor_get_field(&sk__facts__descriptor,
	    (unsigned)kind + 100);

	any_value(arena, field, (char *)facts + field->offset);
}

#endif
