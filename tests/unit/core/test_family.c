/*
 * Which family a case belongs to, and what its cases together come to.
 */
#include "world.h"

static struct world w;

#define H(name) SK__HANDOFF_STATUS__##name

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

/* Who has this pseudonym was met before, in this family, as this child. */
static void
known(size_t i, uint8_t fill, uint64_t family, uint64_t child)
{
	w.known[i] = (struct known){ fill, { family, child } };
}

static const Sk__Effects *
opened(void)
{
	struct message m = { .kind = K(COURT_ORDER), .sender = COURT,
		.to = { TEAM } };

	/* the child is 1, its parents 2 and 3 */
	assert_int_equal(decide_message(&w, &m)->refusal.code, SK_OK);
	return w.decision.open;
}

/* rule: R41 */
static void
test_a_child_that_nobody_knows_is_a_family_of_its_own(void **state)
{
	(void)state;
	w.row.number = 6;
	assert_int_equal(opened()->family, 7);
	assert_int_equal(opened()->child, 7);
	assert_int_equal(opened()->n_family_joined, 0);
}

/* rule: R41 */
static void
test_a_case_joins_the_family_of_its_child_or_of_a_parent(void **state)
{
	(void)state;
	w.row.number = 6;
	known(0, 1, 2, 3);
	assert_int_equal(opened()->family, 2);
	assert_int_equal(opened()->child, 3);
	known(0, 3, 2, 3);	/* a parent, who was a child there once */
	assert_int_equal(opened()->family, 2);
	assert_int_equal(opened()->child, 7);
}

/* rule: R41 */
static void
test_families_that_turn_out_to_be_one_are_joined(void **state)
{
	const Sk__Effects *open;

	(void)state;
	w.row.number = 6;
	known(0, 1, 4, 4);
	known(1, 2, 2, 0);
	known(2, 3, 5, 0);
	open = opened();
	assert_int_equal(open->family, 2);
	assert_int_equal(open->child, 4);
	assert_int_equal(open->n_family_joined, 2);
	assert_int_equal(open->family_joined[0], 4);
	assert_int_equal(open->family_joined[1], 5);
}

static Sk__Facts *
linked(int former, int now)
{
	Sk__Facts *f = good_facts(&w, K(LINK_PERSON));

	f->link_person->former = bytes_of(&w, former, 32);
	f->link_person->person->pseudonym = bytes_of(&w, now, 32);
	return f;
}

/* rule: R41 */
static void
test_a_child_that_has_a_number_now_may_be_one_that_was_known(void **state)
{
	(void)state;
	w.row.number = 6;
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	known(0, 9, 2, 3);
	ACCEPTED(&w, .kind = K(LINK_PERSON), .sender = TEAM,
	    .facts = linked(1, 9));
	assert_int_equal(w.decision.open->family, 2);
	assert_int_equal(w.decision.open->family_joined[0], 7);
	assert_int_equal(w.decision.open->child, 3);
	assert_int_equal(w.decision.open->child_joined, 7);
	assert_int_equal(w.row.family, 2);
	assert_int_equal(w.row.child, 3);
	/* and a parent whom nobody knew changes nothing of that */
	ACCEPTED(&w, .kind = K(LINK_PERSON), .sender = TEAM,
	    .facts = linked(2, 10));
	assert_false(w.decision.open->has_family);
	REFUSED(&w, SK_PERSON_NOT_IN_CASE, "facts.link_person.former", 0,
	    .kind = K(LINK_PERSON), .sender = TEAM, .facts = linked(1, 9));
}

static void
test_where_a_case_is_erased_replay_believes_the_entry(void **state)
{
	static uint64_t joined[] = { 5 };
	Sk__Effects told = SK__EFFECTS__INIT;

	(void)state;
	w.row.number = 6;
	told.has_family = told.has_child = 1;
	told.family = told.child = 4;
	told.n_family_joined = 1;
	told.family_joined = joined;
	w.told = &told;
	assert_int_equal(opened()->family, 4);
	assert_int_equal(opened()->child, 4);
	assert_int_equal(opened()->family_joined[0], 5);
}

/* ---- what they come to */

