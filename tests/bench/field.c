#include "tests/bench/field.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "broker/journal/journal.h"
#include "broker/lib/control.h"
#include "broker/lib/file.h"
#include "proto/civil.h"
#include "proto/command.h"
#include "tests/bench/raw.h"

#define ZWOLLE "0193"
#define AGB "42420001"
#define OFFERING "omgang-begeleid"
#define CONTROL_MS 5000
#define WINDOW 256	/* messages under way while the cases are set up */
#define BODY 60		/* characters a section, likewise */
#define DOMAINS 14

static void
check(const char *what, enum sk_error rc, const struct fault *fault)
{
	char why[320];

	if (rc == SK_OK)
		return;
	snprintf(why, sizeof(why), "%s %s %s", error_name(rc), fault->field,
	    fault->hint);
	bench_fail(what, why);
}

static void
path_in(const struct field *field, const char *name, char path[320])
{
	snprintf(path, 320, "%s/%s", field->dir, name);
}

static ProtobufCBinaryData
key_data(uint8_t key[32])
{
	return (ProtobufCBinaryData){ 32, key };
}

/* ---- the journal and its keys */

static void
write_keys(const struct field *field)
{
	char path[320];
	struct fault fault = { 0 };

	path_in(field, "keys", path);
	check(path, file_make_dir(path, 0700, &fault), &fault);
	path_in(field, "keys/link.key", path);
	check(path, file_write_secret(path, field->broker_link_secret, 32,
	    &fault), &fault);
	path_in(field, "keys/sign.key", path);
	check(path, file_write_secret(path, field->broker_sign_secret, 64,
	    &fault), &fault);
}

static void
found(struct field *field)
{
	Sk__FoundingBody body = SK__FOUNDING_BODY__INIT;
	ProtobufCBinaryData operators[1];
	struct journal *journal;
	struct fault fault = { 0 };
	char name[] = "bench", path[320];

	snprintf(field->origin, sizeof(field->origin), "bench/test/1");
	operators[0] = key_data(field->operator_key);
	body.name = name;
	body.origin = field->origin;
	body.has_number = body.has_test = body.has_instant = 1;
	body.number = 1;
	body.test = 1;
	body.instant = field->now;
	body.has_broker_link_key = body.has_broker_sign_key = 1;
	body.broker_link_key = key_data(field->broker_link);
	body.broker_sign_key = key_data(field->broker_sign);
	body.has_enrolment_key = 1;
	body.enrolment_key = key_data(field->enrolment);
	body.n_operator_keys = 1;
	body.operator_keys = operators;
	path_in(field, "journal", path);
	check("found", journal_found(path, &body, &fault), &fault);
	check("found", journal_open(path, NULL, true, &journal, &fault),
	    &fault);
	memcpy(field->founding, journal_founding(journal)->digest,
	    DIGEST_SIZE);
	journal_close(journal);
}

/* A port that is free now. */
static unsigned
free_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		bench_fail("port", strerror(errno));
	close(fd);
	return ntohs(address.sin_port);
}

static void
write_config(struct field *field)
{
	char path[320], text[2048];
	struct fault fault = { 0 };
	int size;

	snprintf(field->address, sizeof(field->address),
	    "tcp://127.0.0.1:%u", free_port());
	size = snprintf(text, sizeof(text), "journal: %s/journal\n"
	    "keys: %s/keys\nlisten: %s\ncontrol: %s/control\n"
	    "log_level: warn\nrate_per_second: 0\n", field->dir, field->dir,
	    field->address, field->dir);
	path_in(field, "broker.yaml", path);
	check(path, file_write(path, text, (size_t)size, 0644, &fault),
	    &fault);
}

/* ---- the broker and its control socket */

double
field_start(const char *program, const char *config, const char *socket,
    pid_t *pid)
{
	struct fault fault = { 0 };
	double from = bench_seconds();
	int fd;

	if ((*pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);	/* nothing outlives us */
		execl(program, program, "-c", config, (char *)NULL);
		_exit(127);
	}
	if (*pid < 0)
		bench_fail("fork", strerror(errno));
	while (control_connect(socket, CONTROL_MS, &fd, &fault) != SK_OK) {
		struct timespec wait = { 0, 1000000 };

		if (waitpid(*pid, NULL, WNOHANG) != 0)
			bench_fail(program, "ended at once");
		if (bench_seconds() > from + 10)
			bench_fail(program, "does not answer");
		nanosleep(&wait, NULL);
	}
	close(fd);
	return (bench_seconds() - from) * 1e3;
}

