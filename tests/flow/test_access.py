#!/usr/bin/python3
"""Who may do what: every request and event type x role x relation x state of the key x transport."""

import itertools
import os
import socket as sockets
import time
import unittest

import msgpack
import zmq

from harness import Daemon, event, news, wait_for
from model import DEFAULTS, TYPES
from remote import Listening, new_key

SYSTEM_ROLES = [role for role, default in DEFAULTS.items() if default == "system"]
REGION_ROLES = [role for role, default in DEFAULTS.items() if default == "<region>"]
RELATIONS = ("own", "other", "none")
ANYONE = list(DEFAULTS)
BASELINE = {"phase": "execution", "basis": "stated", "citation": "jaarplan"}


def programme(region):
    """What the cells are about: two members, a werkplaats each and one of nobody's, and so on."""
    def of(type, subject, **data):
        more = {"on": "2026", "citation": "x"} if type in ("goal.set", "news.published") else {}
        return event(type, subject, f"{region}-{subject.replace('/', '-')}", region, data=data,
                     **more)

    yield of("region.registered", f"region/{region}", name=region)
    for member in ("enschede", "hengelo"):
        yield of("member.joined", f"member/{member}", name=member, kind="municipality")
    for name, leads in (("own", {"leads": ["enschede"]}), ("other", {"leads": ["hengelo"]}),
                        ("none", {})):
        yield of("werkplaats.opened", f"werkplaats/{name}", name=name, kind="project",
                 theme="t", common_interest="b", **leads)
        yield of("news.published", f"news/{name}", title="t", summary="s",
                 **({} if name == "none" else {"werkplaats": name}))
        member = {"own": {"member": "enschede"}, "other": {"member": "hengelo"}, "none": {}}[name]
        yield of("subscription.created", f"subscription/{name}", channel="mail", filter={},
                 address="a@example.org", **member)
    yield of("contribution.submitted", "contribution/een", kind="reaction", text="Geheim.",
             sender={"name": "Jan"})


# How a role is granted to a key, and who acts in it.
def grant_of(role):
    if role in SYSTEM_ROLES:
        return "system", {"role": role, "region": "system"}
    if role in REGION_ROLES:
        return "twente", {"role": role, "region": "twente"}
    return "twente", {"role": role, "region": "twente", "member": "enschede"}


def local_role(role):
    if role in SYSTEM_ROLES:
        return role
    return f"{role}:twente" if role in REGION_ROLES else f"{role}:twente/enschede"


def cell(type, role, relation):
    """The post of a cell: only what who may post it depends on. Its other faults do not matter, and
    its id is none, so that it is never stored."""
    kind = TYPES[type]["kind"]
    region = "anders" if relation == "other" and role in REGION_ROLES else "twente"
    about = relation if kind in ("werkplaats", "news", "subscription") else "nieuw"
    if role in REGION_ROLES + SYSTEM_ROLES and about != "nieuw":
        about = "own"
    subject = "contribution/een" if kind == "any" else f"{kind}/{about}"
    subject = f"region/{region}" if kind == "region" else subject
    data = {"member": {"own": "enschede", "other": "hengelo"}[relation]} if (
        relation != "none" and type in NAMES_MEMBER) else {}
    if type == "werkplaats.opened":
        subject, data = "werkplaats/nieuw", {"baseline": BASELINE}
    if type == "news.published":
        subject = "news/nieuw"
        data = {} if relation == "none" else {"werkplaats": relation}
    if type.startswith("subscription.") and type != "subscription.created":
        data = {}
    if type == "subscription.created":
        subject = "subscription/nieuw"
    says = {"role": role}
    if relation != "none" and role not in SYSTEM_ROLES:
        says["organisation"] = (region if role in REGION_ROLES else "enschede")
    return event(type, subject, f"cell {type}", region, data=data), says


NAMES_MEMBER = {"measurement.recorded", "participation.declared", "participation.ended",
                "decision.taken", "subscription.created"}


