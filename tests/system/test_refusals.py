"""Hostile bytes and wrong messages: each has its code with a field path,
changes nothing, and the session goes on."""
import os

import formats
import pytest
import zmq
from client import Goodbye
from formats import error_name
from harness import (COURT, DEVENTER, ORDER_TEXT, REFERRAL, TODAY, TRIAGE,
                     VEERSTOEP, ZWOLLE, Stage, order)
from schema import envelope as pb
from schema import session as wire

TEXT = {"SITUATION": "Ouders uit elkaar."}


class World:
    """A case in Zwolle, and participants in and outside it."""

    def __init__(self, stage):
        self.stage = stage
        self.client = {who: stage.client(who) for who in
                       (COURT, ZWOLLE, DEVENTER, VEERSTOEP)}
        for client in self.client.values():
            client.greet()      # who was enrolled after me
        self.case, _ = self.client[COURT].say(
            "COURT_ORDER", order(), to=[ZWOLLE], event_date=TODAY,
            sections=ORDER_TEXT)
        self.order = self.client[ZWOLLE].wait_for("COURT_ORDER")

    def state(self):
        """What a refusal may not change, as the operator sees it. Numbers
        are used by refusals too, and entries count them."""
        status = self.stage.status()
        for member in status["participants"]:
            for name in ("last_number", "mailbox_delivered",
                         "mailbox_stored"):
                member.pop(name)
        return {name: status[name] for name in (
            "cases", "policy_version", "directory_count", "participants")}

    def triage(self, who=ZWOLLE, **more):
        return self.client[who].compose("TRIAGE", TRIAGE, **dict(dict(
            case_ref=self.case, event_date=TODAY, sections=TEXT), **more))

    def opening(self, facts=None, **more):
        return self.client[COURT].compose(
            "COURT_ORDER", facts or order(child=100), **dict(dict(
                to=[ZWOLLE], event_date=TODAY, sections=ORDER_TEXT), **more))


@pytest.fixture(scope="module")
def world():
    with Stage() as stage:
        stage.start_broker()
        stage.policy()
        yield World(stage)


def bend(change):
    """A change of the header as a message."""
    def bent(content):
        header = pb.Header.FromString(content)
        change(header)
        return header.SerializeToString()
    return bent


def set_to(name, value):
    return bend(lambda header: setattr(header, name, value))


def add(tail):
    return lambda content: content + tail


def without(name, tail=b""):
    """The header without a field, and bytes in its place."""
    def bent(content):
        header = pb.Header.FromString(content)
        header.ClearField(name)
        return header.SerializeToString() + tail
    return bent


def facts_bent(content):
    facts = pb.Facts.FromString(content)
    facts.court_order.goals[0].due_date = formats.DATE_MAX + 1
    return facts.SerializeToString()


UNKNOWN = b"\x98\x06\x01"       # field 99, a varint
NOT_UTF8 = b"\x62\x02\xc3\x28"  # header field 12, traceparent
STRANGER = formats.Keys.draw()

