# fuzz.mk - every decoder of hostile bytes, under libFuzzer and its sanitizers.
#
# FUZZ_SECONDS=n for each target; FUZZ=name for one of them. What is found is
# printed as a line for tests/fuzz/seeds, where it stays.

FUZZ_SECONDS ?= 20
FUZZ_DIR  := $(BUILD)/fuzz
fuzz_part  = $(patsubst %,$(BUILD)/tests/fuzz/%.o,$(1))
FUZZ_PART := $(call fuzz_part,fuzz targets wire record text config agent) \
             $(AGENT) $(JOURNAL) $(CORE) $(LIB) $(PROTO)
FUZZ_BROKER_PART := $(call fuzz_part,fuzz broker) \
             $(ENGINE) $(JOURNAL) $(CORE) $(LIB) $(PROTO)

# The same harness twice: with every build its seeds are run once, and with
# SAN=fuzz libFuzzer looks for others. Agent and broker do not link together.
define fuzz_program
$(FUZZ_DIR)/$(1): $(BUILD)/tests/fuzz/$(2).o $(3)
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS_ALL) $(4) -o $$@ $(BUILD)/tests/fuzz/$(2).o $(3) -lcmocka $$(LIBS_ALL)
endef
$(eval $(call fuzz_program,replay,replay,$(FUZZ_PART)))
$(eval $(call fuzz_program,replay-broker,replay,$(FUZZ_BROKER_PART)))
$(eval $(call fuzz_program,fuzz,libfuzzer,$(FUZZ_PART),-fsanitize=fuzzer))
$(eval $(call fuzz_program,fuzz-broker,libfuzzer,$(FUZZ_BROKER_PART),-fsanitize=fuzzer))
FUZZ_PROGRAMS := $(addprefix san-fuzz/fuzz/,fuzz replay fuzz-broker replay-broker)

TEST_PROGRAMS += $(FUZZ_DIR)/replay $(FUZZ_DIR)/replay-broker $(BUILD)/tests/fuzz/libfuzzer.o

.PHONY: fuzz
fuzz: ready ## libFuzzer on every decoder (FUZZ_SECONDS each, FUZZ=name)
	@$(MAKE) --no-print-directory SAN=fuzz BUILD=$(BUILD)/san-fuzz \
	    $(addprefix $(BUILD)/,$(FUZZ_PROGRAMS))
	@$(PYTHON) tests/fuzz/run.py $(BUILD)/san-fuzz/fuzz $(FUZZ_SECONDS) $(FUZZ)

.PHONY: fuzz-seeds
fuzz-seeds: ready ## make the seeds again: vectors, and a case of real daemons
	@$(MAKE) --no-print-directory programs $(FUZZ_DIR)/replay
	@BUILD=$(BUILD) $(PYTHON) tests/fuzz/make_seeds.py
