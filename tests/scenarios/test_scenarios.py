"""The runner can fail, by name and line; every play can be read; and a short
play of each region holds."""
import io
import os
import subprocess
import sys

import pytest
from performance import Performance
from script import HERE, ROOT, ScriptError, find_plays, read_play

SHORT = [path for path in find_plays()
         if "short: true" in open(path, encoding="utf-8").read()]
HEAD = """\
title: "Een proef van de proef"
source: "none"
region: ijsselland
rules: [R6]
begins: 2026-03-02
participants:
  zwolle: {access: ["0193"]}
  deventer: {access: ["0150"]}
persons: {kind: none}
steps:
"""
SIGNAL = """\
  - day: 0
    who: deventer
    does: signal
    says: "een zorg over een kind in Zwolle"
    case: zorg
    options: {municipality: "0193", child: "{kind}", ground: SAFETY_GROUND}
    reaches: [zwolle]
    state: NEW
"""
TRIAGE = """\
  - day: 1
    who: zwolle
    does: triage
    says: "brede uitvraag"
    options: {ground: SAFETY_GROUND, others: NOT_KNOWN}
    reaches: []
    state: TRIAGED
"""
END = """\
ends: {cases: {zorg: TRIAGED}}
"""
GOOD = HEAD + SIGNAL + TRIAGE + END


def read(tmp_path, text):
    path = tmp_path / "proef.yaml"
    path.write_text(text, encoding="utf-8")
    return read_play(str(path))


def perform(tmp_path, text):
    out = io.StringIO()
    performance = Performance(read(tmp_path, text), out)
    held = performance.run()
    return held, performance, out.getvalue()


def test_a_play_that_says_what_happens_holds(tmp_path):
    held, performance, story = perform(tmp_path, GOOD)
    assert held, story
    assert performance.steps == 2 and performance.checks > 20


# what is said wrongly -> the line and the words of the fault
WRONG = {
    "nobody gets it": (
        ("reaches: [zwolle]", "reaches: []"), 11, "who has it"),
    "one more gets it": (
        ("reaches: []\n", "reaches: [deventer]\n"), 19, "who has it"),
    "another state": (
        ("state: TRIAGED\nends", "state: ROUTED\nends"), 19, "state"),
    "a state that is not said": (
        ("    state: NEW\n", ""), 11, "state"),
    "another end": (
        ("zorg: TRIAGED}", "zorg: CLOSED}"), 19, "the end of zorg"),
    "a refusal that does not come": (
        ("reaches: []\n    state: TRIAGED", "refused: {code: STATE_WRONG, "
         "field: header.kind, advice: no}"), 19, "the refusal"),
    "a notice that does not come": (
        (END, "  - {day: 3, broker: DEADLINE_WARNING, of: TRIAGE_DUE, "
         "reaches: [zwolle]}\n" + END), 26, "the notice"),
    "a notice that is not said": (
        ("- day: 1", "- day: 12"), 19, "a notice that the play does not"),
    "a figure": (
        ("{zorg: TRIAGED}}", "{zorg: TRIAGED}, figures: [{by: municipality, "
         "period: 2026Q1, counts: {OPENED_SIGNAL: 0}}]}"), 26,
        "figure OPENED_SIGNAL"),
    "an error that is not said": (
        ("ground: SAFETY_GROUND, others", "ground: SAFETY_GROUND, domain: "
         "\"SAFETY=YES:CHILD\", others"), None, None),
}


@pytest.mark.parametrize("why", WRONG)
def test_a_play_that_says_something_else_fails_by_name(tmp_path, why):
    (old, new), line, words = WRONG[why]
    assert old in GOOD
    held, performance, _ = perform(tmp_path, GOOD.replace(old, new))
    if line is None:    # what the programs take is no fault of the play
        assert held, performance.faults
        return
    assert not held
    assert f"proef.yaml:{line}: " in performance.faults[0]
    assert words in performance.faults[0]


