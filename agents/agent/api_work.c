/*
 * api_work.c - work among the people of one organisation: who does what, who
 * hands it to whom, and what comes first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/agent/api_parts.h"
#include "agents/agent/cases.h"
#include "agents/agent/duty.h"
#include "agents/agent/inbox.h"
#include "agents/agent/work.h"
#include "proto/civil.h"
#include "proto/message.h"

int32_t
api_today(const struct asking *ask)
{
	return civil_date_at(agent_now(ask->api->agent));
}

/* ---- as JSON */

static void
put_person(struct agent *agent, json_t *row, const char *key, uint64_t person)
{
	const Sk__AgentUser *user;
	char name[32];

	if (person == 0)
		return;
	json_object_set_new(row, key, json_integer((json_int_t)person));
	user = people_by_person(agent->people, person,
	    civil_date_at(agent_now(agent)));
	snprintf(name, sizeof(name), "%s_name", key);
	if (user != NULL && user->name != NULL)
		json_object_set_new(row, name, json_string(user->name));
}

void
put_duty(struct agent *agent, json_t *row, const struct duty_row *duty)
{
	put_person(agent, row, "responsible", duty->responsible);
	put_person(agent, row, "proposed", duty->proposed);
	put_person(agent, row, "proposed_by", duty->proposed_by);
	if (duty->note[0] != '\0')
		json_object_set_new(row, "note", json_string(duty->note));
}

void
put_contact(struct agent *agent, json_t *row)
{
	const Sk__AgentContact *contact = people_out_of_hours(agent->people,
	    agent_now(agent));
	json_t *out;

	if (contact == NULL)
		return;
	out = json_object();
	put_person(agent, out, "person", contact->person);
	if (contact->telephone != NULL)
		json_object_set_new(out, "telephone",
		    json_string(contact->telephone));
	json_object_set_new(row, "out_of_hours", out);
}

static json_t *
json_terms(const struct work_case *work)
{
	json_t *out = json_array(), *row;

	for (size_t i = 0; i < work->terms; i++) {
		row = json_pack("{s:s, s:b}", "kind",
		    enum_label(&sk__notice_kind__descriptor,
		    work->term[i].notice_kind), "open", work->term[i].open);
		if (work->term[i].deadline != 0)
			json_object_set_new(row, "deadline", json_string(
			    enum_label(&sk__deadline_kind__descriptor,
			    work->term[i].deadline)));
		if (work->term[i].due != 0)
			json_object_set_new(row, "due",
			    json_instant(work->term[i].due));
		json_array_append_new(out, row);
	}
	return out;
}

void
put_work(struct agent *agent, json_t *row, const struct work_case *work)
{
	json_object_set_new(row, "urgency",
	    json_string(urgency_name(work->urgency)));
	json_object_set_new(row, "state_nl", json_string(work->state));
	if (work->director != 0)
		json_object_set_new(row, "director",
		    json_integer((json_int_t)work->director));
	if (work->since != 0)
		json_object_set_new(row, "since", json_instant(work->since));
	if (work->due != 0)
		json_object_set_new(row, "due", json_instant(work->due));
	if (work->deadline != 0)
		json_object_set_new(row, "deadline", json_string(
		    enum_label(&sk__deadline_kind__descriptor,
		    work->deadline)));
	json_object_set_new(row, "kind", json_string(kind_label(work->kind)));
	json_object_set_new(row, "kind_nl",
	    json_string(kind_label_nl(work->kind)));
	json_object_set_new(row, "unopened",
	    json_integer((json_int_t)work->unopened));
	json_object_set_new(row, "deadlines", json_terms(work));
	if (ref_is_none(&work->crisis))
		return;
	json_object_set_new(row, "crisis", json_ref(&work->crisis));
	json_object_set_new(row, "crisis_taken", json_boolean(work->owned));
	put_contact(agent, row);
}

/* ---- who does what */

