/*
 * targets.c - the codecs that both ends share, what operators write, and the
 * agent.
 */
#include "proto/leaf.h"
#include "proto/note.h"
#include "proto/statement.h"
#include "proto/tlog.h"
#include "proto/wire.h"
#include "tests/fuzz/fuzz.h"

#define NO_HEAP 0u
/* OpenSSL keeps a context, stdio a line: what is not the input's doing. */
#define LITTLE_HEAP 16384u
/* libyaml's own nodes and strings for a file: at most 64 bytes of memory for
 * each byte read, and its buffers. */
#define YAML_SIZE 16384u
#define YAML_HEAP (YAML_SIZE * 64 + 262144u)
#define JSON_SIZE 16384u
#define JSON_HEAP (JSON_SIZE * 128 + 262144u)
/* LMDB's dirty pages beside that. */
#define AGENT_HEAP (8u << 20)

/* clang-format off: the columns are the point */
const struct fuzz_target fuzz_targets[] = {
	{ "frame", fuzz_frame, FRAME_BYTES_MAX, NO_HEAP },
	{ "envelope", fuzz_envelope, FRAME_BYTES_MAX, LITTLE_HEAP },
	{ "header", fuzz_header, HEADER_BYTES_MAX + 1, LITTLE_HEAP },
	{ "facts", fuzz_facts, FACTS_BYTES_MAX + 3, LITTLE_HEAP },
	/* utf8proc's copy of the text, four bytes a character */
	{ "content", fuzz_content, SEALED_BYTES_MAX, SEALED_BYTES_MAX * 16 },
	{ "provenance", fuzz_provenance, FRAME_BYTES_MAX, LITTLE_HEAP },
	{ "seal", fuzz_seal, SEALED_BYTES_MAX + 1, LITTLE_HEAP },
	{ "leaf", fuzz_leaf, LEAF_BYTES_MAX + 1, LITTLE_HEAP },
	{ "parts", fuzz_parts, LEAF_BYTES_MAX, NO_HEAP },
	{ "statement", fuzz_statement, STATEMENT_BYTES_MAX + 65, LITTLE_HEAP },
	{ "control", fuzz_control, LEAF_BYTES_MAX, LITTLE_HEAP },
	{ "restore", fuzz_restore, LEAF_BYTES_MAX, LITTLE_HEAP },
	{ "note", fuzz_note, NOTE_BYTES_MAX + 1, LITTLE_HEAP },
	{ "cosignature", fuzz_cosignature, NOTE_LINE_MAX * 2, LITTLE_HEAP },
	{ "vkey", fuzz_vkey, NOTE_VKEY_MAX + 8, LITTLE_HEAP },
	{ "proof", fuzz_proof, NOTE_BYTES_MAX, LITTLE_HEAP },
	{ "request", fuzz_request, REQUEST_TEXT_MAX + 64, LITTLE_HEAP },
	{ "invitation", fuzz_invitation, INVITATION_TEXT_MAX + 64, LITTLE_HEAP },
	{ "policy", fuzz_policy, YAML_SIZE, YAML_HEAP },
	{ "users", fuzz_users, YAML_SIZE, YAML_HEAP + ((size_t)3 << 20) },
	{ "json", fuzz_json, JSON_SIZE, JSON_HEAP },
	{ "uplink", fuzz_uplink, FRAME_BYTES_MAX, AGENT_HEAP },
	{ "api", fuzz_api, JSON_SIZE, AGENT_HEAP },
};
/* clang-format on */
const size_t fuzz_targets_n = sizeof(fuzz_targets) / sizeof(fuzz_targets[0]);
