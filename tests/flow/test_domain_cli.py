#!/usr/bin/python3
"""The commands for the work itself: next, gaps, what-if, inbox, and asking for an event by its fields."""

import datetime
import json
import os
import pty
import re
import select
import shlex
import subprocess
import tempfile
import time
import unittest

from harness import BUILD, ROOT, Daemon

EXAMPLE = ROOT / "data" / "voorbeeld.jsonl"
PLEINEN = "voorbeeld/werkplaats/groene-schoolpleinen"
PLACEHOLDERS = {"TEXT": "Alle leden besparen erop.", "MEMBER,...": "elzenwaarde",
                "MEMBER": "elzenwaarde", "DATE": "2026-10-01", "LINE": "verslag van 1 oktober 2026",
                "N": "12345", "WORD": "positive"}


def loaded():
    """Both files, the example behind the real programme: its line numbers are no sequence numbers."""
    return LoadedDaemon()


class LoadedDaemon(Daemon):
    def __enter__(self):
        super().__enter__()
        self.load()
        done = self.cli("import", "--window", 64, EXAMPLE)
        assert done.returncode == 0, done.stderr
        return self

    def rows(self, *arguments):
        """What a command prints into a pipe, as dictionaries."""
        done = self.cli(*arguments)
        assert done.returncode == 0, done.stderr
        lines = [line.split("\t") for line in done.stdout.splitlines()]
        return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]

    def said(self, *arguments):
        done = self.cli(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def state(self):
        status = self.ask("status")
        return status["head"], status["root"]

    def on_terminal(self, *arguments, answers=(), prompt=re.compile(r"> $|\[y/n\] $|-\): $")):
        """Runs it on a pseudo-terminal; answers(last lines) gives what is typed at each prompt."""
        parent, child = pty.openpty()
        process = subprocess.Popen(
            [BUILD / "waternet", "--runtime", self.runtime, *map(str, arguments)], stdin=child,
            stdout=child, stderr=child, env={**os.environ, "TERM": "dumb"})
        os.close(child)
        text, asked, end = "", 0, time.monotonic() + 30
        while time.monotonic() < end:
            if not select.select([parent], [], [], 1)[0]:
                continue
            try:
                text += os.read(parent, 65536).decode(errors="replace")
            except OSError:  # the other side is closed
                break
            if answers and prompt.search(text[asked:]):
                line = answers(text[asked:])
                asked = len(text)
                os.write(parent, f"{line}\n".encode())
        code = process.wait(10)
        os.close(parent)
        return code, text.replace("\r", "")


def filled(command):
    """A command that was printed, with its placeholders replaced, as arguments."""
    words = shlex.split(command)
    assert words[0] == "waternet", command
    return [PLACEHOLDERS.get(word, word.replace("MEMBER", "elzenwaarde")) for word in words[1:]]


def typing(values):
    """Answers each prompt by the name of its field; lists of values are typed one by one."""
    left = {name: list(value) if isinstance(value, list) else [value]
            for name, value in values.items()}
    last = [""]

    def answer(text):
        if "post this?" in text.lower():
            return "y"
        if "more? [y/n]" in text:
            return "y" if any(left.values()) else "n"
        field = re.search(r"^([a-z_.]+): ", text, re.MULTILINE)
        if "add it? [y/n]" in text:
            return "y" if any(name.startswith(f"{field[1]}.") for name in left) else "n"
        if field:
            last[0] = field[1]
        rest = left.get(last[0], [])
        return rest.pop(0) if rest else ""
    return answer


class Next(unittest.TestCase):
    def test_next_tells_each_step_of_a_werkplaats_and_what_is_missing_for_it(self):
        with loaded() as daemon:
            rows = daemon.rows("next", PLEINEN)
            ready = {row["to"]: row["ready"] for row in rows if row["to"]}
            self.assertEqual(ready, {"idea": "with-reason", "execution": "no", "aftercare": "no",
                                     "completed": "no", "stopped": "with-reason"})
            self.assertEqual({row["guard"] for row in rows if row["to"] == "execution"}, {"G5"})
            short = daemon.rows("next", "groene-schoolpleinen", "--region", "voorbeeld")
            self.assertEqual(rows, short)
            code, text = daemon.on_terminal("next", PLEINEN)
            self.assertEqual(code, 0)
            self.assertIn(f"{PLEINEN}  preparation\n", text)
            self.assertIn("to decide: zilverlo: EUR 46551.72 for execution, its board has not "
                          "decided; to be decided by 2027-01-31", text)

    def test_next_of_the_past_tells_what_was_missing_then(self):
        with loaded() as daemon:
            research = "id:voorbeeld-groene-schoolpleinen-naar-research"
            then = daemon.said("next", PLEINEN, "--at", research)
            now = daemon.said("next", PLEINEN)
            self.assertEqual([then["werkplaatsen"][0]["phase"], now["werkplaatsen"][0]["phase"]],
                             ["research", "preparation"])
            self.assertLess(then["position"], now["position"])
            steps = {step["to"]: step["missing"] for step in then["werkplaatsen"][0]["steps"]}
            self.assertEqual({fault["guard"] for fault in steps["preparation"]}, {3, 5})
            earlier = daemon.said("show", PLEINEN, "--at", f"seq:{then['position']}")
            self.assertEqual(earlier["record"]["fields"]["phase"], "research")
            nothing = daemon.cli("next", PLEINEN, "--at", "begin")
            self.assertEqual(nothing.returncode, 3, nothing.stderr)

    def test_a_name_alone_is_looked_up_in_the_only_region_that_has_it(self):
        with loaded() as daemon:
            for words in (("next",), ("show",), ("history",), ("log",),
                          ("watch", "--until-caught-up"), ("diff", "--from", "begin")):
                for name in ("groene-schoolpleinen", "werkplaats/groene-schoolpleinen"):
                    with self.subTest(words=words, name=name):
                        done, whole = (daemon.cli(*words, each) for each in (name, PLEINEN))
                        self.assertEqual((done.returncode, done.stdout),
                                         (0, whole.stdout), done.stderr)
            self.assertIn("there is no region nope", daemon.cli("log", "nope").stderr)
            self.assertIn("there are several regions: twente, voorbeeld\n",
                          daemon.cli("show", "bestuurlijk-kernteam").stderr)  # both have one

    def test_next_of_a_member_tells_what_its_own_board_has_to_decide(self):
        with loaded() as daemon:
            rows = daemon.rows("next", "--region", "voorbeeld", "--member", "zilverlo")
            shares = {row["purpose"]: (row["share EUR"], row["decided EUR"]) for row in rows
                      if row["path"] == PLEINEN}
            self.assertEqual(shares, {"preparation": ("3103.45", "2750.00"),
                                      "execution": ("46551.72", "")})

    def test_next_is_about_werkplaatsen_only(self):
        with loaded() as daemon:
            done = daemon.cli("next")
            self.assertEqual((done.returncode, done.stderr.splitlines()[1:]), (
                2, ["there are several regions: twente, voorbeeld",
                    "  the same with --region twente, or another of them"]))
            self.assertEqual(daemon.cli("next", "twente/member/almelo").returncode, 2)
            self.assertEqual(daemon.cli("next", "nope").returncode, 2)
            self.assertEqual(daemon.cli("next", "twente/werkplaats/nope").returncode, 3)


class Remedies(unittest.TestCase):
    """What is printed to type is typed, nothing else; only what stands in capitals is filled in."""

    def type(self, daemon, command, filling=None):
        words = [{**PLACEHOLDERS, **(filling or {})}.get(word, word.split("|")[0])
                 for word in shlex.split(command)]  # any of the boards will do
        self.assertEqual(words[0], "waternet")
        self.assertFalse([word for word in words if re.fullmatch("[A-Z][A-Z,.-]+", word)], command)
        return daemon.cli(*words[1:])

    def steps(self, daemon):
        werkplaats = daemon.said("next", PLEINEN)["werkplaatsen"][0]
        return werkplaats["phase"], {step["to"]: step for step in werkplaats["steps"]}

    def test_a_werkplaats_is_played_to_its_end_by_what_next_prints(self):
        core = {"BODY": "bestuurlijk-kernteam", "WORD": "college", "TEXT": "Er is geleerd."}
        with loaded() as daemon:
            bodies = daemon.rows("list", "bodies", "--region", "voorbeeld")
            core["BODY"] = next(row["body"] for row in bodies
                                if row["core_of"] and row["level"] == "administrative")
            for phase, to in (("preparation", "execution"), ("execution", "aftercare"),
                              ("aftercare", "completed")):
                now, steps = self.steps(daemon)
                self.assertEqual(now, phase)
                missing = steps[to]["missing"]
                self.assertGreater(len(missing), 0)
                _, text = daemon.on_terminal("next", PLEINEN)
                for fault in missing:
                    self.assertIn("--region voorbeeld", fault["command"])
                    self.assertIn(f"    {fault['command']}\n", text)
                    done = self.type(daemon, fault["command"], core)
                    self.assertEqual(done.returncode, 0, f"{fault}\n{done.stderr}")
                step = self.steps(daemon)[1][to]
                self.assertEqual(step["missing"], [])
                self.assertIn(f"--from {phase} --to {to}", step["command"])
                done = self.type(daemon, step["command"])
                self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.steps(daemon), ("completed", {}))

    def test_the_boards_that_have_to_decide_each_have_their_command_in_euros(self):
        with loaded() as daemon:
            _, steps = self.steps(daemon)
            commands = [fault["command"] for fault in steps["execution"]["missing"]]
            self.assertEqual([re.findall(r"--member (\S+).*--amount (\S+).*--as (\S+)", command)
                              for command in commands],
                             [[("kievitsdrecht", "115448.28", "member:kievitsdrecht")],
                              [("zilverlo", "46551.72", "member:zilverlo")]])
            code, text = daemon.on_terminal("next", PLEINEN)
            self.assertEqual(code, 0)
            for command in commands:  # a board that a step told of is not told of twice
                self.assertEqual(text.count(command), 1)
            self.assertIn("at least EUR 115448.28\n", text)
            self.assertIn("  execution    not yet\n", text)
            self.assertIn("; needs a reason", text)
            self.assertEqual(text.count("What stands in capitals"), 1)
            self.assertEqual(text.count("Of the words with |"), 1)
            boards = [re.search(r"--board (\S+)", command)[1] for command in commands]
            kinds = [daemon.said("show", f"voorbeeld/member/{member}")["record"]["fields"]["kind"]
                     for member in ("kievitsdrecht", "zilverlo")]
            words = {"municipality": "'college|council'",
                     "water-board": "'executive-board|general-board'"}
            self.assertEqual(boards, [words[kind] for kind in kinds])
            self.assertIn("--purpose preparation --amount 7696.55", text)

    def test_a_refused_post_prints_what_to_type_and_that_makes_it_possible(self):
        step = ("post", "werkplaats.phase-changed", "groene-schoolpleinen", "--region", "voorbeeld",
                "--to", "execution", "--reference", "besluit 'A' van 1 mei")
        with loaded() as daemon:
            before = daemon.state()
            for more, code in ((("--from", "preparation", "--dry-run"), 6), ((), 2)):
                done = daemon.cli(*step, *more)
                self.assertEqual(done.returncode, code, done.stderr)
                commands = re.findall(r"^ +(waternet post .*)$", done.stderr, re.M)
                self.assertEqual(sum("decision.taken" in command for command in commands), 2)
                for command in commands:
                    self.assertEqual("--dry-run" in command, "--dry-run" in more, command)
                self.assertEqual(done.stderr.count("every board agrees to its share"), 1)
                self.assertIn(": G5: --to: the board of", done.stderr)
                self.assertIn("see: waternet post decision.taken --help", done.stderr)
            self.assertEqual(daemon.state(), before)
            self.assertEqual(commands[-1], (
                "waternet post werkplaats.phase-changed groene-schoolpleinen --region voorbeeld "
                "--from preparation --to execution --reference 'besluit '\\''A'\\'' van 1 mei' "
                f"--runtime {daemon.runtime}"))
            for command in commands:
                done = self.type(daemon, command, {})
                self.assertEqual(done.returncode, 0, f"{command}\n{done.stderr}")
            self.assertEqual(self.steps(daemon)[0], "execution")

    def test_a_malformed_post_prints_itself_with_what_is_to_be_filled_in(self):
        with loaded() as daemon:
            done = daemon.cli("post", "news.published", "nieuwe-straat", "--region", "voorbeeld",
                              "--title", "Straat open", "--on", "gisteren")
            self.assertEqual(done.returncode, 2)
            command = re.findall(r"^  (waternet post .*)$", done.stderr, re.M)[-1]
            self.assertIn("malformed: --on: ", done.stderr)
            self.assertIn("what stands in capitals", done.stderr)
            self.assertEqual(command, "waternet post news.published nieuwe-straat --region voorbeeld "
                             f"--title 'Straat open' --summary TEXT --on DATE --runtime {daemon.runtime}")
            self.assertIn("see: waternet post news.published --help", done.stderr)
            done = self.type(daemon, command)
            self.assertEqual(done.returncode, 0, done.stderr)
            done = daemon.cli("post", "werkplaats.plan-adopted", "gemalen-op-afstand", "--region",
                              "voorbeeld", "--data.version", "1")
            command = re.findall(r"^  (waternet post .*)$", done.stderr, re.M)[-1]
            done = self.type(daemon, command, {"WORD,...": "government,business"})
            self.assertEqual(done.returncode, 0, f"{command}\n{done.stderr}")

    def test_every_remedy_is_a_sentence_of_the_daemon_and_every_guard_has_a_name(self):
        source = "".join(path.read_text() for path in sorted((ROOT / "daemon").glob("*.c")))
        said = re.sub(r'"\s*"', "", source)
        rows = re.findall(r'^REMEDY\("([^"]*)", *"([^"]*)", *"([^"]*)"\)',
                          (ROOT / "clients/cli/remedies.def").read_text(), re.M)
        self.assertGreater(len(rows), 8)
        for accepted, type, _ in rows:
            pattern = re.escape(accepted).replace("%s", "%[a-z.*]+")
            self.assertRegex(said, f'"{pattern}"')
            self.assertIn(f'"{type}"', (ROOT / "proto/events.def").read_text())
        guards = set(re.findall(r"^GUARD\((\d+),", (ROOT / "daemon/guards.def").read_text(), re.M))
        named = set(re.findall(r"^GUARD\((\d+),", (ROOT / "clients/cli/guards.def").read_text(), re.M))
        self.assertEqual(guards - named, set())

    def test_can_tells_what_to_type_where_it_may_and_where_it_may_not(self):
        path = "voorbeeld/news/straat-open"
        with loaded() as daemon:
            for who, code in (("reader", 4), ("secretary", 0)):
                done = daemon.cli("can", "news.published", path, "--as", who, "--json")
                self.assertEqual(done.returncode, code, done.stderr)
                answer = json.loads(done.stdout)
                row = (answer.get("ways") or answer["faults"])[0]
                self.assertIn("waternet post news.published straat-open --region voorbeeld --title "
                              "LINE --summary TEXT --on DATE --as secretary", row["command"])
                _, text = daemon.on_terminal("can", "news.published", path, "--as", who)
                self.assertIn(f"      {row['command']}\n", text)
            self.assertEqual(self.type(daemon, row["command"]).returncode, 0)

    def test_what_is_counted_and_who_may_post_is_told(self):
        with loaded() as daemon:
            day = daemon.on_terminal("diff", "voorbeeld", "--from", "2025", "--as-it-was")[1]
            self.assertIn("counted by the dates of the events; without --as-it-was", day)
            recorded = daemon.on_terminal("diff", "voorbeeld", "--from", "-3")[1]
            self.assertIn("counted by when it was recorded; with --as-it-was", recorded)
            self.assertIn("\nWho may post it: secretary, lead.\n",
                          daemon.cli("post", "news.published", "--help").stdout)
            texts = [row["text"] for row in daemon.rows("log", PLEINEN)
                     if row["type"] == "werkplaats.advice-given"]
            self.assertTrue(texts[0].startswith("normal: Zoek per gemeente"), texts)

    def test_guards_are_named_in_words_in_both_languages(self):
        step = ("post", "werkplaats.phase-changed", "groene-schoolpleinen", "--region", "voorbeeld",
                "--from", "preparation", "--to", "execution")
        with loaded() as daemon:
            done = daemon.cli(*step)
            self.assertIn("refused: the costs are split over who takes part, and every board agrees "
                          "to its share (G5): --to: the board of kievitsdrecht", done.stderr)
            dutch = daemon.cli(*step, environment={"LC_ALL": "C.UTF-8", "LANGUAGE": "nl"})
            self.assertIn("geweigerd: de kosten zijn verdeeld over wie meedoet, en elk bestuur stemt "
                          "in met zijn deel (G5): --to: het bestuur van kievitsdrecht", dutch.stderr)
            self.assertIn("ten minste EUR 115448.28\n", dutch.stderr)
            _, text = daemon.on_terminal("next", PLEINEN)
            self.assertIn("agrees to its share (G5)\n", text)


