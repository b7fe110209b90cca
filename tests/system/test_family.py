"""A family over its cases, on real daemons: who belongs together, one plan, no
double help, directors who know of it; and municipalities that merge."""
import os

import pytest
from formats import Refused
from harness import (COURT, DEVENTER, KOMPAS, ORDER_TEXT, PLAN, REFERRAL,
                     ROUTE, TODAY, TRIAGE, VEERSTOEP, ZWOLLE, order, written)
from schema import envelope as pb, error
from schema import session as wire
from stage import IJSSELLAND

TEXT = {"TRIAGE": {"SITUATION": "Ouders uit elkaar."},
        "ROUTE_DECISION": {"EXPLANATION": "Ambulant volstaat."},
        "FAMILY_PLAN": {"GOALS": "Rust."},
        "REFERRAL": {"PERSONALIA": "Kind van proef.", "QUESTION": "Hulp."},
        "ACCEPT": {}, "START": {}, "LINK_PERSON": {},
        "INFORMATION_REQUEST": {},
        "INFORMATION_ANSWER": {"SITUATION": "Ouders uit elkaar."}}


def person(role, number, version=1):
    found = {"role": role, "secret_version": version,
             "pseudonym": f"{number:064x}"}
    return dict(found, consent=True) if role == "PARENT" else found


class Field:
    """Court, team and two providers who say what has to be said."""

    def __init__(self, stage):
        self.stage = stage
        self.client = {who: stage.client(who) for who in (
            COURT, ZWOLLE, VEERSTOEP, KOMPAS)}
        for client in self.client.values():
            client.greet()

    def opened(self, child, *parents, **more):
        persons = [person("CHILD", child, more.pop("version", 1))] + [
            person("PARENT", parent) for parent in parents]
        return self.client[COURT].say(
            "COURT_ORDER", order(persons=persons), to=[ZWOLLE],
            event_date=TODAY, sections=ORDER_TEXT, **more)[0]

    def say(self, who, kind, facts, case, **more):
        # what others said and enrolled meanwhile
        self.client[who].ping()
        return self.client[who].say(
            kind, facts, case_ref=case, event_date=TODAY,
            sections=TEXT[kind], **more)[0]

    def to_route(self, case):
        self.say(ZWOLLE, "TRIAGE", TRIAGE, case)
        self.say(ZWOLLE, "ROUTE_DECISION", ROUTE, case)

    def helped(self, case, provider, offering, **more):
        asked = self.say(ZWOLLE, "REFERRAL", {"offering": offering}, case,
                         to=[provider], **more)
        self.say(provider, "ACCEPT", {"intake_date": TODAY}, case,
                 to=[ZWOLLE], reply_to=asked)
        self.say(provider, "START", {}, case, to=[ZWOLLE, COURT],
                 reply_to=asked)
        return asked

    def told(self, who, kind):
        def found():
            return next((x for x in self.client[who].inbox if x.notice
                         and x.notice.kind == kind), None)
        return self.client[who].until(found, what="the notice")

    def timeline(self, case_number):
        done = self.stage.audit("timeline", "--case", case_number)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def field(lit):
    return Field(lit)


def ref_facts(ref):
    return {"participant": ref.participant, "id": {
        "boot": ref.id.boot.hex(), "number": ref.id.number}}


# rule: R31, R41
def test_children_of_one_ruling_and_several_parents_are_one_family(field):
    field.opened(1, 2, 3)       # 1
    field.opened(11, 2, 3)      # 2: of the same ruling
    field.opened(12, 3, 4)      # 3: a half brother
    field.opened(13, 5, 6)      # 4: others
    field.opened(14, 6, 4)      # 5: and then they are not
    field.stage.holds()
    assert "gezin van zaak 1 " in field.timeline(2)
    assert "gezin van zaak 1 " in field.timeline(3)
    assert "gezin van zaak" not in field.timeline(4)
    joined = field.timeline(5)
    assert "gezin van zaak 1 " in joined
    assert "gezin van zaak 4 is hetzelfde gezin" in joined


# rule: R31
def test_a_second_case_is_named_the_familys_plan_and_joins_it(field):
    first, second = field.opened(1, 2, 3), field.opened(11, 2, 3)
    for case in first, second:
        field.to_route(case)
    field.say(ZWOLLE, "FAMILY_PLAN", PLAN, first)
    with pytest.raises(Refused, match="PLAN_EXISTS.*the plan of case 1"):
        field.say(ZWOLLE, "FAMILY_PLAN", PLAN, second)
    field.say(ZWOLLE, "FAMILY_PLAN", dict(PLAN, joins=ref_facts(first)),
              second)
    field.stage.holds()
    assert "joins the family's plan" in field.timeline(2)


# rule: R31, R41
def test_an_unborn_child_is_linked_and_finds_its_family(field):
    first = field.opened(1, 2)
    field.to_route(first)
    field.say(ZWOLLE, "FAMILY_PLAN", PLAN, first)
    unborn = field.opened(0xabcdef, 9, version=0)
    field.to_route(unborn)
    field.say(ZWOLLE, "LINK_PERSON", {
        "former": f"{0xabcdef:064x}", "person": person("CHILD", 1)}, unborn)
    with pytest.raises(Refused, match="PLAN_EXISTS.*the plan of case 1"):
        field.say(ZWOLLE, "FAMILY_PLAN", PLAN, unborn)
    field.stage.holds()
    told = field.timeline(2)
    assert "gezin van zaak 2 is hetzelfde gezin" in told
    assert "kind van zaak 2 is hetzelfde kind" in told


