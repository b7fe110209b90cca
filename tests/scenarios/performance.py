"""Plays a play on real daemons and checks what comes of every step: who gets
it, what the broker refuses and advises, which terms fire when and to whom, and
in the end what an auditor finds in the journal.

What a step does not say must not happen: a delivery or a notice that stands
nowhere in the play is a fault as one that fails to come is.
"""
import collections
import datetime
import io
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "ops", "demo"))

from stage import Stage, StageError, end_in_order, write_yaml  # noqa: E402

import script  # noqa: E402
from office import Office  # noqa: E402
from operations import Operations  # noqa: E402

OFFICE_OPENS = 9 * 60   # when a step says no time
DAY_MINUTES = 24 * 60
# A delivery that is not fetched for five days goes back to its sender: between
# two looks at the boxes fewer pass.
JUMP_MINUTES = 3 * DAY_MINUTES
# What an agent confirms by itself when it comes in.
CONFIRMED = ("COURT_ORDER", "ACCESS_REQUEST", "SIGNAL", "REQUEST_ASSIGNMENT",
             "REFERRAL", "HEARING_REPORT_REQUEST", "INVOLVEMENT_NOTICE")
BREACH = {"DEADLINE_WARNING": False, "DEADLINE_BREACH": True}
BY_THEMSELVES = ("RECEIPT_OF", "OPENED")
SCREEN = re.compile(r"^  .* / (\w+): (.*)$", re.M)
MANDATORY = re.compile(r"section (\w+) .*verplicht")
WEEKDAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")


class NotHeld(Exception):
    """A step came out otherwise: what follows it means nothing."""


# ---- civil time of Amsterdam, without tzdata

def last_sunday(year, month):
    last = datetime.date(year, month, 31)
    return last - datetime.timedelta(days=(last.weekday() + 1) % 7)


def summer_time(utc):
    """EU directive 2000/84: from 01:00 UTC on the last Sunday of March to
    that of October."""
    begin, end = (datetime.datetime.combine(
        last_sunday(utc.year, month), datetime.time(1)) for month in (3, 10))
    return begin <= utc < end


def to_utc(local):
    utc = local - datetime.timedelta(hours=1)
    earlier = utc - datetime.timedelta(hours=1)
    return earlier if summer_time(earlier) else utc


def to_local(utc):
    return utc + datetime.timedelta(hours=2 if summer_time(utc) else 1)


def read_instant(text):
    return datetime.datetime.fromisoformat(
        text.replace("Z", "").split(".")[0])


# ---- the play

Spoken = collections.namedtuple("Spoken", "step case position refused")
Notice = collections.namedtuple("Notice", "day kind deadline case to by")


