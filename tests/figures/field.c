#include "tests/figures/field.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/core/policy.h"
#include "broker/lib/yaml.h"
#include "proto/civil.h"
#include "proto/command.h"
#include "proto/message.h"
#include "proto/seal.h"

#define K(name) SK__KIND__##name
#define ARENA_BYTES (64u << 20)
#define TEXT(literal) ((char *)(uintptr_t)(literal))

static struct {
	struct journal *journal;
	struct engine *engine;
	const Sk__Policy *policy;
	struct actor actor[ACTORS_MAX];
	uint8_t enrolment[32], enrolment_secret[64], broker_secret[64];
	uint8_t operator_key[32], operator_secret[64];
	uint64_t sequence;
	struct statement_head head;
	struct arena arena, profile;
	int64_t now, ticks;
	uint16_t court[400];	/* of each municipality, its index */
} f;

void
field_die(const char *what, const char *why)
{
	fprintf(stderr, "figures: %s: %s\n", what, why);
	exit(1);
}

static void
check(const char *what, enum sk_error rc, const struct fault *fault)
{
	char why[320];

	if (rc == SK_OK)
		return;
	snprintf(why, sizeof(why), "%s %s %s", error_name(rc),
	    fault == NULL ? "" : fault->field,
	    fault == NULL ? "" : fault->hint);
	field_die(what, why);
}

static ProtobufCBinaryData
data(const void *bytes, size_t size)
{
	return (ProtobufCBinaryData){ size, (uint8_t *)(uintptr_t)bytes };
}

static void *
take(size_t size)
{
	void *bytes = arena_take(&f.arena, size);

	if (bytes == NULL)
		field_die("arena", "spent");
	return bytes;
}
#define NEW(type, init) ((type *)made(arena_new(&f.arena, type, init)))

static void *
made(void *thing)
{
	if (thing == NULL)
		field_die("arena", "spent");
	return thing;
}

static void
add(size_t *n, void *items, void *item)
{
	if (arena_append(&f.arena, n, (void ***)items, item) != 0)
		field_die("arena", "spent");
}

/* ---- founding, enrolment, policy */

static void
found(const char *path)
{
	Sk__FoundingBody body = SK__FOUNDING_BODY__INIT;
	ProtobufCBinaryData operators[1];
	uint8_t link[32], link_secret[32], sign[32];
	struct fault fault = { 0 };

	crypto_box_keypair(link, link_secret);
	crypto_sign_keypair(sign, f.broker_secret);
	operators[0] = data(f.operator_key, 32);
	body.name = TEXT("cijfers");
	body.origin = TEXT("cijfers/test/1");
	body.has_number = body.has_test = body.has_instant = 1;
	body.number = 1;
	body.test = 1;
	body.instant = f.now;
	body.has_broker_link_key = body.has_broker_sign_key = 1;
	body.broker_link_key = data(link, 32);
	body.broker_sign_key = data(sign, 32);
	body.has_enrolment_key = 1;
	body.enrolment_key = data(f.enrolment, 32);
	body.n_operator_keys = 1;
	body.operator_keys = operators;
	check("found", journal_found(path, &body, &fault), &fault);
}

static void
command(const Sk__Command *message)
{
	Sk__SignedCommand signed_command = SK__SIGNED_COMMAND__INIT;
	Sk__Approval approval = SK__APPROVAL__INIT, *approvals = &approval;
	struct command_answer answer;
	uint8_t *bytes, key_id[DIGEST_SIZE], signature[64];
	size_t size;

	check("command", wire_encode(&message->base, &f.arena, &bytes, &size),
	    NULL);
	signed_command.has_command = signed_command.has_not_after = 1;
	signed_command.command = data(bytes, size);
	signed_command.not_after = f.now + DAY_MS;
	digest_key_id(key_id, f.operator_key);
	approval.has_key_id = approval.has_sequence = 1;
	approval.has_signature = 1;
	approval.key_id = data(key_id, sizeof(key_id));
	approval.sequence = ++f.sequence;
	check("command", command_sign(signature,
	    journal_founding(f.journal)->origin, f.operator_key,
	    f.operator_secret, approval.sequence, signed_command.not_after,
	    bytes, size), NULL);
	approval.signature = data(signature, sizeof(signature));
	signed_command.n_approvals = 1;
	signed_command.approvals = &approvals;
	check("command", engine_command(f.engine, f.now, &signed_command,
	    &f.arena, &answer), NULL);
	check("command", answer.code, &answer.fault);
}