/* The case, or with "ref" one message of it. */
static enum sk_error
read_of(struct asking *ask, struct duty_of *of)
{
	struct agent *agent = ask->api->agent;
	struct case_card card;
	struct inbox_row row;
	bool given;
	enum sk_error rc;

	memset(of, 0, sizeof(*of));
	if ((rc = ask_case(ask, &card, &given)) != SK_OK ||
	    (rc = ask_ref(ask, "ref", &of->message)) != SK_OK)
		return rc;
	if (!given && ref_is_none(&of->message))
		return fault_set(&ask->fault, SK_FIELD_MISSING, "case",
		    "a case, or with ref a message");
	if (given)
		of->case_ref = card.ref;
	if (ref_is_none(&of->message))
		return SK_OK;
	if (inbox_by_ref(agent->archive, &of->message, &row) != SK_OK ||
	    row.trouble != 0)
		return fault_set(&ask->fault, SK_NOT_FOUND, "ref",
		    "no such message here");
	if (given && !ref_equal(&row.case_ref, &of->case_ref))
		return fault_set(&ask->fault, SK_FIELD_INVALID, "ref",
		    "a message of another case");
	of->case_ref = row.case_ref;
	return SK_OK;
}

/* A colleague of the users file; oneself when none is named and that will do. */
static enum sk_error
read_colleague(struct asking *ask, bool must, uint64_t *person)
{
	enum sk_error rc;

	*person = must ? 0 : ask->user->person;
	if ((rc = ask_number(ask, "person", person)) != SK_OK)
		return rc;
	if (*person == 0)
		return fault_set(&ask->fault, SK_FIELD_MISSING, "person",
		    "the number of a colleague in the users file");
	if (people_by_person(ask->api->agent->people, *person,
	    api_today(ask)) == NULL)
		return fault_set(&ask->fault, SK_PERSON_UNKNOWN, "person",
		    "nobody with this number is in the users file today");
	return SK_OK;
}

/* May this user dispose of what that person answers for? *behalf is whom one
 * then stands in for. */
static enum sk_error
check_mine(struct asking *ask, uint64_t responsible, uint64_t *behalf)
{
	*behalf = 0;
	if (responsible == 0 || responsible == ask->user->person)
		return SK_OK;
	if (people_stands_in(ask->api->agent->people, ask->user, responsible,
	    api_today(ask))) {
		*behalf = responsible;
		return SK_OK;
	}
	if (ask->user->coordinator)
		return SK_OK;
	return fault_set(&ask->fault, SK_MANDATE_MISSING, "case",
	    "person %llu answers for it: hand-over by that person, or assign "
	    "by a coordinator", (unsigned long long)responsible);
}

static void
put_assigned(struct asking *ask, const struct duty_of *of)
{
	struct duty_row row;

	duty_get(ask->api->agent->archive, of, &row);
	put_case(ask->api->agent, ask->answer, &of->case_ref, 0);
	put_duty(ask->api->agent, ask->answer, &row);
}

enum sk_error
api_assign(struct asking *ask)
{
	static const char *const fields[] = { "case", "ref", "person", NULL };
	struct duty_by by = {
		.person = ask->user->person,
		.cause = SK__ASSIGN_CAUSE__ASSIGNED_BY_HAND,
	};
	struct duty_of of;
	uint64_t person;
	enum sk_error rc;

	if ((rc = ask_only(ask, fields)) != SK_OK ||
	    (rc = read_of(ask, &of)) != SK_OK ||
	    (rc = read_colleague(ask, false, &person)) != SK_OK ||
	    (rc = check_mine(ask, duty_responsible(ask->api->agent->archive,
	    &of), &by.on_behalf_of)) != SK_OK || (rc = duty_assign(
	    ask->api->agent, &of, person, &by, &ask->fault)) != SK_OK)
		return rc;
	put_assigned(ask, &of);
	return SK_OK;
}

