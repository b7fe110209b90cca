/*
 * Counting by itself, the edges of a quarter, and what may be shown.
 */
#include "broker/core/figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/civil.h"

#define K(name) SK__KIND__##name
#define H(name) SK__HANDOFF_STATUS__##name
#define COUNTED(name) figures.count[FIGURE_##name]

static struct figures figures;
static struct figures_case past;
static struct figures_family family;
static struct case_row before, after;
static struct header header;
static Sk__Facts facts;
static struct figures_event event;

static int
setup(void **state)
{
	(void)state;
	memset(&figures, 0, sizeof(figures));
	memset(&past, 0, sizeof(past));
	memset(&family, 0, sizeof(family));
	memset(&before, 0, sizeof(before));
	memset(&after, 0, sizeof(after));
	memset(&header, 0, sizeof(header));
	memset(&event, 0, sizeof(event));
	sk__facts__init(&facts);
	event.event = SK__EVENT_KIND__ENVELOPE_EVENT;
	event.header = &header;
	event.facts = &facts;
	event.before = &before;
	event.after = &after;
	before.number = after.number = 1;
	before.state = after.state = SK__CASE_STATE__CASE_NEW;
	return 0;
}

static void
at(int year, int month, int day)
{
	event.instant = civil_day_start(civil_date(year, month, day)) +
	    DAY_MS / 2;
	header.event_date = civil_date(year, month, day);
	header.has_event_date = true;
}

static void
feed(Sk__Kind kind)
{
	header.info = kind_info(kind);
	figures_feed(&figures, &past, &family, &event);
	figures_remember(&past, &family, &event);
	before = after;
}

/* ---- the quarter */

static void
test_a_quarter_is_read_or_refused(void **state)
{
	static const struct {
		const char *text;
		int from[3], to[3];
	} good[] = {
		{ "2026Q1", { 2026, 1, 1 }, { 2026, 3, 31 } },
		{ "2026Q4", { 2026, 10, 1 }, { 2026, 12, 31 } },
		{ "2028Q1", { 2028, 1, 1 }, { 2028, 3, 31 } },
	};
	static const char *const bad[] = { "", "2026", "2026Q0", "2026Q5",
		"2026q1", "2026Q11", "Q1", "20x6Q1", "1969Q4", "2200Q1" };
	struct figures_period period;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(figures_period_parse(good[i].text, &period));
		assert_int_equal(period.from, civil_date(good[i].from[0],
		    good[i].from[1], good[i].from[2]));
		assert_int_equal(period.to, civil_date(good[i].to[0],
		    good[i].to[1], good[i].to[2]));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(figures_period_parse(bad[i], &period));
}

static void
test_a_quarter_begins_and_ends_at_midnight_in_amsterdam(void **state)
{
	static const struct {
		const char *instant;
		bool in;
	} cases[] = {
		{ "2026-03-31T21:59:59.999Z", false },	/* summer time by then */
		{ "2026-03-31T22:00:00.000Z", true },
		{ "2026-06-30T21:59:59.999Z", true },
		{ "2026-06-30T22:00:00.000Z", false },
	};
	struct figures_period period;
	int64_t instant;

	(void)state;
	assert_true(figures_period_parse("2026Q2", &period));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(civil_instant_parse(cases[i].instant, &instant));
		assert_int_equal(figures_in_period(&period, instant),
		    cases[i].in);
	}
	assert_true(figures_period_parse("2026Q1", &period));
	assert_true(civil_instant_parse("2025-12-31T23:00:00.000Z", &instant));
	assert_true(figures_in_period(&period, instant));	/* winter time */
	assert_false(figures_in_period(&period, instant - 1));
}

/* ---- spreads */

