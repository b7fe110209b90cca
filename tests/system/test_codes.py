"""Every refusal of the closed list, from a real daemon: its code, the field
that it names and what it says would be right.

CARE plays the rules of the care, one fresh case each. What another file of
this folder provokes stands there, with the line `code: NAME` above its test or
in one of the tables that the last test reads.
"""
import glob
import itertools
import os
import re

import formats
import pytest
import test_refusals
from formats import error_name
from harness import (COURT, DEVENTER, KOMPAS, ORDER_TEXT, PLAN, ROOT, TODAY,
                     TRIAGE, VEERSTOEP, WHO, ZWOLLE, Stage, order, wait_log,
                     written)
from schema import control
from schema import envelope as pb
from schema import session as wire

GI, RET, GONE_GI = 40, 41, 42
WHO.update({
    GI: ("GI", "Jeugdbescherming Overijssel", "GI0001", []),
    GONE_GI: ("GI", "Jeugdbescherming Elders", "GI0002", []),
    RET: ("RET", "Expertteam IJsselland", "RET001", []),
})

CATALOGUE = """
  - {code: proef-wonen, name: "Wonen", provider: "42420001", level: SPECIALIST, domains: [HOUSING], scale: REGIONAL}
  - {code: proef-pleeg, name: "Pleeggezin", provider: "42420001", level: RESIDENTIAL, product: 43A09, place: FOSTER, scale: REGIONAL}
  - {code: proef-groep, name: "Groep", provider: "42420001", level: RESIDENTIAL, product: 43A07, place: FACILITY, scale: REGIONAL}
  - {code: proef-gesloten, name: "Gesloten", provider: "42420001", level: RESIDENTIAL, product: 43A12, place: CLOSED_PLACE, scale: REGIONAL}
  - {code: proef-leeftijd, name: "Vanaf twaalf", provider: "42420001", level: AMBULANT, product: 45A51, age_from: 12, scale: REGIONAL}
  - {code: proef-elders, name: "Alleen Kampen", provider: "42420001", level: AMBULANT, product: 45A51, municipalities: ["0166"], scale: REGIONAL}
  - {code: proef-dichtbij, name: "Dichtbij", provider: "42420002", level: AMBULANT, domains: [HOUSING], scale: LOCAL}
  - {code: proef-wijder, name: "Wijder", provider: "42420001", level: AMBULANT, domains: [HOUSING], scale: REGIONAL}
"""
# Kampen's own rules ask for more than the region's: its cases show them.
INFORMED = "{parents_informed_needed: true}"
STRICT = ("{consideration_needed: true, local_reason_needed: true, "
          "complex_domains: 1, handover_needed: true}")
KAMPEN, VECHTDAL = 12, 22
WHO[VECHTDAL] = ("PROVIDER", "Gezinshulp Vechtdal", "42420003", [])
WHO[KAMPEN] = ("ACCESS", "Toegang Kampen", "0166", ["0166"])


def required_sections():
    """{kind: sections} and the kinds that need a date, as the page says."""
    with open(os.path.join(ROOT, "proto", "PROTOCOL.md"),
              encoding="utf-8") as page:
        table = re.search(r"<!-- table: kinds -->\n(.*?)<!-- end -->",
                          page.read(), re.S).group(1)
    rows = [[cell.strip() for cell in line.split("|")]
            for line in table.split("\n")[2:] if line]
    return ({row[2]: [s for s in row[9].split(", ") if s] for row in rows},
            {row[2] for row in rows if row[7] == "must"})


