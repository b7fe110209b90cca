/*
 * words.h - eight words for the telephone (PROTOCOL.md, Who may enter).
 *
 * 88 bits of a SHA-256 as eight of 2,048 Dutch words, eleven bits each, most
 * significant first.
 */
#ifndef PROTO_WORDS_H
#define PROTO_WORDS_H

#include <stdint.h>

#define WORDS_TEXT_MAX 160
void words_text(const uint8_t digest[32], char text[WORDS_TEXT_MAX]);
const char *words_at(unsigned index);	/* 0 to 2047 */

#endif
