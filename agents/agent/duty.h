/*
 * duty.h - who of this organisation answers for a case, or for one message.
 *
 * Each change of who is responsible is journalled as an ASSIGNED by whoever
 * made it, with numbers of persons and nothing else, so that both the
 * organisation and an auditor can show who was responsible when (R72). A
 * hand-over that waits for its acceptance changes nothing and stays here.
 */
#ifndef AGENT_DUTY_H
#define AGENT_DUTY_H

#include "agents/agent/agent.h"

/* What is assigned: a case, or with a message that message alone. */
struct duty_of {
	struct envelope_ref case_ref;
	struct envelope_ref message;	/* none: the whole case */
};

/* Who changes it, and for whom. */
struct duty_by {
	uint64_t person;	/* 0: the agent, by the users file */
	uint64_t on_behalf_of;
	Sk__AssignCause cause;
};

/* An empty row where there is none. */
void duty_get(struct archive *archive, const struct duty_of *of,
    struct duty_row *row);
/* Who answers for this message: it alone, or its case; 0: nobody. */
uint64_t duty_responsible(struct archive *archive, const struct duty_of *of);
/* Make responsible who is responsible from now, journalled. Ends a hand-over
 * that waits. Takes agent->scratch. */
enum sk_error duty_assign(struct agent *agent, const struct duty_of *of,
    uint64_t responsible, const struct duty_by *by, struct fault *fault);
/* Ask to take over; person 0: no longer. */
void duty_propose(struct agent *agent, const struct duty_of *of,
    uint64_t person, uint64_t by, const char *note);

/* Every assignment, until visit says false. visit must not write. */
typedef bool (*duty_visit)(void *context, const struct duty_of *of,
    const struct duty_row *row);
enum sk_error duty_walk(struct archive *archive, duty_visit visit,
    void *context);

/* A crisis that came outside office hours goes to its contact. */
void duty_crisis(struct agent *agent, const struct inbox_row *row);

#endif
