#!/usr/bin/python3
"""Counts a quarter again from what was planted, and holds the reports on it
against that: another language, another way, nothing shared but the list of
what happened in each case.

Usage: recount.py AUDIT JOURNAL SCRATCH PLANTED QUARTER

PLANTED has a case a line: its municipality, region, court, theme and steps.
The last line is `recount: compared=N wrong=N`.
"""
import collections
import datetime
import json
import subprocess
import sys

KEYS = {"municipality": "municipality", "region": "region", "court": "court",
        "theme": "theme"}
KINDS = {"TRIAGE": "TRIAGES", "ANALYSIS": "ANALYSES",
         "ROUTE_DECISION": "ROUTES", "FAMILY_PLAN": "PLANS",
         "REFERRAL": "OFFERS", "ACCEPT": "ACCEPTED", "DECLINE": "DECLINED",
         "WAIT_PLACE": "WAIT_PLACES", "START": "STARTS", "STOP": "ENDS",
         "COURT_ORDER": "OPENED", "CLOSE": "CLOSED", "LESSON": "LESSONS",
         "HEARING_REPORT": "REPORTS", "COURT_REPORT": "COURT_REPORTS",
         "RET_ADVICE": "RET_ADVISED"}
REASONS = ["CAPACITY", "NO_MATCH", "CONTRACT", "ELSEWHERE", "SAFETY",
           "STACKING", "AGE", "OTHER"]
ENDS = ["PLANNED", "GOOD", "CLIENT", "PROVIDER", "AGREED", "EXTERNAL",
        "MUNICIPALITY", "OTHER", "DOMAIN", "DEATH", "NO_SHOW"]
WIDTHS = ["LOW", "LOW", "MIDDLE", "MIDDLE"]
FEW = 5


def quarter_of(day):
    date = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
    return f"{date.year}Q{(date.month - 1) // 3 + 1}"


class Count:
    def __init__(self):
        self.figures = collections.Counter()
        self.days = collections.defaultdict(list)


class Recount:
    def __init__(self, quarter):
        self.quarter = quarter
        self.of = collections.defaultdict(Count)

    def add(self, case, day, figure, days=None):
        if quarter_of(day) != self.quarter:
            return
        for key in [("", "")] + [(k, case[v]) for k, v in KEYS.items()]:
            if days is None:
                self.of[key].figures[figure] += 1
            else:
                self.of[key].days[figure].append(min(max(days, 0), 400))

    def case(self, case):
        past = {"domains": 0, "offers": 0}
        for step in case["steps"]:
            self.step(case, step, past)

    def step(self, case, step, past):
        day, kind = step["day"], step["kind"]
        self.add(case, day, "MESSAGES")
        if step["refused"]:
            self.add(case, day, "REFUSALS")
            return
        if kind in KINDS:
            self.add(case, day, KINDS[kind])
        past.setdefault("ordered", day)
        if kind == "TRIAGE":
            past["domains"] = step["code"]
        elif kind == "REFERRAL":
            past["offers"] += 1
            self.add(case, day, "OFFERED_" + width(past["domains"]))
        elif kind == "ACCEPT":
            self.add(case, day, "OFFERS_NEEDED", past["offers"])
            past["offers"] = 0
        elif kind == "DECLINE":
            self.add(case, day, "DECLINE_" + REASONS[step["code"] - 1])
            self.add(case, day, "COMPLEXITY_" + width(past["domains"]))
        elif kind == "START":
            past["started"] = day
            days = day - past["ordered"]
            self.add(case, day, "FIRST_STARTS")
            self.add(case, day, "START_14" if days <= 14 else
                     "START_28" if days <= 28 else "START_LATE")
            self.add(case, day, "ORDER_START", days)
        elif kind == "STOP":
            self.add(case, day, "END_" + ENDS[step["code"] - 1])
            self.add(case, day, "HELP_DAYS", day - past["started"])


def width(domains):
    return WIDTHS[domains] if domains < len(WIDTHS) else "HIGH"


def percentile(days, percent):
    days = sorted(days)
    return days[(len(days) * percent + 99) // 100 - 1]


def is_wrong(told, counted):
    if told in ("<5", "."):
        return told == "<5" and not 0 < counted < FEW
    return told != counted or 0 < counted < FEW


def compare(report, key, recount):
    """Yields (what, told, counted) for all that is compared."""
    for group in report["groups"]:
        for count in group["counts"]:
            if count["id"] not in recount.known:
                continue
            rows = {("", ""): count["all"]}
            rows.update({(key, n): v for n, v in count["rows"].items()})
            for at, told in rows.items():
                counted = recount.of[at].figures[count["id"]]
                yield (count["id"], at), told, counted, is_wrong(told, counted)
        for spread in group["spreads"]:
            if spread["id"] not in ("ORDER_START", "HELP_DAYS",
                                    "OFFERS_NEEDED"):
                continue
            rows = {("", ""): spread["all"]}
            rows.update({(key, n): v for n, v in spread["rows"].items()})
            for at, told in rows.items():
                days = recount.of[at].days[spread["id"]]
                counted = "<5" if 0 < len(days) < FEW else None
                if len(days) >= FEW:
                    counted = {"median": percentile(days, 50),
                               "p90": percentile(days, 90)}
                yield (spread["id"], at), told, counted, told != counted


def main():
    audit, journal, scratch, planted, quarter = sys.argv[1:]
    recount = Recount(quarter)
    with open(planted, encoding="utf-8") as file:
        for line in file:
            recount.case(json.loads(line))
    recount.known = set(KINDS.values()) | {"MESSAGES", "REFUSALS",
        "FIRST_STARTS", "START_14", "START_28", "START_LATE"} | {
        f"{a}_{b}" for a in ("OFFERED", "COMPLEXITY")
        for b in ("LOW", "MIDDLE", "HIGH")} | {
        "DECLINE_" + r for r in REASONS} | {"END_" + e for e in ENDS}
    compared = wrong = 0
    for key in KEYS:
        done = subprocess.run(
            [audit, "figures", journal, "--by", key, "--period", quarter,
             "--scratch", scratch, "--json"], stdout=subprocess.PIPE,
            check=True)
        for what, told, counted, bad in compare(json.loads(done.stdout), key,
                                                recount):
            compared += 1
            wrong += bad
            if bad and wrong < 10:
                print("recount:", *what, "told", told, "counted", counted,
                      file=sys.stderr)
    print(f"  recount: compared={compared} wrong={wrong}")
    return 0 if compared > 0 and wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
