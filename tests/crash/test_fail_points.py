#!/usr/bin/python3
"""The machine fails at a named place: the process ends or goes on as promised, and nothing lies."""

import signal
import unittest

import msgpack

from harness import Daemon, event, news, wait_for, waternetd

EIO, ENOSPC, MDB_MAP_FULL = 5, 28, -30792
FAILED = 70


def contribution(name, text="Geheim."):
    return event("contribution.submitted", f"contribution/{name}", f"id-{name}",
                 data={"kind": "reaction", "text": text})


def private_files(daemon):
    return sorted(int(file.name) for file in (daemon.data / "private").iterdir())


class FailPoints(unittest.TestCase):
    def restart(self, daemon, failure=None):
        """The same directory, with a machine that fails (or no longer)."""
        if daemon.process is not None:
            self.assertEqual(daemon.stop(), 0)
        daemon.environment = {"WATERNET_FAIL": failure} if failure else {}
        daemon.start()

    def failing(self, failure, *options):
        """A daemon with a region that meets the failure from here on."""
        daemon = Daemon(*options)
        self.addCleanup(daemon.__exit__, None)  # also looks for what the sanitizers say
        daemon.start()
        daemon.region()
        if failure and failure.startswith("store_head"):
            self.expect_head(daemon, 3)  # otherwise it fails for what was before
        self.restart(daemon, failure)
        return daemon

    def expect_head(self, daemon, seq):
        wait_for(lambda: f"seq={seq} " in (daemon.data / "HEAD").read_text())

    def expect_unanswered(self, daemon, *posts, code=FAILED, connected=True):
        """Posts, each on a connection of its own; the daemon ends and nobody hears anything."""
        sockets = [daemon.socket("command") for _ in posts]
        for socket in sockets if connected else ():  # so that every post is in a turn of it
            self.assertEqual(socket.ask("nothing")["status"], "malformed")
        for socket, events in zip(sockets, posts):
            socket.send("post", events=events)
        self.assertEqual(daemon.wait(), code)
        for socket in sockets:
            self.assertIsNone(socket.receive(0.3))
            socket.close()  # what the daemon had not taken would go to the next one

    def expect_sound(self, daemon):
        """No orphans, nothing that was erased, and every table is what the log gives."""
        log = [msgpack.unpackb(event) for event in daemon.read()]
        erased = {event["data"]["of"] for event in log if event["type"] == "private.erased"}
        self.assertEqual(private_files(daemon), [event["seq"] for event in log if
                                                 "privatehash" in event and
                                                 event["seq"] not in erased])
        done = waternetd("verify", daemon.data)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def expect_new(self, answer, *seqs):
        self.assertEqual(answer["status"], "ok", answer)
        self.assertEqual([(receipt["seq"], receipt["duplicate"]) for receipt in answer["receipts"]],
                         [(seq, False) for seq in seqs])

    def test_a_failing_commit_ends_the_process_and_answers_nobody(self):
        daemon = self.failing(f"store_commit:{EIO}")
        refused = [news("nowhere", werkplaats="nope")]  # may rest on what was lost
        self.expect_unanswered(daemon, [news("a"), contribution("b")], refused, [news("c")])
        self.assertIn("failed status=failed", daemon.log_text())
        self.restart(daemon)
        self.assertEqual(daemon.head(), 3)
        self.expect_new(daemon.post(news("a"), contribution("b")), 4, 5)
        self.expect_sound(daemon)

    def test_a_later_commit_that_fails_loses_nothing_acknowledged(self):
        daemon = self.failing(f"store_commit:{EIO}:3")
        self.expect_new(daemon.post(news("a")), 4)
        self.expect_new(daemon.post(contribution("b")), 5)
        self.expect_unanswered(daemon, [news("c")])
        self.restart(daemon)
        again = daemon.post(contribution("b"))["receipts"][0]
        self.assertEqual((again["seq"], again["duplicate"]), (5, True))
        self.expect_new(daemon.post(news("c")), 6)
        self.expect_sound(daemon)

    def test_a_full_disk_at_the_commit_stores_nothing_and_goes_on(self):
        for number in (ENOSPC, MDB_MAP_FULL):
            daemon = self.failing(f"store_commit:{number}:2")
            self.expect_new(daemon.post(news("a")), 4)
            for _ in range(3):
                answer = daemon.post(contribution("b"), news("c"))
                self.assertEqual(answer["status"], "storage-full")
                self.assertEqual(private_files(daemon), [])
            self.assertEqual(daemon.head(), 4)  # questions go on
            self.assertEqual(daemon.ask("find", id="id-b")["status"], "not-found")
            self.restart(daemon)
            self.expect_new(daemon.post(contribution("b"), news("c")), 5, 6)
            self.expect_sound(daemon)

    def test_a_map_that_is_really_full_keeps_what_was_acknowledged(self):
        daemon = self.failing(None, "--map-bytes", 1048576, "--free-bytes-low", 0)
        text, head, status = "x" * 7000, 3, "ok"
        for i in range(500):
            answer = daemon.post(contribution(f"p{i}", text), news(f"n{i}", body=text))
            status = answer["status"]
            if status != "ok":
                break
            self.expect_new(answer, head + 1, head + 2)
            head += 2
        self.assertEqual(status, "storage-full")
        self.assertEqual(daemon.head(), head)
        self.expect_sound(daemon)
        daemon.options = ["--free-bytes-low", "0"]
        self.restart(daemon)
        self.expect_new(daemon.post(contribution(f"p{i}", text), news(f"n{i}", body=text)),
                        head + 1, head + 2)
        self.expect_sound(daemon)

    def test_a_kill_before_the_commit_has_stored_nothing(self):
        daemon = self.failing("before_commit:kill")
        self.expect_unanswered(daemon, [contribution("a"), news("b")], code=-signal.SIGKILL)
        self.assertEqual(private_files(daemon), [4])
        self.restart(daemon)
        self.assertEqual((daemon.head(), private_files(daemon)), (3, []))
        self.expect_new(daemon.post(contribution("a"), news("b")), 4, 5)
        self.expect_sound(daemon)

    def test_a_kill_after_the_commit_has_stored_all_of_it_once(self):
        daemon = self.failing("after_commit:kill")
        self.expect_unanswered(daemon, [contribution("a"), news("b")], code=-signal.SIGKILL)
        self.restart(daemon)
        self.assertEqual(daemon.head(), 5)
        for _ in range(2):
            answer = daemon.post(contribution("a"), news("b"))
            self.assertEqual([(r["seq"], r["duplicate"]) for r in answer["receipts"]],
                             [(4, True), (5, True)])
        self.assertEqual(daemon.head(), 5)
        self.expect_sound(daemon)

    def test_a_private_part_that_cannot_be_written_ends_the_process(self):
        daemon = self.failing(f"private_write:{EIO}:2")
        self.expect_unanswered(daemon, [contribution("a"), contribution("b")])
        self.restart(daemon)
        self.assertEqual((daemon.head(), private_files(daemon)), (3, []))
        self.expect_new(daemon.post(news("c")), 4)  # no part may stand under its number
        self.expect_sound(daemon)

    def test_a_full_disk_at_a_private_part_stores_nothing_and_goes_on(self):
        daemon = self.failing(f"private_write:{ENOSPC}:2")
        self.assertEqual(daemon.post(contribution("a"), contribution("b"))["status"],
                         "storage-full")
        self.assertEqual(private_files(daemon), [])
        self.expect_new(daemon.post(news("c")), 4)
        self.expect_sound(daemon)

    def erasing(self, failure):
        """Three private parts, a daemon that meets the failure, and a post that erases two."""
        daemon = self.failing(None)
        self.expect_new(daemon.post(contribution("a"), contribution("b"), contribution("c")),
                        4, 5, 6)
        self.restart(daemon, failure)
        return daemon, [event("private.erased", f"contribution/{name}", f"weg-{name}",
                              data={"of": of, "reason": "Op verzoek."})
                        for name, of in (("a", 4), ("b", 5))]

    def test_what_a_kill_keeps_from_being_erased_is_erased_at_the_next_start(self):
        for failure in ("after_commit:kill", "private_erase:kill", "private_erase:kill:2"):
            with self.subTest(failure):
                daemon, erase = self.erasing(failure)
                self.expect_unanswered(daemon, [*erase, news("d")], code=-signal.SIGKILL)
                self.assertEqual(private_files(daemon), [5, 6] if failure.endswith("2") else
                                 [4, 5, 6])
                self.restart(daemon)
                self.assertEqual((daemon.head(), private_files(daemon)), (9, [6]))
                self.assertTrue(daemon.post(*erase, news("d"))["receipts"][0]["duplicate"])
                self.expect_sound(daemon)

    def test_a_kill_before_the_commit_has_erased_nothing(self):
        daemon, erase = self.erasing("before_commit:kill")
        self.expect_unanswered(daemon, erase, code=-signal.SIGKILL)
        self.restart(daemon)
        self.assertEqual((daemon.head(), private_files(daemon)), (6, [4, 5, 6]))
        self.expect_new(daemon.post(*erase), 7, 8)
        self.expect_sound(daemon)

    def test_a_full_disk_at_the_commit_has_erased_nothing_and_goes_on(self):
        daemon, erase = self.erasing(f"store_commit:{ENOSPC}")
        self.assertEqual(daemon.post(*erase)["status"], "storage-full")
        self.assertEqual(private_files(daemon), [4, 5, 6])
        self.restart(daemon)
        self.assertEqual((daemon.head(), private_files(daemon)), (6, [4, 5, 6]))
        self.expect_new(daemon.post(*erase), 7, 8)
        self.expect_sound(daemon)

    def test_a_private_part_that_cannot_be_erased_is_told_until_it_can_be(self):
        daemon, erase = self.erasing(f"private_erase:{EIO}:2")
        self.expect_unanswered(daemon, erase)
        daemon.environment = {"WATERNET_FAIL": f"private_erase:{EIO}"}
        daemon.start()  # everything else goes on
        self.assertIn("could not be erased", daemon.log_text())
        self.assertEqual(daemon.head(), 8)
        self.restart(daemon)
        self.assertEqual((daemon.head(), private_files(daemon)), (8, [6]))
        self.expect_sound(daemon)

    def test_a_head_file_that_cannot_be_written_ends_the_process(self):
        daemon = self.failing(f"store_head:{EIO}")
        self.expect_new(daemon.post(news("a")), 4)  # acknowledged before HEAD is due
        self.assertEqual(daemon.wait(), FAILED)
        self.restart(daemon)
        self.assertEqual(daemon.head(), 4)
        self.expect_head(daemon, 4)
        self.expect_sound(daemon)

    def test_a_full_disk_leaves_the_old_head_file_and_goes_on(self):
        daemon = self.failing(f"store_head:{ENOSPC}")
        before = (daemon.data / "HEAD").read_text()
        self.expect_new(daemon.post(news("a")), 4)
        failed = daemon.ask("status")["uptime_ms"]
        wait_for(lambda: daemon.ask("status")["uptime_ms"] > failed + 1500)
        self.assertEqual((daemon.data / "HEAD").read_text(), before)
        self.expect_new(daemon.post(news("b")), 5)
        self.restart(daemon)
        self.expect_head(daemon, 5)
        self.expect_sound(daemon)

    def test_a_disk_without_room_to_grow_is_told_until_there_is(self):
        daemon = Daemon(environment={"WATERNET_FAIL": f"store_grow:{ENOSPC}"})
        self.addCleanup(daemon.__exit__, None)
        daemon.start()
        region = event("region.registered", "region/twente", "twente-region", data={"name": "T"})
        for _ in range(2):
            self.assertEqual(daemon.post(region)["status"], "storage-full")
        self.assertEqual(daemon.head(), 0)
        self.restart(daemon)
        self.expect_new(daemon.post(region), 1)
        self.expect_sound(daemon)

    def test_growth_that_fails_otherwise_ends_the_process(self):
        daemon = Daemon(environment={"WATERNET_FAIL": f"store_grow:{EIO}"})
        self.addCleanup(daemon.__exit__, None)
        daemon.start()
        region = event("region.registered", "region/twente", "twente-region", data={"name": "T"})
        self.expect_unanswered(daemon, [region], connected=False)  # any turn ends it
        self.restart(daemon)
        self.expect_new(daemon.post(region), 1)

    def test_below_the_watermark_posts_are_refused_and_questions_answered(self):
        daemon = self.failing(None)
        daemon.options = ["--free-bytes-low", str(2 ** 62)]
        self.restart(daemon)
        self.assertEqual(daemon.post(news("a"))["status"], "storage-low")
        self.assertEqual(daemon.head(), 3)
        daemon.options = []
        self.restart(daemon)
        self.expect_new(daemon.post(news("a")), 4)


if __name__ == "__main__":
    unittest.main()
