#!/usr/bin/python3
"""waternet-dashboard: what its pages say is what the log says, live, safely, and only for whom it is."""

import gzip
import json
import re
import socket
import time
import unittest

from dashboard import Dashboard, Outline, Stream
from harness import DATA, Daemon, event, news, wait_for


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.__enter__()
        cls.daemon.load()
        cls.daemon.cli("import", DATA.with_name("voorbeeld.jsonl"))
        cls.dashboard = Dashboard(cls.daemon).is_live()

    @classmethod
    def tearDownClass(cls):
        cls.dashboard.stop()
        cls.daemon.__exit__(None, None, None)

    def events(self):
        done = self.daemon.cli("log", "--json")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_the_board_has_each_werkplaats_in_its_phase(self):
        listed = json.loads(self.daemon.cli("next", "--region", "voorbeeld", "--json").stdout)
        page = self.dashboard.page("/voorbeeld")
        columns = re.split(r'<section class="column" data-phase="([a-z]+)">', page)
        found = {}
        for phase, column in zip(columns[1::2], columns[2::2]):
            for name in re.findall(r'<li class="card" id="werkplaats-([a-z0-9-]+)"', column):
                found[name] = phase
        self.assertEqual(found, {row["path"].split("/")[2]: row["phase"]
                                 for row in listed["werkplaatsen"]})

    def test_a_card_says_what_is_needed_and_who_has_to_decide(self):
        page = self.dashboard.page("/voorbeeld")
        card = re.search(r'<li class="card" id="werkplaats-groene-schoolpleinen">.*?</li></ul></div></li>',
                         page).group(0)
        text = Outline(card).text
        for part in ("Kievitsdrecht (fictief)", "3 van 7 leden doen mee", "Nodig voor uitvoering",
                     "een besluit van Zilverlo (fictief), vóór 31 januari 2027"):
            self.assertIn(part, text)

    def test_shares_are_exact_to_the_cent_and_lead_to_their_event(self):
        text = self.dashboard.page("/voorbeeld/werkplaats/groene-schoolpleinen")
        for amount in ("115.448,28", "46.551,72", "18.000,00", "180.000,00"):
            self.assertIn(f"€\u00a0{amount}", text)
        record = json.loads(self.daemon.cli(
            "show", "voorbeeld/werkplaats/groene-schoolpleinen", "--json").stdout)["record"]
        seq = record["fields"]["allocations"]["execution"]["seq"]
        self.assertIn(f'href="/gebeurtenis/{seq}"', text)

    def test_an_event_has_its_source_number_and_hash(self):
        first = self.events()[0]
        text = self.dashboard.page("/gebeurtenis/1")
        for part in (first["leafhash"], first["id"], "Twents waternet"):
            self.assertIn(part, text)
        self.assertIn(first["citation"][:40], Outline(text).text)

    def test_every_page_is_there_in_both_languages(self):
        for path in ("/", "/twente", "/voorbeeld", "/gebeurtenis/5",
                     "/voorbeeld/werkplaats/rioolinspectie"):
            with self.subTest(path):
                dutch, english = self.dashboard.page(path), self.dashboard.page(
                    "/en" + path.rstrip("/"))
                self.assertIn('<html lang="nl">', dutch)
                self.assertIn('<html lang="en">', english)
                for link in re.findall(r'<a [^>]*href="(/[^"]*)"', english):
                    self.assertTrue(link.startswith("/en") or 'hreflang' in english, link)

    def test_an_id_is_there_once(self):
        for path in ("/", "/twente", "/voorbeeld/werkplaats/rioolinspectie", "/gebeurtenis/9"):
            ids = [attributes["id"] for _, attributes in Outline(self.dashboard.page(path)).tags
                   if "id" in attributes]
            self.assertEqual(len(ids), len(set(ids)), ids)

    def test_every_link_on_the_first_pages_leads_somewhere(self):
        seen, ahead = set(), {"/", "/twente", "/voorbeeld", "/en"}
        while ahead and len(seen) < 60:
            path = ahead.pop()
            seen.add(path)
            text = self.dashboard.page(path)
            ahead |= {link for link in re.findall(r'href="(/[^"#]*)"', text)
                      if "/gebeurtenis/" not in link and "/assets/" not in link} - seen

    def test_the_first_page_is_small(self):
        total = 0
        first = self.dashboard.ask("/twente", Accept_Encoding="gzip")
        total += len(first.content)
        text = gzip.decompress(first.content).decode()
        for link in set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', text)):
            answer = self.dashboard.ask(link, Accept_Encoding="gzip")
            self.assertEqual(answer.status, 200, link)
            self.assertIn("immutable", answer.headers["Cache-Control"])
            total += len(answer.content)
        self.assertLess(total, 100_000)

    def test_the_part_that_the_script_fetches_is_the_main_of_the_page(self):
        whole = self.dashboard.page("/voorbeeld")
        for encoding in ("identity", "gzip", "gzip"):
            answer = self.dashboard.ask("/voorbeeld", X_Waternet_Part="main",
                                        Accept_Encoding=encoding)
            content = answer.content
            if answer.headers["Content-Encoding"] == "gzip":
                content = gzip.decompress(content)
            self.assertIn(content.decode(), whole)
            self.assertTrue(content.startswith(b"<main"))

    def test_every_answer_has_the_headers_that_protect(self):
        for path in ("/", "/twente", "/niets/daar", "/assets/x/y", "/live/x"):
            headers = self.dashboard.ask(path).headers
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
            self.assertNotIn("unsafe", headers["Content-Security-Policy"])
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertIsNone(headers["Set-Cookie"])

    def test_path_tricks_find_nothing(self):
        for path in ("/../etc/passwd", "/assets/../main.c", "/%2e%2e/%2e%2e/etc/passwd",
                     "/twente/../voorbeeld", "//twente", "/twente//werkplaats/riool", "/TWENTE",
                     "/twente%00", "/twente/werkplaats/" + "a" * 65, "/gebeurtenis/0",
                     "/gebeurtenis/01", "/gebeurtenis/-1", "/gebeurtenis/99999999999999999999",
                     "/en/en", "/<script>", "/%ff", "/" + "a" * 5000):
            with self.subTest(path):
                self.assertIn(self.dashboard.ask(path).status, (404, 400, 414))

    def test_a_slash_too_many_is_led_back_and_never_elsewhere(self):
        answer = self.dashboard.ask("/twente/")
        self.assertEqual((answer.status, answer.headers["Location"]), (301, "/twente"))
        for path in ("//evil.example/", "/\\evil.example/", "/%0d%0aX: y/"):
            answer = self.dashboard.ask(path.replace(" ", "%20"))
            self.assertNotIn("evil", answer.headers.get("Location", ""))
            self.assertIsNone(answer.headers.get("X"))

    def test_only_reading_is_understood(self):
        for method in ("POST", "PUT", "DELETE", "TRACE"):
            self.assertIn(self.dashboard.ask("/twente", method).status, (405, 501))
        self.assertEqual(self.dashboard.ask("/", "POST", "x" * 20000).status, 413)

    def test_what_is_for_members_is_not_public(self):
        advice = "Zoek per gemeente eerst één school die zelf wil."
        path = "/voorbeeld/werkplaats/groene-schoolpleinen"
        hidden = [event for event in self.events()
                  if ".advice-given." in event["type"] or ".subscription." in event["type"]]
        self.assertGreater(len(hidden), 5)
        self.assertNotIn(advice, self.dashboard.page(path))
        for hid in hidden:
            answer = self.dashboard.ask(f"/gebeurtenis/{int(hid['sequence'])}")
            self.assertEqual(answer.status, 404)
        log = re.search(r'data-position="([0-9a-f]{8})[.]', self.dashboard.page("/")).group(1)
        shown = {int(event["sequence"]) for event in self.events()} - {
            int(hid["sequence"]) for hid in hidden}
        with Stream(self.dashboard, f"{log}.0") as stream:
            for seq in sorted(shown):
                self.assertEqual(stream.next_of("happened")[2]["seq"], seq)
        with Dashboard(self.daemon, "--audience", "members") as members:
            members.is_live()
            seq = int(next(hid for hid in hidden if advice in json.dumps(
                hid, ensure_ascii=False))["sequence"])
            self.assertIn(advice, members.page(f"/gebeurtenis/{seq}"))
            self.assertIn(f"/gebeurtenis/{seq}", members.page(path))
        self.assertNotIn("dvies gegeven", self.dashboard.page(path))


