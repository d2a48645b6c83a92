#!/usr/bin/python3
"""proto/README.md says what the programs do: its tables are the rows, its bytes are theirs.

An example in it is a fenced block that begins with "example: NAME"; behind a bar stands what the
bytes mean. Times, log ids and salts differ from run to run: where they stand the example's own are
put in place of the daemon's before the bytes are compared.
"""

import hashlib
import json
import pathlib
import re
import string
import time
import sys
import unittest

import msgpack
import zmq

import exports
from harness import ROOT, Daemon, dump, event, wait_for

README = ROOT / "proto" / "README.md"
TEXT = README.read_text() if README.exists() else ""

# The rows ------------------------------------------------------------------------------------


def limits():
    """The numbers of limits.h, with what each is for."""
    found = {}
    for line in (ROOT / "proto" / "limits.h").read_text().splitlines():
        match = re.match(r"#define (\w+) (.+?)(?: *// (.*))?$", line)
        if match and re.fullmatch(r"[\d\s()*u]+", match[2]):
            number = eval(match[2].replace("u", ""))  # digits, parentheses and * alone
            found[match[1]] = (number, match[3] or "")
    return found


NUMBERS = {name: number for name, (number, _) in limits().items()}


def rows(file, name):
    """The rows of a .def file: lists of words, without the quotes."""
    found = []
    for line in (ROOT / "proto" / file).read_text().splitlines():
        match = re.match(rf"{name}\((.*)\)\s*$", line)
        if match:
            words = re.findall(r'"(?:[^"\\]|\\.)*"|(?:[^,"(]|\([^)]*\))+', match[1])
            found.append([word.strip().strip('"') for word in words if word.strip()
                          or word == '""'])
    return found


def bits(word):
    return [] if word == "0" else [part.strip() for part in word.split("|")]


def groups():
    found = {}
    for line in (ROOT / "proto" / "fields.def").read_text().splitlines():
        if match := re.match(r"GROUP\((\w+)\)", line):
            found[match[1]] = []
    for row in rows("fields.def", "FIELD"):
        owner, name, form, type, of, flags, most, label, help = row
        most = NUMBERS[most] if most in NUMBERS else int(most)
        found[owner].append({"name": name, "form": form, "type": type, "of": of,
                             "flags": bits(flags), "max": most, "label": label, "help": help})
    return found


GROUPS = groups()
WORDS = {}
for list_name, word, _ in rows("choices.def", "CHOICE"):
    WORDS.setdefault(list_name, []).append(word)
Z85 = string.digits + string.ascii_letters + ".-:+=^!/*?&<>()[]{}@%$#"
KINDS = {row[1]: row[2] for row in rows("kinds.def", "KIND")}
ROLES = {row[1]: row[2] for row in rows("roles.def", "ROLE")}
READERS = {(group, field): [ROLES[role] for role in bits(roles)]
           for group, field, roles in rows("private.def", "READERS")}
PHASES = [row[2] for row in rows("phases.def", "PHASE")]


# The tables, as they must stand in the specification -------------------------------------------


def table(head, body):
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def status_table():
    return table(["number", "name", "exit code", "sentence"],
                 [[number, f"`{name}`", code, sentence]
                  for number, _, name, code, sentence in rows("status.def", "STATUS")])


def limits_table():
    return table(["name", "value", "what"],
                 [[f"`{name}`", number, what] for name, (number, what) in limits().items()])


def kinds_table():
    return table(["kind", "plural", "Dutch"],
                 [[f"`{name}`", plural, dutch]
                  for _, _, name, plural, dutch, _ in rows("kinds.def", "KIND")])


def phases_table():
    return table(["phase", "Dutch", "open"],
                 [[f"`{name}`", dutch, "yes" if still == "true" else "no"]
                  for _, _, name, dutch, still in rows("phases.def", "PHASE")])


