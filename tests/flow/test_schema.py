#!/usr/bin/python3
"""`waternet types --schema`: JSON Schema of every event type, held against real and broken events."""

import copy
import json
import re
import unittest

from harness import ROOT, Daemon, one_of_each

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PREFIX = "nl.waterketens."
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description", "readOnly", "writeOnly"}


def is_type(value, name):
    return isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool))


def matches(pattern, text):
    """As ECMA-262 reads it: $ is the end, and not before a last newline."""
    return re.search(re.sub(r"\$$", r"\\Z", pattern), text) is not None


class Validator:
    """The keywords that are used and no others: an unknown one is an error of the schema."""

    def __init__(self, root):
        self.root = root

    def faults(self, value, schema=None, place="$"):
        schema = self.root if schema is None else schema
        if schema is True:
            return []
        found = []
        for keyword, operand in schema.items():
            if keyword not in ANNOTATIONS:
                check = getattr(self, "on_" + keyword.replace("$", ""))
                found += [f"{place}: {keyword}{fault}" for fault in
                          check(value, operand, schema, place) or []]
        return found

    def on_ref(self, value, operand, _, place):
        target = self.root
        for name in operand.removeprefix("#/").split("/"):
            target = target[name]
        return self.faults(value, target, place)

    def on_anyOf(self, value, operand, *_):
        return [] if any(not self.faults(value, each) for each in operand) else [""]

    def on_type(self, value, operand, *_):
        names = operand if isinstance(operand, list) else [operand]
        return [] if any(is_type(value, name) for name in names) else [f" {operand}"]

    def on_const(self, value, operand, *_):
        return [] if value == operand else [f" {operand}"]

    def on_enum(self, value, operand, *_):
        return [] if value in operand else [f" {operand}"]

    def on_pattern(self, value, operand, *_):
        return [f" {operand}"] if isinstance(value, str) and not matches(operand, value) else []

    def on_minLength(self, value, operand, *_):
        return [""] if isinstance(value, str) and len(value) < operand else []

    def on_maxLength(self, value, operand, *_):
        return [""] if isinstance(value, str) and len(value) > operand else []

    def on_minimum(self, value, operand, *_):
        return [""] if is_type(value, "integer") and value < operand else []

    def on_maximum(self, value, operand, *_):
        return [""] if is_type(value, "integer") and value > operand else []

    def on_items(self, value, operand, _, place):
        return [fault for i, item in enumerate(value if isinstance(value, list) else [])
                for fault in self.faults(item, operand, f"{place}[{i}]")]

    def on_minItems(self, value, operand, *_):
        return [""] if isinstance(value, list) and len(value) < operand else []

    def on_maxItems(self, value, operand, *_):
        return [""] if isinstance(value, list) and len(value) > operand else []

    def on_uniqueItems(self, value, operand, *_):
        return [""] if isinstance(value, list) and len(set(value)) < len(value) else []

    def on_properties(self, value, operand, _, place):
        return [fault for name, schema in operand.items() if isinstance(value, dict) and name in value
                for fault in self.faults(value[name], schema, f"{place}.{name}")]

    def on_required(self, value, operand, *_):
        return [f" {name}" for name in operand if isinstance(value, dict) and name not in value]

    def on_additionalProperties(self, value, operand, schema, place):
        more = [name for name in (value if isinstance(value, dict) else {})
                if name not in schema.get("properties", {})]
        if operand is False:
            return [f" {name}" for name in more]
        return [fault for name in more
                for fault in self.faults(value[name], operand, f"{place}.{name}")]

    def on_propertyNames(self, value, operand, _, place):
        return [fault for name in (value if isinstance(value, dict) else {})
                for fault in self.faults(name, operand, place)]

    def on_minProperties(self, value, operand, *_):
        return [""] if isinstance(value, dict) and len(value) < operand else []

    def on_maxProperties(self, value, operand, *_):
        return [""] if isinstance(value, dict) and len(value) > operand else []


