#include "broker/core/decide.h"

#include <string.h>

#define K(name) SK__KIND__##name

struct step {
	enum sk_error (*decide)(struct deciding *d);
	size_t facts;		/* offset of what it reads; 0: nothing */
	const char *field;
};
#define READS(member) offsetof(Sk__Facts, member), "facts." #member

static const struct step steps[] = {
/* clang-format off: the columns are the point */
	[K(COURT_ORDER)]            = { decide_court_order,            READS(court_order) },
	[K(TRIAGE)]                 = { decide_triage,                 READS(triage) },
	[K(ANALYSIS)]               = { decide_analysis,               READS(analysis) },
	[K(ROUTE_DECISION)]         = { decide_route_decision,         READS(route_decision) },
	[K(FAMILY_PLAN)]            = { decide_family_plan,            READS(family_plan) },
	[K(REFERRAL)]               = { decide_referral,               READS(referral) },
	[K(RECEIPT_OF)]             = { decide_receipt_of,             0, NULL },
	[K(ACCEPT)]                 = { decide_accept,                 READS(accept) },
	[K(DECLINE)]                = { decide_decline,                READS(decline) },
	[K(WAIT_PLACE)]             = { decide_wait_place,             READS(wait_place) },
	[K(START)]                  = { decide_start,                  READS(start) },
	[K(PROGRESS_REPORT)]        = { decide_progress_report,        READS(progress_report) },
	[K(HEARING_NOTICE)]         = { decide_hearing_notice,         READS(hearing_notice) },
	[K(HEARING_REPORT_REQUEST)] = { decide_hearing_report_request, READS(hearing_report_request) },
	[K(HEARING_REPORT)]         = { decide_hearing_report,         READS(hearing_report) },
	[K(COURT_REPORT)]           = { decide_court_report,           READS(court_report) },
	[K(STOP)]                   = { decide_stop,                   READS(stop) },
	[K(CLOSE)]                  = { decide_close,                  0, NULL },
	[K(OPENED)]                 = { decide_opened,                 0, NULL },
	[K(CONTENT_MISMATCH_FOUND)] = { decide_content_mismatch,       0, NULL },
	[K(ACCESS_REQUEST)]         = { decide_entry,                  READS(access_request) },
	[K(SIGNAL)]                 = { decide_entry,                  READS(signal) },
	[K(NOT_MINE)]               = { decide_not_mine,               READS(not_mine) },
	[K(TRANSFER_TAKEN)]         = { decide_transfer_taken,         0, NULL },
	[K(WITHDRAW)]               = { decide_withdraw,               0, NULL },
	[K(PAUSE)]                  = { decide_pause,                  READS(pause) },
	[K(RESUME)]                 = { decide_resume,                 0, NULL },
	[K(CHANGE_REQUEST)]         = { decide_change_request,         READS(change_request) },
	[K(CHANGE_ANSWER)]          = { decide_change_answer,          READS(change_answer) },
	[K(INVESTIGATE)]            = { decide_investigate,            READS(investigate) },
	[K(REQUEST_ASSIGNMENT)]     = { decide_entry,                  READS(request_assignment) },
	[K(CONSULT)]                = { decide_consult,                0, NULL },
	[K(CONSULT_ANSWER)]         = { decide_consult_answer,         0, NULL },
	[K(INVOLVEMENT_NOTICE)]     = { decide_involvement_notice,     READS(involvement_notice) },
	[K(DIRECTOR_CHANGE)]        = { decide_director_change,        READS(director_change) },
	[K(DIRECTOR_ACCEPT)]        = { decide_director_accept,        READS(director_accept) },
	[K(STUCK)]                  = { decide_stuck,                  0, NULL },
	[K(RET_REQUEST)]            = { decide_ret_request,            0, NULL },
	[K(RET_ADVICE)]             = { decide_ret_advice,             READS(ret_advice) },
	[K(BOEG_REQUEST)]           = { decide_boeg_request,           READS(boeg_request) },
	[K(BOEG_ADVICE)]            = { decide_boeg_advice,            READS(boeg_advice) },
	[K(LESSON)]                 = { decide_lesson,                 0, NULL },
	[K(STORY)]                  = { decide_recorded,               0, NULL },
	[K(FEEDBACK)]               = { decide_recorded,               0, NULL },
	[K(CORRECTION)]             = { decide_correction,             READS(correction) },
	[K(VOID)]                   = { decide_void,                   0, NULL },
	[K(LINK_PERSON)]            = { decide_link_person,            READS(link_person) },
	[K(UNMET_NEED)]             = { decide_recorded,               0, NULL },
	[K(CRISIS_ALERT)]           = { decide_crisis_alert,           0, NULL },
	[K(CRISIS_TAKEN)]           = { decide_crisis_taken,           0, NULL },
	[K(CRISIS_REVIEW)]          = { decide_crisis_review,          READS(crisis_review) },
	[K(CONTACT_ATTEMPT)]        = { decide_contact_attempt,        READS(contact_attempt) },
	[K(ERASURE_REQUEST)]        = { decide_erasure_request,        READS(erasure_request) },
	[K(ERASURE_ANSWER)]         = { decide_erasure_answer,         READS(erasure_answer) },
	[K(ERASURE_DONE)]           = { decide_erasure_done,           READS(erasure_done) },
	[K(AUDIT_LOOK)]             = { decide_audit_look,             READS(audit_look) },
	[K(CASE_CONFERENCE)]        = { decide_case_conference,        0, NULL },
	[K(INFORMATION_REQUEST)]    = { decide_information_request,    READS(information_request) },
	[K(INFORMATION_ANSWER)]     = { decide_information_answer,     0, NULL },
	[K(WAITING_QUERY)]          = { decide_waiting_query,          READS(waiting_query) },
	[K(CATALOGUE_QUERY)]        = { decide_catalogue_query,        READS(catalogue_query) },
	[K(OFFERING_PROPOSAL)]      = { decide_offering_proposal,      READS(offering_proposal) },
	[K(OFFERING_DECISION)]      = { decide_offering_decision,      READS(offering_decision) },
	[K(CAPACITY_UPDATE)]        = { decide_capacity_update,        READS(capacity_update) },
	[K(SIDE_TAKEN)]             = { decide_side_taken,             READS(side_taken) },
	[K(PERSON_CHANGE)]          = { decide_person_change,          READS(person_change) },
	[K(CONSENT_CHANGE)]         = { decide_consent_change,         READS(consent_change) },
	[K(EXTRACT_MADE)]           = { decide_extract_made,           READS(extract_made) },
	[K(RESEAL)]                 = { decide_reseal,                 READS(reseal) },
	[K(CONSENT_ANSWER)]         = { decide_consent_answer,         READS(consent_answer) },
	[K(ASSIGNED)]               = { decide_recorded,               READS(assigned) },
	[K(NOTIFIED)]               = { decide_recorded,               READS(notified) },
	[K(ORDER_EXTENDED)]         = { decide_order_extended,         READS(order_extended) },
	[K(ORDER_WITHDRAWN)]        = { decide_order_withdrawn,        0, NULL },
/* clang-format on */
};

