#!/usr/bin/python3
"""A disk that is full or nearly so: posts are refused, nothing is lost, and it goes on by itself."""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from harness import Daemon, news, waternetd

OWN_MOUNTS = "WATERNET_TEST_OWN_MOUNTS"


@contextlib.contextmanager
def small_disk(mebibytes):
    """A file system of its own. The mount is seen by this process and its children alone."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="wn-disk-", dir="/tmp"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "none", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)
        place.rmdir()


def big(number):
    return news(f"n{number}", body="x" * 29000)


class Disk(unittest.TestCase):
    def fill(self, daemon, kept, status, most=2000):
        """Posts until that status is heard; what is acknowledged goes into kept."""
        for _ in range(most):
            each = big(len(kept))
            answer = daemon.post(each)
            if answer["status"] != "ok":
                self.assertEqual(answer["status"], status, answer)
                return answer
            kept.append(each)
        self.fail(f"{status} was never heard")

    def check_all_kept(self, daemon, kept):
        """Repeating every acknowledged post gives its receipt; nothing else is stored."""
        self.assertEqual(daemon.head(), 3 + len(kept))
        for number, each in enumerate(kept):
            receipt = daemon.post(each)["receipts"][0]
            self.assertEqual((receipt["seq"], receipt["duplicate"]), (4 + number, True))
        self.assertEqual(daemon.ask("list", kind="news")["status"], "ok")
        daemon.kill()
        done = waternetd("verify", daemon.data)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        daemon.start()

    def goes_on(self, daemon, kept, count=20):
        """Posts are taken again without a restart, and after one."""
        end = time.monotonic() + 10
        each = big(len(kept))
        while (answer := daemon.post(each))["status"] != "ok":
            self.assertLess(time.monotonic(), end, answer)
            time.sleep(0.1)
        kept.append(each)
        for number in range(len(kept), len(kept) + count):
            self.assertEqual(daemon.post(big(number))["status"], "ok")
            kept.append(big(number))

    def try_full_disk(self, make_room, ballast=0):
        kept = []
        with small_disk(20) as disk:
            (disk / "ballast").write_bytes(bytes(ballast))
            with Daemon("--free-bytes-low", 0, data=disk / "data") as daemon:
                process = daemon.region().process.pid
                for _ in range(2):  # also a second time, after room was made
                    answer = self.fill(daemon, kept, "storage-full")
                    self.assertEqual(answer["message"], "storage-full, nothing stored")
                    for _ in range(5):
                        self.assertEqual(daemon.post(big(len(kept)))["status"], "storage-full")
                    before = daemon.head()
                    self.assertEqual(daemon.ask("find", id="id-n0")["status"], "ok")
                    self.assertEqual(daemon.ask("find", id=f"id-n{len(kept)}")["status"],
                                     "not-found")
                    self.assertEqual(len(daemon.read("/twente/news/", before - 2)), 2)
                    make_room(disk)
                    self.goes_on(daemon, kept)
                self.assertEqual(daemon.process.pid, process)
                self.check_all_kept(daemon, kept)
                self.goes_on(daemon, kept, 2)

    def test_a_full_disk_that_becomes_larger_takes_posts_again(self):
        sizes = iter((28, 36))
        self.try_full_disk(lambda disk: subprocess.run(
            ["mount", "-o", f"remount,size={next(sizes)}m", disk], check=True))

    def test_a_full_disk_on_which_a_file_is_removed_takes_posts_again(self):
        sizes = iter((4 << 20, 0))
        self.try_full_disk(lambda disk: os.truncate(disk / "ballast", next(sizes)), 8 << 20)

    def test_below_the_watermark_posts_are_refused_and_questions_answered(self):
        with small_disk(24) as disk:
            with Daemon("--free-bytes-low", 4 << 20, data=disk / "data") as daemon:
                daemon.region()
                kept = []
                (disk / "ballast").write_bytes(bytes(6 << 20))
                answer = self.fill(daemon, kept, "storage-low")
                self.assertIn("nothing stored", answer["message"])
                self.assertEqual(daemon.ask("find", id="id-n0")["status"], "ok" if kept else
                                 "not-found")
                (disk / "ballast").unlink()
                self.goes_on(daemon, kept, 1)
                self.check_all_kept(daemon, kept)
            self.assertLess(1 << 20, os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize)

    def test_what_a_full_disk_has_no_room_for_is_not_restored_and_not_exported(self):
        with Daemon() as daemon, small_disk(8) as disk:
            daemon.region()
            for number in range(400):
                self.assertEqual(daemon.post(big(number))["status"], "ok")
            export, to = daemon.scratch / "export", disk / "to"
            self.assertEqual(daemon.cli("export", export).returncode, 0)
            (disk / "file").write_text("old")
            done = daemon.cli("export", disk / "file")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("No space left on device", done.stderr)
            self.assertEqual((disk / "file").read_text(), "old")
            done = waternetd("restore", export, to)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("nothing is restored", done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1)
            self.assertEqual(os.listdir(disk), ["file"])
            subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
            self.assertEqual(waternetd("restore", export, to).returncode, 0)
            self.assertEqual(waternetd("verify", to).returncode, 0)

    def test_a_map_that_is_full_goes_on_with_a_larger_one(self):
        kept = []
        with Daemon("--map-bytes", 16 << 20) as daemon:
            daemon.region()
            answer = self.fill(daemon, kept, "storage-full")
            self.assertEqual(answer["message"], "storage-full, nothing stored")
            self.check_all_kept(daemon, kept)
            self.assertEqual(daemon.post(big(len(kept)))["status"], "storage-full")
            self.assertEqual(daemon.stop(), 0)
            daemon.options[-1] = str(64 << 20)
            daemon.start()
            self.goes_on(daemon, kept)
            self.check_all_kept(daemon, kept)


def main():
    if OWN_MOUNTS not in os.environ:
        probe = subprocess.run(["unshare", "-m", "true"], capture_output=True, text=True)
        if probe.returncode != 0:
            print(f"skipped: no file system can be mounted here: {probe.stderr.strip()}")
            unittest.main(defaultTest="Disk.test_a_map_that_is_full_goes_on_with_a_larger_one")
        os.environ[OWN_MOUNTS] = "1"
        os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.argv])
    unittest.main()


if __name__ == "__main__":
    main()
