#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "proto/civil.h"
#include "proto/message.h"
#include "tests/unit/proto/any_facts.h"

static _Alignas(16) uint8_t memory[262144];
static struct arena arena;

#define SET(message, field, value) \
	((message)->has_##field = 1, (message)->field = (value))
#define APPEND(message, list, item) \
	append(&(message)->n_##list, (void ***)(void *)&(message)->list, item)
#define NEW(Type, type) arena_new(&arena, Sk__##Type, sk__##type##__init)

static void
append(size_t *n, void ***items, void *item)
{
	assert_int_equal(arena_append(&arena, n, items, item), 0);
}

static Sk__Goal *
goal(uint32_t number, Sk__GoalSetter setter)
{
	Sk__Goal *g = NEW(Goal, goal);

	SET(g, number, number);
	SET(g, setter, setter);
	SET(g, due_date, 20500);
	return g;
}

static Sk__GoalState *
goal_state(uint32_t number)
{
	Sk__GoalState *g = NEW(GoalState, goal_state);

	SET(g, number, number);
	SET(g, status, SK__GOAL_STATUS__ON_TRACK);
	return g;
}

static Sk__Person *
person(Sk__PersonRole role, int byte)
{
	Sk__Person *p = NEW(Person, person);

	SET(p, role, role);
	SET(p, secret_version, 1);
	p->has_pseudonym = 1;
	p->pseudonym.len = 32;
	p->pseudonym.data = arena_take(&arena, 32);
	memset(p->pseudonym.data, byte, 32);
	return p;
}

static Sk__CourtOrderFacts *
court_order(void)
{
	Sk__CourtOrderFacts *f = NEW(CourtOrderFacts, court_order_facts);

	f->municipality = arena_string(&arena, "0193");
	f->has_order_reference = 1;
	f->order_reference.len = 16;
	f->order_reference.data = arena_take(&arena, 16);
	APPEND(f, persons, person(SK__PERSON_ROLE__CHILD, 1));
	APPEND(f, persons, person(SK__PERSON_ROLE__PARENT, 2));
	SET(f, theme, SK__THEME__SEPARATION);
	APPEND(f, goals, goal(1, SK__GOAL_SETTER__SET_BY_COURT));
	APPEND(f, goals, goal(32, SK__GOAL_SETTER__SET_BY_COURT));
	SET(f, hearing_date, 20600);
	return f;
}

static Sk__TriageFacts *
triage(void)
{
	Sk__TriageFacts *f = NEW(TriageFacts, triage_facts);

	SET(f, ground, SK__GROUND__HELP_REQUEST);
	for (int i = 1; i <= 14; i++) {
		Sk__DomainAnswer *d = NEW(DomainAnswer, domain_answer);

		SET(d, domain, (Sk__LifeDomain)i);
		SET(d, answer, i == 1 ? SK__ANSWER__YES : SK__ANSWER__NO);
		if (i == 1)
			SET(d, owner, SK__PROBLEM_OWNER__OWNER_RELATION);
		APPEND(f, domains, d);
	}
	return f;
}

static Sk__AnalysisFacts *
analysis(void)
{
	static Sk__LifeDomain support[2];
	Sk__AnalysisFacts *f = NEW(AnalysisFacts, analysis_facts);

	support[0] = SK__LIFE_DOMAIN__SAFETY;
	support[1] = SK__LIFE_DOMAIN__HOUSING;
	f->n_support = 2;
	f->support = support;
	SET(f, authors, 1);
	SET(f, hypotheses, 1);
	return f;
}

static Sk__RouteDecisionFacts *
route_decision(void)
{
	static Sk__Route side[2];
	Sk__RouteDecisionFacts *f = NEW(RouteDecisionFacts,
	    route_decision_facts);

	side[0] = SK__ROUTE__MEDIATOR;
	side[1] = SK__ROUTE__WMO;
	SET(f, main, SK__ROUTE__YOUTH_AMBULANT);
	f->n_side = 2;
	f->side = side;
	return f;
}

static Sk__FamilyPlanFacts *
family_plan(void)
{
	static Sk__PlanParty agreed[2];
	Sk__FamilyPlanFacts *f = NEW(FamilyPlanFacts, family_plan_facts);

	agreed[0] = SK__PLAN_PARTY__PLAN_PARENTS;
	agreed[1] = SK__PLAN_PARTY__PLAN_ACCESS;
	APPEND(f, goals, goal(3, SK__GOAL_SETTER__SET_BY_ACCESS));
	f->n_agreed = 2;
	f->agreed = agreed;
	return f;
}

static void
fill_rest(Sk__Kind kind, Sk__Facts *f)
{
	switch (kind) {
	case SK__KIND__REFERRAL:
		f->referral = NEW(ReferralFacts, referral_facts);
		f->referral->offering = arena_string(&arena, "uha.A-1");
		break;
	case SK__KIND__RECEIPT_OF:
		f->receipt_of = NEW(ReceiptOfFacts, receipt_of_facts);
		break;
	case SK__KIND__ACCEPT:
		f->accept = NEW(AcceptFacts, accept_facts);
		SET(f->accept, intake_date, 20510);
		break;
	case SK__KIND__DECLINE:
		f->decline = NEW(DeclineFacts, decline_facts);
		SET(f->decline, reason, SK__DECLINE_REASON__CAPACITY);
		break;
	case SK__KIND__WAIT_PLACE:
		f->wait_place = NEW(WaitPlaceFacts, wait_place_facts);
		SET(f->wait_place, expected_date, 20520);
		SET(f->wait_place, bridge_help, 0);
		break;
	case SK__KIND__START:
		f->start = NEW(StartFacts, start_facts);
		break;
	case SK__KIND__CLOSE:
		f->close = NEW(CloseFacts, close_facts);
		break;
	case SK__KIND__OPENED:
		f->opened = NEW(OpenedFacts, opened_facts);
		break;
	case SK__KIND__ERASURE_ANSWER:
		any_facts(&arena, kind, f);
		f->erasure_answer->has_refusal = 0;
		f->erasure_answer->statute = NULL;
		break;
	default:
		any_facts(&arena, kind, f);
		break;
	}
}

static void
fill_reports(Sk__Kind kind, Sk__Facts *f)
{
	switch (kind) {
	case SK__KIND__PROGRESS_REPORT:
		f->progress_report = NEW(ProgressReportFacts,
		    progress_report_facts);
		APPEND(f->progress_report, goals, goal_state(1));
		break;
	case SK__KIND__HEARING_NOTICE:
		f->hearing_notice = NEW(HearingNoticeFacts,
		    hearing_notice_facts);
		SET(f->hearing_notice, hearing_date, 20600);
		break;
	case SK__KIND__HEARING_REPORT_REQUEST:
		f->hearing_report_request = NEW(HearingReportRequestFacts,
		    hearing_report_request_facts);
		SET(f->hearing_report_request, due_date, 20580);
		break;
	case SK__KIND__HEARING_REPORT:
		f->hearing_report = NEW(HearingReportFacts,
		    hearing_report_facts);
		APPEND(f->hearing_report, goals, goal_state(1));
		SET(f->hearing_report, advice, SK__ADVICE__ADVISE_CONTINUE);
		break;
	case SK__KIND__COURT_REPORT:
		f->court_report = NEW(CourtReportFacts, court_report_facts);
		APPEND(f->court_report, goals, goal_state(1));
		SET(f->court_report, advice,
		    SK__ADVICE__ADVISE_OTHER_OFFERING);
		f->court_report->offering = arena_string(&arena, "B2");
		break;
	case SK__KIND__STOP:
		f->stop = NEW(StopFacts, stop_facts);
		SET(f->stop, reason, SK__END_REASON__AS_PLANNED);
		APPEND(f->stop, goals, goal_state(1));
		APPEND(f->stop, goals, goal_state(2));
		break;
	default:
		fill_rest(kind, f);
		break;
	}
}

static void
fill(Sk__Kind kind, Sk__Facts *f)
{
	switch (kind) {
	case SK__KIND__COURT_ORDER: f->court_order = court_order(); break;
	case SK__KIND__TRIAGE: f->triage = triage(); break;
	case SK__KIND__ANALYSIS: f->analysis = analysis(); break;
	case SK__KIND__ROUTE_DECISION:
		f->route_decision = route_decision();
		break;
	case SK__KIND__FAMILY_PLAN: f->family_plan = family_plan(); break;
	default: fill_reports(kind, f); break;
	}
}

static void
declare(Sk__Facts *f, Sk__Section section, uint32_t characters)
{
	Sk__SectionLength *s = NEW(SectionLength, section_length);

	SET(s, section, section);
	SET(s, characters, characters);
	APPEND(f, sections, s);
}

/* Facts of this kind that are good, with every section that it must have. */
static Sk__Facts *
example(Sk__Kind kind)
{
	const struct kind_info *info = kind_info(kind);
	Sk__Facts *f;

	arena_init(&arena, memory, sizeof(memory));
	f = NEW(Facts, facts);
	SET(f, version, 1);
	fill(kind, f);
	for (int i = 1; i <= 9; i++)
		if ((info->sections_must & 1u << i) != 0)
			declare(f, (Sk__Section)i, (uint32_t)i);
	return f;
}

static void
test_facts_of_each_kind_survive_encode_and_decode(void **state)
{
	struct fault fault;
	Sk__Facts *back;
	uint8_t *bytes;
	size_t size;

	(void)state;
	for (size_t i = 0; i < kind_count(); i++) {
		Sk__Facts *f = example(kind_at(i)->kind);
		enum sk_error code;

		assert_int_equal(wire_encode(&f->base, &arena, &bytes, &size),
		    SK_OK);
		code = facts_decode(kind_at(i), bytes, size, &arena, &back,
		    &fault);
		if (code != SK_OK)
			fail_msg("%s: %s at %s", kind_at(i)->name,
			    error_name(code), fault.field);
		assert_non_null(back);
	}
}

static void
test_facts_of_another_kind_are_refused(void **state)
{
	struct fault fault;
	char path[64];

	(void)state;
	for (size_t i = 0; i < kind_count(); i++)
		for (size_t j = 0; j < kind_count(); j++) {
			const struct kind_info *other = kind_at(j);
			Sk__Facts *f = example(kind_at(i)->kind);

			if (i == j)
				continue;
			/* only the other's: whichever comes first is named */
			assert_int_not_equal(facts_check(other, f, &fault),
			    SK_OK);
			/* both: the one too many is named */
			fill(other->kind, f);
			assert_int_equal(facts_check(kind_at(i), f, &fault),
			    SK_FIELD_UNEXPECTED);
			snprintf(path, sizeof(path), "facts.%s",
			    protobuf_c_message_descriptor_get_field(
			    &sk__facts__descriptor,
			    (unsigned)other->kind + 100)->name);
			assert_string_equal(fault.field, path);
		}
}

static void
test_no_facts_at_all_are_named_as_missing(void **state)
{
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < kind_count(); i++) {
		Sk__Facts *f = example(kind_at(i)->kind);
		Sk__Facts empty = SK__FACTS__INIT;

		empty.n_sections = f->n_sections;
		empty.sections = f->sections;
		SET(&empty, version, 1);
		assert_int_equal(facts_check(kind_at(i), &empty, &fault),
		    SK_FIELD_MISSING);
		assert_int_equal(strncmp(fault.field, "facts.", 6), 0);
	}
}

/* One change to good facts each. */
#define CHANGE(name, statement) \
	static void name(Sk__Facts *f) { statement; }
#define LONG_OFFERING "abcdefghijklmnopqrstuvwxyz012345"	/* 32 */
CHANGE(no_version, f->has_version = 0)
CHANGE(version_2, f->version = 2)
CHANGE(no_municipality, f->court_order->municipality = NULL)
CHANGE(municipality_3, f->court_order->municipality[3] = '\0')
CHANGE(municipality_letter, f->court_order->municipality[0] = 'x')
CHANGE(no_reference, f->court_order->has_order_reference = 0)
CHANGE(reference_15, f->court_order->order_reference.len = 15)
CHANGE(no_persons, f->court_order->n_persons = 0)
CHANGE(persons_8, for (int i = 3; i <= 8; i++)
    APPEND(f->court_order, persons, person(SK__PERSON_ROLE__PARENT, i)))
CHANGE(persons_9, persons_8(f);
    APPEND(f->court_order, persons, person(SK__PERSON_ROLE__PARENT, 9)))
CHANGE(no_child, f->court_order->persons[0]->role = SK__PERSON_ROLE__PARENT)
CHANGE(two_children, f->court_order->persons[1]->role = SK__PERSON_ROLE__CHILD)
CHANGE(no_person_role, f->court_order->persons[1]->has_role = 0)
CHANGE(no_pseudonym, f->court_order->persons[1]->has_pseudonym = 0)
CHANGE(pseudonym_31, f->court_order->persons[0]->pseudonym.len = 31)
CHANGE(person_twice, f->court_order->persons[1]->pseudonym =
    f->court_order->persons[0]->pseudonym)
CHANGE(no_theme, f->court_order->has_theme = 0)
CHANGE(no_goals, f->court_order->n_goals = 0)
CHANGE(goal_0, f->court_order->goals[0]->number = 0)
CHANGE(goal_33, f->court_order->goals[1]->number = 33)
CHANGE(goal_twice, f->court_order->goals[0]->number = 32)
CHANGE(goal_no_number, f->court_order->goals[1]->has_number = 0)
CHANGE(goal_no_setter, f->court_order->goals[1]->has_setter = 0)
CHANGE(goal_by_access, f->court_order->goals[1]->setter =
    SK__GOAL_SETTER__SET_BY_ACCESS)
CHANGE(goal_no_date, f->court_order->goals[0]->has_due_date = 0)
CHANGE(goal_date, f->court_order->goals[0]->due_date = CIVIL_DATE_MAX + 1)
CHANGE(goals_32, for (uint32_t i = 2; i <= 31; i++)
    APPEND(f->court_order, goals, goal(i, SK__GOAL_SETTER__SET_BY_COURT)))
CHANGE(goals_33, goals_32(f);
    APPEND(f->court_order, goals, goal(1, SK__GOAL_SETTER__SET_BY_COURT)))
CHANGE(no_hearing, f->court_order->has_hearing_date = 0)
CHANGE(hearing_early, f->court_order->hearing_date = CIVIL_DATE_MIN - 1)
CHANGE(no_ground, f->triage->has_ground = 0)
CHANGE(domain_absent, f->triage->n_domains = 3)
CHANGE(no_domain, f->triage->domains[1]->has_domain = 0)
CHANGE(no_answer, f->triage->domains[1]->has_answer = 0)
CHANGE(no_owner, f->triage->domains[0]->has_owner = 0)
CHANGE(domain_twice, f->triage->domains[13]->domain = SK__LIFE_DOMAIN__SAFETY)
CHANGE(no_support, f->analysis->n_support = 0)
CHANGE(support_twice, f->analysis->support[1] = f->analysis->support[0])
CHANGE(no_authors, f->analysis->has_authors = 0)
CHANGE(authors_0, f->analysis->authors = 0)
CHANGE(no_hypotheses, f->analysis->has_hypotheses = 0)
CHANGE(hypotheses_0, f->analysis->hypotheses = 0)
CHANGE(no_route, f->route_decision->has_main = 0)
CHANGE(side_none, f->route_decision->n_side = 0)
CHANGE(side_twice, f->route_decision->side[1] = f->route_decision->side[0])
CHANGE(side_is_main, f->route_decision->side[0] = SK__ROUTE__YOUTH_AMBULANT)
CHANGE(plan_no_goals, f->family_plan->n_goals = 0)
CHANGE(plan_court_goal, f->family_plan->goals[0]->setter =
    SK__GOAL_SETTER__SET_BY_COURT)
CHANGE(plan_nobody, f->family_plan->n_agreed = 0)
CHANGE(plan_twice, f->family_plan->agreed[1] = f->family_plan->agreed[0])
CHANGE(no_offering, f->referral->offering = NULL)
CHANGE(offering_empty, f->referral->offering[0] = '\0')
CHANGE(offering_32, f->referral->offering = arena_string(&arena, LONG_OFFERING))
CHANGE(offering_33, f->referral->offering = arena_string(&arena,
    LONG_OFFERING "x"))
CHANGE(offering_space, f->referral->offering[1] = ' ')
CHANGE(wanted_late, SET(f->referral, wanted_date, CIVIL_DATE_MAX + 1))
CHANGE(wanted_last, SET(f->referral, wanted_date, CIVIL_DATE_MAX))
CHANGE(no_intake, f->accept->has_intake_date = 0)
CHANGE(intake_early, f->accept->intake_date = CIVIL_DATE_MIN - 1)
CHANGE(no_decline, f->decline->has_reason = 0)
CHANGE(no_expected, f->wait_place->has_expected_date = 0)
CHANGE(no_bridge, f->wait_place->has_bridge_help = 0)
CHANGE(progress_none, f->progress_report->n_goals = 0)
CHANGE(progress_twice, APPEND(f->progress_report, goals, goal_state(1)))
CHANGE(no_status, f->progress_report->goals[0]->has_status = 0)
CHANGE(no_hearing_date, f->hearing_notice->has_hearing_date = 0)
CHANGE(no_due, f->hearing_report_request->has_due_date = 0)
CHANGE(report_no_goals, f->hearing_report->n_goals = 0)
CHANGE(report_no_advice, f->hearing_report->has_advice = 0)
CHANGE(report_offering, f->hearing_report->offering =
    arena_string(&arena, "A"))
CHANGE(court_no_offering, f->court_report->offering = NULL)
CHANGE(court_no_goals, f->court_report->n_goals = 0)
CHANGE(court_wrong_offering, f->court_report->offering[0] = '/')
CHANGE(no_stop, f->stop->has_reason = 0)
CHANGE(stop_goal_twice, f->stop->goals[1]->number = 1)
CHANGE(stop_no_goals, f->stop->n_goals = 0)
CHANGE(no_section, f->content_mismatch_found->has_section = 0)
CHANGE(section_unnamed, f->sections[0]->has_section = 0)
CHANGE(section_unmeasured, f->sections[0]->has_characters = 0)
CHANGE(section_empty, f->sections[1]->characters = 0)
CHANGE(section_65536, f->sections[0]->characters = 65536)
CHANGE(section_65537, f->sections[0]->characters = 65537)
CHANGE(section_gone, f->n_sections = 2)
CHANGE(section_twice, declare(f, SK__SECTION__ADVICE, 3))
CHANGE(section_may, declare(f, SK__SECTION__CHILD_VIEW, 0))
CHANGE(section_foreign, declare(f, SK__SECTION__PERSONALIA, 3))
CHANGE(section_none_may, declare(f, SK__SECTION__EXPLANATION, 3))

static void
test_each_field_is_needed_in_its_range(void **state)
{
	static const struct {
		Sk__Kind kind;
		void (*change)(Sk__Facts *f);
		enum sk_error code;
		const char *field;
	} cases[] = {
		/* clang-format off: the columns are the point */
#define ROW(kind, change, code, field) { SK__KIND__##kind, change, SK_##code, field }
		ROW(START, no_version, FIELD_MISSING, "facts.version"),
		ROW(START, version_2, VERSION_UNKNOWN, "facts.version"),
		ROW(COURT_ORDER, no_municipality, FIELD_MISSING, "facts.court_order.municipality"),
		ROW(COURT_ORDER, municipality_3, FIELD_INVALID, "facts.court_order.municipality"),
		ROW(COURT_ORDER, municipality_letter, FIELD_INVALID, "facts.court_order.municipality"),
		ROW(COURT_ORDER, no_reference, FIELD_MISSING, "facts.court_order.order_reference"),
		ROW(COURT_ORDER, reference_15, FIELD_INVALID, "facts.court_order.order_reference"),
		ROW(COURT_ORDER, no_persons, FIELD_MISSING, "facts.court_order.persons"),
		ROW(COURT_ORDER, persons_8, OK, ""),
		ROW(COURT_ORDER, persons_9, FIELD_INVALID, "facts.court_order.persons"),
		ROW(COURT_ORDER, no_child, FIELD_MISSING, "facts.court_order.persons"),
		ROW(COURT_ORDER, two_children, FIELD_INVALID, "facts.court_order.persons[1].role"),
		ROW(COURT_ORDER, no_person_role, FIELD_MISSING, "facts.court_order.persons[1].role"),
		ROW(COURT_ORDER, no_pseudonym, FIELD_MISSING, "facts.court_order.persons[1].pseudonym"),
		ROW(COURT_ORDER, pseudonym_31, FIELD_INVALID, "facts.court_order.persons[0].pseudonym"),
		ROW(COURT_ORDER, person_twice, FIELD_INVALID, "facts.court_order.persons[1].pseudonym"),
		ROW(COURT_ORDER, no_theme, FIELD_MISSING, "facts.court_order.theme"),
		ROW(COURT_ORDER, no_goals, FIELD_MISSING, "facts.court_order.goals"),
		ROW(COURT_ORDER, goal_0, FIELD_INVALID, "facts.court_order.goals[0].number"),
		ROW(COURT_ORDER, goal_33, FIELD_INVALID, "facts.court_order.goals[1].number"),
		ROW(COURT_ORDER, goal_twice, FIELD_INVALID, "facts.court_order.goals[1].number"),
		ROW(COURT_ORDER, goal_no_number, FIELD_MISSING, "facts.court_order.goals[1].number"),
		ROW(COURT_ORDER, goal_no_setter, FIELD_MISSING, "facts.court_order.goals[1].setter"),
		ROW(COURT_ORDER, goal_by_access, FIELD_INVALID, "facts.court_order.goals[1].setter"),
		ROW(COURT_ORDER, goal_no_date, FIELD_MISSING, "facts.court_order.goals[0].due_date"),
		ROW(COURT_ORDER, goal_date, DATE_INVALID, "facts.court_order.goals[0].due_date"),
		ROW(COURT_ORDER, goals_32, OK, ""),
		ROW(COURT_ORDER, goals_33, FIELD_INVALID, "facts.court_order.goals[32].number"),
		ROW(COURT_ORDER, no_hearing, OK, ""),
		ROW(COURT_ORDER, hearing_early, DATE_INVALID, "facts.court_order.hearing_date"),
		ROW(TRIAGE, no_ground, FIELD_MISSING, "facts.triage.ground"),
		ROW(TRIAGE, domain_absent, OK, ""),	/* the rules' gate, not ours */
		ROW(TRIAGE, no_domain, FIELD_MISSING, "facts.triage.domains[1].domain"),
		ROW(TRIAGE, no_answer, FIELD_MISSING, "facts.triage.domains[1].answer"),
		ROW(TRIAGE, no_owner, FIELD_MISSING, "facts.triage.domains[0].owner"),
		ROW(TRIAGE, domain_twice, FIELD_INVALID, "facts.triage.domains[13].domain"),
		ROW(ANALYSIS, no_support, FIELD_MISSING, "facts.analysis.support"),
		ROW(ANALYSIS, support_twice, FIELD_INVALID, "facts.analysis.support[1]"),
		ROW(ANALYSIS, no_authors, FIELD_MISSING, "facts.analysis.authors"),
		ROW(ANALYSIS, authors_0, FIELD_INVALID, "facts.analysis.authors"),
		ROW(ANALYSIS, no_hypotheses, FIELD_MISSING, "facts.analysis.hypotheses"),
		ROW(ANALYSIS, hypotheses_0, FIELD_INVALID, "facts.analysis.hypotheses"),
		ROW(ROUTE_DECISION, no_route, FIELD_MISSING, "facts.route_decision.main"),
		ROW(ROUTE_DECISION, side_none, OK, ""),
		ROW(ROUTE_DECISION, side_twice, FIELD_INVALID, "facts.route_decision.side[1]"),
		ROW(ROUTE_DECISION, side_is_main, FIELD_INVALID, "facts.route_decision.side[0]"),
		ROW(FAMILY_PLAN, plan_no_goals, OK, ""),
		ROW(FAMILY_PLAN, plan_court_goal, FIELD_INVALID, "facts.family_plan.goals[0].setter"),
		ROW(FAMILY_PLAN, plan_nobody, FIELD_MISSING, "facts.family_plan.agreed"),
		ROW(FAMILY_PLAN, plan_twice, FIELD_INVALID, "facts.family_plan.agreed[1]"),
		ROW(REFERRAL, no_offering, FIELD_MISSING, "facts.referral.offering"),
		ROW(REFERRAL, offering_empty, FIELD_INVALID, "facts.referral.offering"),
		ROW(REFERRAL, offering_32, OK, ""),
		ROW(REFERRAL, offering_33, FIELD_INVALID, "facts.referral.offering"),
		ROW(REFERRAL, offering_space, FIELD_INVALID, "facts.referral.offering"),
		ROW(REFERRAL, wanted_late, DATE_INVALID, "facts.referral.wanted_date"),
		ROW(REFERRAL, wanted_last, OK, ""),
		ROW(ACCEPT, no_intake, FIELD_MISSING, "facts.accept.intake_date"),
		ROW(ACCEPT, intake_early, DATE_INVALID, "facts.accept.intake_date"),
		ROW(DECLINE, no_decline, FIELD_MISSING, "facts.decline.reason"),
		ROW(WAIT_PLACE, no_expected, FIELD_MISSING, "facts.wait_place.expected_date"),
		ROW(WAIT_PLACE, no_bridge, FIELD_MISSING, "facts.wait_place.bridge_help"),
		ROW(PROGRESS_REPORT, progress_none, OK, ""),
		ROW(PROGRESS_REPORT, progress_twice, FIELD_INVALID, "facts.progress_report.goals[1].number"),
		ROW(PROGRESS_REPORT, no_status, FIELD_MISSING, "facts.progress_report.goals[0].status"),
		ROW(HEARING_NOTICE, no_hearing_date, FIELD_MISSING, "facts.hearing_notice.hearing_date"),
		ROW(HEARING_REPORT_REQUEST, no_due, FIELD_MISSING, "facts.hearing_report_request.due_date"),
		ROW(HEARING_REPORT, report_no_goals, FIELD_MISSING, "facts.hearing_report.goals"),
		ROW(HEARING_REPORT, report_no_advice, FIELD_MISSING, "facts.hearing_report.advice"),
		ROW(HEARING_REPORT, report_offering, FIELD_UNEXPECTED, "facts.hearing_report.offering"),
		ROW(COURT_REPORT, court_no_offering, FIELD_MISSING, "facts.court_report.offering"),
		ROW(COURT_REPORT, court_no_goals, FIELD_MISSING, "facts.court_report.goals"),
		ROW(COURT_REPORT, court_wrong_offering, FIELD_INVALID, "facts.court_report.offering"),
		ROW(STOP, no_stop, FIELD_MISSING, "facts.stop.reason"),
		ROW(STOP, stop_goal_twice, FIELD_INVALID, "facts.stop.goals[1].number"),
		ROW(STOP, stop_no_goals, OK, ""),	/* the rules' gate, not ours */
		ROW(CONTENT_MISMATCH_FOUND, no_section, FIELD_MISSING, "facts.content_mismatch_found.section"),
		ROW(HEARING_REPORT, section_unnamed, FIELD_MISSING, "facts.sections[0].section"),
		ROW(HEARING_REPORT, section_unmeasured, FIELD_MISSING, "facts.sections[0].characters"),
		ROW(HEARING_REPORT, section_empty, SECTION_MISSING, "facts.sections[1].characters"),
		ROW(HEARING_REPORT, section_65536, OK, ""),
		ROW(HEARING_REPORT, section_65537, FIELD_INVALID, "facts.sections[0].characters"),
		ROW(HEARING_REPORT, section_gone, SECTION_MISSING, "facts.sections"),
		ROW(HEARING_REPORT, section_twice, FIELD_INVALID, "facts.sections[3].section"),
		ROW(HEARING_REPORT, section_may, OK, ""),
		ROW(HEARING_REPORT, section_foreign, FIELD_UNEXPECTED, "facts.sections[3]"),
		ROW(ACCEPT, section_none_may, OK, ""),
		ROW(RECEIPT_OF, section_none_may, FIELD_UNEXPECTED, "facts.sections[0]"),
		/* clang-format on */
	};
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		Sk__Facts *f = example(cases[i].kind);
		enum sk_error code;

		memset(&fault, 0, sizeof(fault));
		cases[i].change(f);
		code = facts_check(kind_info(cases[i].kind), f, &fault);
		if (code != cases[i].code ||
		    strcmp(fault.field, cases[i].field) != 0)
			fail_msg("row %zu: %s at %s, want %s at %s", i,
			    error_name(code), fault.field,
			    error_name(cases[i].code), cases[i].field);
	}
}

