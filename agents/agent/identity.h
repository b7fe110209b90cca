/*
 * identity.h - who this agent is: its three key pairs, and the invitation
 * that names the broker to trust.
 *
 * A directory of keys holds link.key, sign.key, seal.key (0600, hex), their
 * .pub beside them, and retired/<key id>.key for sealing keys of before.
 */
#ifndef AGENT_IDENTITY_H
#define AGENT_IDENTITY_H

#include "proto/seal.h"
#include "proto/statement.h"

#define RETIRED_MAX 32

struct identity {
	uint8_t link_public[32], link_secret[32];
	uint8_t sign_public[32], sign_secret[64];
	struct seal_key seal;
	uint8_t sign_id[DIGEST_SIZE], seal_id[DIGEST_SIZE];
	size_t retired;
	struct {
		struct seal_key key;
		uint8_t id[DIGEST_SIZE];
	} retired_key[RETIRED_MAX];
	struct invitation invitation;
};

/* Fresh pairs, in memory only. */
enum sk_error identity_draw(struct identity *identity);
/* Write them as new files; never overwrites. */
enum sk_error identity_write_keys(const struct identity *identity,
    const char *dir, struct fault *fault);
/* SK_FILE_MODE when others can read a key. */
enum sk_error identity_read_keys(struct identity *identity, const char *dir,
    struct fault *fault);
/* Copy the sealing key aside: it still opens what was sealed to it. May be
 * done twice. */
enum sk_error identity_retire(const struct identity *identity,
    const char *dir, struct fault *fault);
enum sk_error identity_read_invitation(struct identity *identity,
    const char *path, struct fault *fault);
void identity_public(const struct identity *identity,
    struct participant_keys *keys);
/* The sealing key with this id, current or retired; NULL: not ours. */
const struct seal_key *identity_seal_key(const struct identity *identity,
    const uint8_t key_id[DIGEST_SIZE]);
void identity_clear(struct identity *identity);

#endif
