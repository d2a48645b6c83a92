#!/usr/bin/python3
"""waternet-dashboard: members, organisation and goals say what the log says, figure by figure."""

import html
import json
import re
import unittest

from dashboard import Dashboard, Outline
from harness import DATA, Daemon, event, wait_for

REGION = "voorbeeld"


def euros(cents):
    whole, rest = divmod(cents, 100)
    return f"€\u00a0{whole:,}".replace(",", ".") + f",{rest:02}"


def text_of(part):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", part)).replace("\u00a0", "~")
                  ).replace("~", "\u00a0").strip()


def section(page, name):
    """From the heading with an id to the end of its section."""
    return re.search(rf'<h2[^>]* id="{name}".*?</section>', page, re.S).group(0)


class Log:
    """What the log says, folded here: the newest of each thing, and what was corrected."""

    def __init__(self, daemon):
        done = daemon.cli("log", "--json")
        self.events = [json.loads(line) for line in done.stdout.splitlines()]
        self.corrected = {int(one["corrects"]): one for one in self.events if "corrects" in one}

    def of(self, name, subject=None):
        """Events of a type that nothing corrected."""
        return [one for one in self.events
                if one["type"].endswith(f".{name}.v1") and self.seq(one) not in self.corrected and
                one["subject"].startswith(f"{REGION}/") and
                (subject is None or one["subject"] == f"{REGION}/{subject}")]

    @staticmethod
    def seq(one):
        return int(one["sequence"])

    def seats(self, body):
        held = {}
        for one in self.events:
            if one["subject"] != f"{REGION}/body/{body}" or ".seat." not in one["type"]:
                continue
            key = one["data"]["member"], one["data"]["function"]
            held.pop(key, None)
            if ".assigned." in one["type"]:
                held[key] = one
        return held

    def members(self):
        gone = {one["subject"] for one in self.of("member.left")}
        return {one["subject"].split("/")[2]: one for one in self.of("member.joined")
                if one["subject"] not in gone}


