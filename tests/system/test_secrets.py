"""Keys stay in their files: not in an argument list, an environment or a log,
and a file that others can read is no key."""
import os
import subprocess

import pytest
from harness import (COURT, ORDER_TEXT, TODAY, WAIT, ZWOLLE, Stage, log_of,
                     order)
from test_witness import witness


def key_files(stage):
    """Every file that holds a secret as hex, by its path."""
    found = {}
    for folder, _, names in os.walk(stage.dir):
        for name in names:
            if name.endswith((".key", ".key.next", ".secret")):
                path = os.path.join(folder, name)
                with open(path, encoding="ascii") as f:
                    found[path] = f.read().strip()
    return found


def forms(secret):
    """As it stands in its file, and as bytes; the public half of an Ed25519
    key is no secret."""
    seed = secret[:64]
    return [seed.encode(), seed.upper().encode(), bytes.fromhex(seed)]


def proc(pid, name):
    with open(f"/proc/{pid}/{name}", "rb") as f:
        return f.read()


@pytest.fixture
def loud():
    """Everything is logged that can be."""
    with Stage(log_level="debug") as made:
        made.start_broker()
        made.policy()
        yield made


def test_no_secret_stands_in_an_argument_list_or_a_log(loud):
    court, access = loud.agent(COURT), loud.agent(ZWOLLE)
    witness(loud, ZWOLLE)
    said = []

    def admin(*args):
        process = subprocess.Popen(
            [loud.program("schakel-admin"), *map(str, args), "--control",
             loud.broker.control, "--operator", loud.operator],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said.append(proc(process.pid, "cmdline"))
        said.append(process.communicate(timeout=WAIT)[0])
        assert process.returncode == 0, said[-1]
    keys = os.path.join(loud.dir, "set")
    admin("backup", os.path.join(loud.dir, "copy"), "--keys", keys)
    admin("broker-keys", "--keys", os.path.join(loud.dir, "keys"))
    admin("enrolment-key", os.path.join(loud.dir, "second.key"))
    access.pseudonym("123456782")
    court.say("COURT_ORDER", order(), event_date=TODAY, sections=ORDER_TEXT)
    access.wait_letter("COURT_ORDER")
    for daemon in (loud.broker, court, access):
        said.append(proc(daemon.process.pid, "cmdline"))
        said.append(proc(daemon.process.pid, "environ"))
    court.stop()
    said.append(loud.call("schakel-agent", "rotate", court.dir).encode())
    said += [log_of(daemon).encode()
             for daemon in (loud.broker, court, access)]
    secrets = key_files(loud)
    # Broker, region, operator, two agents with a rotation, a witness.
    assert len(secrets) >= 15, sorted(secrets)
    for path, secret in secrets.items():
        assert os.stat(path).st_mode & 0o777 == 0o600, path
        for form in forms(secret):
            assert not any(form in text for text in said), path
    assert any(b"schakel-broker" in text for text in said)
    # The keys of cases are in their own set, and there alone.
    assert os.stat(os.path.join(keys, "data.mdb")).st_mode & 0o777 == 0o600
    loud.broker.stop()


def test_a_key_that_others_can_read_is_refused(lit):
    agent = lit.agent(COURT)
    witness(lit, COURT)
    secret = lit.secret()

    def ends(daemon):
        def attempt():
            with open(daemon.log, "a", encoding="utf-8") as log:
                return subprocess.run(daemon.command(), stdout=log,
                                      stderr=log, timeout=WAIT).returncode
        return attempt

    def admin(*args):
        return lambda: lit.attempt(*args).returncode
    pub = os.path.join(lit.dir, "second.key")
    lit.call("schakel-admin", "operator-key", pub)
    # Those that need a broker first, then the daemons'.
    by_hand = [
        (lit.operator, admin("confirm-clock")),
        (lit.enrolment_key, admin("revoke", "--participant", COURT,
                                  "--reason", "left", "--enrolment-key",
                                  lit.enrolment_key)),
        (secret, lambda: agent.run("pseudonym", "--secret", secret,
                                   "--version", 1,
                                   stdin="123456782\n").returncode)]
    for path, attempt in by_hand:
        os.chmod(path, 0o640)
        assert attempt() != 0, path
        os.chmod(path, 0o600)
    agent.stop()
    lit.broker.stop()
    keys = os.path.join(lit.dir, "keys")
    daemons = [(os.path.join(keys, name), lit.broker)
               for name in ("sign.key", "link.key")]
    daemons.append((os.path.join(lit.broker.journal, "keys", "data.mdb"),
                    lit.broker))
    daemons += [(os.path.join(agent.dir, "keys", name), agent)
                for name in ("link.key", "sign.key", "seal.key",
                             "witness.key")]
    for path, daemon in daemons:
        for mode in (0o640, 0o604):
            os.chmod(path, mode)
            assert ends(daemon)() not in (0, None), path
            assert "FILE_MODE" in log_of(daemon).split("\n")[-2], path
        os.chmod(path, 0o600)
    # As they were, all is well.
    lit.broker.start()
    agent.start()
    lit.holds()
