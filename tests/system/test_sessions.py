"""Who may enter, who may stay, and what the operator sees of it."""
import os
import shutil

import formats
import pytest
import zmq
from client import Client, Goodbye, NotWelcome
from formats import Refused, error_name
from harness import (COURT, ORDER_TEXT, TODAY, TRIAGE, WAIT, ZWOLLE, Agent,
                     demo, order, wait_log, written)
from schema import session as wire
from zmq.utils.monitor import recv_monitor_message

TEXT = {"SITUATION": "Ouders uit elkaar."}


def test_a_strangers_key_gets_nowhere_and_is_counted(lit):
    """It holds the invitation of someone else, and keys of its own."""
    court = lit.client(COURT)
    stranger = Client(formats.Keys.draw(), court.invitation)
    with pytest.raises(NotWelcome):
        stranger.greet(wait=1)
    assert {s["address"] for s in lit.status()["strangers"]} == {"127.0.0.1"}
    assert sum(s["count"] for s in lit.status()["strangers"]) >= 1
    stranger.close()
    # Nobody else noticed, and nothing of it is in the journal.
    court.ping()
    assert not [leaf for leaf in lit.broker.leaves() if leaf["kind"] == 7]


def knock(lit, set_up):
    """HELLO over a socket of one's own; whether anything came back."""
    court = lit.clients[COURT]
    with zmq.Context.instance().socket(zmq.DEALER) as s:
        s.setsockopt(zmq.LINGER, 0)
        set_up(s, court)
        s.connect(lit.address)
        s.send(court.hello_frame(boot=b"knocking").SerializeToString())
        return s.poll(1000) != 0


def curve(s, client, server=None):
    s.setsockopt(zmq.CURVE_SERVERKEY,
                 server or client.invitation.broker_link_key)
    s.setsockopt(zmq.CURVE_PUBLICKEY, client.keys.link)
    s.setsockopt(zmq.CURVE_SECRETKEY, client.keys.link_secret)


def plain(s, _):
    s.setsockopt(zmq.PLAIN_USERNAME, b"court")
    s.setsockopt(zmq.PLAIN_PASSWORD, b"court")


def named(s, client):
    curve(s, client)
    s.setsockopt(zmq.ROUTING_ID, b"I am the court")


KNOCKS = {
    "without a mechanism": lambda s, client: None,
    "with a password": plain,
    "to a broker of another key": lambda s, client: curve(
        s, client, formats.Keys.draw().link),
    "under a name of its own": named,
}


@pytest.mark.parametrize("how", KNOCKS)
def test_who_does_not_come_as_the_page_says_is_not_heard(lit, how):
    court = lit.client(COURT)
    court.close()
    assert not knock(lit, KNOCKS[how])
    # The same words, well said, are answered.
    assert knock(lit, curve)


def test_a_message_in_two_parts_is_not_heard(lit):
    court = lit.client(COURT)
    ping = wire.Frame(ping=wire.Ping(token=5)).SerializeToString()
    court.socket.send_multipart([ping, ping])
    court.ping(6)
    assert not [a for a in court.answers if getattr(a, "token", 0) == 5]


def test_an_agent_with_a_wrong_key_says_so_in_words(lit):
    agent = lit.agent(ZWOLLE, start=False)
    other = lit.agent(COURT, start=False)
    for name in ("link.key", "link.pub"):
        shutil.copy2(os.path.join(other.dir, "keys", name),
                     os.path.join(agent.dir, "keys", name))
    # The court's enrolment ends, so that its key is nobody's any more.
    lit.admin("revoke", "--participant", COURT, "--reason", "error",
              "--enrolment-key", lit.enrolment_key)
    agent.start(connected=False)
    wait_log(agent, "did not accept this key")
    said = agent.run("status")
    assert "accepteert deze sleutel niet" in said.stdout, said
    status = agent.get("status")
    assert status["connected"] is False
    assert "did not accept this key" in status["why_en"]


def test_a_key_that_is_anothers_is_told_whose(lit):
    """The right key of another participant: known, and not this one's."""
    agent = lit.agent(ZWOLLE, start=False)
    other = lit.agent(COURT, start=False)
    for name in ("link.key", "link.pub"):
        shutil.copy2(os.path.join(other.dir, "keys", name),
                     os.path.join(agent.dir, "keys", name))
    agent.start(connected=False)
    wait_log(agent, "code=NOT_ENROLLED")
    assert agent.get("status")["connected"] is False
    assert not lit.member(ZWOLLE)["connected"]


def twin(client, boot):
    return Client(client.keys, client.invitation, boot=boot)


# code: SESSION_REPLACED
def test_the_older_of_two_sessions_under_one_key_is_fenced(lit):
    court = lit.client(COURT)
    lit.client(ZWOLLE)
    second = twin(court, b"second..")
    second.greet()
    court.until(lambda: court.bye)
    assert error_name(court.bye.code) == "SESSION_REPLACED"
    # What the older one still says is not heard.
    envelope = second.compose("COURT_ORDER", order(), to=[ZWOLLE],
                              event_date=TODAY, sections=ORDER_TEXT)
    court.last_number, court.last_link = 0, second.last_link
    court.answers.clear()
    _, frame = court.submit_frame([envelope])
    answer = court.submit_raw(frame)
    assert error_name(answer.code) == "FRAME_UNEXPECTED"
    receipt, = second.submit(envelope)
    assert receipt.outcome.accepted and receipt.number == 1
    second.close()


