#include "broker/core/profile.h"

#include <stdio.h>
#include <string.h>

#include "broker/core/policy.h"
#include "broker/core/products.h"
#include "proto/civil.h"

const Sk__Municipality *
profile_municipality(const Sk__Policy *policy, uint32_t code)
{
	if (policy == NULL || code == 0)
		return NULL;
	for (size_t i = 0; i < policy->n_municipalities; i++)
		if (policy_municipality(policy->municipalities[i]->code) == code)
			return policy->municipalities[i];
	return NULL;
}

/* An absent date leaves that side open. */
static bool
in_force(protobuf_c_boolean has_from, int32_t from,
    protobuf_c_boolean has_until, int32_t until, int32_t date)
{
	return (!has_from || date >= from) && (!has_until || date <= until);
}

static bool
is_member(const Sk__Municipality *m, int32_t date)
{
	return in_force(m->has_from_date, m->from_date, m->has_until_date,
	    m->until_date, date);
}

enum membership
profile_membership(const Sk__Policy *policy, uint32_t municipality,
    int32_t date)
{
	const Sk__Municipality *m = profile_municipality(policy, municipality);

	if (m == NULL)
		return MEMBER_UNKNOWN;
	if (is_member(m, date))
		return MEMBER_NOW;
	return m->has_until_date && date > m->until_date ? MEMBER_ENDED :
	    MEMBER_NOT_YET;
}

const Sk__Municipality *
profile_member(const Sk__Policy *policy, uint32_t municipality, int32_t date)
{
	const Sk__Municipality *m = profile_municipality(policy, municipality);

	return m != NULL && is_member(m, date) ? m : NULL;
}

uint32_t
profile_successor(const Sk__Policy *policy, uint32_t municipality,
    int32_t date)
{
	const Sk__Municipality *m = profile_municipality(policy, municipality);
	size_t steps = policy == NULL ? 0 : policy->n_municipalities;

	/* profile_check lets no ring in; a policy that was never checked must
	 * not hang us either */
	while (m != NULL && m->has_until_date && date > m->until_date &&
	    steps-- > 0)
		m = profile_municipality(policy,
		    policy_municipality(m->successor));
	return m != NULL && is_member(m, date) ?
	    policy_municipality(m->code) : 0;
}

const Sk__Provider *
profile_provider(const Sk__Policy *policy, const char *agb)
{
	if (policy == NULL || agb == NULL)
		return NULL;
	for (size_t i = 0; i < policy->n_providers; i++)
		if (policy->providers[i]->agb != NULL &&
		    strcmp(policy->providers[i]->agb, agb) == 0)
			return policy->providers[i];
	return NULL;
}

bool
profile_is_qualified(const Sk__Provider *provider, int32_t date)
{
	const Sk__Qualification *q = provider->qualification;

	return q == NULL || (!(q->has_suspended && q->suspended) &&
	    in_force(q->has_from_date, q->from_date, q->has_until_date,
	    q->until_date, date));
}

/* Is text one of the first n of a list? */
static bool
holds(char **list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
}

const Sk__PartnerGroup *
profile_group(const Sk__Policy *policy, const char *agb, Sk__Level level)
{
	if (policy == NULL || agb == NULL)
		return NULL;
	for (size_t i = 0; i < policy->n_groups; i++) {
		const Sk__PartnerGroup *group = policy->groups[i];

		if (level >= group->from_level &&
		    holds(group->members, group->n_members, agb))
			return group;
	}
	return NULL;
}

static bool
lies_in(const Sk__Area *area, uint32_t municipality)
{
	for (size_t i = 0; i < area->n_municipalities; i++)
		if (policy_municipality(area->municipalities[i]) ==
		    municipality)
			return true;
	return false;
}

bool
profile_is_area_contact(const Sk__Policy *policy, uint32_t municipality,
    const char *agb)
{
	if (policy == NULL || agb == NULL)
		return false;
	for (size_t i = 0; i < policy->n_areas; i++) {
		const Sk__Area *area = policy->areas[i];

		if (lies_in(area, municipality) &&
		    holds(area->contacts, area->n_contacts, agb))
			return true;
	}
	return false;
}

/* ---- does it contradict itself? */

#define WRONG(fault, path, ...) \
	fault_set(fault, SK_POLICY_WRONG, path, __VA_ARGS__)

struct place {
	char path[96];
};

/* "offerings[3].product" */
static const char *
at(struct place *place, const char *list, size_t i, const char *field)
{
	snprintf(place->path, sizeof(place->path), "%s[%zu].%s", list, i,
	    field);
	return place->path;
}