void
field_stop(const char *name, pid_t pid)
{
	int status = 0;

	if (pid <= 0)
		return;
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	if (status != 0)
		fprintf(stderr, "bench: the %s ended with status %d\n", name,
		    status);
}

static void
start_broker(struct field *field, const char *program)
{
	char config[320], control[320];

	path_in(field, "broker.yaml", config);
	path_in(field, "control", control);
	field->ready_ms = field_start(program, config, control,
	    &field->broker);
}

/* The answer is freed by the caller. */
static Sk__ControlAnswer *
ask(struct field *field, const Sk__ControlRequest *request)
{
	char control[320];
	size_t size = sk__control_request__get_packed_size(request);
	uint8_t *bytes = malloc(size), *answer_bytes;
	size_t answer_size;
	Sk__ControlAnswer *answer;
	struct fault fault = { 0 };
	int fd;

	if (bytes == NULL)
		bench_fail("control", "no memory");
	path_in(field, "control", control);
	check("control", control_connect(control, CONTROL_MS, &fd, &fault),
	    &fault);
	sk__control_request__pack(request, bytes);
	check("control", control_ask(fd, bytes, size, CONTROL_MS,
	    &answer_bytes, &answer_size, &fault), &fault);
	answer = sk__control_answer__unpack(NULL, answer_size, answer_bytes);
	if (answer == NULL)
		bench_fail("control", "an answer that does not decode");
	fault_set(&fault, (enum sk_error)answer->code,
	    answer->field, "%s", answer->hint == NULL ? "" : answer->hint);
	check("command", fault.code, &fault);
	free(answer_bytes);
	free(bytes);
	close(fd);
	return answer;
}

bool
field_is_connected(struct field *field, uint64_t participant)
{
	Sk__ControlRequest request = SK__CONTROL_REQUEST__INIT;
	Sk__AskStatus status = SK__ASK_STATUS__INIT;
	Sk__ControlAnswer *answer;
	bool connected = false;

	request.status = &status;
	answer = ask(field, &request);
	for (size_t i = 0; answer->status != NULL &&
	    i < answer->status->n_participants; i++)
		if (answer->status->participants[i]->participant ==
		    participant)
			connected = answer->status->participants[i]->connected;
	sk__control_answer__free_unpacked(answer, NULL);
	return connected;
}

static void
command(struct field *field, const Sk__Command *message)
{
	Sk__ControlRequest request = SK__CONTROL_REQUEST__INIT;
	Sk__SignedCommand signed_command = SK__SIGNED_COMMAND__INIT;
	Sk__Approval approval = SK__APPROVAL__INIT, *approvals = &approval;
	uint8_t bytes[16384], key_id[DIGEST_SIZE], signature[64];
	size_t size = sk__command__pack(message, bytes);

	signed_command.has_command = signed_command.has_not_after = 1;
	signed_command.command = (ProtobufCBinaryData){ size, bytes };
	signed_command.not_after = field->now + 600000;
	digest_key_id(key_id, field->operator_key);
	approval.has_key_id = approval.has_sequence = 1;
	approval.has_signature = 1;
	approval.key_id = (ProtobufCBinaryData){ sizeof(key_id), key_id };
	approval.sequence = ++field->sequence;
	command_sign(signature, field->origin, field->operator_key,
	    field->operator_secret, approval.sequence,
	    signed_command.not_after, bytes, size);
	approval.signature = (ProtobufCBinaryData){ sizeof(signature),
		signature };
	signed_command.n_approvals = 1;
	signed_command.approvals = &approvals;
	request.command = &signed_command;
	sk__control_answer__free_unpacked(ask(field, &request), NULL);
}