class Shown(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)
        self.daemon.load()
        self.dashboard = Dashboard(self.daemon).is_live()
        self.addCleanup(self.dashboard.stop)

    def test_without_a_date_a_phase_is_since_it_was_recorded(self):
        self.daemon.post(event("werkplaats.opened", "werkplaats/los", "los-1", data={
            "name": "Los", "kind": "project", "theme": "Los", "common_interest": "Samen."}))
        wait_for(lambda: "werkplaats-los" in self.dashboard.page("/en/twente"))
        card = self.dashboard.page("/en/twente").split('id="werkplaats-los"')[1].split("</li>")[0]
        self.assertIn(time.strftime("since %-d %B %Y"), card)

    def test_news_goes_by_the_last_day_of_its_period(self):
        for id, on in (("jaar", "2033"), ("juli", "2033-07"), ("dag", "2033-12-30"),
                       ("kwartaal", "2033-Q2")):
            self.daemon.post({**news("orde-" + id), "on": on})
        wait_for(lambda: "orde-kwartaal" in self.dashboard.page("/twente/nieuws"))
        for path in ("/twente/nieuws", "/twente"):
            shown = re.findall(r'id="news-orde-([a-z]+)"', self.dashboard.page(path))
            self.assertEqual(shown[:3], ["jaar", "dag", "juli"], path)

    def test_neighbours_are_events_that_may_be_seen(self):
        first = self.daemon.head() + 1
        for number in range(3):
            self.daemon.post(news(f"buur-{number}"))
            if number == 0:
                for key in (7, 8):
                    self.daemon.post(event("key.added", f"key/buur-{key}", f"buur-key-{key}", data={
                        "curve": f"{key:040}", "organisation": "twente", "label": "buur"}))
        wait_for(lambda: self.dashboard.ask(f"/gebeurtenis/{first + 4}").status == 200)
        def beside(seq):
            return [int(found) for found in re.findall(
                r'rel="(?:prev|next)" href="/gebeurtenis/([0-9]+)"',
                self.dashboard.page(f"/gebeurtenis/{seq}"))]
        self.assertEqual(beside(first)[-1], first + 3)
        self.assertEqual(beside(first + 3), [first, first + 4])
        self.assertEqual(beside(first + 4), [first + 3])


