/*
 * agent.c - a whole agent: frames from a broker that lies, and requests over
 * its local socket. What a run wrote is taken back, so that each run finds the
 * same agent.
 */
#include "tests/unit/agents/line.h"

#include "agents/agent/api.h"
#include "agents/agent/uplink.h"
#include "broker/lib/control.h"
#include "broker/lib/log.h"
#include "tests/fuzz/fuzz.h"

#include <sys/socket.h>

#define TURNS_MAX 8

struct place {
	struct world *world;
	struct agent *agent;
	struct uplink *uplink;	/* of the local socket: no session */
	struct uplink *session;
	struct loop *loop;
	struct api *api;
	char socket[96];
	int fd;
};

static enum sk_error
swallow(void *context, const void *bytes, size_t size)
{
	(void)context;
	(void)bytes;
	(void)size;
	return SK_OK;
}

static struct place place;

/* An error ends with what it left on the disk, too. */
static void
leave(void)
{
	remove_dir(place.world->dir);
}

static void
write_users(const char *path)
{
	FILE *file = fopen(path, "w");

	MUST(file != NULL);
	fprintf(file, "users:\n  - person: 7\n    uid: %u\n    name: Piet\n",
	    (unsigned)getuid());
	MUST(fclose(file) == 0);
}

/* The same keys at each start, so that what is found is found again. */
static uint32_t
next_random(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 32);
}

static const char *
random_name(void)
{
	return "fuzz";
}

static void
random_bytes(void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)bytes)[i] = (uint8_t)next_random();
}

static struct randombytes_implementation same = {
	.implementation_name = random_name, .random = next_random,
	.buf = random_bytes,
};

static void
open_place(void)
{
	const struct uplink_wire wire = { swallow, NULL };
	struct yaml_fault said;
	struct own_row row;
	struct fault fault = { 0 };
	void *state = NULL;
	char path[96];

	log_open("fuzz", LOG_ERROR);
	MUST(randombytes_set_implementation(&same) == 0);
	world_setup(&state);
	place.world = state;
	atexit(leave);
	place.agent = &place.world->agent[COURT];
	snprintf(path, sizeof(path), "%s/users.yaml", place.world->dir);
	write_users(path);
	MUST(people_open(path, &place.agent->people, &said) == SK_OK);
	MUST(order_send(place.world, &row, &fault) == SK_OK);
	MUST(uplink_open(place.agent, &wire, &place.uplink) == SK_OK);
	MUST(loop_open(&place.loop) == SK_OK);
	snprintf(place.socket, sizeof(place.socket), "%s/agent.socket",
	    place.world->dir);
	MUST(api_open(place.agent, place.uplink, place.loop, place.socket,
	    &place.api, &fault) == SK_OK);
}

static struct place *
at_place(void)
{
	if (place.world == NULL)
		open_place();
	return &place;
}

static void
greet(struct place *p)
{
	static struct line line;
	static uint8_t bytes[4096];
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Welcome w;

	line.world = p->world;
	line.agent = p->agent;
	w = good_welcome(&line);
	frame.welcome = &w;
	MUST(sk__frame__get_packed_size(&frame) <= sizeof(bytes));
	uplink_receive(p->session, (struct span){ bytes,
	    sk__frame__pack(&frame, bytes) }, 0);
	uplink_push(p->session, 0);
	MUST(uplink_state(p->session) == UPLINK_UP);
}

/* First byte: is the session up already, or is this the first frame? */
void
fuzz_uplink(const uint8_t *bytes, size_t size)
{
	const struct uplink_wire wire = { swallow, NULL };
	struct place *p = at_place();

	if (size == 0)
		return;
	uplink_close(p->session);
	MUST(uplink_open(p->agent, &wire, &p->session) == SK_OK);
	uplink_connected(p->session, 0);
	uplink_push(p->session, 0);
	if (bytes[0] & 1)
		greet(p);
	uplink_receive(p->session, (struct span){ bytes + 1, size - 1 }, 1);
	uplink_push(p->session, 2);
	archive_abandon(p->agent->archive);
	p->agent->forked = false;
}

static void
turns(struct place *p)
{
	for (int i = 0; i < TURNS_MAX; i++)
		MUST(loop_turn(p->loop, 0) == SK_OK);
}

/* One request in a frame of the local socket; whatever it is, an answer. */
void
fuzz_api(const uint8_t *bytes, size_t size)
{
	const uint8_t head[4] = { 0, (uint8_t)(size >> 16),
		(uint8_t)(size >> 8), (uint8_t)size };
	struct place *p = at_place();
	struct fault fault = { 0 };
	uint8_t answer[256];
	ssize_t n;
	int fd;

	MUST(control_connect(p->socket, 1000, &fd, &fault) == SK_OK);
	MUST(send(fd, head, sizeof(head), MSG_NOSIGNAL) == sizeof(head));
	MUST(size == 0 || send(fd, bytes, size, MSG_NOSIGNAL) ==
	    (ssize_t)size);
	turns(p);
	api_settled(p->api, SK_OK, INT64_MAX);
	turns(p);
	n = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
	MUST(size == 0 || n > 4);
	MUST(n < 5 || answer[4] == '{');
	close(fd);
	turns(p);
	archive_abandon(p->agent->archive);
	p->agent->forked = false;
}
