#include <sys/stat.h>

#include "tests/unit/agents/fixture.h"

#include "agents/agent/init.h"
#include "broker/lib/file.h"
#include "proto/words.h"

struct place {
	char dir[64];
	char agent[80];
	char words[WORDS_TEXT_MAX];
};

static int
setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_true(sodium_init() >= 0);
	make_dir(place->dir, sizeof(place->dir));
	snprintf(place->agent, sizeof(place->agent), "%s/agent", place->dir);
	assert_int_equal(init_make(place->agent, "Toegang Zwolle", "0193",
	    SK__ROLE__ACCESS, place->words, NULL), SK_OK);
	*state = place;
	return 0;
}

static int
teardown(void **state)
{
	struct place *place = *state;

	remove_dir(place->dir);
	free(place);
	return 0;
}

static struct enrol_request
read_request(struct place *place)
{
	struct enrol_request request;
	char path[128], text[REQUEST_TEXT_MAX * 2];
	size_t size;

	snprintf(path, sizeof(path), "%s/request", place->agent);
	assert_int_equal(file_read(path, text, sizeof(text), &size, NULL),
	    SK_OK);
	assert_int_equal(request_decode(text, size, &request, NULL), SK_OK);
	return request;
}

static void
test_request_has_the_words_that_were_printed(void **state)
{
	struct place *place = *state;
	struct enrol_request request = read_request(place);
	char words[WORDS_TEXT_MAX];

	words_text(request.digest, words);
	assert_string_equal(words, place->words);
	assert_string_equal(request.name, "Toegang Zwolle");
	assert_int_equal(request.role, SK__ROLE__ACCESS);
}

static void
test_keys_are_for_their_owner_alone(void **state)
{
	struct place *place = *state;
	static const char *const names[] = { "link", "sign", "seal" };
	struct identity identity;
	struct stat st;
	char path[128];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/keys/%s.key", place->agent,
		    names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	snprintf(path, sizeof(path), "%s/keys", place->agent);
	assert_int_equal(identity_read_keys(&identity, path, NULL), SK_OK);
	snprintf(path, sizeof(path), "%s/keys/seal.key", place->agent);
	chmod(path, 0640);
	snprintf(path, sizeof(path), "%s/keys", place->agent);
	assert_int_equal(identity_read_keys(&identity, path, NULL),
	    SK_FILE_MODE);
	assert_true(sodium_is_zero(identity.sign_secret, 64));
}

static void
test_keys_that_were_read_are_those_of_the_request(void **state)
{
	struct place *place = *state;
	struct enrol_request request = read_request(place);
	struct participant_keys keys;
	struct identity identity;
	char path[128];

	snprintf(path, sizeof(path), "%s/keys", place->agent);
	identity_read_keys(&identity, path, NULL);
	identity_public(&identity, &keys);
	assert_memory_equal(&keys, &request.keys, sizeof(keys));
	identity_clear(&identity);
}

static void
test_keys_are_never_overwritten(void **state)
{
	struct place *place = *state;
	struct enrol_request before = read_request(place), after;
	char words[WORDS_TEXT_MAX];

	assert_int_not_equal(init_make(place->agent, "Ander", "0193",
	    SK__ROLE__ACCESS, words, NULL), SK_OK);
	after = read_request(place);
	assert_memory_equal(before.digest, after.digest, DIGEST_SIZE);
}

static void
write_invitation(struct place *place, const uint8_t request[DIGEST_SIZE],
    char *path, size_t path_size, struct invitation *invitation)
{
	char text[INVITATION_TEXT_MAX];

	memset(invitation, 0, sizeof(*invitation));
	snprintf(invitation->origin, sizeof(invitation->origin), ORIGIN);
	snprintf(invitation->address, sizeof(invitation->address),
	    "tcp://127.0.0.1:7300");
	memcpy(invitation->request_digest, request, DIGEST_SIZE);
	invitation->participant = 2;
	invitation->test = true;
	randombytes_buf(invitation->founding, DIGEST_SIZE);
	assert_int_equal(invitation_encode(invitation, text), SK_OK);
	snprintf(path, path_size, "%s/invitation.in", place->dir);
	assert_int_equal(file_write(path, text, strlen(text), 0644, NULL),
	    SK_OK);
}

static void
test_invitation_is_taken_when_it_answers_the_request(void **state)
{
	struct place *place = *state;
	struct enrol_request request = read_request(place);
	char path[128], words[WORDS_TEXT_MAX], expected[WORDS_TEXT_MAX];
	struct invitation invitation;
	struct identity identity;

	write_invitation(place, request.digest, path, sizeof(path),
	    &invitation);
	assert_int_equal(init_join(place->agent, path, words, NULL), SK_OK);
	words_text(invitation.digest, expected);
	assert_string_equal(words, expected);
	snprintf(path, sizeof(path), "%s/invitation", place->agent);
	assert_int_equal(identity_read_invitation(&identity, path, NULL),
	    SK_OK);
	assert_int_equal(identity.invitation.participant, 2);
}

