"""A case is erased: nothing of it is left in any file of the broker, nor at
the agents that do the same, and an auditor still finds that all holds."""
import ctypes
import json
import os
import shutil
import subprocess

from harness import (COURT, ORDER_TEXT, TODAY, WAIT, ZWOLLE, log_of, order,
                     wait_log)

CHILD = 0x5eed
WHY = {"EXPLANATION": "Op de verkeerde naam ingevoerd."}


class Value(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("data", ctypes.c_void_p)]


def row(folder, table, number):
    """What lies in this table under this number."""
    lmdb = ctypes.CDLL("liblmdb.so.0")
    env, txn, dbi = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_uint()
    at = ctypes.c_uint64(number)
    key = Value(8, ctypes.cast(ctypes.pointer(at), ctypes.c_void_p))
    value = Value()
    for done in (lmdb.mdb_env_create(ctypes.byref(env)),
                 lmdb.mdb_env_set_maxdbs(env, 32),
                 lmdb.mdb_env_open(env, folder.encode(), 0x20000, 0o600),
                 lmdb.mdb_txn_begin(env, None, 0x20000, ctypes.byref(txn)),
                 lmdb.mdb_dbi_open(txn, table.encode(), 0,
                                   ctypes.byref(dbi)),
                 lmdb.mdb_get(txn, dbi, ctypes.byref(key),
                              ctypes.byref(value))):
        assert done == 0, done
    content = ctypes.string_at(value.data, value.size)
    lmdb.mdb_txn_abort(txn)
    lmdb.mdb_env_close(env)
    return content


def where(folder, content):
    """The files under here that hold these bytes."""
    assert len(content) >= 16
    found = []
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    if content in f.read():
                        found.append(os.path.relpath(path, folder))
    return found


def pseudonym(child):
    return bytes.fromhex(order(child=child)["persons"][0]["pseudonym"])


# code: ERASURE_NOT_GRANTED, ERASED
def test_what_was_granted_is_gone_everywhere_and_the_journal_holds(lit):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    case = court.say("COURT_ORDER", order(child=CHILD), event_date=TODAY,
                     sections=ORDER_TEXT)["case_ref"]
    letter = access.wait_letter("COURT_ORDER")
    assert access.shown(letter)["sections"] == ORDER_TEXT
    # Another child's case, which nobody asks to erase.
    court.say("COURT_ORDER", order(child=77), event_date=TODAY,
              sections=ORDER_TEXT)
    court.say("VOID", {}, case, to=[ZWOLLE], sections=WHY)
    access.wait_letter("VOID")
    asked = access.say("ERASURE_REQUEST",
                       {"ground": "DESTRUCTION_REQUESTED",
                        "requested_date": TODAY}, case)
    refused = lit.attempt("erase", "1", "--ground", "DESTRUCTION_REQUESTED",
                          "--request-position",
                          asked["receipt"]["position"])
    assert refused.returncode != 0
    assert "ERASURE_NOT_GRANTED" in refused.stderr
    access.say("ERASURE_ANSWER", {"granted": True}, case,
               reply_to=asked["ref"], to=[COURT])
    court.wait_letter("ERASURE_ANSWER")
    lit.broker.stop()
    key = row(os.path.join(lit.broker.journal, "keys"), "keys", 1)
    assert len(key) == 32 and where(lit.broker.journal, key)
    for agent in (court, access):
        assert where(agent.dir, pseudonym(CHILD)), agent
    lit.broker.start()
    lit.admin("erase", "1", "--ground", "DESTRUCTION_REQUESTED",
              "--request-position", asked["receipt"]["position"])
    for agent in (court, access):
        wait_log(agent, "case erased")
    said = court.wait(idle=True), access.wait(idle=True)
    assert all(answer["ok"] for answer in said)
    for agent in (court, access):
        assert where(agent.dir, pseudonym(CHILD)) == [], agent
        assert where(agent.dir, pseudonym(77)), agent
    shown = access.ask({"do": "show", "ref": letter["ref"]})
    assert shown["error"]["code"] == "ERASED", shown
    lit.broker.stop()
    assert where(lit.broker.journal, key) == []
    for secret in (pseudonym(CHILD), *(text.encode() for text in
                                       ORDER_TEXT.values())):
        assert where(lit.broker.journal, secret[:64]) == []
        assert secret not in log_of(lit.broker).encode()
    verified = json.loads(lit.audit("verify", "--json").stdout)
    assert verified["holds"], verified
    assert verified["cases_erased"] == 1 and verified["erased"] > 3
    replayed = json.loads(lit.audit("replay", "--json").stdout)
    assert replayed["differences"] == 0 and replayed["erased"] > 3, replayed
    told = lit.audit("timeline", "--case", "1").stdout
    assert "gewist: vernietiging op verzoek" in told
    assert told.count("verklaart: afschrift gewist") == 2, told
    # A copy for an auditor has no more of it, and knows that it was erased.
    out = os.path.join(lit.dir, "auditor")
    done = lit.audit("export", out, "--auditor")
    assert done.returncode == 0, done.stderr
    for secret in (key, pseudonym(CHILD)):
        assert where(out, secret) == []
    done = subprocess.run([lit.program("schakel-audit"), "verify", out,
                           "--json"], text=True, capture_output=True,
                          timeout=WAIT)
    copied = json.loads(done.stdout)
    assert copied["holds"] and copied["cases_erased"] == 1, copied
    lit.broker.start()


