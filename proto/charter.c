#include "proto/charter.h"

#include <sodium.h>
#include <string.h>

#include "proto/arena.h"
#include "proto/leaf.h"
#include "proto/wire.h"

static const struct {
	enum charter_type type;
	const char *label;
} labels[] = {
	{ CHARTER_OPERATORS, "schakel/operators/v1" },
	{ CHARTER_REGION, "schakel/region/v1" },
};
#define LABELS (sizeof(labels) / sizeof(labels[0]))

static const char *
label_of(enum charter_type type)
{
	return labels[type == CHARTER_REGION].label;
}

static enum charter_type
type_of(const void *body, size_t size)
{
	for (size_t i = 0; i < LABELS; i++)
		if (size > strlen(labels[i].label) && memcmp(body,
		    labels[i].label, strlen(labels[i].label) + 1) == 0)
			return labels[i].type;
	return 0;
}

bool
charter_is_change(const void *body, size_t size)
{
	return type_of(body, size) != 0;
}

static enum sk_error
wrong(struct fault *fault, const char *field, const char *hint)
{
	return fault_set(fault, SK_STATEMENT_WRONG, field, "%s", hint);
}

static enum sk_error
check(const struct charter_change *c, struct fault *fault)
{
	if (c->generation < 2)
		return wrong(fault, "statement.generation", "from 2");
	if (c->reason < BROKER_PLANNED || c->reason > BROKER_STOLEN)
		return wrong(fault, "statement.reason", "1 to 3");
	if (c->type == CHARTER_REGION)
		return c->serial > 0 ? SK_OK :
		    wrong(fault, "statement.serial", "from 1");
	if (c->operators == 0 || c->operators > CHARTER_OPERATORS_MAX)
		return wrong(fault, "statement.operators", "1 to 16");
	for (size_t i = 0; i < c->operators; i++)
		for (size_t k = 0; k < i; k++)
			if (memcmp(c->operator_key[i], c->operator_key[k],
			    32) == 0)
				return wrong(fault, "statement.operators",
				    "each key once");
	return SK_OK;
}

enum sk_error
charter_encode(const struct charter_change *c, uint8_t body[CHARTER_BODY_MAX],
    size_t *size)
{
	struct writer w;
	enum sk_error rc;

	*size = 0;
	if ((rc = check(c, NULL)) != SK_OK)
		return rc;
	writer_init(&w, body, CHARTER_BODY_MAX);
	write_label(&w, label_of(c->type));
	write_raw(&w, c->founding, DIGEST_SIZE);
	if (c->type == CHARTER_REGION) {
		write_u64(&w, c->serial);
		write_raw(&w, c->previous, DIGEST_SIZE);
	}
	write_u64(&w, c->generation);
	write_raw(&w, c->replaces, DIGEST_SIZE);
	write_u64(&w, c->reason);
	if (c->type == CHARTER_REGION) {
		write_raw(&w, c->enrolment_key, 32);
	} else {
		write_u64(&w, c->operators);
		for (size_t i = 0; i < c->operators; i++)
			write_raw(&w, c->operator_key[i], 32);
	}
	if (!writer_done(&w))
		return SK_OVERSIZED;
	*size = w.size;
	return SK_OK;
}

static void
read_operators(struct reader *r, struct charter_change *c)
{
	uint64_t count = read_u64(r);

	if (count > CHARTER_OPERATORS_MAX) {
		r->failed = true;
		return;
	}
	c->operators = (size_t)count;
	for (size_t i = 0; i < c->operators; i++)
		read_into(r, c->operator_key[i], 32);
}

enum sk_error
charter_decode(const void *body, size_t size, struct charter_change *c,
    struct fault *fault)
{
	struct reader r;

