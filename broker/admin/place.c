/*
 * place.c - where the chain of statements stands, and the next one in it.
 */
#include "broker/admin/place.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "broker/journal/journal.h"
#include "broker/lib/file.h"
#include "proto/leaf.h"
#include "proto/wire.h"

bool
place_copy_key(uint8_t out[32], ProtobufCBinaryData key)
{
	if (key.len == 32)
		memcpy(out, key.data, 32);
	return key.len == 32;
}

static enum sk_error
read_founding(const Sk__BrokerStatus *status, struct place *place,
    struct fault *fault)
{
	static uint8_t bytes[64 * 1024];
	ProtobufCMessage *message = NULL;
	const Sk__FoundingBody *body;
	struct arena arena;
	struct leaf leaf;

	arena_init(&arena, bytes, sizeof(bytes));
	digest_leaf(place->founding, status->founding_leaf.data,
	    status->founding_leaf.len);
	if (leaf_decode(status->founding_leaf.data, status->founding_leaf.len,
	    &leaf) != SK_OK || wire_decode(&sk__founding_body__descriptor,
	    "founding", leaf.body.bytes, leaf.body.size, LEAF_BYTES_MAX, &arena,
	    &message, fault) != SK_OK)
		return fault_set(fault, SK_MALFORMED, "status.founding_leaf",
		    NULL);
	body = (const Sk__FoundingBody *)message;
	if (body->origin == NULL || !place_copy_key(place->link_key,
	    body->broker_link_key) || !place_copy_key(place->sign_key,
	    body->broker_sign_key) || !place_copy_key(place->enrolment_key,
	    body->enrolment_key))
		return fault_set(fault, SK_MALFORMED, "status.founding_leaf",
		    NULL);
	snprintf(place->origin, sizeof(place->origin), "%s", body->origin);
	place->test = body->test;
	return SK_OK;
}

/* One entry: does the enrolment key's chain go on with it? */
static enum sk_error
follow(struct span bytes, struct statement_head *head)
{
	static uint8_t memory[4 * STATEMENT_BYTES_MAX];
	static struct statement s;
	struct charter_change change;
	ProtobufCMessage *message = NULL;
	const Sk__Statement *statement;
	struct arena arena;
	struct leaf leaf;

	if (leaf_decode(bytes.bytes, bytes.size, &leaf) != SK_OK)
		return SK_STORE_CORRUPT;
	if (leaf.kind != SK__EVENT_KIND__DIRECTORY_EVENT)
		return SK_OK;
	arena_init(&arena, memory, sizeof(memory));
	if (wire_decode(&sk__statement__descriptor, "statement",
	    leaf.body.bytes, leaf.body.size, sizeof(memory), &arena, &message,
	    NULL) != SK_OK)
		return SK_STORE_CORRUPT;
	statement = (const Sk__Statement *)message;
	if (charter_decode(statement->body.data, statement->body.len, &change,
	    NULL) == SK_OK) {
		s.type = change.type == CHARTER_REGION ? STATEMENT_BROKER :
		    STATEMENT_ROTATE;
		s.serial = change.serial;
	} else if (statement_decode(statement->body.data, statement->body.len, &s,
	    NULL) != SK_OK)
		return SK_STORE_CORRUPT;
	if (s.type == STATEMENT_ROTATE)
		return SK_OK;
	head->serial = s.serial;
	statement_digest(head->digest, statement->body.data,
	    statement->body.len);
	return SK_OK;
}

static void
fill_from(const struct journal *journal, struct place *place)
{
	const struct founding *founding = journal_founding(journal);
	const struct broker_key *keys;
	size_t n = journal_broker_keys(journal, &keys);

	memcpy(place->founding, founding->digest, DIGEST_SIZE);
	memcpy(place->origin, founding->origin, sizeof(place->origin));
	place->charter = *journal_charter(journal, journal_size(journal));
	memcpy(place->enrolment_key, place->charter.enrolment_key, 32);
	memcpy(place->link_key, keys[n - 1].link, 32);
	memcpy(place->sign_key, keys[n - 1].sign, 32);
	place->generation = keys[n - 1].generation;
	place->test = founding->test;
}

/* A broker whose key was lost cannot run: its journal is read instead. */
static enum sk_error
find_stopped(const char *path, struct place *place, struct fault *fault)
{
	struct journal *journal = NULL;
	struct span bytes;
	enum sk_error rc = journal_open(path, NULL, true, &journal, fault);

	if (rc != SK_OK)
		return rc;
	fill_from(journal, place);
	for (uint64_t i = 0; rc == SK_OK && i < journal_size(journal); i++) {
		rc = journal_leaf(journal, i, &bytes);
		if (rc == SK_OK)
			rc = follow(bytes, &place->head);
	}
	journal_close(journal);
	return rc == SK_OK ? rc : fault_set(fault, rc, path, NULL);
}

/* What the broker says of who signs now. That it is so, whoever reads the next
 * statement finds out. */
