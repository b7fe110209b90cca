"""Work among the people of one organisation, on real daemons: who answers for
a case, who stands in, what comes first, and how a person is told of it."""
import os
import stat

import pytest
from harness import (COURT, ORDER_TEXT, TODAY, TRIAGE, VEERSTOEP, ZWOLLE,
                     StageError, order, wait_log, written)
from schema import envelope as pb

RIA, SEM, KIM, LOU = 7, 8, 9, 10
NAMES = {RIA: "Ria", SEM: "Sem", KIM: "Kim", LOU: "Lou"}
TEXT = {"SITUATION": "Ouders uit elkaar."}


def sit_down(agent, person, more=""):
    """From here on this person is at the keyboard: ours is the only user of
    this machine that tests can count on."""
    rows = "".join(
        f"  - {{person: {n}, name: {name}, uid: "
        f"{os.getuid() if n == person else 70000 + n}"
        f"{', coordinator: true' if n == LOU else ''}}}\n"
        for n, name in NAMES.items())
    path = os.path.join(agent.dir, "users.yaml")
    written(path + ".new", f"users:\n{rows}{more}")
    os.replace(path + ".new", path)


@pytest.fixture
def team(lit):
    """A case of the court at the team of Zwolle."""
    lit.court = lit.agent(COURT)
    lit.team = lit.agent(ZWOLLE)
    lit.case = lit.court.say("COURT_ORDER", order(), sections=ORDER_TEXT,
                             event_date=TODAY)["receipt"]["case"]
    lit.team.wait_letter("COURT_ORDER")
    lit.court.wait_letter("RECEIPT_OF")     # or it comes back unfetched
    return lit


def work(agent, of="mine"):
    return agent.get("work", of=of)["work"]


def headers(stage, kind):
    """(person, on behalf of) of all messages of this kind in the journal."""
    found = []
    for leaf in stage.broker.leaves():
        if not leaf.get("header"):
            continue
        header = pb.Header.FromString(leaf["header"])
        if header.kind == pb.Kind.Value(kind):
            found.append((header.person, header.on_behalf_of))
    return found


# rule: R72
def test_who_answers_for_a_case_is_in_the_journal(team):
    agent, case = team.team, team.case
    sit_down(agent, RIA)
    assert work(agent) == []
    assert [w["case"] for w in work(agent, "unassigned")] == [case]
    assert agent.get("assign", case=case)["responsible"] == RIA
    agent.wait(idle=True)
    mine, = work(agent)
    assert (mine["case"], mine["urgency"], mine["responsible_name"]) == (
        case, "NEW", "Ria")
    assert work(agent, "unassigned") == []
    assert headers(team, "ASSIGNED") == [(RIA, 0)]
    # again changes nothing, and says nothing
    agent.get("assign", case=case)
    agent.wait(idle=True)
    assert len(headers(team, "ASSIGNED")) == 1
    # and it holds through a restart
    agent.stop()
    agent.start()
    assert [w["case"] for w in work(agent)] == [case]


def test_what_another_answers_for_is_given_by_a_coordinator(team):
    agent, case = team.team, team.case
    sit_down(agent, RIA)
    agent.get("assign", case=case)
    sit_down(agent, SEM)
    with pytest.raises(StageError, match="MANDATE_MISSING"):
        agent.get("assign", case=case)
    with pytest.raises(StageError, match="PERSON_UNKNOWN"):
        agent.get("assign", case=case, person=77)
    sit_down(agent, LOU)
    assert agent.get("assign", case=case, person=SEM)["responsible"] == SEM


def test_one_message_may_be_given_to_a_colleague(team):
    agent, case = team.team, team.case
    sit_down(agent, RIA)
    agent.get("assign", case=case)
    ref = agent.letters("COURT_ORDER")[0]["ref"]
    agent.schakel("assign", "--ref", ref, "--person", SEM)
    assert agent.get("case", case=case)["responsible"] == RIA
    sit_down(agent, SEM)
    assert [w["case"] for w in work(agent)] == [case]
    agent.get("show", ref=ref)
    assert work(agent) == []


# rule: R72
def test_a_hand_over_counts_once_it_is_taken(team):
    agent, case = team.team, team.case
    sit_down(agent, RIA)
    agent.get("assign", case=case)
    done = agent.schakel("hand-over", case, "--person", SEM, "--note",
                         "Bel moeder op dinsdag")
    assert (done["responsible"], done["proposed"]) == (RIA, SEM)
    sit_down(agent, KIM)
    with pytest.raises(StageError, match="NOTHING_PENDING"):
        agent.get("take", case=case)
    sit_down(agent, SEM)
    waits, = work(agent)
    assert waits["handed_to_you"] and waits["responsible"] == RIA
    assert waits["note"] == "Bel moeder op dinsdag"
    assert "Bel moeder" in agent.run("work").stdout
    agent.schakel("take", case)
    agent.wait(idle=True)
    assert headers(team, "ASSIGNED") == [(RIA, 0), (SEM, 0)]
    sit_down(agent, RIA)
    assert work(agent) == []