class Gaps(unittest.TestCase):
    def test_a_gap_is_gone_when_the_command_that_it_prints_was_run(self):
        with loaded() as daemon:
            for gap in ("no-lead", "no-common-interest", "no-participants", "no-feasibility"):
                rows = [row for row in daemon.rows("gaps", "--region", "voorbeeld") +
                        daemon.rows("gaps", "--region", "twente") if row["gap"] == gap]
                self.assertGreater(len(rows), 0, gap)
                region = rows[0]["path"].split("/")[0]
                words = filled(rows[0]["command"])
                if region == "twente":
                    words = [word.replace("elzenwaarde", "almelo") for word in words]
                done = daemon.cli(*words)
                self.assertEqual(done.returncode, 0, f"{words}\n{done.stderr}")
                left = {(row["path"], row["gap"]) for row in daemon.rows("gaps", "--region", region)}
                self.assertNotIn((rows[0]["path"], gap), left)

    def test_every_gap_has_a_command_whose_flags_exist(self):
        with loaded() as daemon:
            commands = {}
            for region in ("twente", "voorbeeld"):
                for gap in daemon.said("gaps", "--region", region)["gaps"]:
                    commands[gap["gap"]] = gap["command"]
            self.assertGreater(len(commands), 6)
            for gap, command in commands.items():
                done = daemon.cli(*shlex.split(command)[1:], "--help")
                self.assertEqual(done.returncode, 0, f"{gap}: {command}\n{done.stderr}")

    def test_gaps_of_the_past_are_those_of_then(self):
        with loaded() as daemon:
            first = daemon.said("gaps", "--region", "twente", "--at", "seq:1")
            now = daemon.said("gaps", "--region", "twente")
            self.assertEqual((first["position"], first["gaps"]), (1, []))
            self.assertGreater(len(now["gaps"]), 20)


