#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/lib/file.h"
#include "tests/unit/lib/scratch.h"

static unsigned
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
write_text(const char *path, const char *text, unsigned mode)
{
	struct fault fault;

	assert_int_equal(file_write(path, text, strlen(text), mode, &fault),
	    SK_OK);
}

static unsigned
names_in(const char *dir)
{
	char command[PATH_MAX + 32];
	unsigned n = 0;
	FILE *list;

	snprintf(command, sizeof(command), "ls -A '%s' | wc -l", dir);
	assert_non_null(list = popen(command, "r"));
	assert_int_equal(fscanf(list, "%u", &n), 1);
	pclose(list);
	return n;
}

static void
test_what_is_written_is_read_back_with_a_nul(void **state)
{
	const char *path = scratch_path(state, "a");
	char buffer[8] = "xxxxxxx";
	struct fault fault;
	size_t size;

	write_text(path, "abc", 0640);
	assert_int_equal(mode_of(path), 0640);
	assert_int_equal(file_read(path, buffer, sizeof(buffer), &size, &fault),
	    SK_OK);
	assert_int_equal(size, 3);
	assert_string_equal(buffer, "abc");
}

static void
test_a_file_of_exactly_the_room_fits_and_one_byte_more_does_not(void **state)
{
	const char *path = scratch_path(state, "a");
	char buffer[8];
	struct fault fault;
	size_t size;

	write_text(path, "1234567", 0600);
	assert_int_equal(file_read(path, buffer, sizeof(buffer), &size, &fault),
	    SK_OK);
	assert_int_equal(size, 7);
	write_text(path, "12345678", 0600);
	assert_int_equal(file_read(path, buffer, sizeof(buffer), &size, &fault),
	    SK_OVERSIZED);
	assert_int_equal(size, 0);
	assert_string_equal(buffer, "");
	assert_string_equal(fault.hint, "want at most 7 bytes");
	assert_int_equal(file_read(path, buffer, 0, &size, NULL),
	    SK_OVERSIZED);
}

static void
test_an_absent_file_is_named_by_the_end_of_its_path(void **state)
{
	char buffer[8], name[200], *path;
	struct fault fault;
	size_t size;

	memset(name, 'n', sizeof(name) - 1);
	memcpy(name + sizeof(name) - 5, ".key", 5);
	path = (char *)(uintptr_t)scratch_path(state, name);
	assert_int_equal(file_read(path, buffer, sizeof(buffer), &size, &fault),
	    SK_FILE_IO);
	assert_memory_equal(fault.field, "...", 3);
	assert_string_equal(fault.field + strlen(fault.field) - 4, ".key");
	assert_int_equal(strlen(fault.field), sizeof(fault.field) - 1);
	assert_int_equal(file_read(*state, buffer, sizeof(buffer), &size,
	    &fault), SK_FILE_IO);
}

static void
test_a_failed_replacement_leaves_the_old_file_and_no_other(void **state)
{
	const char *dir = scratch_path(state, "taken");
	struct fault fault;

	/* A directory with something in it cannot be replaced by a file. */
	assert_int_equal(file_make_dir(dir, 0700, &fault), SK_OK);
	write_text(scratch_path(state, "taken/in"), "x", 0600);
	assert_int_equal(file_write(dir, "y", 1, 0600, &fault), SK_FILE_IO);
	assert_int_equal(names_in(*state), 1);
	assert_int_equal(file_write(scratch_path(state, "no/such"), "y", 1,
	    0600, &fault), SK_FILE_IO);
}

static void
test_a_secret_is_read_by_its_owner_alone(void **state)
{
	static const unsigned open_modes[] = { 0640, 0604, 0610, 0601, 0666,
	    0620 };
	const char *path = scratch_path(state, "key");
	uint8_t secret[32], back[32];
	struct fault fault;

	memset(secret, 0xa5, sizeof(secret));
	assert_int_equal(file_write_secret(path, secret, 32, &fault), SK_OK);
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(file_read_secret(path, back, 32, &fault), SK_OK);
	assert_memory_equal(secret, back, 32);
	for (size_t i = 0; i < sizeof(open_modes) / sizeof(*open_modes); i++) {
		memset(back, 0, sizeof(back));
		assert_int_equal(chmod(path, open_modes[i]), 0);
		assert_int_equal(file_read_secret(path, back, 32, &fault),
		    SK_FILE_MODE);
		assert_int_equal(back[0], 0);
	}
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(file_read_secret(path, back, 32, &fault), SK_OK);
}

static void
test_a_secret_is_never_overwritten(void **state)
{
	const char *path = scratch_path(state, "key");
	uint8_t one[4] = { 1, 1, 1, 1 }, two[4] = { 2, 2, 2, 2 }, back[4];
	struct fault fault;

	assert_int_equal(file_write_secret(path, one, 4, &fault), SK_OK);
	assert_int_equal(file_write_secret(path, two, 4, &fault), SK_FILE_IO);
	assert_non_null(strstr(fault.hint, "never overwritten"));
	assert_int_equal(file_read_secret(path, back, 4, &fault), SK_OK);
	assert_memory_equal(one, back, 4);
	assert_int_equal(names_in(*state), 1);
}

