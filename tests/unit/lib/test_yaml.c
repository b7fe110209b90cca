#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "broker/lib/config.pb-c.h"
#include "broker/lib/file.h"
#include "broker/lib/yaml.h"
#include "proto/envelope.pb-c.h"
#include "proto/journal.pb-c.h"
#include "proto/policy.pb-c.h"
#include "tests/unit/lib/scratch.h"

static uint8_t memory[1 << 18];
static struct yaml_fault fault;

static enum sk_error
read_sized(void **state, const char *text, size_t size,
    const ProtobufCMessageDescriptor *descriptor, size_t budget,
    void *message, struct yaml **yaml)
{
	static struct arena arena;
	const char *path = scratch_path(state, "c.yaml");
	ProtobufCMessage *read = NULL;
	enum sk_error code;

	assert_int_equal(file_write(path, text, size, 0600, NULL), SK_OK);
	arena_init(&arena, memory, budget);
	code = yaml_read(path, descriptor, &arena, &read, yaml, &fault);
	memcpy(message, &read, sizeof(read));
	return code;
}

static enum sk_error
read_text(void **state, const char *text,
    const ProtobufCMessageDescriptor *descriptor, void *message)
{
	return read_sized(state, text, strlen(text), descriptor,
	    sizeof(memory), message, NULL);
}

/* The fault without the directory: "c.yaml:1:1: ...". */
static const char *
fault_text(void)
{
	const char *text = strstr(fault.text, "c.yaml");

	assert_non_null(text);
	return text;
}

static void
test_a_profile_becomes_a_policy(void **state)
{
	static const char text[] =
	    "# a comment\n"
	    "region: 'foodvalley'\n"
	    "title: \"Regio \\u00e9\"\n"
	    "rules:\n"
	    "  order_warning_days: 14\n"
	    "  court_refers_direct: false\n"
	    "  good_friday_is_holiday: true\n"
	    "municipalities:\n"
	    "  - code: 0193\n"
	    "    name: Zwolle\n"
	    "  - { code: \"0228\", rules: { triage_due_workdays: 4294967295 } }\n"
	    "offerings:\n"
	    "  - code: |-\n"
	    "      a\n"
	    "    level: ambulant\n"
	    "    theme: Separation\n"
	    "    weekend: true\n"
	    "  - level: COMPULSORY_LEVEL\n"
	    "sources: [one, 2, true, ~, 2026-01-01]\n"
	    "courts: []\n";
	Sk__Policy *policy;

	assert_int_equal(read_text(state, text, &sk__policy__descriptor,
	    &policy), SK_OK);
	assert_string_equal(policy->region, "foodvalley");
	assert_string_equal(policy->title, "Regio \xc3\xa9");
	assert_int_equal(policy->rules->order_warning_days, 14);
	assert_true(policy->rules->has_court_refers_direct);
	assert_false(policy->rules->court_refers_direct);
	assert_true(policy->rules->good_friday_is_holiday);
	assert_false(policy->rules->has_order_breach_days);
	assert_int_equal(policy->n_municipalities, 2);
	assert_string_equal(policy->municipalities[0]->code, "0193");
	assert_string_equal(policy->municipalities[1]->code, "0228");
	assert_int_equal(policy->municipalities[1]->rules->triage_due_workdays,
	    UINT32_MAX);
	assert_int_equal(policy->n_offerings, 2);
	assert_string_equal(policy->offerings[0]->code, "a");
	assert_int_equal(policy->offerings[0]->level, SK__LEVEL__AMBULANT);
	assert_int_equal(policy->offerings[0]->theme, SK__THEME__SEPARATION);
	assert_int_equal(policy->offerings[1]->level,
	    SK__LEVEL__COMPULSORY_LEVEL);
	assert_int_equal(policy->n_sources, 5);
	assert_string_equal(policy->sources[1], "2");
	assert_string_equal(policy->sources[3], "~");
	assert_string_equal(policy->sources[4], "2026-01-01");
	assert_int_equal(policy->n_courts, 0);
}

