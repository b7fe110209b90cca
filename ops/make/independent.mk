# independent.mk - our proofs, checked by programs that are not ours.
#
# Go's golang.org/x/mod/sumdb, openssl and npm's @sigstore/verify read what
# tests/independent/write.c writes. What they need is installed here when it
# is missing: nothing else in the tree needs it.

INDEPENDENT := $(BUILD)/independent

$(INDEPENDENT)/write: $(BUILD)/tests/independent/write.o $(JOURNAL) $(LIB) $(PROTO)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_ALL)
TEST_PROGRAMS += $(INDEPENDENT)/write

# Debian has x/mod as sources for a GOPATH, and no module proxy is asked.
$(INDEPENDENT)/check: tests/independent/check.go
	@mkdir -p $(@D)
	GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$(abspath $(INDEPENDENT))/go-cache \
	    go build -o $@ $<

$(INDEPENDENT)/npm/node_modules: tests/independent/package-lock.json
	@mkdir -p $(INDEPENDENT)/npm
	cp tests/independent/package.json tests/independent/package-lock.json $(INDEPENDENT)/npm
	cd $(INDEPENDENT)/npm && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: independent
independent: ready ## every proof up to 300 leaves, by three tools that are not ours
	@tests/independent/setup
	@$(MAKE) --no-print-directory $(INDEPENDENT)/write $(INDEPENDENT)/check \
	    $(INDEPENDENT)/npm/node_modules
	@rm -rf $(INDEPENDENT)/files && mkdir -p $(INDEPENDENT)/files
	@$(INDEPENDENT)/write $(INDEPENDENT)/files
	@tests/independent/run $(INDEPENDENT); rc=$$?; rm -rf $(INDEPENDENT)/files; exit $$rc
