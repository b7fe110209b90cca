/*
 * look.c - a live journal, through an auditor's own agent and session, into a
 * directory of its own: entries as they lie, without keys. Each chunk is a
 * message of the auditor's, signed, with person and ground, and so an entry;
 * the copy ends where the first look found the journal.
 */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/audit/audit.h"
#include "broker/journal/copy.h"
#include "broker/lib/control.h"
#include "proto/message.h"

#define ASK_MS 60000
#define ROWS_BYTES_MAX (1u << 20)

struct look {
	const struct request *request;
	struct journal *to;
	int fd;
	uint64_t next, end;	/* end 0: not told yet */
	uint64_t opened;	/* by the last AUDIT_LOOK, up to here */
	uint64_t position;	/* of that message */
	uint64_t looks;
	uint8_t root[DIGEST_SIZE];
	struct arena arena;
	uint8_t *rows;		/* of an answer, and room to unpack it */
	uint8_t *room;
};

/* Takes the request. What the agent or the broker refuses is the fault. */
static enum sk_error
ask(struct look *l, json_t *request, json_t **answer, struct fault *fault)
{
	char *text = json_dumps(request, JSON_COMPACT);
	const json_t *error;
	uint8_t *bytes = NULL;
	size_t size = 0;
	enum sk_error rc;

	json_decref(request);
	if (text == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	rc = control_ask(l->fd, text, strlen(text), ASK_MS, &bytes, &size,
	    fault);
	free(text);
	if (rc != SK_OK)
		return rc;
	*answer = json_loadb((const char *)bytes, size, 0, NULL);
	free(bytes);
	if (json_is_true(json_object_get(*answer, "ok")))
		return SK_OK;
	error = json_object_get(*answer, "error");
	return fault_set(fault, SK_MALFORMED, "agent", "%s %s: %s",
	    json_string_value(json_object_get(error, "code")) == NULL ? "?" :
	    json_string_value(json_object_get(error, "code")),
	    json_string_value(json_object_get(error, "field")) == NULL ? "" :
	    json_string_value(json_object_get(error, "field")),
	    json_string_value(json_object_get(error, "hint")) == NULL ? "" :
	    json_string_value(json_object_get(error, "hint")));
}

/* The next chunk is opened by a message: who, and on what ground. */
static enum sk_error
open_chunk(struct look *l, struct fault *fault)
{
	const json_t *receipt, *outcome;
	uint64_t count = LOOK_COUNT_MAX;
	json_t *answer = NULL;
	enum sk_error rc;

	if (l->end != 0 && l->end - l->next < count)
		count = l->end - l->next;
	rc = ask(l, json_pack("{s:s, s:s, s:{s:I, s:I, s:s, s:s}, s:i}", "do",
	    "send", "kind", "AUDIT_LOOK", "facts", "from",
	    (json_int_t)l->next, "count", (json_int_t)count, "ground",
	    l->request->ground, "dossier", l->request->dossier, "wait_ms",
	    ASK_MS / 2), &answer, fault);
	receipt = json_object_get(answer, "receipt");
	outcome = json_object_get(receipt, "outcome");
	if (rc == SK_OK && !json_is_true(json_object_get(outcome,
	    "accepted")))
		rc = fault_set(fault, SK_MALFORMED, "AUDIT_LOOK", "%s",
		    json_string_value(json_object_get(outcome, "code")) ==
		    NULL ? "no receipt in time" : json_string_value(
		    json_object_get(outcome, "code")));
	if (rc == SK_OK) {
		l->position = (uint64_t)json_integer_value(json_object_get(
		    receipt, "position"));
		l->opened = l->next + count;
		l->looks++;
	}
	json_decref(answer);
	return rc;
}

static struct span
span_of(const ProtobufCBinaryData *data)
{
	return (struct span){ data->data, data->len };
}

/* A directory that is there is somebody's: nothing is written into it. */
static enum sk_error
found(struct look *l, struct span leaf, struct fault *fault)
{
	enum sk_error rc;

	if (mkdir(l->request->dir, 0700) != 0)
		return fault_set(fault, SK_FILE_IO, l->request->dir, "%s",
		    strerror(errno));
	rc = copy_found(l->request->dir, leaf, fault);
	return rc == SK_OK ? copy_open(l->request->dir, &l->to, fault) : rc;
}

static enum sk_error
take_row(struct look *l, const Sk__LookRow *row, struct fault *fault)
{
	const struct copied copied = { .position = row->position,
		.leaf = span_of(&row->leaf), .sealed = span_of(&row->sealed),
		.row = span_of(&row->row), .note = span_of(&row->note),
		.submit_count = row->submit_count };
	enum sk_error rc = SK_OK;

	if (row->position != l->next)
		return fault_set(fault, SK_STORE_CORRUPT, "entry",
		    "%" PRIu64 " came, %" PRIu64 " was asked for",
		    row->position, l->next);
	/* The founding entry makes the copy. */
	if (l->next > 0)
		rc = copy_append(l->to, &copied);
	if (rc != SK_OK)
		return fault_set(fault, rc, "entry", "%" PRIu64, l->next);
	l->next++;
	return SK_OK;
}

static enum sk_error
take_rows(struct look *l, const Sk__LookRows *rows, struct fault *fault)
{
	enum sk_error rc = SK_OK;

	if (l->end == 0)
		l->end = rows->size;
	if (rows->n_rows == 0)
		return fault_set(fault, SK_STORE_CORRUPT, "entry", "%" PRIu64
		    " did not come", l->next);
	if (l->to == NULL)
		rc = found(l, span_of(&rows->rows[0]->leaf), fault);
	if (rc == SK_OK)
		rc = journal_begin(l->to);
	for (size_t i = 0; i < rows->n_rows && l->next < l->end &&
	    rc == SK_OK; i++)
		rc = take_row(l, rows->rows[i], fault);
	if (rc == SK_OK)
		rc = journal_commit(l->to);
	else if (l->to != NULL)
		journal_abort(l->to);
	return rc == SK_OK || fault->code != SK_OK ? rc :
	    fault_set(fault, rc, l->request->dir, NULL);
}

static enum sk_error
read_frame(struct look *l, struct fault *fault)
{
	ProtobufCMessage *message = NULL;
	json_t *answer = NULL;
	const char *text;
	size_t size = 0;
	enum sk_error rc;

	rc = ask(l, json_pack("{s:s, s:I, s:I, s:i}", "do", "look", "look",
	    (json_int_t)l->position, "from", (json_int_t)l->next,
	    "timeout_ms", ASK_MS / 2), &answer, fault);
	text = json_string_value(json_object_get(answer, "rows"));
	arena_init(&l->arena, l->room, 4 * ROWS_BYTES_MAX);
	if (rc == SK_OK && (text == NULL || sodium_base642bin(l->rows,
	    ROWS_BYTES_MAX, text, strlen(text), NULL, &size, NULL,
	    sodium_base64_VARIANT_ORIGINAL) != 0 || wire_decode(
	    &sk__look_rows__descriptor, "rows", l->rows, size, ROWS_BYTES_MAX,
	    &l->arena, &message, fault) != SK_OK))
		rc = fault_set(fault, SK_MALFORMED, "rows", NULL);
	if (rc == SK_OK)
		rc = take_rows(l, (const Sk__LookRows *)message, fault);
	json_decref(answer);
	return rc;
}

static enum sk_error
read_all(struct look *l, struct fault *fault)
{
	uint64_t size;
	enum sk_error rc = SK_OK;

	while (rc == SK_OK && (l->end == 0 || l->next < l->end)) {
		if (l->next == l->opened)
			rc = open_chunk(l, fault);
		if (rc == SK_OK)
			rc = read_frame(l, fault);
	}
	/* Hashed anew from the copy's own disk, against what was signed. */
	if (rc == SK_OK)
		rc = copy_verify(l->to, &size, l->root, fault);
	if (l->to != NULL)
		journal_read_end(l->to);
	return rc;
}

static void
tell(const struct look *l)
{
	char root[2 * DIGEST_SIZE + 1];

	for (size_t i = 0; i < DIGEST_SIZE; i++)
		sprintf(root + 2 * i, "%02x", l->root[i]);
	if (l->request->json)
		audit_print_json(json_pack("{s:I, s:I, s:s, s:s}", "entries",
		    (json_int_t)l->end, "looks", (json_int_t)l->looks,
		    "root", root, "directory", l->request->dir));
	else
		printf("%s: %" PRIu64 " regels in %" PRIu64 " keer, zonder "
		    "sleutels; nagerekend, wortel %s\n%s: %" PRIu64
		    " entries in %" PRIu64 " looks, without keys; verified, "
		    "root %s\n", l->request->dir, l->end, l->looks, root,
		    l->request->dir, l->end, l->looks, root);
}

enum verdict_code
audit_look(struct journal *journal, const struct request *request)
{
	struct look l = { .request = request, .fd = -1 };
	struct fault fault = { 0 };
	enum verdict_code code = AUDIT_HOLDS;
	enum sk_error rc;

	(void)journal;
	if (request->agent == NULL || request->ground == NULL ||
	    request->dossier == NULL)
		return audit_usage("geef --agent, --ground en --dossier",
		    "give --agent, --ground and --dossier");
	l.rows = malloc(ROWS_BYTES_MAX);
	l.room = malloc(4 * ROWS_BYTES_MAX);
	rc = l.rows == NULL || l.room == NULL ? fault_set(&fault,
	    SK_NO_MEMORY, "", NULL) : control_connect(request->agent, ASK_MS,
	    &l.fd, &fault);
	if (rc == SK_OK)
		rc = read_all(&l, &fault);
	if (rc == SK_OK)
		tell(&l);
	else {
		audit_blind(request->dir, &fault);
		code = rc == SK_STORE_CORRUPT ? AUDIT_WRONG : AUDIT_BLIND;
	}
	journal_close(l.to);
	if (l.fd >= 0)
		close(l.fd);
	free(l.rows);
	free(l.room);
	return code;
}
