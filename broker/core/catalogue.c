#include "broker/core/catalogue.h"

#include <string.h>

#include "broker/core/policy.h"

const Sk__CatalogueRow *
catalogue_row(const struct catalogue *catalogue, const char *code)
{
	size_t low = 0, high = catalogue == NULL || code == NULL ? 0 :
	    catalogue->rows;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(catalogue->row[middle]->code, code);

		if (order == 0)
			return catalogue->row[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool
catalogue_next(const struct catalogue *catalogue, const Sk__Policy *policy,
    size_t *at, struct catalogue_item *item)
{
	size_t n = policy == NULL ? 0 : policy->n_offerings;

	memset(item, 0, sizeof(*item));
	if (*at < n) {
		item->offering = policy->offerings[(*at)++];
		item->row = catalogue_row(catalogue, item->offering->code);
		return true;
	}
	while (catalogue != NULL && *at - n < catalogue->rows) {
		const Sk__CatalogueRow *row = catalogue->row[(*at)++ - n];

		if (row->offering == NULL ||
		    policy_offering(policy, row->code) != NULL)
			continue;
		item->offering = row->offering;
		item->row = row;
		item->proposed = true;
		return true;
	}
	return false;
}

bool
catalogue_find(const struct catalogue *catalogue, const Sk__Policy *policy,
    const char *code, struct catalogue_item *item)
{
	memset(item, 0, sizeof(*item));
	item->row = catalogue_row(catalogue, code);
	item->offering = policy_offering(policy, code);
	if (item->offering != NULL)
		return true;
	item->offering = item->row == NULL ? NULL : item->row->offering;
	item->proposed = item->offering != NULL;
	return item->proposed;
}

static bool
lists(char **codes, size_t n, uint32_t municipality)
{
	for (size_t i = 0; i < n; i++)
		if (policy_municipality(codes[i]) == municipality)
			return true;
	return false;
}

static bool
is_decided(const Sk__CatalogueRow *row, uint32_t municipality, bool dated,
    int32_t date)
{
	for (size_t i = 0; i < row->n_decided; i++) {
		const Sk__DecidedFor *d = row->decided[i];

		if (municipality != 0 && d->municipality != NULL &&
		    policy_municipality(d->municipality) != municipality)
			continue;
		if (!dated || ((!d->has_from_date || date >= d->from_date) &&
		    (!d->has_until_date || date <= d->until_date)))
			return true;
	}
	return false;
}

bool
catalogue_is_for(const struct catalogue_item *item, uint32_t municipality)
{
	const Sk__Offering *o = item->offering;

	if (municipality != 0 && o->n_municipalities > 0 &&
	    !lists(o->municipalities, o->n_municipalities, municipality))
		return false;
	return !item->proposed || is_decided(item->row, municipality, false, 0);
}

bool
catalogue_holds(const struct catalogue_item *item, uint32_t municipality,
    int32_t date)
{
	return catalogue_is_for(item, municipality) && (!item->proposed ||
	    is_decided(item->row, municipality, true, date));
}

bool
catalogue_places(const struct catalogue_item *item, uint32_t *places,
    int32_t *date)
{
	const Sk__Offering *o = item->offering;
	const Sk__CatalogueRow *row = item->row;
	bool told = row != NULL && row->has_places;

	if (told && (!o->has_capacity || row->places_date >= o->capacity_date)) {
		*places = row->places;
		*date = row->places_date;
		return true;
	}
	*places = o->capacity;
	*date = o->capacity_date;
	return o->has_capacity && o->has_capacity_date;
}

/* ---- what a change makes of a row */

/* Is this decision on what the change is about? */
static bool
concerns(const Sk__CatalogueChange *change, const Sk__DecidedFor *decided)
{
	if (change->n_municipalities == 0)
		return true;
	for (size_t i = 0; decided->municipality != NULL &&
	    i < change->n_municipalities; i++)
		if (strcmp(change->municipalities[i],
		    decided->municipality) == 0)
			return true;
	return false;
}

static bool
decide_for(Sk__CatalogueRow *row, const Sk__CatalogueChange *change,
    char *municipality, struct arena *arena)
{
	Sk__DecidedFor *d = arena_new(arena, Sk__DecidedFor,
	    sk__decided_for__init);

	if (d == NULL)
		return false;
	d->municipality = municipality;
	d->has_from_date = change->has_from_date;
	d->from_date = change->from_date;
	d->has_until_date = change->has_until_date;
	d->until_date = change->until_date;
	return arena_append(arena, &row->n_decided,
	    (void ***)(void *)&row->decided, d) == 0;
}

/* The last decision for a municipality is the one that holds. */
static enum sk_error
decide_on(Sk__CatalogueRow *row, const Sk__CatalogueChange *change,
    struct arena *arena)
{
	Sk__DecidedFor **before = row->decided;
	size_t n = row->n_decided;

	if (row->offering == NULL)
		return SK_STORE_CORRUPT;
	row->decided = NULL;
	row->n_decided = 0;
	for (size_t i = 0; i < n; i++)
		if (!concerns(change, before[i]) && arena_append(arena,
		    &row->n_decided, (void ***)(void *)&row->decided,
		    before[i]) != 0)
			return SK_NO_MEMORY;
	if (change->step == SK__CATALOGUE_STEP__OFFERING_REFUSED)
		return SK_OK;
	if (row->n_decided + change->n_municipalities > DECIDED_FOR_MAX)
		return SK_STORE_CORRUPT;
	if (change->n_municipalities == 0)
		return decide_for(row, change, NULL, arena) ? SK_OK :
		    SK_NO_MEMORY;
	for (size_t i = 0; i < change->n_municipalities; i++)
		if (!decide_for(row, change, change->municipalities[i], arena))
			return SK_NO_MEMORY;
	return SK_OK;
}

/* Made anew: nothing of an earlier proposal under this code shines through,
 * but what was told of its places. */
static enum sk_error
propose(Sk__CatalogueRow *row, const Sk__CatalogueChange *change)
{
	if (change->offering == NULL || change->proposal == NULL)
		return SK_STORE_CORRUPT;
	row->offering = change->offering;
	row->proposal = change->proposal;
	row->n_decided = 0;
	row->decided = NULL;
	return SK_OK;
}

enum sk_error
catalogue_evolve(Sk__CatalogueRow *row, const Sk__CatalogueChange *change,
    struct arena *arena)
{
	if (change->code == NULL || *change->code == '\0')
		return SK_STORE_CORRUPT;
	if (row->code == NULL)
		row->code = change->code;
	switch (change->step) {
	case SK__CATALOGUE_STEP__OFFERING_PROPOSED:
		return propose(row, change);
	case SK__CATALOGUE_STEP__OFFERING_ACCEPTED:
	case SK__CATALOGUE_STEP__OFFERING_REFUSED:
		return decide_on(row, change, arena);
	case SK__CATALOGUE_STEP__CAPACITY_TOLD:
		row->has_places = row->has_places_date = 1;
		row->places = change->places;
		row->places_date = change->places_date;
		return SK_OK;
	default:
		return SK_STORE_CORRUPT;
	}
}
