#!/bin/sh
# Every refusal, term and kind belongs to a rule or a promise, and nothing of
# what breaks rules on purpose is in what is shipped.
# check_rules.sh BUILD
set -eu
build="${1:?usage: check_rules.sh BUILD}"

/usr/bin/python3 ops/make/rules.py --check

for file in "$build"/lib*.a "$build"/bin/*; do
	[ -e "$file" ] || continue
	if grep -qE 'SK_PLANT|__wrap_' "$file"; then
		echo "check_rules: $file holds what only make rules may" >&2
		exit 1
	fi
done