static void
enrol(uint64_t participant, Sk__Role role, const char *name, const char *code,
    uint32_t area)
{
	struct actor *actor = &f.actor[participant];
	struct statement *s = take(sizeof(*s));
	uint8_t *body = take(STATEMENT_BYTES_MAX), signature[64], secret[32];
	Sk__Statement statement = SK__STATEMENT__INIT;
	Sk__Enter enter = SK__ENTER__INIT;
	Sk__Command message = SK__COMMAND__INIT;
	size_t size;

	crypto_sign_keypair(actor->sign, actor->sign_secret);
	crypto_box_keypair(actor->seal, secret);
	digest_key_id(actor->seal_key_id, actor->seal);
	s->type = STATEMENT_ENROL;
	memcpy(s->founding, journal_founding(f.journal)->digest, DIGEST_SIZE);
	s->serial = f.head.serial + 1;
	memcpy(s->previous, f.head.digest, DIGEST_SIZE);
	s->participant = participant;
	s->role = role;
	snprintf(s->name, sizeof(s->name), "%.70s", name);
	snprintf(s->code, sizeof(s->code), "%s", code);
	s->areas = area != 0;
	s->area[0] = area;
	s->valid_from = civil_date_at(f.now) - 1;
	s->valid_to = s->valid_from + 3000;
	s->generation = 1;
	memcpy(s->keys.sign, actor->sign, 32);
	memcpy(s->keys.seal, actor->seal, 32);
	crypto_box_keypair(s->keys.link, secret);
	check("enrol", statement_encode(s, body, &size), NULL);
	check("enrol", statement_sign(signature, body, size,
	    f.enrolment_secret), NULL);
	statement.has_body = statement.has_signature = 1;
	statement.body = data(body, size);
	statement.signature = data(signature, 64);
	enter.statement = &statement;
	message.enter = &enter;
	command(&message);
	f.head.serial++;
	statement_digest(f.head.digest, body, size);
	chain_first_link(actor->last_link,
	    journal_founding(f.journal)->digest, participant);
	actor->next_id = 1;
}

static void
offering_code(uint32_t provider, char text[16])
{
	snprintf(text, 16, "hulp-%02u", provider);
}

static void
provider_code(uint32_t provider, char text[16])
{
	snprintf(text, 16, "4242%04u", provider);
}

#define RETENTION_DAYS 3650

/* The national profile, with help to refer to. */
static void
set_policy(const Sk__Policy *profile)
{
	Sk__Policy policy = *profile;
	Sk__Rules rules = SK__RULES__INIT;
	Sk__SetPolicy set = SK__SET_POLICY__INIT;
	Sk__Command message = SK__COMMAND__INIT;
	char text[16];

	for (uint32_t i = 0; i < PROVIDERS; i++) {
		Sk__Provider *p = NEW(Sk__Provider, sk__provider__init);
		Sk__Offering *o = NEW(Sk__Offering, sk__offering__init);
		bool foster = i >= PROVIDERS - RESIDENTIAL;

		provider_code(i, text);
		p->agb = o->provider = made(arena_string(&f.arena, text));
		p->name = TEXT("Aanbieder (fictief)");
		offering_code(i, text);
		o->code = made(arena_string(&f.arena, text));
		o->name = TEXT("Hulp (fictief)");
		o->has_level = o->has_place = 1;
		o->level = foster ? SK__LEVEL__RESIDENTIAL :
		    SK__LEVEL__AMBULANT;
		o->place = foster ? SK__PLACE__FOSTER : SK__PLACE__HOME;
		add(&policy.n_providers, &policy.providers, p);
		add(&policy.n_offerings, &policy.offerings, o);
	}
	/* Years are counted at their end: nothing of them is erased before. */
	if (profile->rules != NULL)
		rules = *profile->rules;
	rules.has_retention_days = 1;
	rules.retention_days = RETENTION_DAYS;
	policy.rules = &rules;
	set.has_replaces = 1;
	set.policy = &policy;
	message.set_policy = &set;
	command(&message);
}

