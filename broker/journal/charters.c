/*
 * charters.c - who signed for the region when the entry at a position was
 * made: as the founding entry says, then as each change since (PROTOCOL.md,
 * Directory).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/journal/internal.h"
#include "proto/wire.h"

#define ROW_MAX (8 + 8 + 32 + 32 + 8 + CHARTER_OPERATORS_MAX * 32)
#define NAME_MAX_SIZE 32

static struct span
row_name(uint64_t generation, char name[NAME_MAX_SIZE])
{
	int n = snprintf(name, NAME_MAX_SIZE, "charter/%llu",
	    (unsigned long long)generation);

	return (struct span){ name, (size_t)n };
}

static size_t
row_encode(const struct chartered *at, uint8_t row[ROW_MAX])
{
	const struct charter *c = &at->charter;
	struct writer w;

	writer_init(&w, row, ROW_MAX);
	write_u64(&w, at->position);
	write_u64(&w, c->generation);
	write_raw(&w, c->digest, DIGEST_SIZE);
	write_raw(&w, c->enrolment_key, 32);
	write_u64(&w, c->operators);
	for (size_t i = 0; i < c->operators; i++)
		write_raw(&w, c->operator_key[i], 32);
	return w.size;
}

static bool
row_decode(struct span row, struct chartered *at)
{
	struct charter *c = &at->charter;
	struct reader r;

	reader_init(&r, row.bytes, row.size);
	at->position = read_u64(&r);
	c->generation = read_u64(&r);
	read_into(&r, c->digest, DIGEST_SIZE);
	read_into(&r, c->enrolment_key, 32);
	c->operators = (size_t)read_u64(&r);
	for (size_t i = 0; i < c->operators && i < CHARTER_OPERATORS_MAX; i++)
		read_into(&r, c->operator_key[i], 32);
	return reader_done(&r) && c->operators <= CHARTER_OPERATORS_MAX;
}

static void
found(const struct founding *founding, struct charter *charter)
{
	_Static_assert(sizeof(founding->operator_key) ==
	    sizeof(charter->operator_key), "one bound for operators");
	memset(charter, 0, sizeof(*charter));
	memcpy(charter->founding, founding->digest, DIGEST_SIZE);
	charter->test = founding->test;
	charter->generation = 1;
	memcpy(charter->enrolment_key, founding->enrolment_key, 32);
	charter->operators = founding->operators;
	memcpy(charter->operator_key, founding->operator_key,
	    sizeof(charter->operator_key));
}

enum sk_error
charters_open(struct journal *journal, struct store_txn *txn)
{
	char name[NAME_MAX_SIZE];
	struct chartered *at = journal->chartered;
	struct span row;
	enum sk_error rc = SK_OK;

	found(&journal->founding, &at[0].charter);
	at[0].position = 0;
	for (journal->charters = 1; journal->charters < JOURNAL_CHARTERS_MAX;
	    journal->charters++) {
		const uint64_t generation = journal->charters + 1;

		at[generation - 1] = at[generation - 2];
		rc = store_get(txn, META, row_name(generation, name), &row);
		if (rc != SK_OK)
			break;
		if (!row_decode(row, &at[generation - 1]) ||
		    at[generation - 1].charter.generation != generation)
			return SK_STORE_CORRUPT;
	}
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

void
charters_abort(struct journal *journal)
{
	while (journal->charters > 1 &&
	    journal->chartered[journal->charters - 1].position >=
	    journal->committed)
		journal->charters--;
}

/* The change in a leaf, and its digest. */
static bool
find_change(struct span bytes, struct charter_change *change,
    uint8_t digest[DIGEST_SIZE])
{
	uint8_t memory[STATEMENT_BYTES_MAX + 8192];
	const Sk__Statement *statement;
	ProtobufCMessage *message = NULL;
	struct arena arena;
	struct leaf leaf;

	if (bytes.size < 16 || be64_get((const uint8_t *)bytes.bytes + 8) !=
	    SK__EVENT_KIND__DIRECTORY_EVENT ||
	    leaf_decode(bytes.bytes, bytes.size, &leaf) != SK_OK)
		return false;
	arena_init(&arena, memory, sizeof(memory));
	if (wire_decode(&sk__statement__descriptor, "statement",
	    leaf.body.bytes, leaf.body.size, sizeof(memory), &arena, &message,
	    NULL) != SK_OK)
		return false;
	statement = (const Sk__Statement *)message;
	statement_digest(digest, statement->body.data, statement->body.len);
	return charter_decode(statement->body.data, statement->body.len,
	    change, NULL) == SK_OK;
}

enum sk_error
charters_follow(struct journal *journal, struct span bytes, uint64_t position)
{
	struct charter_change change;
	struct chartered *at;
	uint8_t row[ROW_MAX], digest[DIGEST_SIZE];
	char name[NAME_MAX_SIZE];

	if (!find_change(bytes, &change, digest))
		return SK_OK;
	if (journal->charters == JOURNAL_CHARTERS_MAX)
		return SK_STORE_FULL;
	at = &journal->chartered[journal->charters];
	*at = at[-1];
	if (change.generation != at->charter.generation + 1)
		return SK_STORE_CORRUPT;
	charter_evolve(&at->charter, &change, digest);
	at->position = position;
	journal->charters++;
	return store_put(journal->write, META, row_name(change.generation,
	    name), (struct span){ row, row_encode(at, row) }, PUT_NEW, NULL);
}

const struct charter *
journal_charter(const struct journal *journal, uint64_t position)
{
	size_t at = journal->charters - 1;

	while (at > 0 && journal->chartered[at].position >= position)
		at--;
	return &journal->chartered[at].charter;
}

size_t
journal_charters(const struct journal *journal)
{
	return journal->charters;
}

uint64_t
journal_chartered_at(const struct journal *journal, size_t i)
{
	return i < journal->charters ? journal->chartered[i].position : 0;
}
