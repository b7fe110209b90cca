/*
 * Terms: when they end, and what their end does.
 *
 * Calendar days for the order (R49), working days for all else; a warning
 * fires at the start of its day, a breach after its end. Instants are computed
 * once and stored, so that a new policy moves no term that runs.
 */
#include "broker/core/decide.h"

#define D(name) SK__DEADLINE_KIND__##name
#define H(name) SK__HANDOFF_STATUS__##name
#define WHOLE_CASE 0u
#define HOUR_MS INT64_C(3600000)

static int32_t
workdays(const struct deciding *d, int32_t date, int n)
{
	struct civil_holidays holidays = policy_holidays(d->view->policy,
	    d->municipality);

	return civil_add_workdays(date, n, &holidays);
}

/* clang-format off: the columns are the point */
static const struct deadline_rule deadlines[] = {
	{ D(ORDER_START),         DAYS_AFTER,      TERM_ORDER_WARNING_DAYS,              TERM_ORDER_BREACH_DAYS,            "the date of the order",                "director; at the end the team, and the court that set a hearing" },
	{ D(TRIAGE_DUE),          WORKDAYS_AFTER,  TERMS,                                TERM_TRIAGE_DUE_WORKDAYS,          "the opening",                          "team" },
	{ D(ANSWER_DUE),          WORKDAYS_AFTER,  TERM_ANSWER_REMINDER_WORKDAYS,        TERM_ANSWER_EXPIRES_WORKDAYS,      "the referral",                         "provider; at the end the team, and the offer lapses" },
	{ D(RECEIPT_DUE),         WORKDAYS_AFTER,  TERM_RECEIPT_REMINDER_WORKDAYS,       TERM_RECEIPT_DUE_WORKDAYS,         "the opening, the referral",            "who is to confirm it; at the end who sent it" },
	{ D(HEARING_REPORT_DUE),  WORKDAYS_BEFORE, TERM_HEARING_REPORT_WARNING_WORKDAYS, TERM_HEARING_REPORT_LEAD_WORKDAYS, "the hearing",                          "director, providers that help" },
	{ D(COURT_REPORT_DUE),    WORKDAYS_AFTER,  TERMS,                                TERM_COURT_REPORT_WORKDAYS,        "the hearing report",                   "team" },
	{ D(ANALYSIS_DUE),        DAYS_AFTER,      TERMS,                                TERM_CRISIS_ANALYSIS_DAYS,         "the crisis that went first",           "team" },
	{ D(CRISIS_ANSWER_DUE),   HOURS_AFTER,     TERMS,                                TERM_CRISIS_ANSWER_HOURS,          "the alert",                            "team, director, who owes a receipt" },
	{ D(CRISIS_OWNER_DUE),    HOURS_AFTER,     TERMS,                                TERM_CRISIS_OWNER_HOURS,           "the alert",                            "all who take part" },
	{ D(CRISIS_REVIEW_DUE),   DAYS_AFTER,      TERMS,                                TERM_CRISIS_REVIEW_DAYS,           "the alert, the review before",         "team, who took the crisis" },
	{ D(RELOOK_DUE),          DAYS_AFTER,      TERMS,                                TERM_RELOOK_DAYS,                  "the waiting place, the look before",   "team, provider" },
	{ D(STUCK_DUE),           WORKDAYS_AFTER,  TERM_STUCK_REMINDER_WORKDAYS,         TERM_STUCK_PROPOSAL_WORKDAYS,      "the day it got stuck",                 "team; at the end with the proposal to call the expert team" },
	{ D(RET_ADVICE_DUE),      WORKDAYS_AFTER,  TERMS,                                TERM_RET_ADVICE_WORKDAYS,          "the request",                          "team, expert team" },
	{ D(BOEG_ADVICE_DUE),     WORKDAYS_AFTER,  TERMS,                                TERM_BOEG_ADVICE_WORKDAYS,         "the request",                          "team, expert team, expertise network" },
	{ D(TRANSFER_DUE),        WORKDAYS_AFTER,  TERMS,                                TERM_TRANSFER_WORKDAYS,            "the message NOT_MINE",                 "both teams" },
	{ D(DIRECTOR_DUE),        WORKDAYS_AFTER,  TERMS,                                TERM_DIRECTOR_WORKDAYS,            "the proposal",                         "team, proposed director" },
	{ D(CHANGE_ANSWER_DUE),   WORKDAYS_AFTER,  TERMS,                                TERM_CHANGE_ANSWER_WORKDAYS,       "the request",                          "team" },
	{ D(CONSULT_DUE),         WORKDAYS_AFTER,  TERMS,                                TERM_CONSULT_WORKDAYS,             "the question",                         "team" },
	{ D(INVOLVEMENT_DUE),     WORKDAYS_AFTER,  TERMS,                                TERM_INVOLVEMENT_WORKDAYS,         "start, end, notice",                   "team, director, who owes a receipt" },
	{ D(ERASURE_ANSWER_DUE),  MONTHS_AFTER,    TERMS,                                TERM_ERASURE_ANSWER_MONTHS,        "the day of the request to erase",      "team" },
	{ D(RETENTION_DUE),       DAYS_AFTER,      TERMS,                                TERM_RETENTION_DAYS,               "the closing of the case",              "nobody: what the broker keeps goes" },
	{ D(ASSIGNMENT_DUE),      WORKDAYS_AFTER,  TERMS,                                TERM_CHANGE_ANSWER_WORKDAYS,       "the request",                          "team" },
	{ D(REVIEW_DUE),          PERCENT_OF_HELP, TERM_REVIEW_FIRST_PERCENT,            TERM_REVIEW_LAST_PERCENT,          "the start, until the planned end",     "team, director, provider" },
	{ D(FAMILY_WARNING),      HOURS_AFTER,     TERMS,                                TERMS,                             "the start, at once",                   "team, director" },
	{ D(CONSENT_DUE),         WORKDAYS_AFTER,  TERM_CONSENT_REMINDER_WORKDAYS,       TERM_CONSENT_ANSWER_WORKDAYS,      "the withdrawal",                       "director; at the end the team too" },
	{ D(INFORMATION_DUE),     WORKDAYS_AFTER,  TERM_INFORMATION_REMINDER_WORKDAYS,   TERM_INFORMATION_ANSWER_WORKDAYS,  "the question",                         "who holds it; at the end who asked, the team and the director" },
	{ D(BIRTH_DUE),           DAYS_AFTER,      TERMS,                                TERM_BIRTH_DAYS,                   "the day on which a child is expected", "team, director" },
};
/* clang-format on */

