/*
 * text.h - the one form in which people's text travels: UTF-8, NFC, LF.
 */
#ifndef PROTO_TEXT_H
#define PROTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* LF alone ends a line; no other control character but TAB, neither C0, DEL
 * nor C1: what people read must be what was signed. */
bool text_is_plain(const char *text, size_t size);
/*
 * Normalization Form C (Unicode Standard Annex 15): one sequence of bytes for
 * what looks the same, so that both ends count the same characters. False too
 * when memory is out.
 */
bool text_is_nfc(const char *text, size_t size);

#endif
