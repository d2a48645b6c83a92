#!/usr/bin/python3
"""The report of a region: which events it tells, that each figure is theirs, and that no text does harm."""

import functools
import hashlib
import html.parser
import json
import os
import re
import subprocess
import threading
import unittest

import msgpack

from harness import DATA, ROOT, Daemon, event
from test_past import day_of, last_day

GOLDEN = ROOT / "tests" / "flow" / "golden"
MADE_UP = DATA.with_name("voorbeeld.jsonl")

# In which section the events of a type are told, each at least once.
SECTIONS = {
    "members": ["region.registered", "member.joined", "member.left", "partner.registered",
                "body.established", "seat.assigned", "seat.vacated"],
    "opened": ["werkplaats.opened"],
    "phases": ["werkplaats.phase-changed"],
    "plans": ["werkplaats.plan-adopted", "werkplaats.feasibility-concluded",
              "year-programme.adopted"],
    "results": ["werkplaats.result-delivered"],
    "evaluations": ["werkplaats.evaluated"],
    "participation": ["participation.declared", "participation.ended"],
    "decisions": ["decision.taken"],
    "money": ["costs.allocated", "cost-key.adopted"],
    "goals": ["goal.set", "measurement.recorded"],
    "news": ["news.published"],
    "contributions": ["contribution.accepted"],
    "advice": ["werkplaats.advice-given"],
}
UPKEEP = ("subscription.", "key.", "role.")

MONTHS = {"nl": "januari februari maart april mei juni juli augustus september oktober november "
                "december".split(),
          "en": "January February March April May June July August September October November "
                "December".split()}


def as_text(number):
    """2025-03-01 from 20250301."""
    return f"{number // 10000:04}-{number // 100 % 100:02}-{number % 100:02}"


def amount(cents, language):
    whole = f"{abs(cents) / 100:,.2f}" if abs(cents) < 10**15 else str(cents)
    return whole if language == "en" else whole.translate(str.maketrans(",.", ".,"))


def numbers(text):
    return re.findall(r"\d(?:[\d.,]*\d)?", text)


def day_words(date, language):
    """The numbers and the month that a date is written with."""
    words = [date[:4]]
    if len(date) >= 7 and "Q" not in date:
        words.append(MONTHS[language][int(date[5:7]) - 1])
    if len(date) == 10:
        words.append(str(int(date[8:])))
    return words


class Log:
    """A region's events as Python sees them, from the bytes."""

    def __init__(self, daemon, region, head=None):
        self.events = {}
        for raw in daemon.read(f"/{region}/"):
            one = msgpack.unpackb(raw)
            if head is None or one["seq"] <= head:
                one["leaf"] = hashlib.sha256(b"\0" + raw).hexdigest()
                self.events[one["seq"]] = one
        corrected = {one.get("corrects") for one in self.events.values()}
        self.counting = [one for seq, one in self.events.items() if seq not in corrected]
        self.names = " ".join(str(one["data"].get(key, "")) for one in self.events.values()
                              for key in ("name", "title", "former"))
        self.subjects = " ".join(one["subject"] for one in self.events.values())

    def news(self):
        """Each item as it is now: its last date, or nothing if it was withdrawn."""
        items = {}
        for one in self.events.values():
            if one["type"] == "news.published":
                items[one["subject"]] = (one["seq"], one["on"])
            elif one["type"] == "news.corrected" and "on" in one:
                items[one["subject"]] = (items[one["subject"]][0], one["on"])
            elif one["type"] == "news.withdrawn":
                items.pop(one["subject"])
        return items.values()

    def expected(self, first, last, members=False):
        """{section: numbers of the events that it tells}, of those that have any."""
        found = {}
        for section, types in SECTIONS.items():
            if section == "advice" and not members:
                continue
            seqs = {one["seq"] for one in self.counting
                    if one["type"] in types and first <= day_of(one) <= last}
            if section == "news":
                seqs = {seq for seq, on in self.news() if first <= last_day(on) <= last}
            if section == "members":
                seqs |= {one["seq"] for one in self.counting if one["type"] == "member.renamed"
                         and "name" in one["data"] and first <= day_of(one) <= last}
            if seqs:
                found[section] = seqs
        upkeep = {one["seq"] for one in self.counting if one["type"].startswith(UPKEEP)
                  and first <= day_of(one) <= last}
        if members and upkeep:
            found["upkeep"] = upkeep
        return found


