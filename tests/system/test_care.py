"""The care as people see it, on real daemons: what the rules warn of, the plan
of another team's case, who waits, questions that wait, who left, a municipality
that merged, a child that is not born yet."""
import os
import re

import pytest
from harness import (COURT, DEVENTER, ORDER_TEXT, PLAN, REFERRAL, TODAY,
                     TO_PLAN, VEERSTOEP, WHO, ZWOLLE, order, written)
from stage import IJSSELLAND, bsn

GI = 40
WHO.setdefault(GI, ("GI", "Jeugdbescherming Overijssel", "GI0001", []))
TEXTS = ["--text", "GOALS=Rust in huis."]


class Care:
    """Agents of a court, teams and a provider, with people at them."""

    def __init__(self, stage):
        self.stage = stage
        self.court, self.team, self.help = (
            stage.agent(COURT), stage.agent(ZWOLLE), stage.agent(VEERSTOEP))

    def opened(self, team=None, municipality="0193", **more):
        team = team or self.team
        seen = len(team.letters("COURT_ORDER"))
        case = self.court.say(
            "COURT_ORDER", order(municipality, **more), sections=ORDER_TEXT,
            event_date=TODAY)["receipt"]["case"]
        team.wait_letter("COURT_ORDER", seen + 1)
        return case

    def planned(self, case, team=None, upto=3):
        for kind, facts, text in TO_PLAN[:upto]:
            (team or self.team).say(kind, facts, case, sections=text,
                                    event_date=TODAY)

    def waiting(self, child, triage=None):
        """A case in which the provider has a waiting place."""
        case = self.opened(child=child)
        seen = len(self.help.letters("REFERRAL"))
        for kind, facts, text in TO_PLAN:
            if kind == "TRIAGE" and triage:
                facts = dict(facts, **triage)
            self.team.say(kind, facts, case, sections=text, event_date=TODAY)
        self.team.say("REFERRAL", REFERRAL, case, to=[VEERSTOEP], sections={
            "PERSONALIA": "Kind van proef.", "QUESTION": "Omgang."})
        asked = self.help.wait_letter("REFERRAL", seen + 1)
        places = len(self.team.letters("WAIT_PLACE"))
        self.help.say("WAIT_PLACE", {"expected_date": "2026-04-20",
                                     "bridge_help": True}, asked["case"],
                      reply_to=asked["ref"], to=[ZWOLLE])
        self.team.wait_letter("WAIT_PLACE", places + 1)
        return case


@pytest.fixture
def care(lit):
    return Care(lit)


# rule: R31, R38
def test_a_second_team_joins_the_plan_by_what_its_screen_showed(care):
    other = care.stage.agent(DEVENTER)
    first = care.opened(child=1)
    second = care.opened(other, "0150", persons=[
        {"role": "CHILD", "secret_version": 1, "pseudonym": f"{11:064x}"},
        {"role": "PARENT", "secret_version": 1, "consent": True,
         "pseudonym": f"{2:064x}"}])
    care.planned(first)
    care.planned(second, other, 2)
    refused = other.run("plan", second, "--agreed", "parents,access", *TEXTS)
    assert refused.returncode != 0
    named = re.search(r"--joins (\d+-\d+-\d+)", refused.stderr)
    assert named, refused.stderr
    assert named[1] == first
    # it takes no part in that case, and learned no more than its number
    assert other.get("cases")["cases"][0]["case"] == second
    done = other.run("plan", second, "--agreed", "parents,access", *TEXTS,
                     "--goal", "2:2026-08-01:OWNED_BY_PROVIDER", "--joins",
                     named[1])
    assert done.returncode == 0, done.stderr
    # accepted all the same, and what the rules say of it is on the screen
    assert "LET OP: geen doel is van het gezin" in done.stdout
    assert "NOTE: no goal is owned by the family" in done.stdout
    ref = re.search(r"reference: (\S+)", done.stdout)[1]
    shown = other.schakel("receipt", ref)["receipt"]["outcome"]
    assert [w["code"] for w in shown["warnings"]] == ["OWNED_BY_PROFESSIONALS"]
    unknown = other.run("plan", second, "--agreed", "parents", *TEXTS,
                        "--joins", "1-99-47")
    assert unknown.returncode != 0 and "joins" in unknown.stderr
    care.stage.holds()


# rule: R56, R58
def test_who_waits_is_shown_in_order_with_the_reason(care):
    assert "niemand wacht" in care.help.run("waiting").stdout
    light = care.waiting(1)
    heavy = care.waiting(100, {"risk_of_worsening": True})
    for agent in care.help, care.team:
        rows = agent.schakel("waiting")["receipt"]["outcome"]["waiting"]
        assert [r["case"] for r in rows["rows"]] == [heavy, light]
        assert [r["class"] for r in rows["rows"]] == [2, 4]
    care.stage.step("2026-05-26T12:00:00Z")     # three terms of 28 days on
    shown = care.help.run("wachtlijst").stdout.splitlines()
    assert shown[0].startswith(f" 1 {heavy}") and "85 dagen" in shown[0]
    assert "klasse / class 2, 3 leefgebieden" in shown[0]
    assert shown[1].startswith(f" 2 {light}")
    assert "by its wait it weighs 4, in klasse / class 3" in shown[1]
    # it is nobody's business but theirs
    assert care.court.run("waiting").returncode != 0
    care.stage.holds()


