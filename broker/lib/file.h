/*
 * file.h - small files: keys with mode 0600, texts, atomic replacement.
 */
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "proto/error.h"

/* The longest secret that the two functions below take. */
#define FILE_SECRET_MAX 128

/* Whole file into buffer of size_max bytes, the NUL at its end included;
 * SK_FILE_IO, SK_OVERSIZED. Every fault names the path as its field. */
enum sk_error file_read(const char *path, void *buffer, size_t size_max,
    size_t *size, struct fault *fault);
/* Written beside, synced, renamed. mode as given. */
enum sk_error file_write(const char *path, const void *bytes, size_t size,
    unsigned mode, struct fault *fault);

/* The new name is durable when this returns SK_OK; what stood under it is gone.
 * Both in one directory. */
enum sk_error file_rename(const char *from, const char *to,
    struct fault *fault);

/* The two change names in one step, as durably. */
enum sk_error file_exchange(const char *one, const char *other,
    struct fault *fault);
/* Before the blocks of a file are given back, what stands in them is written
 * over, and the file is gone. 0, also when there was none; else an errno. */
int file_wipe(const char *path);

/* A secret as one line of hex in a file that only its owner can read. A mode
 * that lets others in is SK_FILE_MODE and nothing is read; another length or
 * other text is SK_CONFIG. */
enum sk_error file_read_secret(const char *path, uint8_t *secret, size_t size,
    struct fault *fault);
/* Never overwrites: SK_FILE_IO when the name is taken. */
enum sk_error file_write_secret(const char *path, const uint8_t *secret,
    size_t size, struct fault *fault);
/* mkdir -p with this mode for the last part. */
enum sk_error file_make_dir(const char *path, unsigned mode,
    struct fault *fault);
/* Path within a directory, or as it stands when absolute; empty when it does
 * not fit, because half a path is the name of another file. */
void file_path(char *out, size_t size, const char *dir, const char *name);

#endif
