"""A broker and agents in a temporary directory, from the built programs.

For the demonstration, the national run and the system tests. Everything is
real: keys, enrolment by statement and invitation, CURVE, LMDB. The journal is
a test journal whose clock stands until it is stepped.

    with Stage() as stage:
        stage.start_broker()
        stage.policy("ops/regions/ijsselland.yaml")
        team = stage.add_agent(2, "ACCESS", "Toegang Zwolle", "0193",
                               areas=["0193"])
        team.start()
        team.wait(connected=True)
        team.schakel("status")

Nothing here sleeps: a daemon is ready when its log says so (inotify), and the
rest is asked of the agents, which answer when it has happened.
"""
import concurrent.futures
import ctypes
import itertools
import json
import os
import re
import secrets
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
IJSSELLAND = os.path.join(ROOT, "ops", "regions", "ijsselland.yaml")
PATIENCE_S = float(os.environ.get("PATIENCE", "60"))
FROM, UNTIL = "2026-01-01", "2030-12-31"
WORDS = re.compile(r"^\s*((?:[a-z]+ ){7}[a-z]+)\s*$", re.M)


class StageError(Exception):
    """Something that was set up or asked did not come about."""


# ---- daemons

_libc = ctypes.CDLL(None, use_errno=True)
_IN_MODIFY, _IN_CLOEXEC = 0x2, 0o2000000


def wait_for_text(path, text, pid, seconds=PATIENCE_S):
    """Until the file at path holds text; False when process pid ended, or
    the time did, before that."""
    deadline = time.monotonic() + seconds
    watch = _libc.inotify_init1(_IN_CLOEXEC)
    if watch < 0:
        raise StageError("inotify: " + os.strerror(ctypes.get_errno()))
    process = os.pidfd_open(pid)
    try:
        _libc.inotify_add_watch(watch, os.fsencode(path), _IN_MODIFY)
        while True:
            with open(path, "rb") as file:
                if text.encode() in file.read():
                    return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            ready, _, _ = select.select([watch, process], [], [], left)
            if process in ready:
                with open(path, "rb") as file:
                    return text.encode() in file.read()
            if watch in ready:
                os.read(watch, 4096)
    finally:
        os.close(watch)
        os.close(process)


class Daemon:
    """A program that says `ready` in its log and stops on SIGTERM."""

    def __init__(self, log):
        self.log = log
        self.process = None

    def command(self):
        raise NotImplementedError

    def environment(self):
        return None

    def launch(self):
        """Start, without waiting until it is ready."""
        if self.is_running():
            raise StageError(f"{self.log}: runs already")
        with open(self.log, "wb") as log:  # of this start alone
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env=self.environment(), start_new_session=True)

    def wait_ready(self, seconds=PATIENCE_S):
        if not wait_for_text(self.log, " ready", self.process.pid, seconds):
            with open(self.log, encoding="utf-8", errors="replace") as log:
                raise StageError(f"{' '.join(self.command())} is not ready:\n"
                                 + log.read()[-2000:])

    def start(self, seconds=PATIENCE_S):
        self.launch()
        self.wait_ready(seconds)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds=PATIENCE_S):
        """In order (SIGTERM). Returns the exit status."""
        return self._end(signal.SIGTERM, seconds)

    def kill(self):
        """At once, as when the power fails for this process (SIGKILL)."""
        return self._end(signal.SIGKILL, PATIENCE_S)

    def _end(self, how, seconds):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise StageError(f"{self.command()[0]} did not stop within "
                             f"{seconds} s") from None
        self.process = None
        return status


class Broker(Daemon):
    def __init__(self, stage):
        super().__init__(os.path.join(stage.dir, "broker.log"))
        self.stage = stage
        self.journal = os.path.join(stage.dir, "journal")
        self.control = os.path.join(stage.dir, "broker.sock")
        self.config = os.path.join(stage.dir, "broker.yaml")
        self.options = ["--test-clock"] if stage.test else []

    def command(self):
        return [self.stage.program("schakel-broker"), "-c", self.config,
                *self.options]


