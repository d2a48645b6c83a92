#!/usr/bin/python3
"""What people read and write through waternet-dashboard: news and its feed, results, search, and
contributions that come in once, from people, and stay private until somebody accepted them."""

import concurrent.futures
import datetime
import gzip
import json
import os
import pathlib
import pwd
import re
import time
import unittest
import urllib.parse
import uuid
import xml.etree.ElementTree

from harness import DATA, Daemon, event, news, one_of_each, wait_for
from remote import Listening, read_key
from test_dashboard import Dashboard, Outline
from test_past import last_day

ATOM = "{http://www.w3.org/2005/Atom}"
SECRET = "Alleen voor het bureau: de sleutel ligt onder de mat."


def texts(page):
    return " ".join(Outline(page).text.split())


def dated(on, entity, **more):
    return {**news(entity, **more), "on": on}


class Typed:
    """A browser that opens the form, fills it in and sends it."""

    def __init__(self, dashboard, about="voorbeeld", language="", address="198.51.100.7"):
        self.dashboard, self.language, self.address = dashboard, language, address
        self.path = f"{language}/aandragen"
        self.read(dashboard.page(f"{self.path}?over={about}"))
        self.fields.setdefault("over", about)

    def read(self, page):
        form = re.search(r'<form class="handin".*?</form>', page, re.DOTALL).group(0)
        self.fields = {}
        for tag, attributes in Outline(form).tags:
            if tag == "input" and (attributes["type"] != "radio" or "checked" in attributes):
                self.fields[attributes["name"]] = attributes["value"]
        self.fields["tekst"] = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", form,
                                         re.DOTALL).group(1)

    def fill(self, **fields):
        self.fields.update({"soort": "addition", "tekst": "Er ligt ook een riool onder de markt."})
        self.fields.update(fields)
        return self

    def wait(self):
        """Until a person could have typed it."""
        time.sleep(3.05)
        return self

    def send(self, **headers):
        headers = {"Origin": f"http://127.0.0.1:{self.dashboard.port}",
                   "Content_Type": "application/x-www-form-urlencoded",
                   "X_Forwarded_For": self.address, **headers}
        body = urllib.parse.urlencode(self.fields).encode()
        return self.dashboard.ask(self.path, "POST", body,
                                  **{name: value for name, value in headers.items() if value})


class Words(unittest.TestCase):
    """A daemon and a dashboard with the real and the made-up region."""

    options, as_behind_a_proxy = (), False

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.__enter__()
        cls.daemon.load()
        cls.daemon.cli("import", DATA.with_name("voorbeeld.jsonl"))
        listen = cls.daemon.scratch / "http.sock" if cls.as_behind_a_proxy else "127.0.0.1:0"
        cls.dashboard = Dashboard(cls.daemon, *cls.options, listen=listen).is_live()

    @classmethod
    def tearDownClass(cls):
        cls.dashboard.stop()
        cls.daemon.__exit__(None, None, None)

    def post(self, *events):
        answer = self.daemon.post(*events)
        self.assertEqual(answer["status"], "ok", answer)
        seq = answer["receipts"][-1]["seq"]
        wait_for(lambda: f'.{seq}"' in self.dashboard.page("/"))
        return seq

    def listed(self, kind, region):
        done = self.daemon.cli("list", kind, "--region", region, "--json")
        return {row["path"].split("/")[2]: row["record"]
                for row in map(json.loads, done.stdout.splitlines())}

    def problem(self, answer, field):
        """What stands beside a field."""
        page = answer.content.decode()
        found = re.search(rf'<p class="problem" id="fout-{field}">(.*?)</p>', page, re.DOTALL)
        return found and texts(found.group(1))


class News(Words):
    def test_the_list_has_every_item_once_newest_first_over_its_pages(self):
        for number in range(45):
            self.daemon.post(dated("2020-01-01", f"veel-{number:02}"))
        self.post(dated("2099-01-01", "nieuwste"))
        found, path = [], "/twente/nieuws"
        while path:
            page = self.dashboard.page(path)
            found += re.findall(r'<li id="news-([a-z0-9-]+)"', page)
            step = re.search(r'rel="next" href="([^"]+)"', page)
            path = step and step.group(1)
        records = self.listed("news", "twente")
        self.assertEqual(sorted(found), sorted(name for name, record in records.items()
                                               if "ended" not in record))
        days = [last_day(records[name]["on"]) for name in found]
        self.assertEqual(days, sorted(days, reverse=True))
        self.assertEqual(found[0], "nieuwste")

    def test_a_page_that_is_not_there_is_not_found(self):
        for number in ("0", "99", "-1", "1.5", "x", "", "99999999999999999999", "01"):
            with self.subTest(number):
                answer = self.dashboard.ask(f"/voorbeeld/nieuws?pagina={number}")
                self.assertEqual(answer.status, 404)

    def test_an_item_shows_its_markdown_safely_below_its_title(self):
        body = ("# Kop\n\n**vet** [goed](https://example.org/a) [kwaad](javascript:alert(1))\n\n"
                "![beeld](https://example.org/x.png) <img src=x onerror=alert(2)>\n\n"
                "<script>alert(3)</script>\n\n- een\n- twee\n\n\u202egnp.exe")
        self.post(news("opgemaakt", title="<b>Titel</b>", body=body, werkplaats="rioolvervanging",
                       meaning="U merkt <i>niets</i>.", url="https://example.org/meer"))
        page = self.dashboard.page("/twente/nieuws/opgemaakt")
        main = re.search(r"<main.*</main>", page, re.DOTALL).group(0)
        tags = [tag for tag, _ in Outline(main).tags]
        self.assertNotIn("img", tags)
        self.assertNotIn("script", tags)
        self.assertNotIn("javascript:", main)
        self.assertIn("<h3>Kop</h3>", main)
        self.assertIn("<strong>vet</strong>", main)
        self.assertIn('<a href="https://example.org/a">goed</a>', main)
        self.assertIn("<b>Titel</b>", Outline(main).text)
        self.assertIn("[U+202E]", main)
        self.assertIn('href="/twente/werkplaats/rioolvervanging"', main)
        self.assertIn('href="https://example.org/meer"', main)

    def test_corrected_and_withdrawn_are_told(self):
        first = self.post(dated("2026-01-02", "eerst", title="Straat open"))
        self.assertNotIn("verbeterd", self.dashboard.page("/twente/nieuws/eerst").split("<main", 1)[1])
        second = self.post(event("news.corrected", "news/eerst", "eerst-beter",
                                 data={"title": "Straat half open"}))
        page = self.dashboard.page("/twente/nieuws/eerst")
        self.assertIn("Straat half open", page)
        self.assertIn("verbeterd", page)
        for seq in (first, second):
            self.assertIn(f'href="/gebeurtenis/{seq}"', page)
        self.post(event("news.withdrawn", "news/eerst", "eerst-weg",
                        data={"reason": "Het bleek niet waar."}))
        page = self.dashboard.page("/twente/nieuws/eerst")
        self.assertIn("ingetrokken", page)
        self.assertIn("Het bleek niet waar.", page)
        self.assertNotIn("Kort.", page)
        self.assertNotIn("news-eerst", self.dashboard.page("/twente/nieuws"))
        self.assertNotIn("half open", self.dashboard.ask("/twente/nieuws.atom").content.decode())

    def test_every_page_of_a_region_names_its_feed(self):
        for path in ("/twente", "/twente/nieuws", "/en/twente/opbrengsten"):
            links = [attributes for tag, attributes in Outline(self.dashboard.page(path)).tags
                     if tag == "link" and attributes.get("type") == "application/atom+xml"]
            self.assertEqual(len(links), 1, path)
            self.assertEqual(self.dashboard.ask(links[0]["href"]).status, 200)
        self.assertNotIn("atom+xml", self.dashboard.page("/zoeken"))