SECTIONS, DATED = required_sections()
FACTS = {
    "TRIAGE": TRIAGE,
    "ANALYSIS": {"support": ["SEPARATION_CONFLICT"], "authors": 2,
                 "hypotheses": 1},
    "ROUTE_DECISION": {"main": "YOUTH_AMBULANT"},
    "FAMILY_PLAN": PLAN,
    "REFERRAL": {"offering": "omgang-begeleid"},
    "ACCEPT": {"intake_date": "2026-03-09"},
    "DECLINE": {"reason": "CAPACITY"},
    "WAIT_PLACE": {"expected_date": "2026-04-01", "bridge_help": True},
    "START": {},
    "STOP": {"reason": "AS_PLANNED",
             "goals": [{"number": 1, "status": "REACHED"}]},
    "HEARING_NOTICE": {"hearing_date": "2026-06-01"},
    "HEARING_REPORT_REQUEST": {"due_date": "2026-05-01"},
    "HEARING_REPORT": {"goals": [{"number": 1, "status": "ON_TRACK"}],
                       "advice": "ADVISE_CONTINUE"},
    "CHANGE_REQUEST": {"wanted": "MORE_HELP"},
    "CHANGE_ANSWER": {"verdict": "CHANGE_GRANTED"},
    "DIRECTOR_ACCEPT": {"accepted": True},
    "STUCK": {"reason": "NOTHING_FITS"},
    "RET_REQUEST": {"reason": "NOTHING_FITS"},
    "RET_ADVICE": {"tailor_made_plan": False},
    "CRISIS_ALERT": {"crisis": "DANGER_AT_HOME"},
    "CRISIS_REVIEW": {"over": True},
    "CORRECTION": {"removed": True},
    "NOT_MINE": {"municipality": "0150"},
    "WITHDRAW": {"reason": "BY_MUNICIPALITY"},
}
children = itertools.count(1000, 10)


class Case:
    """One case, and what was said in it by kind."""

    def __init__(self, client, team=ZWOLLE, code="0193", facts=None):
        self.client, self.team, self.last = client, team, {}
        self.ref, _ = client[COURT].say(
            "COURT_ORDER", facts or order(code, child=next(children)),
            to=[team], event_date=TODAY, sections=ORDER_TEXT)

    def compose(self, who, kind, facts=None, to=(), reply=None, **more):
        to = [*to] or [*({self.team} - {who})]
        if who != self.team and self.team not in to and kind != "OPENED":
            to.append(self.team)
        more.setdefault("sections", {s: "Proef." for s in SECTIONS[kind]})
        if kind in DATED:
            more.setdefault("event_date", TODAY)
        if reply is not None:
            more["reply_to"] = reply
        more.setdefault("person", 1)
        return self.client[who].compose(
            kind, FACTS.get(kind, {}) if facts is None else facts,
            case_ref=self.ref, to=to, **more)

    def say(self, who, kind, *args, **more):
        envelope = self.compose(who, kind, *args, **more)
        receipt, = self.client[who].submit(envelope)
        assert receipt.outcome.accepted, (kind, receipt.outcome)
        header = pb.Header.FromString(envelope.header)
        self.last[kind] = pb.Ref(participant=who, id=header.id)
        return self

    def try_(self, who, kind, *args, **more):
        receipt, = self.client[who].submit(
            self.compose(who, kind, *args, **more))
        return receipt.outcome

    # -- the way through a case

    def planned(self, route="YOUTH_AMBULANT", analysed=False, **facts):
        self.say(self.team, "TRIAGE")
        if analysed:
            self.say(self.team, "ANALYSIS")
        self.say(self.team, "ROUTE_DECISION", dict(
            {"main": route}, **facts))
        return self.say(self.team, "FAMILY_PLAN")

    def offered(self, who=VEERSTOEP, offering="omgang-begeleid"):
        return self.say(self.team, "REFERRAL", {"offering": offering},
                        to=[who])

    def answer(self, who, kind, facts=None, **more):
        return self.say(who, kind, facts, reply=self.last["REFERRAL"], **more)

    def started(self, who=VEERSTOEP, offering="omgang-begeleid"):
        self.offered(who, offering).answer(who, "ACCEPT")
        return self.answer(who, "START")

    def failed(self):
        self.started()
        return self.answer(VEERSTOEP, "STOP",
                           {"reason": "EARLY_BY_PROVIDER", "goals": []})

    def stopped(self):
        return self.started().answer(VEERSTOEP, "STOP")

    def advised(self):
        self.say(self.team, "STUCK")
        self.say(self.team, "RET_REQUEST", to=[RET])
        return self.say(RET, "RET_ADVICE", reply=self.last["RET_REQUEST"])


def in_kampen(c):
    return Case(c, KAMPEN, "0166")


def refer(case, offering="omgang-begeleid", who=VEERSTOEP, **facts):
    return case.try_(case.team, "REFERRAL", dict(
        {"offering": offering}, **facts), to=[who])


def reanalysed(case):
    return case.say(case.team, "ANALYSIS")