static void
test_median_and_p90_follow_from_the_spread(void **state)
{
	static const struct {
		uint32_t days[6], n, median, p90;
	} cases[] = {
		{ { 0 }, 0, 0, 0 },
		{ { 7 }, 1, 7, 7 },
		{ { 1, 2, 3, 4 }, 4, 2, 4 },
		{ { 5, 5, 5, 9, 30 }, 5, 5, 30 },
		{ { 400, 400, 0 }, 3, 400, 400 },
	};
	static uint32_t spread[FIGURES_DAYS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(spread, 0, sizeof(spread));
		for (size_t k = 0; k < cases[i].n; k++)
			spread[cases[i].days[k]]++;
		assert_int_equal(spread_total(spread), cases[i].n);
		assert_int_equal(spread_at(spread, 50), cases[i].median);
		assert_int_equal(spread_at(spread, 90), cases[i].p90);
	}
}

/* ---- counting */

static void
start_after(int days)
{
	Sk__StartFacts start = SK__START_FACTS__INIT;

	setup(NULL);
	at(2026, 1, 1);
	after.order_date = past.order_date = civil_date(2026, 1, 1);
	after.handoffs = 1;
	after.handoff[0].status = H(OFFER_ACCEPTED);
	after.handoff[0].provider = event.sender = 7;
	before = after;
	after.handoff[0].status = H(HELP_STARTED);
	facts.start = &start;
	event.instant += days * DAY_MS;
	header.event_date += days;
	feed(K(START));
}

static void
test_a_first_start_falls_on_one_side_of_day_14_and_28(void **state)
{
	static const struct {
		int days;
		enum figure figure;
	} cases[] = { { 0, FIGURE_START_14 }, { 14, FIGURE_START_14 },
		{ 15, FIGURE_START_28 }, { 28, FIGURE_START_28 },
		{ 29, FIGURE_START_LATE }, { 700, FIGURE_START_LATE } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t days = cases[i].days > (int)FIGURES_DAYS_MAX ?
		    FIGURES_DAYS_MAX : (uint32_t)cases[i].days;

		start_after(cases[i].days);
		assert_int_equal(COUNTED(FIRST_STARTS), 1);
		assert_int_equal(figures.count[cases[i].figure], 1);
		assert_int_equal(COUNTED(START_14) + COUNTED(START_28) +
		    COUNTED(START_LATE), 1);
		assert_int_equal(
		    figures.spread[SPREAD_ORDER_START][days], 1);
	}
}

static void
test_a_second_start_is_a_hop_and_no_first_start(void **state)
{
	Sk__StartFacts start = SK__START_FACTS__INIT;

	(void)state;
	start_after(10);
	facts.start = &start;
	at(2026, 6, 1);
	feed(K(START));
	assert_int_equal(COUNTED(FIRST_STARTS), 1);
	assert_int_equal(COUNTED(STARTS), 2);
	assert_int_equal(figures.spread[SPREAD_HOPS_12][1], 1);
	assert_int_equal(figures.spread[SPREAD_HOPS_12][2], 1);
}

static void
test_erased_facts_count_without_their_answers(void **state)
{
	(void)state;
	at(2026, 2, 1);
	event.facts = NULL;
	feed(K(TRIAGE));
	feed(K(DECLINE));
	feed(K(STOP));
	feed(K(ROUTE_DECISION));
	assert_int_equal(COUNTED(TRIAGES), 1);
	assert_int_equal(COUNTED(DOMAIN_SAFETY), 0);
	assert_int_equal(COUNTED(DECLINE_OTHER), 1);
	assert_int_equal(COUNTED(ENDS), 1);
	assert_int_equal(COUNTED(FAILED), 0);
	assert_int_equal(COUNTED(ROUTE_NONE), 1);
}

static void
test_no_kind_needs_facts_to_be_counted(void **state)
{
	(void)state;
	at(2026, 2, 1);
	event.facts = NULL;
	for (size_t i = 0; i < kind_count(); i++)
		feed(kind_at(i)->kind);
	assert_int_equal(COUNTED(MESSAGES), kind_count());
	assert_int_equal(COUNTED(OPENED), 4);
}

