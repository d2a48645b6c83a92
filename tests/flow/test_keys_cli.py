#!/usr/bin/python3
"""Keys and roles as people meet them: over tcp with CURVE, from making a key to losing it.

Promise 8: nobody gets in who does not belong, and a key can do only what its roles say; and promise 4,
no hidden hole, where the feed is cut because somebody else's key was revoked.
"""

import json
import os
import re
import stat
import subprocess
import time
import unittest

import msgpack
import zmq
import zmq.auth

from harness import BUILD, event, news, wait_for
from remote import Listening, free_ports

POST = ("--title", "Titel", "--summary", "Kort.", "--on", "2026-11-27")
DECLARE = ("--on", "2026-11-27", "--reference", "Z-1")
OURS = {name: value for name, value in os.environ.items() if not name.startswith("WATERNET_")}


class TcpDaemon(Listening):
    def __init__(self):
        super().__init__()
        self.server = f"127.0.0.1:{self.port}"

    def start(self, ready=True):
        super().start(ready)
        self.to_here = ("--server", self.server, "--server-key", self.server_key)
        return self

    def tcp(self, *arguments, environment=None, timeout=60):
        """waternet without a runtime directory, as on another machine."""
        return subprocess.run([BUILD / "waternet", *map(str, arguments)], capture_output=True,
                              text=True, timeout=timeout, cwd=self.scratch,
                              env={**OURS, **(environment or {})})

    def tcp_start(self, *arguments):
        return subprocess.Popen([BUILD / "waternet", *map(str, arguments)], cwd=self.scratch,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=OURS)

    def new_key(self, name, organisation, *roles, region="twente"):
        """A key with roles, made by the operator; its file."""
        file = self.scratch / f"{name}.key"
        for arguments in (("key", "new", name, "--organisation", organisation, "--region", region,
                           "--file", file, *self.to_here),
                          *(("key", "grant", f"{region}/key/{name}", role) for role in roles)):
            done = self.cli(*arguments)
            assert done.returncode == 0, done.stderr
        return file


def fields(text):
    """The field and value lines of a pipe."""
    return dict(line.split("\t", 1) for line in text.splitlines()[1:])


def rows(text):
    lines = [line.split("\t") for line in text.splitlines()]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def numbers(lines):
    return [int(json.loads(line)["sequence"]) for line in lines]


