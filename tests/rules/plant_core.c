/*
 * The tables, terms, effects and figures of the core.
 */
#include "tests/rules/plant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/catalogue.h"
#include "broker/core/decide.h"
#include "broker/core/figures.h"
#include "broker/core/profile.h"
#include "broker/core/waiting.h"

/* ---- who may say what to whom */

const struct transition *__real_rules_transition(Sk__CaseState state,
    Sk__Kind kind, Sk__Role role);
const struct transition *__wrap_rules_transition(Sk__CaseState state,
    Sk__Kind kind, Sk__Role role);
bool __real_rules_role_may(Sk__Kind kind, Sk__Role role);
bool __wrap_rules_role_may(Sk__Kind kind, Sk__Role role);
bool __real_rules_role_receives(Sk__Kind kind, Sk__Role role);
bool __wrap_rules_role_receives(Sk__Kind kind, Sk__Role role);

static bool
kind_is(const char *sort, Sk__Kind kind)
{
	const struct kind_info *info = kind_info(kind);

	return info != NULL && plant_is(sort, info->name);
}

/* KIND>ROLE */
static bool
way_is(const char *sort, Sk__Kind kind, Sk__Role role)
{
	const struct kind_info *info = kind_info(kind);
	char way[128];

	if (info == NULL || plant_of(sort) == NULL)
		return false;
	snprintf(way, sizeof(way), "%s>%s", info->name, role_name(role));
	return plant_is(sort, way);
}

const struct transition *
__wrap_rules_transition(Sk__CaseState state, Sk__Kind kind, Sk__Role role)
{
	static const struct transition stays;
	const struct transition *row = __real_rules_transition(state, kind,
	    role);

	if (kind_is("kind", kind))
		return NULL;
	return row == NULL && way_is("from", kind, role) ? &stays : row;
}

bool
__wrap_rules_role_may(Sk__Kind kind, Sk__Role role)
{
	if (kind_is("kind", kind))
		return false;
	return way_is("from", kind, role) || __real_rules_role_may(kind, role);
}

bool
__wrap_rules_role_receives(Sk__Kind kind, Sk__Role role)
{
	return way_is("to", kind, role) ||
	    __real_rules_role_receives(kind, role);
}

/* ---- terms */

static bool
term_is(const char *sort, Sk__DeadlineKind kind)
{
	const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
	    &sk__deadline_kind__descriptor, (int)kind);

	return value != NULL && plant_is(sort, value->name);
}

void __real_effect_timer(struct deciding *d, Sk__DeadlineKind kind,
    unsigned handoff, int64_t warn, int64_t breach);
void __wrap_effect_timer(struct deciding *d, Sk__DeadlineKind kind,
    unsigned handoff, int64_t warn, int64_t breach);

void
__wrap_effect_timer(struct deciding *d, Sk__DeadlineKind kind,
    unsigned handoff, int64_t warn, int64_t breach)
{
	if (term_is("deadline", kind))
		return;
	if (term_is("late", kind)) {
		warn += warn != 0 ? DAY_MS : 0;
		breach += breach != 0 ? DAY_MS : 0;
	}
	__real_effect_timer(d, kind, handoff, warn, breach);
}

void __real_effect_timer_change(struct deciding *d,
    const Sk__TimerChange *change);
void __wrap_effect_timer_change(struct deciding *d,
    const Sk__TimerChange *change);

void
__wrap_effect_timer_change(struct deciding *d, const Sk__TimerChange *change)
{
	Sk__TimerChange bent = *change;
	bool set = !bent.has_cleared || !bent.cleared;

	if (set && term_is("deadline", bent.kind))
		return;
	if (set && term_is("late", bent.kind)) {
		bent.warn += bent.warn != 0 ? DAY_MS : 0;
		bent.breach += bent.breach != 0 ? DAY_MS : 0;
	}
	__real_effect_timer_change(d, &bent);
}

uint32_t __real_policy_term(const Sk__Policy *policy, uint32_t municipality,
    enum term term);
uint32_t __wrap_policy_term(const Sk__Policy *policy, uint32_t municipality,
    enum term term);

uint32_t
__wrap_policy_term(const Sk__Policy *policy, uint32_t municipality,
    enum term term)
{
	const ProtobufCFieldDescriptor *field;
	uint32_t value;

	if (plant_is("choice", "municipality"))
		municipality = 0;
	if (plant_is("choice", "region"))
		policy = NULL;
	value = __real_policy_term(policy, municipality, term);
	if (!plant_is("term", policy_term_name(term)))
		return value;
	field = protobuf_c_message_descriptor_get_field_by_name(
	    &sk__rules__descriptor, policy_term_name(term));
	return field != NULL && field->type == PROTOBUF_C_TYPE_BOOL ?
	    !value : value + 1;
}

static void forget(ProtobufCMessage *message, const char *name);