def test_who_holds_a_dossier_of_its_own_keeps_it_and_says_so(lit):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    case = court.say("COURT_ORDER", order(child=CHILD), event_date=TODAY,
                     sections=ORDER_TEXT)["case_ref"]
    access.wait_letter("COURT_ORDER")
    access.stop()
    access.write_config(own_dossier=True)
    access.start()
    court.say("VOID", {}, case, to=[ZWOLLE], sections=WHY)
    access.wait_letter("VOID")
    lit.admin("erase", "1", "--ground", "ENTERED_IN_ERROR")
    wait_log(court, "case erased")
    wait_log(access, "own dossier kept")
    court.wait(idle=True)
    access.wait(idle=True)
    assert where(court.dir, pseudonym(CHILD)) == []
    assert where(access.dir, pseudonym(CHILD))
    lit.broker.stop()
    told = lit.audit("timeline", "--case", "1").stdout
    assert "gewist: ten onrechte ingevoerd" in told
    assert "verklaart: eigen dossier blijft bewaard" in told
    assert json.loads(lit.audit("verify", "--json").stdout)["holds"]
    lit.broker.start()


def test_what_is_erased_before_it_was_fetched_comes_as_its_digests(lit):
    """Who was away learns that something was said, by whom and in which
    case, and what erased it; its own proof holds without the content."""
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    access.stop()
    case = court.say("COURT_ORDER", order(child=CHILD), event_date=TODAY,
                     sections=ORDER_TEXT)["case_ref"]
    court.say("VOID", {}, case, to=[ZWOLLE], sections=WHY)
    done = json.loads(lit.admin("erase", "1", "--ground", "ENTERED_IN_ERROR",
                                "--json"))
    wait_log(court, "case erased")
    access.start()
    wait_log(access, "case erased")
    letters = {m["kind"]: m for m in access.inbox() if m["kind"]}
    assert set(letters) >= {"COURT_ORDER", "VOID"}
    for kind in ("COURT_ORDER", "VOID"):
        letter = letters[kind]
        assert letter["trouble"]["code"] == "ERASED", letter
        assert letter["case_ref"] == case
        assert letter["erased"]["ground"] == "ENTERED_IN_ERROR"
        assert letter["erased"]["entry"] > done["position"]
    notice, = [m for m in access.inbox()
               if m.get("notice") and m["notice"]["kind"] == "ERASE"]
    assert notice["erased"] == letters["VOID"]["erased"]
    shown = access.run("inbox").stdout
    assert "gewist / erased (regel / entry" in shown
    assert "ten onrechte ingevoerd" in shown and "NOT VALID" not in shown
    # The sender, restored from nothing, follows its chain through it.
    court.wait(idle=True)
    access.wait(idle=True)
    court.stop()
    for name in os.listdir(court.dir):
        if name == "store":
            shutil.rmtree(os.path.join(court.dir, name))
    court.start()
    wait_log(court, "own messages taken back")
    court.say("COURT_ORDER", order(child=77), event_date=TODAY,
              sections=ORDER_TEXT)
    verify, _ = lit.holds()
    assert verify["holds"]
    told = lit.audit("timeline", "--case", "1").stdout
    assert told.count("verklaart: afschrift gewist") == 2, told
    lit.broker.start()


def test_every_look_is_listed_with_who_and_why(lit):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    court.say("COURT_ORDER", order(child=CHILD), event_date=TODAY,
              sections=ORDER_TEXT)
    letter = access.wait_letter("COURT_ORDER")
    access.shown(letter)
    access.wait(idle=True)
    lit.admin("export", "--out", os.path.join(lit.dir, "copy"), "--person", 5,
              "--ground", "dossier 12")
    lit.broker.stop()
    looks = json.loads(lit.audit("access", "--case", "1", "--json").stdout)
    opened = next(look for look in looks if look["event"] == "opened")
    assert opened["participant"] == ZWOLLE and opened["entries"] == 1
    assert opened["person"] != 0 and opened["client"] == "1-1-65"
    export = next(look for look in looks if look["event"] == "export")
    assert export["person"] == 5 and export["ground"] == "dossier 12"
    assert all(not look["emergency"] for look in looks)
    own = json.loads(lit.audit("access", "--participant", ZWOLLE,
                               "--json").stdout)
    assert own == [opened]
    text = lit.audit("access").stdout
    assert "dossier 12" in text and f"({ZWOLLE})" in text
    lit.broker.start()
