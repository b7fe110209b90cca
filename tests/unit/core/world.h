/*
 * world.h - a small region for tests of the rules: two courts, two teams,
 * three providers, one case at a time, and a memory of who said what.
 */
#ifndef TESTS_CORE_WORLD_H
#define TESTS_CORE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "broker/core/policy.h"
#include "broker/core/rules.h"
#include "proto/civil.h"
#include "proto/wire.h"
#include "tests/unit/proto/any_facts.h"

#define K(name) SK__KIND__##name
#define S(name) SK__CASE_STATE__CASE_##name

enum {
	COURT = 1, OTHER_COURT = 2, TEAM = 10, OTHER_TEAM = 11, HELP_A = 20,
	HELP_B = 21, HELP_C = 22, GONE = 23, CERTIFIED = 30, EXPERTS = 31,
	EXPERTISE = 32, PROTECTION = 33, AUDIT = 40, REGIONAL = 41,
	MEMBERS_MAX = 128
};
#define ZWOLLE 193u
#define KAMPEN 166u

#define LOG_MAX 256
#define ROWS_MAX 64
struct said {
	struct envelope_ref ref;
	Sk__Kind kind;
	uint64_t sender;
	uint64_t case_number;
	size_t recipients;
	uint64_t recipient[RECIPIENTS_MAX];
};

struct world {
	struct member member[MEMBERS_MAX];
	const Sk__Policy *policy;
	struct family family;		/* the other cases of w.row's */
	struct known {
		uint8_t fill;		/* of the pseudonym; 0: nobody */
		struct person_found found;
	} known[4];
	const Sk__Effects *told;
	struct held_index *held;	/* NULL: not known */
	struct case_row row;		/* number 0: none */
	struct case_closed closed;
	int64_t now;
	uint64_t last_number;
	size_t said;
	struct said log[LOG_MAX];
	struct header header;		/* of the last message */
	struct replied replied;
	struct decision decision;
	struct arena facts_arena, arena, copy_arena;
	struct catalogue catalogue;	/* what was proposed, decided, told */
	const Sk__CatalogueRow *rows[ROWS_MAX];
	struct arena rows_arena;
	uint8_t rows_memory[262144];
	uint8_t facts_memory[32768], memory[65536], copy_memory[65536];
};

struct message {
	Sk__Kind kind;
	uint64_t sender;
	uint64_t to[24];	/* up to 0; own copy comes by itself */
	int32_t date;		/* 0: today, when dated */
	struct envelope_ref reply_to;	/* none: what such a message answers */
	Sk__Facts *facts;	/* NULL: good ones */
	size_t own_copies_less;	/* 1: forget the own copy */
	uint64_t bad_key_of;
	bool other_case;
	bool no_person;		/* said by a machine */
};

/* ---- who there is */

static inline void
enrol(struct world *w, uint64_t participant, Sk__Role role, const char *code)
{
	struct member *m = &w->member[participant];

	memset(m, 0, sizeof(*m));
	m->current.type = STATEMENT_ENROL;
	m->current.participant = participant;
	m->current.role = role;
	strcpy(m->current.code, code);
	m->current.valid_from = CIVIL_DATE_MIN;
	m->current.valid_to = CIVIL_DATE_MAX;
	m->current.generation = 1;
	memset(m->current.keys.seal, (int)participant, 32);
}

static inline const struct member *
world_member(void *context, uint64_t participant)
{
	struct world *w = context;

	if (participant >= MEMBERS_MAX ||
	    w->member[participant].current.type == 0)
		return NULL;
	return &w->member[participant];
}

static inline uint64_t
world_access_team(void *context, uint32_t municipality, int32_t date)
{
	(void)context;
	(void)date;
	return municipality == ZWOLLE ? TEAM :
	    municipality == KAMPEN ? OTHER_TEAM : 0;
}

static inline uint64_t
world_by_code(void *context, Sk__Role role, const char *code, int32_t date)
{
	const struct world *w = context;

	for (uint64_t i = 0; i < MEMBERS_MAX; i++)
		if (w->member[i].current.role == role &&
		    strcmp(w->member[i].current.code, code) == 0 &&
		    member_is_current(&w->member[i], date))
			return i;
	return 0;
}

static inline bool
world_person(void *context, const uint8_t pseudonym[32],
    uint32_t secret_version, struct person_found *found)
{
	const struct world *w = context;

	(void)secret_version;
	for (size_t i = 0; i < 4; i++) {
		if (w->known[i].fill == 0 ||
		    w->known[i].fill != pseudonym[0])
			continue;
		*found = w->known[i].found;
		return true;
	}
	return false;
}

static inline const struct family *
world_family(void *context, uint64_t family, uint64_t but_case)
{
	struct world *w = context;

	(void)but_case;
	w->family.number = family;
	return &w->family;
}

static inline const struct held_index *
world_held(void *context, uint64_t asker)
{
	const struct world *w = context;

	(void)asker;
	return w->held;
}

static inline int64_t
instant_of(int year, int month, int day)
{
	return civil_day_start(civil_date(year, month, day)) + DAY_MS / 2;
}

