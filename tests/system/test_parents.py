"""Separated parents on real daemons: two households, an address that must not
be known, sections that are withheld, consent that is taken back, and what one
parent gets to read."""
import html
import json
import re
import subprocess

import pytest

from harness import (COURT, DEVENTER, KOMPAS, ORDER_TEXT, PLAN, REFERRAL, ROUTE, TODAY,
                     TO_PLAN, TRIAGE, VEERSTOEP, ZWOLLE, order)

CHILD, FATHER, MOTHER = (f"{n:064x}" for n in (1, 2, 3))
# What only one household may know; each word stands nowhere else.
HERS = {
    "address": "Kastanjelaan 17, 8011 QX Zwolle",
    "name": "Willemijn Oosterhuis-de Graaf",
    "fear": "moeder durft de voordeur niet meer open te doen",
    "therapy": "traumabehandeling van moeder loopt sinds januari",
}
HIS = {
    "address": "Havenstraat 4, 7411 PK Deventer",
    "name": "Berend-Jan Tervoort",
    "debt": "vader zit in de schuldsanering",
}
SHARED = {
    "question": "Herstel van het contact met het kind Tessel.",
    "plan": "Om de week een weekend, wisselen op school.",
    "done": "Vier gesprekken en twee begeleide bezoeken.",
}


@pytest.fixture
def field(lit):
    """Court, team and provider, each with its own agent."""
    for who in (COURT, ZWOLLE, VEERSTOEP):
        lit.agent(who)
    return lit


def two_households(**more):
    facts = order(**more)
    child, father, mother = facts["persons"]
    child.update(household=1)
    father.update(household=2, authority="SHARED_AUTHORITY",
                  authority_ground="BY_REGISTER")
    mother.update(household=1, authority="SHARED_AUTHORITY",
                  authority_ground="BY_REGISTER", secret_address=True)
    return facts


ONLY_HERS = {"withheld_from": [2], "address_of": [1]}
ONLY_HIS = {"withheld_from": [1], "address_of": [2]}


def open_case(field, facts=None, marks=None):
    court, access = field.agents[COURT], field.agents[ZWOLLE]
    said = court.say("COURT_ORDER", facts or two_households(),
                     event_date=TODAY, sections={
                         "PERSONALIA": HERS["name"] + ", " + HERS["address"],
                         "QUESTION": SHARED["question"],
                         "SITUATION": HIS["name"] + ", " + HIS["address"]
                         + "; " + HIS["debt"]},
                     marks=marks or {"PERSONALIA": ONLY_HERS,
                                     "SITUATION": ONLY_HIS})
    access.wait_letter("COURT_ORDER")
    return said["receipt"]["case"]


def consent(access, case, who, purposes, state, **more):
    return access.send("CONSENT_CHANGE", dict(
        pseudonym=who, purposes=purposes, state=state), case,
        wait_ms=20000, event_date=TODAY, **more)


def bring_to_help(field, case):
    """From triage to a report, with sections that are not for both."""
    court, access = field.agents[COURT], field.agents[ZWOLLE]
    provider = field.agents[VEERSTOEP]
    access.say("TRIAGE", TRIAGE, case, event_date=TODAY,
               sections={"SITUATION": HERS["fear"]},
               marks={"SITUATION": {"withheld_from": [2]}})
    access.say("ROUTE_DECISION", ROUTE, case, to=[COURT], event_date=TODAY,
               sections={"EXPLANATION": "Ambulante hulp past."})
    access.say("FAMILY_PLAN", PLAN, case, event_date=TODAY, sections={
        "GOALS": SHARED["plan"], "FAMILY_VIEW": HERS["therapy"]},
        marks={"FAMILY_VIEW": {"withheld_from": [2]}})
    access.say("REFERRAL", REFERRAL, case, to=[VEERSTOEP], sections={
        "PERSONALIA": HERS["name"], "QUESTION": SHARED["question"]},
        marks={"PERSONALIA": {"withheld_from": [2]}},
        parents_informed={"who": "BOTH_PARENTS", "date": TODAY,
                          "how": "IN_A_TALK"})
    referral = provider.wait_letter("REFERRAL")
    provider.say("ACCEPT", {"intake_date": TODAY}, reply_to=referral["ref"])
    provider.say("START", {}, reply_to=referral["ref"], event_date=TODAY)
    provider.say("PROGRESS_REPORT", {"goals": [
        {"number": 1, "status": "ON_TRACK"}]}, reply_to=referral["ref"],
        sections={"WHAT_WAS_DONE": SHARED["done"]})
    access.wait_letter("PROGRESS_REPORT")
    court.wait_letter("START")
    return referral