static void
test_a_refusal_counts_as_one_and_nothing_else_moves(void **state)
{
	Sk__TriageFacts triage = SK__TRIAGE_FACTS__INIT;

	(void)state;
	at(2026, 2, 1);
	facts.triage = &triage;
	event.refusal = SK_ANALYSIS_MISSING;
	feed(K(TRIAGE));
	assert_int_equal(COUNTED(REFUSALS), 1);
	assert_int_equal(COUNTED(GATES), 1);
	assert_int_equal(COUNTED(GATE_ANALYSIS), 1);
	assert_int_equal(COUNTED(TRIAGES), 0);
	event.refusal = SK_ENVELOPE_REPEATED;
	feed(K(TRIAGE));
	assert_int_equal(COUNTED(DUPLICATES), 1);
	assert_int_equal(COUNTED(REFUSALS), 1);
	event.refusal = SK_MALFORMED;
	feed(K(TRIAGE));
	assert_int_equal(COUNTED(REFUSALS), 2);
	assert_int_equal(COUNTED(GATES), 1);
}

static void
test_a_case_stands_once_with_all_that_it_waits_for(void **state)
{
	(void)state;
	at(2026, 2, 1);
	after.handoffs = 2;
	after.handoff[0].status = after.handoff[1].status = H(HELP_WAITING);
	after.handoff[0].provider = 7;
	after.handoff[1].provider = 8;
	after.handoff[0].waits_since = civil_date(2026, 1, 1);
	after.handoff[1].waits_since = civil_date(2026, 1, 31);
	after.priority = 2;
	feed(K(OPENED));
	figures_stand(&figures, &past, civil_date(2026, 3, 31), 0);
	assert_int_equal(COUNTED(WAITING), 2);
	assert_int_equal(COUNTED(WAITING_CLASS_2), 2);
	assert_int_equal(COUNTED(OPEN_CASES), 1);
	assert_int_equal(figures.spread[SPREAD_WAITED][89], 1);
	memset(&figures, 0, sizeof(figures));
	figures_stand(&figures, &past, civil_date(2026, 3, 31), 8);
	assert_int_equal(COUNTED(WAITING), 1);
	past.state = SK__CASE_STATE__CASE_CLOSED;
	figures_stand(&figures, &past, civil_date(2026, 3, 31), 0);
	assert_int_equal(COUNTED(WAITING), 1);
}

/* rule: R55 */
static void
test_a_family_that_returns_is_counted_as_the_broker_found_it(void **state)
{
	Sk__Effects effects = SK__EFFECTS__INIT;

	(void)state;
	at(2026, 2, 1);
	event.before = NULL;
	event.effects = &effects;
	feed(K(SIGNAL));
	assert_int_equal(COUNTED(RETURNED), 0);
	effects.has_returns_after = 1;
	effects.returns_after = 3;
	feed(K(SIGNAL));
	assert_int_equal(COUNTED(RETURNED), 1);
	assert_int_equal(COUNTED(OPENED_SIGNAL), 2);
}

/* ---- what the catalogue says of help */

static struct {
	Sk__Policy policy;
	Sk__Offering offering, *offerings[1];
	Sk__PartnerGroup group, *groups[1];
	Sk__Area area, *areas[1];
	char *members[1], *contacts[1], *municipalities[1];
} region;

#define WORD(text) ((char *)(uintptr_t)(text))

/* One offering, of a core partner, for a pilot at weekends. */
static void
offer_help(void)
{
	sk__policy__init(&region.policy);
	sk__offering__init(&region.offering);
	sk__partner_group__init(&region.group);
	sk__area__init(&region.area);
	region.offering.code = WORD("hulp");
	region.offering.provider = region.members[0] = WORD("42420001");
	region.offering.has_level = region.offering.has_pilot = 1;
	region.offering.level = SK__LEVEL__SPECIALIST;
	region.offering.pilot = region.offering.has_weekend = 1;
	region.offering.weekend = region.offering.has_scale = 1;
	region.offering.scale = SK__SCALE__REGIONAL;
	region.group.has_from_level = 1;
	region.group.from_level = SK__LEVEL__SPECIALIST;
	region.group.n_members = 1;
	region.group.members = region.members;
	region.offerings[0] = &region.offering;
	region.policy.offerings = region.offerings;
	region.groups[0] = &region.group;
	region.policy.groups = region.groups;
	region.policy.n_offerings = region.policy.n_groups = 1;
	event.policy = &region.policy;
	after.handoffs = 1;
	after.handoff[0].provider = event.sender = 7;
	after.handoff[0].level = SK__LEVEL__SPECIALIST;
	after.handoff[0].status = H(OFFER_OPEN);
	strcpy(after.handoff[0].offering, "hulp");
}

