/*
 * replay.c - the auditor's host: the journal decided again on a fresh state.
 */
#include "broker/engine/internal.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct replay {
	struct engine *engine;
	struct replay_report *report;
	uint64_t position;
	struct leaf leaf;
	struct verdict verdict;
	bool same;		/* as it was decided at the time */
	int64_t last_envelope;	/* when the last one was taken */
	uint8_t parts_bytes[LEAF_BYTES_MAX * 3];
};

static void
differ(struct replay *r, const char *what)
{
	if (r->report->differences++ > 0)
		return;
	r->report->first_difference = r->position;
	snprintf(r->report->what, sizeof(r->report->what),
	    "position %llu: %s differs", (unsigned long long)r->position, what);
}

static bool
span_is(struct span span, const void *bytes, size_t size)
{
	return span.size == size &&
	    (size == 0 || memcmp(span.bytes, bytes, size) == 0);
}

/* The history in which it stands is the one that it was decided in: what is
 * left out of it no timeline of the case would tell. */
static bool
stands_in_its_case(const struct replay *r)
{
	const uint64_t number = r->verdict.link_case;

	return number == 0 ? r->leaf.cases == 0 : r->leaf.cases == 1 &&
	    r->leaf.touched[0].number == number;
}

static bool
names_closed(const struct leaf *leaf)
{
	static const uint8_t none[DIGEST_SIZE];

	return memcmp(leaf->closed_commitment, none, DIGEST_SIZE) != 0;
}

/* parts NULL: not looked at; what is decided without facts has none closed. */
static void
compare(struct replay *r, const struct parts *parts)
{
	const uint64_t before = r->report->differences;

	r->report->decided_again++;
	if (!span_is(r->leaf.outcome, r->verdict.outcome,
	    r->verdict.outcome_size))
		differ(r, "the outcome");
	else if (!span_is(r->leaf.effects, r->verdict.effects,
	    r->verdict.effects_size))
		differ(r, "the open effects");
	else if (parts != NULL ? !span_is(parts->closed, r->verdict.closed,
	    r->verdict.closed_size) : names_closed(&r->leaf) !=
	    (r->verdict.closed != NULL))
		differ(r, "the closed effects");
	else if (!stands_in_its_case(r))
		differ(r, "the case in whose history it stands");
	r->same = r->report->differences == before;
}

/* Whom an erased case named cannot be looked up any more: in its family the
 * entry is believed in what it says of families. */
static enum sk_error
find_told(struct replay *r)
{
	ProtobufCMessage *message = NULL;
	bool told = false;
	enum sk_error rc;

	r->engine->told = NULL;
	if (r->leaf.effects.size == 0)
		return SK_OK;
	rc = wire_decode(&sk__effects__descriptor, "effects",
	    r->leaf.effects.bytes, r->leaf.effects.size, LEAF_BYTES_MAX,
	    &r->engine->arena, &message, NULL);
	if (rc != SK_OK)
		return rc == SK_NO_MEMORY ? rc : SK_STORE_CORRUPT;
	rc = family_told(r->engine, (const Sk__Effects *)message, &told);
	if (told)
		r->engine->told = (const Sk__Effects *)message;
	return rc;
}

/* What was sent again after a restore was decided as of the time before. */
static enum sk_error
read_former(struct replay *r, struct former *former)
{
	ProtobufCMessage *message = NULL;
	enum sk_error rc;

	memset(former, 0, sizeof(*former));
	if (r->engine->meta.restored_at == 0 || r->leaf.outcome.size == 0)
		return SK_OK;
	rc = wire_decode(&sk__outcome__descriptor, "outcome",
	    r->leaf.outcome.bytes, r->leaf.outcome.size, LEAF_BYTES_MAX,
	    &r->engine->arena, &message, NULL);
	if (rc != SK_OK)
		return rc == SK_NO_MEMORY ? rc : SK_STORE_CORRUPT;
	recovery_read((const Sk__Outcome *)message, former);
	return SK_OK;
}

static enum sk_error
replay_envelope(struct replay *r)
{
	struct journal *journal = r->engine->journal;
	struct span header = r->leaf.header;
	size_t sealed_size = 0;
	const uint64_t case_number = leaf_parts_case(&r->leaf);
	struct former former;
	struct parts parts;
	enum sk_error rc;

	rc = journal_parts(journal, r->position, case_number, r->leaf.instant,
	    r->parts_bytes, sizeof(r->parts_bytes), &parts);
	if (rc == SK_ERASED) {
		r->report->erased++;
		return SK_OK;
	}
	if (rc != SK_OK)
		return rc;
	if (!r->leaf.header_whole)
		header = parts.header;
	rc = journal_sealed_size(journal, r->position, &sealed_size);
	if ((rc != SK_OK && rc != SK_NOT_FOUND) ||
	    (rc = find_told(r)) != SK_OK)
		return rc;
	if ((rc = read_former(r, &former)) == SK_OK)
		rc = verdict_envelope(r->engine, r->leaf.sender,
		    former.instant != 0 ? former.instant : r->leaf.instant,
		    header, parts.facts, sealed_size, r->position,
		    &r->verdict);
	if (rc == SK_OK && former.journal != 0)
		recovery_former(&r->verdict, &former);
	if (rc == SK_OK)
		rc = verdict_pack(r->engine, &r->verdict);
	r->engine->told = NULL;
	if (rc == SK_OK)
		compare(r, &parts);
	return rc;
}