static void
test_a_secret_of_another_shape_is_refused(void **state)
{
	static const struct { const char *text; enum sk_error code; } cases[] = {
		{ "01020304\n", SK_OK },
		{ "01020304", SK_OK },
		{ "0102030A", SK_OK },
		{ "", SK_CONFIG },
		{ "\n", SK_CONFIG },
		{ "010203", SK_CONFIG },
		{ "0102030", SK_CONFIG },
		{ "0102030405", SK_CONFIG },
		{ "01020304\n\n", SK_CONFIG },
		{ "01020304 ", SK_CONFIG },
		{ "0102030g", SK_CONFIG },
		{ "0102:0304", SK_CONFIG },
	};
	const char *path = scratch_path(state, "key");
	struct fault fault;
	uint8_t back[4];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		write_text(path, cases[i].text, 0600);
		assert_int_equal(file_read_secret(path, back, 4, &fault),
		    cases[i].code);
	}
}

static void
test_a_secret_has_a_longest_size_and_is_a_plain_file(void **state)
{
	const char *path = scratch_path(state, "key");
	uint8_t secret[FILE_SECRET_MAX + 1] = { 7 }, back[FILE_SECRET_MAX + 1];
	struct fault fault;

	assert_int_equal(file_write_secret(path, secret, FILE_SECRET_MAX + 1,
	    &fault), SK_OVERSIZED);
	assert_int_equal(file_write_secret(path, secret, FILE_SECRET_MAX,
	    &fault), SK_OK);
	assert_int_equal(file_read_secret(path, back, FILE_SECRET_MAX, &fault),
	    SK_OK);
	assert_memory_equal(secret, back, FILE_SECRET_MAX);
	assert_int_equal(file_read_secret(path, back, FILE_SECRET_MAX + 1,
	    &fault), SK_OVERSIZED);
	assert_int_equal(mkfifo(scratch_path(state, "pipe"), 0600), 0);
	assert_int_equal(file_read_secret(scratch_path(state, "pipe"), back, 4,
	    &fault), SK_FILE_IO);
}

static void
test_directories_are_made_all_the_way_down(void **state)
{
	struct fault fault;

	assert_int_equal(file_make_dir(scratch_path(state, "a/b//c/"), 0700,
	    &fault), SK_OK);
	assert_int_equal(mode_of(scratch_path(state, "a/b/c")), 0700);
	assert_int_equal(file_make_dir(scratch_path(state, "a/b/c"), 0755,
	    &fault), SK_OK);
	assert_int_equal(mode_of(scratch_path(state, "a/b/c")), 0700);
	write_text(scratch_path(state, "file"), "", 0600);
	assert_int_equal(file_make_dir(scratch_path(state, "file"), 0700,
	    &fault), SK_FILE_IO);
	assert_int_equal(file_make_dir(scratch_path(state, "file/d"), 0700,
	    &fault), SK_FILE_IO);
	assert_int_equal(file_make_dir("", 0700, &fault), SK_FILE_IO);
	assert_int_equal(file_make_dir("/", 0700, &fault), SK_OK);
}

static void
test_files_change_their_names(void **state)
{
	const char *one = scratch_path(state, "one");
	const char *other = scratch_path(state, "other");
	struct fault fault;
	char text[8];
	size_t size;

	write_text(one, "1", 0600);
	write_text(other, "2", 0600);
	assert_int_equal(file_exchange(one, other, &fault), SK_OK);
	assert_int_equal(file_read(one, text, sizeof(text), &size, &fault),
	    SK_OK);
	assert_string_equal(text, "2");
	assert_int_equal(file_rename(one, other, &fault), SK_OK);
	assert_int_equal(file_read(other, text, sizeof(text), &size, &fault),
	    SK_OK);
	assert_string_equal(text, "2");
	assert_int_equal(file_rename(one, other, &fault), SK_FILE_IO);
	assert_int_equal(file_exchange(one, other, &fault), SK_FILE_IO);
}

/* Held open it shows what is left in its blocks. */
static void
test_what_is_wiped_is_written_over(void **state)
{
	static char text[3 << 20];
	const char *path = scratch_path(state, "secret");
	struct stat st;
	int fd;

	memset(text, 'x', sizeof(text) - 1);
	write_text(path, text, 0600);
	assert_true((fd = open(path, O_RDONLY)) >= 0);
	assert_int_equal(file_wipe(path), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(read(fd, text, sizeof(text)), sizeof(text) - 1);
	for (size_t i = 0; i + 1 < sizeof(text); i++)
		assert_int_equal(text[i], 0);
	close(fd);
	assert_int_equal(file_wipe(path), 0);	/* there is none */
}

static void
test_a_path_is_whole_or_empty(void **state)
{
	static const struct {
		const char *dir, *name, *want;
		size_t size;
	} cases[] = {
		{ "/a", "b", "/a/b", 16 },
		{ "/a/", "b", "/a/b", 16 },
		{ "/a", "/b", "/b", 16 },
		{ "", "b", "b", 16 },
		{ "/a", "b", "/a/b", 5 },
		{ "/a", "b", "", 4 },
	};
	char out[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		file_path(out, cases[i].size, cases[i].dir, cases[i].name);
		assert_string_equal(out, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_what_is_written_is_read_back_with_a_nul),
		scratch_test(test_a_file_of_exactly_the_room_fits_and_one_byte_more_does_not),
		scratch_test(test_an_absent_file_is_named_by_the_end_of_its_path),
		scratch_test(test_a_failed_replacement_leaves_the_old_file_and_no_other),
		scratch_test(test_a_secret_is_read_by_its_owner_alone),
		scratch_test(test_a_secret_is_never_overwritten),
		scratch_test(test_a_secret_of_another_shape_is_refused),
		scratch_test(test_a_secret_has_a_longest_size_and_is_a_plain_file),
		scratch_test(test_directories_are_made_all_the_way_down),
		scratch_test(test_files_change_their_names),
		scratch_test(test_what_is_wiped_is_written_over),
		cmocka_unit_test(test_a_path_is_whole_or_empty),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
