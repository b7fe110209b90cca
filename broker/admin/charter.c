/*
 * charter.c - other operators, or another enrolment key: what those of before
 * sign for.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/admin/place.h"
#include "broker/lib/file.h"
#include "proto/words.h"

struct signed_change {
	uint8_t body[CHARTER_BODY_MAX];
	size_t size;
	uint8_t signature[64];
	bool by_region;			/* signature is there */
	size_t n;
	uint8_t key_id[OPERATORS_MAX][DIGEST_SIZE];
	uint8_t approval[OPERATORS_MAX][64];
};

enum sk_error
charter_reason(const char *text, uint64_t *reason, struct fault *fault)
{
	static const char *const reasons[] = { "planned", "lost", "stolen" };

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (text != NULL && strcmp(text, reasons[i]) == 0) {
			*reason = i + 1;
			return SK_OK;
		}
	}
	return fault_set(fault, SK_USAGE, "--reason",
	    "planned, lost or stolen");
}

static enum sk_error
approve(const struct options *options, struct signed_change *s,
    struct fault *fault)
{
	struct sign_key key;
	enum sk_error rc = SK_OK;

	for (s->n = 0; s->n < options->n_operators && rc == SK_OK; s->n++) {
		rc = key_read_sign(options->operators[s->n], &key, fault);
		if (rc != SK_OK)
			break;
		digest_key_id(s->key_id[s->n], key.public_key);
		rc = statement_sign(s->approval[s->n], s->body, s->size,
		    key.secret_key);
	}
	sodium_memzero(&key, sizeof(key));
	return rc;
}

static enum sk_error
send_change(const struct options *options, struct signed_change *s,
    struct fault *fault)
{
	Sk__Statement statement = SK__STATEMENT__INIT;
	Sk__StatementApproval approvals[OPERATORS_MAX], *list[OPERATORS_MAX];

	statement.has_body = 1;
	statement.body = (ProtobufCBinaryData){ s->size, s->body };
	statement.has_signature = s->by_region;
	statement.signature = (ProtobufCBinaryData){ 64, s->signature };
	for (size_t i = 0; i < s->n; i++) {
		sk__statement_approval__init(&approvals[i]);
		approvals[i].has_key_id = approvals[i].has_signature = 1;
		approvals[i].key_id = (ProtobufCBinaryData){ DIGEST_SIZE,
			s->key_id[i] };
		approvals[i].signature = (ProtobufCBinaryData){ 64,
			s->approval[i] };
		list[i] = &approvals[i];
	}
	statement.n_approvals = s->n;
	statement.approvals = list;
	return place_enter(options, &statement, fault);
}

static void
begin(const struct place *place, enum charter_type type, uint64_t reason,
    struct charter_change *change)
{
	memset(change, 0, sizeof(*change));
	change->type = type;
	memcpy(change->founding, place->founding, DIGEST_SIZE);
	change->generation = place->charter.generation + 1;
	memcpy(change->replaces, place->charter.digest, DIGEST_SIZE);
	change->reason = reason;
}

/* ---- operators */

static bool
find(const struct charter_change *change, const uint8_t key[32], size_t *at)
{
	for (*at = 0; *at < change->operators; (*at)++)
		if (memcmp(change->operator_key[*at], key, 32) == 0)
			return true;
	return false;
}

/* --remove first, so that a full list has room for its successor. */
static enum sk_error
choose(const struct options *options, const struct place *place,
    struct charter_change *change, struct fault *fault)
{
	uint8_t key[32];
	size_t at;
	enum sk_error rc;

	change->operators = place->charter.operators;
	memcpy(change->operator_key, place->charter.operator_key,
	    sizeof(change->operator_key));
	for (size_t i = 0; i < options->n_remove; i++) {
		rc = key_read_public(options->remove[i], key, fault);
		if (rc != SK_OK)
			return rc;
		if (!find(change, key, &at))
			return fault_set(fault, SK_OPERATOR_UNKNOWN,
			    options->remove[i], "no operator now");
		change->operators--;
		memmove(change->operator_key[at], change->operator_key[at + 1],
		    (change->operators - at) * 32);
	}
	for (size_t i = 0; i < options->n_add; i++) {
		rc = key_read_public(options->add[i], key, fault);
		if (rc != SK_OK)
			return rc;
		if (find(change, key, &at))
			return fault_set(fault, SK_STATEMENT_WRONG,
			    options->add[i], "an operator already");
		if (change->operators == CHARTER_OPERATORS_MAX)
			return fault_set(fault, SK_STATEMENT_WRONG, "--add",
			    "at most %d operators", CHARTER_OPERATORS_MAX);
		memcpy(change->operator_key[change->operators++], key, 32);
	}
	return SK_OK;
}

