/*
 * ask.c - the control socket from the operator's side.
 */
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/admin/admin.h"
#include "broker/lib/control.h"
#include "broker/lib/json.h"
#include "broker/lib/yaml.h"
#include "proto/civil.h"
#include "proto/command.h"
#include "proto/ids.h"
#include "proto/wire.h"

#define ASK_MS 120000
#define POLICY_BYTES (4u << 20)
#define ANSWER_BYTES (32u << 20)

/* One allocation holds arena and answer; its base is found again through
 * the answer's place at the front. */
struct held {
	Sk__ControlAnswer answer;	/* must stay first */
	size_t used;
	uint8_t bytes[];
};

void
answer_free(Sk__ControlAnswer *answer)
{
	struct held *held = (struct held *)(void *)answer;

	/* That of a backup holds the keys of cases. */
	if (held != NULL)
		sodium_memzero(held->bytes, held->used);
	free(held);
}

static enum sk_error
decode_answer(const uint8_t *bytes, size_t size, Sk__ControlAnswer **answer,
    struct fault *fault)
{
	struct held *held = malloc(sizeof(*held) + ANSWER_BYTES);
	ProtobufCMessage *message = NULL;
	struct arena arena;
	enum sk_error rc;

	if (held == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	arena_init(&arena, held->bytes, ANSWER_BYTES);
	rc = wire_decode(&sk__control_answer__descriptor, "answer", bytes, size,
	    CONTROL_BYTES_MAX, &arena, &message, fault);
	if (rc != SK_OK) {
		free(held);
		return rc;
	}
	held->answer = *(Sk__ControlAnswer *)message;
	held->used = arena.used;
	*answer = &held->answer;
	return SK_OK;
}

static enum sk_error
ask(const struct options *options, const Sk__ControlRequest *request,
    Sk__ControlAnswer **answer, struct fault *fault)
{
	size_t size = sk__control_request__get_packed_size(request);
	uint8_t *bytes = malloc(size + 1), *back = NULL;
	size_t back_size = 0;
	int fd = -1;
	enum sk_error rc;

	*answer = NULL;
	if (bytes == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	sk__control_request__pack(request, bytes);
	if (options->control == NULL)
		rc = fault_set(fault, SK_USAGE, "--control",
		    "the broker's control socket");
	else
		rc = control_connect(options->control, ASK_MS, &fd, fault);
	if (rc == SK_OK)
		rc = control_ask(fd, bytes, size, ASK_MS, &back, &back_size,
		    fault);
	if (rc == SK_OK)
		rc = decode_answer(back, back_size, answer, fault);
	if (rc == SK_OK && (*answer)->code != SK_OK) {
		rc = (enum sk_error)(*answer)->code;
		fault_set(fault, rc, (*answer)->field, "%s",
		    (*answer)->hint == NULL ? "" : (*answer)->hint);
		answer_free(*answer);
		*answer = NULL;
	}
	if (fd >= 0)
		close(fd);
	free(bytes);
	if (back != NULL)
		sodium_memzero(back, back_size);
	free(back);
	return rc;
}

enum sk_error
ask_question(const struct options *options, const Sk__ControlRequest *request,
    Sk__ControlAnswer **answer, struct fault *fault)
{
	return ask(options, request, answer, fault);
}

enum sk_error
ask_status(const struct options *options, Sk__ControlAnswer **answer,
    struct fault *fault)
{
	Sk__ControlRequest request = SK__CONTROL_REQUEST__INIT;
	Sk__AskStatus status = SK__ASK_STATUS__INIT;
	enum sk_error rc;

	request.status = &status;
	rc = ask(options, &request, answer, fault);
	if (rc == SK_OK && (*answer)->status == NULL) {
		answer_free(*answer);
		*answer = NULL;
		rc = SK_MALFORMED;
		fault_set(fault, rc, "answer.status", NULL);
	}
	return rc;
}

/* ---- signing */

struct approval {
	struct sign_key key;
	uint8_t key_id[DIGEST_SIZE];
	uint8_t signature[64];
	Sk__Approval message;
};

static enum sk_error
next_sequence(const struct options *options, struct approval *approval,
    struct fault *fault)
{
	Sk__ControlRequest request = SK__CONTROL_REQUEST__INIT;
	Sk__AskOperator operator_state = SK__ASK_OPERATOR__INIT;
	Sk__ControlAnswer *answer;
	enum sk_error rc;

	operator_state.has_key_id = 1;
	operator_state.key_id = (ProtobufCBinaryData){ DIGEST_SIZE,
		approval->key_id };
	request.operator_state = &operator_state;
	if ((rc = ask(options, &request, &answer, fault)) != SK_OK)
		return rc;
	approval->message.sequence = answer->next_sequence;
	answer_free(answer);
	return SK_OK;
}

static enum sk_error
approve(const struct options *options, const char *path, const char *origin,
    const Sk__SignedCommand *command, struct approval *approval,
    struct fault *fault)
{
	enum sk_error rc;

	sk__approval__init(&approval->message);
	if ((rc = key_read_sign(path, &approval->key, fault)) != SK_OK)
		return rc;
	digest_key_id(approval->key_id, approval->key.public_key);
	if ((rc = next_sequence(options, approval, fault)) == SK_OK)
		rc = command_sign(approval->signature, origin,
		    approval->key.public_key, approval->key.secret_key,
		    approval->message.sequence, command->not_after,
		    command->command.data, command->command.len);
	sodium_memzero(&approval->key, sizeof(approval->key));
	approval->message.has_key_id = approval->message.has_sequence =
	    approval->message.has_signature = 1;
	approval->message.key_id = (ProtobufCBinaryData){ DIGEST_SIZE,
		approval->key_id };
	approval->message.signature = (ProtobufCBinaryData){ 64,
		approval->signature };
	return rc;
}

enum sk_error
ask_command(const struct options *options, const Sk__Command *command,
    Sk__ControlAnswer **answer, struct fault *fault)
{
	static struct approval approvals[OPERATORS_MAX];
	Sk__Approval *list[OPERATORS_MAX];
	Sk__ControlRequest request = SK__CONTROL_REQUEST__INIT;
	Sk__SignedCommand signed_command = SK__SIGNED_COMMAND__INIT;
	Sk__ControlAnswer *status = NULL;
	size_t size = sk__command__get_packed_size(command);
	uint8_t *bytes = malloc(size + 1);
	enum sk_error rc = SK_OK;

	if (bytes == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	if (options->n_operators == 0)
		rc = fault_set(fault, SK_USAGE, "--operator",
		    "the key that signs this");
	if (rc == SK_OK)
		rc = ask_status(options, &status, fault);
	if (rc != SK_OK)
		goto done;
	signed_command.has_command = signed_command.has_not_after = 1;
	signed_command.command = (ProtobufCBinaryData){
		sk__command__pack(command, bytes), bytes };
	signed_command.not_after = status->status->now + COMMAND_LIFE_MS;
	for (size_t i = 0; i < options->n_operators && rc == SK_OK; i++) {
		rc = approve(options, options->operators[i],
		    status->status->origin, &signed_command, &approvals[i],
		    fault);
		list[i] = &approvals[i].message;
	}
	signed_command.n_approvals = options->n_operators;
	signed_command.approvals = list;
	request.command = &signed_command;
	if (rc == SK_OK)
		rc = ask(options, &request, answer, fault);
done:
	answer_free(status);
	free(bytes);
	return rc;
}

/* ---- the short verbs */

static int
print_done(const struct options *options, Sk__ControlAnswer *answer,
    const char *done)
{
	if (options->json)
		printf("{\"ok\": true, \"position\": %llu}\n",
		    (unsigned long long)answer->position);
	else
		printf("%s (%llu)\n", done,
		    (unsigned long long)answer->position);
	answer_free(answer);
	return EXIT_SUCCESS;
}

static int
tell(const struct options *options, const Sk__Command *command,
    const char *done)
{
	Sk__ControlAnswer *answer = NULL;
	struct fault fault = { 0 };

	if (ask_command(options, command, &answer, &fault) != SK_OK)
		return admin_fail(options, &fault);
	return print_done(options, answer, done);
}

int
verb_drain(const struct options *options)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__DrainCommand drain = SK__DRAIN_COMMAND__INIT;

	command.drain = &drain;
	return tell(options, &command, "broker stopt / broker drains");
}

int
verb_confirm_clock(const struct options *options)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__ConfirmClock confirm = SK__CONFIRM_CLOCK__INIT;

	command.confirm_clock = &confirm;
	return tell(options, &command, "klok bevestigd / clock confirmed");
}

/* ---- erasure */

static bool
read_position(const char *text, uint64_t *position)
{
	char *end;

	*position = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0';
}

/* 42, or 1-42-67 with its check digits. */
static enum sk_error
read_case(const char *text, uint64_t *number, struct fault *fault)
{
	uint64_t journal;

	if (strchr(text, '-') == NULL ? read_position(text, number) &&
	    *number != 0 : case_parse(text, &journal, number) == SK_OK)
		return SK_OK;
	return fault_set(fault, SK_USAGE, "erase",
	    "a case such as 42 or 1-42-67");
}

static enum sk_error
read_ground(const char *text, Sk__ErasureGround *ground, struct fault *fault)
{
	const ProtobufCEnumValue *value = text == NULL ? NULL :
	    protobuf_c_enum_descriptor_get_value_by_name(
	    &sk__erasure_ground__descriptor, text);

	if (value == NULL)
		return fault_set(fault, SK_USAGE, "--ground",
		    "DESTRUCTION_REQUESTED, RIGHT_TO_ERASURE, RETENTION_ENDED "
		    "or ENTERED_IN_ERROR");
	*ground = (Sk__ErasureGround)value->value;
	return SK_OK;
}

int
verb_erase(const struct options *options)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__Erase erase = SK__ERASE__INIT;
	struct fault fault = { 0 };
	enum sk_error rc;