#define DEADLINES (sizeof(deadlines) / sizeof(deadlines[0]))

const struct deadline_rule *
rules_deadlines(size_t *n)
{
	*n = DEADLINES;
	return deadlines;
}

const struct deadline_rule *
rules_deadline(Sk__DeadlineKind kind)
{
	for (size_t i = 0; i < DEADLINES; i++)
		if (deadlines[i].kind == kind)
			return &deadlines[i];
	return NULL;
}

static int64_t
warning_at(const struct deciding *d, const struct deadline_rule *rule,
    int32_t from)
{
	int n;

	if (rule->warn == TERMS)
		return 0;
	n = (int)decide_term(d, rule->warn);
	switch (rule->unit) {
	case DAYS_AFTER:
		return civil_day_start(from + n);
	case WORKDAYS_AFTER:	/* once all its working days have passed */
		return civil_day_start(workdays(d, from, n + 1));
	case WORKDAYS_BEFORE:	/* so much earlier than what it warns of */
		return civil_day_start(workdays(d, from,
		    -n - (int)decide_term(d, rule->breach)));
	default:
		return d->event->instant + n * HOUR_MS;
	}
}

static int64_t
breach_at(const struct deciding *d, const struct deadline_rule *rule,
    int32_t from)
{
	int n = (int)decide_term(d, rule->breach);

	switch (rule->unit) {
	case DAYS_AFTER:
		return civil_day_end(from + n);
	case WORKDAYS_AFTER:
		return civil_day_end(workdays(d, from, n));
	case WORKDAYS_BEFORE:
		return civil_day_end(workdays(d, from, -n));
	case MONTHS_AFTER:
		return civil_day_end(civil_add_months(from, n));
	default:
		return d->event->instant + n * HOUR_MS;
	}
}

void
deadline_begin(struct deciding *d, Sk__DeadlineKind kind, unsigned handoff,
    int32_t from)
{
	const struct deadline_rule *rule = rules_deadline(kind);
	int64_t warn = warning_at(d, rule, from);
	int64_t breach = breach_at(d, rule, from);

	/* a region's term may be shorter than the reminder of another's */
	effect_timer(d, kind, handoff, warn < breach ? warn : 0, breach);
}

