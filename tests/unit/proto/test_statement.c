#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <sodium.h>

#include "proto/civil.h"
#include "proto/statement.h"

struct key_pair {
	uint8_t public_key[32];
	uint8_t secret_key[64];
};

static struct key_pair region, first, second, third, thief;
static const uint8_t founding[DIGEST_SIZE] = { 0xf0 };

static void
make_key(struct key_pair *key, uint8_t n)
{
	uint8_t seed[32] = { n };

	crypto_sign_seed_keypair(key->public_key, key->secret_key, seed);
}

static int
make_keys(void **state)
{
	(void)state;
	if (sodium_init() < 0)
		return -1;
	make_key(&region, 1);
	make_key(&first, 2);
	make_key(&second, 3);
	make_key(&third, 4);
	make_key(&thief, 5);
	return 0;
}

/* ---- a directory of one member */

struct directory {
	struct statement_head head;
	struct member member;
	struct fault fault;
};

static struct statement
enrolment(const struct directory *d)
{
	struct statement s = {
		.type = STATEMENT_ENROL, .participant = 12,
		.role = SK__ROLE__ACCESS, .name = "Wijkteam Zuid\xc3\xa9",
		.code = "00000001234567890000", .areas = 2,
		.area = { 193, 1896 }, .valid_from = 20000, .valid_to = 21000,
		.generation = 1, .serial = d->head.serial + 1,
	};

	memcpy(s.founding, founding, DIGEST_SIZE);
	memcpy(s.previous, d->head.digest, DIGEST_SIZE);
	memset(s.keys.link, 0x11, 32);
	memcpy(s.keys.sign, first.public_key, 32);
	memset(s.keys.seal, 0x22, 32);
	return s;
}

static struct statement
rotation(const struct directory *d, const struct key_pair *next)
{
	struct statement s = {
		.type = STATEMENT_ROTATE, .participant = 12,
		.generation = d->member.current.generation + 1,
	};

	memcpy(s.founding, founding, DIGEST_SIZE);
	memcpy(s.replaces, d->member.digest, DIGEST_SIZE);
	memset(s.keys.link, 0x33, 32);
	memcpy(s.keys.sign, next->public_key, 32);
	memset(s.keys.seal, 0x44, 32);
	return s;
}

static struct statement
revocation(const struct directory *d)
{
	struct statement s = {
		.type = STATEMENT_REVOKE, .participant = 12, .reason = 3,
		.serial = d->head.serial + 1,
	};

	memcpy(s.founding, founding, DIGEST_SIZE);
	memcpy(s.previous, d->head.digest, DIGEST_SIZE);
	memcpy(s.replaces, d->member.digest, DIGEST_SIZE);
	return s;
}

static enum sk_error
apply(struct directory *d, const struct statement *s,
    const struct key_pair *signer)
{
	uint8_t body[STATEMENT_BYTES_MAX], signature[64];
	struct directory before = *d;
	enum sk_error rc;
	size_t size;

	assert_int_equal(statement_encode(s, body, &size), SK_OK);
	assert_int_equal(statement_sign(signature, body, size,
	    signer->secret_key), SK_OK);
	rc = statement_apply(body, size, signature, founding,
	    region.public_key, &d->head, &d->member, &d->fault);
	if (rc != SK_OK) {
		/* A refusal leaves no trace. */
		assert_memory_equal(&before.head, &d->head, sizeof(d->head));
		assert_memory_equal(&before.member, &d->member,
		    sizeof(d->member));
	}
	return rc;
}

static struct directory
enrolled(void)
{
	struct directory d;
	struct statement s;

	memset(&d, 0, sizeof(d));
	s = enrolment(&d);
	assert_int_equal(apply(&d, &s, &region), SK_OK);
	return d;
}

static struct directory
rotated(void)
{
	struct directory d = enrolled();
	struct statement s = rotation(&d, &second);

	assert_int_equal(apply(&d, &s, &first), SK_OK);
	return d;
}

