/*
 * bench - the broker beside the disk and beside LMDB alone, in one run.
 *
 * Every message is a progress report with RAW_BODY bytes of text, sealed for
 * its recipient, over CURVE, signed, journalled, receipted, delivered and
 * acknowledged. bench DIR BROKER OUT.json
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/field.h"
#include "tests/bench/raw.h"

#define CASES 512
#define ROUNDS 5
#define POINTS 3
#define TMPFS 0x01021994
#define SETTLE_NS 200000000	/* so that nobody pays for another's last write */

enum { DISK, LMDB, BROKER, CONTENDERS };
static const char *const names[CONTENDERS] = { "fdatasync", "lmdb",
	"schakel" };

/* clang-format off: the columns are the point */
static const struct point {
	size_t in_flight;
	size_t messages;	/* a round */
	double target;		/* of raw LMDB */
} points[POINTS] = {
	{   1,   512, 0.3 },
	{  16,  4096, 0.3 },
	{ 256, 16384, 0.4 },
};
/* clang-format on */

struct result {
	double rate[CONTENDERS][ROUNDS];
	double ratio[ROUNDS];
	double p50_ms[ROUNDS], p99_ms[ROUNDS];
};

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(const double *values, size_t n)
{
	double sorted[ROUNDS];

	memcpy(sorted, values, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare);
	return sorted[n / 2];
}

static void
run_broker(struct field *field, const struct point *point,
    struct result *result, size_t round)
{
	static size_t written;
	struct envelope *envelopes = calloc(point->messages,
	    sizeof(*envelopes));
	struct flow flow = { .sender = &field->party[PROVIDER],
		.recipient = &field->party[ACCESS], .envelopes = envelopes,
		.n = point->messages, .in_flight = point->in_flight };
	struct timespec settle = { 0, SETTLE_NS };
	double seconds;

	if (envelopes == NULL)
		bench_fail("envelopes", "no memory");
	for (size_t i = 0; i < flow.n; i++)
		field_write_report(field, written++, RAW_BODY, &envelopes[i]);
	nanosleep(&settle, NULL);
	seconds = flow_run(field->party, &flow);
	result->rate[BROKER][round] = (double)flow.n / seconds;
	qsort(flow.latency, flow.n, sizeof(double), compare);
	result->p50_ms[round] = flow.latency[flow.n / 2] * 1e3;
	result->p99_ms[round] = flow.latency[flow.n * 99 / 100] * 1e3;
	free(flow.latency);
	for (size_t i = 0; i < flow.n; i++)
		envelope_clear(&envelopes[i]);
	free(envelopes);
}

/* The order turns with the rounds: nobody is always the first or the last. */
static void
run_point(struct field *field, struct raw_file *file, struct raw_lmdb *lmdb,
    const struct point *point, struct result *result, size_t round)
{
	struct timespec settle = { 0, SETTLE_NS };

	for (size_t turn = 0; turn < CONTENDERS; turn++) {
		size_t who = (turn + round) % CONTENDERS;

		if (who == BROKER) {
			run_broker(field, point, result, round);
			continue;
		}
		nanosleep(&settle, NULL);
		result->rate[who][round] = who == DISK ?
		    raw_file_run(file, point->messages, point->in_flight) :
		    raw_lmdb_run(lmdb, point->messages, point->in_flight);
	}
	result->ratio[round] = result->rate[BROKER][round] /
	    result->rate[LMDB][round];
	printf("round %zu, %3zu in flight: fdatasync %9.0f  lmdb %9.0f  "
	    "schakel %9.0f /s  %.2f of lmdb, p50 %.2f ms, p99 %.2f ms\n",
	    round + 1, point->in_flight, result->rate[DISK][round],
	    result->rate[LMDB][round], result->rate[BROKER][round],
	    result->ratio[round], result->p50_ms[round],
	    result->p99_ms[round]);
	fflush(stdout);
}

