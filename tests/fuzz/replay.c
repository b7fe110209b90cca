/*
 * replay - every seed and everything that was ever found, run once.
 *
 * replay SEEDS            all of SEEDS/<target>.txt, one input a line in hex
 * replay SEEDS --list     the names of the targets
 * replay SEEDS --facts    good facts of each kind, as seeds
 *
 * A target without seeds is a failure: nothing would be shown by it. The last
 * line is `replay: targets=N runs=N`.
 */
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <string.h>

#include <sodium.h>

#include "tests/unit/proto/any_facts.h"

static size_t
run_line(const struct fuzz_target *target, const char *line, size_t number)
{
	size_t hex = strspn(line, "0123456789abcdef"), size = 0;
	uint8_t *bytes;

	if (line[0] == '#')
		return 0;
	if (line[hex] != '\n' || hex % 2 != 0) {
		fprintf(stderr, "%s:%zu: not hex\n", target->name, number);
		exit(1);
	}
	bytes = malloc(hex / 2 + 1);
	MUST(bytes != NULL);
	MUST(sodium_hex2bin(bytes, hex / 2 + 1, line, hex, NULL, &size,
	    NULL) == 0);
	fuzz_run(target, bytes, size);
	free(bytes);
	return 1;
}

static size_t
run_file(const struct fuzz_target *target, const char *folder)
{
	char path[512], *line = NULL;
	size_t room = 0, runs = 0, number = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.txt", folder, target->name);
	if ((file = fopen(path, "r")) == NULL) {
		perror(path);
		exit(1);
	}
	while (getline(&line, &room, file) > 0)
		runs += run_line(target, line, ++number);
	free(line);
	fclose(file);
	if (runs == 0) {
		fprintf(stderr, "%s: no seeds\n", path);
		exit(1);
	}
	return runs;
}

/* As the target reads them: the kind's place in the catalogue, then facts. */
static void
print_facts(void)
{
	for (size_t i = 0; i < kind_count(); i++) {
		struct arena *arena = fuzz_arena();
		Sk__Facts facts = SK__FACTS__INIT;
		uint8_t *bytes;
		size_t size;

		facts.has_version = 1;
		facts.version = MESSAGE_VERSION;
		any_facts(arena, kind_at(i)->kind, &facts);
		MUST(wire_encode(&facts.base, arena, &bytes, &size) == SK_OK);
		printf("%02zx%02zx", i >> 8, i & 255);
		for (size_t at = 0; at < size; at++)
			printf("%02x", bytes[at]);
		putchar('\n');
	}
}

int
main(int argc, char **argv)
{
	size_t runs = 0;

	if (argc < 2 || sodium_init() < 0)
		return 2;
	if (argc > 2 && strcmp(argv[2], "--facts") == 0) {
		print_facts();
		return 0;
	}
	for (size_t i = 0; i < fuzz_targets_n; i++) {
		if (argc > 2)
			puts(fuzz_targets[i].name);
		else
			runs += run_file(&fuzz_targets[i], argv[1]);
	}
	if (argc == 2)
		printf("replay: targets=%zu runs=%zu\n", fuzz_targets_n, runs);
	return 0;
}