/* Long before a term can be counted: what an erased or odd row may hold. */
#define HELP_DAYS_MAX 3660

void
deadline_set_review(struct deciding *d, unsigned handoff, int32_t start,
    int32_t end)
{
	int64_t days = (int64_t)end - start;
	const int64_t first = decide_term(d, TERM_REVIEW_FIRST_PERCENT);
	const int64_t last = decide_term(d, TERM_REVIEW_LAST_PERCENT);

	if (days < 0)
		days = 0;
	if (days > HELP_DAYS_MAX)
		days = HELP_DAYS_MAX;
	effect_timer(d, D(REVIEW_DUE), handoff,
	    civil_day_start(start + (int32_t)(days * first / 100)),
	    civil_day_end(start + (int32_t)(days * last / 100)));
}

void
deadline_set_order(struct deciding *d, int32_t order_date)
{
	deadline_begin(d, D(ORDER_START), WHOLE_CASE, order_date);
	deadline_begin(d, D(TRIAGE_DUE), WHOLE_CASE, d->today);
	deadline_begin(d, D(RECEIPT_DUE), WHOLE_CASE, d->today);
}

void
deadline_set_referral(struct deciding *d, unsigned index)
{
	deadline_begin(d, D(RECEIPT_DUE), index, d->today);
	deadline_begin(d, D(ANSWER_DUE), index, d->today);
}

/* ---- a term ends */

static const struct case_handoff *
handoff_at(const struct deciding *d)
{
	unsigned index = d->event->handoff;

	if (d->event->deadline == D(INFORMATION_DUE))
		return NULL;	/* the slot of a question */
	return index >= 1 && index <= d->row->handoffs ?
	    &d->row->handoff[index - 1] : NULL;
}

static uint64_t
helper(const struct deciding *d)
{
	for (size_t i = 0; i < d->row->handoffs; i++)
		if (handoff_helps(d->row->handoff[i].status))
			return d->row->handoff[i].provider;
	return 0;
}

/* Who let it pass. */
static uint64_t
late_participant(struct deciding *d)
{
	const struct case_handoff *handoff = handoff_at(d);

	if (d->event->deadline == D(FAMILY_WARNING))
		return family_warned_of(d);
	if (d->event->deadline == D(INFORMATION_DUE))
		return information_holder(d);
	if (handoff != NULL)
		return handoff->provider;
	if (d->event->deadline == D(HEARING_REPORT_DUE) && helper(d) != 0)
		return helper(d);
	return d->row->owner;
}

static const struct envelope_ref *
about(const struct deciding *d)
{
	const struct case_handoff *handoff = handoff_at(d);

	if (handoff != NULL)
		return &handoff->referral;
	if (d->event->deadline == D(INFORMATION_DUE))
		return &d->row->question[information_slot(d) - 1].request;
	if (d->event->deadline == D(HEARING_REPORT_DUE) &&
	    !ref_is_none(&d->row->report_request))
		return &d->row->report_request;
	return &d->row->ref;
}

static void
tell_role(struct deciding *d, Sk__Role role)
{
	for (size_t i = 0; i < d->row->participants; i++)
		if (d->row->participant[i].role == role &&
		    !d->row->participant[i].left)
			effect_post(d, d->row->participant[i].participant);
}

static void
tell_owing(struct deciding *d, unsigned owed)
{
	for (size_t i = 0; i < d->row->participants; i++)
		if ((d->row->participant[i].owes & owed) != 0 &&
		    !d->row->participant[i].left)
			effect_post(d, d->row->participant[i].participant);
}

/* All who take part and were not turned away. */
static void
tell_all(struct deciding *d)
{
	for (size_t i = 0; i < d->row->participants; i++)
		if (!d->row->participant[i].left && !handoff_came_to_nothing(
		    d->row, d->row->participant[i].participant))
			effect_post(d, d->row->participant[i].participant);
}

