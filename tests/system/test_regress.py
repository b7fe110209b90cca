"""What went wrong once: an input or a seed a file in tests/regress/, named by
date and symptom."""
import glob
import json
import os
import random

import pytest
from formats import error_name
from harness import COURT, ROOT
from schema import session as wire
from test_kill import kill_under_traffic

FILES = sorted(glob.glob(os.path.join(ROOT, "tests", "regress", "*.json")))


def of(what):
    """The files that this kind of test reads."""
    found = []
    for path in FILES:
        with open(path, encoding="utf-8") as f:
            content = json.load(f)
        if what in content:
            found.append(pytest.param(
                content, id=os.path.basename(path)[:-len(".json")]))
    assert found, f"no file in tests/regress says {what}"
    return found


@pytest.mark.parametrize("case", of("frame"))
def test_a_frame_that_was_answered_wrongly(lit, case):
    court = lit.client(COURT)
    answer = court.submit_raw(bytes.fromhex(case["frame"]))
    assert isinstance(answer, getattr(wire, case["answer"])), answer
    assert error_name(answer.code) == case["code"]


@pytest.mark.parametrize("case", of("kill"))
def test_a_kill_that_went_wrong(lit, case):
    kill_under_traffic(lit, case["kill"], random.Random(case["seed"]),
                       case["kills"])


@pytest.mark.parametrize("case", of("last_word"))
def test_a_last_word_that_was_not_heard(lit, case):
    court = lit.client(COURT)
    lit.admin(case["last_word"])
    court.until(lambda: court.drained)
    assert lit.broker.process.wait(30) == 0
