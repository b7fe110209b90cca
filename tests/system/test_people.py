"""The people's command line against an agent that only remembers what it was
asked: every option lands where it should, and every answer is told."""
import hashlib
import hmac
import json
import os
import socket
import struct
import subprocess
import threading

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SCHAKEL = os.path.join(ROOT, os.environ.get("BUILD", "build"), "bin",
                       "schakel")
RECEIPTED = {"ok": True, "ref": "2-00112233445566aa-7", "state": "RECEIPTED",
             "receipt": {"case": "1-1-65", "position": 31, "instant":
                         "2026-03-31T12:00:00.000Z",
                         "outcome": {"accepted": True}}}
REFUSED = {"ok": True, "ref": "2-00112233445566aa-7", "state": "REFUSED",
           "receipt": {"outcome": {
               "accepted": False, "code": "ROUTE_VIA_ACCESS",
               "text": "verwijs via de lokale toegang", "text_en": "go by",
               "field": "header.kind", "hint": "an order",
               "use_participant": 2}}}
MEMBERS = {"ok": True, "members": [
    {"participant": 2, "name": "Toegang Zwolle", "role_nl": "lokale toegang",
     "code": "0193", "areas": ["0193"], "current": True}]}


class Agent:
    """Answers "do" from a table and keeps the requests."""

    def __init__(self, path):
        self.path, self.asked, self.answers = path, [], {}
        self.answers["status"] = {"ok": True, "today": "2026-03-31"}
        self.answers["directory"] = MEMBERS
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def close(self):
        # Not close alone: a thread on its way into accept would serve the
        # next agent's socket under the same descriptor.
        self.server.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.server.close()

    def serve(self):
        while True:
            try:
                link, _ = self.server.accept()
            except OSError:
                return
            with link:
                size, = struct.unpack(">I", link.recv(4, socket.MSG_WAITALL))
                request = json.loads(link.recv(size, socket.MSG_WAITALL))
                self.asked.append(request)
                body = json.dumps(self.answers.get(request["do"],
                                                   RECEIPTED)).encode()
                link.sendall(struct.pack(">I", len(body)) + body)

    def run(self, *args, stdin=""):
        return subprocess.run([SCHAKEL, "--socket", self.path, *args],
                              input=stdin, text=True, capture_output=True,
                              timeout=60, check=False)


@pytest.fixture
def agent(tmp_path):
    agent = Agent(str(tmp_path / "socket"))
    yield agent
    agent.close()


CHILD, PARENT = "ab" * 32, "cd" * 32
REPORT = {"goals": [{"number": 1, "status": "REACHED"}],
          "advice": "ADVISE_CONTINUE"}
