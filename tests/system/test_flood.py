"""Who floods the broker delays nobody else, and costs it bounded memory:
strangers that never finish a handshake, strangers that send rubbish, and a
participant that says more than it may and reads nothing."""
import contextlib
import os
import select
import socket
import threading
import time

import pytest
import zmq
from harness import (COURT, KOMPAS, ORDER_TEXT, SANITIZED, TODAY, ZWOLLE,
                     log_of, order)
from schema import session as wire
from stage import rss_anon_kib

LORISES = 1000          # at a time, which never say enough
KNOCKERS = 4            # that connect again and again, with rubbish
KNOCK_S = 4
STALE_S = 5             # LINK_HANDSHAKE_MS
# Of a connection before its handshake: libzmq's engine, session and pipes.
CONNECTION_KIB = 16
# What a peer may fill: LINK_HWM each way and SESSION_OUT_BYTES, README.
PEER_KIB = 48 * 1024
SLACK_KIB = 16 * 1024
PATIENT_S = 2           # what an honest ping may take meanwhile

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00CURVE" + bytes(15) + b"\0" * 32
RUBBISH = (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 64, os.urandom(512), GREETING,
           GREETING + b"\x04\xff" + b"\xff" * 8, b"\xff" * 10)


def rss(lit):
    return rss_anon_kib(lit.broker.process.pid)


def address(lit):
    host, port = lit.address.removeprefix("tcp://").split(":")
    return host, int(port)


class Watch:
    """Pings as an honest participant until told to stop; the worst wait and
    the most memory."""

    def __init__(self, lit, client):
        self.lit, self.client = lit, client
        self.slowest, self.most, self.pings = 0.0, rss(lit), 0

    def during(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.once()

    def once(self):
        start = time.monotonic()
        self.client.ping(self.pings + 1)
        self.slowest = max(self.slowest, time.monotonic() - start)
        self.most = max(self.most, rss(self.lit))
        self.pings += 1


def knock(where, until):
    """Rubbish over one connection after another."""
    i = 0
    while time.monotonic() < until:
        with contextlib.suppress(OSError), \
                socket.create_connection(where, 1) as s:
            s.sendall(RUBBISH[i % len(RUBBISH)])
            i += 1


def closed_by_peer(sockets, seconds):
    """How many of these the broker has closed within so long."""
    end, left = time.monotonic() + seconds, set(sockets)
    poll = select.poll()
    by_fd = {s.fileno(): s for s in left}
    for fd in by_fd:
        poll.register(fd, select.POLLIN)
    while left and time.monotonic() < end:
        for fd, _ in poll.poll(200):
            try:
                gone = by_fd[fd].recv(4096) == b""
            except OSError:
                gone = True
            if gone:
                left.discard(by_fd[fd])
                poll.unregister(fd)
    return len(sockets) - len(left)


def test_strangers_that_never_finish_are_closed_and_delay_nobody(lit):
    court = lit.client(COURT)
    access = lit.client(ZWOLLE)
    court.greet()
    watch = Watch(lit, court)
    watch.once()
    before = rss(lit)
    where = address(lit)
    lorises = [socket.create_connection(where) for _ in range(LORISES)]
    for i, s in enumerate(lorises):
        s.sendall(GREETING[:i % 40])
    until = time.monotonic() + KNOCK_S
    knockers = [threading.Thread(target=knock, args=(where, until))
                for _ in range(KNOCKERS)]
    for thread in knockers:
        thread.start()
    court.say("COURT_ORDER", order(), to=[ZWOLLE], event_date=TODAY,
              sections=ORDER_TEXT)
    access.wait_for("COURT_ORDER")
    watch.during(KNOCK_S)
    for thread in knockers:
        thread.join()
    assert closed_by_peer(lorises, 3 * STALE_S) == LORISES
    watch.once()
    for s in lorises:
        s.close()
    assert watch.pings > 20 and watch.slowest < PATIENT_S, vars(watch)
    if not SANITIZED:       # which holds back what was freed
        assert watch.most - before < LORISES * CONNECTION_KIB + SLACK_KIB, \
            (before, watch.most)
    assert lit.status()["strangers"][0]["count"] > 0
    print(f"per connection {(watch.most - before) / LORISES:.1f} KiB, "
          f"slowest {watch.slowest:.3f} s, pings {watch.pings}")


def pour(client, frame, until, sent):
    """As fast as the socket takes them, reading nothing."""
    while time.monotonic() < until:
        try:
            client.socket.send(frame, zmq.DONTWAIT)
            sent.append(len(frame))
        except zmq.Again:
            time.sleep(0.001)   # its own queue is full: nothing to await


REJECTED_SAID_MAX = 20      # lines a session and minute


def submit_of(client, size):
    """A SUBMIT of this size or so that nobody signed."""
    v = client.compose("COURT_ORDER", order(), to=[ZWOLLE], event_date=TODAY,
                       sections=ORDER_TEXT)
    n = max(1, min(64, size // 3000))
    frame = wire.Frame(submit=wire.Submit(
        first_number=1, key_id=bytes(32), signature=bytes(64)))
    for _ in range(n):
        frame.submit.envelopes.add(header=v.header, nonce=v.nonce,
                                   facts=v.facts, sealed=v.sealed)
    return frame.SerializeToString()


POURED = {
    "submits that nobody signed": lambda c: submit_of(c, 100000),
    "frames that are no frames": lambda c: b"\xff" * 262144,
    "pings": lambda c: wire.Frame(
        ping=wire.Ping(token=1)).SerializeToString(),
}


@pytest.mark.parametrize("what", POURED)
def test_a_participant_that_floods_delays_nobody(lit, what):
    flooder, court = lit.client(KOMPAS), lit.client(COURT)
    access = lit.client(ZWOLLE)
    for client in (flooder, court):
        client.greet()
    frame = POURED[what](flooder)
    watch = Watch(lit, court)
    watch.once()
    before, sent = rss(lit), []
    until = time.monotonic() + KNOCK_S
    thread = threading.Thread(target=pour, args=(flooder, frame, until, sent))
    thread.start()
    court.say("COURT_ORDER", order(), to=[ZWOLLE], event_date=TODAY,
              sections=ORDER_TEXT)
    access.wait_for("COURT_ORDER")
    watch.during(KNOCK_S)
    thread.join()
    assert len(sent) > 200, len(sent)
    assert watch.pings > 20 and watch.slowest < PATIENT_S, vars(watch)
    if not SANITIZED:
        assert watch.most - before < PEER_KIB + SLACK_KIB, \
            (before, watch.most)
    # Nor does it fill the log: so many lines a session that it had.
    said = log_of(lit.broker)
    assert said.count("submit rejected") <= \
        REJECTED_SAID_MAX * said.count("session opened participant=21")
    print(f"{what}: {len(sent)} frames, slowest {watch.slowest:.3f} s, "
          f"pings {watch.pings}, memory +{watch.most - before} KiB")
