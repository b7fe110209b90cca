#include "agents/audit/family.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct family_row {
	uint64_t family;	/* of the case of this number; 0: none said */
	uint64_t joined;	/* the family of this number goes on as; 0 */
	bool seen;
};
struct family_view {
	struct family_row *row;	/* by case number */
	size_t room;
	uint64_t number;
};

/* Case numbers are dense: one past the entries was never given. */
static enum sk_error
row_of(struct family_view *v, uint64_t number, uint64_t limit,
    struct family_row **row)
{
	size_t room = v->room == 0 ? 256 : v->room;
	struct family_row *grown;

	if (number > limit)
		return SK_STORE_CORRUPT;
	while (room <= number)
		room *= 2;
	if (room > v->room) {
		if ((grown = realloc(v->row, room * sizeof(*grown))) == NULL)
			return SK_NO_MEMORY;
		memset(grown + v->room, 0,
		    (room - v->room) * sizeof(*grown));
		v->row = grown;
		v->room = room;
	}
	*row = &v->row[number];
	return SK_OK;
}

static enum sk_error
take_entry(struct family_view *v, const struct entry *entry, uint64_t limit)
{
	const Sk__Effects *e = entry->effects;
	struct family_row *row;
	enum sk_error rc;

	for (size_t i = 0; i < entry->leaf.cases; i++) {
		if ((rc = row_of(v, entry->leaf.touched[i].number, limit,
		    &row)) != SK_OK)
			return rc;
		row->seen = true;
	}
	if (e == NULL || !e->has_family)
		return SK_OK;
	if ((rc = row_of(v, e->case_number, limit, &row)) != SK_OK)
		return rc;
	row->family = e->family;
	for (size_t i = 0; i < e->n_family_joined; i++) {
		/* A join goes to a lower number, so that resolving ends. */
		if (e->family_joined[i] <= e->family)
			return SK_STORE_CORRUPT;
		if ((rc = row_of(v, e->family_joined[i], limit, &row)) !=
		    SK_OK)
			return rc;
		row->joined = e->family;
	}
	return SK_OK;
}

static uint64_t
resolve(const struct family_view *v, uint64_t case_number)
{
	uint64_t number = case_number < v->room ?
	    v->row[case_number].family : 0;

	if (number == 0)
		return case_number;
	while (number < v->room && v->row[number].joined != 0)
		number = v->row[number].joined;
	return number;
}

enum sk_error
family_view_make(struct journal *journal, uint64_t case_number,
    struct entry *entry, struct family_view **view, struct fault *fault)
{
	struct family_view *v = calloc(1, sizeof(*v));
	uint64_t size = journal_size(journal);
	enum sk_error rc = SK_OK;

	if (v == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	for (uint64_t i = 0; i < size && rc == SK_OK; i++) {
		if ((rc = entry_read(journal, i, entry, fault)) == SK_OK &&
		    (rc = take_entry(v, entry, size)) != SK_OK)
			fault_set(fault, rc, "", "the family index breaks at "
			    "position %" PRIu64, i);
	}
	if (rc == SK_OK && (case_number >= v->room ||
	    !v->row[case_number].seen))
		rc = fault_set(fault, SK_CASE_UNKNOWN, "--family",
		    "no entry touches case %" PRIu64, case_number);
	if (rc != SK_OK) {
		family_view_free(v);
		return rc;
	}
	v->number = resolve(v, case_number);
	*view = v;
	return SK_OK;
}

void
family_view_free(struct family_view *view)
{
	if (view == NULL)
		return;
	free(view->row);
	free(view);
}

uint64_t
family_view_number(const struct family_view *view)
{
	return view->number;
}

bool
family_view_touches(const struct family_view *view,
    const struct entry *entry)
{
	for (size_t i = 0; i < entry->leaf.cases; i++)
		if (resolve(view, entry->leaf.touched[i].number) ==
		    view->number)
			return true;
	return false;
}
