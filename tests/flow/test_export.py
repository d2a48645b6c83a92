#!/usr/bin/python3
"""`waternet export` and `waternet verify`: the whole log over the sockets, whole or with a word why not."""

import json
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import client as wn
import exports
from harness import BUILD, Daemon, event, news, wait_for, waternetd
from remote import Listening

CORRUPT, USAGE, NO_ANSWER = 8, 2, 9


class Export(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="wn-", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.place)

    def expect_export(self, text, daemon):
        """That it is the whole log, as another program would write it."""
        bodies, status = daemon.read(), daemon.ask("status")
        lines = [json.loads(line) for line in text.splitlines()]
        head = lines[-1]["head"]
        again = exports.export(bodies[:head], log=status["log"])
        self.assertEqual(lines, [json.loads(line) for line in again.splitlines()])
        return head

    def test_to_stdout_and_to_a_file_it_is_the_same_as_a_dump(self):
        with Daemon() as daemon:
            empty = daemon.cli("export")
            self.assertEqual((empty.returncode, len(empty.stdout.splitlines())), (0, 1))
            daemon.load()
            done = daemon.cli("export")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.expect_export(done.stdout, daemon)
            self.assertEqual(daemon.cli("export", "-").stdout, done.stdout)
            file = self.place / "log.jsonl"
            file.write_text("old")
            self.assertEqual(daemon.cli("export", file).returncode, 0)
            self.assertEqual(file.read_text(), done.stdout)
            self.assertEqual(os.listdir(self.place), ["log.jsonl"])
            self.assertEqual(waternetd("dump", daemon.data).stdout, done.stdout)

    def test_a_source_is_the_one_that_the_region_had_then(self):
        with Daemon() as daemon:
            daemon.region()
            for number in range(3):
                daemon.post(news(f"n{number}"))
                daemon.post(event("region.updated", "region/twente", f"u{number}",
                                  data={"source_id": f"0000000182328844400{number}"}))
            daemon.post(news("last"))
            before = daemon.cli("export").stdout
            sources = [json.loads(line)["event"]["source"].split(":")[3]
                       for line in before.splitlines()[:-1]]
            self.assertEqual([source[-1] for source in sources[-7:]], list("0001122"))
            self.expect_export(before, daemon)
            daemon.post(event("region.updated", "region/twente", "later",
                              data={"source_id": "00000001823288444009"}))
            after = daemon.cli("export").stdout
            self.assertEqual(after.splitlines()[:len(sources)], before.splitlines()[:-1])
            self.assertEqual(waternetd("dump", daemon.data).stdout, after)
            file = self.place / "log.jsonl"
            file.write_text(after)
            self.assertEqual(waternetd("restore", file, self.place / "to").returncode, 0)

    def test_over_tcp_by_a_key_that_reads(self):
        with Listening() as daemon:
            daemon.region()
            key = daemon.add_key("lezer", "almelo", {"role": "member", "region": "twente",
                                                       "member": "almelo"})
            file = self.place / "key"
            file.write_text(f'curve\n    public-key = "{key[0]}"\n    secret-key = "{key[1]}"\n')
            file.chmod(0o600)

            def remote(*words):
                return subprocess.run(
                    [BUILD / "waternet", "--key-file", file, "--server",
                     f"127.0.0.1:{daemon.port}", "--server-key", daemon.server_key, *words],
                    capture_output=True, text=True, timeout=60)

            done = remote("export")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(done.stdout, daemon.cli("export").stdout)
            self.assertIn("findings=0", remote("verify").stdout)

    def test_a_private_part_is_not_in_it(self):
        with Daemon() as daemon:
            daemon.region()
            secret = {"kind": "reaction", "text": "Zeer geheim.", "sender": {"name": "Piet Puk"}}
            answer = daemon.post(event("contribution.submitted", "contribution/c", "c", data=secret))
            self.assertEqual(answer["status"], "ok")
            text = daemon.cli("export").stdout
            self.assertIn("privatehash", text)
            self.assertNotIn("geheim", text)
            self.assertNotIn("Puk", text)

    def test_while_posts_go_on_it_ends_at_the_head_it_began_with(self):
        with Daemon() as daemon:
            daemon.region()
            posted, stop = [3], threading.Event()

            def post():
                socket = daemon.socket("command")
                while not stop.is_set():
                    answer = socket.ask("post", events=[news(f"p{posted[0]}")])
                    assert answer["status"] == "ok", answer
                    posted[0] += 1

            thread = threading.Thread(target=post)
            thread.start()
            heads = []
            try:
                for number in range(8):
                    least, file = posted[0], self.place / f"{number}.jsonl"
                    self.assertEqual(daemon.cli("export", file).returncode, 0)
                    self.assertIn("findings=0", daemon.cli("verify").stdout)
                    heads.append((least, file))
            finally:
                stop.set()
                thread.join()
            for least, file in heads:
                self.assertGreaterEqual(self.expect_export(file.read_text(), daemon), least)
            to = self.place / "to"
            self.assertEqual(waternetd("restore", heads[-1][1], to).returncode, 0)
            self.assertEqual(waternetd("verify", to).returncode, 0)

    def test_what_cannot_be_written_leaves_the_file_as_it_was(self):
        file = self.place / "log.jsonl"
        file.write_text("old")
        with Daemon() as daemon:
            daemon.load()
            done = daemon.cli("export", self.place / "no" / "where")
            self.assertEqual(done.returncode, 1)
            self.assertIn("No such file or directory", done.stderr)
            limited = subprocess.run(
                ["sh", "-c", 'ulimit -f 40; trap "" XFSZ; exec "$@"', "sh", BUILD / "waternet",
                 "--runtime", daemon.runtime, "export", file], capture_output=True, text=True)
            self.assertEqual(limited.returncode, 1, limited.stderr)
            self.assertIn("File too large", limited.stderr)
            self.assertEqual(file.read_text(), "old")
            self.assertEqual(os.listdir(self.place), ["log.jsonl"])
            # A reader that has gone away is no error.
            cut = subprocess.run(f"{BUILD}/waternet --runtime {daemon.runtime} export | head -1",
                                 shell=True, capture_output=True, text=True, timeout=60)
            self.assertEqual((len(cut.stdout.splitlines()), cut.stderr), (1, ""))
            self.assertEqual(daemon.cli("export", "a", "b").returncode, USAGE)
        self.assertEqual(daemon.cli("export", file).returncode, NO_ANSWER)
        self.assertEqual(file.read_text(), "old")

    def test_what_is_no_file_is_not_replaced_by_one(self):
        file = self.place / "file"
        file.write_text("as it was")
        (self.place / "link").symlink_to(file)
        (self.place / "folder").mkdir()
        os.mkfifo(self.place / "pipe")
        with Daemon() as daemon:
            for name in ("link", "folder", "pipe"):
                done = daemon.cli("export", self.place / name)
                self.assertEqual(done.returncode, USAGE, done.stderr)
                self.assertIn("is there and is no file", done.stderr)
        self.assertTrue((self.place / "link").is_symlink() and (self.place / "pipe").is_fifo())
        self.assertEqual(file.read_text(), "as it was")
        self.assertEqual(sorted(os.listdir(self.place)), ["file", "folder", "link", "pipe"])

    def test_an_export_that_is_killed_leaves_the_file_as_it_was(self):
        file = self.place / "log.jsonl"
        file.write_text("old")
        with long_log(self.place) as daemon:
            process = daemon.cli_start("export", file)
            wait_for(lambda: (self.place / "log.jsonl.new").exists())
            process.kill()
            self.assertEqual(process.wait(), -signal.SIGKILL)
            process.stdout.close()
            process.stderr.close()
            self.assertEqual(file.read_text(), "old")
            self.assertEqual(daemon.cli("export", file).returncode, 0)  # over what was left
            self.assertEqual(file.read_text(), waternetd("dump", daemon.data).stdout)
            self.assertEqual(sorted(os.listdir(self.place)), ["log.jsonl", "long.jsonl"])


