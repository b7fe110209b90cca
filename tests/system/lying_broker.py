"""A broker that lies: it holds the broker's link key, stands between one
agent and the true broker, and may change every frame on its way."""
import threading

import zmq
from client import strict
from schema import session as wire


def secret_of(path):
    with open(path, encoding="ascii") as f:
        return bytes.fromhex(f.read().strip())


def public_of(secret):
    from nacl.bindings import crypto_scalarmult_base
    return crypto_scalarmult_base(secret)


class LyingBroker(threading.Thread):
    """lie(frame) may change a Frame that goes down to the agent, in place;
    what comes up goes on as it is."""

    def __init__(self, stage, agent, lie):
        super().__init__(daemon=True)
        self.lie, self.failure = lie, None
        context = zmq.Context.instance()
        broker_secret = secret_of(f"{stage.dir}/keys/link.key")
        agent_secret = secret_of(f"{agent.dir}/keys/link.key")
        self.down = context.socket(zmq.ROUTER)
        self.down.setsockopt(zmq.LINGER, 0)
        self.down.setsockopt(zmq.CURVE_SERVER, 1)
        self.down.setsockopt(zmq.CURVE_SECRETKEY, broker_secret)
        port = self.down.bind_to_random_port("tcp://127.0.0.1")
        self.address = f"tcp://127.0.0.1:{port}"
        self.up = context.socket(zmq.DEALER)
        self.up.setsockopt(zmq.LINGER, 0)
        self.up.setsockopt(zmq.CURVE_SERVERKEY, public_of(broker_secret))
        self.up.setsockopt(zmq.CURVE_PUBLICKEY, public_of(agent_secret))
        self.up.setsockopt(zmq.CURVE_SECRETKEY, agent_secret)
        self.up.connect(stage.address)
        self.stopping, self.stopper = [context.socket(zmq.PAIR)
                                       for _ in range(2)]
        self.stopping.bind(f"inproc://lies-{id(self)}")
        self.stopper.connect(f"inproc://lies-{id(self)}")
        self.peer = None

    def run(self):
        poller = zmq.Poller()
        for each in (self.down, self.up, self.stopping):
            poller.register(each, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if self.stopping in ready:
                return
            if self.down in ready:
                self.peer, content = self.down.recv_multipart()
                self.up.send(content)
            if self.up in ready:
                frame = strict(wire.Frame, self.up.recv())
                try:
                    self.lie(frame)
                except Exception as failure:    # told when it is closed
                    self.failure = failure
                self.down.send_multipart(
                    [self.peer, frame.SerializeToString()])

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopper.send(b"")
        self.join()
        for each in (self.down, self.up, self.stopping, self.stopper):
            each.close()
        assert self.failure is None, repr(self.failure)