class Page(html.parser.HTMLParser):
    """What a page shows and does: its text, its tags, where its links go."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.links, self.text, self.attributes = [], [], "", set()
        self.feed(text)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes |= {(tag, name) for name, _ in attributes}
        self.links += [value for name, value in attributes if name in ("href", "src")]
        self.text += " " if tag in ("p", "li", "td", "th", "h1", "h2", "h3", "h4") else ""

    def handle_data(self, data):
        self.text += data


def page(markdown):
    """As the most willing reader shows it: raw HTML, tables, addresses that become links."""
    done = subprocess.run(["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e",
                           "strikethrough"], input=markdown, capture_output=True, text=True,
                          timeout=60, check=True)
    return Page(done.stdout)


def items_of(section):
    return [item for group in section["groups"] for item in group["items"]]


def parts_of(item):
    """(text, events) of everything in an item."""
    yield f"{item.get('title', '')} {item['text']}", item["events"]
    for detail in item.get("details", []):
        yield detail["text"], detail["events"] or item["events"]
    for row in item.get("table", {}).get("rows", []):
        yield " ".join(row["cells"]), row["events"] + item["events"]


class Reports(unittest.TestCase):
    def report(self, *arguments, code=0):
        done = self.daemon.cli("report", *arguments)
        self.assertEqual(done.returncode, code, (done.stdout[-500:], done.stderr))
        self.assertNotIn("Sanitizer", done.stderr)
        return done.stdout if code == 0 else done.stderr

    def document(self, *arguments):
        return json.loads(self.report(*arguments, "--json"))

    def told(self, document):
        """{section: numbers of events that its items tell}, but for what is open."""
        return {section["section"]: {seq for item in items_of(section) for seq in item["events"]}
                for section in document["sections"] if section["section"] != "open"}

    def expect_section(self, document, section, seqs):
        told = self.told(document).get(section, set())
        self.assertEqual(told, set(seqs))


def for_each_case(check):
    """Of a test with one region, period, language and audience: one of them all."""
    @functools.wraps(check)
    def test(self):
        for log, document, markdown in self.cases:
            with self.subTest(**{key: document[key] for key in
                                 ("region", "from", "to", "language", "audience")}):
                check(self, log, document, markdown)
    return test


class OfTheData(Reports):
    """The real programme and the one that is made up."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.addClassCleanup(cls.daemon.__exit__, None)
        cls.daemon.start()
        for file in (MADE_UP, DATA):  # the numbers of the golden files begin at 1
            done = cls.daemon.cli("import", "--window", 64, file)
            assert done.returncode == 0, done.stderr
        logs = {region: Log(cls.daemon, region) for region in ("voorbeeld", "twente")}
        cls.cases = []
        for region, first, last, language, audience in cls.PERIODS:
            options = ("--region", region, "--from", first, "--to", last, "--language", language,
                       "--audience", audience)
            shown = cls.daemon.cli("report", *options)
            document = cls.daemon.cli("report", *options, "--json")
            assert document.returncode == shown.returncode == 0, (options, document.stderr)
            cls.cases.append((logs[region], json.loads(document.stdout), shown.stdout))

    PERIODS = (
        ("voorbeeld", "2022", "2022", "nl", "public"),
        ("voorbeeld", "2023-Q2", "2024-03", "en", "public"),
        ("voorbeeld", "2024-12-31", "2024-12-31", "nl", "members"),
        ("voorbeeld", "2025", "2025", "en", "public"),
        ("voorbeeld", "2022", "2026", "nl", "members"),
        ("voorbeeld", "2022", "2026", "en", "public"),
        ("twente", "2017", "2019", "en", "public"),
        ("twente", "2015-12-31", "2016-05-11", "nl", "public"),
        ("twente", "2012", "2026", "nl", "public"),
        ("twente", "2012", "2026", "en", "members"))

    @for_each_case
    def test_every_event_of_the_period_stands_in_its_section_and_no_other_does(self, log, document, markdown):
        first, last = (int(document[key].replace("-", "")) for key in ("from", "to"))
        expected = log.expected(first, last, document["audience"] == "members")
        told = self.told(document)
        # What replaced a split of the costs is named beside it.
        also = {one["seq"] for one in log.counting if one["type"] == "costs.allocated"
                and day_of(one) <= last}
        self.assertEqual(set(told), set(expected))
        for section, seqs in expected.items():
            more = also if section == "money" else set()
            self.assertEqual(told[section] - more, seqs - more, section)
            self.assertLessEqual(seqs, told[section], section)

    @for_each_case
    def test_every_number_is_that_of_an_event_that_it_names(self, log, document, markdown):
        language = document["language"]
        shared = set(numbers(log.names + " " + log.subjects.replace("-", " ")))
        frames = {"3", "4"}  # the 3 K's and the 4 B's
        for section in document["sections"]:
            for item in items_of(section):
                for text, seqs in parts_of(item):
                    events = [log.events[seq] for seq in seqs]
                    known = shared | {str(len(seqs))} | (frames if section["section"] == "goals"
                                                         else set())
                    for one in events:
                        known |= self.numbers_of(one, language)
                    if section["section"] == "open" and not seqs:
                        known |= set(day_words(document["to"], language))
                    wrong = set(numbers(text)) - known
                    self.assertEqual(wrong, set(), (section["section"], text, seqs))

    def numbers_of(self, one, language):
        """Every way in which the numbers of an event are written."""
        found = set(numbers(str(one.get("ontext", "")) + " " + str(one.get("reference", ""))))
        found |= set(day_words(one["on"], language) if "on" in one
                     else day_words(as_text(day_of(one)), language))

        def add(value):
            if isinstance(value, dict):
                for each in value.values():
                    add(each)
            elif isinstance(value, list):
                for each in value:
                    add(each)
            elif isinstance(value, int):
                found.update({str(value), amount(value, language)})
            else:
                found.update(numbers(value))
                if re.fullmatch(r"\d{4}(-(\d\d|Q\d)(-\d\d)?)?", value):
                    found.update(day_words(value, language))
                if value.isdigit():
                    found.add(amount(int(value), language))
                if re.fullmatch(r"\d+\.\d+", value) and language == "nl":
                    found.add(value.replace(".", ","))

        add(one["data"])
        return found

    @for_each_case
    def test_every_day_and_amount_of_an_event_is_told(self, log, document, markdown):
        """The other way round: not only no wrong number, but the right ones too."""
        language = document["language"]
        texts = {}
        for section in document["sections"]:
            for item in items_of(section):
                for text, _ in parts_of(item):
                    only = 1 if section["section"] == "money" else None  # what replaced it is named
                    for seq in item["events"][:only]:
                        texts[seq, section["section"]] = (
                            texts.get((seq, section["section"]), "") + " " + text)
        for (seq, section), text in texts.items():
            one = log.events[seq]
            if section in ("open", "news", "upkeep") or "on" not in one:
                continue
            for word in day_words(one["on"], language):
                self.assertIn(word, text)
            for cents in (value for key, value in one["data"].items() if key == "amount"):
                self.assertIn(amount(cents, language), text)

    @for_each_case
    def test_the_summary_counts_what_the_sections_tell(self, log, document, markdown):
        words = ("no one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
                 "fifteen sixteen seventeen eighteen nineteen twenty").split()
        first, last = (int(document[key].replace("-", "")) for key in ("from", "to"))
        period = [one for one in log.counting if first <= day_of(one) <= last]
        count = lambda *types: sum(one["type"] in types for one in period)
        opened = [one for one in period if one["type"] == "werkplaats.opened"]
        expected = [
            count("member.joined"), count("member.left"),
            sum("baseline" not in one["data"] for one in opened),
            sum("baseline" in one["data"] for one in opened),
            count("werkplaats.phase-changed"), count("werkplaats.plan-adopted"),
            count("werkplaats.feasibility-concluded"), count("werkplaats.result-delivered"),
            count("werkplaats.evaluated"), count("participation.declared"),
            count("participation.ended"), count("decision.taken"), count("costs.allocated"),
            count("goal.set"), count("measurement.recorded"),
            sum(first <= last_day(on) <= last for _, on in log.news()),
            count("contribution.accepted")]
        self.assertEqual([one["count"] for one in document["summary"]],
                         [number for number in expected if number > 0])
        for one in document["summary"]:
            self.assertEqual(len(set(one["events"])), one["count"])
            if document["language"] == "en":
                shown = words[one["count"]] if one["count"] < 21 else str(one["count"])
                self.assertEqual(one["number"].lower(), shown)
        told = "".join(one["before"] + one["number"] + one["behind"]
                       for one in document["summary"])
        self.assertIn(told, page(markdown).text)
        for sentence in re.findall(r"[^.]*\.", told):
            self.assertRegex(sentence.strip(), "^([A-Z]|[0-9])")
            self.assertNotIn("Er ", sentence)
        self.assertEqual(re.sub(r"[,.] |\.$| en | and ", "|", told).lower().replace("|één", "|eén"),
                         "".join(one["text"].lower()[:-1] + "|" for one in document["summary"]))

    @for_each_case
    def test_shares_add_up_to_the_amount_to_the_cent(self, log, document, markdown):
        seen = []
        for section in document["sections"]:
            for item in items_of(section):
                if "table" not in item:
                    continue
                data = log.events[item["events"][0]]["data"]
                cells = [int(re.sub(r"\D", "", row["cells"][1])) for row in
                         item["table"]["rows"]]
                self.assertEqual(cells[:-1], [data["shares"][key] for key in sorted(data["shares"])])
                self.assertEqual(sum(cells[:-1]), cells[-1])
                self.assertEqual(cells[-1], data["amount"])
                seen.append(item["events"][0])
        first, last = (int(document[key].replace("-", "")) for key in ("from", "to"))
        self.assertEqual(sorted(seen), [one["seq"] for one in log.counting
                                        if one["type"] == "costs.allocated"
                                        and first <= day_of(one) <= last])

    @for_each_case
    def test_a_board_is_told_to_have_decided_what_it_decided_last(self, log, document, markdown):
        last = int(document["to"].replace("-", ""))
        for section in document["sections"]:
            for item in items_of(section):
                if "table" not in item or len(item["table"]["columns"]) < 3:
                    continue  # was replaced
                one = log.events[item["events"][0]]
                for row, member in zip(item["table"]["rows"], sorted(one["data"]["shares"])):
                    said = [each for each in log.counting if each["type"] == "decision.taken"
                            and each["subject"] == one["subject"] and day_of(each) <= last
                            and each["data"]["member"] == member
                            and each["data"].get("purpose") == one["data"]["purpose"]]
                    said.sort(key=lambda each: each.get("corrects", each["seq"]))
                    self.assertEqual(row["events"], [each["seq"] for each in said[-1:]])

    @for_each_case
    def test_the_sources_are_the_events_that_are_named_and_tell_what_they_are(self, log, document, markdown):
        named = set()
        for section in document["sections"]:
            for item in items_of(section):
                for part in [item, *item.get("details", []),
                             *item.get("table", {}).get("rows", [])]:
                    named |= set(part["events"])
        self.assertEqual([source["seq"] for source in document["sources"]], sorted(named))
        for source in document["sources"]:
            one = log.events[source["seq"]]
            self.assertEqual((source["type"], source["subject"], source["id"],
                              source["leafhash"], source.get("on"), source.get("citation"),
                              source.get("reference"), source.get("corrects")),
                             (one["type"], one["subject"], one["id"], one["leaf"],
                              one.get("on"), one.get("citation"), one.get("reference"),
                              str(one["corrects"]) if "corrects" in one else None))
            lines = " ".join(source["lines"])
            for part in (one["id"], one["leaf"][:8], one.get("citation", ""), one["subject"]):
                self.assertIn(part, lines)

    @for_each_case
    def test_the_markdown_says_what_the_document_says_and_each_reference_leads_to_its_source(self, log, document, markdown):
        shown = page(markdown)
        for section in document["sections"]:
            for item in items_of(section):
                for text, _ in parts_of(item):
                    for word in text.split():
                        self.assertIn(word, shown.text)
                self.assertIn(" ".join(item["text"].split()), shown.text)
        anchors = {f"#{'bron' if document['language'] == 'nl' else 'source'}-{source['seq']}"
                   for source in document["sources"]}
        anchors |= {"#" + section["title"].lower().replace(" ", "-")
                    for section in document["sections"]}
        inside = {link for link in shown.links if link.startswith("#")}
        self.assertLessEqual(inside, anchors)
        self.assertGreaterEqual(inside, {one for one in anchors if one[-1].isdigit()})
        self.assertNotIn("[[", shown.text.replace(" [", ""))

    @for_each_case
    def test_what_is_open_is_what_the_daemon_says_of_the_last_day(self, log, document, markdown):
        region, last = document["region"], document["to"]
        answer = self.daemon.ask("next", region=region, on=last)
        undecided = [(row["share"], row["purpose"]) for each in answer.get("werkplaatsen", [])
                     for row in each["undecided"]]
        open_ = next(section for section in document["sections"]
                     if section["section"] == "open")
        texts = " ".join(text for item in items_of(open_) for text, _ in parts_of(item))
        for share, _ in undecided:
            self.assertIn(amount(share, document["language"]), texts)
        gaps = self.daemon.ask("gaps", region=region, on=last).get("gaps", [])
        names = [name for item in items_of(open_) for name in [item.get("title", "")]]
        for gap in gaps:
            if gap["gap"] in ("no-plan", "no-lead"):
                record = self.daemon.ask("get", region=region, kind="werkplaats",
                                         entity=gap["path"].split("/")[2], on=last)["record"]
                self.assertIn(record["fields"]["name"], names)
                item = next(item for item in items_of(open_)
                            if item.get("title") == record["fields"]["name"])
                said = {"nl": {"no-plan": "geen werkplan", "no-lead": "geen kartrekker"},
                        "en": {"no-plan": "No plan", "no-lead": "No lead"}}
                self.assertIn(said[document["language"]][gap["gap"]],
                              " ".join(text for text, _ in parts_of(item)))

    def test_a_reader_sees_every_change_of_the_text(self):
        for language in ("nl", "en"):
            text = self.report("--region", "voorbeeld", "--from", "2022", "--to", "2025",
                               "--language", language)
            text = re.sub(r"hash [0-9a-f]{8}", "hash 00000000", text)
            for day in {as_text(day_of({"time": msgpack.unpackb(raw)["time"]}))
                        for raw in self.daemon.read("/voorbeeld/")}:
                year, month, number = day_words(day, language)
                text = text.replace(f"{number} {month} {year}", "DAY")
            text = re.sub(rf"\((nummer|number) {self.daemon.head()} ", r"(\1 HEAD ", text)
            file = GOLDEN / f"report-voorbeeld.{language}.md"
            if os.environ.get("WATERNET_GOLDEN") == "write":
                file.parent.mkdir(exist_ok=True)
                file.write_text(text)
            with self.subTest(language=language):
                self.assertEqual(text.splitlines(), file.read_text().splitlines())


