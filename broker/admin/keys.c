/*
 * keys.c - keys in files, and the founding of a journal.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/admin/admin.h"
#include "broker/journal/journal.h"
#include "broker/lib/file.h"
#include "broker/lib/link.h"
#include "proto/civil.h"
#include "proto/words.h"

#define PATH_SIZE 4096

enum sk_error
key_read_sign(const char *path, struct sign_key *key, struct fault *fault)
{
	enum sk_error rc = file_read_secret(path, key->secret_key, 64, fault);

	if (rc == SK_OK)
		crypto_sign_ed25519_sk_to_pk(key->public_key, key->secret_key);
	return rc;
}

enum sk_error
key_read_public(const char *path, uint8_t key[32], struct fault *fault)
{
	char text[128];
	size_t size = 0, binary = 0;
	enum sk_error rc;

	rc = file_read(path, text, sizeof(text) - 1, &size, fault);
	if (rc != SK_OK)
		return rc;
	if (sodium_hex2bin(key, 32, text, size, " \n", &binary, NULL) != 0 ||
	    binary != 32)
		return fault_set(fault, SK_FIELD_INVALID, path,
		    "a public key as 64 hex digits");
	return SK_OK;
}

enum sk_error
key_write_public(const char *path, const uint8_t key[32], struct fault *fault)
{
	char text[66];

	sodium_bin2hex(text, sizeof(text), key, 32);
	text[64] = '\n';
	return file_write(path, text, 65, 0644, fault);
}

static enum sk_error
make_sign_key(const char *path, struct sign_key *key, struct fault *fault)
{
	char public_path[PATH_SIZE];
	enum sk_error rc;

	crypto_sign_keypair(key->public_key, key->secret_key);
	rc = file_write_secret(path, key->secret_key, 64, fault);
	if (rc != SK_OK)
		return rc;
	snprintf(public_path, sizeof(public_path), "%s.pub", path);
	return key_write_public(public_path, key->public_key, fault);
}

static int
make_one(const struct options *options)
{
	char words[WORDS_TEXT_MAX];
	uint8_t id[DIGEST_SIZE];
	struct fault fault = { 0 };
	struct sign_key key;
	enum sk_error rc;

	if (options->n_rest != 1)
		rc = fault_set(&fault, SK_USAGE, "FILE", "where the key goes");
	else
		rc = make_sign_key(options->rest[0], &key, &fault);
	if (rc == SK_OK) {
		digest_key_id(id, key.public_key);
		words_text(id, words);
	}
	sodium_memzero(&key, sizeof(key));
	if (rc != SK_OK)
		return admin_fail(options, &fault);
	printf("%s: sleutel gemaakt, geef %s.pub door / key made, hand on "
	    "%s.pub\nlees voor / read out: %s\n", options->rest[0],
	    options->rest[0], options->rest[0], words);
	return EXIT_SUCCESS;
}

int
verb_operator_key(const struct options *options)
{
	return make_one(options);
}

int
verb_enrolment_key(const struct options *options)
{
	return make_one(options);
}

/* ---- found */

static enum sk_error
make_broker_keys(const char *dir, uint8_t link[32], uint8_t sign[32],
    struct fault *fault)
{
	char path[PATH_SIZE];
	uint8_t secret[32];
	struct sign_key key;
	enum sk_error rc;

	if ((rc = file_make_dir(dir, 0700, fault)) != SK_OK)
		return rc;
	file_path(path, sizeof(path), dir, "link.key");
	rc = link_keypair(link, secret);
	if (rc == SK_OK)
		rc = file_write_secret(path, secret, 32, fault);
	sodium_memzero(secret, sizeof(secret));
	if (rc != SK_OK)
		return rc;
	file_path(path, sizeof(path), dir, "sign.key");
	rc = make_sign_key(path, &key, fault);
	memcpy(sign, key.public_key, 32);
	sodium_memzero(&key, sizeof(key));
	return rc;
}

static enum sk_error
founding_instant(const struct options *options, int64_t *instant,
    struct fault *fault)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	*instant = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (options->to == NULL)
		return SK_OK;
	/* A test journal may begin on a day of its own. */
	if (!options->test || !civil_instant_parse(options->to, instant))
		return fault_set(fault, SK_FIELD_INVALID, "--to",
		    "2026-03-31T12:00:00Z, with --test");
	return SK_OK;
}

static enum sk_error
found(const struct options *options, struct fault *fault)
{
	Sk__FoundingBody body = SK__FOUNDING_BODY__INIT;
	uint8_t link[32], sign[32], enrolment[32],
	    operators[OPERATORS_MAX][32];
	ProtobufCBinaryData list[OPERATORS_MAX];
	char origin[96];
	enum sk_error rc;

	if (options->journal == NULL || options->keys == NULL ||
	    options->name == NULL || options->enrolment_pub == NULL ||
	    options->n_operators < (options->test ? 1 : 2))
		return fault_set(fault, SK_USAGE, "found", "--journal, --keys, "
		    "--name, --enrolment-pub and --operator (two on a real "
		    "journal)");
	if (strspn(options->name, "abcdefghijklmnopqrstuvwxyz0123456789.-") !=
	    strlen(options->name) || strlen(options->name) > 63 ||
	    options->name[0] == '\0')
		return fault_set(fault, SK_FIELD_INVALID, "--name",
		    "a-z, 0-9, . and -, at most 63");
	if ((rc = founding_instant(options, &body.instant, fault)) != SK_OK ||
	    (rc = key_read_public(options->enrolment_pub, enrolment, fault)) !=
	    SK_OK)
		return rc;
	for (size_t i = 0; i < options->n_operators; i++) {
		rc = key_read_public(options->operators[i], operators[i], fault);
		if (rc != SK_OK)
			return rc;
		list[i] = (ProtobufCBinaryData){ 32, operators[i] };
	}
	if ((rc = make_broker_keys(options->keys, link, sign, fault)) != SK_OK)
		return rc;
	snprintf(origin, sizeof(origin), "%s/%s/%llu", options->name,
	    options->test ? "test" : "journal",
	    (unsigned long long)options->number);
	body.name = (char *)(uintptr_t)options->name;
	body.origin = origin;
	body.has_number = body.has_test = body.has_instant = 1;
	body.number = options->number;
	body.test = options->test;
	body.has_broker_link_key = body.has_broker_sign_key =
	    body.has_enrolment_key = 1;
	body.broker_link_key = (ProtobufCBinaryData){ 32, link };
	body.broker_sign_key = (ProtobufCBinaryData){ 32, sign };
	body.enrolment_key = (ProtobufCBinaryData){ 32, enrolment };
	body.n_operator_keys = options->n_operators;
	body.operator_keys = list;
	rc = journal_found(options->journal, &body, fault);
	if (rc == SK_OK)
		printf("%s: journaal gesticht / journal founded\n", origin);
	return rc;
}

int
verb_found(const struct options *options)
{
	struct fault fault = { 0 };

	if (found(options, &fault) != SK_OK)
		return admin_fail(options, &fault);
	return EXIT_SUCCESS;
}
