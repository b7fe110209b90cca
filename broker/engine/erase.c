/*
 * erase.c - what has no content any more: cases that operators or the end of a
 * term erase, and days of what reached no case.
 *
 * An entry says it, and takes effect in the state like any other. The journal
 * carries it out once that entry is committed, and before the state is: what
 * a crash leaves undone is found again by catching up (FORMATS section 9).
 */
#include "broker/engine/internal.h"

#include <string.h>

#include "broker/core/policy.h"
#include "proto/civil.h"

#define BODY_MAX 64
#define ERASED_LOOKS_MAX 256	/* entries of a case behind its erasure */

/* ---- entries take effect */

/* A replay has nothing to carry out, and a start finds in erasures.log what
 * was done before. */
static enum sk_error
queue(struct engine *engine, const struct erasure *erasure)
{
	enum sk_error rc = SK_OK;

	if (!engine->carries_out ||
	    journal_is_erased(engine->journal, erasure))
		return SK_OK;
	/* Only catching up comes so far: a batch of the broker is smaller. */
	if (engine->n_erasing == ERASING_MAX)
		rc = erase_carry_out(engine);
	if (rc == SK_OK)
		engine->erasing[engine->n_erasing++] = *erasure;
	return rc;
}

enum sk_error
erase_applied(struct engine *engine, uint64_t position, uint64_t case_number,
    Sk__ErasureGround ground)
{
	const struct erasure erasure = { .position = position,
		.case_number = case_number, .ground = ground };
	enum sk_error rc;

	closed_forget(engine, case_number);
	recent_forget(engine);
	if ((rc = state_txn(engine)) != SK_OK ||
	    (rc = family_forget(engine, case_number)) != SK_OK)
		return rc;
	rc = store_del(engine->txn, STATE_CLOSED, SPAN_U64(case_number));
	if (rc != SK_OK && rc != SK_NOT_FOUND)
		return rc;
	return queue(engine, &erasure);
}

/* ---- days of what reached no case */

static struct timer_key
days_timer(int64_t due)
{
	return (struct timer_key){ due, 0, SK__DEADLINE_KIND__RETENTION_DUE, 0,
		1 };
}

bool
erase_is_timer(const struct timer_key *key)
{
	return key->subject == 0 &&
	    key->kind == SK__DEADLINE_KIND__RETENTION_DUE;
}

static enum sk_error
days_start(struct engine *engine, int64_t day)
{
	struct timer_key key = days_timer(civil_day_end((int32_t)(day +
	    policy_term(engine->policy, 0, TERM_REFUSAL_DAYS))));

	engine->meta.days_next = day;
	engine->meta.days_due = key.due;
	return timer_set(engine, &key);
}

enum sk_error
erase_days_begin(struct engine *engine, int64_t instant)
{
	engine->meta.days_last = civil_date_at(instant);
	return engine->meta.days_due != 0 ? SK_OK :
	    days_start(engine, engine->meta.days_last);
}

enum sk_error
erase_days_applied(struct engine *engine, uint64_t position,
    const Sk__DaysErasedBody *body)
{
	const struct erasure erasure = { .position = position,
		.until_day = body->until_day, .from = body->from,
		.to = body->to, .ground = SK__ERASURE_GROUND__RETENTION_ENDED };
	struct timer_key key = days_timer(engine->meta.days_due);
	enum sk_error rc = SK_OK;

	if (engine->meta.days_due != 0)
		rc = timer_clear(engine, &key);
	engine->meta.days_due = 0;
	engine->meta.days_from = body->to;
	if (rc == SK_OK && engine->meta.days_last > body->until_day)
		rc = days_start(engine, body->until_day + (int64_t)1);
	return rc == SK_OK ? queue(engine, &erasure) : rc;
}

