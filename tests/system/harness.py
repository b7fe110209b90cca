"""Real daemons for a test: a journal founded, a broker, agents and clients.

Every wait here is for an event (a line in a log, an answer, a frame); a
number of seconds is only how long a broken daemon gets before its test fails.
"""
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "interop"))

import formats  # noqa: E402
from client import Client  # noqa: E402
from schema import BUILD, control  # noqa: E402

BIN = os.path.join(BUILD, "bin")
REGION = os.path.join(ROOT, "ops", "regions", "ijsselland.yaml")
FOUNDED = "2026-03-02T08:00:00Z"        # a Monday
TODAY = "2026-03-02"
WAIT = 30.0

COURT, ZWOLLE, DEVENTER, VEERSTOEP, KOMPAS = 30, 10, 11, 20, 21
# participant: (name, role, code, areas)
WHO = {
    COURT: ("Rechtbank Overijssel", "COURT", "AR0051", ""),
    ZWOLLE: ("Toegang Zwolle", "ACCESS", "0193", "0193"),
    DEVENTER: ("Toegang Deventer", "ACCESS", "0150", "0150"),
    VEERSTOEP: ("Stichting De Veerstoep", "PROVIDER", "42420001", ""),
    KOMPAS: ("Jeugdpraktijk Het Kompas", "PROVIDER", "42420002", ""),
}
ROLES = {"ACCESS": 1, "PROVIDER": 2, "COURT": 3, "AUDITOR": 8}


def program(name):
    return os.path.join(BIN, name)


def run(*command, check=True, **more):
    done = subprocess.run(command, capture_output=True, text=True,
                          timeout=120, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


class Daemon:
    """A process, and what it says on stderr as lines that can be awaited."""

    def __init__(self, name, home):
        self.name, self.home = name, home
        self.process, self.lines = None, []
        self.reader, self.told = None, threading.Condition()
        self.marks = {}

    def launch(self, *command):
        assert self.process is None or self.process.poll() is not None
        with self.told:
            self.started = len(self.lines)
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, errors="replace")
        self.reader = threading.Thread(
            target=self.read, args=(self.process.stderr,), daemon=True)
        self.reader.start()

    def read(self, stream):
        for line in stream:
            with self.told:
                self.lines.append(line.rstrip("\n"))
                self.told.notify_all()
        stream.close()
        with self.told:
            self.told.notify_all()

    def wait_log(self, *texts, wait=WAIT, since=None):
        """The first line of this run that holds all texts."""
        first = self.started if since is None else since

        def found():
            return next((line for line in self.lines[first:]
                         if all(t in line for t in texts)), None)
        end = time.monotonic() + wait
        with self.told:
            while (line := found()) is None:
                left = end - time.monotonic()
                gone = self.process.poll() is not None \
                    and not self.reader.is_alive()
                if left <= 0 or gone:
                    raise AssertionError(
                        f"{self.name} never said {texts}; its log ends:\n"
                        + "\n".join(self.lines[-15:]))
                self.told.wait(min(left, 0.2))
        return line

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """As if the power went: nothing is flushed, nobody is told."""
        if self.running:
            self.process.send_signal(signal.SIGKILL)
        self.wait()

    def stop(self):
        if self.running:
            self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self, wait=WAIT):
        if self.process is None:
            return None
        code = self.process.wait(wait)
        self.reader.join(wait)
        return code


