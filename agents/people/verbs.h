/*
 * verbs.h - what people can ask of their agent: a row a verb, a row an option.
 */
#ifndef PEOPLE_VERBS_H
#define PEOPLE_VERBS_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "proto/error.h"

enum place { IN_REQUEST, IN_FACTS, IN_SECTIONS };

enum option_type {
	OF_TEXT,	/* as it stands */
	OF_DATE,	/* 2026-03-31 */
	OF_DAY,		/* a date where JSON has a number */
	OF_INSTANT,	/* 2026-03-31T12:00:00Z */
	OF_NUMBER,
	OF_NUMBERS,	/* may stand several times */
	OF_YES,		/* takes no value; left out it says nothing */
	OF_YES_ELSE_NO,	/* takes no value; left out it says no */
	OF_NO_ELSE_YES,	/* takes no value and says no; left out it says yes */
	OF_YES_NO,	/* YES or NO, a value of its own */
	OF_CODE,	/* a name of `codes`, in any case */
	OF_CODES,	/* several, with commas or several times */
	OF_GOAL,	/* number:due date; `fixed` is who sets it */
	OF_GOAL_STATE,	/* number=status */
	OF_DOMAIN,	/* domain=answer[:owner] */
	OF_OTHERS,	/* the answer for every domain that was not named */
	OF_PERSON,	/* [version:]pseudonym[:consent]; `fixed` is the role */
	OF_ONE_PERSON,	/* the same, where there is one; CHILD: or PARENT: before it */
	OF_HEX,
	OF_REF,		/* a reference, as the message of a case */
	OF_REFS,	/* several, with commas or several times */
	OF_CASE,	/* the same, or a case number, which the agent looks up */
	OF_TEXTS,	/* several, with commas or several times */
	OF_PLACES,	/* offering=number, may stand several times */
	OF_OVERRIDE,	/* GATE=REASON: a soft gate that is passed */
	OF_MARKS,	/* SECTION=1,2: households; `fixed` is which mark */
	OF_SECTION,	/* text, @file or -; path names the section */
	OF_ANY_SECTION,	/* SECTION=text, @file or - */
	OF_FACTS	/* the whole of the facts as JSON, @file or - */
};

struct option {
	const char *name;	/* without dashes; NULL ends a list */
	enum place place;
	const char *path;	/* the key there; a dot before a key inside */
	enum option_type type;
	bool must;
	const ProtobufCEnumDescriptor *codes;
	const char *fixed;
	const char *form;	/* what its value looks like, for the help */
};

/* Does it stand without a value behind it? */
bool option_is_flag(const struct option *option);

struct call {
	const char *socket;
	bool json;
};

struct draft;

struct verb {
	const char *name;
	const char *dutch;	/* the same verb by another name */
	const char *kind;	/* what it sends; NULL: it asks */
	const char *operand;	/* the key of what stands without a dash */
	bool operand_must;
	const struct option *options;
	/* Says the answer on the screen and returns the exit code. */
	int (*tell)(const struct call *call, const json_t *answer);
	/* Instead of asking the agent. */
	int (*run)(const struct call *call, struct draft *draft);
	const char *nl, *en;	/* what it is for */
};

const struct verb *verb_by_name(const char *name);	/* NULL: none */
const struct verb *verb_at(size_t index);		/* NULL: the end */
/* The option of this verb, or of all that send; NULL: none. */
const struct option *verb_option(const struct verb *verb, const char *name);
/* Those that every verb with a kind has beside its own. */
extern const struct option sending_options[];

#endif
