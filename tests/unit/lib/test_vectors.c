/*
 * The C code against tests/vectors, which another implementation wrote from
 * PROTOCOL.md. It stands here and not beside proto's own tests because it
 * reads JSON. Run from the top of the tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>
#include <sodium.h>

#include "proto/chain.h"
#include "proto/charter.h"
#include "proto/command.h"
#include "proto/ids.h"
#include "proto/leaf.h"
#include "proto/seal.h"
#include "proto/statement.h"
#include "proto/wire.h"
#include "proto/words.h"

#define FIELD_MAX 66000
#define FIELDS 24

/* Bytes from hex; they last until the next load(). */
static uint8_t fields[FIELDS][FIELD_MAX];
static size_t fields_used;

static json_t *
load(const char *name)
{
	char path[64];
	json_error_t error;
	json_t *root;

	snprintf(path, sizeof(path), "tests/vectors/%s.json", name);
	root = json_load_file(path, 0, &error);
	if (root == NULL)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return root;
}

static json_t *
member_of(const json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	if (value == NULL)
		fail_msg("no \"%s\"", name);
	return value;
}

static struct span
from_hex(const json_t *value)
{
	const char *text = json_string_value(value);
	uint8_t *out = fields[fields_used++ % FIELDS];
	size_t size;

	assert_non_null(text);
	assert_int_equal(sodium_hex2bin(out, FIELD_MAX, text, strlen(text),
	    NULL, &size, NULL), 0);
	return (struct span){ out, size };
}

static struct span
bytes_of(const json_t *object, const char *name)
{
	return from_hex(member_of(object, name));
}

/* size bytes, no more and no fewer. */
static const uint8_t *
fixed_of(const json_t *object, const char *name, size_t size)
{
	struct span span = bytes_of(object, name);

	assert_int_equal(span.size, size);
	return span.bytes;
}

static const uint8_t *
digest_of(const json_t *object, const char *name)
{
	return fixed_of(object, name, DIGEST_SIZE);
}

static uint64_t
number_of(const json_t *object, const char *name)
{
	return (uint64_t)json_integer_value(member_of(object, name));
}

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(member_of(object, name));
}

static void
assert_digest(const uint8_t got[DIGEST_SIZE], const json_t *object,
    const char *name)
{
	if (memcmp(got, digest_of(object, name), DIGEST_SIZE) != 0)
		fail_msg("\"%s\" differs", name);
}

/* for every object of a list that is not empty */
#define each(root, list, i, v) \
	assert_true(json_array_size(member_of((root), (list))) > 0); \
	json_array_foreach(member_of((root), (list)), i, v)

static void
check_tree(const json_t *tree)
{
	uint8_t e[SUBMIT_ENVELOPES_MAX][DIGEST_SIZE];
	uint8_t path[TREE_PATH_MAX][DIGEST_SIZE];
	uint8_t root[DIGEST_SIZE], climbed[DIGEST_SIZE];
	json_t *paths = member_of(tree, "paths"), *want, *step;
	size_t n = json_array_size(member_of(tree, "e")), size, i, k;

	for (i = 0; i < n; i++)
		memcpy(e[i], from_hex(json_array_get(member_of(tree, "e"),
		    i)).bytes, DIGEST_SIZE);
	digest_tree_root(root, e, n);
	assert_digest(root, tree, "root");
	assert_int_equal(json_array_size(paths), n);
	json_array_foreach(paths, i, want) {
		digest_tree_path(e, n, i, path, &size);
		assert_int_equal(size, json_array_size(want));
		json_array_foreach(want, k, step)
			assert_memory_equal(path[k], from_hex(step).bytes,
			    DIGEST_SIZE);
		assert_int_equal(digest_tree_climb(climbed, e[i], n, i, path,
		    size), SK_OK);
		assert_memory_equal(climbed, root, DIGEST_SIZE);
	}
}

static void
test_digests_and_trees_agree(void **state)
{
	json_t *root = load("digest"), *v;
	uint8_t out[DIGEST_SIZE];
	struct span leaf;
	size_t i;

	(void)state;
	each(root, "key_id", i, v) {
		digest_key_id(out, digest_of(v, "key"));
		assert_digest(out, v, "key_id");
	}
	each(root, "leaf_hash", i, v) {
		leaf = bytes_of(v, "leaf");
		digest_leaf(out, leaf.bytes, leaf.size);
		assert_digest(out, v, "hash");
	}
	each(root, "trees", i, v)
		check_tree(v);
	json_decref(root);
}

