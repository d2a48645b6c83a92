#!/usr/bin/python3
"""A post: judged, stored once, answered, there for whoever asks."""

import unittest

from harness import Daemon, event, news


class Turn(unittest.TestCase):
    def test_a_post_of_several_falls_whole_with_its_first_refused_event(self):
        with Daemon() as daemon:
            daemon.region()
            before = daemon.ask("status")
            answer = daemon.post(news("a"), news("b"), news("c", werkplaats="nope"), news("d"))
            self.assertEqual((answer["status"], answer["index"]), ("refused", 2))
            self.assertEqual([fault["guard"] for fault in answer["faults"]], [11])
            after = daemon.ask("status")
            self.assertEqual((after["head"], after["root"]), (before["head"], before["root"]))
            self.assertEqual(daemon.ask("get", region="twente", kind="news", entity="a")["status"],
                             "not-found")

    def test_an_id_is_stored_once_for_ever(self):
        with Daemon() as daemon:
            daemon.region()
            first = daemon.post(news("a"))["receipts"][0]
            daemon.kill()
            daemon.start()
            again = daemon.post(news("a"))["receipts"][0]
            self.assertEqual({**first, "duplicate": True}, again)
            self.assertEqual(daemon.post(news("a", title="Anders"))["status"], "conflict")
            other = daemon.post(news("a"), **{"as": {"role": "moderator"}})
            self.assertEqual(other["status"], "ok")  # the same organisation, known already
            other = daemon.post(news("a"), **{"as": {"role": "member", "organisation": "almelo"}})
            self.assertEqual(other["status"], "conflict")

    def test_expect_holds_the_version_of_the_subject(self):
        with Daemon() as daemon:
            daemon.region()
            version = daemon.post({**news("a"), "expect": 0})["receipts"][0]["seq"]
            change = event("news.corrected", "news/a", "c1", expect=version - 1,
                           data={"title": "Beter"})
            self.assertEqual(daemon.post(change)["status"], "conflict")
            self.assertEqual(daemon.post({**change, "expect": version})["status"], "ok")

    def test_status_counts_what_was_refused_and_what_was_malformed_apart(self):
        names = ("posts", "duplicates", "refused", "malformed")

        def counted():
            answer = daemon.ask("status")
            return [answer[name] - before[name] for name in names]

        slip, unknown = {**news("slip"), "on": "3d"}, news("b", werkplaats="nope")
        with Daemon() as daemon:
            daemon.region().post(news("a"))
            before = daemon.ask("status")
            for events, dry, added in (
                    ([news("a")], False, (1, 1, 0, 0)), ([unknown], False, (1, 0, 1, 0)),
                    ([slip], False, (1, 0, 0, 1)), ([news("c"), slip], False, (1, 0, 0, 1)),
                    ([unknown], True, (0, 0, 0, 0)), ([slip], True, (0, 0, 0, 0)),
                    ([news("a")], True, (0, 0, 0, 0)), ([news("d")], True, (0, 0, 0, 0))):
                with self.subTest(events=events, dry=dry):
                    before = daemon.ask("status")
                    daemon.post(*events, **({"dry": True} if dry else {}))
                    self.assertEqual(counted(), list(added))


if __name__ == "__main__":
    unittest.main()