static void
test_the_hint_names_the_section_that_is_missing(void **state)
{
	Sk__Facts *f = example(SK__KIND__HEARING_REPORT);
	struct fault fault;

	(void)state;
	section_gone(f);
	facts_check(kind_info(SK__KIND__HEARING_REPORT), f, &fault);
	assert_string_equal(fault.hint, "ADVICE");
}

static void
test_facts_are_bounded_and_their_version_comes_first(void **state)
{
	static uint8_t bytes[FACTS_BYTES_MAX + 1] = { 0x98, 0x06, 0x01, 0x08,
		0x02 };
	const struct kind_info *info = kind_info(SK__KIND__START);
	struct fault fault;
	Sk__Facts *facts;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	assert_int_equal(facts_decode(info, bytes, sizeof(bytes), &arena,
	    &facts, &fault), SK_OVERSIZED);
	assert_int_equal(facts_decode(info, bytes, sizeof(bytes) - 1, &arena,
	    &facts, &fault), SK_VERSION_UNKNOWN);
	assert_string_equal(fault.field, "facts.version");
	assert_int_equal(facts_decode(info, bytes, 3, &arena, &facts, &fault),
	    SK_FIELD_UNKNOWN);
	assert_string_equal(fault.field, "facts.99");
	assert_int_equal(facts_decode(info, NULL, 0, &arena, &facts, &fault),
	    SK_FIELD_MISSING);
	assert_null(facts);
}