static json_t *
numbers(const double values[ROUNDS])
{
	json_t *list = json_array();

	for (size_t i = 0; i < ROUNDS; i++)
		json_array_append_new(list, json_real(values[i]));
	return list;
}

static json_t *
report_point(const struct point *point, const struct result *result)
{
	json_t *rates = json_object(), *medians = json_object();

	for (size_t who = 0; who < CONTENDERS; who++) {
		json_object_set_new(rates, names[who],
		    numbers(result->rate[who]));
		json_object_set_new(medians, names[who],
		    json_real(median(result->rate[who], ROUNDS)));
	}
	return json_pack("{s:I, s:I, s:f, s:f, s:b, s:o, s:o, s:o, s:o, s:o}",
	    "in_flight", (json_int_t)point->in_flight,
	    "messages_a_round", (json_int_t)point->messages,
	    "target_of_lmdb", point->target,
	    "ratio_of_lmdb", median(result->ratio, ROUNDS),
	    "reached", median(result->ratio, ROUNDS) >= point->target,
	    "median_per_second", medians, "per_second", rates,
	    "ratios", numbers(result->ratio),
	    "p50_ms", numbers(result->p50_ms),
	    "p99_ms", numbers(result->p99_ms));
}

/* Prints the last lines; how many targets were reached. */
static unsigned
report(const struct result results[POINTS], const char *path)
{
	json_t *list = json_array(), *root;
	unsigned reached = 0;

	for (size_t i = 0; i < POINTS; i++) {
		double ratio = median(results[i].ratio, ROUNDS);

		printf("%3zu in flight: schakel %.0f /s, %.2f of raw LMDB "
		    "(target %.1f)\n", points[i].in_flight,
		    median(results[i].rate[BROKER], ROUNDS), ratio,
		    points[i].target);
		reached += ratio >= points[i].target;
		json_array_append_new(list, report_point(&points[i],
		    &results[i]));
	}
	root = json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:o}",
	    "targets", POINTS, "reached", (int)reached, "rounds", ROUNDS,
	    "body_bytes", RAW_BODY, "cases", CASES,
	    "verified_one_in", VERIFY_EVERY, "points", list);
	if (root == NULL || json_dump_file(root, path, JSON_INDENT(2)) != 0)
		bench_fail(path, "cannot be written");
	json_decref(root);
	return reached;
}

static void
check_disk(const char *dir)
{
	struct statfs fs;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		bench_fail(dir, strerror(errno));
	if (statfs(dir, &fs) != 0)
		bench_fail(dir, strerror(errno));
	if (fs.f_type == TMPFS)
		bench_fail(dir, "lies in memory; want a real disk");
}

int
main(int argc, char **argv)
{
	static struct field field;
	static struct result results[POINTS];
	struct raw_file *file;
	struct raw_lmdb *lmdb;
	char path[320];
	unsigned reached;

	if (argc != 4 || strlen(argv[1]) > 200)
		bench_fail("usage", "bench DIR BROKER OUT.json");
	check_disk(argv[1]);
	snprintf(path, sizeof(path), "%s/raw.file", argv[1]);
	file = raw_file_open(path);
	snprintf(path, sizeof(path), "%s/raw.lmdb", argv[1]);
	lmdb = raw_lmdb_open(path);
	printf("%d bytes of text a message, sealed before the clock runs; "
	    "signed, sent over CURVE, journalled, receipted, delivered and "
	    "acknowledged while it runs; the recipient checks the signature "
	    "of one in %d\n", RAW_BODY, VERIFY_EVERY);
	field_open(&field, argv[1], argv[2]);
	field_join(&field);
	field_start_cases(&field, CASES);
	for (size_t round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < POINTS; i++)
			run_point(&field, file, lmdb, &points[i], &results[i],
			    round);
	field_close(&field);
	raw_lmdb_close(lmdb);
	raw_file_close(file);
	reached = report(results, argv[3]);
	printf("bench: targets=%d reached=%u\n", POINTS, reached);
	return reached == POINTS ? 0 : 1;
}
