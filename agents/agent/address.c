#include "agents/agent/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/agent/cases.h"
#include "agents/agent/directory.h"
#include "agents/agent/inbox.h"
#include "agents/agent/joiner.h"
#include "agents/agent/outbox.h"

#define K(name) SK__KIND__##name

/* Who else gets it, beside the own copy. */
enum audience {
	TO_TEAM_OF_CHILD,	/* the access team of the municipality in the facts */
	TO_WHOM_IT_ANSWERS,	/* the sender of reply-to */
	TO_WHO_HAS_IT,		/* who got what it puts right */
	TO_ANSWERED_AND_COURT,	/* and the court, when a court opened the case */
	TO_HELPER,		/* the provider whose help runs */
	TO_COURT,
	TO_ALL_IN_CASE,
	TO_TEAM_OF_CASE,
	TO_COURT_OR_ALL,	/* all, where the route ends the case */
	TO_SELF,		/* a record of one's own work */
	TO_PROPOSED,		/* whom the facts propose as director */
	TO_WITHDRAWN_FROM,	/* whom the referral went to */
	TO_NAMED		/* has to be named */
};

/* clang-format off: the columns are the point */
static const struct {
	Sk__Kind kind;
	enum audience audience;
	Sk__Kind answers;	/* the last of this kind to me, when reply-to is left out; 0: none */
} manners[] = {
	/* kind                       audience               answers */
	{ K(COURT_ORDER),             TO_TEAM_OF_CHILD,      0 },
	{ K(TRIAGE),                  TO_SELF,               0 },
	{ K(ANALYSIS),                TO_SELF,               0 },
	{ K(ROUTE_DECISION),          TO_COURT_OR_ALL,       0 },
	{ K(FAMILY_PLAN),             TO_SELF,               0 },
	{ K(REFERRAL),                TO_NAMED,              0 },
	{ K(RECEIPT_OF),              TO_WHOM_IT_ANSWERS,    0 },
	{ K(ACCEPT),                  TO_WHOM_IT_ANSWERS,    K(REFERRAL) },
	{ K(DECLINE),                 TO_WHOM_IT_ANSWERS,    K(REFERRAL) },
	{ K(WAIT_PLACE),              TO_WHOM_IT_ANSWERS,    K(REFERRAL) },
	{ K(START),                   TO_ANSWERED_AND_COURT, K(REFERRAL) },
	{ K(PROGRESS_REPORT),         TO_WHOM_IT_ANSWERS,    K(REFERRAL) },
	{ K(HEARING_NOTICE),          TO_TEAM_OF_CASE,       0 },
	{ K(HEARING_REPORT_REQUEST),  TO_HELPER,             0 },
	{ K(HEARING_REPORT),          TO_WHOM_IT_ANSWERS,    K(HEARING_REPORT_REQUEST) },
	{ K(COURT_REPORT),            TO_COURT,              0 },
	{ K(STOP),                    TO_WHOM_IT_ANSWERS,    K(REFERRAL) },
	{ K(CLOSE),                   TO_ALL_IN_CASE,        0 },
	{ K(OPENED),                  TO_SELF,               0 },
	{ K(CONTENT_MISMATCH_FOUND),  TO_WHOM_IT_ANSWERS,    0 },
	{ K(ACCESS_REQUEST),          TO_TEAM_OF_CHILD,      0 },
	{ K(SIGNAL),                  TO_TEAM_OF_CHILD,      0 },
	{ K(NOT_MINE),                TO_TEAM_OF_CHILD,      0 },
	{ K(TRANSFER_TAKEN),          TO_ALL_IN_CASE,        K(NOT_MINE) },
	{ K(WITHDRAW),                TO_WITHDRAWN_FROM,     0 },
	{ K(PAUSE),                   TO_WHOM_IT_ANSWERS,    K(REFERRAL) },
	{ K(RESUME),                  TO_WHOM_IT_ANSWERS,    K(REFERRAL) },
	{ K(CHANGE_REQUEST),          TO_WHOM_IT_ANSWERS,    K(REFERRAL) },
	{ K(CHANGE_ANSWER),           TO_WHOM_IT_ANSWERS,    K(CHANGE_REQUEST) },
	{ K(INVESTIGATE),             TO_WHOM_IT_ANSWERS,    K(REFERRAL) },
	{ K(REQUEST_ASSIGNMENT),      TO_TEAM_OF_CHILD,      0 },
	{ K(CONSULT),                 TO_NAMED,              0 },
	{ K(CONSULT_ANSWER),          TO_WHOM_IT_ANSWERS,    K(CONSULT) },
	{ K(INVOLVEMENT_NOTICE),      TO_ALL_IN_CASE,        0 },
	{ K(DIRECTOR_CHANGE),         TO_PROPOSED,           0 },
	{ K(DIRECTOR_ACCEPT),         TO_WHOM_IT_ANSWERS,    K(DIRECTOR_CHANGE) },
	{ K(STUCK),                   TO_SELF,               0 },
	{ K(RET_REQUEST),             TO_NAMED,              0 },
	{ K(RET_ADVICE),              TO_WHOM_IT_ANSWERS,    K(RET_REQUEST) },
	{ K(BOEG_REQUEST),            TO_NAMED,              0 },
	{ K(BOEG_ADVICE),             TO_WHOM_IT_ANSWERS,    K(BOEG_REQUEST) },
	{ K(LESSON),                  TO_SELF,               0 },
	{ K(STORY),                   TO_SELF,               0 },
	{ K(FEEDBACK),                TO_SELF,               0 },
	{ K(CORRECTION),              TO_WHO_HAS_IT,         0 },
	{ K(VOID),                    TO_ALL_IN_CASE,        0 },
	{ K(LINK_PERSON),             TO_SELF,               0 },
	{ K(UNMET_NEED),              TO_SELF,               0 },
	{ K(CRISIS_ALERT),            TO_ALL_IN_CASE,        0 },
	{ K(CRISIS_TAKEN),            TO_ALL_IN_CASE,        0 },
	{ K(CRISIS_REVIEW),           TO_SELF,               0 },
	{ K(CONTACT_ATTEMPT),         TO_SELF,               0 },
	{ K(CASE_CONFERENCE),         TO_SELF,               0 },
	{ K(CATALOGUE_QUERY),         TO_SELF,               0 },
	{ K(WAITING_QUERY),           TO_SELF,               0 },
	{ K(OFFERING_PROPOSAL),       TO_NAMED,              0 },
	{ K(OFFERING_DECISION),       TO_WHOM_IT_ANSWERS,    0 },
	{ K(CAPACITY_UPDATE),         TO_SELF,               0 },
	{ K(SIDE_TAKEN),              TO_SELF,               0 },
	{ K(PERSON_CHANGE),           TO_ALL_IN_CASE,        0 },
	{ K(CONSENT_CHANGE),          TO_ALL_IN_CASE,        0 },
	{ K(EXTRACT_MADE),            TO_SELF,               0 },
	{ K(RESEAL),                  TO_NAMED,              0 },
	{ K(CONSENT_ANSWER),          TO_WHOM_IT_ANSWERS,    K(CONSENT_CHANGE) },
	{ K(ASSIGNED),                TO_SELF,               0 },
	{ K(NOTIFIED),                TO_SELF,               0 },
	{ K(ORDER_EXTENDED),          TO_TEAM_OF_CASE,       0 },
	{ K(ORDER_WITHDRAWN),         TO_TEAM_OF_CASE,       0 },
	{ K(ERASURE_REQUEST),         TO_TEAM_OF_CASE,       0 },
	{ K(ERASURE_ANSWER),          TO_ALL_IN_CASE,        K(ERASURE_REQUEST) },
	{ K(AUDIT_LOOK),              TO_SELF,               0 },
	{ K(ERASURE_DONE),            TO_TEAM_OF_CASE,       0 },
};
/* clang-format on */

