/*
 * entry.h - one journal entry, decoded as far as the auditor looks: names,
 * numbers and codes, never facts or sealed text.
 */
#ifndef AUDIT_ENTRY_H
#define AUDIT_ENTRY_H

#include "broker/journal/journal.h"
#include "proto/arena.h"
#include "proto/message.h"

#define ENTRY_ARENA_BYTES (512u * 1024)

struct entry {
	uint64_t position;
	uint8_t hash[DIGEST_SIZE];
	struct leaf leaf;
	const Sk__Outcome *outcome;	/* NULL: none */
	const Sk__Effects *effects;	/* NULL: none */
	const ProtobufCMessage *body;	/* by leaf.kind; NULL for an envelope */
	struct header header;		/* when leaf.header_whole */
	uint8_t bytes[LEAF_BYTES_MAX];	/* the leaf, a copy */
	struct arena arena;
	uint8_t memory[ENTRY_ARENA_BYTES];
};

/* Read and decode all of it. SK_STORE_CORRUPT with the part that does not
 * decode in fault->field; other errors are of the store. */
enum sk_error entry_read(struct journal *journal, uint64_t position,
    struct entry *entry, struct fault *fault);

/* "beschikking", "COURT_ORDER"; of an event that is no envelope its own. */
const char *entry_dutch(const struct entry *entry);
const char *entry_name(const struct entry *entry);

/* The case that its outcome names, and its id leads to; 0: none. */
uint64_t entry_case(const struct entry *entry);
/* What an event of this kind is called; false when it has no words. */
bool entry_words(Sk__EventKind kind, const char **name, const char **dutch);
bool entry_refused(const struct entry *entry);
/* A statement: about whom, 0 for the broker. */
bool entry_statement(const struct entry *entry, uint64_t *participant);
bool entry_touches(const struct entry *entry, uint64_t case_number);

#endif
