/*
 * Facts about the family: authority, households, consent, what of a section
 * one household does not get to see, and whom of the family was told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "proto/civil.h"
#include "tests/unit/proto/any_facts.h"

static _Alignas(16) uint8_t memory[262144];
static struct arena arena;

static Sk__Facts *
example(Sk__Kind kind)
{
	const struct kind_info *info = kind_info(kind);
	Sk__Facts *f;

	arena_init(&arena, memory, sizeof(memory));
	f = arena_new(&arena, Sk__Facts, sk__facts__init);
	f->has_version = 1;
	f->version = 1;
	any_facts(&arena, kind, f);
	for (unsigned i = 1; i < 32; i++) {
		Sk__SectionLength *s;

		if ((info->sections_must >> i & 1) == 0)
			continue;
		s = arena_new(&arena, Sk__SectionLength,
		    sk__section_length__init);
		s->has_section = s->has_characters = 1;
		s->section = (Sk__Section)i;
		s->characters = 10;
		assert_int_equal(arena_append(&arena, &f->n_sections,
		    (void ***)(void *)&f->sections, s), 0);
	}
	return f;
}

/* The child of such a message becomes a parent where that is the question. */
static Sk__Person *
parent(Sk__Facts *f)
{
	Sk__Person *p = f->access_request->persons[0];

	p->role = SK__PERSON_ROLE__PARENT;
	p->has_authority = p->has_authority_ground = 1;
	p->authority = SK__AUTHORITY__SHARED_AUTHORITY;
	p->authority_ground = SK__AUTHORITY_GROUND__BY_LAW;
	return p;
}

static void
mark(Sk__Facts *f, bool withheld, uint32_t first, uint32_t second)
{
	Sk__SectionLength *s = f->sections[0];
	uint32_t *numbers = arena_take(&arena, 2 * sizeof(*numbers));
	size_t n = second == 0 ? 1 : 2;

	numbers[0] = first;
	numbers[1] = second;
	if (withheld) {
		s->withheld_from = numbers;
		s->n_withheld_from = n;
	} else {
		s->address_of = numbers;
		s->n_address_of = n;
	}
}

static Sk__ParentsInformed *
informed(Sk__Facts *f)
{
	f->parents_informed = any_message(&arena,
	    &sk__parents_informed__descriptor);
	f->parents_informed->has_not_informed = 0;
	return f->parents_informed;
}

static void
two_purposes(Sk__Facts *f, Sk__ConsentPurpose second)
{
	Sk__ConsentPurpose *p = arena_take(&arena, 2 * sizeof(*p));

	p[0] = SK__CONSENT_PURPOSE__CONSENT_ROUTE;
	p[1] = second;
	f->consent_change->purposes = p;
	f->consent_change->n_purposes = 2;
}

static void
not_needed(Sk__Facts *f, bool ground)
{
	f->consent_change->state = SK__CONSENT_STATE__CONSENT_NOT_NEEDED;
	f->consent_change->has_ground = ground;
	f->consent_change->ground = SK__CONSENT_GROUND__ACUTE_SAFETY;
}

#define CHANGE(name, statement) \
	static void name(Sk__Facts *f) { statement; }
CHANGE(nothing, (void)f)
CHANGE(child_decides, f->access_request->persons[0]->has_authority = 1)
CHANGE(no_ground, parent(f)->has_authority_ground = 0)
CHANGE(ground_of_none, parent(f)->authority = SK__AUTHORITY__NO_AUTHORITY)
CHANGE(household_0, f->access_request->persons[0]->household = 0)
CHANGE(household_8, f->access_request->persons[0]->household = 8)
CHANGE(household_9, f->access_request->persons[0]->household = 9)
CHANGE(whose_address, f->access_request->persons[0]->has_household = 0)
CHANGE(of_whom, f->person_change->has_pseudonym = 0)
CHANGE(short_name, f->person_change->pseudonym.len = 31)
CHANGE(changes_nothing, f->person_change->has_authority = 0;
    f->person_change->has_authority_ground = 0;
    f->person_change->has_household = 0;
    f->person_change->has_secret_address = 0)
