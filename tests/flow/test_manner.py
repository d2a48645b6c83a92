#!/usr/bin/python3
"""One manner for all commands: what each can do is read from the rows, and every command is walked."""

import csv
import io
import re
import subprocess
import time
import unittest

from harness import BUILD, ROOT, Daemon, event

COMMANDS = re.findall(r'^COMMAND\(\d+, *(\w+), *\w+, *"([^"]+)", *"([^"]*)"',
                      (ROOT / "clients/cli/commands.def").read_text(), re.M)


class Manner(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon().start().load()

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__(None)

    def expect(self, code, *arguments, **more):
        done = self.daemon.cli(*arguments, **more)
        self.assertEqual(done.returncode, code, (arguments, done.stdout, done.stderr))
        self.assertNotIn("Sanitizer", done.stderr)
        return done

    def test_a_spreadsheet_reads_no_formula_and_every_comma(self):
        titles = ["=1+1", "+31 zes", "-x", "@SUM(A1)", "-12.50", 'zo "dan", ja', "gewoon"]
        for number, title in enumerate(titles):
            self.daemon.post(event("news.published", f"news/csv-{number}", f"csv-{number}",
                                   on="2026-11-24", data={"title": title, "summary": "x"}))
        text = subprocess.run(
            [BUILD / "waternet", "--runtime", self.daemon.runtime, "list", "news", "--region",
             "twente", "--csv"], capture_output=True, timeout=60, check=True).stdout
        self.assertEqual(text.count(b"\n"), text.count(b"\r\n"))
        rows = list(csv.DictReader(io.StringIO(text.decode(), newline="")))
        shown = [row["title"] for row in rows if row["news"].startswith("csv-")]
        self.assertEqual(shown, ["'=1+1", "'+31 zes", "'-x", "'@SUM(A1)", "-12.50",
                                 'zo "dan", ja', "gewoon"])

    def test_an_error_is_three_lines(self):
        for line, code, why, next in (
                ("list dingen", 2, "dingen", "werkplaats"), ("nope", 2, "nope", "--help"),
                ("list leden --csv --json", 2, "exclude", "leave"),
                ("log --count x", 2, "no number", "--count 20"),
                ("show twente/news/x", 3, "there is no", "list"),
                ("--as reader post member.left almelo", 4, "may not be posted", "secretary"),
                ("post member.left nergens", 6, "refused G11", "has not ended"),
                ("--runtime /tmp/wn-nobody status", 9, "nobody", "waternet status"),
                ("import /nergens", 1, "/nergens", "--help")):
            with self.subTest(line=line):
                lines = self.expect(code, *line.split()).stderr.splitlines()
                self.assertEqual(len(lines), 3, lines)
                self.assertTrue(lines[0].startswith("waternet: "), lines)
                self.assertIn(why, lines[1])
                self.assertTrue(lines[2].startswith("  ") and next in lines[2], lines)

    def test_every_command_and_type_has_its_section_in_the_manual(self):
        types = re.findall(r'^EVENT\(\d+, *\w+, *"([^"]+)"', (ROOT / "proto/events.def").read_text(),
                           re.M)
        pages = {page: BUILD / "man" / f"man{page[-1]}" / page
                 for page in ("waternet.1", "waternetd.8", "waternet-protocol.7")}
        for page in pages.values():
            done = subprocess.run(["mandoc", "-Tlint", "-W", "error", page], capture_output=True,
                                  text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout)
        shown = subprocess.run(["mandoc", "-Tutf8", pages["waternet.1"]], capture_output=True,
                               text=True, timeout=60).stdout
        sections = re.sub("(.)\b\\1", r"\1", shown).splitlines()
        for name in [f"{word} {arguments}".strip() for _, word, arguments in COMMANDS] + types:
            self.assertTrue(any(line.startswith(f"   {name}") for line in sections), name)
        options = re.findall(r'^OPTION\(\w+, *"([^"]+)"', (ROOT / "proto/config.def").read_text(),
                             re.M)
        page = pages["waternetd.8"].read_text().replace("\\-", "-")
        for option in options:
            self.assertIn(f"--{option}", page)

    def complete(self, *words):
        done = subprocess.run([BUILD / "waternet", "complete", "--runtime", self.daemon.runtime,
                               *words], capture_output=True, text=True, timeout=30)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.splitlines()

    def test_the_shell_completes_words_and_names(self):
        firsts = {word.split()[0] for _, word, _ in COMMANDS}
        self.assertEqual(set(self.complete("")), firsts)
        for _, word, _ in COMMANDS:
            parts = word.split()
            self.assertIn(parts[-1], self.complete(*parts[:-1], parts[-1][:2]))
            self.assertIn("--json", self.complete(*parts, "--js"))
        for words, expected in (
                (("list", "werk"), "werkplaatsen"), (("post", "news.w"), "news.withdrawn"),
                (("post", "news.published", "x", "--ti"), "--title"),
                (("post", "werkplaats.phase-changed", "x", "--to", "aft"), "aftercare"),
                (("post", "werkplaats.phase-changed", "riool"), "rioolvervanging"),
                (("post", "decision.taken", "x", "--outcome", "="), "positive"),
                (("post", "werkplaats.opened", "x", "--leads", "alm"), "almelo"),
                (("show", "tw"), "twente"), (("show", "twente/w"), "twente/werkplaats/"),
                (("show", "twente/werkplaats/rioolv"), "twente/werkplaats/rioolvervanging"),
                (("gaps", "--region", ""), "twente"), (("what-if", "x", "--purpose", "e"), "execution"),
                (("--as", "sec"), "secretary")):
            with self.subTest(words=words):
                self.assertIn(expected, self.complete(*words))
        begun = time.monotonic()
        done = subprocess.run([BUILD / "waternet", "complete", "--runtime", "/tmp/wn-nobody", "show",
                               ""], capture_output=True, text=True, timeout=30)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertLess(time.monotonic() - begun, 2)

    def test_bash_asks_the_program(self):
        script = f"""
            source {ROOT}/clients/cli/waternet.bash
            COMP_WORDS=({BUILD}/waternet --runtime {self.daemon.runtime} show twente/member/en)
            COMP_CWORD=4
            _waternet
            printf '%s\n' "${{COMPREPLY[@]}}"
            complete -p waternet"""
        done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True,
                              timeout=30)
        self.assertEqual(done.stdout.splitlines(), ["twente/member/enschede",
                                                    "complete -o default -F _waternet waternet"])


if __name__ == "__main__":
    unittest.main()
