/*
 * timeline.c - the history of one case, of one family, or of one participant.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/audit/audit.h"
#include "agents/audit/family.h"
#include "agents/audit/page.h"
#include "agents/audit/tell.h"
#include "broker/lib/file.h"

/* A mailbox row that an entry of the case posted. */
struct posted {
	uint64_t participant;
	uint64_t number;
	uint64_t position;
};

struct timeline {
	struct teller teller;
	const struct request *request;
	uint64_t case_number;		/* 0: none was asked for */
	struct family_view *family;	/* NULL: none was asked for */
	uint64_t *position;		/* of the case, ascending */
	size_t positions, positions_room;
	size_t at;			/* next of position */
	struct posted *posted;
	size_t n_posted, posted_room;
	json_t *lines;			/* NULL: as text */
	struct entry entry;
};

/* Grow an array of items to hold one more. */
static bool
room_for(void **items, size_t n, size_t *room, size_t item_size)
{
	void *grown;

	if (n < *room)
		return true;
	if ((grown = realloc(*items, (*room * 2 + 64) * item_size)) == NULL)
		return false;
	*items = grown;
	*room = *room * 2 + 64;
	return true;
}

/* ---- which entries */

static enum sk_error
find_last(struct timeline *t, uint64_t *last, struct fault *fault)
{
	uint64_t size = journal_size(t->teller.journal);
	bool found = false;
	enum sk_error rc;

	for (uint64_t position = 0; position < size; position++) {
		rc = entry_read(t->teller.journal, position, &t->entry, fault);
		if (rc != SK_OK)
			return rc;
		if (entry_touches(&t->entry, t->case_number)) {
			*last = position;
			found = true;
		}
	}
	return found ? SK_OK : fault_set(fault, SK_CASE_UNKNOWN, "",
	    "no entry touches case %" PRIu64, t->case_number);
}

static uint64_t
previous_of(const struct entry *entry, uint64_t case_number)
{
	for (size_t i = 0; i < entry->leaf.cases; i++)
		if (entry->leaf.touched[i].number == case_number)
			return entry->leaf.touched[i].previous;
	return 0;
}

/* Back from the last entry, as each names the one before it. */
static enum sk_error
follow_back(struct timeline *t, uint64_t last, struct fault *fault)
{
	uint64_t next = last + 1, position;
	enum sk_error rc;

	while (next != 0) {
		position = next - 1;
		rc = entry_read(t->teller.journal, position, &t->entry, fault);
		if (rc != SK_OK)
			return rc;
		next = previous_of(&t->entry, t->case_number);
		if (!entry_touches(&t->entry, t->case_number) ||
		    next > position)
			return fault_set(fault, SK_STORE_CORRUPT, "",
			    "the case's chain breaks at position %" PRIu64,
			    position);
		if (!room_for((void **)&t->position, t->positions,
		    &t->positions_room, sizeof(*t->position)))
			return fault_set(fault, SK_NO_MEMORY, "", NULL);
		t->position[t->positions++] = position;
	}
	for (size_t i = 0; i < t->positions / 2; i++) {
		position = t->position[i];
		t->position[i] = t->position[t->positions - 1 - i];
		t->position[t->positions - 1 - i] = position;
	}
	return SK_OK;
}

static bool
by_participant(const struct timeline *t)
{
	return t->case_number == 0 && t->family == NULL;
}

/* A participant's own: what it sent, what reached it, its enrolment. What
 * another sent in vain is that other's. */
static bool
concerns(const struct entry *entry, uint64_t participant)
{
	const Sk__Effects *effects = entry->effects;
	uint64_t of;

	if (entry->leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT &&
	    entry->leaf.sender == participant)
		return true;
	if (entry->leaf.kind == SK__EVENT_KIND__UNSIGNED_EVENT)
		return ((const Sk__UnsignedBody *)entry->body)->participant ==
		    participant;
	if (entry->leaf.kind == SK__EVENT_KIND__DEADLINE_EVENT &&
	    ((const Sk__DeadlineBody *)entry->body)->participant == participant)
		return true;
	if (entry_statement(entry, &of))
		return of == participant;
	for (size_t i = 0; entry->leaf.header_whole && !entry_refused(entry) &&
	    i < entry->header.recipients; i++)
		if (entry->header.recipient[i].participant == participant)
			return true;
	for (size_t i = 0; effects != NULL && i < effects->n_postings; i++)
		if (effects->postings[i]->participant == participant)
			return true;
	return false;
}

static bool
is_wanted(struct timeline *t)
{
	uint64_t of;

	/* The key under which all of it is signed. */
	if (entry_statement(&t->entry, &of) && of == 0)
		return true;
	if (by_participant(t))
		return concerns(&t->entry, t->request->participant);
	if (t->family != NULL)
		return family_view_touches(t->family, &t->entry);
	if (t->at < t->positions && t->position[t->at] == t->entry.position) {
		t->at++;
		return true;
	}
	return false;
}

