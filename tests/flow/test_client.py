#!/usr/bin/python3
"""A client that was written from proto/README.md alone understands the daemon, and agrees with it."""
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import client as wn

from harness import BUILD, one_of_each  # where the programs are, and what to post; the rest is its own

SCRATCH = "/tmp"  # short: sockets


class Daemon:
    def __init__(self, data, runtime):
        self.data, self.runtime = data, runtime
        self.start()

    def start(self, data=None):
        self.data = data or self.data
        self.process = subprocess.Popen(
            ["nice", os.path.join(BUILD, "waternetd"), "--data", self.data, "--runtime", self.runtime],
            stderr=subprocess.DEVNULL)
        probe = wn.Client(self.runtime, seconds=0.3)
        for _ in range(50):
            try:
                probe.hello()
                break
            except wn.NoAnswer:
                pass
        probe.close()

    def end(self, kill=False):
        if self.process.poll() is None:
            self.process.kill() if kill else self.process.terminate()
        return self.process.wait(20)


class Case(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="scratch-", dir=SCRATCH)
        self.addCleanup(shutil.rmtree, self.root)
        self.daemon = Daemon(self.path("data"), self.path("run"))
        self.addCleanup(self.daemon.end)
        self.client = wn.Client(self.path("run"), seconds=2)
        self.addCleanup(self.client.close)

    def path(self, name):
        path = os.path.join(self.root, name)
        os.makedirs(path, exist_ok=True)
        return path

    def region(self, name="twente"):
        return self.client.post(ev("region.registered", f"region/{name}", {"name": name}, region=name))[0]

    def follow(self, prefix="/", cls=wn.Follower, **more):
        """A follower in a thread: .got, .error, .thread"""
        got, stopped = [], threading.Event()
        reader = wn.Client(self.path("run"), seconds=2)
        follower = cls(reader, prefix, lambda body, event: got.append((event["seq"], body)),
                       stop=stopped.is_set, **more)
        follower.got, follower.error = got, None

        def work():
            try:
                follower.run()
            except Exception as error:
                follower.error = error
        follower.thread = threading.Thread(target=work)
        follower.thread.start()

        def finish():
            stopped.set()
            follower.thread.join()
            reader.close()
            follower.query.close()
        self.addCleanup(finish)
        return follower

    def wait(self, condition, seconds=15):
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(0.02)
        self.assertTrue(condition())


def ev(kind, subject, data=None, region="twente", **more):
    event = {"type": kind, "region": region, "subject": subject, **more}
    if data is not None:
        event["data"] = data
    return event


def contact(n):
    return ev("contribution.submitted", f"contribution/c{n}", {"kind": "reaction", "text": f"nr {n}"})


MEMBER = {"name": "Almelo", "kind": "municipality", "code": "gm0141", "former": "Stad Almelo",
          "inhabitants": {"on": "2024-01-01", "count": 74000, "citation": "CBS, 2024-05-01"}}

# Every type of the specification, keys out of order: posts of our own, then what they leave out.
OWN = [
    ev("region.registered", "region/twente", {
        "status": "beta", "source_id": "00000001234567890000", "homepage": "https://twentswaternet.nl/",
        "contact": "secretariaat, info@example.nl", "description": "Regel één\nRegel twee",
        "name": "Twents waternet"}, on="2012-05-09", onbasis="stated", ontext="voorjaar 2012",
        citation="site, bekeken 2024-01-01", reference="Z/12/3"),
]
EVERY = OWN + [{key: value for key, value in event.items() if key not in ("id", "as")}
               for event in one_of_each() if event["type"] != "region.registered"]


