#!/usr/bin/python3
"""The dashboard behind a real nginx with the configuration that we ship: TLS, HTTP/2, pages, and
events that do not wait for a timer on the way."""

import socket
import statistics
import time
import unittest

from dashboard import Dashboard, Stream
from harness import Daemon, news, wait_for
from proxy import Proxy

POSTS = 200
MOST_P99 = 0.25  # seconds


class ProxyStream(Stream):
    """The same reader, through TLS."""

    def connect(self, dashboard):
        return dashboard.connect()


class BehindNginx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)
        cls.daemon.load()
        cls.path = cls.daemon.scratch / "http.sock"
        cls.dashboard = Dashboard(cls.daemon, listen=cls.path)
        cls.addClassCleanup(cls.dashboard.stop)
        cls.proxy = Proxy(cls.path)
        cls.addClassCleanup(cls.proxy.stop)
        wait_for(lambda: b'data-state="live"' in cls.proxy.ask("/").content)

    def test_pages_and_assets_come_through_with_what_protects_them(self):
        answer = self.proxy.ask("/twente", Accept_Encoding="gzip")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["Content-Encoding"], "gzip")
        self.assertEqual(answer.headers["Strict-Transport-Security"], "max-age=31536000")
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
        self.assertEqual(self.proxy.ask("/niets/daar").status, 404)
        self.assertEqual(self.proxy.ask("/", "POST", "x" * 40_000).status, 413)

    def test_figures_of_the_machine_stay_inside(self):
        self.assertEqual(self.dashboard.ask("/metrics").status, 200)
        for path in ("/metrics", "//metrics", "/x/../metrics", "/%6detrics", "/metrics?x=1"):
            self.assertEqual(self.proxy.ask(path).status, 403, path)
        for path in ("/metrics/", "/metrics.", "/en/metrics"):
            self.assertNotIn(b"waternet_", self.proxy.ask(path).content)

    def test_it_speaks_http_2(self):
        context = self.proxy.trust()
        context.set_alpn_protocols(["h2", "http/1.1"])
        with socket.create_connection(("127.0.0.1", self.proxy.port), timeout=20) as plain:
            with context.wrap_socket(plain, server_hostname="waternet.example") as spoken:
                self.assertEqual(spoken.selected_alpn_protocol(), "h2")

    def test_without_tls_one_is_led_to_it(self):
        with socket.create_connection(("127.0.0.1", self.proxy.plain), timeout=20) as plain:
            plain.sendall(b"GET /twente HTTP/1.1\r\nHost: waternet.example\r\n\r\n")
            head = plain.recv(4096).decode()
        self.assertIn(" 301 ", head)
        self.assertIn("Location: https://waternet.example/twente", head)

    def test_events_do_not_wait_for_a_timer(self):
        with ProxyStream(self.proxy) as stream:
            stream.next_of("state")
            took = []
            for number in range(POSTS):
                time.sleep(0.01 * (number % 7))  # at every place between two ticks
                began = time.monotonic()
                self.daemon.post(news(f"door-{number}"))
                self.until(stream, f"news/door-{number}")
                took.append(time.monotonic() - began)
        took.sort()
        print(f"through nginx: p50 {statistics.median(took) * 1000:.1f} ms,"
              f" p99 {took[int(POSTS * 0.99)] * 1000:.1f} ms")
        self.assertLess(took[int(POSTS * 0.99)], MOST_P99)

    def test_a_reader_resumes_through_it(self):
        with ProxyStream(self.proxy) as stream:
            stream.next_of("state")
            self.daemon.post(news("hervat-een"))
            number = self.until(stream, "news/hervat-een")
        self.daemon.post(news("hervat-twee"))
        with ProxyStream(self.proxy, number) as stream:
            self.assertEqual(stream.next_of("happened")[2]["subject"], "news/hervat-twee")

    @staticmethod
    def until(stream, subject):
        """The id of its message."""
        while True:
            _, number, data = stream.next_of("happened")
            if data["subject"] == subject:
                return number


if __name__ == "__main__":
    unittest.main()
