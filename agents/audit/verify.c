/*
 * verify.c - the walk over the journal, and its report.
 */
#include "agents/audit/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
verify_wrong(struct verify *v, const char *format, ...)
{
	va_list ap;

	v->report->at_entry = true;
	v->report->position = v->entry.position;
	va_start(ap, format);
	vsnprintf(v->report->what, sizeof(v->report->what), format, ap);
	va_end(ap);
	return false;
}

static bool
check_time(struct verify *v)
{
	const struct leaf *leaf = &v->entry.leaf;

	if (leaf->instant < v->instant)
		return verify_wrong(v, "its instant lies before that of the "
		    "entry before it");
	if (leaf->epoch < v->epoch)
		return verify_wrong(v, "its epoch %" PRIu64 " lies before %"
		    PRIu64, leaf->epoch, v->epoch);
	v->instant = leaf->instant;
	v->epoch = leaf->epoch;
	return true;
}

static bool
check_founding(struct verify *v)
{
	bool founding = v->entry.leaf.kind == SK__EVENT_KIND__FOUNDING;

	if (founding != (v->entry.position == 0))
		return verify_wrong(v, founding ? "a second founding entry" :
		    "position 0 is not the founding entry");
	return true;
}

static bool
check_started(struct verify *v)
{
	const Sk__StartedBody *body = (const Sk__StartedBody *)v->entry.body;

	if (body->epoch != v->entry.leaf.epoch)
		return verify_wrong(v, "it starts epoch %" PRIu64
		    " and stands in epoch %" PRIu64, body->epoch,
		    v->entry.leaf.epoch);
	return true;
}

static bool
check_kind(struct verify *v)
{
	switch (v->entry.leaf.kind) {
	case SK__EVENT_KIND__ENVELOPE_EVENT:
		return verify_envelope(v);
	case SK__EVENT_KIND__DIRECTORY_EVENT:
		return verify_statement(v);
	case SK__EVENT_KIND__CONTROL_EVENT:
		return verify_command(v);
	case SK__EVENT_KIND__STARTED_EVENT:
		return check_started(v);
	default:
		return true;
	}
}

static bool
check_entry(struct verify *v)
{
	/* A SUBMIT stands in the journal whole and contiguous. */
	if (v->run.sender != 0 &&
	    v->entry.leaf.kind != SK__EVENT_KIND__ENVELOPE_EVENT)
		return verify_wrong(v, "it stands within the SUBMIT of %"
		    PRIu64 " that began at %" PRIu64, v->run.sender,
		    v->run.first_position);
	return check_founding(v) && check_time(v) && check_kind(v) &&
	    verify_cases(v) && verify_mailboxes(v) && verify_parts(v);
}

static bool
rows_agree(struct verify *v, const char *table, uint64_t want, uint64_t have)
{
	if (want == have)
		return true;
	snprintf(v->report->what, sizeof(v->report->what), "the table %s has %"
	    PRIu64 " rows where the entries ask for %" PRIu64, table, have,
	    want);
	return false;
}

/* Whatever row an entry asks for was found: more rows than that belong to no
 * entry. */
static bool
check_rows(struct verify *v, enum sk_error *rc)
{
	struct journal_counts there;

	if ((*rc = journal_counts(v->journal, &there)) != SK_OK)
		return false;
	return rows_agree(v, "sealed", v->rows.sealed, there.sealed) &&
	    rows_agree(v, "sent", v->rows.sent, there.sent) &&
	    rows_agree(v, "ids", v->rows.ids, there.ids) &&
	    rows_agree(v, "commands", v->rows.commands, there.commands);
}

