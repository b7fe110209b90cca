#include "broker/core/match.h"

#include <string.h>

#include "broker/core/policy.h"
#include "broker/core/profile.h"

#define DROP(name) SK__DROP_REASON__##name
#define WHY(name) SK__MATCH_CODE__##name
#define L(name) SK__LEVEL__##name
#define WHY_MAX 13u
#define NO_PARTNER 0xffffu

/* ---- one offering */

uint32_t
match_domains(const Sk__Offering *offering)
{
	uint32_t domains = 0;

	for (size_t i = 0; i < offering->n_domains; i++)
		domains |= 1u << (offering->domains[i] & 31);
	if (domains == 0 && offering->has_theme &&
	    offering->theme == SK__THEME__SEPARATION)
		domains = 1u << SK__LIFE_DOMAIN__SEPARATION_CONFLICT |
		    1u << SK__LIFE_DOMAIN__PARENTING;
	return domains;
}

Sk__Place
match_place(const Sk__Offering *offering)
{
	if (offering->has_place)
		return offering->place;
	return offering->has_level && offering->level == L(RESIDENTIAL) ?
	    SK__PLACE__FACILITY : SK__PLACE__HOME;
}

static Sk__Scale
scale_of(const Sk__Offering *offering)
{
	return offering->has_scale ? offering->scale : SK__SCALE__REGIONAL;
}

Sk__Route
match_route(const Sk__Offering *offering)
{
	if (offering->has_social_base)
		return SK__ROUTE__LOCAL_BASE;
	switch (offering->level) {
	case L(LIGHT):
		return SK__ROUTE__LOCAL_BASE;
	case L(AMBULANT):
		return SK__ROUTE__YOUTH_AMBULANT;
	case L(SPECIALIST):
		return SK__ROUTE__YOUTH_SPECIALIST;
	case L(RESIDENTIAL):
		return SK__ROUTE__YOUTH_RESIDENTIAL;
	default:
		return SK__ROUTE__COMPULSORY;
	}
}

/* The tables whose counsel is asked before care of that kind (R29). */
static bool
is_counsel(const Sk__Offering *o, const struct match_query *q)
{
	if (!o->has_social_base)
		return false;
	return (o->social_base == SK__BASE_KIND__PROTECTION_TABLE &&
	    q->level == L(COMPULSORY_LEVEL)) ||
	    (o->social_base == SK__BASE_KIND__SEPARATION_TABLE &&
	    q->theme == SK__THEME__SEPARATION);
}

static bool
names(char *const *list, size_t n, const char *code)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], code) == 0)
			return true;
	return false;
}

/* Said by either of the two. */
static bool
combines(const struct matching *m, const struct match_query *q,
    const Sk__Offering *o)
{
	struct catalogue_item other;

	for (size_t i = 0; i < q->n_running; i++) {
		if (names(o->combines_with, o->n_combines_with, q->running[i]))
			return true;
		if (catalogue_find(m->catalogue, m->policy, q->running[i],
		    &other) && names(other.offering->combines_with,
		    other.offering->n_combines_with, o->code))
			return true;
	}
	return false;
}

Sk__DropReason
match_unqualified(const Sk__Policy *policy, const char *agb, int32_t date)
{
	const Sk__Provider *provider = profile_provider(policy, agb);
	const Sk__Qualification *q;

	/* whom a profile with providers does not name supports nothing of it */
	if (provider == NULL)
		return policy == NULL || policy->n_providers == 0 ? 0 :
		    DROP(NOT_QUALIFIED);
	if ((q = provider->qualification) == NULL)
		return 0;
	if (q->has_suspended && q->suspended)
		return DROP(PROVIDER_SUSPENDED);
	if (q->has_until_date && date > q->until_date)
		return DROP(QUALIFICATION_EXPIRED);
	return profile_is_qualified(provider, date) ? 0 : DROP(NOT_QUALIFIED);
}

/* What is on offer beside care: light, and never of the wrong level. */
static bool
level_fits(const struct match_query *q, const Sk__Offering *o)
{
	return q->level == 0 || o->level == q->level ||
	    (o->has_social_base && o->level < q->level) || is_counsel(o, q);
}

static bool
age_fits(const struct match_query *q, const Sk__Offering *o)
{
	return q->age < 0 || ((!o->has_age_from ||
	    (unsigned)q->age >= o->age_from) && (!o->has_age_until ||
	    (unsigned)q->age <= o->age_until));
}

