#include "proto/wire.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WIRE_VARINT 0u
#define WIRE_64 1u
#define WIRE_SIZED 2u
#define WIRE_32 5u
#define WIRE_NONE 7u	/* no field type travels so */
#define VARINT_BYTES_MAX 10u
#define TAG_BYTES_MAX 5u
#define FIELDS_MAX 96u	/* in one message of ours */
#define NO_INDEX (-1L)

/* One message or field on the way down from the name; lives on the stack. */
struct step {
	const struct step *up;
	const char *name;
	long index;
};

/* One message: what is left of it and what it has shown. */
struct body {
	const ProtobufCMessageDescriptor *descriptor;
	const struct step *step;
	const uint8_t *bytes;
	size_t size;
	size_t at;
	uint32_t seen[FIELDS_MAX];
};

static enum sk_error walk_message(struct fault *fault,
    const ProtobufCMessageDescriptor *descriptor, const struct step *step,
    const uint8_t *bytes, size_t size, unsigned depth);

static void
path_add(char *path, size_t path_size, const char *format, ...)
{
	size_t used = strlen(path);
	va_list ap;

	va_start(ap, format);
	vsnprintf(path + used, path_size - used, format, ap);
	va_end(ap);
}

static void
path_make(const struct step *step, char *path, size_t path_size)
{
	if (step == NULL) {
		path[0] = '\0';
		return;
	}
	path_make(step->up, path, path_size);
	path_add(path, path_size, "%s%s", step->up == NULL ? "" : ".",
	    step->name);
	if (step->index != NO_INDEX)
		path_add(path, path_size, "[%ld]", step->index);
}

static enum sk_error
refuse(struct fault *fault, const struct step *step, enum sk_error code,
    const char *hint)
{
	char path[sizeof(fault->field)];

	path_make(step, path, sizeof(path));
	return fault_set(fault, code, path,
	    hint == NULL ? NULL : "%s", hint);
}

/* SK_TRUNCATED, SK_FIELD_INVALID past bytes_max or 64 bits. */
static enum sk_error
read_varint(struct body *body, size_t bytes_max, uint64_t *value)
{
	uint64_t v = 0;

	for (size_t i = 0; i < bytes_max; i++) {
		uint8_t byte;

		if (body->at >= body->size)
			return SK_TRUNCATED;
		byte = body->bytes[body->at++];
		if (i == VARINT_BYTES_MAX - 1 && byte > 1)
			return SK_FIELD_INVALID;
		v |= (uint64_t)(byte & 0x7f) << (7 * i);
		if ((byte & 0x80) == 0) {
			*value = v;
			return SK_OK;
		}
	}
	return SK_FIELD_INVALID;
}

static unsigned
wire_type_of(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_ENUM:
		return WIRE_VARINT;
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
		return WIRE_32;
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return WIRE_64;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		return WIRE_SIZED;
	}
	return WIRE_NONE;
}

static bool
fits_int32(uint64_t value)
{
	return (int64_t)value >= INT32_MIN && (int64_t)value <= INT32_MAX;
}

static bool
varint_fits(const ProtobufCFieldDescriptor *field, uint64_t value)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_BOOL:
		return value <= 1;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_SINT32:
		return value <= UINT32_MAX;
	case PROTOBUF_C_TYPE_INT32:
		return fits_int32(value);
	case PROTOBUF_C_TYPE_ENUM:
		return fits_int32(value) && protobuf_c_enum_descriptor_get_value(
		    field->descriptor, (int)(int64_t)value) != NULL;
	default:
		return true;
	}
}

static enum sk_error
walk_varint(struct fault *fault, struct body *body, const struct step *step,
    const ProtobufCFieldDescriptor *field)
{
	enum sk_error rc;
	uint64_t value;

	rc = read_varint(body, VARINT_BYTES_MAX, &value);
	if (rc == SK_FIELD_INVALID)
		return refuse(fault, step, rc, "at most 64 bits in 10 bytes");
	if (rc != SK_OK)
		return refuse(fault, step, rc, NULL);
	if (!varint_fits(field, value))
		return refuse(fault, step, SK_FIELD_INVALID,
		    field->type == PROTOBUF_C_TYPE_ENUM ?
		    "a value of the enumeration" :
		    field->type == PROTOBUF_C_TYPE_BOOL ? "0 or 1" :
		    "at most 32 bits");
	return SK_OK;
}

