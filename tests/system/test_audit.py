"""What an auditor gets to see: a journal that holds, one that was touched,
one that is live, and one that was exported while it was."""
import ctypes
import glob
import json
import os
import shutil
import subprocess

import formats
import pytest
from formats import error_name
from harness import (COURT, ORDER_TEXT, TODAY, TO_PLAN, WAIT, ZWOLLE, Stage,
                     order)
from schema import control

VERBS = (("verify",), ("replay",), ("timeline", "--case", "1"),
         ("timeline", "--case", "1-1-65"),
         ("timeline", "--participant", str(COURT)))


def audit(stage, verb, journal, *options):
    done = subprocess.run(
        [stage.program("schakel-audit"), verb, journal, *options],
        text=True, capture_output=True, timeout=WAIT)
    assert done.returncode in (0, 1, 2), done
    return done


class Past:
    """A journal with a case in it, its broker stopped."""

    def __init__(self, stage):
        self.stage = stage
        court, access = stage.client(COURT), stage.client(ZWOLLE)
        court.greet()
        self.case, _ = court.say("COURT_ORDER", order(), to=[ZWOLLE],
                                 event_date=TODAY, sections=ORDER_TEXT)
        self.envelopes = {}
        for kind, facts, sections in TO_PLAN:
            envelope = access.compose(kind, facts, case_ref=self.case,
                                      sections=sections, event_date=TODAY)
            receipt, = access.submit(envelope)
            assert receipt.outcome.accepted
            self.envelopes[kind] = receipt.position, envelope
        refused, = access.submit(access.compose(
            "CLOSE", case_ref=self.case, to=[]))
        assert not refused.outcome.accepted
        self.leaves = stage.broker.leaves()
        stage.broker.stop()

    def copy(self, folder):
        out = os.path.join(str(folder), "journal")
        shutil.copytree(self.stage.broker.journal, out)
        return out


@pytest.fixture(scope="module")
def past():
    with Stage() as stage:
        stage.start_broker()
        stage.policy()
        yield Past(stage)


class Value(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("data", ctypes.c_void_p)]


def row(journal, table, position):
    """What lies in this table of the journal at this position."""
    lmdb = ctypes.CDLL("liblmdb.so.0")
    env, txn, dbi = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_uint()
    at = ctypes.c_uint64(position)
    key = Value(8, ctypes.cast(ctypes.pointer(at), ctypes.c_void_p))
    value = Value()
    folder = os.path.join(journal, "journal").encode()
    for done in (lmdb.mdb_env_create(ctypes.byref(env)),
                 lmdb.mdb_env_set_maxdbs(env, 16),
                 lmdb.mdb_env_open(env, folder, 0x20000, 0o600),
                 lmdb.mdb_txn_begin(env, None, 0x20000, ctypes.byref(txn)),
                 lmdb.mdb_dbi_open(txn, table.encode(), 0,
                                   ctypes.byref(dbi)),
                 lmdb.mdb_get(txn, dbi, ctypes.byref(key),
                              ctypes.byref(value))):
        assert done == 0, done
    content = ctypes.string_at(value.data, value.size)
    lmdb.mdb_txn_abort(txn)
    lmdb.mdb_env_close(env)
    return content


def flip(journal, content, at=0):
    """One bit, wherever these bytes stand in the store."""
    assert len(content) >= 16
    path, = glob.glob(os.path.join(journal, "journal", "data.mdb")) \
        or glob.glob(os.path.join(journal, "data.mdb"))
    with open(path, "rb") as f:
        data = f.read()
    assert content in data
    bent = bytearray(content)
    bent[at] ^= 1
    with open(path, "wb") as f:
        f.write(data.replace(content, bytes(bent)))


def test_a_journal_that_holds_is_said_to(past, tmp_path):
    journal = past.copy(tmp_path)
    for verb, *options in VERBS:
        done = audit(past.stage, verb, journal, *options)
        assert done.returncode == 0, (verb, options, done)
        done = audit(past.stage, verb, journal, "--json", *options)
        assert done.returncode == 0 and json.loads(done.stdout)
    verified = json.loads(audit(past.stage, "verify", journal,
                                "--json").stdout)
    # The look that read the leaves is an entry too.
    assert verified["entries"] >= len(past.leaves)
    assert verified["envelopes"] == 5 and verified["erased"] == 0


def test_no_auditor_sees_facts_or_text(past, tmp_path):
    journal = past.copy(tmp_path)
    for verb, *options in VERBS:
        for form in ([], ["--json"]):
            said = audit(past.stage, verb, journal, *options, *form).stdout
            for hidden in ("YOUTH_AMBULANT", "SEPARATION_CONFLICT",
                           *ORDER_TEXT.values(), "Ouders uit elkaar"):
                assert hidden not in said


