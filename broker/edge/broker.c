/*
 * broker.c - wiring, and the turn of the loop: all that has arrived is one
 * batch, one commit, and only then the answers.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "broker/edge/internal.h"
#include "broker/lib/file.h"
#include "proto/civil.h"

#define IDLE_MS 10000		/* how often an idle broker looks at the disk */
/* ZeroMQ drops at its close what has not left yet: time for a last word. */
#define DRAIN_MS 200

static void
on_link(void *context, int fd, uint32_t events)
{
	/* Waking is all: every turn reads the link to its end. */
	(void)context;
	(void)fd;
	(void)events;
}

static uint64_t
admit(void *context, const uint8_t link_key[32])
{
	struct broker *broker = context;

	return engine_by_link_key(broker->engine, link_key,
	    civil_date_at(clock_now(&broker->clock)));
}

static enum sk_error
open_link(struct broker *broker, struct fault *fault)
{
	struct link_server_options options = { .address =
		broker->config->listen, .admit = admit, .context = broker };
	int fds[3];
	size_t n;
	enum sk_error rc;

	rc = keys_load_link(broker, options.public_key, options.secret_key,
	    fault);
	if (rc == SK_OK)
		rc = link_server_open(&options, &broker->link, fault);
	sodium_memzero(&options, sizeof(options));
	if (rc != SK_OK)
		return rc;
	n = link_server_fds(broker->link, fds);
	for (size_t i = 0; i < n && rc == SK_OK; i++)
		rc = loop_watch(broker->loop, fds[i], EPOLLIN, on_link, broker);
	return rc;
}

static enum sk_error
open_clock(struct broker *broker, bool test_clock, struct fault *fault)
{
	const struct founding *founding = journal_founding(broker->journal);

	if (!test_clock) {
		clock_init_real(&broker->clock);
		return SK_OK;
	}
	if (!founding->test)
		return fault_set(fault, SK_NOT_A_TEST_JOURNAL, "--test-clock",
		    "origin %s is a real one", founding->origin);
	clock_init_test(&broker->clock, engine_last_instant(broker->engine));
	return SK_OK;
}

static enum sk_error
open_stores(struct broker *broker, struct fault *fault)
{
	char path[4096];
	bool rebuilt = false;
	enum sk_error rc;

	rc = journal_open(broker->config->journal, NULL, false,
	    &broker->journal, fault);
	if (rc == SK_OK)
		rc = keys_open(broker, fault);
	if (rc != SK_OK)
		return rc;
	if (journal_disk_free(broker->journal) >> 20 <
	    broker->config->low_water_mib)
		return fault_set(fault, SK_STORE_FULL, "low_water_mib",
		    "%llu MiB free, %u needed",
		    (unsigned long long)(journal_disk_free(broker->journal) >>
		    20), broker->config->low_water_mib);
	file_path(path, sizeof(path), broker->config->journal, "state");
	rc = engine_open(broker->journal, path, &broker->engine, &rebuilt,
	    fault);
	if (rc == SK_OK && rebuilt)
		log_event(LOG_INFO, "state rebuilt from the journal",
		    "entries=%llu",
		    (unsigned long long)journal_size(broker->journal));
	return rc;
}

enum sk_error
broker_open(const struct broker_options *options, struct broker **out,
    struct fault *fault)
{
	struct broker *broker = calloc(1, sizeof(*broker));
	uint8_t *bytes = malloc(FRAME_ARENA);
	enum sk_error rc;

	*out = NULL;
	if (broker == NULL || bytes == NULL) {
		free(broker);
		free(bytes);
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	}
	broker->config = options->config;
	broker->frame_bytes = bytes;
	arena_init(&broker->frame, bytes, FRAME_ARENA);
	if ((rc = loop_open(&broker->loop)) != SK_OK ||
	    (rc = open_stores(broker, fault)) != SK_OK ||
	    (rc = open_clock(broker, options->test_clock, fault)) != SK_OK ||
	    (rc = engine_start(broker->engine, clock_now(&broker->clock),
	    BROKER_VERSION)) != SK_OK ||
	    (rc = keys_enter_waiting(broker, fault)) != SK_OK ||
	    (rc = keys_check(broker, fault)) != SK_OK ||
	    (rc = engine_commit(broker->engine, clock_now(&broker->clock),
	    clock_ticks())) != SK_OK ||
	    (keys_settle(broker), rc = control_listen(broker->loop, broker->config->control, 0660,
	    commands_handle, commands_gone, broker, &broker->control,
	    fault)) != SK_OK ||
	    (rc = open_link(broker, fault)) != SK_OK) {
		if (fault->code == SK_OK)
			fault_set(fault, rc, "", NULL);
		broker_close(broker);
		return rc;
	}
	*out = broker;
	return SK_OK;
}

