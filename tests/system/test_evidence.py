"""A broker that goes back or tells two histories is found out by what its
agents keep; and a proof outlives the broker that gave it."""
import json
import os
import shutil
import subprocess

import checkpoints
import pytest
from harness import (COURT, KOMPAS, ORDER_TEXT, TODAY, WAIT, ZWOLLE, log_of,
                     order, wait_log)
from lying_broker import LyingBroker, secret_of

NOTICE = {"hearing_date": "2026-05-04"}


def opened(court, child=1):
    return court.say("COURT_ORDER", order(child=child), event_date=TODAY,
                     sections=ORDER_TEXT)


def clear_fork(stage, agent, *options):
    return subprocess.run(
        [stage.program("schakel-agent"), "clear-fork", agent.dir, *options],
        text=True, capture_output=True, timeout=WAIT)


def through(broker, agent):
    agent.write_config(broker=broker.address)


def directly(agent):
    agent.write_config()


class Forger:
    """Signs checkpoints with the broker's own key, of a journal that there
    never was, from the moment that it is told to."""

    def __init__(self, stage):
        self.secret = secret_of(f"{stage.dir}/keys/sign.key")
        self.origin = stage.status()["origin"]
        self.lies, self.grow = False, 0

    def __call__(self, frame):
        shown = frame.checkpoint if frame.HasField("checkpoint") else \
            frame.welcome.checkpoint if frame.welcome.HasField("checkpoint") \
            else None
        if shown is None or not self.lies:
            return
        true = checkpoints.open_checkpoint(
            shown.note, self.origin, self.secret[32:])
        shown.note = checkpoints.sign_checkpoint(
            self.origin, true.size + self.grow, os.urandom(32),
            self.secret[32:], self.secret)
        self.told = shown.note


# ---- an old backup under the same origin

@pytest.fixture
def restored(lit):
    """A court, a team and an idle provider; the journal of before the work
    that they know of."""
    court, access, idle = [lit.agent(p) for p in (COURT, ZWOLLE, KOMPAS)]
    case = opened(court)["case_ref"]
    access.wait_letter("COURT_ORDER")
    access.wait(idle=True)
    lit.broker.stop()
    backup = lit.dir + "/journal.backup"
    shutil.copytree(lit.broker.journal, backup)
    lit.broker.start()
    court.wait(connected=True)
    for _ in range(3):
        court.say("HEARING_NOTICE", NOTICE, case)
    access.wait_letter("HEARING_NOTICE", 3)
    # Who took no part was shown the journal's new end all the same.
    idle.stop()
    idle.start()
    for agent in (court, access, idle):
        agent.stop()
    lit.broker.stop()
    shutil.rmtree(lit.broker.journal)
    shutil.copytree(backup, lit.broker.journal)
    lit.broker.start()
    return lit, court, access, idle


def test_an_old_copy_of_the_journal_is_found_out_by_each(restored):
    lit, court, access, idle = restored
    assert not lit.status()["held"]
    for agent in (court, access):       # told of positions that are gone
        agent.start(connected=False)
        wait_log(agent, "ROLLBACK")
        assert "ROLLBACK" in agent.get("status")["why"]
        assert "ROLLBACK" in agent.run("status").stdout
    # Only its checkpoint tells; the broker signs nothing on top of this.
    idle.start(connected=False)
    wait_log(idle, "ROLLBACK")
    assert not idle.get("status")["connected"]
    wait_log(lit.broker, "an agent keeps a checkpoint that this journal "
             "does not lead to, intake stops")
    status = lit.status()
    assert status["held"]
    assert "does not lead to: an old backup" in status["held_why"]
    # Signed it has nothing new: no fork, and what was queued is not sent.
    for agent in (court, access, idle):
        assert not agent.get("status")["forked"]


