# Schakel. `make help` lists the targets.
#
# BUILD=dir  where everything is built (default build)
# SAN=asan   address and undefined-behaviour sanitizers (SAN=tsan: threads,
#            SAN=fuzz: those of asan and what libFuzzer counts)

BUILD ?= build
SAN   ?=
CC    ?= cc
PYTHON := /usr/bin/python3

WARN     := -Wall -Wextra -Werror -Wconversion -Wshadow -Wmissing-prototypes \
            -Wstrict-prototypes -Wpointer-arith -Wvla -Wundef -Wwrite-strings
HARDEN   := -fstack-protector-strong -fPIE -fno-strict-aliasing -fno-common \
            -fcf-protection
ifeq ($(SAN),)
OPT      := -O2 -D_FORTIFY_SOURCE=2
else ifeq ($(SAN),asan)
OPT      := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifeq ($(SAN),tsan)
OPT      := -O1 -fsanitize=thread -fno-omit-frame-pointer
else ifeq ($(SAN),fuzz)
# libFuzzer is clang's; that the sources are clean is gcc's to say.
CC       := clang
WARN     := -w
OPT      := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else
$(error SAN=$(SAN): want asan, tsan or fuzz)
endif
CFLAGS   ?= -g
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -I. -I$(BUILD) $(OPT) $(WARN) $(HARDEN) $(CFLAGS) -MMD -MP
LDFLAGS_ALL := $(OPT) -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)
LIBS_PROTO := -lprotobuf-c -lsodium -lcrypto -lutf8proc
LIBS_ALL   := -lzmq -llmdb -lyaml -ljansson $(LIBS_PROTO) -lpthread

# A folder is a module and a static library; its order here is the one way
# that arrows run.
PB_SRC := $(patsubst %.proto,$(BUILD)/%.pb-c.c,$(wildcard proto/*.proto broker/lib/*.proto))
lib_a = $(BUILD)/lib$(1).a
objs  = $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/main.c,$(wildcard $(1)/*.c)))

PROTO   := $(call lib_a,proto)
CORE    := $(call lib_a,core)
LIB     := $(call lib_a,lib)
JOURNAL := $(call lib_a,journal)
ENGINE  := $(call lib_a,engine)
EDGE    := $(call lib_a,edge)
AGENT   := $(call lib_a,agent)
PEOPLE  := $(call lib_a,people)

PROTO_OBJ   := $(call objs,proto) $(PB_SRC:.c=.o)
CORE_OBJ    := $(call objs,broker/core)
LIB_OBJ     := $(call objs,broker/lib)
JOURNAL_OBJ := $(call objs,broker/journal)
ENGINE_OBJ  := $(call objs,broker/engine)
EDGE_OBJ    := $(call objs,broker/edge)
AGENT_OBJ   := $(call objs,agents/agent)
PEOPLE_OBJ  := $(call objs,agents/people)

BIN := $(BUILD)/bin
PROGRAMS := $(BIN)/schakel-broker $(BIN)/schakel-admin $(BIN)/schakel-agent \
            $(BIN)/schakel $(BIN)/schakel-audit

.PHONY: all
all: programs
.PHONY: programs
programs: $(PROGRAMS)

# --- generated code: plain protoc-c output, without our warnings
PB_H := $(PB_SRC:.c=.h)
$(BUILD)/%.pb-c.c $(BUILD)/%.pb-c.h: %.proto
	@mkdir -p $(@D)
	protoc-c --c_out=$(BUILD) -I. $<
$(BUILD)/%.pb-c.o: $(BUILD)/%.pb-c.c $(PB_H)
	$(CC) -std=c11 -I$(BUILD) $(OPT) $(HARDEN) $(CFLAGS) -c -o $@ $<
$(BUILD)/%.o: %.c | $(PB_H)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

define library
$(1): $(2)
	@rm -f $$@
	@$(if $(2),ar rcs $$@ $$^,printf '!<arch>\n' > $$@)
endef
$(eval $(call library,$(PROTO),$(PROTO_OBJ)))
$(eval $(call library,$(CORE),$(CORE_OBJ)))
$(eval $(call library,$(LIB),$(LIB_OBJ)))
$(eval $(call library,$(JOURNAL),$(JOURNAL_OBJ)))
$(eval $(call library,$(ENGINE),$(ENGINE_OBJ)))
$(eval $(call library,$(EDGE),$(EDGE_OBJ)))
$(eval $(call library,$(AGENT),$(AGENT_OBJ)))
$(eval $(call library,$(PEOPLE),$(PEOPLE_OBJ)))

define program
$(BIN)/$(1): $(2)
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS_ALL) -o $$@ $(2) $$(LIBS_ALL)
endef
objs_of = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))
$(eval $(call program,schakel-broker,$(BUILD)/broker/main.o $(EDGE) $(ENGINE) $(JOURNAL) $(CORE) $(LIB) $(PROTO)))
$(eval $(call program,schakel-admin,$(call objs_of,broker/admin) $(JOURNAL) $(LIB) $(PROTO)))
$(eval $(call program,schakel-agent,$(BUILD)/agents/agent/main.o $(AGENT) $(LIB) $(PROTO)))
$(eval $(call program,schakel,$(BUILD)/agents/people/main.o $(PEOPLE) $(LIB) $(PROTO)))
$(eval $(call program,schakel-audit,$(call objs_of,agents/audit) $(ENGINE) $(JOURNAL) $(CORE) $(LIB) $(PROTO)))

# --- unit tests: a folder links only what its module may stand on
unit_libs_proto   := $(PROTO)
unit_libs_core    := $(CORE) $(PROTO)
unit_libs_lib     := $(LIB) $(PROTO)
unit_libs_journal := $(JOURNAL) $(LIB) $(PROTO)
unit_libs_engine  := $(ENGINE) $(JOURNAL) $(CORE) $(LIB) $(PROTO)
unit_libs_edge    := $(EDGE) $(ENGINE) $(JOURNAL) $(CORE) $(LIB) $(PROTO)
unit_libs_agents  := $(AGENT) $(PEOPLE) $(LIB) $(PROTO)
unit_libs_audit   := $(filter-out %/main.o,$(call objs_of,agents/audit)) $(ENGINE) $(JOURNAL) $(CORE) $(LIB) $(PROTO)
unit_ext_proto    := $(LIBS_PROTO)
unit_ext_core     := $(LIBS_PROTO)
UNIT_DIRS := proto core lib journal engine edge agents audit
UNIT_TESTS := $(foreach d,$(UNIT_DIRS),$(patsubst tests/unit/$(d)/%.c,$(BUILD)/tests/unit/$(d)/%,$(wildcard tests/unit/$(d)/test_*.c)))
define unit_rule
$(BUILD)/tests/unit/$(1)/%: $(BUILD)/tests/unit/$(1)/%.o $(unit_libs_$(1))
	$$(CC) $$(LDFLAGS_ALL) -o $$@ $$< $(unit_libs_$(1)) -lcmocka $(or $(unit_ext_$(1)),$$(LIBS_ALL))
endef
$(foreach d,$(UNIT_DIRS),$(eval $(call unit_rule,$(d))))
.PRECIOUS: $(BUILD)/%.o $(BUILD)/%.pb-c.c $(BUILD)/%.pb-c.h

.PHONY: unit-build
unit-build: $(UNIT_TESTS)

-include ops/make/targets.mk

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