class Broker(Daemon):
    def __init__(self, home, test=True, options=""):
        super().__init__("broker", home)
        self.journal = os.path.join(home, "journal")
        self.keys = os.path.join(home, "broker-keys")
        self.socket = os.path.join(home, "control")
        self.config = os.path.join(home, "broker.yaml")
        self.operator = os.path.join(home, "operator.key")
        self.enrolment = os.path.join(home, "enrolment.key")
        self.options = options
        self.address = "tcp://127.0.0.1:*"
        run(program("schakel-admin"), "operator-key", self.operator)
        run(program("schakel-admin"), "enrolment-key", self.enrolment)
        run(program("schakel-admin"), "found", "--journal", self.journal,
            "--keys", self.keys, "--name", "proef", "--enrolment-pub",
            self.enrolment + ".pub", "--operator", self.operator + ".pub",
            *(["--test", "--to", FOUNDED] if test else []))
        self.configure()

    def configure(self, **changes):
        values = {"journal": self.journal, "keys": self.keys,
                  "listen": self.address, "control": self.socket,
                  "low_water_mib": 1}
        values.update(changes)
        return write(self.config, "".join(
            f"{k}: {v}\n" for k, v in values.items()) + self.options)

    def start(self, *more):
        self.launch(program("schakel-broker"), "-c", self.config,
                    "--test-clock", *more)
        self.address = self.wait_log("ready").split("listen=")[1].split()[0]
        self.configure()        # the same port when it comes back

    def admin(self, verb, *options, check=True):
        return run(program("schakel-admin"), verb, "--control", self.socket,
                   "--operator", self.operator, *options, check=check)

    def status(self):
        return json.loads(run(program("schakel-admin"), "status", "--control",
                              self.socket, "--json").stdout)

    def member(self, participant):
        return next(m for m in self.status()["participants"]
                    if m["participant"] == participant)

    def step(self, to):
        self.admin("step", "--to", to)

    # ---- the control socket, by another hand than schakel-admin's

    def control(self, request):
        content = request.SerializeToString()
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(WAIT)
            s.connect(self.socket)
            s.sendall(struct.pack(">I", len(content)) + content)
            size, = struct.unpack(">I", take(s, 4))
            return control.ControlAnswer.FromString(take(s, size))

    def command(self, command, secret=None, sequence=None, not_after=None):
        """A command with one operator's signature; the answer as it is."""
        if secret is None:
            with open(self.operator, encoding="ascii") as f:
                secret = bytes.fromhex(f.read().strip())
        public = secret[32:]
        status = self.control(control.ControlRequest(
            status=control.AskStatus())).status
        if sequence is None:
            sequence = self.control(control.ControlRequest(
                operator_state=control.AskOperator(
                    key_id=formats.key_id(public)))).next_sequence
        if not_after is None:
            not_after = status.now + 60000
        content = command.SerializeToString()
        signature = formats.sign(formats.command_signed(
            status.origin, public, sequence, not_after, content), secret)
        return self.control(control.ControlRequest(
            command=control.SignedCommand(
                command=content, not_after=not_after,
                approvals=[control.Approval(
                    key_id=formats.key_id(public), sequence=sequence,
                    signature=signature)])))

    def leaves(self):
        """Every entry of the live journal, as its leaf's fields."""
        read = []
        while True:
            answer = self.command(control.Command(look=control.Look(
                **{"from": len(read)}, count=10000, person=1,
                ground="proef")))
            assert answer.code == 0, answer
            read += [formats.read_leaf(e.leaf) for e in answer.entries]
            if not answer.entries or read[-1]["kind"] == 6:
                return read     # this look itself is the last entry

    def audit(self, verb, *options, journal=None, check=True):
        return run(program("schakel-audit"), verb, journal or self.journal,
                   *options, check=check)


class Agent(Daemon):
    """schakel-agent and, through its socket, the people who use it."""

    def __init__(self, name, home):
        super().__init__(name, home)
        self.socket = os.path.join(home, "s")
        self.store = os.path.join(home, "store")
        self.config = os.path.join(home, "agent.yaml")
        self.users = os.path.join(home, "users.yaml")
        write(self.users, "users:\n  - {person: 7, name: \"Test\", uid: %d}\n"
              % os.getuid(), 0o600)
        self.configure()

    def configure(self, **changes):
        values = {"store": self.store,
                  "keys": os.path.join(self.home, "keys"),
                  "invitation": os.path.join(self.home, "invitation"),
                  "socket": self.socket, "users": self.users,
                  "allow_test": "true"}
        values.update(changes)
        return write(self.config, "".join(
            f"{k}: {v}\n" for k, v in values.items()))

    def start(self, connected=True):
        self.launch(program("schakel-agent"), "-c", self.config)
        self.wait_log("ready")
        if connected:
            self.wait_for(connected=True)

    def ask(self, request, wait=WAIT):
        """One question over the local API; the answer as it is."""
        content = json.dumps(request).encode()
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(wait)
            s.connect(self.socket)
            s.sendall(struct.pack(">I", len(content)) + content)
            size, = struct.unpack(">I", take(s, 4))
            return json.loads(take(s, size))

    def tell(self, do, wait=WAIT, **request):
        """A question that has to be answered well."""
        answer = self.ask(dict(request, do=do), wait)
        assert answer.get("ok"), f"{self.name} {do} {request}: {answer}"
        return answer

    def wait_for(self, wait=WAIT, **event):
        return self.tell("wait", wait + 5, timeout_ms=int(wait * 1000),
                         **event)

    def send(self, kind, facts=None, case=None, **more):
        """Queued, or with wait_ms receipted."""
        request = dict(more, kind=kind, facts=facts or {})
        if case is not None:
            request["case"] = case
        return self.tell("send", **request)

    def say(self, kind, facts=None, case=None, **more):
        """Sent, and accepted by the broker."""
        answer = self.send(kind, facts, case, wait_ms=20000, **more)
        assert answer["state"] == "RECEIPTED", answer
        return answer

    def inbox(self, **filters):
        return self.tell("inbox", **filters)["messages"]

    def wait_letter(self, kind, count=1, wait=WAIT):
        """The count-th message of this kind in the inbox."""
        end = time.monotonic() + wait
        while True:
            every = self.inbox()
            found = [m for m in every if m["kind"] == kind]
            if len(found) >= count:
                return found[count - 1]
            left = end - time.monotonic()
            assert left > 0, f"{self.name}: no {kind} {count} in {every}"
            # Answered by TIMEOUT when nothing more comes: look once more.
            self.ask({"do": "wait", "inbox": len(every) + 1,
                      "timeout_ms": int(left * 1000)}, left + 5)

    def people(self, *words, check=True):
        return run(program("schakel"), "--socket", self.socket, *words,
                   check=check)


