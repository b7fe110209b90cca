#include "broker/lib/field.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "proto/civil.h"

#define NEAR_MAX 3		/* typing errors up to which a name is meant */
#define NEAR_NAME_MAX 64

static bool
has_word(const char *name, const char *word)
{
	size_t size = strlen(name), word_size = strlen(word);

	if (size < word_size || strcmp(name + size - word_size, word) != 0)
		return false;
	return size == word_size || name[size - word_size - 1] == '_';
}

bool
field_is_date(const ProtobufCFieldDescriptor *field)
{
	return (field->type == PROTOBUF_C_TYPE_SINT32 ||
	    field->type == PROTOBUF_C_TYPE_INT32) &&
	    has_word(field->name, "date");
}

bool
field_is_instant(const ProtobufCFieldDescriptor *field)
{
	static const char *const words[] = { "at", "instant", "now", "due",
	    "warn", "breach", "until", "not_before", "not_after",
	    "next_timer" };

	if (field->type != PROTOBUF_C_TYPE_SINT64 &&
	    field->type != PROTOBUF_C_TYPE_INT64)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (has_word(field->name, words[i]))
			return true;
	return false;
}

/* ---- where the values are */

static bool
is_list(const ProtobufCFieldDescriptor *field)
{
	return field->label == PROTOBUF_C_LABEL_REPEATED;
}

/* Strings and messages are there when their pointer is. */
static bool
is_pointer(const ProtobufCFieldDescriptor *field)
{
	return field->type == PROTOBUF_C_TYPE_STRING ||
	    field->type == PROTOBUF_C_TYPE_MESSAGE;
}

static size_t
value_size(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return sizeof(uint64_t);
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	default:
		return sizeof(uint32_t);
	}
}

static const void *
place(const ProtobufCMessage *message, size_t offset)
{
	return (const uint8_t *)message + offset;
}

size_t
field_count(const ProtobufCMessage *message,
    const ProtobufCFieldDescriptor *field)
{
	const void *const *pointer;

	if (is_list(field))
		return *(const size_t *)place(message,
		    field->quantifier_offset);
	if (!is_pointer(field))
		return *(const protobuf_c_boolean *)place(message,
		    field->quantifier_offset) ? 1 : 0;
	pointer = place(message, field->offset);
	return *pointer != NULL && *pointer != field->default_value ? 1 : 0;
}

const void *
field_value(const ProtobufCMessage *message,
    const ProtobufCFieldDescriptor *field, size_t i)
{
	const void *values = place(message, field->offset);

	if (is_list(field))
		values = *(const void *const *)values;
	return (const uint8_t *)values + i * value_size(field);
}

void *
field_at(const ProtobufCFieldDescriptor *field, void *values, size_t i)
{
	return (uint8_t *)values + i * value_size(field);
}

enum sk_error
field_make(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
    struct arena *arena, size_t n, void **values)
{
	uint8_t *base = (uint8_t *)message;

	*values = NULL;
	if (!is_list(field)) {
		*values = base + field->offset;
		if (!is_pointer(field))
			*(protobuf_c_boolean *)(void *)(base +
			    field->quantifier_offset) = 1;
		return SK_OK;
	}
	if (n == 0)
		return SK_OK;
	if (n > SIZE_MAX / value_size(field) ||
	    (*values = arena_take(arena, n * value_size(field))) == NULL)
		return SK_OVERSIZED;
	*(void **)(void *)(base + field->offset) = *values;
	*(size_t *)(void *)(base + field->quantifier_offset) = n;
	return SK_OK;
}

/* ---- values */

static bool
number_range(const ProtobufCFieldDescriptor *field, int64_t *min, int64_t *max)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		*min = INT32_MIN;
		*max = INT32_MAX;
		return true;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		*min = 0;
		*max = UINT32_MAX;
		return true;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		*min = INT64_MIN;
		*max = INT64_MAX;
		return true;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		*min = 0;
		*max = INT64_MAX;
		return true;
	default:
		return false;
	}
}

/* Signed and unsigned of one width have the same bytes in range. */
static void
put_number(const ProtobufCFieldDescriptor *field, void *value, int64_t number)
{
	uint32_t narrow = (uint32_t)(uint64_t)number;

	if (value_size(field) == sizeof(number))
		memcpy(value, &number, sizeof(number));
	else
		memcpy(value, &narrow, sizeof(narrow));
}

enum sk_error
field_from_number(const ProtobufCFieldDescriptor *field, void *value,
    int64_t number)
{
	int64_t min, max;

	if (field_is_date(field) || field_is_instant(field) ||
	    !number_range(field, &min, &max) || number < min || number > max)
		return SK_FIELD_INVALID;
	put_number(field, value, number);
	return SK_OK;
}

bool
field_number(const ProtobufCFieldDescriptor *field, const void *value,
    int64_t *number)
{
	int64_t min, max;
	uint32_t narrow;
	int32_t narrow_signed;

	if (!number_range(field, &min, &max))
		return false;
	if (value_size(field) == sizeof(*number)) {
		memcpy(number, value, sizeof(*number));
		return *number >= min;
	}
	memcpy(&narrow, value, sizeof(narrow));
	memcpy(&narrow_signed, value, sizeof(narrow_signed));
	*number = min < 0 ? (int64_t)narrow_signed : (int64_t)narrow;
	return true;
}

