#!/usr/bin/python3
"""`waternetd verify` and `dump`: what was changed behind the daemon's back is found and named."""

import hashlib
import json
import pathlib
import re
import shutil
import tempfile
import unittest

import msgpack

from harness import Daemon, event, news, wait_for, waternetd

CORRUPT, REFUSES = 8, 71
NEWS = 180  # more than the newest 64, whose hashes are looked at whenever a store is opened
OLD, NEW = 40, NEWS - 10  # a news item far back and one of the newest
CHANGED, LATER = 50, 70  # one that was corrected after it, and one after that


def leaf_of(event):
    return hashlib.sha256(b"\0" + event).digest()


def named(data):
    """What HEAD names: (seq, root)."""
    seq, root = re.search("seq=([0-9]+) root=([0-9a-f]+)", (data / "HEAD").read_text()).groups()
    return int(seq), root


class Store:
    """A data directory with a log of some length, made once; every test damages a copy."""

    def __init__(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="wn-", dir="/tmp"))
        with Daemon("--log-level", 4, data=self.scratch / "data") as daemon:
            daemon.region()
            for first in range(0, NEWS, 60):
                answer = daemon.post(*(news(f"n{i:03}") for i in range(first, first + 60)))
                assert answer["status"] == "ok", answer
                part = event("contribution.submitted", f"contribution/c{first}", f"id-c{first}",
                             data={"kind": "reaction", "text": "Geheim."})
                assert daemon.post(part)["status"] == "ok"
                if first == 0:
                    better = event("news.corrected", f"news/n{CHANGED:03}", "better",
                                   data={"summary": "Beter."})
                    assert daemon.post(better)["status"] == "ok"
            self.erased = self.submitted("c60", daemon.read())
            erased = event("private.erased", "contribution/c60", "erased",
                           data={"of": self.erased, "reason": "Op verzoek."})
            assert daemon.post(erased)["status"] == "ok"
            self.events = daemon.read()
            self.root = daemon.ask("status")["root"]
            wait_for(lambda: named(daemon.data) == (len(self.events), self.root))

    def item(self, number):
        """The bytes of a news item's event, and its seq."""
        for seq, bytes in enumerate(self.events, 1):
            if msgpack.unpackb(bytes)["id"] == f"id-n{number:03}":
                return bytes, seq
        raise AssertionError(number)

    @staticmethod
    def submitted(name, events):
        return [msgpack.unpackb(bytes)["id"] for bytes in events].index(f"id-{name}") + 1


