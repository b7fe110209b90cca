/*
 * Whatever the journal can hold has words in both languages: enums, effects,
 * commands and events are walked as the schemas have them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "agents/audit/entry.h"
#include "agents/audit/words.h"
#include "proto/control.pb-c.h"
#include "proto/message.h"

static void
assert_words(const char *what, const char *dutch, const char *english)
{
	if (dutch == NULL || english == NULL || strlen(dutch) < 2 ||
	    strlen(english) < 2)
		fail_msg("%s has no words in both languages", what);
	/* A value's own name is no English. */
	for (const char *c = english; *c != '\0'; c++)
		if (*c == '_')
			fail_msg("%s: %s", what, english);
}

static void
test_every_value_of_every_enum_has_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < WORDS_LISTS; i++) {
		const struct words *list = &words_lists[i];
		const ProtobufCEnumDescriptor *d = list->descriptor;

		for (unsigned j = 0; d != NULL && j < d->n_values; j++)
			assert_words(d->values[j].name, words_dutch(
			    (enum words_of)i, d->values[j].value),
			    words_english((enum words_of)i,
			    d->values[j].value));
		for (int value = list->first; d == NULL &&
		    value <= list->last; value++)
			assert_words("a statement", words_dutch(
			    (enum words_of)i, value), words_english(
			    (enum words_of)i, value));
	}
}

static void
test_a_value_that_is_none_is_told_as_such(void **state)
{
	(void)state;
	assert_string_equal(words_dutch(WORDS_DEADLINE, 9999), "?");
	assert_string_equal(words_english(WORDS_NOTICE, -1), "?");
	assert_null(words_effect(9999));
	assert_null(words_command(9999));
}

static bool
is_fit(const struct effect_words *words, const ProtobufCFieldDescriptor *field)
{
	switch (words->how) {
	case TELL_DATE:
		return field->type == PROTOBUF_C_TYPE_SINT32;
	case TELL_PARTY:
	case TELL_NUMBER:
		return field->type == PROTOBUF_C_TYPE_UINT64;
	case TELL_TEXT:
		return field->type == PROTOBUF_C_TYPE_STRING;
	case TELL_WORD:
		return field->type == PROTOBUF_C_TYPE_ENUM &&
		    field->descriptor == words_lists[words->list].descriptor;
	case TELL_MARK:
		return field->type == PROTOBUF_C_TYPE_BOOL ||
		    field->type == PROTOBUF_C_TYPE_MESSAGE;
	case TELL_APART:
		return true;
	}
	return false;
}

static void
test_every_effect_has_words_that_fit_its_type(void **state)
{
	const ProtobufCMessageDescriptor *d = &sk__effects__descriptor;

	(void)state;
	for (unsigned i = 0; i < d->n_fields; i++) {
		const struct effect_words *words =
		    words_effect(d->fields[i].id);

		if (words == NULL)
			fail_msg("effect %s has no words", d->fields[i].name);
		assert_words(d->fields[i].name, words->dutch, words->english);
		if (!is_fit(words, &d->fields[i]) || (words->how !=
		    TELL_APART && d->fields[i].label ==
		    PROTOBUF_C_LABEL_REPEATED))
			fail_msg("effect %s is of another type",
			    d->fields[i].name);
	}
}

static void
test_every_command_has_words(void **state)
{
	const ProtobufCMessageDescriptor *d = &sk__command__descriptor;
	const struct word *word;

	(void)state;
	for (unsigned i = 0; i < d->n_fields; i++) {
		if ((word = words_command(d->fields[i].id)) == NULL)
			fail_msg("command %s has no words",
			    d->fields[i].name);
		assert_words(d->fields[i].name, word->dutch, word->english);
	}
}

static void
test_every_event_and_every_kind_has_words(void **state)
{
	const ProtobufCEnumDescriptor *d = &sk__event_kind__descriptor;
	const char *name, *dutch;

	(void)state;
	for (unsigned i = 0; i < d->n_values; i++)
		if (!entry_words((Sk__EventKind)d->values[i].value, &name,
		    &dutch) || strlen(name) < 2 || strlen(dutch) < 2)
			fail_msg("event %s has no words", d->values[i].name);
	for (size_t i = 0; i < kind_count(); i++)
		if (strlen(kind_at(i)->dutch) < 2 ||
		    strlen(kind_at(i)->name) < 2)
			fail_msg("kind %zu has no words", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_value_of_every_enum_has_words),
		cmocka_unit_test(test_a_value_that_is_none_is_told_as_such),
		cmocka_unit_test(test_every_effect_has_words_that_fit_its_type),
		cmocka_unit_test(test_every_command_has_words),
		cmocka_unit_test(test_every_event_and_every_kind_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
