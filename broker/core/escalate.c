/*
 * A fitting solution for every child: what no one takes is stuck, and goes to
 * the regional expert team and from there to the wider network, one step
 * after another and never without an owner (R64 to R70).
 */
#include "broker/core/decide.h"

#define D(name) SK__DEADLINE_KIND__##name
#define E(name) SK__ESCALATION__##name
#define WHOLE_CASE 0u

static void
step_to(struct deciding *d, Sk__Escalation step)
{
	Sk__Effects *open = d->decision->open;

	open->has_escalation = open->has_escalation_date = 1;
	open->escalation = step;
	open->escalation_date = d->today;
}

void
escalate_stuck(struct deciding *d)
{
	if (d->row->escalation < E(CASE_STUCK))
		step_to(d, E(CASE_STUCK));
	/* who asked the experts waits for them; advice that came to nothing
	 * is for the next step */
	if (d->row->escalation != E(RET_ASKED) &&
	    d->row->escalation != E(BOEG_ASKED))
		deadline_begin(d, D(STUCK_DUE), WHOLE_CASE, d->today);	/* R65 */
}

void
escalate_if_no_taker(struct deciding *d, unsigned index,
    Sk__HandoffStatus status)
{
	if (handoff_settle(d->row, index, status, 0) == 0)
		escalate_stuck(d);
}

void
escalate_taken(struct deciding *d)
{
	effect_timer_clear(d, D(STUCK_DUE), WHOLE_CASE);
	if (d->row->escalation != E(NOT_ESCALATED))
		step_to(d, E(NOT_ESCALATED));
}

enum sk_error
decide_stuck(struct deciding *d)
{
	if (d->row->escalation >= E(CASE_STUCK))
		return REFUSE(d, SK_ESCALATION_ORDER, "header.kind",
		    "a RET_REQUEST: the case is stuck already");
	escalate_stuck(d);
	return SK_OK;
}

enum sk_error
decide_ret_request(struct deciding *d)
{
	if (d->row->escalation < E(CASE_STUCK))
		return REFUSE(d, SK_ESCALATION_ORDER, "header.kind",
		    "a STUCK first");
	if (d->row->escalation == E(RET_ASKED) ||
	    d->row->escalation == E(BOEG_ASKED))
		return REFUSE(d, SK_REQUEST_PENDING, "header.kind",
		    "the advice that was asked for");
	step_to(d, E(RET_ASKED));
	effect_joining_recipients(d, SK__ROLE__RET);
	effect_timer_clear(d, D(STUCK_DUE), WHOLE_CASE);
	deadline_begin(d, D(RET_ADVICE_DUE), WHOLE_CASE, d->today);
	return SK_OK;
}

static void
keep_closed_advice(struct deciding *d, bool advised)
{
	Sk__ClosedEffects *closed = effects_closed(d);

	if (closed == NULL)
		return;
	closed->has_closed_advised = 1;
	closed->closed_advised = advised;
}

enum sk_error
decide_ret_advice(struct deciding *d)
{
	Sk__Effects *open = d->decision->open;

	/* also when a taker was found meanwhile: the advice was given */
	step_to(d, E(RET_ADVISED));
	open->has_ret_advice_date = 1;
	open->ret_advice_date = d->today;
	keep_closed_advice(d, d->event->facts->ret_advice->closed_placement);
	effect_timer_clear(d, D(RET_ADVICE_DUE), WHOLE_CASE);
	return SK_OK;
}

/* The wider network only on the team's word, once its own advice failed. */
enum sk_error
decide_boeg_request(struct deciding *d)
{
	if (d->row->escalated < E(RET_ADVISED))
		return REFUSE(d, SK_ESCALATION_ORDER, "header.kind",
		    "a RET_ADVICE first");
	if (!d->event->facts->boeg_request->follow_up_failed)
		return REFUSE(d, SK_ESCALATION_ORDER,
		    "facts.boeg_request.follow_up_failed",
		    "only when the advice was followed and failed");
	if (d->row->escalation == E(BOEG_ASKED))
		return REFUSE(d, SK_REQUEST_PENDING, "header.kind",
		    "the advice that was asked for");
	step_to(d, E(BOEG_ASKED));
	effect_joining_recipients(d, SK__ROLE__BOEG);
	effect_timer_clear(d, D(STUCK_DUE), WHOLE_CASE);
	deadline_begin(d, D(BOEG_ADVICE_DUE), WHOLE_CASE, d->today);
	return SK_OK;
}

enum sk_error
decide_boeg_advice(struct deciding *d)
{
	step_to(d, E(BOEG_ADVISED));
	if (d->event->facts->boeg_advice->closed_placement)
		keep_closed_advice(d, true);
	effect_timer_clear(d, D(BOEG_ADVICE_DUE), WHOLE_CASE);
	return SK_OK;
}

enum sk_error
decide_lesson(struct deciding *d)
{
	d->decision->open->has_lesson_date = 1;
	d->decision->open->lesson_date = d->today;
	return SK_OK;
}

enum sk_error
decide_case_conference(struct deciding *d)
{
	enum sk_error rc;

	if ((rc = decide_date_past(d)) != SK_OK)
		return rc;
	d->decision->open->has_conference_date = 1;
	d->decision->open->conference_date = decide_date(d);
	return SK_OK;
}