class Everything(Case):
    def post_all(self):
        receipts = []
        for number, event in enumerate(EVERY, 1):
            receipts += self.client.post({"id": f"e-{number}", **event})
        return receipts

    def test_every_type(self):
        c = self.client
        receipts = self.post_all()
        stored = list(c.read("/"))
        rows = c.types()
        self.assertEqual({e["type"] for e in EVERY}, set(rows))
        self.assertEqual([r["seq"] for r in receipts], list(range(1, len(EVERY) + 1)))
        erased = {event["data"]["of"] for event in EVERY if event["type"] == "private.erased"}
        self.assertTrue(erased)
        tree, last, privates = wn.Tree(), {}, 0
        for number, (event, receipt, body) in enumerate(zip(EVERY, receipts, stored), 1):
            row, seq = rows[event["type"]], receipt["seq"]
            # predicted from what was sent, the receipt, and the rules for actor and prev
            region, kind, entity = event["region"], *event["subject"].split("/")
            levels = [(region,), (region, kind), (region, kind, entity)]
            secretary = "secretary" in row["roles"] or not row["roles"]
            actor = ({"organisation": region, "role": "secretary", "via": "operator"} if secretary
                     else {"organisation": "system", "role": "operator"})
            daemon = {"seq": seq, "time": receipt["time"], "actor": actor,
                      "prev": [last.get(level, 0) for level in levels]}
            last.update(dict.fromkeys(levels, seq))
            private = os.path.join(self.daemon.data, "private", str(seq))
            if seq in erased:  # what it was nobody can tell any more; the event says that it was
                self.assertFalse(os.path.exists(private))
                daemon["privatehash"] = wn.unpack(body)["privatehash"]
            elif os.path.exists(private):
                with open(private, "rb") as file:
                    part = file.read()
                self.assertEqual(part, wn.private_part(event["data"], row, part[:32]))
                daemon["privatehash"] = hashlib.sha256(part).digest()
                privates += 1
            if event["type"] == "costs.allocated":  # whose cents the daemon works out
                shares = wn.unpack(body)["data"]["shares"]
                self.assertEqual(sum(shares.values()), event["data"]["amount"])
                event = {**event, "data": {**event["data"], "shares": shares}}
            self.assertEqual(wn.canonical({"id": f"e-{number}", **event}, row, daemon).hex(), body.hex())
            self.assertEqual(wn.canonical(wn.unpack(body), row), body)
            self.assertEqual(c.find(f"e-{number}"), body)
            tree.append(wn.leaf(body))
        self.assertGreater(privates, 1)
        self.assertEqual(len(os.listdir(os.path.join(self.daemon.data, "private"))), privates)
        status = c.status()
        self.assertEqual((status["root"], status["head"]), (tree.root().hex(), tree.size))
        # CloudEvents
        prefix = c.hello()["prefix"]
        source = c.get("twente/region/twente")["record"]["fields"]["source_id"]
        dump = subprocess.run([os.path.join(BUILD, "waternetd"), "dump", self.daemon.data],
                              capture_output=True, check=True).stdout.decode().splitlines()
        end = json.loads(dump.pop())
        self.assertEqual((end["head"], end["root"]), (tree.size, tree.root().hex()))
        line = f"log={c.hello()['log']} seq={tree.size} root={tree.root().hex()}\n"
        self.assertEqual((end["log"], end["check"]),
                         (c.hello()["log"], hashlib.sha256(line.encode()).hexdigest()))
        self.assertEqual(len(dump), len(stored))
        for line, body in zip(dump, stored):
            said = json.loads(line)
            cloud = json.loads(wn.cloud_json(body, prefix, source))
            self.assertEqual(said["event"], cloud)
            self.assertEqual(list(said["event"]), list(cloud))
            self.assertEqual((said["hash"], said["seq"], said["id"]),
                             (wn.leaf(body).hex(), int(cloud["sequence"]), cloud["id"]))
        # the same again: duplicates with the first receipts
        again = self.post_all()
        self.assertEqual([{**r, "duplicate": True} for r in receipts], again)
        # small pages, levels
        self.assertEqual(list(c.read("/", bytes=1)), stored)
        self.assertEqual(list(c.read("/", after=3, until=5)), stored[3:5])
        for prefix in ("/twente/", "/twente/member/", "/twente/member/enschede/"):
            want = [b for b in stored if topic(b).startswith(prefix)]
            self.assertEqual(list(c.read(prefix)), want)
        listed = list(c.list(bytes=1))
        self.assertEqual([p for p, _ in listed], sorted({f"{e['region']}/{e['subject']}" for e in EVERY}))
        self.assertEqual([p for p, _ in c.list(kind="news")],
                         [p for p, _ in listed if p.startswith("twente/news/")])
        for path, record in listed:
            self.assertEqual(c.get(path)["record"], record)
        self.assertEqual(self.daemon.end(), 0)
        verify = subprocess.run([os.path.join(BUILD, "waternetd"), "verify", self.daemon.data])
        self.assertEqual(verify.returncode, 0)

    def test_several_dry_and_corrects(self):
        c = self.client
        most, receipts = c.hello()["limits"]["events_per_post"], []
        for part in EVERY[:most], EVERY[most:]:
            dry = c.post(*[{"id": f"e-{n}", **e} for n, e in enumerate(part, 1)], dry=True)
            self.assertEqual(len(dry["events"]), len(part))
            self.assertEqual(c.hello()["head"], len(receipts))
            added = c.post(*part)
            self.assertEqual(len({r["time"] for r in added}), 1)
            receipts += added
        self.assertEqual([r["seq"] for r in receipts], list(range(1, len(EVERY) + 1)))
        accepted = [e["type"] for e in EVERY].index("contribution.accepted")
        wrong, subject = receipts[accepted]["seq"], EVERY[accepted]["subject"]
        seq = c.post(ev("contribution.accepted", subject, {"text": "beter"}, corrects=wrong))[0]["seq"]
        record = c.get(f"twente/{subject}")["record"]
        self.assertEqual(record["corrected"], [wrong])
        self.assertEqual(record["fields"]["accepted"]["seq"], seq)