#define MANNERS (sizeof(manners) / sizeof(manners[0]))

static enum sk_error
add(struct draft *draft, uint64_t participant, struct fault *fault)
{
	for (size_t i = 0; i < draft->recipients; i++)
		if (draft->recipient[i] == participant)
			return SK_OK;
	if (draft->recipients == RECIPIENTS_MAX)
		return fault_set(fault, SK_FIELD_INVALID, "to",
		    "at most %u with the own copy", RECIPIENTS_MAX);
	draft->recipient[draft->recipients++] = participant;
	return SK_OK;
}

/* What a case's messages say about who does what in it. */
struct case_search {
	struct agent *agent;
	Sk__Kind kind;			/* look for the last of this kind to me */
	struct envelope_ref last;
	uint64_t helper;		/* whose help runs */
	size_t gone;			/* whose offer or help ended without more */
	uint64_t gone_who[CASE_KNOWN_MAX];
	uint64_t opener;
	size_t referred;		/* who was ever offered the case by me */
	uint64_t referred_to[CASE_KNOWN_MAX];
};

static void
set_gone(struct case_search *search, uint64_t who, bool gone)
{
	for (size_t i = 0; i < search->gone; i++)
		if (search->gone_who[i] == who) {
			search->gone_who[i] =
			    search->gone_who[--search->gone];
			break;
		}
	if (gone && search->gone < CASE_KNOWN_MAX)
		search->gone_who[search->gone++] = who;
}

