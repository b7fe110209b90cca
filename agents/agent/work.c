#include "agents/agent/work.h"

#include <string.h>

#include "agents/agent/cases.h"
#include "agents/agent/inbox.h"
#include "agents/agent/outbox.h"
#include "broker/lib/log.h"
#include "proto/message.h"

#define K(name) SK__KIND__##name

struct looking {
	struct agent *agent;
	struct work_case *work;
	struct inbox_row crisis, fresh;		/* what waits since when */
	bool closed;
	struct envelope_ref proposal;		/* of the last DIRECTOR_CHANGE */
	struct envelope_ref accept;		/* of the last DIRECTOR_ACCEPT */
	struct envelope_ref accepted;		/* and what that answers */
};

/* As far as a participant can tell; the broker alone knows. */
static const struct {
	Sk__Kind kind;
	const char *state;
} states[] = {
	{ K(COURT_ORDER), "nieuw" },
	{ K(ACCESS_REQUEST), "nieuw" },
	{ K(SIGNAL), "nieuw" },
	{ K(REQUEST_ASSIGNMENT), "nieuw" },
	{ K(TRIAGE), "uitgevraagd" },
	{ K(ANALYSIS), "geanalyseerd" },
	{ K(ROUTE_DECISION), "route bepaald" },
	{ K(REFERRAL), "aangeboden" },
	{ K(ACCEPT), "geaccepteerd" },
	{ K(DECLINE), "afgewezen" },
	{ K(WAIT_PLACE), "wacht op plek" },
	{ K(START), "zorg gestart" },
	{ K(PAUSE), "zorg onderbroken" },
	{ K(RESUME), "zorg gestart" },
	{ K(STUCK), "vastgelopen" },
	{ K(STOP), "zorg beëindigd" },
	{ K(CLOSE), "gesloten" },
	{ K(VOID), "ten onrechte geopend" },
};

static void
see_kind(struct looking *look, Sk__Kind kind, const struct envelope_ref *ref,
    const struct envelope_ref *reply_to)
{
	struct work_case *work = look->work;

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (states[i].kind == kind)
			work->state = states[i].state;
	look->closed = look->closed || kind == K(CLOSE) || kind == K(VOID);
	if (kind == K(CRISIS_ALERT)) {
		work->crisis = *ref;
		work->owned = false;
	} else if (kind == K(CRISIS_TAKEN)) {
		work->owned = true;
	} else if (kind == K(CRISIS_REVIEW) && work->owned) {
		memset(&work->crisis, 0, sizeof(work->crisis));
	} else if (kind == K(DIRECTOR_CHANGE)) {
		look->proposal = *ref;
	} else if (kind == K(DIRECTOR_ACCEPT)) {
		look->accept = *ref;
		look->accepted = *reply_to;
	}
}

/* The last notice of each term. */
static void
see_term(struct work_case *work, const struct inbox_row *row)
{
	struct work_term *term = NULL;

	for (size_t i = 0; i < work->terms; i++)
		if (work->term[i].deadline == row->deadline)
			term = &work->term[i];
	if (term == NULL && work->terms < WORK_TERMS_MAX)
		term = &work->term[work->terms++];
	if (term == NULL)
		return;
	term->notice_kind = row->notice_kind;
	term->deadline = row->deadline;
	term->due = row->due;
	term->open = true;
}

static void
see_received(struct looking *look, const struct inbox_row *row)
{
	if (row->trouble != 0)
		return;
	if (row->kind == 0) {
		see_term(look->work, row);
		return;
	}
	see_kind(look, row->kind, &row->ref, &row->reply_to);
	if (row->kind == K(CRISIS_ALERT))
		look->crisis = *row;
	if (row->opened_at != 0 || row->kind == K(RECEIPT_OF))
		return;
	if (look->work->unopened++ == 0)
		look->fresh = *row;
}

/* Something that a person wrote; what the machine says is no work done. */
static void
see_sent(struct looking *look, const struct own_row *row)
{
	struct envelope_ref ref = { agent_self(look->agent), row->id };

	if (!row->accepted)
		return;
	see_kind(look, row->kind, &ref, &row->reply_to);
	if (row->kind == K(CRISIS_ALERT)) {
		memset(&look->crisis, 0, sizeof(look->crisis));
		look->crisis.instant = row->instant;
		look->crisis.kind = row->kind;
	}
	if (row->kind == K(RECEIPT_OF) || row->kind ==
	    K(CONTENT_MISMATCH_FOUND) || kind_is_own_record(row->kind))
		return;
	for (size_t i = 0; i < look->work->terms; i++)
		look->work->term[i].open = false;
}