def words_table():
    names = {"REGION_STATUS": "region status", "MEMBER_KIND": "kind of member",
             "SECTOR": "sector of the 4 O's", "LEVEL": "level of a body",
             "WERKPLAATS_KIND": "kind of werkplaats", "BASIS": "basis",
             "CONTRIBUTION": "kind of contribution", "FRAME": "frame of a goal",
             "MEASUREMENT": "kind of measurement", "OUTCOME": "outcome",
             "PRIORITY": "priority of an advice", "METHOD": "method of a cost key",
             "PURPOSE": "purpose of an amount", "DECISION": "kind of decision",
             "DIGEST": "how often"}
    return table(["list", "word", "Dutch"],
                 [[names.get(list, list.lower()), f"`{word}`", dutch]
                  for list, word, dutch in rows("choices.def", "CHOICE")])


def roles_table():
    return table(["role", "Dutch", "acts for", "organisation if `as` names none"],
                 [[f"`{name}`", dutch, scope.lower(),
                   {"SYSTEM": "`system`", "REGION": "the event's region",
                    "NONE": "must be named"}[organisation]]
                  for _, _, name, dutch, scope, organisation in rows("roles.def", "ROLE")])


def key_states_table():
    return table(["state", "Dutch", "may read", "may post"],
                 [[f"`{name}`", dutch, *({"true": "yes", "false": "no"}[each] for each in (reads, posts))]
                  for _, _, name, dutch, reads, posts in rows("keystates.def", "KEY_STATE")])


def private_table():
    return table(["of", "private field", "read by"],
                 [[group.lower(), f"`{field}`", ", ".join(f"`{role.strip().lower()}`" for role in roles.split("|"))]
                  for group, field, roles in rows("private.def", "READERS")])


def requests_table():
    def names(word):
        return ", ".join(f"`{name}`" for name in re.findall(r"F\((\w+)\)", word)) or "–"
    return table(["request", "socket", "required", "optional", "what"],
                 [[f"`{name}`", socket.lower(), names(required), names(optional), help]
                  for _, _, name, socket, required, optional, help in
                  rows("requests.def", "REQUEST")])


def describe(field):
    """What a field takes, in words."""
    most = field["max"]
    type = field["type"]
    many = field["form"] != "ONE"
    if type in ("LINE", "TEXT"):
        said = f"{type.lower()}, 1 to {most or NUMBERS['LINE_MAX_BYTES']}"
    elif type == "REFERENCE":
        said = f"id of a {KINDS[field['of']]}"
    elif type == "CHOICE":
        said = "one of " + ", ".join(f"`{word}`" for word in WORDS[field["of"]])
    elif type == "COUNT" and most and field["form"] in ("ONE", "MAP"):
        said = f"count, 0 to {most}"
    elif type == "GROUP":
        said = "map, its fields below"
    else:
        said = type.lower()
    if field["form"] == "MAP":
        said = f"map of 1 to {NUMBERS['WIRE_MAP_MAX']}, by ids of a {KINDS[field['of']]}: {said}"
    elif many:
        said = f"{field['form'].lower()} of 1 to {most or NUMBERS['ENTITY_ITEMS_MAX']}: {said}"
    return said


def field_lines(group, required, before="", private=False):
    lines = []
    for field in GROUPS[group]:
        flags = [{"INDEXED": "unique"}.get(flag, flag.lower()) for flag in field["flags"]
                 if flag != "REQUIRED" or required]
        if (group, field["name"]) in READERS:
            flags.append("for " + ", ".join(f"`{role}`"
                                            for role in READERS[group, field["name"]]))
        lines.append([f"`{before}{field['name']}`", describe(field), ", ".join(flags) or "–",
                      field["label"], field["help"]])
        if field["type"] == "GROUP":
            # A group is given whole, also where the fields around it may each be left out.
            lines += field_lines(field["of"], True, f"{before}{field['name']}.")
    return lines