static void
check_envelope(const json_t *v)
{
	struct span header = bytes_of(v, "header"), facts = bytes_of(v, "facts");
	struct span sealed = bytes_of(v, "sealed");
	uint8_t hd[DIGEST_SIZE], fc[DIGEST_SIZE], sd[DIGEST_SIZE];
	uint8_t e[DIGEST_SIZE];

	chain_envelope(header.bytes, header.size,
	    fixed_of(v, "nonce", NONCE_SIZE), facts.bytes, facts.size,
	    sealed.bytes, sealed.size, hd, fc, sd, e);
	assert_digest(hd, v, "header_digest");
	assert_digest(fc, v, "commitment");
	assert_digest(sd, v, "sealed_digest");
	assert_digest(e, v, "e");
}

static void
test_commitments_and_envelopes_agree(void **state)
{
	json_t *root = load("chain"), *v;
	uint8_t out[DIGEST_SIZE];
	const uint8_t *nonce;
	struct span facts;
	size_t i;

	(void)state;
	each(root, "commitment", i, v) {
		nonce = fixed_of(v, "nonce", NONCE_SIZE);
		facts = bytes_of(v, "facts");
		chain_commitment(out, nonce, facts.bytes, facts.size);
		assert_digest(out, v, "commitment");
		chain_closed_commitment(out, nonce, facts.bytes, facts.size);
		assert_digest(out, v, "closed_commitment");
	}
	each(root, "envelope", i, v)
		check_envelope(v);
	json_decref(root);
}

static void
test_links_and_their_signatures_agree(void **state)
{
	json_t *root = load("chain"), *v;
	uint8_t out[DIGEST_SIZE], signature[SIGNATURE_SIZE];
	size_t i;

	(void)state;
	each(root, "link0", i, v) {
		chain_first_link(out, digest_of(v, "founding"),
		    number_of(v, "participant"));
		assert_digest(out, v, "link");
	}
	each(root, "link", i, v) {
		chain_next_link(out, digest_of(v, "previous"),
		    number_of(v, "first_number"), number_of(v, "count"),
		    digest_of(v, "root"));
		assert_digest(out, v, "link");
	}
	each(root, "submit", i, v) {
		assert_int_equal(chain_sign(signature, text_of(v, "origin"),
		    number_of(v, "participant"), digest_of(v, "public_key"),
		    fixed_of(v, "secret_key", 64), digest_of(v, "link")),
		    SK_OK);
		assert_memory_equal(signature, fixed_of(v, "signature", 64),
		    64);
	}
	json_decref(root);
}

static void
set(ProtobufCBinaryData *data, protobuf_c_boolean *has, struct span span)
{
	*data = (ProtobufCBinaryData){ span.size,
	    (uint8_t *)(uintptr_t)span.bytes };
	*has = 1;
}

static enum sk_error
check_provenance(const json_t *v, struct fault *fault)
{
	Sk__Envelope envelope = SK__ENVELOPE__INIT;
	Sk__Provenance p = SK__PROVENANCE__INIT;
	ProtobufCBinaryData path[TREE_PATH_MAX];
	json_t *inner = member_of(v, "envelope");
	protobuf_c_boolean has;

	set(&envelope.header, &envelope.has_header, bytes_of(inner, "header"));
	set(&envelope.nonce, &envelope.has_nonce, bytes_of(inner, "nonce"));
	set(&envelope.facts, &envelope.has_facts, bytes_of(inner, "facts"));
	set(&envelope.sealed, &envelope.has_sealed, bytes_of(inner, "sealed"));
	p.has_sender = p.has_number = p.has_first_number = p.has_count = 1;
	p.sender = number_of(v, "sender");
	p.number = number_of(v, "number");
	p.origin = (char *)(uintptr_t)text_of(v, "origin");
	p.first_number = number_of(v, "first_number");
	p.count = number_of(v, "count");
	p.n_path = json_array_size(member_of(v, "path"));
	p.path = path;
	for (size_t i = 0; i < p.n_path; i++)
		set(&path[i], &has,
		    from_hex(json_array_get(member_of(v, "path"), i)));
	set(&p.previous_link, &p.has_previous_link,
	    bytes_of(v, "previous_link"));
	set(&p.key_id, &p.has_key_id, bytes_of(v, "key_id"));
	set(&p.signature, &p.has_signature, bytes_of(v, "signature"));
	return chain_check_provenance(&p, &envelope, digest_of(v, "public_key"),
	    fault);
}

