# tamper.mk - what was done to a journal, found out or not.
#
# TAMPER=n  so many mutations (with fewer than 2,000 the last line says
#           tamper-shrunk), SEED=n another choice of them.

TAMPER      ?= 2000
UNTOUCHED   ?= 200
TAMPER_DIR  := $(BUILD)/tamper
# The auditor's own files without its main.
TAMPER_PART := $(filter-out %/main.o,$(call objs_of,agents/audit)) \
               $(call objs_of,tests/tamper)

$(TAMPER_DIR)/tamper: $(TAMPER_PART) $(ENGINE) $(JOURNAL) $(CORE) $(LIB) $(PROTO)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_ALL)
TEST_PROGRAMS += $(TAMPER_DIR)/tamper

# A sanitizer's finding is no verdict: it has an exit code of its own.
.PHONY: tamper
tamper: ready ## a journal of real daemons altered in 2,000 ways, each found out
	@$(MAKE) --no-print-directory $(BIN)/schakel-broker \
	    $(BIN)/schakel-admin $(TAMPER_DIR)/tamper
	@rm -rf $(TAMPER_DIR)/made && mkdir -p $(TAMPER_DIR)/made
	@BUILD=$(BUILD) $(PYTHON) tests/tamper/make_journal.py $(TAMPER_DIR)/made >$(TAMPER_DIR)/made/log
	@ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99 \
	    $(TAMPER_DIR)/tamper $(TAMPER_DIR)/made $(TAMPER) $(UNTOUCHED) $(SEED); \
	    rc=$$?; rm -rf $(TAMPER_DIR)/made; exit $$rc