static bool
is_full(const struct matching *m, const struct match_query *q,
    const struct catalogue_item *item)
{
	uint32_t places;
	int32_t date;

	return catalogue_places(item, &places, &date) && places == 0 &&
	    (int64_t)q->today - date <= (int64_t)m->fresh_days;
}

/* Is it the kind of help that is asked for? */
static Sk__DropReason
drops_by_need(const struct match_query *q, const Sk__Offering *o)
{
	uint32_t domains = match_domains(o);

	if (!level_fits(q, o))
		return DROP(WRONG_LEVEL);
	if (is_counsel(o, q))
		return 0;
	if (q->domains != 0 && domains != 0 && (q->domains & domains) == 0)
		return DROP(WRONG_DOMAIN);
	if (q->theme != 0 && o->has_theme && o->theme != q->theme)
		return DROP(WRONG_THEME);
	return 0;
}

static Sk__DropReason
drops_by_wish(const struct matching *m, const struct match_query *q,
    const Sk__Offering *o)
{
	if ((q->refused >> match_place(o) & 1) != 0)
		return DROP(PLACE_REFUSED);
	if (q->weekend && !(o->has_weekend && o->weekend))
		return DROP(NO_WEEKEND);
	if (q->no_pilots && o->has_pilot && o->pilot)
		return DROP(PILOT_NOT_WANTED);
	if (names(q->running, q->n_running, o->code))
		return DROP(RUNS_ALREADY);
	if (q->must_combine && !combines(m, q, o))
		return DROP(DOES_NOT_COMBINE);
	return 0;
}

Sk__DropReason
match_drops(const struct matching *m, const struct match_query *q,
    const struct catalogue_item *item)
{
	const Sk__Offering *o = item->offering;
	Sk__DropReason reason;

	if ((reason = drops_by_need(q, o)) != 0)
		return reason;
	if (!catalogue_is_for(item, q->municipality))
		return DROP(OTHER_AREA);
	if (!catalogue_holds(item, q->municipality, q->date))
		return DROP(NOT_IN_VALIDITY);
	if (!age_fits(q, o))
		return DROP(AGE_OUTSIDE);
	if ((reason = match_unqualified(m->policy, o->provider, q->date)) != 0)
		return reason;
	if ((reason = drops_by_wish(m, q, o)) != 0)
		return reason;
	return is_full(m, q, item) ? DROP(NO_CAPACITY) : 0;
}

/* ---- the order */

struct candidate {
	struct catalogue_item item;
	unsigned rank[8];	/* each smaller first, the first that differs */
	uint32_t why;		/* bit (1 << Sk__MatchCode) */
	uint32_t places;
	int32_t places_date;
};

/* Its turn among the core partners of this level. */
static unsigned
partner_rank(const Sk__Policy *policy, const Sk__Offering *o)
{
	unsigned turn = 0;

	for (size_t g = 0; policy != NULL && g < policy->n_groups; g++) {
		const Sk__PartnerGroup *group = policy->groups[g];

		for (size_t i = 0; i < group->n_members; i++, turn++)
			if (o->level >= group->from_level &&
			    strcmp(group->members[i], o->provider) == 0)
				return turn;
	}
	return NO_PARTNER;
}

static uint32_t
why_of(const struct matching *m, const struct match_query *q,
    const struct catalogue_item *item)
{
	const Sk__Offering *o = item->offering;
	uint32_t why = 0;

#define SAY(condition, name) why |= (condition) ? 1u << WHY(name) : 0
	SAY(match_place(o) <= SK__PLACE__AREA_PLACE, AT_OR_NEAR_HOME);
	SAY(scale_of(o) == SK__SCALE__LOCAL, LOCAL_OFFER);
	SAY(profile_is_area_contact(m->policy, q->municipality, o->provider),
	    AREA_CONTACT);
	SAY(partner_rank(m->policy, o) != NO_PARTNER, CORE_PARTNER);
	SAY(combines(m, q, o), COMBINES);
	SAY(o->has_pilot && o->pilot, PILOT_OFFER);
	SAY(o->has_social_base, SOCIAL_BASE_OFFER);
	SAY(is_counsel(o, q), ASK_FOR_COUNSEL);
	SAY((q->domains & match_domains(o)) != 0, ON_DOMAIN);
	SAY(q->theme != 0 && o->has_theme && o->theme == q->theme, ON_THEME);
	SAY(q->place != 0 && match_place(o) > q->place, FARTHER_THAN_WANTED);
#undef SAY
	return why;
}