def _questions(case):
    asked = {"records": ["TRIAGE"]}
    for _ in range(8):
        case.say(VEERSTOEP, "INFORMATION_REQUEST", asked)
    return case.try_(VEERSTOEP, "INFORMATION_REQUEST", asked)


def many_offers(c):
    case = Case(c).planned()
    for _ in range(32):
        case.offered().answer(VEERSTOEP, "DECLINE")
    return refer(case)


def without_director(c, stage):
    case = Case(c).planned().started()
    case.say(ZWOLLE, "INVOLVEMENT_NOTICE",
             {"participant": GONE_GI, "left": False},
             to=[COURT, VEERSTOEP, GONE_GI])
    case.say(ZWOLLE, "DIRECTOR_CHANGE", {"director": GONE_GI}, to=[GONE_GI])
    case.say(GONE_GI, "DIRECTOR_ACCEPT", reply=case.last["DIRECTOR_CHANGE"])
    stage.admin("revoke", "--participant", GONE_GI, "--reason", "error",
                "--enrolment-key", stage.enrolment_key)
    return case.try_(ZWOLLE, "FAMILY_PLAN")


def family_with_a_plan(c):
    child = next(children)
    Case(c, facts=order(child=child)).planned()
    sister = order(child=child)
    sister["persons"][0]["pseudonym"] = f"{child + 5:064x}"
    return Case(c, facts=sister).say(ZWOLLE, "TRIAGE").say(
        ZWOLLE, "ROUTE_DECISION").try_(ZWOLLE, "FAMILY_PLAN")


def refused_consent(child):
    facts = order(child=child)
    facts["persons"][1]["consent"] = False
    return facts


def secret_household():
    facts = order(child=next(children))
    for person, household in zip(facts["persons"], (1, 1, 2)):
        person["household"] = household
    facts["persons"][1]["secret_address"] = True
    return facts


def _tells_address(content):
    facts = pb.Facts.FromString(content)
    facts.sections[0].address_of.append(1)
    return facts.SerializeToString()


HOME = ["HOME", "SCHOOL_PLACE", "AREA_PLACE", "PROVIDER_SITE"]
CONSIDERED = {"alternatives": HOME, "safety_view": True}

