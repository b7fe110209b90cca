"""A start that cannot be right is refused with a clear word, and nothing is
left running."""
import os
import re
import subprocess

import pytest
from harness import WAIT, Stage, written


def attempt(stage, *more, config=None, name="schakel-broker"):
    """Run a daemon that is expected to give up by itself."""
    done = subprocess.run(
        [stage.program(name), "-c", config or stage.broker.config, *more],
        text=True, capture_output=True, timeout=WAIT,
        stdin=subprocess.DEVNULL)
    assert done.returncode not in (0, None) and done.returncode > 0, done
    return done.stderr


def changed(stage, old, new):
    """The broker's configuration with one line other than it was."""
    with open(stage.broker.config, encoding="utf-8") as f:
        text = f.read()
    assert re.search(old, text, re.M), text
    return written(os.path.join(stage.dir, "changed.yaml"),
                   re.sub(old, new, text, flags=re.M))


def line_of(path, word):
    with open(path, encoding="utf-8") as f:
        return next(n for n, line in enumerate(f, 1) if word in line)


def test_a_second_broker_on_one_journal_gives_up(lit):
    config = changed(lit, "^control:.*", f'control: "{lit.dir}/other.sock"')
    said = attempt(lit, "--test-clock", config=config)
    assert "STORE_BUSY" in said, said
    # The first goes on as if nothing was.
    assert lit.broker.is_running()
    assert lit.status()["held"] is False


def test_a_second_broker_on_one_port_gives_up(lit):
    with Stage() as other:
        config = changed(other, "^listen:.*", f"listen: {lit.address}")
        said = attempt(other, "--test-clock", config=config)
        assert "cannot bind" in said and lit.address in said, said


@pytest.mark.parametrize("key", ["link.key"])
def test_a_key_that_others_can_read_is_not_used(stage, key):
    path = os.path.join(stage.dir, "keys", key)
    os.chmod(path, 0o644)
    said = attempt(stage, "--test-clock")
    assert "FILE_MODE" in said and path in said, said
    os.chmod(path, 0o600)
    stage.start_broker()


def test_an_agents_key_that_others_can_read_is_not_used(lit):
    agent = lit.agent(10, start=False)
    config = os.path.join(agent.dir, "config.yaml")
    for key in ("link.key", "sign.key", "seal.key"):
        path = os.path.join(agent.dir, "keys", key)
        os.chmod(path, 0o640)
        for check in ([], ["-n"]):
            said = attempt(lit, *check, config=config, name="schakel-agent")
            assert "FILE_MODE" in said and path in said, said
        os.chmod(path, 0o600)
    agent.start()


CONFIGS = {
    "a word that is not known": ("^log_level:", "loglevel:", "loglevel"),
    "a value of another type": ("^low_water_mib:.*", "low_water_mib: veel",
                                "low_water_mib"),
    "an address that is none": ("^listen:.*", "listen: ipc:///tmp/x",
                                "listen"),
    "a level that is none": ("^log_level:.*", "log_level: loud",
                             "log_level"),
    "a batch of none": ("^low_water_mib:.*", "batch_max: 0", "batch_max"),
    "a batch past its bound": ("^low_water_mib:.*", "batch_max: 65537",
                               "batch_max"),
    "the same word twice": ("^low_water_mib:.*",
                            "low_water_mib: 1\nlog_level: info",
                            None),
}


@pytest.mark.parametrize("why", CONFIGS)
@pytest.mark.parametrize("check", [False, True], ids=["start", "-n"])
def test_a_bad_configuration_is_refused_by_file_and_line(stage, why, check):
    old, new, word = CONFIGS[why]
    config = changed(stage, old, new)
    said = attempt(stage, *(["-n"] if check else ["--test-clock"]),
                   config=config)
    if word is not None:
        assert f"{config}:{line_of(config, word)}" in said, said
        assert word in said
    else:
        assert re.search(re.escape(config) + r":\d+", said), said
    assert not os.path.exists(stage.broker.control)


def test_a_missing_word_is_named(stage):
    config = changed(stage, "^keys:.*\n", "")
    for check in (["-n"], []):
        said = attempt(stage, *check, config=config)
        assert config in said and "keys" in said and "missing" in said, said


def test_no_file_at_all_is_named(stage):
    config = os.path.join(stage.dir, "absent.yaml")
    assert config in attempt(stage, config=config)


def test_a_good_configuration_checks_without_a_start(stage):
    done = subprocess.run(
        [stage.program("schakel-broker"), "-c", stage.broker.config, "-n"],
        text=True, capture_output=True, timeout=WAIT)
    assert done.returncode == 0 and "ok" in done.stdout, done
    assert not os.path.exists(stage.broker.control)


def test_a_disk_below_low_water_stops_the_start(stage):
    config = changed(stage, "^low_water_mib:.*", "low_water_mib: 4000000000")
    said = attempt(stage, "--test-clock", config=config)
    assert "STORE_FULL" in said and "low_water_mib" in said, said
    assert "4000000000" in said
    stage.start_broker()


# code: NOT_A_TEST_JOURNAL
def test_a_test_clock_is_for_test_journals(stage):
    with Stage(test=False) as real:
        said = attempt(real, "--test-clock")
        assert "NOT_A_TEST_JOURNAL" in said, said
        # Without it the same journal opens.
        real.start_broker()
        assert real.status()["origin"] == "proef/journal/1"


PROFILES = {
    "a word that is not known": ("region: x\ncolour: blue\n", 2, "colour"),
    "a level that is none": (
        'region: x\nofferings:\n  - {code: a, level: HEAVY}\n', 3, "HEAVY"),
    "a term that is no number": (
        "region: x\nrules:\n  triage_due_workdays: soon\n", 3, "triage"),
}


@pytest.mark.parametrize("why", PROFILES)
def test_a_bad_region_profile_is_refused_by_file_and_line(lit, why):
    text, line, word = PROFILES[why]
    profile = written(os.path.join(lit.dir, "region.yaml"), text)
    before = lit.status()
    done = lit.attempt("policy", "--file", profile)
    assert done.returncode == 1, done
    assert f"{profile}:{line}" in done.stderr, done.stderr
    assert word in done.stderr
    after = lit.status()
    assert after["policy_version"] == before["policy_version"] == 1
    assert after["entries"] == before["entries"]


def test_a_profile_that_contradicts_itself_is_refused_by_the_broker(lit):
    profile = written(
        os.path.join(lit.dir, "region.yaml"),
        "region: x\nrules: {order_warning_days: 28, order_breach_days: 14}\n")
    done = lit.attempt("policy", "--file", profile)
    assert done.returncode == 1 and "POLICY_WRONG" in done.stderr, done
    assert lit.status()["policy_version"] == 1


def test_an_agent_joins_a_test_journal_only_when_told_to(lit):
    agent = lit.agent(10, start=False)
    agent.write_config(allow_test=False)
    for check in ([], ["-n"]):
        said = attempt(lit, *check, name="schakel-agent",
                       config=os.path.join(agent.dir, "config.yaml"))
        assert "allow_test" in said, said
    agent.write_config()
    agent.start()
