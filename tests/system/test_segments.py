"""A year that is over goes into an environment of its own while the broker
runs: everything goes on as if it had not, and what is put in its place is
found out.

SEGMENT is how many messages are sent while it goes (200; nightly 2000).
"""
import glob
import json
import os
import shutil
import signal
import subprocess

import pytest
from harness import (COURT, ORDER_TEXT, TODAY, WAIT, ZWOLLE, Stage, log_of,
                     order, wait_log)
from test_audit import audit, flip
from test_backup import NOTICE, Traffic, backup, rebuild, verified
from test_erasure import WHY, row, where
from test_recovery import Old

SEGMENT = int(os.environ.get("SEGMENT", "200"))
NEXT_YEAR = "2027-01-04T09:00:00Z"
GONE = "archived year removed from the journal year="


class TwoYears(Old):
    """Cases of 2026: one goes on in 2027, two were called void."""

    def __init__(self, stage, tmp_path):
        super().__init__(stage, tmp_path)
        self.void = self.open_case(40)
        left = self.open_case(80)
        stage.step("2026-12-14T09:00:00Z")
        for case in (self.void, left):
            self.agents[COURT].say("VOID", {}, case, to=[ZWOLLE],
                                   sections=WHY)
        self.agents[ZWOLLE].wait_letter("VOID", 2)
        stage.settle()
        stage.step(NEXT_YEAR)
        self.said = self.agents[COURT].say("HEARING_NOTICE", NOTICE,
                                           self.case)
        stage.settle()

    def stop(self):
        for agent in self.agents.values():
            agent.stop()
        self.stage.broker.stop()

    def start(self):
        self.stage.broker.start()
        for agent in self.agents.values():
            agent.start()


@pytest.fixture
def years(lit, tmp_path):
    return TwoYears(lit, tmp_path)


def archive(stage, year=2026):
    stage.admin("archive", year)
    wait_log(stage.broker, GONE + str(year))


def told(stage, *words):
    done = stage.audit(*words, "--json")
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return json.loads(done.stdout)


ASKED = (("timeline", "--case", "1"), ("timeline", "--case", "2"),
         ("timeline", "--participant", str(COURT)), ("access",),
         ("figures", "--period", "2026Q1", "--by", "theme", "--json"),
         ("prove", "7", "--out"))


def all_that_is_told(years):
    """Of each verb what it says of the stopped journal."""
    stage, at = years.stage, years.stage.broker.journal
    vkey = audit(stage, "vkey", at).stdout.strip()
    proof = os.path.join(stage.dir, "proof")
    said = []
    for words in ASKED:
        done = stage.audit(*words, *[proof] * (words[0] == "prove"))
        assert done.returncode == 0 and done.stdout, (words, done)
        said.append(done.stdout)
    checked = audit(stage, "check", proof, "--key", vkey)
    assert checked.returncode == 0, checked
    verified_ = told(stage, "verify")
    assert verified_["holds"], verified_
    verified_ = {name: value for name, value in verified_.items()
                 if not name.endswith("seconds")}
    replayed = told(stage, "replay")
    assert replayed["differences"] == 0, replayed
    return [*said, verified_, replayed]


def test_nothing_that_anyone_asks_is_told_otherwise(years, tmp_path):
    years.stop()
    stage, journal = years.stage, years.stage.broker.journal
    before = str(tmp_path / "before")
    shutil.copytree(journal, before)
    was = all_that_is_told(years)
    assert "2026" in was[0] and "2027" in was[0]
    # The command to archive, and a start before it, are entries as well.
    stage.broker.start()
    entries = stage.status()["entries"]
    archive(stage)
    status = stage.status()
    segment, = status["segments"]
    assert (segment["year"], segment["from"]) == (2026, 1)
    assert segment["to"] < entries and "archive" not in status, status
    stage.broker.stop()
    now = all_that_is_told(years)
    for n, words in enumerate(ASKED):
        assert words[0] == "prove" or now[n] == was[n], words
    assert now[-2]["entries"] > was[-2]["entries"]
    # Byte for byte the beginning of it is what it was, and provably so.
    first = json.loads(audit(stage, "diff", before, journal,
                             "--json").stdout)["first_difference"]
    assert first["position"] == was[-2]["entries"], first
    note = os.path.join(stage.dir, "public", "checkpoint")
    audit(stage, "export", "--public", before, os.path.dirname(note))
    done = audit(stage, "consistency", journal, note)
    assert done.returncode == 0, done
    out = str(tmp_path / "auditor")
    done = stage.audit("export", out, "--auditor")
    assert done.returncode == 0, done
    assert json.loads(audit(stage, "verify", out, "--json").stdout)["holds"]
    done = rebuild(stage)
    assert done.returncode == 0 and "differences=0" in done.stdout, done
    # And the whole goes on.
    years.start()
    years.agents[COURT].say("HEARING_NOTICE", NOTICE, years.case)


