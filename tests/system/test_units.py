"""The systemd units: what they forbid is nothing that the daemons do, and
they say when they are up. Every system call and socket of a case, with strace,
is held against what the unit allows; and where there may be namespaces, a
systemd of its own runs both units."""
import os
import re
import socket
import subprocess
import threading

import pytest
from harness import (COURT, ORDER_TEXT, ROOT, SANITIZED, TO_PLAN, TODAY,
                     WAIT, ZWOLLE, order, written)

UNITS = {"schakel-broker": "schakel-broker.service",
         "schakel-agent": "schakel-agent@.service"}
CALL = re.compile(r"^\d+ +(?:<\.\.\. )?(\w+)[( ]")
FAMILY = re.compile(r"^\d+ +socket\((\w+),")


def settings(unit, name):
    path = os.path.join(ROOT, "ops", "units", unit)
    with open(path, encoding="utf-8") as f:
        return [line.strip().split("=", 1)[1] for line in f
                if line.startswith(name + "=")]


def members(word, seen=None):
    """The system calls of a word of SystemCallFilter=."""
    if not word.startswith("@"):
        return {word}
    done = subprocess.run(["systemd-analyze", "syscall-filter", word],
                          text=True, capture_output=True, check=True)
    words = [line.strip() for line in done.stdout.split("\n")[1:]]
    return set().union(*(members(inner) for inner in words
                         if inner and not inner.startswith("#")))


def allowed(unit):
    calls = members("@default")     # always so in an allow-list
    for line in settings(unit, "SystemCallFilter"):
        named = set().union(*(members(word)
                              for word in line.lstrip("~").split()))
        calls = calls - named if line.startswith("~") else calls | named
    return calls


def may_trace():
    done = subprocess.run(["strace", "-qq", "-e", "trace=none", "true"],
                          capture_output=True, check=False)
    return done.returncode == 0


class Trace(threading.Thread):
    """What a daemon under strace asks of the kernel, until both are gone.
    strace stays out of its way: the process that is waited for and told to
    stop is the daemon itself."""

    def __init__(self, daemon, unit):
        super().__init__(daemon=True)
        self.unit, self.path, self.lines = unit, daemon.log + ".strace", []
        command = daemon.command
        daemon.command = lambda: [
            "strace", "-D", "-f", "-qq", "-e", "signal=none", "-o", self.path,
            *command()]
        os.mkfifo(self.path)
        self.start()

    def run(self):
        with open(self.path, encoding="utf-8", errors="replace") as f:
            self.lines = f.read().split("\n")

    def check(self):
        self.join(WAIT)
        calls = {found[1] for found in map(CALL.match, self.lines) if found}
        families = {found[1] for found in map(FAMILY.match, self.lines)
                    if found}
        assert len(calls) > 20, calls
        assert not calls - allowed(self.unit), calls - allowed(self.unit)
        may, = settings(self.unit, "RestrictAddressFamilies")
        assert not families - set(may.split()), families


@pytest.mark.skipif(SANITIZED != "", reason="a sanitizer cannot be traced")
def test_the_sandbox_forbids_nothing_that_a_case_needs(stage):
    if not may_trace():
        pytest.skip("strace may not trace here")
    traces = [Trace(stage.broker, UNITS["schakel-broker"])]
    stage.start_broker()
    stage.policy()
    agents = [stage.agent(who, start=False) for who in (COURT, ZWOLLE)]
    for agent in agents:
        traces.append(Trace(agent, UNITS["schakel-agent"]))
        agent.start()
    court, access = agents
    case = court.say("COURT_ORDER", order(), event_date=TODAY,
                     sections=ORDER_TEXT)["case_ref"]
    access.shown(access.wait_letter("COURT_ORDER"))
    kind, facts, sections = TO_PLAN[0]
    access.say(kind, facts, case, sections=sections, event_date=TODAY)
    for daemon in (*agents, stage.broker):
        daemon.stop()
    for trace in traces:
        trace.check()


@pytest.mark.parametrize("program", UNITS)
def test_a_service_manager_hears_when_a_daemon_is_up(stage, program):
    assert settings(UNITS[program], "Type") == ["notify"]
    if program == "schakel-broker":
        daemon = stage.broker
    else:
        stage.start_broker()
        stage.policy()
        daemon = stage.agent(COURT, start=False)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(WAIT)
        path = os.path.join(stage.dir, "notify")
        manager.bind(path)
        daemon.environment = lambda: dict(os.environ, NOTIFY_SOCKET=path)
        daemon.start()
        assert manager.recv(100) == b"READY=1"
        daemon.stop()
        assert manager.recv(100) == b"STOPPING=1"