/* The team always, and who can do something about it. */
static void
tell_more(struct deciding *d)
{
	effect_post(d, d->row->owner);
	switch (d->event->deadline) {
	case D(CRISIS_ANSWER_DUE):
		effect_post(d, d->row->director);
		tell_owing(d, OWES_CRISIS);
		break;
	case D(CRISIS_OWNER_DUE):	/* it stays open for all (R59) */
		tell_all(d);
		break;
	case D(CRISIS_REVIEW_DUE):
		if (case_has_participant(d->row, d->row->crisis_owner))
			effect_post(d, d->row->crisis_owner);
		break;
	case D(FAMILY_WARNING):
		effect_post(d, d->row->director);
		break;
	case D(INVOLVEMENT_DUE):
		effect_post(d, d->row->director);
		tell_owing(d, OWES_INVOLVEMENT);
		break;
	case D(RELOOK_DUE):
		effect_post(d, late_participant(d));
		break;
	case D(REVIEW_DUE):
		effect_post(d, d->row->director);
		effect_post(d, late_participant(d));
		break;
	case D(RET_ADVICE_DUE):
		tell_role(d, SK__ROLE__RET);
		break;
	case D(BOEG_ADVICE_DUE):
		tell_role(d, SK__ROLE__RET);
		tell_role(d, SK__ROLE__BOEG);
		break;
	case D(TRANSFER_DUE):
		effect_post(d, d->row->transfer_to);
		break;
	case D(DIRECTOR_DUE):
		effect_post(d, d->row->director_proposed);
		break;
	case D(CONSENT_DUE):
	case D(BIRTH_DUE):
		effect_post(d, d->row->director);
		break;
	default:	/* TRIAGE_DUE, COURT_REPORT_DUE, ANALYSIS_DUE, ... */
		break;
	}
}

static void
tell(struct deciding *d)
{
	const struct case_handoff *handoff = handoff_at(d);
	bool breach = d->event->breach;

	switch (d->event->deadline) {
	case D(ORDER_START):
		effect_post(d, d->row->director);
		if (breach)
			effect_post(d, d->row->owner);
		if (breach && d->row->hearing_date != 0)
			effect_post(d, d->row->court);
		break;
	case D(RECEIPT_DUE):	/* its sender should know that nobody has it */
		if (!breach)
			effect_post(d, late_participant(d));
		else
			effect_post(d, handoff == NULL &&
			    case_has_participant(d->row,
			    d->row->ref.participant) ?
			    d->row->ref.participant : d->row->owner);
		break;
	case D(ANSWER_DUE):
		if (breach)
			effect_post(d, d->row->owner);
		effect_post(d, late_participant(d));
		break;
	case D(HEARING_REPORT_DUE):
		effect_post(d, d->row->director);
		for (size_t i = 0; i < d->row->handoffs; i++)
			if (handoff_helps(d->row->handoff[i].status))
				effect_post(d, d->row->handoff[i].provider);
		break;
	case D(INFORMATION_DUE):
		information_tell(d);
		break;
	default:
		tell_more(d);
		break;
	}
}

static Sk__Notice *
notice(struct deciding *d, Sk__NoticeKind kind, int64_t due, bool late,
    const struct envelope_ref *of, uint64_t participant)
{
	Sk__Notice *n = arena_new(d->arena, Sk__Notice, sk__notice__init);

	if (n == NULL) {
		d->spent = true;
		return NULL;
	}
	n->has_kind = n->has_deadline = n->has_due = n->has_late = 1;
	n->kind = kind;
	n->deadline = d->event->deadline;
	n->due = due;
	n->late = late;
	n->about = effect_ref(d, of);
	n->has_participant = participant != 0;
	n->participant = participant;
	return n;
}

/* Each fires once: a warning is struck out, a breach ends the term. */
static void
strike_out(struct deciding *d, const struct case_timer *timer)
{
	Sk__TimerChange change = SK__TIMER_CHANGE__INIT;

	change.has_kind = change.has_handoff = 1;
	change.kind = timer->kind;
	change.handoff = timer->handoff;
	if (d->event->breach || timer->breach == 0) {
		change.has_cleared = change.cleared = 1;
	} else {
		change.has_warn = change.has_breach = change.has_late = 1;
		change.breach = timer->breach;
		change.late = timer->late;
	}
	effect_timer_change(d, &change);
}

/* An offer that is not answered goes back to the team, which offers on. */
static void
lapse(struct deciding *d)
{
	effect_state(d, handoff_settle(d->row, d->event->handoff,
	    H(OFFER_LAPSED), SK__CASE_STATE__CASE_ROUTED));
	effect_handoff(d, d->event->handoff, H(OFFER_LAPSED), d->today);
	effect_timer_clear(d, D(RECEIPT_DUE), d->event->handoff);
	involve_leaves(d, d->row->handoff[d->event->handoff - 1].provider);
	escalate_if_no_taker(d, d->event->handoff, H(OFFER_LAPSED));
}

