/*
 * verify.c - the walk over the journal, and its report.
 */
#include "agents/audit/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

bool
verify_wrong_all(struct verify *v, const char *format, ...)
{
	va_list ap;

	v->report->at_entry = false;
	va_start(ap, format);
	vsnprintf(v->report->what, sizeof(v->report->what), format, ap);
	va_end(ap);
	return false;
}

int64_t
verify_ticks(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void
verify_signed(struct verify *v, int64_t from)
{
	v->report->signatures++;
	v->report->signature_ns += verify_ticks() - from;
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
	case SK__EVENT_KIND__RESTORE_EVENT:
		return verify_restore(v);
	default:
		return true;
	}
}

/* A SUBMIT stands in the journal whole and contiguous. */
static bool
check_contiguous(struct verify *v)
{
	if (v->run.sender == 0 ||
	    v->entry.leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT)
		return true;
	return verify_wrong(v, "it stands within the SUBMIT of %" PRIu64
	    " that began at %" PRIu64, v->run.sender, v->run.first_position);
}

static bool
check_entry(struct verify *v)
{
	return verify_tree_add(v) && check_contiguous(v) &&
	    check_founding(v) && check_time(v) && verify_policy_version(v) &&
	    verify_promised(v) && check_kind(v) && verify_cases(v) && verify_mailboxes(v) &&
	    verify_erasure(v) && verify_parts(v) && verify_tree_commit(v);
}

static bool
rows_agree(struct verify *v, const char *table, uint64_t want, uint64_t have)
{
	return want == have || verify_wrong_all(v, "the table %s has %" PRIu64
	    " rows where the entries ask for %" PRIu64, table, have, want);
}

/* Whatever row an entry asks for was found: more rows than that belong to no
 * entry. */
static bool
check_rows(struct verify *v, enum sk_error *rc)
{
	struct journal_counts there;

	if ((*rc = journal_counts(v->journal, &there)) != SK_OK)
		return false;
	return rows_agree(v, "entries", v->report->entries, there.entries) &&
	    rows_agree(v, "sealed", v->rows.sealed, there.sealed) &&
	    rows_agree(v, "vault", v->rows.parts, there.parts) &&
	    rows_agree(v, "sent", v->rows.sent, there.sent) &&
	    rows_agree(v, "ids", v->rows.ids, there.ids) &&
	    rows_agree(v, "commands", v->rows.commands, there.commands) &&
	    rows_agree(v, "tiles", v->rows.tiles, there.tiles) &&
	    rows_agree(v, "checkpoints", v->rows.checkpoints,
	    there.checkpoints);
}

/* What was made is there, its row at least: a key is destroyed with an entry
 * that says so; days come in whole blocks. */
static bool
check_keys(struct verify *v, enum sk_error *rc)
{
	struct key_counts keys;

	*rc = journal_key_counts(v->journal, &keys);
	if (*rc == SK_STORE_CORRUPT) {
		*rc = SK_OK;
		return verify_wrong_all(v, "a key has another size, or no "
		    "number");
	}
	if (*rc != SK_OK)
		return false;
	if (!keys.there)
		return true;
	if (keys.cases != keys.cases_mark || keys.last_case != keys.cases ||
	    keys.cases % JOURNAL_KEY_BLOCK != 0 || keys.cases < v->cases)
		return verify_wrong_all(v, "%" PRIu64 " keys of cases up to %"
		    PRIu64 ", where %" PRIu64 " were made", keys.cases,
		    keys.last_case, keys.cases_mark);
	if (keys.last_day != keys.days_mark ||
	    keys.days % JOURNAL_DAY_BLOCK != 0)
		return verify_wrong_all(v, "a key of a day was taken away or "
		    "put in between");
	return verify_destroyed(v, rc);
}

static bool
check_epoch(struct verify *v)
{
	uint64_t epoch = journal_epoch(v->journal);

	return epoch == v->epoch || verify_wrong_all(v, "the journal says "
	    "epoch %" PRIu64 ", its last entry %" PRIu64, epoch, v->epoch);
}

static bool
check_closed_run(struct verify *v)
{
	return v->run.sender == 0 || verify_wrong(v, "the journal ends within "
	    "the SUBMIT of %" PRIu64, v->run.sender);
}

