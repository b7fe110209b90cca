#include "broker/lib/json.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/lib/field.h"
#include "proto/civil.h"

/* ---- to JSON */

static json_t *
json_from_bytes(const ProtobufCBinaryData *bytes)
{
	static const char digits[] = "0123456789abcdef";
	size_t size = 2 * bytes->len;
	char *text = malloc(size + 1);
	json_t *json;

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < bytes->len; i++) {
		text[2 * i] = digits[bytes->data[i] >> 4];
		text[2 * i + 1] = digits[bytes->data[i] & 15];
	}
	json = json_stringn(text, size);
	free(text);
	return json;
}

/* A value that the schema has no name for (a later version's) stays a number. */
static json_t *
json_from_enum(const ProtobufCFieldDescriptor *field, const void *value)
{
	const ProtobufCEnumValue *known;
	int number;

	memcpy(&number, value, sizeof(number));
	known = protobuf_c_enum_descriptor_get_value(field->descriptor, number);
	return known == NULL ? json_integer(number) : json_string(known->name);
}

/* Dates that no calendar page has stay numbers: they came from a peer. */
static json_t *
json_from_number(const ProtobufCFieldDescriptor *field, const void *value)
{
	char text[CIVIL_INSTANT_TEXT_MAX];
	uint64_t large;
	int64_t number;

	if (!field_number(field, value, &number)) {
		/* JSON's readers take no more than 63 bits as a number. */
		memcpy(&large, value, sizeof(large));
		return json_sprintf("%llu", (unsigned long long)large);
	}
	if (field_is_date(field) && number >= CIVIL_DATE_MIN &&
	    number <= CIVIL_DATE_MAX) {
		civil_date_text((int32_t)number, text);
		return json_string(text);
	}
	if (field_is_instant(field) && number >= CIVIL_DATE_MIN * DAY_MS &&
	    number < (CIVIL_DATE_MAX + 1) * DAY_MS) {
		civil_instant_text(number, text);
		return json_string(text);
	}
	return json_integer(number);
}

static json_t *
json_from_value(const ProtobufCFieldDescriptor *field, const void *value)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
		return json_from_message(*(ProtobufCMessage *const *)value);
	case PROTOBUF_C_TYPE_STRING:
		return json_string(*(char *const *)value);
	case PROTOBUF_C_TYPE_BYTES:
		return json_from_bytes(value);
	case PROTOBUF_C_TYPE_BOOL:
		return json_boolean(*(const protobuf_c_boolean *)value);
	case PROTOBUF_C_TYPE_ENUM:
		return json_from_enum(field, value);
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		return NULL;	/* no schema of ours has them */
	default:
		return json_from_number(field, value);
	}
}