static int
list_operators(const struct options *options)
{
	struct fault fault = { 0 };
	struct place place;
	char hex[65];

	if (place_find(options, &place, &fault) != SK_OK)
		return admin_fail(options, &fault);
	for (size_t i = 0; i < place.charter.operators; i++) {
		sodium_bin2hex(hex, sizeof(hex), place.charter.operator_key[i],
		    32);
		puts(hex);
	}
	return EXIT_SUCCESS;
}

/* Too few are left: the enrolment key names others, and the broker takes that
 * at its start, from beside its keys. */
static enum sk_error
name_others(const struct options *options, const struct place *place,
    struct signed_change *s, struct fault *fault)
{
	enum sk_error rc;

	if (options->out == NULL)
		return fault_set(fault, SK_USAGE, "--out", "where the "
		    "statement goes: next.statement beside the broker's keys");
	rc = place_sign_bytes(options, place, s->body, s->size, s->signature,
	    fault);
	return rc == SK_OK ? place_write(options->out, s->body, s->size,
	    s->signature, fault) : rc;
}

static enum sk_error
change_operators(const struct options *options, struct fault *fault)
{
	struct charter_change change;
	struct signed_change s = { 0 };
	struct place place;
	uint64_t reason;
	enum sk_error rc;

	if ((rc = charter_reason(options->reason, &reason, fault)) != SK_OK ||
	    (rc = place_find(options, &place, fault)) != SK_OK)
		return rc;
	begin(&place, CHARTER_OPERATORS, reason, &change);
	if ((rc = choose(options, &place, &change, fault)) != SK_OK)
		return rc;
	if ((rc = charter_encode(&change, s.body, &s.size)) != SK_OK)
		return fault_set(fault, rc, "operators", NULL);
	if (options->enrolment_key != NULL)
		return name_others(options, &place, &s, fault);
	rc = approve(options, &s, fault);
	return rc == SK_OK ? send_change(options, &s, fault) : rc;
}

int
verb_operators(const struct options *options)
{
	struct fault fault = { 0 };

	if (options->n_add == 0 && options->n_remove == 0)
		return list_operators(options);
	if (change_operators(options, &fault) != SK_OK)
		return admin_fail(options, &fault);
	puts(options->enrolment_key != NULL ?
	    "verklaring getekend / statement signed" :
	    "de beheerders zijn gewijzigd / the operators have changed");
	return EXIT_SUCCESS;
}

/* ---- the enrolment key */

static enum sk_error
read_new(const struct options *options, uint8_t key[32], struct fault *fault)
{
	char words[WORDS_TEXT_MAX];
	uint8_t id[DIGEST_SIZE];
	enum sk_error rc;

	if (options->file == NULL)
		return fault_set(fault, SK_USAGE, "--file",
		    "the public part of the new enrolment key");
	if ((rc = key_read_public(options->file, key, fault)) != SK_OK)
		return rc;
	digest_key_id(id, key);
	words_text(id, words);
	if (options->words == NULL || strcmp(options->words, words) != 0)
		return fault_set(fault, SK_STATEMENT_WRONG, "--words",
		    "this file has: %s", words);
	return SK_OK;
}

static enum sk_error
renew_region(const struct options *options, struct fault *fault)
{
	struct charter_change change;
	struct signed_change s = { 0 };
	struct place place;
	uint8_t key[32];
	uint64_t reason;
	enum sk_error rc;

	if ((rc = charter_reason(options->reason, &reason, fault)) != SK_OK ||
	    (rc = read_new(options, key, fault)) != SK_OK ||
	    (rc = place_find(options, &place, fault)) != SK_OK)
		return rc;
	begin(&place, CHARTER_REGION, reason, &change);
	change.serial = place.head.serial + 1;
	memcpy(change.previous, place.head.digest, DIGEST_SIZE);
	memcpy(change.enrolment_key, key, 32);
	if ((rc = charter_encode(&change, s.body, &s.size)) != SK_OK)
		return fault_set(fault, rc, "region", NULL);
	s.by_region = reason != BROKER_LOST;
	if (s.by_region)
		rc = place_sign_bytes(options, &place, s.body, s.size,
		    s.signature, fault);
	if (rc == SK_OK)
		rc = approve(options, &s, fault);
	return rc == SK_OK ? send_change(options, &s, fault) : rc;
}

int
verb_renew_region(const struct options *options)
{
	struct fault fault = { 0 };

	if (renew_region(options, &fault) != SK_OK)
		return admin_fail(options, &fault);
	puts(strcmp(options->reason, "lost") == 0 ?
	    "de regio heeft een nieuwe sleutel; elke agent wacht tot daar de "
	    "acht woorden zijn vergeleken / the region has a new key; each "
	    "agent waits until its eight words were compared there" :
	    "de regio heeft een nieuwe sleutel / the region has a new key");
	return EXIT_SUCCESS;
}