static enum sk_error
walk(struct verify *v, struct fault *fault)
{
	uint64_t size = journal_size(v->journal);
	enum sk_error rc;

	if (!verify_tree_begin(v))
		return SK_OK;
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
	rc = SK_OK;
	v->report->holds = verify_tree_end(v) && verify_witnesses(v) &&
	    check_closed_run(v) && verify_all_carried_out(v) &&
	    verify_all_gone(v) && check_rows(v, &rc) &&
	    check_keys(v, &rc) && check_epoch(v);
	return rc == SK_OK ? rc : fault_set(fault, rc, "", NULL);
}

enum sk_error
verify_journal(struct journal *journal, struct verify_report *report,
    struct fault *fault)
{
	struct verify *v = calloc(1, sizeof(*v));
	struct key_counts keys;
	enum sk_error rc;

	memset(report, 0, sizeof(*report));
	if (v == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	(void)journal_key_counts(journal, &keys);
	report->keys = keys.there;
	v->journal = journal;
	v->founding = journal_founding(journal);
	v->report = report;
	v->instant = INT64_MIN;
	v->until_day = INT64_MIN;
	digest_bytes(v->nothing, "", 0);
	report->total_ns = -verify_ticks();
	rc = walk(v, fault);
	report->total_ns += verify_ticks();
	journal_read_end(journal);
	book_clear(&v->book);
	free(v->case_last);
	free(v->case_beside);
	free(v->day_beside);
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
	audit_print_json(json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:b, s:f, s:f, s:o}",
	    "entries", (json_int_t)r->entries,
	    "envelopes", (json_int_t)r->envelopes,
	    "submits", (json_int_t)r->submits,
	    "signatures", (json_int_t)r->signatures,
	    "statements", (json_int_t)r->statements,
	    "commands", (json_int_t)r->commands,
	    "erased", (json_int_t)r->erased,
	    "cases_erased", (json_int_t)r->cases_erased,
	    "no_key", (json_int_t)r->closed,
	    "tiles", (json_int_t)r->tiles,
	    "checkpoints", (json_int_t)r->checkpoints,
	    "cosignatures", (json_int_t)r->cosignatures,
	    "witnessed", (json_int_t)r->witnessed,
	    "keys", (int)r->keys,
	    "signed", (int)r->is_signed,
	    "holds", (int)r->holds,
	    "processor_seconds", (double)r->total_ns / 1e9,
	    "signature_seconds", (double)r->signature_ns / 1e9,
	    "first_wrong", first_wrong(r)));
}

static void
report_counts(const struct verify_report *r)
{
	const struct {
		const char *what;
		uint64_t n;
	} counts[] = {
		{ "regels / entries", r->entries },
		{ "berichten / envelopes", r->envelopes },
		{ "inzendingen / submits", r->submits },
		{ "handtekeningen / signatures", r->signatures },
		{ "verklaringen / statements", r->statements },
		{ "opdrachten van beheerders / commands", r->commands },
		{ "zonder sleutel / no key", r->closed },
		{ "gewiste regels / erased entries", r->erased },
		{ "gewiste zaken / erased cases", r->cases_erased },
		{ "tegels van de boom / tiles", r->tiles },
		{ "controlepunten / checkpoints", r->checkpoints },
		{ "regels van getuigen / cosignatures", r->cosignatures },
		{ "regels onder getuigen / witnessed", r->witnessed },
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		printf("  %-42s %10" PRIu64 "\n", counts[i].what, counts[i].n);
}

static void
report_text(const struct verify_report *r, const struct founding *founding)
{
	printf("journaal %s / journal %s\n", founding->origin,
	    founding->origin);
	report_counts(r);
	if (r->holds && !r->is_signed)
		printf("Niet ondertekend: er is geen controlepunt bij, dus "
		    "wie dit kon schrijven, kon het ook herschrijven.\n"
		    "Unsigned: no checkpoint came with it, so who could write "
		    "this could write it anew.\n");
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
	struct note_key key;
	enum verdict_code code;

	if ((code = audit_log_key(journal, request, &key)) != AUDIT_HOLDS)
		return code;
	if (verify_journal(journal, &report, &fault) != SK_OK)
		return audit_blind(request->dir, &fault);
	/* Who brings the key asks for what it signed. */
	if (request->vkey != NULL && report.holds && !report.is_signed) {
		report.holds = false;
		snprintf(report.what, sizeof(report.what),
		    "no checkpoint by --key");
	}
	if (request->json)
		report_json(&report);
	else
		report_text(&report, journal_founding(journal));
	return report.holds ? AUDIT_HOLDS : AUDIT_WRONG;
}
