#!/usr/bin/python3
"""What an event may refer to and who may post it, generated from the daemon's own rows."""

import unittest

from harness import Daemon, also, curve, event, one_of_each
from model import WHAT_IF

HERE = {"region": "twente", "member": "enschede", "partner": "saxion", "body": "platform",
        "goal": "kosten", "werkplaats": "riool", "cost-key": "waterwinst",
        "year-programme": "2026", "news": "eerste", "contribution": "een", "subscription": "post",
        "key": "balie"}
SUBJECTS = {**HERE, "werkplaats": "slib", "contribution": "drie"}  # nothing refers to itself
ENDED = {"member": "losser", "news": "oud", "subscription": "oud"}
ELSEWHERE = {"region": "veluwe", "member": "ede", "partner": "wur", "body": "tafel",
             "goal": "doel", "werkplaats": "beken", "cost-key": "sleutel",
             "year-programme": "2030", "news": "elders", "contribution": "ver",
             "subscription": "verweg", "key": "toegang"}
OPEN_IF_MISSING = {"goal.set", "cost-key.adopted", "year-programme.adopted"}


def other_region():
    rows = [("region.registered", "region/veluwe", {"name": "Veluwe"}),
            ("member.joined", "member/ede", {"name": "Ede", "kind": "municipality"}),
            ("partner.registered", "partner/wur", {"name": "WUR", "sector": "research"}),
            ("body.established", "body/tafel", {"name": "Tafel", "level": "official"}),
            ("werkplaats.opened", "werkplaats/beken", {"name": "Beken", "kind": "project",
                                                       "theme": "Beken", "leads": ["ede"],
                                                       "common_interest": "Natuur."}),
            ("news.published", "news/elders", {"title": "Elders", "summary": "Daar."}),
            ("contribution.submitted", "contribution/ver", {"kind": "knowledge", "text": "Ver."}),
            ("goal.set", "goal/doel", {"frame": "4b", "dimension": "beleving", "target": "8",
                                       "unit": "cijfer", "year": 2030}),
            ("cost-key.adopted", "cost-key/sleutel", {"version": "v1", "method": "weights",
                                                      "weights": {"ede": 1},
                                                      "valid_from": "2026"}),
            ("year-programme.adopted", "year-programme/2030", {"werkplaatsen": ["beken"],
                                                               "by": "tafel"}),
            ("subscription.created", "subscription/verweg", {
                "channel": "mail", "filter": {}, "address": "post@example.org"}),
            ("key.added", "key/toegang", {"curve": curve(10), "organisation": "ede",
                                          "label": "post"})]
    return [event(type, subject, f"veluwe-{number}", "veluwe", on="2026-11-24", **also(type),
                  data=data) for number, (type, subject, data) in enumerate(rows)]


def places_of(fields, path=()):
    """Every place of an event's data that names another entity."""
    for field in fields:
        here = (*path, field["name"])
        if field["type"] in ("reference", "path") or (
                field["form"] == "map" and "daemon" not in field):
            yield here, field
        yield from places_of(field.get("fields", []), here)


def number_of(type, subject):
    """The sequence number that an event of one_of_each() gets."""
    return [(each["type"], each["subject"]) for each in one_of_each()].index((type, subject)) + 1


