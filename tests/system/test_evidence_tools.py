"""What an auditor proves to others, and what others' checkpoints tell about a
journal: schakel-audit's prove, check, consistency, vkey, export and diff."""
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess

import pytest
from harness import (COURT, ORDER_TEXT, TODAY, TO_PLAN, WAIT, ZWOLLE, Stage,
                     order)

HOLDS, WRONG, BLIND = 0, 1, 2
CHILD = "00" * 31 + "01"    # the pseudonym in the first order


class Ground:
    """A journal with two cases, an export of before the second, both of the
    same broker; and a journal of another."""

    def __init__(self, folder):
        self.folder = str(folder)
        with Stage() as stage:
            stage.start_broker()
            stage.policy()
            court, access = stage.client(COURT), stage.client(ZWOLLE)
            court.greet()
            self.case(court, access)
            self.export = self.path("export")
            stage.admin("export", "--out", self.export, "--person", 5,
                        "--ground", "proef")
            self.case(court, access, child=10)
            stage.broker.stop()
            self.journal = self.path("journal")
            shutil.copytree(stage.broker.journal, self.journal)
            self.program = stage.program("schakel-audit")
        with Stage() as stage:
            stage.start_broker()
            stage.broker.stop()
            self.other = self.path("other")
            shutil.copytree(stage.broker.journal, self.other)
        self.vkey = self.audit("vkey", self.journal).stdout.strip()
        self.proof = self.path("proof")
        self.entry = self.path("entry")
        self.proved = self.tell("prove", self.journal, 7, "--out", self.proof,
                                "--entry", self.entry)
        self.public = self.path("public")
        self.published = self.tell("export", "--public", self.journal,
                                   self.public)

    @staticmethod
    def case(court, access, child=1):
        case, _ = court.say("COURT_ORDER", order(child=child), to=[ZWOLLE],
                            event_date=TODAY, sections=ORDER_TEXT)
        for kind, facts, sections in TO_PLAN:
            access.say(kind, facts, case_ref=case, sections=sections,
                       event_date=TODAY)

    def path(self, name):
        return os.path.join(self.folder, name)

    def audit(self, *words):
        done = subprocess.run([self.program, *map(str, words)], text=True,
                              capture_output=True, timeout=WAIT)
        assert done.returncode in (HOLDS, WRONG, BLIND), done
        return done

    def code(self, *words):
        plain = self.audit(*words).returncode
        assert self.audit(*words, "--json").returncode == plain
        return plain

    def tell(self, *words):
        done = self.audit(*words, "--json")
        assert done.returncode == HOLDS, done
        return json.loads(done.stdout)

    def altered(self, name, old, new):
        with open(name, "rb") as f:
            content = f.read()
        assert old in content
        path = self.path("altered")
        with open(path, "wb") as f:
            f.write(content.replace(old, new, 1))
        return path


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    return Ground(tmp_path_factory.mktemp("evidence"))


def test_a_proof_holds_without_the_journal(ground):
    check = ground.tell("check", ground.proof, "--key", ground.vkey)
    assert check["holds"] and check["position"] == 7
    assert not check["leaf_given"]
    with open(ground.entry, "rb") as f:
        leaf = hashlib.sha256(b"\0" + f.read()).hexdigest()
    assert leaf == check["leaf"] == ground.proved["leaf"]
    for named in (("--leaf", leaf), ("--entry", ground.entry)):
        assert ground.tell("check", ground.proof, "--key", ground.vkey,
                           *named)["leaf_given"]


def test_what_is_no_proof_of_this_entry_in_this_log_does_not_hold(ground):
    name, key_id, key = ground.vkey.split("+", 2)
    other = ground.audit("vkey", ground.other).stdout.strip()
    check = ("check", ground.proof, "--key")
    assert ground.code(*check, ground.vkey, "--leaf", "ab" * 32) == WRONG
    assert ground.code(*check, ground.vkey, "--entry", ground.proof) == WRONG
    assert ground.code(*check, other) == WRONG
    assert ground.code(*check, f"{name}+{key_id}+x{key[1:]}") == BLIND
    assert ground.code(*check, ground.vkey, "--leaf", "ab") == BLIND
    assert ground.code("check", ground.proof) == BLIND
    for old, new, code in ((b"index 7", b"index 8", WRONG),
                           (b"index 7", b"index 07", BLIND),
                           (b"tlog-proof@v1", b"tlog-proof@v2", BLIND),
                           (b"extra ", b"extra", BLIND),
                           (b"\n\n", b"\n", BLIND)):
        path = ground.altered(ground.proof, old, new)
        assert ground.code("check", path, "--key", ground.vkey) == code, new
    assert ground.code("check", ground.path("absent"), "--key",
                       ground.vkey) == BLIND