# rule: R35
def test_a_question_that_nobody_answers_is_told_of(care):
    case = care.waiting(1)
    done = care.help.run("ask", case, "--records", "TRIAGE", "--sections",
                         "QUESTION", "--to", ZWOLLE)
    assert done.returncode == 0, done.stderr
    assert "al bekend / known already" in done.stdout
    assert f"participant {ZWOLLE}" in done.stdout
    assert ", hier / here: " in done.stdout
    care.team.wait_letter("INFORMATION_REQUEST")

    def told(agent, kind):
        return [m for m in agent.inbox() if m.get("notice", {}).get(
            "deadline") == "INFORMATION_DUE" and m["notice"]["kind"] == kind]

    # 3 working days without an answer: the holder; 5: who asked as well
    care.stage.step("2026-03-06T00:00:01Z")
    care.team.await_message(
        lambda _: told(care.team, "DEADLINE_WARNING"))
    assert not told(care.help, "DEADLINE_WARNING")
    care.stage.step("2026-03-10T00:00:01Z")
    care.help.await_message(lambda _: told(care.help, "DEADLINE_BREACH"))
    care.team.await_message(lambda _: told(care.team, "DEADLINE_BREACH"))
    care.stage.holds()


# rule: R32, R48
def test_who_left_is_written_to_no_more_and_what_was_passed_is_in_the_row(care):
    case = care.opened(child=1)
    gi = care.stage.agent(GI)
    care.planned(case, upto=1)
    assert care.team.run("notice", case, "--participant", GI).returncode == 0
    gi.wait_letter("RESEAL", 2)     # the order and the triage
    assert care.team.run("notice", case, "--participant", GI,
                         "--left").returncode == 0
    done = care.team.run("route", case, "--main", "WMO", "--text",
                         "EXPLANATION=De Wmo volstaat.", "--override",
                         "CONSIDERATION_MISSING=URGENT")
    assert done.returncode == 0, done.stderr
    care.court.wait_letter("ROUTE_DECISION")
    assert not gi.letters("ROUTE_DECISION")
    shown = care.court.run("inbox").stdout
    care.team.wait(idle=True)
    own = care.team.run("case", case).stdout
    for text in shown, own:
        assert "TOCH GEDAAN / overridden: CONSIDERATION_MISSING" in text
    care.stage.holds()


# rule: R35, R77
def test_the_team_of_a_merged_municipality_reads_what_came_before(care):
    stage, heir = care.stage, care.stage.agent(DEVENTER)
    case = care.opened(child=1)
    care.planned(case)
    with open(IJSSELLAND, encoding="utf-8") as f:
        text = f.read()
    line = '- {code: "0193", name: "Zwolle", '
    stage.policy(written(os.path.join(stage.dir, "merged.yaml"),
                         text.replace(line, f"{line}until_date: {TODAY}, "
                                      'successor: "0150", ')))
    stage.step("2026-03-03T00:00:00Z")
    # the order, the triage, the route and the plan
    heir.wait_letter("RESEAL", 4)
    read = [heir.shown(letter) for letter in heir.letters("RESEAL")]
    assert {m["original"]["kind"] for m in read} == {
        "COURT_ORDER", "TRIAGE", "ROUTE_DECISION", "FAMILY_PLAN"}
    first = next(m for m in read if m["original"]["kind"] == "COURT_ORDER")
    assert first["sections"] == ORDER_TEXT
    # and it goes on where the old team was
    heir.say("FAMILY_PLAN", PLAN, case, event_date="2026-03-03",
             sections={"GOALS": "Verder."})
    stage.holds()


# rule: R41
def test_an_unborn_child_is_expected_born_and_named(care):
    child = care.court.pseudonym()
    assert child.startswith("0:")
    done = care.court.run(
        "order", "--municipality", "0193", "--date", TODAY, "--theme",
        "separation", "--child", child + ":2026-05-01", "--parent",
        care.court.pseudonym() + ":consent", "--goal", "1:2026-09-01",
        "--text", "PERSONALIA=Ongeboren kind.", "--text", "QUESTION=Hulp.")
    assert done.returncode == 0, done.stderr
    case = care.team.wait_letter("COURT_ORDER")["case"]
    # nobody said that it was born: the team is asked
    care.stage.step("2026-05-16T00:00:01Z")
    care.team.await_message(lambda _: [
        m for m in care.team.inbox() if m.get("notice", {}).get("deadline")
        == "BIRTH_DUE"])
    born = child.split(":")[1]
    done = care.team.run("person", case, "--person", born, "--born",
                         "2026-05-03")
    assert done.returncode == 0, done.stderr
    named = care.court.pseudonym(bsn(3))
    done = care.team.run("link-person", case, "--former", born, "--person",
                         "CHILD:" + named)
    assert done.returncode == 0, done.stderr
    again = care.team.run("person", case, "--person", named.split(":")[1],
                          "--born", "2026-05-03")
    assert again.returncode != 0 and "not born yet" in again.stderr
    care.stage.holds()


# rule: R69, R82
def test_the_reason_of_a_decline_is_put_right(care):
    case = care.opened(child=1)
    care.planned(case)
    care.team.say("REFERRAL", REFERRAL, case, to=[VEERSTOEP], sections={
        "PERSONALIA": "Kind van proef.", "QUESTION": "Omgang."})
    asked = care.help.wait_letter("REFERRAL")
    no = care.help.say("DECLINE", {"reason": "CAPACITY"}, case,
                       reply_to=asked["ref"], to=[ZWOLLE],
                       sections={"EXPLANATION": "Vol."})
    done = care.help.run("correct", no["ref"], "--right-reason", "NO_MATCH",
                         "--text", "EXPLANATION=Niet vol: past niet.")
    assert done.returncode == 0, done.stderr
    care.team.wait_letter("CORRECTION")
    assert "RECHTGEZET" in care.team.run("inbox").stdout
    care.stage.holds()
