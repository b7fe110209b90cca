#!/usr/bin/python3
"""A case for each of the 342 municipalities.

A broker, all access teams and the eleven courts as agents of their own,
each with its keys, its enrolment and its store. Every court sends an order
for a child in every municipality of its district; every team must have its
one order and no other, opened and verified by its own agent. Then the journal
is verified and decided again.

LIMIT=n takes the first n municipalities only, those in a region under two
courts before the others, and says so in the last line.
"""
import argparse
import hashlib
import hmac
import itertools
import json
import os
import secrets
import sys
import time

from stage import ROOT, Stage, StageError, bsns, end_in_order, exchange, \
    rss_anon_kib

import yaml

NEDERLAND = os.path.join(ROOT, "ops", "regions", "nederland.yaml")
FIRST_TEAM = 101
PARALLEL = 8
TIMEOUT_MS = 120000
DATE = "2026-03-02"

# A region is not a district: three regions lie under two courts. Of each, who
# stands apart, under which court, and the court of the rest.
STRADDLING = {
    "Food Valley": ({"Renswoude", "Rhenen", "Veenendaal"},
                    "Rechtbank Midden-Nederland", "Rechtbank Gelderland"),
    "Rijk van Nijmegen": ({"Mook en Middelaar"}, "Rechtbank Limburg",
                          "Rechtbank Gelderland"),
    "Midden Brabant": ({"Heusden"}, "Rechtbank Oost-Brabant",
                       "Rechtbank Zeeland-West-Brabant"),
}


class Clock:
    def __init__(self):
        self.begin = self.last = time.monotonic()

    def tell(self, nl, en):
        now = time.monotonic()
        print(f"{now - self.begin:6.1f} s  {nl} / {en} "
              f"({now - self.last:.1f} s)", flush=True)
        self.last = now


def read_country(limit):
    with open(NEDERLAND, encoding="utf-8") as file:
        country = yaml.load(file, yaml.CSafeLoader)
    towns = sorted(country["municipalities"], key=lambda town: (
        town["youth_region"].replace("-", " ") not in STRADDLING,
        town["code"]))
    return country["courts"], towns[:limit]


def make_agents(stage, courts, towns, clock):
    courts_by_id, teams = {}, {}
    for number, court in enumerate(courts, 1):
        courts_by_id[court["corv_id"]] = stage.new_agent(
            number, "COURT", court["name"], court["oin"])
    for number, town in enumerate(towns, FIRST_TEAM):
        teams[town["code"]] = stage.new_agent(
            number, "ACCESS", "Toegang " + town["name"], town["code"],
            [town["code"]])
    agents = list(stage.agents.values())
    words = stage.each(lambda agent: agent.init(), agents, PARALLEL)
    clock.tell(f"{len(agents)} deelnemers met sleutels",
               "participants with keys")
    for agent, eight in zip(agents, words):
        stage.enrol(agent, eight)
    clock.tell("toegelaten en uitgenodigd", "enrolled and invited")
    stage.start_agents(agents, PARALLEL)
    clock.tell(f"{len(agents)} agents verbonden", "agents connected")
    return courts_by_id, teams


# ---- orders

def order(town, pseudonym):
    return {
        "do": "send", "kind": "COURT_ORDER", "event_date": DATE,
        "facts": {
            "municipality": town["code"],
            "order_reference": secrets.token_hex(16),
            "persons": [{"role": "CHILD", "secret_version": 1,
                         "pseudonym": pseudonym}],
            "theme": "OTHER_THEME",
            "goals": [{"number": 1, "setter": "SET_BY_COURT",
                       "due_date": "2026-09-01"}],
        },
        "sections": {
            "PERSONALIA": f"Een verzonnen kind te {town['name']}.",
            "QUESTION": "Welke hulp past?",
        },
    }


def send_orders(court, orders):
    """The references of what this court sent, by municipality."""
    sent = {}
    with court.connect() as link:
        for code, request in orders:
            answer = exchange(link, request)
            if not answer.get("ok"):
                raise StageError(f"{court.name}, {code}: {answer['error']}")
            sent[code] = answer["ref"]
    if orders:
        court.wait(idle=True, timeout_ms=TIMEOUT_MS)
    return sent


def order_all(stage, towns, courts, clock):
    secret = secrets.token_bytes(32)
    orders = {corv_id: [] for corv_id in courts}
    for town, number in zip(towns, bsns()):
        pseudonym = hmac.new(secret, number.encode(), hashlib.sha256)
        orders[town["court"]].append(
            (town["code"], order(town, pseudonym.hexdigest())))
    done = stage.each(lambda court: send_orders(court[1], orders[court[0]]),
                      list(courts.items()), PARALLEL)
    sent = dict(itertools.chain.from_iterable(
        refs.items() for refs in done))
    clock.tell(f"{len(sent)} beschikkingen bevestigd", "orders receipted")
    return sent


