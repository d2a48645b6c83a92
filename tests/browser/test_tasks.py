#!/usr/bin/python3
"""What people come for, done on a phone as they would: by tapping what they see, and timed."""

import re
import time
import unittest

from browser import Browser
from dashboard import Dashboard
from harness import DATA, Daemon

MOST_SECONDS = 20  # of a task for a machine; what counts are the taps


class Tasks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)
        cls.daemon.load()
        cls.daemon.cli("import", DATA.with_name("voorbeeld.jsonl"))
        cls.dashboard = Dashboard(cls.daemon, "--per-address", "0").is_live()
        cls.addClassCleanup(cls.dashboard.stop)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.__exit__)

    def setUp(self):
        self.page = self.browser.page(360)
        self.addCleanup(self.page.__exit__)
        self.taps, self.began = 0, time.monotonic()
        self.addCleanup(self.tell)

    def tell(self):
        took = time.monotonic() - self.began
        print(f"{self.id().rsplit('.test_')[-1]}: {self.taps} taps, {took:.1f} s")
        self.assertLess(took, MOST_SECONDS)

    def start(self, path="/"):
        self.page.go(f"http://127.0.0.1:{self.dashboard.port}{path}")

    def tap(self, text, inside="main"):
        """The first link or unfolding line that says so."""
        self.taps += 1
        self.page.click(f"{inside} a, {inside} summary", text)

    def sees(self, text):
        shown = self.page.evaluate("document.body.innerText")
        self.assertIn(text, re.sub(r"\s+", " ", shown))

    def test_an_alderman_finds_the_decision_her_council_has_to_take(self):
        self.start()
        self.tap("Voorbeeldregio")
        self.sees("een besluit van Kievitsdrecht (fictief), vóór 31 januari 2027")
        self.tap("Groene schoolpleinen")
        self.sees("€ 115.448,28")
        self.assertLessEqual(self.taps, 2)

    def test_a_colleague_finds_who_leads_a_werkplaats_and_how_far_it_is(self):
        self.start()
        self.tap("Twents waternet")
        self.sees("Grondwatermeetnet")
        self.sees("Almelo en Enschede")
        self.tap("Grondwatermeetnet")
        self.sees("Fase uitvoering")
        self.assertLessEqual(self.taps, 2)

    def test_a_journalist_gets_from_a_figure_to_its_source(self):
        self.start("/voorbeeld/werkplaats/groene-schoolpleinen")
        self.sees("€ 180.000,00")
        self.taps += 1
        self.page.click("main section:has-text('180.000,00') a.fact")
        self.sees("Nummer in het logboek")
        self.sees("Hash")
        self.sees("Bron")
        self.assertLessEqual(self.taps, 1)

    def test_a_secretary_sees_what_is_not_known_and_how_to_fill_it(self):
        self.start("/twente")
        self.tap("Wat weten we nog niet?")
        self.tap("nog niet bekend")
        self.assertTrue(self.page.evaluate("document.querySelector('main details').open"))
        self.assertLessEqual(self.taps, 2)

    def test_a_visitor_reads_the_same_page_in_english(self):
        self.start("/voorbeeld/werkplaats/groene-schoolpleinen")
        self.tap("English", "header")
        self.assertEqual(self.page.evaluate("document.documentElement.lang"), "en")
        self.assertEqual(self.page.evaluate("location.pathname"),
                         "/en/voorbeeld/werkplaats/groene-schoolpleinen")
        self.sees("€180,000.00")
        self.assertLessEqual(self.taps, 1)


if __name__ == "__main__":
    unittest.main()