def topic(body):
    event = wn.unpack(body)
    return f"/{event['region']}/{event['subject']}/{event['type']}"


class Refusals(Case):
    def refusal(self, *events, **more):
        with self.assertRaises(wn.Refusal) as caught:
            self.client.post(*events, **more)
        return caught.exception

    def test_faults(self):
        c = self.client
        self.region()
        r = self.refusal(ev("werkplaats.opened", "werkplaats/w", {"name": "W", "kind": "project"}))
        self.assertEqual((r.status, r.index, r.guards()), ("refused", 0, {1}))
        self.assertEqual(r.fields(), {"data.theme", "data.common_interest"})
        r = self.refusal(ev("member.joined", "member/a", {"name": "", "kind": "town", "x": 1}))
        self.assertEqual(r.status, "malformed")
        self.assertEqual(r.fields(), {"data.name", "data.kind", "data.x"})
        r = self.refusal(ev("member.left", "member/nobody"))
        self.assertEqual((r.status, r.guards(), r.fields()), ("refused", {11}, {"subject"}))
        r = self.refusal(ev("member.joined", "member/a", MEMBER), role="reader")
        self.assertEqual((r.status, r.fields()), ("not-allowed", {"as.role"}))
        r = self.refusal(ev("region.updated", "region/twente", {"name": "x"}, expect=7))
        self.assertEqual((r.status, r.fields()), ("conflict", {"expect"}))
        c.post(ev("member.joined", "member/a", MEMBER, id="m-1"))
        r = self.refusal(ev("member.joined", "member/a", {**MEMBER, "name": "other"}, id="m-1"))
        self.assertEqual((r.status, r.fields()), ("conflict", {"id"}))
        r = self.refusal(contact(1), ev("member.left", "member/nobody"))
        self.assertEqual((r.status, r.index), ("refused", 1))
        r = self.refusal(ev("contribution.submitted", "contribution/big",
                            {"kind": "reaction", "text": "x" * 8001}))
        self.assertEqual((r.status, r.fields()), ("malformed", {"data.text"}))
        with self.assertRaises(wn.Refusal) as caught:
            c.get("twente/member/none")
        self.assertEqual(caught.exception.status, "not-found")
        with self.assertRaises(wn.Refusal) as caught:
            c.query.ask({"request": "hello", "protocol": 2})
        self.assertEqual(caught.exception.status, "protocol")
        with self.assertRaises(wn.Refusal) as caught:
            c.query.ask({"request": "status", "pad": "x" * 300000})
        self.assertEqual(caught.exception.status, "too-big")
        self.assertEqual(c.hello()["head"], 2)

    def test_no_answer_then_repeat(self):
        self.region()
        self.daemon.end(kill=True)
        self.client.command.seconds = 0.5
        timer = threading.Timer(1.2, self.daemon.start)
        timer.start()
        receipt = self.client.post(contact(1), tries=20)[0]
        timer.join()
        self.assertEqual(receipt["seq"], 2)
        self.assertEqual(self.client.hello()["head"], 2)