static bool
was_referred_to(const struct case_search *search, uint64_t who)
{
	for (size_t i = 0; i < search->referred; i++)
		if (search->referred_to[i] == who)
			return true;
	return false;
}

/* A provider that only thought along sees no more of the case. */
static bool
only_thought_along(const struct case_search *search, uint64_t who)
{
	return who != search->opener && !was_referred_to(search, who) &&
	    directory_role(search->agent->archive, who) == SK__ROLE__PROVIDER;
}

/* Who came in by such a notice goes by one. */
static void
see_involvement(struct case_search *search, const struct envelope_ref *ref)
{
	bool left = false;
	uint64_t who = joiner_named(search->agent, ref, &left);
	Sk__Role role = who == 0 ? 0 :
	    directory_role(search->agent->archive, who);

	/* a helper goes by its STOP, and the team stays */
	if (who != 0 && role != SK__ROLE__PROVIDER && role != SK__ROLE__ACCESS)
		set_gone(search, who, left);
}

static void
see_received(struct case_search *search, const struct inbox_row *row)
{
	uint64_t who = row->ref.participant;

	if (row->trouble != 0)
		return;
	if (row->kind == search->kind)
		search->last = row->ref;
	if (row->kind == K(INVOLVEMENT_NOTICE))
		see_involvement(search, &row->ref);
	if (row->kind == K(START))
		search->helper = who;
	else if (row->kind == K(STOP) && search->helper == who)
		search->helper = 0;
	else if (row->kind == K(DECLINE) || row->kind == K(ORDER_WITHDRAWN) ||
	    (row->kind == K(CONSULT_ANSWER) &&
	    only_thought_along(search, who)))
		set_gone(search, who, true);
	else if (row->kind == K(TRANSFER_TAKEN))	/* answers the old team */
		set_gone(search, row->reply_to.participant, true);
	else if (row->kind == 0 &&
	    row->notice_kind == SK__NOTICE_KIND__OFFER_EXPIRED)
		set_gone(search, row->about_participant, true);
}

static void
see_sent(struct case_search *search, const struct own_row *row)
{
	struct envelope_ref ref = { agent_self(search->agent), row->id };
	bool comes = row->kind == K(REFERRAL) || row->kind == K(CONSULT);

	if (!row->accepted)
		return;
	if (row->kind == K(INVOLVEMENT_NOTICE))
		see_involvement(search, &ref);
	if (row->kind == K(TRANSFER_TAKEN))
		set_gone(search, row->reply_to.participant, true);
	if (!comes && row->kind != K(WITHDRAW))
		return;
	for (size_t i = 0; i < row->recipients; i++) {
		if (row->recipient[i] == agent_self(search->agent))
			continue;
		set_gone(search, row->recipient[i], !comes);
		if (row->kind == K(REFERRAL) &&
		    !was_referred_to(search, row->recipient[i]) &&
		    search->referred < CASE_KNOWN_MAX)
			search->referred_to[search->referred++] =
			    row->recipient[i];
	}
}

