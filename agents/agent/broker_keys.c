#include "agents/agent/broker_keys.h"

#include <limits.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "agents/agent/charters.h"
#include "broker/lib/file.h"
#include "broker/lib/log.h"

#define ROW_SIZE (3 * 8 + 4 * 32)

static const struct span row_key = { "broker-keys", 11 };

static void
keep(struct archive *archive, const struct broker_keys *keys)
{
	uint8_t row[ROW_SIZE];
	struct writer w;

	writer_init(&w, row, sizeof(row));
	write_u64(&w, keys->generation);
	write_u64(&w, keys->reason);
	write_u64(&w, keys->has_former);
	write_raw(&w, keys->link, 32);
	write_raw(&w, keys->sign, 32);
	write_raw(&w, keys->former_link, 32);
	write_raw(&w, keys->former_sign, 32);
	archive_put(archive, TABLE_EVIDENCE, row_key,
	    (struct span){ row, w.size });
}

enum sk_error
broker_keys_load(struct archive *archive, const struct directory_trust *trust,
    struct broker_keys *keys)
{
	struct reader r;
	struct span row;
	enum sk_error rc;

	memset(keys, 0, sizeof(*keys));
	rc = archive_get(archive, TABLE_EVIDENCE, row_key, &row);
	if (rc == SK_NOT_FOUND) {
		keys->generation = 1;
		memcpy(keys->link, trust->broker_link, 32);
		memcpy(keys->sign, trust->broker_sign, 32);
		return SK_OK;
	}
	if (rc != SK_OK)
		return rc;
	reader_init(&r, row.bytes, row.size);
	keys->generation = read_u64(&r);
	keys->reason = read_u64(&r);
	keys->has_former = read_u64(&r) != 0;
	read_into(&r, keys->link, 32);
	read_into(&r, keys->sign, 32);
	read_into(&r, keys->former_link, 32);
	read_into(&r, keys->former_sign, 32);
	return reader_done(&r) ? SK_OK : SK_STORE_CORRUPT;
}

enum sk_error
broker_keys_apply(struct archive *archive, const struct directory_trust *trust,
    const Sk__Statement *statement, struct statement_head *head,
    struct fault *fault)
{
	struct broker_keys keys, next = { 0 };
	struct member member;
	enum sk_error rc;

	if ((rc = broker_keys_load(archive, trust, &keys)) != SK_OK)
		return fault_set(fault, rc, "broker-keys", NULL);
	member_init_broker(&member, keys.generation, keys.link, keys.sign);
	rc = statement_apply(statement->body.data, statement->body.len,
	    statement->signature.data, trust->founding, trust->enrolment_key,
	    head, &member, fault);
	if (rc != SK_OK)
		return rc;
	next.generation = member.current.generation;
	next.reason = member.current.reason;
	memcpy(next.link, member.current.keys.link, 32);
	memcpy(next.sign, member.current.keys.sign, 32);
	next.has_former = next.reason == BROKER_PLANNED;
	if (next.has_former) {
		memcpy(next.former_link, keys.link, 32);
		memcpy(next.former_sign, keys.sign, 32);
	}
	keep(archive, &next);
	log_event(LOG_WARN, "the region names other keys for the broker",
	    "generation=%llu", (unsigned long long)next.generation);
	return SK_OK;
}

/* ---- by hand */

static enum sk_error
read_file(const char *path, uint8_t *body, size_t *size,
    uint8_t signature[64], struct fault *fault)
{
	static char text[STATEMENT_BYTES_MAX * 2 + 256];
	const char *end = NULL;
	size_t length = 0, signed_size = 0;
	enum sk_error rc;

	rc = file_read(path, text, sizeof(text), &length, fault);
	if (rc != SK_OK)
		return rc;
	if (sodium_hex2bin(body, STATEMENT_BYTES_MAX, text, length, NULL, size,
	    &end) != 0 || *end != '\n' || sodium_hex2bin(signature, 64,
	    end + 1, strcspn(end + 1, "\n"), NULL, &signed_size, NULL) != 0 ||
	    signed_size != 64)
		return fault_set(fault, SK_MALFORMED, path,
		    "two lines of hex: statement and signature");
	return SK_OK;
}

/* Its place in the chain is not known here: only who signed it, for which
 * journal, and that it is newer than what stands in the directory. */
static bool
link_by_hand(struct archive *archive, const struct directory_trust *trust,
    uint64_t generation, uint8_t link[32])
{
	static uint8_t body[STATEMENT_BYTES_MAX];
	static struct statement s;
	uint8_t signature[64];
	char path[PATH_MAX];
	static struct charters charters;
	struct fault fault = { 0 };
	size_t size = 0;

	file_path(path, sizeof(path), archive_path(archive),
	    "broker.statement");
	if (access(path, F_OK) != 0)
		return false;
	if (read_file(path, body, &size, signature, &fault) != SK_OK ||
	    statement_decode(body, size, &s, &fault) != SK_OK ||
	    s.type != STATEMENT_BROKER ||
	    memcmp(s.founding, trust->founding, DIGEST_SIZE) != 0 ||
	    charters_load(archive, &charters) != SK_OK ||
	    statement_verify(signature, body, size, charters_newest(&charters,
	    trust)) != SK_OK) {
		log_event(LOG_ERROR, "not a statement about this broker by the "
		    "region", "path=%s hint=%s", path, fault.hint);
		return false;
	}
	memcpy(link, s.keys.link, 32);
	return s.generation > generation;
}

size_t
broker_keys_links(struct archive *archive,
    const struct directory_trust *trust, uint8_t links[BROKER_LINKS_MAX][32])
{
	struct broker_keys keys;
	size_t n = 0;

	if (broker_keys_load(archive, trust, &keys) != SK_OK)
		return 0;
	if (link_by_hand(archive, trust, keys.generation, links[n]))
		n++;
	memcpy(links[n++], keys.link, 32);
	if (keys.has_former)
		memcpy(links[n++], keys.former_link, 32);
	return n;
}
