#!/usr/bin/python3
"""Any moment of a log of a million events over 65 regions with 20 werkplaatsen each, of some entities
folded by the model. WATERNET_LONG=1 runs it."""

import random
import unittest

import test_past
from harness import LONG, Daemon
from programme import post_all, programme

REGIONS, WERKPLAATSEN, EVENTS = 65, 20, 1_000_000
KEPT = 60  # entities that are folded


@unittest.skipUnless(LONG, "WATERNET_LONG=1 runs it")
class AnyMomentOfAMillion(test_past.Folded, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        daemon = Daemon()
        cls.addClassCleanup(daemon.__exit__, None)
        daemon.start()
        post_all(daemon, programme(REGIONS, WERKPLAATSEN, EVENTS, daemon.head(), appends=0.03))
        kept = {f"p{number // WERKPLAATSEN:02}/werkplaats/w{number % WERKPLAATSEN:02}"
                for number in random.sample(range(REGIONS * WERKPLAATSEN), KEPT)}
        cls.read_log(daemon, kept.__contains__)

    def test_at_any_position_it_is_what_the_log_gives(self):
        self.check_positions(lists=0)

    def test_on_any_day_it_is_what_the_log_gives(self):
        self.check_days(lists=0)


if __name__ == "__main__":
    unittest.main()