CHANGE(authority_alone, f->person_change->has_authority_ground = 0)
CHANGE(change_9, f->person_change->household = 9)
CHANGE(no_purpose, f->consent_change->n_purposes = 0)
CHANGE(no_state, f->consent_change->has_state = 0)
CHANGE(purposes, two_purposes(f, SK__CONSENT_PURPOSE__CONSENT_PLAN))
CHANGE(purpose_twice, two_purposes(f, SK__CONSENT_PURPOSE__CONSENT_ROUTE))
CHANGE(why_not_needed, not_needed(f, false))
CHANGE(not_needed_why, not_needed(f, true))
CHANGE(given_on_a_ground, f->consent_change->has_ground = 1)
CHANGE(no_verdict, f->consent_answer->has_verdict = 0)
CHANGE(which_ground, f->consent_answer->verdict =
    SK__CONSENT_VERDICT__HELP_ON_OTHER_GROUND)
CHANGE(for_whom, f->extract_made->has_pseudonym = 0)
CHANGE(extract_why, f->extract_made->has_ground = 0)
CHANGE(extract_of, f->extract_made->has_messages = 0)
CHANGE(anew_what, f->reseal->has_kind = 0)
CHANGE(anew_leaf, f->reseal->leaf_hash.len = 31)
CHANGE(anew_how, f->reseal->has_whole = 0)
CHANGE(anew_of_nothing, f->reseal->whole = 0)
CHANGE(withheld, mark(f, true, 1, 8))
CHANGE(withheld_0, mark(f, true, 0, 0))
CHANGE(withheld_9, mark(f, true, 1, 9))
CHANGE(withheld_twice, mark(f, true, 2, 2))
CHANGE(address, mark(f, false, 1, 2))
CHANGE(address_9, mark(f, false, 9, 0))
CHANGE(told, informed(f))
CHANGE(told_whom, informed(f)->has_who = 0)
CHANGE(told_when, informed(f)->has_date = 0)
CHANGE(told_how, informed(f)->has_how = 0)
CHANGE(told_and_not, informed(f)->has_not_informed = 1)