class WhatIf(unittest.TestCase):
    def test_shares_of_a_what_if_sum_to_the_amount_and_nothing_is_stored(self):
        with loaded() as daemon:
            before = daemon.state()
            for arguments in ([], ["--with", "wolfsvenne"], ["--without", "zilverlo"],
                              ["--with", "wolfsvenne", "--with=elzenwaarde", "--without", "zilverlo"],
                              ["--amount", "100000,01"], ["--amount-cents", 7]):
                said = daemon.said("what-if", PLEINEN, *arguments)
                self.assertEqual(sum(row["then"] for row in said["members"]), said["amount"])
                self.assertEqual(said["total_then"], said["amount"])
                self.assertFalse(said["stored"])
            self.assertEqual(daemon.state(), before)

    def test_a_what_if_tells_a_treasurer_who_pays_what_and_who_decides_anew(self):
        with loaded() as daemon:
            code, text = daemon.on_terminal("what-if", PLEINEN, "--with", "wolfsvenne",
                                            "--without", "zilverlo")
            self.assertEqual(code, 0, text)
            rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}
            self.assertEqual(rows["heldergrond"], ["18000.00", "18000.00", "0.00", "18000.00", "no"])
            self.assertEqual(rows["wolfsvenne"][0], "0.00")
            self.assertEqual(rows["wolfsvenne"][-2:], ["nothing", "yes"])
            self.assertEqual(rows["zilverlo"][:3], ["46551.72", "0.00", "-46551.72"])
            self.assertEqual(rows["total"], ["180000.00", "180000.00", "0.00"])
            self.assertIn("2 boards would have to decide anew: kievitsdrecht, wolfsvenne.", text)
            self.assertIn("nothing is stored", text)

    def test_a_share_within_what_the_board_agreed_to_is_not_decided_anew(self):
        with loaded() as daemon:
            lower = daemon.said("what-if", PLEINEN, "--purpose", "preparation", "--amount", "5000")
            self.assertEqual([row["decides_anew"] for row in lower["members"]], [False] * 3)
            higher = daemon.said("what-if", PLEINEN, "--purpose", "preparation", "--amount", 99000)
            self.assertEqual([row["decides_anew"] for row in higher["members"]], [True] * 3)

    def test_a_what_if_that_a_guard_refuses_tells_which(self):
        with loaded() as daemon:
            done = daemon.cli("what-if", PLEINEN, "--without", "elzenwaarde")
            self.assertEqual(done.returncode, 6)
            self.assertRegex(done.stderr, r"refused: .* \(G\d+\)")
            done = daemon.cli("what-if", PLEINEN, "--version", "2022")
            self.assertEqual(done.returncode, 6)  # heldergrond is not in that version
            self.assertIn("heldergrond", done.stderr)
            for wrong in (["--amount", "1.000"], ["--amount", "1", "--amount-cents", "1"],
                          ["--purpose", "nothing"], ["--key", "other"]):
                self.assertEqual(daemon.cli("what-if", PLEINEN, *wrong).returncode, 2, wrong)


