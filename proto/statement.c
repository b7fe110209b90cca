#include "proto/statement.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "proto/chain.h"
#include "proto/civil.h"
#include "proto/text.h"
#include "proto/wire.h"

#define AREA_CODE_MAX 9999	/* CBS municipality codes have four digits */

static const uint8_t zero[DIGEST_SIZE];

static enum sk_error
wrong(struct fault *fault, const char *field, const char *hint)
{
	if (hint == NULL)
		return fault_set(fault, SK_STATEMENT_WRONG, field, NULL);
	return fault_set(fault, SK_STATEMENT_WRONG, field, "%s", hint);
}

/* OIN, AGB and CORV ids; empty for a unit that has none. */
static bool
code_valid(const char *code)
{
	return code[strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}

/* The broker itself never enrols. */
static bool
role_valid(uint64_t role)
{
	return (role >= SK__ROLE__ACCESS && role <= SK__ROLE__REGION) ||
	    (role >= SK__ROLE__SCHOOL && role <= SK__ROLE__CHILDCARE);
}

static void
write_text(struct writer *w, const char *text)
{
	write_var(w, text, strlen(text));
}

static void
read_text(struct reader *r, char *text, size_t size_max)
{
	size_t size;
	const uint8_t *bytes = read_var(r, &size);

	text[0] = '\0';
	if (bytes == NULL)
		return;
	if (size > size_max || memchr(bytes, '\0', size) != NULL) {
		r->failed = true;
		return;
	}
	memcpy(text, bytes, size);
	text[size] = '\0';
}

static void
write_keys(struct writer *w, const struct participant_keys *keys)
{
	write_raw(w, keys->link, sizeof(keys->link));
	write_raw(w, keys->sign, sizeof(keys->sign));
	write_raw(w, keys->seal, sizeof(keys->seal));
}

static void
read_keys(struct reader *r, struct participant_keys *keys)
{
	read_into(r, keys->link, sizeof(keys->link));
	read_into(r, keys->sign, sizeof(keys->sign));
	read_into(r, keys->seal, sizeof(keys->seal));
}

static int32_t
read_date(struct reader *r)
{
	int64_t date = read_i64(r);

	if (date < CIVIL_DATE_MIN || date > CIVIL_DATE_MAX) {
		r->failed = true;
		return 0;
	}
	return (int32_t)date;
}

/* ---- bodies */

static const struct {
	enum statement_type type;
	const char *label;
} labels[] = {
	{ STATEMENT_ENROL, "schakel/enrol/v1" },
	{ STATEMENT_ROTATE, "schakel/rotate/v1" },
	{ STATEMENT_REVOKE, "schakel/revoke/v1" },
	{ STATEMENT_BROKER, "schakel/broker/v1" },
};
#define LABELS (sizeof(labels) / sizeof(labels[0]))

static const char *
label_of(enum statement_type type)
{
	for (size_t i = 0; i < LABELS; i++)
		if (labels[i].type == type)
			return labels[i].label;
	return NULL;
}

/* 0 for bytes that start with no label of ours. */
static enum statement_type
type_of(const void *body, size_t size)
{
	size_t label_size;

	for (size_t i = 0; i < LABELS; i++) {
		label_size = strlen(labels[i].label) + 1;
		if (size >= label_size &&
		    memcmp(body, labels[i].label, label_size) == 0)
			return labels[i].type;
	}
	return 0;
}

static enum sk_error
check_enrolment(const struct statement *s, struct fault *fault)
{
	if (!role_valid(s->role))
		return wrong(fault, "statement.role", "1 to 9, 11 to 13");
	if (!text_is_name(s->name))
		return wrong(fault, "statement.name",
		    "one line of UTF-8 that steers no screen");
	if (!code_valid(s->code))
		return wrong(fault, "statement.code",
		    "letters, digits, dot, dash, underscore");
	if (s->areas > STATEMENT_AREA_MAX)
		return wrong(fault, "statement.area", "too many");
	for (size_t i = 0; i < s->areas; i++)
		if (s->area[i] == 0 || s->area[i] > AREA_CODE_MAX)
			return wrong(fault, "statement.area",
			    "codes from 1 to 9999");
	if (s->valid_from < CIVIL_DATE_MIN || s->valid_to > CIVIL_DATE_MAX ||
	    s->valid_from > s->valid_to)
		return wrong(fault, "statement.valid_to",
		    "not before valid_from, both within 1900 to 2199");
	return SK_OK;
}

static enum sk_error
check_broker(const struct statement *s, struct fault *fault)
{
	if (s->generation < 2)
		return wrong(fault, "statement.generation", "from 2");
	if (s->reason < BROKER_PLANNED || s->reason > BROKER_STOLEN)
		return wrong(fault, "statement.reason", "1 to 3");
	return SK_OK;
}

/* What no decoder can see from the bytes' shape alone. */
static enum sk_error
check(const struct statement *s, struct fault *fault)
{
	if ((s->participant == 0) != (s->type == STATEMENT_BROKER))
		return wrong(fault, "statement.participant",
		    "from 1, and 0 for the broker");
	if (s->type != STATEMENT_ROTATE && s->serial == 0)
		return wrong(fault, "statement.serial", "from 1");
	switch (s->type) {
	case STATEMENT_ENROL:
		return check_enrolment(s, fault);
	case STATEMENT_ROTATE:
		if (s->generation < 2)
			return wrong(fault, "statement.generation", "from 2");
		return SK_OK;
	case STATEMENT_REVOKE:
		if (s->reason < 1 || s->reason > 4)
			return wrong(fault, "statement.reason", "1 to 4");
		return SK_OK;
	case STATEMENT_BROKER:
		return check_broker(s, fault);
	}
	return wrong(fault, "statement", "of no known type");
}

static void
write_serial(struct writer *w, const struct statement *s)
{
	write_u64(w, s->serial);
	write_raw(w, s->previous, DIGEST_SIZE);
	write_u64(w, s->participant);
}

static void
write_enrolment(struct writer *w, const struct statement *s)
{
	write_serial(w, s);
	write_u64(w, (uint64_t)s->role);
	write_text(w, s->name);
	write_text(w, s->code);
	write_u64(w, s->areas);
	for (size_t i = 0; i < s->areas; i++)
		write_u64(w, s->area[i]);
	write_i64(w, s->valid_from);
	write_i64(w, s->valid_to);
	write_keys(w, &s->keys);
}

static void
write_rotation(struct writer *w, const struct statement *s)
{
	write_u64(w, s->participant);
	write_u64(w, s->generation);
	write_raw(w, s->replaces, DIGEST_SIZE);
	write_keys(w, &s->keys);
}

static void
write_revocation(struct writer *w, const struct statement *s)
{
	write_serial(w, s);
	write_u64(w, s->reason);
	write_raw(w, s->replaces, DIGEST_SIZE);
}

static void
write_broker(struct writer *w, const struct statement *s)
{
	write_serial(w, s);
	write_u64(w, s->generation);
	write_u64(w, s->reason);
	write_raw(w, s->keys.link, sizeof(s->keys.link));
	write_raw(w, s->keys.sign, sizeof(s->keys.sign));
}

enum sk_error
statement_encode(const struct statement *s, uint8_t *body, size_t *size)
{
	struct writer w;
	enum sk_error rc;

	*size = 0;
	if ((rc = check(s, NULL)) != SK_OK)
		return rc;
	writer_init(&w, body, STATEMENT_BYTES_MAX);
	write_label(&w, label_of(s->type));
	write_raw(&w, s->founding, DIGEST_SIZE);
	if (s->type == STATEMENT_ENROL)
		write_enrolment(&w, s);
	else if (s->type == STATEMENT_ROTATE)
		write_rotation(&w, s);
	else if (s->type == STATEMENT_BROKER)
		write_broker(&w, s);
	else
		write_revocation(&w, s);
	if (!writer_done(&w))
		return SK_OVERSIZED;
	*size = w.size;
	return SK_OK;
}

static void
read_serial(struct reader *r, struct statement *s)
{
	s->serial = read_u64(r);
	read_into(r, s->previous, DIGEST_SIZE);
	s->participant = read_u64(r);
}

static void
read_areas(struct reader *r, struct statement *s)
{
	uint64_t areas = read_u64(r), code;

	if (areas > STATEMENT_AREA_MAX) {
		r->failed = true;
		return;
	}
	s->areas = (size_t)areas;
	for (size_t i = 0; i < s->areas; i++) {
		code = read_u64(r);
		if (code > AREA_CODE_MAX)
			r->failed = true;
		s->area[i] = (uint32_t)code;
	}
}

static void
read_enrolment(struct reader *r, struct statement *s)
{
	uint64_t role;

	read_serial(r, s);
	role = read_u64(r);
	if (role_valid(role))
		s->role = (Sk__Role)role;
	else
		r->failed = true;
	read_text(r, s->name, STATEMENT_NAME_MAX);
	read_text(r, s->code, STATEMENT_CODE_MAX);
	read_areas(r, s);
	s->valid_from = read_date(r);
	s->valid_to = read_date(r);
	s->generation = 1;
	read_keys(r, &s->keys);
}

static void
read_rotation(struct reader *r, struct statement *s)
{
	s->participant = read_u64(r);
	s->generation = read_u64(r);
	read_into(r, s->replaces, DIGEST_SIZE);
	read_keys(r, &s->keys);
}

static void
read_revocation(struct reader *r, struct statement *s)
{
	read_serial(r, s);
	s->reason = read_u64(r);
	read_into(r, s->replaces, DIGEST_SIZE);
}

static void
read_broker(struct reader *r, struct statement *s)
{
	read_serial(r, s);
	s->generation = read_u64(r);
	s->reason = read_u64(r);
	read_into(r, s->keys.link, sizeof(s->keys.link));
	read_into(r, s->keys.sign, sizeof(s->keys.sign));
}

enum sk_error
statement_decode(const void *body, size_t size, struct statement *s,
    struct fault *fault)
{
	struct reader r;

	memset(s, 0, sizeof(*s));
	if (size > STATEMENT_BYTES_MAX)
		return fault_set(fault, SK_OVERSIZED, "statement",
		    "at most %u bytes", STATEMENT_BYTES_MAX);
	s->type = type_of(body, size);
	if (s->type == 0)
		return wrong(fault, "statement", "of no known type");
	reader_init(&r, body, size);
	read_label(&r, label_of(s->type));
	read_into(&r, s->founding, DIGEST_SIZE);
	if (s->type == STATEMENT_ENROL)
		read_enrolment(&r, s);
	else if (s->type == STATEMENT_ROTATE)
		read_rotation(&r, s);
	else if (s->type == STATEMENT_BROKER)
		read_broker(&r, s);
	else
		read_revocation(&r, s);
	if (!reader_done(&r))
		return wrong(fault, "statement", "not in the form of its type");
	return check(s, fault);
}

void
statement_digest(uint8_t out[DIGEST_SIZE], const void *body, size_t size)
{
	digest_labelled(out, "schakel/statement/v1",
	    &(struct span){ body, size }, 1);
}

enum sk_error
statement_sign(uint8_t signature[64], const void *body, size_t size,
    const uint8_t secret_key[64])
{
	if (crypto_sign_detached(signature, NULL, body, size, secret_key) != 0)
		return SK_CRYPTO;
	return SK_OK;
}

enum sk_error
statement_verify(const uint8_t signature[64], const void *body, size_t size,
    const uint8_t public_key[32])
{
	if (crypto_sign_verify_detached(signature, body, size, public_key) != 0)
		return SK_SIGNATURE_WRONG;
	return SK_OK;
}

/* ---- the chain */

static enum sk_error
check_serial(const struct statement *s, const struct statement_head *head,
    struct fault *fault)
{
	if (s->serial != head->serial + 1)
		return fault_set(fault, SK_STATEMENT_ORDER, "statement.serial",
		    "%llu is next", (unsigned long long)(head->serial + 1));
	if (memcmp(s->previous, head->digest, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_STATEMENT_ORDER,
		    "statement.previous", "not the digest of serial %llu",
		    (unsigned long long)head->serial);
	return SK_OK;
}

static enum sk_error
check_generation(const struct statement *s, const struct member *member,
    struct fault *fault)
{
	if (s->generation != member->current.generation + 1)
		return fault_set(fault, SK_STATEMENT_ORDER,
		    "statement.generation", "%llu is next",
		    (unsigned long long)(member->current.generation + 1));
	return SK_OK;
}

static enum sk_error
check_rotation(const struct statement *s, const struct member *member,
    struct fault *fault)
{
	enum sk_error rc;

	if (member->revoked)
		return wrong(fault, "statement.participant", "revoked");
	if ((rc = check_generation(s, member, fault)) != SK_OK)
		return rc;
	if (memcmp(s->replaces, member->digest, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_STATEMENT_ORDER,
		    "statement.replaces", "not the digest of the present keys");
	return SK_OK;
}

static enum sk_error
check_revocation(const struct statement *s, const struct member *member,
    struct fault *fault)
{
	if (member->revoked)
		return wrong(fault, "statement.participant", "revoked already");
	/* A row from before the enrolment's digest was kept has none: zero
	 * names nothing. */
	if (memcmp(s->replaces, member->digest, DIGEST_SIZE) != 0 &&
	    (memcmp(s->replaces, zero, DIGEST_SIZE) == 0 ||
	    memcmp(s->replaces, member->enrolment, DIGEST_SIZE) != 0))
		return wrong(fault, "statement.replaces",
		    "neither the present keys' statement nor the enrolment");
	return SK_OK;
}

/* Whose statement is it, by signature; and does it name the right member? */
static enum sk_error
check_signer(const struct statement *s, const void *body, size_t size,
    const uint8_t signature[64], const uint8_t enrolment_key[32],
    const struct member *member, struct fault *fault)
{
	const uint8_t *key = enrolment_key;

	if (member->current.type != 0 &&
	    member->current.participant != s->participant)
		return wrong(fault, "statement.participant", "another member");
	if (member->current.type == 0 && s->type != STATEMENT_ENROL)
		return fault_set(fault, SK_STATEMENT_ORDER,
		    "statement.participant", "not enrolled yet");
	if ((member->current.type == STATEMENT_BROKER) !=
	    (s->type == STATEMENT_BROKER))
		return wrong(fault, "statement.participant",
		    "the broker and a participant are not one");
	if (s->type == STATEMENT_ROTATE)
		key = member->current.keys.sign;
	if (statement_verify(signature, body, size, key) != SK_OK)
		return fault_set(fault, SK_SIGNATURE_WRONG,
		    "statement.signature", NULL);
	return SK_OK;
}

static void
evolve_member(struct member *member, const struct statement *s,
    const uint8_t digest[DIGEST_SIZE])
{
	if (s->type == STATEMENT_REVOKE) {
		member->revoked = true;
		return;
	}
	memcpy(member->digest, digest, DIGEST_SIZE);
	if (s->type == STATEMENT_ROTATE || s->type == STATEMENT_BROKER) {
		member->current.keys = s->keys;
		member->current.generation = s->generation;
		member->current.reason = s->reason;
		return;
	}
	member->current = *s;
	memcpy(member->enrolment, digest, DIGEST_SIZE);
	member->revoked = false;
}

enum sk_error
statement_apply(const void *body, size_t size, const uint8_t signature[64],
    const uint8_t founding[DIGEST_SIZE], const uint8_t enrolment_key[32],
    struct statement_head *head, struct member *member, struct fault *fault)
{
	uint8_t digest[DIGEST_SIZE];
	struct statement s;
	enum sk_error rc;

	if ((rc = statement_decode(body, size, &s, fault)) != SK_OK)
		return rc;
	if (memcmp(s.founding, founding, DIGEST_SIZE) != 0)
		return wrong(fault, "statement.founding", "of another journal");
	rc = check_signer(&s, body, size, signature, enrolment_key, member,
	    fault);
	if (rc == SK_OK && s.type != STATEMENT_ROTATE)
		rc = check_serial(&s, head, fault);
	if (rc == SK_OK && s.type == STATEMENT_ROTATE)
		rc = check_rotation(&s, member, fault);
	if (rc == SK_OK && s.type == STATEMENT_REVOKE)
		rc = check_revocation(&s, member, fault);
	if (rc == SK_OK && s.type == STATEMENT_BROKER)
		rc = check_generation(&s, member, fault);
	if (rc != SK_OK)
		return rc;
	statement_digest(digest, body, size);
	evolve_member(member, &s, digest);
	if (s.type != STATEMENT_ROTATE) {
		head->serial = s.serial;
		memcpy(head->digest, digest, DIGEST_SIZE);
	}
	return SK_OK;
}

void
member_init_broker(struct member *member, uint64_t generation,
    const uint8_t link[32], const uint8_t sign[32])
{
	memset(member, 0, sizeof(*member));
	member->current.type = STATEMENT_BROKER;
	member->current.generation = generation;
	memcpy(member->current.keys.link, link, 32);
	memcpy(member->current.keys.sign, sign, 32);
}

bool
member_is_current(const struct member *member, int32_t date)
{
	return member->current.type != 0 && !member->revoked &&
	    date >= member->current.valid_from &&
	    date <= member->current.valid_to;
}

/* ---- text files: base64 between two lines, as it survives a mail */

#define LINE_CHARACTERS 64
#define CONTENT_MAX 640		/* of a request or an invitation, packed */
#define BASE64_MAX (4 * ((CONTENT_MAX + 2) / 3) + 1)

static enum sk_error
armour(const char *what, const uint8_t *content, size_t size, char *text,
    size_t text_max)
{
	char base64[BASE64_MAX];
	size_t at, length;

	sodium_bin2base64(base64, sizeof(base64), content, size,
	    sodium_base64_VARIANT_ORIGINAL);
	length = strlen(base64);
	at = (size_t)snprintf(text, text_max, "-----BEGIN SCHAKEL %s-----\n",
	    what);
	for (size_t i = 0; i < length && at < text_max; i += LINE_CHARACTERS)
		at += (size_t)snprintf(text + at, text_max - at, "%.*s\n",
		    LINE_CHARACTERS, base64 + i);
	if (at < text_max)
		at += (size_t)snprintf(text + at, text_max - at,
		    "-----END SCHAKEL %s-----\n", what);
	return at < text_max ? SK_OK : SK_OVERSIZED;
}

/* What stands before BEGIN and after END is a mail's, not ours. */
static enum sk_error
unarmour(const char *what, const char *text, size_t size, uint8_t *content,
    size_t *content_size, struct fault *fault)
{
	char begin[64], end[64];
	const char *from, *to;

	snprintf(begin, sizeof(begin), "-----BEGIN SCHAKEL %s-----", what);
	snprintf(end, sizeof(end), "-----END SCHAKEL %s-----", what);
	from = memmem(text, size, begin, strlen(begin));
	if (from == NULL)
		return wrong(fault, "text", "no BEGIN line of its kind");
	from += strlen(begin);
	to = memmem(from, size - (size_t)(from - text), end, strlen(end));
	if (to == NULL)
		return wrong(fault, "text", "no END line");
	/* libsodium 1.0.18 reads every byte from 0x80 on as a slash. */
	for (const char *c = from; c < to; c++)
		if ((unsigned char)*c >= 0x80)
			return wrong(fault, "text", "not base64");
	if (sodium_base642bin(content, CONTENT_MAX, from, (size_t)(to - from),
	    " \t\r\n", content_size, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return wrong(fault, "text", "not base64, or too long");
	return SK_OK;
}

static enum sk_error
check_request(const struct enrol_request *request, struct fault *fault)
{
	if (!role_valid(request->role))
		return wrong(fault, "request.role", "1 to 9, 11 to 13");
	if (!text_is_name(request->name))
		return wrong(fault, "request.name",
		    "one line of UTF-8 that steers no screen");
	if (!code_valid(request->code))
		return wrong(fault, "request.code",
		    "letters, digits, dot, dash, underscore");
	return SK_OK;
}

enum sk_error
request_encode(struct enrol_request *request, const uint8_t sign_secret[64],
    char text[REQUEST_TEXT_MAX])
{
	uint8_t content[CONTENT_MAX], signature[64];
	struct writer w;
	enum sk_error rc;

	text[0] = '\0';
	if ((rc = check_request(request, NULL)) != SK_OK)
		return rc;
	writer_init(&w, content, sizeof(content));
	write_label(&w, "schakel/request/v1");
	write_text(&w, request->name);
	write_text(&w, request->code);
	write_u64(&w, request->role);
	write_keys(&w, &request->keys);
	if (!writer_done(&w))
		return SK_OVERSIZED;
	digest_bytes(request->digest, content, w.size);
	if (crypto_sign_detached(signature, NULL, content, w.size,
	    sign_secret) != 0)
		return SK_CRYPTO;
	write_raw(&w, signature, sizeof(signature));
	if (!writer_done(&w))
		return SK_OVERSIZED;
	return armour("REQUEST", content, w.size, text, REQUEST_TEXT_MAX);
}

enum sk_error
request_decode(const char *text, size_t size, struct enrol_request *request,
    struct fault *fault)
{
	uint8_t content[CONTENT_MAX];
	const uint8_t *signature;
	size_t content_size, body_size;
	struct reader r;
	uint64_t role;
	enum sk_error rc;

	memset(request, 0, sizeof(*request));
	rc = unarmour("REQUEST", text, size, content, &content_size, fault);
	if (rc != SK_OK)
		return rc;
	reader_init(&r, content, content_size);
	read_label(&r, "schakel/request/v1");
	read_text(&r, request->name, STATEMENT_NAME_MAX);
	read_text(&r, request->code, STATEMENT_CODE_MAX);
	role = read_u64(&r);
	request->role = role_valid(role) ? (Sk__Role)role : 0;
	read_keys(&r, &request->keys);
	body_size = r.at;
	signature = read_raw(&r, 64);
	if (!reader_done(&r))
		return wrong(fault, "request", "not in its form");
	if ((rc = check_request(request, fault)) != SK_OK)
		return rc;
	/* It proves that the sender holds the key, not who the sender is:
	 * that is what the eight words are for. */
	if (statement_verify(signature, content, body_size,
	    request->keys.sign) != SK_OK)
		return fault_set(fault, SK_SIGNATURE_WRONG,
		    "request.signature", NULL);
	digest_bytes(request->digest, content, body_size);
	return SK_OK;
}

/* <name>/journal/<n> or <name>/test/<n>. */
static bool
origin_valid(const char *origin, bool *test)
{
	size_t name = strspn(origin, "abcdefghijklmnopqrstuvwxyz0123456789.-");
	const char *rest = origin + name;

	if (name == 0)
		return false;
	*test = strncmp(rest, "/test/", 6) == 0;
	if (!*test && strncmp(rest, "/journal/", 9) != 0)
		return false;
	rest += *test ? 6 : 9;
	return rest[0] >= '1' && rest[0] <= '9' &&
	    rest[strspn(rest, "0123456789")] == '\0';
}

static bool
address_valid(const char *address)
{
	if (strncmp(address, "tcp://", 6) != 0 || address[6] == '\0')
		return false;
	for (const char *at = address; *at != '\0'; at++)
		if (*at <= 0x20 || *at >= 0x7f)
			return false;
	return true;
}

static enum sk_error
check_invitation(const struct invitation *i, struct fault *fault)
{
	bool test;

	if (!origin_valid(i->origin, &test))
		return wrong(fault, "invitation.origin",
		    "<name>/journal/<n> or <name>/test/<n>");
	if (test != i->test)
		return wrong(fault, "invitation.test",
		    "the origin says otherwise");
	if (!address_valid(i->address))
		return wrong(fault, "invitation.address", "tcp://host:port");
	if (i->participant == 0)
		return wrong(fault, "invitation.participant", "from 1");
	return SK_OK;
}

enum sk_error
invitation_encode(struct invitation *invitation, char text[INVITATION_TEXT_MAX])
{
	struct invitation *i = invitation;
	uint8_t content[CONTENT_MAX];
	struct writer w;
	enum sk_error rc;

	text[0] = '\0';
	if ((rc = check_invitation(i, NULL)) != SK_OK)
		return rc;
	writer_init(&w, content, sizeof(content));
	write_label(&w, "schakel/invitation/v1");
	write_raw(&w, i->founding, DIGEST_SIZE);
	write_raw(&w, i->broker_link_key, 32);
	write_raw(&w, i->broker_sign_key, 32);
	write_raw(&w, i->enrolment_key, 32);
	write_raw(&w, i->request_digest, DIGEST_SIZE);
	/* The words stand for what is above. What follows they need not:
	 * wrong, it connects to no broker that holds these keys. */
	digest_bytes(i->digest, content, w.size);
	write_text(&w, i->origin);
	write_text(&w, i->address);
	write_u64(&w, i->participant);
	write_u64(&w, i->test ? 1 : 0);
	if (!writer_done(&w))
		return SK_OVERSIZED;
	return armour("INVITATION", content, w.size, text, INVITATION_TEXT_MAX);
}

enum sk_error
invitation_decode(const char *text, size_t size, struct invitation *invitation,
    struct fault *fault)
{
	struct invitation *i = invitation;
	uint8_t content[CONTENT_MAX];
	size_t content_size, covered;
	struct reader r;
	uint64_t test;
	enum sk_error rc;

	memset(i, 0, sizeof(*i));
	rc = unarmour("INVITATION", text, size, content, &content_size, fault);
	if (rc != SK_OK)
		return rc;
	reader_init(&r, content, content_size);
	read_label(&r, "schakel/invitation/v1");
	read_into(&r, i->founding, DIGEST_SIZE);
	read_into(&r, i->broker_link_key, 32);
	read_into(&r, i->broker_sign_key, 32);
	read_into(&r, i->enrolment_key, 32);
	read_into(&r, i->request_digest, DIGEST_SIZE);
	covered = r.at;
	read_text(&r, i->origin, sizeof(i->origin) - 1);
	read_text(&r, i->address, sizeof(i->address) - 1);
	i->participant = read_u64(&r);
	test = read_u64(&r);
	i->test = test == 1;
	if (!reader_done(&r) || test > 1)
		return wrong(fault, "invitation", "not in its form");
	digest_bytes(i->digest, content, covered);
	return check_invitation(i, fault);
}
