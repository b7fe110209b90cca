/*
 * quarter.c - the figures of a quarter, from an auditor's file to the broker.
 */
#include <stdio.h>
#include <stdlib.h>

#include "broker/admin/admin.h"
#include "broker/lib/file.h"
#include "proto/bytes.h"
#include "proto/journal.pb-c.h"
#include "proto/leaf.h"
#include "proto/wire.h"

#define QUARTER_FILE_MAX (16u << 20)	/* 256 parts of a command each */
#define MEMORY_BYTES (4u << 20)

static enum sk_error
send_part(const struct options *options, const uint8_t *bytes, size_t size,
    uint8_t *memory, struct fault *fault)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__ControlAnswer *answer = NULL;
	ProtobufCMessage *message = NULL;
	struct arena arena;
	enum sk_error rc;

	arena_init(&arena, memory, MEMORY_BYTES);
	rc = wire_decode(&sk__quarter_figures__descriptor, "quarter", bytes,
	    size, LEAF_BYTES_MAX, &arena, &message, fault);
	if (rc != SK_OK)
		return rc;
	command.close_quarter = (Sk__QuarterFigures *)message;
	rc = ask_command(options, &command, &answer, fault);
	if (rc == SK_OK)
		answer_free(answer);
	return rc;
}

/* Parts one after another, each behind its size in eight bytes. What the broker
 * has already is passed over, so that a file may be sent again. */
static enum sk_error
send_quarter(const struct options *options, const char *path, uint8_t *file,
    uint8_t *memory, struct fault *fault)
{
	size_t size = 0, at = 0;
	enum sk_error rc = file_read(path, file, QUARTER_FILE_MAX, &size, fault);

	while (rc == SK_OK && at < size) {
		uint64_t part = size - at < 8 ? 0 : be64_get(file + at);

		if (part == 0 || part > size - at - 8)
			return fault_set(fault, SK_TRUNCATED, path, NULL);
		rc = send_part(options, file + at + 8, (size_t)part, memory, fault);
		if (rc == SK_QUARTER_IS_CLOSED)
			rc = SK_OK;
		at += 8 + (size_t)part;
	}
	return rc;
}

int
verb_close_quarter(const struct options *options)
{
	struct fault fault = { 0 };
	uint8_t *file = malloc(QUARTER_FILE_MAX);
	uint8_t *memory = malloc(MEMORY_BYTES);
	enum sk_error rc = SK_OK;

	if (file == NULL || memory == NULL)
		rc = fault_set(&fault, SK_NO_MEMORY, "", NULL);
	else if (options->n_rest == 0)
		rc = fault_set(&fault, SK_USAGE, "close-quarter",
		    "files of schakel-audit figures --close");
	for (int i = 0; i < options->n_rest && rc == SK_OK; i++)
		rc = send_quarter(options, options->rest[i], file, memory,
		    &fault);
	free(file);
	free(memory);
	if (rc != SK_OK)
		return admin_fail(options, &fault);
	puts(options->json ? "{\"ok\": true}" :
	    "kwartaal afgesloten / quarter closed");
	return EXIT_SUCCESS;
}