/* ---- hand-over */

struct handing {
	struct asking *ask;
	uint64_t whose;		/* theirs, or proposed to them */
	bool proposed;
	struct duty_of of[API_ROWS_MAX];
	size_t n;
};

static bool
find_handed(void *context, const struct duty_of *of,
    const struct duty_row *row)
{
	struct handing *hand = context;

	if ((hand->proposed ? row->proposed : row->responsible) == hand->whose &&
	    hand->n < API_ROWS_MAX)
		hand->of[hand->n++] = *of;
	return true;
}

/* A message's row knows its case no more: it is looked up. */
static enum sk_error
fill_case(struct agent *agent, struct duty_of *of)
{
	struct inbox_row row;
	enum sk_error rc = SK_OK;

	if (ref_is_none(&of->message))
		return SK_OK;
	if ((rc = inbox_by_ref(agent->archive, &of->message, &row)) == SK_OK)
		of->case_ref = row.case_ref;
	return rc;
}

/* One case or message, or with "all" all that is somebody's. */
static enum sk_error
read_handed(struct asking *ask, struct handing *hand)
{
	bool all = false;
	enum sk_error rc;

	if ((rc = ask_flag(ask, "all", &all)) != SK_OK)
		return rc;
	if (!all) {
		hand->n = 1;
		return read_of(ask, &hand->of[0]);
	}
	rc = duty_walk(ask->api->agent->archive, find_handed, hand);
	for (size_t i = 0; rc == SK_OK && i < hand->n; i++)
		rc = fill_case(ask->api->agent, &hand->of[i]);
	return rc;
}

static enum sk_error
hand_over(struct asking *ask, const struct duty_of *of, uint64_t person,
    const char *note)
{
	struct duty_row row;
	uint64_t behalf;
	enum sk_error rc;

	duty_get(ask->api->agent->archive, of, &row);
	if (row.responsible == 0)
		return fault_set(&ask->fault, SK_NOTHING_PENDING, "case",
		    "nobody answers for it: assign it");
	if ((rc = check_mine(ask, row.responsible, &behalf)) != SK_OK)
		return rc;
	if (person == row.responsible)
		return fault_set(&ask->fault, SK_FIELD_INVALID, "person",
		    "another than who answers for it now");
	duty_propose(ask->api->agent, of, person, ask->user->person, note);
	return SK_OK;
}

enum sk_error
api_hand_over(struct asking *ask)
{
	static const char *const fields[] = { "case", "ref", "all", "person",
		"note", "on_behalf_of", NULL };
	struct handing *hand = calloc(1, sizeof(*hand));
	const char *note = "";
	uint64_t person, behalf = 0;
	enum sk_error rc;

	if (hand == NULL)
		return fault_set(&ask->fault, SK_NO_MEMORY, "", NULL);
	if ((rc = ask_only(ask, fields)) != SK_OK ||
	    (rc = read_colleague(ask, true, &person)) != SK_OK ||
	    (rc = ask_string(ask, "note", &note)) != SK_OK ||
	    (rc = ask_number(ask, "on_behalf_of", &behalf)) != SK_OK)
		goto done;
	hand->whose = behalf != 0 ? behalf : ask->user->person;
	if (strlen(note) >= DUTY_NOTE_MAX) {
		rc = fault_set(&ask->fault, SK_OVERSIZED, "note",
		    "at most %d bytes", DUTY_NOTE_MAX - 1);
		goto done;
	}
	rc = read_handed(ask, hand);
	for (size_t i = 0; rc == SK_OK && i < hand->n; i++)
		rc = hand_over(ask, &hand->of[i], person, note);
	if (rc == SK_OK && hand->n == 1)
		put_assigned(ask, &hand->of[0]);
	json_object_set_new(ask->answer, "handed",
	    json_integer((json_int_t)hand->n));
done:
	free(hand);
	return rc;
}

