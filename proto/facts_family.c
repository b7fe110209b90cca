/*
 * Facts about the family: authority, household, consent, and what of a section
 * one household does not get to see.
 */
#include "proto/facts.h"

#include <stdio.h>

#include "proto/fault.h"

#define PSEUDONYM_SIZE 32u
#define HOUSEHOLDS_MAX 8u
#define PURPOSES_MAX 7u

static enum sk_error
check_pseudonym(int has, const ProtobufCBinaryData *pseudonym,
    const char *path, struct fault *fault)
{
	if (!has)
		return fault_at(fault, SK_FIELD_MISSING, NULL,
		    "%s.pseudonym", path);
	if (pseudonym->len != PSEUDONYM_SIZE)
		return fault_at(fault, SK_FIELD_INVALID, "32 bytes",
		    "%s.pseudonym", path);
	return SK_OK;
}

static enum sk_error
check_household(int has, uint32_t household, const char *path,
    struct fault *fault)
{
	if (!has || (household >= 1 && household <= HOUSEHOLDS_MAX))
		return SK_OK;
	return fault_at(fault, SK_FIELD_INVALID, "1 to 8", "%s.household",
	    path);
}

/* What it rests on stands with authority that there is, and only there. */
static enum sk_error
check_authority(int has, Sk__Authority authority, int has_ground,
    const char *path, struct fault *fault)
{
	bool has_authority = has &&
	    (authority == SK__AUTHORITY__HAS_AUTHORITY ||
	    authority == SK__AUTHORITY__SHARED_AUTHORITY);

	if (has_authority == (has_ground != 0))
		return SK_OK;
	return fault_at(fault, has_authority ? SK_FIELD_MISSING :
	    SK_FIELD_UNEXPECTED, "with authority, alone or shared",
	    "%s.authority_ground", path);
}

enum sk_error
facts_check_person(const Sk__Person *person, const char *path,
    struct fault *fault)
{
	char date[96];
	enum sk_error rc;

	if (person->has_authority && person->role != SK__PERSON_ROLE__PARENT)
		return fault_at(fault, SK_FIELD_UNEXPECTED, "of a PARENT",
		    "%s.authority", path);
	if ((rc = check_authority(person->has_authority, person->authority,
	    person->has_authority_ground, path, fault)) != SK_OK ||
	    (rc = check_household(person->has_household, person->household,
	    path, fault)) != SK_OK)
		return rc;
	if (person->has_expected_birth_date) {
		if (person->role != SK__PERSON_ROLE__CHILD ||
		    person->secret_version != 0)
			return fault_at(fault, SK_FIELD_UNEXPECTED,
			    "of a CHILD whose pseudonym is drawn at random",
			    "%s.expected_birth_date", path);
		snprintf(date, sizeof(date), "%s.expected_birth_date", path);
		if ((rc = facts_need_date(1, person->expected_birth_date, date,
		    fault)) != SK_OK)
			return rc;
	}
	if (person->secret_address && !person->has_household)
		return fault_at(fault, SK_FIELD_MISSING,
		    "the household whose address it is", "%s.household", path);
	return SK_OK;
}

static enum sk_error
check_change(const Sk__PersonChangeFacts *change, struct fault *fault)
{
	static const char path[] = "facts.person_change";
	enum sk_error rc;

	if ((rc = check_pseudonym(change->has_pseudonym, &change->pseudonym,
	    path, fault)) != SK_OK ||
	    (rc = check_authority(change->has_authority, change->authority,
	    change->has_authority_ground, path, fault)) != SK_OK ||
	    (rc = check_household(change->has_household, change->household,
	    path, fault)) != SK_OK)
		return rc;
	if (!change->has_authority && !change->has_household &&
	    !change->has_secret_address && !change->has_birth_date &&
	    !change->has_expected_birth_date)
		return fault_at(fault, SK_FIELD_MISSING, "authority, "
		    "household, secret_address or birth_date", "%s", path);
	if (change->has_birth_date && change->has_expected_birth_date)
		return fault_at(fault, SK_FIELD_UNEXPECTED,
		    "it was born, or is expected",
		    "%s.expected_birth_date", path);
	if (change->has_birth_date)
		return facts_need_date(1, change->birth_date,
		    "facts.person_change.birth_date", fault);
	return change->has_expected_birth_date ? facts_need_date(1,
	    change->expected_birth_date,
	    "facts.person_change.expected_birth_date", fault) : SK_OK;
}

static enum sk_error
check_ground(bool needed, int has, const char *path, const char *hint,
    struct fault *fault)
{
	if (needed == (has != 0))
		return SK_OK;
	return fault_at(fault, needed ? SK_FIELD_MISSING :
	    SK_FIELD_UNEXPECTED, hint, "%s.ground", path);
}