void
broker_close(struct broker *broker)
{
	if (broker == NULL)
		return;
	commands_discard(broker);
	control_close(broker->control);
	session_free_all(broker);
	if (broker->link != NULL)
		link_server_close(broker->link);
	engine_close(broker->engine);
	journal_close(broker->journal);
	loop_close(broker->loop);
	free(broker->frame_bytes);
	free(broker);
}

const char *
broker_endpoint(const struct broker *broker)
{
	return link_server_endpoint(broker->link);
}

/* ---- the turn */

static void
watch_world(struct broker *broker, int64_t ticks)
{
	bool low, held = clock_is_held(&broker->clock);

	if (held && !broker->clock_was_held)
		log_event(LOG_ERROR, "clock moved, timers and intake hold",
		    "until=confirm-clock");
	broker->clock_was_held = held;
	if (broker->disk_checked != 0 && ticks - broker->disk_checked < 1000)
		return;
	broker->disk_checked = ticks;
	low = journal_disk_free(broker->journal) >> 20 <
	    broker->config->low_water_mib;
	if (low != broker->disk_low)
		log_event(low ? LOG_ERROR : LOG_INFO, low ?
		    "disk below low water, intake stops" :
		    "disk above low water, intake goes on", "low_water_mib=%u",
		    broker->config->low_water_mib);
	broker->disk_low = low;
	witness_watch(broker);
}

static enum sk_error
receive_all(struct broker *broker, unsigned *received)
{
	struct link_peer peer;
	struct span frame;
	uint64_t participant;
	enum sk_error rc;

	*received = 0;
	link_server_service(broker->link);
	while (*received < broker->config->batch_max) {
		rc = link_server_receive(broker->link, &peer, &participant,
		    &frame);
		if (rc == SK_NOT_FOUND)
			return SK_OK;
		if (rc != SK_OK)
			return rc;
		(*received)++;
		rc = intake_frame(broker, &peer, participant, frame);
		if (rc != SK_OK)
			return rc;
	}
	return SK_OK;
}

static bool
timers_hold(const struct broker *broker)
{
	return clock_is_held(&broker->clock) || broker->disk_low;
}

/* Once a day, while erasing waits for figures. */
static void
tell_quarter(struct broker *broker, int64_t now)
{
	char quarter[QUARTER_NAME_SIZE], until[CIVIL_INSTANT_TEXT_MAX];
	int64_t waits_until;

	if (civil_date_at(now) == broker->quarter_told)
		return;
	broker->quarter_told = civil_date_at(now);
	if (!engine_quarter_waits(broker->engine, now, quarter, &waits_until))
		return;
	civil_instant_text(waits_until, until);
	log_event(LOG_WARN, "a quarter is not closed, nothing is erased",
	    "quarter=%s until=%s", quarter, until);
}

static enum sk_error
fire_timers(struct broker *broker)
{
	int64_t now = clock_now(&broker->clock);

	tell_quarter(broker, now);
	return timers_hold(broker) ? SK_OK : engine_tick(broker->engine, now);
}

/* Acknowledgements alone wait a little for company. */
static bool
commit_is_due(struct broker *broker, int64_t ticks)
{
	if (engine_has_entries(broker->engine) ||
	    journal_in_batch(broker->journal))
		return true;
	if (!engine_has_progress(broker->engine)) {
		broker->progress_since = 0;
		/* Let the state follow once the traffic has stopped. */
		return broker->state_since != 0 &&
		    ticks - broker->state_since >= STATE_COMMIT_MS;
	}
	if (broker->progress_since == 0)
		broker->progress_since = ticks;
	return ticks - broker->progress_since >= broker->config->company_ms;
}