static void
test_invitation_for_another_request_is_refused(void **state)
{
	struct place *place = *state;
	uint8_t other[DIGEST_SIZE] = { 1 };
	char path[128], words[WORDS_TEXT_MAX];
	struct invitation invitation;

	write_invitation(place, other, path, sizeof(path), &invitation);
	assert_int_equal(init_join(place->agent, path, words, NULL),
	    SK_STATEMENT_WRONG);
	snprintf(path, sizeof(path), "%s/invitation", place->agent);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void
test_names_and_codes_end_at_their_limit(void **state)
{
	struct place *place = *state;
	char name[STATEMENT_NAME_MAX + 2], dir[96], words[WORDS_TEXT_MAX];

	for (size_t over = 0; over <= 1; over++) {
		memset(name, 'a', sizeof(name));
		name[STATEMENT_NAME_MAX + over] = '\0';
		snprintf(dir, sizeof(dir), "%s/n%zu", place->dir, over);
		assert_int_equal(init_make(dir, name, "1", SK__ROLE__COURT,
		    words, NULL), over ? SK_OVERSIZED : SK_OK);
		name[STATEMENT_CODE_MAX + over] = '\0';
		snprintf(dir, sizeof(dir), "%s/c%zu", place->dir, over);
		assert_int_equal(init_make(dir, "N", name, SK__ROLE__COURT,
		    words, NULL), over ? SK_OVERSIZED : SK_OK);
	}
}

/* ---- a rotation that a stop cut short */

static void
begin_rotation(const struct place *place, struct identity *fresh, bool named)
{
	struct statement s = { .type = STATEMENT_ROTATE, .participant = 1,
		.generation = 2 };
	uint8_t body[STATEMENT_BYTES_MAX];
	static char text[STATEMENT_BYTES_MAX * 2 + 160];
	char path[128];
	size_t size;

	assert_int_equal(identity_draw(fresh), SK_OK);
	snprintf(path, sizeof(path), "%s/keys/next", place->agent);
	assert_int_equal(identity_write_keys(fresh, path, NULL), SK_OK);
	if (!named)
		return;
	identity_public(fresh, &s.keys);
	assert_int_equal(statement_encode(&s, body, &size), SK_OK);
	sodium_bin2hex(text, sizeof(text), body, size);
	strcat(text, "\n00\n");
	snprintf(path, sizeof(path), "%s/rotation", place->agent);
	assert_int_equal(file_write(path, text, strlen(text), 0644, NULL),
	    SK_OK);
}

static bool
has_file(const struct place *place, const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", place->agent, name);
	return access(path, F_OK) == 0;
}

/* After so many of the six files had their new name. */
static void
finish_rotation(struct place *place, size_t moved)
{
	static const char *const names[] = { "link.key", "link.pub",
		"sign.key", "sign.pub", "seal.key", "seal.pub" };
	struct identity old, fresh, now;
	struct fault fault = { 0 };
	char keys[128], from[160], to[160];

	snprintf(keys, sizeof(keys), "%s/keys", place->agent);
	assert_int_equal(identity_read_keys(&old, keys, NULL), SK_OK);
	begin_rotation(place, &fresh, true);
	if (moved > 0)
		assert_int_equal(identity_retire(&old, keys, NULL), SK_OK);
	for (size_t i = 0; i < moved; i++) {
		snprintf(from, sizeof(from), "%s/next/%s", keys, names[i]);
		snprintf(to, sizeof(to), "%s/%s", keys, names[i]);
		assert_int_equal(rename(from, to), 0);
	}
	if (init_rotate(place->agent, &fault) != SK_OK)
		fail_msg("%zu: %s %s", moved, fault.field, fault.hint);
	assert_int_equal(identity_read_keys(&now, keys, NULL), SK_OK);
	assert_memory_equal(now.link_secret, fresh.link_secret, 32);
	assert_memory_equal(now.sign_secret, fresh.sign_secret, 64);
	assert_memory_equal(now.seal.secret_key, fresh.seal.secret_key, 32);
	assert_non_null(identity_seal_key(&now, old.seal_id));
	assert_false(has_file(place, "keys/next"));
}

static void
test_a_rotation_that_was_cut_short_is_finished(void **state)
{
	for (size_t moved = 0; moved < 6; moved++)
		finish_rotation(*state, moved);
}

static void
test_keys_that_nobody_was_told_of_are_not_in_the_way(void **state)
{
	struct place *place = *state;
	struct identity fresh;

	begin_rotation(place, &fresh, false);
	/* this one never joined: it goes no further */
	assert_int_not_equal(init_rotate(place->agent, NULL), SK_OK);
	assert_false(has_file(place, "keys/next"));
	assert_true(has_file(place, "keys/seal.key"));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_request_has_the_words_that_were_printed),
		TEST(test_keys_are_for_their_owner_alone),
		TEST(test_keys_that_were_read_are_those_of_the_request),
		TEST(test_keys_are_never_overwritten),
		TEST(test_invitation_is_taken_when_it_answers_the_request),
		TEST(test_invitation_for_another_request_is_refused),
		TEST(test_names_and_codes_end_at_their_limit),
		TEST(test_a_rotation_that_was_cut_short_is_finished),
		TEST(test_keys_that_nobody_was_told_of_are_not_in_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
