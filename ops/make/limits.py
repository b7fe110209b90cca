#!/usr/bin/python3
"""Every limit has a number, a name and a test at its edge.

Usage: limits.py. Reads the names that headers give to limits (NAME_MAX and the
like) and looks for each in the tests, by its name; limits.known beside this
file says of the others where they are tested by number, why they are none, or
that nobody tests them yet. The last line is
`limits: named=N tested=N explained=N untested=N missing=0`; exit 1 when one is
missing, or limits.known names what is not there.
"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.relpath(__file__))
DEFINED = re.compile(r"^#define (\w*(?:_MAX|_LIMIT|MAX_MS|_HWM|_WINDOW"
                     r"|CREDIT_MESSAGES|CREDIT_BYTES|_OUT_BYTES)\w*)\s", re.M)


def read(pattern):
    done = subprocess.run(["git", "ls-files", "-co", "--exclude-standard",
                           "--", *pattern], text=True, capture_output=True,
                          check=True)
    for path in done.stdout.split():
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as f:
                yield path, f.read()


def main():
    limits = {}
    for path, text in read(["proto/*.h", "broker/*.h", "agents/*.h"]):
        for name in DEFINED.findall(text):
            limits.setdefault(name, path)
    words = set()
    for path, text in read(["tests/*.c", "tests/*.h", "tests/*.py"]):
        words.update(re.findall(r"\w+", text))
    with open(f"{HERE}/limits.known", encoding="utf-8") as f:
        known = dict(line.split()[:2] for line in f
                     if line.strip() and not line.startswith("#"))
    missing = [name for name in limits if name not in words | set(known)]
    gone = sorted(set(known) - set(limits))
    for name in missing:
        print(f"{limits[name]}: {name} has no test at its edge")
    for name in gone:
        print(f"{HERE}/limits.known: there is no {name} any more")
    kinds = ["tested" if name in words or known.get(name) == "number" else
             "untested" if known.get(name) == "untested" else
             "missing" if name in missing else "explained"
             for name in limits]
    print(f"limits: named={len(limits)} " + " ".join(
        f"{kind}={kinds.count(kind)}"
        for kind in ("tested", "explained", "untested", "missing")))
    return 1 if missing or gone or not limits else 0


if __name__ == "__main__":
    sys.exit(main())
