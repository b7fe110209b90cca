/*
 * bytes.h - typed pack and unpack of hashed, signed and stored bytes.
 *
 * Integers are uint64 big-endian, fields of variable size have a uint16
 * big-endian length before them, digests and keys are 32 bytes bare
 * (FORMATS for ever: PROTOCOL.md, Bytes). Errors are sticky: check once at
 * the end with writer_done or reader_done.
 */
#ifndef PROTO_BYTES_H
#define PROTO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VAR_SIZE_MAX 65535u	/* what a uint16 length can say */

struct writer {
	uint8_t *bytes;
	size_t size_max;
	size_t size;
	bool failed;
};

void writer_init(struct writer *w, void *bytes, size_t size_max);
void write_u64(struct writer *w, uint64_t value);
void write_i64(struct writer *w, int64_t value);	/* two's complement */
void write_raw(struct writer *w, const void *bytes, size_t size);
void write_var(struct writer *w, const void *bytes, size_t size);	/* <= 65,535 */
void write_label(struct writer *w, const char *label);	/* ASCII and one zero byte */
/* Did everything fit? */
bool writer_done(const struct writer *w);

struct reader {
	const uint8_t *bytes;
	size_t size;
	size_t at;
	bool failed;
};

void reader_init(struct reader *r, const void *bytes, size_t size);
uint64_t read_u64(struct reader *r);
int64_t read_i64(struct reader *r);
/* size bytes in place, NULL when they are not there. */
const uint8_t *read_raw(struct reader *r, size_t size);
/* The same copied out; out stays as it is when they are not there. */
void read_into(struct reader *r, void *out, size_t size);
const uint8_t *read_var(struct reader *r, size_t *size);
/* Skip a label; failed when it is another. */
void read_label(struct reader *r, const char *label);
/* Did everything parse and nothing remain? */
bool reader_done(const struct reader *r);

uint64_t be64_get(const uint8_t bytes[8]);
void be64_put(uint8_t bytes[8], uint64_t value);

#endif
