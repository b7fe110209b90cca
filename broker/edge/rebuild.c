/*
 * rebuild.c - schakel-broker --rebuild: the state made again, by hand.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/edge/internal.h"
#include "broker/lib/file.h"

#define TOLD_MAX 100

static void
tell_row(void *context, const char *table, const char *row, const char *what)
{
	uint64_t *told = context;

	if ((*told)++ < TOLD_MAX)
		printf("%s %s: %s\n", table, row, what);
}

/* What a rebuild that was cut short left behind. */
static void
remove_state(const char *path)
{
	static const char *const names[] = { "data.mdb", "lock.mdb", "owner" };
	char file[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		file_path(file, sizeof(file), path, names[i]);
		unlink(file);
	}
	rmdir(path);
}

static enum sk_error
put_in_place(const char *state, const char *made, const char *before,
    struct fault *fault)
{
	enum sk_error rc;

	remove_state(before);
	rc = file_rename(state, before, fault);
	return rc == SK_OK ? file_rename(made, state, fault) : rc;
}

static enum sk_error
rebuild(struct journal *journal, const char *dir,
    struct rebuild_report *report, struct fault *fault)
{
	char state[PATH_MAX], made[PATH_MAX], before[PATH_MAX];
	uint64_t told = 0;
	enum sk_error rc;

	file_path(state, sizeof(state), dir, "state");
	file_path(made, sizeof(made), dir, "state.new");
	file_path(before, sizeof(before), dir, "state.before");
	remove_state(made);
	rc = engine_rebuild(journal, state, made, tell_row, &told, report,
	    fault);
	if (rc == SK_OK && report->differences > 0)
		rc = put_in_place(state, made, before, fault);
	else
		remove_state(made);
	return rc;
}

enum sk_error
broker_rebuild(const char *dir)
{
	struct rebuild_report report = { 0 };
	struct journal *journal = NULL;
	struct fault fault = { 0 };
	enum sk_error rc;

	rc = journal_open(dir, NULL, false, &journal, &fault);
	if (rc == SK_OK)
		rc = rebuild(journal, dir, &report, &fault);
	journal_close(journal);
	if (rc != SK_OK) {
		fprintf(stderr, "schakel-broker: %s / %s: %s %s\n",
		    error_text_nl(rc), error_text(rc), fault.field,
		    fault.hint);
		return rc;
	}
	printf("rebuild: entries=%llu rows=%llu differences=%llu\n",
	    (unsigned long long)report.entries,
	    (unsigned long long)report.rows,
	    (unsigned long long)report.differences);
	if (report.differences == 0)
		return SK_OK;
	printf("De stand week af; de nieuwe staat er nu, de oude ernaast.\n"
	    "The state differed; the new one is in place, the old one beside "
	    "it: state.before\n");
	return SK_STORE_MISMATCH;
}
