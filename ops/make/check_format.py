#!/usr/bin/python3
"""clang-format as a check: spaces, braces and indentation are its own, where a
long line breaks is the author's. Prints findings as file:line: text.

clang-format cannot say this house's continuation lines (four columns, filled),
so lines that only break elsewhere than it would are let through; a trailing
comment may stand behind a tab. "clang-format off" may carry its reason, which
clang-format 14 does not read by itself.
"""
import re
import subprocess
import sys

# 80 where reasonable. Tables of cases in tests are as wide as they are.
COLUMNS_MAX = 110


def ranges(lines):
    """What stands outside "clang-format off", as first and last line."""
    start, off = 1, False
    for number, line in enumerate(lines, 1):
        if not off and "clang-format off" in line:
            off = True
            if number > start:
                yield start, number - 1
        elif off and "clang-format on" in line:
            start, off = number + 1, False
    if not off and start <= len(lines):
        yield start, len(lines)


TOKEN = re.compile(r"""/\*.*?\*/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\w+|\S""",
    re.S)
STARTS = (";", "{", "}", ")", ":", "else", "do")  # a statement may follow

LOOSE = [("(", ""), (")", ""), (";", "")]  # type (*)[n], and for (; ; )
# Cases in columns, and structs that fit on a line.
SHORT = re.compile(r"[{}]|\bcase\b|\bdefault:")


def tokens(text):
    """Every token, its line, and the blanks before it on that line; first
    says whether it is the first there."""
    out, line, at = [], 1, 0
    text = text.replace("\\\n", " \n")  # a macro's lines
    for found in TOKEN.finditer(text):
        blanks = text[at:found.start()]
        line += blanks.count("\n")
        first = "\n" in blanks or at == 0
        out.append((found[0], line, blanks.rsplit("\n", 1)[-1], first))
        line += found[0].count("\n")
        at = found.end()
    return out


def compare(ours, theirs, lines):
    before, skipped = "", set()
    for number, line in enumerate(lines, 1):
        if line.startswith("#") or re.search(r"\boperator\b", line):
            skipped.add(number)  # a word of C++ to clang-format
        if line.endswith("\\"):
            skipped.update((number, number + 1))
    for mine, want in zip(ours, theirs):
        name, number, blanks, first = mine
        previous, before = before, name
        if name.startswith("/*"):
            before = previous
            continue
        if name != want[0]:
            # Behind this nothing lines up; cannot happen to C that compiles.
            yield number, f"has {name!r}, want {want[0]!r}"
            return
        if number in skipped:
            continue
        if first and want[3]:
            if previous in STARTS and not want[2].strip("\t") and \
                    blanks != want[2] and not blanks.endswith("    "):
                yield number, f"indent of {name!r}"
        elif not first and not want[3]:
            if bool(blanks) != bool(want[2]) and \
                    (name, want[2]) not in LOOSE and \
                    previous != "*" and '"' not in (previous[-1:], name[0]):
                yield number, (f"a blank before {name!r}" if want[2] else
                    f"no blank before {name!r}")
        elif want[3] and not want[2].strip("\t") and \
                (name.isidentifier() or name == "{" and want[2] == "" and
                 not lines[number - 1].endswith("}")) and (
                    previous in (")", "else", "do") or
                    previous == ";" and not SHORT.search(lines[number - 1])):
            yield number, f"{name!r} wants a line of its own"


def check(path):
    with open(path, encoding="utf-8") as source:
        text = source.read()
    lines = text.split("\n")
    inside = list(ranges(lines))
    if not inside:
        return []
    findings = []
    for first, last in inside:
        for number in range(first, last + 1):
            if len(lines[number - 1].expandtabs(8)) > COLUMNS_MAX and \
                    not path.startswith("tests/"):
                findings.append((number, f"longer than {COLUMNS_MAX} columns"))
            if re.search(r"[ \t]$", lines[number - 1]):
                findings.append((number, "blanks at the end"))
    done = subprocess.run(
        ["clang-format", *(f"--lines={a}:{b}" for a, b in inside), path],
        capture_output=True, text=True, check=True)
    findings.extend(compare(tokens(text), tokens(done.stdout), lines))
    return findings


def main():
    count = 0
    for path in sys.argv[1:]:
        for number, text in sorted(set(check(path))):
            print(f"{path}:{number}: {text}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