# Of each code: how, the field, a word of the advice.
CARE = {
    "RECIPIENT_MISSING": (
        lambda c, s: Case(c).planned().stopped().try_(ZWOLLE, "CLOSE"),
        "header.recipients", "court"),
    "STATE_WRONG": (
        lambda c, s: Case(c).try_(ZWOLLE, "ROUTE_DECISION"),
        "header.kind", "NEW"),
    "CASE_CLOSED": (
        lambda c, s: Case(c).say(ZWOLLE, "CLOSE", to=[COURT]).try_(
            ZWOLLE, "TRIAGE"), "header.case_ref", "CLOSED"),
    "GROUND_MISSING": (
        lambda c, s: c[ZWOLLE].submit(c[ZWOLLE].compose(
            "ACCESS_REQUEST", {
                "municipality": "0193", "theme": "SEPARATION",
                "ground": "COURT_ORDER_GROUND",
                "persons": order(child=next(children))["persons"]},
            sections=ORDER_TEXT))[0].outcome,
        "facts.access_request.ground", "asks"),
    "ANALYSIS_MISSING": (
        lambda c, s: refer(Case(c).planned("YOUTH_SPECIALIST"),
                           "kind-uit-de-knel"),
        "facts.referral.offering", "ANALYSIS"),
    "ROUTE_MISSING": (
        lambda c, s: refer(Case(c).planned(analysed=True),
                           "kind-uit-de-knel"),
        "facts.referral.offering", "ROUTE_DECISION"),
    "PLAN_MISSING": (
        lambda c, s: refer(Case(c).say(ZWOLLE, "TRIAGE").say(
            ZWOLLE, "ROUTE_DECISION")), "header.kind", "FAMILY_PLAN"),
    "PLAN_EXISTS": (
        lambda c, s: family_with_a_plan(c), "facts.family_plan.joins",
        "plan of case"),
    "OFFERING_UNKNOWN": (
        lambda c, s: refer(Case(c).planned(), "niet-te-koop"),
        "facts.referral.offering", "catalogue"),
    "OFFERING_NOT_OF_PROVIDER": (
        lambda c, s: refer(Case(c).planned(), who=KOMPAS),
        "facts.referral.offering", "42420001"),
    "HANDOFF_UNKNOWN": (
        lambda c, s: Case(c).planned().offered().say(
            ZWOLLE, "CONSULT", to=[KOMPAS]).try_(
                ZWOLLE, "WITHDRAW", to=[KOMPAS]),
        "header.recipients", "an offer that runs"),
    "HANDOFF_OPEN": (
        lambda c, s: refer(Case(c).planned().offered()),
        "header.recipients", "one offer"),
    "GOALS_NOT_FINAL": (
        lambda c, s: _goals(c),
        "facts.stop.goals", "goal 1"),
    "HELP_STILL_RUNS": (
        lambda c, s: Case(c).planned().started().try_(
            ZWOLLE, "CLOSE", to=[COURT, VEERSTOEP]), "header.kind", "STOP"),
    "HEARING_MISSING": (
        lambda c, s: Case(c).planned().started().try_(
            ZWOLLE, "HEARING_REPORT_REQUEST", to=[VEERSTOEP]),
        "header.kind", "HEARING_NOTICE"),
    "REPORT_NOT_ASKED": (
        lambda c, s: _unasked(Case(c).planned().started()),
        "header.reply_to", "HEARING_REPORT_REQUEST"),
    "CONSENT_MISSING": (
        lambda c, s: Case(c, facts=refused_consent(next(children))).say(
            ZWOLLE, "TRIAGE").try_(ZWOLLE, "ROUTE_DECISION"),
        "facts.route_decision.main", "consent"),
    "CONTENT_TOO_LONG": (
        lambda c, s: _long(Case(c).planned().started()),
        "facts.sections", "6000"),
    "SECTION_MISSING": (
        lambda c, s: Case(c).try_(ZWOLLE, "TRIAGE", sections={}),
        "facts.sections", "SITUATION"),
    "CASE_FULL": (
        lambda c, s: many_offers(c), "header.case_ref", "32"),
    "REANALYSIS_REQUIRED": (
        lambda c, s: refer(_again(Case(c).planned().failed())),
        "header.kind", "ANALYSIS"),
    "CONFERENCE_MISSING": (
        lambda c, s: refer(_again(reanalysed(
            _again(reanalysed(Case(c).planned().failed())).failed()))),
        "header.kind", "CASE_CONFERENCE"),
    "RET_MISSING": (
        lambda c, s: refer(Case(c).planned("COMPULSORY", True),
                           "proef-gesloten"),
        "facts.referral.offering", "RET_ADVICE"),
    "CONSIDERATION_MISSING": (
        lambda c, s: in_kampen(c).say(KAMPEN, "TRIAGE").try_(
            KAMPEN, "ROUTE_DECISION"),
        "facts.route_decision.consideration", "wlz_checked"),
    "LOCAL_REASON_MISSING": (
        lambda c, s: in_kampen(c).say(KAMPEN, "TRIAGE").try_(
            KAMPEN, "ROUTE_DECISION", {
                "main": "YOUTH_SPECIALIST", "consideration": WEIGHED}),
        "facts.route_decision.local_insufficient_reason", "local"),
    "ALTERNATIVES_MISSING": (
        lambda c, s: refer(Case(c).planned("YOUTH_RESIDENTIAL", True),
                           "proef-pleeg"),
        "facts.referral.alternatives", "nearer to home"),
    "PLACE_SKIPPED": (
        lambda c, s: refer(Case(c).planned("YOUTH_RESIDENTIAL", True),
                           "proef-groep", **CONSIDERED),
        "facts.referral.alternatives", "comes first"),
    "PLAN_NOT_AGREED": (
        lambda c, s: _not_agreed(c), "header.kind", "FAMILY_PLAN"),
    "DOMAIN_MISMATCH": (
        lambda c, s: refer(Case(c).planned("YOUTH_SPECIALIST", True),
                           "proef-wonen"),
        "facts.referral.offering", "ANALYSIS"),
    "ATTEMPTS_MISSING": (
        lambda c, s: _closed_door(Case(c).planned().started()),
        "facts.stop.reason", "CONTACT_ATTEMPT"),
    "LESSON_MISSING": (
        lambda c, s: Case(c).planned().advised().try_(
            ZWOLLE, "CLOSE", to=[COURT, RET]), "header.kind", "LESSON"),
    "CONTRIBUTION_MISSING": (
        lambda c, s: _complex(c), "facts.decline.contribution", "brings"),
    "PARENTS_NOT_INFORMED": (
        lambda c, s: refer(Case(c, DEVENTER, "0150").planned()),
        "facts.parents_informed", "not_informed"),
    "ADDRESS_NOT_MARKED": (
        lambda c, s: Case(c, facts=secret_household()).try_(
            ZWOLLE, "TRIAGE", change_facts=_tells_address),
        "facts.sections[0].withheld_from", "household"),
    "OVERRIDE_REFUSED": (
        lambda c, s: Case(c).try_(
            ZWOLLE, "TRIAGE", change_facts=_override("TRIAGE_MISSING")),
        "facts.overrides", "62"),
    "DIRECTOR_MISSING": (
        without_director, "header.kind", "DIRECTOR_CHANGE"),
    "ESCALATION_ORDER": (
        lambda c, s: Case(c).planned().try_(ZWOLLE, "RET_REQUEST",
                                            to=[RET]),
        "header.kind", "STUCK"),
    "CRISIS_MISSING": (
        lambda c, s: Case(c).try_(ZWOLLE, "CRISIS_REVIEW"),
        "header.kind", "CRISIS_ALERT"),
    "TRANSFER_MISSING": (
        lambda c, s: _not_offered(Case(c)), "header.kind", "NOT_MINE"),
    "REQUEST_PENDING": (
        lambda c, s: Case(c).say(ZWOLLE, "CRISIS_ALERT", to=[COURT]).try_(
            ZWOLLE, "CRISIS_ALERT", to=[COURT]),
        "header.kind", "CRISIS_TAKEN"),
    "NOTHING_PENDING": (
        lambda c, s: _answered(Case(c).planned().started()),
        "header.reply_to", "CHANGE_REQUEST"),
    "CORRECTION_WRONG": (
        lambda c, s: _anothers(Case(c)), "facts.correction.right_date",
        "COURT_ORDER"),
    "CORRECTION_TOO_LATE": (
        lambda c, s: _corrected_late(_alert(c)), "header.reply_to",
        "CRISIS_REVIEW"),
    "PERSON_NEEDED": (
        lambda c, s: _machine_confirms(_alert(c)), "header.person",
        "read the alert"),
    "QUESTIONS_OPEN": (
        lambda c, s: _questions(Case(c).planned().started()),
        "header.kind", "INFORMATION_ANSWER"),
    "RESEAL_REFUSED": (
        lambda c, s: _resealed(Case(c).planned().offered()),
        "header.recipients", "takes part"),
    "AGE_OUTSIDE": (
        lambda c, s: refer(Case(c).planned(), "proef-leeftijd", age=5),
        "facts.referral.age", "12 to"),
    "OFFERING_NOT_HERE": (
        lambda c, s: refer(Case(c).planned(), "proef-elders"),
        "facts.referral.offering", "0193"),
    "PROVIDER_NOT_QUALIFIED": (
        lambda c, s: refer(Case(c).planned(), "twee-huizen", VECHTDAL),
        "facts.referral.offering", "suspended"),
    "SCALE_SKIPPED": (
        lambda c, s: refer(Case(c).planned(), "proef-wijder"),
        "facts.referral.offering", "proef-dichtbij"),
    "STACKED_HELP": (
        lambda c, s: refer(Case(c).planned().started(), "kind-in-beeld",
                           KOMPAS), "facts.referral.offering", "follows"),
    "HANDOVER_MISSING": (
        lambda c, s: _lets_go(c), "facts.stop.reason", "START"),
    "SIDE_NEEDS_OPEN": (
        lambda c, s: Case(c).planned(side=["MEDIATOR"]).try_(
            ZWOLLE, "CLOSE", to=[COURT]), "header.kind", "SIDE_TAKEN"),
    "VOID_TOO_LATE": (
        lambda c, s: Case(c).planned().offered().answer(
            VEERSTOEP, "DECLINE").try_(ZWOLLE, "VOID",
                                       to=[COURT, VEERSTOEP]),
        "header.kind", "CLOSE"),
    "PERSON_NOT_IN_CASE": (
        lambda c, s: Case(c).try_(ZWOLLE, "LINK_PERSON", {
            "former": "ab" * 32, "person": {
                "role": "CHILD", "secret_version": 1,
                "pseudonym": "cd" * 32}}),
        "facts.link_person.former", "person of this case"),
}
WEIGHED = {"needed": ["PARENTING"], "problems": ["OWNER_PARENT"],
           "systemic": True, "moment": 20600, "adult_help": "NO",
           "wlz_checked": True}


