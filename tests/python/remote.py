"""tcp with CURVE, on the raw wire: keys, connections with them, and a daemon that listens."""

import itertools
import re
import socket

import msgpack
import zmq

from harness import Daemon, Socket, event

_names = itertools.count(1)


def read_key(path):
    """(public, secret) of a key file, as zcert writes it."""
    text = path.read_text()
    return tuple(re.search(rf'{part}-key = "(.*)"', text).group(1) for part in ("public", "secret"))


def new_key():
    return tuple(key.decode() for key in zmq.curve_keypair())


def free_ports():
    """The first of three ports in a row that nobody uses at this moment."""
    while True:
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
        try:
            for place in range(3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + place))
            return port
        except (OSError, OverflowError):
            continue


class Remote(Socket):
    """A socket over tcp with a key; `key` may be one that nobody knows."""

    def __init__(self, daemon, place, key, type=zmq.DEALER, server=None):
        self.socket = daemon.context.socket(type)
        self.socket.linger = 0
        self.socket.sndhwm = 0  # a SUB would drop subscriptions above it
        self.socket.curve_publickey, self.socket.curve_secretkey = (part.encode() for part in key)
        self.socket.curve_serverkey = (server or daemon.server_key).encode()
        port = daemon.port + ("command", "query", "feed").index(place)
        self.socket.connect(f"tcp://127.0.0.1:{port}")
        daemon.sockets.append(self)

    def subscribe(self, prefix="/"):
        self.socket.setsockopt(zmq.SUBSCRIBE, prefix.encode())
        self.socket.setsockopt(zmq.SUBSCRIBE, f"!{prefix}\n".encode())

    def heard(self, seconds=2.0):
        """The next frame of a feed as (topic, body), or None."""
        if not self.socket.poll(int(seconds * 1000)):
            return None
        topic, _, body = self.socket.recv().partition(b"\n")
        return topic.decode(), msgpack.unpackb(body)


class Listening(Daemon):
    """A daemon that listens on tcp too."""

    def __init__(self, *options, **more):
        self.port = free_ports()
        super().__init__("--listen", f"127.0.0.1:{self.port}", *options, **more)

    @property
    def server_key(self):
        return read_key(self.data / "server.key")[0]

    @property
    def operator_key(self):
        return read_key(self.data / "operator.key")

    def remote(self, place, key, **more):
        return Remote(self, place, key, **more)

    def accepted(self, *events, **fields):
        """Posts as the local operator; each must be accepted."""
        answer = self.post(*events, **fields)
        assert answer["status"] == "ok", answer
        return answer["receipts"]

    def add_key(self, name, organisation, *roles, region="twente"):
        """Registers a new key with these roles and returns it."""
        key = new_key()
        subject = f"key/{name}"
        self.accepted(event("key.added", subject, f"add-{region}-{name}", region,
                            data={"curve": key[0], "organisation": organisation, "label": name}))
        for role in roles:
            self.accepted(event("role.granted", subject, f"grant-{next(_names)}", region, data=role))
        return key

    def end_key(self, how, name, region="twente"):
        self.accepted(event(f"key.{how}", f"key/{name}", f"{how}-{region}-{name}", region))
