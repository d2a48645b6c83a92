#!/usr/bin/python3
"""The Dutch manual of the secretary is true: each of its commands does, in its order, what it says."""

import os
import re
import shlex
import unittest

from harness import ROOT, Daemon

MANUAL = ROOT / "doc/handleiding-secretaris.md"
DUTCH = {"LC_ALL": "C.UTF-8", "LANGUAGE": "nl"}


def steps():
    """(command, lines of output that are told) of each `$ ` in a block, in order."""
    found = []
    for block in re.findall(r"^```\n(.*?)^```", MANUAL.read_text(), re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


class Manual(unittest.TestCase):
    def test_every_command_works_in_its_order_or_is_refused_as_told(self):
        self.assertGreater(len(steps()), 20)
        with Daemon() as daemon:
            daemon.load()
            done = daemon.cli("import", ROOT / "data/voorbeeld.jsonl")
            self.assertEqual(done.returncode, 0, done.stderr)
            known = daemon.cli("--help").stdout
            environment = dict(DUTCH)
            ran = refused = 0
            for command, told in steps():
                first, *words = shlex.split(command)
                if first == "export":
                    environment.update([words[0].split("=")])
                    continue
                self.assertEqual(first, "waternet")
                if not re.search(rf"^ +{words[0]}\b", known, re.MULTILINE):
                    continue  # a command of a later version
                with self.subTest(command):
                    done = daemon.cli(*words, environment=environment)
                    output = done.stdout + done.stderr
                    self.assertEqual(done.returncode, 6 if told else 0, output)
                    self.assertTrue(output.strip(), "it says nothing")
                    for line in told:
                        self.assertIn(line.rstrip(), output)
                        output = output[output.index(line.rstrip()):]
                    ran, refused = ran + 1, refused + bool(told)
        self.assertGreater(ran, 18)
        self.assertEqual(refused, 1)

    def test_commands_in_its_sentences_are_commands(self):
        text = re.sub(r"^```.*?^```", "", MANUAL.read_text(), flags=re.MULTILINE | re.DOTALL)
        named = re.findall(r"`waternet ([a-z-]+)", text)
        self.assertTrue(named)
        with Daemon() as daemon:
            for name in named:
                self.assertIn(f" {name} ", daemon.cli("--help").stdout)

    def test_it_is_two_pages(self):
        """Two of A4 hold some 1,100 words of this kind."""
        self.assertLess(len(MANUAL.read_text().split()), 1150)


if __name__ == "__main__":
    unittest.main()