class Live(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)
        self.daemon.load()

    def test_a_post_changes_the_page_within_a_second(self):
        with Dashboard(self.daemon) as dashboard, Stream(dashboard.is_live()) as stream:
            self.assertNotIn("Straat open", dashboard.page("/twente"))
            began = time.monotonic()
            posted = self.daemon.post(news("open", title="Straat open"))
            name, number, data = stream.next_of("happened")
            self.assertIn("Straat open", dashboard.page("/twente"))
            self.assertLess(time.monotonic() - began, 1)
            self.assertEqual(int(number.split(".")[1]), posted["receipts"][0]["seq"])
            self.assertEqual((data["region"], data["kind"]), ("twente", "news"))
            self.assertEqual(data["nl"], "nieuws geplaatst: Straat open")

    def test_a_reader_resumes_exactly_also_after_the_dashboard_was_killed(self):
        with Dashboard(self.daemon) as dashboard:
            dashboard.is_live()
            for i in range(5):
                self.daemon.post(news(f"n{i}"))
            wait_for(lambda: "Bericht n4" in dashboard.page("/twente"))
            head = self.daemon.head()
            wait_for(lambda: f'.{head}"' in dashboard.page("/"))
            log = re.search(r'data-position="([0-9a-f]{8})[.]', dashboard.page("/")).group(1)
            with Stream(dashboard, f"{log}.{head - 3}") as stream:
                self.assertEqual([stream.next_of("happened")[2]["seq"] for _ in range(3)],
                                 [head - 2, head - 1, head])
            dashboard.process.kill()
            dashboard.process.wait()
        with Dashboard(self.daemon) as dashboard:
            dashboard.is_live()
            with Stream(dashboard, f"{log}.{head - 3}") as stream:
                self.assertEqual(stream.next_of("happened")[2]["seq"], head - 2)
            for wrong in (f"{log}.{head + 100}", f"00000000.{head}", str(head), "x", "."):
                with Stream(dashboard, wrong) as stream:
                    self.assertEqual(stream.read()[0], "reload")

    def test_without_the_daemon_pages_are_served_and_say_so(self):
        with Dashboard(self.daemon) as dashboard, Stream(dashboard.is_live()) as stream:
            before = dashboard.page("/twente", X_Waternet_Part="main")
            self.daemon.stop()
            while stream.next_of("state")[2]["state"] != "stale":
                pass
            began = time.monotonic()
            page = dashboard.page("/twente")
            self.assertIn('data-state="stale"', page)
            self.assertIn("laatst bekende beeld", page)
            self.assertIn(before, page)
            self.assertLess(time.monotonic() - began, 1)
            self.daemon.start()
            self.daemon.post(news("terug", title="Weer terug"))
            while stream.next_of("happened")[2]["nl"] != "nieuws geplaatst: Weer terug":
                pass
            wait_for(lambda: dashboard.state() == "live")
            self.assertIn("Weer terug", dashboard.page("/twente"))

    def test_hostile_text_stays_text(self):
        hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202egnp.exe'
        with Dashboard(self.daemon) as dashboard:
            dashboard.is_live()
            posted = self.daemon.post(news("boos", title=hostile, summary=hostile + "\n</main>"))
            self.assertEqual(posted["status"], "ok", posted)
            wait_for(lambda: "boos" in dashboard.page("/twente"))
            outline = Outline(dashboard.page("/twente"))
            scripts = [attributes for tag, attributes in outline.tags if tag == "script"]
            self.assertEqual(len(scripts), 1)
            self.assertNotIn("img", [tag for tag, _ in outline.tags])
            for _, attributes in outline.tags:
                self.assertFalse([name for name in attributes if name.startswith("on")])
            self.assertIn("[U+202E]", outline.text)
            self.assertNotIn("\u202e", outline.text)

    def test_slow_senders_are_cut_off(self):
        with Dashboard(self.daemon) as dashboard:
            dashboard.is_live()
            slow = [socket.create_connection(("127.0.0.1", dashboard.port)) for _ in range(20)]
            for connection in slow:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            began = time.monotonic()
            while time.monotonic() - began < 16 and slow:
                for connection in list(slow):
                    try:
                        connection.sendall(b"X: y\r\n")
                    except OSError:
                        slow.remove(connection)
                time.sleep(0.5)
                self.assertEqual(dashboard.ask("/").status, 200)
            self.assertEqual(slow, [])


if __name__ == "__main__":
    unittest.main()
