#include "agents/people/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agents/people/screen.h"
#include "broker/lib/control.h"

#define PATIENCE_MS 30000	/* beside what the request itself waits */

/* An answer may come as late as the request says, and then some. */
static int
patience(const json_t *request)
{
	json_int_t ms = PATIENCE_MS +
	    json_integer_value(json_object_get(request, "wait_ms")) +
	    json_integer_value(json_object_get(request, "timeout_ms"));

	return ms > 0 && ms < 1 << 30 ? (int)ms : -1;
}

static enum sk_error
ask_bytes(const struct call *call, const json_t *request, const char *text,
    uint8_t **answer, size_t *size, struct fault *fault)
{
	enum sk_error rc;
	int fd = -1;

	if (call->socket == NULL)
		return fault_set(fault, SK_USAGE, "--socket",
		    "the agent's socket, or SCHAKEL_SOCKET");
	rc = control_connect(call->socket, PATIENCE_MS, &fd, fault);
	if (rc == SK_OK)
		rc = control_ask(fd, text, strlen(text), patience(request),
		    answer, size, fault);
	if (fd >= 0)
		close(fd);
	return rc;
}

enum sk_error
ask(const struct call *call, const json_t *request, json_t **answer,
    struct fault *fault)
{
	char *text = json_dumps(request, JSON_COMPACT);
	uint8_t *bytes = NULL;
	size_t size = 0;
	json_error_t error;
	enum sk_error rc;

	*answer = NULL;
	if (text == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	rc = ask_bytes(call, request, text, &bytes, &size, fault);
	if (rc == SK_OK) {
		*answer = json_loadb((const char *)bytes, size, 0, &error);
		if (!json_is_object(*answer))
			rc = fault_set(fault, SK_MALFORMED, call->socket,
			    "this is not an agent");
	}
	free(bytes);
	free(text);
	return rc;
}

static void
tell(const char *nl, const char *en, const char *code, const char *field,
    const char *hint)
{
	fputs("schakel: ", stderr);
	screen_text(stderr, nl);
	fputs(" / ", stderr);
	screen_text(stderr, en);
	fputs(" (", stderr);
	screen_text(stderr, code);
	fputs(")", stderr);
	if (field != NULL && *field != '\0') {
		fputs("\n  veld / field: ", stderr);
		screen_text(stderr, field);
	}
	if (hint != NULL && *hint != '\0') {
		fputs("\n  nodig / wanted: ", stderr);
		screen_text(stderr, hint);
	}
	fputs("\n", stderr);
}

void
ask_tell_fault(const struct fault *fault)
{
	tell(error_text_nl(fault->code), error_text(fault->code),
	    error_name(fault->code), fault->field, fault->hint);
}

void
ask_tell_error(const json_t *error)
{
	tell(screen_string(error, "text"), screen_string(error, "text_en"),
	    screen_string(error, "code"), screen_string(error, "field"),
	    screen_string(error, "hint"));
}

static void
tell_instead(const struct call *call, json_int_t participant)
{
	json_t *request = json_pack("{s:s}", "do", "directory");
	const json_t *member;
	json_t *answer = NULL;
	struct fault fault;
	size_t i;

	fprintf(stderr, "  richt het aan / send it to: deelnemer %lld",
	    (long long)participant);
	if (ask(call, request, &answer, &fault) == SK_OK)
		json_array_foreach (json_object_get(answer, "members"), i,
		    member) {
			if (json_integer_value(json_object_get(member,
			    "participant")) != participant)
				continue;
			fputs(", ", stderr);
			screen_text(stderr, screen_string(member, "name"));
			fputs(" (", stderr);
			screen_text(stderr, screen_string(member, "role_nl"));
			fputs(")", stderr);
			break;
		}
	fputs("\n", stderr);
	json_decref(answer);
	json_decref(request);
}

void
ask_tell_refusal(const struct call *call, const json_t *outcome)
{
	const json_t *code = json_object_get(outcome, "code");
	enum sk_error number = (enum sk_error)json_integer_value(code);
	json_int_t instead = json_integer_value(json_object_get(outcome,
	    "use_participant"));

	if (json_is_string(code))
		tell(screen_string(outcome, "text"),
		    screen_string(outcome, "text_en"), json_string_value(code),
		    screen_string(outcome, "field"),
		    screen_string(outcome, "hint"));
	else
		tell(error_text_nl(number), error_text(number),
		    error_name(number), screen_string(outcome, "field"),
		    screen_string(outcome, "hint"));
	if (instead != 0)
		tell_instead(call, instead);
	if (*screen_string(outcome, "use_case") == '\0')
		return;
	fputs("  noem die zaak / name that case: --joins ", stderr);
	screen_text(stderr, screen_string(outcome, "use_case"));
	fputs("\n", stderr);
}
