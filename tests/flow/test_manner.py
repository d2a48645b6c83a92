#!/usr/bin/python3
"""One manner for all commands: what each can do is read from the rows, and every command is walked."""

import csv
import io
import re
import subprocess
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


if __name__ == "__main__":
    unittest.main()
