/*
 * Who shares a case is a family: cases of one child, or of one parent, count
 * together. Pseudonyms stay in memory, and are wiped.
 */
#include "agents/audit/figures.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PSEUDONYM_SIZE 32

struct known {
	uint8_t pseudonym[PSEUDONYM_SIZE];
	uint32_t family;		/* + 1; 0: free */
};
struct families {
	struct known *known;		/* open addressing; a power of two */
	size_t slots, used;
	struct figures_family **family;
	size_t families, family_room;
	uint32_t *of_case;		/* family + 1 */
	size_t case_room;
};

struct families *
families_make(void)
{
	return calloc(1, sizeof(struct families));
}

void
families_free(struct families *f)
{
	if (f == NULL)
		return;
	if (f->known != NULL)
		sodium_memzero(f->known, f->slots * sizeof(*f->known));
	for (size_t i = 0; i < f->families; i++)
		free(f->family[i]);
	free(f->family);
	free(f->known);
	free(f->of_case);
	free(f);
}

/* Pseudonyms are keyed hashes or drawn at random: any eight bytes will do. */
static struct known *
slot(struct known *known, size_t slots, const uint8_t *pseudonym)
{
	size_t i = (size_t)be64_get(pseudonym) & (slots - 1);

	while (known[i].family != 0 &&
	    memcmp(known[i].pseudonym, pseudonym, PSEUDONYM_SIZE) != 0)
		i = (i + 1) & (slots - 1);
	return &known[i];
}

static enum sk_error
grow(struct families *f)
{
	size_t slots = f->slots == 0 ? 1024 : f->slots * 2;
	struct known *known;

	if ((f->used + 1) * 2 <= f->slots)
		return SK_OK;
	if ((known = calloc(slots, sizeof(*known))) == NULL)
		return SK_NO_MEMORY;
	for (size_t i = 0; i < f->slots; i++)
		if (f->known[i].family != 0)
			*slot(known, slots, f->known[i].pseudonym) = f->known[i];
	if (f->known != NULL)
		sodium_memzero(f->known, f->slots * sizeof(*f->known));
	free(f->known);
	f->known = known;
	f->slots = slots;
	return SK_OK;
}

static enum sk_error
case_room(struct families *f, uint64_t case_number)
{
	size_t room = f->case_room == 0 ? 1024 : f->case_room;
	uint32_t *grown;

	while (room <= case_number)
		room *= 2;
	if (room == f->case_room)
		return SK_OK;
	if ((grown = realloc(f->of_case, room * sizeof(*grown))) == NULL)
		return SK_NO_MEMORY;
	memset(grown + f->case_room, 0,
	    (room - f->case_room) * sizeof(*grown));
	f->of_case = grown;
	f->case_room = room;
	return SK_OK;
}

static uint32_t
new_family(struct families *f)
{
	struct figures_family **grown;

	if (f->families == f->family_room) {
		grown = realloc(f->family,
		    (f->family_room * 2 + 256) * sizeof(*grown));
		if (grown == NULL)
			return 0;
		f->family = grown;
		f->family_room = f->family_room * 2 + 256;
	}
	f->family[f->families] = calloc(1, sizeof(**f->family));
	if (f->family[f->families] == NULL)
		return 0;
	return (uint32_t)++f->families;
}

static void
persons_of(const Sk__Facts *facts, Sk__Person *const **persons, size_t *n)
{
	*n = 0;
	if (facts->court_order != NULL) {
		*persons = facts->court_order->persons;
		*n = facts->court_order->n_persons;
	} else if (facts->access_request != NULL) {
		*persons = facts->access_request->persons;
		*n = facts->access_request->n_persons;
	} else if (facts->signal != NULL) {
		*persons = facts->signal->persons;
		*n = facts->signal->n_persons;
	} else if (facts->request_assignment != NULL) {
		*persons = facts->request_assignment->persons;
		*n = facts->request_assignment->n_persons;
	}
}

static enum sk_error
join(struct families *f, const Sk__Person *person, uint32_t family)
{
	struct known *known;
	enum sk_error rc = grow(f);

	if (rc != SK_OK)
		return rc;
	known = slot(f->known, f->slots, person->pseudonym.data);
	if (known->family != 0)
		return SK_OK;
	memcpy(known->pseudonym, person->pseudonym.data, PSEUDONYM_SIZE);
	known->family = family;
	f->used++;
	return SK_OK;
}

enum sk_error
families_open(struct families *f, uint64_t case_number,
    const Sk__Facts *facts)
{
	Sk__Person *const *persons = NULL;
	uint32_t family = 0;
	size_t n = 0;
	enum sk_error rc;

	if ((rc = case_room(f, case_number)) != SK_OK || facts == NULL)
		return rc;
	persons_of(facts, &persons, &n);
	for (size_t i = 0; i < n && family == 0 && f->slots > 0; i++)
		if (persons[i]->pseudonym.len == PSEUDONYM_SIZE)
			family = slot(f->known, f->slots,
			    persons[i]->pseudonym.data)->family;
	if (family == 0 && (n == 0 || (family = new_family(f)) == 0))
		return n == 0 ? SK_OK : SK_NO_MEMORY;
	for (size_t i = 0; i < n && rc == SK_OK; i++)
		if (persons[i]->pseudonym.len == PSEUDONYM_SIZE)
			rc = join(f, persons[i], family);
	f->of_case[case_number] = family;
	return rc;
}

struct figures_family *
families_of(const struct families *f, uint64_t case_number)
{
	if (case_number >= f->case_room || f->of_case[case_number] == 0)
		return NULL;
	return f->family[f->of_case[case_number] - 1];
}