static json_t *
json_from_list(const ProtobufCMessage *message,
    const ProtobufCFieldDescriptor *field, size_t n)
{
	json_t *list = json_array();

	/* append_new takes the value over, and fails on NULL. */
	for (size_t i = 0; i < n && list != NULL; i++) {
		if (json_array_append_new(list, json_from_value(field,
		    field_value(message, field, i))) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

json_t *
json_from_message(const ProtobufCMessage *message)
{
	json_t *object = json_object(), *value;

	for (unsigned i = 0; i < message->descriptor->n_fields &&
	    object != NULL; i++) {
		const ProtobufCFieldDescriptor *field =
		    &message->descriptor->fields[i];
		size_t n = field_count(message, field);

		if (n == 0)
			continue;
		value = field->label == PROTOBUF_C_LABEL_REPEATED ?
		    json_from_list(message, field, n) :
		    json_from_value(field, field_value(message, field, 0));
		if (json_object_set_new(object, field->name, value) != 0) {
			json_decref(object);
			object = NULL;
		}
	}
	return object;
}

/* ---- from JSON */

struct reading {
	struct arena *arena;
	struct fault *fault;
	char path[256];
};

static enum sk_error message_from_json(struct reading *reading,
    const json_t *json, const ProtobufCMessageDescriptor *descriptor,
    ProtobufCMessage **message);

static enum sk_error
complain(struct reading *reading, enum sk_error code,
    const ProtobufCFieldDescriptor *field)
{
	char want[sizeof(reading->fault->hint) - 8];

	if (code == SK_OVERSIZED)
		return fault_set(reading->fault, code, reading->path,
		    "want a smaller request");
	field_want(field, want, sizeof(want));
	return fault_set(reading->fault, code, reading->path, "want %s", want);
}

static enum sk_error
value_from_json(struct reading *reading, const json_t *json,
    const ProtobufCFieldDescriptor *field, void *value)
{
	enum sk_error code = SK_FIELD_INVALID;

	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return message_from_json(reading, json, field->descriptor,
		    value);
	if (json_is_string(json)) {
		code = field_from_text(field, value, json_string_value(json),
		    json_string_length(json), false, reading->arena);
	} else if (json_is_integer(json)) {
		code = field_from_number(field, value,
		    json_integer_value(json));
	} else if (json_is_boolean(json) &&
	    field->type == PROTOBUF_C_TYPE_BOOL) {
		*(protobuf_c_boolean *)value = json_is_true(json);
		code = SK_OK;
	}
	return code == SK_OK ? SK_OK : complain(reading, code, field);
}

static enum sk_error
list_from_json(struct reading *reading, const json_t *json,
    const ProtobufCFieldDescriptor *field, ProtobufCMessage *message)
{
	size_t n = json_array_size(json), at = strlen(reading->path);
	enum sk_error code;
	void *values;

	if (!json_is_array(json))
		return fault_set(reading->fault, SK_FIELD_INVALID,
		    reading->path, "want a list");
	code = field_make(message, field, reading->arena, n, &values);
	if (code != SK_OK)
		return complain(reading, code, field);
	for (size_t i = 0; i < n && code == SK_OK; i++) {
		snprintf(reading->path + at, sizeof(reading->path) - at,
		    "[%zu]", i);
		code = value_from_json(reading, json_array_get(json, i), field,
		    field_at(field, values, i));
		reading->path[at] = '\0';
	}
	return code;
}

/* A key that no schema has is a stranger's text: only ASCII of it goes on. */
static void
add_key(struct reading *reading, size_t at, const char *key)
{
	snprintf(reading->path + at, sizeof(reading->path) - at, "%s%s",
	    at == 0 ? "" : ".", key);
	for (char *c = reading->path + at; *c != '\0'; c++)
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
}

static enum sk_error
field_from_json(struct reading *reading, const char *key, const json_t *json,
    ProtobufCMessage *message)
{
	const ProtobufCFieldDescriptor *field =
	    protobuf_c_message_descriptor_get_field_by_name(
	    message->descriptor, key);
	size_t at = strlen(reading->path);
	enum sk_error code;
	char want[120];
	void *value;

	add_key(reading, at, key);
	if (field == NULL) {
		field_want_name(message->descriptor, key, want, sizeof(want));
		code = fault_set(reading->fault, SK_FIELD_UNKNOWN,
		    reading->path, "want %s", want);
	} else if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		code = list_from_json(reading, json, field, message);
	} else {
		code = field_make(message, field, reading->arena, 1, &value);
		if (code == SK_OK)
			code = value_from_json(reading, json, field, value);
	}
	reading->path[at] = '\0';
	return code;
}

static enum sk_error
message_from_json(struct reading *reading, const json_t *json,
    const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message)
{
	/* jansson's iterators are not const, though they change nothing. */
	json_t *object = (json_t *)(uintptr_t)json;
	enum sk_error code = SK_OK;

	if (!json_is_object(json))
		return fault_set(reading->fault, SK_FIELD_INVALID,
		    reading->path, "want an object with fields");
	*message = arena_take(reading->arena, descriptor->sizeof_message);
	if (*message == NULL)
		return fault_set(reading->fault, SK_OVERSIZED, reading->path,
		    "want a smaller request");
	descriptor->message_init(*message);
	for (void *at = json_object_iter(object); at != NULL &&
	    code == SK_OK; at = json_object_iter_next(object, at))
		code = field_from_json(reading, json_object_iter_key(at),
		    json_object_iter_value(at), *message);
	return code;
}

enum sk_error
json_to_message(const json_t *json, const char *name,
    const ProtobufCMessageDescriptor *descriptor, struct arena *arena,
    ProtobufCMessage **message, struct fault *fault)
{
	struct reading reading = { .arena = arena, .fault = fault };
	enum sk_error code;

	snprintf(reading.path, sizeof(reading.path), "%s", name);
	code = message_from_json(&reading, json, descriptor, message);
	if (code != SK_OK)
		*message = NULL;
	return code;
}
