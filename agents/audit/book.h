/*
 * book.h - the participants as the journal's own entries tell of them, up to
 * the entry at hand.
 */
#ifndef AUDIT_BOOK_H
#define AUDIT_BOOK_H

#include "agents/audit/entry.h"
#include "proto/charter.h"

struct booked {
	uint64_t participant;
	struct member member;
	uint64_t last_number;		/* of its sender chain */
	uint8_t last_link[DIGEST_SIZE];
	uint64_t mailbox_next;
	uint64_t delivered;		/* cumulative */
	uint64_t stored;
};

struct book {
	struct booked **party;		/* sorted by participant */
	size_t n, room;
	struct statement_head head;
	uint64_t statements;
	uint64_t broker_keys;		/* beside those founded with */
	struct charter charter;		/* who signs for the region */
};

void book_clear(struct book *book);
/* NULL: no statement has named it yet. */
struct booked *book_find(const struct book *book, uint64_t participant);
/* Who signs for the region, up to the entry at hand. */
struct charter *book_charter(struct book *book,
    const struct founding *founding);
/* Take over a DIRECTORY entry: signature, serial and chain are checked. */
enum sk_error book_apply(struct book *book, const struct founding *founding,
    const struct entry *entry, struct fault *fault);

/* "Toegang Zwolle (12)", without control characters; "(12)" when unknown. */
#define BOOK_NAME_MAX (STATEMENT_NAME_MAX + 32)
void book_name(const struct book *book, uint64_t participant,
    char text[BOOK_NAME_MAX]);

#endif