def past_stacking(facts):
    """The same facts, and a professional passes the gate."""
    passed = pb.Facts.FromString(facts)
    passed.overrides.add(gate=error.E_STACKED_HELP,
                         reason=pb.PROFESSIONAL_JUDGEMENT)
    return passed.SerializeToString()


# rule: R42, R43, R48
def test_double_help_is_refused_and_what_runs_beside_is_told(field):
    first, second = field.opened(1, 2, 3), field.opened(1, 2, 3)
    for case in first, second:
        field.to_route(case)
    field.say(ZWOLLE, "FAMILY_PLAN", PLAN, first)
    field.say(ZWOLLE, "FAMILY_PLAN", dict(PLAN, joins=ref_facts(first)),
              second)
    field.helped(first, VEERSTOEP, REFERRAL["offering"])
    with pytest.raises(Refused, match="STACKED_HELP.*of case 1, by 20"):
        field.say(ZWOLLE, "REFERRAL", {"offering": "kind-in-beeld"}, second,
                  to=[KOMPAS])
    field.helped(second, KOMPAS, "kind-in-beeld", person=5,
                 change_facts=past_stacking)
    notice = field.told(ZWOLLE, wire.PARALLEL_HELP).notice
    assert notice.participant == VEERSTOEP
    field.stage.holds()
    assert "een ander helpt dit kind al" in field.timeline(2)


# rule: R35
def test_what_the_case_holds_is_named_to_who_asks(field):
    case = field.opened(1, 2, 3)
    field.to_route(case)
    field.say(ZWOLLE, "FAMILY_PLAN", PLAN, case)
    field.helped(case, VEERSTOEP, REFERRAL["offering"])
    want = {"records": ["TRIAGE", "HEARING_REPORT"], "sections": ["QUESTION"]}
    with pytest.raises(Refused, match="NOT_A_PARTICIPANT"):
        field.say(KOMPAS, "INFORMATION_REQUEST", want, case, to=[ZWOLLE])
    # the triage was the team's, the question came with the referral
    asked, receipt = field.client[VEERSTOEP].say(
        "INFORMATION_REQUEST", want, case_ref=case, to=[ZWOLLE])
    triage, question = receipt.outcome.known
    assert pb.Kind.Name(triage.record) == "TRIAGE"
    assert (triage.holder, triage.yours) == (ZWOLLE, False)
    assert pb.Section.Name(question.section) == "QUESTION"
    assert (question.holder, question.yours) == (ZWOLLE, True)
    assert triage.position < question.position < receipt.position
    got = field.client[ZWOLLE].wait_for("INFORMATION_REQUEST")
    field.say(ZWOLLE, "INFORMATION_ANSWER", {}, case, to=[VEERSTOEP],
              reply_to=got.ref)
    answer = field.client[VEERSTOEP].wait_for("INFORMATION_ANSWER")
    assert answer.sections["SITUATION"] == "Ouders uit elkaar."
    # what the provider said the team is to ask there, and not behind it
    said = {"records": ["START"]}
    with pytest.raises(Refused, match="REPLY_WRONG"):
        field.say(VEERSTOEP, "INFORMATION_ANSWER", {}, case, to=[ZWOLLE],
                  reply_to=asked)
    field.say(ZWOLLE, "INFORMATION_REQUEST", said, case)
    field.stage.holds()
    assert "gevraagd 3, genoemd 2" in field.timeline(1)


# rule: R77
def test_a_merged_municipality_takes_its_open_cases_along(field):
    stage = field.stage
    cases = [field.opened(10 * n, 10 * n + 1) for n in range(1, 4)]
    field.to_route(cases[0])
    deventer = stage.client(DEVENTER)
    deventer.greet()
    with open(IJSSELLAND, encoding="utf-8") as f:
        text = f.read()
    line = '- {code: "0193", name: "Zwolle", '
    assert text.count(line) == 1
    stage.policy(written(os.path.join(stage.dir, "merged.yaml"),
                         text.replace(line, f'{line}until_date: {TODAY}, '
                                      'successor: "0150", ')))
    stage.step("2026-03-03T00:00:00Z")
    for case in cases:
        moved = deventer.wait_for("NOTICE", case_ref=case)
        assert moved.notice.kind == wire.MUNICIPALITY_MERGED
        assert moved.notice.participant == DEVENTER
    field.told(ZWOLLE, wire.MUNICIPALITY_MERGED)
    field.told(COURT, wire.MUNICIPALITY_MERGED)
    with pytest.raises(Refused, match="MUNICIPALITY_UNKNOWN.*0150"):
        field.opened(99, 98)
    # the new team goes on where the old one was, and that one does not
    with pytest.raises(Refused, match="NOT_A_PARTICIPANT"):
        field.say(ZWOLLE, "FAMILY_PLAN", PLAN, cases[0])
    deventer.ping()
    deventer.say("FAMILY_PLAN", PLAN, case_ref=cases[0], event_date=TODAY,
                 sections=TEXT["FAMILY_PLAN"])
    verified, replayed = stage.holds()
    told = field.timeline(1)
    assert "MERGER" in told and "gemeente 0150" in told