# code: SESSION_CONTESTED
def test_two_agents_that_evict_each_other_are_both_held(lit):
    access = lit.client(ZWOLLE)
    first = lit.client(COURT)
    second = twin(first, b"second..")
    second.greet()              # one
    first.until(lambda: first.bye)
    first.greet()               # two
    second.until(lambda: second.bye)
    with pytest.raises(Goodbye) as bye:
        second.greet()          # three
    assert bye.value.code == "SESSION_CONTESTED"
    first.until(lambda: first.bye)
    assert error_name(first.bye.code) == "SESSION_CONTESTED"
    line = wait_log(lit.broker, "two agents use one key, both held")
    assert f"participant={COURT}" in line and " error" in line
    # Held: neither comes in again, and others go on.
    for client in (first, second, twin(first, b"third...")):
        with pytest.raises(Goodbye) as bye:
            client.greet()
        assert bye.value.code == "SESSION_CONTESTED"
        client.close()
    assert not lit.member(COURT)["connected"]
    access.ping()


def test_a_second_agent_from_a_copied_disk_fences_the_first(lit):
    first = lit.agent(ZWOLLE)
    copy = Agent(lit, ZWOLLE, *[first.role, first.name, first.code,
                                first.areas])
    copy.dir = first.dir + "copy"
    copy.socket = os.path.join(copy.dir, "socket")
    copy.log = first.log + ".copy"
    shutil.copytree(first.dir, copy.dir, ignore=lambda *_: ["socket"])
    copy.write_config()
    lit.agents["copy"] = copy
    copy.start()
    wait_log(first, "SESSION_REPLACED")
    status = first.get("status")
    assert not status["connected"] and status["why"]
    assert copy.get("status")["connected"]


# code: SENDER_REVOKED, KEY_NOT_VOUCHED
def test_revocation_takes_effect_at_once(lit):
    court, access = lit.client(COURT), lit.client(ZWOLLE)
    court.greet()
    case, _ = court.say("COURT_ORDER", order(), to=[ZWOLLE],
                        event_date=TODAY, sections=ORDER_TEXT)
    access.wait_for("COURT_ORDER")
    old_key = court.directory.sealing_key(ZWOLLE)
    lit.admin("revoke", "--participant", ZWOLLE, "--reason", "stolen",
              "--enrolment-key", lit.enrolment_key)
    access.until(lambda: access.bye)
    assert error_name(access.bye.code) == "SENDER_REVOKED"
    with pytest.raises(NotWelcome):
        access.connect()
        access.greet(wait=1)
    # The others heard, and the broker takes nothing for it any more.
    court.until(lambda: court.directory.members[ZWOLLE].revoked)
    with pytest.raises(Refused) as refused:
        court.compose("HEARING_NOTICE", {"hearing_date": "2026-05-04"},
                      case_ref=case, to=[ZWOLLE])
    assert refused.value.name == "KEY_NOT_VOUCHED"
    receipt, = court.submit(court.compose(
        "HEARING_NOTICE", {"hearing_date": "2026-05-04"}, case_ref=case,
        to=[ZWOLLE], seal_keys={ZWOLLE: old_key}))
    assert error_name(receipt.outcome.code) == "RECIPIENT_UNKNOWN"
    assert lit.member(ZWOLLE)["revoked"]
    lit.holds()


def watched(client):
    """The connection of a client, as a monitor that hears of its end."""
    return client.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)


def assert_closed(monitor):
    assert monitor.poll(WAIT * 1000), "the broker did not close it"
    assert recv_monitor_message(monitor)["event"] == zmq.EVENT_DISCONNECTED


def test_a_revoked_agent_is_told_and_its_connection_closed(lit):
    court, access = lit.client(COURT), lit.client(ZWOLLE)
    second = twin(access, b"second..")
    second.connect()            # admitted by its key, and says nothing yet
    assert second.socket.poll(WAIT * 1000, zmq.POLLOUT)
    monitors = [watched(access), watched(second)]
    lit.admin("revoke", "--participant", ZWOLLE, "--reason", "stolen",
              "--enrolment-key", lit.enrolment_key)
    access.until(lambda: access.bye)
    assert error_name(access.bye.code) == "SENDER_REVOKED"
    assert_closed(monitors[0])
    # The other connection of that key goes at its first word.
    second.send_frame(second.hello_frame())
    second.until(lambda: second.bye)
    assert error_name(second.bye.code) == "SENDER_REVOKED"
    assert_closed(monitors[1])
    # Neither hears anything more, and nobody else was touched.
    court.ping()
    assert access.receive(0) is None and second.receive(0) is None
    second.close()


