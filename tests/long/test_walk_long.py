#!/usr/bin/python3
"""The random walk of test_walk.py, a million events long. WATERNET_LONG=1 runs it."""

import unittest

import test_walk
from harness import LONG


@unittest.skipUnless(LONG, "WATERNET_LONG=1 runs it")
class LongWalk(test_walk.RandomWalk):
    events = 1_000_000


if __name__ == "__main__":
    unittest.main()