static bool
search_row(void *context, const struct timeline_entry *entry)
{
	struct case_search *search = context;
	struct inbox_row in;
	struct own_row out;

	if (entry->out) {
		if (own_get(search->agent->archive, &entry->id, &out) == SK_OK)
			see_sent(search, &out);
	} else if (inbox_get(search->agent->archive, entry->arrival, &in) ==
	    SK_OK) {
		see_received(search, &in);
	}
	return true;
}

static enum sk_error
search_case(struct agent *agent, const struct envelope_ref *case_ref,
    Sk__Kind kind, struct case_search *search)
{
	memset(search, 0, sizeof(*search));
	search->agent = agent;
	search->kind = kind;
	search->opener = case_ref->participant;
	return cases_timeline(agent->archive, case_ref, search_row, search);
}

/* The last participant of this case in this role; 0: none known. */
static uint64_t
in_role(struct agent *agent, const struct case_card *card, Sk__Role role)
{
	uint64_t found = 0;

	for (size_t i = 0; i < card->participants; i++)
		if (directory_role(agent->archive, card->participant[i]) ==
		    role)
			found = card->participant[i];
	return found;
}

static enum sk_error
missing(struct fault *fault, const char *hint)
{
	return fault_set(fault, SK_RECIPIENT_MISSING, "to", "%s", hint);
}

static const char *
municipality_of(const Sk__Facts *facts)
{
	if (facts->court_order != NULL)
		return facts->court_order->municipality;
	if (facts->access_request != NULL)
		return facts->access_request->municipality;
	if (facts->signal != NULL)
		return facts->signal->municipality;
	if (facts->request_assignment != NULL)
		return facts->request_assignment->municipality;
	return facts->not_mine == NULL ? NULL : facts->not_mine->municipality;
}

static enum sk_error
to_team_of_child(struct agent *agent, struct draft *draft, struct fault *fault)
{
	const char *code = municipality_of(draft->facts);
	char path[64];
	uint64_t team = 0;

	snprintf(path, sizeof(path), "facts.%s.municipality",
	    protobuf_c_message_descriptor_get_field(&sk__facts__descriptor,
	    (unsigned)draft->info->kind + 100)->name);
	if (code == NULL)
		return fault_set(fault, SK_FIELD_MISSING, path, NULL);
	team = directory_access_team(agent->archive,
	    (uint32_t)strtoul(code, NULL, 10), civil_date_at(agent_now(agent)));
	if (team == 0)
		return fault_set(fault, SK_MUNICIPALITY_UNKNOWN, path,
		    "no access team in the directory serves %.8s", code);
	return add(draft, team, fault);
}

static enum sk_error
to_all_in_case(struct draft *draft, const struct case_card *card,
    const struct case_search *search, struct fault *fault)
{
	enum sk_error rc = SK_OK;
	bool left;

	for (size_t i = 0; rc == SK_OK && i < card->participants; i++) {
		left = false;
		for (size_t j = 0; j < search->gone; j++)
			left = left ||
			    search->gone_who[j] == card->participant[i];
		if (!left)
			rc = add(draft, card->participant[i], fault);
	}
	return rc;
}

/* Nobody reads by a correction what the message itself kept from it. */
static enum sk_error
to_who_has_it(struct agent *agent, struct draft *draft, struct fault *fault)
{
	struct own_row corrected;
	enum sk_error rc = SK_OK;

	if (draft->reply_to.participant != agent_self(agent) ||
	    own_get(agent->archive, &draft->reply_to.id, &corrected) != SK_OK)
		return SK_OK;	/* of another's message: the broker refuses */
	for (size_t i = 0; rc == SK_OK && i < corrected.recipients; i++)
		rc = add(draft, corrected.recipient[i], fault);
	return rc;
}

