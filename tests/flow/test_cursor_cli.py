#!/usr/bin/python3
"""Followers that are kept by the daemon: cursors from the command line, watch that resumes, lag; and
the state of any day."""

import contextlib
import json
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import time
import unittest

from harness import ROOT, Daemon, event, news, wait_for
from remote import Listening
from test_cli import Terminal


class Cursors(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.__exit__, None)
        self.daemon.start().region()

    def run_cli(self, *arguments, code=0):
        done = self.daemon.cli(*arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def listed(self):
        lines = self.run_cli("cursor", "list", "--json").stdout.splitlines()
        return {each["cursor"]: each for each in map(json.loads, lines)}

    def test_set_list_lag_and_remove(self):
        self.run_cli("cursor", "set", "archief", "begin", "--level", "twente/news")
        self.run_cli("cursor", "set", "alles", "end")
        self.assertEqual((self.listed()["archief"]["level"], self.listed()["archief"]["position"]),
                         ("/twente/news/", 0))
        self.assertEqual(self.listed()["alles"]["position"], self.daemon.head())
        self.assertRegex(self.listed()["alles"]["set"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]")
        for name in "abc":
            self.daemon.post(news(name))
        lines = [line.split("\t") for line in self.run_cli("lag").stdout.splitlines()]
        self.assertEqual(lines[0][:4], ["cursor", "level", "position", "behind"])
        self.assertEqual({line[0]: line[3] for line in lines[1:]}, {"archief": "3", "alles": "3"})
        self.run_cli("lag", "--most", "3", "--oldest", "1h")
        for words, names in (([], "alles, archief"), (["archief"], "archief")):
            said = self.run_cli("lag", *words, "--most", "2", code=7).stderr.splitlines()
            self.assertTrue(said[0].endswith(": too far behind"), said)
            self.assertEqual(said[1], f"more than --most or --oldest allows: {names}")
        lines = self.run_cli("lag", "--most", "2", "--no-header", code=7).stdout.splitlines()
        self.assertEqual([line.split("\t")[-1] for line in lines], ["yes", "yes"])
        self.assertIn("there is no cursor weg", self.run_cli("lag", "archief", "weg", code=3).stderr)
        late = [json.loads(line)["late"] for line in self.run_cli(
            "lag", "--most", "2", "--json", code=7).stdout.splitlines()]
        self.assertEqual(late, [True, True])
        self.assertEqual(json.loads(self.run_cli("lag", "alles", "--json").stdout)["late"], False)
        self.run_cli("lag", "--oldest", "0s", code=7)
        self.run_cli("cursor", "set", "archief", "seq:6")  # where it goes on
        self.assertEqual((self.listed()["archief"]["level"], self.listed()["archief"]["position"]),
                         ("/twente/news/", 5))
        self.run_cli("cursor", "remove", "archief")
        self.assertIn("there is no cursor archief; waternet cursor list".split(";")[0],
                      self.run_cli("cursor", "remove", "archief", code=3).stderr)
        self.assertEqual(list(self.listed()), ["alles"])

    def test_a_terminal_tells_that_there_is_no_cursor_and_which_is_late(self):
        for words in (["lag"], ["cursor", "list"]):
            self.assertEqual(Terminal(self.daemon, *words).finish(), (0, "no cursors yet\r\n"))
            self.assertEqual(len(self.run_cli(*words).stdout.splitlines()), 1)  # its header
        self.run_cli("cursor", "set", "laat", "begin")
        code, text = Terminal(self.daemon, "lag", "--most", "0", columns=200).finish()
        self.assertEqual(code, 7)
        self.assertRegex(text, r"(?m)^laat .*yes")

    def test_what_is_not_there_is_not_followed(self):
        self.daemon.post(event("member.joined", "member/hengelo", "hengelo",
                               data={"name": "Hengelo", "kind": "municipality"}))
        self.daemon.post(news("eerste-straat"))
        for words, said in (
                ("twentee", "did you mean twente?"), ("twente/membr", "did you mean member?"),
                ("twente/member/hengeloo", "did you mean hengelo?"), ("hengeloo", "hengelo?"),
                ("twente/wolken", "there is no kind wolken"), ("Twente", "did you mean twente?"),
                ("twente/member/nergens", "there is no member nergens"),
                ("elders/member/hengelo", "there is no region elders"),
                ("member/nergens", "there is no member nergens"),
                ("elders/member", "there is no region elders")):
            with self.subTest(words=words):
                for command in (("log", words), ("watch", words, "--until-caught-up"),
                                ("cursor", "set", "fout", "end", "--level", words)):
                    self.assertIn(said, self.run_cli(*command, code=3).stderr)
        self.assertNotIn("fout", self.listed())
        for words in ("hengelo", "member/hengelo", "leden/hengelo", "/twente/leden/hengelo/"):
            with self.subTest(words=words):
                lines = self.run_cli("log", words, "--json").stdout.splitlines()
                self.assertEqual([json.loads(line)["subject"] for line in lines],
                                 ["twente/member/hengelo"])
        self.assertEqual(len(self.run_cli("log", "leden", "--no-header").stdout.splitlines()), 3)
        self.assertEqual(self.run_cli("log", "--region", "twente").stdout,
                         self.run_cli("log", "twente").stdout)
        self.run_cli("cursor", "set", "later", "end", "--level", "elders", "--even-if-absent")
        self.assertEqual(self.listed()["later"]["level"], "/elders/")
        self.run_cli("watch", "twente/member/nergens", "--even-if-absent", "--until-caught-up")

    def manual(self):
        """The scripts and commands of the chapter on following, as the manual shows them."""
        text = subprocess.run([self.daemon.cli_path(), "man", "waternet.1"], capture_output=True,
                              text=True, check=True).stdout
        chapter = re.search(r"# FOLLOWING RELIABLY\n(.*?)\n# EXIT STATUS", text, re.DOTALL)[1]
        return chapter, "".join(re.findall(r"^```\n(.*?)^```", chapter, re.M | re.S)).splitlines()

    def test_the_script_of_the_manual_does_everything_once(self):
        chapter, lines = self.manual()
        script = lines[:lines.index(next(line for line in lines if line.startswith("waternet")))]
        self.assertEqual(len(script), 5)
        for name in re.findall(r'setenv\("(\w+)"', (ROOT / "clients/cli/handler.c").read_text()):
            self.assertIn(name.replace("_", "\\_"), chapter)
        path = self.daemon.scratch / "handle.sh"
        path.write_text("\n".join(script) + "\n")
        path.chmod(0o755)
        self.daemon.post({**news("aanhaling"), "data": {"title": "'s Ochtends", "summary": "';x"}})
        for _ in range(2):  # as after a crash: everything comes again
            self.run_cli("cursor", "set", "archive", "begin", "--level", "twente")
            done = subprocess.run(
                [self.daemon.cli_path(), "--runtime", self.daemon.runtime, "watch", "twente",
                 "--cursor", "archive", "--from", "begin", "--exec", "./handle.sh",
                 "--until-caught-up"], cwd=self.daemon.scratch, capture_output=True, text=True,
                timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
        with contextlib.closing(sqlite3.connect(self.daemon.scratch / "done.db")) as base:
            kept = dict(base.execute("SELECT id, event FROM done"))
        sent = [json.loads(line) for line in self.run_cli("log", "twente", "--json").stdout
                .splitlines()]
        self.assertEqual({id: json.loads(event) for id, event in kept.items()},
                         {event["id"]: event for event in sent})
        self.assertIn("waternet watch twente --cursor archive --from begin --exec ./handle.sh", lines)
        words = next(line for line in lines if line.startswith("*/10")).split(" >")[0].split()
        self.run_cli(*words[6:])

    def test_a_signal_waits_for_the_command(self):
        head = self.daemon.head()
        self.daemon.post(news("a"), news("b"))
        begun, ended = self.daemon.scratch / "begun", self.daemon.scratch / "ended"
        process = self.daemon.cli_start("watch", "--cursor", "x", "--from", f"seq:{head + 1}",
                                        "--exec", f"touch {begun}; sleep 1; touch {ended}")
        wait_for(begun.exists)
        process.terminate()
        process.communicate(timeout=30)
        self.assertEqual((process.returncode, ended.exists()), (0, True))
        self.assertEqual(self.listed()["x"]["position"], head + 1)

    def test_the_command_of_a_killed_watch_ends_with_it(self):
        told = self.daemon.scratch / "pid"
        self.daemon.post(news("a"))
        process = self.daemon.cli_start("watch", "--cursor", "x", "--from", "-1", "--exec",
                                        f"echo $$ >{told}.new; mv {told}.new {told}; exec sleep 60")
        wait_for(told.exists)
        command = pathlib.Path("/proc", told.read_text().strip(), "cmdline")
        self.assertIn(b"sleep", command.read_bytes())
        process.kill()
        process.communicate(timeout=30)
        # What has ended has no words any more, until it is gone altogether.
        wait_for(lambda: not command.exists() or command.read_bytes() == b"")

    def test_watch_goes_on_where_its_cursor_is(self):
        self.run_cli("watch", "twente", "--cursor", "kopie", "--until-caught-up")
        head = self.daemon.head()
        self.assertEqual(self.listed()["kopie"]["position"], head)
        for i in range(5):
            self.daemon.post(news(f"n{i}"))
        done = self.run_cli("watch", "twente", "--cursor", "kopie", "--count", "3", "--json")
        self.assertEqual([int(json.loads(line)["sequence"]) for line in done.stdout.splitlines()],
                         [head + 1, head + 2, head + 3])
        self.assertEqual(self.listed()["kopie"]["position"], head + 3)
        done = self.run_cli("watch", "twente", "--cursor", "kopie", "--until-caught-up")
        self.assertEqual(len(done.stdout.splitlines()), 3)  # a header and two
        done = self.run_cli("watch", "twente/news", "--cursor", "kopie", code=2)
        self.assertIn("follows /twente/", done.stderr)

    def test_exec_gets_the_event_and_a_failure_leaves_the_cursor_before_it(self):
        head = self.daemon.head()
        for name in "abcd":
            self.daemon.post(news(name))
        out = self.daemon.scratch / "out"
        command = (f'cat >>{out}; echo "$WATERNET_EVENT_SEQ $WATERNET_EVENT_TYPE" >>{out}; '
                   f'test "$WATERNET_EVENT_ID" != id-c || exit 9')
        done = self.daemon.cli("watch", "--cursor", "x", "--from", f"seq:{head + 1}", "--exec", command,
                               "--until-caught-up")
        self.assertEqual(done.returncode, 9, done.stderr)
        self.assertEqual(self.listed()["x"]["position"], head + 2)
        lines = out.read_text().splitlines()
        self.assertEqual([json.loads(line)["id"] for line in lines[::2]], ["id-a", "id-b", "id-c"])
        self.assertEqual(lines[1::2], [f"{head + i} news.published" for i in (1, 2, 3)])
        done = self.daemon.cli("watch", "--cursor", "x", "--exec", "true", "--until-caught-up")
        self.assertEqual((done.returncode, self.listed()["x"]["position"]), (0, head + 4))

    def test_exec_has_the_signals_that_a_shell_has(self):
        out = self.daemon.scratch / "out"
        self.daemon.post(news("a"))
        done = self.run_cli("watch", "--from", "-1", "--until-caught-up", "--exec",
                            f"yes | head -1 >{out}; grep SigIgn /proc/self/status >>{out}")
        self.assertEqual(done.stdout.count("news.published"), 1)
        said, ignored = out.read_text().splitlines()
        self.assertEqual((said, int(ignored.split()[1], 16) >> 12 & 1), ("y", 0))  # SIGPIPE is 13
        self.assertNotIn("roken pipe", done.stderr)

    def test_a_cursor_of_another_log_is_left_alone(self):
        """The data directory is replaced while --exec is busy; the new log has a longer history, and
        a cursor of the same name."""
        daemon, busy = self.daemon, self.daemon.scratch / "busy"
        watch = subprocess.Popen(
            [daemon.cli_path(), "--runtime", daemon.runtime, "watch", "--cursor", "kopie", "--from",
             "end", "--exec", f"touch {busy}; while test -e {busy}; do sleep 0.02; done"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(watch.kill)
        wait_for(lambda: "kopie" in self.listed())
        daemon.post(news("a"))
        wait_for(busy.exists)
        daemon.kill()
        shutil.rmtree(daemon.data)
        daemon.start().region()
        for name in "abc":
            daemon.post(news(name))
        self.run_cli("cursor", "set", "kopie", "seq:2")
        busy.unlink()
        said = watch.communicate(timeout=60)[1]
        self.assertEqual(watch.returncode, 7, said)
        self.assertIn("another history", said)
        self.assertEqual(self.listed()["kopie"]["position"], 1)

    def test_a_member_follows_over_tcp_with_a_cursor_of_its_own(self):
        daemon = Listening()
        self.addCleanup(daemon.__exit__, None)
        daemon.start().region()
        done = daemon.cli("key", "new", "enschede", "--organisation", "enschede", "--region",
                          "twente", "--file", daemon.scratch / "e.key")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = subprocess.run([daemon.cli_path(), "--key-file", daemon.scratch / "e.key", "watch",
                               "twente", "--cursor", "enschede-1", "--from", "begin",
                               "--until-caught-up"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        kept = daemon.ask("cursors", name="enschede-1")["cursors"][0]
        self.assertEqual((kept["owner"], kept["behind"]), ("enschede", 0))

    def test_any_day_can_be_asked_for(self):
        self.daemon.post({**news("oud"), "on": "2015-03"})
        self.daemon.post({**news("nieuw"), "on": "2020"})
        for day, names in (("2015-02", []), ("2015-03-31", ["oud"]), ("2020", ["nieuw", "oud"])):
            done = self.run_cli("list", "news", "--on", day, "--json")
            self.assertEqual([json.loads(line)["path"].split("/")[2]
                              for line in done.stdout.splitlines()], names, day)
        self.run_cli("show", "twente/news/nieuw", "--on", "2019", code=3)
        self.run_cli("list", "news", "--on", "gisteren", code=2)


class Killed(unittest.TestCase):
    kills, events = 20, 5000

    def test_killed_again_and_again_it_ran_for_every_event_and_at_most_one_twice_a_kill(self):
        daemon = Daemon()
        self.addCleanup(daemon.__exit__, None)
        daemon.start().region()
        first, per_kill = daemon.head(), self.events // self.kills
        done = daemon.cli("cursor", "set", "zaak", "end")
        self.assertEqual(done.returncode, 0, done.stderr)
        out = daemon.scratch / "ran"
        out.touch()
        width = len(f"{first:09} id-{first:09}\n")  # so that the size says how many there are
        command = f'printf "%09d %s\\n" $WATERNET_EVENT_SEQ $WATERNET_EVENT_ID >>{out}'

        def follow():
            return subprocess.Popen(
                [daemon.cli_path(), "--runtime", daemon.runtime, "watch", "--cursor",
                 "zaak", "--exec", command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)

        def wait_until(ran):
            wait_for(lambda: out.stat().st_size >= ran * width, 600, every=0.005)

        ran = 0
        for kill in range(self.kills):
            process = follow()
            names = [f"{first + kill * per_kill + place + 1:09}" for place in range(per_kill)]
            for place in range(0, per_kill, 50):
                answer = daemon.post(*map(news, names[place:place + 50]))
                self.assertEqual(answer["status"], "ok", answer)
            ran = random.randint(max(ran, kill * per_kill) + 1, (kill + 1) * per_kill)
            wait_until(ran)
            time.sleep(random.uniform(0, 0.01))
            process.kill()
            process.wait()
        head = daemon.head()
        process = follow()
        wait_for(lambda: out.read_text().endswith(f"id-{head:09}\n"), 600)
        process.terminate()
        process.wait()
        lines = [line.split() for line in out.read_text().splitlines()]
        seqs = [int(seq) for seq, _ in lines]
        self.assertEqual(head, first + self.kills * per_kill)
        self.assertEqual(sorted(set(seqs)), list(range(first + 1, head + 1)))
        self.assertEqual(seqs, sorted(seqs))
        self.assertEqual([id for _, id in lines], [f"id-{seq:09}" for seq in seqs])
        repeats = len(seqs) - len(set(seqs))
        print(f"{repeats} of {self.kills} kills made it run twice", flush=True)
        self.assertLessEqual(repeats, self.kills)


if __name__ == "__main__":
    unittest.main()
