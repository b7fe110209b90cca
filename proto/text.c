#include "proto/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "proto/wire.h"

bool
text_is_plain(const char *text, size_t size)
{
	const uint8_t *t = (const uint8_t *)text;

	if (!wire_text_is_utf8(text, size))
		return false;
	for (size_t i = 0; i < size; i++)
		if ((t[i] < 0x20 && t[i] != '\t' && t[i] != '\n') ||
		    t[i] == 0x7f ||
		    (t[i] == 0xc2 && t[i + 1] >= 0x80 && t[i + 1] <= 0x9f))
			return false;
	return true;
}

static bool
is_ascii(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

bool
text_is_nfc(const char *text, size_t size)
{
	utf8proc_uint8_t *composed = NULL;
	utf8proc_ssize_t n;
	bool same;

	if (is_ascii(text, size))
		return true;
	n = utf8proc_map((const utf8proc_uint8_t *)text,
	    (utf8proc_ssize_t)size, &composed,
	    UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	same = n >= 0 && (size_t)n == size && memcmp(composed, text, size) == 0;
	free(composed);
	return same;
}

uint32_t
text_next(const char *text, size_t *size)
{
	const uint8_t *t = (const uint8_t *)text;
	size_t n = t[0] < 0x80 ? 1 : t[0] < 0xe0 ? 2 : t[0] < 0xf0 ? 3 : 4;
	uint32_t character = n == 1 ? t[0] : t[0] & (0xffu >> (n + 1));

	*size = 1;
	if (n > strnlen(text, 4) || !wire_text_is_utf8(text, n))
		return 0xfffd;
	for (size_t i = 1; i < n; i++)
		character = character << 6 | (t[i] & 0x3fu);
	*size = n;
	return character;
}

bool
text_steers(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffd ||
	    c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) ||
	    c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb);
}

bool
text_is_name(const char *text)
{
	const char *at = text;
	size_t size;

	for (; *at != '\0'; at += size)
		if (text_steers(text_next(at, &size)))
			return false;
	return at != text;
}

void
text_tame(char *text)
{
	size_t size;

	for (; *text != '\0'; text += size)
		if (text_steers(text_next(text, &size)))
			memset(text, '?', size);
}