/* ---- lines */

static enum sk_error
put_line(struct timeline *t, json_t *told)
{
	if (told == NULL)
		return SK_NO_MEMORY;
	if (t->lines != NULL)
		return json_array_append_new(t->lines, told) == 0 ? SK_OK :
		    SK_NO_MEMORY;
	tell_print(told);
	json_decref(told);
	return SK_OK;
}

static enum sk_error
remember_postings(struct timeline *t)
{
	const Sk__Effects *effects = t->entry.effects;

	if (effects == NULL || by_participant(t))
		return SK_OK;
	for (size_t i = 0; i < effects->n_postings; i++) {
		if (!room_for((void **)&t->posted, t->n_posted,
		    &t->posted_room, sizeof(*t->posted)))
			return SK_NO_MEMORY;
		t->posted[t->n_posted++] = (struct posted){
			effects->postings[i]->participant,
			effects->postings[i]->number, t->entry.position };
	}
	return SK_OK;
}

/* What moved from `from` to `to` in this mailbox; by row for a case. */
static bool
tell_range(struct timeline *t, json_t *told, uint64_t participant,
    uint64_t from, uint64_t to, const char *what)
{
	bool any = false;

	if (to <= from)
		return false;
	if (by_participant(t)) {
		tell_more(told, "%s: nr %" PRIu64 " t/m %" PRIu64, what,
		    from + 1, to);
		return true;
	}
	for (size_t i = 0; i < t->n_posted; i++) {
		if (t->posted[i].participant != participant ||
		    t->posted[i].number <= from || t->posted[i].number > to)
			continue;
		tell_more(told, "%s: regel %" PRIu64 " (nr %" PRIu64 ")", what,
		    t->posted[i].position, t->posted[i].number);
		any = true;
	}
	return any;
}

static enum sk_error
mailbox_line(struct timeline *t)
{
	const Sk__MailboxBody *body = (const Sk__MailboxBody *)t->entry.body;
	struct booked *party = book_find(&t->teller.book, body->participant);
	json_t *told;
	char name[BOOK_NAME_MAX];
	bool any;

	if (party == NULL || (by_participant(t) &&
	    body->participant != t->request->participant))
		return SK_OK;
	if ((told = tell_entry(&t->teller, &t->entry)) == NULL)
		return SK_NO_MEMORY;
	book_name(&t->teller.book, body->participant, name);
	json_array_append_new(json_object_get(told, "to"), json_pack(
	    "{s:I, s:s}", "participant", (json_int_t)body->participant,
	    "name", name));
	any = tell_range(t, told, body->participant, party->delivered,
	    body->delivered, "bezorgd / delivered");
	any |= tell_range(t, told, body->participant, party->stored,
	    body->stored, "opgeslagen bij ontvanger / stored");
	if (body->delivered > party->delivered)
		party->delivered = body->delivered;
	if (body->stored > party->stored)
		party->stored = body->stored;
	if (any)
		return put_line(t, told);
	json_decref(told);
	return SK_OK;
}

/* Numbers of mailboxes begin anew, and with them what was posted when. */
static enum sk_error
restart_mailboxes(struct timeline *t)
{
	struct book *book = &t->teller.book;
	size_t kept = 0;

	for (size_t i = 0; i < t->n_posted; i++) {
		const struct booked *party = book_find(book,
		    t->posted[i].participant);

		if (party == NULL || t->posted[i].number <= party->stored)
			continue;
		t->posted[kept] = t->posted[i];
		t->posted[kept++].number -= party->stored;
	}
	t->n_posted = kept;
	for (size_t i = 0; i < book->n; i++)
		book->party[i]->delivered = book->party[i]->stored = 0;
	return put_line(t, tell_entry(&t->teller, &t->entry));
}

static enum sk_error
one_entry(struct timeline *t)
{
	enum sk_error rc;

	/* Names only: whether a statement holds is for verify to say. */
	if (t->entry.leaf.kind == SK__EVENT_KIND__DIRECTORY_EVENT)
		(void)book_apply(&t->teller.book, t->teller.founding,
		    &t->entry, NULL);
	if (t->entry.leaf.kind == SK__EVENT_KIND__RESTORE_EVENT)
		return restart_mailboxes(t);
	if (t->entry.leaf.kind == SK__EVENT_KIND__MAILBOX_EVENT)
		return mailbox_line(t);
	if (!is_wanted(t))
		return SK_OK;
	rc = put_line(t, tell_entry(&t->teller, &t->entry));
	return rc == SK_OK ? remember_postings(t) : rc;
}

