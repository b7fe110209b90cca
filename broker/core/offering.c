/*
 * What the catalogue says of a referral: is it there, for this municipality
 * and this child, by a provider that qualifies, and does nothing of a
 * narrower scale come first? And whom to ask when a core partner declines.
 */
#include "broker/core/decide.h"

#include <string.h>

#include "broker/core/match.h"

#define OFFERING "facts.referral.offering"
#define AGE "facts.referral.age"

static struct matching
matching_of(const struct deciding *d)
{
	return (struct matching){ .catalogue = d->view->catalogue,
		.policy = d->view->policy,
		.fresh_days = decide_term(d, TERM_CAPACITY_FRESH_DAYS) };
}

/* An offering of the region, of this provider, and decided on. */
static enum sk_error
check_there(struct deciding *d, uint64_t provider,
    struct catalogue_item *item)
{
	const Sk__Offering *o;

	if (!catalogue_find(d->view->catalogue, d->view->policy,
	    d->event->facts->referral->offering, item) ||
	    (item->proposed && item->row->n_decided == 0))
		return REFUSE(d, SK_OFFERING_UNKNOWN, OFFERING,
		    "an offering of the region's catalogue");
	o = item->offering;
	if (o->provider == NULL || strcmp(o->provider,
	    decide_member(d, provider)->current.code) != 0)
		return REFUSE(d, SK_OFFERING_NOT_OF_PROVIDER, OFFERING,
		    "provider %.32s has it",
		    o->provider == NULL ? "?" : o->provider);
	if (!catalogue_holds(item, d->municipality, d->today))
		return REFUSE(d, SK_OFFERING_NOT_HERE, OFFERING,
		    "help for municipality %04u today",
		    (unsigned)d->municipality % 10000);
	return SK_OK;
}

/* Only who supports the vision and acts on it (R20): a hard gate. */
static enum sk_error
check_qualified(struct deciding *d, const Sk__Offering *o)
{
	Sk__DropReason reason = match_unqualified(d->view->policy, o->provider,
	    d->today);

	if (reason == 0)
		return SK_OK;
	switch (reason) {
	case SK__DROP_REASON__PROVIDER_SUSPENDED:
		return REFUSE(d, SK_PROVIDER_NOT_QUALIFIED, OFFERING,
		    "provider %.32s is suspended", o->provider);
	case SK__DROP_REASON__QUALIFICATION_EXPIRED:
		return REFUSE(d, SK_PROVIDER_NOT_QUALIFIED, OFFERING,
		    "the qualification of %.32s is over", o->provider);
	default:
		return REFUSE(d, SK_PROVIDER_NOT_QUALIFIED, OFFERING,
		    "a provider that the region qualified");
	}
}

/* The broker knows no date of birth: who refers says the age where an offering
 * has limits (R26). */
static enum sk_error
check_age(struct deciding *d, const Sk__Offering *o)
{
	const Sk__ReferralFacts *referral = d->event->facts->referral;

	if (!o->has_age_from && !o->has_age_until)
		return SK_OK;
	if (!referral->has_age)
		return REFUSE(d, SK_FIELD_MISSING, AGE,
		    "the child's age in whole years");
	if ((o->has_age_from && referral->age < o->age_from) ||
	    (o->has_age_until && referral->age > o->age_until))
		return REFUSE(d, SK_AGE_OUTSIDE, AGE, "%u to %u",
		    o->age_from, o->has_age_until ? o->age_until : 23);
	return SK_OK;
}

enum sk_error
gate_offering(struct deciding *d, uint64_t provider,
    struct catalogue_item *item)
{
	const Sk__Policy *policy = d->view->policy;
	enum sk_error rc;

	memset(item, 0, sizeof(*item));
	if (policy == NULL || policy->n_offerings == 0)
		return SK_OK;
	if ((rc = check_there(d, provider, item)) != SK_OK ||
	    (rc = check_qualified(d, item->offering)) != SK_OK)
		return rc;
	return check_age(d, item->offering);
}

/* ---- locally what can be local (R22) */

static Sk__Scale
scale_of(const Sk__Offering *o)
{
	return o->has_scale ? o->scale : SK__SCALE__REGIONAL;
}

