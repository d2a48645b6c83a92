#!/usr/bin/python3
"""One manner for all commands: what each can do is read from the rows, and every command is walked."""

import csv
import errno
import io
import json
import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from unittest import mock

import pseudo
from harness import BUILD, DATA, ROOT, Daemon, event
from test_cli import Terminal

COMMANDS = re.findall(r'^COMMAND\(\d+, *(\w+), *\w+, *"([^"]+)", *"([^"]*)"',
                      (ROOT / "clients/cli/commands.def").read_text(), re.M)


OPTIONS = re.findall(r'^OPTION\(.*?, *\w+, *"([^"]+)", *\w+, *"([^"]*)"',
                     (ROOT / "clients/cli/options.def").read_text(), re.M)
DUTCH = {"LC_ALL": "C.UTF-8", "LANGUAGE": "nl"}

# How each command is run so that it shows something: what stands for its arguments, and options
# that it needs. A command that is new here is run with SAMPLES of its arguments alone.
SAMPLES = {"TYPE": "news.published", "PATH": "voorbeeld/werkplaats/groene-schoolpleinen",
           "KIND": "members", "LEVEL": "voorbeeld", "WERKPLAATS": "groene-schoolpleinen",
           "SEQ": "{private}", "FILE|-": str(DATA), "NAME": "proef",
           "ENTITY": "voorbeeld/werkplaats/groene-schoolpleinen", "ROLE[:MEMBER]": "member:zilverlo", "POSITION": "begin",
           "FILE": "-", "CURSOR": "proef", "CURSOR...": "proef"}
NEEDED = {"POST": "--title T --summary S --on 2026-11-24 --dry-run", "IMPORT": "--dry-run",
          "WATCH": "--from begin --until-caught-up", "KEY_NEW": "--organisation zilverlo",
          "KEY_GRANT": "--dry-run", "KEY_WITHDRAW": "--dry-run", "KEY_RETIRE": "--dry-run",
          "KEY_REVOKE": "--dry-run", "ERASE": "--reason Proef. --dry-run", "DIFF": "--from seq:200"}
SPECIAL = {"CAN": ["news.published", "voorbeeld/news/proef"],  # other samples for one command
           "DIFF": ["voorbeeld/werkplaats"],  # keys hold whatever letters
           "KEY_GRANT": ["proef", "lead:zilverlo"]}
# What shows no table, and why.
NO_TABLE = {"CURSOR_REMOVE": "there is nothing to show any more",
            "EXPORT": "the log itself",
            "REPORT": "a text for people, in Markdown",
            "VERIFY": "a line as `waternetd verify` prints it"}

# Their output is for programs, on a terminal too, or in the language that --language says.
NOT_READ = {"EXPORT", "REPORT"}
# Columns whose label is the name itself.
SAME_IN_DUTCH = {label for name, label in re.findall(
    r'^FIELD\(\w+, *(\w+),.*?"([^"]*)"', (ROOT / "proto/fields.def").read_text(), re.M)
    if name == label} | {kind for kind in ("werkplaats", "partner")}
BLOCKS = {"POST", "IMPORT", "DIFF", "NEXT", "GAPS", "INBOX", "CAN", "ERASE", "KEY_NEW", "KEY_GRANT",
          "KEY_WITHDRAW", "KEY_RETIRE", "KEY_REVOKE"}  # no table on a terminal
ENGLISH_ONLY = {"man.c"}  # manual pages
# Words in the sources that nobody reads as a sentence: commands to type, lines that programs read too.
NO_SENTENCE = {
    "waternet key new %s --organisation ORGANISATION --curve '%s'", "waternet key grant %s operator",
    "waternet key grant %s secretary", "waternet key grant %s member:%s",
    "waternet post %s %s --region %s", "waternet post ", " --as member:%s",
    "waternet key grant %s %s%s --region %s", "%s: events=%s root=%s findings=%s",
    "others take part than when the costs of %s were split",  # in a pipe
    "waternet: out of memory\n",  # when nothing can be looked up
    "%s<event type>", "a subject of the kind ", "one of"}  # parts of what is said in rows
