/*
 * idle - what agent and broker cost while nothing happens.
 *
 * A real broker and a real agent with a session between them; processor time
 * is taken over one real minute. idle DIR BROKER AGENT
 */
#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "broker/lib/file.h"
#include "tests/bench/field.h"
#include "tests/bench/raw.h"

#define MINUTE_S 60
#define SETTLE_S 5
#define CONNECT_S 15.0

static void
check(const char *what, enum sk_error rc, const struct fault *fault)
{
	if (rc != SK_OK)
		bench_fail(what, fault->hint[0] == '\0' ? error_text(rc) :
		    fault->hint);
}

/* ---- the agent's files, as `schakel-agent init` and the invitation leave
 * them */

static void
write_secret(const char *dir, const char *name, const uint8_t *secret,
    size_t size)
{
	char path[320];
	struct fault fault = { 0 };

	file_path(path, sizeof(path), dir, name);
	check(path, file_write_secret(path, secret, size, &fault), &fault);
}

static void
write_text(const char *dir, const char *name, const char *text)
{
	char path[320];
	struct fault fault = { 0 };

	file_path(path, sizeof(path), dir, name);
	check(path, file_write(path, text, strlen(text), 0600, &fault),
	    &fault);
}

static void
write_invitation(const struct field *field, const struct party *party,
    const char *dir)
{
	struct invitation invitation = { .participant = party->number,
		.test = true };
	char text[INVITATION_TEXT_MAX];
	struct fault fault = { 0 };

	memcpy(invitation.founding, field->founding, DIGEST_SIZE);
	snprintf(invitation.origin, sizeof(invitation.origin), "%s",
	    field->origin);
	snprintf(invitation.address, sizeof(invitation.address), "%s",
	    field->address);
	memcpy(invitation.broker_link_key, field->broker_link, 32);
	memcpy(invitation.broker_sign_key, field->broker_sign, 32);
	memcpy(invitation.enrolment_key, field->enrolment, 32);
	randombytes_buf(invitation.request_digest, DIGEST_SIZE);
	check("invitation", invitation_encode(&invitation, text), &fault);
	write_text(dir, "invitation", text);
}

static void
write_agent(const struct field *field, const struct party *party,
    const char *dir)
{
	char keys[320], text[2048];
	struct fault fault = { 0 };

	check(dir, file_make_dir(dir, 0700, &fault), &fault);
	snprintf(keys, sizeof(keys), "%s/keys", dir);
	check(keys, file_make_dir(keys, 0700, &fault), &fault);
	write_secret(keys, "link.key", party->link_secret, 32);
	write_secret(keys, "sign.key", party->sign_secret, 64);
	write_secret(keys, "seal.key", party->seal_secret, 32);
	write_invitation(field, party, dir);
	snprintf(text, sizeof(text), "users:\n  - {person: 1, "
	    "name: \"Bench\", uid: %u}\n", (unsigned)getuid());
	write_text(dir, "users.yaml", text);
	snprintf(text, sizeof(text), "store: %s/store\nkeys: %s/keys\n"
	    "invitation: %s/invitation\nsocket: %s/socket\n"
	    "users: %s/users.yaml\nallow_test: true\nlog_level: warn\n",
	    dir, dir, dir, dir, dir);
	write_text(dir, "agent.yaml", text);
}

/* ---- what a process costs */

/* A field of /proc/PID/status, in KiB. */
static double
status_kib(pid_t pid, const char *field)
{
	char path[64], line[256];
	double value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if ((file = fopen(path, "r")) == NULL)
		bench_fail(path, strerror(errno));
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, field, strlen(field)) == 0 &&
		    line[strlen(field)] == ':')
			value = atof(line + strlen(field) + 1);
	fclose(file);
	if (value < 0)
		bench_fail(path, "no such field");
	return value;
}

/* Processor time of all threads, in ms: schedstat counts nanoseconds where
 * stat counts ticks of ten ms. */
static double
processor_ms(pid_t pid)
{
	char path[64], name[384];
	struct dirent *entry;
	double total = 0;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	if ((tasks = opendir(path)) == NULL)
		bench_fail(path, strerror(errno));
	while ((entry = readdir(tasks)) != NULL) {
		double ns;
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s/schedstat", path,
		    entry->d_name);
		if ((file = fopen(name, "r")) == NULL)
			continue;	/* the thread has ended */
		if (fscanf(file, "%lf", &ns) == 1)
			total += ns / 1e6;
		fclose(file);
	}
	closedir(tasks);
	return total;
}

