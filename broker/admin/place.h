/*
 * place.h - what a statement must fit to: the founding entry, the broker's
 * present keys, and the head of the enrolment key's chain.
 */
#ifndef ADMIN_PLACE_H
#define ADMIN_PLACE_H

#include "broker/admin/admin.h"
#include "proto/charter.h"

struct place {
	uint8_t founding[DIGEST_SIZE];
	char origin[96];
	struct statement_head head;
	int64_t now;
	uint64_t generation;		/* of the broker's keys */
	uint8_t link_key[32], sign_key[32], enrolment_key[32];
	bool test;
	struct charter charter;		/* who signs for the region */
};

/* Of the broker that runs, or with --journal of one that does not. */
enum sk_error place_find(const struct options *options, struct place *place,
    struct fault *fault);
/* Signed with --enrolment-key. body: STATEMENT_BYTES_MAX. */
enum sk_error place_sign(const struct options *options,
    const struct place *place, const struct statement *statement,
    uint8_t *body, size_t *size, uint8_t signature[64], struct fault *fault);
enum sk_error place_sign_bytes(const struct options *options,
    const struct place *place, const uint8_t *body, size_t size,
    uint8_t signature[64], struct fault *fault);
/* To the broker, under a command of the operators. */
enum sk_error place_enter(const struct options *options,
    Sk__Statement *statement, struct fault *fault);
/* Signed, and to the broker. */
enum sk_error place_sign_and_send(const struct options *options,
    const struct place *place, const struct statement *statement,
    struct fault *fault);
enum sk_error place_send(const struct options *options, const uint8_t *body,
    size_t size, const uint8_t signature[64], struct fault *fault);
/* Two lines of hex, as `enter` reads them: public, it may travel openly. */
enum sk_error place_write(const char *path, const uint8_t *body, size_t size,
    const uint8_t signature[64], struct fault *fault);
/* charter.c: planned, lost or stolen. */
enum sk_error charter_reason(const char *text, uint64_t *reason,
    struct fault *fault);
/* False when it is not 32 bytes. */
bool place_copy_key(uint8_t out[32], ProtobufCBinaryData key);

#endif