# name: who, the envelope, code, field
HEADERS = {
    "a kind that is not in the catalogue": (
        lambda w: w.triage(change_header=without("kind", b"\x18\x63")),
        "KIND_UNKNOWN", "header.kind"),
    "a version of later": (
        lambda w: w.triage(change_header=set_to("version", 2)),
        "VERSION_UNKNOWN", "header.version"),
    "a version of later with a field of later": (
        lambda w: w.triage(change_header=lambda c: set_to("version", 2)(c)
                           + UNKNOWN), "VERSION_UNKNOWN", "header.version"),
    "an unknown field": (
        lambda w: w.triage(change_header=add(UNKNOWN)),
        "FIELD_UNKNOWN", "header.99"),
    "an unknown field deep inside": (
        lambda w: w.triage(change_header=add(b"\x12\x03" + UNKNOWN)),
        "FIELD_INVALID", "header.id"),
    "a header that breaks off": (
        lambda w: w.triage(change_header=lambda c: c[:-1]),
        "TRUNCATED", "header.event_date"),
    "no header at all": (
        lambda w: w.triage(change_header=lambda c: b""),
        "FIELD_MISSING", "header.version"),
    "a field twice": (
        lambda w: w.triage(change_header=add(b"\x08\x01")),
        "FIELD_INVALID", "header.version"),
    "bytes that are no protobuf": (
        lambda w: w.triage(change_header=lambda c: b"\x07"),
        "MALFORMED", "header"),
    "text that is not UTF-8": (
        lambda w: w.triage(change_header=add(NOT_UTF8)),
        "TEXT_INVALID", "header.traceparent"),
    "a trace context in capitals": (
        lambda w: w.triage(change_header=set_to(
            "traceparent", "00-" + "A" * 32 + "-" + "B" * 16 + "-01")),
        "FIELD_INVALID", "header.traceparent"),
    "a boot id of seven bytes": (
        lambda w: w.triage(change_header=bend(
            lambda h: setattr(h.id, "boot", b"7 bytes"))),
        "FIELD_INVALID", "header.id.boot"),
    "a day before 1900": (
        lambda w: w.triage(change_header=set_to(
            "event_date", formats.DATE_MIN - 1)),
        "DATE_INVALID", "header.event_date"),
    "a day after 2199": (
        lambda w: w.triage(change_header=set_to(
            "event_date", formats.DATE_MAX + 1)),
        "DATE_INVALID", "header.event_date"),
    "a triage of tomorrow": (
        lambda w: w.triage(event_date="2026-03-03"),
        "DATE_INVALID", "header.event_date"),
    "written before 1900": (
        lambda w: w.triage(change_header=set_to(
            "written_at", -(2**62))), "DATE_INVALID", "header.written_at"),
    "no date where one is due": (
        lambda w: w.triage(change_header=without("event_date")),
        "FIELD_MISSING", "header.event_date"),
    "attachments, which are reserved": (
        lambda w: w.triage(change_header=bend(
            lambda h: h.attachments.add(size=1))),
        "FIELD_UNEXPECTED", "header.attachments[0]"),
    "a header over its limit": (
        lambda w: w.triage(change_header=set_to("traceparent", "0" * 4200)),
        "OVERSIZED", "header"),
    "33 recipients": (
        lambda w: w.triage(
            to=range(1000, 1032), seal_keys={
                n: STRANGER.seal for n in range(1000, 1032)}),
        "FIELD_INVALID", "header.recipients"),
    "a recipient twice": (
        lambda w: w.triage(change_header=bend(lambda h: h.recipients.append(
            h.recipients[0]))),
        "FIELD_INVALID", "header.recipients[1].participant"),
}
FACTS = {
    "facts of another kind": (
        lambda w: w.triage(change_facts=lambda _: pb.Facts(
            version=1, stop=pb.StopFacts()).SerializeToString()),
        "FIELD_MISSING", "facts.triage"),
    "facts of two kinds": (
        lambda w: w.triage(change_facts=add(pb.Facts(
            stop=pb.StopFacts()).SerializeToString())),
        "FIELD_UNEXPECTED", "facts.stop"),
    "facts of a later version": (
        lambda w: w.triage(change_facts=lambda c: b"\x08\x02" + c[2:]),
        "VERSION_UNKNOWN", "facts.version"),
    "an unknown field in facts": (
        lambda w: w.triage(change_facts=add(UNKNOWN)),
        "FIELD_UNKNOWN", "facts.99"),
    "facts over their limit": (
        lambda w: w.triage(change_facts=add(b"\x12\x00" * 5000)),
        "OVERSIZED", "facts"),
    "a code that is no text": (
        lambda w: w.opening(change_facts=lambda c: c.replace(
            b"0193", b"\xff193")),
        "TEXT_INVALID", "facts.court_order.municipality"),
    "a goal's day after 2199": (
        lambda w: w.opening(change_facts=facts_bent),
        "DATE_INVALID", "facts.court_order.goals[0].due_date"),
    "a municipality that nobody serves": (
        lambda w: w.opening(order("0363", child=100)),
        "MUNICIPALITY_UNKNOWN", "facts.court_order.municipality"),
    "two children in one order": (
        lambda w: w.opening(dict(order(), persons=order()["persons"]
                                 + order(child=9)["persons"][:1])),
        "FIELD_INVALID", "facts.court_order.persons[3].role"),
    "a life domain without an answer": (
        lambda w: w.client[ZWOLLE].compose(
            "TRIAGE", dict(TRIAGE, domains=TRIAGE["domains"][:-1]),
            case_ref=w.case, event_date=TODAY, sections=TEXT),
        "TRIAGE_INCOMPLETE", "facts.triage.domains"),
}
SEALED = {
    "no sealed part where one is due": (
        lambda w: w.triage(change_sealed=lambda _: b""),
        "FIELD_MISSING", "sealed"),
    "a sealed part over its limit": (
        lambda w: w.triage(change_sealed=add(bytes(65536))),
        "OVERSIZED", "sealed"),
    "a sealed part that no padding has": (
        lambda w: w.triage(change_sealed=add(b"x")), "MALFORMED", "sealed"),
    "a sealed part where none belongs": (
        lambda w: w.client[ZWOLLE].compose(
            "RECEIPT_OF", case_ref=w.case, reply_to=w.case, to=[COURT],
            change_sealed=lambda _: os.urandom(1000)),
        "FIELD_UNEXPECTED", "sealed"),
}
SENDERS = {
    "a role that may not say this": (
        lambda w: w.triage(VEERSTOEP), "ROLE_WRONG", "header.kind"),
    "a case that is not there": (
        lambda w: w.triage(case_ref=pb.Ref(
            participant=COURT,
            id=pb.EnvelopeId(boot=bytes(7) + b"x", number=1))),
        "CASE_UNKNOWN", "header.case_ref"),
    "a team outside the case": (
        lambda w: w.triage(DEVENTER), "NOT_A_PARTICIPANT", "header.case_ref"),
    "an opening under another's name": (
        lambda w: w.opening(change_header=bend(lambda h: setattr(
            h.case_ref, "participant", DEVENTER))),
        "FIELD_INVALID", "header.case_ref.participant"),
    "an opening under another envelope's name": (
        lambda w: w.opening(case_ref=w.case),
        "FIELD_INVALID", "header.case_ref.id"),
    "sealed to a key that is nobody's": (
        lambda w: w.opening(seal_keys={ZWOLLE: STRANGER.seal}),
        "KEY_NOT_CURRENT", "header.recipients[0].key_id"),
    "sealed to a key of another participant": (
        lambda w: w.opening(seal_keys={
            ZWOLLE: w.client[COURT].directory.sealing_key(DEVENTER)}),
        "KEY_NOT_CURRENT", "header.recipients[0].key_id"),
    "a recipient that is not enrolled": (
        lambda w: w.triage(to=[99], seal_keys={99: STRANGER.seal}),
        "RECIPIENT_UNKNOWN", "header.recipients[0].participant"),
    "a recipient outside the case": (
        lambda w: w.triage(to=[VEERSTOEP]),
        "RECIPIENT_WRONG", "header.recipients[0].participant"),
    "no copy of one's own": (
        lambda w: w.triage(change_header=without("recipients")),
        "FIELD_MISSING", "header.recipients"),
    "an answer to nothing that is there": (
        lambda w: w.client[ZWOLLE].compose(
            "RECEIPT_OF", case_ref=w.case, to=[COURT], reply_to=pb.Ref(
                participant=COURT, id=pb.EnvelopeId(
                    boot=bytes(7) + b"y", number=1))),
        "REPLY_WRONG", "header.reply_to"),
    "a referral before its gates": (
        lambda w: w.client[ZWOLLE].compose(
            "REFERRAL", REFERRAL, case_ref=w.case, to=[VEERSTOEP],
            sections=ORDER_TEXT), "TRIAGE_MISSING", "header.kind"),
}
EVERY = {**HEADERS, **FACTS, **SEALED, **SENDERS}