static void
test_provenance_of_another_implementation_passes(void **state)
{
	json_t *root = load("chain"), *v;
	struct fault fault;
	size_t i;

	(void)state;
	each(root, "provenance", i, v)
		if (check_provenance(v, &fault) != SK_OK)
			fail_msg("%zu: %s: %s", i, fault.field,
			    error_text(fault.code));
	json_decref(root);
}

static enum sk_error
open_vector(const json_t *root, size_t index, const json_t *v, uint8_t *plain,
    size_t *plain_size)
{
	json_t *keys = member_of(root, "keys");
	json_t *mine = json_array_get(keys, index);
	struct span sealed = bytes_of(v, "sealed");
	struct seal_key key;

	memcpy(key.public_key, digest_of(mine, "public_key"), 32);
	memcpy(key.secret_key, digest_of(mine, "secret_key"), 32);
	return seal_open(&key, index, json_array_size(keys),
	    digest_of(root, "header_digest"), digest_of(root, "commitment"),
	    sealed.bytes, sealed.size, plain, plain_size);
}

static void
test_sealed_text_opens_and_broken_seals_do_not(void **state)
{
	static uint8_t plain[SEALED_BYTES_MAX];
	json_t *root = load("seal"), *v;
	struct span want;
	size_t i, size;

	(void)state;
	each(root, "good", i, v) {
		for (size_t index = 0; index < 3; index++) {
			assert_int_equal(open_vector(root, index, v, plain,
			    &size), SK_OK);
			want = bytes_of(v, "plain");
			assert_int_equal(size, want.size);
			assert_memory_equal(plain, want.bytes, size);
		}
		assert_int_equal(seal_size(size, 3),
		    bytes_of(v, "sealed").size);
	}
	each(root, "bad", i, v)
		if (open_vector(root, 0, v, plain, &size) != SK_SEAL_BROKEN)
			fail_msg("opened: %s", text_of(v, "why"));
	json_decref(root);
}

static void
fill_envelope(struct leaf *leaf, const json_t *v)
{
	leaf->sender = number_of(v, "sender");
	leaf->number = number_of(v, "number");
	memcpy(leaf->key_id, digest_of(v, "key_id"), DIGEST_SIZE);
	leaf->header_whole = json_object_get(v, "header") != NULL;
	if (leaf->header_whole)
		leaf->header = bytes_of(v, "header");
	else
		memcpy(leaf->header_digest, digest_of(v, "header_digest"),
		    DIGEST_SIZE);
	memcpy(leaf->commitment, digest_of(v, "commitment"), DIGEST_SIZE);
	memcpy(leaf->sealed_digest, digest_of(v, "sealed_digest"),
	    DIGEST_SIZE);
	leaf->closes_submit = json_object_get(v, "signature") != NULL;
	if (!leaf->closes_submit)
		return;
	leaf->first_number = number_of(v, "first_number");
	leaf->count = number_of(v, "count");
	memcpy(leaf->link, digest_of(v, "link"), DIGEST_SIZE);
	memcpy(leaf->signature, fixed_of(v, "signature", 64), 64);
}

static struct leaf
leaf_of(const json_t *v)
{
	struct leaf leaf = {
		.format = LEAF_FORMAT,
		.kind = (Sk__EventKind)number_of(v, "kind"),
		.instant = (int64_t)number_of(v, "instant"),
		.epoch = number_of(v, "epoch"),
		.outcome = bytes_of(v, "outcome"),
		.effects = bytes_of(v, "effects"),
		.rules_version = number_of(v, "rules_version"),
		.policy_version = number_of(v, "policy_version"),
	};
	json_t *pair;
	size_t i;

	memcpy(leaf.closed_commitment, digest_of(v, "closed_commitment"),
	    DIGEST_SIZE);
	if (leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT)
		fill_envelope(&leaf, v);
	else
		leaf.body = bytes_of(v, "body");
	json_array_foreach(member_of(v, "cases"), i, pair) {
		leaf.touched[i].number = (uint64_t)json_integer_value(
		    json_array_get(pair, 0));
		leaf.touched[i].previous = (uint64_t)json_integer_value(
		    json_array_get(pair, 1));
		leaf.cases++;
	}
	return leaf;
}

