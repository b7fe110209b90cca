/*
 * mutate.h - one thing done to a journal, drawn from a seed.
 */
#ifndef TAMPER_MUTATE_H
#define TAMPER_MUTATE_H

#include "tests/tamper/ground.h"

enum how {
	FLIP,		/* one bit of a row's key or value */
	DELETE,		/* a row */
	SWAP,		/* the values of two rows */
	REPEAT_OVER,	/* a row's value in the place of another's */
	REPEAT_NEW,	/* a row again under a key of its own */
	TRUNCATE,	/* a value cut short */
	CUT,		/* entries off the end, more or less thoroughly */
	FORGE,		/* a checkpoint */
	REWRITE,	/* from an entry on, signed again with the right key */
	ROLL_BACK,	/* to what it was at an earlier checkpoint */
	UNSIGN,		/* every checkpoint gone */
	SWAP_KEYS,	/* the key environment of a copy */
	ERASE,		/* a case, without the entry that says so */
	REVIVE,		/* a key where an entry says that it is destroyed */
	REPLACE,	/* an archived year: gone, older, cut, or doubled */
	HOWS
};

struct mutation {
	enum how how;
	enum table table;	/* of a row */
	size_t a, b;		/* rows */
	uint64_t amount;
	char text[128];		/* what it is: no two have the same */
};

extern const char *const how_name[HOWS];

/* False when there is none of this kind that could be found out. */
bool mutation_draw(struct ground *ground, enum how how, enum table table,
    struct mutation *m);
/* On the copy in work. */
void mutation_apply(const struct ground *ground, const struct mutation *m);
/* Which entry is the first that is wrong; false when it is about none. */
bool mutation_first_wrong(const struct ground *ground,
    const struct mutation *m, uint64_t *position);
/* Only a checkpoint that somebody kept tells. */
bool mutation_needs_note(const struct mutation *m);

/* forge.c: what is done to many rows at once. */
void forge_cut(const struct ground *ground, const struct mutation *m);
void forge_checkpoint(const struct ground *ground, const struct mutation *m);
void forge_rewrite(const struct ground *ground, const struct mutation *m);
/* To its first so many entries, as a backup of then would be. */
void forge_roll_back(const struct ground *ground, uint64_t size);
void forge_unsign(const struct ground *ground);
void forge_erase(const struct ground *ground, const struct mutation *m);
void forge_revive(const struct ground *ground, const struct mutation *m);
/* The case of entry a, where it still has its key; 0. */
uint64_t mutation_erased_case(const struct ground *ground,
    const struct mutation *m);
void forge_replace(const struct ground *ground, const struct mutation *m);
#define REPLACE_WAYS 5u
#define FORGE_WAYS 5u
#define CUT_WAYS 3u

#endif