/* clang-format off: the columns are the point */
#define ROW(kind, change, code, field) \
	{ SK__KIND__##kind, change, SK_##code, field }
static const struct {
	Sk__Kind kind;
	void (*change)(Sk__Facts *f);
	enum sk_error code;
	const char *field;
} rows[] = {
	ROW(ACCESS_REQUEST, nothing, OK, ""),
	ROW(ACCESS_REQUEST, child_decides, FIELD_UNEXPECTED, "facts.access_request.persons[0].authority"),
	ROW(ACCESS_REQUEST, no_ground, FIELD_MISSING, "facts.access_request.persons[0].authority_ground"),
	ROW(ACCESS_REQUEST, ground_of_none, FIELD_UNEXPECTED, "facts.access_request.persons[0].authority_ground"),
	ROW(ACCESS_REQUEST, household_0, FIELD_INVALID, "facts.access_request.persons[0].household"),
	ROW(ACCESS_REQUEST, household_8, OK, ""),
	ROW(ACCESS_REQUEST, household_9, FIELD_INVALID, "facts.access_request.persons[0].household"),
	ROW(ACCESS_REQUEST, whose_address, FIELD_MISSING, "facts.access_request.persons[0].household"),
	ROW(PERSON_CHANGE, nothing, OK, ""),
	ROW(PERSON_CHANGE, of_whom, FIELD_MISSING, "facts.person_change.pseudonym"),
	ROW(PERSON_CHANGE, short_name, FIELD_INVALID, "facts.person_change.pseudonym"),
	ROW(PERSON_CHANGE, changes_nothing, FIELD_MISSING, "facts.person_change"),
	ROW(PERSON_CHANGE, authority_alone, FIELD_MISSING, "facts.person_change.authority_ground"),
	ROW(PERSON_CHANGE, change_9, FIELD_INVALID, "facts.person_change.household"),
	ROW(CONSENT_CHANGE, nothing, OK, ""),
	ROW(CONSENT_CHANGE, no_purpose, FIELD_MISSING, "facts.consent_change.purposes"),
	ROW(CONSENT_CHANGE, no_state, FIELD_MISSING, "facts.consent_change.state"),
	ROW(CONSENT_CHANGE, purposes, OK, ""),
	ROW(CONSENT_CHANGE, purpose_twice, FIELD_INVALID, "facts.consent_change.purposes[1]"),
	ROW(CONSENT_CHANGE, why_not_needed, FIELD_MISSING, "facts.consent_change.ground"),
	ROW(CONSENT_CHANGE, not_needed_why, OK, ""),
	ROW(CONSENT_CHANGE, given_on_a_ground, FIELD_UNEXPECTED, "facts.consent_change.ground"),
	ROW(CONSENT_ANSWER, nothing, OK, ""),
	ROW(CONSENT_ANSWER, no_verdict, FIELD_MISSING, "facts.consent_answer.verdict"),
	ROW(CONSENT_ANSWER, which_ground, FIELD_MISSING, "facts.consent_answer.ground"),
	ROW(EXTRACT_MADE, nothing, OK, ""),
	ROW(EXTRACT_MADE, for_whom, FIELD_MISSING, "facts.extract_made.pseudonym"),
	ROW(EXTRACT_MADE, extract_why, FIELD_MISSING, "facts.extract_made.ground"),
	ROW(EXTRACT_MADE, extract_of, FIELD_MISSING, "facts.extract_made.messages"),
	ROW(RESEAL, nothing, OK, ""),
	ROW(RESEAL, anew_what, FIELD_MISSING, "facts.reseal.kind"),
	ROW(RESEAL, anew_leaf, FIELD_INVALID, "facts.reseal.leaf_hash"),
	ROW(RESEAL, anew_how, FIELD_MISSING, "facts.reseal.whole"),
	ROW(RESEAL, anew_of_nothing, SECTION_MISSING, "facts.sections"),
	ROW(TRIAGE, withheld, OK, ""),
	ROW(TRIAGE, withheld_0, FIELD_INVALID, "facts.sections[0].withheld_from[0]"),
	ROW(TRIAGE, withheld_9, FIELD_INVALID, "facts.sections[0].withheld_from[1]"),
	ROW(TRIAGE, withheld_twice, FIELD_INVALID, "facts.sections[0].withheld_from[1]"),
	ROW(TRIAGE, address, OK, ""),
	ROW(TRIAGE, address_9, FIELD_INVALID, "facts.sections[0].address_of[0]"),
	ROW(TRIAGE, told, OK, ""),
	ROW(TRIAGE, told_whom, FIELD_MISSING, "facts.parents_informed.who"),
	ROW(TRIAGE, told_when, FIELD_MISSING, "facts.parents_informed.date"),
	ROW(TRIAGE, told_how, FIELD_MISSING, "facts.parents_informed.how"),
	ROW(TRIAGE, told_and_not, FIELD_UNEXPECTED, "facts.parents_informed.not_informed"),
};
/* clang-format on */

static void
test_what_is_said_of_a_family_is_bounded_and_whole(void **state)
{
	struct fault fault;
	enum sk_error code;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		Sk__Facts *f = example(rows[i].kind);

		memset(&fault, 0, sizeof(fault));
		rows[i].change(f);
		code = facts_check(kind_info(rows[i].kind), f, &fault);
		if (code != rows[i].code ||
		    strcmp(fault.field, rows[i].field) != 0)
			fail_msg("row %zu: %s at %s", i, error_name(code),
			    fault.field);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_is_said_of_a_family_is_bounded_and_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
