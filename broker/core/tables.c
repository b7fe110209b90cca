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
	{ S(OFFERED),           K(ROUTE_DECISION),         R(ACCESS),   ANY,         STAYS },
	{ S(ACCEPTED),          K(ROUTE_DECISION),         R(ACCESS),   ANY,         STAYS },
	{ S(WAITING),           K(ROUTE_DECISION),         R(ACCESS),   ANY,         STAYS },
	{ S(STARTED),           K(ROUTE_DECISION),         R(ACCESS),   ANY,         STAYS },
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
	{ S(ACCEPTED),          K(REFERRAL),               R(ACCESS),   R(PROVIDER), STAYS },
	{ S(WAITING),           K(REFERRAL),               R(ACCESS),   R(PROVIDER), STAYS },
	{ S(STARTED),           K(REFERRAL),               R(ACCESS),   R(PROVIDER), STAYS },

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
	{ OPEN,                 K(ORDER_EXTENDED),         R(COURT),    R(ACCESS),   STAYS },
	{ OPEN,                 K(ORDER_WITHDRAWN),        R(COURT),    R(ACCESS),   STAYS },
	{ S(STARTED),           K(HEARING_REPORT_REQUEST), R(ACCESS),   R(PROVIDER), STAYS },
	{ OPEN,                 K(HEARING_REPORT),         R(PROVIDER), R(ACCESS),   STAYS },
	{ OPEN,                 K(COURT_REPORT),           R(ACCESS),   R(COURT),    STAYS },

	{ OPEN,                 K(CLOSE),                  R(ACCESS),   ANY,         S(CLOSED) },

	{ OPEN,                 K(ACCESS_REQUEST),         R(ACCESS),   R(ACCESS),   S(NEW) },
	{ OPEN,                 K(ACCESS_REQUEST),         R(GI),       R(ACCESS),   S(NEW) },
	{ OPEN,                 K(ACCESS_REQUEST),         R(RVDK),     R(ACCESS),   S(NEW) },
	{ OPEN,                 K(SIGNAL),                 R(ACCESS),   R(ACCESS),   S(NEW) },
	{ OPEN,                 K(SIGNAL),                 R(PROVIDER), R(ACCESS),   S(NEW) },
	{ OPEN,                 K(SIGNAL),                 R(GI),       R(ACCESS),   S(NEW) },
	{ OPEN,                 K(SIGNAL),                 R(RVDK),     R(ACCESS),   S(NEW) },
	{ OPEN,                 K(SIGNAL),                 R(SCHOOL),   R(ACCESS),   S(NEW) },
	{ OPEN,                 K(SIGNAL),                 R(SPORT),    R(ACCESS),   S(NEW) },
	{ OPEN,                 K(SIGNAL),                 R(CHILDCARE), R(ACCESS),  S(NEW) },
	{ OPEN,                 K(REQUEST_ASSIGNMENT),     R(PROVIDER), R(ACCESS),   S(NEW) },

	{ OPEN,                 K(NOT_MINE),               R(ACCESS),   R(ACCESS),   STAYS },
	{ OPEN,                 K(TRANSFER_TAKEN),         R(ACCESS),   R(ACCESS),   STAYS },
	{ S(NEW),               K(VOID),                   R(ACCESS),   ANY,         S(VOID) },
	{ S(NEW),               K(VOID),                   R(COURT),    ANY,         S(VOID) },
	{ S(NEW),               K(VOID),                   R(GI),       ANY,         S(VOID) },
	{ S(NEW),               K(VOID),                   R(RVDK),     ANY,         S(VOID) },
	{ S(NEW),               K(VOID),                   R(PROVIDER), ANY,         S(VOID) },
	{ S(TRIAGED),           K(VOID),                   R(ACCESS),   ANY,         S(VOID) },
	{ S(TRIAGED),           K(VOID),                   R(COURT),    ANY,         S(VOID) },
	{ S(TRIAGED),           K(VOID),                   R(GI),       ANY,         S(VOID) },
	{ S(TRIAGED),           K(VOID),                   R(RVDK),     ANY,         S(VOID) },
	{ S(TRIAGED),           K(VOID),                   R(PROVIDER), ANY,         S(VOID) },
	{ S(ANALYSED),          K(VOID),                   R(ACCESS),   ANY,         S(VOID) },
	{ S(ANALYSED),          K(VOID),                   R(COURT),    ANY,         S(VOID) },
	{ S(ANALYSED),          K(VOID),                   R(GI),       ANY,         S(VOID) },
	{ S(ANALYSED),          K(VOID),                   R(RVDK),     ANY,         S(VOID) },
	{ S(ANALYSED),          K(VOID),                   R(PROVIDER), ANY,         S(VOID) },
	{ S(ROUTED),            K(VOID),                   R(ACCESS),   ANY,         S(VOID) },
	{ S(ROUTED),            K(VOID),                   R(COURT),    ANY,         S(VOID) },
	{ S(ROUTED),            K(VOID),                   R(GI),       ANY,         S(VOID) },
	{ S(ROUTED),            K(VOID),                   R(RVDK),     ANY,         S(VOID) },
	{ S(ROUTED),            K(VOID),                   R(PROVIDER), ANY,         S(VOID) },
	{ OPEN,                 K(LINK_PERSON),            R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(LINK_PERSON),            R(COURT),    R(ACCESS),   STAYS },

	{ S(OFFERED),           K(WITHDRAW),               R(ACCESS),   R(PROVIDER), S(ROUTED) },
	{ S(ACCEPTED),          K(WITHDRAW),               R(ACCESS),   R(PROVIDER), S(ROUTED) },
	{ S(WAITING),           K(WITHDRAW),               R(ACCESS),   R(PROVIDER), S(ROUTED) },
	{ S(STARTED),           K(WITHDRAW),               R(ACCESS),   R(PROVIDER), STAYS },
	{ S(OFFERED),           K(INVESTIGATE),            R(PROVIDER), R(ACCESS),   STAYS },
	{ S(ACCEPTED),          K(INVESTIGATE),            R(PROVIDER), R(ACCESS),   STAYS },
	{ S(WAITING),           K(INVESTIGATE),            R(PROVIDER), R(ACCESS),   STAYS },
	{ S(STARTED),           K(INVESTIGATE),            R(PROVIDER), R(ACCESS),   STAYS },
	{ S(STARTED),           K(PAUSE),                  R(PROVIDER), R(ACCESS),   STAYS },
	{ S(STARTED),           K(RESUME),                 R(PROVIDER), R(ACCESS),   STAYS },
	{ S(STARTED),           K(CHANGE_REQUEST),         R(PROVIDER), R(ACCESS),   STAYS },
	{ S(STARTED),           K(CHANGE_ANSWER),          R(ACCESS),   R(PROVIDER), STAYS },
	{ S(ACCEPTED),          K(CONTACT_ATTEMPT),        R(PROVIDER), R(ACCESS),   STAYS },
	{ S(WAITING),           K(CONTACT_ATTEMPT),        R(PROVIDER), R(ACCESS),   STAYS },
	{ S(STARTED),           K(CONTACT_ATTEMPT),        R(PROVIDER), R(ACCESS),   STAYS },

	{ OPEN,                 K(CONSULT),                R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(CONSULT),                R(PROVIDER), ANY,         STAYS },
	{ OPEN,                 K(CONSULT),                R(GI),       ANY,         STAYS },
	{ OPEN,                 K(CONSULT_ANSWER),         R(ACCESS),   R(ACCESS),   STAYS },
	{ OPEN,                 K(CONSULT_ANSWER),         R(PROVIDER), R(ACCESS),   STAYS },
	{ OPEN,                 K(CONSULT_ANSWER),         R(GI),       R(ACCESS),   STAYS },
	{ OPEN,                 K(CONSULT_ANSWER),         R(RVDK),     R(ACCESS),   STAYS },
	{ OPEN,                 K(CONSULT_ANSWER),         R(RET),      R(ACCESS),   STAYS },
	{ OPEN,                 K(CONSULT_ANSWER),         R(BOEG),     R(ACCESS),   STAYS },
	{ OPEN,                 K(CONSULT_ANSWER),         R(SCHOOL),   R(ACCESS),   STAYS },
	{ OPEN,                 K(CONSULT_ANSWER),         R(SPORT),    R(ACCESS),   STAYS },
	{ OPEN,                 K(CONSULT_ANSWER),         R(CHILDCARE), R(ACCESS),  STAYS },
	{ OPEN,                 K(INVOLVEMENT_NOTICE),     R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(DIRECTOR_CHANGE),        R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(DIRECTOR_CHANGE),        R(PROVIDER), ANY,         STAYS },
	{ OPEN,                 K(DIRECTOR_CHANGE),        R(GI),       ANY,         STAYS },
	{ OPEN,                 K(DIRECTOR_ACCEPT),        R(ACCESS),   R(ACCESS),   STAYS },
	{ OPEN,                 K(DIRECTOR_ACCEPT),        R(PROVIDER), R(ACCESS),   STAYS },
	{ OPEN,                 K(DIRECTOR_ACCEPT),        R(GI),       R(ACCESS),   STAYS },

	{ OPEN,                 K(CRISIS_ALERT),           R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(CRISIS_ALERT),           R(PROVIDER), ANY,         STAYS },
	{ OPEN,                 K(CRISIS_ALERT),           R(COURT),    ANY,         STAYS },
	{ OPEN,                 K(CRISIS_ALERT),           R(GI),       ANY,         STAYS },
	{ OPEN,                 K(CRISIS_ALERT),           R(RVDK),     ANY,         STAYS },
	{ OPEN,                 K(CRISIS_ALERT),           R(SCHOOL),   ANY,         STAYS },
	{ OPEN,                 K(CRISIS_ALERT),           R(SPORT),    ANY,         STAYS },
	{ OPEN,                 K(CRISIS_ALERT),           R(CHILDCARE), ANY,        STAYS },
	{ OPEN,                 K(CRISIS_TAKEN),           R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(CRISIS_TAKEN),           R(PROVIDER), ANY,         STAYS },
	{ OPEN,                 K(CRISIS_TAKEN),           R(GI),       ANY,         STAYS },
	{ OPEN,                 K(CRISIS_REVIEW),          R(ACCESS),   R(ACCESS),   STAYS },
	{ OPEN,                 K(CRISIS_REVIEW),          R(GI),       R(ACCESS),   STAYS },

	{ OPEN,                 K(STUCK),                  R(ACCESS),   R(ACCESS),   STAYS },
	{ OPEN,                 K(STUCK),                  R(GI),       R(ACCESS),   STAYS },
	{ OPEN,                 K(RET_REQUEST),            R(ACCESS),   R(RET),      STAYS },
	{ OPEN,                 K(RET_REQUEST),            R(GI),       R(RET),      STAYS },
	{ OPEN,                 K(RET_ADVICE),             R(RET),      R(ACCESS),   STAYS },
	{ OPEN,                 K(BOEG_REQUEST),           R(RET),      R(BOEG),     STAYS },
	{ OPEN,                 K(BOEG_ADVICE),            R(BOEG),     R(ACCESS),   STAYS },
	{ OPEN,                 K(CASE_CONFERENCE),        R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(INFORMATION_REQUEST),    R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(INFORMATION_REQUEST),    R(PROVIDER), R(ACCESS),   STAYS },
	{ OPEN,                 K(INFORMATION_REQUEST),    R(GI),       R(ACCESS),   STAYS },
	{ OPEN,                 K(INFORMATION_REQUEST),    R(RVDK),     R(ACCESS),   STAYS },
	{ OPEN,                 K(INFORMATION_REQUEST),    R(RET),      R(ACCESS),   STAYS },
	{ OPEN,                 K(INFORMATION_ANSWER),     R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(INFORMATION_ANSWER),     R(PROVIDER), R(ACCESS),   STAYS },
	{ OPEN,                 K(INFORMATION_ANSWER),     R(COURT),    R(ACCESS),   STAYS },
	{ OPEN,                 K(INFORMATION_ANSWER),     R(GI),       R(ACCESS),   STAYS },
	{ OPEN,                 K(INFORMATION_ANSWER),     R(RVDK),     R(ACCESS),   STAYS },
	{ OPEN,                 K(INFORMATION_ANSWER),     R(RET),      R(ACCESS),   STAYS },
	{ OPEN,                 K(UNMET_NEED),             R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(SIDE_TAKEN),             R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(CATALOGUE_QUERY),        R(ACCESS),   ANY,         STAYS },	/* about no case, as the three below */
	{ OPEN,                 K(CATALOGUE_QUERY),        R(GI),       ANY,         STAYS },
	{ OPEN,                 K(CATALOGUE_QUERY),        R(RET),      ANY,         STAYS },
	{ OPEN,                 K(WAITING_QUERY),          R(ACCESS),   ANY,         STAYS },	/* names its cases itself */
	{ OPEN,                 K(WAITING_QUERY),          R(PROVIDER), ANY,         STAYS },
	{ OPEN,                 K(OFFERING_PROPOSAL),      R(PROVIDER), ANY,         STAYS },
	{ OPEN,                 K(OFFERING_DECISION),      R(ACCESS),   R(PROVIDER), STAYS },
	{ OPEN,                 K(OFFERING_DECISION),      R(REGION),   R(PROVIDER), STAYS },
	{ OPEN,                 K(CAPACITY_UPDATE),        R(PROVIDER), ANY,         STAYS },
	{ OPEN,                 K(LESSON),                 R(ACCESS),   R(ACCESS),   STAYS },
	{ OPEN,                 K(LESSON),                 R(GI),       R(ACCESS),   STAYS },
	{ OPEN,                 K(LESSON),                 R(RET),      R(ACCESS),   STAYS },
	{ S(CLOSED),            K(LESSON),                 R(ACCESS),   R(ACCESS),   STAYS },
	{ S(CLOSED),            K(LESSON),                 R(GI),       R(ACCESS),   STAYS },
	{ S(CLOSED),            K(LESSON),                 R(RET),      R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(LESSON),                 R(ACCESS),   R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(LESSON),                 R(GI),       R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(LESSON),                 R(RET),      R(ACCESS),   STAYS },
	{ OPEN,                 K(STORY),                  R(ACCESS),   R(ACCESS),   STAYS },
	{ OPEN,                 K(STORY),                  R(PROVIDER), R(ACCESS),   STAYS },
	{ OPEN,                 K(STORY),                  R(GI),       R(ACCESS),   STAYS },
	{ S(CLOSED),            K(STORY),                  R(ACCESS),   R(ACCESS),   STAYS },
	{ S(CLOSED),            K(STORY),                  R(PROVIDER), R(ACCESS),   STAYS },
	{ S(CLOSED),            K(STORY),                  R(GI),       R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(STORY),                  R(ACCESS),   R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(STORY),                  R(PROVIDER), R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(STORY),                  R(GI),       R(ACCESS),   STAYS },
	{ OPEN,                 K(FEEDBACK),               R(ACCESS),   R(ACCESS),   STAYS },
	{ OPEN,                 K(FEEDBACK),               R(PROVIDER), R(ACCESS),   STAYS },
	{ OPEN,                 K(FEEDBACK),               R(GI),       R(ACCESS),   STAYS },
	{ S(CLOSED),            K(FEEDBACK),               R(ACCESS),   R(ACCESS),   STAYS },
	{ S(CLOSED),            K(FEEDBACK),               R(PROVIDER), R(ACCESS),   STAYS },
	{ S(CLOSED),            K(FEEDBACK),               R(GI),       R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(FEEDBACK),               R(ACCESS),   R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(FEEDBACK),               R(PROVIDER), R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(FEEDBACK),               R(GI),       R(ACCESS),   STAYS },

	{ OPEN,                 K(PERSON_CHANGE),          R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(PERSON_CHANGE),          R(COURT),    R(ACCESS),   STAYS },
	{ OPEN,                 K(CONSENT_CHANGE),         R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(CONSENT_CHANGE),         R(COURT),    R(ACCESS),   STAYS },
	{ OPEN,                 K(CONSENT_ANSWER),         R(ACCESS),   R(ACCESS),   STAYS },
	{ OPEN,                 K(CONSENT_ANSWER),         R(PROVIDER), R(ACCESS),   STAYS },
	{ OPEN,                 K(CONSENT_ANSWER),         R(GI),       R(ACCESS),   STAYS },
	{ OPEN,                 K(RESEAL),                 R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(RESEAL),                 R(COURT),    R(ACCESS),   STAYS },
	{ OPEN,                 K(RESEAL),                 R(PROVIDER), R(ACCESS),   STAYS },
	{ OPEN,                 K(RESEAL),                 R(GI),       R(ACCESS),   STAYS },
	{ OPEN,                 K(RESEAL),                 R(RET),      R(ACCESS),   STAYS },
	{ OPEN,                 K(EXTRACT_MADE),           R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(EXTRACT_MADE),           R(PROVIDER), R(ACCESS),   STAYS },
	{ OPEN,                 K(EXTRACT_MADE),           R(GI),       R(ACCESS),   STAYS },
	{ S(CLOSED),            K(EXTRACT_MADE),           R(ACCESS),   ANY,         STAYS },
	{ S(CLOSED),            K(EXTRACT_MADE),           R(PROVIDER), R(ACCESS),   STAYS },
	{ S(CLOSED),            K(EXTRACT_MADE),           R(GI),       R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(EXTRACT_MADE),           R(ACCESS),   ANY,         STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(EXTRACT_MADE),           R(PROVIDER), R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(EXTRACT_MADE),           R(GI),       R(ACCESS),   STAYS },

	{ OPEN,                 K(RECEIPT_OF),             ANY,         ANY,         STAYS },
	{ S(CLOSED),            K(RECEIPT_OF),             ANY,         ANY,         STAYS },
	{ S(CLOSED_OTHER_ROUTE),K(RECEIPT_OF),             ANY,         ANY,         STAYS },
	{ OPEN,                 K(OPENED),                 ANY,         ANY,         STAYS },
	{ S(CLOSED),            K(OPENED),                 ANY,         ANY,         STAYS },
	{ S(CLOSED_OTHER_ROUTE),K(OPENED),                 ANY,         ANY,         STAYS },
	{ OPEN,                 K(CONTENT_MISMATCH_FOUND), ANY,         ANY,         STAYS },
	{ S(CLOSED),            K(CONTENT_MISMATCH_FOUND), ANY,         ANY,         STAYS },
	{ S(CLOSED_OTHER_ROUTE),K(CONTENT_MISMATCH_FOUND), ANY,         ANY,         STAYS },
	{ S(VOID),              K(RECEIPT_OF),             ANY,         ANY,         STAYS },
	{ S(VOID),              K(OPENED),                 ANY,         ANY,         STAYS },
	{ S(VOID),              K(CONTENT_MISMATCH_FOUND), ANY,         ANY,         STAYS },
	{ OPEN,                 K(ASSIGNED),               ANY,         ANY,         STAYS },
	{ S(CLOSED),            K(ASSIGNED),               ANY,         ANY,         STAYS },
	{ S(CLOSED_OTHER_ROUTE),K(ASSIGNED),               ANY,         ANY,         STAYS },
	{ S(VOID),              K(ASSIGNED),               ANY,         ANY,         STAYS },
	{ OPEN,                 K(NOTIFIED),               ANY,         ANY,         STAYS },
	{ S(CLOSED),            K(NOTIFIED),               ANY,         ANY,         STAYS },
	{ S(CLOSED_OTHER_ROUTE),K(NOTIFIED),               ANY,         ANY,         STAYS },
	{ S(VOID),              K(NOTIFIED),               ANY,         ANY,         STAYS },

	{ OPEN,                 K(CORRECTION),             ANY,         ANY,         STAYS },
	{ S(CLOSED),            K(CORRECTION),             ANY,         ANY,         STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(CORRECTION),             ANY,         ANY,         STAYS },
	{ S(VOID),              K(CORRECTION),             ANY,         ANY,         STAYS },

	{ OPEN,                 K(ERASURE_REQUEST),        R(ACCESS),   R(ACCESS),   STAYS },
	{ S(CLOSED),            K(ERASURE_REQUEST),        R(ACCESS),   R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(ERASURE_REQUEST),        R(ACCESS),   R(ACCESS),   STAYS },
	{ S(VOID),              K(ERASURE_REQUEST),        R(ACCESS),   R(ACCESS),   STAYS },
	{ OPEN,                 K(ERASURE_REQUEST),        R(PROVIDER), R(ACCESS),   STAYS },
	{ S(CLOSED),            K(ERASURE_REQUEST),        R(PROVIDER), R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(ERASURE_REQUEST),        R(PROVIDER), R(ACCESS),   STAYS },
	{ S(VOID),              K(ERASURE_REQUEST),        R(PROVIDER), R(ACCESS),   STAYS },
	{ OPEN,                 K(ERASURE_REQUEST),        R(COURT),    R(ACCESS),   STAYS },
	{ S(CLOSED),            K(ERASURE_REQUEST),        R(COURT),    R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(ERASURE_REQUEST),        R(COURT),    R(ACCESS),   STAYS },
	{ S(VOID),              K(ERASURE_REQUEST),        R(COURT),    R(ACCESS),   STAYS },
	{ OPEN,                 K(ERASURE_ANSWER),         R(ACCESS),   ANY,         STAYS },
	{ S(CLOSED),            K(ERASURE_ANSWER),         R(ACCESS),   ANY,         STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(ERASURE_ANSWER),         R(ACCESS),   ANY,         STAYS },
	{ S(VOID),              K(ERASURE_ANSWER),         R(ACCESS),   ANY,         STAYS },
	{ OPEN,                 K(AUDIT_LOOK),             R(AUDITOR),  ANY,         STAYS },	/* about no case */
	{ OPEN,                 K(ERASURE_DONE),           ANY,         R(ACCESS),   STAYS },
	{ S(CLOSED),            K(ERASURE_DONE),           ANY,         R(ACCESS),   STAYS },
	{ S(CLOSED_OTHER_ROUTE), K(ERASURE_DONE),           ANY,         R(ACCESS),   STAYS },
	{ S(VOID),              K(ERASURE_DONE),           ANY,         R(ACCESS),   STAYS },
};
/* clang-format on */

