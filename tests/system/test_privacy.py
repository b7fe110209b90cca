"""P7, P8 and P9: what lies on the broker's disk, who may say what at an
agent, and that one who does not read delays nobody."""
import os
import signal

import pytest
from harness import (COURT, DEVENTER, ORDER_TEXT, TODAY, TRIAGE, ZWOLLE,
                     Stage, log_of, order, written)
from formats import Refused
from schema import session as wire

TEXT = {"SITUATION": "Ouders wonen sinds kort uit elkaar."}
NOTICE = {"hearing_date": "2026-05-04"}


def opened(court, child=1, municipality="0193"):
    return court.say("COURT_ORDER", order(municipality, child),
                     event_date=TODAY, sections=ORDER_TEXT)


def files_under(path):
    for folder, _, names in os.walk(path):
        for name in names:
            file = os.path.join(folder, name)
            if os.path.isfile(file):    # and no socket
                with open(file, "rb") as f:
                    yield file, f.read()


def test_no_text_and_no_pseudonym_lies_open_at_the_broker(lit):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    case = opened(court, child=0x5eed)["case_ref"]
    letter = access.wait_letter("COURT_ORDER")
    assert access.shown(letter)["sections"] == ORDER_TEXT
    access.say("TRIAGE", TRIAGE, case, sections=TEXT, event_date=TODAY)
    court.wait(idle=True)
    lit.broker.stop()
    secrets = [text.encode() for text in (*ORDER_TEXT.values(),
                                          *TEXT.values())]
    secrets += [bytes.fromhex(person["pseudonym"]) for person in
                order(child=0x5eed)["persons"]]
    seen = 0
    for path, content in files_under(lit.broker.journal):
        seen += 1
        for secret in secrets:
            assert secret not in content, (path, secret)
    assert seen >= 6
    for daemon in (lit.broker, court, access):
        for secret in secrets:
            assert secret not in log_of(daemon).encode()
    # And keys are for their owners alone.
    for path, _ in files_under(lit.dir):
        if path.endswith(".key"):
            assert os.stat(path).st_mode & 0o077 == 0, path
    lit.broker.start()


def users(agent, *rows):
    agent.write_users([dict({"person": n, "name": f"Persoon {n}"}, **row)
                       for n, row in enumerate(rows, 1)])


def refused(agent, **request):
    answer = agent.ask(request)
    assert not answer["ok"], answer
    return answer["error"]["code"]


# code: PERSON_UNKNOWN, MANDATE_MISSING
def test_the_person_is_the_unix_user_and_no_field_says_otherwise(lit):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    case = opened(court)["case_ref"]
    letter = access.wait_letter("COURT_ORDER")
    send = dict(do="send", kind="TRIAGE", case=case, facts=TRIAGE,
                sections=TEXT, event_date=TODAY)
    # Nobody here by that uid.
    users(access, {"uid": os.getuid() + 1})
    assert refused(access, **send) == "PERSON_UNKNOWN"
    assert refused(access, do="show", ref=letter["ref"]) == "PERSON_UNKNOWN"
    # Here, for another kind; and the day before one's time, or after.
    users(access, {"uid": os.getuid(), "kinds": ["CLOSE"]})
    assert refused(access, **send) == "MANDATE_MISSING"
    users(access, {"uid": os.getuid(), "until_date": "2026-03-01"})
    assert refused(access, **send) == "PERSON_UNKNOWN"
    users(access, {"uid": os.getuid() + 1}, {"uid": os.getuid()})
    assert refused(access, **dict(send, person=1)) == "FIELD_UNKNOWN"
    access.say("TRIAGE", TRIAGE, case, sections=TEXT, event_date=TODAY)
    mine = [m for m in access.get("case", case=case)["messages"]
            if m["kind"] == "TRIAGE"]
    assert [m["person"] for m in mine] == [2]
    # In whose place is only for who is a substitute.
    assert refused(access, **dict(send, on_behalf_of=1)) \
        == "MANDATE_MISSING"
    users(access, {"uid": os.getuid() + 1},
          {"uid": os.getuid(), "substitute_of": 1})
    access.say("TRIAGE", TRIAGE, case, sections=TEXT, event_date=TODAY,
               on_behalf_of=1)
    lit.holds()


