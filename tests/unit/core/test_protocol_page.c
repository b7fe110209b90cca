/*
 * The tables of proto/PROTOCOL.md against the code: a stranger writes a client
 * from that page alone. Run from the top of the tree. With --print the program
 * writes the tables as they ought to stand there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/rules.h"
#include "proto/chain.h"
#include "proto/leaf.h"
#include "proto/message.h"
#include "proto/seal.h"
#include "proto/statement.h"

#define PAGE_MAX (256u << 10)
#define ROW_MAX 512
#define LOCAL_FIRST SK_NOT_FOUND	/* from here on never on the wire */

static const struct { enum sk_error code; const char *name; } errors[] = {
#define X(name, number, nl, en) { SK_##name, #name },
	SK_ERROR_LIST(X)
#undef X
};
#define ERRORS (sizeof(errors) / sizeof(errors[0]))

static char page[PAGE_MAX + 1];

static int
read_page(void **state)
{
	FILE *file = fopen("proto/PROTOCOL.md", "r");
	size_t size;

	(void)state;
	if (file == NULL)
		return -1;
	size = fread(page, 1, PAGE_MAX, file);
	fclose(file);
	page[size] = '\0';
	return size < PAGE_MAX ? 0 : -1;
}

static void
assert_on_page(const char *row)
{
	if (strstr(page, row) == NULL)
		fail_msg("the page lacks: %s", row);
}

/* Rows between "<!-- table: name -->" and the next "<!-- end -->". */
static size_t
rows_of_table(const char *name)
{
	char mark[64];
	const char *at, *end;
	size_t rows = 0;

	snprintf(mark, sizeof(mark), "<!-- table: %s -->", name);
	at = strstr(page, mark);
	assert_non_null(at);
	end = strstr(at, "<!-- end -->");
	assert_non_null(end);
	while ((at = strstr(at, "\n| ")) != NULL && at < end) {
		rows++;
		at++;
	}
	return rows - 1;	/* its head; the rule below it starts with |- */
}

static void
add(char row[ROW_MAX], const char *format, ...)
{
	size_t used = strlen(row);
	va_list ap;

	va_start(ap, format);
	vsnprintf(row + used, ROW_MAX - used, format, ap);
	va_end(ap);
}

static void
error_row(size_t i, char row[ROW_MAX])
{
	row[0] = '\0';
	add(row, "| %d | %s | %s |\n", (int)errors[i].code, errors[i].name,
	    error_text(errors[i].code));
}

static void
add_sections(char row[ROW_MAX], uint32_t sections)
{
	const char *comma = "";

	for (int s = SK__SECTION__PERSONALIA; s <= (int)SK__SECTION__EXPLANATION;
	    s++) {
		if ((sections & 1u << s) == 0)
			continue;
		add(row, "%s%s", comma, protobuf_c_enum_descriptor_get_value(
		    &sk__section__descriptor, s)->name);
		comma = ", ";
	}
	add(row, " | ");
}

static void
add_roles(char row[ROW_MAX], Sk__Kind kind,
    bool (*may)(Sk__Kind kind, Sk__Role role))
{
	const char *comma = "";
	size_t roles = 0;

	for (int r = SK__ROLE__ACCESS; r <= (int)SK__ROLE__REGION; r++)
		roles += may(kind, (Sk__Role)r);
	if (roles == SK__ROLE__REGION) {
		add(row, "every role | ");
		return;
	}
	for (int r = SK__ROLE__ACCESS; r <= (int)SK__ROLE__REGION; r++) {
		if (!may(kind, (Sk__Role)r))
			continue;
		add(row, "%s%s", comma, role_name((Sk__Role)r));
		comma = ", ";
	}
	add(row, "%s | ", roles == 0 ? "nobody" : "");
}

