/*
 * audit.h - schakel-audit: what its files share.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include <jansson.h>

#include "broker/journal/journal.h"

/* Exit codes: it holds, it does not, it could not be looked at. */
enum verdict_code { AUDIT_HOLDS = 0, AUDIT_WRONG = 1, AUDIT_BLIND = 2 };

struct request {
	const char *dir;
	const char *keys;		/* NULL: DIR/keys */
	const char *case_text;		/* timeline: --case */
	uint64_t participant;		/* timeline: --participant */
	const char *scratch;		/* replay: where; NULL: TMPDIR */
	bool json;
	const char *by, *period;	/* figures */
	const char *html;		/* figures: the page; NULL: none */
	bool csv;
};

/* Each opens nothing: journal is a reader. They print on stdout. */
enum verdict_code audit_verify(struct journal *journal,
    const struct request *request);
enum verdict_code audit_timeline(struct journal *journal,
    const struct request *request);
enum verdict_code audit_replay(struct journal *journal,
    const struct request *request);
enum verdict_code audit_figures(struct journal *journal,
    const struct request *request);

/* A directory of our own under --scratch or TMPDIR, and its removal with the
 * state in it. PATH_MAX bytes each. */
enum sk_error audit_scratch_make(const struct request *request, char *base,
    char *state, struct fault *fault);
void audit_scratch_remove(const char *base, const char *state);

/* On stderr, Dutch first; returns AUDIT_BLIND. */
enum verdict_code audit_blind(const char *subject, const struct fault *fault);
/* Print and free. */
void audit_print_json(json_t *json);

#endif
