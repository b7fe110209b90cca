/*
 * Random events, wise and foolish ones mixed, and what must hold after each.
 * A failure names its sequence, which alone gives the same one again:
 * SEQUENCES_FROM=that SEQUENCES=1. `make sequences` runs all of them.
 */
#include "world.h"

#include <stdio.h>

#define SEQUENCES_ALL 100000
#define SEQUENCES_SHRUNK 10000	/* where nothing else is asked */
#define SEQUENCES_BROAD 10000	/* so many come to every kind and state */
#define STEPS 80

static struct world w;
static struct case_row before;
static uint64_t sequence, draws, first_sequence, sequences;
static uint64_t accepted_of[128], states_seen[16], fired;
static uint8_t again_memory[65536];

static uint32_t
draw(uint32_t below)
{
	draws ^= draws << 13;
	draws ^= draws >> 7;
	draws ^= draws << 17;
	return (uint32_t)((draws >> 16) % below);
}

static bool
one_in(uint32_t n)
{
	return draw(n) == 0;
}

#define HOLDS(condition) do { \
	if (!(condition)) { \
		print_error("sequence %llu\n", (unsigned long long)sequence); \
		_fail(__FILE__, __LINE__); \
	} \
} while (0)

/* ---- what must hold */

static const Sk__TimerChange *
change_of(const struct case_timer *t)
{
	const Sk__Effects *open = w.decision.open;

	for (size_t i = 0; i < open->n_timers; i++)
		if (open->timers[i]->kind == t->kind &&
		    open->timers[i]->handoff == t->handoff)
			return open->timers[i];
	return NULL;
}

/* A term runs on unchanged, or an effect says what became of it. */
static void
check_timers(void)
{
	const struct case_timer *now;
	const Sk__TimerChange *change;

	for (size_t i = 0; i < before.timers; i++) {
		const struct case_timer *t = &before.timer[i];

		now = case_timer_of(&w.row, t->kind, t->handoff);
		change = change_of(t);
		if (change == NULL)
			HOLDS(now != NULL && now->warn == t->warn &&
			    now->breach == t->breach);
		else if (now == NULL)
			HOLDS(change->cleared);
	}
	for (size_t i = 0; i < w.row.timers; i++)
		HOLDS(w.row.timer[i].breach != 0);
	for (size_t i = 0; case_is_closed(&w.row) && i < w.row.timers; i++)
		HOLDS(w.row.timer[i].kind ==
		    SK__DEADLINE_KIND__RETENTION_DUE ||
		    w.row.timer[i].kind ==
		    SK__DEADLINE_KIND__ERASURE_ANSWER_DUE);
}

static void
check_postings(uint64_t sender)
{
	const Sk__Effects *open = w.decision.open;

	for (size_t i = 0; i < open->n_postings; i++) {
		uint64_t participant = open->postings[i]->participant;

		HOLDS(participant != sender);
		/* of an erasure who left is told too: it has a copy */
		HOLDS(case_has_participant(&w.row, participant) ||
		    case_has_participant(&before, participant) ||
		    (sender != 0 &&
		    w.header.info->kind == K(ERASURE_ANSWER)));
		for (size_t j = 0; j < i; j++)
			HOLDS(open->postings[j]->participant != participant);
	}
}

static Sk__CaseState
state_of(uint8_t status)
{
	switch (status) {
	case SK__HANDOFF_STATUS__OFFER_OPEN:
		return S(OFFERED);
	case SK__HANDOFF_STATUS__OFFER_ACCEPTED:
		return S(ACCEPTED);
	case SK__HANDOFF_STATUS__HELP_WAITING:
		return S(WAITING);
	case SK__HANDOFF_STATUS__HELP_STARTED:
	case SK__HANDOFF_STATUS__HELP_PAUSED:
		return S(STARTED);
	default:
		return 0;
	}
}

/* No term is lost: who was asked has one that runs, until it answers or the
 * offer lapses with it. */
