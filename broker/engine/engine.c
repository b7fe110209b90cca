/*
 * engine.c - opening, catching up and committing.
 */
#include "broker/engine/engine.h"

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/engine/internal.h"

static const struct store_table state_tables[STATE_TABLES] = {
	[STATE_META] = { "meta", true },
	[STATE_CASES] = { "cases", true },
	[STATE_CLOSED] = { "closed", true },
	[STATE_MAILBOX] = { "mailbox", false },
	[STATE_TIMERS] = { "timers", false },
	[STATE_PARTIES] = { "parties", true },
	[STATE_STATEMENTS] = { "statements", true },
	[STATE_OPERATORS] = { "operators", false },
	[STATE_CONFLICTS] = { "conflicts", true },
	[STATE_CATALOGUE] = { "catalogue", false },
	[STATE_FAMILIES] = { "families", true },
	[STATE_CHILDREN] = { "children", true },
	[STATE_PERSONS] = { "persons", false },
	[STATE_NAMED] = { "named", true },
	[STATE_QUARTERS] = { "quarters", false },
};

static const uint64_t meta_key = 0;

const char *
engine_table_name(enum state_table table)
{
	return state_tables[table].name;
}

static enum sk_error
state_open(struct engine *engine, const char *path)
{
	const struct store_options options = { .path = path,
		.tables_max = STATE_TABLES, .bytes_start = 16u << 20,
		.scratch = engine->scratch };

	return store_open(&options, state_tables, STATE_TABLES, &engine->state);
}

/* A projection of another journal, of another format, or ahead of the truth
 * after a restore is of no use. */
static bool
state_matches(struct engine *engine)
{
	uint8_t hash[DIGEST_SIZE];
	struct span value, leaf;

	if (state_txn(engine) != SK_OK)
		return false;
	if (store_get(engine->txn, STATE_META, SPAN_U64(meta_key), &value) !=
	    SK_OK || value.size != sizeof(engine->meta))
		return false;
	memcpy(&engine->meta, value.bytes, sizeof(engine->meta));
	if (engine->meta.format != STATE_FORMAT || engine->meta.size == 0 ||
	    engine->meta.size > journal_size(engine->journal) ||
	    memcmp(engine->meta.founding,
	    journal_founding(engine->journal)->digest, DIGEST_SIZE) != 0)
		return false;
	if (journal_leaf(engine->journal, engine->meta.size - 1, &leaf) != SK_OK)
		return false;
	digest_leaf(hash, leaf.bytes, leaf.size);
	return memcmp(hash, engine->meta.last_leaf, DIGEST_SIZE) == 0;
}

/* Everything in the directory is ours and can be made again. */
static enum sk_error
state_remove(const char *path)
{
	char file[4096];
	struct dirent *entry;
	DIR *dir = opendir(path);
	enum sk_error rc = SK_OK;

	if (dir == NULL)
		return SK_STORE_IO;
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, "data.mdb") != 0 &&
		    strcmp(entry->d_name, "lock.mdb") != 0)
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		if (unlink(file) != 0)
			rc = SK_STORE_IO;
	}
	closedir(dir);
	return rc;
}

static enum sk_error
state_renew(struct engine *engine, const char *path)
{
	enum sk_error rc;

	store_abort(engine->txn);
	engine->txn = NULL;
	store_close(engine->state);
	engine->state = NULL;
	if ((rc = state_remove(path)) != SK_OK ||
	    (rc = state_open(engine, path)) != SK_OK)
		return rc;
	memset(&engine->meta, 0, sizeof(engine->meta));
	engine->meta.format = STATE_FORMAT;
	memcpy(engine->meta.founding, journal_founding(engine->journal)->digest,
	    DIGEST_SIZE);
	return SK_OK;
}

enum sk_error
state_commit(struct engine *engine)
{
	enum sk_error rc;

	if ((rc = erase_carry_out(engine)) != SK_OK)
		return rc;
	if ((rc = state_txn(engine)) != SK_OK ||
	    (rc = party_store_dirty(engine)) != SK_OK ||
	    (rc = store_put(engine->txn, STATE_META, SPAN_U64(meta_key),
	    (struct span){ &engine->meta, sizeof(engine->meta) }, PUT_ANY,
	    NULL)) != SK_OK) {
		store_abort(engine->txn);
		engine->txn = NULL;
		return rc;
	}
	rc = store_commit(engine->txn);
	engine->txn = NULL;
	engine->state_size = engine->meta.size;
	return rc;
}