def extract(field, agent, case, parent, *options):
    return subprocess.run(
        [field.program("schakel"), "--socket", agent.socket, "extract",
         "--case", case, "--parent", str(parent), *options],
        text=True, capture_output=True, timeout=60, check=False)


ALONE_HERS = {word for text in HERS.values() for word in re.findall(
    r"[\w-]{4,}", text)} - {"Zwolle", "niet", "meer", "open", "sinds"}
ALONE_HIS = {word for text in HIS.values() for word in re.findall(
    r"[\w-]{4,}", text)} - {"Deventer"}


# rule: R38, R40
def test_an_extract_holds_no_byte_of_the_other_household(field):
    case = open_case(field)
    access = field.agents[ZWOLLE]
    bring_to_help(field, case)
    access.say("PERSON_CHANGE", {"pseudonym": MOTHER, "household": 1}, case,
               event_date=TODAY)
    assert consent(access, case, MOTHER, ["CONSENT_COURT_REPORT"],
                   "CONSENT_REFUSED")["state"] == "RECEIPTED"
    assert consent(access, case, FATHER, ["CONSENT_COURT_REPORT"],
                   "CONSENT_GIVEN")["state"] == "RECEIPTED"
    for parent, hidden, own in ((1, ALONE_HERS | {MOTHER}, HIS["debt"]),
                                (2, ALONE_HIS | {FATHER}, HERS["fear"])):
        for form in ((), ("--json",), ("--html",)):
            made = extract(field, access, case, parent, *form)
            assert made.returncode == 0, made.stderr
            for word in hidden:
                assert word not in made.stdout, (parent, form, word)
                assert word not in html.unescape(made.stdout)
                assert word not in json.dumps(made.stdout)
            said = made.stdout if "--json" not in form else json.dumps(
                json.loads(made.stdout), ensure_ascii=False)
            for mine in (own, SHARED["question"], SHARED["plan"],
                         SHARED["done"]):
                assert mine in said, (parent, form, mine)
    his = json.loads(extract(field, access, case, 1, "--json").stdout)
    assert his["ground"] == "PARENT_WITH_AUTHORITY"
    kinds = [m["kind"] for m in his["messages"]]
    assert kinds.count("CONSENT_CHANGE") == 1      # his own alone
    assert "PERSON_CHANGE" not in kinds
    assert {p["role"] for p in his["persons"]} == {"CHILD", "PARENT"}
    assert len(his["persons"]) == 2
    # each was written down: who, for whom, on what ground
    leaves = field.broker.leaves()
    assert leaves
    made = [m for m in access.get("case", case=case)["messages"]
            if m["kind"] == "EXTRACT_MADE"]
    assert len(made) == 7 and all(m["person"] for m in made), made
    shown = access.shown(made[0])
    assert shown["facts"]["pseudonym"] == FATHER
    assert shown["facts"]["ground"] == "PARENT_WITH_AUTHORITY"
    field.holds()


# rule: R38, R40
def test_without_authority_a_parent_gets_what_is_important(field):
    facts = two_households()
    facts["persons"][1].update(authority="NO_AUTHORITY")
    del facts["persons"][1]["authority_ground"]
    case = open_case(field, facts)
    access = field.agents[ZWOLLE]
    bring_to_help(field, case)
    refused = extract(field, access, case, 1)
    assert refused.returncode == 1 and "377c" in refused.stderr
    made = extract(field, access, case, 1, "--on-request", "--json")
    assert made.returncode == 0, made.stderr
    answer = json.loads(made.stdout)
    assert answer["ground"] == "PARENT_ON_REQUEST"
    assert {m["kind"] for m in answer["messages"]} == {
        "START", "PROGRESS_REPORT"}
    assert SHARED["done"] in made.stdout
    for text in (SHARED["plan"], SHARED["question"], HIS["debt"],
                 *HERS.values()):
        assert text not in made.stdout
    assert extract(field, access, case, 3).returncode == 1


# rule: R38, R40
def test_a_secret_address_is_not_sealed_unmarked(field):
    court, access = field.agents[COURT], field.agents[ZWOLLE]
    answer = court.ask({"do": "send", "kind": "COURT_ORDER",
                        "facts": two_households(), "event_date": TODAY,
                        "sections": ORDER_TEXT})
    assert answer["error"]["code"] == "ADDRESS_NOT_MARKED", answer
    assert answer["error"]["field"] == "sections.PERSONALIA"
    case = open_case(field)
    answer = access.ask({"do": "send", "kind": "TRIAGE", "facts": TRIAGE,
                         "case": case, "event_date": TODAY, "sections": {
                             "SITUATION": "Zij woont nu in 8011 QX."}})
    assert answer["error"]["code"] == "ADDRESS_NOT_MARKED", answer
    assert answer["error"]["field"] == "sections.SITUATION"