class Agent(Daemon):
    """The agent of one participant, and what its people do at it."""

    def __init__(self, stage, participant, role, name, code, areas):
        self.stage = stage
        self.participant, self.role = participant, role
        self.name, self.code, self.areas = name, code, list(areas)
        self.dir = os.path.join(stage.dir, f"a{participant}")
        self.socket = os.path.join(self.dir, "socket")
        super().__init__(os.path.join(stage.dir, f"a{participant}.log"))

    def __repr__(self):
        return f"<{self.participant} {self.name}>"

    def command(self):
        return [self.stage.program("schakel-agent"), "-c",
                os.path.join(self.dir, "config.yaml")]

    # -- asking over the socket

    def ask(self, request, seconds=PATIENCE_S):
        """One request to the agent, its answer as it is."""
        with self.connect(seconds) as link:
            return exchange(link, request)

    def connect(self, seconds=PATIENCE_S):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            link.settimeout(seconds)
            link.connect(self.socket)
        except OSError as error:
            link.close()
            raise StageError(f"{self.name}: {error}") from None
        return link

    def get(self, do, **fields):
        """The same, and StageError when the agent says no."""
        wait_ms = fields.get("timeout_ms", fields.get("wait_ms", 0))
        answer = self.ask(dict(fields, do=do), PATIENCE_S + wait_ms / 1000)
        if not answer.get("ok"):
            raise StageError(f"{self.name}: {do}: {answer.get('error')}")
        return answer

    def wait(self, timeout_ms=int(PATIENCE_S * 1000), **what):
        """wait(connected=True), wait(inbox=3), wait(idle=True),
        wait(receipted=ref), wait(now_at_least="2026-03-31T12:00:00Z")"""
        return self.get("wait", timeout_ms=timeout_ms, **what)

    def inbox(self, **fields):
        return self.get("inbox", **fields)["messages"]

    def await_message(self, match, seconds=PATIENCE_S):
        """The first message in the inbox for which match(message) holds;
        waits for messages until it is there."""
        deadline = time.monotonic() + seconds
        while True:
            count = self.get("status")["inbox"]
            for message in self.inbox():
                if match(message):
                    return message
            left_ms = int((deadline - time.monotonic()) * 1000)
            answer = {"ok": False}
            if left_ms > 0:
                answer = self.ask({"do": "wait", "inbox": count + 1,
                                   "timeout_ms": left_ms}, seconds + 10)
            if not answer.get("ok"):
                raise StageError(
                    f"{self.name}: waited for a message in vain, has "
                    + ", ".join(m["kind"] for m in self.inbox()))

    # -- the people's command line

    def run(self, *args, stdin=None):
        """`schakel ...` as a person here; the finished process."""
        return subprocess.run(
            [self.stage.program("schakel"), *map(str, args)],
            env=dict(os.environ, SCHAKEL_SOCKET=self.socket),
            input=stdin if stdin is not None else "", text=True,
            capture_output=True, timeout=PATIENCE_S + 60)

    def schakel(self, *args, stdin=None):
        """`schakel ... --json`, its answer; StageError unless it exits 0."""
        done = self.run(*args, "--json", stdin=stdin)
        if done.returncode != 0:
            raise StageError(
                f"{self.name}: schakel {' '.join(map(str, args))}: exit "
                f"{done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def pseudonym(self, number=None):
        """Of this BSN under the stage's regional secret, as `schakel` takes
        it: version:hex. None: drawn, of a child without a number."""
        made = self.schakel("pseudonym", "--random") if number is None else \
            self.schakel("pseudonym", "--secret", self.stage.secret(),
                         "--version", 1, stdin=number + "\n")
        return f"{made['secret_version']}:{made['pseudonym']}"

    # -- setting up

    def init(self):
        """Keys and a request; returns the eight words."""
        done = self.stage.call(
            "schakel-agent", "init", self.dir, "--role", self.role, "--name",
            self.name, "--code", self.code)
        found = WORDS.search(done)
        if found is None:
            raise StageError("no eight words in:\n" + done)
        return found[1]

    def join(self, invitation):
        self.stage.call("schakel-agent", "join", self.dir, "--invitation",
                        invitation)
        self.write_config()

    def write_config(self, **more):
        users = os.path.join(self.dir, "users.yaml")
        write_yaml(os.path.join(self.dir, "config.yaml"), dict(
            dict(store=os.path.join(self.dir, "store"),
                 keys=os.path.join(self.dir, "keys"),
                 invitation=os.path.join(self.dir, "invitation"),
                 socket=self.socket, users=users,
                 allow_test=self.stage.test,
                 log_level=self.stage.log_level), **more))
        self.write_users([dict(person=self.participant * 100 + 1,
                               name=f"Medewerker van {self.name}",
                               uid=os.getuid())])

    def write_users(self, users):
        lines = ["users:"]
        for user in users:
            pairs = ", ".join(f"{key}: {json.dumps(value)}"
                              for key, value in user.items())
            lines.append("  - {" + pairs + "}")
        path = os.path.join(self.dir, "users.yaml")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        os.rename(path + ".new", path)


def exchange(link, request):
    """One framed JSON request and its answer over a connected socket."""
    body = json.dumps(request).encode()
    link.sendall(struct.pack(">I", len(body)) + body)
    size, = struct.unpack(">I", receive(link, 4))
    return json.loads(receive(link, size))


def receive(link, size):
    parts = bytearray()
    while len(parts) < size:
        part = link.recv(size - len(parts))
        if not part:
            raise StageError("the agent hung up")
        parts += part
    return bytes(parts)


def write_yaml(path, values):
    with open(path, "w", encoding="utf-8") as file:
        for key, value in values.items():
            file.write(f"{key}: {json.dumps(value)}\n")


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# ---- the stage

class Stage:
    def __init__(self, build=None, directory=None, name="toneel",
                 start="2026-03-02T08:00:00Z", test=True, log_level="info",
                 keep=False, broker=None):
        build = build or os.environ.get("BUILD") or "build"
        self.bin = os.path.join(os.path.abspath(build) if os.path.isabs(build)
                                else os.path.join(ROOT, build), "bin")
        self.dir = directory or tempfile.mkdtemp(prefix="schakel-")
        os.makedirs(self.dir, mode=0o700, exist_ok=True)
        self.test, self.log_level, self.keep = test, log_level, keep
        self.agents = {}
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.operator = os.path.join(self.dir, "operator.key")
        self.enrolment_key = os.path.join(self.dir, "enrolment.key")
        self.broker = Broker(self)
        try:
            self._found(name, start, broker or {})
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def program(self, name):
        return os.path.join(self.bin, name)

    def call(self, name, *args, check=True):
        """Run a program to its end; what it printed."""
        done = subprocess.run(
            [self.program(name), *map(str, args)], text=True,
            stdin=subprocess.DEVNULL, capture_output=True,
            timeout=PATIENCE_S * 2)
        if check and done.returncode != 0:
            raise StageError(f"{name} {' '.join(map(str, args))}: exit "
                             f"{done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def admin(self, *args):
        return self.call("schakel-admin", *args, "--control",
                         self.broker.control, "--operator", self.operator)

    def _found(self, name, start, broker):
        self.call("schakel-admin", "enrolment-key", self.enrolment_key)
        self.call("schakel-admin", "operator-key", self.operator)
        keys = os.path.join(self.dir, "keys")
        options = ["--test", "--to", start] if self.test else []
        operators = ["--operator", self.operator + ".pub"]
        if not self.test:
            self.call("schakel-admin", "operator-key", self.operator + "2")
            operators += ["--operator", self.operator + "2.pub"]
        self.call("schakel-admin", "found", "--journal", self.broker.journal,
                  "--keys", keys, "--name", name, "--enrolment-pub",
                  self.enrolment_key + ".pub", *operators, *options)
        write_yaml(self.broker.config, dict(
            dict(journal=self.broker.journal, keys=keys, listen=self.address,
                 control=self.broker.control, log_level=self.log_level,
                 low_water_mib=16), **broker))

    def secret(self):
        """The region's secret: courts and access teams have it, nobody
        else."""
        path = os.path.join(self.dir, "regional.secret")
        if not os.path.exists(path):
            with open(path, "w", encoding="ascii", opener=lambda name, flags:
                      os.open(name, flags, 0o600)) as file:
                file.write(secrets.token_hex(32) + "\n")
        return path

    # -- broker

    def start_broker(self):
        self.broker.start()

    def stop_broker(self):
        return self.broker.stop()

    def policy(self, path=IJSSELLAND):
        return self.admin("policy", "--file", path)

    def step(self, to):
        """Move the test clock to an instant; every term up to there fires."""
        return self.admin("step", "--to", to)

    def status(self):
        return json.loads(self.admin("status", "--json"))

    # -- agents

    def add_agent(self, participant, role, name, code, areas=(), since=FROM,
                  until=UNTIL):
        """Made, enrolled and invited, not started."""
        agent = self.new_agent(participant, role, name, code, areas)
        self.enrol(agent, agent.init(), since, until)
        return agent

    def new_agent(self, participant, role, name, code, areas=()):
        """Known here, nothing made yet: init, enrol and start follow."""
        agent = Agent(self, participant, role, name, code, areas)
        self.agents[participant] = agent
        return agent

    def enrol(self, agent, words, since=FROM, until=UNTIL):
        invitation = os.path.join(self.dir, f"a{agent.participant}.invitation")
        self.admin("enrol", "--request", os.path.join(agent.dir, "request"),
                   "--participant", agent.participant, "--area",
                   ",".join(agent.areas), "--from", since, "--until", until,
                   "--words", words, "--enrolment-key", self.enrolment_key,
                   "--address", self.address, "--out", invitation)
        agent.join(invitation)

    def start_agents(self, agents=None, parallel=8):
        """All of them, ready and connected."""
        agents = list(self.agents.values() if agents is None else agents)
        with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
            list(pool.map(lambda agent: agent.start(), agents))
        self.each(lambda agent: agent.wait(connected=True), agents, parallel)

    def each(self, do, agents=None, parallel=8):
        """do(agent) for all, in threads; the results in their order."""
        agents = list(self.agents.values() if agents is None else agents)
        with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
            return list(pool.map(do, agents))

    def settle(self, seconds=PATIENCE_S):
        """Until nothing is under way: outboxes receipted, mailboxes stored.
        Asks in turn, because a stored delivery may bring a new receipt."""
        deadline = time.monotonic() + seconds
        while True:
            running = [agent for agent in self.agents.values()
                       if agent.is_running()]
            self.each(lambda agent: agent.wait(idle=True), running)
            rows = self.status().get("participants", [])
            behind = [row["participant"] for row in rows
                      if row.get("connected") and
                      row["mailbox_stored"] + 1 < row["mailbox_next"]]
            quiet = self.each(lambda agent: agent.get("status")["outbox"],
                              running)
            if not behind and not any(quiet):
                return
            if time.monotonic() > deadline:
                raise StageError(f"still under way: {behind}")

    # -- the end

    def stop(self):
        """Agents first, so that nothing is left under way; the broker's exit
        status."""
        for agent in self.agents.values():
            if agent.is_running():
                agent.process.send_signal(signal.SIGTERM)
        for agent in self.agents.values():
            agent.stop()
        return self.broker.stop()

    def close(self):
        """Whatever state it is in: nothing of it is left."""
        for daemon in [*self.agents.values(), self.broker]:
            if daemon.is_running():
                daemon.kill()
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)

    def audit(self, verb, *args):
        """schakel-audit over the stopped journal; the finished process."""
        return subprocess.run(
            [self.program("schakel-audit"), verb, self.broker.journal,
             *map(str, args)], text=True, capture_output=True,
            timeout=PATIENCE_S * 5)


def end_in_order():
    """SIGTERM unwinds as Ctrl-C does, so that a stage takes down what it
    started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def rss_anon_kib(pid):
    """Memory of a process that is its own, in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
        for line in f:
            if line.startswith("RssAnon:"):
                return int(line.split()[1])
    return 0


def bsns():
    """Invented BSNs from 999900006 on that pass the 11-check."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    for candidate in range(999900006, 999999991):
        if sum(int(digit) * weight for digit, weight
               in zip(str(candidate), weights)) % 11 == 0:
            yield str(candidate)


def bsn(number):
    """The number-th of them, from 0."""
    return next(itertools.islice(bsns(), number, None))