static enum sk_error
walk_sized(struct fault *fault, struct body *body, const struct step *step,
    const ProtobufCFieldDescriptor *field, unsigned depth)
{
	const uint8_t *bytes;
	enum sk_error rc;
	uint64_t size;

	if ((rc = read_varint(body, VARINT_BYTES_MAX, &size)) != SK_OK)
		return refuse(fault, step,
		    rc == SK_TRUNCATED ? rc : SK_MALFORMED, NULL);
	if (size > body->size - body->at)
		return refuse(fault, step, SK_TRUNCATED, NULL);
	bytes = body->bytes + body->at;
	body->at += (size_t)size;
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return walk_message(fault, field->descriptor, step, bytes,
		    (size_t)size, depth + 1);
	if (field->type == PROTOBUF_C_TYPE_STRING &&
	    !wire_text_is_utf8((const char *)bytes, (size_t)size))
		return refuse(fault, step, SK_TEXT_INVALID,
		    "well-formed UTF-8 without NUL");
	return SK_OK;
}

static enum sk_error
walk_fixed(struct fault *fault, struct body *body, const struct step *step,
    size_t size)
{
	if (size > body->size - body->at)
		return refuse(fault, step, SK_TRUNCATED, NULL);
	body->at += size;
	return SK_OK;
}

static enum sk_error
walk_value(struct fault *fault, struct body *body, const struct step *step,
    const ProtobufCFieldDescriptor *field, unsigned wire_type, unsigned depth)
{
	unsigned due = wire_type_of(field->type);

	/* A proto2 writer does not pack unless told to, and none of our
	 * schemas tells it: one form on the wire, one reading of it. */
	if (wire_type == WIRE_SIZED && due != WIRE_SIZED &&
	    field->label == PROTOBUF_C_LABEL_REPEATED)
		return refuse(fault, step, SK_MALFORMED,
		    "repeated numbers are not packed");
	if (wire_type != due)
		return refuse(fault, step, SK_FIELD_INVALID,
		    "another wire type");
	switch (wire_type) {
	case WIRE_VARINT:
		return walk_varint(fault, body, step, field);
	case WIRE_64:
		return walk_fixed(fault, body, step, 8);
	case WIRE_32:
		return walk_fixed(fault, body, step, 4);
	default:
		return walk_sized(fault, body, step, field, depth);
	}
}

static enum sk_error
read_tag(struct fault *fault, struct body *body, uint32_t *number,
    unsigned *wire_type)
{
	enum sk_error rc;
	uint64_t tag = 0;

	rc = read_varint(body, TAG_BYTES_MAX, &tag);
	if (rc == SK_TRUNCATED)
		return refuse(fault, body->step, rc, NULL);
	*wire_type = (unsigned)(tag & 7);
	if (rc != SK_OK || tag > UINT32_MAX || tag >> 3 == 0 ||
	    (*wire_type != WIRE_VARINT && *wire_type != WIRE_64 &&
	    *wire_type != WIRE_SIZED && *wire_type != WIRE_32))
		return refuse(fault, body->step, SK_MALFORMED,
		    "no field tag that proto2 without groups has");
	*number = (uint32_t)(tag >> 3);
	return SK_OK;
}

static enum sk_error
walk_field(struct fault *fault, struct body *body, unsigned depth)
{
	const ProtobufCFieldDescriptor *field;
	struct step step = { .up = body->step, .index = NO_INDEX };
	unsigned wire_type = WIRE_NONE;
	enum sk_error rc;
	char digits[16];
	uint32_t number = 0, *seen;

	if ((rc = read_tag(fault, body, &number, &wire_type)) != SK_OK)
		return rc;
	field = protobuf_c_message_descriptor_get_field(body->descriptor,
	    number);
	if (field == NULL) {
		snprintf(digits, sizeof(digits), "%u", (unsigned)number);
		step.name = digits;
		return refuse(fault, &step, SK_FIELD_UNKNOWN, NULL);
	}
	seen = &body->seen[field - body->descriptor->fields];
	step.name = field->name;
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		step.index = (long)*seen;
	else if (*seen > 0)
		return refuse(fault, &step, SK_FIELD_INVALID, "given once");
	(*seen)++;
	return walk_value(fault, body, &step, field, wire_type, depth);
}