uint32_t
decide_term(const struct deciding *d, enum term term)
{
	return policy_term(d->view->policy, d->municipality, term);
}

const struct member *
decide_member(const struct deciding *d, uint64_t participant)
{
	const struct member *member = d->view->member(d->view->context,
	    participant);

	return member != NULL && member_is_current(member, d->today) ? member :
	    NULL;
}

const struct case_closed *
decide_closed(const struct deciding *d)
{
	return d->view->closed;
}

int32_t
decide_date(const struct deciding *d)
{
	const struct header *header = d->event->header;

	return header->has_event_date ? header->event_date : d->today;
}

enum sk_error
decide_date_past(struct deciding *d)
{
	char today[CIVIL_DATE_TEXT_MAX];

	if (decide_date(d) <= d->today)
		return SK_OK;
	civil_date_text(d->today, today);
	return REFUSE(d, SK_DATE_INVALID, "header.event_date",
	    "not later than %s", today);
}

static bool
is_opening(const struct deciding *d)
{
	return d->event->header->info->opens_case;
}

/* Takes part now; for what follows a message also when it has left since. */
static bool
sender_takes_part(const struct deciding *d)
{
	if (d->row == NULL)
		return false;
	/* who left holds a copy, and says what became of it */
	if (d->kind == K(ERASURE_DONE))
		return decide_is_listed(d, d->event->sender);
	return case_has_participant(d->row, d->event->sender);
}

static bool
is_about_erasure(Sk__Kind kind)
{
	return kind == K(ERASURE_REQUEST) || kind == K(ERASURE_ANSWER) ||
	    kind == K(ERASURE_DONE);
}

static bool
follows_a_message(Sk__Kind kind)
{
	return kind == K(RECEIPT_OF) || kind_is_own_record(kind) ||
	    kind == K(CONTENT_MISMATCH_FOUND);
}

/* What is learned and put right may come after the end. */
static bool
may_follow_the_end(Sk__Kind kind)
{
	return follows_a_message(kind) || is_about_erasure(kind) ||
	    kind == K(LESSON) ||
	    kind == K(STORY) || kind == K(FEEDBACK) || kind == K(CORRECTION) ||
	    kind == K(EXTRACT_MADE);
}