static void
assert_refused(struct directory *d, const struct statement *s,
    const struct key_pair *signer, enum sk_error code, const char *field)
{
	assert_int_equal(apply(d, s, signer), code);
	assert_int_equal(d->fault.code, code);
	assert_string_equal(d->fault.field, field);
}

static void
test_an_enrolment_says_who_is_who(void **state)
{
	struct directory d = enrolled();

	(void)state;
	assert_true(d.head.serial == 1);
	assert_true(d.member.current.participant == 12);
	assert_int_equal(d.member.current.role, SK__ROLE__ACCESS);
	assert_string_equal(d.member.current.name, "Wijkteam Zuid\xc3\xa9");
	assert_string_equal(d.member.current.code, "00000001234567890000");
	assert_int_equal(d.member.current.areas, 2);
	assert_int_equal(d.member.current.area[1], 1896);
	assert_memory_equal(d.member.digest, d.head.digest, DIGEST_SIZE);
	assert_memory_equal(d.member.current.keys.sign, first.public_key, 32);
}

static void
test_a_member_stands_from_its_first_day_to_its_last(void **state)
{
	struct directory d = enrolled(), none;

	(void)state;
	memset(&none, 0, sizeof(none));
	assert_false(member_is_current(&d.member, 19999));
	assert_true(member_is_current(&d.member, 20000));
	assert_true(member_is_current(&d.member, 21000));
	assert_false(member_is_current(&d.member, 21001));
	assert_false(member_is_current(&none.member, 0));
	d.member.revoked = true;
	assert_false(member_is_current(&d.member, 20000));
}

static void
test_only_the_region_enrols(void **state)
{
	struct directory d;
	struct statement s;

	(void)state;
	memset(&d, 0, sizeof(d));
	s = enrolment(&d);
	assert_refused(&d, &s, &first, SK_SIGNATURE_WRONG,
	    "statement.signature");
	s.founding[1] = 1;
	assert_refused(&d, &s, &region, SK_STATEMENT_WRONG,
	    "statement.founding");
}

static void
test_serials_follow_without_a_gap_or_a_fork(void **state)
{
	struct directory d = enrolled();
	struct statement s = enrolment(&d);

	(void)state;
	s.serial = 1;
	assert_refused(&d, &s, &region, SK_STATEMENT_ORDER,
	    "statement.serial");
	s.serial = 3;
	assert_refused(&d, &s, &region, SK_STATEMENT_ORDER,
	    "statement.serial");
	s.serial = 2;
	s.previous[0] ^= 1;
	assert_refused(&d, &s, &region, SK_STATEMENT_ORDER,
	    "statement.previous");
}

static void
test_a_rotation_changes_the_keys_alone(void **state)
{
	struct directory d = rotated();

	(void)state;
	assert_true(d.head.serial == 1);
	assert_true(d.member.current.generation == 2);
	assert_memory_equal(d.member.current.keys.sign, second.public_key, 32);
	assert_memory_not_equal(d.member.digest, d.head.digest, DIGEST_SIZE);
	assert_memory_equal(d.member.enrolment, d.head.digest, DIGEST_SIZE);
	assert_int_equal(d.member.current.type, STATEMENT_ENROL);
	assert_string_equal(d.member.current.code, "00000001234567890000");
}

static void
test_a_rotation_is_signed_by_the_keys_that_it_replaces(void **state)
{
	struct directory d = rotated();
	struct statement s = rotation(&d, &third);

	(void)state;
	assert_refused(&d, &s, &first, SK_SIGNATURE_WRONG,
	    "statement.signature");
	assert_refused(&d, &s, &region, SK_SIGNATURE_WRONG,
	    "statement.signature");
	s.generation = 4;
	assert_refused(&d, &s, &second, SK_STATEMENT_ORDER,
	    "statement.generation");
	s.generation = 3;
	s.replaces[0] ^= 1;
	assert_refused(&d, &s, &second, SK_STATEMENT_ORDER,
	    "statement.replaces");
	s.replaces[0] ^= 1;
	assert_int_equal(apply(&d, &s, &second), SK_OK);
}

