/*
 * One family, whatever number of cases: which family a new case belongs to,
 * and what the rules ask of all its cases together.
 */
#include "broker/core/family.h"

#include <string.h>

#include "broker/core/decide.h"

#define H(name) SK__HANDOFF_STATUS__##name

void
family_add(struct family *family, const struct case_row *row, uint64_t child)
{
	struct family_case *c;
	struct family_help *help;

	if (family->cases == FAMILY_CASES_MAX)
		return;
	c = &family->family_case[family->cases++];
	memset(c, 0, sizeof(*c));
	c->number = row->number;
	c->owner = row->owner;
	c->director = row->director;
	c->child = child;
	c->ref = row->ref;
	c->open = !case_is_closed(row);
	c->plan_date = row->plan_date;
	c->has_plan = row->plan_date != 0 && ref_is_none(&row->plan_of);
	c->analysis_date = row->analysis_date;
	c->conference_date = row->conference_date;
	c->ret_advice_date = row->ret_advice_date;
	for (unsigned i = row->handoffs; i > 0 &&
	    family->helps < FAMILY_HELPS_MAX; i--) {
		help = &family->help[family->helps++];
		help->case_number = row->number;
		help->child = child;
		help->index = i;
		help->handoff = row->handoff[i - 1];
	}
}

const struct family_case *
family_plan(const struct family *family)
{
	for (size_t i = family->cases; i > 0; i--)
		if (family->family_case[i - 1].open &&
		    family->family_case[i - 1].has_plan)
			return &family->family_case[i - 1];
	return NULL;
}

/* By day; of one day the later case, and in it the later handoff, is last. */
static bool
ended_before(const struct family_help *a, const struct family_help *b)
{
	if (a->handoff.date != b->handoff.date)
		return a->handoff.date < b->handoff.date;
	if (a->case_number != b->case_number)
		return a->case_number < b->case_number;
	return a->index < b->index;
}

bool
child_help_next(const struct child_help *all, size_t *at,
    struct family_help *help)
{
	size_t own = all->row->handoffs, i;

	for (; all->family != NULL && *at < all->family->helps; (*at)++)
		if (all->family->help[*at].child == all->child) {
			*help = all->family->help[(*at)++];
			return true;
		}
	i = *at - (all->family == NULL ? 0 : all->family->helps);
	if (i >= own)
		return false;
	help->case_number = all->row->number;
	help->child = all->child;
	help->index = (unsigned)i + 1;
	help->handoff = all->row->handoff[i];
	(*at)++;
	return true;
}

/* The last that went well: what failed before it counts no more. */
static bool
last_good(const struct child_help *all, struct family_help *good)
{
	struct family_help help;
	bool found = false;
	size_t at = 0;

	while (child_help_next(all, &at, &help)) {
		if (help.handoff.status != H(HELP_ENDED) ||
		    help.handoff.unplanned ||
		    (found && ended_before(&help, good)))
			continue;
		*good = help;
		found = true;
	}
	return found;
}

struct failures
child_failures(const struct child_help *all)
{
	struct failures found = { 0, 0, false };
	struct family_help good = { 0 }, help;
	bool went_well = last_good(all, &good);
	size_t at = 0;

	while (child_help_next(all, &at, &help)) {
		if (!help.handoff.unplanned ||
		    (went_well && ended_before(&help, &good)))
			continue;
		found.in_a_row++;
		if (help.handoff.date < found.last)
			continue;
		found.elsewhere = help.case_number != all->row->number;
		found.last = help.handoff.date;
	}
	return found;
}

/* ---- which family */

/* What the persons of a case lead to. */
struct joining {
	uint64_t family, child;		/* the lowest of what was found */
	uint64_t found[CASE_PERSONS_MAX + 1];	/* families, each once */
	size_t n;
};

static void
join_family(struct joining *j, uint64_t family)
{
	if (family == 0)
		return;
	for (size_t i = 0; i < j->n; i++)
		if (j->found[i] == family)
			return;
	j->found[j->n++] = family;
	if (j->family == 0 || family < j->family)
		j->family = family;
}

static bool
look_up(const struct deciding *d, const Sk__Person *person,
    struct person_found *found)
{
	memset(found, 0, sizeof(*found));
	return d->view->person != NULL && person->pseudonym.len ==
	    sizeof(((struct case_closed *)0)->person[0].pseudonym) &&
	    d->view->person(d->view->context, person->pseudonym.data,
	    person->secret_version, found);
}

static void
effect_joining(struct deciding *d, const struct joining *j)
{
	Sk__Effects *open = d->decision->open;
	uint64_t *joined;

	open->has_family = open->has_child = 1;
	open->family = j->family;
	open->child = j->child;
	joined = arena_take(d->arena, j->n * sizeof(*joined) + 1);
	if (joined == NULL) {
		d->spent = true;
		return;
	}
	open->family_joined = joined;
	for (size_t i = 0; i < j->n; i++)
		if (j->found[i] != j->family)
			joined[open->n_family_joined++] = j->found[i];
}

/* A person of an erased case leads nowhere any more: what the entry itself
 * says holds then. */
