#include "agents/agent/hook.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agents/agent/compose.h"
#include "agents/agent/hook_run.h"
#include "broker/lib/log.h"

#define ADDRESS_MAX 254
#define WHY_MAX 64

/* One way of telling: the program, or the mail, or nothing. */
struct way {
	char *const *program;
	size_t arguments;
	const char *address;
};

struct hook {
	struct agent *agent;
	struct loop *loop;
	const Sk__AgentHook *config;
	int64_t timeout_ms;
	uint64_t attempts;
	pid_t pid;		/* 0: nothing runs */
	int pidfd;
	uint64_t running;	/* sequence of its call */
	int64_t until;		/* ticks */
	bool look;		/* something may be due */
	int64_t next;		/* ticks at which the earliest is; see look */
	char why[WHY_MAX];
};

/* ---- configuration */

static bool
is_address(const char *text)
{
	size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.@+_-");
	const char *at = strchr(text, '@');

	return text[size] == '\0' && size <= ADDRESS_MAX && text[0] != '-' &&
	    at != NULL && at != text && at[1] != '\0' &&
	    strchr(at + 1, '@') == NULL;
}

static enum sk_error
check_program(const char *path, const char *field, struct fault *fault)
{
	if (path[0] != '/' || access(path, X_OK) != 0)
		return fault_set(fault, SK_CONFIG, field,
		    "want the absolute path of a program");
	return SK_OK;
}

static enum sk_error
check_way(const struct way *way, const char *program_field,
    const char *address_field, const Sk__AgentHook *config,
    struct fault *fault)
{
	if (way->arguments > 0 && way->address != NULL)
		return fault_set(fault, SK_CONFIG, address_field,
		    "a program or an address, not both");
	if (way->arguments > HOOK_ARGS_MAX - 3)
		return fault_set(fault, SK_CONFIG, program_field,
		    "at most %d arguments", HOOK_ARGS_MAX - 3);
	if (way->arguments > 0)
		return check_program(way->program[0], program_field, fault);
	if (way->address == NULL)
		return SK_OK;
	if (!is_address(way->address))
		return fault_set(fault, SK_CONFIG, address_field,
		    "want one address of mail");
	if (config->sendmail == NULL)
		return fault_set(fault, SK_CONFIG, "hook.sendmail",
		    "want the absolute path of sendmail");
	return check_program(config->sendmail, "hook.sendmail", fault);
}

static struct way
way_of(const Sk__AgentHook *config, bool out_of_hours)
{
	return out_of_hours ? (struct way){ config->out_of_hours_program,
	    config->n_out_of_hours_program, config->out_of_hours_address } :
	    (struct way){ config->program, config->n_program,
	    config->address };
}

static enum sk_error
check_config(const Sk__AgentHook *config, struct fault *fault)
{
	struct way way = way_of(config, false), night = way_of(config, true);
	enum sk_error rc;

	if (way.arguments == 0 && way.address == NULL)
		return fault_set(fault, SK_CONFIG, "hook.program",
		    "a program, or sendmail and address");
	if ((rc = check_way(&way, "hook.program", "hook.address", config,
	    fault)) != SK_OK || (rc = check_way(&night,
	    "hook.out_of_hours_program", "hook.out_of_hours_address", config,
	    fault)) != SK_OK)
		return rc;
	if (config->has_timeout_s && (config->timeout_s < 1 ||
	    config->timeout_s > HOOK_TIMEOUT_S_MAX))
		return fault_set(fault, SK_CONFIG, "hook.timeout_s",
		    "1 to %d", HOOK_TIMEOUT_S_MAX);
	if (config->has_attempts && (config->attempts < 1 ||
	    config->attempts > HOOK_ATTEMPTS_MAX))
		return fault_set(fault, SK_CONFIG, "hook.attempts",
		    "1 to %d", HOOK_ATTEMPTS_MAX);
	return SK_OK;
}

