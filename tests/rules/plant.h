/*
 * plant.h - one rule broken on purpose, to see that its tests find out.
 *
 * `make rules` links the objects of the product once more, with functions of
 * this folder in front of those that the rules go through (ld --wrap). What
 * is planted comes from the environment, SK_PLANT=sort:name, read once, at
 * most four with commas between them:
 *
 *   gate:TRIAGE_MISSING        this refusal passes; gate:CODE@field only there
 *   deadline:TRIAGE_DUE        this term is never set
 *   late:TRIAGE_DUE            it ends a day late
 *   kind:TRIAGE                nobody may say this kind in any state
 *   to:TRIAGE>COURT            this kind may go to that role
 *   from:TRIAGE>COURT          that role may say this kind in every state
 *   term:triage_max_age_days   the policy's term is one more, a choice the
 *                              other way round
 *   open:plan_of, closed:goals this effect is not recorded
 *   facts:principles           this field is read as absent
 *   post:CRISIS_ALERT          nobody gets a message of this kind
 *   tell:STUCK_DUE             nobody is told of the end of this term
 *   figure:RETURNED            this figure is left out
 *   leaf:policy_version        the entry does not name it
 *   choice:municipality        nobody's own rules stand above the region's,
 *                              choice:region nor the region's above any
 *   offering:combines_with     no offering says this of itself
 *   bend:level, bend:place     all help counts as specialist, as at home
 *   bend:director              a change of director names who takes no part
 *   bend:same                  the same event is not decided the same twice
 *   skip:escalate_stuck        this function does nothing
 *
 * The product's own sources know nothing of it.
 */
#ifndef TESTS_RULES_PLANT_H
#define TESTS_RULES_PLANT_H

#ifndef SK_PLANTED
#error "only for the build of make rules"
#endif

#include <stdbool.h>
#include <stddef.h>

/* The first that is planted of this sort, NULL for none. */
const char *plant_of(const char *sort);
bool plant_is(const char *sort, const char *name);

#endif
