"""Signed checkpoints and their proofs, from proto/PROTOCOL.md, RFC 6962 and
the C2SP pages alone: notes are opened line by line and trees are climbed as
section 2.1.4.2 of RFC 9162 says; no line is shared with the C code.
"""
import base64
import binascii
import re
from dataclasses import dataclass

import formats
from formats import Refused, sha

DECIMAL = re.compile(r"0|[1-9][0-9]*")


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes
    note: bytes


def key_hash(name, public_key):
    """The four bytes by which a note names an Ed25519 key."""
    return sha(name.encode() + b"\n\x01" + public_key)[:4]


def vkey(name, public_key):
    key = base64.b64encode(b"\x01" + public_key).decode()
    return f"{name}+{key_hash(name, public_key).hex()}+{key}"


def read_vkey(text):
    """Name and public key; the key may hold a plus itself."""
    name, digest, key = text.split("+", 2)
    content = base64.b64decode(key, validate=True)
    if content[:1] != b"\x01" or len(content) != 33 \
            or key_hash(name, content[1:]).hex() != digest:
        raise Refused("SIGNATURE_WRONG", "vkey")
    return name, content[1:]


def open_note(note, name, public_key):
    """The text, once this key is found to have signed it."""
    text, mark, lines = note.rpartition(b"\n\n")
    if not mark or not lines.endswith(b"\n"):
        raise Refused("MALFORMED", "no note")
    text += b"\n"
    found = False
    for line in lines.decode("utf-8").split("\n")[:-1]:
        dash, signer, signature = line.split(" ")
        content = base64.b64decode(signature, validate=True)
        if dash != "\u2014":
            raise Refused("MALFORMED", "no signature line")
        if signer == name and content[:4] == key_hash(name, public_key):
            formats.verify(text, content[4:], public_key)
            found = True
    if not found:
        raise Refused("SIGNATURE_WRONG", "not signed by " + name)
    return text.decode("utf-8")


def open_checkpoint(note, origin, public_key):
    try:
        lines = open_note(note, origin, public_key).split("\n")
        if not DECIMAL.fullmatch(lines[1]):
            raise Refused("MALFORMED", "size")
        found = Checkpoint(lines[0], int(lines[1]),
                           base64.b64decode(lines[2], validate=True), note)
    except (ValueError, IndexError, binascii.Error):
        raise Refused("MALFORMED", "checkpoint") from None
    if found.origin != origin:
        raise Refused("ORIGIN_WRONG", found.origin)
    if len(found.root) != 32:
        raise Refused("MALFORMED", "root")
    return found


def sign_checkpoint(origin, size, root, public_key, secret):
    """What a broker does; for those that lie."""
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()
    signature = key_hash(origin, public_key) + formats.sign(text, secret)
    return text + b"\n\xe2\x80\x94 " + origin.encode() + b" " \
        + base64.b64encode(signature) + b"\n"


# ---- trees

def is_consistent(old_size, old_root, new_size, new_root, proof):
    """Does the tree of new_size begin with the one of old_size?"""
    if any(len(node) != 32 for node in proof):
        return False
    if old_size == new_size:
        return old_root == new_root and not proof
    if not 0 < old_size < new_size:
        return False
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for node in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = sha(b"\1", node, fr), sha(b"\1", node, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = sha(b"\1", sr, node)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == new_root


def is_included(leaf_hash, index, size, root, path):
    if not 0 <= index < size or any(len(node) != 32 for node in path):
        return False
    fn, sn, r = index, size - 1, leaf_hash
    for node in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = sha(b"\1", node, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha(b"\1", r, node)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


# ---- the file

def read_proof(text):
    """c2sp.org/tlog-proof: extra, index, path and note."""
    lines = text.split(b"\n")
    if lines.pop(0) != b"c2sp.org/tlog-proof@v1":
        raise Refused("MALFORMED", "no tlog-proof")
    extra = b""
    if lines[0].startswith(b"extra "):
        extra = base64.b64decode(lines.pop(0)[6:], validate=True)
    index = re.fullmatch(rb"index (0|[1-9][0-9]*)", lines.pop(0))
    end = lines.index(b"")
    return extra, int(index[1]), \
        [base64.b64decode(line, validate=True) for line in lines[:end]], \
        b"\n".join(lines[end + 1:])


def check_proof_file(text, key):
    """Size of the log that this file proves its entry to stand in; the hash
    of the entry's leaf goes along in it."""
    leaf_hash, index, path, note = read_proof(text)
    name, public_key = read_vkey(key)
    checkpoint = open_checkpoint(note, name, public_key)
    if not is_included(leaf_hash, index, checkpoint.size, checkpoint.root,
                       path):
        raise Refused("SIGNATURE_WRONG", "the path leads elsewhere")
    return index, leaf_hash, checkpoint
