/*
 * Who may say what when, and to whom. The state diagram in the manual is made
 * from these tables.
 */
#include "broker/core/rules.h"

#define S(name) SK__CASE_STATE__CASE_##name
#define K(name) SK__KIND__##name
#define R(name) SK__ROLE__##name
#define OPEN 0
#define ANY 0
#define STAYS 0

/* clang-format off: the columns are the point */
static const struct transition transitions[] = {
	/* state                kind                       who may      to           next                  */
	{ OPEN,                 K(COURT_ORDER),            R(COURT),    R(ACCESS),   S(NEW) },	/* opens: before it there is no case */

	{ S(NEW),               K(TRIAGE),                 R(ACCESS),   ANY,         S(TRIAGED) },
	{ OPEN,                 K(TRIAGE),                 R(ACCESS),   ANY,         STAYS },

	{ S(TRIAGED),           K(ANALYSIS),               R(ACCESS),   ANY,         S(ANALYSED) },
	{ S(ANALYSED),          K(ANALYSIS),               R(ACCESS),   ANY,         STAYS },
	{ S(ROUTED),            K(ANALYSIS),               R(ACCESS),   ANY,         STAYS },
	{ S(OFFERED),           K(ANALYSIS),               R(ACCESS),   ANY,         STAYS },
	{ S(ACCEPTED),          K(ANALYSIS),               R(ACCESS),   ANY,         STAYS },
	{ S(WAITING),           K(ANALYSIS),               R(ACCESS),   ANY,         STAYS },
	{ S(STARTED),           K(ANALYSIS),               R(ACCESS),   ANY,         STAYS },
	{ S(ENDED),             K(ANALYSIS),               R(ACCESS),   ANY,         STAYS },

	{ S(TRIAGED),           K(ROUTE_DECISION),         R(ACCESS),   ANY,         S(ROUTED) },
	{ S(TRIAGED),           K(ROUTE_DECISION),         R(ACCESS),   ANY,         S(CLOSED_OTHER_ROUTE) },
	{ S(ANALYSED),          K(ROUTE_DECISION),         R(ACCESS),   ANY,         S(ROUTED) },
	{ S(ANALYSED),          K(ROUTE_DECISION),         R(ACCESS),   ANY,         S(CLOSED_OTHER_ROUTE) },
	{ S(ROUTED),            K(ROUTE_DECISION),         R(ACCESS),   ANY,         S(ROUTED) },
	{ S(ROUTED),            K(ROUTE_DECISION),         R(ACCESS),   ANY,         S(CLOSED_OTHER_ROUTE) },
	{ S(ENDED),             K(ROUTE_DECISION),         R(ACCESS),   ANY,         S(ROUTED) },
	{ S(ENDED),             K(ROUTE_DECISION),         R(ACCESS),   ANY,         S(CLOSED_OTHER_ROUTE) },

	{ S(TRIAGED),           K(FAMILY_PLAN),            R(ACCESS),   ANY,         STAYS },
	{ S(ANALYSED),          K(FAMILY_PLAN),            R(ACCESS),   ANY,         STAYS },
	{ S(ROUTED),            K(FAMILY_PLAN),            R(ACCESS),   ANY,         STAYS },
	{ S(OFFERED),           K(FAMILY_PLAN),            R(ACCESS),   ANY,         STAYS },
	{ S(ACCEPTED),          K(FAMILY_PLAN),            R(ACCESS),   ANY,         STAYS },
	{ S(WAITING),           K(FAMILY_PLAN),            R(ACCESS),   ANY,         STAYS },
	{ S(STARTED),           K(FAMILY_PLAN),            R(ACCESS),   ANY,         STAYS },

	{ S(ROUTED),            K(REFERRAL),               R(ACCESS),   R(PROVIDER), S(OFFERED) },
	{ S(OFFERED),           K(REFERRAL),               R(ACCESS),   R(PROVIDER), STAYS },

	{ S(OFFERED),           K(ACCEPT),                 R(PROVIDER), R(ACCESS),   S(ACCEPTED) },
	{ S(ACCEPTED),          K(ACCEPT),                 R(PROVIDER), R(ACCESS),   STAYS },
	{ S(WAITING),           K(ACCEPT),                 R(PROVIDER), R(ACCESS),   S(ACCEPTED) },
	{ S(STARTED),           K(ACCEPT),                 R(PROVIDER), R(ACCESS),   STAYS },

	{ S(OFFERED),           K(DECLINE),                R(PROVIDER), R(ACCESS),   S(ROUTED) },
	{ S(ACCEPTED),          K(DECLINE),                R(PROVIDER), R(ACCESS),   S(ROUTED) },
	{ S(WAITING),           K(DECLINE),                R(PROVIDER), R(ACCESS),   S(ROUTED) },
	{ S(STARTED),           K(DECLINE),                R(PROVIDER), R(ACCESS),   STAYS },

	{ S(OFFERED),           K(WAIT_PLACE),             R(PROVIDER), R(ACCESS),   S(WAITING) },
	{ S(ACCEPTED),          K(WAIT_PLACE),             R(PROVIDER), R(ACCESS),   S(WAITING) },
	{ S(WAITING),           K(WAIT_PLACE),             R(PROVIDER), R(ACCESS),   STAYS },
	{ S(STARTED),           K(WAIT_PLACE),             R(PROVIDER), R(ACCESS),   STAYS },

	{ S(ACCEPTED),          K(START),                  R(PROVIDER), R(ACCESS),   S(STARTED) },
	{ S(WAITING),           K(START),                  R(PROVIDER), R(ACCESS),   S(STARTED) },
	{ S(STARTED),           K(START),                  R(PROVIDER), R(ACCESS),   STAYS },

	{ S(STARTED),           K(PROGRESS_REPORT),        R(PROVIDER), R(ACCESS),   STAYS },
	{ S(STARTED),           K(STOP),                   R(PROVIDER), R(ACCESS),   S(ENDED) },

	{ OPEN,                 K(HEARING_NOTICE),         R(COURT),    R(ACCESS),   STAYS },
	{ S(STARTED),           K(HEARING_REPORT_REQUEST), R(ACCESS),   R(PROVIDER), STAYS },
	{ OPEN,                 K(HEARING_REPORT),         R(PROVIDER), R(ACCESS),   STAYS },
	{ OPEN,                 K(COURT_REPORT),           R(ACCESS),   R(COURT),    STAYS },

	{ OPEN,                 K(CLOSE),                  R(ACCESS),   ANY,         S(CLOSED) },

	{ OPEN,                 K(RECEIPT_OF),             ANY,         ANY,         STAYS },
	{ S(CLOSED),            K(RECEIPT_OF),             ANY,         ANY,         STAYS },
	{ S(CLOSED_OTHER_ROUTE),K(RECEIPT_OF),             ANY,         ANY,         STAYS },
	{ OPEN,                 K(OPENED),                 ANY,         ANY,         STAYS },
	{ S(CLOSED),            K(OPENED),                 ANY,         ANY,         STAYS },
	{ S(CLOSED_OTHER_ROUTE),K(OPENED),                 ANY,         ANY,         STAYS },
	{ OPEN,                 K(CONTENT_MISMATCH_FOUND), ANY,         ANY,         STAYS },
	{ S(CLOSED),            K(CONTENT_MISMATCH_FOUND), ANY,         ANY,         STAYS },
	{ S(CLOSED_OTHER_ROUTE),K(CONTENT_MISMATCH_FOUND), ANY,         ANY,         STAYS },
};
/* clang-format on */

