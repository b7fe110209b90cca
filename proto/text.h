/*
 * text.h - the one form in which people's text travels: UTF-8, NFC, LF.
 */
#ifndef PROTO_TEXT_H
#define PROTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* LF alone ends a line; no other control character but TAB, neither C0, DEL
 * nor C1: what people read must be what was signed. */
bool text_is_plain(const char *text, size_t size);
/*
 * Normalization Form C (Unicode Standard Annex 15): one sequence of bytes for
 * what looks the same, so that both ends count the same characters. False too
 * when memory is out.
 */
bool text_is_nfc(const char *text, size_t size);

/* The character at text, which has one, and the bytes that it takes; U+FFFD
 * and 1 for a byte that is part of none. */
uint32_t text_next(const char *text, size_t *size);
/* Would it move a cursor, colour a screen, or turn the reading direction, and
 * so make a text look like another? */
bool text_steers(uint32_t character);
/* What stands in a list: one line, not empty, and nothing in it steers. */
bool text_is_name(const char *text);
/* Put ? in the place of whatever steers or is no UTF-8, byte by byte: for a
 * text of somebody else's that goes to a screen, a page or a table. */
void text_tame(char *text);

#endif