static inline void
world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	enrol(w, COURT, SK__ROLE__COURT, "00000001");
	enrol(w, OTHER_COURT, SK__ROLE__COURT, "00000002");
	enrol(w, TEAM, SK__ROLE__ACCESS, "00000010");
	enrol(w, OTHER_TEAM, SK__ROLE__ACCESS, "00000011");
	enrol(w, HELP_A, SK__ROLE__PROVIDER, "42420001");
	enrol(w, HELP_B, SK__ROLE__PROVIDER, "65656055");
	enrol(w, HELP_C, SK__ROLE__PROVIDER, "42420003");
	enrol(w, GONE, SK__ROLE__PROVIDER, "42420004");
	w->member[GONE].revoked = true;
	w->member[TEAM].current.areas = w->member[OTHER_TEAM].current.areas = 1;
	w->member[TEAM].current.area[0] = ZWOLLE;
	w->member[OTHER_TEAM].current.area[0] = KAMPEN;
	enrol(w, CERTIFIED, SK__ROLE__GI, "00000030");
	enrol(w, EXPERTS, SK__ROLE__RET, "00000031");
	enrol(w, EXPERTISE, SK__ROLE__BOEG, "00000032");
	enrol(w, PROTECTION, SK__ROLE__RVDK, "00000033");
	enrol(w, AUDIT, SK__ROLE__AUDITOR, "00000040");
	enrol(w, REGIONAL, SK__ROLE__REGION, "00000041");
	w->now = instant_of(2026, 3, 2);	/* a Monday */
	arena_init(&w->facts_arena, w->facts_memory, sizeof(w->facts_memory));
	arena_init(&w->arena, w->memory, sizeof(w->memory));
	arena_init(&w->rows_arena, w->rows_memory, sizeof(w->rows_memory));
	arena_init(&w->copy_arena, w->copy_memory, sizeof(w->copy_memory));
}

static inline int32_t
today(const struct world *w)
{
	return civil_date_at(w->now);
}

static inline void
pass_days(struct world *w, int days)
{
	w->now += days * DAY_MS;
}

/* ---- good facts of each kind */

#define MAKE(w, type, init) ((type *)made(arena_new(&(w)->facts_arena, type, init)))
#define ADD(w, n, items, item) assert_int_equal(arena_append( \
    &(w)->facts_arena, (n), (void ***)(void *)(items), (item)), 0)

static inline void *
made(void *thing)
{
	assert_non_null(thing);
	return thing;
}

static inline ProtobufCBinaryData
bytes_of(struct world *w, int fill, size_t size)
{
	uint8_t *data = made(arena_take(&w->facts_arena, size));

	memset(data, fill, size);
	return (ProtobufCBinaryData){ size, data };
}

static inline char *
text(struct world *w, const char *string)
{
	return made(arena_string(&w->facts_arena, string));
}

static inline Sk__Goal *
goal(struct world *w, uint32_t number, Sk__GoalSetter setter)
{
	Sk__Goal *g = MAKE(w, Sk__Goal, sk__goal__init);

	g->has_number = g->has_setter = g->has_due_date = 1;
	g->number = number;
	g->setter = setter;
	g->due_date = today(w) + 90;
	return g;
}

static inline Sk__GoalState *
goal_state(struct world *w, uint32_t number, Sk__GoalStatus status)
{
	Sk__GoalState *g = MAKE(w, Sk__GoalState, sk__goal_state__init);

	g->has_number = g->has_status = 1;
	g->number = number;
	g->status = status;
	return g;
}

static inline Sk__Person *
person(struct world *w, Sk__PersonRole role, int fill, bool consent)
{
	Sk__Person *p = MAKE(w, Sk__Person, sk__person__init);

	p->has_role = p->has_secret_version = p->has_pseudonym = 1;
	p->role = role;
	p->secret_version = 1;
	p->pseudonym = bytes_of(w, fill, 32);
	p->has_consent = role == SK__PERSON_ROLE__PARENT;
	p->consent = consent;
	return p;
}

static inline Sk__CourtOrderFacts *
order_facts(struct world *w)
{
	Sk__CourtOrderFacts *o = MAKE(w, Sk__CourtOrderFacts,
	    sk__court_order_facts__init);

	o->municipality = text(w, "0193");
	o->has_order_reference = 1;
	o->order_reference = bytes_of(w, 7, 16);
	ADD(w, &o->n_persons, &o->persons,
	    person(w, SK__PERSON_ROLE__CHILD, 1, false));
	ADD(w, &o->n_persons, &o->persons,
	    person(w, SK__PERSON_ROLE__PARENT, 2, true));
	ADD(w, &o->n_persons, &o->persons,
	    person(w, SK__PERSON_ROLE__PARENT, 3, true));
	o->has_theme = 1;
	o->theme = SK__THEME__SEPARATION;
	ADD(w, &o->n_goals, &o->goals,
	    goal(w, 1, SK__GOAL_SETTER__SET_BY_COURT));
	return o;
}

