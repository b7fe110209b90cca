"""Every byte of proto/PROTOCOL.md that is hashed, signed or sealed.

Written from that page and the .proto files alone, on Python's hashlib and
libsodium's bindings: no line is shared with the C code.
"""
import base64
import hashlib
import hmac
import os
import re
from dataclasses import dataclass, field

import nacl.bindings as sodium
from nacl.exceptions import CryptoError

import schema
from schema import ROOT, error, journal

HEADER_MAX, FACTS_MAX, SEALED_MAX = 4096, 8192, 65536
SUBMIT_MAX, RECIPIENTS_MAX = 64, 32
BUCKETS = (512, 1024, 4096, 16384, 57344)
DATE_MIN, DATE_MAX = -25567, 84005


class Refused(Exception):
    """What does not verify, with the number that the page gives it."""

    def __init__(self, code, what=""):
        self.code = getattr(error, "E_" + code)
        self.name = code
        super().__init__(f"{code}: {what}" if what else code)


def error_name(code):
    """FIELD_MISSING for 7; the number itself when this page has no name."""
    try:
        return error.Error.Name(code)[2:]
    except ValueError:
        return str(code)


# ---- bytes

def u64(value):
    return (value % 2**64).to_bytes(8, "big")


def var(content):
    return len(content).to_bytes(2, "big") + content


def label(what):
    return f"schakel/{what}/v1".encode("ascii") + b"\0"


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def key_id(public_key):
    return sha(public_key)


def sign(message, secret):
    return sodium.crypto_sign(message, secret)[:64]


def verify(message, signature, public_key):
    if len(signature) != 64:
        raise Refused("SIGNATURE_WRONG", "size")
    try:
        sodium.crypto_sign_open(signature + message, public_key)
    except CryptoError:
        raise Refused("SIGNATURE_WRONG") from None


class Reader:
    """Takes fields off the front; whatever is short or over is refused."""

    def __init__(self, content, code):
        self.content, self.at, self.code = content, 0, code

    def take(self, size):
        if size > len(self.content) - self.at:
            raise Refused(self.code, "ends before its end")
        self.at += size
        return self.content[self.at - size:self.at]

    def u64(self):
        return int.from_bytes(self.take(8), "big")

    def s64(self):
        return int.from_bytes(self.take(8), "big", signed=True)

    def var(self):
        return self.take(int.from_bytes(self.take(2), "big"))

    def flag(self):
        value = self.u64()
        if value > 1:
            raise Refused(self.code, "a flag is 0 or 1")
        return value == 1

    def label(self, what):
        if self.take(len(label(what))) != label(what):
            raise Refused(self.code, f"no {what}")

    def text(self):
        try:
            return self.var().decode("utf-8")
        except UnicodeDecodeError:
            raise Refused(self.code, "no UTF-8") from None

    def end(self):
        if self.at != len(self.content):
            raise Refused(self.code, "something follows its end")


# ---- trees

def leaf_hash(leaf):
    return sha(b"\0", leaf)


def tree_root(leaves):
    """RFC 6962 2.1, over what the leaves hold."""
    level = [sha(b"\0", leaf) for leaf in leaves]
    while len(level) > 1:
        paired = [sha(b"\1", *level[i:i + 2])
                  for i in range(0, len(level) - 1, 2)]
        # An odd one goes up as it is: the split at a power of two.
        level = paired + level[len(paired) * 2:]
    return level[0]


def path_root(leaf, index, count, path):
    """RFC 9162 2.1.3.2, with the root that it leads to."""
    if not 0 <= index < count:
        raise Refused("SIGNATURE_WRONG", "number outside its SUBMIT")
    fn, sn, root = index, count - 1, sha(b"\0", leaf)
    for node in path:
        if sn == 0 or len(node) != 32:
            raise Refused("SIGNATURE_WRONG", "path too long")
        if fn & 1 or fn == sn:
            root = sha(b"\1", node, root)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = sha(b"\1", root, node)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise Refused("SIGNATURE_WRONG", "path too short")
    return root