def test_a_revoked_agent_says_so_to_its_people(lit):
    agent = lit.agent(ZWOLLE)
    lit.admin("revoke", "--participant", ZWOLLE, "--reason", "left",
              "--enrolment-key", lit.enrolment_key)
    wait_log(agent, "code=SENDER_REVOKED")
    assert agent.get("status")["connected"] is False
    said = agent.run("status").stdout
    assert "de deelname is ingetrokken of afgelopen" in said, said


def test_the_last_day_of_a_validity_ends_the_session(lit):
    court, access = lit.client(COURT), lit.client(ZWOLLE)
    monitor = watched(access)
    lit.step(f"{demo.UNTIL}T22:00:00Z")
    court.ping()
    assert access.bye is None
    lit.step(f"{int(demo.UNTIL[:4]) + 1}-01-02T12:00:00Z")
    access.until(lambda: access.bye)
    assert error_name(access.bye.code) == "SENDER_REVOKED"
    assert_closed(monitor)


def rotate(lit, client):
    """New keys for a client, signed by its old one and entered."""
    old, new = client.keys, formats.Keys.draw()
    body = formats.rotate_body(
        client.invitation.founding, client.participant, 2,
        client.directory.members[client.participant].standing.digest,
        new.public)
    statement = written(
        os.path.join(lit.dir, "rotation"),
        f"{body.hex()}\n{formats.sign(body, old.sign_secret).hex()}\n")
    lit.admin("enter", "--statement", statement)
    client.retired[formats.key_id(old.seal)] = (old.seal, old.seal_secret)
    client.keys = new
    return old


# code: KEY_NOT_CURRENT
def test_a_rotated_sealing_key_is_refused_for_what_is_new(lit):
    court, access = lit.client(COURT), lit.client(ZWOLLE)
    court.greet()
    access.close()
    # Sealed to the old key and still on its way when the key changes.
    case, _ = court.say("COURT_ORDER", order(), to=[ZWOLLE],
                        event_date=TODAY, sections=ORDER_TEXT)
    old = rotate(lit, access)
    court.until(lambda: court.directory.members[ZWOLLE].generation == 2)
    about = dict(case_ref=case, to=[ZWOLLE])
    receipt, = court.submit(court.compose(
        "HEARING_NOTICE", {"hearing_date": "2026-05-04"},
        seal_keys={ZWOLLE: old.seal}, **about))
    assert error_name(receipt.outcome.code) == "KEY_NOT_CURRENT"
    assert receipt.outcome.field == "header.recipients[0].key_id"
    court.say("HEARING_NOTICE", {"hearing_date": "2026-05-04"},
              sections={"EXPLANATION": "Zaal 3."}, **about)
    # With its old link key it is a stranger, with the new one it is in.
    stale = Client(old, access.invitation)
    with pytest.raises(NotWelcome):
        stale.greet(wait=1)
    stale.close()
    access.connect()
    access.greet()
    assert access.wait_for("COURT_ORDER").sections == ORDER_TEXT
    assert access.wait_for("HEARING_NOTICE").sections == {
        "EXPLANATION": "Zaal 3."}
    # And it signs with the new key, not with the old.
    envelope = access.compose("TRIAGE", TRIAGE, case_ref=case,
                              event_date=TODAY, sections=TEXT)
    _, frame = access.submit_frame([envelope], keys=old)
    answer = access.submit_raw(frame)
    assert error_name(answer.code) == "SIGNATURE_WRONG"
    access.submit(envelope)
    lit.holds()


def test_an_agent_rotates_and_still_opens_what_was_sealed_before(lit):
    court, access = lit.client(COURT), lit.agent(ZWOLLE)
    court.greet()
    access.stop()
    court.say("COURT_ORDER", order(), to=[ZWOLLE], event_date=TODAY,
              sections=ORDER_TEXT)
    lit.call("schakel-agent", "rotate", access.dir)
    access.start(connected=False)
    wait_log(access, "did not accept this key")
    access.stop()
    lit.admin("enter", "--statement", os.path.join(access.dir, "rotation"))
    access.start()
    letter = access.wait_letter("COURT_ORDER")
    assert access.shown(letter)["sections"] == ORDER_TEXT
    court.until(lambda: court.directory.members[ZWOLLE].generation == 2)
    court.wait_for("RECEIPT_OF")
    assert all(x.trouble is None for x in court.inbox)
    lit.holds()


def test_a_participant_whose_time_has_ended_is_out(lit):
    """By its next message at the latest."""
    court = lit.client(COURT)
    lit.client(ZWOLLE)
    court.greet()
    envelope = court.compose("COURT_ORDER", order(), to=[ZWOLLE],
                             event_date=TODAY, sections=ORDER_TEXT)
    lit.step("2031-01-01T12:00:00Z")
    _, frame = court.submit_frame([envelope])
    assert error_name(court.submit_raw(frame).code) == "SENDER_REVOKED"
    court.connect()
    with pytest.raises(NotWelcome):
        court.greet(wait=1)
    assert lit.status()["cases"] == 0
