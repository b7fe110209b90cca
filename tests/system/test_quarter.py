"""A quarter is closed: its figures stay when what they count is erased."""
import json
import os

from harness import (COURT, ORDER_TEXT, PLAN, REFERRAL, ROUTE, TODAY, TRIAGE,
                     VEERSTOEP, ZWOLLE, log_of, order)
from test_erasure import WHY


def figures(stage, *options):
    done = stage.audit("figures", "--period", "2026Q1", "--by", "theme",
                       "--json", *options)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def after_the_quarter(stage):
    """Its first day after, and an entry of that day: the second step."""
    stage.admin("step", "--to", "2026-04-01T06:00:00Z")
    stage.admin("step", "--to", "2026-04-01T06:01:00Z")


def opened(told):
    """New cases: of all, and by theme."""
    counts = next(g for g in told["groups"] if g["group"] == 2)["counts"]
    count = next(c for c in counts if c["id"] == "OPENED")
    return count["all"], count["rows"]


# code: QUARTER_IS_CLOSED, QUARTER_OPEN
def test_a_closed_quarter_tells_what_it_told_after_a_case_is_erased(
        lit, tmp_path):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    first = None
    for child in range(100, 700, 100):
        case = court.say("COURT_ORDER", order(child=child), event_date=TODAY,
                         sections=ORDER_TEXT)["case_ref"]
        first = first or case
    court.say("VOID", {}, first, to=[ZWOLLE], sections=WHY)
    access.wait_letter("VOID")
    lit.broker.stop()
    closing = os.path.join(tmp_path, "2026Q1")
    # No entry of after the quarter: it may not all be here.
    early = lit.audit("figures", "--period", "2026Q1", "--by", "theme",
                      "--close", closing)
    assert early.returncode != 0 and not os.path.exists(closing), early
    assert "this quarter is not over yet" in early.stderr, early
    lit.broker.start()
    after_the_quarter(lit)
    lit.broker.stop()
    counted = figures(lit)
    assert counted["source"] == "counted"
    # Six were opened, and one of them in error: that one never came.
    assert opened(counted) == (5, {"scheiding / separation": 5})
    lit.broker.start()
    # Nothing is erased before the quarter is closed, and the operator is told.
    early = lit.attempt("erase", "1", "--ground", "ENTERED_IN_ERROR")
    assert early.returncode != 0 and "QUARTER_OPEN" in early.stderr, early
    assert "2026Q1" in early.stderr, early
    assert lit.status()["quarter_open"] == "2026Q1"
    lit.broker.stop()
    done = lit.audit("figures", "--period", "2026Q1", "--by", "all",
                     "--close", closing)
    assert done.returncode == 0, done
    lit.broker.start()
    lit.admin("close-quarter", closing)
    assert "quarter_open" not in lit.status()
    # Sent again the broker refuses it, and the command passes it over.
    lit.admin("close-quarter", closing)
    assert "code=QUARTER_IS_CLOSED" in log_of(lit.broker)
    lit.broker.stop()
    assert figures(lit)["source"] == "counted, as closed"
    lit.broker.start()
    lit.admin("erase", "1", "--ground", "ENTERED_IN_ERROR")
    lit.broker.stop()
    told = figures(lit)
    assert told["source"] == "closed"
    assert opened(told) == opened(counted)
    # By the other keys it was closed as well.
    other = json.loads(lit.audit("figures", "--period", "2026Q1", "--by",
                                 "region", "--json").stdout)
    assert other["source"] == "closed" and opened(other)[0] == 5, other
    page = os.path.join(tmp_path, "page.html")
    lit.audit("figures", "--period", "2026Q1", "--by", "theme", "--html",
              page)
    with open(page, encoding="utf-8") as f:
        assert "waarmee het kwartaal is afgesloten" in f.read()
    assert json.loads(lit.audit("verify", "--json").stdout)["holds"]
    replayed = json.loads(lit.audit("replay", "--json").stdout)
    assert replayed["differences"] == 0, replayed
    lit.broker.start()


def declined(court, team, help_a, child):
    """A case whose offer De Veerstoep declined for want of a place."""
    case = court.say("COURT_ORDER", order(child=child), event_date=TODAY,
                     sections=ORDER_TEXT)["receipt"]["case"]
    team.wait_letter("COURT_ORDER", child // 100)
    for kind, facts, text in (
            ("TRIAGE", TRIAGE, {"SITUATION": "Ouders uit elkaar."}),
            ("ROUTE_DECISION", ROUTE, {"EXPLANATION": "Ambulant."}),
            ("FAMILY_PLAN", PLAN, {"GOALS": "Weekend."})):
        team.say(kind, facts, case, sections=text, event_date=TODAY)
    team.say("REFERRAL", REFERRAL, case, to=[VEERSTOEP], sections=ORDER_TEXT)
    help_a.wait_letter("REFERRAL", child // 100)
    return help_a.say("DECLINE", {"reason": "CAPACITY"}, case,
                      sections=WHY)["ref"]


def test_a_decline_counts_for_the_reason_that_was_put_right(lit):
    court, team, help_a = map(lit.agent, (COURT, ZWOLLE, VEERSTOEP))
    refs = [declined(court, team, help_a, child)
            for child in range(100, 700, 100)]
    lit.broker.stop()

    def reasons():
        told = next(g for g in figures(lit)["groups"] if g["group"] == 4)
        return {c["id"]: c["all"] for c in told["counts"]
                if c["id"].startswith("DECLINE")}

    assert reasons()["DECLINE_CAPACITY"] == 6
    lit.broker.start()
    for ref in refs:
        help_a.schakel(
            "correct", ref, "--right-reason", "AGE_LIMIT", "--explanation",
            "Verkeerd aangevinkt.")
    lit.broker.stop()
    told = reasons()
    assert told["DECLINED"] == 6 and told["DECLINE_AGE"] == 6, told
    assert told["DECLINE_CAPACITY"] == 0, told
    lit.broker.start()


# code: QUARTER_RUNS
def test_a_file_of_figures_that_tells_of_few_is_refused(lit, tmp_path):
    court, _ = lit.agent(COURT), lit.agent(ZWOLLE)
    court.say("COURT_ORDER", order(child=7), event_date=TODAY,
              sections=ORDER_TEXT)
    after_the_quarter(lit)
    lit.broker.stop()
    closing = os.path.join(tmp_path, "2026Q1")
    done = lit.audit("figures", "--period", "2026Q1", "--by", "theme",
                     "--close", closing)
    assert done.returncode == 0, done
    with open(closing, "rb") as f:
        good = f.read()
    # Of the first row the first count that was 0, as a 1 would stand there.
    at = good.index(b"\x10\x02")
    lit.broker.start()
    for bad, code in ((good[:at] + b"\x10\x03" + good[at + 2:],
                       "FIELD_INVALID"),
                      (good[:-1], "TRUNCATED"),
                      (good.replace(b"2026Q1", b"2026Q2"), "QUARTER_RUNS")):
        with open(closing, "wb") as f:
            f.write(bad)
        done = lit.attempt("close-quarter", closing)
        assert done.returncode != 0 and code in done.stderr, (code, done)
    lit.broker.stop()
    assert figures(lit)["source"] == "counted"
    lit.broker.start()
