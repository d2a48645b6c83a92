#!/usr/bin/python3
"""The programs as people and scripts meet them: exit codes, terminals, pipes, starting and stopping."""

import codecs
import json
import os
import pty
import re
import select
import socket
import subprocess
import time
import unittest

from harness import BUILD, DATA, Daemon, dump, news, waternetd

POST = ("post", "news.published", "a", "--title", "Titel", "--summary", "Kort.", "--on",
        "2026-11-24")


class Terminal:
    """A waternet whose streams are a terminal."""

    def __init__(self, daemon, *arguments, columns=100):
        self.child, self.master = pty.fork()
        if self.child == 0:
            os.environ.update(COLUMNS=str(columns), LC_ALL="C.UTF-8")
            os.execv(BUILD / "waternet", ["waternet", "--runtime", str(daemon.runtime), *arguments])
        self.text = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")()  # a read may end inside a character

    def read_until(self, ending, seconds=15):
        end = time.monotonic() + seconds
        while ending is None or not self.text.endswith(ending):
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"no {ending!r} in {self.text!r}")
            try:
                self.text += self.decoder.decode(os.read(self.master, 65536))
            except OSError:  # how a terminal ends
                return self.text
        return self.text

    def type(self, line):
        self.text = ""
        os.write(self.master, line.encode() + b"\n")

    def finish(self):
        text = self.read_until(None)
        os.close(self.master)
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1]), text


