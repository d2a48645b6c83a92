#!/usr/bin/python3
"""libwaternet as others get it: what it exports, how it is found, and the programs of its guide,
compiled against what is installed and run against the daemon while both are killed."""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from harness import BUILD, ROOT, Daemon, event, news, wait_for

LIB = ROOT / "clients/lib"
EXAMPLES = {"post": ["post.c"], "follow": ["follow.c"], "copy": ["copy.c", "state.c"],
            "compare": ["compare.c", "state.c"]}
CACHE = dict(re.findall(r"^(\w+):\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.MULTILINE))
SANITIZE = ["-fsanitize=address,undefined"] if CACHE.get("SANITIZE") == "ON" else []


def run(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          timeout=120, **more)


def setUpModule():
    """Installs into a scratch prefix, which was not known when it was built."""
    global PREFIX, PKG
    PREFIX = pathlib.Path(tempfile.mkdtemp(prefix="wn-lib-", dir="/tmp"))
    unittest.addModuleCleanup(shutil.rmtree, PREFIX)
    done = run(CACHE["CMAKE_COMMAND"], "--install", BUILD, "--prefix", PREFIX)
    assert done.returncode == 0, done.stderr
    folder = next(PREFIX.rglob("libwaternet.pc")).parent
    PKG = {**os.environ, "PKG_CONFIG_PATH": str(folder),
           "LD_LIBRARY_PATH": str(folder.parent)}


def pkg_config(*words):
    done = run("pkg-config", *words, env=PKG)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def declared():
    """The functions of the header."""
    text = re.sub(r"//.*", "", (LIB / "waternet.h").read_text())
    return set(re.findall(r"\b(waternet_\w+)\s*\([^;{]*\)\s*;", text))


class Exported(unittest.TestCase):
    def library(self):
        return next(PREFIX.rglob("libwaternet.so"))

    def test_the_library_exports_what_the_header_declares_and_nothing_else(self):
        self.assertGreater(len(declared()), 30)
        lines = run("nm", "-D", "--defined-only", self.library()).stdout.splitlines()
        symbols = {line.split()[2] for line in lines if line.split()[1] != "A"}
        self.assertEqual(symbols, {f"{name}@@WATERNET_0.1" for name in declared()})

    def test_the_map_and_the_symbols_of_the_package_name_them_all(self):
        text = (LIB / "libwaternet.map").read_text()
        self.assertEqual(set(re.findall(r"^ +(waternet_\w+);", text, re.MULTILINE)), declared())
        self.assertNotIn("waternet_*", text)
        text = (ROOT / "debian/libwaternet0.symbols").read_text()
        self.assertEqual(set(re.findall(r"^ (waternet_\w+)@WATERNET_0.1 ", text, re.MULTILINE)),
                         declared())

    def test_programs_link_to_the_version_of_the_interface(self):
        self.assertIn("[libwaternet.so.0]", run("readelf", "-d", self.library()).stdout)
        self.assertTrue((self.library().parent / "libwaternet.so.0").is_symlink())

    def test_the_header_stands_alone_in_c_and_in_cxx(self):
        header = PREFIX / "include/waternet.h"
        strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
        compilers = [name for name in ("gcc", "clang-14") if shutil.which(name)]
        languages = {"c": ["-std=c17"]}
        if shutil.which("g++") or "clang-14" in compilers:
            languages["c++"] = ["-std=c++11"]
        self.assertTrue(compilers)
        for language, options in languages.items():
            for compiler in compilers:
                if (compiler, language) == ("gcc", "c++") and not shutil.which("g++"):
                    continue
                with self.subTest(compiler, language=language):
                    done = run(compiler, *strict, *options, "-x", language, header)
                    self.assertEqual(done.returncode, 0, done.stderr)

    def test_pkg_config_tells_no_more_than_is_needed(self):
        flags = pkg_config("--cflags", "--libs", "libwaternet")
        self.assertEqual([flag[:2] for flag in flags], ["-I", "-L", "-l"])
        for flag in flags[:2]:
            self.assertTrue(pathlib.Path(flag[2:]).resolve().is_relative_to(PREFIX), flag)
        self.assertEqual(flags[2], "-lwaternet")
        self.assertEqual(pkg_config("--print-requires", "--print-requires-private",
                                    "libwaternet"), [])
        self.assertEqual(pkg_config("--modversion", "libwaternet"),
                         re.findall(r"waternetd VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()))

    def test_what_the_packages_install_is_there(self):
        if pathlib.Path(CACHE["CMAKE_INSTALL_PREFIX"]) == pathlib.Path("/usr"):
            self.skipTest("laid out for the packages already")
        for name in ("libwaternet0", "libwaternet-dev", "waternet-cli"):
            for line in (ROOT / f"debian/{name}.install").read_text().split():
                with self.subTest(name, line=line):
                    tail = line.removeprefix("usr/").replace("lib/*/", "lib*/**/")
                    self.assertTrue(list(PREFIX.glob(tail)), tail)


class Guide(unittest.TestCase):
    def test_its_code_stands_in_the_examples(self):
        text = (LIB / "README.md").read_text()
        blocks = re.findall(r"^```c\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        self.assertGreater(len(blocks), 4)
        examples = [file.read_text() for file in (LIB / "examples").iterdir() if file.is_file()]
        for block in blocks:
            with self.subTest(block):
                self.assertTrue(any(block in example for example in examples))

    def test_what_it_names_is_there(self):
        text = (LIB / "README.md").read_text()
        for name in re.findall(r"\b(waternet_\w+)\(", text):
            self.assertIn(name, declared())
        for link in re.findall(r"\]\(([^)#:]+)[^):]*\)", text):
            self.assertTrue((LIB / link).exists(), link)


class Programs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """As a reader of the guide does it, from the examples that were installed."""
        folder = PREFIX / "share/doc/libwaternet-dev/examples"
        for name, sources in EXAMPLES.items():
            done = run(CACHE["CMAKE_C_COMPILER"], "-Wall", "-Wextra", "-Werror", "-g", *SANITIZE,
                       *(folder / source for source in sources),
                       *pkg_config("--cflags", "--libs", "libwaternet", "jansson"),
                       "-o", PREFIX / name)
            assert done.returncode == 0, done.stderr

    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.__exit__, None)
        self.daemon.start().region()
        self.file = self.daemon.scratch / "copy.jsonl"
        self.out = self.daemon.scratch / "out"
        self.environment = {**PKG, "WATERNET_RUNTIME": str(self.daemon.runtime)}

    def example(self, name, *words, code=0):
        done = run(PREFIX / name, *words, env=self.environment)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def start(self, *words):
        with open(self.out, "ab") as out, open(self.daemon.scratch / "err", "ab") as err:
            process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=err, env=self.environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def post(self, count, word):
        for i in range(0, count, 20):
            answer = self.daemon.post(*(news(f"{word}-{i}-{j}") for j in range(20)))
            self.assertEqual(answer["status"], "ok")

    def restart(self):
        self.daemon.kill()
        self.daemon.start()

    def printed(self, key="sequence"):
        """The numbers of the lines that are whole."""
        lines = self.out.read_text().split("\n")[:-1]
        return [int(json.loads(line)[key]) for line in lines]

    def wait_printed(self, condition):
        wait_for(lambda: condition(self.out.read_text().count("\n")), 60)

    def test_post_may_be_run_again_and_tells_what_is_refused(self):
        words = ("twente", "straat", "2026-11-24", "Eerste \"straat\"", "Gaat open.")
        said = self.example("post", *words)
        self.assertRegex(said, r"^\d+ twente-news-straat\n$")
        self.assertEqual(self.example("post", *words), said.strip() + " (was there already)\n")
        said = self.example("post", "twente", "weg", "morgen", "", "Zo.", code=2)
        self.assertIn("on: ", said)
        self.assertIn("data.title: ", said)
        self.assertEqual(said.count("would be accepted: "), 2)
        self.example("post", *words[:4], "Iets anders.", code=5)  # the id is taken
        self.daemon.kill()
        self.example("post", *words, code=9)

    def follow_and_kill(self, command, key):
        """A follower and its daemon are killed; it did all, in order, at most one twice a kill."""
        first = self.daemon.head()
        process, kills = self.start(*command), 0
        for round in range(8):
            self.post(60, f"r{round}")
            if round % 4 == 3:
                self.restart()
            self.wait_printed(lambda lines: lines > round * 40)
            time.sleep(random.uniform(0, 0.05))
            process.kill()
            process.wait()
            kills += 1
            process = self.start(*command)
        head = self.daemon.head()
        wait_for(lambda: self.printed(key)[-1] == head, 150)
        did = self.printed(key)
        self.assertEqual(sorted(set(did)), list(range(1, head + 1)))
        self.assertEqual(did, sorted(did))
        self.assertLessEqual(len(did) - len(set(did)), kills)
        self.assertGreater(head, first + 450)
        return process

    def test_follow_goes_on_where_it_was_whoever_is_killed(self):
        process = self.follow_and_kill([PREFIX / "follow", "/twente/", "archief"], "sequence")
        process.terminate()
        self.assertEqual(process.wait(30), 0)
        kept = self.daemon.ask("cursors", name="archief")["cursors"][0]
        self.assertEqual((kept["position"], kept["behind"]), (self.daemon.head(), 0))

    def test_the_follower_in_python_does_so_too(self):
        self.follow_and_kill([sys.executable, LIB / "examples/follow.py", self.daemon.runtime,
                              "/twente/", "slang"], "seq")

    def test_no_event_is_handed_out_before_the_one_that_was_finished_is_on_disk(self):
        self.post(1000, "n")
        process = self.start(PREFIX / "follow", "/twente/", "archief")
        self.wait_printed(lambda lines: lines > 20)
        self.daemon.process.send_signal(signal.SIGSTOP)
        time.sleep(0.5)
        lines = len(self.printed())
        time.sleep(0.5)
        self.assertEqual(len(self.printed()), lines)  # though it has the next ones already
        self.assertLess(lines, 900)
        self.restart()  # the answer that is waited for will not come any more
        self.wait_printed(lambda more: more > lines + 20)
        process.kill()
        process.wait()
        kept = self.daemon.ask("cursors", name="archief")["cursors"][0]["position"]
        self.assertLessEqual(len(self.printed()) - kept, 1)

    def test_a_cursor_that_is_gone_or_of_another_level_is_told(self):
        process = self.start(PREFIX / "follow", "/twente/", "archief")
        self.wait_printed(lambda lines: lines == 3)
        self.example("follow", "/twente/news/", "archief", code=5)
        self.example("follow", "/twente/", "Geen Naam", code=2)
        wait_for(lambda: self.daemon.ask("cursors", name="archief")["cursors"][0]["behind"] == 0)
        self.daemon.cli("cursor", "remove", "archief")
        self.post(20, "n")
        self.assertEqual(process.wait(30), 3)
        self.assertLessEqual(len(self.printed()), 4)
        self.assertEqual(self.daemon.ask("cursors")["cursors"], [])

    def head_of_copy(self):
        return json.loads(self.file.read_text().splitlines()[0])["position"]

    def test_a_copy_that_is_killed_again_and_again_is_right(self):
        self.daemon.region("voorbeeld", ())
        self.daemon.post(news("vast"))
        process = self.start(PREFIX / "copy", "twente", self.file)
        wait_for(self.file.exists, 30)
        stop, whole = threading.Event(), threading.Lock()  # a post is not cut in two

        def post():
            round = 0
            while not stop.wait(0.1):
                round += 1
                with whole:  # the same entity each time: what it was at an event matters
                    self.daemon.post(*(event("news.corrected", "news/vast", f"c-{round}-{j}",
                                             "twente", on="2026-11-24",
                                             data={"summary": f"{round} {j}"})
                                       for j in range(20)))

        poster = threading.Thread(target=post)
        self.addCleanup(poster.join)
        self.addCleanup(stop.set)
        poster.start()
        heads = set()
        for kill in range(8):
            wait_for(lambda: self.head_of_copy() not in heads, 60)
            time.sleep(random.uniform(0, 0.3))
            if kill % 4 == 3:  # while it follows
                with whole:
                    self.restart()
            process.kill()
            process.wait()
            self.example("compare", "twente", self.file)  # at its event; the daemon has gone on
            heads.add(self.head_of_copy())
            process = self.start(PREFIX / "copy", "twente", self.file)
        stop.set()
        poster.join()
        self.restart()
        self.post(20, "last")
        wait_for(lambda: self.head_of_copy() == self.daemon.head(), 100)
        process.kill()
        process.wait()
        self.assertIn(f"entities at {self.daemon.head()}", self.example("compare", "twente", self.file))

    def test_a_copy_of_the_real_programme_is_right_and_stays_so_at_its_event(self):
        self.daemon.kill()
        shutil.rmtree(self.daemon.data)
        self.daemon.start()
        process = self.start(PREFIX / "copy", "twente", self.file)
        wait_for(self.file.exists, 30)
        self.daemon.load()
        wait_for(lambda: self.head_of_copy() == self.daemon.head(), 60)
        process.kill()
        process.wait()
        said = self.example("compare", "twente", self.file)
        self.post(20, "later")
        self.assertEqual(self.example("compare", "twente", self.file), said)  # as it was then

    def test_one_byte_of_a_copy_that_changed_is_found_and_named(self):
        self.post(100, "n")
        process = self.start(PREFIX / "copy", "twente", self.file)
        wait_for(self.file.exists, 30)
        process.kill()
        process.wait()
        whole = self.file.read_bytes()
        lines = whole.splitlines()
        for place in [*range(0, len(lines[0]), 5), *random.sample(range(len(whole)), 40)]:
            changed = bytearray(whole)
            changed[place] ^= 1
            self.file.write_bytes(changed)
            number = whole[:place].count(b"\n")
            path = json.loads(lines[number]).get("path", "")
            with self.subTest(place=place, line=changed.splitlines()[number][:300]):
                said = self.example("compare", "twente", self.file, code=1)
                names = [f"{self.file}:{number + 1}: ", f"{self.file}:{number + 2}: "]
                names += [f"{path}: "] if path else ["log: ", "position: ", "hash: "]
                self.assertTrue(any(name in said for name in names), said)
        self.file.write_bytes(b"\n".join([*lines[:5], *lines[6:]]) + b"\n")
        self.assertIn("only the daemon has it", self.example("compare", "twente", self.file, code=1))

    def test_a_copy_of_another_log_is_not_gone_on_with(self):
        process = self.start(PREFIX / "copy", "twente", self.file)
        wait_for(self.file.exists, 30)
        process.kill()
        process.wait()
        self.daemon.kill()
        shutil.rmtree(self.daemon.data)
        self.daemon.start()
        self.daemon.region()
        self.example("copy", "twente", self.file, code=7)
        self.assertIn("another log", self.example("compare", "twente", self.file, code=1))


if __name__ == "__main__":
    unittest.main()
