#include "broker/core/policy.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/profile.h"

/* A term of ten years is a typing error, and working days are counted one by
 * one. */
#define TERM_DAYS_MAX 3660u
/* What the largest sealed part can hold. */
#define CHARACTERS_MAX 57343u

/* How many of a small thing; a region that says none turns its rule off. */
#define COUNT_MAX 32u
#define HOURS_MAX 240u
/* A region may ask for a sooner answer than the law does, not for a later. */
#define ANSWER_MONTHS_MAX 3u

enum unit {
	UNIT_DAYS, UNIT_CHARACTERS, UNIT_CHOICE, UNIT_HOURS, UNIT_MONTHS, UNIT_COUNT,
	UNIT_COUNT_OR_NONE, UNIT_HELP_MONTHS, UNIT_PERCENT
};

#define FIELD(name) #name, offsetof(Sk__Rules, has_##name), \
    offsetof(Sk__Rules, name)

static const struct {
	const char *name;
	size_t has;
	size_t value;
	enum unit unit;
	uint32_t fallback;
} terms[TERMS] = {
/* clang-format off: the columns are the point */
	[TERM_ORDER_WARNING_DAYS]              = { FIELD(order_warning_days),              UNIT_DAYS,       14 },
	[TERM_ORDER_BREACH_DAYS]               = { FIELD(order_breach_days),               UNIT_DAYS,       28 },
	[TERM_TRIAGE_DUE_WORKDAYS]             = { FIELD(triage_due_workdays),             UNIT_DAYS,        5 },
	[TERM_RECEIPT_DUE_WORKDAYS]            = { FIELD(receipt_due_workdays),            UNIT_DAYS,        3 },
	[TERM_ANSWER_REMINDER_WORKDAYS]        = { FIELD(answer_reminder_workdays),        UNIT_DAYS,        5 },
	[TERM_ANSWER_EXPIRES_WORKDAYS]         = { FIELD(answer_expires_workdays),         UNIT_DAYS,        7 },
	[TERM_HEARING_REPORT_LEAD_WORKDAYS]    = { FIELD(hearing_report_lead_workdays),    UNIT_DAYS,       15 },
	[TERM_HEARING_REPORT_WARNING_WORKDAYS] = { FIELD(hearing_report_warning_workdays), UNIT_DAYS,        5 },
	[TERM_COURT_REPORT_WORKDAYS]           = { FIELD(court_report_workdays),           UNIT_DAYS,        5 },
	[TERM_UNDELIVERABLE_DAYS]              = { FIELD(undeliverable_days),              UNIT_DAYS,        5 },
	[TERM_TRIAGE_MAX_AGE_DAYS]             = { FIELD(triage_max_age_days),             UNIT_DAYS,      180 },
	[TERM_REPORT_CHARACTERS_MAX]           = { FIELD(report_characters_max),           UNIT_CHARACTERS, 6000 },
	[TERM_COURT_REFERS_DIRECT]             = { FIELD(court_refers_direct),             UNIT_CHOICE,      0 },
	[TERM_BOTH_PARENTS_CONSENT]            = { FIELD(both_parents_consent),            UNIT_CHOICE,      1 },
	[TERM_CONSIDERATION_NEEDED]            = { FIELD(consideration_needed),            UNIT_CHOICE,       0 },
	[TERM_LOCAL_REASON_NEEDED]             = { FIELD(local_reason_needed),             UNIT_CHOICE,       0 },
	[TERM_COMPLEX_DOMAINS]                 = { FIELD(complex_domains),                 UNIT_COUNT_OR_NONE,    0 },
	[TERM_CRISIS_ANSWER_HOURS]             = { FIELD(crisis_answer_hours),             UNIT_HOURS,        4 },
	[TERM_CRISIS_OWNER_HOURS]              = { FIELD(crisis_owner_hours),              UNIT_HOURS,       24 },
	[TERM_CRISIS_REVIEW_DAYS]              = { FIELD(crisis_review_days),              UNIT_DAYS,         7 },
	[TERM_CRISIS_ANALYSIS_DAYS]            = { FIELD(crisis_analysis_days),            UNIT_DAYS,        28 },
	[TERM_ALTERNATIVES_MIN]                = { FIELD(alternatives_min),                UNIT_COUNT,        2 },
	[TERM_CONTACT_ATTEMPTS_MIN]            = { FIELD(contact_attempts_min),            UNIT_COUNT,        3 },
	[TERM_FAILURES_TO_CONFERENCE]          = { FIELD(failures_to_conference),          UNIT_COUNT,        2 },
	[TERM_FAILURES_TO_RET]                 = { FIELD(failures_to_ret),                 UNIT_COUNT,        3 },
	[TERM_MOVES_TO_RET]                    = { FIELD(moves_to_ret),                    UNIT_COUNT,        2 },
	[TERM_RELOOK_DAYS]                     = { FIELD(relook_days),                     UNIT_DAYS,        28 },
	[TERM_STUCK_REMINDER_WORKDAYS]         = { FIELD(stuck_reminder_workdays),         UNIT_DAYS,         5 },
	[TERM_STUCK_PROPOSAL_WORKDAYS]         = { FIELD(stuck_proposal_workdays),         UNIT_DAYS,        10 },
	[TERM_RET_ADVICE_WORKDAYS]             = { FIELD(ret_advice_workdays),             UNIT_DAYS,        10 },
	[TERM_BOEG_ADVICE_WORKDAYS]            = { FIELD(boeg_advice_workdays),            UNIT_DAYS,        20 },
	[TERM_TRANSFER_WORKDAYS]               = { FIELD(transfer_workdays),               UNIT_DAYS,        10 },
	[TERM_DIRECTOR_WORKDAYS]               = { FIELD(director_workdays),               UNIT_DAYS,         5 },
	[TERM_CHANGE_ANSWER_WORKDAYS]          = { FIELD(change_answer_workdays),          UNIT_DAYS,         5 },
	[TERM_CONSULT_WORKDAYS]                = { FIELD(consult_workdays),                UNIT_DAYS,         5 },
	[TERM_INVOLVEMENT_WORKDAYS]            = { FIELD(involvement_workdays),            UNIT_DAYS,         5 },
	[TERM_INVESTIGATE_DAYS_MAX]            = { FIELD(investigate_days_max),            UNIT_DAYS,        56 },
	[TERM_DIRECTOR_DOMAINS]                = { FIELD(director_domains),                UNIT_COUNT,        2 },
	[TERM_AGEING_DAYS]                     = { FIELD(ageing_days),                     UNIT_DAYS,        28 },
	[TERM_TAILOR_MADE_PLANS]               = { FIELD(tailor_made_plans),               UNIT_CHOICE,       0 },
	[TERM_CAPACITY_FRESH_DAYS]             = { FIELD(capacity_fresh_days),             UNIT_DAYS,        14 },
	[TERM_HELP_MONTHS_MAX]                 = { FIELD(help_months_max),                 UNIT_HELP_MONTHS,  6 },
	[TERM_REVIEW_FIRST_PERCENT]            = { FIELD(review_first_percent),            UNIT_PERCENT,     50 },
	[TERM_REVIEW_LAST_PERCENT]             = { FIELD(review_last_percent),             UNIT_PERCENT,     90 },
	[TERM_HOP_DAYS]                        = { FIELD(hop_days),                        UNIT_DAYS,       183 },
	[TERM_RETURN_DAYS]                     = { FIELD(return_days),                     UNIT_DAYS,       365 },
	[TERM_HANDOVER_NEEDED]                 = { FIELD(handover_needed),                 UNIT_CHOICE,       1 },
	[TERM_CONSENT_STATED]                  = { FIELD(consent_stated),                  UNIT_CHOICE,       0 },
	[TERM_CONSENT_REMINDER_WORKDAYS]       = { FIELD(consent_reminder_workdays),       UNIT_DAYS,         1 },
	[TERM_CONSENT_ANSWER_WORKDAYS]         = { FIELD(consent_answer_workdays),         UNIT_DAYS,         5 },
	[TERM_PARENTS_INFORMED_NEEDED]         = { FIELD(parents_informed_needed),         UNIT_CHOICE,       0 },
	[TERM_RETENTION_DAYS]                  = { FIELD(retention_days),                  UNIT_DAYS,        90 },
	[TERM_REFUSAL_DAYS]                    = { FIELD(refusal_days),                    UNIT_DAYS,        90 },
	[TERM_ERASURE_ANSWER_MONTHS]           = { FIELD(erasure_answer_months),           UNIT_MONTHS,       3 },
	[TERM_INFORMATION_REMINDER_WORKDAYS]   = { FIELD(information_reminder_workdays),   UNIT_DAYS,         3 },
	[TERM_INFORMATION_ANSWER_WORKDAYS]     = { FIELD(information_answer_workdays),     UNIT_DAYS,         5 },
	[TERM_BIRTH_DAYS]                      = { FIELD(birth_days),                      UNIT_DAYS,        14 },
	[TERM_RECEIPT_REMINDER_WORKDAYS]       = { FIELD(receipt_reminder_workdays),       UNIT_DAYS,         2 },
	[TERM_RESEAL_TO_JOINERS]               = { FIELD(reseal_to_joiners),               UNIT_CHOICE,       1 },
	[TERM_QUARTER_WAIT_DAYS]               = { FIELD(quarter_wait_days),               UNIT_DAYS,        14 },
/* clang-format on */
};