@pytest.mark.parametrize("why", EVERY)
def test_a_wrong_message_is_refused_by_name_and_changes_nothing(world, why):
    make, code, field = EVERY[why]
    before = world.state()
    counts = {who: c.next_id for who, c in world.client.items()}
    envelope = make(world)
    who = next(who for who, c in world.client.items()
               if c.next_id != counts[who])
    client = world.client[who]
    receipt, = client.submit(envelope)
    outcome = receipt.outcome
    assert not outcome.accepted
    assert (error_name(outcome.code), outcome.field) == (code, field), outcome
    assert world.state() == before
    # The session goes on, on the same chain.
    client.ping()
    assert client.bye is None
    assert [d.provenance.number for d, _ in client.fetch(receipt.number)] \
        == [receipt.number]


def test_after_all_refusals_the_case_goes_on(world):
    """Runs after the table above: nothing of it stuck."""
    access = world.client[ZWOLLE]
    before = len(world.client[COURT].inbox)
    receipt, = access.submit(world.triage())
    assert receipt.outcome.accepted
    # A second triage is possible in every open state; a route only now.
    access.say("ROUTE_DECISION", {"main": "YOUTH_AMBULANT"},
               case_ref=world.case, to=[COURT], event_date=TODAY,
               sections={"EXPLANATION": "Ambulant volstaat."})
    world.client[COURT].wait_for("ROUTE_DECISION")
    assert len(world.client[COURT].inbox) == before + 1
    assert [x.kind for x in access.inbox] == ["COURT_ORDER"]
    assert world.client[DEVENTER].inbox == []
    assert world.client[VEERSTOEP].inbox == []


