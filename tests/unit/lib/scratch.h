/*
 * scratch.h - a directory of a test's own, gone when it ends. Use
 * scratch_setup and scratch_teardown with cmocka_unit_test_setup_teardown;
 * *state is the path.
 */
#ifndef UNIT_LIB_SCRATCH_H
#define UNIT_LIB_SCRATCH_H

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline int
scratch_setup(void **state)
{
	char *dir = malloc(PATH_MAX);

	if (dir == NULL)
		return -1;
	snprintf(dir, PATH_MAX, "%s/schakel-unit-XXXXXX",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	*state = dir;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static inline int
scratch_drop(const char *path, const struct stat *st, int kind,
    struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline int
scratch_teardown(void **state)
{
	int rc = nftw(*state, scratch_drop, 16, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return rc;
}

/* In a ring of static buffers: enough for one expression. */
static inline const char *
scratch_path(void **state, const char *name)
{
	static char paths[4][2 * PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, 2 * PATH_MAX, "%s/%s", (const char *)*state, name);
	return path;
}

#define scratch_test(function) \
	cmocka_unit_test_setup_teardown(function, scratch_setup, \
	    scratch_teardown)

#endif
