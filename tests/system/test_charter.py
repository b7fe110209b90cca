"""Who signs for the region changes: operators and the enrolment key, planned,
lost and stolen, and what broker, agents and auditors believe afterwards."""
import os
import re

import formats
from harness import (COURT, DEVENTER, KOMPAS, ORDER_TEXT, TODAY, ZWOLLE,
                     Stage, control, order, wait_log, written)
from lying_broker import LyingBroker
from schema import session
from test_audit import audit
from test_recovery import Old


def secret_of(path):
    with open(path, encoding="ascii") as f:
        return bytes.fromhex(f.read().strip())


def made(stage, verb, name):
    """A new key: its file, and its eight words."""
    path = os.path.join(stage.dir, name)
    said = stage.call("schakel-admin", verb, path)
    return path, re.search(r"read out: (.*)", said).group(1).strip()


def operators(stage, *options, signed=None, reason="planned"):
    """schakel-admin operators, by this operator's key."""
    keep = stage.operator
    stage.operator = signed or keep
    try:
        return stage.attempt("operators", "--reason", reason, *options)
    finally:
        stage.operator = keep


def renew(stage, path, words, reason="planned", *more):
    old = [] if reason == "lost" else ["--enrolment-key", stage.enrolment_key]
    done = stage.attempt("renew-region", "--file", path + ".pub", "--words",
                         words, "--reason", reason, *old, *more)
    if done.returncode == 0:
        stage.enrolment_key = path
    return done


def sent(court, child, **more):
    answer = court.say("COURT_ORDER", order(child=child), to=[ZWOLLE],
                       event_date=TODAY, sections=ORDER_TEXT)
    assert answer["state"] == "RECEIPTED"
    return answer


def enrolment(stage, participant, secret):
    """An enrolment that this key signed, at the end of the chain."""
    status = stage.broker.talk(control.ControlRequest(
        status=control.AskStatus())).status
    keys = formats.Keys.draw()
    body = formats.enrol_body(
        status.founding, status.directory_serial + 1, status.directory_head,
        participant, 2, "Vreemde", "42420099", [], 18262, 21914, keys.public)
    return body, formats.sign(body, secret)


# code: OPERATOR_UNKNOWN
def test_operators_come_and_go_and_what_they_signed_still_verifies(lit):
    court = lit.agent(COURT)
    lit.agent(ZWOLLE)
    sent(court, 1)
    first = lit.operator
    second, _ = made(lit, "operator-key", "second.key")
    third, _ = made(lit, "operator-key", "third.key")
    assert operators(lit, "--add", second + ".pub").returncode == 0
    wait_log(court, "the region has other operators generation=2")
    # One that was stolen is replaced by the other, in one step.
    done = operators(lit, "--remove", first + ".pub", "--add", third + ".pub",
                     signed=second, reason="stolen")
    assert done.returncode == 0, done.stderr
    done = lit.attempt("confirm-clock")
    assert done.returncode == 1 and "OPERATOR_UNKNOWN" in done.stderr
    done = operators(lit, "--add", first + ".pub")
    assert done.returncode == 1 and "OPERATOR_UNKNOWN" in done.stderr
    lit.operator = second
    listed = lit.admin("operators").split()
    assert len(listed) == 2
    with open(first + ".pub", encoding="ascii") as f:
        assert f.read().strip() not in listed
    lit.admin("confirm-clock")
    sent(court, 4)
    # Never fewer than sign a command.
    done = operators(lit, "--remove", second + ".pub", "--remove",
                     third + ".pub")
    assert done.returncode == 1
    assert operators(lit, "--remove", third + ".pub").returncode == 0
    assert len(lit.admin("operators").split()) == 1
    # The projection made again knows them too.
    lit.broker.stop()
    lit.broker.start()
    lit.admin("confirm-clock")
    verified, _ = lit.holds()
    assert verified["commands"] > 6
    told = lit.audit("timeline", "--case", "1").stdout
    assert "andere beheerders / other operators" in told


