#!/usr/bin/python3
"""kill -9 at random moments: what was acknowledged is there, once and in order."""

import collections
import contextlib
import hashlib
import json
import random
import subprocess
import threading
import time
import unittest

import msgpack
import zmq

from harness import BUILD, LONG, Daemon, Socket, event, news, wait_for, waternetd

ROUNDS = 300 if LONG else 15
CLIENTS = 4
FOLLOWERS = 2
WINDOW = 24  # posts that a client has under way
SILENCE = 15.0


class Client(threading.Thread):
    """Posts without end; after each kill it repeats what was not answered, with the same ids."""

    def __init__(self, path, name):
        super().__init__(daemon=True)
        self.path, self.name_of = path, name
        self.random = random.Random(name)
        self.posts = 0
        self.waiting = {}         # number -> events, in the order they were posted
        self.posted = set()       # ids
        self.receipts = {}        # id -> seq, once acknowledged
        self.recent = collections.deque(maxlen=3)  # posts that were acknowledged last
        self.groups = []          # lists of ids that were posted together and acknowledged
        self.newest = 0           # seq that was acknowledged last
        self.duplicates = 0
        self.generation = 0       # grows with each start of the daemon
        self.is_ending = False
        self.problem = None

    def make(self):
        events = []
        for place in range(self.random.choice((1, 1, 1, 2, 4))):
            name = f"{self.name_of}-{self.posts}-{place}"
            if self.random.random() < 0.25:
                text = {"kind": "reaction", "text": f"Tekst van {name} " * self.random.randrange(40)
                        + "."}
                events.append(event("contribution.submitted", f"contribution/{name}", f"id-{name}",
                                    data=text))
            else:
                events.append(news(name, summary="Kort. " * self.random.randrange(1, 60)))
        self.posts += 1
        self.posted.update(event["id"] for event in events)
        return events

    def take(self, answer):
        events = self.waiting.pop(answer["number"], None)
        if events is None:
            return  # to what was asked on the connection before
        assert answer["status"] == "ok", answer
        ids = [event["id"] for event in events]
        for id, receipt in zip(ids, answer["receipts"], strict=True):
            assert receipt["duplicate"] or id not in self.receipts, answer
            assert self.receipts.setdefault(id, receipt["seq"]) == receipt["seq"], answer
            self.duplicates += receipt["duplicate"]
            self.newest = max(self.newest, receipt["seq"])
        if events not in self.recent:
            self.recent.append(events)
        if len(ids) > 1:
            self.groups.append(ids)

    def converse(self, socket, generation):
        """Until the daemon was started again, or all is answered and no more is wanted."""
        # Also some whose answer came, as one does that fell itself before it had taken note.
        repeated, self.waiting = [*self.recent, *self.waiting.values()], {}
        for events in repeated:
            self.waiting[socket.send("post", events=events)] = events
        heard = time.monotonic()
        while generation == self.generation and (self.waiting or not self.is_ending):
            while len(self.waiting) < WINDOW and not self.is_ending:
                events = self.make()
                self.waiting[socket.send("post", events=events)] = events
            answer = socket.receive(0.02)
            if answer is not None:
                self.take(answer)
                heard = time.monotonic()
            assert time.monotonic() < heard + SILENCE, "no answer"

    def run(self):
        context = zmq.Context()
        try:
            while self.waiting or not self.is_ending:
                with contextlib.closing(Socket(self.path, context)) as socket:
                    self.converse(socket, self.generation)
        except Exception as problem:  # told by the test; a thread cannot fail it
            self.problem = problem
        context.destroy(linger=0)


class Follower:
    """`waternet watch` from the beginning; it lives through every kill."""

    def __init__(self, daemon, number):
        self.file = daemon.scratch / f"follower-{number}"
        self.notes = daemon.scratch / f"follower-{number}-notes"
        with open(self.file, "wb") as out, open(self.notes, "wb") as notes:
            self.process = subprocess.Popen(
                [BUILD / "waternet", "--runtime", daemon.runtime, "watch", "/", "--from", "begin",
                 "--json"], stdin=subprocess.DEVNULL, stdout=out, stderr=notes)

    def has(self, last):
        assert self.process.poll() is None, f"it ended: {self.notes.read_text()}"
        with open(self.file, "rb") as out:
            out.seek(max(0, self.file.stat().st_size - 200000))
            return b'"sequence":"%020d"' % last in out.read()

    def ends(self):
        self.process.terminate()
        code = self.process.wait(30)
        lines = self.file.read_text().splitlines()
        return code, [(int(event["sequence"]), event["id"]) for event in map(json.loads, lines)]


