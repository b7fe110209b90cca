/*
 * catalogue.h - what help there is: the offerings of the policy, and what
 * proposals, decisions and capacity that was told made of them since (R15,
 * R16, R21).
 *
 * A row belongs to one offering, by its code: one that was proposed, or the
 * capacity of one in the policy. Where both know an offering the policy says
 * what it is. All are read only; whoever holds the rows sorts them by code.
 */
#ifndef CORE_CATALOGUE_H
#define CORE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/arena.h"
#include "proto/error.h"
#include "proto/journal.pb-c.h"
#include "proto/policy.pb-c.h"

#define PROPOSALS_MAX 16u	/* of one provider, not accepted by anyone */
#define PROPOSED_MAX 512u	/* of all, whatever became of them */
#define DECIDED_FOR_MAX 64u	/* municipalities of one offering */

struct catalogue {
	const Sk__CatalogueRow *const *row;	/* by code, each once */
	size_t rows;
	uint64_t version;	/* grows with every change */
};

/* One offering with what is known of it. */
struct catalogue_item {
	const Sk__Offering *offering;
	const Sk__CatalogueRow *row;	/* NULL: nothing since the policy */
	bool proposed;			/* stands in the row alone */
};

/* NULL for none; catalogue may be NULL. */
const Sk__CatalogueRow *catalogue_row(const struct catalogue *catalogue,
    const char *code);
/* The next offering, from *at 0 on, first those of the policy; false past the
 * last. What was proposed is among them, also before its decision. */
bool catalogue_next(const struct catalogue *catalogue,
    const Sk__Policy *policy, size_t *at, struct catalogue_item *item);
bool catalogue_find(const struct catalogue *catalogue,
    const Sk__Policy *policy, const char *code, struct catalogue_item *item);
/* Is it in the catalogue on that date, for this municipality (0: any)? */
bool catalogue_holds(const struct catalogue_item *item, uint32_t municipality,
    int32_t date);
/* Is it for this municipality, whenever that is? */
bool catalogue_is_for(const struct catalogue_item *item,
    uint32_t municipality);
/* The last word on its places, and of when that is. False: never told. */
bool catalogue_places(const struct catalogue_item *item, uint32_t *places,
    int32_t *date);

/*
 * What the row is after the change; *row is empty (code NULL) when there was
 * none. Strings and lists lie in the change or in the arena. SK_STORE_CORRUPT
 * for a change that no build has written.
 */
enum sk_error catalogue_evolve(Sk__CatalogueRow *row,
    const Sk__CatalogueChange *change, struct arena *arena);

#endif
