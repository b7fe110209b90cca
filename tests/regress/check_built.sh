#!/bin/sh
# Each C file under tests was built: one that no target of unit-build reaches
# stops compiling one day, and nobody sees it.
# check_built.sh BUILD
set -eu
build="${1:?usage: check_built.sh BUILD}"

# make rules builds its plants itself, in a folder of its own.
missing=$(find tests -name '*.c' ! -path 'tests/rules/*' | sort |
	while read -r file; do
		[ -e "$build/${file%.c}.o" ] || echo "$file"
	done)
if [ -n "$missing" ]; then
	echo "check_built: what unit-build does not build:" $missing >&2
	echo "check_built: put its program in TEST_PROGRAMS" >&2
	exit 1
fi