static enum sk_error
to_role(struct agent *agent, struct draft *draft, const struct case_card *card,
    Sk__Role role, bool must, struct fault *fault)
{
	uint64_t who = in_role(agent, card, role);

	if (who != 0)
		return add(draft, who, fault);
	return must ? missing(fault, "name whom it is for") : SK_OK;
}

/* A route to anything but youth help. */
static bool
ends_the_case(const Sk__Facts *facts)
{
	const Sk__RouteDecisionFacts *route = facts->route_decision;

	return route != NULL && route->main != SK__ROUTE__YOUTH_AMBULANT &&
	    route->main != SK__ROUTE__YOUTH_SPECIALIST &&
	    route->main != SK__ROUTE__YOUTH_RESIDENTIAL &&
	    route->main != SK__ROUTE__COMPULSORY;
}

static bool
is_enrolled(struct agent *agent, uint64_t participant)
{
	struct member member;

	return directory_member(agent->archive, participant, &member) ==
	    SK_OK && member_is_current(&member,
	    civil_date_at(agent_now(agent)));
}

/* To whom the referral went that it withdraws; to nobody when that provider
 * is enrolled no more. */
static enum sk_error
to_whom_it_withdraws(struct agent *agent, struct draft *draft,
    struct fault *fault)
{
	struct own_row row;
	enum sk_error rc = SK_OK;

	if (draft->reply_to.participant != agent_self(agent) ||
	    own_get(agent->archive, &draft->reply_to.id, &row) != SK_OK ||
	    row.kind != K(REFERRAL))
		return missing(fault, "name whom it is for");
	for (size_t i = 0; rc == SK_OK && i < row.recipients; i++)
		if (row.recipient[i] != agent_self(agent) &&
		    is_enrolled(agent, row.recipient[i]))
			rc = add(draft, row.recipient[i], fault);
	return rc;
}

static enum sk_error
to_audience(struct agent *agent, struct draft *draft, enum audience audience,
    const struct case_card *card, const struct case_search *search,
    struct fault *fault)
{
	enum sk_error rc = SK_OK;
	Sk__Role opener = directory_role(agent->archive, card->ref.participant);

	switch (audience) {
	case TO_TEAM_OF_CHILD:
		return to_team_of_child(agent, draft, fault);
	case TO_ANSWERED_AND_COURT:
		if (opener == SK__ROLE__COURT)
			rc = add(draft, card->ref.participant, fault);
		/* FALLTHROUGH */
	case TO_WHOM_IT_ANSWERS:
		if (rc != SK_OK)
			return rc;
		if (ref_is_none(&draft->reply_to))
			return fault_set(fault, SK_FIELD_MISSING, "reply_to",
			    "nothing in this case that it can answer");
		return add(draft, draft->reply_to.participant, fault);
	case TO_WHO_HAS_IT:
		return to_who_has_it(agent, draft, fault);
	case TO_HELPER:
		if (search->helper == 0)
			return missing(fault, "no help runs in this case");
		return add(draft, search->helper, fault);
	case TO_COURT_OR_ALL:
		if (ends_the_case(draft->facts))
			return to_all_in_case(draft, card, search, fault);
		/* FALLTHROUGH */
	case TO_COURT:
		return to_role(agent, draft, card, SK__ROLE__COURT,
		    audience == TO_COURT, fault);
	case TO_ALL_IN_CASE:
		return to_all_in_case(draft, card, search, fault);
	case TO_TEAM_OF_CASE:
		return to_role(agent, draft, card, SK__ROLE__ACCESS, true,
		    fault);
	case TO_SELF:
		return SK_OK;
	case TO_PROPOSED:
		if (draft->facts->director_change != NULL &&
		    draft->facts->director_change->director != 0)
			return add(draft,
			    draft->facts->director_change->director, fault);
		break;
	case TO_WITHDRAWN_FROM:
		return to_whom_it_withdraws(agent, draft, fault);
	case TO_NAMED:
		break;
	}
	return missing(fault, "name whom it is for");
}

