import sys
import os

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import Stage  # noqa: E402


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