static inline Sk__TriageFacts *
triage_facts(struct world *w)
{
	Sk__TriageFacts *t = MAKE(w, Sk__TriageFacts, sk__triage_facts__init);

	t->has_ground = 1;
	t->ground = SK__GROUND__COURT_ORDER_GROUND;
	for (unsigned i = 1; i <= CASE_DOMAINS; i++) {
		Sk__DomainAnswer *a = MAKE(w, Sk__DomainAnswer,
		    sk__domain_answer__init);

		a->has_domain = a->has_answer = a->has_owner = 1;
		a->domain = (Sk__LifeDomain)i;
		a->answer = SK__ANSWER__YES;
		a->owner = SK__PROBLEM_OWNER__OWNER_RELATION;
		ADD(w, &t->n_domains, &t->domains, a);
	}
	return t;
}

static inline Sk__AnalysisFacts *
analysis_facts(struct world *w)
{
	Sk__AnalysisFacts *a = MAKE(w, Sk__AnalysisFacts,
	    sk__analysis_facts__init);

	a->n_support = 1;
	a->support = made(arena_take(&w->facts_arena, sizeof(*a->support)));
	a->support[0] = SK__LIFE_DOMAIN__SEPARATION_CONFLICT;
	a->has_authors = a->has_hypotheses = 1;
	a->authors = a->hypotheses = 2;
	return a;
}

static inline Sk__FamilyPlanFacts *
plan_facts(struct world *w)
{
	Sk__FamilyPlanFacts *p = MAKE(w, Sk__FamilyPlanFacts,
	    sk__family_plan_facts__init);

	ADD(w, &p->n_goals, &p->goals,
	    goal(w, 2, SK__GOAL_SETTER__SET_BY_ACCESS));
	p->n_agreed = 1;
	p->agreed = made(arena_take(&w->facts_arena, sizeof(*p->agreed)));
	p->agreed[0] = SK__PLAN_PARTY__PLAN_PARENTS;
	p->has_waiver = 1;
	return p;
}

static inline void
add_sections(struct world *w, const struct kind_info *info, Sk__Facts *f)
{
	for (unsigned s = 1; s <= SK__SECTION__EXPLANATION; s++) {
		Sk__SectionLength *length;

		if ((info->sections_must >> s & 1) == 0)
			continue;
		length = MAKE(w, Sk__SectionLength, sk__section_length__init);
		length->has_section = length->has_characters = 1;
		length->section = (Sk__Section)s;
		length->characters = 100;
		ADD(w, &f->n_sections, &f->sections, length);
	}
}

static inline void
fill_provider_facts(struct world *w, Sk__Kind kind, Sk__Facts *f)
{
	switch (kind) {
	case K(ACCEPT):
		f->accept = MAKE(w, Sk__AcceptFacts, sk__accept_facts__init);
		f->accept->has_intake_date = 1;
		f->accept->intake_date = today(w) + 3;
		break;
	case K(DECLINE):
		f->decline = MAKE(w, Sk__DeclineFacts, sk__decline_facts__init);
		f->decline->has_reason = 1;
		f->decline->reason = SK__DECLINE_REASON__CAPACITY;
		break;
	case K(WAIT_PLACE):
		f->wait_place = MAKE(w, Sk__WaitPlaceFacts,
		    sk__wait_place_facts__init);
		f->wait_place->has_expected_date = 1;
		f->wait_place->expected_date = today(w) + 30;
		f->wait_place->has_bridge_help = 1;
		f->wait_place->bridge_help = 1;
		break;
	case K(PROGRESS_REPORT):
		f->progress_report = MAKE(w, Sk__ProgressReportFacts,
		    sk__progress_report_facts__init);
		ADD(w, &f->progress_report->n_goals, &f->progress_report->goals,
		    goal_state(w, 1, SK__GOAL_STATUS__ON_TRACK));
		break;
	case K(HEARING_REPORT):
		f->hearing_report = MAKE(w, Sk__HearingReportFacts,
		    sk__hearing_report_facts__init);
		ADD(w, &f->hearing_report->n_goals, &f->hearing_report->goals,
		    goal_state(w, 1, SK__GOAL_STATUS__BEHIND));
		f->hearing_report->has_advice = 1;
		f->hearing_report->advice = SK__ADVICE__ADVISE_CONTINUE;
		break;
	case K(STOP):
		f->stop = MAKE(w, Sk__StopFacts, sk__stop_facts__init);
		f->stop->has_reason = 1;
		f->stop->reason = SK__END_REASON__AS_PLANNED;
		ADD(w, &f->stop->n_goals, &f->stop->goals,
		    goal_state(w, 1, SK__GOAL_STATUS__REACHED));
		ADD(w, &f->stop->n_goals, &f->stop->goals,
		    goal_state(w, 2, SK__GOAL_STATUS__PARTLY_REACHED));
		break;
	default:
		break;
	}
}