class Feed(Words):
    """RFC 4287, by its own rules."""

    def feed(self, path="/voorbeeld/nieuws.atom", **headers):
        answer = self.dashboard.ask(path, **headers)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["Content-Type"], "application/atom+xml; charset=utf-8")
        content = answer.content
        if answer.headers["Content-Encoding"] == "gzip":
            content = gzip.decompress(content)
        return xml.etree.ElementTree.fromstring(content)

    def one(self, element, name):
        found = element.findall(ATOM + name)
        self.assertEqual(len(found), 1, (element.tag, name))
        return found[0]

    def check(self, feed):
        self.assertEqual(feed.tag, ATOM + "feed")
        self.assertIn(feed.get("{http://www.w3.org/XML/1998/namespace}lang"), ("nl", "en"))
        self.assertTrue(self.one(self.one(feed, "author"), "name").text.strip())
        entries = feed.findall(ATOM + "entry")
        ids, moments = [], []
        for element in [feed, *entries]:
            title = self.one(element, "title")
            self.assertTrue(title.text.strip())
            self.assertIn(title.get("type", "text"), ("text", "html", "xhtml"))
            number = self.one(element, "id").text
            self.assertEqual(uuid.UUID(number.removeprefix("urn:uuid:")).version, 8)
            ids.append(number)
            moments.append(datetime.datetime.strptime(self.one(element, "updated").text,
                                                      "%Y-%m-%dT%H:%M:%SZ"))
            links = element.findall(ATOM + "link")
            alternates = [link for link in links if link.get("rel") == "alternate"]
            self.assertEqual(len(alternates), 1)
            self.assertEqual(self.dashboard.ask(alternates[0].get("href")).status, 200)
        self.assertEqual(len(set(ids)), len(ids))
        self.assertEqual(len([link for link in feed.findall(ATOM + "link")
                              if link.get("rel") == "self"]), 1)
        for entry in entries:
            published = datetime.datetime.strptime(self.one(entry, "published").text,
                                                   "%Y-%m-%dT%H:%M:%SZ")
            self.assertLessEqual(published, moments[1 + entries.index(entry)])
            self.assertEqual(self.one(entry, "content").get("type"), "html")
            self.one(entry, "summary")
        self.assertEqual(moments[0], max(moments[1:], default=moments[0]))
        return entries

    def test_it_is_valid_and_has_the_news_that_stands(self):
        for path in ("/voorbeeld/nieuws.atom", "/en/voorbeeld/nieuws.atom", "/twente/nieuws.atom"):
            entries = self.check(self.feed(path))
            records = self.listed("news", path.split("/")[-2])
            self.assertEqual(len(entries), min(20, len(records)))

    def test_hostile_news_stays_well_formed_and_text(self):
        hostile = "]]> & <script>alert(1)</script> \u202e \ufffe \U000e0041"
        self.post(dated("2099-01-01", "kwaad", region="voorbeeld", title=hostile, summary=hostile,
                        body=hostile))
        entry = self.check(self.feed())[0]
        self.assertIn("<script>alert(1)</script>", self.one(entry, "title").text)
        content = self.one(entry, "content").text
        self.assertNotIn("script", [tag for tag, _ in Outline(content).tags])

    def test_an_id_is_for_ever_and_a_correction_moves_only_the_moment(self):
        self.post(dated("2098-01-01", "vast", region="voorbeeld"))
        def of_vast():
            return next(entry for entry in self.feed().findall(ATOM + "entry")
                        if "Bericht vast" in self.one(entry, "title").text)
        before = of_vast()
        time.sleep(1.1)
        self.post(event("news.corrected", "news/vast", "vast-beter", region="voorbeeld",
                        data={"summary": "Langer."}))
        after = of_vast()
        self.assertEqual(self.one(before, "id").text, self.one(after, "id").text)
        self.assertEqual(self.one(before, "published").text, self.one(after, "published").text)
        self.assertLess(self.one(before, "updated").text, self.one(after, "updated").text)

    def test_other_paths_have_no_feed(self):
        for path in ("/nieuws.atom", "/niets/nieuws.atom", "/voorbeeld.atom", "/.atom",
                     "/voorbeeld/nieuws/x.atom", "/voorbeeld/../voorbeeld/nieuws.atom",
                     "/" + "a" * 300 + ".atom"):
            self.assertEqual(self.dashboard.ask(path).status, 404, path)
        self.feed(Accept_Encoding="gzip")


