#include "agents/agent/directory.h"

#include <string.h>

#include "agents/agent/broker_keys.h"
#include "agents/agent/charters.h"

/* With the approvals of a change of charter. */
#define STATEMENT_PACKED_MAX (STATEMENT_BYTES_MAX + 4096)

static void
key_put(struct archive *archive, const struct known_key *row)
{
	uint8_t id[DIGEST_SIZE], bytes[ROW_BYTES_MAX];

	digest_key_id(id, row->key);
	archive_put(archive, TABLE_KEYS, (struct span){ id, sizeof(id) },
	    (struct span){ bytes, known_key_encode(row, bytes) });
}

static void
vouch(struct archive *archive, const struct member *member)
{
	struct known_key row = { .participant = member->current.participant };

	memcpy(row.statement, member->digest, DIGEST_SIZE);
	row.use = KEY_SIGN;
	memcpy(row.key, member->current.keys.sign, sizeof(row.key));
	key_put(archive, &row);
	row.use = KEY_SEAL;
	memcpy(row.key, member->current.keys.seal, sizeof(row.key));
	key_put(archive, &row);
}

/* Keys that a revocation names: those of one statement, or all that rest on
 * the enrolment when that is what it names. */
struct revoking {
	uint64_t participant;
	const uint8_t *statement;
	bool all;
	struct known_key found;
	bool any;
};

static bool
find_key(void *context, struct span key, struct span value)
{
	struct revoking *revoking = context;
	struct known_key row;

	(void)key;
	if (known_key_decode(value, &row) != SK_OK || row.revoked ||
	    row.participant != revoking->participant)
		return true;
	if (!revoking->all && memcmp(row.statement, revoking->statement,
	    DIGEST_SIZE) != 0)
		return true;
	revoking->found = row;
	revoking->any = true;
	return false;
}

static void
revoke(struct archive *archive, const struct member *member,
    const uint8_t replaces[DIGEST_SIZE])
{
	struct revoking revoking = {
		.participant = member->current.participant,
		.statement = replaces,
		.all = memcmp(replaces, member->enrolment, DIGEST_SIZE) == 0,
	};

	do {
		revoking.any = false;
		/* A visit must not write, so each walk finds one. */
		if (archive_walk(archive, TABLE_KEYS, (struct span){ NULL, 0 },
		    find_key, &revoking) != SK_OK || !revoking.any)
			return;
		revoking.found.revoked = true;
		key_put(archive, &revoking.found);
	} while (revoking.any);
}

static void
member_put(struct archive *archive, const struct member *member)
{
	uint8_t bytes[STATEMENT_BYTES_MAX + ROW_BYTES_MAX];
	uint64_t participant = member->current.participant;

	archive_put(archive, TABLE_MEMBERS, SPAN_U64(participant),
	    (struct span){ bytes, member_encode(member, bytes) });
}

static void
statement_put(struct archive *archive, enum archive_table table,
    struct span key, const Sk__Statement *statement)
{
	uint8_t bytes[STATEMENT_PACKED_MAX];
	Sk__Statement own = *statement;

	/* Decoding has bounded the body, check_form the signature and charter.c
	 * the approvals. */
	own.has_founding_leaf = 0;
	archive_put(archive, table, key, (struct span){ bytes,
	    sk__statement__pack(&own, bytes) });
}

/* Body and signature of the statement held at this index; in place. */
static enum sk_error
held(struct archive *archive, uint64_t index, uint8_t digest[DIGEST_SIZE])
{
	uint8_t memory[STATEMENT_PACKED_MAX + 1024];
	ProtobufCMessage *message;
	struct arena arena;
	struct span value;
	enum sk_error rc;

	rc = archive_get(archive, TABLE_STATEMENTS, SPAN_U64(index), &value);
	if (rc != SK_OK)
		return rc;
	arena_init(&arena, memory, sizeof(memory));
	if (wire_decode(&sk__statement__descriptor, "statement", value.bytes,
	    value.size, STATEMENT_PACKED_MAX, &arena, &message, NULL) != SK_OK)
		return SK_STORE_CORRUPT;
	statement_digest(digest, ((Sk__Statement *)message)->body.data,
	    ((Sk__Statement *)message)->body.len);
	return SK_OK;
}

static enum sk_error
keep_fork(struct archive *archive, const Sk__Statement *statement,
    struct fault *fault)
{
	uint8_t digest[DIGEST_SIZE];