#define TRANSITIONS (sizeof(transitions) / sizeof(transitions[0]))

#define TO(role) (1u << SK__ROLE__##role)
#define TO_ANY (~0u)

/*
 * Which roles a kind may go to, beside the sender's own copy. A court reads
 * orders, routes, starts and ends, and what the access team reports to it; what
 * helpers write among themselves is not for it.
 */
/* clang-format off: the columns are the point */
static const unsigned receives[] = {
	[K(COURT_ORDER)]            = TO(ACCESS) | TO(PROVIDER),	/* the provider: only where courts refer direct */
	[K(TRIAGE)]                 = TO(ACCESS) | TO(PROVIDER),
	[K(ANALYSIS)]               = TO(ACCESS) | TO(PROVIDER),
	[K(ROUTE_DECISION)]         = TO(ACCESS) | TO(PROVIDER) | TO(COURT),
	[K(FAMILY_PLAN)]            = TO(ACCESS) | TO(PROVIDER),
	[K(REFERRAL)]               = TO(ACCESS) | TO(PROVIDER),
	[K(RECEIPT_OF)]             = TO_ANY,
	[K(ACCEPT)]                 = TO(ACCESS),
	[K(DECLINE)]                = TO(ACCESS),
	[K(WAIT_PLACE)]             = TO(ACCESS),
	[K(START)]                  = TO(ACCESS) | TO(COURT),
	[K(PROGRESS_REPORT)]        = TO(ACCESS),
	[K(HEARING_NOTICE)]         = TO(ACCESS),
	[K(HEARING_REPORT_REQUEST)] = TO(ACCESS) | TO(PROVIDER),
	[K(HEARING_REPORT)]         = TO(ACCESS),
	[K(COURT_REPORT)]           = TO(ACCESS) | TO(COURT),
	[K(STOP)]                   = TO(ACCESS) | TO(COURT),
	[K(CLOSE)]                  = TO(ACCESS) | TO(PROVIDER) | TO(COURT),
	[K(OPENED)]                 = 0,
	[K(CONTENT_MISMATCH_FOUND)] = TO_ANY,
};
/* clang-format on */

const struct transition *
rules_transitions(size_t *n)
{
	*n = TRANSITIONS;
	return transitions;
}

static bool
state_is_open(Sk__CaseState state)
{
	return state != S(CLOSED) && state != S(CLOSED_OTHER_ROUTE);
}

const struct transition *
rules_transition(Sk__CaseState state, Sk__Kind kind, Sk__Role role)
{
	for (size_t i = 0; i < TRANSITIONS; i++) {
		const struct transition *t = &transitions[i];

		if (t->kind != kind || (t->role != ANY && t->role != role))
			continue;
		if (t->state == state ||
		    (t->state == OPEN && state_is_open(state)))
			return t;
	}
	return NULL;
}

bool
rules_role_may(Sk__Kind kind, Sk__Role role)
{
	for (size_t i = 0; i < TRANSITIONS; i++)
		if (transitions[i].kind == kind &&
		    (transitions[i].role == ANY || transitions[i].role == role))
			return true;
	return false;
}

bool
rules_role_receives(Sk__Kind kind, Sk__Role role)
{
	if (kind < 1 || (size_t)kind >= sizeof(receives) / sizeof(receives[0]))
		return false;
	return role < 32 && (receives[kind] >> role & 1u) != 0;
}
