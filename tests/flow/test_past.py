#!/usr/bin/python3
"""The past in two readings: as it was recorded, and as it was on a day; and cursors that are kept."""

import bisect
import collections
import datetime
import json
import os
import random
import unittest
import unittest.mock

import msgpack

import test_walk
from harness import DATA, Daemon, event, news
from model import fold
from programme import post_all, programme
from remote import Listening

POSITIONS, DAYS = 1000, 100  # at which a log is folded


def last_day(date):
    """The last day of a date or period, as 20150331 for 2015-03."""
    if len(date) == 4:
        return int(date) * 10000 + 1231
    year, rest = int(date[:4]), date[5:]
    month = 3 * int(rest[1]) if rest[0] == "Q" else int(rest[:2])
    if len(date) == 10:
        return year * 10000 + month * 100 + int(date[8:])
    following = datetime.date(year + month // 12, month % 12 + 1, 1)
    end = following - datetime.timedelta(days=1)
    return end.year * 10000 + end.month * 100 + end.day


def day_of(one):
    if "on" in one:
        return last_day(one["on"])
    moment = datetime.datetime.fromtimestamp(one["time"] // 1000, datetime.timezone.utc)
    return moment.year * 10000 + moment.month * 100 + moment.day


class Past(unittest.TestCase):
    """A second daemon is given only a part of the log: what it then has is how things stood."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.addClassCleanup(cls.daemon.__exit__, None)
        cls.daemon.start().load()
        done = cls.daemon.cli("import", DATA.with_name("voorbeeld.jsonl"))
        assert done.returncode == 0, done.stderr
        for step in range(60):  # one entity with a longer thread, its days all over the place
            day = f"20{10 + step * 7 % 15:02}-{1 + step % 12:02}"
            type = "news.published" if step == 0 else "news.corrected"
            answer = cls.daemon.post(event(type, "news/draad", f"draad-{step}", on=day, data={
                "title": f"Versie {step}", "summary": f"Op {day}."}))
            assert answer["status"] == "ok", answer
        cls.events = [msgpack.unpackb(one) for one in cls.daemon.read()]

    def listed(self, **fields):
        found, more = {}, {}
        while True:
            answer = self.daemon.ask("list", **fields, **more)
            self.assertEqual(answer["status"], "ok", answer)
            found.update((each["path"], each["record"]) for each in answer["entities"])
            if "next" not in answer:
                return found
            more = {"from": answer["next"]}

    def path(self, one):
        return f"{one['region']}/{one['subject']}"

    def versions(self, seen):
        """The newest event of each entity among those that are seen, once something opened it."""
        opened, versions = set(), {}
        opens = {row["type"] for row in self.daemon.types().values() if row["effect"] == "open"}
        opens |= {"goal.set", "cost-key.adopted", "year-programme.adopted"}
        for one in self.events:
            path = self.path(one)
            if not seen(one) or (path not in opened and one["type"] not in opens):
                continue
            opened.add(path)
            versions[path] = one["seq"]
        return versions

    def test_as_recorded_is_what_the_log_up_to_there_gives(self):
        head = len(self.events)
        for at in sorted(random.sample(range(1, head + 1), 20)):
            found = self.listed(at=at)
            self.assertEqual({path: record["version"] for path, record in found.items()},
                             self.versions(lambda one: one["seq"] <= at), at)

    def test_a_log_that_ends_there_has_the_same_records(self):
        at = random.randrange(60, len(self.events))
        with Daemon() as short:
            prefix = "nl.waterketens."
            lines = [json.loads(line) for name in ("twente", "voorbeeld")
                     for line in DATA.with_name(f"{name}.jsonl").read_text().splitlines()][:at]
            answer = short.cli("import", "-", input="\n".join(map(json.dumps, lines)))
            self.assertEqual(answer.returncode, 0, answer.stderr)
            self.assertTrue(all(line["type"].startswith(prefix) for line in lines))
            for path, record in self.listed(at=min(at, 258)).items():
                region, kind, entity = path.split("/")
                other = short.ask("get", region=region, kind=kind, entity=entity)["record"]
                self.assertEqual(without_times(record), without_times(other), path)

    def test_as_it_was_on_a_day_is_what_had_happened_by_then(self):
        days = ("2012-05-08", "2012-05-09", "2014", "2015-03", "2015-Q3", "2016-06-30", "2019",
                "2023-07", "2024-04-15", "2026-11-24", "2100")
        for day in days:
            found = self.listed(on=day)
            seen = self.versions(lambda one: day_of(one) <= last_day(day))
            self.assertEqual({path: record["version"] for path, record in found.items()}, seen, day)
        self.assertEqual(self.listed(on="2100"), self.listed())

    def test_the_newest_of_a_day_is_by_the_log_and_not_by_its_date(self):
        def title(**fields):
            return self.daemon.ask("get", region="twente", kind="news", entity="draad",
                                   **fields)["record"]["fields"]["title"]
        thread = [one for one in self.events if one["subject"] == "news/draad"]
        for day in ("2015", "2018-06", "2020-12-31"):
            right = [one for one in thread if day_of(one) <= last_day(day)][-1]
            self.assertEqual(title(on=day), right["data"]["title"])
        at = thread[30]["seq"]
        right = [one for one in thread[:31] if day_of(one) <= 20150630][-1]
        self.assertEqual(title(on="2015-Q2", at=at), right["data"]["title"])

    def next_of(self, **asked):
        """Through as many answers as it takes: each has its share of time."""
        more = {}
        while True:
            answer = self.daemon.ask("next", **asked, **more)
            self.assertEqual(answer["status"], "ok", answer)
            if answer["werkplaatsen"]:
                return answer["werkplaatsen"][0]
            more = {"from": answer["next"]}

    def test_next_and_gaps_are_asked_of_a_day_too(self):
        asked = {"region": "voorbeeld", "entity": "groene-schoolpleinen"}
        now = self.next_of(**asked)
        self.assertEqual(now["phase"], "preparation")
        thread = [one for one in self.events
                  if one["subject"] == "werkplaats/groene-schoolpleinen"]
        opened = next(one for one in thread if one["type"] == "werkplaats.opened")
        moves = [one for one in thread if one["type"] == "werkplaats.phase-changed"]
        then = self.next_of(on=opened["on"], **asked)
        self.assertEqual(then["phase"], "idea")
        then = self.next_of(on=moves[0]["on"], **asked)
        self.assertEqual(then["phase"], moves[0]["data"]["to"])
        self.assertEqual(self.daemon.ask("next", on="1999", **asked)["status"], "not-found")
        self.assertEqual(self.daemon.ask("gaps", region="twente", on="1999")["status"], "not-found")

    def test_what_is_no_day_is_told(self):
        for day in ("2015-13", "gisteren", "2015-02-30"):
            answer = self.daemon.ask("list", on=day)
            self.assertEqual((answer["status"], answer["faults"][0]["field"]), ("malformed", "on"))


class Folded:
    """Records of the past, asked for and folded from the log by the model. `keeps` says of which
    entities the events are kept here."""

    @classmethod
    def read_log(cls, daemon, keeps=lambda path: True):
        cls.daemon, cls.head = daemon, daemon.head()
        cls.events, cls.threads, after = [], collections.defaultdict(list), 0
        while after < cls.head:
            answer = daemon.ask("read", prefix="/", after=after)
            after = answer["after"]
            for each in map(msgpack.unpackb, answer["events"]):
                path = f"{each['region']}/{each['subject']}"
                if keeps(path):
                    cls.events.append((path, each))
                    cls.threads[path].append(each)
        cls.paths = sorted(cls.threads)

    def expect(self, records, **moment):
        """That the daemon's records at a moment are these (None: not there yet)."""
        numbers = {}
        for path in records:
            region, kind, entity = path.split("/")
            numbers[self.socket.send("get", region=region, kind=kind, entity=entity,
                                     **moment)] = path
        for _ in numbers:
            answer = self.socket.receive()
            path = numbers[answer["number"]]
            there = answer["status"] == "ok"
            self.assertIn(answer["status"], ("ok", "not-found"), (moment, answer))
            found = test_walk.plain(test_walk.keyed(answer["record"])) if there else None
            self.assertEqual(found, records[path] and test_walk.plain(records[path]),
                             (path, moment))

    def expect_all(self, records, **moment):
        """The same of every entity there is."""
        found, more = {}, {}
        while more is not None:
            answer = self.daemon.ask("list", **moment, **more)
            self.assertEqual(answer["status"], "ok", answer)
            found.update((each["path"], test_walk.plain(test_walk.keyed(each["record"])))
                         for each in answer["entities"])
            more = {"from": answer["next"]} if "next" in answer else None
        self.assertEqual(found, {path: test_walk.plain(record)
                                 for path, record in records.items() if record}, moment)

    def folded(self, path, day, at):
        record = None
        for each in self.threads[path]:
            if each["seq"] <= at and day_of(each) <= day:
                record = fold(record, each)
        return record

    def setUp(self):
        self.socket = self.daemon.socket("query")

    def check_positions(self, lists):
        """Of entities that changed lately and of any."""
        records, place = {}, 0
        seqs = [each["seq"] for _, each in self.events]
        for number, at in enumerate(sorted(random.sample(range(1, self.head + 1), POSITIONS))):
            until = bisect.bisect_right(seqs, at)
            for path, each in self.events[place:until]:
                records[path] = fold(records.get(path), each)
            lately = [path for path, _ in self.events[max(until - 2, 0):until]]
            place = until
            paths = {*lately, *random.sample(self.paths, 2)}
            self.expect({path: records.get(path) for path in paths}, at=at)
            if lists and number % (POSITIONS // lists) == 0:
                self.expect_all(records, at=at)

    def check_days(self, lists):
        """Of any entities, also of a position and a day together."""
        days = sorted({day_of(each) for _, each in self.events})
        for number in range(DAYS):
            day = random.choice(days)
            text = f"{day // 10000:04}-{day // 100 % 100:02}-{day % 100:02}"
            at = random.randrange(1, self.head + 1)
            paths = random.sample(self.paths, min(8, len(self.paths)))
            self.expect({path: self.folded(path, day, self.head) for path in paths}, on=text)
            self.expect({path: self.folded(path, day, at) for path in paths}, on=text, at=at)
            if lists and number % (DAYS // lists) == 0:
                self.expect_all({path: self.folded(path, day, self.head) for path in self.paths},
                                on=text)


class AnyMoment(Folded, unittest.TestCase):
    """Thousands of events: a random walk over all types, and a programme with long threads."""

    @classmethod
    def setUpClass(cls):
        daemon = Daemon()
        cls.addClassCleanup(daemon.__exit__, None)
        daemon.start()
        seed = int(os.environ.get("WATERNET_SEED") or random.SystemRandom().randrange(10**9))
        print(f"WATERNET_SEED={seed}", flush=True)
        random.seed(seed)
        days = [f"20{random.randrange(10, 30)}-{month:02}-{day:02}"
                for month in range(1, 13) for day in random.sample(range(1, 29), 3)]
        with unittest.mock.patch.object(test_walk, "DAYS", [*test_walk.DAYS, *days]):
            test_walk.Walk(daemon, seed, 4000).run()
        post_all(daemon, programme(2, 5, 4000, daemon.head()))
        cls.read_log(daemon)

    def test_at_any_position_it_is_what_the_log_gives(self):
        self.check_positions(lists=20)

    def test_on_any_day_it_is_what_the_log_gives(self):
        self.check_days(lists=10)


class TooMuch(unittest.TestCase):
    def test_what_never_stood_together_as_recorded_may_be_too_much_for_a_day(self):
        def seats(verb, day, names):
            return [event(f"seat.{verb}", "body/kern", f"{verb}-{name}", on=day,
                          data={"member": "almelo", "function": name}) for name in names]

        early, late = ([f"{half}{number}" for number in range(200)] for half in "ab")
        with Daemon() as daemon:
            daemon.region()
            post_all(daemon, [event("body.established", "body/kern", "kern", on="2015",
                                    data={"name": "Kern", "level": "administrative"}),
                              *seats("assigned", "2016", early), *seats("vacated", "2020", early),
                              *seats("assigned", "2017", late)])
            asked = {"region": "twente", "kind": "body", "entity": "kern"}
            for day, count in (("2016", 200), ("2020", 200)):
                record = daemon.ask("get", on=day, **asked)["record"]
                self.assertEqual(len(record["fields"]["seats"]), count)
            for request in (asked, {"region": "twente", "kind": "body"}):
                name = "get" if "entity" in request else "list"
                answer = daemon.ask(name, on="2018", **request)
                self.assertEqual((answer["status"], answer["faults"][0]["field"]),
                                 ("too-big", "on"))
            self.assertEqual(daemon.ask("get", **asked)["status"], "ok")


def without_times(value):
    if isinstance(value, dict):
        return {key: without_times(each) for key, each in value.items() if key != "time"}
    return [without_times(each) for each in value] if isinstance(value, list) else value


class Cursors(unittest.TestCase):
    def setUp(self):
        self.daemon = Listening()
        self.addCleanup(self.daemon.__exit__, None)
        self.daemon.start().region()

    def cursor(self, socket=None, **fields):
        socket = socket or self.daemon.socket("command")
        return socket.ask("cursor", **fields)

    def one(self, name):
        return self.daemon.ask("cursors", name=name)["cursors"][0]

    def test_a_cursor_is_kept_over_a_kill_and_is_no_event(self):
        head = self.daemon.head()
        answer = self.cursor(name="archief", prefix="/twente/", position=head)
        self.assertEqual((answer["status"], answer["head"]), ("ok", head))
        self.assertEqual(self.daemon.head(), head)
        self.daemon.kill()
        self.daemon.start()
        kept = self.one("archief")
        self.assertEqual((kept["prefix"], kept["position"], kept["behind"], kept["owner"]),
                         ("/twente/", head, 0, "system"))
        self.assertEqual(self.cursor(name="archief", position=head - 1)["status"], "ok")
        kept = self.one("archief")
        self.assertEqual((kept["prefix"], kept["position"]), ("/twente/", head - 1))
        self.assertEqual(self.cursor(name="archief", remove=True)["status"], "ok")
        self.assertEqual(self.daemon.ask("cursors", name="archief")["status"], "not-found")
        self.assertEqual(self.cursor(name="archief", remove=True)["status"], "not-found")

    def test_how_far_it_is_behind_counts_its_own_level(self):
        for name, prefix in (("alles", "/"), ("nieuws", "/twente/news/"), ("een", "/twente/news/a/"),
                             ("leden", "/twente/member/")):
            self.assertEqual(self.cursor(name=name, prefix=prefix,
                                         position=self.daemon.head())["status"], "ok")
        first = self.daemon.post(news("a"))["receipts"][0]["time"]
        for name in "bcd":
            self.daemon.post(news(name))
        behind = {each["name"]: (each["behind"], each.get("since"))
                  for each in self.daemon.ask("cursors")["cursors"]}
        self.assertEqual(behind, {"alles": (4, first), "nieuws": (4, first), "een": (1, first),
                                  "leden": (0, None)})

    def test_more_than_a_thousand_are_not_counted(self):
        self.cursor(name="ver", prefix="/twente/news/", position=0)
        for i in range(0, 1024, 64):
            self.daemon.accepted(*(news(f"n{i + j}") for j in range(64)))
        kept = self.one("ver")
        self.assertEqual((kept["behind"], kept["more"]), (1000, True))

    def test_another_log_has_cursors_of_its_own(self):
        log, mine = self.daemon.ask("hello", protocol=1)["log"], {"name": "kopie", "prefix": "/twente/"}
        self.assertEqual(self.cursor(**mine, position=1, log=log)["status"], "ok")
        for fields in ({"position": 2}, {"remove": True}):
            answer = self.cursor(name="kopie", log="0" * 32, **fields)
            self.assertEqual((answer["status"], answer["faults"][0]["field"]), ("stale", "log"))
        self.assertEqual(self.one("kopie")["position"], 1)
        self.assertEqual(self.cursor(name="kopie", position=2)["status"], "ok")  # not said which

    def test_what_is_wrong_is_told(self):
        head = self.daemon.head()
        for fields, status, field in (
                ({"prefix": "/twente", "position": 0}, "malformed", "prefix"),
                ({"position": 0}, "malformed", "prefix"),
                ({"prefix": "/"}, "malformed", "position"),
                ({"prefix": "/", "position": head + 1}, "conflict", "position")):
            answer = self.cursor(name="x", **fields)
            self.assertEqual((answer["status"], answer["faults"][0]["field"]), (status, field))
        self.assertEqual(self.daemon.ask("cursors")["cursors"], [])

    def test_a_cursor_belongs_to_the_organisation_that_set_it(self):
        keys = {name: self.daemon.add_key(name, name) for name in ("enschede", "almelo")}
        sockets = {name: self.daemon.remote("command", key) for name, key in keys.items()}
        mine = {"name": "zaken", "prefix": "/", "position": 1}
        self.assertEqual(self.cursor(sockets["enschede"], **mine)["status"], "ok")
        self.assertEqual(self.one("zaken")["owner"], "enschede")
        for fields in (mine, {"name": "zaken", "remove": True}):
            answer = self.cursor(sockets["almelo"], **fields)
            self.assertEqual((answer["status"], answer["faults"][0]["found"]),
                             ("not-allowed", 'cursor "zaken" belongs to enschede'))
        second = self.daemon.remote("command", self.daemon.add_key("enschede-2", "enschede"))
        self.assertEqual(self.cursor(second, name="zaken", position=2)["status"], "ok")
        self.daemon.end_key("retired", "enschede")  # it follows on, so it says how far it is
        self.assertEqual(self.cursor(sockets["enschede"], name="zaken", position=3)["status"], "ok")
        self.daemon.end_key("revoked", "enschede")
        self.assertEqual(self.cursor(sockets["enschede"], **mine)["status"], "not-allowed")
        self.assertEqual(self.cursor(**mine)["status"], "ok")  # an operator
        self.assertEqual(self.one("zaken")["owner"], "enschede")

    def test_an_organisation_has_room_for_a_number_of_them_and_pages_list_all(self):
        key = self.daemon.add_key("enschede", "enschede")
        socket = self.daemon.remote("command", key)
        for i in range(256):
            self.assertEqual(self.cursor(socket, name=f"c{i}", prefix="/", position=0)["status"],
                             "ok")
        answer = self.cursor(socket, name="een-te-veel", prefix="/", position=0)
        self.assertEqual((answer["status"], answer["faults"][0]["field"]), ("too-big", "name"))
        self.assertEqual(self.cursor(socket, name="c7", position=1)["status"], "ok")
        found, more = [], {}
        while True:
            answer = self.daemon.ask("cursors", **more)
            found += [each["name"] for each in answer["cursors"]]
            if "next" not in answer:
                break
            more = {"from": answer["next"]}
        self.assertEqual(found, sorted(f"c{i}" for i in range(256)))

    def test_cursors_and_posts_share_a_turn(self):
        socket = self.daemon.socket("command")
        numbers = []
        for i in range(200):
            numbers.append(socket.send("post", events=[news(f"s{i}")]))
            numbers.append(socket.send("cursor", name="mee", prefix="/twente/", position=i))
        answers = [socket.receive() for _ in numbers]
        self.assertEqual([answer["number"] for answer in answers], numbers)
        self.assertEqual({answer["status"] for answer in answers}, {"ok"})
        self.assertEqual(self.one("mee")["position"], 199)


if __name__ == "__main__":
    unittest.main()