static inline void
fill_access_facts(struct world *w, Sk__Kind kind, Sk__Facts *f)
{
	switch (kind) {
	case K(TRIAGE):
		f->triage = triage_facts(w);
		break;
	case K(ANALYSIS):
		f->analysis = analysis_facts(w);
		break;
	case K(ROUTE_DECISION):
		f->route_decision = MAKE(w, Sk__RouteDecisionFacts,
		    sk__route_decision_facts__init);
		f->route_decision->has_main = 1;
		f->route_decision->main = SK__ROUTE__YOUTH_SPECIALIST;
		break;
	case K(FAMILY_PLAN):
		f->family_plan = plan_facts(w);
		break;
	case K(REFERRAL):
		f->referral = MAKE(w, Sk__ReferralFacts,
		    sk__referral_facts__init);
		f->referral->offering = text(w, "OFF-1");
		break;
	case K(HEARING_REPORT_REQUEST):
		f->hearing_report_request = MAKE(w, Sk__HearingReportRequestFacts,
		    sk__hearing_report_request_facts__init);
		f->hearing_report_request->has_due_date = 1;
		f->hearing_report_request->due_date = today(w) + 7;
		break;
	case K(COURT_REPORT):
		f->court_report = MAKE(w, Sk__CourtReportFacts,
		    sk__court_report_facts__init);
		ADD(w, &f->court_report->n_goals, &f->court_report->goals,
		    goal_state(w, 1, SK__GOAL_STATUS__BEHIND));
		f->court_report->has_advice = 1;
		f->court_report->advice = SK__ADVICE__ADVISE_CONTINUE;
		break;
	case K(CLOSE):
		f->close = MAKE(w, Sk__CloseFacts, sk__close_facts__init);
		break;
	default:
		break;
	}
}

/* Kinds beside the main line: what their descriptor gives, made true here. */
static inline void
fill_care_facts(struct world *w, Sk__Kind kind, Sk__Facts *f)
{
	any_facts(&w->facts_arena, kind, f);
	switch (kind) {
	case K(NOT_MINE):
		f->not_mine->municipality = text(w, "0166");
		break;
	case K(PAUSE):
		f->pause->expected_date = today(w) + 20;
		break;
	case K(INVESTIGATE):
		f->investigate->until_date = today(w);
		break;
	case K(CORRECTION):	/* of its text alone */
		f->correction->removed = 0;
		f->correction->has_right_date = 0;
		f->correction->n_goals = 0;
		f->correction->has_right_reason = 0;
		break;
	case K(CONTACT_ATTEMPT):
		f->contact_attempt->date = today(w);
		f->contact_attempt->reached = 0;
		break;
	case K(DIRECTOR_CHANGE):
		f->director_change->director = TEAM;
		break;
	case K(INVOLVEMENT_NOTICE):
		f->involvement_notice->participant = TEAM;
		f->involvement_notice->left = 0;
		break;
	case K(ERASURE_REQUEST):
		f->erasure_request->ground =
		    SK__ERASURE_GROUND__DESTRUCTION_REQUESTED;
		f->erasure_request->requested_date = today(w);
		break;
	case K(ERASURE_ANSWER):
		f->erasure_answer->granted = 1;
		f->erasure_answer->has_refusal = 0;
		f->erasure_answer->statute = NULL;
		break;
	case K(CHANGE_REQUEST):
		f->change_request->offering = NULL;
		break;
	case K(OFFERING_PROPOSAL):
		*f->offering_proposal->offering = (Sk__Offering)
		    SK__OFFERING__INIT;
		f->offering_proposal->offering->code = text(w, "NEW-1");
		f->offering_proposal->offering->name = text(w, "Nieuw aanbod");
		f->offering_proposal->offering->has_level = 1;
		f->offering_proposal->offering->level = SK__LEVEL__AMBULANT;
		break;
	case K(AUDIT_LOOK):
		f->audit_look->count = 10;
		f->audit_look->dossier = text(w, "2026-12");
		break;
	case K(CAPACITY_UPDATE):
		f->capacity_update->offerings[0]->offering = text(w, "NEW-1");
		break;
	case K(OFFERING_DECISION):
		f->offering_decision->from_date = today(w);
		f->offering_decision->until_date = today(w) + 365;
		break;
	case K(SIDE_TAKEN):
		f->side_taken->route = SK__ROUTE__WMO;
		break;
	case K(PERSON_CHANGE):
		f->person_change->pseudonym = bytes_of(w, 2, 32);
		break;
	case K(CONSENT_CHANGE):
		f->consent_change->pseudonym = bytes_of(w, 2, 32);
		break;
	case K(RESEAL):
		f->reseal->kind = K(FAMILY_PLAN);
		break;
	case K(EXTRACT_MADE):
		f->extract_made->pseudonym = bytes_of(w, 2, 32);
		break;
	case K(ORDER_EXTENDED):
		f->order_extended->hearing_date = (w->row.hearing_date >
		    today(w) ? w->row.hearing_date : today(w)) + 60;
		f->order_extended->n_goals = 0;
		break;
	default:
		break;
	}
}

