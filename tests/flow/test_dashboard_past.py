#!/usr/bin/python3
"""waternet-dashboard about other days: each page then is what the log says of that moment, what
changed is told by its event, the report and a what-if are the daemon's own."""

import json
import os
import re
import signal
import threading
import time
import unittest

import msgpack

from harness import DATA, Daemon, event, news, wait_for
from model import fold
from dashboard import Dashboard, Outline
from test_past import day_of, last_day


class Programme(unittest.TestCase):
    """The real programme and the made-up one, with a dashboard beside them."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)
        cls.daemon.load()
        cls.daemon.cli("import", DATA.with_name("voorbeeld.jsonl"))
        cls.dashboard = Dashboard(cls.daemon).is_live()
        cls.addClassCleanup(cls.dashboard.stop)
        cls.events = [msgpack.unpackb(one) for one in cls.daemon.read()]

    def records(self, region, until=None, on=None):
        """path -> record, folded by the model from what counts at that moment."""
        found = {}
        for one in self.events:
            path = f"{one['region']}/{one['subject']}"
            counts = (until is None or one["seq"] <= until) and \
                (on is None or day_of(one) <= last_day(on))
            if one["region"] == region and counts:
                record = fold(found.get(path), one)
                if record is not None:
                    found[path] = record
        return found

    def board(self, page):
        """werkplaats -> phase, as the page has them."""
        columns = re.split(r'<section class="column" data-phase="([a-z]+)">', page)
        return {name: phase for phase, column in zip(columns[1::2], columns[2::2])
                for name in re.findall(r'<li class="card" id="werkplaats-([a-z0-9-]+)"', column)}

    def phases(self, records):
        return {path.split("/")[2]: record["fields"]["phase"] for path, record in records.items()
                if "/werkplaats/" in path and "ended" not in record}


class OtherDays(Programme):
    def test_the_board_on_a_day_is_what_the_log_says_of_it(self):
        seen = set()
        for on in ("2022-01-13", "2022-03-10", "2023-02", "2023-Q3", "2024", "2025-06-03"):
            expected = self.phases(self.records("voorbeeld", on=on))
            self.assertEqual(self.board(self.dashboard.page(f"/voorbeeld?on={on}")), expected, on)
            seen.add(json.dumps(expected, sort_keys=True))
        self.assertEqual(len(seen), 6)  # each of them differs

    def test_the_board_as_recorded_at_a_number_is_what_the_log_said_then(self):
        first = self.events[-1]["seq"] - 140
        for at in range(first, self.events[-1]["seq"] + 5, 9):
            records = self.records("voorbeeld", until=at)
            answer = self.dashboard.ask(f"/voorbeeld?at={at}")
            if "voorbeeld/region/voorbeeld" not in records:
                self.assertEqual(answer.status, 404, at)
                self.assertIn("Dit was er toen niet", answer.content.decode())
                continue
            self.assertEqual(self.board(answer.content.decode()), self.phases(records), at)

    def test_it_is_marked_as_the_past_and_leads_back_to_now(self):
        path = "/en/voorbeeld/werkplaats/groene-schoolpleinen"
        page = self.dashboard.page(path + "?on=2025-06-03")
        self.assertIn('data-state="past"', page)
        self.assertIn(" data-past", page)
        self.assertIn("As it was on 3 June 2025", page)
        self.assertIn(f'<a class="utrecht-link back" href="{path}">', page)
        self.assertNotIn("data-past", self.dashboard.page(path))

    def test_links_keep_the_moment_where_it_means_something(self):
        page = self.dashboard.page("/voorbeeld?on=2025-06-03")
        links = re.findall(r'href="(/[^"]*)"', page)
        self.assertIn("/voorbeeld/werkplaats/groene-schoolpleinen?on=2025-06-03", links)
        self.assertIn("/en/voorbeeld?on=2025-06-03", links)
        self.assertIn("/voorbeeld", links)  # back to now
        for link in links:
            self.assertFalse(link.startswith("/gebeurtenis/") and "?" in link, link)

    def test_a_werkplaats_shows_nothing_that_came_later(self):
        path = "/voorbeeld/werkplaats/groene-schoolpleinen"
        before = Outline(self.dashboard.page(path + "?on=2025-06-01")).text
        after = Outline(self.dashboard.page(path + "?on=2025-06-30")).text
        self.assertNotIn("3 juni 2025", before)
        self.assertIn("3 juni 2025", after)
        seqs = {one["seq"] for one in self.events if one["subject"] == path[len("/voorbeeld/"):]
                and day_of(one) <= last_day("2025-06-01")}
        shown = set(map(int, re.findall(r'href="/gebeurtenis/(\d+)"',
                                        self.dashboard.page(path + "?on=2025-06-01"))))
        self.assertLessEqual({one["seq"] for one in self.events
                              if one["subject"] == path[len("/voorbeeld/"):]} & shown, seqs)
        self.assertGreater(len(seqs & shown), 5)

    def test_all_regions_on_a_day(self):
        page = self.dashboard.page("/?on=2010-01-01")
        self.assertNotIn("Voorbeeldregio", page)
        self.assertIn("Voorbeeldregio", self.dashboard.page("/?on=2023-01-01"))

    def test_at_a_time_it_is_what_was_recorded_before_it(self):
        last = self.events[-1]["time"]
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(last // 1000 - 3600))
        self.assertEqual(self.dashboard.ask(f"/voorbeeld?at={stamp}").status, 404)
        self.assertEqual(self.dashboard.ask("/voorbeeld?at=2001-01-01").status, 404)
        page = self.dashboard.page("/voorbeeld?at=2039-01-01")  # not yet: as it stands
        self.assertEqual(self.board(page), self.phases(self.records("voorbeeld")))

    def test_what_is_no_day_is_told_so(self):
        for wrong in ("on=gisteren", "on=2016-13-01", "at=0", "at=-1", "at=12x", "at=2016-03-01T1",
                      "on=2016-03-01%22%3E%3Cscript%3E", "at=" + "9" * 40, "at=%20812"):
            answer = self.dashboard.ask("/voorbeeld?" + wrong)
            self.assertEqual(answer.status, 400, wrong)
            self.assertNotIn("<script>", answer.content.decode())
        self.assertNotIn("data-past", self.dashboard.page("/voorbeeld?on=&at="))

    def test_a_day_that_has_not_come_is_told_so(self):
        said = "is nog niet geweest"
        today = time.strftime("%Y-%m-%d")
        for ahead in ("voorbeeld?on=2099-01-01", "voorbeeld?at=2099-01-01", "voorbeeld?at=999999",
                      "voorbeeld/verslag?van=2024&tot=2099", "voorbeeld/verschil?van=2024&tot=2099"):
            self.assertTrue(said in self.dashboard.page("/" + ahead), ahead)
        for past in (f"voorbeeld?on={today}", "voorbeeld?on=2024", "voorbeeld?at=200",
                     f"voorbeeld/verslag?van=2024&tot={today}", "voorbeeld/verschil"):
            self.assertFalse(said in self.dashboard.page("/" + past), past)

    def test_a_decision_past_its_date_is_late(self):
        for path in ("/voorbeeld", "/voorbeeld/lid/zilverlo",
                     "/voorbeeld/werkplaats/groene-schoolpleinen"):
            self.assertIn('<span class="mark">te laat</span>', self.dashboard.page(path))
            self.assertNotIn("te laat", self.dashboard.page(path + "?on=2025-10-31"))

    def test_what_is_open_and_decided_leads_to_its_event(self):
        page = self.dashboard.page("/voorbeeld/werkplaats/groene-schoolpleinen")
        allocated = [one["seq"] for one in self.events if one["type"] == "costs.allocated"
                     and one["subject"] == "werkplaats/groene-schoolpleinen"]
        decided = {one["seq"] for one in self.events if one["type"] == "decision.taken"}
        open_ = page.split("Nog te besluiten")[1].split("</table>")[0]
        rows = re.findall(r"<tr>.*?</tr>", open_.split("<tbody>")[1], re.S)
        self.assertTrue(rows)
        for row in rows:
            self.assertIn(int(re.search(r"gebeurtenis/(\d+)", row).group(1)), allocated)
        for told in re.findall(r"eerder besloten:.*?gebeurtenis/(\d+)",
                               self.dashboard.page("/voorbeeld")):
            self.assertIn(int(told), decided)
        costs = page.split('id="costs"')[1].split("</table>")[0]
        self.assertTrue(decided & {int(seq) for seq in re.findall(r"gebeurtenis/(\d+)", costs)})

    def test_what_is_for_members_stays_theirs_in_the_past(self):
        path = "/voorbeeld/werkplaats/groene-schoolpleinen?on=2026-01-01"
        self.assertNotIn("dvies gegeven", self.dashboard.page(path))
        self.assertNotIn("één school die zelf wil", self.dashboard.page(path))


class Report(Programme):
    def document(self, language):
        done = self.daemon.cli("report", "--region", "voorbeeld", "--from", "2024", "--to", "2025",
                               "--language", language, "--json")
        return json.loads(done.stdout)

    def test_the_page_tells_every_item_and_leads_to_every_source(self):
        for path, language in (("/voorbeeld", "nl"), ("/en/voorbeeld", "en")):
            document = self.document(language)
            page = self.dashboard.page(path + "/verslag?van=2024&tot=2025")
            text = re.sub(r"\s+", " ", Outline(page).text)
            self.assertIn(document["title"], text)
            items = [item for section in document["sections"] for group in section["groups"]
                     for item in group["items"]]
            self.assertGreater(len(items), 40)
            for item in items:
                self.assertIn(re.sub(r"\s+", " ", item["text"]), text)
                for row in item.get("table", {}).get("rows", []):
                    for cell in row["cells"]:
                        self.assertIn(re.sub(r"\s+", " ", cell), text)
            prefix = "/en" * (language == "en")
            links = set(re.findall(f'href="{prefix}/gebeurtenis/([0-9]+)"', page))
            self.assertEqual(links, {str(source["seq"]) for source in document["sources"]})

    def test_the_file_is_the_report_of_the_command_line(self):
        for prefix, language in (("", "nl"), ("/en", "en")):
            answer = self.dashboard.ask(prefix + "/voorbeeld/verslag.md?van=2024-01-01&tot=2025")
            self.assertEqual(answer.status, 200)
            self.assertIn("text/markdown", answer.headers["Content-Type"])
            self.assertIn("attachment", answer.headers["Content-Disposition"])
            done = self.daemon.cli("report", "--region", "voorbeeld", "--from", "2024", "--to",
                                   "2025", "--language", language)
            self.assertEqual(answer.content.decode(), done.stdout)

    def test_a_wrong_period_is_told_so(self):
        for query in ("van=2025&tot=2024", "van=x", "tot=2025-13"):
            self.assertIn("Deze periode kennen we niet",
                          self.dashboard.page("/voorbeeld/verslag?" + query))
            self.assertEqual(self.dashboard.ask("/voorbeeld/verslag.md?" + query).status, 404)
        self.assertEqual(self.dashboard.ask("/nergens/verslag").status, 404)
        self.assertEqual(self.dashboard.ask("/nergens/verslag.md").status, 404)


def today_there():
    """The day in the dashboard's zone: that of the Netherlands, where the machine has none."""
    os.environ.setdefault("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    return time.strftime("%Y-%m-%d")


class TooMuch(unittest.TestCase):
    """What would take too long is told so, and what is shorter is still made."""

    def test_a_long_period_and_a_large_moment_are_told_so(self):
        def several(first, count, day, size, at_once):
            for start in range(first, first + count, at_once):
                daemon.post(*[{**news(f"n-{i}", body="x" * size), "on": day}
                              for i in range(start, start + at_once)])

        with Daemon() as daemon:
            daemon.load()
            several(0, 2000, "2003-05-01", 10, 50)
            several(3000, 600, "2005-05-01", 15000, 10)
            with Dashboard(daemon) as dashboard:
                dashboard.is_live()
                full = "/twente/verslag?van=2003-01-01&tot=2003-12-31"
                self.assertIn('class="sources"', dashboard.page(full))
                daemon.post({**news("n-2000"), "on": "2003-05-02"})
                wait_for(lambda: "meer dan 2.000 gebeurtenissen" in dashboard.page(full))
                self.assertIn("kies een kortere periode", dashboard.page(full))
                self.assertIn("more than 2,000 events", dashboard.page("/en" + full))
                file = dashboard.ask(full.replace("verslag", "verslag.md"))
                self.assertEqual((file.status, file.content),
                                 (422, b"There is too much in this period; choose a shorter one.\n"))
                shorter = dashboard.page("/twente/verslag?van=2003-05-02&tot=2003-12-31")
                self.assertIn('class="sources"', shorter)
                self.assertNotIn("meer dan", shorter)
                # 9 MB of news: more than one copy may have.
                moment = dashboard.ask("/twente?on=2006-01-01")
                self.assertEqual(moment.status, 422)
                self.assertIn("Te veel om te laten zien", moment.content.decode())
                self.assertEqual(dashboard.ask("/twente?at=117").status, 200)
                self.assertEqual(dashboard.ask("/twente").status, 200)


class Difference(Programme):
    """The page has what `waternet diff` has: the same entities, changes and events."""

    def told(self, *options):
        done = self.daemon.cli("diff", "--region", "voorbeeld", "--json", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        return [one for one in found
                if one["path"].split("/")[1] not in ("subscription", "key")]

    def shown(self, query):
        page = self.dashboard.page("/en/voorbeeld/verschil?" + query)
        blocks = re.findall(r"<li><h2>(.*?)</h2><ul>(.*?)</ul></li>", page, re.S)
        return page, [(Outline(head).text, set(map(int, re.findall(r"gebeurtenis/([0-9]+)", rows))))
                      for head, rows in blocks]

    def same(self, told, shown):
        marks = {"opened": "new", "changed": "changed", "ended": "ended"}
        self.assertEqual(len(told), len(shown))
        for one, (head, seqs) in zip(told, shown):
            self.assertTrue(head.endswith(marks[one["change"]]), (one["path"], head))
            expected = {field["by"] for field in one["fields"] if "by" in field and
                        field["field"] not in ("version", "opened") and
                        not field["field"].startswith("advice")}
            self.assertEqual(seqs, expected, one["path"])

    def test_between_two_days_as_it_was(self):
        for first, last in (("2025-05-31", "2025-06-30"), ("2021-12-31", "2024-06-30"),
                            ("2024-01-31", "2024-02-29")):
            told = self.told("--as-it-was", "--from", first, "--to", last)
            self.assertGreater(len(told), 0)
            page, shown = self.shown(f"van={first}&tot={last}")
            self.same(told, shown)

    def test_of_one_werkplaats_with_what_ended(self):
        query = "van=2025-05-31&tot=2025-06-30&over=werkplaats/groene-schoolpleinen"
        page, shown = self.shown(query)
        self.assertEqual(len(shown), 1)
        text = Outline(page).text
        for part in ("decision taken: Drinkwaterbedrijf Heldergrond (fictief), financial, preparation", "€1,600.00",
                     "participation declared: Noordervlier (fictief)"):
            self.assertIn(part, text)
        self.assertRegex(page, "<del>[^<]*<span[^>]*>was: </span>[^<]*13 March 2025")

    def test_as_recorded_between_two_days(self):
        today = today_there()
        page, shown = self.shown(f"van=2001-01-01&tot={today}&lezing=vastgelegd")
        self.assertTrue(all("new" in head for head, _ in shown))
        self.assertGreater(len(shown), 30)
        opened = int(re.search(r"([0-9,]+) opened", page).group(1).replace(",", ""))
        self.assertEqual(opened, len(shown))
        self.assertEqual(self.shown(f"van={today}&tot={today}&lezing=vastgelegd")[1], [])

    def test_what_is_for_members_is_not_told(self):
        for query in ("van=2021&tot=2026", "van=2001&tot=2026&lezing=vastgelegd"):
            page, _ = self.shown(query)
            self.assertNotIn("advice", Outline(page).text)
            self.assertNotIn("één school die zelf wil", page)

    def test_what_makes_no_sense_is_told_so(self):
        self.assertIn("We do not know", self.shown("van=2025&tot=2024")[0])
        for over in ("x", "werkplaats", "werkplaats/a/b", "%ff", "werkplaats/%3Cscript%3E"):
            answer = self.dashboard.ask(f"/en/voorbeeld/verschil?van=2024&tot=2025&over={over}")
            self.assertEqual(answer.status, 404)
            self.assertNotIn("<script>", answer.content.decode())


class WhatIf(Programme):
    """The page has the shares of `waternet what-if`, and nothing is stored."""

    PATH = "/voorbeeld/werkplaats/groene-schoolpleinen"

    def said(self, *options):
        done = self.daemon.cli("what-if", self.PATH[1:], "--json", *options)
        return {row["member"]: row for row in json.loads(done.stdout)["members"]}

    def test_an_amount_may_be_written_as_people_do(self):
        for language, amounts in (("", ("1000", "1.000", "1.000,00", "1000,00", "1000,0")),
                                  ("/en", ("1000", "1,000", "1,000.00", "1000.0"))):
            for amount in amounts:
                page = self.dashboard.page(f"{language}{self.PATH}/wat-als?lid-zilverlo=ja&reken=ja"
                                           "&doel=execution&sleutel=samen-delen/2024"
                                           f"&bedrag={amount}")
                self.assertRegex(page, r"<table.*1[.,]000[.,]00", amount)
        for wrong in ("1.00", "1.0000", "1.000.00", "10.00,00", ".000", "1..000", "1000.000", "1.000,",
                      "x", "1,000.00"):
            page = self.dashboard.page(f"{self.PATH}/wat-als?lid-zilverlo=ja&reken=ja&doel=execution"
                                       f"&sleutel=samen-delen/2024&bedrag={wrong}")
            if wrong != "1.00":  # which is one euro
                self.assertIn("Vul een bedrag in als", page, wrong)

    def asked(self, members, amount="180000", purpose="execution", key="samen-delen/2024"):
        query = "&".join([f"lid-{member}=ja" for member in members] + [
            "reken=ja", f"doel={purpose}", f"bedrag={amount}", f"sleutel={key}"])
        return self.dashboard.page(f"{self.PATH}/wat-als?{query}")

    def rows(self, page):
        table = re.search(r'<table class="utrecht-table what-if">.*?</table>', page).group(0)
        cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
                 for row in re.findall(r"<tr>(.*?)</tr>", table)[1:]]
        cents = lambda text: int(re.sub(r"[^0-9-]", "", text))
        return {row[0]: (cents(row[1]), cents(row[2]), cents(row[3]), row[5]) for row in cells}

    def test_the_shares_are_those_of_the_command_line(self):
        head = self.daemon.head()
        names = {path.split("/")[2]: record["fields"]["name"] for path, record in
                 self.records("voorbeeld").items() if "/member/" in path}
        now = ("heldergrond", "kievitsdrecht", "zilverlo")
        for members, options in ((now, ()), ((*now, "wolfsvenne"), ("--with", "wolfsvenne")),
                                 (now[1:], ("--without", "heldergrond"))):
            said, rows = self.said(*options), self.rows(self.asked(members))
            self.assertEqual(set(rows), {names[member] for member in said})
            for member, row in said.items():
                anew = "ja" if row["decides_anew"] else "nee" if row["takes_part"] else \
                    "doet niet mee"
                self.assertEqual(rows[names[member]], (row["now"], row["then"], row["difference"],
                                                       anew), (member, options))
        said = self.said("--amount", "99000,50", "--purpose", "preparation")
        rows = self.rows(self.asked(now, "99000,50", "preparation"))
        self.assertEqual({row[1] for row in rows.values()}, {row["then"] for row in said.values()})
        self.assertEqual(self.daemon.head(), head)

    def test_the_form_begins_with_those_who_take_part_now(self):
        page = self.dashboard.page(self.PATH + "/wat-als")
        checked = re.findall(r'name="lid-([a-z]+)" checked', page)
        self.assertEqual(sorted(checked), ["heldergrond", "kievitsdrecht", "zilverlo"])
        self.assertNotIn("what-if", page)
        self.assertIn('value="180000,00"', page)
        self.assertIn("/wat-als", self.dashboard.page(self.PATH))

    def test_what_cannot_be_is_told_so(self):
        for page, why in ((self.asked([]), "Er doet niemand mee."),
                          (self.asked(["zilverlo"], key="samen-delen/1066"),
                           "Deze versie van de verdeelsleutel is er niet."),
                          (self.asked(["zilverlo"], key="x/y"),
                           "Deze versie van de verdeelsleutel is er niet.")):
            self.assertIn("Zo kan het niet", page)
            self.assertIn(why, page)
            self.assertNotIn(' lang="en"', page[page.index("<main"):page.index("</main")])
        for amount in ("nul", "-5", "1.000.00", "", "9" * 30):
            self.assertIn("Vul een bedrag in", self.asked(["zilverlo"], amount))
        self.assertEqual(self.dashboard.ask("/voorbeeld/werkplaats/niets/wat-als").status, 404)

    def test_a_dashboard_may_ask_but_not_post(self):
        def one(type, id, **data):
            return event(type, "werkplaats/groene-schoolpleinen", id, "voorbeeld", data=data)
        posts = [one("participation.declared", "w1", member="wolfsvenne"),
                 one("participation.ended", "w2", member="zilverlo"),
                 one("costs.allocated", "w3", purpose="execution", amount=100,
                     key="samen-delen", version="2024")]
        acts = {"role": "dashboard", "organisation": "system"}
        dry = self.daemon.post(*posts, dry=True, **{"as": acts})
        self.assertEqual(dry["status"], "ok", dry)
        for post in posts:
            self.assertEqual(self.daemon.post(post, **{"as": acts})["status"], "not-allowed")
        other = one("werkplaats.phase-changed", "w4", **{"from": "preparation", "to": "execution"})
        answer = self.daemon.post(other, dry=True, **{"as": acts})
        self.assertEqual(answer["status"], "not-allowed")


class Changes(unittest.TestCase):
    def test_corrections_and_endings_count_in_the_reading_that_they_belong_to(self):
        with Daemon() as daemon:
            daemon.post(event("region.registered", "region/proef", "r", "proef", on="2020",
                              data={"name": "Proef"}))
            daemon.post(event("news.published", "news/een", "n1", "proef", on="2024-03-01",
                              data={"title": "Eerst", "summary": "s"}))
            first = daemon.head()
            wrong = daemon.post(event("news.corrected", "news/een", "c1", "proef",
                                      on="2024-05-01", data={"title": "Verbeterd"}))
            wrong = wrong["receipts"][0]["seq"]
            with Dashboard(daemon) as dashboard:
                dashboard.is_live()
                was = dashboard.page("/proef?on=2024-04-01")
                self.assertIn("Eerst", was)
                self.assertNotIn("Verbeterd", Outline(was).text)
                self.assertIn("Verbeterd", dashboard.page("/proef?on=2024-05-01"))
                self.assertIn("Eerst", dashboard.page(f"/proef?at={first}"))
                both = dashboard.page(f"/proef?on=2024-05-01&at={first}")
                self.assertIn("Eerst", both)
                # A correction that comes while the day is looked at shows in it.
                answer = daemon.post(event("news.corrected", "news/een", "c2", "proef",
                                           corrects=wrong, on="2024-03-15",
                                           data={"title": "Opnieuw"}))
                self.assertEqual(answer["status"], "ok", answer)
                wait_for(lambda: "Opnieuw" in dashboard.page("/proef?on=2024-04-01"))
                self.assertIn("Eerst", dashboard.page(f"/proef?at={first}"))

    def test_without_the_daemon_the_past_says_so_and_now_is_served(self):
        with Daemon() as daemon:
            daemon.load()
            with Dashboard(daemon) as dashboard:
                dashboard.is_live()
                dashboard.page("/twente?on=2016-03-01")
                daemon.stop()
                wait_for(lambda: dashboard.state() == "stale")
                self.assertEqual(dashboard.ask("/twente").status, 200)
                answer = dashboard.ask("/twente?on=2015-03-01")
                self.assertEqual(answer.status, 503)
                self.assertIn("niet op te vragen", answer.content.decode())
                self.assertIn("data-past", dashboard.page("/twente?on=2016-03-01"))  # kept
                daemon.start()
                wait_for(lambda: dashboard.state() == "live")
                self.assertIn("data-past", dashboard.page("/twente?on=2015-03-01"))


class Jobs(Programme):
    def ask_at_once(self, *asked):
        """(status, text, place in the order in which they were done) of each (source, path)."""
        done, order = {}, []

        def ask(source, path):
            answer = self.dashboard.ask(path, source=source)
            order.append(path)
            done[path] = answer.status, answer.content.decode(), answer.headers["Retry-After"]

        threads = []
        for source, path in asked:
            threads.append(threading.Thread(target=ask, args=(source, path)))
            threads[-1].start()
            time.sleep(0.05)  # in this order
        self.daemon.process.send_signal(signal.SIGCONT)
        for thread in threads:
            thread.join()
        return {path: (*done[path], order.index(path)) for path in done}

    def test_one_reader_does_not_keep_others_waiting(self):
        pages = [f"/voorbeeld/verslag?van=2020&tot={2021 + number}" for number in range(3)]
        other = "/voorbeeld/verslag?van=2019&tot=2025"
        self.daemon.process.send_signal(signal.SIGSTOP)  # so that all of them wait
        got = self.ask_at_once(*[("127.0.0.1", page) for page in pages], ("127.0.0.2", other))
        self.assertEqual([got[page][0] for page in pages], [200, 200, 429])
        self.assertIn("aan twee vragen van u", got[pages[2]][1])
        self.assertEqual(got[pages[2]][2], "10")
        self.assertEqual(got[other][0], 200)
        self.assertLess(got[pages[0]][3], got[other][3])
        self.assertLess(got[other][3], got[pages[1]][3])  # between them
        self.assertEqual(self.dashboard.ask(pages[2]).status, 200)  # it may ask again

    def test_copies_of_moments_take_a_bounded_part_of_memory(self):
        with Daemon() as daemon:
            daemon.load()
            for first in range(0, 1000, 25):
                daemon.post(*[news(f"n{number}", body="x" * 6000)
                              for number in range(first, first + 25)])
            with Dashboard(daemon) as dashboard:
                dashboard.is_live()
                sizes = []
                for back in range(14):
                    self.assertEqual(dashboard.ask(f"/twente?at={daemon.head() - back}").status, 200)
                    sizes.append(int(re.search(r"^waternet_dashboard_moments_bytes ([0-9]+)",
                                               dashboard.page("/metrics"), re.M).group(1)))
                self.assertGreater(sizes[0], 6_000_000)
                self.assertLess(max(sizes), 42 << 20)  # 32 MiB and the one that is shown
                self.assertGreater(max(sizes), 24 << 20)  # several are kept
                self.assertEqual(dashboard.ask(f"/twente?at={daemon.head() - 13}").status, 200)
                self.assertEqual(dashboard.ask(f"/twente?at={daemon.head()}").status, 200)

    def test_what_cannot_be_made_now_is_told_with_its_status(self):
        with Daemon() as daemon:
            daemon.load()
            with Dashboard(daemon) as dashboard:
                dashboard.is_live()
                daemon.kill()
                wait_for(lambda: dashboard.state() == "stale")
                for path in ("/twente/verslag", "/twente/verschil", "/twente/verslag.md",
                             "/twente?on=2020"):
                    self.assertEqual(dashboard.ask(path).status, 503, path)
                self.assertIn("niet te maken", dashboard.ask("/twente/verslag").content.decode())


if __name__ == "__main__":
    unittest.main()