static void
test_leaves_and_their_hashes_agree(void **state)
{
	static uint8_t bytes[LEAF_BYTES_MAX];
	json_t *root = load("leaf"), *v;
	uint8_t hash[DIGEST_SIZE];
	struct leaf leaf, back;
	struct span want;
	size_t i, size;

	(void)state;
	each(root, "leaves", i, v) {
		leaf = leaf_of(v);
		assert_int_equal(leaf_encode(&leaf, bytes, &size), SK_OK);
		want = bytes_of(v, "bytes");
		if (size != want.size || memcmp(bytes, want.bytes, size) != 0)
			fail_msg("%s: other bytes", text_of(v, "why"));
		digest_leaf(hash, bytes, size);
		assert_digest(hash, v, "hash");
		assert_int_equal(leaf_decode(want.bytes, want.size, &back),
		    SK_OK);
	}
	json_decref(root);
}

static struct participant_keys
keys_of(const json_t *object)
{
	json_t *v = member_of(object, "keys");
	struct participant_keys keys;

	memcpy(keys.link, digest_of(v, "link"), 32);
	memcpy(keys.sign, digest_of(v, "sign"), 32);
	memcpy(keys.seal, digest_of(v, "seal"), 32);
	return keys;
}

static void
check_statement(const json_t *root, const json_t *v)
{
	struct statement s;
	uint8_t body[STATEMENT_BYTES_MAX], digest[DIGEST_SIZE];
	struct participant_keys keys = keys_of(v);
	struct span want = bytes_of(v, "body");
	json_t *code;
	size_t i, size;

	assert_int_equal(statement_decode(want.bytes, want.size, &s, NULL),
	    SK_OK);
	assert_int_equal(s.type, number_of(v, "type"));
	assert_memory_equal(s.founding, digest_of(root, "founding"), 32);
	assert_true(s.serial == number_of(v, "serial"));
	assert_memory_equal(s.previous, digest_of(v, "previous"), 32);
	assert_true(s.participant == number_of(v, "participant"));
	assert_int_equal(s.role, number_of(v, "role"));
	assert_string_equal(s.name, text_of(v, "name"));
	assert_string_equal(s.code, text_of(v, "code"));
	json_array_foreach(member_of(v, "area"), i, code)
		assert_int_equal(s.area[i], json_integer_value(code));
	assert_int_equal(s.areas, json_array_size(member_of(v, "area")));
	assert_true(s.valid_from == (int32_t)number_of(v, "valid_from"));
	assert_true(s.valid_to == (int32_t)number_of(v, "valid_to"));
	assert_true(s.generation == number_of(v, "generation"));
	assert_memory_equal(s.replaces, digest_of(v, "replaces"), 32);
	assert_true(s.reason == number_of(v, "reason"));
	assert_memory_equal(&s.keys, &keys, sizeof(keys));
	assert_int_equal(statement_encode(&s, body, &size), SK_OK);
	assert_int_equal(size, want.size);
	assert_memory_equal(body, want.bytes, size);
	statement_digest(digest, body, size);
	assert_digest(digest, v, "digest");
}

static void
test_statements_agree_and_so_does_what_may_follow(void **state)
{
	static const uint8_t zero[32];
	json_t *root = load("statement"), *v;
	struct statement_head head = { 0 };
	struct member member = { 0 }, broker, *of;
	struct fault fault;
	enum sk_error rc;
	struct span body;
	size_t i;

	(void)state;
	member_init_broker(&broker, 1, zero, zero);
	each(root, "statements", i, v) {
		check_statement(root, v);
		body = bytes_of(v, "body");
		of = number_of(v, "participant") == 0 ? &broker : &member;
		rc = statement_apply(body.bytes, body.size,
		    fixed_of(v, "signature", 64), digest_of(root, "founding"),
		    digest_of(root, "enrolment_key"), &head, of, &fault);
		if (rc != (enum sk_error)number_of(v, "error"))
			fail_msg("%zu: %s", i, error_name(rc));
	}
	assert_true(member.revoked);
	assert_int_equal(broker.current.generation, 3);
	assert_int_equal(broker.current.reason, BROKER_STOLEN);
	assert_true(head.serial == 6);
	json_decref(root);
}

