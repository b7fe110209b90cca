# bench.mk - how fast, and how little when nothing happens.

BENCH_DIR  := $(BUILD)/bench
BENCH_PART := $(patsubst %.c,$(BUILD)/%.o,$(addprefix tests/bench/,field.c party.c raw.c))

$(BENCH_DIR)/%: $(BUILD)/tests/bench/%.o $(BENCH_PART) $(JOURNAL) $(LIB) $(PROTO)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_ALL)
TEST_PROGRAMS += $(BENCH_DIR)/bench $(BENCH_DIR)/idle

.PHONY: bench
bench: ready ## the broker beside fdatasync and raw LMDB; writes build/bench.json
	@$(MAKE) --no-print-directory $(BIN)/schakel-broker $(BENCH_DIR)/bench
	@rm -rf $(BENCH_DIR)/run
	@$(BENCH_DIR)/bench $(BENCH_DIR)/run $(BIN)/schakel-broker $(BUILD)/bench.json; \
	    rc=$$?; rm -rf $(BENCH_DIR)/run; exit $$rc

.PHONY: bench-idle
bench-idle: ready ## memory, processor time and start of agent and broker at rest
	@$(MAKE) --no-print-directory $(BIN)/schakel-broker $(BIN)/schakel-agent $(BENCH_DIR)/idle
	@rm -rf $(BENCH_DIR)/idle-run
	@$(BENCH_DIR)/idle $(BENCH_DIR)/idle-run $(BIN)/schakel-broker $(BIN)/schakel-agent; \
	    rc=$$?; rm -rf $(BENCH_DIR)/idle-run; exit $$rc