/* The message that it answers: in my inbox, or sent by me. */
static enum sk_error
case_of_reply(struct agent *agent, const struct draft *draft,
    struct envelope_ref *case_ref, struct fault *fault)
{
	struct inbox_row in;
	struct own_row out;

	if (draft->reply_to.participant == agent_self(agent) &&
	    own_get(agent->archive, &draft->reply_to.id, &out) == SK_OK)
		*case_ref = out.case_ref;
	else if (inbox_by_ref(agent->archive, &draft->reply_to, &in) == SK_OK)
		*case_ref = in.case_ref;
	else
		return fault_set(fault, SK_REPLY_WRONG, "reply_to",
		    "no such message here");
	return SK_OK;
}

static enum sk_error
fill_case(struct agent *agent, struct draft *draft, struct case_card *card,
    struct fault *fault)
{
	struct envelope_ref replied;
	enum sk_error rc;

	memset(card, 0, sizeof(*card));
	if (kind_has_no_case(draft->info))
		return ref_is_none(&draft->case_ref) ? SK_OK : fault_set(fault,
		    SK_FIELD_UNEXPECTED, "case", "%s is about no case",
		    draft->info->name);
	if (!ref_is_none(&draft->reply_to)) {
		rc = case_of_reply(agent, draft, &replied, fault);
		if (rc != SK_OK)
			return rc;
		if (ref_is_none(&draft->case_ref))
			draft->case_ref = replied;
		else if (!ref_equal(&replied, &draft->case_ref))
			return fault_set(fault, SK_REPLY_WRONG, "reply_to",
			    "a message of another case");
	}
	if (draft->info->opens_case) {
		if (!ref_is_none(&draft->case_ref))
			return fault_set(fault, SK_FIELD_UNEXPECTED, "case",
			    "%s opens a case of its own", draft->info->name);
		return SK_OK;
	}
	if (ref_is_none(&draft->case_ref))
		return fault_set(fault, SK_FIELD_MISSING, "case",
		    "a case number such as 1-42-67, or a reference");
	rc = cases_get(agent->archive, &draft->case_ref, card);
	return rc == SK_OK ? SK_OK : fault_set(fault, rc, "case", NULL);
}

/* The access team is the link between all others in a case: it is told what
 * they tell each other. A record of one's own work is told to nobody. */
static enum sk_error
add_team(struct agent *agent, struct draft *draft,
    const struct case_card *card, struct fault *fault)
{
	if (kind_names_itself(draft->info) ||
	    kind_is_own_record(draft->info->kind) ||
	    directory_role(agent->archive, agent_self(agent)) ==
	    SK__ROLE__ACCESS)
		return SK_OK;
	for (size_t i = 0; i < draft->recipients; i++)
		if (directory_role(agent->archive, draft->recipient[i]) ==
		    SK__ROLE__ACCESS)
			return SK_OK;
	return to_role(agent, draft, card, SK__ROLE__ACCESS, false, fault);
}

enum sk_error
address_fill(struct agent *agent, struct draft *draft, struct fault *fault)
{
	enum audience audience = TO_NAMED;
	struct case_search search = { 0 };
	struct case_card card;
	Sk__Kind answers = 0;
	enum sk_error rc;

	for (size_t i = 0; i < MANNERS; i++)
		if (manners[i].kind == draft->info->kind) {
			audience = manners[i].audience;
			answers = manners[i].answers;
		}
	if ((rc = fill_case(agent, draft, &card, fault)) != SK_OK)
		return rc;
	if (!kind_names_itself(draft->info) && (rc = search_case(agent,
	    &draft->case_ref, answers, &search)) != SK_OK)
		return fault_set(fault, rc, "case", NULL);
	if (ref_is_none(&draft->reply_to) && answers != 0)
		draft->reply_to = search.last;
	if (draft->recipients == 0) {
		rc = to_audience(agent, draft, audience, &card, &search,
		    fault);
		if (rc == SK_OK)
			rc = add_team(agent, draft, &card, fault);
	}
	if (rc != SK_OK)
		return rc;
	return add(draft, agent_self(agent), fault);
}
