#!/usr/bin/python3
"""waternet-dashboard among enemies: whatever they send or have posted, it is harmless, costs little,
and others are served at once."""

import http.client
import os
import pathlib
import re
import resource
import socket
import time
import unittest

import hostile
from dashboard import PAGES_DEF, Dashboard, Outline, Stream, example_paths
from harness import Daemon, news, one_of_each, wait_for
from remote import Listening, Remote, read_key

PROMPT = 2.0     # seconds within which others are served
CUT_OFF = 20.0   # seconds after which who is slow is gone
MOST_RSS = 160   # MiB more than before
TAGS = set("html head meta title link script body a header nav ul ol li div span strong em p main "
           "section h1 h2 h3 h4 h5 h6 dl dt dd table caption thead tbody tfoot tr th td time footer "
           "details summary code pre blockquote hr br form label input select option textarea "
           "button fieldset legend svg g path rect circle line polyline polygon text title desc "
           "figure figcaption small abbr del ins s b i sup sub article aside search output".split())
ADDRESS = re.compile(r"(/(?!/)|#|\?|https?://|mailto:)|$")

MALFORMED = [
    b"\r\n\r\n", b"\0" * 100, b"GET\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    b"GET / HTTP/1.1\nHost: x\n\n", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET * HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 999999\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=0-,0-,0-,0-\r\nConnection: close\r\n\r\n",
    b"GET /live HTTP/1.1\r\nHost: x\r\nLast-Event-ID: " + b"9" * 4000 + b"\r\n\r\n",
    b"GET /live?after=%00%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"HEAD /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"A" * 100_000, b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"a=b; " * 1_000 + b"\r\n\r\n",
    b"GET /?" + b"a=b&" * 1_500 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /?" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%zz%f%%%25%2500 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: " + b"gzip," * 500 + b"\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-Waternet-Part: main\r\nX-Waternet-Part: x\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 200,
]

PATHS = ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/%2e%2e/main.c", "/twente/..",
         "/./twente", "//evil.example/", "/\\evil.example", "/twente\\..\\x", "/twente%2fx", "/%00",
         "/twente%00.html", "/gebeurtenis/1%00", "/gebeurtenis/0x1", "/gebeurtenis/1e1",
         "/gebeurtenis/18446744073709551617", "/twente;x=y", "/%C0%AE%C0%AE/", "/.git/config",
         "/en/en/twente", "/EN", "/twente/werkplaats/", "/twente/werkplaats//", "/twente/werkplaats/-",
         "/twente/werkplaats/%2e%2e", "/__proto__", "/constructor/werkplaats/x", "/system",
         "/v1/../twente", "/%0d%0aSet-Cookie:x=y", "/twente%0d%0aX: y"]

VALUES = ["<script>alert(1)</script>", "\"onmouseover=\"alert(1)", "%00", "..%2f..%2fetc%2fpasswd",
          "-1", "99999999999999999999", "9999-99-99", "2026-02-30", "%ff%fe", "a" * 3000, "",
          "%0d%0aX:y", "twente'--", "{{7*7}}", "%E2%80%AE"]


# What is freed would otherwise be kept by the sanitizer, up to 256 MiB of it.
os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=8")


def memory(process):
    """Resident, in MiB."""
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024