# ---- envelope and chain

@dataclass(frozen=True)
class Envelope:
    header: bytes
    nonce: bytes
    facts: bytes
    sealed: bytes = b""

    @property
    def commitment(self):
        return commitment(self.nonce, self.facts)

    @property
    def e(self):
        return sha(label("envelope"), sha(self.header), self.commitment,
                   sha(self.sealed))

    def message(self):
        return schema.session.Envelope(
            header=self.header, nonce=self.nonce, facts=self.facts,
            sealed=self.sealed)

    @classmethod
    def of(cls, message):
        return cls(message.header, message.nonce, message.facts,
                   message.sealed)


def commitment(nonce, facts, what="facts"):
    return hmac.digest(nonce, label(what) + var(facts), "sha256")


def first_link(founding, participant):
    return sha(label("link0"), founding, u64(participant))


def next_link(previous, first_number, count, root):
    return sha(label("link"), previous, u64(first_number), u64(count), root)


def submit_signed(origin, participant, signing_key_id, link):
    return (label("submit") + var(origin.encode()) + u64(participant)
            + signing_key_id + link)


def verify_provenance(envelope, p, public_key):
    """Steps 1 and 3 to 5 of the page; the key is the caller's to vouch for."""
    if not (1 <= p.count <= SUBMIT_MAX and len(p.previous_link) == 32
            and p.first_number >= 1):
        raise Refused("SIGNATURE_WRONG", "shape of the provenance")
    root = path_root(envelope.e, p.number - p.first_number, p.count,
                     list(p.path))
    link = next_link(p.previous_link, p.first_number, p.count, root)
    verify(submit_signed(p.origin, p.sender, p.key_id, link), p.signature,
           public_key)
    return link


# ---- sealed

def pad(plain):
    for size in BUCKETS:
        if len(plain) < size:
            return plain + b"\x80" + bytes(size - len(plain) - 1)
    raise Refused("OVERSIZED", "sealed text")


def unpad(padded):
    plain = padded.rstrip(b"\0")
    if not plain.endswith(b"\x80"):
        raise Refused("SEAL_BROKEN", "padding")
    return plain[:-1]


def seal(plain, recipient_keys, header, facts_commitment):
    """header: its bytes, or its digest where only that is at hand."""
    content_key, nonce = os.urandom(32), os.urandom(24)
    boxes = [sodium.crypto_box_seal(content_key, key)
             for key in recipient_keys]
    return (b"\x01" + sha(label("key"), content_key) + b"".join(boxes) + nonce
            + sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
                pad(plain), sha(header) + facts_commitment, nonce,
                content_key))


def unseal(sealed, recipients, index, public, secret, associated):
    boxes = 33 + 80 * recipients
    if len(sealed) not in [boxes + 24 + size + 16 for size in BUCKETS]:
        raise Refused("SEAL_BROKEN", "size")
    if sealed[0] != 1:
        raise Refused("SEAL_BROKEN", "version")
    at = 33 + 80 * index
    try:
        content_key = sodium.crypto_box_seal_open(
            sealed[at:at + 80], public, secret)
        # Before anything else is opened: one key, or two could read two texts.
        if (len(content_key) != 32
                or sha(label("key"), content_key) != sealed[1:33]):
            raise Refused("SEAL_BROKEN", "another content key")
        padded = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            sealed[boxes + 24:], associated, sealed[boxes:boxes + 24],
            content_key)
    except CryptoError:
        raise Refused("SEAL_BROKEN") from None
    return unpad(padded)


# ---- directory

@dataclass(frozen=True)
class PublicKeys:
    link: bytes
    sign: bytes
    seal: bytes

    @property
    def packed(self):
        return self.link + self.sign + self.seal


