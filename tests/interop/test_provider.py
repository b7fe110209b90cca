"""A provider in another language, from referral to the end of its help, with
the agents of court and access team at the other ends."""
import formats
from client import ref_text
from harness import (COURT, ORDER_TEXT, REFERRAL, REPORT, REPORT_TEXT, STOP,
                     TODAY, TO_PLAN, VEERSTOEP, ZWOLLE, order)
from schema import journal

HEARING = "2026-05-04"


def test_a_python_provider_takes_a_case_from_referral_to_stop(lit):
    court, access = lit.agent(COURT), lit.agent(ZWOLLE)
    provider = lit.client(VEERSTOEP)

    opened = court.say("COURT_ORDER", order(), event_date=TODAY,
                       sections=ORDER_TEXT)
    case = opened["case_ref"]
    got = access.wait_letter("COURT_ORDER")
    assert access.shown(got)["sections"] == ORDER_TEXT
    for kind, facts, sections in TO_PLAN:
        access.say(kind, facts, case, sections=sections, event_date=TODAY)
    access.say("REFERRAL", REFERRAL, case, to=[VEERSTOEP],
               sections=ORDER_TEXT)

    referral = provider.wait_for("REFERRAL")
    assert referral.trouble is None
    assert referral.sections == ORDER_TEXT
    assert referral.sender == ZWOLLE
    assert ref_text(referral.case_ref) == case

    about = dict(case_ref=referral.case_ref, to=[ZWOLLE])
    provider.say("RECEIPT_OF", reply_to=referral.ref, **about)
    provider.say("ACCEPT", {"intake_date": "2026-03-09"},
                 reply_to=referral.ref, **about)
    lit.step("2026-03-09T09:00:00Z")
    provider.say("START", reply_to=referral.ref, event_date="2026-03-09",
                 case_ref=referral.case_ref, to=[ZWOLLE, COURT])
    provider.say("PROGRESS_REPORT", {"goals": REPORT["goals"]},
                 reply_to=referral.ref, **about,
                 sections={"WHAT_WAS_DONE": "Intake gedaan, \u00e9\u00e9n "
                           "bezoek begeleid."})
    progress = access.wait_letter("PROGRESS_REPORT")
    assert access.shown(progress)["sections"]["WHAT_WAS_DONE"] \
        .startswith("Intake gedaan, \u00e9\u00e9n")
    court.wait_letter("START")

    court.say("HEARING_NOTICE", {"hearing_date": HEARING}, case)
    access.wait_letter("HEARING_NOTICE")
    access.say("HEARING_REPORT_REQUEST", {"due_date": "2026-04-10"}, case,
               to=[VEERSTOEP])
    request = provider.wait_for("HEARING_REPORT_REQUEST")
    provider.say("HEARING_REPORT", REPORT, reply_to=request.ref,
                 sections=REPORT_TEXT, **about)
    report = access.shown(access.wait_letter("HEARING_REPORT"))
    assert report["sections"] == REPORT_TEXT
    assert report["facts"]["advice"] == "ADVISE_CONTINUE"
    access.say("COURT_REPORT", REPORT, case, sections=REPORT_TEXT)
    assert court.shown(court.wait_letter("COURT_REPORT"))["sections"] \
        == REPORT_TEXT
    provider.say("STOP", STOP, reply_to=referral.ref, event_date="2026-03-09",
                 case_ref=referral.case_ref, to=[ZWOLLE, COURT],
                 sections={"EXPLANATION": "Doelen gehaald."})
    access.wait_letter("STOP")
    court.wait_letter("STOP")

    # Everyone who opened something said so, and nobody saw more than its own.
    assert {x.kind for x in provider.inbox} == {
        "REFERRAL", "HEARING_REPORT_REQUEST",
        "RESEAL"}       # triage and plan, once its help is accepted
    assert all(x.trouble is None for x in provider.inbox)
    verified, replayed = lit.holds()
    assert verified["envelopes"] >= 16, verified
    assert replayed["differences"] == 0


def test_what_the_client_sent_comes_back_with_its_receipts(lit):
    court = lit.client(COURT)
    lit.client(ZWOLLE)
    court.ping()
    for child in (1, 11, 21):
        court.greet()           # the team's enrolment came after mine
        court.say("COURT_ORDER", order(child=child), to=[ZWOLLE],
                  event_date=TODAY, sections=ORDER_TEXT)
    fetched = court.fetch()
    assert [deliver.provenance.number for deliver, _ in fetched] == [1, 2, 3]
    for deliver, receipt in fetched:
        number = deliver.provenance.number
        assert receipt.SerializeToString() \
            == court.receipts[number].SerializeToString()
        assert deliver.envelope.header == court.own[number].header
        header, _, sections = court.verify(deliver)
        assert sections == ORDER_TEXT and header.id.number == number
    assert len(court.fetch(3)) == 1
    # Past the end there is nothing, and that is an answer too.
    assert court.fetch(4) == []


def test_two_clients_verify_each_other_in_one_submit(lit):
    court, access = lit.client(COURT), lit.client(ZWOLLE)
    court.greet()
    envelopes = [court.compose("COURT_ORDER", order(child=n), to=[ZWOLLE],
                               event_date=TODAY, sections=ORDER_TEXT)
                 for n in range(1, 64 * 5, 5)]
    # A frame holds what it holds; the rest goes in the next.
    receipts = [r for start in range(0, 64, 32)
                for r in court.submit(*envelopes[start:start + 32])]
    assert all(r.outcome.accepted for r in receipts)
    access.until(lambda: len(access.inbox) == 64)
    assert all(x.trouble is None for x in access.inbox)
    positions = [x.deliver.position for x in access.inbox]
    assert positions == sorted(positions)
    assert {x.deliver.provenance.count for x in access.inbox} == {32}


def test_the_journal_reads_as_the_page_says(lit):
    """Statuses, words and counts agree between two implementations."""
    court = lit.client(COURT)
    status = lit.status()
    assert status["origin"] == court.invitation.origin == "proef/test/1"
    assert status["founding"] == court.invitation.founding.hex()
    assert status["directory_serial"] == court.directory.serial == 1
    assert status["directory_head"] == court.directory.head.hex()
    founding = bytes.fromhex(status["founding_leaf"])
    assert formats.leaf_hash(founding) == court.invitation.founding
    leaf = formats.read_leaf(founding)
    assert leaf["kind"] == 1 and leaf["cases"] == []
    body = journal.FoundingBody.FromString(leaf["body"])
    assert body.broker_link_key == court.invitation.broker_link_key
    assert body.enrolment_key == court.invitation.enrolment_key
    assert body.origin == "proef/test/1" and body.test
