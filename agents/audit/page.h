/*
 * page.h - a time line as one HTML page that stands by itself: a drawing of
 * who sent what to whom, and a table that says the same and more.
 */
#ifndef AUDIT_PAGE_H
#define AUDIT_PAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define PAGE_DRAWN_MAX 1000u	/* lines in the drawing; the table has all */
#define PAGE_LANES_MAX 12u	/* parties with a lane of their own */

/* lines as tell_entry makes them; subject is "zaak 1-42-67". False when out
 * of memory; a failed write is ferror's to tell. */
bool page_write(FILE *file, const char *origin, const char *subject,
    const json_t *lines);

#endif
