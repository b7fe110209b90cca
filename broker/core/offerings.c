/*
 * The catalogue itself: what is asked of it, what providers propose for it,
 * what municipalities and the region decide, and what is told of places. None
 * of it is about a case.
 */
#include "broker/core/decide.h"

#include <stdio.h>
#include <string.h>

#include "broker/core/match.h"
#include "broker/core/products.h"
#include "broker/core/profile.h"

#define OFFERED(field) "facts.offering_proposal.offering." #field

/* ---- a question */

static struct match_query
query_of(const struct deciding *d, const Sk__CatalogueQueryFacts *facts)
{
	struct match_query query = {
		.municipality = policy_municipality(facts->municipality),
		.level = facts->has_level ? facts->level : 0,
		.place = facts->has_place ? facts->place : 0,
		.theme = facts->has_theme ? facts->theme : 0,
		.age = facts->has_age ? (int)facts->age : -1,
		.weekend = facts->weekend, .must_combine = facts->must_combine,
		.no_pilots = facts->no_pilots, .running = facts->running,
		.n_running = facts->n_running,
		.date = facts->has_date ? facts->date : d->today,
		.today = d->today,
	};

	for (size_t i = 0; i < facts->n_domains; i++)
		query.domains |= 1u << (facts->domains[i] & 31);
	for (size_t i = 0; i < facts->n_refused; i++)
		query.refused |= 1u << (facts->refused[i] & 31);
	return query;
}

/* The gap is told by itself, with no child and no case in it (R17). */
static void
record_unmet(struct deciding *d, const Sk__CatalogueQueryFacts *facts,
    Sk__UnmetReason reason)
{
	Sk__UnmetFound *unmet = arena_new(d->arena, Sk__UnmetFound,
	    sk__unmet_found__init);

	if (unmet == NULL) {
		d->spent = true;
		return;
	}
	unmet->municipality = facts->municipality;
	unmet->has_reason = 1;
	unmet->reason = reason;
	unmet->has_level = facts->has_level;
	unmet->level = facts->level;
	unmet->has_theme = facts->has_theme;
	unmet->theme = facts->theme;
	d->decision->open->unmet = unmet;
}

enum sk_error
decide_catalogue_query(struct deciding *d)
{
	const Sk__CatalogueQueryFacts *facts = d->event->facts->catalogue_query;
	const struct match_query query = query_of(d, facts);
	struct matching matching = { .catalogue = d->view->catalogue,
		.policy = d->view->policy };
	Sk__CatalogueAnswer *answer;

	if (d->view->policy != NULL && d->view->policy->n_municipalities > 0 &&
	    profile_member(d->view->policy, query.municipality, query.date) ==
	    NULL)
		return REFUSE(d, SK_MUNICIPALITY_UNKNOWN,
		    "facts.catalogue_query.municipality",
		    "a municipality of this region");
	matching.fresh_days = policy_term(d->view->policy, query.municipality,
	    TERM_CAPACITY_FRESH_DAYS);
	answer = match_answer(&matching, &query, d->arena);
	if (answer == NULL) {
		d->spent = true;
		return SK_OK;
	}
	answer->has_policy_version = answer->has_catalogue_version = 1;
	answer->policy_version = d->view->policy_version;
	answer->catalogue_version = d->view->catalogue == NULL ? 0 :
	    d->view->catalogue->version;
	d->decision->answer = answer;
	if (answer->has_unmet)
		record_unmet(d, facts, answer->unmet);
	return SK_OK;
}

/* ---- changes */

static Sk__CatalogueChange *
change(struct deciding *d, const char *code, Sk__CatalogueStep step)
{
	Sk__Effects *open = d->decision->open;
	Sk__CatalogueChange *c = arena_new(d->arena, Sk__CatalogueChange,
	    sk__catalogue_change__init);

	if (c == NULL || arena_append(d->arena, &open->n_catalogue,
	    (void ***)(void *)&open->catalogue, c) != 0) {
		d->spent = true;
		return NULL;
	}
	c->code = (char *)(uintptr_t)code;
	c->has_step = 1;
	c->step = step;
	open->has_catalogue_version = 1;
	open->catalogue_version = 1 + (d->view->catalogue == NULL ? 0 :
	    d->view->catalogue->version);
	return c;
}

static const char *
own_code(const struct deciding *d)
{
	return decide_member(d, d->event->sender)->current.code;
}

/* ---- a proposal (R21) */

/* As a profile has to be: what is paid as help with stay is not given at
 * home, and the social base is light and near home. */
