/*
 * Goals are set by court or access team; a provider reports on them and
 * cannot edit them (R51).
 */
#include "broker/core/decide.h"

#include <stdio.h>

static const struct case_goal *
goal_of(const struct case_closed *closed, uint32_t number)
{
	for (size_t i = 0; i < closed->goals; i++)
		if (closed->goal[i].number == number)
			return &closed->goal[i];
	return NULL;
}

enum sk_error
decide_goals_known(struct deciding *d, Sk__GoalState *const *goals, size_t n,
    const char *field)
{
	const struct case_closed *closed = decide_closed(d);
	char path[96];

	for (size_t i = 0; closed != NULL && i < n; i++) {
		if (goal_of(closed, goals[i]->number) != NULL)
			continue;
		snprintf(path, sizeof(path), "%s[%zu].number", field, i);
		return REFUSE(d, SK_FIELD_INVALID, path,
		    "goal %u was not set in this case", goals[i]->number);
	}
	return SK_OK;
}

static bool
is_final(Sk__GoalStatus status)
{
	return status == SK__GOAL_STATUS__REACHED ||
	    status == SK__GOAL_STATUS__PARTLY_REACHED ||
	    status == SK__GOAL_STATUS__NOT_REACHED;
}

enum sk_error
decide_goals_final(struct deciding *d, Sk__GoalState *const *goals, size_t n,
    const char *field)
{
	const struct case_closed *closed = decide_closed(d);

	for (size_t i = 0; closed != NULL && i < closed->goals; i++) {
		Sk__GoalStatus status = closed->goal[i].status;

		for (size_t j = 0; j < n; j++)
			if (goals[j]->number == closed->goal[i].number)
				status = goals[j]->status;
		if (!is_final(status))
			return REFUSE(d, SK_GOALS_NOT_FINAL, field,
			    "a final status for goal %u",
			    (unsigned)closed->goal[i].number);
	}
	return SK_OK;
}

static Sk__GoalRow *
goal_row(struct deciding *d, uint32_t number)
{
	Sk__ClosedEffects *closed = effects_closed(d);
	Sk__GoalRow *row = arena_new(d->arena, Sk__GoalRow,
	    sk__goal_row__init);

	if (closed == NULL || row == NULL ||
	    arena_append(d->arena, &closed->n_goals,
	    (void ***)(void *)&closed->goals, row) != 0) {
		d->spent = true;
		return NULL;
	}
	row->has_number = 1;
	row->number = number;
	return row;
}

void
effect_goal_states(struct deciding *d, Sk__GoalState *const *goals, size_t n)
{
	Sk__GoalRow *row;

	for (size_t i = 0; i < n; i++) {
		if ((row = goal_row(d, goals[i]->number)) == NULL)
			return;
		row->has_status = 1;
		row->status = goals[i]->status;
	}
}

void
effect_goal(struct deciding *d, const Sk__Goal *goal, Sk__GoalSetter setter,
    bool is_new)
{
	Sk__GoalRow *row = goal_row(d, goal->number);

	if (row == NULL)
		return;
	row->has_setter = 1;
	row->setter = setter;
	row->has_due_date = goal->has_due_date;
	row->due_date = goal->due_date;
	if (is_new) {
		row->has_status = 1;
		row->status = SK__GOAL_STATUS__NOT_STARTED;
	}
}