def may(type, role, relation):
    """The rules, not the rows: who may post what."""
    roles = TYPES[type]["roles"]
    if role not in roles or relation == "other" and role in REGION_ROLES:
        return False  # for another region it does not even speak
    if roles == ANYONE or role in SYSTEM_ROLES:
        return True
    return role in REGION_ROLES or relation == "own"


def is_refused(answer):
    return any(fault["status"] == "not-allowed" for fault in answer.get("faults", []))


class Matrix(unittest.TestCase):
    """The permission matrix, cell by cell, over real sockets. What is counted is printed."""

    def fill(self, daemon):
        for region in ("twente", "anders"):
            for each in programme(region):
                answer = daemon.post(each)
                self.assertEqual(answer["status"], "ok", answer)

    def expect_types(self, command, query, role, state, counted):
        """Every event type in every relation: the judgement of a post, and what `can` says."""
        for type, relation in itertools.product(TYPES, RELATIONS):
            post, says = cell(type, role, relation)
            expected = state == "active" and may(type, role, relation)
            answer = command.ask("post", events=[post], **{"as": says})
            with self.subTest(type, role=role, relation=relation, state=state):
                self.assertEqual(not is_refused(answer), expected, answer)
            counted["posts"] += 1
            if state == "revoked":
                continue
            self.expect_can(query, type, post, says, expected, (role, relation, state))
            counted["can"] += 1

    def expect_can(self, query, type, post, says, expected, where):
        """`can` says the same, where it can be asked: it knows no data but the member."""
        role, relation, state = where
        if set(post["data"]) - {"member"} or type == "news.published" and role == "lead":
            return
        kind, entity = post["subject"].split("/")
        claims = state == "active" and not (relation == "other" and role in REGION_ROLES)
        answer = query.ask("can", type=type, region=post["region"], kind=kind, entity=entity,
                           **post["data"], **({"as": says} if claims else {}))
        with self.subTest(f"can {type}", role=role, relation=relation, state=state):
            # Without a claim it may still be allowed as a reader.
            as_reader = not claims and state == "active" and TYPES[type]["roles"] == ANYONE
            self.assertEqual(answer.get("allowed"), expected or as_reader, answer)

    def expect_questions(self, query, role, state, counted):
        """Every question: whoever is let in may ask it, private parts are for their readers."""
        questions = {
            "hello": {"protocol": 1}, "types": {}, "status": {}, "whoami": {}, "list": {},
            "get": {"region": "twente", "kind": "member", "entity": "enschede"},
            "read": {"prefix": "/", "after": 0}, "find": {"id": "twente-member-enschede"},
            "next": {"region": "twente"}, "gaps": {"region": "twente"},
            "history": {"region": "twente", "kind": "member", "entity": "enschede"},
            "can": {"type": "region.updated", "region": "twente"}}
        for request, fields in questions.items():
            answer = query.ask(request, **fields)
            with self.subTest(request, role=role, state=state):
                self.assertEqual(answer["status"], "not-allowed" if state == "revoked" else "ok")
            counted["questions"] += 1
        handles = role in ("operator", "secretary", "moderator", "notifier")
        own = "twente" if role in REGION_ROLES else None
        for region in ("twente", "anders"):
            expected = state == "active" and handles and own in (None, region)
            answer = query.ask("inbox", region=region)
            with self.subTest("inbox", role=role, region=region, state=state):
                self.assertEqual(answer["status"], "ok" if expected else "not-allowed", answer)
            counted["private"] += 1
        self.expect_private(query, role, state, own, counted)

    def expect_private(self, query, role, state, own, counted):
        for region, path in itertools.product(("twente", "anders"), (
                "contribution/een", "subscription/own", "subscription/other",
                "subscription/none")):
            id = f"{region}-{path.replace('/', '-')}"
            readers = {"operator", "secretary", "notifier"}
            readers |= {"moderator"} if path.startswith("contribution") else set()
            readers |= {"member"} if path == "subscription/own" and region == "twente" else set()
            expected = state == "active" and role in readers and (
                own in (None, region) and (role in SYSTEM_ROLES or region == "twente"))
            answer = query.ask("private", seq=self.seqs[id])
            with self.subTest("private", role=role, region=region, path=path, state=state):
                self.assertEqual(answer["status"], "ok" if expected else "not-allowed", answer)
                if expected and path.startswith("subscription"):
                    self.assertEqual(answer["private"], {"address": "a@example.org"})
            counted["private"] += 1

    def number(self, daemon):
        """The sequence number of every event, by id."""
        self.seqs = {one["id"]: one["seq"] for one in map(msgpack.unpackb, daemon.read())}

    def test_keys_may_what_their_roles_say_and_no_more(self):
        counted = dict.fromkeys(("posts", "can", "questions", "private"), 0)
        with Listening() as daemon:
            self.fill(daemon)
            self.number(daemon)
            connections = []
            for role, state in itertools.product(DEFAULTS, ("active", "retired", "revoked")):
                region, grant = grant_of(role)
                key = daemon.add_key(f"{role}-{state}", "enschede", grant, region=region)
                command, query = daemon.remote("command", key), daemon.remote("query", key)
                self.assertEqual(query.ask("whoami")["state"], "active")
                self.assertEqual(command.ask("nothing")["status"], "malformed")
                connections.append((role, state, region, key, command, query))
            for role, state, region, *_ in connections:
                if state != "active":  # the connections stay: each message is judged by itself
                    daemon.end_key(state, f"{role}-{state}", region)
            for role, state, _, key, command, query in connections:
                self.expect_types(command, query, role, state, counted)
                self.expect_questions(query, role, state, counted)
        print(f"tcp cells: {counted}", flush=True)

    def test_local_users_may_what_the_configuration_says_and_no_more(self):
        counted = dict.fromkeys(("posts", "can", "questions", "private"), 0)
        with Daemon() as daemon:
            self.fill(daemon)
            self.number(daemon)
            for role in DEFAULTS:
                daemon.stop()
                daemon.options = ["--local-roles", f"{os.getuid()}={local_role(role)}"]
                daemon.start()
                command, query = daemon.socket("command"), daemon.socket("query")
                roles = [each["role"] for each in query.ask("whoami")["roles"]]
                self.assertEqual(roles, [role, "reader"])
                self.expect_types(command, query, role, "active", counted)
                self.expect_questions(query, role, "active", counted)
        print(f"ipc cells: {counted}", flush=True)


