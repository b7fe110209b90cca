#include "agents/agent/api.h"

#include <stdlib.h>
#include <string.h>

#include "agents/agent/api_parts.h"
#include "agents/agent/inbox.h"
#include "agents/agent/outbox.h"
#include "broker/lib/log.h"
#include "proto/civil.h"

/* Any local user may knock: the users file says who is whom. */
#define API_SOCKET_MODE 0666

static enum sk_error api_wait(struct asking *ask);

/* Whoever asks for a proof finds a place. */
_Static_assert(UPLINK_PROVES_MAX >= CONTROL_CLIENTS_MAX, "a proof a client");

static const struct {
	const char *name;
	bool for_anyone;	/* tells nothing of any case */
	enum sk_error (*run)(struct asking *ask);
} verbs[] = {
	{ "status", true, api_status },
	{ "wait", true, api_wait },
	{ "send", false, api_send },
	{ "receipt", false, api_receipt },
	{ "outbox", false, api_outbox },
	{ "inbox", false, api_inbox },
	{ "show", false, api_show },
	{ "prove", false, api_prove },
	{ "look", false, api_look },
	{ "extract", false, api_extract },
	{ "case", false, api_case },
	{ "cases", false, api_cases },
	{ "directory", false, api_directory },
	{ "assign", false, api_assign },
	{ "hand-over", false, api_hand_over },
	{ "take", false, api_take },
	{ "work", false, api_work },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void
answer(struct control_client *client, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	static const char none[] = "{\"ok\":false,\"error\":"
	    "{\"code\":\"NO_MEMORY\",\"number\":214}}";

	if (text == NULL)
		control_answer(client, none, sizeof(none) - 1);
	else
		control_answer(client, text, strlen(text));
	free(text);
	json_decref(json);
}

/* ---- waiting */

static void
wait_for(struct api *api, const struct waiter *waiter)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (api->waiter[i].what != WAIT_NOTHING)
			continue;
		api->waiter[i] = *waiter;
		api->waiter[i].fresh = true;
		return;
	}
	/* One request a client: a place for each client is always there. */
	json_decref(waiter->answer);
	log_event(LOG_ERROR, "no place for a waiting caller", NULL);
	control_answer(waiter->client, "{\"ok\":false}", 12);
}

static enum sk_error
wait_condition(struct asking *ask)
{
	struct envelope_ref ref = { 0 };
	const char *text = NULL;
	struct own_row row;
	bool connected = false, idle = false;
	uint64_t n = UINT64_MAX;
	enum sk_error rc;

	if ((rc = ask_number(ask, "inbox", &n)) != SK_OK ||
	    (rc = ask_ref(ask, "receipted", &ref)) != SK_OK ||
	    (rc = ask_string(ask, "now_at_least", &text)) != SK_OK ||
	    (rc = ask_flag(ask, "connected", &connected)) != SK_OK ||
	    (rc = ask_flag(ask, "idle", &idle)) != SK_OK)
		return rc;
	if (n != UINT64_MAX) {
		ask->wait.what = WAIT_INBOX;
		ask->wait.inbox = n;
	} else if (!ref_is_none(&ref)) {
		/* A receipt tells of a case; the other conditions do not. */
		if (ask->user == NULL)
			return fault_set(&ask->fault, SK_PERSON_UNKNOWN,
			    "receipted", "a user of the users file");
		ask->wait.what = WAIT_RECEIPT;
		ask->wait.id = ref.id;
		if (ref.participant != agent_self(ask->api->agent) ||
		    own_get(ask->api->agent->archive, &ref.id, &row) != SK_OK)
			return fault_set(&ask->fault, SK_NOT_FOUND,
			    "receipted", "no such message of ours");
	} else if (text != NULL) {
		ask->wait.what = WAIT_NOW;
		if (!civil_instant_parse(text, &ask->wait.instant))
			return fault_set(&ask->fault, SK_FIELD_INVALID,
			    "now_at_least",
			    "want an instant such as 2026-03-31T12:00:00Z");
	} else if (connected || idle) {
		ask->wait.what = connected ? WAIT_CONNECTED : WAIT_IDLE;
	} else {
		return fault_set(&ask->fault, SK_FIELD_MISSING, "",
		    "inbox, receipted, connected, idle or now_at_least");
	}
	return SK_OK;
}