static void
check_terms_run(void)
{
	for (unsigned i = 1; i <= w.row.handoffs; i++)
		if (w.row.handoff[i - 1].status ==
		    SK__HANDOFF_STATUS__OFFER_OPEN)
			HOLDS(case_timer_of(&w.row,
			    SK__DEADLINE_KIND__ANSWER_DUE, i) != NULL);
	if (w.row.crisis == SK__CRISIS__CRISIS_OPEN &&
	    before.crisis != SK__CRISIS__CRISIS_OPEN)
		HOLDS(case_timer_of(&w.row,
		    SK__DEADLINE_KIND__CRISIS_OWNER_DUE, 0) != NULL);
}

/* The state is the furthest of its offers; one open offer a provider. */
static void
check_handoffs(void)
{
	Sk__CaseState furthest = 0;

	for (size_t i = 0; i < w.row.handoffs; i++) {
		Sk__CaseState state = state_of(w.row.handoff[i].status);

		if (state > furthest)
			furthest = state;
		for (size_t j = 0; state != 0 && j < i; j++)
			HOLDS(w.row.handoff[j].provider !=
			    w.row.handoff[i].provider ||
			    state_of(w.row.handoff[j].status) == 0);
	}
	if (case_is_closed(&w.row))
		HOLDS(furthest == 0);
	else if (furthest != 0)
		HOLDS(w.row.state == furthest);
	else
		HOLDS(w.row.state < S(OFFERED) || w.row.state == S(ENDED));
}

static void
check_row(uint64_t sender)
{
	/* never without an owner, and one director who takes part */
	HOLDS(w.row.owner == TEAM || w.row.owner == OTHER_TEAM);
	HOLDS(case_has_participant(&w.row, w.row.owner));
	HOLDS(w.row.director == w.row.owner ||
	    case_has_participant(&w.row, w.row.director));
	HOLDS(w.row.escalation <= w.row.escalated);
	HOLDS(w.row.state >= S(NEW));
	if (before.number == w.row.number && case_is_closed(&before)) {
		HOLDS(w.row.state == before.state);
		HOLDS(!w.decision.open->has_state);
	}
	check_timers();
	check_terms_run();
	check_postings(sender);
	check_handoffs();
	states_seen[w.row.state]++;
}

/* The same input gives the same output, to the byte. */
static void
check_repeats(const struct view *view, const struct event *event)
{
	struct decision again;
	struct arena arena;
	uint8_t *a, *b;
	size_t a_size, b_size;

	arena_init(&arena, again_memory, sizeof(again_memory));
	decide(view, event, &arena, &again);
	HOLDS(again.refusal.code == w.decision.refusal.code);
	HOLDS(strcmp(again.refusal.field, w.decision.refusal.field) == 0);
	HOLDS(again.use_participant == w.decision.use_participant);
	if (again.open == NULL)
		return;
	HOLDS(wire_encode(&again.open->base, &arena, &a, &a_size) == SK_OK);
	HOLDS(wire_encode(&w.decision.open->base, &w.arena, &b, &b_size) ==
	    SK_OK);
	HOLDS(a_size == b_size && memcmp(a, b, a_size) == 0);
	HOLDS((again.closed == NULL) == (w.decision.closed == NULL));
	if (again.closed == NULL)
		return;
	HOLDS(wire_encode(&again.closed->base, &arena, &a, &a_size) == SK_OK);
	HOLDS(wire_encode(&w.decision.closed->base, &w.arena, &b, &b_size) ==
	    SK_OK);
	HOLDS(a_size == b_size && memcmp(a, b, a_size) == 0);
}

/* ---- what happens */

static const uint64_t voices[] = { TEAM, TEAM, COURT, HELP_A, HELP_B, HELP_C,
	OTHER_TEAM, OTHER_COURT, CERTIFIED, GONE };
static const uint64_t helpers[] = { HELP_A, HELP_B, HELP_C };