class Claims(unittest.TestCase):
    """What `as` may say, and what holds without it."""

    def setUp(self):
        self.daemon = Listening()
        self.daemon.start()
        self.addCleanup(self.daemon.__exit__, None)
        self.daemon.region(members=("enschede", "hengelo", "dinkelland"))
        self.daemon.accepted(event("werkplaats.opened", "werkplaats/riool", "w",
                                   data={"name": "R", "kind": "project", "theme": "t",
                                         "common_interest": "b", "leads": ["enschede"]}))

    def declare(self, key, member, id=None, **fields):
        command = self.daemon.remote("command", key)
        return command.ask("post", events=[event(
            "participation.declared", "werkplaats/riool", id or f"d-{member}",
            data={"member": member})], **fields)

    def member_of(self, *members):
        return [{"role": "member", "region": "twente", "member": member} for member in members]

    def test_a_member_acts_for_itself_and_not_for_its_neighbour(self):
        key = self.daemon.add_key("enschede", "enschede", *self.member_of("enschede"))
        neighbour = self.declare(key, "hengelo")
        self.assertEqual(neighbour["status"], "not-allowed")
        self.assertEqual([(fault["field"], fault["found"]) for fault in neighbour["faults"]],
                         [("data.member", "enschede may not act for hengelo")])
        self.assertEqual(self.declare(key, "enschede")["status"], "ok")
        stored = self.daemon.ask("get", region="twente", kind="werkplaats", entity="riool")
        item = stored["record"]["fields"]["participants"]["enschede"]
        self.assertEqual(item["actor"], {"organisation": "enschede", "role": "member"})

    def test_a_claim_that_the_key_does_not_prove_is_refused_with_what_it_does(self):
        key = self.daemon.add_key("enschede", "enschede", *self.member_of("enschede"))
        for says in ({"role": "member", "organisation": "hengelo"}, {"role": "secretary"},
                     {"role": "operator"}, {"role": "moderator", "organisation": "twente"}):
            for answer in (self.declare(key, "enschede", dry=True, **{"as": says}),
                           self.daemon.remote("query", key).ask("status", **{"as": says})):
                self.assertEqual(answer["status"], "not-allowed", says)
                self.assertEqual(answer["faults"][0]["accepted"],
                                 "member:enschede, reader:enschede")

    def test_a_key_of_several_members_acts_for_the_one_that_is_named(self):
        key = self.daemon.add_key("noaber", "noaberkracht",
                                  *self.member_of("dinkelland", "hengelo"))
        for member in ("hengelo", "dinkelland"):
            self.assertEqual(self.declare(key, member)["status"], "ok")
        self.assertEqual(self.declare(key, "enschede")["status"], "not-allowed")
        # The same again, by either of its members, is still the same post.
        self.assertTrue(self.declare(key, "hengelo")["receipts"][0]["duplicate"])

    def test_an_operator_says_any_role_and_the_event_says_via(self):
        key = self.daemon.operator_key
        says = {"role": "member", "organisation": "enschede"}
        self.assertEqual(self.declare(key, "enschede", **{"as": says})["status"], "ok")
        stored = self.daemon.ask("get", region="twente", kind="werkplaats", entity="riool")
        item = stored["record"]["fields"]["participants"]["enschede"]
        self.assertEqual(item["actor"],
                         {"organisation": "enschede", "role": "member", "via": "operator"})

    def test_a_lead_that_is_limited_to_a_werkplaats_acts_in_no_other(self):
        self.daemon.accepted(event("werkplaats.opened", "werkplaats/data", "w2",
                                   data={"name": "D", "kind": "project", "theme": "t",
                                         "common_interest": "b", "leads": ["enschede"]}))
        key = self.daemon.add_key("lead", "enschede", {
            "role": "lead", "region": "twente", "member": "enschede", "werkplaats": "data"})
        command = self.daemon.remote("command", key)
        for werkplaats, status in (("data", "ok"), ("riool", "not-allowed")):
            answer = command.ask("post", dry=True, events=[event(
                "werkplaats.updated", f"werkplaats/{werkplaats}", "u", data={"name": "Nieuw"})])
            self.assertEqual(answer["status"], status, answer)

    def test_a_role_holds_from_its_grant_to_its_withdrawal_and_the_past_can_be_asked(self):
        key = self.daemon.add_key("enschede", "enschede")
        role = self.member_of("enschede")[0]
        head = self.daemon.head()
        self.assertEqual(self.declare(key, "enschede", dry=True)["status"], "not-allowed")
        self.daemon.accepted(event("role.granted", "key/enschede", "g", data=role))
        self.assertEqual(self.declare(key, "enschede", dry=True)["status"], "ok")
        self.daemon.accepted(event("role.withdrawn", "key/enschede", "wd", data=role))
        self.assertEqual(self.declare(key, "enschede", dry=True)["status"], "not-allowed")
        may = [self.daemon.ask("can", type="participation.declared", region="twente",
                               entity="riool", member="enschede", key="twente/key/enschede",
                               at=at)["allowed"] for at in (head, head + 1, head + 2)]
        self.assertEqual(may, [False, True, False])

    def test_a_role_that_is_granted_in_a_post_holds_for_its_next_event(self):
        key = self.daemon.add_key("bureau", "twente", {"role": "secretary", "region": "twente"})
        command = self.daemon.remote("command", key)
        post = event("participation.declared", "werkplaats/riool", "p", data={"member": "enschede"})
        says = {"as": {"role": "member", "organisation": "enschede"}}
        self.assertEqual(command.ask("post", events=[post], **says)["status"], "not-allowed")
        grant = event("role.granted", "key/bureau", "g", data=self.member_of("enschede")[0])
        # Without `as`: the grant as the secretary, the participation as the member.
        answer = command.ask("post", events=[grant, post])
        self.assertEqual(answer["status"], "ok", answer)

    def test_a_secretary_grants_in_its_region_only(self):
        key = self.daemon.add_key("bureau", "twente", {"role": "secretary", "region": "twente"})
        command = self.daemon.remote("command", key)
        for region, role, status in (("twente", "moderator", "ok"), ("system", "operator", "no")):
            answer = command.ask("post", dry=True, events=[event(
                "role.granted", "key/bureau", "x", data={"role": role, "region": region})])
            self.assertEqual(answer["status"] == "ok", status == "ok", answer)
        answer = command.ask("post", dry=True, events=[event(
            "key.added", "key/x", "x", "system",
            data={"curve": new_key()[0], "organisation": "x", "label": "x"})])
        self.assertEqual(answer["status"], "not-allowed", answer)