def field_table(group, required=True):
    return table(["field", "takes", "marks", "Dutch", "meaning"], field_lines(group, required))


def role_names(word):
    return "anyone" if word == "ANYONE" else ", ".join(f"`{ROLES[part]}`" for part in bits(word))


def types_text():
    """A heading, a line and a table for each event type."""
    parts, first_of = [], {}
    for row in rows("events.def", "EVENT"):
        (number, _, name, kind, effect, slot, group, needs, flags, posted, visible, dutch,
         help) = row
        flags = bits(flags)
        first = "FIRST" in flags
        subject = "of any kind" if kind == "ANY" else f"`{KINDS[kind]}/<id>`"
        line = (f"{help[0].upper()}{help[1:]} ({dutch}). Number {number}. "
                f"Subject: {subject}. "
                f"Effect: {effect.lower()}{f' in slot `{slot}`' if slot else ''}. "
                f"Posted by: {role_names(posted)}. Visible: {visible.lower()}.")
        if bits(needs) and first:
            line += " Must carry " + ", ".join(f"`{need.lower()}`" for need in bits(needs)) + "."
        if "OPENS" in flags:
            line += " Opens its subject if there is none."
        if "REOPENS" in flags:
            line += " May open again what has ended."
        if "RESTATES" in flags:
            line += " Its date and source become those of the entity."
        if "ENDED_TOO" in flags:
            line += " Its subject may have ended."
        if "CUTS" in flags:
            line += " Once it is committed all connections of the feed over tcp are closed."
        if "ERASES" in flags:
            line += " Once it is committed that private part is destroyed."
        if "LOW_TOO" in flags:
            line += " Taken where free space is low too."
        parts.append(f"#### `{name}`\n\n{line}\n")
        if first or group not in first_of:
            parts.append(field_table(group, first) + "\n")
            first_of[group] = name
        else:
            parts.append(f"Fields: those of `{first_of[group]}`, none of them required.\n")
    return "\n".join(parts)


TABLES = {
    "status": status_table, "limits": limits_table, "kinds": kinds_table,
    "phases": phases_table, "words": words_table, "roles": roles_table,
    "keystates": key_states_table, "private": private_table,
    "requests": requests_table, "types": types_text,
    "envelope": lambda: field_table("ENVELOPE"), "request": lambda: field_table("REQUEST"),
}


# The examples ----------------------------------------------------------------------------------


def examples():
    """The examples by name: bytes."""
    found = {}
    for name, block in re.findall(r"^```\nexample: (\S+)\n(.*?)^```$", TEXT, re.M | re.S):
        assert name not in found, f"two examples are called {name}"
        found[name] = bytes.fromhex("".join(line.split("|")[0] for line in block.splitlines()))
    return found


def unpack(data):
    return msgpack.unpackb(data, strict_map_key=True)


def with_times(value, times):
    """The value with the times of the example in place of the daemon's, by sequence number."""
    if isinstance(value, dict):
        value = {key: with_times(item, times) for key, item in value.items()}
        if "seq" in value and "time" in value:
            value["time"] = times[value["seq"]]
    elif isinstance(value, list):
        value = [with_times(item, times) for item in value]
    elif isinstance(value, bytes):
        value = msgpack.packb(with_times(unpack(value), times))
    return value