def test_who_is_no_user_waits_for_no_receipt(lit):
    """References of one's agent are easily guessed: a receipt names the case,
    its recipients and what the broker answered."""
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    case = opened(court)["case_ref"]
    access.wait_letter("COURT_ORDER")
    said = access.say("TRIAGE", TRIAGE, case, sections=TEXT,
                      event_date=TODAY)
    assert access.ask({"do": "wait", "receipted": said["ref"]})["case"]
    users(access, {"uid": os.getuid() + 1})
    assert refused(access, do="wait", receipted=said["ref"]) \
        == "PERSON_UNKNOWN"
    assert access.ask({"do": "wait", "connected": True})["ok"]


def test_a_broken_users_file_leaves_the_last_good_one_in_force(lit):
    access = lit.agent(ZWOLLE)
    written(os.path.join(access.dir, "users.yaml"), "users: [}\n")
    assert access.get("status")["connected"]
    assert access.get("status")["person"] == ZWOLLE * 100 + 1


def test_who_does_not_read_delays_nobody(lit):
    """The agent in Zwolle is stopped where it stands; the court and Deventer
    go on, and Zwolle misses nothing."""
    court = lit.agent(COURT)
    zwolle, deventer = lit.agent(ZWOLLE), lit.agent(DEVENTER)
    zwolle.process.send_signal(signal.SIGSTOP)
    try:
        wanted = {ZWOLLE: set(), DEVENTER: set()}
        for n in range(20):
            for who, code in ((ZWOLLE, "0193"), (DEVENTER, "0150")):
                ref = opened(court, 100 * n + who, code)["ref"]
                wanted[who].add(ref)
        deventer.wait_all(wanted[DEVENTER])
        assert lit.member(ZWOLLE)["mailbox_stored"] == 0
    finally:
        zwolle.process.send_signal(signal.SIGCONT)
    zwolle.wait_all(wanted[ZWOLLE])
    assert {m["ref"] for m in zwolle.inbox()} == wanted[ZWOLLE]
    assert {m["ref"] for m in deventer.inbox()} == wanted[DEVENTER]
    lit.holds()


def test_nobody_sees_a_case_in_which_it_takes_no_part(lit):
    court, access = lit.client(COURT), lit.client(ZWOLLE)
    other = lit.client(DEVENTER)
    for client in (court, access):
        client.greet()
    case, _ = court.say("COURT_ORDER", order(), to=[ZWOLLE],
                        event_date=TODAY, sections=ORDER_TEXT)
    access.wait_for("COURT_ORDER")
    # What others sent is not to be fetched, from whatever number on.
    for number in (0, 1, 2, 2**63):
        assert other.fetch(number) == []
    assert other.fetch() == [] and other.inbox == []
    # Nor is there any difference between another's case and none at all
    # that would tell who takes part.
    receipt, = other.submit(other.compose(
        "RECEIPT_OF", case_ref=case, reply_to=case, to=[COURT]))
    assert receipt.outcome.use_participant == 0
    assert not receipt.outcome.accepted
    assert receipt.outcome.case_number == 0


@pytest.fixture
def slow():
    """A broker that takes five envelopes a second of a sender."""
    with Stage(broker={"rate_per_second": 5}) as stage:
        stage.start_broker()
        stage.policy()
        yield stage


# code: THROTTLED
def test_past_its_rate_a_sender_is_told_when_and_loses_nothing(slow):
    court, access = slow.client(COURT), slow.client(ZWOLLE)
    court.greet()
    envelopes = [court.compose(
        "COURT_ORDER", order(child=n), to=[ZWOLLE], event_date=TODAY,
        sections=ORDER_TEXT) for n in range(1, 60, 3)]
    throttled = 0
    for start in range(0, len(envelopes), 4):
        link, frame = court.submit_frame(envelopes[start:start + 4])
        while isinstance(answer := court.submit_raw(frame), wire.Rejected):
            assert answer.code == Refused("THROTTLED").code
            assert answer.not_before > court.now
            assert answer.last_number == court.last_number
            throttled += 1
            # The rate is of the wall's second, which nothing announces.
            court.receive(0.1)
        assert all(r.outcome.accepted for r in answer.receipts)
        court.last_number += 4
        court.last_link = link
    assert throttled > 0
    access.until(lambda: len(access.inbox) == len(envelopes))
    slow.holds()
