/*
 * audit-speed DIR AUDIT: how fast the auditor's program verifies and replays
 * a journal of AUDIT_ENTRIES entries, in how much memory, and what the
 * evidence costs the broker.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/audit-speed/append.h"
#include "tests/figures/field.h"
#include "tests/figures/play.h"

#define ENTRIES 5000000u
#define SMALL_ENTRIES 10000u
#define ENTRIES_A_CASE 20u	/* a few less than the script makes */
#define SUBMITS_A_COMMIT 64u
#define APPENDS 36000u
#define APPEND_BATCH 64u	/* as under load: FORMATS section 7 */

#define VERIFY_MIN 200000.0	/* entries a second, one core */
#define SIGNATURES_MIN 15000.0	/* the same */
#define REPLAY_MIN 100000.0
#define GROWTH_MAX_KIB 8192	/* of private memory, small to large */
#define APPEND_MAX 0.25

static int targets, reached;

static void
target(bool is_reached, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
target(bool is_reached, const char *format, ...)
{
	va_list ap;

	targets++;
	reached += is_reached;
	printf("  %-4s ", is_reached ? "ja" : "NEE");
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

/* ---- one run of the program */

struct run {
	json_t *report;
	double processor;	/* seconds, user and system */
	long private_kib;	/* the most that was its own */
};

/* What a process holds that is not a file's page. */
static long
private_now(pid_t pid)
{
	char path[64], line[128];
	long kib = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if ((status = fopen(path, "re")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), status) != NULL)
		if (sscanf(line, "RssAnon: %ld", &kib) == 1)
			break;
	fclose(status);
	return kib;
}

static pid_t
start(const char *const *argv, const char *out)
{
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
		_exit(127);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static struct run
run(const char *audit, const char *verb, const char *dir)
{
	const struct timespec pause = { 0, 20000000 };	/* how often we look */
	char journal[512], out[512];
	const char *argv[] = { audit, verb, journal, "--json", "--scratch",
		dir, NULL };
	struct run r = { 0 };
	struct rusage usage;
	json_error_t error;
	int status = 0;
	pid_t pid;

	snprintf(journal, sizeof(journal), "%s/journal", dir);
	snprintf(out, sizeof(out), "%s/%s.json", dir, verb);
	if (strcmp(verb, "verify") == 0)
		argv[4] = NULL;
	if ((pid = start(argv, out)) < 0)
		field_die(verb, strerror(errno));
	while (wait4(pid, &status, WNOHANG, &usage) == 0) {
		long kib = private_now(pid);

		if (kib > r.private_kib)
			r.private_kib = kib;
		nanosleep(&pause, NULL);
	}
	r.report = json_load_file(out, 0, &error);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || r.report == NULL)
		field_die(verb, "the journal does not hold");
	r.processor = (double)usage.ru_utime.tv_sec +
	    (double)usage.ru_utime.tv_usec / 1e6 +
	    (double)usage.ru_stime.tv_sec +
	    (double)usage.ru_stime.tv_usec / 1e6;
	return r;
}

static double
number(const struct run *r, const char *name)
{
	return json_number_value(json_object_get(r->report, name));
}

/* ---- the measures */

static void
write_journal(const char *dir, uint32_t entries)
{
	double from = play_clock();
	pid_t pid;
	int status;

	fflush(stdout);
	/* A process of its own: what it held does not count below. */
	if ((pid = fork()) == 0) {
		draw_seed(1);
		play(dir, entries / ENTRIES_A_CASE + 1, SUBMITS_A_COMMIT, NULL);
		fflush(stdout);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		field_die(dir, "not written");
	printf("  geschreven in %.0f s / written\n", play_clock() - from);
}

static void
measure_verify(const struct run *big)
{
	double signing = number(big, "signature_seconds");
	double rest = number(big, "processor_seconds") - signing;
	double entries = number(big, "entries") / rest;
	double signatures = number(big, "signatures") / signing;

	target(entries >= VERIFY_MIN, "verify without signatures: %.0f "
	    "entries/s a core (at least %.0f)", entries, VERIFY_MIN);
	target(signatures >= SIGNATURES_MIN, "signatures: %.0f/s a core "
	    "(at least %.0f)", signatures, SIGNATURES_MIN);
}

static void
measure_memory(const char *verb, const struct run *small,
    const struct run *big)
{
	target(big->private_kib - small->private_kib <= GROWTH_MAX_KIB,
	    "%s, private memory: %ld KiB at %.0f entries, %ld KiB at %.0f "
	    "(at most %d more)", verb, small->private_kib,
	    number(small, "entries"), big->private_kib,
	    number(big, "entries"), GROWTH_MAX_KIB);
}

static uint32_t
measure_reading(const char *audit, const char *small_dir, const char *big_dir)
{
	struct run small = run(audit, "verify", small_dir);
	struct run big = run(audit, "verify", big_dir);
	uint32_t entries = (uint32_t)number(&big, "entries");
	double rate;

	measure_verify(&big);
	measure_memory("verify", &small, &big);
	json_decref(small.report);
	json_decref(big.report);
	small = run(audit, "replay", small_dir);
	big = run(audit, "replay", big_dir);
	rate = number(&big, "entries") / big.processor;
	target(rate >= REPLAY_MIN && number(&big, "differences") == 0,
	    "replay: %.0f entries/s a core (at least %.0f), %.0f differences",
	    rate, REPLAY_MIN, number(&big, "differences"));
	measure_memory("replay", &small, &big);
	json_decref(small.report);
	json_decref(big.report);
	return entries;
}

int
main(int argc, char **argv)
{
	const char *wanted = getenv("AUDIT_ENTRIES");
	uint32_t entries = wanted == NULL ? ENTRIES :
	    (uint32_t)strtoul(wanted, NULL, 10), read;
	char small[256], big[256];
	double cost;

	if (argc != 3 || entries < APPENDS) {
		fprintf(stderr, "audit-speed DIR AUDIT; AUDIT_ENTRIES from "
		    "%u\n", APPENDS);
		return 2;
	}
	snprintf(small, sizeof(small), "%s/small", argv[1]);
	snprintf(big, sizeof(big), "%s/big", argv[1]);
	write_journal(small, SMALL_ENTRIES);
	write_journal(big, entries);
	read = measure_reading(argv[2], small, big);
	cost = append_cost(big, APPENDS, APPEND_BATCH);
	target(cost <= APPEND_MAX, "append with tree and checkpoint, %u to a "
	    "commit: %.0f%% more processor time (at most %.0f%%)",
	    APPEND_BATCH, cost * 100, APPEND_MAX * 100);
	printf("  ter vergelijking, 1 en 16 per commit / for comparison: "
	    "%.0f%%, %.0f%%\n", append_cost(big, APPENDS / 4, 1) * 100,
	    append_cost(big, APPENDS, 16) * 100);
	printf("audit-speed%s: targets=%d reached=%d entries=%u\n",
	    read < ENTRIES ? "-shrunk" : "", targets, reached, read);
	return targets == reached ? 0 : 1;
}
