/*
 * lines.h - strict lines of text, as notes, checkpoints and proofs are made
 * of: every line ends with a newline, numbers are decimal without leading
 * zeroes, bytes are base64 (RFC 4648 section 4) in its one canonical form.
 */
#ifndef PROTO_LINES_H
#define PROTO_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/bytes.h"
#include "proto/digest.h"

#define BASE64_SIZE(size) (((size) + 2) / 3 * 4)
#define DIGEST_LINE_SIZE 45u	/* one digest in base64 and its newline */
#define DECIMAL_MAX 20u		/* digits of a uint64 */

/* Take the next line off rest, without its newline. False when no newline is
 * left; rest then stays. */
bool lines_next(struct span *rest, struct span *line);

/* A uint64: digits only, no leading zero but in "0", no overflow. */
bool lines_decimal(struct span line, uint64_t *value);
/* Exactly 32 bytes in base64. */
bool lines_digest(struct span line, uint8_t digest[DIGEST_SIZE]);
/* Any number of bytes but none: all of it is checked, its size reported, and
 * its first out_max bytes are copied out. */
bool lines_base64(struct span line, uint8_t *out, size_t out_max,
    size_t *size);

void write_text(struct writer *w, const char *text);
void write_decimal(struct writer *w, uint64_t value);
void write_base64(struct writer *w, const void *bytes, size_t size);

#endif