static void
enrol(struct field *field, const struct party *party, const char *name,
    const char *code)
{
	struct statement s = { .type = STATEMENT_ENROL };
	uint8_t body[STATEMENT_BYTES_MAX], signature[64];
	size_t size;
	Sk__Statement statement = SK__STATEMENT__INIT;
	Sk__Enter enter = SK__ENTER__INIT;
	Sk__Command message = SK__COMMAND__INIT;
	struct fault fault = { 0 };

	memcpy(s.founding, field->founding, DIGEST_SIZE);
	s.serial = field->head.serial + 1;
	memcpy(s.previous, field->head.digest, DIGEST_SIZE);
	s.participant = party->number;
	s.role = party->role;
	snprintf(s.name, sizeof(s.name), "%s", name);
	snprintf(s.code, sizeof(s.code), "%s", code);
	if (party->role == SK__ROLE__ACCESS)
		s.area[s.areas++] = (uint32_t)atoi(ZWOLLE);
	s.valid_from = field->today - 1;
	s.valid_to = field->today + 365;
	s.generation = 1;
	s.keys = party->keys;
	check("enrol", statement_encode(&s, body, &size), &fault);
	check("enrol", statement_sign(signature, body, size,
	    field->enrolment_secret), &fault);
	statement.has_body = statement.has_signature = 1;
	statement.body = (ProtobufCBinaryData){ size, body };
	statement.signature = (ProtobufCBinaryData){ 64, signature };
	enter.statement = &statement;
	message.enter = &enter;
	command(field, &message);
	field->head.serial++;
	statement_digest(field->head.digest, body, size);
}

#define TEXT(literal) ((char *)(uintptr_t)(literal))

static void
set_policy(struct field *field)
{
	Sk__Municipality zwolle = SK__MUNICIPALITY__INIT, *towns = &zwolle;
	Sk__Court court = SK__COURT__INIT, *courts = &court;
	Sk__Provider provider = SK__PROVIDER__INIT, *providers = &provider;
	Sk__Offering offering = SK__OFFERING__INIT, *offerings = &offering;
	Sk__Policy policy = SK__POLICY__INIT;
	Sk__SetPolicy set = SK__SET_POLICY__INIT;
	Sk__Command message = SK__COMMAND__INIT;

	zwolle.code = TEXT(ZWOLLE);
	zwolle.name = TEXT("Zwolle");
	zwolle.court = court.corv_id = TEXT("AR0051");
	court.name = TEXT("Rechtbank Overijssel");
	provider.agb = offering.provider = TEXT(AGB);
	provider.name = TEXT("De Veerstoep (fictief)");
	offering.code = TEXT(OFFERING);
	offering.name = TEXT("Begeleide omgang");
	offering.has_level = offering.has_theme = 1;
	offering.level = SK__LEVEL__AMBULANT;
	offering.theme = SK__THEME__SEPARATION;
	policy.region = TEXT("bench");
	policy.title = TEXT("Bench");
	policy.n_municipalities = policy.n_courts = 1;
	policy.municipalities = &towns;
	policy.courts = &courts;
	policy.n_providers = policy.n_offerings = 1;
	policy.providers = &providers;
	policy.offerings = &offerings;
	set.has_replaces = 1;
	set.policy = &policy;
	message.set_policy = &set;
	command(field, &message);
}

void
field_open(struct field *field, const char *dir, const char *program)
{
	struct timespec now;

	memset(field, 0, sizeof(*field));
	snprintf(field->dir, sizeof(field->dir), "%s", dir);
	clock_gettime(CLOCK_REALTIME, &now);
	field->now = (int64_t)now.tv_sec * 1000;
	field->today = civil_date_at(field->now);
	link_keypair(field->broker_link, field->broker_link_secret);
	crypto_sign_keypair(field->broker_sign, field->broker_sign_secret);
	crypto_sign_keypair(field->enrolment, field->enrolment_secret);
	crypto_sign_keypair(field->operator_key, field->operator_secret);
	party_draw(&field->party[COURT], 1, SK__ROLE__COURT);
	party_draw(&field->party[ACCESS], 2, SK__ROLE__ACCESS);
	party_draw(&field->party[PROVIDER], 3, SK__ROLE__PROVIDER);
	write_keys(field);
	found(field);
	write_config(field);
	start_broker(field, program);
	enrol(field, &field->party[COURT], "Rechtbank Overijssel",
	    "00000004000000151000");
	enrol(field, &field->party[ACCESS], "Toegang Zwolle", ZWOLLE);
	enrol(field, &field->party[PROVIDER], "De Veerstoep", AGB);
	set_policy(field);
}

void
field_join(struct field *field)
{
	for (size_t i = 0; i < PARTIES; i++)
		party_join(field->party, &field->party[i], field->address,
		    field->broker_link, field->origin, field->founding);
}

void
field_close(struct field *field)
{
	for (size_t i = 0; i < PARTIES; i++)
		link_client_close(field->party[i].client);
	field_stop("broker", field->broker);
	free(field->case_ref);
	free(field->referral);
}

/* ---- the cases */