/* The policy in force lies in the journal, at the entry that set it. */
static enum sk_error
policy_restore(struct engine *engine)
{
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc;

	if (engine->meta.policy_position == 0)
		return SK_OK;
	rc = journal_leaf(engine->journal, engine->meta.policy_position - 1,
	    &bytes);
	if (rc == SK_OK)
		rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
	return rc == SK_OK ? apply_policy(engine, leaf.body) : rc;
}

enum sk_error
engine_catch_up(struct engine *engine)
{
	uint8_t hash[DIGEST_SIZE];
	uint64_t from = engine->meta.size;
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc = SK_OK;

	while (engine->meta.size < journal_size(engine->journal)) {
		rc = journal_leaf(engine->journal, engine->meta.size, &bytes);
		if (rc != SK_OK)
			break;
		/* apply reads the journal again: the leaf needs a copy. */
		memcpy(engine->leaf, bytes.bytes, bytes.size);
		digest_leaf(hash, engine->leaf, bytes.size);
		rc = leaf_decode(engine->leaf, bytes.size, &leaf);
		if (rc != SK_OK)
			break;
		arena_reset(&engine->arena);
		rc = apply_entry(engine, engine->meta.size, &leaf, hash, NULL,
		    NULL);
		if (rc != SK_OK)
			break;
		if (engine->meta.size - engine->state_size >= STATE_COMMIT_ENTRIES &&
		    (rc = state_commit(engine)) != SK_OK)
			break;
	}
	journal_read_end(engine->journal);
	if (rc == SK_OK && engine->meta.size != from)
		rc = state_commit(engine);
	return rc;
}

/* The last entry's instant: journal time goes on from there. */
static enum sk_error
restore_instant(struct engine *engine)
{
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc;

	rc = journal_leaf(engine->journal, engine->meta.size - 1, &bytes);
	if (rc == SK_OK)
		rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
	if (rc == SK_OK)
		engine->last_instant = leaf.instant;
	journal_read_end(engine->journal);
	return rc;
}

/* Everything but catching up: replay starts on an empty state. */
enum sk_error
engine_make(struct journal *journal, const char *state_path, bool scratch,
    struct engine **out, bool *rebuilt)
{
	struct engine *engine = calloc(1, sizeof(*engine));
	void *policy = malloc(POLICY_ARENA);
	enum sk_error rc;

	*rebuilt = false;
	if (engine == NULL || policy == NULL) {
		free(engine);
		free(policy);
		return SK_NO_MEMORY;
	}
	engine->journal = journal;
	engine->scratch = scratch;
	arena_init(&engine->arena, engine->arena_bytes, ENTRY_ARENA);
	arena_init(&engine->policy_arena, policy, POLICY_ARENA);
	journal_person_key(journal, engine->person_key);
	*out = engine;
	rc = state_open(engine, state_path);
	/* A file that is no store of ours is as good as none. */
	if (rc != SK_OK && rc != SK_STORE_FORMAT && rc != SK_STORE_CORRUPT)
		return rc;
	if (rc != SK_OK || !state_matches(engine)) {
		*rebuilt = true;
		if ((rc = state_renew(engine, state_path)) != SK_OK)
			return rc;
	}
	engine->state_size = engine->meta.size;
	if ((rc = policy_restore(engine)) != SK_OK)
		return rc;
	return party_load_all(engine);
}

enum sk_error
engine_open(struct journal *journal, const char *state_path,
    struct engine **out, bool *rebuilt, struct fault *fault)
{
	struct engine *engine = NULL;
	bool renewed = false;
	enum sk_error rc;

