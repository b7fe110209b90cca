# rules.mk - the 82 rules of the care, each with the tests that show it.
#
# RULE=R44  that rule alone (the last line then says rules-shrunk).

PLANTED      := $(BUILD)/planted
PLANT_WRAPS  := @tests/rules/wraps
PLANT_OBJ    := $(PLANTED)/plant.o
PLANT_CORE   := $(PLANTED)/plant.o $(PLANTED)/plant_core.o

$(PLANTED)/%.o: tests/rules/%.c tests/rules/plant.h | $(PB_H)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -DSK_PLANTED -c -o $@ $<

# The same objects as in the product, linked behind those of the plants.
plant_parts = $(if $(findstring $(CORE),$(1)),$(PLANT_CORE),$(PLANT_OBJ))
define planted_unit
$(PLANTED)/tests/unit/$(1)/%: $(BUILD)/tests/unit/$(1)/%.o $(PLANT_CORE) $(PLANTED)/plant_test.o $(unit_libs_$(1))
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS_ALL) $(PLANT_WRAPS) -o $$@ $$< $(PLANTED)/plant_test.o $(call plant_parts,$(unit_libs_$(1))) $(unit_libs_$(1)) -lcmocka $(or $(unit_ext_$(1)),$$(LIBS_ALL))
endef
$(foreach d,$(UNIT_DIRS),$(eval $(call planted_unit,$(d))))

define planted_program
$(PLANTED)/bin/$(1): $(2) $(PLANT_CORE)
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS_ALL) $(PLANT_WRAPS) -o $$@ $(call plant_parts,$(2)) $(2) $$(LIBS_ALL)
endef
$(eval $(call planted_program,schakel-broker,$(BUILD)/broker/main.o $(EDGE) $(ENGINE) $(JOURNAL) $(CORE) $(LIB) $(PROTO)))
$(eval $(call planted_program,schakel-admin,$(call objs_of,broker/admin) $(JOURNAL) $(LIB) $(PROTO)))
$(eval $(call planted_program,schakel-agent,$(BUILD)/agents/agent/main.o $(AGENT) $(LIB) $(PROTO)))
$(eval $(call planted_program,schakel,$(call objs_of,agents/people) $(LIB) $(PROTO)))
$(eval $(call planted_program,schakel-audit,$(call objs_of,agents/audit) $(ENGINE) $(JOURNAL) $(CORE) $(LIB) $(PROTO)))

.PHONY: rules
rules: ready ## R1 to R82: where each lives, what shows it, and that breaking it shows
	@$(MAKE) --no-print-directory programs unit-build
	@$(MAKE) --no-print-directory $(patsubst $(BIN)/%,$(PLANTED)/bin/%,$(PROGRAMS)) \
	    $$($(PYTHON) ops/make/rules.py --programs $(PLANTED))
	@$(PYTHON) ops/make/rules.py --build $(BUILD) $(if $(RULE),--only $(RULE))