/* Was this provider asked in this case and came nothing of it? */
static bool
was_tried(const struct deciding *d, const char *agb)
{
	for (size_t i = 0; i < d->row->handoffs; i++) {
		const struct case_handoff *h = &d->row->handoff[i];
		const struct member *member = d->view->member(
		    d->view->context, h->provider);

		if (!handoff_is_live(h->status) && member != NULL &&
		    strcmp(member->current.code, agb) == 0)
			return true;
	}
	return false;
}

/* The same kind of help, no farther from home. */
static struct match_query
alike(const struct deciding *d, const Sk__Offering *o)
{
	const struct case_closed *closed = decide_closed(d);
	uint32_t domains = match_domains(o);

	if (closed != NULL && (closed->support & domains) != 0)
		domains &= closed->support;
	return (struct match_query){ .municipality = d->municipality,
		.domains = domains, .level = o->level,
		.place = match_place(o), .theme = o->has_theme ? o->theme : 0,
		.age = d->event->facts->referral->has_age ?
		    (int)d->event->facts->referral->age : -1,
		.date = d->today, .today = d->today };
}

static const Sk__Offering *
narrower(const struct deciding *d, const Sk__Offering *o)
{
	const struct matching matching = matching_of(d);
	const struct match_query query = alike(d, o);
	struct catalogue_item item;
	size_t at = 0;

	while (catalogue_next(d->view->catalogue, d->view->policy, &at, &item))
		if (scale_of(item.offering) < scale_of(o) &&
		    item.offering->level == o->level &&
		    match_place(item.offering) <= match_place(o) &&
		    match_domains(item.offering) != 0 &&
		    match_drops(&matching, &query, &item) == 0 &&
		    !was_tried(d, item.offering->provider))
			return item.offering;
	return NULL;
}

enum sk_error
gate_scale(struct deciding *d, const struct catalogue_item *item)
{
	const Sk__Offering *o = item->offering, *first;

	if (o == NULL || scale_of(o) == SK__SCALE__LOCAL ||
	    match_domains(o) == 0 || case_in_crisis(d->row) ||
	    d->event->facts->referral->has_wider ||
	    (first = narrower(d, o)) == NULL ||
	    gate_passed(d, SK_SCALE_SKIPPED))
		return SK_OK;
	return REFUSE(d, SK_SCALE_SKIPPED, OFFERING,
	    "%.32s comes first, or say why it does not do", first->code);
}

/* ---- the core partners (R27) */

/* Asked already, or not to be asked at all. */
static bool
is_out_of_reach(const void *context, const char *agb)
{
	const struct deciding *d = context;

	for (size_t i = 0; i < d->row->handoffs; i++) {
		const struct member *member = d->view->member(
		    d->view->context, d->row->handoff[i].provider);

		if (member != NULL && strcmp(member->current.code, agb) == 0)
			return true;
	}
	return d->view->participant(d->view->context, SK__ROLE__PROVIDER,
	    agb, d->today) == 0;
}

void
offering_next_partner(struct deciding *d, unsigned index)
{
	const struct case_handoff *handoff = &d->row->handoff[index - 1];
	const struct matching matching = matching_of(d);
	const struct member *decliner = d->view->member(d->view->context,
	    handoff->provider);
	Sk__Notice *notice;
	const char *next;

	if (d->view->participant == NULL || decliner == NULL)
		return;
	next = match_next_partner(&matching, decliner->current.code,
	    (Sk__Level)handoff->level, d->municipality, d->today,
	    is_out_of_reach, d);
	if (next == NULL)
		return;
	notice = arena_new(d->arena, Sk__Notice, sk__notice__init);
	if (notice == NULL) {
		d->spent = true;
		return;
	}
	notice->has_kind = notice->has_participant = 1;
	notice->kind = SK__NOTICE_KIND__NEXT_PARTNER;
	notice->about = effect_ref(d, &handoff->referral);
	notice->participant = d->view->participant(d->view->context,
	    SK__ROLE__PROVIDER, next, d->today);
	d->decision->open->notice = notice;
}