# A manager of its own, in namespaces of its own: nothing of this machine's is
# started, and nothing stays. It tells what it did, and goes when stdin ends.
MANAGER = """
set -eu
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/systemd/inaccessible /run/own
(
    cd /run/systemd/inaccessible    # what the first systemd of a boot makes
    mkdir -m 0 dir
    mkfifo -m 0 fifo
    mknod -m 0 chr c 0 0
    mknod -m 0 blk b 0 0
    : >reg
    : >sock
    chmod 0 reg sock
)
export XDG_RUNTIME_DIR=/run/own XDG_CONFIG_HOME={dir}/config HOME={dir}
/lib/systemd/systemd --user --log-target=console > {dir}/manager.log 2>&1 &
manager=$!
for try in $(seq 100); do
    systemctl --user is-system-running >/dev/null 2>&1 && break
    [ -S /run/own/systemd/private ] && break
    sleep 0.1
done
for unit in {units}; do
    systemctl --user start $unit || systemctl --user status $unit
    echo $unit $(systemctl --user show -P ActiveState $unit)
done
read -r line || true
for unit in {units}; do
    systemctl --user stop $unit
    echo $unit $(systemctl --user show -P Result $unit)
done
systemctl --user exit
wait $manager
"""


def may_manage():
    done = subprocess.run(
        ["unshare", "-mpf", "--mount-proc", "--propagation", "private", "sh",
         "-c", "mount -t tmpfs tmpfs /run"], capture_output=True, check=False)
    return done.returncode == 0


def lay_unit(stage, unit, command):
    """The unit as shipped; where things lie, and that no user was made for
    it, is all that differs."""
    folder = os.path.join(stage.dir, "config", "systemd", "user")
    os.makedirs(os.path.join(folder, unit + ".d"), exist_ok=True)
    with open(os.path.join(ROOT, "ops", "units", unit),
              encoding="utf-8") as f:
        written(os.path.join(folder, unit),
                f.read().replace("@PREFIX@", "/usr"))
    program, *rest = command
    program = os.path.abspath(program)
    written(os.path.join(folder, unit + ".d", "here.conf"), "\n".join((
        "[Service]", "User=", "Group=", "PrivateTmp=no",
        f"ReadWritePaths={stage.dir}", "ExecStartPre=",
        f"ExecStartPre={' '.join([program, '-n', *rest])}", "ExecStart=",
        f"ExecStart={' '.join([program, *rest])}",
        f"StandardError=append:{stage.dir}/units.log", "")))


@pytest.mark.skipif(SANITIZED != "", reason="a sanitizer needs what units forbid")
def test_both_daemons_run_under_a_real_systemd(stage):
    if not may_manage():
        pytest.skip("no namespaces to be had here")
    stage.start_broker()        # founded and enrolled without the manager
    stage.policy()
    agent = stage.agent(ZWOLLE, start=False)
    court = stage.client(COURT)
    court.close()
    stage.broker.stop()
    lay_unit(stage, "schakel-broker.service", stage.broker.command())
    lay_unit(stage, "schakel-agent@.service", agent.command())
    units = ["schakel-broker.service", "schakel-agent@zwolle.service"]
    script = MANAGER.format(dir=stage.dir, units=" ".join(units))
    with subprocess.Popen(
            ["unshare", "-mpf", "--kill-child", "--mount-proc",
             "--propagation", "private", "sh", "-c", script], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT) as manager:
        try:
            for unit in units:
                assert manager.stdout.readline() == f"{unit} active\n", \
                    manager.stdout.readline()
            # Ready was said, so that it can be spoken with at once.
            court.greet()
            agent.wait(connected=True)
            court.say("COURT_ORDER", order(), to=[ZWOLLE], event_date=TODAY,
                      sections=ORDER_TEXT)
            agent.wait_letter("COURT_ORDER")
            manager.stdin.close()
            for unit in units:
                assert manager.stdout.readline() == f"{unit} success\n"
        finally:
            if not manager.stdin.closed:
                manager.stdin.close()
            print(manager.stdout.read())
            manager.kill()
            for name in ("manager.log", "units.log"):
                with open(os.path.join(stage.dir, name),
                          encoding="utf-8", errors="replace") as f:
                    print(f.read()[-4000:])


def threads_of(daemon):
    folder = f"/proc/{daemon.process.pid}/task"
    names = []
    for task in os.listdir(folder):
        with open(f"{folder}/{task}/comm", encoding="ascii") as f:
            names.append(f.read().strip())
    return names


def test_no_thread_runs_but_the_loop_and_zeromqs(lit):
    """What the thread sanitizer need not look for: two of ours at once. (Its
    own runtime has one more.)"""
    lit.client(ZWOLLE)
    agent = lit.agent(COURT)
    agent.say("COURT_ORDER", order(), event_date=TODAY, sections=ORDER_TEXT)
    for daemon, main in ((lit.broker, "schakel-broker"),
                         (agent, "schakel-agent")):
        names = threads_of(daemon)
        others = [name for name in names if not name.startswith("ZMQbg/")]
        assert len(names) >= 3, names
        if SANITIZED != "tsan":
            assert others == [main], names
