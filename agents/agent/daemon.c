#include "agents/agent/daemon.h"

#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>

#include "agents/agent/api.h"
#include "agents/agent/broker_keys.h"
#include "agents/agent/evidence.h"
#include "agents/agent/hook.h"
#include "agents/agent/receive.h"
#include "agents/agent/uplink.h"
#include "broker/lib/link.h"
#include "broker/lib/log.h"
#include "broker/lib/loop.h"
#include "proto/restore.h"
#include "proto/chain.h"

/* Pages that a large frame touched go back when the loop has nothing to do. */
#define KEEP_BYTES ((size_t)256 << 10)
#define TRIM_TURNS 32	/* busy turns after which free memory goes back */
#define STEPS_MAX 16	/* of one turn: then the API has its say */

static _Alignas(4096) uint8_t frame_bytes[SCRATCH_BYTES];
static _Alignas(4096) uint8_t scratch_bytes[SCRATCH_BYTES];

struct daemon {
	struct agent agent;
	struct loop *loop;
	struct link_client *link;
	struct uplink *uplink;
	struct api *api;
	uint8_t expected[32];	/* the broker's link key that is tried now */
	unsigned turns;		/* since memory was given back */
};

static enum sk_error
send_frame(void *context, const void *bytes, size_t size)
{
	struct daemon *daemon = context;

	return link_client_send(daemon->link, bytes, size);
}

