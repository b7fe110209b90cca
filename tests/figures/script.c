#include "tests/figures/script.h"

#include <string.h>

#include "proto/civil.h"

#define K(name) SK__KIND__##name

static uint64_t seed_state;

void
draw_seed(uint64_t seed)
{
	seed_state = seed * 2 + 1;
}

/* xorshift64*: the same cases on every machine. */
uint32_t
draw(uint32_t below)
{
	seed_state ^= seed_state >> 12;
	seed_state ^= seed_state << 25;
	seed_state ^= seed_state >> 27;
	return (uint32_t)((seed_state * 2685821657736338717ull) >> 33) % below;
}

static struct step *
say(struct script *s, int32_t *day, uint32_t pause, Sk__Kind kind,
    uint32_t provider)
{
	struct step *step = &s->step[s->steps++];

	*day += 1 + (int32_t)pause;
	step->day = *day;
	step->kind = (uint8_t)kind;
	step->provider = (uint8_t)provider;
	return step;
}

/* ---- the stretches of a case */

static uint32_t
any_provider(bool residential)
{
	return residential ? PROVIDERS - RESIDENTIAL + draw(RESIDENTIAL) :
	    draw(PROVIDERS - RESIDENTIAL);
}

static void
write_entry(struct script *s, int32_t *day, bool residential)
{
	if (draw(10) > 0)
		say(s, day, draw(3), K(RECEIPT_OF), 0);
	s->domains = (uint8_t)draw(6);
	say(s, day, draw(4), K(TRIAGE), 0)->code = s->domains;
	if (!residential && draw(3) == 0)
		say(s, day, draw(4), K(ANALYSIS), 0);
	say(s, day, 0, K(ROUTE_DECISION), 0)->code = residential ?
	    SK__ROUTE__YOUTH_RESIDENTIAL : SK__ROUTE__YOUTH_AMBULANT;
	say(s, day, 0, K(FAMILY_PLAN), 0)->child_view = draw(2) == 0;
	if (!residential)
		return;
	if (draw(3) == 0)
		say(s, day, 0, K(REFERRAL), any_provider(true))->refused = 1;
	say(s, day, draw(5), K(ANALYSIS), 0);
}

static void
write_expert_team(struct script *s, int32_t *day)
{
	say(s, day, draw(8), K(RET_REQUEST), 0)->child_view = draw(2) == 0;
	say(s, day, draw(9), K(RET_ADVICE), 0);
}

/* Who says no, who says nothing, and who takes the case in the end. */
static uint32_t
write_offers(struct script *s, int32_t *day, bool residential, bool *experts)
{
	uint32_t nos = draw(4) == 0 ? 1 + draw(2) : 0, provider;

	*experts = false;
	for (uint32_t i = 0; i < nos; i++) {
		provider = any_provider(residential);
		say(s, day, draw(2), K(REFERRAL), provider);
		/* the clock has the answer where none is said */
		if (draw(4) == 0)
			*day += 20;
		else
			say(s, day, draw(4), K(DECLINE), provider)->code =
			    (uint8_t)(1 + draw(8));
		if (i == 1 && draw(2) == 0) {
			write_expert_team(s, day);
			*experts = true;
		}
	}
	provider = any_provider(residential);
	say(s, day, draw(2), K(REFERRAL), provider);
	say(s, day, draw(4), K(ACCEPT), provider);
	if (draw(4) == 0) {
		say(s, day, draw(2), K(WAIT_PLACE), provider);
		*day += 5 + (int32_t)draw(60);
	}
	say(s, day, draw(6), K(START), provider);
	return provider;
}

static void
write_hearing(struct script *s, int32_t *day, uint32_t provider)
{
	uint8_t advice = (uint8_t)(1 + draw(3));
	struct step *report;

	say(s, day, 5 + draw(20), K(HEARING_NOTICE), 0);
	say(s, day, draw(5), K(HEARING_REPORT_REQUEST), provider);
	report = say(s, day, draw(15), K(HEARING_REPORT), provider);
	report->code = advice;
	report->child_view = draw(2) == 0;
	if (draw(5) == 0)
		advice = SK__ADVICE__ADVISE_STOP;
	say(s, day, draw(6), K(COURT_REPORT), 0)->code = advice;
}

