"""Reads a play: a case from one of the five source texts, as YAML that a
policy officer can follow and daemons can play.

README.md beside this file says what may stand in one. Whatever is not known
here, or is missing, is a ScriptError that names file and line.
"""
import dataclasses
import datetime
import os
import re

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
HERE = os.path.dirname(os.path.abspath(__file__))
REGIONS = os.path.join(ROOT, "ops", "regions")
ROLES = {"ACCESS", "PROVIDER", "COURT", "GI", "RVDK", "RET", "BOEG",
         "AUDITOR", "REGION"}
BSN_FIRST, BSN_LAST = 999900006, 999999990
NAME = re.compile(r"[a-z][a-z0-9_-]*\Z")
RULE = re.compile(r"R([1-9]|[1-7]\d|8[0-2])\Z")
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
MARK = re.compile(r"\{([^{}]*)\}")
DAY = re.compile(r"day \d{1,4}\Z")
HEX = "hex "    # before a person's name: the pseudonym without its version


class ScriptError(Exception):
    """A play that cannot be played: file:line: what, and what is right."""


class Table(dict):
    """A mapping that knows the line of each of its keys."""
    line = 0
    lines = {}


class _Loader(yaml.SafeLoader):
    """YAML 1.1 as PyYAML reads it, but a key twice is an error."""

    def construct_table(self, node):
        table, seen = Table(), set()
        yield table
        table.line, table.lines = node.start_mark.line + 1, {}
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key_node.value!r} stands here twice",
                    key_node.start_mark)
            seen.add(key_node.value)
        self.flatten_mapping(node)      # <<: what stands elsewhere too
        for key_node, value_node in node.value:
            key = self.construct_object(key_node)
            table[key] = self.construct_object(value_node, deep=True)
            table.lines[key] = key_node.start_mark.line + 1


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_table)
# `on` and `no` are words here, not truth.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms
            if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def load_yaml(path, text=None):
    if text is None:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    try:
        return yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ScriptError(
            f"{path}:{line}: {getattr(error, 'problem', error)}") from None


# ---- what a play is made of

@dataclasses.dataclass
class Participant:
    name: str           # in the play
    number: int
    role: str
    title: str          # in the directory
    code: str
    areas: list
    dossier: bool       # has it one of its own? None: as its role has


@dataclasses.dataclass
class Office:
    """The people of one participant; the first sits there at the start."""
    team: list
    coordinator: str    # who may give work of others to others; ""
    contact: str        # who answers for a crisis out of hours; ""
    hook: bool          # is a person told of work?


@dataclasses.dataclass
class Step:
    """day, at (minutes or None), kind of step, and its table as written."""
    line: int
    day: int
    at: int
    sort: str           # a key of SORTS
    table: Table

    def get(self, key, default=None):
        return self.table.get(key, default)


@dataclasses.dataclass
class Play:
    path: str
    name: str
    title: str
    region: str
    rules: list
    begins: datetime.date
    profile: dict       # the region's, as YAML
    participants: dict  # name -> Participant
    persons: dict       # name -> BSN, or None without a number
    steps: list
    cases: dict         # name -> state at the end
    figures: list       # Tables
    erased: int         # entries whose content is gone in the end
    people: dict        # name of a participant -> Office
    told: dict          # name -> what its hook is told, in order

    def at(self, line):
        return f"{os.path.relpath(self.path, ROOT)}:{line}"


TOP = {"title": str, "source": str, "region": str, "rules": list,
       "begins": datetime.date, "participants": dict, "persons": dict,
       "people": dict, "often": dict, "short": bool, "steps": list,
       "ends": dict}
