"""An independent client of waternetd, written from its specification only (protocol 1)."""
import hashlib
import json
import time
import uuid
from datetime import datetime, timezone

import msgpack
import zmq


# --- MessagePack ------------------------------------------------------------------------------

def pack(value):
    return msgpack.packb(value, use_bin_type=True)


def unpack(data):
    return msgpack.unpackb(data, raw=False, strict_map_key=False)


# --- faults -----------------------------------------------------------------------------------

class Refusal(Exception):
    """Any status but ok. Decide by .status, .guards() and .fields(); show str() to people."""

    def __init__(self, answer):
        self.status = answer.get("status", "failed")
        self.index = answer.get("index")
        self.faults = answer.get("faults", [])
        self.untold = answer.get("untold", 0)
        lines = [f"{f.get('field', '')}: {f['found']}; accepted: {f['accepted']}" for f in self.faults]
        super().__init__("\n  ".join([f"{self.status}: {answer.get('message', '')}"] + lines))

    def fields(self):
        return {f.get("field") for f in self.faults}

    def guards(self):
        return {f.get("guard") for f in self.faults} - {None}


class NoAnswer(Refusal):
    def __init__(self):
        super().__init__({"status": "no-answer", "message": "no answer, outcome unknown"})


class Stale(Exception):
    """Another history: the log's id is another, or the log ends before our position."""


class Corrupt(Exception):
    """An answer of read has a hole."""


# --- requests ---------------------------------------------------------------------------------

class Socket:
    """A DEALER that is made anew after silence, so that nothing old waits in its queue."""

    def __init__(self, context, endpoint, seconds):
        self.context, self.endpoint, self.seconds = context, endpoint, seconds
        self.socket, self.number = None, 0

    def close(self):
        if self.socket is not None:
            self.socket.close(linger=0)
            self.socket = None

    def ask_all(self, requests):
        """Pipelined; the answers in the order of the requests, whatever their status."""
        if self.socket is None:
            self.socket = self.context.socket(zmq.DEALER)
            self.socket.connect(self.endpoint)
        numbers = []
        for request in requests:
            self.number += 1
            numbers.append(self.number)
            self.socket.send(pack({"number": self.number, **request}))
        answers, end = [], time.monotonic() + self.seconds
        while len(answers) < len(numbers):
            left = int((end - time.monotonic()) * 1000)
            if left <= 0 or not self.socket.poll(left):
                self.close()
                raise NoAnswer()
            answer = unpack(self.socket.recv())
            # answers come in order; number 0 answers a request whose number could not be read
            if answer["number"] in (0, numbers[len(answers)]):
                answers.append(answer)
        return answers

    def ask(self, request):
        answer = self.ask_all([request])[0]
        if answer["status"] != "ok":
            raise Refusal(answer)
        return answer


class Client:
    def __init__(self, runtime, seconds=5.0, context=None):
        self.runtime, self.seconds = runtime, seconds
        self.context = context or zmq.Context.instance()
        self.command = Socket(self.context, f"ipc://{runtime}/command", seconds)
        self.query = Socket(self.context, f"ipc://{runtime}/query", seconds)
        self.rows = {}

    def close(self):
        self.command.close()
        self.query.close()

    def hello(self):
        return self.query.ask({"request": "hello", "protocol": 1})

    def post(self, *events, role=None, organisation=None, dry=False, tries=5, wait=0.5):
        """Receipts, one an event. Repeats with the same ids while the outcome is unknown."""
        for event in events:
            event.setdefault("id", str(uuid.uuid4()))
        request = {"request": "post", "events": list(events)}
        if role:
            request["as"] = {"role": role, **({"organisation": organisation} if organisation else {})}
        if dry:
            request["dry"] = True
        repeat = ("no-answer", "busy", "clock", "storage-low", "storage-full", "failed")
        for attempt in range(tries):
            try:
                answer = self.command.ask(request)
                return answer if dry else answer["receipts"]
            except Refusal as refusal:
                if refusal.status not in repeat or attempt == tries - 1:
                    raise
            time.sleep(wait)

    def get(self, path):
        region, kind, entity = path.split("/")
        return self.query.ask({"request": "get", "region": region, "kind": kind, "entity": entity})

    def list(self, **narrow):
        """All entities as (path, record); region=, kind=, bytes= narrow it."""
        request = {"request": "list", **narrow}
        while True:
            answer = self.query.ask(request)
            for entity in answer["entities"]:
                yield entity["path"], entity["record"]
            if "next" not in answer:
                return
            request["from"] = answer["next"]

    def read(self, prefix="/", after=0, **more):
        """The canonical bytes of all events of a prefix; until=, bytes= narrow it."""
        while True:
            answer = self.query.ask({"request": "read", "prefix": prefix, "after": after, **more})
            yield from answer["events"]
            after = answer["after"]
            if answer["done"]:
                return

    def history(self, path, **narrow):
        """The canonical bytes of an entity's events, newest first; at=, on=, count= narrow it."""
        region, kind, entity = path.split("/")
        request = {"request": "history", "region": region, "kind": kind, "entity": entity, **narrow}
        while True:
            answer = self.query.ask(request)
            yield from answer["events"]
            if answer["done"]:
                return
            request["until"] = answer["until"]

    def find(self, event_id):
        return self.query.ask({"request": "find", "id": event_id})["event"]

    def status(self):
        return self.query.ask({"request": "status"})

    def types(self):
        """The rows of event types by name, asked once."""
        more = {}
        while not self.rows or more:
            answer = self.query.ask({"request": "types", **more})
            self.rows.update((row["type"], row) for row in answer["types"])
            more = {"from": answer["next"]} if "next" in answer else {}
        return self.rows


