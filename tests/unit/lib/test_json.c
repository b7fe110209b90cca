#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "broker/lib/json.h"
#include "proto/control.pb-c.h"
#include "proto/journal.pb-c.h"

static uint8_t memory[65536];

static enum sk_error
read_sized(const char *text, const ProtobufCMessageDescriptor *descriptor,
    size_t budget, ProtobufCMessage **message, struct fault *fault)
{
	static struct arena arena;
	enum sk_error code;
	json_t *json;

	arena_init(&arena, memory, budget);
	json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	assert_non_null(json);
	*fault = (struct fault){ .code = SK_OK };
	code = json_to_message(json, "in", descriptor, &arena, message, fault);
	json_decref(json);
	return code;
}

static enum sk_error
read_text(const char *text, const ProtobufCMessageDescriptor *descriptor,
    ProtobufCMessage **message, struct fault *fault)
{
	return read_sized(text, descriptor, sizeof(memory), message, fault);
}

/* The same text comes out again. */
static void
assert_round(const ProtobufCMessageDescriptor *descriptor, const char *text)
{
	ProtobufCMessage *message;
	struct fault fault;
	json_t *json;
	char *again;

	assert_int_equal(read_text(text, descriptor, &message, &fault), SK_OK);
	json = json_from_message(message);
	assert_non_null(json);
	again = json_dumps(json, JSON_COMPACT);
	assert_string_equal(again, text);
	free(again);
	json_decref(json);
}