static uint64_t
voice_of(Sk__Role role)
{
	switch (role) {
	case SK__ROLE__ACCESS:
		return w.row.transfer_to != 0 && one_in(4) ?
		    w.row.transfer_to : w.row.owner;
	case SK__ROLE__RET:
		return EXPERTS;
	case SK__ROLE__BOEG:
		return EXPERTISE;
	case SK__ROLE__GI:
		return CERTIFIED;
	case SK__ROLE__AUDITOR:
		return AUDIT;
	case SK__ROLE__COURT:
		return COURT;
	case SK__ROLE__PROVIDER:	/* mostly one that was asked */
		return w.row.handoffs > 0 && !one_in(4) ?
		    w.row.handoff[draw(w.row.handoffs)].provider :
		    helpers[draw(3)];
	default:
		return voices[draw(6)];
	}
}

/* Most sequences should reach what lies deep in the life of a case. */
static bool
ends_early(const struct transition *row)
{
	return row->kind == K(CLOSE) || row->kind == K(DECLINE) ||
	    row->kind == K(VOID) || row->kind == K(WITHDRAW) ||
	    row->next == S(CLOSED_OTHER_ROUTE) ||
	    (row->kind == K(ROUTE_DECISION) && row->state == S(ROUTED));
}

/* Something that the table allows now, as one would say it. */
static struct message
wise(void)
{
	size_t n;
	const struct transition *t = rules_transitions(&n), *row;
	bool onward = w.row.state < S(STARTED) && one_in(2);
	struct envelope_ref proposal;
	struct message m;

	/* who is asked for counsel mostly gives it, or nobody comes that far */
	if (w.row.escalation == SK__ESCALATION__BOEG_ASKED && one_in(4))
		return natural_message(&w, K(BOEG_ADVICE), EXPERTISE, HELP_A);
	/* and who is told of an erasure mostly says what became of it */
	if (w.row.erased != 0 && one_in(4))
		return natural_message(&w, K(ERASURE_DONE), w.row.participant[
		    draw(w.row.participants)].participant, HELP_A);
	/* and a proposal that reached a team has its decision, and then places */
	proposal = last_to(&w, TEAM, K(OFFERING_PROPOSAL));
	if (!ref_is_none(&proposal) && one_in(10))
		return one_in(2) ? natural_message(&w, K(OFFERING_DECISION),
		    TEAM, HELP_A) : natural_message(&w, K(CAPACITY_UPDATE),
		    proposal.participant, HELP_A);
	do
		row = &t[draw((uint32_t)n)];
	while (kind_info(row->kind)->opens_case || (onward &&
	    row->next == 0 && row->kind != K(FAMILY_PLAN)) ||
	    (row->kind > K(CONTENT_MISMATCH_FOUND) && !one_in(3)) ||
	    /* what leads to no other kind leaves room for what does */
	    (row->kind >= K(PERSON_CHANGE) &&
	    row->kind <= K(CONSENT_ANSWER) && !one_in(4)) ||
	    (kind_has_no_case(kind_info(row->kind)) && !one_in(8)) ||
	    /* nor is another route often decided while help runs */
	    (row->kind == K(ROUTE_DECISION) && row->next == 0 &&
	    !one_in(8)) ||
	    (ends_early(row) &&
	    !one_in(60)) || (row->state != 0 && row->state != w.row.state));
	m = natural_message(&w, row->kind, voice_of(row->role),
	    helpers[draw(3)]);
	if (row->kind == K(DIRECTOR_CHANGE) && m.to[0] != HELP_A)
		m.to[0] = HELP_A;
	/* a route that ends the case is told to the court */
	if (row->kind == K(ROUTE_DECISION) && one_in(2))
		m.to[0] = w.row.court;
	return m;
}