/* The first entry from an instant on: instants never go back. */
static enum sk_error
first_from(struct engine *engine, int64_t instant, uint64_t *position)
{
	uint64_t low = engine->meta.days_from;
	uint64_t high = journal_size(engine->journal);
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc = SK_OK;

	while (low < high && rc == SK_OK) {
		uint64_t middle = low + (high - low) / 2;

		rc = journal_leaf(engine->journal, middle, &bytes);
		if (rc == SK_OK)
			rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
		if (rc == SK_OK && leaf.instant < instant)
			low = middle + 1;
		else
			high = middle;
	}
	*position = low;
	return rc;
}

enum sk_error
erase_fire(struct engine *engine, int64_t now)
{
	Sk__DaysErasedBody body = SK__DAYS_ERASED_BODY__INIT;
	struct verdict verdict = { 0 };
	uint8_t bytes[BODY_MAX];
	enum sk_error rc;

	arena_reset(&engine->arena);
	body.has_until_day = body.has_from = body.has_to = 1;
	body.until_day = (int32_t)engine->meta.days_next;
	body.from = engine->meta.days_from;
	rc = first_from(engine, civil_day_end(body.until_day), &body.to);
	if (rc != SK_OK)
		return rc;
	return append_event(engine, SK__EVENT_KIND__DAYS_ERASED_EVENT, now,
	    (struct span){ bytes, sk__days_erased_body__pack(&body, bytes) },
	    &verdict, NULL, NULL);
}

enum sk_error
erase_carry_out(struct engine *engine)
{
	size_t n = engine->n_erasing;

	engine->n_erasing = 0;
	return journal_erase(engine->journal, engine->erasing, n);
}

/* ---- what operators command */

static bool
is_by_request(Sk__ErasureGround ground)
{
	return ground == SK__ERASURE_GROUND__DESTRUCTION_REQUESTED ||
	    ground == SK__ERASURE_GROUND__RIGHT_TO_ERASURE;
}

enum sk_error
verdict_erase(struct engine *engine, int64_t instant,
    const Sk__EraseBody *body, struct verdict *verdict)
{
	struct event event = { .kind = SK__EVENT_KIND__ERASE_EVENT,
		.instant = instant, .ground = body->ground };
	struct view view;
	enum sk_error rc;

	memset(verdict, 0, sizeof(*verdict));
	if ((rc = engine_view(engine, &view)) != SK_OK ||
	    (rc = engine_load_case(engine, body->case_number)) != SK_OK)
		return rc;
	view.row = &engine->row;
	family_see(engine, &view);
	if (is_by_request(body->ground))
		event.request = engine->row.erasure_request;
	decide(&view, &event, &engine->arena, &verdict->decision);
	if (engine->view_failed != SK_OK)
		return engine->view_failed;
	verdict->link_case = body->case_number;
	if (verdict->decision.refusal.code == SK_OK)
		verdict->case_number = body->case_number;
	return SK_OK;
}

static Sk__EraseBody
body_of(const Sk__Erase *command, uint64_t commanded)
{
	Sk__EraseBody body = SK__ERASE_BODY__INIT;

	body.has_case_number = body.has_ground = body.has_commanded = 1;
	body.case_number = command->case_number;
	body.ground = command->ground;
	body.commanded = commanded;
	return body;
}

/* The request that the operators name is the one that the case knows. */
static enum sk_error
check_request(struct engine *engine, const Sk__Erase *command,
    struct fault *fault)
{
	const struct envelope_ref *ref = &engine->row.erasure_request;
	uint64_t position = 0, case_number;
	enum sk_error rc = SK_OK;

	if (is_by_request(command->ground) && !ref_is_none(ref))
		rc = journal_id(engine->journal, ref->participant, &ref->id,
		    &position, &case_number);
	if (rc == SK_OK && position != command->request_position)
		fault_set(fault, SK_ERASURE_NOT_GRANTED,
		    "command.erase.request_position", position == 0 ?
		    "no request goes with this" : "the request stands at %llu",
		    (unsigned long long)position);
	return rc;
}

