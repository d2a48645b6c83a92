"""The real waternet-dashboard, and readers of what it serves."""

import html
import html.parser
import http.client
import json
import re
import socket
import subprocess
import threading

from harness import BUILD, ROOT, wait_for

PROGRAM = BUILD / "waternet-dashboard"


class Dashboard:
    """The real program beside a daemon (None: as the options say), on a port of its own."""

    def __init__(self, daemon, *options, listen="127.0.0.1:0"):
        self.process = subprocess.Popen(
            [PROGRAM, *(["--runtime", daemon.runtime] if daemon else []), "--listen", listen, *options],
            stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        self.port = int(re.search(r"port=(\d+)", line).group(1))  # 0 of a unix socket
        self.listen = listen
        self.log = []
        threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(20) == 0, self.log

    def ask(self, path, method="GET", body=None, source="127.0.0.1", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20,
                                                source_address=(source, 0))
        if self.port == 0:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(20)
            connection.sock.connect(str(self.listen))
        try:
            connection.request(method, path, body=body,
                               headers={name.replace("_", "-"): value
                                        for name, value in headers.items()})
            answer = connection.getresponse()
            answer.content = answer.read()
            return answer
        finally:
            connection.close()

    def page(self, path, **headers):
        answer = self.ask(path, **headers)
        assert answer.status == 200, (path, answer.status)
        return answer.content.decode()

    def state(self):
        answer = self.ask("/")
        return re.search(r'data-state="([a-z-]+)"', answer.content.decode()).group(1)

    def is_live(self):
        wait_for(lambda: self.state() == "live")
        return self


class Stream:
    """A reader of /live: (name, id, data) of each message, as they come."""

    def __init__(self, dashboard, last_id=None):
        self.socket = self.connect(dashboard)
        head = "GET /live HTTP/1.1\r\nHost: x\r\n"
        if last_id is not None:
            head += f"Last-Event-ID: {last_id}\r\n"
        self.socket.sendall(head.encode() + b"\r\n")
        self.file = self.socket.makefile("rb")
        while self.file.readline().strip():
            pass
        self.rest = b""

    def connect(self, dashboard):
        return socket.create_connection(("127.0.0.1", dashboard.port), timeout=20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def read(self):
        """The next message, heartbeats and states left out unless asked for with next_of."""
        while True:
            while b"\n\n" not in self.rest:
                size = int(self.file.readline().strip() or b"0", 16)
                self.rest += self.file.read(size)
                self.file.readline()
            message, self.rest = self.rest.split(b"\n\n", 1)
            fields = dict(line.split(": ", 1) for line in message.decode().splitlines()
                          if ": " in line)
            if "event" in fields:
                return fields["event"], fields.get("id"), json.loads(fields["data"])

    def next_of(self, name):
        while True:
            message = self.read()
            if message[0] == name:
                return message


class Outline(html.parser.HTMLParser):
    """Tags and attributes of a page, and its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(re.sub(r"(<textarea[^>]*>)\n", r"\1", text))  # HTML: that one does not count

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


# Every page -----------------------------------------------------------------------------------------

PAGES_DEF = ROOT / "clients" / "dashboard" / "pages.def"


def page_patterns():
    """{NAME: regular expression of its paths}, a row of pages.def each."""
    rows = re.findall(r'^PAGE\(([A-Z_]+),\s*"([^"]*)"', PAGES_DEF.read_text(), re.M)
    return {name: re.compile(re.sub(r"\\{seq\\}", r"[1-9][0-9]*", re.sub(
        r"\\{(?!seq)[a-z_]+\\}", r"[a-z0-9-]+", re.escape(pattern)))) for name, pattern in rows}


OF_REGION = re.findall(r'^PAGE\(([A-Z_]+),\s*"/\{region\}', PAGES_DEF.read_text(), re.M)


def page_named(path):
    """Of two patterns that fit a path the first counts, as in the program."""
    return next((name for name, pattern in page_patterns().items() if pattern.fullmatch(path)),
                None)


def example_paths(dashboard, tries=8, sent=()):
    """{NAME: paths}: pages that one gets to by following links from the first, and from what forms
    that were sent led to; of each row that of every region that has the most to show."""
    patterns = page_patterns()
    found, ahead = {name: {} for name in patterns}, ["/", "/zoeken?q=water", *sent]
    seen = set(ahead)
    while ahead:
        path = ahead.pop(0)
        name = page_named(path.split("?")[0])
        if name is None:
            continue
        region = path.split("/")[1].split("?")[0] if name in OF_REGION else ""
        sizes = found[name].setdefault(region, {})
        if len(sizes) >= tries:
            continue
        answer = dashboard.ask(path)
        if answer.status != 200:
            continue
        text = answer.content.decode()
        sizes[path] = len(text)
        for link in re.findall(r'href="(/[^"#]*)', text):
            link = html.unescape(link)
            if link not in seen and not re.match(r"/en(/|$)|/assets/", link):
                seen.add(link)
                ahead.append(link)
    return {name: [max(sizes, key=sizes.get) for sizes in regions.values() if sizes]
            for name, regions in found.items()}