class People(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.__enter__()
        cls.daemon.load()
        cls.daemon.cli("import", DATA.with_name("voorbeeld.jsonl"))
        wrong = Log(cls.daemon).of("goal.set", "goal/minder-meerkosten-2030")[0]
        for one in (
                event("member.joined", "member/buitengoed", "p1", REGION, on="2023",
                      data={"name": "Buitengoed <&>", "kind": "municipality",
                            "inhabitants": {"count": 1234567, "on": "2023-01-01",
                                            "citation": "telling"}}),
                event("member.renamed", "member/buitengoed", "p2", REGION, on="2024",
                      data={"name": "Buitengoed", "former": "Oud Goed"}),
                event("member.joined", "member/vertrekker", "p3", REGION, on="2023",
                      data={"name": "Vertrekker", "kind": "municipality"}),
                event("member.left", "member/vertrekker", "p4", REGION, on="2025-05-01",
                      data={"reason": "samengevoegd"}),
                event("goal.set", "goal/minder-meerkosten-2030", "p5", REGION, on="2022-02-10",
                      citation="beter gelezen", corrects=Log.seq(wrong),
                      data={**wrong["data"], "target": "61000000"}),
                event("measurement.recorded", "goal/minder-overstorten-2030", "p6", REGION,
                      on="2023-12-31", citation="prognose",
                      data={"kind": "forecast", "value": "15.5",
                            "unit": "overstorten per jaar"})):
            answer = cls.daemon.post(one)
            assert answer["status"] == "ok", answer
        cls.log = Log(cls.daemon)
        cls.dashboard = Dashboard(cls.daemon).is_live()
        wait_for(lambda: f'.{cls.daemon.head()}"' in cls.dashboard.page("/"))

    @classmethod
    def tearDownClass(cls):
        cls.dashboard.stop()
        cls.daemon.__exit__(None, None, None)

    def page(self, path):
        return self.dashboard.page(f"/{REGION}/{path}")

    def undecided(self):
        listed = json.loads(self.daemon.cli("next", "--region", REGION, "--json").stdout)
        return [(row["path"].split("/")[2], one) for row in listed["werkplaatsen"]
                for one in row["undecided"]]

    # Members

    def test_every_member_stands_in_the_list_with_its_inhabitants_and_their_event(self):
        page = self.page("leden")
        found = dict(re.findall(r'<tr id="member-([a-z0-9-]+)">(.*?)</tr>', page, re.S))
        self.assertEqual(found.keys(), self.log.members().keys())
        for member, joined in self.log.members().items():
            count = joined["data"]["inhabitants"]["count"] if "inhabitants" in joined["data"] else None
            if count is not None:
                self.assertIn(f"{count:,}".replace(",", "."), text_of(found[member]))
                self.assertIn(f'/gebeurtenis/{self.log.seq(joined)}"', found[member])
                self.assertIn(joined["data"]["inhabitants"]["citation"], text_of(found[member]))
            self.assertIn(f'href="/{REGION}/lid/{member}"', found[member])
            open_ones = [one for _, one in self.undecided() if one["member"] == member]
            self.assertRegex(text_of(found[member]), rf"\) {len(open_ones)} |^Buitengoed 0 ")

    def test_who_left_is_told_apart(self):
        former = text_of(section(self.page("leden"), "former"))
        left = self.log.of("member.left")[0]
        self.assertIn("Vertrekker lid tot 1 mei 2025", former)
        self.assertIn("samengevoegd", former)
        self.assertNotIn("Buitengoed", former)
        self.assertIn(f'/gebeurtenis/{self.log.seq(left)}"', self.page("leden"))
        self.assertIn("geen lid meer", self.page("lid/vertrekker"))

    def test_a_member_shows_what_its_board_has_to_decide(self):
        for member in self.log.members():
            page = self.page(f"lid/{member}")
            shown = section(page, "open")
            wanted = [(name, one) for name, one in self.undecided() if one["member"] == member]
            self.assertEqual(shown.count("<li>"), len(wanted))
            for name, one in wanted:
                allocation = [each for each in self.log.of("costs.allocated", f"werkplaats/{name}")
                              if each["data"]["purpose"] == one["purpose"]][-1]
                self.assertEqual(allocation["data"]["shares"][member], one["share"])
                item = next(part for part in shown.split("<li>")[1:] if euros(one["share"]) in part)
                self.assertIn(f"/werkplaats/{name}#decisions", item)
                self.assertIn(f'/gebeurtenis/{self.log.seq(allocation)}"', item)
                self.assertIn(allocation["data"]["decide_by"][:4], item)
        self.assertIn("Er ligt geen besluit open", self.page("lid/buitengoed"))

    def test_an_alderman_is_there_in_two_taps(self):
        region = self.dashboard.page(f"/{REGION}")
        for name, one in self.undecided():
            to_member = f'href="/{REGION}/lid/{one["member"]}"'
            self.assertIn(to_member, section(region, "open"))
            member = section(self.page(f"lid/{one['member']}"), "open")
            address = f"/{REGION}/werkplaats/{name}#decisions"
            self.assertIn(f'href="{address}"', member)
            there = self.dashboard.page(address.split("#")[0])
            self.assertIn(euros(one["share"]), section(there, "decisions"))

    def test_participations_those_that_ended_too(self):
        for member in self.log.members():
            shown = section(self.page(f"lid/{member}"), "work")
            present, _, ended = shown.partition("<h3>")
            for name in ("declared", "ended"):
                for one in self.log.of(f"participation.{name}"):
                    if one["data"]["member"] != member:
                        continue
                    later = [each for each in self.log.of("participation.ended", one["subject"][
                        len(REGION) + 1:]) if each["data"]["member"] == member and
                        self.log.seq(each) > self.log.seq(one)]
                    link = f'/gebeurtenis/{self.log.seq(one)}"'
                    place = ended if name == "ended" else present
                    self.assertEqual(link in place, not later, (member, one))
                    if name == "ended":
                        self.assertIn(one["data"]["reason"], text_of(ended))

    def test_every_decision_of_a_board_and_what_was_corrected(self):
        for member in self.log.members():
            shown = section(self.page(f"lid/{member}"), "decisions")
            rows = re.findall(r'<tr><th scope="row".*?</tr>', shown, re.S)
            wanted = [one for one in self.log.of("decision.taken")
                      if one["data"]["member"] == member]
            self.assertEqual(len(rows), len(wanted))
            for one in wanted:
                row = next(row for row in rows
                           if f'/gebeurtenis/{self.log.seq(one)}"' in row)
                if "amount" in one["data"]:
                    self.assertIn(euros(one["data"]["amount"]), row)
                newer = [each for each in wanted if self.log.seq(each) > self.log.seq(one) and
                         each["subject"] == one["subject"] and
                         [each["data"].get(key) for key in ("kind", "purpose")] ==
                         [one["data"].get(key) for key in ("kind", "purpose")]]
                self.assertEqual("later opnieuw besloten" in row, bool(newer), row)
        self.assertEqual(re.findall(r"<del>(.*?)</del>", self.page("lid/zilverlo")), [])
        old = re.search(r"<del>(.*?)</del>.*?</tr>", self.page("lid/kievitsdrecht"), re.S)
        self.assertIn(euros(6269875), html.unescape(old.group(1)))

    def test_seats_and_who_speaks_for_a_member(self):
        for member in self.log.members():
            shown = section(self.page(f"lid/{member}"), "seats")
            for body in ("bestuurlijk-platform", "bestuurlijk-kernteam", "ambtelijk-platform",
                         "ambtelijke-adviesgroep"):
                for (holder, function), one in self.log.seats(body).items():
                    own = holder == member
                    spoken = member in one["data"].get("on_behalf_of", [])
                    link = f'/gebeurtenis/{self.log.seq(one)}"'
                    self.assertEqual(link in shown, own or spoken, (member, body, holder))
                    if spoken:
                        self.assertIn("spreekt ook namens dit lid", shown)

    # Organisation

    def test_the_organisation_has_each_seat_and_says_who_has_none(self):
        page = self.page("organisatie")
        members = self.log.members()
        for body in ("bestuurlijk-platform", "bestuurlijk-kernteam", "ambtelijk-platform",
                     "ambtelijke-adviesgroep"):
            shown = re.search(rf'<section id="body-{body}">.*?</section>', page, re.S).group(0)
            seats = self.log.seats(body)
            self.assertEqual(shown.count('<tr><th scope="row"'), len(seats))
            for (holder, function), one in seats.items():
                row = next(row for row in shown.split("<tr>")
                           if f'/gebeurtenis/{self.log.seq(one)}"' in row)
                self.assertIn(f"/lid/{holder}", row)
                self.assertIn(function, row)
                for other in one["data"].get("on_behalf_of", []):
                    self.assertIn(members[other]["data"]["name"], html.unescape(row))
            heard = {holder for holder, _ in seats} | {
                other for one in seats.values() for other in one["data"].get("on_behalf_of", [])}
            without = text_of(re.search(r'<p class="seatless">.*?</p>', shown).group(0))
            for member in members:
                name = "Buitengoed" if member == "buitengoed" else members[member]["data"]["name"]
                self.assertEqual(name in without, member not in heard, (body, member))
        nowhere = section(page, "seatless")
        self.assertEqual(re.findall(r"/lid/([a-z-]+)", nowhere), ["buitengoed"])

    def test_the_drawing_says_nothing_that_the_list_does_not(self):
        for region in (REGION, "twente"):
            page = self.dashboard.page(f"/{region}/organisatie")
            drawing, below = re.search(r'(<svg class="organisation" role="img".*?</svg>)(.*)</main>',
                                       page, re.S).groups()
            self.assertRegex(drawing, r'aria-label="[^"]+: 4 organen')
            self.assertNotIn("<a ", drawing)
            names = [words for words in re.findall(r"<text[^>]*>(.*?)</text>", drawing)]
            self.assertGreater(len(names), 12)
            for words in names:
                if not words.endswith("zetels") and "…" not in words:
                    for word in words.split():
                        self.assertIn(word.strip(","), below)
            found = re.findall(r'<rect rx="6" class="([a-z ]+)"', drawing)
            self.assertEqual(found.count("body core"), 2)
            self.assertEqual(found.count("body"), 2)

    # Goals

    def figures(self, goal):
        page = self.page("doelen")
        shown = re.search(rf'<section class="goal" id="goal-{goal}">.*?</section>', page,
                          re.S).group(0)
        points = r'<(rect|path)[^>]* data-series="([a-z]+)" data-seq="(\d+)" data-value="([^"]+)"'
        drawings = [[(series, int(seq), float(value))
                     for _, series, seq, value in re.findall(points, drawing)]
                    for drawing in re.findall(r"<svg.*?</svg>", shown, re.S)]
        rows = [(series, int(seq), float(value), row) for series, seq, value, row in re.findall(
            r'<tr data-series="([a-z]+)" data-seq="(\d+)" data-value="([^"]+)">(.*?)</tr>', shown,
            re.S)]
        return shown, drawings, rows

    def test_chart_and_table_have_the_figures_of_the_log(self):
        goals = {one["subject"].split("/")[2] for one in self.log.of("goal.set")}
        self.assertGreater(len(goals), 3)
        for goal in goals:
            wanted = sorted([("target", self.log.seq(one), float(one["data"]["target"]))
                             for one in self.log.of("goal.set", f"goal/{goal}")] +
                            [(one["data"]["kind"], self.log.seq(one), float(one["data"]["value"]))
                             for one in self.log.of("measurement.recorded", f"goal/{goal}")])
            shown, drawings, rows = self.figures(goal)
            self.assertEqual(sorted(row[:3] for row in rows), wanted)
            self.assertEqual(len(drawings), 2)
            for drawing in drawings:
                self.assertEqual(sorted(drawing), wanted)
            self.assertEqual(len(re.findall(r'<svg role="img"[^>]* aria-label="Grafiek van', shown)), 2)
            for series, seq, value, row in rows:
                self.assertIn(f'/gebeurtenis/{seq}"', row)
                one = next(each for each in self.log.events if self.log.seq(each) == seq)
                self.assertIn(one["citation"], text_of(row))
                self.assertIn(one["on"][:4], row)

    def test_bars_and_steps_are_as_high_as_their_figures(self):
        for goal in ("minder-meerkosten-2030", "minder-overstorten-2030"):
            shown, _, _ = self.figures(goal)
            for drawing in re.findall(r"<svg.*?</svg>", shown, re.S):
                zero = float(re.search(r'class="axis zero"[^>]* y1="([0-9.]+)"', drawing).group(1))
                bars = [(float(value), float(height)) for value, height in re.findall(
                    r'<rect[^>]*data-value="([^"]+)"[^>]* height="([0-9.]+)"', drawing)]
                steps = [(float(value), zero - float(y)) for value, y in re.findall(
                    r'<path[^>]*data-value="([^"]+)" d="M[0-9.]+,([0-9.]+)', drawing)]
                scale = bars[0][1] / bars[0][0]
                for value, height in bars + steps:
                    self.assertAlmostEqual(height, value * scale, delta=0.1)

    def test_nothing_is_added_up(self):
        shown, _, rows = self.figures("minder-meerkosten-2030")
        values = [value for series, _, value, _ in rows if series != "target"]
        for total in (sum(values), values[0] + values[1]):
            self.assertNotIn(euros(int(total)), html.unescape(shown))

    def test_a_corrected_figure_is_struck_through_beside_the_new_one(self):
        shown, _, rows = self.figures("minder-meerkosten-2030")
        cells = {series + str(value): row for series, _, value, row in rows}
        for key, old in (("target61000000.0", 60000000), ("realised38100000.0", 51800000)):
            struck = re.findall(r"<del>(.*?)</del>", cells[key], re.S)
            self.assertEqual(len(struck), 1)
            self.assertIn(euros(old), html.unescape(struck[0]))
        self.assertEqual(shown.count("<del>"), 2)
        for one in self.log.corrected:
            self.assertNotIn(f'data-seq="{one}"', shown)

    def test_the_timeline_has_what_was_corrected_with_its_correction(self):
        page = self.page("werkplaats/rioolinspectie")
        line = next(part for part in section(page, "timeline").split("<li>") if "<del>" in part)
        self.assertIn(euros(6296875), line.split("<del>")[0])
        self.assertIn(euros(6269875), re.search(r"<del>(.*?)</del>", line, re.S).group(1))
        wrong = next(seq for seq, one in self.log.corrected.items()
                     if one["subject"].endswith("rioolinspectie"))
        self.assertEqual(section(page, "timeline").count(f'/gebeurtenis/{wrong}"'),
                         line.count(f'/gebeurtenis/{wrong}"'))

    def test_dimensions_and_units_are_words(self):
        page = self.dashboard.page(f"/{REGION}/doelen")
        self.assertIn('<span class="mark calm">bewustwording</span>', page)
        self.assertIn('<span class="mark calm">awareness</span>',
                      self.dashboard.page(f"/en/{REGION}/doelen"))
        self.assertIn("mln euro per jaar", self.dashboard.page("/twente/doelen"))

    def test_both_frames_and_both_languages(self):
        page = self.page("doelen")
        self.assertIn('id="frame-3k"', page)
        self.assertIn('id="frame-4b"', page)
        self.assertLess(page.index("frame-4b"), page.index("goal-bewustwording-2030"))
        for path in ("leden", "lid/elzenwaarde", "organisatie", "doelen"):
            english = self.dashboard.page(f"/en/{REGION}/{path}")
            self.assertIn('<html lang="en">', english)
            ids = [attributes["id"] for _, attributes in Outline(english).tags
                   if "id" in attributes]
            self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual(self.dashboard.ask(f"/{REGION}/lid/niemand").status, 404)
        self.assertEqual(self.dashboard.ask("/niets/leden").status, 404)


class Many(unittest.TestCase):
    """What no longer fits on a page is said there, and it is the oldest."""

    def setUp(self):
        self.daemon = Daemon()
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)
        self.daemon.load()
        self.daemon.cli("import", DATA.with_name("voorbeeld.jsonl"))

    def post_many(self, count, make):
        for start in range(0, count, 50):
            answer = self.daemon.post(*[make(i) for i in range(start, min(start + 50, count))])
            self.assertEqual(answer["status"], "ok", answer)

    def test_a_goal_says_which_figures_it_does_not_show(self):
        goal = "minder-overstorten-2030"
        there = len([one for one in Log(self.daemon).events
                     if one["subject"] == f"{REGION}/goal/{goal}"])
        self.post_many(96 - there, lambda i: self.measured(goal, i))
        with Dashboard(self.daemon) as dashboard:
            dashboard.is_live()

            def part():
                page = dashboard.page(f"/{REGION}/doelen")
                return re.search(rf'<section class="goal" id="goal-{goal}".*?</section>', page,
                                 re.S).group(0)
            wait_for(lambda: part().count("<tr data-series") == 96)
            self.assertNotIn("de nieuwste", part())
            self.daemon.post(self.measured(goal, 1000))
            wait_for(lambda: "In de grafiek staan 96 van de 97 getallen: de nieuwste." in part())
            self.assertNotIn("In de tabel staan", part())
            self.assertIn(f'href="/v1/regions/{REGION}/goals.csv"', part())
            self.assertEqual(dashboard.ask(f"/v1/regions/{REGION}/goals.csv").status, 200)
            self.post_many(420, lambda i: self.measured(goal, 2000 + i))
            wait_for(lambda: "In de tabel staan de nieuwste 512 van de 517 regels." in part(), 60)
            shown = [int(seq) for seq in re.findall(r'<tr data-series="realised" data-seq="(\d+)"',
                                                    part())]
            self.assertEqual(len(shown), 511)  # and the target
            self.assertEqual(max(shown), self.daemon.head())
            self.assertIn("The table has the newest 512 of the 517 rows.",
                          dashboard.page(f"/en/{REGION}/doelen"))

    def measured(self, goal, i):
        return event("measurement.recorded", f"goal/{goal}", f"meting-{i}", REGION,
                     on=f"{1900 + i // 28 // 12:04}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}",
                     citation="geteld", data={"kind": "realised", "value": str(i),
                                              "unit": "overstorten per jaar"})

    def test_a_member_shows_what_it_ended_after_a_long_log(self):
        entity = "werkplaats/groene-schoolpleinen"
        self.post_many(4300, lambda i: event("werkplaats.updated", entity, f"naam-{i}", REGION,
                                             data={"theme": f"Onderwerp {i}"}))
        # What ended is in the log alone, not in the state.
        answer = self.daemon.post(event(
            "participation.ended", entity, "nieuwste", REGION, on="2026-05-05", reference="B-1",
            data={"member": "kievitsdrecht", "reason": "Geen geld meer."}))
        self.assertEqual(answer["status"], "ok", answer)
        newest = self.daemon.head()
        with Dashboard(self.daemon) as dashboard:
            dashboard.is_live()
            page = dashboard.page(f"/{REGION}/lid/kievitsdrecht")
            work = section(page, "work")
            self.assertIn(f"/gebeurtenis/{newest}\"", work)
            self.assertIn("Geen geld meer.", work)
            self.assertIn("oudere besluiten en oudere deelnames", page)
            self.assertEqual(dashboard.ask(html.unescape(
                re.search(r'href="(/v1/events.csv[^"]*)"', page).group(1))).status, 200)
            shown = dashboard.page(f"/{REGION}/{entity}")
            rest = re.search(r'Er zijn meer gebeurtenissen dan hier staan.*?href="([^"]*)"', shown)
            rows = dashboard.ask(html.unescape(rest.group(1))).content.decode().splitlines()
            self.assertGreater(len(rows), 100)
            self.assertTrue(all(f"{REGION}/{entity}" in row for row in rows[1:]))
            self.assertNotIn("oudere besluiten", dashboard.page("/twente/lid/enschede"))


