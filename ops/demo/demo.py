#!/usr/bin/python3
"""One separation case from court order to court report, on this machine.

A broker and real agents of the court, three access teams and four providers
of youth region IJsselland; a second case that passes its 28 days; simulated
days. Every message goes in by `schakel` and is opened by `schakel show`.
Persons are invented. KEEP=1 leaves everything running.

Exit 0 only when every handoff arrived, the breach was reported, the journal
verifies and replay decides everything the same. The last line says the
figures.
"""
import datetime
import json
import os
import sys

from stage import IJSSELLAND, Stage, StageError, bsn, end_in_order

import yaml

DAY_0 = datetime.date(2026, 3, 2)
WEEKDAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
COURT, ZWOLLE, DEVENTER, KAMPEN = 1, 2, 3, 4
FIRST_PROVIDER = 11
# Who has which offering, see ops/regions/ijsselland.yaml.
VEERSTOEP, KOMPAS, VECHTDAL, BRUG = range(11, 15)

NOTICE_WORDS = {
    "DEADLINE_WARNING": ("termijn nadert", "a term draws near"),
    "DEADLINE_BREACH": ("termijn verstreken", "a term has passed"),
    "OFFER_EXPIRED": ("aanbod verlopen", "an offer has lapsed"),
    "UNDELIVERABLE": ("niet opgehaald", "was not fetched"),
    "REVIEW": ("kijk samen terug en vooruit", "look back and ahead"),
}
DEADLINE_WORDS = {
    "ORDER_START": ("hulp na de beschikking", "help after the order"),
    "HEARING_REPORT_DUE": ("zittingsrapport", "hearing report"),
    "REVIEW_DUE": ("evaluatie van de hulp", "review of the help"),
}


class Story:
    """Plays, tells as it goes, and remembers what has to be true."""

    def __init__(self, stage):
        self.stage = stage
        self.day = 0
        self.handoffs = 0
        self.due = {}      # agent number -> [(ref, kind)] that must be there
        self.notices = []  # (agent number, kind, deadline) as they came
        self.seen = set()
        self.faults = []

    # -- telling

    def line(self, text):
        date = DAY_0 + datetime.timedelta(days=self.day)
        print(f"dag {self.day:3}  {WEEKDAYS[date.weekday()]} "
              f"{date:%d-%m-%Y}  {text}", flush=True)

    def told(self, text):
        for part in text.rstrip("\n").split("\n"):
            print("          | " + part if part else "          |")

    def check(self, holds, what):
        if not holds:
            self.faults.append(what)
            print("FOUT / WRONG: " + what, flush=True)

    # -- playing

    def go_to(self, day):
        """Let the days pass; what the broker says by itself is told."""
        self.stage.settle()
        while self.day < day:
            self.day += 1
            now = (DAY_0 + datetime.timedelta(days=self.day)).isoformat() + \
                "T07:30:00Z"
            self.stage.step(now)
            self.stage.settle()
            self.tell_notices()
        self.stage.each(lambda agent: agent.wait(now_at_least=now))

    def tell_notices(self):
        for agent in self.stage.agents.values():
            for message in agent.inbox():
                mark = (agent.participant, message["position"])
                if message["kind"] != "NOTICE" or mark in self.seen:
                    continue
                self.seen.add(mark)
                notice = message["notice"]
                nl, en = NOTICE_WORDS[notice["kind"]]
                what_nl, what_en = DEADLINE_WORDS.get(
                    notice["deadline"], (notice["deadline"],) * 2)
                self.notices.append((agent.participant, notice["kind"],
                                     notice["deadline"]))
                self.line(f"broker -> {agent.name}: {nl}: {what_nl}, zaak "
                          f"{message['case']} / {en}: {what_en}")

    def hand_over(self, sender, to, nl, en, verb, *args, stdin=None,
                  show=False):
        """A message by `schakel VERB`; every recipient opens it."""
        answer = sender.schakel(verb, *args, stdin=stdin)
        if answer["state"] != "RECEIPTED":
            raise StageError(f"{verb}: {answer['state']}")
        receipt = answer["receipt"]
        names = ", ".join(agent.name for agent in to)
        self.line(f"{sender.name} -> {names or 'zaak ' + receipt['case']}: "
                  f"{nl} / {en}")
        self.handoffs += 1
        for agent in to:
            self.open_at(agent, answer["ref"], show)
        return receipt["case"]

    def open_at(self, agent, ref, show):
        message = agent.await_message(lambda m: m["ref"] == ref)
        self.due.setdefault(agent.participant, []).append(
            (ref, message["kind"]))
        shown = agent.run("show", ref)
        self.check(shown.returncode == 0,
                   f"{agent.name} cannot open {ref}: {shown.stderr}")
        if show:
            self.told(shown.stdout)

    def refused(self, sender, verb, *args, nl, en, names):
        done = sender.run(verb, *args)
        self.line(f"{sender.name}: {nl} / {en}")
        self.told(done.stderr)
        self.check(done.returncode == 1 and "ROUTE_VIA_ACCESS" in done.stderr
                   and names in done.stderr,
                   "the direct referral was not refused with the team named")


