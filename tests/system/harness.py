"""What the system tests need beside the demonstration's stage: clients in
Python as participants, the control socket by another hand, and looks at the
journal from outside.

Every wait is for an event (a line in a log, an answer, a frame); a number of
seconds is only how long a broken daemon gets before its test fails.
"""
import json
import os
import random
import socket
import struct
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "ops", "demo"),
                os.path.join(ROOT, "tests", "interop")]

import formats  # noqa: E402
import stage as demo  # noqa: E402
from client import Client  # noqa: E402
from schema import control  # noqa: E402
from stage import StageError, receive, wait_for_text  # noqa: E402

KILLS = int(os.environ.get("KILLS", "10"))
SEED = int(os.environ.get("SEED", "0")) \
    or random.SystemRandom().getrandbits(32)

TODAY = "2026-03-02"        # the day on which every stage is founded
WAIT = demo.PATIENCE_S
# "asan", "tsan", or "" for the product as it is.
SANITIZED = next((name for name in ("asan", "tsan")
                  if name in os.environ.get("BUILD", "")), "")

COURT, ZWOLLE, DEVENTER, VEERSTOEP, KOMPAS = 30, 10, 11, 20, 21
# participant: role, name, code, areas
WHO = {
    COURT: ("COURT", "Rechtbank Overijssel", "AR0051", []),
    ZWOLLE: ("ACCESS", "Toegang Zwolle", "0193", ["0193"]),
    DEVENTER: ("ACCESS", "Toegang Deventer", "0150", ["0150"]),
    VEERSTOEP: ("PROVIDER", "Stichting De Veerstoep", "42420001", []),
    KOMPAS: ("PROVIDER", "Jeugdpraktijk Het Kompas", "42420002", []),
}
ROLES = {"ACCESS": 1, "PROVIDER": 2, "COURT": 3, "GI": 4, "RET": 6}


