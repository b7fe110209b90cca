#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "tests/unit/agents/fixture.h"

#include "agents/agent/people.h"

#define TODAY 20532	/* 2026-03-20 */

struct file {
	char dir[64];
	char path[96];
	struct people *people;
};

static int
setup(void **state)
{
	struct file *file = calloc(1, sizeof(*file));

	make_dir(file->dir, sizeof(file->dir));
	snprintf(file->path, sizeof(file->path), "%s/users.yaml", file->dir);
	*state = file;
	return 0;
}

static int
teardown(void **state)
{
	struct file *file = *state;

	people_close(file->people);
	remove_dir(file->dir);
	free(file);
	return 0;
}

static void
write_users(struct file *file, const char *text)
{
	FILE *out = fopen(file->path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static const char two_users[] =
    "users:\n"
    "  - {person: 7, name: \"Ria\", uid: 1001, kinds: [TRIAGE, REFERRAL],\n"
    "     substitute_of: 9}\n"
    "  - {person: 8, uid: 1002, from_date: 2026-03-20, until_date: "
    "2026-03-21}\n";

static void
test_person_is_the_uid_within_its_dates(void **state)
{
	struct file *file = *state;
	const Sk__AgentUser *user;
	struct yaml_fault fault;
	static const struct { uid_t uid; int32_t today; uint64_t person; }
	    cases[] = {
		{ 1001, TODAY, 7 }, { 1002, TODAY, 8 },
		{ 1002, TODAY - 1, 0 }, { 1002, TODAY + 1, 8 },
		{ 1002, TODAY + 2, 0 }, { 0, TODAY, 0 }, { 1003, TODAY, 0 },
	};

	write_users(file, two_users);
	assert_int_equal(people_open(file->path, &file->people, &fault),
	    SK_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum sk_error rc = people_find(file->people, cases[i].uid,
		    cases[i].today, &user);

		assert_int_equal(rc, cases[i].person == 0 ?
		    SK_PERSON_UNKNOWN : SK_OK);
		if (rc == SK_OK)
			assert_int_equal(user->person, cases[i].person);
	}
}

static void
test_mandate_bounds_kind_and_substitution(void **state)
{
	struct file *file = *state;
	const Sk__AgentUser *ria, *other;
	struct yaml_fault yaml;
	struct fault fault;

	write_users(file, two_users);
	people_open(file->path, &file->people, &yaml);
	people_find(file->people, 1001, TODAY, &ria);
	people_find(file->people, 1002, TODAY, &other);
	assert_int_equal(people_may_send(file->people, ria,
	    kind_info(SK__KIND__TRIAGE), 0, TODAY, &fault), SK_OK);
	assert_int_equal(people_may_send(file->people, ria,
	    kind_info(SK__KIND__TRIAGE), 9, TODAY, &fault), SK_OK);
	assert_int_equal(people_may_send(file->people, ria,
	    kind_info(SK__KIND__TRIAGE), 8, TODAY, &fault), SK_MANDATE_MISSING);
	assert_string_equal(fault.field, "on_behalf_of");
	assert_int_equal(people_may_send(file->people, ria,
	    kind_info(SK__KIND__CLOSE), 0, TODAY, &fault), SK_MANDATE_MISSING);
	assert_int_equal(people_may_send(file->people, other,
	    kind_info(SK__KIND__CLOSE), 0, TODAY, &fault), SK_OK);
	assert_int_equal(people_may_send(file->people, other,
	    kind_info(SK__KIND__CLOSE), 9, TODAY, &fault), SK_MANDATE_MISSING);
}

static void
test_file_that_cannot_be_right_is_refused_with_its_place(void **state)
{
	struct file *file = *state;
	static const struct { const char *text, *word; } cases[] = {
		{ "users:\n  - {uid: 5}\n", "person" },
		{ "users:\n  - {person: 0, uid: 5}\n", "person" },
		{ "users:\n  - {person: 5}\n", "uid" },
		{ "users:\n  - {person: 5, uid: 5, kinds: [TEA]}\n", "TEA" },
		{ "users:\n  - {person: 5, uid: 5, colour: red}\n", "colour" },
	};
	struct yaml_fault fault;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_users(file, cases[i].text);
		assert_int_not_equal(people_open(file->path, &file->people,
		    &fault), SK_OK);
		assert_non_null(strstr(fault.text, cases[i].word));
		assert_non_null(strstr(fault.text, "users.yaml:2"));
		assert_null(file->people);
	}
}

/* Another time stamp, so that the change shows whatever the clock's step. */
static void
touch(struct file *file, time_t seconds)
{
	const struct timespec times[2] = { { seconds, 0 }, { seconds, 0 } };

	assert_int_equal(utimensat(AT_FDCWD, file->path, times, 0), 0);
}

static void
test_changed_file_is_read_again_and_a_broken_one_is_not_taken(void **state)
{
	struct file *file = *state;
	const Sk__AgentUser *user;
	struct yaml_fault fault;

	write_users(file, two_users);
	touch(file, 1000);
	people_open(file->path, &file->people, &fault);
	write_users(file, "users:\n  - {person: 21, uid: 1003}\n");
	touch(file, 2000);
	assert_int_equal(people_find(file->people, 1003, TODAY, &user), SK_OK);
	assert_int_equal(people_find(file->people, 1001, TODAY, &user),
	    SK_PERSON_UNKNOWN);
	write_users(file, "users: [\n");
	touch(file, 3000);
	assert_int_equal(people_find(file->people, 1003, TODAY, &user), SK_OK);
}

static void
test_without_a_users_file_nobody_is_known(void **state)
{
	const Sk__AgentUser *user;

	(void)state;
	assert_int_equal(people_find(NULL, 0, TODAY, &user),
	    SK_PERSON_UNKNOWN);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_person_is_the_uid_within_its_dates),
		TEST(test_mandate_bounds_kind_and_substitution),
		TEST(test_file_that_cannot_be_right_is_refused_with_its_place),
		TEST(test_changed_file_is_read_again_and_a_broken_one_is_not_taken),
		cmocka_unit_test(test_without_a_users_file_nobody_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
