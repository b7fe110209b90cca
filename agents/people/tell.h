/*
 * tell.h - the agent's answers as people read them, Dutch first.
 */
#ifndef PEOPLE_TELL_H
#define PEOPLE_TELL_H

#include "agents/people/verbs.h"

int tell_status(const struct call *call, const json_t *answer);
int tell_sent(const struct call *call, const json_t *answer);
/* tell_catalogue.c */
int tell_catalogue(const struct call *call, const json_t *answer);
int tell_inbox(const struct call *call, const json_t *answer);
int tell_outbox(const struct call *call, const json_t *answer);
int tell_message(const struct call *call, const json_t *answer);
int tell_case(const struct call *call, const json_t *answer);
int tell_cases(const struct call *call, const json_t *answer);
int tell_directory(const struct call *call, const json_t *answer);
/* tell_work.c */
int tell_work(const struct call *call, const json_t *answer);
int tell_waiting(const struct call *call, const json_t *answer);
int tell_duty(const struct call *call, const json_t *answer);
/* What the agent knows of a case: state, director, who answers, terms. */
void tell_standing(const json_t *row);
int tell_wait(const struct call *call, const json_t *answer);

#endif