static void
enrol_all(void)
{
	const Sk__Policy *p = f.policy;
	char name[96], code[32];

	for (size_t i = 0; i < p->n_courts; i++)
		enrol(COURT_FIRST + i, SK__ROLE__COURT, p->courts[i]->name,
		    p->courts[i]->oin, 0);
	for (size_t i = 0; i < p->n_municipalities; i++) {
		const Sk__Municipality *m = p->municipalities[i];

		snprintf(name, sizeof(name), "Toegang %.60s", m->name);
		enrol(TEAM_FIRST + i, SK__ROLE__ACCESS, name, m->code,
		    policy_municipality(m->code));
		for (size_t c = 0; c < p->n_courts; c++)
			if (strcmp(p->courts[c]->corv_id, m->court) == 0)
				f.court[i] = (uint16_t)c;
	}
	for (uint32_t i = 0; i < PROVIDERS; i++) {
		snprintf(name, sizeof(name), "Aanbieder %u (fictief)", i);
		provider_code(i, code);
		enrol(PROVIDER_FIRST + i, SK__ROLE__PROVIDER, name, code, 0);
	}
	enrol(EXPERTS, SK__ROLE__RET, "Expertteam (fictief)", "00000031", 0);
}

static void
open_engine(const char *dir)
{
	char path[512];
	struct fault fault = { 0 };

	snprintf(path, sizeof(path), "%s/journal", dir);
	found(path);
	check("journal", journal_open(path, NULL, false, &f.journal, &fault),
	    &fault);
	journal_sign_with(f.journal, f.broker_secret);
	snprintf(path, sizeof(path), "%s/state", dir);
	check("engine", engine_open(f.journal, path, &f.engine, NULL, &fault),
	    &fault);
	check("start", engine_start(f.engine, f.now, "figures"), NULL);
}

void
field_open(const char *dir, const char *profile, int32_t day)
{
	ProtobufCMessage *message = NULL;
	struct yaml_fault fault = { 0 };
	void *a = malloc(ARENA_BYTES), *b = malloc(ARENA_BYTES);

	if (sodium_init() < 0 || a == NULL || b == NULL)
		field_die("start", "no memory");
	arena_init(&f.arena, a, ARENA_BYTES);
	arena_init(&f.profile, b, ARENA_BYTES);
	f.now = civil_day_start(day) + DAY_MS / 2;
	if (yaml_read(profile, &sk__policy__descriptor, &f.profile, &message,
	    NULL, &fault) != SK_OK)
		field_die(profile, fault.text);
	f.policy = (const Sk__Policy *)(const void *)message;
	crypto_sign_keypair(f.enrolment, f.enrolment_secret);
	crypto_sign_keypair(f.operator_key, f.operator_secret);
	mkdir(dir, 0700);
	open_engine(dir);
	set_policy(f.policy);
	enrol_all();
	field_commit();
}

size_t
field_municipalities(void)
{
	return f.policy->n_municipalities;
}

const char *
field_region(size_t municipality)
{
	return f.policy->municipalities[municipality]->youth_region;
}

void
field_names(size_t municipality, const char **code, const char **name,
    const char **court)
{
	const Sk__Municipality *m = f.policy->municipalities[municipality];

	*code = m->code;
	*name = m->name;
	*court = f.policy->courts[f.court[municipality]]->name;
}

