#include "proto/restore.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/arena.h"
#include "proto/command.h"
#include "proto/wire.h"

#define RESTORE_BYTES_MAX 4096u

uint64_t
origin_number(const char *origin)
{
	const char *slash = strrchr(origin, '/');
	uint64_t number;
	char *end;

	if (slash == NULL || slash[1] < '1' || slash[1] > '9')
		return 0;
	number = strtoull(slash + 1, &end, 10);
	return *end == '\0' ? number : 0;
}

enum sk_error
origin_with(const char *origin, uint64_t number, char *out)
{
	size_t size;
	int n;

	if (origin_number(origin) == 0)
		return SK_MALFORMED;
	size = (size_t)(strrchr(origin, '/') - origin);
	n = snprintf(out, ORIGIN_MAX, "%.*s/%" PRIu64, (int)size, origin,
	    number);
	return n < ORIGIN_MAX ? SK_OK : SK_MALFORMED;
}

bool
origin_is_of(const char *origin, const char *last, uint64_t first)
{
	uint64_t number = origin_number(origin);
	char same[ORIGIN_MAX];

	return number >= first && number <= origin_number(last) &&
	    origin_with(last, number, same) == SK_OK &&
	    strcmp(origin, same) == 0;
}

/* Index of the operator; -1: none of these. */
static int
operator_of(const Sk__Approval *approval, const uint8_t keys[][32], size_t n)
{
	uint8_t id[DIGEST_SIZE];

	for (size_t i = 0; i < n; i++) {
		digest_key_id(id, keys[i]);
		if (approval->key_id.len == DIGEST_SIZE &&
		    memcmp(id, approval->key_id.data, DIGEST_SIZE) == 0)
			return (int)i;
	}
	return -1;
}

static enum sk_error
check_approvals(const Sk__SignedCommand *command, const char *origin,
    const uint8_t keys[][32], size_t n, bool test, struct fault *fault)
{
	unsigned seen = 0, signers = 0;

	for (size_t i = 0; i < command->n_approvals; i++) {
		const Sk__Approval *approval = command->approvals[i];
		int operator = operator_of(approval, keys, n);

		if (operator < 0)
			return fault_set(fault, SK_OPERATOR_UNKNOWN,
			    "restore.approvals", "a present operator");
		if (approval->signature.len != 64 || command_verify(
		    approval->signature.data, origin, keys[operator],
		    approval->sequence, command->not_after,
		    command->command.data, command->command.len) != SK_OK)
			return fault_set(fault, SK_SIGNATURE_WRONG,
			    "restore.approvals", "signed under %s", origin);
		signers += (seen & 1u << operator) == 0;
		seen |= 1u << operator;
	}
	if (signers < (test ? 1u : 2u))
		return fault_set(fault, SK_SECOND_OPERATOR,
		    "restore.approvals", "%d signatures", test ? 1 : 2);
	return SK_OK;
}

enum sk_error
restore_read(struct span body, const char *origin, const uint8_t keys[][32],
    size_t n, bool test, struct restore *out, struct fault *fault)
{
	uint8_t memory[4 * RESTORE_BYTES_MAX];
	const Sk__SignedCommand *command;
	const Sk__Restore *restore;
	ProtobufCMessage *message;
	struct arena arena;
	enum sk_error rc;

	arena_init(&arena, memory, sizeof(memory));
	if (wire_decode(&sk__signed_command__descriptor, "restore",
	    body.bytes, body.size, RESTORE_BYTES_MAX, &arena, &message,
	    fault) != SK_OK)
		return SK_MALFORMED;
	command = (const Sk__SignedCommand *)message;
	rc = check_approvals(command, origin, keys, n, test, fault);
	if (rc != SK_OK)
		return rc;
	if (wire_decode(&sk__command__descriptor, "restore",
	    command->command.data, command->command.len, RESTORE_BYTES_MAX,
	    &arena, &message, fault) != SK_OK)
		return SK_MALFORMED;
	restore = ((const Sk__Command *)message)->restore;
	if (restore == NULL || restore->root.len != DIGEST_SIZE ||
	    restore->size == 0 ||
	    restore->number != origin_number(origin) + 1)
		return fault_set(fault, SK_MALFORMED, "restore",
		    "the next number, a size and a root");
	out->number = restore->number;
	out->size = restore->size;
	memcpy(out->root, restore->root.data, DIGEST_SIZE);
	return SK_OK;
}
