#!/usr/bin/python3
"""Every page of the dashboard in a real Chromium, in both languages, on a phone and on a desk.

Which pages there are comes from pages.def, and what to look at from following links from the first
page and sending forms: a new row is looked at by itself, and a page that nothing leads to is a fault.
"""

import itertools
import unittest

import hostile
from browser import Browser, hand_in
from dashboard import Dashboard, Outline, example_paths
from harness import DATA, Daemon

WIDTHS = (360, 1366)
FIRST_BYTES = 100_000

# What sticks out of the window, but for what scrolls by itself. A long word can do that unseen.
SCROLLS = """const scrolls = (one) => one.localName !== "body" && one.localName !== "html"
    && (/auto|scroll/.test(getComputedStyle(one).overflowX) || scrolls(one.parentElement));"""
OVERFLOW = "(() => {" + SCROLLS + """
  const most = document.documentElement.clientWidth, wide = document.documentElement.scrollWidth;
  // Spaces at the end of a line of code may hang out, unseen.
  const out = [...document.querySelectorAll("body *")].filter((one) =>
    !one.closest(".skip, pre code") && !scrolls(one)
    && one.checkVisibility() && one.getBoundingClientRect().right > most + 1);
  return { wide: wide - most, out: out.slice(0, 5).map((one) => one.outerHTML.slice(0, 150)) };
})()"""

# A text that is cut off or lies over its own box.
SPILLED = "(() => {" + SCROLLS + """
  return [...document.querySelectorAll("main *")].filter((one) => one.checkVisibility()
    && !scrolls(one) && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0
    && getComputedStyle(one).display !== "inline").slice(0, 5)
    .map((one) => one.outerHTML.slice(0, 150));
})()"""

HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((one) => +one.localName[1])"


def in_english(path):
    return "/en" + ("" if path == "/" else path)


class EveryPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)
        cls.daemon.load()
        cls.daemon.cli("import", DATA.with_name("voorbeeld.jsonl"))
        cls.dashboard = Dashboard(cls.daemon, "--per-address", "0").is_live()
        cls.addClassCleanup(cls.dashboard.stop)
        cls.base = f"http://127.0.0.1:{cls.dashboard.port}"
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.__exit__)
        cls.examples = example_paths(cls.dashboard, sent=[hand_in(cls.browser, cls.base)])

    def html_paths(self, of_each):
        """Examples of every page that is one; a feed is for other programs."""
        for name, paths in self.examples.items():
            for path in paths[:of_each]:
                if self.dashboard.ask(path).headers["Content-Type"].startswith("text/html"):
                    yield name, path

    def on_each(self, look, widths=WIDTHS, of_each=2, **options):
        """look(page, path) for every path and width, in both languages, loaded."""
        for width in widths:
            with self.browser.page(width, **options) as page:
                for name, path in self.html_paths(of_each):
                    for language, shown in (("nl", path), ("en", in_english(path))):
                        with self.subTest(page=name, path=shown, width=width):
                            self.assertEqual(page.go(self.base + shown), 200)
                            self.assertEqual(page.evaluate("document.documentElement.lang"),
                                             language)
                            look(page, shown)

    def test_links_lead_to_every_page(self):
        self.assertEqual([name for name, paths in self.examples.items() if not paths], [])

    def test_no_complaint_no_overflow_and_accessible(self):
        def look(page, _):
            page.wait("document.getElementById('state').dataset.state === 'live'")
            # First what the page does by itself, under the policy that everybody gets.
            self.assertEqual(page.problems(), [])
            overflow = page.evaluate(OVERFLOW)
            self.assertEqual((overflow["wide"], overflow["out"]), (0, []))
            self.assertEqual(page.evaluate(SPILLED), [])
            self.assertEqual(page.axe(), [])
            levels = page.evaluate(HEADINGS)
            self.assertEqual((levels[0], levels.count(1)), (1, 1), levels)
            self.assertEqual([pair for pair in itertools.pairwise(levels)
                              if pair[1] > pair[0] + 1], [])
            page.problems()  # those of axe itself

        self.on_each(look)

    def test_the_keyboard_is_enough(self):
        def look(page, path):
            if path == "/en" or path.startswith("/en/"):
                return  # the same elements
            walk = page.tabs()
            seen = walk["seen"]
            # What scrolls by itself gets the focus too, and is not marked; in a date field each of
            # its parts does.
            marks = [mark for mark, _ in itertools.groupby(
                one["mark"] for one in seen if one["mark"] is not None)]
            self.assertEqual(marks[:walk["count"]],
                             [str(number) for number in range(walk["count"])])
            self.assertEqual([one for one in seen if one["outline"] < 2 or not one["inView"]], [])
            self.assertTrue(seen[0]["what"].startswith("a #main"), seen[0])

        self.on_each(look, of_each=1)

    def test_the_skip_link_skips(self):
        with self.browser.page(360) as page:
            page.go(self.base + "/twente")
            page.press("Tab")
            page.press("Enter")
            self.assertEqual(page.evaluate("document.activeElement.id"), "main")

    def test_without_scripts_everything_is_there(self):
        def look(page, path):
            self.assertEqual(page.problems(), [])
            self.assertEqual(page.evaluate(OVERFLOW)["wide"], 0)
            served = self.dashboard.ask(path, X_Waternet_Part="main").content.decode()
            shown = page.evaluate("document.getElementById('main').textContent")
            self.assertEqual(shown, Outline(served).text)
            self.assertGreater(len(page.evaluate("document.getElementById('main').innerText")), 60)

        self.on_each(look, of_each=1, javascript=False)

    def test_every_page_prints(self):
        def look(page, _):
            made = page.pdf()
            self.assertTrue(made.startswith(b"%PDF"))
            self.assertGreater(len(made), 8000)

        self.on_each(look, widths=(1366,), of_each=1)

    def test_the_first_page_is_small(self):
        for path in ("/", "/twente", "/voorbeeld/werkplaats/groene-schoolpleinen"):
            with self.subTest(path), self.browser.page(360) as page:
                page.go(self.base + path)
                self.assertLess(page.bytes(), FIRST_BYTES)
                self.assertGreater(page.bytes(), 1000)

    def test_an_injected_script_or_style_does_not_run(self):
        """The policy itself: that what is forbidden is seen, or the other tests prove nothing."""
        with self.browser.page() as page:
            page.go(self.base + "/twente")
            page.evaluate("""(() => {
              const script = document.createElement("script");
              script.textContent = "window.injected = true";
              document.body.append(script);
              const style = document.createElement("style");
              style.textContent = "body { outline: 7px solid red }";
              document.body.append(style);
              const image = document.createElement("img");
              image.src = "http://127.0.0.1:9/elsewhere.png";
              image.setAttribute("onerror", "window.injected = true");
              document.body.append(image);
            })()""")
            page.wait("document.images.length > 0 && document.images[0].complete")
            self.assertFalse(page.evaluate("window.injected === true"))
            self.assertEqual(page.evaluate("getComputedStyle(document.body).outlineStyle"), "none")
            told = page.problems()
            for directive in ("script-src", "style-src", "img-src"):
                self.assertTrue([one for one in told
                                 if one.startswith("console: policy: " + directive)], told)


class LongWords(unittest.TestCase):
    def test_nothing_sticks_out_however_long_a_word_is(self):
        """In every text that anyone may choose stands a web address or a word of 190 letters."""
        with Daemon() as daemon:
            self.assertGreater(hostile.post_all(daemon, hostile.LONG), 40)
            with Dashboard(daemon, "--audience", "members", "--per-address", "0") as dashboard, \
                    Browser() as browser, browser.page(360) as page:
                dashboard.is_live()
                found = [path for paths in example_paths(dashboard, tries=30).values()
                         for path in paths]
                found += [f"/gebeurtenis/{seq}" for seq in range(1, daemon.head() + 1)]
                for path in found:
                    if dashboard.ask(path).headers["Content-Type"].startswith("text/html"):
                        with self.subTest(path):
                            page.go(f"http://127.0.0.1:{dashboard.port}{path}")
                            overflow = page.evaluate(OVERFLOW)
                            self.assertEqual((overflow["wide"], overflow["out"]), (0, []))
                            self.assertEqual(page.evaluate(SPILLED), [])


if __name__ == "__main__":
    unittest.main()
