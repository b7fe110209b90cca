/*
 * family.h - what the rules may know of a family: the cases that share a
 * person, and the help that runs or ran in them.
 *
 * A case joins the family that holds its child, else the one that holds a
 * parent of it; families of which one case shares persons are one, and go on
 * under the lowest number. The number of a family is that of its first case,
 * that of a child the number of the child's first case: neither says who it
 * is. A family may have several households, and children of several parents.
 *
 * Plain values; all of it follows from open effects, so that it outlives the
 * erasure of one of its cases.
 */
#ifndef CORE_FAMILY_H
#define CORE_FAMILY_H

#include "broker/core/case.h"

/* The newest are looked at: more is no family but one person named in the
 * cases of many. */
#define FAMILY_CASES_MAX 64
#define FAMILY_HELPS_MAX 128

/* Where a person was met before. */
struct person_found {
	uint64_t family;	/* the number that it goes by now */
	uint64_t child;		/* 0: never met as the child of a case */
};

struct family_case {
	uint64_t number, owner, director, child;
	struct envelope_ref ref;
	bool open;
	bool has_plan;		/* of its own: joins no other's (R31) */
	int32_t plan_date, analysis_date, conference_date, ret_advice_date;
};

/* One handoff: an offer that is open, or help that runs or has ended. */
struct family_help {
	uint64_t case_number, child;
	unsigned index;		/* of the handoff in its case */
	struct case_handoff handoff;
};

struct family {
	uint64_t number;
	size_t cases, helps;
	struct family_case family_case[FAMILY_CASES_MAX];	/* newest first */
	struct family_help help[FAMILY_HELPS_MAX];	/* as their cases */
};

/* Add a case with its handoffs; what has no room is left out. child is what
 * the case's child goes by now. */
void family_add(struct family *family, const struct case_row *row,
    uint64_t child);
/* The oldest open case with a plan of its own, NULL for none. */
const struct family_case *family_plan(const struct family *family);

/* The help of one child, whichever of its cases it is in: that of the case at
 * hand, whose child's number this is, and of the family's others. */
struct child_help {
	const struct case_row *row;
	const struct family *family;	/* NULL: none is known */
	uint64_t child;
};
/* Fill *help with the next; *at begins at 0. False: no more. */
bool child_help_next(const struct child_help *all, size_t *at,
    struct family_help *help);

/* Ends of help, in a row, that were not as planned (R44). */
struct failures {
	unsigned in_a_row;
	int32_t last;		/* date of the last of them; 0: none */
	bool elsewhere;		/* that was in another case */
};
struct failures child_failures(const struct child_help *all);

#endif