static void
write_end(struct script *s, int32_t *day, uint32_t provider, bool experts)
{
	/* not 8: nobody is there to take over (R42) */
	static const uint8_t reasons[] = { 1, 1, 1, 1, 1, 2, 2, 3, 4, 5, 6, 7,
		7, 9, 10 };

	say(s, day, 30 + draw(120), K(STOP), provider)->code =
	    reasons[draw(sizeof(reasons))];
	if (experts)
		say(s, day, 0, K(LESSON), 0)->code = (uint8_t)(1 + draw(6));
	say(s, day, draw(5), K(CLOSE), provider);
}

void
script_write(struct script *s, uint16_t municipality, uint8_t region,
    int32_t first, int32_t last)
{
	bool residential = draw(10) == 0, experts;
	int32_t day = first - 1 + (int32_t)draw((uint32_t)(last - first - 60));
	uint32_t provider;

	memset(s, 0, sizeof(*s));
	s->municipality = municipality;
	s->region = region;
	s->theme = draw(3) == 0 ? SK__THEME__OTHER_THEME :
	    SK__THEME__SEPARATION;
	say(s, &day, 0, K(COURT_ORDER), 0);
	write_entry(s, &day, residential);
	provider = write_offers(s, &day, residential, &experts);
	if (draw(5) == 0)
		write_hearing(s, &day, provider);
	write_end(s, &day, provider, experts);
	/* what comes after the last day does not happen */
	while (s->steps > 0 && s->step[s->steps - 1].day > last)
		s->steps--;
}

/* ---- the tally */

static const enum figure known[] = { FIGURE_FIRST_STARTS, FIGURE_START_14,
	FIGURE_START_28, FIGURE_START_LATE, FIGURE_START_BREACHED,
	FIGURE_OPENED, FIGURE_OPENED_ORDER, FIGURE_WAITING, FIGURE_WAIT_PLACES,
	FIGURE_BRIDGED, FIGURE_OFFERS, FIGURE_ACCEPTED, FIGURE_LAPSED,
	FIGURE_DECLINED, FIGURE_DECLINE_CAPACITY, FIGURE_DECLINE_SAFETY,
	FIGURE_DECLINE_OTHER, FIGURE_ROUTES, FIGURE_ROUTE_AMBULANT,
	FIGURE_ROUTE_RESIDENTIAL, FIGURE_TRIAGES, FIGURE_DOMAIN_SAFETY,
	FIGURE_DOMAIN_PHYSICAL, FIGURE_ANALYSES, FIGURE_GATES,
	FIGURE_GATE_ANALYSIS, FIGURE_STARTS, FIGURE_FAILED, FIGURE_ENDS,
	FIGURE_END_PLANNED, FIGURE_END_DOMAIN, FIGURE_COURT_GOALS,
	FIGURE_COURT_REACHED, FIGURE_ACCESS_PARTLY, FIGURE_CLOSED,
	FIGURE_PLACE_HOME, FIGURE_PLACE_FOSTER, FIGURE_STUCK,
	FIGURE_RET_ASKED, FIGURE_RET_ADVISED, FIGURE_TAKEN_AFTER_ALL,
	FIGURE_LESSONS, FIGURE_REPORTS_ASKED, FIGURE_REPORTS,
	FIGURE_ADVICE_STOP, FIGURE_COURT_REPORTS, FIGURE_FOLLOWED,
	FIGURE_OPEN_CASES, FIGURE_UNDIRECTED, FIGURE_PLANS,
	FIGURE_PLAN_PARENTS, FIGURE_CHILD_VIEW, FIGURE_MESSAGES,
	FIGURE_REFUSALS, FIGURE_PRINCIPLED };

bool
tally_knows(enum figure figure)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == figure)
			return true;
	return false;
}

uint32_t
tally_median(const struct tally *tally)
{
	uint32_t total = 0, seen = 0;

	for (size_t i = 0; i < 512; i++)
		total += tally->days[i];
	for (uint32_t i = 0; i < 512; i++) {
		seen += tally->days[i];
		if (seen >= (total + 1) / 2)
			return i;
	}
	return 0;
}

static int
quarter_of(int32_t day)
{
	struct civil_day d = civil_split(day);

	return (d.year - FIRST_YEAR) * 4 + (d.month - 1) / 3;
}

struct tallying {
	const struct script *s;
	struct tallies *to;
	int32_t order, started;
	bool stuck, asked;
};

