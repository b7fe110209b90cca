/*
 * Consent, a person and a purpose at a time. Who decides over the child has to
 * agree to what is voluntary; a measure and an acute danger do not wait for
 * it. What was given can be withdrawn: it stops what comes next, and of what
 * runs the director says what becomes of it.
 *
 * Sources: Jeugdwet 7.3.4 and 7.3.11, BW 1:245, 1:253a and 1:265h.
 */
#include "broker/core/decide.h"

#include <string.h>

#define K(name) SK__KIND__##name
#define P(name) SK__CONSENT_PURPOSE__CONSENT_##name
#define STATE(name) SK__CONSENT_STATE__CONSENT_##name
#define WHOLE_CASE 0u

/* What rests on consent, and on which. A route has a rule of its own. */
static const struct {
	Sk__Kind kind;
	Sk__ConsentPurpose purpose;
} rests[] = {
	{ K(REFERRAL), P(PROVIDER) },
	{ K(COURT_REPORT), P(COURT_REPORT) },
	{ K(ANALYSIS), P(ANALYSIS) },
	{ K(FAMILY_PLAN), P(PLAN) },
	{ K(CONSULT), P(CONSULT) },
	{ K(RET_REQUEST), P(EXPERTS) },
	{ K(BOEG_REQUEST), P(EXPERTS) },
};

static const char *
purpose_text(Sk__ConsentPurpose purpose)
{
	static const char *const texts[CASE_PURPOSES + 1] = { "",
		"the separation route", "sharing with a provider",
		"sharing with the court", "an analysis", "a plan",
		"thinking along by others", "the expert teams" };

	return texts[purpose];
}

/* A parent without authority is heard, and does not decide. Where nobody
 * looked it up it may be anyone's. */
static bool
decides(const struct case_closed *closed, size_t i)
{
	return closed->person[i].role == SK__PERSON_ROLE__PARENT &&
	    closed->person[i].authority != SK__AUTHORITY__NO_AUTHORITY;
}

static bool
is_against(const struct case_closed *closed, size_t i,
    Sk__ConsentPurpose purpose)
{
	uint8_t state = closed->person[i].stated[purpose].state;

	return decides(closed, i) &&
	    (state == STATE(REFUSED) || state == STATE(WITHDRAWN));
}

/* Names the person by role alone: a hint stands in the leaf. */
static enum sk_error
refuse(struct deciding *d, const struct case_closed *closed, size_t i,
    Sk__ConsentPurpose purpose, const char *field)
{
	uint8_t state = closed->person[i].stated[purpose].state;

	return REFUSE(d, SK_CONSENT_MISSING, field, "PARENT: %s for %s",
	    state == STATE(WITHDRAWN) ? "consent was withdrawn" :
	    state == STATE(REFUSED) ? "consent was refused" :
	    "consent was not given", purpose_text(purpose));
}

static bool
is_voluntary(const struct deciding *d, const struct case_closed *closed)
{
	return closed->route != SK__ROUTE__COMPULSORY &&
	    !case_in_crisis(d->row);
}

/* The uniform offering of the courts (UHA): the route of a separation case
 * that a court opened. */
static bool
is_separation_route(const struct deciding *d, const struct case_closed *closed)
{
	return d->row->court != 0 &&
	    closed->theme == SK__THEME__SEPARATION &&
	    decide_term(d, TERM_BOTH_PARENTS_CONSENT);
}

enum sk_error
consent_route(struct deciding *d, Sk__Route route)
{
	const struct case_closed *closed = decide_closed(d);

	if (route == SK__ROUTE__COMPULSORY || closed == NULL ||
	    !is_separation_route(d, closed))
		return SK_OK;
	for (size_t i = 0; i < closed->persons; i++) {
		uint8_t state = closed->person[i].stated[P(ROUTE)].state;

		if (!decides(closed, i) || state == STATE(GIVEN) ||
		    state == STATE(NOT_NEEDED) ||
		    (state == 0 && closed->person[i].consent))
			continue;
		return refuse(d, closed, i, P(ROUTE),
		    "facts.route_decision.main");
	}
	return SK_OK;
}

static enum sk_error
check_purpose(struct deciding *d, const struct case_closed *closed,
    Sk__ConsentPurpose purpose, bool stated)
{
	for (size_t i = 0; i < closed->persons; i++)
		if (is_against(closed, i, purpose) || (stated &&
		    decides(closed, i) &&
		    closed->person[i].stated[purpose].state == 0))
			return refuse(d, closed, i, purpose, "header.kind");
	return SK_OK;
}

