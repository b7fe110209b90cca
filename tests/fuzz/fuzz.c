#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "proto/digest.h"


#define ARENA_BYTES ((size_t)2 << 20)
#define NO_HEAP 0u

/* Not one of them: what is found in it within seconds shows that the fuzzer
 * finds anything at all. */
static void
planted(const uint8_t *bytes, size_t size)
{
	MUST(size < 4 || memcmp(bytes, "wacht", 4) != 0);
}
static const struct fuzz_target plant = { "planted", planted, 16, NO_HEAP };

/* ---- the heap, where a sanitizer counts it */

extern int __sanitizer_install_malloc_and_free_hooks(
    void (*on_malloc)(const volatile void *, size_t),
    void (*on_free)(const volatile void *)) __attribute__((weak));
extern size_t __sanitizer_get_allocated_size(const volatile void *)
    __attribute__((weak));

static _Thread_local bool counting;
static _Thread_local size_t alive, alive_max;

static void
on_malloc(const volatile void *at, size_t size)
{
	(void)at;
	if (!counting)
		return;
	alive += size;
	if (alive > alive_max)
		alive_max = alive;
}

static void
on_free(const volatile void *at)
{
	size_t size;

	if (!counting || at == NULL)
		return;
	size = __sanitizer_get_allocated_size(at);
	alive -= size < alive ? size : alive;
}

static void
watch_heap(void)
{
	static bool watching;

	if (!watching && __sanitizer_install_malloc_and_free_hooks != NULL)
		MUST(__sanitizer_install_malloc_and_free_hooks(on_malloc,
		    on_free) != 0);
	watching = true;
}

/* ---- */

static struct arena *
arena_at(size_t index)
{
	static struct arena arena[2];

	if (arena[index].base == NULL) {
		void *base = malloc(ARENA_BYTES);

		MUST(base != NULL);
		arena_init(&arena[index], base, ARENA_BYTES);
	}
	arena_reset(&arena[index]);
	return &arena[index];
}

struct arena *
fuzz_arena(void)
{
	return arena_at(0);
}

struct arena *
fuzz_arena_beside(void)
{
	return arena_at(1);
}

const struct fuzz_target *
fuzz_target_by_name(const char *name)
{
	for (size_t i = 0; i < fuzz_targets_n; i++)
		if (strcmp(fuzz_targets[i].name, name) == 0)
			return &fuzz_targets[i];
	return strcmp(plant.name, name) == 0 ? &plant : NULL;
}

void
fuzz_run(const struct fuzz_target *target, const uint8_t *bytes, size_t size)
{
	static const struct fuzz_target *warm;
	/* A copy of exactly this size: one byte past it is a finding. */
	uint8_t *copy;

	if (size > target->size_max)
		size = target->size_max;
	copy = malloc(size == 0 ? 1 : size);
	MUST(copy != NULL);
	memcpy(copy, bytes, size);
	watch_heap();
	if (warm != target) {	/* what it opens once is not the input's */
		uint8_t digest[DIGEST_SIZE];

		digest_leaf(digest, "", 0);
		fuzz_arena();
		fuzz_arena_beside();
		target->run(copy, 0);
		warm = target;
	}
	alive = alive_max = 0;
	counting = true;
	target->run(copy, size);
	counting = false;
	if (alive_max > target->heap_max) {
		fprintf(stderr, "%s: %zu bytes of heap for %zu bytes, "
		    "allowed are %zu\n", target->name, alive_max, size,
		    target->heap_max);
		abort();
	}
	free(copy);
}
