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
