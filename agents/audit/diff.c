/*
 * diff.c - where two journals part.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agents/audit/audit.h"

struct difference {
	uint64_t a_size, b_size;
	bool found;
	uint64_t position;
	const char *what;
};

/* A journal that is the beginning of the other parts where it ends. */
static enum sk_error
compare(struct journal *a, struct journal *b, struct difference *d)
{
	uint64_t shorter;
	struct span one, two;
	enum sk_error rc;

	d->a_size = journal_size(a);
	d->b_size = journal_size(b);
	shorter = d->a_size < d->b_size ? d->a_size : d->b_size;
	for (uint64_t i = 0; i < shorter; i++) {
		if ((rc = journal_leaf(a, i, &one)) != SK_OK ||
		    (rc = journal_leaf(b, i, &two)) != SK_OK)
			return rc;
		if (one.size == two.size &&
		    memcmp(one.bytes, two.bytes, one.size) == 0)
			continue;
		*d = (struct difference){ d->a_size, d->b_size, true, i,
			i == 0 ? "two different journals" :
			"another entry in each" };
		return SK_OK;
	}
	d->found = d->a_size != d->b_size;
	d->position = shorter;
	d->what = d->a_size < d->b_size ? "the first ends here" :
	    "the second ends here";
	return SK_OK;
}

static void
tell(const struct difference *d, bool json)
{
	if (json) {
		audit_print_json(json_pack("{s:[I, I], s:b, s:o}", "entries",
		    (json_int_t)d->a_size, (json_int_t)d->b_size, "same",
		    (int)!d->found, "first_difference", !d->found ?
		    json_null() : json_pack("{s:I, s:s}", "position",
		    (json_int_t)d->position, "what", d->what)));
		return;
	}
	if (d->found)
		printf("De journalen verschillen vanaf regel %" PRIu64 ".\n"
		    "The journals differ from entry %" PRIu64 " on: %s.\n",
		    d->position, d->position, d->what);
	else
		printf("De journalen zijn gelijk: %" PRIu64 " regels.\n"
		    "The journals are the same: %" PRIu64 " entries.\n",
		    d->a_size, d->a_size);
}

/* A process opens an environment once. */
static bool
is_same_place(const char *a, const char *b)
{
	struct stat one, two;

	return stat(a, &one) == 0 && stat(b, &two) == 0 &&
	    one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

enum verdict_code
audit_diff(struct journal *journal, const struct request *request)
{
	struct journal *a = NULL, *b = NULL;
	struct difference d = { 0 };
	struct fault fault = { 0 };
	enum verdict_code code;
	enum sk_error rc;

	(void)journal;
	code = audit_open(request->dir, request, &a);
	if (code == AUDIT_HOLDS && is_same_place(request->dir,
	    request->more[0]))
		b = a;
	else if (code == AUDIT_HOLDS)
		code = audit_open(request->more[0], request, &b);
	if (code != AUDIT_HOLDS)
		goto done;
	if ((rc = compare(a, b, &d)) == SK_STORE_CORRUPT) {
		code = audit_wrong(request, "an entry is missing");
	} else if (rc != SK_OK) {
		fault_set(&fault, rc, "", NULL);
		code = audit_blind(request->dir, &fault);
	} else {
		tell(&d, request->json);
		code = d.found ? AUDIT_WRONG : AUDIT_HOLDS;
	}
done:
	if (b != a)
		journal_close(b);
	journal_close(a);
	return code;
}
