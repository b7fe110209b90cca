"""The broker takes other keys: planned, lost and stolen, with what agents and
auditors still believe afterwards."""
import json
import os
import re
import shutil

import pytest
from harness import COURT, ORDER_TEXT, TODAY, ZWOLLE, order, wait_log


def kept_in(stage):
    return os.path.join(stage.dir, "keys")


def made(stage, *which):
    """The next keys beside the broker's: next.pub and its eight words."""
    said = stage.admin("broker-keys", "--keys", kept_in(stage), *which)
    words = re.search(r"read out: (.*)", said).group(1).strip()
    return os.path.join(kept_in(stage), "next.pub"), words


def renew(stage, reason, *more):
    # A link key that nobody knows yet would keep every agent out.
    pub, words = made(stage, *(["sign"] if reason == "lost" else []))
    return stage.attempt("renew-broker", "--file", pub, "--words", words,
                         "--reason", reason, "--enrolment-key",
                         stage.enrolment_key, *more)


def sent(court, child):
    answer = court.say("COURT_ORDER", order(child=child), to=[ZWOLLE],
                       event_date=TODAY, sections=ORDER_TEXT)
    assert answer["state"] == "RECEIPTED"
    return answer


def keys_of(stage):
    return json.loads(stage.audit("vkey", "--json").stdout)["keys"]


def generation(stage):
    return stage.status()["key_generation"]


def test_a_planned_change_is_signed_for_by_the_old_key(lit):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    sent(court, 1)
    done = renew(lit, "planned")
    assert done.returncode == 0, done.stderr
    assert generation(lit) == 2
    sent(court, 4)
    # The link has the old key until the broker starts again; then an agent
    # that was there finds the new one by itself.
    lit.broker.stop()
    lit.broker.start()
    court.wait(connected=True)
    sent(court, 7)
    access.wait_letter("COURT_ORDER", 3)
    assert court.get("status")["connected"]
    verified, _ = lit.holds()
    assert verified["signed"]
    first, second = keys_of(lit)
    assert first["vkey"] != second["vkey"] and first["from_size"] == 0
    # Under which key it was signed is told with every case.
    told = lit.audit("timeline", "--case", "1").stdout
    assert "nieuwe sleutels van de broker / new keys of the broker" in told
    assert "sleutels nr 2, gepland / keys number, planned" in told
    # A checkpoint of exactly the entries up to the statement is by the old.
    assert second["from_size"] > 2
    for key in (first, second):
        done = lit.audit("verify", "--key", key["vkey"])
        assert done.returncode == 0, done.stdout
    other = first["vkey"][:-8] + "AAAAAAA="
    assert lit.audit("verify", "--key", other).returncode != 0


def test_an_agent_that_was_away_takes_the_statement_from_a_file(lit):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    sent(court, 1)
    access.wait_letter("COURT_ORDER")
    access.stop()
    statement = os.path.join(lit.dir, "broker.statement")
    done = renew(lit, "planned", "--out", statement)
    assert done.returncode == 0, done.stderr
    lit.admin("enter", "--statement", statement)
    lit.broker.stop()
    lit.broker.start()
    court.wait(connected=True)
    sent(court, 4)
    access.start(connected=False)
    wait_log(access, "did not accept this key")
    access.stop()
    shutil.copy(statement, os.path.join(access.dir, "store",
                                        "broker.statement"))
    access.start()
    access.wait_letter("COURT_ORDER", 2)
    lit.holds()


def test_a_lost_key_is_replaced_by_the_region_alone(lit):
    court = lit.agent(COURT)
    lit.agent(ZWOLLE)
    sent(court, 1)
    lit.broker.stop()
    os.unlink(os.path.join(kept_in(lit), "sign.key"))
    with pytest.raises(Exception):
        lit.broker.start()
    assert "lost: schakel-admin(8)" in open(lit.broker.log).read()
    statement = os.path.join(kept_in(lit), "next.statement")
    done = renew(lit, "lost", "--out", statement, "--journal",
                 lit.broker.journal)
    assert done.returncode == 0, done.stderr
    lit.broker.start()
    assert not os.path.exists(statement)
    assert generation(lit) == 2
    court.wait(connected=True)
    sent(court, 4)
    lit.holds()


def test_a_lost_link_key_is_named_anew_and_reaches_agents_by_hand(lit):
    court = lit.agent(COURT)
    lit.agent(ZWOLLE)
    sent(court, 1)
    lit.broker.stop()
    os.unlink(os.path.join(kept_in(lit), "link.key"))
    pub, words = made(lit)
    statement = os.path.join(kept_in(lit), "next.statement")
    copy = os.path.join(lit.dir, "broker.statement")
    lit.admin("renew-broker", "--file", pub, "--words", words, "--reason",
              "lost", "--enrolment-key", lit.enrolment_key, "--out",
              statement, "--journal", lit.broker.journal)
    shutil.copy(statement, copy)
    lit.broker.start()
    assert generation(lit) == 2
    for agent in lit.agents.values():
        agent.stop()
        shutil.copy(copy, os.path.join(agent.dir, "store",
                                       "broker.statement"))
        agent.start()
    sent(court, 4)
    lit.agents[ZWOLLE].wait_letter("COURT_ORDER", 2)
    lit.holds()


def test_a_stolen_key_signs_nothing_more(lit):
    court = lit.client(COURT)
    lit.agent(ZWOLLE)
    before = court.checkpoint
    assert renew(lit, "stolen").returncode == 0
    court.until(lambda: court.directory.broker)
    court.submit(court.compose("COURT_ORDER", order(child=4), to=[ZWOLLE],
                               event_date=TODAY, sections=ORDER_TEXT))
    court.until(lambda: court.checkpoint != before)
    entries = lit.broker.leaves()
    lit.holds()
    _, second = keys_of(lit)
    # The checkpoint over the entry that names the new key bears it already.
    statement = [n for n, leaf in enumerate(entries) if leaf["kind"] == 5][-1]
    assert second["from_size"] == statement + 1


def test_words_that_differ_and_a_key_that_waits_nowhere_are_refused(lit):
    pub, words = made(lit)
    wrong = " ".join(reversed(words.split()))
    done = lit.attempt("renew-broker", "--file", pub, "--words", wrong,
                       "--reason", "planned", "--enrolment-key",
                       lit.enrolment_key)
    assert done.returncode == 1 and "STATEMENT_WRONG" in done.stderr
    for name in ("sign.key.next", "link.key.next"):
        os.unlink(os.path.join(kept_in(lit), name))
    done = lit.attempt("renew-broker", "--file", pub, "--words", words,
                       "--reason", "planned", "--enrolment-key",
                       lit.enrolment_key)
    assert done.returncode == 1 and "sign.key.next" in done.stderr
    assert generation(lit) == 1
    lit.holds()