/* rule: R27, R30 */
static void
test_pilots_and_core_partners_are_counted_apart(void **state)
{
	Sk__ReferralFacts referral = SK__REFERRAL_FACTS__INIT;
	Sk__DeclineFacts decline = SK__DECLINE_FACTS__INIT;
	Sk__Effects effects = SK__EFFECTS__INIT;
	Sk__Notice notice = SK__NOTICE__INIT;

	(void)state;
	at(2026, 2, 1);
	offer_help();
	facts.referral = &referral;
	feed(K(REFERRAL));
	assert_int_equal(COUNTED(OFFERS_PARTNER), 1);
	assert_int_equal(COUNTED(OFFERS_PILOT), 1);
	notice.has_kind = 1;
	notice.kind = SK__NOTICE_KIND__NEXT_PARTNER;
	effects.notice = &notice;
	event.effects = &effects;
	facts.decline = &decline;
	feed(K(DECLINE));
	assert_int_equal(COUNTED(DECLINED_PARTNER), 1);
	assert_int_equal(COUNTED(DECLINED_PILOT), 1);
	assert_int_equal(COUNTED(PASSED_ON), 1);
	/* below the level of the group, and no pilot any more */
	after.handoff[0].level = before.handoff[0].level =
	    SK__LEVEL__AMBULANT;
	region.offering.pilot = 0;
	event.effects = NULL;
	feed(K(REFERRAL));
	feed(K(DECLINE));
	assert_int_equal(COUNTED(OFFERS), 2);
	assert_int_equal(COUNTED(OFFERS_PARTNER), 1);
	assert_int_equal(COUNTED(OFFERS_PILOT), 1);
	assert_int_equal(COUNTED(DECLINED_PARTNER), 1);
	assert_int_equal(COUNTED(DECLINED_PILOT), 1);
	assert_int_equal(COUNTED(PASSED_ON), 1);
}

/* rule: R22, R25, R52 */
static void
test_how_near_home_help_is_given_is_counted(void **state)
{
	Sk__ReferralFacts referral = SK__REFERRAL_FACTS__INIT;
	Sk__StartFacts start = SK__START_FACTS__INIT;
	Sk__StopFacts stop = SK__STOP_FACTS__INIT;

	(void)state;
	at(2026, 2, 1);
	offer_help();
	referral.has_skipped = referral.has_wider = 1;
	facts.referral = &referral;
	feed(K(REFERRAL));
	assert_int_equal(COUNTED(OFFERS_FARTHER), 1);
	assert_int_equal(COUNTED(OFFERS_WIDER), 1);
	facts.start = &start;
	after.handoff[0].hop = after.handoff[0].parallel = 1;
	after.handoff[0].start_date = civil_date(2026, 2, 1);
	feed(K(START));
	assert_int_equal(COUNTED(SCALE_REGIONAL), 1);
	assert_int_equal(COUNTED(OWN_AREA), 0);
	assert_int_equal(COUNTED(STARTS_WEEKEND), 1);
	assert_int_equal(COUNTED(STARTS_PILOT), 1);
	assert_int_equal(COUNTED(HOPPED), 1);
	assert_int_equal(COUNTED(PARALLEL), 1);
	/* the same help by who is the fixed contact of the area */
	after.municipality = 193;
	region.municipalities[0] = WORD("0193");
	region.contacts[0] = region.members[0];
	region.area.municipalities = region.municipalities;
	region.area.contacts = region.contacts;
	region.area.n_municipalities = region.area.n_contacts = 1;
	region.areas[0] = &region.area;
	region.policy.areas = region.areas;
	region.policy.n_areas = 1;
	feed(K(START));
	assert_int_equal(COUNTED(OWN_AREA), 1);
	assert_int_equal(COUNTED(SCALED), 2);
	at(2026, 3, 13);
	facts.stop = &stop;
	stop.has_reason = 1;
	stop.reason = SK__END_REASON__GOOD_ENOUGH;
	feed(K(STOP));
	assert_int_equal(figures.spread[SPREAD_HELP_DAYS][40], 1);
	assert_int_equal(COUNTED(ENDS_PILOT), 1);
	assert_int_equal(COUNTED(PILOT_WELL), 1);
}