def _goals(c):
    case = Case(c).planned().started()
    return case.try_(VEERSTOEP, "STOP", {"reason": "AS_PLANNED"},
                     reply=case.last["REFERRAL"])


def _unasked(case):
    case.say(COURT, "HEARING_NOTICE")
    return case.try_(VEERSTOEP, "HEARING_REPORT", reply=case.last["REFERRAL"])


def _long(case):
    case.say(COURT, "HEARING_NOTICE")
    case.say(ZWOLLE, "HEARING_REPORT_REQUEST", to=[VEERSTOEP])
    return case.try_(
        VEERSTOEP, "HEARING_REPORT",
        reply=case.last["HEARING_REPORT_REQUEST"],
        sections={"WHAT_WAS_DONE": "x" * 5999, "FAMILY_VIEW": "x",
                  "ADVICE": "x"})


def _again(case):
    return case.say(ZWOLLE, "ROUTE_DECISION")


def _not_agreed(c):
    case = Case(c).say(ZWOLLE, "TRIAGE").say(ZWOLLE, "ROUTE_DECISION")
    case.say(ZWOLLE, "FAMILY_PLAN", {"agreed": ["PLAN_ACCESS"]})
    case.offered().answer(VEERSTOEP, "ACCEPT")
    return case.try_(VEERSTOEP, "START", reply=case.last["REFERRAL"])


