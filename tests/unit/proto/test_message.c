#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "proto/civil.h"
#include "proto/message.h"

static _Alignas(16) uint8_t memory[65536];
static struct arena arena;

/* A header of this kind that is good. */
static struct header
example(Sk__Kind kind)
{
	struct header h = { .info = kind_info(kind) };

	memcpy(h.id.boot, "bootboot", BOOT_SIZE);
	h.id.number = 7;
	h.case_ref.participant = 11;
	memcpy(h.case_ref.id.boot, "courtday", BOOT_SIZE);
	h.case_ref.id.number = 3;
	if (kind_names_itself(h.info))
		h.case_ref.id = h.id;
	if (h.info->replies) {
		h.reply_to.participant = 12;
		h.reply_to.id.number = 9;
	}
	h.person = 5;
	h.written_at = 1700000000000;
	h.has_event_date = h.info->dated;
	h.event_date = h.info->dated ? 20000 : 0;
	h.recipients = 2;
	h.recipient[0].participant = 12;
	h.recipient[1].participant = 11;
	memset(h.recipient[0].key_id, 1, DIGEST_SIZE);
	memset(h.recipient[1].key_id, 2, DIGEST_SIZE);
	return h;
}

static void
test_every_kind_of_the_schema_has_its_row(void **state)
{
	const ProtobufCEnumDescriptor *d = &sk__kind__descriptor;

	(void)state;
	assert_int_equal(kind_count(), d->n_values);
	for (unsigned i = 0; i < d->n_values; i++) {
		const struct kind_info *info =
		    kind_info((Sk__Kind)d->values[i].value);
		const ProtobufCFieldDescriptor *field;

		assert_non_null(info);
		assert_string_equal(info->name, d->values[i].name);
		assert_ptr_equal(kind_at(i), info);
		assert_ptr_equal(kind_by_name(info->name), info);
		/* the number of its facts is its own plus 100 */
		field = protobuf_c_message_descriptor_get_field(
		    &sk__facts__descriptor, (unsigned)info->kind + 100);
		assert_non_null(field);
		assert_ptr_equal(kind_by_name(field->name), info);
	}
	assert_null(kind_at(kind_count()));
	assert_null(kind_info((Sk__Kind)0));
	assert_null(kind_info((Sk__Kind)99));
	assert_null(kind_by_name("COURT"));
}

static void
test_sections_belong_to_kinds_that_seal(void **state)
{
	(void)state;
	for (size_t i = 0; i < kind_count(); i++) {
		const struct kind_info *k = kind_at(i);

		assert_int_equal(k->sections_must & k->sections_may, 0);
		/* what is sealed anew may be a key alone */
		assert_int_equal(k->sections_must != 0, k->sealed ==
		    SEALED_MUST && k->kind != SK__KIND__RESEAL);
		if (k->sealed == SEALED_NEVER)
			assert_int_equal(k->sections_may, 0);
		assert_false(k->opens_case && k->replies);
	}
}

static void
test_every_role_has_its_names(void **state)
{
	const ProtobufCEnumDescriptor *d = &sk__role__descriptor;
	Sk__Role role;

	(void)state;
	for (unsigned i = 0; i < d->n_values; i++) {
		assert_string_equal(role_name((Sk__Role)d->values[i].value),
		    d->values[i].name);
		assert_string_not_equal(
		    role_dutch((Sk__Role)d->values[i].value), "?");
		assert_true(role_by_name(d->values[i].name, &role));
		assert_int_equal(role, d->values[i].value);
	}
	assert_true(role_by_name("access", &role));
	assert_int_equal(role, SK__ROLE__ACCESS);
	assert_false(role_by_name("", &role));
	assert_string_equal(role_name((Sk__Role)99), "?");
	assert_string_equal(role_dutch((Sk__Role)99), "?");
	assert_string_equal(section_name(SK__SECTION__FAMILY_VIEW),
	    "FAMILY_VIEW");
	assert_string_equal(section_name((Sk__Section)0), "?");
}

