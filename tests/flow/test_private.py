#!/usr/bin/python3
"""Private parts can be erased: no byte of them is left, and the log still verifies."""

import signal
import unittest
import unittest.mock

import msgpack

from harness import Daemon, dump, event, news, wait_for, waternetd

EIO = 5
SECRETS = ("Annemarie Zandbergen", "annemarie@example.org", "Bij ons in de straat staat het blank")


def contribution(name="een", id="id-een"):
    return event("contribution.submitted", f"contribution/{name}", id, data={
        "kind": "reaction", "text": SECRETS[2],
        "sender": {"name": SECRETS[0], "email": SECRETS[1]}})


def erased(of, name="een", id="id-weg", **more):
    return event("private.erased", f"contribution/{name}", id,
                 data={"of": of, "reason": "Op verzoek van de afzender."}, **more)


class Private(unittest.TestCase):
    def start(self, **environment):
        daemon = Daemon(environment=environment)
        self.addCleanup(daemon.__exit__, None)
        daemon.start().region()
        self.assertEqual(daemon.post(contribution())["receipts"][0]["seq"], 4)
        return daemon

    def found_in(self, daemon):
        """The files of the data directory that hold something of what is private."""
        return sorted({path.relative_to(daemon.data).as_posix()
                       for path in daemon.data.rglob("*") if path.is_file()
                       for secret in SECRETS if secret.encode() in path.read_bytes()})

    def leaves(self, daemon):
        return [line["hash"] for line in dump(daemon.data)]

    def expect_gone(self, daemon, leaves):
        self.assertEqual(self.found_in(daemon), [])
        self.assertEqual(list((daemon.data / "private").iterdir()), [])
        self.assertEqual(self.leaves(daemon)[:len(leaves)], leaves)
        done = waternetd("verify", daemon.data)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_no_byte_is_left_the_leaves_stay_and_a_repeat_is_a_duplicate(self):
        daemon = self.start()
        self.assertEqual(self.found_in(daemon), ["private/4"])
        part = daemon.ask("private", seq=4)
        self.assertEqual(part["private"]["sender"]["name"], SECRETS[0])
        leaves, root = self.leaves(daemon), daemon.ask("status")["root"]
        self.assertEqual(daemon.post(erased(4))["status"], "ok")
        # Gone when the answer is there, and not a moment later.
        self.expect_gone(daemon, leaves)
        self.assertEqual(daemon.ask("private", seq=4), {
            "number": unittest.mock.ANY, "status": "ok", "seq": 4, "erased": True,
            "path": "twente/contribution/een"})
        self.assertNotIn("private", daemon.ask("inbox", region="twente")["contributions"][0])
        again = daemon.post(contribution())["receipts"][0]
        self.assertEqual((again["seq"], again["duplicate"]), (4, True))
        self.assertNotEqual(daemon.ask("status")["root"], root)  # one event more
        for of, name in ((4, "een"), (3, "een"), (99, "een")):
            answer = daemon.post(erased(of, name, f"id-{of}"))
            self.assertEqual((answer["status"], answer["faults"][0]["field"]),
                             ("refused", "data.of"))

    def test_the_root_up_to_there_is_what_it_was(self):
        daemon = self.start()
        wait_for(lambda: "seq=4 " in (daemon.data / "HEAD").read_text())
        before = (daemon.data / "HEAD").read_text()
        daemon.post(erased(4))
        wait_for(lambda: "seq=5 " in (daemon.data / "HEAD").read_text())
        daemon.stop()
        # A witness of the log before it: verify compares the root at the number that HEAD names.
        (daemon.data / "HEAD").write_text(before)
        done = waternetd("verify", daemon.data)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        daemon.start()

    def test_a_dry_run_and_a_post_that_falls_erase_nothing(self):
        daemon = self.start()
        self.assertEqual(daemon.post(erased(4), dry=True)["status"], "ok")
        answer = daemon.post(erased(4), news("x", werkplaats="nergens"))
        self.assertEqual((answer["status"], answer["index"]), ("refused", 1))
        self.assertEqual(self.found_in(daemon), ["private/4"])
        self.assertFalse(daemon.ask("private", seq=4)["erased"])

    def test_what_is_submitted_and_erased_in_one_post_is_gone(self):
        daemon = self.start()
        answer = daemon.post(contribution("twee", "id-twee"), erased(5, "twee"))
        self.assertEqual(answer["status"], "ok", answer)
        self.assertEqual([path.name for path in (daemon.data / "private").iterdir()], ["4"])

    def test_a_crash_between_the_commit_and_the_erasing_leaves_nothing_behind(self):
        for failure, code in (("private_erase:kill", -signal.SIGKILL), (f"private_erase:{EIO}", 70)):
            daemon = self.start()
            leaves = self.leaves(daemon)
            daemon.stop()
            daemon.environment = {"WATERNET_FAIL": failure}
            daemon.start()
            socket = daemon.socket("command")
            socket.send("post", events=[erased(4)])
            self.assertEqual(daemon.wait(), code)
            self.assertIsNone(socket.receive(0.3))
            socket.close()
            self.assertEqual(self.found_in(daemon), ["private/4"])
            daemon.environment = {}
            daemon.start()
            self.expect_gone(daemon, leaves)
            self.assertTrue(daemon.post(erased(4))["receipts"][0]["duplicate"])

    def test_verify_finds_a_part_that_is_missing_and_one_that_came_back(self):
        daemon = self.start()
        daemon.stop()
        part = daemon.data / "private" / "4"
        kept = part.read_bytes()
        part.unlink()
        done = waternetd("verify", daemon.data)
        self.assertEqual(done.returncode, 8)
        self.assertIn("event 4: its private part is missing, and was not erased", done.stdout)
        part.write_bytes(kept)
        daemon.start()
        daemon.post(erased(4))
        daemon.stop()
        part.write_bytes(kept)
        done = waternetd("verify", daemon.data)
        self.assertEqual(done.returncode, 8)
        self.assertIn("event 4: its private part was erased, and is there", done.stdout)
        part.unlink()
        daemon.start()

    def test_the_log_is_read_alike_by_everyone_before_and_after(self):
        daemon = self.start()
        events = daemon.read()
        daemon.post(erased(4))
        self.assertEqual(daemon.read()[:len(events)], events)
        self.assertEqual(len(msgpack.unpackb(daemon.read()[3])["privatehash"]), 32)


if __name__ == "__main__":
    unittest.main()
