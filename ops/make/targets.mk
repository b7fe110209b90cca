# targets.mk - what people ask of make; the Makefile builds, this runs.
#
# A target with two hashes behind it stands in `make help`. Other files in this
# folder come in by themselves.

PREFIX  ?= /usr/local
DESTDIR ?=
TESTS    = $(PYTHON) ops/make/run_tests.py --build $(BUILD)
CHECKS  := $(wildcard tests/unit/*/check_* tests/*/check_*.sh)
SYSTEM  := tests/system
INTEROP := tests/interop
PLAYS   := tests/scenarios

.PHONY: help
help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort -u | \
	    sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

.PHONY: setup
setup: ## install the Debian packages that are missing (root or sudo)
	ops/setup

# Nothing is asked on a machine that has everything.
.PHONY: ready
ready:
	@ops/setup --check >/dev/null || ops/setup

.PHONY: test
test: ready ## all tests: unit, system, interop; sets up what is missing
	@$(MAKE) --no-print-directory programs unit-build
	@$(TESTS) --unit $(UNIT_TESTS) --check $(CHECKS) --pytest $(SYSTEM) $(INTEROP) $(PLAYS)

.PHONY: test-unit
test-unit: ready ## unit tests and checks alone
	@$(MAKE) --no-print-directory unit-build
	@$(TESTS) --unit $(UNIT_TESTS) --check $(CHECKS)

.PHONY: test-asan
test-asan: ready ## unit and system tests under address and UB sanitizers
	@$(MAKE) --no-print-directory SAN=asan BUILD=$(BUILD)/asan test-sanitized

# A finding is an exit of 66, which no test takes for well.
.PHONY: test-tsan
test-tsan: ready ## the same under the thread sanitizer
	@$(MAKE) --no-print-directory SAN=tsan BUILD=$(BUILD)/tsan \
	    programs unit-build
	@TSAN_OPTIONS="suppressions=$(abspath ops/make/tsan.supp) exitcode=66" \
	    $(PYTHON) ops/make/run_tests.py --build $(BUILD)/tsan --seconds 1800 \
	    --unit $(patsubst $(BUILD)/%,$(BUILD)/tsan/%,$(UNIT_TESTS)) \
	    --check $(filter-out %/check_install.sh,$(CHECKS)) \
	    --pytest $(SYSTEM)

.PHONY: test-sanitized
test-sanitized: programs unit-build
	@UBSAN_OPTIONS=print_stacktrace=1 \
	    ASAN_OPTIONS=detect_stack_use_after_return=1 \
	    $(TESTS) --unit $(UNIT_TESTS) --check $(CHECKS) --pytest $(SYSTEM)

.PHONY: lint
lint: ready ## every tool that reads the sources; ends with findings=N
	@$(MAKE) --no-print-directory generated
	@$(PYTHON) ops/make/lint.py $(BUILD)

.PHONY: limits
limits: ## each limit of a header, and whether a test stands at its edge
	@$(PYTHON) ops/make/limits.py

.PHONY: generated
generated: $(PB_H)

.PHONY: demo
demo: ready ## one case from court order to court report, on this machine
	@$(MAKE) --no-print-directory programs
	@BUILD=$(BUILD) $(PYTHON) ops/demo/demo.py

.PHONY: national
national: ready ## a case for each of the 342 municipalities
	@$(MAKE) --no-print-directory programs
	@BUILD=$(BUILD) $(PYTHON) ops/demo/national.py

.PHONY: nightly
nightly: ready ## every command that shows a promise; writes build/shows.json
	@$(PYTHON) ops/make/nightly.py $(BUILD)/shows.json

.PHONY: install
install: programs ## programs, man pages, regions and units under PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin
	install -m 755 $(BIN)/schakel $(BIN)/schakel-audit $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BIN)/schakel-broker $(BIN)/schakel-admin \
	    $(BIN)/schakel-agent $(DESTDIR)$(PREFIX)/sbin
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 \
	    $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 644 $(wildcard ops/man/*.1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(wildcard ops/man/*.8) $(DESTDIR)$(PREFIX)/share/man/man8
	install -d $(DESTDIR)$(PREFIX)/share/schakel/regions
	install -m 644 $(wildcard ops/regions/*.yaml) \
	    $(DESTDIR)$(PREFIX)/share/schakel/regions
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	set -e; for unit in $(notdir $(wildcard ops/units/*)); do \
	    sed 's|@PREFIX@|$(PREFIX)|g' ops/units/$$unit | install -m 644 \
	    /dev/stdin $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit; done

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD)

# Bench and the like, each in its own file.
-include $(filter-out ops/make/targets.mk,$(wildcard ops/make/*.mk))

# What is not run at each change is built at each change, so that none rots.
.PHONY: test-programs
test-programs: $(TEST_PROGRAMS) ## bench, figures, tamper and the like, built and not run
unit-build: test-programs
