#!/usr/bin/python3
"""What changed, and the history of one entity, held against folding the log in Python."""

import collections
import copy
import csv
import io
import json
import os
import random
import threading
import time
import unittest
from unittest import mock

import msgpack

import model
from harness import DATA, Daemon, event
from model import DESCRIBES, KEYS, LISTS
from test_cli import Terminal
from test_past import day_of, last_day
from test_walk import Walk

EVENTS = int(os.environ.get("WATERNET_HISTORY_EVENTS", 1_500))
OF_RECORD = {"version", "opened", "ended", "corrected", *DESCRIBES}
DUTCH = {"LC_ALL": "C.UTF-8", "LANGUAGE": "nl"}


# The log folded ----------------------------------------------------------------------------------


def path_of(one):
    return f"{one['region']}/{one['subject']}"


def fold(events):
    records = {}
    for one in events:
        records[path_of(one)] = model.fold(records.get(path_of(one)), one)
    return {path: plain(record) for path, record in records.items() if record is not None}


def plain(record):
    """Items under the keys that they have on the wire, and no slots in which nothing is left."""
    fields = {}
    for name, value in record["fields"].items():
        if name in KEYS and isinstance(value, dict):
            value = {key if isinstance(key, str) else "/".join(each or "" for each in key): item
                     for key, item in value.items()}
        if value or name not in {*KEYS, *LISTS}:
            fields[name] = value
    return {**record, "fields": fields}


# Differences taken to a state --------------------------------------------------------------------


def split(field):
    name, _, key = field.partition(".")
    return name, key or None


def place(record, field):
    """(what holds a field, under which key), made if it is not there."""
    name, key = split(field)
    holder = record if name in OF_RECORD else record["fields"]
    if key is None:
        return holder, name
    if name in LISTS:
        items = holder.setdefault(name, [])
        if len(items) == int(key) - 1:
            items.append(None)
        return items, int(key) - 1
    return holder.setdefault(name, {}), key


def look(record, field):
    name, key = split(field)
    holder = (record or {}) if name in OF_RECORD else (record or {"fields": {}})["fields"]
    if key is None:
        return holder.get(name)
    if name in LISTS:
        items = holder.get(name, [])
        return items[int(key) - 1] if int(key) <= len(items) else None
    return holder.get(name, {}).get(key)


def filled(value):
    """The state has no slots in which nothing is left."""
    return None if value == {} else value


def take(state, differences):
    """The state with the differences, each of which must find what it says was there."""
    state = copy.deepcopy(state)
    for each in differences:
        record = state.setdefault(each["path"], {"fields": {}})
        for field in each["fields"]:
            there = look(record, field["field"])
            assert there == filled(field.get("before")), (each["path"], field, there)
            assert field.get("before") != field.get("after"), field
            holder, key = place(record, field["field"])
            if "after" in field:
                holder[key] = field["after"]
            else:
                del holder[key]
    return {path: plain(record) for path, record in state.items()}


def change_of(before, after):
    if "ended" in after and (before is None or before.get("ended") != after["ended"]):
        return "ended"
    return "opened" if before is None or before["opened"] != after["opened"] else "changed"


