/*
 * broker/core/RULES.md is what the tables of the code say. Run from the top of
 * the tree; --print writes the page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/decide.h"

#define PAGE_MAX (128u << 10)

static char due[PAGE_MAX], page[PAGE_MAX + 1];
static size_t size;

static void
say(const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(due + size, PAGE_MAX - size, format, ap);
	va_end(ap);
	size += n > 0 ? (size_t)n : 0;
	if (size >= PAGE_MAX)
		size = PAGE_MAX - 1;
}

static const char *
name_of(const ProtobufCEnumDescriptor *values, int value)
{
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
	    values, value);

	return v == NULL ? "?" : v->name;
}

/* ---- states */

/* An edge once, with every kind that takes it. */
static bool
edge_was_drawn(const struct transition *t, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (t[i].state == t[at].state && t[i].next == t[at].next)
			return true;
	return false;
}

static bool
kind_was_named(const struct transition *t, size_t from, size_t at)
{
	for (size_t i = from; i < at; i++)
		if (t[i].state == t[at].state && t[i].next == t[at].next &&
		    t[i].kind == t[at].kind)
			return true;
	return false;
}

static void
draw_edge(const struct transition *t, size_t n, size_t at)
{
	const char *comma = "";

	say("    %s --> %s : ", t[at].state == 0 ? "any_open_state" :
	    case_state_name(t[at].state), case_state_name(t[at].next));
	for (size_t i = at; i < n; i++) {
		if (t[i].state != t[at].state || t[i].next != t[at].next ||
		    kind_was_named(t, at, i))
			continue;
		say("%s%s", comma, kind_info(t[i].kind)->name);
		comma = ", ";
	}
	say("\n");
}

static void
draw_states(void)
{
	size_t n;
	const struct transition *t = rules_transitions(&n);

	say("## States of a case\n\n```mermaid\nstateDiagram-v2\n");
	for (size_t i = 0; i < n; i++) {
		const struct kind_info *info = kind_info(t[i].kind);

		if (info->opens_case && (i == 0 || t[i - 1].kind != t[i].kind))
			say("    [*] --> %s : %s\n", case_state_name(t[i].next),
			    info->name);
		else if (!info->opens_case && t[i].next != 0 &&
		    t[i].next != t[i].state && !edge_was_drawn(t, i))
			draw_edge(t, n, i);
	}
	say("    OFFERED --> ROUTED : the term ANSWER_DUE ends\n```\n\n"
	    "Where several offers run beside each other the case keeps the "
	    "furthest state that any of\nthem has reached. Over every open "
	    "state lie the crisis, the escalation (STUCK, RET, BOEG)\nand a "
	    "transfer under way.\n\n| state | in Dutch |\n|---|---|\n");
	for (int s = SK__CASE_STATE__CASE_NEW; s <= SK__CASE_STATE__CASE_VOID;
	    s++)
		say("| %s | %s |\n", case_state_name((Sk__CaseState)s),
		    case_state_dutch((Sk__CaseState)s));
}

/* ---- messages */

static void
say_states(Sk__Kind kind, Sk__Role role)
{
	size_t n;
	const struct transition *t = rules_transitions(&n);
	const char *comma = "";
	bool all = false;

	for (size_t i = 0; i < n; i++)
		all = all || (t[i].kind == kind && t[i].state == 0 &&
		    (t[i].role == 0 || t[i].role == role));
	if (kind_names_itself(kind_info(kind))) {
		say("%s", kind_info(kind)->opens_case ? "opens a case" :
		    "about no case");
		return;
	}
	if (all) {
		say("every open state");
		comma = ", ";
	}
	for (size_t i = 0; i < n; i++) {
		if (t[i].kind != kind || t[i].state == 0 ||
		    (all && t[i].state < SK__CASE_STATE__CASE_CLOSED) ||
		    (t[i].role != 0 && t[i].role != role) || (i > 0 &&
		    t[i - 1].kind == kind && t[i - 1].state == t[i].state &&
		    t[i - 1].role == t[i].role))
			continue;
		say("%s%s", comma, case_state_name(t[i].state));
		comma = ", ";
	}
}

static Sk__Role
mandatory(Sk__Kind kind, Sk__Role role)
{
	size_t n;
	const struct transition *t = rules_transitions(&n);

	for (size_t i = 0; i < n; i++)
		if (t[i].kind == kind &&
		    (t[i].role == 0 || t[i].role == role))
			return t[i].to;
	return 0;
}

static void
say_kind(const struct kind_info *info)
{
	size_t roles = 0;

	for (int r = SK__ROLE__ACCESS; r <= SK__ROLE__REGION; r++)
		roles += rules_role_may(info->kind, (Sk__Role)r);
	for (int r = SK__ROLE__ACCESS; r <= SK__ROLE__REGION; r++) {
		Sk__Role to;

		if (!rules_role_may(info->kind, (Sk__Role)r))
			continue;
		to = mandatory(info->kind, (Sk__Role)r);
		say("| %s | %s | %s | ", info->name, info->dutch,
		    roles == SK__ROLE__REGION ? "every role" :
		    role_name((Sk__Role)r));
		say_states(info->kind, (Sk__Role)r);
		say(" | %s |\n", to == 0 ? "" : role_name(to));
		if (roles == SK__ROLE__REGION)
			return;
	}
}