static enum sk_error
take(struct asking *ask, const struct duty_of *of, bool refuse)
{
	struct agent *agent = ask->api->agent;
	struct duty_by by = {
		.person = ask->user->person,
		.cause = SK__ASSIGN_CAUSE__HANDED_OVER,
	};
	struct duty_row row;

	duty_get(agent->archive, of, &row);
	if (row.proposed != ask->user->person)
		return fault_set(&ask->fault, SK_NOTHING_PENDING, "case",
		    "it was not handed to you; assign takes what is nobody's");
	if (!refuse)
		return duty_assign(agent, of, ask->user->person, &by,
		    &ask->fault);
	duty_propose(agent, of, 0, 0, "");
	return SK_OK;
}

enum sk_error
api_take(struct asking *ask)
{
	static const char *const fields[] = { "case", "ref", "all", "refuse",
		NULL };
	struct handing *hand = calloc(1, sizeof(*hand));
	bool refuse = false;
	enum sk_error rc;

	if (hand == NULL)
		return fault_set(&ask->fault, SK_NO_MEMORY, "", NULL);
	hand->whose = ask->user->person;
	hand->proposed = true;
	if ((rc = ask_only(ask, fields)) != SK_OK ||
	    (rc = ask_flag(ask, "refuse", &refuse)) != SK_OK)
		goto done;
	rc = read_handed(ask, hand);
	for (size_t i = 0; rc == SK_OK && i < hand->n; i++)
		rc = take(ask, &hand->of[i], refuse);
	if (rc == SK_OK && hand->n == 1)
		put_assigned(ask, &hand->of[0]);
	json_object_set_new(ask->answer, "taken",
	    json_integer(refuse ? 0 : (json_int_t)hand->n));
done:
	free(hand);
	return rc;
}

/* ---- the list */

#define GIVEN_MAX 256	/* looked at once, for all cases */

enum whose { WORK_MINE, WORK_UNASSIGNED, WORK_ALL };

struct item {
	struct case_card card;
	struct work_case work;
	struct duty_row duty;
	bool handed;		/* waits for this user's acceptance */
};

struct working {
	struct asking *ask;
	enum whose whose;
	struct item *items;
	size_t n, size;
	bool no_memory;
	size_t given;		/* messages given to this user by themselves */
	struct envelope_ref given_case[GIVEN_MAX];
};

/* Theirs: their own, what is handed to them, and of whom they stand in for. */
static bool
is_theirs(struct working *w, const struct item *item)
{
	struct people *people = w->ask->api->agent->people;
	const Sk__AgentUser *user = w->ask->user;
	const struct duty_of crisis = { item->card.ref, item->work.crisis };
	uint64_t who = item->duty.responsible;

	if (who == user->person || item->duty.proposed == user->person)
		return true;
	if (who != 0 && people_is_absent(people, who, api_today(w->ask)) &&
	    people_stands_in(people, user, who, api_today(w->ask)))
		return true;
	return !ref_is_none(&item->work.crisis) && !item->work.owned &&
	    duty_responsible(w->ask->api->agent->archive, &crisis) ==
	    user->person;
}

/* An unopened message that was given to this user by itself: its case. */
static bool
find_message(void *context, const struct duty_of *of,
    const struct duty_row *row)
{
	struct working *w = context;
	struct inbox_row in;

	if (!ref_is_none(&of->message) && w->given < GIVEN_MAX &&
	    (row->responsible == w->ask->user->person ||
	    row->proposed == w->ask->user->person) &&
	    inbox_by_ref(w->ask->api->agent->archive, &of->message, &in) ==
	    SK_OK && in.opened_at == 0)
		w->given_case[w->given++] = in.case_ref;
	return true;
}

/* One message of somebody else's case was given to this user. */
static bool
has_message(const struct working *w, const struct item *item)
{
	for (size_t i = 0; i < w->given; i++)
		if (ref_equal(&w->given_case[i], &item->card.ref))
			return true;
	return false;
}