class Away(unittest.TestCase):
    def test_a_member_is_whole_while_the_daemon_is_away_but_for_its_past(self):
        with Daemon() as daemon:
            daemon.load()
            daemon.cli("import", DATA.with_name("voorbeeld.jsonl"))
            with Dashboard(daemon) as dashboard:
                dashboard.is_live()
                wait_for(lambda: f'.{daemon.head()}"' in dashboard.page("/"))
                daemon.stop()
                wait_for(lambda: dashboard.state() == "stale")
                page = dashboard.page("/voorbeeld/lid/noordervlier")
                self.assertIn("niet op te vragen", page)
                self.assertIn("spreekt ook namens dit lid", page)
                self.assertIn("een besluit", dashboard.page("/voorbeeld"))
                goals = dashboard.page("/voorbeeld/doelen")
                self.assertIn("goal-minder-meerkosten-2030", goals)
                self.assertEqual(goals.count("Wat er eerder stond, is nu niet op te vragen"), 1)
                daemon.start()
                wait_for(lambda: dashboard.state() == "live")
                page = dashboard.page("/voorbeeld/lid/noordervlier")
                self.assertNotIn("niet op te vragen", page)
                self.assertIn("eigen rioolvervanging", page)
                self.assertNotIn("niet op te vragen", dashboard.page("/voorbeeld/doelen"))


if __name__ == "__main__":
    unittest.main()
