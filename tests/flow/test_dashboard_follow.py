#!/usr/bin/python3
"""waternet-dashboard for machines: who follows /v1/events misses nothing, whatever is restarted."""

import json
import re
import shutil
import signal
import socket
import time
import unittest

from harness import Daemon, news, wait_for
from test_dashboard import Dashboard
from test_dashboard_api import Follower, sequences, whole


class Following(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)
        self.daemon.load()

    def post_many(self, count, start=0, at_once=64, **data):
        """News, many a post."""
        for first in range(start, start + count, at_once):
            posted = self.daemon.post(*[news(f"n{i}", **data) for i in
                                        range(first, min(first + at_once, start + count))])
            self.assertEqual(posted["status"], "ok", posted)

    def test_a_follower_misses_nothing_through_restarts_of_both(self):
        dashboard = Dashboard(self.daemon).is_live()
        got, start = [], self.daemon.head()
        reader = Follower(dashboard.port, "0")
        got += [reader.event() for _ in range(start)]
        self.post_many(100)
        got += [reader.event() for _ in range(40)]
        dashboard.process.kill()  # in the middle
        dashboard.process.wait()
        reader.close()
        self.post_many(1500, 100)  # more than the dashboard keeps
        dashboard = Dashboard(self.daemon)
        reader.open(dashboard.port)  # before it has seen anything
        got += [reader.event() for _ in range(60 + 700)]
        self.daemon.stop()
        time.sleep(0.2)
        self.daemon.start()
        self.post_many(50, 1600)
        got += [reader.event() for _ in range(800 + 50)]
        self.assertEqual(sequences(got), list(range(1, self.daemon.head() + 1)))
        self.assertEqual(len(got), start + 1650)
        reader.close()
        dashboard.stop()

    def test_ten_thousand_events_as_a_range_and_as_a_stream(self):
        self.post_many(10000)
        head = self.daemon.head()
        with Dashboard(self.daemon) as dashboard:
            dashboard.is_live()
            events = whole(dashboard, "/v1/events?after=0&limit=1000")
            self.assertEqual(sequences(events), list(range(1, head + 1)))
            with Follower(dashboard.port, "0", "?region=twente") as reader:
                self.assertEqual([reader.event() for _ in range(head)], events)
            while not self.is_well(dashboard):
                time.sleep(0.1)
            # It goes on live, and a quiet level keeps up.
            with Follower(dashboard.port, None, f"?after={head}&level=/twente/werkplaats/") as quiet, \
                    Follower(dashboard.port, str(head)) as reader:
                posted = self.daemon.post(news("erna"))["receipts"][0]["seq"]
                self.assertEqual(int(reader.event()["sequence"]), posted)
                while not (quiet.position or "").endswith(f".{posted}"):
                    self.assertIsNone(quiet.message()[1])

    def is_well(self, dashboard):
        return dashboard.ask("/healthz").status == 200

    def test_a_reader_that_takes_nothing_costs_nothing_and_recovers(self):
        # More than the kernel keeps for a reader.
        self.post_many(400, at_once=10, body="a" * 18000)
        head = self.daemon.head()
        with Dashboard(self.daemon, "--per-address", "0") as dashboard:
            dashboard.is_live()
            hung = []
            for _ in range(6):
                stuck = socket.socket()
                stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                stuck.connect(("127.0.0.1", dashboard.port))
                stuck.sendall(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n"
                              b"Accept: text/event-stream\r\n\r\n")
                hung.append(stuck)
            began = time.monotonic()
            with Follower(dashboard.port, str(head)) as reader:
                posted = self.daemon.post(news("toch"))["receipts"][0]["seq"]
                self.assertEqual(int(reader.event()["sequence"]), posted)
            self.assertLess(time.monotonic() - began, 10)

            def streams():
                text = dashboard.ask("/metrics").content.decode()
                return int(re.search(r"^waternet_dashboard_streams (\d+)$", text, re.M).group(1))
            wait_for(lambda: streams() == 0, 60, 1)
            for stuck in hung:
                stuck.close()

    def test_a_new_log_ends_a_stream_with_the_reason(self):
        with Dashboard(self.daemon) as dashboard, Daemon() as other:
            dashboard.is_live()
            with Follower(dashboard.port, str(self.daemon.head())) as reader:
                self.daemon.stop()
                shutil.rmtree(self.daemon.data)
                self.daemon.start()
                self.daemon.load()
                while True:
                    name, data = reader.message()
                    if data is not None:
                        break
                self.assertEqual((name, data["code"]), ("problem", "stale"))
                self.assertRaises(EOFError, reader.message)
            del other

    def health(self, dashboard):
        answer = dashboard.ask("/healthz")
        return answer.status, json.loads(answer.content)

    def test_it_is_well_by_the_heartbeat_and_the_head(self):
        with Dashboard(self.daemon) as dashboard:
            dashboard.is_live()
            head = self.daemon.post(news("gezond"))["receipts"][0]["seq"]
            wait_for(lambda: self.health(dashboard)[1]["head"] == head)
            wait_for(lambda: self.health(dashboard)[0] == 200)
            status, health = self.health(dashboard)
            self.assertEqual((status, health["status"], health["head"], health["position"]),
                             (200, "ok", head, head))
            self.assertIn(health["heartbeat_ms"], range(3000))
            # Stopped, it holds its sockets and says nothing.
            self.daemon.process.send_signal(signal.SIGSTOP)
            try:
                wait_for(lambda: self.health(dashboard)[0] == 503)
                status, health = self.health(dashboard)
                self.assertEqual((health["status"], health["why"], health["position"]),
                                 ("stale", "no heartbeat for 3 seconds", head))
                self.assertGreaterEqual(health["heartbeat_ms"], 3000)
            finally:
                self.daemon.process.send_signal(signal.SIGCONT)
            wait_for(lambda: self.health(dashboard)[0] == 200)
            self.daemon.stop()
            wait_for(lambda: self.health(dashboard)[0] == 503)
            self.daemon.start()
            wait_for(lambda: self.health(dashboard)[0] == 200)
            status, health = self.health(dashboard)
            self.assertEqual((health["head"], health["position"]), (head, head))

    def test_without_the_daemon_it_says_so(self):
        with Dashboard(self.daemon) as dashboard:
            dashboard.is_live()
            self.daemon.stop()
            wait_for(lambda: not self.is_well(dashboard))
            answer = dashboard.ask("/healthz")
            self.assertEqual((answer.status, json.loads(answer.content)["status"]), (503, "stale"))
            # What it knows it still tells; what it would have to ask it cannot.
            self.assertEqual(dashboard.ask("/v1/regions/twente/members").status, 200)
            for path in ("/v1/regions/twente/members?on=2020", "/v1/log", "/v1/log/leaves"):
                answer = dashboard.ask(path)
                self.assertEqual((answer.status, answer.headers["Retry-After"]), (503, "1"), path)
                self.assertEqual(json.loads(answer.content)["code"], "no-answer")
            self.assertIn("\nwaternet_up 0\n", dashboard.ask("/metrics").content.decode())
            self.daemon.start()
            wait_for(lambda: self.is_well(dashboard))


if __name__ == "__main__":
    unittest.main()