def test_a_real_journal_takes_two_operators_and_keeps_two():
    with Stage(test=False) as stage:
        stage.start_broker()
        one, two = stage.operator, stage.operator + "2"
        three, _ = made(stage, "operator-key", "three.key")
        done = operators(stage, "--add", three + ".pub")
        assert done.returncode == 1 and "SECOND_OPERATOR" in done.stderr
        done = operators(stage, "--add", three + ".pub", "--operator", two)
        assert done.returncode == 0, done.stderr
        done = operators(stage, "--remove", one + ".pub", "--remove",
                         two + ".pub", "--operator", two)
        assert done.returncode == 1 and "SECOND_OPERATOR" in done.stderr
        # Twice the same is one.
        done = operators(stage, "--remove", one + ".pub", "--operator", one)
        assert done.returncode == 1 and "SECOND_OPERATOR" in done.stderr
        done = operators(stage, "--remove", one + ".pub", "--operator",
                         three, signed=two, reason="lost")
        assert done.returncode == 0, done.stderr
        stage.broker.stop()
        assert audit(stage, "verify", stage.broker.journal).returncode == 0


def test_a_planned_enrolment_key_is_followed_by_all(lit):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    client = lit.client(KOMPAS)
    sent(court, 1)
    access.wait_letter("COURT_ORDER")
    access.stop()
    old = lit.enrolment_key
    path, words = made(lit, "enrolment-key", "next.key")
    wrong = " ".join(reversed(words.split()))
    done = renew(lit, path, wrong)
    assert done.returncode == 1 and "STATEMENT_WRONG" in done.stderr
    done = renew(lit, path, words)
    assert done.returncode == 0, done.stderr
    wait_log(court, "the region has another enrolment key generation=2")
    # The old one signs for nobody any more: at the broker..
    body, signature = enrolment(lit, 99, secret_of(old))
    answer = lit.broker.order(control.Command(enter=control.Enter(
        statement=session.Statement(body=body, signature=signature))))
    assert formats.error_name(answer.code) == "SIGNATURE_WRONG"

    # ..and at an agent, though the broker would have it so.
    def add(frame):
        if frame.HasField("welcome"):
            frame.welcome.directory_count += 1
        if frame.HasField("directory"):
            frame.directory.statements.add(body=body, signature=signature)

    with LyingBroker(lit, access, add) as broker:
        access.write_config(broker=broker.address)
        access.start(connected=False)
        wait_log(access, "the region has another enrolment key generation=2")
        wait_log(access, "SIGNATURE_WRONG")
        members = access.get("directory")["members"]
        assert 99 not in [m["participant"] for m in members]
        access.stop()
    access.write_config()
    access.start()
    # Who comes now has the new one in its invitation, and reads it all.
    late = lit.agent(DEVENTER)
    members = late.get("directory")["members"]
    assert {m["participant"] for m in members} >= {COURT, ZWOLLE, KOMPAS}
    client.until(lambda: DEVENTER in client.directory.members)
    assert client.directory.changes == 2
    sent(court, 4)
    assert access.shown(access.wait_letter("COURT_ORDER", 2))["sections"]
    lit.admin("revoke", "--participant", KOMPAS, "--reason", "left",
              "--enrolment-key", lit.enrolment_key)
    verified, _ = lit.holds()
    assert verified["statements"] >= 6


def test_a_stolen_enrolment_key_signs_nothing_behind_its_successor(lit):
    """Not even for a broker that holds the change itself back."""
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    access.stop()
    stolen = secret_of(lit.enrolment_key)
    body, signature = enrolment(lit, 99, stolen)
    path, words = made(lit, "enrolment-key", "next.key")
    assert renew(lit, path, words, "stolen").returncode == 0
    sent(court, 1)

    def instead(frame):
        if frame.HasField("directory"):
            frame.directory.statements[0].Clear()
            frame.directory.statements[0].body = body
            frame.directory.statements[0].signature = signature
            del frame.directory.statements[1:]

    with LyingBroker(lit, access, instead) as broker:
        access.write_config(broker=broker.address)
        access.start()
        letter = access.wait_letter("COURT_ORDER")
        # What the change would vouch for is missing: nobody is believed.
        assert letter["trouble"]["code"] == "KEY_NOT_VOUCHED"
        access.stop()
    lit.holds()