class Results(Words):
    def test_every_result_of_a_region_is_there_by_day(self):
        wanted = []
        for name, record in self.listed("werkplaatsen", "voorbeeld").items():
            wanted += [(item["on"], name, item) for item in record["fields"].get("results", [])]
        self.assertGreater(len(wanted), 3)
        page = self.dashboard.page("/voorbeeld/opbrengsten")
        items = re.findall(r'<li>.*?</li>', page.split('<ul class="results articles">')[1], re.DOTALL)
        self.assertEqual(len(items[:len(wanted)]), len(wanted))
        for (_, name, item), shown in zip(sorted(wanted, key=lambda row: row[0], reverse=True),
                                          items):
            text = texts(shown)
            for part in (item["data"]["title"], item["data"].get("meaning", ""),
                         *item["data"].get("goals", {}).values()):
                self.assertIn(part, text)
            self.assertIn(f'href="/voorbeeld/werkplaats/{name}"', shown)
            self.assertIn(f'href="/gebeurtenis/{item["seq"]}"', shown)
            if "url" in item["data"]:
                self.assertIn(item["data"]["url"], shown)

    def test_a_new_result_is_there_at_once(self):
        self.dashboard.page("/voorbeeld/opbrengsten")
        self.post(event("werkplaats.result-delivered", "werkplaats/groene-schoolpleinen", "oogst",
                        region="voorbeeld", on="2026-11-01", data={"title": "Eén plein klaar"}))
        self.assertIn("Eén plein klaar", self.dashboard.page("/voorbeeld/opbrengsten"))


class Search(Words):
    def find(self, question, language=""):
        page = self.dashboard.page(f"{language}/zoeken?q={urllib.parse.quote(question)}")
        found = {}
        for kind, section in re.findall(
                r'<h2 class="utrecht-heading-2" id="([a-z-]+)">(.*?)</section>', page, re.DOTALL):
            found[kind] = [html_free(name) for name in re.findall(r"<h3>(.*?)</h3>", section)]
        return page, found

    def test_capitals_and_accents_make_no_difference(self):
        self.post(news("accent", title="Één crèche aan de Ĳssel", region="voorbeeld"))
        for question in ("een CRECHE", "éèn crêche ijssel", "E\u0301e\u0301n cre\u0300che",
                         "IJSSEL creche"):
            self.assertEqual(self.find(question)[1].get("news"), ["Één crèche aan de Ĳssel"],
                             question)

    def test_it_finds_over_all_regions_by_kind_and_shows_where(self):
        page, found = self.find("riool")
        self.assertIn("werkplaatsen", found)
        self.assertIn("news", found)
        main = page.split("<main")[1]
        self.assertIn("Twents", main)
        self.assertIn("Voorbeeldregio", main)
        self.assertIn("<mark>riool</mark>", main)

    def test_all_words_must_be_there(self):
        self.assertTrue(self.find("schoolpleinen")[1])
        self.assertFalse(self.find("schoolpleinen xyzzy")[1])
        _, found = self.find("schoolpleinen droger")
        self.assertEqual(list(found), ["news"])

    def test_a_hit_in_a_text_is_shown_in_its_context(self):
        page, _ = self.find("molenbuurt")
        context = re.search(r"<p>([^<]*<mark>Molenbuurt</mark>[^<]*)</p>", page).group(1)
        self.assertIn("voer voor het eerst een robot", context)

    def test_without_a_question_it_explains(self):
        for question in ("", "%20", "%20%09", "+"):
            page = self.dashboard.page(f"/zoeken?q={question}")
            self.assertIn("Typ bovenaan", page)
            self.assertNotIn("<mark>", page)
        self.assertIn("Typ bovenaan", self.dashboard.page("/zoeken"))

    def test_hostile_questions_stay_text(self):
        for question in ('"><script>alert(1)</script>', "' onfocus=alert(1) x='", "\u202egnp",
                         "%00", "a" * 3000, " ".join("abcdefghijklmnop"), "<mark>", "{1}{2}",
                         "\u0301", "../../etc", "</main>"):
            with self.subTest(question[:30]):
                answer = self.dashboard.ask("/zoeken?q=" + urllib.parse.quote(question))
                self.assertEqual(answer.status, 200)
                outline = Outline(answer.content.decode())
                self.assertEqual(len([tag for tag, _ in outline.tags if tag == "script"]), 1)
                for _, attributes in outline.tags:
                    self.assertFalse([name for name in attributes if name.startswith("on")])
        for raw in ("%ff%fe", "%c3", "%", "%zz", "&q=x", "q=1&q=2"):
            self.assertIn(self.dashboard.ask("/zoeken?q=" + raw).status, (200, 400))

    def test_what_is_not_public_is_not_found(self):
        self.assertFalse(self.find("Zoek per gemeente eerst één school die zelf wil")[1])
        self.assertFalse(self.find("moestuin mee begieten")[1])  # a contribution's own text
        self.assertTrue(self.find("regenwater op voor haar moestuin")[1])  # the accepted one
        with Dashboard(self.daemon, "--audience", "members") as members:
            members.is_live()
            page = members.page("/zoeken?q=" + urllib.parse.quote("school die zelf wil"))
            self.assertIn("groene-schoolpleinen", page)

    def test_the_form_in_the_header_of_every_page_leads_to_it(self):
        for path, action in (("/", "/zoeken"), ("/en/twente", "/en/zoeken"), ("/niets", "/zoeken")):
            page = self.dashboard.ask(path).content.decode()
            form = re.search(r'<form class="search".*?</form>', page, re.DOTALL).group(0)
            self.assertIn(f'action="{action}"', form)
            self.assertIn('method="get"', form)
        self.assertIn('value="&lt;b&gt;"', self.dashboard.page("/zoeken?q=%3Cb%3E"))