def make_agents(stage):
    with open(IJSSELLAND, encoding="utf-8") as file:
        region = yaml.safe_load(file)
    towns = {town["code"]: town["name"] for town in region["municipalities"]}
    court = region["courts"][0]
    stage.add_agent(COURT, "COURT", court["name"], court["oin"])
    for number, code in ((ZWOLLE, "0193"), (DEVENTER, "0150"),
                         (KAMPEN, "0166")):
        stage.add_agent(number, "ACCESS", "Toegang " + towns[code], code,
                        areas=[code])
    for number, provider in enumerate(region["providers"], FIRST_PROVIDER):
        stage.add_agent(number, "PROVIDER", provider["name"],
                        provider["agb"])
    stage.start_agents()


def persons(court, first):
    child, *parents = (court.pseudonym(bsn(first + i)) for i in range(3))
    return ["--child", child, *(word for parent in parents
                                for word in ("--parent", parent +
                                             ":consent"))]


# ---- the two cases

def orders(story, court, zwolle, deventer):
    case = story.hand_over(
        court, [zwolle], "beschikking, twee doelen, zitting 17-06-2026",
        "order, two goals, hearing on 17 June",
        "order", "--municipality", "0193", "--date", "2026-03-02",
        "--theme", "SEPARATION", *persons(court, 0),
        "--goal", "1:2026-09-01", "--goal", "2:2026-09-01",
        "--hearing", "2026-06-17",
        "--personalia", "Noor (8 jaar, verzonnen). Ouders: Anne en Bas, beide "
        "te Zwolle.",
        "--question", "-", stdin="Kan Noor weer zonder spanning naar beide "
        "ouders?\nDoel 1: de omgang verloopt rustig.\nDoel 2: de ouders "
        "overleggen zonder Noor ertussen.\n", show=True)
    story.refused(
        court, "refer", case, "--to", VEERSTOEP, "--offering",
        "kind-uit-de-knel", "--personalia", "Noor", "--question", "Help.",
        nl="wil rechtstreeks verwijzen en wordt geweigerd",
        en="tries to refer straight to a provider and is refused",
        names="Toegang Zwolle")
    story.go_to(1)
    late = story.hand_over(
        court, [deventer], "beschikking in een tweede zaak",
        "order in a second case",
        "order", "--municipality", "0150", "--date", "2026-03-03",
        "--theme", "SEPARATION", *persons(court, 3),
        "--goal", "1:2026-10-01", "--hearing", "2026-08-19",
        "--personalia", "Sam (11 jaar, verzonnen).",
        "--question", "Welke hulp past bij Sam en de ouders?")
    return case, late


def towards_help(story, case, late, a):
    zwolle, court = a[ZWOLLE], a[COURT]
    story.hand_over(
        zwolle, [], "brede uitvraag, veertien leefgebieden",
        "broad triage, fourteen life domains",
        "triage", case, "--ground", "COURT_ORDER_GROUND",
        "--domain", "SEPARATION_CONFLICT=YES:RELATION",
        "--domain", "PARENTING=YES:PARENT", "--domain", "HOUSING=NOT_KNOWN",
        "--others", "NO",
        "--situation", "De ouders spreken elkaar alleen nog via Noor.")
    story.go_to(2)
    story.hand_over(
        zwolle, [], "brede verklarende analyse", "explanatory analysis",
        "analysis", case, "--support", "SEPARATION_CONFLICT,PARENTING",
        "--authors", 2, "--hypotheses", 2,
        "--explanation", "De strijd houdt zichzelf in stand; Noor draagt hem.")
    story.hand_over(
        zwolle, [court], "routebesluit: jeugdhulp specialistisch",
        "route decision: specialist youth help",
        "route", case, "--main", "YOUTH_SPECIALIST", "--local-insufficient",
        "--explanation", "Begeleiding uit de wijk is geprobeerd en was niet "
        "genoeg.")
    story.go_to(3)
    story.hand_over(
        zwolle, [], "gezinsplan, ouders en kind stemmen in",
        "family plan, agreed by parents and child",
        "plan", case, "--goal", "3:2026-08-01", "--agreed",
        "PLAN_PARENTS,PLAN_CHILD,PLAN_ACCESS",
        "--goals", "Doel 3: overdracht op school, zonder woorden aan de deur.")
    story.hand_over(
        a[DEVENTER], [], "brede uitvraag in de tweede zaak",
        "triage in the second case",
        "triage", late, "--ground", "COURT_ORDER_GROUND",
        "--domain", "SEPARATION_CONFLICT=YES:RELATION", "--others", "NO",
        "--situation", "Er is nog niemand die de zaak oppakt.")
    refer(story, case, zwolle, a[VEERSTOEP], "kind-uit-de-knel", show=True)
    story.go_to(4)
    story.hand_over(
        a[VEERSTOEP], [zwolle], "afgewezen: geen plaats",
        "declined: no capacity",
        "decline", case, "--reason", "CAPACITY",
        "--explanation", "De eerstvolgende plaats is er in juni.")
    refer(story, case, zwolle, a[BRUG], "trauma-na-scheiding")
    story.go_to(7)
    story.hand_over(
        a[BRUG], [zwolle], "aangenomen, intake 11-03-2026",
        "accepted, intake on 11 March",
        "accept", case, "--intake", "2026-03-11")
    story.go_to(9)
    story.hand_over(
        a[BRUG], [zwolle, court], "hulp begonnen, negen dagen na de "
        "beschikking", "help has begun, nine days after the order",
        "start", case)