static void
test_dates_instants_and_bytes_are_read(void **state)
{
	Sk__AgentUsers *users;
	Sk__FoundingBody *founding;

	assert_int_equal(read_text(state, "users:\n"
	    "- person: 9223372036854775807\n"
	    "  from_date: 2026-03-31\n"
	    "  until_date: \"1969-12-31\"\n"
	    "  kinds: [TRIAGE]\n", &sk__agent_users__descriptor, &users),
	    SK_OK);
	assert_int_equal(users->users[0]->person, INT64_MAX);
	assert_int_equal(users->users[0]->from_date, 20543);
	assert_int_equal(users->users[0]->until_date, -1);
	assert_string_equal(users->users[0]->kinds[0], "TRIAGE");
	assert_int_equal(read_text(state, "operator_keys: [00FF, '']\n"
	    "instant: 1970-01-01T00:00:01.000Z\n"
	    "number: '5'\n", &sk__founding_body__descriptor, &founding),
	    SK_OK);
	assert_int_equal(founding->operator_keys[0].len, 2);
	assert_memory_equal(founding->operator_keys[0].data, "\0\xff", 2);
	assert_int_equal(founding->operator_keys[1].len, 0);
	assert_int_equal(founding->instant, 1000);
	assert_int_equal(founding->number, 5);
}

static void
test_an_empty_file_leaves_every_field_absent(void **state)
{
	static const char *const texts[] = { "", "\n\n", "# nothing\n", "{}",
	    "---\n{}\n...\n" };
	Sk__BrokerConfig *config;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(read_text(state, texts[i],
		    &sk__broker_config__descriptor, &config), SK_OK);
		assert_null(config->journal);
		assert_false(config->has_batch_max);
	}
}

static void
test_a_fault_names_place_and_path_and_what_would_be_right(void **state)
{
	static const struct { const char *text, *want; } cases[] = {
		{ "order: 1\n",
		    "c.yaml:1:1: want one of region, title, rules, "
		    "municipalities, courts, providers, offerings, sources, "
		    "groups, areas, roles, witnesses, witness_quorum "
		    "(got \"order\")" },
		{ "rules:\n  order_breech_days: 1\n",
		    "c.yaml:2:3: rules: want order_breach_days "
		    "(got \"order_breech_days\")" },
		{ "region: a\ntitle: b\nregion: c\n",
		    "c.yaml:3:1: region: want each field once "
		    "(got \"region\")" },
		{ "offerings:\n- code: a\n  level: heavy\n",
		    "c.yaml:3:10: offerings[0].level: want one of LIGHT, "
		    "AMBULANT, SPECIALIST, RESIDENTIAL, COMPULSORY_LEVEL "
		    "(got \"heavy\")" },
		{ "rules: {order_warning_days: many}\n",
		    "c.yaml:1:29: rules.order_warning_days: want a whole "
		    "number of 0 to 4294967295 (got \"many\")" },
		{ "rules: {order_warning_days: 4294967296}\n", NULL },
		{ "rules: {order_warning_days: -1}\n", NULL },
		{ "rules: {order_warning_days: 014}\n", NULL },
		{ "rules: {order_warning_days: 0x14}\n", NULL },
		{ "rules: {order_warning_days: 1_000}\n", NULL },
		{ "rules: {order_warning_days: 1.0}\n", NULL },
		{ "rules: {order_warning_days: 99999999999999999999}\n", NULL },
		{ "rules: {order_warning_days: \"1\\02\"}\n", NULL },
		{ "rules: {order_warning_days: }\n",
		    "c.yaml:1:29: rules.order_warning_days: want a whole "
		    "number of 0 to 4294967295 (got nothing)" },
		{ "rules: {order_warning_days: [1]}\n",
		    "c.yaml:1:29: rules.order_warning_days: want a whole "
		    "number of 0 to 4294967295 (got a list)" },
		{ "rules: {court_refers_direct: yes}\n",
		    "c.yaml:1:30: rules.court_refers_direct: want true or "
		    "false (got \"yes\")" },
		{ "rules: {court_refers_direct: 1}\n", NULL },
		{ "rules: 5\n",
		    "c.yaml:1:8: rules: want a group of fields (got \"5\")" },
		{ "region: {a: b}\n",
		    "c.yaml:1:9: region: want text (got a group of fields)" },
		{ "region:\ntitle: x\n",
		    "c.yaml:1:8: region: want text (got nothing)" },
		{ "region: \"a\\0b\"\n", NULL },
		{ "sources: one\n",
		    "c.yaml:1:10: sources: want a list (got \"one\")" },
		{ "sources: [a, [b]]\n",
		    "c.yaml:1:14: sources[1]: want text (got a list)" },
		{ "sources:\n-\n", NULL },
		{ "- a\n",
		    "c.yaml:1:1: want a group of fields (got a list)" },
		{ "[a]: b\n", NULL },
		{ "\"region\\0x\": b\n", NULL },
		{ "region: a\n---\nregion: b\n",
		    "c.yaml:2:1: want one document in a file" },
		{ "region: [\n", NULL },
		{ "region: a\n\ttitle: b\n", NULL },
		{ "a: *b\n", NULL },
		{ "region: \"\\e[2J\"\nregion: x\n", NULL },
	};
	void *message;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(read_text(state, cases[i].text,
		    &sk__policy__descriptor, &message), SK_CONFIG);
		assert_int_equal(fault.code, SK_CONFIG);
		assert_null(message);
		if (cases[i].want != NULL)
			assert_string_equal(fault_text(), cases[i].want);
	}
}

