#!/usr/bin/python3
"""`waternetd restore`: an export becomes the same store again, or nothing at all."""

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import client as wn
import exports
from harness import BUILD, ROOT, Daemon, event, news, one_of_each, wait_for, waternetd
from tables import read_tables

CORRUPT, USAGE, NOT_FOUND = 8, 2, 3


class Original:
    """A daemon that kept the real programme, the one that is made up, and an event of each type."""

    def __init__(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="wn-", dir="/tmp"))
        self.data = self.scratch / "data"
        self.file = self.scratch / "export.jsonl"
        with Daemon(data=self.data) as daemon:
            daemon.load()
            done = daemon.cli("import", ROOT / "data" / "voorbeeld.jsonl")
            assert done.returncode == 0, done.stderr
            self.real = daemon.head()
            for each in one_of_each():
                each["region"] = "derde"
                each["subject"] = each["subject"].replace("region/twente", "region/derde")
                data = each["data"]
                for name in ("region", "organisation"):
                    if data.get(name) == "twente":
                        data[name] = "derde"
                if "of" in data:
                    data["of"] += self.real
                answer = daemon.post(each)
                assert answer["status"] == "ok", (each, answer)
            answer = daemon.post(event("region.updated", "region/derde", "oin", "derde",
                                       data={"source_id": "00000001823288444000"}))
            assert answer["status"] == "ok", answer
            self.bodies = daemon.read()
            self.status = daemon.ask("status")
            self.rows = daemon.types()
            done = daemon.cli("export", self.file)
            assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
            assert not self.file.with_name("export.jsonl.new").exists()
        self.lines = self.file.read_text().splitlines()


