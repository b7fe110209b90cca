"""A copy of a live journal: whole, verified, brought up to date, with its keys
as a set of their own; a projection made again; a disk that forgets.

BACKUP says how many messages are sent while the copies are made (200; nightly
2000).
"""
import json
import os
import shutil
import signal
import subprocess
import threading

import pytest
from harness import (COURT, ORDER_TEXT, TODAY, WAIT, ZWOLLE, Stage, order,
                     wait_log)
from test_audit import audit, flip

BACKUP = int(os.environ.get("BACKUP", "200"))
NOTICE = {"hearing_date": "2026-05-04"}


def backup(stage, out, *options, check=True):
    done = stage.attempt("backup", out, *options, "--json")
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)
    return done


def verified(stage, copy, *options):
    """What an auditor says of a copy, in which nothing is wrong."""
    found = []
    for verb in ("verify", "replay"):
        done = audit(stage, verb, copy, "--json", *options)
        assert done.returncode == 0, done.stdout + done.stderr
        found.append(json.loads(done.stdout))
    return found


class Traffic(threading.Thread):
    """Hearing notices one after another, until count of them are said."""

    def __init__(self, court, case, count):
        super().__init__(daemon=True)
        self.court, self.case, self.count = court, case, count
        self.said, self.failure = [], None

    def run(self):
        try:
            for _ in range(self.count):
                self.said.append(self.court.send(
                    "HEARING_NOTICE", NOTICE, self.case)["ref"])
            self.court.wait(idle=True)
        except BaseException as error:  # told by the test itself
            self.failure = error


def a_case(stage):
    court, access = stage.agent(COURT), stage.agent(ZWOLLE)
    case = court.say("COURT_ORDER", order(), event_date=TODAY,
                     sections=ORDER_TEXT)["case_ref"]
    access.wait_letter("COURT_ORDER")
    return court, access, case


def test_a_backup_under_load_is_whole_and_goes_on_from_where_it_was(
        lit, tmp_path):
    court, access, case = a_case(lit)
    copy, keys = str(tmp_path / "copy"), str(tmp_path / "keys")
    traffic = Traffic(court, case, BACKUP)
    traffic.start()
    made = [backup(lit, copy, "--keys", keys)]
    while traffic.is_alive():
        made.append(backup(lit, copy, "--keys", keys))
    traffic.join(WAIT)
    assert traffic.failure is None, traffic.failure
    assert len(traffic.said) == BACKUP
    made.append(backup(lit, copy, "--keys", keys))
    print(f"BACKUP={BACKUP} copies={len(made)} "
          f"entries={made[-1]['entries']}")
    # Each went on from the one before and says what it came to.
    for before, after in zip(made, made[1:]):
        assert after["had"] == before["entries"] < after["entries"]
        assert len(after["root"]) == 64 and after["root"] != before["root"]
    last, _ = verified(lit, copy, "--keys", keys)
    assert last["entries"] == made[-1]["entries"] and last["signed"]
    assert last["envelopes"] >= BACKUP + 1 and last["keys"]
    # Every byte of it is the original's.
    lit.broker.stop()
    done = audit(lit, "diff", lit.broker.journal, copy, "--json")
    told = json.loads(done.stdout)
    assert told["first_difference"] is None or \
        told["first_difference"]["position"] == last["entries"], told
    copied, _ = verified(lit, copy, "--keys", keys)
    assert copied["checkpoints"] > 1


def test_a_copy_of_another_history_is_not_gone_on_with(lit, tmp_path):
    court, _, case = a_case(lit)
    copy = str(tmp_path / "copy")
    backup(lit, copy)
    with Stage() as other:
        other.start_broker()
        other.policy()
        done = backup(other, copy, check=False)
        assert done.returncode == 1 and "STORE_MISMATCH" in done.stdout
    # The same journal from an old disk, which then went another way.
    lit.broker.stop()
    shutil.copytree(lit.broker.journal, tmp_path / "old")
    lit.broker.start()
    court.wait(connected=True)
    court.say("HEARING_NOTICE", NOTICE, case)
    backup(lit, copy)
    court.stop()
    lit.agents[ZWOLLE].stop()
    lit.broker.stop()
    shutil.rmtree(lit.broker.journal)
    shutil.copytree(tmp_path / "old", lit.broker.journal)
    lit.broker.start()
    done = backup(lit, copy, check=False)
    assert done.returncode == 1 and "ROLLBACK" in done.stdout, done
    for _ in range(8):
        lit.policy()
    done = backup(lit, copy, check=False)
    assert done.returncode == 1 and "CHAIN_FORK" in done.stdout, done


