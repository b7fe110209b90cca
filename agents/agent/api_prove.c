/*
 * api_prove.c - proofs through the API: which entry a message is, and what
 * the broker's proof of it came to.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/agent/api_parts.h"
#include "agents/agent/inbox.h"
#include "agents/agent/outbox.h"

struct entry {
	uint64_t position;
	uint8_t leaf_hash[DIGEST_SIZE];
};

/* Of mine by its receipt, of another's by its delivery. */
static enum sk_error
find_entry(struct agent *agent, const struct envelope_ref *ref,
    struct entry *entry, struct fault *fault)
{
	struct own_row own;
	struct inbox_row in;

	if (ref->participant == agent_self(agent) &&
	    own_get_last(agent->archive, &ref->id, &own) == SK_OK) {
		if (own.number == 0)
			return fault_set(fault, SK_NOT_FOUND, "ref",
			    "there is no receipt yet");
		entry->position = own.position;
		memcpy(entry->leaf_hash, own.leaf_hash, DIGEST_SIZE);
		return SK_OK;
	}
	if (inbox_by_ref(agent->archive, ref, &in) != SK_OK)
		return fault_set(fault, SK_NOT_FOUND, "ref",
		    "no such message here");
	entry->position = in.position;
	memcpy(entry->leaf_hash, in.leaf_hash, DIGEST_SIZE);
	return SK_OK;
}

enum sk_error
api_prove(struct asking *ask)
{
	static const char *const names[] = { "ref", "timeout_ms", NULL };
	struct agent *agent = ask->api->agent;
	struct envelope_ref ref = { 0 };
	uint64_t timeout_ms = API_WAIT_MS;
	struct entry entry;
	enum sk_error rc;

	if ((rc = ask_only(ask, names)) != SK_OK ||
	    (rc = ask_ref(ask, "ref", &ref)) != SK_OK ||
	    (rc = ask_number(ask, "timeout_ms", &timeout_ms)) != SK_OK)
		return rc;
	if (ref_is_none(&ref))
		return fault_set(&ask->fault, SK_FIELD_MISSING, "ref", NULL);
	rc = find_entry(agent, &ref, &entry, &ask->fault);
	if (rc != SK_OK)
		return rc;
	if (timeout_ms > API_WAIT_MS_MAX)
		timeout_ms = API_WAIT_MS_MAX;
	ask->wait.ref = ref;
	ask->wait.until = clock_ticks() + (int64_t)timeout_ms;
	rc = uplink_prove(ask->api->uplink, entry.position, entry.leaf_hash,
	    &ask->wait.ticket);
	if (rc != SK_OK)
		return fault_set(&ask->fault, rc, "", NULL);
	ask->wait.what = WAIT_PROOF;
	return SK_OK;
}

json_t *
api_proven(struct api *api, const struct waiter *waiter)
{
	const struct proven *proven = uplink_proven(api->uplink,
	    waiter->ticket);
	char hex[2 * DIGEST_SIZE + 1];

	if (proven == NULL)
		return NULL;
	if (proven->fault.code != SK_OK)
		return json_error(&proven->fault);
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", proven->leaf_hash[i]);
	return json_pack("{s:b, s:o, s:I, s:s, s:I, s:s, s:s}", "ok", 1,
	    "ref", json_ref(&waiter->ref),
	    "position", (json_int_t)proven->position, "leaf_hash", hex,
	    "size", (json_int_t)proven->size, "vkey", proven->vkey,
	    "proof", proven->file);
}

/* ---- an auditor's look */

enum sk_error
api_look(struct asking *ask)
{
	static const char *const names[] = { "look", "from", "timeout_ms",
		NULL };
	uint64_t timeout_ms = API_WAIT_MS, look = UINT64_MAX, from = 0;
	enum sk_error rc;

	if ((rc = ask_only(ask, names)) != SK_OK ||
	    (rc = ask_number(ask, "look", &look)) != SK_OK ||
	    (rc = ask_number(ask, "from", &from)) != SK_OK ||
	    (rc = ask_number(ask, "timeout_ms", &timeout_ms)) != SK_OK)
		return rc;
	if (look == UINT64_MAX)
		return fault_set(&ask->fault, SK_FIELD_MISSING, "look",
		    "the position of an AUDIT_LOOK");
	if (timeout_ms > API_WAIT_MS_MAX)
		timeout_ms = API_WAIT_MS_MAX;
	ask->wait.until = clock_ticks() + (int64_t)timeout_ms;
	if ((rc = uplink_look(ask->api->uplink, look, from)) != SK_OK)
		return fault_set(&ask->fault, rc, "", NULL);
	ask->wait.what = WAIT_LOOK;
	return SK_OK;
}

json_t *
api_looked(struct api *api)
{
	const struct looked *looked = uplink_looked(api->uplink);
	struct fault fault;
	size_t size;
	json_t *out;
	char *text;

	if (looked == NULL)
		return NULL;
	size = sodium_base64_encoded_len(looked->size,
	    sodium_base64_VARIANT_ORIGINAL);
	if (looked->code != SK_OK || (text = malloc(size)) == NULL) {
		fault_set(&fault, looked->code != SK_OK ? looked->code :
		    SK_NO_MEMORY, "look", NULL);
		return json_error(&fault);
	}
	sodium_bin2base64(text, size, looked->rows, looked->size,
	    sodium_base64_VARIANT_ORIGINAL);
	out = json_pack("{s:b, s:s}", "ok", 1, "rows", text);
	free(text);
	return out;
}
