import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "system")]

from harness import Stage  # noqa: E402


@pytest.fixture
def lit():
    """A test journal with its broker up and the region's policy in force."""
    with Stage() as stage:
        stage.start_broker()
        stage.policy()
        yield stage