static void
test_nothing_is_rotated_or_revoked_before_it_is_enrolled(void **state)
{
	struct directory d;
	struct statement s;

	(void)state;
	memset(&d, 0, sizeof(d));
	s = rotation(&d, &first);
	s.generation = 2;
	assert_refused(&d, &s, &first, SK_STATEMENT_ORDER,
	    "statement.participant");
	s = revocation(&d);
	assert_refused(&d, &s, &region, SK_STATEMENT_ORDER,
	    "statement.participant");
}

static void
test_another_members_statement_is_refused(void **state)
{
	struct directory d = enrolled();
	struct statement s = revocation(&d);

	(void)state;
	s.participant = 13;
	assert_refused(&d, &s, &region, SK_STATEMENT_WRONG,
	    "statement.participant");
}

static void
test_after_a_revocation_no_key_rotates(void **state)
{
	struct directory d = rotated();
	struct statement s = revocation(&d);

	(void)state;
	assert_int_equal(apply(&d, &s, &region), SK_OK);
	assert_true(d.member.revoked);
	assert_true(d.head.serial == 2);
	assert_false(member_is_current(&d.member, 20500));
	s = rotation(&d, &third);
	assert_refused(&d, &s, &second, SK_STATEMENT_WRONG,
	    "statement.participant");
	s = revocation(&d);
	assert_refused(&d, &s, &region, SK_STATEMENT_WRONG,
	    "statement.participant");
}

static void
test_a_thief_cannot_outrun_a_revocation(void **state)
{
	struct directory d = enrolled();
	struct statement revoke = revocation(&d);
	struct statement s = rotation(&d, &thief);

	(void)state;
	/* Signed before, arrived after: it names the enrolment, and holds. */
	assert_int_equal(apply(&d, &s, &first), SK_OK);
	assert_int_equal(apply(&d, &revoke, &region), SK_OK);
	assert_true(d.member.revoked);
}

static void
test_a_revocation_names_keys_that_there_are(void **state)
{
	struct directory d = enrolled();
	struct statement s = revocation(&d);

	(void)state;
	s.replaces[0] ^= 1;
	assert_refused(&d, &s, &region, SK_STATEMENT_WRONG,
	    "statement.replaces");
	/* A row without the enrolment's digest: zero names nothing. */
	memset(d.member.enrolment, 0, DIGEST_SIZE);
	memset(s.replaces, 0, DIGEST_SIZE);
	assert_refused(&d, &s, &region, SK_STATEMENT_WRONG,
	    "statement.replaces");
}

static void
test_the_region_renews_a_member_revoked_or_not(void **state)
{
	struct directory d = rotated();
	struct statement s = enrolment(&d);

	(void)state;
	s.valid_to = 22000;
	assert_int_equal(apply(&d, &s, &region), SK_OK);
	assert_true(d.member.current.generation == 1);
	assert_true(member_is_current(&d.member, 22000));
	s = revocation(&d);
	assert_int_equal(apply(&d, &s, &region), SK_OK);
	s = enrolment(&d);
	assert_int_equal(apply(&d, &s, &region), SK_OK);
	assert_true(member_is_current(&d.member, 20500));
}

/* ---- forms */

static void
test_no_prefix_of_a_statement_is_a_statement(void **state)
{
	struct directory d = rotated();
	struct statement all[] = { enrolment(&d), rotation(&d, &third),
	    revocation(&d) }, back;
	uint8_t body[STATEMENT_BYTES_MAX + 1];
	size_t size;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(statement_encode(&all[i], body, &size),
		    SK_OK);
		assert_int_equal(statement_decode(body, size, &back, NULL),
		    SK_OK);
		assert_int_equal(back.type, all[i].type);
		for (size_t cut = 0; cut < size; cut++)
			assert_int_equal(statement_decode(body, cut, &back,
			    NULL), SK_STATEMENT_WRONG);
		body[size] = 0;
		assert_int_equal(statement_decode(body, size + 1, &back,
		    NULL), SK_STATEMENT_WRONG);
	}
	assert_int_equal(statement_decode(body, sizeof(body), &back, NULL),
	    SK_OVERSIZED);
}