	rc = options->n_rest == 1 ? read_case(options->rest[0],
	    &erase.case_number, &fault) :
	    fault_set(&fault, SK_USAGE, "erase", "one case");
	if (rc == SK_OK)
		rc = read_ground(options->ground, &erase.ground, &fault);
	if (rc == SK_OK && options->request_position != NULL &&
	    !read_position(options->request_position,
	    &erase.request_position))
		rc = fault_set(&fault, SK_USAGE, "--request-position",
		    "the position that the request's receipt says");
	if (rc != SK_OK)
		return admin_fail(options, &fault);
	erase.has_case_number = erase.has_ground = 1;
	erase.has_request_position = options->request_position != NULL;
	command.erase = &erase;
	return tell(options, &command, "zaak gewist / case erased");
}

int
verb_archive(const struct options *options)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__Archive archive = SK__ARCHIVE__INIT;
	struct fault fault = { 0 };
	uint64_t year;

	if (options->n_rest != 1 ||
	    !read_position(options->rest[0], &year) || year > 9999) {
		fault_set(&fault, SK_USAGE, "archive", "a year such as 2026");
		return admin_fail(options, &fault);
	}
	archive.has_year = 1;
	archive.year = (uint32_t)year;
	command.archive = &archive;
	return tell(options, &command, "jaar wordt gearchiveerd; "
	    "schakel-admin status zegt hoever / year is being archived; "
	    "schakel-admin status says how far");
}

