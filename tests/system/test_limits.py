"""Limits that a person or an operator meets, at their edge and one past it."""
import os

import pytest
from harness import (COURT, ORDER_TEXT, TODAY, ZWOLLE, StageError, order)

HOOK = "{{program: [/bin/true{more}], timeout_s: {seconds}, attempts: {n}}}"


def start_with(agent, hook):
    agent.write_config()
    with open(os.path.join(agent.dir, "config.yaml"), "a",
              encoding="utf-8") as f:
        f.write(f"hook: {hook}\n")
    agent.start(connected=False)


@pytest.mark.parametrize("good, past, field", [
    (dict(more=", x" * 12), dict(more=", x" * 13), "hook.program"),
    (dict(seconds=600), dict(seconds=601), "hook.timeout_s"),
    (dict(n=100), dict(n=101), "hook.attempts"),
])
def test_a_hook_may_be_so_large_and_no_larger(lit, good, past, field):
    agent = lit.agent(ZWOLLE, start=False)
    fill = dict(more="", seconds=5, n=3)
    start_with(agent, HOOK.format(**{**fill, **good}))
    agent.stop()
    with pytest.raises(StageError):
        start_with(agent, HOOK.format(**{**fill, **past}))
    with open(agent.log, encoding="utf-8") as f:
        assert field in f.read()
    agent.process = None


def test_a_note_of_500_bytes_goes_with_a_case_and_one_of_501_does_not(lit):
    agent = lit.agent(ZWOLLE)
    court = lit.agent(COURT)
    me = agent.participant * 100 + 1
    case = court.say("COURT_ORDER", order(), event_date=TODAY,
                     sections=ORDER_TEXT)["case_ref"]
    agent.wait_letter("COURT_ORDER")
    agent.write_users([dict(person=me, name="Ria", uid=os.getuid()),
                       dict(person=me + 1, name="Sem", uid=os.getuid() + 1)])
    agent.get("assign", case=case)
    with pytest.raises(StageError, match="OVERSIZED"):
        agent.get("hand-over", case=case, person=me + 1, note="n" * 501)
    agent.get("hand-over", case=case, person=me + 1, note="n" * 500)


def test_a_wait_longer_than_any_is_cut_and_no_error(lit):
    agent = lit.agent(ZWOLLE)
    assert agent.get("wait", connected=True, timeout_ms=10 ** 9)["connected"]
    with pytest.raises(StageError, match="FIELD_INVALID"):
        agent.get("wait", connected=True, timeout_ms=-1)