static enum sk_error
commit(struct broker *broker)
{
	int64_t ticks = clock_ticks();
	bool entries;
	enum sk_error rc;

	if (!commit_is_due(broker, ticks))
		return SK_OK;
	entries = engine_has_entries(broker->engine) ||
	    engine_has_progress(broker->engine);
	rc = engine_commit(broker->engine, clock_now(&broker->clock), ticks);
	broker->progress_since = 0;
	broker->state_since = entries ? ticks : 0;
	return rc;
}

static int
turn_timeout(struct broker *broker, bool busy)
{
	int64_t ms = IDLE_MS, next;

	if (busy)
		return 0;
	if (broker->progress_since != 0)
		ms = broker->config->company_ms;
	else if (broker->state_since != 0)
		ms = STATE_COMMIT_MS;
	if (broker->evidence_waits && ms > CHECKPOINT_MS)
		ms = CHECKPOINT_MS;
	if (broker->drain_said != 0 && ms > DRAIN_MS)
		ms = DRAIN_MS;
	if (session_farewell_due(broker) - clock_ticks() < ms)
		ms = session_farewell_due(broker) > clock_ticks() ?
		    session_farewell_due(broker) - clock_ticks() : 0;
	if (scrub_due(broker) - clock_ticks() < ms)
		ms = scrub_due(broker) > clock_ticks() ?
		    scrub_due(broker) - clock_ticks() : 0;
	if (archive_due(broker) - clock_ticks() < ms)
		ms = archive_due(broker) > clock_ticks() ?
		    archive_due(broker) - clock_ticks() : 0;
	/* What may not fire must not keep the loop awake either. */
	if (!broker->clock.test && !timers_hold(broker)) {
		next = engine_next_timer(broker->engine) -
		    clock_now(&broker->clock);
		if (next < ms)
			ms = next < 0 ? 0 : next;
	}
	return (int)ms;
}

static enum sk_error
turn(struct broker *broker, bool *busy)
{
	unsigned received = 0;
	enum sk_error rc;

	rc = loop_turn(broker->loop, turn_timeout(broker, *busy));
	if (rc == SK_OK)
		rc = broker->failed;
	watch_world(broker, clock_ticks());
	if (rc == SK_OK)
		rc = receive_all(broker, &received);
	if (rc == SK_OK)
		rc = fire_timers(broker);
	if (rc == SK_OK)
		rc = commit(broker);
	if (rc != SK_OK)
		return rc;
	session_flush_all(broker);
	commands_flush(broker);
	rc = dispatch_all(broker);
	session_flush_all(broker);
	session_farewells(broker, clock_ticks());
	/* Sending swallows the signal of what came meanwhile. */
	*busy = received > 0 || dispatch_goes_on(broker) ||
	    link_server_waits(broker->link);
	if (rc == SK_OK)
		rc = archive_turn(broker, clock_ticks(), *busy);
	if (!*busy)
		scrub_turn(broker, clock_ticks());
	return rc;
}

static void
say_drain(struct broker *broker)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Drain drain = SK__DRAIN__INIT;

	frame.drain = &drain;
	for (size_t i = 0; i < broker->n_sessions; i++)
		session_queue(broker, broker->sessions[i], &frame);
	session_flush_all(broker);
	broker->drain_said = clock_ticks();
	log_event(LOG_INFO, "drained", "entries=%llu",
	    (unsigned long long)journal_size(broker->journal));
}

/* Say it once, and end when it has had the time to get out. */
static void
drain(struct broker *broker, bool busy)
{
	if (broker->drain_said == 0 && !busy)
		say_drain(broker);
	else if (broker->drain_said != 0 &&
	    clock_ticks() - broker->drain_said >= DRAIN_MS)
		loop_stop(broker->loop);
}

enum sk_error
broker_run(struct broker *broker)
{
	bool busy = false;
	enum sk_error rc = SK_OK;

	while (rc == SK_OK && !loop_stopping(broker->loop)) {
		rc = turn(broker, &busy);
		if (rc == SK_OK && broker->draining)
			drain(broker, busy);
	}
	if (rc != SK_OK)
		log_event(LOG_ERROR, "stopping, nothing more is acknowledged",
		    "error=%s entries=%llu", error_name(rc),
		    (unsigned long long)journal_size(broker->journal));
	else if (engine_has_entries(broker->engine) ||
	    engine_has_progress(broker->engine))
		rc = engine_commit(broker->engine, clock_now(&broker->clock),
		    clock_ticks());
	return rc;
}
