/*
 * audit.h - schakel-audit: what its files share.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include <jansson.h>

#include "broker/journal/journal.h"

/* Exit codes: it holds, it does not, it could not be looked at. */
enum verdict_code { AUDIT_HOLDS = 0, AUDIT_WRONG = 1, AUDIT_BLIND = 2 };

#define AUDIT_ARGUMENTS_MAX 16

struct request {
	const char *dir;		/* the first argument: a journal, a file */
	const char *more[AUDIT_ARGUMENTS_MAX];	/* those behind it */
	size_t n_more;
	const char *keys;		/* --keys; NULL: DIR/keys */
	const char *case_text;		/* timeline: --case */
	const char *family_text;	/* timeline: --family */
	uint64_t participant;		/* timeline: --participant */
	const char *html;		/* timeline, figures: the page's file */
	const char *scratch;		/* replay: where; NULL: TMPDIR */
	const char *witness[AUDIT_ARGUMENTS_MAX];	/* check: --witness */
	size_t n_witness;
	uint64_t quorum;		/* --quorum; 0: all of them */
	const char *vkey;		/* --key: the log's, as others gave it */
	const char *out;		/* prove: --out */
	const char *entry;		/* --entry: a file with a leaf's bytes */
	const char *leaf;		/* check: --leaf, a leaf's hash in hex */
	bool public_only;		/* export: --public */
	bool auditor;			/* export: --auditor */
	const char *by, *period;	/* figures */
	const char *close;		/* figures: a file for the operators */
	const char *agent, *ground, *dossier;	/* look: through which, why */
	bool json, csv;
};

/* Each is given a reader and opens nothing else. They print on stdout. */
enum verdict_code audit_verify(struct journal *journal,
    const struct request *request);
enum verdict_code audit_timeline(struct journal *journal,
    const struct request *request);
enum verdict_code audit_access(struct journal *journal,
    const struct request *request);
enum verdict_code audit_replay(struct journal *journal,
    const struct request *request);
enum verdict_code audit_prove(struct journal *journal,
    const struct request *request);
enum verdict_code audit_vkey(struct journal *journal,
    const struct request *request);
enum verdict_code audit_export(struct journal *journal,
    const struct request *request);
/* With the entries; audit_export calls it for --auditor. */
enum verdict_code audit_export_copy(struct journal *journal,
    const struct request *request);
enum verdict_code audit_figures(struct journal *journal,
    const struct request *request);
/* These open what they need: journal is NULL. */
enum verdict_code audit_check(struct journal *journal,
    const struct request *request);
enum verdict_code audit_look(struct journal *journal,
    const struct request *request);
enum verdict_code audit_consistency(struct journal *journal,
    const struct request *request);
enum verdict_code audit_diff(struct journal *journal,
    const struct request *request);

/* A directory of our own under --scratch or TMPDIR, and its removal with the
 * state in it. PATH_MAX bytes each. */
enum sk_error audit_scratch_make(const struct request *request, char *base,
    char *state, struct fault *fault);
void audit_scratch_remove(const char *base, const char *state);

/* ---- open.c */

/* A reader; anything but AUDIT_HOLDS has been told already. */
enum verdict_code audit_open(const char *dir, const struct request *request,
    struct journal **journal);
/* On stderr, Dutch first; returns AUDIT_BLIND. */
enum verdict_code audit_blind(const char *subject, const struct fault *fault);
/* The same, on what stands in the words of the command line. */
enum verdict_code audit_usage(const char *nl, const char *en);
/* A case as people write it: 42, or 1-42-67 with its check digits. option is
 * named in the fault. */
bool audit_read_case(const char *text, const char *option,
    const struct founding *founding, uint64_t *number, struct fault *fault);
/* Print and free. */
void audit_print_json(json_t *json);
/* {holds: false, first_wrong: ..} or its two lines; returns AUDIT_WRONG. */
enum verdict_code audit_wrong(const struct request *request, const char *what);

/* The last checkpoint with what witnesses signed under it, and the key that it
 * is signed by; with --witness the last that any of them signed. Until the
 * next call. */
enum sk_error audit_last_note(struct journal *journal,
    const struct request *request, uint64_t *size, struct span *note,
    struct note_key *key);
/* Whole file into memory of the caller, to be freed; AUDIT_BLIND is told. */
enum verdict_code audit_read(const char *path, size_t size_max, void **bytes,
    size_t *size);
/* The log's key: that of the journal's last checkpoint; when --key was given
 * it must be one that the journal has or had: AUDIT_WRONG. Without a journal
 * (NULL) it is --key. */
enum verdict_code audit_log_key(const struct journal *journal,
    const struct request *request, struct note_key *key);

#endif
