#!/bin/sh
# The core is pure: no clock, no malloc, no I/O, no globals that change.
# check_pure.sh BUILD fails on any symbol that libcore.a takes from outside
# the allow-list, and on any writable data in it.
set -eu
lib="${1:?usage: check_pure.sh BUILD}/libcore.a"
[ -s "$lib" ] || { echo "check_pure: no $lib" >&2; exit 2; }

allowed='^(mem(cpy|set|cmp|move)|str(cmp|len)|snprintf'
allowed="$allowed|__(memcpy|memset|memmove|snprintf)_chk|__stack_chk_fail"
allowed="$allowed|_GLOBAL_OFFSET_TABLE_"
# the project's own contract
allowed="$allowed|arena_[a-z_]+|civil_[a-z_]+|ref_[a-z_]+|fault_set"
allowed="$allowed|kind_info|kind_(has_no_case|names_itself|is_own_record)"
allowed="$allowed|kind_reseals_to|warning_english|role_name|digest_key_id|member_is_current"
allowed="$allowed|sk__[a-z0-9_]+"
# what sanitizers put in
allowed="$allowed|__(asan|ubsan|tsan|sanitizer)_[a-z0-9_]+)\$"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nm -P --defined-only "$lib" | awk 'NF > 2 { print $1 }' | sort -u \
	> "$work/defined"
nm -P --undefined-only "$lib" | awk 'NF > 1 { print $1 }' | sort -u \
	> "$work/undefined"
bad=$(comm -23 "$work/undefined" "$work/defined" | grep -Ev "$allowed" || true)
if [ -n "$bad" ]; then
	echo "check_pure: the core may not use:" $bad >&2
	exit 1
fi
if grep -q __asan_ "$work/undefined"; then
	exit 0	# the sanitizer keeps its own writable tables
fi
writable=$(size -A "$lib" |
	awk '$1 ~ /^\.(data|bss|tdata|tbss)$/ && $2 > 0 { print $1, $2 }')
if [ -n "$writable" ]; then
	echo "check_pure: the core may hold no data that changes:" \
		$writable >&2
	exit 1
fi