def leaf(event):
    return hashlib.sha256(b"\0" + event).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def cloudevent(data, oin="00000099000000000000", prefix="nl.waterketens."):
    """What proto/README.md says a CloudEvent is, made from canonical bytes."""
    event = unpack(data)
    seconds, ms = divmod(event["time"], 1000)
    made = {
        "specversion": "1.0", "type": f"{prefix}{event['type']}.v1",
        "source": f"urn:nld:oin:{oin}:systeem:waternetd",
        "subject": f"{event['region']}/{event['subject']}", "id": event["id"],
        "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{ms:03}Z",
        "sequence": f"{event['seq']:020}",
        "prev": ",".join(map(str, event["prev"])),
        "actororganisation": event["actor"]["organisation"],
        "actorrole": event["actor"]["role"],
        "leafhash": leaf(data).hex(), "data": event["data"],
    }
    made.update({name: event[name] for name in ("on", "onbasis", "ontext", "citation", "reference")
                 if name in event})
    if "corrects" in event:
        made["corrects"] = str(event["corrects"])
    if "via" in event["actor"]:
        made["actorvia"] = event["actor"]["via"]
    if "privatehash" in event:
        made["privatehash"] = event["privatehash"].hex()
    return made


class Tables(unittest.TestCase):
    maxDiff = None

    def test_every_table_is_what_the_rows_say(self):
        for name, make in TABLES.items():
            with self.subTest(name):
                match = re.search(rf"<!-- rows: {name} -->\n\n(.*?)\n+<!-- end -->", TEXT, re.S)
                self.assertIsNotNone(match, f"no table {name}")
                self.assertEqual(match[1].strip().splitlines(), make().strip().splitlines())

    def test_what_hello_tells_of_the_limits_is_named(self):
        with Daemon() as daemon:
            for name in daemon.ask("hello", protocol=1)["limits"]:
                self.assertIn(f"`{name}`", TEXT)

    def test_every_counter_of_status_is_named(self):
        with Daemon() as daemon:
            for name in daemon.ask("status"):
                self.assertIn(f"`{name}`", TEXT)

    def test_what_types_tells_is_what_the_tables_tell(self):
        with Daemon() as daemon:
            told, more = [], {}
            while more is not None:
                answer = daemon.ask("types", **more)
                told += answer["types"]
                more = {"from": answer["next"]} if "next" in answer else None
        self.assertEqual([type["type"] for type in told],
                         [row[2] for row in rows("events.def", "EVENT")])
        for type, row in zip(told, rows("events.def", "EVENT")):
            self.assertEqual([field["name"] for field in type["fields"]],
                             [field["name"] for field in GROUPS[row[6]]], type["type"])
            self.assertEqual(type["kind"], KINDS.get(row[3], "any"))
            for field, said in zip(GROUPS[row[6]], type["fields"]):
                self.assertEqual((said["type"], said.get("unique", False), said.get("readers", [])),
                                 (field["type"].lower(), "INDEXED" in field["flags"],
                                  READERS.get((row[6], field["name"]), [])))
                self.assertEqual("readers" in said, "private" in said)