def _closed_door(case):
    return case.try_(VEERSTOEP, "STOP", {"reason": "CLIENT_DOES_NOT_SHOW"},
                     reply=case.last["REFERRAL"])


def _complex(c):
    case = in_kampen(c).say(KAMPEN, "TRIAGE").say(
        KAMPEN, "ROUTE_DECISION", {"main": "YOUTH_AMBULANT",
                                   "consideration": WEIGHED})
    case.say(KAMPEN, "FAMILY_PLAN").offered()
    return case.try_(VEERSTOEP, "DECLINE", reply=case.last["REFERRAL"])


def _override(code):
    def bent(content):
        facts = pb.Facts.FromString(content)
        facts.overrides.add(gate=formats.error.Error.Value("E_" + code), reason=1)
        return facts.SerializeToString()
    return bent


def _not_offered(case):
    """Deventer takes what it has taken already."""
    case.say(ZWOLLE, "NOT_MINE", to=[DEVENTER])
    case.say(DEVENTER, "TRANSFER_TAKEN", to=[ZWOLLE, COURT],
             reply=case.last["NOT_MINE"])
    case.team = DEVENTER
    return case.try_(DEVENTER, "TRANSFER_TAKEN", to=[COURT],
                     reply=case.last["NOT_MINE"])


def _answered(case):
    case.say(VEERSTOEP, "CHANGE_REQUEST", reply=case.last["REFERRAL"])
    case.say(ZWOLLE, "CHANGE_ANSWER", to=[VEERSTOEP],
             reply=case.last["CHANGE_REQUEST"])
    return case.try_(ZWOLLE, "CHANGE_ANSWER", to=[VEERSTOEP],
                     reply=case.last["CHANGE_REQUEST"])


def _anothers(case):
    return case.say(ZWOLLE, "TRIAGE").try_(
        ZWOLLE, "CORRECTION", {"removed": False, "right_date": 20500},
        reply=case.last["TRIAGE"])


def _resealed(case):
    """To one that has not answered yet."""
    return case.try_(ZWOLLE, "RESEAL", {
        "kind": "TRIAGE", "leaf_hash": "00" * 32, "whole": False},
        to=[VEERSTOEP], reply=case.last["TRIAGE"],
        sections={"SITUATION": "Proef."})


def _alert(c):
    return Case(c).say(ZWOLLE, "CRISIS_ALERT", to=[COURT])


def _machine_confirms(case):
    return case.try_(COURT, "RECEIPT_OF", to=[ZWOLLE], person=None,
                     reply=case.last["CRISIS_ALERT"])


def _corrected_late(case):
    return case.say(ZWOLLE, "CRISIS_REVIEW").try_(
        ZWOLLE, "CORRECTION", to=[COURT], reply=case.last["CRISIS_ALERT"])