/* rule: R35 */
static void
test_data_that_is_asked_again_is_counted_by_item(void **state)
{
	Sk__Effects effects = SK__EFFECTS__INIT;
	Sk__Information asked = SK__INFORMATION__INIT;

	(void)state;
	at(2026, 2, 1);
	asked.asked = 5;
	asked.named = 3;
	asked.again = 2;
	effects.information = &asked;
	event.effects = &effects;
	feed(K(INFORMATION_REQUEST));
	assert_int_equal(COUNTED(ASKED), 5);
	assert_int_equal(COUNTED(ASKED_KNOWN), 3);
	assert_int_equal(COUNTED(ASKED_AGAIN), 2);
}

static void
test_the_ten_that_wait_longest_are_told_as_a_group(void **state)
{
	(void)state;
	figures.spread[SPREAD_WAITED][3] = 20;
	figures.spread[SPREAD_WAITED][60] = 8;
	figures.spread[SPREAD_WAITED][200] = 1;
	figures_oldest(&figures);
	assert_int_equal(figures.spread[SPREAD_OLDEST][200], 1);
	assert_int_equal(figures.spread[SPREAD_OLDEST][60], 8);
	assert_int_equal(figures.spread[SPREAD_OLDEST][3], 1);
	assert_int_equal(spread_total(figures.spread[SPREAD_OLDEST]), 10);
	assert_int_equal(spread_at(figures.spread[SPREAD_OLDEST], 50), 60);
}

static void
test_days_waited_are_split_by_class_and_vulnerability(void **state)
{
	(void)state;
	at(2026, 2, 1);
	after.handoffs = 1;
	after.handoff[0].status = H(HELP_WAITING);
	after.handoff[0].waits_since = civil_date(2026, 3, 1);
	after.priority = 2;
	after.vulnerability = 5;
	feed(K(OPENED));
	figures_stand(&figures, &past, civil_date(2026, 3, 31), 0);
	assert_int_equal(figures.spread[SPREAD_WAITED_2][30], 1);
	assert_int_equal(figures.spread[SPREAD_WAITED_HIGH][30], 1);
	assert_int_equal(spread_total(figures.spread[SPREAD_WAITED_1]), 0);
	assert_int_equal(COUNTED(VULNERABLE_HIGH), 1);
}

/* ---- what was put right */

static struct figures_right right;

static void
test_a_decline_counts_for_the_reason_that_was_put_right(void **state)
{
	Sk__DeclineFacts decline = SK__DECLINE_FACTS__INIT;

	(void)state;
	at(2026, 2, 1);
	memset(&right, 0, sizeof(right));
	decline.has_reason = 1;
	decline.reason = SK__DECLINE_REASON__CAPACITY;
	facts.decline = &decline;
	right.has_reason = true;
	right.reason = SK__DECLINE_REASON__AGE_LIMIT;
	event.right = &right;
	feed(K(DECLINE));
	assert_int_equal(COUNTED(DECLINED), 1);
	assert_int_equal(COUNTED(DECLINE_CAPACITY), 0);
	assert_int_equal(COUNTED(DECLINE_AGE), 1);
}