/* clang-format off: the columns are the point */
static void participant_0(struct statement *s) { s->participant = 0; }
static void serial_0(struct statement *s) { s->serial = 0; }
static void role_0(struct statement *s) { s->role = 0; }
static void role_broker(struct statement *s) { s->role = SK__ROLE__BROKER; }
static void name_empty(struct statement *s) { s->name[0] = '\0'; }
static void name_control(struct statement *s) { s->name[0] = '\n'; }
static void name_steers(struct statement *s) { strcpy(s->name, "a\xc2\x9b" "2J"); }
static void name_turns(struct statement *s) { strcpy(s->name, "a\xe2\x80\xae" "b"); }
static void name_not_utf8(struct statement *s) { s->name[0] = '\xc3'; }
static void code_space(struct statement *s) { s->code[0] = ' '; }
static void areas_401(struct statement *s) { s->areas = STATEMENT_AREA_MAX + 1; }
static void area_0(struct statement *s) { s->area[0] = 0; }
static void area_10000(struct statement *s) { s->area[1] = 10000; }
static void ends_before(struct statement *s) { s->valid_to = s->valid_from - 1; }
static void from_1899(struct statement *s) { s->valid_from = CIVIL_DATE_MIN - 1; }
static void to_2200(struct statement *s) { s->valid_to = CIVIL_DATE_MAX + 1; }
/* clang-format on */

static void
test_what_no_enrolment_may_say_is_never_signed(void **state)
{
	static void (*const cases[])(struct statement *s) = {
		participant_0, serial_0, role_0, role_broker, name_empty,
		name_control, name_steers, name_turns, name_not_utf8, code_space, areas_401, area_0,
		area_10000, ends_before, from_1899, to_2200,
	};
	struct directory d;
	struct statement s;
	uint8_t body[STATEMENT_BYTES_MAX];
	size_t size;

	(void)state;
	memset(&d, 0, sizeof(d));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		s = enrolment(&d);
		cases[i](&s);
		assert_int_equal(statement_encode(&s, body, &size),
		    SK_STATEMENT_WRONG);
	}
}

/* Places in the body of enrolment(), field after field as in statement.h. */
static void
test_what_no_enrolment_may_say_is_never_read(void **state)
{
	enum { SERIAL = 17 + 32 + 7, WHO = SERIAL + 32 + 8, ROLE = WHO + 8,
	    NAME = ROLE + 3, CODE = NAME + 15 + 2, AREAS = CODE + 20 + 7,
	    AREA = AREAS + 8, FROM = AREA + 8 - 7 + 8 };
	static const struct { size_t at; uint8_t value; } cases[] = {
		{ SERIAL, 0 }, { WHO, 0 }, { ROLE, 0 }, { ROLE, 10 },
		{ ROLE - 4, 1 }, { NAME, '\0' }, { NAME + 1, '\0' }, { NAME, 0x1f }, { NAME, 0xc3 },
		{ CODE, '/' }, { AREAS - 1, 2 }, { AREAS, 1 },
		{ AREA, 0 }, { AREA - 2, 1 }, { FROM, 0x7f },
	};
	struct directory d;
	struct statement s, back;
	uint8_t body[STATEMENT_BYTES_MAX], was;
	size_t size;

	(void)state;
	memset(&d, 0, sizeof(d));
	s = enrolment(&d);
	assert_int_equal(statement_encode(&s, body, &size), SK_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		was = body[cases[i].at];
		assert_int_not_equal(was, cases[i].value);
		body[cases[i].at] = cases[i].value;
		if (statement_decode(body, size, &back, NULL) !=
		    SK_STATEMENT_WRONG)
			fail_msg("case %zu was taken", i);
		body[cases[i].at] = was;
	}
	assert_int_equal(statement_decode(body, size, &back, NULL), SK_OK);
}

