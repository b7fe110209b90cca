#include "proto/lines.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* Base64 goes by blocks, so that neither side needs a buffer for the whole:
 * 64 characters are 48 bytes. */
#define BLOCK_CHARACTERS 64u
#define BLOCK_BYTES 48u

bool
lines_next(struct span *rest, struct span *line)
{
	const char *from = rest->bytes;
	const char *end;

	if (rest->size == 0 || (end = memchr(from, '\n', rest->size)) == NULL)
		return false;
	*line = (struct span){ from, (size_t)(end - from) };
	*rest = (struct span){ end + 1, rest->size - line->size - 1 };
	return true;
}

bool
lines_decimal(struct span line, uint64_t *value)
{
	const char *digits = line.bytes;
	uint64_t sum = 0;

	if (line.size == 0 || line.size > DECIMAL_MAX ||
	    (digits[0] == '0' && line.size > 1))
		return false;
	for (size_t i = 0; i < line.size; i++) {
		if (digits[i] < '0' || digits[i] > '9' ||
		    __builtin_mul_overflow(sum, 10u, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)(digits[i] - '0'),
		    &sum))
			return false;
	}
	*value = sum;
	return true;
}

/* libsodium 1.0.18 reads every byte from 0x80 on as a slash, which would give
 * one value many texts. */
static bool
is_ascii(const char *from, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (((uint8_t)from[i] & 0x80) != 0)
			return false;
	}
	return true;
}

bool
lines_base64(struct span line, uint8_t *out, size_t out_max, size_t *size)
{
	const char *from = line.bytes;
	uint8_t block[BLOCK_BYTES];
	size_t left = line.size, n, keep;

	*size = 0;
	if (left == 0 || left % 4 != 0 || !is_ascii(from, left))
		return false;
	while (left > 0) {
		size_t take = left < BLOCK_CHARACTERS ? left : BLOCK_CHARACTERS;

		/* libsodium refuses blanks, wrong padding and trailing bits
		 * that are not zero: one text for each value. */
		if (sodium_base642bin(block, sizeof(block), from, take, NULL,
		    &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
		    (n < take / 4 * 3 && take < left))
			return false;
		keep = *size >= out_max ? 0 : out_max - *size;
		if (keep > 0)
			memcpy(out + *size, block, n < keep ? n : keep);
		*size += n;
		from += take;
		left -= take;
	}
	return true;
}

bool
lines_digest(struct span line, uint8_t digest[DIGEST_SIZE])
{
	size_t size;

	return line.size == DIGEST_LINE_SIZE - 1 &&
	    lines_base64(line, digest, DIGEST_SIZE, &size) &&
	    size == DIGEST_SIZE;
}

void
write_text(struct writer *w, const char *text)
{
	write_raw(w, text, strlen(text));
}

void
write_decimal(struct writer *w, uint64_t value)
{
	char digits[DECIMAL_MAX + 1];

	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	write_text(w, digits);
}

void
write_base64(struct writer *w, const void *bytes, size_t size)
{
	char block[BASE64_SIZE(BLOCK_BYTES) + 1];
	const uint8_t *from = bytes;

	while (size > 0) {
		size_t take = size < BLOCK_BYTES ? size : BLOCK_BYTES;

		sodium_bin2base64(block, sizeof(block), from, take,
		    sodium_base64_VARIANT_ORIGINAL);
		write_text(w, block);
		from += take;
		size -= take;
	}
}