# code: KEY_NOT_VOUCHED
def test_a_lost_enrolment_key_is_trusted_anew_by_people_alone(lit):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    path, words = made(lit, "enrolment-key", "next.key")
    done = renew(lit, path, words, "lost")
    assert done.returncode == 0, done.stderr
    for agent in (court, access):
        wait_log(agent, "session stopped code=KEY_NOT_VOUCHED")
        agent.stop()
    done = lit.call("schakel-agent", "trust-region", court.dir, "--key",
                    path + ".pub", "--words", "een twee", check=False)
    assert not os.path.exists(os.path.join(court.dir, "store",
                                           "enrolment.pub"))
    lit.call("schakel-agent", "trust-region", court.dir, "--key",
             path + ".pub", "--words", words)
    court.start()
    # Who has not compared the words stays out.
    access.start(connected=False)
    wait_log(access, "session stopped code=KEY_NOT_VOUCHED")
    access.stop()
    late = lit.agent(DEVENTER)      # its invitation was compared
    assert late.get("status")["connected"]
    lit.call("schakel-agent", "trust-region", access.dir, "--key",
             path + ".pub", "--words", words)
    access.start()
    sent(court, 1)
    access.wait_letter("COURT_ORDER")
    lit.holds()


def test_the_region_names_operators_when_none_is_left_to_sign(lit):
    court = lit.agent(COURT)
    fresh, _ = made(lit, "operator-key", "fresh.key")
    statement = os.path.join(lit.dir, "keys", "next.statement")
    lit.broker.stop()
    done = operators(lit, "--remove", lit.operator + ".pub", "--add",
                     fresh + ".pub", "--enrolment-key", lit.enrolment_key,
                     "--journal", lit.broker.journal, "--out", statement,
                     reason="lost")
    assert done.returncode == 0, done.stderr
    lit.broker.start()
    assert not os.path.exists(statement)
    wait_log(court, "the region has other operators generation=2")
    assert lit.attempt("confirm-clock").returncode == 1
    lit.operator = fresh
    lit.admin("confirm-clock")
    lit.holds()


def test_a_restore_is_signed_by_the_operators_of_then(lit, tmp_path):
    """An agent that was away hears of them with the restore itself, and one
    that knows newer ones than the backup brings them back."""
    old = Old(lit, tmp_path)
    away = old.agents[ZWOLLE]
    away.stop()
    second, _ = made(lit, "operator-key", "second.key")
    done = operators(lit, "--remove", lit.operator + ".pub", "--add",
                     second + ".pub")
    assert done.returncode == 0, done.stderr
    gone, lit.operator = lit.operator, second
    old.back_up()
    third, _ = made(lit, "operator-key", "third.key")
    assert operators(lit, "--add", third + ".pub").returncode == 0
    wait_log(old.agents[COURT], "the region has other operators generation=3")
    old.lose()
    lit.operator = gone
    done = old.restore(check=False)
    assert done.returncode == 1 and "OPERATOR_UNKNOWN" in done.stdout
    lit.operator = second
    old.restore()
    lit.broker.start()
    away.start(connected=False)
    old.wait_reported((COURT, ZWOLLE))
    old.end()
    assert len(lit.admin("operators").split()) == 2
    lit.holds()


def test_what_names_operators_wrongly_is_refused(lit):
    lit.agent(COURT)
    with open(lit.operator + ".pub", encoding="ascii") as f:
        public = f.read()
    done = operators(lit, "--add", lit.operator + ".pub")
    assert done.returncode == 1 and "STATEMENT_WRONG" in done.stderr
    done = operators(lit, "--remove", written(
        os.path.join(lit.dir, "other.pub"), "ab" * 32 + "\n"))
    assert done.returncode == 1 and "OPERATOR_UNKNOWN" in done.stderr
    # Signed over other bytes than those that are brought.
    status = lit.broker.talk(control.ControlRequest(
        status=control.AskStatus())).status
    key = bytes.fromhex(public.strip())
    body = formats.operators_body(status.founding, 2, bytes(32), 1,
                                  [key, b"\x01" * 32])
    signature = formats.sign(body + b"x", secret_of(lit.operator))
    for approvals, code in (
            ([], "SECOND_OPERATOR"),
            ([(formats.key_id(key), signature)], "SIGNATURE_WRONG"),
            ([(bytes(32), signature)], "OPERATOR_UNKNOWN")):
        statement = session.Statement(body=body)
        for key_id, signed in approvals:
            statement.approvals.add(key_id=key_id, signature=signed)
        answer = lit.broker.order(control.Command(enter=control.Enter(
            statement=statement)))
        assert formats.error_name(answer.code) == code, answer
    lit.holds()
