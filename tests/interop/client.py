"""A client of the broker in another language than the agents.

Written from proto/PROTOCOL.md and the .proto files. It is a library: the
system tests use it as an honest participant and, through send_frame,
submit_raw and the keyword arguments of compose, as a hostile one.
"""
import base64
import datetime
import os
import time
from dataclasses import dataclass, field

import zmq
from google.protobuf import json_format
from google.protobuf.message import DecodeError

import checkpoints
import formats
from formats import Envelope, Refused, error_name
from schema import envelope as pb
from schema import session as wire

WAIT = 10.0                     # seconds; a broker that is there is faster
WINDOW_MESSAGES, WINDOW_BYTES = 1 << 20, 1 << 40


class NotWelcome(Exception):
    """No WELCOME came: the broker does not know this key, or is not there."""


class Fork(Exception):
    """The broker signed two journals: both notes, and the proof that fails.
    Such a client says nothing any more."""

    def __init__(self, kept, shown, proof):
        self.kept, self.shown, self.proof = kept, shown, proof
        super().__init__(f"{kept.size} entries, then {shown.size}")


class Goodbye(Exception):
    def __init__(self, bye):
        self.code, self.text = error_name(bye.code), bye.text
        super().__init__(f"{self.code}: {self.text}")


def strict(cls, content):
    """Parse, and refuse what a reader must refuse."""
    message = cls()
    try:
        message.ParseFromString(content)
    except (DecodeError, UnicodeDecodeError):
        raise Refused("MALFORMED", cls.__name__) from None
    refuse_unknown(message)
    return message


def refuse_unknown(message):
    if len(message.UnknownFields()) > 0:
        raise Refused("FIELD_UNKNOWN", type(message).__name__)
    for descriptor, value in message.ListFields():
        if descriptor.type == descriptor.TYPE_MESSAGE:
            repeated = descriptor.label == descriptor.LABEL_REPEATED
            for part in value if repeated else [value]:
                refuse_unknown(part)


def ref_key(ref):
    """A Ref as something that can be a key of a dict."""
    return ref.participant, ref.id.boot, ref.id.number


def ref_text(ref):
    return f"{ref.participant}-{ref.id.boot.hex()}-{ref.id.number}"


def as_json(descriptor, value):
    """Facts as the agents' own JSON writes them (dates as text, bytes as
    hex) in the form that protobuf's own reader takes."""
    out = {}
    for name, content in value.items():
        part = descriptor.fields_by_name[name]
        each = content if isinstance(content, list) else [content]
        if part.type == part.TYPE_MESSAGE:
            each = [as_json(part.message_type, x) for x in each]
        elif part.type == part.TYPE_BYTES:
            each = [base64.b64encode(bytes.fromhex(x)).decode() for x in each]
        elif name.endswith("_date"):
            each = [day(x) for x in each]
        out[name] = each if isinstance(content, list) else each[0]
    return out


def day(date):
    """Days since 1970-01-01 of 2026-03-31, or of a number itself."""
    if isinstance(date, int):
        return date
    return (datetime.date.fromisoformat(date)
            - datetime.date(1970, 1, 1)).days


def facts_field(kind):
    return pb.Facts.DESCRIPTOR.fields_by_number[kind + 100].name


@dataclass
class Letter:
    """A row of the mailbox: what was delivered, and what became of it."""
    deliver: object
    header: object = None
    facts: object = None
    sections: dict = field(default_factory=dict)
    trouble: Refused = None

    @property
    def number(self):
        return self.deliver.mailbox_number

    @property
    def notice(self):
        return self.deliver.notice if self.deliver.HasField("notice") else None

    @property
    def sender(self):
        return self.deliver.provenance.sender

    @property
    def case_ref(self):
        return self.deliver.case_ref

    @property
    def kind(self):
        return "NOTICE" if self.notice else pb.Kind.Name(self.header.kind) \
            if self.header else None

    @property
    def ref(self):
        return pb.Ref(participant=self.sender, id=self.header.id)