def test_an_old_copy_that_went_on_is_found_out_too(restored):
    """It is longer again than what was kept: only the trees differ."""
    lit, _, _, idle = restored
    kept = idle_checkpoint(lit, idle)
    newcomer = lit.client(20)
    for child in range(100, 120):
        newcomer.submit(newcomer.compose("CLOSE", {}, to=[COURT]))
    assert lit.status()["entries"] > kept
    assert not lit.status()["held"]
    idle.start(connected=False)
    wait_log(idle, "ROLLBACK")
    assert lit.status()["held"]
    assert "another history" in lit.status()["held_why"]


def idle_checkpoint(lit, agent):
    """What it says that it keeps, asked while no broker is to be reached."""
    agent.write_config(broker="tcp://127.0.0.1:9")
    agent.start(connected=False)
    kept = agent.get("status")["checkpoint"]
    agent.stop()
    directly(agent)
    return kept


# ---- a fork

def assert_forked(agent, forger, kept):
    status = agent.get("status")
    assert status["forked"] and "FORK" in status["why"]
    assert "FORK" in status["why_en"]
    told = agent.run("status").stdout
    assert "ER WORDT NIETS VERZONDEN" in told and "NOTHING IS SENT" in told
    place = os.path.join(agent.dir, "store", "fork")
    for name in ("kept", "shown", "proof"):
        path = os.path.join(place, name)
        assert os.stat(path).st_mode & 0o777 == 0o600
    with open(os.path.join(place, "shown"), "rb") as f:
        assert f.read() == forger.told
    with open(os.path.join(place, "kept"), "rb") as f:
        first = checkpoints.open_checkpoint(
            f.read(), forger.origin, forger.secret[32:])
    assert first.size == kept == status["checkpoint"]


@pytest.mark.parametrize("grow", [0, 1000])
def test_a_forged_fork_is_caught_and_its_evidence_kept(lit, grow):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE, start=False)
    case = opened(court)["case_ref"]
    forger = Forger(lit)
    forger.grow = grow
    with LyingBroker(lit, access, forger) as broker:
        through(broker, access)
        access.start()
        access.wait_letter("COURT_ORDER")
        access.wait(idle=True)
        access.stop()
        forger.lies = True
        kept = kept_by(lit, access, broker)
        access.start()          # connected: it still receives
        line = wait_log(access, "FORK: the broker signed two journals")
        assert " error" in line
        assert_forked(access, forger, kept)
        # What comes in is taken and shown; what is said stays here.
        court.say("HEARING_NOTICE", NOTICE, case)
        access.wait_letter("HEARING_NOTICE")
        sent = lit.member(ZWOLLE)["last_number"]
        ref = access.send("ROUTE_DECISION", {"main": "YOUTH_AMBULANT"}, case,
                          event_date=TODAY,
                          sections={"EXPLANATION": "Wacht."})["ref"]
        access.stop()
    # A new start, and the true broker: it holds all the same.
    directly(access)
    access.start()
    wait_log(access, "FORK: found before")
    court.say("HEARING_NOTICE", NOTICE, case)
    access.wait_letter("HEARING_NOTICE", 2)
    assert_forked(access, forger, kept)
    assert access.get("receipt", ref=ref)["state"] == "QUEUED"
    assert lit.member(ZWOLLE)["last_number"] == sent
    # Until an operator says so, and the evidence stays.
    assert clear_fork(lit, access).returncode != 0      # it runs
    access.stop()
    done = clear_fork(lit, access)
    assert done.returncode == 0, done.stderr
    assert os.path.exists(os.path.join(access.dir, "store/fork.1/shown"))
    assert clear_fork(lit, access).returncode != 0      # there is none
    access.start()
    access.wait(receipted=ref)
    assert not access.get("status")["forked"]
    assert lit.member(ZWOLLE)["last_number"] > sent
    lit.holds()


def kept_by(lit, agent, broker):
    kept = idle_checkpoint(lit, agent)
    through(broker, agent)
    return kept


