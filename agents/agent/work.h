/*
 * work.h - how urgent a case is for this organisation, as far as its agent can
 * tell from what came and what was sent.
 *
 * A term that was warned of or has passed is off the list once the
 * organisation has written in that case since: whether that was enough is the
 * broker's to say, by its next notice.
 */
#ifndef AGENT_WORK_H
#define AGENT_WORK_H

#include "agents/agent/agent.h"

/* The most urgent first. */
enum urgency {
	WORK_CRISIS = 1,	/* an alert that nobody has taken */
	WORK_BREACHED,		/* a term has passed */
	WORK_DUE_SOON,		/* a term was warned of */
	WORK_NEW,		/* something is unopened */
	WORK_RUNS,		/* nothing waits */
	WORK_CLOSED
};

#define WORK_TERMS_MAX 8

struct work_term {
	uint32_t notice_kind, deadline;
	int64_t due;
	bool open;		/* nothing was written here since */
};

struct work_case {
	enum urgency urgency;
	int64_t since;		/* of what makes it urgent */
	int64_t due;		/* of its term; 0: none */
	Sk__Kind kind;		/* of what makes it urgent; 0: a notice */
	uint32_t deadline;
	uint64_t unopened;
	struct envelope_ref crisis;	/* the alert that is open; none */
	bool owned;		/* the crisis was taken */
	const char *state;	/* Dutch, as far as known here; never NULL */
	uint64_t director;	/* who accepted it last; 0: not known here */
	size_t terms;		/* the last notice of each term */
	struct work_term term[WORK_TERMS_MAX];
};

/* Takes agent->scratch. */
void work_look(struct agent *agent, const struct case_card *card,
    struct work_case *work);
const char *urgency_name(enum urgency urgency);		/* "CRISIS" */

#endif
