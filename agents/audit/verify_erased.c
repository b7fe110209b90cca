/*
 * verify_erased.c - what is gone beside the entries, held against the entries
 * that say why: nothing is gone without one, and nothing is there after one.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "agents/audit/verify.h"
#include "proto/civil.h"

static bool
wrong_at(struct verify *v, uint64_t position, const char *what)
{
	v->entry.position = position;
	return verify_wrong(v, "%s", what);
}

static struct beside *
day_of(struct verify *v)
{
	int64_t day = civil_date_at(v->entry.leaf.instant);
	struct beside *grown;

	if (v->days > 0 && v->day_beside[v->days - 1].day == day)
		return &v->day_beside[v->days - 1];
	if (v->days == v->days_room) {
		grown = realloc(v->day_beside,
		    (v->days_room * 2 + 64) * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		v->day_beside = grown;
		v->days_room = v->days_room * 2 + 64;
	}
	v->day_beside[v->days] = (struct beside){ .day = day };
	return &v->day_beside[v->days++];
}

/* Its cases were looked at before what lies beside it. */
static struct beside *
beside_of(struct verify *v)
{
	uint64_t number = leaf_parts_case(&v->entry.leaf);

	return number != 0 ? &v->case_beside[number] : day_of(v);
}

bool
verify_gone(struct verify *v)
{
	struct beside *beside = beside_of(v);

	if (beside == NULL)
		return verify_wrong(v, "out of memory");
	/* The key goes first: while it is there nothing was erased. */
	if (v->report->keys && !journal_key_is_gone(v->journal,
	    leaf_parts_case(&v->entry.leaf), v->entry.leaf.instant))
		return verify_wrong(v, "what lay beside it is gone, and its key "
		    "is there");
	v->report->erased++;
	if (beside->gone == 0 && beside->erased == 0)
		beside->gone = v->entry.position + 1;
	return true;
}

bool
verify_there(struct verify *v)
{
	struct beside *beside = beside_of(v);

	if (beside == NULL)
		return verify_wrong(v, "out of memory");
	if (beside->erased != 0)
		return verify_wrong(v, "something lies beside it, and its case "
		    "was erased");
	if (beside->there == 0)
		beside->there = v->entry.position + 1;
	return true;
}

/* ---- the entries that say so */

static bool
case_erased(struct verify *v)
{
	const Sk__Effects *effects = v->entry.effects;
	const Sk__DeadlineBody *body = (const Sk__DeadlineBody *)v->entry.body;
	struct beside *beside = &v->case_beside[effects->case_number];

	if (v->entry.leaf.kind != SK__EVENT_KIND__ERASE_EVENT &&
	    (v->entry.leaf.kind != SK__EVENT_KIND__DEADLINE_EVENT ||
	    body->kind != SK__DEADLINE_KIND__RETENTION_DUE))
		return verify_wrong(v, "it erases a case, and is neither a "
		    "command nor the end of a term");
	if (beside->erased != 0)
		return verify_wrong(v, "it erases a case a second time");
	if (beside->there != 0)
		return wrong_at(v, beside->there - 1, "what lies beside it is "
		    "still there, and its case was erased");
	beside->erased = (uint8_t)effects->erasure->ground;
	v->report->cases_erased++;
	return true;
}

static bool
days_erased(struct verify *v)
{
	const Sk__DaysErasedBody *body =
	    (const Sk__DaysErasedBody *)v->entry.body;

	if (body->until_day <= v->until_day ||
	    body->until_day >= civil_date_at(v->entry.leaf.instant))
		return verify_wrong(v, "the days that it erases do not follow");
	for (size_t i = 0; i < v->days; i++) {
		struct beside *beside = &v->day_beside[i];

		if (beside->day > body->until_day)
			break;
		if (beside->there != 0)
			return wrong_at(v, beside->there - 1, "what lies "
			    "beside it is still there, and its day was erased");
		beside->erased = SK__ERASURE_GROUND__RETENTION_ENDED;
	}
	v->until_day = body->until_day;
	return true;
}

bool
verify_erasure(struct verify *v)
{
	const Sk__Effects *effects = v->entry.effects;

	if (v->entry.leaf.kind == SK__EVENT_KIND__DAYS_ERASED_EVENT)
		return days_erased(v);
	if (v->entry.leaf.kind == SK__EVENT_KIND__ERASE_EVENT &&
	    (effects == NULL || effects->erasure == NULL))
		return verify_wrong(v, "it carries out a command, and erases "
		    "nothing");
	return effects == NULL || effects->erasure == NULL || case_erased(v);
}

/* ---- behind the last entry */

bool
verify_all_gone(struct verify *v)
{
	uint64_t first = UINT64_MAX;

	for (uint64_t i = 1; i <= v->cases; i++)
		if (v->case_beside[i].gone != 0 &&
		    v->case_beside[i].erased == 0 &&
		    v->case_beside[i].gone < first)
			first = v->case_beside[i].gone;
	for (size_t i = 0; i < v->days; i++)
		if (v->day_beside[i].gone != 0 &&
		    v->day_beside[i].erased == 0 &&
		    v->day_beside[i].gone < first)
			first = v->day_beside[i].gone;
	return first == UINT64_MAX || wrong_at(v, first - 1, "what lay beside "
	    "it is gone, and no entry says why");
}

struct keys_seen {
	struct verify *v;
	bool holds;
};

static bool
check_key(void *context, uint64_t number, bool destroyed)
{
	struct keys_seen *seen = context;
	struct verify *v = seen->v;
	bool day = (number & JOURNAL_DAY) != 0, erased;

	number &= ~JOURNAL_DAY;
	erased = day ? (int64_t)(uint32_t)number <= v->until_day :
	    number <= v->cases && v->case_beside[number].erased != 0;
	if (erased == destroyed)
		return true;
	seen->holds = verify_wrong_all(v, erased ? "the key of %s %" PRIu64
	    " is there, and an entry says that it was erased" : "the key of "
	    "%s %" PRIu64 " is gone, and no entry says why",
	    day ? "day" : "case", number);
	return false;
}

bool
verify_destroyed(struct verify *v, enum sk_error *rc)
{
	struct keys_seen seen = { v, true };

	*rc = journal_keys_walk(v->journal, check_key, &seen);
	return *rc == SK_OK && seen.holds;
}
