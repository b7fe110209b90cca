"""Agents of other organisations sign the journal's checkpoints, and a public
proof shows that they did; without them there is an alert, and never a stop."""
import base64
import hashlib
import json
import os
import struct
import subprocess
import time

import nacl.exceptions
import nacl.signing
import pytest
from harness import (COURT, DEVENTER, ORDER_TEXT, ROOT, TODAY, WAIT, ZWOLLE,
                     order, wait_log, written)

QUORUM = 2


def witness(stage, participant):
    """Make an agent a witness; its vkey."""
    agent = stage.agents[participant]
    agent.stop()
    said = subprocess.run(
        [stage.program("schakel-agent"), "witness-key", agent.dir, "--name",
         f"getuige-{participant}.nl/w1"], text=True, capture_output=True)
    assert said.returncode == 0, said.stderr
    vkey = said.stdout.strip().split("\n")[-1]
    agent.start()
    return vkey


def with_witnesses(stage, vkeys, quorum):
    with open(os.path.join(ROOT, "ops", "regions", "ijsselland.yaml"),
              encoding="utf-8") as f:
        profile = f.read()
    rows = "".join(f"  - participant: {n}\n    vkey: {key}\n"
                   for n, key in vkeys.items())
    return written(os.path.join(stage.dir, "witnesses.yaml"),
                   f"{profile}\nwitness_quorum: {quorum}\n"
                   f"witnesses:\n{rows}")


def sent(court, child):
    court.say("COURT_ORDER", order(child=child), to=[ZWOLLE],
              event_date=TODAY, sections=ORDER_TEXT)


def cosigned(text, line, vkey):
    """c2sp.org/tlog-cosignature, by another hand."""
    name, _, key = vkey.split("+", 2)
    dash, said, content = line.split(" ", 2)
    content, key = base64.b64decode(content), base64.b64decode(key)
    assert dash == "\u2014" and said == name and key[0] == 4
    assert content[:4] == hashlib.sha256(
        name.encode() + b"\n" + key).digest()[:4]
    instant, = struct.unpack(">Q", content[4:12])
    nacl.signing.VerifyKey(key[1:]).verify(
        f"cosignature/v1\ntime {instant}\n{text}".encode(), content[12:])
    return instant


def greet_again(stage, vkeys):
    """A session that begins signs at once."""
    for n in vkeys:
        stage.agents[n].stop()
        stage.agents[n].start()


@pytest.fixture
def witnessed(lit):
    court = lit.agent(COURT)
    lit.agent(ZWOLLE)
    lit.agent(DEVENTER)
    vkeys = {n: witness(lit, n) for n in (ZWOLLE, DEVENTER)}
    lit.admin("policy", "--file", with_witnesses(lit, vkeys, QUORUM))
    greet_again(lit, vkeys)
    sent(court, 1)
    return lit, court, vkeys


def wait_witnessed(stage, size):
    """Until a quorum vouches for so many entries. Nothing announces it: it is
    asked, over the control socket, until patience ends."""
    end = time.monotonic() + WAIT
    while stage.status()["witnessed_size"] < size:
        assert time.monotonic() < end, stage.status()
    return stage.status()


def audit_file(stage, *args):
    return subprocess.run([stage.program("schakel-audit"), *map(str, args)],
                          text=True, capture_output=True)


