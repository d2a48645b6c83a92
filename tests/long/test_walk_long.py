#!/usr/bin/python3
"""The random walk of test_walk.py, a million events long."""

import os
import unittest

os.environ.setdefault("WATERNET_EVENTS", "1000000")

from test_walk import RandomWalk  # noqa: E402,F401  (its length is read when it is imported)

if __name__ == "__main__":
    unittest.main()