def test_a_badly_signed_checkpoint_is_no_fork(lit):
    access = lit.agent(ZWOLLE, start=False)
    bent = []

    def bend(frame):
        if frame.welcome.HasField("checkpoint") and not bent:
            note = frame.welcome.checkpoint.note
            frame.welcome.checkpoint.note = note[:-9] \
                + bytes([note[-9] ^ 1]) + note[-8:]
            bent.append(True)

    with LyingBroker(lit, access, bend) as broker:
        through(broker, access)
        access.start(connected=False)
        assert " warn" in wait_log(access, "checkpoint not accepted")
        status = access.get("status")
        assert not status["connected"] and not status["forked"]
        assert "checkpoint" in status["why"]
        assert "checkpoint" not in status
        access.stop()
    assert "FORK" not in log_of(access)
    directly(access)
    access.start()
    assert access.get("status")["checkpoint"] > 0


def test_a_first_checkpoint_that_was_a_lie_can_be_forgotten(lit):
    """The true broker does not know it and stops; one agent had to be told."""
    access = lit.agent(ZWOLLE, start=False)
    forger = Forger(lit)
    forger.lies = True
    with LyingBroker(lit, access, forger) as broker:
        through(broker, access)
        access.start()
        access.stop()
    directly(access)
    access.start(connected=False)
    wait_log(access, "ROLLBACK")
    assert lit.status()["held"]
    access.stop()
    assert clear_fork(lit, access).returncode != 0
    done = clear_fork(lit, access, "--forget")
    assert done.returncode == 0, done.stderr
    lit.broker.stop()
    lit.broker.start()
    access.start()
    assert not lit.status()["held"]


# ---- proofs

def check(stage, path, key):
    return subprocess.run([stage.program("schakel-audit"), "check", path,
                           "--key", key], text=True, capture_output=True,
                          timeout=WAIT)


def test_a_proof_holds_without_a_broker(lit):
    """Of what was sent and of what came in, by both ends."""
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    sent = opened(court)
    access.wait_letter("COURT_ORDER")
    for agent in (court, access):
        path = os.path.join(lit.dir, f"proof{agent.participant}")
        done = agent.run("prove", sent["ref"], "--out", path)
        assert done.returncode == 0, done.stderr
        answer = agent.schakel("prove", sent["ref"])
        assert answer["vkey"] in done.stdout
        assert answer["position"] == sent["receipt"]["position"]
        with open(path, "rb") as f:
            content = f.read()
        index, leaf, shown = checkpoints.check_proof_file(content,
                                                          answer["vkey"])
        assert index == answer["position"] < shown.size
        assert leaf.hex() == sent["receipt"]["leaf_hash"]
        checked = check(lit, path, answer["vkey"])
        assert checked.returncode == 0, checked.stdout + checked.stderr
        with open(path, "wb") as f:
            f.write(content.replace(b"index %d\n" % index,
                                    b"index %d\n" % (index + 1)))
        assert check(lit, path, answer["vkey"]).returncode != 0
    # On the screen: the proof alone on stdout.
    done = court.run("prove", sent["ref"])
    assert done.stdout.startswith("c2sp.org/tlog-proof@v1\n")
    assert "schakel-audit check" in done.stderr


def test_what_cannot_be_proven_is_said(lit):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    ref = opened(court)["ref"]
    lit.broker.stop()
    queued = court.send("HEARING_NOTICE", NOTICE, ref)["ref"]
    for asked, code in ((queued, "NOT_FOUND"), (ref, "NOT_CONNECTED"),
                        ("30-0011223344556677-9", "NOT_FOUND"),
                        ("geen", "FIELD_INVALID")):
        done = court.run("prove", asked, "--json")
        assert done.returncode == 1
        assert json.loads(done.stdout)["error"]["code"] == code
    assert access.ask({"do": "prove"})["error"]["code"] == "FIELD_MISSING"