static inline Sk__Facts *
good_facts(struct world *w, Sk__Kind kind)
{
	Sk__Facts *f = MAKE(w, Sk__Facts, sk__facts__init);

	f->has_version = 1;
	f->version = 1;
	add_sections(w, kind_info(kind), f);
	fill_provider_facts(w, kind, f);
	fill_access_facts(w, kind, f);
	switch (kind) {
	case K(COURT_ORDER):
		f->court_order = order_facts(w);
		break;
	case K(HEARING_NOTICE):
		f->hearing_notice = MAKE(w, Sk__HearingNoticeFacts,
		    sk__hearing_notice_facts__init);
		f->hearing_notice->has_hearing_date = 1;
		f->hearing_notice->hearing_date = today(w) + 120;
		break;
	case K(START):
		f->start = MAKE(w, Sk__StartFacts, sk__start_facts__init);
		break;
	case K(RECEIPT_OF):
		f->receipt_of = MAKE(w, Sk__ReceiptOfFacts,
		    sk__receipt_of_facts__init);
		break;
	case K(OPENED):
		f->opened = MAKE(w, Sk__OpenedFacts, sk__opened_facts__init);
		break;
	case K(CONTENT_MISMATCH_FOUND):
		f->content_mismatch_found = MAKE(w, Sk__ContentMismatchFacts,
		    sk__content_mismatch_facts__init);
		f->content_mismatch_found->has_section = 1;
		f->content_mismatch_found->section = SK__SECTION__GOALS;
		break;
	default:
		if (kind > K(CONTENT_MISMATCH_FOUND))
			fill_care_facts(w, kind, f);
		break;
	}
	return f;
}

/* ---- what was said */

static inline bool
was_sent_to(const struct said *s, uint64_t participant)
{
	for (size_t i = 0; i < s->recipients; i++)
		if (s->recipient[i] == participant)
			return true;
	return false;
}

static inline const struct said *
find_said(const struct world *w, const struct envelope_ref *ref)
{
	for (size_t i = 0; i < w->said; i++)
		if (ref_equal(&w->log[i].ref, ref))
			return &w->log[i];
	return NULL;
}

/* The last message of this kind (0: any) that another sent to participant. */
static inline struct envelope_ref
last_to(const struct world *w, uint64_t participant, Sk__Kind kind)
{
	for (size_t i = w->said; i > 0; i--) {
		const struct said *s = &w->log[i - 1];

		if ((kind == 0 ? s->kind != K(RECEIPT_OF) : s->kind == kind) &&
		    s->sender != participant && was_sent_to(s, participant))
			return s->ref;
	}
	return (struct envelope_ref){ 0 };
}

/* What the sender itself said last that can be corrected. */
static inline struct envelope_ref
last_by(const struct world *w, uint64_t sender)
{
	for (size_t i = w->said; i > 0; i--) {
		const struct said *s = &w->log[i - 1];

		if (s->sender == sender && s->kind != K(RECEIPT_OF) &&
		    !kind_is_own_record(s->kind) && s->kind != K(CORRECTION))
			return s->ref;
	}
	return (struct envelope_ref){ 0 };
}

static inline struct envelope_ref
last_plan(const struct world *w)
{
	for (size_t i = w->said; i > 0; i--)
		if (w->log[i - 1].kind == K(FAMILY_PLAN))
			return w->log[i - 1].ref;
	return (struct envelope_ref){ 0 };
}

static inline struct envelope_ref
natural_reply(const struct world *w, Sk__Kind kind, uint64_t sender)
{
	switch (kind) {
	case K(RECEIPT_OF):
	case K(OPENED):
	case K(CONTENT_MISMATCH_FOUND):
		return last_to(w, sender, 0);
	case K(HEARING_REPORT):
		return last_to(w, sender, K(HEARING_REPORT_REQUEST));
	case K(CHANGE_ANSWER):
		return last_to(w, sender, K(CHANGE_REQUEST));
	case K(ERASURE_ANSWER):
		return w->row.erasure_request;
	case K(INFORMATION_ANSWER):
		return last_to(w, sender, K(INFORMATION_REQUEST));
	case K(CONSULT_ANSWER):
		return last_to(w, sender, K(CONSULT));
	case K(RET_ADVICE):
		return last_to(w, sender, K(RET_REQUEST));
	case K(BOEG_ADVICE):
		return last_to(w, sender, K(BOEG_REQUEST));
	case K(DIRECTOR_ACCEPT):
		return last_to(w, sender, K(DIRECTOR_CHANGE));
	case K(TRANSFER_TAKEN):
		return last_to(w, sender, K(NOT_MINE));
	case K(CONSENT_ANSWER):
		return last_to(w, sender, K(CONSENT_CHANGE));
	case K(RESEAL):
		return last_plan(w);
	case K(CORRECTION):
		return last_by(w, sender);
	case K(OFFERING_DECISION):
		return last_to(w, sender, K(OFFERING_PROPOSAL));
	default:
		return last_to(w, sender, K(REFERRAL));
	}
}

static inline bool
tells_all(Sk__Kind kind)
{
	return kind == K(CRISIS_ALERT) || kind == K(CRISIS_TAKEN) ||
	    kind == K(INVOLVEMENT_NOTICE) || kind == K(VOID) ||
	    kind == K(TRANSFER_TAKEN);
}