def test_all_of_someone_is_handed_over_and_may_be_refused(team):
    agent, case = team.team, team.case
    second = team.court.say("COURT_ORDER", order(child=10),
                            sections=ORDER_TEXT,
                            event_date=TODAY)["receipt"]["case"]
    agent.wait_letter("COURT_ORDER", 2)
    sit_down(agent, RIA)
    for one in (case, second):
        agent.get("assign", case=one)
    assert agent.schakel("hand-over", "--all", "--person", SEM)["handed"] == 2
    sit_down(agent, SEM)
    agent.schakel("take", case, "--refuse")
    assert agent.schakel("take", "--all")["taken"] == 1
    assert [w["case"] for w in work(agent)] == [second]
    sit_down(agent, RIA)
    assert [w["case"] for w in work(agent)] == [case]


# rule: R72
def test_a_substitute_acts_on_behalf_of_who_is_away(team):
    agent, case = team.team, team.case
    away = (f"absences:\n  - {{person: {RIA}, substitute: {SEM}, from_date: "
            "2026-03-01, until_date: 2026-03-09}\n")
    sit_down(agent, RIA)
    agent.get("assign", case=case)
    sit_down(agent, SEM)
    assert work(agent) == []
    with pytest.raises(StageError, match="MANDATE_MISSING"):
        agent.say("TRIAGE", TRIAGE, case, sections=TEXT, event_date=TODAY,
                  on_behalf_of=RIA)
    sit_down(agent, SEM, away)
    assert [w["case"] for w in work(agent)] == [case]
    agent.say("TRIAGE", TRIAGE, case, sections=TEXT, event_date=TODAY)
    assert headers(team, "TRIAGE") == [(SEM, RIA)]
    # not the day after
    team.step("2026-03-10T08:00:00Z")
    agent.wait(now_at_least="2026-03-10T08:00:00Z")
    agent.say("TRIAGE", TRIAGE, case, sections=TEXT, event_date="2026-03-10")
    assert headers(team, "TRIAGE")[-1] == (SEM, 0)


def test_an_absence_that_cannot_be_right_leaves_the_last_file(team):
    agent = team.team
    sit_down(agent, RIA)
    agent.get("work", of="mine")
    sit_down(agent, SEM, "absences:\n  - {person: 7, substitute: 7}\n")
    agent.get("work", of="mine")
    assert "absences[0]" in wait_log(agent, "users file not read")
    assert agent.get("status")["person"] == RIA


def test_the_most_urgent_comes_first(team):
    agent, late = team.team, team.case
    sit_down(agent, LOU)
    # the triage of the first case falls due and passes, after five days
    team.step("2026-03-11T08:00:00Z")
    agent.await_message(lambda m: m.get("notice", {}).get("kind") ==
                        "DEADLINE_BREACH")
    fresh = team.court.say("COURT_ORDER", order(child=10),
                           sections=ORDER_TEXT,
                           event_date="2026-03-11")["receipt"]["case"]
    danger = team.court.say("COURT_ORDER", order(child=20),
                            sections=ORDER_TEXT,
                            event_date="2026-03-11")["receipt"]["case"]
    team.court.say("CRISIS_ALERT", {"crisis": "DANGER_AT_HOME"}, danger,
                   sections={"SITUATION": "Er is geslagen."})
    agent.wait_letter("CRISIS_ALERT")
    agent.wait(idle=True)
    rows = work(agent, "all")
    assert [(w["case"], w["urgency"]) for w in rows] == [
        (danger, "CRISIS"), (late, "BREACHED"), (fresh, "NEW")]
    assert rows[1]["deadline"] == "TRIAGE_DUE"
    # what was written since takes it off the list, until the next notice
    agent.say("TRIAGE", TRIAGE, late, sections=TEXT, event_date="2026-03-11")
    agent.say("CRISIS_TAKEN", {}, danger)
    states = {w["case"]: w["urgency"] for w in work(agent, "all")}
    assert states[late] != "BREACHED" and states[danger] != "CRISIS"
    told = agent.run("case", late).stdout
    assert "uitgevraagd" in told and "brede uitvraag" in told


# ---- a crisis