static enum sk_error
check_offered(struct deciding *d, const Sk__Offering *o)
{
	enum product_stay stay;

	if (o->product != NULL && product_find(o->product) == NULL)
		return REFUSE(d, SK_FIELD_INVALID, OFFERED(product),
		    "a product code of JZ21, such as 45A51");
	stay = o->product == NULL ? PRODUCT_STAY_UNKNOWN :
	    product_stay(o->product);
	if (stay != PRODUCT_STAY_UNKNOWN && (stay == PRODUCT_OUT_OF_HOME) !=
	    (match_place(o) >= SK__PLACE__FOSTER))
		return REFUSE(d, SK_FIELD_INVALID, OFFERED(place),
		    "%.8s is help %s stay", o->product,
		    stay == PRODUCT_OUT_OF_HOME ? "with" : "without");
	if (o->has_social_base && (o->level > SK__LEVEL__AMBULANT ||
	    match_place(o) >= SK__PLACE__FOSTER))
		return REFUSE(d, SK_FIELD_INVALID, OFFERED(social_base),
		    "light or ambulant help near home");
	for (size_t i = 0; d->view->policy != NULL &&
	    d->view->policy->n_municipalities > 0 && i < o->n_municipalities;
	    i++)
		if (profile_member(d->view->policy, policy_municipality(
		    o->municipalities[i]), d->today) == NULL)
			return REFUSE(d, SK_MUNICIPALITY_UNKNOWN,
			    OFFERED(municipalities),
			    "%.4s is not of this region",
			    o->municipalities[i]);
	return SK_OK;
}

/* Its code is free, or its own and not in use; and it does not fill the
 * catalogue alone. */
static enum sk_error
check_free(struct deciding *d, const Sk__Offering *o)
{
	const struct catalogue *catalogue = d->view->catalogue;
	size_t waiting = 0, proposed = 0;
	struct catalogue_item item;

	if (catalogue_find(catalogue, d->view->policy, o->code, &item)) {
		if (!item.proposed || item.row->n_decided > 0 ||
		    strcmp(item.offering->provider, own_code(d)) != 0)
			return REFUSE(d, SK_FIELD_INVALID, OFFERED(code),
			    "a code that is not in the catalogue");
		return SK_OK;
	}
	for (size_t i = 0; catalogue != NULL && i < catalogue->rows; i++) {
		const Sk__CatalogueRow *row = catalogue->row[i];

		if (row->offering == NULL)
			continue;
		proposed++;
		waiting += row->n_decided == 0 &&
		    strcmp(row->offering->provider, own_code(d)) == 0;
	}
	if (waiting >= PROPOSALS_MAX || proposed >= PROPOSED_MAX)
		return REFUSE(d, SK_REQUEST_PENDING, OFFERED(code),
		    "at most %u wait for a decision, %u in all",
		    PROPOSALS_MAX, PROPOSED_MAX);
	return SK_OK;
}

/* Somebody has to decide on it. */
static enum sk_error
check_told(struct deciding *d)
{
	if (d->event->header->recipients > 1)
		return SK_OK;
	return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients",
	    "the access team of a municipality, or the region");
}

enum sk_error
decide_offering_proposal(struct deciding *d)
{
	const Sk__Offering *o = d->event->facts->offering_proposal->offering;
	struct envelope_ref self = { d->event->sender, d->event->header->id };
	Sk__CatalogueChange *c;
	Sk__Offering *own;
	enum sk_error rc;

	if (o->provider != NULL && strcmp(o->provider, own_code(d)) != 0)
		return REFUSE(d, SK_OFFERING_NOT_OF_PROVIDER,
		    OFFERED(provider), "one's own AGB code, or none");
	if ((rc = check_told(d)) != SK_OK ||
	    (rc = check_offered(d, o)) != SK_OK ||
	    (rc = check_free(d, o)) != SK_OK)
		return rc;
	own = arena_copy(d->arena, o, sizeof(*o));
	c = change(d, o->code, SK__CATALOGUE_STEP__OFFERING_PROPOSED);
	if (own == NULL || c == NULL) {
		d->spent = true;
		return SK_OK;
	}
	own->provider = (char *)(uintptr_t)own_code(d);
	c->offering = own;
	c->proposal = effect_ref(d, &self);
	return SK_OK;
}

/* ---- a decision */

static const Sk__CatalogueRow *
proposal_of(const struct deciding *d)
{
	const struct catalogue *catalogue = d->view->catalogue;
	struct envelope_ref proposal;

	for (size_t i = 0; catalogue != NULL && i < catalogue->rows; i++)
		if (catalogue->row[i]->proposal != NULL &&
		    ref_from_message(catalogue->row[i]->proposal, &proposal) &&
		    ref_equal(&proposal, &d->event->header->reply_to))
			return catalogue->row[i];
	return NULL;
}

static bool
is_decided_for_all(const Sk__CatalogueRow *row)
{
	for (size_t i = 0; i < row->n_decided; i++)
		if (row->decided[i]->municipality == NULL)
			return true;
	return false;
}

