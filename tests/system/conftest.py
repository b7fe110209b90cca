import sys
import os

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import Stage  # noqa: E402


@pytest.fixture
def stage():
    """A founded test journal, its broker not started yet."""
    made = Stage()
    yield made
    made.close()


@pytest.fixture
def lit(stage):
    """The same with the broker up and the region's policy in force."""
    stage.start()
    return stage