# rule: R38, R40
def test_a_reader_that_finds_an_unmarked_address_says_so(lit):
    """The sender's program does not look: the reader's does."""
    lit.agent(COURT)
    access = lit.agent(ZWOLLE)
    case = open_case(lit)
    for kind, facts, sections in TO_PLAN:
        access.say(kind, facts, case, sections=sections, event_date=TODAY)
    # a program of another hand, which does not look for marks
    helper = lit.client(VEERSTOEP)
    access.say("REFERRAL", REFERRAL, case, to=[VEERSTOEP], sections={
        "PERSONALIA": HERS["name"], "QUESTION": SHARED["question"]},
        marks={"PERSONALIA": {"withheld_from": [2]}})
    referral = helper.wait_for("REFERRAL")
    helper.say("ACCEPT", {"intake_date": TODAY}, reply_to=referral.ref,
               case_ref=referral.case_ref, to=[ZWOLLE], sections={
                   "EXPLANATION": "Wij komen langs op 8011 QX."})
    letter = access.wait_letter("ACCEPT")
    assert "8011 QX" in access.shown(letter)["sections"]["EXPLANATION"]
    found = helper.wait_for("CONTENT_MISMATCH_FOUND")
    assert found.trouble is None


# rule: R38
def test_consent_that_is_taken_back_stops_what_comes_next(field):
    case = open_case(field)
    access, provider = field.agents[ZWOLLE], field.agents[VEERSTOEP]
    bring_to_help(field, case)
    taken = consent(access, case, FATHER, ["CONSENT_PROVIDER"],
                    "CONSENT_WITHDRAWN")
    assert taken["state"] == "RECEIPTED", taken
    field.agent(KOMPAS)
    refused = access.send("REFERRAL", {"offering": "kinderen-samen", "age": 9}, case,
                          to=[KOMPAS], wait_ms=20000,
                          sections={"PERSONALIA": HERS["name"],
                                    "QUESTION": SHARED["question"]},
                          marks={"PERSONALIA": {"withheld_from": [2]}})
    outcome = refused["receipt"]["outcome"]
    assert outcome["code"] == "CONSENT_MISSING"
    assert "PARENT" in outcome["hint"] and FATHER not in str(refused)
    # what runs goes on, and its director is reminded until it answers
    field.step("2026-03-05T12:00:00Z")
    access.await_message(lambda m: (m.get("notice") or {}).get("deadline")
                         == "CONSENT_DUE")
    answered = access.say("CONSENT_ANSWER", {
        "verdict": "HELP_ON_OTHER_GROUND", "ground": "SUBSTITUTE_CONSENT"},
        case, reply_to=taken["ref"])
    assert answered["state"] == "RECEIPTED"
    provider.say("PROGRESS_REPORT", {"goals": []},
                 reply_to=provider.letters("REFERRAL")[0]["ref"],
                 sections={"WHAT_WAS_DONE": "Nog een gesprek."})
    access.say("CRISIS_ALERT", {"crisis": "DANGER_AT_HOME"}, case,
               to=[COURT, VEERSTOEP], sections={"SITUATION": "Gevaar."})
    access.say("REFERRAL", {"offering": "kinderen-samen", "age": 9}, case, to=[KOMPAS],
               overrides=[{"gate": 153, "reason": "URGENT"}],
               sections={"PERSONALIA": HERS["name"],
                         "QUESTION": SHARED["question"]},
               marks={"PERSONALIA": {"withheld_from": [2]}})
    field.holds()


def resealed(agent, kind):
    """What was sealed anew for this agent of this kind, as a person sees it."""
    shown = [agent.shown(letter) for letter in agent.letters("RESEAL")]
    return [m for m in shown if m["original"]["kind"] == kind]


