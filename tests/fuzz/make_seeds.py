#!/usr/bin/python3
"""Makes the seeds: the vectors, good facts of every kind, and what three
participants and a broker really said in one case.

Usage: make_seeds.py (make fuzz-seeds). Rewrites tests/fuzz/seeds/*.txt; what a
fuzzer found stands there behind a comment and is kept.
"""
import base64
import hashlib
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests", "system")]

from harness import (COURT, ORDER_TEXT, REFERRAL, STOP, TODAY,  # noqa: E402
                     TO_PLAN, VEERSTOEP, ZWOLLE, Stage, order)
from schema import BUILD, control, envelope, session  # noqa: E402

SEEDS = os.path.join(ROOT, "tests", "fuzz", "seeds")
EACH_MAX = 60
FOUND = "# found"


class Seeds:
    def __init__(self):
        self.of = {}

    def add(self, target, content):
        if isinstance(content, str):
            content = content.encode()
        seeds = self.of.setdefault(target, [])
        if content not in seeds and len(seeds) < EACH_MAX:
            seeds.append(content)

    def write(self):
        os.makedirs(SEEDS, exist_ok=True)
        for target, seeds in sorted(self.of.items()):
            path = os.path.join(SEEDS, target + ".txt")
            kept = []
            if os.path.exists(path):
                with open(path, encoding="ascii") as f:
                    lines = f.read().split("\n")
                at = next((i for i, line in enumerate(lines)
                           if line.startswith(FOUND)), len(lines) - 1)
                kept = lines[at:-1]
            with open(path, "w", encoding="ascii") as f:
                f.writelines(seed.hex() + "\n" for seed in seeds)
                f.writelines(line + "\n" for line in kept)


def vectors(name):
    with open(os.path.join(ROOT, "tests", "vectors", name + ".json"),
              encoding="utf-8") as f:
        return json.load(f)


def raw(text):
    return bytes.fromhex(text)


def from_vectors(seeds):
    for row in vectors("leaf")["leaves"]:
        seeds.add("leaf", raw(row["bytes"]))
    for row in vectors("statement")["statements"]:
        seeds.add("statement", raw(row["body"]))
    for target in ("request", "invitation"):
        for row in vectors("text")[target]:
            seeds.add(target, row["text"])
    sealed = vectors("seal")
    for row in sealed["good"][:4] + sealed["bad"]:
        seeds.add("seal", bytes([2]) + raw(row["sealed"])[:4096])
    for row in vectors("chain")["provenance"]:
        v, p = row["envelope"], session.Provenance(
            sender=row["sender"], number=row["number"],
            origin=row["origin"], first_number=row["first_number"],
            count=row["count"], path=[raw(step) for step in row["path"]],
            previous_link=raw(row["previous_link"]),
            key_id=raw(row["key_id"]), signature=raw(row["signature"]))
        seeds.add("provenance", session.Deliver(
            provenance=p, envelope=session.Envelope(
                **{name: raw(v[name]) for name in
                   ("header", "nonce", "facts", "sealed")}))
            .SerializeToString())


def from_frame(seeds, frame):
    """A frame, and what a decoder of its own reads in it."""
    seeds.add("frame", frame.SerializeToString())
    seeds.add("uplink", b"\1" + frame.SerializeToString())
    if frame.HasField("submit"):
        for v in frame.submit.envelopes:
            seeds.add("envelope", v.SerializeToString())
            seeds.add("header", v.header)
            seeds.add("seal", bytes([1]) + v.sealed[:2048])
    for deliver in frame.deliveries.deliveries:
        seeds.add("provenance", deliver.SerializeToString())
    for statement in frame.directory.statements:
        seeds.add("statement", statement.body)
    for checkpoint in (frame.welcome.checkpoint, frame.checkpoint):
        if checkpoint.note:
            seeds.add("note", checkpoint.note)
            text, _, lines = checkpoint.note.partition(b"\n\n")
            seeds.add("cosignature", lines)
    if frame.proof.note:
        seeds.add("proof", b"c2sp.org/tlog-proof@v1\nindex 3\n"
                  + checkpoint_path(frame.proof.path) + b"\n"
                  + frame.proof.note)


def checkpoint_path(path):
    return b"".join(base64.b64encode(step) + b"\n" for step in path)


def listen(seeds, client):
    sent, came = client.send_frame, client.receive

    def send_frame(frame, *args, **more):
        if not isinstance(frame, bytes):
            from_frame(seeds, frame)
        return sent(frame, *args, **more)

    def receive(*args, **more):
        frame = came(*args, **more)
        if frame is not None:
            from_frame(seeds, frame)
        return frame

    client.send_frame, client.receive = send_frame, receive


def content_of(sections):
    pb = envelope
    return pb.Content(version=1, sections=[
        pb.SectionText(section=pb.Section.Value(name), text=text)
        for name, text in sections.items()]).SerializeToString()