static void
test_a_header_of_each_kind_survives_encode_and_decode(void **state)
{
	struct header h, back;
	struct fault fault;
	uint8_t *bytes;
	size_t size;

	(void)state;
	for (size_t i = 0; i < kind_count(); i++) {
		h = example(kind_at(i)->kind);
		arena_init(&arena, memory, sizeof(memory));
		assert_int_equal(header_encode(&h, &arena, &bytes, &size,
		    &fault), SK_OK);
		assert_int_equal(header_decode(bytes, size, &arena, &back,
		    &fault), SK_OK);
		assert_ptr_equal(back.info, h.info);
		assert_memory_equal(&back.id, &h.id, sizeof(h.id));
		assert_true(ref_equal(&back.case_ref, &h.case_ref));
		assert_true(ref_equal(&back.reply_to, &h.reply_to));
		assert_int_equal(back.person, h.person);
		assert_int_equal(back.on_behalf_of, 0);
		assert_int_equal(back.written_at, h.written_at);
		assert_int_equal(back.has_event_date, h.has_event_date);
		assert_int_equal(back.event_date, h.event_date);
		assert_int_equal(back.recipients, 2);
		assert_memory_equal(back.recipient, h.recipient,
		    2 * sizeof(h.recipient[0]));
	}
}

static void
test_the_largest_header_fits_its_limit(void **state)
{
	struct header h = example(SK__KIND__START), back;
	struct fault fault;
	uint8_t *bytes;
	size_t size;

	(void)state;
	h.id.number = h.case_ref.id.number = h.reply_to.id.number = UINT64_MAX;
	h.case_ref.participant = h.reply_to.participant = UINT64_MAX;
	h.person = h.on_behalf_of = UINT64_MAX;
	h.written_at = civil_day_end(CIVIL_DATE_MAX) - 1;
	h.event_date = CIVIL_DATE_MAX;
	h.recipients = RECIPIENTS_MAX;
	for (size_t i = 0; i < RECIPIENTS_MAX; i++)
		h.recipient[i].participant = UINT64_MAX - i;
	arena_init(&arena, memory, sizeof(memory));
	assert_int_equal(header_encode(&h, &arena, &bytes, &size, &fault),
	    SK_OK);
	assert_true(size < HEADER_BYTES_MAX);
	assert_int_equal(header_decode(bytes, size, &arena, &back, &fault),
	    SK_OK);
	assert_int_equal(back.recipients, RECIPIENTS_MAX);
	assert_int_equal(back.recipient[31].participant, UINT64_MAX - 31);
}

/* What encode would refuse, each by one change to a good header. */
static void no_kind(struct header *h) { h->info = NULL; }
static void no_number(struct header *h) { h->id.number = 0; }
static void no_case(struct header *h) { h->case_ref.participant = 0; }
static void no_case_id(struct header *h) { h->case_ref.id.number = 0; }
static void other_case(struct header *h)
{
	*h = example(SK__KIND__COURT_ORDER);
	h->case_ref.id.number++;
}
static void other_boot(struct header *h)
{
	*h = example(SK__KIND__COURT_ORDER);
	h->case_ref.id.boot[0] ^= 1;
}
static void no_reply(struct header *h) { memset(&h->reply_to, 0, sizeof(h->reply_to)); }
static void half_reply(struct header *h) { h->reply_to.id.number = 0; }
static void half_reply_unasked(struct header *h)
{
	*h = example(SK__KIND__TRIAGE);
	h->reply_to.participant = 4;
}
static void no_person(struct header *h) { *h = example(SK__KIND__OPENED); h->person = 0; }
static void substitute_for_none(struct header *h) { h->person = 0; h->on_behalf_of = 3; }
static void written_too_early(struct header *h) { h->written_at = civil_day_start(CIVIL_DATE_MIN) - 1; }
static void written_too_late(struct header *h) { h->written_at = civil_day_end(CIVIL_DATE_MAX); }
static void no_date(struct header *h) { h->has_event_date = false; }
static void date_too_early(struct header *h) { h->event_date = CIVIL_DATE_MIN - 1; }
static void date_too_late(struct header *h) { h->event_date = CIVIL_DATE_MAX + 1; }
static void no_recipient(struct header *h) { h->recipients = 0; }
static void too_many(struct header *h) { h->recipients = RECIPIENTS_MAX + 1; }
static void nobody(struct header *h) { h->recipient[1].participant = 0; }
static void twice(struct header *h) { h->recipient[1].participant = 12; }