def html_free(text):
    return texts(text)


class Contribution(Words):
    def test_what_is_handed_in_is_posted_once_and_its_receipt_tells_the_number(self):
        before = self.daemon.head()
        typed = Typed(self.dashboard, "voorbeeld/werkplaats/groene-schoolpleinen").fill(
            tekst=SECRET + "\r\n\r\nEn nog iets: é€.", naam="Jan", email="jan@example.org",
            organisatie="School", regio="Buurstroom").wait()
        answer = typed.send()
        self.assertEqual(answer.status, 303, answer.content)
        place = answer.headers["Location"]
        self.assertRegex(place, r"^/aandragen/[0-9a-f-]{36}$")
        page = self.dashboard.page(place)
        self.assertIn(f'<strong id="receipt">{before + 1}</strong>', page)
        self.assertIn(place.split("/")[2], page)
        found = self.daemon.cli("private", str(before + 1), "--json")
        private = json.loads(found.stdout)["private"]
        self.assertEqual(private["text"], SECRET + "\n\nEn nog iets: é€.")
        self.assertEqual(private["sender"], {"name": "Jan", "email": "jan@example.org",
                                             "organisation": "School", "region": "Buurstroom"})
        posted = json.loads(self.daemon.cli("log", "--json").stdout.splitlines()[-1])
        self.assertEqual(posted["actorrole"], "dashboard")
        self.assertEqual(posted["data"], {"kind": "addition",
                                          "about": "werkplaats/groene-schoolpleinen"})
        # Again, from the history of the browser: the same contribution.
        again = typed.send()
        self.assertEqual((again.status, again.headers["Location"]), (303, place))
        self.assertEqual(self.daemon.head(), before + 1)

    def test_what_is_private_is_nowhere_to_be_seen(self):
        typed = Typed(self.dashboard, "voorbeeld/werkplaats/groene-schoolpleinen").fill(
            tekst=SECRET, naam="Geheime Naam", email="geheim@example.org").wait()
        place = typed.send().headers["Location"]
        head = self.daemon.head()
        wait_for(lambda: f'.{head}"' in self.dashboard.page("/"))
        for path in (place, "/voorbeeld", "/voorbeeld/bijdragen", f"/gebeurtenis/{head}",
                     "/voorbeeld/bijdrage/" + place.split("/")[2],
                     "/voorbeeld/werkplaats/groene-schoolpleinen", "/aandragen?over=voorbeeld",
                     "/zoeken?q=sleutel+mat", "/zoeken?q=geheime+naam"):
            page = self.dashboard.page(path)
            for part in ("onder de mat", "Geheime Naam", "geheim@example.org"):
                self.assertNotIn(part, page.split("<main")[1] if "zoeken" in path else page, path)
        log = "".join(self.dashboard.log) + pathlib.Path(self.daemon.log).read_text()
        for part in ("onder de mat", "Geheime", "geheim@"):
            self.assertNotIn(part, log)

    def test_each_page_leads_to_the_form_with_what_it_is_about(self):
        for path, about in (("/voorbeeld", "voorbeeld"), ("/", ""),
                            ("/voorbeeld/nieuws", "voorbeeld"),
                            ("/voorbeeld/werkplaats/rioolinspectie",
                             "voorbeeld/werkplaats/rioolinspectie"),
                            ("/voorbeeld/nieuws/robot-vaart-uit", "voorbeeld/news/robot-vaart-uit"),
                            ("/gebeurtenis/118", "voorbeeld/region/voorbeeld")):
            with self.subTest(path):
                page = self.dashboard.page(path)
                link = re.search(r'<aside class="contribute".*?href="([^"]+)"', page,
                                 re.DOTALL).group(1)
                self.assertEqual(link, "/aandragen" + (f"?over={about}" if about else ""))
                self.assertIn('method="post"', self.dashboard.page(link))
        self.assertIn("Drie schoolpleinen", self.dashboard.page(
            "/aandragen?over=voorbeeld/news/schoolpleinen-aangewezen"))
        self.assertIn("<select", self.dashboard.page("/aandragen?over=niets/daar/x"))

    def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(self):
        rows = [("tekst", "", "Vul hier"), ("tekst", "x" * 8001, "te lang"),
                ("tekst", "http://a http://b http://c", "webadressen"),
                ("naam", "n" * 121, "te lang"), ("naam", "koop op www.example.org", "webadressen"),
                ("email", "geen adres", "geen e-mailadres"), ("soort", "advertentie", "Kies een"),
                ("over", "voorbeeld/werkplaats/bestaat-niet", "Kies waarover"),
                ("over", "../../etc", "Kies waarover"), ("website", "http://spam", "leeg"),
                ("naam", "twee\nregels", "één regel")]
        before = self.daemon.head()
        for field, value, problem in rows:
            with self.subTest(field, value=value[:20]):
                typed = Typed(self.dashboard).fill(organisatie="Behoud <mij>", **{field: value})
                answer = typed.send()
                self.assertEqual(answer.status, 422)
                self.assertIn(problem, self.problem(answer, field))
                again = answer.content.decode()
                self.assertIn('value="Behoud &lt;mij&gt;"', again)
                if field == "naam":
                    self.assertIn(f'aria-describedby="fout-{field}"', again)
                self.assertEqual(typed.fields["id"],
                                 re.search(r'name="id" value="([^"]+)"', again).group(1))
        self.assertEqual(self.daemon.head(), before)

    def test_what_the_daemon_finds_wrong_stands_beside_its_field(self):
        # A werkplaats's own rules are the daemon's: here a control character that no form check
        # of ours looks for in text.
        typed = Typed(self.dashboard).fill(tekst="Goed", naam="A\u2028B").wait()
        answer = typed.send()
        self.assertIn(answer.status, (303, 422))
        if answer.status == 422:
            self.assertTrue(self.problem(answer, "naam"))

    def test_the_same_form_with_another_text_is_told_apart(self):
        typed = Typed(self.dashboard).fill(tekst="De eerste tekst.").wait()
        place = typed.send().headers["Location"]
        before = self.daemon.head()
        answer = typed.fill(tekst="Een andere tekst.").send()
        self.assertEqual(answer.status, 409)
        page = answer.content.decode()
        self.assertIn(f'href="{place}"', page)
        self.assertIn("Een andere tekst.", page)
        self.assertNotIn(typed.fields["id"], re.search(r'name="id" value="([^"]+)"', page).group(1))
        self.assertEqual(self.daemon.head(), before)
        typed.read(page)
        self.assertEqual(typed.fill(tekst="Een andere tekst.").wait().send().status, 303)
        self.assertEqual(self.daemon.head(), before + 1)

    def test_a_form_comes_from_a_person_on_this_site(self):
        before = self.daemon.head()
        typed = Typed(self.dashboard).fill()
        self.assertIn("erg snel", texts(typed.send().content.decode()))
        typed.wait()
        self.assertEqual(typed.send(Origin=None).status, 403)
        for origin in ("https://evil.example", "null", f"http://127.0.0.1.evil:{1}", "http://",
                       f"http://127.0.0.1:{self.dashboard.port + 1}", "127.0.0.1"):
            self.assertEqual(typed.send(Origin=origin).status, 403, origin)
        self.assertEqual(typed.send(Sec_Fetch_Site="cross-site").status, 403)
        self.assertEqual(typed.send(Content_Type="text/plain").status, 415)
        self.assertEqual(typed.send(Content_Type="multipart/form-data; boundary=x").status, 415)
        for field, value in (("zegel", "0" * 64), ("zegel", ""), ("id", str(uuid.uuid4())),
                             ("id", "01a20bd2-954a-7000-8b2a-e1ee799bc4c4"), ("id", ""),
                             ("id", "../../x")):
            broken = Typed(self.dashboard).fill(**{field: value})
            answer = broken.send()
            self.assertEqual(answer.status, 422)
            self.assertIn("verlopen", texts(answer.content.decode()))
        self.assertEqual(self.daemon.head(), before)
        self.assertEqual(typed.send().status, 303)

    def test_broken_bodies_are_no_form(self):
        head = {"Origin": f"http://127.0.0.1:{self.dashboard.port}",
                "Content_Type": "application/x-www-form-urlencoded"}
        for body in ("tekst=%", "tekst=%0", "tekst=%zz", "tekst=%00", "tekst=%ff", "a=1&a=2", "=x",
                     "tekst=%1b[31m", "&".join(f"a{i}=1" for i in range(30)), "tekst=%c0%80"):
            self.assertEqual(self.dashboard.ask("/aandragen", "POST", body, **head).status, 400,
                             body)
        self.assertEqual(self.dashboard.ask("/aandragen", "POST", "x" * 32769, **head).status, 413)
        self.assertEqual(self.dashboard.ask("/aandragen", "POST", "", **head).status, 422)
        self.assertEqual(self.dashboard.ask("/voorbeeld", "POST", "a=1", **head).status, 405)
        self.assertEqual(self.dashboard.ask("/aandragen/x", "POST", "a=1", **head).status, 405)

    def test_accepted_ones_are_shown_with_what_they_changed_and_where_it_is(self):
        page = self.dashboard.page("/voorbeeld/bijdragen")
        self.assertIn("Een school vangt al regenwater op", page)
        self.assertIn("een basisschool in Kievitsdrecht", page)
        self.assertIn('href="/voorbeeld/werkplaats/groene-schoolpleinen"', page)
        self.assertIn("Een school vangt al regenwater op",
                      self.dashboard.page("/voorbeeld/werkplaats/groene-schoolpleinen"))
        self.assertIn("Een school vangt al regenwater op",
                      self.dashboard.page("/voorbeeld/bijdrage/regenton-op-school"))
        rejected = self.dashboard.page("/voorbeeld/bijdrage/te-koop-pomp")
        self.assertIn("Dit is reclame", rejected)
        self.assertNotIn("beste pompen", rejected)

    def test_a_receipt_follows_what_becomes_of_it(self):
        typed = Typed(self.dashboard, "voorbeeld/werkplaats/rioolinspectie").fill().wait()
        place = typed.send().headers["Location"]
        name = place.split("/")[2]
        wait_for(lambda: "nog niet beoordeeld" in self.dashboard.page(place))
        self.post(event("contribution.accepted", f"contribution/{name}", "mooi", region="voorbeeld",
                        data={"text": "Onder de markt ligt een riool.",
                              "changed": ["news/robot-vaart-uit"]}))
        self.assertIn("is overgenomen", self.dashboard.page(place))
        for path in ("/voorbeeld/werkplaats/rioolinspectie", "/voorbeeld/nieuws/robot-vaart-uit",
                     f"/en/voorbeeld/bijdrage/{name}"):
            self.assertIn("Onder de markt ligt een riool.", self.dashboard.page(path), path)
        for nobody in ("x", "118", "regenton", str(uuid.uuid4())):
            self.assertEqual(self.dashboard.ask(f"/aandragen/{nobody}").status, 404)
        other = json.loads(self.daemon.cli("log", "--json").stdout.splitlines()[0])["id"]
        self.assertEqual(self.dashboard.ask(f"/aandragen/{other}").status, 404)