/* The archive belongs to one journal and one participant for ever. */
static enum sk_error
bind_archive(struct agent *agent, struct fault *fault)
{
	const struct invitation *invitation = &agent->identity.invitation;
	struct meta *meta = archive_meta(agent->archive);

	if (meta->participant == 0) {
		meta->participant = invitation->participant;
		memcpy(meta->founding, invitation->founding, DIGEST_SIZE);
		snprintf(meta->origin, sizeof(meta->origin), "%s",
		    invitation->origin);
		chain_first_link(meta->last_link, meta->founding,
		    meta->participant);
		archive_touch(agent->archive);
		return archive_settle(agent->archive);
	}
	if (meta->participant != invitation->participant ||
	    !origin_is_of(invitation->origin, meta->origin, 1) ||
	    memcmp(meta->founding, invitation->founding, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_STORE_MISMATCH, "store",
		    "it is of participant %llu in %s",
		    (unsigned long long)meta->participant, meta->origin);
	return SK_OK;
}

static enum sk_error
open_people(struct agent *agent, const Sk__AgentConfig *config,
    struct fault *fault)
{
	struct yaml_fault yaml = { 0 };
	enum sk_error rc;

	if (config->users == NULL)
		return SK_OK;
	rc = people_open(config->users, &agent->people, &yaml);
	if (rc != SK_OK)
		fault_set(fault, rc, "users", "%.150s", yaml.text);
	return rc;
}

static enum sk_error
open_agent(struct agent *agent, const Sk__AgentConfig *config,
    struct fault *fault)
{
	enum sk_error rc;

	arena_init(&agent->frame, frame_bytes, sizeof(frame_bytes));
	arena_init(&agent->scratch, scratch_bytes, sizeof(scratch_bytes));
	clock_init_real(&agent->clock);
	randombytes_buf(agent->boot, sizeof(agent->boot));
	agent->next_id = 1;
	rc = identity_read_keys(&agent->identity, config->keys, fault);
	if (rc == SK_OK)
		rc = identity_read_invitation(&agent->identity,
		    config->invitation, fault);
	if (rc != SK_OK)
		return rc;
	agent->test = agent->identity.invitation.test;
	agent->dossier_is_said = config->has_own_dossier;
	agent->own_dossier = config->own_dossier;
	if (agent->test && !config->allow_test)
		return fault_set(fault, SK_CONFIG, "allow_test",
		    "this invitation is for a test journal: set it to true");
	if ((rc = archive_open(config->store, &agent->archive, fault)) !=
	    SK_OK || (rc = bind_archive(agent, fault)) != SK_OK)
		return rc;
	evidence_open(agent);
	if ((rc = witness_open(&agent->witness, config->keys, fault)) != SK_OK ||
	    (rc = receive_receipts(agent, config->receipts, config->n_receipts,
	    fault)) != SK_OK)
		return rc;
	return open_people(agent, config, fault);
}

static enum sk_error
open_link(struct daemon *daemon, const Sk__AgentConfig *config,
    struct fault *fault)
{
	struct identity *identity = &daemon->agent.identity;
	const struct directory_trust trust = agent_trust(&daemon->agent);
	uint8_t links[BROKER_LINKS_MAX][32];
	struct link_client_options options = {
		.address = config->broker != NULL ? config->broker :
		    identity->invitation.address,
	};
	enum sk_error rc;

	if (broker_keys_links(daemon->agent.archive, &trust, links) == 0)
		return fault_set(fault, SK_STORE_CORRUPT, "broker-keys", NULL);
	memcpy(daemon->expected, links[0], 32);
	memcpy(options.server_key, links[0], 32);
	memcpy(options.public_key, identity->link_public, 32);
	memcpy(options.secret_key, identity->link_secret, 32);
	rc = link_client_open(&options, &daemon->link, fault);
	sodium_memzero(options.secret_key, sizeof(options.secret_key));
	/* The socket has it now; nothing here needs it again. */
	sodium_memzero(identity->link_secret, sizeof(identity->link_secret));
	return rc;
}

/* What there is to do is asked every turn, whatever woke the loop. */
static void
woken(void *context, int fd, uint32_t events)
{
	(void)context;
	(void)fd;
	(void)events;
}

static enum sk_error
watch_link(struct daemon *daemon)
{
	int fds[3];
	size_t n = link_client_fds(daemon->link, fds);
	enum sk_error rc = SK_OK;

	for (size_t i = 0; rc == SK_OK && i < n; i++)
		rc = loop_watch(daemon->loop, fds[i], EPOLLIN | EPOLLET, woken,
		    daemon);
	return rc;
}

enum sk_error
daemon_open(const Sk__AgentConfig *config, struct daemon **out,
    struct fault *fault)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));
	const struct uplink_wire wire = { send_frame, daemon };
	enum sk_error rc;

	*out = NULL;
	if (daemon == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	if ((rc = open_agent(&daemon->agent, config, fault)) != SK_OK ||
	    (rc = loop_open(&daemon->loop)) != SK_OK ||
	    (rc = open_link(daemon, config, fault)) != SK_OK ||
	    (rc = watch_link(daemon)) != SK_OK ||
	    (rc = hook_open(&daemon->agent, config->hook, daemon->loop,
	    &daemon->agent.hook, fault)) != SK_OK ||
	    (rc = uplink_open(&daemon->agent, &wire, &daemon->uplink)) !=
	    SK_OK || (rc = api_open(&daemon->agent, daemon->uplink,
	    daemon->loop, config->socket, &daemon->api, fault)) != SK_OK) {
		if (fault->code == SK_OK)
			fault_set(fault, rc, "", NULL);
		daemon_close(daemon);
		return rc;
	}
	*out = daemon;
	return SK_OK;
}

void
daemon_close(struct daemon *daemon)
{
	if (daemon == NULL)
		return;
	api_close(daemon->api);
	uplink_close(daemon->uplink);
	link_client_close(daemon->link);
	hook_close(daemon->agent.hook);
	loop_close(daemon->loop);
	people_close(daemon->agent.people);
	archive_close(daemon->agent.archive);
	witness_clear(&daemon->agent.witness);
	identity_clear(&daemon->agent.identity);
	free(daemon);
}

/* The broker may have another key by now, or not yet: the next one is tried. */
static void
expect_other(struct daemon *daemon)
{
	const struct directory_trust trust = agent_trust(&daemon->agent);
	uint8_t links[BROKER_LINKS_MAX][32];
	size_t n = broker_keys_links(daemon->agent.archive, &trust, links);
	size_t at = 0;

	while (at < n && memcmp(links[at], daemon->expected, 32) != 0)
		at++;
	at = at + 1 < n ? at + 1 : 0;
	if (n == 0 || memcmp(links[at], daemon->expected, 32) == 0)
		return;
	memcpy(daemon->expected, links[at], 32);
	link_client_expect(daemon->link, links[at]);
}

