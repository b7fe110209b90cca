#include "broker/core/waiting.h"

#include "broker/core/policy.h"

#define RISK_WEIGHT 2u
#define SAFETY_WEIGHT 3u
#define SEVERAL_DOMAINS 2u
/* So many ageing terms lift a class by one, but never to that of a crisis. */
#define AGES_A_CLASS 3u

struct waiting_need
waiting_need(const struct case_closed *closed, bool crisis)
{
	bool safety = closed->ground == SK__GROUND__SAFETY_GROUND ||
	    closed->domain[SK__LIFE_DOMAIN__SAFETY] == SK__ANSWER__YES;
	unsigned domains = case_domains(closed);
	struct waiting_need need;

	need.vulnerability = (uint8_t)(domains +
	    (closed->risk_of_worsening ? RISK_WEIGHT : 0) +
	    (safety ? SAFETY_WEIGHT : 0));
	if (crisis)
		need.rank = 1;
	else if (safety || closed->risk_of_worsening)
		need.rank = 2;
	else if (domains >= SEVERAL_DOMAINS)
		need.rank = 3;
	else
		need.rank = WAITING_RANK_LAST;
	return need;
}

struct waiting_weight
waiting_weigh(const struct waiting *w, const Sk__Policy *policy, int32_t today)
{
	uint32_t days = today > w->since ? (uint32_t)(today - w->since) : 0;
	uint32_t ages = days / policy_term(policy, w->municipality,
	    TERM_AGEING_DAYS);
	struct waiting_weight weight = { w->need.rank,
		w->need.vulnerability + ages, days };

	if (weight.rank == 0)		/* no triage is known */
		weight.rank = WAITING_RANK_LAST;
	for (uint32_t up = ages / AGES_A_CLASS; up > 0 && weight.rank > 2; up--)
		weight.rank--;
	return weight;
}

struct ordering {
	const Sk__Policy *policy;
	int32_t today;
};

static bool
comes_before(const struct ordering *by, const struct waiting *a,
    const struct waiting *b)
{
	struct waiting_weight x = waiting_weigh(a, by->policy, by->today),
	    y = waiting_weigh(b, by->policy, by->today);

	if (x.rank != y.rank)
		return x.rank < y.rank;
	if (x.weight != y.weight)
		return x.weight > y.weight;
	if (x.days != y.days)
		return x.days > y.days;
	if (a->case_number != b->case_number)
		return a->case_number < b->case_number;
	return a->handoff < b->handoff;
}

static void
sift_down(const struct ordering *by, struct waiting *list, size_t at, size_t n)
{
	struct waiting kept;
	size_t child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n && comes_before(by, &list[child],
		    &list[child + 1]))
			child++;
		if (!comes_before(by, &list[at], &list[child]))
			return;
		kept = list[at];
		list[at] = list[child];
		list[child] = kept;
		at = child;
	}
}

/* A heap sort: in place, and no worse on the list that someone made worst. */
void
waiting_sort(struct waiting *list, size_t n, const Sk__Policy *policy,
    int32_t today)
{
	const struct ordering by = { policy, today };
	struct waiting kept;

	for (size_t i = n / 2; i > 0; i--)
		sift_down(&by, list, i - 1, n);
	for (size_t i = n; i > 1; i--) {
		kept = list[0];
		list[0] = list[i - 1];
		list[i - 1] = kept;
		sift_down(&by, list, 0, i - 1);
	}
}
