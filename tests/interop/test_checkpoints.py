"""Checkpoints and proofs by another hand than the agents': followed through a
real session, and every kind of fork told from a bad signature."""
import base64
import os

import checkpoints
import formats
import pytest
from client import Client, Fork, Goodbye, ref_text
from formats import Refused, sha
from harness import COURT, ORDER_TEXT, TODAY, ZWOLLE, order
from schema import session as wire

ORIGIN = "proef/test/1"
LEAVES = [bytes([n % 256, n // 256]) for n in range(70)]
OTHER = [b"another", *LEAVES[1:]]


def root(leaves, size):
    return formats.tree_root(leaves[:size])


def consistency(leaves, old, new):
    """PROOF(old, D[new]) of RFC 6962 2.1.2, in its own recursive words."""
    def proof(m, d, whole):
        if m == len(d):
            return [] if whole else [formats.tree_root(d)]
        k = 1 << (len(d) - 1).bit_length() - 1
        if m <= k:
            return proof(m, d[:k], whole) + [formats.tree_root(d[k:])]
        return proof(m - k, d[k:], False) + [formats.tree_root(d[:k])]
    return proof(old, leaves[:new], True)


def test_consistency_of_every_size_with_every_other():
    for new in range(1, len(LEAVES) + 1):
        for old in range(1, new + 1):
            proof = consistency(LEAVES, old, new)
            sizes = old, root(LEAVES, old), new, root(LEAVES, new)
            assert checkpoints.is_consistent(*sizes, proof)
            assert not checkpoints.is_consistent(*sizes, proof + [bytes(32)])
            assert not checkpoints.is_consistent(
                old, root(OTHER, old), new, root(LEAVES, new), proof)
            for i in range(len(proof)):
                bent = [*proof[:i], sha(proof[i]), *proof[i + 1:]]
                assert not checkpoints.is_consistent(*sizes, bent)
                assert not checkpoints.is_consistent(
                    *sizes, proof[:i] + proof[i + 1:])
    assert not checkpoints.is_consistent(2, root(LEAVES, 2), 1,
                                         root(LEAVES, 1), [])


# ---- one client, a broker by hand

@pytest.fixture
def broker():
    """The keys of a broker's signature and a client that trusts them."""
    keys = formats.Keys.draw()
    client = Client(formats.Keys.draw(), formats.Invitation(
        bytes(32), bytes(32), keys.sign, bytes(32), bytes(32), bytes(32),
        ORIGIN, "", COURT, True))

    def show(size, leaves=LEAVES, start=None, proof=None, bend=lambda n: n):
        note = checkpoints.sign_checkpoint(
            ORIGIN, size, root(leaves, size), keys.sign, keys.sign_secret)
        kept = client.checkpoint.size if client.checkpoint else 0
        start = kept if start is None else start
        if proof is None:
            proof = consistency(leaves, start, size) if 0 < start <= size \
                else []
        client.on_checkpoint(wire.Checkpoint(
            note=bend(note), from_size=start, consistency=proof))
        return client
    return show


def test_each_checkpoint_begins_with_the_one_before(broker):
    for size in (1, 1, 2, 3, 7, 8, 64, 70):
        assert broker(size).checkpoint.size == size


FORKS = {
    "another history": dict(size=40, leaves=OTHER),
    "another of the same size": dict(size=33, leaves=OTHER),
    "less than was signed": dict(size=32),
    "a proof that leads elsewhere": dict(size=40, proof=[bytes(32)] * 5),
    "no proof at all": dict(size=40, proof=[]),
}


@pytest.mark.parametrize("why", FORKS)
def test_a_fork_is_kept_and_ends_all_sending(broker, why):
    client = broker(33)
    with pytest.raises(Fork):
        broker(**FORKS[why])
    assert client.fork.kept.size == client.checkpoint.size == 33
    assert client.fork.shown.size == FORKS[why]["size"]
    assert client.fork.kept.note != client.fork.shown.note
    with pytest.raises(Fork):
        client.send_frame(wire.Frame(ping=wire.Ping(token=1)))


NO_FORKS = {
    "a bent signature": (lambda n: n[:-9] + bytes([n[-9] ^ 1]) + n[-8:]),
    "no signature": (lambda n: n[:n.index(b"\n\n") + 1]),
    "of another journal": (lambda n: n.replace(b"proef", b"elder")),
    "a leading zero": (lambda n: n.replace(b"\n40\n", b"\n040\n")),
}


@pytest.mark.parametrize("why", NO_FORKS)
def test_what_the_broker_did_not_sign_is_no_fork(broker, why):
    client = broker(33)
    with pytest.raises(Refused):
        broker(40, bend=NO_FORKS[why])
    assert client.fork is None and client.checkpoint.size == 33
    assert broker(40).checkpoint.size == 40


# ---- against the real one

def test_a_client_follows_the_brokers_checkpoints(lit):
    access, court = lit.agent(ZWOLLE), lit.client(COURT)
    sizes = [court.checkpoint.size]
    for child in (1, 10, 20):
        ref, receipt = court.say("COURT_ORDER", order(child=child),
                                 to=[ZWOLLE], event_date=TODAY,
                                 sections=ORDER_TEXT)
        court.until(lambda p=receipt.position: court.checkpoint.size > p)
        sizes.append(court.checkpoint.size)
        shown = court.prove(receipt.position, receipt.leaf_hash)
        assert shown.size >= court.checkpoint.size
        access.wait_all({ref_text(ref)})
    assert sizes == sorted(set(sizes))
    assert len(court.checkpoint.root) == 32
    with pytest.raises(Refused) as refused:
        court.prove(0, bytes(32))
    assert refused.value.name == "NOT_A_PARTICIPANT"
    # In a new session from where it is; nothing is taken on trust again.
    kept = court.checkpoint
    court.connect()
    court.greet()
    assert court.checkpoint.size >= kept.size
    assert court.fork is None


def test_a_proof_that_an_agent_wrote_holds_by_this_hand(lit):
    court, access = lit.agent(COURT), lit.client(ZWOLLE)
    sent = court.say("COURT_ORDER", order(), event_date=TODAY,
                     sections=ORDER_TEXT)
    letter = access.wait_for("COURT_ORDER")
    path = os.path.join(lit.dir, "proof")
    answer = court.schakel("prove", sent["ref"], "--out", path)
    with open(path, "rb") as f:
        content = f.read()
    index, leaf_hash, shown = checkpoints.check_proof_file(
        content, answer["vkey"])
    assert index == sent["receipt"]["position"] == letter.deliver.position
    assert leaf_hash == letter.deliver.leaf_hash
    assert leaf_hash.hex() == sent["receipt"]["leaf_hash"]
    assert shown.origin == access.invitation.origin
    assert answer["vkey"] == checkpoints.vkey(
        shown.origin, access.invitation.broker_sign_key)
    bent = content.replace(b"index %d" % index, b"index %d" % (index - 1))
    with pytest.raises(Refused):
        checkpoints.check_proof_file(bent, answer["vkey"])
    leaf = base64.b64encode(leaf_hash)
    with pytest.raises(Refused):
        checkpoints.check_proof_file(
            content.replace(leaf, base64.b64encode(sha(leaf_hash))),
            answer["vkey"])


def test_a_checkpoint_of_another_history_stops_the_broker(lit):
    """Signed with its own key, and not known to it: someone else has the
    key, or the journal was changed."""
    court = lit.client(COURT)
    with open(f"{lit.dir}/keys/sign.key", encoding="ascii") as f:
        secret = bytes.fromhex(f.read().strip())
    court.close()
    court.checkpoint = court.open_checkpoint(checkpoints.sign_checkpoint(
        court.invitation.origin, 2, bytes(32), secret[32:], secret))
    with pytest.raises(Goodbye, match="ROLLBACK"):
        court.greet()
    status = lit.status()
    assert status["held"] and "does not lead to" in status["held_why"]
    court.checkpoint = None
    court.connect()
    with pytest.raises(Refused, match="INTAKE_HELD"):
        court.greet()
        court.say("COURT_ORDER", order(), to=[COURT], event_date=TODAY,
                  sections=ORDER_TEXT)
