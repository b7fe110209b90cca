/*
 * tamper - does the auditor find what was done to a journal, and nothing
 * where nothing was done?
 *
 * usage: tamper DIR MUTATIONS UNTOUCHED [SEED]
 *
 * DIR is what make_journal.py left. Each mutation is drawn from the seed, done
 * to a fresh copy, and looked at by the auditor's own subcommands in a
 * process of its own. What only a checkpoint that somebody kept can tell, a
 * history written anew or rolled back, is put to `consistency` with one.
 *
 * Not among the mutations, because nothing can tell and nothing is lost: the
 * bytes of a key under which nothing lies yet; a checkpoint taken away that a
 * later one covers; a row of a name that nobody asks for.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents/audit/audit.h"
#include "broker/lib/file.h"
#include "tests/tamper/mutate.h"

#define FULL_MUTATIONS 2000u
#define TRIES 200u
#define CRASHED 99
#define NOT_NAMED UINT64_MAX

struct tally {
	uint64_t n[HOWS], verify[HOWS], told[HOWS];
	uint64_t to_name, named;	/* first wrong entries */
	uint64_t mutations, detected, untouched, false_alarms;
};

/* ---- the auditor, in a process of its own */

static enum verdict_code
look(enum verdict_code (*run)(struct journal *journal,
    const struct request *request), const struct request *request)
{
	struct journal *journal = NULL;
	enum verdict_code code;

	if (run == audit_consistency)
		return run(NULL, request);
	code = audit_open(request->dir, request, &journal);
	if (code == AUDIT_HOLDS)
		code = run(journal, request);
	journal_close(journal);
	return code;
}

/* What it says goes to work/said. */
static int
verdict(enum verdict_code (*run)(struct journal *journal,
    const struct request *request), const struct request *request)
{
	char path[512];
	pid_t child;
	int status;

	snprintf(path, sizeof(path), "%s/said", request->dir);
	(void)fflush(stdout);
	need((child = fork()) >= 0, "fork");
	if (child == 0) {
		int said = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		    0600);

		if (said < 0 || dup2(said, STDOUT_FILENO) < 0 ||
		    dup2(said, STDERR_FILENO) < 0)
			_exit(CRASHED);
		status = (int)look(run, request);
		_exit(fflush(stdout) == 0 ? status : CRASHED);
	}
	need(waitpid(child, &status, 0) == child, "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : CRASHED;
}

/* The entry that verify called the first wrong one. */
static uint64_t
named_entry(const struct ground *g)
{
	char bytes[4096], path[512];
	struct fault fault = { 0 };
	json_t *said, *position;
	uint64_t named = NOT_NAMED;
	const char *from;
	size_t size;

	snprintf(path, sizeof(path), "%s/said", g->work);
	need(file_read(path, bytes, sizeof(bytes), &size, &fault) == SK_OK,
	    path);
	/* What stands before it went to stderr. */
	if ((from = strstr(bytes, "{\n")) == NULL)
		return NOT_NAMED;
	said = json_loads(from, 0, NULL);
	position = json_object_get(json_object_get(said, "first_wrong"),
	    "position");
	if (json_is_integer(position))
		named = (uint64_t)json_integer_value(position);
	json_decref(said);
	return named;
}

static int
verify(const struct ground *g, bool with_key)
{
	struct request request = { .dir = g->work, .json = true,
	    .vkey = with_key ? g->vkey : NULL };

	return verdict(audit_verify, &request);
}

/* Against the checkpoint that stood in this row of the journal as it was. */
static int
consistency(const struct ground *g, size_t row)
{
	const struct row *kept = &g->rows[CHECKPOINTS].row[row];
	struct request request = { .dir = g->work, .n_more = 1 };
	struct fault fault = { 0 };
	char path[512];

	snprintf(path, sizeof(path), "%s/kept", g->work);
	need(file_write(path, kept->value, kept->value_size, 0600, &fault) ==
	    SK_OK, path);
	request.more[0] = path;
	return verdict(audit_consistency, &request);
}

/* ---- mutations */

/* What the store's own head says is refused before it is a journal: another
 * format, keys of another one. All else has to be called wrong. */
static bool
is_refusal(const struct mutation *m, int code)
{
	return code == AUDIT_BLIND &&
	    (m->table == META || m->table == KEYS_META);
}

static void
check_name(const struct ground *g, const struct mutation *m,
    struct tally *tally)
{
	uint64_t want, named;

	/* Without a founding entry there is no journal to walk. */
	if (!mutation_first_wrong(g, m, &want) || want == 0)
		return;
	named = named_entry(g);
	tally->to_name++;
	tally->named += named == want;
	if (named != want)
		printf("named %" PRIi64 ", not %" PRIu64 ": %s\n",
		    (int64_t)named, want, m->text);
}

static void
try_mutation(const struct ground *g, const struct mutation *m,
    struct tally *tally)
{
	int code;
	bool found;

	ground_copy(g, table_is_out(m->table) ? "archived" : "journal");
	mutation_apply(g, m);
	code = verify(g, m->how == UNSIGN);
	found = code == AUDIT_WRONG || is_refusal(m, code);
	tally->verify[m->how] += found;
	check_name(g, m, tally);
	if (mutation_needs_note(m)) {
		code = consistency(g, m->b);
		found = code == AUDIT_WRONG;
	}
	tally->n[m->how]++;
	tally->told[m->how] += found;
	tally->mutations++;
	tally->detected += found;
	if (!found)
		printf("not found out (%d): %s\n", code, m->text);
}