/* "groups[0].members[3]" */
static const char *
at_item(struct place *place, const char *list, size_t i, const char *field,
    size_t k)
{
	snprintf(place->path, sizeof(place->path), "%s[%zu].%s[%zu]", list, i,
	    field, k);
	return place->path;
}

static bool
is_empty(const char *text)
{
	return text == NULL || *text == '\0';
}

static bool
is_date(protobuf_c_boolean has, int32_t date)
{
	return !has || (date >= CIVIL_DATE_MIN && date <= CIVIL_DATE_MAX);
}

/* The one it merges into has to be there the day after, and to outlive it:
 * so no line of mergers runs in a ring. */
static enum sk_error
check_successor(const Sk__Policy *policy, size_t i, struct fault *fault)
{
	const Sk__Municipality *m = policy->municipalities[i], *next;
	struct place place;

	at(&place, "municipalities", i, "successor");
	if (!m->has_until_date)
		return WRONG(fault, place.path, "an until_date beside it");
	next = profile_municipality(policy, policy_municipality(m->successor));
	if (next == NULL || next == m)
		return WRONG(fault, place.path,
		    "the code of another municipality of this profile");
	if (m->until_date >= CIVIL_DATE_MAX ||
	    !is_member(next, m->until_date + 1))
		return WRONG(fault, place.path,
		    "%s is no member on the day after until_date",
		    m->successor);
	return SK_OK;
}

static enum sk_error
check_membership(const Sk__Policy *policy, size_t i, struct fault *fault)
{
	const Sk__Municipality *m = policy->municipalities[i];
	struct place place;

	if (!is_date(m->has_from_date, m->from_date))
		return WRONG(fault, at(&place, "municipalities", i,
		    "from_date"), "a date from 1900 to 2199");
	if (!is_date(m->has_until_date, m->until_date))
		return WRONG(fault, at(&place, "municipalities", i,
		    "until_date"), "a date from 1900 to 2199");
	if (m->has_from_date && m->has_until_date &&
	    m->until_date < m->from_date)
		return WRONG(fault, at(&place, "municipalities", i,
		    "until_date"), "not before from_date");
	return m->successor == NULL ? SK_OK :
	    check_successor(policy, i, fault);
}

static enum sk_error
check_qualification(const Sk__Policy *policy, size_t i, struct fault *fault)
{
	const Sk__Qualification *q = policy->providers[i]->qualification;
	struct place place;

	if (q == NULL)
		return SK_OK;
	if (is_empty(q->statement))
		return WRONG(fault, at(&place, "providers", i,
		    "qualification.statement"), "what the provider signed");
	if (!q->has_from_date || !is_date(true, q->from_date))
		return WRONG(fault, at(&place, "providers", i,
		    "qualification.from_date"), "the first day that it holds");
	if (q->has_until_date && q->until_date < q->from_date)
		return WRONG(fault, at(&place, "providers", i,
		    "qualification.until_date"), "not before from_date");
	return SK_OK;
}

/* A list of CBS codes, each of this profile and each once. */
static enum sk_error
check_codes(const Sk__Policy *policy, char **codes, size_t n,
    const char *list, size_t i, struct fault *fault)
{
	struct place place;

	for (size_t k = 0; k < n; k++) {
		at_item(&place, list, i, "municipalities", k);
		if (profile_municipality(policy, policy_municipality(codes[k])) ==
		    NULL)
			return WRONG(fault, place.path,
			    "the code of a municipality of this profile");
		if (holds(codes, k, codes[k]))
			return WRONG(fault, place.path,
			    "%s stands here twice", codes[k]);
	}
	return SK_OK;
}

/* A list of AGB codes, each of this profile and each once. */
static enum sk_error
check_agbs(const Sk__Policy *policy, char **agbs, size_t n, const char *list,
    size_t i, const char *field, struct fault *fault)
{
	struct place place;

	for (size_t k = 0; k < n; k++) {
		at_item(&place, list, i, field, k);
		if (profile_provider(policy, agbs[k]) == NULL)
			return WRONG(fault, place.path,
			    "the AGB code of a provider of this profile");
		if (holds(agbs, k, agbs[k]))
			return WRONG(fault, place.path,
			    "%s stands here twice", agbs[k]);
	}
	return SK_OK;
}