class Performance(Office, Operations):
    """One play on one stage. `faults` is empty when everything held."""

    def __init__(self, play, out=None, build=None):
        self.play, self.out = play, out or io.StringIO()
        self.build = build
        self.faults, self.checks, self.steps = [], 0, 0
        self.minutes = OFFICE_OPENS
        self.agents = {}        # name -> agent
        self.seen = {}          # name -> positions in its box
        self.bag = []           # notices that no step has named yet
        self.waiting = {}       # agent that is down -> [(ref, texts)]
        # agent that is down -> notices that wait for it
        self.unread = collections.defaultdict(list)
        # case -> newcomer -> messages that a team handed on by itself
        self.handed = collections.defaultdict(collections.Counter)
        self.pseudonyms, self.refs, self.cases = {}, {}, {}
        self.case_refs = {}
        self.spoken, self.noticed = [], []
        self.confirmed = collections.Counter()  # case -> receipts by agents
        self.opened = collections.Counter()     # case -> openings by people
        self.extracts = collections.Counter()   # case -> made for a parent
        self.resealed = collections.Counter()   # case -> to newcomers
        self.assigned = collections.defaultdict(list)   # case -> by whom
        self.notified = collections.Counter()   # case -> calls of a hook
        self.held = collections.defaultdict(list)   # case, name -> messages
        self.positions = {}     # message -> where it stands in the journal
        self.erased_cases = {}  # case -> how many had a copy
        self.line = 0

    def fault(self, line, what):
        self.faults.append(f"{self.play.at(line)}: {what}")
        self.tell("FOUT / WRONG: " + self.faults[-1])

    def check(self, holds, line, what):
        self.checks += 1
        if not holds:
            self.fault(line, what)

    def equal(self, got, want, line, what):
        self.check(got == want, line, f"{what}: {got}, was to be {want}")

    def tell(self, text):
        print(text, file=self.out, flush=True)

    # -- the whole

    def run(self):
        try:
            start = self.instant(OFFICE_OPENS)
            with Stage(build=self.build, name=self.play.name,
                       start=start) as stage:
                self.stage = stage
                self.prepare()
                for step in self.play.steps:
                    self.line = step.line
                    self.steps += 1
                    self.go_to(step)
                    getattr(self, "step_" + step.sort.lower())(step)
                    if self.faults:
                        raise NotHeld
                self.nothing_more(self.line)
                self.audit()
        except NotHeld:
            pass
        except StageError as error:
            self.fault(self.line, str(error))
        return not self.faults

    def prepare(self):
        stage, play = self.stage, self.play
        self.tell(f"\n{play.title}\n({play.name}, regio {play.region})")
        stage.start_broker()
        stage.policy(os.path.join(script.REGIONS, play.region + ".yaml"))
        for name, who in play.participants.items():
            self.agents[name] = stage.add_agent(
                who.number, who.role, who.title, who.code, who.areas,
                since="2010-01-01")
            self.seen[name] = set()
            if who.dossier is not None:
                self.agents[name].write_config(own_dossier=who.dossier)
        self.open_offices()
        stage.start_agents()
        maker = next(agent for name, agent in self.agents.items()
                     if agent.role in ("ACCESS", "COURT"))
        for name, number in play.persons.items():
            self.pseudonyms[name] = maker.pseudonym(number)

    # -- time

    def date(self, minutes):
        return self.play.begins + datetime.timedelta(
            days=minutes // DAY_MINUTES)

    def instant(self, minutes):
        local = datetime.datetime.combine(
            self.play.begins, datetime.time()) + datetime.timedelta(
            minutes=minutes)
        return to_utc(local).isoformat() + "Z"

    def day_of(self, instant):
        return (to_local(read_instant(instant)).date() -
                self.play.begins).days

    def go_to(self, step):
        """Let time pass up to a step; what the broker says meanwhile goes
        into the bag."""
        at = OFFICE_OPENS if step.at is None else step.at
        target = max(step.day * DAY_MINUTES + at, self.minutes)
        if target == self.minutes:
            return
        while self.minutes < target:
            self.minutes = min(target, self.minutes + JUMP_MINUTES)
            self.stage.step(self.instant(self.minutes))
            self.stage.settle()
            for name, row in self.look():       # handed on by another team
                self.check(row["kind"] == "RESEAL", step.line,
                           "a message came that nobody sent")
                self.handed[self.case_name(row["case"])][name] += 1
        now = self.instant(self.minutes)
        self.stage.each(lambda agent: agent.wait(now_at_least=now),
                        self.running())

    def running(self):
        return [agent for agent in self.agents.values()
                if agent.is_running()]

    # -- boxes

    def look(self):
        """What came in since the last look: [(name, row)] without the
        broker's notices, which go into the bag."""
        fresh = []
        for name, agent in self.agents.items():
            if not agent.is_running():
                continue
            for row in agent.inbox():
                if row["position"] in self.seen[name]:
                    continue
                self.seen[name].add(row["position"])
                self.check("trouble" not in row, self.line,
                           f"{name} cannot verify {row}")
                if row["kind"] == "NOTICE":
                    self.put_in_bag(name, row)
                else:
                    fresh.append((name, row))
        return fresh

    def put_in_bag(self, name, row):
        notice = row["notice"]
        self.bag.append(Notice(
            self.day_of(row["instant"]), notice["kind"],
            notice.get("deadline"), self.case_name(row.get("case")), name,
            self.who(notice["participant"])))

    def case_name(self, number):
        return next((name for name, known in self.cases.items()
                     if known == number), number)

    def who(self, number):
        return next((name for name, agent in self.agents.items()
                     if agent.participant == number), number or None)

    def nothing_more(self, line):
        for notice in self.bag:
            self.fault(line, f"a notice that the play does not have: {notice}")
        self.check(not self.handed, line, "sealed anew, and the play does not "
                   f"have it: {dict(self.handed)}")
        self.bag = []

    # -- a participant says something

    def step_says(self, step):
        self.nothing_more(step.line)
        self.at_the_keyboard(step)
        agent = self.agents[step.get("who")]
        answer = answer_of(agent.run(*self.words(step), "--json"))
        self.stage.settle()
        if "as" in step.table and "ref" in answer:
            self.refs[step.get("as")] = answer["ref"]
        if "kept" in step.table:
            self.kept(step, answer)
        elif "refused" in step.table:
            self.refused(step, answer)
        else:
            self.accepted(step, answer)

    def words(self, step):
        """The command line, names of the play replaced by numbers."""
        words = [step.get("does")]
        if step.get("case") in self.cases:
            words += ["--case", self.cases[step.get("case")]]
        for name, value in step.get("options", {}).items():
            for item in value if isinstance(value, list) else [value]:
                words.append("--" + name)
                if item is not True:
                    words.append(self.filled(item))
        for name in step.get("to", ()):
            words += ["--to", self.agents[name].participant]
        for section, text in self.texts(step).items():
            words += ["--section", f"{section}={text}"]
        if "answers" in step.table:
            words += ["--reply-to", self.refs[step.get("answers")]]
        if "date" in step.table:
            words += ["--date", self.filled(step.get("date"))]
        return words

    def texts(self, step):
        """As the step has them; a section that such a message must have
        repeats what the step says."""
        texts = {section.upper(): long_text(text) for section, text
                 in step.get("texts", {}).items()}
        must = MANDATORY.findall(self.stage.call(
            "schakel", step.get("does"), "--help"))
        return {**dict.fromkeys(must, step.get("says")), **texts}

    def filled(self, value):
        """Names in braces and dates as `schakel` wants them."""
        return script.MARK.sub(lambda found: self.named(found[1]),
                               str(value))

    def named(self, name):
        """A participant is a number, a case or a message a reference, a
        person a pseudonym, `day N` a date."""
        if name.startswith("day "):
            return self.date(int(name[4:]) * DAY_MINUTES).isoformat()
        if name.startswith(script.HEX):
            return self.pseudonyms[name[len(script.HEX):]].split(":")[1]
        if name in self.agents:
            return str(self.agents[name].participant)
        return {**self.pseudonyms, **self.case_refs, **self.refs}[name]

    # -- a parent reads

    def step_extract(self, step):
        """What one parent may read of the case, and not a word of what is
        the other household's."""
        self.nothing_more(step.line)
        words = ["extract", "--case", self.cases[step.get("case")],
                 "--parent", step.get("extract")]
        if step.get("on-request"):
            words.append("--on-request")
        done = self.agents[step.get("who")].run(*words, "--json")
        self.stage.settle()
        if "kept" in step.table:
            self.refusal(step, step.get("kept"),
                         self.outcome(answer_of(done)), "agent")
            return
        self.check(done.returncode == 0, step.line, done.stdout + done.stderr)
        self.equal(self.look(), [], step.line, "who has the extract")
        self.extracts[step.get("case")] += 1
        text = json.dumps(answer_of(done), ensure_ascii=False)
        for word in map(self.filled, step.get("shows", ())):
            self.check(word in text, step.line, f"{word!r} is not shown")
        for word in map(self.filled, step.get("hides", ())):
            self.check(word not in text, step.line, f"{word!r} is shown")
        self.story(step, "")

    # -- what came of it

    def accepted(self, step, answer):
        line, outcome = step.line, self.outcome(answer)
        self.check(outcome == {}, line, f"refused: {outcome}")
        if outcome:
            return
        receipt = answer["receipt"]
        case = step.get("case")
        if case is not None and case not in self.cases:
            self.cases[case] = receipt["case"]
            self.case_refs[case] = answer["case_ref"]
        self.equal(receipt.get("case"), self.cases.get(case), line,
                   "the case")
        self.spoken.append(Spoken(step, case, receipt["position"], None))
        self.positions[step.get("as")] = receipt["position"]
        for name in step.get("calls", ()):      # the agent itself, by night
            self.assigned[case].append((name, 0))
        self.story(step, self.titles(step.get("reaches")))
        self.delivered(step, answer["ref"])

    def delivered(self, step, ref):
        """Exactly those whom the step names have it, and an agent confirms
        by itself what such a message asks for."""
        reaches = set(step.get("reaches"))
        up = {name for name in reaches if self.agents[name].is_running()}
        for name in reaches - up:
            self.waiting[name].append((step, ref))
        got, kinds = set(), set()
        receipts, learned = collections.Counter(), collections.Counter()
        for name, row in self.look():
            if row["ref"] == ref:
                got.add(name)
                kinds.add(row["kind"])
            elif row["kind"] == "RECEIPT_OF" and row["reply_to"] == ref:
                receipts[self.who(row["from"]), name] += 1
            else:
                self.learn(step, name, row, learned)
        self.equal(sorted(got), sorted(up), step.line, "who has it")
        self.receipts(step, got if kinds & set(CONFIRMED) else (), receipts)
        for name in sorted(got):
            self.read(step, name, ref)
        self.stage.settle()
        for name, row in self.look():
            self.learn(step, name, row, learned)
        self.equal(dict(learned), dict(step.get("learns", {})), step.line,
                   "what newcomers learn")
        self.resealed[step.get("case")] += sum(learned.values())

    def learn(self, step, name, row, learned):
        """What came before, sealed anew for who comes in."""
        self.check(row["kind"] == "RESEAL", step.line, f"{name} has an "
                   f"unexpected {row['kind']} of {row['from_name']}")
        learned[name] += 1

    def beside(self, step, notice):
        """What the broker adds to a message: whom of the partners to ask
        next, after one declined."""
        told = None if notice is None else (notice["kind"], self.who(
            notice["participant"]))
        want = ("NEXT_PARTNER", step.get("next")) if "next" in step.table \
            else None
        self.equal(told, want, step.line, "what the broker adds")

    def receipts(self, step, by, receipts):
        want = collections.Counter((name, step.get("who")) for name in by)
        self.equal(receipts, want, step.line, "receipts by the agents")
        self.confirmed[step.get("case")] += sum(receipts.values())

    def read(self, step, name, ref):
        """A person there opens it and reads what was written."""
        done = self.agents[name].run("show", ref, "--json")
        shown = json.loads(done.stdout)
        self.check(shown.get("ok"), step.line, f"{name} cannot open it: "
                   f"{shown.get('error')}")
        if not shown.get("ok"):
            return
        message = shown["message"]
        self.held[step.get("case"), name].append(ref)
        self.opened[step.get("case")] += message["kind"] not in BY_THEMSELVES
        self.equal(message["sections"], self.texts(step), step.line,
                   f"what {name} reads")
        self.beside(step, message.get("notice"))

    @staticmethod
    def outcome(answer):
        """What was wrong with it, by the agent or by the broker; {} when it
        was taken."""
        if not answer.get("ok"):
            return dict(answer["error"], by="agent")
        if answer["state"] == "REFUSED":
            return dict(answer["receipt"]["outcome"], by="broker")
        if answer["state"] != "RECEIPTED":
            return {"code": answer["state"], "field": "", "hint": "",
                    "by": "nobody"}
        return {}

    def refused(self, step, answer):
        """By the broker: it stands in the journal, and nobody gets it."""
        outcome = self.outcome(answer)
        self.refusal(step, step.get("refused"), outcome, "broker")
        if outcome.get("by") == "broker" and step.get("case") in self.cases:
            self.spoken.append(Spoken(
                step, step.get("case"), answer["receipt"]["position"],
                outcome["code"]))

    def kept(self, step, answer):
        """By the agent, before anything was sent."""
        self.refusal(step, step.get("kept"), self.outcome(answer), "agent")

    def refusal(self, step, want, outcome, by):
        got = {"by": outcome.get("by"), "code": outcome.get("code"),
               "field": outcome.get("field"), "advice": outcome.get("hint"),
               "use": self.who(outcome.get("use_participant", 0))}
        wanted = {"by": by, "use": None, **want}
        self.equal(got, wanted, step.line, "the refusal")
        self.equal(self.look(), [], step.line, "who has what was refused")
        self.story(step, "")
        self.tell(f"{'':24}geweigerd / refused: {got['code']} "
                  f"{got['field']}: {got['advice']}")

    # -- the broker says something

    def step_notice(self, step):
        """Exactly these get this notice, on this day."""
        want = collections.Counter()
        for name in step.get("reaches"):
            notice = Notice(step.day, step.get("broker"), step.get("of"),
                            step.get("case"), name, step.get("by"))
            if self.agents[name].is_running():
                want[notice] += 1
            else:
                self.unread[name].append(notice)
        same, rest = collections.Counter(), []
        for notice in self.bag:
            if notice[:4] == (step.day, step.get("broker"), step.get("of"),
                              step.get("case")) and \
                    notice.to in step.get("reaches"):
                if "by" not in step.table:
                    notice = notice._replace(by=None)
                same[notice] += 1
            else:
                rest.append(notice)
        self.check(same == want, step.line, "the notice: "
                   f"{list(same.elements())}, was to be "
                   f"{list(want.elements())}; others: {rest}")
        self.bag = rest
        learned = self.handed.pop(step.get("case"), collections.Counter())
        self.equal(dict(learned), dict(step.get("learns", {})), step.line,
                   "what newcomers learn")
        self.resealed[step.get("case")] += sum(learned.values())
        self.noticed.append(step)
        self.story(step, self.titles(step.get("reaches")))

    # -- what happens to daemons and profile

    def step_stops(self, step):
        self.nothing_more(step.line)
        for name in step.get("stops"):
            self.agents[name].stop()
            self.waiting[name] = []
        self.story(step, "")

    def step_starts(self, step):
        """What waited for them is all there, once and in order."""
        for name in step.get("starts"):
            self.agents[name].start()
            self.agents[name].wait(connected=True)
        self.stage.settle()
        rows = [(name, row) for name, row in self.look()]
        for name in step.get("starts"):
            waited = self.waiting.pop(name)
            got = [row["ref"] for who, row in rows if who == name]
            self.equal(got, [ref for _, ref in waited], step.line,
                       f"what {name} gets")
            for said, ref in waited:
                self.late(said, name, ref, rows)
            for notice in self.unread.pop(name, []):
                self.check(notice in self.bag, step.line,
                           f"{name} never got {notice}")
                self.bag.remove(notice)
        self.stage.settle()
        self.story(step, "")

    def late(self, said, name, ref, rows):
        kind = next((row["kind"] for who, row in rows
                     if who == name and row["ref"] == ref), None)
        receipts = collections.Counter(
            (self.who(row["from"]), who) for who, row in rows
            if row.get("reply_to") == ref and row["kind"] == "RECEIPT_OF")
        self.receipts(said, [name] if kind in CONFIRMED else (), receipts)
        self.read(said, name, ref)

    def step_profile(self, step):
        """The region changes its profile: a file beside the plays, or what
        is to be otherwise in the one that holds."""
        self.nothing_more(step.line)
        change = step.get("profile")
        if isinstance(change, str):
            path = os.path.join(script.HERE, change)
        else:
            merge(self.play.profile, change)
            path = os.path.join(self.stage.dir, "profile.yaml")
            write_yaml(path, json.loads(json.dumps(
                self.play.profile, default=str)))
        self.stage.policy(path)
        self.stage.settle()
        self.check(self.look() == [], step.line,
                   "a message came that nobody sent")
        self.story(step, "")

    # -- telling

    def titles(self, names):
        """ -> one, another; nothing for what stays at home."""
        return " -> " + ", ".join(self.agents[name].name for name in names) \
            if names else ""

    def story(self, step, to):
        who = self.agents[step.get("who")].name if "who" in step.table \
            else {"NOTICE": "broker"}.get(step.sort, "regio")
        says = step.get("says") or " ".join(filter(None, (
            step.get("broker"), step.get("of"), step.get("case"))))
        date = self.date(self.minutes)
        self.tell(f"dag {step.day:3}  {WEEKDAYS[date.weekday()]} "
                  f"{date:%d-%m-%Y}  {who}{to}: {says}")

    # -- what an auditor finds

    def audit(self):
        line = self.play.steps[-1].line
        self.stage.settle()
        self.wait_told()
        self.equal(self.stage.stop(), 0, line, "the end of the broker")
        self.check_told()
        for verb in ("verify", "replay"):
            done = self.stage.audit(verb, "--json")
            self.check(done.returncode == 0, line, f"{verb}: {done.stdout}"
                       f"{done.stderr}")
            if verb == "verify" or done.returncode != 0:
                continue
            replayed = json.loads(done.stdout)
            self.equal({key: replayed[key] for key in
                        ("cases", "differences", "carried", "erased")},
                       {"cases": len(self.cases), "differences": 0,
                        "carried": 0, "erased": self.play.erased}, line,
                       "replay")
        for case in self.cases:
            self.timeline(case)
        for table in self.play.figures:
            self.figures(table)

    def timeline(self, case):
        """The journal tells of a case what the play did, and no more."""
        line = self.play.steps[-1].line
        done = self.stage.audit("timeline", "--case", self.cases[case],
                                "--json")
        self.check(done.returncode == 0, line, done.stderr)
        entries = [entry for entry in json.loads(done.stdout)
                   if entry["kind"] != "MAILBOX"]
        spoken = {said.position: said for said in self.spoken
                  if said.case == case}
        notices = [step for step in self.noticed if step.get("case") == case]
        now, alone, assigned = Becoming(), collections.Counter(), []
        for entry in entries:
            said = spoken.pop(entry["position"], None)
            if said is not None:
                self.equal((entry["refused"] or {}).get("code"),
                           said.refused, said.step.line, "in the journal")
                self.by_whom(said.step, entry)
                self.becomes(said.step, entry, now)
            elif entry["deadline"] is not None or entry["kind"] == "MERGER":
                self.fired(entry, notices, now, line)
            else:
                alone[entry["kind"]] += 1
                if entry["kind"] == "ASSIGNED":
                    assigned.append((self.who(entry["from"]["participant"]),
                                     person_of(entry, "persoon")))
        self.check(not any(said.refused is None for said in spoken.values()),
                   line, f"not in the journal of {case}: {spoken}")
        self.equal(notices, [], line, "notices without an end of a term")
        self.equal(+alone, +collections.Counter(
            RECEIPT_OF=self.confirmed[case], OPENED=self.opened[case],
            EXTRACT_MADE=self.extracts[case],
            RESEAL=self.resealed[case], NOTIFIED=self.notified[case],
            ASSIGNED=len(self.assigned[case]),
            ERASE=case in self.erased_cases,
            ERASURE_DONE=self.erased_cases.get(case, 0)), line,
            f"what agents and people added to {case}")
        self.equal(assigned, self.assigned[case], line,
                   f"who answered for {case}")
        self.equal(now.state, self.play.cases.get(case), line,
                   f"the end of {case}")

    def by_whom(self, step, entry):
        """The person who sat there, and for whom that was."""
        name = step.get("who")
        for key, word in (("person", "persoon"), ("for", "namens persoon")):
            if key in step.table:
                self.equal(person_of(entry, word), self.person_number(
                    name, step.get(key)), step.line, word)
        if "person" in step.table and "for" not in step.table:
            self.equal(person_of(entry, "namens persoon"), 0, step.line,
                       "on behalf of")

    def fired(self, entry, notices, now, line):
        """The end of a term is in the journal once, as its notice said."""
        term = entry["deadline"] or {"kind": None, "breach": True}
        for step in notices:
            fits = BREACH.get(step.get("broker"), term["breach"])
            if step.day == self.day_of(entry["at"]) and fits == \
                    term["breach"] and step.get("of") == term["kind"]:
                notices.remove(step)
                self.becomes(step, entry, now)
                return
        self.fault(line, f"a term that the play does not have: {term} on "
                   f"{entry['local']}")

    def becomes(self, step, entry, now):
        """State, owner and director: as the step says, else unchanged."""
        for what in ("state", "owner", "director"):
            before = after = getattr(now, what)
            if entry[what] is not None:
                after = entry[what] if what == "state" else \
                    self.who(entry[what])
            # an opening need not say whose the case is: who gets it
            if before is None and what != "state":
                before = step.get("reaches")[0] if step.get("reaches") else \
                    step.get("who")
            self.equal(after, step.get(what, before), step.line, what)
            setattr(now, what, after)

    def figures(self, table):
        done = self.stage.audit("figures", "--by", table["by"], "--period",
                                table["period"], "--json")
        self.check(done.returncode == 0, table.line, done.stderr)
        if done.returncode != 0:
            return
        row, rows = table.get("row"), set()
        told, found = json.loads(done.stdout), {"counts": {}, "spreads": {}}
        self.equal(told["source"], table.get("source", "counted"),
                   table.line, "where the figures are from")
        for group in told["groups"]:
            for sort, values in found.items():
                for figure in group[sort]:
                    rows.update(figure.get("rows", ()))
                    values[figure["id"]] = figure["all"] if row is None \
                        else figure.get("rows", {}).get(row)
        self.check(row is None or row in rows, table.line,
                   f"no row {row!r}, only {sorted(rows)}")
        for sort, values in found.items():
            for name, want in table.get(sort, {}).items():
                self.equal(values.get(name), want, table[sort].lines[name],
                           f"figure {name}")


def answer_of(done):
    """What `schakel --json` says; what it does not even ask the agent for
    stands on its screen."""
    try:
        return json.loads(done.stdout)
    except ValueError:
        told = dict(SCREEN.findall(done.stderr))
        code = re.search(r"\((\w+)\)$", done.stderr, re.M)
        if code is None:
            raise StageError(done.stderr) from None
        return {"ok": False, "error": {
            "code": code[1], "field": told.get("field", ""),
            "hint": told.get("wanted", "")}}


def person_of(entry, word):
    """The number behind `persoon` or `namens persoon`; 0 for none."""
    return next((int(found[1]) for found in (
        re.match(word + r" (\d+) /", text) for text in entry["happened"])
        if found), 0)


def long_text(text):
    """As written; a number is a text of so many characters."""
    if isinstance(text, int):
        return ("Het gaat steeds iets beter, met vallen en opstaan, "
                * (text // 40 + 1))[:text - 1] + "."
    return text.strip()


class Becoming:
    state = owner = director = None


def merge(profile, change):
    """Rows of a list are known by their first key: code, AGB, CORV id."""
    for key, value in change.items():
        if isinstance(value, dict):
            merge(profile.setdefault(key, {}), value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            rows = profile.setdefault(key, [])
            for row in value:
                mark = next(iter(row))
                known = next((r for r in rows if r.get(mark) == row[mark]),
                             None)
                if known is None:
                    rows.append(row)
                else:
                    merge(known, row)
        else:
            profile[key] = value