class Types(unittest.TestCase):
    """The rules of the data types, as the specification writes them, against the daemon's."""

    def expression(self, type):
        row = re.search(rf"^\| {type} \| str \| `(.*?)`", TEXT, re.M)
        return re.compile(row[1].replace("\\|", "|"))

    def is_date(self, text):
        if not self.expression("date").fullmatch(text):
            return False
        try:
            return len(text) < 10 or bool(time.strptime(text, "%Y-%m-%d"))
        except ValueError:
            return False

    def test_a_public_key(self):
        def fits(text):
            if not self.expression("curve").fullmatch(text):
                return False
            values = [0] * 8
            for at, each in enumerate(text):
                values[at // 5] = 85 * values[at // 5] + Z85.index(each)
            return max(values) < 2**32

        rest = "0" * 35
        samples = ["0" * 40, "0" * 39, "0" * 41, "", rest + "%nSc0", rest + "%nSc1", "%nSc0" * 8,
                   rest + "%nSd0", "#####" * 8, rest + "0#000", rest + "+#+#+", " " + "0" * 39,
                   "0" * 39 + "\n", "0" * 38 + "é", *(rest + "0000" + each for each in Z85 + "|,;'")]
        self.assertEqual(len(Z85), 85)
        with Daemon() as daemon:
            daemon.region()
            for text in samples:
                answer = daemon.post(event("key.added", "key/x", "x", data={
                    "curve": text, "organisation": "x", "label": "x"}), dry=True)
                self.assertEqual(answer["status"], "ok" if fits(text) else "malformed", text)

    def test_what_they_take(self):
        url = self.expression("url")
        rules = {
            "id": (self.expression("id").fullmatch,
                   ["a", "0", "a-", "-a", "", "A", "a_b", "a" * 64, "a" * 65, "é", "a b", "a\n"]),
            "on": (self.is_date,
                   ["2015", "2015-03", "2015-Q3", "2015-03-19", "2015-13", "2015-00", "2015-Q0",
                    "2015-Q5", "2015-3", "2015-02-29", "2016-02-29", "2100-02-29", "2000-02-29",
                    "2015-04-31", "2015-12-31", "15", "", "2015-", "2015-03-", "2015-03-19 ",
                    "2015-03-00", "20150319", "2015-q1"]),
            "url": (lambda text: url.fullmatch(text) and not set(text) & set('"<>')
                    and 9 <= len(text) <= 1000,
                    ["https://a", "http://ab", "http://a", "ftp://abc", "https://é", "https://a b",
                     'https://a"', "https://<a>", "https://" + "a" * 992, "https://" + "a" * 993,
                     "HTTPS://a", ""]),
            "citation": (lambda text: text.strip(" ") and len(text) <= 500 and not re.search(
                "[\x00-\x1f\x7f-\x9f]", text),
                ["a", "", "é" * 500, "é" * 501, "a\tb", "a\nb", "a\u0085b", "a\u00a0b", "a\x7f",
                 "  "]),
            "summary": (lambda text: text.strip(" \n") and len(text) <= 2000 and not re.search(
                "[\x00-\x09\x0b-\x1f\x7f-\x9f]", text),
                ["a\nb", "a\rb", "a\tb", "\n", " ", "\n \n", " a", "\u00a0", "", "\u0085"]),
        }
        with Daemon() as daemon:
            daemon.region()
            for field, (fits, samples) in rules.items():
                for text in samples:
                    event = {"id": "x", "type": "news.published", "region": "twente",
                             "subject": "news/x", "on": "2015",
                             "data": {"title": "a", "summary": "b"}}
                    (event if field in ("id", "on", "citation") else event["data"])[field] = text
                    answer = daemon.post(event, dry=True)
                    self.assertEqual(answer["status"], "ok" if fits(text) else "malformed",
                                     (field, text))


class Examples(unittest.TestCase):
    maxDiff = None

    def test_hashes(self):
        found = examples()
        self.assertEqual(found["leaf-1"], leaf(found["event-1"]))
        self.assertEqual(found["log-value-1"], found["leaf-1"] + found["event-1"])
        self.assertEqual(found["leaf-2"], leaf(found["event-2"]))
        self.assertEqual(found["leaf-3"], leaf(found["event-3"]))
        self.assertEqual(found["node-1-2"], node(found["leaf-1"], found["leaf-2"]))
        self.assertEqual(found["root-3"], node(found["node-1-2"], found["leaf-3"]))
        self.assertEqual(found["tree-3"],
                         (3).to_bytes(8, "big") + found["node-1-2"] + found["leaf-3"])
        self.assertEqual(found["private-hash-2"], hashlib.sha256(found["private-2"]).digest())
        self.assertEqual(unpack(found["event-2"])["privatehash"], found["private-hash-2"])
        self.assertEqual(found["root-0"], hashlib.sha256(b"").digest())

    def test_events_are_canonical(self):
        for name, data in examples().items():
            if name.startswith("event-"):
                event = unpack(data)
                self.assertEqual(msgpack.packb(event), data, name)
                order = [field["name"] for field in GROUPS["ENVELOPE"] if field["name"] in event]
                self.assertEqual(list(event), order, name)

    def test_the_cloudevent_is_that_of_its_event(self):
        match = re.search(r"```json\n(\{\n  \"specversion\".*?)\n```", TEXT, re.S)
        self.assertEqual(json.loads(match[1]), cloudevent(examples()["event-1"]))

    def test_the_last_line_of_an_export_is_right(self):
        line = re.search(r'^\{"log":.*$', TEXT, re.M)[0]
        end = json.loads(line)
        self.assertEqual(end["root"], examples()["root-3"].hex())
        self.assertEqual(line, exports.end_line(end["log"], end["head"], end["root"]))

    def test_the_daemon_writes_such_cloudevents(self):
        with Daemon() as daemon:
            daemon.load()
            events = daemon.read()
            daemon.stop()
            lines = dump(daemon.data)
        self.assertEqual([line["event"] for line in lines], [cloudevent(data) for data in events])

    def test_the_running_daemon_says_the_same_bytes(self):
        found = examples()
        times = {seq: unpack(found[f"event-{seq}"])["time"] for seq in (1, 2, 3)}
        for name in ("post-answer-3", "post-answer-4", "post-answer-5"):
            receipt = unpack(found[name])["receipts"][0]
            times[receipt["seq"]] = receipt["time"]
        log, version = (unpack(found["hello-answer"])[name] for name in ("log", "version"))

        with Daemon() as daemon:
            query, command = daemon.socket("query"), daemon.socket("command")
            feed = daemon.context.socket(zmq.SUB)
            feed.linger = 0
            for topic in (b"/twente/", b"!/twente/\n"):
                feed.setsockopt(zmq.SUBSCRIBE, topic)
            feed.connect(f"ipc://{daemon.runtime}/feed")
            self.addCleanup(feed.close)
            self.assertTrue(feed.poll(5000))  # the heartbeat of a new subscription

            def ask(socket, name):
                socket.send_raw(found[name])
                return socket.receive()

            def check(answer, name):
                if "log" in answer:  # hello
                    answer["log"], answer["version"] = log, version
                self.assertEqual(msgpack.packb(with_times(answer, times)), found[name], name)

            check(ask(query, "hello-request"), "hello-answer")
            check(ask(command, "post-request"), "post-answer")
            check(ask(command, "refused-request"), "refused-answer")

            wanted = {"feed-event": None, "feed-heartbeat": None}

            def heard():
                while feed.poll(10):
                    topic, body = feed.recv().split(b"\n", 1)
                    body = unpack(body)
                    if topic.startswith(b"!"):
                        if body["head"] == 0:
                            continue
                        body["log"] = unpack(found["feed-heartbeat"].split(b"\n", 1)[1])["log"]
                        name = "feed-heartbeat"
                    else:
                        body, name = with_times(body, times), "feed-event"
                    wanted[name] = topic + b"\n" + msgpack.packb(body)
                return all(wanted.values())

            wait_for(heard)
            for name, frame in wanted.items():
                self.assertEqual(frame, found[name], name)

            for seq in (2, 3, 4, 5):
                check(ask(command, f"post-request-{seq}"), f"post-answer-{seq}")
            event = unpack(daemon.read("/", 1)[0])
            event["privatehash"], event["time"] = found["private-hash-2"], times[2]
            self.assertEqual(msgpack.packb(event), found["event-2"])
            part = (daemon.data / "private" / "2").read_bytes()
            self.assertEqual(part[32:], found["private-2"][32:])
            check(ask(query, "get-request"), "get-answer")
            check(ask(query, "read-request"), "read-answer")


def write_tables():
    """Puts the tables of the rows into the specification; the rest of it stays as it is."""
    text = TEXT
    for name, make in TABLES.items():
        text = re.sub(rf"(<!-- rows: {name} -->\n\n).*?(\n+<!-- end -->)",
                      lambda match: match[1] + make().strip() + match[2], text, flags=re.S)
    (ROOT / "proto" / "README.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write_tables()
    else:
        unittest.main()
