#include "agents/agent/household.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/agent/cases.h"
#include "agents/agent/inbox.h"
#include "agents/agent/outbox.h"
#include "proto/message.h"

#define HOUSEHOLDS_MAX 8u

enum sk_error
household_arena(struct arena *arena)
{
	void *bytes = malloc(HOUSEHOLD_READ_BYTES);

	if (bytes == NULL)
		return SK_NO_MEMORY;
	arena_init(arena, bytes, HOUSEHOLD_READ_BYTES);
	return SK_OK;
}

void
household_arena_clear(struct arena *arena)
{
	sodium_memzero(arena->base, arena->used);
	free(arena->base);
	memset(arena, 0, sizeof(*arena));
}

/* ---- who there is */

static struct household_person *
find(struct household_persons *persons, const ProtobufCBinaryData *pseudonym)
{
	if (pseudonym->len != PSEUDONYM_BYTES)
		return NULL;
	for (size_t i = 0; i < persons->n; i++)
		if (memcmp(persons->person[i].pseudonym, pseudonym->data,
		    PSEUDONYM_BYTES) == 0)
			return &persons->person[i];
	return NULL;
}

/* The one of this pseudonym, new where it was not named before. */
static struct household_person *
name(struct household_persons *persons, const ProtobufCBinaryData *pseudonym)
{
	struct household_person *person = find(persons, pseudonym);

	if (person != NULL || pseudonym->len != PSEUDONYM_BYTES ||
	    persons->n == HOUSEHOLD_PERSONS_MAX)
		return person;
	person = &persons->person[persons->n++];
	memset(person, 0, sizeof(*person));
	memcpy(person->pseudonym, pseudonym->data, PSEUDONYM_BYTES);
	return person;
}

static void
hear_persons(struct household_persons *persons, Sk__Person *const *list,
    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct household_person *person = name(persons,
		    &list[i]->pseudonym);

		if (person == NULL)
			continue;
		person->role = list[i]->role;
		if (list[i]->has_authority)
			person->authority = list[i]->authority;
		if (list[i]->has_household)
			person->household = list[i]->household;
		if (list[i]->has_secret_address)
			person->secret_address = list[i]->secret_address;
	}
}

static void
hear_change(struct household_persons *persons,
    const Sk__PersonChangeFacts *change)
{
	struct household_person *person = name(persons, &change->pseudonym);

	if (person == NULL)
		return;
	if (change->has_authority) {
		person->authority = change->authority;
		person->role = SK__PERSON_ROLE__PARENT;
	}
	if (change->has_household)
		person->household = change->household;
	if (change->has_secret_address)
		person->secret_address = change->secret_address;
}

void
household_hear(struct household_persons *persons, const Sk__Facts *facts)
{
	struct household_person *person;

	if (facts->court_order != NULL)
		hear_persons(persons, facts->court_order->persons,
		    facts->court_order->n_persons);
	if (facts->access_request != NULL)
		hear_persons(persons, facts->access_request->persons,
		    facts->access_request->n_persons);
	if (facts->signal != NULL)
		hear_persons(persons, facts->signal->persons,
		    facts->signal->n_persons);
	if (facts->request_assignment != NULL)
		hear_persons(persons, facts->request_assignment->persons,
		    facts->request_assignment->n_persons);
	if (facts->person_change != NULL)
		hear_change(persons, facts->person_change);
	if (facts->link_person != NULL && facts->link_person->person != NULL &&
	    facts->link_person->person->pseudonym.len == PSEUDONYM_BYTES &&
	    (person = find(persons, &facts->link_person->former)) != NULL)
		memcpy(person->pseudonym,
		    facts->link_person->person->pseudonym.data,
		    PSEUDONYM_BYTES);
}

struct hearing {
	struct agent *agent;
	struct household_persons *persons;
	struct arena arena;
};

static bool
tells_of_persons(Sk__Kind kind)
{
	return kind == SK__KIND__COURT_ORDER ||
	    kind == SK__KIND__ACCESS_REQUEST || kind == SK__KIND__SIGNAL ||
	    kind == SK__KIND__REQUEST_ASSIGNMENT ||
	    kind == SK__KIND__PERSON_CHANGE || kind == SK__KIND__LINK_PERSON;
}

static void
hear_envelope(struct hearing *hearing, Sk__Kind kind,
    const Sk__Envelope *envelope)
{
	Sk__Facts *facts;

	if (envelope != NULL && facts_decode(kind_info(kind),
	    envelope->facts.data, envelope->facts.len, &hearing->arena,
	    &facts, NULL) == SK_OK)
		household_hear(hearing->persons, facts);
}

/* Who came in later hears of them by what was sealed anew. */
static void
hear_original(struct hearing *hearing, const Sk__Envelope *original)
{
	struct header header;

	if (original != NULL && header_decode(original->header.data,
	    original->header.len, &hearing->arena, &header, NULL) == SK_OK &&
	    tells_of_persons(header.info->kind))
		hear_envelope(hearing, header.info->kind, original);
}

static bool
hear_row(void *context, const struct timeline_entry *entry)
{
	struct hearing *hearing = context;
	struct archive *archive = hearing->agent->archive;
	Sk__Envelope *envelope;
	Sk__Deliver *deliver;
	struct inbox_row in;
	struct own_row out;

	arena_reset(&hearing->arena);
	if (entry->out) {
		if (own_get(archive, &entry->id, &out) == SK_OK &&
		    out.accepted && tells_of_persons(out.kind) &&
		    own_envelope(archive, &entry->id, &hearing->arena,
		    &envelope) == SK_OK)
			hear_envelope(hearing, out.kind, envelope);
	} else if (inbox_get(archive, entry->arrival, &in) == SK_OK &&
	    in.trouble == 0 && (tells_of_persons(in.kind) ||
	    in.kind == SK__KIND__RESEAL) &&
	    inbox_deliver(archive, entry->arrival, &hearing->arena,
	    &deliver) == SK_OK) {
		if (in.kind == SK__KIND__RESEAL)
			hear_original(hearing, deliver->original);
		else
			hear_envelope(hearing, in.kind, deliver->envelope);
	}
	return true;
}