def kill_and_start(daemon, clients):
    """One round. Returns the newest event that anybody had heard of before the daemon was back."""
    time.sleep(random.uniform(0.02, 0.35))
    daemon.kill()
    acknowledged = max(client.newest for client in clients)
    daemon.start()
    head = daemon.head()
    assert head >= acknowledged, f"head {head}, acknowledged {acknowledged}"
    for client in clients:
        assert client.problem is None, client.problem
        client.generation += 1


class Kill(unittest.TestCase):
    def expect_log(self, daemon, clients):
        """Events 1..n are all there, n >= the last acknowledged, and nothing else is."""
        log = [msgpack.unpackb(event) for event in daemon.read()]
        self.assertEqual([event["seq"] for event in log], list(range(1, daemon.head() + 1)))
        seqs = {event["id"]: event["seq"] for event in log}
        self.assertEqual(len(seqs), len(log), "an id stands in the log twice")
        known = {"twente-region", "twente-almelo", "twente-enschede"}
        for client in clients:
            self.assertEqual(client.posted, set(client.receipts), "answered but not acknowledged")
            for id, seq in client.receipts.items():
                self.assertEqual(seqs.get(id), seq, id)
            for ids in client.groups:
                self.assertEqual([seqs[id] for id in ids],
                                 list(range(seqs[ids[0]], seqs[ids[0]] + len(ids))))
            known |= client.posted
        self.assertEqual(set(seqs), known)
        self.assertEqual([event["time"] for event in log],
                         sorted(event["time"] for event in log))
        return log

    def expect_private(self, daemon, log):
        files = {file.name: file.read_bytes() for file in (daemon.data / "private").iterdir()}
        hashes = {str(event["seq"]): event["privatehash"] for event in log
                  if "privatehash" in event}
        self.assertGreater(len(hashes), 0)
        self.assertEqual(set(files), set(hashes))
        for name, part in files.items():
            self.assertEqual(hashlib.sha256(part).digest(), hashes[name])

    def expect_one_root(self, daemon):
        """Status, HEAD and verify, beside the daemon and after it, name the same root."""
        status = daemon.ask("status")
        wait_for(lambda: f"seq={status['head']} " in (daemon.data / "HEAD").read_text())
        named = (daemon.data / "HEAD").read_text().split("root=")[1].strip()
        self.assertEqual(named, status["root"])
        said = f"verified: events={status['head']} root={status['root']} findings=0\n"
        for is_running in (True, False):
            if not is_running:
                daemon.kill()
            done = waternetd("verify", daemon.data)
            self.assertEqual((done.returncode, done.stdout), (0, said), done.stderr)

    def test_what_was_acknowledged_survives_every_kill_once_and_in_order(self):
        with Daemon("--log-level", 4) as daemon:
            daemon.region()
            clients = [Client(daemon.runtime / "command", f"c{i}") for i in range(CLIENTS)]
            followers = [Follower(daemon, i) for i in range(FOLLOWERS)]
            for follower in followers:
                self.addCleanup(follower.process.kill)
                wait_for(lambda: follower.has(3))  # it follows before the first kill
            for client in clients:
                client.start()
            for number in range(2 * ROUNDS):
                if number >= ROUNDS and all(client.duplicates for client in clients):
                    break  # each has posted again what was stored already: mostly by now
                kill_and_start(daemon, clients)
            for client in clients:
                client.is_ending = True
            for client in clients:
                client.join(60)
                self.assertIsNone(client.problem)
                self.assertFalse(client.is_alive() or client.waiting)
                self.assertGreater(client.duplicates, 0)

            log = self.expect_log(daemon, clients)
            in_order = [(event["seq"], event["id"]) for event in log]
            for follower in followers:
                wait_for(lambda: follower.has(len(log)), 60)
                self.assertEqual(follower.ends(), (0, in_order))
            self.expect_private(daemon, log)
            self.expect_one_root(daemon)


if __name__ == "__main__":
    unittest.main()
