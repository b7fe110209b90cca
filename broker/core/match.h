/*
 * match.h - which help fits, in what order, and why the rest does not (R15).
 *
 * Nearest to home first (R23, R25), then the narrowest scale (R22), the fixed
 * contact of the area (R28), the core partners in their order (R27), what
 * combines with what runs (R19), places that are free before places of which
 * nothing is known; by code where all that is equal. Help of the level that is
 * asked for comes before what the social base does beside it (R29), and pilots
 * come last of all (R30).
 */
#ifndef CORE_MATCH_H
#define CORE_MATCH_H

#include "broker/core/catalogue.h"
#include "proto/arena.h"

#define MATCHES_MAX 12u
#define DROPPED_MAX 24u

struct match_query {
	uint32_t municipality;	/* 0: any */
	uint32_t domains;	/* bit (1 << Sk__LifeDomain); 0: any */
	uint32_t refused;	/* bit (1 << Sk__Place) */
	Sk__Level level;	/* 0: any */
	Sk__Place place;	/* wanted, or nearer; 0: any */
	Sk__Theme theme;	/* 0: any */
	int age;		/* -1: not said */
	bool weekend, must_combine, no_pilots;
	char *const *running;
	size_t n_running;
	int32_t date;		/* on which it should begin */
	int32_t today;		/* from which the age of a capacity counts */
};

struct matching {
	const struct catalogue *catalogue;	/* NULL: the policy alone */
	const Sk__Policy *policy;
	uint32_t fresh_days;
};

/* One offering by itself: 0, or the first reason why it drops out. */
Sk__DropReason match_drops(const struct matching *matching,
    const struct match_query *query, const struct catalogue_item *item);
/* The domains that an offering says to help with; 0: it does not say. */
uint32_t match_domains(const Sk__Offering *offering);
/* As the gates see it: without a place the level says where. */
Sk__Place match_place(const Sk__Offering *offering);
/* Where an offering belongs (R15). */
Sk__Route match_route(const Sk__Offering *offering);
/* May this provider be found on that date (R20)? 0, or why not. */
Sk__DropReason match_unqualified(const Sk__Policy *policy, const char *agb,
    int32_t date);

/* The whole answer, in the arena; NULL when that is spent. Says also whether
 * it comes to an unmet need (R17); the versions are the caller's. */
Sk__CatalogueAnswer *match_answer(const struct matching *matching,
    const struct match_query *query, struct arena *arena);

/*
 * The next of the core partners after this one for help of this level (R27):
 * the first in their order, after it and then from the top, that qualifies,
 * has help of that level for the municipality, and that out does not rule out
 * (who was asked already). NULL for
 * none, or for a provider that is in no group.
 */
const char *match_next_partner(const struct matching *matching,
    const char *agb, Sk__Level level, uint32_t municipality, int32_t date,
    bool (*out)(const void *context, const char *agb), const void *context);

#endif
