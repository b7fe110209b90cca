/*
 * wire.h - hostile bytes to a checked message, by descriptor alone.
 *
 * decode walks the bytes against the descriptor before anything is
 * allocated: depth, wire types, unknown fields, repeated singular fields,
 * enum values outside their enum, strings that are not UTF-8 or hold a NUL.
 * The fault names the field by its path from `name`, e.g.
 * "facts.triage.domains[2].answer".
 */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "proto/arena.h"
#include "proto/error.h"

#define WIRE_DEPTH_MAX 8
#define FRAME_BYTES_MAX 262144u
#define HEADER_BYTES_MAX 4096u
#define FACTS_BYTES_MAX 8192u
#define SEALED_BYTES_MAX 65536u
#define SUBMIT_ENVELOPES_MAX 64u
#define RECIPIENTS_MAX 32u

/*
 * SK_OVERSIZED past size_max, SK_TRUNCATED, SK_MALFORMED, SK_FIELD_UNKNOWN,
 * SK_FIELD_INVALID (enum, wrong wire type, singular field twice),
 * SK_TEXT_INVALID, SK_NO_MEMORY when the arena is spent. *message lies in the
 * arena; its byte and string fields too.
 */
enum sk_error wire_decode(const ProtobufCMessageDescriptor *descriptor,
    const char *name, const void *bytes, size_t size, size_t size_max,
    struct arena *arena, ProtobufCMessage **message, struct fault *fault);

/*
 * The first varint of this field, found without any check: to learn the
 * version before fields of a later one are refused. False when it is not
 * there or the bytes break off before it.
 */
bool wire_peek(const void *bytes, size_t size, uint32_t number,
    uint64_t *value);

/* Pack into the arena; SK_NO_MEMORY when it does not fit. */
enum sk_error wire_encode(const ProtobufCMessage *message,
    struct arena *arena, uint8_t **bytes, size_t *size);

/* Is it well-formed UTF-8 without NUL, no surrogates, no overlong forms? */
int wire_text_is_utf8(const char *text, size_t size);
/* Code points in valid UTF-8. */
size_t wire_text_characters(const char *text, size_t size);

#endif