int
verb_step(const struct options *options)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__StepClock step = SK__STEP_CLOCK__INIT;
	struct fault fault = { 0 };

	step.has_to = 1;
	if (options->to == NULL || !civil_instant_parse(options->to, &step.to)) {
		fault_set(&fault, SK_USAGE, "--to", "2026-03-31T12:00:00Z");
		return admin_fail(options, &fault);
	}
	command.step_clock = &step;
	return tell(options, &command, "klok verzet / clock stepped");
}

/* The broker names a field of the policy; the operator looks at a file. */
static int
fail_policy(const struct options *options, const struct yaml *yaml,
    const struct fault *fault)
{
	struct yaml_fault place = { 0 };

	if (fault->code != SK_POLICY_WRONG)
		return admin_fail(options, fault);
	if (options->json)
		printf("{\"ok\": false, \"code\": \"%s\", \"field\": \"%s\"}\n",
		    error_name(fault->code), fault->field);
	yaml_complain(yaml, &place, fault->field, "%s / %s (%s)%s%s",
	    error_text_nl(fault->code), error_text(fault->code),
	    error_name(fault->code), fault->hint[0] != '\0' ? ": " : "",
	    fault->hint);
	fprintf(stderr, "schakel-admin: %s\n", place.text);
	return EXIT_FAILURE;
}

static int
send_policy(const struct options *options, const struct yaml *yaml,
    Sk__Policy *policy)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__SetPolicy set_policy = SK__SET_POLICY__INIT;
	Sk__ControlAnswer *status = NULL, *answer = NULL;
	struct fault fault = { 0 };

	if (ask_status(options, &status, &fault) != SK_OK)
		return admin_fail(options, &fault);
	set_policy.has_replaces = 1;
	set_policy.replaces = status->status->policy_version;
	set_policy.policy = policy;
	command.set_policy = &set_policy;
	answer_free(status);
	if (ask_command(options, &command, &answer, &fault) != SK_OK)
		return fail_policy(options, yaml, &fault);
	return print_done(options, answer, "beleid vervangen / policy "
	    "replaced");
}