enum sk_error
erase_check(struct engine *engine, const Sk__Erase *command, int64_t now,
    struct fault *fault)
{
	Sk__EraseBody body = body_of(command, 0);
	struct verdict *verdict;
	enum sk_error rc;

	if (command->case_number == 0 ||
	    command->case_number > engine->meta.cases) {
		fault_set(fault, SK_CASE_UNKNOWN, "command.erase.case_number",
		    "up to %llu", (unsigned long long)engine->meta.cases);
		return SK_OK;
	}
	arena_reset(&engine->arena);
	if ((verdict = arena_take(&engine->arena, sizeof(*verdict))) == NULL)
		return SK_NO_MEMORY;
	rc = verdict_erase(engine, now, &body, verdict);
	if (rc == SK_OK && verdict->decision.refusal.code != SK_OK)
		*fault = verdict->decision.refusal;
	else if (rc == SK_OK)
		rc = check_request(engine, command, fault);
	return rc;
}

enum sk_error
erase_append(struct engine *engine, int64_t now, const Sk__Erase *command,
    uint64_t commanded)
{
	Sk__EraseBody body = body_of(command, commanded);
	int64_t instant = engine_instant(engine, now);
	struct verdict *verdict;
	uint8_t bytes[BODY_MAX];
	enum sk_error rc;

	arena_reset(&engine->arena);
	if ((verdict = arena_take(&engine->arena, sizeof(*verdict))) == NULL)
		return SK_NO_MEMORY;
	if ((rc = verdict_erase(engine, instant, &body, verdict)) != SK_OK ||
	    (rc = verdict_pack(engine, verdict)) != SK_OK)
		return rc;
	return append_event(engine, SK__EVENT_KIND__ERASE_EVENT, instant,
	    (struct span){ bytes, sk__erase_body__pack(&body, bytes) },
	    verdict, NULL, NULL);
}

/* ---- and what told so */

/* Back through the case: after an erasure little is said. */
static enum sk_error
case_erased_by(struct engine *engine, uint64_t case_number, uint64_t *by,
    Sk__ErasureGround *ground)
{
	ProtobufCMessage *message;
	const Sk__Effects *effects;
	struct case_row row;
	struct leaf leaf;
	struct span bytes;
	uint64_t next;
	enum sk_error rc = row_load(engine, case_number, &row);

	next = rc == SK_OK && row.erased != 0 ? row.last_entry : 0;
	for (unsigned i = 0; next != 0 && i < ERASED_LOOKS_MAX; i++) {
		const uint64_t position = next - 1;

		if ((rc = journal_leaf(engine->journal, position, &bytes)) !=
		    SK_OK || (rc = leaf_decode(bytes.bytes, bytes.size,
		    &leaf)) != SK_OK)
			return rc;
		arena_reset(&engine->arena);
		if (leaf.effects.size > 0 && wire_decode(
		    &sk__effects__descriptor, "effects", leaf.effects.bytes,
		    leaf.effects.size, LEAF_BYTES_MAX, &engine->arena,
		    &message, NULL) == SK_OK) {
			effects = (const Sk__Effects *)message;
			if (effects->case_number == case_number &&
			    effects->erasure != NULL) {
				*by = position;
				*ground = effects->erasure->ground;
				return SK_OK;
			}
		}
		next = 0;
		for (size_t t = 0; t < leaf.cases; t++)
			if (leaf.touched[t].number == case_number)
				next = leaf.touched[t].previous;
	}
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

enum sk_error
erase_found(struct engine *engine, uint64_t case_number, uint64_t position,
    uint64_t *by, Sk__ErasureGround *ground)
{
	struct erasure erasure;

	*by = 0;
	*ground = 0;
	if (case_number != 0)
		return case_erased_by(engine, case_number, by, ground);
	if (journal_days_erased(engine->journal, position, &erasure)) {
		*by = erasure.position;
		*ground = (Sk__ErasureGround)erasure.ground;
	}
	return SK_OK;
}