class Restore(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.original = Original()
        cls.addClassCleanup(shutil.rmtree, cls.original.scratch)

    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="wn-", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.place)
        self.to = self.place / "to"

    def restore(self, text, *flags, code=0, environment=None):
        """From a text (or a path); returns what was said."""
        source = text
        if not isinstance(text, pathlib.Path):
            source = self.place / "from.jsonl"
            source.write_bytes(text.encode() if isinstance(text, str) else text)
        done = subprocess.run([BUILD / "waternetd", "restore", source, self.to, *flags],
                              capture_output=True, text=True, timeout=120, errors="replace",
                              env={**os.environ, **(environment or {})})
        said = done.stdout + done.stderr
        self.assertNotIn("Sanitizer", said)
        self.assertNotIn("runtime error", said)
        self.assertEqual(done.returncode, code, said)
        return said

    def expect_fault(self, text, *sayings, line=None):
        """Not restored; one line that says where; nothing is left."""
        said = self.restore(text, code=CORRUPT)
        self.assertEqual(len(said.splitlines()), 1, said)
        if line is not None:
            self.assertIn(f": line {line}: ", said)
        for saying in sayings:
            self.assertIn(saying, said)
        self.assertEqual(sorted(os.listdir(self.place)), ["from.jsonl"])
        return said

    def text(self, lines):
        return "".join(f"{line}\n" for line in lines)

    # What comes back ---------------------------------------------------------------------------

    def test_all_of_it_comes_back_and_is_exported_the_same(self):
        said = self.restore(self.original.file, "--keep-log-id")
        status = self.original.status
        self.assertEqual(said, f"restored: events={status['head']} root={status['root']}\n")
        done = waternetd("verify", self.to)
        self.assertEqual(done.stdout, f"verified: events={status['head']} root={status['root']} "
                                      "findings=0\n")
        self.assertEqual(waternetd("dump", self.to).stdout, self.original.file.read_text())
        self.assertEqual(sorted(os.listdir(self.place)), ["to"])
        with Daemon(data=self.to) as daemon:
            self.assertEqual(daemon.read(), self.original.bodies)  # ids, order, times and all else
            again = self.place / "again"
            self.assertEqual(daemon.cli("export", again).returncode, 0)
            self.assertEqual(daemon.cli("export").stdout, self.original.file.read_text())
            self.assertEqual(again.read_bytes(), self.original.file.read_bytes())
            self.assertEqual(daemon.ask("status")["log"], status["log"])
            # It goes on: known ids are duplicates, new events follow.
            first = one_of_each()[5]
            known = {**first, "region": "derde"}
            receipt = daemon.post(known)["receipts"][0]
            self.assertTrue(receipt["duplicate"])
            self.assertEqual(daemon.post(news("na", region="derde"))["receipts"][0]["seq"],
                             status["head"] + 1)
            self.assertEqual(daemon.cli("verify").returncode, 0)
        # Also after a daemon has run on it, the private parts that the export has not are no fault.
        self.assertEqual(waternetd("verify", self.to).returncode, 0)

    def test_the_tables_come_back_byte_for_byte(self):
        names = ("log", "ids", "entities", "heads", "keys", "cursors", "meta")
        self.restore(self.original.file, "--keep-log-id")
        sound, new = (read_tables(data / "store", *names) for data in (self.original.data, self.to))
        self.assertEqual(len(new["log"]), self.original.status["head"])
        for name in ("log", "ids", "entities", "heads", "keys"):
            self.assertEqual(new[name], sound[name], name)
            self.assertGreater(len(new[name]), 1, name)
        meta = dict(new["meta"])
        self.assertEqual(int.from_bytes(meta.pop(b"restored"), "big"), len(new["log"]))
        self.assertEqual(meta, {key: value for key, value in sound["meta"] if key != b"erased"})

    def test_it_is_another_log_unless_it_is_asked_to_be_the_same(self):
        self.restore(self.original.file)
        end = json.loads(waternetd("dump", self.to).stdout.splitlines()[-1])
        self.assertNotEqual(end["log"], self.original.status["log"])
        self.assertEqual(end["root"], self.original.status["root"])

    def test_an_empty_directory_may_be_there_and_stdin_be_read(self):
        self.to.mkdir()
        with self.original.file.open() as file:
            done = subprocess.run([BUILD / "waternetd", "restore", "-", f"{self.to}/"], stdin=file,
                                  capture_output=True, text=True, timeout=120)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(waternetd("verify", self.to).returncode, 0)

    def test_an_empty_log_is_a_last_line_only(self):
        text = exports.export([])
        self.restore(text, "--keep-log-id")
        done = waternetd("verify", self.to)
        self.assertIn("events=0 ", done.stdout)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(waternetd("dump", self.to).stdout, text)

    def test_another_program_can_make_one(self):
        text = exports.export(self.original.bodies, log=self.original.status["log"])
        lines = [json.loads(line) for line in text.splitlines()]
        for line, other in zip(lines, map(json.loads, self.original.lines)):
            if line.get("id", "").startswith(("each-", "oin")):
                line["event"]["source"] = other["event"]["source"]
            self.assertEqual(line, other)
        # White space is free.
        self.restore(self.text(json.dumps(line, ensure_ascii=False) for line in lines),
                     "--keep-log-id")
        self.assertEqual(waternetd("dump", self.to).stdout, self.original.file.read_text())

    def test_private_parts_may_be_put_beside_it(self):
        self.restore(self.original.file, "--keep-log-id")
        parts = list((self.original.data / "private").iterdir())
        self.assertGreater(len(parts), 1)
        for part in parts:
            shutil.copy(part, self.to / "private")
        self.assertEqual(waternetd("verify", self.to).returncode, 0)
        file = self.to / "private" / parts[0].name
        file.write_bytes(file.read_bytes()[:-1] + b"\0")
        self.assertIn("its private part does not match", waternetd("verify", self.to).stdout)

    # What is found -----------------------------------------------------------------------------

    def test_any_flipped_byte_is_found_in_its_line(self):
        sound = self.original.file.read_bytes()
        ends = [0]
        for line in sound.splitlines(True):
            ends.append(ends[-1] + len(line))
        chance = random.Random(5)
        last = range(ends[-2], ends[-1])
        places = [chance.randrange(len(sound)) for _ in range(40)]
        places += [chance.choice(last) for _ in range(10)]
        for at in places:
            bit = 1 << chance.randrange(8)
            with self.subTest(at=at, bit=bit):
                line = next(n for n, end in enumerate(ends) if end > at)
                text = sound[:at] + bytes([sound[at] ^ bit]) + sound[at + 1:]
                said = self.expect_fault(text)
                # A newline that is lost or made moves where it is seen by one.
                told = int(said.partition(": line ")[2].partition(":")[0])
                moved = ord("\n") in (sound[at], sound[at] ^ bit)
                self.assertIn(told, (line, line + 1) if moved else (line,), said)

    def test_every_attribute_has_its_witness(self):
        number = next(n for n, line in enumerate(self.original.lines, 1) if "privatehash" in line)
        line = json.loads(self.original.lines[number - 1])
        for name, value in line["event"].items():
            with self.subTest(name):
                changed = {**line, "event": dict(line["event"])}
                text = value if isinstance(value, str) else json.dumps(value)
                changed["event"][name] = text[:-2] + ("0" if text[-2] != "0" else "1") + text[-1]
                if name == "data":
                    changed["event"][name] = {**value, "kind": "knowledge"}
                lines = [*self.original.lines]
                lines[number - 1] = json.dumps(changed, ensure_ascii=False)
                self.expect_fault(self.text(lines), line=number)
        for changed in ({**line, "more": 1}, {**line, "seq": number + 1}, {**line, "id": "other"},
                        {**line, "hash": line["hash"].upper()},
                        {**line, "event": {**line["event"], "more": "1"}},
                        {**line, "event": {**line["event"], "expect": 0}}):
            lines = [*self.original.lines]
            lines[number - 1] = json.dumps(changed, ensure_ascii=False)
            self.expect_fault(self.text(lines), line=number)

    def test_a_source_is_the_one_that_the_region_had_then(self):
        lines = [line.replace("oin:00000001823288444000", "oin:00000001823288444001")
                 for line in self.original.lines]
        first = next(n for n, line in enumerate(lines, 1) if "444001" in line)
        self.expect_fault(self.text(lines), "not the one that the region had then", line=first)

    def test_what_is_left_out_or_out_of_order_is_found(self):
        lines = self.original.lines
        head = self.original.status["head"]
        self.expect_fault(self.text(lines[:99] + lines[100:]), "event 101 stands where event 100",
                          line=100)
        self.expect_fault(self.text(lines[1:]), "event 2 stands where event 1", line=1)
        self.expect_fault(self.text([*lines[:40], lines[41], lines[40], *lines[42:]]), line=41)
        self.expect_fault(self.text([*lines[:40], lines[39], *lines[40:]]), line=41)
        self.expect_fault(self.text(lines[:-2] + lines[-1:]), "another number", line=head)
        self.expect_fault(self.text([*lines, lines[-1]]), "behind the last line", line=head + 2)
        self.expect_fault(self.text([*lines[:7], "", *lines[7:]]), line=8)
        self.expect_fault(self.text(["[]", *lines]), line=1)
        self.expect_fault("", "without its last line", line=1)

    def test_a_cut_file_is_found(self):
        sound = self.original.file.read_bytes()
        lines = len(self.original.lines)
        self.expect_fault(self.text(self.original.lines[:-1]), "without its last line", line=lines)
        self.expect_fault(sound[:-1], "cut", line=lines)
        for size in (1, len(sound) // 3, len(sound) // 2, len(sound) - 40):
            self.expect_fault(sound[:size])
        self.expect_fault(sound[:9000] + bytes(500000) + sound[9000:])
        self.expect_fault(b"x" * 3000000, "too long", line=1)

    def test_an_edited_event_with_its_own_hash_is_found_by_the_root(self):
        bodies = [*self.original.bodies]
        changed = wn.unpack(bodies[50])
        name = "name" if "name" in changed["data"] else next(iter(changed["data"]))
        changed["data"][name] = "Anders"
        bodies[50] = wn.pack(changed)
        lines = exports.export(bodies).splitlines()
        lines[-1] = self.original.lines[-1]
        self.expect_fault(self.text(lines), "another root", line=len(lines))

    def test_a_log_that_none_could_be_is_found_though_every_hash_is_right(self):
        rows, sound = self.original.rows, [
            event("region.registered", "region/twente", "r", data={"name": "T"}),
            *(news(f"n{i}") for i in range(4)),
            event("key.added", "key/k", "k", data={"curve": "0" * 40, "organisation": "twente",
                                                   "label": "k"})]

        def changed(number, **more):
            bodies = exports.forged(sound, rows)
            last = {**wn.unpack(bodies[number]), **more}
            bodies[number] = wn.pack(last)
            return exports.export(bodies)

        self.restore(exports.export(exports.forged(sound, rows)))
        shutil.rmtree(self.to)
        self.expect_fault(changed(3, time=5), "older than the one before", line=4)
        self.expect_fault(changed(3, prev=[2, 3, 0]), "prev", line=4)
        self.expect_fault(changed(3, prev=[3, 3, 1]), "prev", line=4)
        self.expect_fault(changed(3, id="id-n0"), "its id stands in the log before", line=4)
        self.expect_fault(changed(5, data={"organisation": "twente", "label": "k"}),
                          "cannot be applied", line=6)
        self.expect_fault(changed(4, type="news.corrected"), "cannot be applied", line=5)
        self.expect_fault(changed(4, id="No Id"), "makes no event", line=5)
        self.expect_fault(exports.export(exports.forged(sound, rows)).replace("news.pub", "news.pab"),
                          "the event's type", line=2)

    # What is never touched ----------------------------------------------------------------------

    def test_usage(self):
        self.to.mkdir()
        (self.to / "mine").write_text("x")
        self.assertIn("is no empty directory", self.restore(self.original.file, code=USAGE))
        self.assertEqual(os.listdir(self.to), ["mine"])
        for words in ([], [self.original.file], [self.original.file, self.to, "x"],
                      [self.original.file, self.place / "x", "--keep"]):
            done = waternetd("restore", *words)
            self.assertEqual((done.returncode, done.stdout), (USAGE, ""), done.stderr)
            self.assertIn("restore needs FROM TO", done.stderr)
        for source, code in ((self.place / "none", NOT_FOUND), (self.place, USAGE)):
            done = waternetd("restore", source, self.place / "x")
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1)
        file = self.place / "file"
        file.write_text("x")
        self.assertEqual(waternetd("restore", self.original.file, file).returncode, USAGE)
        done = waternetd("restore", self.original.file, self.place / "no" / "where")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(sorted(os.listdir(self.place)), ["file", "to"])

    def test_a_directory_in_the_way_is_left_alone(self):
        (self.place / "to.new").mkdir()
        (self.place / "to.new" / "mine").write_text("x")
        self.assertIn("is in the way", self.restore(self.original.file, code=USAGE))
        self.assertEqual(os.listdir(self.place / "to.new"), ["mine"])

    def test_killed_anywhere_it_leaves_nothing_under_the_name(self):
        for failure in ("before_commit:kill", "after_commit:kill", "restore_rename:kill"):
            with self.subTest(failure):
                self.restore(self.original.file, code=-signal.SIGKILL,
                             environment={"WATERNET_FAIL": failure})
                self.assertFalse(self.to.exists())
        self.restore(self.original.file)  # takes over what was left
        self.assertEqual(sorted(os.listdir(self.place)), ["to"])

    def test_what_a_restore_left_is_taken_over_wherever_it_was_killed(self):
        (self.place / "to.new").mkdir()  # before it set its mark
        self.restore(self.original.file)
        shutil.rmtree(self.to)
        killed = {"code": -signal.SIGKILL, "environment": {"WATERNET_FAIL": "before_commit:kill"}}
        self.restore(self.original.file, **killed)
        killed["environment"] = {"WATERNET_FAIL": "offline_remove:kill"}  # while it clears that
        self.restore(self.original.file, **killed)
        self.assertEqual(os.listdir(self.place / "to.new"), ["restoring"])
        self.restore(self.original.file)
        self.assertEqual(sorted(os.listdir(self.place)), ["to"])

    def test_killed_after_it_has_its_name_it_is_whole(self):
        self.restore(self.original.file, code=-signal.SIGKILL,
                     environment={"WATERNET_FAIL": "restore_unmark:kill"})
        self.assertEqual(sorted(os.listdir(self.place)), ["to"])
        self.assertEqual(waternetd("verify", self.to).returncode, 0)

    def test_killed_in_the_middle_of_a_long_one(self):
        rows = self.original.rows
        events = [event("region.registered", "region/twente", "r", data={"name": "T"})]
        events += [news(f"n{i}") for i in range(25000)]
        long = self.place / "long.jsonl"
        long.write_text(exports.export(exports.forged(events, rows)))
        for wait in (0, 0.05, 0.5, 1.0):
            process = subprocess.Popen([BUILD / "waternetd", "restore", long, self.to])
            time.sleep(wait)
            if wait == 0:  # two at once: the second keeps away
                wait_for(lambda: (self.place / "to.new" / "store").exists())
                process.send_signal(signal.SIGSTOP)
                other = waternetd("restore", long, self.to)
                self.assertEqual(other.returncode, USAGE, other.stderr)
                self.assertIn("another restore works in it", other.stderr)
            process.kill()
            process.wait()
            if self.to.exists():  # it was quicker
                self.assertIn("events=25001 ", waternetd("verify", self.to).stdout)
                shutil.rmtree(self.to)
        self.restore(long)
        self.assertIn("events=25001 ", waternetd("verify", self.to).stdout)

    def test_a_machine_that_fails_leaves_nothing(self):
        for failure in ("store_commit:28", "store_commit:5", "store_head:28", "restore_rename:5"):
            with self.subTest(failure):
                said = self.restore(self.original.file, code=1,
                                    environment={"WATERNET_FAIL": failure})
                self.assertIn("nothing is restored", said)
                self.assertEqual(os.listdir(self.place), [])

    # What today's rules say ---------------------------------------------------------------------

    def test_what_the_rules_would_refuse_is_listed_and_is_no_finding(self):
        done = waternetd("verify", "--guards", self.original.data)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(done.stdout.splitlines()[0],
                         "guards: 0 events that today's rules would refuse at their place")
        rows = self.original.rows
        events = [
            event("region.registered", "region/twente", "r", data={"name": "T"}),
            event("werkplaats.opened", "werkplaats/w", "w", data={
                "name": "W", "kind": "project", "phase": "idea"}),
            event("participation.declared", "werkplaats/w", "p", data={"member": "nergens"}),
            event("werkplaats.phase-changed", "werkplaats/w", "f",
                  data={"from": "idea", "to": "completed"}),
            event("member.joined", "member/almelo", "m", data={"name": "A", "kind": "province"}),
            event("participation.declared", "werkplaats/w", "q", reference="Z-1",
                  data={"member": "almelo"}),
            event("member.joined", "member/almelo", "n", data={"name": "A", "kind": "province"}),
            event("member.joined", "member/losser", "o", data={"name": "L", "kind": "province"}),
            event("participation.declared", "werkplaats/w", "s", data={"member": "losser"}),
        ]
        self.restore(exports.export(exports.forged(events, rows)))
        self.assertIn("findings=0", waternetd("verify", self.to).stdout)
        done = waternetd("verify", self.to, "--guards")
        self.assertEqual(done.returncode, 0, done.stdout)
        lines = [line.split("\t") for line in done.stdout.splitlines()]
        *refused, count, total = lines
        self.assertEqual({len(line) for line in refused}, {5}, done.stdout)
        told = {(line[0], line[1], line[2], line[3]) for line in refused}
        path = "twente/werkplaats/w"
        self.assertIn(("2", "werkplaats.opened", path, "G1"), told)
        self.assertIn(("3", "participation.declared", path, "G11"), told)
        self.assertEqual({line[0] for line in refused}, {"2", "3", "4", "7", "9"}, done.stdout)
        # What is asked of a role is asked of the one that acted then.
        self.assertIn("reference", next(line[4] for line in refused if line[0] == "9"))
        self.assertIn("nergens", next(line[4] for line in refused if line[3] == "G11"))
        self.assertEqual(count[0], "guards: 5 events that today's rules would refuse at their place")
        self.assertTrue(total[0].startswith("verified: events=9 "))


if __name__ == "__main__":
    unittest.main()