/* ---- who says it to whom */

uint64_t
field_sender(const struct script *script, const struct step *step)
{
	switch ((Sk__Kind)step->kind) {
	case K(COURT_ORDER):
	case K(HEARING_NOTICE):
		return COURT_FIRST + f.court[script->municipality];
	case K(ACCEPT):
	case K(DECLINE):
	case K(WAIT_PLACE):
	case K(START):
	case K(STOP):
	case K(HEARING_REPORT):
		return PROVIDER_FIRST + step->provider;
	case K(RET_ADVICE):
		return EXPERTS;
	default:
		return TEAM_FIRST + script->municipality;
	}
}

static void
address(struct header *h, uint64_t participant)
{
	h->recipient[h->recipients].participant = participant;
	memcpy(h->recipient[h->recipients++].key_id,
	    f.actor[participant].seal_key_id, DIGEST_SIZE);
}

/* All that were ever referred to read that the case is closed. */
static void
address_closing(struct header *h, const struct script *script)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < script->steps; i++) {
		const struct step *s = &script->step[i];

		if ((Sk__Kind)s->kind != K(ACCEPT) ||
		    (seen >> s->provider & 1) != 0)
			continue;
		seen |= UINT64_C(1) << s->provider;
		address(h, PROVIDER_FIRST + s->provider);
	}
}

static void
address_all(struct header *h, const struct letter *l)
{
	uint64_t court = COURT_FIRST + f.court[l->script->municipality];
	uint64_t team = TEAM_FIRST + l->script->municipality;

	address(h, l->sender);
	switch ((Sk__Kind)l->step->kind) {
	case K(RECEIPT_OF):
	case K(COURT_REPORT):
		address(h, court);
		break;
	case K(CLOSE):
		address(h, court);
		address_closing(h, l->script);
		break;
	case K(REFERRAL):
	case K(HEARING_REPORT_REQUEST):
		address(h, PROVIDER_FIRST + l->step->provider);
		break;
	case K(RET_REQUEST):
		address(h, EXPERTS);
		break;
	case K(START):
	case K(STOP):
		address(h, court);
		address(h, team);
		break;
	default:
		if (l->sender != team)
			address(h, team);
	}
}

static void
write_header(const struct letter *l, struct header *h)
{
	struct actor *actor = &f.actor[l->sender];
	struct envelope_ref self = { .participant = l->sender };

	memset(h, 0, sizeof(*h));
	h->info = kind_info((Sk__Kind)l->step->kind);
	be64_put(h->id.boot, l->sender + 1);
	h->id.number = actor->next_id++;
	self.id = h->id;
	h->written_at = f.now;
	h->has_event_date = h->info->dated;
	h->event_date = h->info->dated ? l->step->day : 0;
	address_all(h, l);
	switch (h->info->kind) {
	case K(COURT_ORDER):
		l->thread->opened = self;
		break;
	case K(RECEIPT_OF):
		h->reply_to = l->thread->opened;
		break;
	case K(REFERRAL):
		if (!l->step->refused)
			l->thread->referral = self;
		break;
	case K(HEARING_REPORT_REQUEST):
		l->thread->request = self;
		break;
	case K(HEARING_REPORT):
		h->reply_to = l->thread->request;
		break;
	case K(RET_REQUEST):
		l->thread->question = self;
		break;
	case K(RET_ADVICE):
		h->reply_to = l->thread->question;
		break;
	default:
		if (h->info->replies)
			h->reply_to = l->thread->referral;
	}
	h->case_ref = l->thread->opened;
}

/* ---- what it says */

static Sk__Goal *
goal(uint32_t number, Sk__GoalSetter setter, int32_t day)
{
	Sk__Goal *g = NEW(Sk__Goal, sk__goal__init);

	g->has_number = g->has_setter = g->has_due_date = 1;
	g->number = number;
	g->setter = setter;
	g->due_date = day + 90;
	return g;
}

