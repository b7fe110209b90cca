# figures.mk - 10,000 made-up cases, decided again, counted and compared.
#
# One quarter of them is counted again by recount.py from what was planted, and
# attack.py lays all six reports on it beside each other and subtracts.
# CASES=n for fewer, SEED=n for others, FIGURES_KEEP=1 to look at the journal.

FIGURES_DIR  := $(BUILD)/figures
FIGURES_PART := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/figures/*.c))

$(FIGURES_DIR)/figures: $(FIGURES_PART) $(ENGINE) $(JOURNAL) $(CORE) $(LIB) $(PROTO)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_ALL)
TEST_PROGRAMS += $(FIGURES_DIR)/figures

.PHONY: figures
figures: ready ## 10,000 cases in 342 municipalities, replayed and counted
	@$(MAKE) --no-print-directory $(BIN)/schakel-audit $(FIGURES_DIR)/figures
	@rm -rf $(FIGURES_DIR)/run; mkdir -p $(FIGURES_DIR)/run
	@$(FIGURES_DIR)/figures $(FIGURES_DIR)/run $(BIN)/schakel-audit; rc=$$?; \
	    [ -n "$(FIGURES_KEEP)" ] || rm -rf $(FIGURES_DIR)/run; exit $$rc
