"""A broker that comes back from a backup: what lies behind it comes back from
the agents, in the order that it had, and nobody takes it for a fork.

RESTORED says how many messages behind the backup is (200; nightly 1000).
"""
import json
import os
import shutil
import subprocess

import pytest
from harness import (COURT, DEVENTER, KOMPAS, ORDER_TEXT, PLAN, REFERRAL,
                     TO_PLAN, TODAY, VEERSTOEP, WAIT, WHO, ZWOLLE, Stage,
                     log_of, order, wait_log)
from test_backup import NOTICE, backup, rebuild, verified

RESTORED = int(os.environ.get("RESTORED", "200"))
TEXT = {"PERSONALIA": "Kind van proef.", "QUESTION": "Begeleide omgang."}
FIVE = (COURT, ZWOLLE, DEVENTER, VEERSTOEP, KOMPAS)


class Old:
    """A stage with a backup of before, and what was said since."""

    def __init__(self, stage, tmp_path, who=(COURT, ZWOLLE)):
        self.stage = stage
        self.copy, self.keys = str(tmp_path / "copy"), str(tmp_path / "keys")
        self.agents = {p: stage.agent(p) for p in who}
        self.case = self.open_case(1)
        stage.settle()

    def open_case(self, child, at=ZWOLLE):
        municipality = "0193" if at == ZWOLLE else "0150"
        case = self.agents[COURT].say(
            "COURT_ORDER", order(municipality, child=child),
            event_date=TODAY, sections=ORDER_TEXT)["case_ref"]
        if at in self.agents:
            self.agents[at].await_message(
                lambda m: m["ref"] == case)
        return case

    def notices(self, count, case=None):
        case = case or self.case
        for _ in range(count):
            self.agents[COURT].send("HEARING_NOTICE", NOTICE, case)
        self.agents[COURT].wait(idle=True)

    def back_up(self):
        self.made = backup(self.stage, self.copy, "--keys", self.keys)

    def sent(self):
        """Of each agent what it sent: its number and what was said of it."""
        found = {}
        for participant, agent in self.agents.items():
            for case in agent.get("cases")["cases"]:
                for m in agent.get("case", case=case["case_ref"])["messages"]:
                    if m["direction"] == "out" and m["receipt"]:
                        r = m["receipt"]
                        found[m["ref"]] = (participant, r["number"],
                                           r["outcome"]["accepted"])
        return found

    def said(self):
        """Envelopes in the journal."""
        return sum(m["last_number"]
                   for m in self.stage.status()["participants"])

    def inboxes(self):
        return {p: sorted(m["ref"] or str(m["position"])
                          for m in a.inbox() if m["kind"])
                for p, a in self.agents.items()}

    def lose(self):
        """The broker's disk is gone, with all that came after the backup."""
        self.stage.broker.kill()
        lost = self.stage.broker.journal + ".lost"
        shutil.rmtree(lost, ignore_errors=True)
        os.rename(self.stage.broker.journal, lost)

    def restore(self, *options, check=True):
        done = subprocess.run(
            [self.stage.program("schakel-admin"), "restore", "--from",
             self.copy, "--keys", self.keys, "--journal",
             self.stage.broker.journal, "--operator", self.stage.operator,
             "--json", *options], text=True, capture_output=True,
            timeout=WAIT)
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
            return json.loads(done.stdout)
        return done

    def reported(self):
        return {m["participant"]: (m.get("reported", False),
                                   m.get("staged", 0))
                for m in self.stage.status()["participants"]}

    def wait_reported(self, who):
        for p in who:
            if p not in self.agents:
                continue
            self.agents[p].wait(connected=True)
        for p in who:
            wait_log(self.stage.broker, f"reported participant={p} ")
        assert all(self.reported()[p][0] for p in who), self.reported()

    def end(self, *absent, check=True):
        options = [o for p in absent for o in ("--absent", p)]
        done = self.stage.attempt("recovery", "--end", *options, "--json")
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
            for p, agent in self.agents.items():
                if p not in absent:
                    wait_log(agent, "the recovery has ended")
                    agent.wait(connected=True)
        return done


