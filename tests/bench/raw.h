/*
 * raw.h - what the broker is measured beside: the disk alone, and LMDB alone.
 */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include <stddef.h>
#include <stdint.h>

#define RAW_BODY 600	/* bytes a message */

struct raw_file;
struct raw_lmdb;

/* Each ends the program when the disk fails: there is nothing to measure. */
struct raw_file *raw_file_open(const char *path);
void raw_file_close(struct raw_file *file);
/* messages in batches: appended, one fdatasync a batch. Messages a second. */
double raw_file_run(struct raw_file *file, size_t messages, size_t batch);

/* Default flags: two barriers a commit. path is a directory, made here. */
struct raw_lmdb *raw_lmdb_open(const char *path);
void raw_lmdb_close(struct raw_lmdb *lmdb);
/* An entry at the right edge and a row under a random 32-byte key a message,
 * one commit a batch. Messages a second. */
double raw_lmdb_run(struct raw_lmdb *lmdb, size_t messages, size_t batch);

double bench_seconds(void);	/* monotone */
void bench_fail(const char *what, const char *why)
    __attribute__((noreturn));

#endif