static Sk__Goal *
goal_of(struct field *field, Sk__Goal *goal, uint32_t number,
    Sk__GoalSetter setter)
{
	sk__goal__init(goal);
	goal->has_number = goal->has_setter = goal->has_due_date = 1;
	goal->number = number;
	goal->setter = setter;
	goal->due_date = field->today + 90;
	return goal;
}

struct stage {
	Sk__Kind kind;
	int sender, recipient;	/* recipient -1: the sender alone */
};

static const struct stage stages[] = {
	{ SK__KIND__COURT_ORDER, COURT, ACCESS },
	{ SK__KIND__TRIAGE, ACCESS, -1 },
	{ SK__KIND__ROUTE_DECISION, ACCESS, -1 },
	{ SK__KIND__FAMILY_PLAN, ACCESS, -1 },
	{ SK__KIND__REFERRAL, ACCESS, PROVIDER },
	{ SK__KIND__ACCEPT, PROVIDER, ACCESS },
	{ SK__KIND__START, PROVIDER, ACCESS },
};

static void
fill_order(struct field *field, Sk__Facts *facts, Sk__CourtOrderFacts *order)
{
	static uint8_t reference[16], pseudonym[3][32];
	static Sk__Person person[3], *persons[3];
	static Sk__Goal goal, *goals[1];

	randombytes_buf(reference, sizeof(reference));
	randombytes_buf(pseudonym, sizeof(pseudonym));
	for (int i = 0; i < 3; i++) {
		sk__person__init(&person[i]);
		person[i].has_role = person[i].has_secret_version = 1;
		person[i].role = i == 0 ? SK__PERSON_ROLE__CHILD :
		    SK__PERSON_ROLE__PARENT;
		person[i].has_pseudonym = 1;
		person[i].pseudonym = key_data(pseudonym[i]);
		person[i].has_consent = person[i].consent = i != 0;
		persons[i] = &person[i];
	}
	goals[0] = goal_of(field, &goal, 1, SK__GOAL_SETTER__SET_BY_COURT);
	order->municipality = TEXT(ZWOLLE);
	order->has_order_reference = order->has_theme = 1;
	order->order_reference = (ProtobufCBinaryData){ 16, reference };
	order->theme = SK__THEME__SEPARATION;
	order->n_persons = 3;
	order->persons = persons;
	order->n_goals = 1;
	order->goals = goals;
	facts->court_order = order;
}

static void
fill_triage(Sk__Facts *facts, Sk__TriageFacts *triage)
{
	static Sk__DomainAnswer answer[DOMAINS], *answers[DOMAINS];

	for (int i = 0; i < DOMAINS; i++) {
		sk__domain_answer__init(&answer[i]);
		answer[i].has_domain = answer[i].has_answer = 1;
		answer[i].domain = (Sk__LifeDomain)(i + 1);
		answer[i].answer = SK__ANSWER__NO;
		answers[i] = &answer[i];
	}
	triage->has_ground = triage->has_risk_of_worsening = 1;
	triage->ground = SK__GROUND__COURT_ORDER_GROUND;
	triage->n_domains = DOMAINS;
	triage->domains = answers;
	facts->triage = triage;
}

static void
fill_plan(struct field *field, Sk__Facts *facts, Sk__FamilyPlanFacts *plan)
{
	static Sk__PlanParty agreed[] = { SK__PLAN_PARTY__PLAN_PARENTS,
		SK__PLAN_PARTY__PLAN_CHILD, SK__PLAN_PARTY__PLAN_ACCESS };
	static Sk__Goal goal, *goals[1];

	goals[0] = goal_of(field, &goal, 2, SK__GOAL_SETTER__SET_BY_ACCESS);
	plan->n_goals = 1;
	plan->goals = goals;
	plan->n_agreed = 3;
	plan->agreed = agreed;
	facts->family_plan = plan;
}

/* The facts of all stages; one is taken by its kind. */
struct answers {
	Sk__CourtOrderFacts order;
	Sk__TriageFacts triage;
	Sk__RouteDecisionFacts route;
	Sk__FamilyPlanFacts plan;
	Sk__ReferralFacts referral;
	Sk__AcceptFacts accept;
	Sk__StartFacts start;
};

