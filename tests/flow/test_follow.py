#!/usr/bin/python3
"""A follower gets every event of its level once and in order, whatever happens to the feed."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import unittest

from harness import Daemon, event, news, wait_for

MANY = 10000
started = []  # ended after each test, however it went


def post_many(daemon, first, count, per_request=50, make=None):
    """Pipelined posts, several events each; all are answered with ok."""
    client = daemon.socket("command")
    make = make or (lambda number: news(f"n{number}"))
    waiting = 0
    for start in range(first, first + count, per_request):
        stop = min(start + per_request, first + count)
        client.send("post", events=[make(number) for number in range(start, stop)])
        waiting += 1
    for _ in range(waiting):
        answer = client.receive(60)
        assert answer and answer["status"] == "ok", answer


class Watch:
    """A `waternet watch --json` that is live, its lines as events."""

    def __init__(self, daemon, *arguments, runtime=None):
        self.process = daemon.cli_start(*(["--runtime", runtime] if runtime else []), "watch",
                                        "--json", *arguments)
        started.append(self.process)
        self.notes = []
        wait_for(self.is_live)

    def is_live(self):
        self.notes.append(self.process.stderr.readline())
        assert self.notes[-1] or self.process.poll() is None, self.notes
        return "live)" in self.notes[-1]

    def next(self):
        return json.loads(self.process.stdout.readline())

    def rest(self, code=0, seconds=60):
        """All that is still printed; the process ends by itself."""
        text, notes = self.process.communicate(timeout=seconds)
        self.notes += notes.splitlines()
        assert self.process.returncode == code, (self.process.returncode, self.notes)
        return [json.loads(line) for line in text.splitlines()]


def seqs(events):
    return [int(each["sequence"]) for each in events]


def log_seqs(daemon, *arguments):
    done = daemon.cli("log", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return seqs(json.loads(line) for line in done.stdout.splitlines())


# Between a daemon and its followers: loses event frames, and now and then a heartbeat.
PROXY = """
import random, sys, zmq
context, chance = zmq.Context(), random.Random(int(sys.argv[3]))
daemon, followers = context.socket(zmq.XSUB), context.socket(zmq.XPUB)
daemon.rcvhwm = followers.sndhwm = 0
followers.setsockopt(zmq.XPUB_VERBOSE, 1)
daemon.connect("ipc://" + sys.argv[1])
followers.bind("ipc://" + sys.argv[2])
poller = zmq.Poller()
poller.register(daemon, zmq.POLLIN)
poller.register(followers, zmq.POLLIN)
lost = {True: 0, False: 0}
while True:
    for socket, _ in poller.poll():
        frame = socket.recv()
        if socket is followers:
            daemon.send(frame)
            continue
        beat = frame.startswith(b"!")
        if chance.random() < (0.2 if beat else 0.3):
            lost[beat] += 1
            print(lost[False], lost[True], flush=True)
        else:
            followers.send(frame)
