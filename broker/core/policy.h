/*
 * policy.h - what a region profile says, read by the rules: a term or choice
 * of the municipality, else of the region, else the default.
 */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/civil.h"
#include "proto/error.h"
#include "proto/policy.pb-c.h"

#define POLICY_WITNESSES_MAX 16u

enum term {
	TERM_ORDER_WARNING_DAYS, TERM_ORDER_BREACH_DAYS, TERM_TRIAGE_DUE_WORKDAYS,
	TERM_RECEIPT_DUE_WORKDAYS, TERM_ANSWER_REMINDER_WORKDAYS,
	TERM_ANSWER_EXPIRES_WORKDAYS, TERM_HEARING_REPORT_LEAD_WORKDAYS,
	TERM_HEARING_REPORT_WARNING_WORKDAYS, TERM_COURT_REPORT_WORKDAYS,
	TERM_UNDELIVERABLE_DAYS, TERM_TRIAGE_MAX_AGE_DAYS,
	TERM_REPORT_CHARACTERS_MAX, TERM_COURT_REFERS_DIRECT,
	TERM_BOTH_PARENTS_CONSENT,
	TERM_CONSIDERATION_NEEDED,
	TERM_LOCAL_REASON_NEEDED,
	TERM_COMPLEX_DOMAINS,
	TERM_CRISIS_ANSWER_HOURS,
	TERM_CRISIS_OWNER_HOURS,
	TERM_CRISIS_REVIEW_DAYS,
	TERM_CRISIS_ANALYSIS_DAYS,
	TERM_ALTERNATIVES_MIN,
	TERM_CONTACT_ATTEMPTS_MIN,
	TERM_FAILURES_TO_CONFERENCE,
	TERM_FAILURES_TO_RET,
	TERM_MOVES_TO_RET,
	TERM_RELOOK_DAYS,
	TERM_STUCK_REMINDER_WORKDAYS,
	TERM_STUCK_PROPOSAL_WORKDAYS,
	TERM_RET_ADVICE_WORKDAYS,
	TERM_BOEG_ADVICE_WORKDAYS,
	TERM_TRANSFER_WORKDAYS,
	TERM_DIRECTOR_WORKDAYS,
	TERM_CHANGE_ANSWER_WORKDAYS,
	TERM_CONSULT_WORKDAYS,
	TERM_INVOLVEMENT_WORKDAYS,
	TERM_INVESTIGATE_DAYS_MAX,
	TERM_DIRECTOR_DOMAINS,
	TERM_AGEING_DAYS,
	TERM_TAILOR_MADE_PLANS,
	TERM_CAPACITY_FRESH_DAYS,
	TERM_HELP_MONTHS_MAX,
	TERM_REVIEW_FIRST_PERCENT,
	TERM_REVIEW_LAST_PERCENT,
	TERM_HOP_DAYS,
	TERM_RETURN_DAYS,
	TERM_HANDOVER_NEEDED,
	TERM_CONSENT_STATED,
	TERM_CONSENT_REMINDER_WORKDAYS,
	TERM_CONSENT_ANSWER_WORKDAYS,
	TERM_PARENTS_INFORMED_NEEDED,
	TERM_RETENTION_DAYS,
	TERM_REFUSAL_DAYS,
	TERM_ERASURE_ANSWER_MONTHS,
	TERM_RESEAL_TO_JOINERS,
	TERM_INFORMATION_REMINDER_WORKDAYS,
	TERM_INFORMATION_ANSWER_WORKDAYS,
	TERM_BIRTH_DAYS,
	TERM_RECEIPT_REMINDER_WORKDAYS,
	TERM_QUARTER_WAIT_DAYS,
	TERMS
};

/* A CBS code of four digits as a number; 0 for anything else. */
uint32_t policy_municipality(const char *code);
/* The name that a profile gives it, and what holds where none does. */
const char *policy_term_name(enum term term);
uint32_t policy_term_default(enum term term);
/* policy NULL: defaults alone. Booleans are 0 or 1. */
uint32_t policy_term(const Sk__Policy *policy, uint32_t municipality,
    enum term term);
struct civil_holidays policy_holidays(const Sk__Policy *policy,
    uint32_t municipality);
/* NULL when not in the catalogue. */
const Sk__Offering *policy_offering(const Sk__Policy *policy,
    const char *code);
/* Does it contradict itself? Field path and what would be right in *fault. */
enum sk_error policy_check(const Sk__Policy *policy, struct fault *fault);

#endif