static enum sk_error
check_consent(const Sk__ConsentChangeFacts *change, struct fault *fault)
{
	static const char path[] = "facts.consent_change";
	enum sk_error rc;
	uint32_t seen = 0, bit;

	if ((rc = check_pseudonym(change->has_pseudonym, &change->pseudonym,
	    path, fault)) != SK_OK)
		return rc;
	if (change->n_purposes == 0 || !change->has_state)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s.%s", path,
		    change->n_purposes == 0 ? "purposes" : "state");
	for (size_t i = 0; i < change->n_purposes; i++) {
		bit = 1u << (change->purposes[i] & 31);
		if (i >= PURPOSES_MAX || (seen & bit) != 0)
			return fault_at(fault, SK_FIELD_INVALID, "each once",
			    "%s.purposes[%zu]", path, i);
		seen |= bit;
	}
	return check_ground(change->state ==
	    SK__CONSENT_STATE__CONSENT_NOT_NEEDED, change->has_ground, path,
	    "with CONSENT_NOT_NEEDED", fault);
}

static enum sk_error
check_answer(const Sk__ConsentAnswerFacts *answer, struct fault *fault)
{
	static const char path[] = "facts.consent_answer";

	if (!answer->has_verdict)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s.verdict",
		    path);
	return check_ground(answer->verdict ==
	    SK__CONSENT_VERDICT__HELP_ON_OTHER_GROUND, answer->has_ground,
	    path, "with HELP_ON_OTHER_GROUND", fault);
}

static enum sk_error
check_extract(const Sk__ExtractMadeFacts *extract, struct fault *fault)
{
	static const char path[] = "facts.extract_made";
	enum sk_error rc;

	if ((rc = check_pseudonym(extract->has_pseudonym,
	    &extract->pseudonym, path, fault)) != SK_OK)
		return rc;
	if (!extract->has_ground || !extract->has_messages)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s.%s", path,
		    extract->has_ground ? "messages" : "ground");
	return SK_OK;
}

static enum sk_error
check_reseal(const Sk__Facts *facts, struct fault *fault)
{
	const Sk__ResealFacts *reseal = facts->reseal;
	static const char path[] = "facts.reseal";

	if (!reseal->has_kind || !reseal->has_leaf_hash || !reseal->has_whole)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s.%s", path,
		    !reseal->has_kind ? "kind" : !reseal->has_leaf_hash ?
		    "leaf_hash" : "whole");
	if (reseal->leaf_hash.len != DIGEST_SIZE)
		return fault_at(fault, SK_FIELD_INVALID, "32 bytes",
		    "%s.leaf_hash", path);
	if (reseal->whole == (facts->n_sections == 0))
		return SK_OK;
	return fault_at(fault, reseal->whole ? SK_FIELD_UNEXPECTED :
	    SK_SECTION_MISSING, "the key of all, or some sections",
	    "facts.sections");
}

/* Either whom, when and how, or why not. */
static enum sk_error
check_informed(const Sk__ParentsInformed *informed, struct fault *fault)
{
	static const char path[] = "facts.parents_informed";

	if (informed->has_not_informed) {
		if (!informed->has_who && !informed->has_date &&
		    !informed->has_how)
			return SK_OK;
		return fault_at(fault, SK_FIELD_UNEXPECTED,
		    "instead of who, date and how", "%s.not_informed", path);
	}
	if (!informed->has_who || !informed->has_how)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s.%s", path,
		    informed->has_who ? "how" : "who");
	return facts_need_date(informed->has_date, informed->date,
	    "facts.parents_informed.date", fault);
}

static enum sk_error
check_numbers(const uint32_t *numbers, size_t n, size_t index,
    const char *field, struct fault *fault)
{
	uint32_t seen = 0;

	for (size_t i = 0; i < n; i++) {
		if (numbers[i] < 1 || numbers[i] > HOUSEHOLDS_MAX ||
		    (seen >> numbers[i] & 1) != 0)
			return fault_at(fault, SK_FIELD_INVALID,
			    "1 to 8, each once", "facts.sections[%zu].%s[%zu]",
			    index, field, i);
		seen |= 1u << numbers[i];
	}
	return SK_OK;
}

enum sk_error
facts_check_marking(const Sk__SectionLength *section, size_t index,
    struct fault *fault)
{
	enum sk_error rc;

	if ((rc = check_numbers(section->withheld_from,
	    section->n_withheld_from, index, "withheld_from", fault)) !=
	    SK_OK)
		return rc;
	return check_numbers(section->address_of, section->n_address_of,
	    index, "address_of", fault);
}

enum sk_error
facts_check_family(const struct kind_info *info, const Sk__Facts *facts,
    struct fault *fault)
{
	enum sk_error rc;

	if (facts->parents_informed != NULL &&
	    (rc = check_informed(facts->parents_informed, fault)) != SK_OK)
		return rc;
	switch (info->kind) {
	case SK__KIND__PERSON_CHANGE:
		return check_change(facts->person_change, fault);
	case SK__KIND__CONSENT_CHANGE:
		return check_consent(facts->consent_change, fault);
	case SK__KIND__CONSENT_ANSWER:
		return check_answer(facts->consent_answer, fault);
	case SK__KIND__RESEAL:
		return check_reseal(facts, fault);
	case SK__KIND__EXTRACT_MADE:
		return check_extract(facts->extract_made, fault);
	default:
		return SK_OK;
	}
}
