#!/bin/sh
# Every seed, and everything that was ever found, run once.
# check_seeds.sh BUILD
set -eu
build="${1:?usage: check_seeds.sh BUILD}"

"$build/fuzz/replay" tests/fuzz/seeds
"$build/fuzz/replay-broker" tests/fuzz/seeds
