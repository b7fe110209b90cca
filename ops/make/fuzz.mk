# fuzz.mk - every decoder of hostile bytes, under libFuzzer and its sanitizers.
#
# FUZZ_SECONDS=n for each target; FUZZ=name for one of them. What is found is
# printed as a line for tests/fuzz/seeds, where it stays.

FUZZ_SECONDS ?= 20
FUZZ_DIR  := $(BUILD)/fuzz
FUZZ_PART := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/fuzz/replay.c \
             tests/fuzz/libfuzzer.c,$(wildcard tests/fuzz/*.c)))
FUZZ_LIBS := $(AGENT) $(JOURNAL) $(CORE) $(LIB) $(PROTO)

# The same harness twice: with every build its seeds are run once, and with
# SAN=fuzz libFuzzer looks for others.
$(FUZZ_DIR)/replay: $(BUILD)/tests/fuzz/replay.o $(FUZZ_PART) $(FUZZ_LIBS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lcmocka $(LIBS_ALL)

$(FUZZ_DIR)/fuzz: $(BUILD)/tests/fuzz/libfuzzer.o $(FUZZ_PART) $(FUZZ_LIBS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ -lcmocka $(LIBS_ALL)

TEST_PROGRAMS += $(FUZZ_DIR)/replay $(BUILD)/tests/fuzz/libfuzzer.o

.PHONY: fuzz
fuzz: ready ## libFuzzer on every decoder (FUZZ_SECONDS each, FUZZ=name)
	@$(MAKE) --no-print-directory SAN=fuzz BUILD=$(BUILD)/san-fuzz \
	    $(BUILD)/san-fuzz/fuzz/fuzz $(BUILD)/san-fuzz/fuzz/replay
	@$(PYTHON) tests/fuzz/run.py $(BUILD)/san-fuzz/fuzz $(FUZZ_SECONDS) $(FUZZ)

.PHONY: fuzz-seeds
fuzz-seeds: ready ## make the seeds again: vectors, and a case of real daemons
	@$(MAKE) --no-print-directory programs
	@BUILD=$(BUILD) $(PYTHON) tests/fuzz/make_seeds.py