static void
test_dates_and_bytes_that_are_none_are_refused(void **state)
{
	static const struct { const char *text, *want; } cases[] = {
		{ "users: [{from_date: 2026-02-29}]",
		    "c.yaml:1:21: users[0].from_date: want a date such as "
		    "2026-03-31 (got \"2026-02-29\")" },
		{ "users: [{from_date: 20543}]", NULL },
		{ "users: [{from_date: 31-03-2026}]", NULL },
	};
	void *message;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(read_text(state, cases[i].text,
		    &sk__agent_users__descriptor, &message), SK_CONFIG);
		if (cases[i].want != NULL)
			assert_string_equal(fault_text(), cases[i].want);
	}
	assert_int_equal(read_text(state, "broker_link_key: 0g",
	    &sk__founding_body__descriptor, &message), SK_CONFIG);
	assert_string_equal(fault_text(), "c.yaml:1:18: broker_link_key: "
	    "want an even number of hexadecimal digits (got \"0g\")");
}

static void
test_text_that_is_not_utf_8_is_refused(void **state)
{
	void *message;

	assert_int_equal(read_text(state, "region: \"a\xff\"\n",
	    &sk__policy__descriptor, &message), SK_CONFIG);
	assert_non_null(strstr(fault_text(), "want UTF-8 text"));
}

static void
test_a_file_has_a_largest_size(void **state)
{
	char *text = malloc(YAML_FILE_BYTES_MAX + 1);
	void *message;

	memset(text, '#', YAML_FILE_BYTES_MAX + 1);
	assert_int_equal(read_sized(state, text, YAML_FILE_BYTES_MAX,
	    &sk__policy__descriptor, sizeof(memory), &message, NULL), SK_OK);
	assert_int_equal(read_sized(state, text, YAML_FILE_BYTES_MAX + 1,
	    &sk__policy__descriptor, sizeof(memory), &message, NULL),
	    SK_CONFIG);
	assert_string_equal(fault_text(),
	    "c.yaml: want at most 1048576 bytes");
	free(text);
}

static void
test_an_absent_file_is_said(void **state)
{
	ProtobufCMessage *message;
	struct arena arena;

	arena_init(&arena, memory, sizeof(memory));
	assert_int_equal(yaml_read(scratch_path(state, "c.yaml"),
	    &sk__policy__descriptor, &arena, &message, NULL, &fault),
	    SK_FILE_IO);
	assert_string_equal(fault_text(), "c.yaml: No such file or directory");
	assert_null(message);
}