enum sk_error
hook_open(struct agent *agent, const Sk__AgentHook *config,
    struct loop *loop, struct hook **out, struct fault *fault)
{
	struct hook *hook;
	enum sk_error rc;

	*out = NULL;
	if (config == NULL)
		return SK_OK;
	if ((rc = check_config(config, fault)) != SK_OK)
		return rc;
	if ((hook = calloc(1, sizeof(*hook))) == NULL)
		return fault_set(fault, SK_NO_MEMORY, "hook", NULL);
	hook->agent = agent;
	hook->loop = loop;
	hook->config = config;
	hook->timeout_ms = 1000 * (int64_t)(config->has_timeout_s ?
	    config->timeout_s : HOOK_TIMEOUT_S);
	hook->attempts = config->has_attempts ? config->attempts :
	    HOOK_ATTEMPTS;
	hook->look = true;
	hook->next = INT64_MAX;
	*out = hook;
	return SK_OK;
}

static void
forget_run(struct hook *hook)
{
	if (hook->loop != NULL)
		loop_forget(hook->loop, hook->pidfd);
	close(hook->pidfd);
	hook->pid = 0;
}

void
hook_close(struct hook *hook)
{
	if (hook == NULL)
		return;
	if (hook->pid != 0) {
		hook_kill(hook->pid);
		forget_run(hook);
	}
	free(hook);
}

/* ---- the queue */

static struct span
key_of(const uint64_t *sequence)
{
	return (struct span){ (const uint8_t *)sequence, sizeof(*sequence) };
}

static void
put(struct hook *hook, uint64_t sequence, const struct call_row *row)
{
	uint8_t bytes[ROW_BYTES_MAX];
	size_t size = call_encode(row, bytes);

	archive_put(hook->agent->archive, TABLE_CALLS, key_of(&sequence),
	    (struct span){ bytes, size });
	hook->look = true;
}

static bool
is_told(const struct inbox_row *row)
{
	return row->trouble == 0 && row->kind != SK__KIND__RECEIPT_OF &&
	    row->kind != SK__KIND__CONTENT_MISMATCH_FOUND;
}

static void
queue(struct hook *hook, struct call_row *row)
{
	struct archive *archive = hook->agent->archive;

	if (archive_count(archive, TABLE_CALLS) >= HOOK_CALLS_MAX &&
	    row->of == CALL_WORK) {
		log_event(LOG_WARN, "nobody told, too many calls wait",
		    "position=%llu", (unsigned long long)row->position);
		return;
	}
	/* In the order of the journal; a crisis at night is told twice. */
	put(hook, 2 * row->position + 1 + row->out_of_hours, row);
}

void
hook_queue(struct hook *hook, const struct inbox_row *in)
{
	struct call_row row = { 0 };
	struct way night;

	if (hook == NULL || !is_told(in))
		return;
	row.of = in->kind == 0 ? CALL_DEADLINE :
	    in->kind == SK__KIND__CRISIS_ALERT ? CALL_CRISIS : CALL_WORK;
	row.kind = in->kind;
	row.notice_kind = in->notice_kind;
	row.case_ref = in->case_ref;
	row.case_number = in->case_number;
	row.about = in->ref;
	row.position = in->position;
	queue(hook, &row);
	night = way_of(hook->config, true);
	if (row.of != CALL_CRISIS || (night.arguments == 0 &&
	    night.address == NULL) || people_out_of_hours(hook->agent->people,
	    agent_now(hook->agent)) == NULL)
		return;
	row.out_of_hours = true;
	queue(hook, &row);
}

/* ---- running */