/* All who take part and were not turned away. */
static inline size_t
add_all(const struct world *w, struct message *m, size_t n)
{
	for (size_t i = 0; i < w->row.participants; i++) {
		uint64_t p = w->row.participant[i].participant;
		const struct case_handoff *h = case_handoff_of(&w->row, p,
		    NULL);

		if (p == m->sender || p == w->row.owner || w->row.participant[i].left ||
		    (h != NULL && !h->in_touch &&
		    (h->status == SK__HANDOFF_STATUS__OFFER_DECLINED ||
		    h->status == SK__HANDOFF_STATUS__OFFER_LAPSED ||
		    h->status == SK__HANDOFF_STATUS__OFFER_WITHDRAWN)))
			continue;
		m->to[n++] = p;
	}
	return n;
}

/* Recipients as someone would choose them who knows the rules. */
static inline struct message
natural_message(const struct world *w, Sk__Kind kind, uint64_t sender,
    uint64_t provider)
{
	struct message m = { .kind = kind, .sender = sender };
	struct envelope_ref reply = natural_reply(w, kind, sender);
	const struct said *s = find_said(w, &reply);
	uint64_t team = w->row.number != 0 ? w->row.owner : TEAM;
	size_t n = 0;

	switch (kind) {
	case K(RECEIPT_OF):
	case K(CONTENT_MISMATCH_FOUND):
		if (s != NULL && s->sender != team)
			m.to[n++] = s->sender;
		break;
	case K(REFERRAL):
	case K(HEARING_REPORT_REQUEST):
		m.to[n++] = provider;
		break;
	case K(COURT_REPORT):
	case K(CLOSE):
		if (w->row.court != 0)
			m.to[n++] = w->row.court;
		break;
	case K(WITHDRAW):
	case K(CONSULT):
	case K(RESEAL):
		m.to[n++] = provider;
		break;
	case K(INFORMATION_ANSWER):
	case K(CHANGE_ANSWER):
	case K(OFFERING_DECISION):
		if (s != NULL && s->sender != team)
			m.to[n++] = s->sender;
		break;
	case K(ERASURE_ANSWER):	/* every copy */
		for (size_t i = 0; i < w->row.participants; i++)
			if (w->row.participant[i].participant != sender)
				m.to[n++] = w->row.participant[i].participant;
		break;
	case K(RET_REQUEST):
		m.to[n++] = EXPERTS;
		break;
	case K(BOEG_REQUEST):
		m.to[n++] = EXPERTISE;
		break;
	case K(NOT_MINE):
		m.to[n++] = OTHER_TEAM;
		break;
	default:
		if (tells_all(kind))
			n = add_all(w, &m, n);
		break;
	}
	for (size_t i = 0; kind == K(CLOSE) && i < w->row.handoffs; i++) {
		uint64_t told = w->row.handoff[i].provider;
		bool twice = false;

		for (size_t j = 0; j < n; j++)
			twice = twice || m.to[j] == told;
		if (!twice)
			m.to[n++] = told;
	}
	if (sender != team && !kind_is_own_record(kind) &&
	    (!kind_has_no_case(kind_info(kind)) ||
	    kind == K(OFFERING_PROPOSAL)))
		m.to[n++] = team;
	return m;
}

static inline void
address(struct world *w, struct header *h, uint64_t participant)
{
	const struct member *m = world_member(w, participant);
	uint8_t key[32] = { 0 };

	h->recipient[h->recipients].participant = participant;
	digest_key_id(h->recipient[h->recipients].key_id,
	    m == NULL ? key : m->current.keys.seal);
	h->recipients++;
}

static inline void
make_header(struct world *w, const struct message *m)
{
	struct header *h = &w->header;

	memset(h, 0, sizeof(*h));
	h->info = kind_info(m->kind);
	h->id.boot[0] = (uint8_t)m->sender;
	h->id.number = ++w->last_number;
	h->case_ref = w->row.ref;
	if (kind_names_itself(h->info) || m->other_case) {
		h->case_ref.participant = m->sender;
		h->case_ref.id = h->id;
	}
	h->reply_to = m->reply_to;
	if (h->info->replies && ref_is_none(&h->reply_to))
		h->reply_to = natural_reply(w, m->kind, m->sender);
	h->person = m->no_person ? 0 : 1;
	h->written_at = w->now;
	h->has_event_date = h->info->dated || m->date != 0;
	h->event_date = m->date != 0 ? m->date : today(w);
	if (!h->has_event_date)
		h->event_date = 0;
	if (m->own_copies_less == 0)
		address(w, h, m->sender);
	for (size_t i = 0; i < 24 && m->to[i] != 0; i++)
		address(w, h, m->to[i]);
	for (size_t i = 0; i < h->recipients; i++)
		if (h->recipient[i].participant == m->bad_key_of)
			h->recipient[i].key_id[0] ^= 1;
}

static inline void
look_up_reply(struct world *w, uint64_t sender)
{
	const struct said *s = find_said(w, &w->header.reply_to);

	memset(&w->replied, 0, sizeof(w->replied));
	if (s == NULL)
		return;
	w->replied.known = true;
	w->replied.kind = s->kind;
	w->replied.sender = s->sender;
	w->replied.case_number = s->case_number;
	w->replied.sent_to_me = was_sent_to(s, sender);
}

/* The one case that this world has. */
static inline const struct case_row *
world_other(void *context, const struct envelope_ref *ref)
{
	struct world *w = context;

	return ref_equal(&w->row.ref, ref) ? &w->row : NULL;
}