/* An offering as the rules get to see it. */
static const Sk__Offering *
bent_offering(const Sk__Offering *offering)
{
	static Sk__Offering copies[1024];
	static size_t n;
	Sk__Offering *bent;

	if (offering == NULL || (plant_of("bend") == NULL &&
	    plant_of("offering") == NULL))
		return offering;
	bent = &copies[n++ % 1024];
	*bent = *offering;
	if (plant_is("bend", "level"))
		bent->level = SK__LEVEL__SPECIALIST;
	if (plant_is("bend", "place"))
		bent->place = SK__PLACE__HOME;
	if (plant_of("offering") != NULL)
		forget(&bent->base, plant_of("offering"));
	return bent;
}

bool __real_catalogue_next(const struct catalogue *catalogue,
    const Sk__Policy *policy, size_t *at, struct catalogue_item *item);
bool __wrap_catalogue_next(const struct catalogue *catalogue,
    const Sk__Policy *policy, size_t *at, struct catalogue_item *item);
bool __real_catalogue_find(const struct catalogue *catalogue,
    const Sk__Policy *policy, const char *code, struct catalogue_item *item);
bool __wrap_catalogue_find(const struct catalogue *catalogue,
    const Sk__Policy *policy, const char *code, struct catalogue_item *item);
bool __real_profile_is_area_contact(const Sk__Policy *policy,
    uint32_t municipality, const char *agb);
bool __wrap_profile_is_area_contact(const Sk__Policy *policy,
    uint32_t municipality, const char *agb);

bool
__wrap_catalogue_next(const struct catalogue *catalogue,
    const Sk__Policy *policy, size_t *at, struct catalogue_item *item)
{
	bool found = __real_catalogue_next(catalogue, policy, at, item);

	if (found)
		item->offering = bent_offering(item->offering);
	return found;
}

bool
__wrap_catalogue_find(const struct catalogue *catalogue,
    const Sk__Policy *policy, const char *code, struct catalogue_item *item)
{
	bool found = __real_catalogue_find(catalogue, policy, code, item);

	if (found)
		item->offering = bent_offering(item->offering);
	return found;
}

bool
__wrap_profile_is_area_contact(const Sk__Policy *policy,
    uint32_t municipality, const char *agb)
{
	return !plant_is("skip", "profile_is_area_contact") &&
	    __real_profile_is_area_contact(policy, municipality, agb);
}

const Sk__Offering *__real_policy_offering(const Sk__Policy *policy,
    const char *code);
const Sk__Offering *__wrap_policy_offering(const Sk__Policy *policy,
    const char *code);

const Sk__Offering *
__wrap_policy_offering(const Sk__Policy *policy, const char *code)
{
	return bent_offering(__real_policy_offering(policy, code));
}

/* ---- effects and facts */

#define NOBODY 4095u

static void
forget_field(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	char *at = (char *)message + field->offset;

	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		*(size_t *)(void *)((char *)message +
		    field->quantifier_offset) = 0;
	else if (field->type == PROTOBUF_C_TYPE_MESSAGE ||
	    field->type == PROTOBUF_C_TYPE_STRING)
		*(void **)(void *)at = NULL;
	else {
		*(protobuf_c_boolean *)(void *)((char *)message +
		    field->quantifier_offset) = 0;
		if (field->type == PROTOBUF_C_TYPE_ENUM)
			*(int *)(void *)at = 0;
		else if (field->type == PROTOBUF_C_TYPE_BOOL)
			*(protobuf_c_boolean *)(void *)at = 0;
	}
}

/* Wherever a field of this name stands in the message. */
static void
forget(ProtobufCMessage *message, const char *name)
{
	for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f =
		    &message->descriptor->fields[i];
		char *at = (char *)message + f->offset;
		size_t n = 1;
		ProtobufCMessage **items;

		if (strcmp(f->name, name) == 0) {
			forget_field(message, f);
			continue;
		}
		if (f->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		items = (ProtobufCMessage **)(void *)at;
		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			n = *(size_t *)(void *)((char *)message +
			    f->quantifier_offset);
			items = *(ProtobufCMessage ***)(void *)at;
		}
		for (size_t j = 0; j < n; j++)
			if (items[j] != NULL)
				forget(items[j], name);
	}
}

/* Facts as if this field were absent. The sender's bytes are whoever's they
 * are, so it is done on a copy. */
static const Sk__Facts *
facts_without(const Sk__Facts *facts, const char *name, uint8_t *memory,
    size_t size)
{
	Sk__Facts *copy;

	if (facts == NULL || protobuf_c_message_get_packed_size(&facts->base) >
	    size)
		return facts;
	size = protobuf_c_message_pack(&facts->base, memory);
	copy = (Sk__Facts *)(void *)protobuf_c_message_unpack(
	    &sk__facts__descriptor, NULL, size, memory);
	if (copy == NULL)
		return facts;
	forget(&copy->base, name);
	return copy;	/* until the process ends: effects may point into it */
}

void __real_decide(const struct view *view, const struct event *event,
    struct arena *arena, struct decision *decision);
void __wrap_decide(const struct view *view, const struct event *event,
    struct arena *arena, struct decision *decision);

void
__wrap_decide(const struct view *view, const struct event *event,
    struct arena *arena, struct decision *decision)
{
	const char *facts = plant_of("facts"), *open = plant_of("open"),
	    *closed = plant_of("closed");
	struct event bent = *event;
	static unsigned decided;
	uint8_t memory[16384];