static void
test_a_full_enrolment_fits(void **state)
{
	struct directory d;
	struct statement s, back;
	uint8_t body[STATEMENT_BYTES_MAX];
	size_t size;

	(void)state;
	memset(&d, 0, sizeof(d));
	s = enrolment(&d);
	memset(s.name, 'n', STATEMENT_NAME_MAX);
	memset(s.code, 'c', STATEMENT_CODE_MAX);
	s.areas = STATEMENT_AREA_MAX;
	for (size_t i = 0; i < s.areas; i++)
		s.area[i] = 9999;
	assert_int_equal(statement_encode(&s, body, &size), SK_OK);
	assert_int_equal(statement_decode(body, size, &back, NULL), SK_OK);
	assert_int_equal(back.areas, STATEMENT_AREA_MAX);
	assert_string_equal(back.name, s.name);
}

/* Put one byte more into the field whose length stands at `at`. */
static size_t
lengthen(uint8_t *body, size_t size, size_t at)
{
	memmove(body + at + 3, body + at + 2, size - at - 2);
	body[at + 1]++;
	return size + 1;
}

static void
test_a_name_or_code_past_its_limit_is_never_read(void **state)
{
	const size_t name_at = 17 + 32 + 8 + 32 + 8 + 8;
	const size_t code_at = name_at + 2 + STATEMENT_NAME_MAX;
	struct directory d;
	struct statement s, back;
	uint8_t body[STATEMENT_BYTES_MAX];
	size_t size;

	(void)state;
	memset(&d, 0, sizeof(d));
	s = enrolment(&d);
	memset(s.name, 'n', STATEMENT_NAME_MAX);
	memset(s.code, 'c', STATEMENT_CODE_MAX);
	assert_int_equal(statement_encode(&s, body, &size), SK_OK);
	size = lengthen(body, size, code_at);
	assert_int_equal(statement_decode(body, size, &back, NULL),
	    SK_STATEMENT_WRONG);
	assert_int_equal(statement_encode(&s, body, &size), SK_OK);
	size = lengthen(body, size, name_at);
	assert_int_equal(statement_decode(body, size, &back, NULL),
	    SK_STATEMENT_WRONG);
}

/* ---- text files */

static struct enrol_request
make_request(void)
{
	struct enrol_request r = { .name = "Wijkteam Zuid",
	    .code = "AR0001", .role = SK__ROLE__COURT };

	memset(r.keys.link, 1, 32);
	memcpy(r.keys.sign, first.public_key, 32);
	memset(r.keys.seal, 2, 32);
	return r;
}

static void
test_a_request_survives_a_mail(void **state)
{
	struct enrol_request r = make_request(), back;
	char text[REQUEST_TEXT_MAX], mail[2 * REQUEST_TEXT_MAX];
	size_t at;

	(void)state;
	memset(r.name, 'n', STATEMENT_NAME_MAX);
	memset(r.code, 'c', STATEMENT_CODE_MAX);
	assert_int_equal(request_encode(&r, first.secret_key, text), SK_OK);
	at = (size_t)sprintf(mail, "Beste regio,\r\n");
	for (const char *from = text; *from != '\0'; from++) {
		if (*from == '\n')
			mail[at++] = '\r';
		mail[at++] = *from;
	}
	at += (size_t)sprintf(mail + at, "Groet");
	assert_int_equal(request_decode(mail, at, &back, NULL), SK_OK);
	assert_string_equal(back.name, r.name);
	assert_string_equal(back.code, r.code);
	assert_int_equal(back.role, r.role);
	assert_memory_equal(&back.keys, &r.keys, sizeof(r.keys));
	assert_memory_equal(back.digest, r.digest, DIGEST_SIZE);
}

