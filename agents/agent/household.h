/*
 * household.h - the persons of a case as its messages name them, and which
 * sections one household of theirs does not get to see.
 */
#ifndef AGENT_HOUSEHOLD_H
#define AGENT_HOUSEHOLD_H

#include "agents/agent/agent.h"
#include "agents/agent/rows.h"

#define HOUSEHOLD_PERSONS_MAX 8
#define PSEUDONYM_BYTES 32

struct household_person {
	uint8_t pseudonym[PSEUDONYM_BYTES];
	Sk__PersonRole role;
	Sk__Authority authority;	/* 0: not said */
	uint32_t household;		/* 0: not said */
	bool secret_address;
};
struct household_persons {
	size_t n;
	struct household_person person[HOUSEHOLD_PERSONS_MAX];
};

/* A reading of messages while agent->scratch is at work: memory of its own,
 * wiped. SK_NO_MEMORY. */
#define HOUSEHOLD_READ_BYTES ((size_t)512 << 10)
enum sk_error household_arena(struct arena *arena);
void household_arena_clear(struct arena *arena);

/* What facts say of persons. */
void household_hear(struct household_persons *persons, const Sk__Facts *facts);
/* Of a case: all of its messages that were accepted, in their order. */
enum sk_error household_of_case(struct agent *agent,
    const struct envelope_ref *case_ref, struct household_persons *persons);
/* The n-th parent from 1, in the order in which they were named; NULL. */
const struct household_person *household_parent(
    const struct household_persons *persons, uint64_t n);
const struct household_person *household_person(
    const struct household_persons *persons, const void *pseudonym,
    size_t size);

/* Households of the parents but this one (0: all), bit (1 << number). */
uint32_t household_others(const struct household_persons *persons,
    uint32_t but);
bool household_has_secret(const struct household_persons *persons);
/* May who lives in this household read a section that is marked so? What is
 * not marked is for both, but for PERSONALIA where there are two. */
bool household_may_see(const struct household_persons *persons,
    uint32_t household, const Sk__SectionLength *section);
/*
 * Where a family has a secret address: PERSONALIA is withheld from every
 * other household, and a postal code stands only where an address is
 * declared. SK_ADDRESS_NOT_MARKED with the section.
 */
enum sk_error household_check(const struct household_persons *persons,
    const Sk__Facts *facts, const Sk__Content *content, Sk__Section *section,
    struct fault *fault);

#endif
