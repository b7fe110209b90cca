#include "agents/agent/charters.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "broker/lib/file.h"
#include "broker/lib/log.h"
#include "proto/words.h"

#define ROW_MAX (2 * 8 + sizeof(struct charter) + CHARTERS_MAX * 64)
#define TRUSTED "enrolment.pub"

static const struct span row_key = { "charters", 8 };

static void
keep(struct archive *archive, const struct charters *c)
{
	static uint8_t row[ROW_MAX];
	struct writer w;

	writer_init(&w, row, sizeof(row));
	write_u64(&w, c->n);
	write_u64(&w, c->in_directory);
	write_raw(&w, c->charter.founding, DIGEST_SIZE);
	write_u64(&w, c->charter.test);
	write_u64(&w, c->charter.operators);
	write_raw(&w, c->charter.operator_key, c->charter.operators * 32);
	for (size_t i = 0; i < c->n; i++) {
		write_raw(&w, c->generation[i].digest, DIGEST_SIZE);
		write_raw(&w, c->generation[i].enrolment_key, 32);
	}
	archive_put(archive, TABLE_EVIDENCE, row_key,
	    (struct span){ row, w.size });
}

static void
read_newest(struct charters *c)
{
	c->charter.generation = c->n;
	memcpy(c->charter.digest, c->generation[c->n - 1].digest, DIGEST_SIZE);
	memcpy(c->charter.enrolment_key, c->generation[c->n - 1].enrolment_key,
	    32);
}

enum sk_error
charters_load(struct archive *archive, struct charters *c)
{
	struct reader r;
	struct span row;
	enum sk_error rc;

	memset(c, 0, sizeof(*c));
	rc = archive_get(archive, TABLE_EVIDENCE, row_key, &row);
	if (rc != SK_OK)
		return rc == SK_NOT_FOUND ? SK_OK : rc;
	reader_init(&r, row.bytes, row.size);
	c->n = (size_t)read_u64(&r);
	c->in_directory = read_u64(&r);
	read_into(&r, c->charter.founding, DIGEST_SIZE);
	c->charter.test = read_u64(&r) != 0;
	c->charter.operators = (size_t)read_u64(&r);
	if (c->n == 0 || c->n > CHARTERS_MAX || c->in_directory == 0 ||
	    c->in_directory > c->n ||
	    c->charter.operators > CHARTER_OPERATORS_MAX)
		return SK_STORE_CORRUPT;
	read_into(&r, c->charter.operator_key[0], c->charter.operators * 32);
	for (size_t i = 0; i < c->n; i++) {
		read_into(&r, c->generation[i].digest, DIGEST_SIZE);
		read_into(&r, c->generation[i].enrolment_key, 32);
	}
	if (!reader_done(&r))
		return SK_STORE_CORRUPT;
	read_newest(c);
	return SK_OK;
}

const uint8_t *
charters_key(const struct charters *c, const struct directory_trust *trust)
{
	return c->n == 0 ? trust->enrolment_key :
	    c->generation[c->in_directory - 1].enrolment_key;
}

const uint8_t *
charters_newest(const struct charters *c, const struct directory_trust *trust)
{
	return c->n == 0 ? trust->enrolment_key : c->charter.enrolment_key;
}

bool
charters_wait(struct archive *archive)
{
	static struct charters c;

	return charters_load(archive, &c) != SK_OK || c.in_directory < c.n;
}

/* ---- following */

static enum sk_error
begin(struct charters *c, const struct directory_trust *trust,
    struct span founding_leaf, struct fault *fault)
{
	if (c->n != 0)
		return SK_OK;
	if (charter_found(&c->charter, founding_leaf, trust->founding) != SK_OK)
		return fault_set(fault, SK_MALFORMED, "founding_leaf",
		    "the founding entry of the invitation");
	c->n = 1;
	c->in_directory = 1;
	memcpy(c->generation[0].enrolment_key, c->charter.enrolment_key, 32);
	return SK_OK;
}

/* The old key signed for nothing: people must have said that this is it. */
static bool
is_trusted(const struct archive *archive, const struct directory_trust *trust,
    const uint8_t key[32])
{
	char path[PATH_MAX], text[128];
	uint8_t said[32];
	size_t size = 0, n = 0;
	struct fault fault = { 0 };

	if (memcmp(key, trust->enrolment_key, 32) == 0)
		return true;
	file_path(path, sizeof(path), archive_path(archive), TRUSTED);
	return file_read(path, text, sizeof(text), &size, &fault) == SK_OK &&
	    sodium_hex2bin(said, 32, text, size, "\n", &n, NULL) == 0 &&
	    n == 32 && memcmp(said, key, 32) == 0;
}

static enum sk_error
follow(const struct archive *archive, struct charters *c,
    const struct directory_trust *trust, const Sk__Statement *statement,
    struct fault *fault)
{
	struct charter_change change;
	uint8_t digest[DIGEST_SIZE];
	enum sk_error rc;