static bool
says(const struct candidate *c, Sk__MatchCode code)
{
	return (c->why >> code & 1) != 0;
}

static void
weigh(const struct matching *m, const struct match_query *q,
    const struct catalogue_item *item, struct candidate *c)
{
	const Sk__Offering *o = item->offering;
	bool told, fresh;

	memset(c, 0, sizeof(*c));
	c->item = *item;
	c->why = why_of(m, q, item);
	told = catalogue_places(item, &c->places, &c->places_date);
	if (!told)
		c->places_date = 0;
	fresh = told &&
	    (int64_t)q->today - c->places_date <= (int64_t)m->fresh_days;
	c->why |= 1u << (fresh ? WHY(PLACES_FREE) : WHY(CAPACITY_UNKNOWN));
	c->rank[0] = says(c, WHY(PILOT_OFFER));
	c->rank[1] = q->level != 0 && o->level != q->level;
	c->rank[2] = match_place(o);
	c->rank[3] = scale_of(o);
	c->rank[4] = !says(c, WHY(AREA_CONTACT));
	c->rank[5] = partner_rank(m->policy, o);
	c->rank[6] = !says(c, WHY(COMBINES));
	c->rank[7] = !fresh;
}

static bool
goes_before(const struct candidate *a, const struct candidate *b)
{
	for (size_t i = 0; i < sizeof(a->rank) / sizeof(a->rank[0]); i++)
		if (a->rank[i] != b->rank[i])
			return a->rank[i] < b->rank[i];
	return strcmp(a->item.offering->code, b->item.offering->code) < 0;
}

/* What comes nearest to fitting is told first: of the wrong kind is almost
 * the whole of a catalogue. */
static unsigned
distance(Sk__DropReason reason)
{
	switch (reason) {
	case DROP(WRONG_LEVEL):
		return 3;
	case DROP(WRONG_DOMAIN):
	case DROP(WRONG_THEME):
		return 2;
	case DROP(OTHER_AREA):
		return 1;
	default:
		return 0;
	}
}

/* The best of both, as far as they are told. */
struct sorting {
	struct candidate match[MATCHES_MAX];
	struct {
		const Sk__Offering *offering;
		Sk__DropReason reason;
	} drop[DROPPED_MAX];
	size_t matches, drops;		/* kept */
	uint32_t matched, dropped;	/* of all */
	bool wanted;		/* care that is asked for, where it is asked */
	bool full;		/* dropped for want of a place alone */
	bool unwanted;		/* fits, but for what the family does not want */
};

static void
keep_match(struct sorting *s, const struct candidate *c)
{
	size_t at = s->matches;

	s->matched++;
	while (at > 0 && goes_before(c, &s->match[at - 1]))
		at--;
	if (at == MATCHES_MAX)
		return;
	if (s->matches < MATCHES_MAX)
		s->matches++;
	memmove(&s->match[at + 1], &s->match[at],
	    (s->matches - 1 - at) * sizeof(s->match[0]));
	s->match[at] = *c;
}

static void
keep_drop(struct sorting *s, const Sk__Offering *offering,
    Sk__DropReason reason)
{
	size_t at = s->drops;

	s->dropped++;
	while (at > 0 && distance(reason) < distance(s->drop[at - 1].reason))
		at--;
	if (at == DROPPED_MAX)
		return;
	if (s->drops < DROPPED_MAX)
		s->drops++;
	memmove(&s->drop[at + 1], &s->drop[at],
	    (s->drops - 1 - at) * sizeof(s->drop[0]));
	s->drop[at].offering = offering;
	s->drop[at].reason = reason;
}

static void
sort_all(const struct matching *m, const struct match_query *q,
    struct sorting *s)
{
	struct catalogue_item item;
	struct candidate c;
	Sk__DropReason reason;
	size_t at = 0;

	memset(s, 0, sizeof(*s));
	while (catalogue_next(m->catalogue, m->policy, &at, &item)) {
		/* what nobody decided on yet is no help that exists */
		if (item.proposed && item.row->n_decided == 0)
			continue;
		reason = match_drops(m, q, &item);
		if (reason != 0) {
			keep_drop(s, item.offering, reason);
			s->full = s->full || reason == DROP(NO_CAPACITY);
			s->unwanted = s->unwanted ||
			    reason == DROP(PLACE_REFUSED);
			continue;
		}
		weigh(m, q, &item, &c);
		keep_match(s, &c);
		if (says(&c, WHY(FARTHER_THAN_WANTED)))
			s->unwanted = true;
		else if (q->level == 0 || item.offering->level == q->level)
			s->wanted = true;
	}
}

