/*
 * directory.h - who takes part in this region, as far as an unbroken chain of
 * statements from the enrolment key says so. What the broker claims without
 * such a statement counts for nothing here.
 */
#ifndef AGENT_DIRECTORY_H
#define AGENT_DIRECTORY_H

#include "agents/agent/archive.h"
#include "proto/session.pb-c.h"

struct directory_trust {
	const uint8_t *founding;	/* F */
	const uint8_t *enrolment_key;
	const uint8_t *broker_link, *broker_sign;	/* of the invitation */
};

/*
 * The statement with this index of the broker's list. One that is held
 * already changes nothing. SK_CHAIN_FORK: the enrolment key signed two
 * statements in one place; both are kept, and the agent must stop. Any other
 * error: it does not follow, nothing changed.
 */
enum sk_error directory_apply(struct archive *archive,
    const struct directory_trust *trust, uint64_t index,
    const Sk__Statement *statement, struct fault *fault);

/* SK_RECIPIENT_UNKNOWN. */
enum sk_error directory_member(struct archive *archive, uint64_t participant,
    struct member *member);
/* 0 when it is not enrolled. */
Sk__Role directory_role(struct archive *archive, uint64_t participant);
/* The signing key with this id of this participant: SK_KEY_NOT_VOUCHED. */
enum sk_error directory_sign_key(struct archive *archive, uint64_t participant,
    const uint8_t key_id[DIGEST_SIZE], uint8_t key[32]);
/* The access team that serves this municipality on this date; 0: none. */
uint64_t directory_access_team(struct archive *archive, uint32_t municipality,
    int32_t date);
bool member_serves(const struct member *member, uint32_t municipality);

typedef bool (*member_visit)(void *context, const struct member *member);
enum sk_error directory_walk(struct archive *archive, member_visit visit,
    void *context);

#endif