@dataclass(frozen=True)
class Statement:
    type: str
    body: bytes
    founding: bytes
    participant: int
    serial: int = 0
    previous: bytes = bytes(32)
    role: int = 0
    name: str = ""
    code: str = ""
    area: tuple = ()
    valid_from: int = 0
    valid_to: int = 0
    generation: int = 0
    replaces: bytes = bytes(32)
    reason: int = 0
    keys: PublicKeys = None
    new_keys: tuple = ()         # of who signs for the region

    @property
    def digest(self):
        return sha(label("statement"), self.body)


def enrol_body(founding, serial, previous, participant, role, name, code,
               area, valid_from, valid_to, keys):
    return (label("enrol") + founding + u64(serial) + previous
            + u64(participant) + u64(role) + var(name.encode())
            + var(code.encode()) + u64(len(area))
            + b"".join(u64(a) for a in area) + u64(valid_from)
            + u64(valid_to) + keys.packed)


def revoke_body(founding, serial, previous, participant, reason, revokes):
    return (label("revoke") + founding + u64(serial) + previous
            + u64(participant) + u64(reason) + revokes)


def rotate_body(founding, participant, generation, replaces, keys):
    return (label("rotate") + founding + u64(participant) + u64(generation)
            + replaces + keys.packed)


def broker_body(founding, serial, previous, generation, reason, keys):
    return (label("broker") + founding + u64(serial) + previous + u64(0)
            + u64(generation) + u64(reason) + keys.link + keys.sign)


def operators_body(founding, generation, replaces, reason, keys):
    return (label("operators") + founding + u64(generation) + replaces
            + u64(reason) + u64(len(keys)) + b"".join(keys))


def region_body(founding, serial, previous, generation, replaces, reason, key):
    return (label("region") + founding + u64(serial) + previous
            + u64(generation) + replaces + u64(reason) + key)


def read_keys(r):
    return PublicKeys(r.take(32), r.take(32), r.take(32))


def check_enrolment(s):
    wrong = None
    if not (1 <= s.role <= 9 or 11 <= s.role <= 13):
        wrong = "role"
    elif not 1 <= len(s.name.encode()) <= 80 or any(
            ord(c) < 32 or 127 <= ord(c) < 160 for c in s.name):
        wrong = "name"
    elif not re.fullmatch(r"[A-Za-z0-9._-]{0,32}", s.code):
        wrong = "code"
    elif any(not 1 <= a <= 9999 for a in s.area):
        wrong = "area"
    elif not DATE_MIN <= s.valid_from <= s.valid_to <= DATE_MAX:
        wrong = "validity"
    if wrong:
        raise Refused("STATEMENT_WRONG", wrong)


def read_change(body):
    """A change of who signs for the region: operators or enrolment key."""
    r = Reader(body, "STATEMENT_WRONG")
    kind = "region" if body.startswith(label("region")) else "operators"
    r.label(kind)
    values = {"type": kind, "body": body, "founding": r.take(32),
              "participant": 0}
    if kind == "region":
        values.update(serial=r.u64(), previous=r.take(32))
    values.update(generation=r.u64(), replaces=r.take(32), reason=r.u64())
    if kind == "region":
        values["new_keys"] = (r.take(32),)
    else:
        count = r.u64()
        if not 1 <= count <= 16:
            raise Refused("STATEMENT_WRONG", "operators")
        values["new_keys"] = tuple(r.take(32) for _ in range(count))
    r.end()
    if values["generation"] < 2 or not 1 <= values["reason"] <= 3 \
            or kind == "region" and values["serial"] == 0 \
            or len(set(values["new_keys"])) != len(values["new_keys"]):
        raise Refused("STATEMENT_WRONG", "generation, reason, serial or keys")
    return Statement(**values)


def is_change(body):
    return body.startswith((label("operators"), label("region")))