# Errors of every kind: what is typed, the exit code, a word of why and one of what to type next.
ERRORS = [
    ("list dingen", 2, "dingen", "werkplaats"), ("follow", 2, "follow", "did you mean watch?"),
    ("why", 2, "why", "did you mean next?"), ("changes", 2, "changes", "did you mean diff?"),
    ("show twente/member/almelo --on 3d", 2, "is no day", "--on 20"),
    ("post member.left almelo --region twente --on 3d", 2, "is no day", "--on 20"), ("nope", 2, "nope", "--help"),
    ("list leden --csv --json", 2, "exclude", "leave"),
    ("log --count x", 2, "no number", "--count 20"),
    ("show twente/news/x", 3, "there is no", "list"),
    ("--as reader post member.left almelo --region twente", 4, "may not be posted", "secretary"),
    ("post member.left nergens --region twente", 6, "(G11)", "has not ended"),
    ("--runtime /tmp/wn-nobody status", 9, "nobody answers in /tmp/wn-nobody", "--runtime DIR"),
    ("import /nergens", 1, "/nergens", "--help")]

MORE_ERRORS = []  # of which only the language is looked at


def sentences_of(source):
    """The texts of a C source with words in them: literals that stand side by side are one."""
    source = re.sub(r"^ *(//|#include).*|/\*.*?\*/|static_assert\(.*", "", source,
                    flags=re.M | re.I)
    literal = r'"((?:[^"\\\n]|\\.)*)"'
    for found in re.finditer(f"(?:{literal}\\s*)+", source):
        text = "".join(re.findall(literal, found[0]))
        for code, character in (("\\n", "\n"), ('\\"', '"'), ("\\\\", "\\")):
            text = text.replace(code, character)
        if re.search("[a-z]{2,} [a-z]{2,}", text):
            yield text