static struct message
foolish(void)
{
	struct message m = { .kind = kind_at(draw((uint32_t)kind_count()))->kind,
		.sender = voices[draw(10)] };
	uint32_t n = draw(4);

	for (uint32_t i = 0; i < n; i++) {
		uint64_t to = voices[draw(10)];
		bool twice = to == m.sender;

		for (uint32_t j = 0; j < i; j++)
			twice = twice || m.to[j] == to;
		m.to[i] = twice ? 50 + i : to;
	}
	if (one_in(3) && w.said > 0)
		m.reply_to = w.log[draw((uint32_t)w.said)].ref;
	if (one_in(10))
		m.date = today(&w) + (int32_t)draw(4000) - 2000;
	m.own_copies_less = one_in(20);
	m.bad_key_of = one_in(20) ? m.sender : 0;
	m.other_case = one_in(30);
	return m;
}

static void
vary_route(Sk__Facts *f)
{
	if (one_in(4)) {
		f->route_decision->side = made(arena_take(&w.facts_arena,
		    sizeof(*f->route_decision->side)));
		f->route_decision->side[0] = SK__ROUTE__WMO;
		f->route_decision->n_side = 1;
	}
	if (!one_in(8))
		return;
	f->route_decision->main = (Sk__Route)(1 + draw(11));
}

static void
vary(Sk__Kind kind, Sk__Facts *f)
{
	switch (kind) {
	case K(ROUTE_DECISION):
		vary_route(f);
		break;
	case K(WAIT_PLACE):
		f->wait_place->bridge_help = !one_in(4);
		break;
	case K(DECLINE):
		f->decline->has_contribution = one_in(2);
		f->decline->contribution =
		    SK__CONTRIBUTION__THINKS_ALONG;
		break;
	case K(DIRECTOR_CHANGE):
		f->director_change->director = one_in(3) ? w.row.owner :
		    HELP_A;
		break;
	case K(STOP):
		f->stop->reason = (Sk__EndReason)(1 + draw(11));
		f->stop->n_goals = draw(3);
		break;
	case K(TRIAGE):
		f->triage->n_domains -= one_in(4);
		break;
	case K(HEARING_NOTICE):
		f->hearing_notice->hearing_date = today(&w) +
		    (int32_t)draw(200) - 30;
		break;
	case K(FAMILY_PLAN):
		f->family_plan->goals[0]->number = 1 + draw(34);
		break;
	default:
		break;
	}
}

static void
speak(struct message m)
{
	struct event event = { .kind = SK__EVENT_KIND__ENVELOPE_EVENT,
		.sender = m.sender, .header = &w.header };
	struct view view;

	m.facts = good_facts(&w, m.kind);
	vary(m.kind, m.facts);
	memcpy(&before, &w.row, sizeof(before));
	decide_message(&w, &m);
	event.instant = w.now;
	event.facts = m.facts;
	view = world_view(&w, kind_names_itself(w.header.info) ||
	    m.other_case);
	check_repeats(&view, &event);
	if (w.decision.refusal.code == SK_OK &&
	    kind_has_no_case(w.header.info)) {
		accepted_of[m.kind]++;
		HOLDS(w.decision.open->case_number == 0);
		if (w.rows_arena.used < w.rows_arena.size / 2)
			world_catalogue(&w);
		remember(&w, &m);
	} else if (w.decision.refusal.code == SK_OK) {
		accepted_of[m.kind]++;
		if (w.header.info->opens_case)
			memset(&before, 0, sizeof(before));
		take_effect(&w, w.header.info->opens_case);
		check_row(m.sender);
		remember(&w, &m);
	}
	arena_reset(&w.facts_arena);
}

/* The term that ends first by this instant; false when none does. */
static bool
next_due(int64_t until, struct case_timer *due, bool *breach)
{
	int64_t first = until + 1;

	for (size_t i = 0; i < w.row.timers; i++) {
		const struct case_timer *t = &w.row.timer[i];

		if (t->warn != 0 && t->warn < first) {
			first = t->warn;
			*due = *t;
			*breach = false;
		}
		if (t->breach < first) {
			first = t->breach;
			*due = *t;
			*breach = true;
		}
	}
	return first <= until;
}

