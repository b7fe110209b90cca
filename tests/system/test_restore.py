"""What comes back after a disk was lost, at the agent and at the broker."""
import os
import shutil

from client import ref_text
from harness import COURT, ORDER_TEXT, TODAY, ZWOLLE, order, wait_log

NOTICE = {"hearing_date": "2026-05-04"}


def letters(client, case):
    return [ref_text(x.ref) for x in client.inbox
            if x.header and ref_text(x.case_ref) == case]


def test_an_agent_from_an_old_backup_sends_nothing_twice(lit):
    """Its outbox held work that went out after the backup was made, and
    work that never did."""
    court, access = lit.agent(COURT), lit.client(ZWOLLE)
    case = court.say("COURT_ORDER", order(), event_date=TODAY,
                     sections=ORDER_TEXT)["case_ref"]
    # Work that cannot leave: the broker is away while it is written.
    lit.broker.stop()
    access.close()
    unsent = [court.send("HEARING_NOTICE", NOTICE, case, to=[ZWOLLE])["ref"]
              for _ in range(3)]
    assert court.get("status")["outbox"] == 3
    court.stop()
    backup = court.dir + "/backup"
    shutil.copytree(os.path.join(court.dir, "store"), backup)
    # The same work leaves after the backup, and more with it.
    lit.broker.start()
    court.start()
    court.wait(idle=True)
    later = [court.say("HEARING_NOTICE", NOTICE, case)["ref"]
             for _ in range(4)]
    sent = court.get("case", case=case)["messages"]
    assert lit.member(COURT)["last_number"] == 8
    court.stop()

    shutil.rmtree(os.path.join(court.dir, "store"))
    shutil.copytree(backup, os.path.join(court.dir, "store"))
    # Something that only the restored agent knows of.
    lit.broker.stop()
    court.start(connected=False)
    assert court.get("status")["outbox"] == 3
    fresh = court.send("HEARING_NOTICE", NOTICE, case)["ref"]
    lit.broker.start()
    court.wait(connected=True)
    court.wait(idle=True)
    wait_log(court, "own messages taken back number=8")
    assert lit.member(COURT)["last_number"] == 9
    assert court.get("receipt", ref=fresh)["receipt"]["number"] == 9

    # Its list of what it sent is whole again, with the same receipts.
    def outgoing(messages):
        return {m["ref"]: m["receipt"] for m in messages
                if m["direction"] == "out"}
    again = outgoing(court.get("case", case=case)["messages"])
    assert set(again) == {case, *unsent, *later, fresh}
    for ref, receipt in outgoing(sent).items():
        assert again[ref] == receipt

    access.greet()
    access.until(lambda: len(access.inbox) == 9)
    assert letters(access, case) == [case, *unsent, *later, fresh]
    assert all(x.trouble is None for x in access.inbox)
    lit.holds()


def test_an_agent_with_an_empty_disk_gets_its_own_work_back(lit):
    """Keys and invitation are left; store and all in it is gone."""
    court, access = lit.agent(COURT), lit.client(ZWOLLE)
    case = court.say("COURT_ORDER", order(), event_date=TODAY,
                     sections=ORDER_TEXT)["case_ref"]
    refs = [court.say("HEARING_NOTICE", NOTICE, case)["ref"]
            for _ in range(3)]
    court.stop()
    shutil.rmtree(os.path.join(court.dir, "store"))
    court.start()
    court.wait(idle=True)
    mine = [m["ref"] for m in court.get("case", case=case)["messages"]
            if m["direction"] == "out"]
    assert mine == [case, *refs]
    more = court.say("HEARING_NOTICE", NOTICE, case)
    assert more["receipt"]["number"] == 5
    access.until(lambda: len(access.inbox) == 5)
    assert letters(access, case) == [case, *refs, more["ref"]]
    lit.holds()


def test_agents_go_on_when_the_brokers_state_was_lost(lit):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    first = court.say("COURT_ORDER", order(), event_date=TODAY,
                      sections=ORDER_TEXT)
    access.wait_letter("COURT_ORDER")
    access.wait(idle=True)
    before = {p: lit.member(p) for p in (COURT, ZWOLLE)}
    lit.broker.kill()
    shutil.rmtree(os.path.join(lit.broker.journal, "state"))
    lit.broker.start()
    wait_log(lit.broker, "state rebuilt from the journal")
    court.wait(connected=True)
    access.wait(connected=True)
    for participant, member in before.items():
        after = lit.member(participant)
        for name in ("last_number", "mailbox_next", "standing"):
            assert after[name] == member[name]
    second = court.say("COURT_ORDER", order(child=9), event_date=TODAY,
                       sections=ORDER_TEXT)
    assert (first["case"], second["case"]) == ("1-1-65", "1-2-62")
    court.say("HEARING_NOTICE", NOTICE, first["case_ref"])
    access.wait_letter("HEARING_NOTICE")
    letters_now = [m["ref"] for m in access.inbox()]
    assert letters_now[:2] == [first["ref"], second["ref"]]
    assert len(letters_now) == len(set(letters_now))
    lit.holds()


def test_a_journal_restored_from_a_backup_is_found_out(lit):
    """It has fewer entries than its participants were told of."""
    court, access = lit.agent(COURT), lit.client(ZWOLLE)
    case = court.say("COURT_ORDER", order(), event_date=TODAY,
                     sections=ORDER_TEXT)["case_ref"]
    access.wait_for("COURT_ORDER")
    lit.broker.stop()
    backup = lit.dir + "/journal.backup"
    shutil.copytree(lit.broker.journal, backup)
    lit.broker.start()
    court.wait(connected=True)
    for _ in range(3):
        court.say("HEARING_NOTICE", NOTICE, case)
    court.stop()
    lit.broker.stop()
    shutil.rmtree(lit.broker.journal)
    shutil.copytree(backup, lit.broker.journal)
    lit.broker.start()
    court.start(connected=False)
    wait_log(court, "ROLLBACK")
    assert not court.get("status")["connected"]
    assert "ROLLBACK" in court.get("status")["why"]
    assert "code=ROLLBACK" in wait_log(lit.broker, "session refused")