def test_a_year_goes_under_traffic_and_into_backup_and_restore(
        years, tmp_path):
    stage = years.stage
    years.back_up()
    traffic = Traffic(years.agents[COURT], years.case, SEGMENT)
    traffic.start()
    archive(stage)
    traffic.join(WAIT)
    assert traffic.failure is None, traffic.failure
    assert len(traffic.said) == SEGMENT
    stage.settle()
    # The copy made before goes on from where it was; a new one is the same.
    years.back_up()
    fresh = backup(stage, str(tmp_path / "fresh"))
    assert fresh["entries"] >= years.made["entries"]
    verified(stage, years.copy, "--keys", years.keys)
    verified(stage, str(tmp_path / "fresh"))
    out = str(tmp_path / "auditor")
    stage.admin("export", "--out", out, "--person", 5, "--ground", "proef")
    assert json.loads(audit(stage, "verify", out, "--json").stdout)["holds"]
    # A restored journal has all in one, and may be archived again.
    years.lose()
    years.restore()
    stage.broker.start()
    years.wait_reported(years.agents)
    years.end()
    assert "segments" not in stage.status()
    stage.settle()
    archive(stage)
    stage.settle()
    stage.holds()
    # The entry that says under which name it goes on went out as well.
    stage.broker.start()
    for agent in years.agents.values():
        agent.wait(connected=True)
    stage.step("2028-01-05T09:00:00Z")
    archive(stage, 2027)
    years.agents[COURT].say("HEARING_NOTICE", NOTICE, years.case)
    stage.settle()
    years.stop()
    assert told(stage, "verify")["holds"]
    years.start()
    assert [s["year"] for s in stage.status()["segments"]] == [2026, 2027]
    assert stage.status()["origin"] == "proef/test/2"


# code: YEAR_RUNS, YEAR_NOT_NEXT
def test_only_the_next_year_that_is_over_may_go(years):
    for year, code in ((2027, "YEAR_RUNS"), (2025, "YEAR_NOT_NEXT"),
                       (3000, "YEAR_RUNS"), (0, "YEAR_NOT_NEXT")):
        done = years.stage.attempt("archive", year)
        assert done.returncode == 1 and code in done.stderr, done
    assert years.stage.attempt("archive", "x").returncode == 1
    archive(years.stage)
    done = years.stage.attempt("archive", 2026)
    assert "YEAR_RUNS" in done.stderr or "YEAR_NOT_NEXT" in done.stderr
    years.stop()
    assert told(years.stage, "verify")["holds"]


def test_a_real_journal_asks_for_two_operators():
    with Stage(test=False) as stage:
        stage.start_broker()
        done = stage.attempt("archive", 2020)
        assert done.returncode == 1 and "SECOND_OPERATOR" in done.stderr
        done = stage.attempt("archive", 2020, "--operator",
                             stage.operator + "2")
        assert "YEAR_NOT_NEXT" in done.stderr, done


@pytest.mark.parametrize("name", ("2026.new", "2026.new/data.mdb", "2026"))
def test_a_broker_killed_on_the_way_goes_on_with_it(years, name):
    stage = years.stage
    path = os.path.join(stage.broker.journal, "segments", name)
    stage.admin("archive", 2026)
    while not os.path.exists(path) and GONE not in log_of(stage.broker):
        pass
    stage.broker.process.send_signal(signal.SIGKILL)
    stage.broker.process.wait(WAIT)
    done = stage.audit("verify", "--json")
    assert json.loads(done.stdout)["holds"], done
    stage.broker.start()
    if "archive" in stage.status():
        wait_log(stage.broker, GONE)
    segment, = stage.status()["segments"]
    assert segment["year"] == 2026
    assert os.listdir(os.path.join(stage.broker.journal,
                                   "segments")) == ["2026"]
    for agent in years.agents.values():
        agent.wait(connected=True)
    years.agents[COURT].say("HEARING_NOTICE", NOTICE, years.case)
    stage.settle()
    stage.holds()