static void
test_a_changed_request_is_refused(void **state)
{
	struct enrol_request r = make_request(), back;
	char text[REQUEST_TEXT_MAX];
	struct fault fault;
	size_t size;
	char was;

	(void)state;
	assert_int_equal(request_encode(&r, second.secret_key, text), SK_OK);
	assert_int_equal(request_decode(text, strlen(text), &back, &fault),
	    SK_SIGNATURE_WRONG);
	assert_string_equal(fault.field, "request.signature");
	assert_int_equal(request_encode(&r, first.secret_key, text), SK_OK);
	size = strlen(text);
	for (size_t i = 0; i < size; i++) {
		was = text[i];
		text[i] = was == 'A' ? 'B' : 'A';
		if (was != '\n' &&
		    request_decode(text, size, &back, NULL) == SK_OK)
			fail_msg("a change at %zu was taken", i);
		text[i] = was;
	}
	for (size_t cut = 0; cut < size - 1; cut++)
		assert_int_not_equal(request_decode(text, cut, &back, NULL),
		    SK_OK);
	r.role = SK__ROLE__BROKER;
	assert_int_equal(request_encode(&r, first.secret_key, text),
	    SK_STATEMENT_WRONG);
}

static struct invitation
make_invitation(void)
{
	struct invitation i = { .origin = "regio-oost/test/1",
	    .address = "tcp://127.0.0.1:7300", .participant = 12,
	    .test = true };

	memset(i.founding, 1, 32);
	memset(i.broker_link_key, 2, 32);
	memset(i.broker_sign_key, 3, 32);
	memset(i.enrolment_key, 4, 32);
	memset(i.request_digest, 5, 32);
	return i;
}

static void
test_an_invitation_survives(void **state)
{
	struct invitation i = make_invitation(), back;
	char text[INVITATION_TEXT_MAX];

	(void)state;
	memset(i.address + 6, 'a', sizeof(i.address) - 7);
	memset(i.origin, 'o', sizeof(i.origin) - 1 - 7);
	memcpy(i.origin + sizeof(i.origin) - 1 - 7, "/test/1", 7);
	assert_int_equal(invitation_encode(&i, text), SK_OK);
	assert_int_equal(invitation_decode(text, strlen(text), &back, NULL),
	    SK_OK);
	assert_string_equal(back.origin, i.origin);
	assert_string_equal(back.address, i.address);
	assert_true(back.participant == 12 && back.test);
	assert_memory_equal(back.enrolment_key, i.enrolment_key, 32);
	assert_memory_equal(back.digest, i.digest, DIGEST_SIZE);
	assert_int_equal(request_decode(text, strlen(text),
	    &(struct enrol_request){ 0 }, NULL), SK_STATEMENT_WRONG);
}

static void
test_the_flag_of_an_invitation_is_0_or_1(void **state)
{
	struct invitation i = make_invitation(), back;
	char text[2 * INVITATION_TEXT_MAX], base64[INVITATION_TEXT_MAX];
	const char *begin = "-----BEGIN SCHAKEL INVITATION-----";
	const char *end = "-----END SCHAKEL INVITATION-----";
	uint8_t content[1024];
	size_t size;

	(void)state;
	strcpy(i.origin, "regio-oost/journal/1");
	i.test = false;
	assert_int_equal(invitation_encode(&i, text), SK_OK);
	assert_int_equal(sodium_base642bin(content, sizeof(content),
	    text + strlen(begin), strlen(text) - strlen(begin) - strlen(end) -
	    1, "\n", &size, NULL, sodium_base64_VARIANT_ORIGINAL), 0);
	content[size - 1] = 2;
	sodium_bin2base64(base64, sizeof(base64), content, size,
	    sodium_base64_VARIANT_ORIGINAL);
	snprintf(text, sizeof(text), "%s%s%s", begin, base64, end);
	assert_int_equal(invitation_decode(text, strlen(text), &back, NULL),
	    SK_STATEMENT_WRONG);
	content[size - 1] = 0;
	sodium_bin2base64(base64, sizeof(base64), content, size,
	    sodium_base64_VARIANT_ORIGINAL);
	snprintf(text, sizeof(text), "%s%s%s", begin, base64, end);
	assert_int_equal(invitation_decode(text, strlen(text), &back, NULL),
	    SK_OK);
}

