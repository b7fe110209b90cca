"""P7: a broker can swap keys, invent, mix and hold back; the agent in C shows
nothing of it and says why."""
import os

import formats
import pytest
from client import ref_text
from harness import (COURT, KOMPAS, ORDER_TEXT, TODAY, TRIAGE, ZWOLLE, order,
                     wait_log)
from lying_broker import LyingBroker
from schema import envelope as pb

def through(broker, agent):
    """The agent reaches its broker by way of this one."""
    agent.write_config(broker=broker.address)


def opened(court, child=1):
    return court.say("COURT_ORDER", order(child=child), to=[ZWOLLE],
                     event_date=TODAY, sections=ORDER_TEXT)[0]


def nothing_shown(agent, letter, code):
    """Trouble in the list, and no text in any other way."""
    assert letter["trouble"]["code"] == code, letter
    assert letter["trouble"]["text"]
    if letter.get("ref"):
        answer = agent.ask({"do": "show", "ref": letter["ref"]})
        assert not answer["ok"] and "message" not in answer, answer
    assert ORDER_TEXT["QUESTION"] not in agent.run("inbox").stdout


def truth(frame):
    pass


def test_through_an_honest_go_between_all_is_well(lit):
    """Else what follows would prove nothing."""
    court, access = lit.client(COURT), lit.agent(ZWOLLE, start=False)
    with LyingBroker(lit, access, truth) as broker:
        through(broker, access)
        access.start()
        court.ping()
        case = opened(court)
        letter = access.wait_letter("COURT_ORDER")
        assert access.shown(letter)["sections"] == ORDER_TEXT
        access.say("TRIAGE", TRIAGE, ref_text(case), event_date=TODAY,
                   sections={"SITUATION": "Gezien."})
        access.stop()


def test_a_swapped_sealing_key_is_not_sealed_to(lit):
    """In the enrolment of the court, as the agent first hears of it."""
    court, access = lit.client(COURT), lit.agent(ZWOLLE, start=False)
    swapped = formats.Keys.draw()
    true = court.keys.seal

    def swap(frame):
        for statement in frame.directory.statements:
            statement.body = statement.body.replace(true, swapped.seal)

    court.ping()
    case = opened(court)
    with LyingBroker(lit, access, swap) as broker:
        through(broker, access)
        access.start(connected=False)
        line = wait_log(access, "SIGNATURE_WRONG")
        assert " error" in line or " warn" in line
        answer = access.ask({
            "do": "send", "kind": "ROUTE_DECISION", "case": ref_text(case),
            "facts": {"main": "YOUTH_AMBULANT"}, "to": [COURT],
            "sections": {"EXPLANATION": "Voor de rechtbank."},
            "event_date": TODAY, "wait_ms": 1})
        assert not answer["ok"], answer
        members = access.get("directory")["members"]
        assert COURT not in [m["participant"] for m in members]
        # What came from the court is kept, unshown.
        for letter in access.inbox():
            nothing_shown(access, letter, "KEY_NOT_VOUCHED")
        access.stop()
    # Nothing was sealed to the key of the lie.
    assert lit.member(ZWOLLE)["last_number"] == 0


def test_a_rotation_that_the_broker_made_up_is_not_believed(lit):
    """It has every statement, but no participant's signing key."""
    court, access = lit.client(COURT), lit.agent(ZWOLLE)
    access.stop()
    made = formats.Keys.draw()
    body = formats.rotate_body(
        court.invitation.founding, COURT, 2,
        court.directory.members[COURT].standing.digest, made.public)

    def add_rotation(frame):
        if frame.HasField("welcome"):
            frame.welcome.directory_count += 1
        if frame.HasField("directory"):
            frame.directory.statements.add(
                body=body, signature=formats.sign(body, made.sign_secret))

    court.greet()
    with LyingBroker(lit, access, add_rotation) as broker:
        through(broker, access)
        lit.client(KOMPAS)      # something new for the directory frame
        access.start(connected=False)
        wait_log(access, "SIGNATURE_WRONG")
        access.stop()
    access.write_config()
    access.start()
    opened(court)
    letter = access.wait_letter("COURT_ORDER")
    assert access.shown(letter)["sections"] == ORDER_TEXT


def bend_first(change):
    """Change the first delivery of an envelope that comes by, once."""
    done = []

    def lie(frame):
        for deliver in frame.deliveries.deliveries:
            if not done and deliver.HasField("envelope"):
                change(deliver)
                done.append(True)
    return lie


LIES = {
    "the header was changed": lambda d: setattr(
        d.envelope, "header", d.envelope.header[:-1]
        + bytes([d.envelope.header[-1] ^ 1])),
    "a fact was changed": lambda d: setattr(
        d.envelope, "facts", d.envelope.facts.replace(b"0193", b"0150")),
    "the sealed part was cut": lambda d: setattr(
        d.envelope, "sealed", d.envelope.sealed[:-1]),
    "the number was changed": lambda d: setattr(
        d.provenance, "number", d.provenance.number + 1),
    "another is named as sender": lambda d: setattr(
        d.provenance, "sender", KOMPAS),
    "the agent itself is named as sender": lambda d: setattr(
        d.provenance, "sender", ZWOLLE),
    "the signature is the broker's own": lambda d: setattr(
        d.provenance, "signature", formats.sign(
            b"what it likes", formats.Keys.draw().sign_secret)),
    "the path leads elsewhere": lambda d: d.provenance.path.append(bytes(32)),
    "it is of another journal": lambda d: setattr(
        d.provenance, "origin", "proef/test/2"),
}
CODES = {"another is named as sender": "KEY_NOT_VOUCHED",
         "the agent itself is named as sender": "KEY_NOT_VOUCHED",
         "the number was changed": "FIELD_INVALID",
         "it is of another journal": "ORIGIN_WRONG"}