@pytest.mark.parametrize("moment", range(3))
def test_a_backup_that_was_killed_is_gone_on_with(lit, tmp_path, moment):
    court, _, case = a_case(lit)
    traffic = Traffic(court, case, BACKUP // 2)
    traffic.start()
    traffic.join(WAIT)
    copy = str(tmp_path / "copy")
    process = subprocess.Popen(
        [lit.program("schakel-admin"), "backup", copy, "--control",
         lit.broker.control, "--operator", lit.operator],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # Killed as soon as so much of it is there; it may have ended by then.
    paths = (copy, copy + "/journal/data.mdb", copy + "/journal/owner")
    while process.poll() is None and not os.path.exists(paths[moment]):
        pass
    process.send_signal(signal.SIGKILL)
    process.wait(WAIT)
    made = backup(lit, copy)
    assert verified(lit, copy)[0]["entries"] == made["entries"]


def test_without_its_keys_a_copy_tells_no_facts(lit, tmp_path):
    a_case(lit)
    copy, keys = str(tmp_path / "copy"), str(tmp_path / "keys")
    backup(lit, copy)
    assert not os.path.exists(copy + "/keys")
    assert not verified(lit, copy)[0]["keys"]
    backup(lit, copy, "--keys", keys)
    assert verified(lit, copy, "--keys", keys)[0]["keys"]
    assert os.stat(keys + "/data.mdb").st_mode & 0o077 == 0
    assert os.stat(f"{copy}/erasures.log").st_mode & 0o077 == 0


def test_a_backup_of_a_real_journal_needs_two_operators(tmp_path):
    with Stage(test=False) as stage:
        stage.start_broker()
        done = backup(stage, tmp_path / "copy", check=False)
        assert done.returncode == 1 and "SECOND_OPERATOR" in done.stdout
        made = backup(stage, tmp_path / "copy", "--operator",
                      stage.operator + "2")
        assert made["entries"] >= 2


def rebuild(stage):
    return subprocess.run(
        [stage.program("schakel-broker"), "-c", stage.broker.config,
         "--rebuild"], text=True, capture_output=True, timeout=WAIT)


def test_the_projection_made_again_is_the_one_there_was(lit):
    court, access, case = a_case(lit)
    court.say("HEARING_NOTICE", NOTICE, case)
    lit.settle()
    court.stop()
    access.stop()
    lit.broker.stop()
    done = rebuild(lit)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "differences=0" in done.stdout
    assert not os.path.exists(lit.broker.journal + "/state.new")


def test_a_projection_that_was_touched_is_told_and_replaced(lit):
    court, access, case = a_case(lit)
    lit.settle()
    access.stop()
    court.stop()
    lit.broker.stop()
    state = lit.broker.journal + "/state/data.mdb"
    with open(state, "rb") as file:
        content = file.read()
    name = b"Rechtbank Overijssel"
    assert name in content
    with open(state, "wb") as file:
        file.write(content.replace(name, b"Rechtbank Overeyssel"))
    done = rebuild(lit)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"parties {COURT}: anders" in done.stdout
    assert rebuild(lit).returncode == 0
    lit.broker.start()
    assert lit.member(COURT)["name"] == "Rechtbank Overijssel"


def test_the_broker_reads_its_journal_again_and_names_what_does_not_hold(
        tmp_path):
    with Stage(broker={"scrub_per_second": 100000}) as stage:
        stage.start_broker()
        stage.policy()
        court, access, case = a_case(stage)
        sent = court.say("HEARING_NOTICE", NOTICE, case)
        bad = sent["receipt"]["position"]
        stage.settle()
        court.stop()
        access.stop()
        stage.broker.stop()
        stage.broker.start()
        line = wait_log(stage.broker, "journal read again")
        assert "wrong=0" in line
        entries = stage.broker.leaves()
        stage.broker.stop()
        flip(stage.broker.journal, entries[bad]["commitment"])
        stage.broker.start()
        line = wait_log(stage.broker, "an entry does not hold")
        assert f"position={bad} " in line, line
        line = wait_log(stage.broker, "journal read again")
        assert "wrong=1" in line
        scrub = stage.status()["scrub"]
        assert (scrub["wrong"], scrub["first_wrong"]) == (1, bad)
        # It is named and nothing more: the journal goes on.
        court.start()
        court.say("HEARING_NOTICE", NOTICE, case)