static void
say_messages(void)
{
	say("\n## Messages\n\nWho may say what when, and who must be among the "
	    "recipients. The access team of the case is\nalways one of them "
	    "(R36), and the sender's own copy.\n\n"
	    "| kind | in Dutch | who | in which states | to |\n"
	    "|---|---|---|---|---|\n");
	for (size_t i = 0; i < kind_count(); i++)
		say_kind(kind_at(i));
}

/* ---- roles */

static void
say_list(Sk__Role role, bool (*may)(Sk__Kind kind, Sk__Role role))
{
	const char *comma = "";

	for (size_t i = 0; i < kind_count(); i++) {
		if (!may(kind_at(i)->kind, role))
			continue;
		say("%s%s", comma, kind_at(i)->name);
		comma = ", ";
	}
	say(" | ");
}

static void
say_roles(void)
{
	say("\n## Roles\n\n| role | in Dutch | says | gets |\n"
	    "|---|---|---|---|\n");
	for (int r = SK__ROLE__ACCESS; r <= SK__ROLE__REGION; r++) {
		say("| %s | %s | ", role_name((Sk__Role)r),
		    role_dutch((Sk__Role)r));
		say_list((Sk__Role)r, rules_role_may);
		say_list((Sk__Role)r, rules_role_receives);
		due[size - 1] = '\n';
	}
}

/* ---- deadlines, terms, gates */

static void
say_term(enum term term)
{
	if (term == TERMS)
		say(" | ");
	else
		say("%s (%u) | ", policy_term_name(term),
		    policy_term_default(term));
}

static void
say_deadlines(void)
{
	static const char *const units[] = { "days after",
		"working days after", "working days before", "hours after",
		"percent of the help after", "calendar months after" };
	size_t n;
	const struct deadline_rule *rule = rules_deadlines(&n);

	say("\n## Deadlines\n\nA warning comes at the start of its day, a "
	    "breach after the end of it. The names are those\nof a region "
	    "profile, with the default behind them.\n\n| deadline | counted | "
	    "warns | ends | told |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < n; i++) {
		say("| %s | %s %s | ", name_of(&sk__deadline_kind__descriptor,
		    (int)rule[i].kind), units[rule[i].unit], rule[i].from);
		say_term(rule[i].warn);
		say_term(rule[i].breach);
		say("%s |\n", rule[i].told);
	}
	say("\n## Other choices of a region\n\n| name | default |\n|---|---|\n");
	for (enum term t = 0; t < TERMS; t++) {
		bool used = false;

		for (size_t i = 0; i < n; i++)
			used = used || rule[i].warn == t || rule[i].breach == t;
		if (!used)
			say("| %s | %u |\n", policy_term_name(t),
			    policy_term_default(t));
	}
}

static void
say_gates(void)
{
	say("\n## Soft gates\n\nA professional may pass these with a reason, "
	    "and is recorded (R48). All others are hard.\n\n"
	    "| number | gate | what it says |\n|---|---|---|\n");
	for (int code = 1; code < (int)SK_NOT_FOUND; code++)
		if (gate_is_soft((enum sk_error)code))
			say("| %d | %s | %s |\n", code,
			    error_name((enum sk_error)code),
			    error_text((enum sk_error)code));
}

static void
write_page(void)
{
	size = 0;
	say("# The rules of the core\n\nWritten by tests/unit/core/"
	    "test_rules_page --print from the tables in the code; a test\n"
	    "fails when they differ.\n\n");
	draw_states();
	say_messages();
	say_roles();
	say_deadlines();
	say_gates();
}

static void
test_the_page_is_what_the_tables_say(void **state)
{
	FILE *file = fopen("broker/core/RULES.md", "r");
	size_t found;

	(void)state;
	assert_non_null(file);
	found = fread(page, 1, PAGE_MAX, file);
	fclose(file);
	page[found] = '\0';
	write_page();
	assert_true(size < PAGE_MAX - 1);
	for (size_t i = 0, line = 1; i <= size; i++) {
		if (page[i] != due[i])
			fail_msg("line %zu differs: --print writes the page",
			    line);
		line += due[i] == '\n';
	}
	assert_int_equal(found, size);
}

static void
test_every_deadline_has_its_row(void **state)
{
	const ProtobufCEnumDescriptor *kinds = &sk__deadline_kind__descriptor;

	(void)state;
	for (unsigned i = 0; i < kinds->n_values; i++)
		assert_int_equal(rules_deadline(
		    (Sk__DeadlineKind)kinds->values[i].value) != NULL,
		    kinds->values[i].value != SK__DEADLINE_KIND__DELIVERY_DUE);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_page_is_what_the_tables_say),
		cmocka_unit_test(test_every_deadline_has_its_row),
	};

	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		write_page();
		fputs(due, stdout);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