def cloud(event):
    """An event as a client posts it, as a CloudEvent."""
    event = copy.deepcopy(event)
    region = event.pop("region")
    return {**event, "type": f"{PREFIX}{event['type']}.v1", "subject": f"{region}/{event['subject']}"}


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon().start()
        cls.addClassCleanup(cls.daemon.__exit__, None)
        cls.daemon.load()
        done = cls.daemon.cli("import", ROOT / "data" / "voorbeeld.jsonl")
        assert done.returncode == 0, done.stderr
        cls.rows = cls.daemon.types()
        cls.schemas = json.loads(cls.daemon.cli("types", "--schema").stdout)

    def of(self, event, shape=None):
        name = event["type"].removeprefix(PREFIX).removesuffix(".v1")
        validator = Validator(self.schemas[name])
        return validator.faults(event, shape and {"$ref": f"#/$defs/{shape}"})

    def posted(self):
        """What was posted: the shipped files and an event of each type."""
        for name in ("twente", "voorbeeld"):
            for line in (ROOT / "data" / f"{name}.jsonl").read_text().splitlines():
                event = json.loads(line)
                if not str(event.get("corrects", "")).startswith("id:"):  # import's own
                    yield event
        yield from map(cloud, one_of_each())

    def read(self):
        text = self.daemon.cli("log", "--json").stdout
        return [json.loads(line) for line in text.splitlines()]

    def test_there_is_a_document_for_each_type(self):
        self.assertEqual(set(self.schemas), set(self.rows))
        ids = set()
        for name, schema in self.schemas.items():
            self.assertEqual(schema["$schema"], DIALECT)
            self.assertIn(f"{PREFIX}{name}.v1", schema["$id"])
            ids.add(schema["$id"])
        self.assertEqual(len(ids), len(self.rows))
        one = self.daemon.cli("types", "--schema", "news.published")
        self.assertEqual(json.loads(one.stdout), self.schemas["news.published"])
        none = self.daemon.cli("types", "--schema", "news.publish")
        self.assertEqual((none.returncode, none.stdout), (3, ""))
        self.assertIn("did you mean news.published?", none.stderr)

    def test_what_is_posted_and_what_is_read_is_valid(self):
        posted, read = list(self.posted()), self.read()
        self.assertGreater(len(posted), 300)
        self.assertGreater(len(read), 250)
        self.assertEqual({event["type"] for event in posted},
                         {f"{PREFIX}{name}.v1" for name in self.rows})
        for event in posted:
            self.assertEqual(self.of(event, "posted"), [], event)
            self.assertEqual(self.of(event), [])
        for event in read:
            self.assertEqual(self.of(event, "read"), [], event)
            self.assertEqual(self.of(event), [])
            if "shares" not in event["data"] and event["data"].get("phase") is None and not any(
                    field.get("private") for field in self.row(event)["fields"]):
                self.assertEqual(self.of(event, "posted"), [])  # an export can be posted again

    def row(self, event):
        return self.rows[event["type"].removeprefix(PREFIX).removesuffix(".v1")]

    def test_private_fields_are_for_what_is_posted_and_the_daemons_for_what_is_read(self):
        sides = {"private": ("posted", "read", "writeOnly"), "daemon": ("read", "posted", "readOnly")}
        seen = set()
        for name, row in self.rows.items():
            defs = self.schemas[name]["$defs"]
            for field in row["fields"]:
                for flag, (there, absent, mark) in sides.items():
                    if field.get(flag):
                        seen.add(flag)
                        place = defs[there]["properties"]["data"]["properties"]
                        self.assertTrue(place[field["name"]][mark])
                        place = defs[absent]["properties"]["data"]["properties"]
                        self.assertNotIn(field["name"], place)
        self.assertEqual(seen, set(sides))
        secret = next(event for event in self.posted() if "contribution.submitted" in event["type"])
        self.assertIn("text", secret["data"])
        self.assertTrue(self.of(secret, "read"))

    def broken(self, event):
        """(what, the event broken in that way), by the rows of its type."""
        def changed(path, value):
            other = copy.deepcopy(event)
            place = other
            for name in path[:-1]:
                place = place[name]
            if value is None:
                place.pop(path[-1], None)
            else:
                place[path[-1]] = value
            return f"{'.'.join(path)} = {value!r:.40}", other

        row = self.row(event)
        yield changed(["subject"], "twente")
        yield changed(["subject"], "twente/nothing/x")
        yield changed(["subject"], None)
        yield changed(["id"], "No Id")
        yield changed(["id"], "a\n")
        yield changed(["more"], "1")
        yield changed(["on"], "2026-13")
        yield changed(["on"], "26-01-01")
        yield changed(["specversion"], "0.3")
        yield changed(["corrects"], "-1")
        yield changed(["corrects"], -1)
        yield changed(["data", "more"], "1")
        for need in row["needs"]:
            yield changed([need], None)
        for field in row["fields"]:
            path = ["data", field["name"]]
            if field.get("required"):
                yield changed(path, None)
            if field.get("daemon"):
                yield changed(path, "idea")
            elif field["name"] in event["data"]:
                for wrong in self.wrong(field, event["data"][field["name"]]):
                    yield changed(path, wrong)

    def wrong(self, field, value):
        """Values that a field may not have."""
        yield [] if field["form"] == "one" else "x"
        yield {} if field["form"] == "map" else True
        if field["form"] == "set":
            yield value + value[:1]
            yield []
        if field["form"] == "map":
            yield {**value, "No Id": 1}
            yield {**value, "a": "x"}
        if field["form"] == "one":
            yield from self.wrong_one(field, value)

    def wrong_one(self, field, value):
        if isinstance(value, str):
            yield 7
            yield ""
        wrong = {"line": ["a\nb", "\u0085", " ", "x" * (field.get("max", 2000) + 1)],
                 "text": ["a\tb", " \n ", "é" * (field.get("max", 2000) + 1)],
                 "id": ["A", "-a", "a" * 65], "reference": ["A", "a b"],
                 "choice": ["nothing"], "phase": ["nothing"], "date": ["2026-Q5", "2026-1", "26"],
                 "count": [-1, field.get("max", 2**62) + 1 if "max" in field else -2, "7"],
                 "cents": [10**15, "7"], "decimal": ["-0", "1.0", "01", ".5", "1,5"],
                 "url": ["ftp://x.nl", "https://", "https://a b", "http://a"], "oin": ["1" * 19],
                 "path": ["werkplaats", "nothing/x", "werkplaats/X"], "curve": ["x" * 39, "x" * 39 + "~"],
                 "flag": [1], "group": [{"more": 1}]}
        yield from wrong.get(field["type"], [])

    def test_what_is_broken_is_refused_by_the_schema_and_by_the_daemon(self):
        count, kinds = 0, set()
        for event in map(cloud, one_of_each()):
            for what, other in self.broken(event):
                with self.subTest(event["type"], what=what):
                    self.assertTrue(self.of(other), other)
                    self.assertTrue(self.of(other, "posted"))
                    done = self.daemon.cli("import", "-", "--dry-run", input=json.dumps(other)) \
                        if (event["type"], what) not in kinds and count % 6 == 0 else None
                    if done is not None:
                        self.assertNotEqual(done.returncode, 0, done.stdout)
                        self.assertRegex(done.stderr, "malformed|is needed|not .*JSON|no id")
                kinds.add((event["type"], what))
                count += 1
        self.assertGreater(count, 800)


if __name__ == "__main__":
    unittest.main()
