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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