@pytest.mark.parametrize("why", LIES)
def test_a_delivery_that_was_bent_is_not_shown(lit, why):
    court, access = lit.client(COURT), lit.agent(ZWOLLE, start=False)
    court.ping()
    with LyingBroker(lit, access, bend_first(LIES[why])) as broker:
        through(broker, access)
        access.start()
        opened(court)
        bent = wait_letter_in_trouble(access)
        nothing_shown(access, bent, CODES.get(why, "SIGNATURE_WRONG"))
        wait_log(access, "does not verify")
        # What comes honestly after it is shown.
        ref = ref_text(opened(court, child=50))
        access.wait_all({ref})
        letter = next(m for m in access.inbox() if m["ref"] == ref)
        assert access.shown(letter)["sections"] == ORDER_TEXT
        access.stop()


def wait_letter_in_trouble(agent):
    return agent.await_message(lambda m: "trouble" in m)


def test_one_header_with_anothers_facts_is_not_shown(lit):
    """Both are true, each by itself, and under one signature."""
    court, access = lit.client(COURT), lit.agent(ZWOLLE, start=False)
    court.ping()
    held = []

    def mix(frame):
        for deliver in frame.deliveries.deliveries:
            held.append(deliver)
            if len(held) == 2:
                deliver.envelope.nonce = held[0].envelope.nonce
                deliver.envelope.facts = held[0].envelope.facts

    with LyingBroker(lit, access, mix) as broker:
        through(broker, access)
        access.start()
        court.submit(*[court.compose(
            "COURT_ORDER", order(child=n), to=[ZWOLLE], event_date=TODAY,
            sections=ORDER_TEXT) for n in (1, 50)])
        nothing_shown(access, wait_letter_in_trouble(access),
                      "SIGNATURE_WRONG")
        good = [m for m in access.inbox() if "trouble" not in m]
        assert len(good) == 1
        assert access.shown(good[0])["sections"] == ORDER_TEXT
        access.stop()


def test_an_invented_envelope_is_not_shown(lit):
    """Everything right but the one thing that the broker has not: the
    court's signing key."""
    court, access = lit.client(COURT), lit.agent(ZWOLLE, start=False)
    court.ping()
    court.greet()
    invented = court.compose("COURT_ORDER", order(child=77), to=[ZWOLLE],
                             event_date=TODAY,
                             sections={"PERSONALIA": "Verzonnen kind.",
                                       "QUESTION": "Verzonnen vraag."})
    forged = formats.Keys.draw()
    _, frame = court.submit_frame([invented], keys=forged)
    header = pb.Header.FromString(invented.header)

    def invent(down):
        for deliver in down.deliveries.deliveries:
            deliver.case_ref.CopyFrom(header.case_ref)
            deliver.envelope.CopyFrom(invented.message())
            deliver.provenance.number = 1
            deliver.provenance.first_number = 1
            deliver.provenance.count = 1
            del deliver.provenance.path[:]
            deliver.provenance.previous_link = court.last_link
            deliver.provenance.signature = frame.submit.signature

    with LyingBroker(lit, access, invent) as broker:
        through(broker, access)
        access.start()
        opened(court, child=200)
        letter = wait_letter_in_trouble(access)
        nothing_shown(access, letter, "SIGNATURE_WRONG")
        assert "Verzonnen" not in access.run("inbox").stdout
        access.stop()


def test_a_broker_that_knows_less_than_before_is_not_served(lit):
    """ROLLBACK: restored from a backup without saying so."""
    court, access = lit.client(COURT), lit.agent(ZWOLLE)
    court.greet()
    opened(court)
    access.wait_letter("COURT_ORDER")
    access.wait(idle=True)
    access.stop()

    def forget(frame):
        if frame.HasField("welcome"):
            frame.welcome.last_number = 0
            frame.welcome.last_link = formats.first_link(
                court.invitation.founding, ZWOLLE)

    with LyingBroker(lit, access, forget) as broker:
        through(broker, access)
        access.start(connected=False)
        wait_log(access, "ROLLBACK")
        status = access.get("status")
        assert not status["connected"] and "ROLLBACK" in status["why"]
        assert "ROLLBACK" in access.run("status").stdout
        access.stop()


def test_a_broker_of_another_journal_is_left(lit):
    access = lit.agent(ZWOLLE, start=False)

    def other(frame):
        if frame.HasField("welcome"):
            frame.welcome.founding = os.urandom(32)

    with LyingBroker(lit, access, other) as broker:
        through(broker, access)
        access.start(connected=False)
        wait_log(access, "ORIGIN_WRONG")
        assert not access.get("status")["connected"]
        access.stop()