def test_a_quorum_signs_and_a_public_proof_shows_it(witnessed):
    lit, _, vkeys = witnessed
    backup, export = (os.path.join(lit.dir, n) for n in ("backup", "export"))
    lit.admin("backup", backup)
    status = wait_witnessed(lit, 5)
    assert status["witness_quorum"] == QUORUM and not status["witness_alert"]
    lit.admin("backup", backup)     # brought up to date
    lit.admin("export", "--out", export, "--person", 1, "--ground", "proef")
    verified, _ = lit.holds()
    assert verified["cosignatures"] >= QUORUM
    assert verified["witnessed"] >= 5
    out = os.path.join(lit.dir, "proof")
    keys = [w for key in vkeys.values() for w in ("--witness", key)]
    done = lit.audit("prove", "3", "--out", out, *keys)
    assert done.returncode == 0, done.stdout + done.stderr
    vkey = json.loads(lit.audit("vkey", "--json").stdout)["vkey"]
    # By our own program, and by another hand.
    checked = audit_file(lit, "check", out, "--key", vkey, *keys[:2])
    assert checked.returncode == 0, checked.stdout + checked.stderr
    public = os.path.join(lit.dir, "public")
    lit.audit("export", public, "--public", *keys)
    with open(os.path.join(public, "checkpoint"), encoding="utf-8") as f:
        text, _, lines = f.read().partition("\n\n")
    lines = lines.strip().split("\n")
    for line in lines[1:]:
        name = line.split(" ")[1]
        key, = [k for k in vkeys.values() if k.startswith(name + "+")]
        assert cosigned(text + "\n", line, key) > 0
        with pytest.raises(nacl.exceptions.BadSignatureError):
            cosigned(text + "x\n", line, key)
    assert len(lines) > 1
    # What witnesses signed goes along with an auditor's copy.
    copy = os.path.join(lit.dir, "auditor")
    assert lit.audit("export", copy, "--auditor").returncode == 0
    copied = json.loads(audit_file(lit, "verify", copy, "--json").stdout)
    assert copied["holds"]
    assert copied["cosignatures"] == verified["cosignatures"]
    # So it does along with a backup, and with what comes later.
    for copy in (backup, export):
        copied = json.loads(audit_file(lit, "verify", copy, "--json").stdout)
        assert copied["holds"] and copied["witnessed"] >= 5, copied
        proof = os.path.join(lit.dir, os.path.basename(copy) + ".proof")
        done = audit_file(lit, "prove", copy, "3", "--out", proof, *keys)
        assert done.returncode == 0, done.stdout + done.stderr
    # A witness that did not sign is not counted.
    other = vkeys[ZWOLLE][:-5] + "AAAA="
    assert audit_file(lit, "check", out, "--key", vkey, "--witness",
                          other).returncode != 0


def test_too_few_for_a_day_is_an_alert_and_no_stop(witnessed):
    lit, court, vkeys = witnessed
    wait_witnessed(lit, 5)
    lit.agents[DEVENTER].stop()
    sent(court, 4)
    lit.step("2026-03-04T12:00:00Z")
    wait_log(lit.broker, "no checkpoint with witnesses enough for a day")
    assert lit.status()["witness_alert"]
    sent(court, 7)
    lit.agents[DEVENTER].start()
    wait_log(lit.broker, "witnesses enough again")
    assert not lit.status()["witness_alert"]
    lit.holds()


def test_a_policy_with_a_wrong_witness_is_refused(lit):
    lit.agent(ZWOLLE)
    vkey = witness(lit, ZWOLLE)
    for path, vkeys, quorum in (
            ("witness_quorum", {ZWOLLE: vkey}, 2),
            ("witnesses[0].vkey", {ZWOLLE: "broker+12345678+AAAA"}, 1),
            ("witnesses[0].participant", {0: vkey}, 1)):
        done = lit.attempt("policy", "--file",
                           with_witnesses(lit, vkeys, quorum))
        assert done.returncode == 1 and "POLICY_WRONG" in done.stderr, done
        assert path in done.stderr or ".yaml:" in done.stderr, done.stderr
    lit.holds()


def test_a_stolen_witness_key_counts_no_more_and_its_lines_still_verify(
        witnessed):
    """One at a time: the other overlaps."""
    lit, court, vkeys = witnessed
    before = wait_witnessed(lit, 5)["witnessed_size"]
    zwolle = lit.agents[ZWOLLE]
    stolen, other = vkeys[ZWOLLE], vkeys[DEVENTER]
    for name in ("witness.key", "witness.vkey"):
        os.unlink(os.path.join(zwolle.dir, "keys", name))
    vkeys[ZWOLLE] = witness(lit, ZWOLLE)
    assert vkeys[ZWOLLE] != stolen
    # The new key is not the policy's yet: its line is not taken.
    wait_log(lit.broker, f"cosignature not taken participant={ZWOLLE} ")
    lit.admin("policy", "--file", with_witnesses(lit, vkeys, QUORUM))
    # What the stolen key signed vouches for nothing now, though quorum did.
    # The broker looks once a second.
    end = time.monotonic() + WAIT
    while lit.status()["witnessed_size"] >= before:
        assert time.monotonic() < end, lit.status()
    lit.broker.stop()
    told = json.loads(lit.audit("verify", "--json").stdout)
    assert told["holds"] and told["cosignatures"] >= QUORUM
    assert told["witnessed"] < before
    lit.broker.start()
    for n in (COURT, ZWOLLE, DEVENTER):
        lit.agents[n].wait(connected=True)
    sent(court, 4)
    greet_again(lit, vkeys)
    wait_witnessed(lit, before)
    # One that leaves is taken out: the other alone is a quorum of one.
    del vkeys[ZWOLLE]
    lit.admin("policy", "--file", with_witnesses(lit, vkeys, 1))
    greet_again(lit, {DEVENTER: other})
    wait_witnessed(lit, before + 1)
    verified, _ = lit.holds()
    assert verified["witnessed"] > before
