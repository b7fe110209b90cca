"""What was said wrongly is put right by who said it, on real daemons: the
journal keeps both, each is shown with the other, state and terms follow."""
import json

import pytest
from harness import (COURT, ORDER_TEXT, PLAN, REFERRAL, ROUTE, TODAY, TRIAGE,
                     VEERSTOEP, ZWOLLE, StageError, order)

WHY = {"EXPLANATION": "Per ongeluk verstuurd."}


@pytest.fixture
def started(lit):
    """A case in which the help of De Veerstoep has begun."""
    lit.court, lit.team = lit.agent(COURT), lit.agent(ZWOLLE)
    lit.help = lit.agent(VEERSTOEP)
    case = lit.case = lit.court.say(
        "COURT_ORDER", order(), sections=ORDER_TEXT,
        event_date=TODAY)["receipt"]["case"]
    lit.team.wait_letter("COURT_ORDER")
    for kind, facts, text in (
            ("TRIAGE", TRIAGE, {"SITUATION": "Ouders uit elkaar."}),
            ("ROUTE_DECISION", ROUTE, {"EXPLANATION": "Ambulant."}),
            ("FAMILY_PLAN", PLAN, {"GOALS": "Weekend."})):
        lit.team.say(kind, facts, case, sections=text, event_date=TODAY)
    lit.team.say("REFERRAL", REFERRAL, case, to=[VEERSTOEP],
                 sections=ORDER_TEXT)
    lit.help.wait_letter("REFERRAL")
    lit.help.say("ACCEPT", {"intake_date": TODAY}, case)
    lit.start = lit.help.say("START", {}, case, event_date=TODAY)["ref"]
    lit.team.wait_letter("START")
    return lit


def test_a_start_is_taken_back_and_sent_again(started):
    stage, case = started, started.case
    done = stage.help.schakel("correct", stage.start, "--removed",
                              "--explanation", WHY["EXPLANATION"])
    assert done["state"] == "RECEIPTED"
    correction = stage.team.wait_letter("CORRECTION")
    # the receiver sees both, each with the other
    assert correction["corrects"] == stage.start
    original, = (m for m in stage.team.inbox() if m["ref"] == stage.start)
    assert original["corrected_by"] == correction["ref"]
    told = stage.team.run("case", case).stdout
    assert "RECHTGEZET door" in told and "zet recht" in told
    assert stage.team.shown(correction)["facts"]["removed"] is True
    # help has not begun: what needs it is refused, and it may begin again
    with pytest.raises(AssertionError):
        stage.help.say("PROGRESS_REPORT", {"goals": []}, case,
                       sections={"WHAT_WAS_DONE": "Niets."})
    again = stage.help.say("START", {}, case, event_date=TODAY)
    assert again["state"] == "RECEIPTED"
    # a timeline shows all three, and the journal holds by replay
    verified, _ = stage.holds()
    assert verified["holds"]
    done = stage.audit("timeline", "--case", case, "--json")
    kinds = json.dumps(json.loads(done.stdout))
    assert kinds.count('"START"') >= 2 and '"CORRECTION"' in kinds


def test_what_stands_on_it_or_says_itself_anew_is_refused(started):
    stage = started
    triage = next(m["ref"] for m in stage.team.get(
        "case", case=stage.case)["messages"] if m["kind"] == "TRIAGE")
    done = stage.team.run("correct", triage, "--removed", "--explanation",
                          "fout")
    assert done.returncode == 1
    assert "CORRECTION_TOO_LATE" in done.stderr
    assert "a new TRIAGE" in done.stderr
    # of its text alone it is taken
    stage.team.schakel("correct", triage, "--explanation", "Teun, niet Tom.")


# rule: R49
def test_the_clock_of_an_order_follows_its_right_date(lit):
    court, team = lit.agent(COURT), lit.agent(ZWOLLE)
    ref = court.say("COURT_ORDER", order(), sections=ORDER_TEXT,
                    event_date=TODAY)["ref"]
    team.wait_letter("COURT_ORDER")
    court.schakel("correct", ref, "--right-date", "2026-02-20",
                  "--explanation", "De beschikking is van 20 februari.")
    team.wait_letter("CORRECTION")
    # 14 days after the right date the warning comes, not after the wrong one
    lit.step("2026-03-06T12:00:00Z")
    notice = team.await_message(lambda m: m.get("notice", {}).get(
        "deadline") == "ORDER_START")
    assert notice["notice"]["kind"] == "DEADLINE_WARNING"
    with pytest.raises(StageError):
        court.schakel("correct", ref, "--right-date", "2026-05-01",
                      "--explanation", "Nog niet.")
