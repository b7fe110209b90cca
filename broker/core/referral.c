/*
 * No referral leaves before its gates: a triage that is not too old, an
 * analysis before heavy help, a route that allows it, a plan.
 */
#include "broker/core/decide.h"
#include "broker/core/match.h"
#include "broker/core/products.h"

#include <string.h>

/* Terms of the whole case, one of each kind that has no handoff. */
#define CASE_TERMS 28	/* of the whole case, questions with them */
#define REFERRAL_TERMS 2	/* receipt, answer */

#define OFFERING "facts.referral.offering"

/* The level of what is asked for; without a catalogue it counts as light
 * enough to need no analysis. */
static Sk__Level
level_of(const struct catalogue_item *item)
{
	return item->offering == NULL ? SK__LEVEL__AMBULANT :
	    item->offering->level;
}

static enum sk_error
check_triage(struct deciding *d)
{
	uint32_t days = decide_term(d, TERM_TRIAGE_MAX_AGE_DAYS);

	if (d->row->triage_date == 0 ||
	    d->today - d->row->triage_date > (int64_t)days)
		return REFUSE(d, SK_TRIAGE_MISSING, "header.kind",
		    "a TRIAGE of the last %u days", days);
	return SK_OK;
}

/* The heaviest level that a route allows; COMPULSORY when it is erased. */
static Sk__Level
level_allowed(const struct case_closed *closed)
{
	if (closed == NULL)
		return SK__LEVEL__COMPULSORY_LEVEL;
	switch ((Sk__Route)closed->route) {
	case SK__ROUTE__YOUTH_AMBULANT:
		return SK__LEVEL__AMBULANT;
	case SK__ROUTE__YOUTH_SPECIALIST:
		return SK__LEVEL__SPECIALIST;
	case SK__ROUTE__YOUTH_RESIDENTIAL:
		return SK__LEVEL__RESIDENTIAL;
	default:
		return SK__LEVEL__COMPULSORY_LEVEL;
	}
}

static enum sk_error
check_gates(struct deciding *d, Sk__Level level)
{
	/* only a crisis goes first (R7) */
	if (level >= SK__LEVEL__SPECIALIST && d->row->analysis_date == 0 &&
	    !case_in_crisis(d->row))
		return REFUSE(d, SK_ANALYSIS_MISSING, OFFERING,
		    "an ANALYSIS before specialist help or heavier");
	if (level > level_allowed(decide_closed(d)))
		return REFUSE(d, SK_ROUTE_MISSING, OFFERING,
		    "a ROUTE_DECISION that allows help of this level");
	if (d->row->plan_date == 0 && !gate_passed(d, SK_PLAN_MISSING))
		return REFUSE(d, SK_PLAN_MISSING, "header.kind",
		    "a FAMILY_PLAN first");
	return SK_OK;
}

static enum sk_error
check_room(struct deciding *d, uint64_t provider)
{
	size_t timers = REFERRAL_TERMS;
	bool is_known = false;

	for (size_t i = 0; i < d->row->timers; i++)
		if (d->row->timer[i].handoff != 0 && d->row->timer[i].kind !=
		    SK__DEADLINE_KIND__INFORMATION_DUE)
			timers++;
	for (size_t i = 0; i < d->row->participants; i++)
		if (d->row->participant[i].participant == provider)
			is_known = true;
	if (d->row->handoffs == CASE_HANDOFFS_MAX ||
	    timers > CASE_TIMERS_MAX - CASE_TERMS ||
	    (!is_known && d->row->participants == CASE_PARTICIPANTS_MAX))
		return REFUSE(d, SK_CASE_FULL, "header.case_ref",
		    "at most %d offers and %d participants a case",
		    CASE_HANDOFFS_MAX, CASE_PARTICIPANTS_MAX);
	return SK_OK;
}

/* What a crisis let go first is due afterwards. */
static void
owe_analysis(struct deciding *d, Sk__Level level)
{
	const struct case_closed *closed = decide_closed(d);

	if (case_in_crisis(d->row) && ((level >= SK__LEVEL__SPECIALIST &&
	    d->row->analysis_date == 0) || (closed != NULL &&
	    closed->reanalysis_due)) && case_timer_of(d->row,
	    SK__DEADLINE_KIND__ANALYSIS_DUE, 0) == NULL)
		deadline_begin(d, SK__DEADLINE_KIND__ANALYSIS_DUE, 0,
		    d->row->crisis_date);
}

static uint32_t
category_of(const Sk__Offering *offering)
{
	const struct product *product = offering == NULL ||
	    offering->product == NULL ? NULL :
	    product_find(offering->product);

	return product == NULL ? 0 : product->category;
}

static void
offer(struct deciding *d, uint64_t provider,
    const struct catalogue_item *item, bool takes_over)
{
	const Sk__Offering *offering = item->offering;
	const struct header *header = d->event->header;
	struct envelope_ref self = { d->event->sender, header->id };
	unsigned index = d->row->handoffs + 1u;
	Sk__HandoffChange *change;

	effect_state(d, handoff_settle(d->row, 0,
	    SK__HANDOFF_STATUS__OFFER_OPEN, d->rule->next));
	effect_participant(d, provider, SK__ROLE__PROVIDER);
	change = effect_handoff(d, index, SK__HANDOFF_STATUS__OFFER_OPEN,
	    d->today);
	if (change == NULL)
		return;
	change->referral = effect_ref(d, &self);
	change->has_provider = 1;
	change->provider = provider;
	change->has_level = 1;
	change->level = level_of(item);
	change->has_takes_over = takes_over;
	change->takes_over = takes_over;
	change->offering = d->event->facts->referral->offering;
	if (offering != NULL) {
		change->has_place = 1;
		change->place = match_place(offering);
		change->has_months_max = offering->has_months_max;
		change->months_max = offering->months_max;
		change->has_category = 1;
		change->category = category_of(offering);
	}
	d->decision->open->has_catalogue_version = d->view->catalogue != NULL;
	if (d->view->catalogue != NULL)
		d->decision->open->catalogue_version =
		    d->view->catalogue->version;
	deadline_set_referral(d, index);
	owe_analysis(d, level_of(item));
	/* asked again: nobody is reminded that no one was found */
	effect_timer_clear(d, SK__DEADLINE_KIND__STUCK_DUE, 0);
}

enum sk_error
decide_referral(struct deciding *d)
{
	uint64_t provider = decide_recipient_provider(d);
	const struct case_handoff *last = case_handoff_of(d->row, provider,
	    NULL);
	struct catalogue_item item;
	bool takes_over = false;
	enum sk_error rc;

	if (last != NULL && handoff_is_live(last->status))
		return REFUSE(d, SK_HANDOFF_OPEN, "header.recipients",
		    "one offer at a time to participant %llu",
		    (unsigned long long)provider);
	if ((rc = check_triage(d)) != SK_OK ||
	    (rc = gate_offering(d, provider, &item)) != SK_OK ||
	    (rc = check_gates(d, level_of(&item))) != SK_OK ||
	    (rc = gate_referral(d, item.offering)) != SK_OK ||
	    (rc = gate_scale(d, &item)) != SK_OK ||
	    (rc = gate_stacking(d, provider, category_of(item.offering),
	    &takes_over)) != SK_OK ||
	    (rc = check_room(d, provider)) != SK_OK)
		return rc;
	offer(d, provider, &item, takes_over);
	return SK_OK;
}