	statement_digest(digest, statement->body.data, statement->body.len);
	statement_put(archive, TABLE_FORKS,
	    (struct span){ digest, sizeof(digest) }, statement);
	return fault_set(fault, SK_CHAIN_FORK, "directory",
	    "two statements in one place, both are kept");
}

/* One that I hold a statement for already. */
static enum sk_error
compare(struct archive *archive, const struct directory_trust *trust,
    uint64_t index, const Sk__Statement *statement, struct fault *fault)
{
	uint8_t mine[DIGEST_SIZE], theirs[DIGEST_SIZE];
	enum sk_error rc;

	if ((rc = held(archive, index, mine)) != SK_OK)
		return fault_set(fault, rc, "directory", NULL);
	statement_digest(theirs, statement->body.data, statement->body.len);
	if (memcmp(mine, theirs, DIGEST_SIZE) == 0)
		return SK_OK;
	if (statement->signature.len == SIGNATURE_SIZE && statement_verify(
	    statement->signature.data, statement->body.data,
	    statement->body.len, trust->enrolment_key) == SK_OK)
		return keep_fork(archive, statement, fault);
	return fault_set(fault, SK_STATEMENT_ORDER, "directory",
	    "another statement than I hold");
}

/* Signed by the enrolment key under a serial that another statement has. */
static bool
is_fork(struct archive *archive, const struct directory_trust *trust,
    const struct statement *s, const Sk__Statement *statement)
{
	const struct statement_head *head = &archive_meta(archive)->head;
	uint8_t digest[DIGEST_SIZE];

	if (s->type == STATEMENT_ROTATE || s->serial > head->serial + 1)
		return false;
	statement_digest(digest, statement->body.data, statement->body.len);
	if (s->serial == head->serial + 1 &&
	    memcmp(s->previous, head->digest, DIGEST_SIZE) == 0)
		return false;
	if (s->serial == head->serial &&
	    memcmp(digest, head->digest, DIGEST_SIZE) == 0)
		return false;
	return memcmp(s->founding, trust->founding, DIGEST_SIZE) == 0 &&
	    statement_verify(statement->signature.data, statement->body.data,
	    statement->body.len, trust->enrolment_key) == SK_OK;
}

static enum sk_error
check_form(const Sk__Statement *statement, struct statement *s,
    struct fault *fault)
{
	if (statement->signature.len != SIGNATURE_SIZE)
		return fault_set(fault, SK_FIELD_INVALID, "statement.signature",
		    "64 bytes");
	return statement_decode(statement->body.data, statement->body.len, s,
	    fault);
}

static enum sk_error
load_member(struct archive *archive, uint64_t participant,
    struct member *member)
{
	enum sk_error rc = directory_member(archive, participant, member);

	if (rc != SK_RECIPIENT_UNKNOWN)
		return rc;
	memset(member, 0, sizeof(*member));
	return SK_OK;
}

static enum sk_error
apply_member(struct archive *archive, const struct directory_trust *trust,
    const struct statement *s, const Sk__Statement *statement,
    struct statement_head *head, struct fault *fault)
{
	struct member member;
	enum sk_error rc;

	if ((rc = load_member(archive, s->participant, &member)) != SK_OK)
		return fault_set(fault, rc, "directory", NULL);
	rc = statement_apply(statement->body.data, statement->body.len,
	    statement->signature.data, trust->founding, trust->enrolment_key,
	    head, &member, fault);
	if (rc != SK_OK)
		return rc;
	if (s->type == STATEMENT_REVOKE)
		revoke(archive, &member, s->replaces);
	else
		vouch(archive, &member);
	member_put(archive, &member);
	return SK_OK;
}

/* Another statement at the end of what is held. */
static enum sk_error
apply_next(struct archive *archive, const struct directory_trust *trust,
    const Sk__Statement *statement, struct statement_head *head,
    struct fault *fault)
{
	struct statement s;
	enum sk_error rc;

	if (charter_is_change(statement->body.data, statement->body.len))
		return charters_enter(archive, trust, statement, head, fault);
	if ((rc = check_form(statement, &s, fault)) != SK_OK)
		return rc;
	return s.type == STATEMENT_BROKER ?
	    broker_keys_apply(archive, trust, statement, head, fault) :
	    apply_member(archive, trust, &s, statement, head, fault);
}