/* A mailbox's term is the broker's own: it fires for the envelope that waits
 * longest, when its days are over. */
static bool
is_overdue(const struct replay *r, const Sk__DeadlineBody *body,
    int64_t instant)
{
	const struct party *party = party_find(r->engine, body->participant);

	return party != NULL && party->row.overdue_at == body->due &&
	    party->row.overdue_number == body->mailbox_number &&
	    body->due <= instant;
}

static enum sk_error
replay_deadline(struct replay *r)
{
	ProtobufCMessage *message = NULL;
	const Sk__DeadlineBody *body;
	struct former former;
	int64_t instant;
	enum sk_error rc;

	rc = wire_decode(&sk__deadline_body__descriptor, "deadline",
	    r->leaf.body.bytes, r->leaf.body.size, LEAF_BYTES_MAX,
	    &r->engine->arena, &message, NULL);
	if (rc != SK_OK)
		return SK_STORE_CORRUPT;
	if ((rc = read_former(r, &former)) != SK_OK)
		return rc;
	body = (const Sk__DeadlineBody *)message;
	instant = former.instant != 0 ? former.instant : r->leaf.instant;
	if (body->kind == SK__DEADLINE_KIND__DELIVERY_DUE &&
	    !is_overdue(r, body, instant)) {
		r->report->decided_again++;
		differ(r, "the term of a mailbox");
		return SK_OK;
	}
	rc = verdict_deadline(r->engine, instant, body, &r->verdict);
	r->verdict.former = former;
	if (rc == SK_OK)
		rc = verdict_pack(r->engine, &r->verdict);
	if (rc == SK_OK)
		compare(r, NULL);
	return rc;
}

static enum sk_error
replay_merger(struct replay *r)
{
	ProtobufCMessage *message = NULL;
	enum sk_error rc;

	rc = wire_decode(&sk__merger_body__descriptor, "merger",
	    r->leaf.body.bytes, r->leaf.body.size, LEAF_BYTES_MAX,
	    &r->engine->arena, &message, NULL);
	if (rc != SK_OK)
		return SK_STORE_CORRUPT;
	rc = verdict_merger(r->engine, r->leaf.instant,
	    (const Sk__MergerBody *)message, &r->verdict);
	if (rc == SK_OK)
		rc = verdict_pack(r->engine, &r->verdict);
	if (rc == SK_OK)
		compare(r, NULL);
	return rc;
}

static enum sk_error
replay_erasure(struct replay *r)
{
	ProtobufCMessage *message = NULL;
	enum sk_error rc;

	rc = wire_decode(&sk__erase_body__descriptor, "erasure",
	    r->leaf.body.bytes, r->leaf.body.size, LEAF_BYTES_MAX,
	    &r->engine->arena, &message, NULL);
	if (rc != SK_OK)
		return SK_STORE_CORRUPT;
	rc = verdict_erase(r->engine, r->leaf.instant,
	    (const Sk__EraseBody *)message, &r->verdict);
	if (rc == SK_OK)
		rc = verdict_pack(r->engine, &r->verdict);
	if (rc == SK_OK)
		compare(r, NULL);
	return rc;
}

/* Its numbers are the auditor's to count again; that it was well formed, of a
 * quarter that was over and not closed twice is the broker's. */
static enum sk_error
replay_quarter(struct replay *r)
{
	ProtobufCMessage *message = NULL;
	struct fault fault = { 0 };
	enum sk_error rc;

	rc = wire_decode(&sk__quarter_figures__descriptor, "quarter",
	    r->leaf.body.bytes, r->leaf.body.size, LEAF_BYTES_MAX,
	    &r->engine->arena, &message, NULL);
	if (rc != SK_OK)
		return SK_STORE_CORRUPT;
	rc = quarter_judge(r->engine, (const Sk__QuarterFigures *)message,
	    r->leaf.instant, &fault);
	if (rc != SK_OK)
		return rc;
	r->report->decided_again++;
	if (fault.code != SK_OK)
		differ(r, "the closing of a quarter");
	return SK_OK;
}

