#include "proto/bytes.h"

#include <string.h>

uint64_t
be64_get(const uint8_t bytes[8])
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | bytes[i];
	return value;
}

void
be64_put(uint8_t bytes[8], uint64_t value)
{
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (56 - 8 * i));
}

void
writer_init(struct writer *w, void *bytes, size_t size_max)
{
	*w = (struct writer){ .bytes = bytes, .size_max = size_max };
}

void
write_raw(struct writer *w, const void *bytes, size_t size)
{
	if (w->failed || size > w->size_max - w->size) {
		w->failed = true;
		return;
	}
	/* An empty span may have no address, which memcpy does not allow. */
	if (size > 0)
		memcpy(w->bytes + w->size, bytes, size);
	w->size += size;
}

void
write_u64(struct writer *w, uint64_t value)
{
	uint8_t bytes[8];

	be64_put(bytes, value);
	write_raw(w, bytes, sizeof(bytes));
}

void
write_i64(struct writer *w, int64_t value)
{
	write_u64(w, (uint64_t)value);
}

void
write_var(struct writer *w, const void *bytes, size_t size)
{
	uint8_t length[2] = { (uint8_t)(size >> 8), (uint8_t)size };

	if (size > VAR_SIZE_MAX) {
		w->failed = true;
		return;
	}
	write_raw(w, length, sizeof(length));
	write_raw(w, bytes, size);
}

void
write_label(struct writer *w, const char *label)
{
	write_raw(w, label, strlen(label) + 1);
}

bool
writer_done(const struct writer *w)
{
	return !w->failed;
}

void
reader_init(struct reader *r, const void *bytes, size_t size)
{
	*r = (struct reader){ .bytes = bytes, .size = size };
}

const uint8_t *
read_raw(struct reader *r, size_t size)
{
	/* What follows is never NULL, so that an empty field is no failure. */
	static const uint8_t nothing[1];
	const uint8_t *bytes;

	if (r->failed || size > r->size - r->at) {
		r->failed = true;
		return NULL;
	}
	bytes = r->bytes == NULL ? nothing : r->bytes + r->at;
	r->at += size;
	return bytes;
}

void
read_into(struct reader *r, void *out, size_t size)
{
	const uint8_t *bytes = read_raw(r, size);

	if (bytes != NULL)
		memcpy(out, bytes, size);
}

uint64_t
read_u64(struct reader *r)
{
	const uint8_t *bytes = read_raw(r, 8);

	return bytes == NULL ? 0 : be64_get(bytes);
}

int64_t
read_i64(struct reader *r)
{
	return (int64_t)read_u64(r);
}

const uint8_t *
read_var(struct reader *r, size_t *size)
{
	const uint8_t *length = read_raw(r, 2);
	const uint8_t *bytes;

	*size = 0;
	if (length == NULL)
		return NULL;
	bytes = read_raw(r, (size_t)length[0] << 8 | length[1]);
	if (bytes != NULL)
		*size = (size_t)length[0] << 8 | length[1];
	return bytes;
}

void
read_label(struct reader *r, const char *label)
{
	size_t size = strlen(label) + 1;
	const uint8_t *bytes = read_raw(r, size);

	if (bytes != NULL && memcmp(bytes, label, size) != 0)
		r->failed = true;
}

bool
reader_done(const struct reader *r)
{
	return !r->failed && r->at == r->size;
}