uint32_t
policy_municipality(const char *code)
{
	uint32_t number = 0;

	if (code == NULL || strlen(code) != 4)
		return 0;
	for (; *code != '\0'; code++) {
		if (*code < '0' || *code > '9')
			return 0;
		number = number * 10 + (uint32_t)(*code - '0');
	}
	return number;
}

const char *
policy_term_name(enum term term)
{
	return term < TERMS ? terms[term].name : "";
}

uint32_t
policy_term_default(enum term term)
{
	return term < TERMS ? terms[term].fallback : 0;
}

static const Sk__Rules *
rules_of(const Sk__Policy *policy, uint32_t municipality)
{
	if (municipality == 0)
		return NULL;
	/* few of them differ from their region: the others cost a look */
	for (size_t i = 0; i < policy->n_municipalities; i++)
		if (policy->municipalities[i]->rules != NULL &&
		    policy_municipality(policy->municipalities[i]->code) ==
		    municipality)
			return policy->municipalities[i]->rules;
	return NULL;
}

/* Does this level say anything about the term? */
static bool
says(const Sk__Rules *rules, enum term term, uint32_t *value)
{
	protobuf_c_boolean has;

	if (rules == NULL)
		return false;
	memcpy(&has, (const char *)rules + terms[term].has, sizeof(has));
	if (!has)
		return false;
	memcpy(value, (const char *)rules + terms[term].value, sizeof(*value));
	if (terms[term].unit == UNIT_CHOICE)
		*value = *value != 0;
	return true;
}
_Static_assert(sizeof(protobuf_c_boolean) == sizeof(uint32_t),
    "says reads a choice as it reads a number");