"""


class Proxy:
    def __init__(self, daemon, seed):
        self.runtime = daemon.scratch / "proxied"
        self.runtime.mkdir()
        for name in ("command", "query"):
            os.symlink(daemon.runtime / name, self.runtime / name)
        self.losses = daemon.scratch / "losses"
        with open(self.losses, "wb") as losses:
            self.process = subprocess.Popen([sys.executable, "-c", PROXY, daemon.runtime / "feed",
                                             self.runtime / "feed", str(seed)], stdout=losses)
        started.append(self.process)
        wait_for((self.runtime / "feed").exists)

    def lost(self):
        return [int(count) for count in (self.losses.read_text().split("\n")[-2:-1] or
                                         ["0 0"])[0].split()]

    def stop(self):
        self.process.kill()
        self.process.wait()


def late(*_):
    raise AssertionError("what should have been printed was not")


class Follow(unittest.TestCase):
    def setUp(self):
        signal.signal(signal.SIGALRM, late)
        signal.alarm(60)

    def tearDown(self):
        signal.alarm(0)
        for process in started:
            if process.poll() is None:
                process.kill()
                process.wait()
        started.clear()

    def test_an_event_is_printed_as_soon_as_its_post_has_returned(self):
        with Daemon() as daemon:
            daemon.region()
            watch = Watch(daemon, "twente")
            for number in range(20):
                receipt = daemon.post(news(f"n{number}"))["receipts"][0]
                self.assertEqual(int(watch.next()["sequence"]), receipt["seq"])
            table = daemon.cli_start("watch", "twente", "--count", 1)
            wait_for(lambda: "live)" in table.stderr.readline())
            daemon.post(news("laatste"))
            lines = table.communicate(timeout=20)[0].splitlines()
            self.assertEqual(len(lines), 2)  # the names of the columns and the event
            self.assertIn("twente/news/laatste", lines[1])
            watch.process.send_signal(signal.SIGTERM)
            self.assertEqual(seqs(watch.rest()), [daemon.head()])

    def sleeper(self, *options):
        """A follower that is stopped for 10 000 events; returns what it told on stderr."""
        with Daemon(*options) as daemon:
            daemon.region()
            head = daemon.head()
            watch = Watch(daemon, "twente", "--count", MANY + 1)
            watch.process.send_signal(signal.SIGSTOP)
            post_many(daemon, 0, MANY, 64)
            watch.process.send_signal(signal.SIGCONT)
            daemon.post(news("laatste"))
            self.assertEqual(seqs(watch.rest()), list(range(head + 1, head + MANY + 2)))
            return " ".join(watch.notes)

    def test_a_follower_that_was_stopped_gets_every_event_once(self):
        self.assertIn("repaired", self.sleeper())  # or the feed would have lost nothing

    def test_nor_does_one_with_room_for_a_single_message_miss_anything(self):
        self.assertIn("repaired", self.sleeper("--feed-high-water", 1))

    def test_a_feed_that_loses_frames_hides_no_hole_at_any_level(self):
        seed = int(os.environ.get("SEED", time.time()))
        chance = random.Random(seed)
        with Daemon() as daemon, self.subTest(seed=seed):
            daemon.region()
            names = ("x", "y")
            for name in names:
                daemon.post(event("werkplaats.opened", f"werkplaats/{name}", f"open-{name}", data={
                    "name": name, "kind": "project", "theme": "T", "common_interest": "B"}))
            head = daemon.head()
            proxy = Proxy(daemon, seed)
            levels = {level: Watch(daemon, *([level] if level else []), runtime=proxy.runtime)
                      for level in ("twente/werkplaats/x", "twente/werkplaats", "twente", "")}

            def update(number):
                name = chance.choice(names)
                if chance.random() < 0.4:
                    return news(f"n{number}")
                return event("werkplaats.updated", f"werkplaats/{name}", f"u{number}",
                             data={"name": f"{name} {number}"})

            for start in range(0, 600, 20):
                post_many(daemon, start, 20, chance.choice((1, 7, 20)), update)
                time.sleep(chance.choice((0, 0.01, 0.3)))
            expected = {level: [seq for seq in log_seqs(daemon, *([level] if level else []))
                                if seq > head] for level in levels}
            self.assertGreater(len(expected["twente"]), len(expected["twente/werkplaats"]))
            for level, watch in levels.items():
                found = [int(watch.next()["sequence"]) for _ in expected[level]]
                self.assertEqual(found, expected[level], level)
            lost = proxy.lost()
            self.assertGreater(lost[0], 100)
            self.assertGreater(lost[1], 0)
            for watch in levels.values():
                watch.process.send_signal(signal.SIGTERM)
                self.assertEqual(watch.rest(), [])  # nothing twice
            proxy.stop()

    def test_a_daemon_that_is_killed_and_restarted_while_followed_hides_nothing(self):
        with Daemon() as daemon:
            daemon.region()
            head = daemon.head()
            watch = Watch(daemon, "twente", "--count", 700)
            for round in range(3):
                post_many(daemon, round * 200, 200, 20)
                daemon.kill()
                daemon.start()
            post_many(daemon, 600, 100, 20)
            self.assertEqual(seqs(watch.rest()), list(range(head + 1, head + 701)))

    def test_another_log_at_the_same_place_is_told_as_stale(self):
        for more in (0, 5):  # a shorter one, and one that is longer than what was followed
            with self.subTest(more=more), Daemon() as daemon:
                daemon.region()
                watch = Watch(daemon, "twente")
                daemon.post(news("a"))
                watch.next()
                daemon.kill()
                shutil.rmtree(daemon.data)
                daemon.start()
                daemon.region()
                post_many(daemon, 0, more, 1)
                self.assertEqual(watch.rest(code=7, seconds=20), [])
                self.assertIn("another history", " ".join(watch.notes))

    def test_a_follower_begins_and_ends_where_it_is_told(self):
        with Daemon() as daemon:
            daemon.region()
            post_many(daemon, 0, 100)
            head = daemon.head()

            def caught_up(*arguments):
                done = daemon.cli("watch", "--json", "--until-caught-up", *arguments)
                self.assertEqual(done.returncode, 0, done.stderr)
                return seqs(json.loads(line) for line in done.stdout.splitlines())

            self.assertEqual(caught_up("--from", "begin"), list(range(1, head + 1)))
            self.assertEqual(caught_up("--from", "seq:90"), list(range(90, head + 1)))
            self.assertEqual(caught_up("--from", "-20"), list(range(head - 19, head + 1)))
            self.assertEqual(caught_up("--from", "-20", "twente/member"), [2, 3])
            self.assertEqual(caught_up("--from", "id:id-n50"), list(range(54, head + 1)))
            self.assertEqual(caught_up("--from", "end"), [])
            self.assertEqual(caught_up(), [])
            self.assertEqual(caught_up("--from", "begin", "--count", 5), [1, 2, 3, 4, 5])
            begun = time.monotonic()
            done = daemon.cli("watch", "--for", "500ms")
            self.assertEqual(done.returncode, 0)
            self.assertGreater(time.monotonic() - begun, 0.5)

    def test_a_level_does_not_get_the_events_of_a_longer_name(self):
        with Daemon() as daemon:
            daemon.region()
            opening = {"kind": "project", "theme": "T", "common_interest": "B"}
            for name in ("w1", "w10"):
                daemon.post(event("werkplaats.opened", f"werkplaats/{name}", f"open-{name}",
                                  data={"name": name, **opening}))
            watch = Watch(daemon, "twente/werkplaats/w1", "--count", 2)
            for number, name in enumerate(("w10", "w1", "w10", "w1", "w10")):
                daemon.post(event("werkplaats.updated", f"werkplaats/{name}", f"u{number}",
                                  data={"name": str(number)}))
            self.assertEqual([each["data"]["name"] for each in watch.rest()], ["1", "3"])
            done = daemon.cli("watch", "twente/werkplaats/w1", "--from", "begin", "--json",
                              "--until-caught-up")
            self.assertEqual({json.loads(line)["subject"] for line in done.stdout.splitlines()},
                             {"twente/werkplaats/w1"})


if __name__ == "__main__":
    unittest.main()