static void
test_a_start_that_was_taken_back_never_was(void **state)
{
	(void)state;
	memset(&right, 0, sizeof(right));
	right.removed = true;
	setup(NULL);
	event.right = &right;
	at(2026, 1, 1);
	past.order_date = civil_date(2026, 1, 1);
	feed(K(START));
	assert_int_equal(COUNTED(STARTS), 0);
	assert_int_equal(COUNTED(FIRST_STARTS), 0);
	assert_int_equal(COUNTED(MESSAGES), 1);
	assert_int_equal(past.started_date, 0);
	assert_int_equal(family.starts, 0);
}

static void
test_days_count_to_the_date_that_was_put_right(void **state)
{
	Sk__StartFacts start = SK__START_FACTS__INIT;

	(void)state;
	memset(&right, 0, sizeof(right));
	right.has_date = true;
	right.date = civil_date(2026, 1, 15);
	facts.start = &start;
	at(2026, 1, 29);
	past.order_date = civil_date(2026, 1, 1);
	event.right = &right;
	feed(K(START));
	assert_int_equal(COUNTED(START_14), 1);
	assert_int_equal(figures.spread[SPREAD_ORDER_START][14], 1);
	assert_int_equal(past.started_date, civil_date(2026, 1, 15));
}

static void
test_a_goal_counts_as_it_was_put_right(void **state)
{
	Sk__StopFacts stop = SK__STOP_FACTS__INIT;
	Sk__GoalState goal = SK__GOAL_STATE__INIT, *goals[] = { &goal };

	(void)state;
	memset(&right, 0, sizeof(right));
	at(2026, 2, 1);
	goal.number = 1;
	goal.status = SK__GOAL_STATUS__REACHED;
	stop.n_goals = 1;
	stop.goals = goals;
	facts.stop = &stop;
	right.goal[1] = SK__GOAL_STATUS__NOT_REACHED;
	event.right = &right;
	feed(K(STOP));
	assert_int_equal(COUNTED(ACCESS_REACHED), 0);
	assert_int_equal(COUNTED(ACCESS_NOT), 1);
}

static void
test_a_case_that_was_entered_in_error_counts_as_that_alone(void **state)
{
	(void)state;
	at(2026, 2, 1);
	past.voided = 1;
	event.before = NULL;
	feed(K(SIGNAL));
	event.before = &before;
	after.state = SK__CASE_STATE__CASE_VOID;
	feed(K(VOID));
	assert_int_equal(COUNTED(OPENED), 0);
	assert_int_equal(COUNTED(VOIDED), 1);
	assert_int_equal(COUNTED(MESSAGES), 2);
	past.state = SK__CASE_STATE__CASE_NEW;	/* at the quarter's end */
	figures_stand(&figures, &past, civil_date(2026, 3, 31), 0);
	assert_int_equal(COUNTED(OPEN_CASES), 0);
}

static void
test_refusals_and_corrections_are_told_a_case(void **state)
{
	Sk__CorrectionFacts correction = SK__CORRECTION_FACTS__INIT;

	(void)state;
	at(2026, 2, 1);
	correction.has_removed = correction.removed = 1;
	facts.correction = &correction;
	feed(K(CORRECTION));
	event.refusal = SK_PROVIDER_NOT_QUALIFIED;
	feed(K(REFERRAL));
	feed(K(REFERRAL));
	assert_int_equal(COUNTED(GATE_QUALIFIED), 2);
	event.refusal = SK_OK;
	after.escalation = before.escalation = SK__ESCALATION__CASE_STUCK;
	after.state = SK__CASE_STATE__CASE_CLOSED_OTHER_ROUTE;
	feed(K(CLOSE));
	assert_int_equal(COUNTED(TAKEN_BACK), 1);
	assert_int_equal(figures.spread[SPREAD_CASE_REFUSALS][2], 1);
	assert_int_equal(figures.spread[SPREAD_CASE_CORRECTIONS][1], 1);
	assert_int_equal(figures.spread[SPREAD_CASE_MESSAGES][4], 1);
	assert_int_equal(COUNTED(CLOSED_LIGHT), 1);
	assert_int_equal(COUNTED(CLOSED_STUCK), 1);
}