static void
wait_seconds(time_t seconds)
{
	struct timespec left = { seconds, 0 };

	while (nanosleep(&left, &left) != 0)
		;
}

/* ---- the report */

struct measured {
	const char *what;
	const char *unit;
	double value;
	double target;
};

static unsigned
report(const struct measured *list, size_t n)
{
	unsigned reached = 0;

	for (size_t i = 0; i < n; i++) {
		bool good = list[i].value <= list[i].target;

		printf("%-28s %8.2f %s (at most %.0f)%s\n", list[i].what,
		    list[i].value, list[i].unit, list[i].target,
		    good ? "" : "  MISSED");
		reached += good;
	}
	return reached;
}

static void
wait_connected(struct field *field, uint64_t participant)
{
	double from = bench_seconds();
	struct timespec wait = { 0, 20000000 };

	while (!field_is_connected(field, participant)) {
		if (bench_seconds() > from + CONNECT_S)
			bench_fail("agent", "has no session with the broker");
		nanosleep(&wait, NULL);
	}
}

enum { AGENT_PRIVATE, AGENT_RESIDENT, AGENT_CPU, AGENT_READY, BROKER_PRIVATE,
	BROKER_READY, TARGETS };

/* The minute, with nothing but heartbeats between the two. */
static double
measure(struct field *field, pid_t agent, struct measured list[TARGETS])
{
	double agent_cpu, broker_cpu;

	wait_seconds(SETTLE_S);
	agent_cpu = processor_ms(agent);
	broker_cpu = processor_ms(field->broker);
	wait_seconds(MINUTE_S);
	list[AGENT_CPU].value = processor_ms(agent) - agent_cpu;
	list[AGENT_PRIVATE].value = status_kib(agent, "RssAnon") / 1024;
	list[AGENT_RESIDENT].value = status_kib(agent, "VmRSS") / 1024;
	list[BROKER_PRIVATE].value = status_kib(field->broker, "RssAnon") /
	    1024;
	list[BROKER_READY].value = field->ready_ms;
	return processor_ms(field->broker) - broker_cpu;
}

int
main(int argc, char **argv)
{
	struct measured list[TARGETS] = {
		[AGENT_PRIVATE] = { "agent, private memory", "MiB", 0, 4 },
		[AGENT_RESIDENT] = { "agent, resident memory", "MiB", 0, 18 },
		[AGENT_CPU] = { "agent, processor a minute", "ms", 0, 10 },
		[AGENT_READY] = { "agent, ready after", "ms", 0, 200 },
		[BROKER_PRIVATE] = { "broker, private memory", "MiB", 0, 8 },
		[BROKER_READY] = { "broker, ready after", "ms", 0, 200 },
	};
	static struct field field;
	char dir[256], config[320], socket[320];
	const struct party *party = &field.party[ACCESS];
	double broker_cpu;
	pid_t agent;
	unsigned reached;

	if (argc != 4 || strlen(argv[1]) > 200)
		bench_fail("usage", "idle DIR BROKER AGENT");
	if (mkdir(argv[1], 0700) != 0 && errno != EEXIST)
		bench_fail(argv[1], strerror(errno));
	snprintf(dir, sizeof(dir), "%s/agent", argv[1]);
	snprintf(config, sizeof(config), "%s/agent.yaml", dir);
	snprintf(socket, sizeof(socket), "%s/socket", dir);
	field_open(&field, argv[1], argv[2]);
	write_agent(&field, party, dir);
	list[AGENT_READY].value = field_start(argv[3], config, socket, &agent);
	wait_connected(&field, party->number);
	broker_cpu = measure(&field, agent, list);
	reached = report(list, TARGETS);
	printf("%-28s %8.2f ms\n", "broker, processor a minute", broker_cpu);
	field_stop("agent", agent);
	field_close(&field);
	printf("bench-idle: targets=%d reached=%u\n", TARGETS, reached);
	return reached == TARGETS ? 0 : 1;
}
