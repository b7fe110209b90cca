/*
 * From the court's hearing back to the court: the team asks, the provider
 * reports, short and with advice, and the team reports to the court (R50).
 */
#include "broker/core/decide.h"

#include <stdio.h>

/* Every provider that is asked must be one whose help runs. */
static enum sk_error
check_asked(struct deciding *d)
{
	const struct header *header = d->event->header;
	const struct case_handoff *handoff;
	const struct member *member;
	char field[96];

	for (size_t i = 0; i < header->recipients; i++) {
		uint64_t participant = header->recipient[i].participant;

		member = decide_member(d, participant);
		if (member->current.role != SK__ROLE__PROVIDER)
			continue;
		handoff = case_handoff_of(d->row, participant, NULL);
		if (handoff != NULL && handoff_helps(handoff->status))
			continue;
		snprintf(field, sizeof(field),
		    "header.recipients[%zu].participant", i);
		return REFUSE(d, SK_RECIPIENT_WRONG, field,
		    "the provider whose help runs");
	}
	return SK_OK;
}

enum sk_error
decide_hearing_report_request(struct deciding *d)
{
	const Sk__HearingReportRequestFacts *request =
	    d->event->facts->hearing_report_request;
	struct envelope_ref self = { d->event->sender, d->event->header->id };
	Sk__Effects *open = d->decision->open;
	char text[CIVIL_DATE_TEXT_MAX];
	enum sk_error rc;

	if ((rc = check_asked(d)) != SK_OK)
		return rc;
	if (d->row->hearing_date == 0)
		return REFUSE(d, SK_HEARING_MISSING, "header.kind",
		    "a HEARING_NOTICE by the court first");
	if (request->due_date > d->row->hearing_date ||
	    request->due_date < d->today) {
		civil_date_text(d->row->hearing_date, text);
		return REFUSE(d, SK_DATE_INVALID,
		    "facts.hearing_report_request.due_date",
		    "from today to the hearing of %s", text);
	}
	open->report_request = effect_ref(d, &self);
	open->has_report_due_date = 1;
	open->report_due_date = request->due_date;
	/* asked anew: what was reported before does not answer this */
	open->has_reported_date = 1;
	open->reported_date = 0;
	return SK_OK;
}

/* Short enough to be read before a hearing. */
static enum sk_error
check_length(struct deciding *d)
{
	const Sk__Facts *facts = d->event->facts;
	uint32_t characters_max = decide_term(d, TERM_REPORT_CHARACTERS_MAX);
	uint64_t characters = 0;

	for (size_t i = 0; i < facts->n_sections; i++)
		characters += facts->sections[i]->characters;
	if (characters > characters_max)
		return REFUSE(d, SK_CONTENT_TOO_LONG, "facts.sections",
		    "at most %u characters in all", characters_max);
	return SK_OK;
}

static enum sk_error
check_advised(struct deciding *d, const char *offering, const char *field)
{
	const Sk__Policy *policy = d->view->policy;

	if (offering == NULL || policy == NULL || policy->n_offerings == 0 ||
	    policy_offering(policy, offering) != NULL)
		return SK_OK;
	return REFUSE(d, SK_OFFERING_UNKNOWN, field,
	    "an offering of the region's catalogue");
}

enum sk_error
decide_hearing_report(struct deciding *d)
{
	const Sk__HearingReportFacts *report = d->event->facts->hearing_report;
	Sk__Effects *open = d->decision->open;
	const struct case_handoff *handoff;
	unsigned index;
	enum sk_error rc;

	/* that it was asked of this provider is its reply-to: replies.c */
	if ((rc = decide_handoff(d, &handoff, &index)) != SK_OK ||
	    (rc = check_length(d)) != SK_OK ||
	    (rc = check_advised(d, report->offering,
	    "facts.hearing_report.offering")) != SK_OK ||
	    (rc = decide_goals_known(d, report->goals, report->n_goals,
	    "facts.hearing_report.goals")) != SK_OK)
		return rc;
	open->has_reported_date = 1;
	open->reported_date = d->today;
	effect_timer_clear(d, SK__DEADLINE_KIND__HEARING_REPORT_DUE, 0);
	deadline_begin(d, SK__DEADLINE_KIND__COURT_REPORT_DUE, 0, d->today);
	effect_goal_states(d, report->goals, report->n_goals);
	return SK_OK;
}

enum sk_error
decide_court_report(struct deciding *d)
{
	const Sk__CourtReportFacts *report = d->event->facts->court_report;
	Sk__Effects *open = d->decision->open;
	enum sk_error rc;

	if ((rc = check_length(d)) != SK_OK ||
	    (rc = check_advised(d, report->offering,
	    "facts.court_report.offering")) != SK_OK ||
	    (rc = decide_goals_known(d, report->goals, report->n_goals,
	    "facts.court_report.goals")) != SK_OK)
		return rc;
	open->has_court_reported_date = 1;
	open->court_reported_date = d->today;
	effect_timer_clear(d, SK__DEADLINE_KIND__COURT_REPORT_DUE, 0);
	return SK_OK;
}
