"""Region profiles on a real broker: every one of ours is taken, one that
contradicts itself is refused with file and line, and the running policy
stays."""
import glob
import json
import os

import pytest
from harness import ROOT, written
from stage import IJSSELLAND

PROFILES = sorted(glob.glob(os.path.join(ROOT, "ops", "regions", "*.yaml")))
NAMES = [os.path.basename(path) for path in PROFILES]


def version(stage):
    return stage.status()["policy_version"]


def find(text, wanted):
    """Line and column, from 1, of a value in a file."""
    at = text.index(wanted)
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def test_every_profile_is_taken_one_after_another(stage):
    stage.start_broker()
    first = version(stage)
    for count, path in enumerate(PROFILES, 1):
        stage.policy(path)
        assert version(stage) == first + count, path
    stage.holds()
    assert "amsterdam.yaml" in NAMES and len(NAMES) >= 6


# What is written instead of what, the field that is wrong, and the text at
# whose place the operator is pointed (None: the new text itself).
WRONG = {
    "a ladder out of order": (
        "order_warning_days: 14", "order_warning_days: 28",
        "rules.order_warning_days", "28\n"),
    "a term of no days": (
        "triage_due_workdays: 5", "triage_due_workdays: 0",
        "rules.triage_due_workdays", "0\n"),
    "a municipality twice": (
        'code: "0150"', 'code: "0148"', "municipalities[1].code",
        '"0148", name: "Deventer"'),
    "an offering without a provider": (
        'ouders", provider: "42420003"', 'ouders", provider: "42429999"',
        "offerings[2].provider", '"42429999"'),
    "an unknown product": (
        "product: 45A51", "product: 45Z51", "offerings[4].product", "45Z51"),
    "help with stay given at home": (
        "product: 43A09, theme: OTHER_THEME, place: FOSTER",
        "product: 43A09, theme: OTHER_THEME, place: HOME",
        "offerings[11].place", "HOME, scale: REGIONAL, age_until"),
    "a statement that ends before it holds": (
        "from_date: 2021-05-31}}\n",
        "from_date: 2021-05-31, until_date: 2021-05-30}}\n",
        "providers[0].qualification.until_date", "2021-05-30"),
    "a member that left before it came": (
        'name: "Deventer", ',
        'name: "Deventer", from_date: 2015-01-01, until_date: 2014-12-31, ',
        "municipalities[1].until_date", "2014-12-31"),
    "a merger into nobody": (
        'name: "Ommen", ',
        'name: "Ommen", until_date: 2026-12-31, successor: "9999", ',
        "municipalities[4].successor", '"9999"'),
    "a group member that is no provider": (
        "sources:",
        "groups:\n  - {code: g, from_level: LIGHT, members: "
        '["42420001", "42429998"]}\nsources:',
        "groups[0].members[1]", '"42429998"'),
    "an area twice": (
        "sources:",
        'areas:\n  - {code: stad, municipalities: ["0193"]}\n'
        '  - {code: stad, municipalities: ["0150"]}\nsources:',
        "areas[1].code", 'stad, municipalities: ["0150"]'),
}


def test_a_bad_profile_is_refused_by_file_and_line_and_changes_nothing(lit):
    with open(IJSSELLAND, encoding="utf-8") as f:
        good = f.read()
    path = os.path.join(lit.dir, "profile.yaml")
    before = version(lit)
    for what, (old, new, field, mark) in WRONG.items():
        assert old in good, what
        bad = good.replace(old, new, 1)
        line, column = find(bad, mark)
        said = lit.attempt("policy", "--file", written(path, bad))
        assert said.returncode == 1, what
        assert f"{path}:{line}:{column}: {field}: " in said.stderr, \
            (what, said.stderr)
        assert "POLICY_WRONG" in said.stderr, what
        assert version(lit) == before, what
    # and the policy that stood still takes what it took
    lit.policy()
    assert version(lit) == before + 1
    lit.holds()


# code: POLICY_WRONG
def test_a_refused_profile_is_told_to_programs_too(lit):
    with open(IJSSELLAND, encoding="utf-8") as f:
        bad = f.read().replace("product: 45A51", "product: 45Z51", 1)
    path = written(os.path.join(lit.dir, "profile.yaml"), bad)
    said = lit.attempt("policy", "--json", "--file", path)
    assert said.returncode == 1
    assert json.loads(said.stdout) == {
        "ok": False, "code": "POLICY_WRONG", "field": "offerings[4].product"}
    assert f"{path}:" in said.stderr


@pytest.mark.parametrize("line", ["rulez: {}", "region: a\nregion: b"])
def test_what_is_no_profile_never_reaches_the_broker(lit, line):
    path = written(os.path.join(lit.dir, "profile.yaml"), line + "\n")
    before = version(lit)
    said = lit.attempt("policy", "--file", path)
    assert said.returncode == 1 and f"{path}:" in said.stderr
    assert version(lit) == before