#define TRANSITIONS (sizeof(transitions) / sizeof(transitions[0]))

#define TO(role) (1u << SK__ROLE__##role)
#define TO_ANY (~0u)
#define TO_NEARBY (TO(SCHOOL) | TO(SPORT) | TO(CHILDCARE))	/* R47 */
/* Whoever may take part in a case. */
#define TO_ALL_ROLES (TO(ACCESS) | TO(PROVIDER) | TO(COURT) | TO(GI) | \
    TO(RVDK) | TO(RET) | TO(BOEG) | TO_NEARBY)

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
	[K(ROUTE_DECISION)]         = TO_ALL_ROLES,	/* all who take part, where it ends the case */
	[K(FAMILY_PLAN)]            = TO(ACCESS) | TO(PROVIDER) | TO_NEARBY,
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
	[K(CLOSE)]                  = TO_ALL_ROLES,
	[K(OPENED)]                 = 0,
	[K(CONTENT_MISMATCH_FOUND)] = TO_ANY,
	[K(ACCESS_REQUEST)]         = TO(ACCESS),
	[K(SIGNAL)]                 = TO(ACCESS),
	[K(NOT_MINE)]               = TO(ACCESS),
	[K(TRANSFER_TAKEN)]         = TO_ALL_ROLES,
	[K(WITHDRAW)]               = TO(ACCESS) | TO(PROVIDER),
	[K(PAUSE)]                  = TO(ACCESS),
	[K(RESUME)]                 = TO(ACCESS),
	[K(CHANGE_REQUEST)]         = TO(ACCESS),
	[K(CHANGE_ANSWER)]          = TO(ACCESS) | TO(PROVIDER),
	[K(INVESTIGATE)]            = TO(ACCESS),
	[K(REQUEST_ASSIGNMENT)]     = TO(ACCESS),
	[K(CONSULT)]                = TO(ACCESS) | TO(PROVIDER) | TO(GI) | TO(RVDK) | TO(RET) | TO(BOEG) | TO_NEARBY,
	[K(CONSULT_ANSWER)]         = TO(ACCESS) | TO(PROVIDER) | TO(GI),
	[K(INVOLVEMENT_NOTICE)]     = TO_ANY,
	[K(DIRECTOR_CHANGE)]        = TO(ACCESS) | TO(PROVIDER) | TO(GI),
	[K(DIRECTOR_ACCEPT)]        = TO(ACCESS) | TO(PROVIDER) | TO(GI),
	[K(STUCK)]                  = TO(ACCESS) | TO(GI),
	[K(RET_REQUEST)]            = TO(ACCESS) | TO(GI) | TO(RET),
	[K(RET_ADVICE)]             = TO(ACCESS) | TO(GI),
	[K(BOEG_REQUEST)]           = TO(ACCESS) | TO(BOEG),
	[K(BOEG_ADVICE)]            = TO(ACCESS) | TO(GI) | TO(RET),
	[K(LESSON)]                 = TO(ACCESS) | TO(PROVIDER) | TO(GI) | TO(RET) | TO(BOEG),
	[K(STORY)]                  = TO(ACCESS),
	[K(FEEDBACK)]               = TO(ACCESS) | TO(PROVIDER),
	[K(CORRECTION)]             = TO_ANY,
	[K(VOID)]                   = TO_ANY,
	[K(LINK_PERSON)]            = TO(ACCESS) | TO(PROVIDER) | TO(COURT) | TO(GI),
	[K(UNMET_NEED)]             = TO(ACCESS),
	[K(CRISIS_ALERT)]           = TO_ANY,
	[K(CRISIS_TAKEN)]           = TO_ANY,
	[K(CRISIS_REVIEW)]          = TO(ACCESS) | TO(PROVIDER) | TO(GI) | TO(RVDK),
	[K(CONTACT_ATTEMPT)]        = TO(ACCESS),
	[K(INFORMATION_REQUEST)]    = TO(ACCESS) | TO(PROVIDER) | TO(COURT) | TO(GI) | TO(RVDK) | TO(RET),
	[K(INFORMATION_ANSWER)]     = TO(ACCESS) | TO(PROVIDER) | TO(GI) | TO(RVDK) | TO(RET),
	[K(CATALOGUE_QUERY)]        = 0,
	[K(WAITING_QUERY)]          = 0,
	[K(OFFERING_PROPOSAL)]      = TO(ACCESS) | TO(REGION),
	[K(OFFERING_DECISION)]      = TO(ACCESS) | TO(PROVIDER) | TO(REGION),
	[K(CAPACITY_UPDATE)]        = 0,
	[K(SIDE_TAKEN)]             = TO(ACCESS),
	[K(CASE_CONFERENCE)]        = TO(ACCESS) | TO(PROVIDER) | TO(GI) | TO(RVDK) | TO(RET) | TO(BOEG) | TO_NEARBY,
	[K(PERSON_CHANGE)]          = TO_ANY,
	[K(CONSENT_CHANGE)]         = TO_ANY,
	[K(EXTRACT_MADE)]           = TO(ACCESS),
	[K(RESEAL)]                 = TO(ACCESS) | TO(PROVIDER) | TO(GI) | TO(RET) | TO(BOEG),
	[K(CONSENT_ANSWER)]         = TO(ACCESS) | TO(PROVIDER) | TO(COURT) | TO(GI),
	[K(ASSIGNED)]               = 0,
	[K(NOTIFIED)]               = 0,
	[K(ORDER_EXTENDED)]         = TO(ACCESS) | TO(PROVIDER),
	[K(ORDER_WITHDRAWN)]        = TO(ACCESS) | TO(PROVIDER),
	[K(ERASURE_REQUEST)]        = TO(ACCESS),
	[K(ERASURE_ANSWER)]         = TO_ANY,
	[K(AUDIT_LOOK)]             = 0,
	[K(ERASURE_DONE)]           = TO(ACCESS),
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
	return state != S(CLOSED) && state != S(CLOSED_OTHER_ROUTE) &&
	    state != S(VOID);
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