static enum sk_error
walk(struct timeline *t, struct fault *fault)
{
	uint64_t size = journal_size(t->teller.journal), last = 0;
	enum sk_error rc;

	if (t->case_number != 0 &&
	    ((rc = find_last(t, &last, fault)) != SK_OK ||
	    (rc = follow_back(t, last, fault)) != SK_OK))
		return rc;
	for (uint64_t position = 0; position < size; position++) {
		rc = entry_read(t->teller.journal, position, &t->entry, fault);
		if (rc != SK_OK)
			return rc;
		if ((rc = one_entry(t)) != SK_OK)
			return fault_set(fault, rc, "", NULL);
	}
	return SK_OK;
}

/* ---- the subcommand */

bool
audit_read_case(const char *text, const char *option,
    const struct founding *founding, uint64_t *number, struct fault *fault)
{
	uint64_t journal_number;
	char *end;

	if (strchr(text, '-') == NULL) {
		errno = 0;
		*number = strtoull(text, &end, 10);
		if (errno == 0 && end != text && *end == '\0' && *number != 0)
			return true;
		fault_set(fault, SK_FIELD_INVALID, option,
		    "a case number such as 42 or 1-42-67");
		return false;
	}
	if (case_parse(text, &journal_number, number) != SK_OK) {
		fault_set(fault, SK_FIELD_INVALID, option,
		    "the check digits do not fit");
		return false;
	}
	if (journal_number != founding->number) {
		fault_set(fault, SK_FIELD_INVALID, option,
		    "a case of journal %" PRIu64 ", this is journal %" PRIu64,
		    journal_number, founding->number);
		return false;
	}
	return true;
}

/* Who may read this journal may read the page: nobody else. */
static enum sk_error
write_page(const struct timeline *t, const char *path, struct fault *fault)
{
	const struct founding *founding = t->teller.founding;
	char subject[BOOK_NAME_MAX + 16], name[BOOK_NAME_MAX], *text = NULL;
	enum sk_error rc = SK_NO_MEMORY;
	size_t size = 0;
	FILE *page;

	strcpy(subject, t->family != NULL ? "gezin van zaak " : "zaak ");
	if (!by_participant(t)) {
		case_text(founding->number, t->family != NULL ?
		    family_view_number(t->family) : t->case_number, subject +
		    strlen(subject));
	} else {
		book_name(&t->teller.book, t->request->participant, name);
		snprintf(subject, sizeof(subject), "deelnemer %s", name);
	}
	if ((page = open_memstream(&text, &size)) != NULL &&
	    page_write(page, founding->origin, subject, t->lines))
		rc = SK_OK;
	if (page != NULL && fclose(page) != 0)
		rc = SK_NO_MEMORY;
	rc = rc == SK_OK ? file_write(path, text, size, 0600, fault) :
	    fault_set(fault, rc, "", NULL);
	free(text);
	return rc;
}

static enum verdict_code
tell_all(struct timeline *t, struct fault *fault)
{
	const struct request *request = t->request;
	uint64_t number;
	enum sk_error rc;

	if (request->case_text != NULL && !audit_read_case(request->case_text,
	    "--case", t->teller.founding, &t->case_number, fault))
		return AUDIT_BLIND;
	if (request->family_text != NULL) {
		if (!audit_read_case(request->family_text, "--family",
		    t->teller.founding, &number, fault))
			return AUDIT_BLIND;
		rc = family_view_make(t->teller.journal, number, &t->entry,
		    &t->family, fault);
		if (rc != SK_OK)
			return rc == SK_STORE_CORRUPT ? AUDIT_WRONG :
			    AUDIT_BLIND;
	}
	if ((rc = walk(t, fault)) != SK_OK)
		return rc == SK_STORE_CORRUPT ? AUDIT_WRONG : AUDIT_BLIND;
	if (request->html != NULL &&
	    write_page(t, request->html, fault) != SK_OK)
		return AUDIT_BLIND;
	if (request->json)
		audit_print_json(json_incref(t->lines));
	else if (request->html != NULL)
		printf("%s: %zu regels / entries\n", request->html,
		    json_array_size(t->lines));
	return AUDIT_HOLDS;
}

enum verdict_code
audit_timeline(struct journal *journal, const struct request *request)
{
	struct timeline *t = calloc(1, sizeof(*t));
	struct fault fault = { 0 };
	enum verdict_code code;

	if (t == NULL) {
		fault_set(&fault, SK_NO_MEMORY, "", NULL);
		return audit_blind(request->dir, &fault);
	}
	t->teller.journal = journal;
	t->teller.founding = journal_founding(journal);
	t->request = request;
	t->teller.participant = request->participant;
	t->lines = request->json || request->html != NULL ? json_array() :
	    NULL;
	if ((code = tell_all(t, &fault)) != AUDIT_HOLDS)
		audit_blind(request->dir, &fault);
	journal_read_end(journal);
	json_decref(t->lines);
	book_clear(&t->teller.book);
	family_view_free(t->family);
	free(t->position);
	free(t->posted);
	free(t);
	return code;
}