class Lossy(wn.Follower):
    """Loses two of three events and every second heartbeat."""
    lost = count = 0

    def receive(self, feed):
        frame = feed.recv()
        self.count += 1
        if self.count % (2 if frame.startswith(b"!") else 3):
            self.lost += 1
            return None
        return frame


class LosesEvents(wn.Follower):
    """Hears only heartbeats."""
    def receive(self, feed):
        frame = feed.recv()
        return frame if frame.startswith(b"!") else None


class Following(Case):
    LEVELS = "/", "/twente/", "/twente/contribution/", "/twente/contribution/c3/"

    def compare(self, followers):
        self.wait(lambda: all(f.position >= self.client.hello()["head"] or f.error for f in followers))
        for f in followers:
            self.assertIsNone(f.error)
            self.assertEqual([body for _, body in f.got], list(self.client.read(f.prefix)), f.prefix)

    def work(self, first, count, regions=("twente", "gooi")):
        for n in range(first, first + count):
            self.client.post({**contact(n), "region": regions[n % 2]})
            if n % 5 == 3:
                self.client.post(ev("contribution.accepted", "contribution/c3", {"text": str(n)}))

    def test_four_levels_lossless_and_lossy(self):
        self.region(), self.region("gooi")
        self.client.post(contact(3))
        self.work(4, 10)
        followers = [self.follow(level, cls) for level in self.LEVELS
                     for cls in (wn.Follower, Lossy, LosesEvents)]
        self.work(100, 60)
        self.compare(followers)
        for f in followers:
            if isinstance(f, Lossy) and f.prefix != self.LEVELS[-1]:
                self.assertGreater(f.lost, 20)
                self.assertGreater(f.repairs, 1)

    def test_from_a_position(self):
        self.region(), self.region("gooi")
        self.client.post(contact(3))
        self.work(4, 10)
        follower = self.follow("/twente/", position=5)
        self.wait(lambda: follower.position >= self.client.hello()["head"])
        self.assertEqual([b for _, b in follower.got], list(self.client.read("/twente/", after=5)))

    def test_kill_and_restart(self):
        self.region(), self.region("gooi")
        self.client.post(contact(3))
        followers = [self.follow(level, cls) for level in self.LEVELS for cls in (wn.Follower, Lossy)]
        for turn in range(1, 3):
            self.work(turn * 100, 20)
            self.daemon.end(kill=True)
            time.sleep(4.5 if turn == 1 else 0.1)     # longer and shorter than the silence
            self.daemon.start()
        self.work(400, 20)
        self.compare(followers)

    def test_another_history(self):
        self.region(), self.region("gooi")
        followers = [self.follow(level) for level in self.LEVELS]
        self.wait(lambda: all(f.position == 2 for f in followers))
        self.daemon.end()
        self.daemon.start(self.path("other"))
        for n in range(5):
            self.region(f"r{n}")
        self.wait(lambda: all(f.error for f in followers))
        for f in followers:
            self.assertIsInstance(f.error, wn.Stale)
            self.assertTrue(all(seq <= 2 for seq, _ in f.got))

    def test_set_back(self):
        self.region()
        self.daemon.end()
        shutil.copytree(self.daemon.data, os.path.join(self.root, "copy"))
        self.daemon.start()
        self.region("gooi")
        follower = self.follow("/twente/")
        self.wait(lambda: follower.position == 2)
        self.daemon.end()
        self.daemon.start(os.path.join(self.root, "copy"))
        self.wait(lambda: follower.error)
        self.assertIsInstance(follower.error, wn.Stale)


if __name__ == "__main__":
    unittest.main()