EVENTS = 6000


def long_log(place):
    """A daemon with a log that takes a while to read; made by restore, which is quicker."""
    with Daemon() as probe:
        rows = probe.types()
    events = [event("region.registered", "region/twente", "r", data={"name": "T"})]
    events += [news(f"n{i}") for i in range(EVENTS)]
    file = place / "long.jsonl"
    file.write_text(exports.export(exports.forged(events, rows)))
    daemon = Daemon()
    done = waternetd("restore", file, daemon.data)
    assert done.returncode == 0, done.stderr
    return daemon


class Verify(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="wn-", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.place)

    def test_a_sound_log_and_a_root_that_was_kept(self):
        with Daemon() as daemon:
            done = daemon.cli("verify")
            self.assertEqual((done.returncode, done.stdout),
                             (0, f"verified: events=0 root={wn.Tree().root().hex()} findings=0\n"))
            daemon.region()
            kept = daemon.ask("status")
            for i in range(20):
                self.assertEqual(daemon.post(news(f"n{i}"))["status"], "ok")
            status = daemon.ask("status")
            done = daemon.cli("verify")
            self.assertEqual((done.returncode, done.stdout, done.stderr),
                             (0, f"verified: events={status['head']} root={status['root']} "
                                 "findings=0\n", ""))
            for seq, root in ((kept["head"], kept["root"]), (status["head"], status["root"]),
                              (kept["head"], kept["root"].upper()),
                              (0, wn.Tree().root().hex())):
                done = daemon.cli("verify", "--seq", seq, "--root", root)
                self.assertEqual(done.returncode, 0, done.stdout)
            for seq, root, said in ((kept["head"], status["root"], "not the one given"),
                                    (0, status["root"], "not the one given"),
                                    (99, status["root"], "the log ends at event 23, before event 99")):
                done = daemon.cli("verify", "--seq", seq, "--root", root)
                self.assertEqual(done.returncode, CORRUPT, done.stdout)
                self.assertIn(said, done.stdout)
                self.assertIn("findings=1\n", done.stdout)
            done = daemon.cli("verify", "--json", "--seq", 3, "--root", status["root"])
            finding, result = map(json.loads, done.stdout.splitlines())
            self.assertIn("not the one given", finding["finding"])
            self.assertEqual(result, {"verified": False, "events": status["head"],
                                      "root": status["root"], "findings": 1})
            for words in (["--seq", 3], ["--root", kept["root"]], ["--seq", 3, "--root", "abc"],
                          ["--seq", "x", "--root", kept["root"]]):
                self.assertEqual(daemon.cli("verify", *words).returncode, USAGE, words)

    def lying(self, change):
        """What verify says of a daemon whose store was changed behind its back, in event 30 and its
        hash."""
        with Daemon() as daemon:
            daemon.region()
            answers = [daemon.post(*(news(f"n{i:03}") for i in range(first, first + 50)))
                       for first in (0, 50, 100)]
            self.assertTrue(all(answer["status"] == "ok" for answer in answers))
            old = daemon.read()[29]
            new = wn.pack({**wn.unpack(old), **change(wn.unpack(old))})
            self.assertEqual(len(new), len(old))
            self.assertEqual(daemon.stop(), 0)
            file = daemon.data / "store" / "data.mdb"
            before = file.read_bytes()
            self.assertIn(wn.leaf(old) + old, before)
            file.write_bytes(before.replace(wn.leaf(old) + old, wn.leaf(new) + new))
            daemon.start()
            done = daemon.cli("verify")
            self.assertEqual(done.returncode, CORRUPT, done.stdout)
            self.assertIn("does NOT verify: events=153 ", done.stdout)
            self.assertIn("root: the events do not have the root that the daemon named", done.stdout)
            export = daemon.cli("export", self.place / "file")
            self.assertEqual(export.returncode, CORRUPT)
            self.assertEqual(os.listdir(self.place), [])
            return done.stdout

    def test_a_changed_event_shows_in_the_root(self):
        said = self.lying(lambda old: {"data": {**old["data"], "title": "Beticht n026"}})
        self.assertIn("findings=1\n", said)

    def test_a_wrong_prev_is_found(self):
        for prev in ([28, 29, 0], [29, 28, 0], [29, 29, 1]):
            said = self.lying(lambda old: {"prev": prev})
            self.assertIn("event 30: its prev is not the event before it", said)
            self.assertIn("findings=2\n", said)

    def test_a_time_that_goes_back_is_found(self):
        said = self.lying(lambda old: {"time": old["time"] - 60000})
        self.assertIn("event 30: is older than the one before it", said)
        self.assertIn("findings=2\n", said)