def read_statement(body):
    if is_change(body):
        return read_change(body)
    r = Reader(body, "STATEMENT_WRONG")
    for kind in ("enrol", "revoke", "rotate", "broker"):
        if body.startswith(label(kind)):
            break
    else:
        raise Refused("STATEMENT_WRONG", "label")
    r.label(kind)
    values = {"type": kind, "body": body, "founding": r.take(32)}
    if kind != "rotate":
        values.update(serial=r.u64(), previous=r.take(32))
    values["participant"] = r.u64()
    if kind == "enrol":
        values.update(role=r.u64(), name=r.text(), code=r.text(),
                      generation=1)
        areas = r.u64()
        if areas > 400:
            raise Refused("STATEMENT_WRONG", "areas")
        values["area"] = tuple(r.u64() for _ in range(areas))
        values.update(valid_from=r.s64(), valid_to=r.s64(),
                      keys=read_keys(r))
    elif kind == "revoke":
        values.update(reason=r.u64(), replaces=r.take(32))
    elif kind == "broker":
        values.update(generation=r.u64(), reason=r.u64(),
                      keys=PublicKeys(r.take(32), r.take(32), None))
    else:
        values.update(generation=r.u64(), replaces=r.take(32),
                      keys=read_keys(r))
    r.end()
    statement = Statement(**values)
    if kind == "enrol":
        check_enrolment(statement)
    if kind == "revoke" and not 1 <= statement.reason <= 4:
        raise Refused("STATEMENT_WRONG", "reason")
    if kind == "broker" and (statement.generation < 2
                             or not 1 <= statement.reason <= 3):
        raise Refused("STATEMENT_WRONG", "generation or reason")
    if (statement.participant == 0) != (kind == "broker"):
        raise Refused("STATEMENT_WRONG", "participant")
    return statement


@dataclass
class Member:
    enrolment: Statement
    standing: Statement          # in which its present keys stand
    generation: int = 1
    revoked: bool = False
    # key id -> public key, its statement, the enrolment under that
    sign_keys: dict = field(default_factory=dict)

    def __post_init__(self):
        self.add_key(self.standing)

    def add_key(self, s):
        self.sign_keys[key_id(s.keys.sign)] = (
            s.keys.sign, s.digest, self.enrolment.digest)

    @property
    def keys(self):
        return self.standing.keys