class Keys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = TcpDaemon().start().region()
        answer = cls.daemon.post(event("werkplaats.opened", "werkplaats/riool", "riool", data={
            "name": "Riool", "kind": "ongoing", "theme": "Riool", "leads": ["almelo"],
            "common_interest": "Samen."}))
        assert answer["status"] == "ok", answer

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__(None)

    def check(self, done, code, said):
        self.assertEqual(done.returncode, code, (done.args, done.stdout, done.stderr))
        self.assertIn(said, done.stderr)
        self.assertNotIn("Sanitizer", done.stderr)
        return done

    def local(self, code, *arguments, said="", **more):
        return self.check(self.daemon.cli(*arguments, **more), code, said)

    def tcp(self, code, *arguments, said="", **more):
        return self.check(self.daemon.tcp(*arguments, **more), code, said)

    def test_the_way_of_a_new_user(self):
        file = self.daemon.scratch / "enschede-1.key"
        done = self.local(0, "key", "new", "enschede-1", "--organisation", "enschede", "--label",
                          "Meldingen", "--file", file, *self.daemon.to_here)
        told = fields(done.stdout)
        self.assertEqual(told["file"], str(file))
        self.assertEqual(told["path"], "twente/key/enschede-1")
        self.assertEqual(told["next"],
                         "waternet key grant twente/key/enschede-1 member:enschede")
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        public, secret = zmq.auth.load_certificate(file)  # pyzmq reads it too
        self.assertEqual(told["curve"].encode(), public)
        self.assertEqual(zmq.curve_public(secret), public)

        # Let in, and it may read; nothing else yet.
        me = fields(self.tcp(0, "--key-file", file, "whoami").stdout)
        self.assertEqual((me["connection"], me["key"], me["state"], me["organisation"]),
                         ("curve", "twente/key/enschede-1", "active", "enschede"))
        self.tcp(0, "--key-file", file, "list", "members")
        declare = ("--key-file", file, "post", "participation.declared", "riool", *DECLARE)
        self.tcp(4, *declare, "--member", "enschede", said="not-allowed")

        self.local(0, *told["next"].split()[1:])  # as it was told
        self.tcp(0, *declare, "--member", "enschede")
        self.tcp(4, *declare, "--member", "almelo", said="almelo")
        record = self.daemon.ask("get", region="twente", kind="werkplaats", entity="riool")
        item = record["record"]["fields"]["participants"]["enschede"]
        self.assertEqual(item["actor"], {"organisation": "enschede", "role": "member"})

        can = ("--key-file", file, "can", "participation.declared", "twente/werkplaats/riool")
        way = rows(self.tcp(0, *can, "--member", "enschede").stdout)[0]
        self.assertEqual([way[name] for name in ("allowed", "role", "organisation")],
                         ["yes", "member", "enschede"])
        refused = rows(self.tcp(4, *can, "--member", "almelo").stdout)[0]
        self.assertEqual(refused["allowed"], "no")
        self.assertIn("almelo", refused["found"])
        self.assertIn("member:enschede",
                      fields(self.tcp(0, "--key-file", file, "whoami").stdout)["roles"].split())
        row = next(row for row in rows(self.tcp(0, "--key-file", file, "key", "list").stdout)
                   if row["key"] == "enschede-1")
        self.assertEqual(row, {"region": "twente", "key": "enschede-1", "organisation": "enschede",
                               "state": "active", "roles": "member:enschede",
                               "label": "Meldingen"})
        self.assertIn("enschede-1", self.local(0, "list", "keys").stdout)
        self.assertIn("Meldingen", self.local(0, "show", "twente/key/enschede-1").stdout)

    def test_a_revoked_key_is_told_so_at_once_and_a_retired_one_still_reads(self):
        file = self.daemon.new_key("weg", "enschede", "member:enschede")
        self.tcp(0, "--key-file", file, "status")
        self.local(0, "key", "retire", "weg", "--reason", "Een nieuwe.")
        self.tcp(0, "--key-file", file, "show", "twente/member/almelo")
        self.assertEqual(fields(self.tcp(0, "--key-file", file, "whoami").stdout)["state"],
                         "retired")
        self.tcp(4, "--key-file", file, "post", "participation.declared", "riool", *DECLARE,
                 "--member", "enschede", said="retired")
        head = self.daemon.head()
        self.local(0, "key", "revoke", "weg", "--reason", "Kwijt.")
        for line in ("status", "watch", "log", "whoami", "post member.left x --region twente"):
            with self.subTest(line=line):
                begun = time.monotonic()
                self.tcp(4, "--key-file", file, *line.split(), said="does not let this key in")
                self.assertLess(time.monotonic() - begun, 4.8)  # the time limit is 5
        self.assertEqual(self.daemon.head(), head + 1)
        self.assertNotIn("weg", self.local(0, "key", "list").stdout)
        everyone = rows(self.local(0, "key", "list", "--all", "--region", "twente").stdout)
        self.assertIn(("weg", "revoked"), [(row["key"], row["state"]) for row in everyone])
        # As it was recorded then, it could.
        can = ("can", "participation.declared", "twente/werkplaats/riool", "--member", "enschede",
               "--for", "twente/key/weg")
        self.assertEqual(rows(self.local(4, *can).stdout)[0]["allowed"], "no")
        self.local(0, *can, "--at", f"seq:{head - 1}")

    def test_a_watch_ends_with_its_key_and_others_miss_nothing(self):
        revoked = self.daemon.new_key("kijker-1", "enschede")
        other = self.daemon.new_key("kijker-2", "almelo")
        third = self.daemon.new_key("kijker-3", "almelo")
        ends = self.daemon.tcp_start("--key-file", revoked, "watch", "--json")
        stays = self.daemon.tcp_start("--key-file", other, "watch", "--json", "--count", 43)
        for follower in (ends, stays):
            self.assertIn("(live)", follower.stderr.readline())
        first = self.daemon.head() + 1

        def post(begin, end):
            for number in range(begin, end):
                answer = self.daemon.post(news(f"kijk-{number}"))
                self.assertEqual(answer["status"], "ok", answer)

        post(0, 10)
        self.local(0, "key", "revoke", "kijker-3", "--region", "twente")  # of neither of them
        post(10, 20)
        time.sleep(2)  # both are back, without waiting until heartbeats are missed
        post(20, 30)
        self.local(0, "key", "revoke", "kijker-1", "--region", "twente")
        post(30, 41)
        out, err = ends.communicate(timeout=30)
        self.assertEqual(ends.returncode, 4, err)
        self.assertIn("does not let this key in", err)
        seen = numbers(out.splitlines())
        self.assertEqual(seen, list(range(first, seen[-1] + 1)))  # and no hole until its end
        out, err = stays.communicate(timeout=30)
        self.assertEqual(stays.returncode, 0, err)
        self.assertEqual(numbers(out.splitlines()), list(range(first, first + 43)))
        self.assertNotIn("Sanitizer", err)
        self.assertTrue(third.exists())

    def test_a_feed_that_was_cut_is_followed_again_before_a_heartbeat_is_missed(self):
        file = self.daemon.new_key("snel", "almelo")
        watch = self.daemon.tcp_start("--key-file", file, "watch", "--json")
        self.assertIn("(live)", watch.stderr.readline())
        took = []
        for number in range(3):
            self.daemon.new_key(f"weg-{number}", "almelo")
            self.local(0, "key", "revoke", f"twente/key/weg-{number}")
            begun = time.monotonic()
            while "key.revoked" not in watch.stdout.readline():
                pass
            took.append(time.monotonic() - begun)
        watch.terminate()
        out, err = watch.communicate(timeout=20)
        self.assertEqual(watch.returncode, 0, err)
        self.assertLess(min(took), 1.9)  # a missed heartbeat takes 2 seconds at least

    def test_a_watch_goes_on_after_the_daemon_was_killed(self):
        with TcpDaemon() as daemon:
            daemon.region()
            file = daemon.new_key("lezer", "almelo")
            watch = daemon.tcp_start("--key-file", file, "watch", "--json", "--count", 6)
            self.assertIn("(live)", watch.stderr.readline())
            first = daemon.head() + 1
            for number in range(6):
                if number in (2, 4):
                    daemon.kill()
                    daemon.start()
                done = daemon.cli("post", "news.published", f"n{number}", *POST, "--region",
                                  "twente")
                self.assertEqual(done.returncode, 0, done.stderr)
            out, err = watch.communicate(timeout=40)
            self.assertEqual(watch.returncode, 0, err)
            self.assertEqual(numbers(out.splitlines()), list(range(first, first + 6)))

    def test_what_is_posted_after_the_key_is_gone_is_not_stored(self):
        def lines(name):
            event = {"specversion": "1.0", "type": "nl.waterketens.participation.declared.v1",
                     "id": name, "subject": "twente/werkplaats/riool", "on": "2026-11-27",
                     "reference": "Z-1", "data": {"member": "enschede"}}
            return json.dumps(event) + "\n"

        for name, first in (("nooit", ""), ("eerst", lines("eerst-1"))):
            file = self.daemon.new_key(name, "enschede", "member:enschede")
            client = subprocess.Popen(
                [BUILD / "waternet", "--key-file", file, "import", "-"], env=OURS, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            client.stdin.write(first)
            client.stdin.flush()
            if first:  # its connection for commands is open
                wait_for(lambda: self.daemon.ask("find", id="eerst-1")["status"] == "ok")
            else:  # it has only said hello
                time.sleep(1.5)
            self.local(0, "key", "revoke", name, "--region", "twente")
            head = self.daemon.head()
            begun = time.monotonic()
            out, err = client.communicate(lines(f"{name}-2"), timeout=40)
            self.assertLess(time.monotonic() - begun, 4.8)  # told at once: the time limit is 5
            self.assertEqual(client.returncode, 4, (out, err))
            self.assertRegex(err, "does not let this key in|revoked")
            self.assertNotIn("Sanitizer", err)
            self.assertEqual(self.daemon.head(), head)

    def test_a_key_file_that_others_can_read_is_refused(self):
        file = self.daemon.new_key("slordig", "enschede")
        file.chmod(0o644)
        self.tcp(2, "--key-file", file, "status", said="chmod 600")
        self.tcp(2, "--key-file", file, "key", "new", "x", "--organisation", "y", said="chmod 600")
        file.chmod(0o600)
        self.tcp(0, "--key-file", file, "status")
        link = self.daemon.scratch / "link.key"
        link.symlink_to(file)
        self.tcp(0, "--key-file", link, "status")
        for path, code, said in ((self.daemon.scratch / "geen.key", 3, "waternet key new"),
                                 (self.daemon.scratch, 2, "regular")):
            self.tcp(code, "--key-file", path, "status", said=said)

    def test_a_member_makes_its_key_at_home_and_sends_the_public_half(self):
        file = self.daemon.scratch / "thuis.key"
        done = self.tcp(0, "key", "new", "thuis", "--file-only", *self.daemon.to_here,
                        environment={"XDG_RUNTIME_DIR": "/nergens"})  # no daemon there
        told = fields(done.stdout)
        self.assertEqual(told["file"], "thuis.key")
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.tcp(4, "--key-file", file, "status", said="not registered")
        added = self.local(0, "key", "new", "thuis", "--organisation", "enschede", "--curve",
                           told["curve"])
        self.assertNotIn("file", fields(added.stdout))
        self.assertEqual(fields(added.stdout)["curve"], told["curve"])
        self.tcp(0, "--key-file", file, "status")
        # Another client's library, with the same file.
        public, secret = zmq.auth.load_certificate(file)
        with self.daemon.context.socket(zmq.DEALER) as dealer:
            dealer.linger = 0
            dealer.curve_publickey, dealer.curve_secretkey = public, secret
            dealer.curve_serverkey = self.daemon.server_key.encode()
            dealer.connect(f"tcp://127.0.0.1:{self.daemon.port + 1}")
            dealer.send(msgpack.packb({"number": 1, "request": "whoami"}))
            self.assertTrue(dealer.poll(10000))
            self.assertEqual(msgpack.unpackb(dealer.recv())["key"], "twente/key/thuis")
        # And without what the file could have said.
        self.tcp(0, "key", "new", "kaal", "--file-only", said="--server HOST:PORT")
        self.tcp(2, "--key-file", "kaal.key", "status", said="which server")
        self.tcp(4, "--key-file", "kaal.key", *self.daemon.to_here, "status", said="not registered")

    def test_no_file_is_overwritten_and_none_left_over(self):
        file = self.daemon.scratch / "er-al.key"
        file.write_text("van mij\n")
        new = ("key", "new", "er-al", "--organisation", "enschede")
        self.local(5, *new, "--file", file, said="another name")
        self.assertEqual(file.read_text(), "van mij\n")
        self.daemon.new_key("bezet", "enschede")
        again = self.daemon.scratch / "bezet-2.key"
        head = self.daemon.head()
        self.local(6, "key", "new", "bezet", "--organisation", "enschede", "--file", again,
                   said="removed again")
        self.assertFalse(again.exists())
        for bad, said in ((("key", "new", "Bezet", "--organisation", "x"), "a-z"),
                          (("key", "new", "x"), "--organisation"),
                          (("key", "new", "x", "--organisation", "y", "--curve", "abc"), "--curve"),
                          (("key", "new", "x", "--organisation", "y", "--curve", "abc", "--file",
                            "z"), "leave out")):
            self.local(2, *bad, said=said)
        self.local(9, "--runtime", "/tmp/wn-nobody", *new, "--file", again)  # nobody there
        self.assertFalse(again.exists())
        self.assertEqual(self.daemon.head(), head)

    def test_where_to_go_is_said_by_options_then_the_environment_then_the_file(self):
        file = self.daemon.new_key("waar", "enschede")
        there = {"WATERNET_KEY_FILE": str(file)}
        self.assertEqual(fields(self.tcp(0, "whoami", environment=there).stdout)["connection"],
                         "curve")
        nobody = f"127.0.0.1:{free_ports()}"
        begun = time.monotonic()
        self.tcp(9, "status", environment={**there, "WATERNET_SERVER": nobody},
                 said="nobody could be reached")
        self.assertLess(time.monotonic() - begun, 4.8)  # the time limit is 5
        self.tcp(0, "--server", self.daemon.server, "status",
                 environment={**there, "WATERNET_SERVER": nobody})
        self.tcp(0, "--server", f"localhost:{self.daemon.port}", "status", environment=there)
        done = self.local(0, "whoami", environment={**there, "WATERNET_SERVER": nobody})
        self.assertEqual(fields(done.stdout)["connection"], "local")  # --runtime was said
        self.local(2, "--key-file", file, "status", said="only one of the two")
        self.tcp(2, "--server", self.daemon.server, "status", said="key file")
        self.tcp(2, "--server", "nergens", "status", environment=there, said="HOST:PORT")
        self.tcp(9, "--server", "nergens.invalid:1", "status", environment=there, said="HOST")
        mine = zmq.auth.load_certificate(file)[0].decode()
        self.tcp(9, "--server-key", mine, "status", environment=there, said="server key")

    def test_what_the_list_shows_can_be_typed(self):
        path = "twente/key/rollen"
        self.daemon.new_key("rollen", "almelo")
        given = {"member:almelo": "member:almelo", "lead:almelo": "lead:almelo",
                 "lead:almelo@riool": "lead:almelo@riool", "secretary": "secretary:twente",
                 "moderator:twente": "moderator:twente"}
        for typed in given:
            self.local(0, "key", "grant", path, typed)
        row = next(row for row in rows(self.local(0, "key", "list").stdout)
                   if row["key"] == "rollen")
        self.assertEqual(sorted(row["roles"].split()), sorted(given.values()))
        listed = self.local(0, "key", "list", "--json").stdout.splitlines()
        self.assertIn(path, [json.loads(line)["path"] for line in listed])
        for role in row["roles"].split():
            self.local(0, "key", "withdraw", path, role)
        self.local(6, "key", "withdraw", path, "secretary", said="G11")
        self.local(0, "key", "grant", "rollen", "lead:almelo", "--region", "twente",
                   "--werkplaats", "riool")
        row = next(row for row in rows(self.local(0, "key", "list").stdout)
                   if row["key"] == "rollen")
        self.assertEqual(row["roles"], "lead:almelo@riool")
        for typed, said in (("baas", "the roles are"), ("mebmer:almelo", "did you mean member"),
                            ("member", "member:enschede"), ("operator:twente", "whole system")):
            self.local(2, "key", "grant", path, typed, said=said)
        self.local(2, "key", "grant", "system/key/operator", "secretary", said="--in")
        # A key of the system may have roles anywhere.
        self.daemon.new_key("overal", "system", "auditor", "member:twente/enschede",
                            "secretary:twente", region="system")
        row = rows(self.local(0, "key", "list", "--region", "system").stdout)[-1]
        self.assertEqual((row["key"], sorted(row["roles"].split())),
                         ("overal", ["auditor", "member:twente/enschede", "secretary:twente"]))

    def test_the_first_operator_has_a_key_and_registers_others_from_afar(self):
        operator = ("--key-file", self.daemon.data / "operator.key", *self.daemon.to_here)
        file = self.daemon.scratch / "secretaris.key"
        self.tcp(0, *operator, "key", "new", "secretaris", "--organisation", "twente", "--region",
                 "twente", "--file", file)
        self.tcp(0, *operator, "key", "grant", "twente/key/secretaris", "secretary")
        # The file knows the server that the operator used.
        self.tcp(0, "--key-file", file, "post", "news.published", "afar", *POST)
        # A secretary lets in its own region's, and nobody of the system.
        self.tcp(0, "--key-file", file, "key", "new", "collega", "--organisation", "almelo")
        self.tcp(0, "--key-file", "collega.key", "status")
        self.tcp(4, "--key-file", file, "key", "new", "baas", "--organisation", "system",
                 "--region", "system", said="removed again")
        self.tcp(4, "--key-file", "collega.key", "key", "new", "nog-een", "--organisation", "x")
        self.assertFalse((self.daemon.scratch / "nog-een.key").exists())

    def test_a_private_part_is_read_by_some_and_erased_for_good(self):
        self.daemon.new_key("lid", "enschede", "member:enschede")
        text = "Mijn straat staat blank."
        self.local(0, "post", "contribution.submitted", "een", "--kind", "addition", "--text", text)
        seq = str(self.daemon.head())
        self.assertEqual(fields(self.local(0, "private", seq).stdout)["private.text"], text)
        id = self.daemon.read("/twente/contribution/een/")
        id = msgpack.unpackb(id[0])["id"]
        self.assertEqual(json.loads(self.local(0, "private", f"id:{id}", "--json").stdout)
                         ["private"]["text"], text)
        self.tcp(4, "--key-file", "lid.key", "private", seq, said="not-allowed")
        self.tcp(4, "--key-file", "lid.key", "erase", seq, "--reason", "x", said="not-allowed")
        for code, arguments, said in ((2, ("erase", seq), "--reason"), (2, ("private", "x"), "812"),
                                      (2, ("private", "0"), "812"),
                                      (3, ("private", "1"), "not-found"),
                                      (3, ("private", "999999"), "not-found"),
                                      (3, ("erase", "3", "--reason", "x"), "no private part"),
                                      (3, ("erase", "999999", "--reason", "x"), "no such event")):
            self.local(code, *arguments, said=said)
        self.local(0, "erase", seq, "--reason", "Op verzoek.", "--dry-run")
        self.assertEqual(fields(self.local(0, "private", seq).stdout)["erased"], "no")
        done = self.local(0, "erase", seq, "--reason", "Op verzoek.")
        self.assertIn("Backups", done.stdout)
        after = fields(self.local(0, "private", seq).stdout)
        self.assertEqual(after["erased"], "yes")
        self.assertNotIn("private.text", after)
        wait_for(lambda: not any(text.encode() in file.read_bytes() for file in
                                 (self.daemon.data / "private").iterdir()), 5)
        self.local(6, "erase", seq, "--reason", "Nog eens.", said="G11")

    def test_an_event_about_anything_says_about_what(self):
        self.local(0, "post", "contribution.submitted", "vraag", "--kind", "addition", "--text", "x")
        seq = str(self.daemon.head())
        erase = ("--of", seq, "--reason", "Op verzoek.")
        self.local(2, "post", "private.erased", "vraag", *erase, said="contribution/vraag")
        self.local(0, "post", "private.erased", "bijdragen/vraag", *erase)
        self.local(2, "can", "private.erased", "twente", said="REGION/KIND/NAME")
        self.local(0, "can", "private.erased", "twente/contribution/vraag")
        self.local(2, "can", "news.published", "twente/member/almelo", said="REGION/news/NAME")
        self.local(2, "can", "news.publish", "twente", said="did you mean")
        self.assertIn("KIND/NAME", self.local(0, "post", "private.erased", "--help").stdout)

    def test_json_parses_everywhere(self):
        file = self.daemon.new_key("json", "enschede", "member:enschede")
        self.local(0, "post", "contribution.submitted", "json", "--kind", "addition", "--text", "x")
        seq = self.daemon.head()
        for line in ("whoami", "key list --all", "can news.published twente", f"private {seq}",
                     "key new json-2 --organisation almelo --file json-2.key",
                     "key grant json-2 member:almelo", "key withdraw json-2 member:almelo",
                     "key retire json-2", "key revoke json-2 --reason Weg",
                     f"erase {seq} --reason Weg"):
            with self.subTest(line=line):
                done = self.local(0, *line.replace("json-2.key", str(file) + "2").split(), "--json")
                self.assertTrue(done.stdout)
                for each in done.stdout.splitlines():
                    json.loads(each)
        refused = self.tcp(4, "--key-file", file, "can", "key.added", "twente", "--json")
        self.assertFalse(json.loads(refused.stdout)["allowed"])
        self.assertTrue(json.loads(refused.stdout)["faults"])

    def test_a_printed_command_names_who_may_type_it(self):
        bureau = self.daemon.new_key("bureau", "twente", "secretary")
        member = self.daemon.new_key("almelo-9", "almelo", "member:almelo")
        refused = ("post", "costs.allocated", "riool", "--region", "twente", "--purpose",
                   "execution", "--amount", "10.00", "--key", "x", "--data.version", "1")
        begin = "waternet post participation.declared riool --region twente --member MEMBER"
        done = self.tcp(6, "--key-file", bureau, *refused)
        self.assertIn(f"{begin} --reference LINE --key-file {bureau}\n", done.stderr)
        self.assertIn(f"{begin} --as member:MEMBER --runtime", self.local(6, *refused).stderr)
        can = self.tcp(4, "--key-file", member, "can", "news.published", "twente/news/x", "--json")
        self.assertEqual([fault.get("command") for fault in json.loads(can.stdout)["faults"]],
                         ["waternet key grant NAME secretary --region twente"])
        # A role that is lacking is not mended by another command.
        self.assertNotIn(begin, self.tcp(4, "--key-file", member, *refused).stderr)

    def test_two_words_make_a_command(self):
        for code, line, said in ((2, "key", "key --help"), (2, "key nieuw", "key nieuw"),
                                 (2, "key lst", "did you mean key list"), (2, "key grant x", "ROLE"),
                                 (2, "key list x", "too many"), (2, "sleutel", "sleutel")):
            self.local(code, *line.split(), said=said)
        for line in ("key --help", "key new --help", "key grant --help", "can --help"):
            self.assertIn("usage: waternet", self.local(0, *line.split()).stdout)

    def test_a_key_of_the_system_needs_no_region(self):
        with TcpDaemon() as daemon:
            curve = fields(daemon.tcp("key", "new", "x", "--file-only").stdout)["curve"]
            done = daemon.cli("post", "key.added", "x", "--region", "system", "--organisation",
                              "system", "--label", "x", "--curve", curve)
            self.assertEqual(done.returncode, 0, done.stderr)
            exported = daemon.cli("log", "--json").stdout.splitlines()
            again = "\n".join(line for line in exported if "key.added" in line)
            done = daemon.cli("import", "-", input=again + "\n")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("already there", done.stdout + done.stderr)

    def test_nothing_secret_is_printed(self):
        file = self.daemon.new_key("stil", "enschede")
        secret = zmq.auth.load_certificate(file)[1].decode()
        for line in ("whoami", "status", "key list --all --json", "show twente/key/stil --json"):
            done = self.tcp(0, "--key-file", file, *line.split())
            self.assertNotIn(secret, done.stdout + done.stderr)
        self.assertNotIn(secret, self.daemon.log_text())
        self.assertFalse(re.search(re.escape(secret), self.local(0, "log", "--json").stdout))


if __name__ == "__main__":
    unittest.main()