# --- the canonical form -----------------------------------------------------------------------

ENVELOPE = ("id type region subject on onbasis ontext corrects citation reference data "
            "privatehash seq time actor prev").split()
ACTOR = "organisation role via".split()


def utf8(text):
    return text.encode() if isinstance(text, str) else text


def canonical_value(value, field):
    if field["form"] == "set":
        return sorted(value, key=utf8)
    if field["form"] == "map":
        return {key: value[key] for key in sorted(value, key=utf8)}
    if field.get("fields") and field["form"] == "one":
        return canonical_fields(value, field["fields"])
    return value


def canonical_fields(data, fields, private=None):
    """In the order of the table; private: None takes all, else only the marked or the unmarked."""
    return {f["name"]: canonical_value(data[f["name"]], f) for f in fields
            if f["name"] in data and (private is None or bool(f.get("private")) == private)}


def canonical(event, row, daemon=None):
    """The bytes of an event as posted, with what the daemon added: privatehash, seq, time, actor,
    prev, and phase for data. From a stored event all is there already."""
    full = {**event, **(daemon or {})}
    full["data"] = dict(full.get("data") or {})
    if row["type"] == "werkplaats.opened":
        full["data"].setdefault("phase", opening_phase(full["data"]))
    full["data"] = canonical_fields(full["data"], row["fields"], private=False)
    if "actor" in full:
        full["actor"] = {name: full["actor"][name] for name in ACTOR if name in full["actor"]}
    if not full.get("corrects"):
        full.pop("corrects", None)
    return pack({name: full[name] for name in ENVELOPE if name in full})


def opening_phase(data):
    if "baseline" in data:
        return data["baseline"]["phase"]
    return "ongoing" if data["kind"] == "ongoing" else "idea"


def private_part(data, row, salt):
    """What lies in private/<seq>; its SHA-256 is the event's privatehash. None if nothing is private."""
    fields = canonical_fields(data, row["fields"], private=True)
    return salt + pack(fields) if fields else None


# --- the tree ---------------------------------------------------------------------------------

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def leaf(event_bytes):
    return sha256(b"\0", event_bytes)


class Tree:
    """A compact range of RFC 6962."""

    def __init__(self):
        self.size, self.roots = 0, []

    def append(self, node):
        size = self.size
        while size & 1:
            node = sha256(b"\1", self.roots.pop(), node)
            size >>= 1
        self.roots.append(node)
        self.size += 1

    def root(self):
        if not self.roots:
            return sha256()
        node = self.roots[-1]
        for before in reversed(self.roots[:-1]):
            node = sha256(b"\1", before, node)
        return node


# --- CloudEvents ------------------------------------------------------------------------------

def hexed(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: hexed(item) for key, item in value.items()}
    return [hexed(item) for item in value] if isinstance(value, list) else value


def cloud_event(event_bytes, prefix, source_id=None):
    """source_id: that of the region's record as it is now."""
    event = unpack(event_bytes)
    seconds, ms = divmod(event["time"], 1000)
    moment = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    cloud = {"specversion": "1.0",
             "type": f"{prefix}{event['type']}.v1",
             "source": f"urn:nld:oin:{source_id or '00000099000000000000'}:systeem:waternetd",
             "subject": f"{event['region']}/{event['subject']}",
             "id": event["id"],
             "time": f"{moment}.{ms:03}Z",
             "sequence": f"{event['seq']:020}"}
    for name in ("on", "onbasis", "ontext", "citation", "reference"):
        if name in event:
            cloud[name] = event[name]
    if "corrects" in event:
        cloud["corrects"] = str(event["corrects"])
    cloud["prev"] = ",".join(str(number) for number in event["prev"])
    for name in ACTOR:
        if name in event["actor"]:
            cloud["actor" + name] = event["actor"][name]
    if "privatehash" in event:
        cloud["privatehash"] = event["privatehash"].hex()
    cloud["leafhash"] = leaf(event_bytes).hex()
    cloud["data"] = hexed(event["data"])
    return cloud


