#!/usr/bin/python3
"""R1 to R82: where each rule lives, which tests show it, and whether one of
them fails when the rule is broken on purpose.

Usage: rules.py --build DIR [--only R44]   run and print the table
       rules.py --programs DIR             the planted unit tests, to be linked
       rules.py --check                    is every gate, term and kind named?

tests/rules/rules.yaml says what a rule consists of; a test says by a comment
`rule: R44` above it what it shows. A rule is shown when it has tests, all of
them ran and passed, and each of its plants (tests/rules/plant.h) makes one of
its own tests fail. The last line is `rules: of=82 shown=N planted=N caught=N`.
"""
import argparse
import concurrent.futures
import glob
import itertools
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

import yaml

RULES = 82
TABLE = "tests/rules/rules.yaml"
SECONDS = 300
MARK = re.compile(r"rule: ?((?:R\d+(?:, ?)?)+)")
C_TEST = re.compile(r"^(test_\w+)\(")
PY_TEST = re.compile(r"^def (test_\w+)\(")
# key of a row: what is planted for each name that stands there
SORTS = {
    "gates": ("gate",), "deadlines": ("deadline", "late"), "kinds": ("kind",),
    "terms": ("term",), "figures": ("figure",), "plants": (),
}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


# ---- what there is

def enum_of(path, name):
    body = re.search(r"^enum %s \{(.*?)^\}" % name, read(path), re.S | re.M)
    return re.findall(r"^\s*([A-Z_0-9]+) = \d+;", body.group(1), re.M)


def known_names():
    """Every name that a row may use, by its key."""
    codes = re.findall(r"^X\((\w+), *(\d+),", read("proto/error.h"), re.M)
    rules = re.search(r"^message Rules \{(.*?)^\}", read(
        "proto/policy.proto"), re.S | re.M).group(1)
    return {
        "gates": [name for name, number in codes if 0 < int(number) < 200],
        "deadlines": enum_of("proto/session.proto", "DeadlineKind"),
        "kinds": enum_of("proto/envelope.proto", "Kind"),
        "terms": re.findall(r"optional \w+ (\w+) =", rules),
        "figures": re.findall(r"^X\((\w+)\s*,", read(
            "broker/core/figures_list.h"), re.M),
    }


def check_table(table, known):
    """What is wrong with the table, as lines."""
    wrong = []
    named = {key: set() for key in known}
    for rule in (f"R{n}" for n in range(1, RULES + 1)):
        row = table["rules"].get(rule)
        if row is None:
            wrong.append(f"{TABLE}: {rule} is missing")
            continue
        if not row.get("says") or not row.get("where"):
            wrong.append(f"{TABLE}: {rule} does not say what it is and where")
        for key in row:
            if key not in SORTS and key not in ("says", "where"):
                wrong.append(f"{TABLE}: {rule}: {key} is no key of a row")
        for key in known:
            for name in row.get(key, []):
                plain = name.split("@")[0]
                named[key].add(plain)
                if plain not in known[key]:
                    wrong.append(f"{TABLE}: {rule}: no {key[:-1]} {plain}")
    for rule in table["rules"]:
        if not re.fullmatch(r"R([1-9]|[1-7]\d|8[0-2])", rule):
            wrong.append(f"{TABLE}: {rule} is none of R1 to R{RULES}")
    beside = table.get("beside", {})
    for key in ("gates", "deadlines", "kinds"):
        for promise, names in beside.get(key, {}).items():
            if not re.fullmatch(r"P([1-9]|10)", promise):
                wrong.append(f"{TABLE}: {promise} is none of P1 to P10")
            named[key].update(names)
        wrong += [f"{TABLE}: no row names the {key[:-1]} {name}"
                  for name in known[key] if name not in named[key]]
    return wrong


# ---- tests and what they show

def annotated():
    """{rule: {file: [test]}} by the comments in the tests."""
    found = {}
    files = sorted(glob.glob("tests/**/*.c", recursive=True) +
                   glob.glob("tests/**/*.py", recursive=True))
    for path in files:
        pending = []
        test = C_TEST if path.endswith(".c") else PY_TEST
        for line in read(path).split("\n"):
            for marked in MARK.findall(line):
                pending += re.findall(r"R\d+", marked)
            hit = test.match(line)
            if hit:
                for rule in pending:
                    found.setdefault(rule, {}).setdefault(path, []).append(
                        hit.group(1))
                pending = []
    return found


def program_of(path, build):
    return os.path.join(build, path[:-2])


def results(path):
    """{test: passed}; a parametrised test passes when all of it does."""
    try:
        root = xml.parse(path).getroot()
    except (OSError, xml.ParseError):
        return {}
    told = {}
    for case in root.iter("testcase"):
        name = case.get("name").split("[")[0]
        bad = any(node.tag in ("failure", "error", "skipped")
                  for node in case)
        told[name] = told.get(name, True) and not bad
    return told