def test_nothing_is_proved_of_what_is_not_covered(ground):
    size = ground.proved["size"]
    out = ground.path("nothing")
    for position in (size, size + 1, 2 ** 64 - 1, "-1", "x"):
        assert ground.audit("prove", ground.journal, position, "--out",
                            out).returncode == BLIND
    assert not os.path.exists(out)
    last = ground.tell("prove", ground.journal, size - 1, "--out", out)
    assert last["position"] == size - 1
    assert ground.code("check", out, "--key", ground.vkey) == HOLDS


def test_a_journal_leads_to_what_others_kept(ground):
    kept = os.path.join(ground.public, "checkpoint")
    early = ground.path("early")
    ground.tell("export", "--public", ground.export, early)
    early = os.path.join(early, "checkpoint")
    assert ground.code("consistency", ground.journal, kept, early) == HOLDS
    assert ground.code("consistency", ground.export, early) == HOLDS
    # A copy that ends before the checkpoint cannot lead to it.
    assert ground.code("consistency", ground.export, kept) == WRONG
    assert ground.code("consistency", ground.other, kept) == WRONG
    key = ("--key", ground.vkey)
    assert ground.code("consistency", kept, kept, *key) == HOLDS
    assert ground.code("consistency", kept, early, *key) == BLIND
    assert ground.code("consistency", kept, early) == BLIND


def test_a_checkpoint_that_was_forged_is_none(ground):
    kept = os.path.join(ground.public, "checkpoint")
    size = str(ground.published["size"]).encode()
    for old, new, code in (
            (b"\n" + size + b"\n", b"\n%d\n" % (int(size) - 1), WRONG),
            (b"\n" + size + b"\n", b"\n0%s\n" % size, WRONG),
            (b"proef/test/1\n", b"proef/test/2\n", WRONG),
            (b"\n\n", b"\n", BLIND)):
        path = ground.altered(kept, old, new)
        assert ground.code("consistency", ground.journal, path) == code, new


def test_a_public_export_names_nobody_and_nothing(ground):
    files = [path for path in glob.glob(ground.public + "/**",
                                        recursive=True)
             if os.path.isfile(path)]
    assert len(files) == ground.published["tiles"] + 1
    with open(ground.entry, "rb") as f:
        entry = f.read()
    for path in files:
        with open(path, "rb") as f:
            content = f.read()
        for secret in (b"Zwolle", b"Rechtbank", bytes.fromhex(CHILD),
                       CHILD.encode(), entry[:64]):
            assert secret not in content
        name = os.path.relpath(path, ground.public)
        assert name == "checkpoint" or re.fullmatch(
            r"tile/\d/(x\d{3}/)*\d{3}(\.p/\d+)?", name), name
    # The tile begins with the leaf of the founding entry.
    tile = [path for path in files if "/tile/0/000" in path][0]
    out = ground.path("founding")
    leaf = ground.tell("prove", ground.journal, 0, "--out", out)["leaf"]
    with open(tile, "rb") as f:
        assert f.read(32).hex() == leaf
    assert ground.audit("export", "--public", ground.journal,
                        ground.public).returncode == BLIND
    assert ground.audit("export", ground.journal,
                        ground.path("all")).returncode == BLIND


def test_two_journals_part_where_they_do(ground):
    twin = ground.path("twin")
    shutil.copytree(ground.journal, twin)
    for other in (ground.journal, twin):
        assert ground.tell("diff", ground.journal, other)["same"]
    done = ground.audit("diff", ground.journal, ground.export, "--json")
    assert done.returncode == WRONG
    said = json.loads(done.stdout)
    assert said["first_difference"]["position"] == said["entries"][1]
    done = ground.audit("diff", ground.journal, ground.other, "--json")
    assert json.loads(done.stdout)["first_difference"]["position"] == 0
    assert ground.audit("diff", ground.journal,
                        ground.path("absent")).returncode == BLIND


def test_verify_asks_for_the_key_that_it_is_given(ground):
    said = ground.tell("verify", ground.journal, "--key", ground.vkey)
    assert said["signed"] and said["checkpoints"] > 5
    assert ground.tell("verify", ground.export)["signed"]
    other = ground.audit("vkey", ground.other).stdout.strip()
    assert ground.code("verify", ground.journal, "--key", other) == WRONG
    assert ground.code("verify", ground.journal, "--key", "x") == BLIND


def test_a_case_is_drawn_on_one_page(ground):
    page = ground.path("page.html")
    for what in (("--case", 1), ("--participant", ZWOLLE)):
        ground.tell("timeline", ground.journal, *what, "--html", page)
        with open(page, encoding="utf-8") as f:
            text = f.read()
        assert text.startswith("<!DOCTYPE html>") and 'lang="nl"' in text
        assert "<svg role=\"img\"" in text and "Toegang Zwolle" in text
        assert "<script" not in text and "src=" not in text
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
        for hidden in (*ORDER_TEXT.values(), CHILD, "Ouders uit elkaar"):
            assert hidden not in text
        assert os.stat(page).st_mode & 0o777 == 0o600