# The steps beside the messages: the catalogue, the people of a team, erasure.
OFFICE = HEAD.replace("persons:", """\
people: {zwolle: {team: [ria, sem], hook: true}}
persons:""") + SIGNAL + """\
  - {who: zwolle, works: assign, says: "Ria neemt het", responsible: ria}
  - {who: zwolle, works: hand-over, with: sem, says: "aan Sem", responsible: ria}
  - {who: zwolle, person: sem, works: take, says: "neemt", responsible: sem}
  - {who: zwolle, says: "het werk van Sem", list: {zorg: RUNS}}
  - who: zwolle
    says: "wat is er gesloten?"
    asks: {municipality: "0193", level: COMPULSORY_LEVEL, age: 14}
    finds: [gesloten, steun-op-school, mediation-steun]
    drops: {pleegzorg: WRONG_LEVEL}
  - {day: 1, who: zwolle, person: ria, does: route, says: "x", case: zorg, options: {main: WMO}, refused: {code: STATE_WRONG, field: header.kind, advice: "not in state NEW"}}
  - {who: zwolle, does: request-access, says: "een vergissing", case: fout, options: {municipality: "0193", child: "{kind}", ground: HELP_REQUEST, theme: OTHER_THEME}, reaches: [], state: NEW}
  - {who: zwolle, does: void, says: "een vergissing", reaches: [], state: VOID}
  - {erases: fout, ground: ENTERED_IN_ERROR, says: "gewist", gone: [zwolle]}
ends:
  cases: {zorg: NEW, fout: VOID}
  erased: 4
  told: {zwolle: [SIGNAL zorg, ERASE fout]}
"""
OFFICE_WRONG = {
    "who answers": ("responsible: ria}", "responsible: sem}", 20,
                    "who answers for it"),
    "another's work": ("{zorg: RUNS}", "{}", 23, "the work of sem"),
    "what is found": ("[gesloten, steun", "[steun", 24, "what is found"),
    "why it drops out": ("drops: {pleegzorg: WRONG_LEVEL", "drops: "
                         "{pleegzorg: AGE_OUTSIDE", 28, "why not pleegzorg"),
    "who had a copy": ("gone: [zwolle]", "gone: [deventer]", 32,
                       "zwolle had a copy"),
    "what the hook was told": ("told: {zwolle: [SIGNAL zorg, ",
                               "told: {zwolle: [", 32, "what zwolle was told"),
}


def test_steps_beside_the_messages_hold(tmp_path):
    held, performance, story = perform(tmp_path, OFFICE)
    assert held, story
    assert performance.steps == 10


@pytest.mark.parametrize("why", OFFICE_WRONG)
def test_a_step_beside_the_messages_fails_by_name(tmp_path, why):
    old, new, line, words = OFFICE_WRONG[why]
    assert old in OFFICE
    held, performance, _ = perform(tmp_path, OFFICE.replace(old, new, 1))
    assert not held
    assert f"proef.yaml:{line}: " in performance.faults[0]
    assert words in performance.faults[0]


UNREADABLE = {
    "an unknown key": ("says: \"brede", "zegt: \"brede", "unknown key 'zegt'"),
    "an unknown step": ("who: zwolle\n    does", "wie: zwolle\n    does",
                        "want one of who, broker"),
    "an unknown participant": ("who: deventer", "who: ommen",
                               "no participant of this play"),
    "a step without an outcome": ("    reaches: []\n", "", "what comes of it"),
    "a step before the one above it": ("day: 1", "day: -1", "day: from 0"),
    "a person with the number of somebody": (
        "{kind: none}", "{kind: 123456782}", "want a test BSN"),
    "a name that names nothing": (
        "{kind}\"", "{buur}\"", "nothing of that name"),
    "a key twice": ("    state: NEW\n", "    state: NEW\n    state: NEW\n",
                    "stands here twice"),
    "a case without an end": ("{zorg: TRIAGED}", "{}", "zorg is missing"),
    "a region without a profile": ("region: ijsselland", "region: mars",
                                   "no profile mars"),
    "a rule that is none": ("[R6]", "[R83]", "want R1 to R82"),
    "what is no YAML": ("steps:", "steps: [", "proef.yaml:"),
}


@pytest.mark.parametrize("why", UNREADABLE)
def test_what_cannot_be_read_is_told_with_file_and_line(tmp_path, why):
    old, new, words = UNREADABLE[why]
    assert old in GOOD
    with pytest.raises(ScriptError) as error:
        read(tmp_path, GOOD.replace(old, new))
    assert words in str(error.value)
    assert "proef.yaml:" in str(error.value)


def test_the_last_line_counts_and_a_play_that_fails_fails_all(tmp_path):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(GOOD, encoding="utf-8")
    bad.write_text(GOOD.replace("state: NEW", "state: ENDED"),
                   encoding="utf-8")
    done = subprocess.run(
        [sys.executable, os.path.join(HERE, "run.py"), str(good), str(bad)],
        env=dict(os.environ, RESULTS=str(tmp_path / "r" / "scenarios.json")),
        text=True, capture_output=True, timeout=300)
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stdout.strip().split("\n")
    assert lines[-1] == "scenarios: regions=1 plays=2 held=1"
    assert any(line.startswith("ijsselland good: steps=2 checks=") and
               line.endswith(" held") for line in lines)
    assert "NOT HELD" in done.stdout


def test_every_play_can_be_read_and_the_regions_are_five():
    plays = [read_play(path) for path in find_plays()]
    assert {play.region for play in plays} == {
        "ijsselland", "amsterdam", "twente", "nijmegen", "ijsselland-2012"}


@pytest.mark.parametrize("path", SHORT, ids=[
    os.path.relpath(path, HERE)[:-len(".yaml")] for path in SHORT])
def test_a_short_play_of_each_region_holds(path):
    out = io.StringIO()
    assert Performance(read_play(path), out).run(), out.getvalue()


def test_each_region_has_a_short_play():
    assert ROOT and {read_play(path).region for path in SHORT} == {
        "ijsselland", "amsterdam", "twente", "nijmegen", "ijsselland-2012"}