static int64_t
wall(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
woken(void *context, int fd, uint32_t events)
{
	(void)context;
	(void)fd;
	(void)events;
}

/* All that is ever told: which kind, and which case. */
static void
say(struct hook *hook, const struct call_row *row, const char **kind,
    char number[CASE_TEXT_MAX])
{
	const ProtobufCEnumValue *notice =
	    protobuf_c_enum_descriptor_get_value(&sk__notice_kind__descriptor,
	    (int)row->notice_kind);
	const struct kind_info *info = kind_info(row->kind);

	*kind = info != NULL ? info->name : notice != NULL ? notice->name :
	    "NOTICE";
	snprintf(number, CASE_TEXT_MAX, "-");
	if (row->case_number != 0)
		case_text(archive_meta(hook->agent->archive)->mailbox_journal,
		    row->case_number, number);
}

static enum sk_error
run(struct hook *hook, const struct call_row *row)
{
	struct way way = way_of(hook->config, row->out_of_hours);
	char *argv[HOOK_ARGS_MAX] = { NULL };
	char number[CASE_TEXT_MAX], input[HOOK_INPUT_MAX] = "";
	static char i[] = "-i", end[] = "--";
	const char *kind;
	size_t n = 0;

	say(hook, row, &kind, number);
	if (way.arguments > 0) {
		for (; n < way.arguments; n++)
			argv[n] = way.program[n];
		argv[n++] = (char *)(uintptr_t)kind;
		argv[n] = number;
	} else {
		argv[n++] = hook->config->sendmail;
		argv[n++] = i;
		argv[n++] = end;
		argv[n] = (char *)(uintptr_t)way.address;
		snprintf(input, sizeof(input), "To: %s\nSubject: Schakel: "
		    "%s %s\nAuto-Submitted: auto-generated\n\n%s %s\n",
		    way.address, kind, number, kind, number);
	}
	return hook_run(argv, input, &hook->pid, &hook->pidfd);
}

static void
journal(struct hook *hook, const struct call_row *row)
{
	struct way way = way_of(hook->config, row->out_of_hours);
	Sk__NotifiedFacts told = SK__NOTIFIED_FACTS__INIT;
	Sk__Facts facts = SK__FACTS__INIT;
	struct draft draft = {
		.info = kind_info(SK__KIND__NOTIFIED),
		.case_ref = row->case_ref,
		.reply_to = row->about,
		.facts = &facts,
	};
	struct fault fault = { 0 };
	struct own_row own;

	if (ref_is_none(&row->case_ref))
		return;
	told.has_of = told.has_channel = told.has_attempts = 1;
	told.of = (Sk__NotifiedOf)row->of;
	told.channel = way.arguments > 0 ? SK__NOTIFY_CHANNEL__BY_PROGRAM :
	    SK__NOTIFY_CHANNEL__BY_MAIL;
	told.attempts = (uint32_t)row->attempts;
	told.has_failed = told.failed = row->failed;
	told.has_notice_position = row->kind == 0;
	told.notice_position = row->position;
	facts.notified = &told;
	arena_reset(&hook->agent->scratch);
	if (compose(hook->agent, &draft, &own, &fault) != SK_OK)
		log_event(LOG_WARN, "call not journalled",
		    "position=%llu code=%s field=%s",
		    (unsigned long long)row->position,
		    error_name(fault.code), fault.field);
}

/* It ended well (why "") or not: out of the queue, or again later. */
static void
ended(struct hook *hook, uint64_t sequence, const char *why)
{
	struct archive *archive = hook->agent->archive;
	struct call_row row;
	struct span value;
	int64_t wait = HOOK_RETRY_MS;

	if (archive_get(archive, TABLE_CALLS, key_of(&sequence), &value) !=
	    SK_OK || call_decode(value, &row) != SK_OK)
		return;
	row.attempts++;
	if (why[0] == '\0') {
		archive_del(archive, TABLE_CALLS, key_of(&sequence));
		journal(hook, &row);
		return;
	}
	snprintf(hook->why, sizeof(hook->why), "%s", why);
	row.failed = row.attempts >= hook->attempts;
	log_event(row.failed ? LOG_ERROR : LOG_WARN, row.failed ?
	    "nobody told, given up" : "nobody told yet", "position=%llu "
	    "attempts=%llu why=\"%s\"", (unsigned long long)row.position,
	    (unsigned long long)row.attempts, why);
	for (uint64_t i = 1; i < row.attempts && wait < HOOK_RETRY_MS_MAX; i++)
		wait *= 2;
	row.not_before = wall() + (wait < HOOK_RETRY_MS_MAX ? wait :
	    HOOK_RETRY_MS_MAX);
	put(hook, sequence, &row);
	if (row.failed)
		journal(hook, &row);
}

static void
tell_end(const siginfo_t *info, char why[WHY_MAX])
{
	why[0] = '\0';
	if (info->si_code != CLD_EXITED)
		snprintf(why, WHY_MAX, "signal %d", info->si_status);
	else if (info->si_status != 0)
		snprintf(why, WHY_MAX, "exit %d", info->si_status);
}

void
hook_reap(struct hook *hook, int64_t ticks)
{
	siginfo_t info = { 0 };
	char why[WHY_MAX];

	if (hook == NULL || hook->pid == 0)
		return;
	if (waitid(P_PIDFD, (id_t)hook->pidfd, &info, WEXITED | WNOHANG) != 0)
		return;
	if (info.si_pid != 0) {
		tell_end(&info, why);
	} else if (ticks >= hook->until) {
		hook_kill(hook->pid);
		snprintf(why, sizeof(why), "longer than %lld s",
		    (long long)(hook->timeout_ms / 1000));
	} else {
		return;
	}
	forget_run(hook);
	ended(hook, hook->running, why);
}

struct finding {
	int64_t now;
	int64_t earliest;	/* wall clock; INT64_MAX: none waits */
	uint64_t sequence;	/* 0: none is due */
	struct call_row row;
};

static bool
find_due(void *context, struct span key, struct span value)
{
	struct finding *find = context;
	struct call_row row;

	if (call_decode(value, &row) != SK_OK || row.failed)
		return true;
	if (row.not_before > find->now) {
		if (row.not_before < find->earliest)
			find->earliest = row.not_before;
		return true;
	}
	/* a crisis goes first */
	if (find->sequence == 0 || row.of == CALL_CRISIS) {
		memcpy(&find->sequence, key.bytes, sizeof(find->sequence));
		find->row = row;
	}
	return find->row.of != CALL_CRISIS;
}

void
hook_start(struct hook *hook, int64_t ticks)
{
	struct finding find = { .now = wall(), .earliest = INT64_MAX };

	if (hook == NULL || hook->pid != 0 ||
	    (!hook->look && ticks < hook->next))
		return;
	archive_walk(hook->agent->archive, TABLE_CALLS,
	    (struct span){ NULL, 0 }, find_due, &find);
	hook->look = false;
	hook->next = find.earliest == INT64_MAX ? INT64_MAX :
	    ticks + (find.earliest - find.now) + 1;
	if (find.sequence == 0)
		return;
	hook->running = find.sequence;
	hook->until = ticks + hook->timeout_ms;
	hook->look = true;
	if (run(hook, &find.row) != SK_OK) {
		hook->pid = 0;
		ended(hook, find.sequence, "does not start");
		return;
	}
	if (loop_watch(hook->loop, hook->pidfd, EPOLLIN, woken, hook) !=
	    SK_OK)
		hook->until = ticks;	/* seen at the next turn */
}

int64_t
hook_due(const struct hook *hook)
{
	if (hook == NULL)
		return INT64_MAX;
	if (hook->pid != 0)
		return hook->until;
	return hook->look ? 0 : hook->next;
}

static bool
count_call(void *context, struct span key, struct span value)
{
	struct hook_state *state = context;
	struct call_row row;

	(void)key;
	if (call_decode(value, &row) == SK_OK && row.failed)
		state->failed++;
	else
		state->waiting++;
	return true;
}

void
hook_look(struct hook *hook, struct hook_state *state)
{
	memset(state, 0, sizeof(*state));
	state->last = hook == NULL ? "" : hook->why;
	if (hook != NULL)
		archive_walk(hook->agent->archive, TABLE_CALLS,
		    (struct span){ NULL, 0 }, count_call, state);
}