static void
assert_words(const uint8_t digest[DIGEST_SIZE], const json_t *v)
{
	char want[WORDS_TEXT_MAX] = "", got[WORDS_TEXT_MAX];
	json_t *index;
	size_t i;

	json_array_foreach(member_of(v, "words"), i, index)
		snprintf(want + strlen(want), sizeof(want) - strlen(want),
		    "%s%s", i == 0 ? "" : " ",
		    words_at((unsigned)json_integer_value(index)));
	assert_int_equal(i, 8);
	words_text(digest, got);
	assert_string_equal(got, want);
}

static void
test_requests_and_their_words_agree(void **state)
{
	json_t *root = load("text"), *v;
	struct enrol_request r, back;
	char text[REQUEST_TEXT_MAX];
	size_t i;

	(void)state;
	each(root, "request", i, v) {
		memset(&r, 0, sizeof(r));
		snprintf(r.name, sizeof(r.name), "%s", text_of(v, "name"));
		snprintf(r.code, sizeof(r.code), "%s", text_of(v, "code"));
		r.role = (Sk__Role)number_of(v, "role");
		r.keys = keys_of(v);
		assert_int_equal(request_encode(&r, fixed_of(v, "sign_secret",
		    64), text), SK_OK);
		assert_string_equal(text, text_of(v, "text"));
		assert_int_equal(request_decode(text, strlen(text), &back,
		    NULL), SK_OK);
		assert_digest(back.digest, v, "digest");
		assert_words(back.digest, v);
	}
	json_decref(root);
}

static void
test_invitations_and_their_words_agree(void **state)
{
	json_t *root = load("text"), *v;
	char text[INVITATION_TEXT_MAX];
	struct invitation in;
	size_t i;

	(void)state;
	each(root, "invitation", i, v) {
		assert_int_equal(invitation_decode(text_of(v, "text"),
		    strlen(text_of(v, "text")), &in, NULL), SK_OK);
		assert_digest(in.founding, v, "founding");
		assert_digest(in.broker_link_key, v, "broker_link_key");
		assert_digest(in.broker_sign_key, v, "broker_sign_key");
		assert_digest(in.enrolment_key, v, "enrolment_key");
		assert_digest(in.request_digest, v, "request_digest");
		assert_string_equal(in.origin, text_of(v, "origin"));
		assert_string_equal(in.address, text_of(v, "address"));
		assert_true(in.participant == number_of(v, "participant"));
		assert_int_equal(in.test, json_is_true(member_of(v, "test")));
		assert_digest(in.digest, v, "digest");
		assert_words(in.digest, v);
		assert_int_equal(invitation_encode(&in, text), SK_OK);
		assert_string_equal(text, text_of(v, "text"));
	}
	json_decref(root);
}

static void
test_commands_agree(void **state)
{
	json_t *root = load("command"), *v;
	uint8_t signature[64];
	struct span command;
	size_t i;

	(void)state;
	each(root, "commands", i, v) {
		command = bytes_of(v, "command");
		assert_int_equal(command_sign(signature, text_of(v, "origin"),
		    digest_of(v, "public_key"), fixed_of(v, "secret_key", 64),
		    number_of(v, "sequence"),
		    (int64_t)number_of(v, "not_after"), command.bytes,
		    command.size), SK_OK);
		assert_memory_equal(signature, fixed_of(v, "signature", 64),
		    64);
	}
	json_decref(root);
}

static void
test_case_numbers_agree(void **state)
{
	json_t *root = load("case"), *v;
	uint64_t journal_number, number;
	char text[CASE_TEXT_MAX];
	size_t i;

	(void)state;
	each(root, "cases", i, v) {
		case_text(number_of(v, "journal_number"),
		    number_of(v, "number"), text);
		assert_string_equal(text, text_of(v, "text"));
		assert_int_equal(case_parse(text, &journal_number, &number),
		    SK_OK);
		assert_true(number == number_of(v, "number"));
	}
	json_decref(root);
}

static struct charter_change
change_of(const json_t *root, const json_t *v)
{
	struct charter_change c = { .type = number_of(v, "type") };
	json_t *key;
	size_t i;

	memcpy(c.founding, digest_of(root, "founding"), 32);
	c.serial = number_of(v, "serial");
	memcpy(c.previous, digest_of(v, "previous"), 32);
	c.generation = number_of(v, "generation");
	memcpy(c.replaces, digest_of(v, "replaces"), 32);
	c.reason = number_of(v, "reason");
	json_array_foreach(member_of(v, "keys"), i, key) {
		if (c.type == CHARTER_REGION)
			memcpy(c.enrolment_key, from_hex(key).bytes, 32);
		else
			memcpy(c.operator_key[c.operators++],
			    from_hex(key).bytes,
			    32);
	}
	return c;
}

