# scenarios.mk - cases from the five source texts, played on real daemons.
#
# V=1 tells each story as it goes, PLAY=name plays one, JOBS=n so many at a
# time. What came of each stands in build/results/scenarios.json.

.PHONY: scenarios
scenarios: ready ## the regions' cases on real daemons (V=1, PLAY=name)
	@$(MAKE) --no-print-directory programs
	@BUILD=$(BUILD) RESULTS=$(BUILD)/results/scenarios.json V=$(V) \
	    $(PYTHON) $(PLAYS)/run.py \
	    $(if $(PLAY),$(PLAYS)/$(PLAY).yaml)
