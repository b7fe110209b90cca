/*
 * record.c - what lies in a journal or goes into one: leaves, parts,
 * statements, control commands.
 */
#include <string.h>

#include "proto/charter.h"
#include "proto/command.h"
#include "proto/leaf.h"
#include "proto/restore.h"
#include "proto/session.pb-c.h"
#include "proto/statement.h"
#include "proto/wire.h"
#include "tests/fuzz/fuzz.h"

void
fuzz_leaf(const uint8_t *bytes, size_t size)
{
	static uint8_t written[LEAF_BYTES_MAX];
	struct arena *arena = fuzz_arena();
	ProtobufCMessage *message;
	struct leaf leaf;
	size_t written_size;

	if (leaf_decode(bytes, size, &leaf) != SK_OK)
		return;
	/* One leaf, one sequence of bytes: its hash is its name. */
	MUST(leaf_encode(&leaf, written, &written_size) == SK_OK);
	MUST(written_size == size && memcmp(written, bytes, size) == 0);
	wire_decode(&sk__outcome__descriptor, "outcome", leaf.outcome.bytes,
	    leaf.outcome.size, LEAF_BYTES_MAX, arena, &message, NULL);
	wire_decode(&sk__effects__descriptor, "effects", leaf.effects.bytes,
	    leaf.effects.size, LEAF_BYTES_MAX, arena, &message, NULL);
}

void
fuzz_parts(const uint8_t *bytes, size_t size)
{
	static uint8_t written[LEAF_BYTES_MAX + 64];
	struct parts parts;
	size_t written_size;

	if (parts_decode(bytes, size, &parts) != SK_OK)
		return;
	MUST(parts_encode(&parts, written, sizeof(written), &written_size) ==
	    SK_OK);
	MUST(written_size == size && memcmp(written, bytes, size) == 0);
}

void
fuzz_statement(const uint8_t *bytes, size_t size)
{
	static const uint8_t signature[64], key[32] = { 3 };
	static struct member member;
	struct statement_head head = { 0 };
	uint8_t written[STATEMENT_BYTES_MAX];
	struct fault fault = { 0 };
	struct charter_change change;
	struct statement s;
	size_t written_size;
	enum sk_error rc;

	if (charter_decode(bytes, size, &change, &fault) == SK_OK) {
		MUST(charter_encode(&change, written, &written_size) == SK_OK);
		MUST(written_size == size && memcmp(written, bytes, size) == 0);
	}
	memset(&fault, 0, sizeof(fault));
	memset(&member, 0, sizeof(member));
	rc = statement_decode(bytes, size, &s, &fault);
	MUST(rc == SK_OK || fault.code == rc);
	MUST(statement_apply(bytes, size, signature, s.founding, key, &head,
	    &member, &fault) != SK_OK);
	MUST(head.serial == 0 && member.current.type == 0);
	if (rc != SK_OK)
		return;
	MUST(statement_encode(&s, written, &written_size) == SK_OK);
	MUST(written_size == size && memcmp(written, bytes, size) == 0);
}

/* What the control socket reads, down to the command that is signed. */
void
fuzz_control(const uint8_t *bytes, size_t size)
{
	static const uint8_t key[32] = { 3 };
	struct arena *arena = fuzz_arena();
	ProtobufCMessage *message = NULL, *inner = NULL;
	const Sk__SignedCommand *command;
	struct fault fault = { 0 };
	enum sk_error rc;

	rc = wire_decode(&sk__control_request__descriptor, "request", bytes,
	    size, LEAF_BYTES_MAX, arena, &message, &fault);
	MUST(rc == SK_OK || fault.code == rc);
	if (rc != SK_OK)
		return;
	command = ((const Sk__ControlRequest *)message)->command;
	if (command == NULL)
		return;
	wire_decode(&sk__command__descriptor, "command", command->command.data,
	    command->command.len, LEAF_BYTES_MAX, arena, &inner, NULL);
	for (size_t i = 0; i < command->n_approvals; i++) {
		const Sk__Approval *a = command->approvals[i];

		if (a->signature.len == 64)
			MUST(command_verify(a->signature.data, "o/journal/1",
			    key, a->sequence, command->not_after,
			    command->command.data, command->command.len) !=
			    SK_OK);
	}
}

/* A restore, as agent and auditor read it; and the founding entry. */
void
fuzz_restore(const uint8_t *bytes, size_t size)
{
	static const uint8_t keys[2][32] = { { 3 }, { 4 } };
	const struct span span = { bytes, size };
	uint8_t founding[DIGEST_SIZE];
	struct fault fault = { 0 };
	struct restore restore;
	struct charter charter;

	MUST(restore_read(span, "regio/journal/1", keys, 2, size % 2 == 0,
	    &restore, &fault) != SK_OK);
	digest_leaf(founding, bytes, size);
	if (charter_found(&charter, span, founding) == SK_OK)
		MUST(charter.operators <= CHARTER_OPERATORS_MAX);
}