static void
take_events(struct daemon *daemon, int64_t ticks)
{
	enum link_event event;

	while ((event = link_client_event(daemon->link)) != LINK_EVENT_NONE) {
		if (event == LINK_EVENT_CONNECTED)
			uplink_connected(daemon->uplink, ticks);
		else if (event == LINK_EVENT_DISCONNECTED)
			uplink_disconnected(daemon->uplink);
		else if (event == LINK_EVENT_REFUSED) {
			uplink_refused(daemon->uplink);
			expect_other(daemon);
		}
		else if (event == LINK_EVENT_UNREACHABLE)
			uplink_unreachable(daemon->uplink);
	}
}

/* Says whether frames are left for the next step. */
static bool
take_frames(struct daemon *daemon, int64_t ticks)
{
	struct span frame;

	for (int i = 0; i < UPLINK_FRAMES_PER_TURN; i++) {
		if (link_client_receive(daemon->link, &frame) != SK_OK)
			return false;
		uplink_receive(daemon->uplink, frame, ticks);
	}
	return true;
}

/*
 * Take in, commit, let out. What the commit did not take is not answered,
 * acknowledged or sent. Until nothing was sent: sending may swallow the
 * signal that frames wait (link.h, Waiting).
 */
static enum sk_error
step(struct daemon *daemon, bool *again)
{
	struct archive *archive = daemon->agent.archive;
	int64_t ticks = clock_ticks();
	enum sk_error rc;

	take_events(daemon, ticks);
	*again = take_frames(daemon, ticks);
	hook_reap(daemon->agent.hook, ticks);
	rc = archive_settle(archive);
	if (rc != SK_OK) {
		log_event(LOG_ERROR, "store failed, nothing acknowledged",
		    "code=%s text=\"%s\"", error_name(rc), error_text(rc));
		uplink_lost(daemon->uplink, ticks);
	}
	api_settled(daemon->api, rc, ticks);
	*again = uplink_push(daemon->uplink, ticks) || *again;
	if (rc == SK_OK)
		hook_start(daemon->agent.hook, ticks);
	/* Ends what was only looked at; writes a call that did not start. */
	if (rc == SK_OK)
		rc = archive_settle(archive);
	return rc == SK_STORE_FULL ? SK_OK : rc;
}

static void
give_back(struct arena *arena)
{
	if (arena->used <= KEEP_BYTES)
		return;
	arena_reset(arena);
	/* Zero pages come back in their place. */
	madvise(arena->base, arena->size, MADV_DONTNEED);
}

static void
rest(struct daemon *daemon)
{
	give_back(&daemon->agent.frame);
	give_back(&daemon->agent.scratch);
	if (++daemon->turns < TRIM_TURNS)
		return;
	daemon->turns = 0;
	malloc_trim(0);
}

static int
timeout_ms(const struct daemon *daemon)
{
	int64_t due = uplink_due(daemon->uplink), api = api_due(daemon->api);
	int64_t hook = hook_due(daemon->agent.hook);
	int64_t left;

	if (api < due)
		due = api;
	if (hook < due)
		due = hook;
	if (due == INT64_MAX)
		return -1;
	left = due - clock_ticks();
	if (left < 0)
		return 0;
	return left > 3600000 ? 3600000 : (int)left + 1;
}

enum sk_error
daemon_run(struct daemon *daemon)
{
	enum sk_error rc = SK_OK;
	bool again = false;
	int wait;

	while (rc == SK_OK && !loop_stopping(daemon->loop)) {
		again = true;
		for (int i = 0; rc == SK_OK && again && i < STEPS_MAX; i++)
			rc = step(daemon, &again);
		if (rc != SK_OK)
			break;
		wait = again ? 0 : timeout_ms(daemon);
		if (wait != 0)
			rest(daemon);
		rc = loop_turn(daemon->loop, wait);
	}
	/* What the last turn was asked must not be lost unanswered. */
	if (rc == SK_OK)
		api_settled(daemon->api,
		    archive_settle(daemon->agent.archive), clock_ticks());
	return rc;
}