static struct case_row
case_with(uint64_t number, size_t n, ...)
{
	struct case_row row = { .number = number, .owner = TEAM,
		.director = TEAM, .state = S(STARTED) };
	va_list ap;

	va_start(ap, n);
	for (size_t i = 0; i < n; i++) {
		struct case_handoff *h = &row.handoff[row.handoffs++];

		h->provider = HELP_A;
		h->status = (uint8_t)va_arg(ap, int);
		h->date = va_arg(ap, int);
		h->unplanned = (uint8_t)va_arg(ap, int);
	}
	va_end(ap);
	return row;
}

/* rule: R44 */
static void
test_failures_count_in_a_row_over_all_cases_of_the_child(void **state)
{
	struct case_row first = case_with(2, 2, H(HELP_ENDED), 100, 1,
	    H(HELP_ENDED), 200, 0);
	struct case_row second = case_with(5, 3, H(HELP_ENDED), 300, 1,
	    H(OFFER_DECLINED), 310, 0, H(HELP_ENDED), 400, 1);
	struct case_row sibling = case_with(6, 1, H(HELP_ENDED), 500, 1);
	struct case_row own = { .number = 9 };
	struct child_help all = { &own, &w.family, 2 };
	struct failures found;

	(void)state;
	family_add(&w.family, &sibling, 6);
	family_add(&w.family, &second, 2);
	family_add(&w.family, &first, 2);
	found = child_failures(&all);
	assert_int_equal(found.in_a_row, 2);
	assert_int_equal(found.last, 400);
	assert_true(found.elsewhere);
	all.child = 6;
	assert_int_equal(child_failures(&all).in_a_row, 1);
	all.child = 9;
	assert_int_equal(child_failures(&all).in_a_row, 0);
	all.child = 2;
	/* what went well on that very day, in a later case, ends the row */
	second.handoff[2].date = 300;
	second.handoff[2].unplanned = 0;
	memset(&w.family, 0, sizeof(w.family));
	family_add(&w.family, &second, 2);
	family_add(&w.family, &first, 2);
	assert_int_equal(child_failures(&all).in_a_row, 0);
	/* and what fails here counts on from there */
	own.handoffs = 1;
	own.handoff[0] = first.handoff[0];
	own.handoff[0].date = 301;
	found = child_failures(&all);
	assert_int_equal(found.in_a_row, 1);
	assert_false(found.elsewhere);
}

/* rule: R55 */
static void
test_a_family_that_comes_back_within_a_year_is_told_apart(void **state)
{
	struct case_row before = case_with(2, 1, H(HELP_ENDED),
	    today(&w) - 365, 0);

	(void)state;
	w.row.number = 6;
	known(0, 2, 2, 0);
	family_add(&w.family, &before, 2);
	assert_int_equal(opened()->returns_after, 2);
	w.family.help[0].handoff.date--;
	assert_false(opened()->has_returns_after);
	w.family.help[0].handoff.date++;
	w.family.help[0].handoff.status = H(HELP_STARTED);
	assert_false(opened()->has_returns_after);
}

static void
test_a_family_is_as_large_as_its_bound(void **state)
{
	struct case_row row = case_with(1, 3, H(HELP_ENDED), 1, 0,
	    H(HELP_ENDED), 2, 0, H(HELP_STARTED), 3, 0);

	(void)state;
	for (uint64_t i = 0; i < FAMILY_CASES_MAX + 1; i++) {
		row.number = 1000 - i;
		family_add(&w.family, &row, 1);
	}
	assert_int_equal(w.family.cases, FAMILY_CASES_MAX);
	assert_int_equal(w.family.helps, FAMILY_HELPS_MAX);
	/* the newest handoff of a case comes first */
	assert_int_equal(w.family.help[0].index, 3);
	assert_int_equal(w.family.help[0].handoff.status, H(HELP_STARTED));
}

/* ---- no double work */

static void
other_help(uint64_t number, uint64_t provider, uint8_t status, int32_t date)
{
	struct case_row row = { .number = number, .owner = OTHER_TEAM,
		.director = OTHER_TEAM, .state = S(STARTED), .handoffs = 1 };

	row.handoff[0] = (struct case_handoff){ .provider = provider,
		.status = status, .date = date, .category = 45,
		.referral = { OTHER_TEAM, { { 7 }, number } } };
	strcpy(row.handoff[0].offering, "OFF-1");
	family_add(&w.family, &row, 1);
}