uint32_t
policy_term(const Sk__Policy *policy, uint32_t municipality, enum term term)
{
	uint32_t value;

	if (policy != NULL &&
	    (says(rules_of(policy, municipality), term, &value) ||
	    says(policy->rules, term, &value)))
		return value;
	return terms[term].fallback;
}

struct civil_holidays
policy_holidays(const Sk__Policy *policy, uint32_t municipality)
{
	struct civil_holidays choice = { false, false };
	const Sk__Rules *levels[2];

	if (policy == NULL)
		return choice;
	levels[0] = policy->rules;
	levels[1] = rules_of(policy, municipality);
	for (size_t i = 0; i < 2; i++) {
		if (levels[i] == NULL)
			continue;
		if (levels[i]->has_good_friday_is_holiday)
			choice.good_friday = levels[i]->good_friday_is_holiday;
		if (levels[i]->has_liberation_day_yearly)
			choice.liberation_day_yearly =
			    levels[i]->liberation_day_yearly;
	}
	return choice;
}

const Sk__Offering *
policy_offering(const Sk__Policy *policy, const char *code)
{
	if (policy == NULL || code == NULL)
		return NULL;
	for (size_t i = 0; i < policy->n_offerings; i++)
		if (policy->offerings[i]->code != NULL &&
		    strcmp(policy->offerings[i]->code, code) == 0)
			return policy->offerings[i];
	return NULL;
}

/* ---- does it contradict itself? */

static enum sk_error
wrong_term(struct fault *fault, const char *path, enum term term,
    const char *hint, uint32_t bound)
{
	char field[96];

	snprintf(field, sizeof(field), "%s.%s", path, terms[term].name);
	return fault_set(fault, SK_POLICY_WRONG, field, hint, bound);
}

/* The terms that this level gives, each by itself. */
static enum sk_error
check_values(const Sk__Rules *rules, const char *path, struct fault *fault)
{
	static const uint32_t bounds[] = { TERM_DAYS_MAX, CHARACTERS_MAX, 1,
		HOURS_MAX, ANSWER_MONTHS_MAX, COUNT_MAX, COUNT_MAX,
		MONTHS_MAX, 100 };
	uint32_t value, bound;

	for (enum term t = 0; t < TERMS; t++) {
		if (terms[t].unit == UNIT_CHOICE || !says(rules, t, &value))
			continue;
		bound = bounds[terms[t].unit];
		if (terms[t].unit == UNIT_COUNT_OR_NONE && value == 0)
			continue;
		if (value == 0 || value > bound)
			return wrong_term(fault, path, t, "1 to %u", bound);
	}
	return SK_OK;
}