class Program(Words):
    """POST /v1/contributions: the way of the form for programs."""

    options, as_behind_a_proxy = (), True

    def setUp(self):
        self.number = 0

    def hand_in(self, body=None, address="198.51.100.7", raw=None, **headers):
        headers = {"Content_Type": "application/json", "X_Forwarded_For": address, **headers}
        data = json.dumps(body).encode() if raw is None else raw
        answer = self.dashboard.ask("/v1/contributions", "POST", data,
                                    **{name: value for name, value in headers.items() if value})
        self.assertEqual(answer.headers["API-Version"], "1.0.0")
        return answer.status, json.loads(answer.content), answer.headers

    def one(self, **more):
        id = str(uuid.uuid4())
        return {"id": id[:14] + "7" + id[15:], "about": "voorbeeld/werkplaats/groene-schoolpleinen",
                "kind": "addition", "text": "Er ligt ook een riool onder de markt.", **more}

    def refused(self, body, status, code, field=None, **more):
        before = self.daemon.head()
        got, problem, headers = self.hand_in(body, **more)
        self.assertEqual((got, problem["status"], problem["code"], headers["Content-Type"]),
                         (status, status, code, "application/problem+json"), problem)
        if field is not None:
            self.assertIn(field, [fault["field"] for fault in problem["faults"]], problem)
        self.assertEqual(self.daemon.head(), before)
        return problem, headers

    def test_it_is_posted_once_as_the_form_would(self):
        before = self.daemon.head()
        body = self.one(text=" " + SECRET + "\r\n\nEn é€. ", sender={
            "name": "Jan", "email": "jan@example.org", "organisation": "School",
            "region": "Buurstroom"})
        status, told, headers = self.hand_in(body)
        self.assertEqual((status, told), (201, {
            "id": body["id"], "receipt": before + 1, "duplicate": False,
            "page": "/aandragen/" + body["id"]}))
        wait_for(lambda: self.dashboard.ask(headers["Location"]).status == 200)
        self.assertIn(f'<strong id="receipt">{before + 1}</strong>',
                      self.dashboard.page(told["page"]))
        private = json.loads(self.daemon.cli("private", str(before + 1), "--json").stdout)["private"]
        self.assertEqual((private["text"], private["sender"]),
                         (SECRET + "\n\nEn é€.", body["sender"]))
        posted = json.loads(self.daemon.cli("log", "--json").stdout.splitlines()[-1])
        self.assertEqual((posted["id"], posted["actorrole"], posted["data"]),
                         (body["id"], "dashboard",
                          {"kind": "addition", "about": "werkplaats/groene-schoolpleinen"}))
        # The same again is the same, also in other bytes; something else is not.
        for raw in (None, json.dumps(body, indent=1).encode()):
            status, again, _ = self.hand_in(body, raw=raw)
            self.assertEqual((status, again), (201, {**told, "duplicate": True}))
        self.refused({**body, "text": "Iets anders."}, 409, "conflict")
        self.assertNotIn(SECRET, "".join(self.dashboard.log))
        status, told, _ = self.hand_in(self.one(about="voorbeeld", kind="reaction"))
        self.assertEqual((status, told["receipt"]), (201, before + 2))

    def test_a_text_fits_however_it_is_escaped(self):
        for text in ("x" * 8000, "€" * 2666):
            body = json.dumps(self.one()).replace(
                "Er ligt ook een riool onder de markt.",
                "".join(f"\\u{ord(letter):04x}" for letter in text))
            status, told, _ = self.hand_in(None, raw=body.encode())
            self.assertEqual(status, 201, told)
            private = self.daemon.cli("private", str(told["receipt"]), "--json").stdout
            self.assertEqual(json.loads(private)["private"]["text"], text)

    def test_what_is_wrong_is_told_by_field(self):
        for field, wrong in (("id", "x"), ("id", str(uuid.uuid4()).replace("-", "x")),
                             ("about", "nergens"), ("about", "voorbeeld/werkplaats/geen"),
                             ("about", "voorbeeld/key/x"), ("about", "../voorbeeld"),
                             ("kind", "spam"), ("kind", 3), ("text", ""), ("text", "  \n "),
                             ("text", "x" * 8001), ("text", None), ("text", ["x"]),
                             ("text", "een \x07 bel"), ("text", "\u202e\x9b"),
                             ("text", "http://a http://b http://c"), ("sender", "Jan"),
                             ("subject", "x"), ("as", "operator"), ("website", "x")):
            with self.subTest(field=field, wrong=wrong):
                self.refused(self.one(**{field: wrong}), 400, "malformed", field)
        for field, wrong in (("name", "a\nb"), ("email", "jan"), ("name", "http://a"),
                             ("phone", "1"), ("name", {}), ("region", "x" * 121)):
            with self.subTest(field=field, wrong=wrong):
                self.refused(self.one(sender={field: wrong}), 400, "malformed", "sender." + field)

    def test_all_that_is_wrong_is_told_at_once_with_what_would_be_right(self):
        problem, _ = self.refused({"id": "x", "about": "nergens", "kind": "spam", "text": "x" * 8001,
                                   "sender": {"email": "jan", "phone": "1"}}, 400, "malformed")
        told = {fault["field"]: (fault["found"], fault["accepted"]) for fault in problem["faults"]}
        self.assertEqual(len(problem["faults"]), 6)
        self.assertEqual(told["about"],
                         ("nergens", "a region, or region/kind/id, of what there is"))
        self.assertEqual(told["kind"], ("spam", "addition, reaction, knowledge"))
        self.assertEqual(told["text"], ("8001 bytes: " + "x" * 60 + "...", "at most 8000 bytes"))
        self.assertEqual(told["sender.email"][0], "jan")
        self.assertEqual(told["id"], ("x", "a UUIDv7 of your own making"))
        self.assertIn("sender.phone", told)
        problem, _ = self.refused({}, 400, "malformed")
        self.assertEqual([(fault["field"], fault["found"]) for fault in problem["faults"]],
                         [(field, "nothing") for field in ("id", "about", "kind", "text")])

    def test_hostile_bodies_are_harmless(self):
        body = json.dumps(self.one())
        for raw in (b"", b"null", b"[]", b"{", b"[" * 9000, b'{"a":' * 3000, b"\xff\xfe", b"{}{}",
                    body.replace('"kind"', '"text"').encode(), (body + "x").encode(),
                    body.replace("Er ligt", "\\u0000").encode(),
                    body.replace("Er ligt", "\\ud800").encode(),
                    json.dumps({"é" * 60 + str(i): 1 for i in range(20)}).encode(),
                    json.dumps({str(i): {} for i in range(2000)})[:16000].encode()):
            with self.subTest(raw=raw[:40]):
                self.refused(None, 400, "malformed", raw=raw)
        self.refused(None, 413, "too-large", raw=b"x" * 65537)
        for more in ({"Content_Type": None}, {"Content_Type": "text/plain"},
                     {"Content_Type": "application/jsonp"},
                     {"Content_Type": "application/x-www-form-urlencoded"}):
            self.refused(self.one(), 415, "media-type", **more)
        # A page elsewhere hands nothing in for who looks at it.
        for more in ({"Origin": "https://example.org"}, {"Origin": "null"},
                     {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}):
            self.refused(self.one(), 403, "not-allowed", **more)
        asked = self.dashboard.ask("/v1/contributions", "OPTIONS", Origin="https://example.org")
        self.assertEqual((asked.status, asked.headers["Allow"],
                          asked.headers["Access-Control-Allow-Methods"]),
                         (204, "POST, OPTIONS", None))
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            answer = self.dashboard.ask("/v1/contributions", method)
            self.assertEqual((answer.status, answer.headers["Allow"]), (405, "POST, OPTIONS"))
        self.assertEqual(self.dashboard.ask("/v1/contributions?x=1", "POST", body.encode(),
                                            Content_Type="application/json").status, 400)
        self.assertEqual(self.dashboard.ask("/voorbeeld").status, 200)

    def test_one_address_is_bounded_together_with_its_forms(self):
        address = "203.0.113.77"
        typed = Typed(self.dashboard, address=address).fill(tekst="Met de hand.").wait()
        self.assertEqual(typed.send().status, 303)
        statuses = [self.hand_in(self.one(text=f"Bericht {i}"), address)[0] for i in range(9)]
        self.assertEqual(statuses, [201] * 9)
        _, headers = self.refused(self.one(), 429, "too-many", address=address)
        self.assertIn(int(headers["Retry-After"]), range(1, 3601))

    def test_while_the_daemon_is_away_it_may_be_sent_again(self):
        with Daemon() as daemon:
            daemon.load()
            with Dashboard(daemon) as dashboard:
                dashboard.is_live()
                body = json.dumps(self.one(about="twente")).encode()
                daemon.stop()

                def send():
                    return dashboard.ask("/v1/contributions", "POST", body,
                                         Content_Type="application/json")
                answer = send()
                self.assertEqual((answer.status, json.loads(answer.content)["code"]),
                                 (503, "no-answer"))
                self.assertTrue(answer.headers["Retry-After"])
                daemon.start()
                dashboard.is_live()
                head = daemon.head()
                self.assertEqual([send().status, send().status], [201, 201])
                self.assertEqual(daemon.head(), head + 1)