def refer(story, case, team, provider, offering, show=False):
    story.hand_over(
        team, [provider], f"verwijzing, aanbod {offering}",
        f"referral, offering {offering}",
        "refer", case, "--to", provider.participant, "--offering", offering,
        "--wanted", "2026-03-16",
        "--personalia", "Noor (8 jaar, verzonnen). Ouders: Anne en Bas.",
        "--question", "Kan Noor weer zonder spanning naar beide ouders?",
        "--goals", "Zie het gezinsplan, doelen 1 tot en met 3.", show=show)


def towards_court(story, case, a):
    zwolle, court, brug = a[ZWOLLE], a[COURT], a[BRUG]
    story.go_to(49)
    story.hand_over(
        brug, [zwolle], "voortgangsbericht", "progress report",
        "report", case, "--goal-status", "1=ON_TRACK", "--goal-status",
        "2=BEHIND", "--goal-status", "3=ON_TRACK",
        "--done", "Zes gesprekken met Noor, drie met de ouders samen.",
        "--family-view", "De ouders merken dat het thuis rustiger wordt.")
    story.go_to(63)
    story.hand_over(
        court, [zwolle], "aankondiging zitting 17-06-2026",
        "notice of the hearing on 17 June",
        "hearing", case, "--hearing", "2026-06-17")
    story.hand_over(
        zwolle, [brug], "verzoek zittingsrapport voor 27-05-2026",
        "request for a hearing report by 27 May",
        "ask-report", case, "--due", "2026-05-27")
    story.go_to(81)
    report = ["--goal-status", "1=REACHED", "--goal-status", "2=ON_TRACK",
              "--goal-status", "3=REACHED", "--advice", "ADVISE_CONTINUE"]
    story.hand_over(
        brug, [zwolle], "zittingsrapport met advies: doorgaan",
        "hearing report, advice: continue",
        "hearing-report", case, *report,
        "--done", "Traumabehandeling in elf zittingen; de omgang loopt weer.",
        "--family-view", "Beide ouders willen het ingezette afmaken.",
        "--child-view", "Noor: ik hoef niet meer te kiezen.",
        "--advice-text", "Zet de hulp voort tot de zomer, met dezelfde "
        "doelen.", show=True)
    story.go_to(87)
    story.hand_over(
        zwolle, [court], "rapport aan de rechtbank",
        "report to the court",
        "court-report", case, *report,
        "--done", "Hulp begon negen dagen na de beschikking en loopt.",
        "--family-view", "Beide ouders willen het ingezette afmaken.",
        "--child-view", "Noor: ik hoef niet meer te kiezen.",
        "--advice-text", "Wij volgen het advies van de aanbieder.", show=True)
    story.go_to(121)
    story.hand_over(
        brug, [zwolle], "einde zorg, volgens plan", "help ended, as planned",
        "stop", case, "--reason", "AS_PLANNED", "--goal-status", "1=REACHED",
        "--goal-status", "2=REACHED", "--goal-status", "3=REACHED",
        "--explanation", "Alle doelen zijn behaald.")
    story.go_to(123)
    story.hand_over(
        zwolle, [court, brug], "afsluiting, overgedragen aan het netwerk",
        "closed, handed to the network",
        "close", case, "--network")
    story.stage.settle()


# ---- what must be true

# What agents send by themselves: nobody is to open these.
BY_ITSELF = ("NOTICE", "RECEIPT_OF", "RESEAL")


