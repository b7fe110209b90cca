"""The vectors of every format that is for ever, read by this client."""
import json
import os

import formats
import pytest
from formats import Envelope, PublicKeys, Refused
from schema import ROOT, session


def vectors(name):
    path = os.path.join(ROOT, "tests", "vectors", name + ".json")
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def raw(text):
    return bytes.fromhex(text)


def envelope_of(row):
    return Envelope(raw(row["header"]), raw(row["nonce"]), raw(row["facts"]),
                    raw(row["sealed"]))


def test_key_ids_leaf_hashes_and_trees_agree():
    data = vectors("digest")
    for row in data["key_id"]:
        assert formats.key_id(raw(row["key"])).hex() == row["key_id"]
    for row in data["leaf_hash"]:
        assert formats.leaf_hash(raw(row["leaf"])).hex() == row["hash"]
    for row in data["trees"]:
        leaves = [raw(e) for e in row["e"]]
        assert formats.tree_root(leaves).hex() == row["root"]
        for i, path in enumerate(row["paths"]):
            assert formats.path_root(
                leaves[i], i, len(leaves),
                [raw(node) for node in path]).hex() == row["root"]


def test_a_path_of_another_length_fails():
    row = vectors("digest")["trees"][4]
    leaves = [raw(e) for e in row["e"]]
    path = [raw(node) for node in row["paths"][0]]
    for bent in (path[:-1], path + [bytes(32)]):
        with pytest.raises(Refused):
            formats.path_root(leaves[0], 0, len(leaves), bent)
    with pytest.raises(Refused):
        formats.path_root(leaves[0], len(leaves), len(leaves), path)


def test_envelopes_links_and_signatures_agree():
    data = vectors("chain")
    for row in data["commitment"]:
        args = raw(row["nonce"]), raw(row["facts"])
        assert formats.commitment(*args).hex() == row["commitment"]
        assert formats.commitment(*args, "closed").hex() \
            == row["closed_commitment"]
    for row in data["envelope"]:
        envelope = envelope_of(row)
        assert envelope.e.hex() == row["e"]
        assert envelope.commitment.hex() == row["commitment"]
    for row in data["link0"]:
        assert formats.first_link(raw(row["founding"]),
                                  row["participant"]).hex() == row["link"]
    for row in data["link"]:
        assert formats.next_link(raw(row["previous"]), row["first_number"],
                                 row["count"], raw(row["root"])).hex() \
            == row["link"]
    for row in data["submit"]:
        signed = formats.submit_signed(
            row["origin"], row["participant"],
            formats.key_id(raw(row["public_key"])), raw(row["link"]))
        assert formats.sign(signed, raw(row["secret_key"])).hex() \
            == row["signature"]


def provenance_of(row):
    return session.Provenance(
        sender=row["sender"], number=row["number"], origin=row["origin"],
        first_number=row["first_number"], count=row["count"],
        path=[raw(node) for node in row["path"]],
        previous_link=raw(row["previous_link"]), key_id=raw(row["key_id"]),
        signature=raw(row["signature"]))


def test_provenance_verifies_and_nothing_in_it_may_differ():
    rows = vectors("chain")["provenance"]
    for row in rows:
        key = raw(row["public_key"])
        good = provenance_of(row)
        formats.verify_provenance(envelope_of(row["envelope"]), good, key)
        for name, value in (("sender", 13), ("number", row["number"] + 1),
                            ("origin", "regio-west/journal/1"),
                            ("first_number", row["first_number"] - 1),
                            ("count", row["count"] + 4),
                            ("previous_link", bytes(32)),
                            ("key_id", bytes(32)), ("signature", bytes(64))):
            bent = provenance_of(row)
            setattr(bent, name, value)
            with pytest.raises(Refused):
                formats.verify_provenance(envelope_of(row["envelope"]), bent,
                                          key)
    with pytest.raises(Refused):
        formats.verify_provenance(envelope_of(rows[1]["envelope"]),
                                  provenance_of(rows[0]),
                                  raw(rows[0]["public_key"]))


def test_seals_open_for_each_recipient_and_broken_ones_for_none():
    data = vectors("seal")
    associated = raw(data["header_digest"]) + raw(data["commitment"])
    pairs = [(raw(k["public_key"]), raw(k["secret_key"]))
             for k in data["keys"]]
    for row in data["good"]:
        for i, pair in enumerate(pairs):
            assert formats.unseal(raw(row["sealed"]), 3, i, *pair,
                                  associated) == raw(row["plain"])
    for row in data["bad"]:
        opened = []
        for i, pair in enumerate(pairs):
            try:
                formats.unseal(raw(row["sealed"]), 3, i, *pair, associated)
                opened.append(i)
            except Refused as refused:
                assert refused.name == "SEAL_BROKEN"
        # A bent box is its owner's trouble alone; the rest is everybody's.
        allowed = {"a box bent": [1, 2], "boxes for others": [1]}
        assert opened == allowed.get(row["why"], []), row["why"]