static void
with_a_catalogue(void)
{
	static Sk__Offering offering;
	static Sk__Offering *offerings[1] = { &offering };
	static Sk__Policy policy;

	sk__offering__init(&offering);
	sk__policy__init(&policy);
	offering.code = (char *)(uintptr_t)"OFF-1";
	offering.provider = (char *)(uintptr_t)"42420001";
	offering.product = (char *)(uintptr_t)"45A48";
	offering.has_level = 1;
	offering.level = SK__LEVEL__AMBULANT;
	policy.n_offerings = 1;
	policy.offerings = offerings;
	w.policy = &policy;
}

static Sk__Facts *
with_override(Sk__Facts *f, enum sk_error gate)
{
	Sk__Override *o = MAKE(&w, Sk__Override, sk__override__init);

	o->has_gate = o->has_reason = 1;
	o->gate = (uint32_t)gate;
	o->reason = SK__OVERRIDE_REASON__TAILOR_MADE;
	ADD(&w, &f->n_overrides, &f->overrides, o);
	return f;
}

static Sk__Facts *
that_follows(uint64_t number)
{
	struct envelope_ref ref = { OTHER_TEAM, { { 7 }, number } };
	Sk__Facts *f = good_facts(&w, K(REFERRAL));

	f->referral->follows = ref_to_message(&ref, &w.facts_arena);
	return f;
}

/* rule: R42, R48 */
static void
test_such_help_does_not_run_twice_for_a_child(void **state)
{
	(void)state;
	with_a_catalogue();
	bring_to(&w, S(ROUTED));
	other_help(77, HELP_B, H(HELP_STARTED), today(&w) - 9);
	REFUSED(&w, SK_STACKED_HELP, "facts.referral.offering", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	assert_non_null(strstr(w.decision.refusal.hint, "case 77"));
	/* of another child of the family: no matter; nor what has ended */
	w.family.help[0].child = 77;
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	assert_int_equal(w.row.handoff[0].category, 45);
	assert_string_equal(w.row.handoff[0].offering, "OFF-1");
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	w.family.help[0].child = 1;
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = with_override(good_facts(&w, K(REFERRAL)),
	    SK_STACKED_HELP));
	assert_int_equal(w.decision.open->overrides[0]->gate,
	    SK_STACKED_HELP);
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	w.family.help[0].handoff.status = H(HELP_ENDED);
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
}

/* rule: R42 */
static void
test_what_takes_over_names_what_it_follows(void **state)
{
	(void)state;
	with_a_catalogue();
	bring_to(&w, S(ROUTED));
	other_help(77, HELP_B, H(HELP_STARTED), today(&w) - 9);
	REFUSED(&w, SK_HANDOFF_UNKNOWN, "facts.referral.follows", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = with_override(that_follows(78), SK_STACKED_HELP));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = that_follows(77));
	assert_true(w.row.handoff[0].takes_over);
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	/* and overlaps on purpose: nobody is warned */
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM });
	assert_null(case_timer_of(&w.row, SK__DEADLINE_KIND__FAMILY_WARNING,
	    1));
}

static Sk__Facts *
stop_for_another(void)
{
	Sk__Facts *f = good_facts(&w, K(STOP));

	f->stop->reason = SK__END_REASON__OTHER_PROVIDER;
	return f;
}

/* rule: R42, R48 */
static void
test_help_ends_for_anothers_once_that_has_started(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	REFUSED(&w, SK_HANDOVER_MISSING, "facts.stop.reason", 0,
	    .kind = K(STOP), .sender = HELP_A, .to = { TEAM },
	    .facts = stop_for_another());
	other_help(77, HELP_B, H(HELP_STARTED), today(&w));
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM },
	    .facts = stop_for_another());
	assert_true(w.row.handoff[0].unplanned);
}

/* ---- interventions know of each other */

#define WARNING SK__DEADLINE_KIND__FAMILY_WARNING

