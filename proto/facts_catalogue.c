/*
 * Facts of the catalogue: what is asked of it, proposed for it, decided on
 * and told of its places; and of the side routes.
 */
#include "proto/facts.h"

#include <stdio.h>
#include <string.h>

#include "proto/fault.h"

#define NAME_BYTES_MAX 80u
#define MUNICIPALITIES_MAX 64u
#define COMBINES_MAX 16u
#define RUNNING_MAX 16u
#define CAPACITIES_MAX 16u
#define PLACES_MAX 10000u
#define AGE_MAX 23u	/* help may go on to the 23rd birthday */
#define MONTHS_MAX 36u

/* Values of an enumeration, all below 32, each once. */
static enum sk_error
check_once(const int *values, size_t n, const char *path, struct fault *fault)
{
	uint32_t seen = 0, bit;

	for (size_t i = 0; i < n; i++) {
		bit = 1u << (values[i] & 31);
		if ((seen & bit) != 0)
			return fault_at(fault, SK_FIELD_INVALID, "each once",
			    "%s[%zu]", path, i);
		seen |= bit;
	}
	return SK_OK;
}
_Static_assert(sizeof(Sk__LifeDomain) == sizeof(int) &&
    sizeof(Sk__Place) == sizeof(int), "check_once reads enumerations as int");
#define ONCE(list, n, path, fault) \
	check_once((const int *)(const void *)(list), (n), (path), (fault))

static enum sk_error
check_most(int has, uint32_t value, uint32_t most, const char *path,
    struct fault *fault)
{
	if (has && value > most)
		return fault_set(fault, SK_FIELD_INVALID, path, "at most %u",
		    most);
	return SK_OK;
}

/* Codes of offerings, each once. */
static enum sk_error
check_codes(char *const *codes, size_t n, size_t most, const char *path,
    struct fault *fault)
{
	char at[96];
	enum sk_error rc;

	if (n > most)
		return fault_set(fault, SK_FIELD_INVALID, path,
		    "at most %zu", most);
	for (size_t i = 0; i < n; i++) {
		snprintf(at, sizeof(at), "%s[%zu]", path, i);
		if ((rc = facts_need_offering(codes[i], at, fault)) != SK_OK)
			return rc;
		for (size_t j = 0; j < i; j++)
			if (strcmp(codes[i], codes[j]) == 0)
				return fault_at(fault, SK_FIELD_INVALID,
				    "each once", "%s", at);
	}
	return SK_OK;
}

#define QUERY(field) "facts.catalogue_query." #field

static enum sk_error
check_query(const Sk__CatalogueQueryFacts *q, struct fault *fault)
{
	enum sk_error rc;

	if ((rc = facts_need_municipality(q->municipality, QUERY(municipality),
	    fault)) != SK_OK ||
	    (rc = ONCE(q->domains, q->n_domains, QUERY(domains), fault)) !=
	    SK_OK ||
	    (rc = ONCE(q->refused, q->n_refused, QUERY(refused), fault)) !=
	    SK_OK ||
	    (rc = check_most(q->has_age, q->age, AGE_MAX, QUERY(age), fault)) !=
	    SK_OK)
		return rc;
	if (q->has_date && (rc = facts_need_date(1, q->date, QUERY(date),
	    fault)) != SK_OK)
		return rc;
	return check_codes(q->running, q->n_running, RUNNING_MAX,
	    QUERY(running), fault);
}

#define OFFERED(field) "facts.offering_proposal.offering." #field

/* What people read in a list: one line, no control characters. */
static enum sk_error
check_name(const char *name, struct fault *fault)
{
	size_t size = name == NULL ? 0 : strlen(name);

	if (size == 0)
		return fault_at(fault, SK_FIELD_MISSING, NULL, OFFERED(name));
	if (size > NAME_BYTES_MAX)
		return fault_at(fault, SK_FIELD_INVALID, "at most 80 bytes",
		    OFFERED(name));
	for (; *name != '\0'; name++)
		if ((unsigned char)*name < 0x20 || *name == 0x7f)
			return fault_at(fault, SK_TEXT_INVALID,
			    "no control characters", OFFERED(name));
	return SK_OK;
}

static enum sk_error
check_reach(const Sk__Offering *o, struct fault *fault)
{
	enum sk_error rc;

	if (o->n_municipalities > MUNICIPALITIES_MAX)
		return fault_at(fault, SK_FIELD_INVALID, "at most 64",
		    OFFERED(municipalities));
	for (size_t i = 0; i < o->n_municipalities; i++) {
		rc = facts_need_municipality(o->municipalities[i],
		    OFFERED(municipalities), fault);
		if (rc != SK_OK)
			return rc;
		for (size_t j = 0; j < i; j++)
			if (strcmp(o->municipalities[i],
			    o->municipalities[j]) == 0)
				return fault_at(fault, SK_FIELD_INVALID,
				    "each once", OFFERED(municipalities));
	}
	return check_codes(o->combines_with, o->n_combines_with, COMBINES_MAX,
	    OFFERED(combines_with), fault);
}