CASES = [
    ("order --municipality 0193 --date 2026-03-02 --theme separation "
     f"--child {CHILD} --parent 2:{PARENT}:no-consent --goal 1:2026-09-01 "
     f"--hearing 2026-06-17 --reference {'0f' * 16}", "COURT_ORDER",
     {"municipality": "0193", "theme": "SEPARATION",
      "order_reference": "0f" * 16, "hearing_date": "2026-06-17",
      "goals": [{"number": 1, "setter": "SET_BY_COURT",
                 "due_date": "2026-09-01"}],
      "persons": [{"role": "CHILD", "secret_version": 1, "pseudonym": CHILD},
                  {"role": "PARENT", "secret_version": 2, "pseudonym": PARENT,
                   "consent": False}]}),
    ("analyse 1-1-65 --support school-domain,NETWORK --authors 2 "
     "--hypotheses 3", "ANALYSIS",
     {"support": ["SCHOOL_DOMAIN", "NETWORK"], "authors": 2,
      "hypotheses": 3}),
    ("route 1-1-65 --main youth_ambulant --side WMO --local-insufficient",
     "ROUTE_DECISION", {"main": "YOUTH_AMBULANT", "side": ["WMO"],
                        "local_insufficient": True}),
    ("plan 1-1-65 --goal 2:2026-08-01 --agreed parents,child --waiver",
     "FAMILY_PLAN", {"goals": [{"number": 2, "setter": "SET_BY_ACCESS",
                                "due_date": "2026-08-01"}],
                     "agreed": ["PLAN_PARENTS", "PLAN_CHILD"],
                     "waiver": True}),
    ("refer 1-1-65 --to 11 --offering omgang --wanted 2026-04-01",
     "REFERRAL", {"offering": "omgang", "wanted_date": "2026-04-01"}),
    ("accept 1-1-65 --intake 2026-04-01", "ACCEPT",
     {"intake_date": "2026-04-01"}),
    ("wijs-af 1-1-65 --reason capacity", "DECLINE", {"reason": "CAPACITY"}),
    ("wait-place 1-1-65 --expected 2026-05-01 --bridge", "WAIT_PLACE",
     {"expected_date": "2026-05-01", "bridge_help": True}),
    ("start 1-1-65", "START", {}),
    ("report 1-1-65 --goal-status 1=on-track", "PROGRESS_REPORT",
     {"goals": [{"number": 1, "status": "ON_TRACK"}]}),
    ("hearing 1-1-65 --hearing 2026-06-17", "HEARING_NOTICE",
     {"hearing_date": "2026-06-17"}),
    ("ask-report 1-1-65 --due 2026-05-27", "HEARING_REPORT_REQUEST",
     {"due_date": "2026-05-27"}),
    ("hearing-report 1-1-65 --goal-status 1=REACHED --advice continue",
     "HEARING_REPORT", REPORT),
    ("court-report 1-1-65 --goal-status 1=REACHED --advice continue",
     "COURT_REPORT", REPORT),
    ("stop 1-1-65 --reason as-planned", "STOP", {"reason": "AS_PLANNED"}),
    ("close 1-1-65 --network", "CLOSE", {"handed_to_network": True}),
    ("confirm 1-00112233445566aa-1", "RECEIPT_OF", {}),
]
CHILDS = [{"role": "CHILD", "secret_version": 1, "pseudonym": CHILD}]
WHERE = f"--municipality 0193 --child {CHILD}"
BOOT = "00112233445566aa"
CASES += [
    (f"request-access {WHERE} --ground safety-ground --theme separation",
     "ACCESS_REQUEST", {"municipality": "0193", "persons": CHILDS,
                        "ground": "SAFETY_GROUND", "theme": "SEPARATION"}),
    (f"signaal {WHERE} --ground help-request", "SIGNAL",
     {"municipality": "0193", "persons": CHILDS, "ground": "HELP_REQUEST"}),
    (f"request-assignment {WHERE} --referrer by-gp --offering omgang",
     "REQUEST_ASSIGNMENT", {"municipality": "0193", "persons": CHILDS,
                            "referrer": "BY_GP", "offering": "omgang"}),
    ("not-mine 1-1-65 --municipality 0194", "NOT_MINE",
     {"municipality": "0194"}),
    ("take-over 1-1-65", "TRANSFER_TAKEN", {}),
    ("withdraw 1-1-65 --to 11 --reason by-municipality", "WITHDRAW",
     {"reason": "BY_MUNICIPALITY"}),
    ("investigate 1-1-65 --until 2026-04-20", "INVESTIGATE",
     {"until_date": "2026-04-20"}),
    ("pause 1-1-65 --expected 2026-04-20", "PAUSE",
     {"expected_date": "2026-04-20"}),
    ("hervat 1-1-65", "RESUME", {}),
    ("change-request 1-1-65 --wanted-change longer --offering o "
     "--wanted 2026-04-20", "CHANGE_REQUEST",
     {"wanted": "LONGER", "offering": "o", "wanted_date": "2026-04-20"}),
    ("change-answer 1-1-65 --verdict granted", "CHANGE_ANSWER",
     {"verdict": "CHANGE_GRANTED"}),
    ("contact-attempt 1-1-65 --date 2026-04-20", "CONTACT_ATTEMPT",
     {"date": "2026-04-20", "reached": False}),
    ("consult 1-1-65 --to 12", "CONSULT", {}),
    ("meedenken 1-1-65", "CONSULT_ANSWER", {}),
    ("notice 1-1-65 --participant 12", "INVOLVEMENT_NOTICE",
     {"participant": 12, "left": False}),
    ("director 1-1-65 --director 12", "DIRECTOR_CHANGE", {"director": 12}),
    ("director-accept 1-1-65", "DIRECTOR_ACCEPT", {"accepted": True}),
    ("director-accept 1-1-65 --refuse", "DIRECTOR_ACCEPT",
     {"accepted": False}),
    ("crisis 1-1-65 --crisis child-missing", "CRISIS_ALERT",
     {"crisis": "CHILD_MISSING"}),
    ("crisis-taken 1-1-65", "CRISIS_TAKEN", {}),
    ("crisis-review 1-1-65 --over", "CRISIS_REVIEW", {"over": True}),
    ("stuck 1-1-65 --reason all-declined", "STUCK",
     {"reason": "ALL_DECLINED"}),
    ("ret-request 1-1-65 --to 13 --reason nothing-fits", "RET_REQUEST",
     {"reason": "NOTHING_FITS"}),
    ("ret-advice 1-1-65 --tailor-made", "RET_ADVICE",
     {"tailor_made_plan": True, "closed_placement": False}),
    ("boeg-request 1-1-65 --to 14 --failed", "BOEG_REQUEST",
     {"follow_up_failed": True}),
    ("boeg-advice 1-1-65 --closed", "BOEG_ADVICE",
     {"tailor_made_plan": False, "closed_placement": True}),
    ("conference 1-1-65 --parties 3 --parents", "CASE_CONFERENCE",
     {"parties": 3, "parents": True}),
    ("lesson 1-1-65 --themes lesson-finance,lesson-capacity", "LESSON",
     {"themes": ["LESSON_FINANCE", "LESSON_CAPACITY"]}),
    ("story 1-1-65 --teller told-by-child", "STORY",
     {"teller": "TOLD_BY_CHILD"}),
    ("feedback 1-1-65 --teller told-by-parent --score 4", "FEEDBACK",
     {"teller": "TOLD_BY_PARENT", "score": 4}),
    ("unmet-need 1-1-65 --domain housing --place home "
     "--reason tried-locally", "UNMET_NEED",
     {"domain": "HOUSING", "place": "HOME", "reason": "TRIED_LOCALLY"}),
    (f"link-person 1-1-65 --former {PARENT} --person child:2:{CHILD}",
     "LINK_PERSON", {"former": PARENT, "person": {
         "role": "CHILD", "secret_version": 2, "pseudonym": CHILD}}),
    ("void 1-1-65", "VOID", {}),
    (f"correct 1-{BOOT}-1 --removed", "CORRECTION", {"removed": True}),
    (f"correct 1-{BOOT}-1 --right-date 2026-03-01 --goal-status 1=REACHED",
     "CORRECTION", {"removed": False, "right_date": "2026-03-01",
                    "goals": [{"number": 1, "status": "REACHED"}]}),
    ("route 1-1-65 --main wmo --local-reason needs-safety --needed housing "
     "--problems owner-child --systemic no --moment 2026-04-20 "
     "--adult-help yes --wlz-checked --principles normalise",
     "ROUTE_DECISION",
     {"main": "WMO", "local_insufficient_reason": "NEEDS_SAFETY",
      "consideration": {"needed": ["HOUSING"], "problems": ["OWNER_CHILD"],
                        "systemic": False, "moment": 20563,
                        "adult_help": "YES", "wlz_checked": True},
      "principles": ["NORMALISE"]}),
    (f"plan 1-1-65 --agreed parents --joins 2-{BOOT}-7 --tailor-made",
     "FAMILY_PLAN", {"agreed": ["PLAN_PARENTS"], "tailor_made": True,
                     "joins": {"participant": 2, "id": {
                         "boot": BOOT, "number": 7}}}),
    ("refer 1-1-65 --to 11 --offering o --alternatives home,foster "
     "--safety-view --skipped urgent", "REFERRAL",
     {"offering": "o", "alternatives": ["HOME", "FOSTER"],
      "safety_view": True, "skipped": "URGENT"}),
    ("decline 1-1-65 --reason no-match --contribution thinks-along "
     "--offering o", "DECLINE", {"reason": "NO_MATCH", "offering": "o",
                                 "contribution": "THINKS_ALONG"}),
    ("start 1-1-65 --unplanned-move", "START", {"unplanned_move": True}),
]


