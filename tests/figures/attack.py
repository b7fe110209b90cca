#!/usr/bin/python3
"""Lays the six reports on one quarter beside each other and subtracts.

Usage: attack.py AUDIT JOURNAL SCRATCH PROFILE QUARTER...

What an attacker knows: every number that is told, that "<5" is 1 to 4 and "."
at least 1, that each table adds up to the same total, which municipalities
lie in a region and a court, which parts add up to which whole. Each hidden
count is then narrowed down, sum by sum, until nothing changes; and the sums of
one figure are solved together. The last line is
`attack: reports=N hidden=N found=N`.
"""
import json
import subprocess
import sys

import yaml

KEYS = ("municipality", "region", "court", "area", "provider", "theme")
ENDLESS = 10 ** 9
PRIME = 2 ** 31 - 1
ALL = ""


def report(audit, journal, scratch, key, quarter):
    done = subprocess.run(
        [audit, "figures", journal, "--by", key, "--period", quarter,
         "--scratch", scratch, "--json"], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def places(profile):
    """{municipality code: (region, court)}"""
    with open(profile, encoding="utf-8") as file:
        told = yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    courts = {str(c["corv_id"]): c["name"] for c in told["courts"]}
    return {str(m["code"]): (m["youth_region"], courts[str(m["court"])])
            for m in told["municipalities"]}


class Attack:
    def __init__(self):
        self.cell = {}    # (figure, key, name) -> [low, high]
        self.hidden = []
        self.sums = []    # ([whole], [parts]) of cells
        self.by_figure = {}

    def add(self, cell, value):
        # the total is the same in every report: only its name must be
        if cell in self.cell:
            assert self.told.get(cell) == value, (cell, value)
            return
        self.told[cell] = value
        if isinstance(value, int):
            self.cell[cell] = [value, value]
            return
        self.cell[cell] = [1, 4] if value == "<5" else [1, ENDLESS]
        self.hidden.append(cell)

    told = {}

    def read(self, key, told):
        for group in told["groups"]:
            whole, parts = None, []
            for count in group["counts"] + [{"id": None}]:
                if count.get("of") is None:
                    self.parts_of(key, whole, parts)
                    whole, parts = count, []
                if count["id"] is None or "rows" not in count:
                    continue
                self.add((count["id"], ALL, ALL), count["all"])
                for name, value in count["rows"].items():
                    self.add((count["id"], key, name), value)
                self.sum(count["id"], [(ALL, ALL)],
                         [(key, name) for name in count["rows"]])
                if count.get("part"):
                    parts.append(count)

    def parts_of(self, key, whole, parts):
        if not parts:
            return
        for name in list(whole["rows"]) + [ALL]:
            at = (ALL, ALL) if name == ALL else (key, name)
            self.sums.append(([(whole["id"],) + at],
                              [(p["id"],) + at for p in parts]))

    def sum(self, figure, wholes, parts):
        found = ([(figure,) + w for w in wholes],
                 [(figure,) + p for p in parts])
        self.sums.append(found)
        self.by_figure.setdefault(figure, []).append(found)

    def lie_together(self, where):
        figures = {figure for figure, _, _ in self.cell}
        names = {key: sorted({n for f, k, n in self.cell if k == key})
                 for key in KEYS}
        for index, key in enumerate(("region", "court")):
            for name in names[key]:
                inside = [("municipality", m) for m in names["municipality"]
                          if where.get(m[:4], ("", ""))[index] == name]
                for figure in figures if inside else ():
                    self.sum(figure, [(key, name)], inside)
        for area in names["area"]:
            for m in names["municipality"]:
                if area.split(" (")[0] == "Toegang " + m[5:]:
                    for figure in figures:
                        self.sum(figure, [("area", area)],
                                 [("municipality", m)])

    # ---- sum by sum

    def narrow(self, wholes, parts):
        """parts - wholes = 0: every cell lies within what the rest leaves."""
        terms = [(c, 1) for c in parts] + [(c, -1) for c in wholes]
        low = high = endless = 0
        for cell, sign in terms:
            a, b = self.cell[cell]
            low += a if sign > 0 else -b
            high += b if sign > 0 else -a
            endless += b >= ENDLESS
        changed = False
        for cell, sign in terms:
            a, b = self.cell[cell]
            if a == b:
                continue
            mine = (a, b) if sign > 0 else (-b, -a)
            rest_low, rest_high = low - mine[0], high - mine[1]
            if endless - (b >= ENDLESS) > 0:
                # some other one is endless, on one side or the other
                rest = [c for c, _ in terms if c != cell and
                        self.cell[c][1] >= ENDLESS]
                signs = {s for c, s in terms if c in rest}
                if 1 in signs:
                    rest_high = ENDLESS
                if -1 in signs:
                    rest_low = -ENDLESS
            got = (-rest_high, -rest_low) if sign > 0 else \
                (rest_low, rest_high)
            new = [max(a, got[0]), min(b, got[1])]
            if new != [a, b]:
                assert new[0] <= new[1], (cell, new)
                self.cell[cell] = new
                changed = True
                low = high = endless = 0
                for c, s in terms:
                    x, y = self.cell[c]
                    low += x if s > 0 else -y
                    high += y if s > 0 else -x
                    endless += y >= ENDLESS
        return changed

    def narrow_all(self):
        sums = [s for s in self.sums if any(
            self.cell[c][0] != self.cell[c][1] for c in s[0] + s[1])]
        changed = True
        while changed:
            changed = False
            for wholes, parts in sums:
                changed = self.narrow(wholes, parts) or changed

    # ---- and solved together

    def solve(self, sums):
        rows = []
        for wholes, parts in sums:
            row = {}
            for cell, sign in [(c, 1) for c in parts] + \
                    [(c, -1) for c in wholes]:
                if not isinstance(self.told[cell], int):
                    row[cell] = (row.get(cell, 0) + sign) % PRIME
            rows.append({c: v for c, v in row.items() if v})
        done = []
        for row in rows:
            for pivot, other in done:
                if pivot in row:
                    subtract(row, other, row[pivot])
            if not row:
                continue
            pivot = next(iter(row))
            scale = pow(row[pivot], PRIME - 2, PRIME)
            row = {c: v * scale % PRIME for c, v in row.items()}
            for _, other in done:
                if pivot in other:
                    subtract(other, row, other[pivot])
            done.append((pivot, row))
        return {pivot for pivot, row in done if len(row) == 1}


def subtract(row, other, times):
    for cell, value in other.items():
        left = (row.get(cell, 0) - times * value) % PRIME
        if left:
            row[cell] = left
        else:
            row.pop(cell, None)


def attack(audit, journal, scratch, where, quarter):
    told = Attack()
    told.told = {}
    for key in KEYS:
        told.read(key, report(audit, journal, scratch, key, quarter))
    told.lie_together(where)
    found = set()
    for sums in told.by_figure.values():
        found |= told.solve(sums)
    told.narrow_all()
    found |= {c for c in told.hidden if told.cell[c][0] == told.cell[c][1]}
    few = {c for c in found if told.told[c] == "<5"}
    for cell in sorted(few)[:10]:
        print("attack:", quarter, *cell, told.cell[cell][0], file=sys.stderr)
    return len(told.hidden), len(few)


def main():
    audit, journal, scratch, profile = sys.argv[1:5]
    where = places(profile)
    hidden = found = 0
    for quarter in sys.argv[5:]:
        more = attack(audit, journal, scratch, where, quarter)
        hidden, found = hidden + more[0], found + more[1]
    print(f"  attack: reports={len(KEYS) * len(sys.argv[5:])} "
          f"hidden={hidden} found={found}")
    return 0 if hidden > 0 and found == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