static enum sk_error
read_charter(const Sk__BrokerStatus *status, struct place *place,
    struct fault *fault)
{
	struct charter *c = &place->charter;
	bool good = place_copy_key(c->enrolment_key, status->enrolment_key) &&
	    place_copy_key(c->digest, status->charter_digest) &&
	    status->n_operator_keys <= CHARTER_OPERATORS_MAX;

	memcpy(c->founding, place->founding, DIGEST_SIZE);
	c->test = place->test;
	c->generation = status->charter_generation;
	for (size_t i = 0; good && i < status->n_operator_keys; i++)
		good = place_copy_key(c->operator_key[c->operators++],
		    status->operator_keys[i]);
	memcpy(place->enrolment_key, c->enrolment_key, 32);
	return good ? SK_OK : fault_set(fault, SK_MALFORMED,
	    "status.charter", NULL);
}

enum sk_error
place_find(const struct options *options, struct place *place,
    struct fault *fault)
{
	Sk__ControlAnswer *answer = NULL;
	enum sk_error rc;

	memset(place, 0, sizeof(*place));
	if (options->journal != NULL)
		return find_stopped(options->journal, place, fault);
	if ((rc = ask_status(options, &answer, fault)) != SK_OK)
		return rc;
	place->now = answer->status->now;
	place->head.serial = answer->status->directory_serial;
	if (answer->status->directory_head.len == DIGEST_SIZE)
		memcpy(place->head.digest, answer->status->directory_head.data,
		    DIGEST_SIZE);
	rc = read_founding(answer->status, place, fault);
	if (rc == SK_OK)
		rc = read_charter(answer->status, place, fault);
	place->generation = answer->status->key_generation;
	if (rc == SK_OK && (!place_copy_key(place->link_key,
	    answer->status->link_key) || !place_copy_key(place->sign_key,
	    answer->status->sign_key)))
		rc = fault_set(fault, SK_MALFORMED, "status.link_key", NULL);
	answer_free(answer);
	return rc;
}

enum sk_error
place_enter(const struct options *options, Sk__Statement *statement,
    struct fault *fault)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__Enter enter = SK__ENTER__INIT;
	Sk__ControlAnswer *answer = NULL;
	enum sk_error rc;

	enter.statement = statement;
	command.enter = &enter;
	rc = ask_command(options, &command, &answer, fault);
	if (rc == SK_OK)
		answer_free(answer);
	return rc;
}

enum sk_error
place_send(const struct options *options, const uint8_t *body,
    size_t size, const uint8_t signature[64], struct fault *fault)
{
	Sk__Statement statement = SK__STATEMENT__INIT;

	statement.has_body = statement.has_signature = 1;
	statement.body = (ProtobufCBinaryData){ size,
		(uint8_t *)(uintptr_t)body };
	statement.signature = (ProtobufCBinaryData){ 64,
		(uint8_t *)(uintptr_t)signature };
	return place_enter(options, &statement, fault);
}

enum sk_error
place_sign_bytes(const struct options *options, const struct place *place,
    const uint8_t *body, size_t size, uint8_t signature[64],
    struct fault *fault)
{
	struct sign_key key;
	enum sk_error rc;

	if (options->enrolment_key == NULL)
		return fault_set(fault, SK_USAGE, "--enrolment-key",
		    "the region's enrolment key");
	rc = key_read_sign(options->enrolment_key, &key, fault);
	if (rc == SK_OK && memcmp(key.public_key, place->enrolment_key,
	    32) != 0)
		rc = fault_set(fault, SK_SIGNATURE_WRONG, "--enrolment-key",
		    "another key than signs for the region now");
	else if (rc == SK_OK)
		rc = statement_sign(signature, body, size, key.secret_key);
	sodium_memzero(&key, sizeof(key));
	return rc;
}

enum sk_error
place_sign(const struct options *options, const struct place *place,
    const struct statement *statement, uint8_t *body, size_t *size,
    uint8_t signature[64], struct fault *fault)
{
	enum sk_error rc;

	rc = statement_encode(statement, body, size);
	return rc == SK_OK ? place_sign_bytes(options, place, body, *size,
	    signature, fault) : fault_set(fault, rc, "statement", NULL);
}

enum sk_error
place_sign_and_send(const struct options *options, const struct place *place,
    const struct statement *statement, struct fault *fault)
{
	uint8_t body[STATEMENT_BYTES_MAX], signature[64];
	size_t size = 0;
	enum sk_error rc;

	rc = place_sign(options, place, statement, body, &size, signature,
	    fault);
	return rc == SK_OK ? place_send(options, body, size, signature,
	    fault) : rc;
}

/* Two lines of hex, as `enter` reads them: public, it may travel openly. */
enum sk_error
place_write(const char *path, const uint8_t *body, size_t size,
    const uint8_t signature[64], struct fault *fault)
{
	static char text[2 * STATEMENT_BYTES_MAX + 256];

	sodium_bin2hex(text, sizeof(text), body, size);
	text[2 * size] = '\n';
	sodium_bin2hex(text + 2 * size + 1, 129, signature, 64);
	text[2 * size + 129] = '\n';
	return file_write(path, text, 2 * size + 130, 0644, fault);
}