/* The terms that hold at this level, against each other. */
static enum sk_error
check_order(const Sk__Policy *policy, uint32_t municipality, const char *path,
    struct fault *fault)
{
	static const struct { enum term first, last; } pairs[] = {
		{ TERM_ORDER_WARNING_DAYS, TERM_ORDER_BREACH_DAYS },
		{ TERM_ANSWER_REMINDER_WORKDAYS, TERM_ANSWER_EXPIRES_WORKDAYS },
		{ TERM_STUCK_REMINDER_WORKDAYS, TERM_STUCK_PROPOSAL_WORKDAYS },
		{ TERM_CRISIS_ANSWER_HOURS, TERM_CRISIS_OWNER_HOURS },
		{ TERM_FAILURES_TO_CONFERENCE, TERM_FAILURES_TO_RET },
		{ TERM_REVIEW_FIRST_PERCENT, TERM_REVIEW_LAST_PERCENT },
	};
	uint32_t last;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		last = policy_term(policy, municipality, pairs[i].last);
		if (policy_term(policy, municipality, pairs[i].first) >= last)
			return wrong_term(fault, path, pairs[i].first,
			    "less than the term that it warns of, %u", last);
	}
	return SK_OK;
}

static enum sk_error
check_municipality(const Sk__Policy *policy, size_t i, struct fault *fault)
{
	const Sk__Municipality *m = policy->municipalities[i];
	uint32_t code = policy_municipality(m->code);
	char path[64];
	enum sk_error rc;

	snprintf(path, sizeof(path), "municipalities[%zu].code", i);
	if (code == 0)
		return fault_set(fault, SK_POLICY_WRONG, path,
		    "a CBS code of four digits");
	for (size_t j = 0; j < i; j++)
		if (policy_municipality(policy->municipalities[j]->code) == code)
			return fault_set(fault, SK_POLICY_WRONG, path,
			    "%s stands here twice", m->code);
	if (m->rules == NULL)
		return SK_OK;
	snprintf(path, sizeof(path), "municipalities[%zu].rules", i);
	if ((rc = check_values(m->rules, path, fault)) != SK_OK)
		return rc;
	return check_order(policy, code, path, fault);
}

static bool
has_provider(const Sk__Policy *policy, size_t n, const char *agb)
{
	for (size_t i = 0; i < n; i++)
		if (policy->providers[i]->agb != NULL &&
		    strcmp(policy->providers[i]->agb, agb) == 0)
			return true;
	return false;
}

static enum sk_error
check_providers(const Sk__Policy *policy, struct fault *fault)
{
	char path[64];

	for (size_t i = 0; i < policy->n_providers; i++) {
		const char *agb = policy->providers[i]->agb;

		snprintf(path, sizeof(path), "providers[%zu].agb", i);
		if (agb == NULL || *agb == '\0')
			return fault_set(fault, SK_POLICY_WRONG, path,
			    "an AGB code");
		if (has_provider(policy, i, agb))
			return fault_set(fault, SK_POLICY_WRONG, path,
			    "%s stands here twice", agb);
	}
	return SK_OK;
}

static enum sk_error
check_offering(const Sk__Policy *policy, size_t i, struct fault *fault)
{
	const Sk__Offering *o = policy->offerings[i];
	char path[64];

	snprintf(path, sizeof(path), "offerings[%zu].code", i);
	if (o->code == NULL || *o->code == '\0')
		return fault_set(fault, SK_POLICY_WRONG, path,
		    "a code of its own");
	if (policy_offering(policy, o->code) != o)
		return fault_set(fault, SK_POLICY_WRONG, path,
		    "%s stands here twice", o->code);
	snprintf(path, sizeof(path), "offerings[%zu].provider", i);
	if (o->provider == NULL ||
	    !has_provider(policy, policy->n_providers, o->provider))
		return fault_set(fault, SK_POLICY_WRONG, path,
		    "the AGB code of a provider of this profile");
	snprintf(path, sizeof(path), "offerings[%zu].level", i);
	if (!o->has_level)
		return fault_set(fault, SK_POLICY_WRONG, path,
		    "LIGHT, AMBULANT, SPECIALIST, RESIDENTIAL or "
		    "COMPULSORY_LEVEL");
	return SK_OK;
}

enum sk_error
policy_check(const Sk__Policy *policy, struct fault *fault)
{
	enum sk_error rc;

	if ((rc = check_values(policy->rules, "rules", fault)) != SK_OK ||
	    (rc = check_order(policy, 0, "rules", fault)) != SK_OK)
		return rc;
	for (size_t i = 0; i < policy->n_municipalities; i++)
		if ((rc = check_municipality(policy, i, fault)) != SK_OK)
			return rc;
	if ((rc = check_providers(policy, fault)) != SK_OK)
		return rc;
	for (size_t i = 0; i < policy->n_offerings; i++)
		if ((rc = check_offering(policy, i, fault)) != SK_OK)
			return rc;
	return profile_check(policy, fault);
}