static enum sk_error
decide_again(struct replay *r)
{
	const bool decided =
	    r->leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT ||
	    r->leaf.kind == SK__EVENT_KIND__DEADLINE_EVENT ||
	    r->leaf.kind == SK__EVENT_KIND__MERGER_EVENT ||
	    r->leaf.kind == SK__EVENT_KIND__ERASE_EVENT ||
	    r->leaf.kind == SK__EVENT_KIND__QUARTER_CLOSED;

	memset(&r->verdict, 0, sizeof(r->verdict));
	r->same = false;
	if (!decided)
		return SK_OK;
	if (r->leaf.rules_version != RULES_VERSION) {
		r->report->carried++;
		return SK_OK;
	}
	if (r->leaf.kind == SK__EVENT_KIND__QUARTER_CLOSED)
		return replay_quarter(r);
	if (r->leaf.kind == SK__EVENT_KIND__ERASE_EVENT)
		return replay_erasure(r);
	if (r->leaf.kind == SK__EVENT_KIND__MERGER_EVENT)
		return replay_merger(r);
	return r->leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT ?
	    replay_envelope(r) : replay_deadline(r);
}

/* What was decided the same need not be read again out of the entry. */
static enum sk_error
find_effects(struct replay *r, const Sk__Effects **effects,
    const Sk__ClosedEffects **closed)
{
	ProtobufCMessage *message = NULL;

	*effects = NULL;
	*closed = NULL;
	if (r->leaf.effects.size == 0)
		return SK_OK;
	if (r->same) {
		*effects = r->verdict.decision.open;
		*closed = r->verdict.decision.closed;
		return SK_OK;
	}
	arena_reset(&r->engine->arena);
	if (wire_decode(&sk__effects__descriptor, "effects",
	    r->leaf.effects.bytes, r->leaf.effects.size, LEAF_BYTES_MAX,
	    &r->engine->arena, &message, NULL) != SK_OK)
		return SK_STORE_CORRUPT;
	*effects = (const Sk__Effects *)message;
	return SK_OK;
}

static enum sk_error
replay_entry(struct replay *r)
{
	struct engine *engine = r->engine;
	const Sk__Effects *effects;
	const Sk__ClosedEffects *closed;
	uint8_t hash[DIGEST_SIZE];
	struct span bytes;
	enum sk_error rc;

	rc = journal_leaf(engine->journal, r->position, &bytes);
	if (rc != SK_OK)
		return rc;
	memcpy(engine->leaf, bytes.bytes, bytes.size);
	digest_leaf(hash, engine->leaf, bytes.size);
	if ((rc = leaf_decode(engine->leaf, bytes.size, &r->leaf)) != SK_OK)
		return rc;
	arena_reset(&engine->arena);
	if (r->leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT)
		r->last_envelope = r->leaf.instant;
	if ((rc = decide_again(r)) != SK_OK ||
	    (rc = find_effects(r, &effects, &closed)) != SK_OK)
		return rc;
	if (effects != NULL)
		r->report->handoffs += effects->n_postings;
	r->report->entries++;
	rc = apply_entry(engine, r->position, &r->leaf, hash, effects, closed);
	if (rc == SK_OK && engine->meta.size - engine->state_size >=
	    SCRATCH_COMMIT_ENTRIES)
		rc = state_commit(engine);
	return rc;
}

#define LATE_MS DAY_MS	/* a term fires in the turn in which intake goes on */

/* Where envelopes are taken terms fire: one that is a day past them and still
 * runs was held back. */
static enum sk_error
find_unfired(struct replay *r)
{
	struct replay_report *report = r->report;
	struct timer_key key = { 0 };
	int64_t until;
	enum sk_error rc = timer_first_free(r->engine,
	    r->last_envelope - LATE_MS, &key, &until);

	if (rc != SK_OK || engine_in_recovery(r->engine) ||
	    key.due >= r->last_envelope - LATE_MS)
		return rc == SK_NOT_FOUND ? SK_OK : rc;
	if (report->differences++ > 0)
		return SK_OK;
	report->first_difference = r->position - 1;
	snprintf(report->what, sizeof(report->what), "position %llu: a term "
	    "of %s %llu ended long before it and did not fire",
	    (unsigned long long)report->first_difference, key.kind ==
	    SK__DEADLINE_KIND__DELIVERY_DUE ? "mailbox" : "case",
	    (unsigned long long)key.subject);
	return SK_OK;
}

enum sk_error
engine_replay(struct journal *journal, const char *scratch_path,
    struct replay_report *report, struct fault *fault)
{
	static struct replay r;	/* 200 KiB: not for the stack */
	bool fresh = false;
	enum sk_error rc;

	memset(report, 0, sizeof(*report));
	memset(&r, 0, sizeof(r));
	r.report = report;
	rc = engine_make(journal, scratch_path, true, &r.engine, &fresh);
	if (rc == SK_OK && !fresh)
		rc = SK_STORE_MISMATCH;	/* scratch must be empty */
	for (; rc == SK_OK && r.position < journal_size(journal); r.position++)
		rc = replay_entry(&r);
	if (rc == SK_OK)
		rc = find_unfired(&r);
	if (rc == SK_OK)
		report->cases = r.engine->meta.cases;
	else
		fault_set(fault, rc, "", "position %llu",
		    (unsigned long long)(r.position == 0 ? 0 : r.position));
	journal_read_end(journal);
	engine_discard(r.engine);
	return rc;
}