static enum sk_error
walk(struct verify *v, struct fault *fault)
{
	uint64_t size = journal_size(v->journal);
	enum sk_error rc;

	for (uint64_t position = 0; position < size; position++) {
		rc = entry_read(v->journal, position, &v->entry, fault);
		if (rc == SK_STORE_CORRUPT) {
			verify_wrong(v, "it does not decode: %s %s",
			    fault->field, fault->hint);
			return SK_OK;
		}
		if (rc != SK_OK)
			return rc;
		if (!check_entry(v))
			return SK_OK;
		v->report->entries++;
	}
	if (v->run.sender != 0) {
		verify_wrong(v, "the journal ends within the SUBMIT of %"
		    PRIu64, v->run.sender);
		return SK_OK;
	}
	rc = SK_OK;
	v->report->holds = check_rows(v, &rc);
	return rc == SK_OK ? rc : fault_set(fault, rc, "", NULL);
}

enum sk_error
verify_journal(struct journal *journal, struct verify_report *report,
    struct fault *fault)
{
	struct verify *v = calloc(1, sizeof(*v));
	enum sk_error rc;

	memset(report, 0, sizeof(*report));
	if (v == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	v->journal = journal;
	v->founding = journal_founding(journal);
	v->report = report;
	v->instant = INT64_MIN;
	rc = walk(v, fault);
	journal_read_end(journal);
	book_clear(&v->book);
	free(v->case_last);
	free(v);
	return rc;
}

/* ---- in words */

static json_t *
first_wrong(const struct verify_report *r)
{
	json_t *wrong;

	if (r->holds)
		return json_null();
	wrong = json_pack("{s:s}", "what", r->what);
	if (wrong != NULL)
		json_object_set_new(wrong, "position", r->at_entry ?
		    json_integer((json_int_t)r->position) : json_null());
	return wrong;
}

static void
report_json(const struct verify_report *r)
{
	audit_print_json(json_pack(
	    "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o}",
	    "entries", (json_int_t)r->entries,
	    "envelopes", (json_int_t)r->envelopes,
	    "submits", (json_int_t)r->submits,
	    "signatures", (json_int_t)r->signatures,
	    "statements", (json_int_t)r->statements,
	    "commands", (json_int_t)r->commands,
	    "erased", (json_int_t)r->erased,
	    "holds", (int)r->holds,
	    "first_wrong", first_wrong(r)));
}

static void
report_text(const struct verify_report *r, const struct founding *founding)
{
	printf("journaal %s / journal %s\n", founding->origin,
	    founding->origin);
	printf("  %-42s %10" PRIu64 "\n", "regels / entries", r->entries);
	printf("  %-42s %10" PRIu64 "\n", "berichten / envelopes",
	    r->envelopes);
	printf("  %-42s %10" PRIu64 "\n", "inzendingen / submits",
	    r->submits);
	printf("  %-42s %10" PRIu64 "\n",
	    "handtekeningen / signatures", r->signatures);
	printf("  %-42s %10" PRIu64 "\n", "verklaringen / statements",
	    r->statements);
	printf("  %-42s %10" PRIu64 "\n",
	    "opdrachten van beheerders / commands", r->commands);
	printf("  %-42s %10" PRIu64 "\n",
	    "gewist of zonder sleutel / erased or no key", r->erased);
	if (r->holds) {
		printf("Het journaal klopt.\nThe journal holds.\n");
		return;
	}
	if (r->at_entry)
		printf("Het journaal klopt niet: regel %" PRIu64 ".\n"
		    "The journal does not hold: entry %" PRIu64 ": %s.\n",
		    r->position, r->position, r->what);
	else
		printf("Het journaal klopt niet.\n"
		    "The journal does not hold: %s.\n", r->what);
}

enum verdict_code
audit_verify(struct journal *journal, const struct request *request)
{
	struct verify_report report;
	struct fault fault = { 0 };

	if (verify_journal(journal, &report, &fault) != SK_OK)
		return audit_blind(request->dir, &fault);
	if (request->json)
		report_json(&report);
	else
		report_text(&report, journal_founding(journal));
	return report.holds ? AUDIT_HOLDS : AUDIT_WRONG;
}