class OfEvents(Reports):
    """A region of its own for each question."""

    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.__exit__, None)
        self.daemon.start().region("twente")
        self.made = 0

    def post(self, type, subject, on=None, **data):
        """Its number."""
        self.made += 1
        more = {key: data.pop(key) for key in ("corrects", "citation", "onbasis", "ontext",
                                               "reference") if key in data}
        more.update({"on": on} if on else {})
        answer = self.daemon.post(event(type, subject, f"made-{self.made}", **more, data=data))
        self.assertEqual(answer["status"], "ok", answer)
        return answer["receipts"][0]["seq"]

    def measure(self, on, value, **more):
        return self.post("measurement.recorded", "goal/kosten", on, citation="jaarverslag",
                         kind="realised", value=value, unit="eur-cent", **more)

    def year(self, year, *more):
        return self.document("--from", year, "--to", year, *more)

    def goal(self):
        self.post("goal.set", "goal/kosten", "2020", citation="plan", frame="3k", dimension="cost",
                  target="100", unit="eur-cent", year=2030)

    def test_a_correction_moves_an_event_into_a_period_and_out_of_it(self):
        self.goal()
        inside = self.measure("2025-12-31", "100")
        outside = self.measure("2026-01-01", "200")
        self.expect_section(self.year("2025"), "goals", [inside])
        moved_out = self.measure("2026-01-02", "111", corrects=inside)
        moved_in = self.measure("2025-12-30", "222", corrects=outside)
        self.expect_section(self.year("2025"), "goals", [moved_in])
        self.expect_section(self.year("2026"), "goals", [moved_out])
        again = self.measure("2025-12-29", "333", corrects=moved_in)
        document = self.year("2025")
        self.expect_section(document, "goals", [again])
        self.assertIn("€ 3,33", json.dumps(document, ensure_ascii=False))
        self.assertNotIn("2,22", json.dumps(document))
        self.assertEqual(document["sources"][0]["corrects"], str(moved_in))

    def test_shares_and_what_is_open_tell_the_same_of_a_correction_that_is_dated_later(self):
        """It is none yet on the last day of the period, and one in a longer period."""
        self.post("werkplaats.opened", "werkplaats/riool", "2025", name="Riool", kind="project",
                  theme="Riool", common_interest="Samen.")
        self.post("participation.declared", "werkplaats/riool", "2025", member="enschede",
                  reference="Z-1")
        self.post("cost-key.adopted", "cost-key/sleutel", "2025", version="1", method="weights",
                  citation="x", weights={"enschede": 1}, valid_from="2025")
        split = self.post("costs.allocated", "werkplaats/riool", "2025-03-01", purpose="preparation",
                          amount=12345, key="sleutel", version="1")
        decision = {"member": "enschede", "board": "college", "kind": "financial",
                    "purpose": "preparation", "reference": "Z-2"}
        first = self.post("decision.taken", "werkplaats/riool", "2025-04-01", amount=12345,
                          outcome="positive", **decision)
        later = self.post("decision.taken", "werkplaats/riool", "2026-01-10", amount=12345,
                          outcome="negative", corrects=first, **decision)
        for last, seq, said, open_ in (("2025", first, "ja, tot € 123,45", []),
                                       ("2026", later, "nee", [split, later])):
            document = self.document("--from", "2025", "--to", last)
            sections = {section["section"]: items_of(section) for section in document["sections"]}
            row = next(item for item in sections["money"] if "table" in item)["table"]["rows"][0]
            self.assertEqual((row["cells"][2], row["events"]), (said, [seq]))
            found = [detail["events"] for item in sections["open"]
                     for detail in item.get("details", []) if "123,45" in detail["text"]]
            self.assertEqual(found, [open_] if open_ else [], last)
            self.assertIn(seq, [source["seq"] for source in document["sources"]])

    def test_a_period_counts_from_its_last_day_and_without_a_date_the_day_of_recording_counts(self):
        self.goal()
        quarter = self.measure("2025-Q3", "1")
        for first, last, told in (("2025-07-01", "2025-09-29", []), ("2025-09-30", "2025-09-30",
                                  [quarter]), ("2025-Q3", "2025-Q3", [quarter]),
                                  ("2025-10", "2025-12", [])):
            self.expect_section(self.document("--from", first, "--to", last), "goals", told)
        opened = self.post("werkplaats.opened", "werkplaats/riool", name="Riool", kind="project",
                           theme="Riool", common_interest="Samen.")
        today = as_text(day_of(msgpack.unpackb(self.daemon.read()[-1])))
        self.expect_section(self.document("--from", today, "--to", today), "opened", [opened])
        self.expect_section(self.document(), "opened", [opened])  # this year so far
        document = self.document()
        self.assertEqual((document["from"], document["to"]), (f"{today[:4]}-01-01", today))
        document = self.document("--to", "2024-02")
        self.assertEqual((document["from"], document["to"]), ("2024-01-01", "2024-02-29"))

    def test_what_was_taken_over_is_not_new(self):
        baseline = {"phase": "execution", "basis": "inferred", "citation": "krant"}
        self.post("werkplaats.opened", "werkplaats/oud", "2025-05-01", name="Oud", kind="project",
                  theme="Oud", baseline=baseline)
        self.post("werkplaats.opened", "werkplaats/ook", "2025-05-01", name="Ook", kind="project",
                  theme="Oud", baseline={**baseline, "basis": "stated"})
        text = self.report("--from", "2025", "--to", "2025")
        self.assertNotIn("nieuwe werkplaats", text)
        self.assertIn("\n[Twee](#nieuwe-werkplaatsen) werkplaatsen die al liepen zijn overgenomen.\n",
                      text)
        self.assertIn("**Oud** liep al en is overgenomen. De fase was op 1 mei 2025 uitvoering; dat "
                      "is afgeleid en dus onzeker.", text)
        self.assertIn("uitvoering, zo staat in de bron.", text)

    def test_what_is_for_members_only_is_left_out_unless_it_is_for_members(self):
        self.post("werkplaats.opened", "werkplaats/riool", "2025", name="Riool", kind="project",
                  theme="Riool", common_interest="Samen.")
        advice = self.post("werkplaats.advice-given", "werkplaats/riool", "2025", priority="high",
                           note="Vertrouwelijk.")
        key = self.post("key.added", "key/balie", "2025", curve=f"{1:040}", organisation="twente",
                        label="Vertrouwelijk")
        public = self.report("--from", "2025", "--to", "2025")
        self.assertNotIn("Vertrouwelijk", public)
        self.assertNotIn("made-2", public)
        document = self.year("2025", "--audience", "members")
        self.expect_section(document, "advice", [advice])
        self.expect_section(document, "upkeep", [key])
        self.assertEqual(len(document["notes"]), 2)

    def test_news_is_shown_as_it_was_put_right_and_not_if_it_was_withdrawn(self):
        first = self.post("news.published", "news/een", "2024-12-31", title="Oud", summary="Fout.")
        self.post("news.published", "news/weg", "2025-01-02", title="Weg", summary="Weg.")
        right = self.post("news.corrected", "news/een", "2025-01-01", title="Nieuw", summary="Goed.")
        self.post("news.withdrawn", "news/weg", "2026-01-01", reason="Klopte niet.")
        self.expect_section(self.year("2024"), "news", [])
        document = self.year("2025")
        self.expect_section(document, "news", [first, right])
        text = json.dumps(document)
        self.assertIn("Nieuw", text)
        self.assertNotIn("Fout", text)
        self.assertNotIn("Weg", text)

    def test_what_ended_is_told_too(self):
        self.post("member.left", "member/enschede", "2025-06-01", reason="Verhuisd.")
        text = self.report("--from", "2025", "--to", "2025")
        self.assertIn("enschede is op 1 juni 2025 uitgetreden.", text)
        self.assertIn("*Reden:* Verhuisd.", text)

    def test_a_contribution_that_waits_or_was_turned_down_is_not_nothing(self):
        self.post("contribution.submitted", "contribution/een", "2025-02-01", kind="addition",
                  text="Ik weet meer.")
        for year, said in (("2025", False), ("2024", True)):
            text = self.report("--from", year, "--to", year)
            self.assertEqual("wacht nog op behandeling" in text, not said)
            self.assertEqual(bool(re.search(r"Over [^.]*bijdragen[^.]* niets vastgelegd|"
                                            "periode is niets vastgelegd", text)), said, text)
        self.post("contribution.rejected", "contribution/een", "2025-03-01", reason="Nee.")
        self.assertNotIn("bijdragen", self.report("--from", "2025", "--to", "2025"))

    def test_a_period_without_events_says_so(self):
        for language, said in (("nl", "Over deze periode is niets vastgelegd"),
                               ("en", "Nothing was recorded about this period")):
            options = ("--from", "1999", "--to", "2000", "--language", language)
            text = self.report(*options)
            self.assertIn(said, text)
            self.assertNotIn("Bronnen", text)
            document = self.document(*options)
            self.assertEqual((document["summary"], document["sources"]), ([], []))
            self.assertEqual([section["section"] for section in document["sections"]], ["open"])

    def test_it_is_read_at_one_position_while_others_post(self):
        stop = threading.Event()

        def go_on():
            socket = self.daemon.socket("command")
            number = 0
            while not stop.wait(0.005):  # a log that grows as fast as it can takes long to check
                number += 1
                one = event("member.joined", f"member/lid-{number}", f"snel-{number}", on="2025",
                            data={"name": f"Lid {number}", "kind": "municipality"})
                socket.ask("post", events=[one])

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            documents = [self.year("2025", "--language", "en") for _ in range(5)]
        finally:
            stop.set()
            thread.join()
        heads = [document["head"] for document in documents]
        self.assertEqual(heads, sorted(set(heads)))
        for document in documents:
            log = Log(self.daemon, "twente", document["head"])
            self.assertEqual(self.told(document), log.expected(20250101, 20251231))

    def test_a_wrong_option_says_what_would_be_right(self):
        for options, code, said in (
                (("--from", "gisteren"), 2, "2016-Q1"), (("--to", "2025-13"), 2, "2016-Q1"),
                (("--from", "2026", "--to", "2025"), 2, "before it begins"),
                (("--language", "de"), 2, "nl or en"), (("--audience", "all"), 2, "public or members"),
                (("--region", "nergens"), 3, "there is no")):
            with self.subTest(options=options):
                lines = self.report(*options, code=code).splitlines()
                self.assertEqual(len(lines), 3, lines)
                self.assertIn(said, " ".join(lines))

    HOSTILE = ("<script>alert(1)</script>", "[klik](javascript:alert(1))", "![x](http://evil.example)",
               "**vet** en *schuin* en _ook_", "# Kop", "1. lijst", "12) lijst", "- punt", "+ punt",
               "= streep", "| a | b |", "`code`", "~~weg~~", "&lt;b&gt; &#42;", "<http://evil.example>",
               "[1]", "[[1]]", "[1]: #elders", "http://evil.example/x", "www.evil.example",
               "HTTPS://evil.example", "\\", "a\\*b", "<!-- weg -->", "$x$", "{#id}", "B&W",
               "omge\u202ekeerd\u2066", "\u2028regel", "_", "***", "> citaat", "--- ", "x \u00a0",
               "<a href=\"http://evil.example\">x</a>", "x@@y",
               "piet@evil.example", "mailto:x@evil.example", "a.b@-c.nl @alleen", "@een.nl")
    LINES = ("twee\nregels", "kop\n===", "a\n\n# Kop\n\n- x", "a\n\n    code", "a\n```\nx\n```",
             "a\n\n[1]: http://evil.example\n\nb", "a\n| - | - |\n| x | y |")

    def plain(self, text):
        """What is to be seen of it."""
        return " ".join(re.sub("[\u2028\u202e\u2066]", lambda one: f"U+{ord(one[0]):04X}",
                               text).split(None))

    def test_no_text_becomes_markup_a_link_or_a_direction(self):
        baseline = self.report("--from", "2025", "--to", "2025")
        shown, lines = [], []
        for number, text in enumerate(self.HOSTILE):
            name = {"name": text}
            self.post("member.joined", f"member/lid-{number}", "2025", kind="municipality",
                      citation=text, **name)
            self.post("werkplaats.opened", f"werkplaats/wp-{number}", "2025", kind="project",
                      theme=text, common_interest=text, ontext=text, **name)
            self.post("news.published", f"news/n-{number}", "2025", title=text, summary=text)
            self.post("participation.declared", f"werkplaats/wp-{number}", "2025",
                      member=f"lid-{number}", reference=text)
            shown += [text] * 4
        for number, text in enumerate(self.LINES):
            self.post("news.published", f"news/r-{number}", "2025", title="Regels", summary=text,
                      meaning=text)
            lines.append(text)
        self.post("cost-key.adopted", "cost-key/sleutel", "2025", version="1", method="weights",
                  citation="x", weights={f"lid-{at}": 1 for at in range(len(self.HOSTILE))},
                  valid_from="2025")
        for number in range(1, len(self.HOSTILE)):
            self.post("participation.declared", "werkplaats/wp-0", "2025", member=f"lid-{number}",
                      reference="brief")
        self.post("costs.allocated", "werkplaats/wp-0", "2025", purpose="preparation", amount=12345,
                  key="sleutel", version="1")
        for language in ("nl", "en"):
            text = self.report("--from", "2025", "--to", "2025", "--language", language)
            self.assertNotRegex(text, "[\u202a-\u202e\u2066-\u2069\u2028\u200e\x00-\x08\x1b]")
            got = page(text)
            self.assertLessEqual(set(got.tags), {"h1", "h2", "h3", "h4", "p", "ul", "li", "strong",
                                                 "em", "a", "blockquote", "table", "thead", "tbody",
                                                 "tr", "th", "td"})
            self.assertLessEqual(got.attributes, {("a", "href"), ("th", "align"), ("td", "align")})
            self.assertEqual([link for link in got.links if not link.startswith("#")], [])
            for one in self.HOSTILE + self.LINES:
                self.assertIn(self.plain(one), got.text)
            document = self.document("--from", "2025", "--to", "2025", "--language", language)
            self.assertEqual(got.tags.count("h1"), 1)
            self.assertEqual(got.tags.count("h4"), len(document["sources"]))
            self.assertEqual(got.tags.count("h2"), len(document["sections"]) + 1)
            self.assertEqual(got.tags.count("h3"),
                             sum("title" in group for section in document["sections"]
                                 for group in section["groups"]))
            self.assertEqual(got.tags.count("table"), 1)
            self.assertEqual(got.tags.count("tr"), len(self.HOSTILE) + 2)
            self.assertEqual(got.tags.count("td"), 3 * (len(self.HOSTILE) + 1))
            for row in [row for section in document["sections"] for item in items_of(section)
                        for row in item.get("table", {}).get("rows", [])]:
                self.assertIn(self.plain(" ".join(row["cells"])), got.text)
            self.assertEqual(got.tags.count("li"), sum(
                1 + len(item.get("details", [])) for section in document["sections"]
                for item in items_of(section)))
        self.assertIn("Over deze periode", baseline)


class Texts(unittest.TestCase):
    def test_both_languages_say_the_same_values_and_every_text_is_used(self):
        text = (ROOT / "clients/report/texts.def").read_text()
        rows = re.findall(r'^(?:TEXT|COUNT)\((\w+),\s*(.*)\)$', text, re.M)
        self.assertGreater(len(rows), 100)
        sources = "".join(file.read_text() for file in (ROOT / "clients/report").glob("*.[ch]"))
        sections = (ROOT / "clients/report/sections.def").read_text()
        for name, rest in rows:
            texts = re.findall(r'"((?:[^"\\]|\\.)*)"', rest)
            self.assertIn(len(texts), (2, 4), name)
            names = [sorted(set(re.findall(r"\{(\w+)\}", one.lower()))) for one in texts]
            self.assertEqual([one for one in names if one != names[0]], [], name)
            if len(texts) == 2:
                self.assertTrue(f"TEXT_{name}" in sources or f"SECTION({name}," in sections, name)
            else:
                self.assertEqual([re.findall(r"\{[nN]\}", one) and 1 for one in texts], [1] * 4)
                self.assertIn(f"COUNT_{name}", sources)


if __name__ == "__main__":
    unittest.main()