static bool
belongs(struct working *w, const struct item *item)
{
	switch (w->whose) {
	case WORK_MINE:
		return is_theirs(w, item) || has_message(w, item);
	case WORK_UNASSIGNED:
		return item->duty.responsible == 0;
	case WORK_ALL:
		break;
	}
	return true;
}

static bool
see_case(void *context, const struct case_card *card)
{
	struct working *w = context;
	struct item *more;

	if (w->n == w->size) {
		w->size = w->size == 0 ? 64 : 2 * w->size;
		more = realloc(w->items, w->size * sizeof(*more));
		if (more == NULL) {
			w->no_memory = true;
			return false;
		}
		w->items = more;
	}
	memset(&w->items[w->n], 0, sizeof(w->items[w->n]));
	w->items[w->n++].card = *card;
	return true;
}

static int
by_urgency(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->work.urgency != y->work.urgency)
		return x->work.urgency < y->work.urgency ? -1 : 1;
	if (x->handed != y->handed)
		return x->handed ? -1 : 1;
	if (x->work.since != y->work.since)
		return x->work.since < y->work.since ? -1 : 1;
	return x->card.number < y->card.number ? -1 : 1;
}

/* Keep what belongs in this list; what is closed and read is no work. */
static void
sift(struct working *w)
{
	struct agent *agent = w->ask->api->agent;
	size_t kept = 0;

	for (size_t i = 0; i < w->n; i++) {
		struct item *item = &w->items[i];
		const struct duty_of of = { .case_ref = item->card.ref };

		work_look(agent, &item->card, &item->work);
		duty_get(agent->archive, &of, &item->duty);
		item->handed = item->duty.proposed == w->ask->user->person;
		if (item->work.urgency != WORK_CLOSED && belongs(w, item))
			w->items[kept++] = *item;
	}
	w->n = kept;
	qsort(w->items, kept, sizeof(w->items[0]), by_urgency);
}

static enum sk_error
read_whose(struct asking *ask, enum whose *whose)
{
	static const char *const names[] = {
		[WORK_MINE] = "mine", [WORK_UNASSIGNED] = "unassigned",
		[WORK_ALL] = "all",
	};
	const char *of = "mine";
	enum sk_error rc;

	if ((rc = ask_string(ask, "of", &of)) != SK_OK)
		return rc;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], of) == 0) {
			*whose = (enum whose)i;
			return SK_OK;
		}
	return fault_set(&ask->fault, SK_FIELD_INVALID, "of",
	    "mine, unassigned or all");
}

enum sk_error
api_work(struct asking *ask)
{
	static const char *const fields[] = { "of", NULL };
	struct agent *agent = ask->api->agent;
	struct working w = { .ask = ask };
	json_t *rows = json_array(), *row;
	enum sk_error rc;

	json_object_set_new(ask->answer, "work", rows);
	if ((rc = ask_only(ask, fields)) != SK_OK ||
	    (rc = read_whose(ask, &w.whose)) != SK_OK)
		return rc;
	rc = duty_walk(agent->archive, find_message, &w);
	if (rc == SK_OK)
		rc = cases_walk(agent->archive, see_case, &w);
	if (w.no_memory)
		rc = fault_set(&ask->fault, SK_NO_MEMORY, "", NULL);
	if (rc == SK_OK)
		sift(&w);
	for (size_t i = 0; rc == SK_OK && i < w.n && i < API_ROWS_MAX; i++) {
		row = json_object();
		put_case(agent, row, &w.items[i].card.ref,
		    w.items[i].card.number);
		put_work(agent, row, &w.items[i].work);
		put_duty(agent, row, &w.items[i].duty);
		json_object_set_new(row, "handed_to_you",
		    json_boolean(w.items[i].handed));
		json_array_append_new(rows, row);
	}
	free(w.items);
	return rc;
}
