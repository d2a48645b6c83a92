"""What the flow and crash tests share: the real programs over real sockets, in scratch directories.

    with Daemon() as daemon:
        daemon.load()                          # data/twente.jsonl
        answer = daemon.post(news("hello"))    # raw wire, no library of ours
        done = daemon.cli("list", "werkplaatsen")
"""

import contextlib
import itertools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import msgpack
import zmq

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WATERNET_BUILD", ROOT / "build" / "dev")).resolve()
LONG = os.environ.get("WATERNET_LONG") == "1"
DATA = ROOT / "data" / "twente.jsonl"

_numbers = itertools.count(1)


def wait_for(question, seconds=20.0, every=0.02):
    """The first true answer of question(), or a failure after some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(every)
    raise AssertionError(f"{question} did not come true in {seconds} s")


def news(entity, id=None, region="twente", **data):
    """An event as the wire takes it; more envelope fields go in beside `data`."""
    fields = {"title": f"Bericht {entity}", "summary": "Kort."}
    fields.update(data)
    return {"id": id or f"id-{entity}", "type": "news.published", "region": region,
            "subject": f"news/{entity}", "on": "2026-11-24", "data": fields}


def event(type, subject, id, region="twente", **more):
    data = more.pop("data", {})
    return {"id": id, "type": type, "region": region, "subject": subject, **more, "data": data}


def one_of_each():
    """Events that are accepted in this order by an empty log, every type among them; what opens
    comes first."""
    region = "twente"
    baseline = {"phase": "execution", "basis": "stated", "citation": "jaarplan 2024"}
    inhabitants = {"count": 73175, "on": "2020", "citation": "CBS"}
    rows = [
        ("region.registered", "region/twente", {"name": "Twents waternet", "status": "beta"}),
        ("member.joined", "member/almelo", {"name": "Almelo", "kind": "municipality",
                                            "inhabitants": inhabitants}),
        ("member.joined", "member/enschede", {"name": "Enschede", "kind": "municipality"}),
        ("member.joined", "member/losser", {"name": "Losser", "kind": "municipality"}),
        ("region.updated", "region/twente", {"record_keeper": "almelo"}),
        ("member.renamed", "member/enschede", {"former": "Lonneker"}),
        ("partner.registered", "partner/saxion", {"name": "Saxion", "sector": "education"}),
        ("body.established", "body/platform", {"name": "Platform", "level": "administrative"}),
        ("body.established", "body/kern", {"name": "Kern", "level": "administrative",
                                           "core_of": "platform"}),
        ("seat.assigned", "body/kern", {"member": "losser", "function": "lid"}),
        ("seat.vacated", "body/kern", {"member": "losser", "function": "lid"}),
        ("seat.assigned", "body/kern", {"member": "almelo", "function": "voorzitter",
                                        "on_behalf_of": ["enschede"]}),
        ("member.left", "member/losser", {"reason": "Gefuseerd.\nZie het besluit."}),
        ("werkplaats.opened", "werkplaats/riool", {
            "name": "Riool", "kind": "project", "theme": "Vervanging", "leads": ["almelo"],
            "common_interest": "Eén aanbesteding voor allen."}),
        ("werkplaats.opened", "werkplaats/data", {
            "name": "Data", "kind": "project", "theme": "Meten", "leads": ["enschede"],
            "parent": "riool", "baseline": baseline}),
        ("werkplaats.opened", "werkplaats/slib", {
            "name": "Slib", "kind": "ongoing", "theme": "Slib", "leads": ["almelo"],
            "common_interest": "Minder ritten."}),
        ("werkplaats.updated", "werkplaats/slib", {"parent": "riool"}),
        ("news.published", "news/eerste", {"title": "Eerste", "summary": "Kort.",
                                           "werkplaats": "riool"}),
        ("news.published", "news/oud", {"title": "Oud", "summary": "Kort."}),
        ("news.corrected", "news/eerste", {"summary": "Langer, en juist."}),
        ("news.withdrawn", "news/oud", {"reason": "Achterhaald."}),
        ("contribution.submitted", "contribution/een", {
            "kind": "addition", "about": "werkplaats/riool", "text": "Ik weet meer.",
            "sender": {"name": "Jan", "email": "jan@example.org"}}),
        ("contribution.submitted", "contribution/twee", {"kind": "reaction", "text": "Nee."}),
        ("contribution.submitted", "contribution/drie", {"kind": "knowledge", "text": "Zo."}),
        ("contribution.accepted", "contribution/een", {
            "text": "Er is meer bekend.", "changed": ["news/eerste", "werkplaats/riool"]}),
        ("contribution.rejected", "contribution/twee", {"reason": "Niet onderbouwd."}),
        ("goal.set", "goal/kosten", {"frame": "3k", "dimension": "cost", "target": "14.3",
                                     "unit": "eur-cent", "year": 2020}),
        ("measurement.recorded", "goal/kosten", {
            "kind": "realised", "value": "-0.5", "unit": "eur-cent", "member": "almelo",
            "werkplaats": "riool"}),
        *the_way_of_riool(),
        ("participation.declared", "werkplaats/slib", {"member": "enschede"}),
        ("participation.ended", "werkplaats/slib", {"member": "enschede", "reason": "Te ver."}),
        ("participation.declared", "werkplaats/slib", {"member": "almelo"}),
        ("decision.taken", "werkplaats/slib", {
            "member": "almelo", "board": "council", "kind": "substantive", "outcome": "positive"}),
        ("costs.allocated", "werkplaats/slib", {
            "purpose": "preparation", "amount": 100001, "key": "waterwinst", "version": "v1",
            "decide_by": "2027-Q1"}),
        ("werkplaats.opened", "werkplaats/kennis", {
            "name": "Kennis", "kind": "ongoing", "theme": "Kennis",
            "common_interest": "Van elkaar leren."}),
        ("werkplaats.phase-changed", "werkplaats/kennis", {
            "from": "ongoing", "to": "stopped", "reason": "Gaat op in slib."}),
        ("cost-key.adopted", "cost-key/waterwinst", {
            "version": "v2", "method": "fixed+weights", "weights": {"enschede": 1},
            "fixed": {"almelo": 250000}, "valid_from": "2027"}),
        ("year-programme.adopted", "year-programme/2026", {
            "werkplaatsen": ["data", "riool"], "by": "platform"}),
        ("subscription.created", "subscription/oud", {
            "channel": "webhook", "address": "https://example.org/x", "secret": "geheim",
            "filter": {"kinds": ["news"], "werkplaatsen": ["riool"]}, "language": "en"}),
        ("subscription.ended", "subscription/oud", {"reason": "Op verzoek."}),
        ("subscription.created", "subscription/post", {
            "member": "almelo", "channel": "mail", "filter": {}, "digest": "daily",
            "address": "water@example.org"}),
        ("subscription.confirmed", "subscription/post", {}),
        ("subscription.changed", "subscription/post", {"digest": "weekly"}),
        ("subscription.paused", "subscription/post", {"reason": "Zomer."}),
        ("subscription.resumed", "subscription/post", {}),
        ("subscription.paused", "subscription/post", {"reason": "Winter."}),
        ("key.added", "key/balie", {"curve": curve(1), "organisation": "twente",
                                    "label": "zaaksysteem"}),
        ("role.granted", "key/balie", {"role": "lead", "region": "twente", "member": "almelo",
                                       "werkplaats": "riool"}),
        ("role.granted", "key/balie", {"role": "secretary", "region": "twente"}),
        ("role.withdrawn", "key/balie", {"role": "secretary", "region": "twente"}),
        ("role.granted", "key/balie", {"role": "member", "region": "twente", "member": "almelo"}),
        ("key.added", "key/oud", {"curve": curve(2), "organisation": "almelo", "label": "oud"}),
        ("key.retired", "key/oud", {"reason": "Er is een nieuwe."}),
        ("key.added", "key/kwijt", {"curve": curve(3), "organisation": "almelo", "label": "kwijt"}),
        ("key.revoked", "key/kwijt", {}),
    ]
    submitted = [subject for _, subject, _ in rows].index("contribution/een") + 1
    rows.append(("private.erased", "contribution/een", {"of": submitted,
                                                        "reason": "Op verzoek."}))
    return [event(type, subject, f"each-{number}", region, on="2026-11-24", **also(type), data=data)
            for number, (type, subject, data) in enumerate(rows)]


def curve(number):
    """A public key, well-formed and each number another; nobody has its secret half."""
    return f"{number:040}"


def the_way_of_riool():
    """From idea to completed, as (type, subject, data)."""
    def step(was, to):
        return "werkplaats.phase-changed", riool, {"from": was, "to": to}

    riool = "werkplaats/riool"
    yes = {"kind": "financial", "purpose": "execution", "outcome": "positive"}
    return [
        ("werkplaats.plan-adopted", riool, {
            "version": "1.0", "pillars": {"doing": "Samen relinen.", "interest": "Goedkoper."},
            "goals": {"cost": "Een tiende minder."}, "sectors": ["education", "government"],
            "partners": ["saxion"], "adopted_by": "platform",
            "document": "https://example.org/plan"}),
        ("werkplaats.advice-given", riool, {"priority": "high", "note": "Begin snel."}),
        step("idea", "research"),
        ("werkplaats.feasibility-concluded", riool, {"outcome": "positive", "note": "Het kan."}),
        ("participation.declared", riool, {"member": "almelo"}),
        ("participation.declared", riool, {"member": "enschede"}),
        step("research", "preparation"),
        ("cost-key.adopted", "cost-key/waterwinst", {
            "version": "v1", "method": "weights", "weights": {"almelo": 2, "enschede": 1},
            "valid_from": "2026"}),
        ("costs.allocated", riool, {"purpose": "execution", "amount": 1000000,
                                    "key": "waterwinst", "version": "v1"}),
        ("decision.taken", riool, {"member": "almelo", "board": "college", "amount": 700000,
                                   **yes}),
        ("decision.taken", riool, {"member": "enschede", "board": "council", "amount": 333333,
                                   **yes}),
        step("preparation", "execution"),
        ("werkplaats.result-delivered", riool, {
            "title": "Kilometer riool", "url": "https://example.org/riool",
            "goals": {"quality": "Minder lek."}, "meaning": "Geen kuil in de straat."}),
        step("execution", "aftercare"),
        ("werkplaats.evaluated", riool, {"summary": "Geleerd.", "presented_to": "kern"}),
        step("aftercare", "completed"),
    ]


def also(type):
    """What an event of a type must carry in its envelope besides `on`."""
    if type.startswith(("goal.", "measurement.", "cost-key.")):
        return {"citation": "Jaarverslag 2026"}
    return {"reference": "Z-12"} if type.startswith(("participation.", "decision.")) else {}


class Socket:
    """A DEALER of one request at a time or of many; answers by number."""

    def __init__(self, path, context):
        self.socket = context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.connect(f"ipc://{path}")

    def send(self, request, **fields):
        number = next(_numbers)
        self.socket.send(msgpack.packb({"number": number, "request": request, **fields}))
        return number

    def send_raw(self, *frames):
        self.socket.send_multipart(frames)

    def receive(self, seconds=20.0):
        """The next answer, or None."""
        if not self.socket.poll(int(seconds * 1000)):
            return None
        return msgpack.unpackb(self.socket.recv(), strict_map_key=True)

    def ask(self, request, **fields):
        number = self.send(request, **fields)
        while True:
            answer = self.receive()
            assert answer is not None, f"no answer to {request}"
            if answer["number"] == number:
                return answer

    def close(self):
        self.socket.close()


class Daemon:
    """waternetd in a scratch directory; start() and kill() as often as one likes."""

    def __init__(self, *options, data=None, environment=None):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="wn-", dir="/tmp"))  # short: sockets
        self.data = pathlib.Path(data) if data else self.scratch / "data"
        self.runtime = self.scratch / "run"
        self.log = self.scratch / "log"
        self.options = [str(option) for option in options]
        self.environment = environment or {}
        self.process = None
        self.context = zmq.Context()
        self.sockets = []

    # Life ----------------------------------------------------------------------------------

    def start(self, ready=True):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [BUILD / "waternetd", "--data", self.data, "--runtime", self.runtime,
                 *self.options], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **self.environment})
        if ready:
            with contextlib.closing(Socket(self.runtime / "query", self.context)) as probe:
                probe.send("hello", protocol=1)
                end = time.monotonic() + 30
                while not probe.socket.poll(50):
                    assert self.process.poll() is None, self.log_text()
                    assert time.monotonic() < end, "the daemon does not answer"
        return self

    def kill(self, number=signal.SIGKILL):
        """Ends it with a signal and returns its exit code."""
        if self.process is None:
            return None
        self.process.send_signal(number)
        return self.wait()

    def stop(self):
        return self.kill(signal.SIGTERM)

    def wait(self, seconds=30):
        code = self.process.wait(seconds)
        self.process = None
        return code

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        code = self.stop() if self.process and self.process.poll() is None else 0
        for socket in self.sockets:
            socket.close()
        self.context.destroy(linger=0)
        text = self.log_text()
        shutil.rmtree(self.scratch, ignore_errors=True)
        if kind is None:
            assert code == 0, f"exit {code}\n{text}"
            assert "Sanitizer" not in text and "runtime error" not in text, text

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    # Asking, on the raw wire ---------------------------------------------------------------

    def socket(self, name):
        socket = Socket(self.runtime / name, self.context)
        self.sockets.append(socket)
        return socket

    def ask(self, request, **fields):
        if not hasattr(self, "_query"):
            self._query = self.socket("query")
        return self._query.ask(request, **fields)

    def post(self, *events, **fields):
        if not hasattr(self, "_command"):
            self._command = self.socket("command")
        return self._command.ask("post", events=list(events), **fields)

    def head(self):
        return self.ask("status")["head"]

    def types(self):
        """The rows of all event types, by their names."""
        rows, more = {}, {}
        while True:
            answer = self.ask("types", **more)
            rows.update((row["type"], row) for row in answer["types"])
            if "next" not in answer:
                return rows
            more = {"from": answer["next"]}

    def read(self, prefix="/", after=0):
        """All events of a prefix as (bytes), through as many answers as it takes."""
        events = []
        while True:
            answer = self.ask("read", prefix=prefix, after=after)
            assert answer["status"] == "ok", answer
            events += answer["events"]
            after = answer["after"]
            if answer["done"]:
                return events

    def load(self):
        """The real programme."""
        done = self.cli("import", DATA)
        assert done.returncode == 0, done.stderr
        return self

    def region(self, name="twente", members=("almelo", "enschede")):
        """A small region, quicker than the real programme."""
        answer = self.post(event("region.registered", f"region/{name}", f"{name}-region", name,
                                 data={"name": name}))
        assert answer["status"] == "ok", answer
        for member in members:
            answer = self.post(event("member.joined", f"member/{member}", f"{name}-{member}", name,
                                     data={"name": member, "kind": "municipality"}))
            assert answer["status"] == "ok", answer
        return self

    # The programs --------------------------------------------------------------------------

    @staticmethod
    def cli_path():
        return BUILD / "waternet"

    def cli(self, *arguments, input=None, timeout=60, environment=None):
        return subprocess.run([BUILD / "waternet", "--runtime", self.runtime,
                               *map(str, arguments)], input=input, capture_output=True, text=True,
                              timeout=timeout, env={**os.environ, **(environment or {})})

    def cli_start(self, *arguments, **more):
        """A client that goes on; its streams are pipes of text."""
        return subprocess.Popen([BUILD / "waternet", "--runtime", self.runtime,
                                 *map(str, arguments)], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def waternetd(*arguments, timeout=120):
    """An offline command: verify, dump, restore."""
    return subprocess.run([BUILD / "waternetd", *map(str, arguments)], capture_output=True,
                          text=True, timeout=timeout)


def dump(data):
    """The lines of `waternetd dump`, parsed, but for the last, which is about all of them."""
    done = waternetd("dump", data)
    assert done.returncode == 0, done.stderr
    *lines, end = [json.loads(line) for line in done.stdout.splitlines()]
    assert end["head"] == len(lines), end
    return lines