/* rule: R43 */
static void
test_the_director_is_told_of_help_that_runs_beside(void **state)
{
	const struct decision *d;

	(void)state;
	bring_to(&w, S(ACCEPTED));
	other_help(77, HELP_B, H(HELP_PAUSED), today(&w) - 9);
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM });
	assert_true(w.row.handoff[0].parallel);
	assert_false(w.row.handoff[0].hop);
	assert_int_equal(case_timer_of(&w.row, WARNING, 1)->breach, w.now);
	d = fire(&w, WARNING, 1, true);
	assert_true(posted_to(d, w.row.director));
	assert_int_equal(d->open->notice->kind,
	    SK__NOTICE_KIND__PARALLEL_HELP);
	assert_int_equal(d->open->notice->participant, HELP_B);
	assert_null(case_timer_of(&w.row, WARNING, 1));
	/* who directs the other case hears of it as of a matter of that case */
	assert_int_equal(d->open->n_postings, 2);
	assert_int_equal(d->open->postings[1]->participant, OTHER_TEAM);
	assert_int_equal(d->open->postings[1]->case_number, 77);
	assert_false(d->open->postings[0]->has_case_number);
	assert_int_equal(d->open->elsewhere->participant, HELP_A);
	assert_int_equal(d->open->elsewhere->about->participant, OTHER_TEAM);
}

/* rule: R43 */
static void
test_new_help_soon_after_help_that_failed_is_a_hop(void **state)
{
	const struct decision *d;

	(void)state;
	for (int days = 183; days <= 184; days++) {
		world_init(&w);
		bring_to(&w, S(ACCEPTED));
		other_help(77, HELP_B, H(HELP_ENDED), today(&w) - days);
		w.family.help[0].handoff.unplanned = 1;
		ACCEPTED(&w, .kind = K(START), .sender = HELP_A,
		    .to = { TEAM });
		assert_int_equal(w.row.handoff[0].hop, days == 183);
	}
	w.family.help[0].handoff.date++;
	other_help(78, HELP_C, H(HELP_STARTED), today(&w));
	world_init(&w);
	bring_to(&w, S(ACCEPTED));
	other_help(77, HELP_B, H(HELP_ENDED), today(&w) - 9);
	w.family.help[0].handoff.unplanned = 1;
	other_help(78, HELP_C, H(HELP_STARTED), today(&w));
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM });
	d = fire(&w, WARNING, 1, false);
	assert_int_equal(d->open->notice->kind, SK__NOTICE_KIND__HELP_HOPS);
	assert_int_equal(d->open->notice->participant, HELP_B);
	d = fire(&w, WARNING, 1, true);
	assert_int_equal(d->open->notice->participant, HELP_C);
}

/* rule: R44 */
static void
test_failures_in_another_case_of_the_child_count_here(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	other_help(77, HELP_B, H(HELP_ENDED), today(&w) + 1);
	w.family.help[0].handoff.unplanned = 1;
	w.now += 2 * DAY_MS;
	REFUSED(&w, SK_REANALYSIS_REQUIRED, "header.kind", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(ANALYSIS), .sender = TEAM);
	other_help(78, HELP_C, H(HELP_ENDED), today(&w));
	w.family.help[1].handoff.unplanned = 1;
	REFUSED(&w, SK_CONFERENCE_MISSING, "header.kind", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	/* which may have been held in that other case */
	w.family.family_case[1].conference_date = today(&w);
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	other_help(79, HELP_C, H(HELP_ENDED), today(&w));
	w.family.help[2].handoff.unplanned = 1;
	REFUSED(&w, SK_RET_MISSING, "header.kind", 0, .kind = K(REFERRAL),
	    .sender = TEAM, .to = { HELP_A });
	/* one that went well ends the row */
	w.family.help[2].handoff.unplanned = 0;
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
}

/* rule: R33, R34 */
static void
test_who_directs_the_plan_directs_the_case_that_joins_it(void **state)
{
	static const struct envelope_ref ref = { OTHER_TEAM, { { 7 }, 5 } };
	struct case_row other = { .number = 77, .owner = OTHER_TEAM,
		.director = HELP_A, .state = S(STARTED), .plan_date = 20000,
		.ref = ref };
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(STARTED));
	family_add(&w.family, &other, 77);
	w.family.family_case[0].number = 0;	/* older than this one */
	f = good_facts(&w, K(FAMILY_PLAN));
	f->family_plan->joins = ref_to_message(&ref, &w.facts_arena);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM, .facts = f);
	assert_int_equal(w.row.director, HELP_A);
	/* who takes no part here cannot direct here */
	w.row.director = TEAM;
	w.family.family_case[0].director = HELP_B;
	f = good_facts(&w, K(FAMILY_PLAN));
	f->family_plan->joins = ref_to_message(&ref, &w.facts_arena);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM, .facts = f);
	assert_int_equal(w.row.director, TEAM);
}