static void
kind_row(const struct kind_info *info, char row[ROW_MAX])
{
	static const char *const sealed[] = { "never", "may", "must" };

	row[0] = '\0';
	add(row, "| %d | %s | %s | ", (int)info->kind, info->name, info->dutch);
	add_roles(row, info->kind, rules_role_may);
	add_roles(row, info->kind, rules_role_receives);
	add(row, "%s | %s | %s | ", info->replies ? "must" : "may",
	    info->dated ? "must" : "may", sealed[info->sealed]);
	add_sections(row, info->sections_must);
	add_sections(row, info->sections_may);
	row[strlen(row) - 1] = '\n';
}

static void
test_the_page_has_every_error_of_the_wire_and_no_other(void **state)
{
	char row[ROW_MAX];
	size_t want = 0;

	(void)state;
	for (size_t i = 0; i < ERRORS; i++) {
		if (errors[i].code >= LOCAL_FIRST)
			continue;
		error_row(i, row);
		assert_on_page(row);
		want++;
	}
	assert_int_equal(rows_of_table("errors"), want);
}

static void
test_the_page_has_every_kind_as_the_catalogue_does(void **state)
{
	char row[ROW_MAX];

	(void)state;
	for (size_t i = 0; i < kind_count(); i++) {
		kind_row(kind_at(i), row);
		assert_on_page(row);
	}
	assert_int_equal(rows_of_table("kinds"), kind_count());
}

static const struct { const char *what; size_t value; } limits[] = {
	{ "a frame, bytes", FRAME_BYTES_MAX },
	{ "a header, bytes", HEADER_BYTES_MAX },
	{ "facts, bytes", FACTS_BYTES_MAX },
	{ "sealed, bytes", SEALED_BYTES_MAX },
	{ "text before it is padded, bytes", SEAL_PLAIN_MAX },
	{ "envelopes in a SUBMIT", SUBMIT_ENVELOPES_MAX },
	{ "recipients of an envelope", RECIPIENTS_MAX },
	{ "digests in a path", TREE_PATH_MAX },
	{ "an origin, characters", CHAIN_ORIGIN_MAX },
	{ "depth of nested messages", WIRE_DEPTH_MAX },
	{ "a field with a length, bytes", VAR_SIZE_MAX },
	{ "a leaf, bytes", LEAF_BYTES_MAX },
	{ "cases touched by a leaf", LEAF_CASES_MAX },
	{ "a statement, bytes", STATEMENT_BYTES_MAX },
	{ "name of an organisation unit, bytes", STATEMENT_NAME_MAX },
	{ "code of an organisation unit, bytes", STATEMENT_CODE_MAX },
	{ "areas of an organisation unit", STATEMENT_AREA_MAX },
};
#define LIMITS (sizeof(limits) / sizeof(limits[0]))

static void
limit_row(size_t i, char row[ROW_MAX])
{
	row[0] = '\0';
	add(row, "| %s | %zu |\n", limits[i].what, limits[i].value);
}

static void
test_the_page_has_the_limits_that_the_code_has(void **state)
{
	char row[ROW_MAX];

	(void)state;
	for (size_t i = 0; i < LIMITS; i++) {
		limit_row(i, row);
		assert_on_page(row);
	}
	assert_int_equal(rows_of_table("limits"), LIMITS);
}

static int
print_tables(void)
{
	char row[ROW_MAX];

	for (size_t i = 0; i < ERRORS; i++) {
		error_row(i, row);
		if (errors[i].code < LOCAL_FIRST)
			fputs(row, stdout);
	}
	for (size_t i = 0; i < kind_count(); i++) {
		kind_row(kind_at(i), row);
		fputs(row, stdout);
	}
	for (size_t i = 0; i < LIMITS; i++) {
		limit_row(i, row);
		fputs(row, stdout);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_page_has_every_error_of_the_wire_and_no_other),
		cmocka_unit_test(test_the_page_has_every_kind_as_the_catalogue_does),
		cmocka_unit_test(test_the_page_has_the_limits_that_the_code_has),
	};

	if (argc > 1 && strcmp(argv[1], "--print") == 0)
		return print_tables();
	return cmocka_run_group_tests(tests, read_page, NULL);
}