class Directory:
    """Statements in the order in which they were entered, none believed."""

    def __init__(self, founding, enrolment_key, operators=(), quorum=1):
        self.founding, self.enrolment_key = founding, enrolment_key
        # Who signs for the region; read from the founding entry when a
        # change comes and they are not known.
        self.operators, self.quorum = list(operators), quorum
        self.changes, self.last_change = 1, bytes(32)
        self.serial, self.head, self.count = 0, bytes(32), 0
        self.members = {}
        self.broker = []             # statements about the broker, in order

    def apply(self, body, signature, approvals=(), founding_leaf=None):
        s = read_statement(body)
        if s.founding != self.founding:
            raise Refused("STATEMENT_WRONG", "another journal")
        if is_change(body):
            if not self.operators:
                self.found(founding_leaf)
            self._change(s, signature, approvals)
        else:
            getattr(self, "_" + s.type)(s, signature)
        self.count += 1
        return s

    def _follow(self, s, signature):
        verify(s.body, signature, self.enrolment_key)
        if s.serial != self.serial + 1 or s.previous != self.head:
            raise Refused("STATEMENT_ORDER", f"serial {s.serial}")

    def _advance(self, s):
        self.serial, self.head = s.serial, s.digest

    def found(self, leaf):
        """Who signed for the region at first."""
        if leaf is None or leaf_hash(leaf) != self.founding:
            raise Refused("MALFORMED", "founding entry")
        body = journal.FoundingBody.FromString(read_leaf(leaf)["body"])
        self.enrolment_key = body.enrolment_key
        self.operators = list(body.operator_keys)
        self.quorum = 1 if body.test else 2

    def _approved(self, s, approvals):
        by_id = {key_id(k): k for k in self.operators}
        for a, signed in approvals:
            if a not in by_id:
                raise Refused("OPERATOR_UNKNOWN", "approvals")
            verify(s.body, signed, by_id[a])
        if len({a for a, _ in approvals}) < self.quorum:
            raise Refused("SECOND_OPERATOR", "approvals")

    def _change(self, s, signature, approvals):
        if s.generation != self.changes + 1 or s.replaces != self.last_change:
            raise Refused("STATEMENT_ORDER", f"generation {s.generation}")
        region = s.type == "region"
        if region and (s.serial != self.serial + 1
                       or s.previous != self.head):
            raise Refused("STATEMENT_ORDER", f"serial {s.serial}")
        if not region and len(s.new_keys) < self.quorum:
            raise Refused("SECOND_OPERATOR", "operators")
        lost = s.reason == 2
        if not region and lost and not approvals:
            verify(s.body, signature, self.enrolment_key)
        else:
            if region and not lost:
                verify(s.body, signature, self.enrolment_key)
            elif signature:
                raise Refused("STATEMENT_WRONG", "signature")
            self._approved(s, approvals)
        self.changes, self.last_change = s.generation, s.digest
        if region:
            self.enrolment_key, = s.new_keys
            self._advance(s)
        else:
            self.operators = list(s.new_keys)

    def _broker(self, s, signature):
        self._follow(s, signature)
        if s.generation != len(self.broker) + 2:
            raise Refused("STATEMENT_ORDER", f"generation {s.generation}")
        self.broker.append(s)
        self._advance(s)

    def log_keys(self, founded_with):
        """Signing keys that a checkpoint may bear now: the last, and the one
        before when nobody stole that."""
        keys = [founded_with] + [s.keys.sign for s in self.broker]
        planned = self.broker and self.broker[-1].reason == 1
        return keys[:-3:-1] if planned else keys[-1:]

    def _enrol(self, s, signature):
        self._follow(s, signature)
        old = self.members.get(s.participant)
        self.members[s.participant] = Member(
            s, s, sign_keys=old.sign_keys if old else {})
        self._advance(s)

    def _revoke(self, s, signature):
        self._follow(s, signature)
        member = self.members.get(s.participant)
        if member is None:
            raise Refused("STATEMENT_ORDER", "nobody to revoke")
        if member.revoked or s.replaces not in (
                member.standing.digest, member.enrolment.digest):
            raise Refused("STATEMENT_WRONG", "what it revokes")
        member.revoked = True
        # With an enrolment every rotation since falls too.
        member.sign_keys = {
            wanted: key for wanted, key in member.sign_keys.items()
            if s.replaces not in key[1:]}
        self._advance(s)

    def _rotate(self, s, signature):
        member = self.members.get(s.participant)
        if member is None:
            raise Refused("STATEMENT_ORDER", "nobody to rotate")
        if member.revoked:
            raise Refused("STATEMENT_WRONG", "revoked")
        if (s.generation != member.generation + 1
                or s.replaces != member.standing.digest):
            raise Refused("STATEMENT_ORDER", f"generation {s.generation}")
        verify(s.body, signature, member.keys.sign)
        member.standing, member.generation = s, s.generation
        member.add_key(s)

    def sealing_key(self, participant):
        member = self.members.get(participant)
        if member is None or member.revoked:
            raise Refused("KEY_NOT_VOUCHED", f"participant {participant}")
        return member.keys.seal

    def signing_key(self, participant, wanted):
        """A key that passes, of this participant and for this use."""
        member = self.members.get(participant)
        if member is None or wanted not in member.sign_keys:
            raise Refused("KEY_NOT_VOUCHED", f"participant {participant}")
        return member.sign_keys[wanted][0]


# ---- who may enter

@dataclass(frozen=True)
class Keys:
    """The three pairs of a participant."""
    link: bytes
    link_secret: bytes
    sign: bytes
    sign_secret: bytes
    seal: bytes
    seal_secret: bytes

    @classmethod
    def draw(cls):
        link, link_secret = sodium.crypto_box_keypair()
        public, secret = sodium.crypto_sign_keypair()
        return cls(link, link_secret, public, secret,
                   *sodium.crypto_box_keypair())

    @property
    def public(self):
        return PublicKeys(self.link, self.sign, self.seal)