def test_an_erasure_and_the_end_of_a_term_reach_into_it(years):
    stage, journal = years.stage, years.stage.broker.journal
    archive(stage)
    years.stop()
    key = row(os.path.join(journal, "keys"), "keys", 2)
    assert len(key) == 32 and where(journal, key)
    shutil.copytree(os.path.join(journal, "segments", "2026"),
                    os.path.join(stage.dir, "older"))
    years.start()
    # Nothing is erased while the quarter's figures may still be closed.
    stage.step("2027-01-16T09:00:00Z")
    stage.admin("erase", "2", "--ground", "ENTERED_IN_ERROR")
    for agent in years.agents.values():
        wait_log(agent, "case erased")
        agent.wait(idle=True)
    years.stop()
    assert where(journal, key) == []
    verified_ = told(stage, "verify")
    assert verified_["cases_erased"] == 1 and verified_["erased"] > 3
    assert "gewist" in stage.audit("timeline", "--case", "2").stdout
    assert told(stage, "replay")["differences"] == 0
    # The other one goes by itself, ninety days after it was called void.
    years.start()
    stage.step("2027-06-01T09:00:00Z")
    stage.settle()
    years.stop()
    verified_ = told(stage, "verify")
    assert verified_["holds"] and verified_["cases_erased"] == 2, verified_
    assert "einde van de bewaartermijn" in stage.audit(
        "timeline", "--case", "3").stdout
    # An older copy of the segment is told; the broker erases in it again.
    segment = os.path.join(journal, "segments", "2026")
    shutil.rmtree(segment)
    shutil.copytree(os.path.join(stage.dir, "older"), segment)
    done = stage.audit("verify", "--json")
    assert done.returncode == 1 and not json.loads(done.stdout)["holds"]
    assert "2026: an older copy" in done.stderr, done
    years.start()
    years.agents[COURT].say("HEARING_NOTICE", NOTICE, years.case)
    years.stop()
    assert told(stage, "verify")["holds"]


def refused(stage, words):
    """The auditor and the broker say which year is not what it has to be."""
    done = stage.audit("verify", "--json")
    assert done.returncode == 1, done
    assert not json.loads(done.stdout)["holds"], done
    assert words in done.stderr, done
    process = subprocess.run(
        [stage.program("schakel-broker"), "-c", stage.broker.config,
         "--test-clock"], text=True, capture_output=True, timeout=WAIT)
    assert process.returncode == 1 and words in process.stderr, process


def test_a_year_that_is_gone_swapped_or_altered_is_never_said_to_hold(
        years, tmp_path):
    stage, journal = years.stage, years.stage.broker.journal
    archive(stage)
    entries = stage.broker.leaves()
    years.stop()
    at = os.path.join(journal, "segments", "2026")
    kept = str(tmp_path / "kept")
    shutil.move(at, kept)
    refused(stage, "2026 with entries 1 to")
    shutil.copytree(os.path.join(journal, "journal"), at)
    refused(stage, "2026: it does not say what it is")
    shutil.rmtree(at)
    shutil.copytree(kept, at)
    assert told(stage, "verify")["holds"]
    # One bit of one entry of the year, of what lies beside it too.
    bad = next(n for n, e in enumerate(entries)
               if n > 5 and e.get("commitment"))
    flip(at, entries[bad]["commitment"])
    done = stage.audit("verify", "--json")
    wrong = json.loads(done.stdout)
    assert done.returncode == 1 and not wrong["holds"]
    assert wrong["first_wrong"]["position"] == bad, wrong
    stage.broker.start()
    assert f"position={bad} " in wait_log(stage.broker,
                                          "an entry does not hold")
    stage.broker.stop()
    assert glob.glob(os.path.join(journal, "segments", "*")) == [at]