static void
test_every_kind_of_field_goes_there_and_back(void **state)
{
	static const struct {
		const ProtobufCMessageDescriptor *descriptor;
		const char *text;
	} cases[] = {
		{ &sk__header__descriptor, "{}" },
		{ &sk__header__descriptor, "{\"version\":1,"
		    "\"id\":{\"boot\":\"00ff10a5\",\"number\":7},"
		    "\"kind\":\"COURT_ORDER\","
		    "\"recipients\":[{\"participant\":1},{}],"
		    "\"person\":9223372036854775807,"
		    "\"written_at\":\"2026-03-31T08:00:00.123Z\","
		    "\"event_date\":\"2026-03-31\","
		    "\"traceparent\":\"h\xc3\xa9\"}" },
		{ &sk__header__descriptor, "{\"version\":0,\"person\":0,"
		    "\"event_date\":\"1970-01-01\",\"traceparent\":\"\"}" },
		{ &sk__header__descriptor, "{\"version\":4294967295,"
		    "\"written_at\":\"1969-12-31T23:59:59.999Z\","
		    "\"event_date\":\"1900-01-01\"}" },
		{ &sk__analysis_facts__descriptor,
		    "{\"support\":[\"SAFETY\",\"NETWORK\"],\"authors\":2}" },
		{ &sk__triage_facts__descriptor,
		    "{\"domains\":[{\"domain\":\"SAFETY\","
		    "\"answer\":\"NOT_KNOWN\"}],\"risk_of_worsening\":true}" },
		{ &sk__founding_body__descriptor, "{\"test\":false,"
		    "\"broker_link_key\":\"\","
		    "\"operator_keys\":[\"aa\",\"\",\"bbcc\"],"
		    "\"instant\":\"2026-01-01T00:00:00.000Z\"}" },
		{ &sk__timer_change__descriptor,
		    "{\"warn\":\"2026-01-01T00:00:00.000Z\","
		    "\"breach\":\"2026-01-01T00:00:00.000Z\"}" },
		{ &sk__notice__descriptor,
		    "{\"due\":\"2026-01-01T00:00:00.000Z\"}" },
		{ &sk__rejected__descriptor,
		    "{\"not_before\":\"2026-01-01T00:00:00.000Z\"}" },
		{ &sk__signed_command__descriptor,
		    "{\"not_after\":\"2026-01-01T00:00:00.000Z\"}" },
		{ &sk__drain__descriptor,
		    "{\"until\":\"2026-01-01T00:00:00.000Z\"}" },
		{ &sk__pong__descriptor,
		    "{\"now\":\"2026-01-01T00:00:00.000Z\"}" },
		{ &sk__broker_status__descriptor,
		    "{\"next_timer\":\"2026-01-01T00:00:00.000Z\"}" },
		/* Not an instant, though it has the name of one. */
		{ &sk__deadline_body__descriptor, "{\"breach\":true}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_round(cases[i].descriptor, cases[i].text);
}

static void
test_what_does_not_fit_names_its_field_and_what_would_be_right(void **state)
{
	static const struct {
		const char *text;
		enum sk_error code;
		const char *field, *hint;
	} cases[] = {
		{ "[]", SK_FIELD_INVALID, "in", "want an object with fields" },
		{ "null", SK_FIELD_INVALID, "in", "want an object with fields" },
		{ "{\"versoin\":1}", SK_FIELD_UNKNOWN, "in.versoin",
		    "want version" },
		{ "{\"zzzzzzz\":1}", SK_FIELD_UNKNOWN, "in.zzzzzzz",
		    "want one of version, id, kind, case_ref, reply_to, "
		    "recipients, person, on_behalf_of, written_at, "
		    "event_date, ..." },
		{ "{\"\xc3\xa9\\n\":1}", SK_FIELD_UNKNOWN, "in.???", NULL },
		{ "{\"version\":-1}", SK_FIELD_INVALID, "in.version",
		    "want a whole number of 0 to 4294967295" },
		{ "{\"version\":4294967296}", SK_FIELD_INVALID, "in.version",
		    NULL },
		{ "{\"version\":1.0}", SK_FIELD_INVALID, "in.version", NULL },
		{ "{\"version\":\"1\"}", SK_FIELD_INVALID, "in.version", NULL },
		{ "{\"version\":true}", SK_FIELD_INVALID, "in.version", NULL },
		{ "{\"version\":null}", SK_FIELD_INVALID, "in.version", NULL },
		{ "{\"version\":[1]}", SK_FIELD_INVALID, "in.version", NULL },
		{ "{\"person\":-1}", SK_FIELD_INVALID, "in.person",
		    "want a whole number of 0 to 9223372036854775807" },
		{ "{\"kind\":\"court_order\"}", SK_FIELD_INVALID, "in.kind",
		    NULL },
		{ "{\"kind\":1}", SK_FIELD_INVALID, "in.kind", NULL },
		{ "{\"id\":3}", SK_FIELD_INVALID, "in.id",
		    "want an object with fields" },
		{ "{\"id\":{\"boot\":\"0\"}}", SK_FIELD_INVALID, "in.id.boot",
		    "want an even number of hexadecimal digits" },
		{ "{\"id\":{\"boot\":\"0g\"}}", SK_FIELD_INVALID, "in.id.boot",
		    NULL },
		{ "{\"recipients\":{}}", SK_FIELD_INVALID, "in.recipients",
		    "want a list" },
		{ "{\"recipients\":[{},{\"participant\":\"x\"}]}",
		    SK_FIELD_INVALID, "in.recipients[1].participant", NULL },
		{ "{\"recipients\":[{},{\"participants\":1}]}",
		    SK_FIELD_UNKNOWN, "in.recipients[1].participants",
		    "want participant" },
		{ "{\"event_date\":\"2026-02-29\"}", SK_DATE_INVALID,
		    "in.event_date", "want a date such as 2026-03-31" },
		{ "{\"event_date\":20000}", SK_FIELD_INVALID, "in.event_date",
		    NULL },
		{ "{\"written_at\":\"2026-03-31\"}", SK_DATE_INVALID,
		    "in.written_at",
		    "want an instant such as 2026-03-31T08:00:00.000Z" },
		{ "{\"traceparent\":\"a\\u0000b\"}", SK_TEXT_INVALID,
		    "in.traceparent", "want text" },
		{ "{\"traceparent\":1}", SK_FIELD_INVALID, "in.traceparent",
		    NULL },
	};
	ProtobufCMessage *message;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(read_text(cases[i].text,
		    &sk__header__descriptor, &message, &fault), cases[i].code);
		assert_int_equal(fault.code, cases[i].code);
		assert_string_equal(fault.field, cases[i].field);
		if (cases[i].hint != NULL)
			assert_string_equal(fault.hint, cases[i].hint);
		assert_null(message);
	}
}

static void
test_a_wish_for_more_than_the_arena_is_refused_at_every_size(void **state)
{
	static const char text[] = "{\"id\":{\"boot\":\"0011223344556677\"},"
	    "\"recipients\":[{},{},{}],\"traceparent\":\"abcdefghijkl\"}";
	ProtobufCMessage *message;
	struct fault fault;
	bool fitted = false;

	(void)state;
	for (size_t budget = 0; budget < 4096; budget += 8) {
		enum sk_error code = read_sized(text, &sk__header__descriptor,
		    budget, &message, &fault);

		assert_true(code == SK_OK || code == SK_OVERSIZED);
		/* Once it fits it fits. */
		assert_true(code == SK_OK || !fitted);
		fitted = code == SK_OK;
	}
	assert_true(fitted);
}

static void
test_a_long_name_is_cut_and_harms_no_one(void **state)
{
	ProtobufCMessage *message;
	struct fault fault;
	char text[5000];

	(void)state;
	memset(text, 'k', sizeof(text));
	memcpy(text, "{\"", 2);
	memcpy(text + sizeof(text) - 5, "\":1}", 5);
	assert_int_equal(read_text(text, &sk__header__descriptor, &message,
	    &fault), SK_FIELD_UNKNOWN);
	assert_memory_equal(fault.field, "in.kkk", 6);
}

/* What a peer sent may hold anything that its type holds. */
static void
test_values_beyond_name_and_calendar_stay_readable(void **state)
{
	Sk__Header header = SK__HEADER__INIT;
	json_t *json;

	(void)state;
	header.has_kind = 1;
	header.kind = (Sk__Kind)9999;
	header.has_person = 1;
	header.person = UINT64_MAX;
	header.has_event_date = 1;
	header.event_date = INT32_MIN;
	header.has_written_at = 1;
	header.written_at = INT64_MAX;
	json = json_from_message(&header.base);
	assert_int_equal(json_integer_value(json_object_get(json, "kind")),
	    9999);
	assert_string_equal(json_string_value(json_object_get(json, "person")),
	    "18446744073709551615");
	assert_int_equal(json_integer_value(json_object_get(json,
	    "event_date")), INT32_MIN);
	assert_int_equal(json_integer_value(json_object_get(json,
	    "written_at")), INT64_MAX);
	json_decref(json);
	header.traceparent = (char *)(uintptr_t)"\xff";
	assert_null(json_from_message(&header.base));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_field_goes_there_and_back),
		cmocka_unit_test(test_what_does_not_fit_names_its_field_and_what_would_be_right),
		cmocka_unit_test(test_a_wish_for_more_than_the_arena_is_refused_at_every_size),
		cmocka_unit_test(test_a_long_name_is_cut_and_harms_no_one),
		cmocka_unit_test(test_values_beyond_name_and_calendar_stay_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