COMMON = {"day": int, "at": str, "says": str}
# sort of step -> what marks it, keys it must have, keys that it may have
SORTS = {
    "SAYS": ("who", {"does", "says"}, {
        "does": str, "case": str, "options": dict, "texts": dict,
        "to": list, "answers": str,
        "date": (datetime.date, str), "as": str, "reaches": list,
        "state": str, "owner": str, "director": str, "refused": dict,
        "kept": dict, "next": str, "learns": dict, "person": str,
        "for": str, "calls": list}),
    "NOTICE": ("broker", {"reaches"}, {
        "of": str, "case": str, "reaches": list, "by": str, "state": str,
        "owner": str, "director": str, "learns": dict}),
    "EXTRACT": ("extract", {"who", "says"}, {
        "who": str, "case": str, "on-request": bool, "shows": list,
        "hides": list, "kept": dict}),
    "ASKS": ("asks", {"who", "says"}, {
        "who": str, "person": str, "finds": list, "why": dict,
        "drops": dict, "unmet": str, "refused": dict}),
    "WORKS": ("works", {"who", "says"}, {
        "who": str, "case": str, "person": str, "with": str, "note": str,
        "refuse": bool, "responsible": str, "kept": dict}),
    "LIST": ("list", {"who", "says"}, {
        "who": str, "person": str, "of": str, "contact": str}),
    "AWAY": ("away", {"who", "says", "substitute", "until"}, {
        "who": str, "substitute": str, "until": (datetime.date, str)}),
    "ERASES": ("erases", {"says", "ground"}, {
        "ground": str, "request": str, "refused": str, "gone": list,
        "keep": list}),
    "CLOSES": ("closes", {"says", "of"}, {"of": str}),
    "LEAVES": ("leaves", {"says"}, {}),
    "STOPS": ("stops", set(), {}),
    "STARTS": ("starts", set(), {}),
    "PROFILE": ("profile", set(), {}),
}
CASED = ("SAYS", "NOTICE", "EXTRACT", "WORKS")
MARKERS = {"who": str, "broker": str, "stops": list, "starts": list,
           "profile": (str, dict), "extract": int, "asks": dict,
           "works": str, "list": dict, "away": str, "erases": str,
           "closes": str, "leaves": str}
WORKS = ("assign", "hand-over", "take")
CASELESS = ("propose", "decide-offering", "capacity")   # about no case
REFUSED = {"code": str, "field": str, "advice": str, "use": str}
ENDS = {"cases": dict, "figures": list, "erased": int, "told": dict}
FIGURES = {"by": str, "period": str, "row": str, "counts": dict,
           "spreads": dict, "source": str}
OFFICE = {"team": list, "coordinator": str, "contact": str, "hook": bool}


