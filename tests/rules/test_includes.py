#!/usr/bin/python3
"""What may know what: the rules between folders and libraries, and what no file may hold."""

import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Files of            may include our headers in        (the first row that fits counts)
FOLDERS = [
    ("clients/lib/waternet.h", []),  # stands alone where it is installed
    ("clients/lib/*", ["proto", "clients/lib"]),
    ("clients/words/*", ["proto", "clients/words"]),
    ("clients/past/*", ["proto", "clients/past"]),
    ("clients/report/*", ["proto", "clients/lib", "clients/words", "clients/report"]),
    ("clients/cli/*", ["proto", "clients/lib", "clients/words", "clients/past", "clients/report",
                       "clients/cli"]),
    # Of the library only its public header: what anybody else could use too.
    ("clients/dashboard/*", ["proto", "clients/lib", "clients/words", "clients/past",
                             "clients/report", "clients/dashboard"]),
    ("daemon/support/*", ["proto", "daemon/support"]),
    ("daemon/*", ["proto", "daemon/support", "daemon"]),
    ("proto/*", ["proto"]),
]

# Programs that people copy: what is outside their folder they find installed.
EXAMPLES = "clients/lib/examples/"

# Header of a library   may be included by
LIBRARIES = [
    ("lmdb.h", ["daemon/support/store_private.h", "tests/bench/*"]),
    ("zmq.h", ["daemon/support/sockets.[ch]", "daemon/support/zap.c", "proto/key.c", "clients/*", "tests/*"]),
    ("czmq.h", ["daemon/support/*", "clients/*", "tests/*"]),
    ("msgpack.h", ["proto/wire.c", "tests/*"]),
    ("msgpack/*", ["proto/wire.c", "tests/*"]),
    ("microhttpd.h", ["clients/dashboard/http.c"]),
    ("cmark.h", ["clients/dashboard/markdown.c"]),
    ("zlib.h", ["clients/dashboard/zip.c"]),
    ("jansson.h", ["proto/cloudevent.[ch]", "proto/jsonschema.[ch]", "clients/*", "tests/*"]),
]

# Assertions stay on; only these may even name the macro that removes them.
NDEBUG_NAMED_BY = ["CMakeLists.txt", "CMakePresets.json", "tests/rules/*", "*.md"]

SKIPPED = {"build", ".git", "__pycache__"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)


def fits(path, patterns):
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def files():
    """All files of the tree, as paths relative to its root."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders
                      if name not in SKIPPED and not name.startswith("obj-")]
        for name in names:
            yield (pathlib.Path(folder) / name).relative_to(ROOT).as_posix()


def includes():
    """(file, quote or angle bracket, included path) for each #include."""
    for path in sorted(files()):
        if path.endswith((".c", ".h", ".def")):
            text = (ROOT / path).read_text(encoding="utf-8")
            for bracket, included in INCLUDE.findall(text):
                yield path, bracket, included


class Includes(unittest.TestCase):
    def test_our_headers_are_included_by_their_path_from_the_root(self):
        for path, bracket, included in includes():
            if bracket == '"' and not path.startswith(EXAMPLES):
                with self.subTest(path, included=included):
                    self.assertTrue((ROOT / included).is_file())

    def test_an_example_knows_what_is_installed_and_its_own_folder(self):
        for path, bracket, included in includes():
            if bracket == '"' and path.startswith(EXAMPLES):
                with self.subTest(path, included=included):
                    self.assertTrue((ROOT / EXAMPLES / included).is_file())

    def test_a_folder_knows_only_the_folders_below_it(self):
        for path, bracket, included in includes():
            allowed = next((allowed for pattern, allowed in FOLDERS
                            if fnmatch.fnmatchcase(path, pattern)), None)
            if bracket == '"' and allowed is not None and not path.startswith(EXAMPLES):
                with self.subTest(path, included=included):
                    self.assertIn(os.path.dirname(included), allowed)

    def test_a_library_has_its_owners(self):
        for path, _, included in includes():
            for header, owners in LIBRARIES:
                if fnmatch.fnmatchcase(included, header):
                    with self.subTest(path, included=included):
                        self.assertTrue(fits(path, owners), f"only for {', '.join(owners)}")


class Assertions(unittest.TestCase):
    def test_no_file_names_the_macro_that_removes_them(self):
        for path in files():
            if fits(path, NDEBUG_NAMED_BY) or not (ROOT / path).is_file():
                continue
            with self.subTest(path):
                self.assertNotIn(b"NDEBUG", (ROOT / path).read_bytes())

    def test_no_file_is_compiled_without_them(self):
        build = os.environ.get("WATERNET_BUILD")
        commands = pathlib.Path(build or "", "compile_commands.json")
        if not build or not commands.is_file():
            self.skipTest("WATERNET_BUILD names no build folder")
        for command in json.loads(commands.read_text(encoding="utf-8")):
            with self.subTest(command["file"]):
                self.assertNotIn("NDEBUG", command["command"])


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
class Unit(unittest.TestCase):
    UNITS = (("waternetd.service", (), 10), ("waternetd.service", ("waternetd-listen.conf",), 15),
             ("waternet-dashboard.service", (), 10))

    def analyze(self, name, changed_by, *arguments):
        """Runs it on the unit with a program that exists; verify looks for it."""
        files = [name, *changed_by]
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder, name)
            for name in files:
                text = (ROOT / "systemd" / name).read_text(encoding="utf-8")
                path = unit if name == unit.name else pathlib.Path(f"{unit}.d", name)
                path.parent.mkdir(exist_ok=True)
                path.write_text(re.sub("=/usr/bin/waternet[a-z-]*", "=/bin/true", text),
                                encoding="utf-8")
            done = subprocess.run(["systemd-analyze", *arguments, str(unit)], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_the_units_are_sound(self):
        for name, changed_by, _ in self.UNITS:
            self.assertNotIn(name, self.analyze(name, changed_by, "verify"))

    def test_the_units_are_well_locked(self):
        for name, changed_by, most in self.UNITS:
            self.analyze(name, changed_by, "security", "--offline=true", f"--threshold={most}",
                         "--no-pager")


if __name__ == "__main__":
    unittest.main()
