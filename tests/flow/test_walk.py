#!/usr/bin/python3
"""A random walk: the daemon and the model of the rules must give every event the same answer.

The seed is printed; WATERNET_SEED repeats a walk, WATERNET_EVENTS sets its length.
"""

import collections
import copy
import os
import pprint
import random
import re
import sys
import unittest

import msgpack

from harness import Daemon, curve, event, waternetd
from model import (BOARDS, DEFAULTS, KEYS, LISTS, MOST_CENTS, OF_MEMBER, OF_SYSTEM, OF_WERKPLAATS,
                   OTHER_BOARDS, PROTO, SINGLE, SYSTEM, TYPES, WAY, WHOLE, Model, can_carry,
                   private_names, shares, stands)

EVENTS = int(os.environ.get("WATERNET_EVENTS", 20_000))
WINDOW = 64        # requests on their way at once
ERA = 2_000        # events until other regions come: records stay small
STATE_EVERY = 500  # events between two looks at all records of the regions that live
LEAST = 20         # of each event type accepted, of each guard refused

MEMBERS = {"almelo": "municipality", "borne": "municipality", "enschede": "municipality",
           "losser": "municipality", "vechtstromen": "water-board", "overijssel": "province"}
BODIES = ["platform", "kern", "overleg", "adviesgroep"]
WERKPLAATSEN = [f"w{number}" for number in range(14)]
NAMES = {"member": list(MEMBERS), "body": BODIES, "werkplaats": WERKPLAATSEN,
         "partner": ["saxion", "utwente", "kienhuis"], "goal": ["kosten", "kwaliteit", "uitval"],
         "cost-key": ["waterwinst", "tweede"], "year-programme": ["2026", "2027"],
         "news": [f"n{number}" for number in range(12)],
         "contribution": [f"c{number}" for number in range(10)],
         "subscription": [f"s{number}" for number in range(8)],
         "key": [f"k{number}" for number in range(8)]}
SECTORS = ["business", "education", "government", "research"]
UNITS = ["eur-cent", "storingen"]
DAYS = ["2015", "2015-03", "2015-Q3", "2015-03-19", "2026-11-24"]
TEXTS = ["Kort.", "Regel een.\nRegel twee.", "Gemeente Hof van Twente zegt ja."]

# How often a type is tried when nothing in particular is aimed at.
WEIGHTS = {"werkplaats.phase-changed": 14, "participation.declared": 7, "participation.ended": 4,
           "decision.taken": 8, "costs.allocated": 8, "cost-key.adopted": 5,
           "werkplaats.opened": 6, "werkplaats.plan-adopted": 5, "measurement.recorded": 4,
           "werkplaats.feasibility-concluded": 4, "goal.set": 3, "news.published": 3,
           "member.left": 1.3, "region.registered": 0.3, "subscription.created": 3,
           "contribution.submitted": 3, "news.withdrawn": 1, "subscription.ended": 1,
           "subscription.paused": 3, "subscription.resumed": 3, "key.added": 3, "role.granted": 7,
           "role.withdrawn": 3, "key.retired": 1, "key.revoked": 1, "private.erased": 4}

# What a young region gets first, and how many of each.
FOUNDING = {"member.joined": 4, "werkplaats.opened": 3, "body.established": 3, "goal.set": 1,
            "cost-key.adopted": 1, "partner.registered": 1, "news.published": 2,
            "contribution.submitted": 1, "subscription.created": 2, "key.added": 2}


