#include "proto/arena.h"

#include <string.h>

#define ALIGNMENT 16u

static void *
allocator_take(void *data, size_t size)
{
	return arena_take(data, size);
}

static void
allocator_free(void *data, void *pointer)
{
	(void)data;
	(void)pointer;	/* all goes at once, in arena_reset */
}

void
arena_init(struct arena *arena, void *base, size_t size)
{
	arena->base = base;
	arena->size = base == NULL ? 0 : size;
	arena->allocator.alloc = allocator_take;
	arena->allocator.free = allocator_free;
	arena->allocator.allocator_data = arena;
	arena_reset(arena);
}

void
arena_reset(struct arena *arena)
{
	arena->used = 0;
	arena->mark_failed = 0;
}

void *
arena_take(struct arena *arena, size_t size)
{
	uintptr_t at = (uintptr_t)arena->base + arena->used;
	size_t padding = (size_t)(-at & (ALIGNMENT - 1));
	size_t free_size = arena->size - arena->used;
	void *taken;

	if (size == 0)
		size = 1;	/* two takes are never one place */
	if (padding > free_size || size > free_size - padding) {
		if (arena->mark_failed == 0)
			arena->mark_failed = size;
		return NULL;
	}
	taken = arena->base + arena->used + padding;
	arena->used += padding + size;
	return memset(taken, 0, size);
}

void *
arena_copy(struct arena *arena, const void *bytes, size_t size)
{
	void *copy = arena_take(arena, size);

	if (copy != NULL && size > 0)
		memcpy(copy, bytes, size);
	return copy;
}

char *
arena_string(struct arena *arena, const char *string)
{
	return arena_copy(arena, string, strlen(string) + 1);
}

/*
 * What stands before an array that arena_append made. An array that unpack
 * made has none and no room to grow: own tells them apart, being tied to the
 * place of the array.
 */
struct room {
	uintptr_t own;
	size_t items_max;
};

#define ROOM_OWN ((uintptr_t)0x5c4a6b31e1d20f97u)
#define ROOM_FIRST 4u

static const struct room *
room_of(const struct arena *arena, const void *items)
{
	uintptr_t at = (uintptr_t)items, base = (uintptr_t)arena->base;
	const struct room *room;

	if (items == NULL || at < base + sizeof(*room) ||
	    at > base + arena->used || at % ALIGNMENT != 0)
		return NULL;
	room = (const void *)(at - sizeof(*room));
	return room->own == (at ^ ROOM_OWN) ? room : NULL;
}

static void **
room_make(struct arena *arena, size_t items_max)
{
	struct room *room;

	_Static_assert(sizeof(*room) % ALIGNMENT == 0, "the array stays aligned");
	if (items_max > (SIZE_MAX - sizeof(*room)) / sizeof(void *))
		return NULL;
	room = arena_take(arena, sizeof(*room) + items_max * sizeof(void *));
	if (room == NULL)
		return NULL;
	room->items_max = items_max;
	room->own = (uintptr_t)(room + 1) ^ ROOM_OWN;
	return (void **)(room + 1);
}

int
arena_append(struct arena *arena, size_t *n, void ***items, void *item)
{
	const struct room *room = room_of(arena, *items);
	void **grown;

	if (room == NULL || *n >= room->items_max) {
		grown = room_make(arena, *n < ROOM_FIRST ? ROOM_FIRST : *n * 2);
		if (grown == NULL)
			return -1;
		if (*n > 0)
			memcpy(grown, *items, *n * sizeof(void *));
		*items = grown;
	}
	(*items)[(*n)++] = item;
	return 0;
}

void *
arena_message(struct arena *arena, size_t size, void (*init)(void *))
{
	void *message = arena_take(arena, size);

	if (message != NULL)
		init(message);
	return message;
}
