#!/usr/bin/python3
"""The follower of test_cursor_cli.py, killed 100 times while 100 000 events come. WATERNET_LONG=1 runs
it."""

import unittest

import test_cursor_cli
from harness import LONG


@unittest.skipUnless(LONG, "WATERNET_LONG=1 runs it")
class KilledLong(test_cursor_cli.Killed):
    kills, events = 100, 100_000


if __name__ == "__main__":
    unittest.main()