/* What another team than the owner says while it takes part: of itself only. */
static bool
is_for_any_team(Sk__Kind kind)
{
	return may_follow_the_end(kind) || kind == K(TRANSFER_TAKEN) ||
	    kind == K(CONSULT_ANSWER) || kind == K(DIRECTOR_ACCEPT) ||
	    kind == K(CONSENT_ANSWER) || kind == K(RESEAL) ||
	    kind == K(CRISIS_ALERT) || kind == K(CRISIS_TAKEN);
}

/* What goes on also where no one directs. */
static bool
needs_no_director(Sk__Kind kind)
{
	return is_for_any_team(kind) || kind == K(DIRECTOR_CHANGE) ||
	    kind == K(CRISIS_REVIEW) || kind == K(PERSON_CHANGE) ||
	    kind == K(CONSENT_CHANGE);
}

/* The sender and the message by themselves. */
static enum sk_error
check_sender(struct deciding *d)
{
	const struct member *sender = decide_member(d, d->event->sender);
	const struct step *step;
	const void *facts;

	if (sender == NULL)
		return REFUSE(d, SK_SENDER_REVOKED, "header",
		    "a sender whose enrolment is valid today");
	d->role = sender->current.role;
	if (d->kind < 1 || d->kind >= sizeof(steps) / sizeof(steps[0]) ||
	    steps[d->kind].decide == NULL)
		return REFUSE(d, SK_KIND_UNKNOWN, "header.kind", NULL);
	step = &steps[d->kind];
	if (step->facts == 0)
		return SK_OK;
	facts = NULL;
	if (d->event->facts != NULL)
		memcpy(&facts, (const char *)d->event->facts + step->facts,
		    sizeof(facts));
	if (facts == NULL)
		return REFUSE(d, SK_FIELD_MISSING, step->field, NULL);
	return SK_OK;
}

/*
 * Who owns the case: the team of the child's municipality, from the opening
 * on. 0 when there is none, which the opening refuses.
 */
static void
find_owner(struct deciding *d)
{
	if (d->row != NULL) {
		d->owner = d->row->owner;
		d->municipality = d->row->municipality;
	} else if (is_opening(d)) {
		d->municipality = policy_municipality(entry_municipality(d));
		d->owner = decide_team(d, d->municipality);
	}
}

/*
 * A court that goes straight to a provider is told which team to use, before
 * anything else is said about its message.
 */
static enum sk_error
check_shortcut(struct deciding *d)
{
	const char *field;

	if (d->role != SK__ROLE__COURT)
		return SK_OK;
	if (d->kind == K(REFERRAL)) {
		field = "header.kind";
		if (!sender_takes_part(d))
			d->owner = 0;	/* not for strangers to the case */
	} else if (d->kind == K(COURT_ORDER) &&
	    decide_recipient_provider(d) != 0 &&
	    !decide_term(d, TERM_COURT_REFERS_DIRECT)) {
		field = "header.recipients";
	} else {
		return SK_OK;
	}
	d->decision->use_participant = d->owner;
	return REFUSE(d, SK_ROUTE_VIA_ACCESS, field,
	    "a COURT_ORDER to the access team, which refers");
}

/* A team that gave the case away still has what the new one needs. */
static bool
hands_on(const struct deciding *d)
{
	const struct replied *replied = &d->view->replied;

	if (d->kind != K(RESEAL) || d->role != SK__ROLE__ACCESS ||
	    !replied->known || (!replied->sent_to_me &&
	    replied->sender != d->event->sender))
		return false;
	for (size_t i = 0; i < d->row->participants; i++)
		if (d->row->participant[i].participant == d->event->sender)
			return true;
	return false;
}

static enum sk_error
check_closed(struct deciding *d)
{
	/* what says nothing of the child may follow also this */
	if (d->row->erased != 0 && d->kind != K(ERASURE_DONE) &&
	    d->kind != K(RECEIPT_OF) && d->kind != K(OPENED))
		return REFUSE(d, SK_ERASED, "header.case_ref", NULL);
	if (case_is_closed(d->row) && !may_follow_the_end(d->kind))
		return REFUSE(d, SK_CASE_CLOSED, "header.case_ref",
		    "state %s", case_state_name(d->row->state));
	return SK_OK;
}

/* Names what has to come first, where that is one thing. */
static enum sk_error
check_state(struct deciding *d)
{
	Sk__CaseState state = d->row->state;

	d->rule = rules_transition(state, d->kind, d->role);
	if (d->rule != NULL)
		return SK_OK;
	if (d->kind == K(REFERRAL) && state == SK__CASE_STATE__CASE_NEW)
		return REFUSE(d, SK_TRIAGE_MISSING, "header.kind",
		    "a TRIAGE with every life domain first");
	if (d->kind == K(REFERRAL) && state < SK__CASE_STATE__CASE_ROUTED)
		return REFUSE(d, SK_ROUTE_MISSING, "header.kind",
		    "a ROUTE_DECISION to youth help first");
	return REFUSE(d, SK_STATE_WRONG, "header.kind",
	    "not in state %s", case_state_name(state));
}

