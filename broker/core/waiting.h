/*
 * waiting.h - who comes first of those who wait (R56 to R58), and why.
 *
 * By priority class, then by how many things press on the family, then by how
 * long it waited. Waiting itself weighs: nobody waits for ever.
 */
#ifndef CORE_WAITING_H
#define CORE_WAITING_H

#include "broker/core/case.h"
#include "proto/policy.pb-c.h"

#define WAITING_RANK_LAST 4u
#define WAITING_CASES_MAX 128u	/* of one question */

struct waiting_need {
	uint8_t rank;		/* 1 crisis, 2 safety or risk, 3 several domains, 4 */
	uint8_t vulnerability;	/* domains, risk and safety */
};
/* What the triage says of it. */
struct waiting_need waiting_need(const struct case_closed *closed,
    bool crisis);

struct waiting {
	uint64_t case_number;
	uint32_t handoff;	/* index in the case */
	struct waiting_need need;
	int32_t since;		/* the day on which the wait began */
	uint32_t municipality;	/* whose policy says how a wait weighs */
	uint32_t asked;		/* where its case stands in the question */
	uint64_t provider;
};

/* What the order goes by: the class first, then the weight, then the days. */
struct waiting_weight {
	uint32_t rank, weight, days;
};

/*
 * Sort in place, first who comes first. Equal needs stand in order of their
 * wait, then of their case number, so that the same list gives one order.
 */
void waiting_sort(struct waiting *list, size_t n, const Sk__Policy *policy,
    int32_t today);
/* Why it stands where it stands. */
struct waiting_weight waiting_weigh(const struct waiting *w,
    const Sk__Policy *policy, int32_t today);

#endif
