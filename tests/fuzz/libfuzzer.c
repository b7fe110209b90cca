/*
 * libfuzzer - the harness as libFuzzer wants it: which target is the
 * environment's FUZZ_TARGET.
 */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct fuzz_target *target;

	if (target == NULL) {
		const char *name = getenv("FUZZ_TARGET");

		target = fuzz_target_by_name(name == NULL ? "" : name);
		if (target == NULL) {
			fprintf(stderr, "FUZZ_TARGET is none of the targets\n");
			exit(2);
		}
	}
	fuzz_run(target, bytes, size);
	return 0;
}
