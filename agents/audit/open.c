/*
 * open.c - journals and files as they are given, and what is said when they
 * cannot be looked at.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/audit/audit.h"
#include "broker/lib/file.h"
#include "proto/note.h"

enum verdict_code
audit_blind(const char *subject, const struct fault *fault)
{
	if (fault->code == SK_STORE_BUSY)
		fprintf(stderr, "schakel-audit: %s: de broker heeft dit "
		    "journaal open; maak een kopie met `schakel-admin export` "
		    "en bekijk die\n"
		    "schakel-audit: %s: the broker has this journal open; "
		    "make a copy with `schakel-admin export` and look at "
		    "that\n", subject, subject);
	else
		fprintf(stderr, "schakel-audit: %s: %s / %s%s%s%s%s\n", subject,
		    error_text_nl(fault->code), error_text(fault->code),
		    fault->field[0] == '\0' ? "" : ": ", fault->field,
		    fault->hint[0] == '\0' ? "" : ": ", fault->hint);
	return AUDIT_BLIND;
}

enum verdict_code
audit_usage(const char *nl, const char *en)
{
	fprintf(stderr, "schakel-audit: %s / %s\n"
	    "schakel-audit --help\n", nl, en);
	return AUDIT_BLIND;
}

void
audit_print_json(json_t *json)
{
	if (json == NULL)
		return;
	json_dumpf(json, stdout, JSON_INDENT(2));
	printf("\n");
	json_decref(json);
}

enum verdict_code
audit_wrong(const struct request *request, const char *what)
{
	if (request->json)
		audit_print_json(json_pack("{s:b, s:{s:n, s:s}}", "holds", 0,
		    "first_wrong", "position", "what", what));
	else
		printf("Het klopt niet.\nIt does not hold: %s.\n", what);
	return AUDIT_WRONG;
}

enum verdict_code
audit_open(const char *dir, const struct request *request,
    struct journal **journal)
{
	struct fault fault = { 0 };
	enum sk_error rc;

	rc = journal_open(dir, request->keys, true, journal, &fault);
	if (rc == SK_OK)
		return AUDIT_HOLDS;
	audit_blind(dir, &fault);
	/* What was dropped, altered or put back: not a matter of looking. */
	if (rc != SK_STORE_CORRUPT && rc != SK_SEGMENT_MISSING &&
	    rc != SK_SEGMENT_WRONG)
		return AUDIT_BLIND;
	if (request->json)
		audit_wrong(request, fault.hint);
	return AUDIT_WRONG;
}

enum verdict_code
audit_read(const char *path, size_t size_max, void **bytes, size_t *size)
{
	struct fault fault = { 0 };
	char *room = malloc(size_max + 1);
	enum sk_error rc;

	*bytes = NULL;
	if (room == NULL)
		rc = fault_set(&fault, SK_NO_MEMORY, "", NULL);
	else
		rc = file_read(path, room, size_max + 1, size, &fault);
	if (rc != SK_OK) {
		free(room);
		return audit_blind(path, &fault);
	}
	*bytes = room;
	return AUDIT_HOLDS;
}

enum sk_error
audit_last_note(struct journal *journal, const struct request *request,
    uint64_t *size, struct span *note, struct note_key *key)
{
	static uint8_t bytes[NOTE_BYTES_MAX];
	struct cosigned row = { .size = UINT64_MAX };
	size_t n = 0;
	enum sk_error rc = SK_OK;

	if (request->n_witness > 0)
		rc = journal_cosigned_to(journal, UINT64_MAX, UINT64_MAX, &row);
	if (rc == SK_OK)
		rc = journal_checkpoint(journal, row.size, size, note);
	if (rc == SK_OK)
		rc = journal_witnessed_note(journal, *size, *note, bytes, &n,
		    sizeof(bytes));
	if (rc == SK_OK)
		*note = (struct span){ bytes, n };
	return rc == SK_OK ? journal_log_key(journal, *size, key) : rc;
}

/* One of the broker's keys, now or before. */
static bool
is_own(const struct journal *journal, const struct note_key *key)
{
	const struct broker_key *keys;
	size_t n = journal_broker_keys(journal, &keys);

	if (!origin_is_of(key->name, journal_founding(journal)->origin,
	    journal_founding(journal)->number - journal_restores(journal)))
		return false;
	for (size_t i = 0; i < n; i++)
		if (memcmp(keys[i].sign, key->public_key,
		    sizeof(key->public_key)) == 0)
			return true;
	return false;
}

enum verdict_code
audit_log_key(const struct journal *journal, const struct request *request,
    struct note_key *key)
{
	struct fault fault = { 0 };
	enum sk_error rc = SK_OK;

	if (request->vkey != NULL) {
		rc = note_key_parse(key, (struct span){ request->vkey,
		    strlen(request->vkey) });
		if (rc == SK_OK && key->type != NOTE_ED25519)
			rc = SK_KIND_UNKNOWN;
		if (rc == SK_OK && journal != NULL && !is_own(journal, key))
			return audit_wrong(request, "the journal was founded "
			    "with another name or another key than --key, and "
			    "no statement in it names that key");
	} else if (journal == NULL) {
		return audit_usage("geef de sleutel met --key",
		    "give the key with --key");
	}
	if (rc == SK_OK && journal != NULL)
		rc = journal_log_key(journal, journal_size(journal), key);
	if (rc == SK_OK)
		return AUDIT_HOLDS;
	fault_set(&fault, rc, "--key", "name+id+key, as `schakel-audit vkey` "
	    "prints it");
	return audit_blind(request->dir, &fault);
}
