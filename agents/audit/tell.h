/*
 * tell.h - one entry in words: who, to whom, what, and what came of it.
 *
 * Names of organisations and numbers only: nothing from facts, closed effects
 * or sealed parts is ever told.
 */
#ifndef AUDIT_TELL_H
#define AUDIT_TELL_H

#include <jansson.h>

#include "agents/audit/book.h"

struct teller {
	struct journal *journal;
	const struct founding *founding;
	struct book book;	/* names, up to the entry at hand */
	uint64_t participant;	/* its records alone; 0: all of them */
};

/*
 * {position, at, local, kind, kind_nl, from, to, case, refused, deadline,
 * state, owner, director, happened}: from is null for the broker, deadline
 * {kind, breach} of a term's end, state, owner and director what the case
 * became by it, happened a list of sentences, Dutch first. A new reference;
 * NULL when out of memory.
 */
json_t *tell_entry(const struct teller *teller, const struct entry *entry);
/* Add a sentence to a told entry. */
void tell_more(json_t *told, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* What each effect says that is one value, by its words (tell_effect.c). */
void tell_each_effect(const struct teller *teller, const Sk__Effects *effects,
    json_t *told);
/* What the broker, an operator or the enrolment desk did (tell_event.c). */
void tell_own_event(const struct teller *teller, const struct entry *entry,
    json_t *told);
/* One line of text on stdout. */
void tell_print(const json_t *told);

#endif