class Manner(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon().start().load()
        cls.daemon.cli("import", "--window", 64, ROOT / "data" / "voorbeeld.jsonl")
        cls.daemon.post({**event("contribution.submitted", "contribution/walk", "walk",
                                 region="voorbeeld"),
                         "data": {"kind": "addition", "text": "Ik weet meer."}})
        cls.private = str(cls.daemon.head())
        for name in ("proef", "proef-oud"):
            cls.daemon.cli("key", "new", name, "--organisation", "zilverlo", "--region",
                           "voorbeeld", "--file", cls.daemon.scratch / f"{name}.key")
        cls.daemon.cli("key", "grant", "proef", "member:zilverlo", "--region", "voorbeeld")
        cls.daemon.cli("cursor", "set", "proef", "end")
        cls.made = 0

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__(None)

    def expect(self, code, *arguments, **more):
        done = self.daemon.cli(*arguments, **more)
        self.assertEqual(done.returncode, code, (arguments, done.stdout, done.stderr))
        self.assertNotIn("Sanitizer", done.stderr)
        return done

    def words(self, name, word, arguments):
        """A command line that shows something."""
        samples = SPECIAL.get(name) or [SAMPLES.get(re.sub(r"^\[(.*)\]$", r"\1", argument), "")
                                        for argument in arguments.split()]
        self.assertTrue(all(samples), f"{word} {arguments}: no sample for this argument")
        words = word.split() + [sample.format(private=self.private) for sample in samples]
        words += NEEDED.get(name, "").split()
        if name == "KEY_NEW":  # a name and a file of its own each time
            type(self).made += 1
            words[2] = f"loop-{self.made}"
            words += ["--file", str(self.daemon.scratch / f"{words[2]}.key")]
        return words

    def show(self, name, word, arguments, *more, environment=None):
        """Its output, byte for byte."""
        region = {} if name == "LIST" else {"WATERNET_REGION": "voorbeeld"}
        words = self.words(name, word, arguments)
        done = subprocess.run([BUILD / "waternet", "--runtime", self.daemon.runtime, *words, *more],
                              capture_output=True, timeout=60,
                              env={**os.environ, **region, **(environment or {})})
        self.assertEqual(done.returncode, 0, (words, done.stdout, done.stderr))
        return done.stdout.decode()

    def test_every_command_has_a_table_for_each_reader(self):
        for name, word, arguments in COMMANDS:
            if name in NO_TABLE:
                continue
            with self.subTest(command=word):
                lines = self.show(name, word, arguments).splitlines()
                self.assertGreater(len(lines), 1)
                columns = lines[0].split("\t")
                self.assertGreater(len(columns), 1, lines[0])
                self.assertEqual({line.count("\t") for line in lines}, {len(columns) - 1})
                text = self.show(name, word, arguments, "--csv")
                self.assertEqual(text.count("\n"), text.count("\r\n"))
                rows = list(csv.reader(io.StringIO(text, newline="")))
                self.assertEqual(rows[0], columns)
                self.assertEqual({len(row) for row in rows}, {len(columns)})
                bare = self.show(name, word, arguments, "--csv", "--no-header")
                self.assertNotEqual(bare.splitlines()[0], text.splitlines()[0])
                for line in self.show(name, word, arguments, "--json").splitlines():
                    json.loads(line)
                # Programs read the same in every language; a new key is another one each time.
                dutch = self.show(name, word, arguments, environment=DUTCH).splitlines()
                steady = [[re.sub(r"[0-9a-f-]{36}|\d+", "#", line) for line in output
                           if not line.startswith("curve\t")] for output in (lines, dutch)]
                self.assertEqual(*steady)

    def test_every_command_helps_and_fails_in_the_same_way(self):
        for name, word, arguments in COMMANDS:
            with self.subTest(command=word):
                text = self.expect(0, *word.split(), "--help").stdout
                self.assertTrue(text.startswith(f"usage: waternet {word}"))
                self.assertIn("general options, like --json, --csv and --as: `waternet --help`",
                              text)
                dutch = self.expect(0, *word.split(), "--help", environment=DUTCH).stdout
                self.assertTrue(dutch.startswith(f"gebruik: waternet {word}"))
                self.assertNotEqual(dutch.splitlines()[2], text.splitlines()[2])
                wrong = self.expect(2, *word.split(), "--nope").stderr.splitlines()
                self.assertEqual(wrong[1:], ["no option --nope", f"  see: waternet {word} --help"])
                wrong = self.expect(2, *word.split(), "--nope", environment=DUTCH).stderr
                self.assertIn("niet begrepen", wrong)
                if name != "KEY_NEW":  # connects when it has looked at what was typed
                    self.expect(9, "--runtime", "/tmp/wn-nobody",
                                *self.words(name, word, arguments))

    def test_a_refusal_and_its_words_are_dutch_for_who_reads_dutch(self):
        refused = ("post", "werkplaats.opened", "zonder", "--region", "twente", "--name", "x",
                   "--kind", "project")
        lines = self.expect(6, *refused, environment=DUTCH).stderr.splitlines()
        self.assertIn("een regel weigert het", lines[0])
        self.assertEqual(lines[1:3], [
            'geweigerd: een werkplaats begint met een onderwerp en het belang van alle leden (G1): '
            '--theme: werkplaats "zonder" opent zonder thema', "  het gedeelde onderwerp in een regel: theme"])
        text = self.expect(0, "post", "werkplaats.phase-changed", "--help",
                           environment=DUTCH).stdout
        self.assertIn("uitvoering (execution)", text)

    def test_no_text_lacks_its_dutch_and_no_format_differs(self):
        with tempfile.TemporaryDirectory() as scratch:
            template = pathlib.Path(scratch) / "waternet.pot"
            template.write_text(subprocess.run([ROOT / "scripts" / "messages"], capture_output=True,
                                               text=True, timeout=60, check=True).stdout)
            po = ROOT / "clients/po/nl/waternet.po"
            done = subprocess.run(["msgcmp", po, template], capture_output=True, text=True,
                                  timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            done = subprocess.run(["msgfmt", "--check-format", "-o", "/dev/null", po],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_sentence_in_the_sources_is_in_the_catalogue(self):
        def plain(text):  # the daemon's numbers are words to the client
            return re.sub(r"%[.*]*(ll|z)?[sdu]", "%s", text)

        known = {plain(text) for text in pseudo.known(BUILD / "locale/nl/LC_MESSAGES/waternet.mo")}
        # The report and the dashboard have their texts in both languages in rows of their own.
        files = [*(ROOT / "clients/cli").glob("*.c"), *(ROOT / "clients/lib").glob("*.c"),
                 *(ROOT / f"proto/{name}.c" for name in ("cloudevent", "event", "schema", "wire"))]
        texts = [(file.name, text) for file in sorted(files) if file.name not in ENGLISH_ONLY
                 for text in map(plain, sentences_of(file.read_text()))]
        texts += [("gaps.def", text) for text in re.findall(
            r'^GAP\(.*"([^"]*)"\)', (ROOT / "daemon/gaps.def").read_text(), re.M)]
        self.assertGreater(len(texts), 200)
        self.assertEqual([(file, text) for file, text in texts if text not in known | NO_SENTENCE],
                         [])

    def vocabulary(self):
        """What people read that is no sentence: names of the rows, their Dutch labels, data."""
        found = {"waternet", "waternetd", "findings", *os.strerror(errno.ENOENT).split()}

        def take(value):
            if isinstance(value, dict):
                for key, inner in value.items():
                    found.add(key)
                    if key not in ("found", "accepted", "help", "warnings"):
                        take(inner)
            elif isinstance(value, list):
                for inner in value:
                    take(inner)
            elif isinstance(value, str):
                found.update(*(pseudo.parts(word) | {word} for word in pseudo.words(value)))

        take([list(row) for row in COMMANDS + OPTIONS])
        for table in ("kinds", "roles", "phases", "keystates", "choices"):
            take(re.findall('"([^"]*)"', (ROOT / f"proto/{table}.def").read_text()))
        for row in re.findall(r'^FIELD\(\w+, *(\w+),.*?"([^"]*)"',
                              (ROOT / "proto/fields.def").read_text(), re.M):
            take(list(row))
        take(re.findall(r'^GAP\("([^"]+)"', (ROOT / "daemon/gaps.def").read_text(), re.M))
        for line in ("types", "log", "status", "whoami", "cursor list", "key list",
                     "inbox --region voorbeeld"):
            for row in self.expect(0, *line.split(), "--json").stdout.splitlines():
                take(json.loads(row))
        return found

    def in_pseudo(self, *words):
        """What a person reads of it on a terminal."""
        region = {} if words[0] == "list" else {"WATERNET_REGION": "voorbeeld"}
        with mock.patch.dict(os.environ, {"TERM": "dumb", "LANGUAGE": pseudo.LANGUAGE, **region}):
            return Terminal(self.daemon, *words, columns=1000).finish()[1]

    def expect_marked(self, text, vocabulary, typed):
        vocabulary |= pseudo.words(" ".join(typed))  # and later lists may tell of it
        # Without the code beside its label, ids, keys, and words that were cut.
        text = re.sub(rf"([{pseudo.MARKED}]) \([\w .-]+\)", r"\1", text)
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}|(?<=\(curve\)) .*", "", text)
        text = re.sub(r"'([a-z|-]+)'", lambda words: words[1].replace("|", " "), text)  # to choose from
        text = re.sub(r"\S+…", "", text).replace(str(self.daemon.runtime), "")
        vocabulary |= {f"loop-{number}" for number in range(self.made + 1)}  # keys of this walk
        left = pseudo.unmarked(text, vocabulary)
        self.assertEqual({word for word in left if not word.isupper()}, set(), text[:3000])

    def expect_labels(self, text, name, word, arguments):
        """That each column and field has its label, with what programs call it beside it."""
        lines = [line.split("\t") for line in self.show(name, word, arguments).splitlines()]
        names = lines[0]
        if names == ["field", "value"]:
            names = [line[0].removesuffix("_ms") for line in lines[1:] if "." not in line[0]]
        for column in names:
            if f" ({column})" in text or any(column in line.split() for line in text.splitlines()
                                             if column in SAME_IN_DUTCH):
                continue
            self.assertIn(name, BLOCKS, f"{column} has no label in:\n{text[:2000]}")

    def test_whatever_a_person_reads_was_looked_up(self):
        self.addCleanup(shutil.rmtree, pseudo.make(BUILD / "locale"))
        vocabulary = self.vocabulary()
        for name, word, arguments in COMMANDS:
            with self.subTest(command=word):
                words = self.words(name, word, arguments)
                self.expect(0, "cursor", "set", "proef", "begin")
                if name not in NOT_READ:
                    text = self.in_pseudo(*words)
                    self.expect_marked(text, vocabulary, words)
                if name not in NO_TABLE:
                    self.expect_labels(text, name, word, arguments)
                text = self.in_pseudo(*word.split(), "--help")
                self.assertIn(pseudo.mark("usage"), text)
                self.expect_marked(text, vocabulary, [])
        for line, *_ in ERRORS + MORE_ERRORS:
            with self.subTest(line=line):
                text = self.daemon.cli(*line.split(), environment={
                    "LANGUAGE": pseudo.LANGUAGE, "LC_ALL": "C.UTF-8"}).stderr
                self.assertRegex(text, f"[{pseudo.MARKED}]{{3}}")
                self.expect_marked(text, vocabulary, line.split())

    def test_every_sentence_of_the_daemon_is_known_to_the_client(self):
        rows = re.findall(r'^SAID\("((?:[^"\\]|\\.)*)"\)',
                          (ROOT / "clients/cli/said.def").read_text(), re.M)
        patterns = [re.compile("(.*)".join(map(re.escape, row.split("%s"))) + "$")
                    for row in rows if re.search("[a-z]{2}", row)]
        unknown = []
        for file in sorted((ROOT / "daemon").glob("*.c")) + [ROOT / "proto/schema.c"]:
            for said in re.findall(r'fault_(?:found|accepted)\([^;"]*?"((?:[^"]|"\s*")*?)",?[^"]*?;',
                                   file.read_text()):
                sentence = re.sub(r'"\s*"', "", said)
                sentence = re.sub(r"%(\.\*)?(ll|z)?[sdu]", "X", sentence)
                known = any(pattern.match(sentence) for pattern in patterns)
                if len(re.findall("[a-z]{2,}", sentence)) > 1 and not known:
                    unknown.append((file.name, sentence))
        self.assertEqual(unknown, [])

    def on_terminal(self, *arguments, **environment):
        with mock.patch.dict(os.environ, {"TERM": "xterm", "LANGUAGE": "en", **environment}):
            code, text = Terminal(self.daemon, *arguments).finish()
        self.assertEqual(code, 0, text)
        return text

    def test_colour_and_how_long_ago_are_for_a_terminal_that_wants_them(self):
        steps = ("next", "groene-schoolpleinen", "--region", "voorbeeld")
        self.assertIn("\x1b[32mready\x1b[0m", self.on_terminal(*steps))
        for plain in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            text = self.on_terminal(*steps, **plain)
            self.assertIn("ready", text)
            self.assertNotIn("\x1b", text)
        self.assertNotIn("\x1b", self.on_terminal(*steps, "--csv"))
        self.assertRegex(self.on_terminal("log", "--from", "-1"), r"\d\d:\d\d  \d+ (s|min) ago")
        self.assertIn("uitvoering (execution)",
                      self.on_terminal("list", "werkplaatsen", LANGUAGE="nl"))
        self.assertNotIn(" ago", self.expect(0, "log", "--from", "-1").stdout)

    def test_a_program_that_is_not_installed_takes_the_catalogue_beside_it(self):
        with tempfile.TemporaryDirectory() as scratch:
            program = shutil.copy(BUILD / "waternet", scratch)
            messages = pathlib.Path(scratch) / "locale/nl/LC_MESSAGES"
            messages.mkdir(parents=True)
            text = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
            text += 'msgid "not understood"\nmsgstr "beside"\n'
            subprocess.run(["msgfmt", "-o", messages / "waternet.mo", "-"], input=text, text=True,
                           check=True)
            done = subprocess.run([program, "--nope"], env={**os.environ, **DUTCH},
                                  capture_output=True, text=True)
            self.assertIn("beside", done.stderr)

    def test_the_general_options_stand_in_one_place(self):
        text = self.expect(0, "--help").stdout
        for option in ("--runtime", "--as", "--json", "--csv", "--no-header", "--help"):
            self.assertIn(f"  {option} ", text)
            self.assertNotIn(f"  {option} ", self.expect(0, "log", "--help").stdout)

    def test_who_posts_for_a_member_hears_how(self):
        for name in ("decision.taken", "participation.declared", "participation.ended"):
            self.assertIn("For a member: --as member:MEMBER, or as the secretary with --reference",
                          self.expect(0, "post", name, "--help").stdout)
        self.assertNotIn("For a member", self.expect(0, "post", "news.published", "--help").stdout)

    def test_help_needs_no_daemon(self):
        for line in ("--help", "log --help", "post news.published --help"):
            done = self.expect(0, "--runtime", "/tmp/wn-nobody", *line.split())
            self.assertTrue(done.stdout.startswith("usage: "))

    def loaded_in(self, debug):
        return set(re.findall(r"file=(lib\w+)\S* \[0\];  (?:needed|dynamically loaded)", debug))

    def test_who_needs_no_daemon_waits_for_no_library_of_it(self):
        heavy = {"libzmq", "libczmq", "libcrypto"}
        codes = {"--help": 0, "post --help": 0, "post news.published --help": 0, "key --help": 0,
                 "--version": 0, "": 2, "nope": 2, "log --nope": 2, "complete po": 0,
                 "complete post news.p": 0, "complete list --": 0,
                 "complete post werkplaats.phase-changed x --to ": 0}
        for line, expected in codes.items():
            with self.subTest(line=line):
                words = line.split(" ") if line else []
                done = subprocess.run([BUILD / "waternet", *words], capture_output=True, text=True,
                                      timeout=60, env={**os.environ, "LD_DEBUG": "files"})
                names = self.loaded_in(done.stderr)
                self.assertEqual(done.returncode, expected, done.stdout)
                self.assertIn("libjansson", names)  # that it is seen at all
                self.assertEqual(names & heavy, set())
        done = self.daemon.cli("verify", environment={"LD_DEBUG": "files"})
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.loaded_in(done.stderr) & heavy, heavy)

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

    def test_help_says_what_json_prints(self):
        rows = re.findall(r"^COMMAND\(\d+, *(\w+),.*?(?:CONNECTS|ALONE), *(\w+),",
                          (ROOT / "clients/cli/commands.def").read_text(), re.M)
        self.assertEqual(len(rows), len(COMMANDS))
        said = {"ONE": "one object)", "LINES": "an object a line;",
                "NONE": "nothing,"}
        for (name, word, arguments), (_, shape) in zip(COMMANDS, rows):
            with self.subTest(command=word):
                self.assertIn(f"(with --json: {said[shape]}",
                              self.expect(0, *word.split(), "--help").stdout)
                if shape != "NONE":
                    lines = self.show(name, word, arguments, "--json").splitlines()
                    self.assertTrue(lines)
                    for line in lines:
                        self.assertIsInstance(json.loads(line), dict)
                    if shape == "ONE":
                        self.assertEqual(len(lines), 1)

    def test_an_error_is_three_lines(self):
        for line, code, why, next in ERRORS:
            with self.subTest(line=line):
                lines = self.expect(code, *line.split()).stderr.splitlines()
                self.assertEqual(len(lines), 3, lines)
                self.assertTrue(lines[0].startswith("waternet: "), lines)
                self.assertIn(why, lines[1])
                self.assertTrue(lines[2].startswith("  ") and next in lines[2], lines)

    def test_every_example_of_the_manual_ends_as_it_says(self):
        self.daemon.cli("cursor", "set", "proef", "end")
        rows = re.findall(r'^EXAMPLE\("[^"]*", "([^"]*)", (\d)\)',
                          (ROOT / "clients/cli/examples.def").read_text(), re.M)
        self.assertGreater(len(rows), 5)
        for command, code in rows:
            with self.subTest(command=command):
                words = shlex.split(command)[1:]
                self.expect(int(code), *words,
                            *(["--until-caught-up"] if words[0] == "watch" else []))

    def test_code_of_the_manual_is_shown_letter_by_letter(self):
        for page in ("waternet.1", "waternetd.8"):
            text = subprocess.run([BUILD / "waternet", "man", page], capture_output=True, text=True,
                                  timeout=60, check=True).stdout
            blocks = re.findall(r"^```\n(.*?)^```", text, re.M | re.S)
            self.assertGreater(len(blocks), 1)
            shown = subprocess.run(
                ["man", "-l", BUILD / "man" / f"man{page[-1]}" / page], capture_output=True, text=True,
                timeout=60, env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}).stdout
            lines = [line.strip() for line in shown.splitlines()]
            for block in blocks:
                wanted = block.splitlines()
                with self.subTest(page=page, block=block):  # its lines, and nothing between them
                    self.assertIn(wanted[0], lines)
                    at = lines.index(wanted[0])
                    self.assertEqual(lines[at:at + len(wanted)], wanted)

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
                (("--as", "sec"), "secretary"), (("--as", "mem"), "member:"),
                (("--as", "member:kiev"), "member:kievitsdrecht"),
                (("--as", "secretary:tw"), "secretary:twente"),
                (("key", "grant", "proef", "lead:zilverlo@groen"),
                 "lead:zilverlo@groene-schoolpleinen"),
                (("key", "grant", "pro"), "proef"), (("can", "x", "y", "--for", "pro"), "proef"),
                (("can", "x", "y", "--for", "voorbeeld/key/pro"), "voorbeeld/key/proef"),
                (("cursor", "set", "pro"), "proef"), (("cursor", "remove", ""), "proef"),
                (("watch", "--cursor", "p"), "proef"), (("cursor", "set", "x", "be"), "begin"),
                (("show", "x", "--at", "s"), "seq:"), (("log", "--from", "i"), "id:"),
                (("show", "x", "--at", "seq:"), f"seq:{self.daemon.head()}"),
                (("show", "twente"), "twente/"), (("list", "news", "--region", "voor"), "voorbeeld"),
                (("what-if", "x", "--key", "sam"), "samen-delen"),
                (("post", "werkplaats.opened", "x", "--leads", "almelo,ensch"), "almelo,enschede"),
                (("post", "werkplaats.plan-adopted", "x", "--sectors", "government,bus"),
                 "government,business"),
                (("post", "subscription.created", "x", "--dig"), "--digest"),
                (("next", "groene"), "groene-schoolpleinen"),
                (("next", "voorbeeld/werkplaats/groene"),
                 "voorbeeld/werkplaats/groene-schoolpleinen")):
            with self.subTest(words=words):  # on a busy machine patience may end before the answer
                found = []
                for _ in range(10):
                    found = found if expected in found else self.complete(*words)
                self.assertIn(expected, found)
        self.assertNotIn("begin", self.complete("show", "x", "--at", ""))
        self.assertEqual(self.complete("key", "new", ""), [])

    def test_without_a_daemon_nothing_is_completed_and_nothing_is_said(self):
        for line in ("show ", "--as member:", "cursor set ", "show x --at seq:", "list news --region "):
            with self.subTest(line=line):
                begun = time.monotonic()
                done = subprocess.run([BUILD / "waternet", "complete", "--runtime",
                                       "/tmp/wn-nobody", *line.split(" ")], capture_output=True,
                                      text=True, timeout=30)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
                self.assertLess(time.monotonic() - begun, 2)

    def typed_in_bash(self, line):
        """What the line becomes when Tab is typed behind it, in a bash as people have it."""
        child, master = pty.fork()
        if child == 0:
            os.environ.update(PS1="$ ", TERM="dumb", PATH=f"{BUILD}:{os.environ['PATH']}",
                              INPUTRC="/dev/null", HISTFILE="/dev/null", COLUMNS="500")
            os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        # Tab; then the line becomes what printf prints.
        os.write(master, f"source {ROOT}/clients/cli/waternet.bash\n"
                         f"waternet --runtime {self.daemon.runtime} {line}\t"
                         "\x01printf '%s|shown\\n' '\x05'\n".encode())
        text, shown = "", None
        while shown is None and select.select([master], [], [], 20)[0]:
            text += os.read(master, 65536).decode()
            shown = re.search(r"--runtime \S+ ([^|'\r\n]*)\|shown\r", text)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(master)
        self.assertIsNotNone(shown, text)
        return shown[1]

    def test_bash_asks_the_program(self):
        for line, becomes in (
                ("show twente/member/en", "show twente/member/enschede "),
                ("show twente/mem", "show twente/member/"),  # and no space
                ("key grant proef member:zilv", "key grant proef member:zilverlo "),
                ("key grant proef mem", "key grant proef member:"),
                ("show x --at se", "show x --at seq:"),
                ("post decision.taken x --outcome=pos", "post decision.taken x --outcome=positive "),
                ("--as lead:zilverlo@groe", "--as lead:zilverlo@groene-schoolpleinen ")):
            with self.subTest(line=line):
                found = ""
                for _ in range(10):
                    found = found if found == becomes else self.typed_in_bash(line)
                self.assertEqual(found, becomes)


if __name__ == "__main__":
    unittest.main()
