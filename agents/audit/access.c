/*
 * access.c - who looked at what: the fields of NEN 7513, one line a look.
 *
 * Looks are entries like any other. At the broker: what operators had read or
 * copied out for an auditor, with person and ground. At a participant: each
 * person who opened a message, and extracts that were made. This command
 * itself reads a copy, and the export that made the copy is an entry.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/audit/audit.h"
#include "agents/audit/book.h"
#include "agents/audit/entry.h"
#include "proto/civil.h"
#include "proto/control.pb-c.h"

struct access {
	struct journal *journal;
	const struct founding *founding;
	const struct request *request;
	uint64_t case_number;		/* 0: all */
	uint64_t *touched;		/* positions of that case so far */
	size_t n, room;
	uint64_t looks;
	uint8_t *emergency;		/* by case number: what stands */
	size_t emergencies;
	struct book book;
	json_t *lines;			/* NULL: as text */
	struct entry entry;
};

/* What makes a look one of an emergency (NEN 7513, emergency procedure). */
enum { IN_CRISIS = 1, IN_URGENCY = 2 };

/* One look, in the words of the standard. */
struct look {
	const char *event, *data, *ground;
	uint64_t participant, person, on_behalf_of;
	uint64_t case_number;		/* the client; 0: more than one */
	uint64_t from, count;		/* entries; count 1: a message */
};

static bool
remember(struct access *a)
{
	uint64_t *grown;

	if (a->case_number == 0 || !entry_touches(&a->entry, a->case_number))
		return true;
	if (a->n == a->room) {
		grown = realloc(a->touched,
		    (a->room * 2 + 64) * sizeof(*grown));
		if (grown == NULL)
			return false;
		a->touched = grown;
		a->room = a->room * 2 + 64;
	}
	a->touched[a->n++] = a->entry.position;
	return true;
}

static uint8_t *
emergency_of(struct access *a, uint64_t case_number)
{
	size_t room = a->emergencies == 0 ? 256 : a->emergencies;
	uint8_t *grown;

	while (room <= case_number)
		room *= 2;
	if (room > a->emergencies) {
		if ((grown = realloc(a->emergency, room)) == NULL)
			return NULL;
		memset(grown + a->emergencies, 0, room - a->emergencies);
		a->emergency = grown;
		a->emergencies = room;
	}
	return &a->emergency[case_number];
}

/* A crisis stands until it is over or put right, a gate that was overridden
 * for urgency until the case closes. */
static bool
follow_emergency(struct access *a)
{
	const Sk__Effects *e = a->entry.effects;
	uint8_t *stands;

	/* Case numbers are dense: one past the entries was never given. */
	if (e == NULL || e->case_number == 0 ||
	    e->case_number > journal_size(a->journal))
		return true;
	if ((stands = emergency_of(a, e->case_number)) == NULL)
		return false;
	if (e->has_crisis && (e->crisis == SK__CRISIS__CRISIS_OPEN ||
	    e->crisis == SK__CRISIS__CRISIS_OWNED))
		*stands |= IN_CRISIS;
	else if (e->has_crisis)
		*stands &= (uint8_t)~IN_CRISIS;
	for (size_t i = 0; i < e->n_overrides; i++)
		if (e->overrides[i]->reason == SK__OVERRIDE_REASON__URGENT)
			*stands |= IN_URGENCY;
	if (e->has_state && e->state >= SK__CASE_STATE__CASE_CLOSED)
		*stands = 0;
	return true;
}

/* Of one case; operators' looks at all of them are none of it. */
static bool
was_emergency(const struct access *a, const struct look *look)
{
	return look->case_number != 0 &&
	    look->case_number < a->emergencies &&
	    a->emergency[look->case_number] != 0;
}

static bool
is_wanted(const struct access *a, const struct look *look)
{
	if (a->request->participant != 0 &&
	    look->participant != a->request->participant)
		return false;
	if (a->case_number == 0 || look->case_number == a->case_number)
		return true;
	for (size_t i = 0; look->case_number == 0 && i < a->n; i++)
		if (a->touched[i] >= look->from &&
		    a->touched[i] - look->from < look->count)
			return true;
	return false;
}

static void
client_text(const struct access *a, const struct look *look, char text[64])
{
	if (look->case_number == 0)
		snprintf(text, 64, "alle in de regels / all in the entries");
	else
		case_text(a->founding->number, look->case_number, text);
}

static bool
tell(struct access *a, const struct look *look)
{
	char when[CIVIL_INSTANT_TEXT_MAX], client[64], who[BOOK_NAME_MAX];
	json_t *line;

	if (!is_wanted(a, look))
		return true;
	a->looks++;
	civil_local_text(a->entry.leaf.instant, when);
	client_text(a, look, client);
	if (look->participant == 0)
		snprintf(who, sizeof(who), "beheer / operators");
	else
		book_name(&a->book, look->participant, who);
	if (a->lines == NULL) {
		printf("%s  regel %" PRIu64 "\n"
		    "  wie / who          %s, persoon %" PRIu64,
		    when, a->entry.position, who, look->person);
		if (look->on_behalf_of != 0)
			printf(", namens / on behalf of %" PRIu64,
			    look->on_behalf_of);
		printf("\n  wat / event        %s\n"
		    "  client             %s\n"
		    "  gegevens / data    %s %" PRIu64 "%s%" PRIu64 "\n"
		    "  grond / ground     %s\n"
		    "  noodprocedure / emergency  %s\n",
		    look->event, client, look->data, look->from,
		    look->count == 1 ? ", aantal " : " en verder, aantal ",
		    look->count, look->ground, was_emergency(a, look) ?
		    "ja / yes" : "nee / no");
		return true;
	}
	line = json_pack("{s:I, s:s, s:I, s:s, s:I, s:I, s:s, s:s, s:I, s:I, "
	    "s:s, s:b}", "position", (json_int_t)a->entry.position, "when",
	    when, "participant", (json_int_t)look->participant, "who", who,
	    "person", (json_int_t)look->person, "on_behalf_of",
	    (json_int_t)look->on_behalf_of, "event", look->event, "client",
	    client, "from", (json_int_t)look->from, "entries",
	    (json_int_t)look->count, "ground", look->ground, "emergency",
	    (int)was_emergency(a, look));
	return line != NULL && json_array_append_new(a->lines, line) == 0;
}