def nobody_forked(old):
    for agent in old.agents.values():
        said = log_of(agent)
        assert "FORK" not in said and "ROLLBACK" not in said, said[-3000:]
        assert agent.get("status")["connected"]


def test_what_lies_behind_a_backup_comes_back_from_five_agents(
        lit, tmp_path):
    old = Old(lit, tmp_path, FIVE)
    old.back_up()
    entries = old.made["entries"]
    court, team = old.agents[COURT], old.agents[ZWOLLE]
    # A life that all five have a part in, and then traffic.
    for kind, facts, sections in TO_PLAN:
        team.say(kind, facts, old.case, sections=sections, event_date=TODAY)
    team.say("REFERRAL", REFERRAL, old.case, to=[VEERSTOEP],
             event_date=TODAY, sections=TEXT)
    old.agents[VEERSTOEP].wait_letter("REFERRAL")
    old.agents[VEERSTOEP].say("DECLINE", {"reason": "CAPACITY"}, old.case,
                              sections={"EXPLANATION": "Geen plaats."},
                              event_date=TODAY)
    team.wait_letter("DECLINE")
    # A refusal of before stays one.
    refused = team.send("REFERRAL", REFERRAL, old.case, to=[KOMPAS],
                        event_date=TODAY, sections=TEXT, wait_ms=20000)
    assert refused["state"] == "REFUSED"
    team.say("REFERRAL", {"offering": "kind-in-beeld"}, old.case,
             to=[KOMPAS], event_date=TODAY, sections=TEXT)
    old.agents[KOMPAS].wait_letter("REFERRAL")
    other = old.open_case(20, DEVENTER)
    said = old.said()
    while old.said() - said < RESTORED:
        old.notices(10, old.case)
        old.notices(5, other)
    lit.settle()
    before, boxes = old.sent(), old.inboxes()
    lost = lit.status()["entries"] - entries
    numbers = {p: lit.member(p)["last_number"] for p in FIVE}
    cases = {p: {c["case_ref"]: c["case"] for c in a.get("cases")["cases"]}
             for p, a in old.agents.items()}

    old.lose()
    made = old.restore()
    assert made == {"ok": True, "entries": entries, "number": 2}
    lit.broker.start()
    old.wait_reported(FIVE)
    # Nothing is delivered and nothing taken meanwhile.
    status = lit.status()
    assert status["recovery"] and status["held"]
    assert {m["participant"]: m["last_number"]
            for m in status["participants"]} != numbers
    waiting = sum(n for _, n in old.reported().values())
    assert waiting == len(before) - old.said() >= RESTORED
    old.end()
    lit.settle()

    assert {p: lit.member(p)["last_number"] for p in FIVE} == numbers
    assert old.sent() == before
    assert [ok for *_, ok in before.values()].count(False) == 1
    assert old.inboxes() == boxes
    # Under the name of journal 2; the numbers of cases are the same.
    for p, agent in old.agents.items():
        again = {c["case_ref"]: c["case"] for c in agent.get("cases")["cases"]}
        assert {ref: text.split("-")[1] for ref, text in again.items()} == \
            {ref: text.split("-")[1] for ref, text in cases[p].items()}
        assert all(text.startswith("2-") for text in again.values())
    assert not lit.status().get("conflicts")
    nobody_forked(old)
    print(f"RESTORED={RESTORED} lost={lost} back={waiting}")
    # And life goes on.
    sent = court.say("HEARING_NOTICE", NOTICE, old.case)
    team.await_message(lambda m: m["ref"] == sent["ref"])
    lit.settle()
    for agent in old.agents.values():
        agent.stop()
    verify, _ = lit.holds()
    assert verify["signed"]
    assert rebuild(lit).returncode == 0
    told = json.loads(lit.audit("timeline", "--case", "1", "--json").stdout)
    assert any("journaal 1" in line for entry in told
               for line in entry["happened"]), told[-3:]
    # The restore itself: where it went back to, and both instants.
    restored, = [entry for entry in told if entry["kind"] == "RESTORE"]
    assert restored["restore"]["position"] == entries
    assert restored["restore"]["journal"] == 2
    assert restored["restore"]["as_of"] <= restored["restore"]["restored"]
    assert any("herstel / restore" == line for line in restored["happened"])
    # The two journals part where the backup ended.
    done = subprocess.run(
        [lit.program("schakel-audit"), "diff", lit.broker.journal,
         lit.broker.journal + ".lost", "--json"], text=True,
        capture_output=True, timeout=WAIT)
    assert json.loads(done.stdout)["first_difference"]["position"] == entries


