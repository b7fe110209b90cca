/*
 * Facts of the kinds beside the main line: what must be there, and bounds.
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

static void
add_override(Sk__Facts *f, uint32_t gate)
{
	Sk__Override *o = arena_new(&arena, Sk__Override, sk__override__init);

	o->has_gate = o->has_reason = 1;
	o->gate = gate;
	o->reason = SK__OVERRIDE_REASON__URGENT;
	assert_int_equal(arena_append(&arena, &f->n_overrides,
	    (void ***)(void *)&f->overrides, o), 0);
}

#define CHANGE(name, statement) \
	static void name(Sk__Facts *f) { statement; }
CHANGE(no_ground, f->access_request->has_ground = 0)
CHANGE(no_theme, f->access_request->has_theme = 0)
CHANGE(no_place, f->access_request->municipality = NULL)
CHANGE(short_place, f->access_request->municipality[3] = '\0')
CHANGE(no_person, f->access_request->n_persons = 0)
CHANGE(no_child, f->access_request->persons[0]->role = SK__PERSON_ROLE__PARENT)
CHANGE(signal_ground, f->signal->has_ground = 0)
CHANGE(assigned_what, f->request_assignment->offering = NULL)
CHANGE(assigned_by, f->request_assignment->has_referrer = 0)
CHANGE(whose, f->not_mine->municipality = NULL)
CHANGE(withdrawn_why, f->withdraw->has_reason = 0)
CHANGE(paused_until, f->pause->has_expected_date = 0)
CHANGE(paused_late, f->pause->expected_date = CIVIL_DATE_MAX + 1)
CHANGE(until_when, f->investigate->has_until_date = 0)
CHANGE(wanted_what, f->change_request->has_wanted = 0)
CHANGE(wanted_when, f->change_request->wanted_date = CIVIL_DATE_MIN - 1)
CHANGE(wanted_code, f->change_request->offering[1] = ' ')
CHANGE(no_verdict, f->change_answer->has_verdict = 0)
CHANGE(who_joins, f->involvement_notice->has_participant = 0)
CHANGE(in_or_out, f->involvement_notice->has_left = 0)
CHANGE(who_directs, f->director_change->has_director = 0)
CHANGE(yes_or_no, f->director_accept->has_accepted = 0)
CHANGE(stuck_why, f->stuck->has_reason = 0)
CHANGE(asked_why, f->ret_request->has_reason = 0)
CHANGE(advised, f->ret_advice->has_tailor_made_plan = 0)
CHANGE(failed, f->boeg_request->has_follow_up_failed = 0)
CHANGE(advised_too, f->boeg_advice->has_tailor_made_plan = 0)
CHANGE(no_lesson, f->lesson->n_themes = 0)
CHANGE(same_lesson, f->lesson->themes = (Sk__LessonTheme *)
    arena_take(&arena, 16); f->lesson->n_themes = 2;
    f->lesson->themes[0] = f->lesson->themes[1] =
    SK__LESSON_THEME__LESSON_FINANCE)
CHANGE(who_tells, f->story->has_teller = 0)
CHANGE(who_feels, f->feedback->has_teller = 0)
CHANGE(score_0, f->feedback->score = 0)
CHANGE(score_5, f->feedback->score = 5)
CHANGE(score_6, f->feedback->score = 6)
CHANGE(taken_back, f->correction->has_removed = 0)
CHANGE(former_none, f->link_person->has_former = 0)
CHANGE(former_31, f->link_person->former.len = 31)
CHANGE(person_none, f->link_person->person = NULL)
CHANGE(person_31, f->link_person->person->pseudonym.len = 31)
CHANGE(need_what, f->unmet_need->has_domain = 0)
CHANGE(crisis_what, f->crisis_alert->has_crisis = 0)
CHANGE(crisis_over, f->crisis_review->has_over = 0)
CHANGE(attempt_when, f->contact_attempt->has_date = 0)
CHANGE(attempt_how, f->contact_attempt->has_reached = 0)
CHANGE(alone, f->case_conference->parties = 1)
CHANGE(two, f->case_conference->parties = 2)
CHANGE(about_or_with, f->case_conference->has_parents = 0)
CHANGE(gate_none, add_override(f, 82); f->overrides[0]->has_gate = 0)
CHANGE(reason_none, add_override(f, 82); f->overrides[0]->has_reason = 0)
CHANGE(gate_twice, add_override(f, 82); add_override(f, 82))
CHANGE(overrides_8, for (uint32_t i = 0; i < 8; i++) add_override(f, 80 + i))
CHANGE(overrides_9, for (uint32_t i = 0; i < 9; i++) add_override(f, 80 + i))

#define K(name) SK__KIND__##name
#define ROW(kind, change, code, field) { K(kind), change, SK_##code, field }

static const struct {
	Sk__Kind kind;
	void (*change)(Sk__Facts *f);
	enum sk_error code;
	const char *field;
} rows[] = {
	ROW(ACCESS_REQUEST, no_ground, FIELD_MISSING, "facts.access_request.ground"),
	ROW(ACCESS_REQUEST, no_theme, FIELD_MISSING, "facts.access_request.theme"),
	ROW(ACCESS_REQUEST, no_place, FIELD_MISSING, "facts.access_request.municipality"),
	ROW(ACCESS_REQUEST, short_place, FIELD_INVALID, "facts.access_request.municipality"),
	ROW(ACCESS_REQUEST, no_person, FIELD_MISSING, "facts.access_request.persons"),
	ROW(ACCESS_REQUEST, no_child, FIELD_MISSING, "facts.access_request.persons"),
	ROW(SIGNAL, signal_ground, FIELD_MISSING, "facts.signal.ground"),
	ROW(REQUEST_ASSIGNMENT, assigned_what, FIELD_MISSING, "facts.request_assignment.offering"),
	ROW(REQUEST_ASSIGNMENT, assigned_by, FIELD_MISSING, "facts.request_assignment.referrer"),
	ROW(NOT_MINE, whose, FIELD_MISSING, "facts.not_mine.municipality"),
	ROW(WITHDRAW, withdrawn_why, FIELD_MISSING, "facts.withdraw.reason"),
	ROW(PAUSE, paused_until, FIELD_MISSING, "facts.pause.expected_date"),
	ROW(PAUSE, paused_late, DATE_INVALID, "facts.pause.expected_date"),
	ROW(INVESTIGATE, until_when, FIELD_MISSING, "facts.investigate.until_date"),
	ROW(CHANGE_REQUEST, wanted_what, FIELD_MISSING, "facts.change_request.wanted"),
	ROW(CHANGE_REQUEST, wanted_when, DATE_INVALID, "facts.change_request.wanted_date"),
	ROW(CHANGE_REQUEST, wanted_code, FIELD_INVALID, "facts.change_request.offering"),
	ROW(CHANGE_ANSWER, no_verdict, FIELD_MISSING, "facts.change_answer.verdict"),
	ROW(INVOLVEMENT_NOTICE, who_joins, FIELD_MISSING, "facts.involvement_notice.participant"),
	ROW(INVOLVEMENT_NOTICE, in_or_out, FIELD_MISSING, "facts.involvement_notice.left"),
	ROW(DIRECTOR_CHANGE, who_directs, FIELD_MISSING, "facts.director_change.director"),
	ROW(DIRECTOR_ACCEPT, yes_or_no, FIELD_MISSING, "facts.director_accept.accepted"),
	ROW(STUCK, stuck_why, FIELD_MISSING, "facts.stuck.reason"),
	ROW(RET_REQUEST, asked_why, FIELD_MISSING, "facts.ret_request.reason"),
	ROW(RET_ADVICE, advised, FIELD_MISSING, "facts.ret_advice.tailor_made_plan"),
	ROW(BOEG_REQUEST, failed, FIELD_MISSING, "facts.boeg_request.follow_up_failed"),
	ROW(BOEG_ADVICE, advised_too, FIELD_MISSING, "facts.boeg_advice.tailor_made_plan"),
	ROW(LESSON, no_lesson, FIELD_MISSING, "facts.lesson.themes"),
	ROW(LESSON, same_lesson, FIELD_INVALID, "facts.lesson.themes[1]"),
	ROW(STORY, who_tells, FIELD_MISSING, "facts.story.teller"),
	ROW(FEEDBACK, who_feels, FIELD_MISSING, "facts.feedback.teller"),
	ROW(FEEDBACK, score_0, FIELD_INVALID, "facts.feedback.score"),
	ROW(FEEDBACK, score_5, OK, ""),
	ROW(FEEDBACK, score_6, FIELD_INVALID, "facts.feedback.score"),
	ROW(CORRECTION, taken_back, FIELD_MISSING, "facts.correction.removed"),
	ROW(LINK_PERSON, former_none, FIELD_MISSING, "facts.link_person.former"),
	ROW(LINK_PERSON, former_31, FIELD_INVALID, "facts.link_person.former"),
	ROW(LINK_PERSON, person_none, FIELD_MISSING, "facts.link_person.person"),
	ROW(LINK_PERSON, person_31, FIELD_INVALID, "facts.link_person.person.pseudonym"),
	ROW(UNMET_NEED, need_what, FIELD_MISSING, "facts.unmet_need.domain"),
	ROW(CRISIS_ALERT, crisis_what, FIELD_MISSING, "facts.crisis_alert.crisis"),
	ROW(CRISIS_REVIEW, crisis_over, FIELD_MISSING, "facts.crisis_review.over"),
	ROW(CONTACT_ATTEMPT, attempt_when, FIELD_MISSING, "facts.contact_attempt.date"),
	ROW(CONTACT_ATTEMPT, attempt_how, FIELD_MISSING, "facts.contact_attempt.reached"),
	ROW(CASE_CONFERENCE, alone, FIELD_INVALID, "facts.case_conference.parties"),
	ROW(CASE_CONFERENCE, two, OK, ""),
	ROW(CASE_CONFERENCE, about_or_with, FIELD_MISSING, "facts.case_conference.parents"),
	ROW(STUCK, gate_none, FIELD_MISSING, "facts.overrides[0].gate"),
	ROW(STUCK, reason_none, FIELD_MISSING, "facts.overrides[0].reason"),
	ROW(STUCK, gate_twice, FIELD_INVALID, "facts.overrides[1].gate"),
	ROW(STUCK, overrides_8, OK, ""),
	ROW(STUCK, overrides_9, FIELD_INVALID, "facts.overrides"),
};

static void
test_what_must_be_there_is_named_when_it_is_not(void **state)
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
		    test_what_must_be_there_is_named_when_it_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
