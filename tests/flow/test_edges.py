#!/usr/bin/python3
"""Where the machine or its operator is at the edge: what was once wrong there, and stays right."""

import ctypes
import os
import re
import shutil
import stat
import subprocess
import time
import unittest
from unittest import mock

import msgpack

from harness import BUILD, Daemon, curve, event, news, wait_for, waternetd

RDONLY, NOTLS = 0x20000, 0x200000


class Readers:
    """Takes every slot for readers of a store, as a process that went wrong would."""

    def __init__(self, path):
        self.lmdb = ctypes.CDLL("liblmdb.so.0")
        self.env = ctypes.c_void_p()
        assert self.lmdb.mdb_env_create(ctypes.byref(self.env)) == 0
        assert self.lmdb.mdb_env_open(self.env, str(path).encode(), RDONLY | NOTLS, 0) == 0
        self.held = []
        for _ in range(5):  # a slot that the daemon held just then is taken when it is free again
            self.take()
            time.sleep(0.1)
        assert len(self.held) > 100

    def take(self):
        while True:
            txn = ctypes.c_void_p()
            if self.lmdb.mdb_txn_begin(self.env, None, RDONLY, ctypes.byref(txn)) != 0:
                return
            self.held.append(txn)

    def release(self):
        for txn in self.held:
            self.lmdb.mdb_txn_abort(txn)
        self.lmdb.mdb_env_close(self.env)