/* ---- what may be shown */

#define LIST_MAX 6

static void
test_what_is_few_is_hidden_and_cannot_be_found_again(void **state)
{
	static const struct {
		size_t n;
		uint32_t count[LIST_MAX];
		const char *shown;	/* + shown, < few, . hidden too */
		char whole;
	} cases[] = {
		{ 3, { 9, 8, 7 }, "+++", '+' },
		{ 3, { 0, 0, 9 }, "+++", '+' },		/* nought is nobody */
		{ 3, { 9, 8, 4 }, "+.<", '+' },		/* the next smallest */
		{ 3, { 9, 0, 4 }, ".+<", '+' },		/* never a nought */
		{ 4, { 9, 3, 4, 8 }, "+<<+", '+' },
		{ 4, { 9, 1, 1, 8 }, "+<<.", '+' },	/* 2 says: 1 and 1 */
		{ 4, { 9, 4, 4, 8 }, "+<<.", '+' },	/* 8 says: 4 and 4 */
		{ 4, { 5, 0, 0, 0 }, "++++", '+' },
		{ 3, { 0, 0, 4 }, "++<", '<' },
		{ 3, { 1, 1, 0 }, "<<+", '<' },
		{ 3, { 4, 4, 0 }, "<<+", '.' },		/* nothing else to hide */
		{ 3, { 5, 4, 0 }, ".<+", '+' },
		{ 3, { 9, 5, 1 }, "..<", '+' },		/* 6 says: 5 and 1 */
		{ 3, { 5, 1, 0 }, ".<+", '.' },		/* and nothing else */
		{ 0, { 0 }, "", '+' },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum shown shown[LIST_MAX] = { SHOWN }, whole = SHOWN;
		uint32_t sum = 0;

		for (size_t k = 0; k < cases[i].n; k++)
			sum += cases[i].count[k];
		figures_hide(cases[i].count, shown, cases[i].n, sum, &whole);
		for (size_t k = 0; k < cases[i].n; k++)
			if ("+<."[shown[k]] != cases[i].shown[k])
				fail_msg("list %zu, cell %zu", i, k);
		if ("+<."[whole] != cases[i].whole)
			fail_msg("list %zu, the whole", i);
		assert_false(figures_hide(cases[i].count, shown, cases[i].n,
		    sum, &whole));
	}
}

static void
test_a_whole_that_is_hidden_does_not_follow_from_its_parts(void **state)
{
	const uint32_t count[3] = { 9, 8, 7 };
	enum shown shown[3] = { SHOWN }, whole = SHOWN_NOT;

	(void)state;
	assert_true(figures_hide(count, shown, 3, 24, &whole));
	assert_int_equal(shown[2], SHOWN_NOT);
}

static void
test_the_rest_of_a_whole_is_hidden_too(void **state)
{
	enum shown shown[FIGURE_COUNT] = { SHOWN };

	(void)state;
	figures.count[FIGURE_REPORTS] = figures.count[FIGURE_ADVICE] = 50;
	figures.count[FIGURE_ADVICE_STOP] = 50;
	figures.count[FIGURE_REPORTS_ON_TIME] = 48;	/* 2 came late */
	while (figures_hide_within(figures.count, shown))
		;
	assert_int_equal(shown[FIGURE_REPORTS_ON_TIME], SHOWN_NOT);
	assert_int_equal(shown[FIGURE_REPORTS], SHOWN);
	assert_int_equal(shown[FIGURE_ADVICE_STOP], SHOWN);
}

static void
test_figures_that_are_equal_are_hidden_together(void **state)
{
	enum shown shown[FIGURE_COUNT] = { SHOWN };

	(void)state;
	figures.count[FIGURE_DECLINED] = figures.count[FIGURE_COMPLEXITY] = 8;
	figures.count[FIGURE_DECLINE_CAPACITY] = 4;
	figures.count[FIGURE_DECLINE_SAFETY] = 4;
	figures.count[FIGURE_COMPLEXITY_LOW] = 8;
	while (figures_hide_within(figures.count, shown))
		;
	assert_int_equal(shown[FIGURE_DECLINED], SHOWN_NOT);
	assert_int_equal(shown[FIGURE_COMPLEXITY], SHOWN_NOT);
	assert_int_equal(shown[FIGURE_COMPLEXITY_LOW], SHOWN_NOT);
}