static bool
was_told(struct deciding *d)
{
	const Sk__Effects *told = d->view->told;
	Sk__Effects *open = d->decision->open;

	if (told == NULL)
		return false;
	open->has_family = told->has_family;
	open->family = told->family;
	open->has_child = told->has_child;
	open->child = told->child;
	open->n_family_joined = told->n_family_joined;
	open->family_joined = told->family_joined;
	open->has_child_joined = told->has_child_joined;
	open->child_joined = told->child_joined;
	return true;
}

/* The help that ended last in the family; NULL when any still runs. */
static const struct family_help *
last_help(const struct family *family)
{
	const struct family_help *last = NULL;

	for (size_t i = 0; i < family->helps; i++) {
		const struct family_help *help = &family->help[i];

		if (handoff_runs((Sk__HandoffStatus)help->handoff.status))
			return NULL;
		if (help->handoff.status == H(HELP_ENDED) &&
		    (last == NULL || ended_before(last, help)))
			last = help;
	}
	return last;
}

/* Back within a year after the help ended (R55): for the figures. */
static void
effect_return(struct deciding *d, uint64_t number)
{
	const struct family *family = d->view->family == NULL ? NULL :
	    d->view->family(d->view->context, number, 0);
	const struct family_help *last;
	Sk__Effects *open = d->decision->open;

	if (family == NULL || (last = last_help(family)) == NULL ||
	    d->today - last->handoff.date >
	    (int64_t)decide_term(d, TERM_RETURN_DAYS))
		return;
	open->has_returns_after = 1;
	open->returns_after = last->case_number;
}

void
family_opens(struct deciding *d, Sk__Person *const *persons, size_t n)
{
	struct joining j = { 0 };
	struct person_found found;

	for (size_t i = 0; i < n && i < CASE_PERSONS_MAX; i++) {
		if (!look_up(d, persons[i], &found))
			continue;
		join_family(&j, found.family);
		if (persons[i]->role == SK__PERSON_ROLE__CHILD)
			j.child = found.child;
	}
	if (j.family == 0)
		j.family = d->view->next_case_number;
	if (j.child == 0)
		j.child = d->view->next_case_number;
	if (!was_told(d))
		effect_joining(d, &j);
	if (d->decision->open->family != d->view->next_case_number)
		effect_return(d, d->decision->open->family);
}

void
family_links(struct deciding *d, const Sk__Person *person, bool is_child)
{
	Sk__Effects *open = d->decision->open;
	struct joining j = { .child = d->child };
	struct person_found found;

	if (d->family == 0 || was_told(d) || !look_up(d, person, &found))
		return;
	join_family(&j, d->family);
	join_family(&j, found.family);
	if (is_child && found.child != 0 && found.child != d->child) {
		open->has_child_joined = 1;
		open->child_joined = found.child > d->child ? found.child :
		    d->child;
		j.child = found.child < d->child ? found.child : d->child;
	}
	if (j.n > 1 || open->has_child_joined)
		effect_joining(d, &j);
}

/* ---- what the rules ask */

const struct family *
decide_family(struct deciding *d)
{
	if (d->looked == NULL && d->family != 0 && d->view->family != NULL)
		d->looked = d->view->family(d->view->context, d->family,
		    d->row->number);
	return d->looked;
}

struct child_help
decide_child(struct deciding *d)
{
	return (struct child_help){ d->row, decide_family(d), d->child };
}

/* ---- no double work (R42) */

static bool
is_the_same_help(const struct case_handoff *running, uint64_t provider,
    const char *offering, uint32_t category)
{
	if (category != 0 && running->category == category)
		return true;
	return running->provider == provider &&
	    strcmp(running->offering, offering) == 0;
}

enum sk_error
gate_stacking(struct deciding *d, uint64_t provider, uint32_t category,
    bool *takes_over)
{
	const Sk__ReferralFacts *referral = d->event->facts->referral;
	const struct child_help all = decide_child(d);
	struct envelope_ref follows = { 0 };
	struct family_help help;
	bool passed = false;
	size_t at = 0;

	*takes_over = false;
	if (referral->follows != NULL &&
	    !ref_from_message(referral->follows, &follows))
		return REFUSE(d, SK_FIELD_INVALID, "facts.referral.follows",
		    "the reference of a referral");
	while (child_help_next(&all, &at, &help)) {
		if (!handoff_runs((Sk__HandoffStatus)help.handoff.status))
			continue;
		if (ref_equal(&follows, &help.handoff.referral)) {
			*takes_over = true;
			continue;
		}
		if (passed || !is_the_same_help(&help.handoff, provider,
		    referral->offering, category))
			continue;
		if (!(passed = gate_passed(d, SK_STACKED_HELP)))
			return REFUSE(d, SK_STACKED_HELP,
			    "facts.referral.offering", "handoff %u of case "
			    "%llu, by %llu: end it, or name it in follows",
			    help.index, (unsigned long long)help.case_number,
			    (unsigned long long)help.handoff.provider);
	}
	if (referral->follows != NULL && !*takes_over)
		return REFUSE(d, SK_HANDOFF_UNKNOWN, "facts.referral.follows",
		    "help of this child that runs");
	return SK_OK;
}