static void
tick(struct tallying *t, int32_t day, enum figure figure)
{
	int q = quarter_of(day);

	if (q < 0 || q >= QUARTERS)
		return;
	t->to->all[q].count[figure]++;
	t->to->region[q][t->s->region].count[figure]++;
}

static void
tally_start(struct tallying *t, const struct step *step)
{
	int32_t days = step->day - t->order;
	int q = quarter_of(step->day);

	t->started = step->day;
	tick(t, step->day, FIGURE_STARTS);
	tick(t, step->day, FIGURE_FIRST_STARTS);
	tick(t, step->day, days <= 14 ? FIGURE_START_14 :
	    days <= 28 ? FIGURE_START_28 : FIGURE_START_LATE);
	tick(t, step->day, step->provider >= PROVIDERS - RESIDENTIAL ?
	    FIGURE_PLACE_FOSTER : FIGURE_PLACE_HOME);
	if (q < QUARTERS && days < 512) {
		t->to->all[q].days[days]++;
		t->to->region[q][t->s->region].days[days]++;
	}
}

static void
tally_stuck(struct tallying *t, int32_t day)
{
	if (!t->stuck)
		tick(t, day, FIGURE_STUCK);
	t->stuck = true;
}

static void
tally_stop(struct tallying *t, const struct step *step)
{
	tick(t, step->day, FIGURE_ENDS);
	if (step->code > 2 && step->code != SK__END_REASON__DEATH)
		tick(t, step->day, FIGURE_FAILED);
	if (step->code == 1)
		tick(t, step->day, FIGURE_END_PLANNED);
	if (step->code == SK__END_REASON__OTHER_DOMAIN)
		tick(t, step->day, FIGURE_END_DOMAIN);
	tick(t, step->day, FIGURE_COURT_GOALS);
	tick(t, step->day, FIGURE_COURT_REACHED);
	tick(t, step->day, FIGURE_ACCESS_PARTLY);
}

static void
tally_decline(struct tallying *t, const struct step *step)
{
	tick(t, step->day, FIGURE_DECLINED);
	if (step->code == SK__DECLINE_REASON__CAPACITY)
		tick(t, step->day, FIGURE_DECLINE_CAPACITY);
	if (step->code == SK__DECLINE_REASON__DECLINE_SAFETY)
		tick(t, step->day, FIGURE_DECLINE_SAFETY);
	if (step->code == SK__DECLINE_REASON__DECLINE_OTHER)
		tick(t, step->day, FIGURE_DECLINE_OTHER);
	tally_stuck(t, step->day);
}

static void
tally_triage(struct tallying *t, const struct step *step)
{
	tick(t, step->day, FIGURE_TRIAGES);
	if (step->code >= 1)
		tick(t, step->day, FIGURE_DOMAIN_SAFETY);
	if (step->code >= 4)
		tick(t, step->day, FIGURE_DOMAIN_PHYSICAL);
}

/* Counts that take no more than that it was said. */
static const struct {
	Sk__Kind kind;
	enum figure figure[3];	/* MESSAGES: none */
} plain[] = {
	{ K(COURT_ORDER), { FIGURE_OPENED, FIGURE_OPENED_ORDER } },
	{ K(ANALYSIS), { FIGURE_ANALYSES } },
	{ K(ROUTE_DECISION), { FIGURE_ROUTES, FIGURE_PRINCIPLED } },
	{ K(FAMILY_PLAN), { FIGURE_PLANS, FIGURE_PLAN_PARENTS } },
	{ K(REFERRAL), { FIGURE_OFFERS } },
	{ K(ACCEPT), { FIGURE_ACCEPTED } },
	{ K(WAIT_PLACE), { FIGURE_WAIT_PLACES, FIGURE_BRIDGED } },
	{ K(HEARING_REPORT_REQUEST), { FIGURE_REPORTS_ASKED } },
	{ K(HEARING_REPORT), { FIGURE_REPORTS } },
	{ K(COURT_REPORT), { FIGURE_COURT_REPORTS } },
	{ K(RET_REQUEST), { FIGURE_RET_ASKED } },
	{ K(RET_ADVICE), { FIGURE_RET_ADVISED } },
	{ K(LESSON), { FIGURE_LESSONS } },
	{ K(CLOSE), { FIGURE_CLOSED } },
};