def from_case(seeds, lit):
    court, access, provider = (lit.client(who, greet=False)
                               for who in (COURT, ZWOLLE, VEERSTOEP))
    for client in (court, access, provider):
        listen(seeds, client)
        client.greet()
        client.ping()
    case, receipt = court.say("COURT_ORDER", order(), to=[ZWOLLE],
                              event_date=TODAY, sections=ORDER_TEXT)
    access.wait_for("COURT_ORDER")
    for kind, facts, sections in TO_PLAN:
        access.say(kind, facts, case_ref=case, sections=sections,
                   event_date=TODAY)
        seeds.add("content", content_of(sections))
    access.say("REFERRAL", REFERRAL, case_ref=case, to=[VEERSTOEP],
               sections=ORDER_TEXT)
    seeds.add("content", content_of(ORDER_TEXT))
    referral = provider.wait_for("REFERRAL")
    about = dict(case_ref=case, reply_to=referral.ref, to=[ZWOLLE])
    provider.say("RECEIPT_OF", **about)
    provider.say("ACCEPT", {"intake_date": TODAY}, **about)
    provider.say("START", event_date=TODAY, **dict(about, to=[ZWOLLE, COURT]))
    provider.say("STOP", STOP, event_date=TODAY, sections={
        "EXPLANATION": "Klaar."}, **dict(about, to=[ZWOLLE, COURT]))
    access.wait_for("STOP")
    court.prove(receipt.position, receipt.leaf_hash)
    court.fetch()
    look = control.Command(look=control.Look(
        **{"from": 0}, count=10000, person=1, ground="proef"))
    answer = lit.broker.order(look)
    for entry in answer.entries:
        seeds.add("leaf", entry.leaf)
        if entry.parts:
            seeds.add("parts", entry.parts)
    seeds.add("restore", answer.entries[0].leaf)


def from_commands(seeds):
    for row in vectors("command")["commands"]:
        seeds.add("control", control.ControlRequest(
            command=control.SignedCommand(
                command=raw(row["command"]), not_after=row["not_after"],
                approvals=[control.Approval(
                    key_id=bytes(32), sequence=row["sequence"],
                    signature=raw(row["signature"]))]))
            .SerializeToString())
    for part in (control.ControlRequest(status=control.AskStatus()),
                 control.ControlRequest(operator_state=control.AskOperator(
                     key_id=bytes(32)))):
        seeds.add("control", part.SerializeToString())
    restore = control.SignedCommand(
        command=control.Command(drain=control.DrainCommand())
        .SerializeToString(), not_after=1,
        approvals=[control.Approval(key_id=bytes(32), sequence=1,
                                    signature=bytes(64))])
    seeds.add("restore", restore.SerializeToString())


USERS = """users:
  - person: 7
    uid: 1000
    name: Piet
    kinds: [TRIAGE, REFERRAL]
  - {person: 8, uid: 1001, valid_until_date: 2027-01-01}
absences:
  - {person: 7, substitute: 8, from_date: 2026-01-01, until_date: 2026-02-01}
out_of_hours: {person: 8, from_hour: 8, until_hour: 18}
"""
REF = "1-0011223344556677-1"
REQUESTS = (
    *({"do": verb} for verb in (
        "status", "wait", "send", "receipt", "outbox", "inbox", "show",
        "prove", "extract", "case", "cases", "directory", "assign",
        "hand-over", "take", "work")),
    {"do": "send", "kind": "COURT_ORDER", "event_date": TODAY,
     "facts": order(), "sections": ORDER_TEXT},
    {"do": "send", "kind": "TRIAGE", "facts": TO_PLAN[0][1],
     "case": "1-1-65", "sections": {"SITUATION": "Zo is het."}},
    {"do": "send", "kind": "REFERRAL", "facts": REFERRAL, "to": [3],
     "case": REF},
    {"do": "wait", "inbox": 1, "timeout_ms": 5},
    {"do": "wait", "now_at_least": "2026-03-31T12:00:00Z"},
    {"do": "wait", "receipted": REF}, {"do": "wait", "idle": True},
    {"do": "show", "ref": REF}, {"do": "show", "arrival": 1},
    {"do": "case", "case": "1-1-65"}, {"do": "prove", "ref": REF},
    {"do": "take", "case": "1-1-65"},
    {"do": "assign", "case": "1-1-65", "person": 7},
    {"do": "inbox", "from": 1, "unread": True})


def by_hand(seeds):
    for request in REQUESTS:
        seeds.add("api", json.dumps(request))
    seeds.add("api", "")
    seeds.add("json", json.dumps({"version": 1, "court_order": order()}))
    seeds.add("json", json.dumps({"version": 1, "triage": TO_PLAN[0][1]}))
    seeds.add("users", USERS)
    regions = os.path.join(ROOT, "ops", "regions")
    for name in ("nijmegen", "twente", "ijsselland", "amsterdam"):
        with open(os.path.join(regions, name + ".yaml"), "rb") as f:
            seeds.add("policy", f.read())
    seeds.add("policy", "region: Oost\nname: \"\\u00e9\"\n&a [*a, *a]\n")
    seeds.add("policy", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b, *b]\n")
    key = a_vkey("regio/test/1", bytes(range(32)))
    seeds.add("vkey", key)
    seeds.add("vkey", "regio/test/1+c0ffee00+" + "A" * 44)


def main():
    seeds = Seeds()
    from_vectors(seeds)
    from_commands(seeds)
    by_hand(seeds)
    facts = subprocess.run(
        [os.path.join(BUILD, "fuzz", "replay"), SEEDS, "--facts"], text=True,
        capture_output=True, check=True)
    seeds.of["facts"] = [raw(line) for line in facts.stdout.split()]
    for content in seeds.of["facts"]:
        for sender, to in ((0, 3), (1, 7), (3, 3)):     # court, team, provider
            seeds.of.setdefault("submit", []).append(
                bytes([sender, to]) + content)
    with Stage() as lit:
        lit.start_broker()
        lit.policy()
        from_case(seeds, lit)
    seeds.write()
    print(" ".join(f"{target}={len(of)}"
                   for target, of in sorted(seeds.of.items())))


def a_vkey(name, public):
    body = b"\1" + public
    digest = hashlib.sha256(name.encode() + b"\n" + body).digest()
    return f"{name}+{digest[:4].hex()}+{base64.b64encode(body).decode()}"


if __name__ == "__main__":
    main()
