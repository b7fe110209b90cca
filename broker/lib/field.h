/*
 * field.h - one field of a protobuf message, by its descriptor: what JSON and
 * YAML have in common.
 */
#ifndef LIB_FIELD_H
#define LIB_FIELD_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/arena.h"
#include "proto/error.h"

/* Is it a civil date (a sint32 that ends in _date), or an instant (a sint64
 * with one of the names in json.h)? */
bool field_is_date(const ProtobufCFieldDescriptor *field);
bool field_is_instant(const ProtobufCFieldDescriptor *field);

/* How many values the message has of it: 0 or 1, or those of a list. */
size_t field_count(const ProtobufCMessage *message,
    const ProtobufCFieldDescriptor *field);
/* The i-th value of it, of the type that protobuf-c uses. */
const void *field_value(const ProtobufCMessage *message,
    const ProtobufCFieldDescriptor *field, size_t i);
/* Make room in message for n values (1 unless it is a list) and mark them as
 * present. *values is NULL when n is 0; SK_OVERSIZED past the arena. */
enum sk_error field_make(ProtobufCMessage *message,
    const ProtobufCFieldDescriptor *field, struct arena *arena, size_t n,
    void **values);
void *field_at(const ProtobufCFieldDescriptor *field, void *values, size_t i);

/*
 * Put text into a value: enums by name (in any case when loose), dates,
 * instants, strings, bytes as hex. SK_FIELD_INVALID, SK_DATE_INVALID,
 * SK_TEXT_INVALID, SK_OVERSIZED past the arena. Numbers and bools are not
 * text here: SK_FIELD_INVALID.
 */
enum sk_error field_from_text(const ProtobufCFieldDescriptor *field,
    void *value, const char *text, size_t size, bool loose,
    struct arena *arena);
/* Whole numbers within the field's type: SK_FIELD_INVALID outside. */
enum sk_error field_from_number(const ProtobufCFieldDescriptor *field,
    void *value, int64_t number);
/* The number in an integer field that is not a date or an instant; false when
 * it is no integer field, or more than an int64_t holds. */
bool field_number(const ProtobufCFieldDescriptor *field, const void *value,
    int64_t *number);

/* "a whole number of 0 to 4294967295", "one of YES, NO": what would be right. */
void field_want(const ProtobufCFieldDescriptor *field, char *text,
    size_t size);
/* "one of a, b, c", or the known name that is nearest to a mistyped one. */
void field_want_name(const ProtobufCMessageDescriptor *descriptor,
    const char *mistyped, char *text, size_t size);

#endif
