"""Deliveries: in order, once, within credit, and never silently late."""
import os
import shutil

from client import ref_text
from harness import COURT, ORDER_TEXT, TODAY, ZWOLLE, order
from schema import session

NOTICE = {"hearing_date": "2026-05-04"}


def opened(court, children=(1,)):
    """Cases of these children, in Zwolle."""
    return [court.say("COURT_ORDER", order(child=10 * n), to=[ZWOLLE],
                      event_date=TODAY, sections=ORDER_TEXT)[0]
            for n in children]


def undeliverable(client):
    """What the broker said it could not deliver to Zwolle, in order."""
    found = [x.notice for x in client.inbox
             if x.notice and x.notice.kind == session.UNDELIVERABLE]
    assert {n.participant for n in found} <= {ZWOLLE}
    return [ref_text(n.about) for n in found]


def test_who_is_away_for_a_week_gets_everything_in_order_once(lit):
    """After five days the sender hears of it (undeliverable_days)."""
    court, access = lit.client(COURT), lit.agent(ZWOLLE)
    court.greet()
    access.stop()
    case, = opened(court)
    sent = [ref_text(case)]
    for day in range(2, 9):
        if day == 7:
            # Five days after the order was posted, and not before.
            lit.step("2026-03-07T07:59:59.999Z")
            court.ping()
            assert undeliverable(court) == []
            lit.step("2026-03-07T08:00:00Z")
            court.ping()
            assert undeliverable(court) == sent[:1]
        lit.step(f"2026-03-{day:02d}T09:00:00Z")
        ref, _ = court.say("HEARING_NOTICE", NOTICE, case_ref=case,
                           to=[ZWOLLE])
        sent.append(ref_text(ref))
    # Of 2 and 3 March too by now, each once; the later ones still wait.
    assert undeliverable(court) == sent[:3]
    access.start()
    access.wait_all(set(sent))
    got = [m["ref"] for m in access.inbox() if m["kind"] != "NOTICE"]
    assert got == sent
    assert all("trouble" not in m for m in access.inbox())
    # Once more away and back: nothing comes twice.
    access.stop()
    access.start()
    access.wait(idle=True)
    assert [m["ref"] for m in access.inbox() if m["kind"] != "NOTICE"] \
        == sent
    lit.holds()


def test_credit_is_never_passed_and_a_slow_one_delays_nobody(lit):
    court, access = lit.client(COURT), lit.client(ZWOLLE)
    court.greet()
    access.credit_messages = 2
    access.greet()
    cases = opened(court, range(1, 6))
    access.until(lambda: len(access.inbox) == 2)
    # Its own word is answered meanwhile; nothing more comes with it.
    access.ping()
    assert len(access.inbox) == 2
    access.credit_messages = 4
    access.ack()
    access.until(lambda: len(access.inbox) == 4)
    access.ping()
    assert len(access.inbox) == 4
    access.credit_messages = 3      # a lower total changes nothing
    access.ack()
    access.credit_messages = 100
    access.ack()
    access.until(lambda: len(access.inbox) == 5)
    assert [ref_text(x.case_ref) for x in access.inbox] \
        == [ref_text(c) for c in cases]


def test_one_delivery_of_a_case_is_under_way_and_others_pass_it(lit):
    court, access = lit.client(COURT), lit.client(ZWOLLE)
    court.greet()
    access.auto_ack = False
    access.greet()
    one, = opened(court)
    for _ in range(3):
        court.say("HEARING_NOTICE", NOTICE, case_ref=one, to=[ZWOLLE])
    opened(court, [2, 3])
    access.until(lambda: len(access.inbox) == 3)
    access.ping()
    assert [x.number for x in access.inbox] == [1, 5, 6]
    for seen in (2, 3, 4):
        access.ack()
        access.until(lambda n=seen: n in [x.number for x in access.inbox])
        access.ping()
        assert len(access.inbox) == seen + 2
    # Unacknowledged, it all comes again from there, and is told apart.
    access.greet()
    access.ping()
    assert sorted(x.number for x in access.inbox) == [1, 2, 3, 4, 5, 6]


def test_an_acknowledgement_of_what_was_not_sent_is_not_believed(lit):
    court, access = lit.client(COURT), lit.client(ZWOLLE)
    court.greet()
    access.ack(stored=10**12)
    access.ping()
    opened(court)
    access.until(lambda: access.inbox)
    assert lit.member(ZWOLLE)["mailbox_next"] == 2
    access.ping()
    assert lit.member(ZWOLLE)["mailbox_stored"] == 1
    lit.holds()


def test_a_mailbox_survives_the_loss_of_the_state(lit):
    """The projection is thrown away while the broker is stopped."""
    court, access = lit.client(COURT), lit.client(ZWOLLE)
    court.greet()
    access.auto_ack = False
    access.greet()
    cases = opened(court, [1, 2])
    court.say("HEARING_NOTICE", NOTICE, case_ref=cases[0], to=[ZWOLLE])
    access.until(lambda: len(access.inbox) == 2)
    access.ack(stored=1)
    access.until(lambda: len(access.inbox) == 3)
    before = lit.status()
    lit.broker.stop()
    state = os.path.join(lit.broker.journal, "state")
    assert os.path.exists(state)
    shutil.rmtree(state) if os.path.isdir(state) else os.remove(state)
    lit.broker.start()
    after = lit.status()
    # No start and no clock is in these: the same state to the last number.
    for status in (before, after):
        status.pop("epoch")
        status.pop("entries")
        for member in status["participants"]:
            member.pop("connected")
    assert before == after
    numbers = [x.number for x in access.inbox]
    access.auto_ack = True
    access.greet()
    court.greet()
    assert court.last_number == 3
    more, = opened(court, [3])
    access.until(lambda: len(access.inbox) == 4)
    assert [x.number for x in access.inbox][:3] == numbers
    assert access.inbox[3].number == 4
    assert access.inbox[3].deliver.case_number == 3
    assert ref_text(access.inbox[3].case_ref) == ref_text(more)
    lit.holds()