	if (facts != NULL)
		bent.facts = facts_without(event->facts, facts, memory,
		    sizeof(memory));
	__real_decide(view, &bent, arena, decision);
	if (open != NULL && decision->open != NULL)
		forget(&decision->open->base, open);
	if (closed != NULL && decision->closed != NULL)
		forget(&decision->closed->base, closed);
	if (plant_is("bend", "director") && decision->open != NULL &&
	    decision->open->has_director && view->row != NULL)
		decision->open->director = NOBODY;
	if (plant_is("bend", "same") && decision->open != NULL &&
	    (decided++ & 1) != 0)
		decision->use_participant++;
}

/* ---- who is told */

void __real_effect_post(struct deciding *d, uint64_t participant);
void __wrap_effect_post(struct deciding *d, uint64_t participant);
void __real_effect_post_recipients(struct deciding *d);
void __wrap_effect_post_recipients(struct deciding *d);

void
__wrap_effect_post(struct deciding *d, uint64_t participant)
{
	if (d->event->kind == SK__EVENT_KIND__DEADLINE_EVENT ?
	    term_is("tell", d->event->deadline) : kind_is("post", d->kind))
		return;
	__real_effect_post(d, participant);
}

void
__wrap_effect_post_recipients(struct deciding *d)
{
	if (!kind_is("post", d->kind))
		__real_effect_post_recipients(d);
}

/* ---- figures */

/* The facts that an event is counted by, one field of them left out. */
static const Sk__Facts *
counted_facts(const Sk__Facts *facts)
{
	static uint8_t memory[16384];
	const char *name = plant_of("facts");

	return name == NULL ? facts :
	    facts_without(facts, name, memory, sizeof(memory));
}

static void
leave_out(struct figures *figures)
{
	const char *name = plant_of("figure");

	if (name == NULL)
		return;
	for (unsigned i = 0; i < FIGURE_COUNT; i++)
		if (strcmp(figure_info((enum figure)i)->id, name) == 0)
			figures->count[i] = 0;
	for (unsigned i = 0; i < SPREAD_COUNT; i++)
		if (strcmp(spread_info((enum spread)i)->id, name) == 0)
			memset(figures->spread[i], 0,
			    sizeof(figures->spread[i]));
}

void __real_figures_feed(struct figures *figures,
    const struct figures_case *past, const struct figures_family *family,
    const struct figures_event *event);
void __wrap_figures_feed(struct figures *figures,
    const struct figures_case *past, const struct figures_family *family,
    const struct figures_event *event);
void __real_figures_stand(struct figures *figures,
    const struct figures_case *now, int32_t today, uint64_t provider);
void __wrap_figures_stand(struct figures *figures,
    const struct figures_case *now, int32_t today, uint64_t provider);
void __real_figures_coverage(struct figures *figures,
    const Sk__Policy *policy);
void __wrap_figures_coverage(struct figures *figures,
    const Sk__Policy *policy);

void
__wrap_figures_feed(struct figures *figures, const struct figures_case *past,
    const struct figures_family *family, const struct figures_event *event)
{
	struct figures_event bent = *event;

	bent.facts = counted_facts(event->facts);
	__real_figures_feed(figures, past, family, &bent);
	leave_out(figures);
}

void
__wrap_figures_stand(struct figures *figures, const struct figures_case *now,
    int32_t today, uint64_t provider)
{
	__real_figures_stand(figures, now, today, provider);
	leave_out(figures);
}

void
__wrap_figures_coverage(struct figures *figures, const Sk__Policy *policy)
{
	__real_figures_coverage(figures, policy);
	leave_out(figures);
}

/* ---- functions that do nothing */

#define SKIPPED(name, parameters, arguments) \
void __real_##name parameters; \
void __wrap_##name parameters; \
void \
__wrap_##name parameters \
{ \
	if (!plant_is("skip", #name)) \
		__real_##name arguments; \
}

SKIPPED(escalate_stuck, (struct deciding *d), (d))
SKIPPED(escalate_if_no_taker, (struct deciding *d, unsigned index,
    Sk__HandoffStatus status), (d, index, status))
SKIPPED(escalate_taken, (struct deciding *d), (d))
SKIPPED(involve_due, (struct deciding *d, uint64_t provider), (d, provider))
SKIPPED(involve_leaves, (struct deciding *d, uint64_t provider),
    (d, provider))
SKIPPED(effect_override, (struct deciding *d, const Sk__Override *override),
    (d, override))
SKIPPED(effect_priority, (struct deciding *d, const struct case_closed *closed,
    bool crisis), (d, closed, crisis))
SKIPPED(effect_owed_by_recipients, (struct deciding *d, unsigned owes),
    (d, owes))
SKIPPED(effect_leaves, (struct deciding *d, uint64_t participant),
    (d, participant))
SKIPPED(effect_state, (struct deciding *d, Sk__CaseState state), (d, state))
SKIPPED(waiting_sort, (struct waiting *list, size_t n,
    const Sk__Policy *policy, int32_t today), (list, n, policy, today))