def _lets_go(c):
    case = in_kampen(c).say(KAMPEN, "TRIAGE").say(
        KAMPEN, "ROUTE_DECISION", {"main": "YOUTH_AMBULANT",
                                   "consideration": WEIGHED})
    case.say(KAMPEN, "FAMILY_PLAN").started()
    return case.try_(VEERSTOEP, "STOP", {"reason": "OTHER_PROVIDER"},
                     reply=case.last["REFERRAL"])


@pytest.fixture(scope="module")
def care():
    with Stage() as stage:
        stage.start_broker()
        with open(os.path.join(ROOT, "ops", "regions", "ijsselland.yaml"),
                  encoding="utf-8") as profile:
            text = profile.read()
        text = text.replace("\nsources:", CATALOGUE + "\nsources:", 1)
        text = re.sub(r'(code: "0166".*?)\}', rf"\1, rules: {STRICT}}}",
                      text, count=1)
        text = re.sub(r'(code: "0150".*?)\}', rf"\1, rules: {INFORMED}}}",
                      text, count=1)
        text = re.sub(r'(agb: "42420003".*?from_date: 2021-05-31)',
                      r"\1, suspended: true", text, count=1)
        stage.policy(written(os.path.join(stage.dir, "proef.yaml"), text))
        clients = {who: stage.client(who) for who in (
            COURT, ZWOLLE, DEVENTER, KAMPEN, VEERSTOEP, KOMPAS, VECHTDAL, GI,
            GONE_GI, RET)}
        for client in clients.values():
            client.greet()
        yield clients, stage


@pytest.mark.parametrize("code", CARE)
def test_each_rule_refuses_by_name_with_field_and_advice(care, code):
    clients, stage = care
    how, field, advice = CARE[code]
    outcome = how(clients, stage)
    assert not outcome.accepted
    assert (error_name(outcome.code), outcome.field) == (code, field), outcome
    assert advice in outcome.hint, outcome


# ---- operators, and the broker's own state

def new_statement(stage, serial=None, role=2):
    """An enrolment, signed by the region."""
    client = stage.clients[COURT]
    head = client.directory
    body = formats.enrol_body(
        client.invitation.founding, head.serial + 1 if serial is None
        else serial, head.head, 77, role, "Aanbieder", "42429999", [],
        20000, 21000, formats.Keys.draw().public)
    with open(stage.enrolment_key, encoding="ascii") as f:
        secret = bytes.fromhex(f.read().strip())
    return control.Command(enter=control.Enter(statement=wire.Statement(
        body=body, signature=formats.sign(body, secret))))


COMMANDS = {
    "STATEMENT_ORDER": lambda s: s.broker.order(new_statement(s, serial=99)),
    "STATEMENT_WRONG": lambda s: s.broker.order(new_statement(s, role=10)),
    "POLICY_ORDER": lambda s: s.broker.order(control.Command(
        set_policy=control.SetPolicy(replaces=99, policy={"region": "x"}))),
    "SEQUENCE_USED": lambda s: s.broker.order(control.Command(
        confirm_clock=control.ConfirmClock()), sequence=99),
}


@pytest.mark.parametrize("code", COMMANDS)
def test_a_command_that_does_not_fit_is_refused_by_name(lit, code):
    lit.client(COURT)
    entries = lit.status()["entries"]
    answer = COMMANDS[code](lit)
    assert error_name(answer.code) == code, answer
    assert lit.broker.is_running() and lit.status()["entries"] >= entries


# code: SECOND_OPERATOR
def test_one_operator_does_not_sign_twice(lit):
    command = control.Command(drain=control.DrainCommand()) \
        .SerializeToString()
    status = lit.broker.talk(control.ControlRequest(
        status=control.AskStatus())).status
    answer = lit.broker.talk(control.ControlRequest(
        command=control.SignedCommand(
            command=command, not_after=status.now + 60000, approvals=[])))
    assert error_name(answer.code) == "SECOND_OPERATOR", answer
    assert not lit.status()["draining"]


# code: BACKUP_TICKET
def test_rows_are_for_who_has_a_ticket(lit):
    answer = lit.broker.talk(control.ControlRequest(
        rows=control.AskRows(ticket=bytes(16))))
    assert error_name(answer.code) == "BACKUP_TICKET", answer
    assert answer.field == "ticket" and "one backup" in answer.hint