def take(s, size):
    content = b""
    while len(content) < size:
        part = s.recv(size - len(content))
        if not part:
            raise ConnectionError("the agent hung up")
        content += part
    return content


class Stage:
    """One journal with its participants, in a folder of its own."""

    def __init__(self, **broker_options):
        # Unix sockets have short names: not under pytest's own folder.
        self.home = tempfile.mkdtemp(prefix="sk-")
        self.broker = Broker(self.home, **broker_options)
        self.agents, self.clients = {}, {}

    def start(self, policy=True):
        self.broker.start()
        if policy:
            self.broker.admin("policy", "--file", REGION)

    def close(self):
        for client in self.clients.values():
            client.close()
        for daemon in (*self.agents.values(), self.broker):
            daemon.kill()
            print(f"--- {daemon.name}")
            print("\n".join(daemon.lines[-40:]))
        shutil.rmtree(self.home, ignore_errors=True)

    def folder(self, participant, label=""):
        path = os.path.join(self.home, f"{participant}{label}")
        os.makedirs(path, exist_ok=True)
        return path

    def enrol(self, participant, request, words, out):
        name, _, _, areas = WHO[participant]
        self.broker.admin(
            "enrol", "--request", request, "--participant", str(participant),
            "--area", areas, "--from", "2026-01-01", "--until", "2027-12-31",
            "--words", words, "--enrolment-key", self.broker.enrolment,
            "--address", self.broker.address, "--out", out)
        return name

    def agent(self, participant, start=True):
        """Enrol an agent with init, the telephone call and join."""
        name, role, code, _ = WHO[participant]
        home = self.folder(participant)
        said = run(program("schakel-agent"), "init", home, "--role", role,
                   "--name", name, "--code", code).stdout
        words = said.strip().split("\n")[-1].strip()
        invitation = os.path.join(self.home, f"{participant}.invitation")
        self.enrol(participant, os.path.join(home, "request"), words,
                   invitation)
        run(program("schakel-agent"), "join", home, "--invitation",
            invitation)
        agent = self.agents[participant] = Agent(f"agent {participant}", home)
        if start:
            agent.start()
        return agent

    def client(self, participant, greet=True, **who):
        """Enrol a Python client in the same way."""
        name, role, code, _ = WHO[participant]
        keys = formats.Keys.draw()
        home = self.folder(participant, "py")
        text, digest = formats.make_request(name, code, ROLES[role], keys)
        request = write(os.path.join(home, "request"), text)
        out = os.path.join(home, "invitation")
        self.enrol(participant, request, formats.words(digest), out)
        with open(out, encoding="ascii") as f:
            invitation = formats.read_invitation(f.read())
        assert invitation.request_digest == digest
        client = self.clients[participant] = Client(keys, invitation)
        if greet:
            client.greet()
        return client

    def holds(self, differences=0):
        """Stop the broker and have its journal looked at from outside."""
        self.broker.stop()
        verified = json.loads(self.broker.audit("verify", "--json").stdout)
        assert verified["holds"], verified
        replayed = json.loads(self.broker.audit("replay", "--json").stdout)
        assert replayed["differences"] == differences, replayed
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