	memset(c, 0, sizeof(*c));
	if ((c->type = type_of(body, size)) == 0)
		return wrong(fault, "statement", "of no known type");
	reader_init(&r, body, size);
	read_label(&r, label_of(c->type));
	read_into(&r, c->founding, DIGEST_SIZE);
	if (c->type == CHARTER_REGION) {
		c->serial = read_u64(&r);
		read_into(&r, c->previous, DIGEST_SIZE);
	}
	c->generation = read_u64(&r);
	read_into(&r, c->replaces, DIGEST_SIZE);
	c->reason = read_u64(&r);
	if (c->type == CHARTER_REGION)
		read_into(&r, c->enrolment_key, 32);
	else
		read_operators(&r, c);
	if (!reader_done(&r))
		return wrong(fault, "statement", "not in the form of its type");
	return check(c, fault);
}

/* ---- where it begins */

enum sk_error
charter_found(struct charter *charter, struct span bytes,
    const uint8_t founding[DIGEST_SIZE])
{
	uint8_t memory[2 * CHARTER_FOUNDING_MAX], hash[DIGEST_SIZE];
	const Sk__FoundingBody *body;
	ProtobufCMessage *message;
	struct arena arena;
	struct leaf leaf;

	memset(charter, 0, sizeof(*charter));
	digest_leaf(hash, bytes.bytes, bytes.size);
	arena_init(&arena, memory, sizeof(memory));
	if (memcmp(hash, founding, DIGEST_SIZE) != 0 ||
	    leaf_decode(bytes.bytes, bytes.size, &leaf) != SK_OK ||
	    leaf.kind != SK__EVENT_KIND__FOUNDING ||
	    wire_decode(&sk__founding_body__descriptor, "founding",
	    leaf.body.bytes, leaf.body.size, CHARTER_FOUNDING_MAX, &arena,
	    &message, NULL) != SK_OK)
		return SK_MALFORMED;
	body = (const Sk__FoundingBody *)message;
	if (body->enrolment_key.len != 32 ||
	    body->n_operator_keys > CHARTER_OPERATORS_MAX)
		return SK_MALFORMED;
	memcpy(charter->founding, founding, DIGEST_SIZE);
	memcpy(charter->enrolment_key, body->enrolment_key.data, 32);
	charter->generation = 1;
	charter->test = body->test;
	charter->operators = body->n_operator_keys;
	for (size_t i = 0; i < charter->operators; i++) {
		if (body->operator_keys[i].len != 32)
			return SK_MALFORMED;
		memcpy(charter->operator_key[i], body->operator_keys[i].data,
		    32);
	}
	return SK_OK;
}

size_t
charter_quorum(const struct charter *charter)
{
	return charter->test ? 1 : 2;
}

const uint8_t *
charter_operator(const struct charter *charter, ProtobufCBinaryData key_id)
{
	uint8_t id[DIGEST_SIZE];

	for (size_t i = 0; i < charter->operators; i++) {
		digest_key_id(id, charter->operator_key[i]);
		if (key_id.len == DIGEST_SIZE &&
		    memcmp(id, key_id.data, DIGEST_SIZE) == 0)
			return charter->operator_key[i];
	}
	return NULL;
}

/* ---- changes */

static enum sk_error
check_operators(const struct charter *charter, const Sk__Statement *statement,
    struct fault *fault)
{
	const uint8_t *seen[CHARTER_OPERATORS_MAX];
	size_t signers = 0;

	if (statement->n_approvals > CHARTER_OPERATORS_MAX)
		return fault_set(fault, SK_SECOND_OPERATOR,
		    "statement.approvals", "at most %d", CHARTER_OPERATORS_MAX);
	for (size_t i = 0; i < statement->n_approvals; i++) {
		const Sk__StatementApproval *a = statement->approvals[i];
		const uint8_t *key = charter_operator(charter, a->key_id);
		bool again = false;

		if (key == NULL)
			return fault_set(fault, SK_OPERATOR_UNKNOWN,
			    "statement.approvals", "a present operator");
		if (a->signature.len != 64 || statement_verify(
		    a->signature.data, statement->body.data,
		    statement->body.len, key) != SK_OK)
			return fault_set(fault, SK_SIGNATURE_WRONG,
			    "statement.approvals", NULL);
		for (size_t k = 0; k < signers; k++)
			again = again || seen[k] == key;
		if (!again)
			seen[signers++] = key;
	}
	return signers >= charter_quorum(charter) ? SK_OK :
	    fault_set(fault, SK_SECOND_OPERATOR, "statement.approvals",
	    "%zu different operators", charter_quorum(charter));
}