def lines_of(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def first_day(day):
    """The first day of a date or period, as last_day() is its last."""
    if len(day) == 7 and "Q" in day:
        return int(day[:4]) * 10000 + (int(day[6]) * 3 - 2) * 100 + 1
    return int((day + "-01-01")[:10].replace("-", ""))


class Held(unittest.TestCase):
    """The real programme, the one that is made up, and random events on top."""

    @classmethod
    def setUpClass(cls):
        seed = int(os.environ.get("WATERNET_SEED") or random.SystemRandom().randrange(10**9))
        print(f"WATERNET_SEED={seed}", flush=True)
        cls.dice = random.Random(seed)
        cls.daemon = Daemon()
        cls.addClassCleanup(cls.daemon.__exit__, None)
        cls.daemon.start().load()
        done = cls.daemon.cli("import", "--window", 64, DATA.with_name("voorbeeld.jsonl"))
        assert done.returncode == 0, done.stderr
        made = Walk(cls.daemon, seed, EVENTS)
        made.model.head = cls.daemon.head()
        made.model.stored = [(None, None, None, False, None)] * made.model.head  # not its own
        while made.posted < EVENTS:
            made.regions = ["r0", "r1", "s0"]
            made.window()
        cls.bytes = cls.daemon.read()
        cls.events = [msgpack.unpackb(one) for one in cls.bytes]
        cls.head = len(cls.events)

    def diff(self, *arguments):
        done = self.daemon.cli("diff", "--json", *arguments)
        self.assertEqual(done.returncode, 0, (arguments, done.stderr))
        return lines_of(done)

    def check(self, differences, before, after, within=lambda path: True):
        """Taking them to what was gives what is, and no entity too many is told of."""
        was = {path: record for path, record in before.items() if within(path)}
        now = {path: record for path, record in after.items() if within(path)}
        self.assertEqual(take(was, differences), now)
        paths = [each["path"] for each in differences]
        self.assertEqual(paths, sorted(path for path in now if was.get(path) != now[path]))
        for each in differences:
            path = each["path"]
            self.assertEqual(each["change"], change_of(was.get(path), now[path]), path)

    def check_makers(self, differences, events):
        """"by": from then on the field is what it is, and nothing later changed it."""
        threads = collections.defaultdict(list)
        for one in events:
            threads[path_of(one)].append(one)
        for each in differences:
            record, values = None, []
            for one in threads[each["path"]]:
                record = model.fold(record, one)
                shown = plain(record) if record else None
                values.append((one, [look(shown, field["field"]) for field in each["fields"]]))
            for index, field in enumerate(each["fields"]):
                # None for a slot that was empty all the time.
                last = max((one["seq"] for (_, was), (one, now) in
                            zip([(None, [None] * len(each["fields"])), *values], values)
                            if was[index] != now[index]), default=0)
                self.assertIn("by", field, each)
                at = {one["seq"]: now[index] for one, now in values}
                self.assertEqual(filled(at.get(field["by"])), filled(field.get("after")),
                                 (each["path"], field))
                self.assertGreaterEqual(field["by"], last, (each["path"], field))

    def pairs(self, count):
        yield 0, self.head
        yield self.head, self.head
        for _ in range(count):
            first = self.dice.randrange(self.head + 1)
            reach = self.dice.choice([1, 5, 60, self.head])
            yield first, self.dice.randint(first, min(self.head, first + reach))

    def test_as_recorded_the_differences_lead_from_one_state_to_the_other(self):
        for first, last in self.pairs(10):
            with self.subTest(first=first, last=last):
                found = self.diff("--from", f"seq:{first}", "--to", f"seq:{last}")
                self.check(found, fold(self.events[:first]), fold(self.events[:last]))
                self.check_makers(found, self.events[:last])
                paths = {path_of(one) for one in self.events[first:last]}
                self.assertLessEqual({each["path"] for each in found}, paths)

    def test_of_days_too(self):
        days = ["2012", "2015", "2015-03-19", "2015-Q3", "2016-06-30", "2019", "2023-07",
                "2024-04-15", "2025-06-11", "2026-03", "2026-11-24", "2100"]
        for _ in range(4):
            first, last = sorted(self.dice.sample(days, 2), key=last_day)
            for days_of in ((first, last), (first,)):
                with self.subTest(days=days_of):
                    found = self.diff("--as-it-was", "--from", first,
                                      *(["--to", last] if len(days_of) == 2 else []))
                    was = [one for one in self.events if day_of(one) < first_day(first)]
                    now = [one for one in self.events
                           if len(days_of) == 1 or day_of(one) <= last_day(last)]
                    self.check(found, fold(was), fold(now))
                    self.check_makers(found, now)

    def test_a_period_is_whole_and_nothing_names_its_two_moments(self):
        day = next(one["on"] for one in self.events if len(one.get("on", "")) == 10)
        found = self.diff("--as-it-was", "--from", day, "--to", day)
        self.check(found, fold([one for one in self.events if day_of(one) < last_day(day)]),
                   fold([one for one in self.events if day_of(one) <= last_day(day)]))
        self.assertTrue(found)
        for arguments, said in (
                (("--as-it-was", "--from", "1901-Q2", "--to", "1901-Q2"),
                 "nothing changed between the end of 1901-03-31 and the end of 1901-Q2"),
                (("--as-it-was", "--from", "2998-03"), "nothing changed since the end of 2998-02-28"),
                (("--as-it-was", "--from", "0000"), ""),
                (("--from", "2999"), f"nothing changed between seq:{self.head} and seq:{self.head}"),
                (("--from", "1999", "--to", "2000"), "nothing changed between seq:0 and seq:0")):
            with self.subTest(arguments=arguments):
                self.assertIn(said, self.daemon.cli("diff", *arguments).stderr)
        today = time.strftime("%Y-%m-%d", time.gmtime(self.events[-1]["time"] / 1000))
        self.check(self.diff("--from", today, "--to", today), {}, fold(self.events))

    def test_narrowed_to_a_region_a_kind_or_one(self):
        first = self.head // 3
        before, after = fold(self.events[:first]), fold(self.events)
        path = next(each for each in sorted(after, reverse=True) if before.get(each) != after[each]
                    and "/werkplaats/" in each)
        region, kind, name = path.split("/")
        for arguments, within in (
                ([region], lambda each: each.startswith(f"{region}/")),
                (["--region", region], lambda each: each.startswith(f"{region}/")),
                ([f"{region}/{kind}en/"], lambda each: each.startswith(f"{region}/{kind}/")),
                (["leden", "--region", region], lambda each: each.startswith(f"{region}/member/")),
                (["werkplaatsen"], lambda each: each.split("/")[1] == "werkplaats"),
                ([path], lambda each: each == path),
                ([f"{kind}/{name}", "--region", region], lambda each: each == path)):
            with self.subTest(arguments=arguments):
                found = self.diff("--from", f"seq:{first}", *arguments)
                self.check(found, before, after, within)
                found = self.diff("--as-it-was", "--from", "2014", *arguments)
                was = [one for one in self.events if day_of(one) < 20140101]
                self.check(found, fold(was), after, within)

    def test_what_is_posted_meanwhile_changes_nothing(self):
        first, last = self.head // 2, self.head
        arguments = ("--from", f"seq:{first}", "--to", f"seq:{last}")
        found = self.diff(*arguments)
        self.daemon.post(event("region.updated", "region/r0", "later", "r0",
                               data={"description": "Later."}))
        self.assertEqual(self.diff(*arguments), found)

    def test_the_table_tells_the_same(self):
        first = self.head // 2
        arguments = ("--from", f"seq:{first}", "--to", f"seq:{self.head}")
        text = self.daemon.cli("diff", "--csv", *arguments).stdout
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        told = {(row["path"], row["change"]) for row in rows}
        found = self.diff(*arguments)
        self.assertEqual(told, {(each["path"], each["change"]) for each in found})
        makers = {each["path"]: {str(field["by"]) for field in each["fields"]} for each in found}
        for row in rows:
            self.assertIn(row["by"], makers[row["path"]], row)
            self.assertTrue(row["field"] and row["before"] != row["after"], row)
            self.assertNotIn("{", row["before"] + row["after"])

    # History --------------------------------------------------------------------------------------

    def thread(self, path, seen=lambda one: True):
        return [one for one in self.events if path_of(one) == path and seen(one)]

    def paths(self, count):
        threads = collections.Counter(map(path_of, self.events))
        long = [path for path, _ in threads.most_common(2)]
        corrected = [path_of(one) for one in self.events if "corrects" in one]
        erased = [path_of(one) for one in self.events if one["type"] == "private.erased"]
        return {*long, *self.dice.sample(corrected, min(len(corrected), count)),
                *self.dice.sample(erased, min(len(erased), count)),
                *self.dice.sample(sorted(threads), count)}

    @staticmethod
    def in_order(thread):
        """The oldest first; what corrects one comes right below it."""
        by = {one["corrects"]: one for one in thread if "corrects" in one}
        there = {one["seq"] for one in thread}
        for one in thread:
            if one.get("corrects") in there:
                continue
            while one is not None:
                yield one["seq"], by.get(one["seq"], {}).get("seq")
                one = by.get(one["seq"])

    def history(self, path, *arguments):
        done = self.daemon.cli("history", path, "--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = lines_of(done)
        for one in found:
            stored = self.events[int(one["sequence"]) - 1]
            self.assertEqual((one["id"], one["data"], one.get("corrects")),
                             (stored["id"], stored["data"],
                              str(stored["corrects"]) if "corrects" in stored else None))
        return [(int(one["sequence"]), int(one["correctedby"]) if "correctedby" in one else None)
                for one in found]

    def test_history_is_the_thread_with_its_corrections(self):
        for path in self.paths(3):
            with self.subTest(path=path):
                thread = self.thread(path)
                self.assertEqual(self.history(path), list(self.in_order(thread)))
                newest = self.dice.randint(1, len(thread))
                self.assertEqual(self.history(path, "--count", str(newest)),
                                 list(self.in_order(thread[-newest:])))
                at = self.dice.choice(thread)["seq"]
                self.assertEqual(self.history(path, "--at", f"seq:{at}"), list(self.in_order(
                    self.thread(path, lambda one: one["seq"] <= at))))
                day = self.dice.choice(["2015-Q3", "2016", "2026-11-24"])
                seen = self.thread(path, lambda one: day_of(one) <= last_day(day))
                if seen:
                    self.assertEqual(self.history(path, "--on", day), list(self.in_order(seen)))

    def test_erased_private_parts_are_marked_where_they_were(self):
        erased = {one["data"]["of"]: one for one in self.events if one["type"] == "private.erased"}
        self.assertTrue(erased)
        for of, one in list(erased.items())[-5:]:
            found = lines_of(self.daemon.cli("history", path_of(one), "--json"))
            marks = {int(each["sequence"]): each.get("erasedby") for each in found}
            self.assertEqual(marks[of], str(one["seq"]))

    def asked(self, path, **more):
        region, kind, entity = path.split("/")
        answer = self.daemon.ask("history", region=region, kind=kind, entity=entity, **more)
        self.assertEqual(answer["status"], "ok", answer)
        return answer

    def test_pages_of_any_size_give_the_bytes_of_the_log_newest_first(self):
        for path in self.paths(3):
            thread = [self.bytes[one["seq"] - 1] for one in self.thread(path)][::-1]
            for more in ({}, {"count": 1}, {"count": 3}, {"bytes": 1}):
                found, until = [], {}
                while True:
                    answer = self.asked(path, **more, **until)
                    self.assertLessEqual(len(answer["events"]), more.get("count", 4000))
                    found += answer["events"]
                    if answer["done"]:
                        self.assertNotIn("until", answer)
                        break
                    until = {"until": answer["until"]}
                self.assertEqual(found, thread)
            until = self.dice.randrange(self.head)
            found = self.asked(path, until=until)["events"]
            self.assertEqual(found, [each for each in thread
                                     if msgpack.unpackb(each)["seq"] <= until])

    def test_what_is_not_there_is_told(self):
        for more, status, field in (({"entity": "nergens"}, "not-found", "entity"),
                                    ({"kind": "dingen"}, "malformed", "kind")):
            answer = self.daemon.ask("history", **{"region": "twente", "kind": "news",
                                                   "entity": "x", **more})
            self.assertEqual((answer["status"], answer["faults"][0]["field"]), (status, field))


# For people --------------------------------------------------------------------------------------


class Read(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.addClassCleanup(cls.daemon.__exit__, None)
        cls.daemon.start().region()
        cls.replace_a_decision()
        first = cls.daemon.head() + 1  # below: first is the opening, and so on
        rows = [
            ("werkplaats.opened", "werkplaats/riool", {}, {
                "name": "Riool", "kind": "project", "theme": "Vervanging",
                "common_interest": "Samen.", "leads": ["almelo"]}),
            ("participation.declared", "werkplaats/riool", {}, {"member": "almelo"}),
            ("decision.taken", "werkplaats/riool", {"on": "2026-03-01", "ontext": "voorjaar"}, {
                "member": "almelo", "board": "college", "kind": "financial",
                "purpose": "execution", "amount": 700000, "outcome": "positive"}),
            ("decision.taken", "werkplaats/riool", {"corrects": first + 2}, {
                "member": "almelo", "board": "college", "kind": "financial",
                "purpose": "execution", "amount": 750050, "outcome": "positive"}),
            ("decision.taken", "werkplaats/riool", {"corrects": first + 3}, {
                "member": "almelo", "board": "college", "kind": "financial",
                "purpose": "execution", "amount": 800000, "outcome": "negative"}),
            ("werkplaats.updated", "werkplaats/riool", {}, {"leads": ["enschede"]}),
            ("participation.ended", "werkplaats/riool", {}, {"member": "almelo"}),
            ("contribution.submitted", "contribution/een", {}, {
                "kind": "addition", "text": "Ik weet meer."}),
            ("private.erased", "contribution/een", {}, {"of": first + 7, "reason": "Op verzoek."}),
            ("member.left", "member/almelo", {}, {"reason": "Opgegaan in Enschede."}),
        ]
        for number, (type, subject, more, data) in enumerate(rows):
            answer = cls.daemon.post(event(type, subject, f"lees-{number}", on=more.pop(
                "on", "2026-11-24"), reference="Z-1", citation="Notulen", data=data, **more))
            assert answer["status"] == "ok", answer
        cls.first = first

    @classmethod
    def replace_a_decision(cls):
        """Twice the same one, and the second is corrected into one for another purpose."""
        decision = {"member": "enschede", "board": "college", "kind": "financial",
                    "purpose": "execution", "amount": 100, "outcome": "positive"}
        rows = [("werkplaats.opened", {}, {"name": "Anders", "kind": "project", "theme": "T",
                                           "common_interest": "Samen."}),
                ("decision.taken", {}, decision),
                ("decision.taken", {}, {**decision, "amount": 200}),
                ("decision.taken", {}, {**decision, "purpose": "preparation"})]
        head = cls.replaced = cls.daemon.head()
        for number, (type, more, data) in enumerate(rows, 1):
            more = {"corrects": head + 3} if number == 4 else more
            answer = cls.daemon.post(event(type, "werkplaats/anders", f"anders-{number}",
                                            on="2026-11-24", reference="Z-1", data=data, **more))
            assert answer["status"] == "ok", answer

    def rows(self, *arguments, **more):
        done = self.daemon.cli(*arguments, "--csv", **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return list(csv.DictReader(io.StringIO(done.stdout, newline="")))

    def on_terminal(self, *arguments, **environment):
        with mock.patch.dict(os.environ, {"TERM": "xterm", "LANGUAGE": "en", **environment}):
            code, text = Terminal(self.daemon, *arguments).finish()
        self.assertEqual(code, 0, text)
        return text

    def test_a_chain_of_corrections_stands_together_in_words_and_euros(self):
        rows = self.rows("history", "riool")
        at = self.first
        self.assertEqual([row["seq"] for row in rows], [str(at + each) for each in range(7)])
        self.assertEqual([row["note"] for row in rows], [
            "", "", f"corrected by {at + 3}", f"corrected by {at + 4}, corrects {at + 2}",
            f"corrects {at + 3}", "", ""])
        self.assertEqual(rows[3]["text"], "member: almelo; board: college; kind: financial; "
                         "purpose: execution; amount: EUR 7500.50; outcome: positive; "
                         "reference: Z-1")
        self.assertEqual(rows[2]["on"], "2026-03-01 (voorjaar)")
        self.assertEqual((rows[0]["event"], rows[0]["who"], rows[0]["source"]),
                         ("werkplaats.opened", "secretary:twente via operator", "Notulen"))
        newest = self.rows("history", "riool", "--count", "3")
        self.assertEqual([row["note"] for row in newest], [f"corrects {at + 3}", "", ""])

    def test_the_log_tells_in_a_line_what_was_decided(self):
        lines = self.daemon.cli("log", "twente/werkplaats/riool").stdout.splitlines()
        texts = [line.split("\t")[4] for line in lines]
        self.assertIn("almelo: positive, EUR 7500.50, execution", texts)
        self.assertIn("almelo: negative, EUR 8000.00, execution", texts)

    def test_ended_and_erased_are_told(self):
        rows = self.rows("history", "twente/member/almelo")
        self.assertEqual([row["event"] for row in rows], ["member.joined", "member.left"])
        rows = self.rows("history", "contribution/een")
        self.assertEqual([(row["event"], row["note"]) for row in rows], [
            ("contribution.submitted", f"private part erased by {self.first + 8}"),
            ("private.erased", "")])
        self.assertIn(f"of: {self.first + 7}; reason: Op verzoek.", rows[1]["text"])

    def test_a_terminal_strikes_through_what_was_corrected_and_only_that(self):
        text = self.on_terminal("history", "riool")
        struck = [line for line in text.splitlines() if "\x1b[9m" in line]
        self.assertEqual([line.split()[0].removeprefix("\x1b[9m").removesuffix("\x1b[0m")
                          for line in struck], [str(self.first + 2), str(self.first + 3)])
        for line in struck:  # but for the note, which counts
            self.assertRegex(line, r"\x1b\[0m  corrected by \d+")
        plain = self.on_terminal("history", "riool", NO_COLOR="1")
        self.assertNotIn("\x1b", plain)
        self.assertIn(f"corrected by {self.first + 3}", plain)

    def test_people_read_dutch_and_programs_what_they_always_read(self):
        text = self.on_terminal("history", "riool", **DUTCH)
        self.assertIn("besluit genomen (decision.taken)", text)
        self.assertIn(f"verbeterd door {self.first + 3}", text)
        self.assertIn("lid: almelo; bestuur: college van B&W (college)", text)
        self.assertIn(f"privédeel gewist door {self.first + 8}",
                      self.on_terminal("history", "contribution/een", **DUTCH))
        text = self.on_terminal("diff", "--from", f"seq:{self.first}", **DUTCH)
        for said in ("twente/werkplaats/riool  gewijzigd", "twente/member/almelo  beëindigd",
                     "reden: Opgegaan", "bestuur: college van B&W (college); bedrag: EUR 8000.00",
                     "1 geopend, 1 gewijzigd, 1 beëindigd"):
            self.assertIn(said, text)
        since = ("diff", "--from", f"seq:{self.first}")
        self.assertEqual(self.rows(*since, environment=DUTCH), self.rows(*since))
        self.assertEqual(self.rows("history", "riool", environment=DUTCH),
                         self.rows("history", "riool"))
        done = self.daemon.cli("diff", "--from", "end", environment=DUTCH)
        head = self.daemon.head()
        self.assertEqual((done.returncode, done.stderr), (0, f"er is niets veranderd tussen seq:{head} en seq:{head}\n"))

    def test_a_difference_is_told_per_field_entry_and_item(self):
        at = self.first
        told = [(row["field"], row["before"], row["after"], row["by"])
                for row in self.rows("diff", "--from", f"seq:{at + 2}", "riool")]
        self.assertEqual(told, [
            ("corrected", "", str(at + 2), str(at + 4)),
            ("corrected", "", str(at + 3), str(at + 4)),
            ("decisions.almelo/financial/execution.amount", "EUR 7000.00", "EUR 8000.00",
             str(at + 4)),
            ("decisions.almelo/financial/execution.outcome", "positive", "negative", str(at + 4)),
            ("decisions.almelo/financial/execution.on", "2026-03-01", "2026-11-24", str(at + 4)),
            ("decisions.almelo/financial/execution.ontext", "voorjaar", "", str(at + 4)),
            ("leads", "almelo", "", str(at + 5)),
            ("leads", "", "enschede", str(at + 5)),
            ("participants.almelo", "on: 2026-11-24; citation: Notulen; reference: Z-1", "",
             str(at + 6))])
        ended = self.rows("diff", "--from", f"seq:{at + 8}", "leden")
        self.assertEqual([(row["path"], row["change"], row["field"], row["after"], row["by"])
                          for row in ended], [
            ("twente/member/almelo", "ended", "ended", str(at + 9), str(at + 9)),
            ("twente/member/almelo", "ended", "reason", "Opgegaan in Enschede.", str(at + 9))])

    def test_an_entry_goes_by_the_correction_of_what_had_replaced_it_meanwhile(self):
        head = self.replaced
        told = {(row["field"].split(".")[1], row["by"])
                for row in self.rows("diff", "--from", f"seq:{head + 2}", "--to", f"seq:{head + 4}",
                                         "anders")
                if row["field"].startswith("decisions.")}
        self.assertEqual(told, {(f"enschede/financial/{purpose}", str(head + 4))
                                for purpose in ("preparation", "execution")})

    def test_a_terminal_shows_what_came_went_and_became(self):
        text = self.on_terminal("diff", "--from", f"seq:{self.first + 2}", "riool")
        for line in ("twente/werkplaats/riool  changed", "  - leads: almelo", "  + leads: enschede",
                     "amount: EUR 7000.00 → EUR 8000.00  (", "0 opened, 1 changed, 0 ended"):
            self.assertIn(line, text)

    def test_what_is_wrong_is_told(self):
        for arguments, code, said in (
                (["diff"], 2, "since when is not said"),
                (["diff", "--from", "seq:5", "--to", "seq:4"], 2, "the earlier one first"),
                (["diff", "--from", "2016", "--to", "2015", "--as-it-was"], 2, "earlier one first"),
                (["diff", "--from", "1h", "--as-it-was"], 2, "--from 1h is no day"),
                (["diff", "--from", "gisteren"], 2, "--from gisteren"),
                (["diff", "--from", "begin", "nergens"], 3, "nothing of the name nergens"),
                (["diff", "--from", "begin", "twente/news/x"], 3, "there was no twente/news/x at"),
                (["history", "twente/news/x"], 3, "there is no twente/news/x"),
                (["history", "twente/member/almelo", "--on", "1999"], 3, "there was no"),
                (["history", "a/b/c/d"], 2, "REGION/KIND/ENTITY")):
            with self.subTest(arguments=arguments):
                done = self.daemon.cli(*arguments)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 3, done.stderr)
                self.assertIn(said, done.stderr)


# Many regions ------------------------------------------------------------------------------------


class Many(unittest.TestCase):
    REGIONS = 65

    def test_the_lists_of_65_regions_are_walked_at_two_fixed_numbers_while_others_post(self):
        long = "Veel tekst. " * 150
        with Daemon() as daemon:
            def post(name, round):
                answer = daemon.post(
                    *([event("region.registered", f"region/{name}", f"{name}-r", name,
                             data={"name": name, "description": f"{long}0"})] if round == 0 else
                      [event("region.updated", f"region/{name}", f"{name}-{round}", name,
                             data={"description": f"{long}{round}"})]),
                    *(event("member.joined" if round == 0 else "member.renamed", f"member/m{i}",
                            f"{name}-{i}-{round}", name,
                            data={"name": f"Lid {i} {round}", "kind": "municipality"})
                      for i in range(5)))
                assert answer["status"] == "ok", answer
            names = [f"g{number:02}" for number in range(self.REGIONS)]
            for round in (0, 1):
                for name in names:
                    post(name, round)
            first, last = 6 * self.REGIONS, daemon.head()
            going, stop = threading.Event(), threading.Event()

            def go_on():
                round = 2
                while not stop.is_set():
                    for name in names:
                        post(name, round)
                        going.set()
                    round += 1
            other = threading.Thread(target=go_on)
            other.start()
            try:
                self.assertTrue(going.wait(10))
                done = daemon.cli("diff", "--json", "--from", f"seq:{first}", "--to", f"seq:{last}")
                open_ended = daemon.cli("diff", "--json", "--from", f"seq:{first}")
            finally:
                stop.set()
                other.join()
            self.assertEqual((done.returncode, open_ended.returncode), (0, 0), done.stderr)
            events = [msgpack.unpackb(one) for one in daemon.read()]
            found = lines_of(done)
            self.assertEqual(take(fold(events[:first]), found), fold(events[:last]))
            self.assertEqual(len(found), 6 * self.REGIONS)
            # Without --to it is at one number too, that of when it began.
            found = lines_of(open_ended)
            seen = max(field["by"] for each in found for field in each["fields"])
            self.assertEqual(take(fold(events[:first]), found), fold(events[:seen]))


if __name__ == "__main__":
    unittest.main()