def armour(what, content):
    text = base64.b64encode(content).decode("ascii")
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN SCHAKEL {what}-----", *lines,
                      f"-----END SCHAKEL {what}-----", ""])


def unarmour(what, text):
    found = re.search(rf"-----BEGIN SCHAKEL {what}-----\n(.*?)\n"
                      rf"-----END SCHAKEL {what}-----", text, re.S)
    if not found:
        raise Refused("MALFORMED", f"no {what.lower()}")
    try:
        return base64.b64decode(found.group(1).replace("\n", ""),
                                validate=True)
    except ValueError:
        raise Refused("MALFORMED", "base64") from None


def request_content(name, code, role, keys):
    return (label("request") + var(name.encode()) + var(code.encode())
            + u64(role) + keys.packed)


def make_request(name, code, role, keys):
    """The text of the file, and the digest that is read out."""
    content = request_content(name, code, role, keys.public)
    return (armour("REQUEST", content + sign(content, keys.sign_secret)),
            sha(content))


@dataclass(frozen=True)
class Invitation:
    founding: bytes
    broker_link_key: bytes
    broker_sign_key: bytes
    enrolment_key: bytes
    request_digest: bytes
    digest: bytes
    origin: str
    address: str
    participant: int
    test: bool


def read_invitation(text):
    content = unarmour("INVITATION", text)
    r = Reader(content, "MALFORMED")
    r.label("invitation")
    keys = [r.take(32) for _ in range(5)]
    digest = sha(content[:r.at])
    invitation = Invitation(*keys, digest, r.text(), r.text(), r.u64(),
                            r.flag())
    r.end()
    if invitation.test != ("/test/" in invitation.origin):
        raise Refused("MALFORMED", "test and origin disagree")
    return invitation


def word_indices(digest):
    bits = int.from_bytes(digest, "big")
    return [bits >> (256 - 11 * (i + 1)) & 2047 for i in range(8)]


def word_list():
    with open(os.path.join(ROOT, "proto", "words.c"), encoding="ascii") as f:
        table = f.read().split("words[WORDS]", 1)[1]
    return re.findall(r'"([a-z]+)"', table.split("};", 1)[0])


def words(digest):
    listed = word_list()
    return " ".join(listed[i] for i in word_indices(digest))


# ---- leaf, cases, commands

def read_leaf(content):
    """The fields of a journal entry, named as on the page."""
    r = Reader(content, "MALFORMED")
    if r.u64() != 1:
        raise Refused("VERSION_UNKNOWN", "format")
    leaf = {"kind": r.u64(), "instant": r.s64(), "epoch": r.u64()}
    if leaf["kind"] == 2:
        leaf.update(sender=r.u64(), number=r.u64(), key_id=r.take(32))
        if r.flag():
            leaf["header"] = r.var()
        else:
            leaf["header_digest"] = r.take(32)
        leaf.update(commitment=r.take(32), sealed_digest=r.take(32))
        if r.flag():
            leaf.update(first_number=r.u64(), count=r.u64(), link=r.take(32),
                        signature=r.var())
    else:
        leaf["body"] = r.var()
    leaf.update(outcome=r.var(), effects=r.var(),
                closed_commitment=r.take(32), rules_version=r.u64(),
                policy_version=r.u64())
    leaf["cases"] = [[r.u64(), r.u64()] for _ in range(r.u64())]
    r.end()
    return leaf


def case_text(journal_number, number):
    digits = int(f"{journal_number}{number}")
    return f"{journal_number}-{number}-{98 - digits * 100 % 97:02d}"


def command_signed(origin, operator_key, sequence, not_after, command):
    return (label("control") + var(origin.encode()) + key_id(operator_key)
            + u64(sequence) + u64(not_after) + var(command))