static Sk__GoalState *
goal_state(uint32_t number, Sk__GoalStatus status)
{
	Sk__GoalState *s = NEW(Sk__GoalState, sk__goal_state__init);

	s->has_number = s->has_status = 1;
	s->number = number;
	s->status = status;
	return s;
}

static Sk__CourtOrderFacts *
order(const struct letter *l)
{
	Sk__CourtOrderFacts *o = NEW(Sk__CourtOrderFacts,
	    sk__court_order_facts__init);
	uint8_t *bytes = take(16 + 3 * 32);

	randombytes_buf(bytes, 16 + 3 * 32);
	o->municipality = f.policy->municipalities[
	    l->script->municipality]->code;
	o->has_order_reference = o->has_theme = 1;
	o->order_reference = data(bytes, 16);
	o->theme = (Sk__Theme)l->script->theme;
	for (size_t i = 0; i < 3; i++) {
		Sk__Person *p = NEW(Sk__Person, sk__person__init);

		p->has_role = p->has_secret_version = p->has_pseudonym = 1;
		p->role = i == 0 ? SK__PERSON_ROLE__CHILD :
		    SK__PERSON_ROLE__PARENT;
		p->pseudonym = data(bytes + 16 + i * 32, 32);
		p->has_consent = p->consent = i != 0;
		add(&o->n_persons, &o->persons, p);
	}
	add(&o->n_goals, &o->goals, goal(1, SK__GOAL_SETTER__SET_BY_COURT,
	    l->step->day));
	return o;
}

static Sk__TriageFacts *
triage(const struct letter *l)
{
	Sk__TriageFacts *t = NEW(Sk__TriageFacts, sk__triage_facts__init);

	t->has_ground = t->has_risk_of_worsening = 1;
	t->ground = SK__GROUND__COURT_ORDER_GROUND;
	for (unsigned i = 1; i <= CASE_DOMAINS; i++) {
		Sk__DomainAnswer *d = NEW(Sk__DomainAnswer,
		    sk__domain_answer__init);

		d->has_domain = d->has_answer = 1;
		d->domain = (Sk__LifeDomain)i;
		d->answer = i <= l->step->code ? SK__ANSWER__YES :
		    SK__ANSWER__NO;
		d->has_owner = d->answer == SK__ANSWER__YES;
		d->owner = SK__PROBLEM_OWNER__OWNER_PARENT;
		add(&t->n_domains, &t->domains, d);
	}
	return t;
}

static Sk__RouteDecisionFacts *
route(const struct letter *l)
{
	Sk__RouteDecisionFacts *r = NEW(Sk__RouteDecisionFacts,
	    sk__route_decision_facts__init);
	Sk__Principle *named = take(sizeof(*named));

	r->has_main = r->has_local_insufficient = 1;
	r->main = (Sk__Route)l->step->code;
	r->local_insufficient = 1;
	*named = SK__PRINCIPLE__MATCHED_CARE;
	r->n_principles = 1;
	r->principles = named;
	return r;
}

static Sk__FamilyPlanFacts *
plan(const struct letter *l)
{
	Sk__FamilyPlanFacts *p = NEW(Sk__FamilyPlanFacts,
	    sk__family_plan_facts__init);
	Sk__PlanParty *agreed = take(2 * sizeof(*agreed));

	agreed[0] = SK__PLAN_PARTY__PLAN_PARENTS;
	agreed[1] = SK__PLAN_PARTY__PLAN_ACCESS;
	p->n_agreed = 2;
	p->agreed = agreed;
	add(&p->n_goals, &p->goals, goal(2, SK__GOAL_SETTER__SET_BY_ACCESS,
	    l->step->day));
	return p;
}