class Inbox(unittest.TestCase):
    def test_a_contribution_waits_in_the_inbox_until_the_command_there_accepts_it(self):
        with loaded() as daemon:
            rows = daemon.rows("inbox", "--region", "voorbeeld")
            self.assertEqual([row["path"] for row in rows],
                             ["voorbeeld/contribution/ervaring-leerlijn"])
            self.assertIn("lesmateriaal", rows[0]["text"])
            self.assertIn("opleiding@example.org", rows[0]["sender"])
            done = daemon.cli(*filled(rows[0]["accept"]))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(daemon.rows("inbox", "--region", "voorbeeld"), [])

    def test_what_a_stranger_writes_cannot_drive_the_terminal_of_who_reads_it(self):
        with loaded() as daemon:
            text = "rood \u202eomgekeerd\nen \u2066verder"
            done = daemon.cli("post", "contribution.submitted", "vreemd", "--region", "twente",
                              "--kind", "reaction", "--text", text)
            self.assertEqual(done.returncode, 0, done.stderr)
            _, shown = daemon.on_terminal("inbox", "--region", "twente")
            self.assertNotRegex(shown, "[\u202e\u2066\x1b]")
            self.assertIn("U+202E", shown)
            row = daemon.rows("inbox", "--region", "twente")[0]
            self.assertIn("\\n", row["text"])
            self.assertRegex(row["when"], r"^\d{4}-\d\d-\d\dT")  # no date of its own: of recording

    def test_private_texts_are_for_those_who_handle_them(self):
        with loaded() as daemon:
            for who in ("member:elzenwaarde", "auditor", "secretary:twente"):
                done = daemon.cli("inbox", "--region", "voorbeeld", "--as", who)
                self.assertEqual(done.returncode, 4, f"{who}: {done.stdout}{done.stderr}")
                self.assertNotIn("lesmateriaal", done.stdout)