/* As the gates see it: without a place the level says where. */
static bool
is_out_of_home(const Sk__Offering *o)
{
	return o->has_place ? o->place >= SK__PLACE__FOSTER :
	    o->level == SK__LEVEL__RESIDENTIAL;
}

/* What is paid as help with stay is not given at home, nor the other way
 * round: the gates and figures on children out of home rest on the place, also
 * on the one that an offering leaves to its level. */
static enum sk_error
check_product(const Sk__Offering *o, size_t i, struct fault *fault)
{
	enum product_stay stay;
	struct place place;
	bool out;

	/* the social base has no product: nothing is assigned there */
	if (o->product == NULL)
		return SK_OK;
	if (product_find(o->product) == NULL)
		return WRONG(fault, at(&place, "offerings", i, "product"),
		    "a product code of JZ21, such as 45A51");
	stay = product_stay(o->product);
	if (stay == PRODUCT_STAY_UNKNOWN)
		return SK_OK;
	out = is_out_of_home(o);
	if (out != (stay == PRODUCT_OUT_OF_HOME))
		return WRONG(fault, at(&place, "offerings", i, "place"),
		    "%s is help %s stay", o->product,
		    stay == PRODUCT_OUT_OF_HOME ? "with" : "without");
	return SK_OK;
}

static enum sk_error
check_numbers(const Sk__Offering *o, size_t i, struct fault *fault)
{
	struct place place;

	if (o->has_age_until && o->age_until > AGE_MAX)
		return WRONG(fault, at(&place, "offerings", i, "age_until"),
		    "at most %u", AGE_MAX);
	if (o->has_age_from && o->age_from >
	    (o->has_age_until ? o->age_until : AGE_MAX))
		return WRONG(fault, at(&place, "offerings", i, "age_from"),
		    "not past age_until, or %u", AGE_MAX);
	if (o->has_months_max && (o->months_max == 0 ||
	    o->months_max > MONTHS_MAX))
		return WRONG(fault, at(&place, "offerings", i, "months_max"),
		    "1 to %u", MONTHS_MAX);
	if (o->has_capacity && o->capacity > CAPACITY_MAX)
		return WRONG(fault, at(&place, "offerings", i, "capacity"),
		    "at most %u", CAPACITY_MAX);
	if (o->has_capacity != o->has_capacity_date ||
	    !is_date(o->has_capacity_date, o->capacity_date))
		return WRONG(fault, at(&place, "offerings", i,
		    "capacity_date"), "the date of the capacity, or neither");
	if (o->has_social_base && (o->level > SK__LEVEL__AMBULANT ||
	    (o->has_place && o->place >= SK__PLACE__FOSTER)))
		return WRONG(fault, at(&place, "offerings", i, "social_base"),
		    "light or ambulant help near home");
	return SK_OK;
}

static enum sk_error
check_combines(const Sk__Policy *policy, size_t i, struct fault *fault)
{
	const Sk__Offering *o = policy->offerings[i], *other;
	struct place place;

	if (o->n_combines_with > COMBINES_MAX)
		return WRONG(fault, at(&place, "offerings", i,
		    "combines_with"), "at most %u", COMBINES_MAX);
	for (size_t k = 0; k < o->n_combines_with; k++) {
		other = policy_offering(policy, o->combines_with[k]);
		if (other == NULL || other == o)
			return WRONG(fault, at_item(&place, "offerings", i,
			    "combines_with", k),
			    "the code of another offering of this profile");
	}
	return SK_OK;
}

static enum sk_error
check_offering(const Sk__Policy *policy, size_t i, struct fault *fault)
{
	const Sk__Offering *o = policy->offerings[i];
	enum sk_error rc;

	if ((rc = check_product(o, i, fault)) != SK_OK ||
	    (rc = check_numbers(o, i, fault)) != SK_OK ||
	    (rc = check_combines(policy, i, fault)) != SK_OK)
		return rc;
	return check_codes(policy, o->municipalities, o->n_municipalities,
	    "offerings", i, fault);
}

static enum sk_error
check_group(const Sk__Policy *policy, size_t i, struct fault *fault)
{
	const Sk__PartnerGroup *group = policy->groups[i];
	struct place place;

	at(&place, "groups", i, "code");
	if (is_empty(group->code))
		return WRONG(fault, place.path, "a code of its own");
	for (size_t k = 0; k < i; k++)
		if (strcmp(policy->groups[k]->code, group->code) == 0)
			return WRONG(fault, place.path,
			    "%s stands here twice", group->code);
	if (!group->has_from_level)
		return WRONG(fault, at(&place, "groups", i, "from_level"),
		    "LIGHT, AMBULANT, SPECIALIST, RESIDENTIAL or "
		    "COMPULSORY_LEVEL");
	/* alone it has nobody to pass a child on to */
	if (group->n_members < 2 || group->n_members > GROUP_MEMBERS_MAX)
		return WRONG(fault, at(&place, "groups", i, "members"),
		    "2 to %u providers", GROUP_MEMBERS_MAX);
	return check_agbs(policy, group->members, group->n_members, "groups",
	    i, "members", fault);
}