/* ---- the list itself */

static void
test_every_group_has_figures_and_parts_lie_side_by_side(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (int i = 0; i < FIGURE_COUNT; i++) {
		const struct figure_info *info = figure_info((enum figure)i);

		assert_in_range(info->group, 1, FIGURE_GROUPS);
		seen |= 1u << info->group;
		assert_int_equal(info->sort == FIGURE_WHOLE,
		    info->of == (enum figure)i && info->sort != FIGURE_THING);
		if (info->sort != FIGURE_PART)
			continue;
		assert_true(info->of < (enum figure)i);
		if (i > (int)info->of + 1)
			assert_int_equal(figure_info((enum figure)(i - 1))->sort,
			    FIGURE_PART);
	}
	assert_int_equal(seen, (1u << (FIGURE_GROUPS + 1)) - 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_quarter_is_read_or_refused),
		cmocka_unit_test(
		    test_a_quarter_begins_and_ends_at_midnight_in_amsterdam),
		cmocka_unit_test(test_median_and_p90_follow_from_the_spread),
		cmocka_unit_test(
		    test_a_first_start_falls_on_one_side_of_day_14_and_28),
		cmocka_unit_test_setup(
		    test_a_second_start_is_a_hop_and_no_first_start, setup),
		cmocka_unit_test_setup(
		    test_erased_facts_count_without_their_answers, setup),
		cmocka_unit_test_setup(
		    test_no_kind_needs_facts_to_be_counted, setup),
		cmocka_unit_test_setup(
		    test_a_refusal_counts_as_one_and_nothing_else_moves,
		    setup),
		cmocka_unit_test_setup(
		    test_a_case_stands_once_with_all_that_it_waits_for, setup),
		cmocka_unit_test_setup(
		    test_a_family_that_returns_is_counted_as_the_broker_found_it,
		    setup),
		cmocka_unit_test_setup(
		    test_pilots_and_core_partners_are_counted_apart,
		    setup),
		cmocka_unit_test_setup(
		    test_how_near_home_help_is_given_is_counted,
		    setup),
		cmocka_unit_test_setup(
		    test_data_that_is_asked_again_is_counted_by_item,
		    setup),
		cmocka_unit_test_setup(
		    test_the_ten_that_wait_longest_are_told_as_a_group,
		    setup),
		cmocka_unit_test_setup(
		    test_days_waited_are_split_by_class_and_vulnerability,
		    setup),
		cmocka_unit_test_setup(
		    test_a_decline_counts_for_the_reason_that_was_put_right,
		    setup),
		cmocka_unit_test_setup(
		    test_a_start_that_was_taken_back_never_was,
		    setup),
		cmocka_unit_test_setup(
		    test_days_count_to_the_date_that_was_put_right,
		    setup),
		cmocka_unit_test_setup(
		    test_a_goal_counts_as_it_was_put_right,
		    setup),
		cmocka_unit_test_setup(
		    test_a_case_that_was_entered_in_error_counts_as_that_alone,
		    setup),
		cmocka_unit_test_setup(
		    test_refusals_and_corrections_are_told_a_case,
		    setup),
		cmocka_unit_test(
		    test_what_is_few_is_hidden_and_cannot_be_found_again),
		cmocka_unit_test(
		    test_a_whole_that_is_hidden_does_not_follow_from_its_parts),
		cmocka_unit_test_setup(test_the_rest_of_a_whole_is_hidden_too,
		    setup),
		cmocka_unit_test_setup(
		    test_figures_that_are_equal_are_hidden_together, setup),
		cmocka_unit_test(
		    test_every_group_has_figures_and_parts_lie_side_by_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
