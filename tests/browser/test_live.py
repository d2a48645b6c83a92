#!/usr/bin/python3
"""Open pages stay as new as the programme: in a real Chromium, without ever being loaded again."""

import signal
import time
import unittest

import test_walk
from browser import Browser
from dashboard import Dashboard, example_paths, page_named
from harness import Daemon, event, news, wait_for
from proxy import Proxy

EVENTS = 10_000
GROWN = 1_500  # events after which the pages are opened: each kind is there then

# The page is the one that was opened, however much of it has changed.
MARK = "window.opened = true"
IS_SAME = "window.opened === true"

# What a page shows beside what it would show if it were loaded now; "" if it is the same.
DIFFERENCE = """(async () => {
  const tidy = (main) => {
    const made = main.cloneNode(true);
    for (const one of [made, ...made.querySelectorAll("*")]) {
      one.classList.remove("changed");
      if (one.getAttribute("class") === "") one.removeAttribute("class");
      if (one.localName === "details") one.removeAttribute("open");
      if (one.type === "hidden") one.value = ""; // a form's own number and seal
    }
    made.normalize();
    return made;
  };
  const answer = await fetch(location.href, { headers: { "X-Waternet-Part": "main" } });
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = tidy(document.getElementById("main")), fresh = tidy(parsed.querySelector("main"));
  if (now.isEqualNode(fresh)) return "";
  let at = 0;
  while (now.outerHTML[at] === fresh.outerHTML[at] && at < now.outerHTML.length) at++;
  return `${now.outerHTML.slice(at - 80, at + 80)} INSTEAD OF ${fresh.outerHTML.slice(at - 80, at + 80)}`;
})()"""


# A page with a form that hands in something.
KEEPS_WHAT_WAS_TYPED = "document.querySelector('main form[method=post]') !== null"
SAYS_IT_IS_OLD = "document.getElementById('outdated').checkVisibility()"


def seen_problems(page):
    """But those of a stream that was cut off because this machine could not follow, and of pages
    that had to wait, because one address asks for several at once."""
    return [each for each in page.problems()
            if not each.startswith("console: Failed to load resource: net::ERR_")
            and "status of 429" not in each]


def shows(text):
    return f"document.getElementById('main').textContent.includes({text!r})"