def cloud_json(event_bytes, prefix, source_id=None):
    return json.dumps(cloud_event(event_bytes, prefix, source_id), ensure_ascii=False)


# --- following --------------------------------------------------------------------------------

def previous(event, prefix):
    """prev_P: the event before it at the level of the prefix."""
    level = prefix.count("/") - 1
    return event["seq"] - 1 if level == 0 else event["prev"][level - 1]


class Follower:
    """Delivers every event of a prefix once, in order, to deliver(event_bytes, event).

    Keep .position and .log together. run() ends with Stale or Corrupt, or when stop() says true.
    """
    SILENCE = 3.0

    def __init__(self, client, prefix, deliver, log=None, position=0, stop=lambda: False):
        self.client, self.prefix, self.deliver, self.stop = client, prefix, deliver, stop
        self.log = log or client.hello()["log"]
        self.position = position
        self.query = Socket(client.context, f"ipc://{client.runtime}/query", client.seconds)
        self.repairs = self.connections = 0

    def receive(self, feed):
        """One frame that is there already. Its own method, so that a test may lose some."""
        return feed.recv()

    def next(self, feed, end):
        """(heartbeat, event) of which one is None; (None, None): silence until end, or stopped."""
        while not self.stop():
            left = end - time.monotonic()
            if left <= 0:
                break
            if not feed.poll(min(left, 0.1) * 1000):
                continue
            frame = self.receive(feed)
            if frame is None:
                continue
            topic, _, body = frame.partition(b"\n")
            if topic == b"!" + self.prefix.encode():
                return unpack(body), None
            if topic.startswith(b"/"):
                return None, body
        return None, None

    def give(self, body, event):
        self.deliver(body, event)
        self.position = event["seq"]

    def run(self):
        while not self.stop():
            feed = self.client.context.socket(zmq.SUB)
            feed.subscribe(self.prefix.encode())
            feed.subscribe(b"!" + self.prefix.encode() + b"\n")
            feed.connect(f"ipc://{self.client.runtime}/feed")
            self.connections += 1
            try:
                self.connected(feed)
            except NoAnswer:
                pass                    # the daemon is gone: begin again at position
            finally:
                feed.close(linger=0)
        self.query.close()

    def connected(self, feed):
        """From the first heartbeat to silence."""
        end = time.monotonic() + self.SILENCE
        beat = None
        while beat is None:
            beat, body = self.next(feed, end)
            if beat is None and body is None:
                return
        if beat["log"] != self.log or beat["head"] < self.position:
            raise Stale(f"log {beat['log']} head {beat['head']}, ours {self.log} {self.position}")
        if beat["here"] > self.position:
            self.repair()
        self.position = max(self.position, beat["head"])
        end = time.monotonic() + self.SILENCE
        while True:
            beat, body = self.next(feed, end)
            if beat is not None:
                self.heartbeat(beat)
                end = time.monotonic() + self.SILENCE
            elif body is not None:
                self.event(body)
            else:
                return

    def heartbeat(self, beat):
        if beat["log"] != self.log:
            raise Stale(f"log {beat['log']}, ours {self.log}")
        if beat["head"] < self.position:
            self.same_history(self.query.ask({"request": "hello", "protocol": 1}))
        elif beat["here"] > self.position:
            self.repair()
        else:
            self.position = beat["head"]

    def event(self, body):
        event = unpack(body)
        if event["seq"] <= self.position:
            return
        if previous(event, self.prefix) > self.position:
            self.repair()
        else:
            self.give(body, event)

    def same_history(self, hello):
        if hello["status"] != "ok":
            raise Refusal(hello)
        if hello["log"] != self.log or hello["head"] < self.position:
            raise Stale(f"log {hello['log']} head {hello['head']}, ours {self.log} {self.position}")

    def repair(self):
        self.repairs += 1
        while True:
            answer, hello = self.query.ask_all([
                {"request": "read", "prefix": self.prefix, "after": self.position},
                {"request": "hello", "protocol": 1}])
            self.same_history(hello)
            if answer["status"] != "ok":
                raise Refusal(answer)
            for body in answer["events"]:
                event = unpack(body)
                if event["seq"] <= self.position:
                    continue
                if previous(event, self.prefix) > self.position:
                    raise Corrupt(f"read of {self.prefix}: a hole before {event['seq']}")
                self.give(body, event)
            self.position = max(self.position, answer["after"])
            if answer["done"]:
                return