class Burst(Words):
    options, as_behind_a_proxy = ("--contributions", "30"), True

    def test_one_address_and_all_together_are_bounded_and_told_how_long(self):
        before = self.daemon.head()
        # Of the addresses only the last is what the proxy saw.
        many = [Typed(self.dashboard, address=f"192.0.2.{i}, 198.51.100.7")
                .fill(tekst=f"Bericht {i}") for i in range(14)]
        many[0].wait()
        answers = [typed.send() for typed in many]
        self.assertEqual([answer.status for answer in answers], [303] * 10 + [429] * 4)
        page = answers[-1].content.decode()
        self.assertRegex(texts(page), r"over \d+ minuten")
        self.assertIn("Bericht 13", page)
        # The neighbours of an IPv6 address are the same sender.
        v6 = [Typed(self.dashboard, address=f"2001:db8::{i}").fill(tekst=f"Zes {i}")
              for i in range(12)]
        v6[0].wait()
        self.assertEqual([typed.send().status for typed in v6], [303] * 10 + [429] * 2)
        # Everybody together, whatever their addresses.
        flood = [Typed(self.dashboard, address=f"203.0.{i}.9").fill(tekst=f"Vloed {i}")
                 for i in range(40)]
        flood[0].wait()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda typed: typed.send().status, flood))
        self.assertEqual(set(statuses), {303, 429})
        self.assertEqual(self.daemon.head() - before, 30)
        self.assertEqual(self.dashboard.ask("/voorbeeld").status, 200)

    def test_over_tcp_nobody_takes_another_address(self):
        with Dashboard(self.daemon).is_live() as near:
            sent = [Typed(near, address=f"198.51.100.{i}").fill(tekst=f"Dichtbij {i}")
                    for i in range(12)]
            sent[0].wait()
            self.assertEqual([typed.send().status for typed in sent], [303] * 10 + [429] * 2)