NIGHT = ("out_of_hours: {person: 9, telephone: \"038-1234567\"}\n")


# rule: R59
def test_a_crisis_outside_office_hours_goes_to_its_contact(team):
    agent, case = team.team, team.case
    sit_down(agent, RIA, NIGHT)
    agent.get("assign", case=case)
    team.step("2026-03-07T03:00:00Z")       # a Saturday
    agent.wait(now_at_least="2026-03-07T03:00:00Z")
    team.court.say("CRISIS_ALERT", {"crisis": "DANGER_AT_HOME"}, case,
                   sections={"SITUATION": "Er is geslagen."})
    agent.wait_letter("CRISIS_ALERT")
    agent.wait(idle=True)
    sit_down(agent, KIM, NIGHT)
    first = work(agent)[0]
    assert (first["case"], first["urgency"]) == (case, "CRISIS")
    assert first["out_of_hours"]["telephone"] == "038-1234567"
    assert "Kim 038-1234567" in agent.run("work").stdout
    # the organisation itself gave it, and Ria keeps the case
    assert headers(team, "ASSIGNED") == [(RIA, 0), (0, 0)]
    assert agent.get("case", case=case)["responsible"] == RIA


# rule: R59
def test_a_crisis_is_confirmed_by_a_person(team):
    agent, case = team.team, team.case
    sit_down(agent, RIA)
    team.court.say("CRISIS_ALERT", {"crisis": "CHILD_MISSING"}, case,
                   sections={"SITUATION": "Weg sinds vanochtend."})
    alert = agent.wait_letter("CRISIS_ALERT")
    agent.wait(idle=True)
    confirmed = [m["reply_to"] for m in agent.get("case", case=case)[
        "messages"] if m["kind"] == "RECEIPT_OF"]
    assert alert["ref"] not in confirmed and len(confirmed) == 1
    agent.schakel("confirm", alert["ref"])
    assert (RIA, 0) in headers(team, "RECEIPT_OF")


def test_a_list_of_receipts_with_a_crisis_in_it_is_refused(team):
    agent = team.team
    agent.stop()
    with open(os.path.join(agent.dir, "config.yaml"), "a",
              encoding="utf-8") as f:
        f.write("receipts: [REFERRAL, CRISIS_ALERT]\n")
    with pytest.raises(StageError):
        agent.start(connected=False)
    with open(agent.log, encoding="utf-8") as f:
        assert "receipts[1]" in f.read()
    agent.process = None


# ---- the hook

HOOK = """#!/bin/sh
{
  for word in "$@"; do printf 'arg %s\\n' "$word"; done
  while read -r line; do printf 'in %s\\n' "$line"; done
  env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= -e ^OLDPWD= | sed 's/^/env /'
  printf 'fds %s\\n' "$(ls /proc/$$/fd | tr '\\n' ' ')"
  printf 'end\\n'
} >> {out}
"""


def set_hook(agent, stage, text, more=""):
    path = os.path.join(stage.dir, "hook")
    written(path, text)
    os.chmod(path, stat.S_IRWXU)
    agent.stop()
    with open(os.path.join(agent.dir, "config.yaml"), "a",
              encoding="utf-8") as f:
        f.write(f"hook:\n  program: [{path}, vast]\n{more}")
    agent.start()


def calls_of(path):
    """Words, input and environment of each call."""
    with open(path, encoding="utf-8") as f:
        calls, call = [], {"arg": [], "in": [], "env": [], "fds": []}
        for line in f:
            word, _, rest = line.rstrip("\n").partition(" ")
            if word == "end":
                calls.append(call)
                call = {"arg": [], "in": [], "env": [], "fds": []}
            else:
                call[word].append(rest)
    return calls


def wait_notified(stage, agent, count):
    for _ in range(600):
        agent.wait(idle=True)
        if len(headers(stage, "NOTIFIED")) >= count:
            return
        # each is journalled by the agent that told it; the next status that
        # differs is the event
        agent.ask({"do": "wait", "inbox": 10 ** 9, "timeout_ms": 50})
    raise AssertionError("nobody was told")


