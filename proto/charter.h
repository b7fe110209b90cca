/*
 * charter.h - who signs for the region: its enrolment key and the operators'
 * keys, as the founding entry names them and as each change since does
 * (PROTOCOL.md, Directory). Verified the same by broker, agent and auditor.
 */
#ifndef PROTO_CHARTER_H
#define PROTO_CHARTER_H

#include <stdbool.h>

#include "proto/session.pb-c.h"
#include "proto/statement.h"

#define CHARTER_OPERATORS_MAX 16
#define CHARTER_BODY_MAX 1024u
#define CHARTER_FOUNDING_MAX 4096u	/* bytes of a founding leaf */

struct charter {
	uint8_t founding[DIGEST_SIZE];
	bool test;
	uint64_t generation;		/* 1: as founded */
	uint8_t digest[DIGEST_SIZE];	/* of the last change; zero: none */
	uint8_t enrolment_key[32];
	size_t operators;
	uint8_t operator_key[CHARTER_OPERATORS_MAX][32];
};

/*
 * One change. Bodies as signed:
 * operators: "schakel/operators/v1" || F || generation || digest of the change
 *            before (zero: none) || reason || count || keys
 * region:    "schakel/region/v1" || F || serial || previous digest ||
 *            generation || digest of the change before || reason || new key
 * Both are signed by as many operators of before as a command takes, region by
 * the enrolment key of before too, unless that was lost. The enrolment key
 * alone may name operators where too few are left (reason lost). A region
 * change stands in the enrolment key's chain of serials. reason: broker_reason.
 */
enum charter_type { CHARTER_OPERATORS = 5, CHARTER_REGION = 6 };
struct charter_change {
	enum charter_type type;
	uint8_t founding[DIGEST_SIZE];
	uint64_t serial;			/* region */
	uint8_t previous[DIGEST_SIZE];		/* region */
	uint64_t generation;			/* 2, 3.. */
	uint8_t replaces[DIGEST_SIZE];
	uint64_t reason;
	uint8_t enrolment_key[32];		/* region */
	size_t operators;
	uint8_t operator_key[CHARTER_OPERATORS_MAX][32];
};

/* Do these bytes begin as such a change, rather than another statement? */
bool charter_is_change(const void *body, size_t size);
enum sk_error charter_encode(const struct charter_change *change,
    uint8_t body[CHARTER_BODY_MAX], size_t *size);
/* SK_STATEMENT_WRONG, with the field. */
enum sk_error charter_decode(const void *body, size_t size,
    struct charter_change *change, struct fault *fault);

/* From a founding leaf of which the hash is F: SK_MALFORMED. */
enum sk_error charter_found(struct charter *charter, struct span founding_leaf,
    const uint8_t founding[DIGEST_SIZE]);
/* How many different operators sign a command. */
size_t charter_quorum(const struct charter *charter);
/* The operator's key with this id; NULL: none of these. */
const uint8_t *charter_operator(const struct charter *charter,
    ProtobufCBinaryData key_id);
/*
 * May this change follow? Checks F, generation, the change before, who signed,
 * and what is left: never fewer operators than sign a command. Then *charter
 * becomes what it is afterwards. head (NULL: not looked at) is that of the
 * enrolment key's chain, which a region change takes on. SK_STATEMENT_WRONG,
 * SK_STATEMENT_ORDER, SK_SIGNATURE_WRONG, SK_OPERATOR_UNKNOWN,
 * SK_SECOND_OPERATOR; then neither is touched.
 */
enum sk_error charter_apply(struct charter *charter,
    struct statement_head *head, const Sk__Statement *statement,
    struct fault *fault);
/* The same without looking at who signed: what an entry says took effect. */
void charter_evolve(struct charter *charter,
    const struct charter_change *change, const uint8_t digest[DIGEST_SIZE]);

#endif