static bool
see_entry(void *context, const struct timeline_entry *entry)
{
	struct looking *look = context;
	struct inbox_row in;
	struct own_row out;

	if (entry->out) {
		if (own_get(look->agent->archive, &entry->id, &out) == SK_OK)
			see_sent(look, &out);
	} else if (inbox_get(look->agent->archive, entry->arrival, &in) ==
	    SK_OK) {
		see_received(look, &in);
	}
	return true;
}

static void
judge_terms(struct work_case *work)
{
	for (size_t i = 0; i < work->terms; i++) {
		const struct work_term *term = &work->term[i];
		enum urgency urgency = term->notice_kind ==
		    SK__NOTICE_KIND__DEADLINE_WARNING ? WORK_DUE_SOON :
		    WORK_BREACHED;

		if (!term->open || urgency > work->urgency ||
		    (urgency == work->urgency && term->due >= work->due))
			continue;
		work->urgency = urgency;
		work->since = work->due = term->due;
		work->kind = 0;
		work->deadline = term->deadline;
	}
}

static void
judge(struct looking *look, const struct case_card *card)
{
	struct work_case *work = look->work;

	work->urgency = look->closed ? WORK_CLOSED : WORK_RUNS;
	work->since = card->last_instant;
	work->kind = card->last_kind;
	if (work->unopened > 0) {
		work->urgency = WORK_NEW;
		work->since = look->fresh.instant;
		work->kind = look->fresh.kind;
	}
	if (!look->closed)
		judge_terms(work);
	if (look->closed || ref_is_none(&work->crisis) || work->owned)
		return;
	work->urgency = WORK_CRISIS;
	work->since = look->crisis.instant;
	work->kind = K(CRISIS_ALERT);
	work->due = 0;
	work->deadline = 0;
}

/* The coded facts of a message that verified when it came. */
static const Sk__Facts *
facts_of(struct agent *agent, const struct envelope_ref *ref)
{
	Sk__Envelope *envelope = NULL;
	struct inbox_row row;
	struct header header;
	Sk__Deliver *deliver;
	Sk__Facts *facts;

	arena_reset(&agent->scratch);
	if (ref->participant == agent_self(agent)) {
		if (own_envelope(agent->archive, &ref->id, &agent->scratch,
		    &envelope) != SK_OK)
			return NULL;
	} else if (inbox_by_ref(agent->archive, ref, &row) == SK_OK &&
	    row.trouble == 0 && inbox_deliver(agent->archive, row.arrival,
	    &agent->scratch, &deliver) == SK_OK) {
		envelope = deliver->envelope;
	}
	if (envelope == NULL || header_decode(envelope->header.data,
	    envelope->header.len, &agent->scratch, &header, NULL) != SK_OK ||
	    facts_decode(header.info, envelope->facts.data,
	    envelope->facts.len, &agent->scratch, &facts, NULL) != SK_OK)
		return NULL;
	return facts;
}

/* Who took the direction that was proposed last, where both were seen here. */
static void
find_director(struct looking *look)
{
	const Sk__Facts *facts;
	bool accepted;

	if (ref_is_none(&look->accept) ||
	    !ref_equal(&look->accepted, &look->proposal))
		return;
	facts = facts_of(look->agent, &look->accept);
	accepted = facts != NULL && facts->director_accept != NULL &&
	    facts->director_accept->accepted;
	if (accepted)
		look->work->director = look->accept.participant;
}

void
work_look(struct agent *agent, const struct case_card *card,
    struct work_case *work)
{
	struct looking look = { .agent = agent, .work = work };
	enum sk_error rc;

	memset(work, 0, sizeof(*work));
	work->state = "niet bekend";
	rc = cases_timeline(agent->archive, &card->ref, see_entry, &look);
	if (rc != SK_OK)
		log_event(LOG_WARN, "case not read", "case=%llu code=%s",
		    (unsigned long long)card->number, error_name(rc));
	judge(&look, card);
	find_director(&look);
}

const char *
urgency_name(enum urgency urgency)
{
	static const char *const names[] = {
		[WORK_CRISIS] = "CRISIS", [WORK_BREACHED] = "BREACHED",
		[WORK_DUE_SOON] = "DUE_SOON", [WORK_NEW] = "NEW",
		[WORK_RUNS] = "RUNS", [WORK_CLOSED] = "CLOSED",
	};

	return names[urgency];
}