class Corrects(unittest.TestCase):
    def test_what_is_corrected_may_be_named_by_its_id(self):
        with loaded() as daemon:
            wrong = "voorbeeld-meting-kosten-2024-gerealiseerd"
            found = daemon.said("log", "voorbeeld/goal/minder-meerkosten-2030", "--from",
                                f"id:{wrong}", "--count", 1)
            lines = [json.loads(line) for line in
                     daemon.cli("log", "voorbeeld/goal", "--json").stdout.splitlines()]
            better = next(line for line in lines if line["id"] == f"{wrong}-verbeterd")
            self.assertEqual(int(better["corrects"]), int(found["sequence"]))
            again = daemon.cli("import", EXAMPLE)
            self.assertEqual(again.stdout.splitlines()[1].split("\t")[1:], ["0", "141"])
            done = daemon.cli("post", "member.renamed", "almelo", "--region", "twente",
                              "--former", "x", "--id", "eerst")
            self.assertEqual(done.returncode, 0, done.stderr)
            done = daemon.cli("post", "member.renamed", "almelo", "--region", "twente",
                              "--former", "y", "--corrects", "id:eerst")
            self.assertEqual(done.returncode, 0, done.stderr)
            done = daemon.cli("post", "member.renamed", "almelo", "--region", "twente",
                              "--former", "y", "--corrects", "id:nergens")
            self.assertEqual(done.returncode, 3, done.stderr)

    def test_a_line_that_corrects_nothing_stored_is_refused_and_ends_the_import(self):
        with loaded() as daemon:
            before = daemon.state()
            line = {"specversion": "1.0", "type": "nl.waterketens.member.renamed.v1", "id": "los",
                    "source": "x", "subject": "twente/member/almelo", "corrects": "id:nergens",
                    "data": {"former": "z"}}
            text = f"{json.dumps(line)}\n{json.dumps({**line, 'id': 'na', 'corrects': '1'})}\n"
            for window in (1, 8):
                done = daemon.cli("import", "--window", window, "-", input=text)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn("stdin:1: corrects: there is no event with the id nergens", done.stderr)
            self.assertEqual(daemon.state(), before)

    def test_a_dry_run_of_a_file_stores_nothing_and_counts_what_cannot_be_judged(self):
        with Daemon() as daemon:
            done = daemon.cli("import", "--dry-run", "--json", EXAMPLE)
            counts = json.loads(done.stdout)
            self.assertEqual((done.returncode, sum(counts.values())), (0, 141), done.stderr)
            self.assertEqual(daemon.head(), 0)