static void
test_less_memory_than_needed_is_a_fault_at_every_size(void **state)
{
	static const char text[] = "region: abcdefghijklmnop\n"
	    "sources: [a, b]\nmunicipalities: [{code: '1'}, {}]\n";
	bool fitted = false;
	void *message;

	for (size_t budget = 0; budget < 2048; budget += 16) {
		enum sk_error code = read_sized(state, text, strlen(text),
		    &sk__policy__descriptor, budget, &message, NULL);

		assert_true(code == SK_OK || code == SK_CONFIG);
		assert_true(code == SK_OK || !fitted);
		fitted = code == SK_OK;
	}
	assert_true(fitted);
}

/* An alias counts anew each time, and never runs in circles. */
static void
test_aliases_cost_no_more_than_the_arena(void **state)
{
	static const char bomb[] =
	    "rules: &r {order_warning_days: 3}\n"
	    "municipalities:\n"
	    "- &m {code: a, rules: *r}\n"
	    "- *m\n"
	    "courts: &c [&d {name: x}, *d, *d, *d]\n"
	    "sources: [&s s, *s, *s]\n";
	static const char loop[] = "municipalities: &m\n- rules: *m\n";
	Sk__Policy *policy;

	assert_int_equal(read_text(state, bomb, &sk__policy__descriptor,
	    &policy), SK_OK);
	assert_int_equal(policy->n_courts, 4);
	assert_int_equal(policy->municipalities[1]->rules->order_warning_days,
	    3);
	assert_int_equal(read_text(state, loop, &sk__policy__descriptor,
	    &policy), SK_CONFIG);
}

static void
test_deep_nesting_is_refused(void **state)
{
	char text[20000];
	void *message;

	memset(text, '[', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(read_text(state, text, &sk__policy__descriptor,
	    &message), SK_CONFIG);
}

static void
test_a_later_check_finds_the_place_again(void **state)
{
	static const struct { const char *path, *want; } cases[] = {
		{ "region", "c.yaml:1:9: region: want more" },
		{ "offerings[1].provider",
		    "c.yaml:5:13: offerings[1].provider: want more" },
		{ "offerings[1]", "c.yaml:4:3: offerings[1]: want more" },
		/* Absent: the nearest that is there. */
		{ "offerings[1].product",
		    "c.yaml:4:3: offerings[1].product: want more" },
		{ "offerings[2].code",
		    "c.yaml:3:1: offerings[2].code: want more" },
		{ "region.code", "c.yaml:1:9: region.code: want more" },
		{ "region[0]", "c.yaml:1:9: region[0]: want more" },
		{ "title", "c.yaml:1:1: title: want more" },
		{ "", "c.yaml:1:1: want more" },
	};
	static const char text[] = "region: a\nofferings:\n- code: b\n"
	    "- code: c\n  provider: d\n";
	struct yaml *yaml;
	void *message;

	assert_int_equal(read_sized(state, text, strlen(text),
	    &sk__policy__descriptor, sizeof(memory), &message, &yaml), SK_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(yaml_complain(yaml, &fault, cases[i].path,
		    "want %s", "more"), SK_CONFIG);
		assert_string_equal(fault_text(), cases[i].want);
	}
	yaml_close(yaml);
	/* A document of nothing has a place as well. */
	assert_int_equal(read_sized(state, "", 0, &sk__policy__descriptor,
	    sizeof(memory), &message, &yaml), SK_OK);
	yaml_complain(yaml, &fault, "region", "want one");
	assert_string_equal(fault_text(), "c.yaml:1:1: region: want one");
	yaml_close(yaml);
	yaml_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_a_profile_becomes_a_policy),
		scratch_test(test_dates_instants_and_bytes_are_read),
		scratch_test(test_an_empty_file_leaves_every_field_absent),
		scratch_test(test_a_fault_names_place_and_path_and_what_would_be_right),
		scratch_test(test_dates_and_bytes_that_are_none_are_refused),
		scratch_test(test_text_that_is_not_utf_8_is_refused),
		scratch_test(test_a_file_has_a_largest_size),
		scratch_test(test_an_absent_file_is_said),
		scratch_test(test_less_memory_than_needed_is_a_fault_at_every_size),
		scratch_test(test_aliases_cost_no_more_than_the_arena),
		scratch_test(test_deep_nesting_is_refused),
		scratch_test(test_a_later_check_finds_the_place_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