/* What operators had read out. */
static bool
tell_command(struct access *a)
{
	const Sk__SignedCommand *signed_command =
	    (const Sk__SignedCommand *)a->entry.body;
	ProtobufCMessage *message = NULL;
	const Sk__Command *command;
	struct look look = { .event = "export", .data = "regels / entries" };

	if (entry_refused(&a->entry) || wire_decode(&sk__command__descriptor,
	    "command", signed_command->command.data,
	    signed_command->command.len, LEAF_BYTES_MAX, &a->entry.arena,
	    &message, NULL) != SK_OK)
		return true;
	command = (const Sk__Command *)message;
	if (command->look != NULL) {
		look.person = command->look->person;
		look.from = command->look->from;
		look.count = command->look->count;
		look.ground = command->look->ground;
		return tell(a, &look);
	}
	if (command->backup == NULL)
		return true;
	look.event = "backup";
	look.count = a->entry.position;
	look.ground = "reservekopie / backup";
	return tell(a, &look);
}

/* Of an auditor's own session: an entry each ten thousand. */
static bool
tell_auditor(struct access *a, const Sk__AuditLookFacts *looked)
{
	const ProtobufCEnumValue *ground =
	    protobuf_c_enum_descriptor_get_value(
	    &sk__look_ground__descriptor, (int)looked->ground);
	char text[160];
	struct look look = { .event = "look", .data = "regels / entries",
		.ground = text, .participant = a->entry.leaf.sender,
		.person = a->entry.header.person,
		.on_behalf_of = a->entry.header.on_behalf_of,
		.from = looked->from, .count = looked->count };

	snprintf(text, sizeof(text), "%s, dossier %s", ground == NULL ? "?" :
	    ground->name, looked->dossier);
	return tell(a, &look);
}

static bool
tell_envelope(struct access *a)
{
	const struct entry *e = &a->entry;
	struct look look = { .event = "opened", .data = "bericht op regel / "
	    "message at entry", .count = 1, .ground =
	    "neemt deel aan de zaak / takes part in the case" };
	uint64_t case_number;

	if (!e->leaf.header_whole || entry_refused(e))
		return true;
	if (e->effects != NULL && e->effects->looked != NULL)
		return tell_auditor(a, e->effects->looked);
	if (e->header.info->kind == SK__KIND__EXTRACT_MADE) {
		look.event = "extract";
		look.ground = "recht op inzage / right of access";
	} else if (e->header.info->kind != SK__KIND__OPENED) {
		return true;
	}
	look.participant = e->leaf.sender;
	look.person = e->header.person;
	look.on_behalf_of = e->header.on_behalf_of;
	look.case_number = entry_case(e);
	if (journal_id(a->journal, e->header.reply_to.participant,
	    &e->header.reply_to.id, &look.from, &case_number) != SK_OK)
		look.from = e->position;
	return tell(a, &look);
}

static enum sk_error
walk(struct access *a, struct fault *fault)
{
	uint64_t size = journal_size(a->journal);
	bool room = true;
	enum sk_error rc = SK_OK;

	for (uint64_t i = 0; i < size && rc == SK_OK && room; i++) {
		rc = entry_read(a->journal, i, &a->entry, fault);
		if (rc != SK_OK)
			break;
		if (a->entry.leaf.kind == SK__EVENT_KIND__DIRECTORY_EVENT)
			(void)book_apply(&a->book, a->founding, &a->entry,
			    NULL);
		room = remember(a) && follow_emergency(a);
		if (room && a->entry.leaf.kind ==
		    SK__EVENT_KIND__CONTROL_EVENT)
			room = tell_command(a);
		else if (room && a->entry.leaf.kind ==
		    SK__EVENT_KIND__ENVELOPE_EVENT)
			room = tell_envelope(a);
	}
	return room ? rc : fault_set(fault, SK_NO_MEMORY, "", NULL);
}

enum verdict_code
audit_access(struct journal *journal, const struct request *request)
{
	struct access *a = calloc(1, sizeof(*a));
	struct fault fault = { 0 };
	enum verdict_code code = AUDIT_HOLDS;
	enum sk_error rc;

	if (a == NULL) {
		fault_set(&fault, SK_NO_MEMORY, "", NULL);
		return audit_blind(request->dir, &fault);
	}
	a->journal = journal;
	a->founding = journal_founding(journal);
	a->request = request;
	a->lines = request->json ? json_array() : NULL;
	rc = request->case_text == NULL ? SK_OK : audit_read_case(
	    request->case_text, "--case", a->founding, &a->case_number,
	    &fault) ? SK_OK : SK_FIELD_INVALID;
	if (rc == SK_OK)
		rc = walk(a, &fault);
	if (rc != SK_OK) {
		audit_blind(request->dir, &fault);
		code = rc == SK_STORE_CORRUPT ? AUDIT_WRONG : AUDIT_BLIND;
	} else if (request->json)
		audit_print_json(json_incref(a->lines));
	else
		printf("%" PRIu64 " keer ingezien / looks\n", a->looks);
	journal_read_end(journal);
	json_decref(a->lines);
	book_clear(&a->book);
	free(a->touched);
	free(a->emergency);
	free(a);
	return code;
}
