/*
 * verify_tree.c - the tree over the entries and its checkpoints, held against
 * the entries alone.
 */
#include <inttypes.h>
#include <string.h>

#include "agents/audit/verify.h"

static bool
next_checkpoint(struct verify *v, uint64_t size_min)
{
	enum sk_error rc;

	v->pending = false;
	rc = journal_checkpoint_from(v->journal, size_min,
	    &v->pending_size, &v->pending_note);
	if (rc != SK_OK && rc != SK_NOT_FOUND)
		return verify_wrong(v, "the checkpoints cannot be read: %s",
		    error_text(rc));
	v->pending = rc == SK_OK;
	return true;
}

bool
verify_tree_begin(struct verify *v)
{
	struct note_key key;
	enum sk_error rc = journal_log_key(v->journal, 0, &key);

	if (rc != SK_OK)
		return verify_wrong(v, "its origin cannot sign: %s",
		    error_text(rc));
	journal_origin(v->journal, 0, v->origin);
	return next_checkpoint(v, 0);
}

/* ---- tiles */

/* A tile as long as the journal's size asks for, or at least up to the entry
 * at hand: an entry too many is then what is named. */
static bool
find_tile(struct verify *v, unsigned level, uint64_t index)
{
	struct span *tile = &v->tile[level];

	return journal_tile(v->journal, journal_size(v->journal), level,
	    index, tile) == SK_OK || journal_tile(v->journal, v->grow.size,
	    level, index, tile) == SK_OK;
}

/* The at-th hash of a level, as it stands in its tile. */
static bool
check_hash(struct verify *v, unsigned level, uint64_t at,
    const uint8_t hash[DIGEST_SIZE])
{
	size_t in_tile = (size_t)(at % TREE_TILE_WIDTH) * DIGEST_SIZE;
	struct span *tile = &v->tile[level];

	if ((in_tile == 0 || tile->size < in_tile + DIGEST_SIZE) &&
	    !find_tile(v, level, at / TREE_TILE_WIDTH))
		return verify_wrong(v, "it does not stand in the tree: tile %"
		    PRIu64 " at level %u is absent or short",
		    at / TREE_TILE_WIDTH, level);
	if (memcmp((const uint8_t *)tile->bytes + in_tile, hash,
	    DIGEST_SIZE) != 0)
		return verify_wrong(v, level == 0 ? "its hash is not the one "
		    "in the tree: the entry or the tree was altered" :
		    "the tree above it does not follow from the entries");
	return true;
}

/* ---- checkpoints */

static bool
check_checkpoint(struct verify *v)
{
	struct checkpoint checkpoint;
	struct note note;
	struct note_key key;
	uint8_t root[DIGEST_SIZE];
	int64_t from = verify_ticks();
	enum sk_error rc = journal_log_key(v->journal, v->pending_size, &key);

	if (rc == SK_OK)
		rc = checkpoint_open(&checkpoint, &note, v->pending_note.bytes,
		    v->pending_note.size, &key);
	if (rc != SK_OK)
		return verify_wrong(v, "the checkpoint of %" PRIu64
		    " entries does not hold: %s", v->pending_size,
		    error_text(rc));
	verify_signed(v, from);
	if (checkpoint.size != v->pending_size)
		return verify_wrong(v, "the checkpoint of %" PRIu64
		    " entries says %" PRIu64, v->pending_size,
		    checkpoint.size);
	grow_root(&v->grow, root);
	if (memcmp(root, checkpoint.root, DIGEST_SIZE) != 0)
		return verify_wrong(v, "the checkpoint of %" PRIu64
		    " entries has another root", v->pending_size);
	/* A commit holds a SUBMIT whole. */
	if (v->run.sender != 0)
		return verify_wrong(v, "a checkpoint stands within the SUBMIT "
		    "of %" PRIu64, v->run.sender);
	v->report->checkpoints++;
	v->covered = v->pending_size;
	return next_checkpoint(v, v->pending_size + 1);
}

bool
verify_tree_add(struct verify *v)
{
	uint8_t done[TREE_LEVELS][DIGEST_SIZE];
	unsigned levels = grow_add(&v->grow, v->entry.hash, done);

	for (unsigned l = 0; l < levels; l++)
		if (!check_hash(v, l, (v->grow.size >> (TREE_TILE_HEIGHT * l))
		    - 1, done[l]))
			return false;
	return true;
}

bool
verify_tree_commit(struct verify *v)
{
	if (!v->pending || v->pending_size > v->grow.size)
		return true;
	if (v->pending_size < v->grow.size)
		return verify_wrong(v, "a checkpoint over %" PRIu64
		    " entries, which no journal has", v->pending_size);
	return check_checkpoint(v);
}

/* ---- at the end */

static bool
check_tiles(struct verify *v)
{
	uint64_t size = journal_size(v->journal), tiles;
	enum sk_error rc;

	for (unsigned l = 0; l < TREE_LEVELS; l++) {
		tiles = tree_tiles(size, l);
		for (uint64_t i = 0; i < tiles; i++) {
			rc = journal_check_tile(v->journal, l, i);
			if (rc != SK_OK)
				return verify_wrong_all(v, "tile %" PRIu64
				    " at level %u is not one of %" PRIu64
				    " entries", i, l, size);
		}
		v->rows.tiles += tiles;
	}
	v->report->tiles = v->rows.tiles;
	return true;
}

bool
verify_tree_end(struct verify *v)
{
	uint64_t size = journal_size(v->journal);

	if (v->pending) {
		v->entry.position = size;
		return verify_wrong(v, "it is gone: a checkpoint covers %"
		    PRIu64 " entries where %" PRIu64 " stand",
		    v->pending_size, size);
	}
	if (v->report->checkpoints > 0 && v->covered != size)
		return verify_wrong_all(v, "the last checkpoint covers %"
		    PRIu64 " of %" PRIu64 " entries", v->covered, size);
	if (!verify_broker_keys(v))
		return false;
	v->rows.checkpoints = v->report->checkpoints;
	v->report->is_signed = v->report->checkpoints > 0;
	return check_tiles(v);
}
