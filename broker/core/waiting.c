#include "broker/core/waiting.h"

#include <stdio.h>

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

struct weight {
	uint32_t rank, vulnerability, days;
};

static struct weight
weigh(const struct waiting *w, uint32_t ageing_days, int32_t today)
{
	uint32_t days = today > w->since ? (uint32_t)(today - w->since) : 0;
	uint32_t ages = days / ageing_days;
	struct weight weight = { w->need.rank, w->need.vulnerability + ages,
		days };

	if (weight.rank == 0)		/* no triage is known */
		weight.rank = WAITING_RANK_LAST;
	for (uint32_t up = ages / AGES_A_CLASS; up > 0 && weight.rank > 2; up--)
		weight.rank--;
	return weight;
}

static bool
comes_before(const struct waiting *a, const struct waiting *b,
    uint32_t ageing_days, int32_t today)
{
	struct weight x = weigh(a, ageing_days, today),
	    y = weigh(b, ageing_days, today);

	if (x.rank != y.rank)
		return x.rank < y.rank;
	if (x.vulnerability != y.vulnerability)
		return x.vulnerability > y.vulnerability;
	if (x.days != y.days)
		return x.days > y.days;
	if (a->case_number != b->case_number)
		return a->case_number < b->case_number;
	return a->handoff < b->handoff;
}

static void
sift_down(struct waiting *list, size_t at, size_t n, uint32_t ageing_days,
    int32_t today)
{
	struct waiting kept;
	size_t child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n && comes_before(&list[child],
		    &list[child + 1], ageing_days, today))
			child++;
		if (!comes_before(&list[at], &list[child], ageing_days, today))
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
    uint32_t municipality, int32_t today)
{
	uint32_t ageing_days = policy_term(policy, municipality,
	    TERM_AGEING_DAYS);
	struct waiting kept;

	for (size_t i = n / 2; i > 0; i--)
		sift_down(list, i - 1, n, ageing_days, today);
	for (size_t i = n; i > 1; i--) {
		kept = list[0];
		list[0] = list[i - 1];
		list[i - 1] = kept;
		sift_down(list, 0, i - 1, ageing_days, today);
	}
}

void
waiting_reason(const struct waiting *w, const Sk__Policy *policy,
    uint32_t municipality, int32_t today, char text[WAITING_REASON_MAX])
{
	struct weight weight = weigh(w, policy_term(policy, municipality,
	    TERM_AGEING_DAYS), today);

	snprintf(text, WAITING_REASON_MAX,
	    "class %u, %u domains and risks, %u days: weighs %u in class %u",
	    (unsigned)w->need.rank, (unsigned)w->need.vulnerability,
	    (unsigned)weight.days, (unsigned)weight.vulnerability,
	    (unsigned)weight.rank);
}