enum sk_error
directory_apply(struct archive *archive, const struct directory_trust *given,
    uint64_t index, const Sk__Statement *statement, struct fault *fault)
{
	static struct charters charters;
	struct meta *meta = archive_meta(archive);
	struct statement_head head = meta->head;
	struct directory_trust trust = *given;
	struct statement s;
	const bool change = charter_is_change(statement->body.data,
	    statement->body.len);
	enum sk_error rc;

	if (!change && (rc = check_form(statement, &s, fault)) != SK_OK)
		return rc;
	if ((rc = charters_load(archive, &charters)) != SK_OK)
		return fault_set(fault, rc, "directory", NULL);
	trust.enrolment_key = charters_key(&charters, given);
	if (index < meta->directory_count)
		return compare(archive, &trust, index, statement, fault);
	if (!change && is_fork(archive, &trust, &s, statement))
		return keep_fork(archive, statement, fault);
	if (index > meta->directory_count)
		return fault_set(fault, SK_STATEMENT_ORDER, "directory",
		    "index %llu is next",
		    (unsigned long long)meta->directory_count);
	rc = apply_next(archive, change ? given : &trust, statement, &head,
	    fault);
	if (rc != SK_OK)
		return rc;
	statement_put(archive, TABLE_STATEMENTS, SPAN_U64(index), statement);
	meta->head = head;
	meta->directory_count++;
	archive_touch(archive);
	return SK_OK;
}

enum sk_error
directory_member(struct archive *archive, uint64_t participant,
    struct member *member)
{
	struct span value;
	enum sk_error rc;

	rc = archive_get(archive, TABLE_MEMBERS, SPAN_U64(participant),
	    &value);
	if (rc != SK_OK)
		return rc == SK_NOT_FOUND ? SK_RECIPIENT_UNKNOWN : rc;
	return member_decode(value, member);
}

Sk__Role
directory_role(struct archive *archive, uint64_t participant)
{
	struct member member;

	if (directory_member(archive, participant, &member) != SK_OK)
		return 0;
	return member.current.role;
}

enum sk_error
directory_sign_key(struct archive *archive, uint64_t participant,
    const uint8_t key_id[DIGEST_SIZE], uint8_t key[32])
{
	struct known_key row;
	struct span value;
	enum sk_error rc;

	if (charters_wait(archive))
		return SK_KEY_NOT_VOUCHED;
	rc = archive_get(archive, TABLE_KEYS,
	    (struct span){ key_id, DIGEST_SIZE }, &value);
	if (rc == SK_OK)
		rc = known_key_decode(value, &row);
	if (rc != SK_OK)
		return rc == SK_NOT_FOUND ? SK_KEY_NOT_VOUCHED : rc;
	if (row.participant != participant || row.use != KEY_SIGN ||
	    row.revoked)
		return SK_KEY_NOT_VOUCHED;
	memcpy(key, row.key, sizeof(row.key));
	return SK_OK;
}

bool
member_serves(const struct member *member, uint32_t municipality)
{
	for (size_t i = 0; i < member->current.areas; i++)
		if (member->current.area[i] == municipality)
			return true;
	return false;
}

struct team_search {
	uint32_t municipality;
	int32_t date;
	uint64_t found;
};

static bool
find_team(void *context, const struct member *member)
{
	struct team_search *search = context;

	if (member->current.role != SK__ROLE__ACCESS ||
	    !member_is_current(member, search->date) ||
	    !member_serves(member, search->municipality))
		return true;
	search->found = member->current.participant;
	return false;
}

uint64_t
directory_access_team(struct archive *archive, uint32_t municipality,
    int32_t date)
{
	struct team_search search = { municipality, date, 0 };

	if (directory_walk(archive, find_team, &search) != SK_OK)
		return 0;
	return search.found;
}

struct members_walking {
	member_visit visit;
	void *context;
	enum sk_error rc;
};

static bool
member_row(void *context, struct span key, struct span value)
{
	struct members_walking *walk = context;
	struct member member;

	(void)key;
	if ((walk->rc = member_decode(value, &member)) != SK_OK)
		return false;
	return walk->visit(walk->context, &member);
}

enum sk_error
directory_walk(struct archive *archive, member_visit visit, void *context)
{
	struct members_walking walk = { visit, context, SK_OK };
	enum sk_error rc;

	rc = archive_walk(archive, TABLE_MEMBERS, (struct span){ NULL, 0 },
	    member_row, &walk);
	return rc == SK_OK ? walk.rc : rc;
}
