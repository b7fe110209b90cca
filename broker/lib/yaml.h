/*
 * yaml.h - a YAML file into a protobuf message, by its descriptor.
 *
 * Config and region profiles both come in this way: keys are field names,
 * lists are repeated fields, maps are messages, enums are names in any case,
 * dates (fields ending in _date) are 2026-03-31. Unknown and repeated keys,
 * wrong types and values that do not fit are faults with file:line:column
 * and what would be right. yaml_where finds the place of a field again, for
 * checks that come later.
 */
#ifndef LIB_YAML_H
#define LIB_YAML_H

#include <protobuf-c/protobuf-c.h>

#include "proto/arena.h"
#include "proto/error.h"

#define YAML_FILE_BYTES_MAX (1u << 20)

struct yaml;	/* the document, for yaml_where */

/* what: "config.yaml:12:5: order_breach_days: want a whole number" */
struct yaml_fault {
	enum sk_error code;
	char text[512];
};

/* SK_FILE_IO, SK_CONFIG. *message lies in the arena; *yaml (may be NULL) is
 * closed by the caller. */
enum sk_error yaml_read(const char *path,
    const ProtobufCMessageDescriptor *descriptor, struct arena *arena,
    ProtobufCMessage **message, struct yaml **yaml, struct yaml_fault *fault);
void yaml_close(struct yaml *yaml);
/* Fill *fault with "file:line:col: path: ..." for a field path such as
 * "offerings[2].provider"; the nearest parent when that is absent. Returns
 * SK_CONFIG. */
enum sk_error yaml_complain(const struct yaml *yaml, struct yaml_fault *fault,
    const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
