/*
 * restore.h - the entry with which operators open journal n+1 (PROTOCOL.md,
 * Restore): read and verified the same by broker, agent and auditor.
 */
#ifndef PROTO_RESTORE_H
#define PROTO_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/bytes.h"
#include "proto/digest.h"
#include "proto/error.h"

#define ORIGIN_MAX 96

struct restore {
	uint64_t number;		/* n+1 */
	uint64_t size;			/* m: leaves kept, and its own position */
	uint8_t root[DIGEST_SIZE];	/* of the tree over them */
};

/* The origin of the same name with another n. out: ORIGIN_MAX. SK_MALFORMED
 * when origin is none. */
enum sk_error origin_with(const char *origin, uint64_t number, char *out);
/* Its n; 0: it is none. */
uint64_t origin_number(const char *origin);
/* Is this an origin of the same name, from first up to and with last? */
bool origin_is_of(const char *origin, const char *last, uint64_t first);

/*
 * Is this packed SignedCommand a restore of the journal `origin`, signed by
 * operators: two different ones, on a test journal one? SK_MALFORMED,
 * SK_OPERATOR_UNKNOWN, SK_SIGNATURE_WRONG, SK_SECOND_OPERATOR, with the field.
 */
enum sk_error restore_read(struct span body, const char *origin,
    const uint8_t keys[][32], size_t n, bool test, struct restore *out,
    struct fault *fault);

#endif