# code: IN_RECOVERY
def test_who_was_absent_brings_it_later(lit, tmp_path):
    old = Old(lit, tmp_path, (COURT, ZWOLLE, VEERSTOEP))
    old.back_up()
    court, team = old.agents[COURT], old.agents[ZWOLLE]
    for kind, facts, sections in TO_PLAN:
        team.say(kind, facts, old.case, sections=sections, event_date=TODAY)
    old.notices(20)
    lit.settle()
    before, boxes = old.sent(), old.inboxes()
    team.stop()
    old.lose()
    old.restore()
    lit.broker.start()
    old.wait_reported((COURT, VEERSTOEP))
    done = old.end(check=False)
    assert done.returncode == 1 and "IN_RECOVERY" in done.stdout
    assert str(ZWOLLE) in done.stderr
    done = old.end(9999, check=False)
    assert done.returncode == 1 and "NOT_ENROLLED" in done.stdout
    old.end(ZWOLLE)
    # It comes when the others are long at work again.
    old.notices(3)
    team.start()
    wait_log(team, "the broker was restored, its journal goes on")
    team.wait(connected=True)
    lit.settle()
    after = old.sent()
    assert {ref: after[ref] for ref in before} == before
    assert all(ok for *_, ok in after.values())
    # One team, one order of its own messages; what it was sent it has once.
    assert len(old.inboxes()[ZWOLLE]) == len(boxes[ZWOLLE]) + 3
    assert len(set(old.inboxes()[ZWOLLE])) == len(old.inboxes()[ZWOLLE])
    nobody_forked(old)
    for agent in old.agents.values():
        agent.stop()
    lit.holds()
    assert rebuild(lit).returncode == 0


# code: RECOVERY_CONFLICT
def test_what_cannot_be_accepted_again_goes_to_the_operators(lit, tmp_path):
    """Its case was opened by someone who lost everything."""
    old = Old(lit, tmp_path)
    old.back_up()
    court, team = old.agents[COURT], old.agents[ZWOLLE]
    case = old.open_case(50)
    triage = team.say("TRIAGE", TO_PLAN[0][1], case, sections=TO_PLAN[0][2],
                      event_date=TODAY)
    lit.settle()
    court.stop()
    old.lose()
    old.restore()
    lit.broker.start()
    old.wait_reported((ZWOLLE,))
    old.end(COURT)
    team.wait(idle=True)
    # The receipt that its agent gave by itself, and the triage.
    conflicts = lit.status()["conflicts"]
    assert {c["sender"] for c in conflicts} == {ZWOLLE}
    conflict = conflicts[-1]
    assert conflict["number"] == triage["receipt"]["number"]
    said = lit.admin("recovery")
    assert "kon niet opnieuw worden aanvaard" in said
    again = team.get("receipt", ref=triage["ref"])["receipt"]
    assert again["outcome"]["code"] == "RECOVERY_CONFLICT"
    done = lit.attempt("recovery", "--settle", conflict["position"])
    assert done.returncode != 0 and "--as" in done.stderr
    done = lit.attempt("recovery", "--settle", 1, "--as", "again")
    assert done.returncode == 1 and "NOTHING_PENDING" in done.stderr
    for c in conflicts:
        done = lit.attempt("recovery", "--settle", c["position"], "--as",
                           "again" if c == conflict else "not-needed")
        assert done.returncode == 0, done.stderr
    assert not lit.status().get("conflicts")
    # Each sender has it in writing, by message and case.
    team.await_message(lambda m: (m.get("notice") or {}).get("about")
                       == triage["ref"])
    told = [m for m in team.inbox() if m.get("notice")
            and m["notice"]["kind"] == "SETTLED"]
    assert [m["notice"]["settled"] for m in told] == \
        ["NOT_NEEDED"] * (len(conflicts) - 1) + ["SAY_IT_AGAIN"]
    assert told[-1]["notice"]["about"] == triage["ref"]
    shown = team.run("inbox").stdout
    assert "verstuur het opnieuw " + triage["ref"] in shown, shown
    # The court comes back, and the team says it again.
    court.start()
    wait_log(court, "the broker was restored, its journal goes on")
    court.wait(idle=True)
    lit.settle()
    team.say("TRIAGE", TO_PLAN[0][1], case, sections=TO_PLAN[0][2],
             event_date=TODAY)
    nobody_forked(old)
    for agent in old.agents.values():
        agent.stop()
    lit.holds()