static void
test_nothing_leaves_that_would_be_refused(void **state)
{
	static const struct {
		void (*change)(struct header *h);
		enum sk_error code;
		const char *field;
	} cases[] = {
		{ no_kind, SK_KIND_UNKNOWN, "header.kind" },
		{ no_number, SK_FIELD_INVALID, "header.id.number" },
		{ no_case, SK_FIELD_INVALID, "header.case_ref.participant" },
		{ no_case_id, SK_FIELD_INVALID, "header.case_ref.id.number" },
		{ other_case, SK_FIELD_INVALID, "header.case_ref.id" },
		{ other_boot, SK_FIELD_INVALID, "header.case_ref.id" },
		{ no_reply, SK_FIELD_MISSING, "header.reply_to" },
		{ half_reply, SK_FIELD_INVALID, "header.reply_to.id.number" },
		{ half_reply_unasked, SK_FIELD_INVALID, "header.reply_to.id.number" },
		{ no_person, SK_FIELD_MISSING, "header.person" },
		{ substitute_for_none, SK_FIELD_MISSING, "header.person" },
		{ written_too_early, SK_DATE_INVALID, "header.written_at" },
		{ written_too_late, SK_DATE_INVALID, "header.written_at" },
		{ no_date, SK_FIELD_MISSING, "header.event_date" },
		{ date_too_early, SK_DATE_INVALID, "header.event_date" },
		{ date_too_late, SK_DATE_INVALID, "header.event_date" },
		{ no_recipient, SK_FIELD_MISSING, "header.recipients" },
		{ too_many, SK_FIELD_INVALID, "header.recipients" },
		{ nobody, SK_FIELD_INVALID, "header.recipients[1].participant" },
		{ twice, SK_FIELD_INVALID, "header.recipients[1].participant" },
	};
	struct fault fault;
	struct header h;
	uint8_t *bytes;
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		h = example(SK__KIND__START);
		cases[i].change(&h);
		arena_init(&arena, memory, sizeof(memory));
		assert_int_equal(header_encode(&h, &arena, &bytes, &size,
		    &fault), cases[i].code);
		assert_string_equal(fault.field, cases[i].field);
	}
}

/* A good header as a message, to be spoilt in ways that encode cannot. */
static Sk__Header *
example_message(void)
{
	struct header h = example(SK__KIND__START);
	ProtobufCMessage *message;
	struct fault fault;
	uint8_t *bytes;
	size_t size;

	arena_init(&arena, memory, sizeof(memory));
	assert_int_equal(header_encode(&h, &arena, &bytes, &size, &fault),
	    SK_OK);
	assert_int_equal(wire_decode(&sk__header__descriptor, "header", bytes,
	    size, HEADER_BYTES_MAX, &arena, &message, &fault), SK_OK);
	return (Sk__Header *)(void *)message;
}

