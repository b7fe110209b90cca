# bench.mk - how fast, and how little when nothing happens.

BENCH_DIR := $(BUILD)/bench
BENCH_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bench/*.c))

$(BENCH_DIR)/bench: $(BENCH_OBJ) $(JOURNAL) $(LIB) $(PROTO)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_ALL)

.PHONY: bench
bench: ready ## the broker beside fdatasync and raw LMDB; writes build/bench.json
	@$(MAKE) --no-print-directory $(BIN)/schakel-broker $(BENCH_DIR)/bench
	@rm -rf $(BENCH_DIR)/run
	@$(BENCH_DIR)/bench $(BENCH_DIR)/run $(BIN)/schakel-broker $(BUILD)/bench.json; \
	    rc=$$?; rm -rf $(BENCH_DIR)/run; exit $$rc