/* ---- the sealed content */

static void
put_text(Sk__Content *c, Sk__Section section, const char *text)
{
	Sk__SectionText *s = NEW(SectionText, section_text);

	SET(s, section, section);
	s->text = arena_string(&arena, text);
	APPEND(c, sections, s);
}

/* A decline (EXPLANATION declared as 9 characters) and this explanation. */
static enum sk_error
check_explanation(const char *text, uint32_t declared, struct fault *fault)
{
	Sk__Facts *f = example(SK__KIND__DECLINE);
	Sk__Content *c = NEW(Content, content);

	f->sections[0]->characters = declared;
	SET(c, version, 1);
	put_text(c, SK__SECTION__EXPLANATION, text);
	return content_check(f, c, fault);
}

static void
test_text_is_what_people_can_read(void **state)
{
	static const struct {
		const char *text;
		uint32_t characters;
		enum sk_error code;
	} cases[] = {
		{ "Geen plek", 9, SK_OK },
		{ "Geen plek", 8, SK_CONTENT_MISMATCH },
		{ "Geen plek", 10, SK_CONTENT_MISMATCH },
		{ "\xc3\xa9\xc3\xa9n\xe2\x82\xac\xf0\x9f\x98\x80", 5, SK_OK },
		{ "e\xcc\x81", 2, SK_TEXT_INVALID },	/* not NFC */
		{ "a\tb\nc", 5, SK_OK },
		{ "a\r\nb", 4, SK_TEXT_INVALID },
		{ "a\x1b[31m", 6, SK_TEXT_INVALID },
		{ "a\x7f", 2, SK_TEXT_INVALID },
		{ "a\xc2\x85", 2, SK_TEXT_INVALID },	/* C1: next line */
		{ "a\xc2\x9f", 2, SK_TEXT_INVALID },
		{ "a\xc2\xa0", 2, SK_OK },
		{ "a\xc2", 2, SK_TEXT_INVALID },
		{ "\xff", 1, SK_TEXT_INVALID },
	};
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(check_explanation(cases[i].text,
		    cases[i].characters, &fault), cases[i].code);
		if (cases[i].code == SK_CONTENT_MISMATCH)
			assert_string_equal(fault.field,
			    "content.sections[0]");
		if (cases[i].code == SK_TEXT_INVALID)
			assert_string_equal(fault.field,
			    "content.sections[0].text");
	}
	check_explanation("Geen plek", 8, &fault);
	assert_string_equal(fault.hint,
	    "EXPLANATION: 8 characters declared, 9 found");
}

