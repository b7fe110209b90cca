#!/usr/bin/python3
"""The signature under every note, by openssl pkeyutl alone.

usage: check_openssl.py DIR

DIR is what write.c wrote. Takes text and signature out of each note, gives
both to openssl with the key of log.vkey, and compares its verdict with ours.
"""
import base64
import hashlib
import os
import subprocess
import sys
import tempfile

# SubjectPublicKeyInfo of an Ed25519 key (RFC 8410): the 32 bytes follow.
SPKI = bytes.fromhex("302a300506032b6570032100")


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as source:
        return source.read()


def known_key(vkey):
    name, key_id, key = vkey.decode().strip().split("+", 2)
    key = base64.b64decode(key, validate=True)
    digest = hashlib.sha256(name.encode() + b"\n" + key).digest()
    assert key[0] == 1 and digest[:4].hex() == key_id
    return name, digest[:4], key[1:]


def split(note, name, key_id):
    """Text and signature of the line that this key wrote, or None."""
    text, separator, lines = note.rpartition(b"\n\n")
    for line in lines.splitlines() if separator else ():
        part = line.split(b" ")
        if len(part) != 3 or part[:2] != ["\u2014".encode(), name.encode()]:
            continue
        signature = base64.b64decode(part[2])
        if signature[:4] == key_id:
            return text + b"\n", signature[4:]
    return None


def verify(scratch, text, signature):
    for name, content in (("text", text), ("signature", signature)):
        with open(os.path.join(scratch, name), "wb") as out:
            out.write(content)
    done = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform",
         "DER", "-inkey", "key", "-in", "text", "-sigfile", "signature"],
        cwd=scratch, capture_output=True, check=False)
    return done.returncode == 0


def main():
    folder = sys.argv[1]
    name, key_id, key = known_key(read(folder, "log.vkey"))
    cases = [(f, True) for f in sorted(os.listdir(folder))
             if f.startswith(("checkpoint-", "cosigned-"))]
    for line in read(folder, "verdicts").decode().splitlines():
        file, verdict = line.split()
        cases.append((file, verdict == "1"))
    proofs = disagreements = 0
    with tempfile.TemporaryDirectory() as scratch:
        with open(os.path.join(scratch, "key"), "wb") as out:
            out.write(SPKI + key)
        for file, ours in cases:
            parts = split(read(folder, file), name, key_id)
            theirs = parts is not None and verify(scratch, *parts)
            proofs += 1
            if theirs != ours:
                disagreements += 1
                print(f"openssl: {file}: ours {ours}, theirs {theirs}")
    print(f"openssl: proofs={proofs} disagreements={disagreements}")


if __name__ == "__main__":
    main()