/* A team that the case is offered to waits until it has taken it. */
static enum sk_error
check_owner(struct deciding *d)
{
	if (d->role != SK__ROLE__ACCESS || d->event->sender == d->owner ||
	    (is_for_any_team(d->kind) && d->kind != K(ERASURE_ANSWER)))
		return SK_OK;
	d->decision->use_participant = d->owner;
	return REFUSE(d, SK_TEAM_WRONG, "header.kind",
	    "the team that owns the case, or a TRANSFER_TAKEN first");
}

/* The order is fixed: the most useful refusal comes first. */
static enum sk_error
check_case(struct deciding *d)
{
	enum sk_error rc;

	if (d->row == NULL)
		return REFUSE(d, SK_CASE_UNKNOWN, "header.case_ref", NULL);
	if (!sender_takes_part(d) && !(follows_a_message(d->kind) &&
	    d->view->replied.known && d->view->replied.sent_to_me) &&
	    !hands_on(d))
		return REFUSE(d, SK_NOT_A_PARTICIPANT, "header.case_ref", NULL);
	if ((rc = check_closed(d)) != SK_OK ||
	    (rc = check_state(d)) != SK_OK ||
	    (rc = check_owner(d)) != SK_OK ||
	    (rc = decide_reply(d)) != SK_OK ||
	    (rc = decide_recipients(d)) != SK_OK)
		return rc;
	return needs_no_director(d->kind) ? SK_OK : decide_directed(d);
}

/* About a child: its case, and what its parents are owed. An opening names
 * itself as the case and has gates of its own. */
static enum sk_error
check_family(struct deciding *d)
{
	enum sk_error rc = is_opening(d) ? SK_OK : check_case(d);

	if (rc != SK_OK || (rc = gate_sections(d)) != SK_OK ||
	    (rc = gate_consent(d)) != SK_OK)
		return rc;
	return gate_informed(d);
}

/* About no case: only who may say it to whom. */
static enum sk_error
check_no_case(struct deciding *d)
{
	d->rule = rules_transition(SK__CASE_STATE__CASE_NEW, d->kind, d->role);
	return decide_recipients(d);
}

static enum sk_error
decide_envelope(struct deciding *d)
{
	enum sk_error rc;

	d->kind = d->event->header->info->kind;
	if ((rc = check_sender(d)) != SK_OK)
		return rc;
	find_owner(d);
	if ((rc = check_shortcut(d)) != SK_OK)
		return rc;
	if (!rules_role_may(d->kind, d->role))
		return REFUSE(d, SK_ROLE_WRONG, "header.kind",
		    "not for role %s", role_name(d->role));
	if ((rc = gate_overrides_allowed(d)) != SK_OK)
		return rc;
	rc = kind_has_no_case(d->event->header->info) ? check_no_case(d) :
	    check_family(d);
	if (rc != SK_OK)
		return rc;
	if ((rc = steps[d->kind].decide(d)) != SK_OK)
		return rc;
	effect_post_recipients(d);
	return SK_OK;
}

void
decide(const struct view *view, const struct event *event,
    struct arena *arena, struct decision *decision)
{
	struct deciding d = {
		.view = view,
		.event = event,
		.row = view->row,
		.arena = arena,
		.decision = decision,
		.family = view->family_number,
		.child = view->child_number,
		.today = civil_date_at(event->instant),
	};
	enum sk_error rc;

	memset(decision, 0, sizeof(*decision));
	if (!effects_begin(&d))
		rc = SK_NO_MEMORY;
	else if (event->kind == SK__EVENT_KIND__DEADLINE_EVENT)
		rc = decide_deadline(&d);
	else if (event->kind == SK__EVENT_KIND__MERGER_EVENT)
		rc = decide_merger(&d);
	else if (event->kind == SK__EVENT_KIND__ERASE_EVENT)
		rc = decide_erase(&d);
	else if (event->kind == SK__EVENT_KIND__ENVELOPE_EVENT &&
	    event->header != NULL && event->header->info != NULL)
		rc = decide_envelope(&d);
	else
		rc = REFUSE(&d, SK_KIND_UNKNOWN, "header.kind", NULL);
	if (rc == SK_OK && d.spent)
		rc = SK_NO_MEMORY;
	if (rc == SK_NO_MEMORY)
		fault_set(&decision->refusal, rc, "", "a larger arena");
	if (rc != SK_OK) {
		decision->open = NULL;
		decision->closed = NULL;
		decision->answer = NULL;
		decision->waiting = NULL;
	}
}
