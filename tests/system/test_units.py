"""The systemd units: what they forbid is nothing that the daemons do, and
they say when they are up. Without a systemd here the kernel's part is looked
at from outside: every system call and socket of a real case, with strace,
against what the unit allows."""
import os
import re
import socket
import subprocess

import pytest
from harness import (COURT, ORDER_TEXT, ROOT, TO_PLAN, TODAY, WAIT, ZWOLLE,
                     order)

UNITS = {"schakel-broker": "schakel-broker.service",
         "schakel-agent": "schakel-agent@.service"}
CALL = re.compile(r"^\d+ (?:<\.\.\. )?(\w+)[( ]")
FAMILY = re.compile(r"^\d+ socket\((\w+),")
# getaddrinfo and getifaddrs ask for the addresses that there are; refused,
# they do without.
ASKED_IN_VAIN = {"AF_NETLINK"}


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


def traced(daemon):
    """The daemon under strace, which stays out of its way: the process that
    is waited for and told to stop is the daemon itself."""
    path = daemon.log + ".strace"
    command = daemon.command

    def under():
        return ["strace", "-D", "-f", "-qq", "-e", "signal=none", "-o", path,
                *command()]

    daemon.command = under
    return path


def looked_at(path, unit):
    with open(path, encoding="utf-8", errors="replace") as f:
        lines = f.read().split("\n")
    calls = {found.group(1) for found in map(CALL.match, lines) if found}
    families = {found.group(1) for found in map(FAMILY.match, lines) if found}
    assert len(calls) > 20, calls
    # Started by who is in charge, before the filter is there.
    assert not calls - allowed(unit), calls - allowed(unit)
    may, = settings(unit, "RestrictAddressFamilies")
    assert not families - set(may.split()) - ASKED_IN_VAIN, families


def test_the_sandbox_forbids_nothing_that_a_case_needs(stage):
    if not may_trace():
        pytest.skip("strace may not trace here")
    paths = {traced(stage.broker): "schakel-broker"}
    stage.start_broker()
    stage.policy()
    agents = [stage.agent(who, start=False) for who in (COURT, ZWOLLE)]
    for agent in agents:
        paths[traced(agent)] = "schakel-agent"
        agent.start()
    court, access = agents
    case = court.say("COURT_ORDER", order(), event_date=TODAY,
                     sections=ORDER_TEXT)["case_ref"]
    access.shown(access.wait_letter("COURT_ORDER"))
    kind, facts, sections = TO_PLAN[0]
    access.say(kind, facts, case, sections=sections, event_date=TODAY)
    for daemon in (*agents, stage.broker):
        daemon.stop()
    for path, program in paths.items():
        looked_at(path, UNITS[program])


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


def threads(daemon):
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
        names = threads(daemon)
        others = [name for name in names if not name.startswith("ZMQbg/")]
        assert len(names) >= 3, names
        if "tsan" not in os.environ.get("BUILD", ""):
            assert others == [main], names