def test_what_was_erased_behind_the_backup_does_not_come_back_unseen(
        lit, tmp_path):
    """The erasure lies behind the backup: agents tell that they were told,
    bring their chain as digests, and operators erase the case again."""
    old = Old(lit, tmp_path)
    old.back_up()
    court, team = old.agents[COURT], old.agents[ZWOLLE]
    court.say("VOID", {}, old.case, to=[ZWOLLE],
              sections={"EXPLANATION": "Verkeerde naam."})
    team.wait_letter("VOID")
    lit.admin("erase", "1", "--ground", "ENTERED_IN_ERROR")
    for agent in (court, team):
        wait_log(agent, "case erased")
        agent.wait(idle=True)
    lit.settle()
    numbers = {p: lit.member(p)["last_number"] for p in old.agents}
    old.lose()
    old.restore()
    lit.broker.start()
    old.wait_reported((COURT, ZWOLLE))
    told, = lit.status()["told_erased"]
    assert told["case_number"] == "1" or told["case_number"] == 1
    assert "al gewist volgens" in lit.admin("recovery")
    done = old.end(check=False)
    assert done.returncode == 1 and "IN_RECOVERY" in done.stdout
    assert "erase_later" in done.stdout + done.stderr, done
    done = lit.attempt("recovery", "--end", "--erase-later", 1)
    assert done.returncode == 0, done.stderr
    for agent in (court, team):
        wait_log(agent, "the recovery has ended")
        agent.wait(connected=True)
    lit.settle()
    assert {p: lit.member(p)["last_number"] for p in old.agents} == numbers
    # What said so is gone with the rest; it is said once more.
    court.say("VOID", {}, old.case, to=[ZWOLLE],
              sections={"EXPLANATION": "Verkeerde naam."})
    lit.settle()
    lit.admin("erase", "1", "--ground", "ENTERED_IN_ERROR")
    assert not lit.status().get("told_erased")
    lit.settle()
    court.wait(idle=True)
    team.wait(idle=True)
    # Told again, they have nothing to tell any more.
    court.stop()
    court.start()
    lit.settle()
    assert not lit.status().get("told_erased")
    nobody_forked(old)
    for agent in old.agents.values():
        agent.stop()
    lit.holds()
    told = lit.audit("timeline", "--case", "1").stdout
    assert told.count("verklaart: afschrift gewist") == 2, told


def test_who_was_enrolled_behind_the_backup_is_known_again(lit, tmp_path):
    old = Old(lit, tmp_path)
    old.back_up()
    old.agents[VEERSTOEP] = lit.agent(VEERSTOEP)
    for kind, facts, sections in TO_PLAN:
        old.agents[ZWOLLE].say(kind, facts, old.case, sections=sections,
                               event_date=TODAY)
    old.agents[ZWOLLE].say("REFERRAL", REFERRAL, old.case, to=[VEERSTOEP],
                           event_date=TODAY, sections=TEXT)
    old.agents[VEERSTOEP].wait_letter("REFERRAL")
    lit.settle()
    before = old.sent()
    assert any(p == VEERSTOEP for p, *_ in before.values())
    old.lose()
    old.restore()
    lit.broker.start()
    wait_log(lit.broker, "statements came back")
    old.wait_reported((COURT, ZWOLLE, VEERSTOEP))
    old.end()
    lit.settle()
    assert old.sent() == before
    nobody_forked(old)
    for agent in old.agents.values():
        agent.stop()
    lit.holds()


