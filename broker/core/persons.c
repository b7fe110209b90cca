/*
 * Who they are to each other: authority over the child, the household that
 * each lives in, an address that must not be known there; and the sections of
 * a message that one household does not get to see.
 */
#include "broker/core/decide.h"

#include <stdio.h>
#include <string.h>

#define K(name) SK__KIND__##name
#define SECTIONS "facts.sections"
#define WHOLE_CASE 0u

int
person_in_case(const struct case_closed *closed,
    const ProtobufCBinaryData *pseudonym)
{
	for (size_t i = 0; closed != NULL && i < closed->persons; i++)
		if (pseudonym->len == sizeof(closed->person[i].pseudonym) &&
		    memcmp(closed->person[i].pseudonym, pseudonym->data,
		    pseudonym->len) == 0)
			return (int)i;
	return -1;
}

/* ---- a child that is not born yet */

#define PREGNANCY_DAYS_MAX 300
#define OVERDUE_DAYS_MAX 28

/* A day that can still be expected. */
static enum sk_error
check_expected(struct deciding *d, int32_t date, const char *field)
{
	char from[CIVIL_DATE_TEXT_MAX], to[CIVIL_DATE_TEXT_MAX];

	if (date >= d->today - OVERDUE_DAYS_MAX &&
	    date <= d->today + PREGNANCY_DAYS_MAX)
		return SK_OK;
	civil_date_text(d->today - OVERDUE_DAYS_MAX, from);
	civil_date_text(d->today + PREGNANCY_DAYS_MAX, to);
	return REFUSE(d, SK_DATE_INVALID, field, "%s to %s", from, to);
}

enum sk_error
decide_unborn(struct deciding *d, Sk__Person *const *persons, size_t n,
    const char *field)
{
	enum sk_error rc;

	for (size_t i = 0; i < n; i++) {
		if (!persons[i]->has_expected_birth_date)
			continue;
		rc = check_expected(d, persons[i]->expected_birth_date, field);
		if (rc != SK_OK)
			return rc;
		deadline_begin(d, SK__DEADLINE_KIND__BIRTH_DUE, WHOLE_CASE,
		    persons[i]->expected_birth_date);
	}
	return SK_OK;
}

/* Another day, or it was born; who it is then follows by a LINK_PERSON. */
static enum sk_error
change_birth(struct deciding *d, const Sk__PersonChangeFacts *change,
    bool unborn)
{
	enum sk_error rc;

	if (!change->has_birth_date && !change->has_expected_birth_date)
		return SK_OK;
	if (!unborn)
		return REFUSE(d, SK_FIELD_UNEXPECTED, change->has_birth_date ?
		    "facts.person_change.birth_date" :
		    "facts.person_change.expected_birth_date",
		    "of a child that is not born yet");
	if (change->has_birth_date) {
		if (change->birth_date > d->today)
			return REFUSE(d, SK_DATE_INVALID,
			    "facts.person_change.birth_date",
			    "not later than today");
		effect_timer_clear(d, SK__DEADLINE_KIND__BIRTH_DUE,
		    WHOLE_CASE);
		return SK_OK;
	}
	rc = check_expected(d, change->expected_birth_date,
	    "facts.person_change.expected_birth_date");
	if (rc == SK_OK)
		deadline_begin(d, SK__DEADLINE_KIND__BIRTH_DUE, WHOLE_CASE,
		    change->expected_birth_date);
	return rc;
}

enum sk_error
decide_person_change(struct deciding *d)
{
	Sk__PersonChangeFacts *change = d->event->facts->person_change;
	const struct case_closed *closed = decide_closed(d);
	int person = person_in_case(closed, &change->pseudonym);
	enum sk_error rc;

	if ((rc = decide_date_past(d)) != SK_OK)
		return rc;
	if (person < 0)
		return REFUSE(d, SK_PERSON_NOT_IN_CASE,
		    "facts.person_change.pseudonym", "a person of this case");
	if (change->has_authority &&
	    closed->person[person].role != SK__PERSON_ROLE__PARENT)
		return REFUSE(d, SK_FIELD_UNEXPECTED,
		    "facts.person_change.authority", "of a PARENT");
	if ((rc = change_birth(d, change, closed->person[person].unborn)) !=
	    SK_OK)
		return rc;
	effect_person_change(d, change);
	return SK_OK;
}

/* What it says was done: the rules ask only that it is one of the parents. */
enum sk_error
decide_extract_made(struct deciding *d)
{
	const Sk__ExtractMadeFacts *extract = d->event->facts->extract_made;
	const struct case_closed *closed = decide_closed(d);
	int person;

	if (closed == NULL)
		return SK_OK;
	person = person_in_case(closed, &extract->pseudonym);
	if (person < 0 ||
	    closed->person[person].role != SK__PERSON_ROLE__PARENT)
		return REFUSE(d, SK_PERSON_NOT_IN_CASE,
		    "facts.extract_made.pseudonym", "a parent of this case");
	return SK_OK;
}