class Cli(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon().start().load()

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__(None)

    def expect(self, code, *arguments, said="", **more):
        done = self.daemon.cli(*arguments, **more)
        self.assertEqual(done.returncode, code, (arguments, done.stdout, done.stderr))
        self.assertIn(said, done.stderr)
        self.assertNotIn("Sanitizer", done.stderr)
        return done

    def post(self, entity, *more):
        return ("post", "news.published", entity, *POST[3:], *more)

    def test_each_way_to_fail_has_its_exit_code(self):
        self.expect(0, *self.post("codes", "--id", "codes-1"))
        self.expect(0, *self.post("codes", "--id", "codes-1"))  # there already
        rows = [
            (2, "", "no command"), (2, "nope", "nope"), (2, "--nope status", "--nope"),
            (2, "status --nope", "--nope"), (2, "status more", "more"), (2, "show", ""),
            (2, "list dingen", "no kind dingen"), (2, "post", "TYPE"),
            (2, "post news.published", "NAME"), (2, "post news.publish x", "news.publish"),
            (2, "log --from gisteren", "gisteren"), (2, "watch --for lang", "lang"),
            (2, "import --window 0 " + str(DATA), "--window"), (2, "watch a/b/c/d", ""),
            (2, "post region.updated twente --data {", "--data"),
            (2, "post region.updated twente --data []", "--data"),
            (3, "types nergens.heen", "nergens.heen"), (2, "--as baas status", ""),
            (3, "show twente/news/nergens", "no such thing"),
            (4, "--as reader post region.updated twente --name X", "not-allowed"),
            (5, "post region.updated twente --name X --expect 0", "conflict"),
            (6, "post member.left nergens", "G11"), (1, "import /nergens/x.jsonl", "/nergens")]
        for code, line, said in rows:
            with self.subTest(line=line):
                self.expect(code, *line.split(), said=said)
        self.expect(5, *self.post("codes", "--id", "codes-1", "--meaning", "Iets"), said="codes-1")
        self.expect(2, "post", "news.published", "x", "--title", "a\x1b[31m", said="title")
        self.expect(6, *self.post("codes"), said="exists already")

    def test_without_a_daemon_every_command_says_so_at_once(self):
        for line in ("status", "types", "list news", "show twente/news/x", "log", "watch",
                     "import " + str(DATA), "post member.left x --region twente"):
            with self.subTest(line=line):
                begun = time.monotonic()
                done = self.daemon.cli("--runtime", "/tmp/wn-nobody", *line.split())
                self.assertEqual(done.returncode, 9, done.stderr)
                self.assertTrue(done.stderr.startswith("waternet: "))
                self.assertLess(time.monotonic() - begun, 3)

    def test_expect_and_data_and_flags_go_together(self):
        done = self.expect(0, *self.post("versie", "--expect", "0", "--json"))
        seq = json.loads(done.stdout)["receipts"][0]["seq"]
        change = ("post", "news.corrected", "versie", "--data", '{"title":"A","summary":"B"}',
                  "--title", "C")
        self.expect(5, *change, "--expect", str(seq - 1), said="expect")
        self.expect(0, *change, "--expect", str(seq))
        fields = json.loads(self.expect(0, "show", "twente/news/versie", "--json").stdout)
        self.assertEqual([fields["record"]["fields"][key] for key in ("title", "summary")],
                         ["C", "B"])
        head = self.daemon.head()
        done = self.expect(0, *self.post("proef", "--dry-run"))
        self.assertIn("nothing is stored", done.stdout)
        self.assertEqual(self.daemon.head(), head)

    def test_lists_take_plurals_and_a_region_and_name_their_columns(self):
        for kind in ("member", "members"):
            lines = self.expect(0, "list", kind, "--region", "twente").stdout.splitlines()
            self.assertEqual(lines[0].split("\t")[0], "member")
            self.assertEqual(len(lines), 16)
        everywhere = self.expect(0, "list", "members").stdout.splitlines()
        self.assertEqual(everywhere[0].split("\t")[:2], ["region", "member"])
        self.assertTrue(all(line.startswith("twente\t") for line in everywhere[1:]))
        bare = self.expect(0, "list", "members", "--no-header").stdout.splitlines()
        self.assertEqual(bare, everywhere[1:])
        self.assertEqual({line.count("\t") for line in everywhere},
                         {everywhere[0].count("\t")})
        self.expect(3, "list", "members", "--region", "elders", said="there is no region elders")
        self.expect(3, "list", "members", "--region", "twentee", said="did you mean twente?")
        regions = self.expect(0, "list", "regions").stdout.splitlines()
        self.assertEqual(regions[0].split("\t").count("region"), 1)
        self.assertEqual(regions[1].split("\t")[0], "twente")

    def test_a_position_may_be_any_day_or_period_or_begin_with_a_dash(self):
        def seqs(*arguments):
            lines = self.expect(0, "log", "--json", *arguments).stdout.splitlines()
            return [int(json.loads(line)["sequence"]) for line in lines]

        self.expect(0, *self.post("periode"))
        head = self.daemon.head()
        now = time.gmtime()
        year, month, day = (time.strftime(form, now) for form in ("%Y", "%Y-%m", "%Y-%m-%d"))
        quarter = f"{year}-Q{(now.tm_mon + 2) // 3}"
        for period in (year, month, quarter, day):
            with self.subTest(period=period):
                self.assertEqual(seqs("--from", period, "--to", period), list(range(1, head + 1)))
        self.assertEqual(seqs("--from", str(now.tm_year + 1)), [])
        self.assertEqual(seqs("--to", str(now.tm_year - 1)), [])
        self.assertEqual(seqs("--from", "seq:3", "--to", "seq:5"), [3, 4, 5])
        self.assertEqual(seqs("--from", "-2"), [head - 1, head])
        # A day is one of UTC, wherever people are.
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            done = self.expect(0, "log", "--from", day, "--to", day, "--json",
                               environment={"TZ": zone})
            self.assertEqual(len(done.stdout.splitlines()), head)
        self.expect(0, "cursor", "set", "streep", "-2")
        self.assertEqual(json.loads(self.expect(0, "cursor", "set", "streep", "-5", "--json")
                                    .stdout)["position"], head - 5)
        self.expect(0, "cursor", "remove", "streep")
        for command in (("log", "--from"), ("log", "--to"), ("show", "twente", "--at"),
                        ("cursor", "set", "x"), ("diff", "--from")):
            self.expect(2, *command, "2016-13", said="2016, 2016-03, 2016-Q1, 2016-03-01")

    def test_who_is_not_there_is_told_where_was_looked(self):
        done = self.daemon.cli("--runtime", "/tmp/wn-nobody", "status")
        self.assertEqual(done.returncode, 9)
        self.assertIn("nobody answers in /tmp/wn-nobody", done.stderr)
        self.assertIn("$WATERNET_RUNTIME", done.stderr)
        program, runtime = [BUILD / "waternet", "status"], {"WATERNET_RUNTIME": "/tmp/wn-nergens"}
        done = subprocess.run(program, env={**os.environ, **runtime}, capture_output=True, text=True)
        self.assertEqual(done.returncode, 9)
        self.assertIn("nobody answers in /tmp/wn-nergens", done.stderr)
        runtime["WATERNET_RUNTIME"] = str(self.daemon.runtime)
        done = subprocess.run(program, env={**os.environ, **runtime}, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_json_parses_everywhere(self):
        for line in ("status", "types", "types news.published", "list members", "log",
                     "show twente/member/almelo", "watch --from begin --until-caught-up",
                     "import " + str(DATA), "post member.renamed almelo --name Almelo",
                     "post member.renamed almelo --name Almelo --dry-run"):
            with self.subTest(line=line):
                done = self.expect(0, *line.split(), "--json")
                lines = done.stdout.splitlines()
                self.assertTrue(lines)
                for each in lines:
                    json.loads(each)
        refused = self.expect(6, "post", "member.left", "nergens", "--json")
        self.assertEqual(json.loads(refused.stdout)["faults"][0]["guard"], 11)

    def test_an_interactive_post_asks_field_by_field(self):
        terminal = Terminal(self.daemon, "post", "partner.registered")
        terminal.read_until("): ")
        terminal.type("saxion")
        self.assertIn("name: ", terminal.read_until("> "))
        terminal.type("")  # required: asked again
        terminal.read_until("> ")
        terminal.type("Saxion")
        self.assertIn("sector", terminal.read_until("> "))
        terminal.type("sport")
        self.assertIn("education", terminal.read_until("> "))
        terminal.type("education")
        terminal.read_until("more? [y/n] ")
        terminal.type("y")
        while not terminal.read_until(" ").endswith("[y/n] "):
            if terminal.text.endswith("> "):
                terminal.type("")
        self.assertIn("Saxion", terminal.text)
        self.assertEqual(self.daemon.ask("get", region="twente", kind="partner",
                                         entity="saxion")["status"], "not-found")
        terminal.type("y")
        code, text = terminal.finish()
        self.assertEqual(code, 0, text)
        record = self.daemon.ask("get", region="twente", kind="partner", entity="saxion")["record"]
        self.assertEqual(record["fields"], {"name": "Saxion", "sector": "education"})

    def test_a_title_cannot_play_with_a_terminal(self):
        bidi = "a\u202etxt\u2066.exe\u200f"
        self.assertEqual(self.daemon.post(news("bidi", title=bidi, summary="x\ny"))["status"], "ok")
        for arguments in (("list", "news"), ("show", "twente/news/bidi"), ("log", "--from", "-20"),
                          ("list", "news", "--json"), ("log", "--json")):
            with self.subTest(arguments=arguments):
                code, text = Terminal(self.daemon, *arguments).finish()
                self.assertEqual(code, 0)
                self.assertFalse(re.search("[\u202e\u2066\u200f]", text))
                self.assertIn("\\u202E" if "--json" in arguments else "U+202E", text)
                self.assertFalse(re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text), text)


class Import(unittest.TestCase):
    def test_an_import_is_repeatable_and_stops_at_the_first_refusal(self):
        with Daemon() as daemon:
            dry = daemon.cli("import", "--dry-run", DATA)
            self.assertEqual((dry.returncode, daemon.head()), (0, 0), dry.stderr)
            daemon.load()
            count = len(DATA.read_text().splitlines())
            self.assertEqual(daemon.head(), count)
            again = daemon.cli("import", DATA, "--json")
            self.assertEqual(json.loads(again.stdout), {"stored": 0, "already_there": count})
            rows = [{"specversion": "1.0", "type": f"nl.waterketens.{type}.v1", "id": id,
                     "subject": f"twente/member/{id}", "data": data}
                    for type, id, data in (("member.joined", "een", {"name": "Een",
                                                                    "kind": "province"}),
                                           ("member.left", "nergens", {}),
                                           ("member.joined", "twee", {"name": "Twee",
                                                                     "kind": "province"}))]
            path = daemon.scratch / "rij.jsonl"
            path.write_text("\n".join(map(json.dumps, rows)) + "\n")
            done = daemon.cli("import", path)
            self.assertEqual(done.returncode, 6)
            self.assertIn(f"{path}:2: refused: ", done.stderr)
            self.assertEqual(daemon.head(), count + 1)
            for text, place in (("\n{", ":2: no JSON"), ('{"type":"x"}', ":1: no id")):
                done = daemon.cli("import", "-", input=text)
                self.assertEqual(done.returncode, 2)
                self.assertIn(f"stdin{place}", done.stderr)


class Waternetd(unittest.TestCase):
    def test_options_are_checked_and_print_as_a_file_that_says_the_same(self):
        with Daemon() as daemon:
            file = daemon.scratch / "conf"
            options = ("--data", "/x", "--runtime", "/y", "--map-bytes", "1048576")
            printed = waternetd(*options, "--print-config").stdout
            file.write_text(printed)
            self.assertEqual(waternetd("--config", file, "--print-config").stdout, printed)
            self.assertEqual(waternetd("--config", file, "--check-config").returncode, 0)
            file.write_text(printed + 'colour = "red"\n')
            for arguments, said in ((("--config", file, "--check-config"), "colour"),
                                    (("--config", file), "colour"),
                                    ((*options, "--nope", "1"), "nope"), ((*options, "x"), "x"),
                                    ((*options, "--log-level"), "needs a value"),
                                    ((*options, "--log-level", "9"), "9"),
                                    ((*options, "--data", "/z"), "twice"),
                                    (("--check-config",), "--data"),
                                    (("--config", "/nergens", "--check-config"), "/nergens")):
                with self.subTest(arguments=arguments):
                    done = waternetd(*arguments)
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertIn(said, done.stderr)

    def test_a_second_daemon_is_sent_away_and_the_first_goes_on(self):
        with Daemon() as daemon:
            daemon.region()
            for data, runtime, code, said in ((daemon.data, daemon.scratch / "r2", 72, "locked"),
                                              (daemon.scratch / "d2", daemon.runtime, 72,
                                               "another daemon serves")):
                done = waternetd("--data", data, "--runtime", runtime)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(said, done.stderr)
            self.assertEqual(daemon.post(news("a"))["status"], "ok")
            self.assertEqual(daemon.stop(), 0)
            self.assertEqual(len(dump(daemon.data)), 4)

    def test_systemd_hears_that_it_is_ready_alive_and_stopping(self):
        with Daemon() as daemon, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            daemon.stop()
            path = daemon.scratch / "notify"
            notified.bind(str(path))
            notified.settimeout(15)
            daemon.environment["NOTIFY_SOCKET"] = str(path)
            daemon.start()
            self.assertEqual(notified.recv(100), b"READY=1")
            self.assertEqual(notified.recv(100), b"WATCHDOG=1")
            self.assertEqual(daemon.stop(), 0)
            said = {notified.recv(100)}
            while b"STOPPING=1" not in said:
                said.add(notified.recv(100))


if __name__ == "__main__":
    unittest.main()