class Runner:
    """Runs chosen tests of a build with one plant, or with none."""

    def __init__(self, build):
        self.build = build
        self.planted = os.path.join(build, "planted")
        self.results = os.path.join(build, "results", "rules")
        os.makedirs(self.results, exist_ok=True)
        for old in glob.glob(os.path.join(self.results, "*.xml")):
            os.remove(old)
        self.counter = itertools.count()

    def run(self, path, tests, plant=None, build=None):
        """{test: passed} of those in tests; one that did not report failed."""
        out = os.path.join(self.results,
                           f"{os.getpid()}-{next(self.counter)}.xml")
        build = build or self.planted
        env = dict(os.environ, BUILD=build, PYTHONDONTWRITEBYTECODE="1",
                   SEQUENCES="500")
        env.pop("SK_PLANT", None)
        if plant:
            # What was broken never comes: no need to wait for it long.
            env.update(SK_PLANT=plant, PATIENCE="15")
        if path.endswith(".c"):
            env.update(CMOCKA_MESSAGE_OUTPUT="xml", CMOCKA_XML_FILE=out,
                       SK_PLANT_ONLY=",".join(tests))
            command = [program_of(path, build)]
        else:
            command = [sys.executable, "-m", "pytest", "-q", "-p",
                       "no:cacheprovider", f"--junitxml={out}",
                       *(f"{path}::{test}" for test in tests)]
        try:
            subprocess.run(command, env=env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, check=False,
                           stderr=subprocess.DEVNULL, timeout=SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            pass
        told = results(out)
        return {test: told.get(test, False) for test in tests}


# ---- one rule

def plants_of(row):
    found = [f"{sort}:{name}" for key, sorts in SORTS.items()
             for name in row.get(key, []) for sort in sorts]
    return found + row.get("plants", [])


def where(row):
    parts = [row["where"]]
    parts += [f"{key} {', '.join(row[key])}" for key in SORTS
              if key != "plants" and row.get(key)]
    return "; ".join(parts)


def in_order(files):
    """Unit tests first: they are quick."""
    return sorted(files, key=lambda path: (path.endswith(".py"), path))


def look_at(rule, row, files, runner, normal):
    """The rule's lines for the table, and what came of it."""
    wrong = []
    tests = [test for path in in_order(files) for test in files[path]]
    if not tests:
        wrong.append("no test names this rule")
    for path in in_order(files):
        told = normal[path] if path.endswith(".py") else \
            runner.run(path, files[path], build=runner.build)
        wrong += [f"{path}: {test} did not pass" for test in files[path]
                  if not told.get(test)]
        told = runner.run(path, files[path]) if path.endswith(".c") else {}
        wrong += [f"{path}: {test} does not pass where nothing is planted"
                  for test in told if not told[test]]
    plants, caught = plants_of(row), 0
    if not plants:
        wrong.append("nothing is planted")
    for plant in plants if not wrong else []:
        for path in in_order(files):
            if not all(runner.run(path, files[path], plant).values()):
                caught += 1
                break
        else:
            wrong.append(f"no test finds out: {plant}")
    lines = [f"{rule:4} {row['says']}", f"     where: {where(row)}",
             f"     tests: {', '.join(tests) or 'none'}",
             f"     planted {len(plants)}, caught {caught}"]
    lines += [f"     NOT SHOWN: {text}" for text in wrong]
    return lines, not wrong, len(plants), caught


def run_python(shows, runner, pool):
    """All annotated Python tests once, of the product itself."""
    chosen = {}
    for files in shows.values():
        for path, tests in files.items():
            if path.endswith(".py"):
                chosen.setdefault(path, set()).update(tests)
    told = pool.map(lambda path: runner.run(path, sorted(chosen[path]),
                                            build=runner.build), chosen)
    return dict(zip(chosen, told))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build")
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--programs")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    shows = annotated()
    if options.programs:
        print(" ".join(sorted({
            program_of(path, options.programs) for files in shows.values()
            for path in files if path.endswith(".c")})))
        return 0
    table = yaml.safe_load(read(TABLE))
    wrong = check_table(table, known_names())
    wrong += [f"{path}: {rule} is none of R1 to R{RULES}"
              for rule, files in shows.items() for path in files
              if rule not in table["rules"]]
    print("\n".join(wrong), end="\n" if wrong else "")
    if options.check or wrong:
        return 1 if wrong else 0
    chosen = options.only or [f"R{n}" for n in range(1, RULES + 1)]
    runner = Runner(options.build)
    shows = {rule: shows.get(rule, {}) for rule in chosen}
    shown = planted = caught = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        normal = run_python(shows, runner, pool)
        for lines, held, plants, found in pool.map(
                lambda rule: look_at(rule, table["rules"][rule], shows[rule],
                                     runner, normal), chosen):
            print("\n".join(lines), flush=True)
            shown, planted, caught = shown + held, planted + plants, \
                caught + found
    name = "rules-shrunk" if options.only else "rules"
    print(f"{name}: of={len(chosen)} shown={shown} planted={planted} "
          f"caught={caught}")
    return 0 if shown == len(chosen) and caught == planted > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
