"""What an auditor is told of families, participants, emergencies and keys, from
journals that real daemons wrote."""
import json
import os
import stat
import subprocess

import pytest

import harness
from harness import (COURT, DEVENTER, ORDER_TEXT, REFERRAL, ROUTE, TODAY,
                     TO_PLAN, TRIAGE, VEERSTOEP, WAIT, ZWOLLE, order)

CHILD = 0xc0ffee01


@pytest.fixture
def field(lit):
    for who in (COURT, ZWOLLE, VEERSTOEP):
        lit.agent(who)
    return lit


def opened(field, child, **more):
    said = field.agents[COURT].say(
        "COURT_ORDER", order(child=child, **more), event_date=TODAY,
        sections=ORDER_TEXT)
    return said["receipt"]["case"]


def told(field, *options):
    done = field.audit("timeline", "--json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def cases(lines):
    return {line["case"] for line in lines if line["case"]}


def happened(lines):
    return [text for line in lines for text in line["happened"]]


def test_a_family_is_told_over_all_its_cases_and_no_other(field, tmp_path):
    access = field.agents[ZWOLLE]
    one = opened(field, CHILD)
    # another child of the same parents, and a family that is not theirs
    sibling = order(child=CHILD)
    sibling["persons"][0]["pseudonym"] = "ab" * 32
    two = field.agents[COURT].say(
        "COURT_ORDER", sibling, event_date=TODAY,
        sections=ORDER_TEXT)["receipt"]["case"]
    other = opened(field, CHILD + 100)
    access.wait_letter("COURT_ORDER", 3)
    access.say("TRIAGE", TRIAGE, two, event_date=TODAY,
               sections={"SITUATION": "Ouders uit elkaar."})
    field.broker.stop()
    for asked in (one, two, "1", "2"):
        lines = told(field, "--family", asked)
        assert cases(lines) == {one, two}, asked
        assert "TRIAGE" in [line["kind"] for line in lines]
        assert any("bezorgd / delivered" in t for t in happened(lines))
    assert any("gezin van zaak 1 / family of case" in t
               for t in happened(lines))
    assert cases(told(field, "--family", other)) == {other}
    assert cases(told(field, "--case", two)) == {two}
    text = field.audit("timeline", "--family", "2").stdout
    assert one in text and two in text and other not in text
    page = tmp_path / "family.html"
    done = field.audit("timeline", "--family", "2", "--html", str(page))
    assert done.returncode == 0, done.stderr
    html = page.read_text(encoding="utf-8")
    assert f"gezin van zaak {one}" in html and other not in html
    assert page.stat().st_mode & 0o777 == 0o600
    assert field.audit("timeline", "--family", "99").returncode == 2
    assert field.audit("timeline", "--family", "1", "--case", "1") \
        .returncode == 2


def test_two_families_that_turn_out_to_be_one_are_told_as_one(field):
    access = field.agents[ZWOLLE]
    one, two = opened(field, CHILD), opened(field, CHILD + 100)
    access.wait_letter("COURT_ORDER", 2)
    access.say("LINK_PERSON", {
        "former": f"{CHILD + 100:064x}",
        "person": {"role": "CHILD", "secret_version": 1,
                   "pseudonym": f"{CHILD:064x}"}}, two)
    field.broker.stop()
    for asked in (one, two):
        lines = told(field, "--family", asked)
        assert cases(lines) == {one, two}
        assert any("turns out to be the same family" in t
                   for t in happened(lines))


def test_a_participant_is_told_its_own_records_alone(field):
    court, access = field.agents[COURT], field.agents[ZWOLLE]
    field.agent(DEVENTER)
    case = opened(field, CHILD)
    access.wait_letter("COURT_ORDER")
    for kind, facts, sections in TO_PLAN[:2]:
        access.say(kind, facts, case, event_date=TODAY, sections=sections)
    # sent to it in vain: no record of its own
    refused = court.send("HEARING_NOTICE", {"hearing_date": "2020-01-01"},
                         case, to=[ZWOLLE, VEERSTOEP], wait_ms=20000)
    assert refused["state"] == "REFUSED", refused
    for agent in field.agents.values():
        agent.wait(idle=True)
    field.broker.stop()
    assert "HEARING_NOTICE" in [line["kind"] for line in told(
        field, "--participant", COURT)]
    for who in (ZWOLLE, VEERSTOEP, DEVENTER, COURT):
        name = f"({who})"
        lines = told(field, "--participant", who)
        assert any(line["kind"] == "DIRECTORY" for line in lines)
        for line in lines:
            sent = line["from"] and line["from"]["participant"] == who
            reached = who in [to["participant"] for to in line["to"]]
            assert sent or reached or any(name in t for t in
                                          line["happened"]), line
            assert sent or not line["refused"], line
            # no number of anybody else's mailbox
            assert all(name in t for t in line["happened"]
                       if t.startswith("postvak ")), line
    assert {line["kind"] for line in told(field, "--participant",
                                          DEVENTER)} == {"DIRECTORY"}


def looks(field, *options):
    done = field.audit("access", "--json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_look_in_a_crisis_is_one_by_the_emergency_procedure(field):
    court, access = field.agents[COURT], field.agents[ZWOLLE]
    calm, case = opened(field, CHILD + 100), opened(field, CHILD)
    access.wait_letter("COURT_ORDER", 2)
    for letter in access.letters("COURT_ORDER"):
        access.shown(letter)
    access.wait(idle=True)
    access.say("CRISIS_ALERT", {"crisis": "DANGER_AT_HOME"}, case,
               to=[COURT], sections={"SITUATION": "Gevaar."})
    court.shown(court.wait_letter("CRISIS_ALERT"))
    court.wait(idle=True)
    access.say("CRISIS_REVIEW", {"over": True}, case,
               sections={"EXPLANATION": "Voorbij."})
    court.say("HEARING_NOTICE", {"hearing_date": "2026-06-17"}, case)
    access.shown(access.wait_letter("HEARING_NOTICE"))
    access.wait(idle=True)
    made = subprocess.run(
        [field.program("schakel"), "--socket", access.socket, "extract",
         "--case", calm, "--parent", "1", "--on-request"],
        text=True, capture_output=True, timeout=WAIT, check=False)
    assert made.returncode == 0, made.stderr
    access.wait(idle=True)
    field.admin("export", "--out", field.dir + "/copy", "--person", 5,
                "--ground", "dossier 12")
    field.broker.stop()
    said = looks(field)
    assert [look["emergency"] for look in said
            if look["participant"] == ZWOLLE and look["event"] == "opened"] \
        == [False, False, False]
    assert [look["emergency"] for look in said
            if look["participant"] == COURT] == [True]
    extract, = [look for look in said if look["event"] == "extract"]
    assert extract["participant"] == ZWOLLE and extract["client"] == calm
    assert extract["person"] and not extract["emergency"]
    export, = [look for look in said if look["event"] == "export"]
    assert not export["emergency"] and export["ground"] == "dossier 12"
    text = field.audit("access", "--participant", str(COURT)).stdout
    assert "emergency  ja / yes" in text
    text = field.audit("access", "--participant", str(ZWOLLE)).stdout
    assert "emergency  nee / no" in text and "ja / yes" not in text


def test_a_look_after_a_gate_was_overridden_for_urgency_is_one_too(field):
    access, provider = field.agents[ZWOLLE], field.agents[VEERSTOEP]
    case = opened(field, CHILD)
    access.shown(access.wait_letter("COURT_ORDER"))
    access.wait(idle=True)
    access.say("TRIAGE", TRIAGE, case, event_date=TODAY,
               sections={"SITUATION": "Ouders uit elkaar."})
    access.say("ROUTE_DECISION", ROUTE, case, event_date=TODAY,
               sections={"EXPLANATION": "Ambulant volstaat."})
    access.say("REFERRAL", REFERRAL, case, to=[VEERSTOEP],
               overrides=[{"gate": 66, "reason": "URGENT"}],
               sections={"PERSONALIA": "Kind van proef.",
                         "QUESTION": "Spoed."})
    provider.shown(provider.wait_letter("REFERRAL"))
    provider.wait(idle=True)
    field.broker.stop()
    assert [(look["participant"], look["emergency"])
            for look in looks(field)] == [(ZWOLLE, False), (VEERSTOEP, True)]
    lines = told(field, "--case", case)
    assert any("spoed" in t and "override of" in t and "urgent" in t
               for t in happened(lines))


def test_the_catalogue_and_an_unmet_need_are_told_in_words(field):
    access, provider = field.agents[ZWOLLE], field.agents[VEERSTOEP]
    question = {"municipality": "0193", "level": "SPECIALIST",
                "domains": ["SEPARATION_CONFLICT"]}
    answer = access.say("CATALOGUE_QUERY", question)
    mine = next(m["offering"] for m in answer["receipt"]["outcome"][
        "catalogue"]["matches"] if m["provider"] == "42420001")
    provider.say("CAPACITY_UPDATE", {"offerings": [
        {"offering": mine, "places": 3}]}, event_date=TODAY)
    access.say("CATALOGUE_QUERY", dict(
        question, level="COMPULSORY_LEVEL", domains=["INCOME_DEBT"], age=3))
    field.broker.stop()
    own = happened(told(field, "--participant", VEERSTOEP))
    assert f"catalogus, {mine}: plekken gemeld / catalogue: places told" \
        in own
    assert f"{mine}: 3 plekken / places" in own
    asked = happened(told(field, "--participant", ZWOLLE))
    assert any("onvervulde vraag in gemeente 0193, gedwongen" in t
               and "unmet need, compulsory" in t for t in asked)
    assert not any("plekken gemeld" in t for t in asked)


AUDITOR = 90


def looked(field, auditor, out, *options, ground="SUPERVISION",
           dossier="2026-12"):
    return subprocess.run(
        [field.program("schakel-audit"), "look", str(out), "--agent",
         auditor.socket, "--ground", ground, "--dossier", dossier,
         *options], text=True, capture_output=True, timeout=WAIT)


def audited(field, verb, out, *options):
    done = subprocess.run(
        [field.program("schakel-audit"), verb, str(out), "--json",
         *map(str, options)],
        text=True, capture_output=True, timeout=WAIT)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_an_auditor_reads_the_live_journal_and_each_look_is_an_entry(
        field, tmp_path, monkeypatch):
    """Through its own agent and session: signed, with person and ground,
    without keys; the same verify holds on what it got."""
    monkeypatch.setitem(harness.WHO, AUDITOR,
                        ("AUDITOR", "Inspectie", "00000001", []))
    auditor = field.agent(AUDITOR)
    court, access = field.agents[COURT], field.agents[ZWOLLE]
    case = court.say("COURT_ORDER", order(child=CHILD), event_date=TODAY,
                     sections=ORDER_TEXT)["case_ref"]
    access.wait_letter("COURT_ORDER")
    for _ in range(40):
        court.send("HEARING_NOTICE", {"hearing_date": "2026-09-01"},
                   case)
    court.wait(idle=True)
    field.settle()
    out = tmp_path / "look"
    done = looked(field, auditor, out, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    made = json.loads(done.stdout)
    assert made["looks"] == 1 and made["entries"] > 50
    assert stat.S_IMODE(os.stat(out).st_mode) == 0o700
    verified = audited(field, "verify", out)
    assert verified["holds"] and verified["signed"], verified
    assert verified["entries"] == made["entries"]
    # The content is closed to it: no key went along.
    assert verified["no_key"] > 0 and not verified["keys"]
    assert not os.path.exists(os.path.join(out, "keys"))
    told = audited(field, "timeline", out, "--case", "1")
    assert "COURT_ORDER" in [line["kind"] for line in told]
    # Again, the first look is told of, as everything is that happened.
    second = tmp_path / "second"
    assert looked(field, auditor, second,
                  ground="incident".upper()).returncode == 0
    looks = audited(field, "access", second)
    mine = [look for look in looks if look["participant"] == AUDITOR]
    assert len(mine) == 2, looks
    assert mine[0]["event"] == "look" and mine[0]["from"] == 0
    assert mine[0]["person"] == AUDITOR * 100 + 1
    assert mine[0]["ground"] == "SUPERVISION, dossier 2026-12"
    assert mine[1]["ground"] == "INCIDENT, dossier 2026-12"
    of_case = audited(field, "access", second, "--case", "1")
    assert mine[0] in of_case
    # Where a directory is nothing is written.
    again = looked(field, auditor, second)
    assert again.returncode == 2 and str(second) in again.stderr
    field.holds()
    assert audited(field, "access", field.broker.journal,
                   "--participant", AUDITOR)[:2] == mine
    field.broker.start()


def test_only_an_auditor_looks_and_only_at_what_was_opened(
        field, tmp_path, monkeypatch):
    monkeypatch.setitem(harness.WHO, AUDITOR,
                        ("AUDITOR", "Inspectie", "00000001", []))
    auditor, access = field.agent(AUDITOR), field.agents[ZWOLLE]
    done = looked(field, access, tmp_path / "none")
    assert done.returncode == 2 and "ROLE" in done.stderr, done.stderr
    assert not os.path.exists(tmp_path / "none")
    for wrong in ({"from": 0, "count": 10001, "ground": "INCIDENT",
                   "dossier": "1"},
                  {"from": 0, "count": 0, "ground": "INCIDENT",
                   "dossier": "1"},
                  {"from": 0, "count": 5, "ground": "INCIDENT",
                   "dossier": "vrije tekst"}):
        refused = auditor.ask({"do": "send", "kind": "AUDIT_LOOK",
                               "facts": wrong})
        assert not refused["ok"], refused
        assert refused["error"]["code"] == "FIELD_INVALID", refused
    told = auditor.say("AUDIT_LOOK", {"from": 2, "count": 3,
                                      "ground": "PERIODIC_AUDIT",
                                      "dossier": "7"})
    position = told["receipt"]["position"]
    for who, look, start, code in (
            (auditor, position, 2, None), (auditor, position, 1, "no"),
            (auditor, position, 6, "no"), (auditor, position - 1, 2, "no"),
            (auditor, 10 ** 9, 2, "no"), (access, position, 2, "no")):
        answer = who.ask({"do": "look", "look": look, "from": start})
        assert answer["ok"] == (code is None), (look, start, answer)
        if code:
            assert answer["error"]["code"] == "NOT_A_PARTICIPANT", answer
    # An hour, and no longer.
    field.step("2026-03-02T23:00:00Z")
    field.step("2026-03-03T23:00:00Z")
    field.settle()
    answer = auditor.ask({"do": "look", "look": position, "from": 2})
    assert answer["error"]["code"] == "NOT_A_PARTICIPANT", answer