def test_terms_that_fell_behind_the_backup_fall_again_in_their_place(
        lit, tmp_path):
    """An offer lapsed and another provider was asked: without the term
    falling in between, the second referral could not be accepted again."""
    old = Old(lit, tmp_path, (COURT, ZWOLLE, VEERSTOEP, KOMPAS))
    team = old.agents[ZWOLLE]
    for kind, facts, sections in TO_PLAN:
        team.say(kind, facts, old.case, sections=sections, event_date=TODAY)
    team.say("REFERRAL", REFERRAL, old.case, to=[VEERSTOEP],
             event_date=TODAY, sections=TEXT)
    lit.settle()
    old.back_up()
    lit.step("2026-03-20T12:00:00Z")
    lit.settle()
    team.say("REFERRAL", {"offering": "kind-in-beeld"}, old.case,
             to=[KOMPAS], event_date="2026-03-20", sections=TEXT)
    lit.settle()
    before = old.sent()
    old.lose()
    old.restore()
    lit.broker.start()
    lit.step("2026-03-20T12:00:00Z")
    old.wait_reported((COURT, ZWOLLE, VEERSTOEP, KOMPAS))
    old.end()
    lit.settle()
    assert old.sent() == before and not lit.status().get("conflicts")
    for agent in old.agents.values():
        agent.stop()
    lit.holds()


def test_a_broker_killed_in_recovery_hears_it_all_again(lit, tmp_path):
    old = Old(lit, tmp_path)
    old.back_up()
    old.notices(30)
    lit.settle()
    before, boxes = old.sent(), old.inboxes()
    old.lose()
    old.restore()
    for _ in range(2):
        lit.broker.start()
        old.wait_reported((COURT, ZWOLLE))
        lit.broker.kill()
    lit.broker.start()
    old.wait_reported((COURT, ZWOLLE))
    old.end()
    lit.broker.kill()
    lit.broker.start()
    for agent in old.agents.values():
        agent.wait(connected=True)
    lit.settle()
    assert old.sent() == before and old.inboxes() == boxes
    nobody_forked(old)
    for agent in old.agents.values():
        agent.stop()
    lit.holds()


def test_it_can_happen_twice(lit, tmp_path):
    old = Old(lit, tmp_path)
    old.back_up()
    old.notices(5)
    lit.settle()
    for number in (2, 3):
        before, boxes = old.sent(), old.inboxes()
        old.lose()
        assert old.restore()["number"] == number
        lit.broker.start()
        old.wait_reported((COURT, ZWOLLE))
        old.end()
        lit.settle()
        assert old.sent() == before and old.inboxes() == boxes
        shutil.rmtree(old.copy)
        old.back_up()
        assert verified(lit, old.copy, "--keys", old.keys)
        old.notices(5)
        lit.settle()
    nobody_forked(old)
    for agent in old.agents.values():
        agent.stop()
    lit.holds()


def test_a_restore_is_the_operators_own(lit, tmp_path):
    old = Old(lit, tmp_path)
    old.back_up()
    lit.broker.stop()
    # Where a journal stands nothing is put.
    done = old.restore(check=False)
    assert done.returncode == 1 and "STORE_MISMATCH" in done.stdout
    os.rename(lit.broker.journal, lit.broker.journal + ".lost")
    lit.call("schakel-admin", "operator-key", str(tmp_path / "other"))
    mine, lit.operator = lit.operator, str(tmp_path / "other")
    done = old.restore(check=False)
    assert done.returncode == 1 and "OPERATOR_UNKNOWN" in done.stdout, done
    assert not os.path.exists(lit.broker.journal)
    assert not os.path.exists(lit.broker.journal + ".restoring")
    lit.operator = mine
    # Nor without the keys, nor from what is not the backup any more.
    keys, old.keys = old.keys, str(tmp_path / "none")
    assert old.restore(check=False).returncode == 1
    old.keys = keys
    assert old.restore()["number"] == 2


