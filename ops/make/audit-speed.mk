# audit-speed.mk - how fast an auditor's program reads, in how much memory.
#
# AUDIT_ENTRIES=n for fewer. The linker takes tree and checkpoint out for the
# half of the appends that is compared with: the product has no such switch.

SPEED_DIR  := $(BUILD)/audit-speed
SPEED_PART := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/audit-speed/*.c) \
              $(addprefix tests/figures/,field.c play.c script.c))
SPEED_WRAP := -Wl,--wrap=tree_append -Wl,--wrap=evidence_commit

$(SPEED_DIR)/audit-speed: $(SPEED_PART) $(ENGINE) $(JOURNAL) $(CORE) $(LIB) $(PROTO)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) $(SPEED_WRAP) -o $@ $^ $(LIBS_ALL)
TEST_PROGRAMS += $(SPEED_DIR)/audit-speed

.PHONY: audit-speed
audit-speed: ready ## verify and replay 5,000,000 entries, append with and without tree
	@$(MAKE) --no-print-directory $(BIN)/schakel-audit $(SPEED_DIR)/audit-speed
	@rm -rf $(SPEED_DIR)/run; mkdir -p $(SPEED_DIR)/run/small $(SPEED_DIR)/run/big
	@$(SPEED_DIR)/audit-speed $(SPEED_DIR)/run $(BIN)/schakel-audit; rc=$$?; \
	    rm -rf $(SPEED_DIR)/run; exit $$rc