static void
answers_init(struct field *field, struct answers *a)
{
	sk__court_order_facts__init(&a->order);
	sk__triage_facts__init(&a->triage);
	sk__family_plan_facts__init(&a->plan);
	sk__route_decision_facts__init(&a->route);
	a->route.has_main = a->route.has_local_insufficient = 1;
	a->route.main = SK__ROUTE__YOUTH_AMBULANT;
	a->route.local_insufficient = 1;
	sk__referral_facts__init(&a->referral);
	a->referral.offering = TEXT(OFFERING);
	sk__accept_facts__init(&a->accept);
	a->accept.has_intake_date = 1;
	a->accept.intake_date = field->today;
	sk__start_facts__init(&a->start);
}

static void
fill_facts(struct field *field, Sk__Kind kind, Sk__Facts *facts,
    struct answers *a)
{
	answers_init(field, a);
	switch (kind) {
	case SK__KIND__COURT_ORDER:
		fill_order(field, facts, &a->order);
		break;
	case SK__KIND__TRIAGE:
		fill_triage(facts, &a->triage);
		break;
	case SK__KIND__ROUTE_DECISION:
		facts->route_decision = &a->route;
		break;
	case SK__KIND__FAMILY_PLAN:
		fill_plan(field, facts, &a->plan);
		break;
	case SK__KIND__REFERRAL:
		facts->referral = &a->referral;
		break;
	case SK__KIND__ACCEPT:
		facts->accept = &a->accept;
		break;
	default:
		facts->start = &a->start;
		break;
	}
}

static void
write_stage(struct field *field, const struct stage *stage, size_t i,
    struct envelope *envelope)
{
	Sk__Facts facts = SK__FACTS__INIT;
	struct answers answers;
	struct letter letter = { .kind = stage->kind, .facts = &facts,
		.body = BODY, .now = field->now, .event_date = field->today };
	struct party *sender = &field->party[stage->sender];
	struct envelope_ref *ref = stage->kind == SK__KIND__COURT_ORDER ?
	    &field->case_ref[i] : &field->referral[i];

	fill_facts(field, stage->kind, &facts, &answers);
	if (stage->recipient >= 0)
		letter.recipient = &field->party[stage->recipient];
	letter.case_ref = field->case_ref[i];
	letter.reply_to = field->referral[i];
	party_write(sender, &letter, envelope);
	if (stage->kind == SK__KIND__COURT_ORDER ||
	    stage->kind == SK__KIND__REFERRAL) {
		ref->participant = sender->number;
		ref->id = envelope->id;
	}
}

static void
run_stage(struct field *field, const struct stage *stage)
{
	struct envelope *envelopes = calloc(field->cases, sizeof(*envelopes));
	struct flow flow = { .sender = &field->party[stage->sender],
		.envelopes = envelopes, .n = field->cases,
		.in_flight = WINDOW };

	if (envelopes == NULL)
		bench_fail("cases", "no memory");
	if (stage->recipient >= 0)
		flow.recipient = &field->party[stage->recipient];
	for (size_t i = 0; i < field->cases; i++)
		write_stage(field, stage, i, &envelopes[i]);
	flow_run(field->party, &flow);
	free(flow.latency);
	for (size_t i = 0; i < field->cases; i++)
		envelope_clear(&envelopes[i]);
	free(envelopes);
}

void
field_start_cases(struct field *field, size_t cases)
{
	field->cases = cases;
	field->case_ref = calloc(cases, sizeof(*field->case_ref));
	field->referral = calloc(cases, sizeof(*field->referral));
	if (field->case_ref == NULL || field->referral == NULL)
		bench_fail("cases", "no memory");
	for (size_t s = 0; s < sizeof(stages) / sizeof(stages[0]); s++)
		run_stage(field, &stages[s]);
}

void
field_write_report(struct field *field, size_t i, size_t body,
    struct envelope *envelope)
{
	Sk__Facts facts = SK__FACTS__INIT;
	Sk__ProgressReportFacts report = SK__PROGRESS_REPORT_FACTS__INIT;
	Sk__GoalState state = SK__GOAL_STATE__INIT, *states = &state;
	struct letter letter = { .kind = SK__KIND__PROGRESS_REPORT,
		.facts = &facts, .body = body, .now = field->now,
		.recipient = &field->party[ACCESS] };

	state.has_number = state.has_status = 1;
	state.number = 1;
	state.status = SK__GOAL_STATUS__ON_TRACK;
	report.n_goals = 1;
	report.goals = &states;
	facts.progress_report = &report;
	letter.case_ref = field->case_ref[i % field->cases];
	letter.reply_to = field->referral[i % field->cases];
	party_write(&field->party[PROVIDER], &letter, envelope);
}
