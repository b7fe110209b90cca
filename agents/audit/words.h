/*
 * words.h - what the auditor calls each value and each effect that an entry
 * can hold, in Dutch and in English.
 *
 * The tables are whole: a test walks every enum, every field of Effects and
 * every command, so that what is added to the journal is told as well.
 */
#ifndef AUDIT_WORDS_H
#define AUDIT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/journal.pb-c.h"

struct word {
	int value;
	const char *dutch, *english;
};

/* One list of words an enum: the values of descriptor, or from first to last
 * where that is NULL. */
struct words {
	const ProtobufCEnumDescriptor *descriptor;
	int first, last;
	const struct word *word;	/* ends with a NULL */
};
enum words_of { WORDS_DEADLINE, WORDS_NOTICE, WORDS_HANDOFF, WORDS_GROUND,
	WORDS_SAID, WORDS_CRISIS, WORDS_ESCALATION, WORDS_OVERRIDE,
	WORDS_CATALOGUE, WORDS_UNMET, WORDS_LEVEL, WORDS_WARNING,
	WORDS_STATEMENT, WORDS_BROKER_REASON, WORDS_LISTS };
extern const struct words words_lists[WORDS_LISTS];

/* "?" for a value that has none. */
const char *words_dutch(enum words_of list, int value);
const char *words_english(enum words_of list, int value);

/* How a field of Effects is told. */
enum effect_how {
	TELL_APART,	/* by a function of its own, in tell.c */
	TELL_DATE,
	TELL_PARTY,	/* 0: nobody any more */
	TELL_NUMBER,
	TELL_TEXT,
	TELL_WORD,	/* of list */
	TELL_MARK,	/* that it is there, or true */
};
struct effect_words {
	unsigned field;
	enum effect_how how;
	enum words_of list;
	const char *dutch, *english;
};
const struct effect_words *words_effect(unsigned field);	/* NULL: none */
/* By the number of its field in Command; NULL: none. */
const struct word *words_command(unsigned field);

#endif
