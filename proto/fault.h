/*
 * fault.h - a refusal whose field path has an index or a name to fill in.
 */
#ifndef PROTO_FAULT_H
#define PROTO_FAULT_H

#include "proto/error.h"

/* Like fault_set: hint is taken as it is and may be NULL, path is a format. */
enum sk_error fault_at(struct fault *fault, enum sk_error code,
    const char *hint, const char *path, ...)
    __attribute__((format(printf, 4, 5)));

#endif
