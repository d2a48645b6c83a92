#!/usr/bin/python3
"""Whatever is sent, it gets a clear answer or a closed connection, and others are served at once."""

import json
import os
import socket
import struct
import threading
import time
import unittest

import msgpack
import zmq

from harness import Daemon, Socket, dump, event, news, wait_for, waternetd

pack = msgpack.packb
GROWTH_KB = 300 * 1024  # generous: the sanitizers keep what was freed


class Peer:
    """A connection by hand, so that no library stands between the bytes and the daemon."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(15)
        self.socket.connect(str(path))

    def shake(self, kind=b"DEALER"):
        self.socket.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") +
                            bytes(32))
        ready = b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind
        self.socket.sendall(bytes([4, len(ready)]) + ready)
        return self

    def frame(self, body, size=None):
        self.socket.sendall(b"\x02" + struct.pack(">Q", len(body) if size is None else size) + body)

    def is_closed(self):
        """Reads until the daemon closes; false if it does not in time."""
        try:
            while self.socket.recv(65536):
                pass
            return True
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    def close(self):
        self.socket.close()


def memory_kb(daemon):
    with open(f"/proc/{daemon.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon("--log-level", 7).start().region()
        cls.process = cls.daemon.process.pid
        cls.good = 0

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__(None)

    def setUp(self):
        self.before_kb = memory_kb(self.daemon)
        self.head = self.daemon.head()

    def tearDown(self):
        self.serves_others()
        self.assertLess(memory_kb(self.daemon) - self.before_kb, GROWTH_KB)

    def serves_others(self, posts=1, seconds=10):
        """A new client posts and asks; nothing but its own events has been stored meanwhile."""
        type(self).good += 1
        begun = time.monotonic()
        command = Socket(self.daemon.runtime / "command", self.daemon.context)
        query = Socket(self.daemon.runtime / "query", self.daemon.context)
        for number in range(posts):
            answer = command.ask("post", events=[news(f"goed-{self.good}-{number}")])
            self.assertEqual(answer["status"], "ok", answer)
        self.assertEqual(query.ask("status")["head"], self.head + posts)
        command.close()
        query.close()
        self.head += posts
        self.assertLess(time.monotonic() - begun, seconds)
        self.assertEqual(self.daemon.process.pid, self.process)

    def send(self, name, *frames):
        client = Socket(self.daemon.runtime / name, self.daemon.context)
        client.send_raw(*frames)
        answer = client.receive(5)
        client.close()
        return answer

    def check(self, name, body, status, number=0, field=None, guard=0):
        answer = self.send(name, body)
        self.assertIsNotNone(answer)
        self.assertEqual((answer["status"], answer["number"]), (status, number), answer)
        self.assertTrue(answer["message"])
        self.assertGreater(len(answer["faults"]), 0)
        for fault in answer["faults"]:
            self.assertTrue(fault["found"] and fault["accepted"], fault)
        self.assertEqual(answer["faults"][0].get("field"), field, answer)
        self.assertEqual(answer["faults"][0].get("guard", 0), guard)

    def test_bytes_that_are_no_request_are_malformed(self):
        hello = pack({"number": 7, "request": "hello", "protocol": 1})
        bodies = {
            "nothing": b"", "a reserved byte": b"\xc1", "garbage": os.urandom(300),
            "deep lists": b"\x91" * 100000, "deep maps": b"\x81\xa1a" * 50000,
            "a list of 4 billion": b"\xdd\xff\xff\xff\xff", "a map of 4 billion":
            b"\xdf\xff\xff\xff\xff", "a text of 4 billion": b"\x81\xa1a\xdb\xff\xff\xff\xff",
            "lists of lists of lists": b"\xdd\x00\x01\x00\x00" * 40000,
            "a truncated map": hello[:-1], "more behind it": hello + b"\xc0", "a list": pack([1]),
            "keys that are numbers": pack({1: 2}), "a key twice": b"\x82\xa1a\x01\xa1a\x02",
            "nil": pack({"number": None}), "a float": pack({"number": 1.5}),
            "an extension": pack({"number": msgpack.ExtType(1, b"x")}),
            "10 000 fields": pack({f"f{n}": n for n in range(10000)}),
            "no UTF-8": b"\x81\xa7request\xa4\xff\xfe\xfd\xfc",
            "half a surrogate": b"\x81\xa7request\xa3\xed\xa0\x80"}
        for what, body in bodies.items():
            for name in ("command", "query"):
                with self.subTest(what=what, socket=name):
                    self.check(name, body, "malformed")
        self.serves_others()

    def test_requests_with_wrong_fields_are_told_which(self):
        number = {"number": 9}
        rows = [
            ("query", {"request": "hello", "protocol": 1}, "malformed", 0, "number"),
            ("query", {"number": "x", "request": "hello", "protocol": 1}, "malformed", 0, "number"),
            ("query", {**number, "request": "hello", "protocol": 2}, "protocol", 9, "protocol"),
            ("query", {**number, "request": "hello"}, "malformed", 9, "protocol"),
            ("query", {**number, "request": "drop"}, "malformed", 9, "request"),
            ("query", {**number}, "malformed", 9, "request"),
            ("query", {**number, "request": "post", "events": []}, "malformed", 9, "events"),
            ("command", {**number, "request": "status"}, "malformed", 9, "request"),
            ("command", {**number, "request": "post"}, "malformed", 9, "events"),
            ("command", {**number, "request": "post", "events": []}, "malformed", 9, "events"),
            ("command", {**number, "request": "post", "events": {}}, "malformed", 9, "events"),
            ("command", {**number, "request": "post", "events": [news("x")] * 65}, "malformed", 9,
             "events"),
            ("query", {**number, "request": "status", "prefix": "/"}, "malformed", 9, "prefix"),
            ("query", {**number, "request": "status", "x": 1}, "malformed", 9, "x"),
            ("query", {**number, "request": "read", "prefix": "/..", "after": 0}, "malformed", 9,
             "prefix"),
            ("query", {**number, "request": "read", "prefix": "/", "after": -1}, "malformed", 9,
             "after"),
            ("query", {**number, "request": "get", "region": "twente", "kind": "x", "entity": "y"},
             "malformed", 9, "kind"),
            ("query", {**number, "request": "get", "region": "twente", "kind": "news",
                       "entity": "y"}, "not-found", 9, "entity"),
            ("query", {**number, "request": "get", "region": "a" * 65, "kind": "news",
                       "entity": "../../x"}, "malformed", 9, "region"),
            ("query", {**number, "request": "find", "id": "nergens"}, "not-found", 9, "id"),
        ]
        for name, request, status, answered, field in rows:
            with self.subTest(request=request):
                self.check(name, pack(request), status, answered, field)

    def test_events_that_do_not_fit_are_told_why(self):
        base = news("vreemd")
        rows = [
            (1, "malformed", None), ({}, "malformed", "id"), ({**base, "type": "x.y"},
            "malformed", "type"), ({**base, "id": "Not An Id"}, "malformed", "id"),
            ({**base, "subject": "news"}, "malformed", "subject"),
            ({**base, "subject": "member/x"}, "malformed", "subject"),
            ({**base, "region": "../etc"}, "malformed", "region"),
            ({**base, "seq": 1}, "malformed", "seq"), ({**base, "x": 1}, "malformed", "x"),
            ({**base, "data": 1}, "malformed", "data"),
            (news("vreemd", title="rood \x1b[31m"), "malformed", "data.title"),
            (news("vreemd", title="nul \0"), "malformed", "data.title"),
            (news("vreemd", title="c1 \x9b31m"), "malformed", "data.title"),
            (news("vreemd", title="twee\nregels"), "malformed", "data.title"),
            (news("vreemd", summary="bel \a"), "malformed", "data.summary"),
            (news("vreemd", title=""), "malformed", "data.title"),
            (news("vreemd", title="x" * 201), "malformed", "data.title"),
            (news("vreemd", title=["x"]), "malformed", "data.title"),
            (news("vreemd", x="y"), "malformed", "data.x"),
            (news("vreemd", phase="idea"), "malformed", "data.phase"),
            (news("vreemd", werkplaats="nergens"), "refused", "data.werkplaats")]
        for bad, status, field in rows:
            with self.subTest(event=bad):
                self.check("command", pack({"number": 3, "request": "post", "events": [bad]}),
                           status, 3, field, 11 if status == "refused" else 0)
        doubled = pack(base)
        doubled = bytes([doubled[0] + 1]) + doubled[1:] + pack("id") + pack("tweede")
        body = (pack({"number": 3, "request": "post"})[1:] + pack("events") + b"\x91" + doubled)
        self.check("command", b"\x83" + body, "malformed")

    def test_an_id_of_another_organisation_is_a_conflict(self):
        self.daemon.post(news("eigen"))
        self.head += 1
        answer = self.daemon.post(news("eigen"), **{"as": {"role": "member",
                                                           "organisation": "almelo"}})
        self.assertEqual((answer["status"], answer["faults"][0]["field"]), ("conflict", "id"))

    def test_a_request_up_to_twice_the_limit_is_told_so_and_a_larger_one_closes(self):
        for name in ("command", "query"):
            self.check(name, bytes(262145), "too-big")
            self.check(name, bytes(2 * 262144), "too-big")
            for size in (2 * 262144 + 300, 100 << 20, 2**62):
                peer = Peer(self.daemon.runtime / name).shake()
                peer.frame(b"", size)
                self.assertTrue(peer.is_closed())
                peer.close()
        self.send("command", bytes(100 << 20))
        self.serves_others()

    def test_messages_of_several_frames_are_malformed(self):
        hello = pack({"number": 7, "request": "hello", "protocol": 1})
        for frames in [(hello, hello, hello), (b"", hello), (b"", b"", b""), (hello, b"")]:
            for name in ("command", "query"):
                with self.subTest(frames=frames):
                    answer = self.send(name, *frames)
                    self.assertEqual((answer["status"], answer["number"]), ("malformed", 0))

    def test_bytes_that_are_no_zeromq_close_the_connection(self):
        peers = []
        for name in ("command", "query", "feed"):
            for bytes_ in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 10, os.urandom(4096),
                           b"\xff" * 4096, b"\xff" + bytes(8) + b"\x7f\x03\x00PLAIN" + bytes(47)):
                peer = Peer(self.daemon.runtime / name)
                try:
                    peer.socket.sendall(bytes_)
                except ConnectionError:
                    pass  # closed while it was still being sent to
                peers.append((peer, name, bytes_[:12]))
        for peer, *what in peers:
            self.assertTrue(peer.is_closed(), what)
            peer.close()

    def test_silent_connections_keep_nobody_out_and_end(self):
        peers = [Peer(self.daemon.runtime / ("command", "query", "feed")[number % 3])
                 for number in range(200)]
        self.serves_others(3)
        self.assertTrue(all(peer.is_closed() for peer in peers))
        for peer in peers:
            peer.close()

    def test_clients_that_never_read_their_answers_stop_nobody(self):
        deaf = {name: Peer(self.daemon.runtime / name).shake() for name in ("command", "query")}
        bodies = {"query": pack({"number": 1, "request": "types"}),
                  "command": pack({"number": 1, "request": "post", "dry": True,
                                   "events": [news(f"droog{n}", summary="x" * 1900)
                                              for n in range(20)]})}

        def shout(name, peer):
            peer.socket.settimeout(1)
            try:
                for _ in range(20000):
                    peer.frame(bodies[name])
            except (TimeoutError, OSError):
                pass  # the daemon takes no more of it

        threads = [threading.Thread(target=shout, args=row) for row in deaf.items()]
        for thread in threads:
            thread.start()
        time.sleep(1)
        for _ in range(5):
            self.serves_others(4, seconds=20)
        for peer in deaf.values():
            peer.close()
        for thread in threads:
            thread.join()

    def test_endless_subscriptions_keep_nobody_from_following(self):
        greedy = self.daemon.context.socket(zmq.SUB)
        greedy.sndhwm = 0
        greedy.connect(f"ipc://{self.daemon.runtime}/feed")
        for count in (4000, 4096):  # none is lost; and then all there is room for
            for number in range(5000 if count == 4096 else count):
                greedy.subscribe(f"/r{number}/")
                greedy.subscribe(f"!/r{number}/\n")
            wait_for(lambda: self.daemon.ask("status")["subscriptions"] == count)
        self.serves_others(3)
        for level in ("/r7/", "/twente/"):  # one that is kept, and one that came too late
            follower = self.daemon.context.socket(zmq.SUB)
            follower.connect(f"ipc://{self.daemon.runtime}/feed")
            follower.subscribe(f"!{level}\n")
            self.assertEqual(follower.poll(3000), zmq.POLLIN, level)
            follower.close()
        watch = self.daemon.cli_start("watch", "twente", "--json", "--count", 8)
        wait_for(lambda: "live" in watch.stderr.readline())
        for _ in range(8):
            time.sleep(0.5)  # longer than a follower waits for a second heartbeat
            self.serves_others()
        lines = watch.communicate(timeout=20)[0].splitlines()
        self.assertEqual([int(json.loads(line)["sequence"]) for line in lines],
                         list(range(self.head - 7, self.head + 1)))
        greedy.close()
        wait_for(lambda: self.daemon.ask("status")["subscriptions"] == 0)

    def test_a_flood_of_subscriptions_waits_for_the_requests_of_others(self):
        peer = Peer(self.daemon.runtime / "feed").shake(b"SUB")
        topics = [f"\x01!/r{number}/\n".encode() for number in range(100000)]
        flood = b"".join(bytes([0, len(topic)]) + topic for topic in topics)
        thread = threading.Thread(target=peer.socket.sendall, args=(flood,))
        thread.start()
        for _ in range(5):
            self.serves_others(3)
        thread.join()
        peer.close()
        wait_for(lambda: self.daemon.ask("status")["subscriptions"] == 0)

    def test_subscriptions_that_are_no_level_get_nothing_and_harm_nobody(self):
        listener = self.daemon.context.socket(zmq.SUB)
        listener.connect(f"ipc://{self.daemon.runtime}/feed")
        for topic in (b"!", b"!\n", b"!/", b"!//\n", b"!/Twente/\n", b"!/twente\n", b"!/a/b/c/d/\n",
                      b"!/" + b"x" * 5000 + b"/\n", os.urandom(100), b"!/\0/\n"):
            listener.subscribe(topic)
        self.assertEqual(listener.poll(1500), 0)
        self.assertEqual(self.daemon.ask("status")["subscriptions"], 0)
        sender = self.daemon.context.socket(zmq.XSUB)
        sender.connect(f"ipc://{self.daemon.runtime}/feed")
        for frame in (b"", b"\x02", b"\x00!/twente/\n", b"hallo", bytes(1000)):
            sender.send(frame)  # ends what never began, and what is no subscription at all
        self.serves_others()
        listener.close()
        sender.close()


class Personal(unittest.TestCase):
    def test_what_a_sender_wrote_stands_in_no_log_no_event_and_no_table(self):
        secrets = ["Geheime Tekst", "Jan de Vries", "jan@example.org", "Hengelo bv", "Achterhoek"]
        with Daemon("--log-level", 7) as daemon:
            daemon.region()
            data = {"kind": "addition", "text": secrets[0],
                    "sender": dict(zip(("name", "email", "organisation", "region"), secrets[1:]))}
            sent = event("contribution.submitted", "contribution/een", "een", data=data)
            self.assertEqual(daemon.post(sent)["status"], "ok")
            self.assertEqual(daemon.post(sent)["receipts"][0]["duplicate"], True)
            self.assertEqual(daemon.post({**sent, "data": {**data, "kind": "reaction"}})["status"],
                             "conflict")
            for bad in ({**sent, "id": secrets[1]}, {**sent, "id": "b", "region": secrets[2]},
                        {**sent, "id": "c", "data": {**data, secrets[3]: 1}}):
                self.assertEqual(daemon.post(bad)["status"], "malformed")
            self.assertEqual(daemon.ask("get", region="twente", kind="contribution",
                                        entity="een")["record"]["fields"], {"kind": "addition"})
            daemon.stop()
            private = [path.read_bytes() for path in (daemon.data / "private").iterdir()]
            self.assertEqual(len(private), 1)
            for secret in secrets:
                self.assertIn(secret.encode(), private[0])
                self.assertNotIn(secret, str(dump(daemon.data)))
                self.assertNotIn(secret.encode(), (daemon.data / "store/data.mdb").read_bytes())
                self.assertNotIn(secret, daemon.log_text())
            self.assertEqual(waternetd("verify", daemon.data).returncode, 0)


if __name__ == "__main__":
    unittest.main()