@pytest.mark.parametrize("line, kind, facts", CASES,
                         ids=[case[1] for case in CASES])
def test_options_become_facts(agent, line, kind, facts):
    done = agent.run(*line.split(), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == RECEIPTED
    request = agent.asked[-1]
    assert request["do"] == "send" and request["kind"] == kind
    assert request["facts"] == facts
    assert request["wait_ms"] == 10000


# rule: R48
def test_an_override_names_its_gate_and_its_reason(agent):
    done = agent.run("refer", "1-1-65", "--to", "11", "--offering", "o",
                     "--override", "plan-missing=tailor-made",
                     "--override", "85=URGENT")
    assert done.returncode == 0, done.stderr
    assert agent.asked[-1]["overrides"] == [
        {"gate": 66, "reason": "TAILOR_MADE"},
        {"gate": 85, "reason": "URGENT"}]


# rule: R48
def test_an_override_is_shown_with_its_reason(agent):
    agent.answers["show"] = {"ok": True, "message": {
        "kind": "REFERRAL", "kind_nl": "verwijzing", "overrides": [
            {"gate": "PLAN_MISSING", "text": "gezinsplan ontbreekt",
             "reason": "URGENT"}]}}
    done = agent.run("show", "1-00112233445566aa-1")
    assert "gezinsplan ontbreekt: spoed / override of PLAN_MISSING" in \
        done.stdout


def test_every_verb_explains_itself_in_two_languages(agent):
    verbs = [line.split()[0] for line in agent.run("--help").stdout.split("\n")
             if line.startswith("  ") and " / " in line and
             not line.startswith(("  --", "  Een", "  schakel"))]
    assert len(verbs) > 60
    for verb in verbs:
        done = agent.run(verb, "--help")
        assert done.returncode == 0 and done.stdout.startswith(
            f"schakel {verb} (") and " / " in done.stdout, verb
    assert agent.asked == []


def test_triage_answers_every_domain(agent):
    done = agent.run("triage", "1-1-65", "--ground", "help-request",
                     "--domain", "separation-conflict=yes:relation",
                     "--domain", "HOUSING=not-known", "--others", "NO")
    assert done.returncode == 0, done.stderr
    request = agent.asked[-1]
    answers = {row["domain"]: row for row in request["facts"]["domains"]}
    assert len(request["facts"]["domains"]) == len(answers) == 14
    assert answers["SEPARATION_CONFLICT"]["owner"] == "OWNER_RELATION"
    assert answers["HOUSING"]["answer"] == "NOT_KNOWN"
    assert answers["SAFETY"] == {"domain": "SAFETY", "answer": "NO"}
    assert request["event_date"] == "2026-03-31"  # the agent's today


@pytest.mark.parametrize("args, word", [
    (["triage", "1-1-65", "--ground", "HELP_REQUEST", "--domain",
      "SAFETY=NO"], "TRIAGE_INCOMPLETE"),
    (["triage", "1-1-65", "--ground", "HELP_REQUEST", "--others", "YES"],
     "--others"),
    (["triage", "1-1-65", "--ground", "HELP_REQUEST", "--domain",
      "SAFETY=YES", "--others", "NO"], "--domain"),
    (["order", "--municipality", "0193"], "--child"),
    (["accept", "1-1-65", "--intake", "2026-02-30"], "--intake"),
    (["decline", "1-1-65", "--reason", "NOTHING"], "--reason"),
    (["decline", "1-1-65", "--reason"], "reason"),
    (["decline", "1-1-65", "--reason", "CAPACITY", "--explanation", "a",
      "--explanation", "b"], "--explanation"),
    (["decline", "1-1-65", "1-1-65", "--reason", "CAPACITY"], "1-1-65"),
    (["send", "--kind", "STOP", "--facts", "[1]"], "--facts"),
    (["show"], "ref"),
    (["refer", "1-1-65", "--to", "2", "--offering", "o", "--override",
      "PLAN_MISSING"], "--override"),
    (["refer", "1-1-65", "--to", "2", "--offering", "o", "--override",
      "NO_SUCH=URGENT"], "--override"),
    (["refer", "1-1-65", "--to", "2", "--offering", "o", "--override",
      "PLAN_MISSING=BORED"], "URGENT"),
    (["link-person", "1-1-65", "--former", "ab", "--person", "ab"],
     "--person"),
    (["plan", "1-1-65", "--agreed", "parents", "--joins", "7"], "--joins"),
    (["plan", "1-1-65", "--agreed", "parents", "--joins", "1-1-66"],
     "--joins"),
    (["route", "1-1-65", "--main", "wmo", "--systemic", "maybe"],
     "--systemic"),
    (["status", "--colour"], "--colour"),
    (["no-such-verb"], "schakel"),
    ([], "schakel"),
])
def test_wrong_use_asks_nothing(agent, args, word):
    done = agent.run(*args)
    assert done.returncode == 2
    assert word in done.stderr
    assert agent.asked == []


def test_no_agent_is_wrong_use(tmp_path):
    done = subprocess.run([SCHAKEL, "status"], env={
        "SCHAKEL_SOCKET": str(tmp_path / "none")}, text=True,
        capture_output=True, check=False)
    assert done.returncode == 2
    assert "NOT_CONNECTED" in done.stderr


def test_a_refusal_says_whom_to_use(agent):
    agent.answers["send"] = REFUSED
    done = agent.run("refer", "1-1-65", "--to", "11", "--offering", "x")
    assert done.returncode == 1
    assert "verwijs via de lokale toegang / go by (ROUTE_VIA_ACCESS)" in \
        done.stderr
    assert "deelnemer 2, Toegang Zwolle (lokale toegang)" in done.stderr
    assert agent.run("refer", "1-1-65", "--to", "11", "--offering", "x",
                     "--json").returncode == 1


def test_an_error_of_the_agent_exits_1(agent):
    agent.answers["inbox"] = {"ok": False, "error": {
        "code": "PERSON_UNKNOWN", "text": "wie?", "text_en": "who?",
        "field": "", "hint": ""}}
    done = agent.run("inbox")
    assert (done.returncode, done.stdout) == (1, "")
    assert "wie? / who? (PERSON_UNKNOWN)" in done.stderr


def test_texts_come_from_files_and_stdin(agent, tmp_path):
    text = tmp_path / "text"
    text.write_bytes("één\r\ntwee\n\n".encode())
    done = agent.run("report", "1-1-65", "--done", f"@{text}",
                     "--family-view", "-", "--text", "child-view=@@home",
                     stdin="van stdin\n")
    assert done.returncode == 0, done.stderr
    assert agent.asked[-1]["sections"] == {
        "WHAT_WAS_DONE": "één\ntwee", "FAMILY_VIEW": "van stdin",
        "CHILD_VIEW": "@home"}


def test_a_text_over_the_limit_is_refused(agent, tmp_path):
    text = tmp_path / "text"
    text.write_bytes(b"a" * (256 * 1024))
    assert agent.run("report", "1-1-65", "--done",
                     f"@{text}").returncode == 0
    text.write_bytes(b"a" * (256 * 1024 + 1))
    done = agent.run("report", "1-1-65", "--done", f"@{text}")
    assert done.returncode == 2 and "OVERSIZED" in done.stderr


def test_what_others_write_does_not_steer_the_screen(agent):
    agent.answers["show"] = {"ok": True, "message": {
        "kind": "REFERRAL", "kind_nl": "verwijzing", "case": "1-1-65",
        "from_name": "\x1b]0;owned\x07", "instant":
        "2026-03-31T12:00:00.000Z", "facts": {"offering": "a\u202eb"},
        "sections": {"QUESTION": "regel\n\x9b2Jtwee\r\x7f"}}}
    done = agent.run("show", "1-00112233445566aa-1")
    assert done.returncode == 0
    assert not any(c in done.stdout for c in "\x1b\x07\x9b\r\x7f\u202e")
    assert "\\u{1b}]0;owned\\u{7}" in done.stdout
    assert "  regel\n  \\u{9b}2Jtwee\\u{d}\\u{7f}" in done.stdout


def test_the_oldest_unopened_is_marked(agent):
    row = {"kind": "TRIAGE", "kind_nl": "uitvraag", "case": "1-1-65",
           "from_name": "Zwolle", "instant": "2026-03-31T12:00:00.000Z"}
    agent.answers["inbox"] = {"ok": True, "messages": [
        dict(row, ref="a", opened_at="2026-03-31T12:00:00.000Z"),
        dict(row, ref="b"), dict(row, ref="c"),
        dict(row, ref=None, kind="NOTICE", notice={
            "kind": "DEADLINE_BREACH", "deadline": "ORDER_START",
            "due": "2026-03-31T22:00:00.000Z"})]}
    lines = agent.run("inbox").stdout.split("\n")
    assert [line[0] for line in lines[:4]] == [" ", ">", "*", " "]
    assert "termijn verstreken" in lines[3] and "31-03-2026" in lines[3]


# ---- pseudonyms

SECRET = bytes(range(40))


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text(SECRET.hex() + "\n")
    path.chmod(0o600)
    return path


def pseudonym(secret, text, *more):
    return subprocess.run([SCHAKEL, "pseudonym", "--secret", str(secret),
                           *more], input=text, text=True, timeout=60,
                          capture_output=True, check=False)


@pytest.mark.parametrize("text, number", [
    ("999900006\n", b"999900006"), ("9999.00.006", b"999900006"),
    (" 999990019 \n", b"999990019"), ("10000008\n", b"010000008")])
def test_a_pseudonym_is_the_hmac_of_nine_digits(secret, text, number):
    done = pseudonym(secret, text)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == hmac.new(SECRET, number,
                                           hashlib.sha256).hexdigest()


@pytest.mark.parametrize("text", [
    "", "\n", "999900007", "000000000", "99990000", "9999000066",
    "99990000a", "-99990006", "9" * 70])
def test_what_is_no_bsn_gets_no_pseudonym(secret, text):
    done = pseudonym(secret, text)
    assert (done.returncode, done.stdout) == (1, "")
    assert text.strip() == "" or text.strip() not in done.stderr


def test_a_secret_that_others_can_read_is_not_used(secret):
    secret.chmod(0o644)
    done = pseudonym(secret, "999900006")
    assert done.returncode == 1 and "FILE_MODE" in done.stderr


def test_a_short_secret_is_not_used(secret):
    secret.write_text(bytes(31).hex() + "\n")
    done = pseudonym(secret, "999900006")
    assert done.returncode == 1 and "CONFIG" in done.stderr


def test_a_bsn_is_no_argument(secret):
    assert pseudonym(secret, "", "999900006").returncode == 2
