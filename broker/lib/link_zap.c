/*
 * Who may enter: ZeroMQ asks over ZAP (rfc.zeromq.org/27), one request a
 * handshake, and the caller's table answers.
 */
#include "broker/lib/link_internal.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ZAP_VERSION, ZAP_REQUEST, ZAP_DOMAIN, ZAP_ADDRESS, ZAP_IDENTITY,
	ZAP_MECHANISM, ZAP_KEY, ZAP_PARTS };

struct link_zap {
	void *socket;
	uint64_t (*admit)(void *context, const uint8_t link_key[32]);
	void *context;
	size_t addresses;
	struct link_stranger stranger[LINK_STRANGERS_MAX];
	uint64_t others;
};

struct link_zap *
link_zap_open(const struct link_server_options *options)
{
	struct link_zap *zap;

	if ((zap = calloc(1, sizeof(*zap))) == NULL)
		return NULL;
	zap->admit = options->admit;
	zap->context = options->context;
	/* REP keeps requests and answers in step, and none has to wait. */
	if ((zap->socket = link_socket(ZMQ_REP)) == NULL ||
	    zmq_bind(zap->socket, LINK_ZAP_ENDPOINT) != 0) {
		link_zap_close(zap);
		return NULL;
	}
	return zap;
}

void
link_zap_close(struct link_zap *zap)
{
	if (zap == NULL)
		return;
	if (zap->socket != NULL)
		zmq_close(zap->socket);
	free(zap);
}

int
link_zap_fd(const struct link_zap *zap)
{
	return link_fd(zap->socket);
}

void
link_user_id(char text[LINK_USER_ID_MAX], uint64_t participant,
    const uint8_t link_key[32])
{
	char hex[65];

	sodium_bin2hex(hex, sizeof(hex), link_key, 32);
	snprintf(text, LINK_USER_ID_MAX, "%" PRIu64 " %s", participant, hex);
}

bool
link_user_parse(const char *text, uint64_t *participant, uint8_t link_key[32])
{
	char *end;
	size_t size;

	if (text == NULL)
		return false;
	*participant = strtoull(text, &end, 10);
	return *participant != 0 && *end == ' ' &&
	    sodium_hex2bin(link_key, 32, end + 1, strlen(end + 1), NULL, &size,
	    NULL) == 0 && size == 32;
}

void
link_zap_count(struct link_zap *zap, const char *address)
{
	struct link_stranger *stranger;

	for (size_t i = 0; i < zap->addresses; i++)
		if (strcmp(zap->stranger[i].address, address) == 0) {
			zap->stranger[i].count++;
			return;
		}
	if (zap->addresses == LINK_STRANGERS_MAX) {
		zap->others++;
		return;
	}
	stranger = &zap->stranger[zap->addresses++];
	snprintf(stranger->address, sizeof(stranger->address), "%s", address);
	stranger->count = 1;
}

size_t
link_zap_strangers(const struct link_zap *zap, struct link_stranger *out,
    size_t max)
{
	size_t n = zap->addresses < max ? zap->addresses : max;

	memcpy(out, zap->stranger, n * sizeof(*out));
	if (zap->others > 0 && n < max) {
		memset(&out[n], 0, sizeof(out[n]));
		strcpy(out[n].address, "other");
		out[n++].count = zap->others;
	}
	return n;
}

static bool
part_is(zmq_msg_t *part, const char *text)
{
	return zmq_msg_size(part) == strlen(text) &&
	    memcmp(zmq_msg_data(part), text, strlen(text)) == 0;
}

static uint64_t
judge(const struct link_zap *zap, zmq_msg_t part[ZAP_PARTS], size_t parts,
    char user[LINK_USER_ID_MAX])
{
	uint64_t participant;
	const uint8_t *key;

	user[0] = '\0';
	if (parts != ZAP_PARTS || !part_is(&part[ZAP_VERSION], "1.0") ||
	    !part_is(&part[ZAP_DOMAIN], LINK_ZAP_DOMAIN) ||
	    !part_is(&part[ZAP_MECHANISM], "CURVE") ||
	    zmq_msg_size(&part[ZAP_KEY]) != 32)
		return 0;
	key = zmq_msg_data(&part[ZAP_KEY]);
	participant = zap->admit(zap->context, key);
	if (participant != 0)
		link_user_id(user, participant, key);
	return participant;
}

static void
answer(struct link_zap *zap, zmq_msg_t *request_id, bool admitted,
    const char *user)
{
	const char *code = admitted ? "200" : "400";
	const char *text = admitted ? "OK" : "key not admitted";

	zmq_send(zap->socket, "1.0", 3, ZMQ_SNDMORE | ZMQ_DONTWAIT);
	zmq_send(zap->socket, zmq_msg_data(request_id),
	    zmq_msg_size(request_id), ZMQ_SNDMORE | ZMQ_DONTWAIT);
	zmq_send(zap->socket, code, 3, ZMQ_SNDMORE | ZMQ_DONTWAIT);
	zmq_send(zap->socket, text, strlen(text), ZMQ_SNDMORE | ZMQ_DONTWAIT);
	zmq_send(zap->socket, user, strlen(user), ZMQ_SNDMORE | ZMQ_DONTWAIT);
	zmq_send(zap->socket, "", 0, ZMQ_DONTWAIT);
}

static void
count_denied(struct link_zap *zap, zmq_msg_t *address)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)zmq_msg_size(address),
	    (const char *)zmq_msg_data(address));
	link_zap_count(zap, text[0] == '\0' ? "unknown" : text);
}

static bool
service_one(struct link_zap *zap)
{
	zmq_msg_t part[ZAP_PARTS];
	size_t parts = 0;
	char user[LINK_USER_ID_MAX];
	bool admitted;

	for (size_t i = 0; i < ZAP_PARTS; i++)
		zmq_msg_init(&part[i]);
	do {
		if (zmq_msg_recv(&part[parts], zap->socket, ZMQ_DONTWAIT) < 0)
			break;
	} while (zmq_msg_more(&part[parts++]) && parts < ZAP_PARTS);
	if (parts > 0) {
		if (zmq_msg_more(&part[parts - 1])) {
			link_drain(zap->socket, &part[parts - 1]);
			parts = 0;	/* nothing that ZeroMQ sends */
		}
		admitted = judge(zap, part, parts, user) != 0;
		answer(zap, &part[ZAP_REQUEST], admitted, user);
		if (!admitted)
			count_denied(zap, &part[ZAP_ADDRESS]);
		parts = 1;
	}
	for (size_t i = 0; i < ZAP_PARTS; i++)
		zmq_msg_close(&part[i]);
	return parts > 0;
}

void
link_zap_service(struct link_zap *zap)
{
	while (service_one(zap))
		;
}
