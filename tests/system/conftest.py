import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import KILLS, SEED, Stage  # noqa: E402


@pytest.fixture
def stage():
    """A founded test journal, its broker not started yet."""
    with Stage() as made:
        yield made


@pytest.fixture
def lit(stage):
    """The same with the broker up and the region's policy in force."""
    stage.start_broker()
    stage.policy()
    return stage


def pytest_terminal_summary(terminalreporter):
    """What it takes to run the kills of this run again."""
    terminalreporter.write_line(f"KILLS={KILLS} SEED={SEED}")