static void
tally_plain(struct tallying *t, const struct step *step)
{
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		for (size_t k = 0; plain[i].kind == (Sk__Kind)step->kind &&
		    k < 3 && plain[i].figure[k] != 0; k++)
			tick(t, step->day, plain[i].figure[k]);
}

static void
tally_step(struct tallying *t, const struct step *step,
    const struct step *before)
{
	tick(t, step->day, FIGURE_MESSAGES);
	if (step->refused) {
		tick(t, step->day, FIGURE_REFUSALS);
		tick(t, step->day, FIGURE_GATES);
		tick(t, step->day, FIGURE_GATE_ANALYSIS);
		return;
	}
	tally_plain(t, step);
	if (step->child_view)
		tick(t, step->day, FIGURE_CHILD_VIEW);
	switch ((Sk__Kind)step->kind) {
	case K(TRIAGE):
		tally_triage(t, step);
		break;
	case K(ROUTE_DECISION):
		tick(t, step->day, step->code ==
		    SK__ROUTE__YOUTH_RESIDENTIAL ? FIGURE_ROUTE_RESIDENTIAL :
		    FIGURE_ROUTE_AMBULANT);
		break;
	case K(DECLINE):
		tally_decline(t, step);
		break;
	case K(ACCEPT):
		if (t->stuck)
			tick(t, step->day, FIGURE_TAKEN_AFTER_ALL);
		t->stuck = false;
		break;
	case K(START):
		tally_start(t, step);
		break;
	case K(HEARING_REPORT):
		if (step->code == SK__ADVICE__ADVISE_STOP)
			tick(t, step->day, FIGURE_ADVICE_STOP);
		break;
	case K(COURT_REPORT):
		if (step->code == before->code)
			tick(t, step->day, FIGURE_FOLLOWED);
		break;
	case K(STOP):
		tally_stop(t, step);
		break;
	default:
		break;
	}
}

/* The answer was due seven working days after the referral. */
static void
tally_lapse(struct tallying *t, const struct step *step,
    const struct step *next, int32_t last)
{
	const struct civil_holidays none = { false, false };
	int32_t day = civil_add_workdays(step->day, 7, &none) + 1;

	if ((Sk__Kind)step->kind != K(REFERRAL) || step->refused ||
	    day > last || (next != NULL &&
	    ((Sk__Kind)next->kind == K(DECLINE) ||
	    (Sk__Kind)next->kind == K(ACCEPT))) ||
	    (next == NULL && day > last))
		return;
	tick(t, day, FIGURE_LAPSED);
	tally_stuck(t, day);
}

/* How it stands on the last day of each quarter. */
static void
tally_standing(struct tallying *t)
{
	const struct script *s = t->s;

	for (int q = 0; q < QUARTERS; q++) {
		int32_t last = civil_date(FIRST_YEAR + (q + 1) / 4,
		    (q + 1) % 4 * 3 + 1, 1) - 1;
		Sk__Kind kind = 0;

		for (size_t i = 0; i < s->steps && s->step[i].day <= last; i++)
			if ((Sk__Kind)s->step[i].kind != K(RECEIPT_OF))
				kind = (Sk__Kind)s->step[i].kind;
		if (kind == K(WAIT_PLACE))
			tick(t, last, FIGURE_WAITING);
		if (kind != 0 && kind != K(CLOSE))
			tick(t, last, FIGURE_OPEN_CASES);
	}
}

void
script_tally(const struct script *s, struct tallies *tallies)
{
	struct tallying t = { .s = s, .to = tallies };
	const int32_t last = civil_date(FIRST_YEAR + QUARTERS / 4,
	    QUARTERS % 4 * 3 + 1, 1) - 1;

	if (s->steps == 0)
		return;
	t.order = s->step[0].day;
	for (size_t i = 0; i < s->steps; i++) {
		tally_step(&t, &s->step[i], i > 0 ? &s->step[i - 1] : NULL);
		tally_lapse(&t, &s->step[i], i + 1u < s->steps ?
		    &s->step[i + 1] : NULL, last);
	}
	if (t.order + 29 <= last &&
	    (t.started == 0 || t.started - t.order > 28))
		tick(&t, t.order + 29, FIGURE_START_BREACHED);
	tally_standing(&t);
}