class Progress(unittest.TestCase):
    """A line on a terminal, at most five times a second, and gone at the end; none elsewhere."""

    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="wn-", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.place)

    def on_terminal(self, *command):
        master, slave = pty.openpty()
        began = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=slave)
        os.close(slave)
        said = b""
        while True:
            try:
                part = os.read(master, 4096)
            except OSError:  # how a terminal ends
                break
            if not part:
                break
            said += part
        os.close(master)
        self.assertEqual(process.wait(), 0, said)
        return said.decode(), time.monotonic() - began

    def test_long_work_tells_how_far_it_is(self):
        with long_log(self.place) as daemon:
            waternet = [BUILD / "waternet", "--runtime", daemon.runtime]
            waternetd_ = BUILD / "waternetd"
            # Slower machines show more lines, faster ones fewer: together there are some.
            shown = 0
            for what, total, *command in (
                    ("export", True, *waternet, "export"),
                    ("verify", True, *waternet, "verify"),
                    ("verify", True, waternetd_, "verify", daemon.data),
                    ("restore", False, waternetd_, "restore", self.place / "long.jsonl",
                     self.place / "to")):
                said, seconds = self.on_terminal(*command)
                lines = re.findall(rf"\r{what}: ([0-9]+)( of {EVENTS + 1})? events\x1b\[K", said)
                shown += len(lines)
                self.assertLessEqual(len(lines), 5 * seconds + 1)
                self.assertEqual(sorted(lines, key=lambda line: int(line[0])), lines)
                self.assertTrue(all(bool(line[1]) == total for line in lines), said)
                if lines:
                    self.assertTrue(said.endswith("\r\x1b[K"), said[-40:])
            self.assertGreater(shown, 0)
            for command in ([*waternet, "export"], [waternetd_, "verify", daemon.data]):
                done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                self.assertEqual((done.returncode, done.stderr), (0, b""))


if __name__ == "__main__":
    unittest.main()