class Edges(unittest.TestCase):
    def test_a_follower_misses_nothing_while_the_log_cannot_be_read(self):
        with Daemon() as daemon:
            daemon.region()
            watch = daemon.cli_start("watch", "twente", "--json", "--count", "7")
            wait_for(lambda: "live" in watch.stderr.readline())
            self.assertEqual(daemon.post(news("a0"))["status"], "ok")
            readers = Readers(daemon.data / "store")
            try:
                for number in range(1, 6):
                    self.assertEqual(daemon.post(news(f"a{number}"))["status"], "ok")
                wait_for(lambda: "publication status=failed" in daemon.log_text())
                time.sleep(2.2)  # heartbeats fall due, and must not say that nothing is missing
            finally:
                readers.release()
            self.assertEqual(daemon.post(news("a6"))["status"], "ok")
            out, _ = watch.communicate(timeout=30)
            found = [line.split('"subject":')[1].split('"')[1].split("/")[-1]
                     for line in out.splitlines()]
            self.assertEqual(found, [f"a{number}" for number in range(7)])

    def test_below_the_watermark_a_stored_id_still_gets_its_receipt(self):
        with Daemon() as daemon:
            daemon.region()
            first = daemon.post(news("a"))["receipts"][0]
            daemon.stop()
            free = os.statvfs(daemon.data)
            daemon.options = ["--free-bytes-low", str(free.f_bavail * free.f_frsize * 2)]
            daemon.start()
            self.assertEqual(daemon.post(news("b"))["status"], "storage-low")
            self.assertEqual(daemon.post(news("a"))["receipts"][0], {**first, "duplicate": True})
            self.assertEqual(daemon.post(news("b"), dry=True)["status"], "ok")
            self.assertEqual(daemon.post(news("a", title="Anders"))["status"], "conflict")

    def test_below_the_watermark_a_key_can_be_revoked_and_nothing_else(self):
        with Daemon() as daemon:
            daemon.region()
            key = {"curve": curve(1), "organisation": "almelo", "label": "zoek"}
            self.assertEqual(daemon.post(event("key.added", "key/zoek", "k", data=key))["status"],
                             "ok")
            daemon.stop()
            free = os.statvfs(daemon.data)
            daemon.options = ["--free-bytes-low", str(free.f_bavail * free.f_frsize * 2)]
            daemon.start()
            revoked = event("key.revoked", "key/zoek", "weg")
            retired = event("key.retired", "key/zoek", "oud")
            other = {**key, "curve": curve(2)}
            self.assertEqual(daemon.post(event("key.added", "key/nieuw", "n", data=other))["status"],
                             "storage-low")
            self.assertEqual(daemon.post(retired)["status"], "ok")
            several = daemon.post(revoked, news("b"))
            self.assertEqual((several["status"], several["index"]), ("storage-low", 1))
            self.assertEqual(daemon.post(revoked)["status"], "ok")
            self.assertEqual(daemon.post(event("key.retired", "key/zoek", "oud-2"))["status"],
                             "refused")

    def test_the_runtime_directory_alone_decides_who_connects(self):
        with Daemon() as daemon:
            for name in ("command", "query", "feed"):
                mode = (daemon.runtime / name).stat().st_mode
                self.assertTrue(stat.S_ISSOCK(mode) and mode & 0o666 == 0o666, oct(mode))

    def test_what_is_no_socket_is_not_taken_over(self):
        daemon = Daemon()
        daemon.runtime.mkdir()
        (daemon.runtime / "query").write_text("mine")
        daemon.start(ready=False)
        self.assertEqual(daemon.wait(), 72)
        self.assertEqual((daemon.runtime / "query").read_text(), "mine")
        shutil.rmtree(daemon.scratch)

    def test_a_store_that_is_served_has_no_second_writer_by_any_way(self):
        with Daemon() as daemon:
            daemon.region()
            (daemon.data / "lock").unlink()
            other = subprocess.run([BUILD / "waternetd", "--data", daemon.data, "--runtime",
                                    daemon.scratch / "other"], capture_output=True, timeout=30)
            self.assertEqual(other.returncode, 72, other.stderr)
            self.assertEqual(daemon.post(news("a"))["status"], "ok")

    def test_an_import_says_what_it_could_not_read(self):
        with Daemon() as daemon:
            daemon.region()
            line = (b'{"specversion":"1.0","type":"nl.waterketens.news.published.v1","id":"%s",'
                    b'"subject":"twente/news/%s","on":"2026","data":{"title":"x","summary":"x"}}')
            path = daemon.scratch / "lines"
            path.write_bytes(line % (b"i1", b"n1") + b"\0" + line % (b"i2", b"n2"))
            done = daemon.cli("import", path)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(":1:", done.stderr)

    def test_streams_that_are_closed_lend_their_numbers_to_nothing(self):
        with Daemon() as daemon:
            pass
        daemon = Daemon()
        process = subprocess.Popen(
            f"exec {BUILD}/waternetd --data {daemon.data} --runtime {daemon.runtime} <&- >&- 2>&-",
            shell=True)
        wait_for(lambda: (daemon.runtime / "query").exists())
        self.assertEqual(daemon.ask("hello", protocol=1)["status"], "ok")
        process.terminate()
        self.assertEqual(process.wait(20), 0)
        self.assertEqual((daemon.data / "lock").read_bytes(), b"")
        for each in daemon.sockets:
            each.close()
        shutil.rmtree(daemon.scratch)

    def test_damaged_pages_are_a_finding_and_no_crash(self):
        with Daemon() as daemon:
            daemon.load()
            daemon.stop()
            data = daemon.data / "store" / "data.mdb"
            whole = data.read_bytes()
            for page in range(2, 40, 3):
                data.write_bytes(whole[:page * 4096] + os.urandom(4096) +
                                 whole[(page + 1) * 4096:])
                with mock.patch.dict(os.environ, ASAN_OPTIONS="handle_segv=0:abort_on_error=1"):
                    done = waternetd("verify", daemon.data)
                self.assertIn(done.returncode, (0, 8), done.stderr[-2000:])
            data.write_bytes(whole)
            self.assertEqual(waternetd("verify", daemon.data).returncode, 0)

    def test_a_question_that_the_store_fails_is_told_to_the_operator(self):
        with Daemon() as daemon:
            daemon.region()
            old = daemon.post(news("old"))["receipts"][0]["seq"]
            for first in range(0, 300, 60):  # the newest are read at start
                daemon.post(*(news(f"n{i}") for i in range(first, first + 60)))
            bytes = daemon.read()[old - 1]
            daemon.stop()
            data = daemon.data / "store" / "data.mdb"
            data.write_bytes(data.read_bytes().replace(bytes, b"\xc1" + bytes[1:]))
            daemon.start()
            self.assertEqual(daemon.ask("status")["unread"], 0)
            for _ in range(3):
                answer = daemon.ask("get", region="twente", kind="news", entity="old")
                self.assertEqual(answer["status"], "corrupt")
            self.assertEqual(daemon.ask("status")["unread"], 3)
            wait_for(lambda: sum(map(int, re.findall(
                r"questions-failed count=(\d+) status=corrupt", daemon.log_text()))) == 3)

    def test_a_member_that_left_takes_part_in_nothing(self):
        with Daemon() as daemon:
            daemon.region(members=("almelo", "borne"))
            post = daemon.post
            self.assertEqual(post(event("werkplaats.opened", "werkplaats/w", "w", data={
                "name": "W", "kind": "project", "theme": "T", "common_interest": "B"}))["status"],
                "ok")
            self.assertEqual(post(event("participation.declared", "werkplaats/w", "p",
                                        reference="brief 1", data={"member": "almelo"}))["status"],
                             "ok")
            self.assertEqual(post(event("member.left", "member/almelo", "l"))["status"], "ok")
            [workplace] = daemon.ask("next", region="twente")["werkplaatsen"]
            missing = next(step["missing"] for step in workplace["steps"]
                           if step["to"] == "preparation")
            self.assertIn("participant almelo has left the cooperation",
                          [fault["found"] for fault in missing if fault["guard"] == 5])
            self.assertEqual(post(event("participation.ended", "werkplaats/w", "e",
                                        reference="brief 2", data={"member": "almelo"}))["status"],
                             "ok")


if __name__ == "__main__":
    unittest.main()