class Reader:
    """One play file on its way to a Play."""

    def __init__(self, path):
        self.path = path
        self.shown = os.path.relpath(path, ROOT)
        self.names = {}     # every name of the play -> what it names

    def wrong(self, line, what):
        raise ScriptError(f"{self.shown}:{line}: {what}")

    def check(self, holds, line, what):
        if not holds:
            self.wrong(line, what)

    def table(self, value, line, what):
        self.check(isinstance(value, dict), line, f"{what}: want a mapping")
        return value

    def keys(self, table, known, must=(), what="play"):
        """Only known keys, of the right sort, and all of those that must."""
        for key, value in table.items():
            line = table.lines[key]
            self.check(key in known, line,
                       f"{what}: unknown key {key!r}; known are "
                       + ", ".join(sorted(known)))
            want = known[key]
            kinds = want if isinstance(want, tuple) else (want,)
            fits = isinstance(value, kinds) and not (
                isinstance(value, bool) and bool not in kinds)
            self.check(fits, line, f"{what}: {key}: want "
                       + " or ".join(kind.__name__ for kind in kinds)
                       + f", not {value!r}")
        for key in sorted(must):
            self.check(key in table, table.line,
                       f"{what}: {key} is missing")

    def name(self, name, line, what):
        """A name of its own in this play."""
        self.check(isinstance(name, str) and NAME.match(name) is not None,
                   line, f"{name!r}: want a name of small letters")
        self.check(name not in self.names, line,
                   f"{name} is the name of a {self.names.get(name)} already")
        self.names[name] = what

    def known(self, name, line, what):
        self.check(self.names.get(name) == what, line,
                   f"{name!r}: no {what} of this play")
        return name

    # -- the parts

    def play(self):
        top = self.table(load_yaml(self.path), 1, "play")
        self.keys(top, TOP, set(TOP) - {
            "persons", "people", "often", "short"})
        lines = top.lines
        for rule in top["rules"]:
            self.check(isinstance(rule, str) and RULE.match(rule),
                       lines["rules"], f"rules: {rule!r}: want R1 to R82")
        path = os.path.join(REGIONS, top["region"] + ".yaml")
        self.check(os.path.exists(path), lines["region"],
                   f"region: no profile {top['region']} in ops/regions")
        profile = load_yaml(path)
        play = Play(self.path, os.path.basename(self.path)[:-len(".yaml")],
                    top["title"], top["region"], top["rules"], top["begins"],
                    profile, {}, {}, [], {}, [],
                    top["ends"].get("erased", 0)
                    if isinstance(top["ends"], dict) else 0, {}, {})
        for name, table in top["participants"].items():
            line = top["participants"].lines[name]
            self.name(name, line, "participant")
            play.participants[name] = self.participant(
                name, self.table(table, line, name), profile,
                10 * (len(play.participants) + 1))
        for name, number in (top.get("persons") or Table()).items():
            line = top["persons"].lines[name]
            self.name(name, line, "person")
            play.persons[name] = self.person(number, line)
        for name, table in (top.get("people") or Table()).items():
            line = top["people"].lines[name]
            self.known(name, line, "participant")
            play.people[name] = self.office(self.table(table, line, name))
        self.offices = play.people
        self.steps(play, top["steps"], lines["steps"])
        self.ends(play, top["ends"])
        return play

    def participant(self, name, table, profile, number):
        self.keys(table, {"access": list, "court": str, "provider": str,
                          "role": str, "name": str, "code": str,
                          "dossier": bool}, (), name)
        made = self.enrolled(name, table, profile, number)
        return Participant(*made, table.get("dossier"))

    def enrolled(self, name, table, profile, number):
        """name, number, role, title, code, areas"""
        words = {row["role"]: row["name"] for row in profile.get("roles", [])}
        line = table.line
        if "access" in table:
            towns = {t["code"]: t["name"] for t in profile["municipalities"]}
            for code in table["access"]:
                self.check(code in towns, line, f"{name}: no municipality "
                           f"{code!r} in the profile")
            title = table.get("name") or words.get(
                "ACCESS", "lokale toegang") + " " + " en ".join(
                towns[code] for code in table["access"])
            return (name, number, "ACCESS", first_up(title),
                    table["access"][0], table["access"])
        for role, key, rows, code in (
                ("COURT", "court", "courts", "corv_id"),
                ("PROVIDER", "provider", "providers", "agb")):
            if key not in table:
                continue
            row = next((r for r in profile.get(rows, [])
                        if r[code] == table[key]), None)
            self.check(row is not None, line,
                       f"{name}: no {key} {table[key]!r} in the profile")
            return (name, number, role, row["name"],
                    row["oin" if role == "COURT" else code], [])
        role = table.get("role")
        self.check(role in ROLES, line, f"{name}: want access, court, "
                   "provider, or role: one of " + ", ".join(sorted(ROLES)))
        title = table.get("name") or words.get(role)
        self.check(title, line, f"{name}: name is missing, and the profile "
                   f"has none for {role}")
        # an OIN of nobody: 99 is no issuer
        return (name, number, role, first_up(title), table.get(
            "code", f"99{number:018}"), [])

    def person(self, number, line):
        if number in (None, "none"):
            return None
        digits = str(number)
        self.check(digits.isdigit() and len(digits) == 9 and
                   BSN_FIRST <= int(digits) <= BSN_LAST and
                   passes_elfproef(digits), line,
                   f"{number}: want a test BSN, {BSN_FIRST} to {BSN_LAST}, "
                   "that passes the 11-check, or none")
        return digits

    def office(self, table):
        self.keys(table, OFFICE, {"team"}, "people")
        office = Office(table["team"], table.get("coordinator", ""),
                        table.get("contact", ""), table.get("hook", False))
        self.check(office.team and all(
            isinstance(name, str) and NAME.match(name)
            for name in office.team), table.line, "team: want names")
        for key in ("coordinator", "contact"):
            self.check(table.get(key, office.team[0]) in office.team,
                       table.line, f"{key}: nobody of the team")
        return office

    def steps(self, play, steps, line):
        last, before, cases = (0, 0), {}, set()
        for raw in steps:
            table = self.table(raw, line, "step")
            line = table.line
            for key in ("day", "case"):
                if key not in table and key in before:
                    table[key], table.lines[key] = before[key], line
            step = self.step(play, table, cases)
            before = {"day": step.day, "case": step.get("case") or
                      before.get("case")}
            now = (step.day, -1 if step.at is None else step.at)
            self.check(step.day > last[0] or step.day == last[0] and (
                step.at is None or step.at >= last[1]), line,
                "a step before the one above it")
            last = (now[0], max(now[1], last[1] if now[0] == last[0] else -1))
            play.steps.append(step)
        self.check(play.steps, line, "steps: want at least one")

    def step(self, play, table, cases):
        marks = [sort for sort, row in SORTS.items() if row[0] in table]
        if len(marks) > 1 and marks[0] == "SAYS":
            marks = marks[1:]   # `who` stands beside what marks the others
        self.check(len(marks) == 1, table.line, "step: want one of "
                   + ", ".join(row[0] for row in SORTS.values()))
        marker, must, may = SORTS[marks[0]]
        if marks[0] not in CASED or table.get("does") in CASELESS:
            table.pop("case", None)
        self.keys(table, {**COMMON, marker: MARKERS[marker], **may},
                  {"day", *must}, "step")
        at = None
        if "at" in table:
            found = CLOCK.match(table["at"])
            self.check(found, table.lines["at"], "at: want 00:00 to 23:59")
            at = int(found[1]) * 60 + int(found[2])
        self.check(table["day"] >= 0, table.line, "day: from 0")
        step = Step(table.line, table["day"], at, marks[0], table)
        for key in ("who", "by", "owner", "director", "next"):
            if key in table:
                self.known(table[key], table.lines[key], "participant")
        for key in ("reaches", "to", "stops", "starts", "learns", "gone",
                    "keep", "calls"):
            for name in table.get(key, ()):
                self.known(name, table.lines[key], "participant")
        self.people(table, marks[0])
        if step.sort == "SAYS":
            self.says(table, cases)
        elif "case" in table:
            self.check(table["case"] in cases, table.lines["case"],
                       f"no case {table['case']} yet")
        for word in marks_of(table):
            self.check(word.removeprefix(HEX) in self.names or
                       DAY.match(word), table.line,
                       f"{{{word}}}: nothing of that name in this play yet")
        if "as" in table:
            self.name(table["as"], table.lines["as"], "message")
        return step

    def people(self, table, sort):
        """Who is named at a participant is of its team."""
        for key in ("person", "for", "with", "substitute", "responsible",
                    "contact", *(("away",) if sort == "AWAY" else ())):
            if key in table:
                office = self.offices.get(table["who"])
                self.check(office and table[key] in office.team,
                           table.lines[key], f"{key}: {table[key]!r} is "
                           f"nobody of the people of {table['who']}")
        for key, what in (("erases", "case"), ("request", "message"),
                          ("leaves", "participant")):
            if key in table:
                self.known(table[key], table.lines[key], what)
        if sort == "LIST":
            for name in table["list"]:
                self.known(name, table.lines["list"], "case")
        if sort == "WORKS":
            self.check(table["works"] in WORKS, table.lines["works"],
                       "works: want one of " + ", ".join(WORKS))

    def says(self, table, cases):
        line = table.line
        outcomes = [key for key in ("reaches", "refused", "kept")
                    if key in table]
        self.check(len(outcomes) == 1, line, "step: want what comes of it: "
                   "reaches (may be []), refused, or kept")
        for key in ("refused", "kept"):
            if key in table:
                self.keys(table[key], REFUSED, {"code", "field", "advice"},
                          key)
                if "use" in table[key]:
                    self.known(table[key]["use"], table[key].lines["use"],
                               "participant")
        if "answers" in table:
            self.known(table["answers"], table.lines["answers"], "message")
        if table["does"] in CASELESS:
            return
        self.check("case" in table, line, "step: case is missing")
        if table["case"] not in cases:
            self.name(table["case"], table.lines["case"], "case")
            cases.add(table["case"])

    def ends(self, play, ends):
        self.keys(ends, ENDS, {"cases"}, "ends")
        cases = {name for name, what in self.names.items() if what == "case"}
        for name, state in ends["cases"].items():
            self.known(name, ends["cases"].lines[name], "case")
            play.cases[name] = state
        opened = {step.get("case") for step in play.steps
                  if step.sort == "SAYS" and "reaches" in step.table}
        for name in sorted(cases & opened - set(play.cases)):
            self.wrong(ends.lines["cases"], f"ends: cases: {name} is missing")
        for table in ends.get("figures", []):
            self.keys(table, FIGURES, {"by", "period"}, "figures")
            play.figures.append(table)
        for name, rows in ends.get("told", {}).items():
            self.known(name, ends["told"].lines[name], "participant")
            play.told[name] = rows


def marks_of(value):
    """The words between braces anywhere in a value."""
    if isinstance(value, str):
        yield from MARK.findall(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in ("says", "texts"):
                yield from marks_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from marks_of(item)


def passes_elfproef(digits):
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(int(digit) * weight
               for digit, weight in zip(digits, weights)) % 11 == 0


def first_up(text):
    return text[:1].upper() + text[1:]


def read_play(path):
    return Reader(os.path.abspath(path)).play()


def find_plays():
    return sorted(os.path.join(HERE, name) for name in os.listdir(HERE)
                  if name.endswith(".yaml"))