class Admission(unittest.TestCase):
    """Who gets a connection at all."""

    def daemon(self, *options, **more):
        daemon = Listening(*options, **more)
        self.addCleanup(daemon.__exit__, None)
        return daemon

    def expect_silence(self, *sockets):
        for socket in sockets:
            socket.send("hello", protocol=1)
        for socket in sockets:
            self.assertIsNone(socket.receive(1.5))

    def test_unknown_and_revoked_keys_and_a_wrong_server_key_get_no_connection(self):
        daemon = self.daemon().start().region()
        revoked = daemon.add_key("weg", "enschede")
        known = daemon.add_key("blijft", "enschede")
        daemon.end_key("revoked", "weg")
        self.expect_silence(
            daemon.remote("query", new_key()), daemon.remote("command", new_key()),
            daemon.remote("query", revoked), daemon.remote("command", revoked),
            daemon.remote("query", known, server=new_key()[0]))
        plain = daemon.context.socket(zmq.DEALER)
        plain.linger = 0
        plain.connect(f"tcp://127.0.0.1:{daemon.port + 1}")
        plain.send(b"\x80")
        self.assertFalse(plain.poll(1000))
        plain.close()
        self.assertEqual(daemon.remote("query", known).ask("whoami")["key"], "twente/key/blijft")
        self.assertGreaterEqual(daemon.ask("status")["denied"], 4)

    def test_a_post_that_falls_cuts_nobody(self):
        daemon = self.daemon().start().region()
        daemon.add_key("weg", "enschede")
        answer = daemon.post(event("key.revoked", "key/weg", "r"), news("x", werkplaats="nergens"))
        self.assertEqual((answer["status"], answer["index"]), ("refused", 1))
        self.assertEqual(daemon.post(event("key.revoked", "key/weg", "r"), dry=True)["status"], "ok")
        self.assertNotIn("feed-cut", daemon.log_text())
        daemon.accepted(event("key.revoked", "key/weg", "r"))
        self.assertIn("feed-cut", daemon.log_text())

    def test_a_feed_whose_port_was_taken_meanwhile_is_told_and_comes_back(self):
        daemon = self.daemon().start().region()
        daemon.add_key("weg", "enschede")
        key = daemon.add_key("blijft", "enschede")
        # Bound beside the daemon's: the kernel lets two listen where both have said so.
        taken = None
        daemon.end_key("revoked", "weg")
        end = time.monotonic() + 20
        while taken is None and time.monotonic() < end:
            attempt = sockets.socket()
            attempt.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
            try:
                attempt.bind(("127.0.0.1", daemon.port + 2))
                attempt.listen()
                taken = attempt
            except OSError:
                attempt.close()
                revoked = f"nog-{time.monotonic_ns()}"
                daemon.add_key(revoked, "enschede")
                daemon.end_key("revoked", revoked)
        self.assertIsNotNone(taken, "the port was never free for a moment")
        wait_for(lambda: "feed-not-bound" in daemon.log_text())
        self.assertEqual(daemon.post(news("x"))["status"], "ok")
        taken.close()
        wait_for(lambda: "feed-bound-again" in daemon.log_text())
        feed = daemon.remote("feed", key, type=zmq.SUB)
        feed.subscribe()
        wait_for(lambda: (feed.heard() or ("", 0))[0] == "!/")

    def test_ids_that_others_took_stand_in_the_way_of_no_own_post(self):
        daemon = Daemon()
        self.addCleanup(daemon.__exit__, None)
        daemon.start().region()
        for name in ("key-added-operator", "key-revoked-stroom-9", "operator-added"):
            self.assertEqual(daemon.post(event("contribution.submitted", f"contribution/{name}", name,
                                               data={"kind": "reaction", "text": "x"}))["status"],
                             "ok")
        daemon.stop()
        listening = self.daemon(data=daemon.data).start()
        self.assertEqual(listening.remote("query", listening.operator_key).ask("whoami")["key"],
                         "system/key/operator")

    def test_nobody_learns_a_private_part_by_guessing_at_a_repeat(self):
        daemon = self.daemon().start().region(members=("enschede",))
        member = daemon.add_key("lid", "enschede",
                                {"role": "member", "region": "twente", "member": "enschede"})
        reader = daemon.add_key("lezer", "enschede")
        post = event("subscription.created", "subscription/s", "s", data={
            "member": "enschede", "channel": "webhook", "filter": {}, "secret": "geheim",
            "address": "https://example.org/x"})
        self.assertEqual(daemon.remote("command", member).ask("post", events=[post])["status"], "ok")
        again = daemon.remote("command", member).ask("post", events=[post])
        self.assertTrue(again["receipts"][0]["duplicate"])
        guesses = daemon.remote("command", reader)
        for secret in ("geheim", "ander"):
            post["data"]["secret"] = secret
            answer = guesses.ask("post", events=[post], dry=True)
            self.assertEqual((answer["status"], answer["faults"][0]["field"]), ("conflict", "id"))

    def test_nobody_is_called_system_but_the_system(self):
        daemon = self.daemon().start().region()
        answer = daemon.post(event("key.added", "key/x", "x", data={
            "curve": new_key()[0], "organisation": "system", "label": "x"}))
        self.assertEqual((answer["status"], answer["faults"][0]["field"]),
                         ("refused", "data.organisation"))
        answer = daemon.post(event("member.joined", "member/system", "m", data={
            "name": "S", "kind": "municipality"}))
        self.assertEqual((answer["status"], answer["faults"][0]["field"]), ("refused", "subject"))

    def test_a_key_file_beside_it_that_nobody_named_is_not_read(self):
        daemon = self.daemon().start()
        key = daemon.server_key
        daemon.stop()
        text = (daemon.data / "server.key").read_text()
        other = daemon.data / "server.key_secret"  # what CZMQ itself would prefer
        other.write_text(text.replace(key, new_key()[0]))
        other.chmod(0o666)
        daemon.start()
        self.assertEqual(daemon.remote("query", daemon.operator_key).ask("whoami")["state"], "active")
        self.assertEqual(daemon.ask("hello", protocol=1)["server_key"], key)

    def test_a_revoked_key_that_is_still_connected_hears_nothing_of_what_stands_there(self):
        daemon = self.daemon().start().region()
        key = daemon.add_key("weg", "enschede", {"role": "secretary", "region": "twente"})
        command, query = daemon.remote("command", key), daemon.remote("query", key)
        doubtful = news("x", werkplaats="nergens")
        self.assertEqual(command.ask("post", events=[doubtful])["status"], "refused")
        self.assertEqual(query.ask("status")["status"], "ok")
        daemon.end_key("revoked", "weg")
        told = {"status": "not-allowed", "found": "key twente/key/weg is revoked",
                "accepted": "a key that is active; the secretary of the region adds one"}
        self.assertEqual(command.ask("post", events=[doubtful])["faults"], [told])
        self.assertEqual(command.ask("post", events=[event(
            "region.registered", "region/twente", "twente-region", data={"name": "twente"})])[
                "faults"], [told])
        self.assertEqual(query.ask("status")["faults"], [told])

    def test_what_is_no_key_is_none(self):
        daemon = self.daemon().start().region()
        for path in ("twente/member/enschede", "twente/key", "twente", "x" * 150, "twente/key/nee"):
            answer = daemon.ask("can", type="region.updated", region="twente", key=path)
            self.assertEqual(answer["status"], "not-found", path)

    def test_where_no_handler_answers_nobody_gets_in_and_who_is_in_goes_on(self):
        daemon = self.daemon(environment={"WATERNET_FAIL": "zap:1:20"}).start().region()
        key = daemon.add_key("enschede", "enschede")
        inside = daemon.remote("query", key)
        self.assertEqual(inside.ask("hello", protocol=1)["status"], "ok")
        for _ in range(20):  # each question is a turn of the thread
            daemon.ask("status")
        self.expect_silence(daemon.remote("query", key), daemon.remote("command", new_key()),
                            daemon.socket("query"), daemon.socket("command"))
        self.assertEqual(inside.ask("hello", protocol=1)["status"], "ok")

    def test_a_revoked_key_hears_nothing_more_and_the_others_miss_nothing(self):
        daemon = self.daemon().start().region()
        keys = {name: daemon.add_key(name, "enschede") for name in ("weg", "blijft")}
        feeds = {name: daemon.remote("feed", key, type=zmq.SUB) for name, key in keys.items()}
        for feed in feeds.values():
            feed.subscribe()
            wait_for(lambda: (feed.heard() or ("", 0))[0] == "!/")
        daemon.accepted(news("voor"))
        for feed in feeds.values():
            wait_for(lambda: (feed.heard() or ("", 0))[0].endswith("/news.published"))
        daemon.end_key("revoked", "weg")
        position = daemon.head()
        for i in range(50):
            daemon.accepted(news(f"na-{i}"))
        # What was sent before the revocation may still lie in its queue; nothing after it.
        while (heard := feeds["weg"].heard(1.5)) is not None:
            self.assertFalse(heard[0].startswith("/") and heard[1]["seq"] >= position, heard)
        # The other one is connected again by itself; its next heartbeat tells of the hole.
        beat = wait_for(lambda: (lambda heard: heard and heard[0] == "!/" and
                                 heard[1]["here"] == daemon.head() and heard[1])(
            feeds["blijft"].heard()))
        query = daemon.remote("query", keys["blijft"])
        answer = query.ask("read", prefix="/", after=position)
        self.assertEqual(len(answer["events"]), beat["here"] - position)
        daemon.accepted(news("live"))
        wait_for(lambda: (feeds["blijft"].heard() or ("", 0))[0] == "/twente/news/live/news.published")

    def test_a_key_that_subscribes_without_end_is_revoked_and_the_others_go_on(self):
        daemon = self.daemon().start().region()
        keys = {name: daemon.add_key(name, "enschede") for name in ("stroom", "blijft")}
        position = daemon.head()
        flood = daemon.remote("feed", keys["stroom"], type=zmq.SUB)
        # An honest one connects again and again, with the same topics: that costs nothing.
        for _ in range(150):
            honest = daemon.remote("feed", keys["blijft"], type=zmq.SUB)
            for i in range(20):
                honest.socket.setsockopt(zmq.SUBSCRIBE, b"/twente/news/m%d/" % i)
                honest.socket.setsockopt(zmq.SUBSCRIBE, b"!/twente/news/m%d/\n" % i)
            wait_for(lambda: (honest.heard() or ("", 0))[0].startswith("!"))
            honest.close()
        self.assertEqual(daemon.head(), position)
        for i in range(6000):
            flood.socket.setsockopt(zmq.SUBSCRIBE, b"/twente/news/n%d/" % i)
        wait_for(lambda: daemon.head() > position)
        revoked = msgpack.unpackb(daemon.read(after=position)[0])
        self.assertEqual((revoked["type"], revoked["subject"]), ("key.revoked", "key/stroom"))
        self.assertEqual(revoked["actor"], {"organisation": "system", "role": "operator"})
        self.expect_silence(daemon.remote("query", keys["stroom"]))
        # One that is longer than any topic closes the connection and is never kept.
        long = daemon.remote("feed", keys["blijft"], type=zmq.SUB)
        long.socket.setsockopt(zmq.SUBSCRIBE, b"/" + b"x" * 5000)
        long.subscribe()
        self.assertIsNone(long.heard(1.0))
        feed = daemon.remote("feed", keys["blijft"], type=zmq.SUB)
        feed.subscribe()
        wait_for(lambda: (feed.heard() or ("", 0))[0] == "!/")
        self.assertEqual(daemon.head(), position + 1)

    def test_a_key_is_revoked_where_the_disk_is_low_and_nothing_else_is_taken(self):
        daemon = self.daemon().start().region()
        key = daemon.add_key("weg", "enschede", {"role": "secretary", "region": "twente"})
        daemon.stop()
        daemon.options += ["--free-bytes-low", str(2 ** 62)]
        daemon.start()
        self.assertEqual(daemon.post(news("x"))["status"], "storage-low")
        self.assertEqual(daemon.post(event("key.added", "key/nieuw", "n", data={
            "curve": new_key()[0], "organisation": "x", "label": "x"}))["status"], "storage-low")
        query = daemon.remote("query", key)
        self.assertEqual(query.ask("status")["status"], "ok")
        daemon.end_key("revoked", "weg")
        self.assertEqual(query.ask("status")["status"], "not-allowed")

    def test_a_retired_key_follows_on(self):
        daemon = self.daemon().start().region()
        key = daemon.add_key("oud", "enschede")
        feed = daemon.remote("feed", key, type=zmq.SUB)
        feed.subscribe()
        wait_for(lambda: (feed.heard() or ("", 0))[0] == "!/")
        daemon.end_key("retired", "oud")
        daemon.accepted(news("na"))
        wait_for(lambda: (feed.heard() or ("", 0))[0] == "/twente/news/na/news.published")
        self.assertEqual(daemon.remote("query", key).ask("whoami")["state"], "retired")

    def test_the_first_operator_key_is_made_once_and_its_file_is_the_owners(self):
        daemon = self.daemon().start()
        first = daemon.operator_key
        for name in ("operator.key", "server.key"):
            self.assertEqual((daemon.data / name).stat().st_mode & 0o777, 0o600)
        self.assertEqual(daemon.head(), 2)
        self.assertEqual(daemon.remote("query", first).ask("whoami")["key"], "system/key/operator")
        daemon.stop()
        daemon.start()
        self.assertEqual((daemon.head(), daemon.operator_key), (2, first))
        # Lost: the local operator revokes it, and the next start makes another.
        daemon.end_key("revoked", "operator", "system")
        daemon.stop()
        daemon.start()
        self.assertEqual(daemon.head(), 5)
        self.assertEqual([each["path"] for each in daemon.ask("list", kind="key")["entities"]],
                         ["system/key/operator", "system/key/operator-2"])

    def test_a_key_file_that_others_can_read_keeps_the_daemon_from_starting(self):
        daemon = self.daemon().start()
        daemon.stop()
        (daemon.data / "server.key").chmod(0o640)
        daemon.start(ready=False)
        self.assertEqual(daemon.wait(), 72)
        self.assertIn("others than its owner can read the key file: type `chmod 600 FILE`", daemon.log_text())
        (daemon.data / "server.key").chmod(0o600)

    def test_a_port_in_use_is_told_and_nothing_is_served(self):
        first = self.daemon().start()
        second = self.daemon()
        second.options = ["--listen", f"127.0.0.1:{first.port + 1}"]
        second.start(ready=False)
        self.assertEqual(second.wait(), 72)
        self.assertIn(f"cannot bind tcp://127.0.0.1:{first.port + 1}", second.log_text())

    def test_wrong_options_are_errors(self):
        for option, value, told in (
                ("--listen", "127.0.0.1", "no ADDRESS:PORT"),
                ("--listen", "127.0.0.1:65534", "no ADDRESS:PORT"),
                ("--local-roles", "root=boss", "no such role"),
                ("--local-roles", "root=secretary", "secretary and moderator need"),
                ("--local-roles", "root=member:enschede", "member and lead :REGION/MEMBER"),
                ("--local-roles", "nobody-here=reader", "this machine has no such user"),
                ("--local-roles", "root=reader root=operator", "one role a user")):
            daemon = Daemon(option, value)
            self.addCleanup(daemon.__exit__, None)
            daemon.start(ready=False)
            self.assertEqual(daemon.wait(), 2, daemon.log_text())
            self.assertIn(told, daemon.log_text())


if __name__ == "__main__":
    unittest.main()