class Away(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)
        self.daemon.load()

    def test_while_the_daemon_is_away_nothing_typed_is_lost(self):
        with Dashboard(self.daemon) as dashboard:
            dashboard.is_live()
            typed = Typed(dashboard, "twente").fill(tekst="Niet kwijtraken.").wait()
            self.daemon.stop()
            answer = typed.send()
            self.assertEqual(answer.status, 503)
            page = answer.content.decode()
            self.assertIn("Niet kwijtraken.", page)
            self.assertRegex(texts(page), "kunnen nu niet|weten niet")
            wait_for(lambda: dashboard.state() == "stale")
            self.assertIn("kunnen nu niet", texts(typed.send().content.decode()))
            self.daemon.start()
            wait_for(lambda: dashboard.state() == "live")
            typed.read(page)
            self.assertEqual(typed.fill(tekst="Niet kwijtraken.").send().status, 303)

    def test_a_form_sent_before_and_after_a_new_start_is_one_contribution(self):
        with Dashboard(self.daemon) as dashboard:
            dashboard.is_live()
            typed = Typed(dashboard, "twente").fill().wait()
            place = typed.send().headers["Location"]
            head = self.daemon.head()
            dashboard.process.kill()
            dashboard.process.wait()
        with Dashboard(self.daemon) as dashboard:
            dashboard.is_live()
            typed.dashboard = dashboard
            again = typed.send()
            self.assertEqual((again.status, again.headers["Location"]), (303, place))
            self.assertEqual(self.daemon.head(), head)

    def test_without_room_for_any_none_are_taken(self):
        with Dashboard(self.daemon, "--contributions", "0") as dashboard:
            dashboard.is_live()
            self.assertEqual(Typed(dashboard, "twente").fill().wait().send().status, 429)