# rule: R35
def test_who_comes_in_later_reads_what_came_before(field):
    """A provider whose help is accepted reads triage and plan, whole and on
    their sender's own signature; what is withheld stays where it is."""
    case = open_case(field)
    access, provider = field.agents[ZWOLLE], field.agents[VEERSTOEP]
    access.say("TRIAGE", TRIAGE, case, event_date=TODAY,
               sections={"SITUATION": SHARED["question"]})
    access.say("ROUTE_DECISION", ROUTE, case, to=[COURT], event_date=TODAY,
               sections={"EXPLANATION": "Ambulante hulp past."})
    access.say("FAMILY_PLAN", PLAN, case, event_date=TODAY, sections={
        "GOALS": SHARED["plan"], "FAMILY_VIEW": HERS["therapy"]},
        marks={"FAMILY_VIEW": {"withheld_from": [2]}})
    access.say("REFERRAL", REFERRAL, case, to=[VEERSTOEP], sections={
        "PERSONALIA": HERS["name"], "QUESTION": SHARED["question"]},
        marks={"PERSONALIA": {"withheld_from": [2]}})
    referral = provider.wait_letter("REFERRAL")
    assert provider.letters("RESEAL") == []     # asked is not taken
    provider.say("ACCEPT", {"intake_date": TODAY}, reply_to=referral["ref"])
    provider.wait_letter("RESEAL", 2)
    triage, = resealed(provider, "TRIAGE")
    assert triage["original"]["whole"] is True
    assert triage["original"]["from"] == ZWOLLE
    assert triage["sections"] == {"SITUATION": SHARED["question"]}
    assert triage["original"]["facts"]["domains"]
    plan, = resealed(provider, "FAMILY_PLAN")
    assert plan["original"]["whole"] is False
    assert plan["sections"] == {"GOALS": SHARED["plan"]}
    assert HERS["therapy"] not in json.dumps(plan)
    assert resealed(provider, "COURT_ORDER") == []
    assert access.get("status")["reseals"] == 0
    field.holds()


# rule: R35
def test_a_team_that_takes_a_case_over_reads_it_all(field):
    case = open_case(field)
    old, new = field.agents[ZWOLLE], field.agent(DEVENTER)
    old.say("TRIAGE", TRIAGE, case, event_date=TODAY,
            sections={"SITUATION": SHARED["question"]})
    old.say("NOT_MINE", {"municipality": "0150"}, case, to=[DEVENTER],
            sections={"EXPLANATION": "Het kind woont in Deventer."})
    letter = new.wait_letter("NOT_MINE")
    assert new.letters("RESEAL") == []
    new.say("TRANSFER_TAKEN", {}, reply_to=letter["ref"],
            to=[COURT, ZWOLLE])
    new.wait_letter("RESEAL", 2)
    order_shown, = resealed(new, "COURT_ORDER")
    assert order_shown["original"]["from"] == COURT
    assert order_shown["sections"] == {"QUESTION": SHARED["question"]}
    triage, = resealed(new, "TRIAGE")
    assert triage["sections"] == {"SITUATION": SHARED["question"]}
    # and a parent who asks it there gets what the old team had
    made = extract(field, new, case, 1)
    assert made.returncode == 0, made.stderr
    assert made.stdout.count(SHARED["question"]) >= 2
    for word in ALONE_HERS | {MOTHER}:
        assert word not in made.stdout
    field.holds()


# rule: R41
def test_children_of_one_ruling_are_cases_of_their_own(field):
    """Three children of one ruling: one not born yet and one without a BSN,
    each in a case of its own under one order reference, of different
    fathers; who asks for the one case learns nothing of the other."""
    court, access = field.agents[COURT], field.agents[ZWOLLE]
    numbers = []
    for child in range(3):
        facts = two_households(child=100 * child + 1)
        if child < 2:       # no number yet, or none at all: drawn at random
            facts["persons"][0].update(secret_version=0)
        said = court.say("COURT_ORDER", facts, event_date=TODAY, sections={
            "PERSONALIA": f"Kind nummer{child} in huis1.",
            "QUESTION": SHARED["question"]},
            marks={"PERSONALIA": ONLY_HERS})
        numbers.append(said["receipt"]["case"])
    access.wait_letter("COURT_ORDER", 3)
    assert len(set(numbers)) == 3
    born = {"role": "CHILD", "secret_version": 1, "pseudonym": "ab" * 32}
    access.say("LINK_PERSON", {"former": f"{1:064x}", "person": born},
               numbers[0])
    for index, case in enumerate(numbers):
        access.say("TRIAGE", TRIAGE, case, event_date=TODAY,
                   sections={"SITUATION": f"situatie{index}"})
        made = extract(field, access, case, 2)
        assert made.returncode == 0, made.stderr
        assert f"nummer{index}" in made.stdout
        for other in range(3):
            assert other == index or f"nummer{other}" not in made.stdout
            assert other == index or f"situatie{other}" not in made.stdout
    field.holds()
