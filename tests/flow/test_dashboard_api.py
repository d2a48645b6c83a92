#!/usr/bin/python3
"""waternet-dashboard for machines: /v1, /metrics and /healthz say what the log says, as they are described."""

import csv
import gzip
import hashlib
import http.client
import io
import json
import re
import shutil
import subprocess
import textwrap
import unittest
import warnings

import client as wn
from harness import DATA, ROOT, Daemon, news
from test_dashboard import Dashboard

warnings.filterwarnings("ignore", category=DeprecationWarning)
import jsonschema  # noqa: E402  (warns of its own future)

BATCH, STREAM = "application/cloudevents-batch+json", "text/event-stream"


def sequences(events):
    return [int(event["sequence"]) for event in events]


class Follower:
    """Reads /v1/events as a stream; goes on where it was when it is cut off."""

    def __init__(self, port, after=None, query=""):
        self.position = after
        self.query = query
        self.open(port)

    def open(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Accept": STREAM}
        if self.position is not None:
            headers["Last-Event-ID"] = self.position
        self.connection.request("GET", "/v1/events" + self.query, headers=headers)
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()

    def message(self):
        """(name, data) of the next message; data is None if it only moves the position."""
        name, data = "message", None
        while True:
            line = self.answer.readline().decode()
            if line == "":
                raise EOFError
            field, _, value = line.rstrip("\n").partition(": ")
            if field == "id":
                self.position = value
            elif field == "event":
                name = value
            elif field == "data":
                data = json.loads(value)
            elif line == "\n":
                return name, data

    def event(self):
        while True:
            name, data = self.message()
            if data is not None:
                assert name == "message", (name, data)
                return data

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def whole(dashboard, path="/v1/events?after=0", **headers):
    """All events of a range, link by link."""
    events = []
    while path:
        answer = dashboard.ask(path, **headers)
        assert answer.status == 200, (path, answer.content)
        events += json.loads(answer.content)
        link = answer.headers["Link"]
        path = re.fullmatch(r'<(.*)>; rel="next"', link).group(1) if link else None
    return events


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.__enter__()
        cls.daemon.load()
        cls.daemon.cli("import", DATA.with_name("voorbeeld.jsonl"))
        cls.dashboard = Dashboard(cls.daemon).is_live()
        cls.description = json.loads(cls.dashboard.ask("/v1/openapi.json").content)
        cls.log = [json.loads(line)
                   for line in cls.daemon.cli("log", "--json").stdout.splitlines()]

    @classmethod
    def tearDownClass(cls):
        cls.dashboard.stop()
        cls.daemon.__exit__(None, None, None)

    def json(self, path, status=200, **headers):
        answer = self.dashboard.ask(path, **headers)
        self.assertEqual(answer.status, status, (path, answer.content))
        return json.loads(answer.content)

    def cli(self, *arguments):
        done = self.daemon.cli(*arguments, "--json")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def validate(self, value, schema):
        resolver = jsonschema.RefResolver("", self.description)
        jsonschema.Draft4Validator(schema, resolver=resolver).validate(value)

    def problem(self, answer, status, code):
        problem = json.loads(answer.content)
        self.assertEqual((answer.status, problem["status"], problem["code"]),
                         (status, status, code), answer.content)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertEqual(answer.headers["API-Version"], "1.0.0")
        self.validate(problem, {"$ref": "#/components/schemas/Problem"})
        return problem

    # As described ------------------------------------------------------------------------------

    def test_the_description_is_well_formed_and_follows_the_design_rules(self):
        document = self.description
        self.assertRegex(document["openapi"], r"^3\.0\.\d$")
        self.assertEqual(set(document["info"]["contact"]), {"name", "email", "url"})
        self.assertEqual(document["servers"], [{"url": "/v1"}])
        operations = [got["operationId"] for path in document["paths"].values()
                      for got in path.values()]
        self.assertEqual(len(operations), len(set(operations)))
        for path, methods in document["paths"].items():
            self.assertEqual(list(methods), ["post" if path == "/contributions" else "get"])
            self.assertRegex(path, r"^/$|^(/([a-z0-9.-]+|\{[a-z]+\}))+$")
            (got,) = methods.values()
            named = re.findall(r"\{(.*?)\}", path)
            self.assertEqual(sorted(row["name"] for row in got["parameters"]
                                    if row["in"] == "path"), sorted(named))
            for parameter in got["parameters"]:
                self.assertRegex(parameter["name"], r"^[a-z][a-zA-Z0-9]*$")
                re.compile(parameter["schema"]["pattern"])
            for status, response in got["responses"].items():
                self.assertIn("API-Version", response["headers"])
                if status >= "4":
                    self.assertEqual(list(response["content"]), ["application/problem+json"])
            self.assertIn("400", got["responses"])
        for name, schema in document["components"]["schemas"].items():
            self.assertRegex(name, r"^[A-Z][A-Za-z]*$")
            jsonschema.Draft4Validator.check_schema(schema)
        for reference in re.findall(r'"\$ref": "#/components/schemas/(\w+)"',
                                    json.dumps(document)):
            self.assertIn(reference, document["components"]["schemas"])

    def test_every_path_answers_in_every_form_as_it_is_described(self):
        values = {"region": "voorbeeld", "kind": "werkplaatsen", "id": "groene-schoolpleinen",
                  "event": "250", "type": "news.published"}
        queries = {"after": "200", "until": "210", "limit": "3", "level": "/voorbeeld/werkplaats/",
                   "region": "voorbeeld", "at": "250", "on": "2026", "member": "kievitsdrecht",
                   "entity": "groene-schoolpleinen",
                   "from": "voorbeeld/werkplaats/groene-schoolpleinen"}
        for pattern, methods in self.description["paths"].items():
            if "get" not in methods:
                continue
            path = "/v1" + re.sub(r"\{(\w+)\}", lambda found: values[found[1]], pattern)
            path = path.removesuffix("/")
            given = [row["name"] for row in methods["get"]["parameters"] if row["in"] == "query"]
            asked = [""] + [f"?{name}={queries[name]}" for name in given]
            for media, content in methods["get"]["responses"]["200"]["content"].items():
                for query in asked if media != STREAM else []:
                    with self.subTest(path=path + query, media=media):
                        answer = self.dashboard.ask(path + query, Accept=media)
                        self.assertEqual(answer.status, 200, answer.content)
                        self.assertEqual(answer.headers["Content-Type"].split(";")[0], media)
                        self.assertEqual(answer.headers["API-Version"], "1.0.0")
                        if "json" in media:
                            self.validate(json.loads(answer.content), content["schema"])

    def test_every_kind_and_every_type_is_there(self):
        for region in ("twente", "voorbeeld"):
            for kind in ("regions", "members", "partners", "bodies", "werkplaatsen", "news",
                         "contributions", "goals", "cost-keys", "year-programmes"):
                answer = self.json(f"/v1/regions/{region}/{kind}?limit=1000")
                self.validate(answer, {"$ref": "#/components/schemas/Entities"})
                listed = self.cli("list", kind, "--region", region, "--all")
                for row in listed:
                    row["record"]["fields"].pop("advice", None)
                self.assertEqual(answer["entities"], listed, kind)
        prefix = "nl.waterketens."
        schemas = {row["type"]: self.json(row["schema"]) for row in self.json("/v1/types")["types"]}
        for event in self.log:
            schema = schemas[event["type"].removeprefix(prefix).removesuffix(".v1")]
            jsonschema.Draft202012Validator(schema).validate(event)

    # As the log --------------------------------------------------------------------------------

    def test_the_past_is_what_the_daemon_says_of_it(self):
        for past in (("at", "240"), ("on", "2025-06"), ("at", "100")):
            query = f"{past[0]}={past[1]}"
            option = ["--at", f"seq:{past[1]}"] if past[0] == "at" else ["--on", past[1]]
            got = self.json(f"/v1/regions/voorbeeld/werkplaatsen?{query}&limit=1000")["entities"]
            listed = self.cli("list", "werkplaatsen", "--region", "voorbeeld", "--all", *option)
            for row in listed:
                row["record"]["fields"].pop("advice", None)
            self.assertEqual(got, listed)
        at = self.json("/v1/regions/voorbeeld/next?at=240")
        self.assertEqual(at["werkplaatsen"], self.daemon.ask("next", region="voorbeeld",
                                                             at=240)["werkplaatsen"])
        self.problem(self.dashboard.ask("/v1/regions/voorbeeld/werkplaatsen/groene-schoolpleinen"
                                        "?at=100"), 404, "not-found")
        self.problem(self.dashboard.ask("/v1/regions/voorbeeld/members?on=2025-02-30"), 400,
                     "malformed")

    def test_pages_of_a_list_make_the_whole(self):
        for query in ("", "&at=255"):
            whole_list = self.json(f"/v1/regions/twente/members?limit=1000{query}")["entities"]
            self.assertGreater(len(whole_list), 10)
            got, path = [], f"/v1/regions/twente/members?limit=4{query}"
            while path:
                answer = self.dashboard.ask(path)
                part = json.loads(answer.content)
                self.assertLessEqual(len(part["entities"]), 4)
                got += part["entities"]
                link = answer.headers["Link"]
                self.assertEqual(link is None, "next" not in part)
                path = link and re.search("<(.*)>", link).group(1)
            self.assertEqual(got, whole_list)

    def test_a_range_is_the_log_without_what_is_for_members(self):
        shown = [event for event in self.log if ".advice-given." not in event["type"]
                 and ".subscription." not in event["type"]]
        self.assertLess(len(shown), len(self.log) - 5)
        for limit in (7, 100, 1000):
            self.assertEqual(whole(self.dashboard, f"/v1/events?limit={limit}"), shown)
        level = [event for event in shown if event["subject"].startswith("twente/werkplaats/")]
        self.assertEqual(whole(self.dashboard, "/v1/events?level=/twente/werkplaats/&limit=9"),
                         level)
        region = [event for event in shown if event["subject"].startswith("twente/")]
        self.assertEqual(whole(self.dashboard, "/v1/events?region=twente"), region)
        self.assertEqual(whole(self.dashboard, "/v1/events?after=20&until=30&limit=4"),
                         [event for event in shown if 20 < int(event["sequence"]) <= 30])

    def test_what_is_for_members_is_not_public(self):
        hidden = [event for event in self.log if event not in whole(self.dashboard)]
        for event in hidden:
            for name in (int(event["sequence"]), event["id"]):
                self.problem(self.dashboard.ask(f"/v1/events/{name}"), 404, "not-found")
        for kind in ("subscriptions", "keys"):
            for path in (f"/v1/regions/voorbeeld/{kind}", f"/v1/regions/system/{kind}",
                         f"/v1/regions/voorbeeld/{kind}/x", f"/v1/regions/voorbeeld/{kind}?at=250"):
                self.problem(self.dashboard.ask(path), 404, "not-found")
        advice = "Zoek per gemeente eerst"
        path = "/v1/regions/voorbeeld/werkplaatsen/groene-schoolpleinen"
        for query in ("", "?at=258", "?on=2026"):
            self.assertNotIn(advice, self.dashboard.ask(path + query).content.decode())
        leaves = self.json("/v1/log/leaves?limit=1000")["leaves"]
        self.assertEqual([row["seq"] for row in leaves if not row["shown"]], sequences(hidden))
        with Dashboard(self.daemon, "--audience", "members") as members:
            members.is_live()
            self.assertEqual(whole(members), self.log)
            self.assertIn(advice, members.ask(path).content.decode())
            self.assertIn(advice, members.ask(path + "?at=258").content.decode())
            answer = members.ask("/v1/regions/voorbeeld/subscriptions")
            self.assertEqual(answer.status, 200)
            self.assertIsNone(answer.headers["Access-Control-Allow-Origin"])

    def test_one_can_verify_what_one_may_not_see(self):
        log = self.json("/v1/log")
        leaves, path = [], "/v1/log/leaves?limit=50"
        while path:
            answer = self.dashboard.ask(path)
            leaves += json.loads(answer.content)["leaves"]
            link = answer.headers["Link"]
            path = link and re.search("<(.*)>", link).group(1)
        tree = wn.Tree()
        for row in leaves[:log["head"]]:
            tree.append(bytes.fromhex(row["leafhash"]))
        self.assertEqual(tree.root().hex(), log["root"])
        for event in whole(self.dashboard):
            seq = int(event["sequence"])
            self.assertEqual(leaves[seq - 1]["leafhash"], event["leafhash"])
        for seq in (1, 60, 250):
            answer = self.dashboard.ask(f"/v1/events/{seq}", Accept="application/msgpack")
            self.assertEqual(hashlib.sha256(b"\0" + answer.content).hexdigest(),
                             leaves[seq - 1]["leafhash"])

    def test_one_event_by_its_number_or_its_id(self):
        event = self.log[249]
        self.assertEqual(self.json("/v1/events/250"), event)
        self.assertEqual(self.json(f"/v1/events/{event['id']}"), event)
        for name in ("0", "00", "259", "99999999999999999", "nietsdaar"):
            self.problem(self.dashboard.ask(f"/v1/events/{name}"), 404, "not-found")

    # Tables ------------------------------------------------------------------------------------

    def test_tables_are_whole_and_harmless(self):
        rows = list(csv.DictReader(io.StringIO(
            self.dashboard.ask("/v1/regions/twente/members.csv").content.decode(), newline="")))
        members = self.json("/v1/regions/twente/members?limit=1000")["entities"]
        self.assertEqual([row["path"] for row in rows], [row["path"] for row in members])
        self.assertEqual([row["name"] for row in rows],
                         [row["record"]["fields"]["name"] for row in members])
        with Daemon() as daemon:
            daemon.load()
            daemon.post(news("boos", title='=HYPERLINK("http://x")', summary="-1\n+2, \"drie\""))
            with Dashboard(daemon) as dashboard:
                dashboard.is_live()
                text = dashboard.ask("/v1/regions/twente/news.csv").content.decode()
                row = next(row for row in csv.DictReader(io.StringIO(text, newline=""))
                           if row["path"].endswith("/boos"))
                self.assertEqual(row["title"], "'=HYPERLINK(\"http://x\")")
                self.assertEqual(row["summary"], "'-1\n+2, \"drie\"")

    # Manners -----------------------------------------------------------------------------------

    def test_what_a_client_has_is_not_sent_again(self):
        for path in ("/v1/regions/twente/members", "/v1/openapi.json", "/v1/events/5", "/twente",
                     "/v1/regions/twente/members.csv"):
            for encoding in ("identity", "gzip"):
                first = self.dashboard.ask(path, Accept_Encoding=encoding)
                self.assertEqual(first.status, 200)
                tag = first.headers["ETag"]
                again = self.dashboard.ask(path, Accept_Encoding=encoding, If_None_Match=tag)
                self.assertEqual((again.status, again.content, again.headers["ETag"]),
                                 (304, b"", tag), path)
                other = self.dashboard.ask(path, Accept_Encoding=encoding, If_None_Match='W/"x"')
                self.assertEqual(other.status, 200)

    def test_gzip_and_head(self):
        for path in ("/v1/events", "/v1/types"):
            plain = self.dashboard.ask(path)
            zipped = self.dashboard.ask(path, Accept_Encoding="gzip")
            self.assertEqual(zipped.headers["Content-Encoding"], "gzip")
            self.assertEqual(gzip.decompress(zipped.content), plain.content)
            head = self.dashboard.ask(path, "HEAD")
            self.assertEqual((head.status, head.content), (200, b""))
            self.assertEqual(head.headers["Content-Length"], str(len(plain.content)))
        self.assertEqual(self.dashboard.ask("/v1/events", "HEAD", Accept=STREAM).status, 200)

    def test_other_sites_may_read_it_and_nobody_may_write(self):
        answer = self.dashboard.ask("/v1/events", "OPTIONS", Origin="https://example.org")
        self.assertEqual((answer.status, answer.headers["Access-Control-Allow-Origin"]), (204, "*"))
        self.assertIn("GET", answer.headers["Access-Control-Allow-Methods"])
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            answer = self.dashboard.ask("/v1/events", method)
            self.problem(answer, 405, "method")
            self.assertEqual(answer.headers["Allow"], "GET, HEAD, OPTIONS")

    def test_the_form_is_what_the_client_likes_best(self):
        for accept, media in (("*/*", BATCH), ("text/csv;q=0.5, application/json", "application/json"),
                              ("application/*;q=0.1, text/csv", "text/csv"),
                              ("text/event-stream;q=0, */*", BATCH), (",, ,", BATCH),
                              ("application/json;q=0.2,*/*;q=0.1", "application/json")):
            answer = self.dashboard.ask("/v1/events", Accept=accept)
            self.assertEqual(answer.headers["Content-Type"].split(";")[0], media, accept)
        self.problem(self.dashboard.ask("/v1/events", Accept="image/png"), 406, "not-acceptable")
        self.problem(self.dashboard.ask("/v1/log.csv"), 406, "not-acceptable")

    def test_what_is_not_well_formed_is_refused_with_what_would_be_right(self):
        for query, fields in (("afer=1", ["afer"]), ("at=5", ["at"]),
                              ("after=-1", ["after"]), ("after=x", ["after"]),
                              ("after=1&after=2", ["after"]), ("limit=0", ["limit"]),
                              ("limit=1001", ["limit"]), ("level=twente", ["level"]),
                              ("after=99999999999999999999", ["after"]),
                              ("level=/TWENTE/&limit=x&x=y", ["level", "limit", "x"]),
                              ("region=" + "a" * 5000, ["region"]), ("after", ["after"]),
                              ("%ff=1", ["query"]), ("a" * 3000 + "=1", ["query"]),
                              ("after=%00", ["after"]), ("until=1%0d%0aX:y", ["until"])):
            with self.subTest(query[:40]):
                problem = self.problem(self.dashboard.ask("/v1/events?" + query), 400, "malformed")
                self.assertEqual([fault["field"] for fault in problem["faults"]], fields)
        self.problem(self.dashboard.ask("/v1/events?region=twente&level=/voorbeeld/"), 400,
                     "malformed")
        for path in ("/v1/", "/v1/events/", "/v1/niets", "/v1//events", "/v1/regions/TWENTE",
                     "/v1/regions/" + "a" * 65, "/v1/regions/" + "a" * 4000, "/v1/regions/nergens",
                     "/v1/regions/twente/werkplaats", "/v1/regions/nergens/next",
                     "/v1/types/niets.daar", "/v1/types/%2e%2e", "/v1/events/../../etc",
                     "/v1/regions/twente/members/x%00", "/v1/events/<script>"):
            with self.subTest(path[:40]):
                self.problem(self.dashboard.ask(path), 404, "not-found")
        self.assertEqual(self.dashboard.ask("/v1x").status, 404)

    def test_another_log_or_a_shorter_one_is_another_history(self):
        log = self.json("/v1/log")["log"][:8]
        other = "0" * 8 if log != "0" * 8 else "1" * 8
        for position in (f"{other}.5", f"{log}.259", "100000"):
            for accept in (BATCH, STREAM):
                answer = self.dashboard.ask(f"/v1/events?after={position}", Accept=accept)
                self.problem(answer, 410, "stale")
        self.problem(self.dashboard.ask("/v1/events", Accept=STREAM, Last_Event_ID="x"), 400,
                     "malformed")

    # Watching ----------------------------------------------------------------------------------

    def test_metrics_are_clean_and_true(self):
        answer = self.dashboard.ask("/metrics")
        text = answer.content.decode()
        promtool = shutil.which("promtool")
        self.assertIsNotNone(promtool, "promtool is in Debian's package prometheus")
        done = subprocess.run([promtool, "check", "metrics"], input=text, text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        values = dict(re.findall(r"^([a-z_]+) (\S+)$", text, re.MULTILINE))
        self.assertEqual(values["waternet_up"], "1")
        self.assertEqual(values["waternetd_head"], "258")
        self.assertEqual(values["waternetd_events_total"], "258")
        self.assertEqual(values["waternet_dashboard_position"], "258")

    def test_it_is_well_while_the_view_is_as_new_as_the_log(self):
        health = self.json("/healthz")
        self.assertEqual((health["status"], health["state"], health["position"]),
                         ("ok", "live", 258))


class Guide(unittest.TestCase):
    """The examples of doc/api.md are run as they stand there."""

    def test_the_examples_run(self):
        text = (ROOT / "doc" / "api.md").read_text(encoding="utf-8")
        python = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        shell = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        self.assertGreaterEqual(len(python), 2)
        self.assertGreaterEqual(len(shell), 1)
        with Daemon() as daemon:
            daemon.load()
            with Dashboard(daemon) as dashboard:
                dashboard.is_live()
                here = f"http://127.0.0.1:{dashboard.port}"
                for block in shell:
                    lines = [line for line in block.splitlines() if not line.endswith("# follows")]
                    for line in lines:
                        done = subprocess.run(["bash", "-ec", line.replace("https://waternet.example", here)],
                                              capture_output=True, timeout=60, check=False)
                        self.assertEqual(done.returncode, 0, (line, done.stderr))
                        self.assertTrue(done.stdout, line)
                for block in python:
                    block = textwrap.dedent(block).replace("https://waternet.example", here)
                    process = subprocess.Popen(["/usr/bin/python3", "-c", block], text=True,
                                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                    try:
                        head = str(daemon.head())
                        for line in process.stdout:
                            if head in line:
                                break
                        else:
                            self.fail(f"it ended without the newest event: {block}")
                    finally:
                        process.kill()
                        process.communicate()


if __name__ == "__main__":
    unittest.main()
