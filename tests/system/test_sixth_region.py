"""A region that no source text knows: other names, another ladder, other terms,
other gates. It is a profile alone; not a line of the programs knows it."""
import os

import pytest
from harness import (Agent, ORDER_TEXT, STOP, TO_PLAN, order, written)

TEAM, COURT, HELP, OTHER, EXPERTS = 110, 130, 120, 121, 150
PROFILE = """
region: waterland
title: "Hulp rond het gezin in Waterland (verzonnen)"
rules:
  order_warning_days: 5
  order_breach_days: 9
  triage_due_workdays: 1
  receipt_due_workdays: 2
  receipt_reminder_workdays: 1
  answer_reminder_workdays: 1
  answer_expires_workdays: 2
  stuck_reminder_workdays: 1
  stuck_proposal_workdays: 2
  ret_advice_workdays: 3
  consideration_needed: true
  birth_days: 3
roles:
  - {role: ACCESS, name: "buurthuis van het gezin"}
  - {role: PROVIDER, name: "helper"}
  - {role: COURT, name: "rechter"}
  - {role: RET, name: "tafel van wijzen"}
courts:
  - {corv_id: AR0041, name: "Rechtbank Noord-Holland",
     oin: "00000004000000031000"}
municipalities:
  - {code: "0439", name: "Purmerend", province: "Noord-Holland",
     youth_region: "Zaanstreek-Waterland", court: AR0041}
providers:
  - {agb: "42420901", name: "Erf en Huis (verzonnen)", place: "Purmerend"}
  - {agb: "42420902", name: "De Beemster (verzonnen)", place: "Purmerend"}
offerings:
  - {code: samen-aan-tafel, name: "Samen aan tafel", provider: "42420901",
     level: AMBULANT, product: 45A51, place: HOME, scale: LOCAL}
  - {code: om-beurten, name: "Om beurten thuis", provider: "42420902",
     level: AMBULANT, product: 45A48, place: HOME, scale: LOCAL}
sources: ["verzonnen voor een proef"]
"""
WEIGHED = {"main": "YOUTH_AMBULANT", "consideration": {
    "needed": ["SEPARATION_CONFLICT"], "problems": ["OWNER_RELATION"],
    "systemic": True, "moment": 20515, "adult_help": "NO",
    "wlz_checked": True}}
ASKED = {"PERSONALIA": "Kind van proef.", "QUESTION": "Rust."}


@pytest.fixture
def region(stage):
    stage.start_broker()
    stage.policy(written(os.path.join(stage.dir, "waterland.yaml"), PROFILE))
    who = {}
    for number, role, name, code, areas in (
            (TEAM, "ACCESS", "Buurthuis Purmerend", "0439", ["0439"]),
            (COURT, "COURT", "Rechtbank Noord-Holland", "AR0041", []),
            (HELP, "PROVIDER", "Erf en Huis", "42420901", []),
            (OTHER, "PROVIDER", "De Beemster", "42420902", []),
            (EXPERTS, "RET", "Tafel van wijzen", "RET1", [])):
        agent = who[number] = Agent(stage, number, role, name, code, areas)
        stage.enrol(agent, agent.init())
        stage.agents[number] = agent
        agent.start()
    stage.who = who
    return stage


def noticed(agent, kind, deadline):
    """Has the broker told this of that term?"""
    agent.await_message(lambda _: [
        m for m in agent.inbox() if m.get("notice", {}).get("kind") == kind
        and m["notice"].get("deadline") == deadline])


def refer(who, to, offering, case):
    seen = len(who[to].letters("REFERRAL"))
    who[TEAM].say("REFERRAL", {"offering": offering}, case, to=[to],
                  sections=ASKED)
    return who[to].wait_letter("REFERRAL", seen + 1)["ref"]


# rule: R75, R76
def test_a_sixth_region_is_a_profile_and_no_code(region):
    who = region.who
    case = who[COURT].say("COURT_ORDER", order("0439"), sections=ORDER_TEXT,
                          event_date="2026-03-02")["receipt"]["case"]
    who[TEAM].wait_letter("COURT_ORDER")
    # its own terms: one working day for the triage
    region.step("2026-03-04T00:00:01Z")
    noticed(who[TEAM], "DEADLINE_BREACH", "TRIAGE_DUE")
    for kind, facts, text in TO_PLAN:
        # its own gate: a route is weighed here
        if kind == "ROUTE_DECISION":
            refused = who[TEAM].send(kind, facts, case, sections=text,
                                     event_date="2026-03-04", wait_ms=20000)
            assert refused["receipt"]["outcome"]["code"] == \
                "CONSIDERATION_MISSING"
            facts = WEIGHED
        who[TEAM].say(kind, facts, case, sections=text,
                      event_date="2026-03-04")
    # its own ladder: one offer lapses in two working days, one is declined,
    # and after two more the experts are proposed
    refer(who, HELP, "samen-aan-tafel", case)
    region.step("2026-03-07T00:00:01Z")
    noticed(who[TEAM], "OFFER_EXPIRED", "ANSWER_DUE")
    noticed(who[TEAM], "DEADLINE_WARNING", "ORDER_START")
    region.step("2026-03-09T08:00:00Z")
    asked = refer(who, OTHER, "om-beurten", case)
    who[OTHER].say("DECLINE", {"reason": "CAPACITY"}, case, reply_to=asked,
                   to=[TEAM], sections={"EXPLANATION": "Vol."})
    who[TEAM].wait_letter("DECLINE")
    region.step("2026-03-12T00:00:01Z")
    noticed(who[TEAM], "PROPOSE_RET", "STUCK_DUE")
    noticed(who[TEAM], "DEADLINE_BREACH", "ORDER_START")
    who[TEAM].say("RET_REQUEST", {"reason": "ALL_DECLINED"}, case,
                  to=[EXPERTS], sections={"QUESTION": "Wie helpt hier?"})
    question = who[EXPERTS].wait_letter("RET_REQUEST")
    who[EXPERTS].say("RET_ADVICE", {"tailor_made_plan": False}, case,
                     reply_to=question["ref"], to=[TEAM],
                     sections={"ADVICE": "Vraag het nog eens."})
    who[TEAM].wait_letter("RET_ADVICE")
    # and the way to the end is the way of all
    asked = refer(who, HELP, "samen-aan-tafel", case)
    for kind, facts, to, text in (
            ("ACCEPT", {"intake_date": "2026-03-13"}, [TEAM], {}),
            ("START", {}, [TEAM, COURT], {}),
            ("STOP", STOP, [TEAM, COURT], {"EXPLANATION": "Klaar."})):
        who[HELP].say(kind, facts, case, reply_to=asked, to=to, sections=text,
                      event_date="2026-03-12")
        who[TEAM].wait_letter(kind)
    refused = who[TEAM].send("CLOSE", {}, case, to=[COURT, HELP],
                             wait_ms=20000)
    assert refused["receipt"]["outcome"]["code"] == "LESSON_MISSING"
    who[TEAM].say("LESSON", {"themes": ["LESSON_CAPACITY"]}, case,
                  sections={"EXPLANATION": "Eerder bellen."})
    who[TEAM].say("CLOSE", {}, case)
    region.holds()