/* ---- sections */

/* Households as a message knows them: bit (1 << number). */
struct households {
	unsigned all;		/* of anyone */
	unsigned parents;	/* of a parent: who could ask to see it */
	unsigned secret;	/* with an address that must not be known */
};

static void
add_person(struct households *h, unsigned household, bool is_parent,
    bool is_secret)
{
	unsigned bit = household == 0 || household > CASE_HOUSEHOLDS_MAX ? 0 :
	    1u << household;

	h->all |= bit;
	h->parents |= is_parent ? bit : 0;
	h->secret |= is_secret ? bit : 0;
}

static struct households
households_of(const struct deciding *d)
{
	const struct case_closed *closed = decide_closed(d);
	struct households h = { 0 };
	Sk__Person **persons;
	size_t n;

	if (d->row == NULL) {
		persons = entry_persons(d, &n);
		for (size_t i = 0; i < n; i++)
			add_person(&h, persons[i]->household,
			    persons[i]->role == SK__PERSON_ROLE__PARENT,
			    persons[i]->secret_address != 0);
		return h;
	}
	for (size_t i = 0; closed != NULL && i < closed->persons; i++)
		add_person(&h, closed->person[i].household,
		    closed->person[i].role == SK__PERSON_ROLE__PARENT,
		    closed->person[i].secret_address != 0);
	return h;
}

static unsigned
mask_of(const uint32_t *numbers, size_t n)
{
	unsigned mask = 0;

	for (size_t i = 0; i < n; i++)
		mask |= 1u << (numbers[i] & 31);
	return mask;
}

static enum sk_error
check_section(struct deciding *d, const struct households *h, size_t i)
{
	const Sk__SectionLength *s = d->event->facts->sections[i];
	unsigned withheld = mask_of(s->withheld_from, s->n_withheld_from);
	unsigned address = mask_of(s->address_of, s->n_address_of);
	char field[64];

	if (((withheld | address) & ~h->all) != 0) {
		snprintf(field, sizeof(field), SECTIONS "[%zu].%s", i,
		    (withheld & ~h->all) != 0 ? "withheld_from" :
		    "address_of");
		return REFUSE(d, SK_FIELD_INVALID, field,
		    "a household of a person in this case");
	}
	/* each that must not be known, from each other household with a parent */
	for (unsigned n = 1; n <= CASE_HOUSEHOLDS_MAX; n++)
		if ((address & h->secret) >> n & 1 &&
		    (h->parents & ~(1u << n) & ~withheld) != 0) {
			snprintf(field, sizeof(field), SECTIONS
			    "[%zu].withheld_from", i);
			return REFUSE(d, SK_ADDRESS_NOT_MARKED, field,
			    "every other household with a parent");
		}
	return SK_OK;
}

enum sk_error
gate_sections(struct deciding *d)
{
	const Sk__Facts *facts = d->event->facts;
	struct households h;
	enum sk_error rc = SK_OK;

	if (facts == NULL || (d->row != NULL && decide_closed(d) == NULL))
		return SK_OK;
	h = households_of(d);
	for (size_t i = 0; rc == SK_OK && i < facts->n_sections; i++)
		rc = check_section(d, &h, i);
	return rc;
}

/* ---- talk with, not about, the family (R40) */

enum sk_error
gate_informed(struct deciding *d)
{
	const Sk__Facts *facts = d->event->facts;
	const Sk__ParentsInformed *informed =
	    facts == NULL ? NULL : facts->parents_informed;
	const char *field = "facts.parents_informed";

	if (informed != NULL && informed->has_date &&
	    informed->date > d->today)
		return REFUSE(d, SK_DATE_INVALID,
		    "facts.parents_informed.date", "not later than today");
	if (informed != NULL || d->row == NULL || case_in_crisis(d->row) ||
	    !decide_term(d, TERM_PARENTS_INFORMED_NEEDED))
		return SK_OK;
	switch (d->kind) {
	case K(REFERRAL):
	case K(PROGRESS_REPORT):
	case K(HEARING_REPORT):
	case K(COURT_REPORT):
		break;
	default:
		return SK_OK;
	}
	if (gate_passed(d, SK_PARENTS_NOT_INFORMED))
		return SK_OK;
	return REFUSE(d, SK_PARENTS_NOT_INFORMED, field,
	    "who, date and how, or not_informed with the reason");
}
