"""kill -9 under traffic: what has a receipt is in the journal once, and with
its recipient once, in order.

KILLS says how often each daemon is killed (10; nightly 50), SEED which
moments are chosen.
"""
import random
import threading
from collections import Counter

import pytest
from client import ref_text, strict
from harness import (COURT, KILLS, ORDER_TEXT, SEED, TODAY, ZWOLLE, StageError,
                     order)
from schema import envelope as pb
from schema import session

CASES = 3


class Traffic(threading.Thread):
    """Hearing notices in turn over the cases, as fast as the agent takes
    them. What it answered for is promised; what it died over is in doubt."""

    def __init__(self, agent, cases):
        super().__init__(daemon=True)
        self.agent, self.cases = agent, cases
        self.promised = {case: [] for case in cases}
        self.count, self.doubtful = 0, 0
        self.moved, self.ending = threading.Condition(), False
        self.failure = None

    def run(self):
        turn = 0
        while not self.ending:
            case = self.cases[turn % len(self.cases)]
            turn += 1
            try:
                answer = self.agent.ask({
                    "do": "send", "kind": "HEARING_NOTICE", "case": case,
                    "facts": {"hearing_date": "2026-05-04"}})
            except (OSError, StageError):
                # Killed, or not back yet.
                with self.moved:
                    self.doubtful += 1
                    self.moved.wait(0.02)
                continue
            if not answer.get("ok"):
                self.failure = answer
                self.ending = True
            with self.moved:
                self.promised[case].append(answer.get("ref"))
                self.count += 1
                self.moved.notify_all()

    def wait_more(self, more):
        with self.moved:
            goal = self.count + more
            assert self.moved.wait_for(
                lambda: self.count >= goal or self.ending, 60)
        assert self.failure is None, self.failure

    def end(self):
        self.ending = True
        self.join(60)
        assert not self.is_alive()


def journalled(broker):
    """How often each message stands in the journal as accepted."""
    refs = Counter()
    for leaf in broker.leaves():
        if leaf["kind"] != 2:
            continue
        assert session.Outcome.FromString(leaf["outcome"]).accepted, leaf
        header = strict(pb.Header, leaf["header"])
        refs[ref_text(pb.Ref(participant=leaf["sender"],
                             id=header.id))] += 1
    return refs


def kill_under_traffic(lit, victim, rng, kills):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    cases = [court.say("COURT_ORDER", order(child=10 * n), event_date=TODAY,
                       sections=ORDER_TEXT)["case_ref"]
             for n in range(1, CASES + 1)]
    for n in range(CASES):
        access.wait_letter("COURT_ORDER", n + 1)
    killed = {"broker": [lit.broker], "sender": [court],
              "recipient": [access],
              "all": [lit.broker, court, access]}[victim]
    traffic = Traffic(court, cases)
    traffic.start()
    for _ in range(kills):
        traffic.wait_more(rng.randint(1, 12))
        # Not a wait for anything: the moment itself is the dice's.
        threading.Event().wait(rng.uniform(0, 0.01))
        for daemon in killed:
            daemon.kill()
        for daemon in killed:
            daemon.start()
        court.wait(connected=True)
        access.wait(connected=True)
    traffic.wait_more(5)
    traffic.end()

    court.wait(idle=True)
    promised = [ref for refs in traffic.promised.values() for ref in refs]
    last = {case: refs[-1] for case, refs in traffic.promised.items()}
    letters = access.wait_all(set(last.values()))
    got = Counter(m["ref"] for m in letters if m["ref"])
    assert set(got.values()) == {1}
    assert set(promised) <= set(got)
    # What the agent died over may have come through, each at most once.
    assert len(got) <= len(promised) + CASES + traffic.doubtful
    for case, refs in traffic.promised.items():
        known = set(refs)
        assert [m["ref"] for m in letters if m["case_ref"] == case
                and m["ref"] in known] == refs
    written = journalled(lit.broker)
    assert set(written.values()) == {1}
    assert set(promised) <= set(written)
    lit.holds()



@pytest.mark.parametrize("victim", ["broker", "sender", "recipient", "all"])
def test_a_kill_at_any_moment_loses_nothing_and_repeats_nothing(lit, victim):
    kill_under_traffic(lit, victim, random.Random(f"{SEED} {victim}"), KILLS)
