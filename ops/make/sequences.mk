# sequences.mk - random events, wise and foolish, and what must always hold.
#
# SEQUENCES=n  fewer (the last line then says sequences-shrunk).

SEQUENCES_ALL := 100000

.PHONY: sequences
sequences: ready ## 100,000 random lives of a case; what must hold can be seen to fail
	@$(MAKE) --no-print-directory $(BUILD)/tests/unit/core/test_random \
	    $(PLANTED)/tests/unit/core/test_random
	@$(PYTHON) ops/make/sequences.py $(BUILD) $(SEQUENCES_ALL) $(SEQUENCES)
