/*
 * What was put right before the quarter was closed counts as it was put right:
 * what was taken back was never said, and a case that was entered in error
 * never came. Found in one look over the journal, before anything counts.
 */
#include "agents/audit/figures.h"

#include <stdlib.h>
#include <string.h>

struct right {
	struct envelope_ref of;
	uint64_t position;
	struct figures_right right;
};
struct rights {
	const char *quarter;
	struct right *right;
	size_t n, room;
	uint64_t *voided, *voided_at;	/* case numbers, and their VOID */
	size_t voids, voids_room;
	uint64_t until;			/* entries that count */
	bool closed;
	enum sk_error rc;
};

static enum sk_error
keep_void(struct rights *r, const struct observation *seen)
{
	uint64_t *grown;

	if (r->voids == r->voids_room) {
		size_t room = r->voids_room * 2 + 64;

		grown = realloc(r->voided, room * sizeof(*grown));
		if (grown == NULL)
			return SK_NO_MEMORY;
		r->voided = grown;
		grown = realloc(r->voided_at, room * sizeof(*grown));
		if (grown == NULL)
			return SK_NO_MEMORY;
		r->voided_at = grown;
		r->voids_room = room;
	}
	r->voided[r->voids] = seen->case_number;
	r->voided_at[r->voids++] = seen->position;
	return SK_OK;
}

static void
fill(struct figures_right *right, const Sk__CorrectionFacts *facts)
{
	right->removed = facts->removed;
	right->has_date = facts->has_right_date;
	right->date = facts->right_date;
	right->has_reason = facts->has_right_reason;
	right->reason = (int32_t)facts->right_reason;
	for (size_t i = 0; i < facts->n_goals; i++)
		if (facts->goals[i]->number < 32)
			right->goal[facts->goals[i]->number] =
			    (uint8_t)facts->goals[i]->status;
}

static enum sk_error
keep_correction(struct rights *r, const struct observation *seen)
{
	struct right *grown;

	if (r->n == r->room) {
		grown = realloc(r->right, (r->room * 2 + 64) * sizeof(*grown));
		if (grown == NULL)
			return SK_NO_MEMORY;
		r->right = grown;
		r->room = r->room * 2 + 64;
	}
	memset(&r->right[r->n], 0, sizeof(*r->right));
	r->right[r->n].of = seen->header->reply_to;
	r->right[r->n].position = seen->position;
	fill(&r->right[r->n++].right, seen->facts->correction);
	return SK_OK;
}

/* An entry of the quarter says up to where it counted. */
static void
take_closing(struct rights *r, const Sk__QuarterFigures *q)
{
	if (q->quarter == NULL || strcmp(q->quarter, r->quarter) != 0 ||
	    !q->has_counted)
		return;
	if (!r->closed || q->counted < r->until)
		r->until = q->counted;
	r->closed = true;
}

static void
observe(void *context, const struct engine *engine,
    const struct observation *seen)
{
	struct rights *r = context;

	(void)engine;
	if (r->rc != SK_OK)
		return;
	if (seen->quarter != NULL)
		take_closing(r, seen->quarter);
	else if (seen->header == NULL)
		return;
	else if (seen->header->info->kind == SK__KIND__VOID)
		r->rc = keep_void(r, seen);
	else if (seen->facts != NULL)
		r->rc = keep_correction(r, seen);
}

static int
compare(const void *a, const void *b)
{
	const struct right *x = a, *y = b;
	int rc = memcmp(x->of.id.boot, y->of.id.boot, sizeof(x->of.id.boot));

	if (x->of.participant != y->of.participant)
		return x->of.participant < y->of.participant ? -1 : 1;
	if (rc != 0)
		return rc;
	if (x->of.id.number != y->of.id.number)
		return x->of.id.number < y->of.id.number ? -1 : 1;
	return x->position < y->position ? -1 : x->position > y->position;
}

/* Several of one message: each adds to those before it, the last word holds. */
static void
add_up(struct rights *r)
{
	size_t n = 0;

	qsort(r->right, r->n, sizeof(*r->right), compare);
	for (size_t i = 0; i < r->n; i++) {
		struct right *to = n == 0 ? NULL : &r->right[n - 1];
		const struct figures_right *more = &r->right[i].right;

		if (r->right[i].position >= r->until)
			continue;
		if (to == NULL || !ref_equal(&to->of, &r->right[i].of)) {
			r->right[n++] = r->right[i];
			continue;
		}
		to->right.removed = to->right.removed || more->removed;
		if (more->has_date) {
			to->right.has_date = true;
			to->right.date = more->date;
		}
		if (more->has_reason) {
			to->right.has_reason = true;
			to->right.reason = more->reason;
		}
		for (size_t g = 0; g < 32; g++)
			if (more->goal[g] != 0)
				to->right.goal[g] = more->goal[g];
	}
	r->n = n;
}

enum sk_error
rights_find(struct journal *journal, const char *quarter,
    struct rights **rights, struct fault *fault)
{
	struct rights *r = *rights = calloc(1, sizeof(*r));
	enum sk_error rc;

	if (r == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	r->quarter = quarter;
	r->until = journal_size(journal);
	rc = engine_find_corrections(journal, observe, r, fault);
	if (rc == SK_OK && r->rc != SK_OK)
		rc = fault_set(fault, r->rc, "", NULL);
	if (rc == SK_OK && r->n > 0)
		add_up(r);
	return rc;
}

void
rights_free(struct rights *r)
{
	if (r == NULL)
		return;
	free(r->right);
	free(r->voided);
	free(r->voided_at);
	free(r);
}

uint64_t
rights_until(const struct rights *r)
{
	return r->until;
}

const struct figures_right *
rights_of(const struct rights *r, uint64_t sender,
    const struct envelope_id *id)
{
	const struct right key = { .of = { sender, *id } };
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ref_equal(&r->right[middle].of, &key.of))
			return &r->right[middle].right;
		if (compare(&r->right[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool
rights_voided(const struct rights *r, uint64_t case_number)
{
	for (size_t i = 0; i < r->voids; i++)
		if (r->voided[i] == case_number &&
		    r->voided_at[i] < r->until)
			return true;
	return false;
}