static enum sk_error
check_area(const Sk__Policy *policy, size_t i, struct fault *fault)
{
	const Sk__Area *area = policy->areas[i];
	struct place place;
	enum sk_error rc;

	at(&place, "areas", i, "code");
	if (is_empty(area->code))
		return WRONG(fault, place.path, "a code of its own");
	for (size_t k = 0; k < i; k++)
		if (strcmp(policy->areas[k]->code, area->code) == 0)
			return WRONG(fault, place.path,
			    "%s stands here twice", area->code);
	if (area->n_municipalities == 0)
		return WRONG(fault, at(&place, "areas", i, "municipalities"),
		    "the municipality that it lies in");
	if ((rc = check_codes(policy, area->municipalities,
	    area->n_municipalities, "areas", i, fault)) != SK_OK ||
	    (rc = check_agbs(policy, area->contacts, area->n_contacts,
	    "areas", i, "contacts", fault)) != SK_OK)
		return rc;
	if (area->safety != NULL &&
	    profile_provider(policy, area->safety) == NULL)
		return WRONG(fault, at(&place, "areas", i, "safety"),
		    "the AGB code of a provider of this profile");
	return SK_OK;
}

static enum sk_error
check_role(const Sk__Policy *policy, size_t i, struct fault *fault)
{
	const Sk__RoleName *role = policy->roles[i];
	struct place place;

	if (!role->has_role)
		return WRONG(fault, at(&place, "roles", i, "role"),
		    "ACCESS, PROVIDER, COURT, GI, RVDK, RET, BOEG or REGION");
	for (size_t k = 0; k < i; k++)
		if (policy->roles[k]->role == role->role)
			return WRONG(fault, at(&place, "roles", i, "role"),
			    "each role once");
	if (is_empty(role->name))
		return WRONG(fault, at(&place, "roles", i, "name"),
		    "what the region calls it");
	return SK_OK;
}

static enum sk_error
check_witness(const Sk__Policy *policy, size_t i, struct fault *fault)
{
	const Sk__Witness *witness = policy->witnesses[i];
	struct place place;

	if (i >= POLICY_WITNESSES_MAX)
		return WRONG(fault, "policy.witnesses", "at most %u",
		    POLICY_WITNESSES_MAX);
	if (witness->participant == 0)
		return WRONG(fault, at(&place, "witnesses", i, "participant"),
		    "the number of an enrolled participant");
	for (size_t j = 0; j < i; j++)
		if (policy->witnesses[j]->participant == witness->participant)
			return WRONG(fault, at(&place, "witnesses", i,
			    "participant"), "each once");
	/* Whether it is a key, and of a witness, the engine sees. */
	if (is_empty(witness->vkey))
		return WRONG(fault, at(&place, "witnesses", i, "vkey"),
		    "name+id+key, as `schakel-agent witness-key` prints it");
	return SK_OK;
}

static enum sk_error
check_quorum(const Sk__Policy *policy, struct fault *fault)
{
	if (policy->witness_quorum > policy->n_witnesses)
		return WRONG(fault, "policy.witness_quorum",
		    "at most the %zu witnesses", policy->n_witnesses);
	return SK_OK;
}

enum sk_error
profile_check(const Sk__Policy *policy, struct fault *fault)
{
	const struct {
		enum sk_error (*check)(const Sk__Policy *, size_t,
		    struct fault *);
		size_t n;
	} parts[] = {
		{ check_membership, policy->n_municipalities },
		{ check_qualification, policy->n_providers },
		{ check_offering, policy->n_offerings },
		{ check_group, policy->n_groups },
		{ check_area, policy->n_areas },
		{ check_role, policy->n_roles },
		{ check_witness, policy->n_witnesses },
	};
	enum sk_error rc;

	for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++)
		for (size_t i = 0; i < parts[p].n; i++)
			if ((rc = parts[p].check(policy, i, fault)) != SK_OK)
				return rc;
	return check_quorum(policy, fault);
}