def check_inboxes(story):
    for number, agent in story.stage.agents.items():
        messages = agent.inbox()
        due = story.due.get(number, [])
        got = [(m["ref"], m["kind"]) for m in messages
               if m["kind"] not in BY_ITSELF]
        story.check(sorted(got) == sorted(due),
                    f"{agent.name} has {got}, was to have {due}")
        story.check(not any(m.get("trouble") for m in messages),
                    f"{agent.name} holds what does not verify")
        story.check(all(m.get("opened_at") for m in messages
                        if m["kind"] not in BY_ITSELF),
                    f"{agent.name} has something unopened")


def check_notices(story):
    """The second case passed its 28 days: its director was told, and the
    court, which set a hearing. Halfway the help was looked at. Nothing else
    went wrong."""
    want = [(DEVENTER, "DEADLINE_WARNING", "ORDER_START"),
            (DEVENTER, "DEADLINE_BREACH", "ORDER_START"),
            (COURT, "DEADLINE_BREACH", "ORDER_START"),
            (ZWOLLE, "DEADLINE_WARNING", "HEARING_REPORT_DUE"),
            (BRUG, "DEADLINE_WARNING", "HEARING_REPORT_DUE"),
            (ZWOLLE, "REVIEW", "REVIEW_DUE"),
            (BRUG, "REVIEW", "REVIEW_DUE")]
    story.check(sorted(story.notices) == sorted(want),
                f"notices: {story.notices}, want {want}")


def audit(story, case):
    """The journal of the stopped broker: shown, verified, replayed."""
    stage = story.stage
    print(f"\nDe zaak {case} in het journaal / the case in the journal:")
    timeline = stage.audit("timeline", "--case", case)
    story.check(timeline.returncode == 0, "timeline: " + timeline.stderr)
    print(timeline.stdout)
    verified = stage.audit("verify")
    print(verified.stdout)
    story.check(verified.returncode == 0, "verify: " + verified.stderr)
    replayed = stage.audit("replay", "--json")
    story.check(replayed.returncode == 0, "replay: " + replayed.stderr)
    try:
        figures = json.loads(replayed.stdout)
    except ValueError:
        figures = {}
    story.check(figures.get("cases") == 2, f"cases: {figures.get('cases')}")
    story.check(figures.get("differences") == 0, "replay decides otherwise")
    story.check(figures.get("carried") == 0 and figures.get("erased") == 0,
                "replay left something out")
    return figures


def look_around(stage):
    stage.start_broker()
    stage.each(lambda agent: agent.wait(connected=True))
    print(f"\nAlles draait nog / everything still runs, in {stage.dir}")
    for agent in stage.agents.values():
        print(f"  SCHAKEL_SOCKET={agent.socket} {stage.program('schakel')} "
              f"inbox   # {agent.name}")
    print(f"  {stage.program('schakel-admin')} status --control "
          f"{stage.broker.control}")
    pids = [daemon.process.pid
            for daemon in (*stage.agents.values(), stage.broker)]
    print("Stoppen / stop:\n  kill " + " ".join(map(str, pids)) +
          f"; rm -rf {stage.dir}\n")


def play(stage):
    story = Story(stage)
    stage.start_broker()
    stage.policy(IJSSELLAND)
    make_agents(stage)
    a = stage.agents
    print("Schakel: een zaak van beschikking tot rapport, met verzonnen "
          "personen\n         one case from order to report, invented "
          "persons\n", flush=True)
    case, late = orders(story, a[COURT], a[ZWOLLE], a[DEVENTER])
    towards_help(story, case, late, a)
    towards_court(story, case, a)
    check_inboxes(story)
    check_notices(story)
    if stage.keep:
        story.check(stage.stop_broker() == 0, "the broker did not stop well")
    else:
        story.check(stage.stop() == 0, "the broker did not stop well")
    figures = audit(story, case)
    if stage.keep:
        look_around(stage)
    print(f"demo: entries={figures.get('entries', 0)} "
          f"cases={figures.get('cases', 0)} "
          f"handoffs={figures.get('handoffs', 0)} "
          f"decided_again={figures.get('decided_again', 0)} "
          f"differences={figures.get('differences', -1)}", flush=True)
    return 1 if story.faults else 0


def main():
    keep = os.environ.get("KEEP", "") not in ("", "0")
    status = 1
    end_in_order()
    stage = Stage(name="ijsselland", start=f"{DAY_0}T08:00:00Z", keep=keep)
    try:
        status = play(stage)
    except StageError as error:
        print(f"FOUT / WRONG: {error}", file=sys.stderr)
    finally:
        if status != 0 or not keep:
            stage.close()
    return status


if __name__ == "__main__":
    sys.exit(main())
