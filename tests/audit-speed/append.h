/*
 * append.h - what tree and checkpoint cost an append, in processor time.
 */
#ifndef AUDIT_SPEED_APPEND_H
#define AUDIT_SPEED_APPEND_H

#include <stddef.h>

/* Copy the first entries of the journal under dir/journal into two scratch
 * journals under dir, with and without tree and checkpoint, a commit each
 * `batch` entries, turn by turn. What the first costs over the second: 0.25
 * is a quarter more. Median of the rounds. */
double append_cost(const char *dir, size_t entries, size_t batch);

#endif
