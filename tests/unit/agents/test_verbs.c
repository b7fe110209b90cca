#include <stdlib.h>

#include "tests/unit/agents/fixture.h"

#include "agents/people/verbs.h"
#include "agents/people/screen.h"
#include "proto/message.h"

#define MANUAL "ops/man/schakel.1"
#define MANUAL_MAX (128u * 1024)

/* What the agent says by itself, and what a person does to cause it. */
static const struct {
	Sk__Kind kind;
	const char *because;
} by_itself[] = {
	{ SK__KIND__OPENED, "show" },
	{ SK__KIND__CONTENT_MISMATCH_FOUND, "show" },
	{ SK__KIND__EXTRACT_MADE, "extract" },
	{ SK__KIND__ASSIGNED, "assign" },
	{ SK__KIND__NOTIFIED, "work" },
	{ SK__KIND__RESEAL, "refer" },
};

static bool
is_by_itself(Sk__Kind kind)
{
	for (size_t i = 0; i < sizeof(by_itself) / sizeof(by_itself[0]); i++)
		if (by_itself[i].kind == kind) {
			assert_non_null(verb_by_name(by_itself[i].because));
			return true;
		}
	return false;
}

static const struct verb *
verb_of(const char *kind)
{
	const struct verb *verb;

	for (size_t i = 0; (verb = verb_at(i)) != NULL; i++)
		if (verb->kind != NULL && strcmp(verb->kind, kind) == 0)
			return verb;
	return NULL;
}

static void
test_every_kind_that_a_person_sends_has_a_verb(void **state)
{
	(void)state;
	for (size_t i = 0; i < kind_count(); i++) {
		const struct kind_info *info = kind_at(i);

		if (!is_by_itself(info->kind) && verb_of(info->name) == NULL)
			fail_msg("%s has no verb", info->name);
	}
}

static const ProtobufCMessageDescriptor *
facts_of(const struct kind_info *info)
{
	const ProtobufCFieldDescriptor *field =
	    protobuf_c_message_descriptor_get_field(&sk__facts__descriptor,
	    (unsigned)info->kind + 100);

	assert_non_null(field);
	return field->descriptor;
}

static bool
has_option_for(const struct verb *verb, const char *name)
{
	const struct option *o;
	size_t size = strlen(name);

	for (o = verb->options; o->name != NULL; o++)
		if (o->place == IN_FACTS && strncmp(o->path, name, size) ==
		    0 && (o->path[size] == '\0' || o->path[size] == '.'))
			return true;
	return false;
}

static void
test_every_fact_of_a_kind_is_an_option_of_its_verb(void **state)
{
	(void)state;
	for (size_t i = 0; i < kind_count(); i++) {
		const struct kind_info *info = kind_at(i);
		const ProtobufCMessageDescriptor *facts = facts_of(info);
		const struct verb *verb = verb_of(info->name);

		for (unsigned f = 0; verb != NULL && f < facts->n_fields; f++)
			if (!has_option_for(verb, facts->fields[f].name))
				fail_msg("schakel %s has no option for %s",
				    verb->name, facts->fields[f].name);
	}
}

static void
test_every_option_of_a_verb_is_a_fact_of_its_kind(void **state)
{
	const struct kind_info *info;
	const struct verb *verb;
	char name[64];

	(void)state;
	for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
		if (verb->kind == NULL || verb->kind[0] == '\0')
			continue;
		assert_non_null(info = kind_by_name(verb->kind));
		for (const struct option *o = verb->options; o->name != NULL;
		    o++) {
			if (o->place != IN_FACTS)
				continue;
			snprintf(name, sizeof(name), "%.*s",
			    (int)strcspn(o->path, "."), o->path);
			if (protobuf_c_message_descriptor_get_field_by_name(
			    facts_of(info), name) == NULL)
				fail_msg("--%s of schakel %s: no fact %s",
				    o->name, verb->name, name);
		}
	}
}

static void
test_no_two_verbs_share_a_name(void **state)
{
	const struct verb *a, *b;

	(void)state;
	for (size_t i = 0; (a = verb_at(i)) != NULL; i++)
		for (size_t j = 0; (b = verb_at(j)) != NULL; j++)
			if (i != j && (strcmp(a->name, b->name) == 0 ||
			    strcmp(a->dutch, b->dutch) == 0 ||
			    strcmp(a->name, b->dutch) == 0))
				fail_msg("%s and %s", a->name, b->name);
}

/* A code without a Dutch word shows on the screen as it is. */
static void
test_every_fact_and_code_has_a_dutch_word(void **state)
{
	const struct verb *verb;

	(void)state;
	for (size_t i = 0; (verb = verb_at(i)) != NULL; i++)
		for (const struct option *o = verb->options; o->name != NULL;
		    o++)
			for (unsigned c = 0; o->codes != NULL &&
			    o->codes != &sk__kind__descriptor &&
			    c < o->codes->n_values; c++) {
				const char *code = o->codes->values[c].name;

				if (screen_word(code) == code)
					fail_msg("%s", code);
			}
}

static void
test_the_manual_lists_every_verb(void **state)
{
	static char manual[MANUAL_MAX];
	const struct verb *verb;
	char line[128];
	FILE *file = fopen(MANUAL, "r");
	size_t n;

	(void)state;
	assert_non_null(file);
	n = fread(manual, 1, sizeof(manual) - 1, file);
	fclose(file);
	assert_true(n > 0 && n < sizeof(manual) - 1);
	for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
		snprintf(line, sizeof(line), "\n.It Cm %s | %s", verb->name,
		    verb->dutch);
		const char *found = strstr(manual, line);

		if (found == NULL || strchr(" \n", found[strlen(line)]) == NULL)
			fail_msg("%s: want a line%s", MANUAL, line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_kind_that_a_person_sends_has_a_verb),
		cmocka_unit_test(
		    test_every_fact_of_a_kind_is_an_option_of_its_verb),
		cmocka_unit_test(
		    test_every_option_of_a_verb_is_a_fact_of_its_kind),
		cmocka_unit_test(test_no_two_verbs_share_a_name),
		cmocka_unit_test(test_every_fact_and_code_has_a_dutch_word),
		cmocka_unit_test(test_the_manual_lists_every_verb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
