#!/usr/bin/python3
"""Write the test vectors of proto/PROTOCOL.md, from that page alone.

Nothing here calls Schakel's C code: two implementations that share no line
must agree on every byte. Everything is fixed, so that a second run writes the
same files; a vector that changes is a format that broke.

    /usr/bin/python3 tests/vectors/make_vectors.py [folder]
"""
import base64
import hashlib
import hmac
import json
import os
import sys

import nacl.bindings as sodium


# ---- bytes

def u64(value):
    return (value % 2**64).to_bytes(8, 'big')


def var(field):
    return len(field).to_bytes(2, 'big') + field


def label(what):
    return b'schakel/' + what.encode('ascii') + b'/v1\0'


def sha(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def fixed(what, size=32):
    """Bytes that look like nothing in particular, the same every time."""
    return hashlib.shake_128(b'vector ' + what.encode()).digest(size)


def signing_key(what):
    return sodium.crypto_sign_seed_keypair(fixed('sign ' + what))


def sign(message, secret):
    return sodium.crypto_sign(message, secret)[:64]


def box_key(what):
    return sodium.crypto_box_seed_keypair(fixed('box ' + what))


FOUNDING = fixed('founding leaf')
ORIGIN = 'regio-oost/journal/1'


# ---- digests and trees (RFC 6962 section 2.1, recursive as it stands there)

def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def tree_root(leaves):
    if len(leaves) == 1:
        return sha(b'\0', leaves[0])
    k = split(len(leaves))
    return sha(b'\1', tree_root(leaves[:k]), tree_root(leaves[k:]))


def tree_path(m, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return tree_path(m, leaves[:k]) + [tree_root(leaves[k:])]
    return tree_path(m - k, leaves[k:]) + [tree_root(leaves[:k])]


def digest_vectors():
    trees = []
    for n in [1, 2, 3, 4, 5, 6, 7, 8, 64]:
        e = [fixed(f'e {i}') for i in range(n)]
        trees.append({'e': e, 'root': tree_root(e),
                      'paths': [tree_path(i, e) for i in range(n)]})
    key = fixed('a public key')
    return {
        'key_id': [{'key': key, 'key_id': sha(key)}],
        'leaf_hash': [{'leaf': b'', 'hash': sha(b'\0')},
                      {'leaf': b'leaf', 'hash': sha(b'\0leaf')}],
        'trees': trees,
    }


# ---- the sender chain

def commitment(nonce, facts, what='facts'):
    return hmac.digest(nonce, label(what) + var(facts), 'sha256')


def envelope_e(header, nonce, facts, sealed):
    return sha(label('envelope'), sha(header), commitment(nonce, facts),
               sha(sealed))


def next_link(previous, first_number, count, root):
    return sha(label('link'), previous, u64(first_number), u64(count), root)


def submit_signature(origin, participant, public, secret, link):
    return sign(label('submit') + var(origin.encode()) + u64(participant)
                + sha(public) + link, secret)


def make_envelope(i):
    return {'header': fixed(f'header {i}', 40 + i),
            'nonce': fixed(f'nonce {i}', 16),
            'facts': fixed(f'facts {i}', 30 * i),
            'sealed': fixed(f'sealed {i}', 700) if i % 2 else b''}


def chain_vectors():
    public, secret = signing_key('sender')
    sender, first_number = 12, 40
    envelopes = [make_envelope(i) for i in range(5)]
    e = [envelope_e(**v) for v in envelopes]
    first_link = sha(label('link0'), FOUNDING, u64(sender))
    root = tree_root(e)
    previous = fixed('previous link')
    link = next_link(previous, first_number, len(e), root)
    signature = submit_signature(ORIGIN, sender, public, secret, link)
    nonce = fixed('nonce of commitments', 16)
    return {
        'commitment': [
            {'nonce': nonce, 'facts': facts,
             'commitment': commitment(nonce, facts),
             'closed_commitment': commitment(nonce, facts, 'closed')}
            for facts in [b'', b'\x08\x01', fixed('facts', 8192)]],
        'envelope': [
            dict(v, header_digest=sha(v['header']),
                 commitment=commitment(v['nonce'], v['facts']),
                 sealed_digest=sha(v['sealed']), e=envelope_e(**v))
            for v in envelopes],
        'link0': [{'founding': FOUNDING, 'participant': p,
                   'link': sha(label('link0'), FOUNDING, u64(p))}
                  for p in [1, sender, 2**40 + 7]],
        'link': [{'previous': p, 'first_number': f, 'count': c,
                  'root': root, 'link': next_link(p, f, c, root)}
                 for p, f, c in [(first_link, 1, 1), (previous, 40, 5),
                                 (previous, 2**33, 64)]],
        'submit': [{'origin': ORIGIN, 'participant': sender,
                    'public_key': public, 'secret_key': secret, 'link': link,
                    'signature': signature}],
        'provenance': [
            {'envelope': envelopes[i], 'sender': sender,
             'number': first_number + i, 'origin': ORIGIN,
             'first_number': first_number, 'count': len(e),
             'path': tree_path(i, e), 'previous_link': previous,
             'key_id': sha(public), 'signature': signature,
             'public_key': public} for i in range(len(e))],
    }


# ---- sealed

BUCKETS = [512, 1024, 4096, 16384, 57344]


def pad(plain):
    size = next(b for b in BUCKETS if b > len(plain))
    return plain + b'\x80' + bytes(size - len(plain) - 1)


def seal_box(message, public, what):
    """crypto_box_seal with an ephemeral key that is fixed, never drawn."""
    e_public, e_secret = box_key('ephemeral ' + what)
    nonce = hashlib.blake2b(e_public + public, digest_size=24).digest()
    return e_public + sodium.crypto_box(message, nonce, public, e_secret)


def seal(padded, recipients, associated, version=1, digest=None):
    key = fixed('content key')
    nonce = fixed('sealed nonce', 24)
    boxes = [seal_box(key, r, str(i)) for i, r in enumerate(recipients)]
    return (bytes([version]) + (digest or sha(label('key'), key))
            + b''.join(boxes) + nonce
            + sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
                padded, associated, nonce, key))


def seal_vectors():
    keys = [box_key(f'recipient {i}') for i in range(3)]
    recipients = [public for public, _ in keys]
    header_digest, facts_commitment = fixed('hd'), fixed('fc')
    associated = header_digest + facts_commitment
    good = [{'plain': plain,
             'sealed': seal(pad(plain), recipients, associated)}
            for plain in [b'', 'Zorg om Daniël\n'.encode(), bytes(511),
                          fixed('long text', 512), fixed('last', 16383)]]
    padded = pad(b'text')
    right = seal(padded, recipients, associated)
    at = 1 + 32 + 3 * 80

    def bent(offset):
        out = bytearray(right)
        out[offset] ^= 1
        return bytes(out)
    bad = [
        ('another version', seal(padded, recipients, associated, version=2)),
        ('a digest of another key',
         seal(padded, recipients, associated, digest=fixed('other'))),
        ('boxes for others', seal(padded, recipients[::-1], associated)),
        ('a box bent', bent(33)),
        ('the nonce bent', bent(at)),
        ('the text bent', bent(at + 24)),
        ('the tag bent', bent(len(right) - 1)),
        ('another header', seal(padded, recipients,
                                fixed('x') + facts_commitment)),
        ('other facts', seal(padded, recipients, header_digest + fixed('x'))),
        ('label and length in the associated data',
         seal(padded, recipients, label('seal') + associated)),
        ('zeros only', seal(bytes(512), recipients, associated)),
        ('another padding byte',
         seal(b'text\x81' + bytes(507), recipients, associated)),
        ('no bucket', seal(pad(b'text') + bytes(16), recipients, associated)),
        ('a byte short', right[:-1]),
        ('a byte over', right + b'\0'),
        ('two recipients', seal(padded, recipients[:2], associated)),
        ('nothing', b''),
    ]
    return {'keys': [{'public_key': p, 'secret_key': s} for p, s in keys],
            'header_digest': header_digest, 'commitment': facts_commitment,
            'good': good,
            'bad': [{'why': why, 'sealed': sealed} for why, sealed in bad]}


# ---- the leaf

EVENT_KINDS = {'FOUNDING': 1, 'ENVELOPE_EVENT': 2, 'DEADLINE_EVENT': 3,
               'MAILBOX_EVENT': 4, 'DIRECTORY_EVENT': 5, 'CONTROL_EVENT': 6,
               'UNSIGNED_EVENT': 7, 'STARTED_EVENT': 8}


def leaf_bytes(x):
    out = u64(1) + u64(x['kind']) + u64(x['instant']) + u64(x['epoch'])
    if x['kind'] == EVENT_KINDS['ENVELOPE_EVENT']:
        out += u64(x['sender']) + u64(x['number']) + x['key_id']
        if 'header' in x:
            out += u64(1) + var(x['header'])
        else:
            out += u64(0) + x['header_digest']
        out += x['commitment'] + x['sealed_digest']
        if 'signature' in x:
            out += u64(1) + u64(x['first_number']) + u64(x['count'])
            out += x['link'] + var(x['signature'])
        else:
            out += u64(0)
    else:
        out += var(x['body'])
    out += var(x['outcome']) + var(x['effects']) + x['closed_commitment']
    out += u64(x['rules_version']) + u64(x['policy_version'])
    out += u64(len(x['cases']))
    for number, previous in x['cases']:
        out += u64(number) + u64(previous)
    return out


def leaf_vectors():
    common = {'instant': 1772000000123, 'epoch': 3,
              'outcome': b'\x08\x01\x10\x2a', 'effects': fixed('effects', 60),
              'closed_commitment': fixed('closed'), 'rules_version': 1,
              'policy_version': 4, 'cases': [[42, 1008]]}
    envelope = dict(common, kind=2, sender=12, number=44,
                    key_id=fixed('key id'), commitment=fixed('fc'),
                    sealed_digest=fixed('sd'))
    whole = dict(envelope, header=fixed('header', 200))
    bare = dict(common, outcome=b'', effects=b'',
                closed_commitment=bytes(32), cases=[])
    leaves = [
        ('envelope in the midst of a SUBMIT', whole),
        ('envelope that closes its SUBMIT', dict(
            whole, first_number=40, count=5, link=fixed('link'),
            signature=fixed('signature', 64))),
        ('envelope whose header does not decode', dict(
            envelope, header_digest=fixed('hd'), cases=[])),
        ('envelope before 1970 that touches two cases', dict(
            whole, instant=-1, cases=[[42, 0], [43, 7]])),
    ]
    leaves += [(name, dict(bare, kind=kind, body=fixed(name, 10 * kind)))
               for name, kind in EVENT_KINDS.items() if kind != 2]
    return {'leaves': [
        dict(x, why=why, bytes=leaf_bytes(x), hash=sha(b'\0', leaf_bytes(x)))
        for why, x in leaves]}


# ---- statements

def keys_of(what):
    public, secret = signing_key(what)
    return {'link': fixed('link ' + what), 'sign': public,
            'seal': box_key(what)[0], 'secret': secret}


def key_bytes(keys):
    return keys['link'] + keys['sign'] + keys['seal']


def public_only(keys):
    return {k: v for k, v in keys.items() if k != 'secret'}


def enrol(serial, previous, participant, keys, valid_to=21000):
    name, code, area = 'Wijkteam Zuidérveld', '00000001234567890000', [193, 7]
    body = (label('enrol') + FOUNDING + u64(serial) + previous
            + u64(participant) + u64(1) + var(name.encode())
            + var(code.encode()) + u64(len(area))
            + b''.join(u64(a) for a in area) + u64(-20) + u64(valid_to)
            + key_bytes(keys))
    return {'type': 1, 'serial': serial, 'previous': previous,
            'participant': participant, 'role': 1, 'name': name, 'code': code,
            'area': area, 'valid_from': -20, 'valid_to': valid_to,
            'generation': 1, 'replaces': bytes(32), 'reason': 0,
            'keys': public_only(keys), 'body': body}


def rotate(participant, generation, replaces, keys):
    body = (label('rotate') + FOUNDING + u64(participant) + u64(generation)
            + replaces + key_bytes(keys))
    return {'type': 2, 'serial': 0, 'previous': bytes(32),
            'participant': participant, 'role': 0, 'name': '', 'code': '',
            'area': [], 'valid_from': 0, 'valid_to': 0,
            'generation': generation, 'replaces': replaces, 'reason': 0,
            'keys': public_only(keys), 'body': body}


def revoke(serial, previous, participant, reason, replaces):
    body = (label('revoke') + FOUNDING + u64(serial) + previous
            + u64(participant) + u64(reason) + replaces)
    nothing = {'link': bytes(32), 'sign': bytes(32), 'seal': bytes(32)}
    return {'type': 3, 'serial': serial, 'previous': previous,
            'participant': participant, 'role': 0, 'name': '', 'code': '',
            'area': [], 'valid_from': 0, 'valid_to': 0, 'generation': 0,
            'replaces': replaces, 'reason': reason, 'keys': nothing,
            'body': body}


def renew_broker(serial, previous, generation, reason, keys):
    body = (label('broker') + FOUNDING + u64(serial) + previous + u64(0)
            + u64(generation) + u64(reason) + keys['link'] + keys['sign'])
    return {'type': 4, 'serial': serial, 'previous': previous,
            'participant': 0, 'role': 0, 'name': '', 'code': '', 'area': [],
            'valid_from': 0, 'valid_to': 0, 'generation': generation,
            'replaces': bytes(32), 'reason': reason,
            'keys': dict(public_only(keys), seal=bytes(32)), 'body': body}


def statement_digest(body):
    return sha(label('statement'), body)


def statement_vectors():
    public, secret = signing_key('region')
    one, two, other = keys_of('one'), keys_of('two'), keys_of('other')
    out = []

    def add(s, signer, error=0):
        s = dict(s, digest=statement_digest(s['body']), error=error,
                 signature=sign(s['body'], signer))
        out.append(s)
        return s['digest']
    wrong_signature, order, wrong = 20, 124, 125
    add(revoke(1, bytes(32), 12, 1, fixed('x')), secret, order)
    add(enrol(1, bytes(32), 12, one), one['secret'], wrong_signature)
    add(enrol(2, bytes(32), 12, one), secret, order)
    d1 = add(enrol(1, bytes(32), 12, one), secret)
    add(enrol(1, bytes(32), 12, two), secret, order)
    add(rotate(12, 2, d1, two), two['secret'], wrong_signature)
    add(rotate(12, 3, d1, two), one['secret'], order)
    d2 = add(rotate(12, 2, d1, two), one['secret'])
    add(rotate(12, 3, d1, other), two['secret'], order)
    add(revoke(2, d1, 12, 2, fixed('x')), secret, wrong)
    d3 = add(revoke(2, d1, 12, 2, d2), secret)
    add(rotate(12, 3, d2, other), two['secret'], wrong)
    d4 = add(enrol(3, d3, 12, other, 22000), secret)
    add(rotate(12, 2, d4, one), other['secret'])
    # The enrolment named, the keys rotated since: revoked all the same.
    d5 = add(revoke(4, d4, 12, 3, d4), secret)
    add(renew_broker(5, d5, 2, 1, two), two['secret'], wrong_signature)
    add(renew_broker(5, d5, 3, 1, two), secret, order)
    add(renew_broker(6, d5, 2, 1, two), secret, order)
    d6 = add(renew_broker(5, d5, 2, 1, two), secret)
    add(renew_broker(6, d6, 3, 3, other), secret)
    return {'founding': FOUNDING, 'enrolment_key': public,
            'statements': out}


# ---- who signs for the region

def operators_change(generation, replaces, reason, keys):
    body = (label('operators') + FOUNDING + u64(generation) + replaces
            + u64(reason) + u64(len(keys)) + b''.join(keys))
    return {'type': 5, 'serial': 0, 'previous': bytes(32),
            'generation': generation, 'replaces': replaces, 'reason': reason,
            'keys': keys, 'body': body}


def region_change(serial, previous, generation, replaces, reason, key):
    body = (label('region') + FOUNDING + u64(serial) + previous
            + u64(generation) + replaces + u64(reason) + key)
    return {'type': 6, 'serial': serial, 'previous': previous,
            'generation': generation, 'replaces': replaces, 'reason': reason,
            'keys': [key], 'body': body}


def charter_vectors():
    region, region_secret = signing_key('region')
    next_region, next_secret = signing_key('next region')
    pairs = [signing_key(f'operator {n}') for n in range(4)]
    public = [pair[0] for pair in pairs]
    out = []

    def add(change, signers, secret=None, error=0, over=None):
        body = over or change['body']
        out.append(dict(
            change, digest=statement_digest(change['body']), error=error,
            signature=sign(body, secret) if secret else b'',
            approvals=[{'key_id': sha(pairs[n][0]),
                        'signature': sign(body, pairs[n][1])}
                       for n in signers]))
        return out[-1]['digest']
    unknown, second, wrong_signature, order, wrong = 120, 123, 20, 124, 125
    none = bytes(32)
    both = [public[0], public[2]]
    add(operators_change(2, none, 1, both), [0], error=second)
    add(operators_change(2, none, 1, both), [0, 0], error=second)
    add(operators_change(2, none, 1, both), [0, 2], error=unknown)
    add(operators_change(2, none, 1, both), [0, 1], over=b'other',
        error=wrong_signature)
    add(operators_change(3, none, 1, both), [0, 1], error=order)
    add(operators_change(2, fixed('x'), 1, both), [0, 1], error=order)
    add(operators_change(2, none, 1, public[:1]), [0, 1], error=second)
    add(operators_change(2, none, 1, both), [0, 1], region_secret, wrong)
    d2 = add(operators_change(2, none, 1, both), [0, 1])
    # Who went signs for nothing more.
    add(operators_change(3, d2, 3, public[1:3]), [0, 1], error=unknown)
    # Too few are left: the enrolment key alone, when they were lost.
    add(operators_change(3, d2, 3, public[1:3]), [], region_secret, wrong)
    add(operators_change(3, d2, 2, public[1:3]), [], next_secret,
        wrong_signature)
    d3 = add(operators_change(3, d2, 2, public[1:3]), [], region_secret)
    add(region_change(2, none, 4, d3, 1, next_region), [1, 2], region_secret,
        order)
    add(region_change(1, none, 4, d3, 1, next_region), [1, 2],
        error=wrong_signature)
    add(region_change(1, none, 4, d3, 1, next_region), [1], region_secret,
        second)
    add(region_change(1, none, 4, d3, 2, next_region), [1, 2], region_secret,
        wrong)
    d4 = add(region_change(1, none, 4, d3, 1, next_region), [1, 2],
             region_secret)
    add(region_change(2, d4, 5, d4, 3, region), [1, 2], region_secret,
        wrong_signature)
    # The old one was lost: operators alone, and people who compare words.
    add(region_change(2, d4, 5, d4, 2, region), [2, 1])
    return {'founding': FOUNDING, 'enrolment_key': region, 'test': False,
            'operators': public[:2], 'statements': out}


# ---- text files and words

def armour(what, content):
    text = base64.b64encode(content).decode()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return '\n'.join([f'-----BEGIN SCHAKEL {what}-----', *lines,
                      f'-----END SCHAKEL {what}-----', ''])


def word_indices(digest):
    bits = int.from_bytes(digest, 'big')
    return [bits >> (256 - 11 * (i + 1)) & 2047 for i in range(8)]


def text_vectors():
    keys = keys_of('one')
    name, code, role = 'Rechtbank Overijssel', 'AR0042', 3
    body = (label('request') + var(name.encode()) + var(code.encode())
            + u64(role) + key_bytes(keys))
    request_digest = sha(body)
    request = {'name': name, 'code': code, 'role': role,
               'keys': public_only(keys), 'sign_secret': keys['secret'],
               'digest': request_digest, 'words': word_indices(request_digest),
               'text': armour('REQUEST', body + sign(body, keys['secret']))}
    covered = (label('invitation') + FOUNDING + fixed('broker link')
               + fixed('broker sign') + fixed('enrolment')
               + request_digest)
    address = 'tcp://broker.regio-oost.example:7300'
    content = (covered + var(ORIGIN.encode()) + var(address.encode())
               + u64(12) + u64(0))
    invitation = {'founding': FOUNDING, 'origin': ORIGIN, 'address': address,
                  'broker_link_key': fixed('broker link'),
                  'broker_sign_key': fixed('broker sign'),
                  'enrolment_key': fixed('enrolment'),
                  'request_digest': request_digest, 'participant': 12,
                  'test': False, 'digest': sha(covered),
                  'words': word_indices(sha(covered)),
                  'text': armour('INVITATION', content)}
    return {'request': [request], 'invitation': [invitation]}


# ---- commands and case numbers

def command_vectors():
    public, secret = signing_key('operator')
    return {'commands': [
        {'origin': ORIGIN, 'public_key': public, 'secret_key': secret,
         'sequence': sequence, 'not_after': not_after, 'command': command,
         'signature': sign(label('control') + var(ORIGIN.encode())
                           + sha(public) + u64(sequence) + u64(not_after)
                           + var(command), secret)}
        for sequence, not_after, command in [
            (1, 1772000000123, b'\x1a\x00'), (2**33, -1, b''),
            (3, 0, fixed('policy', 300))]]}


def case_vectors():
    def text(n, number):
        check = 98 - int(f'{n}{number}') * 100 % 97
        return f'{n}-{number}-{check:02d}'
    return {'cases': [
        {'journal_number': n, 'number': number, 'text': text(n, number)}
        for n, number in [(1, 1), (1, 42), (1, 97), (2, 100), (12, 345678),
                          (3, 2**62)]]}


# ---- files

def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(
        os.path.abspath(__file__))
    files = {'digest': digest_vectors, 'chain': chain_vectors,
             'seal': seal_vectors, 'leaf': leaf_vectors,
             'statement': statement_vectors, 'charter': charter_vectors,
             'text': text_vectors,
             'command': command_vectors, 'case': case_vectors}
    for name, make in files.items():
        with open(os.path.join(folder, name + '.json'), 'w',
                  encoding='utf-8') as out:
            json.dump(plain(make()), out, indent=1, ensure_ascii=False)
            out.write('\n')


if __name__ == '__main__':
    main()