def is_state(state):
    return f"document.getElementById('state').dataset.state === '{state}'"


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.__exit__)

    def setUp(self):
        self.daemon = Daemon()
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)

    def serve(self, listen="127.0.0.1:0"):
        dashboard = Dashboard(self.daemon, "--per-address", "0", listen=listen)
        self.addCleanup(dashboard.stop)
        return dashboard

    def open(self, dashboard, path, **options):
        page = self.browser.page(**options)
        self.addCleanup(page.__exit__)
        page.go(f"http://127.0.0.1:{dashboard.port}{path}")
        page.evaluate(MARK)
        page.wait(is_state("live"))
        return page

    def same(self, page, seconds=60):
        """What is open becomes, by itself, what would be loaded."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and page.evaluate(DIFFERENCE) != "":
            time.sleep(0.3)
        self.assertEqual(page.evaluate(DIFFERENCE), "")

    def test_a_post_changes_an_open_page_within_a_second(self):
        self.daemon.load()
        page = self.open(self.serve().is_live(), "/twente")
        took = []
        for number in range(5):
            began = time.monotonic()
            self.daemon.post(news(f"straat-{number}", title=f"Straat {number} is open"))
            page.wait(shows(f"Straat {number} is open"))
            took.append(time.monotonic() - began)
            time.sleep(0.3)  # a burst is shown at once
        print("from post to page, seconds:", " ".join(f"{one:.3f}" for one in took))
        self.assertLess(sorted(took)[2], 1)
        self.assertTrue(page.evaluate(IS_SAME))
        page.wait("document.getElementById('told').textContent.includes('Straat 4 is open')")
        self.assertEqual(page.problems(), [])

    def test_focus_place_and_what_is_unfolded_stay(self):
        self.daemon.load()
        page = self.open(self.serve().is_live(), "/twente", width=360)
        page.evaluate("""(() => {
          document.querySelectorAll("details").forEach((one) => { one.open = true; });
          const cards = document.querySelectorAll("main .card a");
          const card = cards[cards.length - 1];
          card.focus();
          window.focused = card;
          window.kept = document.querySelectorAll("details").length;
        })()""")
        where = "Math.round(window.focused.getBoundingClientRect().top)"
        before = page.evaluate(where)
        self.daemon.post(news("een", title="Een bericht erbij"))
        self.daemon.post(event("werkplaats.opened", "werkplaats/aaa", "w", data={
            "name": "Aaa hier komt er een voor", "kind": "project", "theme": "Vervanging",
            "common_interest": "Samen goedkoper."}))
        page.wait(shows("Een bericht erbij"))
        page.wait(shows("Aaa hier komt er een voor"))
        self.assertTrue(page.evaluate("document.activeElement === window.focused"))
        self.assertLess(abs(page.evaluate(where) - before), 3)
        self.assertEqual(page.evaluate("document.querySelectorAll('details[open]').length"),
                         page.evaluate("window.kept"))

    def test_after_ten_thousand_random_events_each_page_is_as_if_loaded_now(self):
        for name, value in (("ERA", 10**9), ("STATE_EVERY", 10_000)):  # the regions stay
            self.addCleanup(setattr, test_walk, name, getattr(test_walk, name))
            setattr(test_walk, name, value)
        walk = test_walk.Walk(self.daemon, 20261127, GROWN)
        walk.run()
        dashboard = self.serve().is_live()
        wait_for(lambda: f'.{self.daemon.head()}"' in dashboard.page("/"))
        pages = {path: self.open(dashboard, path)
                 for paths in example_paths(dashboard).values() for path in paths[:1]}
        self.assertGreater(len(pages), 3)
        first = {path: page.evaluate("document.getElementById('main').textContent")
                 for path, page in pages.items()}
        goal = self.daemon.head() + EVENTS  # what is refused is no event
        while self.daemon.head() < goal:
            walk.count += 4 * (goal - self.daemon.head())
            walk.run()
        head = self.daemon.head()
        wait_for(lambda: f'.{head}"' in dashboard.page("/"))
        changed = 0
        for path, page in pages.items():
            with self.subTest(path):
                page.wait(is_state("live"))
                if page.evaluate(KEEPS_WHAT_WAS_TYPED):
                    self.assertEqual(page.evaluate(SAYS_IT_IS_OLD), page_named(path) != "CONTRIBUTE")
                    continue
                self.same(page)
                self.assertTrue(page.evaluate(IS_SAME))
                changed += page.evaluate("document.getElementById('main').textContent") \
                    != first[path]
                self.assertEqual(seen_problems(page), [])
        print(f"{len(pages)} open pages, of which {changed} changed, up to event {head}")
        self.assertGreater(changed, 1)

    def test_a_daemon_that_is_away_is_said_and_nothing_is_missed(self):
        self.daemon.load()
        page = self.open(self.serve().is_live(), "/twente")
        self.daemon.stop()
        page.wait(is_state("stale"))
        self.assertIn("laatst bekende beeld", page.evaluate(
            "document.getElementById('state').textContent"))
        self.daemon.start()
        for number in range(20):
            self.daemon.post(news(f"terug-{number}", title=f"Terug {number}"))
        page.wait(is_state("live"))
        page.wait(shows("Terug 19"))
        self.same(page)
        self.assertTrue(page.evaluate(IS_SAME))

    def test_a_dashboard_that_was_killed_finds_its_readers_again(self):
        self.daemon.load()
        dashboard = self.serve().is_live()
        page = self.open(dashboard, "/twente")
        dashboard.process.send_signal(signal.SIGKILL)
        dashboard.process.wait()
        page.wait(is_state("stale"))
        self.daemon.post(news("intussen", title="Intussen gebeurd"))
        again = self.serve(listen=f"127.0.0.1:{dashboard.port}").is_live()
        page.wait(is_state("live"))
        page.wait(shows("Intussen gebeurd"))
        self.daemon.post(news("daarna", title="Daarna gebeurd"))
        page.wait(shows("Daarna gebeurd"))
        self.assertTrue(page.evaluate(IS_SAME))
        self.assertEqual(again.state(), "live")

    def test_behind_nginx_readers_come_back_after_its_answer_that_nobody_is_there(self):
        self.daemon.load()
        path = self.daemon.scratch / "http.sock"
        dashboard = self.serve(listen=path)
        proxy = Proxy(path)
        self.addCleanup(proxy.stop)
        wait_for(lambda: b'data-state="live"' in proxy.ask("/").content)
        page = self.browser.page(insecure=True)
        self.addCleanup(page.__exit__)
        page.go(f"https://127.0.0.1:{proxy.port}/twente")
        page.evaluate(MARK)
        page.wait(is_state("live"))
        dashboard.process.send_signal(signal.SIGKILL)
        dashboard.process.wait()
        page.wait(is_state("stale"))
        time.sleep(5)  # a browser tries again, and is told 502
        self.daemon.post(news("intussen", title="Intussen gebeurd"))
        self.serve(listen=path)
        page.wait(is_state("live"))
        page.wait(shows("Intussen gebeurd"))
        self.assertTrue(page.evaluate(IS_SAME))

    def test_another_log_in_its_place_is_shown(self):
        self.daemon.load()
        page = self.open(self.serve().is_live(), "/")
        inside = self.open_another(page, "/twente")
        self.daemon.stop()
        self.daemon.data = self.daemon.scratch / "other"
        self.daemon.start()
        self.daemon.region("elders")
        page.wait(shows("elders"), seconds=30)
        self.assertFalse(page.evaluate(shows("Twents")))
        self.same(inside)
        self.assertFalse(inside.evaluate(shows("Rioolvervanging")))
        self.daemon.post(event("region.updated", "region/elders", "hernoemd", "elders",
                               data={"name": "Elders hernoemd"}))
        page.wait(shows("Elders hernoemd"))
        for one in (page, inside):
            self.assertTrue(one.evaluate(IS_SAME))

    def open_another(self, page, path):
        port = int(page.evaluate("location.port"))
        other = self.browser.page()
        self.addCleanup(other.__exit__)
        other.go(f"http://127.0.0.1:{port}{path}")
        other.evaluate(MARK)
        return other


if __name__ == "__main__":
    unittest.main()