def processor(process):
    """Seconds of processor time so far."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Attacked(unittest.TestCase):
    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16_384), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.daemon = Daemon()
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)
        self.daemon.load()
        self.dashboard = Dashboard(self.daemon).is_live()
        self.addCleanup(self.dashboard.stop)
        self.opened = []
        self.addCleanup(lambda: [one.close() for one in self.opened])

    def connect(self, source="127.0.0.1", timeout=5):
        made = socket.create_connection(("127.0.0.1", self.dashboard.port), timeout=timeout,
                                        source_address=(source, 0))
        self.opened.append(made)
        return made

    def serves_others(self, source="127.0.0.9"):
        """Somebody else is served, and soon: one of three times, since the machine may be busy."""
        took = []
        while len(took) < 3 and (not took or took[-1] >= PROMPT):
            took.append(self.one_is_served(source))
        self.assertLess(took[-1], PROMPT, took)

    def one_is_served(self, source):
        """How long that took."""
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.dashboard.port, timeout=20,
                                                source_address=(source, 0))
        connection.request("GET", "/twente")
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertIn(b"</html>", answer.read())
        connection.close()
        return time.monotonic() - began

    def gone(self, connection):
        """Whether the other side has ended it."""
        connection.setblocking(False)
        try:
            while connection.recv(65536):
                pass
            return True
        except BlockingIOError:
            return False
        except OSError:
            return True

    def test_malformed_requests_are_refused(self):
        for sent in MALFORMED:
            with self.subTest(sent[:60]):
                connection = self.connect(timeout=3)
                try:
                    connection.sendall(sent)
                    connection.shutdown(socket.SHUT_WR)
                    got = connection.recv(65536)
                except (OSError, TimeoutError):
                    got = b""
                if got:
                    self.assertRegex(got, rb"^HTTP/1\.[01] [1-5][0-9][0-9] ")
                    self.assertNotRegex(got, rb"^HTTP/1\.[01] 500 ")
                connection.close()
                self.serves_others()

    def test_paths_and_queries_find_nothing_and_break_nothing(self):
        for path in PATHS:
            with self.subTest(path):
                answer = self.dashboard.ask(path.replace(" ", "%20"))
                self.assertIn(answer.status, (301, 400, 404))
                self.assertNotIn("evil", answer.headers.get("Location", ""))
                self.assertIsNone(answer.headers.get("X"))
                self.assertIsNone(answer.headers.get("Set-Cookie"))
                self.assertNotIn(b"root:", answer.content)
        names = set(" ".join(re.findall(r'^PAGE\(.*"([^"]*)"\)$', PAGES_DEF.read_text(),
                                        re.M)).split()) | {"after", "x"}
        for paths in example_paths(self.dashboard, tries=1).values():
            for path in paths:
                for value in VALUES:
                    query = "&".join(f"{name}={value}" for name in sorted(names))[:5000]
                    with self.subTest(path=path, value=value):
                        answer = self.dashboard.ask(f"{path.split('?')[0]}?{query}".replace(" ", "+")
                                                    .replace("<", "%3C").replace('"', "%22"))
                        self.assertLess(answer.status, 500)
                        if (answer.headers["Content-Type"] or "").startswith("text/html"):
                            self.harmless(path, answer.content.decode())

    def harmless(self, path, text):
        outline = Outline(text)
        scripts = [attributes for tag, attributes in outline.tags if tag == "script"]
        self.assertEqual(len(scripts), 1, path)
        self.assertTrue(scripts[0]["src"].startswith("/assets/"), path)
        for tag, attributes in outline.tags:
            self.assertIn(tag, TAGS, path)
            for name, value in attributes.items():
                self.assertFalse(name.startswith("on") or name in ("style", "srcdoc"), (path, name))
                if name in ("href", "src", "action", "formaction"):
                    self.assertRegex(value, ADDRESS, path)
        self.assertNotIn("\u202e", text)

    def test_hostile_texts_of_every_event_stay_texts(self):
        with Daemon() as daemon:
            probes = hostile.post_all(daemon)
            self.assertGreater(probes, 40)
            for audience in ("public", "members"):
                with Dashboard(daemon, "--audience", audience, "--per-address", "0") as dashboard:
                    dashboard.is_live()
                    pages, shown = example_paths(dashboard, tries=60), 0
                    paths = [path for each in pages.values() for path in each]
                    paths += [f"/gebeurtenis/{seq}" for seq in range(1, daemon.head() + 1)]
                    for path in paths:
                        for language in ("", "/en"):
                            answer = dashboard.ask(language + path)
                            if answer.status == 404:
                                continue  # for members
                            text = answer.content.decode()
                            if answer.headers["Content-Type"].startswith("text/html"):
                                self.harmless(path, text)
                                shown += Outline(text).text.count("window.injected=1")
                            self.assertNotIn("<script>window", text)
                    print(f"{audience}: {probes} probes posted, shown {shown} times")
                    self.assertGreater(shown, 100)

    def test_slow_senders_and_readers_are_cut_off(self):
        slow = [self.connect(f"127.0.1.{number % 200 + 1}") for number in range(400)]
        for number, connection in enumerate(slow):
            connection.sendall((b"GET / HTTP/1.1\r\nHost: x\r\n",
                                b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n",
                                b"", b"G")[number % 4])
        began = time.monotonic()
        left = slow
        while left and time.monotonic() - began < CUT_OFF:
            for connection in left:
                try:
                    connection.setblocking(True)
                    connection.sendall(b"X: y\r\n")  # a little now and then
                except OSError:
                    pass
            left = [connection for connection in left if not self.gone(connection)]
            self.serves_others()
            time.sleep(0.5)
        self.assertEqual(len(left), 0)

    def test_one_address_does_not_take_the_place_of_others(self):
        before = memory(self.dashboard.process)
        many = []
        for _ in range(3000):
            try:
                many.append(self.connect("127.0.0.66", timeout=2))
            except OSError:
                break
        time.sleep(1)
        kept = [connection for connection in many if not self.gone(connection)]
        self.assertLessEqual(len(kept), 64)
        self.serves_others()
        for connection in many:
            connection.close()
        wait_for(lambda: self.can("127.0.0.66"))
        self.assertLess(memory(self.dashboard.process) - before, MOST_RSS)

    def can(self, source):
        try:
            self.serves_others(source)
            return True
        except (OSError, http.client.HTTPException):
            return False

    def test_streams_that_are_never_read_cost_nothing(self):
        for number in range(50):
            deaf = socket.socket()
            self.opened.append(deaf)
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.bind((f"127.0.2.{number + 1}", 0))
            deaf.connect(("127.0.0.1", self.dashboard.port))
            deaf.sendall(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
        with Stream(self.dashboard) as stream:
            stream.next_of("state")
            before = memory(self.dashboard.process)
            for number in range(4000):
                self.daemon.post(news(f"n{number}", title="t" * 150))
                if number % 500 == 0:
                    self.serves_others()
            seen = 0
            while seen < 4000:
                seen += stream.next_of("happened")[2]["subject"] == f"news/n{seen}"
        self.assertLess(memory(self.dashboard.process) - before, MOST_RSS)
        began, used = time.monotonic(), processor(self.dashboard.process)
        time.sleep(3)
        share = (processor(self.dashboard.process) - used) / (time.monotonic() - began)
        print(f"idle with 50 deaf streams: {100 * share:.1f} % of a processor")
        self.assertLess(share, 0.2)

    def test_a_thousand_that_hang_up_are_forgotten(self):
        for number in range(1000):
            connection = self.connect(f"127.0.3.{number % 200 + 1}")
            connection.sendall(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
            connection.close()
        wait_for(lambda: self.descriptors() < 60, seconds=30)
        self.serves_others()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.dashboard.process.pid}/fd"))


class OwnKey(unittest.TestCase):
    def test_with_it_nothing_can_be_posted_but_contributions(self):
        events = [each for each in one_of_each() if each["type"] != "private.erased"]
        with Listening() as daemon:
            for each in events:
                self.assertEqual(daemon.post(each)["status"], "ok", each)
            path = daemon.scratch / "dashboard.key"
            for arguments in (("new", "web", "--region", "system", "--organisation", "system",
                               "--file", path), ("grant", "system/key/web", "dashboard")):
                done = daemon.cli("key", *arguments)
                self.assertEqual(done.returncode, 0, done.stderr)
            post = Remote(daemon, "command", read_key(path)).ask
            allowed = {each["type"] for each in one_of_each()
                       if post("post", events=[dict(each, id=each["id"] + "-web")],
                               dry=True)["status"] != "not-allowed"}
            self.assertEqual(allowed, {"contribution.submitted"})
            with Dashboard(None, "--key-file", path) as web:
                self.assertEqual(web.is_live().ask("/twente").status, 200)


if __name__ == "__main__":
    unittest.main()