/* ---- ask once */

static Sk__Facts *
question(Sk__Kind record)
{
	Sk__Facts *f = good_facts(&w, K(INFORMATION_REQUEST));
	Sk__InformationRequestFacts *asked = f->information_request;

	asked->n_sections = 0;
	asked->n_records = 1;
	asked->records = made(arena_take(&w.facts_arena,
	    sizeof(*asked->records)));
	asked->records[0] = record;
	return f;
}

/* rule: R35 */
static void
test_what_the_case_holds_is_asked_of_who_holds_it(void **state)
{
	static struct held_index index;
	struct held *held = &index.record[K(START)];
	const Sk__Information *found;

	(void)state;
	memset(&index, 0, sizeof(index));
	w.held = &index;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(INFORMATION_REQUEST), .sender = TEAM,
	    .facts = question(K(START)));
	assert_int_equal(w.decision.open->information->named, 0);
	*held = (struct held){ .ref = { HELP_A, { { 1 }, 1 } },
		.position = 12, .asked = true };
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", HELP_A,
	    .kind = K(INFORMATION_REQUEST), .sender = TEAM,
	    .facts = question(K(START)));
	ACCEPTED(&w, .kind = K(INFORMATION_REQUEST), .sender = TEAM,
	    .to = { HELP_A }, .facts = question(K(START)));
	found = w.decision.open->information;
	assert_int_equal(found->asked, 1);
	assert_int_equal(found->named, 1);
	assert_int_equal(found->again, 1);
	assert_int_equal(found->known[0]->holder, HELP_A);
	assert_int_equal(found->known[0]->position, 12);
	/* who has it already is told so, and nobody else is asked */
	held->yours = true;
	ACCEPTED(&w, .kind = K(INFORMATION_REQUEST), .sender = TEAM,
	    .facts = question(K(START)));
	assert_true(w.decision.open->information->known[0]->yours);
	/* who has left is asked by way of the team */
	held->yours = false;
	held->ref.participant = HELP_B;
	ACCEPTED(&w, .kind = K(INFORMATION_REQUEST), .sender = HELP_A,
	    .to = { TEAM }, .facts = question(K(START)));
	assert_int_equal(w.decision.open->information->known[0]->holder,
	    TEAM);
	REFUSED(&w, SK_NOT_A_PARTICIPANT, "header.case_ref", 0,
	    .kind = K(INFORMATION_REQUEST), .sender = HELP_B, .to = { TEAM },
	    .facts = question(K(START)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_a_child_that_nobody_knows_is_a_family_of_its_own),
		T(test_a_case_joins_the_family_of_its_child_or_of_a_parent),
		T(test_families_that_turn_out_to_be_one_are_joined),
		T(test_a_child_that_has_a_number_now_may_be_one_that_was_known),
		T(test_where_a_case_is_erased_replay_believes_the_entry),
		T(test_failures_count_in_a_row_over_all_cases_of_the_child),
		T(test_a_family_that_comes_back_within_a_year_is_told_apart),
		T(test_a_family_is_as_large_as_its_bound),
		T(test_such_help_does_not_run_twice_for_a_child),
		T(test_what_takes_over_names_what_it_follows),
		T(test_help_ends_for_anothers_once_that_has_started),
		T(test_the_director_is_told_of_help_that_runs_beside),
		T(test_new_help_soon_after_help_that_failed_is_a_hop),
		T(test_failures_in_another_case_of_the_child_count_here),
		T(test_who_directs_the_plan_directs_the_case_that_joins_it),
		T(test_what_the_case_holds_is_asked_of_who_holds_it),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