static enum sk_error
check_limits(const Sk__Offering *o, struct fault *fault)
{
	enum sk_error rc;

	if ((rc = check_most(o->has_age_until, o->age_until, AGE_MAX,
	    OFFERED(age_until), fault)) != SK_OK ||
	    (rc = check_most(o->has_age_from, o->age_from,
	    o->has_age_until ? o->age_until : AGE_MAX, OFFERED(age_from),
	    fault)) != SK_OK ||
	    (rc = check_most(o->has_months_max, o->months_max, MONTHS_MAX,
	    OFFERED(months_max), fault)) != SK_OK ||
	    (rc = check_most(o->has_capacity, o->capacity, PLACES_MAX,
	    OFFERED(capacity), fault)) != SK_OK)
		return rc;
	if (o->has_months_max && o->months_max == 0)
		return fault_at(fault, SK_FIELD_INVALID, "1 or more",
		    OFFERED(months_max));
	return o->has_capacity || o->has_capacity_date ? facts_need_date(
	    o->has_capacity_date, o->capacity_date, OFFERED(capacity_date),
	    fault) : SK_OK;
}

static enum sk_error
check_proposal(const Sk__OfferingProposalFacts *proposal, struct fault *fault)
{
	const Sk__Offering *o = proposal->offering;
	enum sk_error rc;

	if (o == NULL)
		return fault_at(fault, SK_FIELD_MISSING, NULL,
		    "facts.offering_proposal.offering");
	if ((rc = facts_need_offering(o->code, OFFERED(code), fault)) !=
	    SK_OK || (rc = check_name(o->name, fault)) != SK_OK)
		return rc;
	if (!o->has_level)
		return fault_at(fault, SK_FIELD_MISSING, NULL, OFFERED(level));
	if ((rc = ONCE(o->domains, o->n_domains, OFFERED(domains), fault)) !=
	    SK_OK || (rc = check_limits(o, fault)) != SK_OK)
		return rc;
	return check_reach(o, fault);
}

#define DECIDED(field) "facts.offering_decision." #field

static enum sk_error
check_decision(const Sk__OfferingDecisionFacts *decision, struct fault *fault)
{
	enum sk_error rc;

	if (!decision->has_accepted)
		return fault_at(fault, SK_FIELD_MISSING, NULL,
		    DECIDED(accepted));
	if (decision->has_from_date && (rc = facts_need_date(1,
	    decision->from_date, DECIDED(from_date), fault)) != SK_OK)
		return rc;
	if (decision->has_until_date && (rc = facts_need_date(1,
	    decision->until_date, DECIDED(until_date), fault)) != SK_OK)
		return rc;
	if (decision->has_from_date && decision->has_until_date &&
	    decision->until_date < decision->from_date)
		return fault_at(fault, SK_DATE_INVALID, "not before from_date",
		    DECIDED(until_date));
	return SK_OK;
}

#define TOLD "facts.capacity_update.offerings"

static enum sk_error
check_capacity(const Sk__CapacityUpdateFacts *update, struct fault *fault)
{
	char *codes[CAPACITIES_MAX];

	if (update->n_offerings == 0)
		return fault_at(fault, SK_FIELD_MISSING, NULL, TOLD);
	if (update->n_offerings > CAPACITIES_MAX)
		return fault_at(fault, SK_FIELD_INVALID, "at most 16", TOLD);
	for (size_t i = 0; i < update->n_offerings; i++) {
		const Sk__CapacityOf *of = update->offerings[i];

		if (!of->has_places)
			return fault_at(fault, SK_FIELD_MISSING, NULL,
			    TOLD "[%zu].places", i);
		if (of->places > PLACES_MAX)
			return fault_at(fault, SK_FIELD_INVALID,
			    "at most 10000", TOLD "[%zu].places", i);
		codes[i] = of->offering;
	}
	return check_codes(codes, update->n_offerings, CAPACITIES_MAX, TOLD,
	    fault);
}

static enum sk_error
check_referral(const Sk__ReferralFacts *referral, struct fault *fault)
{
	struct envelope_ref match;

	if (referral->match != NULL &&
	    !ref_from_message(referral->match, &match))
		return fault_at(fault, SK_FIELD_INVALID,
		    "participant and envelope id", "facts.referral.match");
	return check_most(referral->has_age, referral->age, AGE_MAX,
	    "facts.referral.age", fault);
}

enum sk_error
facts_check_catalogue(const struct kind_info *info, const Sk__Facts *facts,
    struct fault *fault)
{
	switch (info->kind) {
	case SK__KIND__CATALOGUE_QUERY:
		return check_query(facts->catalogue_query, fault);
	case SK__KIND__OFFERING_PROPOSAL:
		return check_proposal(facts->offering_proposal, fault);
	case SK__KIND__OFFERING_DECISION:
		return check_decision(facts->offering_decision, fault);
	case SK__KIND__CAPACITY_UPDATE:
		return check_capacity(facts->capacity_update, fault);
	case SK__KIND__REFERRAL:
		return check_referral(facts->referral, fault);
	case SK__KIND__START:
		return facts->start->has_until_date ? facts_need_date(1,
		    facts->start->until_date, "facts.start.until_date",
		    fault) : SK_OK;
	case SK__KIND__SIDE_TAKEN:
		return facts->side_taken->has_route ? SK_OK : fault_at(fault,
		    SK_FIELD_MISSING, NULL, "facts.side_taken.route");
	default:
		return SK_OK;
	}
}