def test_a_seal_of_our_own_opens_again():
    from formats import Keys
    keys = [Keys.draw() for _ in range(3)]
    for size in (0, 511, 512, 57343):
        sealed = formats.seal(bytes(size), [k.seal for k in keys], b"header",
                              bytes(32))
        for i, k in enumerate(keys):
            assert formats.unseal(
                sealed, 3, i, k.seal, k.seal_secret,
                formats.sha(b"header") + bytes(32)) == bytes(size)
    with pytest.raises(Refused):
        formats.pad(bytes(57344))


def test_leaves_read_as_they_were_written():
    for row in vectors("leaf")["leaves"]:
        content = raw(row["bytes"])
        assert formats.leaf_hash(content).hex() == row["hash"]
        leaf = formats.read_leaf(content)
        for name, value in leaf.items():
            shown = value.hex() if isinstance(value, bytes) else value
            assert shown == row[name], (row["why"], name)
        for bent in (content[:-1], content + b"\0"):
            with pytest.raises(Refused):
                formats.read_leaf(bent)


def body_of(founding, row):
    """The body again, from its fields."""
    keys = PublicKeys(*[raw(row["keys"][use])
                        for use in ("link", "sign", "seal")])
    chained = founding, row["serial"], raw(row["previous"])
    if row["type"] == 1:
        return formats.enrol_body(
            *chained, row["participant"], row["role"], row["name"],
            row["code"], row["area"], row["valid_from"], row["valid_to"],
            keys)
    if row["type"] == 2:
        return formats.rotate_body(founding, row["participant"],
                                   row["generation"], raw(row["replaces"]),
                                   keys)
    if row["type"] == 4:
        return formats.broker_body(*chained, row["generation"],
                                   row["reason"], keys)
    return formats.revoke_body(*chained, row["participant"], row["reason"],
                               raw(row["replaces"]))


def test_statements_are_taken_and_refused_in_their_order():
    data = vectors("statement")
    directory = formats.Directory(raw(data["founding"]),
                                  raw(data["enrolment_key"]))
    for row in data["statements"]:
        body, signature = raw(row["body"]), raw(row["signature"])
        statement = formats.read_statement(body)
        assert statement.digest.hex() == row["digest"]
        assert body_of(raw(data["founding"]), row) == body
        before = directory.serial, directory.head
        if row["error"]:
            with pytest.raises(Refused) as refused:
                directory.apply(body, signature)
            assert refused.value.code == row["error"]
            assert (directory.serial, directory.head) == before
        else:
            directory.apply(body, signature)
        for name in ("participant", "serial", "role", "name", "code",
                     "valid_from", "valid_to", "generation", "reason"):
            assert getattr(statement, name) == row[name], name
    assert directory.members[12].revoked
    assert [s.generation for s in directory.broker] == [2, 3]
    with pytest.raises(Refused):
        directory.sealing_key(12)


def test_changes_of_who_signs_are_taken_and_refused_in_their_order():
    data = vectors("charter")
    founding = raw(data["founding"])
    directory = formats.Directory(founding, raw(data["enrolment_key"]),
                                  map(raw, data["operators"]), quorum=2)
    for row in data["statements"]:
        keys, replaces = [raw(k) for k in row["keys"]], raw(row["replaces"])
        rest = row["generation"], replaces, row["reason"]
        body = formats.operators_body(founding, *rest, keys) \
            if row["type"] == 5 else formats.region_body(
                founding, row["serial"], raw(row["previous"]), *rest, *keys)
        assert body.hex() == row["body"]
        approvals = [(raw(a["key_id"]), raw(a["signature"]))
                     for a in row["approvals"]]
        before = directory.changes, directory.head
        if row["error"]:
            with pytest.raises(Refused) as refused:
                directory.apply(body, raw(row["signature"]), approvals)
            assert refused.value.code == row["error"], row
            assert (directory.changes, directory.head) == before
        else:
            s = directory.apply(body, raw(row["signature"]), approvals)
            assert s.digest.hex() == row["digest"]
    assert directory.changes == 5 and directory.serial == 2


def test_requests_invitations_and_words_agree():
    data = vectors("text")
    for row in data["request"]:
        k = {name: raw(value) for name, value in row["keys"].items()}
        content = formats.request_content(row["name"], row["code"],
                                          row["role"], PublicKeys(**k))
        assert formats.sha(content).hex() == row["digest"]
        assert formats.word_indices(formats.sha(content)) == row["words"]
        assert formats.armour("REQUEST", content + formats.sign(
            content, raw(row["sign_secret"]))) == row["text"]
    for row in data["invitation"]:
        invitation = formats.read_invitation(row["text"])
        assert formats.word_indices(invitation.digest) == row["words"]
        for name in ("origin", "address", "participant", "test"):
            assert getattr(invitation, name) == row[name]
        for name in ("founding", "broker_link_key", "broker_sign_key",
                     "enrolment_key", "request_digest", "digest"):
            assert getattr(invitation, name).hex() == row[name]
    assert len(set(formats.word_list())) == 2048


def test_case_numbers_and_command_signatures_agree():
    for row in vectors("case")["cases"]:
        assert formats.case_text(row["journal_number"], row["number"]) \
            == row["text"]
    for row in vectors("command")["commands"]:
        signed = formats.command_signed(
            row["origin"], raw(row["public_key"]), row["sequence"],
            row["not_after"], raw(row["command"]))
        assert formats.sign(signed, raw(row["secret_key"])).hex() \
            == row["signature"]