/* approvals: room for four. */
static void
fill_approvals(const json_t *v, Sk__Statement *statement,
    Sk__StatementApproval *approvals, Sk__StatementApproval **list,
    uint8_t bytes[][96])
{
	json_t *a;
	size_t i;

	json_array_foreach(member_of(v, "approvals"), i, a) {
		assert_true(i < 4);
		memcpy(bytes[i], digest_of(a, "key_id"), 32);
		memcpy(bytes[i] + 32, fixed_of(a, "signature", 64), 64);
		sk__statement_approval__init(&approvals[i]);
		approvals[i].key_id = (ProtobufCBinaryData){ 32, bytes[i] };
		approvals[i].signature = (ProtobufCBinaryData){ 64,
			bytes[i] + 32 };
		list[i] = &approvals[i];
		statement->n_approvals++;
	}
	statement->approvals = list;
}

static void
check_change(const json_t *root, const json_t *v, struct charter *charter,
    struct statement_head *head)
{
	struct charter_change want = change_of(root, v), got;
	const struct charter before = *charter;
	Sk__Statement statement = SK__STATEMENT__INIT;
	Sk__StatementApproval approvals[4], *list[4];
	uint8_t body[CHARTER_BODY_MAX], signature[64], bytes[4][96];
	struct span signed_by = bytes_of(v, "signature");
	size_t size;

	statement.has_signature = signed_by.size != 0;
	statement.signature = (ProtobufCBinaryData){ signed_by.size,
		signature };
	memcpy(signature, signed_by.bytes, signed_by.size);
	assert_int_equal(charter_encode(&want, body, &size), SK_OK);
	assert_int_equal(size, bytes_of(v, "body").size);
	assert_memory_equal(body, bytes_of(v, "body").bytes, size);
	assert_int_equal(charter_decode(body, size, &got, NULL), SK_OK);
	assert_memory_equal(&got, &want, sizeof(got));
	for (size_t cut = 0; cut < size; cut++)
		assert_int_not_equal(charter_decode(body, cut, &got, NULL),
		    SK_OK);
	statement.body = (ProtobufCBinaryData){ size, body };
	fill_approvals(v, &statement, approvals, list, bytes);
	assert_int_equal(charter_apply(charter, head, &statement, NULL),
	    number_of(v, "error"));
	if (number_of(v, "error") != SK_OK)
		assert_memory_equal(charter, &before, sizeof(before));
	else
		assert_digest(charter->digest, v, "digest");
}

static void
test_changes_of_who_signs_agree_and_so_does_what_may_follow(void **state)
{
	json_t *root = load("charter"), *v;
	struct statement_head head = { 0 };
	struct charter charter;
	size_t i;

	(void)state;
	memset(&charter, 0, sizeof(charter));
	charter.generation = 1;
	memcpy(charter.founding, digest_of(root, "founding"), 32);
	memcpy(charter.enrolment_key, digest_of(root, "enrolment_key"), 32);
	json_array_foreach(member_of(root, "operators"), i, v)
		memcpy(charter.operator_key[charter.operators++],
		    from_hex(v).bytes,
		    32);
	each(root, "statements", i, v)
		check_change(root, v, &charter, &head);
	assert_int_equal(charter.generation, 5);
	assert_int_equal(head.serial, 2);
	json_decref(root);
}

static int
prepare(void **state)
{
	(void)state;
	return sodium_init() < 0 ? -1 : 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digests_and_trees_agree),
		cmocka_unit_test(test_commitments_and_envelopes_agree),
		cmocka_unit_test(test_links_and_their_signatures_agree),
		cmocka_unit_test(test_provenance_of_another_implementation_passes),
		cmocka_unit_test(test_sealed_text_opens_and_broken_seals_do_not),
		cmocka_unit_test(test_leaves_and_their_hashes_agree),
		cmocka_unit_test(test_statements_agree_and_so_does_what_may_follow),
		cmocka_unit_test(
		    test_changes_of_who_signs_agree_and_so_does_what_may_follow),
		cmocka_unit_test(test_requests_and_their_words_agree),
		cmocka_unit_test(test_invitations_and_their_words_agree),
		cmocka_unit_test(test_commands_agree),
		cmocka_unit_test(test_case_numbers_agree),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