# code: ENVELOPE_REPEATED
def test_an_id_is_used_once(world):
    access = world.client[ZWOLLE]
    first, = access.submit(world.triage())
    access.next_id -= 1
    again, = access.submit(world.triage())
    assert error_name(again.outcome.code) == "ENVELOPE_REPEATED"
    assert again.outcome.field == "header.id"
    assert again.outcome.first_position == first.position


# code: ROUTE_VIA_ACCESS
@pytest.mark.parametrize("what", ["referral", "order with a provider"])
def test_a_court_reaches_a_provider_by_way_of_the_access_team(world, what):
    court = world.client[COURT]
    if what == "referral":
        envelope = court.compose(
            "REFERRAL", REFERRAL, case_ref=world.case, to=[VEERSTOEP],
            sections=ORDER_TEXT)
    else:
        envelope = world.opening(to=[ZWOLLE, VEERSTOEP])
    receipt, = court.submit(envelope)
    assert error_name(receipt.outcome.code) == "ROUTE_VIA_ACCESS"
    assert receipt.outcome.use_participant == ZWOLLE
    court.ping()
    assert world.client[VEERSTOEP].inbox == []


# code: TEAM_WRONG
def test_an_order_to_another_team_names_the_right_one(world):
    receipt, = world.client[COURT].submit(world.opening(to=[DEVENTER]))
    assert error_name(receipt.outcome.code) == "TEAM_WRONG"
    assert receipt.outcome.field == "header.recipients[0].participant"
    assert receipt.outcome.use_participant == ZWOLLE


# ---- the SUBMIT itself: no number is used

def rejected(client, frame):
    answer = client.submit_raw(frame)
    assert isinstance(answer, wire.Rejected), answer
    return error_name(answer.code), answer