/* A team decides for its own municipalities, as far as it is for them. */
static enum sk_error
decide_for_area(struct deciding *d, const Sk__CatalogueRow *row,
    Sk__CatalogueChange *c)
{
	const struct statement *team = &decide_member(d,
	    d->event->sender)->current;
	const Sk__Offering *o = row->offering;

	for (size_t i = 0; i < team->areas; i++) {
		bool meant = o->n_municipalities == 0;

		for (size_t k = 0; k < o->n_municipalities; k++)
			meant = meant || policy_municipality(
			    o->municipalities[k]) == team->area[i];
		if (meant && arena_append(d->arena, &c->n_municipalities,
		    (void ***)(void *)&c->municipalities,
		    effect_municipality(d, team->area[i])) != 0)
			d->spent = true;
	}
	if (c->n_municipalities == 0)
		return REFUSE(d, SK_OFFERING_NOT_HERE, "header.reply_to",
		    "a proposal for a municipality of this team");
	if (c->n_municipalities + row->n_decided > DECIDED_FOR_MAX)
		return REFUSE(d, SK_FIELD_INVALID, "header.reply_to",
		    "for more than %u municipalities the region decides",
		    DECIDED_FOR_MAX);
	return SK_OK;
}

static enum sk_error
check_decision(struct deciding *d, const Sk__CatalogueRow *row)
{
	const Sk__OfferingDecisionFacts *facts =
	    d->event->facts->offering_decision;
	uint64_t provider;

	if (row == NULL)
		return REFUSE(d, SK_NOTHING_PENDING, "header.reply_to",
		    "an OFFERING_PROPOSAL");
	if (is_decided_for_all(row) && d->role != SK__ROLE__REGION)
		return REFUSE(d, SK_NOTHING_PENDING, "header.reply_to",
		    "the region decided on it for all");
	provider = d->event->header->reply_to.participant;
	if (!decide_has_recipient(d, provider)) {
		d->decision->use_participant = provider;
		return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients",
		    "the provider that proposed it");
	}
	if (facts->has_until_date && facts->until_date < d->today)
		return REFUSE(d, SK_DATE_INVALID,
		    "facts.offering_decision.until_date", "not past");
	if (facts->accepted && match_unqualified(d->view->policy,
	    row->offering->provider, d->today) != 0)
		return REFUSE(d, SK_PROVIDER_NOT_QUALIFIED, "header.reply_to",
		    "a provider that the region qualified");
	return SK_OK;
}

enum sk_error
decide_offering_decision(struct deciding *d)
{
	const Sk__OfferingDecisionFacts *facts =
	    d->event->facts->offering_decision;
	const Sk__CatalogueRow *row = proposal_of(d);
	Sk__CatalogueChange *c;
	enum sk_error rc;

	if ((rc = check_decision(d, row)) != SK_OK)
		return rc;
	c = change(d, row->code, facts->accepted ?
	    SK__CATALOGUE_STEP__OFFERING_ACCEPTED :
	    SK__CATALOGUE_STEP__OFFERING_REFUSED);
	if (c == NULL)
		return SK_OK;
	if (d->role != SK__ROLE__REGION &&
	    (rc = decide_for_area(d, row, c)) != SK_OK)
		return rc;
	if (!facts->accepted)
		return SK_OK;
	c->has_from_date = 1;
	c->from_date = facts->has_from_date ? facts->from_date : d->today;
	c->has_until_date = facts->has_until_date;
	c->until_date = facts->until_date;
	if (c->has_until_date && c->until_date < c->from_date)
		return REFUSE(d, SK_DATE_INVALID,
		    "facts.offering_decision.until_date", "not before it begins");
	return SK_OK;
}

/* ---- places */

enum sk_error
decide_capacity_update(struct deciding *d)
{
	const Sk__CapacityUpdateFacts *facts = d->event->facts->capacity_update;
	struct catalogue_item item;
	enum sk_error rc;

	if ((rc = decide_date_past(d)) != SK_OK)
		return rc;
	for (size_t i = 0; i < facts->n_offerings; i++) {
		const Sk__CapacityOf *of = facts->offerings[i];
		Sk__CatalogueChange *c;
		char field[64];

		snprintf(field, sizeof(field),
		    "facts.capacity_update.offerings[%zu].offering", i);
		if (!catalogue_find(d->view->catalogue, d->view->policy,
		    of->offering, &item))
			return REFUSE(d, SK_OFFERING_UNKNOWN, field,
			    "an offering of the region's catalogue");
		if (strcmp(item.offering->provider, own_code(d)) != 0)
			return REFUSE(d, SK_OFFERING_NOT_OF_PROVIDER, field,
			    "one of one's own");
		if (item.row != NULL && item.row->has_places &&
		    item.row->places_date > decide_date(d))
			return REFUSE(d, SK_DATE_INVALID, "header.event_date",
			    "something later was told already");
		c = change(d, of->offering, SK__CATALOGUE_STEP__CAPACITY_TOLD);
		if (c == NULL)
			return SK_OK;
		c->has_places = c->has_places_date = 1;
		c->places = of->places;
		c->places_date = decide_date(d);
	}
	return SK_OK;
}