static enum sk_error
enum_from_text(const ProtobufCFieldDescriptor *field, void *value,
    const char *text, bool loose)
{
	const ProtobufCEnumDescriptor *names = field->descriptor;
	int (*compare)(const char *, const char *) = loose ? strcasecmp :
	    strcmp;

	for (unsigned i = 0; i < names->n_values; i++) {
		if (compare(names->values[i].name, text) == 0) {
			put_number(field, value, names->values[i].value);
			return SK_OK;
		}
	}
	return SK_FIELD_INVALID;
}

static enum sk_error
bytes_from_text(void *value, const char *text, size_t size,
    struct arena *arena)
{
	ProtobufCBinaryData *bytes = value;
	size_t decoded;
	uint8_t *data;

	if (size % 2 != 0)
		return SK_FIELD_INVALID;
	if ((data = arena_take(arena, size / 2 + 1)) == NULL)
		return SK_OVERSIZED;
	if (sodium_hex2bin(data, size / 2, text, size, NULL, &decoded,
	    NULL) != 0 || decoded != size / 2)
		return SK_FIELD_INVALID;
	*bytes = (ProtobufCBinaryData){ size / 2, data };
	return SK_OK;
}

static enum sk_error
date_from_text(const ProtobufCFieldDescriptor *field, void *value,
    const char *text)
{
	int64_t instant;
	int32_t date;

	if (field_is_date(field)) {
		if (!civil_date_parse(text, &date))
			return SK_DATE_INVALID;
		put_number(field, value, date);
	} else {
		if (!civil_instant_parse(text, &instant))
			return SK_DATE_INVALID;
		put_number(field, value, instant);
	}
	return SK_OK;
}

enum sk_error
field_from_text(const ProtobufCFieldDescriptor *field, void *value,
    const char *text, size_t size, bool loose, struct arena *arena)
{
	char **string = value;

	if (strlen(text) != size)
		return SK_TEXT_INVALID;
	if (field_is_date(field) || field_is_instant(field))
		return date_from_text(field, value, text);
	switch (field->type) {
	case PROTOBUF_C_TYPE_ENUM:
		return enum_from_text(field, value, text, loose);
	case PROTOBUF_C_TYPE_BYTES:
		return bytes_from_text(value, text, size, arena);
	case PROTOBUF_C_TYPE_STRING:
		*string = arena_string(arena, text);
		return *string == NULL ? SK_OVERSIZED : SK_OK;
	default:
		return SK_FIELD_INVALID;
	}
}

/* ---- what would be right */

/* Append ", name", or "..." once when it does not fit. */
static bool
add_name(char *text, size_t size, const char *name, bool first)
{
	size_t used = strlen(text);
	const char *between = first ? "" : ", ";

	if (used + strlen(between) + strlen(name) + sizeof(", ...") > size) {
		snprintf(text + used, size - used, "%s...", between);
		return false;
	}
	snprintf(text + used, size - used, "%s%s", between, name);
	return true;
}

static void
want_enum(const ProtobufCEnumDescriptor *names, char *text, size_t size)
{
	snprintf(text, size, "one of ");
	for (unsigned i = 0; i < names->n_values; i++)
		if (!add_name(text, size, names->values[i].name, i == 0))
			return;
}

void
field_want(const ProtobufCFieldDescriptor *field, char *text, size_t size)
{
	int64_t min, max;

	if (field_is_date(field))
		snprintf(text, size, "a date such as 2026-03-31");
	else if (field_is_instant(field))
		snprintf(text, size,
		    "an instant such as 2026-03-31T08:00:00.000Z");
	else if (number_range(field, &min, &max))
		snprintf(text, size, "a whole number of %lld to %lld",
		    (long long)min, (long long)max);
	else if (field->type == PROTOBUF_C_TYPE_ENUM)
		want_enum(field->descriptor, text, size);
	else if (field->type == PROTOBUF_C_TYPE_BOOL)
		snprintf(text, size, "true or false");
	else if (field->type == PROTOBUF_C_TYPE_BYTES)
		snprintf(text, size, "an even number of hexadecimal digits");
	else if (field->type == PROTOBUF_C_TYPE_STRING)
		snprintf(text, size, "text");
	else
		snprintf(text, size, "a group of fields");
}

/* Levenshtein's distance, or more than NEAR_MAX for names too long for it. */
static unsigned
distance(const char *a, const char *b)
{
	unsigned row[NEAR_NAME_MAX + 1], diagonal, above;
	size_t n = strlen(a), m = strlen(b);

	if (n > NEAR_NAME_MAX || m > NEAR_NAME_MAX)
		return NEAR_MAX + 1;
	for (unsigned j = 0; j <= m; j++)
		row[j] = j;
	for (unsigned i = 1; i <= n; i++) {
		diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			above = row[j];
			row[j] = diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u);
			if (row[j] > above + 1)
				row[j] = above + 1;
			if (row[j] > row[j - 1] + 1)
				row[j] = row[j - 1] + 1;
			diagonal = above;
		}
	}
	return row[m];
}

void
field_want_name(const ProtobufCMessageDescriptor *descriptor,
    const char *mistyped, char *text, size_t size)
{
	unsigned nearest = NEAR_MAX + 1;

	text[0] = '\0';
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const char *name = descriptor->fields[i].name;
		unsigned d = distance(mistyped, name);

		/* A short name is near to everything. */
		if (d < nearest && d * 2 < strlen(name)) {
			nearest = d;
			snprintf(text, size, "%s", name);
		}
	}
	if (text[0] != '\0')
		return;
	if (descriptor->n_fields == 0) {
		snprintf(text, size, "no fields");
		return;
	}
	snprintf(text, size, "one of ");
	for (unsigned i = 0; i < descriptor->n_fields; i++)
		if (!add_name(text, size, descriptor->fields[i].name, i == 0))
			return;
}