enum sk_error
gate_consent(struct deciding *d)
{
	const struct case_closed *closed = decide_closed(d);
	enum sk_error rc = SK_OK;

	if (closed == NULL || d->row == NULL || !is_voluntary(d, closed))
		return SK_OK;
	/* the next offer on a route that a parent has left since */
	if (d->kind == K(REFERRAL) && is_separation_route(d, closed))
		rc = check_purpose(d, closed, P(ROUTE), false);
	for (size_t i = 0; rc == SK_OK &&
	    i < sizeof(rests) / sizeof(rests[0]); i++)
		if (rests[i].kind == d->kind)
			rc = check_purpose(d, closed, rests[i].purpose,
			    decide_term(d, TERM_CONSENT_STATED) != 0);
	return rc;
}

/* ---- a change */

static bool
touches_help(const Sk__ConsentChangeFacts *change)
{
	for (size_t i = 0; i < change->n_purposes; i++)
		if (change->purposes[i] == P(ROUTE) ||
		    change->purposes[i] == P(PROVIDER))
			return true;
	return false;
}

static bool
names(const Sk__ConsentChangeFacts *change, Sk__ConsentPurpose purpose)
{
	for (size_t i = 0; i < change->n_purposes; i++)
		if (change->purposes[i] == purpose)
			return true;
	return false;
}

/* Is there anyone else, or anything else, that was withdrawn? */
static bool
still_against(const struct case_closed *closed, int person,
    const Sk__ConsentChangeFacts *change)
{
	static const Sk__ConsentPurpose of_help[] = { P(ROUTE), P(PROVIDER) };

	for (size_t i = 0; i < closed->persons; i++)
		for (size_t j = 0; j < 2; j++)
			if (is_against(closed, i, of_help[j]) &&
			    !((int)i == person && names(change, of_help[j])))
				return true;
	return false;
}

static bool
help_runs(const struct case_row *row)
{
	for (size_t i = 0; i < row->handoffs; i++)
		if (handoff_is_live(row->handoff[i].status))
			return true;
	return false;
}

/* What runs goes on until the director has said what becomes of it. */
static enum sk_error
ask_director(struct deciding *d, const struct case_closed *closed)
{
	if (!is_voluntary(d, closed) || !help_runs(d->row))
		return SK_OK;
	if (!decide_has_recipient(d, d->row->director)) {
		d->decision->use_participant = d->row->director;
		return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients",
		    "the director: help runs that rests on it");
	}
	deadline_begin(d, SK__DEADLINE_KIND__CONSENT_DUE, WHOLE_CASE,
	    d->today);
	return SK_OK;
}

enum sk_error
decide_consent_change(struct deciding *d)
{
	const Sk__ConsentChangeFacts *change =
	    d->event->facts->consent_change;
	const struct case_closed *closed = decide_closed(d);
	bool against = change->state == STATE(REFUSED) ||
	    change->state == STATE(WITHDRAWN);
	int person = person_in_case(closed, &change->pseudonym);
	enum sk_error rc;

	if ((rc = decide_date_past(d)) != SK_OK)
		return rc;
	if (person < 0)
		return REFUSE(d, SK_PERSON_NOT_IN_CASE,
		    "facts.consent_change.pseudonym", "a person of this case");
	if (against && touches_help(change) &&
	    decides(closed, (size_t)person) &&
	    (rc = ask_director(d, closed)) != SK_OK)
		return rc;
	for (size_t i = 0; i < change->n_purposes; i++)
		effect_consent(d, change, change->purposes[i]);
	if (!against && !still_against(closed, person, change))
		effect_timer_clear(d, SK__DEADLINE_KIND__CONSENT_DUE,
		    WHOLE_CASE);
	return SK_OK;
}

/* Also after the term, and not instead of the message that stops the help. */
enum sk_error
decide_consent_answer(struct deciding *d)
{
	if (d->event->sender != d->row->director) {
		d->decision->use_participant = d->row->director;
		return REFUSE(d, SK_ROLE_WRONG, "header.kind",
		    "the director of the case");
	}
	effect_timer_clear(d, SK__DEADLINE_KIND__CONSENT_DUE, WHOLE_CASE);
	return SK_OK;
}
