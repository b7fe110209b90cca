/*
 * renew.c - other keys for the broker: the pair is made beside the broker,
 * named by the region's enrolment key elsewhere, and taken by the broker.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/admin/place.h"
#include "broker/lib/file.h"
#include "broker/lib/link.h"
#include "proto/words.h"

#define PATH_SIZE 4096

/* The words that go over the telephone with next.pub. */
static void
words_of(const uint8_t link[32], const uint8_t sign[32],
    char words[WORDS_TEXT_MAX])
{
	const struct span spans[] = { { link, 32 }, { sign, 32 } };
	uint8_t digest[DIGEST_SIZE];

	digest_labelled(digest, "schakel/broker-keys/v1", spans, 2);
	words_text(digest, words);
}

static enum sk_error
write_public(const char *dir, const uint8_t link[32], const uint8_t sign[32],
    struct fault *fault)
{
	char path[PATH_SIZE], text[132];

	sodium_bin2hex(text, 65, link, 32);
	text[64] = '\n';
	sodium_bin2hex(text + 65, 65, sign, 32);
	text[129] = '\n';
	file_path(path, sizeof(path), dir, "next.pub");
	return file_write(path, text, 130, 0644, fault);
}

/* A new one, or the one in use: then no agent has to be told how to connect. */
static enum sk_error
make_link(const char *dir, bool keep, uint8_t link[32], struct fault *fault)
{
	uint8_t secret[32];
	char path[PATH_SIZE];
	enum sk_error rc;

	file_path(path, sizeof(path), dir, keep ? "link.key" : "link.key.next");
	if (keep) {
		rc = file_read_secret(path, secret, 32, fault);
		if (rc == SK_OK && crypto_scalarmult_base(link, secret) != 0)
			rc = fault_set(fault, SK_CRYPTO, path, NULL);
	} else {
		rc = link_keypair(link, secret);
		if (rc == SK_OK)
			rc = file_write_secret(path, secret, 32, fault);
	}
	sodium_memzero(secret, sizeof(secret));
	return rc;
}

static enum sk_error
make_next(const char *dir, bool keep_link, uint8_t link[32], uint8_t sign[32],
    struct fault *fault)
{
	uint8_t secret[64];
	char path[PATH_SIZE];
	enum sk_error rc = make_link(dir, keep_link, link, fault);

	if (rc != SK_OK)
		return rc;
	crypto_sign_keypair(sign, secret);
	file_path(path, sizeof(path), dir, "sign.key.next");
	rc = file_write_secret(path, secret, 64, fault);
	sodium_memzero(secret, sizeof(secret));
	return rc == SK_OK ? write_public(dir, link, sign, fault) : rc;
}

int
verb_broker_keys(const struct options *options)
{
	uint8_t link[32], sign[32];
	char words[WORDS_TEXT_MAX];
	struct fault fault = { 0 };
	bool sign_only = options->n_rest == 1 &&
	    strcmp(options->rest[0], "sign") == 0;
	enum sk_error rc;

	if (options->keys == NULL || options->n_rest > sign_only)
		rc = fault_set(&fault, SK_USAGE, "--keys", "the broker's "
		    "directory of keys; then sign, to keep the link key");
	else
		rc = make_next(options->keys, sign_only, link, sign, &fault);
	if (rc != SK_OK)
		return admin_fail(options, &fault);
	words_of(link, sign, words);
	printf("%s/next.pub: geef dit bestand aan de regio / hand this file "
	    "to the region\nlees voor / read out: %s\n", options->keys, words);
	return EXIT_SUCCESS;
}

/* ---- the region's part */

static enum sk_error
read_public(const struct options *options, uint8_t link[32],
    uint8_t sign[32], struct fault *fault)
{
	char text[256], words[WORDS_TEXT_MAX];
	size_t size = 0, n = 0;
	uint8_t both[64];
	enum sk_error rc;

	if (options->file == NULL)
		return fault_set(fault, SK_USAGE, "--file",
		    "next.pub, as the broker's operator made it");
	rc = file_read(options->file, text, sizeof(text), &size, fault);
	if (rc != SK_OK)
		return rc;
	if (sodium_hex2bin(both, sizeof(both), text, size, "\n", &n, NULL) !=
	    0 || n != sizeof(both))
		return fault_set(fault, SK_MALFORMED, options->file,
		    "two lines of hex: link key and signing key");
	memcpy(link, both, 32);
	memcpy(sign, both + 32, 32);
	words_of(link, sign, words);
	if (options->words == NULL || strcmp(options->words, words) != 0)
		return fault_set(fault, SK_STATEMENT_WRONG, "--words",
		    "this file has: %s", words);
	return SK_OK;
}

static enum sk_error
renew(const struct options *options, struct fault *fault)
{
	static struct statement statement;
	uint8_t body[STATEMENT_BYTES_MAX], signature[64];
	struct place place;
	size_t size = 0;
	enum sk_error rc;

	memset(&statement, 0, sizeof(statement));
	if ((rc = charter_reason(options->reason, &statement.reason, fault)) !=
	    SK_OK || (rc = read_public(options, statement.keys.link,
	    statement.keys.sign, fault)) != SK_OK ||
	    (rc = place_find(options, &place, fault)) != SK_OK)
		return rc;
	statement.type = STATEMENT_BROKER;
	memcpy(statement.founding, place.founding, DIGEST_SIZE);
	statement.serial = place.head.serial + 1;
	memcpy(statement.previous, place.head.digest, DIGEST_SIZE);
	statement.generation = place.generation + 1;
	rc = place_sign(options, &place, &statement, body, &size, signature,
	    fault);
	if (rc != SK_OK)
		return rc;
	return options->out != NULL ? place_write(options->out, body, size,
	    signature, fault) : place_send(options, body, size, signature,
	    fault);
}

int
verb_renew_broker(const struct options *options)
{
	struct fault fault = { 0 };

	if (renew(options, &fault) != SK_OK)
		return admin_fail(options, &fault);
	puts(options->out != NULL ?
	    "verklaring getekend / statement signed" :
	    "de makelaar tekent met een nieuwe sleutel; verbinden doet hij er "
	    "mee na een herstart / the broker signs with a new key; it links "
	    "with it after a restart");
	return EXIT_SUCCESS;
}