	*out = NULL;
	if ((rc = journal_erase_again(journal, NULL, fault)) != SK_OK)
		return rc;
	rc = engine_make(journal, state_path, false, &engine, &renewed);
	if (rc == SK_OK)
		engine->carries_out = true;
	if (rc != SK_OK || (rc = engine_catch_up(engine)) != SK_OK ||
	    (rc = restore_instant(engine)) != SK_OK)
		goto done;
	if ((rc = recovery_open(engine, state_path)) != SK_OK)
		goto done;
	/* Mailboxes that were filled before the stop are news to the edge. */
	for (size_t i = 0; i < engine->n_parties; i++)
		party_mark_posted(engine, engine->parties[i]);
	*out = engine;
done:
	if (rebuilt != NULL)
		*rebuilt = renewed;
	if (rc == SK_OK)
		return SK_OK;
	fault_set(fault, rc, "state", "position %llu of the journal",
	    engine == NULL ? 0 : (unsigned long long)engine->meta.size);
	engine_discard(engine);
	return rc;
}

/* Close without committing: what is open is lost, and made again. */
void
engine_discard(struct engine *engine)
{
	if (engine == NULL)
		return;
	recovery_close(engine);
	store_abort(engine->txn);
	store_close(engine->state);
	party_free_all(engine);
	free(engine->policy_arena.base);
	free(engine->catalogue_memory);
	closed_close(engine);
	recent_close(engine);
	sodium_memzero(&engine->closed, sizeof(engine->closed));
	sodium_memzero(engine->person_key, sizeof(engine->person_key));
	free(engine);
}

void
engine_close(struct engine *engine)
{
	/* Never ahead of the journal: an open batch takes its state with it. */
	if (engine != NULL && engine->txn != NULL &&
	    engine->entries_in_batch == 0 && engine->failed == SK_OK)
		state_commit(engine);
	engine_discard(engine);
}

enum sk_error
engine_done(struct engine *engine, enum sk_error rc)
{
	if (engine->failed == SK_OK)
		engine->failed = rc;
	return rc;
}

bool
engine_has_entries(const struct engine *engine)
{
	return engine->entries_in_batch > 0;
}

bool
engine_has_progress(const struct engine *engine)
{
	return engine->n_progress > 0;
}

enum sk_error
engine_commit(struct engine *engine, int64_t now, int64_t ticks)
{
	enum sk_error rc = engine->failed;

	for (size_t i = 0; rc == SK_OK && engine->n_progress > 0 &&
	    i < engine->n_parties; i++)
		if (engine->parties[i]->progress)
			rc = append_progress(engine, now, engine->parties[i]);
	if (rc == SK_OK && (engine->entries_in_batch > 0 ||
	    journal_in_batch(engine->journal)))
		rc = journal_commit(engine->journal);
	if (rc == SK_OK)
		rc = erase_carry_out(engine);
	if (rc != SK_OK)
		return engine_done(engine, rc);
	engine->entries_in_batch = 0;
	if (engine->meta.size != engine->state_size &&
	    (engine->meta.size - engine->state_size >= STATE_COMMIT_ENTRIES ||
	    ticks - engine->state_ticks >= STATE_COMMIT_MS)) {
		engine->state_ticks = ticks;
		rc = state_commit(engine);
	}
	return engine_done(engine, rc);
}

uint64_t
engine_statement_count(const struct engine *engine)
{
	return engine->meta.statements;
}

struct statement_head
engine_statement_head(const struct engine *engine)
{
	return engine->meta.head;
}

const Sk__Policy *
engine_policy(const struct engine *engine)
{
	return engine->policy;
}

uint32_t
engine_policy_version(const struct engine *engine)
{
	return (uint32_t)engine->meta.policy_version;
}

uint64_t
engine_cases(const struct engine *engine)
{
	return engine->meta.cases;
}

int64_t
engine_last_instant(const struct engine *engine)
{
	return engine->last_instant;
}

uint64_t
engine_operator_next(struct engine *engine, const uint8_t key_id[DIGEST_SIZE])
{
	struct span value;
	uint64_t next = 1;

	if (state_txn(engine) == SK_OK &&
	    store_get(engine->txn, STATE_OPERATORS,
	    (struct span){ key_id, DIGEST_SIZE }, &value) == SK_OK &&
	    value.size == sizeof(next))
		memcpy(&next, value.bytes, sizeof(next));
	return next;
}
