#!/bin/sh
# make install puts everything in its place, under any PREFIX and DESTDIR; the
# pages render without a word, the units are good and their sandbox is tight.
# check_install.sh BUILD
set -eu
build="${1:?usage: check_install.sh BUILD}"
# What systemd-analyze calls the exposure, in tenths: network and other users
# are what a broker is for.
exposure_max=20

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
fail() {
	echo "check_install: $*" >&2
	exit 1
}

for prefix in /usr /opt/schakel; do
	dest="$root$prefix-dest"
	make -s install BUILD="$build" PREFIX="$prefix" DESTDIR="$dest" \
		>"$root/log" 2>&1 || { cat "$root/log" >&2; exit 1; }
	for program in bin/schakel bin/schakel-audit sbin/schakel-broker \
		sbin/schakel-admin sbin/schakel-agent; do
		[ -x "$dest$prefix/$program" ] || fail "no $prefix/$program"
		page="$dest$prefix/share/man/man[18]/$(basename "$program").[18]"
		# shellcheck disable=SC2086 # a pattern on purpose
		[ -s $page ] || fail "no page for $program"
	done
	for file in ops/regions/*.yaml; do
		cmp -s "$file" "$dest$prefix/share/schakel/regions/${file##*/}" ||
			fail "no ${file##*/}"
	done
	for file in ops/units/*; do
		unit="$dest$prefix/lib/systemd/system/${file##*/}"
		[ -s "$unit" ] || fail "no ${file##*/}"
		grep -q "^ExecStart=$prefix/sbin/" "$unit" ||
			fail "${file##*/} starts something else"
		! grep -q '@[A-Z]*@' "$unit" || fail "${file##*/} has a hole"
	done
	# Nothing else, and nothing that others may write.
	count=$(find "$dest" -type f | wc -l)
	want=$((5 + $(ls ops/man | wc -l) + $(ls ops/regions | wc -l) +
		$(ls ops/units | wc -l)))
	[ "$count" = "$want" ] || fail "$count files, want $want"
	[ -z "$(find "$dest" -perm /022 ! -type l)" ] || fail "writable for others"
done

dest="$root/usr-dest"
for page in "$dest"/usr/share/man/man*/*; do
	MANWIDTH=80 man --warnings -l "$page" >"$root/page" 2>"$root/said" ||
		fail "$page does not render"
	[ ! -s "$root/said" ] || { cat "$root/said" >&2; fail "$page"; }
	[ "$(wc -l <"$root/page")" -gt 20 ] || fail "$page is empty"
done
for unit in schakel-broker.service schakel-agent@court.service; do
	systemd-analyze verify --man=no --recursive-errors=no --root="$dest" \
		"$unit" >"$root/said" 2>&1 || { cat "$root/said" >&2; fail "$unit"; }
	[ ! -s "$root/said" ] || { cat "$root/said" >&2; fail "$unit"; }
	systemd-analyze security --no-pager --offline=yes --root="$dest" \
		--threshold="$exposure_max" "$unit" >"$root/said" 2>&1 ||
		{ cat "$root/said" >&2; fail "$unit: exposure"; }
done
