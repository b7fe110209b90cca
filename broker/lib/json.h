/*
 * json.h - protobuf messages to JSON and back, by descriptor.
 *
 * Field names as in the .proto; enums by name; fields ending in _date as
 * "2026-03-31" and sint64 fields that are instants (ending in _at, instant,
 * now, due, warn, breach, until, not_before, not_after, next_timer) as ISO 8601
 * UTC; bytes as lower-case hex; uint64 as numbers. Absent fields are left out.
 */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

#include "proto/arena.h"
#include "proto/error.h"

/* A new reference, NULL when out of memory or when a string is not UTF-8.
 * What no name, calendar or JSON number can hold stays a plain number, or
 * above 2^63 - 1 a string of digits. */
json_t *json_from_message(const ProtobufCMessage *message);
/* Into the arena; faults name the field path from `name` and what would be
 * right. Unknown keys are SK_FIELD_UNKNOWN, values that do not fit
 * SK_FIELD_INVALID, SK_DATE_INVALID or SK_TEXT_INVALID, a spent arena
 * SK_OVERSIZED. null is no value: leave the field out. */
enum sk_error json_to_message(const json_t *json, const char *name,
    const ProtobufCMessageDescriptor *descriptor, struct arena *arena,
    ProtobufCMessage **message, struct fault *fault);

#endif