static void
let_time_pass(void)
{
	struct case_timer due = { 0 };
	bool breach = false;
	int bound = 2 * CASE_TIMERS_MAX;

	w.now += (int64_t)draw(12) * DAY_MS + (int64_t)draw(86400000);
	while (next_due(w.now, &due, &breach)) {
		memcpy(&before, &w.row, sizeof(before));
		fire(&w, due.kind, due.handoff, breach);
		HOLDS(w.decision.refusal.code == SK_OK);
		/* what the broker keeps goes without a word */
		HOLDS((w.decision.open->notice == NULL) ==
		    (due.kind == SK__DEADLINE_KIND__RETENTION_DUE));
		HOLDS((w.decision.open->n_postings == 0) ==
		    (due.kind == SK__DEADLINE_KIND__RETENTION_DUE));
		check_row(0);
		fired++;
		HOLDS(bound-- > 0);	/* each fires once */
	}
}

static void
open_somehow(void)
{
	static const struct { Sk__Kind kind; uint64_t sender; } ways[] = {
		{ K(ACCESS_REQUEST), TEAM }, { K(SIGNAL), CERTIFIED },
		{ K(REQUEST_ASSIGNMENT), HELP_A },
	};
	uint32_t way = draw(8);

	if (way < 3)
		speak((struct message){ .kind = ways[way].kind,
		    .sender = ways[way].sender,
		    .to = { ways[way].sender == TEAM ? 0 : TEAM } });
	else
		speak((struct message){ .kind = K(COURT_ORDER),
		    .sender = COURT, .to = { TEAM },
		    .date = today(&w) - (int32_t)draw(40) });
}

static void
run_sequence(void)
{
	draws = 0x9e3779b97f4a7c15u * (sequence + 1);
	memset(&w.row, 0, sizeof(w.row));
	memset(&w.closed, 0, sizeof(w.closed));
	w.said = 0;
	w.last_number = 0;
	w.catalogue = (struct catalogue){ .row = w.rows };
	arena_reset(&w.rows_arena);
	w.now = instant_of(2026, 1, 1) + (int64_t)draw(365) * DAY_MS;
	open_somehow();
	HOLDS(w.row.number != 0);
	for (int step = 0; step < STEPS; step++) {
		if (one_in(8))
			let_time_pass();
		else if (one_in(4))
			speak(foolish());
		else
			speak(wise());
	}
}

static uint64_t
asked(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value == NULL || *value == '\0' ? otherwise :
	    strtoull(value, NULL, 10);
}

/* rule: R33, R64 */
static void
test_what_must_hold_holds_after_any_sequence(void **state)
{
	(void)state;
	world_init(&w);
	first_sequence = asked("SEQUENCES_FROM", 0);
	sequences = asked("SEQUENCES", SEQUENCES_SHRUNK);
	for (uint64_t i = 0; i < sequences; i++) {
		sequence = first_sequence + i;
		run_sequence();
	}
	printf("%s: from=%llu ran=%llu of=%d\n",
	    first_sequence == 0 && sequences >= SEQUENCES_ALL ?
	    "sequences" : "sequences-shrunk",
	    (unsigned long long)first_sequence, (unsigned long long)sequences,
	    SEQUENCES_ALL);
	if (sequences < SEQUENCES_BROAD)
		return;
	/* and they did come everywhere */
	for (size_t k = 0; k < kind_count(); k++)
		if (accepted_of[kind_at(k)->kind] == 0)
			fail_msg("%s was never accepted", kind_at(k)->name);
	for (int s = S(NEW); s <= S(CLOSED_OTHER_ROUTE); s++)
		assert_true(states_seen[s] > 0);
	assert_true(fired > sequences);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_must_hold_holds_after_any_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
