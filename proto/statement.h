/*
 * statement.h - who may enter: requests, enrolments, rotations, revocations,
 * invitations, and the chain that they form (PROTOCOL.md, Directory).
 */
#ifndef PROTO_STATEMENT_H
#define PROTO_STATEMENT_H

#include <stdbool.h>

#include "proto/bytes.h"
#include "proto/digest.h"
#include "proto/envelope.pb-c.h"
#include "proto/error.h"

#define STATEMENT_BYTES_MAX 8192u
#define STATEMENT_CODE_MAX 32	/* OIN, AGB, CORV id */
#define STATEMENT_NAME_MAX 80
#define STATEMENT_AREA_MAX 400	/* municipality codes */

struct participant_keys {
	uint8_t link[32];	/* CURVE public */
	uint8_t sign[32];	/* Ed25519 public */
	uint8_t seal[32];	/* X25519 public */
};

enum statement_type { STATEMENT_ENROL = 1, STATEMENT_ROTATE = 2, STATEMENT_REVOKE = 3,
	STATEMENT_BROKER = 4 };
/* Why the broker has other keys from here on. */
enum broker_reason { BROKER_PLANNED = 1, BROKER_LOST = 2, BROKER_STOLEN = 3 };

/*
 * One statement. Bodies as signed:
 * enrol:  "schakel/enrol/v1" || F || serial || previous digest || participant
 *         || role || var name || var code || area count || area.. (each u64) ||
 *         valid_from || valid_to || link || sign || seal
 * revoke: "schakel/revoke/v1" || F || serial || previous digest || participant
 *         || reason code || digest of the statement whose keys it revokes
 * rotate: "schakel/rotate/v1" || F || participant || generation ||
 *         digest of the statement it replaces || link || sign || seal
 * broker: "schakel/broker/v1" || F || serial || previous digest || 0 ||
 *         generation || reason (broker_reason) || link || sign
 * Enrol, revoke and broker are signed by the enrolment key, rotate by the old
 * signing key. digest = SHA-256("schakel/statement/v1" || body).
 */
struct statement {
	enum statement_type type;
	uint8_t founding[DIGEST_SIZE];
	uint64_t serial;			/* all but rotate: from 1 */
	uint8_t previous[DIGEST_SIZE];		/* zero for the first */
	uint64_t participant;			/* broker: 0 */
	Sk__Role role;
	char name[STATEMENT_NAME_MAX + 1];	/* of the organisation unit */
	char code[STATEMENT_CODE_MAX + 1];
	size_t areas;
	uint32_t area[STATEMENT_AREA_MAX];	/* CBS codes */
	int32_t valid_from, valid_to;		/* dates, inclusive */
	uint64_t generation;			/* rotate, broker: 2, 3.. ; enrol is 1 */
	uint8_t replaces[DIGEST_SIZE];		/* rotate, revoke */
	uint64_t reason;			/* revoke: 1 left, 2 key lost, 3 key stolen, 4 error */
	struct participant_keys keys;		/* broker: seal is zero */
};

enum sk_error statement_encode(const struct statement *s, uint8_t *body,
    size_t *size);			/* body: STATEMENT_BYTES_MAX */
enum sk_error statement_decode(const void *body, size_t size,
    struct statement *s, struct fault *fault);
void statement_digest(uint8_t out[DIGEST_SIZE], const void *body, size_t size);
enum sk_error statement_sign(uint8_t signature[64], const void *body,
    size_t size, const uint8_t secret_key[64]);
enum sk_error statement_verify(const uint8_t signature[64], const void *body,
    size_t size, const uint8_t public_key[32]);

/* Head of the enrolment key's chain. All zero before the first. */
struct statement_head {
	uint64_t serial;
	uint8_t digest[DIGEST_SIZE];
};

/* The row that an applied statement leaves for its participant: what broker
 * and agent both keep. */
struct member {
	struct statement current;		/* enrolment, with the keys of the last rotation */
	uint8_t digest[DIGEST_SIZE];		/* of the statement those keys stand in */
	uint8_t enrolment[DIGEST_SIZE];		/* of the enrolment itself */
	bool revoked;
};

/*
 * May this statement follow? Checks signature, F, serial, previous digest,
 * generation, and that the member is the right one; then *head and *member
 * become what they are afterwards. member->current.type 0 means not enrolled
 * yet. SK_STATEMENT_ORDER, SK_STATEMENT_WRONG, SK_SIGNATURE_WRONG; then
 * neither is touched.
 *
 * A revocation names the statement in which the member's keys stand, or its
 * enrolment: whoever stole a key must not outrun the region by rotating it.
 * A further enrolment of a participant renews it, keys and all.
 */
enum sk_error statement_apply(const void *body, size_t size,
    const uint8_t signature[64], const uint8_t founding[DIGEST_SIZE],
    const uint8_t enrolment_key[32], struct statement_head *head,
    struct member *member, struct fault *fault);
/* The broker as a member: the keys of this generation, 1 those that the
 * founding entry names. Only a statement about the broker applies to it. */
void member_init_broker(struct member *member, uint64_t generation,
    const uint8_t link[32], const uint8_t sign[32]);
/* Does this member's key stand on this date? Not revoked, within validity. */
bool member_is_current(const struct member *member, int32_t date);

/* A request: "schakel/request/v1" || var name || var code || role || three
 * keys, self-signed; as one text file (base64 lines between BEGIN and END). */
struct enrol_request {
	char name[STATEMENT_NAME_MAX + 1];
	char code[STATEMENT_CODE_MAX + 1];
	Sk__Role role;
	struct participant_keys keys;
	uint8_t digest[DIGEST_SIZE];	/* filled by decode and encode: its words */
};
#define REQUEST_TEXT_MAX 1024
enum sk_error request_encode(struct enrol_request *request,
    const uint8_t sign_secret[64], char text[REQUEST_TEXT_MAX]);
enum sk_error request_decode(const char *text, size_t size,
    struct enrol_request *request, struct fault *fault);

/* What the agent must hold to trust a broker. Its words are those of digest:
 * SHA-256("schakel/invitation/v1" || F || link key || sign key ||
 * enrolment key || request digest). */
struct invitation {
	uint8_t founding[DIGEST_SIZE];
	char origin[96];
	char address[128];		/* tcp://host:port */
	uint8_t broker_link_key[32];
	uint8_t broker_sign_key[32];
	uint8_t enrolment_key[32];
	uint8_t request_digest[DIGEST_SIZE];
	uint64_t participant;
	bool test;
	uint8_t digest[DIGEST_SIZE];	/* filled by decode and encode */
};
#define INVITATION_TEXT_MAX 1536
enum sk_error invitation_encode(struct invitation *invitation,
    char text[INVITATION_TEXT_MAX]);
enum sk_error invitation_decode(const char *text, size_t size,
    struct invitation *invitation, struct fault *fault);

#endif