def chain_cases(world):
    access = world.client[ZWOLLE]
    last = access.last_number
    envelope = world.triage()
    _, good = access.submit_frame([envelope])
    _, gap = access.submit_frame([envelope], first_number=last + 2)
    _, fork = access.submit_frame([envelope], first_number=last)
    _, other_link = access.submit_frame([envelope], previous=bytes(32))
    _, origin = access.submit_frame([envelope], origin="proef/test/2")
    _, other = access.submit_frame([envelope], participant=DEVENTER)
    _, stranger = access.submit_frame([envelope], keys=STRANGER)
    bent = wire.Frame.FromString(good.SerializeToString())
    bent.submit.signature = bytes([bent.submit.signature[0] ^ 1]) \
        + bent.submit.signature[1:]
    facts = wire.Frame.FromString(good.SerializeToString())
    facts.submit.envelopes[0].facts += b"\x12\x00"
    none = wire.Frame.FromString(good.SerializeToString())
    none.submit.ClearField("envelopes")
    many = wire.Frame.FromString(good.SerializeToString())
    small = wire.Envelope(header=b"x", nonce=bytes(16))
    many.submit.ClearField("envelopes")
    many.submit.envelopes.extend([small] * 65)
    nonce = wire.Frame.FromString(good.SerializeToString())
    nonce.submit.envelopes[0].nonce = bytes(15)
    large = wire.Frame.FromString(good.SerializeToString())
    large.submit.envelopes[0].header = bytes(8193)
    number = wire.Frame.FromString(good.SerializeToString())
    number.submit.ClearField("first_number")
    return [
        (gap, "CHAIN_GAP", "submit.first_number"),
        (fork, "CHAIN_FORK", "submit.first_number"),
        (other_link, "SIGNATURE_WRONG", "submit.signature"),
        (origin, "SIGNATURE_WRONG", "submit.signature"),
        (other, "SIGNATURE_WRONG", "submit.signature"),
        (stranger, "SIGNATURE_WRONG", "submit.key_id"),
        (bent, "SIGNATURE_WRONG", "submit.signature"),
        (facts, "SIGNATURE_WRONG", "submit.signature"),
        (none, "FIELD_INVALID", "submit.envelopes"),
        (many, "FIELD_INVALID", "submit.envelopes"),
        (nonce, "FIELD_INVALID", "submit.envelopes[0]"),
        (large, "OVERSIZED", "submit.envelopes[0]"),
        (number, "FIELD_MISSING", "submit.first_number"),
    ], good


# code: CHAIN_GAP, CHAIN_FORK, SIGNATURE_WRONG
def test_a_submit_off_the_chain_uses_no_number(world):
    access = world.client[ZWOLLE]
    before, last = world.state(), access.last_number
    cases, good = chain_cases(world)
    for frame, code, field in cases:
        got, answer = rejected(access, frame)
        assert (got, answer.field) == (code, field), answer
        assert answer.last_number == last
        assert answer.last_link == access.last_link
    assert world.state() == before
    # What was right all along is still taken.
    answer = access.submit_raw(good)
    assert answer.receipts[0].outcome.accepted
    access.greet()


def test_a_submit_sent_twice_gets_its_first_answer_byte_for_byte(world):
    access = world.client[ZWOLLE]
    envelopes = [world.triage(), world.triage(change_header=add(UNKNOWN))]
    _, frame = access.submit_frame(envelopes)
    first = access.submit_raw(frame)
    entries = world.stage.status()["entries"]
    again = access.submit_raw(frame)
    assert [r.SerializeToString() for r in first.receipts] \
        == [r.SerializeToString() for r in again.receipts]
    assert world.stage.status()["entries"] == entries
    # Also over a new session, and after the broker fell and came back.
    access.greet()
    assert [r.SerializeToString() for r in
            access.submit_raw(frame).receipts] \
        == [r.SerializeToString() for r in first.receipts]
    world.stage.broker.kill()
    world.stage.broker.start()
    for client in world.client.values():
        client.greet()
    assert [r.SerializeToString() for r in
            access.submit_raw(frame).receipts] \
        == [r.SerializeToString() for r in first.receipts]
    # Part of it under the same numbers is another SUBMIT: a fork.
    _, part = access.submit_frame(envelopes[:1],
                                  first_number=frame.submit.first_number)
    assert rejected(access, part)[0] == "CHAIN_FORK"


# ---- frames