static enum sk_error
api_wait(struct asking *ask)
{
	uint64_t timeout_ms = API_WAIT_MS;
	enum sk_error rc;

	if ((rc = ask_number(ask, "timeout_ms", &timeout_ms)) != SK_OK ||
	    (rc = wait_condition(ask)) != SK_OK)
		return rc;
	if (timeout_ms > API_WAIT_MS_MAX)
		timeout_ms = API_WAIT_MS_MAX;
	ask->wait.until = clock_ticks() + (int64_t)timeout_ms;
	return SK_OK;
}

static json_t *
json_ok(void)
{
	return json_pack("{s:b}", "ok", 1);
}

static json_t *
receipt_answer(struct api *api, const struct waiter *waiter, bool late)
{
	struct own_row row;
	json_t *out;

	if (own_get_last(api->agent->archive, &waiter->id, &row) != SK_OK)
		return NULL;
	if (row.number == 0 && !(late && waiter->queued_is_fine))
		return NULL;
	out = json_ok();
	put_sent(api->agent, out, &row);
	return out;
}

/* The answer that this caller waits for, NULL while it is not there. */
static json_t *
look(struct api *api, struct waiter *waiter, bool late)
{
	struct archive *archive = api->agent->archive;
	json_t *out = NULL;

	switch (waiter->what) {
	case WAIT_COMMIT:
		out = waiter->answer;
		waiter->answer = NULL;
		break;
	case WAIT_RECEIPT:
		out = receipt_answer(api, waiter, late);
		break;
	case WAIT_INBOX:
		if (inbox_count(archive) >= waiter->inbox)
			out = json_pack("{s:b, s:I}", "ok", 1, "inbox",
			    (json_int_t)inbox_count(archive));
		break;
	case WAIT_CONNECTED:
		if (uplink_state(api->uplink) == UPLINK_UP)
			out = json_pack("{s:b, s:b}", "ok", 1, "connected", 1);
		break;
	case WAIT_IDLE:
		if (outbox_count(archive) == 0)
			out = json_pack("{s:b, s:b}", "ok", 1, "idle", 1);
		break;
	case WAIT_NOW:
		if (agent_now(api->agent) >= waiter->instant) {
			out = json_ok();
			json_object_set_new(out, "now",
			    json_instant(agent_now(api->agent)));
		}
		break;
	case WAIT_PROOF:
		out = api_proven(api, waiter);
		break;
	case WAIT_LOOK:
		out = api_looked(api);
		break;
	case WAIT_NOTHING:
		break;
	}
	return out;
}

static void
done_waiting(struct api *api, struct waiter *waiter)
{
	if (waiter->what == WAIT_PROOF)
		uplink_prove_end(api->uplink, waiter->ticket);
	if (waiter->what == WAIT_LOOK)
		uplink_look_end(api->uplink);
	json_decref(waiter->answer);
	memset(waiter, 0, sizeof(*waiter));
}

void
api_settled(struct api *api, enum sk_error rc, int64_t ticks)
{
	struct fault fault = { 0 };
	struct control_client *client;
	json_t *out;

	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct waiter *waiter = &api->waiter[i];

		if (waiter->what == WAIT_NOTHING)
			continue;
		if (rc != SK_OK && waiter->fresh) {
			fault_set(&fault, rc, "store", NULL);
			out = json_error(&fault);
		} else {
			out = look(api, waiter, ticks >= waiter->until);
		}
		waiter->fresh = false;
		if (out == NULL && ticks >= waiter->until) {
			fault_set(&fault, SK_TIMEOUT, "", NULL);
			out = json_error(&fault);
		}
		if (out == NULL)
			continue;
		client = waiter->client;
		done_waiting(api, waiter);
		answer(client, out);
	}
}

