#!/usr/bin/python3
"""tests/browser/look.py FOLDER: pictures of every page, on a phone and on a desk, to look at.

Not a test: it tells which pages there are and where each picture lies.
"""

import pathlib
import sys

from browser import Browser
from dashboard import Dashboard, example_paths
from harness import DATA, Daemon


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with Daemon() as daemon:
        daemon.load()
        daemon.cli("import", DATA.with_name("voorbeeld.jsonl"))
        with Dashboard(daemon) as dashboard, Browser() as browser:
            dashboard.is_live()
            for name, paths in example_paths(dashboard).items():
                for number, path in enumerate(paths):
                    for width in (360, 1366):
                        picture = folder / f"{name.lower()}-{number}-{width}.png"
                        with browser.page(width) as page:
                            page.go(f"http://127.0.0.1:{dashboard.port}{path}")
                            page.screenshot(picture)
                        print(picture, path)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
