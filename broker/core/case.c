#include "broker/core/case.h"

#include <stddef.h>

static const struct {
	const char *name;
	const char *dutch;
} states[] = {
	[SK__CASE_STATE__CASE_NEW] = { "NEW", "nieuw" },
	[SK__CASE_STATE__CASE_TRIAGED] = { "TRIAGED", "uitgevraagd" },
	[SK__CASE_STATE__CASE_ANALYSED] = { "ANALYSED", "geanalyseerd" },
	[SK__CASE_STATE__CASE_ROUTED] = { "ROUTED", "route bepaald" },
	[SK__CASE_STATE__CASE_OFFERED] = { "OFFERED", "aangeboden" },
	[SK__CASE_STATE__CASE_ACCEPTED] = { "ACCEPTED", "geaccepteerd" },
	[SK__CASE_STATE__CASE_WAITING] = { "WAITING", "wacht op plek" },
	[SK__CASE_STATE__CASE_STARTED] = { "STARTED", "zorg gestart" },
	[SK__CASE_STATE__CASE_ENDED] = { "ENDED", "zorg beëindigd" },
	[SK__CASE_STATE__CASE_CLOSED] = { "CLOSED", "gesloten" },
	[SK__CASE_STATE__CASE_CLOSED_OTHER_ROUTE] = { "CLOSED_OTHER_ROUTE",
	    "gesloten, andere route" },
	[SK__CASE_STATE__CASE_VOID] = { "VOID", "ten onrechte geopend" },
};

static bool
state_is_known(Sk__CaseState state)
{
	return state >= SK__CASE_STATE__CASE_NEW &&
	    state <= SK__CASE_STATE__CASE_VOID;
}

const char *
case_state_name(Sk__CaseState state)
{
	return state_is_known(state) ? states[state].name : "?";
}

const char *
case_state_dutch(Sk__CaseState state)
{
	return state_is_known(state) ? states[state].dutch : "?";
}

bool
case_is_closed(const struct case_row *row)
{
	return row->state == SK__CASE_STATE__CASE_CLOSED ||
	    row->state == SK__CASE_STATE__CASE_CLOSED_OTHER_ROUTE ||
	    row->state == SK__CASE_STATE__CASE_VOID;
}

bool
case_in_crisis(const struct case_row *row)
{
	return row->crisis == SK__CRISIS__CRISIS_OPEN ||
	    row->crisis == SK__CRISIS__CRISIS_OWNED;
}

unsigned
case_domains(const struct case_closed *closed)
{
	unsigned n = 0;

	for (unsigned i = 1; i <= CASE_DOMAINS; i++)
		n += closed->domain[i] == SK__ANSWER__YES;
	return n;
}

bool
case_has_participant(const struct case_row *row, uint64_t participant)
{
	for (size_t i = 0; i < row->participants; i++)
		if (row->participant[i].participant == participant)
			return !row->participant[i].left;
	return false;
}

const struct case_handoff *
case_handoff_of(const struct case_row *row, uint64_t provider, unsigned *index)
{
	for (unsigned i = row->handoffs; i > 0; i--) {
		if (row->handoff[i - 1].provider != provider)
			continue;
		if (index != NULL)
			*index = i;
		return &row->handoff[i - 1];
	}
	return NULL;
}

const struct case_handoff *
case_handoff_by_referral(const struct case_row *row,
    const struct envelope_ref *referral, unsigned *index)
{
	for (unsigned i = 0; i < row->handoffs; i++) {
		if (!ref_equal(&row->handoff[i].referral, referral))
			continue;
		if (index != NULL)
			*index = i + 1;
		return &row->handoff[i];
	}
	return NULL;
}

const struct case_timer *
case_timer_of(const struct case_row *row, Sk__DeadlineKind kind,
    unsigned handoff)
{
	for (size_t i = 0; i < row->timers; i++)
		if (row->timer[i].kind == kind &&
		    row->timer[i].handoff == handoff)
			return &row->timer[i];
	return NULL;
}