static Sk__ReferralFacts *
referral(const struct letter *l)
{
	Sk__ReferralFacts *r = NEW(Sk__ReferralFacts,
	    sk__referral_facts__init);
	Sk__Place *places = take(2 * sizeof(*places));
	char text[16];

	offering_code(l->step->provider, text);
	r->offering = made(arena_string(&f.arena, text));
	if (l->step->provider < PROVIDERS - RESIDENTIAL)
		return r;
	places[0] = SK__PLACE__HOME;
	places[1] = SK__PLACE__SCHOOL_PLACE;
	r->n_alternatives = 2;
	r->alternatives = places;
	r->has_safety_view = r->safety_view = 1;
	return r;
}

static Sk__StopFacts *
stop(const struct letter *l)
{
	Sk__StopFacts *s = NEW(Sk__StopFacts, sk__stop_facts__init);

	s->has_reason = 1;
	s->reason = (Sk__EndReason)l->step->code;
	add(&s->n_goals, &s->goals,
	    goal_state(1, SK__GOAL_STATUS__REACHED));
	add(&s->n_goals, &s->goals,
	    goal_state(2, SK__GOAL_STATUS__PARTLY_REACHED));
	return s;
}

static Sk__LessonFacts *
lesson(const struct letter *l)
{
	Sk__LessonFacts *p = NEW(Sk__LessonFacts, sk__lesson_facts__init);
	Sk__LessonTheme *theme = take(sizeof(*theme));

	*theme = (Sk__LessonTheme)l->step->code;
	p->n_themes = 1;
	p->themes = theme;
	return p;
}

static Sk__AnalysisFacts *
analysis(void)
{
	Sk__AnalysisFacts *a = NEW(Sk__AnalysisFacts,
	    sk__analysis_facts__init);
	Sk__LifeDomain *domain = take(sizeof(*domain));

	*domain = SK__LIFE_DOMAIN__PARENTING;
	a->n_support = 1;
	a->support = domain;
	a->has_authors = a->has_hypotheses = 1;
	a->authors = 2;
	a->hypotheses = 1;
	return a;
}

static void
fill_reports(const struct letter *l, Sk__Facts *facts)
{
	Sk__HearingReportFacts *h = NEW(Sk__HearingReportFacts,
	    sk__hearing_report_facts__init);
	Sk__CourtReportFacts *c = NEW(Sk__CourtReportFacts,
	    sk__court_report_facts__init);
	Sk__HearingReportRequestFacts *r = NEW(Sk__HearingReportRequestFacts,
	    sk__hearing_report_request_facts__init);
	Sk__HearingNoticeFacts *n = NEW(Sk__HearingNoticeFacts,
	    sk__hearing_notice_facts__init);
	Sk__GoalState *state = goal_state(1, SK__GOAL_STATUS__BEHIND);

	n->has_hearing_date = r->has_due_date = 1;
	n->hearing_date = l->step->day + 60;
	r->due_date = l->step->day + 10;
	h->has_advice = c->has_advice = 1;
	h->advice = c->advice = (Sk__Advice)l->step->code;
	add(&h->n_goals, &h->goals, state);
	add(&c->n_goals, &c->goals, state);
	switch ((Sk__Kind)l->step->kind) {
	case K(HEARING_NOTICE):
		facts->hearing_notice = n;
		break;
	case K(HEARING_REPORT_REQUEST):
		facts->hearing_report_request = r;
		break;
	case K(HEARING_REPORT):
		facts->hearing_report = h;
		break;
	default:
		facts->court_report = c;
	}
}