/* A bit is what goes wrong most; the rest in turn. */
static const enum how turns[] = {
	FLIP, DELETE, FLIP, SWAP, FLIP, REPEAT_OVER, FLIP, TRUNCATE, FLIP,
	FORGE, FLIP, CUT, FLIP, REPEAT_NEW, FLIP, REWRITE, ERASE, ROLL_BACK,
	REVIVE, FLIP, REPLACE,
};

#define TURNS (sizeof(turns) / sizeof(turns[0]))

static bool
is_new(const struct mutation *done, uint64_t n, const struct mutation *m)
{
	for (uint64_t i = 0; i < n; i++)
		if (strcmp(done[i].text, m->text) == 0)
			return false;
	return true;
}

static void
next_mutation(struct ground *g, const struct mutation *done, uint64_t n,
    struct mutation *m)
{
	enum how how = n == 0 ? UNSIGN : n == 1 ? SWAP_KEYS :
	    turns[n % TURNS];
	enum table table = (enum table)(n / TURNS % TABLES);

	for (unsigned i = 0; i < TRIES; i++)
		if (mutation_draw(g, how, table, m) && is_new(done, n, m))
			return;
	/* All of this kind in this table were had. */
	do {
		need(mutation_draw(g, FLIP, ENTRIES, m), "draw");
	} while (!is_new(done, n, m));
}

static void
mutate(struct ground *g, uint64_t n, struct tally *tally)
{
	struct mutation *done = calloc(n, sizeof(*done));

	need(done != NULL, "memory");
	for (uint64_t i = 0; i < n; i++) {
		next_mutation(g, done, i, &done[i]);
		try_mutation(g, &done[i], tally);
	}
	free(done);
}

/* ---- untouched */

/* Opened to write by the one who signs, a batch begun and given up. */
static void
reopen(const struct ground *g)
{
	struct journal *journal;
	struct fault fault = { 0 };

	need(journal_open(g->work, NULL, false, &journal, &fault) == SK_OK,
	    "reopen");
	journal_sign_with(journal, g->secret);
	need(journal_begin(journal) == SK_OK, "begin");
	journal_abort(journal);
	journal_close(journal);
}

/* A copy, one that was opened since, one that was exported, and backups as
 * they were made over time. */
static void
try_untouched(struct ground *g, uint64_t i, struct tally *tally)
{
	const struct rows *notes = &g->rows[CHECKPOINTS];
	size_t last = notes->n - 1, kept = (size_t)draw(g, notes->n);
	bool holds;

	if (i % 8 == 4) {	/* a year went out of it */
		ground_copy(g, "archived");
		tally->untouched++;
		tally->false_alarms += verify(g, true) != AUDIT_HOLDS;
		return;
	}
	ground_copy(g, i % 4 == 1 ? "export" : "journal");
	if (i % 4 == 1)		/* it ends where the export began */
		kept = kept < last ? kept : last - 1;
	if (i % 4 == 2)
		reopen(g);
	if (i % 4 == 3) {
		/* before it erased anything it was another journal */
		do {
			last = (size_t)draw(g, notes->n);
		} while (row_number(&notes->row[last]) < g->erased_by);
		kept = (size_t)draw(g, last + 1);
		forge_roll_back(g, row_number(&notes->row[last]));
	}
	holds = verify(g, true) == AUDIT_HOLDS &&
	    consistency(g, kept) == AUDIT_HOLDS;
	tally->untouched++;
	tally->false_alarms += !holds;
	if (!holds)
		printf("false alarm: untouched %" PRIu64 "\n", i);
}

/* ---- */

static void
report(const struct tally *tally)
{
	for (enum how h = FLIP; h < HOWS; h++)
		printf("%-12s %5" PRIu64 " done, %5" PRIu64 " by verify, %5"
		    PRIu64 " found out\n", how_name[h], tally->n[h],
		    tally->verify[h], tally->told[h]);
	printf("first wrong entry named: %" PRIu64 " of %" PRIu64 "\n",
	    tally->named, tally->to_name);
	printf("%s: mutations=%" PRIu64 " detected=%" PRIu64 " untouched=%"
	    PRIu64 " false_alarms=%" PRIu64 "\n",
	    tally->mutations < FULL_MUTATIONS ? "tamper-shrunk" : "tamper",
	    tally->mutations, tally->detected, tally->untouched,
	    tally->false_alarms);
}

int
main(int argc, char **argv)
{
	static struct ground ground;
	struct tally tally = { 0 };
	uint64_t mutations, untouched, seed;
	char work[512];

	need(argc == 4 || argc == 5,
	    "usage: tamper DIR MUTATIONS UNTOUCHED [SEED]");
	need(sodium_init() >= 0, "libsodium");
	umask(077);	/* keys that others can read are refused */
	mutations = strtoull(argv[2], NULL, 10);
	untouched = strtoull(argv[3], NULL, 10);
	seed = argc == 5 ? strtoull(argv[4], NULL, 10) : 1;
	snprintf(work, sizeof(work), "%s/work", argv[1]);
	ground_open(&ground, argv[1], work, seed);
	printf("seed %" PRIu64 ", %zu entries, %zu checkpoints\n", seed,
	    ground.rows[ENTRIES].n, ground.rows[CHECKPOINTS].n);
	mutate(&ground, mutations, &tally);
	for (uint64_t i = 0; i < untouched; i++)
		try_untouched(&ground, i, &tally);
	ground_close(&ground);
	report(&tally);
	return tally.mutations == 0 || tally.detected != tally.mutations ||
	    tally.named != tally.to_name || tally.untouched != untouched || tally.false_alarms != 0;
}