class Asked(unittest.TestCase):
    def asks(self, daemon, type, name, values):
        code, text = daemon.on_terminal("post", type, name, "--region", "voorbeeld",
                                        answers=typing(values))
        self.assertEqual(code, 0, text)
        id = re.search(r"id (\S+)\s*$", text)[1]
        return json.loads(daemon.cli("log", "--from", f"id:{id}", "--count", 1,
                                     "--json").stdout)

    def test_a_plan_is_asked_for_with_its_groups_and_sets(self):
        with loaded() as daemon:
            plan = self.asks(daemon, "werkplaats.plan-adopted", "gemalen-op-afstand", {
                "data.version": "1", "pillars.doing": "Meten, en weten.",
                "pillars.interest": "Minder storing", "goals.cost": "Minder ritten",
                "sectors": ["government,business", "nobody", "research"], "on": "2026-10-01"})
            self.assertEqual(plan["data"], {
                "version": "1", "goals": {"cost": "Minder ritten"},
                "pillars": {"doing": "Meten, en weten.", "interest": "Minder storing"},
                "sectors": ["business", "government", "research"]})

    def test_a_cost_key_is_asked_for_with_its_maps(self):
        with loaded() as daemon:
            key = self.asks(daemon, "cost-key.adopted", "tweede-sleutel", {
                "data.version": "2026", "method": "fixed+weights",
                "weights": ["elzenwaarde=48000", "geen getal", "zilverlo=125,kievitsdrecht=3"],
                "fixed": "heldergrond=100000", "valid_from": "2026-01-01",
                "citation": "fictief voorbeeld"})
            self.assertEqual(key["data"]["weights"],
                             {"elzenwaarde": 48000, "kievitsdrecht": 3, "zilverlo": 125})
            self.assertEqual(key["data"]["fixed"], {"heldergrond": 100000})

    def test_costs_and_a_decision_are_asked_for_in_euros_or_cents(self):
        with loaded() as daemon:
            split = self.asks(daemon, "costs.allocated", "groene-schoolpleinen", {
                "purpose": "execution", "amount": ["twaalf", "1.000", "180000.01"], "key": "samen-delen",
                "data.version": "2024"})
            self.assertEqual(sum(split["data"]["shares"].values()), 18000001)
            decision = self.asks(daemon, "decision.taken", "groene-schoolpleinen", {
                "member": "zilverlo", "board": "college", "kind": "financial",
                "purpose": "execution", "amount": "5000000", "outcome": "positive",
                "on": "2026-11-20", "reference": "Z-2026-1 (fictief)"})
            self.assertEqual(decision["data"]["amount"], 5000000)
            rows = daemon.rows("next", "--region", "voorbeeld", "--member", "zilverlo")
            self.assertNotIn("execution", {row["purpose"] for row in rows
                                           if row["path"] == PLEINEN})


    def test_only_what_is_required_is_asked_for_unless_more_is_wanted(self):
        values = {"title": "Straat open", "summary": "De straat is open.", "on": "2026-10-01"}
        with loaded() as daemon:
            asked = {}
            for name, given in (("kort", values), ("lang", {**values, "meaning": "Minder plassen."})):
                code, text = daemon.on_terminal("post", "news.published", name, "--region",
                                                "voorbeeld", answers=typing(given))
                self.assertEqual(code, 0, text)
                asked[name] = re.findall(r"^([a-z_.]+): ", text, re.MULTILINE)
                self.assertEqual(text.count("more? [y/n]"), 1)
            self.assertEqual(asked["kort"], ["title", "summary", "on"])
            self.assertEqual(asked["lang"][:3], asked["kort"])
            self.assertIn("meaning", asked["lang"][3:])
            self.assertEqual(len(asked["lang"]), len(set(asked["lang"])))
            record = daemon.said("show", "voorbeeld/news/lang")["record"]["fields"]
            self.assertEqual(record["meaning"], "Minder plassen.")


