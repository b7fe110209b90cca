/*
 * Who comes first of those who wait (R56 to R58), for who sees to it: a
 * provider asks of its own waiting places, a team of those in its cases. The
 * question names the cases, so that no list of all has to be kept; what is not
 * the sender's own counts as not asked.
 */
#include "broker/core/decide.h"
#include "broker/core/waiting.h"

#define ROWS_MAX 64u	/* in one answer; 64 answers fit a frame */

struct list {
	struct waiting row[WAITING_CASES_MAX];
	size_t n, more;
};

static bool
may_see(const struct deciding *d, const struct case_row *row,
    const struct case_handoff *handoff)
{
	if (handoff->status != SK__HANDOFF_STATUS__HELP_WAITING ||
	    !case_has_participant(row, d->event->sender))
		return false;
	return row->owner == d->event->sender ||
	    handoff->provider == d->event->sender;
}

static void
collect(const struct deciding *d, const struct case_row *row, uint32_t asked,
    struct list *list)
{
	for (unsigned i = 0; i < row->handoffs; i++) {
		if (!may_see(d, row, &row->handoff[i]))
			continue;
		if (list->n == WAITING_CASES_MAX) {
			list->more++;
			continue;
		}
		list->row[list->n++] = (struct waiting){
			.case_number = row->number,
			.handoff = i + 1,
			.need = { row->priority, row->vulnerability },
			.since = row->handoff[i].waits_since,
			.municipality = row->municipality,
			.asked = asked,
			.provider = row->handoff[i].provider,
		};
	}
}

static Sk__WaitingRow *
answer_row(struct deciding *d, const struct waiting *w)
{
	struct waiting_weight weight = waiting_weigh(w, d->view->policy,
	    d->today);
	Sk__WaitingRow *row = arena_new(d->arena, Sk__WaitingRow,
	    sk__waiting_row__init);

	if (row == NULL)
		return NULL;
	row->has_asked = row->has_handoff = row->has_provider =
	    row->has_since_date = row->has_days = row->has_rank =
	    row->has_vulnerability = row->has_rank_now = row->has_weight = 1;
	row->asked = w->asked;
	row->handoff = w->handoff;
	row->provider = w->provider;
	row->since_date = w->since;
	row->days = weight.days;
	row->rank = w->need.rank;
	row->vulnerability = w->need.vulnerability;
	row->rank_now = weight.rank;
	row->weight = weight.weight;
	return row;
}

static void
answer(struct deciding *d, struct list *list)
{
	Sk__WaitingAnswer *out = arena_new(d->arena, Sk__WaitingAnswer,
	    sk__waiting_answer__init);
	Sk__WaitingRow *row;

	waiting_sort(list->row, list->n, d->view->policy, d->today);
	for (size_t i = 0; out != NULL && i < list->n && i < ROWS_MAX; i++)
		if ((row = answer_row(d, &list->row[i])) == NULL ||
		    arena_append(d->arena, &out->n_rows,
		    (void ***)(void *)&out->rows, row) != 0)
			out = NULL;
	if (out == NULL) {
		d->spent = true;
		return;
	}
	if (list->n > ROWS_MAX)
		list->more += list->n - ROWS_MAX;
	out->has_more = list->more > 0;
	out->more = (uint32_t)list->more;
	d->decision->waiting = out;
}

enum sk_error
decide_waiting_query(struct deciding *d)
{
	const Sk__WaitingQueryFacts *query = d->event->facts->waiting_query;
	struct list *list = arena_take(d->arena, sizeof(*list));
	const struct case_row *row;
	struct envelope_ref ref;

	if (list == NULL) {
		d->spent = true;
		return SK_OK;
	}
	list->n = list->more = 0;
	for (size_t i = 0; i < query->n_cases; i++)
		if (d->view->other != NULL &&
		    ref_from_message(query->cases[i], &ref) &&
		    (row = d->view->other(d->view->context, &ref)) != NULL)
			collect(d, row, (uint32_t)i, list);
	answer(d, list);
	return SK_OK;
}
