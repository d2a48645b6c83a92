#!/usr/bin/python3
"""tests/bench/dashboard.py SECONDS: the dashboard behind nginx, as the section `dashboard` measures it.

1 000 readers over TLS and HTTP/1.1 hold a stream each through nginx while events are posted, RATE a
second; the name of each says when it was sent. Then the same beside 50 readers that never read. Then
pages, straight from the dashboard's socket. One line `name value` a figure, as the programs in C.
"""

import contextlib
import os
import pathlib
import re
import resource
import selectors
import socket
import ssl
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))
os.environ.setdefault("WATERNET_BUILD", "build/release")

import zmq  # noqa: E402

from dashboard import Dashboard  # noqa: E402
from harness import DATA, Daemon, Socket, news, wait_for  # noqa: E402
from proxy import Proxy  # noqa: E402

READERS, HUNG, RATE = 1000, 50, 2
REQUEST = b"GET /live HTTP/1.1\r\nHost: waternet.example\r\n\r\n"
SENT = re.compile(rb'"subject":"news/b-([0-9]+)-([0-9]+)"')
MIB = 1 << 20


def used(pid):
    """Processor seconds so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def anonymous(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", text).group(1)) * 1024 / MIB


def result(name, value):
    print(name, f"{value:.6g}", flush=True)


class Readers:
    """Streams, and how long what came on each has taken."""

    def __init__(self, proxy, count):
        self.selector = selectors.DefaultSelector()
        self.took, self.rest = [], {}
        self.context = proxy.trust()
        for _ in range(count):
            self.add(proxy)

    def add(self, proxy):
        stream = self.context.wrap_socket(socket.create_connection(("127.0.0.1", proxy.port)),
                                          server_hostname="waternet.example")
        stream.sendall(REQUEST)
        stream.setblocking(False)
        self.rest[stream] = b""
        self.selector.register(stream, selectors.EVENT_READ)

    def take(self, stream):
        with contextlib.suppress(ssl.SSLWantReadError):
            while True:
                got = stream.recv(65536)
                now = time.monotonic_ns()
                if not got:
                    raise RuntimeError("a stream has ended")
                text = self.rest[stream] + got
                end = text.rfind(b"\n\n") + 2
                self.took += [now - int(sent) for _, sent in SENT.findall(text[:end])]
                self.rest[stream] = text[end:]

    def read(self, deliveries, seconds):
        """Until so many have come, or that long."""
        end = time.monotonic() + seconds
        while len(self.took) < deliveries and time.monotonic() < end:
            for key, _ in self.selector.select(0.5):
                self.take(key.fileobj)

    def close(self):
        for stream in self.rest:
            stream.close()
        self.selector.close()


def post_all(runtime, begin, count):
    """In a process of its own, so that it does not wait for the readers of this one."""
    child = os.fork()
    if child == 0:
        post = Socket(runtime / "command", zmq.Context()).ask
        next_at = time.monotonic()
        for number in range(begin, begin + count):
            next_at += 1 / RATE
            time.sleep(max(0, next_at - time.monotonic()))
            post("post", events=[news(f"b-{number}-{time.monotonic_ns()}", title=f"Bericht {number}")])
        os._exit(0)
    return child


def measure(name, readers, daemon, dashboard, proxy, begin, count):
    readers.read(1, 3)  # what was still on its way
    readers.took.clear()
    pids = {"dashboard": dashboard.process.pid, "nginx": proxy.process.pid}
    before = {what: used(pid) for what, pid in pids.items()}
    child = post_all(daemon.runtime, begin, count)
    due = count * len(readers.rest)
    readers.read(due, count / RATE + 20)
    os.waitpid(child, 0)
    took = sorted(readers.took)
    result(f"{name}_arrived", 100 * len(took) / due)
    result(f"{name}_p50", statistics.median(took) / 1e6)
    result(f"{name}_p99", took[int(len(took) * 0.99)] / 1e6)
    result(f"{name}_max", took[-1] / 1e6)
    for what, pid in pids.items():
        result(f"{name}_cpu_{what}", (used(pid) - before[what]) * 1e6 / due)
        result(f"{name}_memory_{what}", anonymous(pid))


def hang(proxy):
    """Readers that take nothing."""
    context, hung = proxy.trust(), []
    for _ in range(HUNG):
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.connect(("127.0.0.1", proxy.port))
        stream = context.wrap_socket(plain, server_hostname="waternet.example")
        stream.sendall(REQUEST)
        hung.append(stream)
    return hung


class Pages:
    """Requests one after the other on one connection to the dashboard itself."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))

    def ask(self, path, part=b""):
        self.socket.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n%s\r\n"
                            % (path, part))
        got = self.socket.recv(1 << 20)
        head, _, body = got.partition(b"\r\n\r\n")
        left = int(re.search(rb"Content-Length: (\d+)", head).group(1)) - len(body)
        while left > 0:
            left -= len(self.socket.recv(left))

    def rate(self, path, seconds, part=b""):
        count, began = 0, time.monotonic()
        while time.monotonic() - began < seconds:
            self.ask(path, part)
            count += 1
        return count / (time.monotonic() - began)


def measure_pages(daemon, path, seconds):
    pages = Pages(path)
    for name, address in (("region", b"/voorbeeld"),
                          ("werkplaats", b"/voorbeeld/werkplaats/groene-schoolpleinen")):
        result(f"page_{name}", pages.rate(address, seconds))
        result(f"main_{name}", pages.rate(address, seconds, b"X-Waternet-Part: main\r\n"))
    fresh, kept = [], []
    for number in range(30):  # the first after an event is made anew
        daemon.post(news(f"vers-{number}", region="voorbeeld"))
        time.sleep(0.1)
        for times in (fresh, kept):
            began = time.monotonic()
            pages.ask(b"/voorbeeld", b"X-Waternet-Part: main\r\n")
            times.append(time.monotonic() - began)
    result("render_region", 1000 * (statistics.median(fresh) - statistics.median(kept)))


def main(seconds):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16_384), hard))
    with Daemon() as daemon:
        daemon.load()
        daemon.cli("import", DATA.with_name("voorbeeld.jsonl"))
        path = daemon.scratch / "http.sock"
        # All readers have one address here.
        changed = {r"limit_conn waternet_readers 64": "limit_conn waternet_readers 8192",
                   r"limit_req .*\n": "\n"}
        with Dashboard(daemon, listen=path) as dashboard, Proxy(path, changed) as proxy:
            wait_for(lambda: b'data-state="live"' in proxy.ask("/").content)
            result("memory_idle", anonymous(dashboard.process.pid))
            measure_pages(daemon, path, seconds)
            readers = Readers(proxy, READERS)
            count = int(RATE * seconds)
            measure("stream", readers, daemon, dashboard, proxy, 0, count)
            hung = hang(proxy)
            measure("beside_hung", readers, daemon, dashboard, proxy, count, count)
            readers.close()
            for stream in hung:
                stream.close()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