def test_a_real_journal_is_restored_by_two_operators(tmp_path):
    with Stage(test=False) as stage:
        stage.start_broker()
        both = ("--operator", stage.operator + "2")
        copy, keys = str(tmp_path / "copy"), str(tmp_path / "keys")
        made = backup(stage, copy, "--keys", keys, *both)
        stage.broker.stop()
        os.rename(stage.broker.journal, stage.broker.journal + ".lost")
        words = [stage.program("schakel-admin"), "restore", "--from", copy,
                 "--keys", keys, "--journal", stage.broker.journal,
                 "--operator", stage.operator, "--json"]
        done = subprocess.run(words, text=True, capture_output=True)
        assert done.returncode == 1 and "SECOND_OPERATOR" in done.stdout
        # The same one twice is one.
        done = subprocess.run([*words, "--operator", stage.operator],
                              text=True, capture_output=True)
        assert done.returncode == 1 and "SECOND_OPERATOR" in done.stdout
        done = subprocess.run([*words, *both], text=True,
                              capture_output=True)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["entries"] == made["entries"]
        stage.broker.start()
        done = stage.attempt("recovery", "--end")
        assert done.returncode == 1 and "SECOND_OPERATOR" in done.stderr
        done = stage.attempt("recovery", "--end", *both)
        assert done.returncode == 0, done.stderr
        stage.holds()


def test_keys_and_erasures_go_with_the_backup_or_newer(lit, tmp_path):
    """Newer keys open an older copy; keys that were destroyed since want the
    list that says why; a copy that is not whole is none."""
    old = Old(lit, tmp_path)
    old.back_up()
    court, team = old.agents[COURT], old.agents[ZWOLLE]
    court.say("VOID", {}, old.case, to=[ZWOLLE],
              sections={"EXPLANATION": "Verkeerde naam."})
    team.wait_letter("VOID")
    lit.admin("erase", "1", "--ground", "ENTERED_IN_ERROR")
    wait_log(team, "case erased")
    team.wait(idle=True)
    first, later = old.copy, str(tmp_path / "later")
    later_keys = str(tmp_path / "later.keys")
    backup(lit, later, "--keys", later_keys)
    old.lose()
    # The erasure is in the keys, and not in the older copy's list.
    old.keys = later_keys
    done = old.restore(check=False)
    assert done.returncode == 1 and "STORE_MISMATCH" in done.stdout, done
    assert "erasures.log" in done.stdout + done.stderr, done
    assert not os.path.exists(lit.broker.journal)
    # With the newer list the older copy goes on, and the case stays erased.
    assert old.restore("--file", os.path.join(
        later, "erasures.log"))["number"] == 2
    shutil.rmtree(lit.broker.journal)
    # A copy of which a part is gone is named, and nothing is made of it.
    data = os.path.join(first, "journal", "data.mdb")
    with open(data, "r+b") as f:
        f.truncate(os.path.getsize(data) // 2)
    done = old.restore("--file", os.path.join(later, "erasures.log"),
                       check=False)
    assert done.returncode == 1, done
    assert not os.path.exists(lit.broker.journal)
    old.copy = later
    assert old.restore()["number"] == 2
    lit.broker.start()
    old.wait_reported((COURT, ZWOLLE))
    old.end()
    nobody_forked(old)
    for agent in old.agents.values():
        agent.stop()
    lit.holds()


@pytest.mark.parametrize("moment", range(4))
def test_a_restore_that_was_killed_is_begun_again(lit, tmp_path, moment):
    old = Old(lit, tmp_path)
    old.notices(20)
    old.back_up()
    old.lose()
    made = lit.broker.journal + ".restoring"
    process = subprocess.Popen(
        [lit.program("schakel-admin"), "restore", "--from", old.copy,
         "--keys", old.keys, "--journal", lit.broker.journal, "--operator",
         lit.operator], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    waits_for = (made, made + "/journal/data.mdb", made + "/keys/data.mdb",
                 made + "/erasures.log")[moment]
    while process.poll() is None and not os.path.exists(waits_for):
        pass
    process.kill()
    process.wait(WAIT)
    # Nothing, or all of it.
    if not os.path.exists(lit.broker.journal):
        old.restore()
    lit.broker.start()
    old.wait_reported((COURT, ZWOLLE))
    old.end()
    nobody_forked(old)