# what is flipped, of which message
TOUCHED = {
    "a commitment to facts": lambda copy, at, said: said.commitment,
    "a header": lambda copy, at, said: said.header,
    "a sealed part": lambda copy, at, said: row(copy, "sealed", at)[24:],
    "facts": lambda copy, at, said: row(copy, "vault", at)[24:],
}


@pytest.mark.parametrize("what", TOUCHED)
@pytest.mark.parametrize("kind", [kind for kind, _, _ in TO_PLAN])
def test_one_bit_is_found_and_its_entry_named(past, tmp_path, what, kind):
    journal = past.copy(tmp_path)
    position, envelope = past.envelopes[kind]
    content = TOUCHED[what](journal, position, envelope)
    flip(journal, content, len(content) // 2)
    done = audit(past.stage, "verify", journal, "--json")
    assert done.returncode == 1, done
    found = json.loads(done.stdout)
    assert found["holds"] is False
    assert found["first_wrong"]["position"] == position, found
    plain = audit(past.stage, "verify", journal)
    assert plain.returncode == 1 and str(position) in plain.stdout


def test_a_signature_that_was_touched_is_found(past, tmp_path):
    journal = past.copy(tmp_path)
    leaf = next(leaf for leaf in past.leaves if "signature" in leaf)
    flip(journal, leaf["signature"], 10)
    assert audit(past.stage, "verify", journal).returncode == 1


def test_an_outcome_that_was_touched_is_found(past, tmp_path):
    """What the rules made of it, with all that its sender signed as it was:
    deciding it again gives another answer."""
    journal = past.copy(tmp_path)
    wrong = next(leaf for leaf in past.leaves if leaf["kind"] == 2
                 and b"header.recipients" in leaf["outcome"])
    flip(journal, wrong["outcome"], wrong["outcome"].index(b"header"))
    assert audit(past.stage, "replay", journal).returncode == 1


def test_the_founding_entry_is_what_all_rests_on(past, tmp_path):
    journal = past.copy(tmp_path)
    flip(journal, past.leaves[0]["body"], 60)
    assert audit(past.stage, "verify", journal).returncode in (1, 2)
    assert audit(past.stage, "replay", journal).returncode in (1, 2)


def test_keys_of_another_journal_open_nothing(past, tmp_path):
    """Without keys the vault counts as erased, and all else holds."""
    journal = past.copy(tmp_path)
    shutil.rmtree(os.path.join(journal, "keys"))
    done = audit(past.stage, "verify", journal, "--json")
    assert done.returncode == 0, done
    assert json.loads(done.stdout)["holds"]
    replayed = audit(past.stage, "replay", journal, "--json")
    assert replayed.returncode == 0, replayed
    counts = json.loads(replayed.stdout)
    assert counts["differences"] == 0 and counts["erased"] > 0


def test_what_is_no_journal_cannot_be_looked_at(past, tmp_path):
    for verb, *options in VERBS:
        assert audit(past.stage, verb, str(tmp_path), *options) \
            .returncode == 2
        assert audit(past.stage, verb, str(tmp_path / "absent"), *options) \
            .returncode == 2
    assert audit(past.stage, "verify", past.copy(tmp_path), "--wrong") \
        .returncode == 2


def test_a_live_journal_says_which_command_to_use(lit):
    lit.client(COURT)
    for verb, *options in VERBS:
        done = audit(lit, verb, lit.broker.journal, *options)
        assert done.returncode == 2, done
        assert "schakel-admin export" in done.stderr
    lit.clients[COURT].ping()


def test_an_export_of_a_live_journal_verifies_and_replays(lit, tmp_path):
    court, access = lit.client(COURT), lit.client(ZWOLLE)
    court.greet()
    case, _ = court.say("COURT_ORDER", order(), to=[ZWOLLE],
                        event_date=TODAY, sections=ORDER_TEXT)
    for kind, facts, sections in TO_PLAN:
        access.say(kind, facts, case_ref=case, sections=sections,
                   event_date=TODAY)
    before = lit.status()["entries"]
    out = str(tmp_path / "export")
    lit.admin("export", "--out", out, "--person", 5, "--ground", "2026/17")
    for verb in ("verify", "replay"):
        done = audit(lit, verb, out, "--json")
        assert done.returncode == 0, done
        said = json.loads(done.stdout)
        assert said["holds"] and said["entries"] >= before
        assert said.get("differences", 0) == 0
    # The broker went on meanwhile, and the look itself stands in the journal
    # with its person and ground.
    court.ping()
    looks = [leaf for leaf in lit.broker.leaves() if leaf["kind"] == 6
             and b"2026/17" in leaf["body"]]
    assert looks
    # A second export does not go over the first.
    assert lit.attempt("export", "--out", out, "--person", 5, "--ground",
                       "x").returncode == 1


# code: OPERATOR_UNKNOWN, COMMAND_EXPIRED
def test_commands_that_are_not_right_change_nothing(lit):
    """Expired, by a stranger, badly signed, or used before."""
    drain = control.Command(drain=control.DrainCommand())
    step = control.Command(step_clock=control.StepClock(to=1800000000000))
    stranger = formats.Keys.draw().sign_secret
    entries = lit.status()["entries"]
    for answer, code in (
            (lit.broker.order(drain, secret=stranger, sequence=1),
             "OPERATOR_UNKNOWN"),
            (lit.broker.order(drain, not_after=1), "COMMAND_EXPIRED")):
        assert error_name(answer.code) == code, answer
    assert lit.status()["entries"] == entries
    # The origin is signed too: a command for another journal is none here.
    first = lit.broker.order(step, sequence=2)
    again = lit.broker.order(drain, sequence=2)
    assert first.code == 0, first
    assert again.first_answer and again.position == first.position
    assert lit.broker.is_running() and not lit.status()["draining"]
    assert lit.status()["now"] == "2027-01-15T08:00:00.000Z"


def test_a_broker_that_drains_says_so_and_ends(lit):
    court = lit.client(COURT)
    lit.admin("drain")
    court.until(lambda: court.drained)
    assert lit.broker.process.wait(WAIT) == 0
    lit.holds()


def test_an_auditor_gets_a_copy_of_a_stopped_journal(past, tmp_path):
    journal, out = past.copy(tmp_path), str(tmp_path / "auditor")
    done = audit(past.stage, "export", journal, out, "--auditor", "--json")
    assert done.returncode == 0, done
    said = json.loads(done.stdout)
    assert said["entries"] >= len(past.leaves) and said["signed"]
    assert os.stat(out).st_mode & 0o777 == 0o700
    # entry for entry the same, whole, and not a key in it
    assert audit(past.stage, "diff", journal, out).returncode == 0
    verified = json.loads(audit(past.stage, "verify", out, "--json").stdout)
    assert verified["holds"] and verified["entries"] == said["entries"]
    assert not os.path.exists(os.path.join(out, "keys"))
    for options in (("--case", "1"), ("--participant", str(COURT))):
        assert audit(past.stage, "timeline", out, *options).stdout == \
            audit(past.stage, "timeline", journal, *options).stdout
    # who may read facts too is given the keys apart
    replayed = json.loads(audit(
        past.stage, "replay", out, "--keys", os.path.join(journal, "keys"),
        "--json").stdout)
    assert replayed["differences"] == 0 and replayed["erased"] == 0
    # a copy is as good a source as what it was made from
    again = str(tmp_path / "again")
    assert audit(past.stage, "export", out, again, "--auditor") \
        .returncode == 0
    assert audit(past.stage, "diff", out, again).returncode == 0


def test_a_copy_for_an_auditor_is_not_written_over_anything(past, tmp_path):
    journal, out = past.copy(tmp_path), tmp_path / "there"
    out.mkdir()
    done = audit(past.stage, "export", journal, str(out), "--auditor")
    assert done.returncode == 2 and str(out) in done.stderr
    assert not list(out.iterdir())
    other = str(tmp_path / "other")
    for options in ((), ("--auditor", "--public")):
        done = audit(past.stage, "export", journal, other, *options)
        assert done.returncode == 2 and not os.path.exists(other), done


def test_a_copy_of_a_journal_that_was_touched_is_not_made_up(past, tmp_path):
    journal = past.copy(tmp_path)
    leaf = next(leaf for leaf in past.leaves if "signature" in leaf)
    flip(journal, leaf["signature"], 10)
    done = audit(past.stage, "export", journal, str(tmp_path / "out"),
                 "--auditor")
    assert done.returncode == 1, done


def test_a_live_journal_is_not_copied_past_its_broker(lit, tmp_path):
    done = audit(lit, "export", lit.broker.journal, str(tmp_path / "out"),
                 "--auditor")
    assert done.returncode == 2 and "schakel-admin export" in done.stderr
    assert not os.path.exists(str(tmp_path / "out"))