static void m_version(Sk__Header *m) { m->has_version = 0; }
static void m_version_0(Sk__Header *m) { m->version = 0; }
static void m_version_2(Sk__Header *m) { m->version = 2; }
static void m_kind(Sk__Header *m) { m->has_kind = 0; }
static void m_kind_99(Sk__Header *m) { m->kind = (Sk__Kind)99; }
static void m_kind_0(Sk__Header *m) { m->kind = (Sk__Kind)0; }
static void m_kind_negative(Sk__Header *m) { m->kind = (Sk__Kind)-1; }
static void m_id(Sk__Header *m) { m->id = NULL; }
static void m_boot(Sk__Header *m) { m->id->has_boot = 0; }
static void m_boot_7(Sk__Header *m) { m->id->boot.len = 7; }
static void m_number(Sk__Header *m) { m->id->has_number = 0; }
static void m_case(Sk__Header *m) { m->case_ref = NULL; }
static void m_case_participant(Sk__Header *m) { m->case_ref->has_participant = 0; }
static void m_case_id(Sk__Header *m) { m->case_ref->id = NULL; }
static void m_reply_id(Sk__Header *m) { m->reply_to->id = NULL; }
static void m_recipient(Sk__Header *m) { m->recipients[1]->has_participant = 0; }
static void m_key(Sk__Header *m) { m->recipients[0]->has_key_id = 0; }
static void m_key_31(Sk__Header *m) { m->recipients[0]->key_id.len = 31; }
static void m_person_0(Sk__Header *m) { m->person = 0; }
static void m_behalf_0(Sk__Header *m) { m->has_on_behalf_of = 1; }
static void m_written(Sk__Header *m) { m->has_written_at = 0; }
static void m_attachment(Sk__Header *m)
{
	static Sk__Attachment attachment, *attachments[] = { &attachment };

	sk__attachment__init(&attachment);
	m->n_attachments = 1;
	m->attachments = attachments;
}
static void m_33(Sk__Header *m)
{
	static Sk__Recipient r[33], *recipients[33];

	for (size_t i = 0; i < 33; i++) {
		r[i] = *m->recipients[0];
		r[i].participant = i + 1;
		recipients[i] = &r[i];
	}
	m->n_recipients = 33;
	m->recipients = recipients;
}

static void
test_a_header_that_lacks_or_spoils_a_field_is_refused_by_name(void **state)
{
	static const struct {
		void (*change)(Sk__Header *m);
		enum sk_error code;
		const char *field;
	} cases[] = {
		{ m_version, SK_FIELD_MISSING, "header.version" },
		{ m_version_0, SK_VERSION_UNKNOWN, "header.version" },
		{ m_version_2, SK_VERSION_UNKNOWN, "header.version" },
		{ m_kind, SK_FIELD_MISSING, "header.kind" },
		{ m_kind_99, SK_KIND_UNKNOWN, "header.kind" },
		{ m_kind_0, SK_KIND_UNKNOWN, "header.kind" },
		{ m_kind_negative, SK_KIND_UNKNOWN, "header.kind" },
		{ m_id, SK_FIELD_MISSING, "header.id" },
		{ m_boot, SK_FIELD_MISSING, "header.id.boot" },
		{ m_boot_7, SK_FIELD_INVALID, "header.id.boot" },
		{ m_number, SK_FIELD_MISSING, "header.id.number" },
		{ m_case, SK_FIELD_MISSING, "header.case_ref" },
		{ m_case_participant, SK_FIELD_MISSING, "header.case_ref.participant" },
		{ m_case_id, SK_FIELD_MISSING, "header.case_ref.id" },
		{ m_reply_id, SK_FIELD_MISSING, "header.reply_to.id" },
		{ m_recipient, SK_FIELD_MISSING, "header.recipients[1].participant" },
		{ m_key, SK_FIELD_MISSING, "header.recipients[0].key_id" },
		{ m_key_31, SK_FIELD_INVALID, "header.recipients[0].key_id" },
		{ m_33, SK_FIELD_INVALID, "header.recipients" },
		{ m_person_0, SK_FIELD_INVALID, "header.person" },
		{ m_behalf_0, SK_FIELD_INVALID, "header.on_behalf_of" },
		{ m_written, SK_FIELD_MISSING, "header.written_at" },
		{ m_attachment, SK_FIELD_UNEXPECTED, "header.attachments[0]" },
	};
	struct header h;
	struct fault fault;
	uint8_t *bytes;
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		Sk__Header *m = example_message();

		cases[i].change(m);
		assert_int_equal(wire_encode(&m->base, &arena, &bytes, &size),
		    SK_OK);
		assert_int_equal(header_decode(bytes, size, &arena, &h,
		    &fault), cases[i].code);
		assert_string_equal(fault.field, cases[i].field);
		if (fault.code == SK_VERSION_UNKNOWN)
			assert_string_equal(fault.hint, "1 to 1");
	}
}