static void
test_the_words_of_an_invitation_stand_for_its_keys(void **state)
{
	struct invitation i, base = make_invitation();
	char text[INVITATION_TEXT_MAX];
	uint8_t *const keys[] = { i.founding, i.broker_link_key,
	    i.broker_sign_key, i.enrolment_key, i.request_digest };

	(void)state;
	assert_int_equal(invitation_encode(&base, text), SK_OK);
	for (size_t k = 0; k < 5; k++) {
		i = make_invitation();
		keys[k][31] ^= 1;
		assert_int_equal(invitation_encode(&i, text), SK_OK);
		assert_memory_not_equal(i.digest, base.digest, DIGEST_SIZE);
	}
}

static void
test_an_invitation_without_sense_is_refused(void **state)
{
	static const struct {
		const char *origin;
		const char *address;
		bool test;
		enum sk_error want;
	} cases[] = {
		{ "regio/test/1", "tcp://a:1", true, SK_OK },
		{ "regio/journal/12", "tcp://a:1", false, SK_OK },
		{ "regio/journal/1", "tcp://a:1", true, SK_STATEMENT_WRONG },
		{ "regio/test/1", "tcp://a:1", false, SK_STATEMENT_WRONG },
		{ "regio/test/0", "tcp://a:1", true, SK_STATEMENT_WRONG },
		{ "regio/test/1a", "tcp://a:1", true, SK_STATEMENT_WRONG },
		{ "regio/test/", "tcp://a:1", true, SK_STATEMENT_WRONG },
		{ "Regio/test/1", "tcp://a:1", true, SK_STATEMENT_WRONG },
		{ "/test/1", "tcp://a:1", true, SK_STATEMENT_WRONG },
		{ "regio", "tcp://a:1", false, SK_STATEMENT_WRONG },
		{ "regio/test/1", "ipc://a", true, SK_STATEMENT_WRONG },
		{ "regio/test/1", "tcp://", true, SK_STATEMENT_WRONG },
		{ "regio/test/1", "tcp://a b:1", true, SK_STATEMENT_WRONG },
	};
	struct invitation i;
	char text[INVITATION_TEXT_MAX];

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		i = make_invitation();
		strcpy(i.origin, cases[c].origin);
		strcpy(i.address, cases[c].address);
		i.test = cases[c].test;
		if (invitation_encode(&i, text) != cases[c].want)
			fail_msg("case %zu", c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_enrolment_says_who_is_who),
		cmocka_unit_test(test_a_member_stands_from_its_first_day_to_its_last),
		cmocka_unit_test(test_only_the_region_enrols),
		cmocka_unit_test(test_serials_follow_without_a_gap_or_a_fork),
		cmocka_unit_test(test_a_rotation_changes_the_keys_alone),
		cmocka_unit_test(test_a_rotation_is_signed_by_the_keys_that_it_replaces),
		cmocka_unit_test(test_nothing_is_rotated_or_revoked_before_it_is_enrolled),
		cmocka_unit_test(test_another_members_statement_is_refused),
		cmocka_unit_test(test_after_a_revocation_no_key_rotates),
		cmocka_unit_test(test_a_thief_cannot_outrun_a_revocation),
		cmocka_unit_test(test_a_revocation_names_keys_that_there_are),
		cmocka_unit_test(test_the_region_renews_a_member_revoked_or_not),
		cmocka_unit_test(test_no_prefix_of_a_statement_is_a_statement),
		cmocka_unit_test(test_what_no_enrolment_may_say_is_never_signed),
		cmocka_unit_test(test_what_no_enrolment_may_say_is_never_read),
		cmocka_unit_test(test_a_full_enrolment_fits),
		cmocka_unit_test(test_a_name_or_code_past_its_limit_is_never_read),
		cmocka_unit_test(test_a_request_survives_a_mail),
		cmocka_unit_test(test_a_changed_request_is_refused),
		cmocka_unit_test(test_an_invitation_survives),
		cmocka_unit_test(test_the_flag_of_an_invitation_is_0_or_1),
		cmocka_unit_test(test_the_words_of_an_invitation_stand_for_its_keys),
		cmocka_unit_test(test_an_invitation_without_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, make_keys, NULL);
}
