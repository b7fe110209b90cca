/*
 * profile.h - what a region profile says of who there is: members and their
 * dates, qualified providers, partner groups and areas.
 */
#ifndef CORE_PROFILE_H
#define CORE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/error.h"
#include "proto/policy.pb-c.h"

/* A child comes of age at 18; help may go on to the 23rd birthday (Youth Act,
 * section 1.1). */
#define AGE_MAX 23u
#define MONTHS_MAX 36u
#define CAPACITY_MAX 10000u
#define GROUP_MEMBERS_MAX 32u
#define COMBINES_MAX 16u

enum membership {
	MEMBER_UNKNOWN,		/* the profile does not name it */
	MEMBER_NOT_YET, MEMBER_NOW, MEMBER_ENDED
};
enum membership profile_membership(const Sk__Policy *policy,
    uint32_t municipality, int32_t date);
/* Whether a member today or not; NULL when the profile does not name it. */
const Sk__Municipality *profile_municipality(const Sk__Policy *policy,
    uint32_t municipality);
/* NULL when the profile does not name it, or not on that date. */
const Sk__Municipality *profile_member(const Sk__Policy *policy,
    uint32_t municipality, int32_t date);
/* Who speaks for it on that date: itself, or the last in the line of mergers
 * that it went through; 0 when the profile knows none. */
uint32_t profile_successor(const Sk__Policy *policy, uint32_t municipality,
    int32_t date);
const Sk__Provider *profile_provider(const Sk__Policy *policy,
    const char *agb);
/* A provider without a qualification is asked for none. */
bool profile_is_qualified(const Sk__Provider *provider, int32_t date);
/* The group of which it is a member at this level; NULL for none. */
const Sk__PartnerGroup *profile_group(const Sk__Policy *policy,
    const char *agb, Sk__Level level);
/* Is it a fixed contact of an area in this municipality? */
bool profile_is_area_contact(const Sk__Policy *policy, uint32_t municipality,
    const char *agb);
/* The part of policy_check that looks at all this. */
enum sk_error profile_check(const Sk__Policy *policy, struct fault *fault);

#endif
