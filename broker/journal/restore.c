/*
 * restore.c - the journals that this one goes on from: where each begins, and
 * under which name.
 */
#include <string.h>

#include "broker/journal/internal.h"

#define NAME_RESTORES ((struct span){ "restores", 8 })

size_t
journal_restores(const struct journal *journal)
{
	return journal->restores;
}

uint64_t
journal_restored_at(const struct journal *journal, size_t i)
{
	return i < journal->restores ? journal->restored[i] : 0;
}

void
journal_origin(const struct journal *journal, uint64_t position,
    char origin[ORIGIN_MAX])
{
	uint64_t number = journal->first_number;

	for (size_t i = 0; i < journal->restores; i++)
		number += journal->restored[i] <= position;
	/* It was checked when it was founded. */
	(void)origin_with(journal->founding.origin, number, origin);
}

static void
name_anew(struct journal *journal)
{
	char origin[ORIGIN_MAX];

	journal->founding.number = journal->first_number + journal->restores;
	(void)origin_with(journal->founding.origin, journal->founding.number,
	    origin);
	memcpy(journal->founding.origin, origin, sizeof(origin));
}

static enum sk_error
take(struct journal *journal, struct span bytes, uint64_t position,
    struct restore *restore, struct fault *fault)
{
	const struct founding *founding = &journal->founding;
	const struct charter *charter = journal_charter(journal, position);
	struct leaf leaf;
	enum sk_error rc;

	if (leaf_decode(bytes.bytes, bytes.size, &leaf) != SK_OK ||
	    leaf.kind != SK__EVENT_KIND__RESTORE_EVENT ||
	    journal->restores == JOURNAL_RESTORES_MAX)
		return fault_set(fault, SK_STORE_CORRUPT, "restore", NULL);
	rc = restore_read(leaf.body, founding->origin,
	    (const uint8_t (*)[32])charter->operator_key,
	    charter->operators, charter->test, restore, fault);
	if (rc == SK_OK && restore->size != position)
		rc = fault_set(fault, SK_STORE_CORRUPT, "restore.size",
		    "it keeps %llu entries and stands at %llu",
		    (unsigned long long)restore->size,
		    (unsigned long long)position);
	if (rc != SK_OK)
		return rc;
	journal->restored[journal->restores++] = position;
	name_anew(journal);
	return SK_OK;
}

enum sk_error
restore_open(struct journal *journal, struct store_txn *txn,
    struct fault *fault)
{
	struct span list, bytes;
	struct restore restore;
	uint64_t position;
	enum sk_error rc;

	_Static_assert(sizeof(journal->founding.origin) == ORIGIN_MAX,
	    "one bound for an origin");
	journal->first_number = journal->founding.number;
	rc = store_get(txn, META, NAME_RESTORES, &list);
	if (rc == SK_NOT_FOUND)
		return SK_OK;
	if (rc == SK_OK && list.size % 8 != 0)
		rc = SK_STORE_CORRUPT;
	for (size_t i = 0; rc == SK_OK && i < list.size; i += 8) {
		position = be64_get((const uint8_t *)list.bytes + i);
		rc = journal_row(journal, ENTRIES, position, &bytes);
		if (rc == SK_OK)
			rc = take(journal, bytes, position, &restore, fault);
	}
	journal->restores_committed = journal->restores;
	return rc == SK_OK ? SK_OK : fault_set(fault, SK_STORE_CORRUPT,
	    "restores", "a restore entry does not hold");
}

enum sk_error
restore_follow(struct journal *journal, struct span bytes)
{
	uint8_t list[8 * JOURNAL_RESTORES_MAX], root[DIGEST_SIZE];
	struct restore restore;
	enum sk_error rc;

	if (bytes.size < 16 || be64_get((const uint8_t *)bytes.bytes + 8) !=
	    SK__EVENT_KIND__RESTORE_EVENT)
		return SK_OK;
	rc = take(journal, bytes, journal->size, &restore, NULL);
	if (rc != SK_OK)
		return rc;
	tree_root(journal->tree, root);
	if (memcmp(root, restore.root, DIGEST_SIZE) != 0)
		return SK_STORE_CORRUPT;
	for (size_t i = 0; i < journal->restores; i++)
		be64_put(list + 8 * i, journal->restored[i]);
	return store_put(journal->write, META, NAME_RESTORES,
	    (struct span){ list, 8 * journal->restores }, PUT_ANY, NULL);
}

void
restore_abort(struct journal *journal)
{
	if (journal->restores == journal->restores_committed)
		return;
	journal->restores = journal->restores_committed;
	name_anew(journal);
}