static inline struct view
world_view(struct world *w, bool opens)
{
	struct view view = { .policy = w->policy, .replied = w->replied,
		.next_case_number = w->row.number + 1,
		.member = world_member, .access_team = world_access_team,
		.person = world_person, .family = world_family,
		.other = world_other, .told = w->told, .held = world_held,
		.participant = world_by_code,
		.catalogue = &w->catalogue, .policy_version = 7,
		.context = w };

	if (!opens && w->row.number != 0) {
		view.row = &w->row;
		view.closed = &w->closed;
		view.family_number = w->row.family;
		view.child_number = w->row.child;
	}
	return view;
}

/* A change that stays, as its rows do. */
static inline const Sk__CatalogueChange *
row_change(struct world *w, const Sk__CatalogueChange *change)
{
	ProtobufCMessage *back = NULL;
	struct fault fault = { 0 };
	uint8_t *bytes;
	size_t size;

	assert_int_equal(wire_encode(&change->base, &w->rows_arena, &bytes,
	    &size), SK_OK);
	assert_int_equal(wire_decode(change->base.descriptor, "change", bytes,
	    size, 65536, &w->rows_arena, &back, &fault), SK_OK);
	return (const Sk__CatalogueChange *)(void *)back;
}

/* Effects as they come back from the journal. */
static inline ProtobufCMessage *
through_the_wire(struct world *w, const ProtobufCMessage *message)
{
	ProtobufCMessage *back = NULL;
	struct fault fault = { 0 };
	uint8_t *bytes;
	size_t size;

	if (message == NULL)
		return NULL;
	assert_int_equal(wire_encode(message, &w->copy_arena, &bytes, &size),
	    SK_OK);
	assert_int_equal(wire_decode(message->descriptor, "effects", bytes,
	    size, 65536, &w->copy_arena, &back, &fault), SK_OK);
	return back;
}

static inline void
take_effect(struct world *w, bool opens)
{
	const Sk__Effects *open;
	const Sk__ClosedEffects *closed;

	arena_reset(&w->copy_arena);
	open = (const Sk__Effects *)(void *)through_the_wire(w,
	    &w->decision.open->base);
	closed = (const Sk__ClosedEffects *)(void *)through_the_wire(w,
	    w->decision.closed == NULL ? NULL : &w->decision.closed->base);
	if (opens) {
		memset(&w->row, 0, sizeof(w->row));
		memset(&w->closed, 0, sizeof(w->closed));
	}
	assert_int_equal(evolve(&w->row, &w->closed, open, closed), SK_OK);
	assert_true(w->row.owner != 0);
	assert_true(w->row.director != 0);
}

/* What is about no case: into the rows of the catalogue, kept by code. */
static inline void
world_catalogue(struct world *w)
{
	const Sk__Effects *open;

	arena_reset(&w->copy_arena);
	open = (const Sk__Effects *)(void *)through_the_wire(w,
	    &w->decision.open->base);
	for (size_t i = 0; i < open->n_catalogue; i++) {
		const Sk__CatalogueChange *change = open->catalogue[i];
		Sk__CatalogueRow *row = NULL;
		size_t at = 0;

		while (at < w->catalogue.rows && strcmp(w->rows[at]->code,
		    change->code) < 0)
			at++;
		if (at < w->catalogue.rows && strcmp(w->rows[at]->code,
		    change->code) == 0) {
			row = (Sk__CatalogueRow *)(uintptr_t)w->rows[at];
		} else {
			assert_true(w->catalogue.rows < ROWS_MAX);
			row = made(arena_new(&w->rows_arena, Sk__CatalogueRow,
			    sk__catalogue_row__init));
			memmove(&w->rows[at + 1], &w->rows[at],
			    (w->catalogue.rows++ - at) * sizeof(w->rows[0]));
			w->rows[at] = row;
		}
		assert_int_equal(catalogue_evolve(row, row_change(w, change),
		    &w->rows_arena), SK_OK);
		w->catalogue.version = open->catalogue_version;
	}
	w->catalogue.row = w->rows;
}

static inline void
remember(struct world *w, const struct message *m)
{
	struct said *s = &w->log[w->said % LOG_MAX];

	if (w->said == LOG_MAX)
		w->said = 0;
	s = &w->log[w->said++];
	s->ref.participant = m->sender;
	s->ref.id = w->header.id;
	s->kind = m->kind;
	s->sender = m->sender;
	s->case_number = w->row.number;
	s->recipients = w->header.recipients;
	for (size_t i = 0; i < s->recipients; i++)
		s->recipient[i] = w->header.recipient[i].participant;
}

/* Decide alone; the row must not be touched. Facts as given. */
static inline const struct decision *
decide_message(struct world *w, const struct message *m)
{
	struct event event = { .kind = SK__EVENT_KIND__ENVELOPE_EVENT,
		.instant = w->now, .sender = m->sender, .header = &w->header,
		.facts = m->facts };
	struct case_row before;
	struct view view;

	make_header(w, m);
	look_up_reply(w, m->sender);
	if (event.facts == NULL)
		event.facts = good_facts(w, m->kind);
	view = world_view(w, kind_names_itself(w->header.info) ||
	    m->other_case);
	memcpy(&before, &w->row, sizeof(before));
	arena_reset(&w->arena);
	decide(&view, &event, &w->arena, &w->decision);
	assert_memory_equal(&before, &w->row, sizeof(before));
	assert_int_equal(w->decision.open == NULL,
	    w->decision.refusal.code != SK_OK);
	return &w->decision;
}

