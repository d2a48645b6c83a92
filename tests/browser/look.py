#!/usr/bin/python3
"""tests/browser/look.py FOLDER: pictures of every page, on a phone and on a desk, to look at.

Not a test: it tells which pages there are and where each picture lies.
"""

import pathlib
import sys

from browser import Browser, hand_in
from dashboard import Dashboard, example_paths
from harness import DATA, Daemon


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with Daemon() as daemon:
        daemon.load()
        daemon.cli("import", DATA.with_name("voorbeeld.jsonl"))
        with Dashboard(daemon) as dashboard, Browser() as browser:
            dashboard.is_live()
            base = f"http://127.0.0.1:{dashboard.port}"
            sent = [hand_in(browser, base)]
            for name, paths in example_paths(dashboard, sent=sent).items():
                for number, path in enumerate(paths):
                    for width in (360, 1366):
                        picture = folder / f"{name.lower()}-{number}-{width}.png"
                        with browser.page(width) as page:
                            page.go(base + path)
                            page.screenshot(picture)
                        print(picture, path)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
