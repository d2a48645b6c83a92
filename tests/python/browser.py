"""A real Chromium for tests: tests/browser/driver.mjs, told what to do line by line.

    with Browser() as browser, browser.page(width=360) as page:
        page.go("http://127.0.0.1:8080/twente")
        page.axe()       # what is not accessible
        page.problems()  # what the browser complained about since
"""

import base64
import json
import os
import shutil
import subprocess
import time

from harness import ROOT

FOLDER = ROOT / "tests" / "browser"


def program():
    return os.environ.get("WATERNET_CHROMIUM") or shutil.which("chromium")


class Failed(Exception):
    """What the browser could not do."""


class Page:
    def __init__(self, browser, number):
        self.browser, self.number = browser, number

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tell("close")

    def tell(self, verb, **more):
        return self.browser.tell(verb, page=self.number, **more)

    def go(self, url):
        """Its status."""
        return self.tell("go", url=url)

    def evaluate(self, expression):
        return self.tell("evaluate", expression=expression)

    def wait(self, expression, seconds=20.0):
        return self.tell("wait", expression=expression, milliseconds=int(seconds * 1000))

    def axe(self):
        return self.tell("axe")

    def tabs(self):
        """How many can be used, and where the focus was at each Tab."""
        return self.tell("tabs")

    def press(self, key):
        return self.tell("press", key=key)

    def click(self, selector, text=""):
        """Where it was, and where it is then."""
        return self.tell("click", selector=selector, text=text)

    def fill(self, selector, text):
        return self.tell("fill", selector=selector, text=text)

    def pdf(self):
        return base64.b64decode(self.tell("pdf"))

    def screenshot(self, path, full=True):
        return self.tell("screenshot", path=str(path), full=full)

    def bytes(self):
        """Transferred since it went there."""
        return self.tell("bytes")

    def problems(self):
        return self.tell("problems")


class Browser:
    def __init__(self):
        self.process = subprocess.Popen(["node", "driver.mjs"], cwd=FOLDER, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number = 0
        self.version = self.tell("start", program=program())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def tell(self, verb, **more):
        self.number += 1
        self.process.stdin.write(json.dumps({"number": self.number, "verb": verb, **more}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the browser's driver has ended"
        answer = json.loads(line)
        assert answer["number"] == self.number, answer
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["value"]

    def page(self, width=1366, height=None, javascript=True, insecure=False):
        number = self.tell("open", width=width, javascript=javascript, insecure=insecure,
                           height=height or (740 if width < 500 else 768))
        return Page(self, number)


def hand_in(browser, base):
    """As a reader with something to tell: the form of the made-up region, filled in and sent. The
    path of the receipt."""
    with browser.page(360) as page:
        page.go(f"{base}/aandragen?over=voorbeeld")
        page.click("input[name=soort]")
        page.fill("textarea", "Onder de markt ligt ook een riool.")
        time.sleep(3.1)  # nobody reads, types and sends faster
        page.click(".handin button")
        page.wait("/^\\/aandragen\\/./.test(location.pathname)")
        return page.evaluate("location.pathname")
