#!/usr/bin/python3
"""An event has one form: what is stored, read, published, dumped and printed are the same bytes."""

import hashlib
import json
import time
import unittest

import msgpack
import zmq

from harness import Daemon, dump, news, one_of_each, waternetd

MANY = 10000
PRIVATE = {"contribution.submitted": {"text", "sender"},
           "subscription.created": {"address", "secret"},
           "subscription.changed": {"address", "secret"}}


class Bytes(unittest.TestCase):
    def test_every_type_has_the_same_bytes_wherever_it_is_asked_for(self):
        with Daemon() as daemon:
            feed = daemon.context.socket(zmq.SUB)
            feed.connect(f"ipc://{daemon.runtime}/feed")
            feed.subscribe("/")
            feed.subscribe("!/\n")
            self.assertEqual(feed.poll(5000), zmq.POLLIN)  # from here on nothing is missed
            events = one_of_each()
            for each in events:
                self.assertEqual(daemon.post(each)["status"], "ok", each)
            self.assertEqual({each["type"] for each in events}, set(daemon.types()))
            published = []
            while len(published) < len(events) and feed.poll(5000):
                topic, body = feed.recv().split(b"\n", 1)
                if not topic.startswith(b"!"):
                    published.append((topic.decode(), body))
            stored = daemon.read()
            self.assertEqual([body for _, body in published], stored)
            self.assertEqual([topic for topic, _ in published],
                             [f"/twente/{each['subject']}/{each['type']}" for each in events])
            self.assertEqual([daemon.ask("find", id=each["id"])["event"] for each in events],
                             stored)
            logged = [json.loads(line) for line in daemon.cli("log", "--json").stdout.splitlines()]
            watched = daemon.cli("watch", "--json", "--from", "begin", "--until-caught-up")
            self.assertEqual([json.loads(line) for line in watched.stdout.splitlines()], logged)
            rows = dump(daemon.data)
            self.assertEqual([row["event"] for row in rows], logged)
            self.check_rows(events, stored, rows)
            feed.close()
            daemon.stop()
            self.assertEqual(dump(daemon.data), rows)
            self.assertEqual(waternetd("verify", daemon.data).returncode, 0)

    def check_rows(self, events, stored, rows):
        for seq, (sent, body, row) in enumerate(zip(events, stored, rows, strict=True), 1):
            with self.subTest(type=sent["type"], seq=seq):
                leaf = hashlib.sha256(b"\0" + body).hexdigest()
                self.assertEqual((row["seq"], row["id"], row["hash"]), (seq, sent["id"], leaf))
                shown, read = row["event"], msgpack.unpackb(body)
                self.assertEqual(shown["leafhash"], leaf)
                self.assertEqual(msgpack.packb(read), body)  # every header the shortest
                self.assertEqual((read["seq"], int(shown["sequence"])), (seq, seq))
                self.assertEqual(shown["type"], f"nl.waterketens.{sent['type']}.v1")
                self.assertEqual(shown["subject"], f"twente/{sent['subject']}")
                self.assertEqual((shown["id"], shown["on"]), (sent["id"], sent["on"]))
                self.assertEqual(shown["data"], read["data"])
                self.assertEqual(shown["prev"], ",".join(map(str, read["prev"])))
                private = PRIVATE.get(sent["type"], set()) & set(sent["data"])
                self.assertEqual("privatehash" in shown, bool(private))
                for field, value in sent["data"].items():
                    if field in private:
                        self.assertNotIn(field, read["data"])
                    else:
                        self.assertEqual(read["data"][field], value)


class Again(unittest.TestCase):
    def test_ten_thousand_ids_have_the_same_receipts_after_a_restart(self):
        with Daemon() as daemon:
            daemon.region()

            def post_all():
                client = daemon.socket("command")
                for number in range(0, MANY, 50):
                    client.send("post", events=[news(f"n{one}") for one in
                                                range(number, number + 50)])
                answers = [client.receive(60) for _ in range(MANY // 50)]
                return [receipt for answer in answers for receipt in answer["receipts"]]

            first = post_all()
            before = daemon.ask("status")
            self.assertEqual([receipt["seq"] for receipt in first], list(range(4, MANY + 4)))
            self.assertFalse(any(receipt["duplicate"] for receipt in first))
            daemon.kill()
            time.sleep(0.01)  # another time, if one were taken again
            daemon.start()
            again = post_all()
            self.assertEqual(len(again), len(first))
            for was, found in zip(first, again):  # one by one: a difference of lists takes minutes
                self.assertEqual(found, {**was, "duplicate": True})
            after = daemon.ask("status")
            self.assertEqual((after["head"], after["root"]), (before["head"], before["root"]))
            single = daemon.post(news("n77"))["receipts"]  # alone, too
            self.assertEqual(single, [again[77]])


if __name__ == "__main__":
    unittest.main()