class Client:
    """One participant. The caller's turn is explicit: nothing is received
    outside the methods that wait."""

    def __init__(self, keys, invitation, boot=None, address=None):
        self.keys, self.invitation = keys, invitation
        self.participant = invitation.participant
        self.address = address or invitation.address
        self.boot = boot or os.urandom(8)
        self.next_id = 1
        self.directory = formats.Directory(invitation.founding,
                                           invitation.enrolment_key)
        self.retired = {}               # key id -> (public, secret)
        self.credit_messages = WINDOW_MESSAGES
        self.credit_bytes = WINDOW_BYTES
        self.auto_ack = True
        # what outlives a session
        self.inbox = []
        self.seen = set()
        self.cases = {}                 # case number -> Ref of its opening
        self.stored, self.beyond = 0, set()
        self.mailbox_journal = 0
        self.last_receipt, self.last_position = 0, None
        self.receipts = {}              # number -> Receipt
        self.own = {}                   # number -> Envelope
        self.checkpoint = None          # the broker's last, verified
        self.fork = None
        self.now = 0
        # the session
        self.socket = self.welcome = None
        self.last_number, self.last_link = 0, b""
        self.answers, self.bye, self.drained = [], None, False

    # ---- frames

    def connect(self):
        self.close()
        socket = zmq.Context.instance().socket(zmq.DEALER)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.IMMEDIATE, 1)
        socket.setsockopt(zmq.HEARTBEAT_IVL, 10000)
        socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 30000)
        socket.setsockopt(zmq.HEARTBEAT_TTL, 60000)
        socket.setsockopt(zmq.RECONNECT_IVL, 100)
        socket.setsockopt(zmq.RECONNECT_IVL_MAX, 5000)
        socket.setsockopt(zmq.CURVE_SERVERKEY,
                          self.invitation.broker_link_key)
        socket.setsockopt(zmq.CURVE_PUBLICKEY, self.keys.link)
        socket.setsockopt(zmq.CURVE_SECRETKEY, self.keys.link_secret)
        socket.connect(self.address)
        self.socket = socket
        self.bye, self.welcome, self.drained = None, None, False

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send_frame(self, frame, wait=WAIT):
        """A Frame, or bytes as they are, however wrong."""
        if self.fork:
            raise self.fork
        content = frame if isinstance(frame, bytes) \
            else frame.SerializeToString()
        # With IMMEDIATE a DEALER without a connection has nowhere to send.
        if not self.socket.poll(int(wait * 1000), zmq.POLLOUT):
            raise NotWelcome("de broker neemt geen verbinding aan / the "
                             "broker does not accept a connection")
        self.socket.send(content)

    def receive(self, wait=WAIT):
        """One frame, taken note of. None when nothing came."""
        if not self.socket.poll(int(wait * 1000)):
            return None
        parts = self.socket.recv_multipart()
        if len(parts) != 1:
            raise Refused("MALFORMED", "more than one part")
        frame = strict(wire.Frame, parts[0])
        present = [d.name for d, _ in frame.ListFields()]
        if len(present) != 1:
            raise Refused("FRAME_UNEXPECTED", str(present))
        getattr(self, "on_" + present[0])(getattr(frame, present[0]))
        return frame

    def until(self, done, wait=WAIT, what="an answer"):
        """Receive until done() is true and give back what it said."""
        end = time.monotonic() + wait
        while not (value := done()):
            left = end - time.monotonic()
            if left <= 0 or self.receive(left) is None:
                if value := done():
                    break
                raise TimeoutError(f"{what} did not come in {wait} s")
        return value

    def drain_frames(self):
        """Take what has arrived, wait for nothing."""
        while self.receive(0) is not None:
            pass

    # ---- what the broker says

    def on_welcome(self, welcome):
        i = self.invitation
        if welcome.origin != i.origin or welcome.founding != i.founding:
            raise Refused("ORIGIN_WRONG", welcome.origin)
        if welcome.HasField("checkpoint"):
            self.on_checkpoint(welcome.checkpoint)
        if self.checkpoint and welcome.journal_size < self.checkpoint.size:
            raise Refused("ROLLBACK", "fewer entries than were signed")
        if (welcome.last_number < self.last_receipt
                or self.last_position is not None
                and welcome.journal_size <= self.last_position
                or welcome.directory_serial < self.directory.serial):
            raise Refused("ROLLBACK")
        if welcome.charters and not self.directory.operators:
            self.directory.found(welcome.founding_leaf)
            keys = [c.new_keys[0] for c in map(
                formats.read_statement, (s.body for s in welcome.charters))
                if c.type == "region"]
            if i.enrolment_key not in (self.directory.enrolment_key, *keys):
                raise Refused("STATEMENT_WRONG", "not the invitation's key")
        if self.mailbox_journal != welcome.mailbox_journal:
            self.stored, self.beyond = 0, set()
        self.mailbox_journal = welcome.mailbox_journal
        self.last_number = welcome.last_number
        self.last_link = welcome.last_link
        self.now = welcome.now
        self.welcome = welcome

    def open_checkpoint(self, note):
        i = self.invitation
        keys = self.directory.log_keys(i.broker_sign_key)
        for key in keys[1:]:
            try:
                shown = checkpoints.open_checkpoint(note, i.origin, key)
                break
            except Refused:
                continue
        else:
            shown = checkpoints.open_checkpoint(note, i.origin, keys[0])
        if shown.size == 0:
            raise Refused("MALFORMED", "an empty journal")
        return shown

    def on_checkpoint(self, frame):
        """It goes on from the one that is kept, or the broker lies."""
        shown, kept = self.open_checkpoint(frame.note), self.checkpoint
        if kept is None:
            if frame.from_size != 0:
                raise Refused("MALFORMED", "from_size")
        else:
            same = shown.size == kept.size
            if shown.size > kept.size and frame.from_size != kept.size:
                raise Refused("MALFORMED", "from_size")
            if not checkpoints.is_consistent(
                    kept.size, kept.root, shown.size, shown.root,
                    () if same else frame.consistency):
                self.fork = Fork(kept, shown, list(frame.consistency))
                raise self.fork
        self.checkpoint = shown

    def on_proof(self, proof):
        self.answers.append(proof)

    def on_receipts(self, receipts):
        for receipt in receipts.receipts:
            self.receipts[receipt.number] = receipt
            self.last_receipt = max(self.last_receipt, receipt.number)
            self.know(receipt.position)
        self.answers.append(receipts)

    def on_rejected(self, rejected):
        self.answers.append(rejected)

    def on_deliveries(self, deliveries):
        for deliver in deliveries.deliveries:
            self.take(deliver)
        if self.auto_ack:
            self.ack()

    def on_directory(self, directory):
        if directory.first > self.directory.count:
            raise Refused("STATEMENT_ORDER", "a hole in the directory")
        for s in directory.statements[self.directory.count
                                      - directory.first:]:
            self.directory.apply(
                s.body, s.signature,
                [(a.key_id, a.signature) for a in s.approvals],
                s.founding_leaf if s.HasField("founding_leaf") else None)
        # What could not be vouched for yet may verify now.
        for letter in self.inbox:
            if letter.trouble and letter.trouble.name == "KEY_NOT_VOUCHED":
                letter.trouble = None
                self.open(letter)

    def on_fetched(self, fetched):
        self.answers.append(fetched)

    def on_pong(self, pong):
        self.now = pong.now
        if pong.token != 0:     # 0: nobody asked, the test clock was stepped
            self.answers.append(pong)

    def on_drain(self, _):
        self.drained = True

    def on_bye(self, bye):
        self.bye = bye
        self.answers.append(bye)

    def know(self, position):
        if self.last_position is None or position > self.last_position:
            self.last_position = position

    # ---- mailbox

    def take(self, deliver):
        letter = Letter(deliver)
        if deliver.mailbox_number <= self.stored \
                or deliver.mailbox_number in self.beyond:
            again = True        # the same row after a reconnection
        else:
            again = False
            self.beyond.add(deliver.mailbox_number)
            while self.stored + 1 in self.beyond:
                self.stored += 1
                self.beyond.remove(self.stored)
        self.know(deliver.position)
        if again:
            return
        self.open(letter)
        name = (deliver.position,) if letter.notice or not letter.header \
            else ref_key(letter.ref)
        if name not in self.seen:
            self.seen.add(name)
            self.inbox.append(letter)

    def open(self, letter):
        """Verify before anything is shown; trouble says why not."""
        try:
            self.check_case(letter.deliver)
            if letter.notice or letter.deliver.erased:
                return
            header, facts, sections = self.verify(letter.deliver)
        except Refused as refused:
            letter.trouble = refused
        else:
            letter.header, letter.facts = header, facts
            letter.sections = sections

    def check_case(self, deliver):
        known = self.cases.setdefault(deliver.case_number, deliver.case_ref)
        if ref_key(known) != ref_key(deliver.case_ref):
            raise Refused("FIELD_INVALID", "the name of the case changed")

    def verify(self, deliver):
        """Provenance, header, seal and content: steps 1 to 6 of the page."""
        p, envelope = deliver.provenance, Envelope.of(deliver.envelope)
        key = self.directory.signing_key(p.sender, p.key_id)
        formats.verify_provenance(envelope, p, key)
        if p.origin != self.invitation.origin:
            raise Refused("ORIGIN_WRONG", p.origin)
        header = strict(pb.Header, envelope.header)
        mine = [i for i, r in enumerate(header.recipients)
                if r.participant == self.participant]
        if len(mine) != 1:
            raise Refused("RECIPIENT_WRONG", "not for me")
        if ref_key(header.case_ref) != ref_key(deliver.case_ref):
            raise Refused("FIELD_INVALID", "header.case_ref")
        facts = strict(pb.Facts, envelope.facts)
        sections = {}
        if envelope.sealed:
            sections = self.unseal(envelope, header, mine[0])
        check_content(facts, sections)
        return header, facts, sections

    def unseal(self, envelope, header, index):
        wanted = header.recipients[index].key_id
        if wanted == formats.key_id(self.keys.seal):
            public, secret = self.keys.seal, self.keys.seal_secret
        elif wanted in self.retired:
            public, secret = self.retired[wanted]
        else:
            raise Refused("SEAL_BROKEN", "sealed to another key")
        plain = formats.unseal(
            envelope.sealed, len(header.recipients), index, public, secret,
            formats.sha(envelope.header) + envelope.commitment)
        content = strict(pb.Content, plain)
        if content.version != 1:
            raise Refused("VERSION_UNKNOWN", "content")
        return {pb.Section.Name(s.section): s.text for s in content.sections}

    def ack(self, stored=None):
        self.send_frame(wire.Frame(ack=wire.Ack(
            mailbox_journal=self.mailbox_journal,
            stored=self.stored if stored is None else stored,
            credit_messages=self.credit_messages,
            credit_bytes=self.credit_bytes)))

    # ---- session

    def hello_frame(self, **overrides):
        values = dict(
            protocol_min=1, protocol_max=1, participant=self.participant,
            boot=self.boot, last_receipt=self.last_receipt,
            mailbox_journal=self.mailbox_journal, mailbox_stored=self.stored,
            directory_count=self.directory.count,
            directory_serial=self.directory.serial,
            directory_head=self.directory.head, origin=self.invitation.origin,
            credit_messages=self.credit_messages,
            credit_bytes=self.credit_bytes)
        if self.checkpoint is not None:
            values["checkpoint"] = self.checkpoint.note
        if self.last_position is not None:
            values["last_position"] = self.last_position
        values.update(overrides)
        return wire.Frame(hello=wire.Hello(**{
            k: v for k, v in values.items() if v is not None}))

    def greet(self, wait=WAIT, **overrides):
        """HELLO until WELCOME and the whole directory; Goodbye on BYE."""
        if self.socket is None:
            self.connect()
        self.welcome = self.bye = None
        self.answers.clear()
        self.send_frame(self.hello_frame(**overrides), wait)
        try:
            self.until(lambda: self.welcome or self.bye, wait, "WELCOME")
        except TimeoutError:
            raise NotWelcome("de broker antwoordt niet / no WELCOME") from None
        if self.bye:
            raise Goodbye(self.bye)
        self.until(lambda: self.directory.count
                   >= self.welcome.directory_count, wait, "the directory")
        return self.welcome

    def answer(self, wait=WAIT):
        """The next receipts, rejection, pong, fetched frame or bye."""
        self.until(lambda: self.answers, wait)
        return self.answers.pop(0)

    def ping(self, token=1):
        self.send_frame(wire.Frame(ping=wire.Ping(token=token)))
        pong = self.until(lambda: next(
            (a for a in self.answers
             if isinstance(a, wire.Pong) and a.token == token), None))
        self.answers.remove(pong)
        return pong

    def fetch(self, from_number=1):
        """My own envelopes and their receipts, each chain link verified."""
        self.send_frame(wire.Frame(fetch=wire.Fetch(from_number=from_number)))
        own, receipts = [], []
        while True:
            fetched = self.answer()
            if not isinstance(fetched, wire.Fetched):
                raise Refused("FRAME_UNEXPECTED", str(fetched))
            own += fetched.own
            receipts += fetched.receipts
            if fetched.last:
                return list(zip(own, receipts))

    def prove(self, position, leaf_hash):
        """The broker's proof that this entry stands there, verified."""
        self.send_frame(wire.Frame(prove=wire.Prove(position=position)))
        proof = self.until(lambda: next(
            (a for a in self.answers if isinstance(a, wire.Proof)
             and a.position == position), None))
        self.answers.remove(proof)
        if proof.code:
            raise Refused(error_name(proof.code), f"position {position}")
        shown = self.open_checkpoint(proof.note)
        if proof.leaf_hash != leaf_hash or not checkpoints.is_included(
                leaf_hash, position, shown.size, shown.root, proof.path):
            raise Refused("SIGNATURE_WRONG", "the path leads elsewhere")
        if self.checkpoint and shown.size < self.checkpoint.size:
            raise Refused("ROLLBACK", "an older checkpoint")
        return shown

    # ---- saying something

    def compose(self, kind, facts=None, case_ref=None, reply_to=None, to=(),
                sections=None, event_date=None, person=None,
                seal_keys=None, change_header=None, change_facts=None,
                change_sealed=None, boot=None):
        """An envelope. facts as JSON of the kind's own message; the change_
        arguments bend bytes before they are committed to."""
        number = pb.Kind.Value(kind)
        own_id = pb.EnvelopeId(boot=boot or self.boot, number=self.next_id)
        self.next_id += 1
        header = pb.Header(
            version=1, id=own_id, kind=number, written_at=self.now,
            case_ref=case_ref or pb.Ref(participant=self.participant,
                                        id=own_id))
        if reply_to is not None:
            header.reply_to.CopyFrom(reply_to)
        if event_date is not None:
            header.event_date = day(event_date)
        if person is not None:
            header.person = person
        keys = {}
        for participant in (*to, self.participant):
            key = (seal_keys or {}).get(participant) \
                or self.directory.sealing_key(participant)
            keys[participant] = key
            header.recipients.add(participant=participant,
                                  key_id=formats.key_id(key))
        body = pb.Facts(version=1)
        part = getattr(body, facts_field(number))
        part.SetInParent()
        json_format.ParseDict(as_json(part.DESCRIPTOR, facts or {}), part)
        for name, text in (sections or {}).items():
            body.sections.add(section=pb.Section.Value(name),
                              characters=len(text))
        return self.finish(header, body, sections, list(keys.values()),
                           change_header, change_facts, change_sealed)

    def finish(self, header, body, sections, keys, change_header=None,
               change_facts=None, change_sealed=None):
        nonce, sealed = os.urandom(16), b""
        header_bytes = header if isinstance(header, bytes) \
            else header.SerializeToString()
        facts_bytes = body.SerializeToString()
        if change_header:
            header_bytes = change_header(header_bytes)
        if change_facts:
            facts_bytes = change_facts(facts_bytes)
        if sections:
            content = pb.Content(version=1, sections=[
                pb.SectionText(section=pb.Section.Value(name), text=text)
                for name, text in sections.items()])
            sealed = formats.seal(
                content.SerializeToString(), keys, header_bytes,
                formats.commitment(nonce, facts_bytes))
        if change_sealed:
            sealed = change_sealed(sealed)
        return Envelope(header_bytes, nonce, facts_bytes, sealed)

    def submit_frame(self, envelopes, first_number=None, previous=None,
                     keys=None, origin=None, participant=None):
        keys = keys or self.keys
        first = self.last_number + 1 if first_number is None else first_number
        link = formats.next_link(
            self.last_link if previous is None else previous, first,
            len(envelopes), formats.tree_root([x.e for x in envelopes]))
        signature = formats.sign(formats.submit_signed(
            origin or self.invitation.origin,
            participant or self.participant, formats.key_id(keys.sign), link),
            keys.sign_secret)
        return link, wire.Frame(submit=wire.Submit(
            first_number=first, envelopes=[x.message() for x in envelopes],
            key_id=formats.key_id(keys.sign), signature=signature))

    def submit_raw(self, frame, wait=WAIT):
        """Whatever frame; the receipts, rejection or bye that answers it."""
        self.send_frame(frame)
        return self.answer(wait)

    def submit(self, *envelopes, wait=WAIT):
        """The outcomes, one an envelope. Refused when nothing was taken."""
        first = self.last_number + 1
        link, frame = self.submit_frame(envelopes)
        answer = self.submit_raw(frame, wait)
        if isinstance(answer, wire.Bye):
            raise Goodbye(answer)
        if isinstance(answer, wire.Rejected):
            raise Refused(error_name(answer.code), answer.field)
        if [r.number for r in answer.receipts] != list(
                range(first, first + len(envelopes))):
            raise Refused("MALFORMED", "receipts out of order")
        for i, envelope in enumerate(envelopes):
            self.own[first + i] = envelope
        self.last_number += len(envelopes)
        self.last_link = link
        return list(answer.receipts)

    def say(self, kind, facts=None, **more):
        """Compose, submit, and give back ref and receipt of one message
        that has to be accepted."""
        envelope = self.compose(kind, facts, **more)
        receipt, = self.submit(envelope)
        if not receipt.outcome.accepted:
            raise Refused(error_name(receipt.outcome.code),
                          f"{receipt.outcome.field}: {receipt.outcome.hint}")
        header = strict(pb.Header, envelope.header)
        return pb.Ref(participant=self.participant, id=header.id), receipt

    def wait_for(self, kind, wait=WAIT, case_ref=None, count=1):
        """The count-th letter of this kind (of this case) in my inbox."""
        def found():
            letters = [x for x in self.inbox if x.kind == kind and (
                case_ref is None or ref_key(x.case_ref) == ref_key(case_ref))]
            return letters[count - 1] if len(letters) >= count else None
        return self.until(found, wait, kind)


def check_content(facts, sections):
    """What was declared is what was sealed, no more and no less."""
    declared = {pb.Section.Name(s.section): s.characters
                for s in facts.sections}
    if declared != {name: len(text) for name, text in sections.items()}:
        raise Refused("CONTENT_MISMATCH", str(declared))
    for text in sections.values():
        if any((ord(c) < 32 and c not in "\t\n") or 127 <= ord(c) < 160
               for c in text):
            raise Refused("TEXT_INVALID", "control characters")