static void
test_trace_context_has_its_grammar(void **state)
{
	static char good[] =
	    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
	static char flags_none[] =
	    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
	static char wrong[][64] = {
		"",
		"01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"00-00000000000000000000000000000000-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
		"00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
	};
	struct header h;
	struct fault fault;
	uint8_t *bytes;
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]) + 2; i++) {
		Sk__Header *m = example_message();
		bool is_good = i < 2;

		m->traceparent = i == 0 ? good : i == 1 ? flags_none :
		    wrong[i - 2];
		assert_int_equal(wire_encode(&m->base, &arena, &bytes, &size),
		    SK_OK);
		assert_int_equal(header_decode(bytes, size, &arena, &h,
		    &fault), is_good ? SK_OK : SK_FIELD_INVALID);
		if (!is_good)
			assert_string_equal(fault.field, "header.traceparent");
	}
}

/* rule: R74 */
static void
test_a_later_version_is_told_so_before_its_new_fields(void **state)
{
	/* version 2 behind a field 99 and kind 77 that nobody knows yet */
	static const uint8_t later[] = "\x98\x06\x01\x18\x4d\x08\x02";
	static const uint8_t same[] = "\x98\x06\x01\x18\x01\x08\x01";
	struct header h;
	struct fault fault;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	assert_int_equal(header_decode(later, 7, &arena, &h, &fault),
	    SK_VERSION_UNKNOWN);
	assert_string_equal(fault.hint, "1 to 1");
	assert_int_equal(header_decode(same, 7, &arena, &h, &fault),
	    SK_FIELD_UNKNOWN);
	assert_string_equal(fault.field, "header.99");
}

static void
test_a_header_past_its_limit_is_oversized_whatever_it_holds(void **state)
{
	static uint8_t bytes[HEADER_BYTES_MAX + 1] = { 0x08, 0x02 };
	struct header h;
	struct fault fault;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	assert_int_equal(header_decode(bytes, sizeof(bytes), &arena, &h,
	    &fault), SK_OVERSIZED);
	assert_int_equal(header_decode(bytes, sizeof(bytes) - 1, &arena, &h,
	    &fault), SK_VERSION_UNKNOWN);
	assert_int_equal(header_decode(NULL, 0, &arena, &h, &fault),
	    SK_FIELD_MISSING);
}

static void
test_a_spent_arena_is_told_as_such(void **state)
{
	struct header h = example(SK__KIND__START);
	struct fault fault;
	uint8_t *bytes;
	size_t size, need;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	assert_int_equal(header_encode(&h, &arena, &bytes, &size, &fault),
	    SK_OK);
	need = arena.used;
	for (size_t budget = 0; budget < need; budget++) {
		arena_init(&arena, memory, budget);
		assert_int_equal(header_encode(&h, &arena, &bytes, &size,
		    &fault), SK_NO_MEMORY);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_the_schema_has_its_row),
		cmocka_unit_test(test_sections_belong_to_kinds_that_seal),
		cmocka_unit_test(test_every_role_has_its_names),
		cmocka_unit_test(
		    test_a_header_of_each_kind_survives_encode_and_decode),
		cmocka_unit_test(test_the_largest_header_fits_its_limit),
		cmocka_unit_test(test_nothing_leaves_that_would_be_refused),
		cmocka_unit_test(
		    test_a_header_that_lacks_or_spoils_a_field_is_refused_by_name),
		cmocka_unit_test(test_trace_context_has_its_grammar),
		cmocka_unit_test(
		    test_a_later_version_is_told_so_before_its_new_fields),
		cmocka_unit_test(
		    test_a_header_past_its_limit_is_oversized_whatever_it_holds),
		cmocka_unit_test(test_a_spent_arena_is_told_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
