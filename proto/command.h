/*
 * command.h - control commands, as operators sign them (PROTOCOL.md).
 */
#ifndef PROTO_COMMAND_H
#define PROTO_COMMAND_H

#include "proto/control.pb-c.h"
#include "proto/digest.h"
#include "proto/error.h"

/* Over "schakel/control/v1" || origin || operator key id || sequence ||
 * not-after || command (variable). Ed25519. */
enum sk_error command_sign(uint8_t signature[64], const char *origin,
    const uint8_t public_key[32], const uint8_t secret_key[64],
    uint64_t sequence, int64_t not_after, const void *command, size_t size);
enum sk_error command_verify(const uint8_t signature[64], const char *origin,
    const uint8_t public_key[32], uint64_t sequence, int64_t not_after,
    const void *command, size_t size);

#endif
