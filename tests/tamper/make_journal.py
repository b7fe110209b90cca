#!/usr/bin/python3
"""A journal of real daemons, for tamper to touch: cases from order to plan,
SUBMITs of several envelopes, refusals, a repeated id, a header that does not
decode, deadlines that passed, cases and days that were erased, a broker that
was started twice, and a copy exported while it ran.

Usage: make_journal.py OUT. Leaves OUT/journal, OUT/export, OUT/archived (the
journal gone on into the next year, with 2026 in an environment of its own),
OUT/older (that year before an erasure reached into it) and OUT/sign.key, the
signing key of a test journal that exists for this alone.
"""
import os
import shutil
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests", "system")]

from harness import (COURT, ORDER_TEXT, TODAY, TO_PLAN,  # noqa: E402
                     VEERSTOEP, ZWOLLE, Stage, order, wait_log)

CASES = 16
ERASED = (2, 5, 9)
NOTICE = {"hearing_date": "2026-05-04"}
STEPS = ("2026-03-20T12:00:00Z", "2026-05-10T12:00:00Z",
         "2026-08-01T12:00:00Z")


def one_case(court, access, child):
    """Opened in one SUBMIT, brought to a plan in several."""
    case, _ = court.say("COURT_ORDER", order(child=child), to=[ZWOLLE],
                        event_date=TODAY, sections=ORDER_TEXT)
    for kind, facts, sections in TO_PLAN:
        access.say(kind, facts, case_ref=case, sections=sections,
                   event_date=TODAY)
    court.submit(*(court.compose("HEARING_NOTICE", NOTICE, case_ref=case,
                                 to=[ZWOLLE]) for _ in range(3)))
    access.drain_frames()
    access.ping()
    return case


def refusals(court, access, case):
    """Whatever is not taken stands in the journal as well."""
    early = access.compose("CLOSE", case_ref=case, to=[])
    access.submit(early)
    access.submit(early)    # the id again
    access.submit(access.compose("TRIAGE", case_ref=case,
                                 change_header=lambda _: b"\xff" * 40))
    court.submit(court.compose("CLOSE", case_ref=case, to=[ZWOLLE]))


def erase(stage, access):
    """Cases opened in error, and the days of what reached none."""
    for n in ERASED:
        access.say("VOID", {}, case_ref=access.made[n - 1], to=[COURT],
                   sections={"EXPLANATION": "Op de verkeerde naam."})
        stage.admin("erase", n, "--ground", "ENTERED_IN_ERROR")


def fill(stage):
    court, access = stage.client(COURT), stage.client(ZWOLLE)
    stage.client(VEERSTOEP)
    court.greet()
    access.greet()
    access.made = []
    for n in range(CASES):
        case = one_case(court, access, 10 * n + 1)
        access.made.append(case)
        if n % 4 == 0:
            refusals(court, access, case)
    for instant in STEPS:
        stage.step(instant)
    erase(stage, access)
    stage.broker.stop()
    stage.broker.start()


def archive(stage, out):
    """The year goes out, and then an erasure reaches into it."""
    court, access = stage.clients[COURT], stage.clients[ZWOLLE]
    court.greet()
    access.greet()
    stage.step("2026-12-14T12:00:00Z")
    last = access.made[-1]
    access.say("VOID", {}, case_ref=last, to=[COURT],
               sections={"EXPLANATION": "Op de verkeerde naam."})
    stage.step("2027-01-05T12:00:00Z")
    stage.admin("archive", 2026)
    wait_log(stage.broker, "archived year removed")
    stage.broker.stop()
    year = os.path.join("segments", "2026")
    shutil.copytree(os.path.join(stage.broker.journal, year),
                    os.path.join(out, "older", year))
    stage.broker.start()
    # Nothing is erased while the quarter's figures may still be closed.
    stage.step("2027-01-16T12:00:00Z")
    stage.admin("erase", CASES, "--ground", "ENTERED_IN_ERROR")
    stage.broker.stop()
    shutil.copytree(stage.broker.journal, os.path.join(out, "archived"))


def main():
    out = sys.argv[1]
    with Stage() as stage:
        stage.start_broker()
        stage.policy()
        fill(stage)
        stage.admin("export", "--out", os.path.join(out, "export"),
                    "--person", 5, "--ground", "proef")
        stage.broker.stop()
        shutil.copytree(stage.broker.journal, os.path.join(out, "journal"))
        shutil.copy(os.path.join(stage.dir, "keys", "sign.key"),
                    os.path.join(out, "sign.key"))
        stage.broker.start()
        archive(stage, out)
        stage.clients.clear()


if __name__ == "__main__":
    main()
