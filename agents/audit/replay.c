/*
 * replay.c - the journal decided again by the engine of this build.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agents/audit/audit.h"
#include "broker/engine/engine.h"

/* The scratch state holds nothing that the journal has not; its closed rows
 * lie under the journal's own keys. It is removed all the same. */
void
audit_scratch_remove(const char *base, const char *state)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(state);

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", state,
		    entry->d_name) < (int)sizeof(path))
			unlink(path);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(state);
	rmdir(base);
}

enum sk_error
audit_scratch_make(const struct request *request, char *base, char *state,
    struct fault *fault)
{
	const char *under = request->scratch != NULL ? request->scratch :
	    getenv("TMPDIR");
	int n;

	n = snprintf(base, PATH_MAX - 16, "%s/schakel-audit-XXXXXX",
	    under == NULL || *under == '\0' ? "/tmp" : under);
	if (n < 0 || n >= PATH_MAX - 16 || mkdtemp(base) == NULL)
		return fault_set(fault, SK_FILE_IO, "--scratch", "%s",
		    strerror(errno));
	snprintf(state, PATH_MAX, "%s/state", base);
	return SK_OK;
}

static void
print(const struct replay_report *r, bool json)
{
	const bool same = r->differences == 0;

	if (json) {
		audit_print_json(json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, "
		    "s:I, s:b, s:o}",
		    "entries", (json_int_t)r->entries,
		    "decided_again", (json_int_t)r->decided_again,
		    "carried", (json_int_t)r->carried,
		    "erased", (json_int_t)r->erased,
		    "cases", (json_int_t)r->cases,
		    "handoffs", (json_int_t)r->handoffs,
		    "differences", (json_int_t)r->differences,
		    "holds", (int)same,
		    "first_difference", same ? json_null() :
		    json_pack("{s:I, s:s}", "position",
		    (json_int_t)r->first_difference, "what", r->what)));
		return;
	}
	printf("  %-42s %10" PRIu64 "\n", "regels / entries", r->entries);
	printf("  %-42s %10" PRIu64 "\n",
	    "opnieuw beslist / decided again", r->decided_again);
	printf("  %-42s %10" PRIu64 "\n",
	    "andere regelversie / carried", r->carried);
	printf("  %-42s %10" PRIu64 "\n",
	    "gewist of zonder sleutel / erased or no key", r->erased);
	printf("  %-42s %10" PRIu64 "\n", "zaken / cases", r->cases);
	printf("  %-42s %10" PRIu64 "\n", "overdrachten / handoffs",
	    r->handoffs);
	printf("  %-42s %10" PRIu64 "\n", "verschillen / differences",
	    r->differences);
	if (same)
		printf("Elke beslissing valt opnieuw zo.\n"
		    "Every decision comes out the same.\n");
	else
		printf("Beslissingen vallen anders uit, het eerst op regel %"
		    PRIu64 ".\nDecisions differ, first this: %s.\n",
		    r->first_difference, r->what);
}

enum verdict_code
audit_replay(struct journal *journal, const struct request *request)
{
	char base[PATH_MAX], state[PATH_MAX];
	struct replay_report report;
	struct fault fault = { 0 };
	enum sk_error rc;

	if (audit_scratch_make(request, base, state, &fault) != SK_OK)
		return audit_blind(request->dir, &fault);
	rc = engine_replay(journal, state, &report, &fault);
	audit_scratch_remove(base, state);
	if (rc != SK_OK) {
		audit_blind(request->dir, &fault);
		return rc == SK_STORE_CORRUPT ? AUDIT_WRONG : AUDIT_BLIND;
	}
	print(&report, request->json);
	return report.differences == 0 ? AUDIT_HOLDS : AUDIT_WRONG;
}