static void
test_content_holds_the_declared_sections_and_no_others(void **state)
{
	Sk__Facts *f = example(SK__KIND__HEARING_REPORT);
	Sk__Content *c = NEW(Content, content);
	struct fault fault;

	(void)state;
	assert_int_equal(content_check(f, c, &fault), SK_FIELD_MISSING);
	assert_string_equal(fault.field, "content.version");
	SET(c, version, 2);
	assert_int_equal(content_check(f, c, &fault), SK_VERSION_UNKNOWN);
	c->version = 1;
	/* the order of the sections is the sender's */
	put_text(c, SK__SECTION__ADVICE, "12345678");
	put_text(c, SK__SECTION__WHAT_WAS_DONE, "12345");
	assert_int_equal(content_check(f, c, &fault), SK_CONTENT_MISMATCH);
	assert_string_equal(fault.field, "content.sections");
	assert_string_equal(fault.hint, "FAMILY_VIEW: declared, not there");
	put_text(c, SK__SECTION__FAMILY_VIEW, "123456");
	assert_int_equal(content_check(f, c, &fault), SK_OK);
	put_text(c, SK__SECTION__ADVICE, "12345678");
	assert_int_equal(content_check(f, c, &fault), SK_CONTENT_MISMATCH);
	assert_string_equal(fault.hint, "ADVICE: twice");
	c->sections[3]->section = SK__SECTION__SITUATION;
	assert_int_equal(content_check(f, c, &fault), SK_CONTENT_MISMATCH);
	assert_string_equal(fault.field, "content.sections[3]");
	assert_string_equal(fault.hint, "SITUATION: not declared");
	c->sections[3]->has_section = 0;
	assert_int_equal(content_check(f, c, &fault), SK_FIELD_MISSING);
	assert_string_equal(fault.field, "content.sections[3].section");
	c->sections[3]->has_section = 1;
	c->sections[3]->text = NULL;
	assert_int_equal(content_check(f, c, &fault), SK_FIELD_MISSING);
	assert_string_equal(fault.field, "content.sections[3].text");
}