/* Who goes on with the child has met it before the other lets go. */
enum sk_error
gate_handover(struct deciding *d, unsigned index)
{
	const struct child_help all = decide_child(d);
	struct family_help help;
	size_t at = 0;

	if (d->event->facts->stop->reason != SK__END_REASON__OTHER_PROVIDER ||
	    !decide_term(d, TERM_HANDOVER_NEEDED))
		return SK_OK;
	while (child_help_next(&all, &at, &help))
		if (handoff_helps((Sk__HandoffStatus)help.handoff.status) &&
		    (help.case_number != d->row->number ||
		    help.index != index))
			return SK_OK;
	if (gate_passed(d, SK_HANDOVER_MISSING))
		return SK_OK;
	return REFUSE(d, SK_HANDOVER_MISSING, "facts.stop.reason",
	    "the START of the help that takes over first");
}

/* ---- interventions that know of each other (R43) */

static bool
runs_beside(const struct deciding *d, const struct family_help *help)
{
	return help->handoff.provider != d->event->sender &&
	    handoff_helps((Sk__HandoffStatus)help->handoff.status);
}

static bool
failed_lately(const struct deciding *d, const struct family_help *help,
    int32_t date)
{
	return help->handoff.provider != d->event->sender &&
	    help->handoff.unplanned && help->handoff.date <= date &&
	    date - help->handoff.date <=
	    (int64_t)decide_term(d, TERM_HOP_DAYS);
}

/* The director hears of both at once, each in an entry of its own. */
static void
effect_family_warning(struct deciding *d, unsigned index,
    const Sk__HandoffChange *change)
{
	Sk__TimerChange timer = SK__TIMER_CHANGE__INIT;

	if (!change->hop && !change->parallel)
		return;
	timer.has_kind = timer.has_handoff = timer.has_warn =
	    timer.has_breach = timer.has_late = 1;
	timer.kind = SK__DEADLINE_KIND__FAMILY_WARNING;
	timer.handoff = index;
	timer.warn = change->hop && change->parallel ? d->event->instant : 0;
	timer.breach = d->event->instant;
	effect_timer_change(d, &timer);
}

void
family_starts(struct deciding *d, unsigned index, Sk__HandoffChange *change)
{
	const struct child_help all = decide_child(d);
	const struct case_handoff *own = &d->row->handoff[index - 1];
	struct family_help help;
	size_t at = 0;

	while (child_help_next(&all, &at, &help)) {
		if (runs_beside(d, &help) && !own->takes_over)
			change->has_parallel = change->parallel = 1;
		if (failed_lately(d, &help, change->start_date))
			change->has_hop = change->hop = 1;
	}
	effect_family_warning(d, index, change);
}

/* Of both, the hop comes first. */
bool
family_warns_of_hop(const struct deciding *d)
{
	unsigned index = d->event->handoff;

	return !d->event->breach || index == 0 || index > d->row->handoffs ||
	    !d->row->handoff[index - 1].parallel;
}

/* What is warned of: help of the same child, the last that fits. */
static bool
find_warned_of(struct deciding *d, struct family_help *found)
{
	const struct child_help all = decide_child(d);
	const struct case_handoff *own;
	struct family_help help;
	bool any = false;
	size_t at = 0;

	if (d->event->handoff == 0 || d->event->handoff > d->row->handoffs)
		return false;
	own = &d->row->handoff[d->event->handoff - 1];
	while (child_help_next(&all, &at, &help)) {
		if (help.handoff.provider == own->provider ||
		    (family_warns_of_hop(d) ? !help.handoff.unplanned :
		    !handoff_helps((Sk__HandoffStatus)help.handoff.status)))
			continue;
		*found = help;
		any = true;
	}
	return any;
}

uint64_t
family_warned_of(struct deciding *d)
{
	struct family_help help;

	return find_warned_of(d, &help) ? help.handoff.provider : 0;
}

/*
 * Interventions know of each other (R43, R32): where the help that runs beside
 * is of another case, who directs that one is told too, of its own case and of
 * the provider that joined in.
 */
void
family_warn_elsewhere(struct deciding *d, const Sk__Notice *notice)
{
	const struct family *family = decide_family(d);
	struct family_help help;
	Sk__Notice *told;

	if (family == NULL || notice == NULL || family_warns_of_hop(d) ||
	    !find_warned_of(d, &help) || help.case_number == d->row->number)
		return;
	if ((told = arena_new(d->arena, Sk__Notice, sk__notice__init)) ==
	    NULL) {
		d->spent = true;
		return;
	}
	*told = *notice;
	told->about = effect_ref(d, &help.handoff.referral);
	told->participant = d->row->handoff[d->event->handoff - 1].provider;
	d->decision->open->elsewhere = told;
	for (size_t i = 0; i < family->cases; i++) {
		const struct family_case *c = &family->family_case[i];

		if (c->number != help.case_number)
			continue;
		effect_post_elsewhere(d, c->owner, c->number);
		effect_post_elsewhere(d, c->director, c->number);
	}
}