FRAMES = {
    "cut off": (wire.Frame(ping=wire.Ping(token=300)).SerializeToString()[:-1],
                "TRUNCATED", "frame.ping"),
    "no protobuf": (b"\x07\x07", "MALFORMED", "frame"),
    "empty": (b"", "FRAME_UNEXPECTED", "frame"),
    "two in one": (wire.Frame(ping=wire.Ping(token=1), ack=wire.Ack()),
                   "FRAME_UNEXPECTED", "frame"),
    "an unknown field": (wire.Frame(ping=wire.Ping(token=1))
                         .SerializeToString() + UNKNOWN,
                         "FIELD_UNKNOWN", "frame.99"),
    "an unknown field inside": (b"\x2a\x03" + UNKNOWN,
                                "FIELD_UNKNOWN", "frame.ping.99"),
    "another wire type": (b"\x2d\x00\x00\x00\x00",
                          "FIELD_INVALID", "frame.ping"),
    "text that is not UTF-8": (b"\x0a\x04\x72\x02\xc3\x28",
                               "TEXT_INVALID", "frame.hello.origin"),
}


@pytest.mark.parametrize("why", FRAMES)
def test_a_frame_that_does_not_decode_is_told_and_the_session_goes_on(
        world, why):
    content, code, field = FRAMES[why]
    client = world.client[DEVENTER]
    before = world.state()
    got, answer = rejected(client, content)
    assert (got, answer.field, answer.first_number) == (code, field, 0)
    client.ping()
    assert client.bye is None and world.state() == before


def test_a_frame_of_the_largest_size_is_read_and_a_larger_one_is_not(world):
    client = world.client[DEVENTER]
    # 262,144 bytes in all, of which the broker knows none.
    content = b"\xfa\x3f" + b"\xfb\xff\x0f" + bytes(262139)
    assert len(content) == 262144
    assert rejected(client, content)[0] == "FIELD_UNKNOWN"
    # The link drops who sends more than it may: no frame says so.
    monitor = client.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    client.send_frame(content + b"\0")
    assert monitor.poll(10000), "the broker went on with this connection"
    client.socket.disable_monitor()
    world.client[ZWOLLE].ping()
    client.connect()
    client.greet()
    client.ping()


def test_a_frame_that_only_a_broker_sends_ends_the_session(world):
    client = world.client[DEVENTER]
    for frame in (wire.Frame(pong=wire.Pong(token=1)),
                  wire.Frame(drain=wire.Drain())):
        answer = client.submit_raw(frame)
        assert isinstance(answer, wire.Bye), answer
        assert error_name(answer.code) == "FRAME_UNEXPECTED"
        client.greet()


def test_nothing_is_heard_before_hello(world):
    client = world.client[DEVENTER]
    client.connect()
    answer = client.submit_raw(wire.Frame(ping=wire.Ping(token=1)))
    assert isinstance(answer, wire.Bye)
    assert error_name(answer.code) == "FRAME_UNEXPECTED"
    client.greet()


HELLOS = {
    "another participant's number": (dict(participant=ZWOLLE),
                                     "NOT_ENROLLED"),
    "no number": (dict(participant=None), "NOT_ENROLLED"),
    "protocol 2 only": (dict(protocol_min=2, protocol_max=3),
                        "PROTOCOL_RANGE"),
    "a boot id of nine bytes": (dict(boot=bytes(9)), "FIELD_INVALID"),
    "another journal": (dict(origin="proef/journal/1"), "ORIGIN_WRONG"),
    "no journal": (dict(origin=None), "ORIGIN_WRONG"),
    "a position that is not there": (dict(last_position=10**9), "ROLLBACK"),
}


@pytest.mark.parametrize("why", HELLOS)
def test_a_hello_that_is_wrong_is_sent_away_with_the_reason(world, why):
    change, code = HELLOS[why]
    client = world.client[DEVENTER]
    before = world.state()
    with pytest.raises(Goodbye) as bye:
        client.greet(**change)
    assert bye.value.code == code
    client.greet()
    assert world.state() == before