class Slips(unittest.TestCase):
    def test_a_date_in_the_future_is_warned_of_and_stored(self):
        tomorrow = str(datetime.date.today() + datetime.timedelta(days=1))
        today = datetime.date.today()
        with Daemon() as daemon:
            daemon.region()
            days = [(tomorrow, True), (f"{today.year + 1}", True), (f"{today.year + 1}-Q1", True),
                    (str(today), False), (f"{today.year}", False), (f"{today:%Y-%m}", False)]
            for number, (on, warned) in enumerate(days):
                done = daemon.cli("post", "news.published", f"n{number}", "--region", "twente",
                                  "--title", "T", "--summary", "S", "--on", on)
                self.assertEqual((done.returncode, f"warning: --on {on} is in the future\n" in
                                  done.stderr), (0, warned), (on, done.stderr))
                shown = daemon.cli("show", f"twente/news/n{number}", "--json").stdout
                self.assertEqual(json.loads(shown)["record"]["on"], on)

    def test_a_mistyped_kind_is_told_what_was_meant_also_where_no_daemon_is(self):
        with Daemon() as daemon:
            for where in (daemon.runtime, "/tmp/wn-nobody"):
                for typed, meant in (("werkplatsen", "werkplaatsen"), ("leeden", "leden"),
                                     ("membres", "member"), ("organnen", "organen")):
                    done = daemon.cli("--runtime", where, "list", typed)
                    self.assertEqual(done.returncode, 2)
                    self.assertIn(f"did you mean {meant}?", done.stderr)
                    self.assertEqual(done.stdout, "")
            self.assertEqual(daemon.cli("--runtime", "/tmp/wn-nobody", "list", "leden").returncode, 9)

    def test_an_error_names_the_very_help_that_tells_more(self):
        with Daemon() as daemon:
            daemon.region()
            for line, command in (("post decision.taken x --amount een", "post decision.taken"),
                                  ("post decision.taken x --nope 1", "post decision.taken"),
                                  ("post decision.taken", "post decision.taken"),
                                  ("post decision.taken x --data []", "post decision.taken"),
                                  ("post nieuwtje x", "post"), ("post", "post"), ("key", "key"),
                                  ("key new", "key new"), ("can", "can"), ("log --count x y", None),
                                  ("show", "show"), ("show a/b/c/d", "show"), ("", None)):
                done = daemon.cli(*line.split())
                self.assertEqual(done.returncode, 2, done.stderr)
                if command is not None:
                    self.assertEqual(done.stderr.splitlines()[-1].strip(),
                                     f"see: waternet {command} --help", line)
                self.assertNotRegex(done.stderr, "see waternet")