class Verify(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = Store()
        cls.addClassCleanup(shutil.rmtree, cls.store.scratch)

    def setUp(self):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="wn-", dir="/tmp")) / "data"
        self.addCleanup(shutil.rmtree, self.data.parent)
        shutil.copytree(self.store.scratch / "data", self.data)
        self.file = self.data / "store" / "data.mdb"

    def replace(self, old, new):
        """In every copy that the pages hold, in use or not."""
        self.assertEqual(len(old), len(new))
        before = self.file.read_bytes()
        self.assertIn(old, before)
        self.file.write_bytes(before.replace(old, new))

    def expect(self, code, *sayings, findings=None):
        before = self.file.read_bytes()
        done = waternetd("verify", self.data)
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, code, said)
        for saying in sayings:
            self.assertIn(saying, said)
        if findings is not None:
            self.assertIn(f" findings={findings}\n", said)
            self.assertEqual(len(done.stdout.splitlines()), findings + 1, said)
        self.assertEqual(self.file.read_bytes(), before)  # it only reads
        self.assertNotIn("Sanitizer", said)
        return done

    def expect_refusal(self, *sayings):
        """The daemon does not start on it, and verify says the same."""
        daemon = Daemon(data=self.data)
        self.addCleanup(daemon.__exit__, None)
        daemon.start(ready=False)
        self.assertEqual(daemon.wait(), REFUSES)
        for saying in sayings:
            self.assertIn(saying, daemon.log_text())
        self.expect(CORRUPT, *sayings)

    def test_a_sound_store_verifies_with_and_without_its_daemon(self):
        done = self.expect(0, findings=0)
        self.assertEqual(done.stdout, f"verified: events={len(self.store.events)} "
                                      f"root={self.store.root} findings=0\n")
        with Daemon(data=self.data) as daemon:
            for i in range(3):
                self.assertEqual(daemon.post(news(f"more-{i}"))["status"], "ok")
                status = daemon.ask("status")
                self.expect(0, f"events={status['head']} root={status['root']}", findings=0)

    def test_a_dump_has_every_event_and_the_hash_of_its_bytes(self):
        with Daemon(data=self.data) as daemon:
            beside = waternetd("dump", self.data)
            self.assertEqual(daemon.post(news("more"))["status"], "ok")
            events = daemon.read()
        alone = waternetd("dump", self.data)
        self.assertEqual((beside.returncode, alone.returncode), (0, 0), beside.stderr)
        *texts, end = alone.stdout.splitlines()
        self.assertEqual(texts[:-1], beside.stdout.splitlines()[:-1])
        self.assertEqual(json.loads(end)["head"], len(texts))
        lines = [json.loads(text) for text in texts]
        self.assertEqual(len(lines), len(events))
        for seq, (line, bytes) in enumerate(zip(lines, events), 1):
            event = msgpack.unpackb(bytes)
            self.assertEqual((line["seq"], line["id"], line["hash"]),
                             (seq, event["id"], leaf_of(bytes).hex()))
            self.assertEqual((line["event"]["id"], int(line["event"]["sequence"]),
                              line["event"]["leafhash"], line["event"]["data"]),
                             (event["id"], seq, line["hash"], event["data"]))

    def test_a_flipped_byte_far_back_is_found_in_the_event_it_is_in(self):
        bytes, seq = self.store.item(OLD)
        at = bytes.index(b"Bericht n")
        self.replace(bytes, bytes[:at] + b"C" + bytes[at + 1:])
        self.expect(CORRUPT, f"event {seq}: does not match its hash", "does NOT verify")
        done = waternetd("dump", self.data)
        self.assertEqual(done.returncode, CORRUPT)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line["seq"] for line in lines if "problem" in line], [seq])
        self.assertEqual(len(lines), len(self.store.events))

    def test_an_event_that_no_longer_decodes_does_not_hide_the_others(self):
        for number in (OLD, OLD + 2):
            bytes, seq = self.store.item(number)
            self.replace(bytes, b"\xc1" + bytes[1:])
        self.expect(CORRUPT, f"event {seq - 2}: is no event in canonical form",
                    f"event {seq}: is no event in canonical form",
                    f'ids: "id-n{OLD:03}" does not come from the log',
                    f'entities: "twente/news/n{OLD:03}" does not come from the log',
                    f"event {seq - 1}: its prev is not the event before it",
                    f"verify: events={len(self.store.events)} ")
        self.assertEqual(waternetd("dump", self.data).returncode, CORRUPT)

    def test_what_rests_on_an_event_that_was_lost_does_not_hide_what_comes_later(self):
        for number in (CHANGED, LATER):
            bytes, seq = self.store.item(number)
            self.replace(bytes, b"\xc1" + bytes[1:])
        self.expect(CORRUPT, "cannot be applied", f"event {seq}: is no event in canonical form",
                    f"verify: events={len(self.store.events)} ")

    def test_an_event_replaced_in_every_table_is_found_by_the_root(self):
        old, seq = self.store.item(OLD)
        title, other = b"Bericht n%03d" % OLD, b"Beticht n%03d" % OLD
        new = old.replace(title, other)
        self.replace(leaf_of(old) + old, leaf_of(new) + new)  # its entity has no other event
        done = waternetd("dump", self.data)  # each event has its hash, so no line says so
        self.assertEqual((done.returncode, done.stdout.count("problem")), (CORRUPT, 0))
        self.assertEqual(len(done.stdout.splitlines()), len(self.store.events))  # and no last one
        self.expect(CORRUPT, f"HEAD: the log up to event {len(self.store.events)} has another root",
                    "root: the stored tree is not the one of the log", findings=2)

    def test_a_changed_record_is_named(self):
        old, seq = self.store.item(CHANGED)
        title, other = b"Bericht n%03d" % CHANGED, b"Beticht n%03d" % CHANGED
        self.replace(title, other)
        self.replace(old.replace(title, other), old)  # all but the event
        self.expect(CORRUPT, f'entities: "twente/news/n{CHANGED:03}" is not what the log gives',
                    findings=1)

    def test_a_row_that_names_another_event_than_its_only_one_is_named(self):
        key, seq = b"twente/news/n%03d" % OLD, self.store.item(OLD)[1]
        self.replace(key + seq.to_bytes(8, "big"), key + (seq + 1).to_bytes(8, "big"))
        self.expect(CORRUPT, f'entities: "twente/news/n{OLD:03}" is not what the log gives',
                    findings=1)

    def test_an_id_that_leads_to_another_event_is_named(self):
        key, seq = b"id-n%03d" % OLD, self.store.item(OLD)[1]
        self.replace(key + seq.to_bytes(8, "big"), key + (seq + 1).to_bytes(8, "big"))
        self.expect(CORRUPT, f'ids: "id-n{OLD:03}" is not what the log gives', findings=1)

    def test_a_flipped_byte_in_the_tail_keeps_the_daemon_from_starting(self):
        bytes, seq = self.store.item(NEW)
        self.replace(bytes, bytes[:-1] + b"\x7f")
        self.expect_refusal(f"event {seq} is damaged", "restore the newest backup")
        self.assertEqual(waternetd("dump", self.data).returncode, CORRUPT)

    def test_a_store_older_than_head_keeps_the_daemon_from_starting(self):
        before = self.file.read_bytes()
        with Daemon(data=self.data) as daemon:
            self.assertEqual(daemon.post(news("more"))["status"], "ok")
            wait_for(lambda: named(self.data)[0] == len(self.store.events) + 1)
        newer = self.file.read_bytes()
        self.file.write_bytes(before)
        self.expect_refusal(f"the store ends at event {len(self.store.events)}, older than HEAD at "
                            f"event {len(self.store.events) + 1}", "put the newer store back")
        self.file.write_bytes(newer)
        self.expect(0, findings=0)

    def test_an_edited_head_is_told(self):
        file, seq = self.data / "HEAD", len(self.store.events)
        text = file.read_text()
        file.write_text(text.replace(self.store.root, "0" * 64))
        self.expect_refusal("the store holds another history than HEAD")
        file.write_text(text.replace(f"seq={seq}", f"seq={OLD}"))
        self.expect(CORRUPT, f"HEAD: the log up to event {OLD} has another root", findings=1)
        file.write_text(re.sub("log=[0-9a-f]+", "log=" + "0" * 32, text))
        self.expect_refusal("HEAD names log 00000000000000000000000000000000")
        file.write_text(text[:-1])
        self.expect_refusal("HEAD is damaged")
        file.write_text("")
        self.expect(0, "HEAD is empty", findings=0)

    def test_a_private_part_may_be_erased_but_neither_changed_nor_lost(self):
        first = self.store.submitted("c0", self.store.events)
        file = self.data / "private" / str(first)
        part = file.read_bytes()
        self.assertIn(b"Geheim.", part)
        for wrong in (part.replace(b"Geheim", b"Gehaim"), bytes(32) + part[32:], part[:-1],
                      part[:20], b"", part + b"\0", part + bytes(70000)):
            file.write_bytes(wrong)
            self.expect(CORRUPT, f"event {first}: its private part does not match its hash",
                        findings=1)
        file.unlink()
        self.expect(CORRUPT, f"event {first}: its private part is missing, and was not erased",
                    findings=1)
        file.write_bytes(part)
        self.expect(0, findings=0)
        erased = self.data / "private" / str(self.store.erased)
        self.assertFalse(erased.exists())
        erased.write_bytes(part)
        self.expect(CORRUPT, f"event {self.store.erased}: its private part was erased, and is there",
                    findings=1)
        shutil.rmtree(self.data / "private")  # the store alone
        self.expect(0, findings=0)

    def test_a_directory_without_a_store_is_not_found(self):
        for command in ("verify", "dump"):
            done = waternetd(command, self.data / "private")
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn("private", done.stderr)


if __name__ == "__main__":
    unittest.main()
