/*
 * people.h - who may use this agent: the users file.
 *
 * A person is the uid at the other end of the local socket; no field of a
 * request can set it, and uid 0 has no special right. The file is read again
 * when it has changed; one that does not read leaves the last good one.
 */
#ifndef AGENT_PEOPLE_H
#define AGENT_PEOPLE_H

#include <stdint.h>
#include <sys/types.h>

#include "broker/lib/config.pb-c.h"
#include "broker/lib/yaml.h"
#include "proto/message.h"

struct people;

enum sk_error people_open(const char *path, struct people **people,
    struct yaml_fault *fault);
void people_close(struct people *people);
/* Who is this uid on this date? SK_PERSON_UNKNOWN. *user is valid until the
 * next call. */
enum sk_error people_find(struct people *people, uid_t uid, int32_t today,
    const Sk__AgentUser **user);
/* The person with this number on this date; NULL: none. Valid likewise. */
const Sk__AgentUser *people_by_person(struct people *people, uint64_t person,
    int32_t today);
/* May this user act for the other today: as substitute, or in an absence? */
bool people_stands_in(struct people *people, const Sk__AgentUser *user,
    uint64_t other, int32_t today);
/* Is this person away today? */
bool people_is_absent(struct people *people, uint64_t person, int32_t today);
/* Whom a crisis goes to at this instant, NULL within office hours, and where
 * nobody is named. Valid likewise. */
const Sk__AgentContact *people_out_of_hours(struct people *people,
    int64_t now);
/* May this person send this kind, for this other (0: for nobody)?
 * SK_MANDATE_MISSING. */
enum sk_error people_may_send(struct people *people,
    const Sk__AgentUser *user, const struct kind_info *info,
    uint64_t on_behalf_of, int32_t today, struct fault *fault);

#endif