static enum sk_error
walk_message(struct fault *fault, const ProtobufCMessageDescriptor *descriptor,
    const struct step *step, const uint8_t *bytes, size_t size, unsigned depth)
{
	struct body body = { .descriptor = descriptor, .step = step,
		.bytes = bytes, .size = size };
	enum sk_error rc = SK_OK;

	assert(descriptor->n_fields <= FIELDS_MAX);
	if (depth > WIRE_DEPTH_MAX)
		return refuse(fault, step, SK_MALFORMED, "nested too deep");
	while (rc == SK_OK && body.at < body.size)
		rc = walk_field(fault, &body, depth);
	return rc;
}

/* Unpack what the walk found good: only the budget can fail it. */
static enum sk_error
unpack(const ProtobufCMessageDescriptor *descriptor, const void *bytes,
    size_t size, struct arena *arena, ProtobufCMessage **message)
{
	size_t failed_before = arena->mark_failed;
	enum sk_error rc = SK_OK;

	arena->mark_failed = 0;
	*message = protobuf_c_message_unpack(descriptor, &arena->allocator,
	    size, bytes);
	if (*message == NULL)
		rc = arena->mark_failed != 0 ? SK_NO_MEMORY : SK_MALFORMED;
	if (failed_before != 0)
		arena->mark_failed = failed_before;
	return rc;
}

enum sk_error
wire_decode(const ProtobufCMessageDescriptor *descriptor, const char *name,
    const void *bytes, size_t size, size_t size_max, struct arena *arena,
    ProtobufCMessage **message, struct fault *fault)
{
	const struct step top = { .name = name, .index = NO_INDEX };
	enum sk_error rc;

	*message = NULL;
	if (size > size_max)
		return fault_set(fault, SK_OVERSIZED, name,
		    "at most %zu bytes", size_max);
	rc = walk_message(fault, descriptor, &top, bytes, size, 1);
	if (rc != SK_OK)
		return rc;
	rc = unpack(descriptor, bytes, size, arena, message);
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, name, NULL);
}

/* Step over a value that nobody asked for; false when it breaks off. */
static bool
skip_value(struct body *body, unsigned wire_type)
{
	uint64_t size = 0;

	switch (wire_type) {
	case WIRE_VARINT:
		return read_varint(body, VARINT_BYTES_MAX, &size) == SK_OK;
	case WIRE_64:
		size = 8;
		break;
	case WIRE_32:
		size = 4;
		break;
	case WIRE_SIZED:
		if (read_varint(body, VARINT_BYTES_MAX, &size) != SK_OK)
			return false;
		break;
	default:
		return false;
	}
	if (size > body->size - body->at)
		return false;
	body->at += (size_t)size;
	return true;
}

bool
wire_peek(const void *bytes, size_t size, uint32_t number, uint64_t *value)
{
	struct body body = { .bytes = bytes, .size = size };
	uint64_t tag = 0;

	while (read_varint(&body, TAG_BYTES_MAX, &tag) == SK_OK) {
		if (tag == ((uint64_t)number << 3 | WIRE_VARINT))
			return read_varint(&body, VARINT_BYTES_MAX, value) ==
			    SK_OK;
		if (!skip_value(&body, (unsigned)(tag & 7)))
			return false;
	}
	return false;
}

enum sk_error
wire_encode(const ProtobufCMessage *message, struct arena *arena,
    uint8_t **bytes, size_t *size)
{
	size_t packed_size = protobuf_c_message_get_packed_size(message);
	uint8_t *packed = arena_take(arena, packed_size);

	if (packed == NULL)
		return SK_NO_MEMORY;
	*size = protobuf_c_message_pack(message, packed);
	*bytes = packed;
	return SK_OK;
}

/* Length of the UTF-8 sequence at text, 0 when it is none (Unicode 15, table
 * 3-7: no overlong forms, no surrogates, nothing past U+10FFFF). */
static size_t
sequence(const uint8_t *text, size_t size)
{
	uint8_t first = text[0], low = 0x80, high = 0xbf;
	size_t n;

	if (first == 0)
		return 0;
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	n = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	if (n > size || text[1] < low || text[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

int
wire_text_is_utf8(const char *text, size_t size)
{
	size_t n;

	for (size_t at = 0; at < size; at += n) {
		n = sequence((const uint8_t *)text + at, size - at);
		if (n == 0)
			return 0;
	}
	return 1;
}

size_t
wire_text_characters(const char *text, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += ((uint8_t)text[i] & 0xc0) != 0x80;
	return n;
}