	rc = charter_decode(statement->body.data, statement->body.len, &change,
	    fault);
	if (rc != SK_OK)
		return rc;
	if (change.generation <= c->n) {
		statement_digest(digest, statement->body.data,
		    statement->body.len);
		return memcmp(digest, c->generation[change.generation - 1].
		    digest, DIGEST_SIZE) == 0 ? SK_OK : fault_set(fault,
		    SK_CHAIN_FORK, "statement.generation",
		    "another change than the one that is known");
	}
	if (c->n == CHARTERS_MAX)
		return fault_set(fault, SK_STATEMENT_WRONG,
		    "statement.generation", "at most %u", CHARTERS_MAX);
	rc = charter_apply(&c->charter, NULL, statement, fault);
	if (rc != SK_OK)
		return rc;
	if (change.type == CHARTER_REGION && change.reason == BROKER_LOST &&
	    !is_trusted(archive, trust, change.enrolment_key))
		return fault_set(fault, SK_KEY_NOT_VOUCHED,
		    "statement.enrolment_key", "the region says that its old "
		    "one was lost: schakel-agent trust-region");
	memcpy(c->generation[c->n].digest, c->charter.digest, DIGEST_SIZE);
	memcpy(c->generation[c->n].enrolment_key, c->charter.enrolment_key, 32);
	c->n++;
	log_event(LOG_WARN, change.type == CHARTER_REGION ?
	    "the region has another enrolment key" :
	    "the region has other operators", "generation=%llu",
	    (unsigned long long)change.generation);
	return SK_OK;
}

/* The key of the invitation was compared by telephone. */
static bool
leads_to_mine(const struct charters *c, const struct directory_trust *trust)
{
	for (size_t i = 0; i < c->n; i++)
		if (memcmp(c->generation[i].enrolment_key,
		    trust->enrolment_key, 32) == 0)
			return true;
	return c->n == 0;
}

enum sk_error
charters_follow(struct archive *archive, const struct directory_trust *trust,
    struct span founding_leaf, Sk__Statement *const *statements, size_t n,
    struct fault *fault)
{
	static struct charters c;
	size_t known;
	enum sk_error rc;

	if (n == 0)
		return SK_OK;
	if ((rc = charters_load(archive, &c)) != SK_OK)
		return fault_set(fault, rc, "charters", NULL);
	known = c.n;
	rc = begin(&c, trust, founding_leaf, fault);
	for (size_t i = 0; rc == SK_OK && i < n; i++)
		rc = follow(archive, &c, trust, statements[i], fault);
	if (rc == SK_OK && !leads_to_mine(&c, trust))
		rc = fault_set(fault, SK_STATEMENT_WRONG, "charters",
		    "they do not lead to the enrolment key of the invitation");
	if (rc == SK_OK && c.n > known)
		keep(archive, &c);
	return rc;
}

enum sk_error
charters_enter(struct archive *archive, const struct directory_trust *trust,
    const Sk__Statement *statement, struct statement_head *head,
    struct fault *fault)
{
	static struct charters c;
	struct charter_change change;
	enum sk_error rc;

	if ((rc = charters_load(archive, &c)) != SK_OK)
		return fault_set(fault, rc, "charters", NULL);
	rc = charter_decode(statement->body.data, statement->body.len, &change,
	    fault);
	if (rc == SK_OK)
		rc = begin(&c, trust, (struct span){
		    statement->founding_leaf.data,
		    statement->founding_leaf.len }, fault);
	if (rc != SK_OK)
		return rc;
	if (change.generation != c.in_directory + 1)
		return fault_set(fault, SK_STATEMENT_ORDER,
		    "statement.generation", "%llu is next",
		    (unsigned long long)(c.in_directory + 1));
	if ((rc = follow(archive, &c, trust, statement, fault)) != SK_OK)
		return rc;
	if (change.type == CHARTER_REGION) {
		if (change.serial != head->serial + 1 || memcmp(
		    change.previous, head->digest, DIGEST_SIZE) != 0)
			return fault_set(fault, SK_STATEMENT_ORDER,
			    "statement.serial", "%llu is next",
			    (unsigned long long)(head->serial + 1));
		head->serial = change.serial;
		statement_digest(head->digest, statement->body.data,
		    statement->body.len);
	}
	c.in_directory++;
	keep(archive, &c);
	return SK_OK;
}

/* ---- what people said */

enum sk_error
charters_trust(const char *store, const char *path, const char *words,
    struct fault *fault)
{
	char text[128], spoken[WORDS_TEXT_MAX], to[PATH_MAX];
	uint8_t key[32], id[DIGEST_SIZE];
	size_t size = 0, n = 0;
	enum sk_error rc;

	if ((rc = file_read(path, text, sizeof(text), &size, fault)) != SK_OK)
		return rc;
	if (sodium_hex2bin(key, 32, text, size, "\n", &n, NULL) != 0 || n != 32)
		return fault_set(fault, SK_MALFORMED, path,
		    "a public key as 64 hex digits");
	digest_key_id(id, key);
	words_text(id, spoken);
	if (words == NULL || strcmp(words, spoken) != 0)
		return fault_set(fault, SK_STATEMENT_WRONG, "--words",
		    "this file has: %s", spoken);
	file_path(to, sizeof(to), store, TRUSTED);
	return file_write(to, text, size, 0644, fault);
}