int
verb_policy(const struct options *options)
{
	ProtobufCMessage *message = NULL;
	struct yaml_fault yaml_fault = { 0 };
	struct fault fault = { 0 };
	struct yaml *yaml = NULL;
	struct arena arena;
	uint8_t *bytes = malloc(POLICY_BYTES);
	int code = EXIT_FAILURE;

	if (bytes == NULL || options->file == NULL) {
		fault_set(&fault, SK_USAGE, "--file", "a region profile");
		free(bytes);
		return admin_fail(options, &fault);
	}
	arena_init(&arena, bytes, POLICY_BYTES);
	if (yaml_read(options->file, &sk__policy__descriptor, &arena, &message,
	    &yaml, &yaml_fault) != SK_OK)
		fprintf(stderr, "schakel-admin: %s\n", yaml_fault.text);
	else
		code = send_policy(options, yaml, (Sk__Policy *)message);
	yaml_close(yaml);
	free(bytes);
	return code;
}

static void
print_archive(const Sk__BrokerStatus *status)
{
	static const char *const phases[] = { "-", "kopieren / copying",
		"nagaan / checking", "opruimen / removing" };
	const Sk__ArchiveStatus *move = status->archive;

	for (size_t i = 0; i < status->n_segments; i++)
		printf("  archief / archive %u: regels / entries %llu - %llu\n",
		    status->segments[i]->year,
		    (unsigned long long)status->segments[i]->from,
		    (unsigned long long)status->segments[i]->to - 1);
	if (move != NULL)
		printf("  archiveren / archiving %u: %s, %llu (%llu - %llu)"
		    "%s%s\n", move->year, phases[move->phase & 3],
		    (unsigned long long)move->position,
		    (unsigned long long)move->from,
		    (unsigned long long)move->to - 1, move->waits == NULL ?
		    "" : "; wacht / waits: ", move->waits == NULL ? "" :
		    move->waits);
}

static void
print_status(const Sk__BrokerStatus *status)
{
	char now[CIVIL_INSTANT_TEXT_MAX];

	civil_local_text(status->now, now);
	printf("journaal %s: %llu regels, %llu zaken, tijdperk %llu, beleid %u, "
	    "%s\n", status->origin, (unsigned long long)status->entries,
	    (unsigned long long)status->cases,
	    (unsigned long long)status->epoch, status->policy_version, now);
	if (status->held)
		printf("INNAME STAAT STIL / INTAKE HELD: %s\n",
		    status->held_why);
	if (status->quarter_open != NULL) {
		civil_local_text(status->quarter_waits_until, now);
		printf("SLUIT KWARTAAL AF / CLOSE QUARTER %s: tot %s wordt "
		    "niets gewist / nothing is erased until then\n",
		    status->quarter_open, now);
	}
	print_archive(status);
	for (size_t i = 0; i < status->n_participants; i++) {
		const Sk__SessionStatus *row = status->participants[i];

		printf("  %-6llu %-30s %-8s %-14s verzonden %llu, postvak %llu, "
		    "afgeleverd %llu, opgeslagen %llu\n",
		    (unsigned long long)row->participant, row->name, row->role,
		    row->revoked ? "ingetrokken" : row->connected ?
		    "verbonden" : "niet verbonden",
		    (unsigned long long)row->last_number,
		    (unsigned long long)(row->mailbox_next - 1),
		    (unsigned long long)row->mailbox_delivered,
		    (unsigned long long)row->mailbox_stored);
	}
	for (size_t i = 0; i < status->n_strangers; i++)
		printf("  onbekende sleutel / unknown key: %s, %llu keer\n",
		    status->strangers[i]->address,
		    (unsigned long long)status->strangers[i]->count);
}

int
verb_status(const struct options *options)
{
	Sk__ControlAnswer *answer = NULL;
	struct fault fault = { 0 };
	json_t *json;

	if (ask_status(options, &answer, &fault) != SK_OK)
		return admin_fail(options, &fault);
	if (options->json) {
		json = json_from_message(&answer->status->base);
		json_dumpf(json, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(json);
	} else {
		print_status(answer->status);
	}
	answer_free(answer);
	return EXIT_SUCCESS;
}