class References(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon().start()
        for each in one_of_each() + other_region():
            answer = cls.daemon.post(each)
            assert answer["status"] == "ok", (each, answer)
        cls.types = cls.daemon.types()
        cls.head = cls.daemon.head()

    @classmethod
    def tearDownClass(cls):
        head = cls.daemon.head()
        cls.daemon.__exit__(None)
        assert head == cls.head, "something was stored"  # all posts here are refused or dry

    def sample(self, type, entity=None, **data):
        """An event of a type that would be accepted."""
        row = self.types[type]
        like = next(each for each in reversed(one_of_each()) if each["type"] == type)
        if row["effect"] == "remove":  # what the samples took out is gone; another one stands
            put = [each for each in one_of_each() if self.types[each["type"]]["effect"] == "put" and
                   self.types[each["type"]]["slot"] == row["slot"]][-1]
            keys = [field["name"] for field in row["fields"] if field.get("key")]
            like = {**put, "type": type, "data": {key: put["data"][key] for key in keys
                                                  if key in put["data"]}}
        if type == "cost-key.adopted":  # each version comes once
            data = {"version": "v9", **data}
        elif type == "key.added":  # and each public key
            data = {"curve": curve(99), **data}
        kind = row["kind"]
        if kind == "any":  # it may be of more kinds, if it has a private part
            kind = "contribution"
            data = {"of": number_of("contribution.submitted", "contribution/drie"), **data}
        name = entity or ("nieuw" if row["effect"] == "open" else SUBJECTS[kind])
        if row["slot"] == "seats" and not entity:
            name = "kern"
        return {**like, "id": f"sample-{type.replace('.', '-')}", "subject": f"{kind}/{name}",
                "region": name if type == "region.registered" else "twente",
                "data": {**like["data"], **data}}

    def judge(self, each, **fields):
        return self.daemon.post(each, dry=True, **fields)

    def faults(self, each, **fields):
        return [(fault.get("guard", 0), fault["field"])
                for fault in self.judge(each, **fields).get("faults", [])]

    def test_the_samples_have_every_type_and_are_accepted(self):
        self.assertEqual({each["type"] for each in one_of_each()}, set(self.types))
        for type in self.types:
            with self.subTest(type=type):
                answer = self.judge(self.sample(type))
                self.assertEqual((answer["status"], len(answer.get("events", []))), ("ok", 1))

    def test_every_reference_must_exist_in_the_region_and_not_have_ended(self):
        tried = 0
        for type, row in self.types.items():
            for path, field in places_of(row["fields"]):
                kinds = list(HERE) if field["type"] == "path" else [field["kind"]]
                for kind in kinds:
                    wrong = {"missing": "nergens", "other region": ELSEWHERE[kind]}
                    if kind in ENDED:
                        wrong["ended"] = ENDED[kind]
                    for why, name in {"right": HERE[kind], **wrong}.items():
                        with self.subTest(type=type, field=path, kind=kind, why=why):
                            tried += 1
                            if why == "ended" and row["effect"] == "remove":
                                self.try_one_that_left(type, field, name)
                            else:
                                self.try_reference(type, path, field, kind, name, why == "right")
        self.assertGreater(tried, 150)

    def try_one_that_left(self, type, field, name):
        """What it has left behind may be taken out, if it is there."""
        self.assertIn((11, "data"), self.faults(self.sample(type, **{field["name"]: name})))
        self.assertNotIn((11, f"data.{field['name']}"),
                         self.faults(self.sample(type, **{field["name"]: name})))

    def try_reference(self, type, path, field, kind, name, right):
        value = f"{kind}/{name}" if field["type"] == "path" else name
        data = {"one": value, "map": {value: 1}}.get(
            field["form"], sorted({value, self.good(field, kind)}))
        for part in reversed(path[1:]):
            data = {part: data}
        answer = self.judge(self.sample(type, **{path[0]: data}))
        found = [(fault.get("guard", 0), fault["field"]) for fault in answer.get("faults", [])]
        named = "data." + ".".join(path)
        if right:  # a region that is only being registered has nothing to refer to
            self.assertEqual((11, named) in found, type == "region.registered")
            return
        self.assertEqual(answer["status"], "refused")
        self.assertEqual(found.count((11, named)), 1, found)
        self.assertLessEqual(len(found), 2 if field.get("key") else 1)
        fault = next(fault for fault in answer["faults"] if fault["field"] == named)
        self.assertIn(f'"{name}"', fault["found"])

    @staticmethod
    def good(field, kind):
        return HERE[kind] if field["type"] == "reference" else f"{kind}/{HERE[kind]}"

    def test_a_subject_is_there_or_not_yet_or_ended_as_the_type_needs(self):
        for type, row in self.types.items():
            kind, opens = row["kind"], row["effect"] == "open"
            kind = "contribution" if kind == "any" else kind
            may_open = opens or type in OPEN_IF_MISSING
            with self.subTest(type=type, subject="missing"):
                region = "nergens" if kind == "region" and not opens else "twente"
                each = self.sample(type, "nergens")
                each["region"] = "nergens" if kind == "region" else region
                found = self.faults(each)
                self.assertEqual((11, "subject") in found, not may_open, found)
            with self.subTest(type=type, subject="there"):
                each = self.sample(type, SUBJECTS[kind])
                self.assertEqual((11, "subject") in self.faults(each), opens)
            if kind in ENDED:
                with self.subTest(type=type, subject="ended"):
                    found = self.faults(self.sample(type, ENDED[kind]))
                    reopens = type == "member.joined"
                    self.assertEqual((11, "subject") in found, not reopens, found)
            if kind != "region":
                with self.subTest(type=type, subject="in no region"):
                    found = self.faults({**self.sample(type), "region": "nergens"})
                    self.assertIn((11, "region"), found)

    def test_a_private_part_is_erased_of_a_subject_of_any_kind_that_may_have_ended(self):
        def judged(subject, of):
            return self.faults(event("private.erased", subject, "wis",
                                     data={"of": of, "reason": "Op verzoek."}))

        submitted, ended = (number_of("contribution.submitted", "contribution/drie"),
                            number_of("subscription.created", "subscription/oud"))
        no_such_part = [(11, "data.of")]
        self.assertEqual(judged("contribution/drie", submitted), [])
        self.assertEqual(judged("subscription/oud", ended), [])
        self.assertEqual(judged("subscription/post", ended), no_such_part)  # of another subject
        self.assertEqual(judged("member/enschede", submitted), no_such_part)
        self.assertEqual(judged("subscription/oud", ended + 1), no_such_part)  # it has none
        self.assertEqual(judged("contribution/een", number_of(
            "contribution.submitted", "contribution/een")), no_such_part)  # it is gone
        for of in (0, self.head + 1, 2**63 - 1):
            self.assertEqual(judged("contribution/drie", of), no_such_part)
        self.assertEqual(judged("contribution/nergens", submitted),
                         [(11, "subject"), *no_such_part])

    def test_the_region_system_holds_keys_and_nothing_else(self):
        for type, row in self.types.items():
            each = self.sample(type)
            each["region"] = "system"
            if row["kind"] == "region":
                each["subject"] = "region/system"
            with self.subTest(type=type):
                found = self.faults(each, **{"as": {"role": row["roles"][0], **(
                    {"organisation": "almelo"} if row["roles"][0] in ("lead", "member") else {})}})
                self.assertEqual((11, "region") in found, row["kind"] != "key", found)
        key = {**self.sample("key.added"), "region": "system"}
        self.assertEqual(self.faults(key), [])  # operator:system, without being told
        for role in ("secretary", "secretary:system"):
            role, _, organisation = role.partition(":")
            acts = {"role": role, **({"organisation": organisation} if organisation else {})}
            self.assertEqual(self.faults(key, **{"as": acts}), [(0, "as.organisation")])

    def test_five_faults_of_one_event_are_told_at_once(self):
        each = event("werkplaats.opened", "werkplaats/nieuw", "vijf", corrects=99999,
                     data={"name": "X", "kind": "project", "leads": ["nergens"], "parent": "beken"})
        answer = self.judge(each)
        self.assertEqual(answer["status"], "refused")
        self.assertEqual([(fault["guard"], fault["field"]) for fault in answer["faults"]],
                         [(11, "data.leads"), (11, "data.parent"), (11, "corrects"),
                          (1, "data.theme"), (1, "data.common_interest")])
        for fault in answer["faults"]:
            self.assertTrue(fault["found"] and fault["accepted"])

    def test_faults_of_form_and_of_rules_are_told_together(self):
        each = self.sample("werkplaats.opened", kind="iets", leads=["nergens"], onbekend=1)
        each["on"] = "2026-13"
        found = self.faults(each)
        self.assertEqual(sorted(field for _, field in found),
                         ["data.kind", "data.leads", "data.onbekend", "on"])

    def test_a_werkplaats_opens_with_a_theme_and_a_common_interest(self):
        baseline = {"phase": "research", "basis": "inferred", "citation": "verslag"}
        base = {"name": "X", "kind": "project"}
        theme, interest = {"theme": "T"}, {"common_interest": "B"}
        g1_theme, g1_interest = (1, "data.theme"), (1, "data.common_interest")
        for data, expected in [({}, [g1_theme, g1_interest]), (theme, [g1_interest]),
                               (interest, [g1_theme]), ({**theme, **interest}, []),
                               ({"baseline": baseline}, [g1_theme]),
                               ({"baseline": baseline, **theme}, []),
                               ({"baseline": baseline, **interest}, [g1_theme]),
                               ({"baseline": {**baseline, "phase": "ongoing"}, **theme},
                                [(10, "data.baseline.phase")]),
                               ({"baseline": baseline, **theme, "kind": "ongoing"},
                                [(10, "data.baseline.phase")])]:
            with self.subTest(data=data):
                each = event("werkplaats.opened", "werkplaats/nieuw", "g1", data={**base, **data})
                self.assertEqual(self.faults(each), expected)

    def test_each_role_may_post_what_its_row_says_and_nothing_else(self):
        roles = {role for row in self.types.values() for role in row["roles"]}
        self.assertEqual(len(roles), 9)
        for type, row in self.types.items():
            for role in sorted(roles):
                acts = {"role": role}
                if role in ("lead", "member"):
                    acts["organisation"] = "almelo"
                with self.subTest(type=type, role=role):
                    posted = self.sample(type, **(
                        {"werkplaats": "riool"} if type.startswith("news.pub") else {}))
                    if (type, role) == ("werkplaats.opened", "operator"):
                        refused = self.judge(posted, **{"as": acts})
                        self.assertEqual(refused["status"], "not-allowed")
                        # only what runs already is for the operator
                        posted["data"]["baseline"] = {"phase": "stopped", "basis": "stated",
                                                      "citation": "jaarplan"}
                    answer = self.judge(posted, **{"as": acts})
                    if role == "dashboard" and type in WHAT_IF:  # a question of a dry run
                        self.assertEqual(answer["status"], "ok", answer)
                        answer = self.daemon.post(posted, **{"as": acts})
                    if role in row["roles"]:
                        self.assertEqual(answer["status"], "ok", answer)
                    else:
                        self.assertEqual(answer["status"], "not-allowed")
                        self.assertEqual(answer["faults"][0]["field"], "as.role")
                        self.assertEqual(answer["faults"][0]["accepted"], ", ".join(row["roles"]))

    def test_can_says_beforehand_who_may_post(self):
        """What it is asked says less than an event: not what news is about, what runs already, or
        that a dry run lets others take part."""
        tried = 0
        for type in self.types:
            posted = self.sample(type)
            kind, entity = posted["subject"].split("/")
            asked = {"type": type, "region": posted["region"], "kind": kind, "entity": entity,
                     **({"member": posted["data"]["member"]} if "member" in posted["data"] else {})}
            for role in ("operator", "secretary", "lead", "member", "moderator", "reader"):
                for organisation in (None, "almelo", "losser", "twente", "system"):
                    acts = {"role": role}
                    acts.update({"organisation": organisation} if organisation else {})
                    if (role == "lead" and kind == "news" or type == "werkplaats.opened" or
                            role == "member" and type.startswith("participation.")):
                        continue
                    with self.subTest(type=type, acts=acts):
                        tried += 1
                        answer = self.daemon.ask("can", **asked, **{"as": acts})
                        self.assertEqual(answer["status"], "ok", answer)
                        faults = self.judge(posted, **{"as": acts}).get("faults", [])
                        denied = [fault for fault in faults if fault["status"] == "not-allowed"]
                        self.assertEqual(answer["allowed"], not denied, (answer, denied))
                        self.assertEqual(answer.get("faults", []), denied)
        self.assertGreater(tried, 1000)

    def test_a_lead_acts_on_the_werkplaatsen_that_its_organisation_leads(self):
        def judged(each, organisation):
            answer = self.judge(each, **{"as": {"role": "lead", "organisation": organisation}})
            return answer["status"], [fault["field"] for fault in answer.get("faults", [])]

        own = self.sample("werkplaats.updated", "riool")
        own["data"] = {"name": "Riolen"}  # one that almelo leads
        self.assertEqual(judged(own, "almelo"), ("ok", []))
        self.assertEqual(judged(own, "enschede"), ("not-allowed", ["as"]))
        self.assertEqual(judged(own, "losser"), ("not-allowed", ["as.organisation"]))  # it left
        self.assertEqual(judged(own, "ede"), ("not-allowed", ["as.organisation"]))
        about = self.sample("news.published", werkplaats="data")
        self.assertEqual(judged(about, "enschede"), ("ok", []))
        self.assertEqual(judged(about, "almelo"), ("not-allowed", ["as"]))
        moved = self.sample("news.corrected", "eerste", werkplaats="data")
        self.assertEqual(judged(moved, "almelo"), ("not-allowed", ["as"]))
        self.assertEqual(judged(moved, "enschede"), ("not-allowed", ["as"]))
        general = self.sample("news.published")
        del general["data"]["werkplaats" if "werkplaats" in general["data"] else "title"]
        general["data"]["title"] = "Voor allen"
        self.assertEqual(judged(general, "almelo"), ("not-allowed", ["as"]))

    def test_a_secretary_acts_in_its_own_region(self):
        news = self.sample("news.published")
        for role, status in [("secretary", "not-allowed"), ("moderator", "not-allowed")]:
            answer = self.judge(news, **{"as": {"role": role, "organisation": "veluwe"}})
            self.assertEqual(answer["status"], status)
            self.assertIn(answer["faults"][0]["field"], ("as.organisation", "as.role"))
        accepted = self.sample("contribution.accepted")
        answer = self.judge(accepted, **{"as": {"role": "moderator", "organisation": "veluwe"}})
        self.assertEqual([fault["field"] for fault in answer["faults"]], ["as.organisation"])
        self.assertEqual(self.judge(news, **{"as": {"role": "baas"}})["faults"][0]["field"],
                         "as.role")
        self.assertEqual(self.judge(news, **{"as": {"role": "lead"}})["faults"][0]["field"],
                         "as.organisation")


class Corrects(unittest.TestCase):
    def test_what_is_corrected_is_an_earlier_event_of_the_subject_and_type_and_once(self):
        with Daemon() as daemon:
            seqs = {}
            for each in one_of_each():
                seqs[(each["type"], each["subject"])] = daemon.post(each)["receipts"][0]["seq"]

            def post(number, corrects, dry=True):
                answer = daemon.post(event("member.renamed", "member/enschede", f"c{number}",
                                           corrects=corrects, data={"former": "Stad"}), dry=dry)
                return answer["status"], [fault["field"] for fault in answer.get("faults", [])]

            wrong = seqs[("member.renamed", "member/enschede")]
            refused = ("refused", ["corrects"])
            self.assertEqual(post(1, seqs[("member.joined", "member/enschede")]), refused)
            self.assertEqual(post(2, seqs[("news.corrected", "news/eerste")]), refused)
            self.assertEqual(post(3, daemon.head() + 1), refused)  # itself
            self.assertEqual(post(4, 2**62), refused)
            self.assertEqual(post(5, wrong, dry=False), ("ok", []))
            self.assertEqual(post(6, wrong), refused)  # was corrected already
            self.assertEqual(post(7, daemon.head()), ("ok", []))  # the correction itself
            zero = daemon.post(event("member.renamed", "member/enschede", "c8", corrects=0,
                                     data={"former": "Stad"}), dry=True)
            self.assertNotEqual(zero["status"], "ok")  # no event has the number 0


if __name__ == "__main__":
    unittest.main()