class Role(unittest.TestCase):
    """With the role of a dashboard contributions can be handed in, and nothing else."""

    def check_every_type(self, daemon, post):
        """What the operator may post, one of each, is not for this role, but for contributions."""
        took, before = [], daemon.head()
        for number, posted in enumerate(one_of_each()):
            if posted["type"] == "private.erased":  # by its number in an empty log
                posted["data"]["of"] += before
            tried = {**posted, "id": f"dashboard-{number}"}
            is_dry = posted["type"] == "contribution.submitted"  # what stands would be refused
            for claim in ({}, {"as": {"role": "dashboard"}}, {"as": {"role": "reader"}}):
                answer = post(tried, dry=is_dry, **claim)
                if answer["status"] == "ok":
                    took.append(posted["type"])
                else:
                    self.assertIn(answer["status"], ("not-allowed", "refused"), posted["type"])
                    if posted["type"] != "contribution.submitted":
                        self.assertEqual(answer["status"], "not-allowed", answer)
            for claim in ("operator", "secretary", "moderator", "notifier"):
                answer = post(tried, dry=is_dry, **{"as": {"role": claim}})
                self.assertEqual(answer["status"], "not-allowed", (posted["type"], claim))
            daemon.accepted(posted)
        self.assertEqual(set(took), {"contribution.submitted"})

    def test_a_key_of_a_dashboard(self):
        with Listening() as daemon:
            path = daemon.scratch / "site.key"
            for arguments in (("new", "site", "--region", "system", "--organisation", "system",
                               "--file", path), ("grant", "system/key/site", "dashboard")):
                done = daemon.cli("key", *arguments)
                self.assertEqual(done.returncode, 0, done.stderr)
            key = read_key(path)
            command = daemon.remote("command", key)
            self.check_every_type(daemon, lambda *events, **more: command.ask(
                "post", events=list(events), **more))
            with Dashboard(None, "--key-file", path) as dashboard:
                dashboard.is_live()
                self.assertEqual(Typed(dashboard, "twente").fill().wait().send().status, 303)
            posted = json.loads(daemon.cli("log", "--json").stdout.splitlines()[-1])
            self.assertEqual((posted["actorrole"], posted.get("actorvia")), ("dashboard", None))

    def test_a_local_user_with_that_role_and_one_without_any(self):
        user = pwd.getpwuid(os.getuid()).pw_name
        for role in ("dashboard", "reader"):
            with Listening() as daemon:
                daemon.load()
                daemon.stop()
                daemon.options += ["--local-roles", f"{user}={role}"]
                daemon.start()
                with Dashboard(daemon) as dashboard:
                    dashboard.is_live()
                    self.assertEqual(Typed(dashboard, "twente").fill().wait().send().status, 303)
                posted = json.loads(daemon.cli("log", "--json").stdout.splitlines()[-1])
                self.assertEqual((posted["actorrole"], posted.get("actorvia")), (role, None))


class Statements(Words):
    options = ("--organisation", "Waterschap <Proef>", "--contact", "web@example.org")

    def test_each_statement_is_below_every_page_in_both_languages(self):
        for path, title in (("/over", "Over deze site"), ("/privacy", "Privacy"),
                            ("/toegankelijkheid", "Toegankelijkheidsverklaring")):
            self.assertIn(f'href="{path}"', self.dashboard.page("/voorbeeld").split("<footer")[1])
            page = self.dashboard.page(path)
            self.assertIn(f"<h1 class=\"utrecht-heading-1\">{title}</h1>", page)
            self.assertIn("Waterschap &lt;Proef&gt;", page)
            self.assertIn('href="mailto:web@example.org"', page)
            self.assertIn("bureau@example.org", page)
            self.assertNotIn("{", texts(page))
            english = self.dashboard.page("/en" + path)
            self.assertIn('<html lang="en">', english)
            self.assertNotIn("Deze site", english)

    def test_without_an_organisation_it_says_so(self):
        with Dashboard(self.daemon) as dashboard:
            dashboard.is_live()
            self.assertIn("nog geen adres opgegeven", dashboard.page("/toegankelijkheid"))


if __name__ == "__main__":
    unittest.main()
