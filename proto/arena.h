/*
 * arena.h - the memory budget of one decode.
 *
 * A bump allocator over caller's memory, behind ProtobufCAllocator. Nothing
 * is freed singly: arena_reset takes all back. What does not fit fails, so a
 * hostile message costs its sender's budget and never the process.
 */
#ifndef PROTO_ARENA_H
#define PROTO_ARENA_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

struct arena {
	uint8_t *base;
	size_t size;
	size_t used;
	size_t mark_failed;	/* bytes asked for when it first did not fit */
	ProtobufCAllocator allocator;
};

/* base stays the caller's and must outlive the arena. */
void arena_init(struct arena *arena, void *base, size_t size);
void arena_reset(struct arena *arena);
/* Zeroed, aligned for any type; NULL when the budget is spent. */
void *arena_take(struct arena *arena, size_t size);
/* A copy of size bytes; NULL when the budget is spent. */
void *arena_copy(struct arena *arena, const void *bytes, size_t size);
char *arena_string(struct arena *arena, const char *string);

/* Append item to a protobuf-c repeated field of pointers in the arena:
 * 0, or -1 when the budget is spent. */
int arena_append(struct arena *arena, size_t *n, void ***items, void *item);

/* arena_new(arena, Sk__Effects, sk__effects__init): an initialised message. */
#define arena_new(arena, type, init) \
	((type *)arena_message((arena), sizeof(type), \
	    (void (*)(void *))(void (*)(void))(init)))
void *arena_message(struct arena *arena, size_t size, void (*init)(void *));

#endif
