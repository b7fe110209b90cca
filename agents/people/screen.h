/*
 * screen.h - text on a terminal. What others wrote never steers it: control
 * and direction characters are shown as what they are.
 */
#ifndef PEOPLE_SCREEN_H
#define PEOPLE_SCREEN_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

/* On one line. NULL is "-". */
void screen_text(FILE *file, const char *text);
/* Over several lines, each after indent. */
void screen_block(FILE *file, const char *text, const char *indent);
/* In a column: cut with an ellipsis, filled with blanks, a blank behind it. */
void screen_cell(FILE *file, const char *text, size_t width);

/* The strings of JSON objects; "" when the key is not there. */
const char *screen_string(const json_t *object, const char *key);
/* "31-03-2026 14:05" of an ISO instant; the text itself when it is none. */
#define SCREEN_INSTANT_MAX 64
const char *screen_instant(const char *iso, char text[SCREEN_INSTANT_MAX]);
/* The last day of a term that ends at this ISO instant, "31-03-2026". */
const char *screen_last_day(const char *iso, char text[SCREEN_INSTANT_MAX]);

/* The Dutch word for a code or a key; the code itself when there is none. */
const char *screen_word(const char *code);

#endif