def written(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def log_of(daemon):
    with open(daemon.log, encoding="utf-8", errors="replace") as f:
        return f.read()


def wait_log(daemon, text, seconds=WAIT):
    """The first line of this start of a daemon that holds text."""
    if not wait_for_text(daemon.log, text, daemon.process.pid, seconds):
        raise AssertionError(f"never said {text!r}; its log ends:\n"
                             + log_of(daemon)[-2000:])
    return next(line for line in log_of(daemon).split("\n") if text in line)


class Orderly:
    """A daemon that was told to stop and did not end well has said in its
    log what was wrong: a sanitizer's finding, a store that would not close."""

    def stop(self, seconds=WAIT):
        status = super().stop(seconds)
        assert status in (None, 0), (status, log_of(self)[-3000:])
        return status


class Broker(Orderly, demo.Broker):
    def talk(self, request):
        content = request.SerializeToString()
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(WAIT)
            s.connect(self.control)
            s.sendall(struct.pack(">I", len(content)) + content)
            size, = struct.unpack(">I", receive(s, 4))
            return control.ControlAnswer.FromString(receive(s, size))

    def order(self, command, secret=None, sequence=None, not_after=None):
        """A command with one operator's signature; the answer as it is."""
        if secret is None:
            with open(self.stage.operator, encoding="ascii") as f:
                secret = bytes.fromhex(f.read().strip())
        public = secret[32:]
        status = self.talk(control.ControlRequest(
            status=control.AskStatus())).status
        if sequence is None:
            sequence = self.talk(control.ControlRequest(
                operator_state=control.AskOperator(
                    key_id=formats.key_id(public)))).next_sequence
        if not_after is None:
            not_after = status.now + 60000
        content = command.SerializeToString()
        signature = formats.sign(formats.command_signed(
            status.origin, public, sequence, not_after, content), secret)
        return self.talk(control.ControlRequest(
            command=control.SignedCommand(
                command=content, not_after=not_after,
                approvals=[control.Approval(
                    key_id=formats.key_id(public), sequence=sequence,
                    signature=signature)])))

    def leaves(self):
        """Every entry of the live journal, as its leaf's fields."""
        read, size = [], self.talk(control.ControlRequest(
            status=control.AskStatus())).status.entries
        while len(read) < size:
            answer = self.order(control.Command(look=control.Look(
                **{"from": len(read)}, count=10000, person=1,
                ground="proef")))
            assert answer.code == 0, answer
            assert answer.entries, f"nothing from position {len(read)}"
            read += [formats.read_leaf(e.leaf) for e in answer.entries]
        return read


class Agent(Orderly, demo.Agent):
    def start(self, seconds=WAIT, connected=True):
        super().start(seconds)
        if connected:
            self.wait(connected=True)

    def send(self, kind, facts=None, case=None, **more):
        """Queued, or with wait_ms receipted."""
        request = dict(more, kind=kind, facts=facts or {})
        if case is not None:
            request["case"] = case
        return self.get("send", **request)

    def say(self, kind, facts=None, case=None, **more):
        """Sent, and accepted by the broker."""
        answer = self.send(kind, facts, case, wait_ms=20000, **more)
        assert answer["state"] == "RECEIPTED", answer
        return answer

    def letters(self, kind):
        return [m for m in self.inbox() if m["kind"] == kind]

    def wait_letter(self, kind, count=1):
        """The count-th message of this kind in the inbox."""
        self.await_message(lambda _: len(self.letters(kind)) >= count)
        return self.letters(kind)[count - 1]

    def shown(self, letter):
        """What a person at this agent gets to see of a message."""
        return self.get("show", ref=letter["ref"])["message"]

    def wait_all(self, wanted):
        """The inbox once it holds all of these refs."""
        while True:
            letters = self.inbox()
            missing = wanted - {m["ref"] for m in letters}
            if not missing:
                return letters
            answer = self.ask({"do": "wait", "inbox": len(letters) + 1,
                               "timeout_ms": 30000})
            assert answer.get("ok"), (answer, missing)


class Stage(demo.Stage):
    """One test journal with its participants, agents and Python clients."""

    def __init__(self, **options):
        super().__init__(name="proef", **options)
        self.broker = Broker(self)
        self.clients = {}

    def close(self):
        fallen = []
        for client in self.clients.values():
            client.close()
        for daemon in [*self.agents.values(), self.broker]:
            if daemon.process and daemon.process.poll() not in (None, 0):
                fallen.append((daemon.log, daemon.process.poll()))
            if os.path.exists(daemon.log):
                # pytest shows this with a failure only.
                print(f"--- {os.path.basename(daemon.log)}\n"
                      + log_of(daemon)[-3000:])
        super().close()
        assert not fallen, f"ended by themselves: {fallen}"

    def attempt(self, verb, *options):
        """schakel-admin VERB, whatever comes of it."""
        return subprocess.run(
            [self.program("schakel-admin"), verb, *map(str, options),
             "--control", self.broker.control, "--operator", self.operator],
            text=True, capture_output=True, timeout=WAIT)

    def member(self, participant):
        return next(m for m in self.status()["participants"]
                    if m["participant"] == participant)

    def agent(self, participant, start=True):
        """An agent of one of WHO: made, enrolled, joined, connected."""
        agent = Agent(self, participant, *WHO[participant])
        self.enrol(agent, agent.init())
        self.agents[participant] = agent
        if start:
            agent.start()
        return agent

    def client(self, participant, greet=True):
        """A Python client as one of WHO, enrolled in the same way."""
        role, name, code, areas = WHO[participant]
        keys = formats.Keys.draw()
        text, digest = formats.make_request(name, code, ROLES[role], keys)
        invitation = os.path.join(self.dir, f"p{participant}.invitation")
        self.admin("enrol", "--request",
                   written(os.path.join(self.dir, f"p{participant}"), text),
                   "--participant", participant, "--area", ",".join(areas),
                   "--from", demo.FROM, "--until", demo.UNTIL, "--words",
                   formats.words(digest), "--enrolment-key",
                   self.enrolment_key, "--address", self.address, "--out",
                   invitation)
        with open(invitation, encoding="ascii") as f:
            invitation = formats.read_invitation(f.read())
        assert invitation.request_digest == digest
        client = self.clients[participant] = Client(keys, invitation)
        if greet:
            client.greet()
        return client

    def holds(self):
        """Stop the broker and have its journal looked at from outside."""
        self.broker.stop()
        found = []
        for verb in ("verify", "replay"):
            done = self.audit(verb, "--json")
            assert done.returncode == 0, done.stdout + done.stderr
            found.append(json.loads(done.stdout))
        verified, replayed = found
        assert verified["holds"] and replayed["differences"] == 0
        return verified, replayed


# ---- what participants say in the case that every test knows

def order(municipality="0193", child=1, **more):
    return dict({
        "municipality": municipality, "order_reference": "0f" * 16,
        "persons": [
            {"role": "CHILD", "secret_version": 1,
             "pseudonym": f"{child:064x}"},
            {"role": "PARENT", "secret_version": 1, "consent": True,
             "pseudonym": f"{child + 1:064x}"},
            {"role": "PARENT", "secret_version": 1, "consent": True,
             "pseudonym": f"{child + 2:064x}"}],
        "theme": "SEPARATION",
        "goals": [{"number": 1, "setter": "SET_BY_COURT",
                   "due_date": "2026-09-01"}]}, **more)


ORDER_TEXT = {"PERSONALIA": "Kind van proef, geboren 2018.",
              "QUESTION": "Herstel van het contact met beide ouders."}
DOMAINS = ("SAFETY", "PARENTING", "DEVELOPMENT", "PHYSICAL_HEALTH",
           "MENTAL_HEALTH", "PARENT_DISABILITY", "SEPARATION_CONFLICT",
           "INCOME_DEBT", "HOUSING", "WORK_DAYTIME", "SCHOOL_DOMAIN",
           "LIFESTYLE", "CARER_OVERLOAD", "NETWORK")
TRIAGE = {"ground": "COURT_ORDER_GROUND", "domains": [
    {"domain": d, "answer": "YES", "owner": "OWNER_RELATION"}
    if d == "SEPARATION_CONFLICT" else {"domain": d, "answer": "NO"}
    for d in DOMAINS]}
ROUTE = {"main": "YOUTH_AMBULANT"}
PLAN = {"agreed": ["PLAN_PARENTS", "PLAN_ACCESS"]}
REFERRAL = {"offering": "omgang-begeleid"}
REPORT = {"goals": [{"number": 1, "status": "ON_TRACK"}],
          "advice": "ADVISE_CONTINUE"}
REPORT_TEXT = {"WHAT_WAS_DONE": "Vier gesprekken en twee bezoeken.",
               "FAMILY_VIEW": "Beide ouders willen verder.",
               "ADVICE": "Doorgaan tot de zitting."}
STOP = {"reason": "AS_PLANNED", "goals": [{"number": 1, "status": "REACHED"}]}
# What an access team says from triage to plan: kind, facts, sections.
TO_PLAN = (("TRIAGE", TRIAGE, {"SITUATION": "Ouders uit elkaar."}),
           ("ROUTE_DECISION", ROUTE, {"EXPLANATION": "Ambulant volstaat."}),
           ("FAMILY_PLAN", PLAN, {"GOALS": "Om de week een weekend."}))