static void
fill_answers(const struct letter *l, Sk__Facts *facts)
{
	switch ((Sk__Kind)l->step->kind) {
	case K(ACCEPT):
		facts->accept = NEW(Sk__AcceptFacts, sk__accept_facts__init);
		facts->accept->has_intake_date = 1;
		facts->accept->intake_date = l->step->day;
		break;
	case K(DECLINE):
		facts->decline = NEW(Sk__DeclineFacts,
		    sk__decline_facts__init);
		facts->decline->has_reason = 1;
		facts->decline->reason = (Sk__DeclineReason)l->step->code;
		break;
	case K(WAIT_PLACE):
		facts->wait_place = NEW(Sk__WaitPlaceFacts,
		    sk__wait_place_facts__init);
		facts->wait_place->has_expected_date = 1;
		facts->wait_place->expected_date = l->step->day + 30;
		facts->wait_place->has_bridge_help = 1;
		facts->wait_place->bridge_help = 1;
		break;
	case K(START):
		facts->start = NEW(Sk__StartFacts, sk__start_facts__init);
		break;
	case K(STOP):
		facts->stop = stop(l);
		break;
	case K(RET_ADVICE):
		facts->ret_advice = NEW(Sk__RetAdviceFacts,
		    sk__ret_advice_facts__init);
		facts->ret_advice->has_tailor_made_plan = 1;
		facts->ret_advice->has_closed_placement = 1;
		break;
	default:
		fill_reports(l, facts);
	}
}

static void
fill_facts(const struct letter *l, Sk__Facts *facts)
{
	switch ((Sk__Kind)l->step->kind) {
	case K(COURT_ORDER):
		facts->court_order = order(l);
		break;
	case K(RECEIPT_OF):
		facts->receipt_of = NEW(Sk__ReceiptOfFacts,
		    sk__receipt_of_facts__init);
		break;
	case K(TRIAGE):
		facts->triage = triage(l);
		break;
	case K(ANALYSIS):
		facts->analysis = analysis();
		break;
	case K(ROUTE_DECISION):
		facts->route_decision = route(l);
		break;
	case K(FAMILY_PLAN):
		facts->family_plan = plan(l);
		break;
	case K(REFERRAL):
		facts->referral = referral(l);
		break;
	case K(RET_REQUEST):
		facts->ret_request = NEW(Sk__RetRequestFacts,
		    sk__ret_request_facts__init);
		facts->ret_request->has_reason = 1;
		facts->ret_request->reason = SK__STUCK_REASON__ALL_DECLINED;
		break;
	case K(LESSON):
		facts->lesson = lesson(l);
		break;
	case K(CLOSE):
		facts->close = NEW(Sk__CloseFacts, sk__close_facts__init);
		break;
	default:
		fill_answers(l, facts);
	}
}

static void
fill_sections(const struct letter *l, const struct kind_info *info,
    Sk__Facts *facts)
{
	uint32_t sections = info->sections_must;

	if (l->step->child_view)
		sections |= 1u << SK__SECTION__CHILD_VIEW;
	for (unsigned s = 1; s <= SK__SECTION__EXPLANATION; s++) {
		Sk__SectionLength *length;

		if ((sections >> s & 1) == 0)
			continue;
		length = NEW(Sk__SectionLength, sk__section_length__init);
		length->has_section = length->has_characters = 1;
		length->section = (Sk__Section)s;
		length->characters = 60;
		add(&facts->n_sections, &facts->sections, length);
	}
}

/* The broker sees of a sealed part only its size: noise of that size does. */
static Sk__Envelope *
write_letter(const struct letter *l, uint8_t e[DIGEST_SIZE])
{
	Sk__Envelope *v = NEW(Sk__Envelope, sk__envelope__init);
	Sk__Facts *facts = NEW(Sk__Facts, sk__facts__init);
	uint8_t digests[3][DIGEST_SIZE];
	struct fault fault = { 0 };
	struct header h;

	write_header(l, &h);
	check("header", header_encode(&h, &f.arena, &v->header.data,
	    &v->header.len, &fault), &fault);
	facts->has_version = 1;
	facts->version = MESSAGE_VERSION;
	fill_facts(l, facts);
	if (h.info->sealed != SEALED_NEVER)
		fill_sections(l, h.info, facts);
	check("facts", wire_encode(&facts->base, &f.arena, &v->facts.data,
	    &v->facts.len), NULL);
	v->nonce = data(take(NONCE_SIZE), NONCE_SIZE);
	randombytes_buf(v->nonce.data, NONCE_SIZE);
	v->has_header = v->has_nonce = v->has_facts = 1;
	if (facts->n_sections > 0) {
		v->has_sealed = 1;
		v->sealed.len = seal_size(511, h.recipients);
		v->sealed.data = take(v->sealed.len);
		v->sealed.data[0] = 1;
	}
	chain_envelope(v->header.data, v->header.len, v->nonce.data,
	    v->facts.data, v->facts.len, v->sealed.data, v->sealed.len,
	    digests[0], digests[1], digests[2], e);
	return v;
}