# code: DRAINING
def test_a_broker_that_drains_takes_nothing_new(lit):
    court = lit.client(COURT)
    lit.client(ZWOLLE)
    court.greet()
    envelope = court.compose("COURT_ORDER", order(), to=[ZWOLLE],
                             event_date=TODAY, sections=ORDER_TEXT)
    lit.admin("drain")
    court.until(lambda: court.drained)
    with pytest.raises(formats.Refused, match="DRAINING"):
        court.submit(envelope)
    assert lit.broker.process.wait(60) == 0


# code: INTAKE_HELD
def test_intake_holds_on_a_disk_that_fills_and_goes_on_after(tmp_path):
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    margin = min(1 << 30, free // 8)
    with Stage(directory=str(tmp_path / "toneel"), broker={
            "low_water_mib": (free - margin) >> 20}) as stage:
        stage.start_broker()
        stage.policy()
        court = stage.client(COURT)
        team = stage.client(ZWOLLE)
        court.greet()
        filler = os.path.join(stage.dir, "filler")
        with open(filler, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, 2 * margin)
        wait_log(stage.broker, "disk below low water")
        with pytest.raises(formats.Refused, match="INTAKE_HELD"):
            court.submit(court.compose(
                "COURT_ORDER", order(), to=[ZWOLLE], event_date=TODAY,
                sections=ORDER_TEXT))
        team.ping()     # delivery and reading go on
        os.remove(filler)
        wait_log(stage.broker, "disk above low water")
        court.greet()
        court.say("COURT_ORDER", order(), to=[ZWOLLE], event_date=TODAY,
                  sections=ORDER_TEXT)


# ---- what an agent finds when it opens

def break_seal(sealed):
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


def declare_more(content):
    facts = pb.Facts.FromString(content)
    facts.sections[0].characters += 1
    return facts.SerializeToString()


OPENED = {
    "SEAL_BROKEN": {"change_sealed": break_seal},
    "CONTENT_MISMATCH": {"change_facts": declare_more},
}


@pytest.mark.parametrize("code", OPENED)
def test_what_does_not_open_as_declared_is_named_at_the_agent(lit, code):
    team = lit.agent(ZWOLLE)
    court = lit.client(COURT)
    court.say("COURT_ORDER", order(), to=[ZWOLLE], event_date=TODAY,
              sections=ORDER_TEXT, **OPENED[code])
    letter = team.wait_letter("COURT_ORDER")
    answer = team.ask({"do": "show", "ref": letter["ref"]})
    assert code in str(answer), answer


# ---- the whole list

def can_be_given(name, sources):
    """A number once given stays, also when nothing gives it any more; and
    what is erased is refused only where something can be erased."""
    if name.startswith("ERAS") and not any(
            "eras" in f.name for f in control.Command.DESCRIPTOR.fields):
        return False
    return re.search(rf"\bSK_{name}\b", sources)


def test_every_refusal_of_the_list_is_provoked_somewhere():
    with open(os.path.join(ROOT, "proto", "error.h"),
              encoding="utf-8") as header:
        listed = {name for name, number in re.findall(
            r"^X\((\w+), *(\d+),", header.read(), re.M)
            if 0 < int(number) < 200}
    provoked = {*CARE, *COMMANDS, *OPENED}
    provoked |= {row[1] for row in test_refusals.EVERY.values()}
    provoked |= {row[1] for row in test_refusals.FRAMES.values()}
    provoked |= {row[1] for row in test_refusals.HELLOS.values()}
    for path in glob.glob(os.path.join(ROOT, "tests", "*", "test_*.py")):
        with open(path, encoding="utf-8") as source:
            for line in re.findall(r"^# code: (.*)$", source.read(), re.M):
                provoked |= set(line.split(", "))
    sources = ""
    for path in glob.glob(os.path.join(ROOT, "**", "*.c"), recursive=True):
        if os.path.relpath(path, ROOT).split("/")[0] in (
                "proto", "broker", "agents"):
            with open(path, encoding="utf-8") as source:
                sources += source.read()
    assert sorted(provoked - listed) == [], "no such refusal"
    assert sorted(name for name in listed - provoked
                  if can_be_given(name, sources)) == [], \
        "nothing provokes these"