/* ---- the answer */

static Sk__Match *
match_made(const struct candidate *c, struct arena *arena)
{
	const Sk__Offering *o = c->item.offering;
	Sk__Match *match = arena_new(arena, Sk__Match, sk__match__init);
	Sk__MatchCode *why = arena_take(arena, WHY_MAX * sizeof(*why));

	if (match == NULL || why == NULL)
		return NULL;
	match->offering = o->code;
	match->provider = o->provider;
	match->has_route = match->has_level = match->has_place =
	    match->has_scale = 1;
	match->route = match_route(o);
	match->level = o->level;
	match->place = match_place(o);
	match->scale = scale_of(o);
	match->has_places = says(c, WHY(PLACES_FREE));
	match->places = match->has_places ? c->places : 0;
	match->has_places_date = c->places_date != 0;
	match->places_date = c->places_date;
	match->why = why;
	for (unsigned code = 1; code <= WHY_MAX; code++)
		if (says(c, (Sk__MatchCode)code))
			why[match->n_why++] = (Sk__MatchCode)code;
	return match;
}

static bool
add_matches(const struct sorting *s, Sk__CatalogueAnswer *answer,
    struct arena *arena)
{
	answer->matches = arena_take(arena,
	    (s->matches + 1) * sizeof(*answer->matches));
	answer->dropped = arena_take(arena,
	    (s->drops + 1) * sizeof(*answer->dropped));
	if (answer->matches == NULL || answer->dropped == NULL)
		return false;
	for (size_t i = 0; i < s->matches; i++)
		if ((answer->matches[answer->n_matches++] =
		    match_made(&s->match[i], arena)) == NULL)
			return false;
	for (size_t i = 0; i < s->drops; i++) {
		Sk__Dropped *drop = arena_new(arena, Sk__Dropped,
		    sk__dropped__init);

		if (drop == NULL)
			return false;
		drop->offering = s->drop[i].offering->code;
		drop->has_reason = 1;
		drop->reason = s->drop[i].reason;
		answer->dropped[answer->n_dropped++] = drop;
	}
	return true;
}

Sk__CatalogueAnswer *
match_answer(const struct matching *m, const struct match_query *q,
    struct arena *arena)
{
	Sk__CatalogueAnswer *answer = arena_new(arena, Sk__CatalogueAnswer,
	    sk__catalogue_answer__init);
	struct sorting s;

	sort_all(m, q, &s);
	if (answer == NULL || !add_matches(&s, answer, arena))
		return NULL;
	answer->has_more_matches = s.matched > s.matches;
	answer->more_matches = s.matched - (uint32_t)s.matches;
	answer->has_more_dropped = s.dropped > s.drops;
	answer->more_dropped = s.dropped - (uint32_t)s.drops;
	answer->has_unmet = !s.wanted;
	answer->unmet = s.unwanted ? SK__UNMET_REASON__ONLY_UNWANTED :
	    s.full ? SK__UNMET_REASON__NO_PLACE_FREE :
	    SK__UNMET_REASON__NOTHING_FOUND;
	return answer;
}

/* ---- the core partners */

static bool
has_help(const struct matching *m, const char *agb, Sk__Level level,
    uint32_t municipality, int32_t date)
{
	struct catalogue_item item;
	size_t at = 0;

	while (catalogue_next(m->catalogue, m->policy, &at, &item))
		if (item.offering->level == level &&
		    strcmp(item.offering->provider, agb) == 0 &&
		    catalogue_holds(&item, municipality, date))
			return true;
	return false;
}

const char *
match_next_partner(const struct matching *m, const char *agb, Sk__Level level,
    uint32_t municipality, int32_t date,
    bool (*out)(const void *context, const char *agb), const void *context)
{
	const Sk__PartnerGroup *group = profile_group(m->policy, agb, level);
	size_t at = 0;

	if (group == NULL)
		return NULL;
	while (strcmp(group->members[at], agb) != 0)
		at++;
	for (size_t i = 1; i < group->n_members; i++) {
		const char *next = group->members[(at + i) % group->n_members];

		if (!out(context, next) &&
		    match_unqualified(m->policy, next, date) == 0 &&
		    has_help(m, next, level, municipality, date))
			return next;
	}
	return NULL;
}
