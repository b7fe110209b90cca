"""The catalogue on real daemons: a question without a case is answered in its
receipt, ranked and explained; what a provider tells of its places changes the
order; a proposal counts once a municipality took it; and a gap is written
down."""
import pytest

from harness import TODAY, VEERSTOEP, ZWOLLE

QUESTION = {"municipality": "0193", "level": "SPECIALIST",
            "domains": ["SEPARATION_CONFLICT"]}


@pytest.fixture
def field(lit):
    for who in (ZWOLLE, VEERSTOEP):
        lit.agent(who)
    return lit


def ask(agent, **more):
    said = agent.say("CATALOGUE_QUERY", dict(QUESTION, **more))
    return said["receipt"]["outcome"]["catalogue"]


# rule: R15, R17, R21
def test_a_question_is_answered_in_its_receipt_and_a_proposal_counts(field):
    access, provider = field.agents[ZWOLLE], field.agents[VEERSTOEP]
    first = ask(access)
    codes = [m["offering"] for m in first["matches"]]
    assert codes and "unmet" not in first
    assert all(m["route"] and m["why"] for m in first["matches"])
    assert all(d["reason"] for d in first["dropped"])

    # places that are told put an offering before its equals
    mine = next(m["offering"] for m in first["matches"]
                if m["provider"] == "42420001")
    provider.say("CAPACITY_UPDATE", {"offerings": [
        {"offering": mine, "places": 3}]}, event_date=TODAY)
    after = ask(access)
    told = next(m for m in after["matches"] if m["offering"] == mine)
    assert told["places"] == 3 and "PLACES_FREE" in told["why"]
    assert after["catalogue_version"] == first.get("catalogue_version", 0) + 1

    # proposed, decided on, found
    provider.say("OFFERING_PROPOSAL", {"offering": {
        "code": "nieuw-thuis", "name": "Nieuw aanbod thuis",
        "level": "SPECIALIST", "place": "HOME", "scale": "LOCAL",
        "domains": ["SEPARATION_CONFLICT"]}}, to=[ZWOLLE])
    letter = access.wait_letter("OFFERING_PROPOSAL")
    assert "nieuw-thuis" not in [m["offering"] for m in
                                 ask(access)["matches"]]
    access.say("OFFERING_DECISION", {"accepted": True},
               reply_to=letter["ref"])
    provider.wait_letter("OFFERING_DECISION")
    assert "nieuw-thuis" in [m["offering"] for m in ask(access)["matches"]]

    # nothing of that kind: an unmet need, with no case and no child in it
    gap = ask(access, level="COMPULSORY_LEVEL", domains=["INCOME_DEBT"],
              age=3)
    assert gap["unmet"]
    field.holds()