int64_t
api_due(const struct api *api)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (api->waiter[i].what != WAIT_NOTHING &&
		    api->waiter[i].until < due)
			due = api->waiter[i].until;
	return due;
}

/* ---- asking */

static enum sk_error
run(struct asking *ask, uid_t uid)
{
	struct agent *agent = ask->api->agent;
	const char *verb = NULL;
	enum sk_error rc;

	if (!json_is_object(ask->request))
		return fault_set(&ask->fault, SK_MALFORMED, "",
		    "want one JSON object");
	if ((rc = ask_string(ask, "do", &verb)) != SK_OK)
		return rc;
	for (size_t i = 0; verb != NULL && i < VERBS; i++) {
		if (strcmp(verbs[i].name, verb) != 0)
			continue;
		rc = people_find(agent->people, uid,
		    civil_date_at(agent_now(agent)), &ask->user);
		if (rc != SK_OK && !verbs[i].for_anyone)
			return fault_set(&ask->fault, rc, "",
			    "uid %u is not in the users file today",
			    (unsigned)uid);
		return verbs[i].run(ask);
	}
	return fault_set(&ask->fault, SK_USAGE, "do", "status, send, receipt, "
	    "outbox, inbox, show, prove, extract, case, cases, directory or wait");
}

static void
handle(void *context, struct control_client *client, uid_t uid,
    struct span bytes)
{
	struct api *api = context;
	struct asking ask = { .api = api };
	json_error_t error;
	json_t *request;
	enum sk_error rc;

	request = json_loadb(bytes.bytes, bytes.size, JSON_REJECT_DUPLICATES,
	    &error);
	ask.request = request;
	ask.answer = json_ok();
	if (request == NULL)
		rc = fault_set(&ask.fault, SK_MALFORMED, "",
		    "not JSON: %.120s", error.text);
	else
		rc = run(&ask, uid);
	if (rc != SK_OK) {
		json_decref(ask.answer);
		if (ask.fault.code == SK_OK)
			fault_set(&ask.fault, rc, "", NULL);
		ask.answer = json_error(&ask.fault);
		ask.wait.what = WAIT_NOTHING;
	}
	if (ask.wait.what == WAIT_NOTHING) {
		ask.wait.what = WAIT_COMMIT;
		ask.wait.until = INT64_MAX;
		ask.wait.answer = ask.answer;
	} else {
		json_decref(ask.answer);
	}
	ask.wait.client = client;
	wait_for(api, &ask.wait);
	json_decref(request);
}

static void
gone(void *context, struct control_client *client)
{
	struct api *api = context;

	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (api->waiter[i].what == WAIT_NOTHING ||
		    api->waiter[i].client != client)
			continue;
		done_waiting(api, &api->waiter[i]);
	}
}

enum sk_error
api_open(struct agent *agent, struct uplink *uplink, struct loop *loop,
    const char *path, struct api **out, struct fault *fault)
{
	struct api *api = calloc(1, sizeof(*api));
	enum sk_error rc;

	*out = NULL;
	if (api == NULL)
		return fault_set(fault, SK_NO_MEMORY, "socket", NULL);
	api->agent = agent;
	api->uplink = uplink;
	rc = control_listen(loop, path, API_SOCKET_MODE, handle, gone, api,
	    &api->server, fault);
	if (rc != SK_OK) {
		free(api);
		return rc;
	}
	*out = api;
	return SK_OK;
}

void
api_close(struct api *api)
{
	if (api == NULL)
		return;
	control_close(api->server);
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		json_decref(api->waiter[i].answer);
	free(api);
}