# ---- what arrived

def look(team, town, court, ref):
    """Is this order, and nothing else, at this team? None, or what is
    wrong."""
    team.wait(inbox=1, timeout_ms=TIMEOUT_MS)
    messages = team.inbox()
    if [message["ref"] for message in messages] != [ref]:
        return f"{team.name}: {[m['ref'] for m in messages]}, want {ref}"
    message = team.get("show", ref=ref)["message"]
    facts, sections = message["facts"], message["sections"]
    if message["kind"] != "COURT_ORDER" or \
            message["from"] != court.participant or \
            facts["municipality"] != town["code"] or \
            message["provenance"]["sender"] != court.participant or \
            town["name"] not in sections["PERSONALIA"]:
        return f"{team.name}: another order: {message}"
    return None


def check_straddling(towns, senders):
    """Who sent the order that lies at these teams."""
    wrong = []
    for town in towns:
        region = STRADDLING.get(town["youth_region"].replace("-", " "))
        if region is None:
            continue
        apart, apart_court, rest_court = region
        want = apart_court if town["name"] in apart else rest_court
        if senders.get(town["code"]) != want:
            wrong.append(f"{town['name']}: from {senders.get(town['code'])}, "
                         f"want {want}")
    return wrong


def look_everywhere(stage, towns, courts, teams, sent, clock):
    """How many have the right one, what is wrong."""
    wrong = [what for what in stage.each(
        lambda town: look(teams[town["code"]], town, courts[town["court"]],
                          sent.get(town["code"])), towns, PARALLEL)
        if what is not None]
    right = len(towns) - len(wrong)
    senders = {town["code"]: teams[town["code"]].inbox()[0]["from_name"]
               for town in towns
               if town["youth_region"].replace("-", " ") in STRADDLING}
    wrong += check_straddling(towns, senders)
    clock.tell(f"{right} geopend bij het goede team",
               "opened at the right team")
    return right, wrong


def tell_memory(stage):
    agents = [rss_anon_kib(agent.process.pid)
              for agent in stage.agents.values()]
    broker = rss_anon_kib(stage.broker.process.pid)
    print(f"          geheugen / memory (RssAnon): broker {broker / 1024:.1f}"
          f" MiB, {len(agents)} agents {sum(agents) / 1024:.1f} MiB, "
          f"{sum(agents) // len(agents)} KiB each, together "
          f"{(broker + sum(agents)) / 1024:.1f} MiB", flush=True)


def audit(stage, clock):
    verified = stage.audit("verify")
    print(verified.stdout, end="")
    wrong = [] if verified.returncode == 0 else ["verify: " + verified.stderr]
    replayed = stage.audit("replay", "--json")
    if replayed.returncode != 0:
        wrong.append("replay: " + replayed.stderr)
    try:
        figures = json.loads(replayed.stdout)
    except ValueError:
        figures = {"differences": -1}
    clock.tell("nagerekend", "verified and decided again")
    return figures, wrong


def play(stage, limit):
    clock = Clock()
    courts, towns = read_country(limit)
    everything = limit is None
    stage.start_broker()
    stage.policy(NEDERLAND)
    courts, teams = make_agents(stage, courts, towns, clock)
    sent = order_all(stage, towns, courts, clock)
    right, wrong = look_everywhere(stage, towns, courts, teams, sent, clock)
    stage.settle(TIMEOUT_MS / 1000)
    tell_memory(stage)
    if stage.stop() != 0:
        wrong.append("the broker did not stop well")
    clock.tell("gestopt", "stopped")
    figures, more = audit(stage, clock)
    wrong += more
    if figures.get("cases") != len(towns):
        wrong.append(f"cases: {figures.get('cases')}")
    for what in wrong:
        print("FOUT / WRONG: " + what)
    print(f"national{'' if everything else '-shrunk'}: orders={len(sent)} "
          f"at_the_right_team={right} "
          f"differences={figures.get('differences', -1)}", flush=True)
    return 1 if wrong or right != len(towns) or figures["differences"] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", help="where the programs were built")
    options = parser.parse_args()
    limit = os.environ.get("LIMIT")
    end_in_order()
    with Stage(build=options.build, name="nederland", log_level="info",
               start=f"{DATE}T08:00:00Z") as stage:
        try:
            return play(stage, int(limit) if limit else None)
        except StageError as error:
            print(f"FOUT / WRONG: {error}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