def test_the_hook_is_told_the_kind_and_the_case_and_nothing_else(team):
    out = os.path.join(team.dir, "told")
    set_hook(team.team, team, HOOK.replace("{out}", out))
    case = team.court.say("COURT_ORDER", order(child=10),
                          sections=ORDER_TEXT,
                          event_date=TODAY)["receipt"]["case"]
    team.team.wait_letter("COURT_ORDER", 2)
    wait_notified(team, team.team, 1)
    team.court.say("CRISIS_ALERT", {"crisis": "DANGER_AT_HOME"}, case,
                   sections={"SITUATION": "Er is geslagen."})
    team.team.wait_letter("CRISIS_ALERT")
    wait_notified(team, team.team, 2)
    team.step("2026-03-11T08:00:00Z")
    team.team.wait_letter("NOTICE")
    wait_notified(team, team.team, 3)
    calls = calls_of(out)
    assert [c["arg"] for c in calls[:2]] == [
        ["vast", "COURT_ORDER", case], ["vast", "CRISIS_ALERT", case]]
    assert calls[2]["arg"][1].startswith("DEADLINE_")
    for call in calls:
        assert call["in"] == []
        assert sorted(e.split("=")[0] for e in call["env"]) == [
            "LANG", "PATH"]
    assert headers(team, "NOTIFIED")[:2] == [(0, 0), (0, 0)]
    assert team.team.get("status")["hook"]["failed"] == 0


def test_a_hook_that_fails_is_given_up_and_says_so(team):
    set_hook(team.team, team, "#!/bin/sh\nexit 3\n", "  attempts: 1\n")
    team.court.say("COURT_ORDER", order(child=10), sections=ORDER_TEXT,
                   event_date=TODAY)
    assert "exit 3" in wait_log(team.team, "nobody told, given up")
    wait_notified(team, team.team, 1)
    assert team.team.get("status")["hook"] == {
        "waiting": 0, "failed": 1, "last": "exit 3"}
    assert "1 NIET GELUKT" in team.team.run("status").stdout


def test_a_hook_that_hangs_is_ended(team):
    set_hook(team.team, team, "#!/bin/sh\nsleep 600 & wait\n",
             "  attempts: 1\n  timeout_s: 1\n")
    team.court.say("COURT_ORDER", order(child=10), sections=ORDER_TEXT,
                   event_date=TODAY)
    assert "longer than 1 s" in wait_log(team.team, "nobody told, given up")


def test_what_was_not_told_is_told_after_a_restart(team):
    out = os.path.join(team.dir, "told")
    set_hook(team.team, team, "#!/bin/sh\nexit 3\n")
    case = team.court.say("COURT_ORDER", order(child=10),
                          sections=ORDER_TEXT,
                          event_date=TODAY)["receipt"]["case"]
    wait_log(team.team, "nobody told yet")
    assert team.team.get("status")["hook"]["waiting"] == 1
    team.team.stop()
    written(os.path.join(team.dir, "hook"), HOOK.replace("{out}", out))
    team.team.start()
    wait_notified(team, team.team, 1)
    assert calls_of(out)[0]["arg"] == ["vast", "COURT_ORDER", case]


def test_a_mail_holds_the_kind_and_the_case_and_nothing_else(team):
    out = os.path.join(team.dir, "told")
    path = written(os.path.join(team.dir, "sendmail"),
                   HOOK.replace("{out}", out))
    os.chmod(path, stat.S_IRWXU)
    team.team.stop()
    with open(os.path.join(team.team.dir, "config.yaml"), "a",
              encoding="utf-8") as f:
        f.write(f"hook: {{sendmail: {path}, address: team@example.nl}}\n")
    team.team.start()
    case = team.court.say("COURT_ORDER", order(child=10),
                          sections=ORDER_TEXT,
                          event_date=TODAY)["receipt"]["case"]
    wait_notified(team, team.team, 1)
    call, = calls_of(out)
    assert call["arg"] == ["-i", "--", "team@example.nl"]
    assert call["in"] == ["To: team@example.nl",
                          f"Subject: Schakel: COURT_ORDER {case}",
                          "Auto-Submitted: auto-generated", "",
                          f"COURT_ORDER {case}"]


@pytest.mark.parametrize("hook, field", [
    ("{program: [hook]}", "hook.program"),
    ("{program: [/no/such/program]}", "hook.program"),
    ("{address: team@example.nl}", "hook.sendmail"),
    ("{sendmail: /bin/true, address: \"-oX@example.nl\"}", "hook.address"),
    ("{timeout_s: 5}", "hook.program"),
    ("{program: [/bin/true], timeout_s: 601}", "hook.timeout_s"),
    ("{program: [/bin/true], attempts: 0}", "hook.attempts"),
])
def test_a_hook_that_cannot_be_right_is_refused(team, hook, field):
    agent = team.team
    agent.stop()
    with open(os.path.join(agent.dir, "config.yaml"), "a",
              encoding="utf-8") as f:
        f.write(f"hook: {hook}\n")
    with pytest.raises(StageError):
        agent.start(connected=False)
    with open(agent.log, encoding="utf-8") as f:
        assert field in f.read()
    agent.process = None