class Walk:
    """Makes requests, asks the model for their answers, and compares those of the daemon."""

    def __init__(self, daemon, seed, count):
        self.daemon, self.seed, self.count = daemon, seed, count
        self.command = daemon.socket("command")
        self.random = random.Random(seed)
        self.model = Model()
        self.regions, self.era, self.number, self.posted = [], 0, 0, 0
        self.curves = collections.deque(maxlen=20)
        self.recent = collections.defaultdict(lambda: collections.deque(maxlen=6))
        self.past = collections.deque(maxlen=300)
        self.threads = collections.defaultdict(lambda: collections.deque(maxlen=12))
        self.accepted, self.guards, self.statuses = (collections.Counter() for _ in range(3))
        self.moved = collections.Counter()  # joined or left during execution (G9)

    # The walk -----------------------------------------------------------------------------------

    def run(self):
        look = STATE_EVERY
        while self.posted < self.count:
            era = self.posted // ERA
            regions = [f"r{era}", f"r{era + 1}", f"s{era}"]
            if regions != self.regions:
                self.compare_state()
                self.compare_parts()
                self.leave({*self.regions, SYSTEM} - {*regions})
                self.regions, self.era = regions, era
            self.window()
            if self.posted >= look:
                look += STATE_EVERY
                self.compare_state()
        self.compare_state()
        self.compare_parts()

    def leave(self, regions):
        """Regions in which nothing will happen any more, and of which nothing need be kept."""
        for path in [path for path in self.model.records if path[0] in regions]:
            if path[0] == SYSTEM and path[2] in NAMES["key"]:
                continue  # got there by a mistake of spoil(): a few
            del self.model.records[path]
            self.threads.pop(path, None)
        for key in [key for key in self.recent if key[1][0] in regions]:
            del self.recent[key]

    def window(self):
        waiting, allocations = {}, []
        for _ in range(WINDOW):
            events, acts, dry = self.request()
            verdict = self.model.post(copy.deepcopy(events), acts, dry)
            self.remember(events, acts, dry, verdict)
            fields = {"events": events, **({"as": acts} if acts else {}),
                      **({"dry": True} if dry else {})}
            waiting[self.command.send("post", **fields)] = (self.posted, fields, verdict)
            self.posted += len(events)
        for _ in range(len(waiting)):
            answer = self.command.receive()
            if answer is None:
                raise AssertionError(f"no answer; seed {self.seed}\n{self.daemon.log_text()}")
            posted, fields, verdict = waiting.pop(answer["number"])
            if not self.same(answer, verdict):
                self.fail(posted, fields, answer, verdict)
            if verdict["status"] == "ok" and not fields.get("dry"):
                allocations += [(posted, fields, each, receipt) for each, receipt
                                in zip(fields["events"], verdict["receipts"]) if receipt["shares"]]
        for posted, fields, each, receipt in allocations:
            stored = msgpack.unpackb(self.daemon.ask("find", id=each["id"])["event"])
            if stored["data"]["shares"] != receipt["shares"]:
                self.fail(posted, fields, stored, receipt)

    def remember(self, events, acts, dry, verdict):
        self.statuses[verdict["status"]] += 1
        if verdict["status"] != "ok":
            self.guards.update({guard for _, guard, _ in verdict["faults"] if guard})
            return
        if dry:
            return
        self.past.append((events, acts))
        for each, receipt in zip(events, verdict["receipts"]):
            if receipt["duplicate"]:
                self.accepted["(duplicate)"] += 1
                continue
            self.accepted[each["type"]] += 1
            path = Model.path(each)
            self.recent[each["type"], path].append(receipt["seq"])
            self.threads[path].append((receipt["seq"], each))
            if (each["type"].startswith("participation.") and
                    self.model.get(*path)["fields"]["phase"] == "execution"):
                self.moved[each["type"]] += 1

    @staticmethod
    def same(answer, verdict):
        if answer["status"] != verdict["status"]:
            return False
        if answer["status"] != "ok":
            told = {(fault["status"], fault.get("guard", 0), fault.get("field", ""))
                    for fault in answer["faults"]}
            if answer["status"] == "malformed":  # of what is not well-formed, form alone
                told = {fault for fault in told if fault[0] == "malformed"}
            return told == verdict["faults"] and answer.get("index", 0) == verdict["index"]
        receipts = [(each["seq"], each["duplicate"], bool(each["warnings"]))
                    for each in answer["receipts"]]
        expected = [(each["seq"], each["duplicate"], each["warnings"])
                    for each in verdict["receipts"]]
        if receipts != expected:
            return False
        return "events" not in answer or all(
            msgpack.unpackb(each)["data"].get("shares") == receipt["shares"]
            for each, receipt in zip(answer["events"], verdict["receipts"])
            if not receipt["duplicate"])

    def fail(self, posted, fields, answer, verdict):
        thread = [entry for each in fields["events"] if "subject" in each and "region" in each
                  for entry in self.threads.get(tuple(f"{each['region']}/{each['subject']}"
                                                      .split("/")), [])]
        raise AssertionError("\n".join(
            [f"seed {self.seed}, event {posted} of {self.count}", "posted:",
             pprint.pformat(fields, width=150), "the daemon:", pprint.pformat(answer, width=150),
             "the model:", pprint.pformat(verdict, width=150), "earlier events of the subject:",
             *(f"{seq}: {each}" for seq, each in thread)]))

    # The state ----------------------------------------------------------------------------------

    def compare_state(self):
        for region in [*self.regions, SYSTEM]:
            # The system's keys of earlier eras come first, and are not looked at again.
            theirs, more = {}, {"from": f"{SYSTEM}/key/{self.names(SYSTEM, 'key')[0]}"} if region == SYSTEM else {}
            while more is not None:
                answer = self.daemon.ask("list", region=region, **more)
                assert answer["status"] == "ok", answer
                theirs.update((tuple(entity["path"].split("/")), entity["record"])
                              for entity in answer["entities"])
                more = {"from": answer["next"]} if "next" in answer else None
            ours = {path: record for path, record in self.model.records.items()
                    if path[0] == region}
            assert set(theirs) == set(ours), f"seed {self.seed}: {set(theirs) ^ set(ours)}"
            for path, record in ours.items():
                if comparable(theirs[path]) != plain(record):
                    self.fail_state(path, comparable(theirs[path]), plain(record))

    def compare_parts(self):
        """Every private part is there but the erased ones."""
        theirs = {int(part.name) for part in (self.daemon.data / "private").iterdir()}
        assert theirs == self.model.parts, f"seed {self.seed}: {theirs ^ self.model.parts}"

    def fail_state(self, path, theirs, ours):
        def differing(theirs, ours):
            return {name: (theirs.get(name), ours.get(name)) for name in {*theirs, *ours}
                    if theirs.get(name) != ours.get(name)}
        found = differing(theirs, ours)
        if "fields" in found:
            found["fields"] = differing(theirs["fields"], ours["fields"])
        raise AssertionError("\n".join(
            [f"seed {self.seed}, record {path}, (the daemon's, the model's):",
             pprint.pformat(found, width=150), "its events:",
             *(f"{seq}: {each}" for seq, each in self.threads[path])]))

    # Requests -----------------------------------------------------------------------------------

    def chance(self, share):
        return self.random.random() < share

    def request(self):
        """(events, as or None, whether dry)"""
        if self.past and self.chance(0.04):
            return self.repeated()
        if self.chance(0.06):
            events, acts = self.several()
        else:
            each, acts = self.one()
            events = [each]
        return events, acts, self.chance(0.06)

    def repeated(self):
        events, acts = copy.deepcopy(self.random.choice(self.past))
        what = self.random.randrange(6)
        private = [each for each in events if private_names(each)]
        if private and self.chance(0.5):
            self.change_private(self.random.choice(private))
        elif what == 0:
            events[-1]["data"] = {**events[-1]["data"], "reason": "Anders."}
        elif what == 1:
            events[0]["expect"] = self.random.randrange(3)
        elif what == 2:
            acts = {"role": "member", "organisation": self.random.choice(list(MEMBERS))}
        elif what == 3:
            each, _ = self.one()
            events.append(each)
        elif what == 4 and len(events) > 1:
            events.reverse()
        return events, acts, self.chance(0.2)

    def change_private(self, each):
        """Of a repeated event, what counts only as long as it is not erased."""
        name = self.random.choice(sorted(private_names(each)))
        if name in ("sender", "secret") or each["type"].endswith(".changed") and self.chance(0.5):
            del each["data"][name]
        else:
            each["data"][name] = "Anders gezegd."

    def several(self):
        """Some events that fit together or do not; each is made as if it came first."""
        if self.chance(0.4):  # what if they join?
            found = self.what_if()
            if found:
                return found, None
        made = [self.one() for _ in range(self.random.randint(2, 4))]
        acts = self.random.choice(made)[1]
        if self.chance(0.6):
            made, acts = [each for each in made if each[1] is None] or made[:1], None
        return [each for each, _ in made], acts

    def what_if(self):
        region, name = self.random.choice(self.regions), self.random.choice(WERKPLAATSEN)
        record = self.model.get(region, "werkplaats", name)
        if not record:
            return None
        joining = self.random.sample(list(MEMBERS), 2)
        more = {} if self.chance(0.7) else {"reference": "brief 7"}
        events = [self.event("participation.declared", region, name, {"member": member}, **more)
                  for member in joining]
        key = self.good_key(region, joining + self.participants(record))
        return events + [self.event("costs.allocated", region, name, {
            "purpose": "execution", "amount": 100_001, "key": key[0], "version": key[1]})]

    def one(self):
        """A plausible event and who posts it, now and then with something wrong."""
        region = self.random.choice(self.regions)
        found = self.toward(region) if self.chance(0.5) else None
        if found is None:
            region = SYSTEM if self.chance(0.05) else region
            type = self.choose_type(region)
            found = self.random_event(type, region)
        each, acts = found, self.poster(found)
        if self.chance(0.15):
            each, acts = self.spoil(each, acts)
        return each, acts

    def choose_type(self, region):
        if region == SYSTEM and self.chance(0.9):
            return self.random.choice([type for type in TYPES if TYPES[type]["kind"] == "key"])
        if not self.model.get(region, "region", region) and self.chance(0.95):
            return "region.registered"
        for type, least in FOUNDING.items():
            kind = TYPES[type]["kind"]
            alive = sum(stands(self.model.get(region, kind, name)) for name in NAMES[kind])
            if alive < least and self.chance(0.4):
                return type
        return self.random.choices(list(TYPES), [WEIGHTS.get(type, 2) for type in TYPES])[0]

    def event(self, type, region, entity, data, **more):
        """Of a type whose subject may be of any kind, entity is kind/entity."""
        self.number += 1
        kind = TYPES[type]["kind"]
        made = event(type, entity if kind == "any" else f"{kind}/{entity}", f"e{self.number}",
                     region, data=data, **more)
        for need in TYPES[type]["needs"]:
            made.setdefault(need, self.random.choice(DAYS) if need == "on" else "Verslag 2026-11")
        for name, value in (("on", self.random.choice(DAYS)), ("onbasis", "stated"),
                            ("ontext", "najaar"), ("citation", "Jaarplan"), ("reference", "Z-12")):
            dated = name not in ("onbasis", "ontext") or "on" in made
            if self.chance(0.1 if dated else 0.01):
                made.setdefault(name, value)
        return made

    # One step nearer to the next phase of some werkplaats.

    def toward(self, region):
        model = self.model
        open_ones = [(name, model.get(region, "werkplaats", name)) for name in WERKPLAATSEN]
        open_ones = [(name, record) for name, record in open_ones
                     if record and record["fields"]["phase"] in WAY[:-1]]
        if not open_ones:
            return None
        name, record = open_ones[-1] if self.chance(0.5) else self.random.choice(open_ones)
        fields, phase = record["fields"], record["fields"]["phase"]
        to = WAY[WAY.index(phase) + 1]
        if phase == "execution" and self.chance(0.6):  # the participants change meanwhile
            type = self.random.choice(["participation.declared", "participation.ended"])
            return self.random_event(type, region, name)
        lacking = getattr(self, f"lacking_{to}")(region, fields) if self.chance(0.88) else None
        if lacking:
            type, data = lacking
            if type == "cost-key.adopted":
                return self.event(type, region, data.pop("key"), data)
            if "member" in data and not stands(model.get(region, "member", data["member"])):
                return self.event("member.joined", region, data["member"],
                                  {"name": "Weer lid", "kind": MEMBERS[data["member"]]})
            return self.event(type, region, name, data)
        return self.event("werkplaats.phase-changed", region, name, {"from": phase, "to": to})

    def lacking_research(self, region, fields):
        plan = fields.get("plan")
        if not plan or len(plan["data"]["pillars"]) < 2 or not plan["data"]["goals"]:
            return "werkplaats.plan-adopted", self.plan(region, whole=True)
        return None

    def lacking_preparation(self, region, fields):
        if "feasibility" not in fields or fields["feasibility"]["data"]["outcome"] == "negative":
            return "werkplaats.feasibility-concluded", {"outcome": "positive"}
        if not fields.get("participants"):
            return "participation.declared", {"member": self.member(region)}
        return self.lacking_research(region, fields)

    def lacking_execution(self, region, fields):
        before = self.lacking_preparation(region, fields)
        if before:
            return before
        participants = self.participants({"fields": fields})
        found = fields.get("allocations", {}).get(("execution",))
        if not found or set(found["data"]["shares"]) != set(participants):
            key, version = self.good_key(region, participants)
            if version == "nieuw":
                return "cost-key.adopted", {"key": key, **self.key_data(region, whole=True)}
            return "costs.allocated", {"purpose": "execution", "amount": self.amount(),
                                       "key": key, "version": version}
        for member, share in found["data"]["shares"].items():
            decision = fields.get("decisions", {}).get((member, "financial", "execution"))
            if (not decision or decision["data"]["outcome"] == "negative" or
                    decision["data"]["amount"] < share):
                return "decision.taken", {
                    "member": member, "board": self.board(region, member), "kind": "financial",
                    "purpose": "execution", "outcome": "positive", "amount": max(share, 1)}
        return None

    def lacking_aftercare(self, region, fields):
        return None if "results" in fields else ("werkplaats.result-delivered", {"title": "Kaart"})

    def lacking_completed(self, region, fields):
        bodies = [(name, self.model.get(region, "body", name)) for name in BODIES]
        cores = [name for name, record in bodies if record and "core_of" in record["fields"] and
                 record["fields"]["level"] == "administrative"]
        shown = fields["evaluation"]["data"]["presented_to"] if "evaluation" in fields else None
        if cores and shown not in cores:
            return "werkplaats.evaluated", {"summary": "Geleerd.",
                                            "presented_to": self.random.choice(cores)}
        return None

    # Values -------------------------------------------------------------------------------------

    def names(self, region, kind):
        """Those in use; the region system goes on, and its keys are others in every era."""
        if (region, kind) == (SYSTEM, "key"):
            return [f"{self.era:06}-{name}" for name in NAMES[kind]]
        return NAMES[kind]

    def name(self, region, kind, there=0.92):
        """An entity of the kind, mostly one that stands."""
        names = self.names(region, kind)
        kept = [name for name in names if stands(self.model.get(region, kind, name))]
        return self.random.choice(kept if kept and self.chance(there) else names)

    def member(self, region):
        return self.name(region, "member", 0.95)

    @staticmethod
    def participants(record):
        return [member for member, in record["fields"].get("participants", {})]

    def amount(self):
        return self.random.choice([1, 2, 100, 1_000_000, self.random.randint(1, 10**9),
                                   self.random.randint(1, MOST_CENTS)])

    def text(self):
        return self.random.choice(TEXTS)

    def board(self, region, member):
        record = self.model.get(region, "member", member)
        kind = record["fields"]["kind"] if record else "municipality"
        right = BOARDS.get(kind, OTHER_BOARDS)
        every = [*BOARDS["municipality"], *OTHER_BOARDS]
        return self.random.choice(sorted(right if self.chance(0.9) else every))

    def some(self, names, most=3):
        names = sorted(set(names))
        return sorted(self.random.sample(names, self.random.randint(1, min(most, len(names)))))

    def maybe(self, share=0.3, **fields):
        """Each field with some chance; a value may be a function that makes it."""
        return {name: value() if callable(value) else value for name, value in fields.items()
                if self.chance(share)}

    def subset(self, *names):
        return {name: self.text() for name in names if self.chance(0.85)}

    def plan(self, region, whole=False):
        goals = {} if self.chance(0.1) and not whole else {"cost": self.text(),
                                                          **self.maybe(quality=self.text)}
        pillars = ({"doing": "Samen.", "interest": "Allen."} if whole else
                   self.subset("doing", "interest"))
        sectors = ["government"] if self.chance(0.25) else self.some(SECTORS, 4)
        return {"version": f"v{self.random.randint(1, 9)}", "pillars": pillars, "goals": goals,
                "sectors": sectors, **self.maybe(
                    0.2, document="https://example.org/plan",
                    partners=lambda: self.some([self.name(region, "partner") for _ in "12"]),
                    adopted_by=lambda: self.name(region, "body"))}

    def key_data(self, region, whole=False):
        alive = [name for name in MEMBERS if stands(self.model.get(region, "member", name))]
        listed = (alive if alive and (whole or self.chance(0.6)) else
                  self.some(alive or ["almelo"], 5))
        weights = {name: self.random.choice([0, 1, 2, 3, 100, 10**9]) for name in listed}
        data = {"version": f"v{self.number}" if self.chance(0.7) else f"v{self.number % 4}",
                "method": "weights", "weights": weights, "valid_from": "2026"}
        if self.chance(0.5) and len(weights) > 1:
            fixed = self.some(list(weights)[1:])
            part = self.random.choice([WHOLE, 300_000, 333_333])
            data.update(method="fixed+weights",
                        fixed={name: part // len(fixed) for name in fixed})
            for name in fixed:
                del weights[name]
        return data

    def good_key(self, region, participants):
        """(key, version) that can split over them; version "nieuw" if there is none."""
        found = [(name, version) for name in NAMES["cost-key"]
                 for (version,), item in (self.model.get(region, "cost-key", name) or
                                          {"fields": {"versions": {}}})["fields"]["versions"].items()
                 if can_carry(item["data"], participants)]
        return self.random.choice(found) if found else (self.name(region, "cost-key"), "nieuw")

    def any_key(self, region):
        key = self.name(region, "cost-key")
        record = self.model.get(region, "cost-key", key)
        versions = [version for version, in record["fields"]["versions"]] if record else []
        return key, self.random.choice(versions) if versions and self.chance(0.9) else "v99"

    def path(self, region):
        kind = self.random.choice(sorted(NAMES))
        return f"{kind}/{self.name(region, kind)}"

    def random_event(self, type, region, name=None):
        kind = TYPES[type]["kind"]
        effect = TYPES[type]["effect"]
        if name:
            pass
        elif kind == "region":
            name = region
        elif kind == "any":
            name = self.erasable(region)
        elif effect == "open" and self.chance(0.85):
            names = self.names(region, kind)
            free = [name for name in names if not stands(self.model.get(region, kind, name))]
            name = self.random.choice(free or names)
        else:
            name = self.name(region, kind, 0.95)
        path = (region, *(name.split("/") if kind == "any" else (kind, name)))
        record = self.model.get(*path)
        make = getattr(self, "make_" + type.replace(".", "_").replace("-", "_"))
        data, more = make(region, name, record), {}
        wrong = self.recent.get((type, path))
        if wrong and self.chance(0.25):
            more["corrects"] = wrong[-1] if self.chance(0.5) else self.random.choice(wrong)
            if type == "werkplaats.phase-changed" and self.chance(0.8):
                last = record["fields"]["phases"][-1]["data"]
                data = {**data, "from": last["from"]}
        if record and self.chance(0.1):
            more["expect"] = record["version"] if self.chance(0.6) else self.random.randrange(9)
        if type.startswith(("participation.", "decision.")) and self.chance(0.6):
            more["reference"] = "brief 12"
        return self.event(type, region, name, data, **more)

    # What each type carries.

    def make_region_registered(self, region, name, record):
        return {"name": region, **self.maybe(status="beta", description=self.text)}

    def make_region_updated(self, region, name, record):
        return self.maybe(0.4, contact="secretaris, post@example.org", status="established",
                          record_keeper=lambda: self.member(region),
                          homepage="https://example.org", source_id="00000099000000000000")

    def make_member_joined(self, region, name, record):
        return {"name": name.title(), "kind": MEMBERS[name], **self.maybe(
            code="gm0141", inhabitants={"count": 73175, "on": "2020", "citation": "CBS"})}

    def make_member_renamed(self, region, name, record):
        return self.maybe(0.5, name="Nieuw", former="Oud",
                          kind=lambda: self.random.choice([MEMBERS[name], "drinking-water"]))

    def make_reason(self, region, name, record):
        return self.maybe(0.5, reason=self.text)

    make_member_left = make_news_withdrawn = make_reason
    make_subscription_paused = make_subscription_ended = make_reason

    def make_nothing(self, region, name, record):
        return {}

    make_subscription_confirmed = make_subscription_resumed = make_nothing

    def make_partner_registered(self, region, name, record):
        return {"name": name.title(), "sector": self.random.choice(SECTORS)}

    def make_body_established(self, region, name, record):
        return {"name": name.title(), **self.maybe(0.7, core_of=lambda: self.name(region, "body")),
                "level": "administrative" if self.chance(0.7) else "official"}

    def make_seat_assigned(self, region, name, record):
        return {"member": self.member(region),
                "function": self.random.choice(["lid", "voorzitter", "Lid, mede namens"]),
                **self.maybe(on_behalf_of=lambda: self.some([self.member(region) for _ in "12"]))}

    def make_seat_vacated(self, region, name, record):
        seats = list(record["fields"].get("seats", {})) if record else []
        member, function = (self.random.choice(seats) if seats and self.chance(0.85) else
                            (self.member(region), "lid"))
        return {"member": member, "function": function, **self.maybe(reason=self.text)}

    def make_goal_set(self, region, name, record):
        return {"frame": self.random.choice(["3k", "4b"]), "dimension": "cost", "target": "14.3",
                "unit": self.random.choice(UNITS), "year": 2020}

    def make_measurement_recorded(self, region, name, record):
        right = record["fields"]["targets"][-1]["data"]["unit"] if record else "eur-cent"
        return {"kind": self.random.choice(["realised", "programmed", "forecast"]),
                "value": "-0.5", "unit": right if self.chance(0.9) else self.random.choice(UNITS),
                **self.maybe(0.5, member=lambda: self.member(region)),
                **self.maybe(werkplaats=lambda: self.name(region, "werkplaats"))}

    def make_werkplaats_opened(self, region, name, record):
        phase = self.random.choice([*WAY, "stopped"] if self.chance(0.3) else WAY[:-2])
        kind = "ongoing" if self.chance(0.12) else "project"
        phase = "ongoing" if (kind == "ongoing") != self.chance(0.08) else phase
        return {"name": name, "kind": kind, **self.subset("theme", "common_interest"),
                **self.maybe(0.8, leads=lambda: self.some([self.member(region) for _ in "12"])),
                **self.maybe(0.2, parent=lambda: self.name(region, "werkplaats")),
                **self.maybe(0.25, baseline={"phase": phase, "basis": "inferred",
                                             "citation": "Jaarplan"})}

    def make_werkplaats_updated(self, region, name, record):
        return self.maybe(0.4, name="Anders", theme="Nieuw onderwerp",
                          parent=lambda: self.name(region, "werkplaats"),
                          leads=lambda: self.some([self.member(region) for _ in "12"]))

    def make_werkplaats_plan_adopted(self, region, name, record):
        return self.plan(region)

    def make_werkplaats_feasibility_concluded(self, region, name, record):
        return {"outcome": "positive" if self.chance(0.6) else "negative",
                **self.maybe(note=self.text)}

    def make_werkplaats_phase_changed(self, region, name, record):
        present = record["fields"]["phase"] if record else "idea"
        every = [*WAY, "stopped", "ongoing"]
        if present in WAY[:-1] and self.chance(0.5):
            to = self.random.choice(WAY[1:-1])
        else:
            to = self.random.choice(every)
        if to == "stopped" and self.chance(0.5):
            to = "idea"
        return {"from": present if self.chance(0.93) else self.random.choice(every), "to": to,
                **self.maybe(0.7, reason=self.text)}

    def make_werkplaats_advice_given(self, region, name, record):
        return {"priority": "high", "note": self.text(), **self.maybe(feasibility=self.text)}

    def make_werkplaats_result_delivered(self, region, name, record):
        return {"title": "Rapport", **self.maybe(meaning=self.text, goals={"cost": "Minder."})}

    def make_werkplaats_evaluated(self, region, name, record):
        return {"summary": self.text(), "presented_to": self.name(region, "body")}

    def make_participation_declared(self, region, name, record):
        return {"member": self.member(region)}

    def make_participation_ended(self, region, name, record):
        inside = self.participants(record) if record else []
        return {"member": self.random.choice(inside) if inside and self.chance(0.85) else
                self.member(region), **self.maybe(reason=self.text)}

    def make_cost_key_adopted(self, region, name, record):
        return self.key_data(region)

    def make_costs_allocated(self, region, name, record):
        inside = self.participants(record) if record else []
        key, version = (self.good_key(region, inside) if self.chance(0.6) else
                        self.any_key(region))
        return {"purpose": self.random.choice(["preparation", "execution"]),
                "amount": self.amount(), "key": key, "version": version,
                **self.maybe(decide_by="2027-Q1")}

    def make_decision_taken(self, region, name, record):
        inside = self.participants(record) if record else []
        member = (self.random.choice(inside) if inside and self.chance(0.6) else
                  self.member(region))
        if self.chance(0.06):
            member = self.random.choice([*BODIES, "nergens"])
        data = {"member": member, "board": self.board(region, member), "kind": "substantive",
                "outcome": "positive" if self.chance(0.8) else "negative"}
        if self.chance(0.7):
            data.update(kind="financial", amount=self.amount(),
                        purpose=self.random.choice(["preparation", "execution"]))
        return data

    def make_year_programme_adopted(self, region, name, record):
        return {"werkplaatsen": self.some([self.name(region, "werkplaats") for _ in "123"]),
                "by": self.name(region, "body")}

    def make_news_published(self, region, name, record):
        return {"title": name, "summary": self.text(), **self.maybe(
            0.6, werkplaats=lambda: self.name(region, "werkplaats"))}

    def make_news_corrected(self, region, name, record):
        return self.maybe(0.4, title="Beter", summary=self.text,
                          werkplaats=lambda: self.name(region, "werkplaats"))

    def make_contribution_submitted(self, region, name, record):
        return {"kind": "reaction", "text": self.text(), **self.maybe(
            about=lambda: self.path(region), sender={"email": "jan@example.org"})}

    def make_contribution_accepted(self, region, name, record):
        return {"text": self.text(), **self.maybe(
            credit="een inwoner",
            changed=lambda: self.some([self.path(region) for _ in "12"]))}

    def make_contribution_rejected(self, region, name, record):
        return {"reason": self.text()}

    def make_subscription_created(self, region, name, record):
        return {"channel": "mail", "address": "jan@example.org",
                "filter": self.maybe(
                    0.3, kinds=["news"], types=["news.published"],
                    werkplaatsen=lambda: self.some([self.name(region, "werkplaats")])),
                **self.maybe(0.6, member=lambda: self.member(region)),
                **self.maybe(digest="weekly", language="en")}

    def make_subscription_changed(self, region, name, record):
        return self.maybe(0.4, digest="daily", channel="webhook", secret="geheim",
                          member=lambda: self.member(region), address="https://example.org/x")

    def make_key_added(self, region, name, record):
        if self.curves and self.chance(0.12):
            found = self.random.choice(self.curves)
        else:
            found = curve(self.number) if self.chance(0.7) else f"{self.number:035}%nSc0"
            self.curves.append(found)
        return {"curve": found, "organisation": self.random.choice(["almelo", region]),
                "label": "zaaksysteem"}

    make_key_retired = make_key_revoked = make_reason

    def make_role_granted(self, region, name, record):
        """Mostly what its role needs; each part of it is wrong now and then."""
        role = self.random.choice(["secretary", "moderator", "lead", "lead", "member", "member",
                                   *(["operator", "auditor"] if region == SYSTEM else [])])
        if self.chance(0.1):
            role = self.random.choice([*DEFAULTS, "baas"])
        where = SYSTEM if role in OF_SYSTEM else region
        if region == SYSTEM and where != SYSTEM and role in DEFAULTS or self.chance(0.08):
            where = self.random.choice([*self.regions, SYSTEM if self.chance(0.3) else region])
        if self.chance(0.03):
            where = "nergens"
        data = {"role": role, "region": where}
        if (role in OF_MEMBER) != self.chance(0.07):
            data["member"] = self.member(where)
        if self.chance(0.4 if role in OF_WERKPLAATS else 0.07):
            data["werkplaats"] = self.name(where, "werkplaats")
        return data

    def make_role_withdrawn(self, region, name, record):
        there = list((record or {"fields": {}})["fields"].get("roles", {}))
        if not there or self.chance(0.15):
            return self.make_role_granted(region, name, record)
        found = dict(zip(KEYS["roles"], self.random.choice(there)))
        return {name: value for name, value in found.items() if value is not None}

    def erasable(self, region):
        """A path, mostly of something that has private parts."""
        kind = self.random.choice(["contribution", "subscription"])
        return f"{kind}/{self.name(region, kind, 0.6)}" if self.chance(0.9) else self.path(region)

    def make_private_erased(self, region, path, record):
        thread = [seq for seq, _ in self.threads.get((region, *path.split("/")), [])]
        private = [seq for seq in thread if self.model.stored[seq - 1][3]]
        fresh = [seq for seq in private if seq not in self.model.erased]
        of = self.random.choice(
            fresh if fresh and self.chance(0.8) else private if private and self.chance(0.6) else
            thread if thread and self.chance(0.5) else [self.random.randint(0, self.model.head + 2)])
        return {"of": of, "reason": self.text()}

    # Who posts it -------------------------------------------------------------------------------

    def poster(self, each):
        if self.chance(0.45):
            return None
        if self.chance(0.07):
            return self.anyone(each["region"])
        row, region = TYPES[each["type"]], each["region"]
        role = self.random.choice(row["roles"])
        acts = {"role": role}
        record = self.model.get(*Model.path(each))
        if role == "member":
            fields = {**(record["fields"] if record else {}), **each["data"]}
            acts["organisation"] = fields.get("member", "almelo")
        elif role == "lead":
            if each["type"].startswith("news."):
                fields = {**(record["fields"] if record else {}), **each["data"]}
                record = self.model.get(region, "werkplaats", fields.get("werkplaats"))
            leads = record["fields"].get("leads", []) if record else []
            acts["organisation"] = self.random.choice(leads or list(MEMBERS))
        elif self.chance(0.3):
            acts["organisation"] = DEFAULTS[role].replace("<region>", region)
        return acts

    def anyone(self, region):
        return {"role": self.random.choice(list(DEFAULTS)),
                "organisation": self.random.choice([*MEMBERS, "system", *self.regions])}

    # What may be wrong ---------------------------------------------------------------------------

    def spoil(self, each, acts):
        each = copy.deepcopy(each)
        data = each["data"]
        what = self.random.randrange(10)
        names = list(data)
        if what == 0 and names:
            del data[self.random.choice(names)]
        elif what == 1 and names:
            data[self.random.choice(names)] = self.random.choice(
                [0, 7, -1, MOST_CENTS + 1, "nergens", [], {}, "", "  ", "x" * 40_000, True,
                 ["b", "a"]])
        elif what == 2:
            data[self.random.choice(["onbekend", "shares", "phase", "baseline", "reason"])] = "x"
        elif what == 3:
            for need in ("on", "citation", "reference"):
                each.pop(need, None)
        elif what == 4:
            each["on"] = self.random.choice(["2026-13", "gisteren", "2026-11-24", "2026-Q5"])
        elif what == 5:
            each["corrects"] = self.random.randint(self.random.randrange(2), self.model.head + 2)
        elif what == 6:
            each["subject"] = self.random.choice(["member/almelo", "werkplaats/w1", "body/kern"])
        elif what == 7:
            each["region"] = self.random.choice([*self.regions, "nergens", SYSTEM])
        elif what == 8:
            acts = self.anyone(each["region"])
        else:
            each["expect"] = self.random.choice([0, 1, self.model.head])
        return each, acts


# Records as they can be compared -----------------------------------------------------------------


def without_time(item):
    actor = {name: item["actor"].get(name) for name in ("organisation", "role")}
    return {**{name: value for name, value in item.items() if name != "time"}, "actor": actor}


def keyed(record):
    """The daemon's record with the items of slots under tuples of their keys."""
    fields = dict(record["fields"])
    for name in KEYS:
        if isinstance(fields.get(name), dict):
            items = fields[name].values()
            fields[name] = {tuple(item["data"].get(key) for key in KEYS[name]): item
                            for item in items}
            assert len(fields[name]) == len(items), items
    return {**record, "fields": fields}


def comparable(record):
    """The same as the model has it, without times."""
    fields = keyed(record)["fields"]
    for name, value in fields.items():
        if name in KEYS and isinstance(value, dict):
            fields[name] = {key: without_time(item) for key, item in value.items()}
        elif name in LISTS:
            fields[name] = [without_time(item) for item in value]
        elif name in SINGLE:
            fields[name] = without_time(value)
    return plain({**record, "fields": fields})


def plain(record):
    """Without slots in which nothing is left."""
    return {**record, "fields": {name: value for name, value in record["fields"].items()
                                 if value or name not in {*KEYS, *LISTS}}}


# Tests -------------------------------------------------------------------------------------------


def walk(count):
    seed = int(os.environ.get("WATERNET_SEED") or random.SystemRandom().randrange(10**9))
    print(f"WATERNET_SEED={seed}", flush=True)
    with Daemon() as daemon:
        made = Walk(daemon, seed, count)
        try:
            made.run()
            daemon.stop()
            verified = waternetd("verify", daemon.data)
            assert verified.returncode == 0, f"seed {seed}: {verified.stdout}{verified.stderr}"
        finally:
            print(dict(made.statuses), "guards:", sorted(made.guards.items()), dict(made.moved))
            print(", ".join(f"{type} {made.accepted[type]}" for type in [*TYPES, "(duplicate)"]),
                  flush=True)
    return made


class RandomWalk(unittest.TestCase):
    events = EVENTS

    def test_the_daemon_and_the_model_answer_alike(self):
        made = walk(self.events)
        least = LEAST if self.events >= 20_000 else 0
        self.assertEqual([type for type in TYPES if made.accepted[type] < least], [])
        # G9 refuses nothing: it lets members come and go during execution.
        self.assertEqual([guard for guard in range(1, 13)
                          if guard != 9 and made.guards[guard] < least], [])
        self.assertGreaterEqual(min(made.moved[type] for type in (
            "participation.declared", "participation.ended")), least)


class Rows(unittest.TestCase):
    def test_the_rows_say_what_the_rules_say(self):
        with Daemon() as daemon:
            rows = daemon.types()
        self.assertEqual(set(rows), set(TYPES))
        for type, row in rows.items():
            rule = TYPES[type]
            self.assertEqual((row["kind"], row["effect"], row.get("slot", "")),
                             (rule["kind"], rule["effect"], rule["slot"]), type)
            self.assertEqual(set(row["roles"]), set(rule["roles"]), type)

    def test_who_sees_what_stands_in_the_rows(self):
        rows = (PROTO / "events.def").read_text()
        seen = dict(re.findall(r'^EVENT\(.*?"([a-z.-]+)",.* (PUBLIC|MEMBERS),', rows, re.M))
        self.assertEqual({type: word.lower() for type, word in seen.items()},
                         {type: rule["visible"] for type, rule in TYPES.items()})


class Money(unittest.TestCase):
    # Inhabitants, and 10 000.00 euro split by them.
    CASE = {"almelo": (73175, 116002), "borne": (23489, 37236), "dinkelland": (26545, 42081),
            "enschede": (158918, 251927), "haaksbergen": (24275, 38482),
            "hellendoorn": (35959, 57004), "hengelo": (81047, 128481),
            "hof-van-twente": (35129, 55689), "losser": (22780, 36112),
            "oldenzaal": (31792, 50399), "rijssen-holten": (38227, 60600),
            "tubbergen": (21271, 33720), "twenterand": (33729, 53469), "wierden": (24474, 38798)}

    def test_the_worked_case_to_the_cent(self):
        expected = {member: share for member, (_, share) in self.CASE.items()}
        key = {"version": "v1", "method": "weights", "valid_from": "2026",
               "weights": {member: count for member, (count, _) in self.CASE.items()}}
        self.assertEqual(shares(1_000_000, key, list(self.CASE)), expected)
        with Daemon() as daemon:
            daemon.region(members=self.CASE)
            allocation = event("costs.allocated", "werkplaats/riool", "verdeeld", data={
                "purpose": "execution", "amount": 1_000_000, "key": "waterwinst", "version": "v1"})
            for each in [
                    event("werkplaats.opened", "werkplaats/riool", "geopend", data={
                        "name": "Riool", "kind": "project", "theme": "Vervanging",
                        "common_interest": "Samen goedkoper."}),
                    event("cost-key.adopted", "cost-key/waterwinst", "sleutel", data=key,
                          citation="CBS 2020"),
                    *(event("participation.declared", "werkplaats/riool", f"ook-{member}",
                            data={"member": member}, reference="brief") for member in self.CASE),
                    allocation]:
                answer = daemon.post(each)
                self.assertEqual(answer["status"], "ok", answer)
            stored = msgpack.unpackb(daemon.ask("find", id="verdeeld")["event"])
        self.assertEqual(stored["data"]["shares"], expected)

    def test_shares_sum_to_the_amount_in_any_order(self):
        dice = random.Random(7)
        for _ in range(10_000):
            members = [f"m{number}" for number in range(dice.randint(1, 15))]
            key = {"weights": {each: dice.choice([0, 1, 7, dice.randint(0, 10**9)])
                               for each in members}}
            if dice.random() < 0.5:
                fixed = dice.sample(members, dice.randint(1, len(members)))
                whole = dice.choice([WHOLE, dice.randint(0, WHOLE)])
                key["fixed"] = {each: whole // len(fixed) for each in fixed}
                key["fixed"][fixed[0]] += whole % len(fixed)
                for each in fixed:
                    del key["weights"][each]
            some = dice.sample(members, dice.randint(1, len(members)))
            if not can_carry(key, some):
                continue
            amount = dice.choice([1, 3, 100, dice.randint(1, 10**12)])
            split = shares(amount, key, some)
            self.assertEqual(sum(split.values()), amount)
            self.assertTrue(all(share >= 0 for share in split.values()))
            self.assertEqual(split, shares(amount, key, sorted(some)))


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    unittest.main()
