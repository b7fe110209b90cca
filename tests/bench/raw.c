#include "tests/bench/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LMDB_MAP (UINT64_C(8) << 30)

struct raw_file {
	int fd;
};

struct raw_lmdb {
	MDB_env *env;
	MDB_dbi entries;
	MDB_dbi index;
	uint64_t next;
};

double
bench_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void
bench_fail(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(2);
}

struct raw_file *
raw_file_open(const char *path)
{
	struct raw_file *file = calloc(1, sizeof(*file));

	if (file == NULL)
		bench_fail("raw file", "no memory");
	file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	if (file->fd < 0)
		bench_fail(path, strerror(errno));
	return file;
}

void
raw_file_close(struct raw_file *file)
{
	close(file->fd);
	free(file);
}

double
raw_file_run(struct raw_file *file, size_t messages, size_t batch)
{
	size_t size = batch * RAW_BODY;
	uint8_t *bytes = malloc(size);
	double from;

	if (bytes == NULL)
		bench_fail("raw file", "no memory");
	randombytes_buf(bytes, size);
	from = bench_seconds();
	for (size_t done = 0; done < messages; done += batch)
		if (write(file->fd, bytes, size) != (ssize_t)size ||
		    fdatasync(file->fd) != 0)
			bench_fail("raw file", strerror(errno));
	free(bytes);
	return (double)messages / (bench_seconds() - from);
}

static void
check(int rc)
{
	if (rc != MDB_SUCCESS)
		bench_fail("raw lmdb", mdb_strerror(rc));
}

struct raw_lmdb *
raw_lmdb_open(const char *path)
{
	struct raw_lmdb *lmdb = calloc(1, sizeof(*lmdb));
	MDB_txn *txn;

	if (lmdb == NULL || (mkdir(path, 0700) != 0 && errno != EEXIST))
		bench_fail(path, strerror(errno));
	check(mdb_env_create(&lmdb->env));
	check(mdb_env_set_maxdbs(lmdb->env, 2));
	check(mdb_env_set_mapsize(lmdb->env, LMDB_MAP));
	check(mdb_env_open(lmdb->env, path, 0, 0600));
	check(mdb_txn_begin(lmdb->env, NULL, 0, &txn));
	check(mdb_dbi_open(txn, "entries", MDB_CREATE | MDB_INTEGERKEY,
	    &lmdb->entries));
	check(mdb_dbi_open(txn, "index", MDB_CREATE, &lmdb->index));
	check(mdb_txn_commit(txn));
	return lmdb;
}

void
raw_lmdb_close(struct raw_lmdb *lmdb)
{
	mdb_env_close(lmdb->env);
	free(lmdb);
}

static void
put_one(struct raw_lmdb *lmdb, MDB_txn *txn, const uint8_t body[RAW_BODY])
{
	uint8_t random[32];
	MDB_val key = { sizeof(lmdb->next), &lmdb->next };
	MDB_val value = { RAW_BODY, (void *)(uintptr_t)body };

	check(mdb_put(txn, lmdb->entries, &key, &value, MDB_APPEND));
	randombytes_buf(random, sizeof(random));
	value = key;
	key.mv_data = random;
	key.mv_size = sizeof(random);
	check(mdb_put(txn, lmdb->index, &key, &value, MDB_NOOVERWRITE));
	lmdb->next++;
}

double
raw_lmdb_run(struct raw_lmdb *lmdb, size_t messages, size_t batch)
{
	uint8_t body[RAW_BODY];
	double from;
	MDB_txn *txn;

	randombytes_buf(body, sizeof(body));
	from = bench_seconds();
	for (size_t done = 0; done < messages; done += batch) {
		check(mdb_txn_begin(lmdb->env, NULL, 0, &txn));
		for (size_t i = 0; i < batch; i++)
			put_one(lmdb, txn, body);
		check(mdb_txn_commit(txn));
	}
	return (double)messages / (bench_seconds() - from);
}
