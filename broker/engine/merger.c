/*
 * merger.c - each open case of a municipality that was merged goes to the
 * successor's team, by an entry of its own.
 *
 * All cases are looked at once, so many a tick, when the day, the policy or
 * the participants changed; and again after a start. A case that has moved is
 * of another municipality, so looking twice moves nothing twice.
 */
#include "broker/engine/internal.h"

#include <string.h>

#include "broker/core/profile.h"
#include "proto/civil.h"

/* Has any member of the profile ended by then, with a successor? */
static bool
any_merged(const Sk__Policy *policy, int32_t today)
{
	for (size_t i = 0; policy != NULL && i < policy->n_municipalities; i++)
		if (policy->municipalities[i]->successor != NULL &&
		    policy->municipalities[i]->has_until_date &&
		    policy->municipalities[i]->until_date < today)
			return true;
	return false;
}

/* The last day that the engine knows of: entries may be of long ago. */
static int32_t
known_day(const struct engine *engine)
{
	int32_t day = civil_date_at(engine->last_instant);

	return engine->merger.date > day ? engine->merger.date : day;
}

/* The first day on which one will have. */
static int64_t
next_merger(const struct engine *engine)
{
	const Sk__Policy *policy = engine->policy;
	int32_t today = known_day(engine);
	int64_t next = INT64_MAX, at;

	for (size_t i = 0; policy != NULL && i < policy->n_municipalities;
	    i++) {
		const Sk__Municipality *m = policy->municipalities[i];

		if (m->successor == NULL || !m->has_until_date ||
		    m->until_date < today)
			continue;
		at = civil_day_end(m->until_date);
		if (at < next)
			next = at;
	}
	return next;
}

static bool
is_looked_at(const struct engine *engine, int32_t today)
{
	const struct merger_look *look = &engine->merger;

	return look->date == today &&
	    look->policy_version == engine->meta.policy_version &&
	    look->statements == engine->meta.statements;
}

static void
look_anew(struct engine *engine, int32_t today)
{
	struct merger_look *look = &engine->merger;

	if (is_looked_at(engine, today))
		return;
	look->date = today;
	look->policy_version = engine->meta.policy_version;
	look->statements = engine->meta.statements;
	look->next = any_merged(engine->policy, today) ? 1 : 0;
}

enum sk_error
verdict_merger(struct engine *engine, int64_t instant,
    const Sk__MergerBody *body, struct verdict *verdict)
{
	struct event event = { .kind = SK__EVENT_KIND__MERGER_EVENT,
		.instant = instant };
	struct view view;
	enum sk_error rc;

	memset(verdict, 0, sizeof(*verdict));
	if ((rc = engine_view(engine, &view)) != SK_OK ||
	    (rc = engine_load_case(engine, body->case_number)) != SK_OK)
		return rc;
	view.row = &engine->row;
	view.closed = engine->has_closed ? &engine->closed : NULL;
	family_see(engine, &view);
	decide(&view, &event, &engine->arena, &verdict->decision);
	if (engine->view_failed != SK_OK)
		return engine->view_failed;
	verdict->link_case = body->case_number;
	if (verdict->decision.refusal.code == SK_OK)
		verdict->case_number = body->case_number;
	return SK_OK;
}

/* Where no team serves the successor yet the case stays with its owner, and
 * is looked at again once participants change. */
static enum sk_error
move_case(struct engine *engine, int64_t now, uint64_t number)
{
	Sk__MergerBody body = SK__MERGER_BODY__INIT;
	int64_t instant = engine_instant(engine, now);
	struct verdict *verdict;
	uint8_t *bytes;
	size_t size;
	enum sk_error rc;

	arena_reset(&engine->arena);
	if ((verdict = arena_take(&engine->arena, sizeof(*verdict))) == NULL)
		return SK_NO_MEMORY;
	body.has_case_number = 1;
	body.case_number = number;
	rc = verdict_merger(engine, instant, &body, verdict);
	if (rc != SK_OK || verdict->decision.refusal.code != SK_OK)
		return rc;
	if ((rc = verdict_pack(engine, verdict)) != SK_OK ||
	    (rc = wire_encode(&body.base, &engine->arena, &bytes, &size)) !=
	    SK_OK)
		return rc;
	return append_event(engine, SK__EVENT_KIND__MERGER_EVENT, instant,
	    (struct span){ bytes, size }, verdict, NULL, NULL);
}

enum sk_error
merger_tick(struct engine *engine, int64_t now)
{
	struct merger_look *look = &engine->merger;
	int32_t today = civil_date_at(now > engine->last_instant ? now :
	    engine->last_instant);
	unsigned moved = 0;
	struct case_row row;
	uint32_t successor;
	enum sk_error rc = SK_OK;

	look_anew(engine, today);
	for (unsigned i = 0; look->next != 0 && i < MERGER_LOOKS_PER_TICK &&
	    moved < MERGERS_PER_TICK && rc == SK_OK; i++) {
		if (look->next > engine->meta.cases) {
			look->next = 0;
			break;
		}
		if ((rc = row_load(engine, look->next, &row)) != SK_OK)
			return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
		successor = profile_successor(engine->policy,
		    row.municipality, today);
		if (!case_is_closed(&row) && successor != 0 &&
		    successor != row.municipality) {
			rc = move_case(engine, now, row.number);
			moved++;
		}
		look->next++;
	}
	return rc;
}

int64_t
merger_due(const struct engine *engine)
{
	int32_t today = known_day(engine);

	if (engine->merger.next != 0 || (!is_looked_at(engine, today) &&
	    any_merged(engine->policy, today)))
		return engine->last_instant;
	return next_merger(engine);
}
