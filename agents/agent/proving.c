/*
 * proving.c - checkpoints in the session, and proofs of single entries.
 */
#include <stdlib.h>
#include <string.h>

#include "agents/agent/evidence.h"
#include "agents/agent/session.h"
#include "broker/lib/log.h"
#include "proto/tlog.h"

bool
proving_checkpoint(struct uplink *uplink, const Sk__Checkpoint *shown,
    int64_t ticks)
{
	struct agent *agent = uplink->agent;
	struct fault fault = { 0 };

	/* One fork is enough: what this broker signs says no more. */
	if (shown == NULL || agent->forked ||
	    evidence_take(agent, shown, &fault) == SK_OK)
		return true;
	if (agent->forked)
		return true;
	log_event(LOG_WARN, "checkpoint not accepted, session ended",
	    "code=%s field=%s wanted=%s", error_name(fault.code), fault.field,
	    fault.hint);
	session_hold(uplink, ticks + UPLINK_HOLD_MS,
	    "de broker toont een checkpoint dat niet klopt",
	    "the broker shows a checkpoint that does not verify");
	return false;
}

/* ---- asking */

enum sk_error
uplink_prove(struct uplink *uplink, uint64_t position,
    const uint8_t leaf_hash[DIGEST_SIZE], size_t *ticket)
{
	if (uplink->state != UPLINK_UP)
		return SK_NOT_CONNECTED;
	for (size_t i = 0; i < UPLINK_PROVES_MAX; i++) {
		struct proving *p = &uplink->proving[i];

		if (p->used)
			continue;
		memset(p, 0, sizeof(*p));
		p->used = true;
		p->proven.position = position;
		memcpy(p->proven.leaf_hash, leaf_hash, DIGEST_SIZE);
		*ticket = i;
		return SK_OK;
	}
	return SK_THROTTLED;
}

const struct proven *
uplink_proven(const struct uplink *uplink, size_t ticket)
{
	const struct proving *p = &uplink->proving[ticket];

	return p->used && p->done ? &p->proven : NULL;
}

void
uplink_prove_end(struct uplink *uplink, size_t ticket)
{
	struct proving *p = &uplink->proving[ticket];

	free(p->proven.file);
	memset(p, 0, sizeof(*p));
}

void
proving_again(struct uplink *uplink)
{
	for (size_t i = 0; i < UPLINK_PROVES_MAX; i++)
		uplink->proving[i].sent = false;
}

bool
proving_send(struct uplink *uplink)
{
	bool any = false;

	for (size_t i = 0; i < UPLINK_PROVES_MAX; i++) {
		struct proving *p = &uplink->proving[i];
		Sk__Frame frame = SK__FRAME__INIT;
		Sk__Prove prove = SK__PROVE__INIT;
		size_t size;

		if (!p->used || p->sent || p->done)
			continue;
		prove.has_position = 1;
		prove.position = p->proven.position;
		frame.prove = &prove;
		arena_reset(&uplink->agent->frame);
		if (session_send(uplink, &frame, &size) != SK_OK)
			return any;
		p->sent = any = true;
	}
	return any;
}

/* ---- the answer */

static enum sk_error
fill_proof(const struct proven *p, const Sk__Proof *answer,
    struct tlog_proof *proof, struct fault *fault)
{
	if (answer->code != SK_OK)
		return fault_set(fault, (enum sk_error)answer->code,
		    "proof.code", "the broker does not prove this entry");
	if (answer->leaf_hash.len != DIGEST_SIZE ||
	    memcmp(answer->leaf_hash.data, p->leaf_hash, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_SIGNATURE_WRONG, "proof.leaf_hash",
		    "the entry that the receipt or the delivery named");
	if (answer->n_path > TLOG_PATH_MAX)
		return fault_set(fault, SK_MALFORMED, "proof.path",
		    "at most %u digests", TLOG_PATH_MAX);
	proof->index = p->position;
	proof->n = answer->n_path;
	for (size_t i = 0; i < answer->n_path; i++) {
		if (answer->path[i].len != DIGEST_SIZE)
			return fault_set(fault, SK_MALFORMED, "proof.path",
			    "digests of %d bytes", DIGEST_SIZE);
		memcpy(proof->path[i], answer->path[i].data, DIGEST_SIZE);
	}
	proof->checkpoint =
	    (struct span){ answer->note.data, answer->note.len };
	return SK_OK;
}

/* The leaf's hash goes along: who checks the file offline may have nothing
 * else to begin with. */
static enum sk_error
write_proof(const struct tlog_proof *proof, const uint8_t leaf[DIGEST_SIZE],
    char **file)
{
	size_t size_max = 256 + (proof->n + 2) * DIGEST_LINE_SIZE +
	    proof->checkpoint.size;
	char *text = calloc(1, size_max + 1);
	struct writer w;

	if (text == NULL)
		return SK_NO_MEMORY;
	writer_init(&w, text, size_max);
	tlog_proof_write(&w, proof, (struct span){ leaf, DIGEST_SIZE });
	if (!writer_done(&w)) {
		free(text);
		return SK_OVERSIZED;
	}
	*file = text;
	return SK_OK;
}

static enum sk_error
check(struct agent *agent, const Sk__Proof *answer, struct proven *p)
{
	struct fault *fault = &p->fault;
	struct checkpoint checkpoint;
	struct tlog_proof proof;
	struct note_key key;
	struct note note;
	enum sk_error rc;

	memset(&proof, 0, sizeof(proof));
	if ((rc = fill_proof(p, answer, &proof, fault)) != SK_OK)
		return rc;
	if ((rc = evidence_key(agent, proof.checkpoint, &key)) != SK_OK)
		return fault_set(fault, rc, "broker-keys", NULL);
	rc = tlog_proof_check(&proof, p->leaf_hash, &key, &checkpoint, &note,
	    fault);
	if (rc == SK_NOT_FOUND)
		return fault_set(fault, SK_SIGNATURE_WRONG, "checkpoint",
		    "the broker's key under it");
	if (rc != SK_OK || (rc = evidence_compare(agent, proof.checkpoint,
	    &checkpoint, fault)) != SK_OK)
		return rc;
	p->size = checkpoint.size;
	note_key_format(&key, p->vkey);
	rc = write_proof(&proof, p->leaf_hash, &p->file);
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, "proof", NULL);
}

void
proving_take(struct uplink *uplink, const Sk__Proof *answer)
{
	for (size_t i = 0; i < UPLINK_PROVES_MAX; i++) {
		struct proving *p = &uplink->proving[i];
		enum sk_error rc;

		if (!p->used || !p->sent || p->done ||
		    p->proven.position != answer->position)
			continue;
		rc = check(uplink->agent, answer, &p->proven);
		p->done = true;
		if (rc == SK_OK)
			continue;
		log_event(rc == SK_NOT_A_PARTICIPANT ? LOG_WARN : LOG_ERROR,
		    "entry not proven", "position=%llu code=%s field=%s",
		    (unsigned long long)p->proven.position, error_name(rc),
		    p->proven.fault.field);
	}
}