enum sk_error
household_of_case(struct agent *agent, const struct envelope_ref *case_ref,
    struct household_persons *persons)
{
	struct hearing hearing = { .agent = agent, .persons = persons };
	enum sk_error rc;

	memset(persons, 0, sizeof(*persons));
	if ((rc = household_arena(&hearing.arena)) != SK_OK)
		return rc;
	rc = cases_timeline(agent->archive, case_ref, hear_row, &hearing);
	household_arena_clear(&hearing.arena);
	return rc;
}

const struct household_person *
household_parent(const struct household_persons *persons, uint64_t n)
{
	for (size_t i = 0; i < persons->n; i++)
		if (persons->person[i].role == SK__PERSON_ROLE__PARENT &&
		    --n == 0)
			return &persons->person[i];
	return NULL;
}

const struct household_person *
household_person(const struct household_persons *persons,
    const void *pseudonym, size_t size)
{
	for (size_t i = 0; size == PSEUDONYM_BYTES && i < persons->n; i++)
		if (memcmp(persons->person[i].pseudonym, pseudonym, size) == 0)
			return &persons->person[i];
	return NULL;
}

/* ---- who sees what */

uint32_t
household_others(const struct household_persons *persons, uint32_t but)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < persons->n; i++)
		if (persons->person[i].role == SK__PERSON_ROLE__PARENT &&
		    persons->person[i].household != 0 &&
		    persons->person[i].household != but)
			mask |= 1u << persons->person[i].household;
	return mask;
}

bool
household_has_secret(const struct household_persons *persons)
{
	for (size_t i = 0; i < persons->n; i++)
		if (persons->person[i].secret_address)
			return true;
	return false;
}

static uint32_t
mask_of(const uint32_t *numbers, size_t n)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < n; i++)
		mask |= 1u << (numbers[i] & 31);
	return mask;
}

bool
household_may_see(const struct household_persons *persons, uint32_t household,
    const Sk__SectionLength *section)
{
	uint32_t withheld = mask_of(section->withheld_from,
	    section->n_withheld_from);
	uint32_t address = mask_of(section->address_of,
	    section->n_address_of);
	uint32_t others = household_others(persons, household);
	size_t parents = 0;

	for (size_t i = 0; i < persons->n; i++)
		parents += persons->person[i].role == SK__PERSON_ROLE__PARENT;
	/* where nobody said who lives where, nothing is sure to be one's own */
	if (household == 0 && parents > 1)
		return withheld == 0 && address == 0 &&
		    section->section != SK__SECTION__PERSONALIA;
	if ((withheld >> household & 1) != 0 ||
	    (address & ~(1u << household)) != 0)
		return false;
	return section->section != SK__SECTION__PERSONALIA ||
	    (others & ~withheld) == 0;
}

/* 1234 AB, as Dutch addresses end. */
static bool
has_postal_code(const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		const unsigned char *c = (const unsigned char *)at;
		size_t i = 0;

		if (c[0] < '1' || c[0] > '9' ||
		    (at > text && isalnum((unsigned char)at[-1])))
			continue;
		while (i < 4 && isdigit(c[i]))
			i++;
		if (i < 4)
			continue;
		if (c[i] == ' ')
			i++;
		if (isupper(c[i]) && isupper(c[i + 1]) && !isalnum(c[i + 2]))
			return true;
	}
	return false;
}

static const Sk__SectionLength *
declared(const Sk__Facts *facts, Sk__Section section)
{
	for (size_t i = 0; i < facts->n_sections; i++)
		if (facts->sections[i]->section == section)
			return facts->sections[i];
	return NULL;
}

/* The other households that this section is not withheld from. */
static uint32_t
uncovered(const struct household_persons *persons,
    const Sk__SectionLength *section)
{
	uint32_t withheld = mask_of(section->withheld_from,
	    section->n_withheld_from), open = 0;

	for (size_t i = 0; i < persons->n; i++)
		if (persons->person[i].secret_address)
			open |= household_others(persons,
			    persons->person[i].household) & ~withheld;
	return open;
}

enum sk_error
household_check(const struct household_persons *persons,
    const Sk__Facts *facts, const Sk__Content *content, Sk__Section *section,
    struct fault *fault)
{
	char field[64];

	if (content == NULL || !household_has_secret(persons))
		return SK_OK;
	for (size_t i = 0; i < content->n_sections; i++) {
		const Sk__SectionText *s = content->sections[i];
		const Sk__SectionLength *d = declared(facts, s->section);
		bool code;

		if (d == NULL || s->text == NULL ||
		    uncovered(persons, d) == 0)
			continue;
		code = d->n_address_of == 0 && has_postal_code(s->text);
		if (s->section != SK__SECTION__PERSONALIA && !code)
			continue;
		*section = s->section;
		snprintf(field, sizeof(field), "sections.%s",
		    section_name(s->section));
		return fault_set(fault, SK_ADDRESS_NOT_MARKED, field, "%s",
		    code ? "a postal code stands in it: whose address, "
		    "withheld from whom" :
		    "withheld from each other household");
	}
	return SK_OK;
}