/* ---- in it goes */

static void
check_outcome(const struct letter *l, const struct span *bytes)
{
	ProtobufCMessage *message = NULL;
	const Sk__Outcome *outcome;
	char why[400];

	check("outcome", wire_decode(&sk__outcome__descriptor, "outcome",
	    bytes->bytes, bytes->size, LEAF_BYTES_MAX, &f.arena, &message,
	    NULL), NULL);
	outcome = (const Sk__Outcome *)(const void *)message;
	if (outcome->accepted == !l->step->refused)
		return;
	snprintf(why, sizeof(why), "%s on day %d: %s %s %s",
	    kind_info((Sk__Kind)l->step->kind)->name, l->step->day,
	    error_name((enum sk_error)outcome->code),
	    outcome->field == NULL ? "" : outcome->field,
	    outcome->hint == NULL ? "" : outcome->hint);
	field_die("not as scripted", why);
}

void
field_send(const struct letter *letters, size_t n)
{
	static uint8_t e[SUBMIT_ENVELOPES_MAX][DIGEST_SIZE];
	static struct submit_answer answer;
	struct actor *actor = &f.actor[letters[0].sender];
	Sk__Submit submit = SK__SUBMIT__INIT;
	uint8_t root[DIGEST_SIZE], link[DIGEST_SIZE], key_id[DIGEST_SIZE],
	    signature[64];

	for (size_t i = 0; i < n; i++)
		add(&submit.n_envelopes, &submit.envelopes,
		    write_letter(&letters[i], e[i]));
	submit.has_first_number = submit.has_key_id = 1;
	submit.has_signature = 1;
	submit.first_number = actor->last_number + 1;
	digest_tree_root(root, (const uint8_t (*)[DIGEST_SIZE])e, n);
	chain_next_link(link, actor->last_link, submit.first_number, n, root);
	digest_key_id(key_id, actor->sign);
	submit.key_id = data(key_id, DIGEST_SIZE);
	check("sign", chain_sign(signature,
	    journal_founding(f.journal)->origin, letters[0].sender,
	    actor->sign, actor->sign_secret, link), NULL);
	submit.signature = data(signature, sizeof(signature));
	check("submit", engine_submit(f.engine, letters[0].sender, f.now,
	    &submit, &f.arena, &answer), NULL);
	check("submit", answer.code, &answer.fault);
	for (size_t i = 0; i < n; i++)
		check_outcome(&letters[i], &answer.receipt[i].outcome);
	actor->last_number += n;
	memcpy(actor->last_link, link, DIGEST_SIZE);
	arena_reset(&f.arena);
}

void
field_day(int32_t day)
{
	int64_t now = civil_day_start(day) + DAY_MS / 2;

	while (engine_next_timer(f.engine) <= now)
		check("tick", engine_tick(f.engine, now), NULL);
	f.now = now;
}

void
field_commit(void)
{
	struct mailbox_state box;
	uint64_t participant;

	while ((participant = engine_next_posted(f.engine)) != 0) {
		if (!engine_mailbox(f.engine, participant, &box))
			continue;
		engine_delivered(f.engine, participant, box.next - 1);
		engine_stored(f.engine, participant, box.next - 1);
	}
	f.ticks += STATE_COMMIT_MS;
	check("commit", engine_commit(f.engine, f.now, f.ticks), NULL);
}

uint64_t
field_entries(void)
{
	return journal_size(f.journal);
}

void
field_close(void)
{
	engine_close(f.engine);
	journal_close(f.journal);
	free(f.arena.base);
	free(f.profile.base);
}