static Sk__NoticeKind
notice_kind(const struct deciding *d)
{
	const struct event *event = d->event;

	if (event->deadline == D(REVIEW_DUE))	/* no one is late */
		return SK__NOTICE_KIND__REVIEW;
	if (event->deadline == D(FAMILY_WARNING))
		return family_warns_of_hop(d) ? SK__NOTICE_KIND__HELP_HOPS :
		    SK__NOTICE_KIND__PARALLEL_HELP;
	if (!event->breach)
		return SK__NOTICE_KIND__DEADLINE_WARNING;
	switch (event->deadline) {
	case D(ANSWER_DUE):
		return SK__NOTICE_KIND__OFFER_EXPIRED;
	case D(RELOOK_DUE):
		return SK__NOTICE_KIND__RELOOK;
	case D(STUCK_DUE):
		return SK__NOTICE_KIND__PROPOSE_RET;
	default:
		return SK__NOTICE_KIND__DEADLINE_BREACH;
	}
}

/* Does the case still wait for this, and is it time? */
static enum sk_error
check_fires(struct deciding *d, const struct case_timer *timer)
{
	const struct event *event = d->event;
	int64_t due;

	if (timer == NULL)
		return REFUSE(d, SK_STATE_WRONG, "deadline.kind",
		    "this term does not run");
	due = event->breach ? timer->breach : timer->warn;
	if (due == 0 || (event->due != 0 && event->due != due) ||
	    due > event->instant)
		return REFUSE(d, SK_STATE_WRONG, "deadline.due",
		    "this term does not end then");
	return SK_OK;
}

/* Not fetched for days: its sender is told, whoever that is by now. */
static void
return_undelivered(struct deciding *d)
{
	if (d->event->undelivered_sender == 0)
		return;		/* the broker's own notice */
	effect_post(d, d->event->undelivered_sender);
	d->decision->open->notice = notice(d,
	    SK__NOTICE_KIND__UNDELIVERABLE, d->event->due, false,
	    &d->event->undelivered, d->event->late_recipient);
}

/* What a person asked to erase waits for its answer, and for operators to
 * carry it out: only the broker can tell all who have a copy, and a term
 * must not go by unsaid because the broker's own ended first. */
static void
retention_ends(struct deciding *d, const struct case_timer *timer)
{
	if (d->row->erasure_asked == 0 && d->row->erasure_granted == 0) {
		erase_case(d, SK__ERASURE_GROUND__RETENTION_ENDED);
		return;
	}
	strike_out(d, timer);
	deadline_begin(d, D(RETENTION_DUE), WHOLE_CASE,
	    civil_date_at(d->event->instant - 1));
}

enum sk_error
decide_deadline(struct deciding *d)
{
	const struct case_timer *timer;
	enum sk_error rc;

	if (d->event->deadline == D(DELIVERY_DUE)) {
		return_undelivered(d);
		return SK_OK;
	}
	if (d->row == NULL)
		return REFUSE(d, SK_CASE_UNKNOWN, "deadline.case_number", NULL);
	d->owner = d->row->owner;
	d->municipality = d->row->municipality;
	timer = case_timer_of(d->row, d->event->deadline, d->event->handoff);
	if ((rc = check_fires(d, timer)) != SK_OK)
		return rc;
	if (d->event->deadline == D(RETENTION_DUE)) {
		retention_ends(d, timer);
		return SK_OK;
	}
	strike_out(d, timer);
	/* the term itself, also when this only warns of it */
	d->decision->open->notice = notice(d, notice_kind(d),
	    timer->breach != 0 ? timer->breach : timer->warn, timer->late,
	    about(d), late_participant(d));
	tell(d);
	if (d->event->deadline == D(FAMILY_WARNING))
		family_warn_elsewhere(d, d->decision->open->notice);
	if (d->event->deadline == D(ANSWER_DUE) && d->event->breach)
		lapse(d);
	if (d->event->deadline == D(INFORMATION_DUE) && d->event->breach) {
		d->decision->open->has_question_settled = 1;
		d->decision->open->question_settled = information_slot(d);
	}
	if (d->event->deadline == D(RELOOK_DUE))
		/* and again, from the last day of this term */
		deadline_begin(d, D(RELOOK_DUE), d->event->handoff,
		    civil_date_at(d->event->instant - 1));
	return SK_OK;
}