class Ask(unittest.TestCase):
    def test_any_question_can_be_asked_through_the_library(self):
        source = """
#include <stdio.h>
#include <waternet.h>
int main(int argc, char **argv)
{
    struct waternet_options options = {.runtime_dir = argv[1]};
    struct waternet *connection;
    if (waternet_open(&options, &connection, NULL) != WATERNET_OK) {
        return 1;
    }
    for (int i = 2; i < argc; i++) {
        struct waternet_answer *answer = NULL;
        enum waternet_status status = waternet_ask(connection, argv[i], &answer);
        printf("%s %.4000s\\n", waternet_status_name(status),
               answer == NULL ? "" : waternet_answer_json(answer));
        waternet_answer_free(&answer);
    }
    waternet_close(&connection);
    return 0;
}
"""
        questions = ['{"request":"hello","protocol":1}', '{"request":"find","id":"none"}',
                     '{"request":"get","region":"twente","kind":"member","entity":"almelo"}',
                     '{"request":"read","prefix":"/","after":0,"bytes":900}',
                     '{"request":"inbox","region":"twente","as":{"role":"auditor"}}',
                     '{"request":"what"}', '{"region":"twente"}', "[]", "no JSON",
                     '{"request":"hello","number":1}', '{"request":"get","at":1.5}']
        with tempfile.TemporaryDirectory() as folder, Daemon() as daemon:
            daemon.region()
            with open(f"{folder}/ask.c", "w", encoding="utf-8") as file:
                file.write(source)
            command = ["cc", "-Werror", "-Wall", f"-I{ROOT}/clients/lib", f"{folder}/ask.c",
                       "-o", f"{folder}/ask", f"-L{BUILD}", "-lwaternet", f"-Wl,-rpath,{BUILD}"]
            if b"__asan_init" in (BUILD / "libwaternet.so").read_bytes():
                command.append("-fsanitize=address,undefined")
            built = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(built.returncode, 0, built.stderr)
            done = subprocess.run([f"{folder}/ask", daemon.runtime, *questions],
                                  capture_output=True, text=True, timeout=30)
            lines = done.stdout.splitlines()
            self.assertEqual([line.split()[0] for line in lines],
                             ["ok", "not-found", "ok", "ok", "not-allowed"] + ["malformed"] * 6,
                             done.stdout + done.stderr)
            self.assertIn('"specversion":"1.0"', lines[3])


if __name__ == "__main__":
    unittest.main()