/* Say it, and let it take effect when it is accepted. */
static inline const struct decision *
say(struct world *w, const struct message *m)
{
	const struct decision *d = decide_message(w, m);

	if (d->refusal.code == SK_OK && kind_has_no_case(w->header.info)) {
		world_catalogue(w);
		remember(w, m);
	} else if (d->refusal.code == SK_OK) {
		take_effect(w, w->header.info->opens_case);
		remember(w, m);
	}
	arena_reset(&w->facts_arena);
	return d;
}

static inline void
accepted_in(struct world *w, struct message m, const char *file, int line)
{
	struct fault fault = { 0 };

	if (m.facts == NULL)
		m.facts = good_facts(w, m.kind);
	if (facts_check(kind_info(m.kind), m.facts, &fault) != SK_OK)
		_fail(file, line);
	if (say(w, &m)->refusal.code != SK_OK) {
		print_error("%s refused: %s %s (%s)\n", kind_info(m.kind)->name,
		    error_name(w->decision.refusal.code),
		    w->decision.refusal.field, w->decision.refusal.hint);
		_fail(file, line);
	}
}
#define ACCEPTED(w, ...) \
	accepted_in((w), (struct message){ __VA_ARGS__ }, __FILE__, __LINE__)

static inline void
refused_in(struct world *w, struct message m, enum sk_error code,
    const char *field, uint64_t use, const char *file, int line)
{
	const struct decision *d = say(w, &m);

	if (d->refusal.code == code && strcmp(d->refusal.field, field) == 0 &&
	    d->use_participant == use)
		return;
	print_error("%s: %s %s (%s) use %llu, not %s %s use %llu\n",
	    kind_info(m.kind)->name, error_name(d->refusal.code),
	    d->refusal.field, d->refusal.hint,
	    (unsigned long long)d->use_participant, error_name(code), field,
	    (unsigned long long)use);
	_fail(file, line);
}
#define REFUSED(w, code, field, use, ...) refused_in((w), \
	(struct message){ __VA_ARGS__ }, (code), (field), (use), __FILE__, \
	__LINE__)

/* ---- the way to a state, each by the shortest line */

static inline void
bring_to(struct world *w, Sk__CaseState state)
{
	ACCEPTED(w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	if (state == S(NEW))
		return;
	ACCEPTED(w, .kind = K(TRIAGE), .sender = TEAM);
	if (state == S(TRIAGED))
		return;
	ACCEPTED(w, .kind = K(ANALYSIS), .sender = TEAM);
	if (state == S(ANALYSED))
		return;
	if (state == S(CLOSED_OTHER_ROUTE)) {
		Sk__Facts *f = good_facts(w, K(ROUTE_DECISION));

		f->route_decision->main = SK__ROUTE__WMO;
		ACCEPTED(w, .kind = K(ROUTE_DECISION), .sender = TEAM,
		    .to = { COURT }, .facts = f);
		return;
	}
	ACCEPTED(w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	if (state == S(ROUTED))
		return;
	ACCEPTED(w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	if (state == S(OFFERED))
		return;
	if (state == S(WAITING)) {
		ACCEPTED(w, .kind = K(WAIT_PLACE), .sender = HELP_A,
		    .to = { TEAM });
		return;
	}
	ACCEPTED(w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	if (state == S(ACCEPTED))
		return;
	ACCEPTED(w, .kind = K(START), .sender = HELP_A, .to = { TEAM, COURT });
	if (state == S(STARTED))
		return;
	ACCEPTED(w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM });
	if (state == S(ENDED))
		return;
	ACCEPTED(w, .kind = K(CLOSE), .sender = TEAM, .to = { COURT, HELP_A });
}

/* ---- deadlines */

static inline const struct decision *
fire(struct world *w, Sk__DeadlineKind kind, unsigned handoff, bool breach)
{
	const struct case_timer *t = case_timer_of(&w->row, kind, handoff);
	struct event event = { .kind = SK__EVENT_KIND__DEADLINE_EVENT,
		.instant = w->now, .deadline = kind, .handoff = handoff,
		.breach = breach };
	struct view view;

	if (t != NULL)
		event.due = breach ? t->breach : t->warn;
	if (event.due > event.instant)
		event.instant = w->now = event.due;
	memset(&w->replied, 0, sizeof(w->replied));
	view = world_view(w, false);
	arena_reset(&w->arena);
	decide(&view, &event, &w->arena, &w->decision);
	if (w->decision.refusal.code == SK_OK)
		take_effect(w, false);
	return &w->decision;
}

static inline bool
posted_to(const struct decision *d, uint64_t participant)
{
	for (size_t i = 0; i < d->open->n_postings; i++)
		if (d->open->postings[i]->participant == participant)
			return true;
	return false;
}

#endif