static enum sk_error
check_region(const struct charter *charter, const Sk__Statement *statement,
    struct fault *fault)
{
	if (statement->signature.len != 64 || statement_verify(
	    statement->signature.data, statement->body.data,
	    statement->body.len, charter->enrolment_key) != SK_OK)
		return fault_set(fault, SK_SIGNATURE_WRONG,
		    "statement.signature", "the present enrolment key's");
	return SK_OK;
}

/* The enrolment key alone where too few operators are left to sign; they alone
 * where it is lost; else both for it, and they for themselves. */
static enum sk_error
check_signers(const struct charter *charter, const Sk__Statement *statement,
    const struct charter_change *c, struct fault *fault)
{
	const bool lost = c->reason == BROKER_LOST;
	enum sk_error rc = SK_OK;

	if (c->type == CHARTER_OPERATORS && lost && statement->n_approvals == 0)
		return check_region(charter, statement, fault);
	if (c->type == CHARTER_REGION && !lost)
		rc = check_region(charter, statement, fault);
	else if (statement->signature.len != 0)
		return wrong(fault, "statement.signature",
		    "operators sign for this");
	return rc == SK_OK ? check_operators(charter, statement, fault) : rc;
}

static enum sk_error
check_place(const struct charter *charter, const struct statement_head *head,
    const struct charter_change *c, struct fault *fault)
{
	if (memcmp(c->founding, charter->founding, DIGEST_SIZE) != 0)
		return wrong(fault, "statement.founding", "of another journal");
	if (c->generation != charter->generation + 1)
		return fault_set(fault, SK_STATEMENT_ORDER,
		    "statement.generation", "%llu is next",
		    (unsigned long long)(charter->generation + 1));
	if (memcmp(c->replaces, charter->digest, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_STATEMENT_ORDER,
		    "statement.replaces", "not the digest of the change "
		    "before");
	if (c->type == CHARTER_REGION && head != NULL &&
	    (c->serial != head->serial + 1 ||
	    memcmp(c->previous, head->digest, DIGEST_SIZE) != 0))
		return fault_set(fault, SK_STATEMENT_ORDER, "statement.serial",
		    "%llu is next", (unsigned long long)(head->serial + 1));
	if (c->type == CHARTER_OPERATORS &&
	    c->operators < charter_quorum(charter))
		return fault_set(fault, SK_SECOND_OPERATOR,
		    "statement.operators", "%zu sign a command",
		    charter_quorum(charter));
	return SK_OK;
}

void
charter_evolve(struct charter *charter, const struct charter_change *c,
    const uint8_t digest[DIGEST_SIZE])
{
	charter->generation = c->generation;
	memcpy(charter->digest, digest, DIGEST_SIZE);
	if (c->type == CHARTER_REGION) {
		memcpy(charter->enrolment_key, c->enrolment_key, 32);
		return;
	}
	charter->operators = c->operators;
	memcpy(charter->operator_key, c->operator_key,
	    sizeof(charter->operator_key));
}

enum sk_error
charter_apply(struct charter *charter, struct statement_head *head,
    const Sk__Statement *statement, struct fault *fault)
{
	struct charter_change c;
	uint8_t digest[DIGEST_SIZE];
	enum sk_error rc;

	rc = charter_decode(statement->body.data, statement->body.len, &c,
	    fault);
	if (rc != SK_OK ||
	    (rc = check_place(charter, head, &c, fault)) != SK_OK ||
	    (rc = check_signers(charter, statement, &c, fault)) != SK_OK)
		return rc;
	statement_digest(digest, statement->body.data, statement->body.len);
	charter_evolve(charter, &c, digest);
	if (c.type == CHARTER_REGION && head != NULL) {
		head->serial = c.serial;
		memcpy(head->digest, digest, DIGEST_SIZE);
	}
	return SK_OK;
}