static void
test_nothing_declared_needs_nothing_sealed(void **state)
{
	struct fault fault;

	(void)state;
	assert_int_equal(content_check(example(SK__KIND__RECEIPT_OF), NULL,
	    &fault), SK_OK);
	assert_int_equal(content_check(example(SK__KIND__DECLINE), NULL,
	    &fault), SK_CONTENT_MISMATCH);
}

static void
test_content_survives_encode_and_decode(void **state)
{
	struct fault fault;
	Sk__Facts *f = example(SK__KIND__DECLINE);
	Sk__Content *c = NEW(Content, content), *back;
	uint8_t *bytes;
	size_t size;

	(void)state;
	SET(c, version, 1);
	put_text(c, SK__SECTION__EXPLANATION, "Geen plek");
	assert_int_equal(wire_encode(&c->base, &arena, &bytes, &size), SK_OK);
	assert_int_equal(content_decode(bytes, size, &arena, &back, &fault),
	    SK_OK);
	assert_int_equal(content_check(f, back, &fault), SK_OK);
	assert_int_equal(content_decode("\x08\x02\x98\x06\x01", 5, &arena,
	    &back, &fault), SK_VERSION_UNKNOWN);
	assert_int_equal(content_decode("\x08\x01\x98\x06\x01", 5, &arena,
	    &back, &fault), SK_FIELD_UNKNOWN);
	assert_int_equal(content_decode(memory, SEALED_BYTES_MAX + 1, &arena,
	    &back, &fault), SK_OVERSIZED);
	assert_null(back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_facts_of_each_kind_survive_encode_and_decode),
		cmocka_unit_test(test_facts_of_another_kind_are_refused),
		cmocka_unit_test(test_no_facts_at_all_are_named_as_missing),
		cmocka_unit_test(test_each_field_is_needed_in_its_range),
		cmocka_unit_test(
		    test_the_hint_names_the_section_that_is_missing),
		cmocka_unit_test(
		    test_facts_are_bounded_and_their_version_comes_first),
		cmocka_unit_test(test_text_is_what_people_can_read),
		cmocka_unit_test(
		    test_content_holds_the_declared_sections_and_no_others),
		cmocka_unit_test(test_nothing_declared_needs_nothing_sealed),
		cmocka_unit_test(test_content_survives_encode_and_decode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
